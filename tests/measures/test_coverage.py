"""Grades of days: planted holes are found, small and quiet corpora are not blamed."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import polars as pl
import pytest

from analysis.errors import CaodianError
from analysis.frames import as_small
from analysis.measures import coverage_hours
from analysis.measures.coverage import (
    _WORDING,
    COLUMNS,
    _find_holes,
    _Finding,
    _grade,
    _log_chance_of_none,
    _note_caps,
    _note_keyword_gaps,
    _note_low_yield,
    _note_precision,
    explain_grade,
    grade_coverage,
    grade_periods,
    write_reason,
)
from analysis.measures.coverage_hours import HourCells, hour_keyword_matrix
from analysis.study.load import study_of_range
from analysis.study.model import Study, Window

SHARES = np.array(
    [3, 1.5, 1, 0.5, 0.5, 0.6, 1, 2, 4, 5, 6, 6, 6, 5.5, 5, 5, 5, 5, 5, 6, 7, 8, 7, 5]
)
SHARES = SHARES / SHARES.sum()
START = datetime(2020, 6, 1)
STUDY = Study(
    name="s",
    title_zh="s",
    title_en="s",
    window={"start": date(2020, 6, 1), "end": date(2020, 6, 20)},
)


def corpus(per_day, seed=1, days=20, keyword="618", wildness=0.0):
    """Posts with a daily profile; `wildness` is the log-sd of the hourly level."""
    generator = np.random.default_rng(seed)
    level = per_day * SHARES * np.exp(generator.normal(0, wildness, (days, 24)))
    counts = generator.poisson(level)
    times = [
        START + timedelta(days=d, hours=h, seconds=int(s))
        for d in range(days)
        for h in range(24)
        for s in generator.integers(0, 3600, counts[d, h])
    ]
    return pl.DataFrame({"published_at": times, "keyword": keyword})


def without(posts, day, first, last):
    at = pl.col("published_at")
    return posts.filter(
        ~((at.dt.date() == date(2020, 6, day)) & at.dt.hour().is_between(first, last))
    )


def graded(posts, study=STUDY):
    table = as_small(grade_coverage(posts, study))
    return table.set_index("date")


def test_columns_and_a_row_per_day():
    table = as_small(grade_coverage(corpus(300), STUDY))
    assert tuple(table.columns) == COLUMNS
    assert table["date"].tolist() == [f"2020-06-{day:02}" for day in range(1, 21)]


@pytest.mark.parametrize(
    ("first", "last", "grade", "reason"),
    [
        (1, 6, "doubtful", "night_hole(1-6)"),
        (14, 23, "unfit", "stops_early(14)"),
        (9, 15, "unfit", "hour_gap(9-15)"),
        (10, 11, "doubtful", "hour_gap(10-11)"),
        (0, 23, "unfit", "no_posts"),
    ],
)
def test_planted_hole_is_found(first, last, grade, reason):
    table = graded(without(corpus(600), 8, first, last))
    row = table.loc["2020-06-08"]
    assert (row["grade"], row["reason"]) == (grade, reason)
    assert row["hour_gaps"] == last - first + 1
    assert (table.drop("2020-06-08")["grade"] == "good").all()


@pytest.mark.parametrize(("last", "reason"), [(7, "night_hole(1-7)"), (8, "hour_gap(1-8)")])
def test_a_hole_of_the_night_ends_before_eight(last, reason):
    row = graded(without(corpus(600), 8, 1, last)).loc["2020-06-08"]
    assert row["reason"] == reason


@pytest.mark.parametrize(
    ("found", "grade"),
    [
        ({}, "good"),
        ({"lost": 0.25, "reasons": ["hour_gap(1-9)"]}, "unfit"),
        ({"lost": 0.249, "reasons": ["hour_gap(1-9)"]}, "doubtful"),
        ({"cut": 0.5, "reasons": ["page_cap(9)"]}, "unfit"),
        ({"cut": 0.499, "reasons": ["page_cap(9)"]}, "doubtful"),
        ({"is_missing": True, "reasons": ["no_posts"]}, "unfit"),
        ({"reasons": ["hours_not_testable"]}, "good"),
        ({"lost": 0.0099, "reasons": ["keyword_gap(1)"]}, "good"),
        ({"lost": 0.01, "reasons": ["keyword_gap(1)"]}, "doubtful"),
        ({"lost": 0.0099, "reasons": ["keyword_gap(1)", "low_yield(9%)"]}, "doubtful"),
        ({"lost": 0.0, "reasons": ["keyword_gap(1)", "hours_not_testable"]}, "good"),
    ],
)
def test_a_grade_is_decided_by_what_was_lost_and_cut(found, grade):
    assert _grade(_Finding(**found)) == grade


def cells_of(hours):
    """Cells of posts by search word, day and hour, each hour's in its two halves."""
    pooled = hours.sum(axis=0)
    halves = np.stack([pooled - pooled // 2, pooled // 2], axis=2)
    days = tuple(date(2020, 6, 1) + timedelta(n) for n in range(hours.shape[1]))
    words = tuple(f"w{n}" for n in range(len(hours)))
    return HourCells(days, words, hours, halves, pooled.sum(axis=1))


def test_a_day_is_cut_by_the_share_of_its_posts_in_hours_at_the_limit():
    hours = np.full((2, 3, 24), 20)
    hours[0, :, :] = 40 + np.arange(72).reshape(3, 24) % 23  # a free search word
    hours[1, 1, 8:18] = 300  # ten hours of one day at the limit of the other
    findings = [_Finding() for _ in range(3)]
    _note_caps(cells_of(hours), findings)
    assert [found.plateaus for found in findings] == [0, 10, 0]
    assert findings[1].cut == pytest.approx(3000 / hours[:, 1].sum())
    assert findings[1].reasons == ["page_cap(10)"] and findings[0].cut == 0


def test_an_hour_that_one_search_word_lost_counts_by_the_share_of_the_word():
    hours = np.full((2, 20, 24), 30)
    hours[1] = 10
    hours[1, 5, 6:18] = 0  # twelve of 24 hours of a word that finds a quarter of all posts
    findings = [_Finding() for _ in range(20)]
    _note_keyword_gaps(cells_of(hours), findings)
    quarter = hours[1].sum() / hours.sum()
    assert findings[5].lost == pytest.approx(quarter * 0.5, rel=0.02)
    assert findings[5].reasons == ["keyword_gap(1)"]
    told = [_Finding() for _ in range(20)]
    told[5].empty_hours = set(range(6, 15))  # nine of these are told of all words already
    _note_keyword_gaps(cells_of(hours), told)
    assert told[5].lost == pytest.approx(quarter * 0.5 * 3 / 12, rel=0.02)
    assert sum(found.lost for found in told) == told[5].lost


@pytest.mark.parametrize(
    ("clock", "total", "reasons"),
    [(0, 0, []), (4, 8, []), (3, 8, ["hours_not_testable"]), (0, 1, ["hours_not_testable"])],
)
def test_hours_of_a_day_are_testable_where_half_of_its_posts_have_a_clock(clock, total, reasons):
    pooled = np.zeros((1, 1, 24), int)
    pooled[0, 0, 9] = clock
    cells = replace(cells_of(pooled), totals=np.array([total]))
    findings = [_Finding()]
    _note_precision(cells, findings)
    assert findings[0].reasons == reasons


@pytest.mark.parametrize(
    ("few", "days", "reasons"),
    [(19, 20, ["low_yield(19.0%)"]), (20, 20, []), (19, 61, ["low_yield(19.0%)"]), (20, 61, [])],
)
def test_a_day_under_a_fifth_of_the_usual_is_low(few, days, reasons):
    totals = np.full(days, 100)
    totals[7] = few
    cells = replace(cells_of(np.full((1, days, 24), 4)), totals=totals)
    findings = [_Finding() for _ in range(days)]
    _note_low_yield(cells, findings)
    assert findings[7].reasons == reasons
    assert not any(found.reasons for n, found in enumerate(findings) if n != 7)


def test_the_chance_of_an_empty_stretch_is_that_of_a_gamma_poisson():
    """So many posts in 28 days, then none: each post fell into the 28 of the 28 + n days."""
    even = np.tile([2, 3], 14)  # wilder than Poisson by nothing
    for days in (1, 9):
        assert _log_chance_of_none(even, days) == pytest.approx(70 * np.log(28 / (28 + days)))
    wild = np.array([0, 0, 0, 40])
    assert _log_chance_of_none(wild, 2) == pytest.approx(40 / 30 * np.log(4 / 6))


def test_night_missing_on_every_day_is_seen_in_a_large_corpus():
    posts = corpus(6000, days=5).filter(pl.col("published_at").dt.hour() > 6)
    table = as_small(grade_coverage(posts))
    assert set(table["reason"]) == {"night_hole(0-6)"}
    assert set(table["grade"]) == {"doubtful"}


@pytest.mark.slow
@pytest.mark.parametrize("per_day", [2, 8, 23, 100, 1500])
@pytest.mark.parametrize("wildness", [0.0, 0.5])
def test_whole_corpora_of_any_size_are_not_blamed(per_day, wildness):
    unfit = 0
    for seed in range(5):
        table = graded(corpus(per_day, seed, wildness=wildness))
        unfit += int((table["grade"] == "unfit").sum())
        blamed = table[~table["reason"].isin(["", "no_posts_small"])]
        assert len(blamed) <= 1
    assert unfit == 0


def test_burst_on_one_day_does_not_make_its_quiet_hours_lost():
    burst = [START + timedelta(days=4, hours=10, seconds=5 * i) for i in range(200)]
    posts = corpus(10)
    extra = pl.DataFrame({"published_at": burst}).with_columns(keyword=pl.lit("618"))
    assert graded(pl.concat([posts, extra])).loc["2020-06-05", "hour_gaps"] == 0


def test_missing_day_of_a_tiny_corpus_is_doubtful_only():
    times = [START + timedelta(days=day) for day in range(20) if day != 7]
    row = graded(pl.DataFrame({"published_at": times})).loc["2020-06-08"]
    assert (row["grade"], row["reason"]) == ("doubtful", "no_posts_small")


def test_page_cap_is_found_by_keyword():
    free = corpus(1200, keyword="得物")
    capped = corpus(4000, seed=2).with_columns(hour=pl.col("published_at").dt.truncate("1h"))
    capped = capped.group_by("hour", maintain_order=True).head(200).drop("hour")
    table = graded(pl.concat([free, capped.select(free.columns)]))
    expected = (
        capped.group_by(
            pl.col("published_at").dt.date(), pl.col("published_at").dt.hour().alias("h")
        )
        .len()
        .filter(pl.col("len") >= 199)
        .height
    )
    assert table["plateaus"].sum() == pytest.approx(expected, abs=25)
    assert (table["reason"].str.contains("page_cap")).all()
    assert (graded(free)["plateaus"] == 0).all()


def test_half_hours_are_found():
    posts = corpus(3000)
    at = pl.col("published_at")
    late_only = posts.filter(~((at.dt.date() == date(2020, 6, 9)) & (at.dt.minute() < 30)))
    row = graded(late_only).loc["2020-06-09"]
    assert row["grade"] == "unfit"
    assert "half_hours(" in row["reason"]


def test_low_yield_is_doubtful():
    at = pl.col("published_at")
    posts = corpus(2000).filter((at.dt.date() != date(2020, 6, 3)) | (at.dt.second() < 6))
    row = graded(posts).loc["2020-06-03"]
    assert row["grade"] == "doubtful"
    assert "low_yield(" in row["reason"]


def test_day_precision_cannot_test_hours():
    days = pl.DataFrame({"published_at": [START + timedelta(days=d) for d in range(20)] * 30})
    for posts in (days, days.with_columns(published_precision=pl.lit("day"))):
        table = graded(posts)
        assert set(table["grade"]) == {"good"}
        assert set(table["reason"]) == {"hours_not_testable"}
    table = graded(days.filter(pl.col("published_at").dt.day() != 4))
    assert table.loc["2020-06-04", "grade"] == "unfit"


def test_invented_hours_are_no_clock_times():
    posts = corpus(100).with_columns(published_precision=pl.lit("invented_hour"))
    assert set(graded(posts)["reason"]) == {"hours_not_testable"}


def test_repeats_count_once_and_posts_outside_the_window_not_at_all():
    posts = pl.DataFrame(
        {
            "published_at": [START, START, START - timedelta(days=1)],
            "repeat_of": [None, "weibo_search:1", None],
            "keyword": ["a", "b", "a"],
        }
    ).with_columns(pl.col("published_at") + timedelta(hours=9))
    matrix = hour_keyword_matrix(posts, STUDY)
    assert matrix["items"].sum() == 2  # one for each keyword that found it
    assert len(matrix) == 2 * 20 * 24


def test_hours_are_shanghai_hours_whatever_the_zone():
    utc = pl.DataFrame({"published_at": [datetime(2020, 6, 1, 23, 0)]}).with_columns(
        pl.col("published_at").dt.replace_time_zone("UTC")
    )
    matrix = hour_keyword_matrix(utc)
    assert matrix[matrix["items"] > 0][["date", "hour"]].values.tolist() == [[date(2020, 6, 2), 7]]


def test_row_order_and_frame_kind_do_not_matter():
    posts = without(corpus(300), 8, 9, 20)
    shuffled = posts.sample(fraction=1, shuffle=True, seed=3).to_pandas()
    first, second = grade_coverage(posts, STUDY), grade_coverage(shuffled, STUDY)
    assert isinstance(first, pl.DataFrame)
    assert first.rows() == [tuple(row) for row in second.itertuples(index=False)]


def test_no_posts_and_no_column():
    empty = pl.DataFrame({"published_at": []}, schema={"published_at": pl.Datetime})
    assert set(grade_coverage(empty, STUDY)["grade"]) == {"unfit"}
    assert grade_coverage(empty).columns == list(COLUMNS)
    with pytest.raises(CaodianError, match="with a date"):
        grade_coverage(pl.DataFrame({"published_at": [None]}, schema=empty.schema))
    with pytest.raises(CaodianError, match="published_at"):
        grade_coverage(pl.DataFrame({"text": ["a"]}), STUDY)


@pytest.mark.parametrize("code", sorted(_WORDING))
def test_every_reason_has_words_in_two_languages(code):
    for language in ("zh", "en"):
        assert explain_grade(write_reason(code, "3"), language)
    assert explain_grade("") == ""


def test_unknown_reason_is_refused():
    with pytest.raises(CaodianError, match="moonlight"):
        explain_grade("moonlight(3)")


@pytest.mark.parametrize(
    "change",
    [
        lambda times: times.dt.tz_localize("Asia/Shanghai").dt.tz_convert("UTC"),
        lambda times: times.astype("str"),
        lambda times: times.astype("str").astype("category"),
    ],
    ids=["another zone", "text", "categories"],
)
def test_times_of_any_kind_are_read_on_shanghais_clock(change):
    times = pd.Series(pd.date_range("2020-06-01", "2020-06-03 23:59", freq="10min"))
    times = times[(times < "2020-06-02 14:00") | (times >= "2020-06-03")]
    plain = pd.DataFrame({"published_at": times})
    other = plain.assign(published_at=change(times)).set_axis([3] * len(times))
    pd.testing.assert_frame_equal(grade_coverage(other), grade_coverage(plain))


COVERAGE_PERIODS_START = date(2014, 1, 1)


def study(days):
    return study_of_range(
        "x", COVERAGE_PERIODS_START, COVERAGE_PERIODS_START + timedelta(days - 1), []
    )


def posts(totals):
    """So many posts a day, at clock times of the working day."""
    times = [
        datetime(2014, 1, 1, 9) + timedelta(days=day, minutes=int(n * 600 / max(1, total)))
        for day, total in enumerate(totals)
        for n in range(total)
    ]
    return pl.DataFrame({"published_at": times}, schema={"published_at": pl.Datetime("us")})


def grades_of(totals):
    of = study(len(totals))
    days = as_small(grade_coverage(posts(totals), of))
    return days, grade_periods(days, of.window, of.period)


@pytest.mark.slow
@pytest.mark.parametrize("rate", [0.02, 0.16, 1.0, 3.0])
def test_a_sparse_corpus_of_years_has_no_holes(rate):
    totals = np.random.default_rng(3).poisson(rate, 3_000)
    days, periods = grades_of(totals)
    assert not (days["grade"] == "unfit").any()
    whole = periods[periods["grade"] != "partial"]
    assert set(whole["grade"]) <= {"good", "doubtful"}
    if rate >= 1:
        assert (whole["grade"] == "good").all()


def test_posts_that_come_in_clumps_are_no_holes():
    mondays = np.where(np.arange(400) % 7 == 5, 6, 0)
    assert not _find_holes(mondays).any()


@pytest.mark.parametrize(
    ("totals", "unfit"),
    [
        ([0, 0, 7, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0], 0),  # once a week
        ([50] * 9 + [0] * 11, 11),
        ([0] * 20, 20),
        ([50, 0] * 10, 10),
    ],
)
def test_in_a_short_window_that_is_mostly_empty_an_empty_day_is_usual(totals, unfit):
    days = as_small(grade_coverage(posts(totals), study(20)))
    assert (days["grade"] == "unfit").sum() == unfit


def test_one_early_post_does_not_make_the_years_after_it_a_hole():
    totals = np.concatenate([[1], np.zeros(1_000, int), np.random.default_rng(2).poisson(9, 1_300)])
    assert not _find_holes(totals).any()


def test_a_stray_post_of_years_before_is_no_part_of_the_series():
    totals = np.concatenate([[1], np.zeros(500, int), np.random.default_rng(2).poisson(9, 800)])
    _, periods = grades_of(totals)
    apart = periods["reason"].str.startswith("apart")
    assert apart.sum() == 16
    assert (periods.loc[apart, "grade"] == "partial").all()
    assert periods.loc[~apart, "grade"].tolist() == ["good"] * 26 + ["partial"]


@pytest.mark.parametrize(
    "totals",
    [
        np.tile([5] * 30 + [0] * 60, 9),  # silences inside, much on either side
        np.concatenate([np.full(90, 3), np.zeros(200, int), np.full(500, 3)]),
    ],
)
def test_a_silence_within_the_collection_sets_nothing_apart(totals):
    _, periods = grades_of(totals)
    assert not periods["reason"].str.contains("apart").any()


@pytest.mark.slow
def test_a_corpus_that_grew_a_thousandfold_is_not_blamed_for_its_beginning():
    rate = np.geomspace(0.05, 60, 2_500)
    days, _ = grades_of(np.random.default_rng(5).poisson(rate))
    assert (days["grade"] == "unfit").sum() == 0
    assert not days["reason"].str.contains("low_yield").any()


def test_three_weeks_without_a_post_in_a_daily_corpus_are_a_hole():
    totals = np.random.default_rng(7).poisson(20, 900)
    totals[400:421] = 0
    days, periods = grades_of(totals)
    assert np.flatnonzero(days["grade"] == "unfit").tolist() == list(range(400, 421))
    assert set(days["reason"][400:421]) == {"no_posts"}
    hit = periods[periods["grade"] == "unfit"]
    assert [reason.split(";")[0] for reason in hit["reason"]] == ["unfit_days(21)"]
    assert hit["date"].tolist() == ["2015-02-01"]


@pytest.mark.parametrize(
    ("unfit", "grade"), [(0, "good"), (1, "doubtful"), (2, "unfit"), (7, "unfit")]
)
def test_a_week_is_fit_when_four_fifths_of_its_days_are(unfit, grade):
    dates = [date(2020, 6, 1) + timedelta(n) for n in range(7)]
    days = pd.DataFrame(
        {
            "date": [day.isoformat() for day in dates],
            "hour_gaps": 1,
            "plateaus": 2,
            "grade": ["unfit"] * unfit + ["good"] * (7 - unfit),
            "reason": "",
        }
    )
    [row] = grade_periods(days, Window(start=dates[0], end=dates[-1]), "week").to_dict("records")
    assert (row["grade"], row["fit_days"]) == (grade, 7 - unfit)
    assert (row["hour_gaps"], row["plateaus"]) == (7, 14)


def test_what_the_window_cuts_is_partial_and_what_is_whole_is_not():
    _, periods = grades_of([5] * 600)
    assert periods["grade"].tolist() == ["good"] * 19 + ["partial"]
    assert periods["reason"].iloc[-1] == "partial(23)"


def test_many_search_words_share_a_table_instead_of_filling_the_memory(monkeypatch):
    frame = posts([12] * 30).with_columns(
        keyword=pl.Series([f"w{n % 6}" if n % 12 else "big" for n in range(360)])
    )
    whole = coverage_hours.count_cells(frame)
    monkeypatch.setattr(coverage_hours, "_MOST_CELLS", 24 * 30 * 3)
    small = coverage_hours.count_cells(frame)
    assert len(whole.keywords) == 7
    assert small.keywords == ("*", "w1", "w2")
    assert small.hours.sum() == whole.hours.sum() == 360
    assert (small.pooled == whole.pooled).all()
