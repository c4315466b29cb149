"""Judge the trend of every daily series and write its sentence and evidence in two languages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray
from scipy import special

from analysis.coding.codebook import load_codebook
from analysis.frames import AnyFrame, as_small, like_frame, put_columns, take_columns
from analysis.measures.daily_series import (
    AGAINST_OTHERS,
    COUNT,
    SHARE,
    SHARE_OF_NEGATIVE,
    DailySeries,
    arrange_daily,
    event_starts,
    order_grievances,
    parse_days,
    shortfalls,
)
from analysis.measures.trend_rule import ALPHA, LogSeries, removed
from analysis.measures.trend_tests import (
    ALIKE,
    HELD,
    OF_BASE,
    OUTSIDE_TESTS,
    Judgement,
    judge_in_tiers,
    read_drift,
)
from analysis.minimum import Shortfall
from analysis.numbers import change_range_text, change_text, p_equation, signed_text
from analysis.study.periods import Period, tell_period
from analysis.words import LANGUAGES, Words, load_words

# The trend sentence in Chinese and English, with the evidence in it.

_UNIT_WORDS = {
    "items": ("条", "items"),
    "families": ("组", "families"),
    "authors": ("人", "authors"),
}
# In so many of them, and a rate for each: the window may be told in days, weeks or months.
_PERIOD_WORDS: dict[Period, tuple[str, str, str, str]] = {
    "day": ("天", "天", "days", "day"),
    "week": ("周", "周", "weeks", "week"),
    "month": ("个月", "月", "months", "month"),
}
_EVENT_WORDS: dict[Period, str] = {"day": "日", "week": "周", "month": "月"}
_VERDICT_WORDS = {
    ("growth", "slight"): ("小幅增长", "slight growth"),
    ("growth", "marked"): ("明显增长", "marked growth"),
    ("growth", "uncertain"): ("增长，幅度不确定", "growth, size uncertain"),
    ("decline", ""): ("下降", "decline"),
    ("flat", ""): ("平稳", "flat"),
    ("no_trend", ""): ("未能确认趋势", "no trend established"),
}


# What was tested, by measure and unit.
_MEASURE_WORDS = {
    (SHARE, "items"): ("在全部帖子中的占比", "share of all posts"),
    (SHARE, "families"): ("在全部组中的占比", "share of all families"),
    (SHARE, "authors"): ("在全部作者中的占比", "share of all authors"),
    (SHARE_OF_NEGATIVE, "items"): ("在吐槽中的占比", "share of the negative items"),
    (SHARE_OF_NEGATIVE, "families"): ("在吐槽的组中的占比", "share of the negative families"),
    (SHARE_OF_NEGATIVE, "authors"): (
        "在吐槽作者中的占比",
        "share of the authors of negative items",
    ),
    (AGAINST_OTHERS, "items"): ("与其他各类之比", "ratio to the other series"),
    (AGAINST_OTHERS, "families"): ("与其他各类之比", "ratio to the other series"),
    (AGAINST_OTHERS, "authors"): ("与其他各类之比", "ratio to the other series"),
    (COUNT, "items"): ("条数", "items"),
    (COUNT, "families"): ("组数", "families"),
    (COUNT, "authors"): ("人数", "authors"),
}
_GUARD_WORDS = {
    "beside": ("活动日前后的日子也纳入模型后", "with the days beside the event days modelled"),
    "build_up": ("活动日前的升温也纳入模型后", "with the rise towards the event days modelled"),
}
_OF_BASE_WORDS = (
    "；不判为增长或下降：数量没有随占比同向变动，或变动不到一半，占比的变化来自采集到的其他内容",
    "; no growth or decline: the count did not move the same way, or not half as far, so the "
    "share moved because of what else was collected",
)


@dataclass(frozen=True)
class _Evidence:
    """Everything that a trend sentence prints."""

    judgement: Judgement
    counted: Judgement
    is_in_family: bool
    event_days: Sequence[date]
    asked_event_days: Sequence[date]
    missing: int
    doubtful: int
    tau: float
    sen: float
    unit: str
    period: Period = "day"


def _write_english(name: str, evidence: _Evidence) -> str:
    """Write the English sentence of one trend."""
    e, fit = evidence, evidence.judgement.fit
    words = _VERDICT_WORDS[e.judgement.verdict, e.judgement.size][1]
    lead = f"fluctuating, {words}" if e.judgement.fluctuation.holds else words
    p_values = p_equation(fit.p)
    p_values += f", Holm {p_equation(e.judgement.p_holm)}" if e.is_in_family else ""
    parts = [
        f"{name}, {_MEASURE_WORDS[e.judgement.measure, e.unit][1]}: {lead}: "
        f"{change_text(fit.growth)} over {fit.span + 1} "
        f"{_PERIOD_WORDS[e.period][2]}{_gaps_english(e)} "
        f"(95% interval {_range((fit.low, fit.high), 'en')})",
        f"{p_values} (AR(1) errors, {_events_english(e)})",
        f"MK τ = {signed_text(e.tau, 2)}",
    ]
    sen = (
        f"Sen slope = {signed_text(e.sen, 1)} {_UNIT_WORDS[e.unit][1]} "
        f"a {_PERIOD_WORDS[e.period][3]}"
    )
    if e.judgement.measure == COUNT:
        return ", ".join([*parts, sen]) + _guards(e, "en")
    count = e.counted.fit
    counted = (
        f"; {_MEASURE_WORDS[COUNT, e.unit][1]}: {change_text(count.growth)} "
        f"(95% interval {_range((count.low, count.high), 'en')}), {sen}"
    )
    return ", ".join(parts) + counted + _guards(e, "en")


def _write_chinese(name: str, evidence: _Evidence) -> str:
    """Write the Chinese sentence of one trend."""
    e, fit = evidence, evidence.judgement.fit
    p_values = p_equation(fit.p)
    p_values += f"，Holm 校正 {p_equation(e.judgement.p_holm)}" if e.is_in_family else ""
    parts = [
        f"{name}，{_MEASURE_WORDS[e.judgement.measure, e.unit][0]}：{_lead_chinese(e.judgement)}："
        f"{fit.span + 1} {_PERIOD_WORDS[e.period][0]}内 {change_text(fit.growth)}"
        f"{_gaps_chinese(e)}（95% 区间 {_range((fit.low, fit.high), 'zh')}）",
        f"{p_values}（AR(1) 误差，{_events_chinese(e)}）",
        f"MK τ = {signed_text(e.tau, 2)}",
    ]
    sen = f"Sen 斜率 {signed_text(e.sen, 1)} {_UNIT_WORDS[e.unit][0]}/{_PERIOD_WORDS[e.period][1]}"
    if e.judgement.measure == COUNT:
        return "，".join([*parts, sen]) + _guards(e, "zh")
    count = e.counted.fit
    counted = (
        f"；{_MEASURE_WORDS[COUNT, e.unit][0]} {change_text(count.growth)}"
        f"（95% 区间 {_range((count.low, count.high), 'zh')}），{sen}"
    )
    return "，".join(parts) + counted + _guards(e, "zh")


def _lead_chinese(judgement: Judgement) -> str:
    words = _VERDICT_WORDS[judgement.verdict, judgement.size][0]
    if not judgement.fluctuation.holds:
        return words
    if judgement.verdict in ("growth", "decline"):
        return f"波动中{words}"
    return f"有波动，总体{words}" if judgement.verdict == "flat" else f"有波动，{words}"


def _write_untestable(
    name_zh: str, name_en: str, lack: Shortfall, period: Period = "day"
) -> tuple[str, str]:
    """Write the sentences of a series that is not judged, with what it lacks."""
    return (
        f"{name_zh}：无法检验：{lack.explain('zh', period)}",
        f"{name_en}: not testable: {lack.explain('en', period)}",
    )


def _gaps_english(e: _Evidence) -> str:
    counts = ((e.missing, "missing"), (e.doubtful, "doubtful"))
    notes = [f"{count} {word}" for count, word in counts if count]
    return f" ({', '.join(notes)})" if notes else ""


def _gaps_chinese(e: _Evidence) -> str:
    word = _PERIOD_WORDS[e.period][0]
    notes = [f"缺 {e.missing} {word}"] if e.missing else []
    notes += [f"{e.doubtful} {word}存疑"] if e.doubtful else []
    return f"（{'，'.join(notes)}）" if notes else ""


def _events_english(e: _Evidence) -> str:
    if not e.asked_event_days:
        return "no event days assumed"
    if not e.event_days:
        return f"no event {_PERIOD_WORDS[e.period][3]} could be modelled"
    days = ", ".join(_event_name(day, e.period) for day in e.event_days)
    without = f"{change_text(e.judgement.plain_fit.growth)}, {p_equation(e.judgement.plain_fit.p)}"
    return f"event {_PERIOD_WORDS[e.period][2]} {days} modelled; without: {without}"


def _events_chinese(e: _Evidence) -> str:
    if not e.asked_event_days:
        return "未设活动日"
    if not e.event_days:
        return f"活动{_EVENT_WORDS[e.period]}无法纳入模型"
    days = "、".join(_event_name(day, e.period) for day in e.event_days)
    without = f"{change_text(e.judgement.plain_fit.growth)}，{p_equation(e.judgement.plain_fit.p)}"
    return f"活动{_EVENT_WORDS[e.period]} {days} 已纳入模型；不纳入时 {without}"


def _event_name(day: date, period: Period) -> str:
    """Name an event day, the week that begins with a day, or a month."""
    if period == "day":
        return f"{day:%m-%d}"
    return f"{day:%Y-%m}" if period == "month" else f"{day:%Y-%m-%d}"


_TIER_SENTENCES = {
    "removed": (
        "；已扣除编码漂移（{drift}，检验 {p}），扣除前为 {before}",
        "; coder drift of {drift} (test: {p}) taken out, before that {before}",
    ),
    "alike": (
        "；前提是编码器对前后期的帖子判断一致：审核没有发现相反的迹象（漂移 {drift}，检验 {p}）",
        "; if the coder judged early and late posts alike: the audit found no sign that it did not "
        "(drift of {drift}, test: {p})",
    ),
    "untested": (
        "；前提是编码器对前后期的帖子判断一致，没有审核检验过这一点",
        "; if the coder judged early and late posts alike, which no audit has tested",
    ),
}
_WITHDRAWN = ("；未获确认：{why} Holm {p}", "; not confirmed: Holm {p} {why}")


def _guards(e: _Evidence, language: str) -> str:
    """Say what withdrew a verdict, and what the numbers rest on: their tier."""
    judgement, place = e.judgement, LANGUAGES.index(language)
    text = ""
    if judgement.withdrawn_by == OF_BASE:
        text = _OF_BASE_WORDS[place]
    elif judgement.withdrawn_by:
        why = _GUARD_WORDS[judgement.withdrawn_by][place]
        text = _WITHDRAWN[place].format(why=why, p=p_equation(judgement.guard_p))
    drift = judgement.drift
    if drift is None:
        return text + (_TIER_SENTENCES["untested"][place] if judgement.tier == ALIKE else "")
    key = "alike" if judgement.tier == ALIKE else "removed"
    return text + _TIER_SENTENCES[key][place].format(
        drift=_range(drift.ends, language), p=p_equation(drift.p),
        before=change_text(judgement.raw_fit.growth),
    )  # fmt: skip


def _range(ends: tuple[float, float], language: str) -> str:
    return change_range_text(*ends, language)


COLUMNS = (
    "grievance", "days", "measure", "growth", "low", "high", "p", "p_holm", "verdict", "size",
    "is_fluctuating", "count_growth", "count_low", "count_high", "count_verdict",
    "count_fluctuates", "count_turns", "count_excess", "drift_low", "drift_high", "drift_p",
    "drift_removed", "tier", "count_tier", "detectable", "sentence_zh", "sentence_en",
)  # fmt: skip
_TOTAL_NAMES = {"all": ("全部帖子", "All posts"), "negative": ("全部吐槽", "All negative items")}
_DIGITS = 6


def judge_trend(
    daily: AnyFrame,
    event_days: Iterable[date | str] = (),
    *,
    grades: AnyFrame | None = None,
    drift: AnyFrame | None = None,
    unit: str = "items",
    claimed: Collection[str] = (),
    names: Mapping[str, tuple[str, str]] | None = None,
    period: Period | None = None,
) -> Any:  # noqa: ANN401 - the kind of frame that was given
    """Judge for every grievance whether its share grew, fell, stayed flat or shows no trend.

    A collection that grows is no growth of a grievance: what is tested is the share of all posts
    (row `all`), or what comes nearest to it (`DailySeries.base_of`); the change of the count stands
    beside it, and where it did not move the same way and at least half as far, the share moved
    because of what else was collected, and that is no trend. Log-linear growth with autocorrelated
    errors, corrected by Holm (1979); `docs/method.md` has the rule and its measured error rates.
    The rows named in `claimed` are corrected among themselves, the others (`negative` included)
    among themselves, and `all` keeps its own p-value: each of these families may be wrong in 5 %. A
    row that cannot be tested leaves its family. A trend stands in one of two tiers: it holds under
    the worst drift of the coder that the audit cannot exclude (1), or if the coder judged early and
    late posts alike, against which the audit found no sign (2); without an audit nobody has looked
    for one. `growth, low, high, p, p_holm` are those of the tier; a guard may still withdraw a
    trend (see `trend_tests`), and the sentence then says why.

    Parameters
    ----------
    daily
        pandas or Polars, from `count_grievances(posts, by="date")`: `date, grievance` and the unit,
        optionally `grade`.
    event_days
        Promotion days, fixed before the data are seen; modelled by a dummy.
    grades
        Table of `grade_coverage`; days graded unfit are missing for every grievance.
    drift
        Coder drift from the audit (`grievance, low, high`, change over the window as fractions, and
        `p` of the test that there is none).
    unit
        items, families or authors.
    claimed
        Grievances whose trend was published before these data were seen: a family of their own.
    names
        Chinese and English name of each grievance for the sentences; the codebook's by default.
    period
        What a row of the table counts: day, week or month; by default as its dates tell (all
        Mondays, or all firsts of a month). A week or month with an event day in it is an event
        week or month.

    Returns
    -------
    The same kind of frame
        `grievance, days` (usable ones), `measure` (share, share_of_negative, against_others or
        count), `growth, low, high` (fractions over the window, 95 %), `p, p_holm, verdict` (growth,
        decline, flat, no_trend, or not_testable where there is too little), `size, is_fluctuating`,
        the same rule on the count (`count_growth, count_low, count_high, count_verdict`; whether it
        fluctuates, how often it turns and by how many times its variance exceeds chance), the
        coder's drift (`drift_low, drift_high, drift_p`) and the part of the change that was taken
        out with it (`drift_removed`), the tiers of both, the smallest growth that would have
        been found in four of five cases (`detectable`, see `smallest_growth`),
        `sentence_zh, sentence_en`; rows `all`, `negative`, then the codes. No row for a table
        without rows.

    Raises
    ------
    CaodianError
        When the daily, coverage or drift table breaks its contract.

    Examples
    --------
    >>> dates = pd.date_range("2020-06-01", periods=20).strftime("%Y-%m-%d")
    >>> daily = pd.DataFrame({"date": dates, "grievance": "price", "items": [1500, 1540] * 10})
    >>> judge_trend(daily)[["grievance", "days", "verdict"]].values.tolist()
    [['price', 20, 'flat']]
    """
    table = as_small(daily)
    if table.empty and {"date", "grievance", unit} <= set(table.columns):
        return like_frame(daily, pd.DataFrame(columns=list(COLUMNS)))
    judged = _judge(
        table, event_days, names, unit=unit, claimed=claimed,
        grades=None if grades is None else as_small(grades),
        drift=None if drift is None else as_small(drift),
        period=period or _tell_period(table),
    )  # fmt: skip
    return like_frame(daily, judged)


def _tell_period(table: pd.DataFrame) -> Period:
    """Tell the period by the dates; what is wrong with them is told where they are tested."""
    if "date" not in table:
        return "day"
    return tell_period(day.date() for day in parse_days(table["date"], "daily table"))


def _judge(
    daily: pd.DataFrame,
    event_days: Iterable[date | str],
    names: Mapping[str, tuple[str, str]] | None,
    *,
    grades: pd.DataFrame | None,
    drift: pd.DataFrame | None,
    unit: str,
    claimed: Collection[str],
    period: Period,
) -> pd.DataFrame:
    series = arrange_daily(daily, unit=unit, grades=grades, period=period)
    asked = event_starts(event_days, period)
    events = np.array([day in asked for day in series.days], dtype=bool)
    drifts = read_drift(drift)
    short = shortfalls(series)
    judged = judge_in_tiers(series, events, drifts, claimed=claimed)
    counted = judge_in_tiers(series, events, drifts, measure=COUNT, claimed=claimed)
    labels = _TOTAL_NAMES | (_names_of_codes() if names is None else dict(names))
    rows = []
    for name in order_grievances(series.counts, load_codebook().code_names):
        label = labels.get(name, (name, name))
        if name in judged:
            evidence = _evidence(name, (judged[name], counted[name]), series, asked, unit)
            rows.append(_row(name, label, len(series.days), evidence))
        else:
            rows.append(_untestable_row(name, label, series, short[name]))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    found = smallest_growth(table, claimed=claimed)["smallest_growth"]
    whole = dict.fromkeys(("count_turns", "tier", "count_tier"), "Int64")
    return table.assign(detectable=found.to_numpy(dtype=np.float64)).astype(whole)


def _evidence(
    name: str,
    judgements: tuple[Judgement, Judgement],
    series: DailySeries,
    asked: list[date],
    unit: str,
) -> _Evidence:
    """Put the companions beside the judgement: Kendall's τ, Sen's slope of the count, the days."""
    counts, (judgement, counted) = series.counts[name], judgements
    _, base = series.base_of(name, COUNT if judgement.measure == COUNT else SHARE)
    return _Evidence(
        judgement=judgement,
        counted=counted,
        is_in_family=name != OUTSIDE_TESTS,
        event_days=[day for day in series.days if day in asked],
        asked_event_days=asked,
        missing=len(series.missing),
        doubtful=len(series.doubtful),
        tau=kendall_tau(series.day_numbers, _ratio(counts, base)),
        sen=sen_slope(series.day_numbers, counts),
        unit=unit,
        period=series.period,
    )


def _ratio(counts: NDArray[np.int64], base: NDArray[np.int64] | None) -> NDArray[np.float64]:
    """Give the series whose ranks are tested; rounded, so that like shares tie on every machine."""
    return np.round(LogSeries.of(counts, base).logs, 12)


# Both stand in `scipy.stats`, which takes half a second to import; the tests hold them to it.


def kendall_tau(first: NDArray[Any], second: NDArray[Any]) -> float:
    """Correlate the ranks of two series (Kendall's τ-b, ties counted for neither side).

    τ of a constant series is undefined; it is printed as 0.
    """
    later, earlier = np.tril_indices(len(first), -1)
    turns = [np.sign(series[later] - series[earlier]) for series in (first, second)]
    untied = [int(np.count_nonzero(turn)) for turn in turns]
    if not all(untied):
        return 0.0
    agreed = float(turns[0] @ turns[1])
    return float(np.clip(agreed / np.sqrt(untied[0]) / np.sqrt(untied[1]), -1, 1))


def sen_slope(days: NDArray[Any], values: NDArray[Any]) -> float:
    """Give the median of the slopes between every two days (Sen 1968); 0 without two days."""
    later, earlier = np.tril_indices(len(days), -1)
    rises, steps = values[later] - values[earlier], days[later] - days[earlier]
    slopes = rises[steps > 0] / steps[steps > 0]
    return float(np.median(slopes)) if len(slopes) else 0.0


def _names_of_codes() -> dict[str, tuple[str, str]]:
    return {code: (entry.zh, entry.en) for code, entry in load_codebook().codes.items()}


def _row(name: str, label: tuple[str, str], days: int, evidence: _Evidence) -> tuple[object, ...]:
    judgement, counted = evidence.judgement, evidence.counted
    fit, count, drift = judgement.fit, counted.fit, judgement.drift
    is_removed = drift is not None and judgement.tier == HELD
    return (
        name,
        days,
        judgement.measure,
        *_rounded(fit.growth, fit.low, fit.high, fit.p, judgement.p_holm),
        judgement.verdict,
        judgement.size,
        judgement.fluctuation.holds,
        *_rounded(count.growth, count.low, count.high),
        counted.verdict,
        counted.fluctuation.holds,
        counted.fluctuation.turns,
        *_rounded(counted.fluctuation.excess),
        *(_rounded(*drift.ends, drift.p) if drift else (np.nan,) * 3),
        *(_rounded(removed(drift.ends)) if drift and is_removed else (np.nan,)),
        judgement.tier,
        counted.tier,
        np.nan,  # filled in when all rows are known
        _write_chinese(label[0], evidence),
        _write_english(label[1], evidence),
    )


def _rounded(*values: float) -> list[float]:
    return [round(value, _DIGITS) for value in values]


def _untestable_row(
    name: str, label: tuple[str, str], series: DailySeries, lack: Shortfall
) -> tuple[object, ...]:
    days = len(series.days)
    sentences = _write_untestable(*label, lack, series.period)
    verdict = "not_testable"
    return (
        name, days, "", *[np.nan] * 5, verdict, "", False, *[np.nan] * 3, verdict, False,
        *[np.nan] * 9, *sentences,
    )  # fmt: skip


_POWER = 0.8


def smallest_growth(
    trends: AnyFrame, power: float = _POWER, *, claimed: Collection[str] = ()
) -> Any:  # noqa: ANN401 - as given
    """Say for each series how much it must have grown for the rule to see it.

    Half the interval of the growth, on the scale of logarithms, tells the standard error. The
    growth that is found with the given probability is as many standard errors as the test needs
    for the strictest level of the series' family (Holm's first step, 5 % over the series tested in
    it) and for the power, both by Student's t where `days` are there. It is a guide: the guards and
    an autocorrelated series ask for more.

    Parameters
    ----------
    trends
        pandas or Polars table of `judge_trend`: `grievance, low, high`, and `days` (without them
        the normal distribution stands for Student's).
    power
        Probability with which the growth is to be found.
    claimed
        Grievances that were a family of their own, as they were given to `judge_trend`.

    Returns
    -------
    The same kind of frame
        The table with `smallest_growth`, a fraction over the window; missing where the series
        cannot be tested.

    Raises
    ------
    CaodianError
        When a column is missing.

    Examples
    --------
    >>> trends = pd.DataFrame({"grievance": ["price"], "days": [20], "growth": [0.1],
    ...                        "low": [-0.1], "high": [0.344]})
    >>> smallest_growth(trends)["smallest_growth"].round(2).tolist()
    [0.33]
    """
    taken = take_columns(
        trends, ["grievance", "low", "high"], ["days"], "Give what judge_trend gave."
    )
    table = as_small(taken)
    low, high = (pd.to_numeric(table[name]).clip(lower=-0.9999) for name in ("low", "high"))
    freedom = _freedom(table)
    error = (np.log1p(high) - np.log1p(low)) / (2 * special.stdtrit(freedom, 0.975))
    sizes = _family_sizes(table["grievance"].where(error.notna()), claimed)
    needed = special.stdtrit(freedom, 1 - ALPHA / (2 * sizes)) + special.stdtrit(freedom, power)
    found = pl.DataFrame({"smallest_growth": np.expm1(needed * error).round(_DIGITS).tolist()})
    return put_columns(trends, found.with_columns(pl.all().fill_nan(None)))  # type: ignore[type-var]


# Line, event days and the mean of the innovations; variances that lean on each other know more.
_SPENT = 4


def _freedom(table: pd.DataFrame) -> NDArray[np.float64]:
    """Give the least degrees of freedom that a fit of so many days has; many without days."""
    if "days" not in table:
        return np.full(len(table), np.inf)
    days: NDArray[np.float64] = pd.to_numeric(table["days"]).to_numpy(dtype=np.float64)
    return np.maximum(days - _SPENT, 1)


def _family_sizes(tested: pd.Series, claimed: Collection[str]) -> NDArray[np.int64]:
    """Count for every series those that are corrected with it; `all` stands alone."""
    family = tested.isin(list(claimed)).astype(int).where(tested.ne(OUTSIDE_TESTS), 2)
    counted = family[tested.notna() & tested.ne(OUTSIDE_TESTS)].value_counts()
    return np.asarray(family.map(counted).fillna(1), dtype=np.int64)


# What is told where counts of days are withheld: who fits again finds the days.

_BASES = {"share": "all", "share_of_negative": "negative"}
# What is computed from every day of a series; drift is the audit's.
_FITTED = (
    "growth", "low", "high", "p", "p_holm", "count_growth", "count_low", "count_high",
    "count_turns", "count_excess", "detectable",
)  # fmt: skip


def rests_on(table: pd.DataFrame, gaps: Collection[str]) -> pd.Series:
    """Say which rows were fitted to one of some series, or to its share of one of them.

    Examples
    --------
    >>> trends = pd.DataFrame({"grievance": ["price", "sms"], "measure": "share"})
    >>> rests_on(trends, {"price"}).tolist(), rests_on(trends, {"all"}).tolist()
    ([True, False], [True, True])
    """
    own = table["grievance"].isin(gaps)
    if "measure" not in table:
        return own | bool({"all", "negative"} & set(gaps))
    bases = table["measure"].map(_BASES).isin(gaps)
    return own | bases | ((table["measure"] == "against_others") & bool(gaps))


def _floats(column: pd.Series) -> pd.Series:
    """Return a column as floats; empty cells of any kind become NaN."""
    return pd.to_numeric(column, errors="coerce").astype("Float64").astype(float)


def withhold_numbers(
    trends: pd.DataFrame, gaps: Collection[str], few: Collection[str], period: Period
) -> pd.DataFrame:
    """Leave of trends that rest on withheld days what was found, in the table and its sentence.

    Parameters
    ----------
    gaps
        The series of which days are withheld.
    few
        Those of which a sentence may not say how many posts were too few.

    Examples
    --------
    >>> told = pd.DataFrame({"grievance": ["price"], "verdict": ["growth"], "growth": [0.3],
    ...                      "sentence_en": ["Price: +30%"]})
    >>> withhold_numbers(told, {"price"}, set(), "day")["sentence_en"][0]
    'Price: growth; by how much is withheld, as are the counts of some days'
    """
    rows = rests_on(trends, gaps)
    if rows.any() and {"p", "p_holm"} <= set(trends):
        rows |= _is_of_others(trends)
    fitted = [name for name in _FITTED if name in trends]
    out = trends.assign(**{name: _floats(trends[name]).mask(rows) for name in fitted})
    is_untold = trends["verdict"] == "not_testable"
    told = (is_untold & trends["grievance"].isin(few)) | (~is_untold & rows)
    for language in LANGUAGES:
        column = f"sentence_{language}"
        if column in out:
            plain = [
                _without_why(row, load_words(language, period)) for _, row in trends.iterrows()
            ]
            out[column] = out[column].astype(object).mask(told, pd.Series(plain, index=out.index))
    return out


def _without_why(trend: pd.Series, say: Words) -> str:
    """Name a series and what was found of it."""
    found = say.label(str(trend["verdict"])) + say("text.fit_withheld")
    if trend["verdict"] == "not_testable":
        found = say("text.change_not_testable").rstrip("。.")
    return say.label(str(trend["grievance"])) + say("list.colon") + found


def _is_of_others(table: pd.DataFrame) -> pd.Series:
    """Say which p-values Holm's correction took from another row."""
    p, corrected = (table[name].astype(float) for name in ("p", "p_holm"))
    times = (corrected / p.where(p > 0)).round().fillna(1)
    return (corrected < 1) & ((corrected - times * p).abs() > times * 10.0**-_DIGITS)
