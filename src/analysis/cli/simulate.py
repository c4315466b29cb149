"""`caodian simulate`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from analysis.cli import options
from analysis.errors import CaodianError

_DAY = click.DateTime(["%Y-%m-%d"])


def _experiment_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the settings of an experiment; the defaults give the corpus of the study file."""
    for option in (
        click.option("--drift", type=click.FloatRange(0, 1), default=0.0,
                     help="1 lets hidden wordings grow over the window; default 0."),
        click.option("--partly-missing-day", "partly_missing_days", type=_DAY, multiple=True,
                     help="A day that loses the hours of --missing-hour; default: all."),
        click.option("--missing-hour", "missing_hours", type=click.IntRange(0, 23), multiple=True,
                     help="An hour without posts; may be repeated."),
        click.option("--missing-day", "missing_days", type=_DAY, multiple=True,
                     help="A day without posts; may be repeated."),
        click.option("--duplicates", type=click.FloatRange(0, 5), default=1.0,
                     help="Multiplies the share of copied posts; default 1."),
        click.option("--trend-grievance", default="sms_harassment", show_default=True,
                     help="The code whose days --trend replaces."),
        click.option("--trend", type=click.Choice(["none", "slight", "marked", "peaks"]),
                     help="Daily shape of one code instead of the study's."),
        click.option("--difficulty", type=click.FloatRange(0, 2), default=1.0,
                     help="0 tells every grievance plainly, 2 hides most; default 1."),
    ):  # fmt: skip
        function = option(function)
    return function


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
@_experiment_options
@options.out(about="Folder for posts.parquet and truth.parquet.")
@click.option(
    "--quiet", is_flag=True, expose_value=False, callback=options._apply_quiet, help="No progress."
)
@click.option(
    "--verbose", is_flag=True, expose_value=False, help="A trace when something unforeseen happens."
)
def command(
    study_path: str,
    scale: float | None,
    seed: int | None,
    out: str,
    **turned: Any,  # noqa: ANN401 - each setting has its own type
) -> None:
    """Simulate the corpus of a study; what was planted goes to its own file, truth.parquet.

    \b
    Example:
      caodian simulate --study studies/618-2020.yaml --scale 0.01 --out data/raw/618-2020
    """
    from analysis.pipeline.corpus_steps import write_simulation
    from analysis.simulate import ExperimentSettings
    from analysis.study import load_study

    study = load_study(study_path)
    if study.simulation is None:
        raise CaodianError(
            "a study to simulate must have the section `simulation`",
            where=study_path,
            remedy="Copy the section from studies/618-2020.yaml.",
        )
    for name in ("missing_days", "partly_missing_days"):
        turned[name] = tuple(sorted({moment.date() for moment in turned[name]}))
    if turned["trend_grievance"] not in study.simulation.grievances:
        raise CaodianError(
            "--trend-grievance must be a code that the study simulates",
            value=turned["trend_grievance"],
            remedy=", ".join(study.simulation.grievances),
        )
    seed = study.seed if seed is None else seed
    posts = write_simulation(
        study, scale or study.scale, seed, Path(out), ExperimentSettings(**turned)
    )
    click.echo(f"{posts:,} simulated posts written to {out}", err=True)
