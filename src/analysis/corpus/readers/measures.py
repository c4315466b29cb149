"""The times and numbers of a batch, each with the reason of what is none."""

from __future__ import annotations

import polars as pl

from analysis.corpus.readers.canonical import CANONICAL
from analysis.corpus.readers.cells import Cells, coalesce, state_reason
from analysis.corpus.readers.values.columns import read_numbers
from analysis.corpus.readers.values.numbers import parse_amount, parse_count, parse_rating
from analysis.corpus.readers.values.time_columns import in_shanghai, read_times
from analysis.corpus.readers.values.typed import plain_numbers, plain_times

PARSERS = {
    "like_count": parse_count,
    "comment_count": parse_count,
    "share_count": parse_count,
    "rating": parse_rating,
    "amount_yuan": parse_amount,
}

Columns = dict[str, pl.Series]


def read_moments(columns: Columns, reasons: Columns, cells: Cells) -> None:
    """Read when posts were published and collected."""
    moments, precision, reasons["published_at"] = _read_times("published_at", cells)
    if cells.plan.has_whole_days:
        is_midnight = (moments.dt.truncate("1d") == moments).fill_null(False)
        precision = precision.set(is_midnight, "day")
    columns["published_at"] = in_shanghai(moments)
    columns["published_precision"] = coalesce([cells.words("published_precision"), precision])
    if "published_at" in cells.plan.columns:
        missing = cells.constant("published_at: no time of publication")
        reasons["no_time"] = missing.set(cells.given("published_at").is_not_null(), None)
    collected, _, _ = _read_times("collected_at", cells)
    columns["collected_at"] = in_shanghai(collected)


def _read_times(name: str, cells: Cells) -> tuple[pl.Series, pl.Series, pl.Series]:
    plain = plain_times(cells.typed(name))
    if plain is not None:
        return *plain, cells.constant(None)
    is_published = name == "published_at"
    moments, precision, why = read_times(
        cells.words(name),
        order=cells.plan.time_order if is_published else None,
        printed_dates=cells.plan.has_printed_dates and is_published,
    )
    return moments, precision, state_reason(name, why, cells.words(name))


def read_measures(columns: Columns, reasons: Columns, cells: Cells) -> None:
    """Read counts, ratings and amounts."""
    for name, parse in PARSERS.items():
        plain, why = plain_numbers(cells.typed(name), CANONICAL[name]), cells.constant(None)
        if plain is None:
            words = cells.words(name)
            plain, reason = read_numbers(words, parse, CANONICAL[name])
            why = state_reason(name, reason, words)
        columns[name] = plain
        if name not in cells.plan.guessed:
            reasons[name] = why
