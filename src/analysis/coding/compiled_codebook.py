"""Compiled codebook: the matcher's tables and what each concept speaks for."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis import engine
from analysis.coding.codebook import CODES, VOICES, Codebook, load_codebook, load_platforms
from analysis.coding.compiler import compile_lexicon
from analysis.coding.lexicon import Concept, Lexicon, load_lexicon
from analysis.engine.flat_columns import text_buffers
from analysis.engine.folding import TRADITIONAL
from analysis.engine.matcher import IntArray, MatcherTables, find_concepts
from analysis.engine.term_trie import Trie
from analysis.errors import CaodianError
from analysis.storage.run_paths import codebook_directory
from analysis.storage.table_cache import Arrays, load_arrays

# What a compiled codebook is made of: its files, and the code that compiles them.

_CODE = (Path(__file__).parent, Path(engine.__path__[0]))


def _fingerprint(directory: Path | None = None) -> str:
    """Return what tells the compiled form of a codebook from every other."""
    digest = sha256(unicodedata.unidata_version.encode())
    for path in _sources(codebook_directory(directory)):
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)} ".encode() + content)
    return digest.hexdigest()[:16]


def _sources(codebook: Path) -> list[Path]:
    """All files of the codebook, and the modules that compile or read what is compiled."""
    texts = [*sorted(codebook.rglob("*.yaml")), TRADITIONAL]
    return texts + [path for folder in _CODE for path in sorted(folder.glob("*.py"))]


_PLATFORM_PREFIX = "platform "


@dataclass(frozen=True)
class CompiledCodebook:
    """Everything that the coder needs, compiled.

    ``negative`` and ``voice`` hold logits by concept, ``strengths`` for each concept the
    probability of each code and sub-grievance (columns as ``labels``) given a negative post.
    """

    directory: Path | None
    tables: MatcherTables
    numbers: dict[str, int]
    labels: tuple[str, ...]
    negative: npt.NDArray[np.float64]
    voice: npt.NDArray[np.float64]
    strengths: npt.NDArray[np.float64]
    platforms: tuple[str, ...]
    platform_of: IntArray
    is_rule: npt.NDArray[np.bool_]

    @cached_property
    def lexicon(self) -> Lexicon:
        """The concepts and rules as they are written; coding needs them compiled only."""
        return load_lexicon(self.directory)

    @cached_property
    def concepts(self) -> tuple[str, ...]:
        """The names of the concepts that `find` returns, by their numbers."""
        return tuple(self.numbers)[: self.tables.n_named]

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


def _compile_arrays(codebook: Codebook, lexicon: Lexicon, platforms: dict[str, Concept]) -> Arrays:
    """Compile a codebook, its rules and its platforms into arrays."""
    named = {_PLATFORM_PREFIX + name: concept for name, concept in platforms.items()}
    whole = Lexicon(concepts={**lexicon.concepts, **named}, rules=lexicon.rules)
    tables, numbers = compile_lexicon(whole)
    labels = (*CODES, *codebook.sub_names)
    negative = np.zeros(tables.n_concepts)
    voice = np.zeros((tables.n_concepts, len(VOICES)))
    strengths = np.zeros((tables.n_concepts, len(labels)))
    for name, rule in lexicon.rules.items():
        number = numbers[name]
        negative[number] = rule.negative
        for speaker, weight in rule.voice.items():
            voice[number, VOICES.index(speaker)] = weight
        for label in rule.gives:
            if codebook.require(label, where=f"rule {name}") not in labels:
                raise CaodianError(
                    "a code of one's own is counted by its terms, not by a rule",
                    value=label, where=f"rule {name}",
                    remedy="Write the wordings under its terms in own.yaml.",
                )  # fmt: skip
            strengths[number, labels.index(label)] = rule.strength
    platform_of = np.full(tables.n_concepts, -1, np.int32)
    for index, name in enumerate(platforms):
        platform_of[numbers[_PLATFORM_PREFIX + name]] = index
    is_rule = np.zeros(tables.n_concepts, bool)
    is_rule[[numbers[name] for name in lexicon.rules]] = True
    parts = tables._asdict() | {f"trie_{n}": a for n, a in tables.trie._asdict().items()}
    arrays = {name: np.asarray(part) for name, part in parts.items() if name != "trie"}
    return arrays | {
        "numbers": np.array(list(numbers)), "labels": np.array(labels),
        "platforms": np.array(list(platforms), dtype=np.str_), "negative": negative,
        "voice": voice, "strengths": strengths, "platform_of": platform_of, "is_rule": is_rule,
    }  # fmt: skip


@lru_cache(maxsize=2)
def compile_codebook(directory: Path | None = None) -> CompiledCodebook:
    """Return the codebook of a directory as the coder needs it, compiled when a file is new."""
    made: list[Arrays] = []

    def build() -> Arrays:
        made.append(_compile_directory(directory))
        return made[0]

    try:
        kept = load_arrays(f"codebook-{_fingerprint(directory)}", build)
    except CaodianError:
        if not made:
            raise
        kept = made[0]  # nowhere to keep it
    # In memory of their own: Numba would compile everything again for arrays it may not write to.
    arrays = {name: np.array(array) for name, array in kept.items()}
    return _assemble(directory, arrays)


def _compile_directory(directory: Path | None) -> Arrays:
    platforms = {
        name: Concept(
            words=(" ".join(entry.aliases),),
            excepted=entry.excepted,
            within=("seller", "strong_trade") if entry.sells else (),
        )
        for name, entry in load_platforms(directory).items()
    }
    return _compile_arrays(load_codebook(directory), load_lexicon(directory), platforms)


def _assemble(directory: Path | None, arrays: dict[str, npt.NDArray[Any]]) -> CompiledCodebook:
    trie = Trie(*(arrays[f"trie_{name}"] for name in Trie._fields))
    tables = MatcherTables(
        arrays["fold"], arrays["kinds"], trie, arrays["flat"],
        int(arrays["n_named"]), int(arrays["n_concepts"]),
    )  # fmt: skip
    return CompiledCodebook(
        directory,
        tables,
        {name: number for number, name in enumerate(arrays["numbers"].tolist())},
        tuple(arrays["labels"].tolist()),
        arrays["negative"],
        arrays["voice"],
        arrays["strengths"],
        tuple(arrays["platforms"].tolist()),
        arrays["platform_of"],
        arrays["is_rule"],
    )
