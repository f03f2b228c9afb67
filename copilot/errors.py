"""The exception tree. Every message is one line that says what to do next.

CopilotError
├── SettingsError        a setting, file or folder is wrong: the start is refused
├── ContentError         a knowledge, rule, prompt or case file is wrong (names file and line)
├── InputError           what a person or program sent cannot be used
├── ModelError
│   ├── ModelUnavailable     no model process answers (missing, crashed, still starting)
│   ├── ModelTimeout         the model took longer than the setting allows
│   ├── ModelBusy            the queue is full: try again in a moment
│   └── ModelCancelled       the person withdrew the request
├── GrammarError         a grammar is not of our own form and was not sent to the model
├── GuardError           the guard could not read a text: the text is held
├── IndexMissing         no index, or one that does not match the content or embedder
├── RecordError          the record could not be written or read: the text is held
│   └── ChainBroken          an entry does not follow from the one before
├── ReleaseRefused       the guard holds the text; only compliance may go on
└── AccessDenied         not signed in, or not this role's business
"""

from __future__ import annotations


class CopilotError(Exception):
    """Base of everything this product raises on purpose."""


class SettingsError(CopilotError):
    """A setting, file or folder is wrong; the start is refused."""


class ContentError(CopilotError):
    """A content file is wrong. `where` is `file` or `file:line`."""

    def __init__(self, where: str, what: str) -> None:
        self.where = where
        self.what = what
        super().__init__(f"{where}: {what}")


class InputError(CopilotError):
    """What was sent cannot be used; nothing was changed."""


class ModelError(CopilotError):
    """The model gave no usable answer; the scripted drafter takes over."""


class ModelUnavailable(ModelError):
    """No model process answers."""


class ModelTimeout(ModelError):
    """The model took longer than the setting allows."""


class ModelBusy(ModelError):
    """The model's queue is full."""


class ModelCancelled(ModelError):
    """The request was withdrawn."""


class GrammarError(CopilotError):
    """A grammar is not of our own form and was not sent to the model."""


class GuardError(CopilotError):
    """The guard could not read a text, so the text is held."""


class IndexMissing(CopilotError):
    """No index, or one that does not match content or embedder."""


class RecordError(CopilotError):
    """The record could not be written or read; the text is held."""


class ChainBroken(RecordError):
    """An entry of the record does not follow from the one before. `sequence` is the first broken entry."""

    def __init__(self, sequence: int, what: str) -> None:
        self.sequence = sequence
        super().__init__(f"entry {sequence}: {what}")


class ReleaseRefused(CopilotError):
    """The guard holds the text."""


class AccessDenied(CopilotError):
    """Not signed in, or not this role's business."""
