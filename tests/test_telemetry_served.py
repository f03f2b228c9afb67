"""A real `serve` with metrics and traces on, the bundled model behind it: an advisor at work, read by a scraper and a collector."""

from __future__ import annotations

import re

import httpx
import pytest

from copilot.records import RecordStore, open_database
from tests.copilot.telemetry.otlp import free_port, receiving
from tests.torture.browser import Browser
from tests.torture.load import PASSWORD, advisors, serving

pytestmark = pytest.mark.model
TOKEN = "a-token-of-the-bank-3"
WORDS = ("王秀兰", "110101195503070022", "13812345678", "赎回", "到账", PASSWORD, TOKEN)
MESSAGE = "我是王秀兰，身份证110101195503070022，电话13812345678，赎回几天能到账"


def test_an_advisors_work_is_measured_and_not_told(tmp_path, monkeypatch):
    port = free_port()
    database = f"sqlite:///{tmp_path / 'record.db'}"
    advisors(database, ["li"])
    with receiving() as receiver:
        for key, value in {
            "METRICS": "true",
            "METRICS_PORT": str(port),
            "METRICS_TOKEN_ENV": "BANK_METRICS",
            "TRACES_URL": receiver.url,
        }.items():
            monkeypatch.setenv(f"ADVISOR_COPILOT_TELEMETRY__{key}", value)
        monkeypatch.setenv("BANK_METRICS", TOKEN)
        with serving(tmp_path, url=database, kind="embedded") as desk:
            browser = Browser(desk, timeout=300)
            browser.sign_in("li", PASSWORD)
            browser.open()
            assert "do-adopt-0" in browser.ask(MESSAGE)["cards"]
            browser.adopt(0)
            assert "released-text" in browser.release()["sent"]
            door = f"http://127.0.0.1:{port}/metrics"
            assert httpx.get(door, trust_env=False).status_code == 401
            text = httpx.get(door, headers={"authorization": f"Bearer {TOKEN}"}, trust_env=False).text
            conversation = browser.opened
        sent = b"".join(receiver.bodies)
        roots = [s.name for s in receiver.spans() if not s.parent_span_id]
    assert sorted(roots) == ["proposal", "release"]
    for word in (*WORDS, conversation, str(tmp_path)):
        assert word not in text, word
        assert word.encode() not in sent, word
    engine = open_database(database)
    kinds = [e.kind for e in RecordStore(engine).read()]
    engine.dispose()
    for kind in ("proposal", "candidate", "release"):
        assert f'advisor_copilot_entries_total{{kind="{kind}"}} {kinds.count(kind)}.0' in text
    assert 'advisor_copilot_sign_ins_total{outcome="ok",way="password"} 1.0' in text
    assert float(re.search(r"^advisor_copilot_index_passages (\S+)", text, re.MULTILINE).group(1)) > 100
    assert float(re.search(r"^advisor_copilot_model_queue_entered_total (\S+)", text, re.MULTILINE).group(1)) >= 0
    assert "advisor_copilot_model_ready 1.0" in text
    assert "advisor_copilot_index_behind 0.0" in text
    assert "advisor_copilot_unreadable_total{" not in text
