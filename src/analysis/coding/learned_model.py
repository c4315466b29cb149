"""What was learnt of several targets: weights of n-grams and of concepts, as kept and as read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from analysis.coding.clues import Clues
from analysis.coding.concept_model import ConceptModel
from analysis.coding.engine import Engine
from analysis.coding.gram_model import GramModel, GramTable
from analysis.coding.scoring import FloatArray
from analysis.sentiment.linear import LinearModel

Arrays = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class LearnedModel:
    """What was learnt of some targets: log-odds of grams and of concepts add up."""

    grams: GramModel
    concepts: ConceptModel

    def reader(self, engine: Engine, sentiment: LinearModel | None = None) -> LearnedReader:
        """Return what reads posts, for the concepts of this engine.

        With a sentiment, its log-odds are those of one more target, of which no concept speaks.
        """
        concepts = self.concepts.aligned_with(engine)
        silent = concepts if sentiment is None else concepts.with_silent_target()
        return LearnedReader(self.grams.table(sentiment), silent)

    def arrays(self, name: str) -> Arrays:
        """Return all but the names of the concepts, under names that begin with `name`."""
        return {
            f"{name}_grams": self.grams.weights,
            f"{name}_slopes": self.grams.slopes,
            f"{name}_intercepts": self.grams.intercepts,
            f"{name}_concepts": self.concepts.weights,
            f"{name}_steps": self.concepts.steps,
        }

    @classmethod
    def of_arrays(cls, arrays: Arrays, name: str) -> LearnedModel:
        """Return the model whose `arrays` these are."""
        grams, slopes, intercepts, concepts, steps = (
            arrays[f"{name}_{part}"]
            for part in ("grams", "slopes", "intercepts", "concepts", "steps")
        )
        names = tuple(arrays["concepts"].tolist())
        return cls(GramModel(grams, slopes, intercepts), ConceptModel(names, concepts, steps))


@dataclass(frozen=True)
class LearnedReader:
    """A learned model as it is read."""

    grams: GramTable
    concepts: ConceptModel

    def log_odds(self, clues: Clues) -> FloatArray:
        """Return ``posts x targets``; a post without words gives zeros.

        Examples
        --------
        >>> from analysis.coding.classifier_model import ClassifierModel
        >>> from analysis.coding.clues import read_clues
        >>> from analysis.coding.engine import load_engine
        >>> import polars as pl
        >>> engine = load_engine()
        >>> clues = read_clues(pl.DataFrame({"text": ["等了十天还没发货", ""]}), engine)
        >>> ClassifierModel.load().main.reader(engine).log_odds(clues).shape
        (2, 14)
        """
        odds = self.grams.log_odds(clues.texts) + self.concepts.log_odds(clues)
        odds[clues.texts.str.len_bytes().fill_null(0).to_numpy() == 0] = 0.0
        return odds
