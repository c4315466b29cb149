"""The draw: known chances, the floor, row order, exclusion, small and odd frames."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

import numpy as np
import pandas as pd
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from analysis.audit.sampling import draw_sample, plan_audit
from analysis.errors import CaodianError

Corpus = tuple[pl.DataFrame, pl.DataFrame]


def test_size_columns_and_distinct_posts(corpus: Corpus) -> None:
    sample = draw_sample(corpus[0], size=300, seed=1)
    assert sample.height == 300
    assert sample["post_id"].n_unique() == 300
    seen = ["post_id", "stratum", "inclusion_probability", "channel", "text"]
    assert sample.columns == [*seen, "machine", "key"]


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 2, 10, 17, 60, 300, 1_000])
def test_weights_add_up_to_the_frame(corpus: Corpus, size: int) -> None:
    sample = draw_sample(corpus[0], size=size, seed=2)
    weights = 1 / sample["inclusion_probability"]
    assert weights.sum() == pytest.approx(corpus[0].height)
    assert sample["inclusion_probability"].is_between(0, 1, closed="right").all()


@pytest.mark.parametrize(("size", "floor"), [(300, 50), (1_000, 100)])
def test_floor_in_the_surely_not_band(corpus: Corpus, size: int, floor: int) -> None:
    sample = draw_sample(corpus[0], size=size, seed=3)
    assert sample["stratum"].str.starts_with("surely_not").sum() >= floor


def test_strata_cross_both_halves_of_the_window(corpus: Corpus) -> None:
    halves = draw_sample(corpus[0], size=1_000, seed=3)["stratum"].str.split("|").list.last()
    assert set(halves) == {"early", "late"}


def test_row_order_laziness_and_repeats_do_not_matter(corpus: Corpus) -> None:
    coded = corpus[0].with_columns(pl.lit(None, dtype=pl.String).alias("repeat_of"))
    repeats = coded.head(50).with_columns(pl.col("post_id").alias("repeat_of"))
    expected = draw_sample(coded, size=200, seed=4)
    mixed = pl.concat([coded, repeats]).sample(fraction=1, shuffle=True, seed=9)
    assert_frame_equal(draw_sample(mixed, size=200, seed=4), expected)
    assert_frame_equal(draw_sample(mixed.lazy(), size=200, seed=4), expected)


def test_another_seed_draws_other_posts(corpus: Corpus) -> None:
    first, second = (draw_sample(corpus[0], size=200, seed=seed)["post_id"] for seed in (1, 2))
    assert len(set(first) & set(second)) < 60


def test_training_posts_are_never_drawn(corpus: Corpus) -> None:
    training = corpus[0]["post_id"].head(19_800).to_list()
    sample = draw_sample(corpus[0], size=150, seed=1, exclude=training)
    assert not set(sample["post_id"]) & set(training)
    assert (1 / sample["inclusion_probability"]).sum() == pytest.approx(200)


@pytest.mark.slow
def test_each_post_is_drawn_as_often_as_its_probability_says(
    corpus_maker: Callable[..., Corpus],
) -> None:
    coded, _truth = corpus_maker(posts=600)
    hits = dict.fromkeys(coded["post_id"], 0)
    chance: dict[str, float] = {}
    runs = 150
    for seed in range(runs):
        sample = draw_sample(coded, size=150, seed=seed)
        for post, probability in sample.select("post_id", "inclusion_probability").iter_rows():
            hits[post] += 1
            chance[post] = probability
    assert len(chance) == 600  # no post has chance zero
    expected = np.array([chance[post] for post in hits])
    seen = np.array(list(hits.values())) / runs
    z = (seen - expected) / np.sqrt(np.maximum(expected * (1 - expected), 1e-3) / runs)
    assert np.abs(z).max() < 4.5
    assert np.abs(z).mean() < 1.0


def test_a_frame_smaller_than_the_sample_is_taken_whole(
    corpus_maker: Callable[..., Corpus],
) -> None:
    coded, _truth = corpus_maker(posts=80)
    sample = draw_sample(coded, size=1_000, seed=1)
    assert sample.height == 80
    assert (sample["inclusion_probability"] == 1).all()


def test_coders_cannot_read_the_strata_from_the_order(corpus: Corpus) -> None:
    sample = draw_sample(corpus[0], size=1_000, seed=1)
    sure = sample["stratum"].str.starts_with("surely_not").to_numpy()
    first, second = sure[:500].mean(), sure[500:].mean()
    assert abs(first - second) < 0.1


def minimal(rows: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "text": [f"发货慢{number % 7}" for number in range(rows)],
            "is_negative": [number % 3 == 0 for number in range(rows)],
            "grievances": [["delivery"] if number % 6 == 0 else [] for number in range(rows)],
        }
    )


def test_texts_without_any_id_get_stable_names() -> None:
    coded = minimal(70)
    sample = draw_sample(coded, size=30, seed=1)
    assert sample["post_id"].n_unique() == 30
    assert set(sample["text"]) <= set(coded["text"])


def test_same_ids_of_two_sources_are_told_apart() -> None:
    both = pl.concat(
        [
            minimal(40).with_columns(
                pl.lit(source).alias("source"), pl.int_range(40).cast(pl.String).alias("post_id")
            )
            for source in ("weibo", "heimao")
        ]
    )
    names = draw_sample(both, size=80, seed=1)["post_id"]
    assert names.str.contains(":").all()
    assert names.n_unique() == 80


def test_posts_outside_the_window_are_not_in_the_frame() -> None:
    coded = minimal(60).with_columns(
        pl.int_range(60).cast(pl.String).alias("post_id"),
        (pl.int_range(60) < 25).alias("is_in_window"),
        pl.lit(datetime(2020, 6, 1)).alias("published_at"),
    )
    sample = draw_sample(coded, size=60, seed=1)
    assert sorted(sample["post_id"].cast(pl.Int64)) == list(range(25))


@pytest.mark.parametrize(
    ("frame", "size", "rule"),
    [
        (minimal(20), 0, "at least one post"),
        (minimal(20).drop("is_negative"), 5, "is_negative"),
        (minimal(0), 5, "posts in the window"),
        (minimal(20).with_columns(pl.lit("7").alias("post_id")), 5, "its own id"),
    ],
)
def test_broken_input_is_refused(frame: pl.DataFrame, size: int, rule: str) -> None:
    with pytest.raises(CaodianError, match=rule):
        draw_sample(frame, size=size, seed=1)


def test_plan_narrows_with_the_size(corpus: Corpus) -> None:
    plan = plan_audit(corpus[0], sizes=[300, 1_000])
    by_size = plan.pivot(index="grievance", columns="size", values="half_width")
    assert (by_size[300] > by_size[1_000]).all()
    assert plan["grievance"].iloc[0] == "negative"


@pytest.mark.parametrize(
    ("days", "size", "expected"),
    [
        # each half: 2,000 posts of .5 that stand for ten, so 4,500 about 1,000
        (20, 400, 100 * np.expm1((1.959964 + 0.841621) * 2 * np.sqrt(2 * 4_500 / 1_000**2))),
        (20, 4_000, 0.0),  # who audits all knows
        (20, 4, None),  # more than tenfold
        (1, 400, None),  # no second half
    ],
)
def test_the_planner_tells_the_growth_that_drift_does_not_hide(
    days: int, size: int, expected: float | None
) -> None:
    posts = pl.DataFrame(
        {
            "post_id": [f"{number:04d}" for number in range(4_000)],
            "text": "涨价",
            "published_at": [datetime(2020, 6, 1 + number % days) for number in range(4_000)],
            "is_negative": True,
            "negative_probability": 0.5,
            "grievances": [[]] * 4_000,
        },
        schema_overrides={"grievances": pl.List(pl.String)},
    )
    row = plan_audit(posts, sizes=[size], codes=[]).iloc[0]
    assert row["growth_pct"] == (expected if expected is None else pytest.approx(expected, abs=0.1))


@pytest.mark.parametrize(("score", "is_told"), [(0.45, False), (0.55, True)])
def test_no_growth_is_told_of_a_code_of_less_than_a_post_in_either_half(
    score: float, is_told: bool
) -> None:
    """Two scored posts in each half, all of them drawn: what they are would be known for sure."""
    posts = pl.DataFrame(
        {
            "post_id": [f"{number:03d}" for number in range(400)],
            "text": "涨价",
            "published_at": [datetime(2020, 6, 1 + number % 20) for number in range(400)],
            "is_negative": True,
            "negative_probability": 0.9,
            "grievances": [[]] * 400,
            "scores": [
                json.dumps({"price": score if number in (0, 2, 17, 19) else 0.0})
                for number in range(400)
            ],
        },
        schema_overrides={"grievances": pl.List(pl.String)},
    )
    row = plan_audit(posts, sizes=[400], codes=["price"]).iloc[1]
    assert row["grievance"] == "price" and pd.notna(row["growth_pct"]) == is_told
