"""Replace what identifies a person with one of thirteen tokens (【电话】, 【姓名】 …).

Works on cleaned and on raw text, and changes nothing but what it masks. Masked text is searched
again until nothing is found, so masking twice changes nothing. Hotlines (400, 95xxx, 106, 12315),
starred numbers, prices, dates, models and product codes stay; so do surnames with a title
(王女士), and the name of a platform whose account is called (`@京东客服` becomes `京东【账号】`:
which platform a post names is no personal datum, and is counted later).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import lru_cache

import numpy as np
import polars as pl

from analysis.corpus.mask_find import find_personal_data, take_disjoint
from analysis.corpus.mask_fold import PLAIN
from analysis.corpus.mask_gates import FINDERS, find_hits
from analysis.corpus.mask_span import TOKENS, Span
from analysis.kernels.character_fold import CharacterFold
from analysis.kernels.utf8 import text_buffers

_NAMES = (
    "京东|天猫|淘宝|拼多多|抖音|快手|得物|苏宁易购|苏宁|唯品会|小红书|闲鱼|转转|美团|饿了么|国美|"
    "当当|亚马逊|考拉|网易严选|支付宝|微信|哔哩哔哩|盒马|毒(?=[Aa][Pp]{2})"
)
# One look at the first character settles it for nearly all handles.
_FIRSTS = "".join(sorted({name[0] for name in _NAMES.split("|")}))
_PLATFORM = re.compile(f"@(?=[{_FIRSTS}])({_NAMES})")


_FOLD = CharacterFold(PLAIN, list(TOKENS.values()))


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
    masked: dict[int, str] = {}
    kinds: dict[int, str] = {}
    rows, asked = np.arange(len(texts)), texts
    while len(asked) > asked.null_count():
        places, results, found = _mask_once(asked)
        rows = rows[places]
        for row, result, more in zip(rows.tolist(), results, found, strict=True):
            masked[row] = result
            kinds[row] = f"{kinds[row]} {more}" if row in kinds else more
        asked = pl.Series(results, dtype=pl.String)
    if not masked:
        return texts, counts
    texts = texts.scatter(list(masked), pl.Series(masked.values(), dtype=pl.String))
    by_kind = pl.Series(map(_as_json, kinds.values()), dtype=pl.String)
    return texts, counts.scatter(list(kinds), by_kind)


def _mask_once(texts: pl.Series) -> tuple[list[int], list[str], list[str]]:
    """Return the rows in which something is found, their masked texts, and the kinds of finds.

    Few containers are made here: many would wake the garbage collector again and again.
    """
    buffers = text_buffers(texts)
    hits = find_hits(buffers)
    rows, starts = np.unique(hits.rows, return_index=True)
    bounds = [*starts.tolist(), len(hits.rows)]
    finders, firsts, lasts = (column.tolist() for column in hits[1:])
    changed, masked, kinds = [], [], []
    copies = _FOLD.fold(buffers, rows).to_list()
    written = texts.gather(rows).to_list()
    for place, row in enumerate(rows.tolist()):
        spans: list[Span] = []
        for hit in range(bounds[place], bounds[place + 1]):
            found = FINDERS[finders[hit]].spans(copies[place], firsts[hit], lasts[hit])
            take_disjoint(spans, found)
        if spans:
            changed.append(row)
            masked.append(_replace(written[place], spans))
            kinds.append(spans[0].kind if len(spans) == 1 else " ".join([s.kind for s in spans]))
    return changed, masked, kinds


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
        if kind == "handle" and (platform := _PLATFORM.match(text, start, end)):
            token = platform[1] + token
        text = text[:start] + token + text[end:]
    return text


@lru_cache(4096)
def _as_json(kinds: str) -> str:
    return json.dumps(Counter(sorted(kinds.split())), separators=(",", ":"))
