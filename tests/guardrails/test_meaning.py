import json
import shutil
from itertools import pairwise

import numpy as np
import pytest

from copilot.errors import SettingsError
from copilot.settings import Settings
from copilot.types import GuardContext
from guardrails.engine import Engine
from guardrails.loading import load_rules
from guardrails.meaning import CHECKS, LONGEST, Concern, Meaning, Opinion, Stretch, mix, pieces
from guardrails.signs import Lexicon, plain, signs, words

FOLDER = Settings().guard_dir


@pytest.fixture(scope="module")
def meaning():
    return Meaning(FOLDER)


def test_a_negation_marks_the_words_after_it_in_its_clause_alone():
    assert "\t¬承诺" in set(words("我们不承诺收益"))
    assert "\t承诺" in set(words("我们承诺收益"))
    assert "\t¬收益" not in set(words("我们不急,收益再看"))


def test_a_question_marks_its_words():
    assert any(sign.startswith("\t?") for sign in words("保本吗"))


def test_digits_are_all_alike():
    assert plain("年化3.85%") == "年化0.00%"
    assert signs(plain("年化3.85%")) == signs(plain("年化9.12%"))


def test_an_offence_in_plain_words_nobody_listed_is_held(guard):
    found = guard.check("您就当给孩子留着,怎么放怎么有,到时候只会比现在多", GuardContext()).findings
    assert any(f.rule.endswith("-meaning") for f in found)


def test_it_quotes_the_sentence_that_weighs_most(meaning):
    text = "早上好,昨天的照片收到了。这个放进去绝对少不了您一分钱,亏了我补给您。周末愉快"
    (piece,) = meaning.stretches(text)
    worst = max(piece.sentences, key=lambda s: s.opinion.held)
    assert "少不了" in text[worst.start : worst.end]
    strict = Meaning(FOLDER, 0.05)
    (concern,) = strict.concerns((piece,))
    assert (concern.start, concern.end) == (worst.start, worst.end)


def test_the_sentence_bar_sees_what_a_kind_message_hides():
    low, high = (Opinion(p, np.zeros(len(CHECKS))) for p in (0.1, 0.99))
    whole = Stretch(0, 40, low, (Stretch(0, 20, low), Stretch(20, 40, high)))
    model = Meaning(FOLDER)
    (concern,) = model.concerns((whole,))
    assert (concern.start, concern.end) == (20, 40)
    assert model.concerns((Stretch(0, 40, low, (Stretch(0, 20, low),)),)) == ()
    assert isinstance(concern, Concern)


def test_the_banks_own_bar_counts_and_shows_in_the_version():
    strict, lenient = Meaning(FOLDER, 0.05), Meaning(FOLDER, 0.999999)
    text = "这个嘛,您放心好了,差不了"
    assert strict.concerns(strict.stretches(text))
    assert not lenient.concerns(lenient.stretches(text))
    assert strict.version != Meaning(FOLDER).version


def test_long_texts_are_read_whole():
    text = "您好。" * 200 + "一" * 700
    spans = pieces(text)
    assert spans[0][0] == 0
    assert spans[-1][1] == len(text)
    assert all(end - start <= LONGEST for start, end in spans)
    assert all(a[1] == b[0] for a, b in pairwise(spans))


def test_both_scores_count():
    mixture = {"held": 1.0, "strongest": 0.5, "bias": 0.0}
    quiet, loud = np.full(37, -5.0), np.full(37, -5.0)
    loud[1] = 5.0
    assert mix(0.0, loud, mixture).held > mix(0.0, quiet, mixture).held
    assert mix(0.0, loud, mixture).check == "G02"


def test_telling_signs_add_up(meaning):
    added = sum(weight for _, weight in meaning.telling("这款绝对不会亏"))
    assert added > 0


@pytest.mark.parametrize("break_it", ["missing", "hash", "checks", "note"])
def test_a_broken_model_stops_the_start(tmp_path, break_it):
    folder = tmp_path / "guard"
    shutil.copytree(FOLDER, folder)
    note = folder / "meaning.json"
    if break_it == "missing":
        (folder / "weights.npz").unlink()
    elif break_it == "hash":
        (folder / "weights.npz").write_bytes(b"x")
    elif break_it == "checks":
        note.write_text(json.dumps(json.loads(note.read_text()) | {"checks": ["G01"]}))
    else:
        note.write_text("{")
    with pytest.raises(SettingsError, match="make train-guard"):
        Meaning(folder).opinion("您好")


def test_nothing_it_says_clears_a_rule():
    class Sure(Meaning):
        def concerns(self, stretches):
            return ()

    text = "早上好,这款保本,您放心,理财有风险,投资须谨慎,祝您周末愉快"
    assert Engine(load_rules(), meaning=Sure(FOLDER)).check(text, GuardContext()).outcome == "block"


def test_training_weighs_signs_as_serving_does():
    from training.train_guard import Vectors

    counted = [signs(plain(t)) for t in ("这款不保本", "这款保本吗?您放心", "明天上午来网点")]
    vectors = Vectors(counted, 500, 1)
    arrays = {
        "x_signs": np.frombuffer("\n".join(vectors.names).encode(), dtype=np.uint8),
        "x_idf": vectors.idf,
        "x": np.arange(len(vectors.names), dtype=np.float32),
    }
    served = [float(Lexicon(arrays, "x").score(c)) for c in counted]
    trained = vectors.rows(counted) @ arrays["x"]
    assert served == pytest.approx(list(trained), rel=1e-4)


def test_without_the_classifier_the_rules_still_speak():
    bare = Engine(load_rules())
    assert not bare.check("这款保本", GuardContext()).releasable
    assert "meaning" not in bare.version


@pytest.mark.parametrize("name", ["weights.npz", "orders.npz"])
def test_a_broken_model_file_stops_the_start_of_the_product(tmp_path, monkeypatch, name):
    from copilot.wiring import App
    from guardrails import orders

    folder = tmp_path / "guard"
    shutil.copytree(FOLDER, folder)
    (folder / name).write_bytes(b"x")
    monkeypatch.setattr(Settings, "guard_dir", property(lambda _: folder))
    monkeypatch.setattr("copilot.wiring.orders", lambda: orders.Orders(folder))
    with pytest.raises(SettingsError, match=name):
        _ = App(Settings(data=tmp_path)).guard
