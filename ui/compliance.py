"""The compliance page: components and wiring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import gradio as gr

from copilot.errors import AccessDenied, CaseRefused, CopilotError, InputError, OwnText, ReleaseRefused
from copilot.records import User
from ui.desk import Desk, pages_beside
from ui.frame import QUIET, Painted, asking, blocks, hidden, html
from ui.handlers import queueing, reviewing
from ui.handlers.queueing import PAGE as ROWS
from ui.handlers.queueing import Filter, filter_of
from ui.handlers.reviewing import Case
from ui.handlers.views import failure_of
from ui.present import case as drawn
from ui.present import compliance as present
from ui.present.advisor import failed
from ui.present.base import banner, header
from ui.text import Words

PAGE = "compliance"
TICK_S = 20
_DONE = {"claim": "claimed_done", "release": "released_done", "assign": "assigned_done", "escalate": "escalated_done"}


@dataclass(frozen=True)
class Parts:
    """The components of the page."""

    top: gr.Markdown
    notice: gr.Markdown
    queue: gr.Markdown
    case: gr.Markdown
    reason: gr.Textbox
    together: gr.Checkbox
    approved: gr.Button
    returned: gr.Button
    rejected: gr.Button
    opened: gr.Textbox
    like: gr.Textbox
    chosen: gr.Textbox
    command: gr.Textbox
    go: gr.Button

    @property
    def all(self) -> list[Any]:
        """Every component an event may change."""
        return [getattr(self, f.name) for f in fields(self) if f.name not in ("command", "go")]


def page(desk: Desk, words: Words) -> gr.Blocks:
    """The page in one language."""
    made = blocks(words, words("review"))
    with made:
        parts = _draw(words)
        _wire(made, parts, desk, words)
    return made


def _draw(words: Words) -> Parts:
    top, notice = html(name="top"), html(name="notice")
    with gr.Row(elem_id="office"):
        with gr.Column(elem_id="left", min_width=0):
            queue = html(name="queue")
        with gr.Column(elem_id="open-case", min_width=0):
            case = html(name="case-area")
            with gr.Column(elem_id="decide"):
                together = gr.Checkbox(label=words("together", n=0), visible=False, elem_id="together")
                with gr.Row(elem_id="decide-row"):
                    reason = gr.Textbox(
                        label=words("reason"), lines=2, max_lines=4, elem_id="reason", visible=False, max_length=1000
                    )
                    approved = gr.Button(words("approve"), variant="primary", elem_id="approved", visible=False)
                    returned = gr.Button(words("return"), elem_id="returned", visible=False)
                    rejected = gr.Button(words("reject"), elem_id="rejected", visible=False)
    opened, like, chosen, command = hidden("opened"), hidden("like"), hidden("chosen"), hidden("command")
    go = gr.Button("go", elem_id="go", visible="hidden")
    return Parts(
        top, notice, queue, case, reason, together, approved, returned, rejected, opened, like, chosen, command, go
    )


def _wire(made: gr.Blocks, parts: Parts, desk: Desk, words: Words) -> None:
    def safely(request: gr.Request, opened: str, chosen: str, act: Callable[[User], Painted]) -> Painted:
        try:
            return {parts.notice: "", **act(asking(desk, PAGE, request))}
        except CaseRefused as error:
            said = banner("warn", refused(words, queueing.names_of(desk), error))
            return {**_afresh(parts, desk, words, request, opened, chosen), parts.notice: said}
        except (OwnText, ReleaseRefused, InputError) as error:
            return {parts.notice: banner("warn", words(_word(error)))}
        except CopilotError as error:
            kind = "access" if isinstance(error, AccessDenied) else failure_of(error)
            return {parts.notice: failed(words, kind, str(error))}

    def refresh(opened: str, chosen: str, request: gr.Request) -> Painted:
        return safely(
            request,
            opened,
            chosen,
            lambda user: _frame(parts, desk, words, user, seen_of(opened)[0], filter_of(chosen)),
        )

    def command(opened: str, chosen: str, reason: str, said: str, request: gr.Request) -> Painted:
        return safely(
            request, opened, chosen, lambda user: _obey(parts, desk, words, user, opened, chosen, reason, said)
        )

    def decide(outcome: str) -> Callable[[str, str, str, str, bool, gr.Request], Painted]:
        def act(opened: str, chosen: str, reason: str, like: str, together: bool, request: gr.Request) -> Painted:
            def decided(user: User) -> Painted:
                entry, seen = seen_of(opened)
                wanted = filter_of(chosen)
                rows = [row.entry for row in queueing.queue(desk, user, wanted).rows]
                others = dict(seen_of(pair) for pair in like.split()) if together else {}
                done = reviewing.decide(desk, user, entry, outcome, reason, seen, others)
                coming = next((e for e in _after(rows, entry) if not _closed(desk, e)), 0)
                painted = _everything(parts, desk, words, user, coming, wanted)
                return {**painted, parts.notice: banner("good", _told(words, entry, outcome, done))}

            return safely(request, opened, chosen, decided)

        return act

    made.load(command, [parts.opened, parts.chosen, parts.reason, parts.command], parts.all, **QUIET)
    gr.Timer(TICK_S).tick(
        refresh, [parts.opened, parts.chosen], [parts.top, parts.notice, parts.queue], queue=False, **QUIET
    )
    inputs = [parts.opened, parts.chosen, parts.reason, parts.command]
    parts.go.click(command, inputs, parts.all, trigger_mode="multiple", **QUIET)
    deciding = [parts.opened, parts.chosen, parts.reason, parts.like, parts.together]
    for outcome in reviewing.DECISIONS:
        button: gr.Button = getattr(parts, outcome)
        button.click(decide(outcome), deciding, parts.all, **QUIET)


def _obey(
    parts: Parts, desk: Desk, words: Words, user: User, opened: str, chosen: str, reason: str, said: str
) -> Painted:
    """A click inside the HTML areas: `case-<n>`, `claim`, `release`, `escalate`, `assign-<hex>`, `pick-<field>-<hex>`, `clear`, `more`."""
    verb, _, rest = said.partition("-")
    (entry, seen), wanted = seen_of(opened), filter_of(chosen)
    if verb in ("pick", "clear", "more"):
        name, _, value = rest.partition("-")
        if verb == "pick":
            wanted = wanted.toggled(name, unhexed(value))
        else:
            wanted = Filter() if verb == "clear" else replace(wanted, shown=wanted.shown + ROWS)
        return {**_frame(parts, desk, words, user, entry, wanted), parts.chosen: wanted.written()}
    if verb in _DONE:
        reviewing.act(desk, user, verb, entry, seen, unhexed(rest), reason)
        painted = _everything(parts, desk, words, user, entry, wanted)
        if verb in ("claim", "release"):
            painted[parts.reason] = gr.Textbox(visible=True)  # what was begun stays
        return {**painted, parts.notice: banner("good", words(_DONE[verb]))}
    return _everything(parts, desk, words, user, number(rest) if verb == "case" else entry, wanted)


def _afresh(parts: Parts, desk: Desk, words: Words, request: gr.Request, opened: str, chosen: str) -> Painted:
    """The page as things stand now; the reason somebody was writing stays."""
    user = asking(desk, PAGE, request)
    painted = _everything(parts, desk, words, user, seen_of(opened)[0], filter_of(chosen))
    may = painted[parts.opened] and not reviewing.case(desk, user, seen_of(opened)[0]).barred
    return {**painted, parts.reason: gr.Textbox(visible=bool(may))}


def _frame(parts: Parts, desk: Desk, words: Words, user: User, entry: int, wanted: Filter) -> Painted:
    status = dict(desk.app.status())
    found, target = queueing.queue(desk, user, wanted), desk.app.settings.serve.review_minutes
    return {
        parts.top: header(words, words("review"), status, user.display, pages_beside(user, PAGE)),
        parts.queue: present.queue(words, found, wanted, entry, target),
    }


def _everything(parts: Parts, desk: Desk, words: Words, user: User, entry: int, wanted: Filter) -> Painted:
    opened: Case | None = reviewing.case(desk, user, entry) if entry else None
    may = opened is not None and not opened.barred
    like = opened.like if opened is not None and may else ()
    return {
        **_frame(parts, desk, words, user, entry, wanted),
        parts.case: drawn.case(words, opened, desk.app.settings.assessment_valid_days),
        parts.opened: f"{opened.entry}.{opened.seen}" if opened is not None else "",
        parts.like: " ".join(f"{a.entry}.{a.seen}" for a in like),
        parts.together: gr.Checkbox(value=False, visible=bool(like), label=words("together", n=len(like))),
        parts.reason: gr.Textbox(value="", visible=may),
        parts.approved: gr.Button(visible=may, interactive=opened is not None and opened.approvable),
        parts.returned: gr.Button(visible=may),
        parts.rejected: gr.Button(visible=may),
    }


def refused(words: Words, names: dict[str, str], error: CaseRefused) -> str:
    """Why a case is not to be acted on, in one line."""
    return words(f"w_{error.why}", who=names.get(error.who, error.who))


def _word(error: CopilotError) -> str:
    if isinstance(error, OwnText):
        return "own_case"
    if isinstance(error, ReleaseRefused):
        return "block_refused"
    return "need_reason" if "reason" in str(error) else "fail_input"


def _told(words: Words, entry: int, outcome: str, done: reviewing.Done) -> str:
    parts = [words("decided_next", entry=entry, decision=words(outcome))]
    if done.closed > 1:
        parts.append(words("decided_more", n=done.closed))
    if done.missed:
        parts.append(words("decided_missed", n=done.missed))
    return " ".join(parts)


def _after(rows: list[int], entry: int) -> list[int]:
    """The rest of the queue, beginning after a case."""
    at = rows.index(entry) if entry in rows else -1
    return rows[at + 1 :] + rows[: max(at, 0)]


def _closed(desk: Desk, entry: int) -> bool:
    standing = desk.app.cases.get(entry)
    return standing is None or bool(standing.outcome)


def seen_of(text: str | None) -> tuple[int, int]:
    """`12.57`: the case that is open in the browser, and the version it was seen at."""
    entry, _, seen = (text or "").partition(".")
    return number(entry), number(seen)


def unhexed(text: str) -> str:
    """What `ui.present` wrote in hexadecimal; "" for anything else."""
    try:
        return bytes.fromhex(text).decode()
    except ValueError:
        return ""


def number(text: str | None) -> int:
    """A number the browser sent, 0 for anything else."""
    return int(text) if text and text.isdecimal() and len(text) < 16 else 0
