"""SnowNLP's sentiment score, equal to `SnowNLP(text).sentiments` to the last bit.

SnowNLP (Wang, https://github.com/isnowfy/snownlp, MIT) tags the characters of each text by a
trigram model, cuts words, takes out stop words and adds up a naive Bayes classifier. The
kernels do the same sums in the same order on tables made of the installed package's files.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.engine.flat_columns import text_buffers
from analysis.engine.snownlp import SegmentTables, WordTables, positive_share, sum_logs
from analysis.sentiment.snownlp_tables import (
    ModelFiles,
    build_segment_tables,
    build_word_tables,
    read_model,
    read_stop_words,
    read_unzipped,
)
from analysis.storage.table_cache import Arrays, load_arrays

#: Part of the name under which tables are kept; another layout of them needs another number.
_LAYOUT = 10
_SLICE = 4096


@dataclass(frozen=True)
class ExactModel:
    """SnowNLP's tagger and classifier as mapped tables; `load` makes one."""

    segments: SegmentTables
    words: WordTables
    positive: int

    @classmethod
    def load(
        cls, segmentation: Path | str | None = None, sentiment: Path | str | None = None
    ) -> ExactModel:
        """Return the model of the installed SnowNLP, or a retrained one."""
        files = ModelFiles.find(segmentation, sentiment)
        name = f"snownlp-{files.fingerprint()}-{_LAYOUT}"
        return _assemble(load_arrays(name, lambda: _build(files)))

    def score_texts(self, texts: pl.Series, threads: int = 1) -> pl.Series:
        """Return the score of each text: 1 is positive, 0 negative; null for null or empty."""
        buffers = text_buffers(texts)
        sums = np.empty((len(buffers), 2))

        def sum_slice(first: int) -> None:
            last = min(first + _SLICE, len(buffers))
            tables = self.segments, self.words
            sum_logs(*tables, buffers.offsets, buffers.data, first, last, sums)

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(sum_slice, range(0, len(buffers), _SLICE)))
        scores = pl.Series("snownlp_score", _shares(sums, self.positive))
        return scores.set(texts.str.len_bytes().fill_null(0) == 0, None)


def _build(files: ModelFiles) -> Arrays:
    segments = build_segment_tables(read_unzipped(files.segmentation), str(files.segmentation))
    stop_words = read_stop_words(files.stop_words)
    words, positive = build_word_tables(read_model(files.sentiment), stop_words)
    arrays = {f"segment_{name}": array for name, array in segments._asdict().items()}
    arrays |= {f"word_{name}": array for name, array in words._asdict().items()}
    # The same memory read as floats; made again when the file is mapped.
    for twin in ("segment_triple_logs", "word_logs"):
        del arrays[twin]
    return arrays | {"positive": np.array([positive])}


def _assemble(arrays: Arrays) -> ExactModel:
    views = {
        "segment_triple_logs": arrays["segment_triple_words"],
        "word_logs": arrays["word_cells"],
    }
    whole = arrays | {name: array.view(np.float64) for name, array in views.items()}
    return ExactModel(
        SegmentTables(*_named(whole, "segment", SegmentTables._fields)),
        WordTables(*_named(whole, "word", WordTables._fields)),
        int(whole["positive"][0]),
    )


def _named(arrays: Arrays, table: str, fields: tuple[str, ...]) -> list[Any]:
    return [arrays[f"{table}_{name}"] for name in fields]


def _shares(sums: npt.NDArray[np.float64], positive: int) -> npt.NDArray[np.float64]:
    """Return the scores by the compiled `exp` where it is Python's own, else by Python's."""
    shares = np.empty(len(sums))
    if _exp_is_pythons():
        positive_share(sums, positive, shares)
    else:
        shares[:] = [_positive_share(row, positive) for row in sums.tolist()]
    return shares


def _positive_share(sums: list[float], positive: int) -> float:
    own, other = sums[positive], sums[1 - positive]
    share = 1.0 / (1.0 + _exp(other - own))
    against = 1.0 / (_exp(own - other) + 1.0)
    wins = share > against or (share == against and positive == 0)
    return share if wins else 1.0 - against


def _exp(power: float) -> float:
    try:
        return math.exp(power)
    except OverflowError:
        return math.inf


@cache
def _exp_is_pythons() -> bool:
    """Tell whether compiled code and Python agree on exp to the last bit, by 4,000 probes.

    Everything else is addition, which no platform rounds differently.
    """
    gaps = np.random.default_rng(0).normal(0.0, 30.0, 4_000)
    gaps[:4] = 0.0, 1e-16, 800.0, -800.0
    sums = np.column_stack([np.zeros_like(gaps), gaps])
    compiled = np.empty(len(gaps))
    positive_share(sums, 1, compiled)
    return compiled.tolist() == [_positive_share(row, 1) for row in sums.tolist()]


@cache
def _installed() -> ExactModel:
    return ExactModel.load()


def score_texts(texts: pl.Series, threads: int = 1) -> pl.Series:
    """Return `SnowNLP(text).sentiments` for each text: 1 is positive, 0 negative.

    Parameters
    ----------
    texts
        Strings; a null or empty text, for which SnowNLP has no score, gives null.
    threads
        Threads to share the texts among; the kernel holds no lock.

    Examples
    --------
    >>> score_texts(pl.Series(["质量不好", "", None])).round(6).to_list()
    [0.225132, None, None]
    """
    return _installed().score_texts(texts, threads)
