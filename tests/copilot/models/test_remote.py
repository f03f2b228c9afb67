"""A model at a server: a real llama_cpp.server, and servers that misbehave."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from copilot.drafting import ModelDrafter, ScriptedDrafter
from copilot.drafting.grammar import build, conforms, validate
from copilot.errors import (
    GrammarError,
    ModelBusy,
    ModelCancelled,
    ModelError,
    ModelTimeout,
    ModelUnavailable,
    SettingsError,
)
from copilot.models import build_chat
from copilot.models.remote import RemoteChat
from copilot.pipeline import propose
from copilot.prompting import load_prompt
from copilot.settings import ModelSettings, Settings, packaged
from tests.copilot.fakes import Library, line, said

ASK = [SystemMessage("您是助手"), HumanMessage("您好，王女士的秘密")]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def chat_at(url: str, **settings: Any) -> RemoteChat:
    made = build_chat(ModelSettings(kind="remote", base_url=url, **settings), Path(), None, validate, None)
    assert isinstance(made, RemoteChat)
    return made


# --- a real server -------------------------------------------------------------------------------------------------


@contextmanager
def serving(model: Path, alias: str) -> Iterator[str]:
    """A real llama_cpp.server with a model, and its address."""
    port = free_port()
    arguments = [
        "--model",
        str(model),
        "--model_alias",
        alias,
        "--port",
        str(port),
        "--n_ctx",
        "1024",
        "--n_threads",
        "1",
        "--n_threads_batch",
        "1",
    ]
    arguments += ["--interrupt_requests", "false"]  # else a second request ends the first one's stream
    process = subprocess.Popen(
        [sys.executable, "-m", "llama_cpp.server", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def server(tiny: Path) -> Iterator[str]:
    with serving(tiny, "tiny") as url:
        yield url


def test_the_bundled_drafter_drafts_through_a_server() -> None:
    with serving(Settings().drafter_path, "drafter") as url:
        chat = chat_at(url, name="drafter", timeout_s=60, first_token_timeout_s=60)
        assert chat.wait_ready(60)
        template = load_prompt(packaged("prompts", "draft-bundled.md"))
        drafter = ModelDrafter(chat, template, ScriptedDrafter(Library()), tries=4)
        proposal = propose(replace(line(), drafter=drafter), said())
        chat.close()
    written = [c for c in proposal.candidates if c.origin == "model"]
    assert written
    assert all(conforms(c.template, [cited.reference for cited in c.citations]) for c in written)


@pytest.fixture(scope="module")
def real(server: str) -> Iterator[RemoteChat]:
    chat = chat_at(server, name="tiny", timeout_s=60, first_token_timeout_s=60)
    assert chat.wait_ready(60)
    yield chat
    chat.close()


def test_it_says_what_it_is(real: RemoteChat) -> None:
    info = real.info()
    assert (info.name, info.ready, info.detail) == ("tiny", True, "")


def test_max_tokens_is_honoured(real: RemoteChat) -> None:
    reply = real.invoke(ASK, max_tokens=6, seed=1)
    assert reply.response_metadata["finish_reason"] == "length"
    assert len(reply.text.encode()) < 6 * 12
    assert real.invoke(ASK, max_tokens=6, seed=1).text == reply.text


def test_the_grammar_binds(real: RemoteChat) -> None:
    assert real.invoke(ASK, grammar='root ::= "您好" "。"\n', max_tokens=9).text == "您好。"
    text = real.invoke(ASK, grammar=build(["甲.期限"]), max_tokens=40, temperature=1.5).text
    assert text
    assert not any(c.isdigit() or c.isspace() for c in text)


def test_stop_and_stream(real: RemoteChat) -> None:
    fixed = 'root ::= "您好" "，" "请问" "。"\n'
    assert "".join(c.text for c in real.stream(ASK, grammar=fixed)) == "您好，请问。"
    assert real.invoke(ASK, grammar=fixed, stop=["请问"]).text == "您好，"


def test_an_invalid_grammar_is_not_sent(real: RemoteChat) -> None:
    with pytest.raises(GrammarError):
        real.invoke(ASK, grammar="root ::= [")


def test_a_prompt_too_long_is_our_error(real: RemoteChat) -> None:
    with pytest.raises(ModelError):
        real.invoke([HumanMessage("您好" * 2000)])
    assert real.invoke(ASK, max_tokens=3).text is not None


def test_an_unknown_name_is_refused(real: RemoteChat, server: str) -> None:
    with pytest.raises(SettingsError, match=r"model\.name.*tiny"):
        chat_at(server, name="other").wait_ready(10)


def test_without_a_name_the_servers_first_is_asked(real: RemoteChat, server: str) -> None:
    chat = chat_at(server, timeout_s=60, first_token_timeout_s=60)
    assert chat.wait_ready(10)
    assert chat.info().name == "tiny"
    assert chat.invoke(ASK, max_tokens=3).response_metadata["model_name"] == "tiny"


def test_several_at_once(real: RemoteChat) -> None:
    with ThreadPoolExecutor(3) as pool:
        texts = [f.result().text for f in [pool.submit(real.invoke, ASK, max_tokens=8, seed=2) for _ in range(3)]]
    assert len(set(texts)) == 1


# --- servers that misbehave ----------------------------------------------------------------------------------------

Answer = Callable[[BaseHTTPRequestHandler], None]


class Odd:
    """A server that gives one answer to everything and keeps the bodies and headers it got."""

    def __init__(self, answer: Answer) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        odd = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                odd.bodies.append(json.loads(self.rfile.read(length)))
                odd.headers.append(dict(self.headers))
                answer(self)

            def log_message(self, *_: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def odd() -> Iterator[Callable[[Answer], Odd]]:
    made: list[Odd] = []

    def make(answer: Answer) -> Odd:
        made.append(Odd(answer))
        return made[-1]

    yield make
    for one in made:
        one.server.shutdown()
        one.server.server_close()


def status(code: int, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        body = b'{"error": {"message": "you sent: secret", "type": "x"}}'
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def event(text: str, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return f"data: {json.dumps(chunk)}\n\n".encode()


def events(*parts: bytes | float) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.end_headers()
        try:
            for part in parts:
                if isinstance(part, float):
                    time.sleep(part)
                else:
                    handler.wfile.write(part)
                    handler.wfile.flush()
        except OSError:
            pass

    return answer


DONE = b"data: [DONE]\n\n"


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (400, ModelError),
        (401, ModelUnavailable),
        (403, ModelUnavailable),
        (404, ModelUnavailable),
        (429, ModelBusy),
        (500, ModelUnavailable),
        (503, ModelUnavailable),
    ],
)
def test_errors_are_ours_and_quote_nothing(odd: Any, code: int, error: type[ModelError]) -> None:
    server = odd(status(code))
    with pytest.raises(error) as caught:
        chat_at(server.url).invoke(ASK)
    assert type(caught.value) is error
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(server.bodies) == 1, "no retry"


def test_a_redirect_is_not_followed(odd: Any) -> None:
    other = odd(events(event("您好", "stop"), DONE))
    server = odd(status(307, Location=other.url + "/chat/completions"))
    with pytest.raises(ModelError):
        chat_at(server.url).invoke(ASK)
    assert other.bodies == []


def test_nothing_listens() -> None:
    begun = time.monotonic()
    with pytest.raises(ModelUnavailable, match="no model server answers"):
        chat_at(f"http://127.0.0.1:{free_port()}/v1").invoke(ASK)
    assert time.monotonic() - begun < 1.5


@pytest.mark.parametrize("end", [(), (DONE,)], ids=["closed", "ended without a reason"])
def test_half_a_reply_is_no_reply(odd: Any, end: tuple[bytes, ...]) -> None:
    server = odd(events(event("您"), *end))
    with pytest.raises(ModelUnavailable, match="broke off"):
        chat_at(server.url).invoke(ASK)


def test_the_first_token_is_waited_for_only_so_long(odd: Any) -> None:
    server = odd(events(2.0, event("您好", "stop"), DONE))
    begun = time.monotonic()
    with pytest.raises(ModelTimeout, match="first_token"):
        chat_at(server.url, first_token_timeout_s=0.2).invoke(ASK)
    assert time.monotonic() - begun < 1


def test_the_whole_is_waited_for_only_so_long(odd: Any) -> None:
    server = odd(events(*[part for _ in range(30) for part in (event("您"), 0.1)], DONE))
    with pytest.raises(ModelTimeout, match=r"model\.timeout_s"):
        chat_at(server.url, timeout_s=0.5).invoke(ASK)


def test_withdrawn_while_the_server_is_silent(odd: Any) -> None:
    cancel = threading.Event()
    server = odd(events(2.0, event("您好", "stop"), DONE))
    threading.Timer(0.1, cancel.set).start()
    begun = time.monotonic()
    with pytest.raises(ModelCancelled):
        chat_at(server.url).invoke(ASK, cancel=cancel)
    assert time.monotonic() - begun < 1


def test_no_more_at_once_than_the_queue_allows(odd: Any) -> None:
    server = odd(events(0.6, event("您好", "stop"), DONE))
    chat = chat_at(server.url, queue=1)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(chat.invoke, ASK)
        while not server.bodies:
            time.sleep(0.01)
        with pytest.raises(ModelBusy):
            chat.invoke(ASK)
        assert first.result().text == "您好"


GRAMMAR = 'root ::= "您"\n'


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("grammar", {"grammar": GRAMMAR, "chat_template_kwargs": {"enable_thinking": False}}),
        (
            "structured_outputs",
            {"structured_outputs": {"grammar": GRAMMAR}, "chat_template_kwargs": {"enable_thinking": False}},
        ),
        ("none", {}),
    ],
)
def test_what_is_sent(odd: Any, monkeypatch: pytest.MonkeyPatch, field: Any, expected: dict[str, Any]) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    server = odd(events(event("您好", "stop"), DONE))
    chat_at(server.url, name="m", grammar_field=field).invoke(ASK, grammar=GRAMMAR, max_tokens=7, seed=5, temperature=0)
    (body,) = server.bodies
    fixed = {"model": "m", "max_tokens": 7, "seed": 5, "temperature": 0, "stream": True}
    assert {k: body[k] for k in fixed} == fixed
    assert {k: body[k] for k in ("grammar", "structured_outputs", "chat_template_kwargs") if k in body} == expected
    assert [m["role"] for m in body["messages"]] == ["system", "user"]
    assert "sk-of-another" not in json.dumps(server.headers)


@pytest.mark.parametrize("url", [None, "10.0.0.5:8000", "ftp://host/v1", "http:///v1"])
def test_an_address_is_needed(url: str | None) -> None:
    with pytest.raises(SettingsError, match=r"model\.base_url"):
        build_chat(ModelSettings(kind="remote", base_url=url), Path(), None, None, None)
