"""Docs tell the truth: every setting is described, every command the README names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from copilot.cli.commands import app
from copilot.settings import Settings, Strict

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "README.zh-CN.md", *sorted((ROOT / "docs").rglob("*.md"))]


def keys(group=Settings) -> set[str]:
    found = set()
    for name, info in group.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, Strict):
            found |= {f"{name}.{sub}" for sub in keys(info.annotation)}
        else:
            found.add(name)
    return found


def test_every_setting_is_described_and_no_other():
    rows = re.findall(r"^\| (`[^|]+) \|", (ROOT / "docs/settings.md").read_text(encoding="utf-8"), re.MULTILINE)
    described = {key for row in rows for key in re.findall(r"`([a-z_.0-9]+)`", row)}
    assert described == keys()


def commands() -> dict[str, set[str]]:
    top = get_command(app)
    return {name: set(getattr(command, "commands", {})) for name, command in top.commands.items()}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_command_a_page_names_exists(page):
    known = commands()
    for name, sub in re.findall(r"advisor-copilot ([a-z]+)(?: ([a-z][a-z-]*))?", page.read_text(encoding="utf-8")):
        assert name in known, f"{page.name} names `{name}`"
        if known[name] and sub:
            assert sub in known[name], f"{page.name} names `{name} {sub}`"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_make_target_a_page_names_exists(page):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+%?):", makefile, re.MULTILINE)) | set(
        re.findall(r"\.PHONY: (.*)", makefile)[0].split()
    )
    for target in re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8")):
        assert target in targets or target.startswith("train-"), f"{page.name} names `make {target}`"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_link_to_a_file_leads_somewhere(page):
    for link in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        if "://" not in link:
            assert (page.parent / link).exists(), f"{page.name} links to {link}"


def test_every_command_teaches():
    top = get_command(app)
    for name, command in top.commands.items():
        assert command.help, name
        for sub, inner in getattr(command, "commands", {}).items():
            assert inner.help, f"{name} {sub}"


def test_the_catalogue_of_rules_is_the_generated_one():
    from guardrails.catalogue import render
    from guardrails.loading import load_rules

    written = (ROOT / "docs/guard-catalogue.md").read_text(encoding="utf-8")
    drop = re.compile(r"hash `[0-9a-f]+`")
    assert drop.sub("", written) == drop.sub("", render(load_rules())), (
        "run `python -m guardrails.catalogue > docs/guard-catalogue.md`"
    )


def test_every_test_the_security_page_names_exists():
    text = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:[a-z_]+/)*test_[a-z_]+)`", text)
    assert len(named) > 30
    assert [name for name in named if not (ROOT / "tests" / f"{name}.py").is_file()] == []
