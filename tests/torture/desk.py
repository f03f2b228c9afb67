"""Faults of connections: advisors who go away in the middle, and clients that read or write a byte at a time."""

from __future__ import annotations

import random
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import uvicorn

sys.path.insert(0, str(Path(__file__).parents[1] / "ui"))

from fake_app import PASSWORD, FakeApp

from tests.torture.browser import Browser
from tests.torture.row import Row, Watch, counted
from ui.app import create_app

MESSAGE = "我那笔半年的理财好像这周五到期，到时候钱会自动回到卡里吗"


@contextmanager
def served(folder: Path, pause: float = 0.0) -> Iterator[tuple[FakeApp, str]]:
    """The desk over the invented product, on a port of this machine."""
    app = FakeApp(folder, suggestions_a_minute=100_000, actions_a_minute=100_000).people()
    app.drafter.pause = pause
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        config = uvicorn.Config(create_app(app), log_level="error", access_log=False, timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        try:
            yield app, f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(20)


def dropped(folder: Path, tries: int, seed: int) -> Row:
    """The connection dropped while suggestions stream in, at a random step; the advisor comes back and goes on."""
    chance, outcomes, watch = random.Random(seed), Counter[str](), Watch()
    with served(folder, pause=0.05) as (app, url):
        browser = Browser(url)
        browser.sign_in("li", PASSWORD)
        browser.open()
        for _ in range(tries):
            browser.session = f"{chance.getrandbits(40):x}"
            with browser.clicked("generate", ["", MESSAGE, "warm"]) as messages:
                for step, _message in enumerate(messages):
                    if step >= chance.randrange(4):
                        break
            browser.client.close()
            watch.begin()
            again = Browser(url, browser.page)
            again.client.cookies = browser.client.cookies
            again.open()
            areas = again.ask(MESSAGE)
            watch.end()
            outcomes["served at once again" if "到账" in str(areas.get("cards")) else "no suggestion"] += 1
            browser = again
        result = app.record.verify()
        assert result.ok
        proposals = len(app.record.read(kinds=("proposal",)))
    assert outcomes == {"served at once again": tries}
    return Row("the connection dropped while suggestions stream in", tries, f"{counted(outcomes)}; {proposals} proposals recorded, the chain whole", watch.longest, seed)  # fmt: skip


def slow(folder: Path, tries: int, seed: int) -> Row:
    """So many clients that send their request a byte at a time, or never read the answer, while an advisor works."""
    chance = random.Random(seed)
    with served(folder) as (app, url):
        browser = Browser(url, timeout=30)
        browser.sign_in("li", PASSWORD)
        browser.open()
        alone = _times(browser)
        port = int(url.rpartition(":")[2])
        held: list[socket.socket] = []
        stop = threading.Event()
        cookie = "; ".join(f"{c.name}={c.value}" for c in browser.client.cookies.jar)

        def dribble() -> None:
            for byte in b"GET /login HTTP/1.1\r\nHost: x\r\nX-Slow: " + b"y" * 10_000:
                for one in list(held)[::2]:
                    with suppress(OSError):
                        one.send(bytes([byte]))
                if stop.wait(0.1):
                    return

        for n in range(tries):
            one = socket.create_connection(("127.0.0.1", port), timeout=5)
            if n % 2:  # asks for the page and never reads it
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
                path = chance.choice(("/advisor/", "/advisor/config"))
                one.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n".encode())
            held.append(one)
        thread = threading.Thread(target=dribble, daemon=True)
        thread.start()
        beside = _times(browser)
        stop.set()
        thread.join(10)
        for one in held:
            one.close()
        assert app.record.verify().ok
    told = f"an advisor's suggestion took {max(alone):.2f} s at most alone and {max(beside):.2f} s beside them; none refused"
    assert max(beside) < 10
    return Row("clients that write a byte at a time or never read", tries, told, None, seed)


def _times(browser: Browser) -> list[float]:
    found = []
    for _ in range(5):
        watch = Watch()
        assert "到账" in str(browser.ask(MESSAGE).get("cards"))
        found.append(watch.end())
    return found
