from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import polars as pl
import pytest

from analysis.frames import as_small
from analysis.measures import coverage_cells
from analysis.measures.coverage import grade_coverage, grade_periods
from analysis.measures.coverage_periods import find_holes
from analysis.study.load import study_of_range
from analysis.study.model import Window

START = date(2014, 1, 1)


def study(days):
    return study_of_range("x", START, START + timedelta(days - 1), [])


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
    assert not find_holes(mondays).any()


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
    assert not find_holes(totals).any()


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
    whole = coverage_cells.count_cells(frame)
    monkeypatch.setattr(coverage_cells, "MOST_CELLS", 24 * 30 * 3)
    small = coverage_cells.count_cells(frame)
    assert len(whole.keywords) == 7
    assert small.keywords == ("*", "w1", "w2")
    assert small.hours.sum() == whole.hours.sum() == 360
    assert (small.pooled == whole.pooled).all()
