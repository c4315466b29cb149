"""The trend sentence in Chinese and English, with the evidence in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from analysis.measures.minimum import Shortfall
from analysis.measures.trend_family import Judgement
from analysis.numbers import change_text, p_equation, range_text, signed_text
from analysis.study.periods import Period

UNIT_WORDS = {
    "items": ("条", "items"),
    "families": ("组", "families"),
    "authors": ("人", "authors"),
}
# In so many of them, and a rate for each: the window may be told in days, weeks or months.
PERIOD_WORDS: dict[Period, tuple[str, str, str, str]] = {
    "day": ("天", "天", "days", "day"),
    "week": ("周", "周", "weeks", "week"),
    "month": ("个月", "月", "months", "month"),
}
EVENT_WORDS: dict[Period, str] = {"day": "日", "week": "周", "month": "月"}
VERDICT_WORDS = {
    ("growth", "slight"): ("小幅增长", "slight growth"),
    ("growth", "marked"): ("明显增长", "marked growth"),
    ("growth", "uncertain"): ("增长，幅度不确定", "growth, size uncertain"),
    ("decline", ""): ("下降", "decline"),
    ("flat", ""): ("平稳", "flat"),
    ("no_trend", ""): ("未能确认趋势", "no trend established"),
}


GUARD_WORDS = {
    "autocorrelation": (
        "按各类共同的自相关检验",
        "with the autocorrelation of all series together",
    ),
    "beside": ("促销日前后的日子也纳入模型后", "with the days beside the event days modelled"),
    "drift": ("扣除编码漂移后", "with the coder's drift taken out"),
}


@dataclass(frozen=True)
class Evidence:
    """Everything that a trend sentence prints.

    Parameters
    ----------
    judgement
        What the rule decided, with its fits.
    is_in_family
        Whether the p-value was corrected; `all` stands outside the family.
    event_days
        Event days that were modelled.
    asked_event_days
        Event days that were given, whether or not a usable day fell on them.
    missing, doubtful
        Number of unusable and of doubtful days.
    tau, sen
        Kendall's τ and Sen's slope a day.
    unit
        items, families or authors.
    drift
        Interval of the coder's drift over the window as fractions, where an audit measured it.
    period
        What one step of the series is.
    """

    judgement: Judgement
    is_in_family: bool
    event_days: Sequence[date]
    asked_event_days: Sequence[date]
    missing: int
    doubtful: int
    tau: float
    sen: float
    unit: str
    drift: tuple[float, float] | None = None
    period: Period = "day"


def write_english(name: str, evidence: Evidence) -> str:
    """Write the English sentence of one trend."""
    e, fit = evidence, evidence.judgement.fit
    words = VERDICT_WORDS[e.judgement.verdict, e.judgement.size][1]
    lead = f"fluctuating, {words}" if e.judgement.is_fluctuating else words
    p_values = p_equation(fit.p)
    p_values += f", Holm {p_equation(e.judgement.p_holm)}" if e.is_in_family else ""
    parts = [
        f"{name}: {lead}: {change_text(fit.growth)} over {fit.span + 1} "
        f"{PERIOD_WORDS[e.period][2]}{_gaps_english(e)} "
        f"(95% CI {_range((fit.low, fit.high), 'en')})",
        f"{p_values} (AR(1) bootstrap, {_events_english(e)})",
        f"MK τ = {signed_text(e.tau, 2)}",
        f"Sen slope = {signed_text(e.sen, 1)} {UNIT_WORDS[e.unit][1]} "
        f"a {PERIOD_WORDS[e.period][3]}",
    ]
    return ", ".join(parts) + _guards_english(e)


def write_chinese(name: str, evidence: Evidence) -> str:
    """Write the Chinese sentence of one trend."""
    e, fit = evidence, evidence.judgement.fit
    p_values = p_equation(fit.p)
    p_values += f"，Holm 校正 {p_equation(e.judgement.p_holm)}" if e.is_in_family else ""
    parts = [
        f"{name}：{_lead_chinese(e.judgement)}：{fit.span + 1} {PERIOD_WORDS[e.period][0]}内 "
        f"{change_text(fit.growth)}"
        f"{_gaps_chinese(e)}（95% 区间 {_range((fit.low, fit.high), 'zh')}）",
        f"{p_values}（AR(1) 自助法，{_events_chinese(e)}）",
        f"MK τ = {signed_text(e.tau, 2)}",
        f"Sen 斜率 {signed_text(e.sen, 1)} {UNIT_WORDS[e.unit][0]}/{PERIOD_WORDS[e.period][1]}",
    ]
    return "，".join(parts) + _guards_chinese(e)


def _lead_chinese(judgement: Judgement) -> str:
    words = VERDICT_WORDS[judgement.verdict, judgement.size][0]
    if not judgement.is_fluctuating:
        return words
    if judgement.verdict in ("growth", "decline"):
        return f"波动中{words}"
    return f"有波动，总体{words}" if judgement.verdict == "flat" else f"有波动，{words}"


def write_untestable(
    name_zh: str, name_en: str, lack: Shortfall, period: Period = "day"
) -> tuple[str, str]:
    """Write the sentences of a series that is not judged, with what it lacks.

    Examples
    --------
    >>> write_untestable("价格", "Prices", Shortfall("few_periods", 7, 10))[1]
    'Prices: not testable: 7 usable days, at least 10 are needed'
    """
    return (
        f"{name_zh}：无法检验：{lack.explain('zh', period)}",
        f"{name_en}: not testable: {lack.explain('en', period)}",
    )


def _gaps_english(e: Evidence) -> str:
    notes = [f"{e.missing} missing"] * bool(e.missing) + [f"{e.doubtful} doubtful"] * bool(
        e.doubtful
    )
    return f" ({', '.join(notes)})" if notes else ""


def _gaps_chinese(e: Evidence) -> str:
    word = PERIOD_WORDS[e.period][0]
    notes = [f"缺 {e.missing} {word}"] * bool(e.missing)
    notes += [f"{e.doubtful} {word}存疑"] * bool(e.doubtful)
    return f"（{'，'.join(notes)}）" if notes else ""


def _events_english(e: Evidence) -> str:
    if not e.asked_event_days:
        return "no event days assumed"
    if not e.event_days:
        return f"no event {PERIOD_WORDS[e.period][3]} could be modelled"
    days = ", ".join(_event_name(day, e.period) for day in e.event_days)
    without = f"{change_text(e.judgement.plain_fit.growth)}, {p_equation(e.judgement.plain_fit.p)}"
    return f"event {PERIOD_WORDS[e.period][2]} {days} modelled; without: {without}"


def _events_chinese(e: Evidence) -> str:
    if not e.asked_event_days:
        return "未设促销日"
    if not e.event_days:
        return f"促销{EVENT_WORDS[e.period]}无法纳入模型"
    days = "、".join(_event_name(day, e.period) for day in e.event_days)
    without = f"{change_text(e.judgement.plain_fit.growth)}，{p_equation(e.judgement.plain_fit.p)}"
    return f"促销{EVENT_WORDS[e.period]} {days} 已纳入模型；不纳入时 {without}"


def _event_name(day: date, period: Period) -> str:
    """Name an event day, the week that begins with a day, or a month."""
    if period == "day":
        return f"{day:%m-%d}"
    return f"{day:%Y-%m}" if period == "month" else f"{day:%Y-%m-%d}"


def _guards_english(e: Evidence) -> str:
    judgement = e.judgement
    drift = ""
    if e.drift is not None:
        drift = f"; coder drift {_range(e.drift, 'en')}"
    if not judgement.withdrawn_by:
        return f"{drift} taken into account" if drift else ""
    if judgement.guard_p == 0:
        return f"{drift} may hide a change"
    why = GUARD_WORDS[judgement.withdrawn_by][1]
    return f"{drift}; not confirmed: Holm {p_equation(judgement.guard_p)} {why}"


def _guards_chinese(e: Evidence) -> str:
    judgement = e.judgement
    drift = "" if e.drift is None else f"；编码漂移 {_range(e.drift, 'zh')}"
    if not judgement.withdrawn_by:
        return f"{drift}，已考虑" if drift else ""
    if judgement.guard_p == 0:
        return f"{drift}，可能掩盖变化"
    why = GUARD_WORDS[judgement.withdrawn_by][0]
    return f"{drift}；未获确认：{why} Holm {p_equation(judgement.guard_p)}"


def _range(ends: tuple[float, float], language: str) -> str:
    low, high = (change_text(end) for end in ends)
    return range_text(low, high, language)
