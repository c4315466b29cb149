"""Every sheet of a workbook as text, as it is seen on the screen."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from analysis.errors import CaodianError


def read_sheets(path: str | Path) -> dict[str, pl.DataFrame]:
    """Read all sheets of an XLSX workbook, every cell as a string.

    Parameters
    ----------
    path
        The workbook.

    Returns
    -------
    dict of str to pl.DataFrame
        By the sheet's name, hidden sheets too. No row is taken for a header, so that row *n* of
        the frame is row *n* of the sheet.

    Raises
    ------
    CaodianError
        When the file is no workbook.

    Examples
    --------
    >>> import tempfile
    >>> from analysis.storage.write import write_table
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write_table(pl.DataFrame({"text": ["好用"]}), Path(folder, "posts.xlsx"))
    ...     [sheet.rows() for sheet in read_sheets(path).values()]
    [[('text',), ('好用',)]]
    """
    import fastexcel

    try:
        book = fastexcel.read_excel(path)
        return {
            name: book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars()
            for name in book.sheet_names
        }
    except (fastexcel.FastExcelError, OSError) as error:
        raise CaodianError(
            "a .xlsx file must be a workbook",
            value=str(path),
            where=str(error).splitlines()[0][:200].rstrip(".:"),
            remedy="Mend or re-export the file.",
        ) from None
