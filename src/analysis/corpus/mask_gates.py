"""Which finders a text needs, told in one compiled pass over the column.

The pass searches for the finders' own patterns (`kernels/pattern_scan.py`), so that hardly any
text reaches Python in which nothing is found. A test compares masking with and without it.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from analysis.corpus.mask_chats import CHAT_FINDERS
from analysis.corpus.mask_documents import DOCUMENT_FINDERS
from analysis.corpus.mask_fold import PLAIN, PLAIN_AND_SPELLED
from analysis.corpus.mask_handles import HANDLE_FINDERS
from analysis.corpus.mask_links import LINK_FINDERS
from analysis.corpus.mask_names import NAME_FINDERS
from analysis.corpus.mask_orders import LONG_NUMBER_FINDERS, ORDER_FINDERS
from analysis.corpus.mask_phones import PHONE_FINDERS
from analysis.corpus.mask_places import ADDRESS_FINDERS
from analysis.corpus.mask_span import TOKENS, Finder
from analysis.corpus.mask_spelled import SPELLED, SPELLED_FINDERS
from analysis.kernels.pattern_scan import PatternScan
from analysis.kernels.utf8 import text_buffers

# In order of trust: what an earlier finder took, a later one does not get.
FINDERS: tuple[Finder, ...] = (
    *LINK_FINDERS,
    *CHAT_FINDERS,
    *ORDER_FINDERS,
    *DOCUMENT_FINDERS,
    *LONG_NUMBER_FINDERS,
    *PHONE_FINDERS,
    *HANDLE_FINDERS,
    *ADDRESS_FINDERS,
    *NAME_FINDERS,
    SPELLED,
)
_SPELLED_BIT = np.uint64(1 << len(FINDERS) - 1)


def needed_finders(texts: pl.Series) -> tuple[list[int], list[tuple[Finder, ...]]]:
    """Return the rows that need any finder, and the finders of each.

    Examples
    --------
    >>> rows, finders = needed_finders(pl.Series(["发货慢，12315", "找@客服", None]))
    >>> rows, [finder.pattern.pattern[-13:] for finder in finders[0]]
    ([1], ['P<next>[: ]?)'])
    """
    needs = _scan(is_spelled=False).ask(text_buffers(texts))
    doubtful = np.flatnonzero(needs & _SPELLED_BIT)
    spelled = _scan(is_spelled=True).ask(text_buffers(texts.gather(doubtful)))
    needs[doubtful[spelled == 0]] &= ~_SPELLED_BIT
    rows = np.flatnonzero(needs)
    return rows.tolist(), [_chosen(number) for number in needs[rows].tolist()]


@cache
def _scan(*, is_spelled: bool) -> PatternScan:
    finders = SPELLED_FINDERS if is_spelled else FINDERS
    folded = PLAIN_AND_SPELLED if is_spelled else PLAIN
    return PatternScan([finder.pattern for finder in finders], folded, list(TOKENS.values()))


@cache
def _chosen(number: int) -> tuple[Finder, ...]:
    return tuple(finder for place, finder in enumerate(FINDERS) if number >> place & 1)
