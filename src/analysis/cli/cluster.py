"""`caodian cluster`."""

from __future__ import annotations

from pathlib import Path

import click

from analysis.cli import options
from analysis.cli.table_stage import open_posts


@click.command(short_help="Cluster negative items to find what no code covers.")
@click.argument("coded", type=click.Path())
@options.text_column
@options.out(about="Folder for clusters.csv and emerging.csv.")
@click.option("--seed", type=int, default=618, show_default=True, help="Seed of the resamples.")
@options.reading
def command(coded: str, text_column: str, out: str, seed: int, limit: int | None) -> None:
    """Cluster the negative items of CODED, a table that `caodian code` wrote.

    \b
    Example:
      caodian cluster coded.jsonl --out clusters
    """
    from analysis.measures.clusters import cluster_topics
    from analysis.storage import write_table

    folder = Path(out)
    posts = open_posts(coded, (text_column,), out=str(folder / "clusters.csv"), limit=limit)
    found = cluster_topics(posts, text=text_column, seed=seed)
    write_table(found.clusters, folder / "clusters.csv")
    write_table(found.emerging, folder / "emerging.csv")
    click.echo(f"{len(found.clusters)} clusters written to {folder}", err=True)
