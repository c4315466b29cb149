"""Train the thorough coder: python -m analysis.training.thorough [--every N] [--out DIR].

Run it in the project's folder, after `caodian train coder`: it learns what to add to that coder.
Like that one it never reads the development or test part of the coded sample.
"""

from __future__ import annotations

import argparse
import zlib
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression

from analysis.coding.codebook import CODES
from analysis.coding.features import own_words
from analysis.coding.learned_model import TARGETS
from analysis.coding.thorough_coder import (
    SHIPPED_THOROUGH,
    SentenceVectors,
    ThoroughModel,
    shared_vectors,
)
from analysis.study import load_study
from analysis.training.coder import SEED, unseen_fast, unseen_probabilities
from analysis.training.coder_fit import BLOCK, FOLDS, Flags, Floats, prevalence_threshold, rounded
from analysis.training.texts import (
    REVIEW_WEIGHT,
    SIMULATED_POSTS,
    SIMULATED_WEIGHT,
    STUDY,
    project_posts,
    read_reviews,
    simulated_posts,
)

# Fit the thorough coder: one logistic regression a target, and where it holds.

# How far the vectors may depart from what fast says; chosen on the development part.
_STRENGTH = 30.0
# Fast's log-odds are made large, so that their weights cost next to nothing: without an
# opinion of the vectors, fast is left as it is.
_LARGE = 3.0
_VOICES = range(1 + len(CODES), len(TARGETS))


def _fit_thorough(
    vectors: Floats,
    fast: Floats,
    held: Flags,
    weight: Floats,
    seed: int,
    *,
    strength: float = _STRENGTH,
) -> ThoroughModel:
    """Fit the model."""
    center = rounded(np.average(vectors, axis=0, weights=weight))
    moved = vectors - center
    fits, unseen = [], np.zeros(held.shape)
    for target, column in enumerate(held.T):
        features = np.column_stack([moved, _LARGE * fast[:, target], _LARGE * fast[:, 0]])
        if target == 0:
            features[:, -1] = 0.0
        fits.append(_fit(features, column, weight, seed, strength))
        unseen[:, target] = _unseen(features, column, weight, seed, strength)
    weights = np.array([learnt[:-2] for learnt, _ in fits])
    of_fast = np.array([learnt[-2:] * _LARGE for learnt, _ in fits])
    shifts = np.array([shift for _, shift in fits]) - _bars(unseen, held, weight)
    slopes = rounded(np.maximum(np.abs(weights).max(axis=1), 1e-9) / 127)
    whole = np.clip(np.rint(weights / slopes[:, None]), -127, 127).astype(np.int8)
    return ThoroughModel(whole, slopes, center, rounded(of_fast), rounded(shifts))


def _fit(
    features: Floats, held: Flags, weight: Floats, seed: int, strength: float
) -> tuple[Floats, float]:
    if held.all() or not held.any():
        # Never seen: fast alone decides.
        alone = np.zeros(features.shape[1])
        alone[-2] = 1 / _LARGE
        return alone, 0.0
    solver = LogisticRegression(C=strength, tol=1e-3, max_iter=500, random_state=seed)
    solver.fit(features, held, sample_weight=weight)
    return solver.coef_[0], float(solver.intercept_[0])


def _unseen(features: Floats, held: Flags, weight: Floats, seed: int, strength: float) -> Floats:
    fold = np.arange(held.size) // BLOCK % FOLDS
    result = np.zeros(held.size)
    for number in range(FOLDS):
        inside, outside = fold != number, fold == number
        if inside.any() and outside.any():
            learnt, shift = _fit(features[inside], held[inside], weight[inside], seed, strength)
            result[outside] = features[outside] @ learnt + shift
    return result


def _bars(logits: Floats, held: Flags, weight: Floats) -> Floats:
    """Return one threshold a target; that of the negative item stays at zero."""
    is_negative = logits[:, 0] > 0
    thresholds = np.zeros(held.shape[1])
    for target in range(1, held.shape[1]):
        asked = np.ones_like(is_negative) if target in _VOICES else is_negative
        thresholds[target] = prevalence_threshold(logits[:, target], held[:, target], asked, weight)
    return thresholds


# Encoding takes longer than all else: of the posts that their writers alone coded, a part.
_EVERY = 10
_COLUMNS = (
    "text", "channel", "voice", "writer", "negative", "grievances", "sub_grievances", "weight",
)  # fmt: skip


def _train_thorough(
    every: int = _EVERY, seed: int = SEED, vectors: SentenceVectors | None = None
) -> ThoroughModel:
    """Train on the coded sample's training part and one in n of the posts that their writers coded.

    The fast coder's log-odds of these posts come from n-grams that saw all coded, simulated and
    public posts but those of a third of the writers, the judged one's among them.
    """
    encoder = vectors or shared_vectors()
    coded = _coded_posts()
    posts = pl.concat([coded, _simulated(seed)])
    posts = posts.with_columns(unseen_probabilities(posts))
    fast = unseen_fast(posts, _reviews(), seed)
    chosen = _vectorised(coded, every)
    texts = own_words(posts)
    return _fit_thorough(
        encoder.of(texts.gather(chosen)),
        fast.logits[chosen],
        fast.held[chosen],
        posts["weight"].to_numpy()[chosen],
        seed,
    )


def _coded_posts() -> pl.DataFrame:
    """Return the posts with all labels, those of the sample first, as much as each counts."""
    frames = [
        frame.with_columns(weight=pl.lit(weight)) for frame, weight in project_posts().values()
    ]
    return pl.concat([frame.select(_COLUMNS) for frame in frames])


def _vectorised(coded: pl.DataFrame, every: int) -> list[int]:
    """Return the rows that vectors are learnt from: the sample, and one in n of the others.

    A checksum of the text chooses, so that further posts leave the choice of these as it is.
    """
    is_sample = coded["weight"] == 1.0
    is_drawn = [zlib.crc32(text.encode()) % every == 0 for text in coded["text"]]
    rows: list[int] = (is_sample | pl.Series(is_drawn)).arg_true().to_list()
    return rows


def _simulated(seed: int) -> pl.DataFrame:
    posts = simulated_posts(load_study(STUDY), SIMULATED_POSTS, seed)
    no_writer = pl.lit(None, pl.String).alias("writer")
    weighed = posts.with_columns(no_writer, weight=pl.lit(SIMULATED_WEIGHT))
    return weighed.rename({"is_negative": "negative"}).select(_COLUMNS)


def _reviews() -> pl.DataFrame:
    return read_reviews().select(
        "text", negative=pl.col("is_negative"), weight=pl.lit(REVIEW_WEIGHT)
    )


def main() -> None:
    """Train and write `thorough.npz`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--every", type=int, default=_EVERY, help="Of the posts outside the sample."
    )
    parser.add_argument("--out", type=Path, default=SHIPPED_THOROUGH.parent)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    _train_thorough(given.every).save(given.out / SHIPPED_THOROUGH.name)


if __name__ == "__main__":
    main()
