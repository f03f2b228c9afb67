"""A run is written a line a case, goes on after a stop, is read back whole, and is shown and judged as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from copilot.errors import ContentError, InputError
from copilot.settings import ModelSettings, Settings
from copilot.wiring import App
from evals import compare, report, run, runs, thresholds
from evals.figures import Figure, Measure, fold, share, slowest
from evals.rows import Ask, Case, Row, Suite, numbered


@dataclass(frozen=True)
class Made:
    """Stands for the product's own provenance."""

    model: str = "m"
    rules: str = "r1"
    fallback: str = ""


class Product:
    """A product that answers `right` questions rightly and stops when told to."""

    def __init__(self, right: Sequence[str], stop_at: str = "", rules: str = "r1") -> None:
        self.right, self.stop_at = right, stop_at
        self.asked: list[str] = []
        self.settings = Settings()
        self.decider = None
        self.line = SimpleNamespace(provenance=lambda: Made(rules=rules))
        self.guard = SimpleNamespace(ruleset=SimpleNamespace(weakened=("G01",)))


CASES = [Case("toy", f"c{i}", "development" if i < 5 else "heldout", f"问题{i}") for i in range(10)]
ALL = [f"c{i}" for i in range(10)]


def ask_toy(app: App) -> Ask:
    product = cast(Product, app)

    def ask(case: Case) -> Row:
        if case.id == product.stop_at:
            raise KeyboardInterrupt
        product.asked.append(case.id)
        good = case.id in product.right
        return case.row({"hit": good}, good, 1.0, {"text": case.body})

    return ask


def toy_measures(rows: Sequence[Row]) -> list[Measure]:
    return [
        *share("toy", "accuracy", {r.case: r.outcome["hit"] for r in rows}),
        *slowest("toy", "p95_ms", {r.case: r.ms for r in rows}),
    ]


@pytest.fixture(autouse=True)
def suites(monkeypatch: pytest.MonkeyPatch) -> dict[str, Suite]:
    found = {"toy": Suite("toy", lambda: CASES, ask_toy, toy_measures)}
    for module in (run, compare, thresholds):
        monkeypatch.setattr(module, "SUITES", found)
    return found


def measured(folder: Path, right: Sequence[str] = ALL, minute: int = 0, **more: Any) -> runs.Run:
    product = cast(App, Product(right))
    return run.run(product, [], folder, lambda *_: None, at=datetime(2026, 11, 22, 10, minute), **more)


def test_a_run_is_a_header_a_line_a_case_a_line_a_figure_and_an_end(tmp_path: Path) -> None:
    done = measured(tmp_path, ALL[:9])
    lines = [json.loads(line) for line in done.path.read_text(encoding="utf-8").splitlines()]
    assert [line["line"] for line in lines] == ["run", *["case"] * 10, "figure", "figure", "end"]
    header = lines[0]
    assert (header["format"], header["suites"], header["own"]) == (1, ["toy"], False)
    made = header["provenance"]
    assert (made["model"], made["statutory rules weakened"]) == ("m", "G01")
    assert {"cases of toy", "seed", "commit", "machine"} <= set(made)
    accuracy = lines[11]
    assert (accuracy["name"], accuracy["value"], accuracy["n"]) == ("accuracy", 0.9, 10)
    assert accuracy["low"] < 0.9 < accuracy["high"]
    assert runs.read(done.path) == done


def test_held_out_words_stand_in_no_file_of_a_run(tmp_path: Path) -> None:
    done = measured(tmp_path, [])
    report.write(done)
    for path in done.path.parent.iterdir():
        text = path.read_text(encoding="utf-8")
        assert "问题4" in text
        assert "问题5" not in text


def stopped(folder: Path, minute: int = 0) -> Product:
    product = Product(ALL, stop_at="c4")
    with pytest.raises(KeyboardInterrupt):
        run.run(cast(App, product), [], folder, lambda *_: None, at=datetime(2026, 11, 22, 10, minute))
    return product


@pytest.mark.parametrize("torn", ["", '{"line": "case", "sui'])
def test_a_stopped_run_goes_on_where_it_ended(tmp_path: Path, torn: str) -> None:
    stopped(tmp_path)
    (path,) = runs.paths(tmp_path)
    with path.open("a", encoding="utf-8") as handle:
        handle.write(torn)
    assert not runs.read(path).finished
    told: list[tuple[str, int, int]] = []
    again = Product(ALL)
    done = run.run(cast(App, again), [], tmp_path, lambda *at: told.append(at), at=datetime(2026, 11, 22, 11))
    assert done.path == path
    assert again.asked == ALL[4:]
    assert told[-1] == ("toy", 10, 10)
    assert runs.read(path) == done
    assert done.figures[0].n == 10


def test_a_run_that_another_process_writes_is_left_alone(tmp_path: Path) -> None:
    stopped(tmp_path)
    (path,) = runs.paths(tmp_path)
    before = path.read_bytes()
    with runs.held(runs.read(path)), pytest.raises(InputError, match="--fresh"):
        measured(tmp_path, minute=1)
    assert path.read_bytes() == before
    with pytest.raises(InputError, match="in a moment"):
        measured(tmp_path, fresh=True)


def test_a_finished_a_changed_or_an_unwanted_run_does_not_go_on(tmp_path: Path) -> None:
    measured(tmp_path)
    stopped(tmp_path, 1)
    changed = Product(ALL, rules="r2")
    run.run(cast(App, changed), [], tmp_path, lambda *_: None, at=datetime(2026, 11, 22, 10, 2))
    assert changed.asked == ALL
    stopped(tmp_path, 3)
    assert measured(tmp_path, minute=4, fresh=True).name == "20261122-100400"
    assert len(runs.paths(tmp_path)) == 5
    assert measured(tmp_path, minute=5).name == "20261122-100500"


def test_settings_are_told_and_secrets_are_not() -> None:
    settings = Settings(model=ModelSettings(kind="remote", base_url="http://10.0.0.5", api_key="sesame", threads=4))
    told = dict(runs.changed(settings))
    assert told == {"model.kind": '"remote"', "model.threads": "4", "model.base_url": "(set)", "model.api_key": "(set)"}
    assert dict(runs.changed(Settings())) == {}


@pytest.mark.parametrize(
    "line", ['{"line": "verdict"}', "[]", "{", '{"line": "case", "suite": "x"}', '{"line": "run", "format": 0}']
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str) -> None:
    path = measured(tmp_path).path
    number = len(path.read_text(encoding="utf-8").splitlines()) + 1
    with path.open("a", encoding="utf-8") as handle:
        handle.write(line + "\n")
    with pytest.raises(ContentError, match=f"results.jsonl:{number}"):
        runs.read(path)


def test_runs_are_found_by_name_and_age(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="eval run"):
        runs.named(tmp_path, "newest")
    first, second = measured(tmp_path), measured(tmp_path, minute=1)
    stopped(tmp_path, 2)
    assert runs.named(tmp_path, "newest") == second
    assert runs.named(tmp_path, "before") == first
    assert runs.named(tmp_path, first.name) == first
    assert runs.named(tmp_path, str(first.path)) == first
    with pytest.raises(InputError, match=second.name):
        runs.named(tmp_path, "20200101-000000")


def test_an_unknown_suite_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there are toy"):
        run.run(cast(App, Product(ALL)), ["toys"], tmp_path, lambda *_: None)


def test_a_changed_held_out_file_stops_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evals.lock.hashes", lambda *_: {})
    with pytest.raises(ContentError, match="is gone"):
        measured(tmp_path)


def test_own_cases_stand_apart(tmp_path: Path) -> None:
    own = [Case("toy", "mine", "own", "我行的问题"), Case("else", "x", "own", "")]
    done = measured(tmp_path, ALL, own=own)
    value = {f.name: (f.value, f.n) for f in done.figures}
    assert value["accuracy"] == (1.0, 10)
    assert value["own_accuracy"] == (0.0, 1)
    assert "我行的问题" in report.as_markdown(done)


def test_cases_alike_are_told_apart() -> None:
    assert [c.id for c in numbered([CASES[0], CASES[1], CASES[0]])] == ["c0", "c1", "c0.2"]


def test_a_comparison_names_what_may_be_read_and_counts_the_rest(tmp_path: Path) -> None:
    a = measured(tmp_path, ["c0", "c1", "c5", "c6", "c7"])
    b = measured(tmp_path, ["c1", "c2", "c3"], minute=1)
    found = compare.compare(a, b)
    change = next(c for c in found.changes if c.name == "accuracy")
    assert (change.before, change.after, change.n) == (0.5, 0.3, 10)
    assert change.low < -0.2 < change.high
    assert change.p == pytest.approx(compare.mcnemar(4, 2))
    (turned,) = found.turned
    assert [r.case for r in turned.worse] == ["c0"]
    assert [r.case for r in turned.better] == ["c2", "c3"]
    assert (turned.worse_held, turned.better_held) == (3, 0)
    page = compare.as_markdown(found)
    assert "4 cases got worse, 3 of them held out" in page
    assert "问题0" in page
    assert "问题5" not in page
    assert "p95" not in page
    assert "p95" in compare.as_markdown(found, everything=True)


def test_only_shared_cases_are_compared(tmp_path: Path) -> None:
    a, b = measured(tmp_path), measured(tmp_path, minute=1)
    fewer = replace(b, rows=b.rows[3:])
    found = compare.compare(a, fewer)
    assert found.unshared == 3
    assert found.changes[0].n == 7
    other = replace(b, header=replace(b.header, suites=("guard",)))
    with pytest.raises(InputError, match="no suite in common"):
        compare.compare(a, other)


def test_what_else_changed_is_told(tmp_path: Path) -> None:
    a = measured(tmp_path)
    made = {**a.header.provenance, "rules": "r2", "cases of another": "7f"}
    b = replace(a, header=replace(a.header, provenance=made))
    assert compare.compare(a, b).provenance == (("rules", "r1", "r2"),)


def test_mcnemar_is_a_fair_coin() -> None:
    assert compare.mcnemar(0, 0) == 1
    assert compare.mcnemar(5, 5) == 1
    assert compare.mcnemar(0, 6) == pytest.approx(2 / 64)
    assert compare.mcnemar(1, 9) == pytest.approx(2 * 11 / 1024)


def test_newcombes_interval_is_the_published_one() -> None:
    """R. Newcombe 1998 on paired shares, method 10: 36, 12, 2 and 0 pairs give 0.0569 to 0.3404."""
    assert compare.newcombe(36, 2, 12, 0) == pytest.approx((0.0569, 0.3404), abs=1e-4)
    assert compare.newcombe(10, 0, 0, 0)[0] < 0 < compare.newcombe(10, 0, 0, 0)[1]


def test_a_mean_that_moved_everywhere_moved_clearly() -> None:
    def quotient(sums: Any) -> Any:
        return sums[..., 0] / sums[..., 1]

    (a,) = fold("toy", "m", {str(i): (i % 3, 1.0) for i in range(30)}, quotient)
    (b,) = fold("toy", "m", {str(i): (i % 3 + 0.1, 1.0) for i in range(30)}, quotient)
    (change,) = compare.changed(a, b)
    assert (change.low, change.high) == (pytest.approx(0.1), pytest.approx(0.1))
    assert change.clear
    (same,) = compare.changed(a, a)
    assert not same.clear


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("[toy]\naccuracy = { least = 0.8 }\n", []),
        ("[toy]\naccuracy = { least = 0.95 }\n", ["toy accuracy 0.900 (n 10): below 0.95"]),
        ("[toy]\naccuracy = { most = 0.5 }\n", ["toy accuracy 0.900 (n 10): above 0.5"]),
        ("[toy]\nrecall = { least = 0.5 }\n", ["toy recall: not among the figures of the run"]),
    ],
)
def test_a_planted_regression_breaks_its_bound(tmp_path: Path, text: str, lines: list[str]) -> None:
    path = tmp_path / "bounds.toml"
    path.write_text(text, encoding="utf-8")
    done = measured(tmp_path / "reports", ALL[:9])
    assert thresholds.broken(done.figures, done.header.suites, path) == lines
    assert thresholds.broken(done.figures, (), path) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[toy", "not TOML"),
        ("[toy]\nx = {}", "give `least`"),
        ("[toy]\nx = { lest = 1 }", "lest"),
        ("[toys]\nx = { most = 1 }", "no suite toys"),
    ],
)
def test_a_wrong_bound_is_named(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "bounds.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ContentError, match=what):
        thresholds.bounds(path)
    with pytest.raises(ContentError, match="gone"):
        thresholds.bounds(tmp_path / "gone.toml")


class Outside(HTMLParser):
    """Everything a page would fetch."""

    found: list[str]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [v for k, v in attrs if k in ("src", "href") and v and not v.startswith("#")]
        self.found += [tag] * (tag in ("script", "link", "iframe", "img"))


def test_the_page_needs_nothing_else_and_shows_what_is_known(tmp_path: Path) -> None:
    done = measured(tmp_path, ALL[1:9])
    html, text = report.write(done)
    page = html.read_text(encoding="utf-8")
    parser = Outside()
    parser.found = []
    parser.feed(page)
    assert parser.found == []
    assert "url(" not in page
    assert "0.800  [0.490, 0.943]  n 10" in page
    assert "1 cases to read, 1 held out and not shown" in page
    assert "| toy | accuracy | 0.800 | 10 | 0.490–0.943 |" in text.read_text(encoding="utf-8")


def intents() -> Iterator[Row]:
    for i, (wanted, got) in enumerate(
        [("complaint", "complaint"), ("complaint", "<b>"), ("market_view", "market_view")]
    ):
        outcome = {"wanted": wanted, "got": got, "confidence": 0.25 + i / 3}
        yield Row("intent", str(i), "heldout", "", outcome, wanted == got, 1.0)


def test_the_page_draws_labels_sureness_and_checks_and_escapes_all(tmp_path: Path) -> None:
    done = measured(tmp_path)
    figures = (
        Figure("intent", "accuracy", 0.5, 2),
        Figure("guard", "recall_G01", 1.0, 3, 0.4, 1.0),
        Figure("guard", "gain_over_x", -0.1, 3, -0.2, 0.0),
    )
    header = replace(done.header, suites=("intent", "guard"), provenance={"model": "<script>"})
    page = report.page.render(replace(done, header=header, rows=tuple(intents()), figures=figures))
    assert "complaint (2)" in page
    assert page.count("<circle") == 3
    assert re.search(r"<h3>Recall by check</h3><svg", page)
    assert re.search(r"over its parts</h3><table", page)
    assert "<script" not in page
    assert "<b>" not in page.replace("<b>0", "")


@pytest.mark.parametrize(("jobs", "apart", "shared"), [(2, True, True), (1, True, False), (2, False, False)])
def test_cases_are_shared_out_only_where_that_is_safe_and_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suites: dict[str, Suite], jobs: int, apart: bool, shared: bool
) -> None:
    asked: list[int] = []

    def pooled(_: Settings, suite: str, cases: Sequence[Case], many: int) -> Iterator[Row]:
        asked.append(many)
        return map(suites[suite].asker(cast(App, Product(ALL))), cases)

    monkeypatch.setattr(run, "MANY", 5)
    monkeypatch.setattr("evals.pool.asked", pooled)
    monkeypatch.setitem(suites, "toy", replace(suites["toy"], apart=apart))
    done = measured(tmp_path, jobs=jobs)
    assert bool(asked) is shared
    assert [r.case for r in done.rows] == ALL
    assert runs.read(done.path) == done


def test_a_long_text_stands_on_one_line_of_the_page(tmp_path: Path) -> None:
    done = measured(tmp_path)
    long = Row("toy", "c0", "development", "", {"hit": False}, False, 1.0, {"text": "头\n" + "闲话" * 2000 + "尾"})
    (line,) = [x for x in report.as_markdown(replace(done, rows=(long,))).splitlines() if x.startswith("- c0")]
    assert "头⏎闲话" in line
    assert line.endswith("尾")
    assert len(line) < 700


def test_a_stopped_run_says_so(tmp_path: Path) -> None:
    stopped(tmp_path)
    half = runs.read(runs.paths(tmp_path)[0])
    for page in (report.page.render(half), report.as_markdown(half)):
        assert "topped after 4 cases" in page
