r"""Names as people write them: how a title shows one, and what a folder is called after it.

A file may be called anything: quotes, line breaks, marks that turn the direction of writing, bytes
that are no text. A title shows the name as it was written, with what cannot be seen as an escape
(``\n``). A folder takes the letters of the name, whatever their script, and nothing that a shell,
a link or Windows could misread.
"""

from __future__ import annotations

import os
import re
import shlex
import unicodedata
from collections.abc import Sequence
from pathlib import Path, PurePath

from analysis.storage.encoding import share_common
from analysis.storage.formats import EXPORT_SUFFIXES

# Small letters, letters without case (Chinese), digits and the marks of letters, joined by hyphens.
NAME_PATTERN = r"^[\p{Ll}\p{Lo}\p{Lm}\p{N}][\p{Ll}\p{Lo}\p{Lm}\p{N}\p{M}-]*$"
# A folder of the file system holds names of 255 bytes, and Windows paths of 260 characters.
_MOST_BYTES = 96
_RESERVED = frozenset(
    ("con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10)))
)
_NAMELESS = "export"
# A name of bytes that are no UTF-8 is read as GB18030, the other encoding of Chinese, if so much
# of it is common Chinese.
_COMMON_SHARE = 0.5
_KEPT = ("Ll", "Lo", "Lm", "Nd", "Nl", "No", "Mn", "Mc", "Me")
_UNSEEN = ("Cc", "Cs", "Cn", "Zl", "Zp")
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def own_name(path: str | Path) -> str:
    """Return what a file or folder is called: its own name without the suffix of a format.

    Parameters
    ----------
    path
        As the user wrote it; ``.`` and ``..`` are called by the folders that they mean.

    Examples
    --------
    >>> own_name("exports/My Export.csv.gz"), own_name("我的导出.csv")
    ('My Export', '我的导出')
    """
    whole = absolute(path)
    name = PurePath(whole.name or str(whole))
    while name.suffix.lower() in EXPORT_SUFFIXES:
        name = name.with_suffix("")
    return _decoded(str(name))


def absolute(path: str | Path) -> Path:
    """Return the whole path, without `.` and `..`; links are not followed, since they have names.

    Examples
    --------
    >>> absolute("/exports/june/../july/").as_posix()
    '/exports/july'
    """
    return Path(os.path.normpath(Path(path).absolute()))


def titles_of(names: Sequence[str]) -> tuple[str, str]:
    """Return what a report on exports of these names is called, in Chinese and in English.

    Examples
    --------
    >>> titles_of(["六月", "七月", "八月"])
    ('六月等 3 份', '六月 and 2 more')
    """
    first = printable(names[0])
    if len(names) == 1:
        return first, first
    return f"{first}等 {len(names)} 份", f"{first} and {len(names) - 1} more"


def printable(name: str) -> str:
    r"""Return a name in which nothing is hidden: what cannot be seen stands as an escape.

    Bytes that are no UTF-8 are read as GB18030 where that makes Chinese, else shown as bytes.

    Examples
    --------
    >>> printable("good\u202egnp.csv"), printable("caf\udce9.csv")
    ('good\\u202egnp.csv', 'caf\\xe9.csv')
    """
    text = unicodedata.normalize("NFC", _decoded(name))
    return "".join(_escape(character) if _is_unseen(character) else character for character in text)


def _decoded(name: str) -> str:
    """Return the text of a name whose bytes the file system did not know how to read."""
    if not any("\udc80" <= character <= "\udcff" for character in name):
        return name
    content = name.encode("utf-8", "surrogateescape")
    for encoding in ("utf-8", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8" or (share_common(text) or 0) >= _COMMON_SHARE:
            return text
    return name


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in _UNSEEN or character in _TURNING


def _escape(character: str) -> str:
    point = ord(character)
    if 0xDC80 <= point <= 0xDCFF:  # a byte that is no text
        return f"\\x{point - 0xDC00:02x}"
    return character.encode("unicode_escape").decode()


def safe_form(name: str) -> str:
    """Return a name that folders of any system can have, of the letters and digits of another.

    The form says nothing on whether a folder of that name is free.

    Examples
    --------
    >>> [safe_form(name) for name in ("我的导出", "My Export", "a_b", "-rf", "CON", "——")]
    ['我的导出', 'my-export', 'a-b', 'rf', 'con-export', 'export']
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).lower())
    # What is hidden in a word does not divide it.
    folded = "".join(character for character in folded if unicodedata.category(character) != "Cf")
    kept = "".join(
        character if unicodedata.category(character) in _KEPT else "-" for character in folded
    )
    # A mark needs a letter to stand on.
    words = [word for word in (_without_marks(word) for word in kept.split("-")) if word]
    short = _cut("-".join(words), _MOST_BYTES).strip("-")
    if not short:
        return _NAMELESS
    return f"{short}-{_NAMELESS}" if short in _RESERVED else short


def _without_marks(word: str) -> str:
    while word and unicodedata.category(word[0]).startswith("M"):
        word = word[1:]
    return word


def _cut(text: str, size: int) -> str:
    return text.encode()[:size].decode(errors="ignore")


def shell_word(word: str) -> str:
    r"""Return a word quoted so that a shell reads it back, also one with line breaks or odd bytes.

    Examples
    --------
    >>> [shell_word(word) for word in ("a.csv", "it's.csv", "a\nb.csv", "-x.csv")]
    ['a.csv', '\'it\'"\'"\'s.csv\'', "$'a\\nb.csv'", './-x.csv']
    """
    if word.startswith("-"):
        word = f"./{word}"
    if not any(_is_unseen(character) for character in word):
        return shlex.quote(word)
    escaped = re.sub(r"['\\]", r"\\\g<0>", word)
    content = "".join(_shell_escape(character) for character in escaped)
    return f"$'{content}'"


def _shell_escape(character: str) -> str:
    if not _is_unseen(character):
        return character
    if character == "\n":
        return "\\n"
    # Bytes in octal: unlike hexadecimal, a digit after them is never read as part of them.
    return "".join(f"\\{byte:03o}" for byte in character.encode("utf-8", "surrogateescape"))
