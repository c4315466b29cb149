"""Replace what identifies a person with one of thirteen tokens (【电话】, 【姓名】 …).

Works on cleaned and on raw text, and changes nothing but what it masks. Masked text is searched
again until nothing is found, so masking twice changes nothing. Hotlines (400, 95xxx, 106, 12315),
starred numbers, prices, dates, models and product codes stay; so do surnames with a title
(王女士), and the name of a platform whose account is called (`@京东客服` becomes `京东【账号】`:
which platform a post names is no personal datum, and is counted later).

Columns are masked by compiled functions (`mask_compiled.py`), single texts in Python: the readable
way, which also takes the few rows that the other one cannot settle.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import polars as pl

from analysis.corpus.mask_compiled import mask_buffers
from analysis.corpus.mask_find import find_personal_data
from analysis.corpus.mask_fold import plain
from analysis.corpus.mask_handles import PLATFORM
from analysis.corpus.mask_span import TOKENS, Span
from analysis.kernels.mask_spans import counts_by_kind
from analysis.kernels.utf8 import text_buffers, text_series


def mask_texts(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Mask texts and count what was masked.

    Parameters
    ----------
    texts
        Strings, cleaned or raw.

    Returns
    -------
    tuple of pl.Series
        Masked texts, null where null; and counts by kind as JSON objects with sorted keys.

    Examples
    --------
    >>> masked, counts = mask_texts(pl.Series(["打138 1234 5678没人接", "打12315"]))
    >>> masked.to_list(), counts.to_list()
    (['打【电话】没人接', '打12315'], ['{"phone":1}', '{}'])
    """
    texts = texts.cast(pl.String)
    counts = pl.Series("masked", ["{}"], dtype=pl.String).new_from_index(0, len(texts))
    rows, masked, packed, left = mask_buffers(text_buffers(texts))
    if rows.size:
        # In what is masked hardly ever something is found again.
        again, _, _, more = mask_buffers(masked)
        left = np.concatenate([left, rows[again], rows[more]])
    by_python = [mask_text(text) for text in texts.gather(left)]
    if rows.size:
        kinds, places = np.unique(packed, return_inverse=True)
        by_kind = pl.Series(map(_packed_as_json, kinds.tolist()), dtype=pl.String)
        texts = texts.scatter(rows, text_series(masked))
        counts = counts.scatter(rows, by_kind.gather(places))
    if by_python:
        texts = texts.scatter(left, [text for text, _ in by_python])
        counts = counts.scatter(left, [_as_json(found) for _, found in by_python])
    return texts, counts


def mask_text(text: str) -> tuple[str, Counter[str]]:
    """Mask one text; return it with the number of finds by kind.

    Examples
    --------
    >>> mask_text("@京东客服 加微信abc_123")
    ('京东【账号】 加微信【微信】', Counter({'handle': 1, 'wechat': 1}))
    """
    counts: Counter[str] = Counter()
    while spans := find_personal_data(text):
        counts.update(span.kind for span in spans)
        text = _replace(text, spans)
    return text, counts


def _replace(text: str, spans: list[Span]) -> str:
    """Put tokens in the places of disjoint spans, from the last to the first."""
    for start, end, kind in sorted(spans, reverse=True) if len(spans) > 1 else spans:
        token = TOKENS[kind]
        if kind == "handle" and (platform := PLATFORM.match(plain(text), start, end)):
            token = text[start + 1 : platform.end()] + token
        text = text[:start] + token + text[end:]
    return text


@lru_cache(4096)
def _packed_as_json(packed: int) -> str:
    return _as_json(counts_by_kind(packed))


def _as_json(counts: Mapping[str, int]) -> str:
    return json.dumps(counts, separators=(",", ":"), sort_keys=True)
