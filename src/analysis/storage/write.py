"""Write a table by its extension: whole or not at all."""

from __future__ import annotations

import json
import os
import platform
import re
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import cache
from hashlib import blake2b
from html import escape
from pathlib import Path
from typing import IO, Any

import polars as pl
import polars.selectors as cs
import pyarrow.parquet as pq

from analysis.errors import CaodianError
from analysis.frames import AnyFrame, as_polars
from analysis.storage.formats import embed_object, join_lists, table_suffix

_XLSX_ROWS = 1_048_576
_XLSX_CHARACTERS = 32_767


def write_table(frame: AnyFrame, path: str | Path, *, guarded: bool = False) -> Path:
    """Write a table as CSV, XLSX, JSONL or Parquet, atomically.

    Parameters
    ----------
    path
        Where to; folders are made. Numbers are bit-exact but in XLSX, and nought has no sign but in
        Parquet.
    guarded
        A CSV is for people, too: no formulas in it, and nothing hidden, as `guard_cells` has it.
        An XLSX always is.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    CaodianError
        When the folder cannot be written, or the table does not fit into XLSX.
    """
    path = Path(path)
    suffix = table_suffix(path)
    table = as_polars(frame)
    writers: dict[str, Callable[[pl.DataFrame, Path], None]] = {
        ".csv": _write_guarded_csv if guarded else _write_csv,
        ".xlsx": _write_xlsx,
        ".jsonl": _write_jsonl,
        ".parquet": _write_parquet,
    }
    with replacing(path) as unfinished:
        writers[suffix](table, unfinished)
    return path


def guard_formulas(table: pl.DataFrame) -> pl.DataFrame:
    """Put `'` before words that a spreadsheet would take for a formula, and show what is hidden.

    A search word such as ``=HYPERLINK(…)`` comes from an export, and whoever opens a table that
    counts it did not ask for what it does. Characters that cannot be seen, and those that turn the
    direction of writing, stand as their code points; what joins two pictures to one stays, and
    so does a number below nought.

    Examples
    --------
    >>> guard_formulas(pl.DataFrame({"keyword": ["=1+1", "618", "a\u202eb"], "items": [-1, 2, 3]}))[
    ...     "keyword"].to_list()
    ["'=1+1", '618', 'a<U+202E>b']
    """
    words = pl.col(pl.String)
    is_formula = words.str.contains(f"^{FORMULA_START}") & ~words.str.contains(_BELOW_NOUGHT)
    guarded = pl.when(is_formula).then("'" + words).otherwise(words)
    table = table.with_columns(guarded.name.keep())
    odd = [
        name
        for name, kind in table.schema.items()
        if kind == pl.String and table[name].str.contains(_MAY_HIDE).any()
    ]
    return table.with_columns(
        cs.by_name(name).map_elements(show_hidden, return_dtype=pl.String) for name in odd
    )


# Control characters but line ends, and marks that turn the direction of writing.
HIDDEN = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb"
)
# What takes no room. Posts may hold it, and their texts are handed on as they were written; no
# word of a table is told apart from another by it.
_UNSEEN = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u2060-\u2065\u206a-\u206f"
    "\u3164\ufe00-\ufe0d\ufeff\uffa0\U000e0000-\U000e0fff"
)
_JOINING = "\u200d\ufe0e\ufe0f"  # in ❤️ and 1️⃣, as people write them
_PICTURE = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299\ufe0f"
    "\U0001f000-\U0001faff"
)
_NEVER_SEEN = rf"[{HIDDEN}{_UNSEEN}]|(?<![{_PICTURE}])[{_JOINING}](?!\u20e3)"
_MAY_HIDE = f"[{HIDDEN}{_UNSEEN}{_JOINING}]"
_SHOWN = f"[<{HIDDEN}]"
# A spreadsheet may pass over blanks and what is not seen before a sign, and fold its other forms.
_SIGNS = r"=+\-@＝＋－＠﹦﹢﹣﹫\u2212"
FORMULA_START = rf"(?:[\t\r\n\x00]|[\s{HIDDEN}{_UNSEEN}{_JOINING}]*[{_SIGNS}])"
"""What begins a formula, as a pattern of Python and of Polars."""


def show_hidden(words: str, *, in_page: bool = False) -> str:
    """Write the code point of each character that cannot be seen or that turns what follows.

    Line ends and tabulators stay, and so does what joins two pictures to one. Tables, pages,
    figures and the terminal all show texts of others by this.

    Parameters
    ----------
    in_page
        Whether the words are those of an HTML page, which are escaped.

    Examples
    --------
    >>> show_hidden("a\u202eb\u200bc"), show_hidden("a\u200bb", in_page=True)
    ('a<U+202E>b<U+200B>c', 'a&lt;U+200B&gt;b')
    """
    if not re.search(_MAY_HIDE, words):
        return words
    return re.sub(_NEVER_SEEN, lambda one: (escape if in_page else str)(_code_point(one)), words)


def _show_hidden(words: str) -> str:
    return re.sub(f"[{HIDDEN}]", _code_point, words)


def _code_point(one: re.Match[str]) -> str:
    return f"<U+{ord(one[0]):04X}>"


# What a person opens in a spreadsheet and the next command reads, too, must come back as it was.

_DIGITS = r"[0-9][0-9.,]*(?:[eE][+\-\u2212]?[0-9]+)?%?$"
_NUMBER, _BELOW_NOUGHT = rf"^[+\-\u2212]{_DIGITS}", rf"^[\-\u2212]{_DIGITS}"
_CODE_POINT = r"<(U\+[0-9A-F]{4,6}>)"


def guard_cells(table: pl.DataFrame) -> pl.DataFrame:
    """Neutralise formulas and show what is hidden so that `restore_cells` gives back every cell.

    A `'` is put before a formula, and before a `'` that stands before one; numbers stay. A
    character that cannot be seen stands as its code point, and `<` before a code point that a
    text itself writes as one, too. Names of columns are cells.
    """
    names = [name for name, kind in table.schema.items() if kind == pl.String]
    guarded = table.with_columns(_guard_column(table[name]) for name in names)
    return _renamed(guarded, _guard_column)


def restore_cells(table: pl.DataFrame) -> pl.DataFrame:
    """Give back what `guard_cells` was given.

    Names of columns stay where two of them would become the same.

    Examples
    --------
    >>> cells = pl.DataFrame({"text": ["'=1+1", "''=1+1", "-7", "a<U+202E>b", "<U+003C>U+202E>"]})
    >>> restore_cells(cells)["text"].to_list()
    ['=1+1', "'=1+1", '-7', 'a\u202eb', '<U+202E>']
    """
    names = [name for name, kind in table.schema.items() if kind == pl.String]
    restored = table.with_columns(_restore_column(table[name]) for name in names)
    return _renamed(restored, _restore_column)


def _guard_column(cells: pl.Series) -> pl.Series:
    words = pl.col("cell")
    shown = words.str.replace_all(_CODE_POINT, "<U+003C>${1}")
    is_formula = words.str.contains(f"^'*{FORMULA_START}") & ~words.str.contains(_NUMBER)
    frame = cells.alias("cell").to_frame()
    column = frame.select(pl.when(is_formula).then("'" + shown).otherwise(shown).alias("cell"))
    guarded = column.to_series()
    if guarded.str.contains(f"[{HIDDEN}]").any():
        guarded = guarded.map_elements(_show_hidden, return_dtype=pl.String)
    return guarded.alias(cells.name)


def _restore_column(column: pl.Series) -> pl.Series:
    cells = column.alias("cell")  # a name such as ^text$ would be a pattern
    if cells.str.contains(_CODE_POINT).any():
        cells = cells.map_elements(_see_hidden, return_dtype=pl.String)
    restored = cells.str.replace(f"^'('*{FORMULA_START})", "${1}")
    return restored.alias(column.name)


def _see_hidden(words: str) -> str:
    def character(one: re.Match[str]) -> str:
        number = int(one[1][2:-1], 16)
        is_shown = number <= sys.maxunicode and re.match(_SHOWN, chr(number))
        return chr(number) if is_shown else one[0]

    return re.sub(_CODE_POINT, character, words)


def _renamed(table: pl.DataFrame, change: Callable[[pl.Series], pl.Series]) -> pl.DataFrame:
    names = change(pl.Series("name", table.columns, pl.String)).to_list()
    if len(set(names)) < len(names):  # never what `guard_cells` wrote
        return table
    return table.rename(dict(zip(table.columns, names, strict=True)))


def write_text(text: str, path: str | Path) -> Path:
    """Write a text as UTF-8 with Unix line ends, atomically."""
    path = Path(path)
    with replacing(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8", newline="\n")
    return path


def write_bytes(content: bytes, path: str | Path) -> Path:
    """Write bytes as they are, atomically."""
    path = Path(path)
    with replacing(path) as unfinished:
        unfinished.write_bytes(content)
    return path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Hand out an unfinished file beside `path` and put it in place when all went well."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path.parent.absolute())
        # Not after the file: with what mkstemp adds, a long name would be too long.
        handle, name = tempfile.mkstemp(
            dir=path.parent, prefix=unfinished_prefix(), suffix=path.suffix
        )
    except OSError as error:
        raise CaodianError(
            "the output must be writable",
            value=str(path),
            where=error.strerror,
            remedy="Choose another place with --out.",
        ) from None
    os.close(handle)
    unfinished = Path(name)
    try:
        yield unfinished
        unfinished.chmod(0o644)
        unfinished.replace(path)
    except OSError as error:
        raise CaodianError(
            "the output must be writable",
            value=str(path),
            where=error.strerror or str(error),
            remedy="Choose another place with --out.",
        ) from None
    finally:
        to_the_end(lambda: unfinished.unlink(missing_ok=True))


# What tells a command to stop; Windows has no SIGHUP.
_STOPS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]


def to_the_end(clean: Callable[[], object]) -> None:
    """Clean up although somebody presses Ctrl-C meanwhile, also twice; then obey.

    A `finally` is no shelter: a signal that comes while it runs ends it where it stands.

    Parameters
    ----------
    clean
        Removes what is half-written; may be called again when it was broken off.
    """
    if threading.current_thread() is not threading.main_thread():
        clean()  # signals break off the main thread alone
        return
    told: list[int] = []
    handlers: dict[int, Any] = {}
    stopped: KeyboardInterrupt | None = None
    try:
        while True:
            try:
                for number in _STOPS:
                    if callable(signal.getsignal(number)):  # else it is ignored, or ends at once
                        handlers.setdefault(number, signal.getsignal(number))
                        signal.signal(number, lambda number, _: told.append(number))
                clean()
                break
            except KeyboardInterrupt as error:  # before its handler was replaced
                stopped = error
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    if stopped is not None:
        raise stopped
    if told:
        signal.raise_signal(told[0])


_UNFINISHED = ".unfinished-"
_swept: set[Path] = set()


@cache
def _machine() -> str:
    """Tell machines apart that share a folder: of another's processes nobody knows who lives."""
    return blake2b(platform.node().encode(), digest_size=4).hexdigest()


def unfinished_prefix() -> str:
    """Begin the name of a file that this process has not finished, so that others may sweep it."""
    return f"{_UNFINISHED}{_machine()}-{os.getpid()}-"


def _sweep(folder: Path) -> None:
    """Remove, once a process, what killed processes of this machine left unfinished in a folder."""
    if folder in _swept or os.name == "nt":  # where asking for a process would end it
        return
    _swept.add(folder)
    for left in folder.glob(f"{_UNFINISHED}{_machine()}-*"):
        process = left.name.removeprefix(f"{_UNFINISHED}{_machine()}-").partition("-")[0]
        if process.isdigit() and not _is_alive(int(process)):
            left.unlink(missing_ok=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # another user's
        return True
    return True


def _write_csv(table: pl.DataFrame, path: Path) -> None:
    _as_written(join_lists(table)).write_csv(path)


def _write_guarded_csv(table: pl.DataFrame, path: Path) -> None:
    guard_cells(_as_written(join_lists(table))).write_csv(path)


def _write_parquet(table: pl.DataFrame, path: Path) -> None:
    table.write_parquet(path, compression="zstd", statistics=False)


def _write_jsonl(table: pl.DataFrame, path: Path) -> None:
    names = table.columns
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        for row in _as_written(table).iter_rows():
            record = {
                name: embed_object(name, value) for name, value in zip(names, row, strict=True)
            }
            _write_record(record, stream)


def _write_record(record: dict[str, Any], stream: IO[str]) -> None:
    stream.write(json.dumps(record, ensure_ascii=False, separators=(",", ":"), default=_as_text))
    stream.write("\n")


def _as_text(value: object) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise CaodianError("a JSONL value must be a plain one", value=value)


def _write_xlsx(table: pl.DataFrame, path: Path) -> None:
    _refuse_oversize(table, path)
    flat = guard_cells(_as_written(join_lists(table)))
    import xlsxwriter

    options = {"strings_to_urls": False, "strings_to_formulas": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as book:
        flat.write_excel(book, worksheet="data", autofilter=False, float_precision=15)


def _refuse_oversize(table: pl.DataFrame, path: Path) -> None:
    if table.height >= _XLSX_ROWS:
        raise CaodianError(
            f"an .xlsx file must hold fewer than {_XLSX_ROWS:,} rows",
            value=table.height,
            where=str(path),
            remedy="Write .csv or .parquet instead.",
        )
    for name, kind in table.schema.items():
        longest = table[name].str.len_chars().max() if kind == pl.String else 0
        if isinstance(longest, int) and longest > _XLSX_CHARACTERS:
            raise CaodianError(
                f"an .xlsx cell must hold at most {_XLSX_CHARACTERS:,} characters",
                value=longest,
                where=f"{path}, column {name}",
                remedy="Write .csv or .parquet instead.",
            )


def _as_written(table: pl.DataFrame) -> pl.DataFrame:
    """Write times as ISO with their zone, so that no reader guesses, and nought without a sign.

    What was rounded to `-0.0` would tell on which side of nought it lay, and is no other number.
    """
    kinds = table.schema.items()
    times = [_iso(table[name]) for name, kind in kinds if isinstance(kind, pl.Datetime)]
    numbers = [
        pl.when(cs.by_name(name) == 0)
        .then(cs.by_name(name).abs())
        .otherwise(cs.by_name(name))
        .alias(name)
        for name, kind in kinds
        if kind.is_float()
    ]
    return table.with_columns(*times, *numbers)


def _iso(series: pl.Series) -> pl.Series:
    zoned = series.dtype.time_zone is not None if isinstance(series.dtype, pl.Datetime) else False
    return series.dt.to_string("%Y-%m-%dT%H:%M:%S%:z" if zoned else "%Y-%m-%dT%H:%M:%S")


# Write a table that comes in parts, so that it never stands in memory as a whole.


def write_parts(
    parts: Iterable[pl.DataFrame], schema: pl.Schema, path: str | Path, *, guarded: bool = False
) -> Path:
    """Write the parts of a table one after the other, atomically.

    Parameters
    ----------
    parts
        Frames of one schema.
    schema
        That schema, for a table without any part.
    path
        Where to. CSV and Parquet are written part by part; the other kinds are made for tables
        that fit into memory.
    guarded
        As for `write_table`.

    Examples
    --------
    >>> import tempfile
    >>> parts = [pl.DataFrame({"text": ["慢"]}), pl.DataFrame({"text": ["坏"]})]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write_parts(parts, parts[0].schema, Path(folder) / "posts.parquet")
    ...     pl.read_parquet(path)["text"].to_list()
    ['慢', '坏']
    """
    path = Path(path)
    csv = _write_guarded_parts if guarded else _write_csv_parts
    writers = {".csv": csv, ".parquet": _write_parquet_parts}
    writer = writers.get(table_suffix(path))
    if writer is None:
        return write_table(pl.concat([schema.to_frame(), *parts]), path, guarded=guarded)
    with replacing(path) as unfinished:
        writer(parts, schema, unfinished)
    return path


def _write_csv_parts(parts: Iterable[pl.DataFrame], schema: pl.Schema, path: Path) -> None:
    with path.open("wb") as stream:
        _as_written(join_lists(schema.to_frame())).write_csv(stream)
        for part in parts:
            _as_written(join_lists(part)).write_csv(stream, include_header=False)


def _write_guarded_parts(parts: Iterable[pl.DataFrame], schema: pl.Schema, path: Path) -> None:
    flat = (guard_cells(_as_written(join_lists(part))) for part in parts)
    _write_csv_parts(flat, schema, path)


def _write_parquet_parts(parts: Iterable[pl.DataFrame], schema: pl.Schema, path: Path) -> None:
    arrow = schema.to_frame().to_arrow().schema
    with pq.ParquetWriter(path, arrow, compression="zstd", write_statistics=False) as writer:
        for part in parts:
            writer.write_table(part.to_arrow())
