"""From exports to coded posts: read and mask, find families, score and code."""

from __future__ import annotations

from concurrent.futures import Executor
from datetime import date
from functools import partial
from pathlib import Path

import pandas as pd
import polars as pl

from analysis.coding.stars import rating_scales
from analysis.corpus.ingest import ColumnChoice, ingest
from analysis.corpus.readers.containers.export import files_below
from analysis.pipeline.executor import map_bounded, reading_executor
from analysis.pipeline.family_step import find_corpus_families
from analysis.pipeline.partitions import (
    largest_first,
    partition_files,
    renew_folder,
    scan_partitions,
)
from analysis.pipeline.request import seen_from_above
from analysis.pipeline.stages import code_partition, prepare_table, warm_coder, warm_up
from analysis.pipeline.stamps import hash_files
from analysis.progress import track
from analysis.storage import RunPaths, write_table
from analysis.storage.suffix import as_url, require_export
from analysis.study import Study
from analysis.study.names import absolute, printable


def read_and_mask(
    exports: list[Path],
    paths: RunPaths,
    *,
    study: Study | None,
    secret: bytes,
    choice: ColumnChoice,
    limit: int | None,
    executor: Executor,
) -> pd.DataFrame:
    """Read the exports, clean and mask them into `paths.posts`; return the reconciliation."""
    executor.submit(warm_up)
    ingestion = ingest(exports, study=study, secret=secret, choice=choice, limit=limit)
    posts = renew_folder(paths.posts).absolute()
    with reading_executor(executor, exports) as readers:
        tables = ingestion.tables(partial(map_bounded, readers))
        # The largest first: where the last ones are short, no worker waits long for another.
        tables.sort(key=lambda table: table.reading.seen, reverse=True)
        read = map_bounded(readers, prepare_table, ((table, posts) for table in tables))
        told = zip(tables, read, strict=True)
        for table, reading in track(told, total=len(tables), description="read"):
            ingestion.take_back(table.place, reading)
    write_table(ingestion.rejects, paths.processed / "rejects.csv")
    write_table(ingestion.reconciliation, paths.processed / "reconciliation.csv")
    return ingestion.reconciliation


def hash_exports(exports: list[Path]) -> dict[str, str]:
    """Return the sha256 of each file of the exports, by its name as seen from the folder above all.

    Databases are left out: nothing but reading them tells what is in them.
    """
    for path in exports:
        require_export(path)
    files = [
        file
        for path in exports
        if as_url(str(path)) is None
        for file in (files_below(path) if path.is_dir() else [path])
    ]
    names = seen_from_above([str(absolute(file)) for file in files])
    hashed = hash_files(files)
    return {
        printable(name): hashed[file.as_posix()] for name, file in zip(names, files, strict=True)
    }


def find_families(paths: RunPaths, study: Study, coder: str, executor: Executor) -> None:
    """Write `paths.items`; threads that have nothing to do load the coder, which comes next."""
    executor.submit(warm_coder, coder)
    find_corpus_families(paths, study, executor)


def code_corpus(paths: RunPaths, coder: str, executor: Executor) -> None:
    """Write `paths.coded`: the items with sentiment, voice, grievances and platforms."""
    coded = renew_folder(paths.coded).absolute()
    posts = paths.posts.absolute()
    items = largest_first(partition_files(paths.items.absolute()))
    scales = rating_scales(scan_partitions(posts))
    calls = ((posts / path.name, path, coded / path.name, coder, scales) for path in items)
    for _ in track(map_bounded(executor, code_partition, calls), description="score and code"):
        pass


def own_range(paths: RunPaths) -> tuple[date, date] | None:
    """Return the first and last day that the posts carry, or None when none carries a day."""
    days = scan_partitions(paths.posts).select(
        pl.col("published_at").dt.date().min().alias("start"),
        pl.col("published_at").dt.date().max().alias("end"),
    )
    start, end = days.collect().row(0)
    return None if start is None else (start, end)
