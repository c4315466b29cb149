"""`caodian report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from analysis.cli import options
from analysis.cli.options import named_columns
from analysis.progress import is_quiet

if TYPE_CHECKING:
    from analysis.corpus.readers.column_names import ColumnChoice


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
    "--audit", type=click.Path(), help="Corrected counts that `caodian audit score` wrote."
)
@click.option(
    "--coder",
    type=click.Choice(["fast", "thorough", "keyword", "llm"]),
    default="fast",
    show_default=True,
    help="Which coder decides.",
)
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
      caodian report 我的导出.csv --out reports --storage work
    """
    from analysis.corpus.ingest import require_tables

    # Importing what a run needs takes seconds: first see whether there is anything to run on.
    require_tables(exports, choice)
    from analysis.pipeline.partitions import open_folder
    from analysis.pipeline.request import Request
    from analysis.pipeline.run import Run
    from analysis.study import load_study

    request = Request(
        exports=[Path(name) for name in exports],
        study=load_study(study_path) if study_path else None,
        scale=scale,
        out=Path(out),
        scheduler=scheduler,
        storage=open_folder(storage) if storage else None,
        public=public,
        audit=Path(audit) if audit else None,
        coder=coder,
        choice=choice,
        limit=limit,
        notebooks=notebooks,
        study_path=Path(study_path) if study_path else None,
    )
    outcome = Run(request, _tell).execute()
    for report in outcome.reports:
        click.echo(report)


def _tell(line: str) -> None:
    if not is_quiet():
        click.echo(line, err=True)
