"""Train the default coder on coded posts: same input, same bytes.

It learns from the training part of the coded sample, from posts that were written for learning
and coded once, by their writers, and from real reviews that were coded once. The development part
of the sample is kept for choices, the test part for the measure; neither is learnt.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.coding.classifier_coder import evidence, rule_logits
from analysis.coding.classifier_model import (
    OTHER_VOICES,
    ClassifierModel,
    GramModel,
    sub_targets,
)
from analysis.coding.codebook import CODES
from analysis.coding.keyword_coder import KeywordCoder
from analysis.coding.own_words import own_words
from analysis.coding.sentiment_column import negative_logits
from analysis.errors import CaodianError
from analysis.evaluation.coder_card import write_card
from analysis.evaluation.coder_sources import shipped_sources
from analysis.evaluation.gram_fit import fit_grams, folds_of
from analysis.evaluation.label_matrix import label_matrix, read_labels
from analysis.evaluation.stack_fit import Judged, fit_stack
from analysis.evaluation.unseen_sentiment import unseen_probabilities
from analysis.frames import AnyFrame, as_polars

BUCKETS = 1 << 17
SUB_BUCKETS = 1 << 15
SEED = 20191111
_LISTS = ("grievances", "sub_grievances")


@dataclass(frozen=True)
class TrainedCoder:
    """A model, the seed, and how many posts of each source it learnt from."""

    model: ClassifierModel
    sources: dict[str, tuple[int, int]]  #: source → posts, negative ones
    seed: int

    def save(self, directory: Path | str) -> None:
        """Write `coder.npz` and its card `coder.md` into the directory."""
        target = Path(directory)
        target.mkdir(parents=True, exist_ok=True)
        self.model.save(target / "coder.npz")
        (target / "coder.md").write_text(write_card(self.sources, self.seed), encoding="utf-8")


def train_shipped(extra: Iterable[AnyFrame] = (), seed: int = SEED) -> TrainedCoder:
    """Train as the shipped weights were: from the project's root, byte for byte the same."""
    frames = shipped_sources(seed)
    for number, frame in enumerate(extra, start=1):
        frames[f"extra {number}"] = (as_polars(frame), 1.0)
    return train_coder(frames, seed)


def train_coder(sources: dict[str, tuple[pl.DataFrame, float]], seed: int = SEED) -> TrainedCoder:
    """Train on labelled posts.

    Parameters
    ----------
    sources
        Name → posts and how much each of them counts. Posts have ``text``, ``negative`` or
        ``is_negative``, ``grievances``, and where known ``sub_grievances, voice, channel``.
    seed
        Of the solver.

    Raises
    ------
    CaodianError
        If a column is missing or a code does not stand in the codebook.
    """
    read = {name: _labelled(frame, weight) for name, (frame, weight) in sources.items()}
    posts = pl.concat(list(read.values()))
    counted = {name: (f.height, int(f["negative"].sum())) for name, f in read.items()}
    judged = posts.with_columns(unseen_probabilities(posts))
    return TrainedCoder(fit_classifier(judged, seed), counted, seed)


def _labelled(posts: pl.DataFrame, weight: float) -> pl.DataFrame:
    """Return the posts with all columns that are learnt from; a null list is not known."""
    if "grievances" not in posts.columns:
        raise CaodianError(
            "posts that the coder learns from must have the column grievances",
            value=", ".join(posts.columns),
            remedy="Add it, empty where no code holds.",
        )
    knows_codes = posts["grievances"].is_not_null()
    labelled = read_labels(posts)
    empty = {
        "sub_grievances": pl.lit([], dtype=pl.List(pl.String)),
        "voice": pl.lit("consumer"),
        "channel": pl.lit(None, pl.String),
        "writer": pl.lit(None, pl.String),
    }
    missing = [value.alias(name) for name, value in empty.items() if name not in labelled.columns]
    return labelled.with_columns(
        *missing, pl.lit(weight).alias("weight"), knows_codes.alias("knows_codes")
    ).select("text", "channel", "voice", "writer", "negative", *_LISTS, "weight", "knows_codes")


def fit_classifier(posts: pl.DataFrame, seed: int) -> ClassifierModel:
    """Return the model fitted to `_labelled` posts with a sentiment that did not see them."""
    knows_codes = posts["knows_codes"].to_numpy()
    texts, held, weight = own_words(posts), held_targets(posts), posts["weight"].to_numpy()
    folds = folds_of(posts)
    negative, unseen = fit_grams(texts, held[:, :1], weight, BUCKETS, seed, folds=folds)
    coded = posts.filter(knows_codes)
    coded_texts, coded_held, coded_weight = own_words(coded), held[knows_codes], weight[knows_codes]
    subs = label_matrix(coded["sub_grievances"], list(sub_targets()))
    folds = folds[knows_codes]
    others, of_others = fit_grams(
        coded_texts, coded_held[:, 1:], coded_weight, BUCKETS, seed, folds=folds
    )
    sub_grams, of_subs = fit_grams(coded_texts, subs, coded_weight, SUB_BUCKETS, seed, folds=folds)
    stack, shifts = fit_stack(
        Judged(
            evidence_on(coded, np.hstack([unseen[knows_codes], of_others, of_subs])),
            np.hstack([coded_held, subs]),
            coded_weight,
        ),
        Judged(evidence_on(posts, unseen), held[:, :1], weight),
        seed,
    )
    return ClassifierModel(_joined(negative, others), sub_grams, stack, shifts)


def evidence_on(posts: pl.DataFrame, grams: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return what speaks for each target; the first column of the grams is the negative item."""
    scores = KeywordCoder().rule_scores(posts)
    rules = np.hstack(rule_logits(scores))[:, : grams.shape[1]]
    sentiment = negative_logits(posts, own_words(posts))
    return evidence(grams, grams[:, 0], rules, scores.negative, sentiment)


def held_targets(posts: pl.DataFrame) -> npt.NDArray[np.bool_]:
    """Return ``posts x TARGETS``: what holds."""
    voices = [(posts["voice"] == voice).to_numpy() for voice in OTHER_VOICES]
    negative = posts["negative"].to_numpy().astype(bool)
    codes = label_matrix(posts["grievances"], list(CODES))
    return np.column_stack([negative, codes, *voices])


def _joined(first: GramModel, second: GramModel) -> GramModel:
    return GramModel(
        np.vstack([first.weights, second.weights]),
        np.hstack([first.slopes, second.slopes]),
        np.hstack([first.intercepts, second.intercepts]),
    )
