"""G06, G08, G09: a benchmark without its basis, past performance without its period and disclaimer, short periods annualised."""

from __future__ import annotations

import re

from guardrails.message import Message
from guardrails.polarity import excuse
from guardrails.rule import Hit, Judgement

NUMBER = r"(?:[0-9]+(?:\.[0-9]+)?|[零一二两三四五六七八九十]+)(?:(?:%|％|个(?:百分)?点|个多点|点(?=[0-9零一二三四五六七八九])|成|倍)[0-9一二三四五六七八九半几多]?|[百翻]番?)"
PERCENT = re.compile(
    rf"{NUMBER}|百分之[零一二两三四五六七八九十百点]+|[0-9]\.[0-9]{{1,2}}(?![0-9])|[一二两三四五六七八九]个多点|[一二两三四五六七八九]个半点?"
)
_BENCHMARK = re.compile(
    r"(?:业绩比较基准|业绩基准|比较基准|(?:这款|产品|理财|这期)的?基准|(?<![一-鿿])基准(?!利率))[^。!?;\n]{0,16}?(?="
    + PERCENT.pattern
    + ")"
)
_BASIS = re.compile(r"测算|依据|根据|参考|参照|设定|理由|基于|结合|按照")
_NOTICE = re.compile(
    r"(?:不是|不等于|不等同|不代表|不构成|并非|非)[^,。;\n]{0,14}?(?:承诺|保证|预期收益|实际收益|收益率|未来|预测|到手|拿到)|(?:仅供参考|不作为收益|不保证)"
)
_DENIED_NEXT = re.compile(
    r"[^。!?;\n]{0,16}?(?:不等于|不是|可不|只是|不代表|不算|不构成)[^。!?;\n]{0,16}?(?:到手|保证|承诺|收益|最少|底|封顶|拿到|利率|给|尺子|目标)"
)
_PAST = re.compile(
    rf"(?:去年|前年|上半年|上个?月|上季度|今年以来|成立以来|过去[一二两三半0-9几]*(?:年|个?月)?|近[一二两三半0-9几]+(?:年|个?月|天|周)|历史(?=收益|业绩|年化|净值)|过往(?:收益|业绩)?|20[0-9]{{2}}年|往期|上一期|上期|前[一二两三几]期|成立[一二两三四五六七八九十0-9]+年(?:以)?来|以前|之前那期)"
    rf"[^。!?;\n]{{0,16}}?(?:收益|赚|涨|做到|跑到|跑出|年化|业绩|回报|盈利|兑付|达到|实现|平均|率|是|有)[^。!?;\n]{{0,8}}?(?:{PERCENT.pattern})"
)
_PRAISE = re.compile(
    r"(?:过往|历史|以往|往年|一直以来)(?:的)?(?:业绩|收益|表现|战绩|成绩)[^。!?;\n]{0,6}?(?:亮眼|优秀|很好|不错|出色|靠前|优异|漂亮|好看|喜人|突出|稳定|没的说|没得说)"
)
_PERIOD = re.compile(
    r"20[0-9]{2}\s*(?:年|-|/|\.)\s*[0-9]{1,2}[^,。;\n]{0,10}?(?:至|到|-|~|—)[^,。;\n]{0,14}|截至20[0-9]{2}|20[0-9]{2}年(?:全年|度)"
)
_DISCLAIMER = re.compile(
    r"(?:过往|过去|历史|以往)(?:的)?(?:业绩|表现|收益|数据)?[^。;\n]{0,8}?(?:不代表|不预示|不等于|不构成|不能代表|不意味)"
)
_NOT_RETURNS = re.compile(r"利率|lpr|cpi|存款|通胀|物价|工资|房贷|手续费|管理费|税|准备金|定期|央行")
_SHORT = re.compile(
    rf"(?:(?:最近|近)?(?:上周|本周|这周|(?<![一二两三四五六七0-9几])[一二两三四五六七0-9几]+天|(?<![一两二三0-9几])[一两二三0-9几]+周|[一两二三1-9]个月|上个?月|当月|一个来月|最近|月初|春节后)|昨天|前天|七日|7日)[^。!?;\n]{{0,8}}?(?:折算成?|换算成?)?(?:年化|折年)[^。!?;\n]{{0,10}}?(?:{PERCENT.pattern})"
)
_RANK = re.compile(
    r"(?:排名|(?<![安编])排(?!一下|一排|个|队|起|好|了|期|班|版)|位列|位居|跻身|同类|全市场|同业)[^。!?;\n]{0,10}?(?:第一(?![张条步笔位段期件次点个,、眼时])|前[一二两三四五十0-9百]+|榜首|冠军|top|领先|靠前|前列|最高)"
)
_LOW_POINT = re.compile(
    rf"(?:从|自)[^。!?;\n]{{0,10}}?(?:底部|低点|谷底|最低)[^。!?;\n]{{0,12}}?(?:涨|反弹|回升|赚)[^。!?;\n]{{0,6}}?(?:{PERCENT.pattern})"
)
_CASH = re.compile(r"现金管理|货币基金|活钱|货基|现金类|七日年化|7日年化")
_DATED = re.compile(r"[0-9]{1,2}月[0-9]{1,2}[日号]|20[0-9]{2}-[0-9]{1,2}-[0-9]{1,2}|截至|\([0-9]{1,2}[./-][0-9]{1,2}\)")


def benchmark_alone(read_message: Message) -> Judgement:
    """A benchmark's number needs its basis and the notice that it is no promise, in the same message."""
    text = read_message.text
    complete = bool(_NOTICE.search(text)) and (bool(_BASIS.search(text)) or bool(re.search(r"不是预期收益", text)))
    if complete:
        return Judgement(not_checked=read_message.context.sources is None)
    hits = []
    for found in _BENCHMARK.finditer(text):
        number = PERCENT.match(text, found.end())
        end = number.end() if number else found.end()
        if excuse(text, found.start(), end) not in ("others", "warning"):
            hits.append(Hit(found.start(), end, severity="warn" if _DENIED_NEXT.match(text, end) else None))
    return Judgement(tuple(hits), read_message.context.sources is None)


def past_performance(read_message: Message) -> Judgement:
    """What a product earned needs its period and the industry's disclaimer."""
    text = read_message.text
    told = bool(_DISCLAIMER.search(text))
    hits = []
    for pattern in (_PAST, _PRAISE):
        for found in pattern.finditer(text):
            if _NOT_RETURNS.search(text, max(0, found.start() - 10), found.end()) or (told and _PERIOD.search(text)):
                continue
            if re.search(r"跌|亏|回撤|下降|下调|降|持有|没有?达到|没达|低于|不及|落后|没做到", found.group()):
                continue
            if told and (_CASH.search(text) or _DATED.search(text)):
                continue
            if excuse(text, found.start(), found.end()) in ("warning", "others", "negated") and "不代表" not in text:
                continue
            hits.append(Hit(found.start(), found.end()))
    return Judgement(tuple(hits), read_message.context.sources is None)


def annualised_short(read_message: Message) -> Judgement:
    """Short spans annualised, ranking by return, and rises told from a low point."""
    text = read_message.text
    hits = []
    for found in _SHORT.finditer(text):
        seven_day = re.search(r"七日年化|7日年化", found.group())
        if not (seven_day and (_DATED.search(text) or _DISCLAIMER.search(text))):
            hits.append(Hit(found.start(), found.end()))
    for pattern in (_RANK, _LOW_POINT):
        for found in pattern.finditer(text):
            if (
                not _DISCLAIMER.search(text)
                and excuse(text, found.start(), found.end()) is None
                and not re.search(r"不代表", text)
            ):
                hits.append(Hit(found.start(), found.end()))
    return Judgement(tuple(hits))
