"""`caodian trend`."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from analysis.cli import options
from analysis.errors import CaodianError

if TYPE_CHECKING:
    from analysis.study.periods import Period


@click.command(short_help="Decide the trend of each grievance.")
@click.argument("daily", type=click.Path())
@options.out()
@options.study
@click.option("--event-days", help="Days of a promotion, comma-separated: 2020-06-16,2020-06-17.")
@click.option("--grades", type=click.Path(), help="Table (date, grade) of the collection coverage.")
@click.option(
    "--drift", type=click.Path(), help="Table (grievance, drift_low, drift_high) of an audit."
)
@click.option(
    "--unit",
    type=click.Choice(["items", "families"]),
    default="items",
    show_default=True,
    help="Which unit is tested.",
)
@click.option(
    "--period",
    type=click.Choice(["day", "week", "month"]),
    help="What a row counts. Default: weeks where all dates are Mondays, months where all are "
    "firsts, else days.",
)
@options.reading_options
def command(
    daily: str,
    out: str,
    study_path: str | None,
    event_days: str | None,
    grades: str | None,
    drift: str | None,
    unit: str,
    period: Period | None,
    limit: int | None,
) -> None:
    """Decide growth, decline, flat or no trend for each grievance of DAILY.

    DAILY counts by day, week or month: daily.csv, weekly.csv or monthly.csv of a report.

    \b
    Example:
      caodian trend build/618-2020/tables/daily.csv --study studies/618-2020.yaml --out trends.csv
    """
    from analysis.measures.trend import judge_trend
    from analysis.storage import read_table, write_table
    from analysis.study import load_study

    days, seed = _parse_days(event_days), 618
    if study_path:
        study = load_study(study_path)
        days, seed = days or tuple(study.event_days), study.seed
    counts = read_table(daily, limit=limit).to_pandas()
    if counts.empty:
        raise CaodianError("a daily table must have rows", where=daily, remedy="Check the file.")
    trends = judge_trend(
        counts,
        event_days=days,
        grades=read_table(grades).to_pandas() if grades else None,
        drift=read_table(drift).to_pandas() if drift else None,
        unit=unit,
        seed=seed,
        period=period,
    )
    write_table(trends, out)
    for sentence in trends["sentence_en"]:
        click.echo(sentence)


def _parse_days(words: str | None) -> tuple[date, ...]:
    if not words:
        return ()
    try:
        return tuple(date.fromisoformat(word.strip()) for word in words.split(","))
    except ValueError:
        raise CaodianError(
            "--event-days must be dates like 2020-06-16, separated by commas", value=words
        ) from None
