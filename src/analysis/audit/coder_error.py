"""Posts that both coders coded wrong in the same way, which no adjudication sees.

Double coding shows how often one coder was wrong alone. If the two err independently, the number
that both got wrong follows as in capture-recapture (Lincoln-Petersen, with Chapman's correction
for small numbers): of the true positives, found by both m, missed by A alone a, by B alone b,
missed by both about a·b/(m+1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class SharedError:
    """Posts of the sample that both coders probably coded wrong, for one code."""

    missed: float
    invented: float

    @property
    def net(self) -> float:
        """Positives that the sample lacks, less those that it has too many."""
        return self.missed - self.invented


def estimate_shared_error(
    a: np.ndarray, b: np.ndarray, final: np.ndarray, weight: np.ndarray | None = None
) -> SharedError:
    """Estimate how many posts both coders coded wrong.

    Parameters
    ----------
    a, b
        Codes of the two coders, 1 or 0.
    final
        Codes after adjudication.
    weight
        One over the inclusion probability of each post, for numbers of the window; without it
        the numbers are of the sample.

    Returns
    -------
    SharedError
        Expected numbers of posts, not rates.

    Examples
    --------
    >>> a = np.array([1] * 90 + [0] * 10 + [0] * 900)
    >>> b = np.array([1] * 80 + [0] * 10 + [1] * 10 + [0] * 900)
    >>> final = np.array([1] * 100 + [0] * 900)
    >>> round(estimate_shared_error(a, b, final).missed, 2)
    1.23
    """
    weights = np.ones(len(final)) if weight is None else weight
    return SharedError(
        missed=_wrong_together(a == 0, b == 0, final == 1, weights),
        invented=_wrong_together(a == 1, b == 1, final == 0, weights),
    )


def _wrong_together(
    a_wrong: np.ndarray, b_wrong: np.ndarray, of: np.ndarray, weight: np.ndarray
) -> float:
    only_a = float(weight[a_wrong & ~b_wrong & of].sum())
    only_b = float(weight[b_wrong & ~a_wrong & of].sum())
    both_right = float(weight[~a_wrong & ~b_wrong & of].sum())
    one_post = float(weight.mean()) if len(weight) else 1.0
    return only_a * only_b / (both_right + one_post)
