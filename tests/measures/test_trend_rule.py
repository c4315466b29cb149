"""The rule against a slow reading of its definition, and against drawn series."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import optimize, special, stats
from statsmodels.stats.multitest import multipletests

from analysis.measures import trend_rule
from analysis.measures.trend_rule import LogSeries

DAYS = np.arange(20)
EVENTS = np.isin(DAYS, [15, 16, 17])


def slow_error(residuals, design, days, phi):
    """Error of an ordinary slope under AR(1) noise, from its covariance matrix at the days."""
    gaps = np.diff(days)
    steps = [
        (residuals[i + 1] - phi**gap * residuals[i])
        / np.sqrt((1 - phi ** (2 * gap)) / (1 - phi**2))
        for i, gap in enumerate(gaps)
    ]
    freedom = len(days) - design.shape[1] - 1
    variance = ((steps - np.mean(steps)) ** 2).sum() / freedom
    covariance = variance * phi ** np.abs(days[:, None] - days[None, :]) / (1 - phi**2)
    row = np.linalg.pinv(design)[1]
    return np.sqrt(row @ covariance @ row), freedom


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("events", [EVENTS, np.zeros(20, dtype=bool)])
@pytest.mark.parametrize("gaps", [[], [4, 5, 11]])
def test_agrees_with_the_definition_read_slowly(seed, events, gaps):
    noise = np.random.default_rng(seed)
    days = np.delete(DAYS, gaps)
    counts = noise.poisson(np.exp(5 + 0.02 * days + noise.normal(0, 0.2, len(days))))
    base = noise.poisson(np.full(len(days), 9000.0))
    dummies = [np.delete(events, gaps)] if events.any() else []
    fit = trend_rule.fit_trends({"a": LogSeries.of(counts, base)}, days, dummies)["a"]
    design = np.column_stack([np.ones(len(days)), days - 9.5, *dummies])
    ols = sm.OLS(np.log((counts + 0.5) / (base + 0.5)), design).fit()
    phi = trend_rule._shared_phi([fit.r], design, days)
    error, freedom = slow_error(ols.resid, design, days, phi)
    assert fit.slope == pytest.approx(ols.params[1])
    assert fit.error == pytest.approx(error)
    assert fit.margin == pytest.approx(error * stats.t.ppf(0.975, freedom))
    assert fit.p == pytest.approx(2 * stats.t.sf(abs(fit.slope) / error, freedom))


@pytest.mark.slow
def test_drawn_null_series_have_slopes_as_wide_as_the_error_says():
    """AR(1) series refitted by least squares: their slopes, studentised, cover as t does."""
    counts = np.random.default_rng(5).poisson(np.exp(7 + 0.01 * DAYS))
    fit = trend_rule.fit_trends({"a": LogSeries.of(counts)}, DAYS, [EVENTS])["a"]
    design = trend_rule.design_matrix(DAYS, [EVENTS])
    phi = trend_rule._shared_phi([fit.r], design, DAYS)
    residuals = sm.OLS(np.log(counts + 0.5), design).fit().resid
    steps = residuals[1:] - phi * residuals[:-1]
    scale = np.sqrt(((steps - steps.mean()) ** 2).sum() / 16)
    generator = np.random.default_rng(6)
    noise = generator.standard_normal((20_000, 20))
    noise[:, 0] /= np.sqrt(1 - phi**2)
    for day in range(1, 20):
        noise[:, day] += phi * noise[:, day - 1]
    slopes = scale * np.linalg.lstsq(design, noise.T, rcond=None)[0][1]
    slopes *= np.sqrt(16 / generator.chisquare(16, 20_000))
    assert np.quantile(np.abs(slopes), 0.95) == pytest.approx(fit.margin, rel=0.03)


@pytest.mark.parametrize(
    ("series", "r", "expected"),
    [
        # a clean family may be taken for white noise; one or two series may not
        (11, -0.4, 0.0),
        (3, -0.4, 0.0),
        (2, -0.4, 0.2),
        (1, -0.4, 0.2),
        (11, 0.9, 0.92),
    ],
)
def test_the_shared_autocorrelation_keeps_to_its_bounds(series, r, expected):
    design = trend_rule.design_matrix(DAYS, [EVENTS])
    assert trend_rule._shared_phi([r] * series, design, DAYS) == pytest.approx(expected)


def test_all_series_count_alike_also_one_unlike_the_others():
    design = trend_rule.design_matrix(DAYS)
    unlike, alike = [-0.1, 0.0, 0.4], [0.1, 0.1, 0.1]
    phis = [trend_rule._shared_phi(r, design, DAYS) for r in (unlike, alike)]
    assert phis[0] == pytest.approx(phis[1])


def test_few_series_get_a_larger_margin():
    design = trend_rule.design_matrix(DAYS)
    phis = [trend_rule._shared_phi([0.3] * n, design, DAYS) for n in (1, 2, 3, 5, 10)]
    assert phis == sorted(phis, reverse=True) and len(set(phis)) == 4  # one and two: the largest


def test_few_days_get_a_larger_margin():
    """Twelve days of a correlation that fits φ = .3 exactly: a margin 20/12 as large."""
    phis = []
    for days in (np.arange(12), np.arange(20), np.arange(40)):
        design = trend_rule.design_matrix(days)
        curve = trend_rule._expected_lag_one(design, days)
        r = float(np.interp(0.3, trend_rule._PHI_GRID, curve))
        phis.append(trend_rule._shared_phi([r] * 10, design, days) - 0.3)
    margin = 0.05 + 0.3 / 10 + 0.55 * 0.3
    assert phis == pytest.approx([margin * 20 / 12, margin, margin], abs=1e-6)


def test_variances_lean_as_the_formulas_of_smyth_say():
    drawn = np.random.default_rng(9)
    variances = 0.02 * 5 / drawn.chisquare(5, 12) * drawn.chisquare(16, 12) / 16
    chance = np.full(12, 1e-4)
    leant, freedoms = trend_rule.lean_variances(variances, 16, chance)
    logs = np.log(variances) - special.digamma(8) + np.log(8)
    between = logs.var(ddof=1) - special.polygamma(1, 8)
    half = optimize.brentq(lambda x: special.polygamma(1, x) - between, 1e-3, 1e3)
    middle = np.exp(logs.mean() + special.digamma(half) - np.log(half))
    assert 2 * half < 16
    np.testing.assert_allclose(freedoms, 16 + 2 * half)
    np.testing.assert_allclose(leant, (2 * half * middle + 16 * variances) / (2 * half + 16))


def test_own_days_keep_half_of_the_weight_and_silence_takes_no_part():
    alike = np.array([0.01, 0.011, 0.0, 0.009])
    leant, freedoms = trend_rule.lean_variances(alike, 16, np.full(4, 1e-4))
    assert freedoms.tolist() == [32.0, 32.0, 16.0, 32.0]
    assert leant[2] == 0.0
    two = np.array([0.01, 0.0, 0.02])
    assert trend_rule.lean_variances(two, 16, np.full(3, 1e-4))[0].tolist() == two.tolist()


def test_a_series_of_few_counts_leans_on_what_counting_explains():
    """Ten times the variance, all of it by counting: no wilder than the others."""
    chance = np.array([0.001, 0.001, 0.001, 0.09])
    leant, _ = trend_rule.lean_variances(0.01 + chance, 16, chance)
    np.testing.assert_allclose(leant, 0.01 + chance, rtol=0.05)


def test_drift_is_taken_out_with_both_errors():
    fit = trend_rule.TrendFit(0.0, 0.0, 1.0, 19).with_error(0.015, 0.004, 16)
    less = trend_rule.take_out(fit, (-0.05, 0.30))
    ends = np.log1p([-0.05, 0.30])
    generator = np.random.default_rng(11)
    null = 19 * 0.004 * generator.standard_t(16, 400_000)
    null += generator.normal(0, (ends[1] - ends[0]) / 3.92, 400_000)
    remaining = 19 * 0.015 - ends.mean()
    assert 19 * less.slope == pytest.approx(remaining)
    assert less.p == pytest.approx((np.abs(null) >= remaining).mean(), abs=0.01)
    assert 19 * less.margin == pytest.approx(np.quantile(np.abs(null), 0.95), rel=0.02)
    assert trend_rule.take_out(fit, (0.0, 0.0)).p == pytest.approx(fit.p)


def test_gap_weights_give_the_covariance_of_an_ar1_process():
    """Var(w·Z) by the weights equals w'Γw, Γ the AR(1) covariance at the days there."""
    days, phi = np.array([0, 1, 2, 5, 6, 9, 10, 11, 12, 13]), 0.5
    row = np.linspace(-1, 1, len(days))
    weights = trend_rule._null_weights(row, np.diff(days), phi)
    covariance = phi ** np.abs(days[:, None] - days[None, :]) / (1 - phi**2)
    assert weights @ weights == pytest.approx(row @ covariance @ row)


def test_a_gap_keeps_the_slope_of_the_calendar():
    days = np.delete(np.arange(20), [7, 8, 9])
    series = LogSeries.of(np.round(np.exp(8 + 0.03 * days)).astype(int))
    fit = trend_rule.fit_trends({"a": series}, days)["a"]
    assert fit.growth == pytest.approx(np.exp(19 * 0.03) - 1, rel=1e-3)


def test_constant_series_has_no_slope_and_no_noise():
    fit = trend_rule.fit_trends({"a": LogSeries.of(np.full(20, 120))}, DAYS, [EVENTS])["a"]
    assert (fit.slope, fit.margin, fit.p) == (0.0, 0.0, 1.0)


@pytest.mark.parametrize("p", [[0.04], [0.02, 0.01], [0.04, 0.001, 0.04, 0.03, 0.2, 0.9, 0.012]])
def test_holm_agrees_with_statsmodels(p):
    np.testing.assert_allclose(trend_rule.holm(np.array(p)), multipletests(p, method="holm")[1])


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
    assert trend_rule.size_word((fit.low, fit.high), verdict) == size


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
        (np.array([87, 111] * 10), True),  # 28.95, where χ² of 18 degrees leaves 5 % above 28.87
        (np.array([88, 112] * 10), False),  # 28.66
    ],
)
def test_fluctuating_needs_overdispersion_and_turns(counts, expected):
    assert trend_rule.measure_fluctuation(counts, DAYS).holds is expected


def test_days_of_which_no_two_are_neighbours_make_no_turn():
    days = np.arange(0, 40, 2)
    assert trend_rule.measure_fluctuation(zigzag(18, 60), DAYS).holds
    assert not trend_rule.measure_fluctuation(zigzag(18, 60), days).holds


def test_a_share_fluctuates_on_its_own():
    """What the collection does alone is no fluctuation of a share."""
    swing = np.where(DAYS % 2 == 0, 1.0, 1.6)
    counts, base = (400 * swing).astype(int), (9000 * swing).astype(int)
    assert trend_rule.measure_fluctuation(counts, DAYS).holds
    assert not trend_rule.measure_fluctuation(counts, DAYS, base).holds


@pytest.mark.parametrize(
    ("verdict", "ends", "expected", "says"),
    [
        ("flat", (-0.02, 0.08), "flat", True),
        ("flat", (-0.02, 0.1), "flat", None),  # ten per cent is not within ten per cent
        ("flat", (-0.1, 0.02), "flat", None),
        ("growth", (0.11, 0.5), "flat", False),
        ("growth", (0.1, 0.5), "flat", None),
        ("decline", (-0.5, -0.11), "flat", False),
        ("decline", (-0.5, -0.1), "flat", None),
        ("no_trend", (0.11, 0.5), "flat", None),
        ("no_trend", (-0.02, 0.08), "flat", None),
        ("growth", (0.01, 0.5), "growth", True),
        ("decline", (-0.5, -0.01), "growth", False),
        ("flat", (-0.02, 0.08), "growth", False),
        ("no_trend", (-0.5, 0.5), "growth", None),
        ("decline", (-0.5, -0.01), "decline", True),
    ],
)
def test_a_trend_bears_a_claim_out_contradicts_it_or_does_neither(verdict, ends, expected, says):
    assert trend_rule.bears_out(verdict, ends, expected) is says


def test_on_which_day_a_window_begins_changes_nothing():
    counts = np.random.default_rng(6).poisson(300, 20)
    here, later = (
        trend_rule.fit_trends({"a": LogSeries.of(counts, None)}, days, [])["a"]
        for days in (DAYS, DAYS + 7)
    )
    assert (here.span, later.span) == (19, 19)
    assert (here.low, here.high, here.p) == pytest.approx((later.low, later.high, later.p))


@pytest.mark.parametrize(
    ("counts", "base", "logs", "chance"),
    [
        ([4, 4], None, [math.log(4.5)] * 2, 1 / 4),
        ([0, 20], None, [math.log(0.5), math.log(20.5)], 1 / 10),
        ([0, 1], None, [math.log(0.5), math.log(1.5)], 1.0),  # no more than that of one item
        ([0, 3], None, [math.log(0.5), math.log(3.5)], 1 / 1.5),
        ([4, 4], [9, 11], [math.log(4.5 / 9.5), math.log(4.5 / 11.5)], 1 / 4 + 1 / 10),
        ([0, 0], [0, 1], [0.0, math.log(0.5 / 1.5)], 1.0 + 1.0),
        ([2, 2], [2, 2], [0.0, 0.0], 1 / 2 + 1 / 2),
    ],
)
def test_counting_alone_gives_a_logarithm_the_variance_of_poisson(counts, base, logs, chance):
    of = LogSeries.of(np.array(counts), None if base is None else np.array(base))
    assert of.logs.tolist() == pytest.approx(logs) and of.chance == pytest.approx(chance)


@pytest.mark.parametrize(
    ("residuals", "gaps", "expected"),
    [
        ([1, 2, -3], [1, 1], (1 * 2 - 2 * 3) / 14),
        ([1, 2, -3, 0.5], [1, 3, 1], (1 * 2 - 3 * 0.5) / 14.25 * 3 / 2),  # two pairs of three
        ([1, 2, -3], [2, 1], -6 / 14 * 2),
        ([1, 2, -3], [2, 2], 0.0),  # no two days are neighbours
        ([0, 0, 0], [1, 1], 0.0),
        ([1e-10, -1e-10, 0], [1, 1], 0.0),  # rounding of the logarithm
        ([1e-8, -1e-8, 0], [1, 1], -0.5),
    ],
)
def test_neighbouring_days_are_correlated_and_gaps_left_out(residuals, gaps, expected):
    found = trend_rule.lag_one(np.array(residuals, dtype=float), np.array(gaps))
    assert found == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("r", "days", "expected"),
    [(0.3, 20, 0.46), (0.25, 40, 0.325), (0.0, 20, 0.2), (-0.5, 20, 0.2), (0.7, 20, 0.8)],
)
def test_a_correlation_of_few_days_is_corrected_within_its_range(r, days, expected):
    assert trend_rule.correct_phi(r, days) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("slope", "error", "p"),
    [(0.0, 0.0, 1.0), (0.02, 0.0, 0.0), (-0.02, 0.01, 2 * stats.t.sf(2, 7)), (0.0, 0.01, 1.0)],
)
def test_a_p_value_of_two_sides_also_without_noise(slope, error, p):
    fit = trend_rule.TrendFit(0.5, 0.5, 0.5, 10).with_error(slope, error, 7)
    assert fit.p == pytest.approx(p) and (fit.slope, fit.error, fit.freedom) == (slope, error, 7)
    ends = [slope - error * stats.t.ppf(0.975, 7), slope, slope + error * stats.t.ppf(0.975, 7)]
    told = (fit.low, fit.growth, fit.high)
    assert told == pytest.approx([math.exp(10 * end) - 1 for end in ends])


@pytest.mark.parametrize(
    ("slope", "ends", "p", "items", "word"),
    [
        (0.01, (-0.1, 0.05), 0.5, 9_000, "no_trend"),  # ten per cent is not within ten per cent
        (0.01, (-0.05, 0.1), 0.5, 9_000, "no_trend"),
        (0.01, (-0.099, 0.099), 0.5, 4_600, "flat"),
        (0.01, (-0.099, 0.099), 0.5, 4_599, "no_trend"),
        (0.0, (-0.05, 0.05), 0.01, 9_000, "flat"),  # a slope of nothing neither grows nor falls
        (-0.01, (-0.05, 0.05), 0.049, 9_000, "decline"),
    ],
)
def test_a_word_needs_its_items_and_its_ends(slope, ends, p, items, word):
    fit = SimpleNamespace(slope=slope, low=ends[0], high=ends[1])
    assert trend_rule.direction_word(fit, p, items) == word


@pytest.mark.parametrize(
    ("low", "high", "size"),
    [(0.5, 0.75, "slight"), (0.5, 0.751, "uncertain"), (0.501, 0.75, "marked")],
)
def test_the_cuts_belong_to_the_smaller_size(low, high, size):
    assert trend_rule.size_word((low, high), "growth") == size


@pytest.mark.parametrize(
    ("low", "high", "flat", "trend"),
    [
        # from half to double the logarithm has 1.386 of room, half of the interval on either side
        (-0.05, 0.05, 0.0688, 0.4639),
        (-0.01, 0.01, 0.0144, 0.4928),
        (-0.6, 1.5, 0.0, 0.0),
        (-1.0, 0.05, 0.0, 0.0),
    ],
)
def test_the_chance_of_a_trend_is_its_room_between_half_and_double(low, high, flat, trend):
    ends = np.log1p([max(low, -0.999), high])
    reach, centres = (ends[1] - ends[0]) / 2, np.linspace(-math.log(2), math.log(2), 400_001)
    is_flat = (abs(centres) < reach) & (centres + reach < math.log(1.1))
    is_flat &= centres - reach > math.log(0.9)
    assert trend_rule.chance_of_trend((low, high), "flat") == pytest.approx(flat, abs=2e-4)
    assert is_flat.mean() == pytest.approx(flat, abs=2e-4)
    for expected in ("growth", "decline"):
        told = trend_rule.chance_of_trend((low, high), expected)
        assert told == pytest.approx(trend, abs=2e-4)
    assert (centres > reach).mean() == pytest.approx(trend, abs=2e-4)


def test_what_was_taken_out_is_the_middle_of_the_logarithms():
    assert trend_rule.removed((-0.2, 0.8)) == pytest.approx(math.sqrt(0.8 * 1.8) - 1)
    sure = trend_rule.TrendFit(0.0, 0.0, 1.0, 10).with_error(0.02, 0.0, 8)
    less = trend_rule.take_out(sure, (0.1, 0.3))
    error = math.log(1.3 / 1.1) / (2 * 1.959964) / 10
    assert less.slope == pytest.approx(0.02 - math.log(1.1 * 1.3) / 2 / 10)
    assert less.error == pytest.approx(error)
    assert less.p == pytest.approx(2 * stats.norm.sf(abs(less.slope) / error), rel=1e-4)
    noisy = sure.with_error(0.02, 0.01, 8)
    both = trend_rule.take_out(noisy, (0.1, 0.3))
    assert both.freedom == pytest.approx((0.01**2 + error**2) ** 2 / (0.01**4 / 8))  # Welch


def test_each_dummy_is_a_column_until_it_repeats_the_others():
    peak, late = np.isin(DAYS, [3, 4]), DAYS >= 10
    design, solver = trend_rule.solve_design(DAYS + 5, [peak, ~peak, late, peak])
    np.testing.assert_array_equal(design, np.column_stack([np.ones(20), DAYS - 9.5, peak, late]))
    np.testing.assert_allclose(solver @ design, np.eye(4), atol=1e-12)
    line = np.polynomial.polynomial.polyfit(DAYS - 9.5, DAYS**2.0, 1)
    bare = trend_rule.solve_design(DAYS + 5, [])[1]
    np.testing.assert_allclose(bare @ DAYS**2.0, line)


@pytest.mark.parametrize("of", [None, 40])
def test_dispersion_is_that_about_the_line_and_lies_in_the_tail_of_chi_squared(monkeypatch, of):
    """Pearson's sum over a line by least squares through logarithms, half an item added to each."""
    counts, base = np.array([3, 1, 6, 2, 9, 4, 0, 5]), None if of is None else np.arange(of, of + 8)
    days, asked = np.array([0, 1, 2, 3, 5, 6, 7, 8]), []
    told = lambda freedom, found: asked.append((freedom, found)) or 0.04  # noqa: E731
    monkeypatch.setattr(trend_rule.special, "chdtrc", told)
    per_item = np.ones(8) if base is None else base + 0.5
    line = np.polynomial.Polynomial.fit(days, np.log((counts + 0.5) / per_item), 1)(days)
    expected = np.exp(line) * per_item
    assert trend_rule.measure_fluctuation(counts, days, base).holds
    assert asked == [(6, pytest.approx(((counts - expected) ** 2 / expected).sum()))]
    monkeypatch.setattr(trend_rule.special, "chdtrc", lambda *_: 0.05)
    assert not trend_rule.measure_fluctuation(counts, days, base).holds
