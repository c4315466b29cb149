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

import numpy as np
import polars as pl

from analysis.corpus.mask_find import FINDERS, Finder, find_personal_data
from analysis.corpus.mask_fold import FOLDED
from analysis.corpus.mask_span import TOKENS, Span

# A text with forms that the gates do not read gets every finder.
_GATES = [f"{finder.gate}|[{FOLDED}]" for finder in FINDERS]
_ANY_GATE = "|".join(f"(?:{finder.gate})" for finder in FINDERS) + f"|[{FOLDED}]"
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
    rows = texts.str.contains(_ANY_GATE).arg_true()
    suspects = texts.gather(rows)
    results = [
        mask_text(text, finders)
        for text, finders in zip(suspects.to_list(), _needed_finders(suspects), strict=True)
    ]
    hits = [place for place, (_, found) in enumerate(results) if found]
    if not hits:
        return texts, counts
    masked = pl.Series([results[place][0] for place in hits], dtype=pl.String)
    found = pl.Series([_as_json(results[place][1]) for place in hits], dtype=pl.String)
    return texts.scatter(rows.gather(hits), masked), counts.scatter(rows.gather(hits), found)


def _needed_finders(texts: pl.Series) -> list[tuple[Finder, ...]]:
    """Tell each text the finders whose gate it passes."""
    passes = np.zeros(len(texts), np.int64)
    for place, gate in enumerate(_GATES):
        passes |= texts.str.contains(gate).to_numpy().astype(np.int64) << place
    chosen = {
        number: tuple(finder for place, finder in enumerate(FINDERS) if number >> place & 1)
        for number in np.unique(passes).tolist()
    }
    return [chosen[number] for number in passes.tolist()]


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


def _as_json(counts: Counter[str]) -> str:
    return json.dumps(dict(sorted(counts.items())), separators=(",", ":"))
