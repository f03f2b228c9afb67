"""The command line as other programs see it: a process, lines in, lines out."""

from __future__ import annotations

import json
import os
import re
import socket
import sqlite3
import subprocess
import sys

import pytest

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def call(data):
    def run(*arguments: str, stdin: str = "", env: dict[str, str] | None = None):
        return subprocess.run(
            [sys.executable, "-m", "copilot.cli", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=240,
            env={**os.environ, "ADVISOR_COPILOT_DATA": str(data), **(env or {})},
            check=False,
        )

    return run


@pytest.fixture(scope="module")
def answers(call):
    def ask(command: str, *objects: object) -> list[dict]:
        lines = "".join((o if isinstance(o, str) else json.dumps(o, ensure_ascii=False)) + "\n" for o in objects)
        done = call(command, stdin=lines)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    return ask


FINDING = {"rule", "check", "severity", "start", "end", "quote", "reason", "basis"}


def test_check_answers_each_line_in_its_place(answers):
    text = "王姐，这款稳赚不赔"
    got = answers(
        "check",
        {"id": "a", "text": text},
        "not json",
        {"id": 7, "txt": "x"},
        {"id": None, "text": "本产品不保本"},
        {"id": [1], "text": "期限是90天", "sources": ["期限182天"]},
        {"id": "z", "text": "x" * 20_001},
    )
    assert [g["id"] for g in got] == ["a", None, 7, None, [1], "z"]
    assert got[0]["verdict"] == "block"
    finding = got[0]["findings"][0]
    assert set(finding) >= FINDING
    assert text[finding["start"] : finding["end"]] == finding["quote"]
    assert {"not_checked", "ms"} <= set(got[0])
    assert "error" in got[1]
    assert "error" in got[2]
    assert got[3]["verdict"] == "pass"
    assert "G05" in {f["check"] for f in got[4]["findings"]}
    assert "error" in got[5]


def test_check_uses_the_records_it_is_given(answers):
    product = {"id": "p", "name": "远航精选", "type": "wealth", "risk_level": "R4", "status": "on_sale"}
    card = {"name": "王姐", "risk_level": "C2", "assessed_on": "2026-09-01"}
    pitch = "王姐，推荐您买远航精选"
    high, unknown = answers(
        "check",
        {"text": pitch, "products": [product], "customer": card, "at": "2026-11-22"},
        {"text": pitch, "products": ["no-such-id"]},
    )
    assert "G12" in {f["check"] for f in high["findings"]}
    assert "no-such-id" in unknown["error"]


def test_classify_names_intent_entities_and_state(answers):
    (got,) = answers("classify", {"id": 1, "text": "我那20万下周三到期，接着买点什么好", "at": "2026-11-22T10:00:00"})
    assert set(got) >= {"id", "intent", "confidence", "secondary", "entities", "state", "selling", "ms"}
    values = {e["type"]: e["value"] for e in got["entities"]}
    assert values["amount"] == 200_000
    assert values["date"] == "2026-11-25"
    assert isinstance(got["selling"], bool)


def test_a_fraud_in_progress_switches_selling_off(answers):
    (got,) = answers("classify", {"text": "有人自称公安局的让我把钱转到安全账户，还要验证码"})
    assert got["selling"] is False
    assert got["intent"] == "fraud_security"


def test_search_finds_passages_with_their_spans_and_knows_when_not(answers):
    found, missing = answers(
        "search", {"query": "稳健半年的期限是多久", "top_k": 3}, {"query": "你们食堂今天中午吃什么"}
    )
    assert found["found"] is True
    assert found["passages"][0]["document"] == "LJ-W-001"
    assert set(found["passages"][0]) >= {"id", "document", "kind", "title", "text", "score", "start", "end"}
    assert len(found["passages"]) <= 3
    assert missing["found"] is False


def test_draft_keeps_its_promises(answers):
    card = {
        "name": "王姐",
        "risk_level": "C2",
        "assessed_on": "2026-03-02",
        "holdings": [{"name": "稳健半年5月期", "product": "LJ-W-011", "amount": 300000, "maturity": "2026-11-27"}],
    }
    (got,) = answers(
        "draft", {"id": 1, "message": "我那笔半年的是不是周五到期", "customer": card, "at": "2026-11-22T10:00:00"}
    )
    assert set(got) >= {"intent", "state", "selling", "ledger", "passages", "candidates", "provenance", "ms"}
    assert set(got["ledger"]) == {"S", "P", "I", "N"}
    assert got["candidates"]
    for candidate in got["candidates"]:
        assert candidate["verdict"] in ("pass", "warn")
        assert candidate["origin"] in ("model", "script")
        assert (candidate["source"] == "model") == (candidate["origin"] == "model")
        assert "{" not in candidate["text"]
        assert all({"reference", "value", "document", "start", "end"} == set(c) for c in candidate["citations"])
    assert got["provenance"]["model_sha256"]


def test_a_draft_is_in_the_record_and_the_record_verifies(answers, call, data):
    answers("draft", {"message": "存一年多少利息"})
    good = call("audit", "verify")
    assert good.returncode == 0
    assert "entries hold" in good.stdout
    exported = [json.loads(line) for line in call("audit", "export").stdout.splitlines()]
    assert {"proposal", "candidate"} <= {e["kind"] for e in exported}
    with sqlite3.connect(data / "record.db") as database:
        database.execute(
            "UPDATE payloads SET body = replace(body, '存一年', '存两年') WHERE sequence = ?",
            (exported[-2]["sequence"],),
        )
        changed = database.execute(
            "SELECT sequence FROM payloads WHERE body LIKE '%存两年%' ORDER BY sequence LIMIT 1"
        ).fetchone()
        if changed is None:
            database.execute("UPDATE payloads SET body = body || ' ' WHERE sequence = 2")
            changed = (2,)
    bad = call("audit", "verify")
    assert bad.returncode == 1
    assert f"entry {changed[0]}" in bad.stderr
    assert len(bad.stderr.strip().splitlines()) == 1


def test_users_are_added_listed_changed_and_closed(call, data):
    made = call("user", "add", "zhao", "--role", "advisor", "--display", "赵经理")
    assert len(made.stdout.strip()) == 16
    assert "赵经理" in call("user", "list").stdout
    assert call("user", "close", "zhao").returncode == 0
    again = call("user", "add", "zhao", "--role", "advisor")
    assert (again.returncode, len(again.stderr.strip().splitlines())) == (1, 1)
    assert "(closed, one-time password)" in call("user", "list").stdout
    assert call("user", "open", "zhao").returncode == 0
    assert call("user", "unlock", "zhao").returncode == 0
    assert call("user", "role", "zhao", "trainer").returncode == 0
    assert re.search(r"zhao +trainer +赵经理  \(one-time password\)", call("user", "list").stdout)
    with sqlite3.connect(data / "record.db") as database:
        actors = database.execute("SELECT actor FROM entries WHERE kind = 'account'").fetchall()
    assert len(actors) == 5
    assert all(actor.startswith("console:") for (actor,) in actors)


def test_the_last_administrator_stays(call, tmp_path):
    own = {"ADVISOR_COPILOT_DATA": str(tmp_path)}
    call("user", "add", "boss", "--role", "admin", env=own)
    for arguments in (("close", "boss"), ("role", "boss", "advisor")):
        done = call("user", *arguments, env=own)
        assert (done.returncode, len(done.stderr.strip().splitlines())) == (1, 1)
        assert "last administrator" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["check", "nowhere.jsonl"], "nowhere.jsonl"),
        (["import", "content", "nowhere"], "nowhere"),
        (["import", "customers", "nowhere", "--advisor", "nobody"], "nobody"),
        (["user", "passwd", "nobody"], "nobody"),
        (["user", "unlock", "nobody"], "nobody"),
        (["model", "use", "pyproject.toml"], "pyproject.toml"),
        (["eval", "run", "nonsense"], "nonsense"),
        (["user", "add", "x", "--role", "boss"], "boss"),
    ],
)
def test_what_goes_wrong_is_one_line_without_a_traceback(call, arguments, what):
    done = call(*arguments)
    assert done.returncode == 1
    assert what in done.stderr
    assert "Traceback" not in done.stderr
    assert len([line for line in done.stderr.splitlines() if line.startswith("advisor-copilot:")]) == 1


def test_a_wrong_setting_stops_every_command(call):
    done = call("check", env={"ADVISOR_COPILOT_MODLE__PATH": "x"})
    assert done.returncode == 1
    assert "MODLE" in done.stderr


def test_a_broken_rule_stops_the_start(call, tmp_path):
    (tmp_path / "bad.yaml").write_text("rules: [", encoding="utf-8")
    done = call("check", stdin='{"text": "x"}\n', env={"ADVISOR_COPILOT_GUARD__RULES": str(tmp_path)})
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_said_in_one_line(call):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = call("serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "cannot be used" in done.stderr
    assert "Traceback" not in done.stderr


def test_customers_are_imported_line_by_line(call, tmp_path):
    call("user", "add", "qian", "--role", "advisor")
    cards = tmp_path / "cards.jsonl"
    cards.write_text('{"name": "王姐", "risk_level": "C2"}\n{"name": "赵叔", "risk_level": "C9"}\n', encoding="utf-8")
    done = call("import", "customers", str(cards), "--advisor", "qian")
    assert done.returncode == 1
    assert "cards.jsonl:2" in done.stderr
    assert "1 customers imported, 1 lines wrong" in done.stdout
