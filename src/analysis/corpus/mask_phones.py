r"""Phone numbers: mobiles and landlines, however they are written; hotlines are none.

Patterns run on a folded copy (`mask_fold.plain`). Boundaries are digit look-arounds, never `\b` or
`\w`, which take Han characters for letters of the same word.
"""

from __future__ import annotations

import re

from analysis.corpus.mask_span import AsKind, Finder

_ZERO = "[\u200b-\u200f\u2060\ufeff\u00ad]"
_GAP = f"(?:(?:[ \\-._·~]|{_ZERO}){{1,3}})"
_NO_UNIT = "(?![ ]?(?:元|块|万|亿|米|克|[¥%°℃]))"
_BEFORE = r"(?<![0-9])(?<![0-9]\.)"

_MOBILE = re.compile(
    rf"(?:(?<![0-9])(?:\+|00)?86(?:{_GAP})?|{_BEFORE})"
    rf"(?:1{_ZERO}*[3-9](?:{_ZERO}*[0-9]){{9}}"
    rf"|1[3-9][0-9]{_GAP}[0-9]{{4}}(?:{_GAP})?[0-9]{{4}}"
    rf"|1[3-9][0-9]{{5}}{_GAP}[0-9]{{4}}"
    rf"|1[3-9][0-9]{_GAP}[0-9]{{3}}{_GAP}[0-9]{{5}}"
    r"|1[3-9][0-9]{2}-[0-9]{3}-[0-9]{4}"
    r"|1(?P<gap>[ \-._·,、/]{1,2})[3-9](?:(?P=gap)[0-9]){9})"
    rf"(?![0-9]){_NO_UNIT}"
)
# O for 0 and l for 1, seven digits at least being real. What has eleven is `_MOBILE`'s.
_DISGUISED = re.compile(
    r"(?<![0-9A-Za-z])(?<![0-9]\.)(?=(?:[OlIo]{0,4}[0-9]){7})"
    rf"(?![0-9]{{11}}{_NO_UNIT})[1lI][3-9][0-9OolI]{{9}}(?![0-9A-Za-z])"
)
_LANDLINE = re.compile(
    rf"(?:{_BEFORE}\(0[1-9][0-9]{{1,2}}\)|{_BEFORE}0(?:10|2[0-9]|[3-9][0-9]{{2}})"
    r"|(?<![0-9])\+?86[ \-]?(?:10|2[0-9]|[3-9][0-9]{2})[ \-])"
    r"[ \-]{0,2}[2-8][0-9]{2,3}[ \-]?[0-9]{4}(?:(?:转|分机|-)[0-9]{1,5})?"
    rf"(?![0-9]){_NO_UNIT}"
)
_ABROAD = re.compile(r"(?<![0-9])(?:\+|00)(?:852|853|886)[ \-]?[0-9]{4}[ \-]?[0-9]{4,5}(?![0-9])")
# A local number is told from a price or a code only by what stands before it.
_LOCAL = re.compile(
    r"(?:电话|座机|固话|致电|来电|手机|(?<![A-Za-z])[Tt][Ee][Ll])(?:号码?|联系)?[: 是为.]{0,3}"
    r"(?P<it>(?!400|800|95|96|106)[2-8][0-9]{2,3}[ \-]?[0-9]{4})"
    rf"(?![0-9\-]){_NO_UNIT}"
)


PHONE_FINDERS = (
    Finder(_MOBILE, AsKind("phone")),
    Finder(_LANDLINE, AsKind("phone")),
    Finder(_ABROAD, AsKind("phone")),
    Finder(_DISGUISED, AsKind("phone")),
    Finder(_LOCAL, AsKind("phone", "it")),
)
