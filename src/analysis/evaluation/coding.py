"""How well a coder finds negative items, codes, voices and platforms on labelled posts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl

from analysis.coding.codebook import CODES, VOICES, load_codebook
from analysis.coding.coder import Coder, get_coder
from analysis.corpus.mask import mask_texts
from analysis.evaluation.label_matrix import label_matrix, read_labels
from analysis.evaluation.label_rows import Matrix, Row, label_rows, share_row
from analysis.frames import AnyFrame, as_polars

SEED = 20200618
SLICES = ("difficulty", "register", "channel")
SLICED = ("negative", "false_alarms", "macro_codes")
NOT_SLICED = ("sub_grievances", "platforms", "voice")


def evaluate_coding(
    data: AnyFrame, *, coder: Coder | None = None, seed: int = SEED
) -> pd.DataFrame:
    """Measure a coder on labelled posts, whole and by difficulty, register and channel.

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
        One row a slice and label: `slice, label, posts, true_items, coded_items`, then `bias`,
        `precision` and `f1`, each with `_low` and `_high`, and `recall`. `bias` is how far the
        coder's own count lies off. The labels `false_alarms` (harmless posts called negative),
        `voice_accuracy`, `platforms_exact` (the whole set right) and `abstained` have their share
        as `precision`; the macro rows average over labels that occur. Intervals are bootstrap
        percentiles.

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
    return measure_coding(*code_labelled(data, coder), seed=seed)


def code_labelled(data: AnyFrame, coder: Coder | None = None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the labelled posts as `read_labels` gives them, and what the coder says of them."""
    labelled = read_labels(as_polars(data))
    return labelled, (coder or get_coder()).code(labelled)


def measure_coding(
    labelled: pl.DataFrame, coded: pl.DataFrame, *, seed: int = SEED
) -> pd.DataFrame:
    """Measure codes that are there already, rows aligned; see `evaluate_coding`."""
    parts = [_measure(labelled, coded, "all", seed)]
    for column in SLICES:
        if column in labelled.columns:
            for value in sorted(labelled[column].cast(pl.String).drop_nulls().unique().to_list()):
                chosen = (labelled[column].cast(pl.String) == value).fill_null(False)
                sliced = labelled.filter(chosen).drop(NOT_SLICED, strict=False)
                part = _measure(sliced, coded.filter(chosen), f"{column}={value}", seed)
                parts.append(part[part["label"].isin(SLICED)])
    return pd.concat(parts, ignore_index=True)


def _measure(labelled: pl.DataFrame, coded: pl.DataFrame, name: str, seed: int) -> pd.DataFrame:
    """All rows of one slice."""
    rows = _negative_rows(labelled["negative"], coded["is_negative"], seed)
    sets = (("grievances", CODES, "macro_codes"),
            ("sub_grievances", load_codebook().sub_names, "macro_subs"))  # fmt: skip
    for column, known, summary in sets:
        if column in labelled.columns:
            names = list(known)
            truth, found = label_matrix(labelled[column], names), label_matrix(coded[column], names)
            rows += label_rows(truth, found, names, seed, summary)
    if "platforms" in labelled.columns:
        rows += _platform_rows(labelled["platforms"], coded["platforms"], seed)
    if "voice" in labelled.columns:
        truth, found = _one_hot(labelled["voice"]), _one_hot(coded["voice"])
        rows += label_rows(truth, found, list(VOICES), seed, "macro_voices")
        right: Matrix = np.any(truth & found, axis=1)
        rows.append(share_row("voice_accuracy", right, seed))
    if coded["is_negative"].has_nulls():
        rows.append(share_row("abstained", coded["is_negative"].is_null().to_numpy(), seed))
    table = pd.DataFrame(rows)
    table.insert(0, "slice", name)
    table.insert(2, "posts", labelled.height)
    return table


def _negative_rows(truth: pl.Series, answers: pl.Series, seed: int) -> list[Row]:
    """Measure the negative item, and false alarms among harmless posts; an abstention is none."""
    negative, found = truth.to_numpy(), answers.fill_null(False).to_numpy()
    rows = label_rows(negative[:, None], found[:, None], ["negative"], seed)
    return [*rows, share_row("false_alarms", found[~negative], seed)]


def _platform_rows(truth: pl.Series, answers: pl.Series, seed: int) -> list[Row]:
    names = pl.concat([truth.explode(), answers.explode()]).drop_nulls().unique().sort().to_list()
    given, found = label_matrix(truth, names), label_matrix(answers, names)
    pairs = label_rows(given.reshape(-1, 1), found.reshape(-1, 1), ["all_platforms"], seed)
    right: Matrix = np.all(given == found, axis=1) & answers.is_not_null().to_numpy()
    return [*pairs, share_row("platforms_exact", right, seed)]


def _one_hot(voices: pl.Series) -> Matrix:
    return np.column_stack([(voices == voice).fill_null(False).to_numpy() for voice in VOICES])


def worst_errors(data: AnyFrame, *, coder: Coder | None = None, most: int = 20) -> pd.DataFrame:
    """Return the errors on the negative item that the coder was surest of, texts masked.

    Examples
    --------
    >>> posts = pl.DataFrame({"text": ["很满意"], "negative": [True]})
    >>> worst_errors(posts, coder=get_coder("keyword"))["kind"].to_list()
    ['missed']
    """
    return list_errors(*code_labelled(data, coder), most=most)


def list_errors(labelled: pl.DataFrame, coded: pl.DataFrame, *, most: int = 20) -> pd.DataFrame:
    """List the worst errors of codes that are there already; see `worst_errors`."""
    probability = coded["negative_probability"]
    frame = pl.DataFrame({
        "kind": pl.Series(
            np.where(labelled["negative"].to_numpy(), "missed", "false alarm"), dtype=pl.String
        ),
        "negative_probability": probability,
        "surprise": (probability - labelled["negative"].cast(pl.Float64)).abs(),
        "voice": coded["voice"],
        "grievances": coded["grievances"].list.join(";"),
        **{f"true_{name}": labelled[name].list.join(";")
           for name in ("grievances",) if name in labelled.columns},
        "text": mask_texts(labelled["text"])[0],
    })  # fmt: skip
    wrong = coded["is_negative"] != labelled["negative"]
    asked = frame.filter(wrong.fill_null(False))
    return asked.sort("surprise", "text", descending=[True, False]).head(most).to_pandas()
