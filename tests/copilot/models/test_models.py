"""Which chat model the settings give; what it imports; the fake."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage
from tiny import make_tiny

import copilot.models
from copilot.drafting.grammar import validate
from copilot.errors import ModelCancelled, ModelTimeout, ModelUnavailable, SettingsError
from copilot.models import build_chat
from copilot.models.chat import LlamaChat
from copilot.models.hashing import beside, record, sha256_of, verified
from copilot.models.scripted import FakeChat
from copilot.settings import ModelSettings

ASK = [HumanMessage("您好")]
SOURCES = sorted(Path(copilot.models.__file__).parent.glob("*.py"))


# --- building ------------------------------------------------------------------------------------------------------


def test_the_settings_reach_the_model(tiny: Path, tmp_path: Path) -> None:
    settings = ModelSettings(context=512, threads=1, max_tokens=17, temperature=0.9, timeout_s=3, queue=2)
    chat = build_chat(settings, tiny, "a" * 64, validate, tmp_path)
    assert isinstance(chat, LlamaChat)
    assert (chat.max_tokens, chat.temperature) == (17, 0.9)
    e = chat.embedded
    assert (e.context, e.threads, e.timeout_s, e.queue, e.sha256) == (512, 1, 3, 2, "a" * 64)
    assert not chat.ready, "nothing is loaded before it is asked for"
    assert chat.info().detail == ""


def test_a_small_model_gets_one_thread_unless_told(tiny: Path) -> None:
    def threads(settings: ModelSettings) -> int:
        chat = build_chat(settings, tiny, None, None, None)
        assert isinstance(chat, LlamaChat)
        return chat.embedded.threads

    assert threads(ModelSettings()) == 1
    assert threads(ModelSettings(threads=2)) == 2


def test_the_context_is_no_longer_than_trained_unless_told(tmp_path: Path) -> None:
    path = make_tiny(tmp_path / "short.gguf", context=600)

    def context(settings: ModelSettings) -> int:
        return build_chat(settings, path, None, None, None).info().context

    assert context(ModelSettings()) == 600
    assert context(ModelSettings(context=900)) == 900


def test_a_missing_file_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.gguf"):
        build_chat(ModelSettings(), tmp_path / "none.gguf", None, None, None)


def test_scripted_means_no_model() -> None:
    chat = build_chat(ModelSettings(kind="scripted"), Path(), None, None, None)
    assert not chat.ready
    chat.start()
    with pytest.raises(ModelUnavailable, match="scripts"):
        chat.invoke(ASK)
    chat.close()


def test_info_tells_the_file_that_was_loaded(shared: LlamaChat, tiny: Path) -> None:
    info = shared.info()
    assert (info.name, info.path, info.sha256, info.context) == ("tiny", str(tiny), sha256_of(tiny), 2048)
    assert info.ready
    assert info.detail == ""


def test_tokens_are_counted_by_the_model(shared: LlamaChat, tiny: Path) -> None:
    assert shared.get_num_tokens("您好产品") == 2
    assert build_chat(ModelSettings(), tiny, None, None, None).get_num_tokens("您好产品") == 6


# --- imports -------------------------------------------------------------------------------------------------------


def test_llama_cpp_is_imported_in_one_module() -> None:
    found = [p.name for p in SOURCES if re.search(r"^\s*(import|from) llama_cpp", p.read_text("utf-8"), re.MULTILINE)]
    assert found == ["llama.py"]


def test_the_process_imports_little() -> None:
    code = "import sys, copilot.models.worker; print([m for m in ('langchain_core', 'pydantic', 'torch') if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_the_copilot_imports_no_llama() -> None:
    code = "import sys, copilot.models.chat; print('llama_cpp' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"


# --- the hash ------------------------------------------------------------------------------------------------------


def test_a_hash_given_wins_over_one_recorded(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(b"x")
    digest = sha256_of(path)
    assert verified(path, "") == digest
    record(path, "0" * 64)
    assert verified(path, digest.upper()) == digest
    with pytest.raises(SettingsError, match="expected 000"):
        verified(path, "")


def test_a_record_that_is_no_hash(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(b"x")
    beside(path).write_text("what")
    with pytest.raises(SettingsError, match="sha256sum"):
        verified(path, "")


# --- the fake ------------------------------------------------------------------------------------------------------


def test_the_fake_says_and_keeps() -> None:
    chat = FakeChat(replies=("一", ModelTimeout("late"), "三"))
    assert chat.invoke(ASK, grammar="g", seed=3).text == "一"
    with pytest.raises(ModelTimeout):
        chat.invoke(ASK)
    assert chat.invoke(ASK).text == "三"
    assert chat.invoke(ASK).text == "一"
    assert chat.asked[0][1] == {"grammar": "g", "seed": 3}


def test_the_fake_can_be_slow_and_withdrawn() -> None:
    cancel = threading.Event()
    cancel.set()
    begun = time.monotonic()
    with pytest.raises(ModelCancelled):
        FakeChat(replies=("一",), delay_s=5).invoke(ASK, cancel=cancel)
    assert time.monotonic() - begun < 1
