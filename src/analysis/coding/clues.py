"""What the learned coder reads of posts: own words, concepts found in them, channel."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.coding.context import given_concepts, number_among
from analysis.coding.engine import Engine
from analysis.coding.own_words import own_words
from analysis.kernels.matcher import IntArray, LongArray
from analysis.kernels.row_lists import gather_rows

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
        starts, found = gather_rows(self.starts, self.found, rows)
        return Clues(self.texts.gather(rows), starts, found, self.channel[rows])


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
    numbers: IntArray = posts.select(1 + number_among("channel", CHANNELS)).to_series().to_numpy()
    return numbers
