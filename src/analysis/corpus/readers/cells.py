"""The cells of one batch, handed out by canonical column."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import chain

import polars as pl

from analysis.corpus.readers.column_names import fold_name, match_columns
from analysis.corpus.readers.plan import CANONICAL, Head, Plan
from analysis.corpus.readers.values.columns import (
    all_null,
    as_strings,
    clean_cells,
    clean_texts,
    in_shanghai,
    plain_numbers,
    plain_times,
    read_numbers,
    read_times,
)
from analysis.corpus.readers.values.numbers import (
    is_missing,
    parse_amount,
    parse_count,
    parse_rating,
)
from analysis.corpus.readers.values.times import CLOCK, UNTOLD, parse_time
from analysis.errors import CaodianError

_SHOWN = r"^[\d\s:/.,\-+年月日时分秒点TZ]{1,24}$"


class Cells:
    """Columns of a table seen through a plan."""

    def __init__(
        self, frame: pl.DataFrame, plan: Plan, stripped: Collection[str] = frozenset()
    ) -> None:
        self.frame = frame
        self.plan = plan
        self.stripped = stripped
        self._words: dict[str, pl.Series] = {}

    def _names(self, canonical: str) -> list[str]:
        names = self.plan.columns.get(canonical, ())
        return [name for name in names if name in self.frame.columns]

    def typed(self, canonical: str) -> pl.Series | None:
        """Return the one column of numbers or times that stands for a canonical one, or None."""
        names = self._names(canonical)
        column = self._column(names[0]) if len(names) == 1 else None
        return None if column is None or column.dtype == pl.String else column

    def given(self, canonical: str) -> pl.Series:
        """Return a column typed or in words, whose nulls are where there is no value."""
        column = self.typed(canonical)
        return self.words(canonical) if column is None else column

    def words(self, canonical: str) -> pl.Series:
        """Return the first column with a value in each row, cleaned."""
        if canonical not in self._words:
            cleaned = [
                clean_cells(self._strings(name), is_stripped=name in self.stripped)
                for name in self._names(canonical)
            ]
            self._words[canonical] = self._first(cleaned)
        return self._words[canonical]

    def texts(self, canonical: str) -> pl.Series:
        """Return the text in each row: the first column with one, or all of them joined."""
        texts = [
            clean_texts(self._strings(name), is_stripped=name in self.stripped)
            for name in self._names(canonical)
        ]
        if canonical == "text" and self.plan.joins_texts:
            joined = pl.select(pl.concat_str(texts, separator="\n", ignore_nulls=True)).to_series()
            return clean_texts(joined)
        return self._first(texts)

    def _strings(self, name: str) -> pl.Series:
        column = self._column(name)
        return column if column.dtype == pl.String else as_strings(column.to_frame()).to_series()

    def _column(self, name: str) -> pl.Series:
        """Return a column that is not called what Polars would take for a pattern (`^内容$`)."""
        return self.frame[name].alias("cell")

    def constant(self, value: str | None) -> pl.Series:
        """Return one value for all rows."""
        return pl.Series([value], dtype=pl.String).new_from_index(0, self.frame.height)

    def _first(self, candidates: list[pl.Series]) -> pl.Series:
        if not candidates:
            return self.constant(None)
        return candidates[0] if len(candidates) == 1 else coalesce(candidates)


def open_cells(batch: pl.DataFrame, plan: Plan, *, is_stripped: bool) -> Cells:
    """Return the cells of a batch as the plan prepares them."""
    frame = batch if plan.prepare is None else plan.prepare(batch)
    # A preparation that names what it reads only adds columns; others may change any.
    is_kept = is_stripped and (plan.prepare is None or plan.prepare_reads is not None)
    return Cells(frame, plan, frozenset(batch.columns) if is_kept else frozenset())


def coalesce(candidates: list[pl.Series]) -> pl.Series:
    """Return the first value that is there, row by row."""
    found = candidates[0]
    for other in candidates[1:]:
        if not found.null_count():
            break
        is_there = found.is_not_null()
        # The fewer cells are put among the others.
        if found.null_count() * 2 > len(found):
            found = _put(found, is_there, other)
        else:
            found = _put(other, ~is_there, found)
    return found


def _put(cells: pl.Series, where: pl.Series, among: pl.Series) -> pl.Series:
    rows = where.arg_true()
    return among.clone().scatter(rows, cells.gather(rows))


def _state_reason(canonical: str, why: pl.Series, cells: pl.Series) -> pl.Series:
    """Return why a cell was not read, showing it only when it holds no words.

    A reason goes into published files, and a shifted row can bring a whole post into any column.
    """
    if all_null(why):
        return why
    frame = pl.DataFrame({"why": why.rename("why"), "cell": cells.rename("cell")})
    is_short = pl.col("cell").str.contains(_SHOWN) & ~pl.col("cell").str.contains(r"\d{9}")
    length = pl.col("cell").str.len_chars()
    shown = (
        pl.when(is_short)
        .then(pl.format("'{}'", "cell"))
        .otherwise(pl.format("a cell of {} characters", length))
    )
    sentence = pl.format(canonical + ": {} in {}", "why", shown)
    return frame.select(pl.when(pl.col("why").is_not_null()).then(sentence)).to_series()


# The times and numbers of a batch, each with the reason of what is none.

MEASURES = {
    "like_count": parse_count,
    "comment_count": parse_count,
    "share_count": parse_count,
    "rating": parse_rating,
    "amount_yuan": parse_amount,
}

_STARS = 5  # of the best rating

Columns = dict[str, pl.Series]


def read_moments(columns: Columns, reasons: Columns, cells: Cells) -> None:
    """Read when posts were published and collected."""
    moments, precision, reasons["published_at"] = _read_times("published_at", cells)
    if cells.plan.has_whole_days:
        is_midnight = (moments.dt.truncate("1d") == moments).fill_null(False)
        precision = precision.set(is_midnight, "day")
    columns["published_at"] = in_shanghai(moments)
    columns["published_precision"] = coalesce([cells.words("published_precision"), precision])
    if "published_at" in cells.plan.columns:
        missing = cells.constant("published_at: no time of publication")
        reasons["no_time"] = missing.set(cells.given("published_at").is_not_null(), None)
    collected, _, _ = _read_times("collected_at", cells)
    columns["collected_at"] = in_shanghai(collected)


def _read_times(name: str, cells: Cells) -> tuple[pl.Series, pl.Series, pl.Series]:
    plain = plain_times(cells.typed(name))
    if plain is not None:
        return *plain, cells.constant(None)
    is_published = name == "published_at"
    moments, precision, why = read_times(
        cells.words(name),
        order=cells.plan.time_order if is_published else None,
        year=cells.plan.year if is_published else None,
        printed_dates=cells.plan.has_printed_dates and is_published,
    )
    return moments, precision, _state_reason(name, why, cells.words(name))


def read_measures(columns: Columns, reasons: Columns, cells: Cells) -> None:
    """Read counts, ratings and amounts."""
    for name, parse in MEASURES.items():
        plain, why = plain_numbers(cells.typed(name), CANONICAL[name]), cells.constant(None)
        if plain is None:
            words = cells.words(name)
            plain, reason = read_numbers(words, parse, CANONICAL[name])
            why = _state_reason(name, reason, words)
        if name == "rating" and cells.plan.rating_scale != _STARS:
            plain = plain * _STARS / cells.plan.rating_scale
        columns[name] = plain
        if name not in cells.plan.guessed:
            reasons[name] = why


# A time of publication that stands in several columns: year, month and day; a date and its clock.

_PARTS = (
    ({"年", "年份", "year"}, r"(?:19|20)\d\d年?"),
    ({"月", "月份", "month"}, r"(?:0?[1-9]|1[0-2])月?"),
    ({"日", "号", "日期", "day", "date"}, r"(?:0?[1-9]|[12]\d|3[01])[日号]?"),
)
_CLOCK_NAMES = frozenset(
    (
        "时刻",
        "钟点",
        "几点",
        "时分",
        "时分秒",
        "具体时间",
        "clock",
        "clocktime",
        "timeofday",
        "hour",
    )
)
_DAY_ZERO = r"^(?:1899-12-3[01]|1900-01-0[01]|1904-01-01)[ T]"  # of a clock in a typed cell
_SECONDS_A_DAY = 86_400
_OTHER_CLOCKS = ("更新", "update")
_MIDNIGHT = r"[ T]0?0:00(?::00(?:\.0+)?)?$"


def find_date_parts(head: Head) -> tuple[str, ...]:
    """Return the columns of year, month and day; none where the sample shows no such three."""
    found = []
    for names, form in _PARTS:
        fitting = [
            name for name in head.header if fold_name(name) in names and _all_are(head, name, form)
        ]
        if len(fitting) != 1:
            return ()
        found += fitting
    return tuple(found)


def name_parts(parts: Sequence[str]) -> str:
    """Return the name of the column that parts of a time are joined to."""
    return " + ".join(parts)


def join_times(plan: Plan, head: Head) -> Plan:
    """Return a plan that joins year, month and day, and a date with the clock time beside it."""
    names = plan.columns.get("published_at", ())
    if len(names) != 1 or plan.prepare is not None:
        return plan
    [time], head = names, head.without_shifted()
    parts = find_date_parts(head) if time not in head.header else (time,)
    clock = _find_clock(head, time)
    if not parts or (clock is None and len(parts) == 1):
        return plan
    read = (*parts, *([] if clock is None else [clock]))

    def join(cells: pl.DataFrame) -> pl.DataFrame:
        strings = as_strings(cells.select(read))
        day = strings[parts[0]].str.replace(_MIDNIGHT, "")
        if len(parts) > 1:
            day = _join_parts(strings.select(parts))
        joined = day if clock is None else _put_behind(day, strings[clock])
        return cells.with_columns(joined.alias(time))

    return replace(
        plan,
        prepare=join,
        prepare_reads=read,
        repairs=(*plan.repairs, f"{name_parts(read)} are read as one time"),
    )


def _join_parts(parts: pl.DataFrame) -> pl.Series:
    """Write year, month and day as one date; none where one of them is missing."""
    digits = [
        part.str.strip_chars().str.strip_chars_end("年月日号").rename(str(number))
        for number, part in enumerate(parts)
    ]
    return pl.DataFrame(digits).select(pl.concat_str(pl.all(), separator="-")).to_series()


def _put_behind(day: pl.Series, clock: pl.Series) -> pl.Series:
    """Put clock times behind days; a day that has one, or none beside it, stays as it is."""
    frame = pl.DataFrame({"day": day.rename("day"), "clock": _write_clocks(clock)})
    date = pl.col("day").str.replace(r"^((?:19|20)\d\d)(\d\d)(\d\d)$", "$1-$2-$3")
    is_clock = pl.col("clock").str.contains(f"^{CLOCK}$") & ~pl.col("day").str.contains("[:：时点]")
    joined = pl.when(is_clock).then(pl.concat_str(date, pl.lit(" "), "clock"))
    return frame.select(joined.otherwise("day")).to_series()


def _write_clocks(cells: pl.Series) -> pl.Series:
    """Write clock times of typed cells (1899-12-31 08:03:00), 0.3354 and 080300 as 08:03:00."""
    bare = pl.col("cell").str.strip_chars().str.replace(_DAY_ZERO, "")
    marked = bare.str.replace(r"^(\d{1,2})(\d\d)(\d\d)$", "${1}:${2}:${3}")
    marked = marked.str.replace(r"^(\d\d)(\d\d)$", "${1}:${2}")
    share = pl.when(bare.str.contains(r"^0?\.\d+$")).then(bare.cast(pl.Float64, strict=False))
    seconds = (share * _SECONDS_A_DAY).round().clip(0, _SECONDS_A_DAY - 1).cast(pl.Int64)
    shared = pl.from_epoch(seconds, time_unit="s").dt.to_string("%H:%M:%S")
    return cells.alias("cell").to_frame().select(pl.coalesce(shared, marked)).to_series()


def _find_clock(head: Head, time: str) -> str | None:
    """Return the one column named like a time that holds clock times alone, if days have none."""
    if time in head.header:
        days = [parse_time(cell)[1] for cell in _bare_days(head, time)]
        if not days or any(precision not in ("day", UNTOLD) for precision in days):
            return None
    times = chain.from_iterable(match_columns(head.header).get("published_at", ()))
    named = {*times, *(name for name in head.header if fold_name(name) in _CLOCK_NAMES)}
    if time in head.header:  # one name may stand above both
        named.update(name for name in head.header[head.header.index(time) + 1 :][:1]
                     if _UNNAMED.fullmatch(name))  # fmt: skip
    clocks = [
        name
        for name in head.header
        if name in named
        and name != time
        and not any(word in fold_name(name) for word in _OTHER_CLOCKS)
        and _are_clocks(head, name)
    ]
    return clocks[0] if len(clocks) == 1 else None


_UNNAMED = re.compile(r"Unnamed: \d+")


def _are_clocks(head: Head, name: str) -> bool:
    """Tell whether all sampled cells of a column that are filled, one at least, are clock times."""
    cells = pl.Series([cell for cell in head.column(name) if not is_missing(cell)], dtype=pl.String)
    return (
        len(cells) > 0
        and all(parse_time(f"2020-06-01 {cell}")[0] for cell in _write_clocks(cells))
        and bool(_write_clocks(cells).str.contains(f"^{CLOCK}$").all())
    )


def _bare_days(head: Head, name: str) -> list[str]:
    return [re.sub(_MIDNIGHT, "", cell) for cell in head.column(name) if not is_missing(cell)]


def _all_are(head: Head, name: str, form: str) -> bool:
    """Tell whether all sampled cells of a column that are filled, one at least, have a form."""
    cells = [cell.strip() for cell in head.column(name) if not is_missing(cell)]
    return bool(cells) and all(re.fullmatch(form, cell) for cell in cells)


BY_CELLS = "table by its cells"
FEWEST_LINES = 3
NUMBERED = re.compile(
    "(?:column |字段|列|field|col|f|v|c)[ _]?[0-9]+|Unnamed: [0-9]+", re.IGNORECASE
)


def tell_heading(head: Head) -> tuple[str, ...]:
    """Say of lines without delimiters that the first is no post, where it is none."""
    if len(head.header) > 1 or NUMBERED.fullmatch(head.header[0]):
        return ()
    return (f"the first line, “{head.header[0][:40]}”, is read as a heading and not as a post",)


# Messages of a chat, lines of a log: when they were written stands before or behind each.
_DAY = r"(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}[-/月]\d{1,2}日?)"
_SIGNED = rf"^\W?{_DAY}[ T]*{CLOCK}\W|^.{{1,30}}[\s,，(（]{_DAY}[ T]*{CLOCK}\W?$|^\W?{CLOCK}\s"
_MANY_SIGNED = 0.1  # of the lines


def require_posts(head: Head) -> None:
    """Raise where lines of a text are those of a chat or a log."""
    lines = pl.Series(head.column(head.header[0]), dtype=pl.String).str.strip_chars()
    signed = int(lines.str.contains(_SIGNED).sum())
    if len(lines) >= FEWEST_LINES and signed > _MANY_SIGNED * len(lines):
        raise CaodianError(
            "a line of a text file must be one post",
            value=f"{signed} of the first {len(lines)} lines begin or end with a time",
            where=str(head.path),
            remedy="Put the time and the text of each post into one row, below the names time and "
            "text, and save it as CSV or XLSX.",
        )
