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
from analysis.coding.classifier_model import OTHER_VOICES, ClassifierModel, sub_targets
from analysis.coding.clues import Clues, read_clues
from analysis.coding.codebook import CODES
from analysis.coding.concept_model import ConceptModel
from analysis.coding.gram_model import GramModel
from analysis.coding.keyword_coder import KeywordCoder, keyword_coder
from analysis.coding.learned_model import LearnedModel
from analysis.coding.sentiment_column import negative_logits
from analysis.errors import CaodianError
from analysis.evaluation.coder_card import write_card
from analysis.evaluation.coder_sources import shipped_sources
from analysis.evaluation.label_matrix import label_matrix, read_labels
from analysis.evaluation.learned_fit import fit_learned, folds_of
from analysis.evaluation.stack_fit import Judged, fit_stack
from analysis.evaluation.unseen_sentiment import unseen_probabilities
from analysis.frames import AnyFrame, as_polars

# As many as the sentiment's, so that both are read in one pass.
BUCKETS = 1 << 20
SUB_BUCKETS = 1 << 18
SEED = 20191111
# Many tables tell no channel: so many of the posts are learnt as if theirs were not known.
NO_CHANNEL = 0.3
_LISTS = ("grievances", "sub_grievances")


@dataclass(frozen=True)
class TrainedCoder:
    """A model, the seed, and how many posts of each source it learnt from."""

    model: ClassifierModel
    sources: dict[str, tuple[int, int]]  #: source → posts, negative ones
    seed: int

    def save(self, directory: Path | str) -> None:
        """Write `coder.npz`, the files beside it and its card `coder.md` into the directory."""
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
    seen = forget_channels(posts, seed)
    knows_codes = seen["knows_codes"].to_numpy()
    held, weight, folds = held_targets(seen), seen["weight"].to_numpy(), folds_of(seen)
    engine = keyword_coder().engine
    clues = read_clues(seen, engine)
    negative, unseen = fit_learned(
        clues, engine.concepts, held[:, :1], weight, buckets=BUCKETS, seed=seed, folds=folds
    )
    coded, rows = seen.filter(knows_codes), np.flatnonzero(knows_codes)
    coded_clues, coded_held, coded_weight = clues.gather(rows), held[rows], weight[rows]
    subs = label_matrix(coded["sub_grievances"], list(sub_targets()))
    others, of_others = fit_learned(
        coded_clues, engine.concepts, coded_held[:, 1:], coded_weight,
        buckets=BUCKETS, seed=seed, folds=folds[rows],
    )  # fmt: skip
    sub_model, of_subs = fit_learned(
        coded_clues, engine.concepts, subs, coded_weight,
        buckets=SUB_BUCKETS, seed=seed, folds=folds[rows],
    )  # fmt: skip
    stack, shifts = fit_stack(
        Judged(
            evidence_on(coded, coded_clues, np.hstack([unseen[rows], of_others, of_subs])),
            np.hstack([coded_held, subs]),
            coded_weight,
        ),
        Judged(evidence_on(seen, clues, unseen), held[:, :1], weight),
        seed,
    )
    return ClassifierModel(_joined(negative, others), sub_model, stack, shifts)


def forget_channels(posts: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Return the posts, a share of them without their channel.

    Examples
    --------
    >>> posts = pl.DataFrame({"channel": ["weibo"] * 1000})
    >>> 250 < forget_channels(posts, 1)["channel"].null_count() < 350
    True
    """
    forgotten = pl.Series(np.random.default_rng(seed).random(posts.height) < NO_CHANNEL)
    known = pl.when(~forgotten).then(pl.col("channel")).otherwise(None)
    return posts.with_columns(known.cast(pl.String).alias("channel"))


def evidence_on(
    posts: pl.DataFrame, clues: Clues, learned: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return what speaks for each target; the first column learnt is the negative item."""
    scores = KeywordCoder().rule_scores(posts, clues)
    rules = np.hstack(rule_logits(scores))[:, : learned.shape[1]]
    sentiment = negative_logits(posts, clues.texts)
    return evidence(learned, learned[:, 0], rules, scores.negative, sentiment)


def held_targets(posts: pl.DataFrame) -> npt.NDArray[np.bool_]:
    """Return ``posts x TARGETS``: what holds."""
    voices = [(posts["voice"] == voice).to_numpy() for voice in OTHER_VOICES]
    negative = posts["negative"].to_numpy().astype(bool)
    codes = label_matrix(posts["grievances"], list(CODES))
    return np.column_stack([negative, codes, *voices])


def _joined(first: LearnedModel, second: LearnedModel) -> LearnedModel:
    grams, concepts = (first.grams, second.grams), (first.concepts, second.concepts)
    return LearnedModel(
        GramModel(
            np.vstack([part.weights for part in grams]),
            np.hstack([part.slopes for part in grams]),
            np.hstack([part.intercepts for part in grams]),
        ),
        ConceptModel(
            first.concepts.names,
            np.concatenate([part.weights for part in concepts], axis=2),
            np.hstack([part.steps for part in concepts]),
        ),
    )
