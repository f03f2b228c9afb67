"""What makes one draft a good one: small named scorers that say yes, no, or not applicable (None).

Each is a pattern or a count that anyone can check by reading; how often each agrees with a person is in docs/evals.md.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from copilot.drafting.address import NOBODY, address_of
from copilot.drafting.grammar import EMOJI
from copilot.reading.figures import find_figures
from copilot.types import QUIET_MOVES, Library, Move
from evals.drafted import Drafted

DraftScorer = Callable[[Drafted, Library], bool | None]
AIM = 120
"""Characters an advisor's reply should keep to."""
_PROMISED = re.compile(
    r"对不起|抱歉|不好意思|听进去|记下|不着急|别怕|别急|别怪|别慌|放心|节哀|不怪您|委屈|收到|我(?:马上|先|这就|现在就)?去?(?:查|问|核)"
    r"|核实|不能|没法|写不了|给不了|做不了|不保本|不保证|锁卡|报警|挂断|挂失|停下|别转|别点|别念|不要动|可以的?[，。]|当然可以|在呢|您好|早"
)
_WHO = re.compile(r"[，。？！、；：:\s“”…⏎（）()]")
_EMPTY = frozenset(
    [
        "您的",
        "这个",
        "那个",
        "我们",
        "你们",
        "他们",
        "现在",
        "什么",
        "怎么",
        "可以",
        "可能",
        "一下",
        "一个",
        "有没",
        "没有",
        "能不",
        "不能",
        "是不",
        "就是",
        "还是",
        "先看",
        "看看",
        "时候",
    ]
)
MOVES: Mapping[Move, re.Pattern[str]] = {
    "situation": re.compile(r"(?:什么时候|哪天|多久|多少|用途|用处|打算|安排|想|有没有|能放|放在|钱|到期|哪|做过|最近|还好|疼|办|弄).*[？?]"),
    "problem": re.compile(r"(?:担心|怕|在意|看重|犯难|难处|压力|不踏实|不满意|不顺手|没底|顾虑|哪里|哪一|哪些|嫌|没好|接受|够不够|图|碰到|没用上|用钱|动下来).*[？?]"),
    "implication": re.compile(r"要是|如果|万一|一旦|碰上|就会|会不会|影响|耽误|误事|缺一块|坐实|实亏|过期|半道|中途|对不上|空了|锁|花掉|提前动|没弄清|躲不开|被动|顺延|担得起"),
    "need": re.compile(r"要的是|想要|您要|您想|您盼|需要|归纳|归拢|按您|照您|了解|可以看看|瞧瞧|两头|整理|听得出"),
    "answer": re.compile(r"[。！]|\d"),
    "soothe": re.compile(r"对不起|抱歉|不好意思|别怕|别急|别怪|别慌|别害怕|不着急|节哀|听进去|记下|委屈|累|揪|缓|难受|难过|没让您|不要紧|陪您|放心"),
    "safety": re.compile(r"锁卡|停卡|报警|挂断|挂失|别转|别念|别点|停|95\d{3}"),
    "decline": re.compile(r"不能|没法|写不了|给不了|做不了|代填|帮不了|害您|照[着您]|本人|不行|不可以|不合规|先别动"),
    "find_out": re.compile(r"(?:查|问|核实|核对|了解|看看|看一?下|找齐|调出来|弄清|没看明白|说一下)"),
}  # fmt: skip
URGING = re.compile(
    r"赶紧|赶快|抓紧|抓住(?:机会|时机)|(?:别|不要|不容)错过|错过(?:就|了就|可)|机不可失|最后(?:一天|几天|机会|名额)|手慢|名额(?:不多|有限)|再不买|马上(?:买|下单|操作|定)"
    r"|今天就(?:定|买|下)|趁(?:现在|早)|一定要买|必须买|别犹豫|限时|售罄"
)
_UNWELL = re.compile(
    r"[{}｛｝\[\]<>]|[，、；：]{2}|[，、；：][。！？]|[。！？][，、；：]|(?<!…)。。|^[，。、；：！？]|[\u4e00-\u9fff]某[\u4e00-\u9fff]|\ufffd"
)
_CLOSING = "。！？!?…）～~”" + EMOJI
_REMARKS = 6


def answered_first(draft: Drafted, _: Library) -> bool | None:
    """Before any question it takes up her words: says something of what she named, or promises, soothes or refuses."""
    if draft.move in QUIET_MOVES:
        return None
    first = ""
    for sentence in draft.sentences:
        if sentence.rstrip()[-1] in "？?":
            break
        first += sentence
    return bool(first) and takes_up(first, draft.conversation.message)


def takes_up(said: str, message: str) -> bool:
    """Whether words answer a message: they name something of it, or promise, soothe or refuse."""
    return bool(_PROMISED.search(said)) or bool(_pairs(said) & _pairs(message))


def one_question(draft: Drafted, _: Library) -> bool:
    """One question at most, and none when soothing or keeping her safe."""
    asked = draft.text.count("？") + draft.text.count("?")
    return asked <= (0 if draft.move in QUIET_MOVES else 1)


def short_enough(draft: Drafted, _: Library) -> bool:
    """At most 120 characters, the disclosure not counted."""
    return len(draft.text) <= AIM


_NAMES = re.compile(r"[\u4e00-\u9fff]{1,3}(?:姐|哥|叔|姨|总|先生|女士|老师|师傅)，")
"""A draft that opens with somebody's name."""


def addressed(draft: Drafted, _: Library) -> bool | None:
    """As the line calls her: by the card's form of address, or the advisor's own; None where it calls nobody by name, or just did."""
    customer, history = draft.conversation.customer, draft.conversation.history
    called = address_of(customer.name, history) if customer is not None else NOBODY
    before = next((turn.text for turn in reversed(history) if turn.role == "advisor"), "")
    if called == NOBODY or (called in before and not _NAMES.match(draft.text)):
        return None
    return called in draft.text


def moved_as_asked(draft: Drafted, _: Library) -> bool:
    """It makes the move it was asked for: asks about her circumstances, soothes, declines."""
    pattern = MOVES[draft.move]
    return any(pattern.search(sentence) for sentence in draft.sentences)


def figures_sourced(draft: Drafted, _: Library) -> bool:
    """Every figure stands in a cited value, her card or her own words."""
    return not unsourced(draft.text, (*draft.cited, *_hers(draft)))


def one_product(draft: Drafted, library: Library) -> bool:
    """At most one product is named."""
    return len({product.id for product, _, _ in library.named(draft.text)}) <= 1


def disclosed(draft: Drafted, library: Library) -> bool | None:
    """Where a product with a disclosure is offered, or its yield told, the approved text goes along."""
    due = [
        product
        for product, _, _ in library.named(draft.text)
        if product.disclosure and (draft.move == "need" or re.search(r"净值\d|年化|业绩比较基准", draft.text))
    ]
    return bool(draft.disclosure) if due else None


def unpressed(draft: Drafted, _: Library) -> bool:
    """No hurrying, no last chances."""
    return not URGING.search(draft.text)


def not_repeating(draft: Drafted, _: Library) -> bool:
    """No phrase of six characters twice, and not what the advisor said just before."""
    said = [t.text for t in draft.conversation.history if t.role == "advisor"]
    body = _WHO.sub("", _without(draft.text, draft.cited))
    pieces = Counter(body[i : i + _REMARKS] for i in range(len(body) - _REMARKS + 1))
    return not any(n > 1 for n in pieces.values()) and draft.text not in said


def well_formed(draft: Drafted, _: Library) -> bool:
    """Whole sentences: no reference left over, no doubled or stray mark, a stop at the end."""
    text = draft.text.strip()
    return bool(text) and not _UNWELL.search(text) and text[-1] in _CLOSING


def by_the_model(draft: Drafted, _: Library) -> bool:
    """The model wrote it, not an approved script."""
    return draft.origin == "model"


def guard_untouched(draft: Drafted, _: Library) -> bool:
    """The guard held nothing before it."""
    return not draft.refused


DRAFT_SCORERS: Mapping[str, DraftScorer] = {
    scorer.__name__: scorer
    for scorer in (
        answered_first,
        one_question,
        short_enough,
        addressed,
        moved_as_asked,
        figures_sourced,
        one_product,
        disclosed,
        unpressed,
        not_repeating,
        well_formed,
        by_the_model,
        guard_untouched,
    )
}
ABOUT_THE_WORDS = tuple(name for name in DRAFT_SCORERS if name not in ("by_the_model", "guard_untouched"))
"""Those that a reader of the draft can judge as well."""


_NUMERAL = re.compile(r"[0-9零〇一二两三四五六七八九十百千万亿半]")


def unsourced(text: str, sources: Iterable[str]) -> list[str]:
    """Figures of a text that stand in none of the sources, as they are written."""
    known = list(sources)
    rest = _without(text, known)
    values = {(f.kind, f.value) for source in known for f in find_figures(source)}
    figures = (f for f in find_figures(rest) if f.written and _NUMERAL.search(f.text))  # 这个月 names no day
    return [f.text for f in figures if (f.kind, f.value) not in values]


def _hers(draft: Drafted) -> Iterable[str]:
    """Her words, and what her card says of money and dates."""
    yield from (t.text for t in draft.conversation.turns)
    customer = draft.conversation.customer
    for holding in customer.holdings if customer else ():
        yield holding.name
        if holding.amount:
            yield f"{holding.amount / 10_000:g}万元"
        if holding.maturity:
            yield f"{holding.maturity:%Y年%m月%d日}"


def _without(text: str, values: Iterable[str]) -> str:
    for value in sorted({v for v in values if v}, key=len, reverse=True):
        text = text.replace(value, "，")
    return text


def _pairs(text: str) -> set[str]:
    found = {text[i : i + 2] for i in range(len(text) - 1)}
    return {p for p in found if all("\u4e00" <= c <= "\u9fff" for c in p) and p not in _EMPTY}
