"""What this machine can run: its cores and memory, a short run of the model at hand, and which presets would fit."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from langchain_core.messages import HumanMessage

from copilot.errors import CopilotError
from copilot.models.files import PRESETS, Preset
from copilot.models.gguf import Header, read_header
from copilot.settings import ModelSettings

_WORKING = 300_000_000
"""Bytes a model process needs beside weights and context."""
_REACHED = 0.6
"""Share of the memory's speed that decoding reaches."""
_SAMPLE = 128 * 1024 * 1024
_PROMPT = "请把下面这位客户的话用一句话说清楚，语气温和。" * 4
_LOAD_S = 120.0


@dataclass(frozen=True)
class Fit:
    """Whether a preset would run here; `tokens_per_s` is an estimate from the memory's speed, on the CPU."""

    preset: Preset
    needs: int
    fits: bool
    tokens_per_s: float


@dataclass(frozen=True)
class Measured:
    """A short run of the model at hand."""

    load_s: float
    prompt_tokens_per_s: float
    tokens_per_s: float


@dataclass(frozen=True)
class Report:
    """What this machine can run. `problems` are lines a person can act on."""

    cores: int
    memory: int
    memory_free: int
    bandwidth: float
    header: Header | None
    measured: Measured | None
    fits: tuple[Fit, ...]
    problems: tuple[str, ...]


def doctor(path: Path, settings: ModelSettings) -> Report:
    """Look at the machine and run the model for a second or two. Never raises for what it finds."""
    cores, memory, free = core_count(), *memory_bytes()
    problems: list[str] = []
    header, measured = None, None
    try:
        header = read_header(path)
        measured = _measure(path, settings)
    except CopilotError as error:
        problems.append(str(error))
    if settings.threads > cores:
        problems.append(f"model.threads is {settings.threads} and this machine has {cores} cores; set it to {cores}")
    if header is not None and "context" in settings.model_fields_set and 0 < header.context < settings.context:
        problems.append(f"model.context is {settings.context} and the model was trained for {header.context}; lower it")
    if header is not None and _needs(header.bytes, _cache(header, settings.context)) > free:
        problems.append(f"{path}: needs more memory than the {free / 1e9:.1f} GB free; choose a smaller model")
    speed = bandwidth(min(settings.threads, cores))
    fits = tuple(_fit(p, free, speed) for p in PRESETS.values())
    return Report(cores, memory, free, speed, header, measured, fits, tuple(problems))


def core_count() -> int:
    """Cores this process may use, a container's limit counted."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        cores = min(cores, max(1, int(quota) // int(period)))
    except (OSError, ValueError):
        pass
    return cores


def memory_bytes() -> tuple[int, int]:
    """Memory in all and free, a container's limit counted."""
    page = os.sysconf("SC_PAGE_SIZE")
    total = page * os.sysconf("SC_PHYS_PAGES")
    free = total
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
        limit = int(Path("/sys/fs/cgroup/memory.max").read_text())
        used = int(Path("/sys/fs/cgroup/memory.current").read_text())
        total, free = min(total, limit), min(free, max(0, limit - used))
    except (OSError, ValueError, StopIteration):
        pass
    return total, free


def bandwidth(threads: int) -> float:
    """Bytes a second that `threads` threads read from memory."""
    import numpy as np

    blocks = [np.ones(_SAMPLE // 8) for _ in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        best = float("inf")
        for _ in range(3):
            begun = time.perf_counter()
            list(pool.map(np.sum, blocks))
            best = min(best, time.perf_counter() - begun)
    return threads * _SAMPLE / best


def _measure(path: Path, settings: ModelSettings) -> Measured:
    from copilot.models import build_chat

    patient = settings.model_copy(update={"kind": "embedded", "timeout_s": 120.0, "first_token_timeout_s": 120.0})
    chat = build_chat(patient, path, settings.sha256, None, None)
    try:
        begun = time.perf_counter()
        chat.wait_ready(_LOAD_S)
        load = time.perf_counter() - begun
        reply = chat.invoke([HumanMessage(_PROMPT)], max_tokens=64, temperature=1.0, seed=1)
        usage, said = dict(reply.usage_metadata or {}), reply.response_metadata
        writing = max(said["total_ms"] - said["first_ms"], 1.0) / 1e3
        reading = max(said["first_ms"], 1.0) / 1e3
        read, written = (int(str(usage.get(key, 0))) for key in ("input_tokens", "output_tokens"))
        return Measured(round(load, 2), round(read / reading, 1), round(max(0, written - 1) / writing, 1))
    finally:
        chat.close()


def _cache(header: Header, context: int) -> int:
    """Bytes of the context: keys and values of 16 bits in every layer."""
    return 4 * header.layers * header.kv_width * context


def _needs(weights: int, cache: int) -> int:
    return weights + cache + _WORKING


def _fit(preset: Preset, free: int, speed: float) -> Fit:
    needs = _needs(preset.bytes, preset.bytes // 10)
    return Fit(preset, needs, needs <= free, round(_REACHED * speed / preset.read_per_token, 1))
