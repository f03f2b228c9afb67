"""A peer: the heuristics of a general prompt-injection scanner (rebuff 0.1.1), at the threshold that its client has by default.

Only its offline part: its other parts ask a service. JSON lines {"id", "text"} in, {"id", "held"} out.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

THRESHOLD = 0.75


def scanner() -> Callable[[str], float]:
    """Its scoring function, from its file: importing the package would want its service's client."""
    for place in map(Path, sys.path):
        path = place / "rebuff" / "detect_pi_heuristics.py"
        if path.is_file():
            spec = importlib.util.spec_from_file_location("rebuff_heuristics", path)
            if spec is None or spec.loader is None:
                break
            module: Any = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            found: Callable[[str], float] = module.detect_prompt_injection_using_heuristic_on_input
            return found
    raise SystemExit("rebuff is not installed here; run `python -m evals.peers`")


def main() -> None:
    """Answer line by line."""
    score = scanner()
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps({"id": asked["id"], "held": score(asked["text"]) > THRESHOLD}), flush=True)


if __name__ == "__main__":
    main()
