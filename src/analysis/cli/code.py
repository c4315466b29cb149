"""`caodian code`."""

from __future__ import annotations

import click
import polars as pl

from analysis.cli import options
from analysis.cli.table_stage import add_columns, open_posts, say_written


@click.command(short_help="Code voice, negative items, grievances and platforms.")
@click.argument("file", type=click.Path())
@options.text_column
@options.out()
@click.option(
    "--coder",
    type=click.Choice(["fast", "thorough", "keyword", "llm"]),
    default="fast",
    show_default=True,
    help="Which coder decides.",
)
@options.reading
def command(file: str, text_column: str, out: str, coder: str, limit: int | None) -> None:
    """Code each post of FILE: who speaks, is it a negative item, which grievances and platforms.

    Columns channel, kind, author_type and rating are used where the file has them.

    \b
    Example:
      caodian code posts.csv --text-column text --out coded.jsonl
    """
    from analysis.coding.coder import get_coder
    from analysis.schema import parse_columns
    from analysis.storage import write_table

    posts = open_posts(file, (text_column,), out=out, limit=limit)
    read = parse_columns(
        posts.with_columns(pl.col(text_column).alias("text")), ["negative_probability"]
    )
    written = add_columns(posts, get_coder(coder).code(read))
    write_table(written, out)
    say_written(written, out)
