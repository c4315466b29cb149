"""Red and black list: nobody is named on missing or weak evidence."""

from datetime import date, datetime

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import stats

from analysis.errors import CaodianError
from analysis.measures.prevalence import count_platforms
from analysis.measures.specification import _read_scored
from analysis.measures.watchlist import (
    _COLUMNS,
    _WORDING,
    _compare,
    _decide,
    _fit_gamma,
    _missing_evidence,
    _noise_of,
    dispersion_of,
    explain_listing,
    gather_evidence,
    measure_noise,
    posterior,
    probability_above,
    rank_platforms,
)

NAMES = ["淘宝", "天猫", "京东", "拼多多", "抖音", "快手", "得物", "苏宁易购"]
RATES = np.array([100, 110, 95, 105, 90, 100, 400, 10])


def tables(rates=RATES, units=10.0):
    """Counts, exposure and full evidence of eight platforms, one far above and one far below."""
    items = np.round(rates * units).astype(int)
    counts = pd.DataFrame(
        {
            "platform": NAMES,
            "items": items,
            "families": items,
            "authors": items,
            "estimate": items.astype(float),
            "low": items * 0.97,
            "high": items * 1.03,
        }
    )
    exposure = pd.DataFrame({"platform": NAMES, "exposure": units, "source": "annual reports"})
    evidence = pd.DataFrame(
        {
            "platform": NAMES,
            "days": 18,
            "audited": 80,
            "precision_low": 0.97,
            "is_campaign_checked": True,
            "is_reply_invited": True,
        }
    )
    return counts, exposure, evidence


def listed(counts, exposure, evidence):
    table = rank_platforms(counts, exposure, evidence=evidence)
    return dict(zip(table["platform"], table["list"], strict=True)), table.set_index("platform")


def test_clear_cases_are_listed_and_nobody_else():
    lists, table = listed(*tables())
    assert lists.pop("得物") == "black"
    assert lists.pop("苏宁易购") == "red"
    assert set(lists.values()) == {"not_enough_evidence"}
    assert tuple(rank_platforms(*tables()[:2]).columns) == _COLUMNS
    assert table.loc["得物", "reason"].startswith("more_per_exposure(")
    assert table.loc["得物", "low"] < table.loc["得物", "rate"] < table.loc["得物", "high"]


def test_without_exposure_nobody_is_listed():
    counts, _, evidence = tables()
    table = rank_platforms(counts, evidence=evidence)
    assert set(table["list"]) == {"not_enough_evidence"}
    assert set(table["reason"]) == {"no_exposure"}
    assert table["rate"].isna().all()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("days", 4, "few_days(4)"),
        ("days", None, "few_days(unknown)"),
        ("audited", 59, "not_audited(59)"),
        ("precision_low", 0.94, "attribution(0.94)"),
        ("precision_low", None, "attribution(unknown)"),
        ("is_campaign_checked", False, "no_campaign_check"),
        ("is_campaign_checked", None, "no_campaign_check"),
        ("is_reply_invited", "false", "no_reply"),
    ],
)
def test_each_condition_alone_keeps_a_platform_off_the_list(column, value, reason):
    counts, exposure, evidence = tables()
    evidence[column] = value
    lists, table = listed(counts, exposure, evidence)
    assert lists["得物"] == "not_enough_evidence"
    assert table.loc["得物", "reason"] == reason


@pytest.mark.parametrize(
    ("column", "enough", "too_few", "reason"),
    [
        ("estimate", 30, 29, "few_items(29)"),
        ("families", 30, 29, "few_texts(29)"),
        ("authors", 30, 29, "few_authors(29)"),
        ("days", 5, 4, "few_days(4)"),
        ("audited", 60, 59, "not_audited(59)"),
        ("precision_low", 0.95, 0.94, "attribution(0.94)"),
        ("precision_low", 0.95, None, "attribution(unknown)"),
        ("is_campaign_checked", True, False, "no_campaign_check"),
        ("is_campaign_checked", "true", None, "no_campaign_check"),
        ("is_reply_invited", 1, "false", "no_reply"),
    ],
)
def test_evidence_is_enough_from_each_least_number_on(column, enough, too_few, reason):
    least = {
        "estimate": 30, "families": 30, "authors": 30, "days": 5, "audited": 60,
        "precision_low": 0.95, "is_campaign_checked": True, "is_reply_invited": True,
    }  # fmt: skip
    assert _missing_evidence(pd.Series(least | {column: enough}, dtype=object)) == []
    assert _missing_evidence(pd.Series(least | {column: too_few}, dtype=object)) == [reason]


def judged(platforms=5, **change):
    """Decide on a platform of which all is known, but for what is changed."""
    row = {
        "exposure": 10.0, "source": "annual report", "black": 0.95, "red": 0.0, "is_robust": True,
        "black_in_texts": 0.95, "red_in_texts": 0.0, "estimate": 300, "families": 300,
        "authors": 300, "days": 18, "audited": 80, "precision_low": 0.97,
        "is_campaign_checked": True, "is_reply_invited": True,
    }  # fmt: skip
    return _decide(pd.Series(row | change, dtype=object), platforms)


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({}, ("black", "more_per_exposure(0.95)")),
        ({"black": 0.94}, ("not_enough_evidence", "no_clear_difference(0.94)")),
        ({"black": 0.0, "red": 0.95, "red_in_texts": 0.95}, ("red", "fewer_per_exposure(0.95)")),
        ({"black": 0.0, "red": 0.95}, ("not_enough_evidence", "not_in_families")),
        ({"black_in_texts": 0.94}, ("not_enough_evidence", "not_in_families")),
        ({"is_robust": False}, ("not_enough_evidence", "not_robust")),
        ({"source": " "}, ("not_enough_evidence", "no_source")),
        ({"source": None, "days": 4}, ("not_enough_evidence", "no_source; few_days(4)")),
        ({"exposure": float("nan")}, ("not_enough_evidence", "no_exposure")),
        ({"platforms": 4}, ("not_enough_evidence", "few_platforms(4)")),
    ],
)
def test_a_platform_is_listed_where_all_holds_and_else_told_why_not(change, verdict):
    assert judged(**change) == verdict


def test_rates_and_chances_are_those_of_the_gamma_distribution():
    counts, exposure, _ = tables()
    known = counts.merge(exposure, on="platform").rename(
        columns={"low": "audit_low", "high": "audit_high"}
    )
    known["noise"] = 0.05
    known["families"] = known["items"] * [1, 1, 0.5, 1, 1, 1, 0.25, 1]
    found = _compare(known)
    factors = 1 + 0.05**2 * known["items"]
    units = (known["exposure"] / factors).to_numpy()
    drawn = posterior((known["items"] / factors).to_numpy(), units)
    gamma = stats.gamma(drawn.shape, scale=1 / drawn.rate)
    assert found["rate"].to_numpy() == pytest.approx(drawn.shape / drawn.rate)
    assert found["low"].to_numpy() == pytest.approx(gamma.ppf(0.025))
    assert found["high"].to_numpy() == pytest.approx(gamma.ppf(0.975))
    steps = stats.norm.ppf((np.arange(41) + 0.5) / 41)
    error = (known["items"] * 0.06 / 3.92 / factors).to_numpy()  # an interval of six per cent
    share = (known["families"] / known["items"]).to_numpy()
    texts = posterior((share * known["items"] / factors).to_numpy(), units)
    for name, factor in (("black", 1.25), ("red", 0.8)):
        for of, spread, column in (
            (drawn, error, name),
            (texts, error * share, f"{name}_in_texts"),
        ):
            shapes, scale = of.shape[:, None] + spread[:, None] * steps, 1 / of.rate[:, None]
            above = stats.gamma.sf(factor * of.reference, shapes, scale=scale).mean(axis=1)
            expected = above if name == "black" else 1 - above
            assert found[column].to_numpy() == pytest.approx(expected, abs=1e-9), column


@pytest.mark.parametrize(
    ("column", "reason"), [("families", "few_texts(unknown)"), ("authors", "few_authors(unknown)")]
)
def test_unknown_units_keep_a_platform_off_the_list(column, reason):
    counts, exposure, evidence = tables()
    _, table = listed(counts.drop(columns=column), exposure, evidence)
    assert table.loc["得物", "reason"] == reason


def test_not_audited_counts_are_not_enough():
    counts, exposure, evidence = tables()
    bare = counts.drop(columns=["estimate", "low", "high"])
    _, table = listed(bare, exposure, evidence)
    assert table.loc["得物", "reason"] == "few_items(unknown)"


def test_exposure_needs_a_source():
    counts, exposure, evidence = tables()
    bare = exposure.drop(columns="source")
    assert listed(counts, bare, evidence)[1].loc["得物", "reason"] == "no_source"
    named = rank_platforms(counts, bare, evidence=evidence, exposure_source="annual report 2019")
    assert named.set_index("platform").loc["得物", "list"] == "black"


def test_verdict_must_survive_half_as_much_exposure_again():
    rates = RATES.copy()
    rates[6] = 170  # 1.7 × the median, but 1.13 × should the exposure be 1.5 times as large
    _, table = listed(*tables(rates))
    assert table.loc["得物", "reason"] == "not_robust"


def test_one_text_many_times_is_not_many_complaints():
    counts, exposure, evidence = tables()
    counts.loc[6, "families"] = 40
    lists, table = listed(counts, exposure, evidence)
    assert lists["得物"] == "not_enough_evidence"
    assert "not_in_families" in table.loc["得物", "reason"]


def test_wide_audit_interval_keeps_a_platform_off_the_list():
    counts, exposure, evidence = tables()
    counts.loc[6, ["low", "high"]] = [500.0, 8000.0]
    assert listed(counts, exposure, evidence)[0]["得物"] == "not_enough_evidence"


def test_few_platforms_cannot_be_compared():
    counts, exposure, evidence = tables()
    table = rank_platforms(counts, exposure.tail(4), evidence=evidence).set_index("platform")
    assert table.loc["得物", "reason"] == "few_platforms(4)"
    assert table.loc["淘宝", "reason"] == "no_exposure"


def test_row_order_does_not_matter():
    counts, exposure, evidence = tables()
    shuffled = rank_platforms(
        counts.sample(frac=1, random_state=1),
        exposure.sample(frac=1, random_state=2),
        evidence=evidence.iloc[::-1],
    )
    pd.testing.assert_frame_equal(rank_platforms(counts, exposure, evidence=evidence), shuffled)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c, e: (c.drop(columns="items"), e), "missing: items"),
        (lambda c, e: (pd.concat([c, c.head(1)]), e), "淘宝"),
        (lambda c, e: (c, e.assign(exposure=0)), "above 0"),
        (lambda c, e: (c, e.drop(columns="exposure")), "missing: exposure"),
        (lambda c, e: (c.assign(items="viele"), e), "numbers from 0 up"),
    ],
)
def test_broken_tables_are_refused(change, message):
    counts, exposure, _ = tables()
    with pytest.raises(CaodianError, match=message):
        rank_platforms(*change(counts, exposure))


def test_empty_table_gives_an_empty_list():
    table = rank_platforms(pd.DataFrame({"platform": [], "items": []}))
    assert tuple(table.columns) == _COLUMNS
    assert table.empty


def test_gamma_fit_maximises_the_negative_binomial_likelihood():
    """Against a grid search with scipy's own negative binomial."""
    generator = np.random.default_rng(7)
    units = generator.uniform(5, 50, 25)
    counts = generator.poisson(units * generator.gamma(8.0, 2.0, 25)).astype(float)

    def likelihood(a, b):
        return stats.nbinom.logpmf(counts, a, b / (b + units)).sum()

    a, b = _fit_gamma(counts, units)
    grid = [likelihood(x, y) for x in a * np.geomspace(0.8, 1.25, 41) for y in
            b * np.geomspace(0.8, 1.25, 41)]  # fmt: skip
    assert likelihood(a, b) >= max(grid) - 1e-6


def test_gamma_fit_recovers_the_truth():
    generator = np.random.default_rng(8)
    units = generator.uniform(5, 50, 4000)
    counts = generator.poisson(units * generator.gamma(8.0, 2.0, 4000)).astype(float)
    a, b = _fit_gamma(counts, units)
    assert a == pytest.approx(8.0, rel=0.1)
    assert a / b == pytest.approx(16.0, rel=0.02)


def test_probability_averages_over_the_audit():
    """Against plain Monte Carlo."""
    drawn = posterior(np.array([130.0, 100, 100, 95, 105]), np.full(5, 10.0))
    spread = np.array([20.0, 0, 0, 0, 0])
    generator = np.random.default_rng(9)
    shape = np.maximum(drawn.shape[0] + generator.normal(0, 20, 200_000), 1e-9)
    rates = generator.gamma(shape, 1 / drawn.rate[0])
    expected = (rates > 1.05 * drawn.reference).mean()
    assert probability_above(drawn, spread, 1.05)[0] == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("code", sorted(_WORDING))
def test_every_reason_has_words_and_blames_nobody(code):
    english, chinese = explain_listing(f"{code}(3)", "en"), explain_listing(f"{code}(3)", "zh")
    assert english
    assert chinese
    for word in ("illegal", "dishonest", "违法", "欺诈"):
        assert word not in english + chinese


def test_evidence_counts_each_platform_once_a_post():
    posts = pl.DataFrame(
        {
            "is_negative": [True, True, True, False, True],
            "platforms": [["得物", "得物"], ["得物", "淘宝"], ["得物"], ["得物"], ["得物"]],
            "published_at": [datetime(2020, 6, day) for day in (1, 1, 2, 3, 4)],
            "family_id": ["a", "a", "b", "c", "d"],
            "author_key": ["x", None, "x", "y", "z"],
            "repeat_of": [None, None, None, None, "weibo_search:1"],
        }
    )
    table = gather_evidence(posts).set_index("platform")
    columns = ["days", "families", "authors", "largest_family_share"]
    assert table.loc["得物", columns].tolist() == [2, 2, 1, pytest.approx(2 / 3, abs=1e-6)]
    assert table["noise"].isna().all()  # two days tell nothing
    assert table.loc["淘宝", ["days", "families", "authors"]].tolist() == [1, 1, 0]


def test_noise_is_measured_over_all_days_from_the_first_to_the_last():
    """Days without a post count as such, each in its place."""
    days = [date(2020, 6, 1 + n) for n in (0, 1, 2, 5, 9)]
    items = {"得物": [30, 20, 10, 0, 4], "淘宝": [5, 0, 0, 40, 60], "京东": [20, 20, 20, 20, 20]}
    rows = [
        (name, day, n)
        for name, counts in items.items()
        for day, n in zip(days, counts, strict=True)
        if n
    ]
    by_day = pl.DataFrame(rows, schema=["platform", "day", "len"], orient="row")
    daily = np.zeros((3, 10))
    for row, counts in enumerate(items.values()):
        daily[row, [0, 1, 2, 5, 9]] = counts
    assert _noise_of(list(items), by_day) == measure_noise(daily).round(6).tolist()
    assert _noise_of(["得物"], by_day.head(0)) == [pytest.approx(np.nan, nan_ok=True)]


def test_evidence_joins_the_list():
    counts, exposure, evidence = tables()
    found = pd.DataFrame({"platform": NAMES, "days": 3})
    joined = evidence.drop(columns="days").merge(found, on="platform")
    assert listed(counts, exposure, joined)[1].loc["得物", "reason"] == "few_days(3)"


def test_evidence_needs_coded_posts():
    with pytest.raises(CaodianError, match="missing: platforms"):
        gather_evidence(pl.DataFrame({"is_negative": [True]}))


def test_polars_counts_give_a_polars_list():
    counts, exposure, evidence = tables()
    plain = rank_platforms(counts, exposure, evidence=evidence)
    given = [pl.DataFrame(table) for table in (counts, exposure, evidence)]
    ranked = rank_platforms(given[0], given[1], evidence=given[2])
    assert isinstance(ranked, pl.DataFrame)
    assert ranked.rows() == [tuple(row) for row in plain.itertuples(index=False)]
    copied = counts.set_axis([0] * len(counts)).astype({"platform": "category"})
    pd.testing.assert_frame_equal(rank_platforms(copied, exposure, evidence=evidence), plain)


@pytest.mark.parametrize(
    ("in_window", "counted"),
    [([True, None, False], 1), ([None, None, None], 3), ([True, True, False], 2)],
)
def test_counts_and_evidence_take_the_same_posts(in_window, counted):
    posts = pl.DataFrame(
        {
            "is_in_window": pl.Series(in_window, dtype=pl.Boolean),
            "repeat_of": pl.Series([None] * 3, dtype=pl.String),
            "published_at": [datetime(2020, 6, day) for day in (1, 2, 3)],
            "is_negative": True,
            "grievances": [["price"]] * 3,
            "platforms": [["得物"]] * 3,
            "family_id": ["a", "b", "c"],
        }
    )
    assert gather_evidence(posts)["families"].tolist() == [counted]
    assert count_platforms(posts)["items"].tolist() == [counted]
    assert _read_scored(posts).items.height == counted


def chained(generator, platforms, cv, days=20):
    """Items a day whose totals swing by so much: gamma affairs of five days each."""
    shape = 4 / cv**2
    affairs = (
        generator.gamma(shape / 4, 4 / shape, (platforms, 4)) if cv else np.ones((platforms, 4))
    )
    return generator.poisson(20 * np.repeat(affairs, days // 4, axis=1))


def test_noise_of_independent_posts_is_none_and_that_of_affairs_is_found():
    generator = np.random.default_rng(1)
    even = measure_noise(generator.poisson(20.0, (40, 20)).astype(float))
    assert np.sqrt(np.mean(even**2)) < 0.06
    drawn = [measure_noise(chained(generator, 12, 0.4).astype(float)) for _ in range(40)]
    # of the totals that affairs of five days give: cv / 2, and the margin for memory, root two
    assert np.sqrt(np.mean(np.square(drawn))) == pytest.approx(0.4 / 2 * np.sqrt(2), rel=0.25)


def test_a_promotion_that_all_share_is_no_noise():
    promotion = np.where(np.arange(20) >= 15, 4.0, 1.0)
    daily = np.random.default_rng(2).poisson(20 * promotion, (40, 20)).astype(float)
    assert np.sqrt(np.mean(measure_noise(daily) ** 2)) < 0.06


@pytest.mark.parametrize(
    ("days", "items", "is_known"), [(8, 4, True), (7, 5, False), (8, 3, False)]
)
def test_noise_needs_eight_days_and_thirty_items(days, items, is_known):
    noise = measure_noise(np.full((3, days), float(items)))
    assert (~np.isnan(noise)).all() == is_known == (~np.isnan(noise)).any()


def test_own_noise_never_counts_for_less_than_the_average():
    counts, exposure = np.array([100.0, 100.0, 100.0]), np.ones(3)
    factors = dispersion_of(counts, exposure, np.array([0.0, 0.3, np.nan]))
    assert factors == pytest.approx([1 + 100 * 0.045, 1 + 100 * 0.09, 1 + 100 * 0.045])


def test_without_days_the_spread_between_platforms_is_noise():
    unknown = np.full(5, np.nan)
    alike = dispersion_of(np.array([100.0, 101, 99, 100, 100]), np.ones(5), unknown)
    assert alike.tolist() == [1.0] * 5
    logs = np.array([-0.5, -0.2, 0.0, 0.2, 0.5])
    counts = 1e6 * np.exp(logs)
    spread = dispersion_of(counts, np.ones(5), unknown)
    assert spread == pytest.approx(1 + counts * (1.4826 * 0.2) ** 2, rel=1e-3)


@pytest.mark.slow
def test_platforms_that_only_swing_are_not_listed():
    """Equal rates, totals that swing by half: below 5 % of lists name anybody."""
    generator, named = np.random.default_rng(3), {True: 0, False: 0}
    for _ in range(60):
        daily = chained(generator, 8, 1.1)
        counts, exposure, evidence = tables(daily.sum(axis=1) / 10.0)
        for is_known in named:
            noise = measure_noise(daily.astype(float)) if is_known else np.nan
            lists, _ = listed(counts, exposure, evidence.assign(noise=noise))
            named[is_known] += any(word != "not_enough_evidence" for word in lists.values())
    assert max(named.values()) <= 3
    quiet, exposure, evidence = tables()
    lists, _ = listed(quiet, exposure, evidence.assign(noise=0.05))
    assert (lists["得物"], lists["苏宁易购"]) == ("black", "red")
