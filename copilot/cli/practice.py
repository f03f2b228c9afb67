"""`advisor-copilot practice`: talk to a made-up customer, and see what the talk was worth."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING, Annotated, Any

import typer

from copilot.errors import InputError
from copilot.wiring import build

if TYPE_CHECKING:
    from evals.practice.coach import Coach
    from evals.practice.customer import Buyer
    from evals.practice.scoring import Scored
    from evals.practice.talk import Talk

practice_app = typer.Typer(help="Practise with a made-up customer.", no_args_is_help=False)
_END = "/end"


@practice_app.callback(invoke_without_command=True)
def practice(
    context: typer.Context,
    customer: Annotated[str, typer.Option(help="whom to talk to; anyone when left out")] = "",
    script: Annotated[
        Path | None,
        typer.Option(help="a file with the advisor's lines, one a turn, `-` for standard input; answers as JSON lines"),
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="the same seed gives the same talk")] = None,
    keep_for: Annotated[str, typer.Option("--as", help="an advisor's user name: the talk is kept among hers")] = "",
) -> None:
    """Talk to a customer on the terminal, or run a talk from a file. `practice list` names the customers.

    With --script one JSON object a turn, {"turn", "advisor", "customer", "verdict", "findings", "facts", "needs"}, then
    {"customer_id", "seed", "ended", "whole", "scores": [{"name", "value", "some", "of", "turn", "quote", "better", "why"}]}.

    Example: advisor-copilot practice --customer courier --script lines.txt
    """
    if context.invoked_subcommand is not None:
        return
    from evals.practice.coach import Coach
    from evals.practice.customer import customer_of, customers
    from evals.practice.scoring import scored
    from evals.practice.talk import begin, leave
    from evals.practice.voice import voiced_by

    chosen = SystemRandom().randrange(1 << 31) if seed is None else seed
    buyer = customer_of(customer or sorted(customers())[chosen % len(customers())])
    lines = _read(script) if script is not None else None
    product = build()
    try:
        if keep_for and not any(u.name == keep_for and u.role == "advisor" for u in product.users.list()):
            raise InputError(f"no advisor {keep_for}; see `advisor-copilot user list`")
        coach = Coach(product.line, datetime.now, voiced_by(product.larger))
        talk = begin(buyer, chosen)
        told = _scripted(coach, buyer, talk, lines) if lines is not None else _spoken(coach, buyer, talk)
        talk = leave(told)
        found = scored(buyer, talk)
        if keep_for:
            _keep(product, keep_for, talk, found)
    finally:
        product.close()
    if lines is not None:
        from evals.practice.written import scores_json

        _out({"customer_id": buyer.id, "seed": talk.seed, "ended": talk.ended, **scores_json(found)})
    else:
        _report(buyer, talk, found)


@practice_app.command("list")
def practice_list() -> None:
    """Name the customers: id, level, who."""
    from evals.practice.customer import customers

    for buyer in customers().values():
        print(f"{buyer.id:<14}{'*' * buyer.hard:<5}{buyer.name.zh} · {buyer.name.en}")


def _read(script: Path) -> list[str]:
    """The advisor's lines of a file."""
    try:
        text = sys.stdin.read() if str(script) == "-" else script.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{script}: cannot be read as UTF-8 text ({error})") from error
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise InputError(f"{script}: no line in it; write one a turn")
    return lines


def _scripted(coach: Coach, buyer: Buyer, talk: Talk, lines: list[str]) -> Talk:
    """Say the lines, one a turn, until the talk ends."""
    _out({"turn": 0, "customer": talk.opening})
    for number, line in enumerate(lines, 1):
        talk = coach.said(buyer, talk, line)
        last = talk.exchanges[-1]
        told = {"turn": number, "advisor": last.said, "customer": last.reply, "verdict": last.heard.outcome}
        findings = [
            {"check": f.check, "severity": f.severity, "quote": f.quote, "reason": f.reason} for f in last.heard.flaws
        ]
        _out({**told, "findings": findings, "facts": list(last.facts), "needs": list(last.needs)})
        if talk.ended:
            break
    return talk


def _spoken(coach: Coach, buyer: Buyer, talk: Talk) -> Talk:
    """A talk on the terminal; an empty line or the end of input ends it."""
    print(
        f"{buyer.name.zh} · {buyer.name.en}\n{buyer.about.zh}\n({_END} 结束 ends the talk)\n\n客户：{talk.opening}",
        flush=True,
    )
    for line in _typed():
        try:
            talk = coach.said(buyer, talk, line)
        except InputError as error:
            print(f"！{error}", flush=True)
            continue
        for piece in talk.exchanges[-1].reply.split("\n"):
            print(f"客户：{piece}", flush=True)
        if talk.ended:
            break
    return talk


def _typed() -> Iterator[str]:
    while True:
        try:
            line = input("您：" if sys.stdin.isatty() else "").strip()
        except EOFError:
            return
        if line in ("", _END):
            return
        yield line


def _keep(product: Any, person: str, talk: Talk, found: Scored) -> None:
    """Keep a finished talk among an advisor's own."""
    from evals.practice.written import exchange_json, scores_json

    now = datetime.now()
    name = product.practices.begin(person, talk.customer, talk.seed, talk.opening, now)
    for number, exchange in enumerate(talk.exchanges, 1):
        product.practices.append(name, number, exchange_json(exchange), now)
    product.practices.end(name, talk.ended, scores_json(found), now)


def _report(buyer: Buyer, talk: Talk, found: Scored) -> None:
    """The scores, for a person."""
    print(f"\n{talk.ended} · {100 * found.whole:.0f}\n{buyer.hidden.zh}\n")
    for score in found.scores:
        print(
            f"{score.name:<11}{100 * score.value:>4.0f}  ({score.some}/{score.of}) {score.why}\n    您：{score.quote}\n    可：{score.better}"
        )


def _out(told: dict[str, Any]) -> None:
    print(json.dumps(told, ensure_ascii=False), flush=True)
