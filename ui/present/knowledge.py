"""The knowledge page as HTML."""

from __future__ import annotations

from copilot.renewal import Renewed
from copilot.types import Passage
from knowledge_base.ingest.tray import Parcel
from ui import labels
from ui.handlers.papers import Deed, Found, OnTray, Opened, Row, Shelved, Shown
from ui.present.base import banner, button, el, safe
from ui.present.typeset import typeset
from ui.refusals import refusal
from ui.text import Words

_SIGNS = {
    "served": ("pass", "✓"),
    "soon": ("", "…"),
    "held": ("warn", "!"),
    "quarantined": ("block", "✕"),
    "upcoming": ("", "◷"),
    "ended": ("", "—"),
    "withdrawn": ("", "⊘"),
}
_SHEETS = (".xlsx", ".csv", ".tsv")
_NOTES = {"internal": "internal_note", "held": "held_note", "superseded": "superseded_note", "named": "named_note"}


def index(words: Words, renewed: Renewed, may_retry: bool) -> str:
    """How the index stands, where a person should know."""
    if renewed.stage == "rebuilding":
        return banner("info", words("index_works"), el("span", "elapsed", ""))
    if renewed.stage == "failed":
        retry = button("small-button", "reindex", words("retry")) if may_retry else ""
        return banner("bad", words("index_broke", why=renewed.detail), retry)
    return ""


def dropzone(words: Words, largest: int) -> str:
    """Where files are dropped or chosen."""
    choose = button("use", "choose", words("choose"))
    lead = el("p", "drop-lead", safe(words("drop_here")), " ", choose)
    return el("div", "drop", lead, el("p", "quiet small", safe(words("drop_what", mb=largest // 1_000_000))))


def sending(words: Words) -> str:
    """An empty place that the page's script fills while files are on their way, and the words it uses."""
    said = [
        el("span", f"say say-{key}", safe(words(f"t_{key}")))
        for key in ("sending", "queued", "stop", "stop_all", "sent", "lost", "remove")
    ]
    return el("div", "sending", *said)


def tray(words: Words, view: OnTray) -> str:
    """The files that came, each with what it says of itself or what became of it."""
    if not view.parcels:
        return el("p", "empty", safe(words("tray_empty")))
    rows = "".join(_parcel(words, parcel, view) for parcel in view.parcels)
    mine = [p for p in view.parcels if p.id in view.mine]
    acts = []
    if any(p.open for p in mine):
        acts.append(button("quiet-button", "discard", words("t_cancel")))
    if any(not p.open for p in mine):
        acts.append(button("quiet-button", "clear", words("t_clear")))
    return el("div", "parcels", rows, el("div", "parcel-acts", *acts))


def _parcel(words: Words, parcel: Parcel, view: OnTray) -> str:
    word = words(f"t_{parcel.outcome}" if parcel.stage == "done" else f"t_{parcel.stage}")
    sign, css = {
        "arrived": ("…", ""),
        "ready": ("○", "is-review"),
        "asked": ("…", ""),
        "done": ("✓", "is-pass"),
        "failed": ("✕", "is-block"),
    }[parcel.stage]
    acts = []
    if parcel.paper in view.numbers:
        acts.append(button("small-button", f"open-{view.numbers[parcel.paper]}", words("t_open")))
    if parcel.id in view.mine:
        acts.append(button("quiet-button", f"drop-{parcel.id}", words("t_remove")))
    working = el("span", "working-bar", "") if parcel.stage in ("arrived", "asked") else ""
    head = el(
        "div",
        "parcel-head",
        el("span", f"badge {css}", f"<b>{sign}</b> ", safe(word)),
        el("b", "parcel-name", safe(parcel.name), title=parcel.name),
        el("span", "quiet small", safe(size(parcel.size))),
        working,
        el("span", "parcel-act", *acts),
    )
    told = _told(words, parcel, view)
    return el("div", f"parcel is-{parcel.stage}", head, el("p", "parcel-told small", *told) if told else "")


def _told(words: Words, parcel: Parcel, view: OnTray) -> list[str]:
    said = []
    if parcel.stage == "ready":
        days = _days(words, parcel.starts, parcel.ends) if parcel.starts or parcel.ends else ""
        kind = labels.kind(words, parcel.kind) if parcel.kind else ""
        own = " · ".join(part for part in (kind, days) if part)
        said.append(safe(f"「{parcel.title}」 · {words('t_passages', n=parcel.passages)}"))
        said.append(safe(f"{words('t_says')} {own}" if own else words("t_silent")))
    if parcel.held and parcel.stage in ("ready", "done"):
        key = "t_held" if parcel.stage == "ready" else "t_held_done"
        said.append(el("span", "is-held", "! ", safe(words(key, n=parcel.held))))
    if parcel.note:
        said.append(el("span", "parcel-note", safe(refusal(words, parcel.note))))
    if parcel.id not in view.mine:
        said.append(safe(words("t_by", by=parcel.by)))
    return [piece for n, part in enumerate(said) for piece in ((" · ", part) if n else (part,))]


def size(count: int) -> str:
    """Bytes as a person reads them."""
    return f"{count / 1_000_000:.1f} MB" if count >= 100_000 else f"{max(1, round(count / 1000))} KB"


def rows(words: Words, view: Shelved, opened: int, filtered: bool) -> str:
    """The list of papers."""
    head = el("h2", "area", safe(words("papers_n", n=view.matching)))
    if not view.rows:
        return head + el("p", "empty", safe(words("papers_no_match" if filtered else "papers_none")))
    rest = view.matching - len(view.rows)
    more = button("quiet-button", "more", words("more", n=rest)) if rest else ""
    return el("div", "rows", head, *(_row(words, row, opened) for row in view.rows), more)


def _row(words: Words, row: Row, opened: int) -> str:
    css = "act row paper-row is-open" if row.number == opened else "act row paper-row"
    version = f" · {words('v_number', n=row.version)}" if row.version > 1 else ""
    days = _days(words, row.starts, row.ends) if row.starts or row.ends else ""
    quiet = " · ".join(part for part in (labels.kind(words, row.kind) + version, days) if part)
    head = el("span", "row-head", el("b", "row-name", safe(row.title), title=row.title), state(words, row))
    last = el("span", "row-last", safe(quiet))
    return f'<button type="button" class="{css} do-open-{row.number}">{head}{last}</button>'


def state(words: Words, row: Row) -> str:
    """A paper's state as icon, word and colour."""
    css, sign = _SIGNS[row.state]
    held = f" {row.held}" if row.state == "held" else ""
    return el("span", f"badge is-{css}" if css else "badge", f"<b>{sign}</b> ", safe(words(f"p_{row.state}") + held))


def paper(words: Words, view: Opened) -> str:
    """One paper: where it came from, what is held and why, its passages with their places, what was done with it."""
    row = view.row
    head = el(
        "div",
        "case-head",
        button("quiet-button", "upload", words("back")),
        el("h2", "paper-title", safe(row.title)),
        state(words, row),
    )
    facts = [
        safe(row.id),
        safe(labels.kind(words, row.kind)),
        safe(words("v_number", n=row.version)),
        safe(_days(words, row.starts, row.ends)),
        safe(words("p_from", by=view.by or "—", at=view.taken_at.replace("T", " ")[:16])),
    ]
    if view.product:
        facts.append(safe(words("p_product", id=view.product)))
    if view.internal:
        facts.append(safe(words("internal_note")))
    meta = el("p", "paper-meta quiet small", " · ".join(facts))
    return head + meta + _held(words, view) + _pieces(words, view) + _deeds(words, view.deeds)


def _held(words: Words, view: Opened) -> str:
    if not view.held:
        return ""
    note = ""
    if not view.may_release:
        note = banner("info", words("own_paper" if view.own else "only_compliance"))
    items = [_piece(words, view, piece) for piece in view.held]
    return el("section", "held", el("h3", "area", safe(words("held_pieces", n=len(view.held)))), note, *items)


def _pieces(words: Words, view: Opened) -> str:
    total = len(view.passages) + view.more
    more = button("quiet-button", "pieces", words("more_pieces", n=view.more)) if view.more else ""
    head = el("h3", "area", safe(words("pieces", n=total)))
    return el("section", "pieces", head, *(_piece(words, view, piece) for piece in view.passages), more)


def _piece(words: Words, view: Opened, piece: Shown) -> str:
    place = words("place", start=piece.start + 1, end=piece.end)
    if piece.page is not None:
        key = "place_row" if view.paper.lower().endswith(_SHEETS) else "place_page"
        place = f"{words(key, page=piece.page)} · {place}"
    head = el("p", "piece-head small", el("b", "", safe(piece.title)), " ", el("span", "quiet", safe(place)))
    text = el("p", "passage-text", _quoted(piece))
    if not piece.reason:
        return el("div", "piece", head, text)
    told = f"{typeset(piece.reason)} {labels.forbidden(words, 'G35')}".strip()
    why = el("p", "piece-why small", el("b", "", safe(words("held_why"))), " ", safe(told))
    act = button("small-button", f"free-{piece.number}", words("let_go")) if view.may_release else ""
    return el("div", "piece is-held", head, text, why, act)


def _quoted(piece: Shown) -> str:
    """A passage with the words marked for which it is held."""
    at = piece.text.find(piece.quote) if piece.quote else -1
    if at < 0:
        return safe(piece.text)
    end = at + len(piece.quote)
    return safe(piece.text[:at]) + el("mark", "is-block", safe(piece.quote)) + safe(piece.text[end:])


def _deeds(words: Words, deeds: tuple[Deed, ...]) -> str:
    if not deeds:
        return ""
    lines = [
        el(
            "li",
            "deed",
            el("span", "quiet", safe(f"{deed.at:%Y-%m-%d %H:%M}")),
            safe(f" {deed.by} {words(f'd_{deed.what}', n=deed.pieces)}"),
            safe(words("colon") + deed.remark if deed.remark else ""),
        )
        for deed in deeds
    ]
    return el("section", "deeds", el("h3", "area", safe(words("deeds"))), el("ul", "deed-list small", *lines))


def _days(words: Words, starts: object, ends: object) -> str:
    key = {(True, True): "days_between", (True, False): "days_from", (False, True): "days_until"}
    return words(key.get((bool(starts), bool(ends)), "days_any"), starts=starts, ends=ends)


def found(words: Words, view: Found) -> str:
    """What the search by hand gave, each passage with its source."""
    if not view.query:
        return el("p", "empty", safe(words("look_up_start")))
    if not view.passages:
        return el("p", "empty", safe(words("look_up_empty", query=view.query)))
    head = el("h2", "area", safe(words("look_up_n", n=len(view.passages))))
    near = banner("warn", words("look_up_none", query=view.query)) if not view.found else ""
    return (near or head) + "".join(_passage(words, passage) for passage in view.passages)


def _passage(words: Words, passage: Passage) -> str:
    note = _NOTES.get(passage.note)
    marks = el("span", "chip is-warn", safe(words(note))) if note else ""
    page = ""
    if passage.page is not None:
        sheet = passage.document.partition("@")[0].lower().endswith(_SHEETS)
        page = " · " + words("place_row" if sheet else "place_page", page=passage.page)
    source = f"{labels.kind(words, passage.kind)} · {passage.document}{page}"
    head = el("p", "piece-head", el("b", "", safe(passage.title)), " ", marks)
    text = el("p", "passage-text", safe(passage.text))
    return el("div", "piece", head, text, el("p", "quiet small", safe(source)))
