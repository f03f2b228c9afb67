from __future__ import annotations

import os
import shutil
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn

sys.path.insert(0, str(Path(__file__).parents[1] / "ui"))

from fake_app import PASSWORD, FakeApp

from ui.app import create_app

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
REAL = os.environ.get("DESK_APP") == "real"
"""With DESK_APP=real the tests drive the wired product instead of the fake one."""
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@dataclass
class Served:
    """A running desk. `fake` is None when the product is the real one."""

    url: str
    app: Any
    fake: FakeApp | None
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def _product(folder: Path) -> tuple[Any, FakeApp | None]:
    if not REAL:
        fake = FakeApp(folder).people()
        return fake, fake
    from copilot.settings import Settings
    from copilot.wiring import build

    app = build(Settings(data=folder))
    for name, role in (("li", "advisor"), ("chen", "compliance"), ("zhou", "trainer")):
        app.users.add(name, role, name, PASSWORD)
    return app, None


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """A desk on a port of its own; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(create_app(app), "127.0.0.1", port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started:
        assert time.monotonic() < deadline, "the desk did not start"
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)
    server.force_exit = True


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    app, fake = _product(tmp_path)
    with serving(app) as url:
        yield Served(url, app, fake)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    if shutil.which(CHROMIUM) is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"no Chromium at {CHROMIUM}: install it, CI does not skip the browser")
        pytest.skip(f"no Chromium at {CHROMIUM}: apt-get install chromium, or set CHROMIUM")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield found
        found.close()


@pytest.fixture(autouse=True)
def pages_closed(request: pytest.FixtureRequest) -> Iterator[None]:
    """A page left open goes on asking its desk; dozens of them are load on every test after."""
    yield
    if "browser" in request.fixturenames:
        for context in request.getfixturevalue("browser").contexts:
            context.close()
