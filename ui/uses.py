"""How often what the bank knows was used: releases that cited a document or came from a script."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from copilot.records import RecordStore

COUNTED = 5000
"""The newest releases that are counted."""


@dataclass
class Uses:
    """How often each document was cited and each script used in a release. Counted from the record, each entry once."""

    documents: Counter[str] = field(default_factory=Counter)
    scripts: Counter[str] = field(default_factory=Counter)
    through: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, record: RecordStore) -> Uses:
        """Up to the newest release."""
        with self._lock:
            for entry in record.read(kinds=("release",), newest=COUNTED, since=self.through):
                self.through = entry.sequence
                told = entry.payload or {}
                if told.get("candidate") is not None:
                    self._add(record, entry.conversation, (told.get("proposal"), told["candidate"]))
        return self

    def _add(self, record: RecordStore, conversation: str, place: tuple[object, object]) -> None:
        for entry in record.read(conversation=conversation, kinds=("candidate",)):
            told = entry.payload or {}
            if (told.get("proposal"), told.get("index")) == place:
                used: Any = told["candidate"]
                self.documents.update({c["document"] for c in used["citations"]})
                self.scripts.update([used["script"]] if used["script"] else [])
