"""Weights of the thorough coder: sentence vectors beside what the fast coder says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from analysis.coding.classifier_model import TARGETS, sub_targets
from analysis.coding.scoring import FloatArray
from analysis.errors import CaodianError

SHIPPED_THOROUGH = Path(__file__).with_name("weights") / "thorough.npz"
_ARRAYS = ("weights", "slopes", "center", "of_fast", "shifts")


@dataclass(frozen=True)
class ThoroughModel:
    """One logistic regression a target, in the order of `TARGETS` and then the subs.

    Parameters
    ----------
    weights
        ``targets x dimensions`` whole numbers.
    slopes
        What a step of each target's weights is worth.
    center
        The mean vector of what was learnt: it says nothing about any target.
    of_fast
        ``targets x 2``: weights of the fast coder's log-odds of the target and of a negative item.
    shifts
        Added at last; above 0 the target holds.
    """

    weights: npt.NDArray[np.int8]
    slopes: FloatArray
    center: FloatArray
    of_fast: FloatArray
    shifts: FloatArray

    def log_odds(self, vectors: FloatArray, fast: FloatArray) -> FloatArray:
        """Return ``posts x targets``.

        Parameters
        ----------
        vectors
            One a post; a vector of zeros, that of an empty text, leaves all to the fast coder.
        fast
            The fast coder's log-odds, ``posts x targets``.

        Examples
        --------
        >>> one = np.ones(1)
        >>> model = ThoroughModel(np.array([[2]], np.int8), one, one, np.array([[1.0, 0.0]]), one)
        >>> model.log_odds(np.array([[3.0], [0.0]]), np.array([[5.0], [5.0]])).tolist()
        [[10.0], [6.0]]
        """
        moved = vectors - self.center
        moved[~vectors.any(axis=1)] = 0.0
        result: FloatArray = moved @ (self.weights * self.slopes[:, None]).T
        result += fast * self.of_fast[:, 0] + fast[:, :1] * self.of_fast[:, 1] + self.shifts
        return result

    @classmethod
    def load(cls, path: Path | str | None = None) -> ThoroughModel:
        """Return the model of a weights file; without `path` the shipped one.

        Raises
        ------
        CaodianError
            If the file is absent or no weights file of this program.

        Examples
        --------
        >>> ThoroughModel.load().weights.dtype
        dtype('int8')
        """
        source = SHIPPED_THOROUGH if path is None else Path(path)
        try:
            with np.load(source, allow_pickle=False) as arrays:
                if tuple(arrays["targets"].tolist()) != (*TARGETS, *sub_targets()):
                    raise ValueError("trained for another codebook")
                return cls(*(arrays[name] for name in _ARRAYS))
        except (OSError, KeyError, ValueError) as error:
            raise CaodianError(
                "the thorough coder needs a weights file of this program",
                value=str(error),
                where=str(source),
                remedy="Train it again: python -m analysis.evaluation.train_thorough.",
            ) from error

    def save(self, path: Path | str) -> None:
        """Write the weights file; the same model gives the same bytes."""
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        with Path(path).open("wb") as file:
            np.savez(file, **arrays, targets=np.array((*TARGETS, *sub_targets())))


@cache
def shipped_thorough() -> ThoroughModel:
    """Return the shipped weights, read once a process."""
    return ThoroughModel.load()
