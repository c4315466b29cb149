"""The trend sentence in Chinese and English, with the evidence in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from analysis.measures.trend_rule import MINIMUM_DAYS, TrendFit

UNIT_WORDS = {
    "items": ("条", "items"),
    "families": ("组", "families"),
    "authors": ("人", "authors"),
}
VERDICT_WORDS = {
    ("growth", "slight"): ("小幅增长", "slight growth"),
    ("growth", "marked"): ("明显增长", "marked growth"),
    ("growth", "uncertain"): ("增长，幅度不确定", "growth, size uncertain"),
    ("decline", ""): ("下降", "decline"),
    ("flat", ""): ("平稳", "flat"),
    ("no_trend", ""): ("未能确认趋势", "no trend established"),
}


@dataclass(frozen=True)
class Evidence:
    """Everything that a trend sentence prints.

    Parameters
    ----------
    verdict, size, is_fluctuating
        What the rule decided.
    fit, plain_fit
        The fit that decides and the one without the event dummy; the same where none is modelled.
    p_holm
        Corrected p-value; None for a row outside the Holm family.
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
    is_drift_enough
        Whether that drift alone could explain the trend (or, for a flat series, hide one).
    """

    verdict: str
    size: str
    is_fluctuating: bool
    fit: TrendFit
    plain_fit: TrendFit
    p_holm: float | None
    event_days: Sequence[date]
    asked_event_days: Sequence[date]
    missing: int
    doubtful: int
    tau: float
    sen: float
    unit: str
    drift: tuple[float, float] | None = None
    is_drift_enough: bool = False


def write_english(name: str, evidence: Evidence) -> str:
    """Write the English sentence of one trend."""
    e = evidence
    words = VERDICT_WORDS[e.verdict, e.size][1]
    lead = f"fluctuating, {words}" if e.is_fluctuating else words
    p_values = f"p = {_p(e.fit.p)}" + ("" if e.p_holm is None else f", Holm p = {_p(e.p_holm)}")
    parts = [
        f"{name}: {lead}: {_percent(e.fit.growth)} over {e.fit.span + 1} days{_gaps_english(e)} "
        f"(95 % CI {_percent(e.fit.low)} to {_percent(e.fit.high)})",
        f"{p_values} (AR(1) bootstrap, {_events_english(e)})",
        f"MK τ = {_signed(e.tau, 2)}",
        f"Sen slope = {_signed(e.sen, 1)} {UNIT_WORDS[e.unit][1]} a day",
    ]
    return ", ".join(parts) + _drift_english(e)


def write_chinese(name: str, evidence: Evidence) -> str:
    """Write the Chinese sentence of one trend."""
    e = evidence
    words = VERDICT_WORDS[e.verdict, e.size][0]
    lead = f"有波动，{words}" if e.is_fluctuating else words
    if e.is_fluctuating and e.verdict in ("growth", "decline"):
        lead = f"波动中{words}"
    if e.is_fluctuating and e.verdict == "flat":
        lead = "有波动，总体平稳"
    p_values = f"p = {_p(e.fit.p)}" + (
        "" if e.p_holm is None else f"，Holm 校正 p = {_p(e.p_holm)}"
    )
    parts = [
        f"{name}：{lead}：{e.fit.span + 1} 天内 {_percent(e.fit.growth)}{_gaps_chinese(e)}"
        f"（95 % 区间 {_percent(e.fit.low)} 至 {_percent(e.fit.high)}）",
        f"{p_values}（AR(1) 自助法，{_events_chinese(e)}）",
        f"MK τ = {_signed(e.tau, 2)}，Sen 斜率 {_signed(e.sen, 1)} {UNIT_WORDS[e.unit][0]}/天",
    ]
    return "，".join(parts) + _drift_chinese(e)


def write_untestable(name_zh: str, name_en: str, days: int, total: int) -> tuple[str, str]:
    """Write the sentences of a series that is not judged: too few days, or nothing to count.

    Examples
    --------
    >>> write_untestable("价格", "Prices", 7, 90)[1]
    'Prices: not testable: 7 usable days, at least 10 are needed'
    """
    if days < MINIMUM_DAYS:
        return (
            f"{name_zh}：无法检验：可用 {days} 天，至少需要 {MINIMUM_DAYS} 天",
            f"{name_en}: not testable: {days} usable days, at least {MINIMUM_DAYS} are needed",
        )
    return (
        f"{name_zh}：无法检验：{days} 天内共 {total} 条，没有可检验的数量",
        f"{name_en}: not testable: {total} in {days} days, nothing to test",
    )


def _gaps_english(e: Evidence) -> str:
    notes = [f"{e.missing} missing"] * bool(e.missing) + [f"{e.doubtful} doubtful"] * bool(
        e.doubtful
    )
    return f" ({', '.join(notes)})" if notes else ""


def _gaps_chinese(e: Evidence) -> str:
    notes = [f"缺 {e.missing} 天"] * bool(e.missing) + [f"{e.doubtful} 天存疑"] * bool(e.doubtful)
    return f"（{'，'.join(notes)}）" if notes else ""


def _events_english(e: Evidence) -> str:
    if not e.asked_event_days:
        return "no event days assumed"
    if not e.event_days:
        return "no event day could be modelled"
    days = ", ".join(f"{day:%m-%d}" for day in e.event_days)
    without = f"{_percent(e.plain_fit.growth)}, p = {_p(e.plain_fit.p)}"
    return f"event days {days} modelled; without: {without}"


def _events_chinese(e: Evidence) -> str:
    if not e.asked_event_days:
        return "未设促销日"
    if not e.event_days:
        return "促销日无法纳入模型"
    days = "、".join(f"{day:%m-%d}" for day in e.event_days)
    without = f"{_percent(e.plain_fit.growth)}，p = {_p(e.plain_fit.p)}"
    return f"促销日 {days} 已纳入模型；不纳入时 {without}"


def _drift_english(e: Evidence) -> str:
    if e.drift is None:
        return ""
    meaning = "could explain it" if e.is_drift_enough else "does not explain it"
    return f"; coder drift of {_percent(e.drift[0])} to {_percent(e.drift[1])} {meaning}"


def _drift_chinese(e: Evidence) -> str:
    if e.drift is None:
        return ""
    meaning = "足以解释该变化" if e.is_drift_enough else "不足以解释该变化"
    return f"；编码漂移 {_percent(e.drift[0])} 至 {_percent(e.drift[1])}，{meaning}"


def _percent(fraction: float) -> str:
    """Write a signed whole percentage with a true minus sign."""
    return f"{_signed(100 * fraction, 0)} %"


def _signed(value: float, digits: int) -> str:
    rounded = round(value, digits) + 0.0
    return f"{rounded:+.{digits}f}".replace("-", "−")


def _p(value: float) -> str:
    """Write a p-value with the digits that can matter."""
    if value >= 0.1:
        return f"{value:.2f}"
    return f"{value:.3f}" if value >= 0.001 else f"{value:.4f}"
