"""What was really sent: an advisor's messages in a pasted chat, matched with the releases, read by the guard, queued where they differ.

A chat cannot be called back, so nothing is held here: compliance sees what went out beside what was released.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any, Literal

from copilot.pasted.asides import media
from copilot.pasted.merge import Merged, same
from copilot.pipeline import Line, context_for, whole
from copilot.reading.figures import find_figures
from copilot.types import Conversation, Entry, GuardContext, Proposal, Source, Turn, Verdict
from copilot.written import plain

How = Literal["released", "changed", "unreleased"]
ALIKE = 0.6
"""Likeness from which a text is taken for a released one that was changed."""
COURTESY = 20
"""Characters up to which a text without figure, product or finding (好的, 不客气) is noted and not queued."""
_WHOLE = 8


@dataclass(frozen=True)
class Actual:
    """A message that went out. `place` is its own in the merged conversation; `replaces` that of the release nobody sent."""

    place: int
    turn: Turn
    how: How
    release: Entry | None = None
    disclosed: str | None = None
    replaces: int | None = None


@dataclass(frozen=True)
class Noted:
    """What became of a message that was not released as it went out: the guard's word, and the case, 0 for none."""

    text: str
    how: How
    verdict: Verdict
    case: int


def match(merged: Merged, releases: Sequence[Entry]) -> tuple[Actual, ...]:
    """The advisor's messages that were not there before, each with the release it was, or came from."""
    known = [r for r in releases if r.payload is not None]
    turns = merged.turns
    stood = {same(turns[n].text) for n in merged.seen | merged.new if turns[n].role == "advisor"}
    free = {r.sequence: r for r in known if not any(copy in stood for copy in _copies(r))}
    exact = {copy: r for r in known for copy in (*_copies(r), same(_text(r, "disclosure")))}
    found: list[Actual] = []
    for place in sorted(n for n in merged.new if turns[n].role == "advisor"):
        turn = turns[place]
        if same(turn.text) in exact:
            found.append(Actual(place, turn, "released", exact[same(turn.text)]))
            continue
        came = max(free.values(), key=lambda r: _likeness(turn.text, r), default=None)
        if came is None or _likeness(turn.text, came) < ALIKE:
            found.append(Actual(place, turn, "unreleased"))
            continue
        del free[came.sequence]
        spoken = same(_text(came, "text"))
        unsent = (n for n, t in enumerate(turns) if n not in merged.new | merged.seen and same(t.text) == spoken)
        said = same(_text(came, "disclosure"))
        disclosed = _text(came, "disclosure") if said and said in stood else None
        found.append(Actual(place, turn, "changed", came, disclosed, next(unsent, None)))
    return tuple(found)


def told(merged: Merged, actuals: Iterable[Actual]) -> tuple[Turn, ...]:
    """The conversation as it was: in place of a release that was changed stands what went out."""
    gone = {a.replaces for a in actuals if a.replaces is not None}
    return tuple(turn for n, turn in enumerate(merged.turns) if n not in gone)


def note(
    line: Line,
    actor: str,
    conversation: Conversation,
    actuals: Sequence[Actual],
    proposal: Proposal | None,
    before: Sequence[Entry] = (),
    begun: bool = True,
) -> tuple[Noted, ...]:
    """Read every message that was not released as it went out, then record each: as a case, or only as sent.

    `conversation` holds the merged turns; `before` are the entries it had, so that a chat pasted twice is queued once.
    Only as sent goes a courtesy, and where nothing was ever released here (not `begun`: a chat from before the desk was
    used) also what the guard lets pass. All is read before anything is written. GuardError and RecordError as they come.
    """
    known = {same(_text(e, "text")) for e in before if e.payload is not None and e.payload.get("sent")}
    open_ones = [a for a in actuals if a.how != "released" and same(a.turn.text) not in known]
    read = [(a, _verdict(line, conversation, a, proposal)) for a in open_ones]
    return tuple(_written(line, actor, conversation, a, verdict, begun) for a, verdict in read)


def _written(
    line: Line, actor: str, conversation: Conversation, actual: Actual, verdict: Verdict, begun: bool
) -> Noted:
    released: Any = actual.release.payload if actual.release is not None else {}
    earlier = not begun and actual.how == "unreleased" and verdict.releasable
    queued = not (earlier or _courtesy(line, actual, verdict))
    payload = {
        "proposal": released.get("proposal"),
        "candidate": released.get("candidate"),
        "shown": released.get("text"),
        "edited": actual.release is not None,
        "text": actual.turn.text,
        "disclosure": actual.disclosed,
        "verdict": plain(verdict),
        "provenance": plain(line.provenance()),
        "remark": "",
        "turns": [plain(t) for t in conversation.turns[: actual.place]],
        "customer": plain(conversation.customer) if conversation.customer else None,
        "sent": {
            "how": actual.how,
            "release": actual.release.sequence if actual.release is not None else 0,
            "at": plain(actual.turn.at),
        },
    }
    kind = "referral" if queued else "sent"
    entry = line.record.append(kind, actor, conversation.id, payload, line.clock())
    return Noted(actual.turn.text, actual.how, verdict, entry.sequence if queued else 0)


def _verdict(line: Line, conversation: Conversation, actual: Actual, proposal: Proposal | None) -> Verdict:
    text = actual.turn.text
    found = line.retrieve(text, on=line.clock().date(), customer=conversation.customer)
    sources = [Source(line.library.text(p.document), p.document, p.id) for p, _, _ in line.library.named(text)]
    sources += [Source(p.text, p.document, p.product) for p in found.passages if found.found]
    context = context_for(line, proposal) if proposal is not None else GuardContext(products=())
    context = replace(
        context,
        history=conversation.turns[: actual.place],
        at=actual.turn.at or line.clock(),
        customer=conversation.customer,
        sources=(*(context.sources or ()), *sources),
    )
    return line.read(whole(text, actual.disclosed), context)


def _courtesy(line: Line, actual: Actual, verdict: Verdict) -> bool:
    text = actual.turn.text
    if actual.how != "unreleased" or verdict.outcome != "pass":
        return False
    if media(text):
        return True
    return len(same(text)) <= COURTESY and not find_figures(text) and not line.library.named(text)


def _likeness(text: str, release: Entry) -> float:
    one, other = same(text), same(_text(release, "text"))
    if len(other) >= _WHOLE and other in one:
        return 1.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _copies(release: Entry) -> tuple[str, ...]:
    """A release as it may stand in a chat: alone, or in one message with its disclosure."""
    text, disclosure = _text(release, "text"), _text(release, "disclosure")
    return (same(text), same(whole(text, disclosure))) if disclosure else (same(text),)


def _text(entry: Entry, name: str) -> str:
    return str((entry.payload or {}).get(name) or "")
