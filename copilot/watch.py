"""Lets acts of the line be watched from outside, without their knowing by whom.

A line carries its `watch`: called with the line and the name of the work, it gives, for as long as the work lasts, the
line to do it with. `unwatched` gives the line itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

Watch = Callable[[Any, str], AbstractContextManager[Any]]


class Watchable(Protocol):
    """What carries a watch: the line."""

    @property
    def watch(self) -> Watch:
        """The watch."""
        ...


L = TypeVar("L", bound=Watchable)
P = ParamSpec("P")
R = TypeVar("R")


def unwatched(line: L, work: str) -> AbstractContextManager[L]:
    """The line itself."""
    return nullcontext(line)


def work(name: str) -> Callable[[Callable[Concatenate[L, P], R]], Callable[Concatenate[L, P], R]]:
    """Make a function of a line one that is watched."""

    def made(act: Callable[Concatenate[L, P], R]) -> Callable[Concatenate[L, P], R]:
        @wraps(act)
        def watched(line: L, /, *args: P.args, **kwargs: P.kwargs) -> R:
            with line.watch(line, name) as seen:
                return act(seen, *args, **kwargs)

        return watched

    return made


def streamed_work(
    name: str,
) -> Callable[[Callable[Concatenate[L, P], Iterator[R]]], Callable[Concatenate[L, P], Iterator[R]]]:
    """Make a generator of a line one that is watched until it ends or nobody wants more of it."""

    def made(act: Callable[Concatenate[L, P], Iterator[R]]) -> Callable[Concatenate[L, P], Iterator[R]]:
        @wraps(act)
        def watched(line: L, /, *args: P.args, **kwargs: P.kwargs) -> Iterator[R]:
            with line.watch(line, name) as seen:
                yield from act(seen, *args, **kwargs)

        return watched

    return made
