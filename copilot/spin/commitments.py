"""What is left open: whom she will ask, what she will decide, and when (明天问下老公)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from copilot.reading.figures import find_figures
from copilot.reading.plain import Clause, clauses
from copilot.types import Commitment

_WHO = (
    r"(?:我|俺|咱)?(?:们)?(?:家)?(?:那)?(?:口子|老伴|老公|老婆|媳妇|爱人|先生|太太|丈夫|妻子|对象|男朋友|女朋友|男友|女友|堂客|婆娘|老头子|爸妈|父母|爸爸|妈妈|爸|妈|爹|娘|公公|婆婆|岳父|岳母|丈母娘|"
    r"儿子|女儿|闺女|囡囡|孩子|他爸|她爸|孩子他爸|他妈|姑爷|女婿|儿媳妇?|哥|姐|弟弟?|妹妹?|表哥|表姐|合伙人?|会计|财务|律师|老板|领导|家里人?|家人|屋里人)"
)
_ASK = re.compile(
    rf"(?:问(?:问|一?下|过|清楚)?|(?:跟|和|同|与|找)(?P<with>{_WHO}|他|她|佢|人)[^，。]{{0,6}}(?:商量|合计|讨论|谈|说|对|讲|看|通个气|定)|商量|合计|请示|打听|核实)(?P<who>{_WHO}|他|她|佢)?"
)
_LATER = re.compile(
    r"先|等|再|明天|明儿|明日|听日|后天|今晚|今儿晚|晚上|回头|下午|周末|下周|这两天|过两天|过几天|回去|回家|得(?=问|跟|和)|要(?=问|跟|和)|还是|[周星][期]?[一二三四五六日天末]|\d号"
)
_DECIDE = re.compile(
    r"(?:再|先|容我|让我)(?:好好)?(?:想想|考虑|看看|琢磨|掂量|合计|比比|缓缓|缓一缓)|(?:再|才)(?:说|定|决定|答复|回(?:你|您)|联系|找(?:你|您)|告诉(?:你|您)|给(?:你|您)(?:回)?(?:信|话))|(?:明天|后天|晚点|回头|下午|晚上|到时候?|下周)[^，。]{0,6}(?:回(?:你|您|信)|找(?:你|您)|告诉(?:你|您)|答复|联系|过来|过去|去网点)"
)
_ASKS_YOU = re.compile(
    r"(?:想|要|就|再|先)?问(?:一下|下|问)?(?:你|您|个|一个|句|一句|你们|行里)|请问|想问|能问|问题|^问|问我|问她|让我问|叫我问"
)
_WAIT = re.compile(rf"等(?P<who>{_WHO}|他|她|佢|我[一-鿿]{{0,4}})?[^，。]{{1,12}}(?:再|了|后|回来|忙完)")


def commitments(text: str, turn: int, at: datetime | None) -> tuple[Commitment, ...]:
    """What she leaves open in one turn; `when` is ISO where she named a day, in that clause or the one before."""
    parts = clauses(text)
    found: list[Commitment] = []
    for index, clause in enumerate(parts):
        who = _open(clause)
        if who is None:
            continue
        when = _when(text, at, parts[max(0, index - 1) : index + 1])
        if found and found[-1].when == when and not who and parts[index - 1].text == found[-1].quote:
            continue
        found.append(Commitment(clause.text, turn, who, when))
    return tuple(found)


def _open(clause: Clause) -> str | None:
    """Whom she will ask, "" when she decides by herself, None when nothing is left open."""
    words = clause.plain
    if clause.text.endswith(("?", "？", "吗", "么")) or (_ASKS_YOU.search(words) and not _DECIDE.search(words)):
        return None
    ask = _ASK.search(words)
    if ask and _LATER.search(words):
        return ask["who"] or ask["with"] or _anyone(words[ask.end() :])
    if _DECIDE.search(words):
        wait = _WAIT.search(words)
        return (wait["who"] or "") if wait else ""
    wait = _WAIT.search(words)
    return wait["who"] if wait and wait["who"] else None


def _anyone(rest: str) -> str:
    found = re.match(_WHO, rest)
    return found[0] if found else ""


def _when(text: str, at: datetime | None, parts: Sequence[Clause]) -> str:
    start, end = parts[0].start, parts[-1].end
    dates = [f for f in find_figures(text, at) if f.kind == "date" and start <= f.start < end]
    return str(dates[-1].value) if dates else ""
