"""The commands. Each is short: it reads its input, asks the product, writes the answer."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Annotated, Any, Literal

import typer

from copilot.cli import lines
from copilot.cli.audit import audit_app
from copilot.cli.content import import_app
from copilot.cli.corrections import corrections
from copilot.cli.documents import documents_app, import_documents, take_in
from copilot.cli.evaluate import eval_app
from copilot.cli.guard import guard_app
from copilot.cli.house import doctor, model_app, user_app
from copilot.cli.practice import practice_app
from copilot.cli.safekeeping import backup, restore
from copilot.cli.sizing import sizing
from copilot.errors import InputError
from copilot.gauges import gauges_of
from copilot.wiring import App, build
from knowledge_base.ingest.intake import Wanted

app = typer.Typer(
    name="advisor-copilot",
    help="A script copilot for bank wealth advisors: guarded, grounded replies from a model on this machine.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(audit_app, name="audit")
app.add_typer(user_app, name="user")
app.add_typer(model_app, name="model")
app.add_typer(import_app, name="import")
import_app.command("documents")(import_documents)
app.add_typer(documents_app, name="documents")
app.add_typer(eval_app, name="eval")
app.add_typer(guard_app, name="guard")
app.add_typer(practice_app, name="practice")
app.command()(doctor)
app.command()(corrections)
app.command()(backup)
app.command()(restore)
app.command()(sizing)

Input = Annotated[Path | None, typer.Argument(help="JSON-lines file; standard input when left out", show_default=False)]


@contextmanager
def _lines(path: Path | None) -> Iterator[Any]:
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # whatever the terminal speaks, JSON is UTF-8
    if path is None:
        sys.stdin.reconfigure(encoding="utf-8", errors="replace", newline="\n")  # type: ignore[union-attr]
        yield sys.stdin
        return
    try:
        handle = path.open(encoding="utf-8", errors="replace", newline="\n")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    with handle:
        yield handle


def _answer(path: Path | None, make: Callable[[App], lines.Handler]) -> None:
    product = build()
    try:
        with _lines(path) as source:
            lines.run(source, sys.stdout, make(product))
    finally:
        product.close()


@app.command()
def check(path: Input = None) -> None:
    """Read texts an advisor wants to send and say what the rules hold against them.

    In, one JSON object a line: {"text", "history"?, "at"?, "product_type"?, "products"?, "customer"?, "sources"?,
    "channel"?, "material"?}. Out: {"verdict": "pass|warn|review|block", "findings": [...], "not_checked": [...], "ms"}.

    Example: echo '{"text": "这款稳赚不赔"}' | advisor-copilot check
    """
    _answer(path, lines.checker)


@app.command()
def classify(path: Input = None) -> None:
    """Say what a customer's message wants.

    In: {"text", "history"?, "at"?}. Out: {"intent", "confidence", "secondary", "entities", "state", "selling", "ms"},
    and "offered", the two best intents, where nobody is sure of one.

    Example: echo '{"text": "那笔钱周五到期了吧"}' | advisor-copilot classify
    """
    _answer(path, lines.classifier)


@app.command()
def search(path: Input = None) -> None:
    """Find what the bank knows about a question.

    In: {"query", "history"?, "top_k"?, "kind"?, "on"?, "customer"?}.
    Out: {"found", "passages": [{"id", "document", "kind", "title", "text", "score", "start", "end"}], "ms"}.

    Example: echo '{"query": "赎回几天到账"}' | advisor-copilot search
    """
    _answer(path, lines.searcher)


@app.command()
def draft(path: Input = None) -> None:
    """Draft guarded replies to a customer's message. Every draft goes into the record.

    In: {"message", "history"?, "at"?, "customer"?}.
    Out: {"intent", "state", "selling", "ledger", "passages", "candidates", "provenance", "ms"}.

    Example: echo '{"message": "我那笔半年的是不是周五到期"}' | advisor-copilot draft
    """
    _answer(path, lines.drafter)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="address to listen on; the setting's when left out")] = None,
    port: Annotated[int | None, typer.Option(help="port; the setting's when left out")] = None,
) -> None:
    """Start the desk and print its address. The first start makes one user a role and prints the passwords once."""
    from ui.app import serve as run

    # a service manager's stop is Ctrl+C: requests end, then the processes beside this one, then the database
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    product = build(metered=True)
    try:
        product.check_all()
        product.meter.open(gauges_of(product))
        first = product.users.make_first()
        if first:
            print("First users and one-time passwords, shown this once. Each chooses another at the first sign-in.")
            for name, (role, password) in first.items():
                print(f"  {name:<12}{role:<12}{password}")
        where, door = host or product.settings.serve.host, port or product.settings.serve.port
        print(
            f"The desk is at http://{'127.0.0.1' if where == '0.0.0.0' else where}:{door} (Ctrl+C stops it)", flush=True
        )
        run(product, where, door, Thread(target=product.warm, name="warming", daemon=True).start)
    finally:
        product.close()


@app.command()
def index(
    sources: Annotated[
        list[Path] | None, typer.Argument(help="files or folders to take in first, as `import documents` does")
    ] = None,
    check_only: Annotated[
        bool, typer.Option("--check", help="only say whether the live index fits the content")
    ] = False,
    whole: Annotated[bool, typer.Option("--whole", help="from nothing: use no part of the index before again")] = False,
) -> None:
    """Build the search index beside the live one and switch to it. What has not changed since the last is taken over."""
    from knowledge_base.build import build_index, index_state

    product = build()
    failed = take_in(product, sources, Wanted()) if sources else 0
    if sources:
        product = build()
    if check_only:
        print(index_state(product.settings, product.library))
        return
    built = build_index(
        product.settings, product.library, lambda text: print(text, file=sys.stderr, flush=True), whole=whole
    )
    print(json.dumps(built.summary(), ensure_ascii=False))
    if failed:
        raise typer.Exit(1)


OutputFormat = Literal["json", "table"]
