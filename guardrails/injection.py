"""G35: instructions hidden in a customer's message or a document. Found pieces are quarantined, never obeyed.

Patterns catch the known forms (ignore what came before, play a role, show the prompt, markup of chat templates) and hidden
Unicode catches the unseen ones. Data never changes policy: the output checks have the last word whatever is missed here.
"""

from __future__ import annotations

import re
from functools import lru_cache

from copilot.reading.normalise import read
from copilot.types import Finding
from guardrails.orders import bundled
from guardrails.patterns import anchors_of

BASIS = "policy"
_TARGET = r"(?:指令|指示|规则|规定|设定|设置|提示词|要求|限制|约束|system|系统|角色|合规|审查|安全策略|护栏|guard)"
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (reason, re.compile(pattern))
    for reason, pattern in (
        (
            "要求忽略规则",
            rf"(?:忽略|无视|忘记|忘掉|抛开|跳过|绕过|绕开|覆盖|取消|解除|关闭|不要遵守|不用遵守|不必遵守|不再遵守|停止遵守)[^。!?\n]{{0,10}}?{_TARGET}"
            rf"|(?:忽略|无视|忘记)[^。!?\n]{{0,4}}?(?:以上|上面|之前|前面|先前|此前)[^。!?\n]{{0,6}}?(?:所有|全部|一切|内容|说的话|文字)",
        ),
        ("ignore instructions", r"(?:ignore|disregard|forget|override|bypass)[^.\n]{0,30}?(?:instruction|prompt|rule|previous|above|guardrail|polic)"),
        (
            "要求扮演不受限的角色",
            r"(?:你现在是|现在开始你是|假装你?是|假装自己|扮演|请以|你将作为|act as|pretend (?:to be|you)|you are now)[^。!?\n]{0,20}?(?:没有|不受|无|解除|without|no)[^。!?\n]{0,8}?(?:限制|约束|规则|合规|restriction|rule|limit|filter)"
            r"|开发者模式|developer mode|越狱|jailbreak|dan模式|上帝模式|调试模式",
        ),
        (
            "索取提示词或内部设定",
            r"(?:输出|显示|告诉我|打印|重复|复述|泄露|给我看|写出|列出|发给?我|翻译)[^。!?\n]{0,12}?(?:系统提示|提示词|prompt|初始指令|系统指令|内部设定|system message|隐藏指令)"
            r"|(?:repeat|print|reveal|show|output)[^.\n]{0,24}?(?:system prompt|prompt|instructions)",
        ),
        ("聊天模板标记", r"<\|?(?:im_start|im_end|system|assistant|endoftext|user)\|?>|\[/?inst\]|<<sys>>|</?(?:system|instructions?)>|###\s*(?:system|instruction|指令)|(?:^|\n)\s*(?:system|assistant|系统|助手)\s*:"),
        (
            "指挥助手的回答",
            r"(?:ai|人工智能|助手|机器人|大模型|语言模型|模型|副驾)[^。!?\n]{0,10}?(?:必须|请|应当|务必|要|需)[^。!?\n]{0,12}?(?:回答|回复|输出|推荐|写|说|告诉|承诺|标记|判定)"
            r"|(?:直接|只|必须|务必|请)(?:输出|回复|回答)[^。!?\n]{0,12}?(?:保本|保证收益|稳赚|零风险|审核通过|合规|通过|pass)"
            r"|(?:把|将)[^。!?\n]{0,12}?(?:风险等级|风险承受|审核结果|合规结果|标签|权限|测评)[^。!?\n]{0,6}?(?:改成|改为|设为|设成|标记为|视为)"
            r"|(?:新的|以下|下面)(?:是)?(?:系统)?(?:指令|规则)[::]",
        ),
        ("冒充管理者改变规则", r"(?:我是|这里是|本人是)(?:系统)?(?:管理员|开发者|开发人员|总行科技|系统运维|administrator|admin)[^\n]{0,40}?(?:授权|允许|解除|关闭|放开|执行|输出|批准|测试|切换)"),
    )
)  # fmt: skip
_HIDDEN = re.compile("[\U000e0000-\U000e007f]+|[\u202a-\u202e\u2066-\u2069]+|[\u200b\u200c\u2060\ufeff]{3,}")
_HARMLESS = re.compile(
    r"(?:忽略|无视|忘记|忘掉)(?:掉|了)?(?:我|一下)?(?:的)?(?:上|前|刚才|刚刚)[^。\n]{0,6}?(?:条|句|个)?(?:消息|信息|话|语音|图片)?$"
)


@lru_cache(maxsize=1)
def _anchors() -> tuple[tuple[frozenset[str], ...], ...]:
    """What each pattern cannot match without."""
    return tuple(anchors_of(pattern.pattern) for _, pattern in _PATTERNS)


QUARANTINED = "［已隔离］"


def quarantine(text: str) -> tuple[str, tuple[Finding, ...]]:
    """Another's text as it may be shown to a model: every found instruction replaced by a mark. And what was found.

    Patterns name the place; where they find none but `guardrails.orders` hears an order, the whole text is kept back.
    """
    found = scan(text)
    model = bundled()
    if not found and model.probability(text) >= model.bar:
        found = (_finding("G35-meaning", text, 0, len(text), "读来像是在给系统下指令或规定回答"),)
    for finding in sorted(found, key=lambda f: -f.start):
        text = text[: finding.start] + QUARANTINED + text[finding.end :]
    return text, found


def scan(text: str) -> tuple[Finding, ...]:
    """Every hidden or open instruction in a customer's message or a document."""
    found: list[Finding] = []
    for match in _HIDDEN.finditer(text):
        found.append(_finding("G35-hidden", text, match.start(), match.end(), "含不可见字符或方向控制符，可能藏有指令"))
    reading = read(text)
    folded = reading.text
    for (reason, pattern), groups in zip(_PATTERNS, _anchors(), strict=True):
        if not all(any(word in folded for word in group) for group in groups):
            continue
        for match in pattern.finditer(folded):
            if _HARMLESS.match(match.group()):
                continue
            found.append(
                _finding(
                    "G35-instruction", text, *reading.span(match.start(), match.end()), f"疑似对系统的指令：{reason}"
                )
            )
    unique = {(f.start, f.end): f for f in found}
    return tuple(sorted(unique.values(), key=lambda f: (f.start, f.end)))


def _finding(rule: str, text: str, start: int, end: int, reason: str) -> Finding:
    return Finding(rule, "G35", "review", start, end, text[start:end], reason, BASIS)
