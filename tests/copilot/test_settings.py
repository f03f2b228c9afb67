"""Settings: file and environment, unknown keys refused, one line for a person."""

from __future__ import annotations

import pickle

import pytest

from copilot.errors import SettingsError
from copilot.settings import load_settings


@pytest.fixture(autouse=True)
def clean(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for key in ("ADVISOR_COPILOT_CONFIG", "ADVISOR_COPILOT_DATA"):
        monkeypatch.delenv(key, raising=False)


def test_defaults_need_no_file():
    assert load_settings().serve.port == 7860


def test_the_file_is_read_and_the_environment_wins(monkeypatch, tmp_path):
    (tmp_path / "advisor-copilot.toml").write_text("[serve]\nport = 9000\nhost = '0.0.0.0'\n")
    monkeypatch.setenv("ADVISOR_COPILOT_SERVE__PORT", "9001")
    settings = load_settings()
    assert (settings.serve.port, settings.serve.host) == (9001, "0.0.0.0")


def test_another_process_can_be_handed_the_settings_as_they_were_read(tmp_path):
    (tmp_path / "advisor-copilot.toml").write_text("[serve]\nport = 9000\n[guard]\noff = ['G19-urgency']\n")
    settings = load_settings()
    handed = pickle.loads(pickle.dumps(settings))
    assert handed == settings
    assert (handed.serve.port, tuple(handed.guard.off)) == (9000, ("G19-urgency",))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[serve]\nporrt = 1\n", "porrt"),
        ("nonsense = 1\n", "nonsense"),
        ("[serve]\nport = 'x'\n", "port"),
        ("[serve\n", "TOML"),
        ("[model]\nkind = 'magic'\n", "kind"),
    ],
)
def test_a_wrong_file_is_refused_in_one_line(tmp_path, text, what):
    (tmp_path / "advisor-copilot.toml").write_text(text)
    with pytest.raises(SettingsError, match=what) as caught:
        load_settings()
    assert "\n" not in str(caught.value)
    assert "advisor-copilot.toml" in str(caught.value)


def test_an_unknown_variable_is_refused(monkeypatch):
    monkeypatch.setenv("ADVISOR_COPILOT_MODLE__PATH", "x")
    with pytest.raises(SettingsError, match="MODLE"):
        load_settings()


def test_a_named_file_that_is_missing_is_refused(monkeypatch):
    monkeypatch.setenv("ADVISOR_COPILOT_CONFIG", "nowhere.toml")
    with pytest.raises(SettingsError, match="nowhere"):
        load_settings()


def test_days_of_freshness_stand_beside_the_defaults(monkeypatch, tmp_path):
    assert load_settings().knowledge.fresh_days == {"净值": 7, "七日年化": 7, "利率": 92}
    (tmp_path / "advisor-copilot.toml").write_text('[knowledge.fresh_days]\n"净值" = 3\n', encoding="utf-8")
    assert load_settings().knowledge.fresh_days == {"净值": 3, "七日年化": 7, "利率": 92}
    monkeypatch.setenv("ADVISOR_COPILOT_KNOWLEDGE__FRESH_DAYS", '{"利率": 30}')
    assert load_settings().knowledge.fresh_days["利率"] == 30


def test_days_of_freshness_are_counted_from_nothing(monkeypatch):
    monkeypatch.setenv("ADVISOR_COPILOT_KNOWLEDGE__FRESH_DAYS", '{"净值": -1}')
    with pytest.raises(SettingsError, match="fresh_days"):
        load_settings()


def test_the_bank_s_own_sign_in_is_set_by_file_and_environment(monkeypatch, tmp_path):
    (tmp_path / "advisor-copilot.toml").write_text(
        '[serve.oidc]\nissuer = "https://sso.bank"\nclient_id = "desk"\n[serve.oidc.roles]\nrm = "advisor"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("ADVISOR_COPILOT_SERVE__OIDC__CLIENT_ID", "other")
    own = load_settings().serve.oidc
    assert (own.issuer, own.client_id, own.roles) == ("https://sso.bank", "other", {"rm": "advisor"})


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('issuer = "http://sso.bank"\nclient_id = "x"\nroles = {rm = "advisor"}', "https"),
        ('issuer = "https://sso.bank"\nroles = {rm = "advisor"}', "client_id"),
        ('issuer = "https://sso.bank"\nclient_id = "x"', "roles"),
        ('issuer = "https://sso.bank"\nclient_id = "x"\nroles = {rm = "boss"}', "roles"),
        ('issuer = "https://sso.bank"\nclient_id = "x"\nscopes = ["email"]\nroles = {rm = "admin"}', "openid"),
        ("exclusive = true", "exclusive"),
        ('secret = "x"', "secret"),
        ("leeway_s = 4000", "leeway_s"),
    ],
)
def test_a_sign_in_that_cannot_work_stops_the_start(tmp_path, line, what):
    (tmp_path / "advisor-copilot.toml").write_text(f"[serve.oidc]\n{line}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=what) as caught:
        load_settings()
    assert "\n" not in str(caught.value)
