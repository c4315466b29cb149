"""`caodian mask`."""

from __future__ import annotations

import click

from analysis.cli import options
from analysis.cli.table_stage import open_posts, say_written


@click.command(short_help="Mask personal data in the text.")
@click.argument("file", type=click.Path())
@options.text_columns
@options.out()
@options.reading
def command(file: str, text_columns: tuple[str, ...], out: str, limit: int | None) -> None:
    """Mask personal data in FILE with tokens such as 【电话】; `masked` counts them by kind.

    \b
    Example:
      caodian mask posts.csv --text-column text --out masked.csv
    """
    from analysis.corpus.mask import mask
    from analysis.storage import write_table

    posts = open_posts(file, text_columns, out=out, limit=limit)
    masked = mask(posts, text_columns, fields=())
    write_table(masked, out)
    say_written(masked, out)
