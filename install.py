"""Makes `.venv` and installs the product into it. Standard library only; called by make.

    python3 install.py            what `make run` needs
    python3 install.py --dev      also what tests, lint and training need
    python3 install.py --lock     write the lock files again from pyproject.toml
    python3 install.py --wheels DIR   every locked package as a wheel, for a machine without network and for the container

Environment: TORCH_INDEX, the address of PyTorch's CPU wheel index, where pip's own configuration does not find a CPU build.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from hashlib import sha256
from itertools import takewhile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PIP = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
LOCK, DEV_LOCK = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "advisor-copilot" / "wheels"
OLDEST, NEWEST = (3, 11), (3, 13)
TORCH, LLAMA = "torch", "llama-cpp-python"
ELSEWHERE = ('audioop-lts==0.2.2 ; python_version >= "3.13"',)
"""What a newer Python needs beside what the one that locks does; pip refuses what a lock with hashes does not name."""
NATIVE, PORTABLE = "native", "portable"
"""llama.cpp built for this very processor without its tiles, and for any; the name is the wheel's folder, and the mark of what is installed."""
TILES = tuple(f"-mno-amx-{kind}" for kind in ("tile", "int8", "bf16"))
"""Virtual machines name the matrix tiles of their processor and then forbid them: a process that uses one is killed."""
MARK = VENV / ".llama"
DRAFTER = ROOT / "copilot" / "bundled" / "drafter" / "drafter.gguf"
UV = "0.13.9"
"""Asked by `make lock` for the hashes of every file of a version; pip alone tells those of this machine's."""


class Refused(Exception):
    """One line for a person: what is missing and what to do."""


def say(text: str) -> None:
    """Progress, at once."""
    print(f"install: {text}", flush=True)


def pinned(name: str, lock: Path = LOCK) -> str:
    """The version of a package in a lock file."""
    for line in lock.read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{name}=="):
            return line.split("==")[1].split()[0]
    raise Refused(f"{lock.name} does not name {name}; run `make lock`")


def stanza(name: str, lock: Path = LOCK) -> str:
    """A package's lines in a lock file: its version and the hashes of its files."""
    own = lock.read_text(encoding="utf-8").partition(f"\n{name}==")[2].splitlines()
    hashes = takewhile(lambda line: line.startswith("    --hash="), own[1:])
    return "\n".join((f"{name}=={own[0]}", *hashes)) + "\n"


def check_python() -> None:
    """The interpreter must be one the pinned packages have wheels for."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        have = ".".join(map(str, sys.version_info[:2]))
        raise Refused(
            f"Python {have} will not do; install Python 3.11, 3.12 or 3.13 and run `make run PYTHON=python3.12`"
        )


def run(command: list[str], what: str, env: dict[str, str] | None = None) -> None:
    """Run quietly; on failure show the end of the output and one line."""
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **(env or {})}, check=False)
    if done.returncode:
        print("\n".join((done.stdout + done.stderr).splitlines()[-12:]), file=sys.stderr)
        raise Refused(f"{what} failed (above); check the network and run make again: it goes on where it stopped")


def make_venv() -> None:
    """`.venv`, made again when its Python is another."""
    python = VENV / "bin" / "python"
    if python.exists():
        have = subprocess.run(
            [python, "-c", "import sys; print(sys.version_info[:2])"], capture_output=True, text=True, check=False
        )
        if have.stdout.strip() == str(sys.version_info[:2]):
            return
        shutil.rmtree(VENV)
    say("making .venv")
    try:
        venv.EnvBuilder(with_pip=True).create(VENV)
    except (OSError, subprocess.CalledProcessError) as error:
        shutil.rmtree(VENV, ignore_errors=True)
        raise Refused(f".venv cannot be made ({error}); on Debian: apt install python3-venv") from error


def installed(name: str, version: str) -> bool:
    """Whether the environment has this version, whatever its build."""
    code = f"import importlib.metadata as m; print(m.version({name!r}))"
    done = subprocess.run([VENV / "bin" / "python", "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip().split("+")[0] == version


def install_torch() -> None:
    """The CPU build where there is no NVIDIA card and one can be had; else the registry's."""
    version = pinned(TORCH)
    if installed(TORCH, version):
        return
    index = os.environ.get("TORCH_INDEX")
    extra = ["--extra-index-url", index] if index else []
    if not shutil.which("nvidia-smi"):
        say(f"torch {version}, CPU build (about 200 MB)")
        cpu = subprocess.run(
            [*PIP, "install", *extra, f"{TORCH}=={version}+cpu"], capture_output=True, text=True, check=False
        )
        if cpu.returncode == 0:
            return
        say(
            "no CPU build found; the registry's own brings several GB of CUDA packages. README says how to name a CPU index"
        )
    run([*PIP, "install", *extra, f"{TORCH}=={version}"], "installing torch")


def install_llama() -> None:
    """llama.cpp is compiled once for this machine and the wheel kept outside the checkout."""
    if installed(LLAMA, pinned(LLAMA)) and MARK.is_file():
        return
    put_llama(NATIVE)


def put_llama(build: str) -> None:
    """One build of llama.cpp, compiled where no wheel of it is kept, in place of whatever is installed."""
    folder = kept(build)
    compile_llama(folder, build)
    again = ["--force-reinstall", "--no-deps", "--no-index", "--find-links", str(folder)]
    run([*PIP, "install", *again, f"{LLAMA}=={pinned(LLAMA)}"], f"installing {LLAMA}")
    MARK.write_text(build)


def kept(build: str) -> Path:
    """Where the wheel of a build is kept for the next checkout."""
    return CACHE / f"cp{sys.version_info[0]}{sys.version_info[1]}-{build}"


def told(build: str) -> dict[str, str]:
    """What the compiler is told for a build, as its environment."""
    if build == PORTABLE:
        return {"CMAKE_ARGS": "-DLLAVA_BUILD=OFF -DGGML_NATIVE=OFF"}
    without = [flag for flag in TILES if takes(flag)]
    flags = {name: " ".join([*os.environ.get(name, "").split(), *without]) for name in ("CFLAGS", "CXXFLAGS")}
    return {"CMAKE_ARGS": "-DLLAVA_BUILD=OFF", **flags}


def takes(flag: str) -> bool:
    """Whether the compiler knows a flag; one for another processor does not."""
    probe = subprocess.run(["cc", flag, "-E", "-x", "c", os.devnull], capture_output=True, check=False)
    return probe.returncode == 0


def prove_llama() -> None:
    """The bundled model must get a word out on this machine; where the build for it is killed, one for any processor takes its place."""
    if speaks():
        return
    if MARK.is_file() and MARK.read_text() == NATIVE:
        say("the bundled model does not run in the build for this processor; one for any processor takes its place")
        put_llama(PORTABLE)
        if speaks():
            return
    say(
        "the bundled model does not run on this machine: approved scripts will answer; `advisor-copilot doctor` says more"
    )


def speaks() -> bool:
    """Whether the installed llama.cpp reads a prompt with the bundled model and lives; in a process of its own."""
    code = f"import llama_cpp; m = llama_cpp.Llama({str(DRAFTER)!r}, n_ctx=64, n_threads=1, verbose=False); m.eval(list(range(1, 40)))"
    done = subprocess.run([VENV / "bin" / "python", "-c", code], capture_output=True, check=False)
    return done.returncode == 0


def compile_llama(folder: Path, build: str) -> None:
    """llama.cpp's wheel in this folder, unless it lies there. The sources are those whose hash is locked."""
    version = pinned(LLAMA)
    if list(folder.glob(f"llama_cpp_python-{version}-*.whl")):
        return
    if not (shutil.which("cc") and shutil.which("c++")):
        raise Refused(
            "no C/C++ compiler; on Debian or Ubuntu: apt install build-essential, on macOS: xcode-select --install"
        )
    say(f"compiling {LLAMA} {version} once, about six minutes on two cores; the wheel is kept in {folder}")
    folder.mkdir(parents=True, exist_ok=True)
    wheel([stanza(LLAMA)], folder, f"compiling {LLAMA}", told(build))


def wheel(stanzas: list[str], folder: Path, what: str, env: dict[str, str] | None = None) -> None:
    """Locked packages as wheels in a folder; pip compares each file with the hashes of its stanza."""
    with tempfile.TemporaryDirectory() as room:
        wanted = Path(room) / "requirements.txt"
        wanted.write_text("".join(stanzas), encoding="utf-8")
        # built with other flags it is another file: pip's own cache of wheels knows it by its sources alone
        fresh = ["--no-cache-dir"] if env else []
        run([*PIP, "wheel", "--no-deps", *fresh, "-w", str(folder), "-r", str(wanted)], what, env)


def write_wheels(folder: Path) -> None:
    """Everything `make run` needs, and the product itself, as wheels that install without a network.

    llama.cpp is built for any x86-64 with AVX2, not for this machine alone. PyTorch's CPU build is not the file whose hash is locked:
    pip compares it with the hash that its index gives.
    """
    check_python()
    make_venv()
    folder.mkdir(parents=True, exist_ok=True)
    compile_llama(folder, PORTABLE)
    index = os.environ.get("TORCH_INDEX")
    extra = ["--extra-index-url", index] if index else []
    say(f"{TORCH} {pinned(TORCH)}, CPU build")
    run([*PIP, "wheel", "--no-deps", *extra, "-w", str(folder), f"{TORCH}=={pinned(TORCH)}+cpu"], "fetching torch")
    say(f"the other packages of {LOCK.name}")
    names = [line.split("==")[0] for line in LOCK.read_text(encoding="utf-8").splitlines() if "==" in line]
    wheel([stanza(name) for name in names if name not in (TORCH, LLAMA)], folder, "fetching packages")
    run([*PIP, "wheel", "--no-deps", "-w", str(folder), str(ROOT)], "building advisor-copilot")
    say(f"{len(list(folder.glob('*.whl')))} wheels in {folder}; there: pip install --no-index --no-deps {folder}/*.whl")


def stamp(dev: bool) -> str:
    """What was installed, as a digest: when it is unchanged nothing needs doing."""
    parts = [
        LOCK.read_bytes(),
        (ROOT / "pyproject.toml").read_bytes(),
        str(sys.version_info[:2]).encode(),
        str(TILES).encode(),
    ]
    if dev:
        parts.append(DEV_LOCK.read_bytes())
    return sha256(b"|".join(parts)).hexdigest()


def install(dev: bool) -> None:
    """Everything, or nothing when it is there already."""
    check_python()
    marks = [VENV / ".installed-dev"] if dev else [VENV / ".installed", VENV / ".installed-dev"]
    for mark in marks:
        if mark.is_file() and mark.read_text() == stamp(mark.name.endswith("dev")):
            return
    started = time.monotonic()
    make_venv()
    install_torch()
    install_llama()
    lock = DEV_LOCK if dev else LOCK
    say(f"installing {lock.name}")
    run([*PIP, "install", "-r", str(lock)], "installing packages")
    run([*PIP, "install", "--no-deps", "-e", str(ROOT)], "installing advisor-copilot")
    prove_llama()
    marks[0].write_text(stamp(dev))
    say(f"done in {time.monotonic() - started:.0f} s")


def resolve(extras: str) -> list[str]:
    """`name==version` of everything pyproject asks for, as pip would install it into an empty environment."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        links = ["--find-links", str(kept(NATIVE))]
        torch = next(d for d in _dependencies() if d.startswith(f"{TORCH}==")).split("==")[1]
        constraint = Path(folder) / "constraints.txt"
        constraint.write_text(f"{TORCH}=={torch}\n")
        run(
            [
                *PIP,
                "install",
                "--dry-run",
                "--ignore-installed",
                "--quiet",
                "-c",
                str(constraint),
                *links,
                "--report",
                str(report),
                f"{ROOT}{extras}",
            ],
            "resolving dependencies",
        )
        chosen = [i["metadata"] for i in json.loads(report.read_text())["install"]]
    own = "advisor-copilot"
    return sorted(
        f"{m['name'].lower().replace('_', '-')}=={m['version'].split('+')[0]}" for m in chosen if m["name"] != own
    )


def _dependencies() -> list[str]:
    import tomllib

    return list(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"])


def write_locks() -> None:
    """Both lock files, from one resolution each."""
    make_venv()
    head = "# Written by `make lock` from pyproject.toml: every package, exactly, with the hash of each of its files.\n"
    for path, extras in ((LOCK, ""), (DEV_LOCK, "[dev,train]")):
        path.write_text(head + hashed([*resolve(extras), *ELSEWHERE]), encoding="utf-8")
        say(f"{path.name} written")


def hashed(packages: list[str]) -> str:
    """The same packages with the hashes that the registry gives for them; pip then takes no other file."""
    run([*PIP, "install", "--quiet", f"uv=={UV}"], "installing uv")
    with tempfile.TemporaryDirectory() as folder:
        plain, out = Path(folder) / "plain.txt", Path(folder) / "hashed.txt"
        plain.write_text("\n".join(packages) + "\n", encoding="utf-8")
        uv = [str(VENV / "bin" / "uv"), "pip", "compile", "--quiet", "--no-deps", "--universal", "--generate-hashes"]
        run([*uv, "--no-header", "--no-annotate", str(plain), "--output-file", str(out)], "reading the hashes")
        return out.read_text(encoding="utf-8")


def main() -> int:
    """Exit status: 0 when everything is there."""
    try:
        if "--lock" in sys.argv:
            write_locks()
        elif "--wheels" in sys.argv:
            folder = sys.argv[sys.argv.index("--wheels") + 1 :]
            if not folder:
                raise Refused("name the folder for the wheels: python3 install.py --wheels DIR")
            write_wheels(Path(folder[0]))
        else:
            install("--dev" in sys.argv)
    except Refused as error:
        print(f"install: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
