"""All finders in order of trust, and which of them a text needs, told in one compiled pass.

The pass searches for the finders' own patterns (`kernels/pattern_scan.py`), so that of long files
hardly any line reaches Python in which nothing is found. Masking needs no such pass: it is compiled
as a whole (`mask_compiled.py`).
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

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
from analysis.corpus.mask_spelled import ENOUGH, SPELLED_FINDERS, SpelledFinder
from analysis.kernels.pattern_scan import PatternScan
from analysis.kernels.utf8 import TextBuffers

PLAIN_FINDERS: tuple[Finder, ...] = (
    *LINK_FINDERS,
    *CHAT_FINDERS,
    *ORDER_FINDERS,
    *DOCUMENT_FINDERS,
    *LONG_NUMBER_FINDERS,
    *PHONE_FINDERS,
    *HANDLE_FINDERS,
    *ADDRESS_FINDERS,
    *NAME_FINDERS,
)
# In order of trust: what an earlier finder took, a later one does not get.
FINDERS: tuple[Finder | SpelledFinder, ...] = (*PLAIN_FINDERS, *SPELLED_FINDERS)


class Hits(NamedTuple):
    """Where patterns match: columns of rows, finders, and first and last places of a match."""

    rows: npt.NDArray[np.int32]
    finders: npt.NDArray[np.int32]
    firsts: npt.NDArray[np.int32]
    lasts: npt.NDArray[np.int32]


def find_hits(texts: TextBuffers) -> Hits:
    """Return which finders' patterns match in which texts, by row and by trust.

    Examples
    --------
    >>> import polars as pl
    >>> from analysis.kernels.utf8 import text_buffers
    >>> hits = find_hits(text_buffers(pl.Series(["发货慢，12315", "找@客服，", None])))
    >>> hits.rows.tolist(), [FINDERS[place].pattern.pattern[-13:] for place in hits.finders]
    ([1], ['P<next>[: ]?)'])
    """
    plain, spelled = _scans()
    hits = plain.hits(texts)
    is_doubt = hits[:, 1] == len(PLAIN_FINDERS)
    doubtful, hits = hits[is_doubt, 0], hits[~is_doubt]
    if doubtful.size:
        more = spelled.hits(texts, doubtful)
        more[:, 1] += len(PLAIN_FINDERS)
        hits = np.concatenate([hits, more])
        hits = hits[np.lexsort((hits[:, 1], hits[:, 0]))]
    return Hits(*hits.T)


@cache
def _scans() -> tuple[PatternScan, PatternScan]:
    tokens = list(TOKENS.values())
    plain = [*(finder.pattern for finder in PLAIN_FINDERS), ENOUGH]
    spelled = [finder.pattern for finder in SPELLED_FINDERS]
    return PatternScan(plain, PLAIN, tokens), PatternScan(spelled, PLAIN_AND_SPELLED, tokens)
