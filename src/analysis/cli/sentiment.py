"""`caodian sentiment`."""

from __future__ import annotations

import click
import polars as pl

from analysis.cli import options
from analysis.cli.table_stage import add_columns, open_posts, say_written


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
    from analysis.sentiment.linear import negative_probabilities
    from analysis.sentiment.snownlp_exact import score_texts
    from analysis.storage import write_table

    posts = open_posts(file, (text_column,), out=out, limit=limit)
    texts = posts[text_column]
    scores = pl.DataFrame(
        {
            "snownlp_score": score_texts(texts),
            "negative_probability": negative_probabilities(texts),
        }
    )
    written = add_columns(posts, scores)
    write_table(written, out)
    say_written(written, out)
