"""Read a filled form back, and believe nothing that was not checked.

Rows and columns may stand in any order and any case. Everything else that can go wrong with a
sheet in other people's hands stops the reading with sheet, row and value named.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import polars as pl

from analysis.audit.sheet_cells import Cells, read_cells
from analysis.audit.sheet_layout import TRAILING, safe_text, same_text
from analysis.audit.sheet_marks import VOICES, is_check_mark, plain, read_mark
from analysis.errors import CaodianError, nearest


def read_sheet(
    path: Path | str, sample: pl.DataFrame, codes: Sequence[str], *, is_part: bool = False
) -> pd.DataFrame:
    """Return the codes of one form.

    Parameters
    ----------
    path
        The `.xlsx` file.
    sample
        The drawn posts; `text`, where it is there, is compared with the sheet's.
    codes
        Codes of the codebook, and sub-grievances that a sheet may hold.
    is_part
        True for a form of only some of the posts, such as the adjudicator's.

    Returns
    -------
    pd.DataFrame
        post_id, negative, one column per code that the sheet holds (1, 0, missing where the post
        was not coded), voice, note; in the sample's order.

    Raises
    ------
    CaodianError
        For an unreadable file, a missing, unknown or doubled column, a missing, unknown or doubled
        post, an edited text, an unknown mark or voice, and codes that contradict `negative`.
    """
    path = Path(path)
    names, rows = read_cells(path, codes)
    posts = _posts_by_row(rows, sample["post_id"].to_list(), path)
    _require_all(posts, sample["post_id"].to_list(), path, is_part)
    if "text" in sample.columns and "text" in names:
        _refuse_edits(rows, posts, sample, path)
    held = [code for code in codes if code in names]
    is_x_clear = not any(
        is_check_mark(row.get(name)) for row in rows.values() for name in ("negative", *held)
    )
    coded = {
        posts[number]: _read_row(row, held, f"{path.name}, row {number}", is_x_clear)
        for number, row in rows.items()
    }
    order = [post for post in sample["post_id"] if post in coded]
    table = pd.DataFrame([{"post_id": post, **coded[post]} for post in order])
    columns = ["post_id", "negative", *held, *TRAILING]
    table = table.reindex(columns=columns)
    return table.astype(dict.fromkeys(("negative", *held), "Int8"))


def _posts_by_row(rows: dict[int, Cells], known: list[str], path: Path) -> dict[int, str]:
    drawn = set(known)
    posts: dict[int, str] = {}
    first_row: dict[str, int] = {}
    for number, cells in rows.items():
        post = _read_id(cells.get("post_id"), f"{path.name}, row {number}")
        if post not in drawn:
            raise CaodianError(
                "every row of a sheet must be a post of the sample",
                value=post,
                where=f"{path.name}, row {number}",
                remedy="Restore the post_id, or remove the row.",
            )
        if post in first_row:
            raise CaodianError(
                "a post must stand in a sheet once",
                value=post,
                where=f"{path.name}, rows {first_row[post]} and {number}",
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
            where=f"{path.name}, {len(missing)} missing",
            remedy="Put the rows back; a post that was left out makes the estimate wrong.",
        )


def _refuse_edits(
    rows: dict[int, Cells], posts: dict[int, str], sample: pl.DataFrame, path: Path
) -> None:
    texts = dict(sample.select("post_id", "text").iter_rows())
    for number, cells in rows.items():
        shown, read = safe_text(texts[posts[number]]), str(cells.get("text") or "")
        if not same_text(shown, read):
            raise CaodianError(
                "the text of a post must stay as it was drawn",
                value=read[:60],
                where=f"{path.name}, row {number}, post {posts[number]}",
                remedy="Restore the text from the drawn sheet, and check the codes of the row.",
            )


def _read_row(cells: Cells, codes: list[str], where: str, is_x_clear: bool) -> Cells:
    row: Cells = {}
    for name in ("negative", *codes):
        try:
            row[name] = read_mark(cells.get(name), is_x_clear=is_x_clear)
        except ValueError:
            raise CaodianError(
                "a code must be 1, 0 or blank",
                value=cells.get(name),
                where=f"{where}, column {name}",
                remedy="Use 1 or 0 (是/否 and √ are understood; x is not, beside √).",
            ) from None
    given = [name for name in codes if row[name] == 1]
    if given and row["negative"] != 1:
        raise CaodianError(
            "a post with a code must be a negative item",
            value=given[0],
            where=f"{where}, negative is {'blank' if row['negative'] is None else '0'}",
            remedy="Set `negative` to 1, or remove the code.",
        )
    for name in codes:
        row[name] = 0 if row[name] is None and row["negative"] is not None else row[name]
        if row["negative"] is None:
            row[name] = None
    _require_code_of_subs(row, codes, where)
    row["voice"] = _read_voice(cells.get("voice"), where)
    row["note"] = None if cells.get("note") is None else str(cells["note"])
    return row


def _require_code_of_subs(row: Cells, codes: list[str], where: str) -> None:
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
