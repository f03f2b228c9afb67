"""The model's process: dies, hangs, is withdrawn, refused; the copilot goes on."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from copilot.drafting.grammar import build, validate
from copilot.errors import (
    GrammarError,
    ModelBusy,
    ModelCancelled,
    ModelError,
    ModelTimeout,
    ModelUnavailable,
    SettingsError,
)
from copilot.models import process as spawning_process
from copilot.models.chat import LlamaChat
from copilot.models.frames import FrameReader, send_frame
from copilot.models.hashing import beside, record
from copilot.models.process import Embedded

LONG = 1500
"""Tokens of a reply that is still being written when a test interferes."""
ASK = [HumanMessage("您好")]
Make = Callable[..., LlamaChat]


@pytest.fixture
def make(tiny: Path, tmp_path: Path) -> Iterator[Make]:
    made: list[LlamaChat] = []

    def build_one(**limits: Any) -> LlamaChat:
        values: dict[str, Any] = {
            "path": tiny,
            "log_dir": tmp_path,
            "threads": 1,
            "timeout_s": 60,
            "first_token_timeout_s": 60,
            "ready_wait_s": 30,
        }
        chat = LlamaChat(embedded=Embedded(**(values | limits)), validate_grammar=validate, temperature=0.8)
        made.append(chat)
        return chat

    yield build_one
    for chat in made:
        chat.close()


def pid(chat: LlamaChat) -> int:
    return chat.process.running(30).process.pid


def alive(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(true: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while not (done := true()) and time.monotonic() < end:
        time.sleep(0.01)
    return done


# --- death and restart ---------------------------------------------------------------------------------------------


def test_killed_in_mid_stream_is_unavailable_at_once_and_answers_again(make: Make) -> None:
    chat = make()
    stream = chat.stream(ASK, max_tokens=LONG)
    next(stream)
    first = pid(chat)
    os.kill(first, signal.SIGKILL)
    begun = time.monotonic()
    with pytest.raises(ModelUnavailable, match="started again"):
        list(stream)
    assert time.monotonic() - begun < 1
    assert chat.invoke(ASK, max_tokens=4).text
    assert pid(chat) != first


def test_killed_between_requests(make: Make) -> None:
    chat = make()
    chat.invoke(ASK, max_tokens=2)
    os.kill(pid(chat), signal.SIGKILL)
    try:  # the death is noticed either now or before
        chat.invoke(ASK, max_tokens=2)
    except ModelUnavailable:
        assert chat.invoke(ASK, max_tokens=2).text


def test_a_process_that_keeps_dying_is_refused_at_once(make: Make) -> None:
    chat = make(ready_wait_s=0.05)
    assert chat.wait_ready(30)
    for _ in range(3):
        until(lambda: chat.process.state in ("ready", "waiting"))
        if chat.process.state == "ready":
            os.kill(pid(chat), signal.SIGKILL)
            until(lambda: chat.process.state != "ready")
    assert until(lambda: chat.process.state == "waiting")
    begun = time.monotonic()
    with pytest.raises(ModelUnavailable, match="next start"):
        chat.invoke(ASK)
    assert time.monotonic() - begun < 0.5


def test_ends_with_its_parent(tiny: Path) -> None:
    code = (
        "import sys,time;from pathlib import Path;from copilot.models.process import *;"
        f"p=ModelProcess(Embedded(Path({str(tiny)!r})));p.wait_ready(60);r=p.running(1);"
        "print(r.process.pid,r.spec.socket,flush=True);time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        number, path = parent.stdout.readline().split()
    assert alive(int(number))
    parent.kill()
    parent.wait()
    assert until(lambda: not alive(int(number)))
    assert not Path(path).parent.exists()


def test_close_ends_the_process_and_removes_the_socket(make: Make) -> None:
    chat = make()
    running = chat.process.running(30)
    chat.close()
    assert running.process.poll() is not None
    assert not Path(running.spec.socket).parent.exists()
    with pytest.raises(ModelUnavailable, match="closed"):
        chat.invoke(ASK)


# --- the file ------------------------------------------------------------------------------------------------------


def test_another_hash_is_refused_before_loading(make: Make) -> None:
    chat = make(sha256="0" * 64)
    with pytest.raises(SettingsError, match="SHA-256") as caught:
        chat.wait_ready(30)
    assert "\n" not in str(caught.value)
    with pytest.raises(ModelUnavailable, match="SHA-256"):
        chat.invoke(ASK)
    assert chat.info().detail == str(caught.value)


def test_the_hash_recorded_beside_the_file_counts(make: Make, tiny: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.gguf"
    copy.write_bytes(tiny.read_bytes())
    record(copy, "1" * 64)
    with pytest.raises(SettingsError, match="damaged"):
        make(path=copy).wait_ready(30)
    beside(copy).unlink()
    assert make(path=copy).wait_ready(30)


@pytest.mark.parametrize("content", [b"", b"not a model", b"GGUF\x03\x00\x00\x00" + b"\xff" * 64])
def test_a_broken_file_is_refused_with_one_line(make: Make, tmp_path: Path, content: bytes) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(content)
    with pytest.raises(SettingsError, match=r"broken\.gguf") as caught:
        make(path=broken).wait_ready(30)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_refused(make: Make, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"model\.path"):
        make(path=tmp_path / "none.gguf").wait_ready(30)


# --- time, queue, withdrawal ---------------------------------------------------------------------------------------


def test_total_time_is_limited(make: Make) -> None:
    chat = make(timeout_s=60)
    chat.invoke(ASK, max_tokens=2)
    first = pid(chat)
    object.__setattr__(chat.process, "embedded", replace(chat.embedded, timeout_s=0.15))
    with pytest.raises(ModelTimeout, match=r"model\.timeout_s"):
        chat.invoke(ASK, max_tokens=LONG)
    object.__setattr__(chat.process, "embedded", chat.embedded)
    assert chat.invoke(ASK, max_tokens=2).text
    assert pid(chat) == first, "a process that stops when told to is kept"


def test_a_hung_process_is_ended_and_replaced(make: Make) -> None:
    chat = make(first_token_timeout_s=0.3)
    assert chat.wait_ready(30)
    first = pid(chat)
    os.kill(first, signal.SIGSTOP)
    begun = time.monotonic()
    with pytest.raises(ModelTimeout, match="first_token"):
        chat.invoke(ASK, max_tokens=2)
    assert time.monotonic() - begun < 0.8
    assert until(lambda: not alive(first))
    object.__setattr__(chat.process, "embedded", replace(chat.embedded, first_token_timeout_s=30))
    assert chat.invoke(ASK, max_tokens=2).text


def test_a_full_queue_says_so(make: Make) -> None:
    chat = make(queue=1)
    stream = chat.stream(ASK, max_tokens=LONG)
    next(stream)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(chat.invoke, ASK, max_tokens=2)
        assert until(lambda: chat._asker.queue.waiting == 1)
        with pytest.raises(ModelBusy, match="already wait"):
            chat.invoke(ASK)
        stream.close()
        assert waiting.result(30).text


def test_waiting_too_long_is_a_timeout(make: Make) -> None:
    chat = make(timeout_s=30)
    stream = chat.stream(ASK, max_tokens=LONG)
    next(stream)
    object.__setattr__(chat.process, "embedded", replace(chat.embedded, timeout_s=0.1))
    with pytest.raises(ModelTimeout, match="busy"):
        chat.invoke(ASK)
    stream.close()


@pytest.mark.parametrize("prompt", ["您好", "产品期限" * 900], ids=["while writing", "while reading a long prompt"])
def test_withdrawn_at_once_and_the_process_stays(make: Make, prompt: str) -> None:
    chat = make(context=16384, timeout_s=60)
    assert chat.wait_ready(30)
    first, cancel = pid(chat), threading.Event()
    threading.Timer(0.1, cancel.set).start()
    begun = time.monotonic()
    with pytest.raises(ModelCancelled):
        chat.invoke([HumanMessage(prompt)], max_tokens=LONG, cancel=cancel)
    assert time.monotonic() - begun < 1
    assert chat.invoke(ASK, max_tokens=2).text
    assert pid(chat) == first


def test_a_withdrawn_request_does_not_wait_for_its_turn(make: Make) -> None:
    chat = make()
    stream = chat.stream(ASK, max_tokens=LONG)
    next(stream)
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(ModelCancelled):
        chat.invoke(ASK, cancel=cancel)
    stream.close()


async def test_cancelling_a_task_withdraws_the_request(make: Make) -> None:
    import asyncio

    chat = make()
    assert chat.wait_ready(30)
    task = asyncio.create_task(chat.ainvoke(ASK, max_tokens=LONG))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    begun = time.monotonic()
    assert (await chat.ainvoke(ASK, max_tokens=2)).text
    assert time.monotonic() - begun < 1


# --- answering -----------------------------------------------------------------------------------------------------


def test_two_threads_at_once(shared: LlamaChat) -> None:
    alone = shared.invoke(ASK, max_tokens=24, seed=5).text
    with ThreadPoolExecutor(4) as pool:
        texts = {f.result().text for f in [pool.submit(shared.invoke, ASK, max_tokens=24, seed=5) for _ in range(8)]}
    assert texts == {alone}


def test_the_prefix_is_kept(shared: LlamaChat) -> None:
    system = SystemMessage("您是理财经理的助手。" * 20)
    cold = shared.invoke([system, HumanMessage("第一个问题")], max_tokens=2)
    warm = shared.invoke([system, HumanMessage("另一个问题")], max_tokens=2)
    again = warm.usage_metadata["input_token_details"]["cache_read"]
    assert cold.usage_metadata["input_token_details"]["cache_read"] < 20
    assert again > 0.9 * warm.usage_metadata["input_tokens"]


def test_a_grammar_binds(shared: LlamaChat) -> None:
    reply = shared.invoke(ASK, grammar='root ::= "您好" "。"\n', max_tokens=9)
    assert reply.text == "您好。"
    assert reply.response_metadata["finish_reason"] == "stop"
    allowed = shared.invoke(ASK, grammar=build(["甲.期限"]), max_tokens=40, temperature=1.5).text
    assert not any(c.isdigit() or c.isspace() for c in allowed)


def test_a_grammar_not_of_our_form_is_not_sent(make: Make) -> None:
    chat = make()
    with pytest.raises(GrammarError):
        chat.invoke(ASK, grammar="root ::= [")
    assert chat.process.state == "stopped", "nothing was even started"


@pytest.mark.parametrize("grammar", ["root ::= missing", "root ::= [", "root ::= (" * 50, "what"])
def test_a_grammar_llama_cannot_read_does_not_end_the_process(make: Make, grammar: str) -> None:
    chat = make()
    object.__setattr__(chat.process, "validate", None)  # as if the parent's check were missing
    with pytest.raises(GrammarError):
        chat.invoke(ASK, grammar=grammar)
    first = pid(chat)
    assert chat.invoke(ASK, max_tokens=2).text
    assert pid(chat) == first


def test_a_validator_the_process_cannot_load_is_refused(tiny: Path) -> None:
    with pytest.raises(ValueError, match="function of a module"):
        LlamaChat(embedded=Embedded(tiny), validate_grammar=lambda text: text)


def test_a_prompt_too_long_says_so(shared: LlamaChat) -> None:
    with pytest.raises(ModelError, match=r"model\.context"):
        shared.invoke([HumanMessage("您好呀" * 3000)])


def test_what_a_customer_writes_is_no_control_token(shared: LlamaChat) -> None:
    def tokens(text: str) -> int:
        usage = shared.invoke([HumanMessage(text)], max_tokens=1).usage_metadata
        return int(usage["input_tokens"])

    assert tokens("<|im_end|>") - tokens("") > 5


def test_stop_texts_end_a_reply_and_are_not_part_of_it(shared: LlamaChat) -> None:
    text = shared.invoke(ASK, max_tokens=40, seed=1, temperature=1.0).text
    stop = text[5:7]
    cut = shared.invoke(ASK, max_tokens=40, seed=1, temperature=1.0, stop=[stop]).text
    assert cut == text[: text.index(stop)]
    streamed = "".join(c.text for c in shared.stream(ASK, max_tokens=40, seed=1, temperature=1.0, stop=[stop]))
    assert streamed == cut


def test_the_seed_decides_and_is_told(shared: LlamaChat) -> None:
    first = shared.invoke(ASK, max_tokens=20, temperature=1.5)
    seed = first.response_metadata["seed"]
    assert shared.invoke(ASK, max_tokens=20, temperature=1.5, seed=seed).text == first.text
    assert shared.invoke(ASK, max_tokens=20, temperature=1.5, seed=seed + 1).text != first.text


def test_an_unknown_keyword_is_refused(shared: LlamaChat) -> None:
    with pytest.raises(TypeError, match="max_token"):
        shared.invoke(ASK, max_token=3)


# --- the socket ----------------------------------------------------------------------------------------------------


def test_only_its_user_and_its_parent_get_an_answer(shared: LlamaChat) -> None:
    running = shared.process.running(30)
    path = Path(running.spec.socket)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.connect(str(path))
        send_frame(stranger, {"token": "guess", "op": "count", "text": "x"})
        with pytest.raises(EOFError):
            FrameReader(stranger).read(5)


def test_customers_words_are_not_logged(make: Make, tmp_path: Path) -> None:
    chat = make()
    chat.invoke([HumanMessage("王女士的秘密")], max_tokens=3)
    with pytest.raises(ModelError):
        chat.invoke([HumanMessage("王女士的秘密" * 2000)])
    chat.close()
    assert "秘密" not in (tmp_path / "model.log").read_text()


def test_closed_while_starting_ends_without_a_word(
    make: Make, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A start that finds its folder gone, because the model was closed meanwhile, is no error."""
    chat = make()
    process = chat.process
    begun, gone = threading.Event(), threading.Event()

    def spawn() -> object:
        begun.set()
        gone.wait(5)
        raise FileNotFoundError("the folder")

    monkeypatch.setattr(process, "_spawn", spawn)
    process.start()
    begun.wait(5)
    process._closing = True
    gone.set()
    keeper = process._keeper
    assert keeper is not None
    keeper.join(5)
    chat.close()
    assert "Traceback" not in capfd.readouterr().err


def test_no_process_to_be_had_is_waited_out(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many processes, no memory to fork, no file handle: it may pass, so it is tried again."""
    real, refusals = subprocess.Popen, [OSError(12, "Cannot allocate memory")] * 4

    def short(*args: Any, **kwargs: Any) -> Any:
        if refusals:
            raise refusals.pop()
        return real(*args, **kwargs)

    monkeypatch.setattr(spawning_process, "_BACKOFF_S", (0.0, 0.05))
    monkeypatch.setattr(subprocess, "Popen", short)
    chat = make()
    chat.start()
    deadline = time.monotonic() + 30
    while not chat.ready and time.monotonic() < deadline:
        time.sleep(0.05)
    assert refusals == []
    assert chat.invoke("您好", max_tokens=2).content


def test_hung_while_loading_it_is_ended_and_started_again(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    chat = make(load_s=0.0)
    chat.start()
    with pytest.raises(SettingsError, match="ended 3 times while loading"):
        chat.wait_ready(30)


def test_what_was_loaded_once_is_tried_for_ever(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine short of memory for a minute must not end the model for the day."""
    monkeypatch.setattr(spawning_process, "_BACKOFF_S", (0.0, 0.05))
    chat = make()
    assert chat.wait_ready(30)
    running = chat.process.running(5)
    monkeypatch.setattr(spawning_process, "says", lambda *_: False)
    running.process.kill()
    time.sleep(2.0)
    assert chat.process.state != "failed"
    monkeypatch.undo()
    deadline = time.monotonic() + 30
    while not chat.ready and time.monotonic() < deadline:
        time.sleep(0.05)
    assert chat.invoke("您好", max_tokens=2).content


def test_a_log_that_cannot_be_written_keeps_no_model_away(make: Make, tmp_path: Path) -> None:
    (tmp_path / "no-folder").write_text("a file stands here")
    assert make(log_dir=tmp_path / "no-folder").wait_ready(30)


@pytest.mark.parametrize("said", [b"\x00\x00\x00\x03{]}", b"\x00\x00\x00\x02[]", b"\xff\xff\xff\xff"])
def test_a_process_that_talks_nonsense_counts_as_gone(said: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(said)
        with pytest.raises(EOFError):
            FrameReader(ours).read(1)
