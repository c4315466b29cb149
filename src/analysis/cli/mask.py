"""`caodian mask`."""

from __future__ import annotations

import json
from collections import Counter

import click
import polars as pl

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
    from analysis.corpus.mask import mask_texts
    from analysis.storage import write_table

    posts = open_posts(file, text_columns, out=out, limit=limit)
    results = [(name, *mask_texts(posts[name])) for name in text_columns]
    masked = posts.with_columns(text.alias(name) for name, text, _ in results).with_columns(
        _total([counts for _, _, counts in results])
    )
    write_table(masked, out)
    say_written(masked, out)


def _total(counts: list[pl.Series]) -> pl.Series:
    """Add up the counts of all text columns, row by row."""
    if len(counts) == 1:
        return counts[0].alias("masked")
    rows = zip(*[column.to_list() for column in counts], strict=True)
    return pl.Series("masked", [_add(row) for row in rows], dtype=pl.String)


def _add(row: tuple[str, ...]) -> str:
    total: Counter[str] = Counter()
    for cell in row:
        total.update(json.loads(cell))
    return json.dumps(dict(sorted(total.items())), separators=(",", ":"))
