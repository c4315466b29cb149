"""The platforms that a post names, in its writer's words or in the chain that it quotes."""

from __future__ import annotations

import numpy as np
import polars as pl

from analysis.coding.answer_columns import name_lists
from analysis.coding.clues import Clues
from analysis.coding.context import given_concepts
from analysis.coding.engine import Engine
from analysis.coding.own_words import CHAIN
from analysis.kernels.row_lists import gather_rows, mapped_in_order


def named_platforms(posts: pl.DataFrame, clues: Clues, engine: Engine) -> pl.Series:
    """Return the canonical platforms of each post, in the codebook's order.

    Those of a quoted chain count too: what is named does not depend on who writes.

    Examples
    --------
    >>> from analysis.coding.clues import read_clues
    >>> from analysis.coding.engine import load_engine
    >>> posts = pl.DataFrame({"text": ["在京东买的", "同感//@某人:京东的", "好用"]})
    >>> engine = load_engine()
    >>> named_platforms(posts, read_clues(posts, engine), engine).to_list()
    [['京东'], ['京东'], []]
    """
    starts, numbers = mapped_in_order(clues.starts, clues.found, engine.platform_of)
    quotes = pl.col("text").cast(pl.String).str.contains(CHAIN, literal=True).fill_null(value=False)
    quoting = np.flatnonzero(posts.select(quotes).to_series().to_numpy())
    if quoting.size:
        chains = posts[quoting]
        found = engine.find(chains["text"], given_concepts(chains, engine))
        further, of_chains = mapped_in_order(*found, engine.platform_of)
        chosen = np.arange(posts.height)
        chosen[quoting] = posts.height + np.arange(quoting.size)
        starts = np.concatenate([starts, starts[-1] + further[1:]])
        starts, numbers = gather_rows(starts, np.concatenate([numbers, of_chains]), chosen)
    return name_lists(starts, numbers, engine.platforms)
