"""The compliance page in a real Chromium: a queue cleared by keys, two officers at once, filters, both languages."""

from __future__ import annotations

import pytest
from conftest import REAL
from test_desk import ask, desk_page, opened, until, write

from copilot.records import User
from ui.desk import Desk
from ui.handlers import advising, sending, talking
from ui.text import Words

pytestmark = [pytest.mark.browser, pytest.mark.skipif(REAL, reason="needs the fake product's guard")]
LI = User("li", "advisor", "李经理")


def fill(served, texts):
    desk = Desk(served.app)
    entries = []
    for text in texts:
        conversation = talking.say(desk, LI, "", "我那笔理财到期了怎么办")
        list(advising.suggest(desk, LI, conversation))
        entries.append(sending.ask_compliance(desk, LI, conversation, text, 0, "客户问得急").entry)
    return entries


def open_first(page):
    page.wait_for_selector("#queue .queue-rows .row")
    page.keyboard.press("ArrowDown")
    page.wait_for_selector("#case-area .case")
    page.wait_for_selector("#reason textarea")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_twenty_cases_are_cleared_by_keys(browser, served, language):
    entries = fill(served, [f"这是最好的第{n}种安排" if n % 2 else f"这款保本，第{n}种" for n in range(20)])
    page = opened(browser, served, "chen", language=language)
    open_first(page)
    for n in range(20):
        case = page.inner_text("#case-area .case-head h2")
        page.keyboard.press("r")
        until(page, "document.activeElement === document.querySelector('#reason textarea')")
        page.keyboard.insert_text(f"改{n}")
        page.wait_for_timeout(120)
        page.keyboard.press("Control+Enter")
        if n < 19:
            until(page, f"(document.querySelector('#case-area .case-head h2')?.innerText ?? '{case}') !== '{case}'")
            page.keyboard.press("Escape")
    page.wait_for_selector("#queue .empty")
    assert [served.app.cases.get(e).outcome for e in entries] == ["returned"] * 20
    assert (served.outside, served.errors) == ([], [])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_two_officers_meet_over_one_case(browser, served, language):
    (entry,) = fill(served, ["这是最好的安排"])
    chen, sun = (opened(browser, served, name, language=language) for name in ("chen", "sun"))
    for page in (chen, sun):
        open_first(page)
    chen.keyboard.press("c")
    chen.wait_for_selector("#case-area .do-release")
    sun.fill("#reason textarea", "可以")
    sun.wait_for_timeout(150)
    sun.click("#approved")
    sun.wait_for_selector("#notice .banner-warn")
    assert "陈合规" in sun.inner_text("#notice")
    assert "陈合规" in sun.inner_text("#case-area .holder")
    assert sun.locator("#approved").count() == 0
    assert served.app.cases.get(entry).outcome == ""
    chen.fill("#reason textarea", "可以")
    chen.wait_for_timeout(150)
    chen.locator("#case-area").click()
    chen.keyboard.press("a")
    until(chen, f"document.querySelector('#notice').innerText.includes('{Words(language)('approved')}')")
    assert served.app.cases.get(entry).outcome == "approved"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_escalated_case_is_decided_by_the_administrator(browser, served, language):
    (entry,) = fill(served, ["这是最好的安排"])
    chen = opened(browser, served, "chen", language=language)
    open_first(chen)
    chen.click("#case-area .do-escalate")
    chen.wait_for_selector("#notice .banner-warn")
    chen.fill("#reason textarea", "拿不准")
    chen.wait_for_timeout(150)
    chen.click("#case-area .do-escalate")
    chen.wait_for_selector("#notice .banner-good")
    until(chen, "!document.querySelector('#approved')")
    root = opened(browser, served, "root", language=language)
    root.click(".top .do-page-compliance")
    open_first(root)
    root.fill("#reason textarea", "不可")
    root.wait_for_timeout(150)
    root.click("#rejected")
    root.wait_for_selector("#notice .banner-good")
    assert served.app.cases.get(entry).outcome == "rejected"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_filters_and_cases_alike(browser, served, language):
    entries = fill(served, ["王姐，这是最好的安排", "赵叔，这是最好的安排", "这款保本"])
    page = opened(browser, served, "chen", language=language)
    page.wait_for_selector("#queue .queue-rows .row")
    page.click("#queue .filters summary")
    page.click("#queue .do-pick-check-473231")
    until(page, "document.querySelectorAll('#queue .queue-rows .row').length === 2")
    page.keyboard.press("ArrowDown")
    page.wait_for_selector("#together input")
    page.check("#together input")
    page.fill("#reason textarea", "去掉绝对化用语")
    page.wait_for_timeout(150)
    page.click("#returned")
    page.wait_for_selector("#notice .banner-good")
    assert [served.app.cases.get(e).outcome for e in entries] == ["returned", "returned", ""]
    page.click("#queue .queue-head .do-clear")
    until(page, "document.querySelectorAll('#queue .queue-rows .row').length === 1")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_returned_text_goes_back_is_changed_and_sent_again(browser, served, language):
    page = desk_page(browser, served, language=language)
    ask(page)
    write(page, "这是最好的安排")
    page.fill("#remark textarea, #remark input", "客户问得急")
    page.click("#refer")
    page.wait_for_selector("#sent .banner-good")
    officer = opened(browser, served, "chen", language=language)
    open_first(officer)
    officer.fill("#reason textarea", "去掉最好")
    officer.wait_for_timeout(150)
    officer.click("#returned")
    officer.wait_for_selector("#notice .banner-good")
    page.reload()
    page.click("#outcomes .small-button")
    until(page, "document.querySelector('#editor textarea').value === '这是最好的安排'")
    write(page, "这是最好的办法")
    page.fill("#remark textarea, #remark input", "改了")
    page.click("#refer")
    page.wait_for_selector("#sent .banner-good")
    officer.reload()
    open_first(officer)
    assert "去掉最好" in officer.inner_text("#case-area")
    assert [c.follows > 0 for c in served.app.cases.waiting()] == [True]


@pytest.mark.parametrize("width", [400, 1100, 1440])
def test_the_office_does_not_stick_out_and_the_decision_is_in_sight(browser, served, width):
    fill(served, ["这是最好的安排" + "，很长的一段话" * 30] * 3)
    page = opened(browser, served, "chen", width=width)
    open_first(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    box = page.locator("#rejected").bounding_box()
    assert box["y"] + box["height"] <= 860
    assert box["x"] + box["width"] <= width
