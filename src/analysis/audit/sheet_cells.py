"""Open a form and find its columns: any order, any case, nothing unknown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import openpyxl
from openpyxl.cell import Cell, MergedCell
from openpyxl.worksheet.worksheet import Worksheet

from analysis.audit.sheet_layout import CODING_SHEET, TRAILING
from analysis.audit.sheet_marks import plain
from analysis.coding.codebook import Codebook
from analysis.errors import CaodianError, nearest

Cells = dict[str, object]
# A formula there is a text that lost its guard, or a remark.
WRITTEN_OUT = ("text", "note", "channel")


def read_cells(path: Path, codes: Sequence[str]) -> tuple[list[str], dict[int, Cells]]:
    """Return the columns, and by row number the cells of each row that is not wholly blank."""
    sheet = _open_sheet(path)
    _refuse_merged(sheet, path)
    lines = sheet.iter_rows()
    names = _read_head([cell.value for cell in next(lines, ())], codes, path)
    rows: dict[int, Cells] = {}
    for number, line in enumerate(lines, start=2):
        for name, cell in zip(names, line, strict=True):
            _refuse_stray(name, cell, f"{path.name}, row {number}")
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
            where=f"{path.name}, {len(merged)} merged areas",
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
    if cell.data_type == "f" and name not in WRITTEN_OUT:
        raise CaodianError(
            "a mark must be typed, not computed",
            value=cell.value,
            where=f"{where}, column {name}",
            remedy="Replace the formula by its value: copy, then paste values.",
        )


def _open_sheet(path: Path) -> Worksheet:
    if not path.is_file():
        raise CaodianError(
            "an audit folder must hold the coders' sheets",
            value=path.name,
            where=str(path.parent),
            remedy="Draw it with `caodian audit draw`, or name the right folder.",
        )
    try:
        book = openpyxl.load_workbook(path)
    except Exception as error:  # openpyxl has no common base for what a broken file raises
        raise CaodianError(
            "a coder's sheet must be a readable .xlsx file",
            value=str(error).splitlines()[0] if str(error) else type(error).__name__,
            where=path.name,
            remedy="Save it again as Excel workbook (.xlsx).",
        ) from None
    found = {plain(name): name for name in book.sheetnames}
    same = [name for name in book.sheetnames if plain(name) == CODING_SHEET]
    if len(same) > 1:
        raise CaodianError(
            f"a coder's file must hold one sheet `{CODING_SHEET}`",
            value=same,
            where=path.name,
            remedy="Remove or rename the sheet that does not count.",
        )
    if CODING_SHEET not in found:
        raise CaodianError(
            f"a coder's file must hold the sheet `{CODING_SHEET}`",
            value=book.sheetnames,
            where=path.name,
            remedy=f"Give the sheet with the marks its name `{CODING_SHEET}` back.",
        )
    return book[found[CODING_SHEET]]


def _read_head(line: Sequence[object], codes: Sequence[str], path: Path) -> list[str]:
    """Return the columns' names; unknown, doubled and missing ones are errors."""
    known = ["post_id", "channel", "text", "negative", *codes, *TRAILING]
    names = [plain(cell) for cell in line]
    for name in filter(None, names):
        if name not in known:
            near = nearest(name, known)
            raise CaodianError(
                "a sheet must hold only columns of the form and codes of the codebook",
                value=name,
                where=f"{path.name}, row 1",
                remedy=f"Did you mean {near!r}?" if near else "Remove the column or use `note`.",
            )
        if names.count(name) > 1:
            raise CaodianError(
                "a column must stand in a sheet once", value=name, where=f"{path.name}, row 1"
            )
    wanted = ["post_id", "text", "negative", *(code for code in codes if "." not in code)]
    missing = [name for name in wanted if name not in names]
    if missing:
        raise CaodianError(
            "a sheet must hold every column of the form",
            value=missing,
            where=f"{path.name}, row 1",
            remedy="Put the missing columns back; their cells may be blank.",
        )
    return names


def read_head_of(path: Path, codebook: Codebook) -> list[str]:
    """Return the columns of a form, checked against the codebook.

    Parameters
    ----------
    path
        The `.xlsx` file.
    codebook
        Codes and sub-grievances that may be columns.

    Returns
    -------
    list[str]
        Names in lower case.
    """
    first = next(_open_sheet(path).iter_rows(values_only=True), ())
    return _read_head(first, [*codebook.code_names, *codebook.sub_names], path)
