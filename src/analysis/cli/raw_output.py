"""Where unmasked output goes when no place is named: the folder that git ignores."""

from __future__ import annotations

from pathlib import Path

import click


def raw_output(file: str, out: str | None, folder: str) -> str:
    """Return the output path, and say that what is written there is not masked."""
    target = out or str(Path("data/raw") / folder / Path(file).name)
    click.echo(f"{target} will hold unmasked text; keep it inside the project.", err=True)
    return target
