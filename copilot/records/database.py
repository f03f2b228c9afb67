"""Opens the database of the record and brings its schema up to date."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from functools import wraps
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from copilot.errors import RecordError, SettingsError

WAIT_SECONDS = 30
"""How long a writer waits for another; then the text is held."""
_SWITCH_SECONDS = 0.01
_APPENDING, _MIGRATING = 7263001, 7263002
Store = TypeVar("Store")


def open_database(url: str) -> Engine:
    """An engine whose schema is current.

    Raises SettingsError for an address that cannot be used, RecordError when the database cannot be opened or brought
    up to date.
    """
    engine = connect(url)
    try:
        migrate(engine)
    except (SQLAlchemyError, UnicodeError) as error:  # a damaged file may break even the driver's own message
        raise RecordError(f"the record at {engine.url.render_as_string()} cannot be opened: {why(error)}") from error
    return engine


def connect(url: str) -> Engine:
    """An engine that commits to the disk before it returns; the schema is left as it is.

    SQLite runs in WAL mode with `synchronous=FULL`, and every transaction takes the write lock at its start, so that an
    append reads the head of the chain under the lock. A PostgreSQL server set to acknowledge before the disk is told not
    to for our connections. A wait for a lock ends after WAIT_SECONDS on both.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "postgresql":
            engine = create_engine(
                parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, connect_args={"connect_timeout": 10}
            )
            event.listen(engine, "connect", _prepare_postgresql)
            return engine
        if parsed.get_backend_name() == "sqlite" and parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed)
    except (ArgumentError, ModuleNotFoundError, OSError) as error:
        raise SettingsError(f"record.url: cannot be used ({error}); see docs/settings.md") from error
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    return engine


def migrate(engine: Engine, revision: str = "head", *, down: bool = False) -> None:
    """Bring the schema up to a revision, or back `down` to one."""
    config = Config()
    config.set_main_option("script_location", str(files("copilot.records").joinpath("migrations")))
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":  # several processes may start at once
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATING})")
        config.attributes["connection"] = connection
        if down or revision == "base":
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)


def reading(engine: Engine) -> Connection:
    """A connection that only reads: it takes no lock that a writer waits for."""
    return engine.connect().execution_options(reading=True)


def in_words(store: type[Store]) -> type[Store]:
    """A store whose methods raise RecordError, in one line, where the database fails or a row is damaged.

    So no page and no command meets an error of the driver, whose text may quote what was being written.
    """
    for name, method in list(vars(store).items()):
        if not name.startswith("_") and callable(method):
            setattr(store, name, _in_words(method))
    return store


def _in_words(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def told(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except (SQLAlchemyError, ValueError) as error:
            raise RecordError(f"the database cannot be used now ({why(error)}); try again in a moment") from error

    return told


def why(error: Exception) -> str:
    """An error in one line, without the statement and the values it was about."""
    cause = getattr(error, "orig", None) or error
    return (str(cause).strip().splitlines() or [""])[0][:200] or type(error).__name__


def lock_head(connection: Connection) -> None:
    """Hold the head of the chain until the transaction ends: PostgreSQL's advisory lock; SQLite's BEGIN IMMEDIATE did it."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_APPENDING})")


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(dbapi: Any, _: Any) -> None:
        dbapi.isolation_level = None  # SQLAlchemy's begin, below, is the only one
        cursor = dbapi.cursor()
        # secure_delete: what is redacted is overwritten, not only unlinked
        settings = ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
        for pragma in (f"busy_timeout={int(WAIT_SECONDS * 1000)}", *settings):
            cursor.execute(f"PRAGMA {pragma}")
        _write_ahead(cursor)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _write_ahead(cursor: Any) -> None:
    """Switch the file to WAL, as patient as any writer.

    The switch needs the file alone, and SQLite answers "locked" to it at once, whatever the busy timeout says, where
    several processes open a new file together (https://www.sqlite.org/c3ref/busy_handler.html: the handler is not
    called where waiting could be a deadlock).
    """
    until = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            busy = (
                error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            )  # extended codes keep the plain one in their low byte
            if not busy or time.monotonic() >= until:
                raise
            time.sleep(_SWITCH_SECONDS)


def _prepare_postgresql(dbapi: Any, _: Any) -> None:
    with dbapi.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = {int(WAIT_SECONDS * 1000)}")
        cursor.execute("SHOW synchronous_commit")
        if cursor.fetchone()[0] == "off":
            cursor.execute("SET synchronous_commit = on")
    dbapi.commit()
