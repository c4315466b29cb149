"""Families of near-duplicates over any number of partitions: the reduce of deduplication.

Partitions are added one by one; their sketches and texts pile up in memory, or in files when a
directory is given. What stays in memory at any size is one band's keys and a few numbers a text.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from analysis.corpus.family_links import BandLinker
from analysis.corpus.fingerprints import Fingerprints, banding
from analysis.corpus.piles import Array, Pile, TextPile
from analysis.kernels.minhash import BITMAP_WORDS

_ORDER = ("published_at", "key", "partition", "row")


class FamilyIndex:
    """Collects the fingerprints of partitions and tells the family of every post.

    Parameters
    ----------
    similarity
        Least Jaccard similarity of near-duplicates; the fingerprints must be made for the same.
    directory
        Where to spill; None keeps everything in memory.

    Examples
    --------
    >>> from analysis.corpus.fingerprints import fingerprint_posts
    >>> posts = pl.DataFrame({"key": ["b", "a"], "published_at": [2, 1], "text": ["坑人", "坑人"]})
    >>> index = FamilyIndex()
    >>> index.add(fingerprint_posts(posts))
    >>> next(index.families()).rows()
    [('a', False, 'exact'), ('a', True, 'none')]
    """

    def __init__(self, similarity: float = 0.8, directory: Path | None = None) -> None:
        self._similarity = similarity
        self._directory = directory
        self._hashes = self._pile("hashes", np.uint64, 2)
        self._sizes = self._pile("sizes", np.uint32)
        self._bitmaps = self._pile("bitmaps", np.uint64, BITMAP_WORDS)
        n_bands = banding(similarity)[1]
        self._bands = [self._pile(f"band-{band:02d}", np.uint32) for band in range(n_bands)]
        self._texts = TextPile(directory)
        self._rows: list[pl.DataFrame | Path] = []

    def _pile(self, name: str, dtype: type[np.generic], width: int = 0) -> Pile:
        path = None if self._directory is None else self._directory / f"{name}.bin"
        return Pile(dtype, width, path)

    def add(self, part: Fingerprints) -> None:
        """Add a partition; the families do not depend on the order of partitions."""
        shift = pl.lit(len(self._sizes), pl.UInt32)
        self._keep_rows(part.rows.with_columns(pl.col("entry") + shift))
        self._texts.append(part.texts.data, part.texts.offsets)
        self._hashes.append(part.sketches.hashes)
        self._sizes.append(part.sketches.sizes)
        self._bitmaps.append(part.sketches.bitmaps)
        for band, pile in enumerate(self._bands):
            pile.append(np.ascontiguousarray(part.sketches.bands[:, band]))

    def _keep_rows(self, rows: pl.DataFrame) -> None:
        if self._directory is None:
            self._rows.append(rows)
            return
        path = self._directory / f"rows-{len(self._rows):06d}.arrow"
        rows.write_ipc(path, compression="lz4")
        self._rows.append(path)

    def families(self) -> Iterator[pl.DataFrame]:
        """Yield `family_id, is_representative, duplicate_kind`, partition by partition.

        The representative of a family is its earliest post, then the one with the smallest key; a
        post without a time comes last. `duplicate_kind` of a post is `none` for the representative,
        `exact` where the text equals the representative's, else `near`.
        """
        originals = self._originals()
        roots = self._components(originals)
        heads = self._representatives(roots)
        for number, rows in enumerate(self._partitions()):
            yield _describe(_with_places(rows, number, roots), originals, heads)

    def _partitions(self) -> Iterator[pl.DataFrame]:
        for rows in self._rows:
            yield rows if isinstance(rows, pl.DataFrame) else pl.read_ipc(rows)

    def _originals(self) -> Array:
        """For each entry the first one with the same text, told by its 128-bit hash."""
        hashes = self._hashes.read()
        order = np.lexsort((hashes[:, 1], hashes[:, 0]))
        ordered = hashes[order]
        is_new = np.ones(len(order), bool)
        is_new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
        originals = np.empty(len(order), np.int32)
        originals[order] = order[is_new][np.cumsum(is_new) - 1]
        return originals

    def _components(self, originals: Array) -> Array:
        """Single linkage over equal texts and the verified pairs of every band."""
        roots = originals.copy()
        sizes = self._sizes.read()
        entries = np.flatnonzero((originals == np.arange(len(originals))) & (sizes > 0))
        linker = BandLinker(sizes, self._bitmaps, self._texts, roots, self._similarity)
        for band in self._bands:
            linker.link(entries, band.read()[entries])
        return roots[originals]

    def _representatives(self, roots: Array) -> pl.DataFrame:
        """Return the first row of every family of two rows or more, by `_ORDER`."""
        counts = np.zeros(len(roots), np.uint32)
        for rows in self._partitions():
            members = roots[rows["entry"].drop_nulls().to_numpy()]
            counts += np.bincount(members, minlength=len(roots)).astype(np.uint32)
        firsts: list[pl.DataFrame] = []
        for number, rows in enumerate(self._partitions()):
            placed = _with_places(rows, number, roots)
            is_shared = _look_up(counts, placed["root"]) > 1
            firsts.append(_firsts(placed.filter(is_shared)))
        return _firsts(pl.concat(firsts))


def _look_up(values: Array, places: pl.Series) -> pl.Series:
    """Values at the places given; null where the place is null."""
    if places.null_count() == len(places):
        return pl.Series([None] * len(places), dtype=pl.Int64)
    return pl.Series(values).gather(places)


def _with_places(rows: pl.DataFrame, number: int, roots: Array) -> pl.DataFrame:
    return rows.with_row_index("row").with_columns(
        _look_up(roots, rows["entry"]).cast(pl.Int32).alias("root"),
        partition=pl.lit(number, pl.UInt32),
    )


def _firsts(rows: pl.DataFrame) -> pl.DataFrame:
    ordered = rows.sort(_ORDER, nulls_last=True)
    return ordered.unique("root", keep="first", maintain_order=True)


def _describe(rows: pl.DataFrame, originals: Array, heads: pl.DataFrame) -> pl.DataFrame:
    """Tell each row its family, by the representative of its component."""
    head = heads.select("root", head_key="key", head_entry="entry", at="partition", line="row")
    joined = rows.join(head, on="root", how="left", maintain_order="left")
    is_head = (pl.col("at") == pl.col("partition")) & (pl.col("line") == pl.col("row"))
    is_same = _look_up(originals, joined["entry"]) == _look_up(originals, joined["head_entry"])
    return joined.select(
        family_id=pl.coalesce("head_key", "key"),
        is_representative=is_head.fill_null(True),
        duplicate_kind=pl.when(is_head.fill_null(True))
        .then(pl.lit("none"))
        .when(is_same)
        .then(pl.lit("exact"))
        .otherwise(pl.lit("near")),
    )
