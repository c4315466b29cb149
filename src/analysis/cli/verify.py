"""`caodian verify`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(short_help="Check a built report against its evidence.")
@click.argument("build", type=click.Path())
def command(build: str) -> None:
    """Check offline that every file, number and count of a built report has its evidence.

    Exit 1 at the first thing that does not hold: one changed byte is enough.

    \b
    Example:
      caodian verify build/618-2020
    """
    from analysis.reporting.verification import verify_build

    click.echo(verify_build(Path(build)))
