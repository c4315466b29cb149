"""Tables whose records carry their own keys: JSON, and rows of a database, also behind a URL.

A database behind a URL is read in this process, by its own driver through SQLAlchemy: what it sends
comes from a server that the user has named. Its password is in no sentence and no name of a table
(`hide_password`). The file of a SQLite URL goes where SQLite files go (`sqlite_file`, `foreign`).
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path, PurePath

import polars as pl

from analysis.corpus.readers.containers.opened import as_values, no_database
from analysis.corpus.readers.plan import Head, Plan

_PARTITION_ROWS = 50_000
_SAMPLE_RECORDS = 300
_KEYED_RECORDS = 20_000  # whose keys are columns: some come late
_MOST_LATE = 100

Record = tuple[dict[str, str | None] | None, str | None]
"""Values by key, or None and the reason why there are none."""


class KeyedTable:
    """Records with keys.

    Parameters
    ----------
    container, table
        Kind of the container, and the table in it.
    open_records
        Yields the records from the start.
    """

    is_stripped = False

    def __init__(
        self,
        path: PurePath,
        container: str,
        table: str | None,
        open_records: Callable[[], Iterator[Record]],
    ) -> None:
        self.path = path
        self.container = container
        self.table = table
        self.open_records = open_records
        self.blank = 0
        self._late: dict[str, int] = {}

    def heads(self) -> Iterator[tuple[int, Head]]:
        """Yield the one possible header: the keys of the first records."""
        begun = [record for record, _ in islice(self.open_records(), _KEYED_RECORDS) if record]
        sample = begun[:_SAMPLE_RECORDS]
        seen = {key for record in sample for key in record}
        times: Counter[str] = Counter()
        first: dict[str, dict[str, str | None]] = {}
        for record in begun[_SAMPLE_RECORDS:]:
            for key in record:
                if key not in seen:
                    times[key] += 1
                    first.setdefault(key, record)
        # A column that comes late shows one of its cells, too. Where names of things are keys there
        # are thousands, which are no columns.
        late = sorted(key for key, _ in times.most_common(_MOST_LATE))
        keys = tuple(dict.fromkeys([*(key for record in sample for key in record), *late]))
        sample = [*sample, *(first[key] for key in late)]
        rows = tuple(tuple(record.get(key) or "" for key in keys) for record in sample)
        if keys:
            yield -1, Head(self.path, self.container, self.table, keys, rows)

    def batches(self, place: int, plan: Plan) -> Iterator[pl.DataFrame]:
        """Yield the records: `row_number`, `note` and the plan's columns."""
        self.blank, number = 0, 1
        self._late = {}
        records = self.open_records()
        while part := list(islice(records, _PARTITION_ROWS)):
            filled = [record for record in part if not _is_blank(record)]
            self.blank += len(part) - len(filled)
            if number > _KEYED_RECORDS:
                self._note_late_keys(filled, number, set(plan.header))
            if filled:
                yield _frame(filled, number, plan)
            number += len(filled)

    def _note_late_keys(self, records: list[Record], first: int, known: set[str]) -> None:
        for number, (values, _) in enumerate(records, first):
            if values is not None and not values.keys() <= known:
                for key in values.keys() - known:
                    self._late.setdefault(key, number)

    def notes(self) -> list[str]:
        """Return what was mended or left out while reading."""
        return [
            f"the column {key[:40]}, which begins at record {number}, is not read"
            for key, number in sorted(self._late.items())
        ]


def _is_blank(record: Record) -> bool:
    values, reason = record
    return reason is None and not any((value or "").strip() for value in (values or {}).values())


def _frame(records: list[Record], first: int, plan: Plan) -> pl.DataFrame:
    columns = {
        name: pl.Series([(values or {}).get(name) for values, _ in records], dtype=pl.String)
        for name in plan.needed_columns()
    }
    return pl.DataFrame(
        {
            "row_number": pl.Series(range(first, first + len(records)), dtype=pl.Int64),
            "note": pl.Series([reason for _, reason in records], dtype=pl.String),
            **columns,
        }
    )


# Databases behind a URL: each table as such records.


def as_record(keys: Sequence[str], values: list[str | None] | str) -> Record:
    """Return values by key, or why there are none.

    Examples
    --------
    >>> as_record(["text"], ["慢"]), as_record(["text"], "text that is not UTF-8")
    (({'text': '慢'}, None), (None, 'text that is not UTF-8'))
    """
    if isinstance(values, str):
        return None, values
    return dict(zip(keys, values, strict=True)), None


def database_tables(url: str) -> list[KeyedTable]:
    """Return the tables of a database by its SQLAlchemy URL."""
    import sqlalchemy

    with _guard(hide_password(url)):
        names = sqlalchemy.inspect(sqlalchemy.create_engine(url)).get_table_names()
    shown = PurePath(hide_password(url))
    return [KeyedTable(shown / name, "sql", name, _opener(url, name)) for name in sorted(names)]


def sqlite_file(url: str) -> Path | None:
    """Return the file that a URL names, None for any other database.

    Examples
    --------
    >>> sqlite_file("sqlite:///posts.db").name
    'posts.db'
    >>> encrypted = sqlite_file("sqlite+pysqlcipher://:word@/posts.db")
    >>> encrypted or sqlite_file("postgresql://reader@host/posts") is None
    True
    """
    import sqlalchemy

    try:
        read = sqlalchemy.make_url(url)
    except sqlalchemy.exc.ArgumentError:
        return None
    # Other drivers read what is not plain SQLite, such as encrypted files.
    is_plain = read.drivername in ("sqlite", "sqlite+pysqlite") and not read.query
    return Path(read.database) if is_plain and read.database not in (None, ":memory:") else None


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
                values = as_values(tuple(row))
                yield as_record(keys, values)


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
            raise no_database(self.where, error) from None
