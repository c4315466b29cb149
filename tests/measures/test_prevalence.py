"""The counts of the report, against a count by hand in plain Python."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pandas as pd
import polars as pl
import pytest

from analysis.coding.codebook import load_codebook
from analysis.errors import CaodianError
from analysis.measures import prevalence
from analysis.measures.prevalence import (
    _count_at_once,
    _count_in_parts,
    count_channels,
    count_codes,
    count_daily,
    count_grievances,
    count_platform_sub_grievances,
    count_platforms,
    count_ratings,
    count_sub_grievances,
    with_named,
)

CODES = ["live_streaming", "price", "delivery"]
SUBS = ["price.price_surge", "live_streaming.after_sales"]


def made_posts(rows: int = 400, seed: int = 3) -> list[dict[str, object]]:
    draw = random.Random(seed)
    posts: list[dict[str, object]] = []
    for number in range(rows):
        is_negative = draw.random() < 0.4
        codes = [code for code in CODES if draw.random() < 0.3] if is_negative else []
        posts.append(
            {
                "post_id": str(number),
                "published_at": datetime(2020, 6, 1) + timedelta(hours=draw.randrange(240)),
                "is_in_window": draw.random() < 0.9,
                "repeat_of": "0" if draw.random() < 0.05 else None,
                "author_key": draw.choice(["a", "b", "c", None]),
                "channel": draw.choice(["weibo", "douyin", None]),
                "rating": draw.choice([1.0, 2.5, 4.0, 5.0, None, 0.0]),
                "is_negative": is_negative,
                "grievances": codes,
                "sub_grievances": ["price.price_surge"] if "price" in codes else [],
                "platforms": draw.choice([[], ["得物"], ["得物", "京东"]]),
                "family_id": f"f{draw.randrange(60)}",
            }
        )
    return posts


def as_frame(posts: list[dict[str, object]]) -> pl.DataFrame:
    frame = pl.DataFrame(posts, infer_schema_length=None)
    return frame.with_columns(pl.col("published_at").dt.replace_time_zone("Asia/Shanghai"))


def countable(posts: list[dict[str, object]]) -> list[dict[str, object]]:
    return [post for post in posts if post["is_in_window"] and post["repeat_of"] is None]


def units_by_hand(posts: list[dict[str, object]]) -> tuple[int, int, int]:
    authors = {post["author_key"] for post in posts} - {None}
    return len(posts), len({post["family_id"] for post in posts}), len(authors)


@pytest.mark.parametrize("at_once", [7, 200, 7_000_000])  # in 55 parts, in two, in one
def test_units_equal_a_count_by_hand(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prevalence, "_AT_ONCE", at_once)
    posts = made_posts()
    table = count_codes(as_frame(posts), CODES).set_index("grievance")
    kept = countable(posts)
    negative = [post for post in kept if post["is_negative"]]
    groups = {"all": kept, "negative": negative}
    groups |= {code: [post for post in negative if code in post["grievances"]] for code in CODES}
    for name, group in groups.items():
        row = table.loc[name]
        assert (row["items"], row["families"], row["authors"]) == units_by_hand(group)
    assert table.loc["all", "share"] == 1
    assert table.loc["negative", "share"] == pytest.approx(len(negative) / len(kept))
    assert table.loc["price", "share"] == pytest.approx(len(groups["price"]) / len(negative))


def test_columns_are_those_of_the_contract() -> None:
    posts = as_frame(made_posts())
    columns = [
        "grievance",
        "items",
        "families",
        "authors",
        "share",
        "estimate",
        "low",
        "high",
        "published",
        "carriers",
    ]
    assert list(count_codes(posts, CODES)) == columns
    assert list(count_daily(posts, CODES)) == ["date", "grievance", "items", "families", "grade"]
    columns = ["grievance", "sub_grievance", "items", "families", "estimate", "low", "high"]
    columns += ["carriers"]
    assert list(count_sub_grievances(posts, SUBS)) == columns
    columns = ["platform", "items", "families", "authors", "exposure", "estimate", "low", "high"]
    columns += ["carriers"]
    assert list(count_platforms(posts)) == columns
    assert list(count_channels(posts)) == ["channel", "items", "negative_items", "share"]
    assert list(count_ratings(posts)) == ["stars", "items", "negative_items", "share"]


def test_stars_by_negative_equal_a_count_by_hand() -> None:
    posts = made_posts()
    names = {1.0: "1", 2.5: "3", 4.0: "4", 5.0: "5", None: "none", 0.0: "none"}
    given = [names[post["rating"]] for post in countable(posts)]
    negative = [names[post["rating"]] for post in countable(posts) if post["is_negative"]]
    table = count_ratings(as_frame(posts))
    assert table["stars"].tolist() == ["1", "3", "4", "5", "none"]
    for row in table.itertuples():
        assert row.items == given.count(row.stars)
        assert row.negative_items == negative.count(row.stars)
        assert row.share == pytest.approx(row.negative_items / row.items)
    unrated = as_frame(posts).with_columns(rating=pl.lit(None, pl.Float64))
    assert count_ratings(unrated).empty and count_ratings(unrated.drop("rating")).empty


def test_row_order_and_kind_of_frame_do_not_matter() -> None:
    posts = as_frame(made_posts())
    shuffled = posts.sample(fraction=1, shuffle=True, seed=5)
    for count in (
        lambda frame: count_codes(frame, CODES),
        lambda frame: count_daily(frame, CODES),
        lambda frame: count_sub_grievances(frame, SUBS),
        count_platforms,
        count_channels,
        count_ratings,
    ):
        expected = count(posts)
        for same in (shuffled, shuffled.lazy(), shuffled.to_pandas()):
            pd.testing.assert_frame_equal(count(same), expected)


def test_every_date_of_the_window_is_there() -> None:
    posts = as_frame(made_posts())
    table = count_daily(posts, CODES, window=(date(2020, 5, 30), date(2020, 6, 12)))
    assert len(table) == 14 * 5
    assert table.query("date == '2020-05-30'")["items"].tolist() == [0] * 5
    totals = table.groupby("grievance")["items"].sum()
    counts = count_codes(posts, CODES).set_index("grievance")["items"]
    assert totals.to_dict() == counts.to_dict()


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        (datetime(2020, 6, 1, 23, 59), "2020-06-01"),  # bare: local time
        (datetime(2020, 6, 1, 16, 0, tzinfo=UTC), "2020-06-02"),  # 24:00 in China
        (datetime(2020, 6, 1, 15, 59, tzinfo=UTC), "2020-06-01"),
    ],
)
def test_a_day_is_a_day_in_china(stamp: datetime, expected: str) -> None:
    posts = pl.DataFrame({"published_at": [stamp], "is_negative": [False], "grievances": [[]]})
    assert count_daily(posts, [])["date"].unique().tolist() == [expected]


def test_grades_are_joined_by_date() -> None:
    posts = as_frame(made_posts())
    grades = pd.DataFrame({"date": ["2020-06-01", "2020-06-02"], "grade": ["good", "unfit"]})
    table = count_daily(posts, CODES, grades=grades)
    assert table.groupby("date")["grade"].first().to_dict()["2020-06-02"] == "unfit"


def test_without_a_study_every_post_is_in_the_window() -> None:
    posts = as_frame(made_posts()).with_columns(
        pl.lit(None, dtype=pl.Boolean).alias("is_in_window")
    )
    assert count_codes(posts, CODES)["items"].iloc[0] == posts["repeat_of"].is_null().sum()


def test_an_unknown_code_stops_the_count() -> None:
    posts = pl.DataFrame({"is_negative": [True], "grievances": [["prise"]]})
    with pytest.raises(CaodianError, match="Did you mean 'price'"):
        count_codes(posts, CODES)


def test_uncoded_posts_are_refused() -> None:
    with pytest.raises(CaodianError, match="Code the posts first"):
        count_codes(pl.DataFrame({"text": ["发货慢"]}), CODES)


def test_no_posts_at_all_gives_zeros() -> None:
    empty = as_frame(made_posts()).head(0)
    table = count_codes(empty, CODES)
    assert table["items"].tolist() == [0] * 5
    assert count_platforms(empty).empty
    with pytest.raises(CaodianError, match="daily counts need dates"):
        count_daily(empty, CODES)


def test_platforms_count_negative_items_only() -> None:
    posts = made_posts()
    named = [p for p in countable(posts) if p["is_negative"] and "得物" in p["platforms"]]
    table = count_platforms(as_frame(posts), exposure={"得物": 5.0}).set_index("platform")
    assert table.loc["得物", "items"] == len(named)
    assert table.loc["得物", "exposure"] == 5.0
    assert pd.isna(table.loc["京东", "exposure"])


def test_platform_estimates_come_from_the_audits_platform_rows() -> None:
    audit = pd.DataFrame(
        {"grievance": ["platform:得物"], "estimate": [7.5], "low": [5.0], "high": [9.0]}
    )
    table = count_platforms(as_frame(made_posts()), audit=audit).set_index("platform")
    assert table.loc["得物", "estimate"] == 7.5
    assert pd.isna(table.loc["京东", "estimate"])


def test_channels_stand_by_negative_items_then_by_posts_then_by_name() -> None:
    rows = [("b", 1, 4), ("a", 1, 4), ("c", 1, 9), ("d", 2, 2), ("e", 0, 20)]
    posts = pl.DataFrame(
        [
            (name, number < negative, [])
            for name, negative, items in rows
            for number in range(items)
        ],
        schema={"channel": pl.String, "is_negative": pl.Boolean, "grievances": pl.List(pl.String)},
        orient="row",
    )
    table = count_channels(posts)
    assert table[["channel", "negative_items", "items"]].to_numpy().tolist() == [
        ["d", 2, 2], ["c", 1, 9], ["a", 1, 4], ["b", 1, 4], ["e", 0, 20],
    ]  # fmt: skip


def test_a_post_that_names_a_platform_twice_names_it_once() -> None:
    posts = pl.DataFrame(
        {
            "is_negative": [True, False, False],
            "grievances": [["price"], [], []],
            "platforms": [["得物", "得物"], ["京东", "得物", "京东"], None],
        }
    )
    named = with_named(pd.DataFrame({"platform": ["得物", "京东", "淘宝"]}), posts)
    assert named["named"].tolist() == [2, 1, 0]
    assert count_platforms(posts)["items"].tolist() == [1]


def test_channel_share_is_the_negative_part_of_its_own_posts() -> None:
    posts = made_posts()
    weibo = [post for post in countable(posts) if post["channel"] == "weibo"]
    table = count_channels(as_frame(posts))
    share = sum(bool(post["is_negative"]) for post in weibo) / len(weibo)
    assert table.set_index("channel").loc["weibo", "share"] == pytest.approx(share)
    assert set(table["channel"]) == {"weibo", "douyin", "other"}


def test_estimates_and_published_values_stand_beside_the_counts() -> None:
    audit = pd.DataFrame({"grievance": ["price"], "estimate": [7.5], "low": [5.0], "high": [9.0]})
    table = count_codes(as_frame(made_posts()), CODES, {"price": 100}, audit)
    row = table.set_index("grievance").loc["price"]
    assert (row["estimate"], row["low"], row["high"], row["published"]) == (7.5, 5.0, 9.0, 100)
    assert table["published"].isna().sum() == 4


def test_a_code_written_twice_counts_once() -> None:
    posts = pl.DataFrame({"is_negative": [True], "grievances": [["price", "price"]]})
    assert count_codes(posts, ["price"])["items"].tolist() == [1, 1, 1]


def test_a_week_counts_its_families_once_and_its_items_as_its_days_do():
    moments = [datetime(2020, 5, 30, 9), *[datetime(2020, 6, day, 9) for day in (1, 2, 7, 8)]]
    posts = pl.DataFrame(
        {
            "published_at": moments,
            "is_negative": True,
            "grievances": [["price"], ["price"], ["price"], [], ["price"]],
            "family_id": ["a", "b", "b", "c", "b"],
        }
    )
    window = (date(2020, 5, 30), date(2020, 6, 10))
    weeks = count_daily(posts, CODES, window, period="week")
    assert weeks["date"].unique().tolist() == ["2020-05-25", "2020-06-01", "2020-06-08"]
    price = weeks[weeks["grievance"] == "price"]
    assert price["items"].tolist() == [1, 2, 1]
    assert price["families"].tolist() == [1, 1, 1]
    days = count_daily(posts, CODES, window)
    for start, end in (("2020-05-25", "2020-06-01"), ("2020-06-01", "2020-06-08")):
        inside = days[(days["date"] >= start) & (days["date"] < end)]
        summed = inside.groupby("grievance")["items"].sum()
        week = weeks[weeks["date"] == start].set_index("grievance")["items"]
        assert summed.to_dict() == week.to_dict()


BY = {
    None: lambda posts: count_codes(posts, list(load_codebook().code_names)),
    "date": lambda posts: count_daily(posts, list(load_codebook().code_names)),
    "platform": count_platforms,
    "channel": count_channels,
    "sub_grievance": lambda posts: count_sub_grievances(posts, load_codebook().sub_names),
}


@pytest.mark.parametrize("by", BY)
def test_a_frame_of_either_kind_is_counted_as_the_report_counts(by, tmp_path) -> None:
    posts = as_frame(made_posts())
    expected = BY[by](posts)
    counted = count_grievances(posts, by)
    assert isinstance(counted, pl.DataFrame)
    assert counted.columns == list(expected) and counted["items"].to_list() == list(
        expected["items"]
    )
    ours = pd.DataFrame(made_posts()).set_index("post_id")
    pd.testing.assert_frame_equal(count_grievances(ours, by), expected)
    lists = {
        name: ours[name].str.join(";") for name in ("grievances", "sub_grievances", "platforms")
    }
    ours.assign(**lists).to_csv(tmp_path / "coded.csv")
    again = pd.read_csv(tmp_path / "coded.csv", dtype="str")
    pd.testing.assert_frame_equal(count_grievances(again, by), expected)


def test_an_unknown_way_of_counting_is_told_the_nearest() -> None:
    with pytest.raises(CaodianError, match="Did you mean 'platform'"):
        count_grievances(as_frame(made_posts()), "platfrom")
    with pytest.raises(CaodianError, match=r"column is_negative.*columns there: text"):
        count_grievances(pd.DataFrame({"text": ["慢"]}))


def test_no_posts_have_no_days():
    posts = pd.DataFrame({"published_at": [], "is_negative": [], "grievances": []})
    assert count_grievances(posts, by="date").columns[:3].tolist() == ["date", "grievance", "items"]
    with pytest.raises(CaodianError, match="daily counts need dates"):
        count_grievances(pd.DataFrame({"is_negative": [True], "grievances": [[]]}), by="date")


def test_steps_leave_what_one_counts_by_hand():
    import analysis as cd

    posts = pd.DataFrame(
        {
            "is_negative": [True, True, False, False, True, True],
            "grievances": [["price"], [], [], [], ["price"], ["price"]],
            "voice": ["consumer", "consumer", "consumer", "media", "consumer", "consumer"],
            "repeat_of": [None, None, None, None, "1", None],
            "is_in_window": [True, True, True, True, True, False],
        }
    )
    assert cd.count_steps(posts).values.tolist() == [
        ["repeats", 6, 5, 1],
        ["window", 5, 4, 1],
        ["consumer_voice", 4, 3, 1],
        ["negative", 3, 2, 1],
        ["coded", 2, 1, 1],
    ]


def test_a_post_whose_codes_are_missing_is_not_coded():
    posts = pl.DataFrame(
        {"is_negative": [True, True], "grievances": [None, ["price"]]},
        schema_overrides={"grievances": pl.List(pl.String)},
    )
    import analysis as cd

    assert cd.count_steps(posts).rows()[-1] == ("coded", 2, 1, 1)


@pytest.mark.parametrize("count", [count_codes, count_daily])
def test_a_code_that_the_codebook_lacks_is_refused(count):
    posts = as_frame(made_posts(40))
    with pytest.raises(CaodianError, match="delivery"):
        count(posts, ["live_streaming", "price"])


def test_with_a_study_days_are_those_of_its_window_and_graded(study):
    import analysis as cd

    times = pd.to_datetime(["2020-06-02 09:00", "2020-06-02 10:00"]).tz_localize("Asia/Shanghai")
    posts = pd.DataFrame(
        {"is_negative": True, "grievances": [["price"], []], "published_at": times}
    )
    daily = cd.count_grievances(posts, by="date", study=study).query("grievance == 'negative'")
    assert daily["date"].tolist() == [day.isoformat() for day in study.days]
    assert daily["items"].sum() == 2 and set(daily["grade"]) <= {"good", "doubtful", "unfit"}
    undated = study.model_copy(update={"window": None})
    assert cd.count_grievances(posts, by="date", study=undated).empty
    assert cd.grade_coverage(posts, undated).empty
    counts = cd.count_grievances(posts, study=study).set_index("grievance")
    assert counts.loc["negative", "published"] == study.published.counts["negative"]


def test_parts_of_platforms_stand_by_platform_and_the_largest_first() -> None:
    rows = [("京东", "price.a"), ("京东", "price.b"), ("京东", "price.b"), ("得物", "price.a")]
    posts = pl.DataFrame(
        {
            "is_negative": True, "grievances": [["price"]] * 4,
            "platforms": [[platform] for platform, _ in rows],
            "sub_grievances": [[part] for _, part in rows],
        }
    )  # fmt: skip
    table = count_platform_sub_grievances(posts)
    told = list(zip(table["platform"], table["sub_grievance"], table["items"], strict=True))
    assert told == [("京东", "price.b", 2), ("京东", "price.a", 1), ("得物", "price.a", 1)]


def test_parts_are_counted_under_their_code_by_hand() -> None:
    posts = countable(made_posts())
    for row in posts[::3]:
        row["sub_grievances"] = [*SUBS, SUBS[1]]
    table = count_sub_grievances(as_frame(posts), SUBS)
    assert table["grievance"].tolist() == ["price", "live_streaming"]
    for row in table.itertuples():
        group = [p for p in posts if p["is_negative"] and row.sub_grievance in p["sub_grievances"]]
        assert (row.items, row.families) == units_by_hand(group)[:2]
    rows = count_platform_sub_grievances(as_frame(posts))
    assert set(rows["platform"]) == {"得物", "京东"}
    for row in rows.itertuples():
        group = [
            p for p in posts
            if p["is_negative"] and row.sub_grievance in p["sub_grievances"]
            and row.platform in p["platforms"]
        ]  # fmt: skip
        assert row.grievance == row.sub_grievance.partition(".")[0]
        assert (row.items, row.families, row.authors) == units_by_hand(group)


@pytest.mark.parametrize("parts", [1, 3])
def test_one_hash_is_one_author_however_many_parts_are_counted(parts: int) -> None:
    rows = pl.DataFrame({
        "group": [*"aaab", None], "family_id": ["f", "f", None, "f", "g"],
        "author_key": ["x", "y", "x", None, None],
    }).lazy()  # fmt: skip
    named = ["family_id", "author_key"]
    count = _count_at_once if parts == 1 else partial(_count_in_parts, parts=parts)
    found = count(rows, ["group"], named).sort("group", nulls_last=True)
    assert found.rows() == [("a", 3, 1, 2), ("b", 1, 1, 0), (None, 1, 1, 0)]


def test_platforms_stand_by_items_and_equals_by_name() -> None:
    named = [["乙"], ["甲"], ["丙", "丙"], ["丙"]]
    posts = pl.DataFrame({"is_negative": True, "grievances": [[]] * 4, "platforms": named})
    table = count_platforms(posts)
    assert table["platform"].tolist() == ["丙", *sorted("乙甲")]
    assert table["exposure"].isna().all()


@pytest.mark.parametrize(
    ("post", "reached"),
    [
        ({}, "coded"),
        ({"grievances": []}, "negative"),
        ({"is_negative": False}, "consumer_voice"),
        ({"is_negative": None}, "consumer_voice"),
        ({"is_negative": False, "voice": None}, "consumer_voice"),
        ({"is_negative": False, "voice": "media"}, "window"),
        ({"voice": "media"}, "coded"),  # a grievance is voiced all the same
        ({"is_in_window": None}, "coded"),
        ({"is_in_window": False}, "repeats"),
        ({"repeat_of": "1"}, ""),
    ],
)
def test_each_step_of_the_funnel_leaves_what_it_says(post, reached) -> None:
    row = {"is_negative": True, "grievances": ["price"], "voice": "consumer", "repeat_of": None,
           "is_in_window": True} | post  # fmt: skip
    kinds = {"is_negative": pl.Boolean, "grievances": pl.List(pl.String), "repeat_of": pl.String,
             "is_in_window": pl.Boolean, "voice": pl.String}  # fmt: skip
    steps = ["repeats", "window", "consumer_voice", "negative", "coded"]
    through = steps.index(reached) + 1 if reached else 0
    told = prevalence.count_steps(pl.DataFrame([row], schema=kinds)).rows()
    assert told == [
        (step, int(n <= through), int(n < through), int(n == through))
        for n, step in enumerate(steps)
    ]


def test_a_share_of_nothing_is_none_and_months_are_counted_in_their_window() -> None:
    divided = prevalence._divide(pd.Series([0, 3, 2]), pd.Series([0, 4, -1]))
    assert divided.tolist() == [0.0, 0.75, 0.0]
    posts = pl.DataFrame({
        "published_at": [datetime(2020, 4, 30, 23), datetime(2020, 6, 1)],
        "is_negative": True, "grievances": [["price"]] * 2, "family_id": ["a", "a"],
    })  # fmt: skip
    months = count_daily(posts, ["price"], period="month").query("grievance == 'all'")
    assert months["date"].tolist() == ["2020-04-01", "2020-05-01", "2020-06-01"]
    assert months["items"].tolist() == [1, 0, 1] and months["grade"].isna().all()


@pytest.mark.parametrize("by", [None, "date", "platform", "sub_grievance"])
@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame])
def test_units_that_no_column_tells_are_missing_and_not_none(by, kind):
    told = {
        "is_negative": [True, True], "grievances": [["price"], []], "platforms": [["京东"], []],
        "published_at": ["2020-06-01", "2020-06-02"], "sub_grievances": [[], []],
    }  # fmt: skip
    units = {"families": "family_id", "authors": "author_key"}
    nobody = {"author_key": pl.Series([None, None], dtype=pl.String)}
    for known in ({}, {"family_id": ["a", "b"]}, {"author_key": ["x", None]}, nobody):
        posts = pl.DataFrame({**told, **known})
        posts = posts if kind is pl.DataFrame else pd.DataFrame(posts.to_dict(as_series=False))
        counts = count_grievances(posts, by=by)
        told_of = {} if known is nobody else known
        for unit in set(units) & set(counts.columns):
            values = counts[unit].to_list() if kind is pl.DataFrame else counts[unit].tolist()
            missing = [value is None or value is pd.NA for value in values]
            assert missing == [units[unit] not in told_of] * len(values)
