"""Which rules of cleaning can change which texts, told from their characters in one fast pass."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.corpus.clean_patterns import (
    EMOJI,
    INVISIBLE,
    KEPT,
    REPEATABLE,
    STABLE,
    WHITE,
)
from analysis.kernels.character_scan import CharacterScan
from analysis.kernels.utf8 import text_buffers

_SCAN = CharacterScan()
# What a text holds that a rule changes; each is one or more bits of the scan's answer.
MAY_HOLD_ENTITY = _SCAN.holds("&")
MAY_HOLD_TAG = _SCAN.holds("<")
HOLDS_INVISIBLE = _SCAN.holds(INVISIBLE)
HOLDS_UNSTABLE = _SCAN.holds_other_than(STABLE + KEPT + WHITE)
MAY_HOLD_CHAIN = _SCAN.pair("/", "/")
# 全文, 展开, 收起, 网页, 视频, 原图, 张]
MAY_HOLD_TAIL = _SCAN.pair("全展收网视原张", "文开起页频图]")
MAY_HOLD_RUN = _SCAN.four(REPEATABLE) | _SCAN.four(EMOJI) | _SCAN.pair("]", "[")
MAY_HOLD_SPACE = _SCAN.holds(WHITE) | _SCAN.pair(" ", " ")
# 转发, 轉發, Repost
MAY_BE_WORDLESS = _SCAN.pair("转轉", "发發") | _SCAN.pair("rR", "eE")


def ask_rules(texts: pl.Series) -> npt.NDArray[np.uint64]:
    """Return a word for each text: which of the conditions above it meets.

    Examples
    --------
    >>> words = ask_rules(pl.Series(["发货慢，差评！", "坑<br>", None, " 慢"])).tolist()
    >>> [word & MAY_HOLD_TAG > 0 for word in words], [word & MAY_HOLD_SPACE > 0 for word in words]
    ([False, True, False, False], [False, False, False, True])
    """
    return _SCAN.ask(text_buffers(texts))
