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
from collections.abc import Sequence
from functools import lru_cache

import polars as pl

from analysis.corpus.mask_find import find_personal_data
from analysis.corpus.mask_gates import FINDERS, needed_finders
from analysis.corpus.mask_span import TOKENS, Finder, Span

_PLATFORM = re.compile(
    "@(京东|天猫|淘宝|拼多多|抖音|快手|得物|苏宁易购|苏宁|唯品会|小红书|闲鱼|转转|美团|饿了么|国美|"
    "当当|亚马逊|考拉|网易严选|支付宝|微信|哔哩哔哩|盒马|毒(?=App|APP|app))"
)


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
    masked, kinds = _found_in(texts)
    if not masked:
        return texts, counts
    rows = list(masked)
    found = pl.Series([_as_json(*sorted(kinds[row])) for row in rows], dtype=pl.String)
    changed = pl.Series(list(masked.values()), dtype=pl.String)
    return texts.scatter(rows, changed), counts.scatter(rows, found)


def _found_in(texts: pl.Series) -> tuple[dict[int, str], dict[int, list[str]]]:
    """Return the masked text and the kinds of finds of every row in which something is found."""
    masked: dict[int, str] = {}
    kinds: dict[int, list[str]] = {}
    rows, asked = list(range(0)), texts
    while len(asked) > asked.null_count():
        places, finders = needed_finders(asked)
        suspects = asked.gather(places).to_list()
        changed = []
        for place, text, needed in zip(places, suspects, finders, strict=True):
            spans = find_personal_data(text, needed)
            if spans:
                row = rows[place] if rows else place
                masked[row] = _replace(text, spans)
                kinds.setdefault(row, []).extend([span.kind for span in spans])
                changed.append(row)
        rows, asked = changed, pl.Series([masked[row] for row in changed], dtype=pl.String)
    return masked, kinds


def mask_text(text: str, finders: Sequence[Finder] = FINDERS) -> tuple[str, Counter[str]]:
    """Mask one text; return it with the number of finds by kind.

    Examples
    --------
    >>> mask_text("@京东客服 加微信abc_123")
    ('京东【账号】 加微信【微信】', Counter({'handle': 1, 'wechat': 1}))
    """
    counts: Counter[str] = Counter()
    while spans := find_personal_data(text, finders):
        counts.update(span.kind for span in spans)
        text = _replace(text, spans)
    return text, counts


def _replace(text: str, spans: list[Span]) -> str:
    parts, position = [], 0
    for span in spans:
        parts += [text[position : span.start], _token(text[span.start : span.end], span.kind)]
        position = span.end
    return "".join([*parts, text[position:]])


def _token(written: str, kind: str) -> str:
    platform = _PLATFORM.match(written) if kind == "handle" else None
    return (platform[1] if platform else "") + TOKENS[kind]


@lru_cache(4096)
def _as_json(*kinds: str) -> str:
    return json.dumps(Counter(kinds), separators=(",", ":"))
