"""`caodian deduplicate`."""

from __future__ import annotations

import click

from analysis.cli import options
from analysis.cli.table_stage import open_posts, say_written


@click.command(short_help="Find families of near-duplicates.")
@click.argument("file", type=click.Path())
@options.text_column
@options.out()
@click.option(
    "--similarity",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.8,
    show_default=True,
    help="Jaccard similarity of character 3-grams from which two texts are near-duplicates.",
)
@options.reading
def command(file: str, text_column: str, out: str, similarity: float, limit: int | None) -> None:
    """Group the posts of FILE into families of near-duplicates; no row is dropped.

    \b
    Example:
      caodian deduplicate posts.csv --text-column text --out families.csv
    """
    from analysis.corpus.deduplicate import find_families
    from analysis.storage import write_table

    posts = open_posts(file, (text_column,), out=out, limit=limit)
    written = find_families(posts, similarity, text=text_column)
    write_table(written, out)
    say_written(written, out)
