"""Families of near-duplicates over any number of partitions: the reduce of deduplication.

Partitions are added one by one, in memory or spilled (`fingerprints.spill`). Of spilled ones
about 30 bytes a distinct text are held at once, whatever their length: the component and the first
equal of each, one band's keys, and the texts and bitmaps of a few hundred thousand likely pairs.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np
import polars as pl

from analysis.corpus.fingerprints import (
    Array,
    Fingerprints,
    SpilledFingerprints,
    banding,
    fingerprint_posts,
)
from analysis.corpus.readers.convert import name_unnamed
from analysis.engine.flat_columns import copy_ranges
from analysis.engine.near_duplicates import (
    entries_that_may_share,
    flatten,
    link_buckets,
    mark_partners,
    mixed_buckets,
    note_members,
    unite_pairs,
)
from analysis.errors import CaodianError
from analysis.frames import Frame, as_texts, put_columns, take_columns
from analysis.progress import prefetch
from analysis.schema import parse_columns

# The distinct texts of all partitions under one numbering, wherever they lie.

# Entries of which bitmaps and offsets may stay in memory: 40 bytes each.
_SMALL = 1 << 20

Part = Fingerprints | SpilledFingerprints


class _Entries:
    """Entries of partitions, numbered through; nothing is held but what is asked for."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.starts = [0]
        self._kept: dict[tuple[int, str], Array] = {}

    def __len__(self) -> int:
        return self.starts[-1]

    def add(self, part: Part) -> None:
        """Add a partition behind the others."""
        self.parts.append(part)
        self.starts.append(self.starts[-1] + len(part))

    def sizes(self) -> Array:
        """Return the number of 3-grams of every entry."""
        return self._joined(np.uint32, lambda part: part.column("sizes"))

    def folded_bitmaps(self) -> Array:
        """Return every bitmap folded to one word, in which again each 3-gram flips a bit."""
        return self._joined(
            np.uint64, lambda part: np.bitwise_xor.reduce(part.column("bitmaps"), axis=1)
        )

    def short_hashes(self) -> Array:
        """Return 32 bits of the hash of every text."""
        return self._joined(np.uint32, lambda part: part.column("hashes")[:, 0] >> np.uint64(32))

    def read_band(self, number: int, keys: Array) -> None:
        """Read the keys of one band of every entry into `keys`."""
        self._fill(keys, lambda part: part.band(number))

    def rows_of(self, name: str, members: Array) -> Array:
        """Return the rows of `hashes` or `bitmaps` of some entries, in the order given."""
        taken: Array | None = None
        for number, places, local in self._by_part(members):
            values = self._column(number, name)
            if taken is None:
                taken = np.empty((len(members), values.shape[1]), values.dtype)
            taken[places] = values[local]
        return np.zeros((0, 1), np.uint64) if taken is None else taken

    def texts(self, members: Array) -> tuple[Array, Array, Array]:
        """Return bytes that hold some entries' texts, and where each starts and ends in them."""
        starts, ends = np.zeros(len(members), np.int64), np.zeros(len(members), np.int64)
        pieces: list[Array] = []
        filled = 0
        for number, places, local in self._by_part(members):
            part, offsets = self.parts[number], self._column(number, "offsets")
            left, right = offsets[local], offsets[local + 1]
            ends[places] = filled + np.cumsum(right - left)
            starts[places] = ends[places] - (right - left)
            piece = np.empty(int((right - left).sum()), np.uint8)
            copy_ranges(*part.texts_at(left, right), starts[places] - filled, piece)
            pieces.append(piece)
            filled += len(piece)
        return np.concatenate([np.zeros(0, np.uint8), *pieces]), starts, ends

    def forget(self) -> None:
        """Let go of the columns that were kept for the next question."""
        self._kept.clear()

    def _column(self, number: int, name: str) -> Array:
        """Read a column of a partition; of a small corpus it is kept for the next question."""
        if (number, name) in self._kept:
            return self._kept[number, name]
        values = self.parts[number].column(name)
        if len(self) <= _SMALL and name != "hashes":
            self._kept[number, name] = values
        return values

    def _by_part(self, members: Array) -> Iterator[tuple[int, Array, Array]]:
        """Yield each partition that holds members: its number, their places in both."""
        order = np.argsort(members)
        cuts = np.searchsorted(members[order], self.starts)
        for number in range(len(self.parts)):
            places = order[cuts[number] : cuts[number + 1]]
            if len(places):
                yield number, places, members[places] - self.starts[number]

    def _joined(self, dtype: type[np.generic], read: Callable[[Part], Array]) -> Array:
        values = np.empty(len(self), dtype)
        self._fill(values, read)
        return values

    def _fill(self, values: Array, read: Callable[[Part], Array]) -> None:
        """Read a column of all partitions, no more than one at a time beside the result."""
        for part, start in zip(self.parts, self.starts, strict=False):
            values[start : start + len(part)] = read(part)


# Components of near-duplicates: verified pairs of each band, one band in memory at a time.

_THREADS = 2
# Members whose bitmaps and texts a thread holds at once.
_CHUNK = 1 << 18
_LOW = np.uint64(0xFFFFFFFF)


def _first_equals(entries: _Entries) -> Array:
    """For each entry the first one with the same text, told by its 128-bit hash.

    Only entries that share 32 bits of the hash with another are compared whole.
    """
    originals = np.arange(len(entries), dtype=np.int32)
    is_active = np.ones(len(entries), bool)
    shared = entries_that_may_share(entries.short_hashes(), is_active, 0, 1)
    members = np.sort((shared & _LOW).astype(np.int32))
    hashes = entries.rows_of("hashes", members)
    order = np.lexsort((hashes[:, -1], hashes[:, 0]))
    ordered = hashes[order]
    is_new = np.ones(len(order), bool)
    is_new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    members = members[order]
    originals[members] = members[is_new][np.cumsum(is_new) - 1]
    return originals


def _link_bands(entries: _Entries, originals: Array, n_bands: int, similarity: float) -> Array:
    """Return the component of every entry: single linkage over equal and alike texts."""
    sizes, bitmaps, roots = entries.sizes(), entries.folded_bitmaps(), originals.copy()
    is_active = (originals == np.arange(len(originals), dtype=np.int32)) & (sizes > 0)
    keys = np.empty(len(entries), np.uint32)
    with ThreadPoolExecutor(_THREADS) as pool:
        for band in range(n_bands):
            search = _BandSearch(entries, sizes, bitmaps, roots, similarity)
            entries.read_band(band, keys)
            shares = [pool.submit(search.links, keys, is_active, n) for n in range(_THREADS)]
            for share in shares:
                unite_pairs(roots, share.result())
            flatten(roots)
    entries.forget()
    return np.asarray(roots[originals])


class _BandSearch:
    """The search of one band; `roots` stays as it is until all threads are done."""

    def __init__(
        self, entries: _Entries, sizes: Array, bitmaps: Array, roots: Array, similarity: float
    ) -> None:
        self._entries = entries
        self._sizes = sizes
        self._bitmaps = bitmaps
        self._roots = roots
        self._similarity = similarity

    def links(self, keys: Array, is_active: Array, share: int) -> Array:
        """Return verified pairs that connect what `roots` does not, of one share of the keys."""
        ordered = entries_that_may_share(keys, is_active, share, _THREADS)
        ordered.sort()
        members, bounds = mixed_buckets(ordered, self._roots)
        found = [np.zeros((0, 2), np.int32)]
        found += [self._links_of(*chunk) for chunk in _chunks(members, bounds)]
        return np.concatenate(found)

    def _links_of(self, members: Array, bounds: Array) -> Array:
        """Verify the pairs of a few buckets, reading only the texts of likely ones.

        Bitmaps of one word are in memory and rule out most pairs, whole ones most of the rest.
        """
        members, bounds, _ = self._likely(members, bounds, self._bitmaps[members, None])
        whole = self._entries.rows_of("bitmaps", members)
        members, bounds, whole = self._likely(members, bounds, whole)
        side = (self._sizes[members], whole, *self._entries.texts(members), self._similarity)
        return np.asarray(link_buckets(bounds, members, self._roots[members], side))

    def _likely(self, members: Array, bounds: Array, bitmaps: Array) -> tuple[Array, Array, Array]:
        """Keep the members that sizes and bitmaps leave a partner."""
        marks = mark_partners(
            bounds, self._roots[members], self._sizes[members], bitmaps, self._similarity
        )
        kept = np.concatenate([[0], np.cumsum(marks)])
        return members[marks], kept[bounds], bitmaps[marks]


def _chunks(members: Array, bounds: Array) -> Iterator[tuple[Array, Array]]:
    """Cut between buckets, into pieces of about `_CHUNK` members."""
    bucket = 0
    while bucket < len(bounds) - 1:
        start = bounds[bucket]
        after = int(np.searchsorted(bounds, start + _CHUNK, side="right")) - 1
        after = max(after, bucket + 1)
        yield members[start : bounds[after]], bounds[bucket : after + 1] - start
        bucket = after


# The representative of every family: its earliest post, then the one with the smallest key.

_NEVER = np.iinfo(np.int64).max
_ORDER = ("published_at", "key", "partition", "row")


def _family_heads(partitions: Callable[[], Iterator[pl.DataFrame]], roots: Array) -> pl.DataFrame:
    """Return the first row of each family of two or more; a post without a time comes last."""
    counts, earliest = _first_times(partitions(), roots)

    def candidates(numbered: tuple[int, pl.DataFrame]) -> pl.DataFrame:
        number, rows = numbered
        placed = _with_places(rows, number, roots)
        is_early = _values_at(earliest, placed["root"]) == _times(rows)
        is_shared = _values_at(counts, placed["root"]) > 1
        return _with_own_keys(placed.filter(is_shared & is_early))

    heads, waiting, n_waiting = pl.DataFrame(), [], 0
    for found in prefetch(candidates, enumerate(partitions())):
        waiting.append(found)
        n_waiting += found.height
        # Merged when they would double what is kept: few merges, and never much more than needed.
        if n_waiting > heads.height:
            heads, waiting, n_waiting = _firsts(pl.concat([heads, *waiting])), [], 0
    return _firsts(pl.concat([heads, *waiting]))


def _first_times(partitions: Iterator[pl.DataFrame], roots: Array) -> tuple[Array, Array]:
    """Return the number of rows of each component, up to two, and the earliest of their times."""
    counts = np.zeros(len(roots), np.uint8)
    earliest = np.full(len(roots), _NEVER, np.int64)
    for rows in partitions:
        has_text = rows["entry"].is_not_null()
        members = roots[rows["entry"].filter(has_text).to_numpy()]
        note_members(members, _times(rows).filter(has_text).to_numpy(), counts, earliest)
    return counts, earliest


def _times(rows: pl.DataFrame) -> pl.Series:
    """Return the times as numbers in their order; a post without a time comes last."""
    return rows["published_at"].to_physical().cast(pl.Int64).fill_null(_NEVER)


def _values_at(values: Array, places: pl.Series) -> pl.Series:
    """Return the values at the places given, null where the place is null."""
    if places.null_count() == len(places):
        return pl.Series([None] * len(places), dtype=pl.Int32)
    found = pl.Series(values[places.fill_null(0).to_numpy()])
    if not places.has_nulls():
        return found
    return pl.select(pl.when(places.is_not_null()).then(found)).to_series()


def _with_places(rows: pl.DataFrame, number: int, roots: Array) -> pl.DataFrame:
    return rows.with_row_index("row").with_columns(
        _values_at(roots, rows["entry"]).cast(pl.Int32).alias("root"),
        partition=pl.lit(number, pl.UInt32),
    )


def _with_own_keys(rows: pl.DataFrame) -> pl.DataFrame:
    """Copy the keys: those of a filtered frame would keep all keys of its partition in memory."""
    keys = rows["key"].cast(pl.String).to_arrow(compat_level=pl.CompatLevel.oldest())
    return rows.with_columns(pl.Series("key", keys))


def _firsts(rows: pl.DataFrame) -> pl.DataFrame:
    if not rows.width:
        return rows
    ordered = rows.sort(_ORDER, nulls_last=True)
    return ordered.unique("root", keep="first", maintain_order=True)


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
        self._entries = _Entries()

    def add(self, part: Part) -> None:
        """Add a partition; the families do not depend on the order of partitions."""
        self._entries.add(part)

    def families(self) -> Iterator[pl.DataFrame]:
        """Yield `family_id, is_representative, duplicate_kind`, partition by partition.

        The representative of a family is its earliest post, then the one with the smallest key; a
        post without a time comes last. `duplicate_kind` of a post is `none` for the representative,
        `exact` where the text equals the representative's, else `near`.
        """
        originals = _first_equals(self._entries)
        n_bands = banding(self._similarity)[1]
        roots = _link_bands(self._entries, originals, n_bands, self._similarity)
        if not self._entries.parts:
            return
        _give_memory_back()
        heads = _family_heads(self._rows, roots)
        _give_memory_back()
        places = np.full(len(roots), -1, np.int32)
        places[heads["root"].to_numpy()] = np.arange(heads.height, dtype=np.int32)
        places = places[roots]
        del roots
        yield from prefetch(
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
    place = _values_at(places, rows["entry"])
    place = pl.select(pl.when(place >= 0).then(place)).to_series()
    head = heads.select("key", "entry", "partition", "row")
    head = pl.DataFrame([column.gather(place) for column in head.get_columns()])
    is_head = (head["partition"] == number) & (head["row"] == pl.int_range(rows.height, eager=True))
    is_same = _values_at(originals, rows["entry"]) == _values_at(originals, head["entry"])
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


# Find families of near-duplicate posts.
#
# Two texts are near-duplicates when the sets of their character 3-grams have a Jaccard
# similarity of at least 0.8; texts under three characters compare whole. Families are the
# components of these pairs (single linkage). A post without text is a family of its own.
# Candidates come from MinHash bands and every link is verified exactly, so precision is 1; a
# pair just at the threshold is missed with a probability of 0.0002 unless another path connects
# it.
#
# For corpora in partitions: `fingerprints.fingerprint_posts` on each,
# `fingerprints.spill`, then `FamilyIndex` over all.

_USED = ("source", "post_id", "published_at", "repeat_of", "is_in_window")


def find_families(posts: Frame, similarity: float = 0.8, *, text: str = "text") -> Frame:
    """Tell each post its family of near-duplicates; no row is dropped.

    Families are formed among the posts that count: not those marked as a repeat (`repeat_of`),
    nor those outside the window (`is_in_window` false). A repeat is in the family of the post
    that it repeats; a post outside the window is in none.

    Parameters
    ----------
    posts
        pandas or Polars frame, the text cleaned and masked. Used where they are there:
        `source, post_id` (the key of a post; a hash of the text without them), `published_at`
        (the earliest post represents its family), `repeat_of`, `is_in_window`.
    similarity
        Least Jaccard similarity of two texts' sets of character 3-grams, above 0 up to 1.
    text
        Column of the text.

    Returns
    -------
    The same kind of frame
        With `family_id` (the key of the representative: the earliest, then the smallest key),
        `is_representative`, `duplicate_kind` (none, exact, near).

    Raises
    ------
    CaodianError
        When the text column is missing, or the similarity is no share above 0.

    Examples
    --------
    >>> import pandas as pd
    >>> posts = pd.DataFrame({"post_id": ["2", "1", "3"], "text": [
    ...     "这家店卖假货还不退款真的气死我了", "这家店卖假货还不退款真的气死我了!", "好"]})
    >>> find_families(posts)[["post_id", "family_id", "duplicate_kind"]]
      post_id family_id duplicate_kind
    0       2         1           near
    1       1         1           none
    2       3         3           none
    """
    if not 0 < similarity <= 1:
        raise CaodianError("similarity must lie above 0 and be at most 1", value=similarity)
    rows = _keyed(take_columns(posts, [text], _USED), text)
    counted = rows["counts"]
    families = group_near_duplicates(rows.filter(counted), similarity)
    if not counted.all():
        families = _spread_to_repeats(rows, families)
    return put_columns(posts, families)


def _keyed(taken: pl.DataFrame, text: str) -> pl.DataFrame:
    """Return `key, published_at, text, counts` of each post, missing columns filled in."""
    taken = taken.with_columns(as_texts(taken[text]).alias("text"))
    missing = [pl.lit(None, dtype=pl.String).alias(n) for n in _USED if n not in taken.columns]
    parsed = parse_columns(taken.with_columns(missing), ["published_at", "is_in_window"])
    is_inside = pl.col("is_in_window").cast(pl.Boolean).fill_null(True)
    return parsed.select(
        post_keys(taken).alias("key"),
        "published_at",
        "text",
        (is_inside & pl.col("repeat_of").is_null()).alias("counts"),
        is_inside.alias("is_inside"),
    )


def _spread_to_repeats(rows: pl.DataFrame, families: pl.DataFrame) -> pl.DataFrame:
    """Return a row for every post: a repeat's is its original's, a post outside has none."""
    known = rows.filter("counts").select("key").hstack(families)
    own = known.with_columns(place=rows["counts"].arg_true())
    others = rows.with_row_index("place").filter(~pl.col("counts"))
    lent = others.join(known.unique("key"), on="key", how="left").select(
        pl.when("is_inside").then("family_id").alias("family_id"),
        pl.when(pl.col("is_inside") & pl.col("family_id").is_not_null())
        .then(False)
        .alias("is_representative"),
        pl.when(pl.col("is_inside") & pl.col("family_id").is_not_null())
        .then(pl.lit("exact"))
        .alias("duplicate_kind"),
        "place",
    )
    both = pl.concat([own.drop("key").select(lent.columns), lent], how="vertical_relaxed")
    return both.sort("place").drop("place")


def group_near_duplicates(posts: pl.DataFrame, similarity: float = 0.8) -> pl.DataFrame:
    """Tell each post its family, by keys that are given.

    Parameters
    ----------
    posts
        `key, published_at, text`, the text masked and cleaned.
    similarity
        Least Jaccard similarity of character 3-gram sets.

    Returns
    -------
    pl.DataFrame
        `family_id, is_representative, duplicate_kind`; rows as in `posts`.

    Examples
    --------
    >>> posts = pl.DataFrame({
    ...     "key": ["w:2", "w:1", "w:3"], "published_at": [1, 1, 2],
    ...     "text": ["这家店卖假货还不退款真的气死我了", "这家店卖假货还不退款真的气死我了", "好"],
    ... })
    >>> group_near_duplicates(posts).rows()
    [('w:1', False, 'exact'), ('w:1', True, 'none'), ('w:3', True, 'none')]
    """
    index = FamilyIndex(similarity)
    index.add(fingerprint_posts(posts, similarity))
    return next(index.families())


def post_keys(frame: pl.DataFrame) -> pl.Series:
    """Return the key of each post as a string.

    `source:post_id`; without a source `post_id`; without either a hash of the text and its
    occurrence number among identical texts.

    Examples
    --------
    >>> post_keys(pl.DataFrame({"source": ["weibo"], "post_id": ["17"]})).to_list()
    ['weibo:17']
    """
    if "post_id" not in frame.columns:
        return name_unnamed(frame.select("text"))
    identity = as_texts(frame["post_id"])
    source = pl.col("source").cast(pl.String) + ":" if "source" in frame.columns else pl.lit("")
    named = frame.select(key=source.fill_null("") + identity)["key"]
    return named.fill_null(name_unnamed(frame.select("text"))) if named.has_nulls() else named
