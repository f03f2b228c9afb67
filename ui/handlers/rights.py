"""Who may call a handler. Every handler that takes a user carries this mark, and a test calls each as everybody else."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from copilot.errors import AccessDenied
from copilot.records import User
from ui.desk import Desk

P = ParamSpec("P")
R = TypeVar("R")
Asked = Callable[Concatenate[Desk, User, P], R]


def only(*roles: str) -> Callable[[Asked[P, R]], Asked[P, R]]:
    """A handler for these roles: anybody else is refused before it reads a thing, whatever page the call came from."""

    def marked(act: Asked[P, R]) -> Asked[P, R]:
        @wraps(act)
        def guarded(desk: Desk, user: User, /, *args: P.args, **kwargs: P.kwargs) -> R:
            if not isinstance(user, User) or not user.active or user.must_change or user.role not in roles:
                raise AccessDenied(f"{act.__name__} is not for this role")
            return act(desk, user, *args, **kwargs)

        guarded.__dict__["roles"] = frozenset(roles)
        return guarded

    return marked
