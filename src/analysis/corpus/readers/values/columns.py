"""Read whole columns of texts, numbers and times: common forms at once, each rare form once."""

from __future__ import annotations

import calendar
import math
from collections.abc import Callable
from datetime import datetime

import polars as pl
import polars.selectors as cs

from analysis.corpus.readers.values.numbers import MISSING_WORDS
from analysis.corpus.readers.values.times import FIRST_YEAR, LAST_YEAR, SHANGHAI_OFFSET, parse_time
from analysis.engine.character_scan import CellPrefilter, count_empty, holds_zero
from analysis.engine.flat_columns import TextBuffers, text_buffers
from analysis.schema.tables import ZONE

_MISSING_CELLS = sorted(
    {form for word in MISSING_WORDS for form in (word, word.upper(), word.capitalize())}
    | {"NaN", "NaT"}
)
_MISSING_TEXTS = ("", "nan", "NaN", "None", "null", "NULL", "\\N")
_LARGEST_PLAIN = 10**15 - 1
BLANKS = " \t\r\n\u3000\xa0\ufeff\u200b"
_CELLS, _TEXTS = CellPrefilter(BLANKS, _MISSING_CELLS), CellPrefilter(BLANKS, _MISSING_TEXTS)


def clean_cells(cells: pl.Series, *, is_stripped: bool = False) -> pl.Series:
    r"""Strip blanks, tabs and marks around each cell; a word for nothing becomes null."""
    if all_null(cells):
        return cells
    if is_stripped:
        return _drop_words(cells, _CELLS)
    return _clean_edges(cells, text_buffers(cells), _CELLS)


def all_null(cells: pl.Series) -> bool:
    """Tell whether nothing stands in any cell: most columns of an export need no work."""
    return cells.null_count() == len(cells)


def _clean_edges(cells: pl.Series, buffers: TextBuffers, prefilter: CellPrefilter) -> pl.Series:
    """Strip the few cells that the prefilter doubts, and drop those that are words for nothing."""
    if count_empty(buffers) > cells.null_count():
        return _drop_words(cells.str.strip_chars(BLANKS), prefilter)
    rows = prefilter.rows(buffers)
    if not rows.size:
        return cells
    kept = _drop_words(cells.gather(rows).str.strip_chars(BLANKS), prefilter)
    return cells.clone().scatter(rows, kept)


def _drop_words(cells: pl.Series, prefilter: CellPrefilter) -> pl.Series:
    if not (cells.str.len_bytes() <= prefilter.longest).any():
        return cells
    missing = cells.is_in(prefilter.words)
    return cells.set(missing.fill_null(False), None) if missing.any() else cells


def clean_ids(ids: pl.Series) -> pl.Series:
    """Take off what spreadsheets put around an id; one whose digits they rounded away is none."""
    if all_null(ids) or ids.cast(pl.UInt64, strict=False).null_count() == ids.null_count():
        return ids  # digits throughout, as nearly every time
    is_odd = ids.str.contains(r"^[='`\"]|^\d(\.\d+)?[eE]\+\d+$|^\d+\.0+$").fill_null(False)
    if not is_odd.any():
        return ids
    bare = ids.str.strip_chars("='`\"").str.replace(r"^(\d+)\.0+$", "${1}").replace("", None)
    return ids.zip_with(~is_odd, bare.set(bare.str.contains(r"^\d(\.\d+)?[eE]\+\d+$"), None))


_EXACT = 1 << 53  # below it a float holds every whole number
_PROOF = 26  # bits, or binary digits, that nothing but rounding leaves empty
_KEPT_DIGITS = 15  # Excel keeps so many, and writes zeros behind them


def are_rounded(ids: pl.Series) -> bool:
    """Tell whether long ids have lost their last digits to a spreadsheet, so that many became one.

    A float keeps 53 binary digits, Excel 15 decimal ones; what both leave behind is zeros. Each id
    speaks for as many bits as must be zero. Sites whose own ids end so are taken for rounded, too.
    """
    long = ids.cast(pl.UInt64, strict=False).drop_nulls()
    long = long.filter(long >= _EXACT)
    if long.is_empty():
        return False
    written = long.cast(pl.String)
    ends = written.str.slice(_KEPT_DIGITS)
    if not ends.str.contains("[^0]").any():
        return bool(float(ends.str.len_chars().sum()) * math.log2(10) >= _PROOF)
    is_float = long.cast(pl.Float64).cast(pl.UInt64, strict=False) == long
    bits = long.cast(pl.Float64).log(2).floor() - 52
    return bool(is_float.all()) and float(bits.sum()) >= _PROOF


def clean_texts(cells: pl.Series, *, is_stripped: bool = False) -> pl.Series:
    r"""Strip blanks around each text; an empty one and a bare `nan` become null."""
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
    """Read a column of numbers."""
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(cells))
    if all_null(cells):
        return pl.Series([None], dtype=dtype).new_from_index(0, len(cells)), nothing
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
    """Tell whether all numbers that are there lie between two, both included."""
    first, last = numbers.min(), numbers.max()
    if not isinstance(first, (int, float)) or not isinstance(last, (int, float)):
        return all_null(numbers)
    return low <= first and last <= high


# Read whole columns of times: the common forms at once, each rare form once.

_COMMON_TIMES = (
    (r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$", "%Y-%m-%d %H:%M:%S", "second", 19),
    (r"^\d{4}-\d\d-\d\d \d\d:\d\d$", "%Y-%m-%d %H:%M", "minute", 16),
)


def read_times(
    cells: pl.Series,
    *,
    order: str | None = None,
    year: int | None = None,
    printed_dates: bool = False,
) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Read a column of times.

    Parameters
    ----------
    cells
        Cleaned cells.
    order
        Order of day and month in dates such as 06/12/20.
    year
        Year of dates that lack theirs.
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
    return _read_rare_times(frame, order, year)


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
    frame: pl.DataFrame, order: str | None, year: int | None
) -> tuple[pl.Series, pl.Series, pl.Series]:
    rare = frame.filter(pl.col("moment").is_null())["cell"].drop_nulls().unique(maintain_order=True)
    parsed = [parse_time(cell, order=order, year=year) for cell in rare.to_list()]
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


def in_shanghai(moments: pl.Series) -> pl.Series:
    """Return wall-clock times as times of the zone.

    Its offset is the same in all years that are read, so the rules of the zone need not be asked.
    """
    if all_null(moments):
        return pl.Series([None], dtype=pl.Datetime("us", ZONE)).new_from_index(0, len(moments))
    return (moments - SHANGHAI_OFFSET).dt.replace_time_zone("UTC").dt.convert_time_zone(ZONE)


# Columns that a file types: numbers and times as they are where that is what their words say.

_TIME_FORM = "%Y-%m-%d %H:%M:%S%.f"
_STEPS_A_SECOND = {"ms": 10**3, "us": 10**6, "ns": 10**9}
_FIRST_SECOND = calendar.timegm((FIRST_YEAR, 1, 1, 0, 0, 0))
_LAST_SECOND = calendar.timegm((LAST_YEAR, 12, 31, 23, 59, 59))


def keep_typed(frame: pl.DataFrame) -> pl.DataFrame:
    """Return numbers and times as they are, and every other column as strings."""
    odd = [column.name for column in frame if not _is_typed(column)]
    return frame.with_columns(as_strings(frame.select(map(cs.by_name, odd)))) if odd else frame


def _is_typed(column: pl.Series) -> bool:
    """Tell strings, and what is a number or a time and null where its words would be null."""
    if column.dtype.is_float():
        return bool(column.is_finite().all())
    return column.dtype.is_integer() or isinstance(column.dtype, (pl.String, pl.Datetime))


def as_strings(frame: pl.DataFrame) -> pl.DataFrame:
    """Return every column as strings that read back as what they were."""
    return frame.select(_as_string(cs.by_name(name), dtype) for name, dtype in frame.schema.items())


def _as_string(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.String):
        return column
    if isinstance(dtype, pl.Datetime):
        local = column.dt.convert_time_zone(ZONE) if dtype.time_zone else column
        return local.dt.to_string(_TIME_FORM)
    if isinstance(dtype, (pl.Float32, pl.Float64)):
        whole = column.cast(pl.Int64, strict=False)
        is_whole = column.is_finite() & (column.abs() < 2.0**53) & (whole.cast(dtype) == column)
        number = pl.when(column.is_finite()).then(column).cast(pl.String)
        return pl.when(is_whole).then(whole.cast(pl.String)).otherwise(number)
    if isinstance(dtype, pl.List):
        return column.cast(pl.List(pl.String), strict=False).list.join(",")
    if isinstance(dtype, pl.Struct):
        return column.struct.json_encode()
    return column.cast(pl.String, strict=False)


def plain_numbers(column: pl.Series | None, dtype: pl.DataType) -> pl.Series | None:
    """Return a typed column as numbers where every word for them is read as nothing else."""
    if (
        column is None
        or not column.dtype.is_numeric()
        or not _are_between(column, 0, _LARGEST_PLAIN)
    ):
        return None
    whole = column.cast(pl.Int64)
    is_whole = column.dtype.is_integer() or (whole == column).all()
    return whole.cast(dtype) if is_whole else None


def plain_times(column: pl.Series | None) -> tuple[pl.Series, pl.Series] | None:
    """Return a typed column as Shanghai wall-clock times and their precision: whole seconds."""
    if column is None or not isinstance(column.dtype, pl.Datetime):
        return None
    steps, a_second = column.to_physical(), _STEPS_A_SECOND[column.dtype.time_unit]
    seconds = steps // a_second
    if not (seconds * a_second == steps).all():
        return None
    if column.dtype.time_zone:
        seconds += int(SHANGHAI_OFFSET.total_seconds())  # all year, in the years that are read
    if not _are_between(seconds, _FIRST_SECOND, _LAST_SECOND):
        return None
    precision = pl.Series(["second"], dtype=pl.String).new_from_index(0, len(column))
    if column.null_count():
        precision = precision.set(column.is_null(), None)
    return (seconds * _STEPS_A_SECOND["us"]).cast(pl.Datetime("us")), precision
