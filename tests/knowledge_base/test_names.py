"""Names of products in a text: as written, by sound, through a slip; and what only looks like one."""

from __future__ import annotations

import random
from itertools import product

import pytest

from knowledge_base.library import ContentLibrary
from knowledge_base.names import NameIndex

NAMES = [
    ("稳健半年", "A", False),
    ("稳健半年理财", "A", False),
    ("朝朝有余现金", "B", False),
    ("均衡", "C", False),
    ("七天盈", "D", False),
    ("LJ-W-002", "A", True),
]


@pytest.fixture(scope="module")
def index() -> NameIndex:
    return NameIndex(NAMES, ["均衡"])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("稳健半年怎么样", [("A", "稳健半年")]),
        ("稳健半年理财怎么样", [("A", "稳健半年理财")]),
        ("稳健 半年还卖吗", [("A", "稳健 半年")]),
        ("稳建半年还卖吗", [("A", "稳建半年")]),
        ("问见半年还卖吗", [("A", "问见半年")]),
        ("朝朝有鱼现金能取吗", [("B", "朝朝有鱼现金")]),
        ("朝朝有金现金能取吗", [("B", "朝朝有金现金")]),
        ("某朝有余现金能取吗", [("B", "某朝有余现金")]),
        ("朝有余现金能取吗", [("B", "朝有余现金")]),
        ("朝朝有余金能取吗", [("B", "朝朝有余金")]),
        ("lj-w-002和朝朝有余现金", [("A", "lj-w-002"), ("B", "朝朝有余现金")]),
        ("均衡的收益多少", [("C", "均衡")]),
        ("饮食要均衡", []),
        ("稳健一年怎么样", []),
        ("八天盈怎么样", []),
        ("XLJ-W-0021", []),
        ("", []),
    ],
)
def test_names_are_told(index: NameIndex, text: str, found: list[tuple[str, str]]) -> None:
    assert [(m.product, text[m.start : m.end]) for m in index.find(text)] == found


def test_an_index_knows_its_own_names_alone(index: NameIndex) -> None:
    assert NameIndex([]).find("稳健半年怎么样") == ()
    more = NameIndex([*NAMES, ("新春安盈", "E", False)])
    assert [m.product for m in more.find("新春安赢怎么样")] == ["E"]
    assert index.find("新春安赢怎么样") == ()


def test_a_slip_is_found_wherever_looking_at_every_place_finds_it(library: ContentLibrary) -> None:
    """Halves of a name only save time: the same mentions come from trying every name at every place."""
    spoken = [(p.name, p.id, False) for p in library.content.products if 4 <= len(p.name) <= 12 and p.name.isalpha()]
    spoken = [(name, product_id, code) for name, product_id, code in spoken if all("一" <= c <= "鿿" for c in name)]
    quick, slow = NameIndex(spoken), NameIndex(spoken)
    everywhere = range(len(slow._names))
    slow._near.places = lambda text: list(product(range(len(text)), everywhere))  # type: ignore[method-assign]
    draw = random.Random(5)
    found = 0
    for _ in range(300):
        name = list(draw.choice(spoken)[0])
        at = draw.randrange(len(name))
        name[at : at + 1] = draw.choice([[], ["好"], [draw.choice(name)]])
        text = draw.choice(["", "那个", "我的"]) + "".join(name) + draw.choice(["", "卖吗", draw.choice(spoken)[0]])
        assert quick.find(text) == slow.find(text), text
        found += bool(quick.find(text))
    assert found > 100
