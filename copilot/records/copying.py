"""A consistent copy of the record's database while others write, as one SQLite file; and such a file into an empty database."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine, func, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from copilot.errors import InputError, RecordError
from copilot.records.database import open_database, reading, why
from copilot.records.tables import messages, metadata

_BATCH = 1000


def snapshot(engine: Engine, target: Path) -> None:
    """Copy the database as of one moment into a new SQLite file: by SQLite's own backup, or row by row in one transaction."""
    try:
        if engine.dialect.name == "sqlite":
            with closing(engine.raw_connection()) as source, closing(sqlite3.connect(target)) as copy:
                source.driver_connection.backup(copy)  # type: ignore[union-attr]
                copy.execute("PRAGMA journal_mode=DELETE")  # one file, no log beside it
            return
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as source_rows:
            _into(source_rows, f"sqlite:///{target}")
        with closing(sqlite3.connect(target)) as copy:
            copy.execute("PRAGMA journal_mode=DELETE")
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise RecordError(f"the record could not be copied: {why(error)}") from error


def load(source: Path, url: str) -> None:
    """Copy a snapshot into an empty database. InputError when something lies in it already."""
    copy = open_database(f"sqlite:///{source}")
    try:
        with reading(copy) as rows:
            _into(rows, url)
    except SQLAlchemyError as error:
        raise RecordError(f"the record could not be loaded: {why(error)}") from error
    finally:
        copy.dispose()


def _into(source: Connection, url: str) -> None:
    target = open_database(url)
    try:
        with target.begin() as connection:
            for table in metadata.sorted_tables:
                if connection.execute(select(table).limit(1)).first() is not None:
                    raise InputError(f"{target.url.render_as_string()}: not empty; nothing is overwritten")
            for table in metadata.sorted_tables:
                rows = source.execution_options(yield_per=_BATCH).execute(
                    select(table).order_by(*table.primary_key.columns)
                )
                for part in rows.mappings().partitions():
                    connection.execute(insert(table), [dict(row) for row in part])
            if connection.dialect.name == "postgresql":  # numbers go on after those copied
                last = connection.execute(select(func.max(messages.c.id))).scalar()
                if last is not None:
                    named = text("SELECT setval(pg_get_serial_sequence('messages', 'id'), :last)")
                    connection.execute(named, {"last": last})
    finally:
        target.dispose()
