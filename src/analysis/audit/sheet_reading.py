"""Read a filled form back, and believe nothing that was not checked.

Rows and columns may stand in any order and any case. Everything else that can go wrong with a
sheet in other people's hands stops the reading with sheet, row and value named.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pandas as pd
import polars as pl
from openpyxl.cell import Cell, MergedCell
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from analysis.coding.codebook import Codebook, load_codebook
from analysis.errors import CaodianError, nearest
from analysis.storage.write import FORMULA_START

# The form that people code on: its columns, and the two ways a text is kept from doing harm.
#
# A text may start like a formula, or hold characters that a spreadsheet cannot; the sheet shows
# it made safe, and reading back compares with the same safe text.

CODING_SHEET = "coding"
CODEBOOK_SHEET = "codebook"
SAMPLE_FILE = "sample.parquet"
HIDDEN_FILE = "machine.parquet"
DOCCANO_FILE = "doccano.jsonl"
RECORD_FILE = "audit.json"
CODER_A, CODER_B, ADJUDICATED = "coder-a.xlsx", "coder-b.xlsx", "adjudicated.xlsx"
GOLD = "gold.xlsx"
SECOND_FOLDER = "second"

_LEADING = ("post_id", "channel", "text", "negative")
_TRAILING = ("voice", "note")
_LONGEST_TEXT = 32_000  # a cell holds 32,767 characters

_FORMULA = re.compile(FORMULA_START)
_UNSHOWABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def sheet_columns(codes: Sequence[str], subs: Sequence[str] = ()) -> list[str]:
    """Return the columns of the form in their order."""
    return [*_LEADING, *codes, *subs, *_TRAILING]


def _shown(path: Path) -> str:
    """Return how messages call a form: those of both waves have the same names."""
    return f"{SECOND_FOLDER}/{path.name}" if path.parent.name == SECOND_FOLDER else path.name


def safe_text(text: str | None) -> str:
    """Return a text as the sheet shows it: no formula, no control character, not too long.

    Examples
    --------
    >>> safe_text("=1+1"), safe_text("＋V 加我"), safe_text("发货慢"), safe_text(None)
    ("'=1+1", "'＋V 加我", '发货慢', '')
    """
    shown = _UNSHOWABLE.sub(" ", text or "")
    if len(shown) > _LONGEST_TEXT:
        shown = f"{shown[:_LONGEST_TEXT]} …（全文 {len(shown)} 字）"
    return f"'{shown}" if _FORMULA.match(text or "") or _FORMULA.match(shown) else shown


def _same_text(shown: str, read: str) -> bool:
    """Tell whether a text came back as it went out; white space and the guard `'` do not count."""
    return _plain(shown) == _plain(read)


def _plain(text: str) -> str:
    return "".join(_UNSHOWABLE.sub(" ", text).split()).lstrip("'")


# What people write into a form, and what they mean: 1, 0, 是, 否, x, √ and the like.

_CHECKS = frozenset({"√", "✓", "✔", "☑"})
_YES = _CHECKS | {"1", "1.0", "true", "yes", "y", "t", "是", "有", "对"}
_NO = frozenset(
    {"0", "0.0", "false", "no", "n", "f", "否", "无", "不是", "没有", "×", "✗", "✘", "-"}
)
_TICK = "x"  # a tick where it is the only kind of mark, a "wrong" sign beside √
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
    """Return a cell as trimmed, lower-case, half-width text; an empty cell is ''."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return unicodedata.normalize("NFKC", str(value)).strip().lstrip("'").strip().lower()


def _read_mark(value: object, *, is_x_clear: bool = True) -> int | None:
    """Return 1 or 0 for a mark, None for an empty cell."""
    mark = plain(value)
    if mark == "":
        return None
    if mark in _YES or (mark == _TICK and is_x_clear):
        return 1
    if mark in _NO:
        return 0
    raise ValueError(mark)


def _is_check_mark(value: object) -> bool:
    """Tell whether a cell holds √ or its like."""
    return plain(value) in _CHECKS


# A form under another name would not be read, and its marks be lost without a sound. Whatever else
# people keep in the folder is theirs: minutes, pictures, tables of their own.

_FORMS = (CODER_A, CODER_B, ADJUDICATED, GOLD)
_TABLE = re.compile(r"\.(?:xls[xmb]?|csv|tsv|et|numbers|ods)$")
# What programs and people put before or behind the name of a file that they copy or save again.
_COPY = (
    r"(?:\(\d+\)|\[\d+\]|\d+|v\d+|copy|backup|final|filled|done|new|old"
    r"|副本|拷贝|复件|备份|最终版?|终稿|定稿|已?完成|已填|修改版?|新版?|旧版?)"
)
_BESIDE = r"[\s._-]*"
_STEMS = "|".join(form.removesuffix(".xlsx") for form in _FORMS)
_COPIED = re.compile(
    rf"(?:(?:copy of|副本|复件){_BESIDE})?(?:{_STEMS})(?:{_BESIDE}{_COPY})*{_BESIDE}"
)


def refuse_other_names(folder: Path) -> None:
    """Refuse a folder with forms that would not be read: renamed, or of another kind of file."""
    for path in sorted(folder.iterdir()):
        name = plain(path.name)
        if path.name in _FORMS or name.startswith((".", "~$")) or not path.is_file():
            continue
        if not _is_called_like_one(name) and not _holds_form(path):
            continue
        meant = [form for form in _FORMS if form.removesuffix(".xlsx") in name]
        form = meant[0] if meant else f"{CODER_A} or {CODER_B}"
        save = "Rename it" if name.endswith(".xlsx") else "Save it as Excel workbook (.xlsx) with"
        raise CaodianError(
            "a form must keep the name that it was drawn with",
            value=path.name,
            where=f"{folder}: it would not be read",
            remedy=f"{save}{' to' if save == 'Rename it' else ' the name'} {form}, or move it out "
            "of the folder if it does not count.",
        )


def _is_called_like_one(name: str) -> bool:
    """Tell whether a table has the name of a form, or of a copy of one."""
    ending = _TABLE.search(name)
    return ending is not None and bool(_COPIED.fullmatch(name[: ending.start()]))


def _holds_form(path: Path) -> bool:
    """Tell whether a table has the columns of a form, or a workbook the sheet of one."""
    kind = Path(plain(path.name)).suffix
    try:
        if kind in (".xlsx", ".xlsm"):
            with closing(openpyxl.load_workbook(path, read_only=True)) as book:
                return any(_is_form(sheet) for sheet in book.worksheets)
        if kind not in _READABLE:
            return False
        content = _READABLE[kind](path).replace(b"\0", b"").lower()  # UTF-16
    except Exception:  # not to be opened: somebody's own file
        return False
    columns = [column.encode() for column in (*_LEADING, *_TRAILING)]
    if kind in _LINES:
        return set(re.split(rb"\W+", content)).issuperset(columns)
    return all(column in content for column in columns)


def _is_form(sheet: Worksheet) -> bool:
    lines = list(sheet.iter_rows(max_row=1, values_only=True))
    head = {plain(value) for line in lines for value in line}
    return plain(sheet.title) == CODING_SHEET or head.issuperset((*_LEADING, *_TRAILING))


def _first_line(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.readline(20_000)


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_LARGEST_FORM)


def _content(path: Path) -> bytes:
    with ZipFile(path) as packed, packed.open("content.xml") as file:
        return file.read(_LARGEST_FORM)


_LARGEST_FORM = 64 << 20  # bytes in which the names of columns are looked for
_LINES = (".csv", ".tsv", ".txt")
# Where the names of columns stand as bytes: `.xls` and `.et` keep texts in 8 or 16 bits, without a
# sign between two of them.
_READABLE: dict[str, Callable[[Path], bytes]] = {
    **dict.fromkeys(_LINES, _first_line),
    **dict.fromkeys((".xls", ".et"), _bytes),
    ".ods": _content,
}


# Open a form and find its columns: any order, any case, nothing unknown.

_Cells = dict[str, object]
# A formula there is a text that lost its guard, or a remark.
_WRITTEN_OUT = ("text", "note", "channel")


def _read_cells(path: Path, codes: Sequence[str]) -> tuple[list[str], dict[int, _Cells]]:
    """Return the columns, and by row number the cells of each row that is not wholly blank."""
    sheet = _open_sheet(path)
    _refuse_merged(sheet, path)
    lines = sheet.iter_rows()
    names = _read_head([cell.value for cell in next(lines, ())], codes, path)
    rows: dict[int, _Cells] = {}
    for number, line in enumerate(lines, start=2):
        for name, cell in zip(names, line, strict=True):
            _refuse_stray(name, cell, f"{_shown(path)}, row {number}")
        cells = {name: cell.value for name, cell in zip(names, line, strict=True) if name}
        if any(plain(value) for value in cells.values()):
            rows[number] = cells
    return [name for name in names if name], rows


def _refuse_merged(sheet: Worksheet, path: Path) -> None:
    """Refuse merged cells: only the first of them holds its value, the others would be blank."""
    merged = sorted(str(area) for area in sheet.merged_cells.ranges)
    if merged:
        raise CaodianError(
            "a sheet must hold no merged cells",
            value=merged[0],
            where=f"{_shown(path)}, {len(merged)} merged areas",
            remedy="Unmerge them and fill every cell that was covered.",
        )


def _refuse_stray(name: str, cell: Cell | MergedCell, where: str) -> None:
    """Refuse what a reader could lose: marks below no name, and marks that are computed."""
    if not name and plain(cell.value):
        raise CaodianError(
            "a column with marks must have its name in the first row",
            value=cell.value,
            where=f"{where}, column {cell.column_letter}",
            remedy="Write the name back, or move the marks into their column.",
        )
    if cell.data_type == "f" and name not in _WRITTEN_OUT:
        raise CaodianError(
            "a mark must be typed, not computed",
            value=cell.value,
            where=f"{where}, column {name}",
            remedy="Replace the formula by its value: copy, then paste values.",
        )


@lru_cache(maxsize=3)
def _load(content: bytes) -> Workbook:
    """Read a workbook once, by its bytes: a form of 1,000 posts takes a third of a second."""
    return openpyxl.load_workbook(BytesIO(content))


def _open_sheet(path: Path) -> Worksheet:
    if not path.is_file():
        raise CaodianError(
            "an audit folder must hold the coders' sheets",
            value=path.name,
            where=str(path.parent),
            remedy="Draw it with `caodian audit draw`, or name the right folder.",
        )
    try:
        book = _load(path.read_bytes())
    except Exception as error:  # openpyxl has no common base for what a broken file raises
        raise CaodianError(
            "a coder's sheet must be a readable .xlsx file",
            value=str(error).splitlines()[0] if str(error) else type(error).__name__,
            where=_shown(path),
            remedy="Save it again as Excel workbook (.xlsx).",
        ) from None
    found = {plain(name): name for name in book.sheetnames}
    same = [name for name in book.sheetnames if plain(name) == CODING_SHEET]
    if len(same) > 1:
        raise CaodianError(
            f"a coder's file must hold one sheet `{CODING_SHEET}`",
            value=same,
            where=_shown(path),
            remedy="Remove or rename the sheet that does not count.",
        )
    if CODING_SHEET not in found:
        raise CaodianError(
            f"a coder's file must hold the sheet `{CODING_SHEET}`",
            value=book.sheetnames,
            where=_shown(path),
            remedy=f"Give the sheet with the marks its name `{CODING_SHEET}` back.",
        )
    return book[found[CODING_SHEET]]


def _read_head(line: Sequence[object], codes: Sequence[str], path: Path) -> list[str]:
    """Return the columns' names; unknown, doubled and missing ones are errors."""
    known = ["post_id", "channel", "text", "negative", *codes, *_TRAILING]
    names = [plain(cell) for cell in line]
    if not set(names) & {"post_id", "text", "negative"}:
        raise CaodianError(
            "the first row of a sheet must hold the names of its columns",
            value=[name for name in names if name][:4],
            where=_shown(path),
            remedy="Remove what stands above the row that begins with post_id.",
        )
    for name in filter(None, names):
        if name not in known:
            near = nearest(name, known) or _called(name)
            raise CaodianError(
                "a sheet must hold only columns of the form and codes of the codebook",
                value=name,
                where=f"{_shown(path)}, row 1",
                remedy=f"Did you mean {near!r}?" if near else "Remove the column or use `note`.",
            )
        if names.count(name) > 1:
            raise CaodianError(
                "a column must stand in a sheet once", value=name, where=f"{_shown(path)}, row 1"
            )
    wanted = ["post_id", "text", "negative", *(code for code in codes if "." not in code)]
    missing = [name for name in wanted if name not in names]
    if missing:
        raise CaodianError(
            "a sheet must hold every column of the form",
            value=missing,
            where=f"{_shown(path)}, row 1",
            remedy="Put the missing columns back; their cells may be blank.",
        )
    return names


def _called(name: str) -> str | None:
    """Return the column that people call so in Chinese or English, if there is one."""
    book = load_codebook()
    called = {"备注": "note", "原文": "text", "渠道": "channel"}
    for code, entry in {"negative": book.negative, **book.codes}.items():
        called |= {plain(entry.zh): code, plain(entry.en): code}
    return called.get(name)


def read_head_of(path: Path, codebook: Codebook) -> list[str]:
    """Return the columns of a form, checked against the codebook."""
    first = next(_open_sheet(path).iter_rows(values_only=True), ())
    return _read_head(first, [*codebook.code_names, *codebook.sub_names], path)


def read_posts_of(path: Path, codebook: Codebook) -> list[str]:
    """Return the posts of a form, in its order."""
    _, rows = _read_cells(path, [*codebook.code_names, *codebook.sub_names])
    return [str(cells["post_id"]) for cells in rows.values()]


def holds_marks(path: Path, codes: Sequence[str], *, in_column: str | None = None) -> bool:
    """Tell whether somebody has written into a form."""
    _, rows = _read_cells(path, codes)
    drawn = ("post_id", "channel", "text")
    return any(
        plain(value)
        for cells in rows.values()
        for name, value in cells.items()
        if (name not in drawn if in_column is None else name == in_column)
    )


def read_sheet(
    path: Path | str, sample: pl.DataFrame, codes: Sequence[str], *, is_part: bool = False
) -> pd.DataFrame:
    """Return the codes of one form."""
    path = Path(path)
    names, rows = _read_cells(path, codes)
    posts = _posts_by_row(rows, sample["post_id"].to_list(), path)
    _require_all(posts, sample["post_id"].to_list(), path, is_part)
    if "text" in sample.columns and "text" in names:
        _refuse_edits(rows, posts, sample, path)
    held = [code for code in codes if code in names]
    is_x_clear = not any(
        _is_check_mark(row.get(name)) for row in rows.values() for name in ("negative", *held)
    )
    coded = _read_rows(rows, posts, held, _shown(path), is_x_clear)
    if not is_part:
        _refuse_ticks_alone(coded, path)
        _refuse_unused_columns(rows, coded, posts, held, path)
    order = [post for post in sample["post_id"] if post in coded]
    table = pd.DataFrame([{"post_id": post, **coded[post]} for post in order])
    columns = ["post_id", "negative", *held, *_TRAILING]
    table = table.reindex(columns=columns)
    return table.astype(dict.fromkeys(("negative", *held), "Int8"))


# Ticks without a 0 beside more than one blank, which somebody may have overlooked. Who codes in
# order and has only begun has blanks below the last mark alone, and may have met no other yet.
_SURELY_TICKS, _SURELY_IN_ORDER = 4, 10


def _refuse_ticks_alone(coded: dict[str, _Cells], path: Path) -> None:
    """Refuse a form in which somebody only ticked: its blanks are no posts that nobody coded."""
    marks = [row["negative"] for row in coded.values()]
    is_begun = None not in marks[: marks.count(1)] and marks.count(None) > marks.count(1)
    few = _SURELY_IN_ORDER if is_begun else _SURELY_TICKS
    if marks.count(1) >= few and 0 not in marks and marks.count(None) > 1:
        raise CaodianError(
            "a form must say which posts are no negative items",
            value=f"{marks.count(1)} marks, no 0 among them",
            where=f"{_shown(path)}, column negative: {marks.count(None)} blank",
            remedy="Write 0 into each row that was coded and is none; leave blank what was not.",
        )


# So many posts that could have a mark there, and not one in any of the columns: nobody looked at
# them, and their blanks would count as none.
_SURELY_SOME = 10


def _refuse_unused_columns(
    rows: dict[int, _Cells],
    coded: dict[str, _Cells],
    posts: dict[int, str],
    held: list[str],
    path: Path,
) -> None:
    """Refuse a form whose codes, or whose sub-grievances, nobody coded."""
    subs = [name for name in held if "." in name]
    codes = [name for name in held if "." not in name]
    asked = sorted({name.split(".")[0] for name in subs})
    for columns, above, what, of_what, remedy in (
        (codes, ["negative"], "codes", "negative items", _CODE_THEM),
        (subs, asked, "sub-grievances", "posts with such a code", _CODE_SUBS),
    ):
        if any(plain(row.get(name)) for row in rows.values() for name in columns):
            continue
        given = sum(any(coded[post][name] for name in above) for post in posts.values())
        if columns and given >= _SURELY_SOME:
            raise CaodianError(
                f"a form that asks for {what} must have them coded",
                value=f"{given} {of_what}, no mark in any column of {what}",
                where=f"{_shown(path)}, columns {columns[0]} to {columns[-1]}",
                remedy=remedy,
            )


_CODE_THEM = "Code them; where none of them fits any post, a 0 in one cell says so."
_CODE_SUBS = (
    "Code them (0 in one cell says that they were looked at), or delete these columns from all "
    "forms: then the coder's own counts of sub-grievances stand."
)


def _posts_by_row(rows: dict[int, _Cells], known: list[str], path: Path) -> dict[int, str]:
    drawn = set(known)
    posts: dict[int, str] = {}
    first_row: dict[str, int] = {}
    for number, cells in rows.items():
        post = _read_id(cells.get("post_id"), f"{_shown(path)}, row {number}")
        if post not in drawn:
            raise CaodianError(
                "every row of a sheet must be a post of the sample",
                value=post,
                where=f"{_shown(path)}, row {number}",
                remedy="Restore the post_id, or remove the row.",
            )
        if post in first_row:
            raise CaodianError(
                "a post must stand in a sheet once",
                value=post,
                where=f"{_shown(path)}, rows {first_row[post]} and {number}",
                remedy="Keep the row that holds.",
            )
        first_row[post] = number
        posts[number] = post
    return posts


def _read_id(value: object, where: str) -> str:
    if isinstance(value, float) and (value >= 2**53 or not value.is_integer()):
        raise CaodianError(
            "a post_id must keep all its digits",
            value=value,
            where=where,
            remedy="Format the column as text and paste the ids from the sheet as it was drawn.",
        )
    text = str(int(value)) if isinstance(value, float) else str("" if value is None else value)
    return text.strip().lstrip("'")


def _require_all(posts: dict[int, str], known: list[str], path: Path, is_part: bool) -> None:
    missing = sorted(set(known) - set(posts.values()))
    if missing and not is_part:
        raise CaodianError(
            "a sheet must hold every post of the sample",
            value=missing[0],
            where=f"{_shown(path)}, {len(missing)} missing",
            remedy="Put the rows back; a post that was left out makes the estimate wrong.",
        )


def _refuse_edits(
    rows: dict[int, _Cells], posts: dict[int, str], sample: pl.DataFrame, path: Path
) -> None:
    texts = dict(sample.select("post_id", "text").iter_rows())
    for number, cells in rows.items():
        shown, read = safe_text(texts[posts[number]]), str(cells.get("text") or "")
        if not _same_text(shown, read):
            raise CaodianError(
                "the text of a post must stay as it was drawn",
                value=read[:60],
                where=f"{_shown(path)}, row {number}, post {posts[number]}",
                remedy="Restore the text from the drawn sheet, and check the codes of the row.",
            )


def _read_rows(
    rows: dict[int, _Cells], posts: dict[int, str], codes: list[str], name: str, is_x_clear: bool
) -> dict[str, _Cells]:
    """Read all rows, by post; what is wrong is told of the first, and in which others."""
    coded: dict[str, _Cells] = {}
    broken: dict[int, CaodianError] = {}
    for number, row in rows.items():
        try:
            coded[posts[number]] = _read_row(row, codes, f"{name}, row {number}", is_x_clear)
        except CaodianError as error:
            broken[number] = error
    if not broken:
        return coded
    (_, first), *others = broken.items()
    where = str(first.where)
    if others:
        listed = ", ".join(str(number) for number, _ in others[:_MOST_LISTED])
        more = len(others) - _MOST_LISTED
        where += f"; to mend as well: rows {listed}{f' and {more} more' if more > 0 else ''}"
    raise CaodianError(first.rule, value=first.value, where=where, remedy=first.remedy)


_MOST_LISTED = 20


def _read_row(cells: _Cells, codes: list[str], where: str, is_x_clear: bool) -> _Cells:
    row: _Cells = {}
    for name in ("negative", *codes):
        try:
            row[name] = _read_mark(cells.get(name), is_x_clear=is_x_clear)
        except ValueError:
            raise CaodianError(
                "a code must be 1, 0 or blank",
                value=cells.get(name),
                where=f"{where}, column {name}",
                remedy="Use 1 or 0 (是/否 and √ are understood; x is not, beside √).",
            ) from None
    given = [name for name in codes if row[name] == 1]
    if given and row["negative"] != 1:
        is_blank = row["negative"] is None
        raise CaodianError(
            "a post with a code must be a negative item",
            value=given[0],
            where=f"{where}, negative is {'blank' if is_blank else '0'}",
            remedy="Fill in `negative` (1 where a code stands): a row counts as decided with it."
            if is_blank
            else "Set `negative` to 1, or remove the code.",
        )
    for name in codes:
        row[name] = 0 if row[name] is None and row["negative"] is not None else row[name]
        if row["negative"] is None:
            row[name] = None
    _require_code_of_subs(row, codes, where)
    row["voice"] = _read_voice(cells.get("voice"), where)
    row["note"] = None if cells.get("note") is None else str(cells["note"])
    return row


def _require_code_of_subs(row: _Cells, codes: list[str], where: str) -> None:
    for name in codes:
        if "." in name and row[name] == 1 and row.get(name.split(".")[0]) != 1:
            raise CaodianError(
                "a sub-grievance must stand with its code",
                value=name,
                where=where,
                remedy=f"Set `{name.split('.')[0]}` to 1, or remove the sub-grievance.",
            )


def _read_voice(value: object, where: str) -> str | None:
    voice = plain(value)
    if voice and voice not in VOICES:
        near = nearest(voice, list(VOICES))
        raise CaodianError(
            "a voice must be one of the codebook's",
            value=value,
            where=f"{where}, column voice",
            remedy=f"Did you mean {near!r}?" if near else f"Voices: {', '.join(VOICES)}.",
        )
    return VOICES.get(voice)
