"""What the learned coder reads of posts: own words, concepts found in them, channel."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.coding.context import given_concepts
from analysis.coding.engine import Engine
from analysis.coding.own_words import own_words
from analysis.kernels.matcher import IntArray, LongArray

#: Places to post that weights are learnt for; any other has none of its own.
CHANNELS = (
    "app_store",
    "complaint",
    "douyin",
    "forum",
    "hotline",
    "live_room",
    "review",
    "weibo",
    "xiaohongshu",
)


class Clues(NamedTuple):
    """Posts as the coders read them.

    Parameters
    ----------
    texts
        The writers' own words.
    starts, found
        The concepts of each post in compressed rows.
    channel
        1 and up for a place of `CHANNELS`, 0 for any other or none.
    """

    texts: pl.Series
    starts: LongArray
    found: IntArray
    channel: IntArray

    def gather(self, rows: npt.NDArray[np.int64]) -> Clues:
        """Return the clues of some of the posts.

        Examples
        --------
        >>> clues = Clues(
        ...     pl.Series(["a", "b"]), np.array([0, 1, 3]), np.array([7, 8, 9], np.int32),
        ...     np.zeros(2, np.int32),
        ... )
        >>> chosen = clues.gather(np.array([1]))
        >>> chosen.texts.to_list(), chosen.starts.tolist(), chosen.found.tolist()
        (['b'], [0, 2], [8, 9])
        """
        lengths = np.diff(self.starts)[rows]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        places = np.arange(starts[-1]) + np.repeat(self.starts[rows] - starts[:-1], lengths)
        return Clues(self.texts.gather(rows), starts, self.found[places], self.channel[rows])


def read_clues(posts: pl.DataFrame, engine: Engine) -> Clues:
    """Return the clues of a frame with ``text`` and what `given_concepts` reads.

    Examples
    --------
    >>> from analysis.coding.engine import load_engine
    >>> posts = pl.DataFrame({"text": ["刷的", "好"], "channel": ["live_room", None]})
    >>> read_clues(posts, load_engine()).channel.tolist()
    [6, 0]
    """
    texts = own_words(posts)
    starts, found = engine.find(texts, given_concepts(posts, engine), everything=True)
    return Clues(texts, starts, found, _channel_numbers(posts))


def _channel_numbers(posts: pl.DataFrame) -> IntArray:
    if "channel" not in posts.columns:
        return np.zeros(posts.height, np.int32)
    numbers = {name: number for number, name in enumerate(CHANNELS, start=1)}
    channel = posts["channel"].cast(pl.String)
    known = channel.replace_strict(numbers, default=0, return_dtype=pl.Int32)
    result: IntArray = known.fill_null(0).to_numpy().astype(np.int32)
    return result
