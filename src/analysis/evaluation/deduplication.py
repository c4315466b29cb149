"""How well near-duplicates are found, on pairs of texts."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd
import polars as pl

from analysis.corpus.families import group_near_duplicates


def evaluate_deduplication(
    pairs: pl.DataFrame, *, columns: tuple[str, str] = ("text_a", "text_b"), similarity: float = 0.8
) -> pd.DataFrame:
    """Measure recall and precision on pairs, by their exact similarity.

    All texts are searched together, as in a corpus; a pair is joined if its texts fall into one
    family. Pairs under the threshold may rightly be joined, by way of a third text.

    Parameters
    ----------
    pairs
        Two texts a row.
    similarity
        Least Jaccard similarity of near-duplicates.

    Returns
    -------
    pd.DataFrame
        `low, high` (Jaccard similarity of the pairs, `high` excluded)`, pairs, joined, share`.

    Examples
    --------
    >>> pairs = pl.DataFrame({"text_a": ["客服一直推脱"], "text_b": ["客服一直推脱"]})
    >>> evaluate_deduplication(pairs).to_dict("records")
    [{'low': 1.0, 'high': 1.1, 'pairs': 1, 'joined': 1, 'share': 1.0}]
    """
    left, right = pairs[columns[0]].cast(pl.String), pairs[columns[1]].cast(pl.String)
    texts = pl.concat([left.rename("text"), right.rename("text")])
    posts = texts.to_frame().select(
        key=pl.format("{}", pl.int_range(pl.len())),
        published_at=pl.lit(None, pl.Int64),
        text="text",
    )
    families = group_near_duplicates(posts, similarity)["family_id"]
    joined = (families[: len(left)] == families[len(left) :]).to_list()
    alike = [_jaccard(one, other) for one, other in zip(left, right, strict=True)]
    measured = pd.DataFrame({"similarity": alike, "joined": joined})
    return _by_band(measured, similarity)


def _jaccard(left: str | None, right: str | None) -> float:
    """Jaccard similarity of the sets of character 3-grams; short texts compare whole."""
    if not left or not right:
        return 0.0
    if min(len(left), len(right)) < 3:
        return float(left == right)
    one = {left[place : place + 3] for place in range(len(left) - 2)}
    other = {right[place : place + 3] for place in range(len(right) - 2)}
    return len(one & other) / len(one | other)


def _by_band(measured: pd.DataFrame, similarity: float) -> pd.DataFrame:
    edges = sorted({0.0, similarity, round(min(similarity + 0.05, 1.0), 10), 1.0, 1.1})
    rows = []
    for low, high in pairwise(edges):
        band = measured[(measured["similarity"] >= low) & (measured["similarity"] < high)]
        if len(band):
            joined = int(band["joined"].sum())
            row = {"low": low, "high": high, "pairs": len(band), "joined": joined}
            rows.append({**row, "share": joined / len(band)})
    return pd.DataFrame(rows, columns=["low", "high", "pairs", "joined", "share"])
