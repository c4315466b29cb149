"""Check a rendered report offline: files, numbers, sentences, figures, and counts."""

import base64
import hashlib
import json
import os
import re
import shlex
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import polars as pl

from analysis.errors import CaodianError
from analysis.measures.quantities import (
    REMEDY,
    TABLES,
    check_account,
    check_alike,
    load_tables,
)
from analysis.numbers import is_missing
from analysis.reporting.drawer import EXAMPLES, read_examples, without_examples
from analysis.reporting.figures import draw_figures, figure_names
from analysis.reporting.ledger import (
    AUDIT_MARKS,
    LEDGER,
    MANIFEST,
    RULES,
    SIGNATURE,
    code_digest,
    counting_rules,
    hash_outputs,
    is_evidence,
    software_versions,
)
from analysis.reporting.notebooks import (
    executed_files,
    list_executed,
    render_again,
    source_of,
    strange_in,
)
from analysis.reporting.recounting import (
    COUNTED,
    FROM_TEXTS,
    SCORED_AGAIN,
    check_audit,
    check_counts,
    check_facts,
    check_openness,
    check_specifications,
    check_whole,
)
from analysis.reporting.remaking import (
    MADE_AGAIN,
    asked_notebooks,
    check_form,
    check_made_again,
    check_name,
    has_estimates,
)
from analysis.reporting.report import render_report
from analysis.reporting.saved_run import FILE as RUN
from analysis.reporting.saved_run import read_unchanged
from analysis.reporting.sections.section import KEYS, WRITERS, evidence_id
from analysis.storage.run_paths import (
    MARK,
    RunPaths,
    in_project,
    project_root,
)
from analysis.study.model import Study
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


def _redraw(folder: Path, tables: dict[str, pd.DataFrame], manifest: dict[str, object]) -> int:
    """Make figures and pages again from the tables of a build."""
    facts = json.loads((folder / RUN).read_text("utf-8"))
    study = Study.model_validate(facts["study"])
    examples = read_examples(folder)
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
                map_href=_map_of(folder, language), examples=examples,
            )  # fmt: skip
            same.add(_compare_page(folder, f"report.{language}.html", page, manifest))
        for path in sorted(drawn.iterdir()):
            same.add(_compare(folder, f"figures/{path.name}", path.read_bytes()))
    for path in sorted((folder / "figures").glob("*")):
        if f"figures/{path.name}" not in same:
            raise _refusal(f"figures/{path.name}")
    _check_maps(folder, tables, study, facts["scale"] if facts["simulated"] else None)
    return len(same) + _render_again(folder, study, asked_notebooks(study, tables, manifest))


def _render_again(folder: Path, study: Study, asked: Sequence[Path]) -> int:
    """Write the pages of the notebooks again from what they computed; return how many there are.

    They must be those that were asked for, as executing the project's gives them.
    """
    there = sorted((folder / "notebooks").glob("*"))
    due = {name for path in asked for name in executed_files(path)}
    if lacking := due ^ {path.name for path in there}:
        raise CaodianError(
            "the notebooks of a build must be all that belong to its run, and no others",
            value=f"notebooks/{min(lacking)}", remedy=REMEDY,
        )  # fmt: skip
    sources = project_root() / "notebooks"
    pages = [path for path in there if path.suffix == ".html"]
    for page in pages:
        computed = page.with_suffix(".ipynb")
        if strange := strange_in(computed, source_of(page, sources), study.name):
            raise CaodianError(
                "a notebook must be one of the project's, as it was executed",
                value=f"notebooks/{computed.name}", where=strange, remedy=REMEDY,
            )  # fmt: skip
        _compare(folder, f"notebooks/{page.name}", render_again(computed).encode())
    return len(pages)


def _check_maps(
    folder: Path, tables: dict[str, pd.DataFrame], study: Study, scale: float | None
) -> None:
    """Hold the maps of topics, but for the posts on them, to the topics of the tables."""
    from analysis.reporting.topic_map import headline_of, is_map_page, notes_of

    for language in LANGUAGES:
        name = _map_of(folder, language)
        if name and not {"clusters", "notes"} <= tables.keys():
            raise _refusal(name)
        if name and not is_map_page(
            (folder / name).read_bytes().decode(), language, tables["clusters"],
            headline_of(study, language), notes=notes_of(tables), scale=scale, period=study.period,
        ):  # fmt: skip
            raise _refusal(name)


def _map_of(folder: Path, language: str) -> str:
    """Name the map of topics that a build has."""
    name = f"topics.{language}.html"
    return name if (folder / name).is_file() else ""


def _compare(folder: Path, name: str, expected: bytes) -> str:
    path = folder / name
    if not path.is_file() or path.read_bytes() != expected:
        raise _refusal(name)
    return name


def _compare_page(folder: Path, name: str, expected: str, manifest: Mapping[str, Any]) -> str:
    """Compare a page; without the posts that it quotes where these did not come along."""
    told = (folder / name).read_bytes().decode()  # with its line ends as they are
    if EXAMPLES in manifest["outputs"] and not (folder / EXAMPLES).is_file():
        told = without_examples(told)
    if told.encode() != expected.encode():
        raise _refusal(name)
    return name


def _refusal(name: str) -> CaodianError:
    return CaodianError(
        "figures and pages must be what the tables give when they are made again",
        value=name, remedy=REMEDY,
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
    is_alone: bool = False

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
            else "no count was counted again: "
            + (
                "the ledger does not come along in an archive"
                if self.is_alone
                else "a published ledger holds digests alone"
            )
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
            f"; {', '.join(self.unheld)} follow from "
            + ("what stayed behind" if self.is_alone else "texts: name the export with --posts")
            if self.unheld
            else ""
        )
        return (
            f"{self.files} files, {self.numbers} numbers, {self.sentences} sentences and "
            f"{self.figures} figures agree with their evidence; "
            f"{counts}{audit}{tables}{again}{rest}; who wrote the files, when and where, who may "
            "change them and what links to them is not checked"
        )


def verify_build(
    build_dir: str | Path, audit: str | Path | None = None, *, other_version: bool = False,
    alone: bool = False, measure: Callable[[str], pd.DataFrame] | None = None,
) -> Verification:  # fmt: skip
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
    alone
        The build was handed on without its evidence: what rests on it is not checked.
    measure
        Measures how far a coder, by its name, is off on the test posts, as a report without an
        audit says.

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

    def verify() -> Verification:
        try:
            return _verify(folder, audit, other_version=other_version, alone=alone, measure=measure)
        except _UNREADABLE as error:
            raise CaodianError(
                "every file of a build must be as a run writes it",
                value=f"{type(error).__name__}: {error}"[:120], where=str(folder), remedy=REMEDY,
            ) from error  # fmt: skip

    return read_unchanged(folder, verify)


# What libraries raise on a file that only somebody else can have written.
_UNREADABLE = (
    ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError,
    pl.exceptions.PolarsError,
)  # fmt: skip


def _verify(
    folder: Path, audit: str | Path | None, *, other_version: bool, alone: bool = False,
    measure: Callable[[str], pd.DataFrame] | None = None,
) -> Verification:  # fmt: skip
    files = check_files(folder, alone=alone)
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    is_ours = _check_version(manifest, other_version=other_version)
    _check_parts(folder, is_ours=is_ours, alone=alone)
    _require_plain(folder, manifest)
    if is_ours:
        check_form(folder, manifest)
    if not alone:
        check_openness(folder, manifest)
    tables = load_tables(folder)
    check_facts(folder, manifest, tables)
    if is_ours:
        check_whole(folder, tables, manifest)
        check_account(tables)
        check_alike(tables)
    check_specifications(tables)
    cells = _cells(tables)
    marks: list[Mark] = []
    for language in LANGUAGES:
        page = folder / f"report.{language}.html"
        found = _read_marks(page.read_text("utf-8"))
        for mark in found:
            _check_mark(mark, cells, folder, page.name, language)
        marks += found
    kinds = [_kind(mark) for mark in marks]
    counted = check_counts(folder, tables)
    again: list[str] = []
    if is_ours:
        again = check_made_again(folder, tables, manifest, alone=alone, measure=measure)
    audited, has_sheets = (0, False)
    if not alone:
        audited, has_sheets = check_audit(folder, tables, manifest, audit, same_version=is_ours)
    check_name(folder, manifest)
    return Verification(
        files, kinds.count("number"), kinds.count("sentence"), kinds.count("figure"),
        counted, _redraw(folder, tables, manifest) if is_ours else 0,
        audited, has_sheets, not audited and has_estimates(tables), again,
        _trusted(
            folder, tables, again, manifest, has_sheets=has_sheets, alone=alone,
            is_counted=counted > 0,
        ),
        alone,
    )  # fmt: skip


def _trusted(
    folder: Path, tables: dict[str, pd.DataFrame], again: Sequence[str],
    manifest: Mapping[str, Any], *, has_sheets: bool = False, alone: bool = False,
    is_counted: bool = True,
) -> list[str]:  # fmt: skip
    """Name what nothing in a build can tell, so that only its export and its notebooks can."""
    unheld = (FROM_TEXTS | MADE_AGAIN) - set(again)
    unheld |= COUNTED | SCORED_AGAIN if alone else set()
    unheld |= set() if is_counted else COUNTED
    found = sorted(unheld & tables.keys())
    if not alone:
        found.append("what the ledger says of each post" if is_counted else "the digests of posts")
    found += [told for name, told in _IN_PART.items() if name in again and len(tables[name])]
    if (folder / EXAMPLES).is_file() or alone:
        found.append("the texts of quoted posts")
    if any((folder / _map_of(folder, language)).is_file() for language in LANGUAGES):
        found.append("the points of the map of topics")
    if any((folder / "notebooks").glob("*.ipynb")):
        found.append("what notebooks computed (--notebooks)")
    if manifest.get("inputs") and "planted" not in again:
        found.append("the names and hashes of inputs")
    if (manifest.get("parameters") or {}).get("coder") and "count_errors" not in again:
        found.append("the name of the coder")
    words = shlex.split(str(manifest.get("command", "")))
    if len(words) > 2 and not words[2].startswith("--"):
        found.append("the exports that the command names, and how much of them it reads")
    if "--study" in words[:-1] and not in_project(words[words.index("--study") + 1]).is_file():
        found.append("the study file, which does not stand here")
    if (folder / SIGNATURE).is_file():
        found.append("who signed (--signed-by)")
    if manifest.get("audit") and not has_sheets:
        found.append("how the audit was drawn (--audit)")
    return found


# What tables that are made again hold beside that.
_IN_PART = {"breaks": "the terms of breaks", "specifications": "specifications at other thresholds"}


def check_files(folder: Path, *, alone: bool = False) -> int:
    """Hold every file of a build to the hash in its manifest; return how many there are.

    Without its evidence, a build is `alone`.

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
        recorded: dict[str, str] = dict(json.loads(path.read_text("utf-8"))["outputs"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise CaodianError(
            "the manifest must be readable", where=path.name, remedy=REMEDY
        ) from None
    found = hash_outputs(folder)
    behind = {name for name in recorded if alone and is_evidence(name)}
    for name in sorted((recorded.keys() - behind) | found.keys()):
        if name not in found:
            raise CaodianError(
                "every file of the manifest must be there", value=name, remedy=REMEDY
            )
        if name not in recorded:
            raise CaodianError(
                "every file must be named in the manifest", value=name,
                remedy="Remove it, or make the report again.",
            )  # fmt: skip
        if recorded[name] != found[name]:
            raise CaodianError(
                "every file must have the hash of the manifest", value=name, remedy=REMEDY
            )
    return len(found)


def _require_plain(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Refuse what holds words and is no file of the manifest: folders, pipes, a mark."""
    for path in sorted(folder.rglob("*")):
        mode = path.lstat().st_mode
        is_empty = stat.S_ISDIR(mode) and not any(path.iterdir())
        if is_empty or not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
            raise CaodianError(
                "a build must hold files, and folders of files",
                value=path.relative_to(folder).as_posix(), remedy="Remove it.",
            )  # fmt: skip
    # A file system that knows no rights gives all of them to every file.
    may_run = bool((folder / MANIFEST).stat().st_mode & 0o111)
    for path in (folder, *sorted(folder.rglob("*"))):
        if beside := _beside_content(path, may_run=may_run):
            raise CaodianError(
                "a file of a build must hold nothing beside its content, and start no program",
                value=f"{path.relative_to(folder).as_posix()}: {beside}",
                remedy="Copy the build without rights and attributes (cp -r --no-preserve=all).",
            )  # fmt: skip
    signature = folder / SIGNATURE
    if signature.is_file() and not _SIGNED.fullmatch(signature.read_bytes()):
        raise CaodianError(
            "a signature of a build is one of OpenSSH, and nothing else", value=SIGNATURE,
            remedy="Remove it, or ask who signed the build.",
        )  # fmt: skip
    mark = folder / MARK
    if mark.is_file() and not _is_mark(mark.read_bytes(), manifest):
        raise CaodianError(
            "the mark of a folder says whose run it is, and nothing else",
            value=MARK, remedy="Remove it, and make the report again.",
        )  # fmt: skip


def _beside_content(path: Path, *, may_run: bool) -> str:
    """Name a right to be run, or an attribute that somebody gave; empty where there is none."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if not path.is_dir() and (mode & 0o7000 or (mode & 0o111 and not may_run)):
        return f"rights {mode:o}"
    names = os.listxattr(path) if hasattr(os, "listxattr") else []
    given = [one for one in names if one.startswith("user.") and not one.startswith(_OF_SYSTEMS)]
    return f"attribute {given[0]}" if given else ""


# What desktops, downloads and shared folders write by themselves.
_OF_SYSTEMS = ("user.DOSATTRIB", "user.xdg.", "user.mime_type", "user.baloo.", "user.com.dropbox.")


_SIGNED = re.compile(
    rb"-----BEGIN SSH SIGNATURE-----\r?\n(?:[A-Za-z0-9+/=]{1,76}\r?\n)+"
    rb"-----END SSH SIGNATURE-----\r?\n?"
)


def _is_mark(content: bytes, manifest: Mapping[str, Any]) -> bool:
    """Tell whether a mark is that of a study, of exports without one, or has no word."""
    words = shlex.split(str(manifest.get("command", "")))
    is_of_exports = "--study" not in words and len(words) > 2 and not words[2].startswith("--")
    due = rb"exports [0-9a-f]{64}" if is_of_exports else b"study %b"
    named = re.escape(str(manifest.get("study")).encode())
    return bool(re.fullmatch(rb"(%b)?\s?" % due.replace(b"%b", named), content))


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


def _check_parts(folder: Path, *, is_ours: bool, alone: bool = False) -> None:
    for name in _PARTS:
        if not (folder / name).is_file() and not (alone and is_evidence(name)):
            raise CaodianError("a build must be whole", value=name, remedy=REMEDY)
    if is_ours and not alone and (folder / RULES).read_bytes() != counting_rules():
        raise CaodianError(
            "the rules of counting must be those of the project", value=RULES, remedy=REMEDY
        )
    strange = sorted(hash_outputs(folder).keys() - written_files())
    if is_ours and strange:
        raise CaodianError(
            "a build must hold nothing but what a run writes", value=strange[0],
            remedy="Remove it, and make the report again.",
        )  # fmt: skip


def written_files() -> frozenset[str]:
    """Name every file that a run may write into its build, as those name them that write it."""
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
            value=mark.text.strip()[:80], where=f"{page}, {mark.evidence}", remedy=REMEDY,
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
