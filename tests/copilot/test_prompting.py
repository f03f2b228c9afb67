"""Prompt files: checked at load, filled with exactly their variables."""

from __future__ import annotations

import pytest

from copilot.errors import ContentError
from copilot.prompting import load_prompt
from copilot.settings import packaged

GOOD = "---\nid: p\nversion: 2\nvariables: [who]\nchangelog: ['2: x']\n---\nconstant\n--- user ---\nhello {{ who }}\n"


def write(tmp_path, text, name="p.md"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["draft", "draft-bundled"])
def test_the_shipped_prompts_load(name):
    template = load_prompt(packaged("prompts", f"{name}.md"))
    assert template.name.startswith(f"{name}@")
    assert "{{" not in template.system


def test_a_prompt_is_filled(tmp_path):
    template = load_prompt(write(tmp_path, GOOD))
    assert (template.system, template.fill(who="王姐")) == ("constant", "hello 王姐")


def test_customer_words_are_never_read_as_variables(tmp_path):
    template = load_prompt(write(tmp_path, GOOD))
    assert template.fill(who="{{ who }}") == "hello {{ who }}"


@pytest.mark.parametrize("values", [{}, {"who": "a", "other": "b"}])
def test_missing_and_unknown_variables_are_errors(tmp_path, values):
    with pytest.raises(ContentError, match="variables"):
        load_prompt(write(tmp_path, GOOD)).fill(**values)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (("---\nid", "id"), "front matter"),
        (("version: 2\n", ""), "needs exactly"),
        (("[who]", "[who, x]"), "differ"),
        (("constant", "{{ who }}"), "constant part"),
        (("--- user ---", ""), "user"),
        (("id: p", "id: q"), "id"),
        (("[who]", "[who"), "YAML"),
    ],
)
def test_a_broken_prompt_stops_the_start_and_names_the_file(tmp_path, change, what):
    with pytest.raises(ContentError, match=what) as caught:
        load_prompt(write(tmp_path, GOOD.replace(*change)))
    assert "prompts/p.md" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_prompt_says_so(tmp_path):
    with pytest.raises(ContentError, match="cannot be read"):
        load_prompt(tmp_path / "none.md")
