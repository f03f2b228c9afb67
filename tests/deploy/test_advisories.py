"""No locked version lies in a known range, but for those whose holes cannot be reached; that they cannot is shown here."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from deploy.advisories import Advisory, audit, load_advisories, main
from deploy.lock import Locked, read_lock

ROOT = Path(__file__).resolve().parents[2]
OURS = ("copilot", "knowledge_base", "guardrails", "ui", "evals", "training", "deploy")
SOURCES = [path for name in OURS for path in sorted((ROOT / name).rglob("*.py"))]


def called(path: Path) -> set[str]:
    """Every dotted name that a module imports, calls or reads, such as `torch.load`."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Attribute):
            found.add(ast.unparse(node))
    return found


def test_every_advisory_is_outside_the_lock_or_explained():
    found = audit(load_advisories(), read_lock())
    assert found.problems == ()
    assert {a.package for a in found.applying} == {"chromadb", "diskcache", "joblib", "torch"}


def test_every_explanation_names_tests_that_exist():
    for advisory in load_advisories():
        for name in advisory.proof:
            assert (ROOT / "tests" / f"{name}.py").is_file(), advisory.id


def test_ids_are_real_kinds_and_stand_once():
    names = [name for a in load_advisories() for name in (a.id, *a.aliases)]
    assert len(names) == len(set(names))
    kinds = re.compile(r"CVE-\d{4}-\d{4,}|GHSA(-[0-9a-z]{4}){3}|PYSEC-\d{4}-\d+")
    assert [name for name in names if not kinds.fullmatch(name)] == []


def advisory(**more):
    return Advisory(id="CVE-2026-00001", package="torch", affected=("<2.13",), what="it breaks", **more)


EXPLAINED = {"justification": "code_not_reachable", "why": "never called", "proof": ("test_docs",)}


@pytest.mark.parametrize(
    ("version", "more", "told"),
    [
        ("2.12.9", {}, "torch 2.12.9 is affected"),
        ("2.13.0", EXPLAINED, "not affected any more"),
        (None, {}, "not locked any more"),
    ],
)
def test_what_is_wrong_is_told(version, more, told):
    locked = (Locked("torch", version, ("00",)),) if version else ()
    found = audit((advisory(**more),), locked)
    assert len(found.problems) == 1
    assert told in found.problems[0]


def test_an_explained_one_applies_without_a_problem():
    found = audit((advisory(**EXPLAINED),), (Locked("torch", "2.12.9", ("00",)),))
    assert [a.id for a in found.applying] == ["CVE-2026-00001"]
    assert found.problems == ()


def test_pip_audit_is_told_of_the_explained_ones_alone(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["advisories", "--ignore"])
    assert main() == 0
    words = capsys.readouterr().out.split()
    assert words[::2] == ["--ignore-vuln"] * (len(words) // 2)
    known = {name for a in load_advisories() if a.why for name in (a.id, *a.aliases)}
    assert set(words[1::2]) == known


def test_the_page_names_every_one_that_applies():
    text = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    for advisory in audit(load_advisories(), read_lock()).applying:
        assert advisory.id in text
        assert advisory.package in text


def test_half_an_explanation_is_refused():
    with pytest.raises(ValueError, match="belong together"):
        advisory(why="never called")


# --- what the explanations say ---------------------------------------------------------------------------------------------


def test_chroma_is_its_embedded_client_in_one_module_and_no_server():
    using = {p.relative_to(ROOT).as_posix(): called(p) for p in SOURCES if "import chromadb" in p.read_text() or "from chromadb" in p.read_text()}  # fmt: skip
    assert set(using) == {"knowledge_base/store.py"}
    names = {name for name in using["knowledge_base/store.py"] if name.split(".")[0] == "chromadb"}
    assert names == {
        "chromadb",
        "chromadb.PersistentClient",
        "chromadb.config.Settings",
        "chromadb.errors.InternalError",
    }


def test_no_script_of_ours_starts_the_chroma_server():
    files = [*SOURCES, ROOT / "Makefile", ROOT / ".ci/run", ROOT / "install.py", *(ROOT / "deploy").glob("*.service"), ROOT / "deploy/Containerfile"]  # fmt: skip
    started = re.compile(r"""chroma['", ]+run|chromadb\.(server|app)|uvicorn[^\n]*chroma""")
    assert [str(path) for path in files if started.search(path.read_text(encoding="utf-8"))] == []


UNREAD = {"pickle", "joblib", "diskcache", "dill", "shelve", "marshal"}
"""Formats that run code when they are read."""


def test_nothing_of_ours_imports_a_format_that_runs_when_it_is_read():
    found = {(p.name, name) for p in SOURCES for name in called(p) if name.split(".")[0] in UNREAD | {"cloudpickle"}}
    assert found == set()


def test_no_checkpoint_of_torch_is_loaded_and_no_cache_of_llama_is_on_disk():
    wrong = {"torch.load", "torch.jit.load", "torch.jit.script", "torch.export.load", "torch.package", "torch.hub.load"}
    found = {(p.name, name) for p in SOURCES for name in called(p) if name in wrong or "DiskCache" in name}
    assert found == set()
