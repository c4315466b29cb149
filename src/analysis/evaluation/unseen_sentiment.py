"""What the sentiment would say of the posts that it learnt from, had it not seen them.

The coder weighs the sentiment beside its other evidence. On posts that the shipped sentiment
learnt it is surer than on any other, so its weight must be found with models that did not see them.
"""

from __future__ import annotations

import numpy as np
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
    for number in range(folds):
        held = places[fold == number]
        if held.size:
            others = learnt.filter(~pl.col("text").is_in(posts["text"].gather(held).implode()))
            model = fit_model(others, SEED)
            found[held] = model.negative_probabilities(words.gather(held)).to_numpy()
    return pl.Series("negative_probability", found)
