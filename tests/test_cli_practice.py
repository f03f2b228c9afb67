"""`advisor-copilot practice` as other programs see it: lines in, JSON lines out, exit codes by the contract."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from copilot.records import PracticeStore, UserStore, open_database
from evals.practice.customer import customer_of, customers

pytestmark = pytest.mark.model
NURSE = customer_of("nurse")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return tmp_path_factory.mktemp("practice")


@pytest.fixture(scope="module")
def call(data):
    def run(*arguments: str, stdin: str = ""):
        environment = {**os.environ, "ADVISOR_COPILOT_DATA": str(data), "ADVISOR_COPILOT_MODEL__KIND": "scripted"}
        command = [sys.executable, "-m", "copilot.cli", "practice", *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=300, env=environment, check=False)  # fmt: skip

    return run


def test_the_customers_are_listed(call):
    done = call("list")
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(customers())


def test_a_script_gives_a_line_a_turn_and_the_scores_and_is_kept_for_its_advisor(call, data):
    database = open_database(f"sqlite:///{data / 'record.db'}")
    UserStore(database).add("li", "advisor", "李经理", "a-good-password")
    said = ["夜班辛苦了。您看那款三年的，最不放心的是哪一点？", "这款保证赚钱，放心买"]
    (data / "lines.txt").write_text("\n\n".join(said), encoding="utf-8")
    done = call("--customer", "nurse", "--script", str(data / "lines.txt"), "--seed", "4", "--as", "li")
    assert done.returncode == 0, done.stderr
    opening, first, second, end = (json.loads(line) for line in done.stdout.splitlines())
    assert opening["customer"] in NURSE.opening
    assert (first["turn"], first["advisor"], first["facts"], first["verdict"]) == (1, said[0], ["worry"], "pass")
    assert first["customer"] in NURSE.facts["worry"].lines
    assert second["verdict"] == "block"
    assert second["findings"]
    assert (end["customer_id"], end["seed"], end["ended"], len(end["scores"])) == ("nurse", 4, "left", 9)
    assert all(score["quote"] in said and score["better"] for score in end["scores"])
    (kept,) = PracticeStore(database).newest("li")
    assert kept.scores == {"whole": end["whole"], "scores": end["scores"]}


def test_a_talk_on_the_terminal_ends_with_its_scores(call):
    done = call("--customer", "nurse", "--seed", "1", stdin="辛苦了，这钱明年要不要用？\n/end\n")
    assert done.returncode == 0, done.stderr
    assert "客户：" in done.stdout
    assert NURSE.hidden.zh in done.stdout


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["--customer", "nobody"], "practice list"),
        (["--script", "gone.txt"], "gone.txt: cannot be read"),
        (["--script", "-"], "no line in it"),
        (["--as", "nobody", "--script", "{lines}"], "no advisor nobody"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_exit_code_one(call, data, arguments, what):
    (data / "one.txt").write_text("您好\n", encoding="utf-8")
    done = call(*(a.replace("{lines}", str(data / "one.txt")) for a in arguments))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("advisor-copilot: ")
    assert what in done.stderr
    assert done.stderr.count("\n") == 1
