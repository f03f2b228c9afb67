"""The advisor's page: components and wiring. What happens is in `ui.handlers`, how it looks in `ui.present`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import gradio as gr

from copilot.errors import AccessDenied, CopilotError
from copilot.records import User
from copilot.types import MOVES, Move, Tone
from ui import paint
from ui.advisor_acts import Typed, number, obey
from ui.advisor_parts import TONES, Parts, draw
from ui.desk import Desk
from ui.frame import QUIET, Painted, asking, blocks
from ui.handlers import advising, importing, looking, sending, talking
from ui.handlers.views import Failure, failure_of
from ui.present import beside
from ui.text import Words

PAGE = "advisor"
GENERATING = 32
"""Suggestions made at the same time by one web process."""
TICK_S = 20


def page(desk: Desk, words: Words) -> gr.Blocks:
    """The page in one language."""
    made = blocks(words, words("desk"))
    with made:
        parts = draw(words)
        _wire(made, parts, desk, words)
    return made


def _wire(made: gr.Blocks, parts: Parts, desk: Desk, words: Words) -> None:
    _wire_frame(made, parts, desk, words)
    _wire_advice(parts, desk, words)
    _wire_editor(parts, desk, words)


def _safely(parts: Parts, desk: Desk, words: Words, request: gr.Request, act: Callable[[User], Painted]) -> Painted:
    """Run an act for the signed-in advisor; what goes wrong is told in the notice, and nothing else changes."""
    try:
        return {parts.notice: "", **act(asking(desk, PAGE, request))}
    except CopilotError as error:
        kind: Failure = "access" if isinstance(error, AccessDenied) else failure_of(error)
        return {parts.notice: paint.failure(words, kind, str(error))}


def _wire_frame(made: gr.Blocks, parts: Parts, desk: Desk, words: Words) -> None:
    def load(request: gr.Request) -> Painted:
        return _safely(
            parts,
            desk,
            words,
            request,
            lambda user: paint.everything(parts, desk, words, user, talking.newest(desk, user)),
        )

    def tick(opened: str, request: gr.Request) -> Painted:
        return _safely(
            parts,
            desk,
            words,
            request,
            lambda user: {**paint.frame(parts, desk, words, user), **paint.rows(parts, desk, words, user, opened)},
        )

    def begin(request: gr.Request) -> Painted:
        return _safely(
            parts,
            desk,
            words,
            request,
            lambda user: paint.everything(parts, desk, words, user, talking.begin(desk, user)),
        )

    def save(
        opened: str,
        name: str,
        level: str,
        assessed: str,
        age: str,
        holdings: str,
        tags: str,
        events: str,
        request: gr.Request,
    ) -> Painted:
        typed = {"name": name, "risk_level": level, "assessed_on": assessed, "age": age, "holdings": holdings}
        typed |= {"tags": tags, "events": events}

        def act(user: User) -> Painted:
            kept = talking.save_card(desk, user, opened, {k: v or "" for k, v in typed.items()})
            return {**paint.everything(parts, desk, words, user, kept), parts.notice: paint.good(words, "card_saved")}

        return _safely(parts, desk, words, request, act)

    made.load(load, None, parts.all, **QUIET)
    ticked = [parts.top, parts.notice, parts.notices, parts.outcomes, parts.rows]
    gr.Timer(TICK_S).tick(tick, parts.opened, ticked, queue=False, **QUIET)
    parts.new.click(begin, None, parts.all, **QUIET)
    inputs = [parts.opened, parts.name, parts.level, parts.assessed, parts.age, parts.holdings]
    inputs += [parts.tags, parts.events]
    parts.save.click(save, inputs, parts.all, **QUIET)


def _wire_advice(parts: Parts, desk: Desk, words: Words) -> None:
    def suggest(
        request: gr.Request, opened: str, said: str, tone: str, move: str, intent: str | None, roles: str, seen: str
    ) -> Iterator[Painted]:
        try:
            user = asking(desk, PAGE, request)
            advising.demand_pace(desk, user)  # before what was typed is taken over, so that it stays in its field
            written = desk.left(user, opened).text if opened else None
            view = importing.preview(desk, user, opened, said, roles) if said else None
            if view is not None and (view.asked or (view.token != seen and not view.by_hand)):
                yield {**paint.preview(parts, words, view), parts.notice: ""}
                return
            if view is not None:
                taken = importing.take(desk, user, opened, said, roles)
                kept, told = taken.conversation, paint.taken(words, taken)
            else:
                kept, told = talking.say(desk, user, opened, said), ""
            painted = paint.said(parts, desk, words, user, kept, written if kept == opened else None)
            yield {**painted, parts.notice: told}
            chosen: Tone = next((t for t in TONES if t == tone), "warm")
            way: Move | None = next((m for m in MOVES if m == move), None)
            for step in advising.suggest(desk, user, kept, intent, chosen, way):
                painted = paint.suggestion(parts, desk, words, user, kept, step)
                yield {**painted, parts.notice: told + str(painted.get(parts.notice, ""))}
        except CopilotError as error:
            kind: Failure = "access" if isinstance(error, AccessDenied) else failure_of(error)
            yield {parts.notice: paint.failure(words, kind, str(error))}

    def generate(
        opened: str, said: str, tone: str, move: str, roles: str, seen: str, request: gr.Request
    ) -> Iterator[Painted]:
        yield from suggest(request, opened, said, tone, move, None, roles, seen)

    def correct(opened: str, intent: str, tone: str, request: gr.Request) -> Iterator[Painted]:
        yield from suggest(request, opened, "", tone, "", intent, "", "")

    def rewish(opened: str, tone: str, move: str, request: gr.Request) -> Iterator[Painted]:
        try:
            label = advising.corrected(desk, asking(desk, PAGE, request), opened)
        except CopilotError as error:
            yield {parts.notice: paint.failure(words, failure_of(error), str(error))}
            return
        yield from suggest(request, opened, "", tone, move, label, "", "")

    def meant(place: int) -> Callable[[str, str, gr.Request], Iterator[Painted]]:
        def take(opened: str, tone: str, request: gr.Request) -> Iterator[Painted]:
            try:
                label = advising.offered(desk, asking(desk, PAGE, request), opened, place)
            except CopilotError as error:
                yield {parts.notice: paint.failure(words, failure_of(error), str(error))}
                return
            yield from suggest(request, opened, "", tone, "", label, "", "")

        return take

    many: dict[str, Any] = {**QUIET, "trigger_mode": "multiple", "concurrency_limit": GENERATING}
    asked = [parts.opened, parts.say, parts.tone, parts.move, parts.roles, parts.previewed]
    parts.generate.click(generate, asked, parts.all, **many)
    parts.intent.input(correct, [parts.opened, parts.intent, parts.tone], parts.all, **many)
    parts.first.click(meant(0), [parts.opened, parts.tone], parts.all, **many)
    parts.second.click(meant(1), [parts.opened, parts.tone], parts.all, **many)
    for wish in (parts.tone, parts.move):
        wish.input(rewish, [parts.opened, parts.tone, parts.move], parts.all, **many)
    _wire_paste(parts, desk, words)


def _wire_paste(parts: Parts, desk: Desk, words: Words) -> None:
    def read(opened: str, said: str, roles: str, request: gr.Request) -> Painted:
        def act(user: User) -> Painted:
            if not said:  # taken or dropped: what is told of that stays
                return {parts.notice: gr.skip(), **paint.preview(parts, words, None)}
            return paint.preview(parts, words, importing.preview(desk, user, opened, said, roles))

        return _safely(parts, desk, words, request, act)

    def look(opened: str, query: str, request: gr.Request) -> Painted:
        def act(user: User) -> Painted:
            return {parts.looked: beside.looked(words, looking.look(desk, user, opened, query or ""))}

        return _safely(parts, desk, words, request, act)

    shown = [parts.notice, parts.preview, parts.previewed]
    pasted = [parts.opened, parts.say, parts.roles]
    parts.say.change(read, pasted, shown, queue=False, trigger_mode="always_last", **QUIET)
    for event in (parts.look.click, parts.query.submit):
        event(look, [parts.opened, parts.query], [parts.notice, parts.looked], queue=False, **QUIET)


def _wire_editor(parts: Parts, desk: Desk, words: Words) -> None:
    def check(opened: str, text: str, candidate: str, request: gr.Request) -> Painted:
        def act(user: User) -> Painted:
            """What was just told stays: it may be what changed the text."""
            read = sending.check(desk, user, opened, text, number(candidate))
            return {parts.notice: gr.skip(), **paint.verdict(parts, words, read)}

        return _safely(parts, desk, words, request, act)

    def release(opened: str, text: str, candidate: str, request: gr.Request) -> Painted:
        def act(user: User) -> Painted:
            view = sending.send(desk, user, opened, text, number(candidate))
            return paint.sent(parts, desk, words, user, opened, view)

        return _safely(parts, desk, words, request, act)

    def refer(opened: str, text: str, candidate: str, remark: str, request: gr.Request) -> Painted:
        def act(user: User) -> Painted:
            view = sending.ask_compliance(desk, user, opened, text, number(candidate), remark)
            return paint.sent(parts, desk, words, user, opened, view)

        return _safely(parts, desk, words, request, act)

    def command(
        opened: str, said: str, pasted: str, roles: str, text: str, candidate: str, request: gr.Request
    ) -> Painted:
        held = Typed(opened, pasted or "", roles or "", text or "", candidate)
        return _safely(parts, desk, words, request, lambda user: obey(parts, desk, words, user, said, held))

    writing: Sequence[Any] = [parts.opened, parts.editor, parts.candidate]
    shown = [parts.notice, parts.verdict, parts.findings, parts.release, parts.refer, parts.remark, parts.candidate]
    # `input` follows key presses only: a paste or an input method would go unread
    parts.editor.change(check, writing, shown, queue=False, trigger_mode="always_last", **QUIET)
    parts.release.click(release, writing, parts.all, **QUIET)
    parts.refer.click(refer, [*writing, parts.remark], parts.all, **QUIET)
    typed = [parts.opened, parts.command, parts.say, parts.roles, parts.editor, parts.candidate]
    parts.go.click(command, typed, parts.all, trigger_mode="multiple", **QUIET)
