"""Opens the database of the record and brings its schema up to date."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from copilot.errors import RecordError, SettingsError


def open_database(url: str) -> Engine:
    """An engine whose schema is current.

    SQLite runs in WAL mode with `synchronous=FULL`, and every transaction takes the write lock at its start, so that an
    append reads the head of the chain under the lock. Raises SettingsError for an address that cannot be used,
    RecordError when the database cannot be opened or brought up to date.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, connect_args={"timeout": 30} if parsed.get_backend_name() == "sqlite" else {})
    except (ArgumentError, ModuleNotFoundError, OSError) as error:
        raise SettingsError(f"record.url: cannot be used ({error}); see docs/settings.md") from error
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    try:
        migrate(engine)
    except SQLAlchemyError as error:
        raise RecordError(
            f"the record at {parsed.render_as_string()} cannot be opened: {_first_line(error)}"
        ) from error
    return engine


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the schema to a revision."""
    config = Config()
    config.set_main_option("script_location", str(files("copilot.records").joinpath("migrations")))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        if revision == "base":
            command.downgrade(config, "base")
        else:
            command.upgrade(config, revision)


def reading(engine: Engine) -> Connection:
    """A connection that only reads: it takes no lock that a writer waits for."""
    return engine.connect().execution_options(reading=True)


def lock_head(connection: Connection) -> None:
    """Hold the head of the chain until the transaction ends: PostgreSQL's advisory lock; SQLite's BEGIN IMMEDIATE did it."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7263001)")


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(dbapi: Any, _: Any) -> None:
        dbapi.isolation_level = None  # SQLAlchemy's begin, below, is the only one
        cursor = dbapi.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
