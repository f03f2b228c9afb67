"""Peers answer line by line in environments of their own, and what goes wrong with them is one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from copilot.errors import InputError
from evals.ablations import columns
from evals.figures import Measure, share
from evals.peers import table, venvs
from evals.peers.word_list import WORDS, held


def test_the_word_list_knows_words_and_nothing_else() -> None:
    assert held("这款保本")
    assert held("理财不保本")
    assert not held("本金一分都不会少")
    assert len(set(WORDS)) == len(WORDS)


def test_a_peer_answers_line_by_line() -> None:
    asked = [{"id": 1, "text": "稳赚不赔"}, {"id": "b", "text": "您好"}]
    found = venvs.answers(venvs.plain_python(), "word_list", asked)
    assert found == [{"id": 1, "held": True}, {"id": "b", "held": False}]


def test_a_peer_that_stops_is_one_line() -> None:
    with pytest.raises(InputError, match=r"peer word_list stopped: .*text"):
        venvs.answers(venvs.plain_python(), "word_list", [{"id": 1}])
    with pytest.raises(InputError, match=r"rebuff is not installed here; run `python -m evals\.peers`"):
        venvs.answers(venvs.plain_python(), "injection_scanner", [{"id": 1, "text": "x"}])


def test_every_pinned_list_pins() -> None:
    for path in sorted(venvs.HERE.glob("requirements-*.txt")):
        lines = [line for line in path.read_text(encoding="utf-8").split() if not line.startswith("--")]
        assert all("==" in line for line in lines)
        assert (venvs.HERE / f"{path.stem.removeprefix('requirements-')}.py").is_file()


def test_what_does_not_install_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "requirements-word_list.txt").write_text("--no-index no-such-package==1\n", encoding="utf-8")
    monkeypatch.setattr(venvs, "HERE", tmp_path)
    with pytest.raises(InputError, match=r"peer word_list: requirements-word_list\.txt does not install here"):
        venvs.python("word_list", tmp_path / "peers")


def test_an_environment_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = venvs.python("word_list", tmp_path)
    monkeypatch.setattr(venvs.venv, "create", lambda *_, **__: pytest.fail("made again"))
    assert venvs.python("word_list", tmp_path) == first


def measure(hits: int, n: int = 40) -> dict[str, Measure]:
    return {m.name: m for m in share("guard", "held", {str(i): i < hits for i in range(n)})}


def test_a_table_has_the_whole_first_and_marks_what_chance_explains_poorly() -> None:
    text = columns({"copilot": measure(36), "word list": measure(10), "another": measure(35), "none": {}})
    assert "| | n | copilot | word list | another | none |" in text
    assert "| held | 40 | 0.900 (" in text
    assert "0.250 * | 0.875 | – |" in text


def test_texts_held_are_told_apart_by_what_should_be_held() -> None:
    from evals import redteam

    cases = [c for c in redteam.suite_cases() if c.group in (redteam.TEXT, redteam.BENIGN)]
    found = table._held(cases, [held(c.body.text) for c in cases])
    assert found["attack texts: held, forbidden"].n > 2500
    assert found["attack texts: held, permitted"].n == 85
