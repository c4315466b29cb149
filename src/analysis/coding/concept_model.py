"""Learned weights of the codebook's concepts, alone and by the channel they are found in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from analysis.coding.clues import CHANNELS, Clues
from analysis.coding.engine import Engine
from analysis.coding.scoring import FloatArray
from analysis.kernels.concept_sums import sum_concept_weights

GROUPS = 1 + len(CHANNELS)


@dataclass(frozen=True)
class ConceptModel:
    """Whole-number weights, one step a target.

    Parameters
    ----------
    names
        The concepts, in the order of their weights.
    weights
        ``GROUPS x (1 + concepts) x targets``. The first group holds everywhere, each other one in
        its channel beside the first; the first row of a group is the weight of being there, which
        for the first group is the intercept's and 0 here.
    steps
        The log-odds of one whole number, one a target.
    """

    names: tuple[str, ...]
    weights: npt.NDArray[np.int8]
    steps: FloatArray

    def aligned_with(self, engine: Engine) -> ConceptModel:
        """Return the weights in the order of an engine's concepts.

        A concept that was added to the codebook after the training weighs nothing, and the weight
        of one that was removed is left out.
        """
        names = engine.concepts
        if names == self.names:
            return self
        place = {name: row for row, name in enumerate(self.names, start=1)}
        weights = np.zeros((GROUPS, 1 + len(names), self.weights.shape[2]), np.int8)
        weights[:, 0] = self.weights[:, 0]
        for row, name in enumerate(names, start=1):
            if name in place:
                weights[:, row] = self.weights[:, place[name]]
        return ConceptModel(names, weights, self.steps)

    def with_silent_target(self) -> ConceptModel:
        """Return the model with one more target, of which no concept says anything."""
        weights = np.pad(self.weights, ((0, 0), (0, 0), (0, 1)))
        return ConceptModel(self.names, weights, np.append(self.steps, 0.0))

    @cached_property
    def rows(self) -> npt.NDArray[np.int32]:
        """The weights as the kernel reads them, those that hold everywhere in every group."""
        rows = self.weights.astype(np.int32)
        rows[1:] += rows[0]
        return rows

    def log_odds(self, clues: Clues) -> FloatArray:
        """Return what the concepts and the channel of each post say of each target."""
        sums = sum_concept_weights(clues.starts, clues.found, clues.channel, self.rows)
        result: FloatArray = sums * self.steps
        return result
