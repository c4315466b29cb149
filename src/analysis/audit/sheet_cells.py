"""Open a form and find its columns: any order, any case, nothing unknown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import openpyxl

from analysis.audit.sheet_layout import CODING_SHEET, TRAILING
from analysis.audit.sheet_marks import plain
from analysis.coding.codebook import Codebook
from analysis.errors import CaodianError, nearest

Cells = dict[str, object]


def read_cells(path: Path, codes: Sequence[str]) -> tuple[list[str], dict[int, Cells]]:
    """Return the columns, and by row number the cells of each row that is not wholly blank."""
    sheet = _open_sheet(path)
    lines = sheet.iter_rows(values_only=True)
    names = _read_head(next(lines, ()), codes, path)
    rows: dict[int, Cells] = {}
    for number, line in enumerate(lines, start=2):
        cells = {name: value for name, value in zip(names, line, strict=False) if name}
        if any(plain(value) for value in cells.values()):
            rows[number] = cells
    return [name for name in names if name], rows


def _open_sheet(path: Path) -> openpyxl.worksheet.worksheet.Worksheet:
    if not path.is_file():
        raise CaodianError(
            "an audit folder must hold the coders' sheets",
            value=path.name,
            where=str(path.parent),
            remedy="Draw it with `caodian audit draw`, or name the right folder.",
        )
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # openpyxl has no common base for what a broken file raises
        raise CaodianError(
            "a coder's sheet must be a readable .xlsx file",
            value=str(error).splitlines()[0] if str(error) else type(error).__name__,
            where=path.name,
            remedy="Save it again as Excel workbook (.xlsx).",
        ) from None
    found = {plain(name): name for name in book.sheetnames}
    if CODING_SHEET not in found:
        raise CaodianError(
            f"a coder's file must hold the sheet `{CODING_SHEET}`",
            value=book.sheetnames,
            where=path.name,
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
    wanted = ["post_id", "negative", *(code for code in codes if "." not in code)]
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
