"""Errors are put to their causes, and an error counts only where it is possible."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score

from analysis.errors import CaodianError
from analysis.evaluation.coding import (
    code_labelled,
    count_causes,
    describe_coding,
    list_confusions,
    list_errors,
    measure_coding,
    read_coded,
)
from analysis.training.texts import read_labels


class _Fixed:
    """A coder that answers what it is told."""

    name = "fixed"

    def __init__(self, negative, grievances):
        self.negative, self.grievances = negative, grievances

    def code(self, posts):
        n = posts.height
        return pl.DataFrame({
            "voice": ["consumer"] * n,
            "is_negative": self.negative[:n],
            "negative_probability": [0.9 if x else 0.1 for x in self.negative[:n]],
            "grievances": self.grievances[:n],
            "sub_grievances": [[]] * n,
            "platforms": [["淘宝"]] * n,
            "scores": ["{}"] * n,
        }, schema_overrides={"sub_grievances": pl.List(pl.String)})  # fmt: skip


POSTS = pl.DataFrame({
    "text": ["一", "二", "三", "四", "五"],
    "negative": [True, True, False, True, False],
    "grievances": ["price", "price;delivery", "", "delivery", ""],
    "platforms": ["淘宝", "", "淘宝", "淘宝", "淘宝"],
    "voice": ["consumer", "consumer", "media", "consumer", "consumer"],
    "difficulty": ["plain", "sarcasm", "plain", "plain", "plain"],
})  # fmt: skip
CODER = _Fixed(
    [True, False, True, True, False], [["price"], [], ["price"], ["price", "delivery"], []]
)


def test_scores_against_scikit_learn():
    table = measure_coding(*code_labelled(POSTS, CODER)).query("slice == 'all'").set_index("label")
    truth, found = [1, 1, 0, 1, 0], [1, 0, 1, 1, 0]
    row = table.loc["negative"]
    assert row["f1"] == pytest.approx(f1_score(truth, found))
    assert row["precision"] == pytest.approx(precision_score(truth, found))
    assert row["recall"] == pytest.approx(recall_score(truth, found))
    assert row["f1_low"] <= row["f1"] <= row["f1_high"]
    assert table.loc["price", "bias"] == pytest.approx(3 / 2 - 1)
    assert table.loc["price", "f1"] == pytest.approx(f1_score([1, 1, 0, 0, 0], [1, 0, 1, 1, 0]))
    assert table.loc["false_alarms", "precision"] == 0.5
    assert table.loc["voice_accuracy", "precision"] == 0.8
    assert table.loc["all_platforms", "precision"] == 0.8


def test_slices_by_difficulty():
    table = measure_coding(*code_labelled(POSTS, CODER))
    sarcasm = table[(table["slice"] == "difficulty=sarcasm") & (table["label"] == "negative")]
    assert sarcasm["posts"].item() == 1
    assert sarcasm["recall"].item() == 0


def test_worst_errors_are_masked():
    posts = POSTS.with_columns(pl.lit("电话13812345678没人接").alias("text"))
    errors = list_errors(*code_labelled(posts, CODER))
    assert set(errors["kind"]) == {"missed", "false alarm"}
    assert not errors["text"].str.contains("13812345678").any()


@pytest.mark.parametrize("missing", ["text", "negative"])
def test_missing_columns_are_named(missing):
    with pytest.raises(CaodianError, match="text and negative"):
        read_labels(POSTS.drop(missing))


def test_unknown_codes_are_named():
    with pytest.raises(CaodianError, match="price"):
        read_labels(POSTS.with_columns(pl.lit("prise").alias("grievances")))


def test_the_bias_has_an_interval_and_shares_have_none():
    table = measure_coding(*code_labelled(POSTS, CODER)).query("slice == 'all'").set_index("label")
    row = table.loc["price"]
    assert row["bias_low"] <= row["bias"] <= row["bias_high"]
    assert table.loc[["false_alarms", "voice_accuracy", "platforms_exact"], "bias"].isna().all()
    share = table.loc["false_alarms"]
    assert share["precision_low"] <= share["precision"] <= share["precision_high"]


@pytest.mark.slow
def test_the_interval_is_that_of_resampled_posts():
    rng = np.random.default_rng(20200618)
    weights = rng.multinomial(5, [0.2] * 5, size=400)
    truth, found = np.array([1, 1, 0, 1, 0]), np.array([1, 0, 1, 1, 0])
    f1 = [
        f1_score(np.repeat(truth, times), np.repeat(found, times), zero_division=np.nan)
        for times in weights
    ]
    row = measure_coding(*code_labelled(POSTS, CODER)).iloc[0]
    assert row["label"] == "negative"
    assert row["f1_low"] == pytest.approx(np.nanquantile(f1, 0.025))
    assert row["f1_high"] == pytest.approx(np.nanquantile(f1, 0.975))


def test_a_label_in_few_posts_is_not_perfect_where_a_resample_lacks_it():
    posts = POSTS.with_columns(pl.Series("grievances", ["price", "", "", "", ""]))
    coded = _Fixed([True] * 5, [[]] * 5).code(posts)
    coded = coded.with_columns(pl.col("grievances").cast(pl.List(pl.String)))
    table = measure_coding(read_labels(posts), coded).query("slice == 'all'").set_index("label")
    assert table.loc["price", "f1_high"] == 0


def test_platforms_are_right_only_as_a_whole_set():
    posts = POSTS.with_columns(pl.Series("platforms", ["淘宝", "淘宝;京东", "", "淘宝", "京东"]))
    table = measure_coding(*code_labelled(posts, CODER)).query("slice == 'all'").set_index("label")
    assert table.loc["platforms_exact", "precision"] == 0.4
    assert table.loc["platforms_exact", ["true_items", "coded_items"]].to_list() == [5, 2]


def test_an_abstention_is_no_negative_item_and_is_told():
    labelled = read_labels(POSTS)
    coded = CODER.code(POSTS)
    second = pl.int_range(5, eager=True) == 1
    coded = coded.with_columns(pl.when(second).then(None).otherwise(pl.all()).name.keep())
    table = measure_coding(labelled, coded).query("slice == 'all'").set_index("label")
    assert table.loc["abstained", ["true_items", "coded_items"]].to_list() == [5, 1]
    assert table.loc["negative", "coded_items"] == 3
    assert table.loc["voice_accuracy", "coded_items"] == 3
    assert table.loc["platforms_exact", "coded_items"] == 4  # it names none, and was not asked
    assert "二" not in list_errors(labelled, coded)["text"].to_list()


def test_the_text_has_every_table():
    pair = code_labelled(POSTS, CODER)
    table, errors = measure_coding(*pair), list_errors(*pair, most=1)
    text = describe_coding(table, errors)
    blocks = [block.splitlines() for block in text.split("\n\n")]
    assert [lines[0].split(",")[0].split(";")[0].split(":")[0] for lines in blocks] == [
        "Labels",
        "Shares of posts",
        "How a naive count would be biased",
        "Slices",
        "Worst 1 errors on the negative item",
    ]
    assert "0.500" in next(line for line in blocks[1] if "false_alarms" in line)
    assert "1.500" in next(line for line in blocks[2] if "price" in line)
    assert "difficulty=sarcasm" in text
    assert describe_coding(table.query("slice == 'all'")).count("\n\n") == 2


def test_the_command_reads_the_coded_sample(tmp_path):
    from click.testing import CliRunner

    from analysis.cli.models import evaluate_command as command

    sample = Path(__file__).parents[2] / "data" / "coded" / "sample"
    out = tmp_path / "measured.csv"
    done = CliRunner().invoke(
        command,
        ["coding", str(sample / "development.jsonl"), "--coder", "keyword", "--limit", "60",
         "--errors", "2", "--out", str(out)],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    for name in ("macro_subs", "voice_accuracy", "platforms_exact", "channel=weibo", "Worst 2"):
        assert name in done.output
    assert {"bias_low", "f1_high"} <= set(pl.read_csv(out).columns)


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
