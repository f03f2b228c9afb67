"""The exception tree. Every message is one line that says what to do next.

CopilotError
├── SettingsError        a setting, file or folder is wrong: the start is refused
├── ContentError         a knowledge, rule, prompt or case file is wrong (names file and line)
├── InputError           what a person or program sent cannot be used
│   ├── CaseRefused          a case of compliance is not as it was seen, or not for this person
│   └── AccountRefused       an act on an account, or a new password, cannot be done
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
├── TooMany              a person acts faster than the bank's setting allows
├── ReleaseRefused       the guard holds the text; only compliance may go on
├── IdentityError        the bank's own sign-in (OIDC) did not answer, refused, or said what cannot be trusted
└── AccessDenied         not signed in, or not this role's business
    └── OwnText              nobody decides on a text of his own
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType


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


class CaseRefused(InputError):
    """A case is not as it was seen, or not for this person now. `why` is a word of the closed set below, `who` whom it concerns."""

    WHY = ("changed", "decided", "taken", "escalated", "ordinary", "yours", "not_yours", "not_for")

    def __init__(self, why: str, who: str = "") -> None:
        if why not in self.WHY:
            raise ValueError(f"{why!r} is not a reason")
        self.why, self.who = why, who
        super().__init__(f"case: {why}{f' ({who})' if who else ''}; look at it again")


class AccountRefused(InputError):
    """An act on an account cannot be done. `why` is a word of the closed set below; the message says it on the command line."""

    WHY: Mapping[str, str] = MappingProxyType(
        {
            "unknown": "no such user; see `advisor-copilot user list`",
            "taken": "this name is taken; choose another, or give its owner a new password",
            "name": "a user name is up to 64 letters, digits, dots, hyphens, underscores or @",
            "role": "choose one of advisor, compliance, trainer, admin",
            "yourself": "nobody closes her own account or changes her own role; another administrator does",
            "last_admin": "this is the last administrator; make another one first",
            "short": "a password has at least 10 characters",
            "long": "a password has at most 128 characters",
            "alike": "a password is neither the user name nor one character over and over",
            "same": "the new password is the old one; choose another",
            "wrong": "the old password is wrong, or the account is locked",
            "elsewhere": "this person signs in through the bank's own sign-in and has no password here",
        }
    )

    def __init__(self, why: str, who: str = "") -> None:
        self.why, self.who = why, who
        noun = "role" if why == "role" else "user"
        super().__init__(f"{f'{noun} {who}: ' if who else ''}{self.WHY[why]}")


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


class TooMany(CopilotError):
    """Faster than the bank's setting allows. `seconds` is how long to wait."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"too many at once: try again in {seconds} s")


class ReleaseRefused(CopilotError):
    """The guard holds the text."""


class IdentityError(CopilotError):
    """The bank's own sign-in failed. `why` is a word of the closed set below."""

    WHY = ("unreachable", "refused", "untrusted", "no_role", "taken", "closed")

    def __init__(self, why: str, what: str) -> None:
        if why not in self.WHY:
            raise ValueError(f"{why!r} is not a reason")
        self.why = why
        super().__init__(f"serve.oidc: {what}")


class AccessDenied(CopilotError):
    """Not signed in, or not this role's business."""


class OwnText(AccessDenied):
    """Nobody decides on a text of his own."""
