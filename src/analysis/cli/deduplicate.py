"""`caodian deduplicate`."""

from __future__ import annotations

import click
import polars as pl

from analysis.cli import options
from analysis.cli.table_stage import add_columns, open_posts, say_written


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
    from analysis.corpus.deduplicate import find_families, post_keys
    from analysis.schema import parse_columns
    from analysis.storage import write_table

    posts = open_posts(file, (text_column,), out=out, limit=limit)
    timed = posts.with_columns(pl.col(text_column).alias("text"))
    if "published_at" not in timed.columns:
        timed = timed.with_columns(pl.lit(None, dtype=pl.String).alias("published_at"))
    timed = parse_columns(timed, ["published_at"]).with_columns(post_keys(timed).alias("key"))
    families = find_families(timed.select("key", "published_at", "text"), similarity)
    written = add_columns(posts, families)
    write_table(written, out)
    say_written(written, out)
