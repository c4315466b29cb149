"""Drift: found where it is, none where there is none, and all codes estimated together."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import polars as pl
import pytest

from analysis.audit.drift import _drift_of, drift_alone, measure_drift, pool_drifts
from analysis.audit.sampling import draw_sample

Corpus = tuple[pl.DataFrame, pl.DataFrame]
Coding = Callable[[pl.DataFrame, pl.DataFrame, list[str]], pd.DataFrame]
CODES = ["live_streaming", "price", "sms_harassment", "red_envelope", "product_quality"]


@pytest.mark.slow
def test_drift_is_found_where_it_is_and_not_where_it_is_not(
    corpus: Corpus, coding_of: Coding
) -> None:
    coded, truth = corpus
    quiet = 0
    for seed in range(12):
        sample = draw_sample(coded, size=1_000, seed=seed)
        drift = measure_drift(sample, coding_of(sample, truth, CODES)).set_index("grievance")
        quiet += drift.loc["negative", "low"] < 0 < drift.loc["negative", "high"]
    assert quiet >= 9
    late = coded["published_at"] > coded["published_at"].sort()[coded.height // 2]
    lost = late & (pl.Series(range(coded.height)) % 2 == 0)
    empty = pl.lit([], dtype=pl.List(pl.String))
    drifting = coded.with_columns(
        pl.when(lost).then(False).otherwise("is_negative").alias("is_negative"),
        pl.when(lost).then(empty).otherwise("grievances").alias("grievances"),
    )
    sample = draw_sample(drifting, size=2_000, seed=3)
    drift = measure_drift(sample, coding_of(sample, truth, CODES)).set_index("grievance")
    # half of the late items are lost: a factor of .5 over half a window, .25 over the whole
    assert drift.loc["negative", "low"] < -0.75 < drift.loc["negative", "high"]
    assert drift.loc["negative", "high"] < -0.5
    assert drift.loc["negative", "p"] < 0.01


@pytest.mark.slow
def test_pooled_drifts_against_a_slow_posterior() -> None:
    """Brute force: common drift, spread and the drift of each code on grids, priors written out."""
    changes, errors = np.array([0.1, 0.5, -1.0, 0.0]), np.array([0.15, 0.4, 0.9, np.inf])
    common, spreads = np.linspace(-2, 2, 401), np.linspace(0, 1.5, 151)
    drifts = np.linspace(-3, 3, 1201)
    step = drifts[1] - drifts[0]
    density = np.zeros((4, len(drifts)))
    for half_normal in spreads:
        spread = np.sqrt(half_normal**2 + 0.05**2)
        prior = np.exp(-0.5 * (half_normal / 0.25) ** 2 - 0.5 * (common / 0.5) ** 2)
        about = np.exp(-0.5 * ((drifts[:, None] - common) / spread) ** 2) / spread
        seen = [
            np.exp(-0.5 * ((drifts - change) / error) ** 2)
            if np.isfinite(error)
            else np.ones(len(drifts))
            for change, error in zip(changes, errors, strict=True)
        ]
        likelihood = [(one[:, None] * about).sum(axis=0) * step for one in seen]
        for code in range(4):
            others = np.prod([likelihood[k] for k in range(4) if k != code], axis=0)
            density[code] += (seen[code][:, None] * about * (others * prior)).sum(axis=1)
    below = np.cumsum(density, axis=1) / density.sum(axis=1, keepdims=True)
    pooled = pool_drifts(changes, errors)
    for level, found in ((0.5, pooled.middle), (0.025, pooled.low), (0.975, pooled.high)):
        slow = [drifts[np.searchsorted(row, level)] for row in below]
        assert found == pytest.approx(slow, abs=0.012)
    none = [row[np.searchsorted(drifts, 0.0)] for row in below]
    assert pooled.p == pytest.approx([2 * min(x, 1 - x) for x in none], abs=0.02)


def test_a_code_with_little_evidence_takes_the_common_drift_and_one_with_much_keeps_its_own():
    changes = np.array([0.2, 0.25, 0.15, 0.2, 3.0, 3.0])
    pooled = pool_drifts(changes, np.array([0.1, 0.1, 0.1, 0.1, 2.0, 0.05]))
    assert pooled.middle[4] < 1 and pooled.middle[5] > 2.5
    assert pooled.high[4] - pooled.low[4] < 4 * 2.0 * 0.9
    lonely = pool_drifts(np.array([0.4]), np.array([0.05]))
    assert lonely.middle[0] == pytest.approx(0.39, abs=0.02)
    nothing = pool_drifts(np.array([]), np.array([]))
    assert nothing.middle.size == 0


def test_growth_of_a_code_is_no_drift_and_a_lost_half_is() -> None:
    half, band = np.repeat([0, 1], 200), np.tile(np.repeat([0, 1], 100), 2)
    weight = np.where(band == 0, 50.0, 2.0)
    y = np.where(band == 1, np.arange(400) % 10 < 8, 0)  # four in five of what it gives is right
    y[[0, 200]] = 1  # and one in a hundred of the others was missed, in either half
    given = {"half": half, "band": band, "weight": weight, "y": y}
    steady, error = drift_alone(
        np.array([[5000, 200], [5000, 200.0]]), np.array([200, 200.0]), **given
    )
    assert steady == pytest.approx(0) and 0.2 < error < 1.2
    growing, _ = drift_alone(
        np.array([[5000, 200], [5000, 300.0]]), np.array([200, 300.0]), **given
    )
    # the same share of the 5,000 others was missed, so that part did not grow: true counts are
    # 160 + 50 and 240 + 50 or, where the missed grow like the found, 240 + 75
    assert 0 < growing < 2 * np.log(300 / 200 * 210 / 290)
    y[half == 1] = np.where(band[half == 1] == 1, 1, 0)
    lost, _ = drift_alone(np.array([[5000, 200], [5000, 200.0]]), np.array([200, 200.0]), **given)
    assert lost == pytest.approx(2 * np.log((160 + 50) / 200), abs=0.3)


def by_hand(posts, items, *, half, band, weight, y):
    """Cell by cell: a share of a half's band that leans on both halves by half a true post."""
    cells = [[np.flatnonzero((half == h) & (band == b)) for b in range(4)] for h in range(2)]
    drawn = np.array([[weight[cell].sum() for cell in row] for row in cells])
    true = np.array([[(weight * y)[cell].sum() for cell in row] for row in cells])
    square = np.array([[(weight * (weight - 1))[cell].sum() for cell in row] for row in cells])
    worth = drawn**2 / square
    usual = ((true / drawn * worth).sum(axis=0) + 0.5) / (worth.sum(axis=0) + 1)
    growth = items / posts.sum(axis=1) / (items.sum() / posts.sum())
    total, variance = np.zeros(2), np.zeros(2)
    for h in range(2):
        for b in range(4):
            expected = usual[b] * (growth[h] if b < 2 else 1)  # the machine did not see these
            prior = max(1, 0.5 / usual[b])
            share = (true[h, b] / drawn[h, b] * worth[h, b] + prior * min(expected, 0.999)) / (
                worth[h, b] + prior
            )
            total[h] += posts[h, b] * share
            variance[h] += posts[h, b] ** 2 * share * (1 - share) / worth[h, b]
    change = 2 * (np.log(items[1] / total[1]) - np.log(items[0] / total[0]))
    return change, 2 * np.sqrt((variance / total**2).sum())


def test_the_drift_of_one_code_is_what_one_works_out_by_hand() -> None:
    rng = np.random.default_rng(12)
    half, band = np.repeat([0, 1], 120), np.tile(np.repeat(range(4), 30), 2)
    weight = np.array([90.0, 30.0, 8.0, 3.0])[band] * rng.uniform(0.8, 1.2, 240)
    y = (rng.random(240) < np.array([0.02, 0.1, 0.5, 0.9])[band]).astype(float)
    posts, items = np.array([[3000, 800, 250, 90], [2500, 900, 240, 130.0]]), np.array([300.0, 420])
    found = drift_alone(posts, items, half=half, band=band, weight=weight, y=y)
    assert found == pytest.approx(by_hand(posts, items, half=half, band=band, weight=weight, y=y))


def test_what_nobody_drew_of_a_half_is_what_the_other_leaves_of_the_band() -> None:
    """The second band was drawn in the first half alone: 60 of its 100 posts are the other's."""
    half, band = np.array([0] * 12 + [1] * 6), np.array([0] * 6 + [1] * 6 + [0] * 6)
    of_half = np.where(band == 1, 40, np.where(half == 0, 300, 500))
    side = pl.DataFrame(
        {
            "half": half, "band": band, "half_posts": of_half,
            "half_items": np.where(half == 0, 30, 20), "band_posts": np.where(band == 1, 100, 800),
            "inclusion_probability": np.where(band == 1, 0.25, 0.02),
        }
    )  # fmt: skip
    y = np.where(band == 1, 1.0, 0.0)
    told = drift_alone(
        np.array([[300, 40], [500, 60.0]]), np.array([30.0, 20.0]), half=half, band=band,
        weight=np.where(band == 1, 4.0, 50.0), y=y,
    )  # fmt: skip
    assert _drift_of(side, y) == told
    assert _drift_of(side.filter(pl.col("half") == 0), y[:12]) is None


def test_what_no_half_can_tell_is_left_to_the_others():
    half, band = np.repeat([0, 1], 6), np.array([0] * 6 + [1] * 6)
    told = drift_alone(
        np.full((2, 2), 50.0), np.array([10.0, 10.0]), half=half, band=band,
        weight=np.full(12, 8.0), y=np.zeros(12),
    )  # fmt: skip
    assert np.isfinite(told[0])
