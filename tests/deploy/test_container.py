"""The container file copies what is there, lets nothing else in, and starts what exists, as nobody."""

from __future__ import annotations

import fnmatch
import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from copilot.cli.commands import app
from copilot.settings import PREFIX, load_settings

ROOT = Path(__file__).resolve().parents[2]


def instructions() -> list[tuple[str, str]]:
    """Instruction and words, continued lines joined, comments left out."""
    text = (ROOT / "deploy/Containerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"\s*\\\n\s*", " ", "\n".join(lines))
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in joined.splitlines()]


def of(kind: str) -> list[str]:
    return [words for name, words in instructions() if name == kind]


def copied() -> list[str]:
    return [source for words in of("COPY") for source in words.split()[:-1]]


def let_in(path: str) -> bool:
    """Whether .dockerignore lets a path into the build; the last line that fits decides."""
    inside = True
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.strip().removeprefix("!")
        if not pattern or pattern.startswith("#"):
            continue
        parts = path.split("/")
        heads = ["/".join(parts[: n + 1]) for n in range(len(parts))]
        anywhere = pattern.startswith("**/")
        names = parts if anywhere else heads
        if any(fnmatch.fnmatchcase(name, pattern.removeprefix("**/")) for name in names):
            inside = line.startswith("!")
    return inside


def test_two_stages_from_one_base_and_only_wheels_pass_between_them():
    assert of("FROM") == ["${BASE} AS wheels", "${BASE}"]
    last = instructions()[[n for n, (kind, _) in enumerate(instructions()) if kind == "FROM"][-1] :]
    assert not any(kind in ("COPY", "ADD") for kind, _ in last)
    assert any("--mount=type=bind,from=wheels,source=/wheels,target=/wheels" in words for _, words in last)
    assert not any("build-essential" in words for _, words in last)


@pytest.mark.parametrize("source", copied())
def test_what_is_copied_is_there_and_let_in(source):
    assert (ROOT / source).exists()
    assert let_in(source)


def test_every_package_of_the_product_is_copied():
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"]["find"]  # fmt: skip
    packages = {name.rstrip("*") for name in wanted["include"]} - {"training"}  # what trained the models runs nowhere
    assert packages <= set(copied())
    assert {"install.py", "pyproject.toml", "requirements.lock", "README.md", "LICENSE"} <= set(copied())


@pytest.mark.parametrize(
    "path",
    [
        "var/record.db",
        "advisor-copilot.toml",
        "record.key",
        "copilot/record.key",
        "deploy/advisor-copilot.env",
        "ui/my.env",
        ".git/config",
        "tests/conftest.py",
        "copilot/__pycache__/errors.cpython-311.pyc",
        "copilot/var/record.db",
    ],
)
def test_nothing_secret_or_strange_is_let_in(path):
    assert not let_in(path)


def test_no_secret_stands_in_a_layer():
    told = " ".join(words for kind, words in instructions() if kind in ("ENV", "ARG", "RUN", "LABEL"))
    assert not re.search(r"password|secret|api_key|token", told, re.IGNORECASE)


def test_it_runs_as_nobody_and_writes_to_the_volume_alone():
    assert of("USER") == ["10001"]
    assert of("VOLUME") == ["/data"] == of("WORKDIR")[-1:]
    order = [kind for kind, _ in instructions()]
    assert order.index("USER") > max(n for n, kind in enumerate(order) if kind == "RUN")


def test_its_settings_are_settings(monkeypatch):
    for name, value in (pair.split("=", 1) for words in of("ENV") for pair in shlex.split(words)):
        if name.startswith(PREFIX):
            monkeypatch.setenv(name, value)
    settings = load_settings()
    assert str(settings.data) == "/data"
    assert (settings.serve.host, settings.serve.port) == ("0.0.0.0", int(of("EXPOSE")[0]))


def test_it_starts_a_command_that_exists():
    program, *words = json.loads(of("CMD")[-1])
    assert program == "advisor-copilot"
    assert words[0] in get_command(app).commands


def test_its_health_check_asks_the_health_address(monkeypatch, tmp_path):
    line = of("HEALTHCHECK")[0]
    python, flag, code = json.loads(line.split("CMD ", 1)[1])
    assert (python, flag) == ("python", "-c")
    address = re.findall(r"http://[^']+", code)[0]
    assert address == f"http://127.0.0.1:{of('EXPOSE')[0]}/healthz"
    assert "/healthz" in (ROOT / "ui/web.py").read_text(encoding="utf-8")
    with pytest.raises(OSError, match="refused"):
        exec(compile(code.replace(of("EXPOSE")[0], "9"), "healthcheck", "exec"), {})


def test_the_wheels_come_from_the_installer():
    assert any(words.endswith("python install.py --wheels /wheels") for words in of("RUN"))
    assert "--wheels" in (ROOT / "install.py").read_text(encoding="utf-8")
