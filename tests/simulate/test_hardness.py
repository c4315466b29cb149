"""The usual script (a keyword list and SnowNLP below 0.5) must fail on the simulated corpus."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest
import yaml

from analysis.evaluation.realism import _USUAL_KEYWORDS
from analysis.simulate import ExperimentSettings, simulate
from analysis.study.model import Simulation

STUDY = Path(__file__).parents[2] / "studies" / "618-2020.yaml"


def sample(difficulty=1.0, posts=1500):
    study = SimpleNamespace(
        name="618-2020",
        window=SimpleNamespace(days=[date(2020, 6, day) for day in range(1, 21)]),
        event_days=[date(2020, 6, 18)],
        simulation=Simulation.model_validate(
            yaml.safe_load(STUDY.read_text("utf-8"))["simulation"]
        ),
    )
    settings = ExperimentSettings(difficulty=difficulty)
    parts = [
        written.select("text").with_columns(truth["grievances"], truth["is_negative"])
        for written, truth in simulate(study, scale=0.002, seed=5, settings=settings)
    ]
    return pl.concat(parts).sample(posts, seed=1)


def f1(said, true):
    hits = (said & true).sum()
    return 2 * hits / max(1, said.sum() + true.sum())


def macro_f1(corpus, is_negative):
    scores = [
        f1(corpus["text"].str.contains(words) & is_negative,
           corpus["grievances"].list.contains(code))
        for code, words in _USUAL_KEYWORDS.items()
    ]  # fmt: skip
    return sum(scores) / len(scores)


@pytest.mark.slow
def test_the_usual_script_is_wrong_by_a_lot():
    from snownlp import SnowNLP  # three seconds to import, which quick tests do without

    corpus = sample()
    scores = [SnowNLP(text).sentiments for text in corpus["text"]]
    is_negative = pl.Series(scores) < 0.5
    assert macro_f1(corpus, is_negative) < 0.55
    naive, true = is_negative.sum(), corpus["is_negative"].sum()
    assert naive > 1.5 * true
    assert f1(is_negative, corpus["is_negative"]) < 0.6


@pytest.mark.slow
def test_even_with_perfect_polarity_a_keyword_list_is_not_enough():
    corpus = sample(posts=12_000)
    assert macro_f1(corpus, corpus["is_negative"]) < 0.75


@pytest.mark.slow
def test_difficulty_makes_a_keyword_list_worse():
    scores = [
        macro_f1(corpus, corpus["is_negative"])
        for corpus in (sample(0.0, 12_000), sample(2.0, 12_000))
    ]
    assert scores[0] > scores[1] + 0.05
