"""Learn all targets of the coder, and gather the evidence on posts as if they were not seen."""

from __future__ import annotations

from typing import NamedTuple, TypedDict

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.coding.classifier_model import OTHER_VOICES, sub_targets
from analysis.coding.clues import Clues, read_clues
from analysis.coding.codebook import CODES
from analysis.coding.concept_model import ConceptModel
from analysis.coding.evidence import Evidence, rule_logits, shared_evidence
from analysis.coding.gram_model import GramModel
from analysis.coding.keyword_coder import KeywordCoder, keyword_coder
from analysis.coding.learned_model import LearnedModel
from analysis.coding.sentiment_column import negative_logits
from analysis.evaluation.label_matrix import label_matrix
from analysis.evaluation.learned_fit import Floats, fit_learned, folds_of
from analysis.evaluation.stack_fit import Judged

# As many as the sentiment's, so that both are read in one pass.
BUCKETS = 1 << 20
SUB_BUCKETS = 1 << 18
# Many tables tell no channel: so many of the posts are learnt as if theirs were not known.
NO_CHANNEL = 0.3
# What a post is taken for where a column is missing.
_OTHERWISE = {
    "channel": pl.lit(None, pl.String),
    "writer": pl.lit(None, pl.String),
    "voice": pl.lit("consumer"),
    "grievances": pl.lit([], pl.List(pl.String)),
    "sub_grievances": pl.lit([], pl.List(pl.String)),
    "negative_probability": pl.lit(None, pl.Float64),
}


class LearntTargets(NamedTuple):
    """What was learnt of the targets and of the subs, and the evidence on the posts learnt from.

    Parameters
    ----------
    main, subs
        The models.
    coded
        The posts of which all targets are known, with all targets and subs.
    judged
        All posts, with the first target alone.
    """

    main: LearnedModel
    subs: LearnedModel
    coded: Judged
    judged: Judged


def learn_targets(posts: pl.DataFrame, seed: int) -> LearntTargets:
    """Fit the models and gather the evidence, each post's from models that never saw its fold.

    Parameters
    ----------
    posts
        ``text, channel, writer, voice, negative, grievances, sub_grievances, weight,
        knows_codes``, and ``negative_probability`` from a sentiment that did not see them.
    seed
        Of the solver and of which channels are forgotten.
    """
    seen = forget_channels(posts, seed)
    engine = keyword_coder().engine
    clues, knows_codes = read_clues(seen, engine), seen["knows_codes"].to_numpy()
    rows, others = np.flatnonzero(knows_codes), np.flatnonzero(~knows_codes)
    coded, of_coded = seen[rows], clues.gather(rows)
    held, weight, folds = held_targets(seen), seen["weight"].to_numpy(), folds_of(seen)
    subs_held = label_matrix(coded["sub_grievances"], list(sub_targets()))
    alike: _Options = {"seed": seed, "folds": folds, "buckets": BUCKETS}
    alike_coded: _Options = {**alike, "folds": folds[rows]}
    names = engine.concepts
    negative, unseen = fit_learned(clues, names, held[:, :1], weight, **alike)
    rest, of_rest = fit_learned(of_coded, names, held[rows, 1:], weight[rows], **alike_coded)
    alike_coded["buckets"] = SUB_BUCKETS
    subs, of_subs = fit_learned(of_coded, names, subs_held, weight[rows], **alike_coded)
    learnt = np.empty(held.shape)
    learnt[:, :1], learnt[rows, 1:] = unseen, of_rest
    # The other posts were not learnt for these targets, so the model itself never saw them.
    learnt[others, 1:] = rest.reader(engine).log_odds(clues.gather(others))
    whole, subs_by_rules = _evidence_on(seen, clues, learnt)
    on_coded = whole.gather(rows)
    with_subs = Evidence(
        np.hstack([on_coded.own, of_subs]),
        np.hstack([on_coded.rules, subs_by_rules[rows]]),
        on_coded.shared,
    )
    return LearntTargets(
        _joined(negative, rest),
        subs,
        Judged(with_subs, np.hstack([held[rows], subs_held]), weight[rows]),
        Judged(whole, held, weight),
    )


class _Options(TypedDict):
    buckets: int
    seed: int
    folds: npt.NDArray[np.int64]


def _evidence_on(posts: pl.DataFrame, clues: Clues, learnt: Floats) -> tuple[Evidence, Floats]:
    """Return what speaks for `TARGETS`, and the rules' logits of the subs."""
    scores = KeywordCoder().rule_scores(posts, clues)
    sentiment = negative_logits(posts, clues.texts)
    rules, subs_by_rules = rule_logits(scores)
    shared = shared_evidence(learnt, scores.negative, sentiment)
    return Evidence(learnt, rules, shared), subs_by_rules


def completed(posts: pl.DataFrame) -> pl.DataFrame:
    """Return the posts with every column that `learn_targets` reads and a table may lack.

    Examples
    --------
    >>> completed(pl.DataFrame({"text": ["慢"], "voice": ["media"]}))["voice", "channel"].row(0)
    ('media', None)
    """
    missing = _OTHERWISE.keys() - set(posts.columns)
    return posts.with_columns(_OTHERWISE[name].alias(name) for name in sorted(missing))


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
