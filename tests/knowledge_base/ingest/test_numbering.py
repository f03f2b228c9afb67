"""Numbers that Word writes by itself: made here with real numbering definitions, as Word saves them."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge_base.ingest.cut import cut, title_of
from knowledge_base.ingest.numbering import _FORMATS
from knowledge_base.ingest.read import read_paper

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
STATUTE = (("chineseCounting", "第%1章", ""), ("chineseCountingThousand", "第%2条", '<w:lvlRestart w:val="0"/>'))
OUTLINE = (("chineseCounting", "%1、", ""), ("chineseCounting", "（%2）", ""), ("decimal", "%3.", ""))
DECIMAL = (("decimal", "%1", ""), ("decimal", "%1.%2", ""), ("decimal", "%1.%2.%3", ""))


class Numbered:
    """A Word document whose lists are defined in numbering.xml."""

    def __init__(self):
        import docx

        self.document = docx.Document()
        self.root = self.document.part.numbering_part.element
        for child in list(self.root):
            self.root.remove(child)

    def _add(self, xml, first=False):
        from docx.oxml import parse_xml

        element = parse_xml(xml)
        self.root.insert(0, element) if first else self.root.append(element)

    def pattern(self, name, levels, more=""):
        inside = "".join(
            f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>{extra}<w:lvlText w:val="{text}"/></w:lvl>'
            for i, (kind, text, extra) in enumerate(levels)
        )
        self._add(f'<w:abstractNum {W} w:abstractNumId="{name}">{more}{inside}</w:abstractNum>', first=True)
        return self

    def list(self, number, pattern, starts=None):
        over = "".join(
            f'<w:lvlOverride w:ilvl="{i}"><w:startOverride w:val="{n}"/></w:lvlOverride>'
            for i, n in (starts or {}).items()
        )
        self._add(f'<w:num {W} w:numId="{number}"><w:abstractNumId w:val="{pattern}"/>{over}</w:num>')
        return self

    def write(self, text, number=None, depth=0, style=None):
        paragraph = self.document.add_paragraph(text, style=style)
        if number is not None:
            self.mark(paragraph, number, depth)
        return self

    @staticmethod
    def mark(paragraph, number, depth=0):
        from docx.oxml import parse_xml

        said = f'<w:numPr {W}><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>'
        paragraph._p.get_or_add_pPr().append(parse_xml(said))

    def style(self, name, number, depth=None):
        from docx.oxml import parse_xml

        level = f'<w:ilvl w:val="{depth}"/>' if depth is not None else ""
        said = f'<w:numPr {W}>{level}<w:numId w:val="{number}"/></w:numPr>'
        self.document.styles[name].element.get_or_add_pPr().append(parse_xml(said))
        return self

    def lines(self, path):
        self.document.save(str(path))
        return read_paper(path).text.splitlines()


@pytest.fixture
def made():
    return Numbered()


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "numbered.docx"


def test_articles_numbered_by_word_are_cut_as_articles_and_count_on_over_chapters(made, path):
    made.pattern(1, STATUTE).list(5, 1)
    made.write("储蓄业务办法").write("总则", 5, 0).write("为规范储蓄业务，制定本办法。", 5, 1)
    made.write("本办法适用于各网点。", 5, 1).write("附则", 5, 0).write("本办法自公布之日起施行。", 5, 1)
    made.document.save(str(path))
    paper = read_paper(path)
    found = [(c.title, paper.text[c.start : c.end]) for c in cut(paper, title_of(paper, "x"))]
    assert found == [
        ("储蓄业务办法 · 第一章 总则 · 第一条", "第一条 为规范储蓄业务，制定本办法。"),
        ("储蓄业务办法 · 第一章 总则 · 第二条", "第二条 本办法适用于各网点。"),
        ("储蓄业务办法 · 第二章 附则 · 第三条", "第三条 本办法自公布之日起施行。"),
    ]


def test_a_lower_level_starts_over_when_a_higher_one_goes_on(made, path):
    made.pattern(1, OUTLINE).list(5, 1)
    for text, depth in (("甲", 0), ("子", 1), ("丑", 1), ("x", 2), ("y", 2), ("乙", 0), ("寅", 1), ("z", 2)):
        made.write(text, 5, depth)
    assert made.lines(path) == ["一、甲", "（一）子", "（二）丑", "1. x", "2. y", "二、乙", "（一）寅", "1. z"]


def test_levels_told_together_and_one_above_that_was_never_written(made, path):
    made.pattern(1, DECIMAL).list(5, 1)
    for depth in (2, 0, 1, 1, 2):
        made.write("x", 5, depth)
    assert made.lines(path) == ["1.1.1 x", "2 x", "2.1 x", "2.2 x", "2.2.1 x"]


def test_lists_of_one_pattern_count_on_unless_one_says_where_it_starts(made, path):
    made.pattern(1, OUTLINE).list(5, 1).list(6, 1).list(7, 1, {0: 1}).list(8, 1, {0: 9})
    for number in (5, 5, 6, 7, 7, 8, 8):
        made.write("x", number)
    assert made.lines(path) == ["一、x", "二、x", "三、x", "一、x", "二、x", "九、x", "十、x"]


def test_a_list_with_a_level_of_its_own(made, path):
    made.pattern(1, OUTLINE)
    level = '<w:lvl w:ilvl="0"><w:start w:val="3"/><w:numFmt w:val="upperLetter"/><w:lvlText w:val="附件%1"/><w:suff w:val="nothing"/></w:lvl>'
    made._add(
        f'<w:num {W} w:numId="5"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0">{level}</w:lvlOverride></w:num>'
    )
    assert made.write("：表", 5).write("：图", 5).lines(path) == ["附件C：表", "附件D：图"]


def test_the_number_of_a_style_is_told_and_a_paragraph_may_refuse_it(made, path):
    made.pattern(1, STATUTE).list(5, 1).style("Heading 1", 5, 0).style("List Paragraph", 5, 1)
    made.write("总则", style="Heading 1").write("正文", style="List Paragraph")
    made.write("无号", 0, style="Heading 1").write("又一章", style="Heading 1")
    assert made.lines(path) == ["第一章 总则", "第一条 正文", "无号", "第二章 又一章"]


def test_a_numbered_heading_is_no_title_of_the_paper(made, path):
    made.pattern(1, STATUTE).list(5, 1).style("Heading 1", 5, 0)
    made.write("总则", style="Heading 1").write("正文。").document.save(str(path))
    assert read_paper(path).title == ""


def test_an_empty_numbered_paragraph_is_counted_and_bullets_are_not_text(made, path):
    made.pattern(1, OUTLINE).pattern(2, (("bullet", "\uf0b7", ""),)).list(5, 1).list(6, 2)
    assert made.write("甲", 5).write("", 5).write("丙", 5).write("点", 6).lines(path) == ["一、甲", "三、丙", "点"]


def test_numbers_in_the_cells_of_a_table(made, path):
    made.pattern(1, (("decimal", "%1", ""),)).list(5, 1)
    table = made.document.add_table(rows=3, cols=2)
    for row, text in zip(table.rows, ("项目", "管理费", "托管费"), strict=True):
        row.cells[1].text = text
    table.rows[0].cells[0].text = "序号"
    for row in table.rows[1:]:
        made.mark(row.cells[0].paragraphs[0], 5)
    assert made.lines(path) == ["序号：1；项目：管理费", "序号：2；项目：托管费"]


def test_all_levels_in_figures_where_a_level_is_legal(made, path):
    made.pattern(1, (("chineseCounting", "第%1章", ""), ("decimal", "%1.%2", "<w:isLgl/>"))).list(5, 1)
    assert made.write("总则", 5, 0).write("x", 5, 1).lines(path) == ["第一章 总则", "1.1 x"]


def test_a_start_beyond_any_real_list_is_told_in_figures(made, path):
    made.pattern(1, (("lowerLetter", "%1)", ""),)).list(5, 1, {0: 2_000_000_000})
    assert made.write("x", 5).lines(path) == ["2000000000) x"]


def test_a_list_that_is_not_there_and_a_document_without_lists(made, path):
    assert made.write("x", 77).write("y", 77, 4).lines(path) == ["x", "y"]
    part = made.document.part
    rel = next(i for i, r in part.rels.items() if r.reltype.endswith("/numbering"))
    part.rels.pop(rel)
    assert made.lines(path) == ["x", "y"]


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("chineseCounting", "一 十 十一 二十 一百零二 一百一十"),
        ("chineseLegalSimplified", "壹 壹拾 壹拾壹 贰拾 壹佰零贰 壹佰壹拾"),
        ("ideographDigital", "一 一〇 一一 二〇 一〇二 一一〇"),
        ("upperRoman", "I X XI XX CII CX"),
        ("lowerLetter", "a j k t xxxx fffff"),
        ("decimalFullWidth", "１ １０ １１ ２０ １０２ １１０"),
        ("ideographTraditional", "甲 癸 甲 癸 乙 癸"),
        ("decimalEnclosedCircle", "① ⑩ ⑪ ⑳ 102 110"),
    ],
)
def test_the_numbers_themselves(kind, told):
    assert [_FORMATS[kind](n) for n in (1, 10, 11, 20, 102, 110)] == told.split()
