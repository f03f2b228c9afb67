"""Files made to do harm: each is refused in one line, or read as the text it is, in bounded time and memory."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from copilot.errors import InputError
from knowledge_base.apart import Apart, Ended
from knowledge_base.ingest.read import read_paper
from tests.knowledge_base.ingest import papers

ROOT = Path(__file__).parents[2]
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
DOCTYPE = f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY l0 "哈哈"><!ENTITY secret SYSTEM "file:///etc/passwd">{LAUGHS}]>'
MEMORY, SECONDS = 2_000_000_000, 60.0


def repacked(path: Path, name: str, change) -> Path:
    """An office file with one of its parts changed."""
    with zipfile.ZipFile(path) as old:
        parts = {info.filename: old.read(info) for info in old.infolist()}
    parts[name] = change(parts[name])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for part, data in parts.items():
            new.writestr(part, data)
    return path


def entity(what):
    def change(data: bytes) -> bytes:
        text = data.decode("utf-8")
        text = text[text.index("?>") + 2 :] if text.startswith("<?xml") else text
        return (DOCTYPE + text.replace("第一条", f"第一条 &{what};", 1)).encode()

    return change


def shared(what):
    def change(data: bytes) -> bytes:
        return (DOCTYPE + data.decode("utf-8").replace("<t>", f"<t>&{what};", 1)).encode()

    return change


MADE = {
    "laughs.docx": lambda p: repacked(papers.word(p), "word/document.xml", entity("l9")),
    "entity.docx": lambda p: repacked(papers.word(p), "word/document.xml", entity("secret")),
    "laughs.xlsx": lambda p: repacked(papers.workbook(p), "xl/worksheets/sheet1.xml", shared("l9")),
    "entity.xlsx": lambda p: repacked(papers.workbook(p), "xl/worksheets/sheet1.xml", shared("secret")),
    "cut.docx": lambda p: papers.word(p).write_bytes(p.read_bytes()[:900]),
    "notzip.xlsx": lambda p: p.write_bytes(b"PK\x03\x04" + b"x" * 500),
    "cell.csv": lambda p: p.write_text("题,答\n" + "长" * 3_000_000 + ",x\n", encoding="utf-8"),
    "wide.csv": lambda p: p.write_text(",".join("x" for _ in range(200_000)) + "\n", encoding="utf-8"),
    "deep.html": lambda p: p.write_text("<div>" * 60_000 + "底", encoding="utf-8"),
    "deep.md": lambda p: p.write_text("> " * 60_000 + "底", encoding="utf-8"),
    "null.txt": lambda p: p.write_bytes(b"\0" * 1_000_000),
    "loop.pdf": lambda p: p.write_bytes(
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 1 0 R/Kids[1 0 R]/Count 9>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    ),
    "claims.pdf": lambda p: p.write_bytes(
        b"%PDF-1.7\n1 0 obj<</Length 999999999999>>stream\nx\nendstream endobj\nstartxref\n999999999\n%%EOF"
    ),
    "cut.pdf": lambda p: papers.pdf(p).write_bytes(p.read_bytes()[:1500]),
    "formula.csv": lambda p: p.write_text('问题,答案\n=HYPERLINK("http://evil.example"),@SUM(1)\n', encoding="utf-8"),
}


@pytest.fixture(scope="module")
def apart():
    made = Apart(read_paper, memory=MEMORY, seconds=SECONDS)
    yield made
    made.close()


@pytest.mark.parametrize("name", sorted(MADE))
def test_a_hostile_file_is_refused_or_read_as_text(apart, tmp_path, name):
    path = tmp_path / name
    MADE[name](path)
    try:
        text = apart(path).text
    except (InputError, Ended) as error:
        told = str(error)
    else:
        told = ""
    if told:
        assert len(told.splitlines()) == 1
        return
    assert "root:" not in text
    assert len(text) < 4_000_000
    if name.startswith(("laughs", "entity")):
        assert "哈哈哈哈" not in text
    if name == "formula.csv":
        assert "=HYPERLINK" in text


def test_no_pickle_anywhere():
    """No code of ours reads a format that runs what it reads, and none runs a text."""
    risky = re.compile(
        r"^\s*(?:import|from) (?:pickle|joblib|dill|marshal|shelve)\b|torch\.load|allow_pickle=True"
        r"|yaml\.(?:unsafe_)?load\(|(?<![.\w])(?:eval|exec)\(|shell=True",
        re.MULTILINE,
    )
    found = []
    for name in ("copilot", "knowledge_base", "guardrails", "ui", "evals"):
        for path in (ROOT / name).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            lines = [text[: m.start()].count("\n") for m in risky.finditer(text)]
            said = [text.splitlines()[n] for n in lines]
            found += [f"{path.name}: {s}" for s in said if "def eval(" not in s and "SafeLoader" not in s]
    assert found == []
