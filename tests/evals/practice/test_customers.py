"""The customers of practice: files read strictly, and lines that do what their cards say."""

from __future__ import annotations

from pathlib import Path

import pytest

from copilot.errors import ContentError, InputError
from copilot.types import Turn
from evals.practice.customer import LETTERS, customer_of, customers, folder, read_customer
from evals.practice.hearing import AIM, Heard, hear
from evals.practice.talk import Exchange, Talk, answer
from tests.evals.practice.line import NOW, RuleLine

ALL = list(customers().values())
QUIET = Heard(frozenset(), (), (), 0, "pass")


@pytest.fixture(scope="module")
def line():
    return RuleLine()


def talked(buyer, known, trust):
    """A talk in which some things were told and so much trust was earned."""
    told = tuple(Exchange("嗯嗯", QUIET, "嗯", (), (name,), (), trust, 8) for name in known)
    return Talk(buyer.id, 1, buyer.opening[0], (Exchange("嗯嗯", QUIET, "嗯", (), (), (), trust, 8), *told))


def told_all(buyer):
    lines = [*buyer.opening, *(text for fact in buyer.facts.values() for text in fact.lines)]
    return tuple(Turn("customer", text) for text in lines)


def test_there_are_thirty_and_more_and_nobody_says_what_another_says():
    assert len(ALL) >= 30
    assert sum(not buyer.sell for buyer in ALL) >= 8
    said = []
    for buyer in ALL:
        said += [text for fact in buyer.facts.values() for text in (*fact.lines, fact.better)]
        said += [text for need in buyer.needs.values() for text in (*need.lines, need.better)]
        said += [*buyer.opening, *(text for _, text in buyer.better)]
    assert len(said) == len(set(said))


@pytest.mark.parametrize("buyer", ALL, ids=lambda b: b.id)
def test_she_holds_all_four_letters_and_can_be_helped(buyer):
    assert all(buyer.held(letter) for letter in LETTERS)
    assert buyer.needs
    assert {f.trust for f in buyer.facts.values()} <= {0, 1, 2}


@pytest.mark.parametrize("buyer", ALL, ids=lambda b: b.id)
def test_every_better_line_brings_what_it_says(buyer, line):
    """With one step of trust less than she asks for: the line itself must earn the last one."""
    for name, fact in buyer.facts.items():
        talk = talked(buyer, fact.after, max(0, fact.trust - 1))
        heard = hear(line, buyer, told_all(buyer), fact.better, at=NOW, known=talk.known)
        assert answer(buyer, talk, fact.better, heard).exchanges[-1].facts == (name,), fact.better
    for name, need in buyer.needs.items():
        talk = talked(buyer, buyer.facts, 3)
        heard = hear(line, buyer, told_all(buyer), need.better, at=NOW, known=talk.known)
        assert name in answer(buyer, talk, need.better, heard).exchanges[-1].needs, need.better


@pytest.mark.parametrize("buyer", ALL, ids=lambda b: b.id)
def test_every_better_line_may_be_sent_and_keeps_the_rules(buyer, line):
    lines = [item.better for item in (*buyer.facts.values(), *buyer.needs.values())]
    for text in (*lines, *(text for _, text in buyer.better)):
        heard = hear(line, buyer, told_all(buyer), text, at=NOW)
        assert heard.outcome in ("pass", "warn"), (text, heard.flaws)
        assert not heard.acts & {"cold", "pressed", "promised", "pitched"}, (text, heard.acts)
        assert heard.questions <= 1
        assert len(text) <= AIM


@pytest.mark.parametrize("buyer", [b for b in ALL if not b.sell], ids=lambda b: b.id)
def test_where_nothing_may_be_sold_an_offer_meets_no_need(buyer, line):
    need = next(iter(buyer.needs.values()))
    offered = f"{need.better}另外给您推荐一款理财产品。"
    heard = hear(line, buyer, told_all(buyer), offered, at=NOW)
    assert "pitched" in heard.acts
    last = answer(buyer, talked(buyer, buyer.facts, 3), offered, heard).exchanges[-1]
    assert last.needs == ()
    assert last.did == ("pitched",)


def courier(tmp_path: Path, before: str, after: str) -> Path:
    text = (folder() / "courier.yaml").read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "courier.yaml"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("before", "after", "line_number", "what"),
    [
        ("hard: 1", "hard: 1\nmood: good", 6, "mood"),
        ("hard: 1", "hard: 4", 5, "hard"),
        ("letter: N", "letter: S", 1, "nothing under N"),
        ("patience: 4", "patience: [", 9, "not valid YAML"),
        ("after: [worry]", "after: [wish_gone]", 1, "after names no fact"),
        ("id: courier", "id: rider", 1, "not the file's name"),
        ('said: ["(?:分|拆|留)', 'said: ["(?:分|拆|留', 21, "not a pattern"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(tmp_path, before, after, line_number, what):
    path = courier(tmp_path, before, after)
    with pytest.raises(ContentError, match=what) as caught:
        read_customer(path)
    assert caught.value.where == f"{path}:{line_number}"


def test_no_customers_and_an_unknown_one_are_told(tmp_path):
    with pytest.raises(ContentError, match="no customers"):
        customers(tmp_path)
    with pytest.raises(InputError, match="practice list"):
        customer_of("nobody")
