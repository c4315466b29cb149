"""Read exports of any collector into canonical posts, and account for every record.

One row per record that was kept; read = kept + rejected, blank rows counted apart. No export is
changed, and no record is dropped without its row number and reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import starmap
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pandas as pd
import polars as pl

from analysis.corpus.readers.column_names import ColumnChoice
from analysis.corpus.readers.containers.export import Export, find_exports
from analysis.corpus.readers.plan import CANONICAL, REJECTS
from analysis.corpus.readers.recognition import Unread, open_readers
from analysis.corpus.readers.repeats import Survey, decide, join_surveys, settle, summarise
from analysis.corpus.readers.table_reader import TableReader
from analysis.errors import CaodianError, require_path
from analysis.frames import to_pandas
from analysis.schema import table
from analysis.schema.tables import ZONE
from analysis.storage.formats import as_url
from analysis.storage.run_paths import project_secret
from analysis.storage.write import restore_cells
from analysis.study import Study
from analysis.study.model import Window

# One table of the exports on its way to posts: all that a worker needs to read it alone.


@dataclass
class TablePosts:
    """A recognised table, and what the other tables' keys decide about its rows.

    Parameters
    ----------
    reader
        The table with its plan; its account is complete when the partitions are taken.
    place
        Its number among the tables.
    window
        Sets `is_in_window`; without one the column is null.
    decisions, originals
        What `repeats.decide` said of repeated keys, and the hashes of keys that reposts name.
    """

    reader: TableReader
    place: int
    limit: int | None
    window: Window | None
    decisions: pl.DataFrame | None
    originals: pl.Series

    def partitions(self) -> Iterator[pl.DataFrame]:
        """Yield canonical posts in partitions of about 100,000."""
        self.reader.repeats = self.reader.overlaps = 0
        for frame in _placed_frames(self.reader, self.place, self.limit):
            posts = self._mark_window(settle(frame, self.decisions, self.originals))
            self.reader.repeats += posts["repeat_of"].count()
            elsewhere = posts.filter(pl.col("repeat_of").is_not_null() & pl.col("is_elsewhere"))
            self.reader.overlaps += elsewhere.height
            yield posts.select(*CANONICAL)

    def _mark_window(self, posts: pl.DataFrame) -> pl.DataFrame:
        if self.window is None:
            return posts
        start, end = _midnight(self.window.start), _midnight(self.window.end + timedelta(days=1))
        moment = pl.col("published_at")
        return posts.with_columns(is_in_window=moment.is_between(start, end, closed="left"))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(ZONE))


def _placed_frames(
    reader: TableReader, place: int, limit: int | None, only: pl.Series | None = None
) -> Iterator[pl.DataFrame]:
    """Yield a table's posts with its number, all or those of some keys."""
    for posts in reader.read(limit, only):
        yield posts.with_columns(reading=pl.lit(place, pl.Int32))


def _survey_table(reader: TableReader, limit: int | None) -> tuple[Survey, int]:
    """Return the hashes of a table's keys, and how many records were seen."""
    survey = reader.survey(limit)
    return survey, reader.seen


def _repeated_rows(
    reader: TableReader, place: int, limit: int | None, only: pl.Series
) -> list[pl.DataFrame]:
    """Return what tells apart the rows of a table whose keys occur more than once."""
    return [summarise(posts) for posts in _placed_frames(reader, place, limit, only)]


_NO_CHOICE = ColumnChoice()
Run = Callable[[Callable[..., Any], Iterator[tuple[Any, ...]]], Iterator[Any]]
_RECONCILIATION = [
    "source_file",
    "source_format",
    "era",
    "records_read",
    "kept",
    "rejected",
    "repeats",
    "overlaps",
    "blank",
]


class Ingestion:
    """Exports on their way to posts; `rejects` and `reconciliation` are complete at the end.

    Parameters
    ----------
    readers
        The recognised tables, in the order of the files.
    study
        Sets `is_in_window`; without one the column is null.
    passed
        Tables and members of archives that are not read.
    """

    def __init__(
        self,
        readers: list[TableReader],
        study: Study | None,
        limit: int | None,
        passed: Sequence[Unread] = (),
    ) -> None:
        self.passed = list(passed)
        self.readers = readers
        self.study = study
        self.limit = limit

    def partitions(self) -> Iterator[pl.DataFrame]:
        """Yield canonical posts in partitions of about 100,000, in the order of the files."""
        for posts in self.tables():
            yield from posts.partitions()

    def tables(self, run: Run = starmap) -> list[TablePosts]:
        """Return the tables, each ready to be read alone, here or by a worker.

        Where a worker reads one, its `reader` is to be handed to `take_back`.
        """
        # Several tables are read side by side, a single one by batches side by side.
        for reader in self.readers:
            reader.ahead = 0 if len(self.readers) > 1 and run is not starmap else 2
        # With a limit, how much is left for a table depends on the tables before it.
        run = run if self.limit is None else starmap
        allowed: list[tuple[TableReader, int | None]] = []
        surveys = []
        for survey, seen in run(_survey_table, self._within_limit(allowed)):
            surveys.append(survey)
            allowed[len(surveys) - 1][0].seen = seen
        surveyed = join_surveys(iter(surveys))
        repeated, originals = surveyed.find_repeated(), surveyed.find_originals()
        numbered = [(reader, place, left) for place, (reader, left) in enumerate(allowed)]
        decisions = None
        if len(repeated):
            rows = run(_repeated_rows, ((*table, repeated) for table in numbered))
            days = pl.concat(
                survey.days.with_columns(reading=pl.lit(place, pl.Int32))
                for place, survey in enumerate(surveys)
            )
            decisions = decide((frame for frames in rows for frame in frames), days)
        window = self.study.window if self.study else None
        return [TablePosts(*table, window, decisions, originals) for table in numbered]

    def take_back(self, place: int, reader: TableReader) -> None:
        """Put a table that was read elsewhere, with its account, in its place."""
        self.readers[place] = reader

    def _within_limit(
        self, allowed: list[tuple[TableReader, int | None]]
    ) -> Iterator[tuple[TableReader, int | None]]:
        """Yield the readers until the limit of records is reached, and note them."""
        left = self.limit
        for reader in self.readers:
            reader.repeats = reader.overlaps = 0
            allowed.append((reader, left))
            yield reader, left
            if left is not None:
                left -= reader.seen
                if left <= 0:
                    break

    @property
    def rejects(self) -> pl.DataFrame:
        """One row per record that was rejected: `source_file, row_number, reason`."""
        parts = [reader.rejects() for reader in self.readers]
        return pl.concat(parts) if parts else pl.DataFrame(schema=REJECTS)

    @property
    def reconciliation(self) -> pd.DataFrame:
        """One row per table of a file: what was read, kept, rejected, repeated and blank.

        Where posts of a table have no days, `no_days` says why.
        """
        table = pd.DataFrame([reader.account() for reader in self.readers], columns=_RECONCILIATION)
        codes = [reader.no_days for reader in self.readers]
        return table.assign(no_days=codes) if any(codes) else table

    @property
    def notes(self) -> list[str]:
        """What was mended or passed over, in sentences."""
        mended = [note for reader in self.readers for note in reader.notes()]
        apart = [str(one) for one in self.unread if not one.is_told]
        return [*apart, *mended]

    @property
    def unread(self) -> list[Unread]:
        """What stands in the exports and is not read, with the reason; replies that were read."""
        above = [
            Unread(reader.label, "above", reader.place)
            for reader in self.readers
            if reader.place > 0
        ]
        undated = [
            Unread(reader.label, "undated", reader.undated)
            for reader in self.readers
            if reader.undated
        ]
        replies = [
            Unread(reader.label, "replies", reader.replies)
            for reader in self.readers
            if reader.replies
        ]
        orders = [
            Unread(reader.label, reader.order, reader.kept)
            for reader in self.readers
            if reader.order
        ]
        years = [
            Unread(reader.label, "year_named", reader.kept)
            for reader in self.readers
            if reader.plan.year is not None
        ]
        return [*above, *self.passed, *replies, *orders, *years, *undated]


def ingest(
    paths: Sequence[str | Path],
    *,
    study: Study | None = None,
    secret: bytes,
    choice: ColumnChoice = _NO_CHOICE,
    limit: int | None = None,
    raw: bool = False,
) -> Ingestion:
    """Open exports; reading happens when the partitions are taken.

    Parameters
    ----------
    paths
        Files, folders, archives, or SQLAlchemy URLs.
    study
        Its window decides `is_in_window`.
    choice
        Columns named by the user.
    raw
        A CSV of Caodian's own posts was written with ``--raw``: its cells are as they stand.

    Raises
    ------
    CaodianError
        When a path is absent, empty, unreadable or in no known encoding, or when a table's text
        or time cannot be found.
    """
    readers, passed = open_readers(_find_sources(paths), choice, secret)
    for reader in readers if raw else ():
        if reader.plan.prepare is restore_cells and reader.head.container == "csv":
            reader.plan = replace(reader.plan, prepare=None)
    return Ingestion(readers, study, limit, passed)


def require_tables(paths: Sequence[str | Path], choice: ColumnChoice = _NO_CHOICE) -> None:
    """Raise what `ingest` would raise of files whose tables it cannot read, from headers alone.

    A database is not asked: what it answers may take long, and would be asked for twice.
    """
    files = [path for path in paths if as_url(str(path)) is None]
    if files and len(files) == len(paths):
        open_readers(_find_sources(files), choice, b"")


def read_posts(
    paths: str | Path | Sequence[str | Path],
    *,
    study: Study | None = None,
    columns: ColumnChoice | Mapping[str, Any] = _NO_CHOICE,
    limit: int | None = None,
    frame: Literal["pandas", "polars"] = "pandas",
) -> Any:  # noqa: ANN401 - pandas or Polars, as asked
    r"""Read exports of any collector, or any table with a text, into posts.

    Parameters
    ----------
    paths
        A file, folder or archive, or several.
    study
        Its window decides `is_in_window`.
    columns
        Your own word on which column is what, where the file is of no known collector:
        `{"text": "内容", "time": "发布日期", "rating": "星级"}`; the keys are the fields of
        `ColumnChoice`.
    limit
        Only the first records.
    frame
        ``pandas`` or ``polars``.

    Returns
    -------
    pandas.DataFrame or polars.DataFrame
        One row per record that was kept, in the columns of the data dictionary
        (docs/data-dictionary.md). The text is unmasked as yet. A pandas frame tells in
        `posts.attrs["read"]` how many records were read, kept, rejected and repeated.

    Raises
    ------
    CaodianError
        When a path is absent, empty, unreadable or in no known encoding, when a table's text
        cannot be found, or when `columns` has an unknown key.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "我的导出.csv"
    ...     _ = path.write_text("内容,发布时间\n发货太慢,2020-06-12 08:03\n", "utf-8")
    ...     posts = read_posts(path)
    >>> posts[["text", "published_at"]]
       text              published_at
    0  发货太慢 2020-06-12 08:03:00+08:00
    """
    is_one = isinstance(paths, str | Path) or not hasattr(paths, "__iter__")
    # What is no path, against the types, is told in the loop.
    listed = [paths] if is_one or hasattr(paths, "columns") else list(paths)  # type: ignore[arg-type]
    for path in listed:
        remedy = "Give a path or a list of paths; posts in a frame need no reading."
        require_path(path, "posts are read from files", remedy)
    choice = columns if isinstance(columns, ColumnChoice) else ColumnChoice.of(columns)
    try:
        ingestion = ingest(listed, study=study, secret=project_secret(), choice=choice, limit=limit)  # type: ignore[arg-type]
        empty = pl.DataFrame(schema=table("posts").polars_schema)
        posts = pl.concat([empty, *ingestion.partitions()], how="diagonal_relaxed")
    except CaodianError as error:
        remedy = _in_python(error.remedy or "")
        raise CaodianError(
            error.rule, value=error.value, where=error.where, remedy=remedy or None
        ) from None
    if frame == "polars":
        return posts
    read = to_pandas(posts)
    account = ingestion.reconciliation
    parts = {"read": "records_read", "kept": "kept", "rejected": "rejected", "repeats": "repeats"}
    read.attrs["read"] = {name: int(account[column].sum()) for name, column in parts.items()}
    return read


def _in_python(remedy: str) -> str:
    """Return an advice for the command line as one for `read_posts`: options are its `columns`."""

    def as_columns(option: re.Match[str]) -> str:
        value = '"none"' if option[2] == "none" else "…"
        return f'columns={{"{option[1]}": {value}}}'

    return re.sub(r"`?--(\w+)-column(?: (…|none))?`?", as_columns, remedy)


def explain(path: str | Path, choice: ColumnChoice = _NO_CHOICE) -> str:
    """Say which format and era a file has, how its columns are mapped and what is mended.

    Parameters
    ----------
    choice
        Columns named by the user.
    """
    readers, passed = open_readers(_find_sources([path]), choice, b"")
    return "\n\n".join([*(reader.explain() for reader in readers), *map(str, passed)])


def _find_sources(paths: Sequence[str | Path]) -> list[Export | str]:
    sources: list[Export | str] = []
    for path in paths:
        url = as_url(str(path))
        sources += find_exports([path]) if url is None else [url]
    return sources
