"""Cases asked in several processes at once, each with a product of its own. Rows come back in the order of the cases."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor

from copilot.settings import Settings
from copilot.wiring import build
from evals.rows import Ask, Case, Row
from evals.suites import SUITES

CHUNK = 8
"""Cases handed to a process at a time."""
_ask: Ask | None = None
"""The asker of a worker process; each has one suite."""


def asked(settings: Settings, suite: str, cases: Sequence[Case], jobs: int) -> Iterator[Row]:
    """The rows of a suite, asked by `jobs` processes. They are spawned: a forked one would share the parent's locks."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, _begin, (settings, suite)) as pool:
        yield from pool.map(_one, cases, chunksize=CHUNK)


def _begin(settings: Settings, suite: str) -> None:
    """A product and the suite's asker, once a process. It has no model: these suites ask none, and one each would be too many."""
    global _ask
    scripted = settings.model.model_copy(update={"kind": "scripted"})
    product = build(settings.model_copy(update={"model": scripted}))
    product.check_all()
    _ask = SUITES[suite].asker(product)


def _one(case: Case) -> Row:
    if _ask is None:
        raise RuntimeError("a worker was asked before it had begun")
    return _ask(case)
