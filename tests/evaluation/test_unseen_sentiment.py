"""The coder's weights are found with a sentiment that never saw the writer."""

from pathlib import Path
from typing import ClassVar

import polars as pl
import pytest
from joblib import parallel_config

from analysis.evaluation import unseen_sentiment
from analysis.evaluation.learned_fit import BLOCK, folds_of
from analysis.evaluation.unseen_sentiment import unseen_probabilities
from analysis.sentiment.linear import negative_probabilities

ROOT = Path(__file__).resolve().parents[2]


class Fitted:
    """Says of each text in how many texts it was fitted; remembers them all."""

    fits: ClassVar[list[set[str]]] = []

    def __init__(self, texts, _seed):
        self.fits.append(set(texts["text"]))

    def negative_probabilities(self, texts):
        return pl.Series([float(len(self.fits))] * len(texts))


@pytest.fixture
def posts(monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(unseen_sentiment, "fit_model", Fitted)
    Fitted.fits = []
    written = pl.read_ndjson("data/coded/written/e.jsonl").head(5).select("text", "writer")
    others = pl.read_ndjson("data/coded/written/f.jsonl").head(5).select("text", "writer")
    strange = pl.DataFrame({"text": ["从来没有人写过的一句话"], "writer": ["e"]})
    # In this process, where the stand-in stands.
    with parallel_config(backend="sequential"):
        yield pl.concat([written, others, strange])


def test_no_model_saw_a_post_that_it_judges(posts):
    found = unseen_probabilities(posts)
    assert len(Fitted.fits) == 2
    for row, number in enumerate(found[:10].to_list()):
        assert posts["text"][row] not in Fitted.fits[int(number) - 1]


def test_posts_of_one_writer_are_judged_by_one_model(posts):
    found = unseen_probabilities(posts)
    assert found[:5].n_unique() == found[5:10].n_unique() == 1
    assert found[0] != found[5]


def test_posts_that_were_never_learnt_are_judged_by_the_shipped_model(posts):
    shipped = negative_probabilities(posts["text"][10:])
    assert unseen_probabilities(posts)[10] == shipped[0]


def test_posts_without_a_writer_go_by_blocks():
    posts = pl.DataFrame({"writer": [None] * (2 * BLOCK)}, schema={"writer": pl.String})
    assert folds_of(posts, 2).tolist() == [0] * BLOCK + [1] * BLOCK
