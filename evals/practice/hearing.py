"""What an advisor's line does to the customer: what it asks, what it offers, how it sounds, and what the guard says of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from copilot.pipeline import Line
from copilot.reading.plain import plain
from copilot.reading.state_words import SOOTHED
from copilot.types import Conversation, Customer, GuardContext, Outcome, Source, Turn
from evals.draft_scorers import MOVES, URGING, takes_up
from evals.practice.customer import Buyer
from evals.practice.topics import SPOKEN, TOPICS

AIM = 120
"""Characters an advisor's line should keep to."""
PROMISES = frozenset(("G01", "G02", "G03", "G04"))
"""Checks that hear a promise: principal, gain, no loss, a forecast."""
_PROMISE = re.compile(
    r"保证|保本|稳赚|包赚|打包票|肯定(?:能|会)?(?:涨|赚|回本)|绝对(?:安全|没问题|不会)|零风险|没有?任何?风险"
)
_DENIED = re.compile(r"(?:不|没|别|非|无|勿|谁|哪)[^，。！？；]{0,14}$")
_ASKING = re.compile(
    r"[?？]|吗|呢|么|什么|啥|多少|几|怎么|多久|哪|谁|聊聊|说说|讲讲|方便(?:说|讲|问)|想(?:问|了解|听)|有没有|是不是|能不能"
)
_OFFER = re.compile(
    r"(?:推荐|介绍|配置|配点|买(?:点|些|一?只|一?份|这|个)|申购|认购|办一?(?:份|张|个)|做(?:点|一笔)|上车|入手|开(?:一?份)|来(?:一?份|点)).{0,16}(?:产品|理财|基金|保险|存单|黄金|定投|年金|债|这款|这只|信用卡|贷款|结构性)|我们(?:行|这儿)?(?:有|新出|新发|刚出|正好有).{0,8}(?:款|只|产品|保险|基金|理财)|这[款只](?:产品|理财|基金)?(?:挺|很|也|真|非常|特别)?(?:好|适合|不错|合适)|(?:给|为|向)(?:您|你)(?:推荐|介绍)"
)
_REFUSED = re.compile(r"(?:(?<![是能好要可])不(?![是能好])|别|没有?要)[^，。！？]{0,6}$")
_KIND = re.compile(
    r"理解|辛苦|不容易|难为|心疼|换(?:了|成|做)?(?:我|谁)|我(?:懂|明白您|听着|在听)|陪(?:您|你|着)|慢慢|不怪|别(?:急|怕|慌|怪|担心|自责)|不(?:急|着急|要紧|丢人)|没关系|难过|难受|不好受|委屈|节哀|抱歉|对不起|不好意思|替您|累(?:了|坏)|受苦|可惜|做得(?:对|好)|幸好|好在|谢谢您(?:告诉|愿意|信|肯)|(?:多亏|难得)|身体要紧|(?:不|没有)(?:笑话|看轻)|别往心里去|家家有|免不了|伤(?:腰|身|神)|吃得消|靠天吃饭|不是一个人|心里话|舍不得|不简单|了不起|放心(?:跟我)?说"
)
_COLD = re.compile(
    r"我(?:刚才?|不是|都|已经|早)?(?:说|讲|跟您讲|跟你讲)过了|这(?:都|也)不(?:懂|知道|会)|(?:您|你)(?:到底|怎么(?:还|就|这么|连))|随便(?:您|你)|爱(?:买|存|信)不|不(?:买|存|信|办)(?:就)?(?:算了|拉倒)|您自己看着办|你自己看着办|跟我没关系|不归我管|没办法，?规定|谁(?:让|叫)(?:您|你)(?:自己|不|当初|贪|信|买)|想多了|有什么好(?:怕|担心|哭)|至于(?:吗|么)|别(?:啰嗦|废话|矫情)|(?:您|你)(?:必须|应该)(?:要)?(?:明白|清楚|知道|懂)|赶紧(?:定|买|办)|(?:别|不要)再问"
)
_GREETING = re.compile(
    r"(?:您好|你好|在(?:吗|的|呢|么)?|早(?:上好|安)?|(?:下午|晚上)好|哈喽|好的?|嗯+|是的?)[^，。！？?]{0,8}[，。！？!?～~]*"
)
_SENTENCE = re.compile(r"[^。！!？?；;\n]+[。！!？?；;\n]?")
_SUGGESTED = re.compile(
    r"(?:好吗|好不好|行吗|行不行|可以吗|怎么样|好么|成吗)[？?]$|(?:要不|不如|咱们|我们|我(?:来|去|陪|帮))"
)
_UNSAID = re.compile(r"(?:不敢|不想|不愿|(?<!有)没有?|是不是|怕|忘了?|为什么不)[^，。]{0,3}$")
_FEELING = frozenset(("upset", "grief", "fraud"))
_ALIKE = 0.7


@dataclass(frozen=True)
class Flaw:
    """A finding of the guard, as a talk keeps it."""

    check: str
    severity: str
    quote: str
    reason: str


@dataclass(frozen=True)
class Heard:
    """An advisor's line as it was heard."""

    acts: frozenset[str]
    """Of: asks, answers, greets, soothed, pressed, promised, pitched, repeated, cold, unfeeling."""
    facts: tuple[str, ...]
    """What it asks for, what is asked plainest first."""
    needs: tuple[str, ...]
    """Needs it speaks to."""
    questions: int
    outcome: Outcome
    flaws: tuple[Flaw, ...] = ()


def hear(
    line: Line,
    buyer: Buyer,
    turns: Sequence[Turn],
    text: str,
    *,
    at: datetime,
    known: Collection[str] = (),
    hurt: bool = False,
) -> Heard:
    """Read one line. `turns` is the talk before it, ending with her; `hurt` says that what she told last was hard to tell."""
    card = buyer.card.customer(at.date())
    words = plain(text)
    verdict = line.read(text, _context(line, turns, card, text, at))
    flaws = tuple(Flaw(f.check, f.severity, f.quote, f.reason) for f in verdict.findings)
    asks = bool(_ASKING.search(words))
    needs = tuple(name for name, said in buyer.helps.items() if any(_says(said, s) for s in _statements(words)))
    facts = _asked(line, buyer, text, words, at) if asks else ()
    acts = {
        "asks": asks,
        "answers": takes_up(words, plain(turns[-1].text)),
        "greets": bool(_GREETING.fullmatch(words)),
        "soothed": bool(_KIND.search(words) or SOOTHED.search(words) or MOVES["soothe"].search(words)),
        "pressed": bool(URGING.search(words)),
        "promised": _promises(words) or any(_promise(f) for f in flaws),
        "pitched": _pitches(line, text, words),
        "repeated": _again(turns, words, facts, known),
        "cold": bool(_COLD.search(words)),
    }
    acts["unfeeling"] = not acts["soothed"] and not needs and (hurt or _feels(line, turns[-1], card, at))
    said = frozenset(name for name, does in acts.items() if does)
    return Heard(said, facts, needs, text.count("？") + text.count("?"), verdict.outcome, flaws)


def _statements(words: str) -> list[str]:
    """The sentences that say something: all but questions that suggest nothing."""
    sentences = [s.strip() for s in _SENTENCE.findall(words)]
    return [s for s in sentences if s and (s[-1] not in "？?" or _SUGGESTED.search(s))]


def _says(pattern: re.Pattern[str], sentence: str) -> bool:
    """Whether a sentence says what helps, and does not only speak of its lack: 您不敢报警 is no advice to do it."""
    return any(not _UNSAID.search(sentence[: found.start()]) for found in pattern.finditer(sentence))


def _context(line: Line, turns: Sequence[Turn], card: Customer, text: str, at: datetime) -> GuardContext:
    """What the guard may check the line against, as for a real customer: her words, her card, what the bank's knowledge says."""
    found = line.retrieve(text, history=turns, top_k=line.top_k, on=at.date(), customer=card)
    named = {product.id: product for product, _, _ in line.library.named(text)}
    sources = [Source(p.text, p.document, p.product) for p in found.passages]
    sources += [Source(line.library.text(p.document), p.document, p.id) for p in named.values()]
    return GuardContext(history=tuple(turns), at=at, products=(), customer=card, sources=tuple(sources))


def _asked(line: Line, buyer: Buyer, text: str, words: str, at: datetime) -> tuple[str, ...]:
    """Her facts that the question is about: by her own patterns, by its topic, by the entities the product finds in it."""
    order = list(TOPICS)
    topics = [name for name, pattern in TOPICS.items() if pattern.search(words)]
    found = {name: -1 for name, pattern in buyer.asked.items() if pattern.search(words)}
    found |= {name: order.index(name) for name in topics if name in buyer.facts and name not in found}
    if "consequence" in buyer.facts and "consequence" in topics:
        found["consequence"] = -2  # 要是孩子上学要用会怎么样 asks what follows, whatever it names
    if not found:
        spoken = line.understand(Conversation((Turn("customer", text, at),), None, at)).entities
        about = dict.fromkeys(SPOKEN[e.type] for e in spoken if e.type in SPOKEN)
        found = {name: order.index(name) for name in about if name in buyer.facts}
    return tuple(sorted(found, key=lambda name: found[name]))


def _promises(words: str) -> bool:
    """Whether it promises, in words that nothing before denies."""
    return any(not _DENIED.search(words[: found.start()]) for found in _PROMISE.finditer(words))


def _pitches(line: Line, text: str, words: str) -> bool:
    """Whether it offers something: a product by name, or in the words of an offer that nothing before denies."""
    offer = _OFFER.search(words)
    if offer is not None:
        return not _REFUSED.search(words[: offer.start()])
    return any(
        not _REFUSED.search(words[:start]) and not _ASKING.search(words) for _, start, _ in line.library.named(text)
    )


def _again(turns: Sequence[Turn], words: str, facts: Sequence[str], known: Collection[str]) -> bool:
    """Whether it asks what she has told, or says what was said before."""
    if facts and all(name in known for name in facts):
        return True
    mine = _pairs(words)
    return any(_overlap(mine, _pairs(plain(t.text))) >= _ALIKE for t in turns if t.role == "advisor")


def _pairs(words: str) -> frozenset[str]:
    return frozenset(words[i : i + 2] for i in range(len(words) - 1))


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, len(one | other))


def _promise(flaw: Flaw) -> bool:
    """Whether a finding is one that she would hear as a promise: a question promises nothing."""
    return flaw.check in PROMISES and flaw.severity != "warn" and flaw.quote[-1:] not in "？?"


def _feels(line: Line, last: Turn, card: Customer, at: datetime) -> bool:
    """Whether the product hears trouble in what she said last."""
    return line.understand(Conversation((last,), card, at)).state in _FEELING
