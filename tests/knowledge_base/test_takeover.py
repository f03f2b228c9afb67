"""Importing the bank's own content: all or nothing."""

from __future__ import annotations

import shutil

import pytest

from copilot.errors import ContentError, InputError
from copilot.settings import packaged
from knowledge_base.library import load_library
from knowledge_base.takeover import merge, take_over

BUNDLED = packaged("knowledge_base", "content")


@pytest.fixture
def target(tmp_path):
    return tmp_path / "data" / "content"


def changed_product(tmp_path, old="稳健半年5月期", new="稳健半年六月期"):
    source = BUNDLED / "products" / "LJ-W-012.yaml"
    file = tmp_path / source.name
    file.write_text(source.read_text(encoding="utf-8").replace("安和百日", "安和百日新"), encoding="utf-8")
    return file


def test_a_whole_folder_is_taken_over(target):
    take_over(BUNDLED, target)
    assert load_library(target).version == load_library(BUNDLED).version


def test_a_changed_product_is_merged_and_the_second_time_nothing_changes(tmp_path, target):
    file = changed_product(tmp_path)
    assert merge(file, "products", BUNDLED, target) == [f"changed: products/{file.name}"]
    assert load_library(target).get("LJ-W-012").name == "安和百日新"
    assert merge(file, "products", target, target) == []


def test_a_dry_run_changes_nothing(tmp_path, target):
    assert merge(changed_product(tmp_path), "products", BUNDLED, target, dry_run=True)
    assert not target.exists()


def test_a_wrong_file_is_named_and_nothing_changes(tmp_path, target):
    take_over(BUNDLED, target)
    before = load_library(target).version
    file = tmp_path / "LJ-W-012.yaml"
    file.write_text("id: LJ-W-012\nname: 缺字段\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"LJ-W-012\.yaml"):
        merge(file, "products", target, target)
    assert load_library(target).version == before
    assert [p.name for p in target.parent.iterdir()] == ["content"]


def test_an_empty_folder_is_refused(tmp_path, target):
    with pytest.raises(InputError):
        merge(tmp_path, "products", BUNDLED, target)


def test_the_calendar_is_replaced(tmp_path, target):
    file = tmp_path / "calendar.yaml"
    shutil.copy(BUNDLED / "calendar.yaml", file)
    file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert merge(file, "calendar.yaml", BUNDLED, target) == ["changed: calendar.yaml/calendar.yaml"]
