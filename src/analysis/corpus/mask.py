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
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import polars as pl

from analysis.corpus.mask_compiled import mask_buffers
from analysis.corpus.mask_find import find_personal_data
from analysis.corpus.mask_fold import plain
from analysis.corpus.mask_handles import PLATFORM
from analysis.corpus.mask_span import TOKENS, Span
from analysis.frames import Frame, Texts, like_texts, put_columns, take_columns, take_texts
from analysis.kernels.mask_spans import counts_by_kind
from analysis.kernels.utf8 import text_buffers, text_series

FIELDS = ("title", "target", "demand", "url")


def mask(
    posts: Frame, text: str | Sequence[str] = "text", *, fields: Sequence[str] = FIELDS
) -> Frame:
    """Replace what identifies a person in the text of posts with tokens such as 【电话】.

    Parameters
    ----------
    posts
        pandas or Polars frame.
    text
        Column of the text, or several.
    fields
        Further columns that may name a person; those that the frame has are masked too.

    Returns
    -------
    The same kind of frame
        Those columns masked, and `masked`: what was found in the text, by kind, as JSON.

    Raises
    ------
    CaodianError
        When a text column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> posts = mask(pd.DataFrame({"text": ["打13812345678没人接", "王女士说好"]}))
    >>> posts["text"].tolist(), posts["masked"].tolist()
    (['打【电话】没人接', '王女士说好'], ['{"phone":1}', '{}'])
    """
    columns = [text] if isinstance(text, str) else list(text)
    taken = take_columns(posts, columns, fields)
    found = {name: _mask_series(taken[name].cast(pl.String)) for name in columns}
    changed = {name: texts for name, (texts, _) in found.items()}
    changed |= {name: _mask_distinct(taken[name]) for name in taken.columns if name not in found}
    changed["masked"] = _total([counts for _, counts in found.values()])
    return put_columns(posts, pl.DataFrame(changed))


def _total(counts: list[pl.Series]) -> pl.Series:
    """Add up the counts of all columns, row by row."""
    total = counts[0].alias("masked")
    for column in counts[1:]:
        rows = (column != "{}").arg_true()
        pairs = zip(total.gather(rows), column.gather(rows), strict=True)
        sums = [_as_json(Counter(json.loads(one)) + Counter(json.loads(two))) for one, two in pairs]
        total = total.clone().scatter(rows, pl.Series(sums, dtype=pl.String))
    return total


def _mask_distinct(texts: pl.Series) -> pl.Series:
    """Mask a column that is mostly empty, or repeats itself: each distinct text once."""
    if not texts.count():
        return texts
    texts = texts.cast(pl.String)
    distinct = texts.drop_nulls().unique()
    masked, _ = mask_texts(distinct)
    is_changed = masked != distinct
    if not is_changed.any():
        return texts
    return texts.replace(distinct.filter(is_changed), masked.filter(is_changed))


def mask_texts(texts: Texts) -> tuple[Texts, Texts]:
    """Mask texts and count what was masked.

    Parameters
    ----------
    texts
        Strings, cleaned or raw: a Polars or pandas series, or a list.

    Returns
    -------
    tuple of two of the same kind
        Masked texts, null where null; and counts by kind as JSON objects with sorted keys.

    Examples
    --------
    >>> mask_texts(["打138 1234 5678没人接", "打12315"])
    (['打【电话】没人接', '打12315'], ['{"phone":1}', '{}'])
    """
    masked, counts = _mask_series(take_texts(texts))
    return like_texts(texts, masked), like_texts(texts, counts)


def _mask_series(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
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
