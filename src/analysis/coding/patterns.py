"""The small language in which terms and phrases of the codebook are written.

A *term* is literal text with choices, such as ``退(款|货|钱)了?`` or ``[好太]坑``. ``#`` stands
for any numeral (三, 3.5, 十几), each ``.`` outside of brackets for one free character at most.
A *phrase* puts terms and ``{concepts}`` in order with gaps: in ``{refusal} ~6 {refund}`` at most
six characters may lie between, in one sentence; ``~~20`` may leave it; ``<8>`` allows either order.
"""

from __future__ import annotations

import re
from itertools import product

from analysis.errors import CaodianError

MAX_WORDINGS = 20_000


def expand_term(term: str) -> list[str]:
    """Return every wording of a term.

    Parameters
    ----------
    term
        Literal text; ``(a|b)`` is a choice, ``[ab]`` one of the characters, ``?`` makes the piece
        before it optional.

    Returns
    -------
    list of str
        Wordings in order, each once.

    Raises
    ------
    CaodianError
        If brackets do not match or the wordings are too many.

    Examples
    --------
    >>> expand_term("退(款|货)了?")
    ['退款了', '退款', '退货了', '退货']
    >>> expand_term("[太好]坑")
    ['太坑', '好坑']
    """
    wordings, end = _expand_choice(term, 0)
    if end != len(term):
        raise CaodianError("a term must have matching brackets", value=term)
    expanded = list(dict.fromkeys(wordings))
    if "" in expanded:
        raise CaodianError("a term must have a piece that is not optional", value=term)
    return expanded


def _expand_choice(term: str, start: int) -> tuple[list[str], int]:
    """Wordings of the alternatives from `start` to the closing bracket or the end."""
    wordings: list[str] = []
    position = start
    while True:
        branch, position = _expand_branch(term, position)
        wordings.extend(branch)
        if term[position : position + 1] != "|":
            return wordings, position
        position += 1


def _expand_branch(term: str, start: int) -> tuple[list[str], int]:
    """Wordings of one alternative: pieces in a row, each of them maybe optional."""
    wordings, position = [""], start
    while position < len(term) and term[position] not in "|)":
        if term[position] == "(":
            piece, position = _expand_choice(term, position + 1)
            closing = ")"
        elif term[position] == "[":
            end = term.find("]", position)
            piece, position, closing = list(term[position + 1 : end]), end, "]"
        else:
            piece, closing = [term[position]], term[position]
        if position < 0 or term[position : position + 1] != closing:
            raise CaodianError("a term must have matching brackets", value=term)
        position += 1
        if term[position : position + 1] == "?":
            piece, position = [*piece, ""], position + 1
        wordings = [before + after for before, after in product(wordings, piece)]
        if len(wordings) > MAX_WORDINGS:
            raise CaodianError(f"a term may have at most {MAX_WORDINGS} wordings", value=term)
    return wordings, position


MANY_WORDINGS = 256


def factor_term(term: str) -> str:
    """Return a term of many wordings as a phrase of parts that follow each other at once.

    The trie then holds the wordings of each part once instead of all their combinations.

    Examples
    --------
    >>> factor_term("退(款|货)")
    '退(款|货)'
    """
    parts, position = [""], 0
    while position < len(term):
        end = _piece_end(term, position)
        piece = term[position:end]
        if _n_wordings(parts[-1] + piece) > MANY_WORDINGS and not _may_be_empty(parts[-1]):
            parts.append("")
        parts[-1] += piece
        position = end
    if len(parts) > 1 and _may_be_empty(parts[-1]):
        parts[-2:] = ["".join(parts[-2:])]
    return " ~0 ".join(parts)


def _piece_end(term: str, start: int) -> int:
    """Where the piece that begins at `start` ends, its question mark included."""
    depth, end = 0, start
    while end < len(term):
        depth += (term[end] in "([") - (term[end] in ")]")
        end += 1
        if depth == 0:
            break
    return end + 1 if term[end : end + 1] == "?" else end


def _n_wordings(term: str) -> int:
    return len(_expand_choice(term, 0)[0])


def _may_be_empty(term: str) -> bool:
    return "" in _expand_choice(term, 0)[0]


_WILD = re.compile(r"((?:\.\??)+)")


def split_wildcards(term: str) -> str:
    """Return a term with dots as a phrase: each ``.`` or ``.?`` is one free character at most.

    A part that may be missing becomes room in the gap.

    Examples
    --------
    >>> split_wildcards("先涨.?.?再降")
    '先涨 ~2 再降'
    >>> split_wildcards("扫码.?(显示)?.?过期")
    '扫码 ~4 过期'
    """
    pieces = _WILD.split(term)
    words, gap = [pieces[0]], 0
    for dots, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        gap += dots.count(".")
        if _may_be_empty(piece):
            gap += max(map(len, _expand_choice(piece, 0)[0]))
        else:
            words += [f"~{gap}", piece]
            gap = 0
    return " ".join(words)


_GAP = re.compile(r"(~~?)(\d+)|<(\d+)>")


def parse_phrase(phrase: str) -> list[tuple[list[str], list[tuple[int, bool]]]]:
    """Split a phrase into its parts and the gaps between them, one entry an order.

    Returns
    -------
    list
        For each allowed order: the parts (terms or ``{concept}``), and between each two of them
        the largest gap and whether it may leave the sentence.

    Raises
    ------
    CaodianError
        If parts and gaps do not alternate.

    Examples
    --------
    >>> parse_phrase("{refusal} ~6 {refund}")
    [(['{refusal}', '{refund}'], [(6, False)])]
    >>> [parts for parts, _ in parse_phrase("客服 <8> 消失")]
    [['客服', '消失'], ['消失', '客服']]
    """
    words = phrase.split()
    gaps = [_GAP.fullmatch(word) for word in words[1::2]]
    if len(words) % 2 == 0 or any(gap is None for gap in gaps):
        raise CaodianError(
            "a phrase must be parts with gaps between them, as in '{refusal} ~6 {refund}'",
            value=phrase,
        )
    parts = words[::2]
    limits = [_limit(gap) for gap in gaps if gap is not None]
    orders = [(parts, limits)]
    if any(gap is not None and gap[3] for gap in gaps):
        if len(parts) != 2:
            raise CaodianError("a gap of either order joins exactly two parts", value=phrase)
        orders.append((parts[::-1], limits))
    return orders


def _limit(gap: re.Match[str]) -> tuple[int, bool]:
    if gap[3]:
        return int(gap[3]), False
    return int(gap[2]), gap[1] == "~~"
