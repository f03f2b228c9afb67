"""What every group of settings is made of."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Strict(BaseModel):
    """A group of settings; an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)
