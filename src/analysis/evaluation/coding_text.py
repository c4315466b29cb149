"""An evaluation of a coder as text, one small table a question."""

from __future__ import annotations

import pandas as pd

from analysis.coding.codebook import CODES
from analysis.evaluation.coding import SLICED

SHARES = ("false_alarms", "voice_accuracy", "platforms_exact", "abstained")
LONGEST = 60
Block = tuple[str, pd.DataFrame]


def describe_coding(table: pd.DataFrame, errors: pd.DataFrame | None = None) -> str:
    """Write what `measure_coding` found, and the errors if there are any to show.

    Examples
    --------
    >>> import polars as pl
    >>> from analysis.coding.coder import get_coder
    >>> from analysis.evaluation.coding import evaluate_coding
    >>> posts = pl.DataFrame({"text": ["下单第九天还没发货", "很满意"], "negative": [True, False]})
    >>> print(describe_coding(evaluate_coding(posts, coder=get_coder("keyword"))).splitlines()[0])
    Labels, 2 posts (intervals: 95 %, bootstrap over posts)
    """
    whole = table[table["slice"] == "all"]
    posts = int(whole["posts"].iloc[0])
    is_share = whole["label"].isin(SHARES)
    blocks = [
        (
            f"Labels, {posts:,} posts (intervals: 95 %, bootstrap over posts)",
            _labels(whole[~is_share]),
        ),
        ("Shares of posts; false alarms of harmless posts", _shares(whole[is_share])),
        ("How a naive count would be biased: coded items over true items", _bias(whole)),
        ("Slices", _slices(table[table["slice"] != "all"])),
    ]
    if errors is not None:
        blocks.append((f"Worst {len(errors)} errors on the negative item, masked", _cut(errors)))
    return "\n\n".join(_write(*block) for block in blocks if len(block[1]))


def _write(title: str, rows: pd.DataFrame) -> str:
    return f"{title}\n{rows.to_string(index=False, float_format='{:.3f}'.format, na_rep='-')}"


def _labels(rows: pd.DataFrame) -> pd.DataFrame:
    names = ["label", "true_items", "coded_items", "precision", "recall"]
    return rows[names].assign(f1=_with_interval(rows, "f1"))


def _shares(rows: pd.DataFrame) -> pd.DataFrame:
    counts = rows[["label", "coded_items", "true_items"]]
    named = counts.rename(columns={"coded_items": "posts", "true_items": "of"})
    return named.assign(share=_with_interval(rows, "precision"))


def _bias(whole: pd.DataFrame) -> pd.DataFrame:
    rows = whole[whole["label"].isin(["negative", *CODES])]
    ratio = rows[["bias", "bias_low", "bias_high"]] + 1
    counts = rows[["label", "true_items", "coded_items"]]
    return counts.assign(ratio=_with_interval(ratio, "bias"))


def _slices(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a slice: posts, F1 of the negative item, false alarms, macro-F1 of the codes."""
    first = rows[rows["label"] == "negative"].set_index("slice")
    slices = first[["posts"]].copy()
    for label in SLICED:
        chosen = rows[rows["label"] == label].set_index("slice")
        measure = "precision" if label in SHARES else "f1"
        if len(chosen):
            title = label if label in SHARES else f"{label}_f1"
            slices[title] = _with_interval(chosen, measure).where(chosen["true_items"] > 0, "-")
    return slices.reset_index()


def _with_interval(rows: pd.DataFrame, name: str) -> pd.Series:
    columns = (rows[name], rows[f"{name}_low"], rows[f"{name}_high"])
    texts = [
        "-" if pd.isna(value) else f"{value:.3f} ({low:.3f}-{high:.3f})"
        for value, low, high in zip(*columns, strict=True)
    ]
    return pd.Series(texts, index=rows.index, dtype="str")


def _cut(errors: pd.DataFrame) -> pd.DataFrame:
    lines = errors["text"].str.replace(r"\s+", " ", regex=True)
    return errors.assign(text=lines.str.slice(0, LONGEST))
