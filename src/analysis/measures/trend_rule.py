"""The decision rule for one daily series: slope, interval and p-value.

Log-linear growth with an event dummy; the p-value comes from AR(1) null series with the estimated
autocorrelation held between 0.2 and 0.8, because twenty days cannot estimate it and every
correction that trusts the estimate reports trends where there are none. The p-value is
(1 + count)/(B + 1) (Davison & Hinkley 1997). The rule's fixed choices and its measured error rates
stand in docs/method.md and benchmarks/validity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from analysis.minimum import FEWEST_FOR_FLAT

# Null series for the trend test: AR(1) noise as wild as the residuals of the data.
#
# Each null slope is studentised by a χ² draw, since the noise is estimated from few days.

Array = NDArray[np.float64]
Days = NDArray[np.int64]

PHI_RANGE = (0.2, 0.8)
# Below this a residual is rounding noise of the logarithm, not variation of the data.
NEGLIGIBLE = 1e-9


def lag_one(residuals: Array, gaps: Days) -> float:
    """Correlate consecutive days; over gaps the sum is scaled to the pairs of a whole series.

    Examples
    --------
    >>> lag_one(np.array([1.0, -1.0, 1.0, -1.0]), np.ones(3, dtype=int))
    -0.75
    """
    adjacent = gaps == 1
    total = float(residuals @ residuals)
    if total < NEGLIGIBLE**2 or not adjacent.any():
        return 0.0
    products = float((residuals[1:] * residuals[:-1])[adjacent].sum())
    return products / total * len(gaps) / int(adjacent.sum())


def correct_phi(r: float, days: int) -> float:
    """Correct a lag-one correlation for the bias of short series and hold it in its range.

    Examples
    --------
    >>> correct_phi(-0.75, 20), round(correct_phi(0.3, 20), 2)
    (0.2, 0.46)
    """
    return float(np.clip(r + (1 + 4 * r) / days + 1 / days, *PHI_RANGE))


def _innovation_scale(residuals: Array, gaps: Days, phi: float, columns: int) -> float:
    """Estimate the sd of the AR(1) innovations, each step over a gap standardised to a day."""
    steps = phi**gaps
    innovations = (residuals[1:] - steps * residuals[:-1]) / gap_factor(gaps, phi)
    centred = innovations - innovations.mean()
    scale = float(np.sqrt((centred**2).sum() / (len(residuals) - columns - 1)))
    return scale if scale > NEGLIGIBLE else 0.0


def gap_factor(gaps: Days, phi: float) -> Array:
    """Say how much wider the innovation over a gap is than over one day (1 without a gap)."""
    factor: Array = np.sqrt((1 - phi ** (2 * gaps)) / (1 - phi**2))
    return factor


def _null_weights(slope_row: Array, gaps: Days, phi: float) -> Array:
    """Give the weights that turn standard normal draws into the slope of an AR(1) series.

    The slope of a simulated series is linear in its innovations, so the series itself need not be
    built: walking backwards collects what each innovation does to all later days.
    """
    influence = np.array(slope_row, dtype=np.float64)
    for i in range(len(gaps) - 1, -1, -1):
        influence[i] += phi ** gaps[i] * influence[i + 1]
    influence[0] /= np.sqrt(1 - phi**2)
    influence[1:] *= gap_factor(gaps, phi)
    return influence


@lru_cache(maxsize=8)
def _null_draws(n: int, freedom: int, draws: int, seed: int) -> tuple[Array, Array]:
    """Draw standard normals (draws × n) and the studentising factors √(df / χ²)."""
    generator = np.random.default_rng(seed)
    normals = generator.standard_normal((draws, n))
    factors = np.sqrt(freedom / generator.chisquare(freedom, draws))
    normals.flags.writeable = False
    factors.flags.writeable = False
    return normals, factors


DRAWS = 9_999
ALPHA = 0.05


@dataclass(frozen=True)
class TrendFit:
    """Slope of a series on the log scale, with its null distribution.

    Parameters
    ----------
    slope, margin
        Log change a day and the half-width of its 95 % interval.
    p
        Two-sided bootstrap p-value.
    span
        Days from the first to the last usable day.
    r
        Lag-one correlation of the residuals.
    null
        Slopes of the null series.
    """

    slope: float
    margin: float
    p: float
    span: int
    r: float = 0.0
    null: Array = field(default_factory=lambda: np.zeros(0), repr=False, compare=False)

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


def fit_trend(
    counts: NDArray[np.int64],
    day_numbers: Days,
    dummies: Sequence[NDArray[np.bool_]] = (),
    *,
    seed: int,
    draws: int = DRAWS,
    phi: float | None = None,
) -> TrendFit:
    """Fit the log-linear trend of a daily series and test it against AR(1) null series.

    Parameters
    ----------
    day_numbers
        Position of each day on the calendar, rising; a jump is a gap.
    dummies
        Sets of days that get a level of their own: the event days.
    seed, draws
        Of the null series. All categories share the same draws up to scale.
    phi
        Autocorrelation of the null series; estimated from this series when it is not given.

    Examples
    --------
    >>> days = np.arange(20)
    >>> fit = fit_trend(np.exp(6 + 0.03 * days).astype("int64"), days, seed=618)
    >>> round(fit.growth, 2), fit.p
    (0.77, 0.0001)
    """
    design = design_matrix(day_numbers, dummies)
    n, columns = design.shape
    solver = np.linalg.pinv(design)
    logs = np.log(counts + 0.5)
    coefficients = solver @ logs
    residuals = logs - design @ coefficients
    gaps = np.diff(day_numbers)
    r = lag_one(residuals, gaps)
    phi = correct_phi(r, n) if phi is None else phi
    scale = _innovation_scale(residuals, gaps, phi, columns)
    weights = _null_weights(solver[1], gaps, phi)
    normals, factors = _null_draws(n, n - columns - 1, draws, seed)
    # einsum keeps one order of summation whatever the number of threads
    null = scale * factors * np.einsum("bi,i->b", normals, weights)
    slope = float(coefficients[1]) if abs(coefficients[1]) > NEGLIGIBLE else 0.0
    margin = float(np.quantile(np.abs(null), 1 - ALPHA))
    span = int(day_numbers[-1] - day_numbers[0])
    return TrendFit(slope, margin, tail_share(null, slope), span, r, null)


def tail_share(null: Array, value: float) -> float:
    """Give the two-sided bootstrap p-value, (1 + count)/(B + 1)."""
    return (1 + int(np.count_nonzero(np.abs(null) >= abs(value)))) / (len(null) + 1)


def design_matrix(day_numbers: Days, dummies: Sequence[NDArray[np.bool_]] = ()) -> Array:
    """Build intercept, centred day and every dummy that can be told from the columns before it.

    Examples
    --------
    >>> design_matrix(np.arange(3), [np.array([False, False, True])])[:, 1].tolist()
    [-1.0, 0.0, 1.0]
    """
    middle = (day_numbers[0] + day_numbers[-1]) / 2
    design = np.column_stack([np.ones(len(day_numbers)), day_numbers - middle])
    for dummy in dummies:
        wider = np.column_stack([design, dummy.astype(float)])
        if np.linalg.matrix_rank(wider) == wider.shape[1]:
            design = wider
    return design


# The words of the rule: direction after Holm, size by the interval, fluctuating by two signs.
#
# Holm 1979 over all series. The cuts at 10, 50 and 75 % were fixed before any data were opened.

_FLAT_WITHIN = 0.10
_MARKED_ABOVE = 0.50
_SLIGHT_UP_TO = 0.75


def holm(p_values: Array) -> Array:
    """Correct p-values of several series by Holm's step-down rule (Holm 1979).

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03])).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values, kind="stable")
    m = len(p_values)
    stepped = np.maximum.accumulate((m - np.arange(m)) * p_values[order])
    corrected = np.empty(m)
    corrected[order] = np.minimum(stepped, 1.0)
    return corrected


def direction_word(fit: TrendFit, p_holm: float, items: int) -> str:
    """Say growth, decline, flat or no_trend, by the corrected p-value, interval and items.

    Examples
    --------
    >>> fit = TrendFit(0.0, 0.004, 0.9, 19)
    >>> direction_word(fit, 0.9, items=9_000), direction_word(fit, 0.9, items=40)
    ('flat', 'no_trend')
    """
    if p_holm < ALPHA and fit.slope != 0:
        return "growth" if fit.slope > 0 else "decline"
    if fit.low > -_FLAT_WITHIN and fit.high < _FLAT_WITHIN and items >= FEWEST_FOR_FLAT:
        return "flat"
    return "no_trend"


def size_word(fit: TrendFit, verdict: str) -> str:
    """Say how large a growth is: marked is tested before slight; empty for other verdicts.

    Examples
    --------
    >>> size_word(TrendFit(0.02, 0.004, 0.0001, 19), "growth")
    'slight'
    """
    if verdict != "growth":
        return ""
    if fit.low > _MARKED_ABOVE:
        return "marked"
    return "slight" if fit.high <= _SLIGHT_UP_TO else "uncertain"


def is_fluctuating(counts: NDArray[np.int64], day_numbers: NDArray[np.int64]) -> bool:
    """Tell whether the counts vary more than chance allows and turn often.

    Overdispersion: D = Σ(y−μ)²/μ about the log-linear fit, upper tail of χ² with n − 2 degrees.
    Turning points: at least a third of the places where the series could turn (6 of 18 in twenty
    days; a random series expects 12). A zero difference makes no turn; places beside a gap are no
    places.

    Examples
    --------
    >>> is_fluctuating(np.array([10, 40] * 10), np.arange(20))
    True
    """
    design = design_matrix(day_numbers)
    expected = np.exp(design @ (np.linalg.pinv(design) @ np.log(counts + 0.5)))
    dispersion = float(((counts - expected) ** 2 / expected).sum())
    overdispersed = stats.chi2.sf(dispersion, len(counts) - 2) < ALPHA
    consecutive = (np.diff(day_numbers)[1:] == 1) & (np.diff(day_numbers)[:-1] == 1)
    signs = np.sign(np.diff(counts))
    turns = int(np.count_nonzero((signs[1:] * signs[:-1] < 0) & consecutive))
    return bool(overdispersed and turns * 3 >= int(consecutive.sum()) > 0)
