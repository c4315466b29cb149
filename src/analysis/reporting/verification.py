"""Check a rendered report offline: files, numbers, sentences, figures, and counts."""

import base64
import csv
import hashlib
import json
import re
import shlex
import stat
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from analysis.audit.machine_scores import tell_recoding
from analysis.audit.score import (
    AUDIT_FACTS,
    adds_up,
    list_marks,
    score_marks,
    settle_codes,
)
from analysis.audit.sheets import open_folder
from analysis.coding.codebook import load_codebook
from analysis.errors import CaodianError
from analysis.measures.campaigns import PUBLISHED, compare_campaigns, parse_figures
from analysis.measures.claims import count_specifications, judge_claims
from analysis.measures.conspicuous_days import compare_event_days
from analysis.measures.quantities import TABLES, load_tables, parse_table
from analysis.numbers import is_missing
from analysis.reporting.drawer import EXAMPLES, read_examples
from analysis.reporting.figures import draw_figures, figure_names
from analysis.reporting.ledger import (
    AUDIT_MARKS,
    LEDGER,
    LEDGER_COLUMNS,
    MANIFEST,
    RECOUNTED,
    RULES,
    code_digest,
    counting_rules,
    differences,
    hash_outputs,
    name_build,
    read_ledger,
    recount,
    scores_of,
    software_versions,
    unprinted,
)
from analysis.reporting.notebooks import (
    executed_files,
    has_cells_of,
    list_executed,
    render_again,
    source_of,
)
from analysis.reporting.panel import recount_cells
from analysis.reporting.report import render_report
from analysis.reporting.saved_run import FILE as RUN
from analysis.reporting.saved_run import read_unchanged, save_run
from analysis.reporting.sections.section import KEYS, WRITERS, evidence_id
from analysis.sentiment.scores import describe_sentiment
from analysis.simulate import simulate
from analysis.storage import read_table
from analysis.storage.run_paths import MARK, RunPaths, in_project, project_root
from analysis.study import load_study
from analysis.study.model import Study
from analysis.study.periods import Period
from analysis.words import LANGUAGES, load_words

# Read a rendered report back: every number, sentence and figure with the evidence it names.


@dataclass
class Mark:
    """One marked element: what it shows, the exact value it carries, the evidence it names."""

    evidence: str
    kind: str
    value: str = ""
    over: str = ""
    text: str = ""
    data: bytes = b""  # the numbers that a figure hands out


@dataclass
class _State:
    marks: list[Mark] = field(default_factory=list)
    open_marks: list[tuple[str, Mark]] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.state = _State()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if "data-evidence" in values:
            mark = Mark(
                values["data-evidence"], tag, values.get("value", ""), values.get("data-over", "")
            )
            self.state.marks.append(mark)
            self.state.open_marks.append((tag, mark))
        if "download" in values and self.state.open_marks:
            _, _, content = values.get("href", "").partition("base64,")
            self.state.open_marks[-1][1].data = base64.b64decode(content)

    def handle_endtag(self, tag: str) -> None:
        if self.state.open_marks and self.state.open_marks[-1][0] == tag:
            self.state.open_marks.pop()

    def handle_data(self, data: str) -> None:
        for _, mark in self.state.open_marks:
            mark.text += data


def _read_marks(page: str) -> list[Mark]:
    """Collect the marked elements of a report."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.state.marks


# Draw the figures and write the pages of a build again, and compare byte by byte.
#
# This finds what no evidence id covers: a figure changed together with its data, or a sentence
# with a number that carries no mark. It needs the versions that made the build; with others it
# says so.

_REMEDY = "Do not use this report; make it again with caodian report."


def _redraw(folder: Path, tables: dict[str, pd.DataFrame], manifest: dict[str, object]) -> int:
    """Make figures and pages again from the tables of a build."""
    facts = json.loads((folder / RUN).read_text("utf-8"))
    study = Study.model_validate(facts["study"])
    same: set[str] = set()
    with TemporaryDirectory() as name:
        drawn = Path(name)
        for language in LANGUAGES:
            figures = draw_figures(
                tables, study, language, drawn,
                simulated=facts["simulated"], scale=facts["scale"],
            )  # fmt: skip
            page = render_report(
                tables, figures, study, language, simulated=facts["simulated"],
                scale=facts["scale"], notebooks=list_executed(folder, language),
                manifest={**manifest, "inputs": {}},
                other_language_href=f"report.{'en' if language == 'zh' else 'zh'}.html",
                map_href=_map_of(folder, language), examples=read_examples(folder),
            )  # fmt: skip
            same.add(_compare(folder, f"report.{language}.html", page.encode()))
        for path in sorted(drawn.iterdir()):
            same.add(_compare(folder, f"figures/{path.name}", path.read_bytes()))
    for path in sorted((folder / "figures").glob("*")):
        if f"figures/{path.name}" not in same:
            raise _refusal(f"figures/{path.name}")
    _check_maps(folder)
    return len(same) + _render_again(folder)


def _render_again(folder: Path) -> int:
    """Write the pages of the notebooks again from what they computed; return how many there are.

    Their cells must be those of the project, but for the values of the parameters.
    """
    pages = sorted((folder / "notebooks").glob("*.html"))
    for page in pages:
        source, computed = project_root() / "notebooks", page.with_suffix(".ipynb")
        if not computed.is_file() or not has_cells_of(computed, source_of(page, source)):
            raise CaodianError(
                "a notebook must be one of the project's, as it was executed",
                value=f"notebooks/{computed.name}", remedy=_REMEDY,
            )  # fmt: skip
        _compare(folder, f"notebooks/{page.name}", render_again(computed).encode())
    return len(pages)


def _check_maps(folder: Path) -> list[str]:
    """Hold the maps of topics, but for their data, to the page that the project has."""
    from analysis.reporting.topic_map import is_map_page

    found = [_map_of(folder, language) for language in LANGUAGES]
    for language, name in zip(LANGUAGES, found, strict=True):
        if name and not is_map_page((folder / name).read_text("utf-8"), language):
            raise _refusal(name)
    return [name for name in found if name]


def _map_of(folder: Path, language: str) -> str:
    """Name the map of topics that a build has."""
    name = f"topics.{language}.html"
    return name if (folder / name).is_file() else ""


def _compare(folder: Path, name: str, expected: bytes) -> str:
    path = folder / name
    if not path.is_file() or path.read_bytes() != expected:
        raise _refusal(name)
    return name


def _refusal(name: str) -> CaodianError:
    return CaodianError(
        "figures and pages must be what the tables give when they are made again",
        value=name, remedy=_REMEDY,
    )  # fmt: skip


@dataclass(frozen=True)
class Verification:
    """What was checked and held."""

    files: int
    numbers: int
    sentences: int
    figures: int
    recounted: int
    redrawn: int
    marks: int = 0
    has_sheets: bool = False
    has_untold_audit: bool = False
    made_again: Sequence[str] = ()
    unheld: Sequence[str] = ()

    def __str__(self) -> str:
        again = (
            f"; {self.redrawn} figures and pages were made again from the tables, byte for byte"
            if self.redrawn
            else "; figures and pages were not made again: other versions made this report. Nor "
            "were tables that follow from others, pages of notebooks, the rules of counting and "
            "the form of files checked"
        )
        counts = (
            f"{self.recounted} counts were counted again from the ledger"
            if self.recounted
            else "no count was counted again: a published ledger holds digests alone"
        )
        sheets = ", which are those of the sheets" if self.has_sheets else ""
        audit = (
            f"; the audit was scored again from {self.marks} marks{sheets}" if self.marks else ""
        )
        if self.has_untold_audit:
            audit = "; the audit was not scored again: its marks did not come along"
        tables = (
            f"; {len(self.made_again)} tables were made again from others and from the study"
            if self.made_again
            else ""
        )
        rest = (
            f"; {', '.join(self.unheld)} follow from texts: name the export with --posts"
            if self.unheld
            else ""
        )
        return (
            f"{self.files} files, {self.numbers} numbers, {self.sentences} sentences and "
            f"{self.figures} figures agree with their evidence; "
            f"{counts}{audit}{tables}{again}{rest}"
        )


def verify_build(
    build_dir: str | Path, audit: str | Path | None = None, *, other_version: bool = False
) -> Verification:
    """Check everything that a built report says against its evidence.

    Every file has the hash of the manifest; every number and sentence in the reports is the cell
    that its evidence id names; every figure is the saved file; every printed count follows from the
    posts of the ledger; an audit scored again from its marks gives the printed estimates; and, with
    the versions that made the build, figures and pages made again are the same byte for byte.
    Nothing is fetched.

    Parameters
    ----------
    build_dir
        The folder of one study under ``build/``.
    audit
        Folder of the audit: its marks must be those of the evidence. Without one it is looked for
        where the command of the report names it.
    other_version
        Check what can be checked of a build that other versions made: without them, figures and
        pages are not made again.

    Raises
    ------
    CaodianError
        At the first thing that does not hold, with its place.

    Examples
    --------
    >>> verify_build("no/such/build")
    Traceback (most recent call last):
    analysis.errors.CaodianError: a built report must have a manifest: ...
    """
    folder = Path(build_dir)
    return read_unchanged(folder, lambda: _verify_readable(folder, audit, other_version))


# What libraries raise on a file that only somebody else can have written.
_UNREADABLE = (
    ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError,
    pl.exceptions.PolarsError,
)  # fmt: skip


def _verify_readable(folder: Path, audit: str | Path | None, other_version: bool) -> Verification:
    try:
        return _verify(folder, audit, other_version=other_version)
    except _UNREADABLE as error:
        raise CaodianError(
            "every file of a build must be as a run writes it",
            value=f"{type(error).__name__}: {error}"[:120], where=str(folder), remedy=_REMEDY,
        ) from error  # fmt: skip


def _verify(folder: Path, audit: str | Path | None, *, other_version: bool) -> Verification:
    files = check_files(folder)
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    is_ours = _check_version(manifest, other_version=other_version)
    _check_parts(folder, is_ours=is_ours)
    _require_plain(folder)
    if is_ours:
        _check_form(folder, manifest)
    _check_openness(folder, manifest)
    _check_facts(folder, manifest)
    tables = load_tables(folder)
    _check_specifications(tables)
    cells = _cells(tables)
    marks: list[Mark] = []
    for language in LANGUAGES:
        page = folder / f"report.{language}.html"
        found = _read_marks(page.read_text("utf-8"))
        for mark in found:
            _check_mark(mark, cells, folder, page.name, language)
        marks += found
    kinds = [_kind(mark) for mark in marks]
    counted = _check_counts(folder, tables)
    again = _check_made_again(folder, tables) if is_ours else []
    audited, has_sheets = _check_audit(folder, tables, manifest, audit)
    _check_name(folder, manifest)
    return Verification(
        files, kinds.count("number"), kinds.count("sentence"), kinds.count("figure"),
        counted, _redraw(folder, tables, manifest) if is_ours else 0,
        audited, has_sheets, not audited and _has_estimates(tables), again,
        _trusted(folder, tables, again),
    )  # fmt: skip


def _trusted(folder: Path, tables: dict[str, pd.DataFrame], again: Sequence[str]) -> list[str]:
    """Name what nothing in a build can tell, so that only its export and its notebooks can."""
    unheld = FROM_TEXTS | (MADE_AGAIN - set(again))
    found = sorted(name for name in unheld & tables.keys() if len(tables[name]))
    if (folder / EXAMPLES).is_file():
        found.append("the texts of quoted posts")
    if any((folder / _map_of(folder, language)).is_file() for language in LANGUAGES):
        found.append("the points of the map of topics")
    if any((folder / "notebooks").glob("*.ipynb")):
        found.append("what notebooks computed (--notebooks)")
    return found


# The form of a build: bytes that a run writes, and facts that agree with each other.


def _check_form(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write manifest, run and evidence again as they are read: nothing may stand beside that."""
    told = (folder / MANIFEST).read_bytes()
    strange = manifest.keys() - _TOLD
    if strange or told != (json.dumps(manifest, ensure_ascii=False, indent=1) + "\n").encode():
        raise _malformed(f"{MANIFEST}: {', '.join(sorted(strange)) or 'other bytes'}")
    facts = json.loads((folder / RUN).read_text("utf-8"))
    with TemporaryDirectory() as name:
        study = Study.model_validate(facts["study"])
        again = save_run(name, study, simulated=facts["simulated"], scale=facts["scale"])
        if again.read_bytes() != (folder / RUN).read_bytes():
            raise _malformed(RUN)
        for file in (LEDGER, AUDIT, EXAMPLES):
            path, copy = folder / file, Path(name, "again.parquet")
            if not path.is_file():
                continue
            pl.read_parquet(path).rechunk().write_parquet(copy, compression="zstd")
            if copy.read_bytes() != path.read_bytes():
                raise _malformed(file)
    ledger = read_ledger(folder)
    if ledger is not None and not (ledger["post"].is_sorted() and ledger["post"].is_unique().all()):
        raise _malformed(f"{LEDGER}: its order, or a post twice")
    if ledger is not None and ledger.columns not in (["post"], LEDGER_COLUMNS):
        raise _malformed(f"{LEDGER}: {', '.join(ledger.columns)}")


_TOLD = {
    "study", "code", "software", "parameters", "inputs", "audit", "build", "command", "run_in",
    "verify", "outputs",
}  # fmt: skip


def _malformed(what: str) -> CaodianError:
    return CaodianError(
        "a file of a build must hold what a run writes, and nothing beside it",
        value=what, remedy=_REMEDY,
    )  # fmt: skip


def _check_facts(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Hold the manifest to the run: study, parameters, and whether there was an export."""
    facts = json.loads((folder / RUN).read_text("utf-8"))
    study, parameters = Study.model_validate(facts["study"]), manifest.get("parameters") or {}
    known = {"seed": study.seed, "similarity": study.thresholds.similarity}
    known |= {"scale": facts["scale"]} if facts["simulated"] else {}
    words = shlex.split(str(manifest.get("command", "")))
    agree = {
        "study": manifest.get("study") == study.name,
        **{name: parameters.get(name, value) == value for name, value in known.items()},
        "scale": "scale" not in parameters or parameters["scale"] == known.get("scale"),
        # Exports are named first.
        "command": len(words) < 3 or words[2].startswith("--") == facts["simulated"],
    }  # fmt: skip
    for name, holds in agree.items():
        if not holds:
            raise CaodianError(
                f"what a manifest says must be what {RUN} says", value=name, remedy=_REMEDY
            )
    if "--study" in words[:-1]:
        path = in_project(words[words.index("--study") + 1])
        if path.is_file() and load_study(path) != study:
            raise CaodianError(
                "the study of a build must be the file that its command names",
                value=str(path), where=RUN,
                remedy="Check it beside the study file that it was made with, or do not use it.",
            )  # fmt: skip


# The audit: from its marks to the printed estimates, and from its sheets to the marks.


def _check_audit(
    folder: Path, tables: dict[str, pd.DataFrame], manifest: dict[str, Any],
    given: str | Path | None,
) -> tuple[int, bool]:  # fmt: skip
    """Score the audit again; return its marks, and whether they were held to the sheets."""
    path, facts = folder / "evidence" / AUDIT_MARKS, manifest.get("audit") or {}
    ledger = read_ledger(folder)
    if not path.is_file():
        _require_marks(tables, facts, ledger)
        if given is not None:
            raise CaodianError(
                "a report must hold the marks of the audit that it is checked against",
                value=str(given), where=str(folder),
                remedy="This report was made without that folder: leave --audit out.",
            )  # fmt: skip
        return 0, False
    marks = pl.read_parquet(path)
    _check_draw(marks, facts, ledger)
    scored = score_marks(marks.drop("post"), facts)
    rows = pd.concat([scored, scored.attrs["details"]]).set_index("grievance")
    for name, prefix, key in (
        ("audit", "", "grievance"), ("counts", "", "grievance"),
        ("sub_grievances", "", "sub_grievance"), ("platforms", "platform:", "platform"),
    ):  # fmt: skip
        for row in tables.get(name, pd.DataFrame()).to_dict("records"):
            _check_estimates(name, row, f"{prefix}{row[key]}", rows)
    columns = [column for column in marks.columns if "." in column]
    number = int(sum(marks[column].count() for column in columns))
    named = Path(str(given)) if given is not None else _named_audit(manifest)
    if named is None:
        return number, False
    _check_sheets(named, marks, facts)
    return number, True


def _require_marks(
    tables: dict[str, pd.DataFrame], facts: Mapping[str, Any], ledger: pl.DataFrame | None
) -> None:
    """Refuse estimates without marks, but of a scored file or in a build to be published."""
    is_audited = bool(facts) or _has_estimates(tables)
    is_public = ledger is not None and ledger.columns == ["post"]
    if is_audited and not is_public and not facts.get("scored"):
        raise CaodianError(
            "a report with an audit must hold the marks that its estimates rest on",
            value=f"no evidence/{AUDIT_MARKS}", remedy=_REMEDY,
        )  # fmt: skip


def _has_estimates(tables: dict[str, pd.DataFrame]) -> bool:
    """Say whether a table holds numbers that only an audit gives."""
    return bool(len(tables.get("audit", ()))) or any(
        "estimate" in tables.get(name, ()) and tables[name]["estimate"].notna().any()
        for name in ("counts", "sub_grievances", "platforms")
    )


def _check_draw(marks: pl.DataFrame, facts: Mapping[str, Any], ledger: pl.DataFrame | None) -> None:
    """Hold the audited posts to the ledger, and their chances to the frame."""
    if ledger is not None:
        strange = marks.filter(~pl.col("post").is_in(ledger["post"].implode()))
        if len(strange):
            raise CaodianError(
                "every audited post must stand in the ledger", value=strange["post"][0],
                where=f"evidence/{AUDIT_MARKS}, {len(strange)} such posts", remedy=_REMEDY,
            )  # fmt: skip
    size = facts.get("frame", {}).get("size")
    drawn_from = (size or 0) - facts.get("left_out", {}).get("posts", 0)
    if size is not None and not adds_up(marks["inclusion_probability"], drawn_from):
        raise CaodianError(
            "the audited posts, each by its chance, must make up the posts they were drawn from",
            value=round(float((1 / marks["inclusion_probability"]).sum()), 1),
            where=f"evidence/{AUDIT_MARKS}: {drawn_from} posts", remedy=_REMEDY,
        )  # fmt: skip


def _check_estimates(
    name: str, row: Mapping[Hashable, Any], target: str, rows: pd.DataFrame
) -> None:
    columns: tuple[str, ...] = _SCORED if name == "audit" else _SCORED[:3]
    if name == "counts" and target in rows.index:  # the machine's own count, as the ledger has it
        columns = _SCORED[:4]
    for column in columns:
        printed = row.get(column)
        if printed is None or is_missing(printed):
            continue
        found = rows[column].get(target)
        if found is None or is_missing(found) or abs(float(printed) - float(found)) > _ROUNDING:
            raise CaodianError(
                "an estimate must follow from the marks of the audit", value=printed,
                where=f"{name}/{target}/{column}: the marks give {found}", remedy=_REMEDY,
            )  # fmt: skip


_SCORED = ("estimate", "low", "high", "items", "audited", "alpha", "coders", "disputes", "open")
_ROUNDING = 0.051  # printed to one digit, and sums may differ in the last


def _named_audit(manifest: dict[str, Any]) -> Path | None:
    """Return the folder that the command of the report names, if it stands here."""
    words = shlex.split(str(manifest.get("command", "")))
    if "--audit" not in words[:-1]:
        return None
    path = Path(words[words.index("--audit") + 1])
    return path if path.is_dir() else None


def _check_sheets(path: Path, marks: pl.DataFrame, facts: Mapping[str, Any]) -> None:
    """Hold the evidence to the audit's folder: the facts of the draw, then post by post."""
    folder = open_folder(path, load_codebook())
    recoding = tell_recoding(folder.record) if facts.get("has_gold") else {}
    told = {**folder.record, "gold": recoding.get("gold")}
    for name in (*AUDIT_FACTS, "gold"):
        if facts.get(name) != told.get(name):
            raise CaodianError(
                "what the manifest says of an audit must be what its folder says", value=name,
                where=str(path), remedy=_REMEDY,
            )  # fmt: skip
    now = list_marks(folder, settle_codes(folder))
    for column in _DRAWN:
        if not now[column].equals(marks[column]):
            raise CaodianError(
                "the draw of an audit must be as it was when the report was made", value=column,
                where=str(path), remedy=_REMEDY,
            )  # fmt: skip
    if now.columns[4:] != [name for name in marks.columns if "." in name] or len(now) != len(marks):
        raise CaodianError(
            "the sheets of an audit must be those of the report", value=str(path),
            where="other forms, columns or posts", remedy=_REMEDY,
        )  # fmt: skip
    for column in now.columns[4:]:
        is_other = now[column].ne_missing(marks[column])
        if is_other.any():
            row = int(np.argmax(is_other.to_numpy()))
            raise CaodianError(
                "a mark of the audit must be as it was when the report was made",
                value=f"{column}: {now[column][row]}, was {marks[column][row]}",
                where=f"{path}, post {now['post_id'][row]}; {int(is_other.sum())} such marks",
                remedy="Restore the sheet, or make the report again with it.",
            )  # fmt: skip


_DRAWN = ("stratum", "inclusion_probability", "machine")


def check_files(folder: Path) -> int:
    """Hold every file of a build to the hash in its manifest; return how many there are.

    Raises
    ------
    CaodianError
        When a file is missing, was changed, or is not named.

    Examples
    --------
    >>> check_files(Path("no/such/build"))
    Traceback (most recent call last):
    analysis.errors.CaodianError: a built report must have a manifest: ...
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise CaodianError(
            "a built report must have a manifest", value=path.as_posix(),
            remedy="Name the folder of one study, such as build/618-2020.",
        )  # fmt: skip
    try:
        recorded: dict[str, str] = json.loads(path.read_text("utf-8"))["outputs"]
    except (ValueError, KeyError):
        raise CaodianError(
            "the manifest must be readable", where=path.name, remedy=_REMEDY
        ) from None
    found = hash_outputs(folder)
    for name in sorted(recorded.keys() | found.keys()):
        if name not in found:
            raise CaodianError(
                "every file of the manifest must be there", value=name, remedy=_REMEDY
            )
        if name not in recorded:
            raise CaodianError(
                "every file must be named in the manifest", value=name,
                remedy="Remove it, or make the report again.",
            )  # fmt: skip
        if recorded[name] != found[name]:
            raise CaodianError(
                "every file must have the hash of the manifest", value=name, remedy=_REMEDY
            )
    return len(found)


def _require_plain(folder: Path) -> None:
    """Refuse what holds words and is no file of the manifest: folders, pipes, a mark."""
    for path in sorted(folder.rglob("*")):
        mode = path.lstat().st_mode
        is_empty = stat.S_ISDIR(mode) and not any(path.iterdir())
        if is_empty or not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
            raise CaodianError(
                "a build must hold files, and folders of files",
                value=path.relative_to(folder).as_posix(), remedy="Remove it.",
            )  # fmt: skip
    mark = folder / MARK
    if mark.is_file() and not _MARKED.fullmatch(mark.read_bytes()):
        raise CaodianError(
            "the mark of a folder says whose run it is, and nothing else",
            value=MARK, remedy="Remove it, and make the report again.",
        )  # fmt: skip


_MARKED = re.compile(rb"(study [^\s]+|exports [0-9a-f]{64})?\s?")


def _check_version(manifest: Mapping[str, Any], *, other_version: bool) -> bool:
    """Tell whether the code and the packages here made the build; others need a word for it."""
    made, here = [manifest.get("code")], [code_digest()]
    software, ours = manifest.get("software"), software_versions()
    differs = sorted(
        name for name in ours if not isinstance(software, dict) or software.get(name) != ours[name]
    )
    if made == here and not differs:
        return True
    if not other_version:
        raise CaodianError(
            "a build is made again by the versions that made it",
            value=", ".join([*(["the project's code"] if made != here else []), *differs]),
            where="these are others here than in the manifest",
            remedy="Check it where it was made, or add --other-version: files, numbers and counts "
            "are then checked, and figures and pages not made again.",
        )
    return False


AUDIT = f"evidence/{AUDIT_MARKS}"
# What every build holds beside its tables, figures and notebooks.
_PARTS = (RUN, LEDGER, RULES, *(f"report.{language}.html" for language in LANGUAGES))


def _check_name(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Hold the name under which the build is cited to its tables."""
    if "build" in manifest and manifest["build"] != (name := name_build(folder, manifest)):
        raise CaodianError(
            "the name of a build must be that of its tables", value=manifest["build"],
            where=f"its tables give {name}", remedy=_REMEDY,
        )  # fmt: skip


def _check_parts(folder: Path, *, is_ours: bool) -> None:
    for name in _PARTS:
        if not (folder / name).is_file():
            raise CaodianError("a build must be whole", value=name, remedy=_REMEDY)
    if is_ours and (folder / RULES).read_bytes() != counting_rules():
        raise CaodianError(
            "the rules of counting must be those of the project", value=RULES, remedy=_REMEDY
        )
    strange = sorted(hash_outputs(folder).keys() - written_files())
    if is_ours and strange:
        raise CaodianError(
            "a build must hold nothing but what a run writes", value=strange[0],
            remedy="Remove it, and make the report again.",
        )  # fmt: skip


def written_files() -> frozenset[str]:
    """Name every file that a run may write into its build, as those name them that write it.

    Examples
    --------
    >>> sorted(name for name in written_files() if name.startswith("evidence/"))[:2]
    ['evidence/audit.parquet', 'evidence/examples.parquet']
    """
    figures = [
        f"figures/{name}{ending}"
        for name in figure_names()
        for ending in (".csv", *(f".{one}.{kind}" for one in LANGUAGES for kind in ("svg", "png")))
    ]
    notebooks = (project_root() / "notebooks").glob("*.ipynb")
    pages = [f"notebooks/{name}" for path in notebooks for name in executed_files(path)]
    maps = [RunPaths("").map_of(language).name for language in LANGUAGES]
    tables = [f"tables/{name}.csv" for name in TABLES]
    return frozenset({*_PARTS, AUDIT, EXAMPLES, *tables, *figures, *pages, *maps})


def _check_openness(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Let a ledger tell nothing of its posts in a published build alone."""
    ledger = read_ledger(folder)
    is_told = ledger is not None and ledger.columns != ["post"]
    if not is_told and "--public" not in shlex.split(str(manifest.get("command", ""))):
        raise CaodianError(
            "only a published build may hold a ledger of digests alone", value=LEDGER,
            where="the command of the manifest has no --public", remedy=_REMEDY,
        )  # fmt: skip


def _check_specifications(tables: dict[str, pd.DataFrame]) -> None:
    """Count again in how many specifications each trend claim holds."""
    for row in tables.get("claims", pd.DataFrame()).to_dict("records"):
        counted = count_specifications(tables, str(row["claim_id"]))
        for column, value in counted.items():
            printed = row.get(column)
            same = is_missing(printed) if value is None else printed == value
            if not same:
                raise CaodianError(
                    "a claim must hold in as many specifications as their table says",
                    value=printed, where=f"claims/{row['claim_id']}/{column}", remedy=_REMEDY,
                )  # fmt: skip


def _cells(tables: dict[str, pd.DataFrame]) -> dict[str, object]:
    """Index every cell of every table by its evidence id."""
    cells: dict[str, object] = {}
    for name, table in tables.items():
        if name == "explore":  # its rows are named by no id: only its sums are printed
            continue
        keys = [key for key in KEYS.get(name, ()) if key in table]
        for row in table.to_dict("records"):
            key = [row[part] for part in keys]
            cells |= {evidence_id(name, key, str(column)): value for column, value in row.items()}
    return cells


def _kind(mark: Mark) -> str:
    return {"figure": "figure", "data": "number"}.get(mark.kind, "sentence")


def _check_mark(
    mark: Mark, cells: dict[str, object], folder: Path, page: str, language: str
) -> None:
    """Compare one element with the cell or the file that it names."""
    if mark.kind == "figure":
        # The drawing itself is compared when the page is made again.
        path = folder / mark.evidence
        numbers = folder / f"{mark.evidence.rsplit('.', 2)[0]}.csv"
        holds = path.is_file() and (not mark.data or _same(numbers.read_bytes(), mark.data))
    elif mark.evidence not in cells:
        holds = False
    elif mark.kind == "data":
        holds = _is_number_right(mark, cells)
    else:
        text = str(cells[mark.evidence])
        holds = mark.text.strip() in (text.strip(), load_words(language).label(text))
    if not holds:
        raise CaodianError(
            "what a report says must be what its evidence holds",
            value=mark.text.strip()[:80], where=f"{page}, {mark.evidence}", remedy=_REMEDY,
        )  # fmt: skip


def _same(one: bytes, other: bytes) -> bool:
    return hashlib.sha256(one).digest() == hashlib.sha256(other).digest()


def _is_number_right(mark: Mark, cells: dict[str, object]) -> bool:
    """Check the exact value against the cell, and the printed form against the exact value."""
    cell = cells[mark.evidence]
    if is_missing(cell):
        return False
    expected = float(cell)  # type: ignore[arg-type]
    if mark.over:
        whole = cells.get(mark.over)
        if whole is None or is_missing(whole):
            return False
        expected /= float(whole)  # type: ignore[arg-type]
    try:
        value = float(mark.value)
    except ValueError:
        return False
    printed = {writer(value) for writer in WRITERS.values()}
    return value == expected and mark.text.strip() in printed


def _check_examples(folder: Path, ledger: pl.DataFrame) -> None:
    """Hold the posts that pages quote to the ledger: the same day, channel and codes."""
    if (examples := read_examples(folder)) is None:
        return
    told = examples.drop("text")
    known = ledger.filter(pl.col("post").is_in(told["post"].implode()))
    if not known.select(told.columns).sort("post").equals(told):
        raise CaodianError(
            "a post that a page quotes must stand in the ledger with its day and codes",
            value=len(told), where=EXAMPLES, remedy=_REMEDY,
        )  # fmt: skip


def _check_counts(folder: Path, tables: dict[str, pd.DataFrame]) -> int:
    """Count again from the ledger; that of a published build holds nothing to count."""
    ledger = read_ledger(folder)
    if ledger is None or ledger.columns == ["post"]:
        _check_size(tables, ledger)
        return 0
    _check_examples(folder, ledger)
    cells = recount(ledger)
    _check_derived(tables, ledger, _study_of(folder))
    has_authors = bool(ledger["author"].is_not_null().any())
    wrong = differences(tables, cells, has_authors=has_authors)
    combinations = tables.get("explore", pd.DataFrame())
    if len(combinations):
        wrong += recount_cells(combinations, ledger, _period_of(folder))
    if _study_of(folder).disclosure.minimum_cell <= 1:  # else rows may be withheld
        wrong += unprinted(tables, cells)
    if wrong:
        evidence, printed, counted = wrong[0]
        raise CaodianError(
            "a printed count must follow from the posts of the ledger", value=printed,
            where=f"{evidence}: the ledger has {counted}", remedy=_REMEDY,
        )  # fmt: skip
    return len(cells) + len(combinations)


def _check_size(tables: dict[str, pd.DataFrame], ledger: pl.DataFrame | None) -> None:
    """Hold the number of digests in a published build to its number of posts."""
    counts = tables.get("counts", pd.DataFrame({"grievance": [], "items": []}))
    printed = counts.loc[counts["grievance"] == "all", "items"].dropna()
    if ledger is not None and len(printed) and int(printed.iloc[0]) != ledger.height:
        raise _unlike("counts/all/items", printed.iloc[0], ledger.height)


def _check_derived(tables: dict[str, pd.DataFrame], ledger: pl.DataFrame, study: Study) -> None:
    """Hold what is printed beside counts to them: shares, published figures, whom posts name."""
    whole = ledger.height
    negative = int(ledger["is_negative"].sum())
    published = study.published.counts if study.published else {}
    named = dict(ledger["platforms"].explode().drop_nulls().value_counts().iter_rows())
    for name in ("counts", "channels", "ratings", "platforms"):
        for row in tables.get(name, pd.DataFrame()).to_dict("records"):
            key, items = str(next(iter(row.values()))), row.get("items")
            parts = row.get("negative_items")
            base = whole if key in ("all", "negative") else negative
            over = (items, base) if name == "counts" else (parts, items)
            expected = {
                "share": _ratio(*over),
                "published": published.get(key) if name == "counts" else None,
                "named": named.get(key, 0),
            }
            for column, value in expected.items():
                printed = row.get(column)
                if printed is None or is_missing(printed):
                    continue
                if value is None or abs(float(printed) - float(value)) > _SAME * max(1, value):
                    raise _unlike(f"{name}/{key}/{column}", printed, value)
    funnel = tables.get("funnel", pd.DataFrame({"step": [], "posts_out": []}))
    left = dict(zip(funnel["step"], funnel["posts_out"], strict=True))
    coded = int((ledger["is_negative"] & (ledger["grievances"].list.len() > 0)).sum())
    for step, count in {"window": whole, "negative": negative, "coded": coded}.items():
        if step in left and not is_missing(left[step]) and int(left[step]) != count:
            raise _unlike(f"funnel/{step}/posts_out", left[step], count)


_SAME = 1e-9


def _ratio(part: Any, whole: Any) -> float | None:  # noqa: ANN401 - cells of a table
    """Divide two counts; nothing where one is withheld, and a share of nothing is 0."""
    if is_missing(part) or is_missing(whole):
        return None
    return float(part) / float(whole) if float(whole) else 0.0


def _unlike(evidence: str, printed: object, counted: object) -> CaodianError:
    return CaodianError(
        "a printed count must follow from the posts of the ledger", value=printed,
        where=f"{evidence}: the ledger has {counted}", remedy=_REMEDY,
    )  # fmt: skip


# Tables that follow from other tables, from the ledger and from the study are made again.

# How each table of a build is held to something that is not itself.
COUNTED = frozenset({*RECOUNTED, "explore"})  # post by post, from the ledger
SCORED_AGAIN = frozenset({"audit", "shared_errors"})  # from the marks of the audit
MADE_AGAIN = frozenset(
    {"sentiment_days", "sentiment_cutoffs", "event_days", "claims", "campaigns", "planted"}
)
FROM_TEXTS = frozenset({  # from the texts and times of posts, which no build holds
    "breaks", "cluster_codes", "cluster_days", "clusters", "count_errors", "coverage",
    "coverage_hours", "coverage_periods", "distinguishing_terms", "emerging", "funnel", "notes",
    "reconciliation", "specifications", "trends", "watchlist",
})  # fmt: skip
_MOST_SIMULATED = 200_000  # posts that are simulated again; more take minutes


def _check_made_again(folder: Path, tables: dict[str, pd.DataFrame]) -> list[str]:
    """Make tables again that need no text, and hold those of the build to them; name them."""
    facts = json.loads((folder / RUN).read_text("utf-8"))
    study = Study.model_validate(facts["study"])
    ledger = read_ledger(folder)
    if ledger is None or ledger.columns == ["post"] or study.disclosure.minimum_cell > 1:
        return []  # what is withheld is lacking in what they follow from
    planted = _plant_again(study, facts) if "planted" in tables else None
    again = {
        **describe_sentiment(scores_of(ledger), study),
        "event_days": compare_event_days(
            tables.get(study.series, pd.DataFrame()), study.event_days,
            tables.get(study.coverage), period=study.period,
        ),
        "campaigns": compare_campaigns(
            parse_figures(read_table(project_root() / PUBLISHED).to_pandas()), tables, study
        ),
    }  # fmt: skip
    if planted is not None:
        again["planted"] = pd.DataFrame(list(planted.items()), columns=["grievance", "items"])
    elif "planted" in tables:
        planted = dict(tables["planted"][["grievance", "items"]].itertuples(index=False))
    again["claims"] = judge_claims(
        study, tables, simulated=facts["simulated"], scale=facts["scale"], truth_counts=planted
    )
    held = sorted(again.keys() & tables.keys())
    for name in held:
        _require_same(name, tables[name], again[name])
    return held


def _require_same(name: str, printed: pd.DataFrame, again: pd.DataFrame) -> None:
    """Hold a table to itself made again, cell by cell as a file has them."""
    texts = [
        list(csv.reader(frame.to_csv(index=False).splitlines()))
        for frame in (printed, parse_table(again))
    ]
    if texts[0] == texts[1]:
        return
    pairs = zip_longest(*texts, fillvalue=["no such row"])
    row = next(n for n, (one, other) in enumerate(pairs) if one != other)
    shown = [",".join(text[row]) if row < len(text) else "no such row" for text in texts]
    raise CaodianError(
        "a table that follows from others must be what they give when it is made again",
        value=shown[0][:120], where=f"{name}, line {row + 1}: they give {shown[1][:120]}",
        remedy=_REMEDY,
    )  # fmt: skip


def _plant_again(study: Study, facts: Mapping[str, Any]) -> dict[str, int] | None:
    """Simulate the corpus again and count what is planted; None where that would take minutes."""
    expected = study.simulation.posts * facts["scale"] if study.simulation else 0
    if not facts["simulated"] or not 0 < expected <= _MOST_SIMULATED:
        return None
    parts = [truth for _, truth in simulate(study, scale=facts["scale"], seed=study.seed)]
    truth = pl.concat(parts)
    negative = truth.filter("is_negative")
    counts = {"all": truth.height, "negative": negative.height}
    for column, prefix in (("grievances", ""), ("sub_grievances", ""), ("platforms", "platform:")):
        named = negative[column].explode().drop_nulls().value_counts().sort(column)
        counts |= {f"{prefix}{name}": n for name, n in named.iter_rows()}
    return counts


def _period_of(folder: Path) -> Period | None:
    """Tell what the dates of a build stand for; None where its posts have none."""
    study = _study_of(folder)
    return study.period if study.window else None


def _study_of(folder: Path) -> Study:
    return Study.model_validate(json.loads((folder / RUN).read_text("utf-8"))["study"])
