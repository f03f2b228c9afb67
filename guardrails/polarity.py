"""Does a clause claim what its words say? Negation, questions, quotation, warnings, wishes and explanations.

`excuse(text, start, end)` reads the clause and the sentence round a hit in the folded text and gives the reason why the
words are not meant as a claim, or None when they are. The order of the tests matters: an emphatic double negation
(不得不说, 不可能不) claims; so does a question that its writer answers with yes.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache

_CLAUSE_END = re.compile(r"[,。!?;:\n]")

# Words that hold a negator but negate nothing that follows.
_PSEUDO = re.compile(
    r"不仅|不光|不但|别忘了?记?|别小看|别光|别只|不只|不单|不得不|不错|不瞒|不骗|不管|不论|无论|不限|不愧|不用说|不用愁|不用怕|不怕|别怕|不愁|不变|不慌"
    r"|不?用?不?[用必要]?担心|不用操心|别担心|没问题|没事|没毛病|没跑|没得说|没话说|没商量|没人不|差不多|不一会|不久|不过|别看|别说|别犹豫|别?错过"
    r"|不要犹豫|要不(?!要)|不如|不妨|不然|特别|级别|分别|区别|鉴别|性别|个别|无非|无忧|信不信|不夸张|不吹|不开玩笑|不动|少不了|跑不了|免不了"
    r"|(?P<x>[保是能会有要可用赔亏])[不没](?P=x)|不就|不是吗|难道不|怎么不|何尝不|谁不|不亚于|不输|不比|别家|别人|别的|非常|除非|无锡|未来|没准|无疑|毫无疑问"
    r"|不懂|不信|不急|别急|不着急|不多说|不开口|莫慌|唔使惊|唔使|不存在问题|不在话下|非保本浮动"
)
_NEGATOR = re.compile(
    r"不可能|不可以|不允许|不承诺|不保证|不存在|不等于|不代表|不意味|不应该|不建议|不接受|不支持|不提供|不属于|不具备|不含|不会|不能|不是|不敢|不得|不许|不要|不准|不该|不"
    r"|没有|没法|没办法|没|无法|无权|无|并非|绝非|非|从未|未必|未|别|莫得|莫|勿|毋|甭|唔|冇|侬勿|勿要"
    r"|禁止|严禁|杜绝|拒绝|避免|难以|很难|违规|打破|告别|取消|否认|不再|否则"
    r"|谁敢|谁能|谁又能|哪有|哪能|哪会|哪里有|哪来|哪敢|怎么可能|怎么能|怎么敢|怎么会|咋可能|咋能|岂能|何来|凭什么|凭啥"
)
# What stands between a negator and the hit and uses the negation up.
_USED_UP = re.compile(
    r"风险|亏|损|波动|担心|套路|时候|因为|所以|而且|照样|依然|仍然|还是|也是|也能|也会|都是|都能|都会|就是|才能|反正|但|并且|之后|影响|犹豫|问题|利息高|说实话|骗您|骗你|就(?!算)|才"
)
_NOT_SAYING = re.compile(
    r"(?:不是说|不代表|不等于|不意味|不见得|未必|不一定|不敢说|不能说|没说过|从没说)[^。!?;\n]{0,14}$"
)
_AFTER = re.compile(
    r"^[^,。!?;:\n]{0,10}?(?<!不)(?:不可能|不现实|没有|莫得|不存在|不对|不准|错的|是假|假的|骗|违规|违法|不允许|不让|禁止|做不到|办不到|打破|老黄历|历史了|取消|谈不上|不敢"
    r"|不能(?!再)|不行|不可以|不可信|不成立|不好说|难说|说不准|清退|不发了|停发|停了|退出历史|不了|没了|不适合|不合规|不作数|不算数|要当心|要小心|不保|不太现实|没这|说不出口|讲不出口|坑|诈|套路)"
)
_AFTER_NOT = re.compile(
    r"^(?:的|了|啊|呀|哈|,)*(?:没有任何|没有问题|没有风险|不可能亏|不可能错|不骗|不亏|错不了|没有比|没有一|丢不了|跑不了|少不了)"
)
_NEXT_DENIES = re.compile(
    r"^[”\"]?[^,。!?;:\n]{0,6}[,。!?:; ]\s*(?:那|这|都|我得|我要|其实|可|但|基本|多半|八成|肯定|一定|十有八九|您|千万|可能|就|也|全|真|说实话|恐怕){0,4}"
    r"(?:是)?(?:骗|假的|违规|诈骗|坑|套路|不可能|别信|不要信|别相信|不能信|别理|别听|要当心|要小心|小心|当心|警惕|不对|不是|不准|没有|没这|(?:替他|替她|来|先)?(?:纠正|更正)|谣|标题党|拉黑|听个乐|报警|要留个心眼|不保(?!证?(?:收益|利息|收))|不是的|[^,。]{0,4}(?:说错|错了|乱说|瞎说|不准确|记岔|听岔|记错|听错|搞错|弄错|搞混|不合规)|留个心眼|得留|得多留|打个问号|都要打|拉倒)"
)
_TAKEN_BACK = re.compile(
    r"^[^,。!?;:\n]{0,12}[,。!?:;…]+[“”\"]?(?:您|可|但|那|其实|都|全|就|也)?(?:"
    r"(?:这|那|此)(?:一|两|三|几|六|些)?(?:种|个|样|类|些|条|回)?(?:话|句|句话|事|忙|口子|帽子|说法|玩笑|规矩|道理|好事|词|字|线|胸口)[^,。!?;\n]{0,8}?(?:不(?!假|错|骗|是吹|是随|是白|是瞎|是乱|含糊|打折|多|止|光|留|让发|让写|让说|好写|好说|便|外传|能写|能发|能明)|没(?!问题|毛病|错|跑)|违|丢饭碗|认不|莫|冇|唔)"
    r"|(?:这|那)(?:个|样|么)?(?:讲|说|做|叫|可|是|都是)?(?:夸张|害您|忽悠|胡说|扯|违规|违法|假的|使不得|不成|不像话|真不行|不合适|不合规|哄您|越权|犯法)"
    r"|(?:我|咱|行里|谁都|谁也|这|这个|这话|这忙|那)[^,。!?;\n]{0,6}?(?:说|讲|做|帮|办|开|认|答应|拍|写|应|戴|担|保证)不(?:出|了|得|上|来|起|下|成|到)"
    r"|(?:你|您)?(?:掉头就走|躲远点|绕着走|躲着走|别附和|请他离开)|(?:万万)?(?:使不得|要不得|不可以|不可[,。]|不成[,。]|拍不下去|梦里)|绝无|没这(?:种|个|样|回|道理|规矩|一)|没有(?:这|那)(?:种|个|样|回|道理|规矩|事|一)|(?:我|咱)(?:可|都|也)?(?:不敢|没说过|不认)"
    r"|[^,。!?;\n]{0,8}(?:这么|这样)(?:说|讲|吹|承诺|写)的[,，]?(?:都|全)?(?:是|别)?(?:骗|哄|假|别信|躲))"
)
"""The next clause takes up what was said, as 这话 or 这个忙, and denies it: 帮您填, 这个忙我帮不了."""
_RHETORICAL_YES = re.compile(
    r"不就是|不就|不是$|难道|[能会敢还可能]不$|还能不|还不|能不|岂不|怎么可能不|怎么会不|哪能不|哪会不|哪有不"
)
_RHETORICAL_HIT = re.compile(r"[能会敢](?:让|看着|叫)|还能|还会|能骗|能坑|舍得|敢骗")
_ANSWERED_YES = re.compile(
    r"^[^。!?\n]{0,6}[吗么嘛呢]?[?。,!]+(?:那|这|我跟您说|跟您说){0,2}(?:当然|肯定|必须|是的|对的|对呀|没错|绝对|放心|您放心|那还用说|还用问|能的|可以的|会的|保的|有的|那是|妥妥)"
)
_ANSWERED_NO = re.compile(
    r"^[^,。!;:\n]{0,8}\?[”\"]?\s*(?:我|咱|那|亲|姐|哥|您|可|这)?(?:先别|别|不|没|可不|千万|慢着|劝您|没这|没有)"
)
_QUESTION = re.compile(r"[吗么嘛]\s*[?。,!\n]|[吗么]$|^[^,。!;:\n]{0,8}\?")
_ASKED = re.compile(r"(?:是不是|是否|有没有|会不会|能不能|可不可以)[^,。!?;\n]{0,6}$")
_STRANGER = re.compile(
    r"(?:有人|对方|他们|骗子|中介|某些|某个|网上|网传|群里|那边|外面|外头|电话里|广告|短信|陌生人|公众号|谁|哪个|那人|那个人|所谓的?.{0,4}老师|冒充|自称|他|她|抖音|直播间|朋友圈|博主|大v|主播|(?:那个|这个|什么)老师|[您你](?:儿子|女儿|闺女|老伴|朋友|同事|亲戚|邻居)|隔壁老?[一-鿿])"
    r"[^。!?;\n]{0,9}?(?:说|讲|问|提|承诺|宣称|声称|保证|吹|号称|打着|宣传|许诺|答应|告诉|要求|让|叫|劝|推|骗|喊|写|发|卖|传)"
)
_CUSTOMER = re.compile(
    r"(?:(?<![跟和给向对同与为替让])[您你](?:们)?(?:刚才|刚刚|上次|之前|昨天|一直|是|这边|也|看到|听到|想|老)*(?:说|讲|问|提|担心|听|看到|写|发|以为|觉得|理解|认为|想的|转发|转的|转来)|客户(?:问|说|以为)|听谁说|听说|谁跟[您你]说|谁告诉[您你])"
    r"[^。!?;\n]{0,10}$"
)
_SELF = re.compile(r"我们|咱们|咱|这款|这个产品|本产品|我行|我跟|我给|我敢|我这|这只|我(?:用|自己|来|打|帮|替)")
_GUARDED = re.compile(
    r"(?:警惕|小心|当心|谨防|防范|提防|别信|不要信|不要相信|别相信|千万别信|别听|不要听|别轻信|切勿|远离|拒绝|举报|揭穿|辟谣|不能信|不可信|凡是|但凡|不信)[^。!?;\n]{0,16}$"
)
_ANYONE = re.compile(
    r"(?:任何(?:人|机构|产品|平台|银行|公司|单位|承诺|个人|理由)|遇到|碰到|碰上|看到|收到|听到|如果|要是|万一|谁)[^。!?;\n]{0,16}$"
)
_CONDEMNED = re.compile(
    r"(?<!不是)(?<!不)(?<!没)(?:骗|诈|坑人|都是坑|假的|违规|违法|非法|别信|不要信|不能信|套路|当心|小心|报警|举报|不靠谱|心眼|问号|不可信|上当|陷阱|不要转|别转|不理|别理|警惕|110|别给|别点|别碰|别买|别转|核实|一个都别|挂掉|别接|别照|谣|标题党|拉黑|不会(?:向|问|让|要))"
)
_EXPLAINS = re.compile(r"(?:所谓|什么叫|什么是|啥叫|啥是|叫做|指的是|意思是|说的是|定义|字面)[^。!?;\n,]{0,8}$")
_EXPLAINED = re.compile(
    r"^[”\"]?(?:[^,。!?;\n]{0,4})(?:指的是|意思是|的意思|说的是|这个词|这两个字|这几个字|这四个字|这个说法|这种说法|的说法|的区别|的概念|一说|是指)"
)
_WISH = re.compile(
    r"(?:您|你)(?:要|想要|图|求)的(?:就)?是[^,。!?;:\n]{0,12}$|(?:如果|要是|假如|假设|倘若|若是|想要|想|只要|就要|希望|追求|需要|图|求|看重|在意|非要|只接受|偏好|倾向|喜欢|要|一定要|为了)[^,。!?;:\n]{0,5}$"
)
_FULFILLED = re.compile(r"这款|这个|这只|这期|我们这|咱这|本产品|它就|正好|刚好|最合适|最适合|满足|就买|选它|选这")
_SAFE_PLACE = re.compile(r"存款|定期|国债|大额存单|存单|储蓄|通知存款|活期|不适合|不合适|不建议|没有|做不到|不现实")
_SPOKEN_OF = re.compile(
    r"^[”\"]?(?:这)?(?:[一两二三四五六七八九十几]个字|句话|种话|类话|话|一说|这一说|个说法|种说法|的条子|的物事|的东西)[^。!?\n]{0,10}?"
    r"(?:写不出|写不了|讲不出|说不出|从来?不|不敢|不能|唔敢|唔讲|没这|没见过|冇讲过|不说|不讲|给不了|不作数|都(?:该|要)(?:睁|多|把)|您从谁|早过去|没得|凑在一起)"
)
_SCAM = re.compile(
    r"(?<!不是)(?<!不)(?<!没)(?:骗|诈)|非法集资|冒名|冒用|冒充|假的|盗用|盗图|报警|拉黑|举报|离远点|千万别|千万不要|卫生纸|拦着|拦住|辟谣|刷单|别下|别签|先别签|莫去|别跟着|扯把子|别人家P|别人P|套路|风险提示是|非法"
)
_REFUSED_NEXT = re.compile(
    r"^[^。!?\n]{0,6}[”\"]?[?,。，!:;]{1,2}\s*(?:那|这个?|我|咱|您|你|侬|可|我直接回您[:,]?|我回您的是|我的回答是[:,]?|因为|原话照录){0,3}"
    r"(?:不是[。,的]|不系|唔系|真写不了|不能认同|包唔到|赔不了|有风险|会亏的|会蚀|没有这|没有那|冇|写了就是|不可能[。,]|先别)"
)
_TURNED = re.compile(r"不|没|唔|冇|打消|纠正|更正|拿掉|打破|别|假|旧|躲|长生|有风险|会亏")
_MINE = re.compile(r"我们|咱们|咱|这款|这只|这期|本产品|我行(?!没)|阿拉(?!行?不|行?冇)|我给|我跟|我敢|我这")
_ENDORSED = re.compile(r"(?:没错|说得对|说的对|是对的|确实|的确|真的是|就是这样|一点不假|我也|对的|正是)")


_REACH = 400
"""Characters on each side of a hit that can be its clause or sentence: a text without a stop is read in time that grows with it alone."""


@dataclass(frozen=True)
class Surroundings:
    """The clause and the sentence round a hit, and what follows."""

    clause: int
    sentence: int
    clause_end: int
    sentence_end: int


@lru_cache(maxsize=64)
def _bounds(text: str) -> tuple[list[int], list[int]]:
    """Places of the marks that end a clause, and of those that end a sentence."""
    clauses = [found.start() for found in _CLAUSE_END.finditer(text)]
    return clauses, [at for at in clauses if text[at] in "。!?;\n"]


def surroundings(text: str, start: int, end: int) -> Surroundings:
    """Bounds of the clause and of the sentence that hold a hit."""
    clauses, sentences = _bounds(text)
    i, j = bisect_right(clauses, start - 1), bisect_right(sentences, start - 1)
    after, stop = bisect_left(clauses, end), bisect_left(sentences, end)
    first, last = max(0, start - _REACH), min(len(text), end + _REACH)
    return Surroundings(
        max(first, clauses[i - 1] + 1 if i else 0),
        max(first, sentences[j - 1] + 1 if j else 0),
        min(last, clauses[after] if after < len(clauses) else last),
        min(last, sentences[stop] if stop < len(sentences) else last),
    )


def negations(before: str) -> int:
    """How many negations reach the end of a clause's beginning."""
    bare = _PSEUDO.sub(lambda m: "□" * len(m.group()), before)
    spans = [(m.start(), m.end()) for m in _NEGATOR.finditer(bare)]
    count, reach = 0, len(bare)
    for start, end in reversed(spans):
        between = bare[end:reach]
        if len(between) > 12 or _USED_UP.search(between) or (count and re.search(r"[也又、且]", between)):
            break
        count += 1
        reach = start
    return count


def _question(text: str, place: Surroundings, start: int, end: int) -> str | None:
    before, tail = text[place.clause : start], text[end : end + 24]
    asked = _ASKED.search(before) or re.match(r"^[^,。!;:\n]{0,8}(?:[吗么]|\?|[嘛呢]\?)", tail)
    if (
        asked
        and not _RHETORICAL_YES.search(before)
        and not _RHETORICAL_HIT.search(text[place.clause : end])
        and not _ANSWERED_YES.search(tail)
    ):
        return "question"
    return None


def _others(text: str, place: Surroundings, start: int, end: int) -> str | None:
    sentence, rest = text[place.sentence : start], text[end : place.sentence_end]
    following = text[end : min(len(text), place.sentence_end + 30)]
    if _GUARDED.search(sentence) and not re.search(r"[,:](?:我们|咱们?|这款)", sentence[-16:]):
        return "warning"
    strangers = list(_STRANGER.finditer(sentence))
    stranger = strangers[-1] if strangers else None
    if stranger is not None and not _SELF.search(sentence[stranger.end() :]) and not _ENDORSED.search(rest):
        return "others"
    customer = _CUSTOMER.search(sentence)
    if customer is not None and not _SELF.search(sentence[customer.end() - 10 :]) and not _ENDORSED.search(following):
        return "quotation"
    if _ANYONE.search(sentence) and _CONDEMNED.search(following):
        return "warning"
    if _SPOKEN_OF.match(rest) or re.match(
        r"^[”\"][,，]?(?:这|那)?[^。!?\n]{0,6}(?:不能认同|我写了|写不了|没有这|没得这|是别人|冇)", text[end:]
    ):
        return "denied"
    if (
        _quoted(text, start, end)
        and not _MINE.search(text[place.clause : start])
        and _TURNED.search(text[end : end + 34])
    ):
        return "quotation"
    around = text[max(0, start - 60) : min(len(text), end + 60)]
    if _SCAM.search(around) and not _MINE.search(text[place.clause : place.clause_end]):
        return "warning"
    if _REFUSED_NEXT.match(text[end:]):
        return "denied"
    if re.match(r"^[^,。!?;:\n]{0,8}(?:的|这种|这类|之类|那种|这样)[^,。!?;:\n]{0,14}", rest) and _CONDEMNED.search(
        rest[:30]
    ):
        return "warning"
    return None


def _quoted(text: str, start: int, end: int) -> bool:
    """Whether a place stands between quotation marks."""
    before, after = text[max(0, start - 12) : start], text[end : end + 8]
    opened = max(before.rfind("“"), before.rfind('"'))
    return opened >= 0 and "”" not in before[opened + 1 :] and ("”" in after or '"' in after)


def excuse(text: str, start: int, end: int) -> str | None:
    """Why the words at a place are no claim of the writer's; None when they are."""
    place = surroundings(text, start, end)
    before, tail = text[place.clause : start], text[end:]
    count = negations(before)
    if count >= 2 and count % 2 == 0:
        return None
    rest_of_clause = text[end : place.clause_end]
    if count == 0 and _NOT_SAYING.search(before):
        return "negated"
    if count == 1 and not re.match(r"^(?:都|也|才)?(?:不可能|怪|不行|是假)", rest_of_clause):
        return "negated"
    if _AFTER.match(rest_of_clause) and not _AFTER_NOT.match(rest_of_clause):
        return "negated"
    if _NEXT_DENIES.match(tail) and not re.match(
        r"^[^,。!?;:\n]{0,6}[,。!?:;]\s*(?:不骗|没有任何|没有风险|不是骗|没有问题|没有比)", tail
    ):
        return "denied"
    if _TAKEN_BACK.match(tail):
        return "denied"
    reason = _question(text, place, start, end)
    if reason:
        return reason
    if _EXPLAINS.search(before) or _EXPLAINED.match(rest_of_clause):
        return "explanation"
    wish = _WISH.search(before)
    if wish and not (_FULFILLED.search(tail[:40]) and not _SAFE_PLACE.search(tail[:40])):
        return "wish"
    return _others(text, place, start, end)


_DOUBT = re.compile(
    r"[不没未别莫勿非无禁拒停难冇唔]|谁|哪|吗|么?\?|骗|假|违规|违法|所谓|以为|当成|当心|小心|警惕|风险(?!低|小|很小|测评|测试|评估|等级)"
)
_NOT = re.compile("[不没别未]")
_GOOD_NEWS = re.compile(
    r"不(?:会|可能|用|让您?|带)?(?:再)?(?:赔|亏|跌|少|倒|输|愁|急|怕|掉|缩|动|变|损)|[没无零](?:有)?(?:任何|一点|半点|丝毫)?(?:风险|问题|损失|亏损|波动|毛病|事)|非保本"
    r"|[您你]说(?:呢|对吧)|是吧|对吧|好吧|行吧|吧$"
)
"""Negations by which an offender says more of the same: 稳赚不赔."""
_MARKED = re.compile(r"[“”\"「」『』]")


def doubtful(text: str, start: int, end: int) -> bool:
    """Whether the clause round a hit holds something that could turn it, though no test of `excuse` says that it does.

    Two negations that make a claim, and words that only look like a negation, are no doubt.
    """
    place = surroundings(text, start, end)
    before = text[place.clause : start]
    count = negations(before)
    if count >= 2 and count % 2 == 0:
        return False
    stop = place.clause_end + (text[place.clause_end : place.clause_end + 1] == "?")
    around = "\n".join(_GOOD_NEWS.sub("", _PSEUDO.sub("", part)) for part in (before, text[end:stop]))
    return bool(_DOUBT.search(around) or _MARKED.search(text[max(0, start - 2) : start] + text[end : end + 2]))


def turns(gap: str) -> bool:
    """Whether the words between the parts of a pattern hold a negation."""
    return bool(_NOT.search(_PSEUDO.sub("", gap)))


def refused(text: str, start: int, end: int) -> str | None:
    """Why a request at a place is none: forbidden, warned of, or told of others."""
    place = surroundings(text, start, end)
    before, rest = text[place.clause : start], text[end : place.clause_end]
    if negations(before) % 2 == 1:
        return "negated"
    if re.match(r"^[^,。!?;:\n]{0,6}(?:不行|不可以|不合规|违规|不允许|不能|做不到|办不到|干不了|不该)", rest):
        return "negated"
    if _ANSWERED_NO.match(text[end:]):
        return "question"
    if _NEXT_DENIES.match(text[end:]) or _TAKEN_BACK.match(text[end:]):
        return "denied"
    return _others(text, place, start, end)
