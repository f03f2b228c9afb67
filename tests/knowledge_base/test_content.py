"""Every document's spans are exact, and every mistake in content is named with its file and line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from copilot.errors import ContentError
from knowledge_base import kept as kept_module
from knowledge_base import load as load_module
from knowledge_base.chunk import split_text
from knowledge_base.document import first_clause
from knowledge_base.fields import NAMES
from knowledge_base.kept import Kept
from knowledge_base.library import ContentLibrary
from knowledge_base.load import content_version, load_content
from knowledge_base.rows import rows_of, units_of
from knowledge_base.source import read_source

ROOT = Path(__file__).parents[2]


def test_facts_lie_where_they_say(library: ContentLibrary) -> None:
    facts = [f for d in library.content.documents for f in d.facts]
    assert len(facts) > 400
    for fact in facts:
        assert library.text(fact.document)[fact.start : fact.end] == fact.value, fact


def test_passages_are_spans_of_their_documents(library: ContentLibrary) -> None:
    for unit in units_of(library.content.documents):
        assert unit.text == library.text(unit.document.id)[unit.piece.start : unit.piece.end]
        assert unit.text.strip() == unit.text != ""


def test_rows_of_a_passage_stand_together(library: ContentLibrary) -> None:
    numbers = [row.unit for row in rows_of(units_of(library.content.documents))]
    assert numbers == sorted(numbers)
    assert set(numbers) == set(range(max(numbers) + 1))


def test_every_kind_of_fact(library: ContentLibrary) -> None:
    def facts(document: str) -> dict[str, str]:
        return {f.field: f.value for f in library.facts(document)}

    assert facts("LJ-W-001")["期限"] == "182天"
    assert facts("Q-014").keys() == {"答"}
    assert facts("R-001").keys() == facts("M-001").keys() == {"要点"}
    assert facts("bank") == {
        "名称": "澜江银行",
        "电话": "95790",
        "投诉": facts("bank")["投诉"],
        "营业时间": "周一至周五9:00—17:00",
        "求助": "全国心理援助热线12356，紧急时拨打120或110",
    }
    assert len(facts("bank")["投诉"]) <= 20
    assert facts("nothing") == {}


def test_net_values_carry_their_day(library: ContentLibrary) -> None:
    facts = {f.field: f for f in library.facts("LJ-F-001")}
    assert str(facts["净值"].as_of) == "2026-11-20"
    assert facts["期限" if "期限" in facts else "名称"].as_of is None


def test_field_names_are_those_of_the_page() -> None:
    page = (ROOT / "docs/references.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if re.match(r"\| [甲客行历问规观算]\S*\.", line)]
    told = {name for row in rows for name in re.findall(r"[甲客行历问规观算]\S*\.[^\s…]+", row)}
    assert told == {n for n in NAMES if not n.startswith("乙.")}


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("投诉可拨打95790按8键转人工（24小时），也可在手机银行", "95790按8键转人工"),
        ("网点周一至周五9:00—17:00，周六部分网点", "周一至周五9:00—17:00"),
        ("95790", "95790"),
    ],
)
def test_first_clause(text: str, clause: str) -> None:
    assert first_clause(text) == clause


@pytest.mark.parametrize("text", ["", "短。", "一句话很长。" * 200, "没有句号" * 300])
def test_split_covers_the_text(text: str) -> None:
    spans = split_text(text, 100)
    assert "".join(text[a:b] for a, b in spans) == text
    assert all(b - a <= 100 for a, b in spans)


def line_of(path: Path, text: str) -> int:
    return next(i for i, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if text in line)


WRONG = [
    ("products/LJ-W-001.yaml", "code: Z7A1026000112", "colour: red", "colour: unknown key"),
    ("products/LJ-W-001.yaml", "sale_from: 2026-11-10", "sale_from: 2026-13-40", "sale_from:"),
    ("products/LJ-W-001.yaml", "  期限: 182天", "  期限: 180天", "期限 is 180天, but term_days is 182"),
    ("products/LJ-W-001.yaml", "  风险等级: R2（中低风险）", "  风险等级: R1（低风险）", "风险等级 is R1"),
    ("products/LJ-W-001.yaml", "  截止: 11月28日17:00", "  截止: 11月29日17:00", "截止 is 11月29日17:00"),
    ("products/LJ-W-001.yaml", "  到期日: 2027年6月1日", "  到期日: 2027年6月2日", "到期日 is"),
    ("products/LJ-W-001.yaml", "  起购: 1万元", "  起购: 2万元", "起购 is 2万元"),
    ("products/LJ-W-001.yaml", "  状态: 在售", "  状态: 尚未开售", "状态 is 尚未开售"),
    ("products/LJ-W-001.yaml", "  投向: ", "  去向: ", "去向 is no field"),
    ("products/LJ-W-002.yaml", "  - 一年澜安", "  - 稳健半年", "already names"),
    ("products/LJ-W-001.yaml", "type: wealth", "type: welth", "type:"),
    ("products/LJ-W-001.yaml", "issuer: 澜江理财", "name: 稳健半年", "given twice"),
    ("faq/deposit.yaml", "  - id: Q-040", "  - id: Q-039", "id Q-039 is already used"),
    ("faq/deposit.yaml", "    intent: deposit_rate", "    intent: deposits", "deposits is no intent"),
    ("market/M-001.yaml", "as_of: 2026-11-20", "as_of: 上周五", "as_of:"),
    ("calendar.yaml", "    off_to: 2027-01-03", "    off_to: 2026-12-30", "off_to lies before"),
    ("calendar.yaml", "    resume: 2027-01-04", "    resume: 2027-01-02", "resume lies within"),
    ("scripts/money_moves.yaml", "    move: find_out", "    move: wait", "wait is no move"),
]


@pytest.mark.parametrize(("name", "old", "new", "what"), WRONG, ids=[f"{w[0]}-{w[2].strip()[:16]}" for w in WRONG])
def test_a_mistake_is_named_with_file_and_line(content: Path, name: str, old: str, new: str, what: str) -> None:
    path = content / name
    line = line_of(path, old)
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        load_content(content)
    assert what in str(caught.value)
    file, _, number = caught.value.where.rpartition(":")
    assert file == f"content/{name}"
    assert int(number) == line


SCRIPT = "scripts:\n  - id: S-9\n    intent: complaint\n    move: soothe\n    needs: {needs}\n    text: '{text}'\n"


@pytest.mark.parametrize(
    ("text", "needs", "what"),
    [
        ("{客户.称呼}，15天内回您。", "[]", "1 is a figure"),
        ("{客户.称呼}，三天内回您。", "[]", "三 is a figure"),
        ("{客户.姓名}，您好。", "[]", "{客户.姓名} is no reference"),
        ("{甲.期限}以后到期。", "[]", "needs must list"),
        ("您好}。", "[]", "a brace"),
        ("您先别急，是哪一笔？", "[]", "questions: at most 0 for soothe"),
    ],
)
def test_a_script_keeps_the_form(content: Path, text: str, needs: str, what: str) -> None:
    (content / "scripts/extra.yaml").write_text(SCRIPT.format(text=text, needs=needs), encoding="utf-8")
    with pytest.raises(ContentError, match=re.escape(what)) as caught:
        load_content(content)
    assert caught.value.where.startswith("content/scripts/extra.yaml:")


def test_bad_yaml_names_its_line(content: Path) -> None:
    (content / "faq/deposit.yaml").write_text("faq:\n  - id: Q-1\n   question: x\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"faq/deposit\.yaml:3"):
        load_content(content)


@pytest.mark.parametrize("name", ["bank.yaml", "calendar.yaml"])
def test_a_needed_file_is_missed(content: Path, name: str) -> None:
    (content / name).unlink()
    with pytest.raises(ContentError, match="missing"):
        load_content(content)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="not found"):
        load_content(tmp_path / "nowhere")


def test_version_follows_every_byte(content: Path) -> None:
    before = load_content(content).version
    assert before == load_content(content).version
    path = content / "market/M-001.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert load_content(content).version != before


OCCASION = """occasions:
  - id: O-9
    name: 改受益人
    intents: [insurance_pension]
    heard: ['{heard}']
    unless: ['什么是']
    says: [受益人改谁, 保险受益人要換成我, {says}]
    near: [什么是受益人更改, {near}]
"""


@pytest.mark.parametrize(
    ("heard", "says", "near", "what"),
    [
        ("受益人.{0,4}(?:改|换)", "受益人那栏", "受益人是谁", "not heard in: 受益人那栏"),
        ("受益人.{0,4}(?:改|换)", "受益人想换", "受益人没换", "heard in what means something else: 受益人没换"),
        ("受益人(", "受益人想换", "受益人是谁", "is no pattern"),
        ("(?:受益人+)+换", "受益人想换", "受益人是谁", "repeats what repeats itself"),
    ],
)
def test_an_occasion_proves_its_patterns(content: Path, heard: str, says: str, near: str, what: str) -> None:
    written = OCCASION.replace("{heard}", heard).replace("{says}", says).replace("{near}", near)
    (content / "occasions").mkdir(exist_ok=True)
    (content / "occasions/extra.yaml").write_text(written, encoding="utf-8")
    with pytest.raises(ContentError, match=re.escape(what)) as caught:
        load_content(content)
    assert caught.value.where.startswith("content/occasions/extra.yaml:")


def test_what_keeps_an_occasion_silent_must_be_a_pattern_too(content: Path) -> None:
    written = (
        OCCASION.replace("{heard}", "受益人.{0,4}(?:改|换)")
        .replace("{says}", "受益人想换")
        .replace("{near}", "受益人是谁")
    )
    (content / "occasions").mkdir(exist_ok=True)
    (content / "occasions/extra.yaml").write_text(written.replace("'什么是'", "'什么是('"), encoding="utf-8")
    with pytest.raises(ContentError, match="is no pattern"):
        load_content(content)


def test_content_that_passed_is_kept_and_not_read_again(
    content: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = tmp_path / "deep" / "content-proven"
    first = load_content(content, note)
    kept = note.read_bytes()
    assert content_version(content) in kept.decode().splitlines()[0]
    parsed: list[Path] = []
    monkeypatch.setattr(kept_module, "read_source", lambda path, root: parsed.append(path) or read_source(path, root))
    proved: list[object] = []
    monkeypatch.setattr(load_module, "check_occasion", proved.append)
    assert load_content(content, note) == first
    assert not parsed
    assert not proved
    assert note.read_bytes() == kept
    for damaged in (b"\xff\xfe\x00", kept[:-9], kept.replace("受益人".encode(), "授益人".encode(), 1), b""):
        note.write_bytes(damaged)
        assert load_content(content, note) == first
        assert parsed
        assert proved
        assert note.read_bytes() == kept, "what is damaged counts for nothing and is written anew"
        parsed.clear()
        proved.clear()


def test_what_fails_a_check_is_not_kept(content: Path, tmp_path: Path) -> None:
    note = tmp_path / "content-proven"
    load_content(content, note)
    kept = note.read_bytes()
    (content / "occasions").mkdir(exist_ok=True)
    extra = content / "occasions/extra.yaml"
    extra.write_text(
        OCCASION.replace("{heard}", "受益人.{0,4}(?:改|换)")
        .replace("{says}", "一样听不见")
        .replace("{near}", "受益人是谁"),
        encoding="utf-8",
    )
    with pytest.raises(ContentError, match="not heard in"):
        load_content(content, note)
    assert note.read_bytes() == kept


def test_an_error_in_kept_content_still_names_its_line(content: Path, tmp_path: Path) -> None:
    path = next((content / "faq").glob("*.yaml"))
    Kept(note := tmp_path / "note", "v").read(path, content.parent)
    kept = Kept(note, "v")
    kept.read(path, content.parent)
    kept.keep()
    again = Kept(note, "v")
    assert again.whole
    assert not Kept(note, "w").whole
    told, read = again.read(path, content.parent), read_source(path, content.parent)
    assert told.data == read.data
    assert told.where("faq", 1, "short") == read.where("faq", 1, "short") != read.where()


def test_an_occasion_is_heard_in_plain_words(content: Path) -> None:
    written = (
        OCCASION.replace("{heard}", "受益人.{0,4}(?:改|换)").replace("{says}", "受益人想换").replace("{near}", "受益人")
    )
    (content / "occasions").mkdir(exist_ok=True)
    (content / "occasions/extra.yaml").write_text(written, encoding="utf-8")
    library = ContentLibrary(load_content(content))
    assert "O-9" in [o.id for o in library.occasions("請問受益人\n可以換嗎 受益人換成女兒")]
    assert "O-9" not in [o.id for o in library.occasions("什么是受益人，能换吗")]


def test_a_script_waits_for_what_can_come(content: Path) -> None:
    script = SCRIPT.format(text="{客户.称呼}，我来查。", needs="[]") + "    when: O-9999\n"
    (content / "scripts/extra.yaml").write_text(script, encoding="utf-8")
    with pytest.raises(ContentError, match="O-9999 is no occasion"):
        load_content(content)
