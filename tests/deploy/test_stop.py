"""The desk stopped as the unit and the container stop it: requests end, nothing is left behind, and it counts as a success."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.deploy.units import unit
from tests.torture.load import _free

ROOT = Path(__file__).resolve().parents[2]


def children(pid: int) -> list[int]:
    """Each thread has its own."""
    return [int(n) for task in Path(f"/proc/{pid}/task").glob("*/children") for n in task.read_text().split()]


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.model
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs Linux")
def test_the_signal_of_unit_and_container_stops_all_of_it_in_time(tmp_path):
    service = unit("advisor-copilot.service")["Service"]
    name = service["KillSignal"][0]
    container = (ROOT / "deploy/Containerfile").read_text(encoding="utf-8")
    assert re.findall(r"^STOPSIGNAL (\S+)$", container, re.MULTILINE) == [name]
    port = _free()
    settings = {"ADVISOR_COPILOT_DATA": str(tmp_path / "data"), "ADVISOR_COPILOT_SERVE__PORT": str(port)}
    log = tmp_path / "serve.log"
    with log.open("wb") as out:
        desk = subprocess.Popen([sys.executable, "-m", "copilot.cli", "serve"], cwd=ROOT, env={**os.environ, **settings}, stdout=out, stderr=out)  # fmt: skip
    beside: list[int] = []
    try:
        deadline = time.monotonic() + 180
        while True:
            assert time.monotonic() < deadline, log.read_text(encoding="utf-8")[-2000:]
            assert desk.poll() is None, log.read_text(encoding="utf-8")[-2000:]
            try:
                told = httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5, trust_env=False).json()
                if told == {"ok": True, "model": "ready"}:
                    break
            except httpx.HTTPError:
                pass
            time.sleep(0.2)
        beside = children(desk.pid)
        assert beside, "the model runs in a process of its own"
        # a client that holds its connection open does not keep the desk from stopping
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            client.get("/login")
            began = time.monotonic()
            desk.send_signal(getattr(signal, name))
            status = desk.wait(float(service["TimeoutStopSec"][0]))
            assert time.monotonic() - began < float(service["TimeoutStopSec"][0])
    finally:
        if desk.poll() is None:
            desk.kill()
            desk.wait()
        left = [pid for pid in beside if not gone(pid)]
        for pid in left:
            os.kill(pid, signal.SIGKILL)
    assert status in {0, *map(int, service["SuccessExitStatus"])}
    assert left == []
    assert "Traceback" not in log.read_text(encoding="utf-8")
    assert not (tmp_path / "data" / "record.db-wal").exists(), "the database was closed, not dropped"
