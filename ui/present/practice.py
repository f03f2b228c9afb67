"""Customers of practice, a talk with its scores, and how they went over time, as HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evals.practice.coach import Kept
from evals.practice.customer import Told, customers
from evals.practice.hearing import Flaw
from evals.practice.scoring import HELD, Score, Scored
from evals.practice.talk import MOST, Exchange
from ui import labels
from ui.handlers.practising import Choice, Done, Progress
from ui.leaf import deed, go
from ui.present.base import badge, banner, el, safe, table
from ui.present.typeset import typeset
from ui.text import Words

_BARS = "▁▂▃▄▅▆▇█"
_ENDS = {"good": "good", "bad": "bad", "over": "info", "left": "info"}
LISTED = 40


def told(words: Words, both: Told) -> str:
    """Something in the page's language."""
    return both.zh if words.language == "zh" else both.en


def choices(words: Words, found: Sequence[Choice]) -> str:
    """Whom one can talk to."""
    rows = []
    for c in found:
        act = go(words("y_open"), "talk", practice=c.open) + " " if c.open else ""
        act += deed(words("y_begin"), "begin", c.buyer.id)
        best = _value(c.best) if c.best is not None else ""
        stars = el("span", "", "★" * c.buyer.hard, title=str(c.buyer.hard))
        about = safe(told(words, c.buyer.about))
        rows.append([safe(told(words, c.buyer.name)), about, stars, safe(c.times or ""), safe(best), act])
    titles = [safe(words(k)) for k in ("y_who", "y_about", "y_hard", "y_times", "y_best", "t_acts")]
    head = el("h2", "area", safe(words("y_title"))) + el("p", "quiet small", safe(words("y_note")))
    return head + table(titles, rows)


def talk(words: Words, kept: Kept, back: str) -> str:
    """A talk as far as it went; with its scores and what was hidden once it has ended. `back` is a button."""
    title = el("h2", "area", safe(told(words, kept.buyer.name)))
    parts = [el("div", "case-head", title, back), el("p", "quiet", safe(told(words, kept.buyer.about)))]
    said = [_said(words, "hers", kept.talk.opening)]
    for exchange in kept.talk.exchanges:
        said += [_mine(words, exchange), _said(words, "hers", exchange.reply)]
    parts.append(el("div", "case-talk", *said, role="log"))
    if kept.scored is None:
        turn = len(kept.talk.exchanges) + 1
        return "".join(parts) + el("p", "quiet small", safe(words("y_turn", n=turn, most=MOST)))
    parts.append(banner(_ENDS[kept.talk.ended], words(f"y_{kept.talk.ended}")))
    return "".join(parts) + _told_after(words, kept) + scores(words, kept.scored)


def _said(words: Words, whose: str, text: str) -> str:
    bubbles = [el("p", "bubble", safe(line)) for line in text.split("\n")]
    return el("div", f"said {whose}", *bubbles)


def _mine(words: Words, exchange: Exchange) -> str:
    heard = exchange.heard
    notes = ""
    if heard.flaws:
        what = "；".join(_flaw(words, f) for f in heard.flaws)
        css = "small is-long" if heard.outcome in HELD else "quiet small"
        notes = el("p", css, badge(words, heard.outcome), " ", safe(what))
    return el("div", "said mine", el("p", "bubble", safe(exchange.said)), notes)


def _flaw(words: Words, flaw: Flaw) -> str:
    quote = f"「{flaw.quote}」" if flaw.quote else ""
    return " ".join(
        part for part in (flaw.check, typeset(flaw.reason) + quote, labels.forbidden(words, flaw.check)) if part
    )


def _told_after(words: Words, kept: Kept) -> str:
    hidden = el("p", "", safe(told(words, kept.buyer.hidden)))
    note = "" if kept.buyer.sell else el("p", "", el("b", "", safe(words("y_nosale"))))
    met = set(kept.talk.met)
    needs = []
    for name, need in kept.buyer.needs.items():
        mark, word = ("is-pass", "y_need_met") if name in met else ("is-block", "y_need_open")
        needs.append(el("li", "", el("span", f"badge {mark}", safe(words(word))), " ", safe(told(words, need.what))))
    parts = [el("h3", "area", safe(words("y_hidden"))), hidden, note]
    return "".join([*parts, el("h3", "area", safe(words("y_needs"))), el("ul", "steps", *needs)])


def scores(words: Words, found: Scored) -> str:
    """The scores, each with the advisor's own line and a better one."""
    rows = []
    for score in found.scores:
        counts = f"{_value(score.value)} ({score.some}/{score.of})"
        quote = safe(f"{score.turn + 1}. {score.quote}") + _why(words, score)
        rows.append([safe(words(f"y_{score.name}")), safe(counts), quote, safe(score.better)])
    titles = [safe(words(k)) for k in ("y_score", "y_value", "y_quote", "y_better")]
    head = el("h3", "area", safe(words("y_scores")), " ", el("b", "", safe(_value(found.whole))))
    return head + el("div", "wide", table(titles, rows))


def _why(words: Words, score: Score) -> str:
    if not score.why:
        return ""
    known = f"y_why_{score.why}"
    return el("p", "small is-long", "! ", safe(words(known) if score.name != "compliance" else typeset(score.why)))


def _value(value: float) -> str:
    return f"{100 * value:.0f}"


def progress(words: Words, found: Progress) -> str:
    """One person's talks, newest first, and the line of their scores."""
    if not found.talks:
        return el("p", "empty", safe(words("y_none")))
    parts = []
    if found.wholes:
        parts.append(el("p", "", safe(words("y_over_time")), " ", _line(found.wholes)))
    return "".join(parts) + _list(words, [(found.person, d) for d in found.talks[:LISTED]], "talk", {})


def everybody(words: Words, found: Sequence[Progress], people: Mapping[str, str]) -> str:
    """Trainers' view: a line a person, then the talks."""
    if not any(p.talks for p in found):
        return el("p", "empty", safe(words("y_none_yet")))
    rows = []
    for p in found:
        last = _value(p.wholes[-1]) if p.wholes else ""
        best = _value(max(p.wholes)) if p.wholes else ""
        name = go(people.get(p.person, p.person), "practice", person=p.person)
        rows.append([name, safe(len(p.talks)), safe(last), safe(best), _line(p.wholes)])
    titles = [safe(words(k)) for k in ("y_person", "y_times", "y_last", "y_best", "y_trend")]
    done = sorted(((p.person, d) for p in found for d in p.talks), key=lambda x: x[1].stored.begun, reverse=True)
    head = el("h2", "area", safe(words("y_people"))) + table(titles, rows)
    return head + el("h2", "area", safe(words("y_talks"))) + _list(words, done[:LISTED], "practised", people)


def _list(words: Words, found: Sequence[tuple[str, Done]], view: str, people: Mapping[str, str]) -> str:
    rows = []
    for person, done in found:
        stored = done.stored
        name = told(words, customers()[stored.customer].name)
        end = words(f"y_{stored.ended}") if stored.ended else words("y_going")
        see = go(words("y_see" if stored.ended or people else "y_open"), view, practice=stored.id)
        whole = _value(done.scored.whole) if done.scored else ""
        each = (
            " · ".join(f"{words(f'y_{s.name}')} {_value(s.value)}" for s in done.scored.scores) if done.scored else ""
        )
        who = [safe(people.get(person, person))] if people else []
        rows.append([safe(f"{stored.begun:%m-%d %H:%M}"), *who, safe(name), safe(end), safe(whole), safe(each), see])
    keys = ("y_when", *(("y_person",) if people else ()), "y_who", "y_ended", "y_whole", "y_scores", "t_acts")
    return table([safe(words(k)) for k in keys], rows)


def _line(values: Sequence[float]) -> str:
    """Scores as small bars, with the figures for who cannot see them."""
    bars = "".join(_BARS[min(7, int(8 * v))] for v in values[-LISTED:])
    return el("span", "", bars, title=" ".join(_value(v) for v in values[-LISTED:]))
