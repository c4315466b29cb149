"""Grade every day of the window by what its collection can bear."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray

from analysis.frames import AnyFrame, like_frame, take_columns
from analysis.measures.coverage_caps import find_caps, find_half_hours
from analysis.measures.coverage_cells import NEEDED, HourCells, count_cells, hour_keyword_matrix
from analysis.measures.coverage_gaps import (
    Gap,
    dispersion,
    expected_counts,
    find_gaps,
    hour_profile,
)
from analysis.measures.coverage_periods import find_holes, grade_periods, usual_around
from analysis.measures.reason_words import write_reason
from analysis.numbers import share_text
from analysis.schema import parse_columns
from analysis.study.model import Study
from analysis.study.periods import LONGEST_BY_DAY

__all__ = ["grade_coverage", "grade_periods", "hour_keyword_matrix"]

COLUMNS = ("date", "hour_gaps", "plateaus", "grade", "reason")
UNFIT_LOST = 0.25
DOUBTFUL_LOST = 0.01
UNFIT_CUT = 0.5
LOW_YIELD = 0.2
# Standard deviations below the usual day: among thousands of days some lie two below by chance.
LOW_REACH = {"short": 2, "long": 4}
# A usual day of so many posts makes an empty one a hole and not chance (e⁻⁵ < .01).
USUAL_ENOUGH = 5


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
        Gives the window; without it the range of the posts.

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
    if found.is_missing or found.lost >= UNFIT_LOST or found.cut >= UNFIT_CUT:
        return "unfit"
    serious = [reason for reason in found.reasons if not reason.startswith("hours_not_testable")]
    slight = bool(serious) and not _only_small_keyword_gaps(found, serious)
    return "doubtful" if slight else "good"


def _only_small_keyword_gaps(found: _Finding, reasons: list[str]) -> bool:
    return found.lost < DOUBTFUL_LOST and all(part.startswith("keyword_gap") for part in reasons)


def _usual(cells: HourCells) -> float:
    present = cells.totals[cells.totals > 0]
    return float(np.median(present)) if len(present) else float("inf")


def _note_missing_days(cells: HourCells, findings: list[_Finding]) -> None:
    enough = _usual(cells) >= USUAL_ENOUGH
    holes = np.full(len(findings), enough)
    # Where most days are empty an empty day is the usual one, and only the days beside it can tell.
    if cells.totals.any() and (_is_long(cells) or np.median(cells.totals) == 0):
        holes = find_holes(cells.totals)
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
    levels = usual_around(cells.totals) if _is_long(cells) else _flat(cells)
    ratio = dispersion(cells.totals, np.where(np.isfinite(levels), levels, 0.0))
    days = zip(findings, cells.totals.tolist(), levels.tolist(), strict=True)
    reach = LOW_REACH["long" if _is_long(cells) else "short"]
    for found, total, usual in days:
        # Some standard deviations of a usual day below it, and under a fifth of it.
        if 0 < total < LOW_YIELD * usual and total < usual - reach * np.sqrt(ratio * usual):
            found.reasons.append(write_reason("low_yield", share_text(total / usual)))


def _flat(cells: HourCells) -> NDArray[np.float64]:
    return np.full(cells.totals.shape, _usual(cells))


def _note_precision(cells: HourCells, findings: list[_Finding]) -> None:
    clock = cells.pooled.sum(axis=1)
    for found, total, precise in zip(findings, cells.totals, clock, strict=True):
        if total > 0 and precise * 2 < total:
            found.reasons.append("hours_not_testable")
