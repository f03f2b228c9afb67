"""Which of a product's published fields a message asks for: 起点是1块还是1万 asks for 起购, 谁家发的 for 发行."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from copilot.reading.plain import plain
from copilot.types import DraftRequest, Turn

_ASKS = re.compile(
    r"[?？吗嘛么呢啥咩伐]|什么|怎么|咋|(?<![过这前好])几|多少|多久|多长|多大|哪|谁|何时|是不是|是否|能不|可不|有没|有无|还有|要不|会不|高不|大不|够不|还是|不\s*$|没\s*$|告诉|说一?[下声]|发我|想知道"
)
"""A question, or a wish to be told."""
_FIELDS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(says), fields)
    for says, fields in (
        (
            r"快赎|快速赎|到[账帐]|(?:多久|几天|几时|几号|几耐|什么时候|啥时候?|多会儿|哪天|当天|马上|第二天)[^，。？！]{0,6}(?:到[我账帐卡]|进[我卡账]|拿到|能到)|(?:多久|几天|几号|几耐|哪天)(?:能|才|可以)?到(?!期)|赎[^，。？！]{0,6}还没到|还没到[账帐卡]",
            ("到账",),
        ),
        (
            r"起点|起购|起投|起存|起买|(?:多少|几)[块元万千百]*(?:钱)?(?:才)?(?:能|可以|起)(?:买|投|存|步)|(?:多少|几多|几钱|几[块万千百])起|够不够|够[吗么伐不]|最(?:少|低)(?:要|得)?(?:买|投|存)?(?:多少|几[块元万千百])|门槛",
            ("起购", "起存"),
        ),
        (
            r"犹豫期|冷静期|反悔|后悔",
            ("犹豫期",),
        ),
        (
            r"退保|现金价值|不(?:想)?交了|中途退|能退多少|退(?:多少|回来|出来)",
            ("退保",),
        ),
        (
            r"提前(?:支|取|拿|赎|兑|出)|中途|半[路道当]|没到期|(?:急|要)用[^，。？！]{0,8}(?:取|拿|赎|退)|(?:能|可以?|好|让)(?:不能|不|否)?(?:随时)?(?:取|拿|赎|退)(?!到?[^，。]{0,2}(?:多少|几))(?:出来|不|吗|回)?|取(?:得)?出来|拿(?:得)?出来|灵活|赎回?|随时",
            ("赎回", "提前支取"),
        ),
        (
            r"开放|(?:哪天|几号|什么时候|几时|何时|每月几)[^，。？！]{0,4}(?:买|申购|进)|下(?:一)?个?开放",
            ("开放",),
        ),
        (
            r"(?:期限|周期)|(?:锁|封|放|存|持有|压|投)(?:闭)?[^，。？！]{0,3}(?:多久|多长|几[天年个]|几多|多少天|多少时间)|多久(?:的|期|一期)|多长时间|几(?:个月|年)的|是多久",
            ("期限",),
        ),
        (
            r"几级|什么(?:级|等级|风险)|风险(?:等级|级别|大|高|多大|怎么样|是)|[rR几](?:几|[1-5])",
            ("风险等级",),
        ),
        (
            r"手续费|管理费|托管费|申购费|赎回费|费用|费率|收(?:什么|啥|不收|多少|几)[^，。？！]{0,2}费|扣(?:什么|啥|多少|几)|(?:扣|收|要)(?:不(?:扣|收|要))?(?:我)?(?:费|钱)[不吗么嘛伐]|另外(?:收|扣)(?:钱|费)|扣不扣|收不收[费钱]",
            ("费用", "手续费"),
        ),
        (
            r"投(?:向|资|的|到|去|些|了)?(?:什么|啥|哪)(?!时|天|年|个|只|款|种|家)|买的(?:是)?(?:什么|啥)(?!时)|底层|(?:钱|资金)[^，。？！]{0,4}(?:投|去|用)(?:到|在)?(?:了|哪)|(?:里头|里面|配)(?:是|都是|有|投)?(?:什么|啥|些)",
            ("投向",),
        ),
        (
            r"截止|(?:卖|募集|认购)到(?:几|哪|什么)|哪天(?:停|截|卖完|结束)|(?:还|现在|今天|明天)(?:来得及|赶得上)|最后一天|(?:几号|什么时候)(?:结束|停售|截)",
            ("截止",),
        ),
        (
            r"起息|(?:哪天|几号|什么时候|几时)[^，。？！]{0,3}(?:开始|起)(?:算|计|有)?|成立",
            ("起息",),
        ),
        (
            r"到期日|(?:哪天|几号|什么时候|几时|哪年|何时)[^，。？！]{0,3}到期",
            ("到期日", "期限"),
        ),
        (
            r"还(?:有|能)(?:没有|不能|没|买|吗)?(?:买|额度|货|得|吗|不)|卖完|卖光|售罄|有没有额度|有额度|抢(?:完|光|得到)|还卖|在卖|在售|(?:什么时候|几时|哪天)(?:再)?(?:卖|发|有|上)",
            ("状态", "截止"),
        ),
        (
            r"代销|自营|自己(?:家|行)|(?:你们|银行|行里)自己|谁(?:家)?(?:发|管|出|在管|的产品)|哪(?:家|个公司)(?:的|发|管|公司|保险|基金)|(?:是|属于)你们(?:银行|行|自己|家)?的(?:吗|么|不|还是|产品)|管理人|发行(?:人|方|的)|出了?(?:问题|事)(?:情)?(?:找|算|是)",
            ("发行",),
        ),
        (
            r"交(?:几年|多久|多少年|费期)|缴(?:几年|多久|多少年|费)",
            ("缴费期",),
        ),
        (
            r"保(?:到|障|几年|多久|多少年|几岁)(?!本)|(?:到|管)(?:几|多少)岁",
            ("保障期",),
        ),
        (
            r"保证(?:的|部分|利率|给|多少)|写(?:进|在)合同|确定(?:的|能|给|拿)|固定给|红利|分红",
            ("保证部分",),
        ),
        (
            r"实物|提金|提(?:货|取)|拿(?:到)?金条|金条(?:怎么|能)",
            ("提取",),
        ),
        (
            r"净值(?:是|到|跌到|涨到|现在|今天|最新|目前|多少|几|公布)|(?:现在|今天|最新|目前|昨天|多少|查下|看下)[^，。？！]{0,4}净值",
            ("净值",),
        ),
        (
            r"收益|利率|年化|利息|几个点|多少点|几点几|几(?:点)?多?(?:的)?息|基准|百分之几|回报",
            ("利率", "七日年化", "基准", "净值"),
        ),
    )
)
"""How a field is asked for, and the field; of several the first that the product has."""
_OWN = re.compile(
    r"我(?:那[笔只个份些]|买的|买了|持有|们买|上次|之前买|去年买|前年买)|(?:上次|上回|之前|前面|去年|前年|上个?月)[^，。？！]{0,3}(?:买|投|存|放)(?!能|可)|买过|"
    r"赚了|亏了|到手|到底给|给了我|(?:赚|拿)(?:到|了)(?:多少|几)|赚(?:多少|几)|得(?:到|了)(?:多少|几)"
)
"""She speaks of money that is already in: what it brought, or when it ends, stands in no catalogue."""
_OF_HER_OWN = frozenset({"利率", "七日年化", "基准", "到期日", "截止", "状态"})
_ELSE = re.compile(
    r"(?:什么|啥|么)意思|怎么(?:看|算|会|又|才|变|越|少|低|这么|赎|取|买|操作|弄)|怎么[^，。？！]{0,4}(?:又|才|少了|低了|跌|亏|变)|咋(?:看|算|会|又|才|变|赎|取|买|弄)|为(?:什么|啥|何)|在哪(?:里|儿)?(?:赎|取|买|看|点)"
)
"""She asks what a word means, why it is so or how it is done: the figure by itself is no answer."""
_ELSEWHERE = frozenset({"complaint", "fraud_security", "greeting_smalltalk", "holiday_arrangement", "market_view"})
"""What she may want when the field, though named, is not the matter."""
_SHORT = 10
"""Characters of a message that only asks again (多少？说数字): what it asks for stands in the one before."""
GONE = "不在售"
"""What answers every such question about a product that cannot be bought, and all that may be told of it."""
MOST = 3
"""Fields told at once; more is a leaflet."""


def asked_in(request: DraftRequest) -> tuple[str, ...]:
    """The fields of 甲 that the request's last message asks for, where 甲 is the product she speaks of."""
    role = request.roles.get("甲", "offer")
    if role == "offer":
        return ()
    fields = [name[2:] for name in (r.name for r in request.references) if name.startswith("甲.")]
    conversation, understanding = request.conversation, request.understanding
    asked = asked_of(conversation.message, conversation.history, understanding.believed, fields)
    gone = request.products["甲"].status != "on_sale" and role != "held"
    return (GONE,) if asked and gone else asked


def asked_of(message: str, history: Sequence[Turn], intent: str, fields: Collection[str]) -> tuple[str, ...]:
    """The fields that a message asks for, in the order it does, of those a product has; none where it asks nothing. An intent "" is not known."""
    if intent in _ELSEWHERE:
        return ()
    found = _fields_in(message, fields)
    asks = _ASKS.search(plain(message)) is not None
    if not found and (_answers_back(history) if not asks else len(message) <= _SHORT):
        before = next((t.text for t in reversed(history) if t.role == "customer"), "")
        found = _fields_in(before, fields)
    return found


def _answers_back(history: Sequence[Turn]) -> bool:
    """Whether a message that asks nothing answers what the advisor asked: what she asked before still waits."""
    return bool(history) and history[-1].role == "advisor" and "？" in history[-1].text


def _fields_in(message: str, fields: Collection[str]) -> tuple[str, ...]:
    said = plain(message)
    if not _ASKS.search(said) or _ELSE.search(said):
        return ()
    own = _OWN.search(said) is not None
    found: list[tuple[int, str]] = []
    for pattern, meant in _FIELDS:
        match = pattern.search(said)
        field = next((f for f in meant if f in fields), None)
        if own and not _OF_HER_OWN.isdisjoint(meant):
            continue
        if match is not None and field is not None:
            found.append((match.start(), field))
    return tuple(dict.fromkeys(field for _, field in sorted(found)))[:MOST]
