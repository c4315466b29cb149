"""`caodian evaluate sentiment|coding|privacy|deduplication`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click
import pandas as pd

from analysis.cli import options
from analysis.errors import CaodianError
from analysis.storage import read_table, write_table

Command = TypeVar("Command", bound=Callable[..., Any])


@click.group(short_help="Measure a stage on labelled data.")
def command() -> None:
    """Measure a stage on a labelled file: a table on stdout, and as a file with --out.

    \b
    Example:
      caodian evaluate sentiment reviews.csv --text-column review --label-column label
    """


def _shared(function: Command) -> Command:
    for option in (
        click.argument("data", type=click.Path()),
        options.out(required=False, about="File to write as well."),
        options.reading_options,
    ):
        function = option(function)
    return function


def _show(table: pd.DataFrame, out: str | None) -> None:
    click.echo(table.to_string(index=False))
    if out:
        write_table(table, out)


def _require(columns: list[str], wanted: list[str], path: str) -> None:
    missing = [name for name in wanted if name not in columns]
    if missing:
        raise CaodianError(
            "the labelled file must have the named columns",
            value=", ".join(missing),
            where=f"{path}; columns there: {', '.join(columns)}",
            remedy="Name them with --text-column and --label-column.",
        )


@command.command(short_help="SnowNLP and the linear model on labelled texts.")
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

    table = read_table(data, limit=limit)
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


@command.command(short_help="The coder on coded posts.")
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

    table = read_table(data, limit=limit)
    _require(table.columns, [text_column], data)
    texts = table.with_columns(table[text_column].alias("text"))
    labelled, coded = code_labelled(texts, get_coder(coder))
    measured = measure_coding(labelled, coded)
    worst = list_errors(labelled, coded, most=errors) if errors else None
    click.echo(describe_coding(measured, worst))
    if out:
        write_table(measured, out)


@command.command(short_help="Masking on texts with labelled spans.")
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
    from analysis.evaluation.privacy import evaluate_privacy

    table = read_table(data, limit=limit)
    _require(table.columns, [text_column, label_column], data)
    _show(evaluate_privacy(table, text_column=text_column, label_column=label_column), out)


@command.command(short_help="Near-duplicates on pairs of texts.")
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
    from analysis.evaluation.deduplication import evaluate_deduplication

    names = [name.strip() for name in columns.split(",")]
    if len(names) != 2:
        raise CaodianError("--columns must name two columns", value=columns)
    table = read_table(data, limit=limit)
    _require(table.columns, names, data)
    _show(evaluate_deduplication(table, columns=(names[0], names[1]), similarity=similarity), out)
