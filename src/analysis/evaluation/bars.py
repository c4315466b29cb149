"""Above which log-odds a target holds: where as many posts are called as hold."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.evaluation.learned_fit import Floats

Flags = npt.NDArray[np.bool_]

#: Log-odds that may be the bar of a target.
BARS: Floats = np.round(np.linspace(-2.0, 1.0, 61), 2)


def even_bar(
    logits: Floats, held: Flags, asked: Flags, weight: Floats, bars: Floats = BARS
) -> float:
    """Return the bar above which as much is called as holds, the one nearest to zero among equals.

    Counts are what the coder is for, and there the naive count is right. F1 is so flat near its top
    that the bar with the highest one is left to chance, and does no better on other posts.

    Parameters
    ----------
    logits
        Log-odds of a target, one a post.
    held
        Whether it holds.
    asked
        Whether the post is asked for the target at all.
    weight
        How much each post counts.
    bars
        The bars to choose from.

    Examples
    --------
    >>> held, yes = np.array([False, True, True]), np.ones(3, bool)
    >>> even_bar(np.array([0.4, 0.6, 0.8]), held, yes, np.ones(3))
    0.4
    """
    target = float(weight[held].sum())

    def gap(bar: float) -> float:
        return round(abs(float(weight[(logits > bar) & asked].sum()) - target), 9)

    return float(min(sorted(bars, key=abs), key=gap))
