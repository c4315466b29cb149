"""Guards withdraw what the rule alone gets wrong, and only withdraw."""

import numpy as np
import pandas as pd
import pytest

from analysis.measures.trend import judge_trend
from analysis.measures.trend_rule import design_matrix, fit_trend, lag_one
from analysis.measures.trend_tests import (
    _PHI_GRID,
    _days_beside,
    _drift_p,
    _expected_lag_one,
    _guard_p_values,
    _pooled_phi,
    _TestedSeries,
    holm_adjust,
)

DAYS = np.arange(20)
PEAK = ["2020-06-16", "2020-06-17", "2020-06-18"]
NOTHING = np.zeros(20, dtype=bool)


def ar1(generator, phi, rows, sd=0.15):
    series = np.zeros((rows, 60))
    for day in range(1, 60):
        noise = generator.standard_normal(rows)
        series[:, day] = phi * series[:, day - 1] + np.sqrt(1 - phi**2) * noise
    return sd * series[:, 40:]


def family(log_counts, level=5000):
    counts = {
        f"c{i}": np.round(level * np.exp(row)).astype(int) for i, row in enumerate(log_counts)
    }
    fits = {name: fit_trend(y, DAYS, seed=618, draws=99) for name, y in counts.items()}
    return _TestedSeries(counts, DAYS, NOTHING, fits, 618, 99)


def judged(log_counts, event_days=()):
    counts = np.round(5000 * np.exp(log_counts)).astype(int)
    table = pd.DataFrame(counts.T, columns=[f"c{i}" for i in range(len(counts))])
    table["date"] = pd.date_range("2020-06-01", periods=20)
    daily = table.melt("date", var_name="grievance", value_name="items")
    return judge_trend(daily, event_days=event_days)


@pytest.mark.parametrize("phi", [0.0, 0.3, 0.6, 0.8])
def test_expected_correlation_agrees_with_simulation(phi):
    design = design_matrix(DAYS, [np.isin(DAYS, [15, 16, 17])])
    maker = np.eye(20) - design @ np.linalg.pinv(design)
    residuals = ar1(np.random.default_rng(1), phi, 4000) @ maker
    # a ratio of sums, as the formula is a ratio of expectations
    found = (residuals[:, 1:] * residuals[:, :-1]).sum() / (residuals**2).sum()
    expected = np.interp(phi, _PHI_GRID, _expected_lag_one(design, DAYS))
    assert found == pytest.approx(expected, abs=0.03)


def test_pooling_recovers_autocorrelation_that_one_series_hides():
    generator = np.random.default_rng(2)
    pooled = [np.mean(list(_pooled_phi(family(ar1(generator, 0.6, 12)), []).values()))
              for _ in range(20)]  # fmt: skip
    # .6 and the margin of .25, less what a mean of ratios lies below the ratio of means
    assert 0.6 < np.mean(pooled) < 0.85


def test_gaps_do_not_bend_the_correlation():
    days = np.delete(np.arange(200), [30, 31, 90])
    series = ar1_long(200)[days]
    assert lag_one(series - series.mean(), np.diff(days)) == pytest.approx(0.6, abs=0.1)


def ar1_long(length):
    generator, series = np.random.default_rng(3), np.zeros(length)
    for day in range(1, length):
        series[day] = 0.6 * series[day - 1] + generator.standard_normal()
    return series


@pytest.mark.slow
def test_autocorrelated_family_gives_few_trends():
    generator = np.random.default_rng(4)
    tables = [judged(ar1(generator, 0.6, 8)) for _ in range(40)]
    trends = [t["verdict"].isin(["growth", "decline"]).any() for t in tables]
    by_rule = [(t["p_holm"] < 0.05).any() for t in tables]
    assert sum(trends) <= 4 < sum(by_rule)
    notes = pd.concat(tables).query("p_holm < .05 and verdict == 'no_trend'")["sentence_en"]
    assert notes.str.contains("not confirmed: Holm p = ").all()


@pytest.mark.parametrize(("shoulder", "applies"), [(0.35, True), (0.0, False)])
def test_shoulders_of_a_peak_call_their_guard(shoulder, applies):
    shape = np.zeros(20)
    shape[15:18], shape[[14, 18]] = 0.7, shoulder
    noise = 0.05 * np.random.default_rng(5).standard_normal((8, 20))
    counts = {
        f"c{i}": np.round(5000 * np.exp(row)).astype(int) for i, row in enumerate(shape + noise)
    }
    events = np.isin(DAYS, [15, 16, 17])
    fits = {name: fit_trend(y, DAYS, [events], seed=618, draws=99) for name, y in counts.items()}
    guards = _guard_p_values(_TestedSeries(counts, DAYS, events, fits, 618, 99), {})
    assert ("beside" in guards) is applies


def test_clear_growth_passes_every_guard():
    generator = np.random.default_rng(6)
    slopes = np.array([0.05] + [0.0] * 7)[:, None] * (DAYS - 9.5)
    table = judged(slopes + 0.05 * generator.standard_normal((8, 20)), PEAK)
    assert table["verdict"][0] == "growth"
    assert "not confirmed" not in table["sentence_en"][0]


@pytest.mark.slow
def test_guards_never_make_a_trend():
    generator = np.random.default_rng(7)
    for _ in range(10):
        table = judged(ar1(generator, 0.4, 6), PEAK)
        assert (table.loc[table["verdict"].isin(["growth", "decline"]), "p_holm"] < 0.05).all()


def test_days_beside_keep_to_the_calendar():
    days = np.array([0, 1, 3, 4, 6])
    events = np.array([False, False, True, False, False])
    assert _days_beside(events, days).tolist() == [False, False, False, True, False]
    assert not _days_beside(np.zeros(5, dtype=bool), days).any()


def test_drift_p_agrees_with_a_normal_and_t_simulation():
    counts = np.round(3000 * np.exp(0.012 * (DAYS - 9.5) + 0.02 * np.sin(DAYS * 2))).astype(int)
    fit = fit_trend(counts, DAYS, seed=618)
    interval = (-0.05, 0.30)
    ends = np.log1p(interval)
    generator = np.random.default_rng(11)
    null = generator.choice(fit.null, 200_000) * fit.span
    null = null + generator.normal(0, (ends[1] - ends[0]) / 3.92, 200_000)
    expected = (np.abs(null) >= abs(fit.span * fit.slope - ends.mean())).mean()
    assert _drift_p(fit, interval, 618) == pytest.approx(max(expected, fit.p), abs=0.01)


def test_drift_beyond_the_trend_leaves_nothing():
    fit = fit_trend(np.round(3000 * np.exp(0.01 * DAYS)).astype(int), DAYS, seed=618)
    assert _drift_p(fit, (0.5, 0.9), 618) == 1.0


def test_all_stands_outside_the_family():
    assert holm_adjust({"all": 0.04}) == {"all": 0.04}
    assert holm_adjust({"all": 0.04, "price": 0.04}) == {"all": 0.04, "price": 0.04}


@pytest.mark.parametrize("days", [range(20), [0, 1, 2, 5, 6, 7, 11, 12, 13, 14], range(60)])
def test_the_curve_is_the_expected_correlation_of_simulated_residuals_by_matrices(days):
    numbers = np.array(days)
    peak = numbers == 6
    design = design_matrix(numbers, [peak])
    n = len(numbers)
    maker = np.eye(n) - design @ np.linalg.pinv(design)
    adjacent = np.diff(numbers) == 1
    pairs = np.diag(adjacent.astype(float), 1) * (n - 1) / adjacent.sum()
    slow = []
    for phi in _PHI_GRID:
        spread = maker @ phi ** np.abs(numbers[:, None] - numbers[None, :]) @ maker
        slow.append(np.trace(pairs @ spread) / np.trace(spread))
    curve = _expected_lag_one(design, numbers)
    np.testing.assert_allclose(curve, np.maximum.accumulate(slow), rtol=0, atol=1e-12)
