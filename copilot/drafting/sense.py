"""Whether a draft speaks of this customer: a small model may bring along what belonged to the replies it learnt from."""

from __future__ import annotations

import re
from collections import Counter

from copilot.drafting.grammar import written
from copilot.reading.plain import plain
from copilot.reading.state_words import DEATH, ILL, NOT_DEATH
from copilot.types import DraftRequest

_LIFE = {
    "child": "孩子 娃 小孩 学费 上学 读书 儿子 女儿 闺女 孙 幼儿园 大学 留学 补习 压岁",
    "elder": "老人 爸 妈 爹 娘 老爷子 父 母 长辈 爷爷 奶奶 老伴",
    "illness": "住院 手术 看病 药 床位 医院 医生 病 押金 icu ICU 治疗 体检",
    "home": "首付 房 装修 中介 定金 押金 租 搬家 楼",
    "wedding": "婚 彩礼 嫁妆 酒席 办酒 喜酒 喜事 对象",
    "business": "货款 店 工人 进货 生意 厂 货 客户单子 周转 发工资",
    "age": "养老 退休 老了",
    "spouse": "老公 老婆 爱人 太太 先生 丈夫 妻子 两口子 师母 老哥 嫂",
    "death": "节哀 走了 刚走 去世 过世 不在了 继承 遗 后事",
    "fraud": "骗 报警 挂失 锁卡 转账记录 冻结 公安 屏幕共享",
    "year": "过年 年夜饭 年货 春节 年关",
    "travel": "旅游 旅行 出国 机票",
    "car": "买车 车险 车贷 提车",
    "job": "失业 裁员 找工作 工作没",
    "voice": "语音 图片 截图 照片",
}
_WORDS = {kind: tuple(words.split()) for kind, words in _LIFE.items()}
_IN_HOSPITAL = re.compile(r"住院|抢救")
_CONDOLES = re.compile(r"节哀|去世|过世|离世|后事|(?:逝|亡)者")
_SPARED = re.compile(r"停手|停得|拦得|(?:还好|幸亏|好在)|没(?:有)?(?:给|点|转|填|扫|念|报|付|交|出去|少)")
_HELD_BACK = re.compile(
    r"(?:没|未|冇)(?:有)?(?:给|点|转|填|扫|念|报|付|交|打|汇|理|说|按|下|敢|信)|别(?=$|[，。！？\s])|不敢|不(?:理|给|转|信)|停|挂了|还在|差点|要不要|该不该|能信"
)
_LOST = re.compile(r"(?:已经|都)(?:转|付|打|汇|扣|划)(?:出去|走|了)|(?:转|汇|打|付)出去的|被(?:扣|划|刷|转)走|追回")
_BACK = re.compile(r"止付|收款(?:的)?(?:那[几个]*)?(?:户|账|人)|转(?:出的|账)(?:时间|账)|钱还追|转到了?哪|请那边协助")
_STILL = re.compile(r"钱(?:都|肯定)?还在|没损失|一分没少")
_HANG_UP = re.compile(r"挂(?:断|掉|了)?电话|电话(?:先)?挂|先挂")
_HUNG_UP = re.compile(r"(?:我|就|已经|都|给)(?:把(?:他|它|电话))?挂(?:了|断|掉)|挂了他?电话")
_PARTED = re.compile(
    r"(?:转|汇|打(?:款|钱|过去|给)|付|交|充|入金|投)[^，。？！电话]{0,8}(?:了|过去|出去|走|掉)|(?<!说)(?:扣|划|刷|取)(?:了|走|掉|我)|少了|没了|提不出|不见了|盗刷|被骗"
)
_YOU_ARE_A_MINOR = re.compile(r"[你您]还?(?:没|未)成年|(?:叫|让|请|找)[你您](?:爸妈|家长|监护)")
_PAPER = re.compile(r"写|字据|[立签]个?字|签|条子|白纸黑字|保证书|协议")
_LEVEL = re.compile(r"[中低高]{1,2}(?:风险|那一?档|这一?档)")
_FIGURE_OF_SPEECH = re.compile(r"好比|打个比方|(?<![好图影])像|跟[^，。？！]{1,8}一样")
_CALLED = re.compile(
    r"(月供|月还|房贷|车贷|贷款|欠款|工资|退休金|养老金|收入|年终奖|奖金|学费|首付|房租|租金|货款|尾款|定金|押金|彩礼|嫁妆|保费|生活费|本金|利息|余额)"
    r"[^，。？！{}从]{0,3}\{客户\.金额\}"
)
"""What a reply calls her sum: the figure is hers, the name must be too."""
_CONFIRMS = re.compile(r"\{客户\.金额\}[^。！？]{0,4}(?:是这么算|没算错|算得对|算对|没错|是对的)")
"""A reckoning of hers is not said to be right: only the bank's own formula tells what money brings."""
_AT_A_LOSS = re.compile(
    r"没(?:有)?(?:太|大)?看明白(?!的)|没(?:太)?听懂|(?<!没)会错意|发给我的|发错|打字打错|手滑|看不出要问|是哪件事"
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_TO_THE_BANK = re.compile(
    r"[钱存取卡贷赎账利]|理财|基金|网点|柜台|预约|到期|收益|经理|[你您恁侬](?:们|帮|给|发|说|看)|[帮给跟]我|谢"
)
_SAYS_ENOUGH, _SURELY_UNCLEAR = 8, 0.75
"""Characters from which a message says what it is about: to 29 such ones that something was not understood, readers sent none."""
_THREE = 3


def fits(template: str, request: DraftRequest) -> bool:
    """Whether the words of a draft fit the customer it is written to.

    A part of life (a child, an illness, a fraud) may only be spoken of when she, her card or the answer at hand spoke of it;
    her sum is called what she called it (no 月供 of what is still owed); comparisons are left to people; nothing is said three times.
    """
    said = _spoken(request)
    mine = written(template)
    for words in _WORDS.values():
        if any(w in mine for w in words) and not any(w in said for w in words):
            return False
    if request.understanding.intent == "fraud_security" and not _tells_it_as_it_was(mine, request):
        return False
    if any(name not in said for name in _CALLED.findall(template)) or _CONFIRMS.search(template):
        return False
    if any(level not in said for level in _LEVEL.findall(mine)):
        return False  # which level a product has, only the catalogue says
    if _YOU_ARE_A_MINOR.search(mine) and request.understanding.state != "minor":
        return False
    if plays_deaf(template, request):
        return False
    return not _FIGURE_OF_SPEECH.search(mine) and not _stutters(mine)


def _tells_it_as_it_was(mine: str, request: DraftRequest) -> bool:
    """Whether a reply to a swindle neither comforts for a loss that was not told, nor praises her for what she did not do."""
    hers = " ".join(_hers(request))
    parted = _PARTED.search(hers) is not None
    if _SPARED.search(mine) and not _HELD_BACK.search(hers):
        return False
    if _STILL.search(mine) or (
        _HANG_UP.search(mine) and _HUNG_UP.search(hers)
    ):  # that her money is there nobody has looked up
        return False
    return parted or not (_LOST.search(mine) or _BACK.search(mine))


def _spoken(request: DraftRequest) -> str:
    """Everything of this conversation that a reply may take up."""
    customer = request.conversation.customer
    parts = [t.text for t in request.conversation.turns]
    if customer is not None:
        parts += [customer.name, *customer.tags, *(e.text for e in customer.events)]
    parts += [r.value for r in request.references if r.name in ("问.答", "规.要点", "观点.要点")]
    if request.understanding.state == "grief":
        parts += [*(["节哀 去世"] if _tells_of_death(request) else []), *(["病"] if _tells_of_illness(request) else [])]
    if request.understanding.intent == "fraud_security":
        parts.append("骗 报警")
    if request.understanding.intent == "insurance_pension":
        parts.append("养老")
    return " ".join(parts)


def tells_it_wrong(template: str, request: DraftRequest) -> bool:
    """Whether a text to a swindle tells it otherwise than she did, though people approved it for such a case."""
    return request.understanding.intent == "fraud_security" and not _tells_it_as_it_was(written(template), request)


def plays_deaf(template: str, request: DraftRequest) -> bool:
    """Whether a text has not understood her, or takes her words for another's, though she wrote to the bank and said enough."""
    hers, understanding = plain(request.conversation.message), request.understanding
    if not _AT_A_LOSS.search(template) or len(_HAN.findall(hers)) < _SAYS_ENOUGH:
        return False
    astray = understanding.intent == "other_unclear" and understanding.confidence >= _SURELY_UNCLEAR
    return not astray or _TO_THE_BANK.search(hers) is not None


def refuses_unasked_paper(template: str, request: DraftRequest) -> bool:
    """Whether a text refuses to write her a paper, and she asked for none."""
    return "字据" in template and not any(_PAPER.search(w) for w in _hers(request))


def mourns_nobody(template: str, request: DraftRequest) -> bool:
    """Whether a text condoles though she told of no death: not in danger, not in an illness, not for a mere mood."""
    return _CONDOLES.search(template) is not None and not _tells_of_death(request)


def _tells_of_death(request: DraftRequest) -> bool:
    return any(DEATH.search(w) and not NOT_DEATH.search(w) for w in _hers(request))


def _tells_of_illness(request: DraftRequest) -> bool:
    return any(ILL.search(w) or _IN_HOSPITAL.search(w) for w in _hers(request))


def _hers(request: DraftRequest) -> list[str]:
    return [plain(t.text) for t in request.conversation.turns if t.role == "customer"]


def _stutters(text: str) -> bool:
    """Whether one pair of characters comes three times or more."""
    pairs = Counter(
        text[i : i + 2] for i in range(len(text) - 1) if all("\u4e00" <= c <= "\u9fff" for c in text[i : i + 2])
    )
    return any(n >= _THREE for n in pairs.values())
