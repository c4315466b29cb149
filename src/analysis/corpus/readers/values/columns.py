"""Read whole columns of cells: the common forms at once, each rare form once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import polars as pl

from analysis.corpus.readers.values.numbers import MISSING_WORDS
from analysis.corpus.readers.values.times import FIRST_YEAR, LAST_YEAR, parse_time

_COMMON_TIMES = (
    (r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$", "%Y-%m-%d %H:%M:%S", "second"),
    (r"^\d{4}-\d\d-\d\d \d\d:\d\d$", "%Y-%m-%d %H:%M", "minute"),
)
_MISSING_CELLS = sorted(
    {form for word in MISSING_WORDS for form in (word, word.upper(), word.capitalize())}
    | {"NaN", "NaT"}
)
_BLANKS = " \t\r\n\u3000\xa0\ufeff\u200b"


def clean_cells(cells: pl.Series) -> pl.Series:
    r"""Strip blanks, tabs and marks around each cell; a word for nothing becomes null.

    Examples
    --------
    >>> clean_cells(pl.Series(["4973000000000001\t", "None", " "])).to_list()
    ['4973000000000001', None, None]
    """
    stripped = cells.str.strip_chars(_BLANKS)
    missing = stripped.is_in(_MISSING_CELLS)
    return stripped.set(missing.fill_null(False), None)


def clean_ids(ids: pl.Series) -> pl.Series:
    """Take off what spreadsheets put around an id; one whose digits they rounded away is none.

    Examples
    --------
    >>> clean_ids(pl.Series(['="4973000000000001"', "'4973", "4.973E+15", "J4a"])).to_list()
    ['4973000000000001', '4973', None, 'J4a']
    """
    is_odd = ids.str.contains(r"^[='`\"]|^\d(\.\d+)?[eE]\+\d+$").fill_null(False)
    if not is_odd.any():
        return ids
    bare = ids.str.strip_chars("='`\"").replace("", None)
    return ids.zip_with(~is_odd, bare.set(bare.str.contains(r"^\d(\.\d+)?[eE]\+\d+$"), None))


def clean_texts(cells: pl.Series) -> pl.Series:
    r"""Strip blanks around each text; an empty one and a bare `nan` become null.

    Examples
    --------
    >>> clean_texts(pl.Series([" 无 ", "nan", "\n"])).to_list()
    ['无', None, None]
    """
    stripped = cells.str.strip_chars(_BLANKS).str.replace_all("\x00", "", literal=True)
    missing = stripped.is_in(["", "nan", "NaN", "None", "null", "NULL", "\\N"])
    return stripped.set(missing.fill_null(False), None)


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
    is_plain = cells.str.contains(r"^\d{1,15}$").fill_null(False)
    plain = cells.set(~is_plain, None).cast(dtype, strict=False)
    if (is_plain | cells.is_null()).all():
        return plain, pl.Series([None], dtype=pl.String).new_from_index(0, len(cells))
    rare = cells.filter(~is_plain).drop_nulls().unique(maintain_order=True)
    parsed = [parse(cell) for cell in rare.to_list()]
    values = pl.Series([value for value, _ in parsed], dtype=dtype)
    reasons = pl.Series([reason or None for _, reason in parsed], dtype=pl.String)
    looked_up = cells.replace_strict(rare, values, default=None, return_dtype=dtype)
    why = cells.replace_strict(rare, reasons, default=None, return_dtype=pl.String)
    return plain.zip_with(is_plain, looked_up), why.set(is_plain, None)


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
    if printed_dates:
        cells = cells.str.replace(r"^(\d{4}-\d\d-\d\d)T.*$", "${1}")
    frame = pl.DataFrame({"cell": cells.rename("cell")})
    moments, precisions = [], []
    for shape, form, precision in _COMMON_TIMES:
        fits = pl.col("cell").str.contains(shape)
        moment = (
            pl.when(fits).then(pl.col("cell")).str.to_datetime(form, time_unit="us", strict=False)
        )
        moment = pl.when(moment.dt.year().is_between(FIRST_YEAR, LAST_YEAR)).then(moment)
        moments.append(moment)
        precisions.append(pl.when(moment.is_not_null()).then(pl.lit(precision)))
    frame = frame.with_columns(moment=pl.coalesce(moments), precision=pl.coalesce(precisions))
    return _read_rare_times(frame, order)


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
