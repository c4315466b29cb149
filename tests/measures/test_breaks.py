"""Breaks and bursts: found when planted, not in noise, trends or modelled peaks; with drivers."""

import math
from datetime import datetime, timedelta
from itertools import combinations

import numpy as np
import pandas as pd
import polars as pl
import pytest
import statsmodels.api as sm
from scipy import stats

from analysis.errors import CaodianError
from analysis.measures.breaks import (
    COLUMNS,
    _candidates,
    _Design,
    _is_large,
    _Noise,
    _noise_of,
    _scan,
    chance_of_peaks,
    find_breaks,
    measure_peaks,
)
from analysis.measures.conspicuous_days import _describe_days
from analysis.measures.trend_rule import design_matrix

DAYS = np.arange(20)
EVENTS = ["2020-06-16", "2020-06-17", "2020-06-18"]


def daily(**series):
    wide = pd.DataFrame(series).assign(date=pd.date_range("2020-06-01", periods=20))
    return wide.melt("date", var_name="grievance", value_name="items")


def noisy(seed, log_change=0.0, sd=0.08, level=1000):
    generator = np.random.default_rng(seed)
    return generator.poisson(level * np.exp(log_change + generator.normal(0, sd, 20)))


def found(table):
    return table[table["is_found"]][["kind", "date"]].values.tolist()


def test_t_value_agrees_with_ordinary_least_squares():
    counts = noisy(1)
    dummy = np.isin(DAYS, [15, 16, 17])
    best, chosen = _scan(counts, DAYS, [dummy], seed=618, draws=99)
    t_values = []
    for _, _, candidate in _candidates(20):
        design = np.column_stack([np.ones(20), DAYS, dummy, candidate]).astype(float)
        fit = sm.OLS(np.log(counts + 0.5), design).fit()
        t_values.append((abs(fit.tvalues[3]), fit.params[3]))
    largest = max(t_values)
    assert best.change == pytest.approx(np.exp(largest[1]) - 1)
    assert (chosen == _candidates(20)[int(np.argmax([t for t, _ in t_values]))][2]).all()


def test_t_values_and_steps_of_all_candidates_agree_with_ordinary_least_squares():
    counts, listed = noisy(5), _candidates(20)
    dummy = np.isin(DAYS, [15, 16, 17])
    model = _Design.of(design_matrix(DAYS, [dummy]), listed)
    residuals = model.residuals(np.log(counts + 0.5)[None, :])
    columns = np.column_stack([np.ones(20), DAYS, dummy]).astype(float)
    fits = [
        sm.OLS(np.log(counts + 0.5), np.column_stack([columns, candidate])).fit()
        for _, _, candidate in listed
    ]
    assert model.t_values(residuals)[0] == pytest.approx([fit.tvalues[3] for fit in fits])
    assert model.effects(residuals)[0] == pytest.approx([fit.params[3] for fit in fits])


@pytest.mark.parametrize(
    ("counts", "large"),
    [
        ([9] * 20, {"break"}),  # three days of nine hold 27, no day holds ten
        ([3] * 20, set()),  # three days hold nine
        ([4, 3, 3] + [0] * 17, {"break 3"}),  # ten before the first step, and nothing after it
        ([0] * 16 + [3, 3, 4, 0], {"break 16"}),
        ([0] * 8 + [10] + [0] * 11, {"burst 8", *(f"break {day}" for day in range(6, 12))}),
    ],
)
def test_a_find_needs_ten_items_of_its_own(counts, large):
    counts, listed = np.array(counts), _candidates(20)
    found = _is_large(counts, np.full(20, -5.0), listed)
    names = {f"{kind} {day}" for (kind, day, _), is_large in zip(listed, found, strict=True)
             if is_large}  # fmt: skip
    if large == {"break"}:
        large = {f"break {day}" for day in range(3, 18)}
    assert names == large
    fitted = np.where(DAYS == 4, np.log(10.0), -5.0)  # ten are missing where none came
    assert _is_large(np.zeros(20, int), fitted, listed).sum() == 1


def test_null_series_have_the_mean_the_spread_and_the_memory_that_are_asked_for():
    days = np.array([0, 1, 2, 3, 5, 6])
    spread, phi, level = 0.3, 0.6, 4_000.0
    drawn = _Noise(np.full(6, level), spread, phi).draw(days, 618, 20_000)
    assert drawn.mean(axis=0) == pytest.approx(np.full(6, level), rel=0.02)
    logs = np.log(drawn)
    chance = 1 / level  # what counting adds to the variance of a logarithm
    assert logs.std(axis=0) == pytest.approx(np.full(6, np.sqrt(spread**2 + chance)), rel=0.05)
    correlation = np.corrcoef(logs.T)
    expected = phi ** np.abs(days[:, None] - days)
    assert correlation == pytest.approx(expected, abs=0.04)


def test_the_noise_of_a_series_is_what_chance_does_not_explain():
    """Around a level of its own the burst is no noise: the rest differs by more than Poisson."""
    generator = np.random.default_rng(4)
    counts = generator.poisson(2_000 * np.exp(generator.normal(0, 0.2, 400)))
    counts[7] *= 5
    days, burst = np.arange(400), np.arange(400) == 7
    noise = _noise_of(counts, days, design_matrix(days, []), burst)
    assert noise.spread == pytest.approx(0.2, rel=0.1)
    assert noise.expected.sum() == pytest.approx(counts.sum())
    even = _noise_of(generator.poisson(np.full(400, 50)), days, design_matrix(days, []), burst)
    assert even.spread < 0.05


def test_the_spread_of_twenty_days_is_that_of_the_squares_beyond_poisson():
    counts, burst = noisy(6, 0.03 * DAYS, sd=0.3), DAYS == 4
    fit = sm.OLS(np.log(counts + 0.5), np.column_stack([np.ones(20), DAYS, burst])).fit()
    fitted = np.exp(fit.fittedvalues)
    fitted *= counts.sum() / fitted.sum()
    squares = ((counts - fitted) ** 2).sum() * 20 / fit.df_resid
    expected = np.sqrt(np.log1p((squares - fitted.sum()) / (fitted**2).sum()))
    assert _noise_of(counts, DAYS, design_matrix(DAYS, []), burst).spread == pytest.approx(expected)


def test_planted_burst_and_break_are_found():
    burst = noisy(2)
    burst[6] *= 3
    step = noisy(3, np.where(DAYS >= 9, 0.9, 0.0), sd=0.05)
    table = find_breaks(daily(price=burst, delivery=step), event_days=EVENTS, draws=999)
    assert tuple(table.columns) == COLUMNS
    by_name = table[table["is_found"]].set_index("grievance")
    assert by_name.loc["price", ["kind", "date"]].tolist() == ["burst", "2020-06-07"]
    assert by_name.loc["price", "change"] == pytest.approx(2.0, abs=0.5)
    assert by_name.loc["delivery", ["kind", "date"]].tolist() == ["break", "2020-06-10"]
    assert by_name.loc["delivery", "change"] == pytest.approx(np.exp(0.9) - 1, abs=0.4)


def test_two_bursts_are_found_one_after_the_other():
    counts = noisy(4, sd=0.04)
    counts[[4, 11]] *= 3
    table = find_breaks(daily(price=counts), draws=999)
    assert sorted(date for _, date in found(table)) == ["2020-06-05", "2020-06-12"]


def test_trend_and_modelled_peak_are_no_breaks():
    for seed in range(10):
        peak = np.where(np.isin(DAYS, [15, 16, 17]), 0.8, 0.0)
        counts = noisy(seed, 0.03 * DAYS + peak, sd=0.06)
        table = find_breaks(daily(price=counts), event_days=EVENTS, draws=199)
        assert len(found(table)) <= 1


@pytest.mark.slow
def test_false_finds_are_rare_per_family():
    false = 0
    for seed in range(60):
        series = {f"c{i}": noisy(100 * seed + i, sd=0.15) for i in range(4)}
        false += bool(found(find_breaks(daily(**series), draws=399)))
    assert false <= 6  # 5 % of 60 is 3


@pytest.mark.slow
@pytest.mark.parametrize("step", [0.0, 0.3, 0.9])
def test_false_finds_are_rare_where_all_series_follow_what_is_collected(step):
    false = 0
    for seed in range(60):
        volume = np.random.default_rng([seed, 77]).normal(0, 0.1, 20) + np.where(DAYS >= 9, step, 0)
        series = {f"c{i}": noisy(100 * seed + i, volume, sd=0.1) for i in range(4)}
        series["all"] = noisy(100 * seed + 9, volume, sd=0.03, level=20_000)
        false += bool(found(find_breaks(daily(**series), draws=399)))
    assert false <= 3  # 5 % of 60; at two per cent that is promised it is passed in 3 of 100


def test_short_and_constant_series():
    short = daily(price=[10] * 20).head(8)
    assert find_breaks(short).empty
    assert not find_breaks(daily(price=[10] * 20), draws=99)["is_found"].any()


def test_a_day_that_is_unfit_is_neither_searched_nor_found():
    burst = noisy(2)
    burst[6] *= 3
    grades = pd.DataFrame({"date": ["2020-06-07"], "grade": ["unfit"]})
    assert found(find_breaks(daily(price=burst), draws=199)) == [["burst", "2020-06-07"]]
    assert found(find_breaks(daily(price=burst), grades=grades, draws=199)) == []


@pytest.mark.parametrize("factor", [3.0, 0.2])
def test_what_few_texts_make_is_no_find_and_what_many_do_is(factor):
    items = noisy(2)
    items[6] = items[6] * factor
    table = daily(price=items)
    for families, expected in ((noisy(8, level=800), []), (items, [["burst", "2020-06-07"]])):
        assert found(find_breaks(table.assign(families=families), draws=199)) == expected
    turned = noisy(8, level=800)
    turned[6] = turned[6] / factor  # fewer texts where there are more items, or more where fewer
    assert found(find_breaks(table.assign(families=turned), draws=199)) == []


def coded():
    start, rows = datetime(2020, 6, 1, 9), []
    for day in range(20):
        for i in range(6):
            rows.append(
                (start + timedelta(days=day), f"快递太慢了等了好久 {day}-{i}", f"d{day}:{i}", [])
            )
    for _ in range(30):
        rows.append((start + timedelta(days=7), "大主播卖的鲜花到手全部枯萎", "copy", ["淘宝"]))
    for i in range(4):
        text = f"鲜花枯萎退款无门 {i}"
        rows.append((start + timedelta(days=7), text, f"own:{i}", ["淘宝", "微信"]))
    names = ["published_at", "text", "family_id", "platforms"]
    frame = pl.DataFrame(rows, schema=names, orient="row")
    return frame.with_columns(
        is_negative=pl.lit(True), grievances=pl.lit(["live_streaming"]).cast(pl.List(pl.String))
    )


def test_a_day_is_explained_by_its_posts():
    days = pd.DataFrame({"grievance": ["live_streaming", "price"], "date": ["2020-06-08"] * 2})
    table = _describe_days(coded(), days)
    row = table.iloc[0]
    assert (row["items"], row["families"]) == (40, 11)
    assert row["top_families"].startswith("copy 30;")
    assert row["top_family_share"] == 0.75
    assert "鲜花" in row["terms"] or "枯萎" in row["terms"]
    assert "快递" not in row["terms"]
    assert (row["platform"], row["platform_share"]) == ("淘宝", 0.85)
    assert table.iloc[1]["items"] == 0


def test_uncoded_posts_cannot_explain_a_day():
    with pytest.raises(CaodianError, match="is_negative"):
        _describe_days(pl.DataFrame({"text": ["a"]}), pd.DataFrame({"grievance": [], "date": []}))


def test_days_named_afterwards_pay_for_the_choice():
    """The highest days of flat noise, named after a look at it, are called high in few cases."""
    draw = np.random.default_rng(8)
    passed = []
    for _ in range(600):
        counts = draw.poisson(1000 * np.exp(0.1 * draw.standard_normal(20))).astype(float)
        order = np.argsort(-counts)
        passed.append(
            [measure_peaks(counts[order[:k]], counts[order[k:]])[1] > 1 for k in (1, 2, 3)]
        )
    assert (np.mean(passed, axis=0) <= 0.035).all()


@pytest.mark.slow
def test_days_that_are_equally_high_are_seldom_called_lower():
    """The upper end of the smallest of k days lies above the truth in 97.5 % whatever k is."""
    draw = np.random.default_rng(9)
    below = []
    for _ in range(1500):
        counts = draw.poisson(1000 * np.exp(0.1 * draw.standard_normal(20))).astype(float)
        below.append([measure_peaks(counts[:k], counts[k:])[2] < 1 for k in (1, 2, 3, 5)])
    assert (np.mean(below, axis=0) <= 0.035).all()  # two standard errors above .025 are .033


def test_a_real_peak_is_seen_and_its_noise_is_never_less_than_counting():
    others = np.array([98.0, 100.0, 102.0] * 6)
    assert measure_peaks(np.array([170.0, 190.0]), others)[1] > 1
    assert measure_peaks(np.array([120.0]), np.full(19, 100.0))[1] < 1  # chance alone is +-10 %
    assert measure_peaks(np.array([60.0]), others)[2] < 1


@pytest.mark.parametrize(
    "others",
    [
        [100.0, 96, 110, 93, 105, 99, 120, 88, 101, 104],  # deviations are the wider
        [100.0, 100, 100, 101, 99, 100, 100, 160, 100, 100],  # squares are
        [100.0] * 10,  # chance is
    ],
)
@pytest.mark.parametrize("named", [[150.0], [180.0, 140.0, 210.0]])
def test_the_ends_of_a_peak_are_students(named, others):
    """1.4826 median deviations or the root of squares, Student's t, sets of k days and one of k."""
    ratio, low, high = measure_peaks(np.array(named), np.array(others))
    n, k, middle = len(others), len(named), np.median(others) + 0.5
    logs = np.log((np.array(others) + 0.5) / middle)
    deviation = stats.median_abs_deviation(logs, scale="normal")
    spread = max(deviation, np.sqrt(((logs - logs.mean()) ** 2).sum() / (n - 1)))
    noise = max(spread * np.sqrt(1 + 1.57 / n), (min(named) + 0.5) ** -0.5)
    assert ratio == pytest.approx((min(named) + 0.5) / middle)
    sets = (0.01 / math.comb(n + k, k)) ** (1 / min(k, 2))
    lower, upper = stats.t(n - 1).isf(sets), stats.t(n - 1).isf(0.025 / k)
    assert low == pytest.approx(ratio * np.exp(-lower * noise), rel=1e-4)
    assert high == pytest.approx(ratio * np.exp(upper * noise), rel=1e-4)


def test_random_days_are_high_as_often_as_is_said():
    counts = np.array([100.0, 103, 98, 101, 99, 102, 97, 300, 104, 310] * 2)
    named = [measure_peaks(counts[list(pair)], np.delete(counts, pair))[1] > 1
             for pair in combinations(range(20), 2)]  # fmt: skip
    quiet = np.array([100.0, 103, 98, 101, 99, 102, 97, 300, 104, 96] + [100.0] * 10)
    single = [measure_peaks(quiet[[day]], np.delete(quiet, day))[1] > 1 for day in range(20)]
    assert chance_of_peaks(quiet, 1) == np.mean(single) == 0.05
    assert chance_of_peaks(counts, 2) <= np.mean(named)


def test_where_more_was_collected_nothing_broke():
    more = np.where(DAYS >= 9, 0.9, 0.0)
    step = {f"c{n}": noisy(n, more, sd=0.04) for n in range(3)}
    assert len(found(find_breaks(daily(**step), draws=499))) >= 3  # what the counts alone say
    table = find_breaks(daily(all=noisy(9, more, sd=0.04, level=20_000), **step), draws=499)
    assert found(table) == []
    assert set(table["grievance"]) == set(step)  # all posts are no grievance


def test_what_breaks_beside_a_larger_collection_is_found():
    more = np.where(DAYS >= 9, 0.9, 0.0)
    everything = noisy(9, more, sd=0.04, level=20_000)
    burst = noisy(2, more, sd=0.04)
    burst[5] *= 3
    step = noisy(3, more * 3, sd=0.04)
    table = find_breaks(daily(all=everything, price=burst, delivery=step), draws=499)
    by_name = table[table["is_found"]].set_index("grievance")
    assert by_name.loc["price", ["kind", "date"]].tolist() == ["burst", "2020-06-06"]
    assert by_name.loc["delivery", ["kind", "date"]].tolist() == ["break", "2020-06-10"]
    fell = find_breaks(daily(all=noisy(9, -more, sd=0.04), price=noisy(3, sd=0.04)), draws=199)
    assert found(fell) == []  # a share that rises because less else was collected


def test_a_grievance_that_is_a_large_part_of_all_does_not_hide_itself():
    large = noisy(2, sd=0.04, level=4_000)
    large[5] *= 3
    table = find_breaks(daily(all=large + noisy(9, sd=0.04, level=6_000), price=large), draws=499)
    assert found(table) == [["burst", "2020-06-06"]]
