"""Guards withdraw what the rule alone gets wrong, and only withdraw."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from analysis.errors import CaodianError
from analysis.measures import trend_tests
from analysis.measures.daily_series import arrange_daily
from analysis.measures.trend import judge_trend
from analysis.measures.trend_rule import (
    _PHI_GRID,
    LogSeries,
    TrendFit,
    _expected_lag_one,
    _shared_phi,
    design_matrix,
    lag_one,
)
from analysis.measures.trend_tests import (
    _days_beside,
    _guard_p_values,
    _is_of_base,
    _rise,
    _TestedSeries,
    holm_adjust,
    judge_series,
    read_drift,
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


def family(log_counts, events=NOTHING, level=5000):
    logs = {
        f"c{i}": LogSeries.of(np.round(level * np.exp(row)).astype(int))
        for i, row in enumerate(log_counts)
    }
    return _TestedSeries(logs, DAYS, events)


def judged(log_counts, event_days=()):
    counts = np.round(5000 * np.exp(log_counts)).astype(int)
    table = pd.DataFrame(counts.T, columns=[f"c{i}" for i in range(len(counts))])
    table["all"] = 90_000
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
    generator, design = np.random.default_rng(2), design_matrix(DAYS)
    maker = np.eye(20) - design @ np.linalg.pinv(design)
    shared = []
    for _ in range(20):
        r = [lag_one(row, np.ones(19, int)) for row in ar1(generator, 0.6, 12) @ maker]
        shared.append(_shared_phi(r, design, DAYS))
    # .6, the margin of .05 + .03 and .55 of it, less what a mean of ratios lies below their ratio
    assert 0.75 < np.mean(shared) <= 0.92


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
    tables = [judged(ar1(generator, 0.6, 8)) for _ in range(60)]
    trends = [t["verdict"].isin(["growth", "decline"]).any() for t in tables]
    assert sum(trends) <= 6


@pytest.mark.parametrize(("shoulder", "applies"), [(0.35, True), (0.0, False)])
def test_shoulders_of_a_peak_call_their_guard(shoulder, applies):
    shape = np.zeros(20)
    shape[15:18], shape[[14, 18]] = 0.7, shoulder
    noise = 0.05 * np.random.default_rng(5).standard_normal((8, 20))
    events = np.isin(DAYS, [15, 16, 17])
    guards = _guard_p_values(family(shape + noise, events))
    assert ("beside" in guards) is applies


@pytest.mark.slow
def test_series_that_differ_in_their_build_up_make_few_trends():
    generator = np.random.default_rng(5)
    rise = np.where(DAYS < 18, np.clip((DAYS - 5) / 10, 0, 1), 0.3)
    by_rule, found, notes = 0, 0, ""
    for _ in range(60):
        heights = 0.5 * np.exp(0.4 * generator.standard_normal((10, 1)))
        curves = (heights - 0.5) * rise + ar1(generator, 0.2, 10, sd=0.06)
        table = judged(curves, PEAK).set_index("grievance").drop("all")
        by_rule += bool((table["p_holm"] < 0.05).any())
        found += table["verdict"].isin(["growth", "decline"]).any()
        notes += table["sentence_en"].str.cat()
    assert found <= 3
    assert by_rule >= 7
    assert "with the rise towards the event days modelled" in notes


def test_four_series_cannot_differ_and_without_event_days_nothing_builds_up():
    events = np.isin(DAYS, [15, 16, 17])
    rise = np.where(DAYS < 18, np.clip((DAYS - 5) / 10, 0, 1), 0.3)
    noise = 0.01 * np.random.default_rng(5).standard_normal((5, 20))
    curves = np.linspace(0, 1, 5)[:, None] * rise + noise
    assert "build_up" in _guard_p_values(family(curves, events))
    assert "build_up" not in _guard_p_values(family(curves[1:], events))
    assert "build_up" not in _guard_p_values(family(curves, NOTHING))


def test_a_build_up_ends_at_the_event_and_fades_after_it():
    events = np.isin(DAYS, [15, 16, 17])
    rise = _rise(events, DAYS, 4)
    assert rise[10:15].tolist() == [0.0, 0.0, 0.25, 0.5, 0.75]
    assert rise[15:18].tolist() == [0.0] * 3
    assert rise[18:].round(2).tolist() == [0.67, 0.33]


def test_clear_growth_passes_every_guard():
    generator = np.random.default_rng(6)
    slopes = np.array([0.05] + [0.0] * 7)[:, None] * (DAYS - 9.5)
    table = judged(slopes + 0.05 * generator.standard_normal((8, 20)), PEAK)
    assert table.set_index("grievance").loc["c0", "verdict"] == "growth"
    assert "not confirmed" not in table["sentence_en"][1]


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


@pytest.mark.parametrize(("change", "flat"), [(0.6, "decline"), (-0.4, "growth")])
def test_a_share_that_other_posts_moved_is_no_trend_of_a_grievance(change, flat):
    generator = np.random.default_rng(8)
    noise = 0.03 * generator.standard_normal((9, 20))
    more = np.log1p(change) * (DAYS - 9.5) / 19
    noise[:3] += np.array([[1.0], [0.75], [-1.0]]) * np.log(2) * (DAYS - 9.5) / 19
    counts = np.round(5000 * np.exp(noise)).astype(int)
    table = pd.DataFrame(counts.T, columns=[f"c{i}" for i in range(9)])
    table["all"] = np.round(90_000 * np.exp(more)).astype(int)
    table["date"] = pd.date_range("2020-06-01", periods=20)
    found = judge_trend(table.melt("date", var_name="grievance", value_name="items"))
    rows = found.set_index("grievance")
    still = rows.loc[[f"c{i}" for i in range(3, 9)]]
    assert (still["p_holm"] < 0.05).all()
    assert (still["growth"].lt(0) if flat == "decline" else still["growth"].gt(0)).all()
    assert set(still["verdict"]) == {"no_trend"} and set(still["size"]) == {""}
    assert still["sentence_en"].str.contains("because of what else was collected").all()
    assert still["sentence_zh"].str.contains("占比的变化来自采集到的其他内容").all()
    # what moved itself is told, and a count that went with its share keeps its word
    clear = {"decline": ("c2", "decline"), "growth": ("c0", "growth")}[flat]
    assert rows.loc[clear[0], "verdict"] == clear[1]
    assert "what else was collected" not in rows.loc[clear[0], "sentence_en"]


@pytest.mark.parametrize(
    ("share", "base", "withdrawn"),
    [
        (0.4, 0.0, False), (0.4, 0.3, False), (0.4, -0.19, False), (0.4, -0.21, True),
        (0.4, -0.5, True), (-0.4, 0.0, False), (-0.4, 0.19, False), (-0.4, 0.21, True),
        (-0.4, -0.3, False), (-0.4, 0.5, True), (0.0, -0.3, False), (0.0, 0.3, False),
    ],
)  # fmt: skip
def test_a_count_must_move_at_least_half_as_far_as_its_share(share, base, withdrawn):
    assert _is_of_base(TrendFit(share, 0.1, 0.001, 19), base) is withdrawn


@pytest.mark.parametrize(
    ("t", "applies"), [(1.19, False), (-1.19, False), (1.2, False), (1.21, True), (-1.21, True)]
)
def test_days_beside_the_event_stand_out_from_a_median_of_1_2_on(monkeypatch, t, applies):
    monkeypatch.setattr(trend_tests, "_t_values", lambda *_: np.array([t - 5, t, t + 5]))
    monkeypatch.setattr(trend_tests, "_build_up", lambda _: None)
    noise = 0.05 * np.random.default_rng(5).standard_normal((3, 20))
    guards = _guard_p_values(family(noise, np.isin(DAYS, [15, 16, 17])))
    assert ("beside" in guards) == applies
    assert not _guard_p_values(family(noise, NOTHING))  # nothing stands beside no event


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [
        (-1.0, 0.2, "-1.0 to 0.2"),
        (0.2, 0.1, "0.2 to 0.1"),
        (-0.99, 0.2, (-0.99, 0.2)),
        (0.2, 0.2, (0.2, 0.2)),
        ("0.1", "0.2", (0.1, 0.2)),
        (None, 0.2, None),
        (0.1, None, None),
        (0.1, "none", None),
    ],
)
def test_a_drift_that_can_be_read(low, high, says):
    table = pd.DataFrame({"grievance": ["price", "delivery"], "low": [0.0, low],
                          "high": [0.1, high]})  # fmt: skip
    if isinstance(says, str):
        with pytest.raises(CaodianError, match=f"(?s){says}.*drift table, delivery"):
            read_drift(table)
        return
    expected = {"price": (0.0, 0.1)} | ({} if says is None else {"delivery": says})
    assert {name: drift.ends for name, drift in read_drift(table).items()} == expected


def test_days_are_counted_from_the_nearest_event_on_either_side():
    days, events = np.array([0, 1, 3, 7, 8, 20]), np.array([0, 1, 0, 0, 1, 0], dtype=bool)
    assert trend_tests._days_from(events, days).tolist() == [1, 0, 2, 1, 0, 12]
    assert trend_tests._days_from(np.zeros(6, bool), days).tolist() == [9_999] * 6


@pytest.mark.parametrize("events", [NOTHING, np.isin(DAYS, [5, 6])])
def test_the_value_of_a_column_is_that_of_statsmodels(events):
    noise = np.random.default_rng(9).standard_normal((3, 20))
    tested, column = family(noise * 0.1, events), np.isin(DAYS, [12, 13]).astype(float)
    columns = [np.ones(20), DAYS, *([events] if events.any() else []), column]
    expected = [
        sm.OLS(one.logs, np.column_stack(columns).astype(float)).fit().tvalues[-1]
        for one in tested.series.values()
    ]
    np.testing.assert_allclose(trend_tests._t_values(tested, column), expected)
    assert trend_tests._t_values(tested, np.ones(20)).tolist() == [0.0] * 3  # the design holds it
    assert trend_tests._t_values(family(np.zeros((2, 20)), events), column).tolist() == [0.0] * 2


@pytest.mark.parametrize(("spread", "applies"), [(2.49, None), (2.5, None), (2.51, 8)])
def test_series_differ_in_their_build_up_from_a_variance_of_2_5_on(monkeypatch, spread, applies):
    """Five values with this variance, where the rise of eight days differs most."""
    events = np.isin(DAYS, [15])
    five = np.arange(5) * np.sqrt(spread / 2.5)  # 0 to 4 have a variance of 2.5
    best = _rise(events, DAYS, 8)
    monkeypatch.setattr(
        trend_tests, "_t_values",
        lambda _, column: five * (1.0 if np.array_equal(column, best) else 0.7),
    )  # fmt: skip
    found = trend_tests._build_up(family(np.zeros((5, 20)), events))
    if applies is None:
        assert found is None
    else:
        assert found.tolist() == best.tolist()


@pytest.mark.parametrize("period", ["day", "month"])
def test_the_slope_of_a_base_leaves_out_event_days_and_weekends(period):
    """Twenty days from a Monday on: Saturdays and Sundays are days 5, 6, 12, 13 and 19."""
    base = np.round(900 * np.exp(0.02 * DAYS + 0.1 * np.sin(DAYS))).astype(int)
    base[[5, 6, 12, 13, 19]] //= 2
    events = np.isin(DAYS, [8, 9])
    dates = pd.date_range("2020-06-01", periods=20, freq="D" if period == "day" else "MS")
    table = pd.DataFrame({"date": dates, "grievance": "price", "items": base})
    series = arrange_daily(table, period=period)
    columns = [np.ones(20), np.arange(20), events]
    columns += [np.isin(DAYS, [5, 6, 12, 13, 19])] if period == "day" else []
    expected = sm.OLS(np.log(base + 0.5), np.column_stack(columns).astype(float)).fit().params[1]
    assert trend_tests._base_slope(series, base, events) == pytest.approx(expected)
    assert trend_tests._base_slope(series, None, events) == 0.0


@pytest.mark.parametrize(
    ("beside", "build_up", "withdrawn", "p"),
    [
        (0.01, 0.01, "", 0.0),
        (0.05, 0.01, "beside", 0.05),
        (0.049, 0.2, "build_up", 0.2),
        (0.3, 0.2, "beside", 0.3),
        (0.2, 0.3, "build_up", 0.3),
    ],
)
def test_the_guard_that_doubts_most_withdraws_a_trend(monkeypatch, beside, build_up, withdrawn, p):
    values = {"beside": {"price": beside}, "build_up": {"price": build_up}}
    monkeypatch.setattr(trend_tests, "_guard_p_values", lambda _: values)
    rising = np.round(1500 * np.exp(0.03 * DAYS)).astype(int)
    dates = pd.date_range("2020-06-01", periods=20)
    table = pd.DataFrame({"date": dates, "grievance": "price", "items": rising})
    found = judge_series(arrange_daily(table), NOTHING, {})["price"]
    assert (found.withdrawn_by, found.guard_p) == (withdrawn, p)
    assert (found.verdict, found.size) == (("no_trend", "") if withdrawn else ("growth", "marked"))
    steady = table.assign(items=[1500, 1540] * 10)
    still = judge_series(arrange_daily(steady), NOTHING, {})["price"]
    assert (still.verdict, still.withdrawn_by, still.guard_p) == ("flat", "", 0.0)


def test_claims_and_the_rest_are_corrected_apart():
    p = {"all": 0.03, "negative": 0.04, "price": 0.01, "delivery": 0.02, "refund": 0.03}
    for name, alone in (("refund", 0.03), ("price", 0.01)):
        told = holm_adjust(p, [name])
        assert told[name] == alone and told["all"] == 0.03
    both = {"all": 0.03, "negative": 0.06, "price": 0.02, "delivery": 0.02, "refund": 0.06}
    assert holm_adjust(p, ["price", "delivery"]) == pytest.approx(both)
