"""Read a text file of any size as blocks of valid UTF-8, whatever its encoding."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from analysis.errors import CaodianError
from analysis.storage.encoding import Encoding, detect, detect_by_nul, detect_mark

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
        if all(is_utf8(block) for block in _whole_characters(open_stream, BLOCK_BYTES)):
            return found
    with open_stream() as stream:
        return detect(stream.read(HELD_BYTES), where=where)


def is_utf8(block: bytes) -> bool:
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


def _whole_characters(open_stream: Opener, size: int) -> Iterator[bytes]:
    """Yield blocks cut after a line end, or anywhere in the last one."""
    carried = b""
    with open_stream() as stream:
        while block := stream.read(size):
            cut = block.rfind(b"\n") + 1
            if cut:
                yield carried + block[:cut]
                carried = block[cut:]
            else:
                carried += block
    yield carried


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
            while block := stream.read(size):
                yield block
        else:
            yield from _recoded_blocks(stream, encoding, where, size)


def _mixed_blocks(stream: BinaryIO, encoding: Encoding) -> Iterator[bytes]:
    names = dict(encoding.mixed_lines)
    for number, line in enumerate(stream, start=1):
        yield line.decode(names.get(number, encoding.name)).encode()


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
