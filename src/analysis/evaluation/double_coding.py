"""Two coders of the same posts, each blind to the other: how far they agree, label by label."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl

from analysis.audit.agreement import measure_agreement
from analysis.coding.codebook import CODES, VOICES, load_codebook
from analysis.errors import CaodianError
from analysis.storage.read import read_table
from analysis.storage.run_paths import project_root
from analysis.training.texts import label_matrix, read_labels

_Series = dict[tuple[str, str], tuple[pl.Series, pl.Series]]


def read_double_coding(folder: str | Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read ``coder-a.csv`` and ``coder-b.csv`` of a folder, posts in one order.

    Parameters
    ----------
    folder
        Absolute, or within the checkout: the coded sample belongs to it and not to a run.

    Returns
    -------
    tuple of pl.DataFrame
        Both codings with ``negative`` as a boolean and lists as lists.

    Raises
    ------
    CaodianError
        If a coding is absent, a code unknown, or the two are not about the same posts.

    Examples
    --------
    >>> first, second = read_double_coding("data/coded/sample")
    >>> first["post_id"].equals(second["post_id"])
    True
    """
    first, second = (_read(project_root() / folder / f"coder-{name}.csv") for name in "ab")
    if not first["post_id"].equals(second["post_id"]) or first["post_id"].is_duplicated().any():
        raise CaodianError(
            "both passes must code the same posts, each once",
            value=f"{first.height} and {second.height} posts",
            where=str(folder),
        )
    return first, second


def _read(path: Path) -> pl.DataFrame:
    posts = read_table(path).sort("post_id")
    return read_labels(posts.with_columns(pl.lit("").alias("text"))).drop("text")


def compare_coders(first: pl.DataFrame, second: pl.DataFrame, *, fewest: int = 20) -> pd.DataFrame:
    """Measure the agreement on the negative item, voices, codes, sub-grievances and platforms.

    Parameters
    ----------
    first, second
        Codings as `read_double_coding` gives them.
    fewest
        Platforms that both coders together name less often have no row of their own.

    Returns
    -------
    pd.DataFrame
        `kind, label, posts, first, second, alpha, alpha_low, alpha_high, ac1, same_when_given`. The
        two counts are those of the label by each coder; the last column is how often the other
        coder gave the label too when one did. The rows `voice` and `platforms` take the whole
        answer as one value, for platforms the set.

    Examples
    --------
    >>> row = {"negative": [True, False], "voice": ["consumer"] * 2, "grievances": [["price"], []],
    ...        "sub_grievances": [[], []], "platforms": [["淘宝"], []]}
    >>> first = pl.DataFrame(row, schema_overrides={"sub_grievances": pl.List(pl.String)})
    >>> compare_coders(first, first).set_index("label").loc["price", "alpha"].item()
    1.0
    """
    pairs = _whole_answers(first, second) | _voices(first, second)
    codebook = load_codebook()
    pairs |= _held("grievance", "grievances", list(CODES), first, second)
    pairs |= _held("sub_grievance", "sub_grievances", list(codebook.sub_names), first, second)
    pairs |= _held("platform", "platforms", _often(first, second, fewest), first, second)
    table = pd.DataFrame([_row(*key, *pair) for key, pair in pairs.items()])
    return table.astype({"first": "Int64", "second": "Int64"})


def _whole_answers(first: pl.DataFrame, second: pl.DataFrame) -> _Series:
    sets = [
        coded["platforms"].list.unique().list.sort().list.join(";") for coded in (first, second)
    ]
    return {
        ("negative", "negative"): (first["negative"], second["negative"]),
        ("platform", "platforms"): (sets[0], sets[1]),
        ("voice", "voice"): (first["voice"], second["voice"]),
    }


def _voices(first: pl.DataFrame, second: pl.DataFrame) -> _Series:
    return {
        ("voice", voice): (first["voice"] == voice, second["voice"] == voice) for voice in VOICES
    }


def _held(
    kind: str, column: str, names: list[str], first: pl.DataFrame, second: pl.DataFrame
) -> _Series:
    held = [label_matrix(coded[column], names) for coded in (first, second)]
    return {
        (kind, name): (pl.Series(held[0][:, at]), pl.Series(held[1][:, at]))
        for at, name in enumerate(names)
    }


def _often(first: pl.DataFrame, second: pl.DataFrame, fewest: int) -> list[str]:
    named = pl.concat([first["platforms"], second["platforms"]]).explode().drop_nulls()
    counts = named.rename("name").value_counts(name="times").filter(pl.col("times") >= fewest)
    return counts.sort("times", "name", descending=[True, False])["name"].to_list()


def _row(kind: str, label: str, first: pl.Series, second: pl.Series) -> dict[str, object]:
    agreement = measure_agreement(np.column_stack([first.to_numpy(), second.to_numpy()]))
    is_label = first.dtype == pl.Boolean
    return {
        "kind": kind,
        "label": label,
        "posts": agreement.units,
        "first": int(first.sum()) if is_label else None,
        "second": int(second.sum()) if is_label else None,
        "alpha": agreement.alpha,
        "alpha_low": agreement.alpha_low,
        "alpha_high": agreement.alpha_high,
        "ac1": agreement.ac1,
        "same_when_given": agreement.by_value.get(True) if is_label else None,
    }
