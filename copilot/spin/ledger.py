"""The SPIN ledger: what the customer has said of her situation, problem, implication and need, in her own words.

Each of her turns is parted into clauses; a small model says which letters a clause is evidence for. The advisor's turns give
none. A correction (不是20万，是12万) withdraws the earlier evidence that says otherwise: it is kept apart, and no longer counts.
What she leaves open (明天问下老公) stands beside.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from copilot.reading.figures import find_figures
from copilot.reading.plain import Clause, plain
from copilot.spin.commitments import commitments
from copilot.spin.evidence import EvidenceModel
from copilot.types import Conversation, Evidence, Ledger, Spin, Turn

MOST = 6
"""At most so many pieces of evidence a letter; the newest are kept."""
_FEARLESS = re.compile(r"不(?:怕|担心|在乎|介意|慌)|没(?:事|关系|什么好怕)|无所谓")
"""What is said not to worry her is no problem, whatever the model hears."""
_OFFERED = re.compile(r"^[，,\s]*(?:最低|最少)?起(?:存|购|投|点|金额)")
"""A product's least sum, which is no money of hers."""
_STATES_FIGURES = frozenset(("money", "term", "date", "rate"))
_CORRECTION = re.compile(
    r"不是[^，。？?]{1,14}[，,\s]*(?:而)?是|(?:说|记|打|写|看|搞|弄)(?:错|岔|反|混|串)|更正|纠正|口误|准确(?:地)?说|其实(?:是|只有|就)|改(?:成|主意)|(?:不对|哦不|啊不|等等|等下)[，,\s]*(?:是|要|应该)"
)
_DENIED = re.compile(r"不是(?!说|不|吗|很|太)([^，。？?是]{1,14})(?:[，,\s]*(?:而)?(?=是)|$)")


@dataclass(frozen=True)
class _Piece:
    """One clause under one letter, with the kinds and values of the figures it states."""

    letter: Spin
    evidence: Evidence
    states: frozenset[tuple[str, float | str]]

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(kind for kind, _ in self.states)


class LedgerReader:
    """Reads the ledger of a conversation; the model's files load at the first one."""

    def __init__(self, folder: Path) -> None:
        self._model = EvidenceModel(folder)

    def load(self) -> None:
        """Load the model now; SettingsError when it is broken."""
        self._model.load()

    def __call__(self, conversation: Conversation) -> Ledger:
        """The ledger of a conversation, newest evidence last. Every quote is a substring of its own turn."""
        pieces: list[_Piece] = []
        withdrawn: list[Evidence] = []
        for index, turn in enumerate(conversation.turns):
            if turn.role != "customer":
                continue
            new = self._read(turn, index, conversation.turns[:index])
            if _CORRECTION.search(plain(turn.text)):
                kept = _uncorrected(pieces, new, turn)
                withdrawn.extend(dict.fromkeys(p.evidence for p in pieces if p not in kept))
                pieces = kept
            pieces.extend(new)
        last = len(conversation.turns) - 1
        left_open = tuple(
            c
            for index, turn in enumerate(conversation.turns)
            if turn.role == "customer"
            for c in commitments(turn.text, index, turn.at or (conversation.at if index == last else None))
        )
        letters = {letter: _letter(pieces, letter) for letter in ("S", "P", "I", "N")}
        return Ledger(**letters, withdrawn=tuple(withdrawn), open=left_open[-MOST:])

    def _read(self, turn: Turn, index: int, before: Sequence[Turn]) -> list[_Piece]:
        """The pieces of one turn: what she asserts, of 不是20万是12万 only the latter."""
        corrects = bool(_CORRECTION.search(plain(turn.text)))
        pieces: list[_Piece] = []
        for clause, letters in self._model(turn.text, turn.at, before):
            if _FEARLESS.search(clause.plain):
                letters = tuple(x for x in letters if x not in ("P", "I"))
            if _OFFERED.search(clause.plain):
                letters = tuple(x for x in letters if x != "S")
            quote = _asserted(clause) if corrects else clause.text
            if quote is None:
                continue
            states = _states(quote, turn)
            if corrects and not letters and states and quote != clause.text:
                letters = ("S",)
            pieces.extend(_Piece(letter, Evidence(quote, index), states) for letter in letters)
        return pieces


def _states(quote: str, turn: Turn) -> frozenset[tuple[str, float | str]]:
    return frozenset((f.kind, f.value) for f in find_figures(quote, turn.at) if f.kind in _STATES_FIGURES)


def _asserted(clause: Clause) -> str | None:
    """The part of a correcting clause that stands: all of it when no figure is denied, None when nothing is left."""
    denied = _DENIED.search(clause.plain)
    if denied is None or not find_figures(denied[1]):
        return clause.text
    return clause.text[denied.end() :].strip(" ，,") or None


def _letter(pieces: Sequence[_Piece], letter: Spin) -> tuple[Evidence, ...]:
    """Distinct evidence of one letter."""
    unique = dict.fromkeys(p.evidence for p in pieces if p.letter == letter)
    return tuple(unique)[-MOST:]


def _uncorrected(pieces: list[_Piece], new: Sequence[_Piece], turn: Turn) -> list[_Piece]:
    """Earlier evidence that the correction leaves standing.

    It falls when it states the denied value or words; without a denied figure, when it states one of the same kind.
    """
    denied = _DENIED.search(plain(turn.text))
    words = denied[1].strip() if denied else ""
    values = {f.value for f in find_figures(words, turn.at)} if words else set()
    replaced = {kind for p in new for kind in p.kinds}
    kept = []
    for piece in pieces:
        if values:
            falls = any(value in values for _, value in piece.states)
        elif len(words) >= 2:
            falls = words in plain(piece.evidence.quote)
        else:
            falls = piece.letter == "S" and bool(piece.kinds & replaced)
        if not falls:
            kept.append(piece)
    return kept
