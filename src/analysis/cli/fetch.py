"""`caodian fetch`."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click


@click.command(short_help="Get a public example export.")
@click.argument("name")
@click.option(
    "--mirror",
    type=click.Path(),
    help="Folder with copies of the files, asked before the network.",
)
def command(name: str, mirror: str | None) -> None:
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
