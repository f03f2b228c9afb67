"""One case of compliance as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

import rjieba

from copilot.suitability import VALID_DAYS, assessed
from copilot.types import Customer
from ui import labels
from ui.handlers.reviewing import Case, Gone, Named, Step
from ui.present.base import (
    badge,
    banner,
    button,
    el,
    evidence,
    finding_items,
    fold,
    marked,
    outcome_word,
    safe,
    short,
    waited,
)
from ui.text import Words

MOST_FACTS = 12
"""Published values shown of one product."""
WRITTEN_ANEW = 0.4
"""Texts less alike than this are shown one after the other: a word here and there in common says nothing."""


def case(words: Words, opened: Case | None, valid_days: int = VALID_DAYS) -> str:
    """What was said, what was offered, what the advisor wants to send, why it is held, and whom and what it is about."""
    if opened is None:
        return el("p", "empty", safe(words("case_none"))) + el("p", "quiet small", safe(words("keys")))
    age = safe(words("waits", age=waited(words, opened.minutes)))
    head = [
        el("h2", "area", safe(words("case", entry=opened.entry))),
        badge(words, opened.verdict.outcome),
        el("span", "quiet small", safe(f"{opened.advisor} · {opened.at:%Y-%m-%d %H:%M}")),
    ]
    if not opened.decision:
        head.append(el("span", "late small" if opened.over else "quiet small", age))
    if opened.holder:
        held = words("q_held_me") if opened.mine else words("q_held", who=opened.holder)
        head.append(el("span", "badge holder", "◉ ", safe(held)))
    if opened.escalated_by:
        head.append(el("span", "badge is-warn", "▲ ", safe(words("escalated_mark", who=opened.escalated_by))))
    left = el("section", "case-talk", _talk(words, opened), _facts(words, opened, valid_days), _history(words, opened))
    right = el("section", "case-text", _texts(words, opened), _held(words, opened), _alike(words, opened))
    top = el("div", "case-head", *head) + _acts(words, opened) + state(words, opened)
    return top + el("div", "case", left, right)


def difference(words: Words, before: str, after: str) -> str:
    """Two texts as one, word by word, with what was taken out and what was put in."""
    old, new = rjieba.cut(before), rjieba.cut(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    steps = matcher.get_opcodes()
    if matcher.ratio() < WRITTEN_ANEW:
        steps = [("replace", 0, len(old), 0, len(new))]
    pieces = []
    for kind, b0, b1, a0, a1 in steps:
        if kind == "equal":
            pieces.append(safe("".join(old[b0:b1])))
            continue
        if b1 > b0:
            pieces.append(f'<del title="{safe(words("removed"))}">{safe("".join(old[b0:b1]))}</del>')
        if a1 > a0:
            pieces.append(f'<ins title="{safe(words("added"))}">{safe("".join(new[a0:a1]))}</ins>')
    return "".join(pieces)


def state(words: Words, opened: Case) -> str:
    """Why a case cannot be decided by this person, or what was decided."""
    if opened.sent is not None:
        return _gone(words, opened.sent) + state(words, replace(opened, sent=None))
    if opened.decision:
        decision = words(opened.decision)
        return banner("info", words("decided", by=opened.decided_by, decision=decision, reason=opened.reason))
    if opened.barred == "own":
        return banner("warn", words("own_case"))
    if opened.barred:
        who = opened.escalated_by if opened.barred == "escalated" else opened.holder
        return banner("info", words(f"w_{opened.barred}", who=who))
    if opened.verdict.outcome == "block":
        return banner("info", words("block_case", outcome=outcome_word(words, "block")))
    return ""


def _gone(words: Words, sent: Gone) -> str:
    at = f"{sent.at:%Y-%m-%d %H:%M}" if sent.at else words("gone_at")
    return banner("warn", words(f"gone_{sent.how}", at=at, release=sent.release))


def _acts(words: Words, opened: Case) -> str:
    if opened.barred:
        return ""
    if opened.mine:
        acts = [button("small-button", "release", words("put_down"))]
    else:
        acts = [button("small-button", "claim", words("take_over" if opened.holder else "claim"))]
    people = [button("small-button", f"assign-{name.encode().hex()}", shown) for name, shown in opened.eligible]
    inside = el("p", "chips", *people) if people else el("p", "quiet small", safe(words("nobody_else")))
    acts.append(fold("hand-on", safe(words("hand_on")), inside))
    if not opened.escalated_by:
        acts.append(button("small-button", "escalate", words("escalate"), words("escalate_hint")))
    return el("div", "case-acts", *acts)


def _talk(words: Words, opened: Case) -> str:
    lines = [el("h3", "area", safe(words("talk_shown")))]
    for turn in opened.turns:
        hers = turn.role == "customer"
        at = f" {turn.at:%m-%d %H:%M}" if turn.at else ""
        who = el("p", "quiet small", safe(words("customer" if hers else "me") + at))
        lines.append(el("div", f"said {'hers' if hers else 'mine'}", who, el("p", "bubble", safe(turn.text))))
    return "".join(lines)


def _facts(words: Words, opened: Case, valid_days: int) -> str:
    customer = el("h3", "area", safe(words("facts_customer"))) + _customer(words, opened, valid_days)
    products = el("h3", "area", safe(words("facts_products")))
    if not opened.products:
        products += el("p", "quiet small", safe(words("no_products")))
    return customer + products + "".join(_product(words, named, opened.text) for named in opened.products)


def _customer(words: Words, opened: Case, valid_days: int) -> str:
    card: Customer | None = opened.customer
    if card is None:
        return el("p", "quiet", safe(words("card_empty")))
    chips = [card.name or words("nameless"), card.risk_level or words("unknown_level")]
    valid = assessed(card, opened.at.date(), valid_days)
    on = card.assessed_on.isoformat() if card.assessed_on else ""
    chips.append(words("valid_card" if valid else "expired_card", on=on) if on else words("never_assessed"))
    if card.age is not None:
        chips.append(words("years", n=card.age))
    if card.aum is not None:
        chips.append(words("aum", n=f"{card.aum / 1e4:g}万"))
    if card.tags:
        chips.append(words("tags", tags="、".join(card.tags)))
    parts = [el("p", "chips", *(el("span", "chip", safe(chip)) for chip in chips))]
    for held in card.holdings:
        amount = f" {held.amount / 1e4:g}万" if held.amount else ""
        due = " " + words("matures", on=held.maturity.isoformat()) if held.maturity else ""
        parts.append(el("p", "small", safe(f"{held.name} {held.risk_level or ''}{amount}{due}")))
    parts += [el("p", "small quiet", safe(f"{e.at.isoformat()} {e.text}")) for e in card.events]
    return "".join(parts)


def _product(words: Words, named: Named, text: str) -> str:
    """A product and its published values, those that the text tells first."""
    product = named.product
    sale = words("p_upcoming_sale" if product.status == "upcoming" else f"p_{product.status}")
    fit = el("span", "chip" if named.fits else "chip is-warn", safe(words("fits" if named.fits else "fits_not")))
    head = el("p", "", el("b", "", safe(product.name)), safe(f" {product.risk_level or ''} · {sale} "), fit)
    told = el("span", "chip small", safe(words("told_here")))
    facts = [
        el(
            "li",
            "small",
            safe(f"{f.field} {f.value} "),
            told if f.value in text else "",
            _as_of(words, f.as_of.isoformat() if f.as_of else ""),
        )
        for f in sorted(product.facts, key=lambda f: f.value not in text)[:MOST_FACTS]
    ]
    return el("div", "fact-product", head, el("ul", "fact-list", *facts) if facts else "")


def _as_of(words: Words, on: str) -> str:
    return el("span", "quiet", safe(" " + words("as_of", on=on))) if on else ""


def _texts(words: Words, opened: Case) -> str:
    text = el("p", "candidate-text", marked(opened.text, opened.verdict.findings))
    parts = [el("h3", "area", safe(words("text_to_send"))), text]
    if opened.disclosure:
        shown = marked(opened.disclosure, opened.verdict.findings, len(opened.text) + 1)
        parts.append(el("p", "disclosure small", el("b", "", safe(words("disclosure"))), "<br>", shown))
    parts.append(el("h3", "area", safe(words("diff_sent" if opened.sent else "diff"))))
    if opened.shown is None:
        parts.append(el("p", "quiet", safe(words("diff_none"))))
    else:
        if opened.candidate is not None:
            origin = words(f"from_{opened.candidate.origin}")
            parts.append(el("p", "quiet small", safe(f"{labels.move(words, opened.candidate.move)} · {origin}")))
        parts.append(el("p", "diff", difference(words, opened.shown, opened.text)))
    newer = opened.text
    for before in opened.earlier:
        parts.append(el("h3", "area", safe(words("earlier", entry=before.entry))))
        parts.append(el("p", "diff", difference(words, before.text, newer)))
        decision = words(before.outcome)
        parts.append(
            el("p", "quiet small", safe(words("decided", by=before.by, decision=decision, reason=before.reason)))
        )
        newer = before.text
    return "".join(parts)


def _held(words: Words, opened: Case) -> str:
    parts = []
    if opened.remark:
        parts += [el("h3", "area", safe(words("remark_given"))), el("p", "remark", safe(opened.remark))]
    parts.append(el("h3", "area", safe(words("findings"))))
    parts.append(finding_items(words, opened.verdict, len(opened.text), acts=False))
    then = opened.verdict.rules_version
    same = then == opened.rules_now
    told = (then, opened.rules_now) if short(then) == short(opened.rules_now) and not same else None
    before, now = told or (short(then), short(opened.rules_now))
    lines = [words("rule_set" if same else "rule_set_now", then=before, now=now)]
    whole = [then]
    if opened.provenance is not None:
        p = opened.provenance
        lines.append(words("evidence", knowledge=p.knowledge[:8], model=f"{p.model} {p.model_sha256[:8]}".strip()))
        whole += [p.knowledge, p.model_sha256]
    parts.append(el("p", "quiet small" if same else "small", safe(" · ".join(lines)), title=" · ".join(whole)))
    parts.append(el("p", "", evidence(words, opened.entry)))
    return "".join(parts)


def _alike(words: Words, opened: Case) -> str:
    if not opened.like:
        return ""
    rows = [
        button("quiet-button", f"case-{a.entry}", f"{a.entry} {a.customer} · {a.advisor} · {waited(words, a.minutes)}")
        for a in opened.like
    ]
    return fold("alike", safe(words("alike", n=len(opened.like))), el("p", "chips", *rows))


def _history(words: Words, opened: Case) -> str:
    return el("h3", "area", safe(words("history"))) + el("ul", "steps", *_steps(words, opened.steps))


def _steps(words: Words, steps: Sequence[Step]) -> list[str]:
    found = []
    for step in steps:
        said = words(f"s_{step.what}", **({"to": step.to} if step.what == "assign" else {}))
        remark = safe(f"{words('colon')}{step.remark}") if step.remark else ""
        found.append(el("li", "small", safe(f"{step.at:%m-%d %H:%M} {step.who} {said}"), remark))
    return found
