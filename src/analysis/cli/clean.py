"""`caodian clean`."""

from __future__ import annotations

import click

from analysis.cli import options
from analysis.cli.raw_output import raw_output
from analysis.cli.table_stage import open_posts, say_written


@click.command(short_help="Normalise the text.")
@click.argument("file", type=click.Path())
@options.text_columns
@click.option("--out", type=click.Path(), help="File to write; by default into data/raw/cleaned/.")
@click.option("--keep-original", is_flag=True, help="Add text_original, the text as it was.")
@options.reading
def command(
    file: str,
    text_columns: tuple[str, ...],
    out: str | None,
    keep_original: bool,
    limit: int | None,
) -> None:
    """Normalise the text of FILE: markup, white space, full-width forms, quoted chains.

    The output still holds personal data; run `caodian mask` on it before it leaves the project.

    \b
    Example:
      caodian clean posts.csv --text-column text --out data/raw/cleaned.csv
    """
    from analysis.corpus.clean import clean
    from analysis.storage import write_table

    target = raw_output(file, out, "cleaned")
    posts = open_posts(file, text_columns, out=target, limit=limit)
    originals = [posts[name].alias(f"{name}_original") for name in text_columns]
    cleaned = clean(posts, text_columns)
    if keep_original:
        cleaned = cleaned.with_columns(originals)
    write_table(cleaned, target)
    say_written(cleaned, target)
