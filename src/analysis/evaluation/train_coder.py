"""Train the default coder on coded posts: same input, same bytes.

It learns from the training part of the coded sample, from posts that were written for learning
and coded once, by their writers, and from real reviews that were coded once. The development part
of the sample is kept for choices, the test part for the measure; neither is learnt.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from analysis.coding.classifier_model import ClassifierModel
from analysis.errors import CaodianError
from analysis.evaluation.coder_card import write_card
from analysis.evaluation.coder_sources import shipped_sources
from analysis.evaluation.label_matrix import read_labels
from analysis.evaluation.stack_fit import fit_stack
from analysis.evaluation.targets_fit import completed, learn_targets
from analysis.evaluation.unseen_sentiment import unseen_probabilities
from analysis.frames import AnyFrame, as_polars

SEED = 20191111
_COLUMNS = (
    "text", "channel", "voice", "writer", "negative", "grievances", "sub_grievances", "weight",
    "knows_codes",
)  # fmt: skip


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
    counted = {name: (f.height, int(f["negative"].sum())) for name, f in read.items()}
    return TrainedCoder(fit_classifier(_judged(read.values()), seed), counted, seed)


def learnable_posts(sources: dict[str, tuple[pl.DataFrame, float]]) -> pl.DataFrame:
    """Return the posts of all sources as `learn_targets` takes them; see `train_coder`."""
    return _judged(_labelled(frame, weight) for frame, weight in sources.values())


def _judged(labelled: Iterable[pl.DataFrame]) -> pl.DataFrame:
    posts = pl.concat(labelled)
    return posts.with_columns(unseen_probabilities(posts))


def _labelled(posts: pl.DataFrame, weight: float) -> pl.DataFrame:
    """Return the posts with all columns that are learnt from; a null list is not known."""
    if "grievances" not in posts.columns:
        raise CaodianError(
            "posts that the coder learns from must have the column grievances",
            value=", ".join(posts.columns),
            remedy="Add it, empty where no code holds.",
        )
    return (
        completed(read_labels(posts))
        .with_columns(weight=pl.lit(weight), knows_codes=posts["grievances"].is_not_null())
        .select(_COLUMNS)
    )


def fit_classifier(posts: pl.DataFrame, seed: int) -> ClassifierModel:
    """Return the model fitted to `_labelled` posts with a sentiment that did not see them."""
    learnt = learn_targets(posts, seed)
    stack, shifts = fit_stack(learnt.coded, learnt.judged)
    return ClassifierModel(learnt.main, learnt.subs, stack, shifts)
