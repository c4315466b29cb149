"""Fit how much each kind of evidence weighs for each target, and where the target holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.coding.classifier_model import TARGETS
from analysis.coding.codebook import CODES
from analysis.coding.evidence import Evidence
from analysis.evaluation.bars import BARS, even_bar
from analysis.evaluation.learned_fit import Floats, rounded
from analysis.kernels.evidence_sums import weigh_evidence
from analysis.kernels.newton import fit_newton

# Where the voices stand among the targets.
_VOICES = range(1 + len(CODES), len(TARGETS))
# Posts of this weight are coded by two readers, or are the user's own; with so many of them the
# bars are found on them alone, since they are as hard as posts are meant to be.
_SURE, _ENOUGH = 1.0, 500
# Of harmless posts that are sure, at most this share may be called negative: a table of real
# posts holds mostly harmless ones.
_FALSE_ALARMS = 0.09
# Of the other posts every third is weighed by: a few dozen weights need no more, and it takes a
# sixth of the time.
_EVERY = 3
_STRENGTH = 10.0
# The larger the constant column, the less the shift of a target is shrunk.
_CONSTANT = 10.0


@dataclass(frozen=True)
class Judged:
    """Posts of which some targets are known.

    Parameters
    ----------
    seen
        The evidence, what was learnt from models that never saw the post.
    held
        ``posts x targets``: what holds; the first target is the negative item.
    weight
        How much each post counts.
    """

    seen: Evidence
    held: npt.NDArray[np.bool_]
    weight: Floats

    def thinned(self) -> Judged:
        """Return the sure posts and some of the others."""
        is_kept = self.weight >= _SURE
        others = np.flatnonzero(~is_kept)
        is_kept[others[::_EVERY]] = True
        rows = np.flatnonzero(is_kept)
        return Judged(self.seen.gather(rows), self.held[rows], self.weight[rows])


def fit_stack(coded: Judged, judged: Judged) -> tuple[Floats, Floats]:
    """Weigh the evidence.

    Parameters
    ----------
    coded
        Posts of which all targets are known.
    judged
        These and all others, with the first target alone.

    Returns
    -------
    tuple
        ``targets x kinds`` weights and one shift a target. Each holds above its `even_bar`: a
        negative item above that of the bars that keep false alarms few, codes and subs above that
        among posts found negative.
    """
    few, few_judged = coded.thinned(), judged.thinned()
    fitted = [
        _weigh(few if target else few_judged, target) for target in range(coded.held.shape[1])
    ]
    weights = rounded(np.array([weights for weights, _ in fitted]))
    shifts = rounded(np.array([shift for _, shift in fitted]))
    sure = np.flatnonzero(coded.weight >= _SURE)
    if sure.size < _ENOUGH:
        sure = np.arange(coded.weight.size)
    logits = weigh_evidence(*coded.seen.gather(sure), weights.T, shifts)
    held, weight = coded.held[sure], coded.weight[sure]
    bar = _careful_bar(logits[:, 0], held[:, 0], weight)
    shifts[0] -= bar
    is_negative = logits[:, 0] > bar
    anyone = np.ones_like(is_negative)
    for target in range(1, held.shape[1]):
        asked = anyone if target in _VOICES else is_negative
        shifts[target] -= even_bar(logits[:, target], held[:, target], asked, weight)
    return weights, rounded(shifts)


def _careful_bar(logits: Floats, held: npt.NDArray[np.bool_], weight: Floats) -> float:
    """Return the even bar of those that call few harmless posts negative."""
    harmless = weight[~held].sum()
    alarms = np.array([weight[(logits > bar) & ~held].sum() for bar in BARS])
    careful = BARS[alarms <= _FALSE_ALARMS * harmless]
    anyone = np.ones_like(held)
    return even_bar(logits, held, anyone, weight, careful) if careful.size else float(BARS[-1])


def _weigh(posts: Judged, target: int) -> tuple[Floats, float]:
    seen, held = posts.seen.of_target(target), posts.held[:, target]
    if held.all() or not held.any():
        return np.zeros(seen.shape[1]), -9.0
    table = np.column_stack([seen, np.full(len(seen), _CONSTANT)])
    weights = fit_newton(table, held, _STRENGTH * posts.weight)
    return weights[:-1], _CONSTANT * float(weights[-1])
