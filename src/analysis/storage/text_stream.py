"""Read a text file of any size as blocks of valid UTF-8, whatever its encoding."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from analysis.errors import CaodianError
from analysis.storage.encoding import DAMAGED, Encoding, detect, detect_by_nul, detect_mark

BLOCK_BYTES = 16 << 20
HELD_BYTES = 1 << 30

Opener = Callable[[], BinaryIO]


def survey_encoding(open_stream: Opener, where: str) -> Encoding:
    """Return the encoding of a whole file, after looking at every byte of it.

    Parameters
    ----------
    open_stream
        Opens the file from the start.
    where
        Name of the file, for the message.

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
    marked = detect_mark(head) or detect_by_nul(head[: len(head) // 4 * 4])
    if marked is None or marked.name == "utf-8":
        found = marked or Encoding("utf-8")
        if _is_utf8_throughout(open_stream):
            return found
    with open_stream() as stream:
        return detect(stream.read(HELD_BYTES), where=where)


def _is_utf8_throughout(open_stream: Opener) -> bool:
    """Check one block while the next is read."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        checked: Future[bool] | None = None
        for block in _whole_characters(open_stream, BLOCK_BYTES):
            if checked is not None and not checked.result():
                return False
            checked = pool.submit(is_utf8, block)
        return checked is None or checked.result()


def is_utf8(block: bytes | memoryview) -> bool:
    r"""Tell whether bytes are strict UTF-8, without making a string of them.

    Examples
    --------
    >>> is_utf8("评论".encode()), is_utf8(b"\xff")
    (True, False)
    """
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
    open_stream: Opener, encoding: Encoding, where: str, size: int = BLOCK_BYTES
) -> Iterator[bytes]:
    """Yield a file's text as UTF-8 bytes, without its byte order mark.

    Parameters
    ----------
    open_stream
        Opens the file from the start.
    encoding
        What `survey_encoding` said of it.
    where
        Name of the file, for the message.
    size
        Bytes to read at a time.

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
            yield from _mixed_blocks(stream, encoding)
        elif encoding.name == "utf-8":
            yield from _read_ahead(stream, size)
        else:
            yield from _recoded_blocks(stream, encoding, where, size)


def _read_ahead(stream: BinaryIO, size: int) -> Iterator[bytes]:
    """Yield blocks, each read while the one before is in work."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        waiting = pool.submit(stream.read, size)
        while block := waiting.result():
            waiting = pool.submit(stream.read, size)
            yield block


def _mixed_blocks(stream: BinaryIO, encoding: Encoding) -> Iterator[bytes]:
    names = dict(encoding.mixed_lines)
    for number, line in enumerate(stream, start=1):
        name = names.get(number, encoding.name)
        if name == DAMAGED:
            yield line.decode(encoding.name, "replace").encode()
        else:
            yield line.decode(name).encode()


def _recoded_blocks(stream: BinaryIO, encoding: Encoding, where: str, size: int) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding.name)("strict")
    done = encoding.mark
    while True:
        block = stream.read(size)
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
