"""Fit the thorough coder: one logistic regression a target, and where it holds."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression

from analysis.coding.classifier_model import TARGETS
from analysis.coding.codebook import CODES
from analysis.coding.thorough_model import ThoroughModel
from analysis.evaluation.bars import Flags, even_bar
from analysis.evaluation.learned_fit import BLOCK, FOLDS, Floats, rounded

# How far the vectors may depart from what fast says; chosen on the development part.
STRENGTH = 30.0
# Fast's log-odds are made large, so that their weights cost next to nothing: without an
# opinion of the vectors, fast is left as it is.
_LARGE = 3.0
_VOICES = range(1 + len(CODES), len(TARGETS))


def fit_thorough(
    vectors: Floats,
    fast: Floats,
    held: Flags,
    weight: Floats,
    seed: int,
    *,
    strength: float = STRENGTH,
) -> ThoroughModel:
    """Fit the model.

    Parameters
    ----------
    vectors
        One a post.
    fast
        ``posts x targets``: log-odds of the fast coder, which must not have seen the posts.
    held
        What holds, in the same shape; the first target is the negative item.
    weight
        How much each post counts.
    seed
        Of the solver.
    strength
        Of the regression: the smaller, the less the vectors may say.

    Returns
    -------
    ThoroughModel
        A voice holds above its `even_bar` on posts that the regression did not see, codes and subs
        above that among posts found negative.
    """
    center = rounded(np.average(vectors, axis=0, weights=weight))
    moved = vectors - center
    fits, unseen = [], np.zeros(held.shape)
    for target, column in enumerate(held.T):
        features = np.column_stack([moved, _LARGE * fast[:, target], _LARGE * fast[:, 0]])
        if target == 0:
            features[:, -1] = 0.0
        fits.append(_fit(features, column, weight, seed, strength))
        unseen[:, target] = _unseen(features, column, weight, seed, strength)
    weights = np.array([learnt[:-2] for learnt, _ in fits])
    of_fast = np.array([learnt[-2:] * _LARGE for learnt, _ in fits])
    shifts = np.array([shift for _, shift in fits]) - _bars(unseen, held, weight)
    slopes = rounded(np.maximum(np.abs(weights).max(axis=1), 1e-9) / 127)
    whole = np.clip(np.rint(weights / slopes[:, None]), -127, 127).astype(np.int8)
    return ThoroughModel(whole, slopes, center, rounded(of_fast), rounded(shifts))


def _fit(
    features: Floats, held: Flags, weight: Floats, seed: int, strength: float
) -> tuple[Floats, float]:
    if held.all() or not held.any():
        # Never seen: fast alone decides.
        alone = np.zeros(features.shape[1])
        alone[-2] = 1 / _LARGE
        return alone, 0.0
    solver = LogisticRegression(C=strength, tol=1e-3, max_iter=500, random_state=seed)
    solver.fit(features, held, sample_weight=weight)
    return solver.coef_[0], float(solver.intercept_[0])


def _unseen(features: Floats, held: Flags, weight: Floats, seed: int, strength: float) -> Floats:
    fold = np.arange(held.size) // BLOCK % FOLDS
    result = np.zeros(held.size)
    for number in range(FOLDS):
        inside, outside = fold != number, fold == number
        if inside.any() and outside.any():
            learnt, shift = _fit(features[inside], held[inside], weight[inside], seed, strength)
            result[outside] = features[outside] @ learnt + shift
    return result


def _bars(logits: Floats, held: Flags, weight: Floats) -> Floats:
    """Return one bar a target; that of the negative item stays at zero."""
    is_negative = logits[:, 0] > 0
    bars = np.zeros(held.shape[1])
    for target in range(1, held.shape[1]):
        asked = np.ones_like(is_negative) if target in _VOICES else is_negative
        bars[target] = even_bar(logits[:, target], held[:, target], asked, weight)
    return bars
