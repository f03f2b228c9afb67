"""The advisor's page as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from copilot.records.conversations import StoredMessage
from copilot.types import Customer, Passage, Proposal, Spin, Understanding
from ui import labels
from ui.handlers.views import Card, Editing, Failure, Outcome, Quoted, Row, Sent, Suggestion
from ui.present.base import badge, banner, button, el, finding_items, fingerprint, fold, marked, safe
from ui.text import Words

LONGEST_REPLY = 120
_FIELDS = {
    "name": "f_name",
    "risk_level": "f_level",
    "assessed_on": "f_assessed",
    "age": "f_age",
    "holdings": "f_holdings",
}
_LETTERS: tuple[Spin, ...] = ("S", "P", "I", "N")


def rows(words: Words, found: Sequence[Row], now: datetime) -> str:
    """The list of conversations."""
    if not found:
        return el("p", "empty", safe(words("no_talks")))
    return el("div", "rows", *(_row(words, row, now) for row in found))


def _row(words: Words, row: Row, now: datetime) -> str:
    name = row.name or words("nameless")
    dot = el("span", "dot is-wait", "●", title=words("unanswered")) if row.waiting else el("span", "dot", "○")
    head = el(
        "span",
        "row-head",
        dot,
        el("b", "row-name", safe(name)),
        el("span", "quiet small", safe(ago(words, row.at, now))),
    )
    last = el("span", "row-last", safe(row.last.replace("\n", " ")[:40] or words("empty_talk")))
    css = "act row is-open" if row.open else "act row"
    return f'<button type="button" class="{css} do-open-{safe(row.id)}">{head}{last}</button>'


def ago(words: Words, at: datetime, now: datetime) -> str:
    """How long ago, in a word."""
    minutes = int((now - at).total_seconds() // 60)
    if minutes < 1:
        return words("just_now")
    if minutes < 60:
        return words("minutes", n=minutes)
    if at.date() == now.date():
        return f"{at:%H:%M}"
    return words("yesterday") if (now.date() - at.date()).days == 1 else f"{at:%m-%d}"


def card_line(words: Words, customer: Customer | None) -> str:
    """The folded card's one line, as plain text."""
    if customer is None:
        return words("card_empty")
    parts = [customer.name or words("nameless"), customer.risk_level or words("unknown_level")]
    if customer.assessed_on:
        parts.append(words("assessed", on=customer.assessed_on.isoformat()))
    if customer.age is not None:
        parts.append(words("years", n=customer.age))
    for holding in customer.holdings[:1]:
        amount = f" {holding.amount / 1e4:g}万" if holding.amount else ""
        parts.append(f"{holding.name}{amount}")
        if holding.maturity:
            parts.append(words("matures", on=f"{holding.maturity:%m-%d}"))
    return " · ".join(parts)


def chat(words: Words, messages: Sequence[StoredMessage], customer: Customer | None) -> str:
    """What was said, oldest first."""
    if not messages:
        return el(
            "div", "empty", el("p", "", safe(words("chat_empty"))), el("p", "quiet", safe(words("chat_empty_more")))
        )
    name = (customer.name if customer else "") or words("customer")
    return el("div", "chat", *(_message(words, m, name) for m in messages))


def _message(words: Words, message: StoredMessage, customer: str) -> str:
    hers = message.role == "customer"
    who = el("p", "quiet small", safe(f"{customer if hers else words('me')} {message.at:%H:%M}"))
    return el("div", f"said {'hers' if hers else 'mine'}", who, el("p", "bubble", safe(message.text)))


def understanding(words: Words, proposal: Proposal | None) -> str:
    """Confidence, state, ledger and passages: quiet until asked."""
    if proposal is None:
        return ""
    return _quarantined(words, proposal) + _ledger(words, proposal.understanding) + _passages(words, proposal)


def _quarantined(words: Words, proposal: Proposal) -> str:
    """That the customer's words or card hold orders to the system, and which."""
    if not proposal.quarantined:
        return ""
    quotes = "；".join(finding.quote[:40] for finding in proposal.quarantined)
    return el("div", "chips", el("span", "chip is-warn", "! ", safe(words("quarantined")), title=quotes))


def confidence(words: Words, found: Understanding | None, chosen: bool) -> str:
    """How sure the classifier is, and what else matters about the customer's state."""
    if found is None:
        return ""
    sure = words("yours") if chosen else f"{found.confidence:.0%}"
    parts = [el("span", "chip", safe(sure))]
    parts += [el("span", "chip", safe("+ " + labels.intent(words, label))) for label in found.secondary[:2]]
    if found.state != "calm":
        parts.append(el("span", "chip is-warn", "! ", safe(labels.state(words, found.state))))
    if not found.selling:
        parts.append(el("span", "chip is-warn", "! ", safe(words("no_selling"))))
    return el("div", "chips", *parts)


def _ledger(words: Words, found: Understanding) -> str:
    known = []
    for letter in found.ledger.present:
        quotes = "".join(f"「{safe(e.quote)}」" for e in found.ledger.letter(letter)[:2])
        known.append(el("span", "chip known", f"<b>{letter}</b> ", quotes, title=words(letter)))
    missing = [el("span", "chip", f"<b>{s}</b> ", safe(words(s))) for s in _LETTERS if s in found.ledger.missing]
    first = el("span", "quiet", safe(words("known"))) + (
        "".join(known) or el("span", "quiet", safe(words("ledger_none")))
    )
    second = el("span", "quiet", safe(words("missing"))) + "".join(missing) if missing else ""
    return el("div", "chips ledger", first, second)


def _passages(words: Words, proposal: Proposal) -> str:
    if not proposal.found:
        return el("p", "quiet", safe(words("no_passages")))
    inside = [_passage(words, p) for p in proposal.passages]
    return fold("passages", safe(words("passages", n=len(inside))), *inside)


def _passage(words: Words, passage: Passage) -> str:
    note = words(f"{passage.note}_note") if passage.note in ("held", "superseded") else passage.note
    mark = el("span", "chip is-warn", "! ", safe(note)) if note else ""
    head = el("span", "passage-title", safe(passage.title)) + mark + el("span", "quiet small", safe(passage.document))
    return fold("passage", head, el("p", "passage-text", safe(passage.text)))


def suggestion(words: Words, view: Suggestion) -> str:
    """The candidates, and what is going on."""
    cards = "".join(_card(words, card, view.proposal) for card in view.cards)
    if view.stage == "failed":
        again = button("small-button", "again", words("retry"))
        return failed(words, view.failure, view.detail, again) + cards
    if view.stage == "nothing":
        return el("p", "empty", safe(words("nothing_yet")))
    if view.stage == "waiting":
        return el("p", "empty", safe(words("waiting")))
    if view.stage == "reading":
        return _working(words("reading")) + _ghost() * 2
    if view.stage == "drafting" and len(view.cards) < view.planned:
        says = words("drafting", n=len(view.cards) + 1, of=view.planned)
        return cards + _working(says) + _ghost() * (view.planned - len(view.cards))
    return cards


def failed(words: Words, failure: Failure, detail: str = "", *more: str) -> str:
    """What happened, what still works, what to do. `detail` is the error's own line; only its field is shown."""
    field = _FIELDS.get(detail.split(":")[0].split(".")[0])
    if failure == "input" and field:
        return banner("bad", words("fail_field", field=words(field).split("（")[0].split(" (")[0]), *more)
    if failure == "input" and "longer" in detail:
        return banner("bad", words("fail_long"), *more)
    return banner("bad", words(f"fail_{failure or 'other'}"), *more)


def _working(says: str) -> str:
    bar = el("span", "working-bar", "")
    return el("div", "working", bar, el("span", "", safe(says)), el("span", "elapsed", ""), role="status")


def _ghost() -> str:
    return el("div", "candidate ghost", el("p", "", ""), el("p", "", ""), el("p", "", ""))


def _card(words: Words, card: Card, proposal: Proposal | None) -> str:
    candidate, number = card.candidate, card.index + 1
    findings = candidate.verdict.findings
    head = el(
        "div",
        "candidate-head",
        el("b", "number", str(number)),
        el("span", "move", safe(labels.move(words, candidate.move))),
        badge(words, candidate.verdict.outcome),
    )
    reason = el("p", "quiet small", safe(candidate.reason)) if candidate.reason else ""
    text = el("p", "candidate-text", marked(candidate.text, findings))
    said = ""
    if candidate.disclosure:
        shown = marked(candidate.disclosure, findings, len(candidate.text) + 1)
        said = fold("disclosure", safe(words("disclosure")), el("p", "", shown))
    notes = finding_items(words, candidate.verdict, len(candidate.text), acts=False) if findings else ""
    origin = el("span", "quiet small", safe(words(f"from_{candidate.origin}")))
    use = button("use", f"adopt-{card.index}", words("adopt"), f"Alt+{number}")
    foot = el("div", "candidate-foot", use, el("span", "quiet small", f"Alt {number}"), origin)
    best = " best" if card.index == 0 else ""
    return el(
        "div",
        f"candidate is-{candidate.verdict.outcome}{best}",
        head,
        reason,
        text,
        said,
        notes,
        _sources(words, card.quoted),
        foot,
    )


def _sources(words: Words, quoted: Sequence[Quoted]) -> str:
    if not quoted:
        return ""
    return el("div", "sources", el("span", "quiet small", safe(words("source"))), *(_quoted(words, q) for q in quoted))


def _quoted(words: Words, quoted: Quoted) -> str:
    if quoted.title in ("card", "message"):
        return el("span", "chip small", safe(f"{quoted.value} ← {words('from_' + quoted.title)}"))
    inside = el(
        "p", "passage-text", "…", safe(quoted.before), el("mark", "cited", safe(quoted.quote)), safe(quoted.after), "…"
    )
    return fold("source", safe(f"{quoted.value[:16]} ← {quoted.title}"), inside)


def verdict_line(words: Words, editing: Editing) -> str:
    """The guard's word on the editor's text, and its length. The class `fp-…` says which text it is about."""
    length = len(editing.text)
    css = "count is-long" if length > LONGEST_REPLY else "count"
    count = el("span", css, f"{length}/{LONGEST_REPLY}", title=words("too_long") if length > LONGEST_REPLY else "")
    if editing.verdict is not None and not editing.stale:
        word = badge(words, editing.verdict.outcome)
    else:
        word = el("span", "badge", "— ", safe(words("unchecked"))) if editing.text.strip() else ""
    checking = el("span", "badge checking", "… ", safe(words("checking")))
    state = "open" if editing.releasable else "shut"
    return el("div", f"verdict fp-{fingerprint(editing.text)} gate-{state}", count, word, checking, role="status")


def findings(words: Words, editing: Editing) -> str:
    """What stands against the editor's text, and the disclosure that goes out beside it."""
    parts = []
    if editing.failure:
        parts.append(failed(words, editing.failure))
    elif editing.stale:
        parts.append(banner("warn", words("stale")))
    elif editing.text.strip() and not editing.ready:
        parts.append(banner("info", words("not_ready")))
    if editing.verdict is not None:
        parts.append(finding_items(words, editing.verdict, len(editing.text), acts=True))
    if len(editing.text) > LONGEST_REPLY:
        parts.append(el("p", "small is-long", "! ", safe(words("too_long"))))
    if editing.disclosure:
        shown = marked(editing.disclosure, editing.verdict.findings if editing.verdict else (), len(editing.text) + 1)
        parts.append(fold("disclosure", safe(words("disclosure")), el("p", "", shown)))
    return "".join(parts)


def sent(words: Words, view: Sent) -> str:
    """What became of it. The class `copy-…` tells the page's script to copy the released text once."""
    if view.what == "released":
        text = el("p", f"released-text copy-{view.entry}", safe(view.text))
        again = button("small-button", "copy-text", words("copy"))
        more = ""
        if view.disclosure:
            second = button("small-button", "copy-disclosure", words("copy"))
            more = el(
                "div",
                "second",
                el("b", "small", safe(words("second_bubble"))),
                second,
                el("p", "released-disclosure small", safe(view.disclosure)),
            )
        note = "" if view.noted else el("p", "small", safe(words("released_unnoted")))
        done = banner("good", words("released", entry=view.entry), again)
        return el("div", "released", done, text, note, more)
    if view.what == "held":
        return banner("warn", words("held"))
    if view.what == "referred":
        return banner("good", words("referred", entry=view.entry))
    if view.what == "stale":
        return banner("warn", words("stale"))
    return failed(words, view.failure) if view.what == "failed" else ""


def outcomes(words: Words, found: Sequence[Outcome]) -> str:
    """One's own referrals."""
    if not found:
        return ""
    items = [_outcome(words, item) for item in found]
    return el("div", "outcomes", el("h2", "area", safe(words("outcomes"))), *items)


def _outcome(words: Words, item: Outcome) -> str:
    kinds = {"approved": "pass", "returned": "review", "rejected": "block"}
    icons = {"approved": "✓", "returned": "↩", "rejected": "✕", "": "…"}
    kind = kinds.get(item.decision, "wait")
    word = el("span", f"badge is-{kind}", f"<b>{icons[item.decision]}</b> ", safe(words(item.decision or "pending")))
    head = el("p", "row-head", word, el("b", "row-name", safe(item.customer or words("nameless"))))
    reason = el("p", "small", safe(item.reason)) if item.reason else ""
    act = ""
    if item.decision == "approved":
        act = (
            el("span", "quiet small", safe(words("sent")))
            if item.sent
            else button("small-button", f"approved-{item.referral}", words("send_approved"))
        )
    return el("div", "outcome", head, el("p", "row-last", safe(item.text[:40])), reason, act)
