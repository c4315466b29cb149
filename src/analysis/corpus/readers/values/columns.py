"""Read whole columns of cells: the common forms at once, each rare form once."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from analysis.corpus.readers.values.numbers import MISSING_WORDS
from analysis.kernels.cell_gate import CellGate, count_empty, holds_zero
from analysis.kernels.utf8 import TextBuffers, text_buffers

_MISSING_CELLS = sorted(
    {form for word in MISSING_WORDS for form in (word, word.upper(), word.capitalize())}
    | {"NaN", "NaT"}
)
_MISSING_TEXTS = ("", "nan", "NaN", "None", "null", "NULL", "\\N")
LARGEST_PLAIN = 10**15 - 1
BLANKS = " \t\r\n\u3000\xa0\ufeff\u200b"
_CELLS, _TEXTS = CellGate(BLANKS, _MISSING_CELLS), CellGate(BLANKS, _MISSING_TEXTS)


def clean_cells(cells: pl.Series, *, is_stripped: bool = False) -> pl.Series:
    r"""Strip blanks, tabs and marks around each cell; a word for nothing becomes null.

    Parameters
    ----------
    cells
        As they stand in the table.
    is_stripped
        No blanks are left around them.

    Examples
    --------
    >>> clean_cells(pl.Series(["4973000000000001\t", "None", " "])).to_list()
    ['4973000000000001', None, None]
    """
    if all_null(cells):
        return cells
    if is_stripped:
        return _drop_words(cells, _CELLS)
    return _clean_edges(cells, text_buffers(cells), _CELLS)


def all_null(cells: pl.Series) -> bool:
    """Tell whether nothing stands in any cell: most columns of an export need no work."""
    return cells.null_count() == len(cells)


def _clean_edges(cells: pl.Series, buffers: TextBuffers, gate: CellGate) -> pl.Series:
    """Strip the few cells that the gate doubts, and drop those that are words for nothing."""
    if count_empty(buffers) > cells.null_count():
        return _drop_words(cells.str.strip_chars(BLANKS), gate)
    rows = gate.rows(buffers)
    if not rows.size:
        return cells
    kept = _drop_words(cells.gather(rows).str.strip_chars(BLANKS), gate)
    return cells.clone().scatter(rows, kept)


def _drop_words(cells: pl.Series, gate: CellGate) -> pl.Series:
    if not (cells.str.len_bytes() <= gate.longest).any():
        return cells
    missing = cells.is_in(gate.words)
    return cells.set(missing.fill_null(False), None) if missing.any() else cells


def clean_ids(ids: pl.Series) -> pl.Series:
    """Take off what spreadsheets put around an id; one whose digits they rounded away is none.

    Examples
    --------
    >>> clean_ids(pl.Series(['="4973000000000001"', "'4973", "4.973E+15", "J4a"])).to_list()
    ['4973000000000001', '4973', None, 'J4a']
    """
    if ids.cast(pl.UInt64, strict=False).null_count() == ids.null_count():
        return ids  # digits throughout, as nearly every time
    is_odd = ids.str.contains(r"^[='`\"]|^\d(\.\d+)?[eE]\+\d+$").fill_null(False)
    if not is_odd.any():
        return ids
    bare = ids.str.strip_chars("='`\"").replace("", None)
    return ids.zip_with(~is_odd, bare.set(bare.str.contains(r"^\d(\.\d+)?[eE]\+\d+$"), None))


def clean_texts(cells: pl.Series, *, is_stripped: bool = False) -> pl.Series:
    r"""Strip blanks around each text; an empty one and a bare `nan` become null.

    Parameters
    ----------
    cells, is_stripped
        As for `clean_cells`.

    Examples
    --------
    >>> clean_texts(pl.Series([" 无 ", "nan", "\n"])).to_list()
    ['无', None, None]
    """
    if all_null(cells):
        return cells
    buffers = text_buffers(cells)
    if holds_zero(buffers):
        bare = cells if is_stripped else cells.str.strip_chars(BLANKS)
        return _drop_words(bare.str.replace_all("\x00", "", literal=True), _TEXTS)
    return _drop_words(cells, _TEXTS) if is_stripped else _clean_edges(cells, buffers, _TEXTS)


def read_numbers(
    cells: pl.Series, parse: Callable[[str], tuple[float | int | None, str]], dtype: pl.DataType
) -> tuple[pl.Series, pl.Series]:
    """Read a column of numbers.

    Parameters
    ----------
    cells
        Cleaned cells.
    parse
        Reads one cell: a value, or None and the reason.
    dtype
        Type of the numbers.

    Returns
    -------
    tuple
        The numbers and, for cells that are none, the reason.

    Examples
    --------
    >>> from analysis.corpus.readers.values.numbers import parse_count
    >>> numbers, reasons = read_numbers(pl.Series(["12", "1.2万", "x"]), parse_count, pl.Int64())
    >>> numbers.to_list(), reasons.to_list()
    ([12, 12000, None], [None, None, 'no count'])
    """
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(cells))
    whole = cells.cast(pl.UInt64, strict=False)
    is_read = whole.null_count() == cells.null_count() and not cells.str.starts_with("+").any()
    if is_read and are_between(whole, 0, LARGEST_PLAIN):
        return whole.cast(dtype), nothing
    is_plain = cells.str.contains(r"^[0-9]{1,15}$").fill_null(False)
    plain = cells.set(~is_plain, None).cast(dtype, strict=False)
    rare = cells.filter(~is_plain).drop_nulls().unique(maintain_order=True)
    parsed = [parse(cell) for cell in rare.to_list()]
    values = pl.Series([value for value, _ in parsed], dtype=dtype)
    reasons = pl.Series([reason or None for _, reason in parsed], dtype=pl.String)
    looked_up = cells.replace_strict(rare, values, default=None, return_dtype=dtype)
    why = cells.replace_strict(rare, reasons, default=None, return_dtype=pl.String)
    return plain.zip_with(is_plain, looked_up), why.set(is_plain, None)


def are_between(numbers: pl.Series, low: int, high: int) -> bool:
    """Tell whether all numbers that are there lie between two, both included.

    Examples
    --------
    >>> are_between(pl.Series([1, None, 3]), 1, 3), are_between(pl.Series([1, 4]), 1, 3)
    (True, False)
    """
    first, last = numbers.min(), numbers.max()
    if not isinstance(first, (int, float)) or not isinstance(last, (int, float)):
        return all_null(numbers)
    return low <= first and last <= high
