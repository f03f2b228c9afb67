"""How well a text fits a customer's message: signs that can be counted, and weights learnt from readers' verdicts.

Texts of every source are judged alike: a reply from the book, an approved script, a draft of the model.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from copilot.drafting.asked import asked_in
from copilot.drafting.grammar import written
from copilot.drafting.question import asks
from copilot.drafting.references import beside_the_question, without_product
from copilot.drafting.vocabulary import Vocabulary, talk, words
from copilot.drafting.wanted import Wanted, wanted_of
from copilot.reading.spelling import fold
from copilot.reading.trees import Trees
from copilot.types import DraftRequest, Move, Tone, Turn

SIGNS = (
    "book",
    "script",
    "script_asks",
    "alike",
    "alike_squared",
    "topic",
    "sense",
    "says_topic",
    "says_sense",
    "company",
    "before",
    "no_before",
    "intent",
    "second",
    "state",
    "kind",
    "role",
    "tone",
    "borrowed",
    "shared",
    "strange",
    "uncalled",
    "uncalled_most",
    "echo",
    "answer",
    "answer_asked",
    "answer_found",
    "answer_sense",
    "answer_passed_over",
    "product",
    "product_asked",
    "figures",
    "deepens",
    "asks",
    "asks_known",
    "quotes_her",
    "finds_out",
    "finds_out_found",
    "short",
    "long",
    "named",
    "certainty",
    "reusable",
    "weak",
    "particular_cut",
    "called",
    "she_asks",
    "her_length",
)
"""The signs, in the order of the weights. See `Fitness.signs`."""
INTEREST = "算.利息"
_REF = re.compile(r"\{([^{}]+)\}")
_SHORT, _LONG = 14, 90
_ASKS = frozenset({"situation", "problem", "implication", "need"})
"""Moves that ask: a script made for anybody asks beside the point far more often than it tells."""
_KNOWN = (
    (re.compile(r"(?:大概|一共|准备|打算|要|想|存|放)[^，。？]{0,4}多少|多少钱|几万|什么数"), "客户.金额"),
    (re.compile(r"[放存定]多久|多久(?:不用|不动|用不着)|放得住|能放几|期限"), "客户.期限"),
    (re.compile(r"(?:什么时候|哪天|哪年|几号|几时|多久)[^，。]{0,3}(?:用|要|到|取)"), "客户.日期"),
)
"""What a question may ask for, and the reference that shows she has said it."""
_WHICH = re.compile(
    r"哪一?[只款支](?!.{0,6}(?:好|合适))|哪个产品|叫什么名|(?:存款|定期|理财|基金|保险)[^？]{0,6}还是(?:存款|定期|理财|基金|保险)(?![^？]{0,8}(?:利|收益|放))|手上已有的"
)
"""Asks which product she means."""
_TEST_FIRST = re.compile(r"先[^。，]{0,4}(?:看|做|测)[^。，]{0,3}(?:测评|等级)|(?:看|照|按)您测评(?:够|到|是)")
_LEVEL = re.compile(r"c[1-5]|稳健型|谨慎型|平衡型|进取型|激进型|保守型")
"""Sends her to the questionnaire, and that she has said what it gave."""
_WHEN_FIRST = re.compile(
    r"(?:看|告诉我|给我|说说|说定|先定|把)[^。？！]{0,8}(?:哪天|哪一天|几时|什么时候|时间|日子)[^。？！]{0,4}用|用钱的?(?:时间|日子)(?:给|告诉|说|发)"
)
"""Asks without a question mark when she needs the money."""
_PURPOSE = re.compile(r"(?:做|派|干)什么用|什么用[处场]|用来做什么|有什么安排")
_PURPOSES = re.compile(
    r"学费|首付|看病|手术|住院|养老|装修|彩礼|嫁妆|买房|买车|房租|旅游|结婚|留学|进货|工资|还贷|月供|压岁"
)
_FINDS_OUT = re.compile(
    r"我[^，。]{0,6}(?:查|问|核|翻|对一|去看|找)[^。]{0,24}(?:回您|发您|告诉您|给您|报|答您|转给|再说|写给)"
)


@dataclass(frozen=True)
class Writing:
    """A text to be judged, as a template, with what is known of where it came from.

    `message`, `history` (all that was said before), `before` (the advisor's last words) and `asked` are what the text was
    written to, empty for a script or a draft of the model; `alike`
    says how alike her message is to it by its characters, `topic` by the intent classifier's scores, `sense` by the embedder.
    `says_topic` and `says_sense` compare her message with the text itself, `asked_sense` with the question that was found, and
    `company` the text with what people wrote to messages like hers. `reuse` is how far a reply of the book serves others
    (2 nearly anyone, 1 hardly, 0 was weak at once), `whole` what it was before it was trimmed,
    `called` how surely it is a script for just what she speaks of.
    """

    template: str
    move: Move
    source: str
    intent: str = ""
    state: str = ""
    kind: str = ""
    role: str = ""
    tone: str = ""
    message: str = ""
    asked: str = ""
    before: str = ""
    alike: float = 0.0
    topic: float = 0.0
    sense: float = 0.0
    says_topic: float = 0.0
    says_sense: float = 0.0
    before_alike: float = 0.0
    asked_alike: float = 0.0
    asked_sense: float = 0.0
    certainty: float = 0.0
    history: str = ""
    company: float = 0.0
    reuse: int = 1
    whole: str = ""
    called: float = 0.0


@dataclass(frozen=True)
class Matter:
    """What a request is about, read once for all texts judged for it."""

    said: str
    message: str
    history: tuple[Turn, ...]
    before: str
    intent: str
    second: tuple[str, ...]
    state: str
    kind: str
    role: str
    tone: Tone
    faq: str
    found: float
    """Search score of the passage behind 问.答, 0 without one."""
    names: frozenset[str]
    lengths: Mapping[str, int]
    asks_for_interest: bool = False
    """Whether she asks what a sum of hers would bring."""
    of_kind: bool = False
    """Whether 甲 is of the kind she asks for."""
    beside: bool = False
    """Whether 甲 is an offer and she did not ask what to buy."""
    asked: tuple[str, ...] = ()
    """References that answer what she asks for, where they are known."""

    def names_for(self, move: Move) -> frozenset[str]:
        """Names of the references that a text of this move may use."""
        return without_product(self.names) if self.beside and move != "need" else self.names


def matter_of(request: DraftRequest) -> Matter:
    """What a request is about."""
    understanding, conversation = request.understanding, request.conversation
    answering = next((r.document for r in request.references if r.name == "问.答"), None)
    passage = next((p for p in request.passages if p.document == answering), None)
    product = request.products.get("甲")
    customer = conversation.customer
    parts = [t.text for t in conversation.turns]
    if customer is not None:
        parts += [*customer.tags, *(e.text for e in customer.events)]
    parts += [r.value for r in request.references if r.name in ("问.答", "规.要点", "观点.要点")]
    if passage is not None:
        parts.append(passage.title)
    before = next((t.text for t in reversed(conversation.history) if t.role == "advisor"), "")
    wanted = wanted_of(conversation.message, conversation.history, understanding.entities)
    return Matter(
        fold(" ".join(parts)),
        conversation.message,
        tuple(conversation.history),
        before,
        understanding.intent,
        (*understanding.secondary, *(label for label, _ in understanding.offered)),
        understanding.state,
        product.type if product else "",
        request.roles.get("甲", ""),
        request.tone,
        passage.title if passage is not None else "",
        passage.score if passage is not None else 0.0,
        frozenset(r.name for r in request.references),
        {r.name: len(r.value) for r in request.references},
        wanted.interest,
        product is not None and wanted.names(product),
        beside_the_question(request, wanted),
        _asked(request, wanted),
    )


def _asked(request: DraftRequest, wanted: Wanted) -> tuple[str, ...]:
    """References that answer her: what her sum would bring where that can be worked out, else the fields she asks for."""
    if wanted.interest and any(r.name == INTEREST for r in request.references):
        return (INTEREST,)
    return tuple(f"甲.{field}" for field in asked_in(request))


class Fitness:
    """Judges texts for a request: the probability that a reader would send it, at most after a touch.

    The weights add up; `trees`, grown on what they leave over, say where signs mean something else together. The
    vocabulary is asked for when the first text is judged: counting the words of a whole book takes half a second.
    """

    def __init__(
        self, weights: Mapping[str, float], offset: float, counted: Callable[[], Vocabulary], trees: Trees | None = None
    ) -> None:
        self._weights = np.array([weights[sign] for sign in SIGNS])
        self._offset = offset
        self._counted = counted
        self._trees = trees

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        return self._counted()

    def __call__(self, matter: Matter, writing: Writing) -> float:
        """Between 0 and 1."""
        return self.of_all(matter, (writing,))[0]

    def of_all(self, matter: Matter, writings: Sequence[Writing]) -> list[float]:
        """The same for several texts at once."""
        if not writings:
            return []
        signs = np.stack([self.signs(matter, writing) for writing in writings])
        scores = signs @ self._weights + self._offset
        if self._trees is not None:
            scores = scores + self._trees(signs)
        return [1 / (1 + math.exp(-max(-30.0, min(30.0, float(score))))) for score in scores]

    def signs(self, matter: Matter, writing: Writing) -> np.ndarray:
        """The signs of one text, in the order of `SIGNS`."""
        used = frozenset(_REF.findall(writing.template))
        mine = words(written(writing.template))
        own = talk(writing.message, writing.history, writing.before, writing.asked)
        borrowed = sum(self._vocabulary.weight(w) for w in mine if w in own and w not in matter.said)
        shared = sum(self._vocabulary.weight(w) for w in mine if w in matter.said)
        strange = sum(self._vocabulary.weight(w) for w in mine if w not in own and w not in matter.said)
        uncalled = [self._vocabulary.tie(w) for w in mine if w not in matter.said]
        length = len(written(writing.template)) + sum(matter.lengths.get(name, 0) for name in used)
        book, script = writing.source == "book", writing.source == "script"
        answer = "问.答" in used
        product = any(name[0] in "甲乙" for name in used)
        finds_out = _FINDS_OUT.search(writing.template) is not None
        values = {
            "book": book,
            "script": script,
            "script_asks": script and writing.move in _ASKS,
            "alike": writing.alike,
            "alike_squared": writing.alike**2,
            "topic": writing.topic,
            "sense": writing.sense,
            "says_topic": writing.says_topic,
            "says_sense": writing.says_sense,
            "company": writing.company,
            "before": writing.before_alike,
            "no_before": book and bool(writing.before) != bool(matter.before),
            "intent": writing.intent == matter.intent,
            "second": writing.intent in matter.second,
            "state": writing.state == matter.state,
            "kind": (book and writing.kind == matter.kind) or (product and not book),
            "role": book and writing.role == matter.role,
            "tone": writing.tone == matter.tone,
            "borrowed": min(borrowed, 3.0),
            "shared": min(shared, 3.0),
            "strange": min(strange, 4.0),
            "uncalled": min(sum(uncalled), 3.0),
            "uncalled_most": max(uncalled, default=0.0),
            "echo": min(shared, 3.0) / (1 + min(shared + borrowed + strange, 8.0)),
            "answer": answer,
            "answer_asked": answer * (writing.asked_alike if book else 0.5),
            "answer_found": answer * min(1.0, matter.found),
            "answer_sense": answer * writing.asked_sense,
            "answer_passed_over": (not answer) and "问.答" in matter.names and writing.move == "answer",
            "product": product,
            "product_asked": product and matter.role in ("asked", "held"),
            "figures": min(len(used - {"客户.称呼", "问.答"}), 4) / 4,
            "deepens": writing.move in ("problem", "implication"),
            "asks": "？" in writing.template,
            "asks_known": asks_known(matter, writing.template),
            "quotes_her": "客户.所问" in used,
            "finds_out": finds_out,
            "finds_out_found": finds_out and ("问.答" in matter.names),
            "short": length < _SHORT,
            "long": max(0, length - _LONG) / 60,
            "named": "{客户.称呼}" in writing.template and "客户.称呼" in matter.names,
            "certainty": max(-1.0, writing.certainty),
            "reusable": book and writing.reuse == 2,
            "weak": book and writing.reuse == 0,
            "particular_cut": book and writing.reuse == 1 and writing.template != writing.whole,
            "called": writing.called,
            "she_asks": asks(matter.message),
            "her_length": min(len(matter.message), 120) / 60,
        }
        return np.array([float(values[sign]) for sign in SIGNS])

    def borrowed(self, matter: Matter, writing: Writing, part: str) -> float:
        """How much of a part of a text belongs to the customer it was first written to, and not to this one."""
        own = talk(writing.message, writing.history, writing.before, writing.asked)
        return sum(self._vocabulary.weight(w) for w in words(written(part)) if w in own and w not in matter.said)

    def uncalled(self, matter: Matter, part: str) -> float:
        """How far a part of a text speaks of what only those hear who spoke of it (装修, 孙子), and nobody here did: 0 to 0.7."""
        return max((self._vocabulary.tie(w) for w in words(written(part)) if w not in matter.said), default=0.0)

    def foreign(self, matter: Matter, part: str) -> float:
        """How much of a part of a text speaks of what nobody here spoke of."""
        return sum(self._vocabulary.weight(w) for w in words(written(part)) if w not in matter.said)


def asks_known(matter: Matter, template: str) -> bool:
    """Whether a question of the text asks for what she has said already."""
    asked = "".join(part for part in re.findall(r"[^。！？]*[。！？]?", template) if part.endswith("？"))
    if any(name in matter.names and pattern.search(asked) for pattern, name in _KNOWN):
        return True
    if matter.role in ("asked", "held") and _WHICH.search(asked):
        return True
    if _TEST_FIRST.search(template) and (_LEVEL.search(matter.said) or "客户.风险等级" in matter.names):
        return True
    if _WHEN_FIRST.search(template) and not matter.names.isdisjoint(("客户.日期", "客户.期限")):
        return True
    return _PURPOSE.search(asked) is not None and _PURPOSES.search(matter.said) is not None
