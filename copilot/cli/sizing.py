"""`advisor-copilot sizing`: how large a machine a number of advisors needs."""

from __future__ import annotations

from typing import Annotated

import typer

from copilot.sizing import Assumed, needs, told


def sizing(
    advisors: Annotated[int, typer.Argument(min=1, max=100_000, help="people who use the desk")],
    turns: Annotated[float, typer.Option(min=1, help="customers' messages a day for which one of them asks")] = 60,
    peak: Annotated[float, typer.Option(min=1, help="how many times busier than the mean the busiest minutes are")] = 3,
    hours: Annotated[float, typer.Option(min=1, max=24, help="of a working day")] = 8,
    tokens: Annotated[
        float, typer.Option(min=1, help="tokens a second of one GPU with the larger model, as measured there")
    ] = 1000,
) -> None:
    """Say how many processes, cores, memory and disk that many advisors need, with the arithmetic.

    Example: advisor-copilot sizing 200 --turns 40
    """
    own = Assumed(turns_a_day=turns, peak=peak, hours=hours, gpu_tokens_s=tokens)
    for line in told(needs(advisors, own), own):
        print(line)
