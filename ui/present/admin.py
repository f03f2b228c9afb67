"""The administrator's page as HTML."""

from __future__ import annotations

from collections.abc import Sequence

from copilot.accounts import CONSOLE
from ui import labels
from ui.handlers.staffing import Deed, Opened, Person
from ui.present.base import banner, button, el, safe
from ui.text import Words

_LOOKS = {"open": "pass", "closed": "", "locked": "block", "one_time": "warn", "one_time_over": "warn"}
_WHEN = "%m-%d %H:%M"


def people(words: Words, found: Sequence[Person], opened: str) -> str:
    """The list of accounts."""
    if not found:
        return el("p", "empty", safe(words("s_none")))
    head = el("p", "quiet small", safe(words("s_count", n=len(found))))
    return head + el("div", "rows", *(_row(words, person, opened) for person in found))


def person(words: Words, view: Opened | None) -> str:
    """One account: how it stands, and what may be done with it."""
    if view is None:
        return el("p", "empty", safe(words("s_choose")))
    who = view.person
    facts = [words("s_last", at=who.last.strftime("%Y-%m-%d %H:%M")) if who.last else words("s_never")]
    facts += [words("s_running", n=view.running)] if view.running else []
    facts += [words("s_failures", n=who.failures)] if who.failures else []
    facts += [words("s_oidc")] if who.elsewhere else []
    head = el(
        "div",
        "case-head",
        el("h2", "", safe(who.display)),
        el("span", "quiet", safe(who.name)),
        el("span", "chip known", safe(labels.role(words, who.role))),
        _state(words, who),
    )
    acts = "".join(_act(words, view, act) for act in ("unlock", "password", "sign_out", "close", "reopen"))
    note = el("p", "quiet", safe(words("s_self"))) if who.own else ""
    return el("div", "person", head, el("p", "quiet", safe(" · ".join(facts))), note, el("div", "acts", acts))


def history(words: Words, view: Opened | None) -> str:
    """What was done with an account, the newest first."""
    deeds = "".join(el("li", "", _deed(words, deed)) for deed in view.deeds) if view is not None else ""
    return el("h3", "area", safe(words("s_history"))) + el("ul", "steps", deeds) if deeds else ""


def secret(words: Words, said: str, password: str) -> str:
    """The one time that a password is shown."""
    shown = el("b", "secret-word", safe(password))
    copy = button("small-button", "copy-secret", words("copy"))
    return banner("good", said, el("span", "secret", safe(words("s_secret")), " ", shown, " ", copy))


def _row(words: Words, who: Person, opened: str) -> str:
    css = (
        "row staff-row"
        + (" is-open" if who.name == opened else "")
        + (" is-closed" if who.standing == "closed" else "")
    )
    you = f"（{words('s_you')}）" if words.language == "zh" else f" ({words('s_you')})"
    top = el("span", "row-top", el("b", "row-name", safe(who.display + (you if who.own else ""))), _state(words, who))
    rest = el("span", "row-rest", el("span", "", safe(who.name)), el("span", "", safe(labels.role(words, who.role))))
    act = f"person-{who.name.encode().hex()}"
    return f'<button type="button" class="act {safe(css)} do-{act}">{top}{rest}</button>'


def _state(words: Words, who: Person) -> str:
    text = words(f"s_{who.standing}", until=who.until.strftime(_WHEN)) if who.until else words(f"s_{who.standing}")
    return el("span", f"badge is-{_LOOKS[who.standing]}", safe(text))


def _act(words: Words, view: Opened, act: str) -> str:
    if act not in view.acts:
        return ""
    sure = act in ("password", "close", "sign_out")
    css = "small-button" + (" sure" if sure else "") + (" is-grave" if act == "close" else "")
    return button(css, act.replace("_", "-"), words(f"s_{act}"), words("s_sure", act=words(f"s_{act}")) if sure else "")


def _deed(words: Words, deed: Deed) -> str:
    by = deed.by
    if by == "oidc":
        by = words("s_by_oidc")
    elif by.startswith(CONSOLE):
        by = words("s_by_console", who=by.removeprefix(CONSOLE))
    named = {key: labels.role(words, str(deed.told[key])) for key in ("role", "before") if deed.told.get(key)}
    said = words(f"d_{deed.what}", **{"minutes": deed.told.get("minutes", ""), "role": "", "before": "", **named})
    when = el("span", "quiet", safe(deed.at.strftime("%Y-%m-%d %H:%M")))
    return f"{when} {safe(by)} {safe(said)}"
