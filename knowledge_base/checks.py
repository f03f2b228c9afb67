"""What must agree within the content: typed values and told facts, ids, aliases, references of scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from copilot.errors import ContentError
from copilot.reading.normalise import read
from copilot.reading.plain import plain
from copilot.types import QUIET_MOVES, Occasion
from knowledge_base.calendar import day as short_day
from knowledge_base.calendar import full_day, moment
from knowledge_base.fields import ALWAYS, NAMES, RISK_NAMES, STATUS_WORDS
from knowledge_base.schema import WISHES, HolidayEntry, OccasionEntry, ProductEntry, ScriptEntry
from knowledge_base.source import Place, Source

_TERM = re.compile(r"(\d+)(天|个月|年)")
_REFERENCE = re.compile(r"\{([^{}]*)\}")
_DIGIT = re.compile(r"[0-9０-９①-⑳Ⅰ-Ⅻ%％‰]|[〇零二三四五六七八九亿]")
_HAN_WORDS = re.compile(
    r"零(?:存整取|头|散|钱|花|用|点|利息)|清零|第二|二套|十有八九|五档|[二三]类|[三四][处步样件种头段]|七日年化|三方|三言两语|四处|五花八门|七七八八|四平八稳|第三|二手|再三|乱七八糟|二维码|三心二意|不三不四|丢三落四"
)
_DAYS = {"天": (1.0, 0), "个月": (30.4, 2), "年": (365.25, 2)}


E = TypeVar("E")


@dataclass(frozen=True)
class Placed(Generic[E]):
    """An entry and where it was written."""

    entry: E
    source: Source
    place: Place

    @property
    def anything(self) -> Placed[object]:
        """The same, whatever its kind."""
        return Placed(self.entry, self.source, self.place)

    def where(self, *place: str | int) -> str:
        """`file:line` of a place within the entry."""
        return self.source.where(*self.place, *place)

    def error(self, what: str, *place: str | int) -> ContentError:
        """An error at a place within the entry."""
        return self.source.error(what, *self.place, *place)


def check_ids(placed: Sequence[tuple[str, Placed[object]]]) -> None:
    """Every document id is used once."""
    seen: dict[str, Placed[object]] = {}
    for identity, item in placed:
        if identity in seen:
            raise item.error(f"id {identity} is already used at {seen[identity].where('id')}", "id")
        seen[identity] = item


def spoken_names(entry: ProductEntry) -> Iterator[tuple[str, Place]]:
    """Every way to name a product, with its place in the entry."""
    yield entry.name, ("name",)
    if entry.full_name:
        yield entry.full_name, ("full_name",)
    if entry.code:
        yield entry.code, ("code",)
    for index, alias in enumerate(entry.aliases):
        yield alias, ("aliases", index)


Owners = dict[str, tuple[Placed[ProductEntry], Place]]
"""A folded name → the product it means and the place where that was written."""


def check_names(products: Sequence[Placed[ProductEntry]]) -> None:
    """No name, code or alias means two products."""
    owner: Owners = {}
    for item in products:
        claim_names(item, owner)


def claim_names(item: Placed[ProductEntry], owner: Owners) -> None:
    """Give a product its names; ContentError, and none is given, when another has one of them."""
    mine: Owners = {}
    for name, place in spoken_names(item.entry):
        key = read(name).text
        if len(key) < 2:
            raise item.error(f"{name}: too short to name a product", *place)
        other, there = owner.get(key, (item, place))
        if other.entry.id != item.entry.id:
            raise item.error(f"{name} already names {other.entry.id} ({other.where(*there)})", *place)
        mine.setdefault(key, (item, place))
    for key, value in mine.items():
        owner.setdefault(key, value)


def check_product(item: Placed[ProductEntry]) -> None:
    """Typed values agree with the facts told."""
    entry, facts = item.entry, item.entry.facts
    expected: dict[str, str | None] = {
        "名称": entry.name,
        "风险等级": f"{entry.risk_level}（{RISK_NAMES[entry.risk_level]}）" if entry.risk_level else None,
        "截止": moment(entry.sale_to) if entry.sale_to else None,
        "起息": short_day(entry.value_date) if entry.value_date else None,
        "到期日": full_day(entry.maturity_date) if entry.maturity_date else None,
    }
    for name, value in expected.items():
        if name in facts and facts[name] != value:
            raise item.error(f"{name} is {facts[name]}, but the typed value says {value or 'nothing'}", "facts", name)
    for name in ("名称", "类型", "状态"):
        if name not in facts:
            raise item.error(f"{name} is missing; every product tells it", "facts")
    if not any(word in facts["状态"] for word in STATUS_WORDS[entry.status]):
        raise item.error(f"状态 is {facts['状态']}, but status is {entry.status}", "facts", "状态")
    _check_numbers(item)
    for name in entry.as_of:
        if name not in facts:
            raise item.error(f"as_of names {name}, which is no fact here", "as_of", name)


def _check_numbers(item: Placed[ProductEntry]) -> None:
    entry, facts = item.entry, item.entry.facts
    if "期限" in facts and not _term_agrees(facts["期限"], entry.term_days):
        raise item.error(f"期限 is {facts['期限']}, but term_days is {entry.term_days}", "facts", "期限")
    for name in ("起购", "起存"):
        if name in facts and entry.minimum is not None and _money(facts[name]) != entry.minimum:
            raise item.error(f"{name} is {facts[name]}, but minimum is {entry.minimum:g}", "facts", name)
    if entry.value_date and entry.maturity_date and entry.term_days:
        days = (entry.maturity_date - entry.value_date).days
        if days != entry.term_days:
            raise item.error(f"term_days is {entry.term_days}, but the dates are {days} days apart", "term_days")
    if entry.benchmark and not facts.get("基准", entry.benchmark.text).startswith(entry.benchmark.text):
        raise item.error(f"基准 does not begin with the benchmark {entry.benchmark.text}", "facts", "基准")
    if entry.effective_to and entry.effective_to < entry.effective_from:
        raise item.error("effective_to lies before effective_from", "effective_to")
    if entry.sale_from and entry.sale_to and entry.sale_to.date() < entry.sale_from:
        raise item.error("sale_to lies before sale_from", "sale_to")


def _term_agrees(told: str, days: int | None) -> bool:
    found = _TERM.search(told)
    if not found or days is None:
        return days is None and not found
    scale, tolerance = _DAYS[found[2]]
    return abs(int(found[1]) * scale - days) <= tolerance * max(1, int(found[1]))


def _money(told: str) -> float | None:
    found = re.search(r"([0-9.]+)(万?)元", told)
    return round(float(found[1]) * (10000 if found[2] else 1), 2) if found else None


def check_script(item: Placed[ScriptEntry]) -> None:
    """References exist and are listed, no figure is written, and one question at most is asked; none where she is soothed or warned."""
    text = item.entry.text
    used = set(_REFERENCE.findall(text))
    for name in sorted(used | set(item.entry.needs)):
        if name not in NAMES:
            raise item.error(f"{{{name}}} is no reference of docs/references.md", "text" if name in used else "needs")
    bare = _HAN_WORDS.sub("", _REFERENCE.sub("", text))
    figure = _DIGIT.search(bare)
    if figure:
        raise item.error(f"{figure[0]} is a figure; use a reference", "text")
    if "{" in bare or "}" in bare:
        raise item.error("a brace without its partner", "text")
    allowed = 0 if item.entry.move in QUIET_MOVES else 1
    if text.count("？") > allowed:
        raise item.error(f"questions: at most {allowed} for {item.entry.move}", "text")
    if used - ALWAYS != set(item.entry.needs) - ALWAYS:
        listed = ", ".join(sorted(used - ALWAYS)) or "nothing"
        raise item.error(f"needs must list what the text uses: {listed}", "needs")


def check_occasion(item: Placed[OccasionEntry]) -> None:
    """Its patterns hear every message that speaks of it, and none that only comes close."""
    occasion = occasion_of(item.entry)
    try:
        occasion.ready()
    except re.error:
        _check_patterns(item)
        raise
    for place, message in enumerate(item.entry.says):
        if not occasion.called(plain(message)):
            raise item.error(f"not heard in: {message}", "says", place)
    for place, message in enumerate(item.entry.near):
        if occasion.called(plain(message)):
            raise item.error(f"heard in what means something else: {message}", "near", place)


def _check_patterns(item: Placed[OccasionEntry]) -> None:
    for key in ("heard", "unless"):
        for place, pattern in enumerate(getattr(item.entry, key)):
            try:
                re.compile(pattern)
            except re.error as error:
                raise item.error(f"{pattern} is no pattern: {error}", key, place) from error


def occasion_of(entry: OccasionEntry) -> Occasion:
    """An occasion ready to hear: its patterns as one."""
    return Occasion(
        entry.id,
        entry.name,
        frozenset(entry.intents),
        _any_of(entry.heard),
        _any_of(entry.unless),
        entry.says,
        entry.near,
    )


def _any_of(patterns: tuple[str, ...]) -> str:
    return "|".join(f"(?:{pattern})" for pattern in patterns)


def check_when(scripts: Sequence[Placed[ScriptEntry]], occasions: Sequence[str]) -> None:
    """What a script waits for can come."""
    known = {"", *WISHES, *occasions}
    for item in scripts:
        if item.entry.when not in known:
            raise item.error(
                f"{item.entry.when} is no occasion; one of {', '.join(WISHES)} or an id of occasions/",
                "when",
            )


def check_holiday(item: Placed[HolidayEntry]) -> None:
    """The days of a holiday are in order."""
    entry = item.entry
    if entry.off_to < entry.off_from:
        raise item.error("off_to lies before off_from", "off_to")
    if entry.resume <= entry.off_to:
        raise item.error("resume lies within the holiday", "resume")
    if entry.last_subscription.date() >= entry.off_from:
        raise item.error("last_subscription lies within the holiday", "last_subscription")
