"""The bill of materials: CycloneDX 1.6 of all that is locked, of the bundled models, and of the advisories that apply.

    python -m deploy.sbom FILE

The same checkout and the same installed packages give the same bytes; a time stands in it only when SOURCE_DATE_EPOCH is set.
Licences are those that the installed packages state; a package that is not installed in its locked version has none.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import sys
import tomllib
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.advisories import Advisory, audit, load_advisories
from deploy.lock import Locked, read_lock

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "copilot" / "bundled"
INDEX = "https://pypi.org"
_SPACE = uuid.UUID("9f3e2c3e-6d0b-5f0e-8a55-1d7f5c1b7a10")
_KNOWN = {
    "Apache-2.0": ("apache-2.0", "apache 2.0", "apache license, version 2.0", "apache license version 2.0", "apache license 2.0",
                   "apache 2.0 license", "apache software license"),
    "MIT": ("mit", "mit license"),
    "BSD-3-Clause": ("bsd-3-clause", "3-clause bsd license"),
    "BSD-2-Clause": ("bsd-2-clause",),
    "ISC": ("isc", "isc license", "isc license (iscl)"),
    "MPL-2.0": ("mpl-2.0", "mozilla public license 2.0 (mpl 2.0)"),
    "PSF-2.0": ("psf-2.0", "python software foundation license"),
}  # fmt: skip
"""What packages that state no SPDX expression call these licences."""
_SPDX = {spelling: spdx for spdx, spellings in _KNOWN.items() for spelling in spellings}

Part = dict[str, Any]


def bill(
    packages: tuple[Locked, ...], advisories: Iterable[Advisory], project: Mapping[str, Any], epoch: str | None = None
) -> Part:
    """The whole document. `project` is pyproject's own table."""
    root = f"pkg:pypi/{project['name']}@{project['version']}"
    models = _models(str(project["version"]))
    refs = {package.name: _purl(package) for package in packages}
    direct = [canonicalize_name(Requirement(text).name) for text in project["dependencies"]]
    document: Part = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "lifecycles": [{"phase": "build"}],
            "component": {
                "type": "application",
                "bom-ref": root,
                "name": project["name"],
                "version": project["version"],
                "description": project["description"],
                "licenses": [{"license": {"id": project["license"]}}],
                "purl": root,
            },
        },
        "components": [*(_component(package) for package in packages), *models],
        "dependencies": [
            {"ref": root, "dependsOn": sorted([*(refs[name] for name in direct), *(m["bom-ref"] for m in models)])},
            *({"ref": refs[package.name], "dependsOn": _needs(package, refs)} for package in packages),
            *({"ref": model["bom-ref"]} for model in models),
        ],
        "vulnerabilities": [_vulnerability(advisory, refs) for advisory in advisories],
    }
    if epoch is not None:
        document["metadata"]["timestamp"] = f"{datetime.fromtimestamp(int(epoch), UTC):%Y-%m-%dT%H:%M:%SZ}"
    digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
    return {**document, "serialNumber": uuid.uuid5(_SPACE, digest).urn}


def text_of(document: Part) -> str:
    """The document as it is written."""
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _purl(package: Locked) -> str:
    return f"pkg:pypi/{canonicalize_name(package.name)}@{package.version}"


def _component(package: Locked) -> Part:
    found: Part = {
        "type": "library",
        "bom-ref": _purl(package),
        "name": package.name,
        "version": package.version,
        "purl": _purl(package),
        "externalReferences": [
            {
                "type": "distribution",
                "url": f"{INDEX}/simple/{canonicalize_name(package.name)}/",
                "comment": "the files of this version, by the hashes of requirements.lock",
                "hashes": [_hash(digest) for digest in package.hashes],
            }
        ],
    }
    if package.marker:
        found["properties"] = [{"name": "advisor-copilot:marker", "value": package.marker}]
    licences = _licences(package)
    return {**found, "licenses": licences} if licences else found


def _hash(digest: str) -> Part:
    return {"alg": "SHA-256", "content": digest}


def _installed(package: Locked) -> importlib.metadata.Distribution | None:
    try:
        found = importlib.metadata.distribution(package.name)
    except importlib.metadata.PackageNotFoundError:
        return None
    return found if found.version.split("+")[0] == package.version else None


def _licences(package: Locked) -> list[Part]:
    installed = _installed(package)
    if installed is None:
        return []
    told = installed.metadata
    if "License-Expression" in told:
        return [{"expression": told["License-Expression"]}]
    kinds = [c.rpartition("::")[2].strip() for c in told.get_all("Classifier") or [] if c.startswith("License ::")]
    stated = (told.get_all("License") or [""])[0].strip()
    # of a whole licence text in the field its title tells which it is, if anything does
    title = stated.partition("\n")[0].strip()
    short = [title] if (title == stated and len(title) <= 80 and title) or title.lower() in _SPDX else []
    for name in (*short, *kinds):
        if spdx := _SPDX.get(name.lower()):
            return [{"license": {"id": spdx}}]
    return [{"license": {"name": name}} for name in (short or kinds)]


def _needs(package: Locked, refs: Mapping[str, str]) -> list[str]:
    installed = _installed(package)
    found = set()
    for text in (installed.requires if installed else None) or []:
        wanted = Requirement(text)
        if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
            found.add(refs.get(canonicalize_name(wanted.name), ""))
    return sorted(found - {""})


def _models(version: str) -> list[Part]:
    files: dict[str, list[Part]] = {}
    for line in (MODELS / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, name = line.split("  ", 1)
        part = {"type": "file", "bom-ref": f"model:{name}", "name": name, "hashes": [_hash(digest)]}
        files.setdefault(name.split("/")[0], []).append(part)
    return [
        {
            "type": "machine-learning-model",
            "bom-ref": f"model:{name}",
            "name": f"advisor-copilot {name}",
            "version": version,
            "licenses": [{"license": {"id": "Apache-2.0"}}],
            "externalReferences": [{"type": "model-card", "url": f"docs/model-cards/{name}.md"}],
            "components": parts,
        }
        for name, parts in files.items()
    ]


def _vulnerability(advisory: Advisory, refs: Mapping[str, str]) -> Part:
    ranges = [f"vers:pypi/{text.replace(',', '|')}" for text in advisory.affected]
    return {
        "id": advisory.id,
        "references": [{"id": name, "source": {"name": name.split("-")[0]}} for name in advisory.aliases],
        "description": advisory.what,
        "affects": [
            {"ref": refs[advisory.package], "versions": [{"range": text, "status": "affected"} for text in ranges]}
        ],
        "analysis": {"state": "not_affected", "justification": advisory.justification, "detail": advisory.why},
    }


def main() -> int:
    """Write the file named; 1, and nothing written, when an advisory is unexplained."""
    if len(sys.argv) != 2:
        print("usage: python -m deploy.sbom FILE", file=sys.stderr)
        return 2
    packages = read_lock()
    found = audit(load_advisories(), packages)
    for problem in found.problems:
        print(f"sbom: {problem}", file=sys.stderr)
    if found.problems:
        return 1
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    document = bill(packages, found.applying, project, os.environ.get("SOURCE_DATE_EPOCH"))
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text_of(document), encoding="utf-8")
    bare = [c["name"] for c in document["components"] if "licenses" not in c]
    print(
        f"{target}: {len(document['components'])} components, {len(document['vulnerabilities'])} advisories apply",
        end="",
    )
    print(f"; no licence stated by {', '.join(bare)}" if bare else "")
    return 0


if __name__ == "__main__":
    sys.exit(main())
