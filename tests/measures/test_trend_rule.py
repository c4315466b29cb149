"""The rule against a slow reading of its definition, and against its own limit."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.multitest import multipletests

from analysis.measures import trend_rule

DAYS = np.arange(20)
EVENTS = np.isin(DAYS, [15, 16, 17])


def slow_fit(counts, days, events, seed, draws):
    """Follow the definition line by line: build each null series, refit it by least squares."""
    design = np.column_stack([np.ones(len(days)), days - (days[0] + days[-1]) / 2, events])
    if not events.any():
        design = design[:, :2]
    fit = sm.OLS(np.log(counts + 0.5), design).fit()
    e, n, k = fit.resid, len(days), design.shape[1]
    r = sum(e[i] * e[i - 1] for i in range(1, n)) / (e @ e)
    phi = min(max(r + (1 + 4 * r) / n + 1 / n, 0.2), 0.8)
    u = np.array([e[i] - phi * e[i - 1] for i in range(1, n)])
    s = np.sqrt(((u - u.mean()) ** 2).sum() / (n - k - 1))
    generator = np.random.default_rng(seed)
    normals = generator.standard_normal((draws, n))
    chi2 = generator.chisquare(n - k - 1, draws)
    null = np.empty(draws)
    for b in range(draws):
        z = np.empty(n)
        z[0] = normals[b, 0] * s / np.sqrt(1 - phi**2)
        for i in range(1, n):
            z[i] = phi * z[i - 1] + s * normals[b, i]
        slope = np.linalg.lstsq(design, z, rcond=None)[0][1]
        null[b] = abs(slope * np.sqrt((n - k - 1) / chi2[b]))
    p = (1 + (null >= abs(fit.params[1])).sum()) / (draws + 1)
    return fit.params[1], np.quantile(null, 0.95), p, phi


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("events", [EVENTS, np.zeros(20, dtype=bool)])
def test_agrees_with_the_definition_read_slowly(seed, events):
    noise = np.random.default_rng(seed)
    counts = noise.poisson(np.exp(5 + 0.02 * DAYS + noise.normal(0, 0.2, 20)))
    fit = trend_rule.fit_trend(counts, DAYS, [events] if events.any() else [], seed=618, draws=499)
    slope, margin, p, phi = slow_fit(counts, DAYS, events, 618, 499)
    np.testing.assert_allclose([fit.slope, fit.margin], [slope, margin], rtol=1e-9)
    assert trend_rule.correct_phi(fit.r, 20) == pytest.approx(phi)
    assert fit.p == pytest.approx(p)


def test_null_slopes_approach_a_scaled_t_distribution():
    """Normal over studentised noise is Student's t, so the bootstrap has a known limit."""
    counts = np.random.default_rng(5).poisson(np.exp(5 + 0.01 * DAYS))
    fit = trend_rule.fit_trend(counts, DAYS, [EVENTS], seed=618)
    design = trend_rule.design_matrix(DAYS, [EVENTS])
    solver = np.linalg.pinv(design)
    residuals = np.log(counts + 0.5) - design @ (solver @ np.log(counts + 0.5))
    gaps = np.ones(19, dtype=int)
    phi = trend_rule.correct_phi(fit.r, 20)
    scale = trend_rule._innovation_scale(residuals, gaps, phi, 3)
    spread = scale * np.linalg.norm(trend_rule._null_weights(solver[1], gaps, phi))
    assert fit.margin == pytest.approx(spread * stats.t.ppf(0.975, 16), rel=0.03)
    assert fit.p == pytest.approx(2 * stats.t.sf(abs(fit.slope) / spread, 16), abs=0.015)


def test_gap_weights_give_the_covariance_of_an_ar1_process():
    """Var(w·Z) by the weights equals w'Γw, Γ the AR(1) covariance at the days there."""
    days, phi = np.array([0, 1, 2, 5, 6, 9, 10, 11, 12, 13]), 0.5
    row = np.linspace(-1, 1, len(days))
    weights = trend_rule._null_weights(row, np.diff(days), phi)
    covariance = phi ** np.abs(days[:, None] - days[None, :]) / (1 - phi**2)
    assert weights @ weights == pytest.approx(row @ covariance @ row)


def test_a_gap_keeps_the_slope_of_the_calendar():
    days = np.delete(np.arange(20), [7, 8, 9])
    fit = trend_rule.fit_trend(np.round(np.exp(8 + 0.03 * days)).astype(int), days, seed=618)
    assert fit.growth == pytest.approx(np.exp(19 * 0.03) - 1, rel=1e-3)


def test_constant_series_has_no_slope_and_no_noise():
    fit = trend_rule.fit_trend(np.full(20, 120), DAYS, [EVENTS], seed=618)
    assert (fit.slope, fit.margin, fit.p) == (0.0, 0.0, 1.0)


@pytest.mark.slow
def test_holm_agrees_with_statsmodels():
    p = np.random.default_rng(3).uniform(0, 0.1, 12)
    np.testing.assert_allclose(trend_rule.holm(p), multipletests(p, method="holm")[1])


@pytest.mark.parametrize(
    ("events", "columns"),
    [(EVENTS, 3), (np.zeros(20, dtype=bool), 2), (np.ones(20, dtype=bool), 2)],
)
def test_dummy_that_tells_nothing_is_left_out(events, columns):
    assert trend_rule.design_matrix(DAYS, [events]).shape[1] == columns


def interval(low, high):
    """A fit over 20 days whose growth runs from low to high."""
    ends = np.log1p([low, high]) / 19
    return trend_rule.TrendFit(ends.mean(), (ends[1] - ends[0]) / 2, 0.001, 19)


@pytest.mark.parametrize(
    ("low", "high", "p", "verdict", "size"),
    [
        (0.05, 0.40, 0.01, "growth", "slight"),
        (0.05, 0.74, 0.01, "growth", "slight"),
        (0.05, 0.76, 0.01, "growth", "uncertain"),
        (0.49, 0.90, 0.01, "growth", "uncertain"),
        (0.51, 0.90, 0.01, "growth", "marked"),
        (0.51, 0.74, 0.01, "growth", "marked"),  # between the cuts: marked is tested first
        (-0.40, -0.05, 0.01, "decline", ""),
        (-0.40, -0.05, 0.05, "no_trend", ""),  # .05 is not below .05
        (-0.09, 0.09, 0.50, "flat", ""),
        (-0.09, 0.11, 0.50, "no_trend", ""),
        (-0.11, 0.09, 0.50, "no_trend", ""),
        (0.01, 0.09, 0.01, "growth", "slight"),  # a small sure growth is growth, not flat
    ],
)
def test_words(low, high, p, verdict, size):
    fit = interval(low, high)
    assert trend_rule.direction_word(fit, p, items=30_000) == verdict
    assert trend_rule.size_word(fit, verdict) == size


def zigzag(turns, swing):
    """A series of 20 days that turns so many times and then stays."""
    steps = [swing if i % 2 == 0 else -swing for i in range(turns + 1)]
    series = np.concatenate([[100], 100 + np.cumsum(steps)])
    return np.concatenate([series, np.full(20 - len(series), series[-1])])


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (zigzag(6, 60), True),
        (zigzag(5, 60), False),  # five turning points of eighteen are too few
        (zigzag(18, 3), False),  # turns, but within Poisson noise
        (np.round(100 * np.exp(0.05 * DAYS)).astype(int), False),
        (np.array([100, 100, 300, 300] * 5), False),  # zero differences make no turn
    ],
)
def test_fluctuating_needs_overdispersion_and_turns(counts, expected):
    assert trend_rule.is_fluctuating(counts, DAYS) is expected
