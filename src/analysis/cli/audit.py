"""`caodian audit draw|fill|disputes|gold|score|plan`."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click
import polars as pl

from analysis.cli import options
from analysis.cli.options import read_cells, refuse_idle, write_cells
from analysis.errors import CaodianError
from analysis.frames import as_lazy

if TYPE_CHECKING:
    from analysis.reporting.saved_run import SavedRun
    from analysis.study import Study


@click.group(short_help="Draw, fill, score or plan an audit of the coder.")
def command() -> None:
    """Measure the coder's error on a probability sample, and correct the counts for it.

    \b
    Example:
      caodian audit draw build/my-export --size 1000 --seed 1 --out audit
      (two people fill in coder-a.xlsx and coder-b.xlsx)
      caodian audit disputes audit
      (a third one decides what they differ on, in adjudicated.xlsx)
      caodian audit gold audit
      (experts fill in gold.xlsx: what both coders have wrong alike)
      caodian report my-export.csv --audit audit
    """


def _read_coded(path: str, limit: int | None) -> tuple[pl.LazyFrame, Study | None, str | None]:
    """Open a file of coded posts, a folder of partitions or a run; study and coder if known."""
    from analysis.schema import parse_columns
    from analysis.schema.tables import require_columns

    place, needed = Path(path), ["text", "is_negative", "grievances", "scores"]
    if not place.is_dir():
        coded = read_cells(path, limit)
        require_columns(coded, needed, where=path)
        return parse_columns(coded).lazy(), None, None
    posts, study, coder = _open_run(place)
    require_columns(posts.head(0).collect(), needed, where=path)
    return posts if limit is None else posts.head(limit), study, coder


def _open_run(place: Path) -> tuple[pl.LazyFrame, Study | None, str | None]:
    from analysis.reporting.ledger import MANIFEST
    from analysis.reporting.saved_run import FILE, open_run

    if (place / FILE).is_file():
        run = open_run(place)
        manifest = json.loads((place / MANIFEST).read_text("utf-8"))
        coder = str(manifest["parameters"]["coder"])
        _require_posts_of(run)
        return run.scan_coded(), run.study, coder
    inner = place / "coded"
    files = sorted((inner if inner.is_dir() else place).glob("*.parquet"))
    if not files:
        raise CaodianError(
            "a folder to audit must be a run or hold partitions of coded posts",
            value=str(place),
            remedy="Name build/STUDY, data/processed/STUDY/coded, or a file of coded posts.",
        )
    return pl.scan_parquet(files, glob=False), None, None


def _require_posts_of(run: SavedRun) -> None:
    """Refuse coded posts that another run of this name left: no report would take their audit."""
    from analysis.audit.machine_scores import countable

    sums = {"all": pl.len(), "negative": pl.col("is_negative").sum()}
    found = countable(run.scan_coded()).select(**sums).collect().row(0, named=True)
    printed = run.table("counts").set_index("grievance")["items"].dropna()  # none where withheld
    if any(int(printed.get(name, count)) != count for name, count in found.items()):
        told = [f"{printed.get(name, 0):,.0f} and {count:,}" for name, count in found.items()]
        raise CaodianError(
            "the coded posts beside a report must be those that it counts",
            value=f"posts {told[0]}, negative items {told[1]}",
            where=f"in {run.folder} and in data/processed/{run.study.name}",
            remedy="A later run of this name, of another window or file, took their place: run the "
            "report again first.",
        )


@command.command(short_help="Draw the sample and write two blind sheets.")
@click.argument("coded", type=click.Path())
@options.study
@click.option("--size", type=click.IntRange(min=1), default=1000, show_default=True, help="Posts.")
@click.option(
    "--more",
    type=click.IntRange(min=1),
    help="A second wave of so many posts for the audit in --out, whose forms are filled in.",
)
@click.option(
    "--for",
    "codes",
    multiple=True,
    help="With --more: a code that it is to make narrower; may be repeated. All by default.",
)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed.")
@options.out(about="Folder for sample.parquet, coder-a.xlsx, coder-b.xlsx and the JSONL.")
@click.option("--with-subs", is_flag=True, help="Ask for sub-grievances too, one column each.")
@click.option(
    "--learnt-from",
    multiple=True,
    type=click.Path(),
    help="Folder of an earlier audit whose posts the coder has learnt from; may be repeated.",
)
@options.reading_options
def draw(
    coded: str,
    study_path: str | None,
    size: int,
    more: int | None,
    codes: tuple[str, ...],
    seed: int,
    out: str,
    with_subs: bool,
    learnt_from: tuple[str, ...],
    limit: int | None,
) -> None:
    """Draw a probability sample of CODED and write sheets for two coders.

    CODED is a report (build/STUDY), a folder of partitions such as data/processed/STUDY/coded, or a
    file of coded posts. Draw from the report that the audit is for: it corrects no other. Posts
    whose texts the coder learnt from, and posts without words, are not drawn; they count as the
    coder has them.

    With --more the audit in --out, whose forms are filled in, gets a second wave: further posts,
    drawn where the first left the counts unsure, on forms in its folder `second`. Both are scored
    together. No mark of the first may change after that.

    \b
    Examples:
      caodian audit draw build/618-2020 --size 1000 --seed 1 --out audit
      caodian audit draw build/618-2020 --more 500 --for price --out audit
      caodian audit draw data/processed/618-2020/coded --study studies/618-2020.yaml --out audit
      caodian audit draw coded.jsonl --size 1000 --seed 1 --out audit
    """
    if more is None:
        refuse_idle("codes", needs="--more")
    else:
        refuse_idle("size", "with_subs", "learnt_from", because="with --more")
    from analysis.audit.agreement import WORDLESS
    from analysis.audit.second_wave import draw_second_wave
    from analysis.audit.sheets import draw_audit, read_record
    from analysis.pipeline.corpus_steps import learnt_posts, read_learnt
    from analysis.study import load_study

    posts, study, coder = _read_coded(coded, limit)
    study = load_study(study_path) if study_path else study
    # Of an endpoint's coder a run tells no model: its decisions must do.
    known = None if coder == "llm" else coder
    if more is not None:
        drawn = draw_second_wave(
            posts, Path(out), size=more, seed=seed, codes=codes, study=study, coder=known
        )
        height = as_lazy(drawn).collect().height
        click.echo(f"{height:,} posts drawn; fill in the forms in {out}/second", err=True)
        return
    learnt = {*learnt_posts(posts, coder), *_drawn_before(learnt_from)}
    if coder is not None and coder.startswith("refit"):
        learnt |= set(read_learnt(_coder_folder(Path(coded))))
    drawn = draw_audit(
        posts,
        Path(out),
        size=size,
        seed=seed,
        with_subs=with_subs,
        study=study,
        coder=known,
        exclude=learnt,
    )
    height = as_lazy(drawn).collect().height
    click.echo(f"{height:,} posts drawn; fill in {out}/coder-a.xlsx and coder-b.xlsx", err=True)
    if learnt:
        named = "post" if len(learnt) == 1 else "posts"
        click.echo(f"{len(learnt):,} {named} that the coder learnt from left out", err=True)
    if wordless := read_record(Path(out))["left_out"].get(WORDLESS):
        named = "post" if wordless == 1 else "posts"
        click.echo(f"{wordless:,} {named} without words left out: nobody can code them", err=True)


def _coder_folder(build: Path) -> str:
    """Return the folder of a re-fitted coder, as the command of the report names it."""
    from analysis.reporting.ledger import MANIFEST

    manifest = json.loads((build / MANIFEST).read_text("utf-8"))
    words = shlex.split(str(manifest.get("command", "")))
    return words[words.index("--coder") + 1] if "--coder" in words[:-1] else "?"


def _drawn_before(folders: tuple[str, ...]) -> set[str]:
    """Return the posts of earlier audits."""
    from analysis.audit.sheets import open_folder
    from analysis.coding.codebook import load_codebook

    book = load_codebook()
    return {key for folder in folders for key in open_folder(folder, book).keys}


@command.command(short_help="Let simulated coders fill in the sheets.")
@click.argument("directory", type=click.Path())
@click.option("--truth", required=True, type=click.Path(), help="truth.parquet of the simulator.")
@click.option(
    "--error",
    type=click.FloatRange(0, 1),
    default=0.05,
    show_default=True,
    help="Share of posts on which a coder errs.",
)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed.")
@click.option("--gold", is_flag=True, help="Fill the experts' sheet gold.xlsx instead, all right.")
def fill(directory: str, truth: str, error: float, seed: int, *, gold: bool) -> None:
    """Fill the sheets of DIRECTORY from the truth of a simulated corpus, with coder error.

    \b
    Examples:
      caodian audit fill audit --truth data/raw/618-2020/truth.parquet --error 0.05
      caodian audit fill audit --truth data/raw/618-2020/truth.parquet --gold
    """
    if gold:
        refuse_idle("error", "seed", because="with --gold, whose experts do not err")
    from analysis.audit.simulated_coders import fill as fill_sheets
    from analysis.audit.simulated_coders import fill_gold

    if gold:
        fill_gold(Path(directory), read_cells(truth))
        click.echo(f"gold.xlsx of simulated experts written to {directory}", err=True)
        return
    fill_sheets(Path(directory), read_cells(truth), error=error, seed=seed)
    click.echo(
        f"sheets of two simulated coders and adjudicated.xlsx written to {directory}", err=True
    )


@command.command(short_help="A sheet of the posts on which the two differ.")
@click.argument("directory", type=click.Path())
def disputes(directory: str) -> None:
    """Write the posts on which the two coders of DIRECTORY differ onto adjudicated.xlsx.

    The codes that both gave stand there already; `note` names what they differ on, not who said
    what.
    A row is decided once `negative` is filled in; its codes then count as they stand.

    \b
    Example:
      caodian audit disputes audit
    """
    from analysis.audit.score import write_disputes

    path, count = write_disputes(Path(directory))
    posts = "post" if count == 1 else "posts"
    told = f"{count:,} disputed {posts}; decide each on {path}"
    agree = f"the two agree on every post that both coded in {path.parent}"
    click.echo(told if count else agree, err=True)


@command.command(short_help="A sheet for experts: what both coders have wrong.")
@click.argument("directory", type=click.Path())
@click.option("--size", type=click.IntRange(min=20), default=100, show_default=True, help="Posts.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed.")
@click.option("--drop", is_flag=True, help="Take the draw back: no recoding, no gold.xlsx.")
def gold(directory: str, size: int, seed: int, *, drop: bool) -> None:
    """Draw some of the coded posts of DIRECTORY for experts to code again, into gold.xlsx.

    No adjudication sees where both coders err alike. Half of the posts are drawn among those that
    the audit calls negative, half among the others. Once the sheet is filled in, the intervals take
    the error in that both coders share; an untouched sheet changes nothing. --drop takes the draw
    back, but not a sheet on which experts have coded: move that away first.

    \b
    Examples:
      caodian audit gold audit --size 100
      caodian audit gold audit --drop
    """
    if drop:
        refuse_idle("size", "seed", because="with --drop")
    from analysis.audit.score import draw_gold_sheet
    from analysis.audit.sheets import drop_gold
    from analysis.coding.codebook import load_codebook

    if drop:
        drop_gold(Path(directory), load_codebook())
        click.echo(f"{directory} holds no recoding any more", err=True)
        return
    drawn = draw_gold_sheet(Path(directory), size=size, seed=seed)
    click.echo(f"{drawn:,} posts drawn; experts fill in {directory}/gold.xlsx", err=True)


@command.command(short_help="Agreement and corrected counts from filled sheets.")
@click.argument("directory", type=click.Path())
@options.out()
@options.raw
def score(directory: str, out: str) -> None:
    """Read the filled sheets of DIRECTORY, and write corrected counts with 95 % intervals.

    The interval covers the coder's error (with gold.xlsx filled in, also that of the audit itself),
    not the selection of posts. A report takes the folder itself, or this file, which says of which
    posts it is.

    \b
    Example:
      caodian audit score audit --out corrected.csv

    The next run can learn what the audit teaches of its source: caodian train coder --from audit.
    """
    from analysis.audit.machine_scores import seal_scores
    from analysis.audit.score import score_audit
    from analysis.audit.sheets import open_folder
    from analysis.coding.codebook import load_codebook
    from analysis.words import reader_names

    result = score_audit(Path(directory), names=reader_names())
    record = open_folder(directory, load_codebook()).record
    write_cells(seal_scores(result, record), out)
    click.echo(result.to_string(index=False))
    for note in result.attrs["notes"]:
        click.echo(f"\n{note['en']}\n{note['zh']}")


@command.command(short_help="How many audited posts buy which interval.")
@click.argument("coded", type=click.Path())
@click.option(
    "--size",
    "sizes",
    multiple=True,
    type=click.IntRange(min=1),
    help="Size to try; may be repeated.",
)
@click.option("--out", type=click.Path(), help="File to write as well.")
@options.raw
@options.reading_options
def plan(coded: str, sizes: tuple[int, ...], out: str | None, limit: int | None) -> None:
    """Tell the half-width of each code's interval by size of the audit, before anyone codes.

    --out has the counts behind it; there growth_pct is the smallest growth over the window that
    four of five such audits tell from drift of the coder.

    \b
    Example:
      caodian audit plan coded.jsonl
    """
    from analysis.audit.agreement import SECONDS_A_POST
    from analysis.audit.sampling import plan_audit, tabulate_plan

    posts = _read_coded(coded, limit)[0]
    table = plan_audit(posts, sizes=sizes) if sizes else plan_audit(posts)
    if out:
        write_cells(table, out)
    click.echo(
        "Half of the 95 % interval by size of the audit, and hours of each of two coders at "
        f"{SECONDS_A_POST} seconds a post:\n{tabulate_plan(table, 'en').to_string()}\n\n"
        f"各审核规模的 95% 区间半宽和每名编码者的小时数（每条约 {SECONDS_A_POST} 秒）\n"
        f"{tabulate_plan(table, 'zh').to_string()}"
    )
