"""The stages on one partition: pure functions from a file to a file, for any executor."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from analysis.coding.coder import get_coder
from analysis.coding.stars import STARS, star_column
from analysis.corpus.clean import clean
from analysis.corpus.mask import mask
from analysis.corpus.readers.reading import Reading
from analysis.corpus.table_posts import TablePosts
from analysis.pipeline.family_step import read_items
from analysis.pipeline.partitions import partition_path, write_partition
from analysis.sentiment.snownlp_exact import score_texts

# What a score and a code depend on.
JUDGED = ("text", "channel", "kind", "author_type", STARS)


def prepare_table(table: TablePosts, folder: Path) -> Reading:
    """Read a table of the exports, clean and mask its posts, and write them as partitions.

    Parameters
    ----------
    table
        What is read.
    folder
        Where the partitions go, named by the table's number and their own.

    Returns
    -------
    Reading
        The table with its account.
    """
    for number, posts in enumerate(table.partitions()):
        prepare_partition(posts, partition_path(folder, table.place, number))
    return table.reading


def prepare_partition(posts: pl.DataFrame, out: Path) -> int:
    """Clean and mask a partition of canonical posts and write it; unmasked text ends here.

    Parameters
    ----------
    posts
        Canonical posts as `TablePosts` yields them.
    out
        Parquet file to write. Text holds the title too (`title。text`) where the text lacks it.

    Returns
    -------
    int
        Rows written: all of them.
    """
    prepared = mask(clean(posts))
    write_partition(prepared, out)
    return prepared.height


def warm_up() -> None:
    """Load what cleaning and masking need, so that the first partition does not wait for it."""
    mask(clean(pl.DataFrame({"text": [""]})))


def warm_coder(name: str) -> None:
    """Load what scoring and the default coder need, while the threads have nothing else to do."""
    if name == "fast":
        post = pl.DataFrame({"text": [""]})
        get_coder(name).code(post)
        score_texts(post["text"])


def code_partition(posts: Path, items: Path, out: Path, coder: str, scales: pl.DataFrame) -> int:
    """Score and code the items of a partition, each distinct text once, and write it.

    What is written has the column ``stars`` too: the ratings on one scale.

    Parameters
    ----------
    posts
        Parquet file of the partition's posts.
    items
        That of the places and families of its items.
    out
        Parquet file to write.
    coder
        Name of the coder.
    scales
        The scales of the files' ratings, as `rating_scales` returns them of the whole corpus.

    Returns
    -------
    int
        Rows written.
    """
    found = read_items(posts, items)
    whole = found.with_columns(star_column(scales, found.columns))
    first = first_alike(whole)
    is_first = first == pl.int_range(whole.height, dtype=pl.UInt32, eager=True)
    distinct = whole.select(JUDGED).filter(is_first)
    scores = distinct.with_columns(
        score_texts(distinct["text"]).alias("snownlp_score"),
    )
    # The coder reads the linear sentiment itself, in the same pass over the text as its own grams.
    coded = scores.with_columns(get_coder(coder).code(scores).get_columns()).drop(JUDGED)
    place = (is_first.cum_sum() - 1).gather(first)
    joined = whole.hstack(coded.select(pl.all().gather(place)))
    write_partition(joined, out)
    return joined.height


def first_alike(posts: pl.DataFrame) -> pl.Series:
    """Return for each post the row of the first that a coder must judge alike.

    Examples
    --------
    >>> posts = pl.DataFrame({"text": ["慢", "好", "慢"], "channel": None, "kind": "post",
    ...                       "author_type": None, "stars": 5.0})
    >>> first_alike(posts).to_list()
    [0, 1, 0]
    """
    rows = posts.select(JUDGED).with_row_index("row")
    return rows.select(pl.col("row").first().over(JUDGED))["row"].cast(pl.UInt32)
