"""Names that no pattern tells: evidence of characters and of what stands around, added up.

A candidate is a surname with one or two characters behind it. How oftener its characters stand in
names than elsewhere, how firmly they belong together as words, and what stands before and behind
are features of a log-linear model, whose weights `analysis.training.names` learns. Where their sum
reaches `LEAST`, and nothing more likely overlaps, there is a name: beside a cue (收件人, 我老公)
its own characters need tell little, where nothing announces it much.

Columns are masked by the compiled form (`engine/name_evidence`); this is the readable one.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.corpus.mask_finders import HAN, PLAIN, Span, by_first, characters, late, one_of
from analysis.corpus.mask_names import KNOWN
from analysis.engine.name_evidence import (
    DIGIT,
    FIRST_NUMBER,
    IS_DOUBLE,
    IS_HAN,
    IS_SURNAME,
    LETTER,
    NO_CHARACTER,
    OF_ALL,
    OPENS_SURNAME,
    OTHER,
    OTHER_HAN,
    PAD,
    hash_bonds,
    next_name,
)

# In units of 1/8 of log-odds: how much is needed of its characters and neighbours, and of all.
SCALE = 8
LEAST_FIRST, LEAST = -24, 16
WEIGHTS = Path(__file__).parent / "weights" / "names.npz"
_POINTS = 0x10000

# No names: public figures, brands and words; a surname with a title.
_TITLES = [title for title in one_of("titles").split("|") if len(title) > 1]
UNNAMED = late(
    f"{KNOWN.pattern}|(?:{one_of('double_surnames')}|[{HAN}])"
    f"(?:{by_first(*_TITLES)}|[某氏姓总](?![{HAN}]{{0}}[{characters('only_given')}]))"
)


def surnames() -> str:
    """Return the characters that surnames are, common and rare, each once."""
    lists = ("surnames", "doubtful_surnames", "rare_surnames", "rarest_surnames")
    return "".join(dict.fromkeys("".join(map(characters, lists))))


def double_surnames() -> list[str]:
    """Return the surnames of two characters."""
    return one_of("double_surnames").split("|")


class Alphabet(NamedTuple):
    """The numbers of characters, and what a character may be, as `engine.name_evidence` takes both."""

    points: npt.NDArray[np.uint16]
    flags: npt.NDArray[np.uint8]


def number_characters(known: str) -> Alphabet:
    """Give numbers to the characters of ordinary text and of names, the commonest first.

    Examples
    --------
    >>> alphabet = number_characters("王的")
    >>> alphabet.points[[ord("王"), ord("的"), ord("7"), ord("x"), ord("。")]].tolist()
    [6, 7, 3, 4, 2]
    """
    points = np.full(_POINTS, OTHER, np.uint16)
    points[0x4E00:0xA000] = OTHER_HAN
    for letters, number in (("azAZ", LETTER), ("09", DIGIT)):
        for low, high in zip(letters[::2], letters[1::2], strict=True):
            points[ord(low) : ord(high) + 1] = number
    points[list(map(ord, known))] = range(FIRST_NUMBER, FIRST_NUMBER + len(known))
    flags = np.zeros(FIRST_NUMBER + len(known), np.uint8)
    flags[OTHER_HAN] = IS_HAN
    flags[FIRST_NUMBER:] = [IS_HAN * ("\u4e00" <= one <= "\u9fff") for one in known]
    flags[points[list(map(ord, surnames()))]] |= IS_SURNAME
    flags[points[[ord(double[0]) for double in double_surnames()]]] |= OPENS_SURNAME
    for point, other in PLAIN.items():
        if point < _POINTS:
            points[point] = points[ord(other)]
    return Alphabet(points, flags)


Bonds = tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]


def bond_table(alphabet: Alphabet, pairs: npt.NDArray[np.int64], firm: npt.NDArray[np.uint8]) -> Bonds:
    """Return a table of pairs of numbers and how firm each is, surnames of two characters marked."""
    size = len(alphabet.flags)
    strengths = dict(zip(pairs.tolist(), firm.tolist(), strict=True))
    for double in double_surnames():
        one, other = alphabet.points[list(map(ord, double))].tolist()
        strengths[one * size + other] = strengths.get(one * size + other, 0) | IS_DOUBLE
    hashed: Bonds = hash_bonds(
        np.array([*strengths], np.int64), np.array([*strengths.values()], np.uint8)
    )
    return hashed


@cache
def shipped_evidence() -> tuple[Any, ...]:
    """Return the weights that come with the package, as `next_name` takes them.

    Numbers and flags of characters, weights, bonds, how many numbers there are, how much is needed;
    room for features and for what is found.
    """
    with np.load(WEIGHTS) as kept:
        alphabet = number_characters("".join(map(chr, kept["characters"])))
        pairs = np.cumsum(kept["steps"].astype(np.int64))
        bonds = bond_table(alphabet, pairs, kept["firm"])
        weights = kept["weights"]
    rooms = np.zeros(OF_ALL, np.int64), np.zeros(2, np.int64)
    return *alphabet, weights, bonds, len(alphabet.flags), (LEAST_FIRST, LEAST), *rooms


def find_evident(folded: str) -> Iterator[Span]:
    """Yield the names that evidence tells in a folded text, in order.

    Examples
    --------
    >>> [folded[at:end] for folded in ["隔壁席慕晚全程没露面"] for at, end, _ in find_evident(folded)]
    ['席慕晚']
    """
    evidence = shipped_evidence()
    numbers, found = numbers_of(folded, evidence[0]), evidence[-1]
    at, last = PAD, PAD + len(folded) - 1
    while next_name(numbers, at, last, evidence, found):
        start, at = found.tolist()
        if not UNNAMED.match(folded, start - PAD):
            yield Span(start - PAD, at - PAD, "name")


def numbers_of(folded: str, points: npt.NDArray[np.uint16]) -> npt.NDArray[np.int32]:
    """Return the numbers of a text's characters, padded."""
    codes = np.array(list(map(ord, folded)), np.int64)
    numbers = np.full(len(codes) + 2 * PAD, NO_CHARACTER, np.int32)
    inside = numbers[PAD : PAD + len(codes)]
    inside[:] = OTHER
    is_low = codes < len(points)
    inside[is_low] = points[codes[is_low]]
    return numbers
