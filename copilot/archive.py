"""The record searched: texts that left, were held or were referred, by customer, person, rule, words and day; told as CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from copilot.errors import AccessDenied, InputError
from copilot.records import RecordStore, User
from copilot.records.evidence import make_pack
from copilot.records.keys import load_key
from copilot.types import Entry

READERS = ("compliance", "admin")
"""Roles that may search every advisor's texts."""
KINDS = ("release", "held", "referral")
MOST_EXPORTED = 20_000
_FORMULA = ("=", "+", "-", "@", "\t")
"""What a spreadsheet would take for a formula at the beginning of a cell."""


@dataclass(frozen=True)
class Wanted:
    """What is looked for; "" is anything. `rule` is a rule's or a check's id, days are included."""

    text: str = ""
    customer: str = ""
    advisor: str = ""
    rule: str = ""
    kind: str = ""
    since: date | None = None
    until: date | None = None

    def told(self) -> dict[str, str]:
        """The conditions that are set, as the record notes them."""
        return {k: str(v) for k, v in asdict(self).items() if v}


@dataclass(frozen=True)
class Found:
    """One text of the record. `digest` is its entry's hash in the chain."""

    entry: int
    kind: str
    at: datetime
    advisor: str
    customer: str
    conversation: str
    text: str
    disclosure: str
    outcome: str
    rules: tuple[str, ...]
    digest: str


@dataclass(frozen=True)
class Archive:
    """The record, for those who may read all of it."""

    record: RecordStore
    key: Path = Path("record.key")
    """What signs evidence."""

    def evidence(self, user: User, number: int, at: datetime) -> bytes:
        """All that belongs to one message, for a third party; who took it out is in the record. SettingsError without a signing key."""
        if user.role not in READERS:
            raise AccessDenied(f"evidence is not made for the role {user.role}")
        pack = make_pack(self.record, number, load_key(self.key))
        told = {"wanted": {"entry": str(number)}, "form": "evidence", "texts": 1}
        self.record.append("export", user.name, "", told, at)
        return pack

    def find(self, user: User, wanted: Wanted) -> Iterator[Found]:
        """What matches, newest first; redacted texts are not there to be found."""
        if user.role not in READERS:
            raise AccessDenied(f"the record is not searched by the role {user.role}")
        if wanted.kind and wanted.kind not in KINDS:
            raise InputError(f"{wanted.kind!r} is no kind of text; one of {', '.join(KINDS)}")
        if wanted.since and wanted.until and wanted.since > wanted.until:
            raise InputError("the last day lies before the first")
        return self._find(wanted)

    def get(self, user: User, number: int) -> Found | None:
        """One text; None where there is none, or it was redacted."""
        if user.role not in READERS:
            raise AccessDenied(f"the record is not searched by the role {user.role}")
        entry = self.record.get(number)
        if entry is None or entry.kind not in KINDS or entry.payload is None:
            return None
        return _found(entry, self._customer(entry.payload.get("proposal"), {}), _rules(entry.payload))

    def export(self, user: User, wanted: Wanted, form: str, at: datetime) -> str:
        """What matches as `csv` or `json`, at most MOST_EXPORTED texts. Who took what out is in the record first."""
        if form not in ("csv", "json"):
            raise InputError(f"{form!r} is no form; csv or json")
        found = [f for f, _ in zip(self.find(user, wanted), range(MOST_EXPORTED), strict=False)]
        told = {"wanted": wanted.told(), "form": form, "texts": len(found)}
        self.record.append("export", user.name, "", told, at)
        return as_csv(found) if form == "csv" else as_json(found)

    def _find(self, wanted: Wanted) -> Iterator[Found]:
        names: dict[int, str] = {}
        after = datetime.combine(wanted.since, time()) if wanted.since else None
        before = datetime.combine(wanted.until + timedelta(days=1), time()) if wanted.until else None
        kinds = (wanted.kind,) if wanted.kind else KINDS
        parts = [part for part in (wanted.text, wanted.rule) if part]
        for entry in self.record.newest_first(kinds, wanted.advisor, after, before, parts):
            payload: Any = entry.payload
            if wanted.text and wanted.text not in f"{payload.get('text')}\n{payload.get('disclosure') or ''}":
                continue
            rules = _rules(payload)
            if wanted.rule and not any(r == wanted.rule or r.startswith(f"{wanted.rule}-") for r in rules):
                continue
            customer = self._customer(payload.get("proposal"), names)
            if wanted.customer in customer:
                yield _found(entry, customer, rules)

    def _customer(self, proposal: object, known: dict[int, str]) -> str:
        if not isinstance(proposal, int):
            return ""
        if proposal not in known:
            opening = self.record.get(proposal)
            card: Any = (opening.payload or {}).get("customer") if opening else None
            known[proposal] = str(card["name"]) if card else ""
        return known[proposal]


def _rules(payload: Mapping[str, Any]) -> tuple[str, ...]:
    findings = (payload.get("verdict") or {}).get("findings", ())
    return tuple(dict.fromkeys(str(f["rule"]) for f in findings))


def _found(entry: Entry, customer: str, rules: tuple[str, ...]) -> Found:
    payload: Any = entry.payload
    return Found(
        entry.sequence,
        entry.kind,
        entry.at,
        entry.actor,
        customer,
        entry.conversation,
        str(payload.get("text", "")),
        str(payload.get("disclosure") or ""),
        str((payload.get("verdict") or {}).get("outcome", "")),
        rules,
        entry.digest,
    )


def as_csv(found: list[Found]) -> str:
    """A table for a spreadsheet; no cell is a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([f.name for f in fields(Found)])
    for item in found:
        row = _plain(item)
        row["rules"] = " ".join(item.rules)
        writer.writerow([f"'{v}" if str(v).startswith(_FORMULA) else v for v in row.values()])
    return out.getvalue()


def as_json(found: list[Found]) -> str:
    """The same for a program."""
    return json.dumps([_plain(item) for item in found], ensure_ascii=False, indent=1)


def _plain(item: Found) -> dict[str, Any]:
    return {**asdict(item), "at": item.at.isoformat(timespec="seconds"), "rules": list(item.rules)}
