"""Rows of an evaluation: counts, bias, precision, recall and F1 of labels, with intervals."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Row = dict[str, object]
DRAWS = 400
INTERVAL = (0.025, 0.975)


def label_rows(
    truth: Matrix, found: Matrix, names: list[str], seed: int, summary: str | None = None
) -> list[Row]:
    """Return one row a label, and the means over labels that occur under the name `summary`.

    Intervals are bootstrap percentiles over posts (Efron 1979); a resample that holds a label on
    neither side says nothing about it.

    Examples
    --------
    >>> truth, found = np.array([[True], [True], [False]]), np.array([[True], [False], [False]])
    >>> row = label_rows(truth, found, ["price"], seed=1)[0]
    >>> row["bias"], row["precision"], row["recall"]
    (-0.5, 1.0, 0.5)
    """
    if not len(truth):
        return []
    whole = _measures(truth, found, np.ones((1, len(truth))))
    drawn = _measures(truth, found, resamples(len(truth), seed))
    true_items, coded_items = truth.sum(axis=0), found.sum(axis=0)
    rows = [
        _row(
            name,
            int(true_items[at]),
            int(coded_items[at]),
            {key: values[0, at] for key, values in whole.items()},
            {key: values[:, at] for key, values in drawn.items()},
        )
        for at, name in enumerate(names)
    ]
    if summary is not None:
        seen = true_items > 0
        means = {key: _means(values[:, seen])[0] for key, values in whole.items()}
        spread = {key: _means(values[:, seen]) for key, values in drawn.items()}
        means["bias"] = _total_bias(truth, found, np.ones((1, len(truth))))[0]
        spread["bias"] = _total_bias(truth, found, resamples(len(truth), seed))
        rows.append(_row(summary, int(true_items.sum()), int(coded_items.sum()), means, spread))
    return rows


def share_row(label: str, hits: Matrix, seed: int) -> Row:
    """Return a row whose precision is the share of posts that hit; the other measures are empty.

    Examples
    --------
    >>> row = share_row("voice_accuracy", np.array([True, True, False, True]), seed=1)
    >>> row["true_items"], row["coded_items"], row["precision"]
    (4, 3, 0.75)
    """
    posts = len(hits)
    share = hits.mean() if posts else np.nan
    drawn = resamples(posts, seed) @ hits / posts if posts else np.array([np.nan])
    return _row(label, posts, int(hits.sum()), {"precision": share}, {"precision": drawn})


def resamples(posts: int, seed: int) -> Floats:
    """Return how often each post stands in each of the bootstrap samples."""
    generator = np.random.default_rng(seed)
    return generator.multinomial(posts, np.full(posts, 1 / posts), size=DRAWS).astype(np.float64)


def _measures(truth: Matrix, found: Matrix, weights: Floats) -> dict[str, Floats]:
    """Return the measures by sample and label; NaN where a label stands on neither side."""
    both, true, coded = weights @ (truth & found), weights @ truth, weights @ found
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "bias": np.where(true > 0, coded / true - 1, np.nan),
            "precision": np.where(coded > 0, both / coded, np.where(true > 0, 0.0, np.nan)),
            "recall": np.where(true > 0, both / true, np.nan),
            "f1": np.where(true + coded > 0, 2 * both / (true + coded), np.nan),
        }


def _total_bias(truth: Matrix, found: Matrix, weights: Floats) -> Floats:
    """Return the bias of all labels' items together."""
    true, coded = (weights @ side.sum(axis=1) for side in (truth, found))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(true > 0, coded / true - 1, np.nan)


def _means(values: Floats) -> Floats:
    """Average over the labels that a sample knows."""
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        means: Floats = np.where(known, values, 0.0).sum(axis=1) / known.sum(axis=1)
    return means


def _row(
    label: str, true_items: int, coded_items: int, whole: dict[str, float], drawn: dict[str, Floats]
) -> Row:
    row: Row = {"label": label, "true_items": true_items, "coded_items": coded_items}
    for name in ("bias", "precision", "recall", "f1"):
        row[name] = float(whole.get(name, np.nan))
        if name != "recall":
            row[f"{name}_low"], row[f"{name}_high"] = _interval(drawn.get(name))
    return row


def _interval(drawn: Floats | None) -> tuple[float, float]:
    known = np.array([]) if drawn is None else drawn[~np.isnan(drawn)]
    if not len(known):
        return np.nan, np.nan
    low, high = np.quantile(known, INTERVAL)
    return float(low), float(high)
