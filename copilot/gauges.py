"""What is read of a running desk when somebody asks how it stands."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from copilot.meter import Gauges
from copilot.metered import ModelEar
from copilot.models.base import CopilotChat
from copilot.records import CaseStore, UserStore
from copilot.renewal import Renewal
from copilot.types import Retrieve
from knowledge_base.search import Search


class Gauged(Protocol):
    """What of the wired product is read (`copilot.wiring.App`)."""

    @property
    def cases(self) -> CaseStore:
        """Where compliance's cases stand."""
        ...

    @property
    def users(self) -> UserStore:
        """Who may sign in."""
        ...

    @property
    def model(self) -> CopilotChat | None:
        """The chat model."""
        ...

    @property
    def ear(self) -> ModelEar:
        """Who hears its requests."""
        ...

    @property
    def search(self) -> Retrieve:
        """The search over the index."""
        ...

    @property
    def renewal(self) -> Renewal:
        """Who keeps the index up."""
        ...

    def clock(self) -> datetime:
        """The time."""
        ...


def gauges_of(app: Gauged) -> Gauges:
    """The gauges, each read when it is asked for."""

    def oldest() -> float:
        began = app.cases.backlog().oldest
        return max(0.0, (app.clock() - began).total_seconds()) if began is not None else 0.0

    def passages() -> float:
        return app.search.index.manifest.units if isinstance(app.search, Search) else 0

    return {
        "review_cases": lambda: app.cases.backlog().waiting,
        "review_unclaimed": lambda: app.cases.backlog().unclaimed,
        "review_oldest_seconds": oldest,
        "accounts_locked": lambda: sum(a.locked_until > app.users.now() for a in app.users.accounts()),
        "index_passages": passages,
        "index_behind": lambda: app.renewal.look().stage != "fresh",
        "model_ready": lambda: app.model is not None and app.model.ready,
        "model_running": lambda: app.ear.running,
        "model_queue": lambda: app.model.queue.waiting if app.model is not None else 0,
        "model_queue_entered_total": lambda: app.model.queue.entered if app.model is not None else 0,
        "model_queue_seconds_total": lambda: app.model.queue.seconds if app.model is not None else 0,
    }
