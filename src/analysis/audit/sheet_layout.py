"""The form that people code on: its columns, and the two ways a text is kept from doing harm.

A text may start like a formula, or hold characters that a spreadsheet cannot; the sheet shows it
made safe, and reading back compares with the same safe text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

CODING_SHEET = "coding"
CODEBOOK_SHEET = "codebook"
SAMPLE_FILE = "sample.parquet"
HIDDEN_FILE = "machine.parquet"
DOCCANO_FILE = "doccano.jsonl"
CODER_A, CODER_B, ADJUDICATED = "coder-a.xlsx", "coder-b.xlsx", "adjudicated.xlsx"

LEADING = ("post_id", "channel", "text", "negative")
TRAILING = ("voice", "note")
LONGEST_TEXT = 32_000  # a cell holds 32,767 characters

_FORMULA = re.compile(r"^[=+\-@\t\r\x00＝＋－＠]")
_UNSHOWABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def sheet_columns(codes: Sequence[str], subs: Sequence[str] = ()) -> list[str]:
    """Return the columns of the form in their order.

    Examples
    --------
    >>> sheet_columns(["price", "delivery"])
    ['post_id', 'channel', 'text', 'negative', 'price', 'delivery', 'voice', 'note']
    """
    return [*LEADING, *codes, *subs, *TRAILING]


def safe_text(text: str | None) -> str:
    """Return a text as the sheet shows it: no formula, no control character, not too long.

    Examples
    --------
    >>> safe_text("=1+1"), safe_text("＋V 加我"), safe_text("发货慢"), safe_text(None)
    ("'=1+1", "'＋V 加我", '发货慢', '')
    """
    shown = _UNSHOWABLE.sub(" ", text or "")
    if len(shown) > LONGEST_TEXT:
        shown = f"{shown[:LONGEST_TEXT]} …（全文 {len(shown)} 字）"
    return f"'{shown}" if _FORMULA.match(text or "") or _FORMULA.match(shown) else shown


def same_text(shown: str, read: str) -> bool:
    """Tell whether a text came back as it went out; white space and the guard `'` do not count.

    Examples
    --------
    >>> same_text("'=1+1", "=1+1"), same_text("发货慢", "发货快")
    (True, False)
    """
    return _plain(shown) == _plain(read)


def _plain(text: str) -> str:
    return "".join(_UNSHOWABLE.sub(" ", text).split()).lstrip("'")
