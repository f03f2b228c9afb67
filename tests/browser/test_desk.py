"""The desk in a real Chromium. `wait_for_function` is no use here: the page's policy forbids `eval`, so we poll."""

from __future__ import annotations

import time

import pytest
from conftest import REAL, Served
from fake_app import PASSWORD

from ui.text import Words

pytestmark = pytest.mark.browser
MESSAGE = "我那笔半年的理财好像这周五到期，到时候钱会自动回到卡里吗"
fake_only = pytest.mark.skipif(REAL, reason="needs the fake product's switches")


def until(page, expression, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, f"never came true: {expression}"
        page.wait_for_timeout(25)


def opened(browser, served: Served, name="li", width=1440, height=860, language="zh"):
    context = browser.new_context(viewport={"width": width, "height": height})
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=served.url)
    page = context.new_page()
    page.on(
        "request", lambda r: None if r.url.startswith((served.url, "data:", "blob:")) else served.outside.append(r.url)
    )
    page.on("console", lambda m: served.errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: served.errors.append(str(e)))
    page.goto(f"{served.url}/language/{language}?next=/login")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    return page


def desk_page(browser, served, **options):
    page = opened(browser, served, **options)
    page.wait_for_selector("#chat .empty, #chat .said")
    return page


def ask(page, text=MESSAGE):
    page.fill("#say textarea", text)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#cards .do-adopt-0")
    until(page, "!document.querySelector('#cards .working')")


SETTLED = "!document.querySelector('#reply').classList.contains('pending')"


def write(page, text):
    page.fill("#editor textarea", text)
    page.wait_for_timeout(60)
    until(page, SETTLED)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_from_a_pasted_message_to_a_recorded_release(browser, served, language):
    page = desk_page(browser, served, language=language)
    ask(page)
    page.keyboard.press("Alt+1")
    until(page, "document.querySelector('#editor textarea').value.length > 5")
    until(page, "!document.querySelector('#release').disabled")
    text = page.input_value("#editor textarea")

    write(page, text + "这款理财保本。")
    until(page, "document.querySelector('#release').disabled")
    assert "is-block" in page.inner_html("#findings")
    assert page.locator("#editor .mirror mark.is-block").first.inner_text().find("保本") >= 0
    page.keyboard.press("Control+Shift+Enter")
    page.wait_for_timeout(300)
    assert served.app.record.read(kinds=("release",)) == []

    write(page, text)
    until(page, "!document.querySelector('#release').disabled")
    page.focus("#editor textarea")
    page.keyboard.press("Control+Shift+Enter")
    page.wait_for_selector("#sent .released")
    entries = served.app.record.read(kinds=("release",))
    assert [(e.actor, e.payload["text"]) for e in entries] == [("li", text)]
    until(page, "navigator.clipboard.readText().then((t) => t.length > 0)")
    assert page.evaluate("navigator.clipboard.readText()") == text
    assert served.outside == []
    assert served.errors == []


def test_the_editor_is_read_within_a_moment_of_a_pause(browser, served):
    page = desk_page(browser, served)
    ask(page)
    page.keyboard.press("Alt+1")
    until(page, "document.querySelector('#editor textarea').value.length > 5")
    page.focus("#editor textarea")
    page.keyboard.insert_text("保本")  # as an input method does: no key press
    until(page, "document.querySelector('#findings .is-block') !== null", 5)
    until(page, "document.querySelector('#release').disabled", 5)


@fake_only
def test_one_click_puts_in_the_replacement(browser, served):
    page = desk_page(browser, served)
    ask(page)
    write(page, "😊这款保本")
    page.click("#findings .do-fix-0")
    until(page, "document.querySelector('#editor textarea').value === '😊这款不保证本金'")
    until(page, "!document.querySelector('#release').disabled")


@fake_only
def test_a_new_message_discards_what_was_being_written_for_the_old_one(browser, served):
    served.fake.drafter.pause = 1.5
    page = desk_page(browser, served)
    page.fill("#say textarea", "第一句话的问题")
    page.click("#generate")
    page.wait_for_selector("#cards .working")
    page.fill("#say textarea", "换个问题：能提前取吗")
    page.click("#generate")
    until(page, "document.querySelectorAll('#chat .hers').length === 2")
    page.wait_for_selector("#cards .do-adopt-1")
    page.wait_for_timeout(1000)
    assert page.locator("#cards .candidate").count() == 2
    assert "能提前取吗" in page.inner_text("#cards")
    assert "第一句话的问题" not in page.inner_text("#cards")


@fake_only
def test_a_customers_markup_is_shown_as_she_wrote_it(browser, served):
    page = desk_page(browser, served)
    nasty = "<img src=x onerror=\"document.title='x'\"> **粗** $$x$$ </div><script>1</script>"
    ask(page, nasty)
    assert page.inner_text("#chat .bubble") == nasty
    assert page.locator("#chat img, #chat strong, #chat script").count() == 0


@pytest.mark.parametrize("language", ["zh", "en"])
@fake_only
def test_failures_hold_the_text_and_say_so(browser, served, language):
    page = desk_page(browser, served, language=language)
    ask(page)
    write(page, "王姐，您好")
    served.fake.record.broken = True
    page.click("#release")
    page.wait_for_selector("#sent .banner-bad")
    assert page.input_value("#editor textarea") == "王姐，您好"
    served.fake.record.broken = False
    served.fake.guard.broken = True
    write(page, "王姐，您好呀")
    page.wait_for_selector("#findings .banner-bad")
    until(page, "document.querySelector('#release').disabled")


@pytest.mark.parametrize("language", ["zh", "en"])
@fake_only
def test_the_model_being_down_is_said_quietly_and_scripts_answer(browser, served, language):
    served.fake.drafter.down, served.fake.model = True, "down"
    page = desk_page(browser, served, language=language)
    page.wait_for_selector("#notice .banner-info")
    ask(page)
    assert Words(language)("from_script") in page.inner_text("#cards")


def test_the_other_language(browser, served):
    page = desk_page(browser, served)
    page.click(".top .do-language-en")
    page.wait_for_selector("#chat .empty")
    until(page, "document.documentElement.lang === 'en'")
    assert page.inner_text("#generate").startswith("Generate")
    assert page.inner_text("h1") == "Advisor desk"


@fake_only
@pytest.mark.parametrize("width", [400, 1280, 1440])
def test_nothing_sticks_out_sideways(browser, served, width):
    page = desk_page(browser, served, width=width)
    ask(page)
    page.click("#cards .do-adopt-1")
    until(page, "document.querySelector('#editor textarea').value.length > 5")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.locator("#release").bounding_box()["y"] < 860


@pytest.mark.parametrize("language", ["zh", "en"])
@fake_only
def test_compliance_decides_and_the_advisor_sees_it(browser, served, language):
    page = desk_page(browser, served, language=language)
    ask(page)
    write(page, "这是最好的安排")
    page.wait_for_selector("#refer")
    page.fill("#remark textarea, #remark input", "客户问得急")
    page.click("#refer")
    page.wait_for_selector("#sent .banner-good")
    officer = opened(browser, served, "chen", language=language)
    officer.click("#queue .row")
    officer.wait_for_selector("#case-area .case")
    assert "客户问得急" in officer.inner_text("#case-area")
    officer.fill("#reason textarea", "已核对")
    officer.click("#approved")
    officer.wait_for_selector("#notice .banner-good")
    page.reload()
    page.click("#outcomes .small-button")
    page.wait_for_selector("#sent .released")
    assert served.errors == []


@fake_only
def test_an_unsure_intent_is_settled_with_one_click_and_a_new_tone_keeps_it(browser, served):
    served.app.unsure = True
    page = desk_page(browser, served)
    ask(page)
    page.wait_for_selector("#offered-first:visible")
    assert page.inner_text("#offered-second") == "是用款与赎回？"
    page.click("#offered-second")
    until(page, "document.querySelector('#intent input').value.includes('用款与赎回')")
    page.wait_for_selector("#offered-first", state="hidden")
    page.click("#tone input")
    page.click("ul[role=listbox] li >> nth=1")
    until(page, "!document.querySelector('#cards .working')")
    assert "用款与赎回" in page.input_value("#intent input")
    assert {e.payload["intent"] for e in served.app.record.read(kinds=("correction",))} == {"liquidity_need"}
    assert served.errors == []


def test_a_page_opened_after_the_session_leads_to_sign_in_and_back(browser, served):
    page = desk_page(browser, served)
    served.app.users.set_password("li", PASSWORD)
    page.reload()
    page.wait_for_selector("#password")
    page.fill("#name", "li")
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_selector("#chat .empty")
