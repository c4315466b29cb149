"""What was learnt of several targets: weights of n-grams and of concepts, as kept and as read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.coding.codebook import CODES, VOICES, load_codebook
from analysis.coding.compiled_codebook import CompiledCodebook
from analysis.coding.features import CHANNELS, Features
from analysis.coding.scoring import FloatArray, Scores
from analysis.engine.flat_columns import text_buffers
from analysis.engine.linear_sums import (
    MAX_TARGETS,
    clipped_logits,
    shared_columns,
    side_by_side,
    sum_all_weights,
    sum_concept_weights,
)
from analysis.errors import CaodianError
from analysis.sentiment.linear import LinearModel, shipped_model

# Learned weights of hashed character 1-3-grams, several targets at once.


@dataclass(frozen=True)
class GramModel:
    """Whole-number weights of hashed grams, one row a target, as they are learnt and kept.

    The log-odds of a target are `slope * sum(weights) / sqrt(grams) + intercept`.
    """

    weights: npt.NDArray[np.int8]
    slopes: FloatArray
    intercepts: FloatArray

    def table(self, sentiment: LinearModel | None = None) -> GramTable:
        """Return the model as it is read, with the sentiment as its last target if given."""
        weights, slopes, intercepts = self.weights, self.slopes, self.intercepts
        if sentiment is not None:
            if sentiment.weights.size != weights.shape[1]:
                raise ValueError("trained with another number of hashed grams")
            weights = np.vstack([weights, sentiment.weights])
            slopes = np.append(slopes, sentiment.slope)
            intercepts = np.append(intercepts, sentiment.intercept)
        firsts = range(0, len(weights), MAX_TARGETS)
        rows = tuple(side_by_side(weights[first : first + MAX_TARGETS]) for first in firsts)
        return GramTable(rows, slopes, intercepts)


@dataclass(frozen=True)
class GramTable:
    """The weights as the kernel reads them: those of a gram side by side."""

    rows: tuple[npt.NDArray[np.uint64], ...]
    slopes: FloatArray
    intercepts: FloatArray

    def log_odds(self, texts: pl.Series) -> FloatArray:
        """Return the log-odds of each target for each text; a text without grams gives zeros."""
        buffers, foldings = text_buffers(texts), shipped_model().foldings
        parts = [sum_all_weights(buffers, foldings, rows, MAX_TARGETS) for rows in self.rows]
        sums = parts[0] if len(parts) == 1 else np.hstack(parts)
        result: FloatArray = sums[:, : len(self.slopes)] * self.slopes + self.intercepts
        result[np.diff(buffers.offsets) == 0] = 0.0
        return result


# Learned weights of the codebook's concepts, alone and by the channel they are found in.

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

    def aligned_with(self, compiled: CompiledCodebook) -> ConceptModel:
        """Return the weights in the order of a compiled codebook's concepts.

        A concept that was added to the codebook after the training weighs nothing, and the weight
        of one that was removed is left out.
        """
        names = compiled.concepts
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

    def log_odds(self, features: Features) -> FloatArray:
        """Return what the concepts and the channel of each post say of each target."""
        sums = sum_concept_weights(features.starts, features.found, features.channel, self.rows)
        result: FloatArray = sums * self.steps
        return result


Arrays = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class LearnedModel:
    """What was learnt of some targets: log-odds of grams and of concepts add up."""

    grams: GramModel
    concepts: ConceptModel

    def reader(
        self, compiled: CompiledCodebook, sentiment: LinearModel | None = None
    ) -> LearnedReader:
        """Return what reads posts, for the concepts of this codebook.

        With a sentiment, its log-odds are those of one more target, of which no concept speaks.
        """
        concepts = self.concepts.aligned_with(compiled)
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

    def log_odds(self, features: Features) -> FloatArray:
        """Return ``posts x targets``; a post without words gives zeros."""
        odds = self.grams.log_odds(features.texts) + self.concepts.log_odds(features)
        odds[features.texts.str.len_bytes().fill_null(0).to_numpy() == 0] = 0.0
        return odds


# Weights of the learned coder: n-grams and concepts, and how they stand beside the rules.

_SHIPPED_WEIGHTS = Path(__file__).with_name("weights") / "coder.npz"
OTHER_VOICES = tuple(VOICES[1:])
TARGETS = ("negative", *CODES, *OTHER_VOICES)
#: Learnt beside them: the negative item once more, from real posts alone. It is a witness of what
#: written posts, which are hard on purpose, unteach, and no target.
_REAL = "negative in real posts"
# Bytes of the grams' weights in one file: files over 2 MB are not kept in the project.
_FILE_SIZE = 1_900_000


def sub_targets() -> tuple[str, ...]:
    """Return the sub-grievances in the order of the codebook."""
    return tuple(load_codebook().sub_names)


@dataclass(frozen=True)
class ClassifierModel:
    """What the learned coder consists of.

    Parameters
    ----------
    main
        The negative item, the codes and the voices, in the order of `TARGETS`; behind them the
        negative item as real posts alone have it.
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
        """Return the model of a weights file and those beside it; by default the shipped one."""
        source = _SHIPPED_WEIGHTS if path is None else Path(path)
        try:
            arrays = _read(source)
            if tuple(arrays["targets"].tolist()) != (*TARGETS, _REAL, *sub_targets()):
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
                files.append(_grams_beside(target, name, place))
                _write(files[-1], {"weights": part})
        rest = {
            "stack": self.stack,
            "shifts": self.shifts,
            "foldings": np.array(int(shipped_model().foldings.sum())),
            "targets": np.array((*TARGETS, _REAL, *sub_targets())),
            "concepts": np.array(self.main.concepts.names),
        }
        _write(target, arrays | rest)
        return files


def _grams_beside(path: Path, name: str, place: int) -> Path:
    """Return the file of some of the grams' weights."""
    return path.with_name(f"{path.stem}-{name}-{place + 1}{path.suffix}")


def _in_parts(weights: npt.NDArray[np.int8]) -> Iterator[npt.NDArray[np.int8]]:
    rows = max(1, _FILE_SIZE // max(1, weights.shape[1]))
    for first in range(0, len(weights), rows):
        yield weights[first : first + rows]


def _read_grams(source: Path, arrays: Arrays, name: str) -> npt.NDArray[np.int8]:
    """Put the files' columns, those of the grams that weigh anything, back in their places."""
    weighing = np.unpackbits(arrays[f"{name}_weighing"]).astype(bool)
    files = range(int(arrays[f"{name}_files"]))
    parts = [_read(_grams_beside(source, name, place))["weights"] for place in files]
    grams = np.zeros((sum(map(len, parts)), weighing.size), np.int8)
    grams[:, weighing] = np.vstack(parts)
    return grams


def _read(path: Path) -> Arrays:
    with np.load(path, allow_pickle=False) as arrays:
        return dict(arrays)


def _write(path: Path, arrays: Arrays) -> None:
    with path.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]


# What speaks for each target of a post, before it is weighed.

# What a label without any rule, or with the surest ones, is given as probability.
_LEAST = 0.02
N_CODES = len(CODES)
#: Where the codes stand among `TARGETS`.
OF_CODES = slice(1, 1 + N_CODES)
#: Kinds of evidence of one target: its own two, and the shared ones.
_KINDS = 2 + 2 * len(TARGETS) + 3


class StackInputs(NamedTuple):
    """What speaks for the targets of some posts.

    A post is a negative item the more surely, the more a code of it holds, and a code the less
    surely, the more its neighbours hold: so what was learnt of every one of `TARGETS` is evidence
    for each target, as log-odds and as probability.

    Parameters
    ----------
    own
        What was learnt of each target itself, log-odds, ``posts x targets``.
    rules
        Logits of each target by the rules, ``posts x targets``.
    shared
        What is evidence for all of them, as `shared_inputs` returns it.
    """

    own: FloatArray
    rules: FloatArray
    shared: FloatArray

    def gather(self, rows: npt.NDArray[np.int64]) -> StackInputs:
        """Return the evidence on some of the posts."""
        return StackInputs(self.own[rows], self.rules[rows], self.shared[rows])

    def of_target(self, target: int) -> FloatArray:
        """Return ``posts x KINDS``: all that speaks for one target."""
        return np.column_stack([self.own[:, target], self.rules[:, target], self.shared])


def shared_inputs(learned: FloatArray, rules: FloatArray, sentiment: FloatArray) -> FloatArray:
    """Return what is evidence for all targets of each post.

    Parameters
    ----------
    learned
        What was learnt of `TARGETS`, log-odds, ``posts x targets``.
    rules, sentiment
        The rules' logit of a negative item and the sentiment's, one a post.

    Examples
    --------
    >>> shared_inputs(np.zeros((2, len(TARGETS))), np.zeros(2), np.zeros(2)).shape[1] + 2 == _KINDS
    True
    """
    return shared_columns(learned, OF_CODES, rules, sentiment)


def rule_logits(scores: Scores) -> tuple[FloatArray, FloatArray]:
    """Return the rules' logits of `TARGETS` and of the subs, before any other opinion.

    Examples
    --------
    >>> scores = Scores(np.zeros(1), np.zeros((1, 5)), np.full((1, 28), 0.5))
    >>> [logits.shape for logits in rule_logits(scores)]
    [(1, 14), (1, 19)]
    """
    labels = clipped_logits(scores.labels, _LEAST)
    voices = scores.voice[:, 1:] - scores.voice[:, :1]
    main = np.column_stack([scores.negative, labels[:, :N_CODES], voices])
    return main, labels[:, N_CODES:]
