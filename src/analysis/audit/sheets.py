"""The folder that an audit lives in: two blind forms, doccano lines, the sample; open it again.

What the machine thought of the posts goes to `machine.parquet` and is in no file that coders open.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import xlsxwriter

from analysis.audit.machine_scores import describe_frame, leave_out, read_machine_coding
from analysis.audit.sampling import draw_from, sampler_digest
from analysis.audit.sheet_reading import (
    ADJUDICATED,
    CODEBOOK_SHEET,
    CODER_A,
    CODER_B,
    CODING_SHEET,
    DOCCANO_FILE,
    GOLD,
    HIDDEN_FILE,
    RECORD_FILE,
    SAMPLE_FILE,
    SECOND_FOLDER,
    VOICES,
    holds_marks,
    read_head_of,
    read_sheet,
    refuse_other_names,
    safe_text,
    sheet_columns,
)
from analysis.coding.codebook import Code, Codebook, load_codebook
from analysis.errors import CaodianError
from analysis.frames import AnyFrame, Frame, as_lazy, as_texts, like_frame, take_columns
from analysis.schema import parse_columns
from analysis.storage.write import replacing, write_table, write_text
from analysis.study import Study, load_study

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


_DRAW_AGAIN = "Restore the file, or draw the audit again: caodian audit draw."
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
    study: Study | Path | str | None = None,
    coder: str | None = None,
    exclude: Collection[str] = (),
) -> Frame:
    """Draw a probability sample of coded posts, and write the forms for two blind coders.

    Strata are bands of the coder's own scores and the halves of the window; sizes near Neyman
    (1934) for all codes at once, every post with a known chance above zero. The folder says what it
    was drawn from, and a report takes it for these posts alone.

    Parameters
    ----------
    posts
        pandas or Polars frame from `code_grievances`; `source, post_id, channel, published_at,
        scores, negative_probability` and more are used where they are there. Repeats, posts
        outside the window and posts without words are not drawn.
    directory
        Folder for `coder-a.xlsx`, `coder-b.xlsx`, `doccano.jsonl`, `audit.json` and what
        `score_audit` needs; made when it is not there. Without one nothing is written.
    size
        Posts to draw; all when there are no more.
    seed
        Of the draw.
    text
        Column of the text, masked.
    with_subs
        Also ask for sub-grievances, one column each, so that they get estimates too.
    study
        Study, or its file: only posts in its window are drawn.
    coder
        What a run says of the coder that coded the posts, where it is known.
    exclude
        Names of posts that must not be drawn, such as those that the coder learnt from, also as
        `source:post_id`. They count as the coder has them.

    Returns
    -------
    The same kind of frame
        The drawn posts in random order: `post_id, stratum, inclusion_probability, channel, text`.
        What the coder thought of them is not among it: people code blind.

    Raises
    ------
    CaodianError
        When posts are not coded, none can be drawn, two have one id, the folder holds forms that
        were begun, or it cannot be written.

    Examples
    --------
    >>> import pandas as pd
    >>> posts = pd.DataFrame({"post_id": ["1", "2"], "text": ["发货慢", "好用"],
    ...                       "is_negative": [True, False], "grievances": [["delivery"], []]})
    >>> drawn = draw_audit(posts, size=2)
    >>> drawn.sort_values("post_id")[["post_id", "inclusion_probability"]].values.tolist()
    [['1', 1.0], ['2', 1.0]]
    """
    coded, days = take_coded(posts, text, study)
    book = load_codebook()
    whole = read_machine_coding(coded, book.code_names)
    machine = leave_out(whole, exclude)
    sample = draw_from(machine, coded, size=size, seed=seed)
    if directory is not None:
        record = {
            "seed": seed,
            "size": size,
            "frame": describe_frame(whole, window=days, coder=coder),
            "sampler": sampler_digest(),
            "left_out": machine.left_out,
            "left_out_names": sorted(exclude) if machine.left_out.get("posts") else [],
        }
        write_sheets(sample, book, directory, with_subs=with_subs, record=record)
    drawn: Frame = like_frame(posts, sample.drop("machine", "key"))
    return drawn


def take_coded(
    posts: Frame, text: str, study: Study | Path | str | None
) -> tuple[AnyFrame, tuple[str, str] | None]:
    """Return what a draw reads of coded posts, and the first and last day of the window."""
    coded: AnyFrame = posts
    if not isinstance(posts, pl.LazyFrame):  # a run's posts stay on disk
        needed = [text, "is_negative", "grievances"]
        taken = take_columns(posts, needed, _USED, "Code the posts: code_grievances.")
        coded = parse_columns(taken.with_columns(as_texts(taken[text]).alias("text")))
    chosen = load_study(study) if isinstance(study, str | Path) else study
    if chosen is None or chosen.window is None:
        return coded, None
    window = chosen.window
    inside = _in_window(coded, window.start, window.end)
    return inside, (window.start.isoformat(), window.end.isoformat())


def _in_window(coded: AnyFrame, start: date, end: date) -> AnyFrame:
    """Mark the posts of a window by their own days, whatever an earlier step knew."""
    if "published_at" not in as_lazy(coded).collect_schema():
        raise CaodianError(
            "the window of a study needs posts with a day",
            value=f"{start} to {end}",
            remedy="Draw from posts with published_at, or leave the study out.",
        )
    day = pl.col("published_at").dt.date()
    inside = day.is_between(start, end).fill_null(False).alias("is_in_window")
    return as_lazy(coded).with_columns(inside)


def write_sheets(
    sample: pl.DataFrame,
    codebook: Codebook,
    directory: Path | str,
    *,
    with_subs: bool = False,
    record: Mapping[str, Any] | None = None,
) -> None:
    """Write `sample.parquet`, `coder-a.xlsx`, `coder-b.xlsx`, `doccano.jsonl` and `audit.json`."""
    folder = Path(directory)
    refuse_begun(folder, codebook, (CODER_A, CODER_B, GOLD))
    facts = ["post_id", "stratum", "inclusion_probability", *([_WAVE] if _WAVE in sample else [])]
    write_table(sample.select(facts), folder / SAMPLE_FILE)
    hidden = sample.select("post_id", "channel", "text", "machine", "key")
    with replacing(folder / HIDDEN_FILE) as unfinished:
        hidden.write_parquet(unfinished, compression="zstd", statistics=False)
    if _WAVE in sample:  # posts of the first wave were coded
        sample = sample.filter(pl.col(_WAVE) == SECOND_WAVE)
    rows: list[Row] = sample.select("post_id", "channel", "text").to_dicts()
    for name in (CODER_A, CODER_B):
        write_form(rows, codebook, folder / name, with_subs=with_subs)
    lines = [_doccano_line(row) for row in rows]
    write_text("".join(f"{line}\n" for line in lines), folder / DOCCANO_FILE)
    for name in (ADJUDICATED, GOLD):  # of the sample that was there before
        (folder / name).unlink(missing_ok=True)
    if record is None:
        (folder / RECORD_FILE).unlink(missing_ok=True)
        return
    write_record(folder, {**record, "drawn": len(rows), "files": hash_sample(folder)})


def write_gold(
    folder: Path, posts: pl.DataFrame, codebook: Codebook, drawn: Mapping[str, Any]
) -> None:
    """Write the sheet on which experts code some of the audited posts again."""
    refuse_begun(folder, codebook, (GOLD,))
    rows: list[Row] = posts.select("post_id", "channel", "text").to_dicts()
    write_form(rows, codebook, folder / GOLD)
    write_record(folder, {**read_record(folder), "gold": dict(drawn)})


def drop_gold(folder: Path, codebook: Codebook) -> None:
    """Take the draw of a recoding back: its sheet, and what `audit.json` says of it.

    Parameters
    ----------
    folder
        Of the audit.
    codebook
        Codes and sub-grievances that may be columns.

    Raises
    ------
    CaodianError
        When nothing was drawn, or experts have coded on the sheet.
    """
    record = read_record(folder)
    if "gold" not in record and not (folder / GOLD).is_file():
        raise CaodianError(
            "there must be a draw of a recoding to take back",
            value=f"no {GOLD}, and {RECORD_FILE} says nothing of one",
            where=str(folder),
        )
    refuse_begun(folder, codebook, (GOLD,))
    (folder / GOLD).unlink(missing_ok=True)
    if record.pop("gold", None) is not None:
        write_record(folder, record)


def refuse_begun(folder: Path, codebook: Codebook, names: Sequence[str]) -> None:
    """Refuse to write over marks, hours of people's work; what a program filled in may go.

    Who filled in the coders' forms and who the experts' sheet are two things: people may recode
    what simulated coders coded.
    """
    record = read_record(folder)
    for name in names:
        if is_filled_by_program(record, name) or not (folder / name).is_file():
            continue
        if holds_marks(folder / name, [*codebook.code_names, *codebook.sub_names]):
            raise CaodianError(
                "a draw must not overwrite forms in which somebody has coded",
                value=str(folder / name),
                remedy=f"Move {name} away first."
                if name == GOLD
                else "Choose another folder with --out, or move this one away.",
            )


def is_filled_by_program(record: Mapping[str, Any], name: str) -> bool:
    """Tell whether no person filled in a form."""
    return "filled_by" in (record.get("gold", {}) if name == GOLD else record)


def hash_sample(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of the two files that no coder may change."""
    return {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in (SAMPLE_FILE, HIDDEN_FILE)
    }


def write_record(folder: Path, record: Mapping[str, Any]) -> None:
    """Write `audit.json`: what the audit was drawn from, and who filled it in if no people did."""
    text = json.dumps(dict(record), ensure_ascii=False, indent=1, sort_keys=True)
    write_text(f"{text}\n", folder / RECORD_FILE)


def read_record(folder: Path) -> dict[str, Any]:
    """Return what `audit.json` says; nothing where there is none.

    Raises
    ------
    CaodianError
        When it cannot be read.
    """
    path = folder / RECORD_FILE
    if not path.is_file():
        return {}
    try:
        record = json.loads(path.read_text("utf-8"))
    except ValueError:
        record = None
    if not isinstance(record, dict):
        raise CaodianError(
            f"{RECORD_FILE} must be as the draw wrote it", value=str(path), remedy=_DRAW_AGAIN
        )
    return record


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


# An audit's folder: the sample, its hidden side, and whatever forms have come back.


# A second wave has a folder of its own within that of the first. Its sample holds the posts of
# both, with what each stands for now.
UNCODED = "second_uncoded"  # posts of a second wave that nobody has begun to code
_WAVE, SECOND_WAVE = "wave", 2


@dataclass(frozen=True)
class AuditFolder:
    """The drawn posts with their hidden side, what the forms ask for, the record of the draw.

    `waves` are the folders of two waves that were joined, each with its own posts.
    """

    path: Path
    sample: pl.DataFrame
    codes: tuple[str, ...]
    subs: tuple[str, ...]
    record: Mapping[str, Any] = field(default_factory=dict)
    waves: tuple[AuditFolder, ...] = ()

    @property
    def keys(self) -> list[str]:
        """The drawn posts by `source:post_id`; an older folder has their names alone."""
        column = "key" if "key" in self.sample.columns else "post_id"
        return self.sample[column].to_list()

    def weights(self, posts: Iterable[str]) -> np.ndarray:
        """Return one over the inclusion probability of each of some drawn posts."""
        chance = dict(self.sample.select("post_id", "inclusion_probability").iter_rows())
        return np.array([1 / chance[post] for post in posts])

    def wave_of(self, post: str) -> AuditFolder:
        """Return the folder of the wave whose forms hold a post."""
        held = (wave for wave in self.waves if post in set(wave.sample["post_id"]))
        return next(held, self)

    @property
    def has_subs(self) -> bool:
        """Whether the forms ask for sub-grievances."""
        return bool(self.subs)

    def read(self, name: str, *, is_part: bool = False) -> pd.DataFrame | None:
        """Return one filled form, or None when the file is not there."""
        if self.waves:
            return _join_forms([(w.read(name, is_part=is_part), w.sample) for w in self.waves])
        if not (self.path / name).is_file():
            return None
        codes = [*self.codes, *self.subs]
        return read_sheet(self.path / name, self.sample, codes, is_part=is_part)


def _join_forms(parts: list[tuple[pd.DataFrame | None, pl.DataFrame]]) -> pd.DataFrame | None:
    """Put the rows of two waves' forms under each other; what nobody filled in is missing."""
    held = [form for form, _ in parts if form is not None]
    if not held:
        return None
    blank = held[0].set_index("post_id")
    forms = [
        blank.reindex(sample["post_id"].to_list()).rename_axis("post_id").reset_index()
        if form is None else form for form, sample in parts
    ]  # fmt: skip
    if any(list(form) != list(forms[0]) for form in forms):
        differing = sorted(map(str, set(forms[0]).symmetric_difference(forms[1])))
        raise CaodianError(
            "both waves of an audit must ask for the same codes", value=differing[:4],
            remedy=f"Restore the columns of the forms in `{SECOND_FOLDER}` and beside it.",
        )  # fmt: skip
    return pd.concat(forms, ignore_index=True)


def open_folder(directory: Path | str, codebook: Codebook) -> AuditFolder:
    """Open the folder of an audit, with its second wave where one was begun.

    Parameters
    ----------
    directory
        Folder of `audit draw`.
    codebook
        Codes that the forms may hold.

    Raises
    ------
    CaodianError
        When the sample or its hidden side is missing or was changed since the draw, the two do not
        belong together, a form or the folder of a second wave has another name than it was drawn
        with, or that wave is of another first one.
    """
    first = open_wave(directory, codebook)
    if _FIRST in first.record:
        raise CaodianError(
            "a second wave says nothing without the first",
            value=str(directory),
            remedy="Name the folder around it.",
        )
    _refuse_moved_wave(first.path)
    place = first.path / SECOND_FOLDER
    if not any((place / name).is_file() for name in (SAMPLE_FILE, HIDDEN_FILE, RECORD_FILE)):
        return first
    second = open_wave(place, codebook)
    asked = [*second.codes, *second.subs]
    forms = [place / name for name in (CODER_A, CODER_B) if (place / name).is_file()]
    if not any(holds_marks(form, asked) for form in forms):
        return replace(first, record={**first.record, UNCODED: second.sample.height})
    if second.record.get(_FIRST) != hash_sample(first.path):
        raise CaodianError(
            "a second wave must be of the first one beside it",
            value=f"{RECORD_FILE} names another sample",
            where=str(place),
            remedy="Put it back into the folder that it was drawn for.",
        )
    record = {**first.record, SECOND_FOLDER: dict(second.record)}
    record["drawn"] = first.sample.height + second.sample.height
    if filled_by := first.record.get("filled_by") or second.record.get("filled_by"):
        record["filled_by"] = filled_by
    return _join_waves(first, second, record)


def _refuse_moved_wave(folder: Path) -> None:
    """Refuse a second wave under another name: it would not be read, and nobody would know."""
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name != SECOND_FOLDER and _FIRST in read_record(path):
            raise CaodianError(
                f"a second wave must lie in the folder `{SECOND_FOLDER}`",
                value=path.name,
                where=f"{folder}: it would not be read",
                remedy=f"Rename it to {SECOND_FOLDER}, or move it out of the folder if it does "
                "not count.",
            )


def _join_waves(first: AuditFolder, second: AuditFolder, record: dict[str, Any]) -> AuditFolder:
    """Return both waves as one audit: every post with what it stands for in the two together."""
    whole = _read_sample(second.path)
    posts = whole["post_id"].to_list()
    if posts[: first.sample.height] != first.sample["post_id"].to_list():
        raise CaodianError(
            "a second wave must hold the posts of the first", where=str(second.path),
            remedy=_DRAW_AGAIN,
        )  # fmt: skip
    subs = first.subs or second.subs
    return AuditFolder(first.path, whole, first.codes, subs, record, (first, second))


_FIRST = "first"


def open_wave(directory: Path | str, codebook: Codebook) -> AuditFolder:
    """Open the folder of one wave alone.

    Parameters
    ----------
    directory
        Folder of an audit, or of its second wave.
    codebook
        Codes that the forms may hold.

    Raises
    ------
    CaodianError
        As `open_folder`.
    """
    path = Path(directory)
    for name in (SAMPLE_FILE, HIDDEN_FILE):
        if not (path / name).is_file():
            raise CaodianError(
                f"an audit folder must hold {name}",
                value=str(directory),
                remedy="Draw the audit with `caodian audit draw` and keep all files of its folder.",
            )
    refuse_other_names(path)
    record = read_record(path)
    _refuse_changed(path, record)
    joined = _read_sample(path)
    if _WAVE in joined.columns:
        joined = joined.filter(pl.col(_WAVE) == SECOND_WAVE)
    if record.get("drawn", joined.height) != joined.height:
        raise CaodianError(
            f"{RECORD_FILE} must tell how many posts were drawn", value=record["drawn"],
            where=f"{path}: {joined.height} posts", remedy=_DRAW_AGAIN,
        )  # fmt: skip
    columns = {
        column for name in (CODER_A, CODER_B) if (path / name).is_file()
        for column in read_head_of(path / name, codebook)
    }  # fmt: skip
    subs = tuple(name for name in codebook.sub_names if name in columns)
    return AuditFolder(path, joined, codebook.code_names, subs, record)


def _read_sample(path: Path) -> pl.DataFrame:
    """Return the drawn posts beside their hidden side."""
    sample = pl.read_parquet(path / SAMPLE_FILE)
    hidden = pl.read_parquet(path / HIDDEN_FILE)
    if set(sample["post_id"]) != set(hidden["post_id"]):
        raise CaodianError(
            f"{SAMPLE_FILE} and {HIDDEN_FILE} must come from one draw",
            where=str(path),
            remedy="Draw the audit again, or restore the two files.",
        )
    return sample.join(hidden, on="post_id", how="left", maintain_order="left")


def _refuse_changed(path: Path, record: Mapping[str, Any]) -> None:
    """Refuse a sample that is not the one that was drawn; an older folder says nothing of it."""
    drawn = record.get("files", {})
    for name, found in hash_sample(path).items() if drawn else ():
        if drawn.get(name) != found:
            raise CaodianError(
                "the sample of an audit must stay as it was drawn",
                value=name,
                where=str(path),
                remedy=f"Restore {name} and {RECORD_FILE} as drawn; only forms are filled in.",
            )
