"""Approved replies that the bank added at the desk: a file of scripts beside the content, checked as the content is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from copilot.errors import ContentError
from knowledge_base.checks import Placed, check_script
from knowledge_base.document import script_document
from knowledge_base.load import Content
from knowledge_base.schema import ScriptEntry, ScriptFile
from knowledge_base.source import Source


@dataclass(frozen=True)
class Added:
    """The file, which need not be there. It is written whole or not at all."""

    path: Path

    @property
    def stamp(self) -> int:
        """Another number whenever it was written."""
        try:
            return self.path.stat().st_mtime_ns
        except OSError:
            return 0

    def scripts(self) -> tuple[ScriptEntry, ...]:
        """The replies; ContentError for a file that is damaged."""
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return ()
        except (OSError, ValueError) as error:
            raise ContentError(
                str(self.path), f"damaged ({type(error).__name__}); remove it: it is made again from the record"
            ) from error
        source = Source(self.path, str(self.path), data, {})
        scripts = source.parse(ScriptFile).scripts
        for place, script in enumerate(scripts):
            check_script(Placed(script, source, ("scripts", place)))
        return scripts


def read_script(data: Mapping[str, Any]) -> ScriptEntry:
    """One reply, checked; ContentError says what is wrong with it."""
    source = Source(Path(str(data.get("id"))), str(data.get("id")), dict(data), {})
    script = source.parse(ScriptEntry)
    check_script(Placed(script, source, ()))
    return script


def with_scripts(content: Content, added: Added) -> Content:
    """The content and the added replies as one; ContentError when one has the id of a document."""
    scripts = added.scripts()
    if not scripts:
        return content
    known = {d.id for d in content.documents}
    for script in scripts:
        if script.id in known:
            raise ContentError(script.id, "is a document of the content and an added reply; rename one")
    told = sha256("\n".join(s.model_dump_json() for s in scripts).encode()).hexdigest()
    return replace(
        content,
        version=sha256(f"{content.version}+{told}".encode()).hexdigest(),
        scripts=(*content.scripts, *scripts),
        documents=(*content.documents, *map(script_document, scripts)),
    )
