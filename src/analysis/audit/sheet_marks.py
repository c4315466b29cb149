"""What people write into a form, and what they mean: 1, 0, 是, 否, x, √ and the like."""

from __future__ import annotations

import unicodedata

YES = frozenset({"1", "1.0", "true", "yes", "y", "t", "是", "有", "对", "√", "✓", "✔", "☑"})
NO = frozenset(
    {"0", "0.0", "false", "no", "n", "f", "否", "无", "不是", "没有", "×", "✗", "✘", "-"}
)
TICK = "x"  # a tick where it is the only kind of mark, a "wrong" sign beside √
VOICES = {
    "consumer": "consumer",
    "消费者": "consumer",
    "media": "media",
    "媒体": "media",
    "official": "official",
    "官方": "official",
    "marketing": "marketing",
    "营销": "marketing",
    "merchant": "merchant",
    "商家": "merchant",
}


def plain(value: object) -> str:
    """Return a cell as trimmed, lower-case, half-width text; an empty cell is ''.

    Examples
    --------
    >>> plain(" １ "), plain(None), plain(1.0), plain(True), plain("'0")
    ('1', '', '1', '1', '0')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return unicodedata.normalize("NFKC", str(value)).strip().lstrip("'").strip().lower()


def read_mark(value: object, *, is_x_clear: bool = True) -> int | None:
    """Return 1 or 0 for a mark, None for an empty cell.

    Parameters
    ----------
    value
        The cell.
    is_x_clear
        False when the sheet also holds √, so that x may mean "wrong".

    Raises
    ------
    ValueError
        When the cell is neither.

    Examples
    --------
    >>> [read_mark(cell) for cell in ("1", "否", "Ｘ", " ", 0.0)]
    [1, 0, 1, None, 0]
    """
    mark = plain(value)
    if mark == "":
        return None
    if mark in YES or (mark == TICK and is_x_clear):
        return 1
    if mark in NO:
        return 0
    raise ValueError(mark)


def is_check_mark(value: object) -> bool:
    """Tell whether a cell holds √ or its like."""
    return plain(value) in {"√", "✓", "✔", "☑"}
