"""What finds one kind of what identifies a person: a pattern, and how its matches are read.

Patterns run on a folded copy of a text (`plain`), in which each character keeps its
place. What the patterns are stands in `mask_numbers`, `mask_names` and `mask_addresses`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
import numpy.typing as npt

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
from analysis.engine.folding import traditional_characters
from analysis.yaml_text import read_yaml

# A stretch of text that identifies a person, the thirteen kinds there are, and what finds them.

TOKENS = {
    "phone": "【电话】",
    "id_card": "【证件】",
    "bank_card": "【银行卡】",
    "order_no": "【订单号】",
    "plate": "【车牌】",
    "passport": "【护照】",
    "email": "【邮箱】",
    "wechat": "【微信】",
    "qq": "【QQ】",
    "url": "【网址】",
    "handle": "【账号】",
    "address": "【地址】",
    "name": "【姓名】",
}


class Span(NamedTuple):
    """Where something personal stands, and what it is (a key of `TOKENS`)."""

    start: int
    end: int
    kind: str


# One script for all: texts are folded so, too (`plain`).
_SIMPLIFIED = {ord(one): other for one, other in traditional_characters().items()}
_WORDS: dict[str, str] = {
    name: words.translate(_SIMPLIFIED)
    for name, words in read_yaml(
        Path(__file__).with_name("mask_words.yaml").read_text("utf-8")
    ).items()
}


# The Chinese characters, for a class.
HAN = "\u4e00-\u9fff"


def one_of(name: str) -> str:
    """Write the pattern of one of the words of a list in `mask_words.yaml`.

    Examples
    --------
    >>> bool(re.fullmatch(one_of("double_surnames"), "欧阳"))
    True
    """
    return "|".join(_WORDS[name].split())


def by_first(*patterns: str) -> str:
    """Write the pattern of one of the words of patterns, those that begin alike together.

    Examples
    --------
    >>> by_first("张三|李四", "张老师")
    '张(?:三|老师)|李(?:四)'
    """
    rests: dict[str, list[str]] = {}
    for word in "|".join(patterns).split("|"):
        rests.setdefault(word[0], []).append(word[1:])
    return "|".join(f"{first}(?:{'|'.join(rest)})" for first, rest in rests.items())


def characters(name: str) -> str:
    """Return a list in `mask_words.yaml` of characters that stand for themselves each.

    Examples
    --------
    >>> "王" in characters("surnames")
    True
    """
    return "".join(_WORDS[name].split())


def but(characters: str, others: str) -> str:
    """Leave some characters out.

    Examples
    --------
    >>> but("王李张", "李")
    '王张'
    """
    return "".join(one for one in characters if one not in others)


def han_but(characters: str) -> str:
    """Write, for a class, the Chinese characters without some.

    Examples
    --------
    >>> [bool(re.match(f"[{han_but('王')}]", one)) for one in "王李a"]
    [False, True, False]
    """
    bounds = [0x4DFF, *sorted({ord(one) for one in characters if one >= "一"}), 0xA000]
    pairs = pairwise(bounds)
    return "".join(f"{chr(low + 1)}-{chr(high - 1)}" for low, high in pairs if low + 1 < high)


Reading = Callable[[list[re.Match[str]]], Iterable[Span]]


class _Late:
    """A pattern that is compiled when it is first used.

    Those of names take a second, and masking runs a program that was made of their texts before.
    """

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern, self.flags = pattern, re.UNICODE.value | flags

    def __getattr__(self, name: str) -> object:
        if name.startswith("_"):
            raise AttributeError(name)
        compiled = re.compile(self.pattern, self.flags)
        for method in _ASKED:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


_ASKED = ("search", "match", "fullmatch", "finditer", "findall", "sub", "split", "groupindex")


def late(pattern: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """Give a pattern that is compiled at its first use.

    Examples
    --------
    >>> late("1+").search("211")[0], late("1+").pattern == re.compile("1+").pattern
    ('11', True)
    """
    return cast("re.Pattern[str]", _Late(pattern, flags.value))


def number_of_group(pattern: re.Pattern[str], name: str) -> int:
    r"""Tell which group has a name, without compiling the pattern.

    Examples
    --------
    >>> number_of_group(late(r"\([(](a)(?:b)(?=c)(?P<it>d)"), "it")
    2
    """
    opened = _OPENED.findall(pattern.pattern.partition(f"(?P<{name}>")[0])
    return 1 + sum(mark in ("(", "(?P<") for mark in opened)


# A sign that stands for itself, a class of signs, and what opens a group.
_OPENED = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?P<|\(\?|\(")


class Finder(NamedTuple):
    """One pattern, and how its matches are read; where it does not match, it finds nothing."""

    pattern: re.Pattern[str]
    read: Reading

    def spans(self, folded: str, first: int = 0, last: int | None = None) -> Iterable[Span]:
        """Return what is found in a folded text, of which matches begin between two places.

        Examples
        --------
        >>> list(Finder(re.compile("1+"), AsKind("phone")).spans("11 1 1", 1, 3))
        [Span(start=1, end=2, kind='phone'), Span(start=3, end=4, kind='phone')]
        """
        last = len(folded) if last is None else last
        matches = []
        while first <= last and (found := self.pattern.search(folded, first)):
            matches.append(found)
            first = found.end()
        return self.read(matches) if matches else ()


@dataclass(frozen=True)
class AsKind:
    """The reading of a pattern of which every match, or a group of it, is of one kind.

    Examples
    --------
    >>> list(Finder(re.compile("打(?P<it>[0-9]+)"), AsKind("phone", "it")).spans("打110"))
    [Span(start=1, end=4, kind='phone')]
    """

    kind: str
    group: str | int = 0

    def __call__(self, matches: Iterable[re.Match[str]]) -> list[Span]:
        """Return a span for each match."""
        return [Span(*found.span(self.group), self.kind) for found in matches]


# The copies of a text that patterns run on: every character keeps its place in them.

# Digits written as characters, also the ones of cheques and of radio speech (幺).
HAN_DIGITS = "〇零一壹幺二贰三叁四肆五伍六陆七柒八捌九玖"
HAN_VALUES = "001112233445566778899"

# What `plain` replaces, character by character.
PLAIN: dict[int, str] = _SIMPLIFIED | {0xFF01 + place: chr(0x21 + place) for place in range(94)}
PLAIN |= {0x2460 + place: chr(0x31 + place) for place in range(9)}
# Digits in circles, in brackets and in the alphabets of mathematics.
PLAIN |= {
    first + place: chr(0x31 + place)
    for first in (0x2474, 0x24F5, 0x2776, 0x2780, 0x278A)
    for place in range(9)
}
PLAIN |= {0x1D7CE + place: chr(0x30 + place % 10) for place in range(50)}
PLAIN |= dict.fromkeys([*range(0x2010, 0x2016), 0x2212], "-")
PLAIN |= {0xFE6B: "@", 0xFE63: "-", 0xFE52: ".", 0xFE55: ":"}
PLAIN |= dict.fromkeys([0x24EA, 0x24FF, 0x1F10B, 0x1F10C], "0")
PLAIN |= {0x3000: " ", 0xA0: " ", 0x2164: "V"}
# Digits with a full stop, and Cyrillic signs that look alike.
PLAIN |= {0x2488 + place: chr(0x31 + place) for place in range(9)}
PLAIN |= {0x0417: "3", 0x041E: "O", 0x043E: "o"}
_TOKEN = re.compile("|".join(map(re.escape, TOKENS.values())))


def plain(text: str) -> str:
    r"""Return the text with other forms of signs as the plain ones, and tokens as zeros.

    Those are full-width, circled, dashed and traditional.

    Examples
    --------
    >>> plain("【电话】①３８－陳")
    '\x00\x00\x00\x00138-陈'
    """
    if "【" in text:
        text = _TOKEN.sub(lambda token: "\x00" * len(token.group()), text)
    return text.translate(PLAIN)


# The numbers of characters that evidence is kept by (`engine.evidence`).

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


Bonds = tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]


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
