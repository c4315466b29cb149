"""How many posts of each stratum to audit: near-Neyman, with minima, caps and a floor.

Neyman (1934): the variance of a stratified total is least when a stratum's part is proportional to
its size times its standard deviation.
"""

from __future__ import annotations

import numpy as np


def allocate(size: int, posts: np.ndarray, spread: np.ndarray, at_least: np.ndarray) -> np.ndarray:
    """Divide a sample over strata in proportion to posts × spread.

    Parameters
    ----------
    size
        Posts to audit in all; the whole frame when it holds no more.
    posts
        Posts by stratum.
    spread
        Standard deviation by stratum, as far as scores can tell.
    at_least
        Smallest number by stratum; capped by the stratum's size.

    Returns
    -------
    np.ndarray
        Numbers that add up to `min(size, posts.sum())`, none above its stratum's size.

    Examples
    --------
    >>> allocate(100, np.array([900, 100]), np.array([0.1, 0.5]), np.array([1, 1])).tolist()
    [64, 36]
    >>> allocate(100, np.array([900, 20]), np.array([0.1, 0.9]), np.array([1, 1])).tolist()
    [83, 17]
    """
    size = min(size, int(posts.sum()))
    floor = np.minimum(at_least, posts).astype(float)
    if floor.sum() > size:
        floor *= size / floor.sum()
    exact = _fit_multiplier(size, posts.astype(float), posts * spread, floor)
    return _round_to(size, exact, posts)


def _fit_multiplier(
    size: int, posts: np.ndarray, wanted: np.ndarray, floor: np.ndarray
) -> np.ndarray:
    """Scale the wanted numbers until, cut to floor and cap, they add up to the size."""
    wanted = np.where(posts > 0, np.maximum(wanted, 1e-9), 0.0)
    low, high = -40.0, 40.0  # log of the multiplier
    for _ in range(200):
        middle = (low + high) / 2
        if np.clip(np.exp(middle) * wanted, floor, posts).sum() > size:
            high = middle
        else:
            low = middle
    return np.asarray(np.clip(np.exp(low) * wanted, floor, posts))


def _round_to(size: int, exact: np.ndarray, posts: np.ndarray) -> np.ndarray:
    """Round down, then give what is left to the largest remainders."""
    whole = np.floor(exact + 1e-9).astype(np.int64)
    while (missing := size - int(whole.sum())) > 0:
        remainder = np.where(whole < posts, exact - whole, -np.inf)
        for stratum in np.argsort(-remainder, kind="stable")[:missing]:
            if whole[stratum] < posts[stratum]:
                whole[stratum] += 1
    return whole
