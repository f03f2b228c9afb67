"""Faults of files: the bundled models and the index, damaged, cut or gone; model files that somebody made to do harm."""

from __future__ import annotations

import random
import shutil
import struct
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from unittest.mock import patch

from copilot import bundle
from copilot.bundle import demand_whole
from copilot.errors import IndexMissing, SettingsError
from copilot.models.gguf import read_header
from copilot.models.hashing import verified
from copilot.settings import KnowledgeSettings, Settings, packaged
from knowledge_base.build import Index, open_index
from knowledge_base.embed import load_embedder
from knowledge_base.library import ContentLibrary, load_library
from tests.knowledge_base.conftest import write_embedder
from tests.torture.record import flipped
from tests.torture.row import Row, Watch, counted

FOLDERS = ("drafter", "embedder", "guard", "intent", "ledger")


def damaged_models(folder: Path, tries: int, seed: int) -> Row:
    """One bit flipped in a bundled model file, in one of eleven the file cut: the start is refused with one line."""
    copy = Path(shutil.copytree(packaged("copilot", "bundled"), folder / "bundled"))
    files = [p for name in FOLDERS for p in sorted((copy / name).rglob("*")) if p.is_file()]
    chance, outcomes, watch = random.Random(seed), Counter[str](), Watch()
    with patch.object(bundle, "packaged", lambda *_: copy):
        for i in range(tries):
            path = chance.choice(files)
            good = path.read_bytes()
            path.write_bytes(good[: chance.randrange(len(good))] if i % 11 == 10 else flipped(good, chance))
            watch.begin()
            try:
                if path.suffix == ".gguf":
                    verified(path, "")
                else:
                    demand_whole(copy / path.relative_to(copy).parts[0])
                outcomes["unseen"] += 1
            except SettingsError as error:
                assert "\n" not in str(error)
                outcomes["refused at the start"] += 1
            watch.end()
            path.write_bytes(good)
    assert outcomes["unseen"] == 0
    assert watch.longest < 10
    return Row(f"a bit flipped in a bundled model ({len(files)} files), or the file cut", tries, counted(outcomes), None, seed)  # fmt: skip


def hostile_models(folder: Path, tries: int, seed: int) -> Row:
    """GGUF headers changed at random or made to claim gigabytes, safetensors that claim the same: one line, no memory, no hang."""
    chance, outcomes, watch = random.Random(seed), Counter[str](), Watch()
    drafter = packaged("copilot", "bundled", "drafter", "drafter.gguf").read_bytes()
    head, trial = drafter[:4096], folder / "trial.gguf"
    for i in range(tries):
        kind = i % 3
        if kind == 0:
            place, value = chance.randrange(4, len(head) - 8), chance.getrandbits(64)
            trial.write_bytes(head[:place] + struct.pack("<Q", value) + head[place + 8 :] + drafter[4096:200_000])
        elif kind == 1:
            trial.write_bytes(
                b"GGUF" + struct.pack("<IQQ", 3, 1, chance.choice((1, 1 << 16, 1 << 62))) + chance.randbytes(400)
            )
        else:
            trial.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + _nested(chance.randrange(1, 3000)))
        watch.begin()
        try:
            read_header(trial)
            outcomes["read: only the hash or llama.cpp can refuse it"] += 1
        except SettingsError as error:
            assert "\n" not in str(error)
            outcomes["refused"] += 1
        watch.end()
    assert watch.longest < 10
    for size in (0, 7, 1 << 20, 1 << 40, (1 << 64) - 1):
        own = write_embedder(folder / f"own-{size}")
        (own / "model.safetensors").write_bytes(struct.pack("<Q", size) + b'{"embedding.weight":')
        try:
            embedder = load_embedder(own)
            assert embedder is not None
            embedder.encode(["您好"])
            outcomes["unseen"] += 1
        except SettingsError as error:
            assert "\n" not in str(error)
            outcomes["refused"] += 1
    assert outcomes["unseen"] == 0
    return Row("hostile GGUF headers and safetensors", tries + 5, counted(outcomes), None, seed)


def _nested(depth: int) -> bytes:
    """A metadata key whose value is a list of a list of a list."""
    return struct.pack("<Q", 1) + b"k" + struct.pack("<I", 9) + struct.pack("<IQ", 9, 1) * depth


def damaged_index(folder: Path, tries: int, seed: int) -> Row:
    """The index gone, cut, flipped or pointing nowhere: refused in one line, built again at the next start."""
    settings, library = _small(folder)
    opened = open_index(settings, library)
    asked = _answers(opened)
    _close(opened)
    good = folder / "good"
    shutil.copytree(settings.index_dir, good)
    chance, outcomes, back = random.Random(seed), Counter[str](), Watch()
    rebuilt = 0
    for i in range(tries):
        what = DAMAGES[i % len(DAMAGES)]
        what(settings.index_dir, chance)
        try:
            index = open_index(settings, library, rebuild=False)
        except IndexMissing as error:
            assert "\n" not in str(error)
            outcomes["refused"] += 1
            if i % 50 == 0:  # and at the next start it is there again
                back.begin()
                index = open_index(settings, library)
                back.end()
                assert _answers(index) == asked
                _close(index)
                rebuilt += 1
        else:
            assert _answers(index) == asked, what.__name__
            outcomes["harmless"] += 1
            _close(index)
        shutil.rmtree(settings.index_dir, ignore_errors=True)
        shutil.copytree(good, settings.index_dir)
    return Row("the index gone, cut, flipped, half there or pointing nowhere", tries, f"{counted(outcomes)}; {rebuilt} built anew, the same answers", back.longest, seed)  # fmt: skip


def _small(folder: Path) -> tuple[Settings, ContentLibrary]:
    settings = Settings(data=folder / "var", knowledge=KnowledgeSettings(embedder=write_embedder(folder / "embedder")))
    return settings, load_library(settings.content_dir, lambda: datetime(2026, 11, 22, 10))


def _answers(index: Index) -> tuple[object, ...]:
    assert index.embedder is not None
    assert index.vectors is not None
    vector = index.embedder.encode(["赎回几天到账"])
    return tuple((near.row, round(near.score, 4)) for near in index.vectors.near(vector[0], 5)), len(index.units)


def _close(index: Index) -> None:
    if index.lock is not None:
        index.lock.close()


def _build_of(root: Path) -> Path:
    return root / (root / "CURRENT").read_text(encoding="utf-8").strip()


def _all_gone(root: Path, chance: random.Random) -> None:
    shutil.rmtree(root)


def _pointer_gone(root: Path, chance: random.Random) -> None:
    (root / "CURRENT").unlink()


def _pointer_elsewhere(root: Path, chance: random.Random) -> None:
    (root / "CURRENT").write_text(
        chance.choice(("", "../..", "/etc", "build-of-nobody\n", "\0", "x" * 5000)), encoding="utf-8"
    )


def _pointer_not_text(root: Path, chance: random.Random) -> None:
    (root / "CURRENT").write_bytes(b"\xff\xfe" + chance.randbytes(20))


def _files(root: Path) -> list[Path]:
    return sorted(p for p in _build_of(root).rglob("*") if p.is_file())


def _file_gone(root: Path, chance: random.Random) -> None:
    chance.choice(_files(root)).unlink()


def _file_cut(root: Path, chance: random.Random) -> None:
    path = chance.choice([p for p in _files(root) if p.stat().st_size])
    path.write_bytes(path.read_bytes()[: chance.randrange(path.stat().st_size)])


def _file_flipped(root: Path, chance: random.Random) -> None:
    path = chance.choice([p for p in _files(root) if p.stat().st_size])
    path.write_bytes(flipped(path.read_bytes(), chance))


def _manifest_changed(root: Path, chance: random.Random) -> None:
    path = _build_of(root) / "manifest.json"
    path.write_text(
        chance.choice(
            ("", "{}", "[]", "null", '{"schema": 2}', path.read_text(encoding="utf-8").replace('"files"', '"file"'))
        ),
        encoding="utf-8",
    )


def _folder_for_a_file(root: Path, chance: random.Random) -> None:
    path = chance.choice(_files(root))
    path.unlink()
    path.mkdir()


DAMAGES: tuple[Callable[[Path, random.Random], None], ...] = (
    _all_gone,
    _pointer_gone,
    _pointer_elsewhere,
    _pointer_not_text,
    _file_gone,
    _file_cut,
    _file_flipped,
    _manifest_changed,
    _folder_for_a_file,
)
