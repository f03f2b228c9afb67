"""What the copilot suggests and what becomes of a reply, as HTML."""

from __future__ import annotations

from collections.abc import Sequence

from copilot.types import Ledger, Passage, Proposal, Spin, Understanding
from ui import labels
from ui.handlers.views import Card, Editing, Failure, Outcome, Quoted, Sent, Suggestion
from ui.present.base import badge, banner, button, el, finding_items, fingerprint, fold, marked, safe
from ui.present.beside import thumbs
from ui.text import Words

LONGEST_REPLY = 120
_FIELDS = {
    "name": "f_name",
    "risk_level": "f_level",
    "assessed_on": "f_assessed",
    "age": "f_age",
    "holdings": "f_holdings",
    "tags": "f_tags",
    "events": "f_events",
}
_LETTERS: tuple[Spin, ...] = ("S", "P", "I", "N")


def understanding(words: Words, proposal: Proposal | None) -> str:
    """Confidence, state, ledger and passages: quiet until asked."""
    if proposal is None:
        return ""
    return (
        _quarantined(words, proposal)
        + _unheard(words, proposal)
        + ledger(words, proposal.understanding)
        + _passages(words, proposal)
    )


def _quarantined(words: Words, proposal: Proposal) -> str:
    """That the customer's words or card hold orders to the system, and which."""
    if not proposal.quarantined:
        return ""
    quotes = "；".join(finding.quote[:40] for finding in proposal.quarantined)
    return el("div", "chips", el("span", "chip is-warn", "! ", safe(words("quarantined")), title=quotes))


def _unheard(words: Words, proposal: Proposal) -> str:
    """That the small model does not take what was typed as an instruction."""
    if not proposal.instructed or not proposal.provenance.prompt.startswith("draft-bundled"):
        return ""
    return el("p", "quiet small", "! ", safe(words("no_instruction")))


def confidence(words: Words, found: Understanding | None) -> str:
    """How sure the classifier is, and what else matters about the customer's state."""
    if found is None:
        return ""
    sure = words("yours") if found.by == "advisor" else words("sure", share=f"{found.confidence:.0%}")
    parts = [el("span", "chip", safe(sure))]
    parts += [el("span", "chip", safe("+ " + labels.intent(words, label))) for label in found.secondary[:2]]
    if found.state != "calm":
        parts.append(el("span", "chip is-warn", "! ", safe(labels.state(words, found.state))))
    if not found.selling:
        parts.append(el("span", "chip is-warn", "! ", safe(words("no_selling"))))
    return el("div", "chips", *parts)


def ledger(words: Words, found: Understanding) -> str:
    """What is known of her, what is missing, what is still open."""
    known = []
    for letter in found.ledger.present:
        quotes = "".join(f"「{safe(e.quote)}」" for e in found.ledger.letter(letter)[:2])
        known.append(el("span", "chip known", f"<b>{letter}</b> ", quotes, title=words(letter)))
    missing = [el("span", "chip", f"<b>{s}</b> ", safe(words(s))) for s in _LETTERS if s in found.ledger.missing]
    first = el("span", "quiet", safe(words("known"))) + (
        "".join(known) or el("span", "quiet", safe(words("ledger_none")))
    )
    second = el("span", "quiet", safe(words("missing"))) + "".join(missing) if missing else ""
    return el("div", "chips ledger", first, second, _open(words, found.ledger))


def _open(words: Words, kept: Ledger) -> str:
    """What she will come back with, and what she took back."""
    waiting = [
        el("span", "chip", f"「{safe(c.quote)}」", safe(f" {c.when}" if c.when else ""), title=words("open_hint"))
        for c in kept.open[-2:]
    ]
    gone = [el("span", "chip is-gone", f"「{safe(e.quote)}」") for e in kept.withdrawn[-2:]]
    parts = [el("span", "quiet", safe(words("open"))), *waiting] if waiting else []
    return "".join(parts + ([el("span", "quiet", safe(words("withdrawn"))), *gone] if gone else []))


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
        return _working(words, words("reading")) + _ghost() * 2
    if view.stage == "drafting" and len(view.cards) < view.planned:
        says = words("drafting", n=len(view.cards) + 1, of=view.planned)
        return cards + _working(words, says) + _ghost() * (view.planned - len(view.cards))
    return cards


def failed(words: Words, failure: Failure, detail: str = "", *more: str) -> str:
    """What happened, what still works, what to do. `detail` is the error's own line; only its field is shown."""
    field = _FIELDS.get(detail.split(":")[0].split(".")[0])
    if failure == "input" and field:
        return banner("bad", words("fail_field", field=words(field).split("（")[0].split(" (")[0]), *more)
    if failure == "input" and "longer" in detail:
        return banner("bad", words("fail_long"), *more)
    if failure == "busy":
        seconds = "".join(c for c in detail if c.isdecimal()) or "1"
        return banner("bad", words("busy", n=seconds), *more)
    return banner("bad", words(f"fail_{failure or 'other'}"), *more)


def _working(words: Words, says: str) -> str:
    bar = el("span", "working-bar", "")
    return el(
        "div",
        "working",
        bar,
        el("span", "", safe(says)),
        el("span", "elapsed", ""),
        button("quiet-button", "stop", words("stop")),
        role="status",
    )


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
    reason = el("p", "quiet small", safe(labels.reason(words, candidate.reason))) if candidate.reason else ""
    text = el("p", "candidate-text", marked(candidate.text, findings))
    said = ""
    if candidate.disclosure:
        shown = marked(candidate.disclosure, findings, len(candidate.text) + 1)
        said = fold("disclosure", safe(words("disclosure")), el("p", "", shown))
    notes = finding_items(words, candidate.verdict, len(candidate.text), acts=False) if findings else ""
    origin = el("span", "quiet small", safe(words(f"from_{candidate.origin}")))
    thumbs_up = thumbs(words, card)
    use = button("use", f"adopt-{card.index}", words("adopt"), f"Alt+{number}")
    foot = el("div", "candidate-foot", use, el("span", "quiet small", f"Alt {number}"), thumbs_up, origin)
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
        if len(editing.verdict.findings) > 1:  # not all of them are in sight on a low screen
            word += el("span", "count", safe(words("n_found", n=len(editing.verdict.findings))))
    else:
        word = el("span", "badge", "— ", safe(words("unchecked"))) if editing.text.strip() else ""
    checking = el("span", "badge checking", "… ", safe(words("checking")))
    state = "open" if editing.releasable else "shut"
    again = button("quiet-button", "rewrite", words("rewrite")) if editing.text.strip() and editing.ready else ""
    css = f"verdict fp-{fingerprint(editing.text)} gate-{state}"
    return el("div", css, again, count, word, checking, role="status")


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
        parts.append(finding_items(words, editing.verdict, len(editing.text), acts=True, before=editing.before))
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
        told = banner("good", words("referred", entry=view.entry))
        if view.holding is None:
            return told
        use = button("small-button", f"adopt-{view.holding}", words("adopt"))
        said = el("p", "released-text", safe(view.holding_text))
        return told + el("p", "holding", safe(words("holding")), use) + said
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
    if item.already:
        word += el("span", "chip small", safe(words("already")))
    head = el("p", "row-head", word, el("b", "row-name", safe(item.customer or words("nameless"))))
    said = words("said_by", by=item.by, reason=item.reason) if item.by else item.reason
    reason = el("p", "small", safe(said)) if item.reason else ""
    act = button("small-button", f"revise-{item.referral}", words("revise")) if item.revisable else ""
    if item.decision == "approved":
        act = (
            el("span", "quiet small", safe(words("sent")))
            if item.sent
            else button("small-button", f"approved-{item.referral}", words("send_approved"))
        )
    return el("div", "outcome", head, el("p", "row-last", safe(item.text[:40])), reason, act)
