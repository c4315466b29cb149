"""Drift: found where it is, none where there is none, and all codes estimated together."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import polars as pl
import pytest

from analysis.audit.drift import drift_alone, measure_drift, pool_drifts
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


def test_what_no_half_can_tell_is_left_to_the_others():
    half, band = np.repeat([0, 1], 6), np.array([0] * 6 + [1] * 6)
    told = drift_alone(
        np.full((2, 2), 50.0), np.array([10.0, 10.0]), half=half, band=band,
        weight=np.full(12, 8.0), y=np.zeros(12),
    )  # fmt: skip
    assert np.isfinite(told[0])
