"""How often each rule speaks, how much it says alone, and where rules contradict each other."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.coding.context import given_concepts
from analysis.coding.engine import Engine, load_engine
from analysis.coding.own_words import own_words
from analysis.coding.scoring import score_posts
from analysis.frames import AnyFrame, as_polars


def report_rules(posts: AnyFrame, *, engine: Engine | None = None) -> pd.DataFrame:
    """Return coverage, overlap and conflict of every rule that gives a code.

    Parameters
    ----------
    posts
        Posts as a coder takes them.
    engine
        Compiled codebook; the project's own by default.

    Returns
    -------
    pd.DataFrame
        One row a rule: `rule, gives, strength, coverage` (share of posts), `overlap` (share of
        its posts on which another rule gives one of the same codes), `conflict` (share of its
        posts on which the rules together do not hold the post for negative), as labelling
        functions are usually judged (Ratner et al. 2017).

    Examples
    --------
    >>> import polars as pl
    >>> found = report_rules(pl.DataFrame({"text": ["下单第九天还没发货", "很满意"]}))
    >>> float(found.set_index("rule").loc["unsent", "coverage"])
    0.5
    """
    engine = engine or load_engine()
    frame = as_polars(posts)
    starts, found = engine.find(own_words(frame), given_concepts(frame, engine))
    logits = score_posts(engine, starts, found, np.zeros(frame.height)).negative
    fired = np.zeros((frame.height, engine.tables.n_concepts), bool)
    fired[np.repeat(np.arange(frame.height), np.diff(starts)), found] = True
    giving = {name: rule for name, rule in engine.lexicon.rules.items() if rule.gives}
    codes = (engine.strengths > 0).astype(np.int64)
    given_by = fired.astype(np.int64) @ codes
    rows = []
    for name, rule in giving.items():
        number = engine.numbers[name]
        on = fired[:, number]
        shared = ((given_by - codes[number]) * codes[number] > 0).any(axis=1)
        rows.append({
            "rule": name,
            "gives": ";".join(rule.gives),
            "strength": rule.strength,
            "coverage": float(on.mean()) if on.size else 0.0,
            "overlap": float(shared[on].mean()) if on.any() else 0.0,
            "conflict": float((logits[on] < 0).mean()) if on.any() else 0.0,
        })  # fmt: skip
    return pd.DataFrame(rows)
