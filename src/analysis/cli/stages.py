"""`caodian clean|mask|deduplicate|sentiment|code|cluster`: one stage on one file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
import polars as pl

from analysis.cli import options
from analysis.errors import CaodianError, nearest
from analysis.progress import is_quiet
from analysis.storage import read_table
from analysis.storage.formats import table_suffix

# Run a stage on one file: same rows, same columns, the stage's own columns added.


def _open_posts(
    path: str, text_columns: Sequence[str], *, out: str, limit: int | None
) -> pl.DataFrame:
    """Read the file and check that its text columns are there and hold text."""
    table_suffix(Path(out))
    frame = read_table(path, limit=limit)
    for column in text_columns:
        _require_column(frame, column, path)
    frame = frame.with_columns(pl.col(list(text_columns)).cast(pl.String))
    if frame.height and all(frame[column].null_count() == frame.height for column in text_columns):
        raise CaodianError(
            "at least one row must hold a text",
            where=f"{path}, column {', '.join(text_columns)}",
            remedy="Name the right column with --text-column.",
        )
    return frame


def _require_column(frame: pl.DataFrame, column: str, path: str) -> None:
    if column in frame.columns:
        return
    near = nearest(column, frame.columns)
    hint = f" Nearest: {near!r}." if near else ""
    raise CaodianError(
        "the text column must be in the file",
        value=column,
        where=f"{path}; columns there: {', '.join(frame.columns) or 'none'}",
        remedy=f"Name it with --text-column.{hint}",
    )


def _say_written(frame: pl.DataFrame, out: str) -> None:
    """Tell on stderr what was written, unless --quiet."""
    if not is_quiet():
        click.echo(f"{frame.height:,} rows written to {out}", err=True)


# Where unmasked output goes when no place is named: the folder that git ignores.


def raw_output(file: str, out: str | None, folder: str) -> str:
    """Return the output path, and say that what is written there is not masked."""
    target = out or str(Path("data/raw") / folder / Path(file).name)
    click.echo(f"{target} will hold unmasked text; keep it inside the project.", err=True)
    return target


# `caodian clean`.


@click.command(short_help="Normalise the text.")
@click.argument("file", type=click.Path())
@options.text_columns
@click.option("--out", type=click.Path(), help="File to write; by default into data/raw/cleaned/.")
@click.option("--keep-original", is_flag=True, help="Add text_original, the text as it was.")
@options.reading_options
def clean_command(
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
    posts = _open_posts(file, text_columns, out=target, limit=limit)
    originals = [posts[name].alias(f"{name}_original") for name in text_columns]
    cleaned = clean(posts, text_columns)
    if keep_original:
        cleaned = cleaned.with_columns(originals)
    write_table(cleaned, target)
    _say_written(cleaned, target)


# `caodian mask`.


@click.command(short_help="Mask personal data in the text.")
@click.argument("file", type=click.Path())
@options.text_columns
@options.out()
@options.reading_options
def mask_command(file: str, text_columns: tuple[str, ...], out: str, limit: int | None) -> None:
    """Mask personal data in FILE with tokens such as 【电话】; `masked` counts them by kind.

    \b
    Example:
      caodian mask posts.csv --text-column text --out masked.csv
    """
    from analysis.corpus.mask import mask
    from analysis.storage import write_table

    posts = _open_posts(file, text_columns, out=out, limit=limit)
    masked = mask(posts, text_columns, fields=())
    write_table(masked, out)
    _say_written(masked, out)


# `caodian deduplicate`.


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
@options.reading_options
def deduplicate_command(
    file: str, text_column: str, out: str, similarity: float, limit: int | None
) -> None:
    """Group the posts of FILE into families of near-duplicates; no row is dropped.

    \b
    Example:
      caodian deduplicate posts.csv --text-column text --out families.csv
    """
    from analysis.corpus.families import find_families
    from analysis.storage import write_table

    posts = _open_posts(file, (text_column,), out=out, limit=limit)
    written = find_families(posts, similarity, text=text_column)
    write_table(written, out)
    _say_written(written, out)


# `caodian sentiment`.


@click.command(short_help="Score the sentiment of the text.")
@click.argument("file", type=click.Path())
@options.text_column
@options.out()
@options.reading_options
def sentiment_command(file: str, text_column: str, out: str, limit: int | None) -> None:
    """Add snownlp_score, SnowNLP's own number, and negative_probability, the calibrated one.

    \b
    Example:
      caodian sentiment posts.csv --text-column text --out scored.csv
    """
    from analysis.sentiment.scores import score_sentiment
    from analysis.storage import write_table

    posts = _open_posts(file, (text_column,), out=out, limit=limit)
    written = score_sentiment(posts, text_column)
    write_table(written, out)
    _say_written(written, out)


# `caodian code`.


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
@options.reading_options
def code_command(file: str, text_column: str, out: str, coder: str, limit: int | None) -> None:
    """Code each post of FILE: who speaks, is it a negative item, which grievances and platforms.

    Columns channel, kind, author_type and rating are used where the file has them.

    \b
    Example:
      caodian code posts.csv --text-column text --out coded.jsonl
    """
    from analysis.coding.coder import code_grievances
    from analysis.storage import write_table

    posts = _open_posts(file, (text_column,), out=out, limit=limit)
    written = code_grievances(posts, coder, text=text_column)
    write_table(written, out)
    _say_written(written, out)


@click.command(short_help="Cluster negative items to find what no code covers.")
@click.argument("coded", type=click.Path())
@options.text_column
@options.out(about="Folder for clusters.csv, emerging.csv and posts.parquet.")
@click.option(
    "--all-posts", is_flag=True, help="Every post is a complaint, as in a hotline; no codes needed."
)
@click.option(
    "--topics", type=click.IntRange(min=1), help="Clusters of each bag. Default: by stability."
)
@click.option("--seed", type=int, default=618, show_default=True, help="Seed of the bags.")
@options.reading_options
def cluster_command(
    coded: str,
    text_column: str,
    out: str,
    all_posts: bool,
    topics: int | None,
    seed: int,
    limit: int | None,
) -> None:
    """Cluster the negative items of CODED, a table that `caodian code` wrote.

    posts.parquet is CODED with topic (-1: mixed) and confidence behind its columns.

    \b
    Example:
      caodian cluster coded.jsonl --out clusters
    """
    from analysis.clusters.topics import cluster_topics
    from analysis.storage import write_table

    folder = Path(out)
    posts = _open_posts(coded, (text_column,), out=str(folder / "clusters.csv"), limit=limit)
    found = cluster_topics(
        posts, text=text_column, n_topics=topics, where="all" if all_posts else "negative",
        seed=seed,
    )  # fmt: skip
    write_table(found.clusters, folder / "clusters.csv")
    write_table(found.emerging, folder / "emerging.csv")
    write_table(found.posts, folder / "posts.parquet")
    click.echo(found.note, err=True)
    click.echo(f"{len(found.clusters)} clusters written to {folder}", err=True)
