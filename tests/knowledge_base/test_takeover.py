from __future__ import annotations

from pathlib import Path

import pytest

from copilot.errors import ContentError, InputError
from knowledge_base.library import load_library
from knowledge_base.load import content_version
from knowledge_base.takeover import merge, take_over
from tests.knowledge_base.conftest import CONTENT


def test_take_over(content: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    take_over(content, own)
    assert content_version(own) == content_version(CONTENT)
    (content / "bank.yaml").write_text("name: x\n", encoding="utf-8")
    with pytest.raises(ContentError):
        take_over(content, own)
    assert content_version(own) == content_version(CONTENT)
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith("own")) == ["own"]


def test_merge_products(tmp_path: Path) -> None:
    own, source = tmp_path / "own", tmp_path / "new.yaml"
    text = (CONTENT / "products/LJ-W-004.yaml").read_text(encoding="utf-8")
    source.write_text(text.replace("version: ", "version: 1", 1), encoding="utf-8")
    assert merge(source, "products", CONTENT, own, dry_run=True) == ["products/LJ-W-004.yaml: replaced"]
    assert not own.exists()
    merge(source, "products", CONTENT, own)
    assert len(load_library(own).products()) == len(load_library(CONTENT).products())
    source.write_text(text.replace("LJ-W-004", "LJ-W-900"), encoding="utf-8")
    with pytest.raises(ContentError, match="already names"):
        merge(source, "products", own, own)


def test_a_product_is_replaced_under_whatever_file_name_it_stood(content: Path, tmp_path: Path) -> None:
    old = (content / "products/LJ-W-004.yaml").rename(content / "products/weekly.yaml")
    source = tmp_path / "new.yaml"
    source.write_text(old.read_text(encoding="utf-8").replace("version: 3", "version: 4"), encoding="utf-8")
    assert merge(source, "products", content, tmp_path / "own") == ["products/LJ-W-004.yaml: replaced"]
    assert not (tmp_path / "own/products/weekly.yaml").exists()
    assert len(load_library(tmp_path / "own").products()) == len(load_library(CONTENT).products())


def test_merge_calendar(tmp_path: Path) -> None:
    own, source = tmp_path / "own", tmp_path / "days.yaml"
    source.write_text(
        "holidays:\n  - name: 元旦\n    off_from: 2028-01-01\n    off_to: 2028-01-03\n"
        '    last_subscription: "2027-12-31 15:30"\n    resume: 2028-01-04\n',
        encoding="utf-8",
    )
    assert merge(source, "calendar.yaml", CONTENT, own) == ["calendar.yaml: replaced"]
    assert [h.name for h in load_library(own).content.holidays] == ["元旦"]
    with pytest.raises(InputError):
        merge(tmp_path / "nothing.yaml", "calendar.yaml", CONTENT, own)
