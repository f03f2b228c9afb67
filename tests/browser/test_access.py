"""Every page, role and language read by axe-core: no serious finding. And the tasks of trainers and compliance beside the queue, by hand."""

from __future__ import annotations

import os
from importlib.resources import files
from importlib.util import find_spec

import pytest
from conftest import REAL
from seeded import seed
from test_desk import desk_page, opened, until

from ui.text import Words

pytestmark = [pytest.mark.browser, pytest.mark.skipif(REAL, reason="needs the fake product's guard")]
GRAVE = ("serious", "critical")
PAGES = {
    "li": ("advisor", "practice", "knowledge"),
    "chen": ("compliance", "archive", "rulebook", "knowledge"),
    "zhou": ("trainer", "knowledge"),
}


@pytest.fixture(scope="module")
def axe():
    if find_spec("axe_playwright_python") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("axe-playwright-python is missing: `make dev` installs it, CI does not skip this")
        pytest.skip("axe-playwright-python is missing: `make dev` installs it")
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def findings(page, axe):
    page.wait_for_timeout(600)
    page.evaluate(f"{axe};0")
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [(v["id"], v["nodes"][0]["html"][:120]) for v in found if v["impact"] in GRAVE]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", list(PAGES))
def test_no_page_shuts_anybody_out(browser, served, axe, name, language):
    seed(served.app)
    page = opened(browser, served, name, language=language)
    for where in PAGES[name]:
        page.goto(f"{served.url}{'/en' if language == 'en' else ''}/{where}")
        page.wait_for_selector("#top .title")
        assert findings(page, axe) == [], where
        tabs = page.locator("#tabs .count-chip").count()
        for tab in range(tabs):
            page.locator("#tabs .count-chip").nth(tab).click()
            until(page, f"document.querySelectorAll('#tabs .count-chip')[{tab}]?.classList.contains('is-on')", 60)
            assert findings(page, axe) == [], (where, tab)
    assert (served.outside, served.errors) == ([], [])


def test_the_door_shuts_nobody_out(browser, served, axe):
    page = browser.new_page()
    page.goto(f"{served.url}/login")
    assert findings(page, axe) == []


def test_suggestions_and_an_open_case_shut_nobody_out(browser, served, axe):
    seed(served.app)
    page = desk_page(browser, served)
    page.click("#rows .row")
    page.wait_for_selector("#cards .do-adopt-0")
    assert findings(page, axe) == []
    officer = opened(browser, served, "chen")
    officer.click("#queue .queue-rows .row")
    officer.wait_for_selector("#case-area .case")
    assert findings(officer, axe) == []


def said(page, word):
    until(page, f"document.querySelector('#notice').innerText.includes('{word}')", 60)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_trainer_offers_a_habit_and_compliance_publishes_it(browser, served, axe, language):
    seed(served.app)
    page = opened(browser, served, "zhou", language=language)
    words, at = Words(language), "/en" if language == "en" else ""
    page.click(f"#tabs >> text={words('tab_edits')}")
    page.wait_for_selector(
        f"#body >> text={words('e_title')}", timeout=90_000
    )  # the view before had buttons of its own
    page.locator("#body table button").first.click()
    page.wait_for_selector("#script-text textarea")
    assert findings(page, axe) == []
    page.fill("#script-text textarea", "{客户.称呼}，先别急着动，我把几种安排列出来给您看")
    page.wait_for_timeout(200)
    page.click("#propose")
    said(page, words("e_proposed"))
    officer = opened(browser, served, "chen", language=language)
    officer.goto(f"{served.url}{at}/rulebook")
    officer.click(f"#tabs >> text={words('tab_scripts')}")
    officer.click("#body table button >> text=先别急着动", timeout=90_000)
    officer.wait_for_selector("#approve")
    assert findings(officer, axe) == []
    officer.click("#approve")
    said(officer, words("n_done_approve"))
    assert "先别急着动" in served.app.office.scriptbook.path.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_two_officers_put_a_word_in_force(browser, served, language):
    seed(served.app)
    chen, sun = (opened(browser, served, name, language=language) for name in ("chen", "sun"))
    words, at = Words(language), "/en" if language == "en" else ""
    chen.goto(f"{served.url}{at}/rulebook")
    chen.click(f"#tabs >> text={words('tab_draft')}")
    chen.wait_for_selector("#try")
    chen.click("#try")
    stricter = words("r_tried", total="@", stricter="@", milder="@").split("@")[2].strip()
    until(chen, f"document.querySelector('#body').innerText.includes('{stricter}')", 120)
    chen.fill("#reason input, #reason textarea", "试过了")
    chen.wait_for_timeout(200)
    chen.click("#propose")
    said(chen, words("r_done_propose"))
    assert chen.locator("#publish").count() == 0
    sun.goto(f"{served.url}{at}/rulebook")
    sun.click(f"#tabs >> text={words('tab_draft')}")
    sun.click("#publish")
    said(sun, words("r_done_publish"))
    assert served.app.office.rulebook.bench().in_force.added == {"G19-urgency": ("几种安排",)}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_officer_searches_reads_and_judges(browser, served, language):
    seed(served.app)
    page = opened(browser, served, "chen", language=language)
    words, at = Words(language), "/en" if language == "en" else ""
    page.goto(f"{served.url}{at}/archive")
    page.fill("#find-text input, #find-text textarea", "保本")
    page.wait_for_timeout(200)
    page.click("#find-record")
    page.click("#body table button")
    until(page, "document.querySelector('#body mark.is-block') !== null", 60)
    page.click(f"#tabs >> text={words('tab_samples')}")
    page.locator("#body table button").first.click()
    page.wait_for_selector("#good")
    page.click("#good")
    said(page, words("q_judged"))
    assert [s.outcome for s in served.app.office.sampling.drawn()].count("good") == 1
