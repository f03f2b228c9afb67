"""The meter of a desk whose bank reads metrics, or traces, or both."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot.meter import UNHEARD, Gauges, Span, closed
from copilot.settings import TelemetrySettings
from copilot.telemetry import token
from copilot.telemetry.door import Door
from copilot.telemetry.metrics import Metrics

if TYPE_CHECKING:  # who reads metrics alone loads no OpenTelemetry
    from copilot.telemetry.traces import Traces

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Heard:
    """A span that never lets an error of the library out, nor a word that is not closed in."""

    span: Span

    def tell(self, **said: str | int) -> None:
        try:
            self.span.tell(**{k: closed(k, v) if isinstance(v, str) else int(v) for k, v in said.items()})
        except Exception:
            _failed()

    def end(self, error: BaseException | None = None) -> None:
        try:
            self.span.end(error)
        except Exception:
            _failed()


class Telemetry:
    """Satisfies `copilot.meter.Meter`. What goes wrong in here is told once in the log and disturbs nothing."""

    def __init__(self, metrics: Metrics | None, door: Door | None, traces: Traces | None) -> None:
        self._metrics, self._door, self._traces = metrics, door, traces

    @classmethod
    def of(cls, settings: TelemetrySettings) -> Telemetry:
        """As the settings want it. Nothing is bound or sent yet."""
        metrics = Metrics() if settings.metrics else None
        door = Door(settings, token(settings, "metrics_token_env"), metrics.text) if metrics else None
        if settings.traces_url is None:
            return cls(metrics, door, None)
        from copilot.telemetry.traces import Traces

        return cls(metrics, door, Traces(settings))

    def count(self, what: str, **labels: str) -> None:
        """One more."""
        if self._metrics is not None:
            try:
                self._metrics.count(what, **_closed(labels))
            except Exception:
                _failed()

    def time(self, what: str, seconds: float, **labels: str) -> None:
        """How long it took."""
        if self._metrics is not None:
            try:
                self._metrics.time(what, seconds, **_closed(labels))
            except Exception:
                _failed()

    def begin(self, name: str, within: Span | None = None) -> Span:
        """A span, where traces are set."""
        if self._traces is None:
            return UNHEARD
        try:
            return _Heard(self._traces.begin(name, within.span if isinstance(within, _Heard) else None))
        except Exception:
            _failed()
            return UNHEARD

    def open(self, gauges: Gauges) -> None:
        """Open the door to whoever reads metrics."""
        if self._metrics is not None and self._door is not None:
            self._metrics.read(gauges)
            self._door.open()

    def close(self) -> None:
        """Shut it; send the last spans."""
        if self._door is not None:
            self._door.close()
        if self._traces is not None:
            self._traces.close()


def _closed(labels: dict[str, str]) -> dict[str, str]:
    return {label: closed(label, word) for label, word in labels.items()}


_told: set[str] = set()


def _failed() -> None:
    """Say once in this process that telemetry failed, with kind and place."""
    if "failed" not in _told:
        _told.add("failed")
        log.exception("telemetry failed and goes on; the desk is not touched")
