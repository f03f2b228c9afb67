"""The bill of materials names what is locked and what is bundled, the same bytes each time, by CycloneDX's rules."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from pathlib import Path

import pytest

from deploy import sbom
from deploy.advisories import audit, load_advisories
from deploy.lock import Locked, read_lock

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def document(project):
    packages = read_lock()
    return sbom.bill(packages, audit(load_advisories(), packages).applying, project)


def components(part):
    for inner in part.get("components", []):
        yield inner
        yield from components(inner)


def test_every_locked_package_is_there_with_version_purl_and_hashes(document):
    found = {c["name"]: c for c in document["components"] if c["type"] == "library"}
    packages = read_lock()
    assert set(found) == {p.name for p in packages}
    for package in packages:
        part = found[package.name]
        assert part["version"] == package.version
        assert part["purl"] == f"pkg:pypi/{package.name}@{package.version}"
        assert {h["content"] for h in part["externalReferences"][0]["hashes"]} == set(package.hashes)


def test_every_bundled_model_file_is_there_with_the_hash_it_has(document):
    models = [c for c in document["components"] if c["type"] == "machine-learning-model"]
    assert {m["name"].split()[-1] for m in models} == {p.name for p in sbom.MODELS.iterdir() if p.is_dir()}
    files = {f["name"]: f["hashes"][0]["content"] for m in models for f in m["components"]}
    on_disk = {
        p.relative_to(sbom.MODELS).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sbom.MODELS.rglob("*")
        if p.is_file() and p.name != "SHA256SUMS"
    }
    assert files == on_disk
    for model in models:
        assert (ROOT / model["externalReferences"][0]["url"]).is_file()


def test_the_product_depends_on_what_pyproject_asks_for(document, project):
    root = document["metadata"]["component"]
    assert (root["name"], root["version"]) == (project["name"], project["version"])
    edges = {d["ref"]: d.get("dependsOn", []) for d in document["dependencies"]}
    purls = {p.name: f"pkg:pypi/{p.name}@{p.version}" for p in read_lock()}
    assert purls["torch"] in edges[root["bom-ref"]]
    assert "model:drafter" in edges[root["bom-ref"]]
    assert len(edges[root["bom-ref"]]) == len(project["dependencies"]) + 7
    assert purls["starlette"] in edges[purls["fastapi"]]


def test_advisories_that_apply_are_told_with_their_reason(document):
    packages = read_lock()
    applying = audit(load_advisories(), packages).applying
    assert [v["id"] for v in document["vulnerabilities"]] == [a.id for a in applying]
    for told in document["vulnerabilities"]:
        assert told["analysis"]["state"] == "not_affected"
        assert told["analysis"]["detail"]


def test_what_cyclonedx_demands_holds(document):
    """The rules of its 1.6 schema that a document like ours could break; the whole schema was run over it once by hand."""
    assert (document["bomFormat"], document["specVersion"], document["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", document["serialNumber"])
    parts = [document["metadata"]["component"], *components(document)]
    refs = [p["bom-ref"] for p in parts]
    assert len(refs) == len(set(refs))
    for part in parts:
        assert part["type"] in {"application", "library", "machine-learning-model", "file"}
        assert part["name"]
        for digest in [h for holder in (part, *part.get("externalReferences", [])) for h in holder.get("hashes", [])]:
            assert digest["alg"] == "SHA-256"
            assert re.fullmatch(r"[0-9a-f]{64}", digest["content"])
        kinds = [tuple(one) for one in part.get("licenses", [])]
        assert kinds == [("expression",)] or set(kinds) <= {("license",)}
    for edge in document["dependencies"]:
        assert {edge["ref"], *edge.get("dependsOn", [])} <= set(refs)
    for told in document["vulnerabilities"]:
        assert {a["ref"] for a in told["affects"]} <= set(refs)
        assert told["analysis"]["justification"] in {"code_not_present", "code_not_reachable", "protected_by_mitigating_control"}  # fmt: skip


def test_the_same_input_gives_the_same_bytes_and_no_time(document, project):
    packages = read_lock()
    again = sbom.bill(packages, audit(load_advisories(), packages).applying, project)
    assert sbom.text_of(again) == sbom.text_of(document)
    assert "timestamp" not in sbom.text_of(document)


def test_a_time_only_as_the_environment_says(project):
    made = sbom.bill(read_lock(), (), project, "1764000000")
    assert made["metadata"]["timestamp"] == "2025-11-24T16:00:00Z"


def test_another_lock_is_another_document(document, project):
    changed = tuple(Locked(p.name, p.version, p.hashes[:1]) for p in read_lock())
    assert sbom.bill(changed, (), project)["serialNumber"] != document["serialNumber"]


def test_a_package_in_another_version_than_the_locked_lends_it_no_licence():
    assert sbom._licences(Locked("pydantic", "0.0.1", ("00",))) == []
    assert sbom._licences(Locked("no-such-package", "1", ("00",))) == []
    installed = next(p for p in read_lock() if p.name == "pydantic")
    assert sbom._licences(installed) == [{"expression": "MIT"}]


def test_the_command_writes_the_file(tmp_path, monkeypatch, capsys):
    target = tmp_path / "build" / "sbom.cdx.json"
    monkeypatch.setattr(sbom.sys, "argv", ["sbom", str(target)])
    assert sbom.main() == 0
    assert json.loads(target.read_text(encoding="utf-8"))["bomFormat"] == "CycloneDX"
    assert "components" in capsys.readouterr().out


def test_nothing_is_written_over_an_unexplained_advisory(tmp_path, monkeypatch, capsys):
    lock = tmp_path / "requirements.lock"
    lock.write_text(
        (ROOT / "requirements.lock").read_text(encoding="utf-8").replace("\nstarlette==1.10.0", "\nstarlette==1.0.0")
    )
    monkeypatch.setattr(sbom, "read_lock", lambda: read_lock(lock))
    target = tmp_path / "sbom.cdx.json"
    monkeypatch.setattr(sbom.sys, "argv", ["sbom", str(target)])
    assert sbom.main() == 1
    assert not target.exists()
    assert "starlette 1.0.0 is affected" in capsys.readouterr().err
