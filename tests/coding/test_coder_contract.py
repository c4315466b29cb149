import json
import math

import pandas as pd
import polars as pl
import pytest

from analysis.cli.options import CODERS
from analysis.coding.codebook import CODES, VOICES, load_codebook
from analysis.coding.coder import _CODER_NAMES, code_grievances, explain, get_coder
from analysis.coding.keyword_coder import CODED_COLUMNS
from analysis.errors import CaodianError

HOSTILE = [
    "",
    "   ",
    "坏" * 5000,
    "\x00\ufffd",
    "👨‍👩‍👧‍👦🇨🇳",
    "a" * 300,
    "退款" * 900,
    "//@某人:坏了",
    None,
]


NAMES = ["keyword", "fast", "llm"]


@pytest.fixture(autouse=True)
def endpoint(llm_stub):
    """The llm coder asks a stub on this computer."""


def test_every_coder_is_tried_here_and_can_be_asked_for_on_the_command_line():
    assert set(NAMES) == set(_CODER_NAMES) == set(CODERS)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_coder_keeps_the_contract(name):
    posts = pl.DataFrame({"text": [*HOSTILE, "等了十天还没发货"]})
    coded = get_coder(name).code(posts)
    assert dict(coded.schema) == CODED_COLUMNS
    assert coded.height == posts.height
    subs = load_codebook().sub_names
    for row in coded.to_dicts():
        if row["voice"] is None:  # abstains
            assert row["grievances"] is None and row["is_negative"] is None
            continue
        assert row["voice"] in VOICES
        assert set(row["grievances"]) <= set(CODES)
        assert set(row["sub_grievances"]) <= set(subs)
        assert {sub.split(".")[0] for sub in row["sub_grievances"]} <= set(row["grievances"])
        assert row["is_negative"] or not row["grievances"]
        assert 0 <= row["negative_probability"] <= 1
        scores = json.loads(row["scores"])
        assert list(scores) == sorted(scores)
        assert all(0.005 <= score <= 1 for score in scores.values())


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_frame_is_coded_too(name):
    assert get_coder(name).code(pl.DataFrame({"text": []}, schema={"text": pl.String})).height == 0


def test_a_given_sentiment_column_is_used():
    posts = pl.DataFrame({"text": ["这家店的东西"] * 2, "negative_probability": [0.05, 0.95]})
    low, high = get_coder("fast").code(posts)["negative_probability"]
    assert low < high


@pytest.mark.parametrize("name", ["llm", "fsat"])
def test_what_is_missing_says_so(name, monkeypatch):
    monkeypatch.delenv("CAODIAN_LLM_URL")
    with pytest.raises(CaodianError, match="fast"):
        get_coder(name)


LATE = "下单第九天还没发货，今天太阳倒是好"


def test_an_explanation_tells_verdict_rules_clues_and_what_would_change_it():
    found = explain({"text": LATE, "channel": "weibo", "rating": None})
    coded = get_coder("fast").code(pl.DataFrame({"text": [LATE], "channel": ["weibo"]}))
    assert found.verdict == coded.to_dicts()[0]
    assert found.scores.set_index("target").loc["delivery", "holds"]
    assert "unsent" in found.rules["rule"].to_list()
    for target in ("negative", "delivery"):
        clues = found.clues[(found.clues["target"] == target) & (found.clues["weight"] > 1)]
        assert clues["words"].str.contains("没发").any()
    changes = found.changes.set_index("change")
    assert not changes.loc["without '下单第九天还没发货'", "is_negative"]
    assert "without '今天太阳倒是好'" not in changes.index
    for part in (LATE, "delivery", "unsent", "没发", "without"):
        assert part in str(found)


def test_a_weight_is_what_the_log_odds_lose_without_the_words():
    clue = explain(LATE, "keyword").clues.iloc[0]
    texts = [LATE, LATE.replace(clue["words"], "，")]
    odds = get_coder("keyword").code(pl.DataFrame({"text": texts}))["negative_probability"]
    whole, without = (math.log(p / (1 - p)) for p in odds)
    assert clue["weight"] == pytest.approx(whole - without, abs=0.006)


@pytest.mark.parametrize(
    ("known", "place"),
    [
        ({"channel": "抖音"}, "douyin"),
        ({"kind": "review"}, "review"),
        ({"rating": 2.0}, "review, since the post has stars and tells no place"),
        ({"stars": 2.0, "channel": "weibo"}, "weibo"),
        ({"channel": "头条"}, "头条, of which no weights were learnt: as if none were told"),
        ({}, "none told, so a post of any place; "),
    ],
)
def test_an_explanation_tells_the_place_that_was_assumed(known, place):
    found = explain({"text": LATE, **known})
    assert found.place.startswith(place)
    assert f"\nplace: {place}" in str(found)
    row = pl.DataFrame({"text": [LATE], **{name: [value] for name, value in known.items()}})
    assert found.verdict == code_grievances(row).select(list(found.verdict)).to_dicts()[0]


@pytest.mark.parametrize("text", ["。", "😡😡😡", "ok", "差" * 900])
def test_every_text_is_explained(text):
    assert str(explain(text)).startswith(text)


def test_a_row_of_a_table_is_explained_and_shown_as_it_is_printed():
    found = explain(pd.DataFrame({"text": [LATE], "channel": ["weibo"]}).iloc[0], "keyword")
    assert repr(found) == str(found)


@pytest.mark.parametrize("post", ["", " ", None, 5, [LATE], {"text": None}, {"channel": "weibo"}])
def test_without_a_text_there_is_nothing_to_explain(post):
    with pytest.raises(CaodianError, match="must have a text"):
        explain(post)


REVIEWS = [f"第{n}次买，质量一般，{end}" for n, end in enumerate(["", "有异味", "还行"] * 10)]


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ({}, "review"),
        ({"channel": [None] * 30}, "review"),
        ({"channel": [""] * 30, "kind": [None] * 30}, "review"),
        ({"channel": ["weibo"] * 30}, "weibo"),
        ({"channel": ["other"] * 30}, "other"),
        ({"kind": ["post"] * 30}, None),
    ],
)
def test_many_texts_without_a_place_that_read_like_reviews_are_coded_as_reviews(told, place):
    posts = pl.DataFrame({"text": REVIEWS, **told})
    given = pl.DataFrame({"text": REVIEWS}).with_columns(channel=pl.lit(place, pl.String))
    ours = code_grievances(posts)["negative_probability"]
    assert ours.to_list() == get_coder().code(given)["negative_probability"].to_list()


STARS = [
    ([3.0, 2.0, 1.0], ["review"] * 3),
    ([3.0, 1.0, None], ["review"] * 3),
    ([3.0, None, None], ["review", None, None]),
    ([3.0, 1.0, None, None], ["review"] * 4),  # half of them
    ([None, None, None], [None, None, None]),
    ([float("nan")] * 3, [None, None, None]),
]


@pytest.mark.parametrize(("stars", "places"), STARS, ids=range(len(STARS)))
@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame])
def test_stars_tell_which_posts_are_reviews(stars, places, kind):
    texts = ["还没用就坏了", "一般", "颜色还行", "客服很慢"][: len(stars)]
    posts = kind({"text": texts, "rating": stars})
    given = pl.DataFrame({"text": texts, "rating": stars, "channel": places})
    ours = list(code_grievances(posts)["negative_probability"])
    truth = given.with_columns(pl.col("channel").cast(pl.String))
    assert ours == get_coder().code(truth)["negative_probability"].to_list()
