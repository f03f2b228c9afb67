"""The lock names every file it accepts by its hash, and pip is told nothing that it would not check."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deploy.lock import LOCK, read_lock

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_package_is_pinned_once_with_the_hashes_of_its_files(name):
    packages = read_lock(ROOT / name)
    assert len(packages) > 150
    assert len({p.name for p in packages}) == len(packages)
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for p in packages for digest in p.hashes)


def test_what_runs_is_part_of_what_tests_run_with():
    assert set(read_lock(LOCK)) <= set(read_lock(ROOT / "requirements-dev.lock"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("torch==2.13.0\n", "torch has no hash"),
        ("torch>=2.13.0 --hash=sha256:00\n", "not understood"),
        ("--extra-index-url https://example.org\n", "not understood"),
        ("torch @ https://example.org/torch.whl --hash=sha256:00\n", "not understood"),
    ],
)
def test_what_pip_would_take_unchecked_is_refused(tmp_path, text, told):
    path = tmp_path / "requirements.lock"
    path.write_text(text)
    with pytest.raises(ValueError, match=told):
        read_lock(path)
