"""Hours hold every post once for its search word; empty, cut and halved ones are found."""

from datetime import datetime

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.measures import coverage_hours
from analysis.measures.coverage_hours import (
    _log_chance_of_none,
    count_cells,
    dispersion,
    expected_counts,
    find_caps,
    find_gaps,
    find_half_hours,
    hour_profile,
    runs,
    tabulate_hours,
)

MOMENTS = st.datetimes(datetime(2020, 6, 1), datetime(2020, 6, 3, 23, 59))


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(MOMENTS, st.sampled_from(["红包", "618", "", None])), min_size=1))
def test_every_cell_is_what_a_plain_count_gives(found):
    posts = pl.DataFrame(
        {"published_at": [when for when, _ in found], "keyword": [word for _, word in found]},
        schema={"published_at": pl.Datetime, "keyword": pl.String},
    )
    posts = posts.with_columns(published_precision=pl.lit("minute"))
    table = tabulate_hours(posts)
    for row in table.itertuples():
        wanted = [
            when
            for when, word in found
            if (word or "", when.date().isoformat(), when.hour) == (row.keyword, row.date, row.hour)
        ]
        assert row.items == len(wanted)
    dates = [when.date() for when, _ in found]
    assert len(table) == 24 * ((max(dates) - min(dates)).days + 1) * len(
        {word or "" for _, word in found}
    )


def test_the_rarest_search_words_stand_together_at_the_end(monkeypatch):
    monkeypatch.setattr(coverage_hours, "_MOST_KEYWORDS", 3)
    words = ["甲"] * 5 + ["乙"] * 9 + ["丙"] * 4 + ["丁"] * 4
    posts = pl.DataFrame({"published_at": [datetime(2020, 6, 1, 9, 40)] * 22, "keyword": words})
    table = tabulate_hours(posts)
    sizes = table.groupby("keyword", sort=False)["items"].sum()
    assert sizes.to_dict() == {"乙": 9, "甲": 5, "*": 8}
    assert list(sizes.index) == ["乙", "甲", "*"]


def test_a_day_carries_its_grade():
    posts = pl.DataFrame({"published_at": [datetime(2020, 6, 1, 9), datetime(2020, 6, 2, 9)]})
    grades = pd.DataFrame({"date": ["2020-06-01", "2020-06-02"], "grade": ["good", "unfit"]})
    table = tabulate_hours(posts, grades=grades)
    assert table.groupby("date")["grade"].unique().map(list).to_dict() == {
        "2020-06-01": ["good"],
        "2020-06-02": ["unfit"],
    }


def test_days_without_clock_times_make_no_table():
    posts = pl.DataFrame({"published_at": [datetime(2020, 6, 1)], "published_precision": ["day"]})
    assert tabulate_hours(posts).empty


@pytest.mark.parametrize(
    ("cells", "capped"),
    [
        ([200, 200, 200, 200, 199, 150, 60, 12], 5),
        ([500, 496, 498, 500, 499, 497, 300, 400], 6),
        ([1000, 700, 500, 300, 200], 0),  # a free maximum
        ([200, 200, 200], 0),  # three are too few
        ([1] * 40, 0),  # small equal counts are no limit
        ([25] * 12, 0),
        ([200, 198, 190, 188, 185, 184, 180, 178], 0),
    ],
)
def test_caps(cells, capped):
    assert int(find_caps(np.array(cells)).sum()) == capped


def test_free_poisson_counts_are_rarely_called_capped():
    generator = np.random.default_rng(4)
    flat = sum(find_caps(generator.poisson(300, 480)).any() for _ in range(300))
    assert flat <= 3


def test_half_hour_needs_enough_posts():
    halves = np.zeros((1, 24, 2), dtype=int)
    halves[0, 9] = [0, 30]
    halves[0, 10] = [0, 6]
    assert np.argwhere(find_half_hours(halves, 1.0)).tolist() == [[0, 9]]
    assert not find_half_hours(halves, 3.0).any()


def test_chance_of_none_is_the_negative_binomial():
    from scipy import stats

    mean, ratio = 7.0, 2.5
    exact = stats.nbinom.logpmf(0, mean / (ratio - 1), 1 / ratio)
    assert _log_chance_of_none(mean, ratio) == pytest.approx(exact)


def test_gaps_are_judged_against_the_usual_profile():
    hours = np.full((20, 24), 4)
    hours[:, :6] = 0  # empty on all days, and small: nothing to blame
    hours[3, 6:20] = 0
    assert [(gap.day, gap.first, gap.last) for gap in find_gaps(hours)] == [(3, 0, 19)]


def drawn(seed, days=6, lost=0.1):
    """Posts by day and hour, an empty day, an hour that is empty on all days, and lost hours."""
    generator = np.random.default_rng(seed)
    hours = generator.poisson(np.linspace(0.5, 9, 24) * generator.uniform(0.5, 3, (days, 1)))
    hours[2], hours[:, 5] = 0, 0
    return hours, generator.random(hours.shape) < lost


@pytest.mark.parametrize("seed", range(4))
def test_what_an_hour_should_hold_is_told_by_plain_loops(seed):
    hours, lost = drawn(seed)
    share = []
    for hour in range(24):
        seen = [d for d in range(6) if hours[d].sum() and not lost[d, hour]]
        total = sum(hours[d].sum() for d in seen)
        found = sum(hours[d, hour] for d in seen) / total if total else 0.0
        share.append(found or coverage_hours._LOWEST_SHARE[hour])
    profile = [one / sum(share) for one in share]
    np.testing.assert_allclose(hour_profile(hours, lost), profile)
    levels = [
        hours[d].sum() / sum(profile[h] for h in range(24) if not lost[d, h]) for d in range(6)
    ]
    usual = float(np.median([level for level in levels if level]))
    expected = [[min(level, usual) * part for part in profile] for level in levels]
    np.testing.assert_allclose(expected_counts(hours, lost, np.array(profile)), expected)


def test_hours_of_which_all_days_were_lost_expect_nothing():
    hours, lost = np.full((2, 24), 5), np.zeros((2, 24), dtype=bool)
    lost[0] = True
    expected = expected_counts(hours, lost, np.full(24, 1 / 24))
    assert expected[0].tolist() == [0.0] * 24 and expected[1].tolist() == pytest.approx([5.0] * 24)


@pytest.mark.parametrize(("cells", "spread"), [(9, 1.0), (10, None), (24, None)])
def test_counts_are_as_wild_as_their_median_deviation(cells, spread):
    generator = np.random.default_rng(2)
    hours, expected = np.zeros((1, 24), dtype=int), np.full((1, 24), 0.9)
    hours[0, :cells], expected[0, :cells] = generator.poisson(9, cells) * 3 + 1, 28.0
    if cells < 24:
        hours[0, -1] = 50  # too little was expected there
    off = (hours[0, :cells] - 28.0) / np.sqrt(28.0)
    told = (np.median(np.abs(off - np.median(off))) / 0.6745) ** 2
    assert dispersion(hours, expected) == pytest.approx(max(1.0, told) if spread is None else 1.0)
    assert told > 1.5 and dispersion(np.full((1, 24), 28), np.full((1, 24), 28.0)) == 1.0


@pytest.mark.parametrize("expected", [0.5, 7.0])
def test_the_chance_of_none_is_poissons_where_counts_are_no_wilder(expected):
    assert _log_chance_of_none(expected, 1.0) == -expected
    assert _log_chance_of_none(expected, 1.001) == pytest.approx(-expected, rel=1e-3)


@pytest.mark.parametrize(
    ("top", "heaped", "near", "is_cut"),
    [(29, 6, 0, False), (30, 6, 0, True), (30, 6, 1, True), (30, 6, 2, False), (30, 3, 0, False),
     (30, 4, 0, False), (30, 5, 0, True), (30, 5, 1, False), (300, 5, 0, True)],
)  # fmt: skip
def test_a_heap_at_the_maximum_is_more_than_its_share(top, heaped, near, is_cut):
    """Against the binomial of scipy: cells within a hundredth, and those twice a root below."""
    from scipy import stats

    width, below = max(1, round(top / 100)), round(2 * top**0.5)
    share = (width + 1) / (width + 1 + below)
    chance = stats.binom.sf(heaped - 2, heaped - 1 + near, share)
    assert is_cut == (top >= 30 and heaped >= 4 and chance < 0.001)
    cells = np.array([top] * (heaped - 1) + [top - width] + [top - width - below] * near
                     + [top - width - below - 1, 3])  # fmt: skip
    assert find_caps(cells).tolist() == [is_cut] * heaped + [False] * (near + 2)


@pytest.mark.parametrize(("posts", "is_marked"), [(14, True), (13, False)])
def test_an_hour_lost_its_half_where_that_is_rare_in_all_hours(posts, is_marked):
    """Of 48 hours one in a hundred by chance: 2 to the power of 1 - n below .01 / 48."""
    assert (2.0 ** (1 - posts) < 0.01 / 48) == is_marked
    halves = np.full((2, 24, 2), 4)
    for ratio, pair in ((1.0, [0, posts]), (2.0, [2 * posts, 0])):
        halves[1, 9] = pair
        found = find_half_hours(halves, ratio)
        assert found[1, 9] == is_marked and found.sum() == is_marked
    halves[1, 9] = [1, 500]
    assert not find_half_hours(halves, 1.0).any()


POSTS = [  # when, search word, how precise, whether it repeats another
    (datetime(2020, 6, 1, 9, 29), "红包", "minute", None),
    (datetime(2020, 6, 1, 9, 30), "618", "second", None),
    (datetime(2020, 6, 1, 9, 30), "红包", "second", "a:1"),  # found by two searches
    (datetime(2020, 6, 3), "618", "day", None),
    (datetime(2020, 6, 3, 23, 59), None, None, None),
    (None, "618", "second", None),
]


def frame_of(rows, kinds=None):
    names = ["published_at", "keyword", "published_precision", "repeat_of"]
    schema = {"published_at": pl.Datetime, **dict.fromkeys(names[1:], pl.String)}
    return pl.DataFrame([dict(zip(names, row, strict=True)) for row in rows], schema=schema)


def test_cells_by_hand():
    cells = count_cells(frame_of(POSTS))
    assert cells.keywords == ("", "618", "红包") and len(cells.days) == 3
    assert cells.totals.tolist() == [2, 0, 2]
    at = {tuple(place): int(cells.hours[tuple(place)]) for place in np.argwhere(cells.hours)}
    assert at == {(0, 2, 23): 1, (1, 0, 9): 1, (2, 0, 9): 2}
    halves = {tuple(place): int(cells.halves[tuple(place)]) for place in np.argwhere(cells.halves)}
    assert halves == {(0, 9, 0): 1, (0, 9, 1): 1, (2, 23, 1): 1}
    assert cells.pooled[0, 9] == 2 and cells.pooled.sum() == 3


def test_of_many_search_words_the_largest_keep_a_table_of_their_own(monkeypatch):
    monkeypatch.setattr(coverage_hours, "_MOST_CELLS", 24 * 3)
    day = datetime(2020, 6, 1, 9)
    words = ["甲"] * 5 + ["乙"] * 9 + ["丙"] * 4 + ["丁"] * 4
    cells = count_cells(frame_of([(day, word, "minute", None) for word in words]))
    assert cells.keywords == ("*", "乙", "甲") and cells.hours[:, 0, 9].tolist() == [8, 9, 5]
    monkeypatch.setattr(coverage_hours, "_MOST_CELLS", 24 * 4)
    assert len(count_cells(frame_of([(day, word, "minute", None) for word in words])).keywords) == 4
    monkeypatch.setattr(coverage_hours, "_MOST_CELLS", 1)
    assert count_cells(frame_of([(day, word, "minute", None) for word in words])).keywords == ("*",)


@pytest.mark.parametrize(("minute", "has_clock"), [(0, False), (30, True)])
def test_without_a_precision_midnight_alone_is_no_clock(minute, has_clock):
    posts = pl.DataFrame({"published_at": [datetime(2020, 6, 1), datetime(2020, 6, 2, 0, minute)]})
    assert count_cells(posts).pooled.any() == has_clock
    assert count_cells(posts).totals.tolist() == [1, 1]


def test_words_of_one_size_stand_by_name_and_others_last(monkeypatch):
    monkeypatch.setattr(coverage_hours, "_MOST_ROWS", 24 * 3)
    day = datetime(2020, 6, 1, 9)
    words = ["乙"] * 2 + ["甲"] * 2 + ["丙"] + ["丁"] * 9
    table = tabulate_hours(frame_of([(day, word, "minute", None) for word in words]))
    assert table["keyword"].unique().tolist() == ["丁", min("甲乙"), "*"]
    assert table["items"].sum() == 14 and len(table) == 72
    assert table["hour"].tolist() == [*range(24)] * 3 and set(table["grade"]) == {""}


@pytest.mark.parametrize(
    ("empty", "stretches"),
    [([], []), ([0, 0], []), ([1, 1], [(0, 1)]), ([0, 1, 0, 1, 1], [(1, 1), (3, 4)])],
)
def test_stretches_have_a_first_and_a_last_place(empty, stretches):
    assert runs(np.array(empty, dtype=bool)) == stretches
