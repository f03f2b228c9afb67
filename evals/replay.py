"""What-if: archived conversations asked again of another model, prompt, rule set or knowledge, and what would have differed.

Nothing of a replay goes into the record, and the live index is not touched.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from copilot.drafting import ModelDrafter
from copilot.edges import CustomerIn, TurnIn, turns
from copilot.errors import InputError
from copilot.pipeline import Line, context_for, propose, whole
from copilot.prompting import load_prompt
from copilot.settings import Settings
from copilot.types import Conversation, Entry, Proposal
from copilot.wiring import App, build
from evals.offrecord import OffRecord

ASPECTS = ("intent", "state", "selling", "documents", "moves", "texts", "verdicts", "left")
"""What is compared, case by case; `left`: whether the text that an advisor wanted to send would leave."""
_MEASURING = frozenset({"eval", "bench", "redteam"})
READY_SECONDS = 60


@dataclass(frozen=True)
class Answer:
    """What a product made of one conversation, as far as two are compared."""

    intent: str
    state: str
    selling: bool
    documents: tuple[str, ...]
    moves: tuple[str, ...]
    texts: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    left: tuple[bool, ...] = ()


@dataclass(frozen=True)
class Sent:
    """A text that an advisor asked to release, and whether it left."""

    text: str
    disclosure: str | None
    left: bool


@dataclass(frozen=True)
class Archived:
    """One proposal of the record: the conversation as it stood, what was answered, what the advisor wanted to send."""

    entry: int
    conversation: Conversation
    answer: Answer
    sent: tuple[Sent, ...] = ()


@dataclass(frozen=True)
class Archive:
    """What the record has to replay; `redacted` proposals have lost their words."""

    cases: tuple[Archived, ...]
    redacted: int = 0


@dataclass(frozen=True)
class Change:
    """What to do differently; an empty one is the product as it is set today."""

    model: Path | None = None
    scripted: bool = False
    prompts: Path | None = None
    rules: Path | None = None
    knowledge: Path | None = None

    def __str__(self) -> str:
        said = [f"{name} {path}" for name, path in self._paths() if path]
        return ", ".join([*said, *(["scripts alone"] if self.scripted else [])]) or "as set today"

    def _paths(self) -> Iterator[tuple[str, Path | None]]:
        yield from (("model", self.model), ("prompts", self.prompts), ("rules", self.rules))
        yield "knowledge", self.knowledge

    def check(self) -> None:
        """InputError for a path that is not there."""
        for name, path in self._paths():
            if path is not None and not path.exists():
                raise InputError(f"--{name}: {path} is not there")

    def settings(self, now: App, scratch: Path) -> Settings:
        """The settings of today with the change; other knowledge gets an index in a folder of its own."""
        kept: dict[str, object] = {"path": now.model_path, "sha256": now.model_sha256}
        if self.model:
            kept = {"kind": "embedded", "path": self.model, "sha256": None}
        if self.scripted:
            kept = {"kind": "scripted"}
        own = now.settings.model_copy(update={"model": now.settings.model.model_copy(update=kept)})
        if self.rules:
            own = own.model_copy(update={"guard": own.guard.model_copy(update={"rules": self.rules})})
        if self.knowledge:
            content = own.knowledge.model_copy(update={"content": self.knowledge})
            own = own.model_copy(update={"knowledge": content, "data": scratch})
        return own


@dataclass(frozen=True)
class Differs:
    """One case: the aspects that differ, and both answers."""

    case: Archived
    before: Answer
    after: Answer
    aspects: tuple[str, ...]


@dataclass(frozen=True)
class Replay:
    """All cases asked again. `shares` count the cases in which an aspect differs."""

    at: datetime
    what: str
    beside: str
    before: Mapping[str, str]
    after: Mapping[str, str]
    cases: tuple[Differs, ...]
    redacted: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)


def archive(app: App, last: int) -> Archive:
    """The newest proposals that advisors got, each with its candidates and what was sent; measurements are left out."""
    entries = app.record.read(kinds=("proposal", "candidate", "release", "held"))
    steps: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.kind != "proposal" and entry.payload is not None:
            steps[int(str(entry.payload.get("proposal", 0)))].append(entry)
    asked = [e for e in entries if e.kind == "proposal" and e.actor not in _MEASURING][-last:]
    cases = [_archived(e, e.payload, steps[e.sequence]) for e in asked if e.payload is not None]
    return Archive(tuple(cases), len(asked) - len(cases))


def _archived(entry: Entry, payload: Mapping[str, Any], steps: Sequence[Entry]) -> Archived:
    customer = CustomerIn.model_validate(payload["customer"]).value() if payload["customer"] else None
    said = turns([TurnIn.model_validate(t) for t in payload["turns"]])
    at = datetime.fromisoformat(payload["at"]) if payload["at"] else entry.at
    made: list[Mapping[str, Any]] = [_part(e, "candidate") for e in steps if e.kind == "candidate"]
    sent = tuple(
        Sent(str(_part(e, "text")), _part(e, "disclosure"), e.kind == "release")
        for e in steps
        if e.kind in ("release", "held")
    )
    understood = payload["understanding"]
    answer = Answer(
        understood["intent"],
        understood["state"],
        bool(understood["selling"]),
        tuple(dict.fromkeys(p["document"] for p in payload["passages"])),
        tuple(m["move"] for m in payload["moves"]),
        tuple(c["text"] for c in made),
        tuple(c["verdict"]["outcome"] for c in made),
        tuple(s.left for s in sent),
    )
    return Archived(entry.sequence, Conversation(said, customer, at, entry.conversation), answer, sent)


def _part(entry: Entry, name: str) -> Any:
    return (entry.payload or {}).get(name)


@contextmanager
def product(now: App, change: Change) -> Iterator[tuple[Line, Mapping[str, str]]]:
    """The line with the change made, off the record, and what it is made of."""
    change.check()
    with TemporaryDirectory() as scratch:
        app = build(change.settings(now, Path(scratch)))
        try:
            app.check_all()
            if app.model is not None:
                app.model.wait_ready(READY_SECONDS)
            line = replace(app.line, record=OffRecord())
            if change.prompts is not None:
                line = prompted(line, change.prompts)
            made = {k: str(v) for k, v in line.provenance().__dict__.items() if v}
            if isinstance(line.drafter, ModelDrafter):
                made["prompt"] = line.drafter.template.name
            yield line, made
        finally:
            app.close()


def prompted(line: Line, folder: Path) -> Line:
    """The line with the prompt of the same name from a folder; InputError when no model is asked, or it is not there."""
    if not isinstance(line.drafter, ModelDrafter):
        raise InputError("--prompts: no model drafts, so no prompt is used; leave out --scripted")
    path = folder / f"{line.drafter.template.id}.md"
    if not path.is_file():
        raise InputError(f"--prompts: {folder} has no {path.name}, the prompt that this model is asked with")
    return replace(line, drafter=replace(line.drafter, template=load_prompt(path)))


def answered(line: Line, case: Archived) -> Answer:
    """The conversation asked again, and the sent texts read again."""
    proposal = propose(line, case.conversation, actor="eval")
    understood = proposal.understanding
    return Answer(
        understood.intent,
        understood.state,
        understood.selling,
        tuple(dict.fromkeys(p.document for p in proposal.passages)),
        tuple(m.move for m in proposal.moves),
        tuple(c.text for c in proposal.candidates),
        tuple(c.verdict.outcome for c in proposal.candidates),
        tuple(_leaves(line, proposal, sent) for sent in case.sent),
    )


def _leaves(line: Line, proposal: Proposal, sent: Sent) -> bool:
    """Whether a text would leave today: read as if written freely, for the candidate it came from is gone."""
    return line.read(whole(sent.text, sent.disclosure), context_for(line, proposal)).releasable


def replay(
    app: App,
    change: Change,
    *,
    last: int = 200,
    today: bool = False,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Replay:
    """Archived conversations under the change, beside what was recorded or, for `today`, beside the product as it is set now."""
    found = archive(app, last)
    if not found.cases:
        raise InputError("the record has no conversation to replay; use the desk, or `advisor-copilot draft`, first")
    befores, made_before = [c.answer for c in found.cases], {"record": "as archived"}
    if today:
        with product(app, Change()) as (line, made):
            befores, made_before = [answered(line, c) for c in found.cases], dict(made)
    cases = []
    with product(app, change) as (line, made_after):
        for number, (case, before) in enumerate(zip(found.cases, befores, strict=True), 1):
            after = answered(line, case)
            cases.append(Differs(case, before, after, differing(before, after)))
            progress(number, len(found.cases))
    counts = {a: sum(a in c.aspects for c in cases) for a in ASPECTS}
    beside = "today's settings" if today else "what was recorded"
    return Replay(datetime.now(), str(change), beside, made_before, made_after, tuple(cases), found.redacted, counts)


def differing(before: Answer, after: Answer) -> tuple[str, ...]:
    """The aspects in which two answers differ."""
    return tuple(a for a in ASPECTS if getattr(before, a) != getattr(after, a))
