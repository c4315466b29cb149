"""How well a coder finds negative items, codes, voices and platforms on labelled posts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl

from analysis.coding.codebook import CODES, VOICES, load_codebook
from analysis.coding.coder import Coder, get_coder
from analysis.corpus.mask import mask_texts
from analysis.evaluation.label_matrix import label_matrix, read_labels
from analysis.frames import AnyFrame, as_polars

Matrix = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
DRAWS = 400
SLICES = ("register", "difficulty", "channel")
SLICED = ("negative", "false_alarms", "macro_codes")
NOT_SLICED = ("sub_grievances", "platforms", "voice")


def evaluate_coding(
    data: AnyFrame, *, coder: Coder | None = None, seed: int = 20200618
) -> pd.DataFrame:
    """Measure a coder on labelled posts, whole and by register and difficulty.

    Parameters
    ----------
    data
        Posts with ``text`` and ``negative`` (or ``is_negative``); ``grievances``,
        ``sub_grievances``, ``platforms`` and ``voice`` are measured where they are there. Lists
        may be ``;``-joined.
    coder
        The coder measured; the default one if none is given.
    seed
        Of the bootstrap.

    Returns
    -------
    pd.DataFrame
        One row a slice and label: `slice, label, posts, true_items, coded_items, bias, precision,
        recall, f1, f1_low, f1_high`. `bias` is how far the coder's own count lies off. The label
        `false_alarms` has the share of harmless posts called negative as `precision`; the macro
        rows average over labels that occur. Intervals are bootstrap percentiles (Efron 1979).

    Raises
    ------
    CaodianError
        If a column is missing or a code unknown.

    Examples
    --------
    >>> posts = pl.DataFrame({"text": ["下单第九天还没发货", "很满意"], "negative": [True, False]})
    >>> found = evaluate_coding(posts, coder=get_coder("keyword"))
    >>> float(found.set_index("label").loc["negative", "f1"])
    1.0
    """
    labelled = read_labels(as_polars(data))
    coded = (coder or get_coder()).code(labelled)
    parts = [_measure(labelled, coded, "all", seed)]
    for column in SLICES:
        if column in labelled.columns:
            for value in sorted(labelled[column].drop_nulls().unique().to_list()):
                chosen = (labelled[column] == value).fill_null(False)
                sliced = labelled.filter(chosen).drop(NOT_SLICED, strict=False)
                part = _measure(sliced, coded.filter(chosen), f"{column}={value}", seed)
                parts.append(part[part["label"].isin(SLICED)])
    return pd.concat(parts, ignore_index=True)


def _measure(labelled: pl.DataFrame, coded: pl.DataFrame, name: str, seed: int) -> pd.DataFrame:
    """All rows of one slice."""
    rows: list[dict[str, object]] = []
    truth = labelled["negative"].to_numpy()[:, None]
    found = coded["is_negative"].fill_null(False).to_numpy()[:, None]
    rows += _label_rows(truth, found, ["negative"], seed)
    rows.append(_false_alarms(truth[:, 0], found[:, 0]))
    codebook = load_codebook()
    sets = (
        ("grievances", CODES, "macro_codes"),
        ("sub_grievances", codebook.sub_names, "macro_subs"),
        ("platforms", None, "all_platforms"),
    )
    for column, known, summary in sets:
        if column in labelled.columns:
            names = list(known or _platforms(labelled, coded))
            truth, found = label_matrix(labelled[column], names), label_matrix(coded[column], names)
            if known is None:
                rows += _label_rows(truth.reshape(-1, 1), found.reshape(-1, 1), [summary], seed)
            else:
                rows += _label_rows(truth, found, names, seed, summary)
    if "voice" in labelled.columns:
        truth = _one_hot(labelled["voice"])
        found = _one_hot(coded["voice"])
        rows += _label_rows(truth, found, list(VOICES), seed, "macro_voices")
        rows.append(_accuracy(truth, found))
    table = pd.DataFrame(rows)
    table.insert(0, "slice", name)
    table.insert(2, "posts", labelled.height)
    return table


def _platforms(labelled: pl.DataFrame, coded: pl.DataFrame) -> list[str]:
    both = pl.concat([labelled["platforms"].explode(), coded["platforms"].explode()])
    return sorted(both.drop_nulls().unique().to_list())


def _label_rows(
    truth: Matrix, found: Matrix, names: list[str], seed: int, summary: str | None = None
) -> list[dict[str, object]]:
    """One row a label, and their mean F1 under the name `summary`."""
    counts = _counts(truth, found, np.ones((1, len(truth))))
    precision, recall, f1 = (column[0] for column in _ratios(*counts))
    if not len(truth):
        return []
    weights = np.random.default_rng(seed).multinomial(
        len(truth), np.full(len(truth), 1 / len(truth)), size=DRAWS
    )
    drawn = _ratios(*_counts(truth, found, weights.astype(np.float64)))[2]
    low, high = np.quantile(drawn, (0.025, 0.975), axis=0)
    true_items, coded_items = truth.sum(axis=0), found.sum(axis=0)
    rows: list[dict[str, object]] = [
        _row(
            name,
            int(true_items[i]),
            int(coded_items[i]),
            precision[i],
            recall[i],
            f1[i],
            low[i],
            high[i],
        )
        for i, name in enumerate(names)
    ]
    if summary is not None:
        seen = true_items > 0
        means = drawn[:, seen].mean(axis=1) if seen.any() else np.array([np.nan])
        bounds = np.quantile(means, (0.025, 0.975))
        total = int(true_items.sum()), int(coded_items.sum())
        ratios = (
            float(column[seen].mean()) if seen.any() else np.nan
            for column in (precision, recall, f1)
        )
        rows.append(_row(summary, *total, *ratios, *bounds))
    return rows


def _row(label: str, true_items: int, coded_items: int, *measures: float) -> dict[str, object]:
    names = ("precision", "recall", "f1", "f1_low", "f1_high")
    bias = coded_items / true_items - 1 if true_items else np.nan
    row: dict[str, object] = {
        "label": label,
        "true_items": true_items,
        "coded_items": coded_items,
        "bias": bias,
    }
    return row | {name: float(value) for name, value in zip(names, measures, strict=False)}


def _counts(truth: Matrix, found: Matrix, weights: Floats) -> tuple[Floats, Floats, Floats]:
    return weights @ (truth & found), weights @ truth, weights @ found


def _ratios(both: Floats, true: Floats, coded: Floats) -> tuple[Floats, Floats, Floats]:
    """Precision, recall and F1; a label that neither side has is perfect."""
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(coded > 0, both / coded, np.where(true > 0, 0.0, 1.0))
        recall = np.where(true > 0, both / true, 1.0)
        f1 = np.where(true + coded > 0, 2 * both / (true + coded), 1.0)
    return precision, recall, f1


def _false_alarms(truth: npt.NDArray[np.bool_], found: npt.NDArray[np.bool_]) -> dict[str, object]:
    """Share of harmless posts that are called negative."""
    harmless = int((~truth).sum())
    alarms = int((found & ~truth).sum())
    return _row("false_alarms", harmless, alarms, alarms / harmless if harmless else np.nan)


def _one_hot(voices: pl.Series) -> Matrix:
    held: Matrix = np.array(voices.to_list(), dtype=object)[:, None] == np.array(
        VOICES, dtype=object
    )
    return held


def _accuracy(truth: Matrix, found: Matrix) -> dict[str, object]:
    """Share of posts whose voice is right, as precision."""
    right = (truth & found).any(axis=1)
    return _row("voice_accuracy", len(truth), int(right.sum()), float(right.mean()))


def worst_errors(data: AnyFrame, *, coder: Coder | None = None, most: int = 20) -> pd.DataFrame:
    """Return the errors on the negative item that the coder was surest of, texts masked.

    Examples
    --------
    >>> posts = pl.DataFrame({"text": ["很满意"], "negative": [True]})
    >>> worst_errors(posts, coder=get_coder("keyword"))["kind"].to_list()
    ['missed']
    """
    labelled = read_labels(as_polars(data))
    coded = (coder or get_coder()).code(labelled)
    frame = pl.DataFrame({
        "kind": pl.Series(
            np.where(labelled["negative"].to_numpy(), "missed", "false alarm"), dtype=pl.String
        ),
        "negative_probability": coded["negative_probability"],
        "surprise": (coded["negative_probability"] - labelled["negative"].cast(pl.Float64)).abs(),
        "voice": coded["voice"],
        "grievances": coded["grievances"].list.join(";"),
        "text": mask_texts(labelled["text"])[0],
    })  # fmt: skip
    wrong = frame.filter((coded["is_negative"] != labelled["negative"]).fill_null(True))
    return wrong.sort("surprise", "text", descending=[True, False]).head(most).to_pandas()
