"""The copies of a text that patterns run on: every character keeps its place in them."""

from __future__ import annotations

import re
from functools import lru_cache

from analysis.corpus.mask_span import TOKENS

# Digits written as characters, also the ones of cheques and of radio speech (幺).
HAN_DIGITS = "〇零一壹幺二贰三叁四肆五伍六陆七柒八捌九玖"
_VALUES = "001112233445566778899"

# What `plain` replaces, character by character.
PLAIN: dict[int, str] = {0xFF01 + place: chr(0x21 + place) for place in range(94)}
PLAIN |= {0x2460 + place: chr(0x31 + place) for place in range(9)}
PLAIN |= dict.fromkeys([*range(0x2010, 0x2016), 0x2212], "-")
PLAIN |= {0x24EA: "0", 0x3000: " ", 0xA0: " ", 0x2164: "V"}
_SPELLED = dict(zip(map(ord, HAN_DIGITS), _VALUES, strict=True))
_SPELLED |= dict.fromkeys(map(ord, ",，、"), "-")
# Both at once.
PLAIN_AND_SPELLED = {
    **_SPELLED,
    **{mark: _SPELLED.get(ord(to), to) for mark, to in PLAIN.items()},
}
_TOKEN = re.compile("|".join(map(re.escape, TOKENS.values())))


def plain(text: str) -> str:
    r"""Return the text with full-width, circled and dashed forms as plain, tokens blotted out.

    Examples
    --------
    >>> plain("【电话】①３８－")
    '\x00\x00\x00\x00138-'
    """
    if "【" in text:
        text = _TOKEN.sub(lambda token: "\x00" * len(token.group()), text)
    return text.translate(PLAIN)


@lru_cache(1)
def spelled(folded: str) -> str:
    """Return a folded text with digits that are written as characters as digits.

    Examples
    --------
    >>> spelled("一三八、零零幺")
    '138-001'
    """
    return folded.translate(_SPELLED)
