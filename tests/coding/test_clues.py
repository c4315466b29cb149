"""What the learned coder reads of posts."""

import numpy as np
import polars as pl
import pytest

from analysis.coding.clues import CHANNELS, read_clues
from analysis.coding.concept_model import GROUPS, ConceptModel
from analysis.coding.engine import load_engine

POSTS = pl.DataFrame(
    {
        "text": ["退款不退//@某人:发货太慢", "", None, "在京东买的，客服不理人"],
        "channel": ["weibo", "review", None, "somewhere else"],
    }
)


@pytest.fixture(scope="module")
def engine():
    return load_engine()


def names(clues, engine, row):
    items = clues.found[clues.starts[row] : clues.starts[row + 1]]
    return {engine.concepts[item] for item in items}


def test_own_words_concepts_and_channel_are_read(engine):
    clues = read_clues(POSTS, engine)
    assert clues.texts.to_list() == ["退款不退", "", "", "在京东买的，客服不理人"]
    assert "refund" in names(clues, engine, 0)
    assert "platform 京东" in names(clues, engine, 3)
    assert clues.channel.tolist() == [
        CHANNELS.index("weibo") + 1,
        CHANNELS.index("review") + 1,
        0,
        0,
    ]


def test_posts_without_a_channel_are_read(engine):
    assert read_clues(POSTS.drop("channel"), engine).channel.tolist() == [0, 0, 0, 0]


def test_some_posts_have_the_clues_that_they_have_among_all(engine):
    rows = np.array([3, 0])
    chosen = read_clues(POSTS, engine).gather(rows)
    alone = read_clues(POSTS[rows], engine)
    assert chosen.texts.to_list() == alone.texts.to_list()
    assert chosen.starts.tolist() == alone.starts.tolist()
    assert chosen.found.tolist() == alone.found.tolist()
    assert chosen.channel.tolist() == alone.channel.tolist()


def test_weights_follow_the_names_of_concepts(engine):
    weights = np.zeros((GROUPS, 3, 1), np.int8)
    weights[0, :, 0] = [1, 2, 3]
    aligned = ConceptModel(("refund", "gone"), weights, np.ones(1)).aligned_with(engine)
    assert aligned.names == engine.concepts
    assert aligned.weights[0, 0, 0] == 1
    assert aligned.weights[0, 1 + engine.concepts.index("refund"), 0] == 2
    assert np.count_nonzero(aligned.weights) == 2
    assert aligned.aligned_with(engine) is aligned
