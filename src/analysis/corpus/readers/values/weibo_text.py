"""What Weibo's pages leave in a text: marks of a cut and labels of buttons.

Chains of quotations stay in the text here; `clean` tells them from the author's own words.
"""

from __future__ import annotations

import polars as pl

from analysis.corpus.clean_patterns import CUT, UNFOLDED

# With which a label ends: most texts end otherwise.
ENDS = ("全文", "开", "c", "d")


def mark_cuts(texts: pl.Series) -> tuple[pl.Series, int]:
    """Let a text that the page cut end in `…`, and drop the label of an unfolded one.

    Returns
    -------
    tuple
        The texts, and how many were cut.

    Examples
    --------
    >>> texts, cut = mark_cuts(pl.Series(["等了三天...全文", "全说了收起d", "请看全文"]))
    >>> texts.to_list(), cut
    (['等了三天…', '全说了', '请看全文'], 1)
    """
    marks = [texts.str.ends_with(end) for end in ENDS]
    if not any(mark.any() for mark in marks):
        return texts, 0
    cut = int(texts.str.contains(CUT).sum())
    return texts.str.replace(CUT, "…").str.replace(UNFOLDED, ""), cut
