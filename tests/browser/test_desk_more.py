"""What stands beside the suggestions, in a real Chromium: a pasted chat, search, thumbs, rewriting, notices, a lost connection."""

from __future__ import annotations

import pytest
from fake_app import PASSWORD
from test_desk import ask, desk_page, fake_only, opened, until, write

from ui.handlers import rewriting
from ui.text import Words

pytestmark = [pytest.mark.browser, fake_only]
CHAT = (
    "王姐@微信 2026-11-22 09:58:11\n在吗\n\n李经理 2026-11-22 09:59:40\n这款保本，王姐您放心\n\n"
    "王姐@微信 2026-11-22 10:00:02\n我那笔到期了，钱会自动回到卡里吗\n你撤回了一条消息"
)


def paste(page, text):
    page.fill("#say textarea", text)
    page.wait_for_selector("#preview .importing")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_pasted_chat_is_looked_at_then_taken_and_what_was_never_released_is_queued(browser, served, language):
    page = desk_page(browser, served, language=language)
    paste(page, CHAT)
    assert page.locator("#preview .im-line").count() == 3
    assert "你撤回了一条消息" in page.locator("#preview .im-asides").text_content()
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#cards .do-adopt-0")
    until(page, "!document.querySelector('#cards .working')")
    assert page.locator("#chat .said").count() == 3
    assert page.input_value("#say textarea") == ""
    assert page.locator("#notice .banner-warn").count() == 1
    (case,) = served.app.record.read(kinds=("referral",))
    assert case.payload["text"] == "这款保本，王姐您放心"
    officer = opened(browser, served, "chen", language=language)
    officer.click("#queue .row")
    officer.wait_for_selector("#case-area .case")
    assert Words(language)("gone_unreleased", at="@").split("@")[0] in officer.inner_text("#case-area")
    assert served.errors == []


def test_an_unknown_speaker_is_asked_for_before_anything_is_taken(browser, served):
    page = desk_page(browser, served, language="en")
    paste(page, CHAT.replace("李经理", "小李在江州").replace("王姐@微信", "静待花开@微信"))
    page.keyboard.press("Control+Enter")
    page.wait_for_timeout(600)
    assert page.locator("#chat .said").count() == 0
    page.click("#preview .do-who-1-me")
    page.wait_for_selector("#preview .do-take")
    assert page.locator("#preview .do-who-0-customer.is-on").count() == 1
    page.click("#preview .do-take")
    page.wait_for_selector("#cards .do-adopt-0")
    until(page, "document.querySelectorAll('#chat .mine').length === 1")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_search_thumbs_keys_and_rewriting(browser, served, language):
    page = desk_page(browser, served, language=language)
    ask(page)
    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.press("Alt+ArrowDown")
    page.wait_for_selector("#cards .candidate.is-next:nth-of-type(2)")
    page.keyboard.press("Alt+Enter")
    until(page, "document.querySelector('#editor textarea').value.includes('活期')")
    page.click("#cards .thumb-down summary >> nth=0")
    page.click("#cards .do-thumb-0-down-stiff")
    page.wait_for_selector("#notice .banner-good")
    (said,) = served.app.record.read(kinds=("thumb",))
    assert (said.payload["up"], said.payload["reason"]) == (False, "stiff")

    write(page, "王姐，")
    page.click("#looking button")
    page.fill("#query textarea, #query input", "查清楚")
    page.click("#look")
    page.wait_for_selector("#looked .do-put")
    until(
        page,
        "document.querySelector('#looked .do-put').getBoundingClientRect().bottom < document.querySelector('#reply').getBoundingClientRect().top",
    )
    page.evaluate("document.querySelector('#editor textarea').setSelectionRange(3, 3)")
    page.click("#looked .do-put >> nth=0")
    until(page, "document.querySelector('#editor textarea').value.includes('查清楚')")
    page.evaluate("document.querySelector('#editor textarea').setSelectionRange(0, 2)")
    page.keyboard.press("Alt+KeyR")
    page.wait_for_selector("#notice .banner-info")  # the fake product has no model that rewrites: it says so
    assert "王姐，" in page.input_value("#editor textarea")
    assert served.errors == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_reply_waits_a_holding_one_goes_out_and_a_notice_comes(browser, served, language):
    page = desk_page(browser, served, language=language)
    ask(page)
    write(page, "这是最好的安排")
    page.wait_for_selector("#refer")
    page.fill("#remark textarea, #remark input", "客户问得急")
    page.click("#refer")
    page.wait_for_selector("#sent .holding button")
    until(page, "document.querySelector('#below').scrollHeight <= document.querySelector('#below').clientHeight")
    page.reload()
    page.wait_for_selector("#sent .holding button")
    page.click("#sent .holding button")
    until(page, "document.querySelector('#editor textarea').value.length > 5")
    until(page, "!document.querySelector('#release').disabled")
    page.click("#release")
    page.wait_for_selector("#sent .released")
    (case,) = served.app.record.read(kinds=("referral",))
    served.app.casework.decide(
        served.app.users.list()[0].__class__("chen", "compliance", "陈"), case.sequence, "returned", "请改", "x"
    )
    page.reload()
    page.wait_for_selector("#notices .notice-count")
    page.click("#notices summary")
    page.click("#notices .notice")
    until(page, "document.querySelector('#notices .notice-count') === null")


def test_what_is_told_of_a_rewriting_is_not_wiped_out_by_the_text_it_changed(browser, served, monkeypatch):
    done = rewriting.Rewriting("王姐，我先看清楚", "我看一下")
    monkeypatch.setattr(rewriting, "rewrite_part", lambda *_: done)
    page = desk_page(browser, served)
    ask(page)
    write(page, "王姐，我看一下")
    page.evaluate("document.querySelector('#editor textarea').setSelectionRange(3, 7)")
    page.keyboard.press("Alt+KeyR")
    until(page, f"document.querySelector('#editor textarea').value === '{done.text}'")
    page.wait_for_timeout(1000)
    assert "我看一下" in page.inner_text("#notice .banner-good")
    assert served.errors == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_long_notice_leaves_title_links_and_the_whole_name_in_sight(browser, served, language):
    name = "欧阳慕容（城西支行）"
    served.app.users.add("ouyang", "advisor", name, PASSWORD)
    page = desk_page(browser, served, name="ouyang", language=language, width=1280)
    ask(page)
    write(page, "王姐，")
    page.evaluate("document.querySelector('#editor textarea').setSelectionRange(0, 2)")
    page.keyboard.press("Alt+KeyR")
    page.wait_for_selector("#notice .banner")
    box = {part: page.locator(part).bounding_box() for part in ("#notice .banner", "#top .title", "#top .who")}
    notice, title, who = box.values()
    first = page.locator("#top .top-link").first.bounding_box()
    assert title["x"] + title["width"] <= notice["x"]
    assert notice["x"] + notice["width"] <= first["x"] <= who["x"]
    assert notice["y"] + notice["height"] <= 51
    assert page.inner_text("#top .who") == name
    assert page.evaluate("(w => w.scrollWidth <= w.clientWidth)(document.querySelector('#top .who'))")
    told = page.locator("#notice .banner span").first
    assert told.get_attribute("title") == told.text_content() != ""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_written_survives_a_lost_connection_and_a_reload(browser, served, language):
    page = desk_page(browser, served, language=language)
    ask(page)
    write(page, "王姐，我先")
    page.context.set_offline(True)
    until(page, "document.body.classList.contains('lost')")
    page.fill("#editor textarea", "王姐，我先看一下再回您，这款保本")
    page.wait_for_timeout(800)
    assert page.locator("#lost-line").is_visible()
    page.context.set_offline(False)
    page.wait_for_timeout(3000)  # the page comes back by itself, perhaps with a reload
    page.wait_for_load_state()
    page.wait_for_selector("#findings .is-block")
    assert page.input_value("#editor textarea") == "王姐，我先看一下再回您，这款保本"
    page.reload()
    page.wait_for_selector("#findings .is-block")
    assert page.input_value("#editor textarea") == "王姐，我先看一下再回您，这款保本"
