"""The decision rule for the daily series of a table: slope, interval, p-value and word.

Log-linear growth with an event dummy, of the count or of the share of what was collected. A slope
is judged against AR(1) noise as wild as the residuals. Twenty days cannot estimate autocorrelation
and spread, and every rule that trusts one series alone either finds trends where there are none or
misses those that are there; the series of a table share their days, so one autocorrelation is
estimated from all of them, with a margin, and each spread leans on the others (Smyth 2004). A slope
is linear in the noise, so that its null distribution is Student's t: nothing has to be drawn. The
rule's fixed choices and its measured error rates stand in docs/method.md and benchmarks/validity.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from analysis.minimum import FEWEST_FOR_FLAT

Array = NDArray[np.float64]
Days = NDArray[np.int64]

PHI_RANGE = (0.2, 0.8)
# Below this a residual is rounding noise of the logarithm, not variation of the data.
NEGLIGIBLE = 1e-9


def lag_one(residuals: Array, gaps: Days) -> float:
    """Correlate consecutive days; over gaps the sum is scaled to the pairs of a whole series."""
    adjacent = gaps == 1
    total = float(np.einsum("n,n->", residuals, residuals))
    if total < NEGLIGIBLE**2 or not adjacent.any():
        return 0.0
    products = float((residuals[1:] * residuals[:-1])[adjacent].sum())
    return products / total * len(gaps) / int(adjacent.sum())


def correct_phi(r: float, days: int) -> float:
    """Correct a lag-one correlation for the bias of short series and hold it in its range."""
    return float(np.clip(r + (1 + 4 * r) / days + 1 / days, *PHI_RANGE))


def gap_factor(gaps: Days, phi: float) -> Array:
    """Say how much wider the innovation over a gap is than over one day (1 without a gap)."""
    factor: Array = np.sqrt((1 - phi ** (2 * gaps)) / (1 - phi**2))
    return factor


def _null_weights(slope_row: Array, gaps: Days, phi: float) -> Array:
    """Give the weights that turn standard normal innovations into the slope of an AR(1) series.

    The slope is linear in the innovations: walking backwards collects what each of them does to
    all later days.
    """
    influence = np.array(slope_row, dtype=np.float64)
    for i in range(len(gaps) - 1, -1, -1):
        influence[i] += phi ** gaps[i] * influence[i + 1]
    influence[0] /= np.sqrt(1 - phi**2)
    influence[1:] *= gap_factor(gaps, phi)
    return influence


ALPHA = 0.05
_TWO_SIDED = 1 - ALPHA / 2
Interval = tuple[float, float]


@dataclass(frozen=True)
class TrendFit:
    """Slope of a series on the log scale, with its error."""

    slope: float
    margin: float
    p: float
    span: int
    r: float = 0.0
    error: float = 0.0
    freedom: float = 1.0

    @property
    def growth(self) -> float:
        """Change over the window as a fraction."""
        return float(np.expm1(self.span * self.slope))

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval of `growth`."""
        return float(np.expm1(self.span * (self.slope - self.margin)))

    @property
    def high(self) -> float:
        """Upper end of the 95 % interval of `growth`."""
        return float(np.expm1(self.span * (self.slope + self.margin)))

    def with_error(self, slope: float, error: float, freedom: float) -> TrendFit:
        """Give the fit with another slope and error; interval and p-value follow."""
        margin = error * float(special.stdtrit(freedom, _TWO_SIDED))
        p = 1.0 if slope == 0 else 0.0
        if error > 0:
            p = 2 * float(special.stdtr(freedom, -abs(slope) / error))
        return replace(self, slope=slope, margin=margin, p=p, error=error, freedom=freedom)


@dataclass(frozen=True)
class LogSeries:
    """A series on the log scale."""

    logs: Array
    chance: float

    @classmethod
    def of(cls, counts: NDArray[np.int64], base: NDArray[np.int64] | None = None) -> LogSeries:
        """Take the logarithm of counts or of a share; a zero counts as half an item."""
        logs: Array = np.log(counts + 0.5)
        chance = 1 / max(1.0, float(np.mean(counts)))
        if base is None:
            return cls(logs, chance)
        return cls(logs - np.log(base + 0.5), chance + 1 / max(1.0, float(np.mean(base))))


# Chosen on other seeds than the measured ones (docs/method.md, "Trend sentences").
_PHI_GRID = np.linspace(-0.9, 0.95, 186)
_PHI_MARGIN, _PHI_MARGIN_OF_FEW, _LARGEST_PHI_MARGIN = 0.05, 0.30, 0.20
_PHI_MARGIN_SHARE = 0.55
_ENOUGH_DAYS = 20
_LARGEST_PHI = 0.92
_FEW_SERIES = 3


def fit_trends(
    series: Mapping[str, LogSeries],
    day_numbers: Days,
    dummies: Sequence[Array | NDArray[np.bool_]] = (),
) -> dict[str, TrendFit]:
    """Fit the log-linear trend of every series of a table, with one autocorrelation for all."""
    design, solver = solve_design(day_numbers, dummies)
    n, columns = design.shape
    gaps = np.diff(day_numbers)
    logs = np.array([one.logs for one in series.values()])
    # einsum keeps one order of summation whatever the number of threads
    coefficients = np.einsum("sn,kn->sk", logs, solver)
    residuals = logs - np.einsum("sk,nk->sn", coefficients, design)
    r = [lag_one(row, gaps) for row in residuals]
    phi = _shared_phi(r, design, day_numbers)
    steps = phi**gaps
    innovations = (residuals[:, 1:] - steps * residuals[:, :-1]) / gap_factor(gaps, phi)
    innovations = innovations - innovations.mean(axis=1, keepdims=True)
    freedom = n - columns - 1
    variances = (innovations**2).sum(axis=1) / freedom
    variances = np.where(variances > NEGLIGIBLE**2, variances, 0.0)
    chance = np.array([one.chance for one in series.values()])
    variances, freedoms = lean_variances(variances, freedom, chance)
    reach = float(np.sqrt((_null_weights(solver[1], gaps, phi) ** 2).sum()))
    slopes = np.where(np.abs(coefficients[:, 1]) > NEGLIGIBLE, coefficients[:, 1], 0.0)
    span = int(day_numbers[-1] - day_numbers[0])
    return {
        name: TrendFit(0.0, 0.0, 1.0, span, r[place]).with_error(
            float(slopes[place]), reach * float(np.sqrt(variances[place])), float(freedoms[place])
        )
        for place, name in enumerate(series)
    }


def _shared_phi(r: Sequence[float], design: Array, day_numbers: Days) -> float:
    """Estimate one autocorrelation from all residuals, bias removed, on the safe side.

    The margin grows with the estimate, since days that hang together tell less and the spread of a
    slope grows faster than φ, and is larger where few series or few days tell it.
    """
    curve = _expected_lag_one(design, day_numbers)
    pooled = float(np.interp(np.mean(r), curve, _PHI_GRID))
    margin = min(_LARGEST_PHI_MARGIN, _PHI_MARGIN + _PHI_MARGIN_OF_FEW / len(r))
    lowest = PHI_RANGE[0] if len(r) < _FEW_SERIES else 0.0
    few_days = max(1.0, _ENOUGH_DAYS / len(day_numbers))
    safe = pooled + few_days * (margin + _PHI_MARGIN_SHARE * max(0.0, pooled))
    return float(np.clip(safe, lowest, _LARGEST_PHI))


def _expected_lag_one(design: Array, day_numbers: Days) -> Array:
    """Give the residual lag-one correlation that each φ of the grid leads to under this design.

    E[e'Ae]/E[e'e] with e the residuals of an AR(1) series: fitting takes autocorrelation away, the
    more the more columns there are.
    """
    return _curve(design.tobytes(), design.shape[1], tuple(day_numbers.tolist()))


@lru_cache(maxsize=64)
def _curve(design_bytes: bytes, columns: int, days: tuple[int, ...]) -> Array:
    """Compute the curve once for all series that share the days."""
    design = np.frombuffer(design_bytes).reshape(-1, columns)
    day_numbers, n = np.array(days), len(days)
    adjacent = (np.diff(day_numbers) == 1).astype(float)
    pairs = np.diag(adjacent, 1) * (n - 1) / max(1.0, adjacent.sum())
    maker, both = _residual_makers(design, pairs)
    distance = np.abs(day_numbers[:, None] - day_numbers[None, :])
    # tr(P M S M) with S = φ^distance is a polynomial in φ: its weights are summed once, so that a
    # long series costs no more than its matrix. M M = M.
    reach = int(distance.max()) + 1
    upper, lower = (
        np.bincount(distance.ravel(), weights=weights.ravel(), minlength=reach)
        for weights in (both, maker)
    )
    powers = _PHI_GRID[:, None] ** np.arange(reach)[None, :]
    curve = np.einsum("pd,d->p", powers, upper) / np.einsum("pd,d->p", powers, lower)
    return np.maximum.accumulate(curve)


def _residual_makers(design: Array, pairs: Array) -> tuple[Array, Array]:
    """Give M, which makes residuals of a series, and M P M for the pairs of consecutive days.

    M is the identity less design times its inverse, so that only thin matrices are multiplied; by
    einsum, which keeps one order of summation whatever the number of threads.
    """
    inverse = np.asarray(np.linalg.pinv(design), dtype=np.float64)
    left = np.einsum("nk,km->nm", design, np.einsum("kn,nm->km", inverse, pairs))
    right = np.einsum("nm,mk->nk", pairs, design)
    middle = np.einsum("kn,nj->kj", inverse, right)
    right = right - np.einsum("nk,kj->nj", design, middle)
    maker: Array = np.eye(len(design)) - np.einsum("nk,km->nm", design, inverse)
    both: Array = pairs - left - np.einsum("nk,km->nm", right, inverse)
    return maker, both


def lean_variances(variances: Array, freedom: int, chance: Array) -> tuple[Array, Array]:
    """Let the variance of each series lean on those of the others (Smyth 2004).

    Variances are compared as multiples of what counting and a common excess explain. How far they
    lean is told by how alike they are; a series' own days keep at least half of the weight, so that
    one wild series stays wild. Below three series nothing leans.
    """
    freedoms = np.full(len(variances), float(freedom))
    noisy = variances > 0
    if noisy.sum() < _FEW_SERIES:
        return variances, freedoms
    excess = max(float(np.median(variances[noisy] - chance[noisy])), 1e-8)
    usual = excess + chance
    ratios = variances[noisy] / usual[noisy]
    middle, prior = _fit_prior(ratios, freedom)
    leant = (prior * middle + freedom * ratios) / (prior + freedom)
    return (
        np.where(noisy, _spread_out(leant, noisy) * usual, variances),
        np.where(noisy, freedoms + prior, freedoms),
    )


def _spread_out(values: Array, places: NDArray[np.bool_]) -> Array:
    """Put values where the places are true."""
    spread = np.zeros(len(places))
    spread[places] = values
    return spread


def _fit_prior(ratios: Array, freedom: int) -> tuple[float, float]:
    """Fit the scaled inverse χ² from which variances come, by the moments of their logarithms."""
    half = freedom / 2
    logs = np.log(ratios) - special.digamma(half) + np.log(half)
    between = float(logs.var(ddof=1) - special.polygamma(1, half))
    prior = float(freedom)
    if between > 0:
        x = 0.5 + 1 / between  # Newton's iteration for the inverse of the trigamma function
        for _ in range(20):
            value = float(special.polygamma(1, x))
            step = value * (1 - value / between) / float(special.polygamma(2, x))
            x += step
            if abs(step) < 1e-10 * x:
                break
        prior = min(prior, 2 * x)
    middle = np.exp(logs.mean() + special.digamma(prior / 2) - np.log(prior / 2))
    return float(middle), prior


def take_out(fit: TrendFit, drift: Interval) -> TrendFit:
    """Take the change that the coder makes out of a trend, with the uncertainty of both.

    The two errors add; the degrees of freedom are those of Welch and Satterthwaite, with an audit
    that knows its error.
    """
    low, high = np.log1p(drift[0]), np.log1p(drift[1])
    slope = fit.slope - float(low + high) / 2 / fit.span
    drift_error = float(high - low) / (2 * 1.959964) / fit.span
    variance = fit.error**2 + drift_error**2
    freedom = variance**2 * fit.freedom / fit.error**4 if fit.error > 0 else 1e6
    return fit.with_error(slope, float(np.sqrt(variance)), min(float(freedom), 1e6))


def removed(drift: Interval) -> float:
    """Give the change that `take_out` takes out of a trend: the middle, on the log scale."""
    low, high = np.log1p(drift[0]), np.log1p(drift[1])
    return float(np.expm1((low + high) / 2))


def design_matrix(day_numbers: Days, dummies: Sequence[Array | NDArray[np.bool_]] = ()) -> Array:
    """Build intercept, centred day and every dummy that can be told from the columns before it."""
    return solve_design(day_numbers, dummies)[0]


def solve_design(
    day_numbers: Days, dummies: Sequence[Array | NDArray[np.bool_]]
) -> tuple[Array, Array]:
    """Give the design and its pseudo-inverse, computed once for all series that share the days."""
    columns = tuple(np.asarray(dummy, dtype=np.float64).tobytes() for dummy in dummies)
    return _solved(tuple(day_numbers.tolist()), columns)


@lru_cache(maxsize=256)
def _solved(days: tuple[int, ...], dummies: tuple[bytes, ...]) -> tuple[Array, Array]:
    middle = (days[0] + days[-1]) / 2
    design = np.column_stack([np.ones(len(days)), np.array(days) - middle])
    for dummy in dummies:
        wider = np.column_stack([design, np.frombuffer(dummy)])
        if np.linalg.matrix_rank(wider) == wider.shape[1]:
            design = wider
    solver = np.asarray(np.linalg.pinv(design), dtype=np.float64)
    design.flags.writeable = solver.flags.writeable = False
    return design, solver


# The words of the rule: direction after Holm, size by the interval, fluctuating by two signs.
#
# Holm 1979 over all series. The cuts at 10, 50 and 75 % were fixed before any data were opened.

_FLAT_WITHIN = 0.10
_MARKED_ABOVE = 0.50
_SLIGHT_UP_TO = 0.75
# What a change could have been before it was tested: from half to double.
_LARGEST_CHANGE = float(np.log(2))


def holm(p_values: Array) -> Array:
    """Correct p-values of several series by Holm's step-down rule (Holm 1979)."""
    order = np.argsort(p_values, kind="stable")
    m = len(p_values)
    stepped = np.maximum.accumulate((m - np.arange(m)) * p_values[order])
    corrected = np.empty(m)
    corrected[order] = np.minimum(stepped, 1.0)
    return corrected


def direction_word(fit: TrendFit, p_holm: float, items: int) -> str:
    """Say growth, decline, flat or no_trend, by the corrected p-value, interval and items."""
    if p_holm < ALPHA and fit.slope != 0:
        return "growth" if fit.slope > 0 else "decline"
    if fit.low > -_FLAT_WITHIN and fit.high < _FLAT_WITHIN and items >= FEWEST_FOR_FLAT:
        return "flat"
    return "no_trend"


def bears_out(verdict: str, ends: Interval, expected: str | None) -> bool | None:
    """Say whether a trend bears a claim out or contradicts it; None where it does neither.

    One series bears out one claim at most. Steady is what lies within ±10 % for sure without a
    significant change, and is contradicted only by a trend that lies outside for sure. Growth is
    contradicted by a decline and by what is steady.
    """
    low, high = ends
    if expected == "flat":
        if verdict == "flat" and low > -_FLAT_WITHIN and high < _FLAT_WITHIN:
            return True
        is_outside = low > _FLAT_WITHIN or high < -_FLAT_WITHIN
        return False if verdict in ("growth", "decline") and is_outside else None
    return None if verdict == "no_trend" else verdict == expected


def chance_of_trend(ends: Interval, expected: str | None) -> float:
    """Say how often so wide an interval, at random between half and double, bears a claim out."""
    low, high = (float(np.log1p(max(end, -0.999))) for end in ends)
    reach = (high - low) / 2
    room = _LARGEST_CHANGE - reach
    if expected == "flat":  # the interval holds no change, and lies within the edges
        edges = (float(np.log1p(_FLAT_WITHIN)), -float(np.log1p(-_FLAT_WITHIN)))
        room = sum(min(reach, edge - reach) for edge in edges)
    return max(0.0, room) / (2 * _LARGEST_CHANGE)


def size_word(ends: Interval, verdict: str) -> str:
    """Say how large a growth is: marked is tested before slight; empty for other verdicts."""
    if verdict != "growth":
        return ""
    if ends[0] > _MARKED_ABOVE:
        return "marked"
    return "slight" if ends[1] <= _SLIGHT_UP_TO else "uncertain"


class Fluctuation(NamedTuple):
    """By how many times a series varies more than chance, how often it turns, and the word."""

    excess: float
    turns: int
    holds: bool


def measure_fluctuation(
    counts: NDArray[np.int64],
    day_numbers: NDArray[np.int64],
    base: NDArray[np.int64] | None = None,
) -> Fluctuation:
    """Tell whether the counts, or shares of a base, vary more than chance allows and turn often.

    Overdispersion: D = Σ(y−μ)²/μ about the log-linear fit, upper tail of χ² with n − 2 degrees.
    Turning points: at least a third of the places where the series could turn (6 of 18 in twenty
    days; a random series expects 12). A zero difference makes no turn; places beside a gap are no
    places.
    """
    design, solver = solve_design(day_numbers, ())
    logs = LogSeries.of(counts, base).logs
    line = np.einsum("nk,k->n", design, np.einsum("kn,n->k", solver, logs))
    expected = np.exp(line + np.log(counts + 0.5) - logs)
    dispersion = float(((counts - expected) ** 2 / expected).sum())
    overdispersed = special.chdtrc(len(counts) - 2, dispersion) < ALPHA
    consecutive = (np.diff(day_numbers)[1:] == 1) & (np.diff(day_numbers)[:-1] == 1)
    signs = np.sign(np.diff(counts if base is None else logs))
    turns = int(np.count_nonzero((signs[1:] * signs[:-1] < 0) & consecutive))
    holds = bool(overdispersed and turns * 3 >= int(consecutive.sum()) > 0)
    return Fluctuation(dispersion / (len(counts) - 2), turns, holds)
