"""What a customer asks of the advisor that is no question: a thing he may not do, or to be left alone."""

from __future__ import annotations

import re

from copilot.reading.plain import plain
from copilot.reading.state_words import FURY, LEAVE_ALONE

_GUARANTEE = re.compile(
    r"(?<!不)保(?:证|障)?(?:不)?(?:保本|保息|不亏|不赔|不会亏|收益|本金|赚)|(?:你|您|银行|你们)?(?:给|跟|打)(?:我|阿姨|姨)?(?:个|打个?)?(?:包票|保票|准话|保证|字据|承诺)|写个?字据|(?:你|银行|你们|行里|行)(?:们)?(?:给)?(?:兜底|兜不兜底|包(?:底|赔)|敢不敢保|负责赔)|保不保本?|包(?:赚|赔|本)|亏了(?:你|你们|银行)?(?:赔|补|负责|管|包)|(?:签|写)(?:个)?(?:保证|承诺)书?|保我就买|(?<!不)保证(?:不|能|有)|稳赚|(?:有冇|有没有|有没)(?:人)?包底|白纸黑字保"
)
_QUESTIONNAIRE = re.compile(
    r"(?:帮|替|给)(?:我|她|他|俺)?(?:把)?(?:那个|那)?[^，。]{0,6}(?:填|答|做|选|弄|测|点)[^，。]{0,6}(?:了得了|得了|一下|了吧|完|了|好|问卷|测评|题)|(?:问卷|测评|题目?|卷子)[^。]{0,14}(?:(?:你|您)(?:帮|替|给)|教我|怎么选|选(?:哪个|啥|什么)|答啥|照着|代|我替|能我替)|(?:选|填|答)(?:哪个|啥|什么|几)(?:才|能|就能|可以)?(?:能)?(?:买|到[cC]|出来[cC]|过)|选[^，。]{0,12}(?:是不是|是否|就能|能|可以)[^，。]{0,3}买|怎么(?:选|填|答)[^，。]{0,4}(?:能|才)(?:到|买|过|出)"
)
_ABOUT_TEST = re.compile(r"问卷|测评|评测|题|测|卷子|[cC][1-5]|等级|能买")
_CODE = re.compile(
    r"(?:验证码|密码|六位数|动态码|短信码|口令|otp)[^。]{0,10}(?:念给|告诉|发给?|报给?|给)(?:你|您)|密码发你|(?:你|您)(?:直接)?(?:帮我|替我|给我)?(?:用我(?:的)?(?:手机|手机号|账号|卡|密码)|登录?我|代我)|(?:帮|替)我(?:直接)?(?:登录?|转(?!存)|下单|点了|买上|签(?:字|了)|操作(?!一下怎))|(?:你|您)(?:帮我|替我)?(?:签|点|按|操作)(?:了|一下)(?:得了|就行|吧)|代(?:签|操作|买|填)"
)
_TIP = re.compile(r"内幕|内部消息|走个?后门|返(?:点|现|佣)|回扣|私下|别录音|不录音|绕过|(?:送|返)我(?:点|多少)")
_KIN = (
    r"(?:儿子|女儿|闺女|姑娘|老公|老婆|老头子?|老伴|爱人|媳妇|丈夫|妻子|爸爸?|妈妈?|父亲|母亲|哥哥?|姐姐?|弟弟?|妹妹?|奶奶|爷爷|公公|婆婆|外公|外婆|"
    r"孙子|孙女|外孙|孩子|小孩|父母|家里人|家人|[男女]?朋友|同事|别人|亲戚|员工|表[哥姐弟妹]|舅舅?|姨妈?)"
)
_BORROWED = re.compile(
    rf"(?:用|拿|借|挂|写)(?:在|到)?(?:我|他|她)?的?{_KIN}(?:的|那个?)?(?:名下|名义|名字|账[户号]|卡|户头|手机号?)"
    r"[^，。？！?!]{0,6}(?:买(?!了|的是)|投|下单|认购)(?![^，。？！?!]{0,6}(?:存单|存款|定期|国债|保险|菜|药|票))"
)
"""To buy under another's name what one's own level does not allow."""
_ON_CREDIT = re.compile(
    r"(?:贷(?:款)?(?:点|些|出来|下来|[一二两几]?笔|个?[0-9一二两三四五六七八九十几]+[万千百个w]?)|借(?:点|些|了?钱|一?笔|出来)|套(?:现|点|出来|些)|过桥|"
    r"(?:拿|用|把)[^，。？！?!]{0,6}(?<![房车])(?:贷款?|信用卡|借呗|花呗|网贷|抵押))"
    r"[^，。？！?!]{0,14}(?:买|投|做|搞|炒|放|存)[^，。？！?!]{0,8}(?:理财|基金|股|黄金|炒金|产品|你(?:们)?(?:这|行|里))|"
    r"(?<![房车金积])贷款(?:来|去)?(?:买|炒|投|做)[^，。？！?!]{0,4}(?:理财|基金|股|黄金)"
)
"""Borrowed money into investments."""
_HONEST = re.compile(
    r"他们|朋友借|买不买|不买|关系|捆绑|搭[着售]|积分|还清|还完|结清|(?:要|让|叫|逼)(?:我|人)?买|(?:提前|先)?(?:还|结清)[^，。？！?!]{0,4}(?:贷|款)|月供|房贷[^，。？！?!]{0,10}还是"
)
"""Whether to repay or to invest is an honest question; and what others do with money, or press her to, is not her wish."""


def asked_to_decline(message: str, intent: str = "") -> str:
    """What in the message an advisor may not do: `code`, `borrowed`, `on_credit`, `questionnaire`, `guarantee`, `favour`, or ""."""
    words = plain(message)
    if _CODE.search(words) and intent not in ("fraud_security", "complaint"):
        return "code"
    if _BORROWED.search(words) and intent not in ("fraud_security", "complaint", "insurance_pension"):
        return "borrowed"
    if _ON_CREDIT.search(words) and not _HONEST.search(words) and intent not in ("fraud_security", "complaint"):
        return "on_credit"
    if _QUESTIONNAIRE.search(words) and (_ABOUT_TEST.search(words) or intent == "risk_assessment"):
        return "questionnaire"
    guarantee = _GUARANTEE.search(words)
    if (
        guarantee
        and intent not in ("deposit_rate", "complaint")
        and ("准话" not in guarantee[0] or re.search(r"保|亏|赔", words))
    ):
        return "guarantee"
    heard = re.search(r"转一条|群里|听说|传", words)
    return "favour" if _TIP.search(words) and intent != "fraud_security" and not heard else ""


def wants_peace(text: str) -> bool:
    """Whether she asks to be left alone; who complains wants an answer."""
    words = plain(text)
    return bool(LEAVE_ALONE.search(words)) and not FURY.search(words)
