"""SPIN: what the customer has revealed (ledger), how she is (state), and which moves are worth making."""

from copilot.spin.ledger import LedgerReader
from copilot.spin.moves import plan_moves
from copilot.spin.state import detect_state, selling_allowed

__all__ = ["LedgerReader", "detect_state", "plan_moves", "selling_allowed"]
