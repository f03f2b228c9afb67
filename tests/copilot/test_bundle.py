"""A bundled model that is not the released one stops the start, with one line that names the file."""

from __future__ import annotations

import random
import shutil

import pytest

from copilot import bundle
from copilot.bundle import LIST, demand_whole, write_list
from copilot.errors import SettingsError
from copilot.settings import Settings, packaged
from copilot.wiring import App
from knowledge_base.embed import load_embedder

FOLDERS = ("embedder", "intent", "guard", "ledger", "drafter")


@pytest.fixture
def bundled(tmp_path, monkeypatch):
    """A copy of the bundled models that a test may spoil, taken for the real ones."""
    copy = shutil.copytree(packaged("copilot", "bundled"), tmp_path / "bundled")
    monkeypatch.setattr(bundle, "packaged", lambda *_: copy)
    return copy


def test_the_released_models_are_whole():
    for name in FOLDERS:
        demand_whole(packaged("copilot", "bundled", name))


@pytest.mark.parametrize("name", FOLDERS)
def test_one_bit_is_enough(bundled, name):
    chance = random.Random(name)
    for path in sorted(p for p in (bundled / name).rglob("*") if p.is_file()):
        good = path.read_bytes()
        place = chance.randrange(len(good))
        path.write_bytes(good[:place] + bytes([good[place] ^ 1 << chance.randrange(8)]) + good[place + 1 :])
        with pytest.raises(SettingsError, match=rf"{path.name}: damaged or changed.*restore"):
            demand_whole(bundled / name)
        path.write_bytes(good)
    demand_whole(bundled / name)


@pytest.mark.parametrize("damage", ["gone", "cut", "empty", "nonsense"])
def test_a_missing_file_or_list_is_one_line(bundled, damage):
    if damage == "gone":
        (bundled / "embedder" / "tokenizer.json").unlink()
    else:
        text = (bundled / LIST).read_text()
        (bundled / LIST).write_text({"cut": text[:64], "empty": "", "nonsense": "x\n"}[damage])
    with pytest.raises(SettingsError) as told:
        demand_whole(bundled / "embedder")
    assert "\n" not in str(told.value)
    assert "restore" in str(told.value)


def test_a_banks_own_folder_needs_no_list(tmp_path):
    demand_whole(tmp_path)


def test_training_lists_what_it_made(bundled):
    (bundled / "ledger" / "weights.npz").write_bytes(b"another")
    write_list(bundled)
    demand_whole(bundled / "ledger")


def test_the_parts_ask(bundled, tmp_path, monkeypatch):
    for folder, part in (("intent", "classifier"), ("ledger", "ledger"), ("guard", "guard")):
        with (bundled / folder / "manifest.json").open("a") as note:
            note.write(" ")
        place = bundled / folder
        monkeypatch.setattr(
            Settings, {"intent": "classifier_dir"}.get(folder, f"{folder}_dir"), property(lambda _, p=place: p)
        )
        with pytest.raises(SettingsError, match="damaged"):
            getattr(App(Settings(data=tmp_path / "var")), part)
    with (bundled / "embedder" / "modules.json").open("a") as note:
        note.write(" ")
    with pytest.raises(SettingsError, match="damaged"):
        load_embedder(bundled / "embedder")
