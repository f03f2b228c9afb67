"""`advisor-copilot COMMAND`: the command line, a contract that other programs rely on."""

from __future__ import annotations

import os
import sys

from copilot.errors import CopilotError
from copilot.settings import OFFLINE


def main() -> None:
    """Entry point: one line on standard error for anything that goes wrong on purpose, never a traceback."""
    os.environ.update(OFFLINE)
    from copilot.cli.commands import app

    try:
        app(standalone_mode=True)
    except CopilotError as error:
        print(f"advisor-copilot: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # the reader of our output went away (`… | head`): not an error of ours
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
