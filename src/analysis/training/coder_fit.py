"""Learn all targets of the coder, and gather the evidence on posts as if they were not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypedDict

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.sparse import csr_matrix, diags_array, hstack
from sklearn.linear_model import LogisticRegression

from analysis.coding.codebook import CODES
from analysis.coding.features import Features, read_features
from analysis.coding.keyword_coder import KeywordCoder, keyword_coder
from analysis.coding.learned_model import (
    GROUPS,
    OTHER_VOICES,
    TARGETS,
    ConceptModel,
    GramModel,
    LearnedModel,
    StackInputs,
    rule_logits,
    shared_inputs,
    sub_targets,
)
from analysis.coding.scoring import FloatArray, negative_logits
from analysis.engine.linear_sums import weigh_inputs
from analysis.sentiment.linear import shipped_model
from analysis.training.sentiment import fit_logistic, gram_matrix
from analysis.training.texts import label_matrix

# How large each gram and each concept of a post is made before weights are fitted.

# A gram of three posts or fewer teaches next to nothing that another post could use.
_LEAST_POSTS = 4
# The larger a feature, the less its weight is shrunk. Chosen on posts of other writers.
_GRAM, _CONCEPT, _IN_CHANNEL, _CHANNEL = 0.8, 0.6, 0.4, 0.5


def gram_sizes(grams: csr_matrix, weight: FloatArray) -> FloatArray:
    """Return how large each gram is made: rare ones shrink less, those of few posts go."""
    holding = (grams > 0).T.astype(float) @ weight
    posts = np.bincount(grams.indices, minlength=grams.shape[1])
    rarity = np.log((1 + weight.sum()) / (1 + holding)) + 1.0
    result: FloatArray = np.where(posts >= _LEAST_POSTS, _GRAM * rarity, 0.0)
    return result


def concept_features(features: Features, n_concepts: int) -> tuple[csr_matrix, FloatArray]:
    """Return which concepts each post has, everywhere and in its channel, and their sizes.

    The columns are those of `ConceptModel.weights`, group after group.
    """
    width = 1 + n_concepts
    row = np.repeat(np.arange(len(features.texts)), np.diff(features.starts))
    known = features.channel[row] > 0
    posts = np.flatnonzero(features.channel)
    columns = [
        1 + features.found.astype(np.int64),
        features.channel[row[known]] * width + 1 + features.found[known],
        features.channel[posts].astype(np.int64) * width,
    ]
    rows = [row, row[known], posts]
    where = (np.concatenate(rows), np.concatenate(columns))
    shape = (len(features.texts), GROUPS * width)
    features = csr_matrix((np.ones(len(where[0])), where), shape=shape)
    sizes = np.full(GROUPS * width, _IN_CHANNEL)
    sizes[:width] = _CONCEPT
    sizes[::width] = _CHANNEL
    return features, sizes


# Fit linear models on n-grams and concepts, one a target: same input, same bytes.

FOLDS = 3
# Where no writer is known: posts that stand together in a file may be alike; a fold takes them
# together.
BLOCK = 25
STRENGTH = 4.0
Floats = npt.NDArray[np.float64]


def _fit_learned(
    features: Features,
    concepts: tuple[str, ...],
    held: npt.NDArray[np.bool_],
    weight: Floats,
    *,
    buckets: int,
    seed: int,
    folds: npt.NDArray[np.int64] | None = None,
) -> tuple[LearnedModel, Floats]:
    """Fit one model a target."""
    fold = _by_blocks(len(features.texts), FOLDS) if folds is None else folds
    grams = gram_matrix(features.texts, shipped_model().foldings, buckets)
    rarity = gram_sizes(grams, weight)
    beside, sizes = concept_features(features, len(concepts))
    table = hstack([grams @ diags_array(rarity), beside @ diags_array(sizes)]).tocsr()
    table.sum_duplicates()
    coefficients, intercepts, unseen = _fit_all(table, held, weight, fold, seed)
    weights = coefficients * np.concatenate([rarity, sizes])
    of_grams, slopes = _whole(weights[:, :buckets])
    of_concepts, steps = _whole(weights[:, buckets:])
    by_group = of_concepts.T.reshape(GROUPS, 1 + len(concepts), len(weights))
    return (
        LearnedModel(
            GramModel(of_grams, slopes, rounded(intercepts)),
            ConceptModel(concepts, np.ascontiguousarray(by_group), steps),
        ),
        unseen,
    )


def _fit_all(
    features: csr_matrix,
    held: npt.NDArray[np.bool_],
    weight: Floats,
    fold: npt.NDArray[np.int64],
    seed: int,
) -> tuple[Floats, Floats, Floats]:
    """Return coefficients and intercepts, a row a target, and the log-odds by models of less.

    Each target is learnt from all posts and, once a fold, from those of the other folds.
    """
    parts = np.column_stack([np.ones(fold.size), *(fold != number for number in range(FOLDS))])
    cost = np.tile(STRENGTH * weight[:, None] * parts, held.shape[1])
    fits = fit_logistic(features, np.repeat(held, 1 + FOLDS, axis=1), cost, seed)
    of_fold = np.arange(held.shape[1]) * (1 + FOLDS) + 1 + fold[:, None]
    unseen = np.take_along_axis(fits.log_odds, of_fold, axis=1)
    coefficients = np.zeros((held.shape[1], features.shape[1]))
    coefficients[:, fits.columns] = fits.weights[:: 1 + FOLDS]
    return coefficients, fits.intercepts[:: 1 + FOLDS], unseen


def folds_of(posts: pl.DataFrame, number: int = FOLDS) -> npt.NDArray[np.int64]:
    """Return the fold of each post: all posts of one writer are in one, others go by blocks.

    A coder is used on people whose posts it never learnt, and a writer repeats himself: judged by
    a model that knew the writer, a post looks easier than it will be.
    """
    writers = posts["writer"].cast(pl.String)
    names = writers.drop_nulls().unique().sort()
    of_writer = {name: place % number for place, name in enumerate(names)}
    known = writers.replace_strict(of_writer, default=None, return_dtype=pl.Int64)
    return known.fill_null(pl.Series(_by_blocks(posts.height, number))).to_numpy()


def _by_blocks(size: int, number: int) -> npt.NDArray[np.int64]:
    """Return a fold for each of so many posts, the same for `BLOCK` of them in a row."""
    return np.arange(size) // BLOCK % number


def _whole(weights: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """Return the weights as whole numbers of -127…127, a row a target, and their steps."""
    steps = np.maximum(np.abs(weights).max(axis=1), 1e-9) / 127
    return np.rint(weights / steps[:, None]).astype(np.int8), rounded(steps)


def rounded(values: Floats) -> Floats:
    """Return the values with four digits, so that the last bits of a platform do not matter."""
    return np.array([float(f"{value:.4g}") for value in values.ravel()]).reshape(values.shape)


# Above which log-odds a target holds: where as many posts are called as hold.

Flags = npt.NDArray[np.bool_]

#: Log-odds that may be the threshold of a target.
THRESHOLDS: Floats = np.round(np.linspace(-2.0, 1.0, 61), 2)


def prevalence_threshold(
    logits: Floats, held: Flags, asked: Flags, weight: Floats, thresholds: Floats = THRESHOLDS
) -> float:
    """Return the threshold, nearest to zero, above which as much is called as holds.

    Counts are what the coder is for, and there the naive count is right. F1 is so flat near its top
    that the threshold with the highest one is left to chance, and does no better on other posts.
    """
    target = float(weight[held].sum())

    def gap(threshold: float) -> float:
        return round(abs(float(weight[(logits > threshold) & asked].sum()) - target), 9)

    return float(min(sorted(thresholds, key=abs), key=gap))


# Fit how much each kind of evidence weighs for each target, and where the target holds.

# Where the voices stand among the targets.
_VOICES = range(1 + len(CODES), len(TARGETS))
# Posts of this weight are coded by two readers, real or everyday ones, or the user's own; with so
# many of them the thresholds are found on them alone, since they are what posts are like.
_SURE, _ENOUGH = 1.0, 500
# Of harmless posts that are sure, at most this share may be called negative: a table of real
# posts holds mostly harmless ones.
_FALSE_ALARMS = 0.09
# Of the other posts every third is weighed by: a few dozen weights need no more, and it takes a
# sixth of the time.
_EVERY = 3
_STRENGTH = 10.0
# The larger the constant column, the less the shift of a target is shrunk.
_CONSTANT = 10.0


@dataclass(frozen=True)
class Judged:
    """Posts of which some targets are known."""

    seen: StackInputs
    held: npt.NDArray[np.bool_]
    weight: Floats

    def thinned(self) -> Judged:
        """Return the sure posts and some of the others."""
        is_kept = self.weight >= _SURE
        others = np.flatnonzero(~is_kept)
        is_kept[others[::_EVERY]] = True
        rows = np.flatnonzero(is_kept)
        return Judged(self.seen.gather(rows), self.held[rows], self.weight[rows])


def fit_stack(coded: Judged, judged: Judged) -> tuple[Floats, Floats]:
    """Weigh the evidence."""
    few, few_judged = coded.thinned(), judged.thinned()
    fitted = [
        _weigh(few if target else few_judged, target) for target in range(coded.held.shape[1])
    ]
    weights = rounded(np.array([weights for weights, _ in fitted]))
    shifts = rounded(np.array([shift for _, shift in fitted]))
    sure = np.flatnonzero(coded.weight >= _SURE)
    if sure.size < _ENOUGH:
        sure = np.arange(coded.weight.size)
    logits = weigh_inputs(*coded.seen.gather(sure), weights.T, shifts)
    held, weight = coded.held[sure], coded.weight[sure]
    threshold = _careful_threshold(logits[:, 0], held[:, 0], weight)
    shifts[0] -= threshold
    is_negative = logits[:, 0] > threshold
    anyone = np.ones_like(is_negative)
    for target in range(1, held.shape[1]):
        asked = anyone if target in _VOICES else is_negative
        shifts[target] -= prevalence_threshold(logits[:, target], held[:, target], asked, weight)
    return weights, rounded(shifts)


def _careful_threshold(logits: Floats, held: npt.NDArray[np.bool_], weight: Floats) -> float:
    """Return the prevalence threshold of those that call few harmless posts negative."""
    harmless = weight[~held].sum()
    alarms = np.array([weight[(logits > threshold) & ~held].sum() for threshold in THRESHOLDS])
    careful = THRESHOLDS[alarms <= _FALSE_ALARMS * harmless]
    anyone = np.ones_like(held)
    return (
        prevalence_threshold(logits, held, anyone, weight, careful)
        if careful.size
        else float(THRESHOLDS[-1])
    )


def _weigh(posts: Judged, target: int) -> tuple[Floats, float]:
    seen, held = posts.seen.of_target(target), posts.held[:, target]
    if held.all() or not held.any():
        return np.zeros(seen.shape[1]), -9.0
    table = np.column_stack([seen, np.full(len(seen), _CONSTANT)])
    model = LogisticRegression(solver="newton-cholesky", fit_intercept=False, tol=1e-9)
    weights = model.fit(table, held, _STRENGTH * posts.weight).coef_[0]
    return weights[:-1], _CONSTANT * float(weights[-1])


# As many as the sentiment's, so that both are read in one pass.
_BUCKETS = 1 << 20
_SUB_BUCKETS = 1 << 18
# Many tables tell no channel: so many of the posts are learnt as if theirs were not known.
_NO_CHANNEL = 0.3
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
    """What was learnt of the targets and of the subs, and the evidence on the posts learnt from."""

    main: LearnedModel
    subs: LearnedModel
    coded: Judged
    judged: Judged


def learn_targets(posts: pl.DataFrame, seed: int) -> LearntTargets:
    """Fit the models and gather the evidence, each post's from models that never saw its fold."""
    seen = _forget_channels(posts, seed)
    compiled = keyword_coder().compiled
    features, knows_codes = read_features(seen, compiled), seen["knows_codes"].to_numpy()
    rows, others = np.flatnonzero(knows_codes), np.flatnonzero(~knows_codes)
    coded, of_coded = seen[rows], features.gather(rows)
    held, weight, folds = held_targets(seen), seen["weight"].to_numpy(), folds_of(seen)
    code_weight = coded["code_weight"].to_numpy()
    subs_held = label_matrix(coded["sub_grievances"], list(sub_targets()))
    alike: _Options = {"seed": seed, "folds": folds, "buckets": _BUCKETS}
    alike_coded: _Options = {**alike, "folds": folds[rows]}
    names = compiled.concepts
    real = np.flatnonzero(seen["is_real"].to_numpy())
    alike_real: _Options = {**alike, "folds": folds[real]}
    witness, _ = _fit_learned(
        features.gather(real), names, held[real, :1], weight[real], **alike_real
    )
    negative, unseen = _fit_learned(features, names, held[:, :1], weight, **alike)
    rest, of_rest = _fit_learned(of_coded, names, held[rows, 1:], code_weight, **alike_coded)
    alike_coded["buckets"] = _SUB_BUCKETS
    subs, of_subs = _fit_learned(of_coded, names, subs_held, code_weight, **alike_coded)
    learnt = np.empty(held.shape)
    learnt[:, :1], learnt[rows, 1:] = unseen, of_rest
    # The other posts were not learnt for these targets, so the model itself never saw them.
    learnt[others, 1:] = rest.reader(compiled).log_odds(features.gather(others))
    whole, subs_by_rules = _evidence_on(seen, features, learnt)
    on_coded = whole.gather(rows)
    with_subs = StackInputs(
        np.hstack([on_coded.own, of_subs]),
        np.hstack([on_coded.rules, subs_by_rules[rows]]),
        on_coded.shared,
    )
    return LearntTargets(
        _joined(negative, rest, witness),
        subs,
        Judged(with_subs, np.hstack([held[rows], subs_held]), code_weight),
        Judged(whole, held, weight),
    )


class _Options(TypedDict):
    buckets: int
    seed: int
    folds: npt.NDArray[np.int64]


def _evidence_on(
    posts: pl.DataFrame, features: Features, learnt: Floats
) -> tuple[StackInputs, Floats]:
    """Return what speaks for `TARGETS`, and the rules' logits of the subs."""
    scores = KeywordCoder().rule_scores(posts, features)
    sentiment = negative_logits(posts, features.texts)
    rules, subs_by_rules = rule_logits(scores)
    shared = shared_inputs(learnt, scores.negative, sentiment)
    return StackInputs(learnt, rules, shared), subs_by_rules


def completed(posts: pl.DataFrame) -> pl.DataFrame:
    """Return the posts with every column that `learn_targets` reads and a table may lack."""
    missing = _OTHERWISE.keys() - set(posts.columns)
    return posts.with_columns(_OTHERWISE[name].alias(name) for name in sorted(missing))


def _forget_channels(posts: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Return the posts, a share of them without their channel."""
    forgotten = pl.Series(np.random.default_rng(seed).random(posts.height) < _NO_CHANNEL)
    known = pl.when(~forgotten).then(pl.col("channel")).otherwise(None)
    return posts.with_columns(known.cast(pl.String).alias("channel"))


def held_targets(posts: pl.DataFrame) -> npt.NDArray[np.bool_]:
    """Return ``posts x TARGETS``: what holds."""
    voices = [(posts["voice"] == voice).to_numpy() for voice in OTHER_VOICES]
    negative = posts["negative"].to_numpy().astype(bool)
    codes = label_matrix(posts["grievances"], list(CODES))
    return np.column_stack([negative, codes, *voices])


def _joined(*models: LearnedModel) -> LearnedModel:
    """Return one model of the targets of several, which were learnt with the same features."""
    grams, concepts = [model.grams for model in models], [model.concepts for model in models]
    return LearnedModel(
        GramModel(
            np.vstack([part.weights for part in grams]),
            np.hstack([part.slopes for part in grams]),
            np.hstack([part.intercepts for part in grams]),
        ),
        ConceptModel(
            concepts[0].names,
            np.concatenate([part.weights for part in concepts], axis=2),
            np.hstack([part.steps for part in concepts]),
        ),
    )
