"""Which finders a text needs, told from its characters in one fast pass over the column.

Each gate is a necessary condition: what every find of that finder holds. A test compares masking
with and without the gates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import polars as pl

from analysis.corpus import (
    mask_chats,
    mask_documents,
    mask_handles,
    mask_links,
    mask_names,
    mask_orders,
    mask_phones,
    mask_places,
    mask_spelled,
)
from analysis.corpus.mask_fold import FOLDED, HAN_DIGITS
from analysis.corpus.mask_span import Span
from analysis.kernels.character_scan import CharacterScan
from analysis.kernels.utf8 import text_buffers


class Finder(NamedTuple):
    """A search for some kinds, and the bits of the scan that must be there, one of each word."""

    search: Callable[[str], Iterator[Span]]
    needs: tuple[int, ...]


_GAPS = " \\-._·~,，、/—()（）\u2014\u2015\u200b-\u200f\u2060\ufeff\u00ad".replace("\\-", "")
_SCAN = CharacterScan()
_FOLDED = _SCAN.holds(FOLDED)
_AT = _SCAN.holds("@")
_Q = _SCAN.holds("qQ")

_ADDRESS_OF_NET = (
    _AT
    | _SCAN.pair("/", "/")
    | _SCAN.pair(".", "A-Za-z")
    | _SCAN.pair("(（[圈", "aA")
    | _SCAN.pair("#", " qQ1ysghofaliYSGHOFALI")
    | _SCAN.pair("艾", "特")
)
_CHAT_CUE = (
    _Q
    | _SCAN.pair("微薇威徽维溦VviI", "信♥❤ \n\t\r")
    | _SCAN.pair("vVwWxXcC", "xXiIhH")
    | _SCAN.pair("加我下个+➕ ", "Vv薇威微")
    | _SCAN.pair("Vv薇微威", " :：")
    | _SCAN.pair("扣抠球蔻企卫绿", "扣抠球蔻鹅星泡")
)
_WORD = _SCAN.run("A-Za-z0-9_-", 5)
_DIGITS = _SCAN.run("0-9OolI", 7, bridge=_GAPS + "-", width=3)
_DIGITS_DASHED = _SCAN.run("0-9", 8, bridge=" —-", width=26)
_DIGITS_LONG = _SCAN.run("0-9", 16, bridge=" —-", width=1)
_PLATE = _SCAN.pair(mask_documents.PROVINCES + "新", "A-Za-z")
_HOUSE = _SCAN.pair("0-9A-Za-z一二三四五六七八九十百零〇", "号栋幢座单")
_CUE = (
    _SCAN.pair("系件货诉报请事户卡本", "人")
    | _SCAN.pair("机户姓我是名", "主名叫字")
    | _SCAN.pair("者户件货字人", ":：")
)
_SPELLED = _SCAN.run(HAN_DIGITS, 3, bridge=_GAPS + "0-9-", width=12)

# In order of trust: what an earlier finder took, a later one does not get.
FINDERS = (
    Finder(mask_links.link_spans, (_ADDRESS_OF_NET,)),
    Finder(mask_chats.chat_spans, (_CHAT_CUE, _WORD)),
    Finder(mask_orders.order_spans, (_DIGITS_DASHED,)),
    Finder(mask_documents.document_spans, (_DIGITS | _PLATE,)),
    Finder(mask_orders.long_number_spans, (_DIGITS_LONG,)),
    Finder(mask_phones.phone_spans, (_DIGITS,)),
    Finder(mask_handles.handle_spans, (_AT,)),
    Finder(mask_places.address_spans, (_HOUSE,)),
    Finder(mask_names.name_spans, (_DIGITS | _CUE,)),
    Finder(mask_spelled.spelled_spans, (_SPELLED,)),
)


def needed_finders(texts: pl.Series) -> tuple[list[int], list[tuple[Finder, ...]]]:
    """Return the rows that need any finder, and the finders of each.

    Examples
    --------
    >>> rows, finders = needed_finders(pl.Series(["发货慢", "找@客服", None]))
    >>> rows, [finder.search.__name__ for finder in finders[0]]
    ([1], ['link_spans', 'handle_spans'])
    """
    answers = _SCAN.ask(text_buffers(texts))
    needs = np.zeros(len(answers), np.int64)
    is_folded = (answers & np.uint64(_FOLDED)) > 0
    for place, finder in enumerate(FINDERS):
        passes = np.ones(len(answers), bool)
        for bits in finder.needs:
            passes &= (answers & np.uint64(bits)) > 0
        needs |= (passes | is_folded).astype(np.int64) << place
    rows = np.flatnonzero(needs)
    chosen = {number: _chosen(number) for number in np.unique(needs).tolist()}
    return rows.tolist(), [chosen[number] for number in needs[rows].tolist()]


def _chosen(number: int) -> tuple[Finder, ...]:
    return tuple(finder for place, finder in enumerate(FINDERS) if number >> place & 1)
