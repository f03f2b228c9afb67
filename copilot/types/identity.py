"""Who somebody is by the word of the bank's own sign-in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Identity:
    """A person the provider vouches for. `subject` is its issuer and its number for the person; the name may change, that does not."""

    subject: str
    name: str
    display: str
    role: Literal["advisor", "compliance", "trainer", "admin"]
