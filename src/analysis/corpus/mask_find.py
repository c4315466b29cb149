"""All that identifies in one text: every kind's spans, without overlaps."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.corpus.mask_fold import plain
from analysis.corpus.mask_gates import FINDERS
from analysis.corpus.mask_span import Finder, Span


def find_personal_data(text: str, finders: Sequence[Finder] = FINDERS) -> list[Span]:
    """Return what identifies in a text, by place; tokens that stand there already are no finds.

    Parameters
    ----------
    text
        Cleaned or raw.
    finders
        Those that the text needs; all of them to be safe.

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
    for finder in finders:
        for span in finder.spans(folded):
            if all(span.end <= other.start or other.end <= span.start for other in taken):
                taken.append(span)
    return sorted(taken)
