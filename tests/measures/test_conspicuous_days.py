"""The table of conspicuous days: found where planted, described, without any post's own id."""

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import stats

from analysis.measures.conspicuous_days import (
    TABLE,
    compare_event_days,
    list_conspicuous_days,
    post_digest,
)
from analysis.measures.prevalence import count_platform_sub_grievances
from analysis.study.load import study_of_range

STUDY = study_of_range("x", date(2020, 6, 1), date(2020, 6, 20), [])


def coded(burst=120):
    rows = []
    for day in range(20):
        for i in range(60 + day % 3):
            rows.append((day, f"快递太慢了等了好久 {day}-{i}", f"w:{day}-{i}", []))
    rows += [(7, "大主播卖的鲜花到手全部枯萎", "w:copy", ["淘宝"])] * burst
    rows += [(7, f"鲜花枯萎退款无门 {i}", f"w:own{i}", ["淘宝"]) for i in range(4)]
    return pl.DataFrame(
        {
            "published_at": [datetime(2020, 6, 1, 9) + timedelta(days=row[0]) for row in rows],
            "text": [row[1] for row in rows],
            "family_id": [row[2] for row in rows],
            "platforms": pl.Series([row[3] for row in rows], dtype=pl.List(pl.String)),
            "is_negative": True,
            "grievances": [["live_streaming"]] * len(rows),
        }
    )


def daily(posts):
    counts = posts.group_by(pl.col("published_at").dt.date().alias("date")).len("items")
    frame = pd.DataFrame(counts.sort("date").to_dict(as_series=False))
    quiet = pd.DataFrame(
        {"date": frame["date"], "grievance": "price", "items": np.tile([100, 104], 10)}
    )
    return pd.concat([frame.assign(grievance="live_streaming"), quiet])


def test_a_planted_burst_is_listed_with_its_posts(tmp_path):
    posts = coded()
    posts.write_parquet(tmp_path / "part.parquet")
    table = list_conspicuous_days(
        pl.scan_parquet(tmp_path / "part.parquet"), daily(posts), STUDY, draws=299
    )
    assert tuple(table.columns) == TABLE
    row = table[table["is_found"]].iloc[0]
    assert (row["grievance"], row["break_kind"], row["date"]) == (
        "live_streaming", "burst", "2020-06-08",
    )  # fmt: skip
    assert row["items"] == 60 + 7 % 3 + 124
    assert row["top_families"].split(";")[0] == f"{post_digest('w:copy')} 120"
    assert "w:" not in row["top_families"]
    assert row["platform"] == "淘宝"
    other = table[table["grievance"] == "price"].iloc[0]
    assert not other["is_found"] and pd.isna(other["items"])


def test_all_posts_are_no_series_of_the_table():
    posts = coded(burst=0)
    table = daily(posts)
    table = pd.concat([table, table[table["grievance"] == "price"].assign(grievance="all")])
    found = list_conspicuous_days(posts, table, STUDY, draws=99)
    assert set(found["grievance"]) == {"live_streaming", "price"}


def test_sub_grievances_within_platforms_agree_with_plain_counting():
    generator = np.random.default_rng(1)
    subs = ["counterfeit.fake_goods", "counterfeit.authentication", "price.price_surge"]
    rows = [
        {
            "is_negative": bool(generator.random() < 0.7),
            "grievances": ["counterfeit"],
            "sub_grievances": [s for s in subs if generator.random() < 0.4],
            "platforms": [p for p in ("得物", "京东") if generator.random() < 0.5],
            "family_id": f"f{generator.integers(0, 40)}",
        }
        for _ in range(200)
    ]
    table = count_platform_sub_grievances(pl.DataFrame(rows)).set_index(
        ["platform", "sub_grievance"]
    )
    for platform in ("得物", "京东"):
        for sub in subs:
            held = [
                r
                for r in rows
                if r["is_negative"] and platform in r["platforms"] and sub in r["sub_grievances"]
            ]
            found = table.loc[(platform, sub)]
            assert found["items"] == len(held)
            assert found["families"] == len({r["family_id"] for r in held})
            assert found["grievance"] == sub.split(".")[0]


# Event days against the others.

DAYS_OF_JUNE = [f"2020-06-{day:02d}" for day in range(1, 21)]
EVENTS = DAYS_OF_JUNE[15:18]


def counts_of(**series):
    return pd.concat(
        pd.DataFrame({"date": DAYS_OF_JUNE, "grievance": name, "items": items})
        for name, items in series.items()
    )


def level(usual, on_events):
    """A series that swings a little around two levels."""
    return [(on_events if 15 <= day < 18 else usual) + (day * 7) % 5 - 2 for day in range(20)]


def test_the_ratio_is_that_of_the_mean_logarithms_of_the_shares():
    daily = counts_of(all=[1000] * 20, price=level(40, 80))
    [row] = compare_event_days(daily, EVENTS).to_dict("records")
    logs = np.log((np.array(level(40, 80)) + 0.5) / 1000.5)
    expected = np.exp(logs[15:18].mean() - np.delete(logs, [15, 16, 17]).mean())
    assert row["ratio"] == pytest.approx(expected, abs=1e-6)
    assert row["low"] < row["ratio"] < row["high"] and row["low"] > 1.5
    assert (row["verdict"], row["measure"], row["days_event"]) == ("higher", "share", 3)
    assert (row["items_event"], row["items_other"]) == (
        sum(level(40, 80)[15:18]), sum(level(40, 80)) - sum(level(40, 80)[15:18])
    )  # fmt: skip


def test_what_grows_with_all_posts_is_no_difference():
    daily = counts_of(all=level(1000, 2000), price=level(40, 80), delivery=level(90, 45))
    told = compare_event_days(daily, EVENTS).set_index("grievance")["verdict"]
    assert told.to_dict() == {"delivery": "lower", "price": "no_difference"}


@pytest.mark.parametrize(
    ("daily", "events"),
    [
        (counts_of(all=[1000] * 20, price=level(40, 80)), EVENTS[:1]),  # one event day
(counts_of(all=[1000] * 20, price=[0] * 15 + [9] * 3 + [0] * 2), EVENTS),  # 27 items
        (counts_of(all=[1000] * 20, price=[9] * 15 + [3] * 3 + [9] * 2), EVENTS),  # 9 on events
        (counts_of(all=[1000] * 20, price=level(40, 80)), DAYS_OF_JUNE[:17]),  # three others
    ],
    ids=["one_event_day", "few_items", "few_items_on_event_days", "few_other_days"],
)  # fmt: skip
def test_too_little_is_said_and_has_no_ratio(daily, events):
    [row] = compare_event_days(daily, events).to_dict("records")
    assert row["verdict"] == "not_testable" and np.isnan(row["ratio"])


@pytest.mark.parametrize(
    ("price", "events", "is_tested"),
    [
        (level(40, 80), EVENTS[:2], True),  # two event days are enough, and so are five others
        (level(40, 80), DAYS_OF_JUNE[:15], True),
        (level(40, 80), DAYS_OF_JUNE[:16], False),
        ([9] * 15 + [4, 3, 3] + [9] * 2, EVENTS, True),  # ten items on the event days
        ([9] * 15 + [3, 3, 3] + [9] * 2, EVENTS, False),
        ([2] * 3 + [1] * 4 + [0] * 8 + [30] * 3 + [0] * 2, EVENTS, True),  # ten on the others
        ([2] * 2 + [1] * 5 + [0] * 8 + [30] * 3 + [0] * 2, EVENTS, False),
    ],
)
def test_event_days_are_compared_from_the_least_days_and_items_on(price, events, is_tested):
    [row] = compare_event_days(counts_of(all=[1000] * 20, price=price), events).to_dict("records")
    assert (row["verdict"] != "not_testable") == is_tested


def test_ends_and_probabilities_are_students_over_two_levels_with_memory():
    """By matrices, as generalised least squares has them: φ is .2 at least, days are 20."""
    price, rare = level(40, 80), level(90, 110)
    table = compare_event_days(counts_of(all=[1000] * 20, price=price, rare=rare), EVENTS)
    inside = np.isin(np.arange(20), [15, 16, 17])
    levels = np.column_stack([inside, ~inside]).astype(float)
    logs = np.log((np.array([price, rare]) + 0.5) / 1000.5)
    rests = logs - logs @ levels @ np.linalg.inv(levels.T @ levels) @ levels.T
    correlations = [(rest[1:] * rest[:-1]).sum() / (rest**2).sum() for rest in rests]
    r = np.mean(correlations)
    phi = np.clip(r + (1 + 4 * r) / 20 + 1 / 20, 0.2, 0.8)
    likeness = phi ** np.abs(np.subtract.outer(np.arange(20), np.arange(20)))
    maker = np.eye(20) - levels @ np.linalg.inv(levels.T @ levels) @ levels.T
    contrast = inside / 3 - ~inside / 17
    p_values = []
    for name, one, rest, counts in zip(("price", "rare"), logs, rests, (price, rare), strict=True):
        chance = 1 / np.mean(counts) + 1 / 1000
        variance = max((rest**2).sum() / np.trace(maker @ likeness), chance)
        error = np.sqrt(contrast @ likeness @ contrast * variance)
        row = table.set_index("grievance").loc[name]
        half = stats.t(17).isf(0.025) * error
        assert row["low"] == pytest.approx(np.exp(contrast @ one - half), abs=1e-5)
        assert row["high"] == pytest.approx(np.exp(contrast @ one + half), abs=1e-5)
        p_values.append(2 * stats.t(17).sf(abs(contrast @ one) / error))
        assert row["p"] == pytest.approx(p_values[-1], abs=1e-6)
    holm = [min(1, 2 * p) if p == min(p_values) else max(p, 2 * min(p_values)) for p in p_values]
    assert table["p_holm"].tolist() == pytest.approx(holm, abs=2e-6)


def test_a_day_unfit_for_use_is_no_event_day():
    daily = counts_of(all=[1000] * 20, price=level(40, 80))
    grades = pd.DataFrame({"date": DAYS_OF_JUNE, "grade": ["good"] * 15 + ["unfit"] + ["good"] * 4})
    [row] = compare_event_days(daily, EVENTS, grades).to_dict("records")
    assert row["days_event"] == 2 and row["items_event"] == sum(level(40, 80)[16:18])


def test_without_event_days_there_is_nothing_to_compare():
    daily = counts_of(all=[1000] * 20, price=level(40, 80))
    assert compare_event_days(daily, []).empty


@pytest.mark.slow
def test_one_table_in_twenty_finds_something_where_nothing_differs():
    rng, alarms = np.random.default_rng(7), 0
    for _ in range(200):
        series = {f"code{n}": rng.poisson(30 * np.exp(rng.normal(0, 0.2, 20))) for n in range(9)}
        table = compare_event_days(counts_of(all=rng.poisson([3000] * 20), **series), EVENTS)
        alarms += table["verdict"].isin(["higher", "lower"]).any()
    assert alarms <= 18  # 10 are expected; 19 have a chance of one in two hundred
