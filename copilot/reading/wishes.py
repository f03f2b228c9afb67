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
_BORROWED = re.compile(
    r"(?:用|拿|借|挂|放)(?:在)?(?:我|他|她|别人|朋友|同事)?(?:的)?(?:儿子|女儿|闺女|姑娘|老公|老婆|老头|老伴|爱人|媳妇|爸|妈|父亲|母亲|哥|姐|弟|妹|孙子|外孙|朋友|同事|别人|亲戚|员工)(?:子)?(?:的|那个?)?(?:手机号?|账[号户]|卡|身份证?|名字|名义|名下|户头)[^，。？！]{0,8}(?:买|做|投|下单|开户?|测|操作|弄)"
)
"""To buy under another's name what one's own level does not allow."""
_ON_CREDIT = re.compile(
    r"(?:贷款?|贷(?:出来|点|下来)|过桥|套现|套出来|借呗|花呗|网贷|信用卡|消费贷|经营贷|抵押)[^。？！?!]{0,16}(?:买|投|做|搞|炒|放)(?:点|些|你们?|在你(?:这|们)?)?[^，。？！?!]{0,6}(?:理财|基金|股票|产品|黄金|保险)|(?:贷|借)(?:款|钱|点钱)?(?:出来)?[^，。？！?!]{0,6}(?:理财|炒股|炒金|买基金)|(?:贷|借)[^。？！?!]{0,14}(?:在|到)(?:你|您)(?:这|们)?[^，。？！?!]{0,4}(?:买|投|存|理财)"
)
"""Borrowed money into investments."""
_REPAYS = re.compile(
    r"他们|买不买|不买|关系|捆绑|搭[着售]|(?:要|让|叫|逼)(?:我|人)?买|(?:提前|先)?(?:还|结清)[^，。？！?!]{0,4}(?:贷|款)|月供|房贷[^，。？！?!]{0,10}还是"
)
"""Whether to repay or to invest is an honest question; and what others do with money, or press her to, is not her wish."""


def asked_to_decline(message: str, intent: str = "") -> str:
    """What in the message an advisor may not do: `code`, `borrowed`, `on_credit`, `questionnaire`, `guarantee`, `favour`, or ""."""
    words = plain(message)
    if _CODE.search(words) and intent not in ("fraud_security", "complaint"):
        return "code"
    if _BORROWED.search(words) and intent not in ("fraud_security", "complaint", "insurance_pension"):
        return "borrowed"
    if _ON_CREDIT.search(words) and not _REPAYS.search(words) and intent not in ("fraud_security", "complaint"):
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
