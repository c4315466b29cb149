"""Keys of posts as hashes of eight bytes, to find those that occur again.

A post is known by its id where its collector gives ids that name posts. Elsewhere it is known by
what it says: rows of one text, with white space, markup and entities left out, of one day.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.corpus.readers.cells import Cells
from analysis.corpus.readers.values.columns import clean_ids

WEIBO_SOURCES = ("weibo_search", "weibo_crawler")
LONG = 10  # characters from which two people are not taken to have written one text by chance
_SEED = 20200618
_FILLING = r"<br\s*/?>|[\s\x00\u200b-\u200d\u2060\ufeff]+"
_SAID = pl.Schema({"said_key": pl.UInt64, "said_length": pl.UInt32, "day": pl.Int32})
_DAYS = pl.Schema({"day": pl.Int32, "weight": pl.Float64})


@dataclass(frozen=True)
class Survey:
    """Hashes of the keys of posts, and of the originals that reposts name.

    Parameters
    ----------
    keys
        One or two a post: of its id, of what it says.
    originals
        One a repost on Weibo.
    days
        `day, weight`: how much is said on each day by rows that are known by what they say.
    """

    keys: NDArray[np.uint64]
    originals: NDArray[np.uint64]
    days: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_DAYS))

    def find_repeated(self) -> pl.Series:
        """Return the hashes that occur more than once.

        Examples
        --------
        >>> seen = np.array([3, 1, 3], np.uint64)
        >>> Survey(seen, seen).find_repeated().to_list()
        [3]
        """
        ordered = np.sort(self.keys)
        return pl.Series(np.unique(ordered[1:][ordered[1:] == ordered[:-1]]), dtype=pl.UInt64)

    def find_originals(self) -> pl.Series:
        """Return the hashes of originals, each once."""
        return pl.Series(np.unique(self.originals), dtype=pl.UInt64)


def hash_keys(column: str = "post_id") -> pl.Expr:
    """Return the hash of the key, made of the hashes of its two parts: joining them is slow."""
    return pl.col(column).hash(_SEED) ^ pl.col("source").hash(_SEED + 1)


def read_keys(cells: Cells) -> pl.DataFrame:
    """Return `source, kind, post_id, parent_id` of a batch and nothing else."""
    return pl.DataFrame(
        {
            "source": cells.words("source").fill_null(cells.plan.source),
            "kind": cells.words("kind").fill_null(cells.plan.kind),
            "post_id": clean_ids(cells.words("post_id")),
            "parent_id": clean_ids(cells.words("parent_id")),
        }
    )


def fold_said(text: pl.Series) -> pl.Series:
    r"""Return texts as they are compared: without entities, line breaks, blanks, joiners.

    Examples
    --------
    >>> fold_said(pl.Series(["保价 &amp; 退款<br/>都不行\n", None])).to_list()
    ['保价&退款都不行', '']
    """
    plain = text.fill_null("")
    escaped = plain.str.contains("&", literal=True)
    if escaped.any():
        rows = escaped.arg_true()
        meant = [html.unescape(said) for said in plain.gather(rows)]
        plain = plain.clone().scatter(rows, pl.Series(meant, dtype=pl.String))
    return plain.str.replace_all(_FILLING, "")


def with_said_keys(posts: pl.DataFrame, *, local_ids: bool) -> pl.DataFrame:
    """Add what a row is known by where no id names its post.

    Parameters
    ----------
    posts
        `source, kind, post_id, text, published_at, has_own_id`.
    local_ids
        The ids only number the rows of one export.

    Returns
    -------
    polars.DataFrame
        With `said_key`, a hash, null where an id names the post; `said_length`, characters; `day`,
        days since 1970, -1 without a time.
    """
    if not local_ids and posts["has_own_id"].all():
        return posts.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in _SAID.items())
    is_said = pl.lit(True) if local_ids else ~pl.col("has_own_id")
    # Any table may hold an export of any shop's reviews; a collector of one site is a world apart.
    scope = pl.lit(0, pl.UInt64) if local_ids else pl.concat_str("source", "kind").hash(_SEED + 2)
    day = pl.col("published_at").dt.date().to_physical().cast(pl.Int32).fill_null(-1)
    said = posts.with_columns(said=fold_said(posts["text"]), day=day)
    key = pl.col("said").hash(_SEED + 3) ^ pl.col("day").hash(_SEED + 4) ^ scope
    return said.with_columns(
        said_key=pl.when(is_said).then(key),
        said_length=pl.col("said").str.len_chars(),
    ).drop("said")


def survey_posts(frames: Iterable[pl.DataFrame]) -> Survey:
    """Return the survey of frames with `source, kind, post_id, parent_id`.

    Rows with a `said_key` are known by it, and by their id where they have one of their own.
    """
    parts = []
    for frame in frames:
        is_repost = pl.col("source").is_in(WEIBO_SOURCES) & (pl.col("kind") == "repost")
        named = frame.filter(pl.col("parent_id").is_not_null()).filter(is_repost)
        originals = named.select(hash_keys("parent_id")).to_series().to_numpy()
        if "said_key" not in frame.columns:
            keys = frame.select(hash_keys()).to_series().to_numpy()
            parts.append(Survey(keys, originals))
            continue
        by_id = frame.filter("has_own_id").select(hash_keys()).to_series().to_numpy()
        said = frame.filter(pl.col("said_key").is_not_null())
        keys = np.concatenate([by_id, said["said_key"].to_numpy()])
        weight = said_weight().sum().alias("weight")
        parts.append(Survey(keys, originals, said.group_by("day").agg(weight)))
    return join_surveys(parts)


def said_weight() -> pl.Expr:
    """Return how much a row's text tells of where it comes from, 0 to 1: a long one tells all."""
    return pl.col("said_length").clip(0, LONG).cast(pl.Float64) / LONG


def join_surveys(surveys: Iterable[Survey]) -> Survey:
    """Return several surveys as one."""
    listed = list(surveys)
    none = np.zeros(0, np.uint64)
    days = pl.concat([pl.DataFrame(schema=_DAYS), *(survey.days for survey in listed)])
    return Survey(
        np.concatenate([none, *(survey.keys for survey in listed)]),
        np.concatenate([none, *(survey.originals for survey in listed)]),
        days.group_by("day").agg(pl.col("weight").sum()),
    )
