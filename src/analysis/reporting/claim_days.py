"""Judge claims about days: trends over the window, and days called high."""

from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from analysis.measures.minimum import shortfall
from analysis.numbers import day_text, is_missing, scale_text
from analysis.reporting.measured import Measured
from analysis.reporting.tables import row_of, table_or_empty
from analysis.reporting.verdicts import Verdict, untestable
from analysis.reporting.words import load_words
from analysis.study.model import Claim

if TYPE_CHECKING:
    from analysis.reporting.claims import Corpus

FLAT = 0.10  # a change within this band over the window counts as steady


def judge_trend_claim(claim: Claim, corpus: "Corpus") -> Verdict:
    """Judge growth, decline or steadiness by the verdict of the trend test."""
    row = row_of(
        table_or_empty(corpus.tables, "trends"), "grievance", claim.grievance or "negative"
    )
    if row is None:
        return untestable("trend_untested")
    sentence = {"zh": row["sentence_zh"], "en": row["sentence_en"]}
    if row["verdict"] == "not_testable" or is_missing(row["growth"]):
        known = not is_missing(row["sentence_en"])
        return untestable("trend_too_little" if known else "trend_untested", sentence=sentence)
    found = Measured(float(row["growth"]), float(row["low"]), float(row["high"]))
    values: dict[str, object] = {
        "found": _both(str(row["verdict"])),
        "sentence": sentence,
    }
    if row["verdict"] == claim.expected:
        word = "recovered" if corpus.simulated else "reproduced"
        return Verdict(word, "trend_found", values, found)
    if row["verdict"] != "no_trend":
        word = "missed" if corpus.simulated else "contradicted"
        return Verdict(word, "trend_other", values, found)
    if corpus.simulated and corpus.scale < 1:
        return untestable("trend_volume", found, scale=scale_text(corpus.scale))
    allowed = _allows(found, claim.expected)
    word = "missed" if corpus.simulated else "consistent" if allowed else "contradicted"
    return Verdict(word, "trend_open" if allowed else "trend_excluded", values, found)


def _allows(found: Measured, expected: str | None) -> bool:
    """Say whether the interval of the change still holds what the claim says."""
    low, high = found.low or 0.0, found.high or 0.0
    if expected == "growth":
        return high > 0
    if expected == "decline":
        return low < 0
    return low <= FLAT and high >= -FLAT


def judge_peak(claim: Claim, corpus: "Corpus") -> Verdict:  # noqa: PLR0911 - a verdict each
    """Judge "relatively high" days against the median of the days that are not named.

    The interval of the ratio takes the noise of a day from the spread of the other days around
    their median (median absolute deviation of the logs), never less than counting noise.
    """
    daily = table_or_empty(corpus.tables, "daily")
    if daily.empty:
        return untestable("no_data")
    rows = daily[daily["grievance"] == (claim.grievance or "negative")].set_index("date")
    named = [day.isoformat() for day in claim.days]
    usable = rows[rows["grade"].astype(str) != "unfit"] if "grade" in rows else rows
    absent = [day for day in named if day not in usable.index]
    counts = usable["items"].to_numpy(dtype=np.int64)
    lack = shortfall(counts, len(rows) - len(usable), most=None)
    if absent:
        return untestable("missing_days", days=_days(absent))
    if lack is not None:
        words = {language: lack.explain(language) for language in ("zh", "en")}
        return untestable("peak_too_little", lack=words)
    others = usable.loc[~usable.index.isin(named), "items"].to_numpy(dtype=float)
    ratios = _peak_ratios(usable.loc[named, "items"].to_numpy(dtype=float), others)
    found = Measured(*(float(v) for v in ratios))
    values: dict[str, object] = {"days": _days(named)}
    above = bool((usable.loc[named, "items"] > np.median(others)).all())
    if above and found.low is not None and found.low > 1:
        return Verdict(
            "recovered" if corpus.simulated else "reproduced", "peak_high", values, found
        )
    if corpus.simulated and corpus.scale < 1 and found.high is not None and found.high > 1:
        return untestable("peak_volume", found, scale=scale_text(corpus.scale))
    if above:
        return Verdict("missed" if corpus.simulated else "consistent", "peak_open", values, found)
    return Verdict("missed" if corpus.simulated else "contradicted", "peak_low", values, found)


def _peak_ratios(named: np.ndarray, others: np.ndarray) -> tuple[float, float, float]:
    """Give the smallest ratio of a named day to the median, with its 95 % interval."""
    median = float(np.median(others)) + 0.5
    logs = np.log((others + 0.5) / median)
    spread = 1.4826 * float(np.median(np.abs(logs - np.median(logs))))
    lowest = float(named.min()) + 0.5
    noise = max(spread, 1 / np.sqrt(lowest))
    reach = float(stats.t.ppf(0.975, df=len(others) - 1)) * noise
    ratio = lowest / median
    return ratio, ratio * float(np.exp(-reach)), ratio * float(np.exp(reach))


def _both(name: str) -> dict[str, str]:
    return {language: load_words(language).label(name) for language in ("zh", "en")}


def _days(days: list[str]) -> dict[str, str]:
    return {
        language: load_words(language)("list.comma").join(day_text(day, language) for day in days)
        for language in ("zh", "en")
    }
