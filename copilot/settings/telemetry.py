"""Settings of metrics and traces, both off unless the bank sets them."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from copilot.settings.strict import LOOPBACK, Strict

TRACES_PATH = "/v1/traces"
"""Where a collector takes traces by OTLP over HTTP, unless the address says otherwise."""


class TelemetrySettings(Strict):
    """What may be read of, or sent from, a running desk: counts and times in closed words. Tokens stand in environment variables."""

    metrics: bool = Field(False, description="whether Prometheus may read metrics, at an address of their own")
    metrics_host: str = Field("127.0.0.1", description="where; another than loopback needs a token")
    metrics_port: int = Field(9464, ge=1, le=65535)
    metrics_token_env: str = Field("", description="environment variable of the token that a reader must show")
    traces_url: str | None = Field(None, description="OTLP/HTTP address of the bank's collector; none when empty")
    traces_token_env: str = Field("", description="environment variable of the token that the collector wants")
    traces_ca: Path | None = Field(None, description="file of the bank's own certificate authority")
    traces_share: float = Field(1.0, gt=0, le=1, description="share of the suggestions that are traced")

    @field_validator("traces_url")
    @classmethod
    def _whole_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
            raise ValueError("must be an http or https address, such as http://127.0.0.1:4318")
        if parts.username or parts.password:
            raise ValueError("must hold no password; name a token's variable in telemetry.traces_token_env")
        return parts._replace(path=parts.path if parts.path.strip("/") else TRACES_PATH, fragment="").geturl()

    @model_validator(mode="after")
    def _guarded(self) -> TelemetrySettings:
        if self.metrics and self.metrics_host not in LOOPBACK and not self.metrics_token_env:
            raise ValueError("metrics_host other than loopback needs metrics_token_env")
        address = urlsplit(self.traces_url or "")
        if self.traces_token_env and address.scheme == "http" and address.hostname not in LOOPBACK:
            raise ValueError("a token goes to an https address only; correct traces_url")
        return self
