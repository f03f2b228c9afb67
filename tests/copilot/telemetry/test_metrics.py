"""What Prometheus reads: off unless set, counted as things happen, shown to whoever may see it."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
import time
from contextlib import nullcontext
from dataclasses import replace

import httpx
import pytest
from langchain_core.messages import HumanMessage

from copilot.cli.house import _looks
from copilot.errors import GuardError, ModelBusy, ModelCancelled, ModelTimeout, ModelUnavailable, SettingsError
from copilot.meter import OTHER, SILENT, UNHEARD, closed
from copilot.metered import ModelEar, watch_with
from copilot.models.turnstile import Turnstile
from copilot.pipeline import propose, refer, release, stream
from copilot.records import RecordStore
from copilot.settings import Settings, TelemetrySettings
from copilot.telemetry import described, open_meter
from copilot.telemetry.door import Door
from copilot.telemetry.metrics import Metrics
from copilot.telemetry.telemetry import Telemetry
from copilot.types import Edit
from copilot.watch import unwatched
from copilot.wiring import build
from tests.copilot import fakes
from tests.copilot.telemetry.otlp import free_port

TOKEN = "a-token-of-the-bank-1"


@pytest.fixture
def metrics():
    return Metrics()


@pytest.fixture
def meter(metrics):
    return Telemetry(metrics, None, None)


def value(metrics: Metrics, name: str, **labels: str) -> float:
    """A sample by name and labels, 0 where there is none."""
    wanted = re.compile(rf"advisor_copilot_{name}(?:\{{(.*)\}})? (\S+)$")
    for line in metrics.text().decode().splitlines():
        found = wanted.match(line)
        if found and dict(re.findall(r'(\w+)="([^"]*)"', found.group(1) or "")) == labels:
            return float(found.group(2))
    return 0.0


def line_of(meter, **given):
    return replace(fakes.line(**given), watch=watch_with(meter))


# --- off ---------------------------------------------------------------------------------------------------------------


def test_nothing_is_counted_or_sent_unless_it_is_set(tmp_path):
    app = build(Settings(data=tmp_path), metered=True)
    assert app.meter is SILENT
    assert type(app.record) is RecordStore
    assert watch_with(app.meter) is unwatched
    assert described(app.settings.telemetry) == "off"
    assert SILENT.begin("proposal") is UNHEARD
    app.close()


def test_commands_other_than_serve_are_not_counted(tmp_path):
    set_so = TelemetrySettings(metrics=True, metrics_port=free_port())
    app = build(Settings(data=tmp_path, telemetry=set_so))
    assert app.meter is SILENT
    app.close()


def test_the_libraries_are_not_even_loaded():
    asked = (
        "import sys, ui.app, copilot.cli.commands; from copilot.settings import Settings; from copilot.telemetry import open_meter;"
        "open_meter(Settings().telemetry);"
        "print([m for m in sys.modules if m.startswith(('prometheus_client', 'copilot.telemetry.', 'opentelemetry.exporter'))])"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, timeout=300, check=True)
    assert done.stdout.strip() == "[]"


# --- counted -----------------------------------------------------------------------------------------------------------


def test_a_suggestion_is_timed_stage_by_stage(meter, metrics):
    propose(line_of(meter), fakes.said())
    for step in ("understand", "retrieve", "draft", "guard", "record"):
        assert value(metrics, "step_seconds_count", work="proposal", step=step) > 0, step
    assert value(metrics, "work_seconds_count", work="proposal") == 1
    assert value(metrics, "first_candidate_seconds_count") == 1


def test_the_guard_is_counted_by_its_word_and_each_check_once_a_text(meter, metrics):
    line = line_of(meter, says=["{客户.称呼}，这个保本，保本的。"], guard=fakes.Guard(("保本", "回到")))
    proposal = propose(line, fakes.said())
    held = value(metrics, "verdicts_total", work="proposal", outcome="block")
    assert held > 0
    assert value(metrics, "findings_total", check="G01", severity="block") >= held
    before = value(metrics, "findings_total", check="G01", severity="block")
    release(line, proposal, Edit("保本，一定保本", "li"))
    assert value(metrics, "verdicts_total", work="release", outcome="block") == 1
    assert value(metrics, "findings_total", check="G01", severity="block") == before + 1
    refer(line, proposal, Edit("保本", "li"), "请看")
    assert value(metrics, "verdicts_total", work="referral", outcome="block") == 1


def test_an_error_is_counted_by_its_kind_and_raised_as_it_was(meter, metrics):
    class Broken(fakes.Guard):
        def check(self, text, context):
            raise GuardError("读不了：王秀兰 13812345678")

    with pytest.raises(GuardError, match="王秀兰"):
        propose(line_of(meter, guard=Broken()), fakes.said())
    assert value(metrics, "failures_total", work="proposal", error="GuardError") == 1


def test_a_suggestion_that_nobody_waits_for_any_more_is_no_failure(meter, metrics):
    steps = stream(line_of(meter), fakes.said())
    next(steps)
    steps.close()
    assert value(metrics, "work_seconds_count", work="proposal") == 1
    assert "failures_total{" not in metrics.text().decode()


def test_requests_to_the_model_are_counted_by_how_they_end(meter, metrics):
    says = ["好", ModelTimeout("x"), ModelBusy("x"), ModelUnavailable("x"), ModelCancelled("x"), ValueError("x"), "好"]
    chat, ear = fakes.Chat(says=says), ModelEar(meter)
    chat.callbacks = [ear]
    for said in says:
        expected = nullcontext() if said == "好" else pytest.raises(type(said))
        with expected:
            chat.invoke([HumanMessage("王秀兰问")])
    ends = {e: value(metrics, "model_requests_total", outcome=e) for e in ("ok", "timeout", "busy", "unavailable")}
    assert ends == {"ok": 2, "timeout": 1, "busy": 1, "unavailable": 1}
    assert value(metrics, "model_requests_total", outcome="cancelled") == 1
    assert value(metrics, "model_requests_total", outcome="error") == 1
    assert value(metrics, "model_request_seconds_count", outcome="timeout") == 1
    assert ear.running == 0
    assert "王秀兰" not in metrics.text().decode()


def test_the_queue_before_the_model_tells_who_waits_and_how_long():
    gate = Turnstile(4)
    gate.enter(time.monotonic() + 60)
    waiter = threading.Thread(target=gate.enter, args=(time.monotonic() + 60,))
    waiter.start()
    while gate.queue.waiting == 0:
        time.sleep(0.001)
    assert gate.queue.entered == 1
    gate.leave()
    waiter.join(60)
    assert (gate.queue.waiting, gate.queue.entered) == (0, 2)
    assert gate.queue.seconds > 0


def test_gauges_are_read_at_each_scrape_and_one_that_cannot_be_read_takes_no_other_along(metrics):
    cases = iter((3, 2))

    def broken() -> float:
        raise RuntimeError("王秀兰")

    metrics.read({"review_cases": lambda: next(cases), "index_passages": broken, "model_ready": lambda: True})
    assert value(metrics, "review_cases") == 3
    assert value(metrics, "review_cases") == 2
    said = metrics.text().decode()
    assert "advisor_copilot_model_ready 1.0" in said
    assert not re.search(r"^advisor_copilot_index_passages ", said, re.MULTILINE)
    assert value(metrics, "unreadable_total", gauge="index_passages") >= 2
    assert "process_resident_memory_bytes" in said
    assert "王秀兰" not in said


# --- closed words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "word", "told"),
    [
        ("intent", "liquidity_need", "liquidity_need"),
        ("intent", "王秀兰", OTHER),
        ("check", "G07", "G07"),
        ("check", "G07\n", OTHER),
        ("check", "G13812345678", OTHER),
        ("error", "ModelBusy", "ModelBusy"),
        ("error", "KeyError", OTHER),
        ("conversation", "c-1", OTHER),
        ("user", "li", OTHER),
        ("kind", "110101195503070022", OTHER),
    ],
)
def test_only_closed_words_are_told(label, word, told):
    assert closed(label, word) == told


def test_whatever_a_label_is_given_is_one_of_its_words(meter, metrics):
    meter.count("proposals", intent="王秀兰", state="13812345678", by="li")
    assert value(metrics, "proposals_total", intent=OTHER, state=OTHER, by=OTHER) == 1


def test_a_mistake_of_ours_in_telemetry_is_one_line_in_the_log_and_nothing_else(meter, monkeypatch, caplog):
    monkeypatch.setattr("copilot.telemetry.telemetry._told", set())
    for _ in range(3):
        meter.count("no such counter")
        meter.count("proposals", wrong="x")
        meter.time("no such time", 1.0)
    assert len(caplog.records) == 1


# --- who may read --------------------------------------------------------------------------------------------------------


@pytest.fixture
def door(monkeypatch, request):
    opened = []

    def open_with(token: str = "") -> str:
        made = Door(TelemetrySettings(metrics=True, metrics_port=free_port()), token, lambda: b"fine 1\n")
        made.open()
        opened.append(made)
        return f"http://127.0.0.1:{made.port}"

    yield open_with
    for made in opened:
        made.close()


def ask(url: str, method: str = "GET", **headers: str) -> httpx.Response:
    return httpx.request(method, url, headers=headers, trust_env=False, timeout=30)


def test_without_a_token_this_machine_may_read(door):
    answer = ask(f"{door()}/metrics")
    assert (answer.status_code, answer.text) == (200, "fine 1\n")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:9464", "10.0.0.5", "", "127.0.0.1.evil.example"])
def test_a_page_whose_name_leads_to_this_machine_may_not(door, host):
    answer = ask(f"{door()}/metrics", host=host)
    assert (answer.status_code, answer.text) == (403, "")


@pytest.mark.parametrize(
    "shown", ["", "Bearer", "Bearer a-token-of-the-bank-", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN]
)
def test_with_a_token_only_who_shows_it_may(door, shown):
    url = door(TOKEN)
    answer = ask(f"{url}/metrics", authorization=shown)
    assert (answer.status_code, answer.text) == (401, "")
    assert ask(f"{url}/nothing", authorization=shown).status_code == 401
    assert ask(f"{url}/metrics", authorization=f"Bearer {TOKEN}").text == "fine 1\n"


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("GET", "/metrics/x"), ("GET", "/healthz"), ("POST", "/metrics"), ("DELETE", "/metrics")])  # fmt: skip
def test_there_is_nothing_else_behind_that_door(door, method, path):
    answer = ask(f"{door()}{path}", method)
    assert answer.status_code in (404, 501)
    assert "fine" not in answer.text
    assert "Python" not in answer.headers.get("server", "")


def test_more_readers_than_there_are_places_for_are_sent_away_and_a_place_comes_free_again(door):
    url = door()
    address = ("127.0.0.1", int(url.rsplit(":", 1)[1]))

    def answered() -> bool:
        try:
            return ask(f"{url}/metrics").status_code == 200
        except httpx.TransportError:
            return False

    mute = [socket.create_connection(address) for _ in range(4)]
    assert within_a_minute(lambda: not answered())
    for connection in mute:
        connection.close()
    assert within_a_minute(answered)


def within_a_minute(happens) -> bool:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if happens():
            return True
    return False


def test_a_taken_address_is_one_line_that_says_what_to_do():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        made = Door(TelemetrySettings(metrics=True, metrics_port=taken.getsockname()[1]), "", bytes)
        with pytest.raises(SettingsError, match=r"choose another telemetry\.metrics_port") as refused:
            made.open()
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("found", [None, "", "short", "中文令牌中文令牌中文令牌中文令牌", "with-a-break\nwith-a-break"])
def test_a_named_token_must_be_there_and_be_one(monkeypatch, found):
    monkeypatch.delenv("BANK_METRICS", raising=False)
    if found is not None:
        monkeypatch.setenv("BANK_METRICS", found)
    own = TelemetrySettings(metrics=True, metrics_token_env="BANK_METRICS")
    for act in (open_meter, described):
        with pytest.raises(SettingsError, match="BANK_METRICS") as refused:
            act(own)
        assert found is None or len(found) < 6 or found not in str(refused.value)


def test_doctor_looks_at_telemetry_with_everything_else(tmp_path):
    app = build(Settings(data=tmp_path, telemetry=TelemetrySettings(metrics=True)))
    assert dict(_looks(app))["telemetry"]() == "metrics at http://127.0.0.1:9464/metrics for this machine"
    app.close()


def test_doctor_says_where_metrics_are_read_and_by_whom(monkeypatch):
    monkeypatch.setenv("BANK_METRICS", TOKEN)
    here = described(TelemetrySettings(metrics=True))
    there = described(TelemetrySettings(metrics=True, metrics_host="10.0.0.5", metrics_token_env="BANK_METRICS"))
    assert here == "metrics at http://127.0.0.1:9464/metrics for this machine"
    assert there == "metrics at http://10.0.0.5:9464/metrics for whoever shows the token"
