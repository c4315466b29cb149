"""Keys of posts as hashes of eight bytes, to find those that occur again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.corpus.readers.cells import Cells
from analysis.corpus.readers.values.columns import clean_ids

WEIBO_SOURCES = ("weibo_search", "weibo_crawler")
_SEED = 20200618


@dataclass(frozen=True)
class Survey:
    """Hashes of the keys of posts, and of the originals that reposts name.

    Parameters
    ----------
    keys
        One a post.
    originals
        One a repost on Weibo.
    """

    keys: NDArray[np.uint64]
    originals: NDArray[np.uint64]

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


def key_of(column: str = "post_id") -> pl.Expr:
    """Return the key `source:post_id`."""
    return pl.concat_str("source", pl.lit(":"), column)


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


def survey_posts(frames: Iterable[pl.DataFrame]) -> Survey:
    """Return the survey of frames with `source, kind, post_id, parent_id`."""
    parts = []
    for frame in frames:
        is_repost = pl.col("source").is_in(WEIBO_SOURCES) & (pl.col("kind") == "repost")
        named = frame.filter(pl.col("parent_id").is_not_null()).filter(is_repost)
        keys = frame.select(hash_keys()).to_series().to_numpy()
        parts.append(Survey(keys, named.select(hash_keys("parent_id")).to_series().to_numpy()))
    return join_surveys(parts)


def join_surveys(surveys: Iterable[Survey]) -> Survey:
    """Return several surveys as one."""
    listed = list(surveys)
    none = np.zeros(0, np.uint64)
    return Survey(
        np.concatenate([none, *(survey.keys for survey in listed)]),
        np.concatenate([none, *(survey.originals for survey in listed)]),
    )
