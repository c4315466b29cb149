"""All that identifies in one text: every kind's spans, without overlaps."""

from __future__ import annotations

from collections.abc import Iterable

from analysis.corpus.mask_fold import plain
from analysis.corpus.mask_gates import FINDERS
from analysis.corpus.mask_span import Span


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
    folded = plain(text)
    taken: list[Span] = []
    for finder in FINDERS:
        take_disjoint(taken, finder.spans(folded))
    return sorted(taken)


def take_disjoint(taken: list[Span], spans: Iterable[Span]) -> None:
    """Add the spans that overlap none of those that are taken.

    Examples
    --------
    >>> taken = [Span(1, 2, "qq")]
    >>> take_disjoint(taken, [Span(0, 2, "name"), Span(2, 3, "url")])
    >>> taken
    [Span(start=1, end=2, kind='qq'), Span(start=2, end=3, kind='url')]
    """
    for span in spans:
        for other in taken:
            if span.start < other.end and other.start < span.end:
                break
        else:
            taken.append(span)
