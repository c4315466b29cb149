"""What finds one kind of what identifies a person: a pattern, its pieces, and how it is read.

Patterns run on a folded copy of a text (`plain`), in which each character keeps its
place. What the patterns are stands in `mask_numbers` and `mask_accounts`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, cast

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
    """Write the pattern of one of the words of patterns, those that begin alike together."""
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
    """Leave some characters out."""
    return "".join(one for one in characters if one not in others)


def han_but(characters: str) -> str:
    """Write, for a class, the Chinese characters without some."""
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
    """Give a pattern that is compiled at its first use."""
    return cast("re.Pattern[str]", _Late(pattern, flags.value))


def number_of_group(pattern: re.Pattern[str], name: str) -> int:
    r"""Tell which group has a name, without compiling the pattern."""
    opened = _OPENED.findall(pattern.pattern.partition(f"(?P<{name}>")[0])
    return 1 + sum(mark in ("(", "(?P<") for mark in opened)


# A sign that stands for itself, a class of signs, and what opens a group.
_OPENED = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?P<|\(\?|\(")


class Finder(NamedTuple):
    """One pattern, and how its matches are read; where it does not match, it finds nothing."""

    pattern: re.Pattern[str]
    read: Reading

    def spans(self, folded: str, first: int = 0, last: int | None = None) -> Iterable[Span]:
        """Return what is found in a folded text, of which matches begin between two places."""
        last = len(folded) if last is None else last
        matches = []
        while first <= last and (found := self.pattern.search(folded, first)):
            matches.append(found)
            first = found.end()
        return self.read(matches) if matches else ()


@dataclass(frozen=True)
class AsKind:
    """The reading of a pattern of which every match, or a group of it, is of one kind."""

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
# A province as it is written in Hong Kong, on plates too.
PLAIN |= {ord("粵"): "粤"}
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


# Signs of a number, what parts them, and where one begins and ends.


def signs(digits: str, alike: str = "") -> str:
    """Write the class of what stands for some digits, with signs that look alike."""
    spelled = (mark for mark, value in zip(HAN_DIGITS, HAN_VALUES, strict=True) if value in digits)
    return f"[{digits}{''.join(spelled)}{alike}]"


HAN_DIGIT = f"[{HAN_DIGITS}]"
COUNTED = "天个次年月块元万百千十人件条遍周小分秒点号楼位家只张瓶箱双"
DIGIT = signs("0123456789")
# Behind a word for the number, where it has as many signs as its kind.
LIKE_ONE = signs("1", "lI")
LIKE_DIGIT = signs("0123456789", "OolI")
NO_ZERO = signs("123456789")
FROM_THREE = signs("3456789")
LETTER = "[A-Za-z]"
# What a reader does not see between two digits, the mark of a keycap among it.
UNSEEN = "[\u200b-\u200f\u2060\ufeff\u00ad\ufe0f\u20e3]"
_TAB = "\t"
# Boxes, bullets and stars, those in colour, and strokes over what stands before.
_EMOJI = "•・∙⋅^`\u2500-\u27bf\u2b00-\u2bff\U0001f100-\U0001faff\u0300-\u036f"
_SOFT_SIGNS = f"[ {_TAB}\\-._·~…|丨丶{_EMOJI}\u200b-\u200f\u2060\ufeff\u00ad\ufe0f\u20e3]"
SOFT = f"{_SOFT_SIGNS}{{0,5}}"
SOFT_OR_SLASH = f"[/{_SOFT_SIGNS[1:]}{{0,5}}"
GAP = f"{_SOFT_SIGNS}{{1,3}}"
ANY = "[^0-9A-Za-z¥￥〇\u3400-\u4e27\u4e29-\u4e35\u4e37-\u9fff\0\n]{0,5}"  # but 丨 and 丶
# Letters, too, but for those that look like digits.
ANY_OR_LETTERS = "[^0-9OolI¥￥〇\u3400-\u4e27\u4e29-\u4e35\u4e37-\u9fff\0\n]{0,5}"
# Digits that the mark of a keycap may follow.
CAPPED = f"(?:{LIKE_DIGIT}{UNSEEN}{{0,2}})"
# A bracket behind the last digits that has opened before them.
DIGIT_OR_X = f"{LIKE_DIGIT[:-1]}Xx×]"
_CLOSING = "".join(rf"|(?<=[(\[【「《]{n * DIGIT_OR_X})[)\]】」》]" for n in range(1, 9))
CLOSED = rf"(?:\ufe0f?\u20e3)?(?:(?<=\u20e3)[)\]】」》]{_CLOSING})?"
BRACKETS = r"[(\[【「《)\]】」》\ufe0f\u20e3]{0,4}"
OPENED = rf"(?:[(\[【「《](?={CAPPED}{{1,8}}[)\]】」》]{ANY}{LIKE_DIGIT}))?"
# One that opens what holds the whole number.
OPENS = rf"[(\[【「《](?!{CAPPED}{{1,8}}[)\]】」》]{ANY}{LIKE_DIGIT})"
NO_UNIT = "(?![ ]?(?:元|块|万|亿|米|克|[¥%°℃]))"
# What no number of a person begins with: a day, the hour, amounts one behind the other, prices.
PRICE = "[0-9]{1,3}(?:[5-9]9|[02-9]0|[689]8)"
PRICES = rf"{PRICE}(?:[ ]?(?:[,、/~>|→]|->)[ ]?{PRICE}){{1,8}}(?![0-9])"
AMOUNT = r"[0-9]{1,5}\.[0-9]{1,2}(?![0-9.])"
NO_TIMES_OR_PRICES = (
    r"(?!(?:19|20)[0-9]{2}[ \-./,、~][0-9]|20[0-2][0-9](?:0[1-9]|1[0-2])[0-3][0-9](?![0-9])"
    rf"|(?:[01]?[0-9]|2[0-4]):[0-5][0-9](?![0-9:A-Za-z])|{PRICES}"
    rf"|{AMOUNT}[ ,、/~\-]{{1,2}}{AMOUNT})"
)
BEFORE = r"(?<![0-9])(?<![0-9]\.)"
# A digit that is a character ends a number only where no other such digit stands behind it.
END = f"(?![0-9])(?:(?<!{HAN_DIGIT})|(?!{HAN_DIGIT}))"
# One digit in characters behind plain ones is a word of the sentence (12345678一直), and so is
# what is counted (三天).
_PARTED_HAN = "|".join(f"(?<={HAN_DIGIT}{n * '[^0-9A-Za-z]'}{HAN_DIGIT})" for n in range(4))
PLAIN_END = (
    f"(?:(?<=[0-9])|(?<=[0-9][OolI])|(?<=[0-9][OolI][OolI])|(?:{_PARTED_HAN})(?![{COUNTED}])"
    f"|(?<={HAN_DIGIT})(?![\u4e00-\u9fff]))"
)
# What may stand between a word for a number and one that nothing else has.
SHORTLY = "[^0-9\0\n]{0,8}?"


def row(*signs: str, apart: str = ANY) -> str:
    """Write signs, one behind the other, with what may part them."""
    return apart.join(signs)


def further(count: str, sign: str = DIGIT, apart: str = ANY) -> str:
    """Write so many more signs."""
    return f"(?:{apart}{sign}){{{count}}}"


def any_length(least: int, most: int, first: str = DIGIT) -> str:
    """Write a number that has no certain length, at whose end a sentence goes on.

    What parts other things, too (，、/), parts its digits only where it does so again and again.
    """
    rest = f"{least - 1},{most - 1}"
    bracketed = rf"(?:{BRACKETS}{LIKE_DIGIT}){{{least},{most}}}(?:\ufe0f?\u20e3)?[)\]】」》]"
    group = f"{CAPPED}{{1,8}}"
    return (
        rf"(?:(?={first}{further(rest, LIKE_DIGIT)}(?!{ANY}[0-9])){group}{_LISTING}{group}"
        rf"(?:(?P=apart){group})+(?:(?<=\u20e3)|{PLAIN_END})(?!{ANY}[0-9])"
        rf"|{first}{further(rest, LIKE_DIGIT, SOFT_OR_SLASH)}{PLAIN_END}(?:\ufe0f?\u20e3)?"
        rf"|(?={bracketed})(?:{group})?(?:[(\[【「《]{group}[)\]】」》]){{2,12}})"
    )


_LISTING = r"(?P<apart>[ \-.,、/;:。=+*#&…|\\>→'\"“^]{1,3})"
# A number in one piece, some words behind what announces it (座机也行，白天有人接，…).
FAR = "[^0-9A-Za-z\0单型款批价元钱热]{1,24}"


# Surnames.


def surnames() -> str:
    """Return the characters that surnames are, common and rare, each once."""
    lists = ("surnames", "doubtful_surnames", "rare_surnames", "rarest_surnames")
    return "".join(dict.fromkeys("".join(map(characters, lists))))


def double_surnames() -> list[str]:
    """Return the surnames of two characters."""
    return one_of("double_surnames").split("|")
