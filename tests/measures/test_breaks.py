"""Breaks and bursts: found when planted, not in noise, trends or modelled peaks; with drivers."""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import polars as pl
import pytest
import statsmodels.api as sm

from analysis.errors import CaodianError
from analysis.measures.breaks import COLUMNS, _candidates, _scan, find_breaks
from analysis.measures.conspicuous_days import _describe_days

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


def test_short_and_constant_series():
    short = daily(price=[10] * 20).head(8)
    assert find_breaks(short).empty
    assert not find_breaks(daily(price=[10] * 20), draws=99)["is_found"].any()


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
