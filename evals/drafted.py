"""One draft as its scorers see it: the words with the conversation they answer, from a proposal or from a file of marked drafts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from copilot.edges import DraftIn
from copilot.types import Candidate, Conversation, GuardContext, Move, Origin, Verdict
from copilot.wiring import App
from evals.cases import CASES, Strict, json_lines, parsed

MARKS = CASES / "draft_marks.jsonl"


@dataclass(frozen=True)
class Drafted:
    """A draft. `cited` are the values that its references put in; `refused` says how often the guard held a draft before it."""

    conversation: Conversation
    move: Move
    text: str
    origin: Origin
    disclosure: str = ""
    cited: tuple[str, ...] = ()
    refused: int = 0

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """The sentences with their closing marks."""
        found, begun = [], 0
        for at, character in enumerate(self.text):
            if character in "。！？!?":
                found.append(self.text[begun : at + 1])
                begun = at + 1
        return tuple(s for s in (*found, self.text[begun:]) if s.strip())

    @property
    def whole(self) -> str:
        """The draft as the customer reads it."""
        return f"{self.text}\n{self.disclosure}" if self.disclosure else self.text


def drafted(conversation: Conversation, candidate: Candidate, refused: int = 0) -> Drafted:
    """A candidate of a proposal."""
    cited = tuple(c.value for c in candidate.citations)
    return Drafted(
        conversation, candidate.move, candidate.text, candidate.origin, candidate.disclosure or "", cited, refused
    )


class DraftCase(Strict):
    """A message to draft for, and why it is among the cases. What a good draft is, the scorers say."""

    id: str
    reason: str
    input: DraftIn


class Mark(Strict):
    """A draft that a person read, and what she had against it. `sendable` among the faults: not to be sent as it stands."""

    case: str
    index: int
    move: Move
    origin: Origin
    text: str
    disclosure: str = ""
    cited: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


def draft_cases(path: Path = CASES / "draft.jsonl") -> list[DraftCase]:
    """Messages written for drafting alone."""
    found: list[DraftCase] = [parsed(DraftCase, data, where) for data, where in json_lines(path)]
    return found


def marks(path: Path = MARKS) -> list[Mark]:
    """The drafts marked by hand."""
    found: list[Mark] = [parsed(Mark, data, where) for data, where in json_lines(path)]
    return found


def marked(mark: Mark, inputs: Mapping[str, Conversation]) -> Drafted:
    """A marked draft with the conversation it was written for."""
    return Drafted(inputs[mark.case], mark.move, mark.text, mark.origin, mark.disclosure, mark.cited)


class Overheard:
    """A guard that does as the product's and keeps what it was asked, so that a suite sees the drafts it held."""

    def __init__(self, app: App) -> None:
        self._guard = app.guard
        self._read: list[tuple[str, Verdict]] = []

    @property
    def version(self) -> str:
        """The product's guard's."""
        return self._guard.version

    def check(self, text: str, context: GuardContext) -> Verdict:
        """The product's guard's word, kept."""
        verdict = self._guard.check(text, context)
        self._read.append((text, verdict))
        return verdict

    def since(self) -> Sequence[tuple[str, Verdict]]:
        """What was read since the last time anyone asked."""
        found, self._read = self._read, []
        return found
