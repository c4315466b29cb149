"""Compiled codebook: the matcher's tables and what each concept speaks for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.coding.codebook import VOICES, Codebook, load_codebook, load_platforms
from analysis.coding.compiler import compile_lexicon
from analysis.coding.lexicon import Concept, Lexicon, load_lexicon
from analysis.kernels.matcher import IntArray, MatcherTables, find_concepts
from analysis.kernels.utf8 import text_buffers

PLATFORM_PREFIX = "platform "


@dataclass(frozen=True)
class Engine:
    """Everything that the coder needs, compiled.

    ``negative`` and ``voice`` hold logits by concept, ``strengths`` for each concept the
    probability of each code and sub-grievance (columns as ``labels``) given a negative post.
    """

    codebook: Codebook
    lexicon: Lexicon
    tables: MatcherTables
    numbers: dict[str, int]
    labels: tuple[str, ...]
    negative: npt.NDArray[np.float64]
    voice: npt.NDArray[np.float64]
    strengths: npt.NDArray[np.float64]
    platforms: tuple[str, ...]
    platform_of: IntArray
    is_rule: npt.NDArray[np.bool_]

    def find(
        self, texts: pl.Series, given: IntArray, *, everything: bool = False
    ) -> tuple[npt.NDArray[np.int64], IntArray]:
        """Return the rules and platforms found in each text, in compressed rows.

        With `everything` the concepts below the rules are returned too.
        """
        buffers = text_buffers(texts)
        shown = np.arange(self.tables.n_concepts) < self.tables.n_named
        if not everything:
            shown &= (self.platform_of >= 0) | self.is_rule
        starts, found = find_concepts(self.tables, buffers.data, buffers.offsets, given, shown)
        return starts, found


def build_engine(codebook: Codebook, lexicon: Lexicon, platforms: dict[str, Concept]) -> Engine:
    """Compile a codebook, its rules and its platforms."""
    named = {PLATFORM_PREFIX + name: concept for name, concept in platforms.items()}
    whole = Lexicon(concepts={**lexicon.concepts, **named}, rules=lexicon.rules)
    tables, numbers = compile_lexicon(whole)
    labels = (*codebook.code_names, *codebook.sub_names)
    negative = np.zeros(tables.n_concepts)
    voice = np.zeros((tables.n_concepts, len(VOICES)))
    strengths = np.zeros((tables.n_concepts, len(labels)))
    for name, rule in lexicon.rules.items():
        number = numbers[name]
        negative[number] = rule.negative
        for speaker, weight in rule.voice.items():
            voice[number, VOICES.index(speaker)] = weight
        for label in rule.gives:
            strengths[number, labels.index(codebook.require(label, where=f"rule {name}"))] = (
                rule.strength
            )
    platform_of = np.full(tables.n_concepts, -1, np.int32)
    for index, name in enumerate(platforms):
        platform_of[numbers[PLATFORM_PREFIX + name]] = index
    is_rule = np.zeros(tables.n_concepts, bool)
    is_rule[[numbers[name] for name in lexicon.rules]] = True
    return Engine(
        codebook, whole, tables, numbers, labels, negative, voice, strengths, tuple(platforms),
        platform_of,
        is_rule,
    )  # fmt: skip


@lru_cache(maxsize=2)
def load_engine(directory: Path | None = None) -> Engine:
    """Read and compile the codebook directory, once a process.

    Examples
    --------
    >>> load_engine().labels[0]
    'live_streaming'
    """
    platforms = {
        name: Concept(
            words=(" ".join(entry.aliases),),
            excepted=entry.excepted,
            within=("seller", "strong_trade") if entry.sells else (),
        )
        for name, entry in load_platforms(directory).items()
    }
    return build_engine(load_codebook(directory), load_lexicon(directory), platforms)
