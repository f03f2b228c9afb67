"""Words, character pairs and sound pairs of a text, for BM25. Names and finance terms stay whole."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.util import find_spec
from itertools import pairwise
from typing import Protocol

from copilot.reading.normalise import is_han, read
from knowledge_base.names import syllable

_TERMS = (
    "理财 净值 赎回 申购 认购 起购 起存 起息 到期 到账 封闭期 开放日 募集期 成立日 业绩比较基准 基准 七日年化 年化 利率 利息 "
    "活期 定期 定存 大额存单 通知存款 结构性存款 储蓄国债 国债 存单 转让 提前支取 提前赎回 自动转存 自动续期 快速赎回 普通赎回 "
    "风险测评 风险等级 风险评估 风测 测评 双录 犹豫期 冷静期 退保 现金价值 保单 年金 增额寿 个人养老金 养老金 积存金 金条 管理费 "
    "托管费 销售服务费 申购费 赎回费 手续费 工本费 说明书 登记编码 存款保险 验证码 手机银行 网点 限额 转账 流水 资产证明 挂失 "
    "冻结 销户 信用卡 房贷 提前还款 征信 积分 优惠券 投诉 固收 债基 债券 基金 黄金 金价 汇率 美元 外币 购汇 逆回购 元旦 春节 "
    "清明 端午 中秋 国庆 劳动节 节假日 调休 休市 工作日 交易日 保本 保息 本金 亏损 浮亏 收益 回撤 业绩 过往业绩 "
)
TERMS: tuple[str, ...] = tuple(_TERMS.split())
"""Terms registered with the cutter beside the catalogue's names."""

_STOPWORDS = (
    "的 了 吗 呢 吧 啊 呀 嘛 哦 噢 哈 哎 唉 诶 嗯 哇 啦 咯 我 你 您 他 她 它 我们 你们 咱 咱们 人家 是 在 有 就 "
    "都 也 还 又 才 再 很 太 那 这 那个 这个 那种 这种 个 一个 着 过 得 地 和 跟 与 及 或 被 把 给 让 对 从 到 向 "
    "往 上 下 里 里面 么 什么 啥 咋 怎么 怎样 如何 哪 哪里 哪个 多少 几 谁 请问 请 麻烦 想 要 会 能 可以 可 不 没 "
    "没有 别 好 行 是不是 能不能 有没有 一下 一点 点 说 问 看 知道 觉得 现在 今天 时候 这样 那样 然后 所以 因为 但是 如果 "
    "的话 姐 哥 经理 老师 小 老 嘞 噻 撒 伐 呗 喔 唔 嘅 咩 "
)
STOPWORDS: frozenset[str] = frozenset(_STOPWORDS.split())
_LATIN = re.compile(r"[a-z]+|\d+(?:\.\d+)?")
_FIGURE = re.compile(r"(?<!\d)\d+(?:\.\d+)?(?:万|天|%|个月|年|月\d+日|元|:\d\d)")


class _Cutter(Protocol):
    def cut_for_search(self, text: str, /) -> Iterable[str]: ...


class Tokenizer:
    """Cuts text for the index and for queries alike."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._cutter = _cutter([*TERMS, *(read(n).text for n in names)])

    def words(self, text: str) -> list[str]:
        """Words without punctuation and stop words; long words bring their parts along."""
        return [w for w in self._cutter.cut_for_search(read(text).text) if w not in STOPWORDS and w[0].isalnum()]

    def grams(self, text: str) -> list[str]:
        """Pairs of neighbouring Han characters; Latin words, numbers and figures whole."""
        folded = read(text).text
        pairs = [a + b for a, b in pairwise(folded) if is_han(a) and is_han(b)]
        return pairs + _LATIN.findall(folded) + _FIGURE.findall(folded)

    def sounds(self, text: str) -> list[str]:
        """Pairs of neighbouring syllables: the same for 赎回 and 熟回, 利息 and 力气."""
        heard = [syllable(c) if is_han(c) else "" for c in read(text).text]
        return [f"{a} {b}" for a, b in pairwise(heard) if a and b]

    def fields(self, text: str) -> dict[str, list[str]]:
        """All three views."""
        return {"word": self.words(text), "gram": self.grams(text), "sound": self.sounds(text)}


def cutter() -> str:
    """The name of the package that cuts: rjieba, or jieba where that is not installed."""
    return "rjieba" if find_spec("rjieba") else "jieba"


def _cutter(words: list[str]) -> _Cutter:
    """rjieba with the words registered; jieba, slower with the same cuts, where rjieba is not installed."""
    if cutter() == "jieba":
        return _jieba(words)
    import rjieba

    own = rjieba.Jieba()
    for word in words:
        own.add_word(word, None, None)
    found: _Cutter = own
    return found


def _jieba(words: list[str]) -> _Cutter:
    import logging

    import jieba

    jieba.setLogLevel(logging.WARNING)
    own = jieba.Tokenizer()
    for word in words:
        own.add_word(word)
    found: _Cutter = own
    return found
