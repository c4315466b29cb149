"""Posts counted into hours, and the hours that chance does not explain: empty, cut or halved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray
from scipy import special

from analysis.errors import CaodianError
from analysis.frames import AnyFrame, as_lazy
from analysis.schema.tables import ZONE
from analysis.study.model import Study

Counts = NDArray[np.int64]
Array = NDArray[np.float64]
_PRECISE = ("second", "minute")
_HOURS = 24
NEEDED = ("published_at", "published_precision", "keyword", "repeat_of")
# Cells of keyword × day × hour held at most; the smallest keywords then share one table.
_MOST_CELLS = 1_000_000
OTHERS = "*"


@dataclass(frozen=True)
class HourCells:
    """Posts of a window by keyword, day, hour and half-hour."""

    days: tuple[date, ...]
    keywords: tuple[str, ...]
    hours: Counts
    halves: Counts
    totals: Counts

    @property
    def pooled(self) -> Counts:
        """Posts with a clock time, all keywords: day × 24."""
        pooled: Counts = self.halves.sum(axis=2)
        return pooled


def count_cells(posts: AnyFrame, study: Study | None = None) -> HourCells:
    """Count the posts of the window into keyword × day × hour.

    A post that two searches found counts for both keywords and once in the pooled cells.
    """
    needed = _read_needed(posts)
    days = _window_days(needed, study)
    rows = _count_moments(needed, _MOST_CELLS // (_HOURS * len(days)))
    number = {day: i for i, day in enumerate(days)}
    rows = rows.filter(pl.col("day").is_in(list(days)))
    rows = rows.with_columns(pl.col("day").replace_strict(number, return_dtype=pl.Int64))
    words = tuple(sorted(rows["keyword"].unique().to_list())) or ("",)
    rows = rows.with_columns(
        pl.col("keyword").replace_strict({word: i for i, word in enumerate(words)},
                                         return_dtype=pl.Int64, default=None)
    )  # fmt: skip
    clock, once = rows.filter("has_clock"), rows.filter("counts_once")
    shape = (len(words), len(days), _HOURS)
    return HourCells(
        days=days,
        keywords=words,
        hours=_tally(clock, ["keyword", "day", "hour"], shape),
        halves=_tally(clock.filter("counts_once"), ["day", "hour", "half"], (*shape[1:], 2)),
        totals=_tally(once, ["day"], (len(days),)),
    )


def hour_keyword_matrix(posts: AnyFrame, study: Study | None = None) -> pd.DataFrame:
    """Lay the cells out for a figure: one row per keyword, day and hour."""
    cells = count_cells(posts, study)
    index = pd.MultiIndex.from_product(
        [cells.keywords, cells.days, range(_HOURS)], names=["keyword", "date", "hour"]
    )
    return pd.DataFrame({"items": cells.hours.ravel()}, index=index).reset_index()


def _read_needed(posts: AnyFrame) -> pl.LazyFrame:
    """Choose the columns that the audit looks at, so that a big corpus stays on disk."""
    lazy = as_lazy(posts)
    columns = lazy.collect_schema().names()
    if "published_at" not in columns:
        raise CaodianError(
            "the coverage audit needs the column published_at",
            where=f"columns there: {', '.join(columns)}",
            remedy="Ingest the export first.",
        )
    return lazy.select([name for name in NEEDED if name in columns])


def _count_moments(frame: pl.LazyFrame, room: int) -> pl.DataFrame:
    """Count the dated posts by day, hour, half-hour and the keywords that there is room for."""
    schema = frame.collect_schema()
    time, columns = local_time(schema["published_at"]), schema.names()
    precision = pl.col("published_precision") if "published_precision" in columns else pl.lit(None)
    repeat = pl.col("repeat_of") if "repeat_of" in columns else pl.lit(None)
    keyword = _keywords(frame, max(1, room))
    moments = frame.select(
        day=time.dt.date(),
        hour=time.dt.hour().cast(pl.Int64),
        half=(time.dt.minute() // 30).cast(pl.Int64),
        keyword=keyword,
        counts_once=repeat.is_null(),
        has_clock=precision.cast(pl.String).is_in(_PRECISE).fill_null(True),
    ).filter(pl.col("day").is_not_null())
    rows = moments.group_by(pl.all()).agg(items=pl.len()).collect(engine="streaming")
    if "published_precision" not in columns and _all_midnight(rows):
        return rows.with_columns(has_clock=pl.lit(False))
    return rows


def _keywords(frame: pl.LazyFrame, room: int) -> pl.Expr:
    """Give the keyword of each post, the smallest ones together where they are too many."""
    if "keyword" not in frame.collect_schema():
        return pl.lit("")
    keyword = pl.col("keyword").cast(pl.String).fill_null("")
    sizes = frame.group_by(keyword).agg(items=pl.len()).collect(engine="streaming")
    if sizes.height <= room:
        return keyword
    ordered = sizes.sort(["items", "keyword"], descending=[True, False])
    kept = ordered["keyword"].head(room - 1).to_list()
    return pl.when(keyword.is_in(kept)).then(keyword).otherwise(pl.lit(OTHERS))


def local_time(kind: pl.DataType) -> pl.Expr:
    """Read the time on Shanghai's clock; a time without zone is Shanghai's already."""
    time = pl.col("published_at")
    if kind == pl.String:
        return time.str.to_datetime(strict=False)
    if kind == pl.Date:
        return time.cast(pl.Datetime)
    zone = getattr(kind, "time_zone", None)
    return time.dt.convert_time_zone(ZONE) if zone else time


def _all_midnight(rows: pl.DataFrame) -> bool:
    return bool(((rows["hour"] == 0) & (rows["half"] == 0)).all())


def _window_days(frame: pl.LazyFrame, study: Study | None) -> tuple[date, ...]:
    if study is not None and study.window is not None:
        return tuple(study.days)
    day = local_time(frame.collect_schema()["published_at"]).dt.date()
    ends = frame.select(first=day.min(), last=day.max()).collect(engine="streaming")
    first, last = ends.row(0)
    if first is None:
        raise CaodianError(
            "the coverage audit needs posts with a date, or a study with a window",
            remedy="Name the time column with --time-column.",
        )
    return tuple(first + timedelta(n) for n in range((last - first).days + 1))


def _tally(rows: pl.DataFrame, by: Sequence[str], shape: tuple[int, ...]) -> Counts:
    counts = np.zeros(shape, dtype=np.int64)
    places = tuple(rows[name].to_numpy() for name in by)
    np.add.at(counts, places, rows["items"].to_numpy())
    return counts


# The matrix behind the coverage audit as a table: posts by search word, day and hour.

COLUMNS = ["keyword", "date", "hour", "items", "grade"]
# More rows than this nobody can tell apart in a figure, nor wants in a file.
_MOST_KEYWORDS = 16
_MOST_ROWS = 100_000


def tabulate_hours(
    posts: AnyFrame, study: Study | None = None, grades: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Count the posts of each hour by the search word that found them.

    Parameters
    ----------
    grades
        The coverage table; its grade stands beside every hour of its day.

    Returns
    -------
    pd.DataFrame
        `keyword, date, hour, items, grade`, zeros included: the search words with most posts, in
        that order, and the others together as ``*``. Empty when no post has a clock time, and in a
        window of more than 60 days, of which nobody could tell the hours apart.

    Examples
    --------
    >>> import polars as pl
    >>> from datetime import datetime
    >>> posts = pl.DataFrame({"published_at": [datetime(2020, 6, 1, 9, 40)], "keyword": ["红包"]})
    >>> tabulate_hours(posts).query("items > 0").values.tolist()
    [['红包', '2020-06-01', 9, 1, '']]
    """
    if study is not None and study.period != "day":
        return pd.DataFrame(columns=COLUMNS)
    matrix = hour_keyword_matrix(posts, study)
    if not matrix["items"].any():
        return pd.DataFrame(columns=COLUMNS)
    matrix["keyword"] = _name_most(matrix)
    order = {word: place for place, word in enumerate(_by_size(matrix, last=OTHERS))}
    counted = matrix.groupby(["keyword", "date", "hour"], sort=False)["items"].sum()
    table = counted.to_frame().reset_index()
    table["place"] = table["keyword"].map(order)
    table = table.sort_values(["place", "date", "hour"], kind="stable", ignore_index=True)
    table["date"] = [day.isoformat() for day in table["date"]]
    known = {} if grades is None else dict(zip(grades["date"], grades["grade"], strict=True))
    table["grade"] = [known.get(day, "") for day in table["date"]]
    return table[COLUMNS]


def _name_most(matrix: pd.DataFrame) -> pd.Series:
    """Keep the names of the largest search words and give the others one name together."""
    days = matrix["date"].nunique()
    room = max(1, min(_MOST_KEYWORDS, _MOST_ROWS // (24 * days)))
    words = _by_size(matrix)
    kept = words if len(words) <= room else words[: room - 1]
    return matrix["keyword"].where(matrix["keyword"].isin(kept), OTHERS)


def _by_size(matrix: pd.DataFrame, last: str | None = None) -> list[str]:
    sizes = matrix.groupby("keyword")["items"].sum()
    words = sorted(sizes.index, key=lambda word: (word == last, -int(sizes[word]), word))
    return [str(word) for word in words]


# Hours without a post where the corpus itself lets one expect posts.
#
# Expected counts come from the corpus's own profile over the hours of the day, so that a small
# corpus with quiet nights is not blamed for being small. Bursts make counts wilder than Poisson;
# the variance is estimated robustly and the chance of an empty stretch taken from the negative
# binomial with that variance (NB1). The bound is shared over all hours of the window.

CHANCE = 0.01
# About half of the lowest share that an hour has in public review, shoe and app exports (percent):
# below it a whole window never falls by itself.
_LOWEST_SHARE = np.array(
    [0.6, 0.2, 0.05, 0.04, 0.04, 0.07, 0.3, 0.6, 1.3, 1.8, 2, 2, 2, 2, 1.5, 2, 2, 2, 2, 2, 1.8, 1.6,
     1.5, 0.7]
) / 100  # fmt: skip


@dataclass(frozen=True)
class Gap:
    """A stretch of empty hours on one day."""

    day: int
    first: int
    last: int
    lost: float

    @property
    def hours(self) -> range:
        """The empty hours."""
        return range(self.first, self.last + 1)


def find_gaps(hours: Counts, *, sharing: int = 1) -> list[Gap]:
    """Find the stretches of empty hours that chance does not explain."""
    if not hours.any():
        return []
    lost = np.zeros(hours.shape, dtype=bool)
    gaps: list[Gap] = []
    # A second look, with the holes of the first kept out of the profile.
    for _ in range(2):
        profile = hour_profile(hours, lost)
        expected = expected_counts(hours, lost, profile)
        gaps = _empty_hours(hours, expected, profile, sharing)
        lost = np.zeros(hours.shape, dtype=bool)
        for gap in gaps:
            lost[gap.day, gap.first : gap.last + 1] = True
    return gaps


def hour_profile(hours: Counts, lost: NDArray[np.bool_]) -> Array:
    """Estimate the share of each hour in a full day, from the hours that were not lost.

    An hour that is empty on all days keeps the lowest share seen anywhere.
    """
    kept = np.where(lost, 0, hours)
    days = (hours.sum(axis=1) > 0)[:, None] & ~lost
    level = hours.sum(axis=1, keepdims=True)
    weights = np.where(days, level, 0).sum(axis=0)
    share = np.divide(kept.sum(axis=0), weights, out=np.zeros(24), where=weights > 0)
    share = np.where(share > 0, share, _LOWEST_SHARE)
    profile: Array = share / share.sum()
    return profile


def expected_counts(hours: Counts, lost: NDArray[np.bool_], profile: Array) -> Array:
    """Expect in each hour the day's level, but never above the usual day, × profile.

    A burst on one day must not make its quiet hours look lost, hence the usual day as ceiling.
    """
    seen = np.where(lost, 0.0, profile).sum(axis=1)
    level = np.divide(hours.sum(axis=1), seen, out=np.zeros(len(hours)), where=seen > 0)
    usual = np.median(level[level > 0])
    expected: Array = np.minimum(level, usual)[:, None] * profile
    return expected


def dispersion(hours: Counts, expected: Array) -> float:
    """Estimate variance over mean of the cells, at least 1, from the median absolute deviation."""
    known = (expected >= 1) & (hours > 0)
    if known.sum() < 10:
        return 1.0
    residual = (hours[known] - expected[known]) / np.sqrt(expected[known])
    spread = np.median(np.abs(residual - np.median(residual))) / 0.6745
    return float(max(1.0, spread**2))


def _log_chance_of_none(expected: float, variance_ratio: float) -> float:
    """Give the log-probability of no post where so many are expected."""
    if variance_ratio <= 1 + 1e-9:
        return -expected
    return float(-expected * np.log(variance_ratio) / (variance_ratio - 1))


def _empty_hours(hours: Counts, expected: Array, profile: Array, sharing: int) -> list[Gap]:
    ratio = dispersion(hours, expected)
    bound = np.log(CHANCE / (hours.size * sharing))
    gaps = []
    for day in np.flatnonzero(hours.any(axis=1)).tolist():
        for first, last in runs(hours[day] == 0):
            inside = slice(first, last + 1)
            if _log_chance_of_none(float(expected[day, inside].sum()), ratio) < bound:
                gaps.append(Gap(day, first, last, float(profile[inside].sum())))
    return gaps


def runs(empty: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Give first and last place of every stretch of true values."""
    edges = np.diff(np.concatenate([[False], empty, [False]]).astype(np.int8))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


# Counts cut at a page limit, and hours of which only one half came.
#
# Search pages end at a limit, so the fullest hours of a keyword all hold the same number. Free
# counts thin out towards their maximum; a limit heaps them there.

Mask = NDArray[np.bool_]

_SMALLEST_CAP = 30
_FEWEST_CAPPED = 4


def find_caps(cells: Counts) -> Mask:
    """Mark the cells of one keyword that are heaped at its maximum.

    Cells within 1 % of the maximum M are compared with those in the next 2√M (twice a Poisson
    standard deviation): if counts were free, the top would hold at most its share of the two
    widths.
    """
    nothing = np.zeros(cells.shape, dtype=bool)
    top = int(cells.max(initial=0))
    if top < _SMALLEST_CAP:
        return nothing
    width = max(1, round(0.01 * top))
    below = max(2, round(2 * np.sqrt(top)))
    heaped = cells >= top - width
    near = (cells < top - width) & (cells >= top - width - below)
    # The maximum itself is always at the top and is no evidence.
    others, all_near = int(heaped.sum()) - 1, int(heaped.sum()) - 1 + int(near.sum())
    share = (width + 1) / (width + 1 + below)
    if others + 1 < _FEWEST_CAPPED:
        return nothing
    chance = float(special.betainc(others, all_near - others + 1, share))
    return heaped if chance < CHANCE / 10 else nothing


def find_half_hours(halves: Counts, variance_ratio: float) -> Mask:
    """Mark the hours of which one half is empty although the other holds many posts."""
    total = halves.sum(axis=2)
    log_chance = (1 - total / variance_ratio) * np.log(2)
    marked: Mask = (halves.min(axis=2) == 0) & (log_chance < np.log(CHANCE / total.size))
    return marked
