"""What leaves a build for others: workbook, archive, press release, paper, how to cite it."""

import json
import math
import re
import shutil
import struct
import subprocess
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from importlib import metadata
from itertools import zip_longest
from pathlib import Path
from typing import Any, BinaryIO, cast

import polars as pl
from markupsafe import Markup

from analysis.errors import CaodianError
from analysis.frames import as_polars
from analysis.numbers import scale_text
from analysis.plots.style import font_face
from analysis.reporting.drawer import define, head_of
from analysis.reporting.ledger import MANIFEST, SIGNATURE, is_evidence
from analysis.reporting.report import asset, find_browser, page_template, print_pages
from analysis.reporting.saved_run import SavedRun, open_run, read_unchanged
from analysis.reporting.sections.answers import unaudited_note, verdicts_told
from analysis.reporting.sections.first_page import first_page
from analysis.reporting.sections.section import ReportContext
from analysis.reporting.verification import check_files, verify_build
from analysis.schema.tables import column as known_column
from analysis.storage.write import guard_formulas, replacing, show_hidden, write_text
from analysis.study.names import safe_form
from analysis.words import LANGUAGES, Words, load_words, window_of

KINDS = ("xlsx", "zip", "press", "pdf", "cff")
_REMEDY = "Run the report again."
_UNIX = 3  # the system that an archive names, wherever it is written


def share_run(
    build: str | Path,
    out: str | Path,
    kinds: Sequence[str] = KINDS,
    *,
    browser: str | None = None,
    tell: Callable[[str], None] = lambda line: None,
) -> list[Path]:
    """Write what is handed on of a finished run.

    Parameters
    ----------
    build
        Folder of the run, or its name.
    out
        Folder for the files, which are called after the run.
    kinds
        Of ``xlsx`` (all tables in one workbook), ``zip`` (pages, figures, tables and notebooks in
        one archive), ``press`` (a press release of one page in either language), ``pdf`` (both
        pages, printed by a Chromium) and ``cff`` (how to cite it).
    browser
        A Chromium, Chrome or Edge; by default the first that is installed.
    tell
        Is given a line for each kind that was left out, with the reason.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    CaodianError
        When the folder holds no finished run, a file of it is not the one that the run wrote, a
        table does not fit a sheet, a browser does not print, or the run is replaced meanwhile by
        another one, twice: then write it again.

    Examples
    --------
    >>> share_run("no-such-run", "share")
    Traceback (most recent call last):
    analysis.errors.CaodianError: ...
    """
    folder = open_run(build).folder or Path(build)

    def write() -> list[Path]:
        return _write_kinds(folder, Path(out), kinds, browser, tell)

    return read_unchanged(folder, write)


def _write_kinds(
    folder: Path,
    target: Path,
    kinds: Sequence[str],
    browser: str | None,
    tell: Callable[[str], None],
) -> list[Path]:
    if not (folder / MANIFEST).is_file():
        raise CaodianError(
            "only a finished run is handed on", value=f"{folder} has no {MANIFEST}", remedy=_REMEDY
        )
    run = open_run(folder.absolute())
    check_files(folder)
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    written: list[Path] = []
    if "xlsx" in kinds:
        written.append(_write_workbook(run, manifest, target / f"{folder.name}.xlsx"))
    if "cff" in kinds:
        written.append(write_text(write_citation(run, manifest), target / "CITATION.cff"))
    if "zip" in kinds:
        written.append(_write_archive(run, manifest, target / f"{folder.name}.zip"))
    if "press" in kinds:
        written += [
            write_text(write_press(run, manifest, language), target / f"press.{language}.html")
            for language in LANGUAGES
        ]
    if "pdf" in kinds:
        written += print_pages(folder, target, browser or find_browser(), tell)
    return written


# One workbook with every table.

_WIDEST = 60  # characters
_MADE = datetime(1980, 1, 1)  # a workbook says when it was made: the same every time


def _write_workbook(run: SavedRun, manifest: Mapping[str, Any], path: Path) -> Path:
    """Write a sheet that says what the tables are, and a sheet for each."""
    import xlsxwriter

    options = {"strings_to_urls": False, "strings_to_formulas": False, "strings_to_numbers": False}
    with replacing(path) as unfinished, xlsxwriter.Workbook(unfinished, options) as book:
        book.set_properties({"created": _MADE})
        head = book.add_format({"bold": True, "bottom": 1})
        sheet = book.add_worksheet("about")
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 2, _WIDEST)
        for number, row in enumerate(_about(run, manifest)):
            sheet.write_row(number, 0, row, head if number == 0 else None)
        for name in sorted(run.tables):
            table = guard_formulas(as_polars(run.tables[name]))
            sheet = book.add_worksheet(name[:31])
            sheet.write_row(0, 0, table.columns, head)
            sheet.freeze_panes(1, 0)
            for place, column in enumerate(table.columns):
                values = table[column].to_list()
                sheet.set_column(place, place, _width(column, values))
                for number, value in enumerate(values, start=1):
                    if value is not None and sheet.write(number, place, _cell(value)):
                        raise CaodianError(
                            "a table must fit a sheet of a workbook",
                            value=f"{name}, row {number}, column {column}",
                            remedy="Leave xlsx out of --format: the archive holds the tables too.",
                        )
    return path


def _cell(value: object) -> object:
    """Write a number that no sheet can hold as a word."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _width(column: str, values: Sequence[object]) -> float:
    """Give a column the room of its longest cell; a Chinese character takes that of two."""
    texts = [column, *(str(value) for value in values[:200] if value is not None)]
    widths = [sum(2 if ord(c) > 0x2E7F else 1 for c in text) for text in texts]
    return min(_WIDEST, max(widths) + 2)


def _about(run: SavedRun, manifest: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Say what the workbook is of, and what each sheet holds, in both languages."""
    zh, en = (load_words(language, run.study.period) for language in LANGUAGES)
    rows: list[tuple[str, ...]] = [
        ("", "中文", "English"),
        ("study", run.study.title_zh, run.study.title_en),
        ("window", window_of(run.study, zh), window_of(run.study, en)),
    ]
    if run.simulated:
        told = [say("page.simulated", scale=scale_text(run.scale)) for say in (zh, en)]
        rows.append(("simulated", told[0], told[1]))
    rows += [(key, *[str(manifest.get(key, ""))] * 2) for key in ("build", "command")]
    names = sorted(run.tables)
    rows += [(name, *(say.texts.get(f"table.{name}", "") for say in (zh, en))) for name in names]
    rows.append(("", "", ""))
    for name in names:
        for each in run.tables[name].columns:
            rows.append((f"{name}.{each}", *(_meaning(name, str(each), say) for say in (zh, en))))
    return guard_formulas(pl.DataFrame(rows, schema=["", "zh", "en"], orient="row")).rows()


def _meaning(table: str, each: str, say: Words) -> str:
    """Say what a column means: as the drawer of the page does, else its heading or its entry."""
    told = define(table, each, say) or head_of(table, each, say)
    known = known_column(each) if say.language == "en" else None
    return told or (known.about if known is not None else "")


# How to cite a run: the digest of its tables names every number in it.


def write_citation(run: SavedRun, manifest: Mapping[str, Any]) -> str:
    """Write a ``CITATION.cff`` of the run: a data set with the digest of its tables."""
    say = load_words("en", run.study.period)
    title = f"{run.study.title_en} ({window_of(run.study, say)})"
    if run.simulated:
        title += f" [{say('scale.simulated', scale=scale_text(run.scale))}]"
    lines = {
        "cff-version": "1.2.0",
        "message": "If you print a number of this report, cite the report with its version.",
        "type": "dataset",
        "title": title,
        "version": str(manifest.get("build", "")),
        "abstract": f"Made by: {manifest.get('command', '')}",
    }
    written = [f"{key}: {_quote(value)}" for key, value in lines.items()]
    maker = _quote(f"Caodian {metadata.version('caodian')}")
    return "\n".join([*written, "authors:", f"  - name: {maker}"]) + "\n"


# What readers of YAML refuse, fold or turn around.
_UNPRINTABLE = re.compile(
    r"[^\x20-\x7e\xa0-\u061b\u061d-\u200d\u2010-\u2027\u202f-\u2065\u206a-\ud7ff"
    r"\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


def _quote(text: str) -> str:
    """Write a text for YAML, on one line, with the code point of what cannot be printed."""
    quoted = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda one: f"\\u{ord(one[0]):04x}", quoted)


# A press release: page one of the report and the verdicts, on one page.

_MOST_CLAIMS = 6
_HOLDING = ("reproduced", "consistent", "recovered")


def write_press(run: SavedRun, manifest: Mapping[str, Any], language: str) -> str:
    """Write the press release of a run: what page one says, and the claims that were decided.

    It says nothing that no rule decided: no claim that could not be tested, and no trend beside
    those of page one.
    """
    say = load_words(language, run.study.period)
    context = ReportContext(
        run.tables, {}, run.study, say, run.simulated, run.scale, (), manifest
    )  # fmt: skip
    title = run.study.title_zh if language == "zh" else run.study.title_en
    told = {"title": title, "window": window_of(run.study, say)}
    values = {
        "say": say,
        **told,
        "simulated_note": say("page.simulated", scale=scale_text(run.scale)) * run.simulated,
        "unaudited_note": unaudited_note(context),
        "first": first_page(context),
        **_claims_of(context),
        "citation": say(
            "press.citation", **told, version=metadata.version("caodian"),
            build=manifest.get("build", ""), command=manifest.get("command", ""),
        ),
    }  # fmt: skip
    template, look = page_template("press.html.j2"), asset("press.css")
    bare = template.render(values, style=Markup(look))  # noqa: S704 - our own file
    page = template.render(values, style=Markup(font_face(bare) + look))  # noqa: S704
    return show_hidden(page, in_page=True)


def _claims_of(run: ReportContext) -> dict[str, object]:
    """Give the claims that were decided, with their verdict in words, and how many of how many."""
    say, table = run.words, run.table("claims")
    decided = table[table["verdict"] != "not_testable"] if len(table) else table
    if decided.empty:
        return {"claims": [], "claims_told": ""}
    # Of many, those that do not hold stand first: a release may not leave them out.
    holds = decided["verdict"].isin(_HOLDING)
    decided = decided.loc[holds.sort_values(kind="stable").index]
    column = "statement_en" if say.language == "en" and "statement_en" in table else "statement"
    claims = [
        {"statement": str(row[column]).rstrip("。."), "verdict": say.label(str(row["verdict"]))}
        for _, row in decided.head(_MOST_CLAIMS).iterrows()
    ]
    told = verdicts_told(run)
    more = say("press.among") if len(claims) < len(decided) else ""
    return {"claims": claims, "claims_told": say.sentences([told, more]) if more else told}


# One archive for the post: what the pages speak of lies beside them in it.


def _write_archive(run: SavedRun, manifest: Mapping[str, Any], path: Path) -> Path:
    """Put the build into an archive, always in one order and under one date.

    The evidence stays behind: its digests are for whoever checks the build, and lead whoever has
    the posts to each of them. Manifest and signature come along, so that who has nothing but the
    archive can check that.
    """
    folder = Path(run.folder or "")
    names = members_of(manifest, signed=(folder / SIGNATURE).is_file())
    with replacing(path) as unfinished, zipfile.ZipFile(unfinished, "w") as archive:
        for name in names:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.external_attr, info.create_system = 0o644 << 16, _UNIX
            content = (folder / name.partition("/")[2]).read_bytes()
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return path


# What was handed on is held to itself, or to the build that it was made from.


_DO_NOT = "Do not use this file; ask for it again."


def verify_shared(
    path: str | Path,
    against: str | Path | None = None,
    *,
    other_version: bool = False,
    keys: str | Path | None = None,
) -> str:
    """Check a file that `share_run` wrote; what is no archive is written again from its build.

    Parameters
    ----------
    against
        The build, or an archive of it, that the file was made from.
    keys
        Public keys, one of which must have signed, as in `check_signature`.

    Raises
    ------
    CaodianError
        At the first thing that does not hold, with its place.

    Examples
    --------
    >>> verify_shared("no-such-run.xlsx")
    Traceback (most recent call last):
    analysis.errors.CaodianError: a file that was handed on is checked against its build: ...
    """
    file = Path(path)
    is_archive = file.suffix.lower() == ".zip"
    if against is None and not is_archive:
        raise CaodianError(
            "a file that was handed on is checked against its build", value=str(file),
            remedy="Name the folder of the build, or an archive of it, with --against.",
        )  # fmt: skip
    if file.exists() and not file.is_file():  # who opens a pipe waits for ever
        raise CaodianError(
            "what was handed on must be a file", value=str(file),
            where="a folder, a pipe, a socket or a device",
            remedy="Name the file that you were given.",
        )  # fmt: skip
    said = []
    with tempfile.TemporaryDirectory() as name:
        shared = file if against is None else Path(against)
        alone = shared.is_file()
        build = _unpack(shared, Path(name)) if alone else shared
        if keys is not None:
            said.append(f"the manifest is signed with {check_signature(build, keys)}")
        done = verify_build(build, other_version=other_version, alone=alone)
        said.append(str(done))
        if against is not None:
            _hold_to_build(file, build, Path(name, "again"))
            said.append(f"{file.name} is what {shared} gives")
    return "\n".join(said)


def _hold_to_build(file: Path, build: Path, again: Path) -> None:
    """Write a file again from its build, and compare what is in it."""
    if file.suffix.lower() == ".zip":
        unpacked = _unpack(file, again)
        check_files(unpacked, alone=True)  # as their manifest has them, which is that of the build
        if (unpacked / MANIFEST).read_bytes() != (build / MANIFEST).read_bytes():
            raise _not_of(file, MANIFEST)
        return
    run = open_run(build.absolute())
    manifest = json.loads((build / MANIFEST).read_text("utf-8"))
    if file.suffix.lower() == ".xlsx":
        place = _other_member(file, _write_workbook(run, manifest, again.with_suffix(".xlsx")))
    elif file.suffix.lower() in (".cff", ".html"):
        texts = [write_citation(run, manifest), *(write_press(run, manifest, x) for x in LANGUAGES)]
        place = "" if file.read_bytes() in [text.encode() for text in texts] else "its text"
    else:
        raise CaodianError(
            "a workbook, an archive, a press release or a citation can be checked", value=file.name,
            remedy="Print a PDF again from the page in the build, which can.",
        )  # fmt: skip
    if place:
        raise _not_of(file, place)


def _not_of(file: Path, place: str) -> CaodianError:
    return CaodianError(
        "a file that was handed on must be what its build gives", value=file.name, where=place,
        remedy="Name the build that it was made from; if this is it, do not use the file.",
    )  # fmt: skip


def _other_member(one: Path, other: Path) -> str:
    """Name the first part in which two workbooks differ; empty where they hold the same."""
    contents = []
    for path in (one, other):
        with _open_archive(path) as archive:
            contents.append({info.filename: archive.read(info) for info in archive.infolist()})
    names = sorted(contents[0].keys() | contents[1].keys())
    odd = next((name for name in names if contents[0].get(name) != contents[1].get(name)), "")
    return odd or ("" if [*contents[0]] == [*contents[1]] else "the order of its parts")


def _unpack(path: Path, folder: Path) -> Path:
    """Unpack an archive of a build; return the folder of the build."""
    with _open_archive(path) as archive:
        for info in archive.infolist():
            place = folder.joinpath(*info.filename.split("/"))
            place.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(info) as source, place.open("xb") as target:
                shutil.copyfileobj(source, target)
        tops = {info.filename.partition("/")[0] for info in archive.infolist()}
        packers = {(info.create_system, info.date_time[2]) for info in archive.infolist()}
        names = [info.filename for info in archive.infolist()]
    build = folder / tops.pop() if len(tops) == 1 else folder
    if any(is_evidence(inside.relative_to(build).as_posix()) for inside in build.rglob("*")):
        raise _strange(path, "evidence, which no archive holds")
    if (build / MANIFEST).is_file():
        _check_members(path, build, names)
    if packers != {(_UNIX, 1)}:
        raise _strange(path, "members of another system or day")
    return build


def _check_members(path: Path, build: Path, names: Sequence[str]) -> None:
    """Hold the members of an archive to those of its manifest, in their order and folder."""
    check_files(build, alone=True)
    manifest = json.loads((build / MANIFEST).read_text("utf-8"))
    due = members_of(manifest, signed=(build / SIGNATURE).is_file())
    if odd := [one for one, other in zip_longest(names, due) if one != other]:
        raise _strange(path, f"{odd[0]}, by name or place")


@contextmanager
def _open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open an archive or a workbook that holds plain files, and not a byte beside them."""
    try:
        with zipfile.ZipFile(path) as archive:
            if strange := strange_in_archive(archive, path.stat().st_size):
                raise _strange(path, strange)
            yield archive
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
        raise _strange(path, str(error)) from None


def _strange(path: Path, what: str) -> CaodianError:
    return CaodianError(
        "an archive must hold the files of a build and nothing beside them", value=what,
        where=str(path), remedy=_DO_NOT,
    )  # fmt: skip


# The form of an archive, and of a workbook, which is one: members as a run packs them.

_LARGEST, _PIECE = 4 << 30, 1 << 20  # bytes that are unpacked, in all and at a time
_HEAD, _ROW, _END = (
    "<IHHHHHIIIHH",
    "<IBBBBHHHHIIIHHHHHII",
    "<IHHHHIIH",
)  # before, of, behind members
_DAYS = (1, 31)  # of January 1980, the dates that a run and a workbook's writer give
_RIGHTS = (0o644, 0o100600)  # of a member, as a run and as a workbook's writer has them


def members_of(manifest: Mapping[str, Any], *, signed: bool) -> list[str]:
    """List the members of the archive of a build, as they stand in it, without the evidence.

    Their folder has the name of the study, wherever the build stands and whatever it is called.
    """
    names = [name for name in sorted(manifest["outputs"]) if not is_evidence(name)]
    names += [MANIFEST, *([SIGNATURE] if signed else [])]
    return [f"{safe_form(str(manifest.get('study')))}/{name}" for name in names]


def strange_in_archive(archive: zipfile.ZipFile, size: int) -> str:
    """Name what an archive of so many bytes holds that a run writes into none."""
    members, place, row = archive.infolist(), 0, archive.start_dir
    for info in members:
        parts = info.filename.split("/")
        if not all(part.strip(" .") and not set(part) & set("\\:\0") for part in parts):
            return f"a member of the name {info.filename!r}"
        if info.header_offset != place or info.extra or info.comment or info.flag_bits & ~0x800:
            return f"bytes beside {info.filename}"
        name = info.filename.encode()
        if not _is_packed(archive, info, name, row):
            return f"{info.filename} otherwise than a run packs it"
        place += struct.calcsize(_HEAD) + len(name) + info.compress_size
        row += struct.calcsize(_ROW) + len(name)
    if len({info.filename.casefold() for info in members}) < len(members):
        return "two members of one name"
    if sum(info.file_size for info in members) > _LARGEST:
        return "more than 4 GB"
    number = len(members)
    end = struct.pack(_END, 0x06054B50, 0, 0, number, number, row - place, place, 0)
    is_whole = archive.start_dir == place and size == row + len(end)
    return "" if is_whole and _has(archive, row, end) else "bytes beside its members"


def _has(archive: zipfile.ZipFile, place: int, content: bytes) -> bool:
    """Tell whether these bytes stand at a place of the archive itself."""
    stream = cast("BinaryIO", archive.fp)
    stream.seek(place)
    return stream.read(len(content)) == content


def _is_packed(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: bytes, row: int) -> bool:
    """Tell whether a member has the date, the rights and the way of packing that a run gives it."""
    day = info.date_time[2]
    packed = (info.flag_bits, zipfile.ZIP_DEFLATED, 0, 1 << 5 | day, info.CRC)
    facts = (*packed, info.compress_size, info.file_size, len(name), 0)
    head = struct.pack(_HEAD, 0x04034B50, 20, *facts) + name
    behind = (0, 0, 0, info.external_attr, info.header_offset)
    listed = struct.pack(_ROW, 0x02014B50, 20, info.create_system, 20, 0, *facts, *behind) + name
    return (
        (info.create_system in (0, 3) and day in _DAYS)
        and info.external_attr in [rights << 16 for rights in _RIGHTS]
        and info.flag_bits == (0 if info.filename.isascii() else 0x800)
        and _has(archive, info.header_offset, head)
        and _has(archive, row, listed)
        and _ends_in_time(cast("BinaryIO", archive.fp), info, len(head))
    )


def _ends_in_time(stream: BinaryIO, info: zipfile.ZipInfo, head: int) -> bool:
    """Tell whether what is packed ends where the member does: behind its end nobody reads."""
    left, packed = info.compress_size, zlib.decompressobj(-zlib.MAX_WBITS)
    stream.seek(info.header_offset + head)
    while left and not packed.eof:
        content = stream.read(min(left, _PIECE))
        if not content:
            break
        left -= len(content)
        while content and not packed.eof:
            packed.decompress(content, _PIECE)
            content = packed.unconsumed_tail
    return packed.eof and not left and not packed.unused_data


# Who stands for a build: a signature of its manifest, which holds the hash of every file.
#
# Keys and signatures are those of OpenSSH, which most who write code have already, and whose
# program signs with keys on a token or behind an agent, too. Nothing is asked of the network.

_NAMESPACE = "caodian-build"  # a signature of anything else does not count
_SIGNER = "signer"
_KEY_LINE = re.compile(r"^(?:ssh-|ecdsa-|sk-)\S+ [A-Za-z0-9+/=]+", re.MULTILINE)


def sign_build(build: str | Path, key: str | Path) -> Path:
    """Sign the manifest of a finished run.

    Parameters
    ----------
    build
        Folder of the run.
    key
        A private SSH key, or a public one whose private half an agent holds.

    Returns
    -------
    Path
        ``manifest.json.sig``, beside the manifest; the next run that writes another removes it.

    Raises
    ------
    CaodianError
        When a file is not the one that the run wrote, OpenSSH is not installed, or does not sign.

    Examples
    --------
    >>> sign_build("no/such/build", "key")
    Traceback (most recent call last):
    analysis.errors.CaodianError: a built report must have a manifest: ...
    """
    folder = Path(build)
    check_files(folder)
    with replacing(folder / SIGNATURE) as unfinished:
        content = (folder / MANIFEST).read_bytes()
        done = _ask_openssh(["sign", "-q", "-f", str(key), "-n", _NAMESPACE], content)
        if done.returncode or not done.stdout.startswith(b"-----BEGIN SSH SIGNATURE-----"):
            raise CaodianError(
                "a build is signed with an SSH key", value=str(key),
                where=done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2],
                remedy="Name a private key such as ~/.ssh/id_ed25519.",
            )  # fmt: skip
        unfinished.write_bytes(done.stdout)
    return folder / SIGNATURE


def check_signature(build: str | Path, keys: str | Path) -> str:
    """Hold the manifest of a build to its signature; return the fingerprint of the key.

    Parameters
    ----------
    keys
        A file of public keys, one a line, as ``id_ed25519.pub`` or what a code host shows of a
        user: any of them may have signed.

    Raises
    ------
    CaodianError
        When there is no signature, it is of another manifest or by another key, or OpenSSH is not
        installed.

    Examples
    --------
    >>> check_signature("no/such/build", "key.pub")
    Traceback (most recent call last):
    analysis.errors.CaodianError: a signed build must have a signature: ...
    """
    folder, path = Path(build), Path(keys)
    if not (folder / SIGNATURE).is_file():
        raise CaodianError(
            "a signed build must have a signature", value=str(folder / SIGNATURE),
            remedy="Ask for the signed build, or leave --signed-by out.",
        )  # fmt: skip
    known = _KEY_LINE.findall(path.read_text("utf-8", "replace")) if path.is_file() else []
    if not known:
        raise CaodianError(
            "a file of public keys must hold an SSH key a line", value=str(path),
            remedy="Name one such as id_ed25519.pub.",
        )  # fmt: skip
    with tempfile.TemporaryDirectory() as name:
        allowed = Path(name, "allowed")
        lines = [f'{_SIGNER} namespaces="{_NAMESPACE}" {key}' for key in known]
        allowed.write_text("\n".join(lines) + "\n", encoding="utf-8")
        done = _ask_openssh(
            ["verify", "-f", str(allowed), "-I", _SIGNER, "-n", _NAMESPACE, "-s",
             str(folder / SIGNATURE)], (folder / MANIFEST).read_bytes(),
        )  # fmt: skip
    # The verdict is how it ended; its words only name the key.
    said = done.stdout.decode("utf-8", "replace")
    good = re.search(r"^Good .* signature .* with (\S+ key \S+)", said, re.MULTILINE)
    if done.returncode or good is None:
        raise CaodianError(
            "the manifest of a build must be the one that was signed", value=str(folder / MANIFEST),
            where=f"by no key of {path}", remedy="Do not use this report; ask who signed it.",
        )  # fmt: skip
    return good[1]


def _ask_openssh(words: Sequence[str], content: bytes) -> subprocess.CompletedProcess[bytes]:
    """Let OpenSSH sign or verify what it is given; return how it ended and what it says."""
    program = shutil.which("ssh-keygen")
    if program is None:
        raise CaodianError(
            "signatures need OpenSSH", value="no ssh-keygen on the PATH",
            remedy="Install OpenSSH 8.1 or later, or leave the signature out.",
        )  # fmt: skip
    return subprocess.run(  # noqa: S603 - a program that the user has installed
        [program, "-Y", *words], input=content, capture_output=True, check=False
    )
