"""What answers together with the best is lifted, by how often it was told; nothing is found by its links alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from copilot.errors import ContentError
from knowledge_base.fuse import in_order
from knowledge_base.load import load_content
from knowledge_base.search import Search
from knowledge_base.together import Together, read_together

ON = date(2026, 11, 22)
UNITS = {"A": [0], "B": [1, 2], "C": [3], "D": [4]}


def write(folder: Path, *lines: str) -> Path:
    (folder / "together.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def lifted(groups: list[tuple[str, ...]], scores: list[float], best: list[tuple[str, float]]) -> list[float]:
    found = np.array(scores, dtype=np.float32)
    Together(groups, UNITS).lift(found, best, 0.3)
    return [round(float(score), 3) for score in found]


def test_groups_are_read(tmp_path: Path) -> None:
    assert read_together(write(tmp_path, "gold", "A,B", "C, A"), set(UNITS)) == (("A", "B"), ("C", "A"))
    assert read_together(write(tmp_path, "gold", "A,H-2020-10-01"), set(UNITS)) == (("A", "H-2020-10-01"),)  # long gone
    assert read_together(tmp_path / "elsewhere", set(UNITS)) == ()


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        (["A,B"], "together.tsv:1"),
        (["gold", "A,B", "A"], "together.tsv:3"),
        (["gold", "A,A"], "together.tsv:2"),
        (["gold", "A,Z"], "together.tsv:2"),
        (["gold", ""], "together.tsv:2"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, lines: list[str], place: str) -> None:
    with pytest.raises(ContentError) as caught:
        read_together(write(tmp_path, *lines), set(UNITS))
    assert place in str(caught.value)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "together.tsv").write_bytes(b"gold\n\xff\xfe")
    with pytest.raises(ContentError, match=r"together\.tsv"):
        read_together(tmp_path, set(UNITS))


def test_every_passage_of_the_other_is_lifted_the_more_the_surer() -> None:
    once = lifted([("A", "B")], [0.5, 0.2, 0.1, 0.2, 0.2], [("A", 0.5)])
    assert once == [0.5, 0.35, 0.25, 0.2, 0.2]
    often = lifted([("A", "B")] * 5, [0.5, 0.2, 0.1, 0.2, 0.2], [("A", 0.5)])
    assert often == [0.5, 0.5, 0.4, 0.2, 0.2]


def test_two_products_do_not_lift_one_another() -> None:
    scores = np.array([0.5, 0.2, 0.1, 0.2, 0.2], dtype=np.float32)
    Together([("A", "B", "C")], UNITS, {"A", "B"}).lift(scores, [("A", 0.5)], 0.3)
    assert [round(float(score), 3) for score in scores] == [0.5, 0.2, 0.1, 0.35, 0.2]


def test_the_best_lifts_more_than_those_below_it() -> None:
    _, b, _, c, _ = lifted([("A", "B"), ("D", "C")], [0.6, 0.1, 0.1, 0.1, 0.4], [("A", 0.6), ("D", 0.4)])
    assert 0.1 < c < b


def test_nothing_is_found_by_its_links_alone() -> None:
    assert lifted([("A", "C")], [0.5, 0, 0, 0, 0], [("A", 0.5)]) == [0.5, 0, 0, 0, 0]
    assert lifted([("A", "C")], [0, 0, 0, 0, 0], []) == [0, 0, 0, 0, 0]


def test_the_bundled_groups_come_from_the_file_and_from_questions_with_several_answers(content: Path) -> None:
    groups = load_content(content).together
    file = read_together(content, {one for group in groups for one in group})
    assert len(file) > 200
    assert len(groups) > len(file) + 200
    assert min(map(len, groups)) >= 2


def test_what_answers_together_moves_up_and_the_judgement_stays(
    content: Path, searching: Callable[[Path], Search]
) -> None:
    asked = "理财赎回以后几天到账"
    (content / "together.tsv").unlink()
    for path in (content / "asked").glob("*.tsv"):
        path.unlink()
    before = searching(content)
    looked = before.look(asked, on=ON, top_k=10)
    best, *_, last = dict.fromkeys(before.index.units[f.unit].document.id for f in looked.kept)
    write(content, "gold", *[f"{best},{last}"] * 3)
    after = searching(content)
    relooked = after.look(asked, on=ON, top_k=10)
    ranks = [
        list(dict.fromkeys(s.index.units[f.unit].document.id for f in r.kept)).index(last)
        for s, r in ((before, looked), (after, relooked))
    ]
    assert ranks[1] < ranks[0]
    assert after.sure(relooked) == pytest.approx(before.sure(looked))


@pytest.mark.parametrize("size", [0, 1, 200, 256, 257, 2000])
def test_passages_come_in_the_order_of_their_scores(size: int) -> None:
    scores = np.random.default_rng(size).integers(0, 50, size).astype(np.float32)
    assert list(in_order(scores)) == list(np.argsort(-scores, kind="stable"))
