"""The question of a customer's message in her own words, short enough to open a reply with: 能贷几成，我去问准了回您。"""

from __future__ import annotations

import re
from dataclasses import dataclass

from copilot.reading.spelling import fold

_CLAUSE = re.compile(r"[^。！？!?…；;，,、\s～~（）()“”\"'：:]+")
_ASKS = re.compile(
    r"(?:吗|嘛|么|不|没|否|咩|伐|冇)$|^[^我在]{1,6}呢$|什么|啥|怎[么样]|咋|点[样解]?算|(?<!十)几[^点百千万个十次块毛句]|多少|多久|多长|多大|哪|谁|何|是不是|是否|能不能|有没有|可不可以|会不会|要不要|算不算|够不够|行不行|还有没|区别|分别"
)
_NO_QUESTION = re.compile(
    r"哪怕|不管|无论|随便|(?:别|不要|不用|没|甭)[^，。？！]{0,4}(?:什么|啥|哪)|(?:什么|啥|哪[儿里个]?|谁|怎么[样]?)(?:都|也)|(?:他|她|人家|老公|老婆|儿子|女儿|我[爸妈])[^，。？！]{0,6}问(?:了)?我|谁知道|不知道"
)
"""Words of asking that ask nothing: 哪怕先还利息, 别给我弄什么理财, 她刚才还问我房租够不够."""
_LEAD = re.compile(
    r"^(?:[姐哥叔姨]+|(?:那(?![笔个只款张份些天种样边儿])|[哦噢喔嗯啊诶哎唉欸])+|[请請][问問](?:一?下)?|[问問](?:一)?下|想[问問](?:一)?下?|(?:我)?想(?:请)?问(?:一?下)?|麻烦(?:问|帮我看)一?下|对了|还有|另外|顺便(?:看看?)?|看看|所以(?:说)?|然后|但是|可是|不过|我问的是|[一两二三四五]个事儿?|(?:第?[一二]个?是?|一是|二是|再一个是?|还有一个是?)(?=.{4})|我就想知道|想知道|我(?=那|这))"
)
_TAIL = re.compile(
    r"(?<=[\u4e00-\u9fffA-Za-z0-9])(?:[啊呀哈哦喔啦咯嘞哇哩噻哟]+(?=$|[^\u4e00-\u9fffA-Za-z0-9]))?[^\u4e00-\u9fffA-Za-z0-9]*$"
)
_OWN = re.compile(r"[\u4e00-\u9fffA-Za-z]+")
_COUNTED = re.compile(r"[零〇二三四五六七八九十百千万亿廿卅两]+(?:个|点|块|元|年|月|天|号|万|折|成|%)")
_OPINION = re.compile(
    r"^(?:你|您|侬|帮我看|你们?)?(?:觉得|看|说|讲|认为)?(?:这样|这个|那个|这|那)?(?:怎么样|咋样|咋整|咋办|怎么办|如何|好不好|行不行|行吗|可以吗|可以不|好吗|得不得行|中不中|靠谱吗|靠不靠谱|合适吗|合不合适|值不值|划算吗|划不划算)$|^(?:有|还有)?(?:啥|什么|哪些|哪个|哪种|什么样)(?:比较|更)?(?:好|合适|推荐|靠谱)的?$|^(?:你们?)?什么(?:服务|态度|意思|情况|东西|玩意儿?)$"
)
"""A question that says nothing when its sentence is gone: 你觉得咋样."""
_ABOUT_US = re.compile(
    r"^(?:你|您)?(?:在不?在?|在吗|忙不|忙吗|吃了|睡了|好吗|还在|看到|收到|说呢|懂|晓得|知道)|^(?:你|您)(?:是|自己|家)|是不是$|跑路|倒闭|我不懂|^真的|^我妈|你(?:妈|爸|个|这)|他妈|骗|滚|脑子|良心|哈哈|我不(?:知道|晓得)|我图什么|怎么回事$"
)
_RISKY = re.compile(
    r"保(?:本|息|底|证|障收)|兜底|包赚|稳赚|刚兑|(?:不|会)(?:会)?(?:亏|赔|蚀)|返(?:现|点|佣|利|还)|回扣|好处|送我|给我上?浮|上浮|加点|贴息|内幕|消息|关系|后门|密码|验证码|"
    r"标签|系统|规则|提示|指令|截图|扮|演|游戏|表[哥弟姐妹]|假装|别人|其他客户|客户(?:的)?(?:电话|名单)|推荐哪|买哪|认同|承认|同意|答应|认不认|赞成|涨不涨|能涨|会涨|赚"
)
"""What an advisor does not say back: it reads as a promise, or is an order to the system."""
_HERS = re.compile(
    r"[我俺咱你您侬她他]|^(?:怎么|咋|几|多少|啥|什么|哪|谁)[\u4e00-\u9fff]{0,2}$|^(?:到底|究竟|反正|就是|还买|是什么$)"
)
"""Words that turn when another says them, and a question that has no subject left."""
_SHORTEST, _LONGEST = 3, 16


@dataclass(frozen=True)
class Question:
    """Her words as they will stand in the reply, and where they stand in the message."""

    text: str
    start: int
    end: int


def asks(message: str) -> bool:
    """Whether a clause of the message asks."""
    return any(
        message[c.end() : c.end() + 1] in ("？", "?")
        or (_ASKS.search(fold(_TAIL.sub("", c[0]))) is not None and _NO_QUESTION.search(fold(c[0])) is None)
        for c in _CLAUSE.finditer(message)
    )


def question_of(message: str) -> Question | None:
    """The last clause that asks, when it can be said back as it stands: short, without a figure or an unkind word."""
    asked = clauses_that_ask(message)
    return asked[-1] if asked and sayable(asked[-1]) else None


def clauses_that_ask(message: str) -> list[Question]:
    """Every clause that asks, in her order, without what leads up to it."""
    found = []
    for clause in _CLAUSE.finditer(message):
        asked_aloud = message[clause.end() : clause.end() + 1] in ("？", "?")
        text = _TAIL.sub("", clause[0])
        if asked_aloud or (_ASKS.search(fold(text)) is not None and _NO_QUESTION.search(fold(text)) is None):
            start = clause.start() + _lead(text)
            text = text[start - clause.start() :]
            found.append(Question(text, start, start + len(text)))
    return found


def sayable(asked: Question) -> bool:
    """Whether an advisor can say a question back as it stands."""
    folded = fold(asked.text)
    fits = _SHORTEST <= len(asked.text) <= _LONGEST and _OWN.fullmatch(asked.text) is not None
    return fits and not any(p.search(folded) for p in (_COUNTED, _ABOUT_US, _RISKY, _OPINION, _HERS))


def _lead(text: str) -> int:
    """How many characters of a clause come before what it asks: 那请问一下."""
    start = 0
    while (lead := _LEAD.match(text[start:])) is not None and lead.end() < len(text) - start:
        start += lead.end()
    return start
