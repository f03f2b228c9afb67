"""Views onto the advisor's components: what each event changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gradio as gr

from copilot.records import User
from ui.desk import Desk
from ui.frame import Painted
from ui.handlers import advising, sending, talking
from ui.handlers.views import Editing, Failure, Sent, Suggestion, Talk
from ui.present import advisor as present
from ui.present.base import banner, header, status_banner
from ui.text import Words

if TYPE_CHECKING:
    from ui.advisor import Parts


def everything(parts: Parts, desk: Desk, words: Words, user: User, conversation: str) -> Painted:
    """The whole page, with a conversation open."""
    open_talk = talking.talk(desk, user, conversation)
    view = advising.current(desk, user, conversation)
    return {
        **frame(parts, desk, words, user),
        **talk(parts, desk, words, user, open_talk),
        **card(parts, words, open_talk),
        **advice(parts, words, view),
        **editor(parts, words, sending.resume(desk, user, conversation) if conversation else Editing()),
        parts.sent: "",
    }


def frame(parts: Parts, desk: Desk, words: Words, user: User) -> Painted:
    """The top bar, the quiet banner and the own referrals."""
    status = dict(desk.app.status())
    return {
        parts.top: header(words, words("desk"), status, user.display),
        parts.notice: status_banner(words, status),
        parts.outcomes: present.outcomes(words, sending.outcomes(desk, user)),
    }


def talk(parts: Parts, desk: Desk, words: Words, user: User, view: Talk) -> Painted:
    """The list of conversations and the open one."""
    return {
        parts.opened: view.id,
        parts.rows: present.rows(words, talking.rows(desk, user, view.id), desk.app.clock()),
        parts.chat: present.chat(words, view.messages, view.customer),
    }


def card(parts: Parts, words: Words, view: Talk) -> Painted:
    """The customer's card: one line folded, a form unfolded."""
    customer = view.customer
    holdings = customer.holdings if customer else ()
    lines = [
        talking.holding_line(h.name, h.risk_level, h.amount, h.maturity.isoformat() if h.maturity else "")
        for h in holdings
    ]
    return {
        parts.card: gr.Accordion(label=present.card_line(words, customer)),
        parts.name: customer.name if customer else "",
        parts.level: (customer.risk_level or "") if customer else "",
        parts.assessed: customer.assessed_on.isoformat() if customer and customer.assessed_on else "",
        parts.age: str(customer.age) if customer and customer.age is not None else "",
        parts.holdings: "\n".join(lines),
    }


def said(parts: Parts, desk: Desk, words: Words, user: User, conversation: str) -> Painted:
    """After new messages: they are in the chat, the input is empty, and what was suggested before is gone."""
    return {
        **talk(parts, desk, words, user, talking.talk(desk, user, conversation)),
        **advice(parts, words, Suggestion("reading")),
        **editor(parts, words, sending.resume(desk, user, conversation)),
        parts.say: "",
        parts.sent: "",
    }


def suggestion(parts: Parts, desk: Desk, words: Words, user: User, conversation: str, view: Suggestion) -> Painted:
    """One step of a suggestion; at its end the editor's text is read against it."""
    painted = advice(parts, words, view)
    if view.stage in ("done", "failed"):
        painted |= verdict(parts, words, sending.resume(desk, user, conversation))
        painted[parts.notice] = status_banner(words, dict(desk.app.status()))
    return painted


def advice(parts: Parts, words: Words, view: Suggestion) -> Painted:
    """The right side above the editor."""
    found = view.proposal.understanding if view.proposal else None
    chosen = found is not None and found.confidence == 1.0 and dict(found.ranked).get(found.intent) != 1.0
    painted: Painted = {
        parts.confidence: present.confidence(words, found, chosen),
        parts.understanding: present.understanding(words, view.proposal),
        parts.cards: present.suggestion(words, view),
    }
    if found is not None or view.stage in ("nothing", "waiting"):
        painted[parts.intent] = found.intent if found else None
    return painted


def adopted(parts: Parts, words: Words, view: Editing) -> Painted:
    """A candidate in the editor; a stale one only says so."""
    return verdict(parts, words, view) if view.stale else {**editor(parts, words, view), parts.sent: ""}


def editor(parts: Parts, words: Words, view: Editing) -> Painted:
    """The editor with its text."""
    return {parts.editor: view.text, **verdict(parts, words, view)}


def verdict(parts: Parts, words: Words, view: Editing) -> Painted:
    """The guard's word and the buttons it opens."""
    return {
        parts.candidate: "" if view.candidate is None else str(view.candidate),
        parts.verdict: present.verdict_line(words, view),
        parts.findings: present.findings(words, view),
        parts.release: gr.Button(interactive=view.releasable),
        parts.refer: gr.Button(visible=view.referable),
        parts.remark: gr.Textbox(visible=view.referable),
    }


def sent(parts: Parts, desk: Desk, words: Words, user: User, opened: str, view: Sent) -> Painted:
    """What became of a release or a referral."""
    if view.what in ("released", "referred"):
        return {
            **everything(parts, desk, words, user, opened),
            parts.remark: gr.Textbox(value="", visible=False),
            parts.sent: present.sent(words, view),
        }
    checked = sending.after(desk, user, opened, view)
    return {**verdict(parts, words, checked), parts.sent: present.sent(words, view)}


def failure(words: Words, kind: Failure, detail: str) -> str:
    """What went wrong, for the notice."""
    return present.failed(words, kind, detail)


def good(words: Words, key: str) -> str:
    """A thing that went well, for the notice."""
    return banner("good", words(key))
