"""`python -m copilot.cli` is `advisor-copilot`."""

from copilot.cli import main

main()
