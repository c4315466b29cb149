"""Which encoding a text file is in, decided by what its bytes can be and never by a guess unseen.

The order matters (docs/formats.md, "Encodings"): a byte order mark; NUL bytes at odd or even
places, which mean UTF-16; strict UTF-8; then GB18030 and Big5, each only when the decoded text
looks like Chinese, because strict GB18030 decodes UTF-16 and Big5 into garbage without an error.
"""

from __future__ import annotations

import codecs
from collections import Counter
from dataclasses import dataclass

from analysis.errors import CaodianError
from analysis.storage.common_characters import share_common

PLAUSIBLE_SHARE = 0.4
SAMPLE_BYTES = 1 << 20
DAMAGED = "damaged"
MOST_DAMAGED = 0.05  # of the lines beyond ASCII: a cut character here and there, and no wrong guess

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)


@dataclass(frozen=True)
class Encoding:
    """An encoding and how many bytes of mark come before the text.

    Parameters
    ----------
    name
        Name of the Python codec.
    mark
        Bytes of the byte order mark.
    mixed_lines
        Lines (from 1) that hold another encoding than the rest, with its name, `DAMAGED` for bytes
        of no encoding.
    """

    name: str
    mark: int = 0
    mixed_lines: tuple[tuple[int, str], ...] = ()


def detect(data: bytes, *, where: str | None = None) -> Encoding:
    r"""Return the encoding of a whole text file.

    Parameters
    ----------
    data
        All bytes of the file.
    where
        Name of the file, for the message.

    Returns
    -------
    Encoding
        The codec, the length of its mark and the lines in another encoding.

    Raises
    ------
    CaodianError
        When more than a few lines are in no encoding; the message names line and byte.

    Examples
    --------
    >>> detect("评论内容,时间\n快递太慢了,2020-06-12".encode("gb18030")).name
    'gb18030'
    >>> detect("评论".encode("utf-8-sig"))
    Encoding(name='utf-8', mark=3, mixed_lines=())
    """
    mark = detect_mark(data) or detect_by_nul(data)
    if mark is not None and _decodes(data[mark.mark :], mark.name):
        return mark
    if _decodes(data, "utf-8"):
        return Encoding("utf-8")
    if not _is_mostly_utf8(data):
        for name in ("gb18030", "big5", "cp950"):
            if is_plausible(data, name) and _is_best(data, name):
                return Encoding(name)
    return _detect_by_line(data, where)


def detect_mark(data: bytes) -> Encoding | None:
    r"""Return the encoding that a byte order mark declares.

    Examples
    --------
    >>> detect_mark(b"\xff\xfea\x00")
    Encoding(name='utf-16-le', mark=2, mixed_lines=())
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return Encoding(name, len(mark))
    return None


def detect_by_nul(data: bytes) -> Encoding | None:
    r"""Return UTF-16 without mark when NULs say so and the text is then plausible.

    Examples
    --------
    >>> detect_by_nul("a,b\n".encode("utf-16-be"))
    Encoding(name='utf-16-be', mark=0, mixed_lines=())
    >>> detect_by_nul(b"one stray\x00 NUL in a long line of ASCII, which is no UTF-16") is None
    True
    """
    sample = data[:SAMPLE_BYTES]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if even + odd < 0.01 * len(sample):
        return None
    # 一 and 退 hold a NUL at the other place, so neither place must be free of them.
    names = ("utf-16-le", "utf-16-be") if odd >= even else ("utf-16-be", "utf-16-le")
    name = next((name for name in names if is_plausible(data, name)), None)
    return None if name is None else Encoding(name)


def is_plausible(data: bytes, name: str) -> bool:
    """Tell whether the bytes decode strictly and the text then looks like Chinese.

    Examples
    --------
    >>> is_plausible("快递太慢了".encode("gbk"), "gb18030")
    True
    >>> is_plausible("快遞太慢了這個賣家".encode("big5"), "gb18030")
    False
    """
    if not _decodes(data, name):
        return False
    share = _share(data, name)
    return share is None or share >= PLAUSIBLE_SHARE


def _is_best(data: bytes, name: str) -> bool:
    others = [other for other in ("gb18030", "big5") if other != name and _decodes(data, other)]
    own = _share(data, name) or 0.0
    return all(own >= (_share(data, other) or 0.0) for other in others)


def _share(data: bytes, name: str) -> float | None:
    return share_common(data[:SAMPLE_BYTES].decode(name, errors="ignore"))


def _decodes(data: bytes, name: str) -> bool:
    try:
        data.decode(name)
    except UnicodeDecodeError:
        return False
    return True


def _is_mostly_utf8(data: bytes) -> bool:
    """Tell whether more lines are UTF-8 beyond ASCII than are not UTF-8 at all."""
    lines = [line for line in data.split(b"\n") if not line.isascii()]
    good = sum(_decodes(line, "utf-8") for line in lines)
    return good > len(lines) - good


def _detect_by_line(data: bytes, where: str | None) -> Encoding:
    """Give each line the encoding it is in; refuse where more than a few lines are in none."""
    names: list[tuple[int, str]] = []
    damaged: list[tuple[int, bytes, int]] = []
    offset = 0
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.isascii():
            name = line_encoding(line)
            if name is None:
                damaged.append((number, line, offset))
            names.append((number, name or DAMAGED))
        offset += len(line) + 1
    if len(damaged) > MOST_DAMAGED * len(names):
        number, line, offset = damaged[0]
        raise _undecodable(line, number, offset, where)
    counts = Counter(name for _, name in names if name != DAMAGED)
    main = max(sorted(counts), key=lambda name: counts[name])
    return Encoding(main, 0, tuple((number, name) for number, name in names if name != main))


def line_encoding(line: bytes) -> str | None:
    r"""Return the encoding of one line, None when there is none.

    Examples
    --------
    >>> line_encoding("快递太慢了".encode("gb18030"))
    'gb18030'
    >>> line_encoding(b"\xff\xfe\xfd") is None
    True
    """
    if _decodes(line, "utf-8"):
        return "utf-8"
    for name in ("gb18030", "big5"):
        if is_plausible(line, name) and _is_best(line, name):
            return name
    return None


def _undecodable(line: bytes, number: int, offset: int, where: str | None) -> CaodianError:
    try:
        line.decode("utf-8")
        place = 0
    except UnicodeDecodeError as error:
        place = error.start
    return CaodianError(
        "a text file must be UTF-8, UTF-16, GB18030 or Big5 on every line",
        value=f"byte 0x{line[place]:02x}",
        where=f"{where + ', ' if where else ''}line {number}, byte {offset + place + 1}",
        remedy="Save the file again as UTF-8, or mend that line.",
    )
