"""The installer refuses in one line that says what to do, before it touches anything."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def install():
    spec = importlib.util.spec_from_file_location("install", ROOT / "install.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("version", [(3, 10, 0), (3, 14, 1), (2, 7, 18)])
def test_a_wrong_python_is_refused(install, monkeypatch, version):
    monkeypatch.setattr(install.sys, "version_info", version)
    with pytest.raises(install.Refused, match=r"install Python 3\.11"):
        install.check_python()


def test_a_missing_compiler_is_refused_before_compiling(install, monkeypatch, tmp_path):
    monkeypatch.setattr(install, "CACHE", tmp_path)
    monkeypatch.setattr(install, "installed", lambda name, version: False)
    monkeypatch.setattr(install.shutil, "which", lambda name: None)
    monkeypatch.setattr(install, "run", lambda *a, **k: pytest.fail("nothing may run"))
    with pytest.raises(install.Refused, match=r"no C/C\+\+ compiler.*apt install build-essential"):
        install.install_llama()


def test_refusals_are_one_line_on_standard_error(install, monkeypatch, capsys):
    def refuse():
        raise install.Refused("something is missing; do this")

    monkeypatch.setattr(install, "check_python", refuse)
    assert install.main() == 1
    assert capsys.readouterr().err == "install: something is missing; do this\n"


def test_a_stanza_is_a_package_with_all_its_hashes_and_nothing_of_the_next(install):
    text = install.stanza("torch")
    lines = text.splitlines()
    assert lines[0] == f"torch=={install.pinned('torch')} \\"
    assert len(lines) > 10
    assert all(line.startswith("    --hash=sha256:") for line in lines[1:])
    assert text in install.LOCK.read_text(encoding="utf-8")


def test_llama_is_compiled_from_the_sources_whose_hash_is_locked(install, monkeypatch, tmp_path):
    asked = []

    def run(command, what, env=None):
        asked.append((command, Path(command[-1]).read_text(encoding="utf-8"), env))

    monkeypatch.setattr(install.shutil, "which", lambda name: "/usr/bin/cc")
    monkeypatch.setattr(install, "run", run)
    install.compile_llama(tmp_path / "wheels", install.PORTABLE)
    command, wanted, env = asked[0]
    assert wanted == install.stanza("llama-cpp-python")
    assert "--hash=sha256:" in wanted
    assert env == {"CMAKE_ARGS": "-DLLAVA_BUILD=OFF -DGGML_NATIVE=OFF"}
    assert "--no-cache-dir" in command  # pip's cache would hand out a wheel built with other flags


def test_the_build_for_this_processor_leaves_its_tiles_alone(install, monkeypatch):
    monkeypatch.setenv("CFLAGS", "-O3")
    monkeypatch.setattr(install, "takes", lambda flag: flag != "-mno-amx-bf16")
    env = install.told(install.NATIVE)
    assert env["CFLAGS"] == "-O3 -mno-amx-tile -mno-amx-int8"
    assert "GGML_NATIVE" not in env["CMAKE_ARGS"]


def test_a_flag_the_compiler_does_not_know_is_found_out(install):
    assert install.takes("-O2")
    assert not install.takes("-mno-such-flag")


@pytest.mark.parametrize(
    ("answers", "put", "told"),
    [
        ([True], [], ""),
        ([False, True], ["portable"], "one for any processor"),
        ([False, False], ["portable"], "approved scripts will answer"),
    ],
)
def test_a_build_that_dies_gives_way_to_one_for_any_processor(
    install, monkeypatch, tmp_path, capsys, answers, put, told
):
    done = []
    monkeypatch.setattr(install, "MARK", tmp_path / "mark")
    install.MARK.write_text(install.NATIVE)
    monkeypatch.setattr(install, "speaks", lambda: answers.pop(0))
    monkeypatch.setattr(install, "put_llama", done.append)
    install.prove_llama()
    assert done == put
    assert told in capsys.readouterr().out


def test_the_bundled_model_speaks_here(install, monkeypatch):
    monkeypatch.setattr(install, "VENV", Path(sys.prefix))
    assert install.speaks()
    monkeypatch.setattr(install, "DRAFTER", ROOT / "README.md")
    assert not install.speaks()


def test_wheels_are_those_of_the_lock_and_the_product(install, monkeypatch, tmp_path):
    commands, stanzas = [], []
    monkeypatch.setattr(install, "make_venv", lambda: None)
    monkeypatch.setattr(
        install, "compile_llama", lambda folder, build: stanzas.append(install.stanza("llama-cpp-python"))
    )
    monkeypatch.setattr(install, "wheel", lambda given, folder, what, env=None: stanzas.extend(given))
    monkeypatch.setattr(install, "run", lambda command, what, env=None: commands.append(command))
    install.write_wheels(tmp_path / "wheels")
    locked = {line.split("==")[0] for line in install.LOCK.read_text(encoding="utf-8").splitlines() if "==" in line}
    assert {text.split("==")[0] for text in stanzas} == locked - {"torch"}
    assert [command[-1] for command in commands] == [f"torch=={install.pinned('torch')}+cpu", str(install.ROOT)]


def test_the_locks_pin_every_dependency_of_pyproject(install):
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for lock in (install.LOCK, install.DEV_LOCK):
        names = {line.split("==")[0] for line in lock.read_text(encoding="utf-8").splitlines() if "==" in line}
        assert names
        assert not any(name.startswith("nvidia") for name in names)
    for dependency in install._dependencies():
        name, version = dependency.split("==")
        assert install.pinned(name.split("[")[0].lower()) == version, dependency
    assert "langchain-core==" in text
