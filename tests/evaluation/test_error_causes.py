"""Errors are put to their causes, and an error counts only where it is possible."""

import polars as pl
import pytest

from analysis.evaluation.coding import code_labelled
from analysis.evaluation.error_causes import count_causes, list_confusions, read_coded

STRINGS = pl.List(pl.String)
UNKNOWN = "在楼下站到天黑"  # a complaint without any word of the codebook


def post(text="发货太慢", negative=True, codes=(), voice="consumer", **more):
    labels = {"difficulty": "plain", "register": "post"} | more
    return {"text": text, "negative": negative, "grievances": list(codes), "voice": voice, **labels}


def answer(negative, codes=(), voice="consumer"):
    return {"is_negative": negative, "grievances": list(codes), "voice": voice}


def errors(truth, found):
    types = {"grievances": STRINGS, "voice": pl.String}
    labelled = pl.DataFrame([truth], schema_overrides=types)
    coded = pl.DataFrame([found], schema_overrides={**types, "is_negative": pl.Boolean})
    table = count_causes(labelled, coded)
    return set(table[table["errors"] > 0]["cause"])


NEGATIVE = answer(True)
CAUSES = [
    (post(UNKNOWN), answer(False), {"missed_unknown_words"}),
    (post("下单第九天还没发货"), answer(False), {"missed_despite_rule"}),
    (post("太坑了"), answer(False), {"missed_words_of_no_code"}),
    (
        post(UNKNOWN, difficulty="sarcasm"),
        answer(False),
        {"missed_unknown_words", "missed_sarcasm"},
    ),
    (post("下单第九天还没发货", False), NEGATIVE, {"alarm_grievance_words"}),
    (post(UNKNOWN, False), NEGATIVE, {"alarm_no_rule"}),
    (post("好//@甲:坑", False), NEGATIVE, {"alarm_no_rule", "quoted_chain"}),
    (post(UNKNOWN, False, register="repost_chain"), NEGATIVE, {"alarm_no_rule", "quoted_chain"}),
    (post(codes=["price"]), answer(True, ["delivery"]), {"neighbour_code"}),
    (post(codes=["price"]), NEGATIVE, {"no_code_found"}),
    (post(codes=["price", "delivery"]), answer(True, ["price"]), {"second_code_missed"}),
    (post(codes=["price"]), answer(True, ["price", "delivery"]), {"code_too_many"}),
    (post(), answer(True, ["price"]), {"code_too_many"}),
    (post(), answer(True, [], "media"), {"consumer_as_other"}),
    (post("好", False, voice="media"), answer(False), {"other_as_consumer"}),
    (post("好", False, voice="media"), answer(False, [], "official"), {"other_as_another"}),
    (
        post(UNKNOWN),
        answer(False, [], "merchant"),
        {"missed_unknown_words", "consumer_as_other", "silenced_by_voice"},
    ),
    (post(codes=["price"]), answer(True, ["price"]), set()),
    (post("好", False), answer(False), set()),
    (
        post(UNKNOWN, codes=["price"]),
        answer(None, [], None),
        {"missed_unknown_words", "consumer_as_other", "silenced_by_voice"},
    ),
]


@pytest.mark.parametrize(("truth", "found", "causes"), CAUSES)
def test_causes_of_one_post(truth, found, causes):
    assert errors(truth, found) == causes


def test_causes_of_missed_and_of_false_alarms_add_up():
    labelled, coded = code_labelled(read_coded("data/coded/sample/development.jsonl").head(200))
    table = count_causes(labelled, coded).set_index("cause")
    missed = (labelled["negative"] & ~coded["is_negative"]).sum()
    alarms = (~labelled["negative"] & coded["is_negative"]).sum()
    parts = ["missed_unknown_words", "missed_words_of_no_code", "missed_despite_rule"]
    assert table.loc[parts, "errors"].sum() == missed
    assert table.loc[["alarm_grievance_words", "alarm_no_rule"], "errors"].sum() == alarms
    assert table.loc["neighbour_code", "errors"] <= list_confusions(labelled, coded)["posts"].sum()
    shares = table.dropna(subset=["share"])
    assert (shares["share"] == shares["errors"] / shares["posts"]).all()
    assert (
        (shares["share_low"] <= shares["share"]) & (shares["share"] <= shares["share_high"])
    ).all()


def test_pairs_of_codes_most_often_first():
    truth = [["price"], ["price", "delivery"], ["delivery"], ["price"]]
    found = [["delivery"], ["counterfeit"], ["delivery", "price"], ["delivery"]]
    labelled = pl.DataFrame({"negative": [True] * 4, "grievances": truth})
    coded = pl.DataFrame({"is_negative": [True, True, True, None], "grievances": found})
    assert list_confusions(labelled, coded).to_numpy().tolist() == [
        ["delivery", "counterfeit", 1],
        ["price", "counterfeit", 1],
        ["price", "delivery", 1],
    ]
