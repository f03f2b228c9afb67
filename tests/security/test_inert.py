"""Whatever a person, a customer or a paper writes is text on every page: no tag, no picture from elsewhere, no Markdown."""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "ui"))

from fake_app import PASSWORD, FakeApp
from markdown_it import MarkdownIt

from copilot.records import User
from ui import advisor, compliance, knowledge, trainer
from ui.desk import Desk
from ui.handlers import advising, reviewing, sending, talking
from ui.text import Words

HOSTILE = (
    '<img src=x onerror=alert(1)><script>alert(2)</script><a href="javascript:alert(3)">x</a> ![p](http://evil.example/p.png) '
    "[l](javascript:alert(4)) **b** `c` <http://evil.example> \"' <svg/onload=alert(5)>"
)
LINES = f"{HOSTILE}\n\n# 标题 {HOSTILE}\n\n> {HOSTILE}\n\n```\n{HOSTILE}\n```\n\n- {HOSTILE}"
PAGES = {"advisor": advisor, "compliance": compliance, "trainer": trainer, "knowledge": knowledge}
WHO = {"advisor": "li", "compliance": "chen", "trainer": "zhou", "knowledge": "chen"}
OURS = {
    "class",
    "role",
    "title",
    "type",
    "open",
    "lang",
    "for",
    "id",
    "aria-label",
    "aria-hidden",
    "value",
    "data-count",
}
"""What the pages' own elements carry."""
OWN_LINK = re.compile(r"/exports/evidence/\d+\.zip")
"""The one address a page draws itself; a number is all that varies in it."""
NEVER = {"script", "img", "svg", "iframe", "form", "input", "style", "link", "object", "base", "meta"}
MARKDOWN = {"a", "strong", "em", "code", "pre", "h1", "h2", "blockquote"}


class Reader(HTMLParser):
    """Every element that a browser would make of a text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def elements(value: str) -> list[tuple[str, dict[str, str | None]]]:
    """As the page's Markdown area makes them."""
    reader = Reader()
    reader.feed(MarkdownIt("commonmark", {"html": True}).enable("table").render(value))
    return reader.found


def demand_inert(where: str, value: str) -> None:
    for tag, attributes in elements(value):
        assert tag not in NEVER, f"{where}: <{tag}>"
        # what Markdown makes of a text carries no class; what the pages draw does
        assert tag not in MARKDOWN or attributes.get("class"), f"{where}: <{tag}>"
        carried = set(attributes)
        if tag == "a" and OWN_LINK.fullmatch(attributes.get("href") or ""):
            carried -= {"href"}
        assert carried <= OURS, f"{where}: <{tag}> carries {carried - OURS}"
        assert not any("evil" in (v or "") and k != "title" for k, v in attributes.items()), where


@pytest.fixture
def app(tmp_path):
    """A desk where every field that anyone can write holds something hostile."""
    app = FakeApp(tmp_path)
    for name, role in (("li", "advisor"), ("chen", "compliance"), ("zhou", "trainer")):
        app.users.add(name, role, HOSTILE, PASSWORD)
    desk = Desk(app)
    li, chen = User("li", "advisor", HOSTILE), User("chen", "compliance", HOSTILE)
    fields = {"name": HOSTILE[:40], "risk_level": "C2", "assessed_on": "2026-03-01", "age": "52", "holdings": HOSTILE}
    for text in (HOSTILE, LINES):
        talk = talking.save_card(desk, li, "", fields)
        talking.say(desk, li, talk, f"客户：{text}")
        list(advising.suggest(desk, li, talk))
        sending.ask_compliance(desk, li, talk, f"这款最好 {text}", None, text)
    waiting = desk.app.cases.waiting()
    reviewing.decide(desk, chen, waiting[0].referral, "returned", LINES, waiting[0].last, {})
    list(advising.suggest(desk, li, talk))
    sending.check(desk, li, talk, f"保本 {LINES}", None)
    with app.clerk.tray.receive(f"{HOSTILE[:60]}.md".replace("/", "-"), "chen", app.clock()) as arriving:
        arriving.write(f"# {HOSTILE}\n\n{LINES}\n".encode())
    app.clerk.tray.parcels()
    return app


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("page", sorted(PAGES))
def test_every_area_of_every_page_is_inert(app, page, language):
    desk = Desk(app)
    made = PAGES[page].page(desk, Words(language))
    token = app.sessions.sign_in(WHO[page], PASSWORD).token
    request = SimpleNamespace(cookies={"advisor_session": token}, headers={}, client=None)
    ids = {block: component for block, component in made.blocks.items()}
    painted = 0
    for fn in made.fns.values():
        if not any(event == "load" for _, event in fn.targets):
            continue
        values = {"command": ""}
        inputs: list[object] = [values.get(getattr(component, "elem_id", "") or "", "") for component in fn.inputs]
        if fn.inputs_as_dict:
            inputs = [dict(zip(fn.inputs, inputs, strict=True))]
        changed = fn.fn(*inputs, request)
        for component, value in (changed if isinstance(changed, dict) else {}).items():
            if component.__class__.__name__ in ("Markdown", "HTML") and isinstance(value, str) and value:
                demand_inert(f"{page} #{component.elem_id}", value)
                painted += 1
    assert painted >= 2, ids


def test_every_case_is_inert(app):
    desk, words = Desk(app), Words("zh")
    made = compliance.page(desk, words)
    token = app.sessions.sign_in("chen", PASSWORD).token
    request = SimpleNamespace(cookies={"advisor_session": token}, headers={}, client=None)
    command = next(fn for fn in made.fns.values() if any(event == "load" for _, event in fn.targets))
    for case in (*desk.app.cases.waiting(), *desk.app.cases.decided(5)):
        for said in (f"open-{case.referral}", f"case-{case.referral}"):
            for component, value in command.fn("", "", HOSTILE, said, request).items():
                if component.__class__.__name__ in ("Markdown", "HTML") and isinstance(value, str):
                    demand_inert(f"case {case.referral} #{component.elem_id}", value)


def test_the_check_itself_finds_what_is_not_inert():
    for live in (
        HOSTILE,
        f"<span class='x'>{HOSTILE}</span>",
        "![p](http://evil.example/p.png)",
        "[l](http://evil.example)",
        "**b**",
    ):
        with pytest.raises(AssertionError):
            demand_inert("x", live)
