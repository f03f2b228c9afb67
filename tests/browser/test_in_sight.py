"""What has to be in sight without scrolling, what the page says of its own state, and what no page leaves in the browser."""

from __future__ import annotations

import pytest
from seeded import CHEN, LI, seed
from test_desk import ask, desk_page, fake_only, opened, until, write

from ui.desk import Desk
from ui.handlers import advising, sending, talking
from ui.text import Words

pytestmark = [pytest.mark.browser, fake_only]
BOTH = pytest.mark.parametrize("language", ["zh", "en"])
IN_SIGHT = """(() => {
  const area = document.querySelector('#below').getBoundingClientRect();
  return [...document.querySelectorAll('#findings .finding')].filter((f) => f.getBoundingClientRect().bottom <= area.bottom + 1).length;
})()"""


@BOTH
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1440, 900)])
def test_two_findings_stand_whole_beside_the_first_suggestion(browser, served, language, width, height):
    page = desk_page(browser, served, language=language, width=width, height=height)
    ask(page)
    write(page, "这款保本，是最好的，您放心")
    until(page, "document.querySelectorAll('#findings .finding').length === 3")
    until(page, f"{IN_SIGHT} >= 2")
    assert Words(language)("n_found", n=3) in page.inner_text("#verdict")
    card, reply = (page.locator(part).bounding_box() for part in ("#cards .candidate >> nth=0", "#reply"))
    assert card["y"] + card["height"] <= reply["y"]
    page.click("#findings .do-goto-0")
    chosen = "((i) => i.value.slice(i.selectionStart, i.selectionEnd))(document.querySelector('#editor textarea'))"
    until(page, f"{chosen} === '保本'")


@BOTH
def test_the_list_says_who_waits_how_long_and_where_something_happened(browser, served, language):
    desk = Desk(served.app)
    talk = talking.say(desk, LI, "", "我那笔理财到期了怎么办")
    list(advising.suggest(desk, LI, talk))
    entry = sending.ask_compliance(desk, LI, talk, "这是最好的安排", 0, "客户问得急").entry
    served.app.casework.decide(CHEN, entry, "returned", "请改", "x")
    served.fake.later = served.fake.later.__class__(minutes=12)
    page = desk_page(browser, served, language=language)
    words = Words(language)
    assert words("waits_row", age=words("minutes", n=12)) in page.inner_text("#rows")
    assert page.inner_text("#rows .notice-count") == "1"
    page.click("#notices summary")
    page.click("#notices .do-notices-read")
    until(page, "document.querySelector('#rows .notice-count') === null")


@BOTH
def test_the_card_is_read_at_a_glance_and_is_one_line_beside_wecom(browser, served, language):
    desk, words = Desk(served.app), Words(language)
    talk = talking.say(desk, LI, "", "在吗")
    card = {"name": "王姐", "risk_level": "C2", "assessed_on": "2026-03-01", "tags": "怕亏"}
    card |= {"holdings": "大额存单 20万 2027-03-01\n稳健半年 R2 30万 2026-11-27", "events": "2026-11-02 女儿考上大学"}
    talking.save_card(desk, LI, talk, card)
    page = desk_page(browser, served, language=language)
    told = page.inner_text("#facts")
    assert told.index("2026-11-27") < told.index("2027-03-01")
    assert words("valid_card", on="2026-03-01") in told
    assert "女儿考上大学" in told
    assert "怕亏" in told
    page.set_viewport_size({"width": 400, "height": 860})
    until(page, "document.querySelector('#facts').offsetHeight === 0")
    assert "王姐" in page.inner_text("#card .label-wrap")


@BOTH
def test_nothing_goes_to_compliance_without_a_remark(browser, served, language):
    page = desk_page(browser, served, language=language)
    ask(page)
    write(page, "这是最好的安排")
    page.click("#refer")
    until(page, f"document.querySelector('#notice').innerText.includes('{Words(language)('fail_remark')}')")
    assert page.input_value("#editor textarea") == "这是最好的安排"
    assert served.app.record.read(kinds=("referral",)) == []


@BOTH
def test_a_model_that_is_starting_is_said_and_scripts_answer(browser, served, language):
    served.fake.drafter.down, served.fake.model = True, "starting"
    page = desk_page(browser, served, language=language)
    until(page, f"document.querySelector('#notice').innerText.includes('{Words(language)('banner_starting')}')")
    assert Words(language)("model_starting") in (page.text_content("#top") or "")
    ask(page)
    assert Words(language)("from_script") in page.inner_text("#cards")


def test_no_page_leaves_anything_in_the_browser(browser, served):
    seed(served.app)
    page = desk_page(browser, served)
    ask(page)
    write(page, "王姐，我先看一下")
    kept = "(async () => [...Object.keys(localStorage), ...Object.keys(sessionStorage), ...(await indexedDB.databases()).map((d) => d.name), ...(await caches.keys()), document.cookie].filter(Boolean))()"
    assert page.evaluate(kept) == []
    officer = opened(browser, served, "chen")
    officer.click("#queue .queue-rows .row")
    officer.wait_for_selector("#case-area .case")
    assert officer.evaluate(kept) == []


@pytest.mark.parametrize(("name", "where"), [("zhou", "trainer"), ("chen", "rulebook")])
def test_no_word_of_a_table_is_broken_on_a_narrow_screen(browser, served, name, where):
    seed(served.app)
    page = opened(browser, served, name, language="en", width=400)
    page.wait_for_selector("#top .title")
    page.goto(f"{served.url}/en/{where}")
    page.wait_for_selector("#body table.figures td")
    broken = """[...document.querySelectorAll('#body table.figures :is(td, th)')].flatMap((cell) => {
      const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), found = [];
      for (let node; (node = texts.nextNode()); )
        for (const word of node.textContent.matchAll(/[A-Za-z]{3,}/g)) {
          const range = document.createRange();
          range.setStart(node, word.index);
          range.setEnd(node, word.index + word[0].length);
          if (range.getClientRects().length > 1) found.push(word[0]);
        }
      return found;
    })"""
    assert page.evaluate(broken) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
