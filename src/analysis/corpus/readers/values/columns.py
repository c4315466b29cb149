"""Read whole columns of cells: the common forms at once, each rare form once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import polars as pl

from analysis.corpus.readers.values.numbers import MISSING_WORDS
from analysis.corpus.readers.values.times import FIRST_YEAR, LAST_YEAR, parse_time

_COMMON_TIMES = (
    (r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$", "%Y-%m-%d %H:%M:%S", "second", 19),
    (r"^\d{4}-\d\d-\d\d \d\d:\d\d$", "%Y-%m-%d %H:%M", "minute", 16),
)
_MISSING_CELLS = sorted(
    {form for word in MISSING_WORDS for form in (word, word.upper(), word.capitalize())}
    | {"NaN", "NaT"}
)
_LARGEST_PLAIN = 10**15 - 1
BLANKS = " \t\r\n\u3000\xa0\ufeff\u200b"


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
    return _drop_words(cells if is_stripped else cells.str.strip_chars(BLANKS), _MISSING_CELLS)


def all_null(cells: pl.Series) -> bool:
    """Tell whether nothing stands in any cell: most columns of an export need no work."""
    return cells.null_count() == len(cells)


def _drop_words(cells: pl.Series, words: Sequence[str]) -> pl.Series:
    missing = cells.is_in(words)
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
    stripped = cells if is_stripped else cells.str.strip_chars(BLANKS)
    if stripped.str.contains("\x00", literal=True).any():
        stripped = stripped.str.replace_all("\x00", "", literal=True)
    return _drop_words(stripped, ["", "nan", "NaN", "None", "null", "NULL", "\\N"])


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
    if is_read and _are_between(whole, 0, _LARGEST_PLAIN):
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


def _are_between(numbers: pl.Series, low: int, high: int) -> bool:
    first, last = numbers.min(), numbers.max()
    if not isinstance(first, int) or not isinstance(last, int):
        return all_null(numbers)
    return low <= first and last <= high


def read_times(
    cells: pl.Series, *, order: str | None = None, printed_dates: bool = False
) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Read a column of times.

    Parameters
    ----------
    cells
        Cleaned cells.
    order
        Order of day and month in dates such as 06/12/20.
    printed_dates
        Only the date as printed counts, whatever clock and zone stand beside it.

    Returns
    -------
    tuple
        Shanghai wall-clock times, their precision, and the reason where there is none.

    Examples
    --------
    >>> times, precision, reasons = read_times(pl.Series(["2020-06-12 08:03", "昨天"]))
    >>> str(times[0]), precision.to_list(), reasons[1]
    ('2020-06-12 08:03:00', ['minute', None], 'the time has no year')
    """
    quick = _read_one_form(cells)
    if quick is not None:
        return quick
    if printed_dates:
        cells = cells.str.replace(r"^(\d{4}-\d\d-\d\d)T.*$", "${1}")
    frame = pl.DataFrame({"cell": cells.rename("cell")})
    moments, precisions = [], []
    for shape, form, precision, _ in _COMMON_TIMES:
        fits = pl.col("cell").str.contains(shape)
        moment = (
            pl.when(fits).then(pl.col("cell")).str.to_datetime(form, time_unit="us", strict=False)
        )
        moment = pl.when(moment.dt.year().is_between(FIRST_YEAR, LAST_YEAR)).then(moment)
        moments.append(moment)
        precisions.append(pl.when(moment.is_not_null()).then(pl.lit(precision)))
    frame = frame.with_columns(moment=pl.coalesce(moments), precision=pl.coalesce(precisions))
    return _read_rare_times(frame, order)


def _read_one_form(cells: pl.Series) -> tuple[pl.Series, pl.Series, pl.Series] | None:
    """Read a column in which every cell has the same common form; None where one has not."""
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(cells))
    if all_null(cells):
        return nothing.cast(pl.Datetime("us")), nothing, nothing
    lengths = cells.str.len_bytes()
    for _, form, precision, length in _COMMON_TIMES:
        if lengths.min() != length or lengths.max() != length:
            continue
        moments = cells.str.to_datetime(form, time_unit="us", strict=False)
        is_read = moments.null_count() == cells.null_count()
        if is_read and _are_between(moments.dt.year(), FIRST_YEAR, LAST_YEAR):
            word = pl.Series([precision], dtype=pl.String).new_from_index(0, len(cells))
            return moments, word.set(cells.is_null(), None), nothing
    return None


def _read_rare_times(
    frame: pl.DataFrame, order: str | None
) -> tuple[pl.Series, pl.Series, pl.Series]:
    rare = frame.filter(pl.col("moment").is_null())["cell"].drop_nulls().unique(maintain_order=True)
    parsed = [parse_time(cell, order=order) for cell in rare.to_list()]
    table = pl.DataFrame(
        {
            "cell": rare,
            "rare_moment": _moments([moment for moment, _ in parsed]),
            "note": pl.Series([note for _, note in parsed], dtype=pl.String),
        }
    )
    joined = frame.join(table, on="cell", how="left", maintain_order="left")
    is_rare = pl.col("rare_moment").is_not_null()
    done = joined.select(
        pl.coalesce("moment", "rare_moment").alias("moment"),
        pl.coalesce("precision", pl.when(is_rare).then("note")).alias("precision"),
        pl.when(pl.col("moment").is_null() & ~is_rare).then("note").alias("reason"),
    )
    return done["moment"], done["precision"], done["reason"]


def _moments(moments: list[datetime | None]) -> pl.Series:
    return pl.Series(moments, dtype=pl.Datetime("us"))
