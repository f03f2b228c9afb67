"""Who may sign in: what an administrator does with accounts, and a person with her own. Each act is recorded with what it changes, or not done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from copilot.errors import AccessDenied, AccountRefused, IdentityError
from copilot.records import Account, RecordStore, Session, SessionStore, User, UserStore
from copilot.records.passwords import generated, hashed
from copilot.records.people import ROLES
from copilot.records.sessions import end_in
from copilot.records.users import (
    add_in,
    change_in,
    hashed_for,
    keep_password_in,
    other_admins_in,
    row_in,
)
from copilot.types import Entry, Identity

KIND = "account"
"""The kind of these entries in the record."""
CONSOLE = "console:"
"""Before the name of whoever acts by the command line."""
UNLOCKED = {"failures": 0, "locks": 0, "locked_until": 0.0}


@dataclass(frozen=True)
class Accounts:
    """The acts on accounts. `by` is who acts; all but one's own are for administrators."""

    record: RecordStore
    users: UserStore
    sessions: SessionStore
    clock: Callable[[], datetime]

    def add(self, by: User, name: str, role: str, display: str = "") -> str:
        """A new user; returns the one-time password."""
        made = generated()
        kept, until = hashed(made), self.users.one_time_until()
        told = {"act": "add", "user": name, "role": role}
        self._write(by, told, lambda connection: add_in(connection, name, role, display, kept, until))
        return made

    def set_role(self, by: User, name: str, role: str) -> None:
        """Another role, from the next click on."""
        told: dict[str, object] = {"act": "role", "user": name, "role": role}

        def change(connection: Connection) -> None:
            row = self._spared(connection, by, name, role != "admin")
            told["before"] = row.role
            change_in(connection, name, role=_role(role))

        self._write(by, told, change)

    def close(self, by: User, name: str) -> None:
        """Disable an account and end its sessions; the record keeps its name."""

        def change(connection: Connection) -> None:
            self._spared(connection, by, name, True)
            change_in(connection, name, active=0)
            end_in(connection, name)

        self._write(by, {"act": "close", "user": name}, change)

    def reopen(self, by: User, name: str) -> None:
        """Enable a disabled account again, without the locks it had."""
        self._write(by, {"act": "reopen", "user": name}, lambda c: change_in(c, name, active=1, **UNLOCKED))

    def unlock(self, by: User, name: str) -> None:
        """Take a lock off before its time."""
        self._write(by, {"act": "unlock", "user": name}, lambda c: change_in(c, name, **UNLOCKED))

    def new_password(self, by: User, name: str, chosen: str | None = None) -> str:
        """A new password, which ends the user's sessions: a one-time one, unless it is typed at the console."""
        made = chosen if chosen is not None else generated()
        kept = hashed_for(made, name, demanded=chosen is not None)
        until = 0.0 if chosen is not None else self.users.one_time_until()

        def change(connection: Connection) -> None:
            if row_in(connection, name).subject:
                raise AccountRefused("elsewhere", name)
            keep_password_in(connection, name, kept, until)

        self._write(by, {"act": "password", "user": name}, change)
        return made

    def end_sessions(self, by: User, name: str) -> None:
        """Sign a user out wherever he is signed in."""

        def change(connection: Connection) -> None:
            row_in(connection, name)
            end_in(connection, name)

        self._write(by, {"act": "sign_out", "user": name}, change)

    def change_own(self, user: User, old: str, new: str) -> Session:
        """Choose one's own password. Every session of hers ends; returns the one that goes on in its place."""
        account = self.users.account(user.name)
        if account is not None and account.subject:
            raise AccountRefused("elsewhere")
        if not self.sessions.proves(user.name, old):
            raise AccountRefused("wrong")
        if new == old:
            raise AccountRefused("same")
        kept = hashed_for(new, user.name, demanded=True)
        told = {"act": "own_password", "user": user.name}
        self._append(user.name, told, lambda connection: keep_password_in(connection, user.name, kept, 0.0))
        return self.sessions.open(user.name)

    def leave_elsewhere(self, user: User, token: str | None) -> int:
        """Sign oneself out everywhere but here; how many sessions ended."""
        return self.sessions.end_others(user.name, token)

    def welcome(self, who: Identity, *, link: bool = False) -> Session:
        """A session for a person whom the bank's own sign-in vouches for; the account is made or brought up to date.

        A local account of the same name is never taken over, unless `link` says that names are the same people.
        """
        known = self.users.of_subject(who.subject)
        if known is None:
            known = self._joined(who, link)
        if not known.user.active:
            raise IdentityError("closed", f"the account {known.user.name} is closed here; ask an administrator")
        name = known.user.name
        if known.user.role != who.role:
            told = {"act": "role", "user": name, "role": who.role, "before": known.user.role, "by": "oidc"}
            self._append(name, told, lambda connection: change_in(connection, name, role=who.role))
        return self.sessions.open(name)

    def history(self, name: str, newest: int = 20) -> tuple[Entry, ...]:
        """What was done with an account, the newest first."""
        found = [e for e in self.record.read(kinds=(KIND,)) if e.payload and e.payload.get("user") == name]
        return tuple(reversed(found[-newest:]))

    def _joined(self, who: Identity, link: bool) -> Account:
        local = self.users.account(who.name)
        if local is not None and not (link and local.subject is None):
            raise IdentityError("taken", f"the name {who.name} belongs to another account; ask an administrator")
        if local is not None:
            told = {"act": "link", "user": who.name, "by": "oidc"}
            linked = {"subject": who.subject, "password": "", "one_time_until": 0.0, **UNLOCKED}
            self._append(who.name, told, lambda connection: change_in(connection, who.name, **linked))
        else:
            told = {"act": "add", "user": who.name, "role": who.role, "by": "oidc"}
            self._append(
                who.name,
                told,
                lambda connection: add_in(connection, who.name, who.role, who.display, "", 0.0, who.subject),
            )
        joined = self.users.of_subject(who.subject)
        if joined is None:
            raise IdentityError("taken", f"the account {who.name} was changed meanwhile; try again")
        return joined

    def _spared(self, connection: Connection, by: User, name: str, ends_admin: bool) -> Row[Any]:
        """The user's row, unless the act would shut out oneself or leave nobody to administer."""
        row = row_in(connection, name)
        if by.name == name:
            raise AccountRefused("yourself", name)
        if ends_admin and row.role == "admin" and row.active and not other_admins_in(connection, name):
            raise AccountRefused("last_admin", name)
        return row

    def _write(self, by: User, told: Mapping[str, object], change: Callable[[Connection], None]) -> None:
        if by.role != "admin":
            raise AccessDenied(f"accounts are not for the role {by.role}")
        self._append(by.name, told, change)

    def _append(self, actor: str, told: Mapping[str, object], change: Callable[[Connection], None]) -> None:
        self.record.append(KIND, actor, "", told, self.clock(), change)


def _role(role: str) -> str:
    if role not in ROLES:
        raise AccountRefused("role", role)
    return role
