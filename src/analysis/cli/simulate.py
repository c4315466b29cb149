"""`caodian simulate`."""

from __future__ import annotations

from pathlib import Path

import click

from analysis.cli import options
from analysis.errors import CaodianError


@click.command(short_help="Write a simulated corpus and its truth.")
@click.option(
    "--study",
    "study_path",
    required=True,
    type=click.Path(),
    help="Study file with a `simulation` section.",
)
@click.option(
    "--scale",
    type=click.FloatRange(0, 1, min_open=True),
    help="1 = published size; default: the study's.",
)
@click.option("--seed", type=click.IntRange(min=0), help="Default: the study's.")
@options.out(about="Folder for posts.parquet and truth.parquet.")
@click.option(
    "--quiet", is_flag=True, expose_value=False, callback=options._apply_quiet, help="No progress."
)
@click.option(
    "--verbose", is_flag=True, expose_value=False, help="A trace when something unforeseen happens."
)
def command(study_path: str, scale: float | None, seed: int | None, out: str) -> None:
    """Simulate the corpus of a study; what was planted goes to its own file, truth.parquet.

    \b
    Example:
      caodian simulate --study studies/618-2020.yaml --scale 0.01 --out data/raw/618-2020
    """
    from analysis.pipeline.simulate_step import write_simulation
    from analysis.study import load_study

    study = load_study(study_path)
    if study.simulation is None:
        raise CaodianError(
            "a study to simulate must have the section `simulation`",
            where=study_path,
            remedy="Copy the section from studies/618-2020.yaml.",
        )
    posts = write_simulation(
        study, scale or study.scale, study.seed if seed is None else seed, Path(out)
    )
    click.echo(f"{posts:,} simulated posts written to {out}", err=True)
