"""Scores of what was heard: each rule of the yardstick, and that a worse answer scores worse."""

from __future__ import annotations

import json

import pytest

from copilot.errors import ContentError
from copilot.types import Entity, EntityType
from evals.hearing import agree, entity_tallies, match_entities, match_quotes, shared_characters
from evals.listening import tallied
from evals.talks import LETTERS, Labelled, heard_turns


def found(text: str, piece: str, kind: EntityType, value: float | str, unit: str = "") -> Entity:
    at = text.index(piece)
    return Entity(kind, piece, value, at, at + len(piece), unit)


@pytest.mark.parametrize(
    ("kind", "read", "said", "same"),
    [
        ("amount", 200_000.0, 201_000.0, True),
        ("amount", 200_000.0, 210_000.0, False),
        ("term", 180.0, 182.0, True),
        ("term", 180.0, 365.0, False),
        ("date", "2026-10-08", "2026-10-08", True),
        ("date", "2026-10", "2026-10-08", True),
        ("date", "2026-10-07", "2026-10-08", False),
        ("rate", 2.3, 2.3, True),
        ("product", "W1", "", True),
        ("product", "W1", "W2", False),
        ("amount", 1.0, "", False),
    ],
)
def test_values_agree(kind: EntityType, read: float | str, said: float | str, same: bool) -> None:
    assert agree(Entity(kind, "x", read, 0, 1), Labelled(type=kind, text="x", value=said)) is same


def test_a_foreign_amount_is_not_yuan() -> None:
    label = Labelled(type="amount", text="五万美金", value=50_000, unit="USD")
    assert agree(Entity("amount", "五万美金", 50_000.0, 0, 4, "USD"), label)
    assert not agree(Entity("amount", "五万", 50_000.0, 0, 2, "元"), label)


def test_a_misread_value_is_missed_and_invented_but_in_its_place() -> None:
    text = "我有20万"
    wanted = [Labelled(type="amount", text="20万", value=200_000)]
    rows = [(text, [found(text, "20万", "amount", 20.0, "元")], wanted)]
    assert entity_tallies(rows)["amount"].right == 0
    assert entity_tallies(rows, values=False)["amount"].right == 1


def test_a_repeated_mention_is_no_error_and_another_one_is() -> None:
    text = "我妈说我妈跟老公"
    wanted = [Labelled(type="person", text="我妈")]
    twice = [Entity("person", "我妈", "我妈", 0, 2), Entity("person", "我妈", "我妈", 3, 5)]
    assert all(label and entity for label, entity in match_entities(text, twice, wanted))
    more = [*twice, found(text, "老公", "person", "老公")]
    assert [e.text for label, e in match_entities(text, more, wanted) if label is None and e] == ["老公"]


def test_a_date_that_names_no_day_counts_neither_way() -> None:
    text = "九月要交"
    coarse = [found(text, "九月", "date", "2026-09", "month")]
    assert list(match_entities(text, coarse, [])) == []
    assert entity_tallies([(text, coarse, [Labelled(type="date", text="九月", value="2026-09-01")])])["date"].met == 0


def test_quotes_meet_when_half_of_the_shorter_is_shared() -> None:
    text = "手头有二十万，想稳一点，怕亏"
    assert match_quotes(text, ["手头有二十万"], ["手头有二十万，想稳一点"]) == ([True], [True])
    assert match_quotes(text, ["想稳一点"], ["怕亏"]) == ([False], [False])
    assert match_quotes(text, ["二十万，想稳一点"], ["手头有二十万"]) == ([True], [True])
    assert match_quotes(text, ["万，想稳一点，怕"], ["手头有二十万"]) == ([False], [False])


def test_quoting_the_whole_message_shows_in_the_characters() -> None:
    text = "手头有二十万，想稳一点，怕亏"
    assert match_quotes(text, [text], ["怕亏"]) == ([True], [True])
    assert shared_characters(text, [text], ["怕亏"]) == (2, len(text), 2)


def test_tallies_are_precision_recall_and_their_mean() -> None:
    measures = tallied("ledger", "S", {"a": (1, 2, 1, 3), "b": (0, 0, 0, 1)})
    figures = [m.figure() for m in measures]
    assert [(f.name, f.n) for f in figures] == [("S_precision", 2), ("S_recall", 4), ("S_f1", 4)]
    assert [f.value for f in figures] == pytest.approx([0.5, 0.25, 1 / 3])


def test_a_talk_in_which_nothing_was_wanted_gives_no_figures() -> None:
    assert tallied("ledger", "S", {"a": (0, 0, 0, 0)}) == []


def test_the_held_out_talks_load() -> None:
    turns = heard_turns()
    assert len({t.talk for t in turns}) == 110
    assert all(sum(len(t.said.quotes(letter)) for t in turns) >= 90 for letter in LETTERS)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"intent": "nonsense"}, "nonsense"),
        ({"S": ["没说过"]}, "没说过"),
        ({"entities": [{"type": "colour", "text": "好"}]}, "type"),
        ({"mood": 1}, "mood"),
    ],
)
def test_a_bad_talk_is_named_with_its_line(tmp_path, change, what) -> None:
    turn = {"role": "customer", "text": "好的", "intent": "greeting_smalltalk"} | change
    path = tmp_path / "talks.jsonl"
    path.write_text(json.dumps({"id": "a", "turns": [turn]}) + "\n", encoding="utf-8")
    with pytest.raises(ContentError, match=rf"talks\.jsonl:1.*{what}"):
        heard_turns(path)
