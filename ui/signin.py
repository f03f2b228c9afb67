"""The pages outside Gradio: sign-in, one's own account, and 'not your page'. Plain HTML, one stylesheet, no script."""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import urlencode

from ui import labels
from ui.present.base import safe
from ui.text import Words


@dataclass(frozen=True)
class Ways:
    """How one may sign in here. `label` is the button of the bank's own sign-in, "" where there is none."""

    label: str = ""
    exclusive: bool = False


@dataclass(frozen=True)
class Own:
    """One's own account, as shown to oneself."""

    name: str
    display: str
    role: str
    last: str
    running: int
    elsewhere: bool
    must_change: bool


def sign_in(words: Words, bank: str, csrf: str, onward: str, ways: Ways, message: str = "", name: str = "") -> str:
    """The sign-in form. `message` is what went wrong, in the page's language."""
    parts = [f'<p class="lead">{safe(words("sign_in_lead", bank=bank))}</p><h1>{safe(words("sign_in"))}</h1>']
    if message:
        parts.append(_wrong(message))
    if ways.label:
        css = "go" if ways.exclusive else "go second"
        there = f"/login/oidc?{urlencode({'next': onward})}"  # a link: the policy lets no form of ours lead elsewhere
        parts.append(f'<a class="{css}" href="{safe(there)}">{safe(ways.label)}</a>')
    if not ways.exclusive:
        parts.append(_password_form(words, csrf, onward, name, bool(ways.label)))
    parts.append(f'<p class="note">{safe(words("offline_note"))}</p>')
    return _page(words, words("sign_in"), f'<main class="plain">{"".join(parts)}</main>{_switch(words, "/login")}')


def _password_form(words: Words, csrf: str, onward: str, name: str, beside: bool) -> str:
    focus_name, focus_password = ("", " autofocus") if name else (" autofocus", "")
    or_else = f'<p class="or"><span>{safe(words("or_password"))}</span></p>' if beside else ""
    return f"""{or_else}
<form method="post" action="/login">
  <input type="hidden" name="csrf" value="{safe(csrf)}">
  <input type="hidden" name="next" value="{safe(onward)}">
  <label for="name">{safe(words("name"))}</label>
  <input id="name" name="name" value="{safe(name)}" autocomplete="username" autocapitalize="none" spellcheck="false"
    maxlength="64" required{focus_name}>
  <label for="password">{safe(words("password"))}</label>
  <input id="password" name="password" type="password" autocomplete="current-password" maxlength="256" required{focus_password}>
  <button type="submit">{safe(words("sign_in"))}</button>
</form>"""


def account(words: Words, own: Own, csrf: str, home: str, good: str = "", wrong: str = "") -> str:
    """One's own account: who one is here, where one is signed in, and another password."""
    facts = [
        (words("name"), own.name),
        (words("account_role"), labels.role(words, own.role)),
        (words("account_last"), own.last),
        (words("account_running"), words("account_places", n=own.running)),
    ]
    rows = "".join(f"<dt>{safe(what)}</dt><dd>{safe(value)}</dd>" for what, value in facts)
    parts = [f'<p class="lead">{safe(own.display)}</p><h1>{safe(words("account"))}</h1>']
    parts += [f'<p class="good" role="status"><b>✓</b> {safe(good)}</p>'] if good else []
    parts += [_wrong(wrong)] if wrong else []
    if own.must_change:
        parts.append(f'<p class="must" role="status"><b>!</b> {safe(words("must_change"))}</p>')
    else:
        parts.append(f"<dl>{rows}</dl>")
    if own.running > 1 and not own.must_change:
        parts.append(
            f'<form method="post" action="/account/elsewhere"><input type="hidden" name="csrf" value="{safe(csrf)}">'
            f'<button class="second" type="submit">{safe(words("account_leave"))}</button></form>'
        )
    parts.append(f'<p class="note">{safe(words("oidc_account"))}</p>' if own.elsewhere else _new_password(words, csrf))
    if not own.must_change:
        parts.append(f'<p class="switch"><a href="{safe(home)}">{safe(words("go_home"))}</a></p>')
    return _page(words, words("account"), f'<main class="plain">{"".join(parts)}</main>{_switch(words, "/account")}')


def _new_password(words: Words, csrf: str) -> str:
    boxes = "".join(
        f'<label for="{name}">{safe(words(key))}</label><input id="{name}" name="{name}" type="password" '
        f'autocomplete="{kind}" maxlength="256" required>'
        for name, key, kind in (
            ("old", "old_password", "current-password"),
            ("new", "new_password", "new-password"),
            ("again", "again_password", "new-password"),
        )
    )
    return f"""<form method="post" action="/account/password">
<h2>{safe(words("change_password"))}</h2><input type="hidden" name="csrf" value="{safe(csrf)}">{boxes}
<p class="note">{safe(words("password_rule"))}</p>
<button type="submit">{safe(words("change_password"))}</button></form>"""


def signed_in(words: Words) -> str:
    """Where the window of a session that was over ends: nothing is left to do here."""
    body = f"""
<main class="plain"><h1>{safe(words("over_back"))}</h1><p>{safe(words("over_back_text"))}</p></main>
<script src="/static/close.js"></script>"""
    return _page(words, words("over_back"), body)


def not_yours(words: Words, role: str, home: str) -> str:
    """Shown to somebody signed in whose role is not the page's."""
    text = words("not_yours_text", role=labels.role(words, role))
    body = f"""
<main class="plain"><h1>{safe(words("not_yours"))}</h1><p>{safe(text)}</p>
<p><a class="go" href="{safe(home)}">{safe(words("go_home"))}</a></p></main>"""
    return _page(words, words("not_yours"), body)


def over(words: Words) -> str:
    """The words of a page whose session ends, for its script: the page stays, and so does what was written on it."""
    said = {key: words(f"over{'_' if key else ''}{key}") for key in ("", "text", "button", "waiting")}
    return f'<meta name="session-over" content="{safe(json.dumps(said, ensure_ascii=False))}">'


def _wrong(message: str) -> str:
    return f'<p class="wrong" role="alert"><b>!</b> {safe(message)}</p>'


def _switch(words: Words, path: str) -> str:
    other = "en" if words.language == "zh" else "zh"
    return f'<p class="switch"><a href="/language/{other}?next={path}">{safe(words("other_language_long"))}</a></p>'


def not_now(words: Words) -> str:
    """Shown while the record's database cannot be used."""
    body = f"""
<div class="plain"><h1>{safe(words("not_now"))}</h1><p>{safe(words("not_now_text"))}</p></div>"""
    return _page(words, words("not_now"), body)


def _page(words: Words, title: str, body: str) -> str:
    language = "zh-CN" if words.language == "zh" else "en"
    return f"""<!doctype html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{safe(title)}</title><link rel="stylesheet" href="/static/page.css"><link rel="icon" href="/static/icon.svg"></head>
<body>{body}</body></html>"""
