"""The measured morning (`python -m evals.desk_day`) on the fake product: it does what it says, and says when the desk does not."""

from __future__ import annotations

import pytest
from conftest import REAL
from test_desk import desk_page, opened, until

from copilot.errors import CopilotError
from evals import desk_day
from evals.desk_day import Answered, answer, clear, refer, soon, told

pytestmark = [pytest.mark.browser, pytest.mark.skipif(REAL, reason="needs the fake product's guard")]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_customer_is_answered_texts_are_referred_and_cleared(browser, served, language):
    page = desk_page(browser, served, language=language)
    done = answer(page, "maturity", "我那笔半年的理财好像这周五到期，钱会自动回到卡里吗")
    assert (done.need, done.taken) == ("maturity", 1)
    assert 0 < done.first <= done.whole
    (release,) = served.app.record.read(kinds=("release",))
    refer(page, "这款最好（1）", "客户催得急")
    refer(page, "这款保本（1）", "客户催得急")
    seconds = clear(opened(browser, served, "chen", language=language))
    assert len(seconds) == 2
    assert [c.outcome for c in served.app.cases.decided(10)] == ["returned"] * 2
    assert release.actor == "li"


def test_a_desk_that_lets_nothing_out_is_said(browser, served, monkeypatch):
    monkeypatch.setattr(desk_day, "PATIENCE_S", 3.0)
    page = desk_page(browser, served)
    served.fake.guard.words = {"，": ("G01", "block", "每一句都拦", None), "。": ("G01", "block", "每一句都拦", None)}
    with pytest.raises(CopilotError, match="never came so far"):
        answer(page, "maturity", "到期了怎么办")


def test_the_figures_say_of_how_many_they_are():
    lines = told([Answered("a", 0.5, 1.0, 1), Answered("b", 1.5, 3.0, 2)], [0.4])
    assert lines[-2:] == [
        "advisor: median 2.00 s from paste to release, 1.00 s to the first suggestion, n=2",
        "compliance: median 0.40 s a case, n=1",
    ]


def test_what_is_typed_while_suggestions_are_made_stays(browser, served):
    served.fake.drafter.pause = 0.8
    page = desk_page(browser, served)
    page.fill("#say textarea", "到期了怎么办")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#cards .do-adopt-0")
    count = page.locator("#chat .said").count()
    page.fill("#say textarea", "那你快点回我")
    page.keyboard.press("Control+Enter")
    page.fill("#editor textarea", "王姐，我正在看")
    until(page, f"document.querySelectorAll('#chat .said').length > {count}")
    until(page, "!document.querySelector('#cards .working') && document.querySelector('#cards .do-adopt-1') !== null")
    assert not soon(page, "document.querySelector('#editor textarea').value !== '王姐，我正在看'", 1.0)
