"""Weights of the learned coder: hashed character 1-3-grams, and how they stand beside the rules."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.coding.codebook import CODES, VOICES, load_codebook
from analysis.coding.scoring import FloatArray
from analysis.errors import CaodianError
from analysis.kernels.gram_sums import MAX_TARGETS, side_by_side, sum_all_weights
from analysis.kernels.utf8 import text_buffers
from analysis.sentiment.linear import shipped_model

SHIPPED_WEIGHTS = Path(__file__).with_name("weights") / "coder.npz"
OTHER_VOICES = tuple(VOICES[1:])
TARGETS = ("negative", *CODES, *OTHER_VOICES)
# What speaks for a target beside its own n-grams; see `Evidence`.
KINDS = 5


def subs_beside(path: Path) -> Path:
    """Return the file of the sub-grievances' grams: in one file both would be over 2 MB.

    Examples
    --------
    >>> subs_beside(Path("weights/coder.npz")).name
    'coder-subs.npz'
    """
    return path.with_name(f"{path.stem}-subs{path.suffix}")


def sub_targets() -> tuple[str, ...]:
    """Return the sub-grievances in the order of the codebook."""
    return tuple(load_codebook().sub_names)


@dataclass(frozen=True)
class GramModel:
    """Whole-number weights of hashed grams, one row a target.

    The log-odds of a target are `slope * sum(weights) / sqrt(grams) + intercept`.
    """

    weights: npt.NDArray[np.int8]
    slopes: FloatArray
    intercepts: FloatArray

    @cached_property
    def rows(self) -> list[npt.NDArray[np.uint64]]:
        """The weights as the kernel reads them, a few targets at a time."""
        firsts = range(0, len(self.weights), MAX_TARGETS)
        return [side_by_side(self.weights[first : first + MAX_TARGETS]) for first in firsts]

    def log_odds(self, texts: pl.Series) -> FloatArray:
        """Return the log-odds of each target for each text; a text without grams gives zeros."""
        buffers, foldings = text_buffers(texts), shipped_model().foldings
        parts = [sum_all_weights(buffers, foldings, rows, MAX_TARGETS) for rows in self.rows]
        sums = np.hstack(parts)[:, : len(self.weights)]
        result: FloatArray = sums * self.slopes + self.intercepts
        result[texts.str.len_bytes().fill_null(0).to_numpy() == 0] = 0.0
        return result


@dataclass(frozen=True)
class ClassifierModel:
    """What the learned coder consists of.

    Parameters
    ----------
    main
        Grams of the negative item, the codes and the voices, in the order of `TARGETS`.
    subs
        Grams of the sub-grievances.
    stack
        `targets and subs x KINDS`: how much each kind of evidence weighs for each.
    shifts
        Added to the weighed evidence; above 0 the target holds.
    """

    main: GramModel
    subs: GramModel
    stack: FloatArray
    shifts: FloatArray

    @classmethod
    def load(cls, path: Path | str | None = None) -> ClassifierModel:
        """Return the model of a weights file; without `path` the shipped one.

        Raises
        ------
        CaodianError
            If the file is absent or no weights file of this program.

        Examples
        --------
        >>> ClassifierModel.load().main.weights.dtype
        dtype('int8')
        """
        source = SHIPPED_WEIGHTS if path is None else Path(path)
        try:
            with (
                np.load(source, allow_pickle=False) as arrays,
                np.load(subs_beside(source), allow_pickle=False) as sub_arrays,
            ):
                if tuple(arrays["targets"].tolist()) != (*TARGETS, *sub_targets()):
                    raise ValueError("trained for another codebook")
                if int(arrays["foldings"]) != int(shipped_model().foldings.sum()):
                    raise ValueError("trained with another table of characters")
                main, subs = (
                    GramModel(*(part[kind] for kind in _GRAM_ARRAYS))
                    for part in (arrays, sub_arrays)
                )
                return cls(main, subs, arrays["stack"], arrays["shifts"])
        except (OSError, KeyError, ValueError) as error:
            raise CaodianError(
                "a classifier must be a weights file written by `caodian train coder`",
                value=str(error),
                where=str(source),
                remedy="Train it again.",
            ) from error

    def save(self, path: Path | str) -> None:
        """Write the weights file and that of the subs; the same model gives the same bytes."""
        with subs_beside(Path(path)).open("wb") as file:
            np.savez(file, **{kind: getattr(self.subs, kind) for kind in _GRAM_ARRAYS})
        with Path(path).open("wb") as file:
            np.savez(
                file,
                **{kind: getattr(self.main, kind) for kind in _GRAM_ARRAYS},
                stack=self.stack,
                shifts=self.shifts,
                foldings=np.array(int(shipped_model().foldings.sum())),
                targets=np.array((*TARGETS, *sub_targets())),
            )


_GRAM_ARRAYS = ("weights", "slopes", "intercepts")


@cache
def shipped_classifier() -> ClassifierModel:
    """Return the shipped classifier, read once a process."""
    return ClassifierModel.load()
