"""SnowNLP's naive Bayes and stop words as arrays, computed with SnowNLP's own float operations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.errors import CaodianError
from analysis.kernels.word_lookup import WordTables, fill_words

_CLASSES = {"neg", "pos"}


def build_word_tables(model: dict[str, Any], stop_words: set[str]) -> tuple[WordTables, int]:
    """Return the tables of the classifier and which of its two classes is the positive one.

    Parameters
    ----------
    model
        Content of `sentiment.marshal.3`.
    stop_words
        Words that SnowNLP takes out before it counts.

    Raises
    ------
    CaodianError
        If the model has other classes than `neg` and `pos`.
    """
    classes = model["d"]
    if set(classes) != _CLASSES:
        raise CaodianError("a SnowNLP sentiment model knows `neg` and `pos`", value=list(classes))
    words = sorted(set().union(stop_words, *(counts["d"] for counts in classes.values())) - {""})
    logs = np.array([[_log_share(c, word) for c in classes.values()] for word in words])
    logs[[index for index, word in enumerate(words) if word in stop_words]] = 0.0
    spelling_from, spelling = _spell(words)
    cells = np.zeros((4 << (2 * len(words) - 1).bit_length()) + 8, np.uint64)
    fill_words(spelling_from, spelling, logs, cells, cells.view(np.float64))
    cells.view(np.float64)[-7:-5] = [_log_share(counts, "") for counts in classes.values()]
    tables = WordTables(
        cells=cells,
        logs=cells.view(np.float64),
        spelling_from=spelling_from,
        spelling=spelling,
        prior_log=np.array([_log_prior(c, model["total"]) for c in classes.values()]),
        is_space=np.array([chr(code).isspace() for code in range(0x3001)]),
    )
    return tables, list(classes).index("pos")


def _log_share(counts: dict[str, Any], word: str) -> float:
    """Return SnowNLP's `log(freq(word))`; the empty word was never counted."""
    return math.log(float(counts["d"].get(word, counts["none"])) / counts["total"])


def _log_prior(counts: dict[str, Any], total: float) -> float:
    return math.log(counts["total"]) - math.log(total)


def _spell(words: list[str]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    lengths = [len(word) for word in words]
    points = np.frombuffer(("".join(words) + "\0\0").encode("utf-32-le", "surrogatepass"), np.int32)
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32), points
