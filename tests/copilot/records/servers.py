"""A PostgreSQL server of the tests' own, on a socket in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path


@dataclass(frozen=True)
class Server:
    """A running server. `fresh` makes an empty database and gives its address."""

    folder: Path
    numbers: count

    def fresh(self) -> str:
        import psycopg

        name = f"record_{next(self.numbers)}"
        with psycopg.connect(f"host={self.folder} user=tester dbname=postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        return f"postgresql://tester@/{name}?host={self.folder}"


def missing() -> str | None:
    """Why no server can be had, in one line; None when it can."""
    if find_spec("psycopg") is None:
        return "psycopg is not installed: make dev"
    return None if programs() else "PostgreSQL is not installed: apt-get install postgresql"


def programs() -> Path | None:
    """The folder of Debian's newest PostgreSQL programs, else of an `initdb` on the path that has a server beside it."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    found = shutil.which("initdb")
    for initdb in [*reversed(debian), *([Path(found)] if found else [])]:
        if (initdb.parent / "postgres").exists():
            return initdb.parent
    return None


@contextmanager
def running(bin_dir: Path) -> Iterator[Server]:
    """A server that ends with the block. PostgreSQL refuses to run as root, so root runs it as `postgres`."""
    user = "postgres" if os.getuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    if user:
        shutil.chown(folder, user)
    data = folder / "data"
    make = [bin_dir / "initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
    subprocess.run(make, check=True, capture_output=True, user=user, cwd=folder)
    # no fsync: no test cuts the power; synchronous_commit off: the record must see to it itself
    options = f"-c fsync=off -c listen_addresses='' -c unix_socket_directories={folder} -c synchronous_commit=off"
    control = [bin_dir / "pg_ctl", "-D", data, "-w", "-l", folder / "log"]
    try:
        subprocess.run([*control, "-o", options, "start"], check=True, capture_output=True, user=user, cwd=folder)
        yield Server(folder, count(1))
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, capture_output=True, user=user, cwd=folder)
        shutil.rmtree(folder, ignore_errors=True)
