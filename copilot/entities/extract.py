"""The extractor: one call, all entities of a message, in the order they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from copilot.entities.amounts import as_bare, as_money
from copilot.entities.institutions import INSTITUTION
from copilot.entities.names import named
from copilot.entities.people import COURTESY, NAMED, PERSON, PERSON_NOT, addressed
from copilot.entities.products import ProductFinder
from copilot.entities.purposes import PURPOSE, is_payment_of, is_purpose
from copilot.entities.times import as_date, as_term, instalments, lunar_days
from copilot.reading.figures import Figure, find_figures, parse_han
from copilot.reading.plain import plain
from copilot.types import Catalogue, Customer, Entity, EntityType, Turn

_RATE_TALK = re.compile(r"利率|利息|年化|收益|存|贷|点|厘|定期|大额|国债|银行|农商|基准|加了|给|票面|回到|卡里")
_ABOUT_RATE = re.compile(r"(?<![一-鿿]第)([一二两三四五六七八九1-9])点(?:几|多)(?!钟|分)")
_SELF = re.compile(r"我是(?:[一-鿿]{1,4}的)?$")
_DEPOSIT = re.compile(r"期?的?(?:美元|整存整取)?(?:定期(?:存款)?|定存|存款?|存单|大额(?:存单)?|大单)(?:的)?")
_LONE_HAN = re.compile(r"[一二两三四五六七八九十]")


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
        found = self._products.find(text, words, figures, customer, moment.date())
        found += _apart(named(text, words), found)
        products = tuple(found)
        read = [e for f in figures if (e := _figure(f, text, words, history, moment))]
        lunar = lunar_days(text, words, moment.date())
        found += lunar
        found += _about_rates(text, words)
        found += instalments(text, words, history)
        found += [e for e in read if not _covered(e, products) and not (e.type == "date" and _meets(e, lunar))]
        found += _joined(_apart(_words(text, words), products), text)
        return tuple(sorted(found, key=lambda e: (e.start, e.end)))


def _meets(entity: Entity, others: Sequence[Entity]) -> bool:
    return any(o.start < entity.end and entity.start < o.end for o in others)


def _joined(entities: Sequence[Entity], text: str) -> list[Entity]:
    """A purpose and how it is paid are one where they touch: 买车 and 首付, 学费 and 押金."""
    kept: list[Entity] = []
    for entity in entities:
        last = kept[-1] if kept else None
        if last and last.type == entity.type == "purpose" and last.end == entity.start and is_payment_of(entity.text):
            said = text[last.start : entity.end]
            kept[-1] = Entity("purpose", said, said, last.start, entity.end)
        else:
            kept.append(entity)
    return kept


def _apart(entities: Iterator[Entity], others: Sequence[Entity]) -> list[Entity]:
    """Those that do not stand in the same place as another."""
    return [e for e in entities if not _meets(e, others)]


def _covered(entity: Entity, products: Sequence[Entity]) -> bool:
    """Whether a figure is part of a product's name (稳健半年, 添利180), not a wish of its own (三年的大额存单)."""
    return any(p.start <= entity.start and entity.end <= p.end and not _wished(entity, p) for p in products)


def _wished(entity: Entity, product: Entity) -> bool:
    """Whether a term beside a bare kind of deposit says how long she wants it."""
    rest = product.text[: entity.start - product.start] + product.text[entity.end - product.start :]
    return entity.type == "term" and bool(_DEPOSIT.fullmatch(rest))


def _figure(figure: Figure, text: str, words: str, history: Sequence[Turn], moment: datetime) -> Entity | None:
    """A figure as an entity, or None for those that are none (levels, clock times, counts)."""
    if figure.kind == "money":
        return as_money(figure, text, words)
    if figure.kind == "term":
        return as_term(figure, text, words)
    if figure.kind == "date":
        return as_date(figure, text, words, moment.date())
    raw = words[figure.start : figure.end]
    if figure.kind == "rate":
        if _LONE_HAN.fullmatch(raw):
            return None
        return Entity("rate", text[figure.start : figure.end], figure.value, figure.start, figure.end, figure.unit)
    if figure.kind != "count" or not isinstance(figure.value, float):
        return None
    if figure.unit == "" and ("." in raw or "点" in raw):
        rate = 0.2 <= figure.value <= 20 and bool(_RATE_TALK.search(words))
        return (
            Entity("rate", text[figure.start : figure.end], figure.value, figure.start, figure.end, "%")
            if rate
            else None
        )
    return as_bare(figure, text, words, history)


def _about_rates(text: str, words: str) -> list[Entity]:
    """三点几: a rate with its whole part alone."""
    return [
        Entity("rate", text[m.start() : m.end()], parse_han(m[1]), m.start(), m.end(), "%")
        for m in _ABOUT_RATE.finditer(words)
    ]


def _spoken_to(pattern: re.Pattern[str], words: str, start: int, end: int) -> bool:
    """Whether a name or a courtesy (姐姐, 女子) calls the advisor, or a relation is what the writer says she is herself."""
    if pattern is PERSON and _SELF.search(words[:start]):
        return True
    return (pattern is NAMED or bool(COURTESY.fullmatch(words[start:end]))) and addressed(words, start, end)


def _words(text: str, words: str) -> Iterator[Entity]:
    """People, institutions and purposes; a longer reading of a place wins."""
    patterns: tuple[tuple[EntityType, re.Pattern[str]], ...] = (
        ("person", PERSON),
        ("person", NAMED),
        ("institution", INSTITUTION),
        ("purpose", PURPOSE),
    )
    people: list[tuple[int, int]] = []
    for kind, pattern in patterns:
        for match in pattern.finditer(words):
            start, end = match.span()
            if kind == "person":
                if PERSON_NOT.match(words, start) or _spoken_to(pattern, words, start, end):
                    continue
                if any(a < end and start < b for a, b in people):
                    continue
                people.append((start, end))
            if kind == "purpose" and not is_purpose(match[0], words[max(0, start - 8) : start]):
                continue
            yield Entity(kind, text[start:end], text[start:end], start, end)
