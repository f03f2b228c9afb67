"""The pages outside Gradio: sign-in, and 'not your page'. Plain HTML, one stylesheet, no script."""

from __future__ import annotations

from ui import labels
from ui.present.base import safe
from ui.text import Words


def sign_in(words: Words, bank: str, csrf: str, onward: str, message: str = "", name: str = "") -> str:
    """The sign-in form. `message` is what went wrong, in the page's language."""
    said = f'<p class="wrong" role="alert"><b>!</b> {safe(message)}</p>' if message else ""
    other = "en" if words.language == "zh" else "zh"
    focus_name, focus_password = ("", " autofocus") if name else (" autofocus", "")
    body = f"""
<form method="post" action="/login">
  <p class="lead">{safe(words("sign_in_lead", bank=bank))}</p>
  <h1>{safe(words("sign_in"))}</h1>
  {said}
  <input type="hidden" name="csrf" value="{safe(csrf)}">
  <input type="hidden" name="next" value="{safe(onward)}">
  <label for="name">{safe(words("name"))}</label>
  <input id="name" name="name" value="{safe(name)}" autocomplete="username" autocapitalize="none" spellcheck="false"
    maxlength="64" required{focus_name}>
  <label for="password">{safe(words("password"))}</label>
  <input id="password" name="password" type="password" autocomplete="current-password" maxlength="256" required{focus_password}>
  <button type="submit">{safe(words("sign_in"))}</button>
  <p class="note">{safe(words("offline_note"))}</p>
</form>
<p class="switch"><a href="/language/{other}?next=/login">{safe(words("other_language_long"))}</a></p>"""
    return _page(words, words("sign_in"), body)


def not_yours(words: Words, role: str, home: str) -> str:
    """Shown to somebody signed in whose role is not the page's."""
    text = words("not_yours_text", role=labels.role(words, role))
    body = f"""
<div class="plain"><h1>{safe(words("not_yours"))}</h1><p>{safe(text)}</p>
<p><a class="go" href="{safe(home)}">{safe(words("go_home"))}</a></p></div>"""
    return _page(words, words("not_yours"), body)


def _page(words: Words, title: str, body: str) -> str:
    language = "zh-CN" if words.language == "zh" else "en"
    return f"""<!doctype html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{safe(title)}</title><link rel="stylesheet" href="/static/page.css"><link rel="icon" href="/static/icon.svg"></head>
<body>{body}</body></html>"""
