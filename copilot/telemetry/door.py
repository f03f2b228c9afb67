"""The address where metrics are read: not the desk's own, which every advisor's browser reaches."""

from __future__ import annotations

import http.server
import secrets
import socket
import threading
from collections.abc import Callable
from typing import Any

from copilot.errors import SettingsError
from copilot.settings import LOOPBACK, TelemetrySettings

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_AT_ONCE = 4
"""Readers at one time; one more is sent away."""
_PATIENCE_S = 5.0


class Door:
    """Answers GET /metrics and nothing else. Without a token only who is on this machine, and calls it so, is answered."""

    def __init__(self, settings: TelemetrySettings, token: str, text: Callable[[], bytes]) -> None:
        self._host, self._port = settings.metrics_host, settings.metrics_port
        self._token, self._text = token.encode(), text
        self._server: _Server | None = None

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.server_address[1] if self._server else self._port

    def open(self) -> None:
        """Listen. SettingsError when the address cannot be used."""
        made = _V6Server if ":" in self._host else _Server
        try:
            self._server = made((self._host, self._port), self._handler())
        except OSError as error:
            raise SettingsError(
                f"telemetry: {self._host}:{self._port} cannot be used ({error.strerror}); choose another "
                "telemetry.metrics_port, one for each web process of a machine"
            ) from error
        threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def refusal(self, headers: Any) -> int:
        """0 for who may read, else the status to answer with."""
        if self._token:
            shown = headers.get("authorization", "").encode()
            return 0 if secrets.compare_digest(shown, b"Bearer " + self._token) else 401
        # a page of elsewhere may have its name resolve to this machine: the browser then names that page
        return 0 if _named(headers.get("host", "")) in LOOPBACK else 403

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        door = self

        class Handler(http.server.BaseHTTPRequestHandler):
            timeout = _PATIENCE_S
            error_message_format = "%(code)d\n"
            error_content_type = "text/plain"

            def version_string(self) -> str:
                return "advisor-copilot"

            def log_message(self, format: str, *args: Any) -> None:
                """Scrapes are not logged, and what a stranger sends is not either."""

            def do_GET(self) -> None:
                status = door.refusal(self.headers)
                if not status and self.path.split("?")[0] != "/metrics":
                    status = 404
                body = b"" if status else door._text()
                self.send_response(status or 200)
                if status == 401:
                    self.send_header("WWW-Authenticate", "Bearer")
                self.send_header("Content-Type", CONTENT_TYPE)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "no-store")
                self.send_header("X-Content-Type-Options", "nosniff")
                self.end_headers()
                self.wfile.write(body)

        return Handler


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type[http.server.BaseHTTPRequestHandler]) -> None:
        self._places = threading.BoundedSemaphore(_AT_ONCE)
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A reader that went away is nobody's concern."""


class _V6Server(_Server):
    address_family = socket.AF_INET6


def _named(host: str) -> str:
    """The name in a Host header, without its port."""
    return host[1:].split("]")[0] if host.startswith("[") else host.split(":")[0]
