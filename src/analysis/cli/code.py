"""`caodian code`."""

from __future__ import annotations

import click

from analysis.cli import options
from analysis.cli.table_stage import open_posts, say_written


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
    from analysis.coding.coder import code_grievances
    from analysis.storage import write_table

    posts = open_posts(file, (text_column,), out=out, limit=limit)
    written = code_grievances(posts, coder, text=text_column)
    write_table(written, out)
    say_written(written, out)
