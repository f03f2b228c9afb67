"""Practice in a real Chromium: an advisor talks to a customer, a trainer reads the talk; both languages."""

from __future__ import annotations

import threading

import pytest
from test_desk import fake_only, opened, until

from evals.practice.customer import customer_of
from ui.handlers import training

pytestmark = pytest.mark.browser
COURIER = customer_of("courier")
SAID = ("您好", "马师傅，这笔钱您什么时候要用？", "辛苦了。您最担心的是取不出来吗？")


def at_practice(browser, served, name, language, where="practice", **options):
    page = opened(browser, served, name, language=language, **options)
    page.wait_for_selector(".top")
    page.goto(f"{served.url}{'/en' if language == 'en' else ''}/{where}")
    page.wait_for_selector("#tabs .count-chip")
    return page


def begin(page, name):
    row = page.locator("#body tr", has_text=name)
    row.locator("button", has_text="").last.click()
    page.wait_for_selector("#practice-say textarea")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_advisor_practises_and_a_trainer_reads_it(browser, served, language):
    name = COURIER.name.zh if language == "zh" else COURIER.name.en
    hidden = COURIER.hidden.zh if language == "zh" else COURIER.hidden.en
    page = at_practice(browser, served, "li", language)
    begin(page, name)
    for number, text in enumerate(SAID, 1):
        page.fill("#practice-say textarea", text)
        page.focus("#practice-say textarea")
        page.keyboard.press("Control+Enter")
        until(page, f"document.querySelectorAll('#body .said.mine').length === {number}")
        until(page, "document.querySelector('#practice-say textarea').value === ''")
    assert hidden not in page.inner_text("#body")
    page.reload()
    page.wait_for_selector("#tabs .count-chip")
    page.locator("#body tr", has_text=name).locator("button").first.click()  # it goes on where it was left
    until(page, f"document.querySelectorAll('#body .said.mine').length === {len(SAID)}")
    page.click("#practice-leave")
    until(page, "document.querySelectorAll('#body table.figures tbody tr').length === 9")
    told = page.inner_text("#body")
    assert hidden in told
    assert SAID[1] in told
    assert page.locator("#practice-say").count() == 0 or not page.locator("#practice-say").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    trainer = at_practice(browser, served, "zhou", language, where="trainer")
    trainer.wait_for_selector("#body .area")
    trainer.locator("#tabs button").last.click()
    until(trainer, "document.querySelectorAll('#body table.figures').length === 2")
    assert name in trainer.inner_text("#body")
    trainer.locator("#body table.figures").last.locator("button").last.click()
    until(trainer, f"document.querySelectorAll('#body .said.mine').length === {len(SAID)}")
    assert hidden in trainer.inner_text("#body")
    assert (served.outside, served.errors) == ([], [])


@fake_only
def test_a_slow_look_at_the_runs_does_not_cover_the_tab_opened_meanwhile(browser, served, monkeypatch):
    began, go_on, ended, runs = threading.Event(), threading.Event(), threading.Event(), training.runs
    trainer = at_practice(browser, served, "zhou", "zh", where="trainer")
    trainer.wait_for_selector("#body .area")

    def slow(desk, user):
        began.set()
        go_on.wait(20)
        found = runs(desk, user)
        ended.set()
        return found

    monkeypatch.setattr(training, "runs", slow)
    assert began.wait(20)
    trainer.locator("#tabs button").last.click()
    until(trainer, "document.querySelector('#body .empty')?.innerText === '还没有人练过。'")
    with trainer.expect_response(lambda answer: "/run/" in answer.url):
        go_on.set()
    assert ended.wait(20)
    trainer.wait_for_timeout(500)
    assert trainer.inner_text("#body").strip() == "还没有人练过。"
    assert not trainer.locator("#start").is_visible()
    trainer.locator("#tabs button").first.click()
    trainer.wait_for_selector("#start")
    trainer.wait_for_selector("#body .area")
    assert served.errors == []


def test_the_talk_fits_a_phone(browser, served):
    page = at_practice(browser, served, "li", "zh", width=400)
    start = page.locator("#body td .small-button").first
    box = start.bounding_box()
    assert 0 < box["x"] < box["x"] + box["width"] <= 400  # in sight, though the table is wider than the phone
    drawn = start.evaluate("e => [getComputedStyle(e).borderTopStyle, getComputedStyle(e).borderTopWidth]")
    assert drawn == ["solid", "1px"]  # a button to the eye too
    begin(page, COURIER.name.zh)
    page.fill("#practice-say textarea", "保本" * 40)
    page.click("#practice-send")
    until(page, "document.querySelectorAll('#body .said.mine').length === 1")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.fill("#practice-say textarea", " ")
    page.click("#practice-send")
    page.wait_for_selector("#notice .banner-warn")
    assert served.errors == []
