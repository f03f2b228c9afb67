"""Each scorer of drafts says yes to a good draft, no to a bad one, and nothing where it does not apply; and agreement is Cohen's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import pytest

from copilot.types import Conversation, Customer, Holding, Library, Product, Turn
from evals.agreement import Agreement, agreements, inputs, table, tallied
from evals.draft_scorers import ABOUT_THE_WORDS, DRAFT_SCORERS, unsourced
from evals.drafted import Drafted, Mark, draft_cases, marked, marks
from evals.drafting import faults, scored

HALF = Product("W1", "稳健半年", "wealth", risk_level="R2", disclosure="理财非存款")
WEEK = Product("W2", "周周澜", "wealth", risk_level="R1")


class Shelf:
    """Knows two products by name."""

    def named(self, text: str) -> Sequence[tuple[Product, int, int]]:
        return [(p, text.index(p.name), text.index(p.name) + 4) for p in (HALF, WEEK) if p.name in text]


LIBRARY: Library = Shelf()  # type: ignore[assignment]
HERS = Customer("王姐", holdings=(Holding("稳健半年5月期", "W0", "R2", 300000, date(2026, 11, 27)),))
TALK = Conversation(
    (Turn("advisor", "王姐，您好。"), Turn("customer", "那三十万周五到期吧，学费要八万")), HERS, datetime(2026, 11, 22)
)
GOOD = Drafted(TALK, "answer", "王姐，周五到期，30万元自动回到卡里。", "model")


def said(name: str, text: str, **more: object) -> bool | None:
    return DRAFT_SCORERS[name](replace(GOOD, text=text, **more), LIBRARY)


@pytest.mark.parametrize(
    ("name", "good", "bad", "more"),
    [
        ("answered_first", "王姐，周五到期的。您打算怎么放？", "您打算怎么放？到期的钱回卡里。", {}),
        ("answered_first", "这个我去查一下再回您。", "锁得久一点划算。", {"move": "find_out"}),
        ("one_question", "到期了。您怎么打算？", "到期了？您怎么打算？", {}),
        ("one_question", "您别着急。", "您别着急，好吗？", {"move": "soothe"}),
        ("short_enough", "好" * 120, "好" * 121, {}),
        ("addressed", "王姐，到期了。", "李姐，到期了。", {}),
        ("moved_as_asked", "这笔钱什么时候用？", "到期了。", {"move": "situation"}),
        ("moved_as_asked", "您最担心哪一点？", "到期了。", {"move": "problem"}),
        ("moved_as_asked", "万一中途要用，就会误事。", "到期了。", {"move": "implication"}),
        ("moved_as_asked", "您要的是随时能取。", "到期了。", {"move": "need"}),
        ("moved_as_asked", "对不起，让您受委屈了。", "净值是一块零一。", {"move": "soothe"}),
        ("moved_as_asked", "马上挂断，拨95790报警。", "这款期限半年。", {"move": "safety"}),
        ("moved_as_asked", "测评我不能代填。", "测评很快的。", {"move": "decline"}),
        ("moved_as_asked", "我去核实了回您。", "就这样吧。", {"move": "find_out"}),
        ("moved_as_asked", "周五到期。", "到期吗？", {"move": "answer"}),
        ("figures_sourced", "30万元和学费的8万元分开。", "收益3.2%，放心。", {}),
        ("figures_sourced", "期限182天。", "期限183天。", {"cited": ("182天",)}),
        ("one_product", "稳健半年可以看。", "稳健半年和周周澜都可以看。", {}),
        ("unpressed", "您慢慢看，不着急，别怕错过什么。", "名额有限，赶紧定。", {}),
        ("not_repeating", "到期了，回到卡里。", "到期了回到卡里，到期了回到卡里。", {}),
        ("well_formed", "到期了。", "到期了，，{甲.期限}", {}),
        ("well_formed", "到期了😊", "到期了，", {}),
        ("by_the_model", "到期了。", "到期了。", {}),
        ("guard_untouched", "到期了。", "到期了。", {}),
    ],
)
def test_a_scorer_tells_a_good_draft_from_a_bad_one(name: str, good: str, bad: str, more: dict[str, object]) -> None:
    worse = {"by_the_model": {"origin": "script"}, "guard_untouched": {"refused": 1}}.get(name, {})
    assert said(name, good, **more) is True
    assert said(name, bad, **{**more, **worse}) is False


def test_what_an_offer_or_a_yield_must_say_goes_along() -> None:
    assert said("disclosed", "可以看看稳健半年。", move="need") is False
    assert said("disclosed", "可以看看稳健半年。", move="need", disclosure="理财非存款") is True
    assert said("disclosed", "稳健半年的单位净值1.02。") is False
    assert said("disclosed", "稳健半年封闭期不能取。") is None
    assert said("disclosed", "可以看看周周澜。", move="need") is None


def test_scorers_say_nothing_where_they_do_not_apply() -> None:
    nameless = replace(GOOD, conversation=replace(TALK, customer=None))
    assert DRAFT_SCORERS["addressed"](nameless, LIBRARY) is None
    assert said("answered_first", "别着急。", move="soothe") is None


def test_a_repeated_greeting_of_the_advisor_is_seen() -> None:
    assert said("not_repeating", "王姐，您好。") is False


def test_a_figure_in_any_writing_is_found_in_its_source() -> None:
    assert unsourced("三十万放八个月", ["30万元", "182天"]) == ["八个月"]
    assert unsourced("利率1.05%", ["年利率1.05%"]) == []
    assert unsourced("下周三来", []) == []


def test_faults_are_of_the_words_alone() -> None:
    scores = scored(replace(GOOD, origin="script", refused=2), LIBRARY)
    assert scores["by_the_model"] is False
    assert faults(scores) == []


def test_two_hundred_drafts_are_marked_and_their_conversations_are_there() -> None:
    read, talks = marks(), inputs()
    assert len(read) >= 200
    assert {m.case for m in read} == set(talks)
    known = {*ABOUT_THE_WORDS, "sendable"}
    assert {fault for m in read for fault in m.faults} <= known
    assert marked(read[0], talks).text == read[0].text
    assert len(draft_cases()) == 50


def test_kappa_is_cohens() -> None:
    """J. Cohen 1960: 50 cases, 20 and 15 agreed, 5 and 10 not: 0.40."""
    found = Agreement("x", both=20, person=5, scorer=10, neither=15)
    assert (found.n, found.agreed) == (50, 0.7)
    assert found.kappa == pytest.approx(0.4)
    assert Agreement("x", 0, 0, 0, 9).kappa is None


def test_agreement_counts_faults_of_both() -> None:
    assert tallied("x", [(True, True), (True, False), (False, False)]) == Agreement("x", 1, 1, 0, 1)
    read = Mark(
        case="conv-001", index=0, move="answer", origin="model", text="，，", faults=("well_formed", "sendable")
    )
    found = {a.name: a for a in agreements(LIBRARY, [read])}
    assert (found["well_formed"].both, found["well_formed"].n) == (1, 1)
    assert found["sendable / without_fault"].both == 1
    assert found["one_product"].neither == 1
    assert "| `one_product` | 1 | 0 | 0 | 0 | 1.000 | – |" in table(list(found.values()))
