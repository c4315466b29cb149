"""Weights of the learned coder: n-grams and concepts, and how they stand beside the rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from analysis.coding.codebook import CODES, VOICES, load_codebook
from analysis.coding.learned_model import Arrays, LearnedModel
from analysis.coding.scoring import FloatArray
from analysis.errors import CaodianError
from analysis.sentiment.linear import shipped_model

SHIPPED_WEIGHTS = Path(__file__).with_name("weights") / "coder.npz"
OTHER_VOICES = tuple(VOICES[1:])
TARGETS = ("negative", *CODES, *OTHER_VOICES)
# Bytes of the grams' weights in one file: files over 2 MB are not kept in the project.
FILE_SIZE = 1_900_000


def sub_targets() -> tuple[str, ...]:
    """Return the sub-grievances in the order of the codebook."""
    return tuple(load_codebook().sub_names)


@dataclass(frozen=True)
class ClassifierModel:
    """What the learned coder consists of.

    Parameters
    ----------
    main
        The negative item, the codes and the voices, in the order of `TARGETS`.
    subs
        The sub-grievances.
    stack
        ``targets and subs x kinds``: how much each kind of evidence weighs for each.
    shifts
        Added to the weighed evidence; above 0 the target holds.
    """

    main: LearnedModel
    subs: LearnedModel
    stack: FloatArray
    shifts: FloatArray

    @classmethod
    def load(cls, path: Path | str | None = None) -> ClassifierModel:
        """Return the model of a weights file and those beside it; without `path` the shipped one.

        Raises
        ------
        CaodianError
            If a file is absent or no weights file of this program.

        Examples
        --------
        >>> ClassifierModel.load().main.grams.weights.dtype
        dtype('int8')
        """
        source = SHIPPED_WEIGHTS if path is None else Path(path)
        try:
            arrays = _read(source)
            if tuple(arrays["targets"].tolist()) != (*TARGETS, *sub_targets()):
                raise ValueError("trained for another codebook")
            if int(arrays["foldings"]) != int(shipped_model().foldings.sum()):
                raise ValueError("trained with another table of characters")
            for name in ("main", "subs"):
                arrays[f"{name}_grams"] = _read_grams(source, arrays, name)
            main, subs = (LearnedModel.of_arrays(arrays, name) for name in ("main", "subs"))
            return cls(main, subs, arrays["stack"], arrays["shifts"])
        except (OSError, KeyError, ValueError) as error:
            raise CaodianError(
                "a classifier must be a weights file written by `caodian train coder`",
                value=str(error),
                where=str(source),
                remedy="Train it again.",
            ) from error

    def save(self, path: Path | str) -> list[Path]:
        """Write the weights file and those of the grams beside it; return all of them.

        The same model gives the same bytes.
        """
        target = Path(path)
        arrays = self.main.arrays("main") | self.subs.arrays("subs")
        files = [target]
        for name in ("main", "subs"):
            grams = arrays.pop(f"{name}_grams")
            weighing = grams.any(axis=0)
            parts = list(_in_parts(grams[:, weighing]))
            arrays[f"{name}_weighing"], arrays[f"{name}_files"] = (
                np.packbits(weighing), np.array(len(parts)),
            )  # fmt: skip
            for place, part in enumerate(parts):
                files.append(grams_beside(target, name, place))
                _write(files[-1], {"weights": part})
        rest = {
            "stack": self.stack,
            "shifts": self.shifts,
            "foldings": np.array(int(shipped_model().foldings.sum())),
            "targets": np.array((*TARGETS, *sub_targets())),
            "concepts": np.array(self.main.concepts.names),
        }
        _write(target, arrays | rest)
        return files


def grams_beside(path: Path, name: str, place: int) -> Path:
    """Return the file of some of the grams' weights.

    Examples
    --------
    >>> grams_beside(Path("weights/coder.npz"), "main", 0).name
    'coder-main-1.npz'
    """
    return path.with_name(f"{path.stem}-{name}-{place + 1}{path.suffix}")


def _in_parts(weights: npt.NDArray[np.int8]) -> Iterator[npt.NDArray[np.int8]]:
    rows = max(1, FILE_SIZE // max(1, weights.shape[1]))
    for first in range(0, len(weights), rows):
        yield weights[first : first + rows]


def _read_grams(source: Path, arrays: Arrays, name: str) -> npt.NDArray[np.int8]:
    """Put the files' columns, those of the grams that weigh anything, back in their places."""
    weighing = np.unpackbits(arrays[f"{name}_weighing"]).astype(bool)
    files = range(int(arrays[f"{name}_files"]))
    parts = [_read(grams_beside(source, name, place))["weights"] for place in files]
    grams = np.zeros((sum(map(len, parts)), weighing.size), np.int8)
    grams[:, weighing] = np.vstack(parts)
    return grams


def _read(path: Path) -> Arrays:
    with np.load(path, allow_pickle=False) as arrays:
        return dict(arrays)


def _write(path: Path, arrays: Arrays) -> None:
    with path.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
