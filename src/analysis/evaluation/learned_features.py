"""How large each gram and each concept of a post is made before weights are fitted."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

from analysis.coding.clues import Clues
from analysis.coding.concept_model import GROUPS
from analysis.coding.scoring import FloatArray
from analysis.kernels.strict_math import strict_log

# A gram of three posts or fewer teaches next to nothing that another post could use.
_LEAST_POSTS = 4
# The larger a feature, the less its weight is shrunk. Chosen on posts of other writers.
_GRAM, _CONCEPT, _IN_CHANNEL, _CHANNEL = 0.8, 0.6, 0.4, 0.5


def gram_sizes(grams: csr_matrix, weight: FloatArray) -> FloatArray:
    """Return how large each gram is made: rare ones are shrunk less, those of few posts left out.

    Parameters
    ----------
    grams
        ``posts x buckets``: how often each post has each gram, over the root of its grams.
    weight
        How much each post counts.
    """
    holding = (grams > 0).T.astype(float) @ weight
    posts = np.bincount(grams.indices, minlength=grams.shape[1])
    rarity = strict_log((1 + weight.sum()) / (1 + holding)) + 1.0
    result: FloatArray = np.where(posts >= _LEAST_POSTS, _GRAM * rarity, 0.0)
    return result


def concept_features(clues: Clues, n_concepts: int) -> tuple[csr_matrix, FloatArray]:
    """Return which concepts each post has, everywhere and in its channel, and their sizes.

    The columns are those of `ConceptModel.weights`, group after group.
    """
    width = 1 + n_concepts
    row = np.repeat(np.arange(len(clues.texts)), np.diff(clues.starts))
    known = clues.channel[row] > 0
    posts = np.flatnonzero(clues.channel)
    columns = [
        1 + clues.found.astype(np.int64),
        clues.channel[row[known]] * width + 1 + clues.found[known],
        clues.channel[posts].astype(np.int64) * width,
    ]
    rows = [row, row[known], posts]
    where = (np.concatenate(rows), np.concatenate(columns))
    shape = (len(clues.texts), GROUPS * width)
    features = csr_matrix((np.ones(len(where[0])), where), shape=shape)
    sizes = np.full(GROUPS * width, _IN_CHANNEL)
    sizes[:width] = _CONCEPT
    sizes[::width] = _CHANNEL
    return features, sizes
