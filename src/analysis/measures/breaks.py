"""Level breaks and single-day bursts, looked for only after the trend is taken out.

Every possible step and every single day is tried beside intercept, slope and event dummy; the
largest t-value is compared with the largest t-values of null series, so that trying many places
costs what it should. Where more of everything was collected no grievance broke: a find stands only
where its ratio to all other posts moved with the count. A null series is counted, not drawn from a
bell curve: Poisson counts around the fitted curve, as overdispersed and autocorrelated as the data.
On a few items a day the logarithm makes steps of its own, and a normal null takes them for finds.
Found dummies stay in the design and the search goes on. A break that is looked for without
detrending is found in half of all plain trends.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from math import comb

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from analysis.measures.daily_series import DailySeries, arrange_daily, event_starts, shortfalls
from analysis.measures.trend_rule import (
    NEGLIGIBLE,
    Array,
    Days,
    correct_phi,
    design_matrix,
    gap_factor,
    lag_one,
)
from analysis.measures.trend_tests import OUTSIDE_TESTS, holm_adjust
from analysis.minimum import SMALLEST_DAY
from analysis.study.periods import Period

COLUMNS = ("grievance", "kind", "date", "change", "p", "p_holm", "is_found")
DRAWS = 1_999
_MOST_FINDS = 3
_SHORTEST_LEVEL = 3
# Degrees of freedom of the null series' noise: real days are wild without any cause, and a bell
# curve takes the wildest for a find.
_TAIL = 5
# Trends, breaks and clusters stand in one report: breaks take two of its five per cent.
_BREAK_ALPHA = 0.02
# Beyond this the search of a series ends.
_HOPELESS = 0.5

# On the log scale, how far the ratio to all other posts must move with the count.
_RATIO_FOLLOWS = 0.5

Counts = NDArray[np.int64]
_Candidates = list[tuple[str, int, NDArray[np.bool_]]]


@dataclass(frozen=True)
class _Find:
    """The place of a series that fits worst with trend and events."""

    kind: str
    day: int
    change: float
    p: float
    is_of_all: bool = False


@dataclass(frozen=True)
class _Shared:
    """What all series of a table share: days, events and the draws behind every null series.

    With `whole`, the counts of all posts, where the table has them.
    """

    days: Days
    events: NDArray[np.bool_]
    seed: int
    draws: int
    whole: Counts | None = None


def find_breaks(
    daily: pd.DataFrame,
    *,
    event_days: Iterable[date | str] = (),
    grades: pd.DataFrame | None = None,
    unit: str = "items",
    seed: int = 618,
    draws: int = DRAWS,
    period: Period = "day",
) -> pd.DataFrame:
    """Find days on which a detrended series breaks to another level or bursts for one day.

    The row `all` is not searched, but where it is there a find must stand against all other posts
    too: the ratio to them moves the same way, and at least half as far on the log scale, or more of
    everything was collected.
    A series below the minimum (`analysis.minimum`) is not searched. Where items are searched and
    the table counts families, a find must stand in the families too: one text copied a thousand
    times is no finding of many.
    """
    series = arrange_daily(daily, unit=unit, grades=grades, period=period)
    asked = event_starts(event_days, period)
    events = np.array([day in asked for day in series.days], dtype=bool)
    short = shortfalls(series)
    whole = series.counts.get(OUTSIDE_TESTS)
    shared = _Shared(series.day_numbers, events, seed, draws, whole)
    texts: dict[str, Counts] = {}
    if unit == "items" and "families" in daily.columns:
        texts = arrange_daily(daily, unit="families", grades=grades, period=period).counts
    searched = {
        name: _search(counts, texts.get(name), shared)
        for name, counts in series.counts.items()
        if name not in short and name != OUTSIDE_TESTS
    }
    return _table(searched, series)


def _table(searched: dict[str, list[_Find]], series: DailySeries) -> pd.DataFrame:
    """One row per find; Holm over the first find of every series, later ones only after it."""
    corrected = holm_adjust({name: finds[0].p for name, finds in searched.items()})
    rows = []
    for name, finds in searched.items():
        factor = corrected[name] / finds[0].p
        is_found = True
        for find in finds:
            p_holm = min(1.0, find.p * factor)
            is_found = is_found and p_holm < _BREAK_ALPHA
            if is_found or find is finds[0]:
                day = series.days[find.day].isoformat()
                rows.append(
                    (
                        name,
                        find.kind,
                        day,
                        round(find.change, 6),
                        find.p,
                        round(p_holm, 6),
                        is_found,
                    )
                )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _search(counts: Counts, texts: Counts | None, shared: _Shared) -> list[_Find]:
    """Scan, keep the likeliest place in the design, scan again.

    Two bursts hide each other: each makes the noise look as wild as the other. So the search goes
    on after a place that is not yet sure, and a place is as sure as the surest after it (Rosner's
    generalised test for many outliers, 1983), the second at twice and the third at thrice its p.
    Where all posts moved, the place is taken out as events are, the search begins anew, and no such
    place is a find.
    """
    dummies = [shared.events]
    finds: list[_Find] = []
    moved = 0
    while len(finds) < _MOST_FINDS:
        find, dummy = _scan(
            counts, shared.days, dummies,
            texts=texts, whole=shared.whole, seed=shared.seed, draws=shared.draws,
        )  # fmt: skip
        if find.is_of_all and moved < _MOST_FINDS:
            moved += 1
            dummies, finds = [*dummies[:moved], dummy], []
            continue
        finds.append(replace(find, p=1.0) if find.is_of_all else find)
        if finds[-1].p >= _HOPELESS:
            break
        dummies.append(dummy)
    paid = [min(1.0, find.p * (place + 1)) for place, find in enumerate(finds)]
    surest = np.minimum.accumulate(paid[::-1])[::-1].tolist()
    return [replace(find, p=p) for find, p in zip(finds, surest, strict=True)]


def _candidates(n: int) -> _Candidates:
    """List every step with at least three days on either side, and every single day."""
    days = np.arange(n)
    steps: _Candidates = [
        ("break", day, days >= day) for day in range(_SHORTEST_LEVEL, n - _SHORTEST_LEVEL + 1)
    ]
    return steps + [("burst", day, days == day) for day in range(n)]


def _scan(
    counts: Counts,
    days: Days,
    dummies: list[NDArray[np.bool_]],
    *,
    texts: Counts | None = None,
    whole: Counts | None = None,
    seed: int,
    draws: int,
) -> tuple[_Find, NDArray[np.bool_]]:
    """Find the candidate with the largest t-value and its bootstrap p-value."""
    listed = _candidates(len(days))
    model = _Design.of(design_matrix(days, dummies), listed)
    logs = np.log(counts + 0.5)
    residuals = model.residuals(logs[None, :])
    observed = np.abs(model.t_values(residuals)[0])
    observed = np.where(_is_large(counts, logs - residuals[0], listed), observed, 0.0)
    best = int(np.argmax(observed))
    kind, day, dummy = listed[best]
    if observed[best] == 0:
        return _Find(kind, day, 0.0, 1.0), dummy
    noise = _noise_of(counts, days, model.matrix, dummy)
    null = np.abs(model.t_values(model.residuals(np.log(noise.draw(days, seed, draws) + 0.5))))
    p = _share_above(null.max(axis=1), observed[best])
    effect = float(model.effects(residuals)[0, best])
    change = float(np.expm1(effect))
    if whole is not None and p < _HOPELESS:
        # Not the share of all: a large grievance moves the whole with it and would hide itself.
        others = np.log(np.maximum(whole - counts, 0) + 0.5)
        in_ratio = model.effects(model.residuals((logs - others)[None, :]))[0, best]
        if in_ratio * np.sign(effect) < _RATIO_FOLLOWS * abs(effect):
            return _Find(kind, day, change, p, is_of_all=True), dummy
    if texts is not None and p < _BREAK_ALPHA:
        in_texts = model.residuals(np.log(texts + 0.5)[None, :])
        t_value = np.sign(change) * model.t_values(in_texts)[0, best]
        p = max(p, _share_above(null[:, best], t_value))
    return _Find(kind, day, change, p), dummy


def _share_above(null: Array, value: float) -> float:
    return (1 + int(np.count_nonzero(null >= value))) / (len(null) + 1)


def _is_large(counts: Counts, fitted: Array, listed: _Candidates) -> NDArray[np.bool_]:
    """Tell where enough happens: on a day that holds, or should hold, enough items of its own.

    A step needs as many in the three days before it or in the three after it: a series may hold
    hundreds of items and yet break, on paper, where one post a month became two.
    """
    size = np.maximum(counts, np.exp(fitted))
    beside = np.convolve(counts, np.ones(_SHORTEST_LEVEL, dtype=np.int64), "valid")
    return np.array(
        [
            size[day] >= SMALLEST_DAY
            if kind == "burst"
            else max(beside[day - _SHORTEST_LEVEL], beside[day]) >= SMALLEST_DAY
            for kind, day, _ in listed
        ]
    )


@dataclass(frozen=True)
class _Design:
    """A design and what each candidate has left once the design is taken out.

    All is linear in the days: of residuals, a step meets the sum of those after it and a single
    day its own, so that no table of series × candidates × days is ever built.
    """

    matrix: Array
    solver: Array
    lengths: Array
    steps: slice

    @classmethod
    def of(cls, design: Array, listed: _Candidates) -> _Design:
        places = np.array([dummy for _, _, dummy in listed], dtype=float)
        solver = np.asarray(np.linalg.pinv(design), dtype=np.float64)
        left = places - np.einsum("cn,nk,mk->cm", places, design, solver.T)
        n = len(design)
        steps = slice(_SHORTEST_LEVEL, n - _SHORTEST_LEVEL + 1)
        lengths: Array = np.sqrt((left**2).sum(axis=1))
        return cls(design, solver, lengths, steps)

    def residuals(self, series: Array) -> Array:
        """Take the design out of every series (rows)."""
        # einsum keeps one order of summation whatever the number of threads
        coefficients = np.einsum("bn,kn->bk", series, self.solver)
        left: Array = series - np.einsum("bk,nk->bn", coefficients, self.matrix)
        return left

    def projections(self, residuals: Array) -> Array:
        """Project residuals on every candidate; one that the design explains has nothing left."""
        after = np.cumsum(residuals[:, ::-1], axis=1)[:, ::-1]
        met = np.concatenate([after[:, self.steps], residuals], axis=1)
        usable = self.lengths > 0.1
        projected: Array = np.where(usable, met / np.where(usable, self.lengths, 1.0), 0.0)
        return projected

    def effects(self, residuals: Array) -> Array:
        """Give the step or burst at every candidate, on the log scale."""
        usable = self.lengths > 0.1
        effects: Array = self.projections(residuals) / np.where(usable, self.lengths, np.inf)
        return effects

    def t_values(self, residuals: Array) -> Array:
        """t-values of all candidates (columns) for all series (rows), each tried alone."""
        parts = self.projections(residuals)
        left = (residuals**2).sum(axis=1, keepdims=True) - parts**2
        freedom = len(self.matrix) - self.matrix.shape[1] - 1
        scale = np.sqrt(np.maximum(left, NEGLIGIBLE**2) / freedom)
        values: Array = np.where(np.abs(parts) < NEGLIGIBLE, 0.0, parts / scale)
        return values


@dataclass(frozen=True)
class _Noise:
    """The chance that the null series obey: expected counts, overdispersion, autocorrelation."""

    expected: Array
    spread: float
    phi: float

    def draw(self, days: Days, seed: int, draws: int) -> Array:
        """Draw counts: Poisson around the expected ones times AR(1) noise on the log scale."""
        noise = _heavy_noise(len(days), draws, seed)
        series = np.empty_like(noise)
        series[:, 0] = noise[:, 0] / np.sqrt(1 - self.phi**2)
        gaps = np.diff(days)
        steps = gap_factor(gaps, self.phi)
        for i, gap in enumerate(gaps):
            series[:, i + 1] = self.phi**gap * series[:, i] + steps[i] * noise[:, i + 1]
        log_change = self.spread * np.sqrt(1 - self.phi**2) * series - self.spread**2 / 2
        generator = np.random.default_rng([seed, 1])
        counts: Array = generator.poisson(self.expected * np.exp(log_change)).astype(float)
        return counts


@lru_cache(maxsize=8)
def _heavy_noise(n: int, draws: int, seed: int) -> Array:
    """Draw Student-t noise of variance 1: days are wilder than a bell curve, without any cause."""
    noise: Array = np.random.default_rng(seed).standard_t(_TAIL, (draws, n))
    noise /= np.sqrt(_TAIL / (_TAIL - 2))
    noise.flags.writeable = False
    return noise


def _noise_of(counts: Counts, days: Days, design: Array, dummy: NDArray[np.bool_]) -> _Noise:
    """Estimate the noise of a series: level from the design, overdispersion without the find.

    A burst left in would make the null as overdispersed as itself; the autocorrelation keeps it,
    which can only cost power.
    """
    logs = np.log(counts + 0.5)
    residuals = logs - design @ (np.linalg.pinv(design) @ logs)
    phi = correct_phi(lag_one(residuals, np.diff(days)), len(days))
    wider = np.column_stack([design, dummy.astype(float)])
    fitted = _scaled(np.exp(wider @ (np.linalg.pinv(wider) @ logs)), counts)
    freedom = max(1, len(counts) - wider.shape[1])
    squares = ((counts - fitted) ** 2).sum() * len(counts) / freedom
    excess = max(0.0, float(squares - fitted.sum())) / float((fitted**2).sum())
    spread = float(np.sqrt(np.log1p(excess)))
    return _Noise(_scaled(np.exp(logs - residuals), counts), spread, phi)


def _scaled(fitted: Array, counts: Counts) -> Array:
    """Bring a fit of the logarithms, which lies below the mean, to the number of items."""
    scaled: Array = fitted * counts.sum() / fitted.sum()
    return scaled


# Days that somebody named as high, against the days that are not named.

# Who names k days has looked at all n of them: that all of some k days lie so high by chance is no
# likelier than C(n, k) times the k-th power of that of one. The lower end pays for that, by the
# square at most, since without the highest days the others look quieter than they are.
# The smallest of k days is low in one of k tries: the upper end pays for those.
_PEAK_ALPHA = 0.025
_CHOSEN_ALPHA = 0.01  # real days are wilder than a bell curve
_MEDIAN_ERROR = 1.57  # variance of a median of m normal days, in units of theirs over m


def measure_peaks(
    named: NDArray[np.float64], others: NDArray[np.float64]
) -> tuple[float, float, float]:
    """Give the smallest ratio of a named day to the median of the others, with its interval.

    The noise of a day is the spread of the other days around their median, by deviations from it
    or by squares, whichever is wider, and never less than counting noise. The lower end is
    corrected for the choice: the days were named afterwards, from all days of the window. The upper
    end is corrected for the named days, of which the smallest is looked at.
    """
    days = len(others)
    median = float(np.median(others)) + 0.5
    logs = np.log((others + 0.5) / median)
    spread = max(1.4826 * float(np.median(np.abs(logs - np.median(logs)))), float(logs.std(ddof=1)))
    lowest = float(named.min()) + 0.5
    noise = max(spread * float(np.sqrt(1 + _MEDIAN_ERROR / days)), 1 / np.sqrt(lowest))
    ratio = lowest / median
    tries = comb(days + len(named), len(named))
    chosen = (_CHOSEN_ALPHA / tries) ** (1 / min(len(named), 2))
    paid = float(special.stdtrit(days - 1, 1 - chosen))
    shared = float(special.stdtrit(days - 1, 1 - _PEAK_ALPHA / len(named)))
    return ratio, ratio * float(np.exp(-paid * noise)), ratio * float(np.exp(shared * noise))


def chance_of_peaks(counts: NDArray[np.float64], named: int) -> float:
    """Say how often as many days, drawn at random from these, would all have been called high."""
    high = sum(
        measure_peaks(counts[[day]], np.delete(counts, day))[1] > 1 for day in range(len(counts))
    )
    return float(comb(high, named) / comb(len(counts), named))
