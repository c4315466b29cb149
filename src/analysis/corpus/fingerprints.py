"""The part of near-duplicate search that looks at one partition alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.kernels.minhash import HASHES, Sketches, sketch_texts
from analysis.kernels.utf8 import TextBuffers, text_buffers

Array = npt.NDArray[Any]

_THREADS = 2
# A thread is not worth its start for fewer texts.
_FEW = 1000
# A pair exactly at the threshold shares no band with at most this probability.
_MISSED_AT_MOST = 3e-4


@dataclass(frozen=True)
class Fingerprints:
    """A partition's rows, and the sketches of its distinct texts.

    Attributes
    ----------
    rows
        `key, published_at, entry`: one row a post; `entry` is the place of its text among the
        distinct ones, null where there is no text.
    texts, sketches
        The distinct texts as UTF-8, and their sketches.
    """

    rows: pl.DataFrame
    texts: TextBuffers
    sketches: Sketches

    def __len__(self) -> int:
        return len(self.texts)

    def column(self, name: str) -> Array:
        """Return `hashes`, `sizes`, `bitmaps`, or where the texts start and the last ends."""
        if name == "offsets":
            return self.texts.offsets
        return np.asarray(getattr(self.sketches, name))

    def band(self, number: int) -> Array:
        """Return the keys of one band."""
        return np.asarray(self.sketches.bands[number])

    def texts_at(self, starts: Array, ends: Array) -> tuple[Array, Array, Array]:
        """Return bytes that hold these stretches, and where they start and end there."""
        return self.texts.data, starts, ends


def fingerprint_posts(
    posts: pl.DataFrame, similarity: float = 0.8, threads: int = _THREADS
) -> Fingerprints:
    """Sketch a partition; a pure function, for any executor.

    Parameters
    ----------
    posts
        `key, published_at, text`, the text masked and cleaned.
    similarity
        Threshold of the search that will follow; it fixes the bands.
    threads
        How many share the work; one where partitions are sketched side by side.

    Examples
    --------
    >>> posts = pl.DataFrame({"key": ["a", "b"], "published_at": [1, 2], "text": ["坑人"] * 2})
    >>> fingerprint_posts(posts).rows["entry"].to_list()
    [0, 0]
    """
    text = pl.col("text").cast(pl.String)
    rows = posts.select("key", "published_at", text=pl.when(text != "").then(text)).with_row_index()
    rows = rows.with_columns(first=pl.col("index").first().over("text"))
    is_first = (pl.col("index") == pl.col("first")) & pl.col("text").is_not_null()
    numbers = rows.select(is_first.cum_sum().cast(pl.UInt32)).to_series()
    entry = pl.lit(numbers).gather(pl.col("first")) - pl.lit(1, pl.UInt32)
    rows = rows.with_columns(entry=pl.when(pl.col("text").is_not_null()).then(entry))
    texts = text_buffers(rows.filter(is_first)["text"])
    sketches = sketch_texts(texts, *banding(similarity), 1 if len(texts) < _FEW else threads)
    return Fingerprints(rows.select("key", "published_at", "entry"), texts, sketches)


def banding(similarity: float) -> tuple[int, int]:
    """Return MinHash values a band and number of bands for a threshold.

    The longest bands (fewest needless checks) that miss a pair just at the threshold with a
    probability of at most 0.0003: a pair of similarity s shares no band with (1 - s^rows)^bands.

    Examples
    --------
    >>> banding(0.8), banding(0.5), banding(1.0)
    ((4, 16), (2, 32), (64, 1))
    """
    for rows in range(HASHES, 1, -1):
        bands = HASHES // rows
        if math.pow(1.0 - math.pow(similarity, rows), bands) <= _MISSED_AT_MOST:
            return rows, bands
    return 1, HASHES
