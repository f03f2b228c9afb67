"""The trainer's page as HTML."""

from __future__ import annotations

from collections.abc import Sequence

from ui.handlers.measuring import Counts, Figure, Report
from ui.present.base import banner, el, safe, table
from ui.text import Words


def counts(words: Words, found: Counts) -> str:
    """What the record counts, each share with what it is a share of."""
    origins = dict(found.origins)
    tiles = [
        _tile(words, "c_proposals", found.proposals),
        _tile(words, "c_shown", found.shown),
        _tile(words, "c_model", origins.get("model", 0), found.shown),
        _tile(words, "c_script", origins.get("script", 0), found.shown),
        _tile(words, "c_released", found.released),
        _tile(words, "c_edited", found.edited, found.released),
        _tile(words, "c_held", found.held),
        _tile(words, "c_referred", found.referred),
    ]
    return el("h2", "area", safe(words("record_counts"))) + el("div", "tiles", *tiles)


def _tile(words: Words, key: str, count: int, of: int | None = None) -> str:
    share = words("of_n", of=of, share=f"{count / of:.0%}") if of else ""
    return el(
        "div",
        "tile",
        el("b", "tile-number", str(count)),
        el("span", "", safe(words(key))),
        el("span", "quiet small", safe(share)),
    )


def evaluation(words: Words, found: Sequence[Report]) -> str:
    """The newest report, each figure with its n, beside the one before."""
    head = el("h2", "area", safe(words("evaluation")))
    if not found:
        return head + el("p", "empty", safe(words("no_reports")))
    newest = found[0]
    if newest.wrong:
        return head + banner("warn", words("bad_report", file=newest.file, wrong=newest.wrong))
    before = {(f.suite, f.name): f for f in found[1].figures} if len(found) > 1 else {}
    titles = [safe(words(k)) for k in ("suite", "figure", "value", "before", "n")]
    rows = [_cells(figure, before.get((figure.suite, figure.name))) for figure in newest.figures]
    files = " · ".join(report.file for report in found)
    return head + table(titles, rows) + el("p", "quiet small", safe(files))


def _cells(figure: Figure, before: Figure | None) -> list[str]:
    return [safe(figure.suite), safe(figure.name), _value(figure), _value(before) if before else "—", str(figure.n)]


def _value(figure: Figure) -> str:
    return f"{figure.value:.4g}" if isinstance(figure.value, float) else safe(figure.value)
