"""Which two or three moves are worth making next, each with the reason the advisor reads.

Rows are tried from the top; the first that holds gives the moves. Candidates differ by move, never by wording alone.

| row | when | moves |
|---|---|---|
| crisis | she writes that she does not want to live, or did in her last turns | soothe, safety |
| fraud | fraud in progress, or anything of fraud_security | safety, soothe (answer when calm and something was found), find_out |
| grief | someone died or is gravely ill | soothe, answer or find_out |
| decline | a guarantee, the questionnaire's answers, a code, an order or a favour is asked of the advisor | decline, answer or find_out (soothe when upset), situation or problem |
| … | … another's account, or a loan to invest | decline, answer when found, situation (soothe when upset) |
| left alone | she asks not to be written to or called | soothe, answer or find_out |
| upset | angry, hurt by a loss, or a complaint | soothe, answer or find_out |
| minor | under 18 | decline, answer or find_out |
| confused | does not follow, or does not know what was bought | answer or soothe, find_out |
| unknown | nothing was found and an answer is wanted | find_out, the first missing letter |
| greeting | small talk | answer, situation |
| wordless | only a figure, a sign or a picture | situation, find_out |
| usual | otherwise | answer, the first missing letter, then the next one |
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from copilot.reading.wishes import asked_to_decline, wants_peace
from copilot.types import Customer, Ledger, Move, PlannedMove, Spin, Understanding

_WORD = re.compile(r"[A-Za-z\u4e00-\u9fff]")
_ASKS_BACK = frozenset(("performance_concern", "complaint"))


@dataclass(frozen=True)
class Signs:
    """What the table decides by."""

    intent: str
    state: str
    selling: bool
    ledger: Ledger
    found: bool
    has_offer: bool
    senior: bool
    asked: str
    """What the advisor must decline, as `asked_to_decline` names it, or ""."""
    alone: bool = False
    """Whether she asks to be left alone."""
    wordless: bool = False
    """Whether her message has no word: 1, ？, a picture."""


def plan_moves(
    understanding: Understanding,
    found: bool,
    has_offer: bool,
    customer: Customer | None = None,
    message: str = "",
) -> tuple[PlannedMove, ...]:
    """Two or three different moves for one customer turn, the best first.

    `found`: the bank's knowledge answers; `has_offer`: a product on sale suits her; `message`: what she wrote last.
    """
    signs = Signs(
        intent=understanding.believed,
        state=understanding.state,
        selling=understanding.selling,
        ledger=understanding.ledger,
        found=found,
        has_offer=has_offer,
        senior=customer is not None and (customer.age or 0) >= 65,
        asked=asked_to_decline(message, understanding.believed),
        alone=wants_peace(message),
        wordless=bool(message) and not _WORD.search(message),
    )
    moves = next(plan(signs) for holds, plan in _TABLE if holds(signs))
    unique: dict[Move, PlannedMove] = {}
    for move in moves:
        unique.setdefault(move.move, move)
    return tuple(unique.values())[:3]


def _fraud(signs: Signs) -> Sequence[PlannedMove]:
    moves = [PlannedMove("safety", "可能正在被骗：先叫停转账和屏幕共享，挂断电话，再挂失、报警")]
    if signs.state == "fraud":
        moves.append(PlannedMove("soothe", "先稳住情绪，不责怪，一步一步带她做"))
    elif signs.found:
        moves.append(PlannedMove("answer", "说清楚怎样挂失、怎样核实，只讲官方渠道"))
    moves.append(PlannedMove("find_out", "马上向网点和客服核实，给她一个回复时间"))
    return moves


def _grief(signs: Signs) -> Sequence[PlannedMove]:
    fact = "她问的手续照实说，说得短、说得慢" if signs.found else "手续要问清楚再答，先不让她跑空"
    return (
        PlannedMove("soothe", "家里有变故，先表示关心，不谈产品，不提问"),
        PlannedMove("answer" if signs.found else "find_out", fact),
    )


_DECLINE_REASONS = {
    "guarantee": "她要一个不亏的保证：不能答应，说明为什么，再讲清真实的风险",
    "questionnaire": "她请人代填或指点测评：必须本人如实作答，婉言谢绝",
    "code": "她要交出密码、验证码或请人代办：不能收也不能代办，请她自己操作",
    "borrowed": "她想用别人的名义买：不行，讲清为什么要本人的账户、本人的等级",
    "on_credit": "她想借钱来投资：不行，贷款不能进理财，亏了还要还",
    "favour": "她要的是额外的好处或内部消息：不能给，说清楚规矩",
}


def _decline(signs: Signs) -> Sequence[PlannedMove]:
    moves = [PlannedMove("decline", _DECLINE_REASONS[signs.asked])]
    if signs.state == "upset":
        moves.append(PlannedMove("soothe", "她心里有气，先听她说，再讲规矩"))
    if signs.asked in ("borrowed", "on_credit"):
        if signs.found:
            moves.append(PlannedMove("answer", "把能说的事实说全，让她自己判断"))
        if signs.state != "upset":
            moves.append(PlannedMove("situation", "问清这笔钱是怎么回事、急不急，找一条规矩里的路"))
        return moves
    if signs.found:
        moves.append(PlannedMove("answer", "把能说的事实说全，让她自己判断"))
    else:
        moves.append(PlannedMove("find_out", "手上没有现成答案，答应去核实"))
    if signs.selling:
        letter: Move = "problem" if "P" not in signs.ledger.present else "situation"
        moves.append(PlannedMove(letter, "问问她最担心的是哪一点，话题回到她的需要"))
    return moves


def _upset(signs: Signs) -> Sequence[PlannedMove]:
    complaint = signs.intent == "complaint"
    moves = [
        PlannedMove(
            "soothe",
            "她有投诉：先致歉、认真听，不辩解，不谈产品" if complaint else "她情绪激动：先接住情绪，不辩解，不谈产品",
        )
    ]
    if signs.found:
        moves.append(PlannedMove("answer", "说清事实和下一步、投诉渠道" if complaint else "把事实和数字的来处说清楚"))
    moves.append(PlannedMove("find_out", "去查清经过，约好什么时候回复"))
    return moves


def _minor(signs: Signs) -> Sequence[PlannedMove]:
    return (
        PlannedMove("decline", "对方未满18周岁：不办理、不推荐，请监护人来"),
        PlannedMove(
            "answer" if signs.found else "find_out", "用孩子能懂的话说规定" if signs.found else "请家长联系网点核实"
        ),
    )


def _confused(signs: Signs) -> Sequence[PlannedMove]:
    moves = []
    if signs.found:
        moves.append(PlannedMove("answer", "她没听明白：一次只讲一件事，用大白话"))
    moves.append(PlannedMove("soothe", "别让她着急，告诉她钱在哪里可以查到，请家人或到网点一起看"))
    moves.append(PlannedMove("find_out", "去查她名下到底是什么，查清再回她"))
    return moves


_NEXT: dict[Spin, Move] = {"S": "situation", "P": "problem", "I": "implication", "N": "need"}
_LETTER_REASONS: dict[Move, str] = {
    "situation": "还不知道这笔钱多少、放多久、派什么用场，先问清一样",
    "problem": "情况有了，还不知道她最在意什么：收益、取用还是怕亏",
    "implication": "她说了担心，帮她看清放着不管会怎样，让她自己掂量",
    "need": "情况和顾虑都清楚了，请她说出想要的样子",
}


def _letters(signs: Signs) -> list[PlannedMove]:
    """The moves of the missing letters in SPIN's order; the need with an offer once situation and problem are known."""
    present, moves = signs.ledger.present, []
    for letter in signs.ledger.missing:
        move = _NEXT[letter]
        if move == "implication" and "P" not in present:
            continue
        if move == "need" and not ({"S", "P"} & set(present)):
            continue
        moves.append(PlannedMove(move, _LETTER_REASONS[move]))
    ready = "S" in present and ("P" in present or "N" in present)
    if signs.selling and signs.has_offer and ready:
        offer = PlannedMove("need", "情况和需要都有了，有一款合适的在售产品，可以说给她听，由她选")
        moves = [m for m in moves if m.move != "need"]
        moves.insert(0 if "N" in present else min(1, len(moves)), offer)
    if not moves:
        moves.append(PlannedMove("need", "四样都清楚了，把她要的归纳一句，请她确认"))
    return moves


def _unknown(signs: Signs) -> Sequence[PlannedMove]:
    moves = [PlannedMove("find_out", "行里的资料没有现成答案：照实说，答应去核实")]
    if signs.intent in _SERVICE:
        following: Sequence[PlannedMove] = (PlannedMove("situation", _WHICH_ONE),)
    else:
        following = _letters(signs) if signs.selling else ()
    return (
        [*moves, *(m for m in following[:2])]
        if following
        else [*moves, PlannedMove("soothe", "请她放心，问题不会没人管")]
    )


def _greeting(signs: Signs) -> Sequence[PlannedMove]:
    return (
        PlannedMove("answer", "寒暄就回寒暄，短而亲切，不推产品"),
        PlannedMove("situation", "顺着话头轻轻问一句近况，不提钱也可以"),
    )


def _crisis(signs: Signs) -> Sequence[PlannedMove]:
    return (
        PlannedMove("soothe", "她说到不想活：先顾人，不谈钱，请家里人陪着她"),
        PlannedMove("safety", "给她能打的电话，您也马上打电话给她，并报告主管"),
    )


def _left_alone(signs: Signs) -> Sequence[PlannedMove]:
    told = "告诉她消息和电话怎么关" if signs.found else "记下她的意思，办好告诉她一声"
    return (
        PlannedMove("soothe", "她不想被打扰：道个歉，照办，不劝也不问"),
        PlannedMove("answer" if signs.found else "find_out", told),
    )


def _wordless(signs: Signs) -> Sequence[PlannedMove]:
    return (
        PlannedMove("situation", "她只发来数字或符号：先问清说的是哪件事"),
        PlannedMove("find_out", "弄清她指哪一件，再去查"),
    )


_SERVICE = frozenset(("transaction_help", "fee_inquiry", "holiday_arrangement", "loan_credit", "benefits_activity"))
"""Intents where she wants a thing done; a single question after the answer is enough."""
_WHICH_ONE = "问清是哪一笔、哪张卡、卡在哪一步，答得才准"
_NO_FACT_NEEDED = frozenset(
    ("objection_hesitation", "other_unclear", "recommendation_request", "life_planning", "outflow_churn")
)
"""Intents that can be met with a question when nothing was found."""


def _usual(signs: Signs) -> Sequence[PlannedMove]:
    if signs.state == "hurried":
        first = PlannedMove("answer", "她赶时间：只答她问的，一句话说完")
    elif signs.senior:
        first = PlannedMove("answer", "先答她问的，话说得慢一点、明白一点")
    else:
        first = PlannedMove("answer", "先答她问的，再往下走")
    following = [PlannedMove("situation", _WHICH_ONE)] if signs.intent in _SERVICE else _letters(signs)
    if signs.state == "hurried":
        following = following[:1]
    return [first, *following[:2]]


_TABLE: Sequence[tuple[Callable[[Signs], bool], Callable[[Signs], Sequence[PlannedMove]]]] = (
    (lambda s: s.state == "crisis", _crisis),
    (lambda s: s.state == "fraud" or s.intent == "fraud_security", _fraud),
    (lambda s: s.state == "grief", _grief),
    (lambda s: s.state == "minor", _minor),
    (lambda s: bool(s.asked), _decline),
    (lambda s: s.alone, _left_alone),
    (lambda s: s.state == "upset" or s.intent == "complaint", _upset),
    (lambda s: s.state == "confused", _confused),
    (lambda s: s.wordless, _wordless),
    (lambda s: s.intent == "greeting_smalltalk", _greeting),
    (lambda s: not s.found and s.intent not in _NO_FACT_NEEDED, _unknown),
    (lambda s: True, _usual),
)
