"""The held-out cases are locked: a figure over changed cases is another figure. `python -m evals.lock` writes the lock anew."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from copilot.errors import ContentError
from evals.cases import CASES

NAME = "LOCK"
HELD = ("*heldout*", "guard_*", "polarity*", "injection*", "attacks*", "redteam*")
"""Files that are only scored."""


def held(folder: Path = CASES) -> list[Path]:
    """The held-out files of a folder."""
    return sorted({path for pattern in HELD for path in folder.glob(pattern) if path.is_file()})


def hashes(folder: Path = CASES) -> dict[str, str]:
    """SHA-256 of each held-out file; line ends count as one, whatever a checkout makes of them."""
    return {p.name: sha256(p.read_bytes().replace(b"\r\n", b"\n")).hexdigest() for p in held(folder)}


def write(folder: Path = CASES) -> Path:
    """Lock the files as they are."""
    path = folder / NAME
    path.write_text("".join(f"{sha}  {name}\n" for name, sha in hashes(folder).items()), encoding="utf-8")
    return path


def check(folder: Path = CASES) -> None:
    """ContentError names the first file that is not as it was locked."""
    try:
        lines = (folder / NAME).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ContentError(f"cases/{NAME}", f"{error.strerror}; write it with `python -m evals.lock`") from error
    locked = {name: sha for sha, _, name in (line.partition("  ") for line in lines)}
    found = hashes(folder)
    for name in sorted(locked | found):
        if locked.get(name) != found.get(name):
            what = "is gone" if name not in found else "is not locked" if name not in locked else "was changed"
            raise ContentError(
                f"cases/{name}",
                f"a held-out file {what}; restore it, or lock the files as they are: `python -m evals.lock`",
            )


if __name__ == "__main__":
    print(write())
