"""What compliance and trainers work with beside the queue: the record searched, samples, the rule workbench, new replies."""

from __future__ import annotations

from dataclasses import dataclass

from copilot.archive import Archive
from copilot.rulebook import Rulebook
from copilot.sampling import Sampling
from copilot.scriptbook import Scriptbook
from copilot.trial import Trial


@dataclass(frozen=True)
class Office:
    """The desks behind the desk."""

    archive: Archive
    sampling: Sampling
    rulebook: Rulebook
    scriptbook: Scriptbook
    trial: Trial
