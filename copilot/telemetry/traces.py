"""One trace a piece of work, a span a stage, kept in a bounded queue and sent from a thread of their own."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from importlib.metadata import version

from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span as VendorSpan
from opentelemetry.trace import Status, StatusCode, set_span_in_context

from copilot.meter import Span, closed
from copilot.settings import TelemetrySettings
from copilot.telemetry.collector import Collector

_KEPT, _AT_ONCE, _EVERY_MS = 2048, 512, 2000
"""Spans kept while they wait; of more, the oldest are dropped. How many are sent together, and how often."""


@dataclass(frozen=True)
class TracedSpan:
    """A span. An error's message may quote the customer, so only its kind is kept."""

    vendor: VendorSpan

    def tell(self, **said: str | int) -> None:
        """Add attributes."""
        for key, value in said.items():
            self.vendor.set_attribute(f"copilot.{key}", value)

    def end(self, error: BaseException | None = None) -> None:
        """It is over."""
        if error is not None:
            self.vendor.set_attribute("error.type", closed("error", type(error).__name__))
            self.vendor.set_status(Status(StatusCode.ERROR))
        self.vendor.end()


class Traces:
    """A provider of its own: nothing global is set, so that no library adds spans of what it sees."""

    def __init__(self, settings: TelemetrySettings) -> None:
        logging.getLogger("opentelemetry.sdk").setLevel(logging.CRITICAL)  # a line for every span that finds no room
        self._collector = Collector(settings)
        self._provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(settings.traces_share)),
            resource=Resource({"service.name": "advisor-copilot", "service.version": version("advisor-copilot")}),
            span_limits=SpanLimits(max_span_attributes=32, max_events=0, max_links=0),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(
            BatchSpanProcessor(self._collector, _KEPT, _EVERY_MS, _AT_ONCE, export_timeout_millis=_EVERY_MS)
        )
        self._tracer = self._provider.get_tracer("advisor-copilot")

    def begin(self, name: str, within: Span | None) -> TracedSpan:
        """A span, within another or the first of a trace."""
        context = set_span_in_context(within.vendor, Context()) if isinstance(within, TracedSpan) else Context()
        return TracedSpan(self._tracer.start_span(name, context))

    def close(self) -> None:
        """Send what is left, for a few seconds at most."""
        self._collector.last()
        self._provider.shutdown()
