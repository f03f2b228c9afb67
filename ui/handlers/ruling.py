"""Compliance: the rule workbench, and new scripts that wait for approval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from copilot.casework import OFFICERS
from copilot.errors import InputError
from copilot.records import User
from copilot.rulebook import Bench
from copilot.scriptbook import NewScript
from copilot.trial import Tried
from copilot.types import Severity
from guardrails.amending import Amendment
from guardrails.changes import Changes, compare
from guardrails.entries import verdicts_on
from guardrails.loading import RuleSet, lexicon_of, load_words
from guardrails.rule import Rule
from ui.desk import Desk
from ui.handlers.queueing import names_of
from ui.handlers.rights import only

VERDICTS_SHOWN = 12
SEVERITIES: tuple[Severity, ...] = ("block", "review", "warn")


@dataclass(frozen=True)
class Shelf:
    """The rules and word lists as they stand in the draft, and as they are in force."""

    rules: RuleSet
    in_force: RuleSet
    lists: Mapping[str, tuple[str, ...]]
    bench: Bench
    names: Mapping[str, str]

    @property
    def amendment(self) -> Amendment:
        """The changes being worked on."""
        return self.bench.draft if self.bench.draft is not None else self.bench.in_force

    def rule(self, name: str) -> Rule:
        """One rule; InputError when there is none."""
        found = next((r for r in self.rules.rules if r.id == name), None)
        if found is None:
            raise InputError(f"no rule named {name}")
        return found


@dataclass(frozen=True)
class Verdicts:
    """Texts a rule held, by what compliance said of them: examples that people gave it."""

    rightly: tuple[str, ...] = ()
    wrongly: tuple[str, ...] = ()


@dataclass(frozen=True)
class Drafted:
    """The draft beside what is in force, its trial, and what this person may do with it."""

    shelf: Shelf
    changes: Changes
    tried: Tried
    may_propose: bool
    may_publish: bool
    may_refuse: bool


@only(*OFFICERS)
def shelf(desk: Desk, user: User) -> Shelf:
    """Rules and lists."""
    book = desk.app.office.rulebook
    bench = book.bench()
    in_force = book.load(bench.in_force)
    amendment = bench.draft if bench.draft is not None else bench.in_force
    rules = book.load(amendment) if bench.draft is not None else in_force
    lists = amendment.words(load_words(lexicon_of(book.settings)))
    return Shelf(rules, in_force, lists, bench, names_of(desk))


@only(*OFFICERS)
def verdicts(desk: Desk, user: User, rule: str) -> Verdicts:
    """What compliance said of texts that a rule held."""
    rightly, wrongly = verdicts_on(desk.app.record.read(kinds=("referral", "decision")), rule)
    return Verdicts(rightly[:VERDICTS_SHOWN], wrongly[:VERDICTS_SHOWN])


@only(*OFFICERS)
def drafted(desk: Desk, user: User) -> Drafted:
    """The draft, or the change that waits."""
    found = shelf(desk, user)
    bench, tried = found.bench, desk.app.office.trial.state
    waiting = bench.proposed
    changed = bench.draft is not None and bench.draft != bench.in_force
    fits = tried if tried.amendment == found.amendment else Tried()
    return Drafted(
        found,
        compare(found.in_force, found.rules),
        fits,
        changed and waiting is None,
        waiting is not None and user.name not in waiting.hands,
        waiting is not None,
    )


@only(*OFFICERS)
def switch(desk: Desk, user: User, rule: str, on: bool) -> None:
    """Switch a rule on or off in the draft."""
    book = desk.app.office.rulebook
    book.edit(user, lambda a: a.switched(rule, on, book.settings))


@only(*OFFICERS)
def grade(desk: Desk, user: User, rule: str, severity: str) -> None:
    """Give a rule another severity in the draft; "" gives back its own."""
    if severity and severity not in SEVERITIES:
        raise InputError(f"{severity!r} is no severity")
    chosen = next((s for s in SEVERITIES if s == severity), None)
    desk.app.office.rulebook.edit(user, lambda a: a.graded(rule, chosen))


@only(*OFFICERS)
def word(desk: Desk, user: User, name: str, said: str, there: bool) -> None:
    """Put a word in a list or a rule, or take it out, in the draft."""
    desk.app.office.rulebook.edit(user, lambda a: a.worded(name, said, there))


@only(*OFFICERS)
def try_out(desk: Desk, user: User) -> None:
    """Read the archive under the draft, in the background."""
    desk.app.office.trial.start(shelf(desk, user).amendment)


@only(*OFFICERS)
def stop_trial(desk: Desk, user: User) -> None:
    """Stop reading."""
    desk.app.office.trial.stop()


@only(*OFFICERS)
def propose(desk: Desk, user: User, remark: str) -> None:
    """Ask a second person to publish; the trial's outcome goes with it."""
    found = drafted(desk, user).tried
    told = f"{found.total} · +{found.stricter} · -{found.milder}" if found.stage == "done" else ""
    desk.app.office.rulebook.propose(user, remark, told)


@only(*OFFICERS)
def publish(desk: Desk, user: User, proposal: int) -> None:
    """Put the waiting change in force."""
    desk.app.office.rulebook.publish(user, proposal)


@only(*OFFICERS)
def refuse(desk: Desk, user: User, proposal: int, remark: str) -> None:
    """Give the waiting change back."""
    desk.app.office.rulebook.refuse(user, proposal, remark)


@only(*OFFICERS)
def discard(desk: Desk, user: User) -> None:
    """Drop the draft."""
    desk.app.office.rulebook.discard(user)


@only(*OFFICERS)
def restore(desk: Desk, user: User, publication: int) -> None:
    """Begin a draft that takes a publication back."""
    desk.app.office.rulebook.restore(user, publication)


@only(*OFFICERS)
def scripts(desk: Desk, user: User) -> tuple[NewScript, ...]:
    """Every script that was proposed: those that wait first, then the newest."""
    return tuple(sorted(desk.app.office.scriptbook.all(), key=lambda s: (s.state != "open", -s.entry)))


@only(*OFFICERS)
def script(desk: Desk, user: User, entry: int) -> tuple[NewScript, tuple[str, ...]]:
    """One of them, and the texts it came from."""
    found = next((s for s in scripts(desk, user) if s.entry == entry), None)
    if found is None:
        raise InputError(f"no script {entry}")
    sources = (desk.app.record.get(number) for number in found.sources)
    return found, tuple(str(e.payload["text"]) for e in sources if e is not None and e.payload is not None)


@only(*OFFICERS)
def decide(desk: Desk, user: User, entry: int, verb: str, remark: str) -> None:
    """Approve, refuse or withdraw a script; the index follows."""
    book = desk.app.office.scriptbook
    if verb == "withdraw":
        book.withdraw(user, entry, remark)
    else:
        book.decide(user, entry, verb == "approve", remark)
    desk.app.renewal.look()
