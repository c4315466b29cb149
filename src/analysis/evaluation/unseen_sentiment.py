"""What the sentiment would say of the posts that it learnt from, had it not seen them.

The coder weighs the sentiment beside its other evidence. On posts that the shipped sentiment
learnt it is surer than on any other, so its weight must be found with models that did not see them.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.coding.own_words import own_words
from analysis.evaluation.learned_fit import folds_of
from analysis.sentiment.linear import negative_probabilities
from analysis.sentiment.train import COLUMNS, fit_model, shipped_texts
from analysis.sentiment.training_texts import CODED

FOLDS = 3
SEED = 618


def unseen_probabilities(posts: pl.DataFrame, folds: int = FOLDS) -> pl.Series:
    """Return the probability of a negative judgement of each post.

    Parameters
    ----------
    posts
        ``text, writer`` and what `own_words` reads. Coded posts are judged by one of a few models
        that saw nothing of their writer, all others by the shipped one.
    folds
        Number of those models.
    """
    words = own_words(posts)
    found = negative_probabilities(words).to_numpy().copy()
    sources = shipped_texts()
    learnt = pl.concat([texts.select(COLUMNS) for texts in sources.values()])
    coded = pl.concat([sources[name]["text"] for name in CODED])
    places = np.flatnonzero(posts["text"].is_in(coded.implode()))
    fold = folds_of(posts, folds)[places]
    parts = [held for number in range(folds) if (held := places[fold == number]).size]

    def told(held: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        return _without(learnt, posts["text"].gather(held), words.gather(held))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        probabilities = list(pool.map(told, parts))
    for held, judged in zip(parts, probabilities, strict=True):
        found[held] = judged
    return pl.Series("negative_probability", found)


def _without(learnt: pl.DataFrame, held: pl.Series, words: pl.Series) -> npt.NDArray[np.float64]:
    """Return the probabilities of a model that learnt all texts but those that are held out."""
    model = fit_model(learnt.filter(~pl.col("text").is_in(held.implode())), SEED)
    probabilities: npt.NDArray[np.float64] = model.negative_probabilities(words).to_numpy()
    return probabilities
