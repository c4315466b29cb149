"""When a cluster began to rise: a step in its daily share of the negative items.

The series is a binomial share, so that a promotion which lifts everything moves nothing. A rise is
the step with the largest likelihood ratio, divided by the overdispersion; its date is uncertain, so
the families of the cluster are resampled whole: a text copied a thousand times is one resample unit
and cannot make a sure rise alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import optimize

from analysis.engine.compiled import lean
from analysis.engine.strict_math import strict_log
from analysis.minimum import FEWEST_ITEMS, shortfall
from analysis.study.periods import Period, list_periods

_Array = NDArray[np.float64]
_Counts = NDArray[np.int64]

_RESAMPLES = 199
# A single copied text is in 63 % of the resamples: it alone must not pass.
_LEAST_CERTAINTY = 0.8
# 99 % point of the largest χ²₁ over the split points of the middle 70 % (Andrews 1993, one break):
# the ten topics of a report are all asked, so each may be wrong only one time in a hundred.
LARGEST_BY_CHANCE = 12.35
_ASKED_OF_OLD = 10
_MIDDLE = 0.7
_LEAST_RISE = 1.5

# A share that has not even tripled is a trend, which other tables tell.
_LEAST_STEP = 3.0
_FEWEST_BEFORE = 3  # periods that the level before rests on
# Fewer would be an anecdote; the ten of a day that bursts are not asked for, since the null is over
# the whole scan and an alarm is wanted on the first days.
FEWEST_RISEN = 6


def list_days(items: pl.DataFrame, period: Period = "day") -> list[date]:
    """List every day (week, month) from the first to the last dated item.

    Examples
    --------
    >>> list_days(pl.DataFrame({"day": [date(2020, 6, 1), date(2020, 6, 3)]}))[1]
    datetime.date(2020, 6, 2)
    """
    first, last = items["day"].min(), items["day"].max()
    if not (isinstance(first, date) and isinstance(last, date)):
        return []
    return list_periods(first, last, period)


def count_days(items: pl.DataFrame, days: Sequence[date]) -> NDArray[np.int64]:
    """Count dated items by family × day, families in sorted order."""
    dated = items.filter(pl.col("day").is_not_null())
    names = dated["family"].unique().sort()
    counts = np.zeros((len(names), len(days)), dtype=np.int64)
    if dated.height:
        rows = dated["family"].replace_strict(names, np.arange(len(names)))
        columns = dated["day"].replace_strict(list(days), np.arange(len(days)))
        np.add.at(counts, (rows.to_numpy(), columns.to_numpy()), 1)
    return counts


@dataclass(frozen=True)
class Onset:
    """First day of a rise."""

    day: int
    low: int
    high: int
    certainty: float


def rise_of_topics(items: pl.DataFrame, n_topics: int, period: Period, seed: int) -> list[str]:
    """Give the first day of the rise of each topic, empty where it has none."""
    days = list_days(items, period)
    totals = count_days(items.with_columns(family=pl.lit("")), days).sum(axis=0)
    of_topic = items.partition_by("topic", as_dict=True, maintain_order=True)
    rises = []
    for topic in range(n_topics):
        counts = count_days(of_topic.get((topic,), items.clear()), days)
        onset = find_onset(counts, totals, seed=seed, asked=n_topics)
        is_sure = onset is not None and onset.certainty >= _LEAST_CERTAINTY
        rises.append(days[onset.day].isoformat() if onset and is_sure else "")
    return rises


def largest_by_chance(asked: int) -> float:
    """Give what a step must exceed where so many clusters are asked, a tenth false rise in all.

    Up to ten it is the 99 % point; beyond, the chance of a larger step is that of the 99 % point
    divided by how many tens are asked, by the tail of the largest χ²₁ (DeLong 1981).
    """
    if asked <= _ASKED_OF_OLD:
        return LARGEST_BY_CHANCE
    wanted = _chance_of_step(LARGEST_BY_CHANCE) * _ASKED_OF_OLD / asked
    root: float = optimize.brentq(
        lambda step: _chance_of_step(step) - wanted, LARGEST_BY_CHANCE, 10 * LARGEST_BY_CHANCE
    )
    return root


def _chance_of_step(step: float) -> float:
    """Give the chance that the largest χ²₁ over the middle split points exceeds a step."""
    edge = (1 - _MIDDLE) / 2
    reach = 2 * np.log((1 - edge) / edge)
    density = np.sqrt(step / (2 * np.pi)) * np.exp(-step / 2)
    return float(density * ((1 - 1 / step) * reach + 2 / step))


def find_onset(family_days: _Counts, totals: _Counts, *, seed: int, asked: int = 1) -> Onset | None:
    """Find the first day of a cluster's rise, or None where its share did not step up."""
    if shortfall(totals, most=None) is not None or family_days.sum() < FEWEST_ITEMS:
        return None
    bar = largest_by_chance(asked)
    day = rise_day(family_days.sum(axis=0), totals, bar)
    if day is None:
        return None
    generator = np.random.default_rng(seed)
    families = len(family_days)
    weights = generator.multinomial(families, np.full(families, 1 / families), _RESAMPLES)
    found = [rise_day(counts, totals, bar) for counts in weights @ family_days]
    days = np.array([other for other in found if other is not None])
    if not len(days):
        return None
    low, high = np.quantile(days, [0.025, 0.975], method="closest_observation").tolist()
    return Onset(day, min(int(low), day), max(int(high), day), len(days) / _RESAMPLES)


def rise_day(counts: _Counts, totals: _Counts, bar: float = LARGEST_BY_CHANCE) -> int | None:
    """Give the first day of the most likely step up, or None where no step is beyond chance."""
    days = np.arange(2, len(totals) - 1)
    before, all_before = np.cumsum(counts)[days - 1], np.cumsum(totals)[days - 1]
    after, all_after = counts.sum() - before, totals.sum() - all_before
    ratio = 2 * (
        _log_likelihood(before, all_before)
        + _log_likelihood(after, all_after)
        - _log_likelihood(counts.sum(keepdims=True), totals.sum(keepdims=True))
    )
    rises = after * all_before > _LEAST_RISE * before * all_after
    if not rises.any():
        return None
    best = int(np.argmax(np.where(rises, ratio, -np.inf)))
    spread = spread_about(counts, totals, int(days[best]))
    return int(days[best]) if ratio[best] / spread > bar else None


def _log_likelihood(part: _Counts, whole: _Counts) -> _Array:
    """Binomial log-likelihood at its own share, without the constant."""
    share = np.divide(part, whole, out=np.zeros(np.shape(part)), where=np.asarray(whole) > 0)
    rest = np.asarray(whole) - part
    value: _Array = part * strict_log(np.where(np.asarray(part) > 0, share, 1))
    return value + rest * strict_log(np.where(rest > 0, 1 - share, 1))


def spread_about(counts: _Counts, totals: _Counts, day: int) -> float:
    """Give Pearson variance over binomial variance about the levels before and from a day on.

    Talk that comes in bursts is above its usual level on some days, and no step.
    """
    chi = 0.0
    for part in (slice(None, day), slice(day, None)):
        whole = totals[part]
        share = counts[part].sum() / max(1, whole.sum())
        variance = whole * share * (1 - share)
        known = variance > 0
        chi += float((((counts[part] - whole * share) ** 2)[known] / variance[known]).sum())
    return max(1.0, chi / max(1, len(totals) - 2))


class Steps:
    """Likelihood ratios of a step up, for sets of families and every day that can begin one."""

    def __init__(self, totals: _Counts, largest: int) -> None:
        self.days = np.arange(_FEWEST_BEFORE, len(totals))
        before = np.cumsum(totals)[self.days - 1]
        # A day before or after which there is nothing can begin no step.
        self.days = self.days[(before > 0) & (before < totals.sum())]
        self._before = np.cumsum(totals)[self.days - 1] / totals.sum()
        self._log_before = strict_log(self._before)
        self._log_after = strict_log(1 - self._before)
        steps = np.arange(largest + 1)
        self._entropy = steps * strict_log(np.maximum(steps, 1))

    def ratios(self, counts: _Counts) -> _Array:
        """Give the ratio of sets × days, 0 where the share has not risen enough."""
        earlier = np.cumsum(counts, axis=1)[:, self.days - 1]
        size = counts.sum(axis=1)[:, None]
        later = size - earlier
        value = 2 * (
            self._entropy[earlier] + self._entropy[later] - self._entropy[size]
            - earlier * self._log_before - later * self._log_after
        )  # fmt: skip
        rises = later * self._before > _LEAST_STEP * (earlier + 0.5) * (1 - self._before)
        return np.where(rises & (later >= FEWEST_RISEN), value, 0.0)

    def best(self, starts: _Counts, family: _Counts, place: _Counts) -> _Array:
        """Give the largest ratio of every set, its families on the periods given.

        The families of a set are those from its start up to the next one's.
        """
        found = np.zeros(len(starts) - 1)
        _largest_ratios(
            starts, family, place, self.days, self._before,
            self._log_before, self._log_after, self._entropy,
            np.zeros(int(place.max(initial=0)) + 1, dtype=np.int64), found,
        )  # fmt: skip
        return found


@lean
def _largest_ratios(  # noqa: PLR0917 - a compiled loop
    starts: _Counts, family: _Counts, place: _Counts, days: _Counts, before: _Array,
    log_before: _Array, log_after: _Array, entropy: _Array, counts: _Counts, found: _Array,
) -> None:  # fmt: skip
    """Write what `Steps.ratios` gives at most, without a table of candidates × periods."""
    for candidate in range(found.size):
        counts[:] = 0
        for at in range(starts[candidate], starts[candidate + 1]):
            counts[place[family[at]]] += 1
        size = starts[candidate + 1] - starts[candidate]
        earlier, period = 0, 0
        for number in range(days.size):
            while period < days[number]:
                earlier += counts[period]
                period += 1
            later = size - earlier
            if later < FEWEST_RISEN:
                break
            if later * before[number] > _LEAST_STEP * (earlier + 0.5) * (1 - before[number]):
                ratio = 2 * (
                    entropy[earlier] + entropy[later] - entropy[size]
                    - earlier * log_before[number] - later * log_after[number]
                )  # fmt: skip
                found[candidate] = max(found[candidate], ratio)
