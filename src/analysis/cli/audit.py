"""`caodian audit draw|fill|score|plan`."""

from __future__ import annotations

from pathlib import Path

import click
import polars as pl

from analysis.cli import options
from analysis.storage import read_table, write_table


@click.group(short_help="Draw, fill, score or plan an audit of the coder.")
def command() -> None:
    """Measure the coder's error on a probability sample, and correct the counts for it.

    \b
    Example:
      caodian audit draw coded.jsonl --size 1000 --seed 1 --out audit
      (two people fill in coder-a.xlsx and coder-b.xlsx; a third one adjudicates)
      caodian audit score audit --out corrected.csv
    """


def _read_coded(path: str, limit: int | None) -> pl.DataFrame:
    from analysis.schema import parse_columns
    from analysis.schema.tables import require_columns

    coded = read_table(path, limit=limit)
    require_columns(coded, ["text", "is_negative", "grievances", "scores"], where=path)
    return parse_columns(coded)


@command.command(short_help="Draw the sample and write two blind sheets.")
@click.argument("coded", type=click.Path())
@click.option("--size", type=click.IntRange(min=1), default=1000, show_default=True, help="Posts.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed.")
@options.out(about="Folder for sample.parquet, coder-a.xlsx, coder-b.xlsx and the JSONL.")
@click.option("--with-subs", is_flag=True, help="Ask for sub-grievances too, one column each.")
@options.reading_options
def draw(coded: str, size: int, seed: int, out: str, with_subs: bool, limit: int | None) -> None:
    """Draw a probability sample of CODED and write sheets for two coders.

    \b
    Example:
      caodian audit draw coded.jsonl --size 1000 --seed 1 --out audit
    """
    from analysis.audit.sheets import draw_audit

    posts = _read_coded(coded, limit)
    drawn = draw_audit(posts, Path(out), size=size, seed=seed, with_subs=with_subs)
    click.echo(
        f"{drawn.height:,} posts drawn; fill in {out}/coder-a.xlsx and coder-b.xlsx", err=True
    )


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
def fill(directory: str, truth: str, error: float, seed: int) -> None:
    """Fill the sheets of DIRECTORY from the truth of a simulated corpus, with coder error.

    \b
    Example:
      caodian audit fill audit --truth data/raw/618-2020/truth.parquet --error 0.05
    """
    from analysis.audit.simulated_coders import fill as fill_sheets

    fill_sheets(Path(directory), read_table(truth), error=error, seed=seed)
    click.echo(
        f"sheets of two simulated coders and adjudicated.xlsx written to {directory}", err=True
    )


@command.command(short_help="Agreement and corrected counts from filled sheets.")
@click.argument("directory", type=click.Path())
@options.out()
def score(directory: str, out: str) -> None:
    """Read the filled sheets of DIRECTORY, and write corrected counts with 95 % intervals.

    The interval covers the coder's error, not the selection of posts.

    \b
    Example:
      caodian audit score audit --out corrected.csv
    """
    from analysis.audit.score import score_audit
    from analysis.words import reader_names

    result = score_audit(Path(directory), names=reader_names())
    write_table(result, out)
    click.echo(result.to_string(index=False))
    if len(result.attrs["prediction_powered"]):
        click.echo("\nBeside it, prediction-powered (a check, too short with few true posts):")
        click.echo(result.attrs["prediction_powered"].to_string(index=False))
    for note in result.attrs["notes"]:
        click.echo(f"\n{note['en']}\n{note['zh']}")


@command.command(short_help="How many audited posts buy which interval.")
@click.argument("coded", type=click.Path())
@click.option("--out", type=click.Path(), help="File to write as well.")
@options.reading_options
def plan(coded: str, out: str | None, limit: int | None) -> None:
    """Tell the half-width of each code's interval by size of the audit, before anyone codes.

    \b
    Example:
      caodian audit plan coded.jsonl
    """
    from analysis.audit.sampling import plan_audit

    table = plan_audit(_read_coded(coded, limit))
    if out:
        write_table(table, out)
    click.echo(table.to_string(index=False))
