"""The log of a running desk: one line a record, whatever it holds, and of an error its kind and place but not its words.

An error's message may quote what a customer wrote or a key that was sent; a line break in a name would forge a line.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from pathlib import Path

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LONGEST = 2000
_FRAMES = 8


class OneLine(logging.Formatter):
    """Time, level, logger, message; of an error its kind and the places it came through."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        said = self.formatMessage(self._told(record))
        error = record.exc_info[1] if record.exc_info else None
        line = f"{said} {_places(error)}" if error is not None else said
        return _CONTROL.sub(lambda found: repr(found.group())[1:-1], line)[:_LONGEST]

    def _told(self, record: logging.LogRecord) -> logging.LogRecord:
        record.message = record.getMessage()
        record.asctime = self.formatTime(record)
        return record


def log_in_lines() -> None:
    """Send every logger of this process, uvicorn's too, through one handler to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def _places(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    places = " < ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in reversed(frames))
    return f"[{type(error).__name__} at {places}]"
