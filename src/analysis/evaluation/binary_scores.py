"""Accuracy, macro-F1, AUC and calibration error of probabilities, with bootstrap intervals."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
METRICS = ("accuracy", "macro_f1", "auc", "ece")
_BINS = 15


class BinaryScores:
    """Measures of probabilities against labels, for any weighting of the items.

    Parameters
    ----------
    labels
        Whether each item is of the class.
    probabilities
        Probability of the class, by which an item is assigned to it above `cutoff`.
    cutoff
        Where the assignment begins.

    Examples
    --------
    >>> found = BinaryScores(np.array([True, True, False]), np.array([0.9, 0.4, 0.1]))
    >>> {name: round(float(value), 3) for name, value in found.measure().items()}
    {'accuracy': 0.667, 'macro_f1': 0.667, 'auc': 1.0, 'ece': 0.267}
    """

    def __init__(
        self, labels: npt.NDArray[np.bool_], probabilities: Floats, cutoff: float = 0.5
    ) -> None:
        self._labels = labels.astype(np.float64)
        self._probabilities = probabilities
        self._assigned = (probabilities > cutoff).astype(np.float64)
        _, self._rank = np.unique(probabilities, return_inverse=True)
        self._bin = np.minimum((probabilities * _BINS).astype(np.int64), _BINS - 1)

    def measure(self, weight: Floats | None = None) -> dict[str, float]:
        """Return the four measures; `ece` is over 15 bins of equal width (Naeini et al. 2015)."""
        w = np.ones_like(self._labels) if weight is None else weight
        positive, assigned = w * self._labels, w * self._assigned
        both, total = float((positive * self._assigned).sum()), float(w.sum())
        n_positive, n_assigned = float(positive.sum()), float(assigned.sum())
        neither = total - n_positive - n_assigned + both
        f1 = _f1(both, n_positive + n_assigned)
        f0 = _f1(neither, 2 * total - n_positive - n_assigned)
        return {
            "accuracy": (both + neither) / total,
            "macro_f1": (f1 + f0) / 2,
            "auc": self._area(w, positive),
            "ece": self._calibration_error(w) / total,
        }

    def intervals(self, draws: int, seed: int) -> dict[str, tuple[float, float]]:
        """Return the 95 % percentile interval of each measure over resampled items."""
        rng, n = np.random.default_rng(seed), len(self._labels)
        drawn = [
            self.measure(np.bincount(rng.integers(n, size=n), minlength=n).astype(np.float64))
            for _ in range(draws)
        ]
        bounds = {
            name: np.nanquantile([d[name] for d in drawn], (0.025, 0.975)) for name in METRICS
        }
        return {name: (float(low), float(high)) for name, (low, high) in bounds.items()}

    def _area(self, w: Floats, positive: Floats) -> float:
        """Return the share of (positive, other) pairs in the right order, ties half."""
        ups = np.bincount(self._rank, positive)
        downs = np.bincount(self._rank, w - positive)
        below = np.cumsum(downs) - downs
        pairs = ups.sum() * downs.sum()
        return float((ups * (below + downs / 2)).sum() / pairs) if pairs else float("nan")

    def _calibration_error(self, w: Floats) -> float:
        gaps = np.bincount(self._bin, w * (self._labels - self._probabilities))
        return float(np.abs(gaps).sum())


def _f1(both: float, either: float) -> float:
    return 2 * both / either if either else 0.0
