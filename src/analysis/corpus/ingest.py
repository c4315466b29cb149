"""Read exports of any collector into canonical posts, and account for every record.

One row per record that was kept; read = kept + rejected, blank rows counted apart. No export is
changed, and no record is dropped without its row number and reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd
import polars as pl

from analysis.corpus.readers.canonical import CANONICAL, REJECTS
from analysis.corpus.readers.census import decide, settle
from analysis.corpus.readers.choice import ColumnChoice
from analysis.corpus.readers.containers.export import Export, find_exports
from analysis.corpus.readers.keys import Survey, join_surveys
from analysis.corpus.readers.reading import Reading
from analysis.corpus.readers.recognition import open_readings
from analysis.study import Study

__all__ = ["ColumnChoice", "Ingestion", "explain", "ingest"]

NO_CHOICE = ColumnChoice()
_URL = re.compile(r"((?:sqlite|mysql|mariadb|postgresql|oracle|mssql)(?:\+\w+)?):/+")
RECONCILIATION = [
    "source_file",
    "source_format",
    "era",
    "records_read",
    "kept",
    "rejected",
    "repeats",
    "blank",
]


class Ingestion:
    """Exports on their way to posts; `rejects` and `reconciliation` are complete at the end.

    Parameters
    ----------
    readings
        The recognised tables, in the order of the files.
    study
        Sets `is_in_window`; without one the column is null.
    limit
        Only the first records, when given.
    passed
        Sentences on tables that are not read.
    """

    def __init__(
        self,
        readings: list[Reading],
        study: Study | None,
        limit: int | None,
        passed: Sequence[str] = (),
    ) -> None:
        self.passed = list(passed)
        self.readings = readings
        self.study = study
        self.limit = limit

    def partitions(self) -> Iterator[pl.DataFrame]:
        """Yield canonical posts in partitions of about 100,000, in the order of the files."""
        for reading in self.readings:
            reading.repeats = 0
        surveyed = join_surveys(self._surveys())
        repeated, originals = surveyed.find_repeated(), surveyed.find_originals()
        decisions = decide(self._frames(repeated)) if len(repeated) else None
        for frame in self._frames():
            posts = self._mark_window(settle(frame, decisions, originals))
            self._count_repeats(posts)
            yield posts.select(*CANONICAL)

    def _surveys(self) -> Iterator[Survey]:
        for _, reading, left in self._within_limit():
            yield reading.survey(left)

    def _frames(self, only: pl.Series | None = None) -> Iterator[pl.DataFrame]:
        for place, reading, left in self._within_limit():
            for posts in reading.read(left, only):
                yield posts.with_columns(
                    reading=pl.lit(place, pl.Int32), local_ids=pl.lit(reading.plan.local_ids)
                )

    def _within_limit(self) -> Iterator[tuple[int, Reading, int | None]]:
        """Yield the readings until the limit of records is reached."""
        left = self.limit
        for place, reading in enumerate(self.readings):
            yield place, reading, left
            if left is not None:
                left -= reading.seen
                if left <= 0:
                    break

    def _mark_window(self, posts: pl.DataFrame) -> pl.DataFrame:
        if self.study is None:
            return posts
        day = pl.col("published_at").dt.date()
        window = self.study.window
        return posts.with_columns(is_in_window=day.is_between(window.start, window.end))

    def _count_repeats(self, posts: pl.DataFrame) -> None:
        repeats = posts.filter(pl.col("repeat_of").is_not_null())["reading"].value_counts()
        for place, count in repeats.rows():
            self.readings[place].repeats += count

    @property
    def rejects(self) -> pl.DataFrame:
        """One row per record that was rejected: `source_file, row_number, reason`."""
        parts = [reading.rejects() for reading in self.readings]
        return pl.concat(parts) if parts else pl.DataFrame(schema=REJECTS)

    @property
    def reconciliation(self) -> pd.DataFrame:
        """One row per table of a file: what was read, kept, rejected, repeated and blank."""
        return pd.DataFrame(
            [reading.account() for reading in self.readings], columns=RECONCILIATION
        )

    @property
    def notes(self) -> list[str]:
        """What was mended or passed over, in sentences."""
        return [*(note for reading in self.readings for note in reading.notes()), *self.passed]


def ingest(
    paths: Sequence[str | Path],
    *,
    study: Study | None = None,
    secret: bytes,
    choice: ColumnChoice = NO_CHOICE,
    limit: int | None = None,
) -> Ingestion:
    """Open exports; reading happens when the partitions are taken.

    Parameters
    ----------
    paths
        Files, folders, archives, or SQLAlchemy URLs.
    study
        Its window decides `is_in_window`.
    secret
        Key of the author hash.
    choice
        Columns named by the user.
    limit
        Only the first records.

    Returns
    -------
    Ingestion
        Partitions, rejects and the reconciliation.

    Raises
    ------
    CaodianError
        When a path is absent, empty, unreadable or in no known encoding, or when a table's text
        or time cannot be found.
    """
    readings, passed = open_readings(_find_sources(paths), choice, secret)
    return Ingestion(readings, study, limit, passed)


def explain(path: str | Path, choice: ColumnChoice = NO_CHOICE) -> str:
    """Say which format and era a file has, how its columns are mapped and what is mended.

    Parameters
    ----------
    path
        A file, folder or archive.
    choice
        Columns named by the user.

    Returns
    -------
    str
        Plain text, a paragraph per table.
    """
    readings, passed = open_readings(_find_sources([path]), choice, b"")
    return "\n\n".join([*(reading.explain() for reading in readings), *passed])


def _find_sources(paths: Sequence[str | Path]) -> list[Export | str]:
    sources: list[Export | str] = []
    for path in paths:
        url = _as_url(str(path))
        sources += find_exports([path]) if url is None else [url]
    return sources


def _as_url(path: str) -> str | None:
    """Return a SQLAlchemy URL, also one whose slashes `pathlib` has joined, None for a path."""
    match = _URL.match(path)
    if match is None:
        return None
    if "://" in path:
        return path
    rest = path[match.end() :]
    if not match[0].startswith("sqlite"):
        return f"{match[1]}://{rest}"
    return f"{match[1]}:///" + (f"/{rest}" if Path(f"/{rest}").exists() else rest)
