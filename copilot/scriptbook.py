"""New approved replies out of advisors' edits: a trainer proposes, compliance approves, and the reply stands in the bank's own content.

The record is where all of it stands (entries of kind `script`); the file beside the content is written from it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from copilot.errors import AccessDenied, ContentError, InputError, OwnText, RecordError
from copilot.records import RecordStore, User
from copilot.types import Entry, GuardContext, Verdict
from knowledge_base.added import read_script

KIND = "script"
PROPOSERS, APPROVERS = ("trainer", "admin"), ("compliance", "admin")
OPEN, APPROVED, REFUSED, WITHDRAWN = "open", "approved", "refused", "withdrawn"
_REFERENCE = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class NewScript:
    """A reply that was proposed, and where it stands. `sources` are the releases it came from."""

    entry: int
    at: datetime
    by: str
    intent: str
    move: str
    tone: str
    text: str
    sources: tuple[int, ...] = ()
    state: str = OPEN
    decided_by: str = ""
    remark: str = ""

    @property
    def id(self) -> str:
        """Its id in the content."""
        return f"S-OWN-{self.entry}"

    def as_content(self) -> dict[str, Any]:
        """As the content writes a script."""
        needs = tuple(dict.fromkeys(n for n in _REFERENCE.findall(self.text)))
        entry = {"id": self.id, "intent": self.intent, "move": self.move, "text": self.text, "tone": self.tone}
        return {**entry, "needs": list(needs)}


@dataclass(frozen=True)
class Scriptbook:
    """Those who propose and approve replies. `path` is the file that library and search read."""

    record: RecordStore
    path: Path
    check: Callable[[str, GuardContext], Verdict]
    clock: Callable[[], datetime]

    def all(self) -> tuple[NewScript, ...]:
        """Every reply ever proposed, oldest first."""
        found: dict[int, NewScript] = {}
        for entry in self.record.read(kinds=(KIND,)):
            _after(found, entry)
        return tuple(found.values())

    def propose(self, user: User, intent: str, move: str, tone: str, text: str, sources: Sequence[int]) -> NewScript:
        """Propose a reply. InputError for one that the content would not take, that the guard holds, or that is there already."""
        _allowed(user, PROPOSERS)
        fresh = NewScript(0, self.clock(), user.name, intent, move, tone, text.strip(), tuple(sources))
        self._fit(fresh)
        if any(s.text == fresh.text and s.state in (OPEN, APPROVED) for s in self.all()):
            raise InputError("this reply has been proposed already")
        told = {"act": "propose", **{k: v for k, v in asdict(fresh).items() if k in _TOLD}}
        entry = self.record.append(KIND, user.name, "", told, fresh.at)
        return replace(fresh, entry=entry.sequence)

    def decide(self, user: User, entry: int, approve: bool, remark: str) -> NewScript:
        """Approve or refuse. OwnText for whoever proposed it."""
        _allowed(user, APPROVERS)
        script = self._named(entry, OPEN)
        if script.by == user.name:
            raise OwnText("nobody approves a reply of his own")
        if not approve and not remark.strip():
            raise InputError("a reason is needed")
        if approve:
            self._fit(script)
        return self._end(user, script, APPROVED if approve else REFUSED, remark)

    def withdraw(self, user: User, entry: int, remark: str) -> NewScript:
        """Take an approved reply out of use."""
        _allowed(user, APPROVERS)
        if not remark.strip():
            raise InputError("a reason is needed")
        return self._end(user, self._named(entry, APPROVED), WITHDRAWN, remark)

    def write(self) -> None:
        """Write the file from the record, unless it says the same."""
        scripts = [s.as_content() for s in self.all() if s.state == APPROVED]
        body = json.dumps({"scripts": scripts}, ensure_ascii=False, indent=1) + "\n"
        if (self.path.read_text(encoding="utf-8") if self.path.is_file() else "") == body or not (
            scripts or self.path.is_file()
        ):
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_name(f"{self.path.name}.new")
        fresh.write_text(body, encoding="utf-8")
        fresh.replace(self.path)

    def _end(self, user: User, script: NewScript, state: str, remark: str) -> NewScript:
        def unchanged(_: object) -> None:
            self._named(script.entry, script.state)

        told = {"act": state, "script": script.entry, "remark": remark.strip()}
        self.record.append(KIND, user.name, "", told, self.clock(), unchanged)
        self.write()
        return replace(script, state=state, decided_by=user.name, remark=remark.strip())

    def _fit(self, script: NewScript) -> None:
        """What the content and the guard say of a reply."""
        try:
            read_script(script.as_content())
        except ContentError as error:
            raise InputError(f"this reply cannot be taken into the content: {error.what}") from error
        shown = _REFERENCE.sub("您", script.text)
        verdict = self.check(shown, GuardContext(at=self.clock()))
        held = [f for f in verdict.findings if f.severity != "warn"]
        if held:
            raise InputError(f"the guard holds this reply: {held[0].rule} “{held[0].quote}”")

    def _named(self, entry: int, state: str) -> NewScript:
        found = next((s for s in self.all() if s.entry == entry), None)
        if found is None or found.state != state:
            raise InputError("this reply no longer stands as you saw it; look again")
        return found


_TOLD = ("intent", "move", "tone", "text", "sources")


def _after(found: dict[int, NewScript], entry: Entry) -> None:
    told: Any = entry.payload
    if told is None:
        raise RecordError(f"entry {entry.sequence}: a reply was taken out of the record; restore a backup")
    if told["act"] == "propose":
        those = {k: told[k] for k in _TOLD}
        found[entry.sequence] = NewScript(
            entry.sequence, entry.at, entry.actor, **{**those, "sources": tuple(those["sources"])}
        )
    elif (script := found.get(told["script"])) is not None:
        found[script.entry] = replace(script, state=told["act"], decided_by=entry.actor, remark=told["remark"])


def _allowed(user: User, roles: Sequence[str]) -> None:
    if user.role not in roles:
        raise AccessDenied(f"this is not for the role {user.role}")
