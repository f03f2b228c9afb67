"""Views onto the advisor's components: what each event changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gradio as gr

from copilot.records import User
from ui import labels
from ui.desk import Desk, pages_beside
from ui.frame import Painted
from ui.handlers import advising, holding, noticing, sending, talking
from ui.handlers.importing import Preview, Taken
from ui.handlers.views import Editing, Failure, Sent, Suggestion, Talk
from ui.present import advisor as present
from ui.present import beside, talks
from ui.present import importing as pasted
from ui.present.base import banner, header, status_banner
from ui.text import Words

if TYPE_CHECKING:
    from ui.advisor_parts import Parts


def everything(parts: Parts, desk: Desk, words: Words, user: User, conversation: str) -> Painted:
    """The whole page, with a conversation open."""
    open_talk = talking.talk(desk, user, conversation)
    view = advising.current(desk, user, conversation)
    return {
        **frame(parts, desk, words, user),
        **talk(parts, desk, words, user, open_talk),
        **card(parts, desk, words, open_talk),
        **advice(parts, words, view),
        **editor(parts, words, sending.resume(desk, user, conversation) if conversation else Editing()),
        parts.sent: present.sent(words, holding.waits(desk, user, conversation)) if conversation else "",
    }


def frame(parts: Parts, desk: Desk, words: Words, user: User) -> Painted:
    """The top bar, the quiet banner and the own referrals."""
    status = dict(desk.app.status())
    return {
        parts.top: header(words, words("desk"), status, user.display, pages_beside(user, "advisor")),
        parts.notice: status_banner(words, status),
        parts.notices: beside.notices(words, noticing.notices(desk, user), desk.app.clock()),
        parts.outcomes: present.outcomes(words, sending.outcomes(desk, user)),
    }


def talk(parts: Parts, desk: Desk, words: Words, user: User, view: Talk) -> Painted:
    """The list of conversations and the open one."""
    return {
        parts.opened: view.id,
        **rows(parts, desk, words, user, view.id),
        parts.chat: talks.chat(words, view.messages, view.customer),
    }


def rows(parts: Parts, desk: Desk, words: Words, user: User, opened: str) -> Painted:
    """The list of conversations as it stands now: who waits how long, and where something happened."""
    listed = talking.rows(desk, user, opened)
    return {parts.rows: talks.rows(words, listed, desk.app.clock(), noticing.unread(desk, user))}


def card(parts: Parts, desk: Desk, words: Words, view: Talk) -> Painted:
    """The customer's card: one line and what is to be seen of it at a glance; a form unfolded."""
    customer = view.customer
    holdings = customer.holdings if customer else ()
    lines = [
        talking.holding_line(h.name, h.risk_level, h.amount, h.maturity.isoformat() if h.maturity else "")
        for h in holdings
    ]
    return {
        parts.card: gr.Accordion(label=talks.card_line(words, customer)),
        parts.facts: talks.card_facts(
            words, customer, desk.app.clock().date(), desk.app.settings.assessment_valid_days
        ),
        parts.name: customer.name if customer else "",
        parts.level: (customer.risk_level or "") if customer else "",
        parts.assessed: customer.assessed_on.isoformat() if customer and customer.assessed_on else "",
        parts.age: str(customer.age) if customer and customer.age is not None else "",
        parts.holdings: "\n".join(lines),
        parts.tags: "、".join(customer.tags) if customer else "",
        parts.events: "\n".join(f"{e.at.isoformat()} {e.text}" for e in customer.events) if customer else "",
    }


def said(parts: Parts, desk: Desk, words: Words, user: User, conversation: str, written: str | None = None) -> Painted:
    """After new messages: they are in the chat, the input is empty, and what was suggested before is gone.

    `written` is the reply as it was before, in the same conversation: left alone while it stands, so that what is being typed stays.
    """
    left = sending.resume(desk, user, conversation)
    painted: Painted = {
        **everything(parts, desk, words, user, conversation),
        **advice(parts, words, Suggestion("reading")),
        **editor(parts, words, left),
        parts.say: "",
        parts.roles: "",
        **preview(parts, words, None),
        parts.sent: "",
    }
    if left.text == written:
        del painted[parts.editor]
    return painted


def preview(parts: Parts, words: Words, view: Preview | None) -> Painted:
    """A pasted chat before it is taken."""
    return {parts.preview: pasted.preview(words, view), parts.previewed: view.token if view is not None else ""}


def taken(words: Words, view: Taken) -> str:
    """What became of a chat, for the notice."""
    return pasted.taken(words, view.new, view.noted)


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
    offered = found.offered if found is not None and view.stage in ("done", "failed", "drafting") else ()
    painted: Painted = {
        parts.confidence: present.confidence(words, found),
        parts.understanding: present.understanding(words, view.proposal),
        parts.cards: present.suggestion(words, view),
    }
    for button, place in ((parts.first, 0), (parts.second, 1)):
        shown = place < len(offered)
        label = labels.intent(words, offered[place][0]) if shown else ""
        painted[button] = gr.Button(words("is_it", intent=label) if shown else "", visible=shown)
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
    if view.failure == "remark":  # the remark's own place is at the bottom of a full area: told above, where it is seen
        return {parts.notice: present.failed(words, view.failure)}
    checked = sending.after(desk, user, opened, view)
    return {**verdict(parts, words, checked), parts.sent: present.sent(words, view)}


def failure(words: Words, kind: Failure, detail: str) -> str:
    """What went wrong, for the notice."""
    return present.failed(words, kind, detail)


def good(words: Words, key: str, **values: object) -> str:
    """A thing that went well, for the notice."""
    return banner("good", words(key, **values))


def told(words: Words, key: str) -> str:
    """A thing that did not happen, and why, for the notice."""
    return banner("info", words(key))
