"""Sends spans to the bank's collector by OTLP over HTTP: one try, a few seconds, and what was not taken is gone."""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Sequence

import httpx
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from copilot.errors import SettingsError
from copilot.settings import TelemetrySettings
from copilot.telemetry import token

log = logging.getLogger(__name__)
_PATIENCE_S = 5.0
_LAST_S = 3.0
"""How long the spans left at the end may take."""


class Collector(SpanExporter):
    """No redirect followed, no proxy of the environment used. A failure is one line in the log until it is over."""

    def __init__(self, settings: TelemetrySettings) -> None:
        if settings.traces_url is None:
            raise SettingsError("telemetry.traces_url: needed for traces")
        self._url = settings.traces_url
        shown = token(settings, "traces_token_env")
        try:
            trust = ssl.create_default_context(cafile=str(settings.traces_ca) if settings.traces_ca else None)
        except OSError as error:
            raise SettingsError(f"telemetry.traces_ca: {settings.traces_ca} cannot be read; name a PEM file") from error
        headers = {"content-type": "application/x-protobuf", "user-agent": "advisor-copilot"}
        self._client = httpx.Client(
            verify=trust,
            trust_env=False,
            headers=headers | ({"authorization": f"Bearer {shown}"} if shown else {}),
        )
        self._lost = 0
        self._until: float | None = None

    def greet(self) -> None:
        """Send nothing, to see whether it would be taken. SettingsError when not."""
        why = self._sent(b"", _PATIENCE_S)
        self._client.close()
        if why:
            raise SettingsError(
                f"telemetry.traces_url: {self._url} takes no traces ({why}); start the collector or correct the address"
            )

    def last(self) -> None:
        """What comes from now on has a few seconds together."""
        self._until = time.monotonic() + _LAST_S

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch, in the thread of the processor that keeps them."""
        left = _PATIENCE_S if self._until is None else min(_PATIENCE_S, self._until - time.monotonic())
        why = self._sent(encode_spans(spans).SerializeToString(), left) if left > 0 else "too late"
        if why and not self._lost:
            log.warning("spans do not reach telemetry.traces_url (%s); they are dropped until they do", why)
        if not why and self._lost:
            log.warning("spans reach telemetry.traces_url again; %d were dropped", self._lost)
        self._lost = self._lost + len(spans) if why else 0
        return SpanExportResult.FAILURE if why else SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        """Close the connection."""
        self._client.close()

    def _sent(self, body: bytes, seconds: float) -> str:
        """What went wrong, in one word; "" when it was taken."""
        try:
            answer = self._client.post(self._url, content=body, timeout=seconds)
        except (httpx.HTTPError, httpx.InvalidURL, RuntimeError) as error:  # RuntimeError: closed meanwhile
            return type(error).__name__
        return "" if answer.is_success else f"HTTP {answer.status_code}"
