"""What a customer's turn wants: the closed set of labels and the bundled classifier."""

from copilot.intent.labels import LABELS, Label
from copilot.intent.model import IntentModel

__all__ = ["LABELS", "IntentModel", "Label"]
