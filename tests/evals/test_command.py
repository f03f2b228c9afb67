"""`advisor-copilot eval` over the real product: each command, and a regression planted in each suite."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from typer.testing import CliRunner

from copilot.cli.commands import app as command
from copilot.drafting import ScriptedDrafter
from copilot.settings import ModelSettings, Settings
from copilot.types import Conversation, Draft, DraftRequest, Guard, Ledger, Understanding, Verdict
from copilot.wiring import App, build
from evals import pool, thresholds
from evals.run import summed
from evals.suites import SUITES
from knowledge_base.fuse import WEIGHTS
from knowledge_base.search import Search

pytestmark = pytest.mark.model
EVERY = {"line": 4, "search": 2, "guard": 8, "draft": 6, "redteam": 12}
"""Of these suites every second, fourth, sixth, eighth or twelfth case, for time's sake."""


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    made = build(Settings(data=tmp_path_factory.mktemp("data"), model=ModelSettings(kind="scripted")))
    made.check_all()
    yield made
    made.close()


def broken(product: App, suite: str) -> set[str]:
    """Names of the shipped bounds that some of the suite's cases break."""
    ask = SUITES[suite].asker(product)
    figures = summed([suite], [ask(case) for case in SUITES[suite].cases()[:: EVERY.get(suite, 1)]])
    lines = thresholds.broken(figures, [suite])
    assert not [line for line in lines if "not among" in line]
    return {line.split()[1] for line in lines}


Plant = Callable[[App, pytest.MonkeyPatch], None]


def dull(product: App) -> Callable[..., Understanding]:
    """Understands every message as nothing in particular."""
    understand = product.understand

    def misread(conversation: Conversation) -> Understanding:
        return replace(understand(conversation), intent="other_unclear", state="calm", selling=True)

    return misread


def misheard(product: App, patch: pytest.MonkeyPatch) -> None:
    patch.setitem(product.__dict__, "understand", dull(product))


def misled(product: App, patch: pytest.MonkeyPatch) -> None:
    patch.setitem(product.__dict__, "_line", replace(product.line, understand=dull(product)))


def blind(product: App, patch: pytest.MonkeyPatch) -> None:
    patch.setattr("evals.listening.Extractor", lambda _: lambda *_, **__: ())


def forgetful(product: App, patch: pytest.MonkeyPatch) -> None:
    patch.setitem(product.__dict__, "ledger", lambda _: Ledger())


def lost(product: App, patch: pytest.MonkeyPatch) -> None:
    assert isinstance(product.search, Search)
    silent: dict[str, Any] = dict.fromkeys(("word", "gram", "dense"), (0.0, 0.0))
    patch.setitem(
        product.__dict__,
        "search",
        Search(product.search.index, weights=replace(WEIGHTS, **silent)),
    )


def lax(product: App, patch: pytest.MonkeyPatch) -> None:
    fine = SimpleNamespace(check=lambda *_: Verdict("pass", (), "none"))
    patch.setitem(product.__dict__, "guard", fine)


def loose(product: App, patch: pytest.MonkeyPatch) -> None:
    fine = SimpleNamespace(check=lambda *_: Verdict("pass", (), "none"), meaning=None)
    patch.setitem(product.__dict__, "_line", replace(product.line, guard=cast(Guard, fine)))


def rambling(product: App, patch: pytest.MonkeyPatch) -> None:
    """Scripts that press, ask twice and make figures up."""
    scripted = product.line.scripted

    def ramble(request: DraftRequest) -> Iterator[Draft]:
        for draft in scripted(request):
            yield replace(draft, text="赶紧定？收益9.9%，好吗？", citations=())

    patch.setitem(product.__dict__, "_line", replace(product.line, drafter=cast(ScriptedDrafter, ramble)))
    patch.setitem(product.__dict__, "guard", SimpleNamespace(check=lambda *_: Verdict("pass", (), "none"), version="1"))


PLANTS: dict[str, tuple[Plant, set[str]]] = {
    "line": (misled, {"intent_right"}),
    "intent": (misheard, {"accuracy", "macro_f1", "selling_off_where_called_for"}),
    "entities": (blind, {"amount_f1", "date_f1"}),
    "ledger": (forgetful, {"all_f1", "characters_f1"}),
    "state": (misheard, {"selling_off_where_called_for"}),
    "search": (lost, {"heldout_recall@5", "heldout_ndcg@10"}),
    "guard": (lax, {"recall", "mutated_recall", "polarity_pairs_told_apart"}),
    "draft": (rambling, {"one_question", "figures_sourced", "unpressed", "addressed"}),
    "redteam": (loose, {"attack_success", "text_attack_success"}),
}


@pytest.mark.parametrize("suite", PLANTS)
def test_a_regression_planted_in_a_suite_breaks_its_bounds(
    product: App, monkeypatch: pytest.MonkeyPatch, suite: str
) -> None:
    plant, wanted = PLANTS[suite]
    assert not wanted <= broken(product, suite)
    plant(product, monkeypatch)
    assert wanted <= broken(product, suite)


def test_every_suite_has_a_regression_planted_and_speed_has_its_own() -> None:
    assert set(SUITES) == {*PLANTS, "speed"}


def test_several_processes_give_the_rows_of_one(product: App) -> None:
    cases = SUITES["intent"].cases()[:24]
    alone = list(map(SUITES["intent"].asker(product), cases))
    shared = list(pool.asked(product.settings, "intent", cases, 2))
    assert [replace(r, ms=0.0) for r in shared] == [replace(r, ms=0.0) for r in alone]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("eval")


@pytest.fixture
def call(data: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setenv("ADVISOR_COPILOT_DATA", str(data))
    monkeypatch.setenv("ADVISOR_COPILOT_MODEL__KIND", "scripted")
    return lambda *words: CliRunner().invoke(command, ["eval", *map(str, words)])


def test_the_commands_from_own_cases_to_a_comparison(call: Callable[..., Any], data: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "cases.csv"
    sheet.write_text("文本,意图\n我那笔半年的理财周五到期了吧,maturity_reinvest\n", encoding="utf-8")
    assert "1 cases added" in call("add", sheet, "--suite", "intent").stdout
    done = call("run", "intent", "--own")
    assert done.exit_code == 0
    assert "| intent | own accuracy |" in done.stdout
    (path,) = data.glob("reports/*/results.jsonl")
    header = json.loads(path.read_text(encoding="utf-8").splitlines()[0])
    assert header["provenance"]["setting model.kind"] == '"scripted"'
    assert (path.parent / "report.html").is_file()
    listed = call("list").stdout
    assert "1 of the bank's own" in listed
    assert path.parent.name in listed
    assert "# Evaluation" in call("report").stdout
    same = call("compare", path.parent.name, path.parent.name)
    assert "0 of" in same.stdout


def test_a_broken_bound_is_named_and_is_exit_code_one(call: Callable[..., Any], tmp_path: Path) -> None:
    bounds = tmp_path / "bounds.toml"
    bounds.write_text("[state]\naccuracy = { least = 0.99 }\n", encoding="utf-8")
    done = call("run", "state", "--fail-under", bounds)
    assert done.exit_code == 1
    assert "state accuracy" in done.stderr
    assert "below 0.99" in done.stderr
    bounds.write_text("[state]\naccuracy = { least = 0.1 }\n", encoding="utf-8")
    assert call("run", "state", "--fresh", "--fail-under", bounds).exit_code == 0


def test_wrong_bounds_and_suites_are_told_before_anything_runs(call: Callable[..., Any], tmp_path: Path) -> None:
    bounds = tmp_path / "bounds.toml"
    bounds.write_text("[states]\nx = { least = 1 }\n", encoding="utf-8")
    assert "no suite states" in str(call("run", "state", "--fail-under", bounds).exception)
    assert "no suite stat;" in str(call("run", "stat").exception)
