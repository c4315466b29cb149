"""One table of the exports on its way to posts: all that a worker needs to read it alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from analysis.corpus.readers.canonical import CANONICAL, ZONE
from analysis.corpus.readers.census import settle, summarise
from analysis.corpus.readers.keys import Survey
from analysis.corpus.readers.reading import Reading
from analysis.study.model import Window


@dataclass
class TablePosts:
    """A recognised table, and what the other tables' keys decide about its rows.

    Parameters
    ----------
    reading
        The table with its plan; its account is complete when the partitions are taken.
    place
        Its number among the tables.
    limit
        Only the first records, when given.
    window
        Sets `is_in_window`; without one the column is null.
    decisions, originals
        What `census.decide` said of repeated keys, and the hashes of keys that reposts name.
    """

    reading: Reading
    place: int
    limit: int | None
    window: Window | None
    decisions: pl.DataFrame | None
    originals: pl.Series

    def partitions(self) -> Iterator[pl.DataFrame]:
        """Yield canonical posts in partitions of about 100,000."""
        self.reading.repeats = self.reading.overlaps = 0
        for frame in placed_frames(self.reading, self.place, self.limit):
            posts = self._mark_window(settle(frame, self.decisions, self.originals))
            self.reading.repeats += posts["repeat_of"].count()
            elsewhere = posts.filter(pl.col("repeat_of").is_not_null() & pl.col("is_elsewhere"))
            self.reading.overlaps += elsewhere.height
            yield posts.select(*CANONICAL)

    def _mark_window(self, posts: pl.DataFrame) -> pl.DataFrame:
        if self.window is None:
            return posts
        start, end = _midnight(self.window.start), _midnight(self.window.end + timedelta(days=1))
        moment = pl.col("published_at")
        return posts.with_columns(is_in_window=moment.is_between(start, end, closed="left"))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(ZONE))


def placed_frames(
    reading: Reading, place: int, limit: int | None, only: pl.Series | None = None
) -> Iterator[pl.DataFrame]:
    """Yield a table's posts with its number, all or those of some keys."""
    for posts in reading.read(limit, only):
        yield posts.with_columns(reading=pl.lit(place, pl.Int32))


def survey_table(reading: Reading, limit: int | None) -> tuple[Survey, int]:
    """Return the hashes of a table's keys, and how many records were seen."""
    survey = reading.survey(limit)
    return survey, reading.seen


def repeated_rows(
    reading: Reading, place: int, limit: int | None, only: pl.Series
) -> list[pl.DataFrame]:
    """Return what tells apart the rows of a table whose keys occur more than once."""
    return [summarise(posts) for posts in placed_frames(reading, place, limit, only)]
