"""The part of near-duplicate search that looks at one partition alone."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.engine.flat_columns import TextBuffers, text_buffers
from analysis.engine.minhash import BITMAP_WORDS, HASHES, Sketches, sketch_texts

Array = npt.NDArray[Any]

_THREADS = 2
# A thread is not worth its start for fewer texts.
_FEW = 1000
# A pair exactly at the threshold shares no band with at most this probability.
_MISSED_AT_MOST = 3e-4


@dataclass(frozen=True)
class Fingerprints:
    """A partition's rows, and the sketches of its distinct texts."""

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
    """
    for rows in range(HASHES, 1, -1):
        bands = HASHES // rows
        if math.pow(1.0 - math.pow(similarity, rows), bands) <= _MISSED_AT_MOST:
            return rows, bands
    return 1, HASHES


# Fingerprints on disk: written by whoever sketched a partition, read in parts by the reduce.

_COLUMNS: dict[str, tuple[npt.DTypeLike, int]] = {
    "hashes": (np.uint64, 2),
    "bitmaps": (np.uint64, BITMAP_WORDS),
    "offsets": (np.int64, 1),
    "sizes": (np.uint32, 1),
    "bands": (np.uint32, 1),
    "text": (np.uint8, 1),
}

# Bytes that cost less to read in passing than another read costs.
_GAP = 1 << 13


class SpilledFingerprints:
    """What `Fingerprints` holds of one partition, in two files; only what is asked is read.

    Parameters
    ----------
    path
        Without its ending: `.bin` holds the sketches and texts, `.arrow` the rows. It may stand in
        any storage whose paths behave like `pathlib.Path`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(f"{path.name}.bin")
        self._rows_path = path.with_name(f"{path.name}.arrow")
        lengths = self._read_at(0, np.dtype(np.int64), len(_COLUMNS))
        ends = np.cumsum(lengths) + lengths.nbytes
        self._places = dict(zip(_COLUMNS, zip(ends - lengths, ends, strict=True), strict=True))
        self._count = int(lengths[list(_COLUMNS).index("sizes")]) // 4

    def __len__(self) -> int:
        return self._count

    @property
    def rows(self) -> pl.DataFrame:
        """`key, published_at, entry`: one row a post."""
        with self._rows_path.open("rb") as file:
            return pl.read_ipc(file)

    def column(self, name: str) -> Array:
        """Return `hashes`, `sizes`, `bitmaps`, or where the texts start and the last ends."""
        values, width = self._read(name), _COLUMNS[name][1]
        return values.reshape(-1, width) if width > 1 else values

    def band(self, number: int) -> Array:
        """Return the keys of one band."""
        return self._read("bands", number * self._count, (number + 1) * self._count)

    def texts_at(self, starts: Array, ends: Array) -> tuple[Array, Array, Array]:
        """Return bytes that hold these ascending stretches, and where they start and end there.

        In a file of this machine they stay where they are. From elsewhere, those near each other
        are read in one go, with what lies between them.
        """
        if isinstance(self._path, Path):
            return self._read("text"), starts, ends
        is_far = np.r_[True, starts[1:] - ends[:-1] > _GAP]
        firsts = np.flatnonzero(is_far)
        lasts = np.r_[firsts[1:], len(starts)] - 1
        lengths = ends[lasts] - starts[firsts]
        places = np.cumsum(lengths) - lengths
        data = np.empty(int(lengths.sum()), np.uint8)
        view, base = data.data, int(self._places["text"][0])
        with self._path.open("rb") as file:
            for start, place, length in zip(
                starts[firsts].tolist(), places.tolist(), lengths.tolist(), strict=True
            ):
                file.seek(base + start)
                file.readinto(view[place : place + length])
        shifts = (places - starts[firsts])[np.cumsum(is_far) - 1]
        return data, starts + shifts, ends + shifts

    def _read(self, name: str, first: int = 0, last: int | None = None) -> Array:
        dtype = np.dtype(_COLUMNS[name][0])
        start, end = self._places[name]
        count = (int(end - start) // dtype.itemsize if last is None else last) - first
        return self._read_at(int(start) + first * dtype.itemsize, dtype, count)

    def _read_at(self, place: int, dtype: np.dtype[Any], count: int) -> Array:
        with self._path.open("rb") as file:
            if isinstance(self._path, Path):
                # Only what is looked at is read, and leaves memory with the array.
                mapped = mmap(file.fileno(), 0, access=ACCESS_READ)
                return np.frombuffer(mapped, dtype, count, place)
            file.seek(place)
            return np.frombuffer(file.read(count * dtype.itemsize), dtype)


def spill(part: Fingerprints, path: Path) -> None:
    """Write the fingerprints of a partition; each file appears when it is whole.

    Parameters
    ----------
    path
        Without an ending; `SpilledFingerprints` reads it.
    """
    first, last = part.texts.offsets[0], part.texts.offsets[-1]
    columns = {
        **part.sketches._asdict(),
        "offsets": part.texts.offsets - first,
        "text": part.texts.data[first:last],
    }
    with _appearing(path.with_name(f"{path.name}.bin")) as file:
        file.write(np.array([columns[name].nbytes for name in _COLUMNS], np.int64).data)
        for name, (dtype, _) in _COLUMNS.items():
            file.write(np.ascontiguousarray(columns[name], dtype).data)
    with _appearing(path.with_name(f"{path.name}.arrow")) as file:
        part.rows.write_ipc(file)


@contextmanager
def _appearing(path: Path) -> Iterator[BinaryIO]:
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("wb") as file:
        yield cast(BinaryIO, file)
    partial.rename(path)
