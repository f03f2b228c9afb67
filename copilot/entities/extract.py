"""The extractor: one call, all entities of a message, in the order they stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from copilot.entities.products import ProductFinder
from copilot.entities.words import INSTITUTION, PERSON, PERSON_NOT, PURPOSE
from copilot.reading.figures import Figure, find_figures
from copilot.reading.plain import plain
from copilot.types import Catalogue, Customer, Entity, EntityType, Turn

_BARE_MONEY = re.compile(
    r"(?:取|存|转|买|投|放|整|搁|拿|要|缺|还差|来|打|给我|充|付|交|还|凑|剩|够)(?:个|了|出|上)?\s?$"
)
_BARE_END = re.compile(r"\s?(?:$|[，。,.!！?？~；;\s]|吧|左右|就(?:行|够)|可以|行|够|进|到|出|能|那笔|都)")
_ASKED_MONEY = re.compile(r"多少(?:钱)?|金额|几万|放多少|取多少|转多少|存多少|要多少")
_SPOKEN = re.compile(r"存|定期|的|大额|到期")
_DATE_NOISE = frozenset(("今年", "本年", "当月", "本月", "这个月", "当日"))
_TERM_NOISE = frozenset(("小时", "分钟"))


class Extractor:
    """Finds the entities of one message against a catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._products = ProductFinder(catalogue)

    def __call__(
        self, text: str, *, at: datetime | None = None, customer: Customer | None = None, history: Sequence[Turn] = ()
    ) -> tuple[Entity, ...]:
        """Entities in order; offsets count code points of `text`. `at` is the message's own time, else now.

        Values: yuan (or units of `unit`) for amounts, days for terms, ISO text for dates, percent for rates, catalogue id
        for products (the holding's name when it has none), the words themselves for people, institutions and purposes.
        """
        moment = at or datetime.now()
        words = plain(text)
        figures = find_figures(words, moment)
        products = self._products.find(text, words, figures, customer, moment.date())
        found = [*products]
        found.extend(e for f in figures if (e := _figure(f, text, words, history)) and not _covered(e, products))
        found.extend(_words(text, words, products))
        return tuple(sorted(found, key=lambda e: (e.start, e.end)))


def _covered(entity: Entity, products: Sequence[Entity]) -> bool:
    """Whether a term or rate is part of a product's name (稳健半年), not a wish of its own."""
    return entity.type in ("term", "rate", "date") and any(
        p.start <= entity.start and entity.end <= p.end for p in products
    )


def _figure(figure: Figure, text: str, words: str, history: Sequence[Turn]) -> Entity | None:
    """A figure as an entity, or None for those that are none (levels, clock times, counts)."""
    quote = text[figure.start : figure.end]
    kinds: dict[str, EntityType] = {"money": "amount", "term": "term", "date": "date", "rate": "rate"}
    kind = kinds.get(figure.kind)
    if (kind == "term" and figure.unit in _TERM_NOISE) or (kind == "date" and quote in _DATE_NOISE):
        return None
    if kind:
        return Entity(kind, quote, figure.value, figure.start, figure.end, figure.unit)
    if figure.kind != "count" or not isinstance(figure.value, float):
        return None
    amount = _bare_amount(figure, words, history)
    return Entity("amount", quote, amount, figure.start, figure.end, "元") if amount else None


def _bare_amount(figure: Figure, words: str, history: Sequence[Turn]) -> float | None:
    """Yuan meant by a number without a unit: 取5000; 就买50 and 整五十 are 万; so is a bare answer to how much."""
    value = float(figure.value)
    if figure.unit not in ("", "个") or not 1 <= value <= 100_000_000:
        return None
    asked = bool(history) and history[-1].role == "advisor" and bool(_ASKED_MONEY.search(history[-1].text))
    spoken = _BARE_MONEY.search(words, max(0, figure.start - 5), figure.start) and _BARE_END.match(words, figure.end)
    if not spoken and not (asked and len(words) <= 10):
        return None
    if figure.unit == "个" and value < 5:
        return None
    if value >= 100:
        return value if figure.unit == "" else value * 10_000
    return value * 10_000 if value >= 5 and value == int(value) else None


def _words(text: str, words: str, products: Sequence[Entity]) -> list[Entity]:
    """People, institutions and purposes."""
    found: list[Entity] = []
    patterns: tuple[tuple[EntityType, re.Pattern[str]], ...] = (
        ("person", PERSON),
        ("institution", INSTITUTION),
        ("purpose", PURPOSE),
    )
    for kind, pattern in patterns:
        for match in pattern.finditer(words):
            start, end = match.span()
            if kind == "person" and PERSON_NOT.match(words, start):
                continue
            if any(p.start < end and start < p.end for p in products):
                continue
            quote = text[start:end]
            found.append(Entity(kind, quote, quote, start, end))
    return found
