from __future__ import annotations

import json
import shutil
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.errors import SettingsError
from copilot.intent import LABELS, IntentModel
from copilot.intent.encode import VIEWS, clip, fold, views
from copilot.intent.model import STATES
from copilot.settings import Settings
from copilot.types import INTENTS, Turn

MESSAGES = [
    "到期了怎么办",
    "利息多少",
    "",
    " ",
    "🙏🙏",
    "[图片]",
    "x" * 5000,
    "我要投訴你們",
    "\u202e反过来",
    "123456",
]


@pytest.fixture(scope="module")
def model() -> IntentModel:
    return IntentModel(Settings().classifier_dir)


def test_labels_are_the_closed_set_in_order() -> None:
    assert tuple(LABELS) == INTENTS
    assert all(label.zh and label.wants for label in LABELS.values())


@pytest.mark.model
@pytest.mark.parametrize("text", MESSAGES)
def test_any_text_gets_labels_of_the_closed_sets(model: IntentModel, text: str) -> None:
    guess = model.classify(text, [Turn("advisor", "您看怎么安排"), Turn("customer", "嗯")])
    assert guess.intent in INTENTS
    assert set(guess.secondary) <= set(INTENTS) - {guess.intent}
    assert {label for label, _ in guess.ranked} == set(INTENTS)
    assert [p for _, p in guess.ranked] == sorted((p for _, p in guess.ranked), reverse=True)
    assert guess.ranked[0] == (guess.intent, guess.confidence)
    assert 0 < guess.confidence <= 1
    state, probability = model.state(text)
    assert state in STATES
    assert 0 < probability <= 1


@pytest.mark.model
@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("我要投诉你们，给我一个说法", "complaint"),
        ("三年定期现在利率多少", "deposit_rate"),
        ("有人打电话问我要验证码，说是公安局的", "fraud_security"),
        ("谢谢你啊小李", "greeting_smalltalk"),
        ("这个赎回要手续费吗", "fee_inquiry"),
    ],
)
def test_plain_wishes_are_understood(model: IntentModel, text: str, intent: str) -> None:
    assert model.classify(text).intent == intent


@pytest.mark.model
def test_the_same_question_gets_the_same_answer(model: IntentModel) -> None:
    again = IntentModel(model.folder)
    assert model.classify("怎么赎回") == again.classify("怎么赎回")
    assert model.version == again.version
    assert model.version.startswith("intent@")


def test_a_missing_folder_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"intent\.json: missing or broken"):
        IntentModel(tmp_path).classify("你好")


@pytest.mark.model
def test_a_changed_file_is_refused(model: IntentModel, tmp_path: Path) -> None:
    shutil.copytree(model.folder, tmp_path / "intent")
    path = tmp_path / "intent" / "weights.npz"
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(SettingsError, match="does not match its recorded hash"):
        IntentModel(tmp_path / "intent").classify("你好")


def test_folding_is_one_spelling() -> None:
    assert fold("我要贖回５０萬") == "我要赎回00万"
    assert fold("ABC🙏") == "abc🙏"


def test_a_long_message_keeps_both_ends() -> None:
    text = "头" * 100 + "中" * 300 + "尾" * 100
    assert len(clip(text, 112)) == 112
    assert clip(text, 112).startswith("头")
    assert clip(text, 112).endswith("尾")


@pytest.mark.model
def test_a_note_for_other_views_is_refused(model: IntentModel, tmp_path: Path) -> None:
    shutil.copytree(model.folder, tmp_path / "intent")
    path = tmp_path / "intent" / "intent.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"sound"', '"noise"'), encoding="utf-8")
    with pytest.raises(SettingsError, match="made for other labels"):
        IntentModel(tmp_path / "intent").classify("你好")


@pytest.mark.model
def test_weights_of_another_version_are_refused(model: IntentModel, tmp_path: Path) -> None:
    shutil.copytree(model.folder, tmp_path / "intent")
    path = tmp_path / "intent" / "weights.npz"
    with np.load(path) as arrays:
        kept = {name: arrays[name] for name in arrays.files if not name.startswith("trouble_")}
    np.savez_compressed(path, **kept)
    note = json.loads((tmp_path / "intent" / "intent.json").read_text(encoding="utf-8"))
    note["sha256"]["weights.npz"] = sha256(path.read_bytes()).hexdigest()
    (tmp_path / "intent" / "intent.json").write_text(json.dumps(note), encoding="utf-8")
    with pytest.raises(SettingsError, match="made by another version"):
        IntentModel(tmp_path / "intent").classify("你好")


@pytest.mark.model
def test_a_second_wish_is_named_where_there_is_one(model: IntentModel) -> None:
    assert not model.classify("今天三年定期利率多少").secondary
    assert "fee_inquiry" in model.classify("我要把钱都转到别的银行去了，销户要收手续费吗，多少钱").secondary


def test_no_sign_stands_in_two_views_or_breaks_a_line() -> None:
    history = [Turn("customer", "前天那笔\n八万"), Turn("advisor", "续吗？")]
    found = views("续 半年的\n快点", history)
    assert set(found) == set(VIEWS)
    signs = [set(s) for s in found.values()]
    assert sum(map(len, signs)) == len(set().union(*signs))
    assert not [s for view in signs for s in view if "\n" in s]


def test_homophones_share_their_sounds() -> None:
    assert set(views("利息多少")["sound"]) == set(views("力西多少")["sound"])


def test_talk_before_is_told_apart_from_the_message() -> None:
    found = views("好", [Turn("customer", "到期了"), Turn("advisor", "续吗")])
    assert "‹续" in found["gram"]
    assert "hist" in found["before"]
    assert {"o:到期", "f:到期", "hb:到期"} <= set(found["before"])
    assert not [s for s in views("好")["gram"] if s.startswith("‹")]
    assert views("好")["before"] == ["nohist"]


@given(st.text(max_size=300), st.lists(st.text(max_size=60), max_size=4))
def test_any_text_is_read(text: str, before: list[str]) -> None:
    found = views(text, [Turn("advisor" if i % 2 else "customer", t) for i, t in enumerate(before)])
    assert len(found["sound"]) <= 3 * 112
