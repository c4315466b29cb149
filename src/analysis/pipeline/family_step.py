"""Find families over a corpus in partitions: sketch each, reduce, write the families of each.

Sketching runs on the executor, whose workers share nothing but the storage; the reduce reads what
they spilled, a band at a time. Posts are not written again: of each partition the items' places
and families are kept, and `read_items` brings them together.
"""

from __future__ import annotations

from concurrent.futures import Executor
from pathlib import Path

import polars as pl

from analysis.corpus.ahead import in_order
from analysis.corpus.deduplicate import post_keys
from analysis.corpus.families import FamilyIndex
from analysis.corpus.fingerprint_files import SpilledFingerprints, spill
from analysis.corpus.fingerprints import fingerprint_posts
from analysis.pipeline.executor import map_bounded
from analysis.pipeline.partitions import (
    largest_first,
    partition_files,
    read_partition,
    remove_folder,
    renew_folder,
    write_partition,
)
from analysis.progress import track
from analysis.storage import RunPaths
from analysis.study import Study

# What the key, the choice of items and the fingerprint are made of.
_COLUMNS = ["source", "post_id", "published_at", "repeat_of", "text"]


def find_corpus_families(paths: RunPaths, study: Study, executor: Executor) -> None:
    """Write `paths.items`: which posts of each partition count, and the family of each.

    Parameters
    ----------
    paths
        Where the posts are and the items go; what is spilled stands between them for a while.
    study
        Gives the window and the similarity.
    executor
        Where partitions are sketched and written.
    """
    items = renew_folder(paths.items).absolute()
    spills = renew_folder(paths.partitions / ".fingerprints").absolute()
    try:
        if _sketch_all(paths, spills, study, executor):
            _write_all(paths, spills, study, items)
    finally:
        remove_folder(spills)


def _sketch_all(paths: RunPaths, spills: Path, study: Study, executor: Executor) -> int:
    """Spill the fingerprints of every partition; return the number of posts that count."""
    files = largest_first(partition_files(paths.posts.absolute()))
    calls = ((path, study, spills / path.stem) for path in files)
    return sum(track(map_bounded(executor, sketch_partition, calls), description="sketch"))


def _write_all(paths: RunPaths, spills: Path, study: Study, items: Path) -> None:
    """Write of every partition the places of its items and the families that the reduce tells."""
    files = partition_files(paths.posts.absolute())
    index = FamilyIndex(study.thresholds.similarity)
    for path in files:
        index.add(SpilledFingerprints(spills / path.stem))
    told = zip(files, index.families(), strict=True)
    written = in_order(lambda one: _write_items(spills, items, *one), told)
    for _ in track(written, total=len(files), description="find families"):
        pass


def _write_items(spills: Path, items: Path, posts: Path, families: pl.DataFrame) -> None:
    places = read_partition(spills / posts.name)
    write_partition(places.hstack(families), items / posts.name)


def sketch_partition(posts: Path, study: Study, out: Path) -> int:
    """Spill the places and fingerprints of a partition's items; return how many items it has."""
    chosen = items_of(read_partition(posts, _COLUMNS), study)
    spill(fingerprint_posts(chosen, study.thresholds.similarity, threads=1), out)
    write_partition(chosen.select("row"), out.with_name(posts.name))
    return chosen.height


def items_of(posts: pl.DataFrame, study: Study) -> pl.DataFrame:
    """Return the posts that lie in the window, repeats once, each with its place and its key.

    Where the posts have no days, all of them count.
    """
    window, day = study.window, pl.col("published_at").dt.date()
    inside = pl.lit(True)
    if window is not None:
        inside = day.is_between(window.start, window.end).fill_null(False)
    chosen = posts.with_row_index("row").filter(inside & pl.col("repeat_of").is_null())
    return chosen.with_columns(post_keys(chosen).alias("key"))


def read_items(posts: Path, items: Path) -> pl.DataFrame:
    """Return a partition's posts that count, each with its family.

    Parameters
    ----------
    posts, items
        The partition's file of posts, and that of `paths.items`.
    """
    families = read_partition(items)
    whole = read_partition(posts)
    row = families["row"]
    chosen = whole if len(row) == whole.height else whole.select(pl.all().gather(row))
    inside = pl.lit(True).alias("is_in_window")
    return chosen.with_columns(inside).hstack(families.drop("row"))
