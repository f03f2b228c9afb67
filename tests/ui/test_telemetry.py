"""A day at the desk, read by Prometheus and a collector: everything is counted, and nobody's words, names or numbers are there."""

from __future__ import annotations

import re

import httpx
import pytest
from fake_app import PASSWORD, FakeApp
from fastapi.testclient import TestClient

from copilot.errors import InputError
from copilot.gauges import gauges_of
from copilot.meter import OTHER, closed
from copilot.records import User
from copilot.settings import TelemetrySettings
from copilot.telemetry import open_meter
from copilot.types import Ledger, Understanding
from tests.copilot.telemetry.otlp import free_port, receiving, told
from ui.app import create_app
from ui.desk import Desk
from ui.handlers import advising, reviewing, sending, talking

NAME, NUMBER, PHONE = "王秀兰", "110101195503070022", "13812345678"
MESSAGE = f"我是{NAME}，身份证{NUMBER}，电话{PHONE}，我那笔半年的理财好像这周五到期，钱会自动回到卡里吗"
WORDS = (NAME, NUMBER, PHONE, "半年", "到期", "自动", "李经理", "陈合规", "请快一点", "比较合适", "忽略规则")
LI, CHEN = User("li", "advisor", "李经理"), User("chen", "compliance", "陈合规")


@pytest.fixture
def receiver():
    with receiving() as made:
        yield made


@pytest.fixture
def watched(tmp_path, receiver):
    """A desk with both, and the address of its metrics."""
    port = free_port()
    meter = open_meter(TelemetrySettings(metrics=True, metrics_port=port, traces_url=receiver.url))
    app = FakeApp(tmp_path, meter).people()
    meter.open(gauges_of(app))  # type: ignore[arg-type]
    yield app, f"http://127.0.0.1:{port}/metrics"
    meter.close()


def read(url: str) -> str:
    return httpx.get(url, trust_env=False, timeout=60).text


def sample(text: str, name: str, **labels: str) -> float:
    for line in text.splitlines():
        found = re.match(rf"advisor_copilot_{name}(?:\{{(.*)\}})? (\S+)$", line)
        if found and dict(re.findall(r'(\w+)="([^"]*)"', found.group(1) or "")) == labels:
            return float(found.group(2))
    return 0.0


def a_day(app: FakeApp) -> str:
    """Suggested, sent, held, referred, approved, and what goes wrong; the conversation."""
    desk = Desk(app)
    card = talking.save_card(desk, LI, "", {"name": NAME, "risk_level": "C2"})
    conversation = talking.say(desk, LI, card, MESSAGE)
    list(advising.suggest(desk, LI, conversation))
    advising.thumb(desk, LI, conversation, 0, True)
    assert sending.send(desk, LI, conversation, f"{NAME}，这个保本", None).what == "held"
    referred = sending.ask_compliance(desk, LI, conversation, f"{NAME}，这个最好，电话{PHONE}", None, f"请快一点：{PHONE}")  # fmt: skip
    assert referred.what == "referred"
    reviewing.decide(desk, CHEN, referred.entry, "approved", f"比较合适，{NAME}")
    talking.say(desk, LI, conversation, MESSAGE)
    list(advising.suggest(desk, LI, conversation))
    assert sending.send(desk, LI, conversation, f"{NAME}您好，当天到账，放心", None).what == "released"
    again = talking.say(desk, LI, "", MESSAGE)
    app.guard.broken = True
    assert list(advising.suggest(desk, LI, again))[-1].stage == "failed"
    app.guard.broken = False
    assert list(advising.suggest(desk, LI, again, intent=NAME))[-1].stage == "failed"
    return conversation


def test_everything_is_counted_and_no_word_of_it_is_told(watched, receiver):
    app, url = watched
    conversation = a_day(app)
    text = read(url)
    app.meter.close()
    sent = b"".join(receiver.bodies)
    for word in (*WORDS, conversation, str(app.settings.data)):
        assert word not in text, word
        assert word.encode() not in sent, word
    assert sample(text, "entries_total", kind="proposal") == 3
    assert sample(text, "proposals_total", intent="maturity_reinvest", state="calm", by="classifier") == 3
    assert sample(text, "candidates_total", origin="model", move="answer") == 2
    assert sample(text, "candidates_total", origin="script", move="implication") == 2
    assert sample(text, "entries_total", kind="held") == 1
    assert sample(text, "entries_total", kind="referral") == 1
    assert sample(text, "entries_total", kind="release") == 1
    assert sample(text, "entries_total", kind="thumb") == 1
    assert sample(text, "decisions_total", outcome="approved") == 1
    assert sample(text, "findings_total", check="G01", severity="block") == 1
    assert sample(text, "findings_total", check="G21", severity="review") == 1
    assert sample(text, "verdicts_total", work="referral", outcome="review") == 1
    assert sample(text, "failures_total", work="proposal", error="GuardError") == 1
    assert sample(text, "failures_total", work="proposal", error="InputError") == 1
    assert sample(text, "work_seconds_count", work="proposal") == 4


def test_every_word_in_a_span_is_of_its_closed_set(watched, receiver):
    app, _ = watched
    a_day(app)
    app.meter.close()
    spans = receiver.spans()
    roots = [s for s in spans if not s.parent_span_id]
    assert [s.name for s in roots].count("proposal") == 4
    assert {"release", "referral"} < {s.name for s in roots}
    assert {s.name for s in spans} <= {"proposal", "release", "referral", "understand", "retrieve", "draft", "guard", "record"}  # fmt: skip
    assert not any(s.events or s.links or s.status.message for s in spans)
    for span in spans:
        for key, word in told(span).items():
            label = "error" if key == "error.type" else key.removeprefix("copilot.")
            assert isinstance(word, int) or word == OTHER or closed(label, word) == word, (key, word)


def test_an_understanding_that_brings_her_words_along_tells_none_of_them(watched, receiver):
    app, url = watched
    bad = Understanding(NAME, 0.9, (), ((NAME, 0.9),), (), PHONE, False, Ledger(), NUMBER)  # type: ignore[arg-type]
    app._understand = lambda conversation: bad
    object.__setattr__(app.line, "understand", app._understand)
    desk = Desk(app)
    list(advising.suggest(desk, LI, talking.say(desk, LI, "", MESSAGE)))
    text = read(url)
    app.meter.close()
    assert sample(text, "proposals_total", intent=OTHER, state=OTHER, by="classifier") == 1
    assert not any(word in text or word.encode() in b"".join(receiver.bodies) for word in WORDS)


def test_cases_that_wait_and_locked_accounts_are_read(watched):
    app, url = watched
    desk = Desk(app)
    conversation = talking.say(desk, LI, "", MESSAGE)
    list(advising.suggest(desk, LI, conversation))
    sending.ask_compliance(desk, LI, conversation, "这个最好", None, "请看")
    site = TestClient(create_app(app), follow_redirects=False)
    for _ in range(5):
        assert sign_in(site, "wang", "wrong").status_code == 401
    assert sign_in(site, "li", PASSWORD).status_code == 303
    text = read(url)
    assert (sample(text, "review_cases"), sample(text, "review_unclaimed")) == (1, 1)
    assert sample(text, "review_oldest_seconds") >= 0
    assert sample(text, "accounts_locked") == 1
    assert sample(text, "sign_ins_total", way="password", outcome="refused") == 5
    assert sample(text, "sign_ins_total", way="password", outcome="ok") == 1
    assert not re.search(r"\bwang\b|\bli\b", text)


@pytest.mark.parametrize("name", ["", "li", "chen", "root"])
def test_nobody_reads_metrics_at_the_desks_own_address(watched, name):
    app, _ = watched
    site = TestClient(create_app(app), follow_redirects=False)
    if name:
        sign_in(site, name, PASSWORD)
    for path in ("/metrics", "/advisor/metrics", "/admin/metrics"):
        answer = site.get(path)
        assert answer.status_code in (401, 403, 404)
        assert "advisor_copilot" not in answer.text


def test_a_record_that_fails_is_counted_as_nothing_written(watched):
    app, url = watched
    app.record.broken = True
    desk = Desk(app)
    assert list(advising.suggest(desk, LI, talking.say(desk, LI, "", MESSAGE)))[-1].stage == "failed"
    text = read(url)
    assert sample(text, "failures_total", work="proposal", error="RecordError") == 1
    assert sample(text, "entries_total", kind="proposal") == 0


def test_an_intent_that_is_none_is_refused_as_without_a_meter(watched):
    app, _ = watched
    from copilot.pipeline import propose

    desk = Desk(app)
    conversation = talking.say(desk, LI, "", MESSAGE)
    asked = talking.conversation_of(app.conversations.get(conversation, "li"))
    with pytest.raises(InputError, match="not an intent label"):
        propose(app.line, asked, intent=NAME)


def sign_in(site: TestClient, name: str, password: str) -> httpx.Response:
    csrf = re.search(r'name="csrf" value="([^"]+)"', site.get("/login").text)
    assert csrf
    return site.post("/login", data={"name": name, "password": password, "csrf": csrf.group(1)})
