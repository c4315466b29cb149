"""Trend table: contract of the input, families, gaps, grades, drift, sentences."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import stats

from analysis.errors import CaodianError
from analysis.measures import trend
from analysis.measures.daily_series import COUNT, SHARE, arrange_daily
from analysis.measures.trend import (
    COLUMNS,
    _evidence,
    judge_trend,
    kendall_tau,
    sen_slope,
    smallest_growth,
)
from analysis.measures.trend_tests import judge_series

PEAK = ["2020-06-16", "2020-06-17", "2020-06-18"]
STEADY = [1500, 1540] * 10
RISING = np.round(1500 * np.exp(0.03 * np.arange(20))).astype(int).tolist()


def daily(**series):
    """One column of counts a grievance, from 1 June on."""
    dates = pd.date_range("2020-06-01", periods=len(next(iter(series.values()))))
    wide = pd.DataFrame(series).assign(date=dates.strftime("%Y-%m-%d"))
    return wide.melt("date", var_name="grievance", value_name="items")


def verdicts(table):
    return dict(zip(table["grievance"], table["verdict"], strict=True))


def test_columns_and_order():
    table = judge_trend(daily(price=STEADY, all=STEADY, delivery=RISING, negative=STEADY))
    assert tuple(table.columns) == COLUMNS
    assert table["grievance"].tolist() == ["all", "negative", "price", "delivery"]
    assert verdicts(table)["delivery"] == "growth"
    assert verdicts(table)["price"] == "flat"


def test_row_order_types_and_frames_do_not_matter():
    rows = daily(price=RISING, negative=STEADY)
    other = rows.sample(frac=1, random_state=2).assign(
        date=lambda t: pd.to_datetime(t["date"]), items=lambda t: t["items"].astype(str)
    )
    pd.testing.assert_frame_equal(judge_trend(rows), judge_trend(other))


NOISY = (1500 + 300 * np.sin(np.arange(20)) + 22 * np.arange(20)).astype(int).tolist()
OTHER = (1500 + 300 * np.cos(2 * np.arange(20)) + 22 * np.arange(20)).astype(int).tolist()


def test_holm_family_is_every_row_but_all_and_claims_are_their_own():
    rows = daily(price=NOISY, all=[9000, 9100] * 10, negative=OTHER, delivery=STEADY)
    family = judge_trend(rows).set_index("grievance")
    assert family.loc["all", "p_holm"] == family.loc["all", "p"]
    p = family["p"].drop("all").sort_values()
    expected = np.maximum.accumulate(np.minimum(p.to_numpy() * [3, 2, 1], 1))
    assert family.loc[p.index, "p_holm"].tolist() == pytest.approx(expected.tolist(), abs=2e-6)
    for sentence in ("sentence_zh", "sentence_en"):
        is_told = family[sentence].str.contains("Holm")
        assert is_told.tolist() == (family.index != "all").tolist()
    claimed = judge_trend(rows, claimed=["price"]).set_index("grievance")
    assert claimed.loc["price", "p_holm"] == family.loc["price", "p"]
    assert (claimed["p"] == family["p"]).all()


def test_a_growing_collection_is_no_growth():
    more = np.exp(np.log(1.8) * np.linspace(0, 1, 20))
    grown = {name: np.round(np.array(counts) * more).astype(int).tolist()
             for name, counts in (("all", [30_000, 30_400] * 10), ("price", STEADY))}  # fmt: skip
    row = judge_trend(daily(**grown)).set_index("grievance").loc["price"]
    assert (row["measure"], row["verdict"]) == ("share", "flat")
    assert row["count_verdict"] == "growth"
    assert row["count_growth"] == pytest.approx(0.8, abs=0.01)
    assert row["sentence_en"].startswith("price, share of all posts: flat: ")
    assert "; items: +81% (95% interval " in row["sentence_en"]
    assert "，在全部帖子中的占比：平稳：" in row["sentence_zh"]
    assert "；条数 +81%（95% 区间 " in row["sentence_zh"]


@pytest.mark.parametrize(
    ("names", "measures"),
    [
        (["all", "negative", "price"], ["count", "share", "share"]),
        (["negative", "price"], ["count", "share_of_negative"]),
        (["price", "delivery", "after_sales"], ["count"] * 3),  # two others may move themselves
        (["price", "delivery", "after_sales", "counterfeit"], ["against_others"] * 4),
    ],
)
def test_what_a_series_is_a_share_of(names, measures):
    table = judge_trend(daily(**dict.fromkeys(names, STEADY))).set_index("grievance")
    assert table.loc[names, "measure"].tolist() == measures


def test_untestable_rows_leave_the_family():
    table = judge_trend(daily(price=RISING, delivery=[0] * 20)).set_index("grievance")
    assert table.loc["delivery", "verdict"] == "not_testable"
    assert not table.loc["delivery", "is_fluctuating"]
    assert np.isnan(table.loc["delivery", "p"])
    assert table.loc["price", "p_holm"] == table.loc["price", "p"]


def test_under_ten_days_is_not_testable():
    assert verdicts(judge_trend(daily(price=RISING[:9]))) == {"price": "not_testable"}
    assert verdicts(judge_trend(daily(price=RISING[:10]))) == {"price": "growth"}


def test_absent_pair_is_zero_and_absent_date_is_missing():
    rows = daily(price=RISING, delivery=STEADY)
    no_pair = rows[~((rows["date"] == "2020-06-05") & (rows["grievance"] == "price"))]
    zero = rows.assign(
        items=rows["items"].where(
            (rows["date"] != "2020-06-05") | (rows["grievance"] != "price"), 0
        )
    )
    pd.testing.assert_frame_equal(judge_trend(no_pair), judge_trend(zero))
    table = judge_trend(rows[rows["date"] != "2020-06-05"]).set_index("grievance")
    assert table["days"].tolist() == [19, 19]
    assert table.loc["price", "growth"] == pytest.approx(np.exp(0.57) - 1, abs=0.01)
    assert "over 20 days (1 missing)" in table.loc["price", "sentence_en"]


def test_unfit_days_are_missing_for_all():
    rows = daily(price=RISING, delivery=STEADY)
    grades = pd.DataFrame({"date": ["2020-06-05", "2020-06-06"], "grade": ["unfit", "doubtful"]})
    graded = judge_trend(rows, grades=grades)
    without = judge_trend(rows[rows["date"] != "2020-06-05"])
    numbers = ["grievance", "days", "growth", "low", "high", "p", "verdict"]
    pd.testing.assert_frame_equal(graded[numbers], without[numbers])
    assert "(1 missing, 1 doubtful)" in graded["sentence_en"][0]
    column = rows.assign(grade=np.where(rows["date"] == "2020-06-05", "unfit", "good"))
    pd.testing.assert_frame_equal(judge_trend(column)[numbers], without[numbers])


def test_peak_makes_a_trend_only_when_it_is_not_modelled():
    steady = np.round(np.exp(7 + 0.002 * np.array([1, -1] * 10)) * 1.0).astype(int)
    peak = np.where(np.isin(np.arange(20), [15, 16, 17]), steady * 2, steady).tolist()
    modelled = judge_trend(daily(price=peak), event_days=PEAK)
    assert modelled["verdict"][0] == "flat"
    assert "event days 06-16, 06-17, 06-18 modelled; without: +" in modelled["sentence_en"][0]
    assert "no event days assumed" in judge_trend(daily(price=peak))["sentence_en"][0]
    assert "未设活动日" in judge_trend(daily(price=peak))["sentence_zh"][0]
    far = judge_trend(daily(price=peak), event_days=["2021-06-18"])
    assert "no event day could be modelled" in far["sentence_en"][0]


def test_sentence_carries_the_evidence():
    names = {"sms_harassment": ("短信骚扰", "SMS harassment")}
    table = judge_trend(daily(sms_harassment=RISING), event_days=PEAK, names=names)
    by_codebook = judge_trend(daily(price=RISING, oddity=RISING))
    assert by_codebook["sentence_zh"].str.startswith("价格，").tolist() == [True, False]
    assert by_codebook["sentence_en"].str.startswith("oddity, ").tolist() == [False, True]
    english, chinese = table["sentence_en"][0], table["sentence_zh"][0]
    assert english.startswith(
        "SMS harassment, items: marked growth: +77% over 20 days (95% interval +"
    )
    assert chinese.startswith("短信骚扰，条数：明显增长：20 天内 +77%（95% 区间 +")
    for part in ("p < 0.001", "MK τ = +", "Sen"):
        assert part in english
        assert part in chinese


@pytest.mark.parametrize(
    ("low", "high", "verdict", "tier", "told"),
    [
        (-0.05, 0.05, "growth", 1, "taken out, before that +77%"),  # whatever the coder did
        (0.1, 1.2, "no_trend", 1, "taken out, before that +77%"),  # the audit sees it drift
        (-0.6, 1.0, "growth", 2, "the audit found no sign that it did not (drift of −60% to +100%"),
    ],
)
def test_a_trend_names_the_tier_that_it_stands_in(low, high, verdict, tier, told):
    drift = pd.DataFrame({"grievance": ["price"], "low": [low], "high": [high]})
    row = judge_trend(daily(price=RISING), drift=drift).iloc[0]
    assert (row["verdict"], row["tier"]) == (verdict, tier)
    assert row["size"] == ("marked" if verdict == "growth" else "")
    assert told in row["sentence_en"]
    assert ("扣除前为 +77%" if tier == 1 else "审核没有发现相反的迹象") in row["sentence_zh"]
    assert (row["drift_p"] < 0.05) == (low > 0)


def test_without_an_audit_nobody_has_tested_whether_the_coder_judged_alike():
    row = judge_trend(daily(price=RISING)).iloc[0]
    assert (row["verdict"], row["tier"]) == ("growth", 2)
    assert "which no audit has tested" in row["sentence_en"]


def test_the_p_value_of_the_audit_decides_where_it_is_given():
    drift = pd.DataFrame({"grievance": ["price"], "low": [-0.6], "high": [1.0], "p": [0.01]})
    row = judge_trend(daily(price=RISING), drift=drift).iloc[0]
    assert (row["verdict"], row["tier"], row["drift_p"]) == ("no_trend", 1, 0.01)


def test_drift_columns_may_have_their_long_names():
    long = pd.DataFrame({"grievance": ["price"], "drift_low": ["0.1"], "drift_high": ["1.2"]})
    assert judge_trend(daily(price=RISING), drift=long)["verdict"][0] == "no_trend"


def test_the_printed_interval_holds_the_drift():
    """Both errors add on the log scale: a normal for the audit, hardly any noise in the series."""
    drift = pd.DataFrame({"grievance": ["price"], "low": [0.1], "high": [0.3]})
    row = judge_trend(daily(price=RISING), drift=drift).iloc[0]
    assert row["growth"] == pytest.approx(np.exp(0.57) / np.sqrt(1.1 * 1.3) - 1, abs=0.005)
    assert row["low"] == pytest.approx(np.exp(0.57) / 1.3 - 1, abs=0.01)
    assert row["high"] == pytest.approx(np.exp(0.57) / 1.1 - 1, abs=0.01)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (-0.05, 0.05, "flat"),
        (-0.3, 0.4, "flat"),  # if the coder judged alike
        (0.05, 0.4, "decline"),  # the coder found more and more, and yet the counts stood still
    ],
)
def test_flat_needs_the_interval_with_a_drift_that_the_audit_sees(low, high, verdict):
    drift = pd.DataFrame({"grievance": ["price"], "low": [low], "high": [high]})
    assert judge_trend(daily(price=STEADY), drift=drift)["verdict"][0] == verdict


def broken(change):
    rows = daily(price=RISING)
    return change(rows)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns="items"), "missing: items"),
        (lambda t: t.drop(columns=["date", "grievance"]), "missing: date, grievance"),
        (lambda t: t.assign(items=t["items"] - 2000), "whole numbers"),
        (lambda t: t.assign(items=t["items"] + 0.5), "whole numbers"),
        (lambda t: t.assign(items="viele"), "whole numbers"),
        (lambda t: t.assign(items=None), "whole numbers"),
        (lambda t: t.assign(items=np.inf), "whole numbers"),
        (lambda t: pd.concat([t, t.iloc[[3]]]), "2020-06-04 × price"),
        (lambda t: t.assign(date="gestern"), "gestern"),
        (lambda t: t.assign(date=None), "every date must be a day"),
        (lambda t: t.assign(grievance=" "), "name its grievance"),
        (lambda t: t.assign(grade="splendid"), "splendid"),
    ],
)
def test_broken_tables_are_refused(change, message):
    with pytest.raises(CaodianError, match=message):
        judge_trend(broken(change))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"unit": "euros"}, "euros"),
        ({"unit": "families"}, "missing: families"),
        ({"grades": pd.DataFrame({"date": ["2020-06-01"]})}, "missing: grade"),
        ({"drift": pd.DataFrame({"grievance": ["price"]})}, "missing: low, high"),
        (
            {"drift": pd.DataFrame({"grievance": ["price"], "low": [0.2], "high": [0.1]})},
            "0.2 to 0.1",
        ),
        ({"event_days": ["next week"]}, "next week"),
    ],
)
def test_broken_options_are_refused(options, message):
    with pytest.raises(CaodianError, match=message):
        judge_trend(daily(price=RISING), **options)


def test_a_window_of_years_is_not_testable():
    dates = pd.date_range("2011-05-02", periods=121).strftime("%Y-%m-%d")
    daily = pd.DataFrame({"date": dates, "grievance": "price", "items": range(121)})
    row = judge_trend(daily).iloc[0]
    assert row["verdict"] == "not_testable"
    assert "--study" in row["sentence_en"]
    assert "--study" in row["sentence_zh"]


def by_month(**series):
    """One column of counts a grievance, by month from March 2012 on."""
    dates = pd.date_range("2012-03-01", periods=len(next(iter(series.values()))), freq="MS")
    wide = pd.DataFrame(series).assign(date=dates.strftime("%Y-%m-%d"))
    return wide.melt("date", var_name="grievance", value_name="items")


def test_a_series_by_month_is_the_same_test_in_other_words():
    days, months = judge_trend(daily(price=RISING)), judge_trend(
        by_month(price=RISING), period="month"
    )  # fmt: skip
    numbers = [name for name in COLUMNS if not name.startswith("sentence")]
    pd.testing.assert_frame_equal(days[numbers], months[numbers])
    assert "over 20 months" in months["sentence_en"][0]
    assert "items a month" in months["sentence_en"][0]
    assert "20 个月内" in months["sentence_zh"][0]
    assert "条/月" in months["sentence_zh"][0]
    for sentence in (months["sentence_en"][0], months["sentence_zh"][0]):
        assert "day" not in sentence.replace("no event days assumed", "")
        assert "天" not in sentence


def test_a_month_without_rows_is_a_gap_and_a_cut_end_is_none():
    rows = by_month(price=RISING)
    gap = judge_trend(rows[rows["date"] != "2012-08-01"], period="month")
    assert gap["days"][0] == 19
    assert "over 20 months (1 missing)" in gap["sentence_en"][0]
    ends = ("2012-03-01", "2013-10-01")
    grades = pd.DataFrame({"date": ends, "grade": "partial"})
    cut = judge_trend(rows, grades=grades, period="month")
    inner = judge_trend(rows[~rows["date"].isin(ends)], period="month")
    pd.testing.assert_frame_equal(cut, inner)
    assert "missing" not in cut["sentence_en"][0]


def test_an_event_day_makes_its_week_an_event_week():
    dates = pd.date_range("2020-03-02", periods=20, freq="7D").strftime("%Y-%m-%d")
    counts = [1500, 1540] * 10
    counts[15] = 4000
    rows = pd.DataFrame({"date": dates, "grievance": "price", "items": counts})
    table = judge_trend(rows, event_days=PEAK, period="week")
    assert "event weeks 2020-06-15 modelled" in table["sentence_en"][0]
    assert "活动周 2020-06-15 已纳入模型" in table["sentence_zh"][0]
    assert table["verdict"][0] == "flat"


@pytest.mark.parametrize(("period", "word"), [("week", "Monday"), ("month", "1st")])
def test_a_table_by_day_is_no_table_by_week_or_month(period, word):
    with pytest.raises(CaodianError, match=word):
        judge_trend(daily(price=RISING), period=period)


def test_too_few_weeks_are_said_in_weeks():
    rows = by_month(price=RISING[:9])
    row = judge_trend(rows, period="month").iloc[0]
    assert row["verdict"] == "not_testable"
    assert "9 usable months" in row["sentence_en"]
    assert "9 个月" in row["sentence_zh"]


def test_no_rows_are_no_trends_and_days_too_few_are_not_testable():
    assert judge_trend(daily(price=RISING).head(0)).columns.tolist() == list(COLUMNS)
    for days in (1, 3):
        assert verdicts(judge_trend(daily(price=RISING[:days]))) == {"price": "not_testable"}


def test_the_period_is_told_by_the_dates():
    rows = by_month(price=RISING)
    pd.testing.assert_frame_equal(judge_trend(rows), judge_trend(rows, period="month"))


def test_either_kind_of_table_and_any_index_give_the_same_trends():
    rows = daily(price=RISING, negative=STEADY)
    plain = judge_trend(rows, PEAK)
    for column in ("date", "grievance"):
        rows[column] = rows[column].astype("category")
    pd.testing.assert_frame_equal(judge_trend(rows.set_axis([0] * len(rows)), PEAK), plain)
    times = pd.to_datetime(daily(price=RISING)["date"])
    for dates in (times, times.dt.tz_localize("Asia/Shanghai"), times.dt.date):
        one = judge_trend(daily(price=RISING).assign(date=dates), PEAK)
        assert one["growth"].tolist() == judge_trend(daily(price=RISING), PEAK)["growth"].tolist()
    polars = judge_trend(pl.DataFrame(daily(price=RISING, negative=STEADY)), PEAK)
    assert isinstance(polars, pl.DataFrame)
    assert polars.rows() == pl.from_pandas(plain).rows()


GIVEN = ["all", "negative", "price", "delivery", "after_sales", "counterfeit"]


@pytest.mark.parametrize("days", [None, 20])
@pytest.mark.parametrize(("claimed", "sizes"), [((), [1, 4, 4]), (("price",), [1, 3, 1])])
def test_the_smallest_growth_that_can_be_seen_is_found_four_times_of_five(days, claimed, sizes):
    """Series that grow by exactly so much, with an error that their days tell, judged by t."""
    import analysis as cd

    error, freedom = 0.05, np.inf if days is None else 16
    ends = np.expm1(stats.t.ppf(0.975, freedom) * error * np.array([-1, 1]))
    trends = pd.DataFrame({"grievance": GIVEN})
    trends = trends.assign(low=[ends[0]] * 5 + [np.nan], high=[ends[1]] * 5 + [np.nan])
    if days is not None:
        trends["days"] = days
    seen = cd.smallest_growth(trends, claimed=claimed)["smallest_growth"]
    assert np.isnan(seen[5])
    generator = np.random.default_rng(1)
    for size, growth in zip(sizes, seen, strict=False):
        drawn = generator.normal(np.log1p(growth), error, 40_000)
        told = error
        if days is not None:
            told = error * np.sqrt(generator.chisquare(freedom, 40_000) / freedom)
        p = 2 * stats.t.sf(np.abs(drawn) / told, freedom)
        assert np.mean(p < 0.05 / size) == pytest.approx(0.8, abs=0.015)


@pytest.mark.parametrize(
    ("verdict", "size", "steady", "fluctuating"),
    [
        ("growth", "slight", "小幅增长", "波动中小幅增长"),
        ("growth", "marked", "明显增长", "波动中明显增长"),
        ("growth", "uncertain", "增长，幅度不确定", "波动中增长，幅度不确定"),
        ("decline", "", "下降", "波动中下降"),
        ("flat", "", "平稳", "有波动，总体平稳"),
        ("no_trend", "", "未能确认趋势", "有波动，未能确认趋势"),
    ],
)
def test_a_fluctuating_series_is_called_so_in_chinese(verdict, size, steady, fluctuating):
    found = [
        trend._lead_chinese(
            SimpleNamespace(verdict=verdict, size=size, fluctuation=SimpleNamespace(holds=swings))
        )
        for swings in (False, True)
    ]
    assert found == [steady, fluctuating]


@pytest.mark.parametrize(
    ("missing", "doubtful", "period", "zh", "en"),
    [
        (0, 0, "day", "", ""),
        (1, 0, "day", "（缺 1 天）", " (1 missing)"),
        (0, 2, "week", "（2 周存疑）", " (2 doubtful)"),
        (3, 1, "month", "（缺 3 个月，1 个月存疑）", " (3 missing, 1 doubtful)"),
    ],
)
def test_gaps_are_told_in_both_languages(missing, doubtful, period, zh, en):
    gaps = SimpleNamespace(missing=missing, doubtful=doubtful, period=period)
    assert (trend._gaps_chinese(gaps), trend._gaps_english(gaps)) == (zh, en)


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame])
def test_another_table_than_that_of_trends_is_told_which(kind):
    with pytest.raises(CaodianError, match=r"grievance.*judge_trend"):
        trend.smallest_growth(kind({"text": ["慢"]}))


def test_the_smallest_growth_is_that_found_in_eight_of_ten():
    """Student's t by hand: 16 degrees of freedom, one series, half-width .1 of the logarithm."""
    low, high = np.exp(-0.1) - 1, np.exp(0.1) - 1
    table = pd.DataFrame({"grievance": ["price"], "days": [20], "low": [low], "high": [high]})
    error = 0.1 / 2.119905
    grown = np.exp((2.119905 + 0.864667) * error) - 1  # t of 16 at .975 and at .8
    told = trend.smallest_growth(table)["smallest_growth"]
    assert told.tolist() == pytest.approx([grown], abs=2e-6)


def test_ranks_are_those_of_the_share_and_the_slope_is_that_of_the_count_over_the_gap():
    """Days 8 and 9 are missing; the share falls while posts and items grow."""
    days = [day for day in range(20) if day not in (8, 9)]
    price = np.array([100 + 4 * day + 9 * (day % 3) for day in days])
    posts = np.array([1000 + 90 * day for day in days])
    dates = [f"2020-06-{day + 1:02d}" for day in days]
    daily = pd.concat(
        pd.DataFrame({"date": dates, "grievance": name, "items": items})
        for name, items in (("all", posts), ("price", price))
    )
    series = arrange_daily(daily)
    none = np.zeros(18, dtype=bool)
    judged, counted = (
        judge_series(series, none, {}, measure=measure) for measure in (SHARE, COUNT)
    )
    found = _evidence("price", (judged["price"], counted["price"]), series, [], "items")
    share = np.log(price + 0.5) - np.log(posts + 0.5)
    assert found.tau == pytest.approx(stats.kendalltau(days, share).statistic)
    assert found.tau < 0 < stats.kendalltau(days, price).statistic
    pairs = [(i, j) for i in range(18) for j in range(i + 1, 18)]
    slopes = [(price[j] - price[i]) / (days[j] - days[i]) for i, j in pairs]
    assert found.sen == pytest.approx(np.median(slopes))


def test_the_drift_that_was_taken_out_stands_beside_its_ends():
    drift = pd.DataFrame({"grievance": ["price"], "low": [0.2], "high": [0.8]})
    table = judge_trend(daily(price=STEADY, delivery=RISING), drift=drift).set_index("grievance")
    columns = ["drift_low", "drift_high", "drift_removed"]
    removed = np.sqrt(1.2 * 1.8) - 1  # the middle of the logarithms
    assert table.loc["price", columns].tolist() == pytest.approx([0.2, 0.8, removed], abs=1e-6)
    assert table.loc["delivery", columns].isna().all()


@pytest.mark.parametrize(
    ("claimed", "sizes"), [((), (3, 3, 3, 1)), (("price",), (1, 2, 2, 1)), (("all",), (3, 3, 3, 1))]
)
def test_the_smallest_growth_is_that_of_the_strictest_level_of_a_family(claimed, sizes):
    """Student's t with n - 4 degrees: half the interval, Holm's first step and 80 % of power."""
    table = pd.DataFrame({
        "grievance": ["price", "delivery", "negative", "all", "rare"], "days": [20, 20, 12, 20, 20],
        "low": [-0.2, -0.1, -0.3, -0.1, None], "high": [0.5, 0.2, 0.4, 0.1, None],
    })  # fmt: skip
    found = smallest_growth(table, claimed=claimed)["smallest_growth"].tolist()
    for row, size, growth in zip(table.itertuples(), sizes, found, strict=False):
        t = stats.t(row.days - 4)
        error = (np.log1p(row.high) - np.log1p(row.low)) / 2 / t.isf(0.025)
        needed = t.isf(0.05 / 2 / size) + t.ppf(0.8)
        assert growth == pytest.approx(np.expm1(needed * error), abs=1e-6)
    assert np.isnan(found[-1])


def test_a_table_of_few_days_has_one_degree_of_freedom():
    table = pd.DataFrame({"grievance": ["price"] * 2, "days": [4, 5], "low": -0.2, "high": 0.5})
    one, other = smallest_growth(table)["smallest_growth"]
    assert one == other > 0.9  # without any degree of freedom there would be none


@pytest.mark.parametrize("different", [1, 2, 5, 50, 10**6])
def test_tau_and_slope_are_those_of_scipy_to_the_last_bit(different):
    """Series of two to eighty days with gaps, of a few different values or of many."""
    generator = np.random.default_rng(different)
    for days in range(2, 81):
        number = np.sort(generator.choice(200, days, replace=False))
        counts = generator.integers(0, different, days)
        logs = np.round(np.log(counts + generator.choice([0.5, 0.7], days)), 12)
        for values in (counts, logs):
            ranked = stats.kendalltau(number, values).statistic
            assert kendall_tau(number, values) == (0 if np.isnan(ranked) else ranked)
            assert sen_slope(number, values) == stats.theilslopes(values, number).slope


def test_tau_counts_ties_for_neither_side_and_ends_at_one():
    assert kendall_tau(np.arange(4), np.array([1, 1, 2, 2])) == pytest.approx(4 / np.sqrt(24))
    assert kendall_tau(np.arange(9), np.arange(9)) == 1
    assert kendall_tau(np.arange(3), -np.arange(3)) == -1
    assert kendall_tau(np.arange(1), np.arange(1)) == 0 == sen_slope(np.arange(1), np.arange(1))
