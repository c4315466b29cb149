"""All that identifies in one text: every kind's spans, without overlaps."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from analysis.corpus.mask_accounts import account_spans
from analysis.corpus.mask_handles import handle_spans
from analysis.corpus.mask_names import name_spans
from analysis.corpus.mask_numbers import number_spans
from analysis.corpus.mask_places import address_spans
from analysis.corpus.mask_span import TOKENS, Span

_HAN = "〇零一壹幺二贰三叁四肆五伍六陆七柒八捌九玖"
_SPELLED_FOLD = dict(zip(map(ord, _HAN), "001112233445566778899", strict=True))
_SPELLED_FOLD |= dict.fromkeys(map(ord, ",，、"), "-")
_SPELLED = re.compile(f"[0-9{_HAN}](?:[ \\-.·,，、]?[0-9{_HAN}]){{4,}}")

# Every character keeps its place: full-width, circled and dashed forms as the plain one.
_FOLD: dict[int, str] = {0xFF01 + place: chr(0x21 + place) for place in range(94)}
_FOLD |= {0x2460 + place: chr(0x31 + place) for place in range(9)}
_FOLD |= dict.fromkeys([0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212], "-")
_FOLD |= {0x24EA: "0", 0x3000: " ", 0xA0: " ", 0x2164: "V"}

_TOKEN = re.compile("|".join(map(re.escape, TOKENS.values())))
_FINDERS: tuple[Callable[[str], Iterator[Span]], ...] = (
    account_spans,
    number_spans,
    handle_spans,
    address_spans,
    name_spans,
)


def find_personal_data(text: str) -> list[Span]:
    """Return what identifies in a text, by place; tokens that stand there already are no finds.

    Parameters
    ----------
    text
        Cleaned or raw.

    Returns
    -------
    list of Span
        Disjoint spans with their kinds, in order.

    Examples
    --------
    >>> find_personal_data("收件人：李小红 １３８-1234-5678")
    [Span(start=4, end=7, kind='name'), Span(start=8, end=21, kind='phone')]
    """
    folded = _without_tokens(text).translate(_FOLD)
    taken: list[Span] = []
    for finder in _FINDERS:
        taken += _free(finder(folded), taken)
    if _SPELLED.search(folded):
        spelled = folded.translate(_SPELLED_FOLD)
        for finder in (account_spans, number_spans):
            found = [span for span in finder(spelled) if _is_spelled(folded, span)]
            taken += _free(iter(found), taken)
    return sorted(taken)


def _without_tokens(text: str) -> str:
    """Blot tokens out, so that no pattern reads or crosses them."""
    if "【" not in text:
        return text
    return _TOKEN.sub(lambda token: "\x00" * len(token.group()), text)


def _is_spelled(folded: str, span: Span) -> bool:
    return sum(mark in _HAN for mark in folded[span.start : span.end]) >= 3


def _free(found: Iterator[Span], taken: list[Span]) -> list[Span]:
    """Keep the spans that cross none taken before."""
    kept: list[Span] = []
    for span in found:
        if all(span.end <= other.start or other.end <= span.start for other in (*taken, *kept)):
            kept.append(span)
    return kept
