"""Personal data in a text: identity numbers, bank cards, mobiles, mail, passports, WeChat ids, found and masked.

Identity numbers are proved by GB 11643 (ISO 7064 MOD 11-2) and a plausible birth date, cards by ISO 7812 (Luhn). Spaces, dots,
hyphens, invisible characters and full-width digits between the digits do not hide them. Hotlines (95xxx, 400, 800), product
registration codes and numbers already masked are left alone.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

PrivateKind = Literal["id", "card", "mobile", "mail", "passport", "wechat"]

_DIGIT_RUN = re.compile(r"(?<![0-9A-Za-z*])\+?[0-9](?:[ \-.·,_]{0,2}[0-9]){6,23}(?:[ \-.]?[Xx])?(?![0-9*])")
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}", re.ASCII)
_PASSPORT = re.compile(
    r"(?:护照|passport)[^\n]{0,8}?([A-Za-z]{1,2}[0-9]{7,8})(?![0-9])|(?<![A-Za-z0-9])([EGeg][0-9]{8})(?![0-9A-Za-z])"
)
_WECHAT = re.compile(
    r"(?:微信号?|wechat|weixin|vx|wx|v信|薇信|威信|加v)[是为:\s]{0,4}(?:id)?[:\s]{0,3}([A-Za-z][A-Za-z0-9_-]{5,19}|1[3-9][0-9]{9})",
    re.IGNORECASE,
)
_MAYBE = re.compile(r"\d(?:[^\d一-鿿]{0,6}\d){5}|[@＠﹫]|[a-zA-Zａ-ｚ][\w-]{5}")
_OWN_DOMAIN = re.compile(r"^(?:service|kefu|info|support|tousu|hotline|cs)@", re.IGNORECASE)


@dataclass(frozen=True)
class Private:
    """One piece of personal data; `text == original[start:end]`, `value` is its plain digits or letters."""

    kind: PrivateKind
    value: str
    text: str
    start: int
    end: int


@lru_cache(maxsize=4096)
def _plain_character(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 else character


def _plain(text: str) -> tuple[str, list[int]]:
    """NFKC by character without invisible characters, with the original place of each."""
    if text.isascii():
        return text, list(range(len(text)))
    kept = [
        (i, _plain_character(c))
        for i, c in enumerate(text)
        if c.isascii() or unicodedata.category(c) not in ("Cf", "Mn")
    ]
    return "".join(c for _, c in kept), [i for i, _ in kept]


def valid_id(number: str) -> bool:
    """GB 11643: 18 places, a birth date that exists, and the MOD 11-2 check character."""
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9Xx]", number):
        return False
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(d) * pow(2, 17 - i, 11) for i, d in enumerate(number[:17]))
    return 1900 <= born.year <= 2100 and "10X98765432"[total % 11] == number[17].upper()


def valid_card(number: str) -> bool:
    """ISO 7812: 13 to 19 digits that satisfy Luhn's formula and start like a bank card."""
    if not re.fullmatch(r"[3-6][0-9]{12,18}|9[0-9]{15,18}|1[0-9]{18}", number):
        return False
    digits = [int(d) for d in reversed(number)]
    return sum(d if i % 2 == 0 else sum(divmod(d * 2, 10)) for i, d in enumerate(digits)) % 10 == 0


def _kind(value: str, before: str) -> PrivateKind | None:
    if valid_id(value):
        return "id"
    if re.search(r"(?:身份证|证件)(?:号码?)?[是为:\s]{0,3}$", before) and re.fullmatch(
        r"[0-9]{15}|[0-9]{17}[0-9Xx]", value
    ):
        return "id"
    bare = value.removeprefix("+").removeprefix("86") if len(value) in (13, 14) else value
    if re.fullmatch(r"1[3-9][0-9]{9}", bare):
        return "mobile"
    if valid_card(value):
        return "card"
    if re.search(r"(?:卡号|账号|帐号|账户)[是为:\s]{0,3}$", before) and re.fullmatch(r"[0-9]{15,19}", value):
        return "card"
    if value.startswith("62") and re.fullmatch(r"[0-9]{16,19}", value) and re.search(r"卡|账|户|应该是|号", before):
        return "card"
    return None


@lru_cache(maxsize=64)
def find(text: str) -> tuple[Private, ...]:
    """Every piece of personal data in a text, in order, without overlaps."""
    if not _MAYBE.search(text):
        return ()
    plain, places = _plain(text)
    found: list[Private] = []

    def add(kind: PrivateKind, value: str, start: int, end: int) -> None:
        first, last = places[start], places[end - 1] + 1
        if all(last <= p.start or first >= p.end for p in found):
            found.append(Private(kind, value, text[first:last], first, last))

    if "@" in plain:
        for match in _MAIL.finditer(plain):
            if not _OWN_DOMAIN.match(match.group()):
                add("mail", match.group(), *match.span())
    for match in _DIGIT_RUN.finditer(plain):
        for value, start, end in _candidates(match.group(), match.start()):
            kind = _kind(value, plain[max(0, start - 12) : start])
            if kind is not None:
                add(kind, value, start, end)
                break
    for match in _PASSPORT.finditer(plain):
        group = 1 if match.group(1) else 2
        add("passport", match.group(group), *match.span(group))
    for match in _WECHAT.finditer(plain):
        add("wechat", match.group(1), *match.span(1))
    return tuple(sorted(found, key=lambda p: p.start))


def _candidates(run: str, at: int) -> list[tuple[str, int, int]]:
    """The whole run first, then its blocks between wider gaps: 卡号 and 手机 may stand side by side."""
    whole = re.sub(r"[^0-9Xx+]", "", run)
    options = [(whole, at, at + len(run))]
    if whole[-1:] in "Xx":
        end = at + len(run) - 1
        options.append((whole[:-1], at, end))
    for piece in re.finditer(r"[0-9]+[Xx]?", run):
        if len(piece.group()) >= 11 and piece.group() != whole:
            options.append((piece.group(), at + piece.start(), at + piece.end()))
    return options


def masked(item: Private) -> str:
    """How one piece is written once masked; the tail stays so that people can still tell which it is."""
    if item.kind == "mail":
        name, _, domain = item.value.partition("@")
        return f"{name[:1]}***@{domain}"
    keep = {"mobile": 4, "id": 4, "card": 4, "passport": 2, "wechat": 2}[item.kind]
    return "****" + item.value[-keep:]


def mask(text: str) -> str:
    """The text with every piece of personal data masked."""
    for item in reversed(find(text)):
        text = text[: item.start] + masked(item) + text[item.end :]
    return text
