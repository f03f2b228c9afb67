"""An advisor's browser without its screen: signs in, opens the page, clicks, and reads what the page is sent."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

EVENTS = {"load": ("load", None), "generate": ("click", "generate"), "check": ("change", "editor"), "release": ("click", "release"), "go": ("click", "go")}  # fmt: skip


@dataclass(frozen=True)
class Page:
    """What of Gradio's configuration of the page is needed to click: events by name, outputs by the area's id."""

    events: dict[str, int]
    outputs: dict[str, int]
    fields: dict[str, int]
    """How many fields an event reads; those not told are empty."""


class Busy(Exception):
    """The desk said when to come again."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"busy for {seconds} s")


class Browser:
    """One advisor. `timeout` is how long he waits for anything."""

    def __init__(self, url: str, page: Page | None = None, timeout: float = 60.0) -> None:
        self.client = httpx.Client(base_url=url, timeout=timeout, follow_redirects=False, trust_env=False)
        self.page = page
        self.session = secrets.token_hex(6)
        self.opened, self.text, self.candidate = "", "", ""

    def sign_in(self, name: str, password: str) -> None:
        """By the form, as a person does."""
        form = _fine(self.client.get("/login")).text
        found = re.search(r'name="csrf" value="([^"]+)"', form)
        assert found
        answer = self.client.post("/login", data={"name": name, "password": password, "csrf": found.group(1)})
        if answer.status_code != 303:
            _fine(answer)
            raise AssertionError(f"sign-in of {name}: {answer.status_code}")

    def open(self) -> None:
        """The page and what fills it."""
        _fine(self.client.get("/advisor/", headers={"accept": "text/html"}))
        if self.page is None:
            self.page = read_page(_fine(self.client.get("/advisor/config")).json())
        self._take(self.click("load", []))

    def ask(self, said: str) -> dict[str, Any]:
        """Paste a message and have suggestions made."""
        self._take(found := self.click("generate", [self.opened, said, "warm"]))
        return found

    def adopt(self, number: int) -> None:
        """Take a candidate into the editor."""
        self._take(self.click("go", [self.opened, f"adopt-{number}"]))

    def check(self, text: str) -> dict[str, Any]:
        """Type in the editor; unqueued, as the page does it."""
        assert self.page
        body = {
            "data": [self.opened, text, self.candidate],
            "fn_index": self.page.events["check"],
            "session_hash": self.session,
        }
        return dict(_fine(self.client.post("/advisor/gradio_api/run/predict", json=body)).json())

    def release(self) -> dict[str, Any]:
        """Send what the editor holds."""
        self._take(found := self.click("release", [self.opened, self.text, self.candidate]))
        return found

    def click(self, event: str, data: list[Any]) -> dict[str, Any]:
        """An event from click to its last word: the areas it changed, by id."""
        last: dict[str, Any] = {}
        with self.clicked(event, data) as messages:
            for message in messages:
                if message.get("msg") == "process_generating":  # the first is whole, those after it are differences
                    self._take(self.areas(message))
                last = message
        if last.get("msg") != "process_completed" or not last.get("success"):
            raise AssertionError(f"{event}: {last.get('msg')} {last.get('output')}")
        return self.areas(last)

    @contextmanager
    def clicked(self, event: str, data: list[Any]) -> Iterator[Iterator[dict[str, Any]]]:
        """An event as it goes on; leaving the block drops the connection."""
        assert self.page
        told = [*data, *[""] * (self.page.fields[event] - len(data))]
        body = {"data": told, "fn_index": self.page.events[event], "session_hash": self.session}
        _fine(self.client.post("/advisor/gradio_api/queue/join", json=body))
        with self.client.stream(
            "GET", "/advisor/gradio_api/queue/data", params={"session_hash": self.session}
        ) as answer:
            _fine(answer)
            yield _messages(answer)

    def areas(self, message: dict[str, Any]) -> dict[str, Any]:
        """What a completed event put into the areas."""
        assert self.page
        data = (message.get("output") or {}).get("data") or []
        return {name: data[place] for name, place in self.page.outputs.items() if place < len(data)}

    def _take(self, areas: dict[str, Any]) -> None:
        for name, held in (("opened", "opened"), ("editor", "text"), ("candidate", "candidate")):
            if isinstance(areas.get(name), str):
                setattr(self, held, areas[name])


def read_page(config: dict[str, Any]) -> Page:
    """The events of the advisor's page by name, and where its areas stand among their outputs."""
    names = {c["id"]: c.get("props", {}).get("elem_id") for c in config["components"]}
    events: dict[str, int] = {}
    outputs: dict[str, int] = {}
    fields: dict[str, int] = {}
    for dependency in config["dependencies"]:
        for target, kind in dependency["targets"]:
            for name, wanted in EVENTS.items():
                if (kind, names.get(target)) == wanted:
                    events[name], fields[name] = dependency["id"], len(dependency["inputs"])
        if len(dependency["outputs"]) > len(outputs):
            outputs = {names[o]: n for n, o in enumerate(dependency["outputs"]) if names.get(o)}
    assert set(events) == set(EVENTS), events
    return Page(events, outputs, fields)


def _messages(answer: httpx.Response) -> Iterator[dict[str, Any]]:
    for line in answer.iter_lines():
        if line.startswith("data:"):
            message = json.loads(line[5:])
            if message.get("msg") in ("process_generating", "process_starts"):
                yield message
            elif message.get("msg") in ("process_completed", "unexpected_error", "server_stopped"):
                yield message
                return


def _fine(answer: httpx.Response) -> httpx.Response:
    if answer.status_code in (429, 503):
        raise Busy(int(answer.headers["retry-after"]))
    if answer.status_code != 200:
        raise AssertionError(f"{answer.request.url.path}: {answer.status_code}")
    return answer
