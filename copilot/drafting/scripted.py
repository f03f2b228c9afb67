"""The scripted drafter: approved scripts filled with cited facts. It needs no model and never fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from copilot.drafting.disclosure import disclosure_for
from copilot.drafting.render import render
from copilot.types import INTENTS, Draft, DraftRequest, Library, Move, PlannedMove, Script

_ALWAYS = "客户.称呼"
_SAD = ("upset", "grief", "confused", "fraud", "minor")
_SPARE: tuple[Move, ...] = ("answer", "find_out", "situation")
ENOUGH = 2
"""Candidates below which a spare move is added."""
_LAST_RESORT = Script(
    "S-000", "other_unclear", "find_out", "{客户.称呼}，这件事我先去问清楚，再回您，免得说错。", (_ALWAYS,)
)


@dataclass(frozen=True)
class ScriptedDrafter:
    """Fills the approved script that fits intent, move and state, and uses the most of the facts at hand."""

    library: Library

    def __call__(self, request: DraftRequest) -> Iterator[Draft]:
        """One draft a planned move, in order; moves without a script are left out, but never all of them."""
        used: set[str] = set()
        for planned in request.moves:
            draft = self.one(request, planned, exclude=frozenset(used))
            if draft is not None:
                used.add(draft.script or "")
                yield draft
        for planned in spares(request):
            if len(used) >= ENOUGH:
                break
            draft = self.one(request, planned, exclude=frozenset(used))
            if draft is not None:
                used.add(draft.script or "")
                yield draft
        if not used:
            yield fill(_LAST_RESORT, request, PlannedMove("find_out", "先问清楚再答"))

    def one(self, request: DraftRequest, planned: PlannedMove, exclude: frozenset[str] = frozenset()) -> Draft | None:
        """The best script for one move, or None when no approved script fits."""
        names = {r.name for r in request.references}
        scripts = [
            s
            for s in self._known(request)
            if s.move == planned.move
            and s.id not in exclude
            and set(s.needs) <= names
            and _fits_state(s, request)
            and not (_pitches(s) and request.roles.get("甲") != "offer" and planned.move == "need")
        ]
        if not scripts:
            return None
        turn = request.conversation.message
        best = max(
            scripts, key=lambda s: (s.state is not None, _weight(s), s.tone == request.tone, _spread(s.id, turn))
        )
        return fill(best, request, planned)

    def _known(self, request: DraftRequest) -> Iterator[Script]:
        """Scripts of the intent; for a state that matters more than the intent, those of the state as well."""
        intent, state = request.understanding.intent, request.understanding.state
        yield from self.library.scripts(intent)
        if state in _SAD:
            for other in INTENTS:
                if other != intent:
                    yield from (s for s in self.library.scripts(other) if s.state == state)


def spares(request: DraftRequest) -> Iterator[PlannedMove]:
    """Moves that fit any turn of this state, for when the planned ones gave too little to choose from."""
    planned = {m.move for m in request.moves}
    moves: tuple[Move, ...] = ("soothe", "find_out", "answer") if request.understanding.state in _SAD else _SPARE
    for move in moves:
        if move not in planned:
            yield PlannedMove(move, "其余走法没有合适的说法，备一条")


def fill(script: Script, request: DraftRequest, planned: PlannedMove) -> Draft:
    """A script with the request's facts in it."""
    rendered = render(script.text, request.references)
    move: Move = script.move
    return Draft(
        move,
        script.text,
        rendered.text,
        "script",
        rendered.citations,
        planned.reason,
        disclosure_for(script.text, request),
        request.products["甲"].id if "甲" in request.products and "{甲." in script.text else None,
        script.id,
    )


def last_resort(request: DraftRequest) -> Draft:
    """What is said when no other text may be shown: an honest promise to find out."""
    return fill(_LAST_RESORT, request, PlannedMove("find_out", "其余建议未通过合规检查"))


def _fits_state(script: Script, request: DraftRequest) -> bool:
    state = request.understanding.state
    return script.state == state or (script.state is None and state not in ("grief", "fraud", "minor"))


def _pitches(script: Script) -> bool:
    return "{甲.名称}" in script.text


def _weight(script: Script) -> int:
    """Scripts that carry facts answer better than those that do not; an approved answer best."""
    return len(script.needs) + 2 * ("问.答" in script.needs)


def _spread(script_id: str, turn: str) -> str:
    """Ties fall differently from message to message, and the same for the same message."""
    return sha256(f"{script_id}|{turn}".encode()).hexdigest()
