"""Stars that contradict the coder make strata of their own; the weights stay those of the frame."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from analysis.audit.correction import estimate_counts
from analysis.audit.sampling import draw_sample, plan_audit
from analysis.audit.sheets import draw_audit

Corpus = tuple[pl.DataFrame, pl.DataFrame]
SIZE = 600


@pytest.fixture(scope="module")
def rated(corpus: Corpus) -> pl.DataFrame:
    """Half of the posts rated: what is planted has few stars mostly, the rest many."""
    coded, truth = corpus
    generator = np.random.default_rng(3)
    few = truth["is_negative"].to_numpy() ^ (generator.random(coded.height) < 0.1)
    stars = np.where(few, generator.integers(1, 4, len(few)), generator.integers(4, 6, len(few)))
    given = np.where(generator.random(len(few)) < 0.5, stars, np.nan)
    return coded.with_columns(pl.Series("rating", given).fill_nan(None))


@pytest.mark.parametrize("frame", ["polars", "pandas", "text"])
def test_stars_of_a_run_make_the_strata_however_they_come(rated: pl.DataFrame, frame: str) -> None:
    """A run gives its posts `stars`; the table of ratings has texts under that name."""
    posts = rated.rename({"rating": "stars"})
    given = posts.to_pandas() if frame == "pandas" else posts
    given = posts.with_columns(pl.col("stars").cast(pl.String)) if frame == "text" else given
    drawn = draw_audit(given, size=SIZE, seed=2)
    assert list(drawn["post_id"]) == draw_sample(rated, size=SIZE, seed=2)["post_id"].to_list()


def kinds(sample: pl.DataFrame) -> pl.Series:
    return sample["stratum"].str.split("|").list.first()


@pytest.mark.slow
@pytest.mark.parametrize("size", [2, 60, 300, SIZE])
def test_weights_add_up_to_the_frame(rated: pl.DataFrame, size: int) -> None:
    sample = draw_sample(rated, size=size, seed=2)
    assert sample.height == size
    assert (1 / sample["inclusion_probability"]).sum() == pytest.approx(rated.height)


def test_strata_of_contradicting_stars_hold_these_posts_and_no_other(rated: pl.DataFrame) -> None:
    sample = draw_sample(rated, size=SIZE, seed=2)
    posts = sample.join(rated.select("post_id", "rating", "is_negative"), on="post_id")
    praised = pl.col("is_negative") & (pl.col("rating") >= 4)
    panned = ~pl.col("is_negative") & (pl.col("rating") <= 2)
    for name, condition in (("negative_best_stars", praised), ("other_few_stars", panned)):
        drawn = posts.filter(kinds(posts) == name)
        assert drawn.height >= SIZE // 30
        assert drawn.select(condition.fill_null(False).all()).item()
        assert posts.filter(condition.fill_null(False)).height == drawn.height


def test_each_stratum_is_drawn_as_often_as_its_probability_says(rated: pl.DataFrame) -> None:
    sample = draw_sample(rated, size=SIZE, seed=2)
    held = sample.group_by("stratum").agg(
        pl.len(),
        pl.col("inclusion_probability").first(),
        pl.col("inclusion_probability").n_unique().alias("n"),
    )
    assert (held["n"] == 1).all()
    best = held.filter(pl.col("stratum").str.starts_with("negative_best_stars"))
    frame = rated.filter(pl.col("is_negative") & (pl.col("rating") >= 4)).height
    assert (best["len"] / best["inclusion_probability"]).sum() == pytest.approx(frame)


@pytest.mark.slow
def test_corrected_counts_stay_right(rated: pl.DataFrame, corpus: Corpus) -> None:
    """Over many draws the mean of the estimates is the truth, and the intervals hold it."""
    truth = corpus[1]
    planted = int(truth["is_negative"].sum())
    estimates, held = [], 0
    for seed in range(25):
        sample = draw_sample(rated, size=300, seed=seed, codes=[])
        chosen = truth.filter(pl.col("post_id").is_in(sample["post_id"].implode()))
        coding = pd.DataFrame(
            {"post_id": chosen["post_id"].to_list(), "negative": chosen["is_negative"].to_list()}
        )
        row = estimate_counts(sample, coding).iloc[0]
        estimates.append(row["estimate"])
        held += row["low"] <= planted <= row["high"]
    assert np.mean(estimates) == pytest.approx(planted, rel=0.03)
    assert held >= 22


def test_without_stars_nothing_changes(corpus: Corpus) -> None:
    expected = draw_sample(corpus[0], size=SIZE, seed=4)
    unrated = corpus[0].with_columns(pl.lit(None, pl.Float64).alias("rating"))
    assert_frame_equal(draw_sample(unrated, size=SIZE, seed=4), expected)


def test_a_handful_of_contradictions_makes_no_stratum(corpus: Corpus) -> None:
    coded = corpus[0].sort("is_negative", descending=True)
    stars = pl.Series("rating", [5.0] * 7 + [3.0] * (coded.height - 7))
    sample = draw_sample(coded.with_columns(stars), size=SIZE, seed=4)
    assert_frame_equal(sample, draw_sample(corpus[0], size=SIZE, seed=4))


@pytest.mark.slow
def test_row_order_does_not_matter_and_the_plan_knows_the_strata(rated: pl.DataFrame) -> None:
    mixed = rated.sample(fraction=1, shuffle=True, seed=9)
    assert_frame_equal(
        draw_sample(mixed.lazy(), size=200, seed=4), draw_sample(rated, size=200, seed=4)
    )
    plan = plan_audit(rated, sizes=[300, 1_000])
    assert (plan["half_width"] > 0).all()
