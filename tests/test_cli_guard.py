"""`advisor-copilot guard` as a compliance officer calls it: the product built once, a few rules of its own, a real record."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from datetime import timedelta

import pytest
import yaml
from typer.testing import CliRunner

import copilot.cli.guard
from copilot.cli.commands import app
from copilot.errors import CopilotError
from copilot.pipeline import release
from copilot.rereading import OnItsDay
from copilot.settings import GuardSettings, ModelSettings, Settings
from copilot.types import Edit, GuardContext
from copilot.wiring import App
from tests.copilot.fakes import NOW
from tests.guardrails.recorded import opened, sent
from tests.rulefolder import rule, written

CAPITAL = rule(patterns=["保本(?:保息)?|刚性兑付"], unless=["说明书"])
RISE = rule(
    "G04-market",
    severity="review",
    patterns=["<sure>涨", "还会涨"],
    fails=["还会涨"],
    passes=["有涨有跌"],
    statutory=True,
)


class Decided:
    """The record, with decisions put in as the desk puts them."""

    def __init__(self, record):
        self.record = record

    def append(self, *arguments, **named):
        return self.record.append(*arguments, **named)

    @property
    def entries(self):
        return self.record.read()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return written(tmp_path_factory.mktemp("rules"), CAPITAL, RISE, rule("G20-off", patterns=["秒到"], fails=["秒到"]))


@pytest.fixture(scope="module")
def product(tmp_path_factory, folder):
    own = GuardSettings(rules=folder, off=("G20-off",))
    data = tmp_path_factory.mktemp("data")
    made = App(Settings(data=data, guard=own, model=ModelSettings(kind="scripted")), lambda: NOW)
    line, proposal = opened(Decided(made.record), made.guard)
    assert release(line, proposal, Edit("有涨有跌，您看着办", "zhao")).released
    sent(Decided(made.record), "王姐，还会涨，我的电话13812345678", "approved")
    sent(Decided(made.record), "很稳，肯定涨", "rejected")
    yield made
    made.close()


@pytest.fixture
def call(product, monkeypatch):
    monkeypatch.setattr(copilot.cli.guard, "build", lambda: product)

    def run(*arguments: str, stdin: str | None = None):
        return CliRunner().invoke(app, ["guard", *map(str, arguments)], input=stdin)

    return run


@pytest.fixture
def refused(call):
    """What is said, in one line, where a command refuses its input."""

    def ask(*arguments: str, stdin: str | None = None) -> str:
        done = call(*arguments, stdin=stdin)
        assert isinstance(done.exception, CopilotError), done.output
        assert "\n" not in str(done.exception)
        return str(done.exception)

    return ask


def test_list_names_the_set_then_a_line_a_rule(call, product):
    first, *rows = call("list").stdout.splitlines()
    ruleset = product.guard.ruleset
    assert ruleset.version in first
    assert ruleset.hash[:16] in first
    assert product.guard.meaning.version in first
    assert [row.split()[0] for row in rows] == ["G01-capital", "G04-market", "G20-off"]
    assert "OFF (statutory)" in rows[2]
    assert "OFF" not in rows[0]
    assert "2021-06-27" in rows[0]
    assert "secondary" in rows[0]


def test_list_can_be_one_check_or_json(call, refused):
    assert "G01-capital" not in call("list", "--check", "g04").stdout
    found = json.loads(call("list", "--json").stdout)
    assert {r["id"]: r["on"] for r in found["rules"]} == {"G01-capital": True, "G04-market": True, "G20-off": False}
    assert "G99" in refused("list", "--check", "G99")


def test_show_tells_everything_and_names_the_nearest(call, refused, folder):
    told = call("show", "G01-capital").stdout
    for what in ("保本(?:保息)?", "刚性兑付", "某办法第一条", "这款不保本", "说明书", str(folder / "rules.yaml")):
        assert what in told
    assert "G01-capital" in refused("show", "G01-captial")


def test_the_rules_in_use_prove_themselves(call):
    done = call("test")
    assert (done.exit_code, done.stdout) == (0, "2 rules, 4 examples, 0 failures\n")


def test_a_rule_that_breaks_its_word_is_named_with_file_and_line(call, tmp_path):
    broken = written(tmp_path, rule(fails=["这款保本", "这款稳"], passes=["保本的"]))
    done = call("test", "--rules", broken)
    assert done.exit_code == 1
    missed, found, last = done.stdout.splitlines()
    assert re.match(rf"{re.escape(str(broken))}/rules\.yaml:\d+: G01-capital does not find: 这款稳$", missed)
    assert "G01-capital finds: 保本的" in found
    assert last == "1 rules, 3 examples, 2 failures"


def test_explain_shows_reading_findings_excuses_and_the_classifiers_signs(call):
    text = "这款保💰本，也有人说不保本"
    told = call("explain", text).stdout
    assert "这款保本,也有人说不保本" in told
    assert "finding   G01-capital block [2:5] “保💰本”" in told
    assert "reason: 不得承诺保本" in told
    assert "basis: 某办法第一条" in told
    assert re.search(r"let stand G01-capital \[11:13\] “保本”: \S", told)
    assert re.search(r"meaning +0\.\d{3} of being held, for G\d\d; held from 0\.\d{3}", told)
    assert len(re.findall(r"^ {10}[+-]\d\.\d{3}  ", told, re.MULTILINE)) == 10
    assert "not checked, for want of records: " in told


def test_explain_reads_standard_input(call, refused):
    assert "finding   G01-capital" in call("explain", stdin="这款保本\n").stdout
    assert "no text" in refused("explain", stdin="\n")


def test_diff_tells_rules_fields_and_texts(call, tmp_path):
    old = written(tmp_path / "old", rule(), rule("G02-gone", patterns=["放心"], fails=["放心"], passes=["好"]))
    told = call("diff", old).stdout
    assert told.startswith("2 added, 1 removed, 1 changed\n")
    assert "+ G04-market review" in told
    assert "- G02-gone block" in told
    assert "~ G01-capital: " in told
    assert "    + patterns: 刚性兑付" in told
    assert "example G02-gone: block → pass  (-G02-gone)\n    放心" in told
    assert "example G04-market: pass → review  (+G04-market)\n    还会涨" in told
    assert re.search(r"texts read \(\d+ example, \d+ scripts\): \d+ change their verdict", told)


def test_diff_lists_no_more_than_asked(call, tmp_path, folder):
    old = written(tmp_path / "old", rule(patterns=["没有这种话"]))
    told = call("diff", old, folder, "--most", "1").stdout
    assert told.count(" → ") == 1
    assert re.search(r"… and \d+ more", told)


def test_rescan_with_other_rules_shows_which_scripts_turn(call, product, tmp_path):
    script = next(s for s in product.library.content.scripts if "{" not in s.text)
    words = re.findall(r"[\u4e00-\u9fff]{4,}", script.text)[0]
    new = written(tmp_path, rule(patterns=[words], stance="none"))
    done = call("rescan", "--rules", new, "--over", "scripts", "--json")
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    assert found["read"] == {"scripts": len(product.library.content.scripts)}
    turned = {c["name"]: c for c in found["changed"]}[script.id]
    assert (turned["before"], turned["now"], turned["gained"]) == ("pass", "block", ["G01-capital"])
    assert f"rescan: {found['read']['scripts']}/{found['read']['scripts']}" in done.stderr


def test_rescan_reads_answers_and_papers_whose_figures_are_their_own(call, product):
    found = json.loads(call("rescan", "--over", "faq,products", "--json").stdout)
    assert found["read"]["faq"] >= len(product.library.content.faq)
    assert found["read"]["products"] > len(product.library.content.products)
    assert all(c["before"] is None and c["gained"] for c in found["changed"])


def test_rescan_compares_released_texts_with_the_verdict_of_their_release(call, tmp_path):
    assert "1 texts read (1 records): 0 change" in call("rescan", "--over", "records").stdout
    new = written(tmp_path, rule(patterns=["您看着办"], stance="none", severity="review"))
    told = call("rescan", "--over", "records", "--rules", new).stdout
    assert re.search(r"records entry \d+, 2026-11-22: pass → review  \(\+G01-capital\)\n    有涨有跌，您看着办\n", told)


def test_a_text_is_read_with_the_products_of_its_own_day(product, tmp_path):
    closing = next(p for p in product.library.content.products if p.status == "on_sale" and p.sale_to)
    unsold = rule("G27-not-on-sale", patterns=[], logic="not_on_sale", fails=["买"], passes=["好"])
    guard = OnItsDay(product, written(tmp_path, unsold))
    text = f"推荐您买{closing.name}"
    for days, outcome in ((-1, "pass"), (1, "block"), (-1, "pass")):
        then = GuardContext(at=closing.sale_to + timedelta(days=days))
        assert guard.check(text, then).outcome == outcome


def test_rescan_refuses_what_it_cannot_read(refused):
    assert "letters is not one of scripts, faq, products, records" in refused("rescan", "--over", "faq,letters")
    assert "nothing" in refused("rescan", "--over", " , ")
    assert "nowhere: not a folder" in refused("rescan", "--rules", "nowhere")


def test_alarms_count_what_compliance_released(call):
    rows = {r.lstrip("* ").split()[0]: r for r in call("alarms", "--budget", "0.3").stdout.splitlines()[2:]}
    assert rows["G04-market"].split() == ["*", "G04-market", "2", "2", "2", "1", "50%"]
    assert rows["G20-selling"].split() == ["G20-selling", "1", "1", "1", "0", "0%"]
    assert "*" not in call("alarms", "--budget", "0.5").stdout.split("\n", 1)[1]


def test_examples_are_yaml_without_names_and_numbers(call, refused):
    text = call("examples").stdout
    found = yaml.safe_load(text)
    assert found["G20-selling"] == {"fails": ["很稳，肯定涨"]}
    assert found["G04-market"]["passes"] == ["客户，还会涨，我的电话****5678"]
    assert re.search(r"# case-\d+, \d{4}-\d\d-\d\d \(not found without its conversation\)\n    - 很稳", text)
    assert list(yaml.safe_load(call("examples", "--rule", "G20-selling").stdout)) == ["G20-selling"]
    assert "G01-capital" in refused("examples", "--rule", "G01-captial")
    none = call("examples", "--rule", "G01-capital")
    assert (none.exit_code, none.stdout) == (0, "")
    assert "no decided case yet of G01-capital" in none.stderr


def test_the_words_for_wecom_leave_out_what_approved_texts_say(call, refused, tmp_path):
    path = tmp_path / "wecom.csv"
    done = call("export-wecom", path)
    with path.open(encoding="utf-8-sig", newline="") as table:
        head, *rows = csv.reader(table)
    assert head == ["规则名称", "检查", "敏感词"]
    assert rows == [["G01 承诺保本", "G01", "保本保息、刚性兑付"]]
    assert re.search(r"left out 保本: \S+ .*says it", done.stderr)
    assert "2 words in 1 rules, 1 left out" in done.stdout
    assert "2 words need 2 WeCom rules" in refused("export-wecom", path, "--words-per-rule", "1", "--rules", "1")
    assert "nowhere" in refused("export-wecom", tmp_path / "nowhere" / "x.csv")


def test_an_error_is_one_line_without_a_traceback(tmp_path, folder):
    env = {**os.environ, "ADVISOR_COPILOT_DATA": str(tmp_path), "ADVISOR_COPILOT_GUARD__RULES": str(folder)}
    done = subprocess.run(
        [sys.executable, "-m", "copilot.cli", "guard", "show", "G01-captial"],
        capture_output=True,
        text=True,
        timeout=120,
        env=env,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("advisor-copilot: no rule 'G01-captial'; the nearest are G01-capital")
    assert len(done.stderr.splitlines()) == 1
