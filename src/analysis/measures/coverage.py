"""Grade every day of the window by what its collection can bear."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray

from analysis.errors import CaodianError
from analysis.frames import AnyFrame, like_frame, take_columns
from analysis.measures.coverage_hours import (
    CHANCE,
    NEEDED,
    Gap,
    HourCells,
    count_cells,
    dispersion,
    expected_counts,
    find_caps,
    find_gaps,
    find_half_hours,
    hour_profile,
    runs,
)
from analysis.numbers import share_text
from analysis.schema import parse_columns
from analysis.study.model import Study, Window
from analysis.study.periods import LONGEST_BY_DAY, Period, days_within, list_periods, next_period

_Counts = NDArray[np.int64]
_Array = NDArray[np.float64]

COLUMNS = ("date", "hour_gaps", "plateaus", "grade", "reason")
_UNFIT_LOST = 0.25
_DOUBTFUL_LOST = 0.01
_UNFIT_CUT = 0.5
_LOW_YIELD = 0.2
# Standard deviations below the usual day: among thousands of days some lie two below by chance.
_LOW_DEVIATIONS = {"short": 2, "long": 4}
# A usual day of so many posts makes an empty one a hole and not chance (e⁻⁵ < .01).
_USUAL_ENOUGH = 5


@dataclass
class _Finding:
    """What was found on one day."""

    empty_hours: set[int] = field(default_factory=set)
    lost: float = 0.0
    plateaus: int = 0
    cut: float = 0.0
    reasons: list[str] = field(default_factory=list)
    is_missing: bool = False


def grade_coverage(posts: AnyFrame, study: Study | None = None) -> Any:  # noqa: ANN401 - as given
    """Grade the collection of each day: good, doubtful or unfit, with the reason.

    Judged are empty hours where posts were to be expected, hours cut at a page limit, hours of
    which one half came, days that stop early, days without posts, and days far below the usual
    yield. A day that lost a quarter of its posts, or holds half of them in cut hours, is unfit.
    In a window of more than 60 days an empty day is a hole only where the days around it say so.
    The rules are our own; `docs/method.md` tells what they find and miss in planted gaps.

    Parameters
    ----------
    posts
        pandas or Polars frame with `published_at` (without a zone it is Shanghai's clock);
        `published_precision, keyword, repeat_of` are used where they are there.
    study
        Gives the window; without it the range of the posts. A study without days has no row.

    Returns
    -------
    The same kind of frame
        One row per day: `date` (YYYY-MM-DD), `hour_gaps` and `plateaus` (hours), `grade`, `reason`
        (codes; `explain_grade` puts them into words). No row for no posts and no study.

    Raises
    ------
    CaodianError
        When the posts have no time column, or none of them has a date and there is no study.

    Examples
    --------
    >>> times = pd.date_range("2020-06-01", "2020-06-03 23:59", freq="10min")
    >>> times = times[(times < "2020-06-02 14:00") | (times >= "2020-06-03")]
    >>> grade_coverage(pd.DataFrame({"published_at": times}))[["grade", "reason"]].values.tolist()
    [['good', ''], ['unfit', 'stops_early(14)'], ['good', '']]
    """
    given = posts
    if study is not None and study.window is None:
        return like_frame(given, pd.DataFrame(columns=list(COLUMNS)))
    if not isinstance(posts, pl.LazyFrame):
        posts = parse_columns(take_columns(posts, ["published_at"], NEEDED))
        if posts.is_empty() and study is None:
            return like_frame(given, pd.DataFrame(columns=list(COLUMNS)))
    return like_frame(given, _grade_coverage(posts, study))


def _grade_coverage(posts: AnyFrame, study: Study | None) -> pd.DataFrame:
    cells = count_cells(posts, study)
    findings = [_Finding() for _ in cells.days]
    _note_missing_days(cells, findings)
    _note_gaps(cells, findings)
    _note_caps(cells, findings)
    _note_half_hours(cells, findings)
    _note_low_yield(cells, findings)
    _note_precision(cells, findings)
    rows = [
        (
            day.isoformat(),
            len(found.empty_hours),
            found.plateaus,
            _grade(found),
            "; ".join(found.reasons),
        )
        for day, found in zip(cells.days, findings, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _grade(found: _Finding) -> str:
    if found.is_missing or found.lost >= _UNFIT_LOST or found.cut >= _UNFIT_CUT:
        return "unfit"
    serious = [reason for reason in found.reasons if not reason.startswith("hours_not_testable")]
    slight = bool(serious) and not _only_small_keyword_gaps(found, serious)
    return "doubtful" if slight else "good"


def _only_small_keyword_gaps(found: _Finding, reasons: list[str]) -> bool:
    return found.lost < _DOUBTFUL_LOST and all(part.startswith("keyword_gap") for part in reasons)


def _usual(cells: HourCells) -> float:
    present = cells.totals[cells.totals > 0]
    return float(np.median(present)) if len(present) else float("inf")


def _note_missing_days(cells: HourCells, findings: list[_Finding]) -> None:
    enough = _usual(cells) >= _USUAL_ENOUGH
    holes = np.full(len(findings), enough)
    # Where most days are empty an empty day is the usual one, and only the days beside it can tell.
    if cells.totals.any() and (_is_long(cells) or np.median(cells.totals) == 0):
        holes = _find_holes(cells.totals)
    for found, total, is_hole in zip(findings, cells.totals, holes.tolist(), strict=True):
        if total == 0:
            found.is_missing = is_hole
            found.empty_hours = set(range(24)) if is_hole else set()
            found.reasons.append("no_posts" if is_hole else "no_posts_small")


def _is_long(cells: HourCells) -> bool:
    """Say whether the window is so long that one usual day does not fit all of it."""
    return len(cells.days) > LONGEST_BY_DAY


def _note_gaps(cells: HourCells, findings: list[_Finding]) -> None:
    for gap in find_gaps(cells.pooled):
        found = findings[gap.day]
        found.empty_hours.update(gap.hours)
        found.lost += gap.lost
        found.reasons.append(_gap_reason(gap))
    if len(cells.keywords) > 1:
        _note_keyword_gaps(cells, findings)


def _gap_reason(gap: Gap) -> str:
    if gap.last == 23 and gap.first > 0:
        return write_reason("stops_early", gap.first)
    code = "night_hole" if gap.last <= 7 else "hour_gap"
    return write_reason(code, f"{gap.first}-{gap.last}")


def _note_keyword_gaps(cells: HourCells, findings: list[_Finding]) -> None:
    """Holes of single keywords that the pooled hours hide, weighed by the keyword's share."""
    weights = cells.hours.sum(axis=(1, 2)) / max(1, cells.hours.sum())
    lost = np.zeros((len(cells.days), len(cells.keywords)))
    for k, hours in enumerate(cells.hours):
        for gap in find_gaps(hours, sharing=len(cells.keywords)):
            fresh = [hour for hour in gap.hours if hour not in findings[gap.day].empty_hours]
            lost[gap.day, k] += weights[k] * gap.lost * len(fresh) / len(gap.hours)
    for found, shares in zip(findings, lost, strict=True):
        words = [word for word, share in zip(cells.keywords, shares, strict=True) if share > 0]
        if words:
            found.lost += float(shares.sum())
            found.reasons.append(write_reason("keyword_gap", len(words)))


def _note_caps(cells: HourCells, findings: list[_Finding]) -> None:
    capped = np.array([find_caps(hours) for hours in cells.hours])
    capped_days = np.array([find_caps(hours.sum(axis=1)) for hours in cells.hours])
    cut = np.where(capped, cells.hours, 0).sum(axis=(0, 2))
    volume = np.maximum(1, cells.hours.sum(axis=(0, 2)))
    for day, found in enumerate(findings):
        found.plateaus = int(capped[:, day].sum())
        if found.plateaus:
            found.reasons.append(write_reason("page_cap", found.plateaus))
        if capped_days[:, day].any():
            found.reasons.append("page_cap_day")
        found.cut = max(found.cut, float(cut[day] / volume[day]))


def _note_half_hours(cells: HourCells, findings: list[_Finding]) -> None:
    pooled = cells.pooled
    if not pooled.any():
        return
    nothing_lost = np.zeros(pooled.shape, dtype=bool)
    expected = expected_counts(pooled, nothing_lost, hour_profile(pooled, nothing_lost))
    marked = find_half_hours(cells.halves, dispersion(pooled, expected))
    for day, found in enumerate(findings):
        if marked[day].any():
            found.reasons.append(write_reason("half_hours", int(marked[day].sum())))
            half = pooled[day][marked[day]].sum() / pooled[day].sum()
            found.cut = max(found.cut, float(half))


def _note_low_yield(cells: HourCells, findings: list[_Finding]) -> None:
    levels = _usual_around(cells.totals)
    if not _is_long(cells):
        levels = np.full(cells.totals.shape, _usual(cells))
    ratio = dispersion(cells.totals, np.where(np.isfinite(levels), levels, 0.0))
    days = zip(findings, cells.totals.tolist(), levels.tolist(), strict=True)
    deviations = _LOW_DEVIATIONS["long" if _is_long(cells) else "short"]
    for found, total, usual in days:
        # Some standard deviations of a usual day below it, and under a fifth of it.
        if 0 < total < _LOW_YIELD * usual and total < usual - deviations * np.sqrt(ratio * usual):
            found.reasons.append(write_reason("low_yield", share_text(total / usual)))


def _note_precision(cells: HourCells, findings: list[_Finding]) -> None:
    clock = cells.pooled.sum(axis=1)
    for found, total, precise in zip(findings, cells.totals, clock, strict=True):
        if total > 0 and precise * 2 < total:
            found.reasons.append("hours_not_testable")


# Coverage of a long window: which empty days are holes, and the grade of each week or month.
#
# Over years the number of posts moves by orders of magnitude, and a sparse corpus is empty on
# most days. So what a day should hold is taken from the four weeks on either side of it, and an
# empty stretch is a hole only where that rate, overdispersed as it is, makes it one.

_PERIOD_COLUMNS = ("date", "days", "fit_days", "hour_gaps", "plateaus", "grade", "reason")
# Days on either side that tell what a day should hold.
_NEAR = 28
# A week with two unfit days is unfit, and so is a month with seven.
_FIT_SHARE = 0.8
_SMALL = "no_posts_small"
# Beyond a silence of so many periods at least, so few of the days with posts are strays.
_SHORTEST_SILENCE = 3
_APART_SHARE = 0.01


def _find_holes(totals: _Counts) -> NDArray[np.bool_]:
    """Mark the empty days that the days around them do not explain.

    A stretch of empty days is judged as one, from the four weeks on either side: how likely are so
    many days without a post after so many posts in so many days, at a rate that these alone tell
    (gamma-Poisson), the counts being as overdispersed as they are? The side that makes it likelier
    counts, since a corpus may just have begun or ended. All stretches share one bound on false
    alarms.
    """
    holes = np.zeros(len(totals), dtype=bool)
    bound = np.log(CHANCE / max(1, len(totals)))
    for first, last in runs(totals == 0):
        sides = [
            totals[max(0, first - _NEAR) : first],
            totals[last + 1 : last + 1 + _NEAR],
        ]
        known = [side for side in sides if len(side)]
        if known:
            chance = max(_log_chance_of_none(side, last - first + 1) for side in known)
            holes[first : last + 1] = chance < bound
    return holes


def _log_chance_of_none(beside: _Counts, days: int) -> float:
    """Give the log-probability of so many empty days beside these ones."""
    overdispersion = max(1.0, float(beside.var() / max(beside.mean(), 1e-9)))
    return float(beside.sum() / overdispersion * np.log(len(beside) / (len(beside) + days)))


def _usual_around(totals: _Counts) -> _Array:
    """Give for each day the median of the days with posts around it; nothing near, no usual."""
    usual = np.full(len(totals), np.inf)
    for day in range(len(totals)):
        near = totals[max(0, day - _NEAR) : day + _NEAR + 1]
        if near.any():
            usual[day] = np.median(near[near > 0])
    return usual


def grade_periods(days: pd.DataFrame, window: Window, period: Period) -> pd.DataFrame:
    """Grade the weeks or months of a window by the grades of their days.

    A period that the window cuts is `partial`; with less than 80 % of its days fit it is unfit; it
    is doubtful when a day is unfit, when more than a fifth of its days are doubtful, or when it
    holds no post at all and too few were to be expected to call that a hole. What a long silence
    sets apart at either end, a post or two of years before, is `partial`, too: the collection
    proper had not begun.

    Parameters
    ----------
    days
        `date, hour_gaps, plateaus, grade, reason` from `grade_coverage`.

    Returns
    -------
    pd.DataFrame
        One row a period: `date` (its first day), `days` of it in the window, `fit_days` of these,
        hours and plateaus summed, `grade, reason`.

    Examples
    --------
    >>> from datetime import date
    >>> dates = [day.isoformat() for day in pd.date_range("2020-06-01", "2020-06-10").date]
    >>> table = pd.DataFrame({"date": dates, "hour_gaps": 0, "plateaus": 0,
    ...                       "grade": ["good"] * 5 + ["unfit"] * 2 + ["good"] * 3, "reason": ""})
    >>> window = Window(start=date(2020, 6, 1), end=date(2020, 6, 10))
    >>> grade_periods(table, window, "week")[["date", "grade", "reason"]].values.tolist()
    [['2020-06-01', 'unfit', 'unfit_days(2)'], ['2020-06-08', 'partial', 'partial(3)']]
    """
    starts = list_periods(window.start, window.end, period)
    parts = _split(days, starts, window, period)
    filled = np.array([int((~_is_empty(part)).sum()) for part in parts])
    apart = _set_apart(filled)
    rows = [
        (start.isoformat(), *_row(part, _length(start, period), is_apart=is_apart))
        for start, part, is_apart in zip(starts, parts, apart.tolist(), strict=True)
    ]
    return pd.DataFrame(rows, columns=list(_PERIOD_COLUMNS))


def _split(
    days: pd.DataFrame, starts: list[date], window: Window, period: Period
) -> list[pd.DataFrame]:
    """Cut the days of the window into its periods."""
    lengths = [len(days_within(start, period, window.start, window.end)) for start in starts]
    ends = np.cumsum(lengths)
    return [
        days.iloc[end - length : end]
        for end, length in zip(ends.tolist(), lengths, strict=True)
    ]  # fmt: skip


def _length(start: date, period: Period) -> int:
    return (next_period(start, period) - start).days


def _is_empty(days: pd.DataFrame) -> pd.Series:
    return days["reason"].fillna("").astype(str).isin([_SMALL, "no_posts"])


def _set_apart(filled: _Counts) -> NDArray[np.bool_]:
    """Mark what a long silence sets apart at either end, the silence included.

    Hardly any of the days with posts lie beyond it, and it is as long as what lies beyond.
    """
    marked = np.zeros(len(filled), dtype=bool)
    for first, last in runs(filled == 0):
        silence = last - first + 1
        for beyond in (slice(0, first), slice(last + 1, len(filled))):
            few = filled[beyond].sum() <= _APART_SHARE * filled.sum()
            if few and silence >= max(_SHORTEST_SILENCE, len(filled[beyond])):
                marked[beyond] = True
                marked[first : last + 1] = True
    return marked


def _row(days: pd.DataFrame, length: int, *, is_apart: bool) -> tuple[object, ...]:
    grades, inside = days["grade"].astype(str), len(days)
    unfit = int((grades == "unfit").sum())
    is_small = days["reason"].fillna("").astype(str) == _SMALL
    doubtful = int(((grades == "doubtful") & ~is_small).sum())
    many_doubtful = doubtful > (1 - _FIT_SHARE) * inside
    reasons = ["apart"] if is_apart else []
    reasons += [] if length == inside else [write_reason("partial", inside)]
    reasons += [write_reason("unfit_days", unfit)] if unfit else []
    reasons += [write_reason("doubtful_days", doubtful)] if many_doubtful else []
    reasons += ["none_small"] if is_small.all() else []
    grade = "doubtful" if reasons else "good"
    if unfit > (1 - _FIT_SHARE) * inside:
        grade = "unfit"
    elif is_apart or length != inside:
        grade = "partial"
    gaps, plateaus = (int(days[name].sum()) for name in ("hour_gaps", "plateaus"))
    return inside, inside - unfit, gaps, plateaus, grade, "; ".join(reasons)


# Reasons in tables: short codes that people can read and reports can put into words.
#
# A reason reads `code` or `code(detail)`; several are joined by `; `, the weightiest first.

Wording = Mapping[str, tuple[str, str]]
_REASON = re.compile(r"([a-z_]+)(?:\(([^)]*)\))?")


def write_reason(code: str, detail: object = None) -> str:
    """Write one reason as it stands in the table."""
    return code if detail is None else f"{code}({detail})"


# Every reason of a day: what a grade of a table may rest on.
_OF_DAYS = re.compile(
    r"no_posts(?:_small)?|stops_early\(\d+\)|(?:night_hole|hour_gap)\(\d+-\d+\)|page_cap_day"
    r"|(?:keyword_gap|page_cap|half_hours)\(\d+\)|low_yield\([\d.]+ ?%\)|hours_not_testable"
)


def put_into_words(reasons: str, wording: Wording, language: str) -> str:
    """Turn the reasons of a row into one sentence of a language."""
    place = 0 if language == "zh" else 1
    parts = [part.strip() for part in reasons.split(";") if part.strip()]
    return ("；" if place == 0 else "; ").join(_word(part, wording, place) for part in parts)


def _word(part: str, wording: Wording, place: int) -> str:
    match = _REASON.fullmatch(part)
    if match is None or match[1] not in wording:
        raise CaodianError(f"a reason must be one of {', '.join(sorted(wording))}", value=part)
    return wording[match[1]][place].format(match[2])


_WORDING = {
    "no_posts": ("全天没有帖子", "no posts on the whole day"),
    "no_posts_small": (
        "全天没有帖子，但平日也很少，无法判断",
        "no posts, but usual days hold too few to tell",
    ),
    "stops_early": ("{0} 时之后没有帖子", "stops early: nothing from {0}:00 on"),
    "night_hole": ("夜间空缺（{0} 时）", "nothing at night ({0} h)"),
    "hour_gap": ("时段空缺（{0} 时）", "empty hours ({0} h)"),
    "keyword_gap": ("个别关键词有时段空缺（{0}）", "empty hours of single keywords ({0})"),
    "page_cap": ("{0} 个时段疑似达到翻页上限", "{0} hours look cut at a page limit"),
    "page_cap_day": ("全天数量疑似达到翻页上限", "the day looks cut at a page limit"),
    "half_hours": ("{0} 个小时只有半小时的帖子", "{0} hours hold one half-hour only"),
    "low_yield": ("帖子数仅为平日的 {0}", "only {0} of a usual day's posts"),
    "none_small": (
        "一条帖子也没有，但前后各日也很少，无法判断",
        "no posts at all, but the days around hold too few to tell",
    ),
    "apart": (
        "与采集的主体隔着很长的空白，不属于主体",
        "set apart from the bulk of the collection by a long silence",
    ),
    "partial": ("不完整，只有 {0} 天在监测期内", "not whole: {0} days lie in the window"),
    "unfit_days": ("{0} 天不可用", "{0} days unfit"),
    "doubtful_days": ("{0} 天存疑", "{0} days doubtful"),
    "hours_not_testable": ("没有钟点，无法检验时段", "no clock times: hours not testable"),
}


def explain_grade(reasons: str, language: str = "zh") -> str:
    """Turn the reasons of a grade into words.

    Parameters
    ----------
    reasons
        The cell `reason` of the coverage table.

    Returns
    -------
    str
        The sentence; empty for a good day.

    Examples
    --------
    >>> explain_grade("night_hole(0-5); page_cap(3)", "en")
    'nothing at night (0-5 h); 3 hours look cut at a page limit'
    """
    return put_into_words(reasons, _WORDING, language)
