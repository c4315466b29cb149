"""The characters that evidence of names and addresses is kept by: their numbers, what each may be.

The models of both (`corpus/mask_names`, `corpus/mask_addresses`) read the same numbers, and what
learns their weights makes them (`engine.evidence` says what the numbers below the characters are).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.corpus.mask_finders import PLAIN, characters, one_of
from analysis.engine.evidence import (
    DIGIT,
    FIRST_NUMBER,
    IS_DOUBLE,
    IS_MARK,
    IS_SURE_SURNAME,
    IS_SURNAME,
    JOINS_NAMES,
    LETTER,
    MAY_BE_GIVEN,
    NO_CHARACTER,
    OPENS_SURNAME,
    OTHER,
    OTHER_HAN,
    PAD,
    hash_bonds,
)

_POINTS = 0x10000
# What joins the names of a row.
_JOINTS = "、和与跟及/&+"


def surnames() -> str:
    """Return the characters that surnames are, common and rare, each once."""
    lists = ("surnames", "doubtful_surnames", "rare_surnames", "rarest_surnames")
    return "".join(dict.fromkeys("".join(map(characters, lists))))


def double_surnames() -> list[str]:
    """Return the surnames of two characters."""
    return one_of("double_surnames").split("|")


class Alphabet(NamedTuple):
    """The numbers of characters, and what each may be (`engine.evidence`)."""

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
    flags[:OTHER_HAN], flags[OTHER_HAN], flags[OTHER:] = IS_MARK, MAY_BE_GIVEN, IS_MARK
    never = characters("never_given")
    flags[FIRST_NUMBER:] = [
        MAY_BE_GIVEN * (one not in never) if "\u4e00" <= one <= "\u9fff" else IS_MARK
        for one in known
    ]
    flags[[points[ord(one)] for one in _JOINTS if one in known]] |= JOINS_NAMES
    flags[points[list(map(ord, surnames()))]] |= IS_SURNAME
    flags[points[[ord(double[0]) for double in double_surnames()]]] |= OPENS_SURNAME
    sure = map(characters, ("pure_surnames", "nearly_pure_surnames", "sure_surnames"))
    flags[points[list(map(ord, "".join(sure)))]] |= IS_SURE_SURNAME
    for point, other in PLAIN.items():
        if point < _POINTS:
            points[point] = points[ord(other)]
    return Alphabet(points, flags)


Bonds = npt.NDArray[np.int64]


def bond_table(
    alphabet: Alphabet, pairs: npt.NDArray[np.int64], firm: npt.NDArray[np.uint8]
) -> Bonds:
    """Return a table of pairs of numbers and how firm each is; double surnames are marked."""
    size = len(alphabet.flags)
    strengths = dict(zip(pairs.tolist(), firm.tolist(), strict=True))
    for double in double_surnames():
        one, other = alphabet.points[list(map(ord, double))].tolist()
        strengths[one * size + other] = strengths.get(one * size + other, 0) | IS_DOUBLE
    return hash_bonds(np.array([*strengths], np.int64), np.array([*strengths.values()], np.uint8))


def numbers_of(folded: str, points: npt.NDArray[np.uint16]) -> npt.NDArray[np.int32]:
    """Return the numbers of a text's characters, padded."""
    codes = np.array(list(map(ord, folded)), np.int64)
    numbers = np.full(len(codes) + 2 * PAD, NO_CHARACTER, np.int32)
    inside = numbers[PAD : PAD + len(codes)]
    inside[:] = OTHER
    is_low = codes < len(points)
    inside[is_low] = points[codes[is_low]]
    return numbers
