"""A morning at the desk in a real Chromium: ten customers answered by an advisor, twenty texts cleared by an officer, each by keys.

python -m evals.desk_day [--language en] [--data FOLDER]

It starts `advisor-copilot serve` on a folder of its own and prints how long a reply takes from the paste to its release,
without the time people take to read and think, and how long the officer's decisions take. Needs `make dev` and Chromium.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.errors import CopilotError, InputError
from copilot.settings import Settings
from copilot.wiring import build

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
PASSWORD = "a-morning-at-the-desk"  # of users that live as long as this run
PATIENCE_S = 60.0
BUDGET_S = 20.0
"""What issue and advisor expect of the median."""
NEEDS: tuple[tuple[str, str], ...] = (
    ("maturity", "我那笔半年的理财好像这周五到期，到时候钱会自动回到卡里吗"),
    ("quote", "三年定期现在利率多少，存二十万到期利息有多少"),
    ("complaint", "你们上次说好给我回电话的，等了三天没人理，我要投诉"),
    ("fraud", "有人说是银保监的，让我把钱转到安全账户，还要开屏幕共享，我该怎么办"),
    ("angry", "又亏了！当初你拍胸脯说稳的，现在一天比一天少，你怎么解释"),
    ("insurance", "分红险和存款哪个划算，中途要用钱能退吗"),
    ("minor", "我今年十六岁，压岁钱能自己买理财吗"),
    ("holiday", "国庆放假期间赎回，钱哪天能到账"),
    ("comparison", "隔壁银行同样的产品给得比你们高，我是不是该转过去"),
    (
        "pasted chat",
        "王姐@微信 2026-11-20 09:58:11\n在吗\n\n李经理 2026-11-20 09:59:40\n在的，王姐\n\n王姐@微信 2026-11-20 10:00:02\n我想提前取那笔理财，行不行",
    ),
)
"""What ten customers want, in their words."""
RISKY = ("这款理财保本保息，您放一百个心", "这是全行业最好的产品，今天不买就没有了")
"""What an advisor in a hurry writes: held by the guard, and sent to compliance."""
READY = (
    "!document.querySelector('#release').disabled && !document.querySelector('#reply').classList.contains('pending')"
)
IDLE = "!document.querySelector('#cards .working') && document.querySelector('#cards .do-adopt-0') !== null"
HEAD = "document.querySelector('#case-area .case-head h2')?.innerText ?? ''"
SEND = "#editor textarea"


@dataclass(frozen=True)
class Answered:
    """One customer answered: seconds to the first suggestion and to the release, and which suggestion went out."""

    need: str
    first: float
    whole: float
    taken: int


def answer(page: Page, need: str, said: str) -> Answered:
    """Paste, generate, take the first suggestion that may be sent, release. CopilotError when none may."""
    page.click("#new")
    until(page, "document.querySelectorAll('#chat .said').length === 0")
    began = time.perf_counter()
    page.fill("#say textarea", said)
    if "@微信" in said:
        page.wait_for_selector("#preview .do-take")
    page.keyboard.press("Control+Enter")
    until(page, "document.querySelector('#cards .do-adopt-0') !== null")
    first = time.perf_counter() - began
    until(page, IDLE)
    for place in range(page.locator("#cards .candidate").count()):
        page.keyboard.press(f"Alt+{place + 1}")
        until(page, f"document.querySelector('{SEND}').value.length > 1")
        if soon(page, READY):
            page.focus(SEND)
            page.keyboard.press("Control+Shift+Enter")
            page.wait_for_selector("#sent .released")
            return Answered(need, first, time.perf_counter() - began, place + 1)
    raise CopilotError(f"{need}: no suggestion may be sent")


def refer(page: Page, text: str, remark: str) -> None:
    """Write a text the guard holds, and send it to compliance."""
    count = page.locator("#chat .said").count()
    page.fill("#say textarea", "那你给我个准话")
    page.keyboard.press("Control+Enter")
    until(page, f"document.querySelectorAll('#chat .said').length > {count} && {IDLE}")
    page.fill(SEND, text)
    page.wait_for_selector("#refer")
    page.fill("#remark textarea, #remark input", remark)
    page.click("#refer")
    page.wait_for_selector("#sent .banner-good")


def clear(page: Page) -> list[float]:
    """Return every case of the queue by keys; the seconds of each."""
    page.wait_for_selector("#queue .queue-rows .row")
    page.keyboard.press("ArrowDown")
    page.wait_for_selector("#reason textarea")
    seconds: list[float] = []
    while head := str(page.evaluate(HEAD)):
        began = time.perf_counter()
        page.keyboard.press("r")
        until(page, "document.activeElement === document.querySelector('#reason textarea')")
        page.keyboard.insert_text(f"请如实说明风险，改好再送（{len(seconds) + 1}）")
        page.wait_for_timeout(120)  # the page hands a field over after a moment without a key
        page.keyboard.press("Control+Enter")
        until(page, f"({HEAD}) !== {head!r}")
        page.keyboard.press("Escape")
        seconds.append(time.perf_counter() - began)
        if not page.locator("#queue .queue-rows .row").count():
            break
    return seconds


def until(page: Page, expression: str) -> None:
    """Wait until an expression holds; the page's policy forbids playwright's own way. CopilotError when it never does."""
    if not soon(page, expression, PATIENCE_S):
        raise CopilotError(f"the desk never came so far: {expression}")


def soon(page: Page, expression: str, seconds: float = 5.0) -> bool:
    """Whether an expression comes to hold."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(expression):
        if time.monotonic() > deadline:
            return False
        page.wait_for_timeout(20)
    return True


def signed_in(browser: Browser, address: str, name: str, language: str) -> Page:
    """A page of one person, in a browser context of its own."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(f"{address}/language/{language}?next=/login")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_selector("#top .title")
    return page


def told(answers: Sequence[Answered], cases: Sequence[float]) -> list[str]:
    """The figures, a line each."""
    lines = [f"{a.need:12} first {a.first:5.2f} s  released {a.whole:5.2f} s  suggestion {a.taken}" for a in answers]
    whole = statistics.median(a.whole for a in answers)
    first = statistics.median(a.first for a in answers)
    lines.append(
        f"advisor: median {whole:.2f} s from paste to release, {first:.2f} s to the first suggestion, n={len(answers)}"
    )
    if cases:
        lines.append(f"compliance: median {statistics.median(cases):.2f} s a case, n={len(cases)}")
    return lines


@contextmanager
def served(data: Path) -> Iterator[str]:
    """The desk in a process of its own; its address."""
    product = build(Settings(data=data))
    for name, role, display in (("li", "advisor", "李经理"), ("chen", "compliance", "陈合规")):
        product.users.add(name, role, display, PASSWORD)
    product.close()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {**os.environ, "ADVISOR_COPILOT_DATA": str(data)}
    command = [sys.executable, "-m", "copilot.cli", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 120
        while not _answers(address):
            if process.poll() is not None or time.monotonic() > deadline:
                raise CopilotError("the desk did not start: run `advisor-copilot doctor`")
            time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=2) as answer_:
            return bool(answer_.status == 200)
    except OSError:
        return False


def day(browser: Browser, address: str, language: str) -> tuple[list[Answered], list[float]]:
    """Ten customers and twenty cases."""
    advisor = signed_in(browser, address, "li", language)
    advisor.wait_for_selector("#chat .empty, #chat .said")
    answers = []
    for number, (need, said) in enumerate(NEEDS):
        answers.append(answer(advisor, need, said))
        for text in RISKY:
            refer(advisor, f"{text}（{number + 1}）", "客户催得急")
    return answers, clear(signed_in(browser, address, "chen", language))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the morning and print its figures; 1 when the median is over the budget."""
    parser = argparse.ArgumentParser(prog="python -m evals.desk_day", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--language", choices=("zh", "en"), default="zh")
    parser.add_argument("--data", type=Path, help="a folder to keep; a passing one when left out")
    asked = parser.parse_args(arguments)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise InputError("playwright is missing: run `make dev`") from error
    with (
        tempfile.TemporaryDirectory() as passing,
        served(asked.data or Path(passing)) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        answers, cases = day(browser, address, asked.language)
        browser.close()
    print("\n".join(told(answers, cases)))
    return int(statistics.median(a.whole for a in answers) > BUDGET_S)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CopilotError as error:
        sys.exit(str(error))
