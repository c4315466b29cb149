from datetime import date
from math import log10

import numpy as np
import pandas as pd
import polars as pl
import pytest

from analysis.errors import CaodianError
from analysis.frames import as_polars
from analysis.measures.conspicuous_days import compare_event_days
from analysis.measures.published import judge_claims, judge_whole
from analysis.measures.quantities import Quantity
from analysis.measures.trend import judge_trend
from analysis.measures.trend_rule import chance_of_trend
from analysis.measures.verdicts import _judge_against_published, _judge_against_truth
from analysis.study.load import study_of_range
from analysis.study.model import Claim, Study
from analysis.words import load_words


def judge(study, tables, claim, **options):
    one = study.model_copy(update={"claims": [claim]})
    return judge_claims(one, tables, **options).iloc[0]


def make(kind, **fields):
    return Claim(id="C", statement_zh="说法", statement_en="claim", kind=kind, **fields)


def test_a_note_on_a_claim_stands_behind_its_reason_in_both_languages(study):
    claim = make("count", grievance="price", published=5.0, note="rounded", note_zh="取了整数")
    row = judge(study, {"counts": pd.DataFrame({"grievance": ["price"], "items": [5]})}, claim)
    assert row["reason"].endswith("（取了整数）") and row["reason_en"].endswith(" (rounded)")


@pytest.mark.parametrize(
    ("estimate", "low", "high", "word"),
    [
        (0.19, 0.18, 0.20, "reproduced"),
        (0.1899 * 1.099, 0.18, 0.25, "reproduced"),  # just within 10 %
        (0.1899 * 1.11, 0.18, 0.25, "consistent"),
        (0.25, 0.1899, 0.28, "consistent"),  # the end of the interval belongs to it
        (0.19, 0.16, 0.2401, "consistent"),  # high above 1.5 x low: too wide to reproduce
        (0.19, 0.08, 0.3081, "not_testable"),  # half of it above 60 % of the estimate
        (0.19, 0.16, 0.24, "reproduced"),
        (0.25, 0.1901, 0.90, "contradicted"),  # a wide one may still leave the value out
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
        (Quantity(1000, 800, 1200), "recovered"),
        (Quantity(1000, 500, 1700), "recovered"),  # half of it is 60 % of the estimate
        (Quantity(1000, 499, 1701), "not_testable"),
        (Quantity(1099), "recovered"),
        (Quantity(1101), "missed"),
    ],
)
def test_numbers_on_simulated_corpora(measured, word):
    found = _judge_against_truth(measured, 1000, "1,000")
    inside = {"recovered": ("equal", "inside"), "missed": ("unequal", "outside")}
    assert found.word == word
    if word in inside:
        assert found.reason == f"planted_{inside[word][measured.has_interval]}"


@pytest.mark.parametrize(
    ("name", "items", "word"),
    [
        ("all", 1009, "recovered"),
        ("all", 1011, "missed"),  # no coder errs in the number of all posts
        ("price", 1099, "recovered"),
        ("price", 1101, "missed"),
    ],
)
def test_a_planted_total_must_be_found_within_a_hundredth(study, name, items, word):
    counts = pd.DataFrame({"grievance": [name], "items": [items]})
    claim = make("count", grievance=name, published=1.0)
    row = judge(study, {"counts": counts}, claim, simulated=True, truth_counts={name: 1000})
    assert row["verdict"] == word


def test_a_planted_mean_is_told_as_a_mean_and_a_count_as_a_count(study):
    counts = pd.DataFrame({"grievance": ["price"], "items": [70]})
    days = len(study.days)
    for kind, planted in (("daily_mean", 3.5 * days), ("count", 70)):
        claim = make(kind, grievance="price", published=1.0)
        row = judge(study, {"counts": counts}, claim, simulated=True,
                    truth_counts={"price": planted})  # fmt: skip
        assert row["verdict"] == ("recovered" if planted == 70 else "missed")
        assert ("3.5" if kind == "daily_mean" else "70") in row["reason_en"]


def test_a_count_without_an_interval_holds_by_chance_what_its_tolerance_spans():
    found = _judge_against_truth(Quantity(1000), 1000, "1,000", 0.05)
    assert found.chance == pytest.approx(log10(1.05 / 0.95))  # of a tenfold range


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


@pytest.mark.parametrize("known", ["planted", "printed"])
def test_a_sum_of_which_one_part_is_known_has_no_truth(study, known):
    platforms = pd.DataFrame({"platform": ["淘宝", "得物"], "items": [100, 100]})
    claim = make("count", platform="淘宝+得物", published=None)
    truth = {"platform:淘宝": 100} if known == "planted" else {}
    printed = study.published.model_copy(update={"platforms": {"得物": 100.0}, "counts": {}})
    one = study.model_copy(update={"published": printed})
    row = judge(one, {"platforms": platforms}, claim, simulated=True, truth_counts=truth)
    assert row["verdict"] == "not_testable"
    assert row["estimate"] == 200


def test_numbers_are_printed_to_six_digits(study):
    counts = pd.DataFrame({"grievance": ["negative", "price"], "items": [3000, 1000]})
    claim = make("share", grievance="price", of="negative", published=0.5)
    assert judge(study, {"counts": counts}, claim)["estimate"] == 0.333333


@pytest.mark.parametrize(
    ("planted", "word"),
    [({}, "recovered"), ({"all": 64_900}, "recovered"), ({"all": 2 * 64_900}, "missed")],
    ids=["published", "planted", "twice as many planted"],
)
def test_a_rounded_daily_mean_is_compared_with_the_exact_total(study, tables, planted, word):
    claim = make("daily_mean", grievance="all", published=320_000)
    row = judge(study, tables, claim, simulated=True, scale=0.01, truth_counts=planted)
    assert row["verdict"] == word
    assert row["estimate"] == pytest.approx(64_885 / 20)


@pytest.mark.parametrize(
    ("verdict", "ends", "expected", "word"),
    [
        ("growth", (0.05, 0.3), "growth", "reproduced"),
        ("growth", (0.05, 0.3), "decline", "contradicted"),
        ("decline", (-0.3, -0.05), "growth", "contradicted"),
        ("flat", (-0.05, 0.05), "growth", "contradicted"),
        ("no_trend", (-0.1, 0.3), "growth", "not_testable"),  # holds growth and decline
        ("no_trend", (-0.4, -0.01), "growth", "not_testable"),  # not significant once corrected
        ("flat", (-0.05, 0.05), "flat", "reproduced"),
        ("growth", (0.02, 0.08), "growth", "reproduced"),  # one series bears out one claim
        ("growth", (0.02, 0.08), "flat", "not_testable"),
        ("decline", (-0.08, -0.02), "flat", "not_testable"),
        ("growth", (0.01, 0.101), "flat", "not_testable"),
        ("growth", (0.099, 0.3), "flat", "not_testable"),
        ("growth", (0.101, 0.3), "flat", "contradicted"),
        ("decline", (-0.3, -0.101), "flat", "contradicted"),
        ("no_trend", (0.101, 0.3), "flat", "not_testable"),
        ("no_trend", (-0.05, 0.05), "flat", "not_testable"),  # too few items for flat
        ("not_testable", (-0.1, 0.3), "growth", "not_testable"),
    ],
)
def test_trends(study, tables, verdict, ends, expected, word):  # noqa: PLR0917
    trends = tables["trends"].assign(verdict=verdict, growth=0.0, low=ends[0], high=ends[1])
    claim = make("trend", grievance="sms_harassment", expected=expected)
    row = judge(study, tables | {"trends": trends}, claim)
    assert row["verdict"] == word
    if verdict != "not_testable":
        assert (row["estimate"], row["low"], row["high"]) == (0.0, *ends)
    simulated = judge(study, tables | {"trends": trends}, claim, simulated=True)
    assert simulated["verdict"] == {"reproduced": "recovered", "contradicted": "missed"}.get(
        word, word
    )


@pytest.mark.parametrize(
    ("ends", "told"),
    [((-0.1, 0.3), "contains both growth and decline"), ((0.01, 0.4), "the interval leaves out 0")],
)
def test_what_is_no_trend_is_told_by_its_interval(study, tables, ends, told):
    trends = tables["trends"].assign(verdict="no_trend", growth=0.0, low=ends[0], high=ends[1])
    claim = make("trend", grievance="sms_harassment", expected="growth")
    tables = tables | {"trends": trends}
    assert told in judge(study, tables, claim)["reason_en"]
    assert told in judge(study, tables, claim, simulated=True)["reason_en"]
    small = judge(study, tables, claim, simulated=True, scale=0.01)
    assert small["reason_en"] == "No trend is established at 1:100; this claim is judged at 1:1"


@pytest.mark.parametrize(
    ("verdict", "ends", "is_small"),
    [
        ("growth", (0.02, 0.08), True),
        ("decline", (-0.099, -0.01), True),
        ("growth", (0.02, 0.101), False),
        ("no_trend", (-0.05, 0.05), False),
        ("no_trend", (0.02, 0.08), False),
    ],
)
def test_a_sure_change_that_is_small_has_a_text_of_its_own(study, tables, verdict, ends, is_small):
    trends = tables["trends"].assign(verdict=verdict, growth=0.0, low=ends[0], high=ends[1])
    claim = make("trend", grievance="sms_harassment", expected="flat")
    row = judge(study, tables | {"trends": trends}, claim)
    assert row["verdict"] == "not_testable"
    assert ("a change that is sure, yet too small" in row["reason_en"]) == is_small
    assert ("有变化，又小到近于平稳" in row["reason"]) == is_small
    assert "as claimed" not in row["reason_en"]


@pytest.mark.parametrize("verdict", ["growth", "decline", "flat", "no_trend"])
@pytest.mark.parametrize("low", [-0.3, -0.099, -0.02, 0.02, 0.12])
def test_one_trend_bears_out_one_claim_at_most(study, tables, verdict, low):
    trends = tables["trends"].assign(verdict=verdict, growth=0.0, low=low, high=low + 0.06)
    words = [
        judge(
            study, tables | {"trends": trends},
            make("trend", grievance="sms_harassment", expected=expected),
        )["verdict"]
        for expected in ("growth", "decline", "flat")
    ]  # fmt: skip
    assert words.count("reproduced") <= 1


def test_a_claim_on_numbers_needs_all_that_was_posted(study, tables):
    """Counts grow with the collection; on a simulated corpus there is nothing else."""
    steady = {"count_verdict": "flat", "count_growth": 0.0, "count_low": -0.05, "count_high": 0.05}
    trends = tables["trends"].assign(verdict="growth", **steady)
    claim = make("trend", grievance="sms_harassment", expected="flat", measure="count")
    with_trends = tables | {"trends": trends}
    assert judge(study, with_trends, claim)["verdict"] == "not_testable"
    assert judge(study, with_trends, claim, is_monitored_whole=True)["verdict"] == "reproduced"
    assert judge(study, with_trends, claim, simulated=True)["verdict"] == "recovered"
    share = claim.model_copy(update={"measure": "share"})
    assert judge(study, with_trends, share, simulated=True)["verdict"] != "recovered"


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
        ({12: 106, 17: 190}, "not_testable"),
        ({12: 99, 17: 190}, "not_testable"),
        ({12: 60, 17: 190}, "contradicted"),
        ({12: 75, 17: 75}, "contradicted"),
        ({12: 86, 17: 86}, "not_testable"),  # up to 1.11: the lower of two pays for both
    ],
)
def test_peak_days(study, peaks, word):
    claim = make("peak", grievance="live_streaming", days=[date(2020, 6, 12), date(2020, 6, 17)])
    assert judge(study, {"daily": daily_with(peaks)}, claim)["verdict"] == word


def test_days_are_high_by_chance_as_often_as_so_many_drawn_at_random(study):
    """Of twenty days two would be called high: just these two are drawn in 1 of 190 draws."""
    claim = make("peak", grievance="live_streaming", days=[date(2020, 6, 12), date(2020, 6, 17)])
    daily = daily_with({12: 400, 17: 400})
    row = judge(study, {"daily": daily}, claim)
    assert row["by_chance"] == pytest.approx(1 / 190, abs=1e-6)


@pytest.mark.parametrize("scale", [0.01, 1.0])
def test_an_open_peak_says_whether_a_larger_corpus_would_tell(study, scale):
    claim = make("peak", grievance="live_streaming", days=[date(2020, 6, 12)])
    tables = {"daily": daily_with({12: 106})}
    reason = judge(study, tables, claim, simulated=True, scale=scale)["reason_en"]
    assert ("At 1:100 the ratio's interval includes 1" in reason) == (scale < 1)
    assert ("corrected for choosing them afterwards" in reason) == (scale == 1)


@pytest.mark.parametrize(
    ("height", "word"),
    [(96, "contradicted"), (98, "contradicted"), (103, "not_testable"), (130, "reproduced")],
)
def test_a_day_that_reaches_no_twentieth_above_the_others_is_not_high(study, height, word):
    """A day below the median of quiet others, of many items each, is shown not to be high."""
    daily = daily_with({12: height}).assign(items=lambda table: table["items"] * 50)
    claim = make("peak", grievance="live_streaming", days=[date(2020, 6, 12)])
    row = judge(study, {"daily": daily}, claim)
    assert row["verdict"] == word
    if word == "contradicted":
        assert row["high"] < 1.05
        assert "5%" in row["reason_en"] and "5%" in row["reason"]


@pytest.mark.parametrize("left", [0, 1, 2, 4])
def test_days_beside_which_hardly_one_is_left_cannot_be_judged(study, left):
    days = [date(2020, 6, day) for day in range(1, 21 - left)]
    claim = make("peak", grievance="live_streaming", days=days)
    row = judge(study, {"daily": daily_with({})}, claim)
    assert row["verdict"] == "not_testable"
    assert f"Only {left} {'day is' if left == 1 else 'days are'} left" in row["reason_en"]
    assert row[["estimate", "low", "high"]].isna().all()


@pytest.mark.parametrize(
    "claim",
    [
        make("peak", grievance="live_streaming"),
        make("ranking"),
        make("ranking", grievance="negative"),
        make("sub_grievances", grievance="red_envelope"),
        make("trend", grievance="sms_harassment"),
    ],
    ids=["peak", "order", "set", "parts", "trend"],
)
@pytest.mark.parametrize("simulated", [True, False])
def test_a_claim_that_names_nothing_says_nothing(study, tables, claim, simulated):
    row = judge(study, tables, claim, simulated=simulated)
    assert row["verdict"] == "not_testable"
    assert "does not say what to test" in row["reason_en"]


@pytest.mark.parametrize("kind", ["trend", "peak"])
def test_the_days_of_a_platform_are_not_those_of_all_complaints(study, tables, kind):
    days = [date(2020, 6, 12)] if kind == "peak" else []
    claim = make(kind, platform="得物", expected="growth", days=days)
    assert judge(study, tables, claim)["verdict"] == "not_testable"


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


def parts_of(sizes, *, width=0.1):
    """Sub-grievances of red envelopes with their intervals."""
    rows = [
        {"grievance": "red_envelope", "sub_grievance": f"red_envelope.{name}", "items": n,
         "families": n, "estimate": n, "low": n * (1 - width), "high": n * (1 + width)}
        for name, n in sizes.items()
    ]  # fmt: skip
    return {"sub_grievances": pd.DataFrame(rows)}


ENVELOPES = make(
    "sub_grievances",
    grievance="red_envelope",
    order=["red_envelope.amount_too_small", "red_envelope.not_credited"],
)


@pytest.mark.parametrize(
    ("sizes", "whole", "word"),
    [
        ((157, 89, 40), 317, "reproduced"),
        ((157, 89, 40), 450, "not_testable"),  # 55 %, and half of it lies inside the interval
        ((60, 20, 10), 317, "contradicted"),
        ((157, 0, 80), 317, "contradicted"),
        ((15, 9, 4), 30, "not_testable"),
    ],
)
@pytest.mark.parametrize("simulated", [True, False])
def test_named_parts_are_the_matter_of_a_code_when_most_of_it(study, sizes, whole, word, simulated):
    """Against the sum's distances as a root of squares: 246 ± 18 of 317 ± 32 in the first case."""
    names = ("amount_too_small", "not_credited", "unfair_rules")
    found = parts_of(dict(zip(names, sizes, strict=True)))
    counts = pd.DataFrame({"grievance": ["red_envelope"], "items": whole, "estimate": whole * 1.0,
                           "low": whole * 0.9, "high": whole * 1.1})  # fmt: skip
    truth = {"red_envelope": 317, **dict(zip(ENVELOPES.order, (157, 89), strict=True))}
    options = {"simulated": simulated, "truth_counts": truth | {"red_envelope.unfair_rules": 40}}
    row = judge(study, found | {"counts": counts}, ENVELOPES, **options)
    names = {"reproduced": "recovered", "contradicted": "missed"} if simulated else {}
    assert row["verdict"] == names.get(word, word)
    if (sizes, whole) == ((157, 89, 40), 317):
        reach = np.hypot(np.log(246 / (246 - np.hypot(15.7, 8.9))), np.log(1.1))
        assert row["low"] == pytest.approx(246 / 317 * np.exp(-reach), abs=1e-6)
        assert row["found_en"] == "amount too small > not credited > unfair rules"


@pytest.mark.parametrize(("high", "is_missing"), [(0.0, True), (120.0, False)])
def test_a_part_is_missing_where_the_audit_leaves_none_of_it(study, tables, high, is_missing):
    found = parts_of({"amount_too_small": 157, "not_credited": 93, "unfair_rules": 30})
    found["sub_grievances"].loc[1, ["estimate", "low", "high"]] = [0.0, 0.0, high]
    reason = judge(study, tables | found, ENVELOPES)["reason_en"]
    assert reason.startswith("Not found") is is_missing


@pytest.mark.parametrize(
    ("bare", "word"), [([], "reproduced"), ([0, 1, 2], "not_testable"), ([2], "not_testable")]
)
def test_parts_that_nobody_corrected_test_nothing_on_a_real_corpus(study, tables, bare, word):
    found = parts_of({"amount_too_small": 300, "not_credited": 200, "unfair_rules": 90})
    subs = found["sub_grievances"]
    subs.loc[bare, ["estimate", "low", "high"]] = np.nan
    row = judge(study, tables | found, ENVELOPES)
    assert row["verdict"] == word
    assert ("corrected estimate" in row["reason_en"]) == bool(bare)
    row = judge(study, tables | found, ENVELOPES, simulated=True)
    assert row["verdict"] == "recovered"
    assert ("are assumed" in row["reason_en"]) == bool(bare)
    assert ("假定" in row["reason"]) == bool(bare)


def test_codes_that_nobody_corrected_test_no_set_on_a_real_corpus(study):
    counts = pd.DataFrame({"grievance": ["price", "delivery", "counterfeit"]})
    counts = counts.assign(items=[500, 300, 50], estimate=[500.0, 300, np.nan])
    counts = counts.assign(low=[450.0, 270, np.nan], high=[550.0, 330, np.nan])
    claim = make("ranking", grievance="negative", order=["price", "delivery"])
    assert judge(study, {"counts": counts}, claim)["verdict"] == "not_testable"
    whole = counts.fillna({"estimate": 50, "low": 40, "high": 60})
    assert judge(study, {"counts": whole}, claim)["verdict"] == "reproduced"


@pytest.mark.parametrize(
    ("items", "share"), [((200, 90), 0.725), ((60, 20), 0.2)]
)  # of the coder's 400, not of the corrected 800
def test_counts_are_divided_by_counts(study, tables, items, share):
    found = parts_of(dict(zip(("amount_too_small", "not_credited"), items, strict=True)))
    found["sub_grievances"][["estimate", "low", "high"]] = np.nan
    counts = pd.DataFrame({"grievance": ["all", "red_envelope"], "items": [9000, 400]})
    counts = counts.assign(estimate=800.0, low=780.0, high=820.0)
    row = judge(study, tables | found | {"counts": counts}, ENVELOPES, simulated=True)
    assert row["estimate"] == pytest.approx(share)
    assert "are assumed" in row["reason_en"]


@pytest.mark.parametrize(
    ("items", "word"),
    [((400, 30), "recovered"), ((60, 50), "not_testable"), ((30, 400), "missed")],
)
def test_parts_within_a_platform_need_their_own_table(study, tables, items, word):
    claim = make(
        "sub_grievances", grievance="counterfeit", platform="得物", order=["counterfeit.fake_goods"]
    )
    without = {name: t for name, t in tables.items() if name != "platform_sub_grievances"}
    assert judge(study, without, claim)["verdict"] == "not_testable"
    inside = pd.DataFrame(
        [
            {"platform": "得物", "grievance": code, "sub_grievance": sub, "items": n}
            for code, sub, n in zip(
                ("counterfeit", "price"),
                ("counterfeit.fake_goods", "price.price_surge"),
                items,
                strict=True,
            )
        ]
    )
    with_table = tables | {"platform_sub_grievances": inside}
    assert judge(study, with_table, claim, simulated=True)["verdict"] == word
    assert judge(study, with_table, claim)["verdict"] == "not_testable"  # no audit speaks of them


def test_parts_of_one_platform_are_no_parts_of_another(study, tables):
    """Of one platform fakes are most, of another, larger one they are not."""
    rows = [("得物", "fake_goods", 400), ("得物", "authentication", 30),
            ("淘宝", "fake_goods", 50), ("淘宝", "authentication", 900)]  # fmt: skip
    inside = pd.DataFrame(
        [
            {"platform": platform, "grievance": "counterfeit", "items": n,
             "sub_grievance": f"counterfeit.{sub}"}
            for platform, sub, n in rows
        ]
    )  # fmt: skip
    for platform, word in (("得物", "recovered"), ("淘宝", "missed")):
        claim = make(
            "sub_grievances", grievance="counterfeit", platform=platform,
            order=["counterfeit.fake_goods"],
        )  # fmt: skip
        given = tables | {"platform_sub_grievances": inside}
        assert judge(study, given, claim, simulated=True)["verdict"] == word


def test_some_of_several_codes_are_the_largest_by_chance_as_often_as_others(study):
    names = ["price", "delivery", "counterfeit", "after_sales", "red_envelope"]
    counts = pd.DataFrame({"grievance": names, "items": [900, 700, 100, 90, 80]})
    truth = dict(zip(names, counts["items"], strict=True))
    claim = make("ranking", grievance="negative", order=["price", "delivery"])
    row = judge(study, {"counts": counts}, claim, simulated=True, truth_counts=truth)
    assert (row["verdict"], row["by_chance"]) == ("recovered", pytest.approx(1 / 10))


@pytest.mark.parametrize(
    ("order", "word"),
    [
        (["live_streaming", "red_envelope", "得物"], "reproduced"),
        (["red_envelope", "live_streaming"], "contradicted"),
        (["product_quality", "after_sales"], "not_testable"),
    ],
)
def test_orders_of_size(study, tables, order, word):
    row = judge(study, tables, make("ranking", order=order))
    assert row["verdict"] == word
    assert ("tied" in row["reason_en"]) == (word == "not_testable")
    if word == "reproduced":
        assert row["by_chance"] == pytest.approx(1 / 6, abs=1e-6)
        assert row["reason"].count("＞") == row["reason_en"].count(" > ") == 2


def test_a_set_of_which_one_code_alone_was_planted_cannot_be_judged(study):
    counts = pd.DataFrame({"grievance": ["price", "delivery", "counterfeit"], "items": 400})
    claim = make("ranking", grievance="negative", order=["price"])
    row = judge(study, {"counts": counts}, claim, simulated=True, truth_counts={"price": 400})
    assert row["verdict"] == "not_testable"


@pytest.mark.parametrize(
    ("low", "word"),
    [((80, 90, 130), "contradicted"), ((80, 90, 115), "not_testable"), ((130, 100, 60), "not_tes")],
)
def test_an_order_fails_where_any_two_stand_the_other_way_round(study, low, word):
    """The first and the last are apart, and the one between them overlaps with both."""
    counts = pd.DataFrame({
        "grievance": ["price", "delivery", "counterfeit"], "items": 100,
        "estimate": [float(end + 20) for end in low], "low": [float(end) for end in low],
        "high": [float(end + 40) for end in low],
    })  # fmt: skip
    claim = make("ranking", order=["price", "delivery", "counterfeit"])
    assert judge(study, {"counts": counts}, claim)["verdict"].startswith(word)


@pytest.mark.parametrize(
    ("sizes", "word"),
    [
        ((500, 400, 100), "recovered"),
        ((500, 100, 400), "missed"),
        ((500, 400, 390), "not_testable"),
        ((500, 390, 400), "not_testable"),
    ],
)
def test_the_largest_codes_must_be_apart_from_the_others(study, sizes, word):
    names = ["price", "delivery", "counterfeit"]
    counts = pd.DataFrame({"grievance": names, "items": sizes})
    truth = dict(zip(names, (500, 400, 100), strict=True))
    claim = make("ranking", grievance="negative", order=["price", "delivery"])
    row = judge(study, {"counts": counts}, claim, simulated=True, truth_counts=truth)
    assert row["verdict"] == word


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        (["price", "得物"], "Not kinds of grievance"),
        (["price", "negative"], "Not kinds of grievance"),
        (["price", "red_envelope.not_credited"], "Not kinds of grievance"),
        (["price", "delivery", "counterfeit"], "names all there is"),
        (["price", "delivery", "counterfeit", "price"], "names all there is"),
        (["price", "nowhere"], "no data"),
        (["price", "delivery"], "largest"),
    ],
)
@pytest.mark.parametrize("simulated", [True, False])
def test_a_set_is_one_of_codes_and_leaves_some_out(study, order, reason, simulated):
    names = ["negative", "price", "delivery", "counterfeit"]
    sizes = np.array([900, 500, 300, 100])
    counts = pd.DataFrame({"grievance": names, "items": sizes, "estimate": sizes})
    counts = counts.assign(low=sizes * 0.95, high=sizes * 1.05)
    named = {"items": [40], "estimate": [40.0], "low": [38.0], "high": [42.0]}
    found = {
        "counts": counts,
        "platforms": pd.DataFrame({"platform": ["得物"]} | named),
        "sub_grievances": pd.DataFrame(
            {"grievance": ["red_envelope"], "sub_grievance": ["red_envelope.not_credited"]} | named
        ),
    }
    truth = dict(zip(names, sizes, strict=True))
    claim = make("ranking", grievance="negative", order=order)
    row = judge(study, found, claim, simulated=simulated, truth_counts=truth)
    largest = "largest kinds are price, delivery"
    assert (largest if reason == "largest" else reason) in row["reason_en"]
    holds = "recovered" if simulated else "reproduced"
    assert row["verdict"] == (holds if reason == "largest" else "not_testable")
    assert row["verdict"] != holds or row["by_chance"] < 1


@pytest.mark.parametrize(
    ("order", "is_other"),
    [(["price", "delivery"], False), (["delivery", "price"], False), (["price", "fake"], True)],
)
def test_where_others_were_planted_the_reason_says_that_the_claim_is_not_judged(
    study, order, is_other
):
    names, sizes = ["negative", "price", "delivery", "fake"], np.array([900, 500, 300, 100])
    counts = pd.DataFrame({"grievance": names, "items": sizes, "estimate": sizes})
    counts = counts.assign(low=sizes * 0.95, high=sizes * 1.05)
    claim = make("ranking", grievance="negative", order=order)
    truth = dict(zip(names, sizes, strict=True))
    row = judge(study, {"counts": counts}, claim, simulated=True, truth_counts=truth)
    assert row["verdict"] == "recovered"
    assert ("is the sizes planted, not the claim" in row["reason_en"]) is is_other
    assert ("不是这一说法" in row["reason"]) is is_other


def test_a_set_without_counts_of_codes_cannot_be_judged(study, tables):
    claim = make("ranking", grievance="negative", order=["得物"])
    alone = {"platforms": tables["platforms"]}
    for simulated in (True, False):
        assert judge(study, alone, claim, simulated=simulated)["verdict"] == "not_testable"


def test_what_no_verdict_looks_at_is_left_as_it_is(study, tables):
    claim = make("ranking", order=["live_streaming", "red_envelope", "得物"])
    beside = tables | {"watchlist": pd.DataFrame([[1, 2]], columns=["a", "a"])}
    assert judge(study, beside, claim).equals(judge(study, tables, claim))


def test_an_order_of_one_cannot_fail(study, tables):
    row = judge(study, tables, make("ranking", order=["live_streaming"]))
    assert row["verdict"] == "not_testable"
    assert "names all there is" in row["reason_en"]


@pytest.mark.parametrize(
    ("truth", "sizes", "word"),
    [
        ({"得物": 0, "red_envelope": 300}, (20, 300), "recovered"),  # none planted is none
        ({"得物": 0, "red_envelope": 300}, (300, 20), "missed"),
        ({"red_envelope": 300}, (20, 300), "recovered"),  # 8,735 printed are 87 at this scale
        ({"red_envelope": 50}, (300, 20), "recovered"),
        ({"得物": 90}, (20, 300), "recovered"),  # 31,651 printed are 317
    ],
)
def test_planted_orders_are_those_of_the_scale(study, truth, sizes, word):
    counts = pd.DataFrame({"grievance": ["red_envelope"], "items": [sizes[1]]})
    platforms = pd.DataFrame({"platform": ["得物"], "items": [sizes[0]]})
    claim = make("ranking", order=["得物", "red_envelope"])
    row = judge(
        study, {"counts": counts, "platforms": platforms}, claim,
        simulated=True, scale=0.01, truth_counts=truth,
    )  # fmt: skip
    assert row["verdict"] == word


@pytest.mark.parametrize(
    ("low", "verdict"), [(0.0, "not_testable"), (1.0, "not_testable"), (95.0, "reproduced")]
)
def test_a_share_of_a_whole_that_may_be_nought_cannot_be_judged(study, low, verdict):
    counts = pd.DataFrame({"grievance": ["negative", "price"], "items": [100, 10]})
    counts = counts.assign(estimate=[100.0, 10.0], low=[low, 9.5], high=[105.0, 10.5])
    claim = make("share", grievance="price", of="negative", published=0.1)
    row = judge(study, {"counts": counts}, claim)
    assert row["verdict"] == verdict
    assert pd.isna(row["high"]) == (low == 0)


@pytest.mark.parametrize("errors", [(0.05, 0.02), (0.1, 0.1), (0.6, 0.2)])
def test_a_share_takes_both_errors_in_and_no_more(errors):
    """Against the ratio of two independent lognormal numbers, whose interval is exact."""
    part, whole = (
        Quantity(value, value * np.exp(-1.96 * error), value * np.exp(1.96 * error))
        for value, error in zip((10.0, 80.0), errors, strict=True)
    )
    share, reach = part.share_of(whole), np.exp(1.96 * np.hypot(*errors))
    assert share.value == 0.125
    assert (share.low, share.high) == pytest.approx((0.125 / reach, 0.125 * reach))


@pytest.mark.parametrize(
    ("part", "whole", "ends"),
    [
        ((0.0, 0.0, 3.0), (100.0, 80.0, 120.0), (0.0, 3 / 80)),
        ((2.0, 0.0, 4.0), (100.0, 100.0, 100.0), (0.0, 0.04)),
        ((2.0, 1.0, 4.0), (100.0, 0.0, 100.0), (0.01, None)),
        ((2.0, 1.0, None), (100.0, 80.0, 120.0), (0.01, None)),
    ],
)
def test_a_share_of_little_has_ends(part, whole, ends):
    share = Quantity(*part).share_of(Quantity(*whole))
    assert (share.low, share.high) == pytest.approx(ends)


@pytest.mark.parametrize(("part", "whole"), [(False, True), (True, False), (True, True)])
def test_of_what_may_be_reached_the_worse_ends_are_divided(part, whole):
    share = Quantity(5.0, 3.0, 7.0, is_bound=part).share_of(
        Quantity(10.0, 8.0, 50.0, is_bound=whole)
    )
    assert (share.low, share.high) == pytest.approx((3 / 50, 7 / 8))
    assert share.is_bound and share.over(2).is_bound and share.within_the_whole().is_bound


def test_a_random_answer_succeeds_as_often_as_is_said():
    """Against intervals put at random, by drawing: numbers, trends, orders, sets."""
    draw = np.random.default_rng(4)
    places = draw.uniform(-0.5, 0.5, 100_000)  # logs to the base of ten around the truth
    found = Quantity(1.0, 0.8, 1.1)
    half = np.log10(1.1 / 0.8) / 2
    inside = np.abs(places) < half
    assert found.chance == pytest.approx(inside.mean(), abs=0.01)
    centres, reach = draw.uniform(-np.log(2), np.log(2), 100_000), 0.08
    ends = (np.expm1(-reach), np.expm1(reach))
    assert chance_of_trend(ends, "growth") == pytest.approx((centres > reach).mean(), abs=0.01)
    for reach in (0.03, 0.08, 0.1):  # steady: no change inside, and within the edges
        flat = (centres + reach < np.log(1.1)) & (centres - reach > np.log(0.9))
        flat &= np.abs(centres) < reach
        ends = (np.expm1(-reach), np.expm1(reach))
        assert chance_of_trend(ends, "flat") == pytest.approx(flat.mean(), abs=0.002)
    assert chance_of_trend((-0.4, 0.4), "flat") == 0.0


@pytest.mark.parametrize(
    ("published", "word"),
    [
        (900.1, "consistent"),  # within the interval, but off by more than a tenth of itself
        (910.0, "reproduced"),
        (899.9, "contradicted"),
        (1099.9, "reproduced"),
        (1100.1, "contradicted"),
    ],
)
def test_a_total_that_was_collected_whole_may_be_off_by_a_tenth(study, published, word):
    """It has no coder error; a tenth of what was counted stands for its interval."""
    counts = pd.DataFrame({"grievance": ["all"], "items": [1000]})
    claim = make("count", grievance="all", published=published)
    row = judge(study, {"counts": counts}, claim, is_monitored_whole=True)
    assert row["verdict"] == word
    assert (row["low"], row["high"]) == (pytest.approx(900), pytest.approx(1100))


def test_a_share_of_nothing_cannot_be_judged(study):
    counts = pd.DataFrame({"grievance": ["negative", "price"], "items": [0, 0]})
    claim = make("share", grievance="price", of="negative", published=0.1)
    assert judge(study, {"counts": counts}, claim)["verdict"] == "not_testable"


@pytest.mark.parametrize(
    ("published", "word"),
    [
        (116_987, "reproduced"), (114_600, "contradicted"), (119_400, "contradicted"),
        (114_700, "reproduced"), (119_300, "reproduced"),
    ],
)  # fmt: skip
def test_a_printed_quotient_may_be_off_by_two_per_cent(study, published, word):
    """2,339,740 over 20 days are 116,987 a day, and hold 114,694 to 119,374."""
    counts = study.published.counts | {"all": 2_339_740}
    printed = study.published.model_copy(update={"counts": counts})
    claim = make("arithmetic", grievance="all", published=published)
    row = judge(study.model_copy(update={"published": printed}), {}, claim)
    assert (row["verdict"], row["estimate"]) == (word, 116_987)
    assert row["by_chance"] == pytest.approx(0.017374, abs=1e-6)  # log10(1.02 / 0.98)


def test_two_per_cent_themselves_are_allowed(study):
    printed = study.published.model_copy(update={"counts": {"all": 2_040}})  # 102 a day
    one = study.model_copy(update={"published": printed})
    claim = make("arithmetic", grievance="all", published=100.0)
    assert judge(one, {}, claim)["verdict"] == "reproduced"


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
    found = judge_claims(one, tables, simulated=True, scale=0.01)
    assert found["verdict"].tolist() == ["recovered"]
    assert "100%" in found["reason_en"][0]
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
    whole = counts.loc["negative"]
    value = row["estimate"] * whole["estimate"]
    below = (counts.loc[parts, "estimate"] - counts.loc[parts, "low"]).tolist()
    dewu = tables["platforms"].set_index("platform").loc["得物"]
    low = value - np.hypot(np.hypot(*below), dewu["estimate"] - dewu["low"])
    reach = np.hypot(np.log(value / low), np.log(whole["high"] / whole["estimate"]))
    assert row["low"] == pytest.approx(row["estimate"] * np.exp(-reach), abs=1e-6)
    assert row["low"] < row["estimate"] < row["high"]
    tables["platforms"] = tables["platforms"].assign(estimate=None, low=None, high=None, named=None)
    row = judge_claims(one, tables, simulated=True, scale=0.01).iloc[0]
    assert row["verdict"] == "not_testable"
    assert "corrected" in row["reason_en"]
    tables["platforms"] = tables["platforms"].assign(named=150)
    row = judge_claims(one, tables, simulated=True, scale=0.01).iloc[0]
    value = counts.loc[parts, "estimate"].sum() + 92
    above = (counts.loc[parts, "high"] - counts.loc[parts, "estimate"]).tolist()
    low = (value - np.hypot(*below) - 92) / counts.loc["negative", "high"]
    high = (value + np.hypot(*above) + 58) / counts.loc["negative", "low"]
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


@pytest.mark.parametrize(
    ("kind", "fields", "options", "reason"),
    [
        ("daily_mean", {"grievance": "price", "published": 9}, "undated", "no_days"),
        ("count", {"grievance": "price"}, "simulated", "no_published"),
        ("count", {"grievance": "price"}, "whole", "no_published"),
        ("count", {"grievance": "gone", "published": 9}, "whole", "no_data"),
        ("share", {"grievance": "price", "of": "negative"}, "simulated", "no_published"),
        ("share", {"grievance": "price", "of": "negative"}, "whole", "no_published"),
        ("share", {"grievance": "gone", "of": "negative", "published": 0.1}, "whole", "no_data"),
        ("share", {"grievance": "price", "of": "all"}, "bare", "not_all_corrected"),
        ("arithmetic", {"grievance": "price", "published": 9}, "", "no_published"),
        ("arithmetic", {"grievance": "all"}, "", "no_published"),
        ("arithmetic", {"grievance": "all", "published": 9}, "undated", "no_days"),
    ],
)  # fmt: skip
def test_what_cannot_be_judged_says_what_is_lacking(study, tables, kind, fields, options, reason):  # noqa: PLR0917
    given = study.model_copy(update={"window": None}) if options == "undated" else study
    if options == "bare":  # the audit corrected all codes but this one
        counts = tables["counts"]
        ends = ["estimate", "low", "high"]
        counts.loc[counts["grievance"] == "price", ends] = np.nan
    row = judge(
        given, tables, make(kind, **fields), simulated=options == "simulated",
        is_monitored_whole=options == "whole",
    )  # fmt: skip
    assert row["verdict"] == "not_testable"
    assert row["reason_en"] == load_words("en")(f"reason.{reason}")


def test_the_planted_share_counts_before_the_published_one(study, tables):
    """640 of 12,321 were counted: .052 of the negative items, with an interval of ±11 %."""
    claim = make("share", grievance="sms_harassment", of="negative", published=0.9)
    options = {"simulated": True, "scale": 0.01}
    assert judge(study, tables, claim, **options)["verdict"] == "missed"
    for planted, word in ((640, "recovered"), (1200, "missed"), (300, "missed")):
        truth = {"sms_harassment": planted, "negative": 12_321}
        row = judge(study, tables, claim, truth_counts=truth, **options)
        assert row["verdict"] == word


def test_a_share_of_two_parts_of_which_one_was_planted_is_held_to_the_published_one(study):
    platforms = pd.DataFrame({"platform": ["淘宝", "得物"], "items": [100, 100]})
    tables = {"platforms": platforms, "counts": pd.DataFrame({"grievance": ["negative"],
                                                              "items": [400]})}  # fmt: skip
    claim = make("share", platform="淘宝+得物", of="negative", published=0.5)
    for planted, word in (({}, "recovered"), ({"platform:得物": 10}, "missed")):
        truth = {"platform:淘宝": 10, "negative": 400} | planted
        row = judge(study, tables, claim, simulated=True, truth_counts=truth)
        assert row["verdict"] == word


def test_an_order_of_which_one_was_not_corrected_cannot_be_judged(study, tables):
    counts = tables["counts"]
    ends = ["estimate", "low", "high"]
    counts.loc[counts["grievance"] == "red_envelope", ends] = np.nan
    row = judge(study, tables, make("ranking", order=["live_streaming", "red_envelope"]))
    assert row["verdict"] == "not_testable"
    assert row["reason_en"] == load_words("en")("reason.not_all_corrected")


@pytest.mark.parametrize(
    ("changes", "says", "word", "told"),
    [
        ({}, ["slight", "fluctuating"], "recovered", ("growing: yes", "slightly: yes",
                                                      "fluctuating: yes (turns 9 times")),
        ({"count_low": 0.6, "count_high": 0.9}, ["slight"], "missed", ("slightly: no",)),
        ({"count_high": 0.9}, ["slight"], "recovered", ("slightly: cannot be told",)),
        ({"count_fluctuates": False}, ["fluctuating"], "missed", ("fluctuating: no",)),
        ({"count_fluctuates": False, "days": 40}, ["fluctuating"], "recovered",
         ("fluctuating: cannot be told",)),
        ({"count_verdict": "no_trend", "count_low": -0.1}, ["slight"], "not_testable",
         ("growing: cannot be told", "slightly: cannot be told")),
    ],
)  # fmt: skip
def test_a_trend_claim_is_judged_word_by_word(study, tables, changes, says, word, told):  # noqa: PLR0917
    """Where a day holds 400 items or more, what varies as chance does is known not to fluctuate."""
    row = {"verdict": "no_trend", "count_verdict": "growth", "count_growth": 0.3, "count_low": 0.1,
           "count_high": 0.5, "count_fluctuates": True, "count_turns": 9, "count_excess": 6.2,
           "days": 20}  # fmt: skip
    trends = tables["trends"].assign(**(row | changes))
    counts = pd.DataFrame({"grievance": ["sms_harassment"], "items": [9000]})
    claim = make("trend", grievance="sms_harassment", expected="growth", measure="count", says=says)
    judged = judge(study, {"trends": trends, "counts": counts}, claim, simulated=True)
    assert judged["verdict"] == word
    assert all(part in judged["found_en"] for part in told)


@pytest.mark.parametrize(("platform", "reason"), [(None, "no_data"), ("天猫", "no_cross_table")])
def test_parts_of_what_nobody_counted_cannot_be_judged(study, tables, platform, reason):
    claim = make("sub_grievances", grievance="delivery", platform=platform, order=["delivery.slow"])
    row = judge(study, tables, claim)
    assert row["verdict"] == "not_testable"
    assert row["reason_en"] == load_words("en")(f"reason.{reason}")


# What is judged where days of some series are withheld.


def _days_of(first: int, second: int, *, by: str = "price") -> pd.DataFrame:
    """Give five series of twenty days; of one, two days hold these few items."""
    rng = np.random.default_rng(3)
    days = pd.date_range("2020-06-01", periods=20).strftime("%Y-%m-%d")
    parts = []
    for name, level in (("all", 900), ("negative", 300), ("price", 12), ("delivery", 40),
                        ("after_sales", 60)):  # fmt: skip
        items = rng.poisson(level, 20) + 5
        if name == by:
            items[[4, 11]] = first, second
        parts.append(pd.DataFrame({"date": days, "grievance": name, "items": items}))
    return pd.concat(parts, ignore_index=True)


def _judged(daily: pd.DataFrame, study: Study) -> dict[str, pd.DataFrame]:
    tables = {
        "daily": daily,
        "trends": judge_trend(daily, study.event_days, names={}),
        "event_days": compare_event_days(daily, study.event_days),
        "specifications": pd.DataFrame({"claim_id": ["C1"], "holds": [True]}),
    }
    return tables | {"claims": judge_claims(study, tables)}


@pytest.fixture
def growth_study() -> Study:
    claim = Claim(
        id="C1", kind="trend", grievance="negative", expected="growth",
        statement_zh="吐槽增多", statement_en="More grievances",
    )  # fmt: skip
    study = study_of_range("x", date(2020, 6, 1), date(2020, 6, 20), [])
    return study.model_copy(
        update={"event_days": [date(2020, 6, 16), date(2020, 6, 18)], "claims": [claim]}
    )


def test_no_number_of_a_whole_series_tells_the_withheld_days_of_another(growth_study):
    measured = [_judged(_days_of(*few), growth_study) for few in ((1, 4), (4, 1))]
    plain = [tables["trends"].set_index("grievance")["low"] for tables in measured]
    assert plain[0]["negative"] != plain[1]["negative"]  # which is what it would tell
    shown = [judge_whole(tables, {"price"}, growth_study) for tables in measured]
    for name in ("trends", "event_days", "claims"):
        one, two = (tables[name] for tables in shown)
        if "grievance" in one:
            assert one["grievance"].tolist() == measured[0][name]["grievance"].tolist()
            one, two = (table[table["grievance"] != "price"] for table in (one, two))
        pd.testing.assert_frame_equal(one, two)
    assert shown[0]["specifications"].empty
    row = shown[0]["trends"].set_index("grievance").loc["delivery"]
    assert row["verdict"] == "no_trend" and np.isfinite(row["low"])


def test_a_study_without_event_days_is_judged_again(growth_study):
    study = growth_study.model_copy(update={"event_days": []})
    tables = _judged(_days_of(1, 4), study)
    shown = judge_whole(tables, {"price"}, study)
    assert shown["event_days"].empty
    assert shown["trends"].iloc[1]["low"] != tables["trends"].iloc[1]["low"]


def test_nothing_is_judged_again_where_no_withheld_series_was_tested(growth_study):
    tables = _judged(_days_of(1, 4), growth_study)
    few = tables["trends"].assign(
        growth=tables["trends"]["growth"].mask(tables["trends"]["grievance"] == "price")
    )
    days = tables["event_days"]
    days = days.assign(p=days["p"].mask(days["grievance"] == "price"))
    tables |= {"trends": few, "event_days": days}
    for name, table in judge_whole(tables, {"price"}, growth_study).items():
        assert table is tables[name]


def test_where_days_of_all_posts_are_withheld_no_trend_is_judged_again(growth_study):
    tables = _judged(_days_of(1, 4, by="all"), growth_study)
    shown = judge_whole(tables, {"all"}, growth_study)
    assert shown["trends"] is tables["trends"] and shown["specifications"].empty
