"""What too few audited posts cannot tell alone: thin bands merge, small cells lean.

A few audited posts say little of a cell, whatever they say. What is known besides is the coder's
own count, and how right it is with the other sub-grievances of the same code.
"""

from __future__ import annotations

import numpy as np

FEW = 5  # audited posts: fewer make no band, and do not speak for a cell alone


def merge_thin(audited: np.ndarray) -> np.ndarray:
    """Tell into which band each band goes when those with few audited posts join a neighbour.

    Known before anybody codes, since it looks at the sizes only. A thin band joins the next lower
    one; a thin lowest band joins the next higher one.
    """
    counts, target = audited.astype(np.int64), np.arange(len(audited))
    for band in range(len(audited) - 1, 0, -1):
        if counts[band] < FEW:
            target[target == band] = band - 1
            counts[band - 1] += counts[band]
            counts[band] = 0
    rich = np.flatnonzero(counts >= FEW)
    if counts[0] < FEW and len(rich):
        target[target == 0] = rich[0]
    return target


_ENOUGH = 20  # audited posts that the coder gave the target, so that the audit speaks for itself


def shrink_to_count(estimate: float, items: int, audited: int) -> float:
    """Return an estimate that leans on the coder's own count where few posts speak against it."""
    weight = min(1.0, audited / min(_ENOUGH, max(items, 1)))
    return weight * estimate + (1 - weight) * items


COUNTED_POSTS = 4  # how many audited posts, all of them right, the coder's own count is worth


def lean_on_few(
    given: np.ndarray, items: np.ndarray, *, audited: np.ndarray, right: np.ndarray
) -> np.ndarray:
    """Return what is true among the posts that the coder gave, where few were audited.

    Two of ninety posts say little, whatever they say. Below five audited posts (or a twentieth of
    a small count) a sub-grievance takes from its siblings how many of the coder's posts are right,
    and four posts that were right stand for the coder's own count.
    """
    shared = (COUNTED_POSTS + right.sum() - right) / (COUNTED_POSTS + audited.sum() - audited)
    speaks = np.minimum(1, (audited / np.clip(items / _ENOUGH, 1, FEW)) ** 2)
    return np.asarray(speaks * given + (1 - speaks) * items * shared)


_UNLIKE = 0.7  # how far siblings differ in truth over count, as a part of what they share
_CODE_POSTS = 2  # how many audited posts the ratio of the code itself is worth
_COUNT_POSTS = 6  # and how many the coder's own count is worth, a ratio of 1
_ENDS = 2 * 1.959964  # an interval in standard errors


def lean_on_siblings(
    estimate: np.ndarray,
    items: np.ndarray,
    *,
    low: np.ndarray,
    high: np.ndarray,
    audited: np.ndarray,
    code_ratio: float,
) -> np.ndarray:
    """Return estimates of a code's sub-grievances that lean on each other.

    What is true over what the coder counts is shared by the sub-grievances of a code, and lies
    nearer to 1 the fewer posts were audited. An estimate leans on its own count times this ratio,
    the more the wider its interval is and the fewer of its posts were audited; it never falls below
    its interval. Where all posts that the coder gave a
    sub-grievance were audited, it leans on nothing.
    """
    known, counted = float(audited.sum()), np.maximum(items, 1).astype(float)
    own_ratio = float(estimate.sum() / counted.sum())
    ratio = (known * own_ratio + _CODE_POSTS * code_ratio + _COUNT_POSTS) / (
        known + _CODE_POSTS + _COUNT_POSTS
    )
    expected = ratio * counted
    unlike = (_UNLIKE * expected) ** 2
    few_posts = (counted / 2) ** 2 / (audited + 1)
    error = np.maximum(((high - low) / _ENDS) ** 2, few_posts)
    own = unlike / (unlike + error)
    leaning = np.maximum(own * estimate + (1 - own) * expected, low)
    return np.where(audited >= items, estimate, leaning)
