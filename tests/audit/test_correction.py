"""Corrected counts: plain cases by hand, truth recovered, ppi_py on the unstratified case."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.stats import beta

from analysis.audit.correction import (
    Correction,
    _beta_end,
    correct_bands,
    correct_counts,
    estimate_counts,
    interval_ends,
    join_estimates,
    spread_machine,
)
from analysis.audit.sampling import draw_sample
from analysis.errors import CaodianError

Corpus = tuple[pl.DataFrame, pl.DataFrame]
Coding = Callable[[pl.DataFrame, pl.DataFrame, list[str]], pd.DataFrame]


def true_counts(truth: pl.DataFrame, codes: list[str]) -> dict[str, int]:
    counts = {"negative": int(truth["is_negative"].sum())}
    return counts | {code: int(truth["grievances"].list.contains(code).sum()) for code in codes}


CODES = ["live_streaming", "price", "sms_harassment", "red_envelope", "product_quality"]


def test_a_full_audit_returns_the_truth_without_error(
    corpus_maker: Callable[..., Corpus],
    coding_of: Coding,
) -> None:
    coded, truth = corpus_maker(posts=900)
    sample = draw_sample(coded, size=900, seed=1)
    table = estimate_counts(sample, coding_of(sample, truth, CODES)).set_index("grievance")
    for name, count in true_counts(truth, CODES).items():
        row = table.loc[name]
        assert (row["estimate"], row["low"], row["high"]) == (count, count, count)
        assert row["audited"] == 900


@pytest.mark.slow
def test_intervals_cover_the_truth_of_many_audits(corpus: Corpus, coding_of: Coding) -> None:
    coded, truth = corpus
    known = true_counts(truth, CODES)
    hits = dict.fromkeys(known, 0)
    totals = dict.fromkeys(known, 0.0)
    runs = 25
    for seed in range(runs):
        sample = draw_sample(coded, size=500, seed=seed)
        table = estimate_counts(sample, coding_of(sample, truth, CODES)).set_index("grievance")
        for name, count in known.items():
            hits[name] += table.loc[name, "low"] <= count <= table.loc[name, "high"]
            totals[name] += table.loc[name, "estimate"]
    assert all(count >= 20 for count in hits.values()), hits  # at .95, 19 or fewer: p < .001
    for name in ("negative", "live_streaming", "price"):
        assert totals[name] / runs == pytest.approx(known[name], rel=0.09)


def test_items_are_the_machines_own_count(corpus: Corpus, coding_of: Coding) -> None:
    coded, truth = corpus
    sample = draw_sample(coded, size=300, seed=1)
    table = estimate_counts(sample, coding_of(sample, truth, CODES)).set_index("grievance")
    assert table.loc["negative", "items"] == coded["is_negative"].sum()
    assert table.loc["price", "items"] == coded["grievances"].list.contains("price").sum()


def test_order_of_sample_and_coding_does_not_matter(corpus: Corpus, coding_of: Coding) -> None:
    sample = draw_sample(corpus[0], size=300, seed=1)
    coding = coding_of(sample, corpus[1], CODES)
    expected = estimate_counts(sample, coding)
    again = estimate_counts(sample.reverse(), coding.sample(frac=1, random_state=3))
    pd.testing.assert_frame_equal(again, expected)


def one_band(found: int, size: int, posts: float = 1e6) -> Correction:
    """Correct a simple random audit without scores."""
    y = np.repeat([1.0, 0.0], [found, size - found])
    return correct_bands(
        np.array([posts]), np.zeros(1), band=np.zeros(size, int), score=np.zeros(size), y=y,
        weight=np.full(size, posts / size),
    )  # fmt: skip


@pytest.mark.parametrize(("found", "size"), [(5, 200), (20, 200), (120, 200), (190, 200)])
def test_a_simple_random_audit_has_the_interval_of_the_books(found: int, size: int) -> None:
    """Between Jeffreys' and Clopper and Pearson's intervals, as scipy has them."""
    counted = one_band(found, size)
    assert counted.estimate == pytest.approx(1e6 * found / size)
    low, high = (end / 1e6 for end in counted.interval)
    exact = beta.ppf([0.025, 0.975], [found, found + 1], [size - found + 1, size - found])
    assert low == pytest.approx(exact[0], rel=0.03)
    jeffreys = beta.ppf(0.975, found + 0.5, size - found + 0.5)
    assert 0.99 * jeffreys < high < 1.02 * exact[1]


def test_zero_found_is_an_upper_limit_not_zero() -> None:
    low, high = one_band(0, 300).interval
    assert low == 0
    assert 1e6 * 1.2 / 300 < high < 1e6 * 3.7 / 300  # above 0, below Clopper-Pearson


def test_nothing_is_left_to_doubt_when_every_post_was_audited() -> None:
    assert one_band(7, 40, posts=40.0).interval == pytest.approx((7, 7))


@pytest.mark.parametrize(
    ("variance", "missed_weight", "is_guarded"),
    [
        (400.0, 0.0, False),  # both ends leave 2.5 %
        (400.0, 4.0, True),
        (60.0, 30.0, True),  # the guard is most of the upper arm
        (2_000.0, 300.0, True),  # five true posts, and a missed one weighs as ten of them
    ],
)
def test_the_guard_widens_the_upper_end_and_the_lower_one_leaves_what_it_may(
    variance: float, missed_weight: float, *, is_guarded: bool
) -> None:
    """For two days the lower end took up to 6 points of what the upper one left: on real corpora
    it then missed in up to one audit of ten."""
    posts, estimate = 100_000.0, 100.0
    given = (estimate, variance, posts, missed_weight)
    low, high = interval_ends(*(np.array([number]) for number in given))
    share = estimate / posts
    size = share * (1 - share) / (variance / posts**2) - 1
    books = beta(share * size, (1 - share) * size)
    assert books.cdf(low[0] / posts) == pytest.approx(0.025, abs=1e-6)
    assert (books.sf(high[0] / posts) < 0.024) == is_guarded
    # Three quarters of a missed post more, half of it in the mean: as `correction` tells it.
    mean, spread = share + 0.5 * missed_weight / posts, variance + 1.0 * missed_weight**2
    size = mean * (1 - mean) / (spread / posts**2) - 1
    assert high[0] / posts == pytest.approx(beta.ppf(0.975, mean * size, (1 - mean) * size))


def test_nothing_found_has_an_upper_end_of_the_guard() -> None:
    low, high = interval_ends(*(np.array([number]) for number in (0.0, 0.0, 100_000.0, 30.0)))
    assert (low[0], high[0] > 30) == (0.0, True)


def test_scores_help_as_a_regression_does() -> None:
    """Slope and mean of the band above the lowest against NumPy's own line."""
    generator = np.random.default_rng(5)
    score = generator.random(80)
    y = (generator.random(80) < 0.2 + 0.6 * score).astype(float)
    band = np.repeat([0, 1], [20, 80])
    lowest = np.linspace(0, 0.2, 20)  # in which codes fall as scores rise, and which says nothing
    counted = correct_bands(
        np.array([0, 8_000]), np.array([0.0, 0.45]), band=band, weight=np.full(100, 100.0),
        score=np.append(lowest, score), y=np.append(lowest < 0.1, y),
    )  # fmt: skip
    slope, start = np.polyfit(score, y, 1)
    assert 0 < slope < 1
    assert counted.estimate == pytest.approx(8_000 * (start + slope * 0.45))
    left = (y - start - slope * score).var() * 8_000 * 99  # N²(1 − f) s²/n
    assert counted.variance == pytest.approx(left, rel=0.01)


def test_a_band_whose_posts_agree_keeps_a_third_of_what_chance_alone_spreads() -> None:
    """Ten of a hundred posts, each of which stands for ten, are as good as 100² / (10 · 10 · 9)."""
    band = np.repeat([0, 1], 10)
    counted = correct_bands(
        np.array([100, 100]), np.zeros(2), band=band, weight=np.full(20, 10.0),
        score=np.zeros(20), y=band * 1.0,
    )  # fmt: skip
    posts = 100**2 / 900
    share = (posts + 0.5) / (posts + 1)
    assert counted.variance == pytest.approx(0.35 * 100**2 * share * (1 - share) / posts)


def test_what_nobody_saw_weighs_as_much_as_a_negative_item_of_the_lowest_band() -> None:
    band, is_negative = np.repeat([0, 0, 1], [30, 10, 20]), np.repeat([0, 1, 1], [30, 10, 20])
    given = {
        "band": band, "weight": np.repeat([100.0, 20.0, 5.0], [30, 10, 20]),
        "score": band * 0.9, "y": (band == 1) * 1.0,
    }  # fmt: skip
    frame = np.array([3_200, 100]), np.array([0.0, 0.9])
    known, unknown = (
        correct_bands(*frame, **given, is_negative=is_negative),
        correct_bands(*frame, **given),
    )
    assert known.missed_weight == pytest.approx(19)
    assert unknown.missed_weight > 80
    assert known.estimate == unknown.estimate and known.interval[1] < unknown.interval[1]
    assert unknown.interval[1] > 250


def test_sub_grievances_and_platforms_get_rows_where_data_allow(
    corpus: Corpus, coding_of: Coding
) -> None:
    coded, truth = corpus
    surge = pl.col("grievances").list.contains("price")
    nothing = pl.lit([], dtype=pl.List(pl.String))
    coded = coded.with_columns(
        pl.when(surge).then(pl.concat_list(pl.lit("price.price_surge"))).otherwise(nothing)
        .alias("sub_grievances"),
        pl.when(pl.col("post_id").str.ends_with("3")).then(pl.concat_list(pl.lit("得物")))
        .otherwise(nothing).alias("platforms"),
    )  # fmt: skip
    sample = draw_sample(coded, size=1_000, seed=1)
    coding = coding_of(sample, truth, CODES)
    coding["price.price_surge"] = coding["price"]
    table = estimate_counts(sample, coding).set_index("grievance")
    named = truth.filter(pl.col("post_id").str.ends_with("3") & pl.col("is_negative")).height
    row = table.loc["platform:得物"]
    assert row["low"] <= named <= row["high"]
    assert row["audited"] >= 60
    assert table.loc["price.price_surge", "low"] <= true_counts(truth, ["price"])["price"]
    assert list(table.index).index("price.price_surge") > list(table.index).index("price")


def test_targets_come_as_the_first_post_by_its_id_has_them() -> None:
    machine = [[{"target": "price"}, {"target": "delivery"}], [{"target": "delivery"}]]
    sample = pl.DataFrame(
        {"post_id": ["2", "1"], "stratum": "all", "inclusion_probability": 0.5, "machine": machine}
    )
    for rows in (sample, sample.reverse()):
        spread = spread_machine(rows).select("target", "post_id").rows()
        assert spread == [("delivery", "1"), ("delivery", "2"), ("price", "2")]


def test_a_count_of_none_or_of_all_has_no_spread() -> None:
    mean, variance, posts = np.array([0.0, 100.0, 50.0]), np.full(3, 4.0), np.full(3, 100.0)
    low, high = (_beta_end(level, mean, variance, posts) for level in (0.025, 0.975))
    assert low[:2].tolist() == high[:2].tolist() == [0.0, 100.0]
    assert 45 < low[2] < 50 < high[2] < 55


def test_without_an_audit_estimates_are_missing_and_no_row_is_lost():
    counts = pd.DataFrame({"grievance": ["all", "price"], "items": [9, 3]})
    joined = join_estimates(counts.copy(), "grievance", None)
    assert joined[["estimate", "low", "high"]].isna().all(axis=None)
    assert joined[["grievance", "items"]].equals(counts)


def test_scores_of_the_lowest_band_move_nothing() -> None:
    """Whatever the audited posts of it score beside all: one in ten is one in ten."""
    for mean in (0.0, 0.1, 0.3):
        counted = correct_bands(
            np.array([1_000]), np.array([mean]), band=np.zeros(10, int),
            weight=np.full(10, 100.0), score=np.linspace(0, 0.2, 10), y=np.eye(10)[0],
        )  # fmt: skip
        assert counted.estimate == pytest.approx(100)


def bands_in_plain_python(
    posts: list[float],
    mean_score: list[float],
    rows: list[tuple[int, float, float, float, int]],
) -> tuple[float, float, float, float]:
    """The correction as its comment tells it: estimate, variance, posts, weight of a miss."""
    lowest = min(band for band, *_ in rows)
    of = {band: [row[1:] for row in rows if row[0] == band] for band in range(len(posts))}
    drawn = {band: sum(weight for weight, *_ in of[band]) for band in of}
    means = {
        band: [sum(row[0] * row[part] for row in of[band]) / drawn[band] for part in (1, 2)]
        for band in of if drawn[band]
    }  # fmt: skip
    upper = [(w, s - means[b][0], y - means[b][1]) for b, w, s, y, _ in rows if b > lowest]
    slope = sum(w * w * s * y for w, s, y in upper) / sum(w * w * s * s for w, s, _ in upper)
    estimate = variance = held = 0.0
    for band, (seen, share) in means.items():
        own = min(1.0, max(0.0, slope)) if band > lowest else 0.0
        estimate += posts[band] * (share + own * (mean_score[band] - seen))
        off = [(w, y - share - own * (s - seen)) for w, s, y, _ in of[band]]
        spread = sum(w * (w - 1) * d * d for w, d in off) * (posts[band] / drawn[band]) ** 2
        if band > lowest:
            size = drawn[band] ** 2 / sum(w * (w - 1) for w, _ in off)
            smooth = (share * size + 0.5) / (size + 1)
            spread = max(spread, 0.35 * posts[band] ** 2 * smooth * (1 - smooth) / size)
        variance, held = variance + spread, held + posts[band]
    missed = [w for b, w, _, _, negative in rows if b == lowest and negative]
    missed = missed or [w for b, w, *_ in rows if b == lowest]
    return estimate, variance, held, sum(w * (w - 1) for w in missed) / sum(missed)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("empty", [None, 0, 2])
def test_bands_are_corrected_as_plain_python_does(seed: int, empty: int | None) -> None:
    """Four bands, of which one may hold no audited post; weights, codes and scores at random."""
    draw = np.random.default_rng(seed)
    band = np.repeat([b for b in range(4) if b != empty], 7)
    weight, score = draw.uniform(2, 90, len(band)), draw.uniform(0, 1, len(band))
    y = np.where(draw.random(len(band)) < 0.3 + 0.4 * score, 1.0, 0.5 * (draw.random() < 0.2))
    is_negative = draw.integers(0, 2, len(band)) if seed else np.zeros(len(band), dtype=int)
    posts, means = draw.integers(100, 900, 4), draw.uniform(0, 1, 4)
    found = correct_bands(
        posts, means, band=band, weight=weight, score=score, y=y, is_negative=is_negative
    )
    rows = list(zip(*(one.tolist() for one in (band, weight, score, y, is_negative)), strict=True))
    expected = bands_in_plain_python(posts.tolist(), means.tolist(), rows)
    told = (found.estimate, found.variance, found.posts, found.missed_weight)
    assert told == pytest.approx((max(expected[0], 0), *expected[1:]))


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame])
@pytest.mark.parametrize(
    ("by", "names", "estimates"),
    [
        ("grievance", ["all", "price", "delivery"], [None, 9.0, None]),
        ("platform", ["price", "得物"], [None, 5.0]),
        ("sub_grievance", ["price.surge", "price"], [3.0, 9.0]),
    ],
)
def test_the_audit_stands_beside_the_counts_of_the_same_name(kind, by, names, estimates) -> None:
    rows = [("price", 9.0), ("platform:得物", 5.0), ("price.surge", 3.0)]
    audit = pd.DataFrame(
        [(name, value, value - 1, value + 2) for name, value in rows],
        columns=["grievance", "estimate", "low", "high"],
    )
    apart = audit.iloc[:1].copy()
    apart.attrs["details"] = audit.iloc[1:]
    counts = kind({by: names, "items": [4] * len(names)})
    for one in (audit, apart, pl.DataFrame(audit.to_dict("list"))):
        found = correct_counts(counts, one)
        assert isinstance(found, kind)
        for column, more in (("estimate", 0), ("low", -1), ("high", 2)):
            told = [None if pd.isna(value) else value for value in found[column]]
            assert told == [None if value is None else value + more for value in estimates]
        assert list(found["items"]) == [4] * len(names)


@pytest.mark.parametrize("columns", [["date", "grievance"], ["channel"], ["items"]])
def test_days_and_channels_are_not_corrected(columns: list[str]) -> None:
    counts = pd.DataFrame({name: ["x"] for name in columns})
    audit = pd.DataFrame({"grievance": ["x"], "estimate": 1.0, "low": 1.0, "high": 1.0})
    said = "by date" if "date" in columns else "by something else"
    with pytest.raises(CaodianError, match=said):
        correct_counts(counts, audit)


def test_targets_go_from_codes_to_their_parts_to_platforms() -> None:
    names = ["platform:京东", "price.surge", "price", "negative", "delivery"]
    sample = pl.DataFrame({
        "post_id": ["1"], "stratum": "all", "inclusion_probability": 0.5,
        "machine": [[{"target": name} for name in names]],
    })  # fmt: skip
    told = spread_machine(sample)["target"].cast(pl.String).to_list()
    assert told == ["price", "negative", "delivery", "price.surge", "platform:京东"]
