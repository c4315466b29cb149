"""`caodian new-study`, `caodian fetch`, `caodian simulate`: what a study begins with."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click
import yaml

from analysis.cli import options
from analysis.cli.options import refuse_idle
from analysis.errors import CaodianError

# `caodian fetch`.


@click.command(short_help="Get a public example export.")
@click.argument("name")
@click.option(
    "--mirror",
    type=click.Path(),
    help="Folder with copies of the files, asked before the network.",
)
def fetch_command(name: str, mirror: str | None) -> None:
    """Get the public export NAME into data/raw/<study>/ and say how to go on.

    Every file is pinned to a commit and a checksum. The texts belong to their writers; git ignores
    the folder.

    \b
    Examples:
      caodian fetch 618-2019-water-heaters
      caodian fetch 618-2019-water-heaters --mirror ~/copies
    """
    from analysis.storage import RunPaths
    from analysis.storage.fetch import fetch_example, find_example

    example = find_example(name)
    folder = RunPaths(example.study).raw
    paths = fetch_example(example, folder, Path(mirror) if mirror else None)
    for path in paths:
        click.echo(f"{path}: checksum right; licence {example.licence}", err=True)
    click.echo("Next:", err=True)
    words = ["report", *map(str, paths), "--study", f"studies/{example.study}.yaml"]
    click.echo(shlex.join([_own_name(), *words]))


def _own_name() -> str:
    """Return how this command was called, which may be by a path into an environment."""
    return sys.argv[0] if Path(sys.argv[0]).stem == "caodian" else "caodian"


@click.command(short_help="Write a study file to start from.")
@click.argument("name")
@click.option("--start", required=True, help="First day of the window: 2020-06-01.")
@click.option("--end", required=True, help="Last day of the window: 2020-06-20.")
@click.option("--event-days", help="Days of a promotion, comma-separated.")
@click.option("--out", type=click.Path(), help="File to write; by default studies/NAME.yaml.")
def new_study_command(
    name: str, start: str, end: str, event_days: str | None, out: str | None
) -> None:
    """Write a study file for NAME (small letters, digits, hyphens) and check it.

    \b
    Example:
      caodian new-study 618-2024 --start 2024-06-01 --end 2024-06-20 --event-days 2024-06-18
    """
    from analysis.storage import write_text
    from analysis.study.load import check_study

    path = Path(out or f"studies/{name}.yaml")
    if path.exists():
        raise CaodianError(
            "a new study must not replace one that is there",
            value=str(path),
            remedy="Choose another name, or another place with --out.",
        )
    content = {
        "name": name,
        "title_zh": f"{name}：消费投诉分析",
        "title_en": f"{name}: consumer grievances",
        "window": {"start": _day(start), "end": _day(end)},
        "event_days": [_day(word) for word in (event_days or "").split(",") if word.strip()],
        "seed": 618,
        "thresholds": {"similarity": 0.8, "negative": 0.5},
        "disclosure": {"minimum_cell": 1, "quotes": False},
    }
    check_study(content, path)
    write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), path)
    click.echo(f"{path} written; run: caodian report YOUR_EXPORT --study {path}", err=True)


def _day(word: str) -> date:
    try:
        return date.fromisoformat(word.strip())
    except ValueError:
        raise CaodianError("a day must be written like 2020-06-18", value=word) from None


# `caodian simulate`.

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
def simulate_command(
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
    if not turned["missing_hours"]:
        refuse_idle("partly_missing_days", needs="--missing-hour")
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
    if turned["trend"] is None:
        refuse_idle("trend_grievance", needs="--trend")
    seed = study.seed if seed is None else seed
    posts = write_simulation(
        study, scale or study.scale, seed, Path(out), ExperimentSettings(**turned)
    )
    click.echo(f"{posts:,} simulated posts written to {out}", err=True)
