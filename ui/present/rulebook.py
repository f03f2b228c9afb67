"""The rule workbench as HTML."""

from __future__ import annotations

from collections.abc import Sequence

from copilot.rulebook import Publication
from copilot.scriptbook import NewScript
from copilot.trial import Tried
from guardrails.changes import Changes
from guardrails.privacy import mask
from guardrails.reread import Reread, gained, lost
from guardrails.rule import Rule
from ui import labels
from ui.handlers.ruling import Drafted, Shelf, Verdicts
from ui.leaf import deed, go
from ui.present.base import ICONS, badge, banner, el, safe, table
from ui.present.typeset import typeset
from ui.text import Words

TURNED_SHOWN = 60


def rules(words: Words, found: Shelf) -> str:
    """Every rule, with whether it is on; what the draft changes is marked."""
    rows = []
    before = {r.id: r for r in found.in_force.rules}
    for rule in found.rules.rules:
        off = rule.id in found.rules.off
        changed = off != (rule.id in found.in_force.off) or rule.severity != before[rule.id].severity
        changed = changed or rule.id in found.bench.in_force.added or rule.id in found.amendment.added
        mark = el("span", "badge is-warn", "✎ ", safe(words("r_changed"))) if changed else ""
        state = el("span", "badge is-block" if off else "badge is-pass", safe(words("r_off" if off else "r_on")))
        title = rule.title if words.language == "zh" else rule.title_en
        rows.append([go(rule.id, "rule", rule=rule.id), safe(title), _severity(words, rule.severity), state + mark])
    titles = [safe(words(k)) for k in ("f_rules", "r_title", "q_severity", "t_state")]
    return _draft_line(words, found) + table(titles, rows)


def _draft_line(words: Words, found: Shelf) -> str:
    if found.bench.proposed is not None:
        by = found.names.get(found.bench.proposed.by, found.bench.proposed.by)
        return banner("info", words("r_waiting", by=by), go(words("r_see"), "draft"))
    if found.bench.draft is not None and found.bench.draft != found.bench.in_force:
        return banner("info", words("r_in_draft"), go(words("r_see"), "draft"))
    return el("p", "quiet small", safe(words("r_note")))


def rule(words: Words, found: Shelf, name: str, said: Verdicts) -> str:
    """One rule: what it says, its words of the bank's own, its examples, and its switch."""
    opened = found.rule(name)
    off = opened.id in found.rules.off
    title = opened.title if words.language == "zh" else opened.title_en
    head = el("div", "case-head", el("h2", "area", safe(f"{opened.id} {title}")), go(words("t_back"), "rules"))
    switch = deed(words("r_switch_on" if off else "r_switch_off"), "on" if off else "off", name)
    parts = [head, el("p", "", _severity(words, opened.severity), " ", switch)]
    if opened.statutory:
        parts.append(banner("warn", words("r_statutory")))
    parts += [
        el("p", "", safe(typeset(opened.message))),
        el("p", "quiet small", safe(f"{words('basis')} {typeset(opened.basis)}")),
    ]
    parts.append(_word_chips(words, words("r_own_words"), found.amendment.added.get(name, ()), name))
    return "".join(parts) + _verdicts(words, said) + _examples(words, opened)


def _verdicts(words: Words, said: Verdicts) -> str:
    """Compliance's own verdicts on what the rule held."""
    parts = []
    for key, those in (("r_rightly", said.rightly), ("r_wrongly", said.wrongly)):
        if those:
            items = [el("li", "small", safe(text)) for text in those]
            parts.append(el("h3", "area", safe(words(key))) + el("ul", "steps", *items))
    return "".join(parts)


def _severity(words: Words, severity: str) -> str:
    return el("span", f"badge is-{severity}", f"<b>{ICONS[severity]}</b> ", safe(words(f"r_{severity}")))


def _examples(words: Words, opened: Rule) -> str:
    parts = []
    for key, examples in (("r_fails", opened.fails), ("r_passes", opened.passes)):
        items = [el("li", "small", safe(e.text)) for e in examples[:12]]
        parts.append(el("h3", "area", safe(words(key))) + el("ul", "steps", *items))
    return "".join(parts)


def _word_chips(words: Words, title: str, those: Sequence[str], name: str) -> str:
    chips = [
        el("span", "chip", safe(w), " ", deed(words("r_drop"), "drop", f"{name}\n{w}", "quiet-button")) for w in those
    ]
    none = el("span", "quiet small", safe(words("r_no_words")))
    return el("h3", "area", safe(title)) + el("div", "chips", *(chips or [none]))


def lists(words: Words, found: Shelf) -> str:
    """The word lists the rules share."""
    own = {*found.bench.in_force.added, *found.amendment.added, *found.amendment.dropped}
    rows = [
        [go(name, "list", list=name), safe(len(those)), safe("、".join(those[:8])), "✎" if name in own else ""]
        for name, those in found.lists.items()
    ]
    titles = [safe(words(k)) for k in ("r_list", "r_count", "r_words", "t_state")]
    return _draft_line(words, found) + table(titles, rows)


def word_list(words: Words, found: Shelf, name: str) -> str:
    """One list; each word can be taken out."""
    head = el("div", "case-head", el("h2", "area", safe(words("r_list_of", name=name))), go(words("t_back"), "lists"))
    return head + _word_chips(words, words("r_words"), found.lists.get(name, ()), name)


def draft(words: Words, found: Drafted) -> str:
    """What the draft changes, what it would do to the archive, and who has to look."""
    bench, names = found.shelf.bench, found.shelf.names
    parts = [el("h2", "area", safe(words("tab_draft")))]
    if bench.proposed is not None:
        by = names.get(bench.proposed.by, bench.proposed.by)
        told = words("r_asked", by=by, remark=bench.proposed.remark)
        parts.append(banner("info", told))
        if bench.proposed.trial:
            parts.append(el("p", "quiet small", safe(words("r_tried_then", what=bench.proposed.trial))))
        if not found.may_publish:
            parts.append(el("p", "small", safe(words("own_hand"))))
    changed = _changes(words, found)
    if not changed:
        return "".join(parts) + el("p", "empty", safe(words("r_nothing")))
    return "".join(parts) + el("ul", "steps", *changed) + trial(words, found.tried)


def _changes(words: Words, found: Drafted) -> list[str]:
    """A line a change; a statutory rule made weaker says so."""
    now, before = found.shelf.rules, found.shelf.in_force
    items = []
    for name in sorted({*now.off} ^ {*before.off}):
        items.append(words("r_turned_off" if name in now.off else "r_turned_on", rule=name))
    mine, theirs = found.shelf.amendment, found.shelf.bench.in_force
    for sign, ours, others in (("＋", mine.added, theirs.added), ("－", mine.dropped, theirs.dropped)):
        for name in sorted({*ours, *others}):
            items += [f"{name} {sign} {w}" for w in ours.get(name, ()) if w not in others.get(name, ())]
            back = "－" if sign == "＋" else "＋"
            items += [f"{name} {back} {w}" for w in others.get(name, ()) if w not in ours.get(name, ())]
    items += _graded(words, found.changes)
    lines = [el("li", "", safe(item)) for item in items]
    weak = [name for name in now.weakened if name not in before.weakened]
    if weak:
        lines.append(el("li", "is-long", "! ", safe(words("r_weaker", rules="、".join(weak)))))
    return lines


def _graded(words: Words, changes: Changes) -> list[str]:
    found = []
    for change in changes.changed:
        for field in change.fields:
            if field.name == "severity":
                before, after = (words(f"r_{lines[0]}") for lines in (field.old, field.new))
                found.append(f"{change.id} {before} → {after}")
    return found


def trial(words: Words, tried: Tried) -> str:
    """How far the trial is, and what it found."""
    head = el("h2", "area", safe(words("r_trial")))
    if tried.stage == "none":
        return head + el("p", "quiet small", safe(words("r_not_tried")))
    if tried.stage == "reading":
        said = words("r_reading", done=tried.done, total=tried.total)
        bar = f'<progress class="bar" max="{max(tried.total, 1)}" value="{tried.done}" aria-label="{safe(said)}"></progress>'
        return head + el("div", "going", el("span", "", safe(said)), bar, deed(words("t_halt"), "stop"), role="status")
    if tried.stage != "done":
        return head + banner(
            "warn", words("r_trial_failed" if tried.stage == "failed" else "r_trial_stopped", why=tried.detail)
        )
    told = words("r_tried", total=tried.total, stricter=tried.stricter, milder=tried.milder)
    parts = [head, el("p", "", safe(told))]
    if tried.broken:
        names = "、".join(dict.fromkeys(f.rule for f in tried.broken))
        parts.append(banner("warn", words("r_broken", n=len(tried.broken), rules=names)))
    rows = [_turned(words, r) for r in tried.turned[:TURNED_SHOWN]]
    if rows:
        titles = [safe(words(k)) for k in ("before", "r_then", "f_rules", "t_words", "r_from")]
        parts.append(table(titles, rows))
    return "".join(parts)


def _turned(words: Words, found: Reread) -> list[str]:
    signs = " ".join([*(f"+{r}" for r in gained(found)), *(f"-{r}" for r in lost(found))])
    text = mask(found.text.text).replace("\n", " ")[:80]
    where = f"{words('o_' + found.text.origin)} {found.text.name.removeprefix('entry ')}"
    return [badge(words, found.was or "pass"), badge(words, found.now.outcome), safe(signs), safe(text), safe(where)]


def history(words: Words, found: Shelf) -> str:
    """What was published, newest first, each with the way back."""
    if not found.bench.published:
        return el("p", "empty", safe(words("r_no_history")))
    rows = [_published(words, p, found, newest=i == 0) for i, p in enumerate(reversed(found.bench.published))]
    titles = [safe(words(k)) for k in ("f_when", "n_by", "r_by", "r_remark", "t_acts")]
    return table(titles, rows)


def _published(words: Words, item: Publication, found: Shelf, *, newest: bool) -> list[str]:
    by, published = (found.names.get(n, n) for n in (item.proposed_by, item.published_by))
    state = safe(words("r_in_force")) + " " if newest else ""
    return [
        safe(f"{item.at:%Y-%m-%d %H:%M}"),
        safe(by),
        safe(published),
        safe(item.remark),
        state + deed(words("r_restore"), "restore", item.entry),
    ]


def script(words: Words, found: NewScript, sources: Sequence[str], by: str) -> str:
    """A proposed reply with the texts it came from."""
    head = el(
        "div", "case-head", el("h2", "area", safe(words("n_script", id=found.id))), go(words("t_back"), "scripts")
    )
    told = f"{labels.intent(words, found.intent)} · {labels.move(words, found.move)} · {labels.tone(words, found.tone)} · {by}"
    parts = [head, el("p", "quiet small", safe(told)), el("p", "candidate-text", safe(found.text))]
    parts.append(el("p", "", safe(words(f"n_{found.state}")), safe(f" {found.remark}")))
    items = [el("li", "small", safe(text)) for text in sources]
    return "".join(parts) + el("h3", "area", safe(words("n_sources", n=len(items)))) + el("ul", "steps", *items)
