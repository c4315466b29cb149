"""`caodian new-study` and `caodian fetch`: what a study begins with."""

from __future__ import annotations

import shlex
import sys
from datetime import date
from pathlib import Path

import click
import yaml

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
