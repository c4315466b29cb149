"""`caodian report`, and what is done with one: `figures`, `share`, `verify`, `privacy scan`."""

from __future__ import annotations

import json
import re
import shlex
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analysis.cli import options
from analysis.cli.options import named_columns, refuse_idle
from analysis.errors import CaodianError, nearest
from analysis.progress import is_quiet

if TYPE_CHECKING:
    import pandas as pd

    from analysis.corpus.readers.column_names import ColumnChoice
    from analysis.pipeline.request import Request
    from analysis.reporting.saved_run import SavedRun


_LAID_OUT = 127.1  # millimetres: in less the labels of a figure leave no room for its data


def _require_exports(
    ctx: click.Context, parameter: click.Parameter, names: tuple[str, ...]
) -> tuple[str, ...]:
    """Refuse a wrong path at once: importing what a run needs takes seconds."""
    from analysis.storage.formats import require_export

    for name in names:
        require_export(name)
    return names


@click.command(short_help="From an export, or a simulated corpus, to a report.")
@click.argument("exports", nargs=-1, type=click.Path(), callback=_require_exports)
@options.study
@click.option(
    "--scale",
    type=click.FloatRange(0, 1, min_open=True),
    help="Size of a simulated corpus, 1 = published size.",
)
@click.option(
    "--out",
    type=options.FOLDER,
    default="build",
    show_default=True,
    help="Folder for <study>/report.zh.html and the rest.",
)
@click.option("--scheduler", help="Address of a Dask scheduler: tcp://host:8786.")
@click.option(
    "--storage",
    type=options.FOLDER,
    help="Where the posts stand between the steps: a folder or URL that all workers reach, "
    "such as s3://bucket/caodian. Default: data/processed.",
)
@click.option("--public", is_flag=True, help="Apply the strict disclosure setting to everything.")
@click.option(
    "--since",
    "since",
    multiple=True,
    type=click.Path(),
    help="With --public: a build of this study that was published before; what it differs by from "
    "this one is no small count either. May be repeated.",
)
@click.option(
    "--audit",
    type=click.Path(),
    help="Folder of `caodian audit draw` with its sheets filled in, or what `audit score` wrote.",
)
@options.coder()
@click.option(
    "--notebooks/--no-notebooks",
    default=None,
    help="Execute the notebooks on the run too; without the flag, those of the shipped study are.",
)
@named_columns
@options.reading_options
def command(
    exports: tuple[str, ...],
    study_path: str | None,
    scale: float | None,
    out: str,
    scheduler: str | None,
    storage: str | None,
    public: bool,
    since: tuple[str, ...],
    audit: str | None,
    coder: str,
    notebooks: bool | None,
    choice: ColumnChoice,
    limit: int | None,
) -> None:
    """Turn EXPORTS, or without them the study's simulated corpus, into a report in two languages.

    Without --study the window is the range of the file's own dates, and the folder is called after
    the file; the next run on the same file finds it again, and another file of that name gets its
    own. A folder that cannot be written is named, with the option that chooses another.

    \b
    Examples:
      caodian report --study studies/618-2020.yaml
      caodian report exports/*.csv --study studies/my-study.yaml
      caodian report my-export.csv --notebooks
      caodian report my-export.csv --audit audit
      caodian report 我的导出.csv --out reports --storage work
    """
    if exports:
        refuse_idle("scale", because="of an export: only a simulated corpus has a scale")
    from analysis.corpus.ingest import require_tables

    # Importing what a run needs takes seconds: first see whether there is anything to run on.
    require_tables(exports, choice)
    from analysis.pipeline.partitions import open_folder
    from analysis.pipeline.request import Request, hide_in_study
    from analysis.pipeline.run import Run
    from analysis.study import load_study

    request = Request(
        exports=[Path(name) for name in exports],
        study=hide_in_study(load_study(study_path), _tell) if study_path else None,
        scale=scale,
        out=Path(out),
        scheduler=scheduler,
        storage=open_folder(storage) if storage else None,
        public=public,
        since=[Path(name) for name in since],
        audit=Path(audit) if audit else None,
        coder=coder,
        choice=choice,
        limit=limit,
        notebooks=notebooks,
        study_path=Path(study_path) if study_path else None,
    )
    outcome = Run(request, _clock()).execute()
    _tell_account(outcome.paths.build / "tables" / "reconciliation.csv")
    _tell_findings(outcome.paths.build)
    for report in outcome.reports:
        click.echo(report)


def _tell(line: str) -> None:
    if not is_quiet():
        click.echo(options.step_in_chinese(line) if options.speaks_chinese() else line, err=True)


def _clock() -> Callable[[str], None]:
    """Tell each step with the seconds since the one before."""
    before = time.monotonic()

    def tell(line: str) -> None:
        nonlocal before
        now = time.monotonic()
        seconds, before = now - before, now
        said = options.step_in_chinese(line) if options.speaks_chinese() else line
        if not is_quiet():
            click.echo(f"{said} ({seconds:.1f} s)" if line.endswith(": done") else said, err=True)

    return tell


def _tell_findings(build: Path) -> None:
    """Say what the page begins with, in plain sentences."""
    if is_quiet():
        return
    from analysis.reporting.saved_run import open_run
    from analysis.reporting.sections.first_page import headlines

    language = "zh" if options.speaks_chinese() else "en"
    run = open_run(build, language)
    told = headlines(run.tables, run.study, language, simulated=run.simulated, scale=run.scale)
    for finding in told:
        click.echo(f"• {finding}", err=True)


_READ = "{read:,} records read: {kept:,} kept, {repeats:,} of them repeats, {rejected:,} rejected"
_ACCOUNT = {"read": "records_read", "kept": "kept", "rejected": "rejected", "repeats": "repeats"}


def _tell_account(path: Path) -> None:
    """Say how many records of an export were read, and how many of them count."""
    if is_quiet() or not path.is_file():
        return
    import polars as pl

    from analysis.storage import read_table

    account = read_table(path)
    if not set(_ACCOUNT.values()) <= set(account.columns):
        return
    counts = account.select(pl.col(_ACCOUNT.values()).cast(pl.Int64, strict=False))
    if any(counts.null_count().row(0)):  # withheld from what is published
        return
    numbers = dict(zip(_ACCOUNT, counts.sum().row(0), strict=True))
    is_chinese = options.speaks_chinese()
    line = options.account_in_chinese(**numbers) if is_chinese else _READ.format(**numbers)
    click.echo(line, err=True)


@click.command(short_help="Draw the figures of a report again from their CSVs.")
@click.argument("build", type=click.Path())
@click.option("--only", "names", multiple=True, help="Name of a figure; may be repeated.")
@click.option("--format", "kinds", default="svg,png", show_default=True, help="Of svg,pdf,png.")
@click.option("--width", help="Width, 85mm or 174; default: that of the report.")
@click.option(
    "--language", type=click.Choice(["zh", "en"]), help="Default: both, as in the report."
)
@click.option("--out", type=options.FOLDER, help="Default: figures/<name of the run>.")
def figures_command(
    build: str,
    names: tuple[str, ...],
    kinds: str,
    width: str | None,
    language: str | None,
    out: str | None,
) -> None:
    """Draw the figures of the run BUILD again, each from its own CSV in BUILD/figures alone.

    Without --width they are those of the report byte for byte; a number that was changed in the
    CSV is drawn as it stands there. With --width a figure is laid out anew, below 127 mm also
    scaled as a whole, PNG at 300 dots an inch; where its smallest text then has less than 5 points,
    the command says so.

    \b
    Examples:
      caodian figures build/618-2020
      caodian figures build/618-2020 --only platforms --format pdf --width 174mm --language zh
    """
    from analysis.reporting.figures import KINDS, figure_names, resize, save_figure
    from analysis.reporting.saved_run import Answer, open_run, read_unchanged

    chosen = _known(names, figure_names(), "--only") or figure_names()
    endings = _known(tuple(filter(None, kinds.split(","))), KINDS, "--format") or list(KINDS[:1])
    millimetres = _millimetres(width)
    inches = max(millimetres, _LAID_OUT) / 25.4 if millimetres else None
    for told in [language] if language else ["zh", "en"]:
        run = open_run(build, told, tables=False)
        data = read_unchanged(run.folder or Path(build), partial(_read_data, run, chosen))
        folder = Path(out) if out else Path("figures") / Path(build).resolve().name
        for name in chosen:
            figure = run.figure(name, data[name], size=inches)
            if isinstance(figure, Answer):
                if names:
                    _tell(f"{name}: this run has no data for it")
                continue
            smallest = resize(figure, millimetres) if millimetres else 5.0
            if smallest < 5:
                _tell(f"{name}: the smallest text has {smallest:.1f} points at {millimetres:g} mm")
            for kind in endings:
                path = folder / f"{name}.{told}.{kind}"
                click.echo(save_figure(figure, path, dpi=300 if millimetres else None))


def _read_data(run: SavedRun, names: Sequence[str]) -> dict[str, pd.DataFrame]:
    return {name: run.figure_data(name) for name in names}


def _known(given: tuple[str, ...], known: Sequence[str], option: str) -> list[str]:
    """Return what an option names; refuse what there is not, naming what there is."""
    for name in given:
        if name not in known:
            near = nearest(name, list(known))
            raise CaodianError(
                f"{option} must name what there is: {', '.join(known)}",
                value=name,
                remedy=f"Did you mean {near!r}?" if near else None,
            )
    return list(given)


def _millimetres(width: str | None) -> float | None:
    """Read a width such as 85mm, 8.5cm or 85."""
    if width is None:
        return None
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(mm|cm|)\s*", width)
    value = float(found[1]) * (10 if found[2] == "cm" else 1) if found else 0.0
    if not 20 <= value <= 1000:
        raise CaodianError(
            "--width must be from 20mm to 1000mm", value=width, remedy="Write 85mm or 174mm."
        )
    return value


# `caodian share`.


@click.command(short_help="Hand a report on: workbook, archive, press release, PDF, citation.")
@click.argument("build", type=click.Path())
@click.option(
    "--format",
    "kinds",
    default="xlsx,zip,press,pdf,cff",
    show_default=True,
    help="Of xlsx,zip,press,pdf,cff.",
)
@click.option("--out", type=options.FOLDER, help="Default: share/<name of the run>.")
@click.option("--browser", help="Chromium, Chrome or Edge for the PDF. Default: one on the PATH.")
@click.option(
    "--sign",
    "key",
    type=click.Path(),
    metavar="KEY",
    help="Also sign the manifest of BUILD with this SSH key (needs OpenSSH).",
)
def share_command(
    build: str, kinds: str, out: str | None, browser: str | None, key: str | None
) -> None:
    """Write what is handed on of the run BUILD.

    All tables in one workbook (cells that a spreadsheet would take for formulas are neutralised);
    pages, figures, tables and notebooks in one archive for the post; a press release of one page;
    both pages as PDF where a Chromium is installed; and how to cite the run.

    \b
    Examples:
      caodian share build/618-2020
      caodian share build/618-2020 --format xlsx,cff --out for-the-editor
      caodian share build/618-2020 --sign ~/.ssh/id_ed25519
    """
    from analysis.reporting.sharing import KINDS, share_run, sign_build

    endings = _known(tuple(filter(None, kinds.split(","))), KINDS, "--format") or list(KINDS)
    if "pdf" not in endings:
        refuse_idle("browser", because="without pdf in --format")
    folder = Path(out) if out else Path("share") / Path(build).resolve().name
    if key is not None:  # first, so that the signature comes along in the archive
        click.echo(sign_build(build, key))
    for path in share_run(build, folder, endings, browser=browser, tell=_tell):
        click.echo(path)


# `caodian verify`.


@click.command(short_help="Check a built report against its evidence.")
@click.argument("build", type=click.Path())
@click.argument("exports", nargs=-1, type=click.Path())
@click.option(
    "--rerun", is_flag=True,
    help="Make the build again from EXPORTS, or from its simulated study, and compare.",
)  # fmt: skip
@click.option(
    "--audit", type=click.Path(),
    help="With --rerun: folder of the audit; default: where the report names it.",
)  # fmt: skip
@click.option(
    "--other-version", is_flag=True,
    help="Take a build that other versions made: its hashes, and with --rerun its tables.",
)  # fmt: skip
@click.option(
    "--signed-by",
    type=click.Path(),
    metavar="KEYS",
    help="Also hold the manifest to its signature by a key of this file (needs OpenSSH).",
)
@click.option(
    "--against",
    type=click.Path(),
    metavar="BUILD",
    help="The build, or an archive of it, that a workbook, press release … must be made from.",
)
def verify_command(
    build: str,
    exports: tuple[str, ...],
    *,
    rerun: bool,
    audit: str | None,
    against: str | None,
    other_version: bool,
    signed_by: str | None,
) -> None:
    """Check offline that a build is whole, and with --rerun that it is what its posts give.

    Without --rerun every file has the hash of the manifest and none is missing, added or linked:
    whoever changes a file by mistake is found, whoever writes the manifest anew is not. With
    --rerun the steps of the report run again on EXPORTS, notebooks included, and every table, page
    and figure is compared. A simulated study needs no export. Exit 1 at the first thing that does
    not hold.

    BUILD may be a file of `caodian share`: an archive or, with --against, any of them but a PDF.

    \b
    Examples:
      caodian verify build/618-2020
      caodian verify build/618-2020 --rerun
      caodian verify build/my-export --rerun my-export.csv
      caodian verify 618-2020.zip --signed-by their-key.pub
      caodian verify press.en.html --against 618-2020.zip
    """
    from analysis.reporting.verification import verify_build

    if (exports or audit is not None) and not rerun:
        raise click.UsageError("exports and --audit go with --rerun")
    folder = Path(build)
    if folder.is_file() or against is not None:
        from analysis.reporting.sharing import verify_shared

        if rerun:
            raise click.UsageError("--rerun needs the folder of a build")
        click.echo(verify_shared(folder, against, other_version=other_version, keys=signed_by))
        return
    if signed_by is not None:
        from analysis.reporting.sharing import check_signature

        click.echo(f"the manifest is signed with {check_signature(folder, signed_by)}")
    click.echo(verify_build(folder, other_version=other_version))
    if rerun:
        from analysis.pipeline.rerun import rerun as make_again

        asked, sheets = _asked_by(folder, exports), Path(audit) if audit else None
        files = make_again(folder, asked, sheets, other_version=other_version)
        click.echo(f"{files} files are what the posts give")


def _asked_by(build: Path, exports: tuple[str, ...]) -> Request:
    """Say again what the command of a build asked for, of these exports."""
    from analysis.pipeline.request import Request, hide_in_study
    from analysis.reporting.ledger import MANIFEST
    from analysis.reporting.saved_run import FILE
    from analysis.storage.formats import require_export
    from analysis.storage.run_paths import in_project
    from analysis.study import load_study
    from analysis.study.model import Study

    try:
        words = shlex.split(json.loads((build / MANIFEST).read_text("utf-8"))["command"])[2:]
        said: dict[str, Any] = command.make_parser(click.Context(command)).parse_args(words)[0]
        facts = json.loads((build / FILE).read_text("utf-8"))
        scale = float(said["scale"]) if said.get("scale") else None
        limit = int(said["limit"]) if said.get("limit") else None
        study = Study.model_validate(facts["study"]) if said.get("study_path") else None
        is_simulated = bool(facts["simulated"])
    except (click.UsageError, KeyError, TypeError, ValueError) as error:
        raise CaodianError(
            "the manifest of a build must name its command and its study",
            value=str(error)[:120], where=str(build), remedy="Do not use this report.",
        ) from error  # fmt: skip
    if is_simulated == bool(exports):
        raise CaodianError(
            "--rerun must name what a report was made from",
            value=", ".join(exports),
            where=f"{build}, made from {'simulated posts' if is_simulated else 'an export'}",
            remedy="Name no export." if is_simulated else "Name the export.",
        )
    for name in exports:
        require_export(name)
    path = in_project(said["study_path"]) if study else None
    if path is not None and path.is_file():  # where it lies elsewhere, its facts are the build's
        study = hide_in_study(load_study(path), lambda _: None)
    return Request(
        exports=[Path(name) for name in exports],
        study=study,
        scale=scale,
        out=Path(said.get("out") or "build"),
        public="public" in said,
        since=[Path(name) for name in said.get("since", ())],
        audit=Path(said["audit"]) if said.get("audit") else None,
        coder=said.get("coder") or "fast",
        choice=options.take_choice(said),
        limit=limit,
        notebooks=said.get("notebooks"),
        study_path=Path(said["study_path"]) if study else None,
    )


# `caodian privacy scan`.


@click.group(short_help="Look for personal data in files before they leave.")
def privacy_command() -> None:
    """Look for phones, ids, addresses, names … in files that are to be handed on.

    \b
    Example:
      caodian privacy scan build/618-2020
    """


@privacy_command.command(short_help="Find personal data in files and folders.")
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@click.pass_context
def scan(ctx: click.Context, paths: tuple[str, ...]) -> None:
    """Print file, place and kind of every find, itself masked; exit 1 if there is any.

    PATHS are files and folders: CSV, JSONL, Parquet, workbooks (every sheet), SQLite, HTML, SVG,
    notebooks, plain text, and archives (zip, tar, gzip) of these. Names of files are read, too.
    Pictures, PDF and locked files are named and not read; hidden files are left out. Masking rules
    find what has a shape: no find is no proof.

    \b
    Example:
      caodian privacy scan build/618-2020 my-export.csv
    """
    from analysis.evaluation.preparation import list_files, scan_file

    kinds: Counter[str] = Counter()
    with_finds, unread = 0, 0
    files = list_files(paths)
    for path in files:
        found = scan_file(path)
        unread += "" in found.unread
        for member in found.unread:
            place = f"{path}, {member}" if member else path
            click.echo(f"{place}: not read, no table or text", err=True)
        with_finds += bool(found.leaks)
        kinds.update(leak.kind for leak in found.leaks)
        for leak in found.leaks:
            click.echo(f"{leak.path}, {leak.place}: {leak.kind} {leak.masked}")
    click.echo(_sum_up(len(files) - unread, unread, with_finds, kinds))
    ctx.exit(1 if kinds else 0)


def _sum_up(read: int, unread: int, with_finds: int, kinds: Counter[str]) -> str:
    found = ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items()))
    files = f"files: {read:,} read, {unread:,} not read, {with_finds:,} with finds"
    return f"{files}: {found or 'nothing found'}"
