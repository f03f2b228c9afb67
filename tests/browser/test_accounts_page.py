"""Accounts in a real Chromium: the administrator's page, one's own password, and a session that is over while somebody writes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from conftest import REAL, serving
from test_desk import desk_page, opened, until

sys.path.insert(0, str(Path(__file__).parents[1] / "ui"))

from fake_app import PASSWORD, FakeApp
from provider import CLIENT, SECRET, running

from copilot.settings import OidcSettings

pytestmark = [pytest.mark.browser, pytest.mark.skipif(REAL, reason="needs the fake product's people")]


def act(page, name, sure=False):
    button = page.locator(f"#person .do-{name}")
    button.click()
    if sure:
        page.wait_for_selector(f"#person .do-{name}.armed")
        button.click()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_administrator_keeps_the_accounts(browser, served, language):
    page = opened(browser, served, "root", language=language)
    page.wait_for_selector("#people .staff-row")
    page.click("#bring")
    page.fill("#name input, #name textarea", "li.na")
    page.fill("#display input, #display textarea", "李娜")
    page.wait_for_timeout(150)
    page.click("#make")
    page.wait_for_selector("#notice .secret-word")
    password = page.inner_text("#notice .secret-word")
    assert len(password) == 16
    page.wait_for_selector("#person .do-password")
    act(page, "password", sure=True)
    until(page, f"(document.querySelector('#notice .secret-word')?.innerText ?? '{password}') !== '{password}'")
    second = page.inner_text("#notice .secret-word")
    act(page, "close", sure=True)
    page.wait_for_selector("#person .do-reopen")
    assert page.locator("#notice .secret-word").count() == 0
    assert not served.app.users.account("li.na").user.active
    act(page, "reopen")
    page.wait_for_selector("#person .do-close")
    other = browser.new_context().new_page()
    other.goto(f"{served.url}/login")
    other.fill("#name", "li.na")
    other.fill("#password", second)
    other.click("button[type=submit]")
    other.wait_for_url("**/account")
    assert other.locator("dl").count() == 0
    for box, value in (("old", second), ("new", "my-own-words-9"), ("again", "my-own-words-9")):
        other.fill(f"#{box}", value)
    other.click("button[type=submit]")
    other.wait_for_selector(".good")
    other.goto(f"{served.url}/advisor")
    other.wait_for_selector("#top .top")
    assert (served.outside, served.errors) == ([], [])


def test_an_administrator_may_not_close_herself(browser, served):
    page = opened(browser, served, "root")
    page.wait_for_selector("#people .staff-row")
    page.click("#people .do-person-" + b"root".hex())
    page.wait_for_selector("#person .case-head")
    assert page.locator("#person .acts button").count() == 0
    assert not page.locator("#set-role").is_visible()


def test_what_was_typed_stays_when_the_session_is_over(browser, served):
    page = desk_page(browser, served)
    with page.expect_response("**/gradio_api/run/predict"):  # what is pasted is looked at; the session still goes on
        page.fill("#say textarea", "王姐说：那笔钱到期了怎么办")
    served.app.sessions.end_others("li", None)
    with page.expect_popup() as waiting:
        page.fill("#editor textarea", "王姐，我先帮您查一下")  # the check of it is refused
        page.wait_for_selector("dialog.session-over[open]")
        page.click("dialog.session-over .over-go")
    popup = waiting.value
    popup.fill("#name", "li")
    popup.fill("#password", PASSWORD)
    popup.click("button[type=submit]")
    page.wait_for_selector("dialog.session-over", state="detached", timeout=20_000)
    assert page.input_value("#say textarea") == "王姐说：那笔钱到期了怎么办"
    assert page.input_value("#editor textarea") == "王姐，我先帮您查一下"
    page.click("#generate")
    page.wait_for_selector("#cards .candidate", timeout=20_000)
    assert served.app.conversations.of("li")[0].messages[-1].text.endswith("那笔钱到期了怎么办")


def test_somebody_else_who_signs_in_does_not_see_what_was_typed(browser, served):
    page = desk_page(browser, served)
    served.app.sessions.end_others("li", None)
    with page.expect_popup() as waiting:
        page.fill("#editor textarea", "只给王姐看的话")
        page.wait_for_selector("dialog.session-over[open]")
        page.keyboard.press("Escape")
        assert page.locator("dialog.session-over[open]").count() == 1
        page.click("dialog.session-over .over-go")
    popup = waiting.value
    popup.fill("#name", "wang")
    popup.fill("#password", PASSWORD)
    popup.click("button[type=submit]")
    page.wait_for_selector("#top .who:text-is('王经理')", timeout=40_000)
    assert "只给王姐看的话" not in page.content()
    assert page.input_value("#editor textarea") == ""


def test_the_bank_s_own_sign_in_in_a_browser(browser, tmp_path, monkeypatch):
    """The whole way over two origins, which the page's policy must let through."""
    monkeypatch.setenv("OIDC_CLIENT_SECRET", SECRET)
    with running() as provider:
        oidc = OidcSettings(issuer=provider.url, client_id=CLIENT, roles={"rm": "advisor"}, exclusive=True)
        with serving(FakeApp(tmp_path, oidc=oidc)) as url:
            page = browser.new_context().new_page()
            page.goto(f"{url}/en/advisor/")
            page.click("a.go")
            page.wait_for_selector("#chat .empty, #chat .said")
            assert page.url.rstrip("/") == f"{url}/en/advisor"
            assert page.inner_text("#top .who") == "李娜"
            provider.error = "access_denied"
            page.context.clear_cookies()
            page.goto(f"{url}/login")
            page.click("a.go")
            page.wait_for_selector(".wrong")
            assert page.locator("#password").count() == 0
