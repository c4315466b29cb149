"""Which texts cleaning can change at all, told from their characters in one fast pass."""

from __future__ import annotations

import numpy as np
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
_CHANGES = (
    _SCAN.holds("&<" + WHITE + INVISIBLE)
    | _SCAN.holds_other_than(STABLE + KEPT)
    | _SCAN.pair(" ", " ")
    | _SCAN.pair("/", "/")
    | _SCAN.run(REPEATABLE, 4)
    | _SCAN.run(EMOJI, 4)
    | _SCAN.pair("]", "[")
    # 全文, 展开, 收起, 网页, 视频, 原图, 张], 转发, 轉發
    | _SCAN.pair("全展收网视原张转轉", "文开起页频图]发發")
    | _SCAN.pair("rR", "eE")
)


def suspect_rows(texts: pl.Series) -> list[int]:
    """Return the rows that any rule of cleaning may change.

    Examples
    --------
    >>> suspect_rows(pl.Series(["发货慢，差评！", "ＯＰＰＯ", "坑<br>", None, " 慢"]))
    [1, 2, 4]
    """
    answers = _SCAN.ask(text_buffers(texts))
    return np.flatnonzero(answers & np.uint64(_CHANGES)).tolist()
