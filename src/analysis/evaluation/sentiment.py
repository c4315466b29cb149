"""How well negative texts are told from others on any labelled file, SnowNLP beside ours."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
from sklearn.linear_model import LogisticRegression

from analysis.corpus.clean import own_words
from analysis.errors import CaodianError, nearest
from analysis.frames import AnyFrame, as_polars, as_texts
from analysis.sentiment.linear import LinearModel
from analysis.sentiment.snownlp_exact import score_texts
from analysis.training.texts import text_identity, training_identities

# Accuracy, macro-F1, AUC and calibration error of probabilities, with bootstrap intervals.

_Floats = npt.NDArray[np.float64]
_METRICS = ("accuracy", "macro_f1", "auc", "ece")
_BINS = 15


class _BinaryScores:
    """Measures of probabilities against labels, for any weighting of the items."""

    def __init__(
        self, labels: npt.NDArray[np.bool_], probabilities: _Floats, cutoff: float = 0.5
    ) -> None:
        self._labels = labels.astype(np.float64)
        self._probabilities = probabilities
        self._assigned = (probabilities > cutoff).astype(np.float64)
        _, self._rank = np.unique(probabilities, return_inverse=True)
        self._bin = np.minimum((probabilities * _BINS).astype(np.int64), _BINS - 1)

    def measure(self, weight: _Floats | None = None) -> dict[str, float]:
        """Return the four measures; `ece` is over 15 bins of equal width (Naeini et al. 2015)."""
        w = np.ones_like(self._labels) if weight is None else weight
        positive, assigned = w * self._labels, w * self._assigned
        both, total = float((positive * self._assigned).sum()), float(w.sum())
        n_positive, n_assigned = float(positive.sum()), float(assigned.sum())
        neither = total - n_positive - n_assigned + both
        f1 = _f1(both, n_positive + n_assigned)
        f0 = _f1(neither, 2 * total - n_positive - n_assigned)
        return {
            "accuracy": (both + neither) / total,
            "macro_f1": (f1 + f0) / 2,
            "auc": self._area(w, positive),
            "ece": self._calibration_error(w) / total,
        }

    def intervals(self, draws: int, seed: int) -> dict[str, tuple[float, float]]:
        """Return the 95 % percentile interval of each measure over resampled items."""
        rng, n = np.random.default_rng(seed), len(self._labels)
        drawn = [
            self.measure(np.bincount(rng.integers(n, size=n), minlength=n).astype(np.float64))
            for _ in range(draws)
        ]
        bounds = {
            name: np.nanquantile([d[name] for d in drawn], (0.025, 0.975)) for name in _METRICS
        }
        return {name: (float(low), float(high)) for name, (low, high) in bounds.items()}

    def _area(self, w: _Floats, positive: _Floats) -> float:
        """Return the share of (positive, other) pairs in the right order, ties half."""
        ups = np.bincount(self._rank, positive)
        downs = np.bincount(self._rank, w - positive)
        below = np.cumsum(downs) - downs
        pairs = ups.sum() * downs.sum()
        return float((ups * (below + downs / 2)).sum() / pairs) if pairs else float("nan")

    def _calibration_error(self, w: _Floats) -> float:
        gaps = np.bincount(self._bin, w * (self._labels - self._probabilities))
        return float(np.abs(gaps).sum())


def _f1(both: float, either: float) -> float:
    return 2 * both / either if either else 0.0


_DRAWS = 400
_CUTOFFS = tuple(round(0.05 * step, 2) for step in range(1, 20))


def select_labelled(
    data: AnyFrame,
    *,
    text_column: str,
    label_column: str,
    negative_value: str | Collection[str],
    positive_value: str | Collection[str] | None = None,
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Return `text, is_negative` of the texts that may be measured, and how many were left out.

    Left out are blank texts, those that only forward (of which a run has no probability either and
    counts them for no score; both stand under `unlabelled`), rows with another label when
    `positive_value` is given, repeats, and texts that stand in SnowNLP's training
    files, which its and our model know by heart.

    Raises
    ------
    CaodianError
        If a column is absent or no row has the negative value.
    """
    frame = as_polars(data)
    _require(frame, text_column, label_column)
    label = pl.col(label_column).cast(pl.String)
    is_negative = label.is_in(_values(negative_value))
    is_other = ~is_negative if positive_value is None else label.is_in(_values(positive_value))
    rows = frame.select(
        text=as_texts(frame[text_column]),
        is_negative=is_negative,
        counts=(is_negative | is_other) & label.is_not_null(),
    )
    rows = rows.with_columns(identity=text_identity(rows["text"]))
    is_text = (pl.col("identity").fill_null("") != "") & _says_something(rows["text"])
    kept = rows.filter(pl.col("counts") & is_text)
    if not kept["is_negative"].any() or kept["is_negative"].all():
        raise CaodianError(
            "a labelled file must hold negative texts and others",
            value=negative_value,
            where=f"column {label_column}",
            remedy="Labels found: " + ", ".join(_labels(frame[label_column])) + ".",
        )
    distinct = kept.unique("identity", keep="first", maintain_order=True)
    clean = distinct.filter(~pl.col("identity").is_in(training_identities().to_list()))
    left_out = {
        "unlabelled": rows.height - kept.height,
        "repeats": kept.height - distinct.height,
        "known": distinct.height - clean.height,
    }
    return clean.select("text", "is_negative"), left_out


def evaluate_sentiment(
    data: AnyFrame,
    *,
    text_column: str = "text",
    label_column: str = "label",
    negative_value: str | Collection[str] = "0",
    positive_value: str | Collection[str] | None = None,
    model: LinearModel | None = None,
    seed: int = 618,
) -> pd.DataFrame:
    """Measure SnowNLP's score and the linear model on a labelled file.

    Parameters
    ----------
    data
        Table with a text and a label column.
    negative_value
        Label or labels of negative texts.
    positive_value
        Label or labels of the others; without it all that are not negative.
    model
        Linear model; without it the shipped one.
    seed
        Seed of the bootstrap and of the folds of recalibration.

    Returns
    -------
    pandas.DataFrame
        One row per scorer: how many texts were measured and left out, accuracy, macro-F1, AUC
        and calibration error with 95 % bootstrap intervals, and the calibration error after
        Platt scaling on the other half of the file.

    Examples
    --------
    >>> reviews = pl.DataFrame({"text": ["没发货，客服不理人", "又薄又透，差评", "很喜欢，下次再来",
    ...                                  "物流快，包装好"], "label": [0, 0, 1, 1]})
    >>> evaluate_sentiment(reviews)[["scorer", "texts", "accuracy"]].values.tolist()
    [['snownlp', 4, 1.0], ['linear', 4, 1.0]]
    """
    texts, left_out = select_labelled(
        data,
        text_column=text_column,
        label_column=label_column,
        negative_value=negative_value,
        positive_value=positive_value,
    )
    labels = texts["is_negative"].to_numpy().astype(bool)
    shared = {"texts": len(labels), **left_out, "negative_share": labels.mean()}
    rows = [
        {"scorer": name, **shared, **_measured(labels, probabilities, seed)}
        for name, probabilities in _negative_probabilities_by(texts["text"], model).items()
    ]
    return pd.DataFrame(rows)


def _says_something(texts: pl.Series) -> pl.Series:
    """Tell of which texts `score_sentiment` gives a probability: their writer says something."""
    return own_words(texts.alias("text").to_frame()).str.len_bytes() > 0


def _negative_probabilities_by(
    texts: pl.Series, model: LinearModel | None = None
) -> dict[str, _Floats]:
    """Return each scorer's probability of "negative"; SnowNLP's score is one of "positive".

    As in `score_sentiment`, SnowNLP reads the text and the linear model its writer's own words.
    """
    own = own_words(texts.alias("text").to_frame())
    linear = (model or LinearModel.load()).negative_probabilities(own)
    return {
        "snownlp": 1.0 - score_texts(texts).to_numpy(),
        "linear": linear.to_numpy(),
    }


def cutoff_curve(
    texts: pl.Series,
    labels: npt.NDArray[np.bool_] | None = None,
    *,
    model: LinearModel | None = None,
    cutoffs: Collection[float] = _CUTOFFS,
) -> pd.DataFrame:
    """Return how many texts each scorer calls negative as its cut-off moves.

    With labels also how many of those are (precision) and how many of the negative ones are
    among them (recall). Texts that only forward count for neither scorer, as in a run. A count
    that hangs on the cut-off is no finding.

    Examples
    --------
    >>> curve = cutoff_curve(pl.Series(["没发货，客服不理人", "物流快，包装好"]), cutoffs=[0.5])
    >>> curve.values.tolist()
    [['snownlp', 0.5, 1, 0.5], ['linear', 0.5, 1, 0.5]]
    """
    is_said = _says_something(texts)
    labels = None if labels is None else labels[is_said.to_numpy()]
    rows = []
    for name, probabilities in _negative_probabilities_by(texts.filter(is_said), model).items():
        for cutoff in cutoffs:
            called = probabilities > cutoff
            row = {"scorer": name, "cutoff": cutoff, "items": int(called.sum())}
            row["share"] = float(called.mean()) if len(called) else float("nan")
            if labels is not None:
                right = int((called & labels).sum())
                row["precision"] = right / called.sum() if called.any() else float("nan")
                row["recall"] = right / labels.sum() if labels.any() else float("nan")
            rows.append(row)
    return pd.DataFrame(rows)


def _measured(labels: npt.NDArray[np.bool_], probabilities: _Floats, seed: int) -> dict[str, float]:
    scores = _BinaryScores(labels, probabilities)
    points, bounds = scores.measure(), scores.intervals(_DRAWS, seed)
    row: dict[str, float] = {}
    for name in _METRICS:
        low, high = bounds[name]
        row |= {name: points[name], f"{name}_low": low, f"{name}_high": high}
    again = _BinaryScores(labels, _recalibrated(labels, probabilities, seed))
    return row | {"ece_recalibrated": again.measure()["ece"]}


def _recalibrated(labels: npt.NDArray[np.bool_], probabilities: _Floats, seed: int) -> _Floats:
    """Return probabilities after Platt scaling, each half by the line fitted on the other."""
    clipped = np.clip(probabilities, 1e-6, 1 - 1e-6)
    odds = np.log(clipped / (1 - clipped))[:, None]
    half = np.random.default_rng(seed).permutation(len(labels)) % 2
    result = np.array(probabilities)
    for side in (0, 1):
        fit, use = half != side, half == side
        if use.any() and labels[fit].any() and not labels[fit].all():
            line = LogisticRegression(C=1e3).fit(odds[fit], labels[fit])
            result[use] = line.predict_proba(odds[use])[:, 1]
    return result


def _require(frame: pl.DataFrame, *columns: str) -> None:
    for column in columns:
        if column not in frame.columns:
            hint = nearest(column, frame.columns)
            raise CaodianError(
                "the file must have the named column",
                value=column,
                remedy=f"Did you mean {hint!r}?" if hint else f"Columns: {frame.columns}.",
            )


def _values(value: str | Collection[str]) -> list[str]:
    return [value] if isinstance(value, str) else [str(one) for one in value]


def _labels(labels: pl.Series) -> list[str]:
    return labels.cast(pl.String).drop_nulls().unique().sort().head(10).to_list()
