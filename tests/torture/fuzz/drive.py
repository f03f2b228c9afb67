"""`python -m tests.torture.fuzz.drive TARGET=RUNS …`: one process that tries inputs under limits of time and memory, and writes down what came of them.

Each input follows from seed and number alone; guided, atheris chooses them by the branches they reach.
"""

from __future__ import annotations

import argparse
import atexit
import faulthandler
import hashlib
import json
import logging
import os
import random
import re
import resource
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from tests.torture.fuzz.target import Take, Target, targets

ROOT = Path(__file__).parents[3]
EVERY = 200
"""Inputs after which the count is written down."""
_BLIND = 0.3
"""Share of guided inputs that atheris changes by itself, without knowing the format."""


class Tries:
    """What came of the inputs; a fault is kept once for each place, with the first input that led there."""

    def __init__(self, folder: Path, target: Target, take: Take) -> None:
        self._folder, self._target, self._take = folder, target, take
        self._began = time.perf_counter()
        self.outcomes = Counter[str]()
        self.faults: dict[str, str] = {}
        self.slowest, self.tried = 0.0, 0
        self.stop = False

    def one(self, data: bytes) -> None:
        """Try one; longer than its time, the process ends with a trace of where it was."""
        (self._folder / "input").write_bytes(data)
        faulthandler.dump_traceback_later(self._target.seconds, exit=True)
        began = time.perf_counter()
        try:
            self.outcomes[self._take(data)] += 1
        except Exception as error:  # a fault is what is looked for
            self._keep(error, data)
        finally:
            faulthandler.cancel_dump_traceback_later()
        self.slowest = max(self.slowest, time.perf_counter() - began)
        self.tried += 1
        if self.tried % EVERY == 0:
            self.write()

    def write(self) -> None:
        """Write the count down."""
        told = {
            "tried": self.tried,
            "outcomes": self.outcomes,
            "faults": self.faults,
            "slowest": self.slowest,
            "took": time.perf_counter() - self._began,
            "peak": _peak(),
        }
        fresh = self._folder / "count.new"
        fresh.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        fresh.replace(self._folder / "count.json")

    def _keep(self, error: Exception, data: bytes) -> None:
        frames = traceback.extract_tb(error.__traceback__)
        ours = [f for f in frames if f.filename.startswith(str(ROOT)) and "/torture/" not in f.filename] or frames
        place = f"{type(error).__name__} at {Path(ours[-1].filename).name}:{ours[-1].lineno}"
        self.outcomes[f"fault: {place}"] += 1
        if place not in self.faults:
            name = hashlib.sha256(data).hexdigest()[:12]
            (self._folder / f"fault-{name}").write_bytes(data)
            self.faults[place] = f"fault-{name}: {str(error)[:300]}"


def _peak() -> float:
    """Megabytes this process held at most: its own, where `getrusage` would count those of the process it was made from."""
    told = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(encoding="utf-8"))
    return int(told.group(1)) / 1000 if told else 0.0


def blind(tries: Tries, target: Target, seeds: Sequence[bytes], runs: int, seed: int) -> None:
    """Every seed as it is, then seeds changed."""
    for data in seeds[:runs]:
        tries.one(data)
    for number in range(len(seeds), runs):
        chance = random.Random(f"{seed} {number}")
        tries.one(target.mutate(chance.choice(seeds), chance, seeds)[: target.longest])


def guided(tries: Tries, target: Target, seeds: Sequence[bytes], runs: int, seed: int, folder: Path) -> None:
    """Inputs that reached something new are changed further."""
    import atheris

    corpus = folder / "corpus"
    corpus.mkdir()
    for number, data in enumerate(seeds):
        (corpus / str(number)).write_bytes(data)

    def change(data: bytes, most: int, number: int) -> bytes:
        chance = random.Random(number)
        if chance.random() < _BLIND:
            return bytes(atheris.Mutate(data, most))
        return target.mutate(data, chance, seeds)[:most]

    options = [
        f"-atheris_runs={runs}",
        f"-seed={seed}",
        f"-max_len={target.longest}",
        "-verbosity=0",
        "-rss_limit_mb=0",
    ]
    atheris.Setup(["fuzz", *options, str(corpus)], tries.one, custom_mutator=change)
    atheris.Fuzz()


def _watching(target: Target) -> AbstractContextManager[object]:
    """Within this, modules are imported so that atheris sees their branches."""
    import atheris

    watching: AbstractContextManager[object] = atheris.instrument_imports(include=list(target.watched))
    return watching


def main() -> None:
    """Try so many inputs of each target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="+", metavar="TARGET=RUNS", help=", ".join(targets()))
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--guided", action="store_true", help="one target only; needs atheris")
    options = parser.parse_args()
    if options.guided and len(options.names) > 1:
        parser.error("--guided takes one target: atheris ends the process when it is done")
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    logging.disable()  # readers of pdf files tell of every damage
    warnings.simplefilter("ignore")
    for asked in options.names:
        name, _, runs = asked.partition("=")
        folder = options.folder / name
        folder.mkdir(parents=True)
        target = targets()[name]
        with _watching(target) if options.guided else nullcontext():
            take = target.open(folder)
        seeds = target.seeds(folder)
        resource.setrlimit(resource.RLIMIT_AS, (target.memory, resource.RLIM_INFINITY))
        tries = Tries(folder, target, take)
        if options.guided:
            atexit.register(tries.write)
            guided(tries, target, seeds, int(runs), options.seed, folder)
        else:
            blind(tries, target, seeds, int(runs), options.seed)
            tries.write()


if __name__ == "__main__":
    main()
