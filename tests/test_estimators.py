"""The estimators do what a user of scikit-learn expects, and learn as the project does."""

import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import analysis as cd
from analysis.clusters.topics import Clusters
from analysis.corpus.clean import clean_texts
from analysis.training.sentiment import fit_model

SAMPLE = Path(__file__).parents[1] / "data" / "coded" / "sample" / "train.jsonl"
ESTIMATORS = [cd.SentimentClassifier, cd.GrievanceCoder, cd.TopicClusters, Clusters]


@pytest.fixture(scope="module")
def posts():
    return pl.read_ndjson(SAMPLE).gather_every(10).to_pandas()


@pytest.fixture(scope="module")
def indicator(posts):
    names = cd.GrievanceCoder.shipped().classes_[1:]
    codes = np.array([[code in held for code in names] for held in posts["grievances"]])
    return np.column_stack([posts["negative"], codes]).astype(int)


@pytest.mark.parametrize("kind", ESTIMATORS)
def test_parameters_are_kept_and_cloned_and_nothing_is_learnt_before_fit(kind):
    estimator = kind(random_state=7)
    assert estimator.get_params()["random_state"] == 7
    copied = clone(estimator.set_params(random_state=8))
    assert copied.random_state == 8
    assert not [name for name in vars(copied) if name.endswith("_")]
    with pytest.raises(NotFittedError):
        copied.predict(["发货太慢"])


@pytest.mark.slow
def test_sentiment_learns_what_our_training_learns(posts):
    texts, labels = posts["text"], posts["negative"]
    fitted = cd.SentimentClassifier(random_state=3).fit(texts, labels)
    frame = pl.DataFrame({"text": texts, "is_negative": labels.astype(bool)})
    model = fit_model(frame.with_columns(weight=pl.lit(1.0)), 3)
    expected = model.negative_probabilities(pl.Series(texts.tolist())).to_numpy()
    np.testing.assert_array_equal(fitted.predict_proba(texts)[:, 1], expected)
    np.testing.assert_array_equal(fitted.predict(texts), expected > 0.5)
    other = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(other.predict(texts), fitted.predict(texts))


@pytest.mark.slow
def test_sentiment_works_in_a_pipeline_and_in_cross_validation(posts):
    labels = np.where(posts["negative"], "complaint", "other")
    whole = make_pipeline(FunctionTransformer(clean_texts), cd.SentimentClassifier())
    scores = cross_val_score(whole, posts["text"].to_numpy(), labels, cv=2)
    assert scores.min() > 0.55  # the posts are hard on purpose
    whole.fit(posts["text"].tolist(), labels)
    assert whole.classes_.tolist() == ["complaint", "other"]
    chances = whole.predict_proba(["", None, "太差了，退货"])
    np.testing.assert_allclose(chances.sum(axis=1), 1)


def test_the_shipped_sentiment_is_that_of_the_scores():
    texts = ["质量太差，客服不理人", "很好用"]
    scored = cd.score_sentiment(pd.DataFrame({"text": texts}))["negative_probability"]
    chances = cd.SentimentClassifier.shipped().predict_proba(texts)
    np.testing.assert_array_equal(chances[:, 1], scored)


@pytest.mark.parametrize(
    ("texts", "labels", "message"),
    [
        (["a", "b"], [0, 0], "two values"),
        (["a", "b", "c"], [0, 1, 2], "two values"),
        (["a"], [0, 1], "1 texts, 2 labels"),
        ([], [], "two values"),
        ("ab", [0, 1], "series or a list"),
    ],
)
def test_labels_that_teach_no_sentiment_are_refused(texts, labels, message):
    with pytest.raises(cd.CaodianError, match=message):
        cd.SentimentClassifier().fit(texts, labels)


@pytest.mark.parametrize("texts", [["", ""], [None, "好"]])
def test_texts_that_teach_nothing_give_even_chances(texts):
    fitted = cd.SentimentClassifier().fit(texts, [1, 0])
    np.testing.assert_allclose(fitted.predict_proba(["慢"]), [[0.5, 0.5]], atol=0.01)


@pytest.mark.slow
def test_the_coder_learns_codes_and_is_scored_by_cross_validation(posts, indicator):
    coder = cd.GrievanceCoder()
    scores = cross_val_score(coder, posts["text"], indicator, cv=2, scoring="f1_micro")
    assert scores.min() > 0.5
    fitted = cd.GrievanceCoder().fit(posts[["text", "channel"]], indicator)
    assert fitted.classes_.tolist()[:2] == ["negative", "live_streaming"]
    found = fitted.predict(posts[["text", "channel"]])
    assert found.shape == indicator.shape and set(np.unique(found)) <= {0, 1}
    assert (found[:, 1:].any(axis=1) <= found[:, 0].astype(bool)).all()
    coded = cd.code_grievances(posts[["text", "channel"]], fitted.coder_)
    assert coded["is_negative"].astype(int).tolist() == found[:, 0].tolist()


@pytest.mark.slow
def test_the_coder_takes_indicators_with_names_and_lists_of_codes(posts, indicator):
    few, names = posts.head(40), cd.GrievanceCoder.shipped().classes_
    table = pd.DataFrame(indicator[:40, 1:], columns=names[1:])
    by_table = cd.GrievanceCoder().fit(few["text"].tolist(), table)
    by_lists = cd.GrievanceCoder().fit(few["text"].tolist(), few["grievances"].map(list).tolist())
    assert by_table.classes_.tolist() == by_lists.classes_.tolist() == names[1:].tolist()
    np.testing.assert_array_equal(by_table.predict(few["text"]), by_lists.predict(few["text"]))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([["prise"]], "Did you mean|price"),
        (np.zeros((1, 3)), r"shape \(1, 3\)"),
        (np.zeros((2, 9)), "1 posts, 2 rows"),
        (pd.DataFrame(np.zeros((1, 9)), columns=list("abcdefghi")), "a, b, c"),
    ],
)
def test_labels_of_another_codebook_are_refused(labels, message):
    with pytest.raises(cd.CaodianError, match=message):
        cd.GrievanceCoder().fit(["慢"], labels)


def test_the_shipped_coder_codes_as_the_door_does():
    texts = ["下单第九天还没发货，催了也没用", "昨天下单今天就到，赞", None]
    coder = cd.GrievanceCoder.shipped()
    coded = cd.code_grievances(pd.DataFrame({"text": texts}))
    found = pd.DataFrame(coder.predict(texts), columns=coder.classes_)
    assert found["negative"].astype(bool).tolist() == coded["is_negative"].tolist()
    assert found["delivery"].tolist() == [1, 0, 0]
