"""Counts by day, week or month as a trend test needs them: checked, complete, gaps named.

A date that is absent from the whole table, or graded unfit, is missing for every grievance; an
absent date × grievance on a date that is there is a zero. A week or month that the window cuts
(graded partial) belongs to no series.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import CaodianError
from analysis.minimum import (
    ALL_LEFT_OUT,
    LEFT_OUT,
    ONLY_LEFT_OUT,
    Shortfall,
    count_reasons,
    shortfall,
)
from analysis.numbers import window_text
from analysis.study.periods import (
    Period,
    find_main_range,
    list_periods,
    period_number,
    period_start,
)
from analysis.words import Note

# Days, or periods, and their coverage grades, read from tables that people and files hand in.

_GRADES = ("good", "doubtful", "partial", "unfit")
# What a trend cannot use: a period of which the window holds a part, and one not collected well.
_UNUSABLE = ("partial", "unfit")


def parse_days(column: pd.Series, where: str) -> pd.Series:
    """Read a column of days (text, dates or timestamps); one that does not parse is an error."""
    days = pd.to_datetime(column.astype("string"), errors="coerce", format="mixed", yearfirst=True)
    if days.isna().any():
        raise CaodianError(
            "every date must be a day such as 2020-06-18",
            value=column[days.isna()].iloc[0],
            where=where,
            remedy="Correct the date column.",
        )
    if days.dt.tz is not None:
        days = days.dt.tz_localize(None)
    return days.dt.normalize()


def event_starts(event_days: Iterable[date | str], period: Period = "day") -> list[date]:
    """Give the days, or the first days of the weeks or months, that hold an event day."""
    given = pd.Series(list(event_days), dtype="object")
    if given.empty:
        return []
    days = parse_days(given, "event days")
    return sorted({period_start(day.date(), period) for day in days})


def _worst_grades(
    daily: pd.DataFrame, days: pd.Series, grades: pd.DataFrame | None
) -> dict[pd.Timestamp, str]:
    """Give the worst grade of each day over both places where one may stand."""
    pairs: list[tuple[pd.Timestamp, str]] = []
    if "grade" in daily.columns:
        pairs += zip(days, _grade_words(daily["grade"]), strict=True)
    if grades is not None:
        absent = [name for name in ("date", "grade") if name not in grades.columns]
        if absent:
            raise CaodianError(
                "a coverage table must have the columns date, grade",
                value=f"missing: {', '.join(absent)}",
                remedy="Use the table coverage.csv of a report.",
            )
        parsed = parse_days(grades["date"], "coverage table")
        pairs += zip(parsed, _grade_words(grades["grade"]), strict=True)
    worst: dict[pd.Timestamp, str] = {}
    for day, grade in pairs:
        if grade:
            worst[day] = max(worst.get(day, "good"), grade, key=_GRADES.index)
    return worst


def _grade_words(column: pd.Series) -> list[str]:
    words = column.astype("string").fillna("").str.strip().tolist()
    unknown = [word for word in words if word and word not in _GRADES]
    if unknown:
        raise CaodianError(
            f"a grade must be one of {', '.join(_GRADES)}",
            value=unknown[0],
            remedy="Leave it empty where the day was not graded.",
        )
    return words


UNITS = ("items", "families", "authors")
# What a series can be tested as.
SHARE, SHARE_OF_NEGATIVE, AGAINST_OTHERS, COUNT = (
    "share", "share_of_negative", "against_others", "count",
)  # fmt: skip
MEASURES = (SHARE, SHARE_OF_NEGATIVE, COUNT)
# One other series that moves would make a trend of the first.
_FEWEST_OTHERS = 3


@dataclass(frozen=True)
class DailySeries:
    """Counts per usable day, week or month and grievance.

    Parameters
    ----------
    days
        Usable days in order; of weeks and months the first day.
    day_numbers
        Their position on the calendar, 0 for the first usable one, so that a gap stays a gap.
    counts
        One array of counts a grievance, in the order in which tables print them.
    missing
        Days (weeks, months) between the first and last date that cannot be used.
    doubtful
        Usable ones that the coverage audit graded doubtful.
    """

    days: tuple[date, ...]
    day_numbers: NDArray[np.int64]
    counts: dict[str, NDArray[np.int64]]
    missing: tuple[date, ...]
    doubtful: tuple[date, ...]
    period: Period = "day"

    def base_of(self, name: str, measure: str = SHARE) -> tuple[str, NDArray[np.int64] | None]:
        """Say what a series is tested as, and give the counts that it is a share of.

        A collection that grows is no growth of what was collected, so the default is the share of
        all posts; of the negative items where the table has no row `all`, of the other series
        where it has neither. `all` itself, and a series that stands alone, are counts.
        """
        wanted = {SHARE: ("all", "negative"), SHARE_OF_NEGATIVE: ("negative",)}.get(measure, ())
        if name == "all" or not wanted:
            return COUNT, None
        for whole in wanted:
            if whole in self.counts and whole != name and shortfall(self.counts[whole]) is None:
                return (SHARE if whole == "all" else SHARE_OF_NEGATIVE), self.counts[whole]
        others = [counts for other, counts in self.counts.items() if other not in (name, "all")]
        if measure == SHARE and name != "negative" and len(others) >= _FEWEST_OTHERS:
            return AGAINST_OTHERS, np.sum(others, axis=0)
        return COUNT, None


def arrange_daily(
    daily: pd.DataFrame,
    *,
    unit: str = "items",
    grades: pd.DataFrame | None = None,
    period: Period = "day",
) -> DailySeries:
    """Check a table of counts by day, week or month and arrange it by date and grievance.

    Parameters
    ----------
    daily
        Columns `date, grievance` and the unit; `grade` where the coverage audit filled it.
    unit
        The column to test: items, families or authors.
    grades
        The coverage table (`date, grade`); joined with the grades in `daily`, the worse one counts.
    period
        What a row of the table counts: `date` is then the Monday of the week, or the 1st.

    Raises
    ------
    CaodianError
        A column is missing, a date does not parse or begins no period, a count is no whole
        number ≥ 0, or a date × grievance stands twice.

    Examples
    --------
    >>> table = pd.DataFrame({"date": ["2020-06-01", "2020-06-03"], "grievance": ["price", "price"],
    ...                       "items": [4, 6]})
    >>> arrange_daily(table).missing
    (datetime.date(2020, 6, 2),)
    """
    rows = _checked_rows(daily, unit)
    _refuse_other_dates(rows["date"], period)
    by_grade = {day.date(): g for day, g in _worst_grades(daily, rows["date"], grades).items()}
    present = {day.date() for day in rows["date"]}
    calendar = _without_cut_ends(list_periods(min(present), max(present), period), by_grade)
    usable = [day for day in calendar if day in present and by_grade.get(day) not in _UNUSABLE]
    wide = rows.pivot(index="date", columns="grievance", values="count")
    wide = wide.reindex(pd.DatetimeIndex(usable)).fillna(0).astype("int64")
    numbers = np.array([period_number(day, period) for day in usable], dtype=np.int64)
    return DailySeries(
        days=tuple(usable),
        day_numbers=numbers - numbers[0] if len(numbers) else numbers,
        counts={name: wide[name].to_numpy() for name in order_grievances(wide.columns)},
        missing=tuple(sorted(set(calendar) - set(usable))),
        doubtful=tuple(day for day in usable if by_grade.get(day) == "doubtful"),
        period=period,
    )


def _without_cut_ends(calendar: list[date], by_grade: Mapping[date, str]) -> list[date]:
    """Leave out what the window cuts at its ends: that is no gap of the collection."""
    cut = [by_grade.get(day) == "partial" for day in calendar]
    first = next((place for place, is_cut in enumerate(cut) if not is_cut), len(cut))
    last = next((place for place in range(len(cut), 0, -1) if not cut[place - 1]), 0)
    return calendar[first:last]


def _refuse_other_dates(dates: pd.Series, period: Period) -> None:
    other = [day.date() for day in dates if period_start(day.date(), period) != day.date()]
    if other:
        word = {"week": "Monday", "month": "1st"}[period]
        raise CaodianError(
            f"every date of a table by {period} must be the {word} that the {period} begins with",
            value=other[0].isoformat(),
            where="table of counts",
            remedy="Use weekly.csv or monthly.csv of a report, or say that the table is by day.",
        )


def order_grievances(names: Iterable[str], codes: Sequence[str] = ()) -> list[str]:
    """Put `all` and `negative` first, then the known codes in their order, then the rest."""
    known = {name: place for place, name in enumerate(["all", "negative", *codes])}
    return sorted(names, key=lambda name: (known.get(name, len(known)), name))


def _checked_rows(daily: pd.DataFrame, unit: str) -> pd.DataFrame:
    if unit not in UNITS:
        raise CaodianError(f"the unit must be one of {', '.join(UNITS)}", value=unit)
    missing = [name for name in ("date", "grievance", unit) if name not in daily.columns]
    if missing:
        raise CaodianError(
            f"a daily table must have the columns date, grievance, {unit}",
            value=f"missing: {', '.join(missing)}",
            where=f"columns there: {', '.join(map(str, daily.columns))}",
            remedy="Give count_grievances(posts, by='date') or the daily.csv of a report, or "
            "choose the unit that is there.",
        )
    if daily.empty:
        raise CaodianError("a daily table must have rows", remedy="Check the file.")
    rows = pd.DataFrame(
        {
            "date": parse_days(daily["date"], "daily table").to_numpy(),
            "grievance": _named(daily["grievance"]).to_numpy(),
            "count": _whole_counts(daily[unit], unit).to_numpy(),
        }
    )
    _refuse_repeats(rows)
    return rows


def _named(column: pd.Series) -> pd.Series:
    names = column.astype("string").str.strip()
    if (names.isna() | (names == "")).any():
        raise CaodianError("every row of a daily table must name its grievance", value="")
    return names.astype(object)


def _whole_counts(column: pd.Series, unit: str) -> pd.Series:
    counts = pd.to_numeric(column.astype("string"), errors="coerce").astype("float64")
    bad = counts.isna() | (counts < 0) | (counts != counts.round()) | ~np.isfinite(counts)
    if bad.any():
        raise CaodianError(
            f"{unit} must be whole numbers from 0 up",
            value=column[bad].iloc[0],
            where=f"daily table, {int(bad.sum())} rows",
            remedy="Give counts as they were made, neither shares nor corrected values.",
        )
    return counts.astype("int64")


def _refuse_repeats(rows: pd.DataFrame) -> None:
    repeated = rows[rows.duplicated(["date", "grievance"])]
    if len(repeated):
        first = repeated.iloc[0]
        raise CaodianError(
            "a date × grievance must stand once in a daily table",
            value=f"{first['date']:%Y-%m-%d} × {first['grievance']}",
            where=f"{len(repeated)} rows too many",
            remedy="Add the rows up, or test one corpus at a time.",
        )


def shortfalls(series: DailySeries) -> dict[str, Shortfall]:
    """Give the series of a table that are below the minimum, each with what it lacks."""
    found = {name: shortfall(counts, len(series.missing)) for name, counts in series.counts.items()}
    return {name: lack for name, lack in found.items() if lack is not None}


def explain_left_out(series: DailySeries, *, apart: Collection[str] = ()) -> tuple[str, str]:
    """Say in Chinese and English how many series of a table are below the minimum, and why.

    Parameters
    ----------
    apart
        Rows that are no series of their own.

    Returns
    -------
    tuple of str
        One sentence in each language; both empty where every series has enough.

    Examples
    --------
    >>> import pandas as pd
    >>> daily = pd.DataFrame({"date": pd.date_range("2020-06-01", periods=20), "grievance": "price",
    ...                       "items": 1})
    >>> explain_left_out(arrange_daily(daily))[1]
    'Trends, breaks and bursts: the only series holds too little to tell: fewer than 30 items.'
    """
    names = [name for name in series.counts if name not in apart]
    lacks = {name: lack for name, lack in shortfalls(series).items() if name in names}
    if not lacks:
        return "", ""
    sentences = []
    whole = ALL_LEFT_OUT if len(names) > 1 else ONLY_LEFT_OUT
    templates = whole if len(lacks) == len(names) else LEFT_OUT
    for language, template, pair, comma in (
        ("zh", templates[0], "{0}（{1} 个）", "，"), ("en", templates[1], "{0} ({1})", ", "),
    ):  # fmt: skip
        reasons = count_reasons(lacks, language, series.period)
        why = comma.join(
            reason if len(reasons) == 1 else pair.format(reason, count) for reason, count in reasons
        )
        sentences.append(template.format(len(lacks), len(names), why))
    return sentences[0], sentences[1]


def explain_strays(daily: pd.DataFrame) -> Note | None:
    """Say in Chinese and English that very few far dates make a period long; None without such.

    Parameters
    ----------
    daily
        Columns `date, grievance, items`; the rows `all` are counts of posts.

    Examples
    --------
    >>> import pandas as pd
    >>> daily = pd.DataFrame({"date": ["2023-06-01", "2023-06-20", "2050-01-01"],
    ...                       "grievance": "all", "items": [60, 60, 1]})
    >>> explain_strays(daily)[1][:84]
    'The period is this long because very few posts (such as those of 1 January 2050) lie'
    """
    whole = daily[daily["grievance"] == "all"]
    posts = {
        pd.Timestamp(str(day)).date(): int(number)
        for day, number in zip(whole["date"], whole["items"], strict=True)
    }
    main = find_main_range(posts)
    if main is None:
        return None
    far = [day for day, number in posts.items() if number and not main[0] <= day <= main[1]]
    day = min(far) if min(far) < main[0] else max(far)
    zh, en = (
        template.format(window_text(day, day, language), window_text(*main, language))
        for language, template in (("zh", _STRAYS[0]), ("en", _STRAYS[1]))
    )
    return Note(zh, en, (posts[day], sum(posts[one] for one in far)))


_STRAYS = (
    "监测期这么长，是因为极少数帖子的日期（如{0}）离其余帖子（{1}）很远；日期若有误，请更正，"
    "也可以在研究文件里写明监测期（--study）",
    "The period is this long because very few posts (such as those of {0}) lie far from all others "
    "({1}); if their dates are wrong, mend them, or name the period in a study file (--study)",
)
