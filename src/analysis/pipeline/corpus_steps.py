"""From exports to coded posts: read and mask, find families, score and code."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from datetime import date
from functools import partial
from pathlib import Path

import pandas as pd
import polars as pl

from analysis.coding.coder import get_coder
from analysis.coding.scoring import STARS, rating_scales, star_column
from analysis.corpus.clean import clean
from analysis.corpus.families import FamilyIndex, post_keys
from analysis.corpus.fingerprints import SpilledFingerprints, fingerprint_posts, spill
from analysis.corpus.ingest import Ingestion, TablePosts, ingest
from analysis.corpus.mask import hide_names, hide_words, mask, mask_texts
from analysis.corpus.readers.column_names import ColumnChoice
from analysis.corpus.readers.containers.export import files_below, files_beside
from analysis.corpus.readers.table_reader import TableReader
from analysis.errors import CaodianError
from analysis.frames import as_polars
from analysis.measures.quantities import FUNNEL_REASONS
from analysis.pipeline.partitions import (
    largest_first,
    map_bounded,
    open_processes,
    partition_files,
    partition_path,
    read_partition,
    reading_executor,
    remove_folder,
    renew_folder,
    scan_partitions,
    write_partition,
)
from analysis.pipeline.request import seen_from_above
from analysis.pipeline.stamps import hash_files
from analysis.progress import prefetch, track
from analysis.sentiment.snownlp_exact import score_texts
from analysis.simulate import ExperimentSettings, simulate
from analysis.storage import RunPaths, read_table, write_table
from analysis.storage.formats import as_url, require_export
from analysis.storage.write import guard_formulas, to_the_end
from analysis.study import Study
from analysis.study.names import absolute, printable
from analysis.study.periods import find_dense_range

# Find families over a corpus in partitions: sketch each, reduce, write the families of each.
#
# Sketching runs on the executor, whose workers share nothing but the storage; the reduce reads
# what they spilled, a band at a time. Posts are not written again: of each partition the items'
# places and families are kept, and `_read_items` brings them together.

# What the key, the choice of items and the fingerprint are made of.
_COLUMNS = ["source", "post_id", "published_at", "repeat_of", "text"]


def _find_corpus_families(paths: RunPaths, study: Study, executor: Executor) -> None:
    """Write `paths.items`: which posts of each partition count, and the family of each."""
    items = renew_folder(paths.items).absolute()
    spills = renew_folder(paths.partitions / ".fingerprints").absolute()
    try:
        if _sketch_all(paths, spills, study, executor):
            _write_all(paths, spills, study, items)
    finally:
        to_the_end(lambda: remove_folder(spills))


def _sketch_all(paths: RunPaths, spills: Path, study: Study, executor: Executor) -> int:
    """Spill the fingerprints of every partition; return the number of posts that count."""
    files = largest_first(partition_files(paths.posts.absolute()))
    calls = ((path, study, spills / path.stem) for path in files)
    return sum(track(map_bounded(executor, _sketch_partition, calls), description="sketch"))


def _write_all(paths: RunPaths, spills: Path, study: Study, items: Path) -> None:
    """Write of every partition the places of its items and the families that the reduce tells."""
    files = partition_files(paths.posts.absolute())
    index = FamilyIndex(study.thresholds.similarity)
    for path in files:
        index.add(SpilledFingerprints(spills / path.stem))
    told = zip(files, index.families(), strict=True)
    written = prefetch(lambda one: _write_items(spills, items, *one), told)
    for _ in track(written, total=len(files), description="find families"):
        pass


def _write_items(spills: Path, items: Path, posts: Path, families: pl.DataFrame) -> None:
    places = read_partition(spills / posts.name)
    write_partition(places.hstack(families), items / posts.name)


def _sketch_partition(posts: Path, study: Study, out: Path) -> int:
    """Spill the places and fingerprints of a partition's items; return how many items it has."""
    chosen = _items_of(read_partition(posts, _COLUMNS), study)
    spill(fingerprint_posts(chosen, study.thresholds.similarity, threads=1), out)
    write_partition(chosen.select("row"), out.with_name(posts.name))
    return chosen.height


def _items_of(posts: pl.DataFrame, study: Study) -> pl.DataFrame:
    """Return the posts that lie in the window, repeats once, each with its place and its key.

    Where the posts have no days, all of them count.
    """
    window, day = study.window, pl.col("published_at").dt.date()
    inside = pl.lit(True)
    if window is not None:
        inside = day.is_between(window.start, window.end).fill_null(False)
    chosen = posts.with_row_index("row").filter(inside & pl.col("repeat_of").is_null())
    return chosen.with_columns(post_keys(chosen).alias("key"))


def _read_items(posts: Path, items: Path) -> pl.DataFrame:
    """Return a partition's posts that count, each with its family."""
    families = read_partition(items)
    whole = read_partition(posts)
    row = families["row"]
    chosen = whole if len(row) == whole.height else whole.select(pl.all().gather(row))
    inside = pl.lit(True).alias("is_in_window")
    return chosen.with_columns(inside).hstack(families.drop("row"))


# The stages on one partition: pure functions from a file to a file, for any executor.

# What a score and a code depend on.
_JUDGED = ("text", "channel", "kind", "author_type", STARS)


def _prepare_table(table: TablePosts, folder: Path) -> TableReader:
    """Read a table of the exports, clean and mask its posts, and write them as partitions."""
    for number, posts in enumerate(table.partitions()):
        out = partition_path(folder, table.place, number)
        _prepare_partition(posts, out, table.reader.secret)
    return table.reader


def _prepare_partition(posts: pl.DataFrame, out: Path, secret: bytes) -> int:
    """Clean and mask a partition of canonical posts and write it; unmasked text ends here."""
    prepared = mask(clean(posts), secret=secret)
    write_partition(_without_long_numbers(prepared), out)
    return prepared.height


# What a post counts or is paid. A number as long as that of a telephone, a card or a document is
# none of them: somebody named the wrong column.
NUMBERS = ("like_count", "comment_count", "share_count", "rating", "amount_yuan")
_LONG = 1e9


def _without_long_numbers(posts: pl.DataFrame) -> pl.DataFrame:
    present = [pl.col(name) for name in NUMBERS if name in posts.columns]
    return posts.with_columns(pl.when(one.abs() < _LONG).then(one) for one in present)


def hide_reasons(rejects: pl.DataFrame) -> pl.DataFrame:
    """Mask why records are rejected: reasons quote cells.

    Examples
    --------
    >>> rejects = pl.DataFrame({"row_number": [1], "reason": ["'13812345678' is no date"]})
    >>> hide_reasons(rejects)["reason"].to_list()
    ["'【电话】' is no date"]
    """
    reasons = rejects["reason"].unique()
    masked, _ = mask_texts(reasons)
    hidden = dict(zip(reasons.to_list(), masked.to_list(), strict=True))
    return rejects.with_columns(pl.col("reason").replace(hidden))


def _warm_up() -> None:
    """Load what cleaning and masking need, so that the first partition does not wait for it."""
    mask(clean(pl.DataFrame({"text": ["王"]})))


def _warm_coder(name: str) -> None:
    """Load what scoring and the default coder need, while the threads have nothing else to do."""
    if name == "fast":
        post = pl.DataFrame({"text": [""]})
        get_coder(name).code(post)
        score_texts(post["text"])


def _code_partition(posts: Path, items: Path, out: Path, coder: str, scales: pl.DataFrame) -> int:
    """Score and code the items of a partition, each distinct text once, and write it.

    What is written has the column ``stars`` too: the ratings on one scale.
    """
    found = _read_items(posts, items)
    whole = found.with_columns(star_column(scales, found.columns))
    first = _first_alike(whole)
    is_first = first == pl.int_range(whole.height, dtype=pl.UInt32, eager=True)
    distinct = whole.select(_JUDGED).filter(is_first)
    scores = distinct.with_columns(
        score_texts(distinct["text"]).alias("snownlp_score"),
    )
    # The coder reads the linear sentiment itself, in the same pass over the text as its own grams.
    coded = scores.with_columns(get_coder(coder).code(scores).get_columns()).drop(_JUDGED)
    place = (is_first.cum_sum() - 1).gather(first)
    joined = whole.hstack(coded.select(pl.all().gather(place)))
    write_partition(joined, out)
    return joined.height


def _first_alike(posts: pl.DataFrame) -> pl.Series:
    """Return for each post the row of the first that a coder must judge alike."""
    rows = posts.select(_JUDGED).with_row_index("row")
    return rows.select(pl.col("row").first().over(_JUDGED))["row"].cast(pl.UInt32)


def read_and_mask(
    exports: list[Path],
    paths: RunPaths,
    *,
    study: Study | None,
    secret: bytes,
    choice: ColumnChoice,
    limit: int | None,
    executor: Executor,
) -> list[str]:
    """Read the exports, clean and mask them into `paths.posts`; say what was mended on the way."""
    executor.submit(_warm_up)
    ingestion = ingest(exports, study=study, secret=secret, choice=choice, limit=limit)
    _label(ingestion.readers)
    posts = renew_folder(paths.posts).absolute()
    with reading_executor(executor, exports) as workers:
        tables = ingestion.tables(partial(map_bounded, workers))
        # The largest first: where the last ones are short, no worker waits long for another.
        tables.sort(key=lambda table: table.reader.seen, reverse=True)
        read = map_bounded(workers, _prepare_table, ((table, posts) for table in tables))
        told = zip(tables, read, strict=True)
        for table, reader in track(told, total=len(tables), description="read"):
            ingestion.take_back(table.place, reader)
    account = as_polars(ingestion.reconciliation)
    write_table(
        guard_formulas(hide_reasons(ingestion.rejects)),
        paths.processed / "rejects.csv",
    )
    write_table(guard_formulas(account), paths.processed / "reconciliation.csv")
    write_table(guard_formulas(_unread(ingestion)), paths.processed / UNREAD)
    # A sheet or a file in an archive may be called by a name.
    return [hide_words(note) for note in ingestion.notes]


UNREAD = "unread.csv"


def _unread(ingestion: Ingestion) -> pl.DataFrame:
    """Return what is not read, a row for each file and reason; files by names that name nobody."""
    rows = [(one.file, one.reason, one.number) for one in ingestion.unread]
    schema = {"source_file": pl.String, "reason": pl.String, "number": pl.Int64}
    frame = pl.DataFrame(rows, schema, orient="row")
    files = frame["source_file"].unique(maintain_order=True).to_list()
    # Those of tables that were read stand under their label already.
    shown = dict(zip(files, hide_names(files), strict=True))
    listed = frame.with_columns(pl.col("source_file").replace(shown))
    return listed.group_by("source_file", "reason", maintain_order=True).agg(pl.col("number").sum())


def _label(readers: Sequence[TableReader]) -> None:
    """Call the files by names that name nobody."""
    files = list(dict.fromkeys(reader.raw.path for reader in readers))
    labels = dict(zip(files, hide_names([file.name for file in files]), strict=True))
    for reader in readers:
        reader.label = labels[reader.raw.path]


def list_beside(exports: Sequence[Path]) -> list[str]:
    """Return the names of files beside the exports in their folders, which a report counts."""
    folders = [path for path in exports if as_url(str(path)) is None and path.is_dir()]
    return sorted(path.name for folder in folders for path in files_beside(folder))


def weigh_exports(exports: Sequence[Path]) -> int:
    """Return the bytes of the files of the exports; those of a database are not known."""
    paths = [path for path in exports if as_url(str(path)) is None]
    files = [file for path in paths for file in (files_below(path) if path.is_dir() else [path])]
    return sum(file.stat().st_size for file in files if file.is_file())


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
    # What a collector wrote last into a SQLite file may stand in the log beside it.
    logs = [file.with_name(f"{file.name}-wal") for file in files]
    files += [log for log in logs if log.is_file()]
    names = hide_names(seen_from_above([str(absolute(file)) for file in files]))
    hashed = hash_files(files)
    return {
        printable(name): hashed[file.as_posix()] for name, file in zip(names, files, strict=True)
    }


def find_families(paths: RunPaths, study: Study, coder: str | None, executor: Executor) -> None:
    """Write `paths.items`; threads that have nothing to do load the coder that comes next, if any.

    None comes next in a process that ends with this step.
    """
    if coder is not None:
        executor.submit(_warm_coder, coder)
    _find_corpus_families(paths, study, executor)


def code_corpus(paths: RunPaths, coder: str, executor: Executor) -> None:
    """Write `paths.coded`: the items with sentiment, voice, grievances and platforms."""
    coded = renew_folder(paths.coded).absolute()
    posts = paths.posts.absolute()
    items = largest_first(partition_files(paths.items.absolute()))
    scales = rating_scales(scan_partitions(posts))
    calls = ((posts / path.name, path, coded / path.name, coder, scales) for path in items)
    for _ in track(map_bounded(executor, _code_partition, calls), description="score and code"):
        pass


def own_range(paths: RunPaths, minimum: int = 1) -> tuple[date, date] | None:
    """Return the first and last day that the posts carry, or None when none carries a day.

    Under a minimum it begins and ends with as many posts, so that it tells nobody's day.
    """
    day = pl.col("published_at").dt.date().alias("day")
    posts = scan_partitions(paths.posts)
    if minimum > 1:
        dated = posts.select(day, "post_id").drop_nulls("day").unique()
        counted = dated.group_by("day").len().collect()
        return find_dense_range(dict(counted.iter_rows()), minimum)
    start, end = posts.select(day.min().alias("start"), day.max().alias("end")).collect().row(0)
    return None if start is None else (start, end)


# Write a simulated corpus for `caodian simulate`: one file, or partitions at large scale.

_ROWS_IN_ONE_FILE = 1_000_000
# Starting processes takes as long as writing some ten thousand posts.
_ROWS_IN_ONE_PROCESS = 50_000


def write_simulation(
    study: Study, scale: float, seed: int, out: Path, settings: ExperimentSettings | None = None
) -> int:
    """Write posts and truth; return the number of posts.

    Up to a million posts stand in `posts.parquet` and `truth.parquet`; beyond it they stand in
    partitions, `posts/*.parquet` and `truth/*.parquet`, written as they come.
    """
    if _expected(study, scale) > _ROWS_IN_ONE_FILE:
        return write_partitions(study, scale, seed, out, settings)
    parts = list(_partitions(study, scale, seed, settings))
    posts = pl.concat([posts for posts, _ in parts])
    write_table(posts, out / "posts.parquet")
    write_table(pl.concat([truth for _, truth in parts]), out / "truth.parquet")
    return posts.height


def write_partitions(
    study: Study, scale: float, seed: int, out: Path, settings: ExperimentSettings | None = None
) -> int:
    """Write `posts/` and `truth/` as they come; return the number of posts."""
    posts_folder, truth_folder = renew_folder(out / "posts"), renew_folder(out / "truth")
    written = 0
    for number, (posts, truth) in enumerate(_partitions(study, scale, seed, settings)):
        write_table(posts, partition_path(posts_folder, number))
        write_table(truth, partition_path(truth_folder, number))
        written += posts.height
    return written


def _partitions(
    study: Study, scale: float, seed: int, settings: ExperimentSettings | None
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    is_large = _expected(study, scale) > _ROWS_IN_ONE_PROCESS
    with open_processes() if is_large else nullcontext() as executor:
        parts = simulate(study, scale=scale, seed=seed, settings=settings, executor=executor)
        yield from track(parts, description="simulate")


def _expected(study: Study, scale: float) -> float:
    return (study.simulation.posts if study.simulation else 0) * scale


# Posts that the coder learnt from: no audit of it may draw them, it knows the answers.

LEARNT = "learnt.json"


def read_learnt(coder: str | Path) -> list[str]:
    """Return the posts that a re-fitted coder learnt from, as its audit names them.

    Parameters
    ----------
    coder
        Its folder, of `caodian train coder --from`.

    Raises
    ------
    CaodianError
        When the folder does not tell them.

    Examples
    --------
    >>> read_learnt("no/such/coder")
    Traceback (most recent call last):
    analysis.errors.CaodianError: a re-fitted coder must say which posts it learnt from: ...
    """
    path = Path(coder) / LEARNT
    if not path.is_file():
        raise CaodianError(
            "a re-fitted coder must say which posts it learnt from",
            value=str(path),
            remedy="Train it again, or name its audit: audit draw --learnt-from FOLDER.",
        )
    return [str(name) for name in json.loads(path.read_text("utf-8"))]


def learnt_posts(posts: pl.LazyFrame, coder: str | None = None) -> list[str]:
    """Name the posts of a corpus whose texts the shipped coder learnt from.

    Parameters
    ----------
    posts
        Coded posts; white space makes no difference between two texts.
    coder
        What coded them, where it is known: the rules alone (`keyword`) and an endpoint's model
        (`llm`) have learnt from none.

    Examples
    --------
    >>> posts = pl.LazyFrame({"post_id": ["1"], "text": ["没有人写过的一句话 一二三"]})
    >>> learnt_posts(posts)
    []
    """
    from analysis.audit.machine_scores import countable, name_posts
    from analysis.training.texts import has_learnt, is_learnt

    if coder is not None and not has_learnt(coder):
        return []
    named = name_posts(countable(posts)).select("name", "text").collect()
    return named.filter(is_learnt(named["text"], coder or "fast"))["name"].sort().to_list()


# What each step left out, from the records of the files to the negative items with a code.


def build_funnel(paths: RunPaths, *, has_days: bool = True) -> pd.DataFrame:
    """Count what enters and leaves each step of a run."""
    sizes = [*_sizes_of_reading(paths), *_sizes_of_coding(paths)]
    rows = []
    posts_in = sizes[0][1]
    for step, posts_out in sizes[1:]:
        key = step if has_days or step != "window" else "no_window"
        rows.append((step, posts_in, posts_out, posts_in - posts_out, FUNNEL_REASONS[key]))
        posts_in = posts_out
    return pd.DataFrame(rows, columns=["step", "posts_in", "posts_out", "dropped", "reason"])


def _sizes_of_reading(paths: RunPaths) -> list[tuple[str, int]]:
    reconciliation = read_table(paths.processed / "reconciliation.csv")
    read, kept, repeats = (
        int(reconciliation[name].cast(pl.Int64).sum())
        for name in ("records_read", "kept", "repeats")
    )
    return [("start", read), ("read", kept), ("repeats", kept - repeats)]


def _sizes_of_coding(paths: RunPaths) -> list[tuple[str, int]]:
    consumer = pl.col("voice") == "consumer"
    negative = pl.col("is_negative")
    counts = scan_partitions(paths.coded).select(
        pl.len().alias("window"),
        (consumer | negative).sum().alias("consumer_voice"),
        negative.sum().alias("negative"),
        (negative & (pl.col("grievances").list.len() > 0)).sum().alias("coded"),
    )
    return [(str(name), int(size)) for name, size in counts.collect().to_dicts()[0].items()]
