"""python -m evals.peers [EVERY]: the peers' tables, as Markdown, over each EVERY-th case. Installs what they need into environments of their own, once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from copilot.errors import CopilotError, InputError
from copilot.wiring import build
from evals.ablations import every
from evals.peers import table
from evals.peers.venvs import answers, python


def main() -> int:
    """Print a table a peer; a peer that will not install is named and left out."""
    step = every(sys.argv)
    app = build()
    folder = app.settings.data / "peers"

    def ask(name: str, lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return answers(python(name, folder), name, lines)

    tables: Mapping[str, Callable[[], str]] = {
        "A word list": lambda: table.held_texts(app, ask, step),
        "A prompt-injection scanner": lambda: table.orders(ask, step),
        "A plain retrieval chain": lambda: table.replies(app, ask, app.settings.drafter_path, step),
    }
    try:
        app.check_all()
        for heading, make in tables.items():
            try:
                print(f"### {heading}\n\n{make()}\n", flush=True)
            except InputError as error:
                print(f"### {heading}\n\nnot run: {error}\n", flush=True)
    except CopilotError as error:
        print(f"peers: {error}", file=sys.stderr)
        return 1
    finally:
        app.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
