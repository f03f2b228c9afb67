"""Web pages: headings, paragraphs, list items and table rows that a person would see; scripts and hidden parts stay out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from copilot.errors import InputError
from knowledge_base.ingest.blocks import Paper, Writer
from knowledge_base.ingest.marks import heading_level
from knowledge_base.ingest.rows import write_rows
from knowledge_base.tables import Line, check_size, decoded

_LEFT_OUT = {
    "script",
    "style",
    "noscript",
    "template",
    "nav",
    "header",
    "footer",
    "svg",
    "iframe",
    "form",
    "button",
    "head",
}
_HEADINGS = {f"h{n}": n for n in range(1, 7)}
_LINES = {"p", "li", "dt", "dd", "blockquote", "pre", "div", "section", "article", "main", "body", "td", "figcaption"}
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0(?![.\d])", re.IGNORECASE
)
_DEEPEST = 200


def read_html(path: Path) -> Paper:
    """An html file. InputError when nothing in it can be read."""
    check_size(path)
    from lxml import etree
    from lxml import html as parser

    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", decoded(path))
    try:
        tree = parser.document_fromstring(text) if text.strip() else None
    except (etree.LxmlError, ValueError) as error:
        raise InputError(f"{path.name}: not a web page ({error})") from error
    if tree is None:
        raise InputError(f"{path.name}: empty")
    writer = Writer()
    _walk(tree, writer, 0)
    title = tree.findtext(".//title") or ""
    return writer.paper(" ".join(title.split()))


def _walk(node: Any, writer: Writer, depth: int) -> None:
    """Blocks of a node, in order. Deeper than any real page, what is left is taken as one text."""
    if not isinstance(node.tag, str) or node.tag in _LEFT_OUT or _hidden(node):
        return
    if node.tag in _HEADINGS:
        writer.add("heading", _said(node), level=_HEADINGS[node.tag])
        return
    if node.tag == "table" and node.find(".//table") is None:
        write_rows(writer, _table(node))
        return
    if depth > _DEEPEST or not any(
        isinstance(n.tag, str) and (n.tag in _LINES or n.tag in _HEADINGS or n.tag in ("table", "ul", "ol", "dl", "tr"))
        for n in node.iterdescendants()
    ):
        _add(writer, _said(node))
        return
    _add(writer, node.text or "")
    for child in node:
        _walk(child, writer, depth + 1)
        _add(writer, child.tail or "")


def _add(writer: Writer, text: str) -> None:
    """Text, line by line; a line numbered as a heading is one."""
    for line in text.split("\n"):
        flat = " ".join(line.split())
        level = heading_level(flat)
        writer.add("heading" if level else "text", flat, level=level)


def _hidden(node: Any) -> bool:
    style = node.get("style") or ""
    return node.get("hidden") is not None or node.get("aria-hidden") == "true" or bool(_HIDDEN.search(style))


def _said(node: Any) -> str:
    """The visible text of a node; a line break is one."""
    if not isinstance(node.tag, str) or node.tag in _LEFT_OUT or _hidden(node):
        return ""
    parts = [" ".join((node.text or "").split("\n"))]
    for child in node:
        parts.append("\n" if child.tag == "br" else _said(child))
        parts.append(" ".join((child.tail or "").split("\n")))
    return "".join(parts)


def _table(node: Any) -> list[Line]:
    lines = []
    for number, row in enumerate(node.iter("tr"), 1):
        cells = tuple(" ".join(_said(cell).split()) for cell in row if cell.tag in ("td", "th"))
        if any(cells):
            lines.append(Line(number, cells))
    return lines
