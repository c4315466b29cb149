"""What the learned part of the coder gains by more posts and by each kind of feature.

    python benchmarks/coder_learning.py

It learns from `data/coded/written` alone and is judged on the training and development parts of
`data/coded/sample`, whose writers it then has not seen. F1 is that at the best threshold of each
target, so that lines differ by what is learnt and not by where it was put. The rules' and the
sentiment's opinions are left out; the test part is not read. The last line weighs the log-odds of
all targets together, as the coder does, learnt from posts whose writers were left out in turn.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from scipy.sparse import csr_matrix, diags_array, hstack

from analysis.coding.codebook import CODES
from analysis.coding.features import read_features
from analysis.coding.keyword_coder import keyword_coder
from analysis.coding.learned_model import StackInputs, shared_inputs
from analysis.engine.linear_sums import weigh_inputs
from analysis.sentiment.linear import shipped_model
from analysis.training.coder_fit import (
    FOLDS,
    STRENGTH,
    Judged,
    concept_features,
    fit_stack,
    folds_of,
    gram_sizes,
    held_targets,
)
from analysis.training.sentiment import fit_logistic, gram_matrix
from analysis.training.texts import WRITTEN_WEIGHT

CODED = Path(__file__).resolve().parents[1] / "data" / "coded"
COLUMNS = ("text", "channel", "voice", "negative", "grievances", "writer")
N_SHOWN = 1 + len(CODES)
SEED = 1


class Posts(NamedTuple):
    """All posts with what holds; the first `learnt` of them are the written ones."""

    frame: pl.DataFrame
    held: np.ndarray
    learnt: int


def read_posts() -> Posts:
    """Return the written posts, and behind them those of the sample that are not the test part."""
    written = [pl.read_ndjson(path) for path in sorted((CODED / "written").glob("*.jsonl"))]
    judged = [
        pl.read_ndjson(CODED / "sample" / f"{part}.jsonl") for part in ("train", "development")
    ]
    frame = pl.concat([table.select(COLUMNS) for table in (*written, *judged)])
    return Posts(frame, held_targets(frame), sum(map(len, written)))


def gram_features(posts: Posts, bits: int) -> csr_matrix:
    """Return the grams of all posts, sized as in training."""
    texts = read_features(posts.frame, keyword_coder().compiled).texts
    grams = gram_matrix(texts, shipped_model().foldings, 1 << bits)
    sizes = gram_sizes(grams[: posts.learnt], np.ones(posts.learnt))
    return (grams @ diags_array(sizes)).tocsr()


def concept_columns(posts: Posts, *, with_channel: bool) -> csr_matrix:
    """Return the concepts of all posts, sized as in training."""
    compiled = keyword_coder().compiled
    frame = posts.frame if with_channel else posts.frame.drop("channel")
    features, sizes = concept_features(read_features(frame, compiled), len(compiled.concepts))
    return (features @ diags_array(sizes)).tocsr()


def judge(posts: Posts, features: csr_matrix, rows: np.ndarray) -> tuple[float, float]:
    """Learn from some rows; return the F1 of the negative item and the macro-F1 of codes."""
    asked = np.arange(posts.learnt, len(posts.held))
    return scores(posts, learn(posts, features, rows, asked, N_SHOWN))


def learn(
    posts: Posts, features: csr_matrix, rows: np.ndarray, asked: np.ndarray, targets: int
) -> np.ndarray:
    """Learn the first targets from some rows and return the log-odds of others."""
    cost = np.zeros((len(posts.held), targets))
    cost[rows] = STRENGTH
    fits = fit_logistic(features, posts.held[:, :targets], cost, SEED)
    return fits.log_odds[asked]


def judge_together(posts: Posts, features: csr_matrix) -> tuple[float, float]:
    """Weigh the log-odds of all targets together, those of written posts from other writers'."""
    targets, written = posts.held.shape[1], np.arange(posts.learnt)
    odds = np.empty(posts.held.shape)
    odds[posts.learnt :] = learn(
        posts, features, written, np.arange(posts.learnt, len(odds)), targets
    )
    folds = folds_of(posts.frame[: posts.learnt])
    for fold in range(FOLDS):
        inside, outside = written[folds != fold], written[folds == fold]
        odds[outside] = learn(posts, features, inside, outside, targets)
    silent = np.zeros(len(odds))
    seen = StackInputs(odds, np.zeros(odds.shape), shared_inputs(odds, silent, silent))
    known = Judged(seen.gather(written), posts.held[written], np.full(posts.learnt, WRITTEN_WEIGHT))
    weights, shifts = fit_stack(known, known)
    return scores(posts, weigh_inputs(*seen, weights.T, shifts)[posts.learnt :])


def scores(posts: Posts, odds: np.ndarray) -> tuple[float, float]:
    """Return the F1 of the negative item and the macro-F1 of codes."""
    found = [best_f1(odds[:, t], posts.held[posts.learnt :, t]) for t in range(N_SHOWN)]
    return found[0], float(np.mean(found[1:]))


def best_f1(odds: np.ndarray, held: np.ndarray) -> float:
    """Return the highest F1 that any threshold gives."""
    hits = np.cumsum(held[np.argsort(-odds)])
    return float((2 * hits / (np.arange(1, held.size + 1) + held.sum())).max())


def main() -> None:
    """Print the table."""
    posts = read_posts()
    shuffled = np.random.default_rng(SEED).permutation(posts.learnt)
    grams = gram_features(posts, 20)
    concepts = concept_columns(posts, with_channel=True)
    whole = hstack([grams, concepts]).tocsr()
    lines = [
        (f"{1 / part:.1%} of the posts", whole, shuffled[: posts.learnt // part])
        for part in (8, 4, 2)
    ]
    lines += [
        ("all posts", whole, shuffled),
        ("without concepts", grams, shuffled),
        (
            "without channels",
            hstack([grams, concept_columns(posts, with_channel=False)]).tocsr(),
            shuffled,
        ),
        ("table of 2^17 grams", hstack([gram_features(posts, 17), concepts]).tocsr(), shuffled),
    ]
    print("| learnt | posts | negative F1 | macro-F1 of codes |")
    print("|---|---|---|---|")
    for name, features, rows in lines:
        print_line(name, rows.size, judge(posts, features, rows))
    print_line("all posts, targets weighed together", shuffled.size, judge_together(posts, whole))


def print_line(name: str, posts: int, found: tuple[float, float]) -> None:
    """Print a line of the table."""
    print(f"| {name} | {posts:,} | {found[0]:.3f} | {found[1]:.3f} |", flush=True)


if __name__ == "__main__":
    main()
