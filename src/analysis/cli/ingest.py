"""`caodian ingest`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import polars as pl

from analysis.cli import options
from analysis.cli.options import named_columns
from analysis.cli.stages import raw_output

if TYPE_CHECKING:
    from analysis.corpus.readers.column_names import ColumnChoice


@click.command(short_help="Read exports of collectors into canonical posts.")
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@click.option(
    "--out", type=click.Path(), help="File to write; by default data/raw/ingested/posts.parquet."
)
@click.option("--rejects", type=click.Path(), help="File for rejected rows, each with its reason.")
@options.study
@named_columns
@click.option(
    "--explain",
    "explain_only",
    is_flag=True,
    help="Say which format is seen and how columns are mapped; write nothing.",
)
@options.reading_options
def command(
    paths: tuple[str, ...],
    out: str | None,
    rejects: str | None,
    study_path: str | None,
    choice: ColumnChoice,
    explain_only: bool,
    limit: int | None,
) -> None:
    """Read exports of known collectors, or any table, from PATHS into canonical posts.

    Every record is kept, or rejected with a reason; the reconciliation goes to stdout.

    \b
    Examples:
      caodian ingest exports/ --out data/raw/posts.parquet --rejects rejects.csv
      caodian ingest --explain my-export.csv
      caodian ingest odd.csv --text-column 甲 --time-column 乙 --rating-column 丙
    """
    from analysis.corpus.ingest import explain, ingest
    from analysis.schema import table
    from analysis.storage import write_table
    from analysis.storage.run_paths import project_secret
    from analysis.storage.write import write_parts
    from analysis.study import load_study

    if explain_only:
        for path in paths:
            click.echo(explain(Path(path), choice))
        return
    target = raw_output("posts.parquet", out, "ingested")
    study = load_study(study_path) if study_path else None
    ingestion = ingest(
        [Path(p) for p in paths], study=study, secret=project_secret(), choice=choice, limit=limit
    )
    write_parts(ingestion.partitions(), pl.Schema(table("posts").polars_schema), target)
    if rejects:
        write_table(ingestion.rejects, rejects)
    for note in ingestion.notes:
        click.echo(note, err=True)
    click.echo(ingestion.reconciliation.to_string(index=False))
