"""Enough to tell: the one rule on how little is too little for any finding.

A trend, break, burst, peak, cluster, emerging grievance or place in an order is stated only above a
minimum of items, of periods that hold one, and of periods that can be used. Below it a test still
gives a p-value, and the logarithm of a few posts among many zeros makes it a small one. A period is
a day, a week or a month: the rule counts periods. It was fixed before it was applied to any file;
benchmarks/validity/minimum.py measures what it lets through.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.numbers import count_text

FEWEST_ITEMS = 30
LEAST_CONFIDENCE = 0.7  # from which on a text is given its topic, and below which it is mixed
_FEWEST_FILLED = 10
_FEWEST_PERIODS = 10
_LEAST_USABLE = 0.8
# One straight line through more than this was never checked; ten years of months are 120.
_MOST_PERIODS = 120
# Chance alone gives the change over a window of n Poisson items a standard error of √(12/n): only
# from so many on can it be shown to lie within ±10 %, however even the days look.
FEWEST_FOR_FLAT = 4_600
# A single day that bursts, or that should not have fallen so low, holds so many items of its own.
SMALLEST_DAY = 10

_PERIOD_WORDS = {"day": ("天", "days"), "week": ("周", "weeks"), "month": ("个月", "months")}
# Chinese and English: {0} is there, {least} is needed; {periods} are days, weeks or months.
_WORDING = {
    "few_periods": (
        "可用 {0} {periods}，至少需要 {least} {periods}",
        "{0} usable {periods}, at least {least} are needed",
    ),
    "many_periods": (
        "共 {0} {periods}，规则只适用于 {least} {periods}以内，请用 --study 指定监测期",
        "{0} {periods}, and the rule holds for at most {least}; choose a window with --study",
    ),
    "gaps": (
        "只有 {0}% 的{unit}可用，至少需要 {least}%",
        "only {0}% of the {periods} can be used, at least {least}% are needed",
    ),
    "few_items": (
        "可用的{unit}里共 {0} 条，至少需要 {least} 条",
        "{0} in the usable {periods}, at least {least} are needed",
    ),
    "few_filled": (
        "只有 {0} {periods}有条数，至少需要 {least} {periods}",
        "only {0} of the {periods} {hold} any, at least {least} are needed",
    ),
}
_SHORT_WORDING = {
    "few_periods": ("可用的{unit}不足 {least} {periods}", "fewer than {least} usable {periods}"),
    "many_periods": ("超过 {least} {periods}", "more than {least} {periods}"),
    "gaps": ("可用的{unit}不足 {least}%", "less than {least}% of the {periods} usable"),
    "few_items": ("不足 {least} 条", "fewer than {least} items"),
    "few_filled": (
        "有条数的不足 {least} {periods}", "fewer than {least} {periods} with any item",
    ),
}  # fmt: skip
LEFT_OUT = (
    "趋势、突变和突发：{1} 个序列里有 {0} 个数据太少，不作判断：{2}。",
    "Trends, breaks and bursts: in {0} of {1} series there is too little to tell: {2}.",
)
ONLY_LEFT_OUT = (
    "趋势、突变和突发：仅有的一个序列数据太少，不作判断：{2}。",
    "Trends, breaks and bursts: the only series holds too little to tell: {2}.",
)
ALL_LEFT_OUT = (
    "趋势、突变和突发：全部 {1} 个序列的数据都太少，不作判断：{2}。",
    "Trends, breaks and bursts: in all {1} series there is too little to tell: {2}.",
)
_UNIT_WORDS = {"day": "日子", "week": "周", "month": "月份"}


@dataclass(frozen=True)
class Shortfall:
    """What a series lacks.

    Parameters
    ----------
    code
        few_periods, many_periods, gaps, few_items or few_filled.
    found
        What there is: periods, per cent of the periods, or items.
    least
        What is needed, or for many_periods allowed.
    """

    code: str
    found: int
    least: int

    def explain(self, language: str, period: str = "day") -> str:
        """Say what is lacking.

        Examples
        --------
        >>> Shortfall("few_items", 3, 30).explain("en")
        '3 in the usable days, at least 30 are needed'
        """
        return self._filled(_WORDING, language, period)

    def shorten(self, language: str, period: str = "day") -> str:
        """Name the reason without this series' own number, so that series can be listed by it."""
        return self._filled(_SHORT_WORDING, language, period)

    def _filled(self, wording: Mapping[str, tuple[str, str]], language: str, period: str) -> str:
        place = 0 if language == "zh" else 1
        return wording[self.code][place].format(
            count_text(self.found),
            least=self.least,
            hold="holds" if self.found == 1 else "hold",
            periods=_PERIOD_WORDS[period][place],
            unit=_UNIT_WORDS[period],
        )


def shortfall(
    counts: NDArray[np.int64] | Sequence[int],
    missing: int = 0,
    most: int | None = _MOST_PERIODS,
    fewest: int = _FEWEST_PERIODS,
) -> Shortfall | None:
    """Say what a series lacks for any statement on it, or None when it has enough.

    Parameters
    ----------
    counts
        Items in each usable period.
    missing
        Periods between the first and the last that cannot be used.
    most
        Most periods that a line may be put through; None for a statement on a single period.
    fewest
        Fewest periods, and fewest with an item: ten for what rests on the law of large numbers.

    Returns
    -------
    Shortfall or None
        The first condition that fails: usable periods, their number, their share, items, periods
        with an item.

    Examples
    --------
    >>> shortfall([0, 0, 1, 0, 1, 0, 0, 0, 0, 1])
    Shortfall(code='few_items', found=3, least=30)
    >>> shortfall([4] * 20) is None
    True
    """
    values = np.asarray(counts)
    periods, total = len(values), int(values.sum())
    filled = int(np.count_nonzero(values))
    if periods < fewest:
        return Shortfall("few_periods", periods, fewest)
    if most is not None and periods > most:
        return Shortfall("many_periods", periods, most)
    if periods < _LEAST_USABLE * (periods + missing):
        share = int(100 * periods / (periods + missing))
        return Shortfall("gaps", share, round(100 * _LEAST_USABLE))
    if total < FEWEST_ITEMS:
        return Shortfall("few_items", total, FEWEST_ITEMS)
    if filled < min(fewest, _FEWEST_FILLED):
        return Shortfall("few_filled", filled, min(fewest, _FEWEST_FILLED))
    return None


def share_interval(hits: Any, number: Any, confidence: float = 0.95) -> tuple[Any, Any]:  # noqa: ANN401 - numbers or arrays
    """Give the ends of the interval of a share by its score (Wilson 1927), which few cases suffice.

    Examples
    --------
    >>> [round(float(end), 3) for end in share_interval(3, 10)]
    [0.108, 0.603]
    """
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share, weight = hits / number, 1 + z**2 / number
    middle = (share + z**2 / (2 * number)) / weight
    half = z / weight * np.sqrt(share * (1 - share) / number + z**2 / (4 * number**2))
    return middle - half, middle + half


def count_reasons(
    lacks: Mapping[str, Shortfall], language: str, period: str = "day"
) -> list[tuple[str, int]]:
    """List the reasons for which series are left out and how many each leaves out.

    Examples
    --------
    >>> lacks = {"price": Shortfall("few_items", 3, 30), "delivery": Shortfall("few_items", 9, 30)}
    >>> count_reasons(lacks, "en")
    [('fewer than 30 items', 2)]
    """
    counted = Counter(lack.shorten(language, period) for lack in lacks.values())
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
