"""The bank's papers: every kind that is taken in, damaged by one who knows how it is built."""

from __future__ import annotations

import io
import json
import random
import re
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from functools import partial
from pathlib import Path

from tests.knowledge_base.ingest import papers
from tests.torture.fuzz.mutate import NASTY, changed, cut, flipped
from tests.torture.fuzz.target import Fault, Take, Target

NOW = datetime(2026, 11, 22, 10, 0)
_RAW = 0.2
"""Share of packed files that are damaged as they lie, not part by part."""
_GROWN = 3_000_000
"""Bytes of one changed part of a packed file: larger ones only cost time."""
_LOST = re.compile(rb"MemoryError|RecursionError")
Change = Callable[[bytes, random.Random, Sequence[bytes]], bytes]


def _words(*said: str) -> tuple[bytes, ...]:
    return tuple(word.encode() for word in said)


TEXT = _words(
    "第一章 总则\n",
    "第二条 ",
    "第十二条之一 ",
    "（一）",
    "1.2 ",
    "一、",
    "。\n",
    "：",
    "本办法自2026年1月1日起施行",
    "有效期至2026年13月41日",
    "\n\n",
)
MARKDOWN = (
    *TEXT,
    *_words("# ", "###### ", "| 甲 | 乙 |\n| --- | --- |\n", "|", "```\n", "~~~", "- ", "> ", "[a](b)", "<b>", "\\"),
)
HTML = (*TEXT, *_words(
    "<table>", "</table>", "<tr>", "<td>", "<th>", "<div>", "</div>", "<p>", "<br>", "<h1>", "</h1>", "<script>", "</script>", "<!--", "-->", "<![CDATA[", "&#0;",
    "&#xD800;", "&#x10FFFF;", "&amp;", "&nope;", " hidden", " style='display:none'", "<ul><li>", "<svg>", "<template>", "<?xml version='1.0' encoding='utf-7'?>",
    "<meta charset=x>", "<title>", "<frameset>", "<select><option>", "<math>", "<a xmlns:x='y' x:z=1>", "<html><head>", "<tbody>", "<template><td>", "<body>", "\x1b$B",
))  # fmt: skip
ROWS = (*TEXT, *_words('"', '""', ",", "\t", ";", "\r", "问题", "答案", "=1+1", "@SUM(1)", '"\n', "0.5%", "2026-11-22"))
XML = _words(
    "<", ">", "/>", "<!--", "]]>", "<![CDATA[", "&amp;", "&#0;", "&x;", " w:val=\"-1\"", " w:val=\"99999999999\"", " r:id=\"rId9\"", " r=\"XFD1048576\"", " r=\"A0\"",
    " t=\"s\"", " t=\"e\"", " t=\"d\"", " s=\"9999\"", "<v>1e999</v>", "<v>-1</v>", "<v>NaN</v>", "<v>2958466</v>", "<f>1+1</f>", "<w:p/>", "<w:tbl/>", "<w:tc/>",
    "<w:numPr><w:ilvl w:val=\"99\"/><w:numId w:val=\"1\"/></w:numPr>", "<w:gridSpan w:val=\"99999\"/>", "<w:vMerge/>", "<mergeCell ref=\"A1:XFD1048576\"/>",
    "<w:basedOn w:val=\"Normal\"/>", "<w:pStyle w:val=\"Nope\"/>", "Target=\"../../../etc/passwd\"", "TargetMode=\"External\"", "Target=\"\"", "xml:space=\"preserve\"",
)  # fmt: skip
PDF = _words(
    "<<", ">>", "[", "]", "(", ")", "<", ">", "/Type", "/Page", "/Pages", "/Kids", "/Count", "/Parent", "/Length", "/Filter", "/FlateDecode", "/LZWDecode", "/ASCII85Decode",
    "/ASCIIHexDecode", "/RunLengthDecode", "/DCTDecode", "/JBIG2Decode", "/DecodeParms<</Predictor 15/Columns 99999999>>", "/Encrypt", "/Root", "/Prev 0", "/XRefStm 9",
    "/ObjStm", "/Resources", "/Font", "/ToUnicode", "/Encoding/Identity-H", "/CIDFontType0", "/W[0[1 2]3 99999999 5]", "/DW -1", "/MediaBox[0 0 0 0]", "/MediaBox[0 0 1e30 1]",
    "/Rotate 45", "/UserUnit 0", "/Contents", "/XObject", "/Form", "/Subtype", "1 0 R", "0 0 R", "99999 0 R", "obj", "endobj", "stream\r\n", "endstream", "xref", "trailer",
    "startxref", "%%EOF", " BT /F1 12 Tf (x) Tj ET ", " q Q cm re f S n W ", " /X0 Do ", " 1e308 0 0 1e308 0 0 cm ", " 0 0 0 0 0 0 Tm ", "BI /W 9 ID x EI", "nan", "null",
)  # fmt: skip


def packed(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """A file of zipped parts: a part changed, dropped, doubled, renamed or exchanged; or the whole as it lies."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as old:
            parts = [(info.filename, old.read(info)) for info in old.infolist()]
    except Exception:  # changed before, and no zip any more
        return changed(data, chance, others)
    if not parts or chance.random() < _RAW:
        return (flipped if chance.random() < 0.7 else cut)(data, chance)
    for _ in range(chance.choice((1, 1, 2, 3))):
        at = chance.randrange(len(parts))
        name, body = parts[at]
        match chance.randrange(12):
            case 0 if len(parts) > 1:
                del parts[at]
            case 1:
                parts.append((name, chance.choice(parts)[1]))
            case 2:
                parts[at] = (chance.choice(("../../x", "/etc/x", "x\x00", name.upper(), "", "xl/vbaProject.bin")), body)
            case 3:
                parts[at] = (name, chance.choice(parts)[1])
            case _:
                parts[at] = (name, marked(body, chance, [b for _, b in parts])[:_GROWN])
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", chance.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))) as new:
        for name, body in parts:
            new.writestr(zipfile.ZipInfo(name or "x"), body, new.compression)
    whole = made.getvalue()
    return flipped(whole, chance, 2) if chance.random() < 0.1 else whole


def marked(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """XML: an element dropped, doubled, nested or moved, an attribute or a text changed; or bytes of it."""
    tags = list(re.finditer(rb"<(/?)([\w:]+)[^<>]*?(/?)>", data))
    match chance.randrange(7) if tags else 6:
        case 0:
            tag = chance.choice(tags)
            return data[: tag.start()] + data[tag.end() :]
        case 1:
            tag = chance.choice(tags)
            return data[: tag.end()] + tag[0] * chance.choice((1, 2, 300)) + data[tag.end() :]
        case 2:
            start = chance.choice(tags)
            end = data.find(b"</" + start[2] + b">", start.end())
            element = data[start.start() : end + len(start[2]) + 3] if end > 0 else start[0]
            at = chance.choice(tags).end()
            return data[:at] + element * chance.choice((1, 2, 20)) + data[at:]
        case 3:
            name = chance.choice(tags)[2]
            at, deep = chance.choice(tags).end(), chance.choice((3, 60, 3000))
            return data[:at] + (b"<" + name + b">") * deep + (b"</" + name + b">") * deep + data[at:]
        case 4 if values := list(re.finditer(rb'="([^"]*)"', data)):
            value = chance.choice(values)
            other = chance.choice(
                (*(v[1] for v in values[:50]), b"-1", b"0", b"99999999999", b"1e999", b"", b"x" * 5000, *NASTY)
            )
            return data[: value.start(1)] + other + data[value.end(1) :]
        case 5 if texts := list(re.finditer(rb">([^<]+)<", data)):
            text = chance.choice(texts)
            return data[: text.start(1)] + changed(text[1], chance, others, XML) + data[text.end(1) :]
    return changed(data, chance, others, XML)


def drawn(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """A pdf: an object dropped, doubled or exchanged, a number or a reference changed, a stream unpacked, changed and packed again."""
    objects = list(re.finditer(rb"\d+ \d+ obj\b.*?endobj", data, re.DOTALL))
    match chance.randrange(8) if objects else 7:
        case 0:
            one = chance.choice(objects)
            return data[: one.start()] + data[one.end() :]
        case 1:
            one, other = chance.choice(objects), chance.choice(objects)
            return data[: one.start()] + other[0] + data[one.end() :]
        case 2:
            number = chance.choice(list(re.finditer(rb"-?\d+(?:\.\d+)?", data)))
            other = chance.choice(
                (
                    b"0",
                    b"-1",
                    b"1",
                    b"65536",
                    b"2147483648",
                    b"9" * 30,
                    b"1e9",
                    b"0.0000001",
                    str(chance.randrange(20)).encode(),
                )
            )
            return data[: number.start()] + other + data[number.end() :]
        case 3 if references := list(re.finditer(rb"\d+ 0 R", data)):
            one = chance.choice(references)
            return data[: one.start()] + str(chance.randrange(len(objects) + 2)).encode() + b" 0 R" + data[one.end() :]
        case 4 | 5 if streams := list(re.finditer(rb"stream\r?\n(.*?)endstream", data, re.DOTALL)):
            one = chance.choice(streams)
            return data[: one.start(1)] + _packed_again(one[1], chance, others) + data[one.end(1) :]
        case 6 if names := list(re.finditer(rb"/\w+", data)):
            one = chance.choice(names)
            return data[: one.start()] + chance.choice((*(n[0] for n in names[:80]), *PDF)) + data[one.end() :]
    return changed(data, chance, others, PDF)


def _packed_again(stream: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    try:
        inside = zlib.decompress(stream)
    except zlib.error:
        return changed(stream, chance, others, PDF)
    return zlib.compress(changed(inside, chance, others, PDF)) + b"\n"


def taking(ending: str, folder: Path) -> Take:
    """A file as it is taken in: read, cut, screened, and written as the shelf writes it."""
    from copilot.errors import CopilotError
    from guardrails.injection import quarantine
    from knowledge_base.ingest.intake import Taking, seen

    how = Taking(lambda text: quarantine(text)[1], NOW)
    path = folder / f"paper{ending}"

    def take(data: bytes) -> str:
        path.write_bytes(data)
        try:
            paper = seen(path, path.name, how)
        except CopilotError as error:
            said = str(error)
            if len(said.splitlines()) != 1 or not said.startswith(path.name):
                raise Fault(f"not one line that names the file: {said!r}") from error
            if _LOST.search(said.encode("utf-8", "replace")):
                raise Fault(f"it took more than it should: {said}") from error
            return "refused"
        if any(not 0 <= piece.start < piece.end <= len(paper.text) for piece in paper.cuts):
            raise Fault("a passage lies outside the text")
        json.dumps(asdict(paper), ensure_ascii=False, default=date.isoformat).encode()
        return "read"

    return take


_MADE: dict[str, Callable[[Path], list[bytes]]] = {
    ".txt": lambda _f: [papers.STATUTE.encode(), papers.STATUTE.encode("gb18030"), papers.STATUTE.encode("utf-16")],
    ".md": lambda _f: [
        "# 保管箱\n\n按尺寸收费。\n\n| 尺寸 | 年费 |\n| --- | --- |\n| 小 | 300元 |\n\n```\n代码\n```\n\n## 须知\n- 带身份证\n1. 本人到场\n".encode(),
        papers.STATUTE.encode(),
    ],
    ".html": lambda f: [
        papers.page(f / "seed.html").read_bytes(),
        "<table><tr><td>甲<table><tr><td>乙</td></tr></table></td></tr></table><dl><dt>问</dt><dd>答<br>二</dd></dl>".encode(),
    ],
    ".csv": lambda _f: ["问题,答案,部门\n能换美元吗,能，先预约。,外汇\n".encode(), '网点;额度\n"城,东";500000\n城西;0.5\n'.encode(), "a\tb\n1\t2\n".encode("utf-16")],
    ".docx": lambda f: [papers.word(f / "seed.docx").read_bytes(), _numbered(f / "numbered.docx")],
    ".xlsx": lambda f: [papers.workbook(f / "seed.xlsx").read_bytes(), _styled(f / "styled.xlsx")],
    ".pdf": lambda f: [papers.pdf(f / "seed.pdf").read_bytes(), _page(f / "page.pdf"), papers.pdf(f / "locked.pdf", locked=True).read_bytes()],
}  # fmt: skip


def _numbered(path: Path) -> bytes:
    """Lists with Word's own numbers."""
    import docx

    document = docx.Document()
    for style in ("List Number", "List Number 2", "List Bullet", "Heading 1", "Normal"):
        document.add_paragraph("第一项内容", style=style)
    table = document.add_table(rows=2, cols=3)
    table.cell(0, 0).merge(table.cell(1, 1)).text = "合并"
    document.save(str(path))
    return path.read_bytes()


def _styled(path: Path) -> bytes:
    """Percentages, days, merged cells, a formula."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    for row in (("日期", "利率", "净值"), (date(2026, 11, 22), 0.0152, "=1+1"), (NOW, True, None)):
        sheet.append(row)
    sheet["B2"].number_format = '0.00%;[Red]-0.00%;"零"'
    sheet.merge_cells("A4:C5")
    sheet["A4"] = "合并"
    book.save(path)
    return path.read_bytes()


def _page(path: Path) -> bytes:
    """A small page with a ruled table, its streams open."""
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path), pageCompression=0)
    for y in (700, 720, 740):
        canvas.line(100, y, 300, y)
    for x in (100, 200, 300):
        canvas.line(x, 700, x, 740)
    for x, y, said in ((110, 725, "fee"), (210, 725, "rate"), (110, 705, "care"), (210, 705, "0.20%")):
        canvas.drawString(x, y, said)
    canvas.drawString(100, 650, "1.1 Terms")
    canvas.save()
    return path.read_bytes()


def _of(words: Sequence[bytes]) -> Change:
    def change(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
        made = changed(data, chance, others, words)
        # bytes that are no text are refused at once: mostly something else is to be tried
        return made if chance.random() < 0.2 else made.decode("utf-8", "replace").replace("\x00", "").encode()

    return change


_OURS = ("knowledge_base.ingest", "knowledge_base.tables", "knowledge_base.chunk")
_CHANGES: dict[str, tuple[Change, tuple[str, ...]]] = {
    ".txt": (_of(TEXT), _OURS),
    ".md": (_of(MARKDOWN), _OURS),
    ".html": (_of(HTML), _OURS),
    ".csv": (_of(ROWS), _OURS),
    ".docx": (packed, (*_OURS, "docx")),
    ".xlsx": (packed, (*_OURS, "openpyxl.reader", "openpyxl.worksheet")),
    ".pdf": (drawn, (*_OURS, "pdfminer")),
}
TARGETS = {
    f"papers{ending}": Target(_MADE[ending], change, partial(taking, ending), watched)
    for ending, (change, watched) in _CHANGES.items()
}
