"""The codebook as the second sheet of a form, so that coders have the definitions beside them."""

from __future__ import annotations

import xlsxwriter

from analysis.audit.sheet_layout import CODEBOOK_SHEET, safe_text
from analysis.coding.codebook import Code, Codebook

HEAD = ("code", "zh", "en", "definition_zh", "definition_en", "include", "exclude", "subs")
WIDTHS = (18, 16, 22, 50, 50, 50, 50, 50)


def write_codebook_sheet(book: xlsxwriter.Workbook, codebook: Codebook) -> None:
    """Add the sheet: the negative item, the codes, then the voices.

    Parameters
    ----------
    book
        The open workbook.
    codebook
        What to print.
    """
    sheet = book.add_worksheet(CODEBOOK_SHEET)
    bold = book.add_format({"bold": True, "bg_color": "#e8eef7"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for place, (name, width) in enumerate(zip(HEAD, WIDTHS, strict=True)):
        sheet.write_string(0, place, name, bold)
        sheet.set_column(place, place, width)
    for number, row in enumerate(_rows(codebook), start=1):
        for place, text in enumerate(row):
            sheet.write_string(number, place, safe_text(text), wrapped)
    sheet.freeze_panes(1, 1)


def _rows(codebook: Codebook) -> list[list[str]]:
    rows = [_describe("negative", codebook.negative)]
    rows += [_describe(name, code) for name, code in codebook.codes.items()]
    for voice, names in codebook.voices.items():
        definitions = [names.definition_zh, names.definition_en]
        rows.append([f"voice: {voice}", names.zh, names.en, *definitions, "", "", ""])
    return rows


def _describe(name: str, code: Code) -> list[str]:
    subs = [f"{sub}（{names.zh}）" for sub, names in code.subs.items()]
    definitions = [code.definition_zh, code.definition_en]
    lists = ["；".join(code.include), "；".join(code.exclude), "；".join(subs)]
    return [name, code.zh, code.en, *definitions, *lists]
