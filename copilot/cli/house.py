"""Commands for those who keep the house: the record, users, models, and a look at everything."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from copilot.errors import ChainBroken, CopilotError, InputError, ModelUnavailable
from copilot.wiring import App, build
from copilot.written import plain

audit_app = typer.Typer(help="Verify and export the record.", no_args_is_help=True)
user_app = typer.Typer(help="People who sign in to the desk.", no_args_is_help=True)
model_app = typer.Typer(help="The model that writes the drafts.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="user name")]


@audit_app.command("verify")
def audit_verify() -> None:
    """Read the whole chain. Names the first broken entry and exits with 1 when there is one."""
    result = build().record.verify()
    if result.broken_at is not None:
        raise ChainBroken(result.broken_at, f"{result.what} ({result.entries} entries before it hold)")
    print(f"{result.entries} entries hold, {result.redacted} of them redacted; head {result.head}")


@audit_app.command("export")
def audit_export(
    path: Annotated[
        Path | None, typer.Argument(help="file to write; standard output when left out", show_default=False)
    ] = None,
    conversation: Annotated[str | None, typer.Option(help="only this conversation")] = None,
) -> None:
    """Write the record as JSON lines: each entry with its hashes and, unless redacted, its content."""
    record = build().record
    wanted = {e.sequence for e in record.read(conversation=conversation)} if conversation else None
    try:
        out = path.open("w", encoding="utf-8") if path else sys.stdout
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    try:
        for link in record.links():
            if wanted is None or link.sequence in wanted:
                body = plain(link) | {"body": json.loads(link.body) if link.body is not None else None}
                out.write(json.dumps(body, ensure_ascii=False) + "\n")
    finally:
        if path:
            out.close()


@user_app.command("add")
def user_add(
    name: Name,
    role: Annotated[str, typer.Option(help="advisor, compliance, trainer or admin")],
    display: Annotated[str, typer.Option(help="name shown on the desk")] = "",
) -> None:
    """Add a user and print the generated password once."""
    print(build().users.add(name, role, display))


@user_app.command("list")
def user_list() -> None:
    """List users."""
    for user in build().users.list():
        print(f"{user.name:<20}{user.role:<12}{user.display}{'' if user.active else '  (closed)'}")


@user_app.command("passwd")
def user_passwd(
    name: Name, ask: Annotated[bool, typer.Option("--ask", help="type it instead of having one made")] = False
) -> None:
    """Set a new password, end the user's sign-ins, and print it once unless typed."""
    typed = typer.prompt("New password", hide_input=True, confirmation_prompt=True) if ask else None
    made = build().users.set_password(name, typed)
    if not ask:
        print(made)


@user_app.command("close")
def user_close(name: Name) -> None:
    """Close an account; the record keeps its name."""
    build().users.deactivate(name)


@model_app.command("show")
def model_show() -> None:
    """Say which model file is in use, with its hash."""
    from copilot.models.gguf import read_header
    from copilot.models.hashing import sha256_of

    path = build().model_path
    header = read_header(path)
    print(f"{path}\nsha256 {sha256_of(path)}")
    print(json.dumps({k: v for k, v in plain(header).items() if k != "chat_template"}, ensure_ascii=False))


@model_app.command("use")
def model_use(path: Annotated[Path, typer.Argument(help="a GGUF chat model")]) -> None:
    """Use another GGUF chat model from now on: checks the file and records its hash for every later load."""
    from copilot.models.files import use

    chosen = use(path, build().settings.data)
    print(f"{chosen.path}\nsha256 {chosen.sha256}")


@model_app.command("get")
def model_get(
    name: Annotated[str, typer.Argument(help="a preset; `model list` shows them")],
    mirror: Annotated[
        str, typer.Option(help="where the hub, or a mirror laid out like it, answers")
    ] = "https://huggingface.co",
) -> None:
    """Download the official GGUF of a preset, resume where it stopped, verify the published hash, and use it."""
    from copilot.models.files import get, use

    data = build().settings.data
    path = get(name, mirror, data / "models", progress=_progress)
    print(f"\n{use(path, data).path}")


@model_app.command("list")
def model_list() -> None:
    """List the presets that `model get` knows."""
    from copilot.models.files import PRESETS

    for preset in PRESETS.values():
        print(f"{preset.name:<16}{preset.repo:<40}{preset.file}")


@model_app.command("forget")
def model_forget() -> None:
    """Go back to the bundled drafter."""
    from copilot.models.files import forget

    forget(build().settings.data)


@model_app.command("doctor")
def model_doctor() -> None:
    """Say what this machine can run and how fast the model in use is."""
    from copilot.models.doctor import doctor as examine

    product = build()
    report = examine(product.model_path, product.settings.model)
    print(f"{report.cores} cores, {report.memory_free / 1e9:.1f} of {report.memory / 1e9:.1f} GB free, ", end="")
    print(f"memory moves {report.bandwidth / 1e9:.1f} GB/s")
    if report.measured:
        found = report.measured
        print(f"in use: {product.model_path}, loads in {found.load_s:.2f} s, ", end="")
        print(f"reads {found.prompt_tokens_per_s:.0f} and writes {found.tokens_per_s:.0f} tokens/s")
    for fit in report.fits:
        print(
            f"{fit.preset.name:<16}{'fits' if fit.fits else 'too large':<11}{fit.needs / 1e9:6.1f} GB  about {fit.tokens_per_s:.0f} tokens/s"
        )
    for problem in report.problems:
        print(f"problem: {problem}")
    if report.problems:
        raise typer.Exit(1)


def doctor() -> None:
    """Look at every part and say what works and what to do about the rest. Exits with 1 when a part is broken."""
    product = build()
    broken = 0
    for name, look in _looks(product):
        try:
            print(f"ok     {name}: {look()}")
        except CopilotError as error:
            broken += 1
            print(f"BROKEN {name}: {error}")
    product.close()
    if broken:
        raise typer.Exit(1)


def _looks(product: App) -> list[tuple[str, Callable[[], object]]]:
    def model() -> str:
        if product.model is None:
            return "scripts only, as set"
        if not product.model.wait_ready(30):
            raise ModelUnavailable("still loading after 30 s; see the log in the data folder")
        info = product.model.info()
        return f"{info.name} {info.sha256[:12]}"

    def rules() -> str:
        weakened = product.guard.ruleset.weakened
        return product.guard.version + (f"; statutory rules weakened: {', '.join(weakened)}" if weakened else "")

    return [
        ("settings", lambda: product.settings.data.resolve()),
        ("knowledge", lambda: f"{len(product.library.products())} products, version {product.library.version[:12]}"),
        ("rules", rules),
        ("classifier", lambda: product.classifier.version),
        ("index", lambda: "fits the content" if product.search else ""),
        ("record", lambda: f"{product.record.verify().entries} entries"),
        ("prompt", lambda: product.prompt.name),
        ("judge", lambda: product.judge.version if product.judge else "none set: the guard reads alone"),
        ("model", model),
    ]


def _progress(done: int, total: int | None) -> None:
    share = f"{done / total:6.1%}" if total else ""
    print(f"\r{done / 1e6:10.1f} MB {share}", end="", file=sys.stderr)
