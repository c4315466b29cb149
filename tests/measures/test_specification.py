"""Specification curve: every defensible choice once, judged by the same rule."""

import json
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import polars as pl
import pytest

from analysis.errors import CaodianError
from analysis.measures.daily_series import arrange_daily
from analysis.measures.specification import (
    CHOICES,
    TABLE,
    _judge_all,
    _read_scored,
    _result,
    _Setup,
    _without_edges,
    specify_claims,
)
from analysis.measures.trend import judge_trend
from analysis.measures.trend_rule import TrendFit
from analysis.measures.trend_tests import Judgement
from analysis.study.load import study_of_range
from analysis.study.model import Claim, Thresholds

PEAK = ["2020-06-16", "2020-06-17", "2020-06-18"]


def posts(level=60, growth=1.0, copies_grow=True, seed=1):
    """Complaints on prices; if copies grow, the rise is in reposts of one text only."""
    generator = np.random.default_rng(seed)
    rows = []
    for day in range(20):
        factor = np.exp(np.log1p(growth) * (day - 9.5) / 19)
        texts = level if copies_grow else round(level * factor)
        for i in range(texts):
            rows.append((day, f"t{day}:{i}", f"a{generator.integers(0, 400)}", 0.9))
        for _ in range(round(level * factor) if copies_grow else 0):
            rows.append((day, "copied", f"a{generator.integers(0, 5)}", 0.4))
        for i in range(40):
            rows.append((day, f"o{day}:{i}", f"b{i}", None))
    return pl.DataFrame(
        {
            "published_at": [datetime(2020, 6, 1, 12) + timedelta(days=row[0]) for row in rows],
            "is_negative": True,
            "grievances": [["price"] if row[3] else ["delivery"] for row in rows],
            "family_id": [row[1] for row in rows],
            "author_key": [row[2] for row in rows],
            "scores": [
                json.dumps({"price": row[3]} if row[3] else {"delivery": 1.0}) for row in rows
            ],
        }
    )


def curve(frame, code="price", *, event_days=(), grades=None, drift=None, expected="growth"):
    """Judge the claim that a code grows."""
    study = study_with(("A", code, expected))
    dates = [date.fromisoformat(day) for day in event_days]
    study = study.model_copy(update={"event_days": dates})
    return specify_claims(frame, study, grades, drift)


@pytest.mark.slow
def test_every_choice_stands_once():
    table = curve(posts(), event_days=PEAK)
    assert tuple(table.columns) == TABLE
    # measures × units × thresholds × event days × edges × correction
    assert len(table) == 3 * 3 * 4 * 2 * 4 * 2
    assert not table.duplicated(list(CHOICES)).any()
    assert table["growth"].is_monotonic_increasing


@pytest.mark.slow
def test_rise_in_copies_alone_holds_in_items_only():
    table = curve(posts(), event_days=PEAK)
    by_unit = table.groupby(["unit", "threshold"])["holds"].mean()
    assert by_unit["items", "coder"] == 1.0
    assert by_unit["families", "coder"] == 0.0
    assert by_unit["items", "0.65"] == 0.0  # the copies score .4 only


def test_real_rise_holds_everywhere_but_where_people_run_out():
    table = curve(posts(copies_grow=False))
    assert table.loc[table["unit"] != "authors", "holds"].all()


@pytest.mark.slow
def test_one_specification_is_the_trend_table():
    frame = posts()
    daily = _read_scored(frame).count(None)
    trend = (
        judge_trend(daily, event_days=PEAK, claimed=["price"]).set_index("grievance").loc["price"]
    )
    row = curve(frame, event_days=PEAK).query(
        "measure == 'share' and unit == 'items' and threshold == 'coder' "
        "and event_days == 'modelled' and days_dropped == 'none' and correction == 'Holm'"
    ).iloc[0]  # fmt: skip
    assert row[["growth", "low", "high", "verdict"]].tolist() == (
        trend[["growth", "low", "high", "verdict"]].tolist()
    )
    assert row["p"] == trend["p_holm"]


def test_coverage_and_missing_columns_change_the_choices():
    dates = pd.date_range("2020-06-01", periods=20).strftime("%Y-%m-%d")
    grades = pd.DataFrame({"date": dates, "grade": ["doubtful"] * 3 + ["good"] * 17})
    frame = posts().drop("scores", "author_key")
    table = curve(frame, grades=grades)
    assert set(table["coverage"]) == {"not unfit", "good only"}
    assert set(table["unit"]) == {"items", "families"}
    assert set(table["threshold"]) == {"coder"}
    assert table["days"].max() == 20
    assert table.loc[table["coverage"] == "good only", "days"].max() == 17


def test_the_drift_of_the_coder_is_taken_out_of_every_specification():
    frame = posts(copies_grow=False, level=20).drop("scores", "author_key")
    drift = pd.DataFrame({"grievance": ["price"], "low": [0.6], "high": [1.5]})
    before, after = curve(frame), curve(frame, drift=drift)
    assert before["holds"].all() and not after["holds"].any()
    assert (after["growth"] < before["growth"]).all()


@pytest.mark.parametrize(("growth", "verdict"), [(0.0, "flat"), (0.045, "growth")])
def test_a_claim_of_steadiness_holds_where_its_verdict_does(growth, verdict):
    """A change that is sure is no steadiness, however small."""
    frame = posts(copies_grow=False, level=300, growth=growth).drop("scores", "author_key")
    table = curve(frame, expected="flat").query("measure == 'count'")
    assert ((table["low"] > -0.1) & (table["high"] < 0.1)).all()
    assert (table["verdict"] == verdict).any()
    assert table["holds"].tolist() == (table["verdict"] == "flat").tolist()


def test_no_specification_takes_a_share_that_other_posts_moved_for_a_trend():
    frame = posts(copies_grow=False, level=150, growth=0.0)
    others = pl.concat([posts(level=60, growth=3.0, seed=2)] * 2)
    others = others.with_columns(is_negative=False, family_id="o" + pl.col("family_id"))
    table = curve(pl.concat([frame, others]).drop("scores", "author_key"))
    shares = table.query("measure == 'share' and unit == 'items'")
    assert len(shares) and (shares["growth"] < -0.2).all() and (shares["p"] < 0.05).all()
    assert set(shares["verdict"]) == {"no_trend"}


def test_totals_have_no_threshold():
    table = curve(posts(), "negative")
    assert set(table["threshold"]) == {"coder"}


def test_absent_grievance_cannot_be_tested():
    assert curve(posts(), "red_envelope").empty


def test_counts_agree_with_plain_pandas():
    frame = posts(level=7)
    table = _read_scored(frame).count(None).set_index(["date", "grievance"])
    slow = frame.to_pandas().explode("grievances")
    slow["date"] = slow["published_at"].dt.date
    expected = slow.groupby(["date", "grievances"])["family_id"].agg(["size", "nunique"])
    for (day, code), row in expected.iterrows():
        found = table.loc[(day, code)]
        assert (found["items"], found["families"]) == (row["size"], row["nunique"])


def test_broken_input_is_refused():
    with pytest.raises(CaodianError, match="missing: is_negative"):
        curve(posts(level=3).drop("is_negative"))


def study_with(*claims, negative=0.5):
    study = study_of_range("x", datetime(2020, 6, 1).date(), datetime(2020, 6, 20).date(), [])
    listed = [
        Claim(
            id=name, kind="trend", grievance=code, expected=word, statement_zh="", statement_en=""
        )
        for name, code, word in claims
    ]
    thresholds = Thresholds(negative=negative)
    return study.model_copy(update={"claims": listed, "thresholds": thresholds})


@pytest.mark.slow
def test_claims_of_a_study_share_one_reading(tmp_path):
    posts().write_parquet(tmp_path / "part-00000.parquet")
    study = study_with(("A", "price", "growth"), ("B", "delivery", "flat"), negative=0.42)
    table = specify_claims(pl.scan_parquet(tmp_path / "*.parquet"), study)
    assert tuple(table.columns) == TABLE
    assert table["claim_id"].unique().tolist() == ["A", "B"]
    assert set(table["threshold"]) == {"coder", "0.35", "0.42", "0.50", "0.65"}
    alone = specify_claims(posts(), study_with(("A", "price", "growth"), negative=0.42))
    found = table[table["claim_id"] == "A"]
    assert found["specification"].tolist() == list(range(1, len(alone) + 1))
    # the other claim joins the family in which p-values are corrected
    other = ["p", "verdict", "holds"]
    pd.testing.assert_frame_equal(
        found.reset_index(drop=True).drop(columns=other), alone.drop(columns=other)
    )


def test_a_study_without_trend_claims_has_no_specification():
    assert specify_claims(posts(level=3), study_with()).empty


def test_a_threshold_counts_what_json_says():
    frame = posts(level=5)
    frame = frame.with_columns(pl.Series("is_negative", [i % 7 > 0 for i in range(frame.height)]))
    daily = _read_scored(frame).count(0.5).set_index(["date", "grievance"])["items"]
    slow = {}
    for row in frame.filter("is_negative").to_dicts():
        for code, score in json.loads(row["scores"]).items():
            key = (row["published_at"].date(), code)
            slow[key] = slow.get(key, 0) + (score >= 0.5)
    for key, items in slow.items():
        assert daily.get(key, 0) == items


def test_a_day_without_negative_items_is_a_zero_and_not_missing():
    frame = posts(level=4).with_columns(
        is_negative=pl.col("published_at").dt.day() != 9, repeat_of=pl.lit(None, dtype=pl.String)
    )
    daily = _read_scored(frame).count(None)
    quiet = daily[daily["date"] == datetime(2020, 6, 9).date()]
    assert quiet[["grievance", "items"]].values.tolist() == [["all", 48], ["negative", 0]]
    copies = pl.concat([frame, frame.with_columns(repeat_of=pl.lit("x"))])
    pd.testing.assert_frame_equal(_read_scored(copies).count(None), daily)


def test_a_score_at_the_threshold_holds_and_each_unit_is_counted():
    scores = [0.49, 0.5, 0.5, 0.51, None]
    frame = pl.DataFrame(
        {
            "published_at": [datetime(2020, 6, 1, 9)] * 4 + [datetime(2020, 6, 3, 9)],
            "is_negative": [True, True, True, True, False],
            "grievances": [["price"], [], [], ["price"], []],
            "family_id": ["a", "b", "b", "c", "d"],
            "author_key": ["x", None, "y", "y", "z"],
            "scores": [json.dumps({"price": score}) if score else None for score in scores],
        }
    )
    scored = _read_scored(frame)

    def counted(cut, name):
        daily = scored.count(cut)
        rows = daily[daily["grievance"] == name].set_index("date")
        return {
            day.day: rows.loc[day, ["items", "families", "authors"]].tolist() for day in rows.index
        }

    assert counted(0.5, "price") == {1: [3, 2, 1]}
    assert counted(None, "price") == {1: [2, 2, 2]}
    assert counted(0.5, "negative") == {1: [4, 3, 2], 3: [0, 0, 0]}  # a day without one has zero
    assert counted(0.5, "all") == {1: [4, 3, 2], 3: [1, 1, 1]}


@pytest.mark.parametrize(
    ("is_of_base", "correction", "p", "verdict"),
    [
        (False, "Holm", 0.08, "no_trend"),
        (False, "none", 0.01, "growth"),
        (True, "none", 0.01, "no_trend"),
    ],
)
def test_without_correction_a_test_stands_alone(is_of_base, correction, p, verdict):
    fit = TrendFit(0.03, 0.02, 0.01, 19)
    judged = Judgement("no_trend", "", False, fit, fit, fit, 0.08, "share", "", 0.0, is_of_base)
    found = _result(judged, correction, 5_000)
    assert (found["correction"], found["p"], found["verdict"]) == (correction, p, verdict)
    assert found["growth"] == pytest.approx(np.expm1(19 * 0.03), abs=1e-6)


@pytest.mark.parametrize(
    ("first", "last", "days"), [(0, 0, [1, 2, 4, 5]), (1, 0, [2, 4, 5]), (1, 1, [2, 4])]
)
def test_edges_are_dropped_on_the_side_that_is_named(first, last, days):
    daily = pd.DataFrame({"date": [f"2020-06-0{day}" for day in (1, 2, 4, 5)], "grievance": "price",
                          "items": [1, 2, 4, 5]})  # fmt: skip
    shorter = _without_edges(arrange_daily(daily), first, last)
    assert [day.day for day in shorter.days] == shorter.counts["price"].tolist() == days
    assert shorter.day_numbers.tolist() == [day - days[0] for day in days]


@pytest.mark.parametrize(
    ("asked", "kinds"),
    [([], {"not modelled"}), ([date(2020, 6, 5)], {"modelled", "not modelled"}),
     ([date(2020, 7, 5)], {"not modelled"})],
)  # fmt: skip
def test_event_days_are_modelled_where_there_are_any(asked, kinds):
    daily = pd.DataFrame({"date": pd.date_range("2020-06-01", periods=20), "grievance": "price",
                          "items": [100, 104] * 10})  # fmt: skip
    setup = _Setup((), set(), None, (), {})
    found = [row for _, row in _judge_all(arrange_daily(daily), ["price"], asked, setup)]
    assert {row["event_days"] for row in found} == kinds
    assert len(found) == 2 * 4 * len(kinds)  # corrections, edges
