"""`caodian sentiment`."""

from __future__ import annotations

import click

from analysis.cli import options
from analysis.cli.table_stage import open_posts, say_written


@click.command(short_help="Score the sentiment of the text.")
@click.argument("file", type=click.Path())
@options.text_column
@options.out()
@options.reading
def command(file: str, text_column: str, out: str, limit: int | None) -> None:
    """Add snownlp_score, SnowNLP's own number, and negative_probability, the calibrated one.

    \b
    Example:
      caodian sentiment posts.csv --text-column text --out scored.csv
    """
    from analysis.sentiment.scores import score_sentiment
    from analysis.storage import write_table

    posts = open_posts(file, (text_column,), out=out, limit=limit)
    written = score_sentiment(posts, text_column)
    write_table(written, out)
    say_written(written, out)
