"""Metrics for Prometheus and traces by OpenTelemetry: the one place that knows either, and imports neither until the bank sets it.

meter = open_meter(settings.telemetry)      # SILENT when nothing is set
meter.open(gauges), meter.close()
"""

from __future__ import annotations

import os

from copilot.errors import SettingsError
from copilot.meter import SILENT, Meter
from copilot.settings import TelemetrySettings

SHORTEST_TOKEN = 16


def open_meter(settings: TelemetrySettings) -> Meter:
    """Who hears what the desk does. SettingsError when a token or a certificate that was named is not there."""
    if not settings.metrics and settings.traces_url is None:
        return SILENT
    from copilot.telemetry.telemetry import Telemetry

    return Telemetry.of(settings)


def token(settings: TelemetrySettings, key: str) -> str:
    """The token in the environment variable that a setting names; "" when it names none."""
    name: str = getattr(settings, key)
    if not name:
        return ""
    found = os.environ.get(name, "")
    if len(found) < SHORTEST_TOKEN or not found.isascii() or not found.isprintable():
        raise SettingsError(
            f"telemetry.{key}: the environment variable {name} holds no token of at least {SHORTEST_TOKEN} plain characters; set it"
        )
    return found


def described(settings: TelemetrySettings) -> str:
    """What is set, for `doctor`; SettingsError when it cannot work or the collector does not take what it is sent."""
    said = []
    if settings.metrics:
        shown = "for whoever shows the token" if token(settings, "metrics_token_env") else "for this machine"
        said.append(f"metrics at http://{settings.metrics_host}:{settings.metrics_port}/metrics {shown}")
    if settings.traces_url is not None:
        from copilot.telemetry.collector import Collector

        Collector(settings).greet()
        said.append(f"traces to {settings.traces_url}")
    return "; ".join(said) or "off"
