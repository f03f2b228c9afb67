from dataclasses import dataclass
from datetime import datetime

from copilot.types import GuardContext, Product, Script
from guardrails.approved import answer_texts, context_at, filled, product_texts, script_texts
from guardrails.engine import Engine
from guardrails.loading import load_rules

NOW = datetime(2026, 11, 22)
STEADY = Product("W-1", "稳健半年", "wealth", document="W-1", disclosure="理财非存款，产品有风险，投资须谨慎。")
PAPER = "稳健半年\n期限\n产品期限182天，管理费0.20%。"


@dataclass(frozen=True)
class Answer:
    id: str
    answer: str
    short: str


@dataclass(frozen=True)
class Piece:
    title: str
    start: int
    end: int


def test_no_reference_is_left_and_none_becomes_a_figure():
    text = filled("{客户.称呼}，{甲.名称}是{甲.期限}的，{问.答}")
    assert text == "您，这款产品是资料所载的，这一点以资料为准。"


def test_a_script_is_not_judged_by_every_product_of_the_catalogue():
    (script,) = script_texts([Script("S-1", "x", "need", "看看{甲.名称}")], context_at(NOW))
    assert (script.name, script.text, script.context.products) == ("S-1", "看看这款产品", ())


def test_an_answer_is_read_whole_and_short():
    whole, short = answer_texts([Answer("Q-1", "一年存款利率1.05%。", "利率1.05%")], GuardContext(at=NOW))
    assert (whole.name, short.name) == ("Q-1", "Q-1 简答")
    assert [s.text for s in short.context.sources] == ["一年存款利率1.05%。\n利率1.05%"]


def test_figures_of_a_paper_come_from_the_paper_itself():
    start = PAPER.index("期限")
    texts = product_texts([STEADY], lambda _: PAPER, lambda _: [Piece("期限", start, len(PAPER))], GuardContext(at=NOW))
    assert [t.name for t in texts] == ["W-1 期限", "W-1 须告知"]
    assert texts[0].text == PAPER[start:]
    guard = Engine(load_rules())
    assert "G05" not in {f.check for f in guard.check(texts[0].text, texts[0].context).findings}
    bare = GuardContext(at=NOW, products=(STEADY,), sources=())
    assert "G05" in {f.check for f in guard.check(texts[0].text, bare).findings}
