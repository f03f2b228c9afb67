"""What a collector gets: a trace a piece of work, closed words only, and a desk that does not notice whether it is there."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from copilot.errors import GuardError, SettingsError
from copilot.metered import watch_with
from copilot.pipeline import propose, release, stream
from copilot.settings import TelemetrySettings
from copilot.telemetry import described, open_meter
from copilot.telemetry.collector import Collector
from copilot.telemetry.traces import Traces
from copilot.types import Edit
from tests.copilot import fakes
from tests.copilot.telemetry.otlp import free_port, receiving, told

TOKEN = "a-token-of-the-bank-2"


@pytest.fixture
def receiver():
    with receiving() as made:
        yield made


def line_of(meter, **given):
    return replace(fakes.line(**given), watch=watch_with(meter))


def test_a_suggestion_is_one_trace_with_a_span_a_stage(receiver):
    meter = open_meter(TelemetrySettings(traces_url=receiver.url))
    line = line_of(meter)
    proposal = propose(line, fakes.said())
    release(line, proposal, Edit(proposal.candidates[0].text, "li", 0))
    meter.close()
    assert set(receiver.paths) == {"/v1/traces"}
    spans = receiver.spans()
    roots = {s.name: s for s in spans if not s.parent_span_id}
    assert set(roots) == {"proposal", "release"}
    assert roots["proposal"].trace_id != roots["release"].trace_id
    below = [s for s in spans if s.parent_span_id == roots["proposal"].span_id]
    assert {s.name for s in below} == {"understand", "retrieve", "draft", "guard", "record"}
    assert {s.trace_id for s in below} == {roots["proposal"].trace_id}
    assert told(roots["proposal"])["copilot.intent"] == "maturity_reinvest"
    assert told(roots["proposal"])["copilot.candidates"] == len(proposal.candidates)
    assert {told(s).get("copilot.kind") for s in below if s.name == "record"} == {"proposal", "candidate"}


def test_an_error_is_told_by_its_kind_alone(receiver):
    class Broken(fakes.Guard):
        def check(self, text, context):
            raise GuardError("读不了：王秀兰 13812345678")

    meter = open_meter(TelemetrySettings(traces_url=receiver.url))
    with pytest.raises(GuardError):
        propose(line_of(meter, guard=Broken()), fakes.said())
    meter.close()
    root = next(s for s in receiver.spans() if not s.parent_span_id)
    assert (root.status.code, root.status.message, list(root.events)) == (2, "", [])
    assert told(root)["error.type"] == "GuardError"
    assert not any("王秀兰".encode() in body or b"13812345678" in body for body in receiver.bodies)


def test_an_error_of_no_kind_of_ours_is_other(receiver):
    meter = open_meter(TelemetrySettings(traces_url=receiver.url))
    made = type("王秀兰", (Exception,), {})
    span = meter.begin("proposal")
    span.tell(intent="王秀兰", nonsense="13812345678", findings=3)
    span.end(made("x"))
    meter.close()
    assert told(receiver.spans()[0]) == {
        "copilot.intent": "other",
        "copilot.nonsense": "other",
        "copilot.findings": 3,
        "error.type": "other",
    }


def test_what_nobody_waits_for_any_more_ends_without_an_error(receiver):
    meter = open_meter(TelemetrySettings(traces_url=receiver.url))
    steps = stream(line_of(meter), fakes.said())
    next(steps)
    steps.close()
    meter.close()
    root = next(s for s in receiver.spans() if not s.parent_span_id)
    assert (root.status.code, "error.type" in told(root)) == (0, False)


def test_the_collector_is_shown_its_token_and_only_the_set_address_is_asked(receiver, monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "who=王秀兰")
    monkeypatch.setenv("BANK_TRACES", TOKEN)
    meter = open_meter(TelemetrySettings(traces_url=f"{receiver.url}/in", traces_token_env="BANK_TRACES"))
    meter.begin("proposal").end()
    meter.close()
    assert receiver.paths == ["/in"]
    assert receiver.headers[0]["authorization"] == f"Bearer {TOKEN}"
    assert b"who" not in receiver.bodies[0]


def test_a_redirect_is_not_followed(receiver, caplog):
    receiver.status = 307
    meter = open_meter(TelemetrySettings(traces_url=receiver.url))
    meter.begin("proposal").end()
    meter.close()
    assert receiver.bodies == []
    assert "HTTP 307" in caplog.text


def test_a_share_of_the_suggestions_is_traced_whole_or_not_at_all(receiver):
    meter = open_meter(TelemetrySettings(traces_url=receiver.url, traces_share=0.5))
    for _ in range(200):
        root = meter.begin("proposal")
        meter.begin("guard", root).end()
        root.end()
    meter.close()
    spans = receiver.spans()
    assert 0 < len(spans) < 400
    assert sum(s.name == "guard" for s in spans) == sum(s.name == "proposal" for s in spans)


# --- a collector that fails ------------------------------------------------------------------------------------------


def batch(traces, collector):
    """Spans as the processor hands them over."""
    span = traces.begin("proposal", None)
    span.end()
    return [span.vendor]


def test_a_collector_that_is_away_is_one_line_until_it_is_back(receiver, caplog):
    own = TelemetrySettings(traces_url=receiver.url)
    traces, collector = Traces(own), Collector(own)
    for status in (503, 503, 429, 200, 200, 500):
        receiver.status = status
        collector.export(batch(traces, collector))
    traces.close()
    collector.shutdown()
    said = [r.getMessage() for r in caplog.records if r.name == "copilot.telemetry.collector"]
    assert said[0].endswith("(HTTP 503); they are dropped until they do")
    assert "3 were dropped" in said[1]
    assert [s.split(";")[0].endswith(end) for s, end in zip(said, ("(HTTP 503)", "again", "(HTTP 500)"), strict=False)] == [True] * 3  # fmt: skip
    assert all(r.levelno == logging.WARNING for r in caplog.records)


def test_with_no_collector_there_a_suggestion_is_made_as_ever(caplog):
    meter = open_meter(TelemetrySettings(traces_url=f"http://127.0.0.1:{free_port()}"))
    line = line_of(meter)
    for _ in range(5):
        assert len(propose(line, fakes.said()).candidates) == 3
    meter.close()
    assert [r.getMessage() for r in caplog.records] == [
        "spans do not reach telemetry.traces_url (ConnectError); they are dropped until they do"
    ]


def test_a_collector_that_hangs_keeps_nobody_waiting_and_no_memory(receiver):
    receiver.gate.clear()
    meter = open_meter(TelemetrySettings(traces_url=receiver.url))
    line = line_of(meter)
    for _ in range(600):  # more than one batch: the sender is kept waiting from here on
        meter.begin("proposal").end()
    assert receiver.came.wait(60)
    assert len(propose(line, fakes.said()).candidates) == 3
    for _ in range(6000):
        meter.begin("proposal").end()
    kept = meter._traces._provider._active_span_processor._span_processors[0]._batch_processor._queue
    assert len(kept) <= 2048
    receiver.gate.set()
    meter.close()


def test_doctor_asks_the_collector(receiver):
    own = TelemetrySettings(traces_url=receiver.url)
    assert described(own) == f"traces to {receiver.url}/v1/traces"
    receiver.status = 401
    with pytest.raises(SettingsError, match=r"HTTP 401.*start the collector or correct the address"):
        described(own)
    with pytest.raises(SettingsError, match="ConnectError"):
        described(TelemetrySettings(traces_url=f"http://127.0.0.1:{free_port()}"))


def test_a_certificate_that_is_not_there_stops_the_start(tmp_path):
    with pytest.raises(SettingsError, match="traces_ca"):
        open_meter(TelemetrySettings(traces_url="https://otel.bank", traces_ca=tmp_path / "none.pem"))


# --- settings ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://x/", "otel.bank:4318", "http://", "//x", "grpc://x:4317", "http://[", "http://u:p@otel.bank/", "http://x:99999"]
)  # fmt: skip
def test_only_an_http_address_without_a_password_can_be_set(url):
    with pytest.raises(ValueError, match=r"traces_url"):
        TelemetrySettings(traces_url=url)


@pytest.mark.parametrize(
    "wrong",
    [
        {"metrics": True, "metrics_host": "0.0.0.0"},
        {"metrics": True, "metrics_host": "10.0.0.5"},
        {"traces_url": "http://otel.bank:4318", "traces_token_env": "BANK_TRACES"},
        {"traces_share": 0},
        {"metrics_token": "x"},
    ],
)
def test_what_would_stand_open_or_send_a_token_in_the_clear_is_refused(wrong):
    with pytest.raises(ValueError, match="TelemetrySettings"):
        TelemetrySettings(**wrong)
