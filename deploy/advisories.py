"""Advisories on what is locked: which of the known ones apply to the locked versions, and why they cannot be reached.

python -m deploy.advisories     exits with 1 when one applies that nobody explained
"""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from packaging.specifiers import SpecifierSet
from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from deploy.lock import Locked, read_lock

HERE = Path(__file__).resolve().parent
FILE = HERE / "advisories.toml"


class Advisory(BaseModel):
    """One advisory as it stands in the file; `why` and `proof` only for one that applies."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    aliases: tuple[str, ...] = ()
    package: str
    affected: tuple[str, ...]
    what: str
    justification: Literal["code_not_present", "code_not_reachable", "protected_by_mitigating_control"] | None = None
    why: str = ""
    proof: tuple[str, ...] = ()

    @field_validator("affected")
    @classmethod
    def _ranges(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            SpecifierSet(text)
        return value

    @model_validator(mode="after")
    def _explained_whole(self) -> Advisory:
        if len({self.justification is None, not self.why, not self.proof}) != 1:
            raise ValueError(f"{self.id}: justification, why and proof belong together")
        return self

    def hits(self, version: str) -> bool:
        """Whether a version lies in the affected ranges."""
        return any(SpecifierSet(text).contains(version, prereleases=True) for text in self.affected)


@dataclass(frozen=True)
class Audit:
    """The file held against a lock."""

    applying: tuple[Advisory, ...]
    problems: tuple[str, ...]


def load_advisories(path: Path = FILE) -> tuple[Advisory, ...]:
    """All advisories of the file, in its order."""
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(Advisory.model_validate(row) for row in told["advisory"])


def audit(advisories: tuple[Advisory, ...], locked: tuple[Locked, ...]) -> Audit:
    """Which advisories apply, and what is wrong: one unexplained, an explanation without need, a package not locked."""
    versions = {package.name: package.version for package in locked}
    applying, problems = [], []
    for advisory in advisories:
        version = versions.get(advisory.package)
        if version is None:
            problems.append(f"{advisory.id}: {advisory.package} is not locked any more; take the entry out")
        elif advisory.hits(version):
            applying.append(advisory)
            if not advisory.why:
                problems.append(
                    f"{advisory.id}: {advisory.package} {version} is affected ({advisory.what}); lock another"
                )
        elif advisory.why:
            problems.append(f"{advisory.id}: {advisory.package} {version} is not affected any more; take its `why` out")
    return Audit(tuple(applying), tuple(problems))


def main() -> int:
    """Print what applies and what is wrong; 1 when something is."""
    found = audit(load_advisories(), read_lock())
    if "--ignore" in sys.argv:
        names = [name for a in found.applying if a.why for name in (a.id, *a.aliases)]
        print(" ".join(f"--ignore-vuln {name}" for name in names))
        return 0
    for advisory in found.applying:
        print(f"applies, not reachable: {advisory.id} {advisory.package}: {advisory.why or advisory.what}")
    for problem in found.problems:
        print(f"PROBLEM {problem}")
    return 1 if found.problems else 0


if __name__ == "__main__":
    sys.exit(main())
