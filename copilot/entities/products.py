"""Products named or described: exact by the catalogue, by a slip of the pen or the ear, and holdings by what they are like."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from copilot.reading.figures import Figure
from copilot.reading.sounds import readings_of
from copilot.types import Catalogue, Customer, Entity, Holding, Product

_HAN_ONLY = re.compile(r"[一-鿿]{3,}")
_TERM_CHARACTERS = frozenset("半一二两三四五六七八九十年月天日周季期")
_EVERYDAY = frozenset("的那个没有存买放这了要款只张持")
_DEPOSIT = frozenset("定期整取单跟大额")
_CONFUSED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("l", "n"), ("h", "f"))
_POINTER = re.compile(
    r"(?:我|俺|她|他|妈|爸|老伴)?(?:的)?(?:那|这|上次|上回|之前|以前|去年|前年|手里|手上|原来|旧)(?:买|存|续|放|办)?(?:的)?(?:那)?(?:个|笔|只|款|张|份)?|我(?:的)?(?=半年|一年|三个月|两年|三年|\d)|我(?:买|存|持有|放)的"
)
_TYPES: tuple[tuple[str, frozenset[str]], ...] = (
    (r"债基|基金|基经|混合|指数", frozenset(("fund",))),
    (r"保险|保单|年金|增额|重疾|医疗险", frozenset(("insurance",))),
    (r"存单|大额|定期|定存|存款|死期", frozenset(("deposit",))),
    (r"国债", frozenset(("treasury",))),
    (r"结构性", frozenset(("structured_deposit",))),
    (r"黄金|积存|金条", frozenset(("gold",))),
    (r"零钱|活钱|现金管理|随取", frozenset(("cash",))),
    (r"理财|封闭|净值", frozenset(("wealth", "cash"))),
)
_MATURES = re.compile(
    r"(?:快|要|马上|今天|明天|后天|昨天|刚|下周|这周|月底|\d|号|日|周[一二三四五六日])[^，。]{0,6}(?:到期|满期|到日子|满了|到了)|到期"
)


@dataclass(frozen=True)
class _Surface:
    """A name of a product, ready for comparison."""

    product: Product
    text: str


class ProductFinder:
    """Finds products in a text by name, by near name, and holdings by description."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._version: str | None = None
        self._surfaces: tuple[_Surface, ...] = ()
        self._index: Mapping[str, Sequence[tuple[int, int]]] = {}

    def find(
        self, text: str, plain: str, figures: Sequence[Figure], customer: Customer | None, today: date
    ) -> list[Entity]:
        """Product entities; a named one wins over a described holding."""
        found = [
            Entity("product", text[a:b], p.id, a, b) for p, a, b in self._catalogue.named(text) if _says(text[a:b])
        ]
        for entity in self._near(text, plain):
            if not any(entity.start < o.end and o.start < entity.end for o in found):
                found.append(entity)
        if not found and customer is not None and customer.holdings:
            described = self._described(text, plain, figures, customer, today)
            found.extend(described)
        return found

    def _near(self, text: str, plain: str) -> list[Entity]:
        """Names one slip away: same sound (稳建半年), or one character of four or more."""
        agree: Counter[tuple[int, int]] = Counter()
        places = self._places()
        for index, character in enumerate(plain):
            for number, offset in places.get(character, ()):
                agree[(number, index - offset)] += 1
        found = []
        for (number, start), same in agree.items():
            name = self._surfaces[number].text
            size = len(name)
            if start < 0 or start + size > len(plain) or same == size or same * 2 < size - 1:
                continue
            if _alike(plain[start : start + size], name):
                product = self._surfaces[number].product
                found.append(Entity("product", text[start : start + size], product.id, start, start + size))
        return _longest(found)

    def _places(self) -> Mapping[str, Sequence[tuple[int, int]]]:
        """Where each character stands in the names: (number of the name, offset)."""
        if self._version != self._catalogue.version:
            self._surfaces = tuple(
                _Surface(product, name)
                for product in self._catalogue.products()
                for name in (product.name, *product.aliases)
                if _HAN_ONLY.fullmatch(name) and len(name) <= 8 and _distinct(name, _DEPOSIT)
            )
            places: dict[str, list[tuple[int, int]]] = defaultdict(list)
            for number, surface in enumerate(self._surfaces):
                for offset, character in enumerate(surface.text):
                    places[character].append((number, offset))
            self._index = dict(places)
            self._version = self._catalogue.version
        return self._index

    def _described(
        self, text: str, plain: str, figures: Sequence[Figure], customer: Customer, today: date
    ) -> list[Entity]:
        pointer = _POINTER.search(plain)
        matures = _MATURES.search(plain)
        if pointer is None and matures is None:
            return []
        start = pointer.start() if pointer else matures.start() if matures else 0
        best, end = self._match(plain, figures, customer, today, start)
        if best is None:
            return []
        end = max(end, pointer.end() if pointer else 0, matures.end() if matures and not pointer else 0)
        return [Entity("product", text[start:end], best.product or best.name, start, end)]

    def _match(
        self, plain: str, figures: Sequence[Figure], customer: Customer, today: date, start: int
    ) -> tuple[Holding | None, int]:
        """The one holding that every clue fits, and where the last clue ends; (None, 0) when none or several do."""
        candidates = list(customer.holdings)
        end, clues = start, 0
        for figure in figures:
            if figure.start < start or figure.start > start + 16:
                continue
            fitting = [h for h in candidates if self._fits(h, figure)]
            if fitting:
                candidates, end, clues = fitting, max(end, figure.end), clues + 1
        for pattern, types in _TYPES:
            word = re.compile(pattern).search(plain, start)
            if word and word.start() <= start + 14:
                fitting = [h for h in candidates if self._type(h) in types or word[0] in h.name]
                if fitting:
                    candidates, end, clues = fitting, max(end, word.end()), clues + 1
                break
        if len(candidates) > 1 and _MATURES.search(plain):
            soon = [
                h
                for h in candidates
                if h.maturity and today - timedelta(days=7) <= h.maturity <= today + timedelta(days=45)
            ]
            candidates, clues = (soon, clues + 1) if soon else (candidates, clues)
        if len(candidates) != 1 or (clues == 0 and len(customer.holdings) > 1):
            return None, 0
        tail = re.compile(r"(?:期|的)?(?:那)?(?:个|笔|只|款)?(?:理财|基金|存款|存单|产品)?").match(plain, end)
        return candidates[0], tail.end() if tail and clues and end > start else end

    def _type(self, holding: Holding) -> str:
        product = self._catalogue.get(holding.product) if holding.product else None
        return product.type if product else ""

    def _fits(self, holding: Holding, figure: Figure) -> bool:
        """Whether a figure of the message speaks of the holding: its term, amount or maturity."""
        if figure.kind == "money" and holding.amount:
            return abs(float(figure.value) - holding.amount) <= 0.02 * holding.amount
        if figure.kind == "date" and holding.maturity:
            return holding.maturity.isoformat().startswith(str(figure.value))
        if figure.kind != "term":
            return False
        product = self._catalogue.get(holding.product) if holding.product else None
        if product and product.term_days:
            return abs(float(figure.value) - product.term_days) <= max(3.0, 0.05 * product.term_days)
        return figure.text in holding.name


def _says(surface: str) -> bool:
    """Whether an exact name is more than a term (存一年 is a wish, not a name)."""
    return not _HAN_ONLY.fullmatch(surface) or _distinct(surface)


def _distinct(name: str, plain: frozenset[str] = frozenset()) -> bool:
    """Whether a name says more than a term and everyday words (存一年, 一个月没): only such a name is heard in a slip."""
    return any(c not in _TERM_CHARACTERS and c not in _EVERYDAY and c not in plain for c in name)


def _alike(window: str, name: str) -> bool:
    """Same sound throughout, or in a name of four characters or more one other character outside its term."""
    different = [i for i, (a, b) in enumerate(zip(window, name, strict=True)) if a != b]
    deaf = [i for i in different if not _same_sound(window[i], name[i])]
    if any(window[i] in _TERM_CHARACTERS and name[i] in _TERM_CHARACTERS for i in different):
        return False
    if not all("一" <= window[i] <= "鿿" for i in different):
        return False
    if not deaf:
        return len(different) * 2 <= len(name) or (len(different) < len(name) and len(name) >= 3)
    return len(deaf) == 1 and len(different) == 1 and len(name) >= 4 and deaf[0] != 0


def _same_sound(a: str, b: str) -> bool:
    ours = {_blur(r) for r in readings_of(a)}
    return bool(ours & {_blur(r) for r in readings_of(b)})


def _blur(reading: str) -> str:
    """A syllable without what many speakers do not tell apart (zh/z, n/l, in/ing)."""
    for full, short in _CONFUSED[:4]:
        reading = reading.replace(full, short)
    return "n" + reading[1:] if reading.startswith("l") else reading


def _longest(found: list[Entity]) -> list[Entity]:
    """Without those that lie within a longer one."""
    kept: list[Entity] = []
    for entity in sorted(found, key=lambda e: (e.start - e.end, e.start)):
        if not any(entity.start < o.end and o.start < entity.end for o in kept):
            kept.append(entity)
    return sorted(kept, key=lambda e: e.start)
