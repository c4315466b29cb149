"""Write the folder that an audit lives in: two blind forms, doccano lines, the sample.

What the machine thought of the posts goes to `machine.parquet` and is in no file that coders open.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import polars as pl
import xlsxwriter

from analysis.audit.sampling import draw_sample
from analysis.audit.sheet_reading import (
    CODEBOOK_SHEET,
    CODER_A,
    CODER_B,
    CODING_SHEET,
    DOCCANO_FILE,
    HIDDEN_FILE,
    SAMPLE_FILE,
    VOICES,
    safe_text,
    sheet_columns,
)
from analysis.coding.codebook import Code, Codebook, load_codebook
from analysis.frames import AnyFrame, Frame, like_frame, take_columns
from analysis.schema import parse_columns
from analysis.storage.write import replacing, write_table, write_text

# The codebook as the second sheet of a form, so that coders have the definitions beside them.

_HEAD = ("code", "zh", "en", "definition_zh", "definition_en", "include", "exclude", "subs")
_COLUMN_WIDTHS = (18, 16, 22, 50, 50, 50, 50, 50)


def _write_codebook_sheet(book: xlsxwriter.Workbook, codebook: Codebook) -> None:
    """Add the sheet: the negative item, the codes, then the voices."""
    sheet = book.add_worksheet(CODEBOOK_SHEET)
    bold = book.add_format({"bold": True, "bg_color": "#e8eef7"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for place, (name, width) in enumerate(zip(_HEAD, _COLUMN_WIDTHS, strict=True)):
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


_WIDTHS = {"post_id": 20, "channel": 11, "text": 80, "note": 30}
Row = dict[str, object]


# What the draw reads of the posts beside text and codes, where it is there.
_USED = (
    "source", "post_id", "channel", "family_id", "published_at", "sub_grievances", "platforms",
    "negative_probability", "scores", "is_in_window", "repeat_of", "rating", "stars", "source_file",
)  # fmt: skip


def draw_audit(
    posts: Frame,
    directory: Path | str | None = None,
    *,
    size: int = 1000,
    seed: int = 1,
    text: str = "text",
    with_subs: bool = False,
) -> Frame:
    """Draw a probability sample of coded posts, and write the forms for two blind coders.

    Strata are bands of the coder's own scores and the halves of the window; sizes near Neyman
    (1934) for all codes at once, every post with a known chance above zero.

    Parameters
    ----------
    posts
        pandas or Polars frame from `code_grievances`; `source, post_id, channel, published_at,
        scores, negative_probability` and more are used where they are there. Repeats and posts
        outside the window are not drawn.
    directory
        Folder for `coder-a.xlsx`, `coder-b.xlsx`, `doccano.jsonl` and what `score_audit` needs;
        made when it is not there. Without one nothing is written.
    size
        Posts to draw; all when there are no more.
    seed
        Of the draw.
    text
        Column of the text, masked.
    with_subs
        Also ask for sub-grievances, one column each, so that they get estimates too.

    Returns
    -------
    The same kind of frame
        The drawn posts in random order: `post_id, stratum, inclusion_probability, channel, text`.
        What the coder thought of them is not among it: people code blind.

    Raises
    ------
    CaodianError
        When posts are not coded, none can be drawn, two have one id, or the folder cannot be
        written.

    Examples
    --------
    >>> import pandas as pd
    >>> posts = pd.DataFrame({"post_id": ["1", "2"], "text": ["发货慢", "好用"],
    ...                       "is_negative": [True, False], "grievances": [["delivery"], []]})
    >>> drawn = draw_audit(posts, size=2)
    >>> drawn.sort_values("post_id")[["post_id", "inclusion_probability"]].values.tolist()
    [['1', 1.0], ['2', 1.0]]
    """
    coded: AnyFrame = posts
    if not isinstance(posts, pl.LazyFrame):  # a run's posts stay on disk
        needed = [text, "is_negative", "grievances"]
        taken = take_columns(posts, needed, _USED, "Code the posts: code_grievances.")
        coded = parse_columns(taken.with_columns(pl.col(text).cast(pl.String).alias("text")))
    sample = draw_sample(coded, size=size, seed=seed)
    if directory is not None:
        write_sheets(sample, load_codebook(), directory, with_subs=with_subs)
    drawn: Frame = like_frame(posts, sample.drop("machine"))
    return drawn


def write_sheets(
    sample: pl.DataFrame, codebook: Codebook, directory: Path | str, *, with_subs: bool = False
) -> None:
    """Write `sample.parquet`, `coder-a.xlsx`, `coder-b.xlsx` and `doccano.jsonl`.

    Parameters
    ----------
    sample
        The sample of `draw_sample`.
    codebook
        Its codes are the columns, its definitions the second sheet.
    directory
        Folder of the audit; made when it is not there.
    with_subs
        Also ask for sub-grievances, one column each, so that they get estimates too.

    Raises
    ------
    CaodianError
        When the folder cannot be written.
    """
    folder = Path(directory)
    facts = ["post_id", "stratum", "inclusion_probability"]
    write_table(sample.select(facts), folder / SAMPLE_FILE)
    hidden = sample.select("post_id", "channel", "text", "machine")
    with replacing(folder / HIDDEN_FILE) as unfinished:
        hidden.write_parquet(unfinished, compression="zstd", statistics=False)
    rows: list[Row] = sample.select("post_id", "channel", "text").to_dicts()
    for name in (CODER_A, CODER_B):
        write_form(rows, codebook, folder / name, with_subs=with_subs)
    lines = [_doccano_line(row) for row in rows]
    write_text("".join(f"{line}\n" for line in lines), folder / DOCCANO_FILE)


def write_form(
    rows: Sequence[Row], codebook: Codebook, path: Path, *, with_subs: bool = False
) -> None:
    """Write one form, empty or filled, with the codebook as its second sheet.

    Parameters
    ----------
    rows
        One dictionary per post: post_id, channel, text, and what is already coded.
    with_subs
        Whether sub-grievances have columns.
    """
    columns = sheet_columns(codebook.code_names, codebook.sub_names if with_subs else ())
    options = {"strings_to_urls": False, "strings_to_formulas": False, "strings_to_numbers": False}
    with replacing(path) as unfinished, xlsxwriter.Workbook(str(unfinished), options) as book:
        book.set_properties({"created": datetime(2020, 6, 18)})  # same bytes always
        _write_coding_sheet(book, columns, rows)
        _write_codebook_sheet(book, codebook)


def _write_coding_sheet(book: xlsxwriter.Workbook, columns: list[str], rows: Sequence[Row]) -> None:
    sheet = book.add_worksheet(CODING_SHEET)
    head = book.add_format({"bold": True, "bg_color": "#e8eef7", "text_wrap": True})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    as_text = book.add_format({"num_format": "@", "valign": "top"})
    for number, name in enumerate(columns):
        sheet.write_string(0, number, name, head)
        sheet.set_column(number, number, _WIDTHS.get(name, 13))
    for number, row in enumerate(rows, start=1):
        for place, name in enumerate(columns):
            value = row.get(name)
            if value is None:
                continue
            if name in ("post_id", "channel", "text", "note"):
                shown = safe_text(str(value))
                sheet.write_string(number, place, shown, wrapped if name == "text" else as_text)
            elif isinstance(value, int):
                sheet.write_number(number, place, value)
            else:
                sheet.write_string(number, place, str(value))
    _add_choices(sheet, columns, len(rows))
    sheet.freeze_panes(1, 3)


def _add_choices(sheet: xlsxwriter.worksheet.Worksheet, columns: list[str], rows: int) -> None:
    marks, voice = columns.index("negative"), columns.index("voice")
    if rows == 0:
        return
    sheet.data_validation(1, marks, rows, voice - 1, {"validate": "list", "source": ["1", "0"]})
    names = sorted(set(VOICES.values()))
    sheet.data_validation(1, voice, rows, voice, {"validate": "list", "source": names})


def _doccano_line(row: Row) -> str:
    line = {"id": row["post_id"], "channel": row["channel"], "text": row["text"], "label": []}
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"))
