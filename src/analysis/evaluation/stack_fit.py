"""Fit how much n-grams, rules and sentiment weigh for each target, and where it holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from analysis.coding.classifier_model import TARGETS
from analysis.coding.codebook import CODES
from analysis.evaluation.learned_fit import Floats, rounded

# Where the voices stand among the targets.
_VOICES = range(1 + len(CODES), len(TARGETS))
# Candidates for the log-odds above which a target holds.
_BARS = np.round(np.linspace(-2.0, 1.0, 61), 2)
# Posts of this weight are coded by two readers, or are the user's own; with so many of them the
# bars are found on them alone, since they are as hard as posts are meant to be.
_SURE, _ENOUGH = 1.0, 500
# Of harmless posts that are sure, at most this share may be called negative.
_FALSE_ALARMS = 0.1


@dataclass(frozen=True)
class Judged:
    """Posts of which some targets are known.

    Parameters
    ----------
    seen
        ``posts x targets x kinds`` of evidence, that of the n-grams from models that never saw
        the post.
    held
        ``posts x targets``: what holds; the first target is the negative item.
    weight
        How much each post counts.
    """

    seen: Floats
    held: npt.NDArray[np.bool_]
    weight: Floats


def fit_stack(coded: Judged, judged: Judged, seed: int) -> tuple[Floats, Floats]:
    """Weigh the evidence.

    Parameters
    ----------
    coded
        Posts of which all targets are known.
    judged
        These and all others, with the first target alone.
    seed
        Of the solver.

    Returns
    -------
    tuple
        ``targets x kinds`` weights and one shift a target. A negative item holds above the bar
        that keeps false alarms few, a voice above the one that gives the highest F1, codes and
        subs above that among posts found negative.
    """
    seen, held, weight = coded.seen, coded.held, coded.weight
    fitted = [_weigh(judged.seen[:, 0], judged.held[:, 0], judged.weight, seed)]
    fitted += [
        _weigh(seen[:, target], held[:, target], weight, seed) for target in range(1, held.shape[1])
    ]
    weights = rounded(np.array([weights for weights, _ in fitted]))
    shifts = rounded(np.array([shift for _, shift in fitted]))
    logits = np.einsum("ptk,tk->pt", seen, weights) + shifts
    sure = weight >= _SURE
    if np.count_nonzero(sure) < _ENOUGH:
        sure[:] = True
    logits, held, weight = logits[sure], held[sure], weight[sure]
    bar = _careful_bar(logits[:, 0], held[:, 0], weight)
    shifts[0] -= bar
    is_negative = logits[:, 0] > bar
    anyone = np.ones_like(is_negative)
    for target in range(1, held.shape[1]):
        asked = anyone if target in _VOICES else is_negative
        shifts[target] -= _best_bar(logits[:, target], held[:, target], asked, weight)
    return weights, rounded(shifts)


def _careful_bar(logits: Floats, held: npt.NDArray[np.bool_], weight: Floats) -> float:
    """Return the lowest bar from zero on that calls few enough harmless posts negative."""
    harmless = weight[~held].sum()
    for bar in _BARS[_BARS >= 0]:
        if weight[(logits > bar) & ~held].sum() <= _FALSE_ALARMS * harmless:
            return float(bar)
    return float(_BARS[-1])


def _weigh(
    seen: Floats, held: npt.NDArray[np.bool_], weight: Floats, seed: int
) -> tuple[Floats, float]:
    if held.all() or not held.any():
        return np.zeros(seen.shape[1]), -9.0
    solver = LogisticRegression(
        solver="liblinear", C=10.0, intercept_scaling=10.0, random_state=seed, max_iter=1_000
    )
    solver.fit(seen, held, sample_weight=weight)
    return solver.coef_[0], float(solver.intercept_[0])


def _best_bar(
    logits: Floats, held: npt.NDArray[np.bool_], asked: npt.NDArray[np.bool_], weight: Floats
) -> float:
    """Return the bar with the highest F1, the one nearest to zero among equals."""

    def f1(bar: float) -> float:
        called = (logits > bar) & asked
        hits = float(weight[called & held].sum())
        return 2 * hits / max(float(weight[called].sum() + weight[held].sum()), 1e-9)

    return float(max(sorted(_BARS, key=abs), key=lambda bar: round(f1(bar), 9)))
