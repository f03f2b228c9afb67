"""Plain text as a PDF, in Chinese and English: a page a person reads and prints.

The font is one that readers bring along for simplified Chinese (STSong-Light), so none is packed in.
"""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate

_FONT, _EDGE = "STSong-Light", 56
_STYLE = ParagraphStyle("line", fontName=_FONT, fontSize=10.5, leading=17, wordWrap="CJK")


def as_pdf(lines: Iterable[str], title: str) -> bytes:
    """The lines on as many pages as they need, long ones broken. The same lines always give the same bytes."""
    registerFont(UnicodeCIDFont(_FONT))
    rows = [row for line in lines for row in line.split("\n")]
    _, pages = _made(rows, title, 0)
    return _made(rows, title, pages)[0]


def _made(rows: Iterable[str], title: str, pages: int) -> tuple[bytes, int]:
    """The file whose pages say that they are of so many, and how many there are."""
    file, made = BytesIO(), 0

    def foot(canvas: Canvas, _: SimpleDocTemplate) -> None:
        nonlocal made
        made = canvas.getPageNumber()
        canvas.setFont(_FONT, 8)
        canvas.drawCentredString(A4[0] / 2, _EDGE / 2, f"{made}/{pages}")

    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        title=_written(title),
        invariant=1,
        leftMargin=_EDGE,
        rightMargin=_EDGE,
        topMargin=_EDGE,
        bottomMargin=_EDGE,
    )
    # A paragraph without a letter has no height; a space that does not break has.
    told = [Paragraph(escape(_written(row)) or "\N{NO-BREAK SPACE}", _STYLE) for row in rows]
    document.build(told or [Paragraph("\N{NO-BREAK SPACE}", _STYLE)], onFirstPage=foot, onLaterPages=foot)
    return file.getvalue(), made


def _written(text: str) -> str:
    """The text with a square for what the font's encoding (UCS-2) has not. A tab is a space."""
    return "".join(c if ord(c) < 0x10000 and c.isprintable() else "□" for c in text.replace("\t", " "))
