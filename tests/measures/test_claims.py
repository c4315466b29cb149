from datetime import date

import numpy as np
import pandas as pd
import polars as pl
import pytest

from analysis.errors import CaodianError
from analysis.frames import as_polars
from analysis.measures.claims import _judge_against_published, _judge_against_truth, judge_claims
from analysis.measures.quantities import Quantity
from analysis.study.model import Claim


def judge(study, tables, claim, **options):
    settings = {"simulated": False, "scale": 1.0} | options
    one = study.model_copy(update={"claims": [claim]})
    return judge_claims(one, tables, **settings).iloc[0]


def make(kind, **fields):
    return Claim(id="C", statement_zh="说法", statement_en="claim", kind=kind, **fields)


@pytest.mark.parametrize(
    ("estimate", "low", "high", "word"),
    [
        (0.19, 0.18, 0.20, "reproduced"),
        (0.1899 * 1.099, 0.18, 0.25, "reproduced"),  # just within 10 %
        (0.1899 * 1.11, 0.18, 0.25, "consistent"),
        (0.25, 0.1899, 0.30, "consistent"),  # the end of the interval belongs to it
        (0.25, 0.20, 0.30, "contradicted"),
        (0.19, None, None, "not_testable"),
    ],
)
def test_numbers_on_real_corpora(estimate, low, high, word):
    assert _judge_against_published(Quantity(estimate, low, high), 0.1899, "18.99%").word == word


@pytest.mark.parametrize(
    ("measured", "word"),
    [
        (Quantity(1100, 990, 1210), "recovered"),
        (Quantity(1300, 1170, 1430), "missed"),
        (Quantity(1099), "recovered"),
        (Quantity(1101), "missed"),
    ],
)
def test_numbers_on_simulated_corpora(measured, word):
    assert _judge_against_truth(measured, 1000, "1,000").word == word


def test_a_partial_real_corpus_cannot_test_levels(study, tables):
    row = judge(study, tables, make("count", grievance="negative", published=1_232_056))
    assert row["verdict"] == "not_testable"
    assert "总量" in row["reason"]


def test_the_planted_truth_counts_before_the_published_value(study, tables):
    claim = make("count", grievance="live_streaming", published=112_384)
    options = {"simulated": True, "scale": 0.01}
    assert judge(study, tables, claim, **options)["verdict"] == "recovered"
    truth = {"live_streaming": 2_000}
    assert judge(study, tables, claim, truth_counts=truth, **options)["verdict"] == "missed"


def test_platform_truth_has_a_prefix(study, tables):
    claim = make("count", platform="得物", published=8_735)
    options = {"simulated": True, "scale": 0.01}
    truth = {"platform:得物": 500}
    assert judge(study, tables, claim, truth_counts=truth, **options)["verdict"] == "missed"


def test_a_rounded_daily_mean_is_compared_with_the_exact_total(study, tables):
    claim = make("daily_mean", grievance="all", published=320_000)
    row = judge(study, tables, claim, simulated=True, scale=0.01)
    assert row["verdict"] == "recovered"
    assert row["estimate"] == pytest.approx(64_885 / 20)


@pytest.mark.parametrize(
    ("verdict", "expected", "simulated", "scale", "word"),
    [
        ("growth", "growth", False, 1.0, "reproduced"),
        ("flat", "flat", False, 1.0, "reproduced"),
        ("growth", "flat", False, 1.0, "contradicted"),
        ("decline", "growth", False, 1.0, "contradicted"),
        ("no_trend", "growth", False, 1.0, "consistent"),
        ("not_testable", "growth", False, 1.0, "not_testable"),
        ("growth", "growth", True, 0.01, "recovered"),
        ("decline", "growth", True, 0.01, "missed"),
        ("no_trend", "growth", True, 0.01, "not_testable"),  # volume is only there at 1:1
        ("no_trend", "growth", True, 1.0, "missed"),
    ],
)
def test_trends(study, tables, verdict, expected, simulated, scale, word):  # noqa: PLR0917
    trends = tables["trends"].assign(verdict=verdict, growth=0.1, low=-0.1, high=0.3)
    claim = make("trend", grievance="sms_harassment", expected=expected)
    row = judge(study, tables | {"trends": trends}, claim, simulated=simulated, scale=scale)
    assert row["verdict"] == word


def test_no_trend_excludes_a_claim_that_its_interval_excludes(study, tables):
    trends = tables["trends"].assign(verdict="no_trend", growth=-0.2, low=-0.4, high=-0.01)
    claim = make("trend", grievance="sms_harassment", expected="growth")
    assert judge(study, tables | {"trends": trends}, claim)["verdict"] == "contradicted"


def daily_with(peaks: dict[int, int], grade: dict[int, str] | None = None) -> pd.DataFrame:
    base = [100, 103, 98, 101, 99, 102, 97, 100, 104, 96] * 2
    return pd.DataFrame(
        [
            {
                "date": f"2020-06-{day:02d}",
                "grievance": "live_streaming",
                "items": peaks.get(day, base[day - 1]),
                "families": 1,
                "grade": (grade or {}).get(day, "good"),
            }
            for day in range(1, 21)
        ]
    )


@pytest.mark.parametrize(
    ("peaks", "word"),
    [
        ({12: 180, 17: 190}, "reproduced"),
        ({12: 106, 17: 190}, "consistent"),
        ({12: 60, 17: 190}, "contradicted"),
    ],
)
def test_peak_days(study, peaks, word):
    claim = make("peak", grievance="live_streaming", days=[date(2020, 6, 12), date(2020, 6, 17)])
    assert judge(study, {"daily": daily_with(peaks)}, claim)["verdict"] == word


@pytest.mark.parametrize(
    ("keep", "reason"),
    [
        (
            lambda t: t.assign(items=(t["date"] == "2020-06-17") * 29),
            "29 in the usable days, at least 30",
        ),
        (lambda t: t.assign(items=(t["date"] == "2020-06-17") * 300), "only 1 of the days holds"),
        (lambda t: t.tail(9), "9 usable days"),
        (lambda t: t.assign(grade=["unfit"] * 5 + ["good"] * 15), "only 75% of the days"),
    ],
)
def test_a_peak_in_too_little_cannot_be_judged(study, keep, reason):
    claim = make("peak", grievance="live_streaming", days=[date(2020, 6, 17)])
    row = judge(study, {"daily": keep(daily_with({17: 190}))}, claim)
    assert row["verdict"] == "not_testable"
    assert reason in row["reason_en"]


def test_a_trend_that_was_not_tested_gives_its_reason(study, tables):
    sentences = {"sentence_zh": "共 3 条，至少需要 30 条", "sentence_en": "3 in all, 30 are needed"}
    trends = tables["trends"].assign(verdict="not_testable", growth=np.nan, **sentences)
    claim = make("trend", grievance="sms_harassment", expected="growth")
    row = judge(study, tables | {"trends": trends}, claim)
    assert row["verdict"] == "not_testable"
    assert row["reason_en"] == "3 in all, 30 are needed"


@pytest.mark.parametrize(("items", "word"), [((20, 9), "not_testable"), ((21, 9), "reproduced")])
def test_an_order_of_a_handful_cannot_be_judged(study, items, word):
    counts = pd.DataFrame({"grievance": ["price", "delivery"], "estimate": items})
    counts = counts.assign(items=items, low=np.array(items) - 1, high=np.array(items) + 1)
    row = judge(study, {"counts": counts}, make("ranking", order=["price", "delivery"]))
    assert row["verdict"] == word


def test_a_peak_day_of_unfit_collection_cannot_be_judged(study):
    claim = make("peak", grievance="live_streaming", days=[date(2020, 6, 12)])
    row = judge(study, {"daily": daily_with({12: 180}, {12: "unfit"})}, claim)
    assert row["verdict"] == "not_testable"
    assert "6月12日" in row["reason"]


def test_a_named_part_that_is_not_found(study, tables):
    subs = tables["sub_grievances"]
    subs.loc[subs["sub_grievance"] == "red_envelope.not_credited", "items"] = 0
    claim = make(
        "sub_grievances",
        grievance="red_envelope",
        order=["red_envelope.amount_too_small", "red_envelope.not_credited"],
    )
    row = judge(study, tables, claim)
    assert row["verdict"] == "contradicted"
    assert "没有到账" in row["reason"]


def test_parts_within_a_platform_need_their_own_table(study, tables):
    claim = make(
        "sub_grievances", grievance="counterfeit", platform="得物", order=["counterfeit.fake_goods"]
    )
    without = {name: t for name, t in tables.items() if name != "platform_sub_grievances"}
    assert judge(study, without, claim)["verdict"] == "not_testable"
    inside = pd.DataFrame(
        [
            {
                "platform": "得物",
                "grievance": "counterfeit",
                "sub_grievance": "counterfeit.fake_goods",
                "items": 40,
            }
        ]
    )
    with_table = tables | {"platform_sub_grievances": inside}
    assert judge(study, with_table, claim)["verdict"] == "reproduced"


@pytest.mark.parametrize(
    ("order", "word"),
    [
        (["live_streaming", "red_envelope", "得物"], "reproduced"),
        (["red_envelope", "live_streaming"], "contradicted"),
        (["product_quality", "after_sales"], "consistent"),
    ],
)
def test_orders_of_size(study, tables, order, word):
    assert judge(study, tables, make("ranking", order=order))["verdict"] == word


def test_arithmetic_needs_no_corpus(study):
    share = make(
        "arithmetic", grievance="live_streaming+red_envelope+得物", of="negative", published=0.124
    )
    assert judge(study, {}, share)["verdict"] == "reproduced"
    wrong = make("arithmetic", grievance="live_streaming", published=9_999)
    assert judge(study, {}, wrong)["verdict"] == "contradicted"


def test_every_verdict_has_its_reason_in_both_languages(study, tables):
    for simulated in (True, False):
        judged = judge_claims(study, tables, simulated=simulated, scale=0.01)
        assert judged["reason"].str.len().min() > 4
        assert not judged["reason_en"].str.contains("[一-鿿]").any() or "得物" in "".join(
            judged["reason_en"]
        )
        assert judged["claim_id"].tolist() == [claim.id for claim in study.claims]


def test_without_tables_nothing_is_testable(study):
    judged = judge_claims(study, {}, simulated=False, scale=1.0)
    assert set(judged["verdict"]) == {"not_testable"}


def test_a_trend_claim_tells_in_how_many_choices_it_holds(tables, study):
    rows = judge_claims(study, tables, simulated=True, scale=0.01).set_index("claim_id")
    assert rows.loc["C14", ["held", "tested"]].tolist() == [4, 16]
    assert rows.loc["C1", ["held", "tested"]].isna().all()
    del tables["specifications"]
    rows = judge_claims(study, tables, simulated=True, scale=0.01)
    assert rows["tested"].isna().all()


def test_the_list_within_a_platform_is_judged_by_its_own_table(tables, study):
    claim = Claim(
        id="C13", kind="sub_grievances", grievance="counterfeit", platform="得物",
        statement_zh="", statement_en="",
        order=["counterfeit.fake_goods", "counterfeit.authentication"],
    )  # fmt: skip
    one = study.model_copy(update={"claims": [claim]})
    assert judge_claims(one, tables, simulated=True, scale=0.01)["verdict"].tolist() == [
        "recovered"
    ]
    more = claim.model_copy(update={"order": [*claim.order, "counterfeit.coupon_dispute"]})
    one = study.model_copy(update={"claims": [more]})
    assert judge_claims(one, tables, simulated=True, scale=0.01)["verdict"].tolist() == ["missed"]


def test_a_sum_is_judged_by_corrected_estimates_or_not_at_all(tables, study):
    claim = Claim(
        id="C18", kind="share", grievance="live_streaming+red_envelope+得物", of="negative",
        published=0.124, statement_zh="", statement_en="",
    )  # fmt: skip
    one = study.model_copy(update={"claims": [claim]})
    row = judge_claims(one, tables, simulated=True, scale=0.01).iloc[0]
    counts = tables["counts"].set_index("grievance")
    parts = ["live_streaming", "red_envelope"]
    low = counts.loc[parts, "low"].sum() + 92 * 0.85
    assert row["low"] == pytest.approx(low / counts.loc["negative", "high"], abs=1e-6)
    assert row["low"] < row["estimate"] < row["high"]
    tables["platforms"] = tables["platforms"].assign(estimate=None, low=None, high=None, named=None)
    row = judge_claims(one, tables, simulated=True, scale=0.01).iloc[0]
    assert row["verdict"] == "not_testable"
    assert "corrected" in row["reason_en"]
    tables["platforms"] = tables["platforms"].assign(named=150)
    row = judge_claims(one, tables, simulated=True, scale=0.01).iloc[0]
    low = counts.loc[parts, "low"].sum() / counts.loc["negative", "high"]
    high = (counts.loc[parts, "high"].sum() + 150) / counts.loc["negative", "low"]
    assert (row["low"], row["high"]) == pytest.approx((low, high), abs=1e-6)


def test_tables_of_either_kind_give_the_same_verdicts_in_their_kind(study, tables):
    plain = judge_claims(study, tables)
    polars = judge_claims(study, {name: as_polars(table) for name, table in tables.items()})
    assert isinstance(plain, pd.DataFrame) and isinstance(polars, pl.DataFrame)
    assert polars.select("claim_id", "verdict", "reason").rows() == [
        tuple(row) for row in plain[["claim_id", "verdict", "reason"]].itertuples(index=False)
    ]


def test_claims_on_a_table_alone_are_refused_in_words(study, tables):
    with pytest.raises(CaodianError, match=r"dictionary of tables.*DataFrame"):
        judge_claims(study, tables["counts"])


@pytest.mark.parametrize(
    ("name", "message"),
    [("counts", "missing: grievance, items"), ("platforms", "missing: platform, items")],
)
def test_a_table_without_its_columns_is_refused_in_words(study, name, message):
    with pytest.raises(CaodianError, match=rf"the table {name} .*{message}.*columns there: a"):
        judge_claims(study, {name: pd.DataFrame({"a": [1]})})


def test_claims_of_what_is_no_study_are_refused_in_words():
    with pytest.raises(CaodianError, match="load_study"):
        judge_claims("618-2020", {})
