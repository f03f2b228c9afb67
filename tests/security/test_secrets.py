"""Keys and passwords stay where they were set: in no log, no error, no record, no page. What is asked goes to the set address alone."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys

import pytest

from copilot.errors import CopilotError, SettingsError
from copilot.models.remote import RemoteChat, _connect
from copilot.records import open_database
from copilot.settings import ModelSettings, Settings, load_settings

KEY, PASSWORD = "sk-bank-0123456789", "hunter2-database"


@pytest.fixture
def settings(tmp_path, monkeypatch):
    for name, value in {
        "DATA": str(tmp_path),
        "MODEL__KIND": "remote",
        "MODEL__BASE_URL": "http://127.0.0.1:9/v1",
        "MODEL__API_KEY": KEY,
        "RECORD__URL": f"postgresql://copilot:{PASSWORD}@127.0.0.1:9/record",
    }.items():
        monkeypatch.setenv(f"ADVISOR_COPILOT_{name}", value)
    return load_settings()


def test_settings_do_not_print_their_secrets(settings):
    for shown in (repr(settings), str(settings), f"{settings.model!r}{settings.record!r}{settings.judge!r}"):
        assert KEY not in shown
        assert PASSWORD not in shown


def test_a_database_that_does_not_answer_is_told_without_its_password(settings):
    with pytest.raises(CopilotError) as told:
        open_database(settings.record_url)
    assert PASSWORD not in f"{told.value}"
    assert "\n" not in f"{told.value}"


def test_a_model_server_that_does_not_answer_is_told_without_its_key(settings, caplog):
    chat = RemoteChat.from_settings(settings.model, None)
    with caplog.at_level(logging.DEBUG), pytest.raises(CopilotError) as told:
        chat.invoke("您好")
    assert KEY not in f"{told.value}{caplog.text}{chat!r}{chat.info()}{chat._identifying_params}"


@pytest.mark.parametrize("wrong", ["MODEL__TIMEOUT_S", "RECORD__KEEP_DAYS"])
def test_a_wrong_setting_is_told_without_the_others(settings, monkeypatch, wrong):
    monkeypatch.setenv(f"ADVISOR_COPILOT_{wrong}", "-1")
    with pytest.raises(SettingsError) as told:
        load_settings()
    assert KEY not in f"{told.value}"
    assert PASSWORD not in f"{told.value}"


def test_the_command_line_tells_neither(settings):
    done = subprocess.run(
        [sys.executable, "-m", "copilot.cli", "audit", "verify"], env=os.environ, capture_output=True, text=True, timeout=300, check=False
    )  # fmt: skip
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert PASSWORD not in done.stdout + done.stderr
    assert KEY not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "url", ["http://model.bank.local:8000/v1", "https://model.bank.local/v1", "http://127.0.0.1:8000/v1"]
)
def test_no_proxy_of_the_environment_gets_the_customers_words(monkeypatch, url):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://proxy.example:3128")
    client = _connect(ModelSettings(kind="remote", base_url=url), "m").root_client._client
    assert not client.follow_redirects
    assert client._transport_for_url(client.base_url.copy_with(raw_path=b"/")) is client._transport


@pytest.mark.parametrize("key", ["model", "base_url", "url", "api_key", "sources_url", "record"])
def test_no_request_can_name_an_address(key):
    from copilot.edges import CheckIn, ClassifyIn, DraftIn, SearchIn, parse

    for edge, body in (
        (CheckIn, {"text": "x"}),
        (ClassifyIn, {"text": "x"}),
        (SearchIn, {"query": "x"}),
        (DraftIn, {"message": "x"}),
    ):
        with pytest.raises(CopilotError):
            parse(edge, {**body, key: "http://169.254.169.254/latest"})


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://x/", "gopher://x/", "http://", "//x", "javascript:1", "unix:/run/x"]
)
def test_only_an_http_address_can_be_set(url):
    with pytest.raises(SettingsError, match="base_url"):
        RemoteChat.from_settings(ModelSettings(kind="remote", base_url=url), None)


def test_the_models_process_is_told_no_setting(monkeypatch):
    from copilot.models.spawning import environment

    monkeypatch.setenv("ADVISOR_COPILOT_MODEL__API_KEY", KEY)
    assert KEY not in json.dumps(environment())


def test_settings_still_carry_what_is_needed(settings):
    assert settings.model.api_key == KEY
    assert PASSWORD in Settings(**settings.model_dump()).record_url
