"""`caodian evaluate` and `caodian train`: what the project learnt, measured and learnt again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import pandas as pd
import polars as pl

from analysis.cli import options
from analysis.cli.options import read_cells, refuse_idle, write_cells
from analysis.errors import CaodianError

Command = TypeVar("Command", bound=Callable[..., Any])


# `caodian evaluate`.


@click.group(short_help="Measure a stage on labelled data.")
def evaluate_command() -> None:
    """Measure a stage on a labelled file: a table on stdout, and as a file with --out.

    \b
    Example:
      caodian evaluate sentiment reviews.csv --text-column review --label-column label
    """


def _shared(function: Command) -> Command:
    for option in (
        click.argument("data", type=click.Path()),
        options.out(required=False, about="File to write as well."),
        options.raw,
        options.reading_options,
    ):
        function = option(function)
    return function


def _show(table: pd.DataFrame, out: str | None) -> None:
    click.echo(table.to_string(index=False))
    if out:
        write_cells(table, out)


def _require(columns: list[str], wanted: list[str], path: str) -> None:
    missing = [name for name in wanted if name not in columns]
    if missing:
        raise CaodianError(
            "the labelled file must have the named columns",
            value=", ".join(missing),
            where=f"{path}; columns there: {', '.join(columns)}",
            remedy="Name them with --text-column and --label-column.",
        )


@evaluate_command.command(short_help="SnowNLP and the linear model on labelled texts.")
@_shared
@options.text_column
@click.option("--label-column", default="label", show_default=True, help="Column of the label.")
@click.option("--negative-value", default="0", show_default=True, help="Label of a negative text.")
@click.option("--cut-offs", is_flag=True, help="Show how the count moves with the cut-off.")
def sentiment(
    data: str,
    text_column: str,
    label_column: str,
    negative_value: str,
    cut_offs: bool,
    out: str | None,
    limit: int | None,
) -> None:
    """Measure SnowNLP's score and the linear model on DATA, overlaps with their training removed.

    \b
    Example:
      caodian evaluate sentiment reviews.csv --text-column review --label-column label
    """
    from analysis.evaluation.sentiment import (
        cutoff_curve,
        evaluate_sentiment,
        select_labelled,
    )

    table = read_cells(data, limit)
    _require(table.columns, [text_column, label_column], data)
    labelled: dict[str, Any] = {
        "text_column": text_column,
        "label_column": label_column,
        "negative_value": negative_value,
    }
    if cut_offs:
        texts, _ = select_labelled(table, **labelled)
        _show(cutoff_curve(texts["text"], texts["is_negative"].to_numpy()), out)
    else:
        _show(evaluate_sentiment(table, **labelled), out)


@evaluate_command.command(short_help="The coder on coded posts.")
@_shared
@options.text_column
@options.coder(about="Which coder is measured.")
@click.option(
    "--errors", type=click.IntRange(min=0), default=0, help="Show the N worst errors, masked."
)
def coding(
    data: str, text_column: str, coder: str, errors: int, out: str | None, limit: int | None
) -> None:
    """Measure a coder on DATA, also by its columns difficulty, register and channel.

    DATA has the columns text, negative, and any of grievances, sub_grievances, platforms, voice.

    \b
    Example:
      caodian evaluate coding data/coded/sample/development.jsonl --errors 10
    """
    from analysis.coding.coder import get_coder
    from analysis.evaluation.coding import (
        code_labelled,
        describe_coding,
        list_errors,
        measure_coding,
    )

    table = read_cells(data, limit)
    _require(table.columns, [text_column], data)
    texts = table.with_columns(table[text_column].alias("text"))
    labelled, coded = code_labelled(texts, get_coder(coder))
    measured = measure_coding(labelled, coded)
    worst = list_errors(labelled, coded, most=errors) if errors else None
    click.echo(describe_coding(measured, worst))
    if out:
        write_cells(measured, out)


@evaluate_command.command(short_help="Masking on texts with labelled spans.")
@_shared
@options.text_column
@click.option(
    "--label-column", default="spans", show_default=True, help="Spans: [{start, end, kind}, …]."
)
def privacy(
    data: str, text_column: str, label_column: str, out: str | None, limit: int | None
) -> None:
    """Measure recall and precision of masking on DATA, by kind of personal data.

    \b
    Example:
      caodian evaluate privacy labelled.jsonl --label-column spans
    """
    from analysis.evaluation.preparation import evaluate_privacy

    table = read_cells(data, limit)
    _require(table.columns, [text_column, label_column], data)
    _show(evaluate_privacy(table, text_column=text_column, label_column=label_column), out)


@evaluate_command.command(short_help="Near-duplicates on pairs of texts.")
@_shared
@click.option("--columns", default="text_a,text_b", show_default=True, help="The two texts.")
@click.option("--similarity", type=click.FloatRange(0, 1, min_open=True), default=0.8)
def deduplication(
    data: str, columns: str, similarity: float, out: str | None, limit: int | None
) -> None:
    """Measure which pairs of DATA fall into one family, by their exact similarity.

    \b
    Example:
      caodian evaluate deduplication pairs.csv --columns text_a,text_b
    """
    from analysis.evaluation.preparation import evaluate_deduplication

    names = [name.strip() for name in columns.split(",")]
    if len(names) != 2:
        raise CaodianError("--columns must name two columns", value=columns)
    table = read_cells(data, limit)
    _require(table.columns, names, data)
    _show(evaluate_deduplication(table, columns=(names[0], names[1]), similarity=similarity), out)


# `caodian train`.


@click.group(short_help="Train the shipped weights again, or with your own data.")
def train_command() -> None:
    """Rebuild the shipped weights byte for byte, or train with data of your own.

    \b
    Example:
      caodian train sentiment --with my-labelled-posts.csv --out weights
    """


def _read_labelled(path: str) -> pl.DataFrame:
    from analysis.schema import parse_columns
    from analysis.schema.tables import require_columns

    table = read_cells(path)
    require_columns(table, ["text", "is_negative"], where=path)
    return parse_columns(table, ["is_negative"])


@train_command.command("sentiment", short_help="Train the linear sentiment model.")
@click.option(
    "--with",
    "with_files",
    multiple=True,
    type=click.Path(),
    help="Labelled table (text, is_negative) to train with as well; may be repeated.",
)
@options.out(about="Folder for the weights and the model card.")
@click.option("--seed", type=click.IntRange(min=0), default=618, show_default=True, help="Seed.")
def train_sentiment_command(with_files: tuple[str, ...], out: str, seed: int) -> None:
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


@train_command.command(
    "names", short_help="Train what tells names and addresses where no pattern does."
)
@options.out(about="Folder for the weights.")
def train_names_command(out: str) -> None:
    """Train on SnowNLP's own files and the project's coded posts, with names and addresses planted.

    Run it in the project's folder, before `caodian train coder`, which reads masked posts. The
    result is the shipped one, byte for byte.

    \b
    Example:
      caodian train names --out weights
    """
    from analysis.training.masking import train_names

    train_names().save(Path(out))
    click.echo(f"weights written to {out}", err=True)


def _read_coded(path: str) -> pl.DataFrame:
    from analysis.schema.tables import require_columns
    from analysis.training.texts import read_labels

    table = read_cells(path)
    require_columns(table, ["text", "grievances"], where=path)
    return read_labels(table)


def _refit(audit: str, out: str) -> None:
    """Learn a second stage from a filled audit, and tell what it does to posts it did not see."""
    from analysis.audit.score import settle_codes
    from analysis.audit.sheets import open_folder
    from analysis.coding.codebook import CODES, load_codebook
    from analysis.corpus.families import group_near_duplicates
    from analysis.pipeline.corpus_steps import LEARNT
    from analysis.storage import write_text
    from analysis.training.coder import learn_refit

    folder = open_folder(audit, load_codebook())
    final = settle_codes(folder).final.set_index("post_id")
    posts = folder.sample.sort("post_id")
    held = final.loc[posts["post_id"].to_list()]
    keys = posts.select(pl.col("post_id").alias("key"), pl.lit(0).alias("published_at"), "text")
    posts = posts.with_columns(group_near_duplicates(keys)["family_id"])  # judged together
    learnt = learn_refit(posts, held["negative"].to_numpy(float), held[[*CODES]].to_numpy(float))
    learnt.refit.save(out)
    names = json.dumps(sorted(folder.keys), ensure_ascii=False)
    write_text(f"{names}\n", Path(out) / LEARNT)  # no audit of this coder may draw them
    click.echo(learnt.gains.to_string(index=False))
    if learnt.refit.weights:
        click.echo(f"second stage written to {out}; use it with --coder {out}", err=True)
    else:
        click.echo(f"nothing gained: the coder of {out} says what the shipped one says", err=True)


@train_command.command("coder", short_help="Train the classifier beside the coder's rules.")
@click.option(
    "--with",
    "with_files",
    multiple=True,
    type=click.Path(),
    help="Coded table (text, negative, grievances) to train with as well; may be repeated.",
)
@click.option(
    "--from",
    "audit",
    type=click.Path(),
    help="Folder of a filled audit: learn a second stage for --coder alone, in a second.",
)
@options.out(about="Folder for the weights and the model card, or for the second stage.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=20191111, show_default=True, help="Seed."
)
def train_coder_command(
    with_files: tuple[str, ...], audit: str | None, out: str, seed: int
) -> None:
    """Train on the project's coded posts, on simulated ones, and on coded tables of yours.

    Run it in the project's folder. Without --with the result is the shipped model, byte for byte
    whatever the processor. With --from an audit teaches the shipped coder its source: the folder
    is a coder for the next run, which needs an audit of its own.

    \b
    Example:
      caodian train coder --out weights
      caodian train coder --from audit --out my-coder
    """
    from analysis.training.coder import train_shipped

    if audit is not None:
        if with_files:
            raise CaodianError("--from and --with cannot be used together", value=audit)
        refuse_idle("seed", because="with --from")
        _refit(audit, out)
        return
    train_shipped([_read_coded(path) for path in with_files], seed=seed).save(Path(out))
    click.echo(f"weights and model card written to {out}", err=True)
