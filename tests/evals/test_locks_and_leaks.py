"""Held-out files are as they were locked, nothing of them is taught, and both checks notice when that changes."""

from __future__ import annotations

import json

import pytest

from copilot.errors import ContentError
from evals import leaks, lock

SAID = "我妈那笔三十万的定期下个月到期了，想问问转成半年的理财划不划算"
NEARLY = "我妈那笔三十万的定期下个月到期了，想问问转成半年的理财划不划算呀"
OTHER = "上次买的那只基金跌了不少，你们当时可不是这么跟我说的"


def test_the_held_out_cases_are_the_locked_ones():
    lock.check()
    assert {"intent_heldout.tsv", "guard_desk.tsv", "talks_heldout.jsonl"} <= set(lock.hashes())


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "intent_heldout.tsv").write_text("text\n甲\n", encoding="utf-8")
    (tmp_path / "conversations.jsonl").write_text("{}\n", encoding="utf-8")
    lock.write(tmp_path)
    return tmp_path


def test_only_held_out_files_are_locked(folder):
    lock.check(folder)
    (folder / "conversations.jsonl").write_text("[]\n", encoding="utf-8")
    lock.check(folder)
    (folder / "intent_heldout.tsv").write_bytes("text\r\n甲\r\n".encode())
    lock.check(folder)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda f: (f / "intent_heldout.tsv").write_text("text\n乙\n", encoding="utf-8"), "was changed"),
        (lambda f: (f / "intent_heldout.tsv").unlink(), "is gone"),
        (lambda f: (f / "intent_heldout_2.tsv").write_text("text\n", encoding="utf-8"), "is not locked"),
        (lambda f: (f / "LOCK").unlink(), "python -m evals.lock"),
    ],
)
def test_a_change_is_named_and_locking_anew_accepts_it(folder, change, what):
    change(folder)
    with pytest.raises(ContentError, match=what):
        lock.check(folder)
    lock.write(folder)
    lock.check(folder)


def test_nothing_held_out_is_taught():
    assert [str(leak) for leak in leaks.leaks()] == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("a.tsv", f"maturity_reinvest\tcalm\t{NEARLY}\n"),
        ("a.tsv", f"x\tA:您好⏎C:{NEARLY}\n"),
        ("deep/a.jsonl", json.dumps({"turns": [{"text": NEARLY}]}, ensure_ascii=False) + "\n"),
        ("a.txt", f"{NEARLY.replace('，', ' ')}\n"),
    ],
)
def test_a_planted_leak_is_found(tmp_path, name, line):
    taught, cases = tmp_path / "training", tmp_path / "cases"
    (taught / name).parent.mkdir(parents=True)
    (taught / name).write_text(f"{OTHER}\n" * (name[-4:] == ".txt") + line, encoding="utf-8")
    cases.mkdir()
    (cases / "intent_heldout.tsv").write_text(f"intent\ttext\nmarket_view\t{SAID}\n", encoding="utf-8")
    (found,) = leaks.leaks(taught, cases)
    assert found.alike >= leaks.ALIKE
    assert "intent_heldout.tsv:2" in str(found)


def test_short_texts_labels_and_allowed_texts_are_no_leaks(tmp_path, monkeypatch):
    taught, cases = tmp_path / "training", tmp_path / "cases"
    taught.mkdir()
    cases.mkdir()
    (taught / "a.tsv").write_text(f"performance_concern\t好的谢谢您啊\t{NEARLY}\n", encoding="utf-8")
    (cases / "x_heldout.tsv").write_text(f"performance_concern\t好的谢谢您啊\t{SAID}\n", encoding="utf-8")
    assert len(leaks.leaks(taught, cases)) == 1
    fine = tmp_path / "fine.txt"
    fine.write_text(f"# anyone says this\n{NEARLY}\n", encoding="utf-8")
    monkeypatch.setattr(leaks, "allowed", lambda: leaks_allowed(fine))
    assert leaks.leaks(taught, cases) == []


leaks_allowed = leaks.allowed


def test_every_pair_alike_is_found():
    """Prefix filtering loses nothing that a comparison of all pairs finds."""
    base = "客户说想把到期的钱再放半年看看收益怎么样"
    texts = [leaks.Text(str(i), "", frozenset(_grams(base[:i] + "另" + base[i:]))) for i in range(len(base))]
    texts += [leaks.Text("cut", "", frozenset(_grams(base[3:])))]
    found = {(x.taught.where, x.held.where) for x in leaks.alike(texts, texts)}
    every = {(a.where, b.where) for a in texts for b in texts if len(a.grams & b.grams) / len(a.grams | b.grams) >= 0.8}
    assert found == every
    assert 0 < len(every) < len(texts) ** 2


def _grams(text):
    return [text[i : i + 4] for i in range(len(text) - 3)]
