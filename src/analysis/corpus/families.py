"""Families of near-duplicates over any number of partitions: the reduce of deduplication.

Partitions are added one by one, in memory or spilled (`fingerprint_files.spill`). Of spilled ones
about 30 bytes a distinct text are held at once, whatever their length: the component and the first
equal of each, one band's keys, and the texts and bitmaps of a few hundred thousand likely pairs.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import suppress

import numpy as np
import polars as pl

from analysis.corpus.ahead import in_order
from analysis.corpus.family_entries import Entries, Part
from analysis.corpus.family_heads import family_heads, values_at
from analysis.corpus.family_links import first_equals, link_bands
from analysis.corpus.fingerprints import Array, banding


class FamilyIndex:
    """Collects the fingerprints of partitions and tells the family of every post.

    Parameters
    ----------
    similarity
        Least Jaccard similarity of near-duplicates; the fingerprints must be made for the same.

    Examples
    --------
    >>> from analysis.corpus.fingerprints import fingerprint_posts
    >>> posts = pl.DataFrame({"key": ["b", "a"], "published_at": [2, 1], "text": ["坑人", "坑人"]})
    >>> index = FamilyIndex()
    >>> index.add(fingerprint_posts(posts))
    >>> next(index.families()).rows()
    [('a', False, 'exact'), ('a', True, 'none')]
    """

    def __init__(self, similarity: float = 0.8) -> None:
        self._similarity = similarity
        self._entries = Entries()

    def add(self, part: Part) -> None:
        """Add a partition; the families do not depend on the order of partitions."""
        self._entries.add(part)

    def families(self) -> Iterator[pl.DataFrame]:
        """Yield `family_id, is_representative, duplicate_kind`, partition by partition.

        The representative of a family is its earliest post, then the one with the smallest key; a
        post without a time comes last. `duplicate_kind` of a post is `none` for the representative,
        `exact` where the text equals the representative's, else `near`.
        """
        originals = first_equals(self._entries)
        n_bands = banding(self._similarity)[1]
        roots = link_bands(self._entries, originals, n_bands, self._similarity)
        if not self._entries.parts:
            return
        _give_memory_back()
        heads = family_heads(self._rows, roots)
        _give_memory_back()
        places = np.full(len(roots), -1, np.int32)
        places[heads["root"].to_numpy()] = np.arange(heads.height, dtype=np.int32)
        places = places[roots]
        del roots
        yield from in_order(
            lambda part: _describe(part[1], part[0], heads, places, originals),
            enumerate(self._rows()),
        )

    def _rows(self) -> Iterator[pl.DataFrame]:
        """Yield the rows of each partition, with their entries in the common numbering."""
        for part, start in zip(self._entries.parts, self._entries.starts, strict=False):
            yield part.rows.with_columns(pl.col("entry") + pl.lit(start, pl.UInt32))


def _give_memory_back() -> None:
    """Return freed memory to the system: glibc would keep it for each thread."""
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def _describe(
    rows: pl.DataFrame, number: int, heads: pl.DataFrame, places: Array, originals: Array
) -> pl.DataFrame:
    """Tell each row its family; `places` is where in `heads` an entry's representative stands."""
    place = values_at(places, rows["entry"])
    place = pl.select(pl.when(place >= 0).then(place)).to_series()
    head = heads.select("key", "entry", "partition", "row")
    head = pl.DataFrame([column.gather(place) for column in head.get_columns()])
    is_head = (head["partition"] == number) & (head["row"] == pl.int_range(rows.height, eager=True))
    is_same = values_at(originals, rows["entry"]) == values_at(originals, head["entry"])
    described = pl.DataFrame(
        {"own": rows["key"], "head": head["key"], "is_head": is_head, "is_same": is_same}
    ).with_columns(pl.col("is_head").fill_null(True))
    return described.select(
        family_id=pl.coalesce("head", "own"),
        is_representative="is_head",
        duplicate_kind=pl.when("is_head")
        .then(pl.lit("none"))
        .when("is_same")
        .then(pl.lit("exact"))
        .otherwise(pl.lit("near")),
    )
