"""Tables whose records carry their own keys: JSON, chats, and rows of a database behind a URL.

A database behind a URL is read in this process, by its own driver through SQLAlchemy: what it sends
comes from a server that the user has named. Its password is in no sentence and no name of a table
(`hide_password`). The file of a SQLite URL goes where SQLite files go (`sqlite_file`, `foreign`).
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path, PurePath

import polars as pl

from analysis.corpus.readers.containers.opened import as_values, no_database
from analysis.corpus.readers.plan import NOTE, ROW_NUMBER, Head, Plan

_PARTITION_ROWS = 50_000
_SAMPLE_RECORDS = 300
_KEYED_RECORDS = 20_000  # whose keys are columns: some come late
_MOST_LATE = 100
_MOST_HELD, _SHORT = 1 << 24, 1 << 16  # characters
_MOST_CELLS = 1 << 22  # of a sample


class Reply(dict[str, "str | None"]):
    """The values of a record that stood in a list within another."""


Record = tuple[dict[str, str | None] | None, str | None]
"""Values by key, or None and the reason why there are none."""


class KeyedTable:
    """Records with keys."""

    is_stripped = False

    def __init__(
        self,
        path: PurePath,
        container: str,
        table: str | None,
        open_records: Callable[[], Iterator[Record]],
        *,
        is_view: bool = False,
    ) -> None:
        self.path = path
        self.container = container
        self.table = table
        self.open_records = open_records
        self.is_view = is_view
        self.blank = 0
        self.replies = 0
        self._late: dict[str, int] = {}

    def heads(self) -> Iterator[tuple[int, Head]]:
        """Yield the one possible header: the keys of the first records."""
        begun = (record for record, _ in islice(self.open_records(), _KEYED_RECORDS) if record)
        sample = list(_first_of(begun))
        seen = {key for record in sample for key in record}
        times: Counter[str] = Counter()
        first: dict[str, dict[str, str | None]] = {}
        for record in begun:
            unseen = record.keys() - seen
            is_short = bool(unseen) and _length(record) < _SHORT
            for key in unseen:
                times[key] += 1
                if key not in first:
                    first[key] = record if is_short else {key: record[key]}
        # A column that comes late shows one of its cells, too. Where names of things are keys there
        # are thousands, which are no columns.
        late = sorted(key for key, _ in times.most_common(_MOST_LATE))
        keys = tuple(dict.fromkeys([*(key for record in sample for key in record), *late]))
        sample = [*sample, *(first[key] for key in late)]
        rows = tuple(tuple(record.get(key) or "" for key in keys) for record in sample)
        if keys:
            yield -1, Head(self.path, self.container, self.table, keys, rows)

    def batches(self, place: int, plan: Plan) -> Iterator[pl.DataFrame]:
        """Yield the records: `ROW_NUMBER`, `NOTE` and the plan's columns."""
        self.blank, self.replies, number = 0, 0, 1
        self._late = {}
        for part in _divide(self.open_records()):
            filled = [record for record in part if not _is_blank(record)]
            self.blank += len(part) - len(filled)
            self.replies += sum(isinstance(values, Reply) for values, _ in filled)
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


def _first_of(records: Iterator[dict[str, str | None]]) -> Iterator[dict[str, str | None]]:
    """Yield as many of the first records as a sample has, fewer of very long or odd ones."""
    size = 0
    keys: set[str] = set()
    for number, record in enumerate(islice(records, _SAMPLE_RECORDS), 1):
        yield record
        size += _length(record)
        keys |= record.keys()
        # Where names of things are keys, each record brings columns that the others have empty.
        if size > _MOST_HELD or len(keys) * number > _MOST_CELLS:
            return


def _divide(records: Iterable[Record]) -> Iterator[list[Record]]:
    """Yield as many records as a partition has, fewer of very long ones."""
    part: list[Record] = []
    size = 0
    for record in records:
        part.append(record)
        size += _length(record[0] or {})
        if len(part) == _PARTITION_ROWS or size > _MOST_HELD:
            yield part
            part, size = [], 0
    if part:
        yield part


def _length(values: dict[str, str | None]) -> int:
    return sum(map(len, filter(None, values.values())))


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
            ROW_NUMBER: pl.Series(range(first, first + len(records)), dtype=pl.Int64),
            NOTE: pl.Series([reason for _, reason in records], dtype=pl.String),
            **columns,
        }
    )


# Databases behind a URL: each table as such records.


def as_record(keys: Sequence[str], values: list[str | None] | str) -> Record:
    """Return values by key, or why there are none."""
    if isinstance(values, str):
        return None, values
    return dict(zip(keys, values, strict=True)), None


def database_tables(url: str) -> list[KeyedTable]:
    """Return the tables of a database by its SQLAlchemy URL, and then its views."""
    import sqlalchemy

    with _guard(hide_password(url)):
        found = sqlalchemy.inspect(sqlalchemy.create_engine(url))
        tables, views = sorted(found.get_table_names()), sorted(found.get_view_names())
    shown = PurePath(hide_password(url))
    return [
        KeyedTable(shown / name, "sql", name, _opener(url, name), is_view=is_view)
        for names, is_view in ((tables, False), (views, True))
        for name in names
    ]


def sqlite_file(url: str) -> Path | None:
    """Return the file that a URL names, None for any other database."""
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
