"""Commands for those who keep the house: users, models, and a look at everything."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from copilot.accounts import CONSOLE
from copilot.errors import CopilotError, ModelUnavailable
from copilot.records import User
from copilot.telemetry import described
from copilot.wiring import App, build
from copilot.written import plain

user_app = typer.Typer(help="People who sign in to the desk.", no_args_is_help=True)
model_app = typer.Typer(help="The model that writes the drafts.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="user name")]


@user_app.command("add")
def user_add(
    name: Name,
    role: Annotated[str, typer.Option(help="advisor, compliance, trainer or admin")],
    display: Annotated[str, typer.Option(help="name shown on the desk")] = "",
) -> None:
    """Add a user and print the one-time password once."""
    print(build().accounts.add(_operator(), name, role, display))


@user_app.command("list")
def user_list() -> None:
    """List users."""
    product = build()
    for account in product.users.accounts():
        user = account.user
        notes = [] if user.active else ["closed"]
        notes += ["locked"] if account.locked_until > product.users.now() else []
        notes += ["one-time password"] if user.must_change else []
        notes += ["bank sign-in"] if account.subject else []
        print(f"{user.name:<20}{user.role:<12}{user.display}" + (f"  ({', '.join(notes)})" if notes else ""))


@user_app.command("passwd")
def user_passwd(
    name: Name, ask: Annotated[bool, typer.Option("--ask", help="type it instead of having one made")] = False
) -> None:
    """Set a new password, take locks off, end the user's sign-ins. Prints a one-time password, unless one was typed."""
    typed = typer.prompt("New password", hide_input=True, confirmation_prompt=True) if ask else None
    made = build().accounts.new_password(_operator(), name, typed)
    if not ask:
        print(made)


@user_app.command("close")
def user_close(name: Name) -> None:
    """Close an account and end its sign-ins; the record keeps its name. The last administrator stays."""
    build().accounts.close(_operator(), name)


@user_app.command("open")
def user_open(name: Name) -> None:
    """Open a closed account again."""
    build().accounts.reopen(_operator(), name)


@user_app.command("unlock")
def user_unlock(name: Name) -> None:
    """Take off the lock that failed sign-ins put on."""
    build().accounts.unlock(_operator(), name)


@user_app.command("role")
def user_role(name: Name, role: Annotated[str, typer.Argument(help="advisor, compliance, trainer or admin")]) -> None:
    """Give a user another role."""
    build().accounts.set_role(_operator(), name, role)


def _operator() -> User:
    """Whoever runs the command, as the record names him."""
    return User(f"{CONSOLE}{getpass.getuser()}", "admin", "")


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
        ("telemetry", lambda: described(product.settings.telemetry)),
    ]


def _progress(done: int, total: int | None) -> None:
    share = f"{done / total:6.1%}" if total else ""
    print(f"\r{done / 1e6:10.1f} MB {share}", end="", file=sys.stderr)
