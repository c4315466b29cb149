"""Headlines by rule: a table in, a sentence out, and nothing said that the table cannot bear."""

import numpy as np
import pandas as pd
import pytest

import analysis as cd
from analysis.plots.findings import tell_campaigns, tell_trends
from analysis.words import load_words

ZH, EN = load_words("zh"), load_words("en")
WITHIN_ERRORS = "各渠道吐槽占比的差别，不超出编码器的误差"
DAYS = [f"2020-06-{day:02d}" for day in range(1, 21)]


def counts(negative, **codes):
    """Counts by code: a number, or estimate with its ends."""
    rows = [{"grievance": "all", "items": 90_000}]
    for code, size in {"negative": negative, **codes}.items():
        items, *ends = size if isinstance(size, tuple) else (size,)
        rows.append({"grievance": code, "items": items} | dict(zip(ENDS, ends, strict=False)))
    return pd.DataFrame(rows).reindex(columns=["grievance", "items", *ENDS])


ENDS = ("estimate", "low", "high")


@pytest.mark.parametrize(
    ("table", "zh", "en"),
    [
        # A bare count stands for itself; it leads where ten per cent and chance leave no doubt.
        (counts(2000, price=900, delivery=300),
         "吐槽 2,000 条，价格最多，900 条", "2,000 negative items; largest kind: price, 900"),
        # 320 against 300 could be the other way round.
        (counts(2000, price=320, delivery=300, after_sales=20),
         "吐槽 2,000 条，价格、发货与物流这 2 类分不出先后",
         "2,000 negative items; the 2 largest (price and delivery) cannot be ranked"),
        (counts(2000, price=320, delivery=310, after_sales=305, counterfeit=300, unfair_terms=9),
         "吐槽 2,000 条，前 4 类分不出先后",
         "2,000 negative items; the 4 largest kinds cannot be ranked"),
        # A corrected estimate is about so much, and its own interval decides.
        (counts((2000, 2100.4, 1900, 2300), price=(800, 1500.2, 1300, 1700),
                delivery=(900, 1000, 900, 1200)),
         "吐槽约 2,100 条，价格最多，约 1,500 条",
         "About 2,100 negative items; largest kind: price, about 1,500"),
        (counts((2000, 2100, 1900, 2300), price=(800, 1500, 1100, 1900),
                delivery=(900, 1000, 900, 1100)),
         "吐槽约 2,100 条，价格、发货与物流这 2 类分不出先后",
         "About 2,100 negative items; the 2 largest (price and delivery) cannot be ranked"),
        # A wide interval beside another changes nothing of the first.
        (counts((2000, 2100, 1900, 2300), price=(300, 400, 300, 500), delivery=(60, 50, 10, 90)),
         "吐槽约 2,100 条，价格最多，约 400 条",
         "About 2,100 negative items; largest kind: price, about 400"),
        (counts(4, price=4), "吐槽 4 条，太少，说不出哪类最多",
         "4 negative items; too few to rank the kinds"),
        (counts(29, price=29), "吐槽 29 条，太少，说不出哪类最多",
         "29 negative items; too few to rank the kinds"),
        (counts(1, price=1), "吐槽 1 条，太少，说不出哪类最多",
         "1 negative item; too few to rank the kinds"),
        # A withheld count is no nought: what is known is ranked.
        (counts(200, price=120, delivery=None),
         "吐槽 200 条，价格最多，120 条", "200 negative items; largest kind: price, 120"),
    ],
)  # fmt: skip
def test_codes_are_ranked_where_their_intervals_are_apart(table, zh, en):
    assert cd.plot_grievances(table).title == zh
    assert cd.plot_grievances(table, language="en").title == en


def subs(code, **sizes):
    rows = counts(0, **sizes).iloc[2:]
    return rows.rename(columns={"grievance": "sub_grievance"}).assign(grievance=code)


@pytest.mark.parametrize(
    ("code", "table", "title"),
    [
        ("red_envelope", {"amount_too_small": 400, "not_credited": 90, "unfair_rules": 80},
         "红包活动：金额太小最多，400 条"),
        ("red_envelope", {"amount_too_small": 100, "not_credited": 90, "unfair_rules": 20},
         "红包活动：金额太小、没有到账这 2 项分不出先后"),
        ("red_envelope", {"amount_too_small": 9, "not_credited": 1},
         "红包活动：各细类太少，分不出先后"),
        ("price", {"price_surge": 40, "price_drop_after_purchase": 300,
                   "price_protection_refused": 200}, "价格：降价与拒绝保价的抱怨多于涨价"),
        ("price", {"price_surge": 400, "price_drop_after_purchase": 30},
         "价格：涨价的抱怨多于降价与拒绝保价"),
        # 140 against 60 + 60, and what is in neither strand does not count.
        ("price", {"price_surge": 140, "price_drop_after_purchase": 60,
                   "price_protection_refused": 60, "promotion_gimmick": 900},
         "价格：两股抱怨哪股更多，分不出来"),
        # Ends add up: 100 to 300 against 150 to 500.
        ("price", {"price_surge": (90, 200, 100, 300),
                   "price_drop_after_purchase": (90, 150, 100, 250),
                   "price_protection_refused": (50, 100, 50, 250)},
         "价格：两股抱怨哪股更多，分不出来"),
        ("price", {"price_surge": 9, "promotion_gimmick": 900}, "价格：抱怨太少，分不出哪股更多"),
    ],
)  # fmt: skip
def test_parts_of_a_code_are_ranked_by_the_same_rule(code, table, title):
    assert cd.plot_sub_grievances(subs(code, **table), code).title == title


@pytest.mark.parametrize(
    ("sizes", "title"),
    [
        ({"得物": 900, "淘宝": 90}, "Named most: Dewu, in 900 negative items"),
        ({"得物": 100, "淘宝": 90}, "Named most, too close to rank: Dewu and Taobao"),
        ({"得物": 100, "淘宝": 90, "京东": 88, "天猫": 87, "抖音": 1},
         "The 4 platforms named most cannot be ranked"),
        ({"得物": 20, "淘宝": 1}, "Too few items name a platform to say which leads"),
    ],
)  # fmt: skip
def test_platforms_are_ranked_by_the_same_rule(sizes, title):
    table = pd.DataFrame({"platform": list(sizes), "items": list(sizes.values())})
    assert cd.plot_platforms(table, language="en").title == title


@pytest.mark.parametrize(
    ("sizes", "title"),
    [
        ({"weibo": (9000, 900), "complaint": (900, 600)}, "投诉平台的吐槽占比最高：66.7%"),
        ({"weibo": (9000, 900), "complaint": (900, 600), "app_store": (900, 590)},
         "投诉平台、应用商店的吐槽占比最高，分不出先后"),
        # Nine posts that are all negative are no finding.
        ({"weibo": (9000, 900), "complaint": (9, 9)}, "各渠道的帖子太少，不比较吐槽占比"),
        ({"weibo": (9000, 900)}, "全部来自微博，其中 10.0% 是吐槽"),
        ({"weibo": (9, 9)}, "各渠道的帖子太少，不比较吐槽占比"),
        # Chance does not explain it, the coder's errors do: of Tieba a fifth may be called without
        # reason. Beside them shares that its errors cannot set so far apart.
        ({"weibo": (9000, 270), "tieba": (9000, 1890)}, WITHIN_ERRORS),
        ({"weibo": (9000, 270), "tieba": (9000, 3150)}, "百度贴吧的吐槽占比最高：35.0%"),
        ({"weibo": (9000, 900), "tieba": (9000, 2700)}, WITHIN_ERRORS),
        ({"weibo": (9000, 900), "tieba": (9000, 4500)}, "百度贴吧的吐槽占比最高：50.0%"),
        # Where they explain what parts the two highest, and not the last from these: those two.
        ({"weibo": (9000, 270), "tieba": (9000, 4050), "complaint": (9000, 5400)},
         "投诉平台、百度贴吧的吐槽占比最高，分不出先后"),
        # Half may be all that it finds where everything is negative.
        ({"weibo": (9000, 4500), "complaint": (9000, 8100)}, WITHIN_ERRORS),
        # A withheld count has no share.
        ({"weibo": (9000, None), "complaint": (900, 600), "tieba": (800, 90)},
         "投诉平台的吐槽占比最高：66.7%"),
    ],
)  # fmt: skip
def test_channels_are_compared_by_their_share(sizes, title):
    rows = [(name, *pair) for name, pair in sizes.items()]
    table = pd.DataFrame(rows, columns=["channel", "items", "negative_items"])
    assert cd.plot_channels(table).title == title


def test_inside_an_english_headline_only_names_have_a_capital():
    table = pd.DataFrame(
        {"channel": ["app_store", "weibo"], "items": 900, "negative_items": [600, 590]}
    )
    title = cd.plot_channels(table, language="en").title
    assert title == "Highest negative shares, too close to rank: app stores and Weibo"


@pytest.mark.parametrize(
    ("sizes", "title"),
    [
        ({"1": (400, 360), "3": (90, 40), "5": (400, 20), "none": (9000, 8000)},
         "One star: 90.0% negative; five stars: 5.00% (the coder sees the stars)"),
        # Few posts with one star: the next that has enough stands for the low end.
        ({"1": (9, 9), "2": (400, 300), "5": (400, 20)},
         "Two stars: 75.0% negative; five stars: 5.00% (the coder sees the stars)"),
        ({"1": (400, 60), "5": (400, 50)},
         "One star and five stars: no clear difference in the negative share"),
        ({"1": (9, 9), "5": (400, 50)}, "Too few posts with stars to compare them"),
        ({"none": (400, 50)}, "Too few posts with stars to compare them"),
    ],
)  # fmt: skip
def test_stars_are_compared_at_their_ends(sizes, title):
    rows = [(name, *pair) for name, pair in sizes.items()]
    table = pd.DataFrame(rows, columns=["stars", "items", "negative_items"])
    assert cd.plot_ratings(table, language="en").title == title


def verdict(told, low, high, **more):
    return {"grievance": "sms_harassment", "verdict": told, "growth": (low + high) / 2,
            "low": low, "high": high, **more}  # fmt: skip


def by_day(sizes, code="sms_harassment"):
    return pd.DataFrame({"date": DAYS[: len(sizes)], "grievance": code, "items": sizes})


@pytest.mark.parametrize(
    ("sizes", "trend", "zh", "en"),
    [
        ([26] * 20, verdict("no_trend", -0.2, 0.4, measure="share", days=20),
         "短信骚扰日均 26 条，20 天内未见确定增长",
         "SMS harassment: 26 a day, no clear rise or fall in 20 days"),
        ([26] * 20, verdict("growth", 0.12, 0.4, measure="share", days=18),
         "短信骚扰日均 26 条，18 天内在全部帖子中的占比增长至少 12%",
         "SMS harassment: 26 a day, share of all posts up at least 12% in 18 days"),
        ([26] * 20, verdict("decline", -0.6, -0.25, measure="share"),
         "短信骚扰日均 26 条，20 天内在全部帖子中的占比下降至少 25%",
         "SMS harassment: 26 a day, share of all posts down at least 25% in 20 days"),
        # A verdict whose interval reaches past nought bounds nothing.
        ([26] * 20, verdict("growth", -0.02, 0.4), "短信骚扰日均 26 条，20 天内数量增长",
         "SMS harassment: 26 a day, count up in 20 days"),
        ([400] * 20, verdict("flat", -0.05, 0.05), "短信骚扰日均 400 条，20 天内数量平稳",
         "SMS harassment: 400 a day, count steady over 20 days"),
        ([26] * 20, verdict("not_testable", -0.2, 0.4), "短信骚扰日均 26 条，趋势无法检验",
         "SMS harassment: 26 a day, no trend can be tested"),
        ([26] * 20, None, "短信骚扰日均 26 条，趋势未检验",
         "SMS harassment: 26 a day, trend not tested"),
        # Of a handful no mean a day is told.
        ([0, 1, 0, 1], None, "短信骚扰共 2 条，趋势未检验",
         "SMS harassment: 2 items, trend not tested"),
        ([0, 1, 0, 0], None, "短信骚扰共 1 条，趋势未检验",
         "SMS harassment: 1 item, trend not tested"),
        # Nor of days of which one is withheld.
        ([26] * 19 + [None], verdict("no_trend", -0.2, 0.4), "短信骚扰：20 天内未见确定增长",
         "SMS harassment: no clear rise or fall in 20 days"),
    ],
)  # fmt: skip
def test_a_trend_is_told_as_the_test_found_it(sizes, trend, zh, en):
    trends = None if trend is None else pd.DataFrame([trend])
    assert cd.plot_trend(by_day(sizes), trends).title == zh
    assert cd.plot_trend(by_day(sizes), trends, language="en").title == en


@pytest.mark.parametrize(("high", "seen"), [(1.2, True), (3.0, True), (40.0, False)])
def test_the_interval_of_a_trend_stands_in_the_picture_unless_it_dwarfs_the_points(high, seen):
    row = pd.DataFrame([verdict("no_trend", -0.2, high)])
    figure = cd.plot_trend(by_day([26] * 20), row)
    top = figure.axes[0].get_ylim()[1]
    assert bool(top > figure.table["trend_high"].max()) is seen
    assert 26 < top < 60


def test_of_another_code_a_trend_that_is_not_established_is_no_growth_either():
    row = pd.DataFrame([verdict("no_trend", -0.2, 0.4)]).assign(grievance="price")
    daily = by_day([26] * 20, "price")
    assert cd.plot_trend(daily, row, "price").title == "价格日均 26 条，20 天内未见确定的增减"


@pytest.mark.parametrize(
    ("verdicts", "title"),
    [
        ({"price": "no_trend", "delivery": "no_trend"},
         "40 negative items a day; no clear rise or fall in any of 2 kinds"),
        ({"price": "no_trend", "delivery": "not_testable"},
         "40 negative items a day; no clear rise or fall in 1; 1 not testable"),
        ({"price": "not_testable"},
         "40 negative items a day; the trend of the one kind cannot be tested"),
        ({"price": "flat"}, "40 negative items a day; the one kind steady"),
        ({"price": "no_trend"}, "40 negative items a day; no clear rise or fall in the one kind"),
        ({"price": "flat", "delivery": "flat"}, "40 negative items a day; all 2 kinds steady"),
        ({"price": "growth", "delivery": "no_trend", "after_sales": "decline"},
         "40 negative items a day; growth of the count established: price; "
         "decline of the count established: after-sales service"),
        ({"price": "growth", "delivery": "growth", "after_sales": "growth"},
         "40 negative items a day; growth of the count established: 3 kinds"),
        ({}, "40 negative items a day"),
    ],
)  # fmt: skip
def test_the_panels_are_summed_up_by_their_verdicts(verdicts, title):
    assert tell_trends(pd.Series([40.0] * 20), verdicts, "count", EN, has_mean=True) == title


def test_where_nothing_is_counted_or_tested_the_panels_keep_their_plain_name():
    assert tell_trends(None, {}, "", ZH, has_mean=False) == "每天有多少吐槽"


@pytest.mark.parametrize(
    ("told", "title"),
    [
        ("recovered", "直播带货日均 30 条，点名的日子确实较高"),
        ("reproduced", "直播带货日均 30 条，点名的日子确实较高"),
        ("contradicted", "直播带货日均 30 条，点名的日子并不高"),
        ("not_testable", "直播带货日均 30 条，说不清点名的日子是否较高"),
        # Without a verdict nothing is said of the days, however high they look.
        (None, "直播带货日均 30 条"),
    ],
)
def test_named_days_are_judged_by_the_verdict_alone(told, title, study):
    [claim] = [one.id for one in study.claims if one.kind == "peak"]
    claims = None if told is None else pd.DataFrame({"claim_id": [claim], "verdict": [told]})
    daily = by_day([30] * 11 + [60] + [30] * 4 + [0] + [30] * 3, "live_streaming")
    assert cd.plot_peak_days(daily, "live_streaming", None, claims, study=study).title == title
    # Days of the caller's own are no claim.
    own = cd.plot_peak_days(daily, "live_streaming", None, claims, study=study, named=[DAYS[0]])
    assert own.title == "直播带货日均 30 条"


@pytest.mark.parametrize(
    ("grades", "zh", "en"),
    [
        (["good"] * 20, "20 天采集完整", "Collection complete on 20 days"),
        (["good"], "1 天采集完整", "Collection complete on 1 day"),
        (["good"] * 15 + ["doubtful"] * 4 + ["unfit"],
         "20 天中采集完整 15 天，存疑 4 天、不可用 1 天",
         "Of 20 days 15 complete, 4 days doubtful, 1 day unfit"),
    ],
)  # fmt: skip
def test_the_collection_is_called_complete_where_all_of_it_is(grades, zh, en):
    coverage = pd.DataFrame({"date": DAYS[: len(grades)], "grade": grades})
    daily = by_day([5] * len(grades), "all")
    assert cd.plot_coverage(coverage, daily).title == zh
    assert cd.plot_coverage(coverage, daily, language="en").title == en


@pytest.mark.parametrize(
    ("steps", "title"),
    [
        ({"read": (64885, 64885), "negative": (64885, 10278), "coded": (10278, 6066)},
         "From 64,885 records to 10,278 negative items; 6,066 given a kind"),
        ({"read": (1, 1), "negative": (1, 1), "coded": (1, 0)},
         "From 1 record to 1 negative item; 0 given a kind"),
        ({"read": (9, 8)}, "From 9 records to 8"),
        # Of a withheld step nothing is said.
        ({"read": (99, 98), "negative": (None, None), "coded": (None, 9)}, "From 99 records to 9"),
        ({"read": (99, 98), "negative": (98, None), "coded": (None, None)},
         "From export to count"),
    ],
)  # fmt: skip
def test_the_funnel_says_what_is_left(steps, title):
    rows = [(step, before, after, None) for step, (before, after) in steps.items()]
    table = pd.DataFrame(rows, columns=["step", "posts_in", "posts_out", "dropped"])
    assert cd.plot_funnel(table, language="en").title == title


@pytest.mark.parametrize(
    ("empty", "title"),
    [(0, "可用日子的 24 个小时都有帖子"), (3, "可用日子的 24 个小时中 3 个没有帖子")],
)
def test_hours_without_posts_are_counted(empty, title):
    hours = pd.DataFrame({"keyword": "618", "date": "2020-06-01", "hour": range(24),
                          "items": [0] * empty + [5] * (24 - empty), "grade": "good"})  # fmt: skip
    assert cd.plot_hours(hours).title == title


@pytest.mark.parametrize(
    ("covered", "title"),
    [
        ([0.1, 0.9], "最大的 2 个话题中 1 个在编码表之外"),
        ([0.9, 0.6], "最大的 2 个话题都在编码表之内"),
    ],
)
def test_topics_outside_the_codebook_are_counted(covered, title):
    topics = pd.DataFrame({"cluster": [0, 1], "label": "鲜花", "items": 9, "covered": covered})
    assert cd.plot_clusters(topics).title == title


@pytest.mark.parametrize(
    ("z", "title"),
    [
        ([5.0, -4.0], "吐槽的用词：淘宝多说“快递”；京东多说“价格”"),
        ([5.0, 4.0], "吐槽的用词：淘宝多说“快递”、“价格”"),
    ],
)
def test_words_are_named_for_the_side_that_has_more_of_them(z, title):
    table = pd.DataFrame(
        {"term": ["快递", "价格"], "share_first": 0.4, "share_second": 0.3, "z": z}
    )
    assert cd.plot_terms(table, ["淘宝", "京东"], negative=True).title == title
    assert cd.plot_terms(table).title == "两边的用词有何不同"


@pytest.mark.parametrize(
    ("found", "title"),
    [
        (["no_trend"] * 18, "价格：18 种做法里没有一种能确认趋势"),
        (["growth"] * 11 + ["no_trend"] * 7, "价格：18 种做法里 11 种确认增长"),
        (["growth"] * 11 + ["decline"] * 2 + ["no_trend"] * 5,
         "价格：18 种做法里 11 种确认增长、2 种确认下降"),
    ],
)  # fmt: skip
def test_specifications_are_summed_up_by_their_verdicts(found, title):
    choices = ["measure", "unit", "threshold", "event_days", "days_dropped", "coverage"]
    table = pd.DataFrame(
        {
            "claim_id": "C7",
            "specification": range(len(found)),
            "growth": 0.1,
            "grievance": "price",
            "low": -0.1,
            "high": 0.3,
            "holds": True,
            "verdict": found,
        }
    ).assign(**dict.fromkeys([*choices, "correction"], "x"))
    assert cd.plot_specifications(table).title == title


def shares(**campaigns):
    rows = [(name, "negative", share, low, high) for name, (share, low, high) in campaigns.items()]
    return pd.DataFrame(rows, columns=["campaign", "grievance", "share", "low", "high"])


@pytest.mark.parametrize(
    ("table", "form", "title"),
    [
        (shares(this_run=(0.189, 0.17, 0.21), a=(0.04, None, None), b=(0.232, None, None)),
         "estimate",
         "18.9% negative in this run, 4.00% to 23.2% in published ones"),
        (shares(this_run=(0.004, 0.001, 0.009), a=(0.04, None, None)), "fewer",
         "less than 0.90% negative in this run, 4.00% in published ones"),
        (shares(this_run=(None, None, None), a=(0.04, None, None)), "items",
         "Published negative shares: 4.00%"),
        (shares(this_run=(0.189, 0.17, 0.21)), "estimate",
         "618 and Double 11 over the years: shares"),
    ],
)  # fmt: skip
def test_this_run_stands_beside_the_published_campaigns(table, form, title):
    assert tell_campaigns(table, EN, form) == title


def test_a_title_of_the_caller_stays_his():
    assert cd.plot_grievances(counts(2000, price=900), title="夏天").title == "夏天"
    assert cd.plot_trend(by_day([26] * 20), title="夏天").title == "夏天"


@pytest.mark.parametrize(
    ("verdicts", "zh", "en"),
    [
        ({"price": "higher", "delivery": "lower"}, "活动日里，价格的占比较高，发货与物流的占比较低",
         "On event days, a larger share for price; a smaller share for delivery"),
        ({"price": "no_difference", "delivery": "no_difference"},
         "活动日与其他日子比，看不出差别（比了 2 项）",
         "No clear difference between event days and others (2 compared)"),
        ({"negative": "lower", "delivery": "lower", "after_sales": "lower"},
         "活动日里，吐槽总量和 2 类的占比较低",
         "On event days, a smaller share for all negative items and 2 kinds"),
        ({"negative": "lower"}, "活动日里，吐槽总量的占比较低",
         "On event days, a smaller share for all negative items"),
        ({"price": "higher", "delivery": "higher", "after_sales": "higher"},
         "活动日里，3 类的占比较高",
         "On event days, a larger share for 3 kinds"),
    ],
)  # fmt: skip
def test_event_days_differ_where_the_verdict_says_so(verdicts, zh, en):
    # However large the ratios look.
    table = pd.DataFrame({"grievance": list(verdicts), "ratio": 3.0, "low": 1.1, "high": 9.0,
                          "verdict": list(verdicts.values())})  # fmt: skip
    assert cd.plot_event_days(table).title == zh
    assert cd.plot_event_days(table, language="en").title == en


def test_codes_without_enough_on_event_days_are_named_and_not_drawn():
    table = pd.DataFrame({"grievance": ["price", "delivery"], "ratio": [1.1, None],
                          "low": [0.8, None], "high": [1.5, None],
                          "verdict": ["no_difference", "not_testable"]})  # fmt: skip
    figure = cd.plot_event_days(table, language="en")
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["Price"]
    assert any("Too few days or items to test: delivery." in t.get_text() for t in figure.texts)


def test_widths_of_the_flow_are_true_and_what_is_dropped_is_named():
    rows = [("read", 100, 90, 10), ("window", 90, 90, 0), ("negative", 90, 20, 70)]
    table = pd.DataFrame(rows, columns=["step", "posts_in", "posts_out", "dropped"])
    figure = cd.plot_funnel(table, language="en")
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.texts] == ["10 dropped", "70 dropped"]
    # What came in, then of each step what runs on, what turns aside if any does, and what is left.
    expected = [100, 90, 10, 90, 90, 90, 20, 70, 20]
    for patch, width in zip(axes.patches, expected, strict=True):
        across, down = patch.get_xy().T
        for end in (down.min(), down.max()):
            assert np.ptp(across[down == end]) == pytest.approx(width)


def test_parts_are_dots_with_the_coders_count_and_what_was_planted_beside_them():
    table = subs("red_envelope", amount_too_small=(60, 90, 70, 120), not_credited=(30, 40, 20, 60))
    planted = pd.DataFrame({"grievance": ["red_envelope.amount_too_small"], "items": [85]})
    figure = cd.plot_sub_grievances(table, "red_envelope", planted=planted, language="en")
    (axes,) = figure.axes
    drawn = [[float(x) for x in line.get_xdata()] for line in axes.lines]
    first = [[0, 90], [70, 120], [60, 60], [90], [85]]  # from nought, interval, count, dot, ring
    assert drawn == [*first, [0, 40], [20, 60], [30, 30], [40]]
    legend = " ".join(text.get_text() for text in figure.texts)
    assert "Planted by the simulation" in legend and "Coder's count" in legend
    bare = cd.plot_sub_grievances(table[["grievance", "sub_grievance", "items"]], "red_envelope")
    told = " ".join(text.get_text() for text in bare.texts)
    assert "植入" not in told and "区间" not in told
