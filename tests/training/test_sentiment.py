"""Training: the shipped weights, and other texts when they are given."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, random_array

from analysis.errors import CaodianError
from analysis.sentiment.linear import _SHIPPED_WEIGHTS, shipped_model
from analysis.training import sentiment
from analysis.training.sentiment import fit_model, train_sentiment
from analysis.training.texts import read_coded, text_identity


def labelled(*pairs):
    return pl.DataFrame(pairs, schema=["text", "is_negative"], orient="row")


@pytest.mark.training
def test_shipped_weights_are_rebuilt(tmp_path, assert_rebuilt):
    train_sentiment().save(tmp_path)
    assert_rebuilt(tmp_path, _SHIPPED_WEIGHTS.parent, "sentiment*")


def test_each_regression_has_the_least_loss_and_rows_without_cost_are_left_out():
    rng = np.random.default_rng(5)
    table = random_array((300, 20), density=0.3, rng=rng, format="csr")
    held = table @ rng.normal(size=(20, 3)) + rng.normal(size=(300, 3)) > 0.3
    cost = rng.choice([0.0, 0.5, 4.0], (300, 3))
    fits = sentiment.fit_logistic(table, held, cost, 1)
    seen = np.column_stack([table.toarray(), np.ones(300)])
    for target in range(3):
        signs = np.where(held[:, target], 1, -1)

        def loss(weights, signs=signs, target=target):
            missed = np.logaddexp(0, -signs * (seen @ weights))
            return weights @ weights / 2 + cost[:, target] @ missed

        found = np.append(fits.weights[target], fits.intercepts[target])
        assert np.allclose(found, minimize(loss, np.zeros(21)).x, atol=0.02)
        assert np.allclose(fits.log_odds[:, target], seen @ found)


def test_where_all_rows_that_count_are_alike_nothing_is_learnt():
    held = np.ones((4, 1), bool)
    fits = sentiment.fit_logistic(csr_matrix(np.eye(4)), held, np.ones((4, 1)), 1)
    assert not fits.weights.any() and not fits.intercepts.any()


def test_shipped_weights_are_small():
    assert _SHIPPED_WEIGHTS.stat().st_size <= 2_000_000


@pytest.mark.slow
def test_extra_texts_are_added(monkeypatch, tmp_path):
    few = labelled(("很好", False), ("很差", True)).with_columns(weight=1.0)
    monkeypatch.setattr(sentiment, "read_reviews", lambda: pl.concat([few] * 6))
    monkeypatch.setattr(sentiment, "read_news", few.clear)
    monkeypatch.setattr(sentiment, "read_coded", list)
    slang = labelled(*[(f"绷不住了{n}", True) for n in range(20)], ("绷", None), ("", True))
    plain = train_sentiment()
    trained = train_sentiment(extra=[slang, pd.DataFrame({"text": ["好"], "is_negative": [0]})])
    probe = pl.Series(["绷不住了"])
    assert trained.model.negative_probabilities(probe)[0] > 0.7
    assert plain.model.negative_probabilities(probe)[0] < 0.6
    assert trained.sources["extra 1"] == (20, 20)
    trained.save(tmp_path)
    assert "| extra 2 | 1 | 0 | given with `--with` |" in (tmp_path / "sentiment.md").read_text()


def test_missing_label_column():
    with pytest.raises(CaodianError, match="Add or rename is_negative"):
        train_sentiment(extra=[pl.DataFrame({"text": ["好"]})])


@pytest.mark.slow
def test_same_texts_and_seed_give_the_same_model():
    texts = labelled(
        *[(f"第{n}个很差", True) for n in range(30)], *[(f"好{n}", False) for n in range(30)]
    )
    texts = texts.with_columns(weight=1.0)
    first, second = fit_model(texts, seed=3), fit_model(texts, seed=3)
    assert np.array_equal(first.weights, second.weights)
    assert (first.slope, first.intercept) == (second.slope, second.intercept)


@pytest.mark.slow
def test_coded_posts_of_the_development_part_are_not_learnt(monkeypatch, tmp_path):
    learnt = dict(read_coded())
    development = pl.read_ndjson("data/coded/sample/development.jsonl")["text"]
    for posts in learnt.values():
        assert not text_identity(posts["text"]).is_in(text_identity(development).to_list()).any()
    assert learnt["coded"].height == pl.read_ndjson("data/coded/sample/train.jsonl").height
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CaodianError, match="project's folder"):
        train_sentiment()


def test_shipped_weights_know_the_posts_of_the_project():
    posts = pl.read_ndjson("data/coded/sample/development.jsonl")
    called = shipped_model().negative_probabilities(posts["text"]) > 0.5
    assert (called == posts["negative"]).mean() > 0.78
