"""Train the thorough coder: python -m analysis.evaluation.train_thorough [--every N] [--out DIR].

Run it in the project's folder, after `caodian train coder`: it learns what to add to that coder.
Like that one it never reads the development or test part of the coded sample.
"""

from __future__ import annotations

import argparse
import zlib
from pathlib import Path

import polars as pl

from analysis.coding.own_words import own_words
from analysis.coding.sentence_vectors import SentenceVectors, shared_vectors
from analysis.coding.thorough_model import SHIPPED_THOROUGH, ThoroughModel
from analysis.evaluation.coder_sources import (
    REVIEW_WEIGHT,
    SIMULATED_POSTS,
    SIMULATED_WEIGHT,
    STUDY,
    project_posts,
    simulated_posts,
)
from analysis.evaluation.thorough_fit import fit_thorough
from analysis.evaluation.train_coder import SEED
from analysis.evaluation.unseen_fast import unseen_fast
from analysis.evaluation.unseen_sentiment import unseen_probabilities
from analysis.sentiment.training_texts import read_reviews
from analysis.study import load_study

# Encoding takes longer than all else: of the posts that their writers alone coded, a part.
EVERY = 10
COLUMNS = (
    "text", "channel", "voice", "writer", "negative", "grievances", "sub_grievances", "weight",
)  # fmt: skip


def train_thorough(
    every: int = EVERY, seed: int = SEED, vectors: SentenceVectors | None = None
) -> ThoroughModel:
    """Train on the coded sample's training part and one in n of the posts that their writers coded.

    The fast coder's log-odds of these posts come from n-grams that saw all coded, simulated and
    public posts but those of a third of the writers, the judged one's among them.

    Raises
    ------
    CaodianError
        If it does not run in the project's folder, or without the package of the vectors.
    """
    encoder = vectors or shared_vectors()
    coded = coded_posts()
    posts = pl.concat([coded, _simulated(seed)])
    posts = posts.with_columns(unseen_probabilities(posts))
    fast = unseen_fast(posts, _reviews(), seed)
    chosen = vectorised(coded, every)
    texts = own_words(posts)
    return fit_thorough(
        encoder.of(texts.gather(chosen)),
        fast.logits[chosen],
        fast.held[chosen],
        posts["weight"].to_numpy()[chosen],
        seed,
    )


def coded_posts() -> pl.DataFrame:
    """Return the posts with all labels, those of the sample first, as much as each counts.

    Raises
    ------
    CaodianError
        If the current folder is not the project's.
    """
    frames = [
        frame.with_columns(weight=pl.lit(weight)) for frame, weight in project_posts().values()
    ]
    return pl.concat([frame.select(COLUMNS) for frame in frames])


def vectorised(coded: pl.DataFrame, every: int) -> list[int]:
    """Return the rows that vectors are learnt from: the sample, and one in n of the others.

    A checksum of the text chooses, so that further posts leave the choice of these as it is.

    Examples
    --------
    >>> vectorised(pl.DataFrame({"text": ["慢", "坏", "贵"], "weight": [1.0, 0.5, 0.5]}), 1)
    [0, 1, 2]
    """
    is_sample = coded["weight"] == 1.0
    is_drawn = [zlib.crc32(text.encode()) % every == 0 for text in coded["text"]]
    rows: list[int] = (is_sample | pl.Series(is_drawn)).arg_true().to_list()
    return rows


def _simulated(seed: int) -> pl.DataFrame:
    posts = simulated_posts(load_study(STUDY), SIMULATED_POSTS, seed)
    no_writer = pl.lit(None, pl.String).alias("writer")
    weighed = posts.with_columns(no_writer, weight=pl.lit(SIMULATED_WEIGHT))
    return weighed.rename({"is_negative": "negative"}).select(COLUMNS)


def _reviews() -> pl.DataFrame:
    return read_reviews().select(
        "text", negative=pl.col("is_negative"), weight=pl.lit(REVIEW_WEIGHT)
    )


def main() -> None:
    """Train and write `thorough.npz`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=EVERY, help="Of the posts outside the sample.")
    parser.add_argument("--out", type=Path, default=SHIPPED_THOROUGH.parent)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    train_thorough(given.every).save(given.out / SHIPPED_THOROUGH.name)


if __name__ == "__main__":
    main()
