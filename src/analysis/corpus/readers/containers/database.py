"""SQLite files and SQL databases: each table as records of strings."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePath

from analysis.corpus.readers.containers.export import Export
from analysis.corpus.readers.containers.keyed import KeyedTable, Record
from analysis.errors import CaodianError


def sqlite_tables(export: Export) -> list[KeyedTable]:
    """Return the tables of a SQLite file, in the order of their names."""
    with _guard(str(export.path)):
        connection = _connect(export)
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        connection.close()
    return [_sqlite_table(export, name) for (name,) in sorted(names)]


def _sqlite_table(export: Export, name: str) -> KeyedTable:
    return KeyedTable(export.path, "sql", name, lambda: _sqlite_records(export, name))


def _sqlite_records(export: Export, name: str) -> Iterator[Record]:
    with _guard(str(export.path)):
        connection = _connect(export)
        connection.text_factory = bytes
        quoted = '"' + name.replace('"', '""') + '"'
        cursor = connection.execute(f"SELECT * FROM {quoted}")  # noqa: S608 - quoted name
        keys = [column[0] for column in cursor.description]
        for row in cursor:
            yield _as_record(keys, row)
        connection.close()


def _connect(export: Export) -> sqlite3.Connection:
    if export.local is not None:
        path = export.local.resolve()
        # What a collector wrote last may stand in the log beside the file; a file that is said to
        # be immutable is read without it.
        log = path.with_name(path.name + "-wal")
        unlogged = "" if log.is_file() and log.stat().st_size else "&immutable=1"
        return sqlite3.connect(f"{path.as_uri()}?mode=ro{unlogged}", uri=True)
    connection = sqlite3.connect(":memory:")
    connection.deserialize(export.read())
    return connection


def database_tables(url: str) -> list[KeyedTable]:
    """Return the tables of a database by its SQLAlchemy URL."""
    import sqlalchemy

    with _guard(hide_password(url)):
        names = sqlalchemy.inspect(sqlalchemy.create_engine(url)).get_table_names()
    shown = PurePath(hide_password(url))
    return [KeyedTable(shown / name, "sql", name, _opener(url, name)) for name in sorted(names)]


def _opener(url: str, name: str) -> Callable[[], Iterator[Record]]:
    return lambda: _database_records(url, name)


def _database_records(url: str, name: str) -> Iterator[Record]:
    import sqlalchemy

    with _guard(hide_password(url)):
        engine = sqlalchemy.create_engine(url)
        table = sqlalchemy.Table(name, sqlalchemy.MetaData(), autoload_with=engine)
        with engine.connect().execution_options(stream_results=True) as connection:
            result = connection.execute(sqlalchemy.select(table))
            keys = list(result.keys())
            for row in result:
                yield _as_record(keys, tuple(row))


def _as_record(keys: Sequence[str], row: Sequence[object]) -> Record:
    try:
        return {key: _as_string(value) for key, value in zip(keys, row, strict=True)}, None
    except UnicodeDecodeError:
        return None, "text that is not UTF-8"


def _as_string(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def hide_password(url: str) -> str:
    """Return a database's URL with stars for the password."""
    import sqlalchemy

    try:
        return sqlalchemy.make_url(url).render_as_string(hide_password=True)
    except sqlalchemy.exc.ArgumentError:
        return url.split("://", 1)[0] + "://…"


class _guard:  # noqa: N801 - reads as a verb where it is used
    """Turn any failure of a database into one sentence."""

    def __init__(self, where: str) -> None:
        self.where = where

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        from sqlalchemy.exc import SQLAlchemyError

        if isinstance(error, (sqlite3.Error, SQLAlchemyError, ImportError)):
            raise CaodianError(
                "a database must open and hold readable tables",
                value=self.where,
                where=str(error).splitlines()[0][:200],
                remedy="Check the address and the driver, or export the tables to CSV.",
            ) from None
