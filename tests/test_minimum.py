"""Nothing is stated on too little: trends, breaks, bursts and clusters below the minimum."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from analysis.clusters.topics import cluster_topics
from analysis.measures.breaks import find_breaks
from analysis.measures.trend import judge_trend
from analysis.minimum import Shortfall, count_reasons, shortfall


def daily(start="2020-06-01", **series):
    dates = pd.date_range(start, periods=len(next(iter(series.values()))))
    wide = pd.DataFrame(series).assign(date=dates.strftime("%Y-%m-%d"))
    return wide.melt("date", var_name="grievance", value_name="items")


@pytest.mark.parametrize(
    ("counts", "missing", "lacks"),
    [
        ([2] * 20, 0, None),
        ([3] * 10, 0, None),
        ([30] * 9, 0, ("few_periods", 9)),
        ([], 0, ("few_periods", 0)),
        ([1] * 120, 0, None),
        ([1] * 121, 0, ("many_periods", 121)),
        ([2] * 16, 4, None),
        ([2] * 16, 5, ("gaps", 76)),
        ([40] * 19, 354, ("gaps", 5)),
        ([0] * 20, 0, ("few_items", 0)),
        ([1] * 20 + [9], 0, ("few_items", 29)),
        ([1] * 20 + [10], 0, None),
        ([4] * 9 + [0] * 11, 0, ("few_filled", 9)),
        ([4] * 10 + [0] * 10, 0, None),
        ([0] * 19 + [900], 0, ("few_filled", 1)),
    ],
)
def test_what_a_series_lacks(counts, missing, lacks):
    found = shortfall(np.array(counts, dtype=np.int64), missing)
    assert (None if found is None else (found.code, found.found)) == lacks


@pytest.mark.parametrize(
    ("lack", "period", "zh", "en"),
    [
        (
            Shortfall("few_periods", 7, 10), "week",
            "可用 7 周，至少需要 10 周", "7 usable weeks, at least 10 are needed",
        ),
        (
            Shortfall("gaps", 5, 80), "month",
            "只有 5% 的月份可用，至少需要 80%",
            "only 5% of the months can be used, at least 80% are needed",
        ),
        (
            Shortfall("few_filled", 1, 10), "day",
            "只有 1 天有条数，至少需要 10 天",
            "only 1 of the days holds any, at least 10 are needed",
        ),
        (
            Shortfall("few_filled", 3, 10), "day",
            "只有 3 天有条数，至少需要 10 天",
            "only 3 of the days hold any, at least 10 are needed",
        ),
        (
            Shortfall("few_items", 1200, 30), "day",
            "可用的日子里共 1,200 条，至少需要 30 条",
            "1,200 in the usable days, at least 30 are needed",
        ),
    ],
)  # fmt: skip
def test_reasons_in_words(lack, period, zh, en):
    assert lack.explain("zh", period) == zh
    assert lack.explain("en", period) == en


def test_reasons_are_listed_by_how_many_series_they_leave_out():
    lacks = {
        "price": Shortfall("few_items", 3, 30),
        "delivery": Shortfall("few_filled", 4, 10),
        "after_sales": Shortfall("few_items", 0, 30),
    }
    assert count_reasons(lacks, "zh") == [("不足 30 条", 2), ("有条数的不足 10 天", 1)]


def test_one_post_among_three_is_no_trend():
    one = [0] * 19
    one.insert(3, 1)
    three = [0] * 17 + [1, 1, 1]
    table = judge_trend(daily(negative=three, sms_harassment=one)).set_index("grievance")
    assert set(table["verdict"]) == {"not_testable"}
    assert table[["growth", "p", "p_holm"]].isna().all(axis=None)
    assert "1 in the usable days, at least 30" in table.loc["sms_harassment", "sentence_en"]
    assert find_breaks(daily(negative=three, sms_harassment=one), draws=99).empty


@pytest.mark.parametrize(("level", "verdict"), [(2, "no_trend"), (200, "no_trend"), (240, "flat")])
def test_few_items_cannot_show_that_nothing_changes(level, verdict):
    assert judge_trend(daily(price=[level] * 20))["verdict"][0] == verdict


def test_a_window_that_is_mostly_missing_has_no_trend():
    days = pd.date_range("2020-01-01", periods=373)[::20].strftime("%Y-%m-%d")
    rows = pd.DataFrame({"date": days, "grievance": "price", "items": range(20, 20 + len(days))})
    row = judge_trend(rows).iloc[0]
    assert row["verdict"] == "not_testable"
    assert "% of the days can be used" in row["sentence_en"]


def test_a_series_below_the_minimum_does_not_weigh_on_the_others():
    rising = np.round(200 * np.exp(0.05 * np.arange(20))).astype(int).tolist()
    few = [0] * 18 + [1, 1]
    both = judge_trend(daily(price=rising, delivery=few)).set_index("grievance")
    assert both.loc["price", "p_holm"] == judge_trend(daily(price=rising))["p_holm"][0]


@pytest.mark.slow
def test_counts_of_a_handful_a_day_give_no_burst():
    """Before the null was counted, 9 in 10 of these families held a find."""
    generator = np.random.default_rng(3)
    false = 0
    for _ in range(40):
        table = daily(negative=generator.poisson(2.5, 20), price=generator.poisson(2.2, 20))
        false += bool(find_breaks(table, draws=299)["is_found"].any())
    assert false <= 4


def test_a_burst_day_holds_items_of_its_own():
    counts = [2, 1, 2, 3, 2, 1, 2, 2, 3, 2, 1, 2, 2, 3, 2, 2, 1, 2, 2, 2]
    small, large = counts.copy(), counts.copy()
    small[7], large[7] = 9, 40
    assert not find_breaks(daily(price=small), draws=299)["is_found"].any()
    found = find_breaks(daily(price=large), draws=999)
    assert found[found["is_found"]][["kind", "date"]].values.tolist() == [["burst", "2020-06-08"]]


def test_a_break_has_items_beside_it():
    months = [0] * 10 + [2, 1, 2, 1, 2, 1, 1, 2, 1, 2, 2, 2, 2, 2, 2, 3, 2, 2]
    assert not find_breaks(daily(price=months), draws=999)["is_found"].any()
    low, high = [1, 2, 1, 1, 2] * 4, [10, 12, 11, 10, 13] * 4
    step = find_breaks(daily(price=low[:10] + high[:10]), draws=999)
    assert step[step["is_found"]]["date"].tolist()[:1] == ["2020-06-11"]


@pytest.mark.parametrize(("families", "is_found"), [(1, False), (280, True)])
def test_one_text_copied_is_no_burst_of_many(families, is_found):
    generator = np.random.default_rng(5)
    rows = daily(price=generator.poisson(100, 20)).assign(families=lambda t: t["items"])
    day = rows["date"] == "2020-06-08"
    rows.loc[day, "items"] += 280
    rows.loc[day, "families"] += families
    assert find_breaks(rows, draws=999)["is_found"].any() == is_found


def null_texts(generator, texts, vocabulary=150, length=8):
    """Words drawn independently, some frequent: texts without topics."""
    letters = generator.integers(0x4E00, 0x5800, (vocabulary, 4))
    sizes = generator.choice([2, 2, 2, 3, 4], vocabulary)
    words = ["".join(map(chr, row[:size])) for row, size in zip(letters, sizes, strict=True)]
    chances = 1 / np.arange(3, vocabulary + 3)
    drawn = [
        generator.choice(words, generator.poisson(length) + 2, p=chances / chances.sum())
        for _ in range(texts)
    ]
    return ["，".join(text) for text in drawn]


@pytest.mark.slow
def test_texts_without_topics_have_no_clusters():
    """Before terms had to stand together, 9 of these 12 corpora had stated clusters."""
    generator = np.random.default_rng(11)
    stated = 0
    for _ in range(12):
        posts = pl.DataFrame({"text": null_texts(generator, 50), "is_negative": True})
        posts = posts.with_columns(grievances=pl.lit([], dtype=pl.List(pl.String)))
        stated += len(cluster_topics(posts).clusters) > 0
    assert stated <= 1
