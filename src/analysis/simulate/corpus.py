"""A simulated corpus with known truth, written day by day."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from analysis.errors import CaodianError
from analysis.frames import to_pandas
from analysis.simulate.days import Calendar, ExperimentSettings, blocks, make_calendar
from analysis.simulate.posts import PostWriter

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from analysis.study import Study


Partition = tuple[pl.DataFrame, pl.DataFrame]


def simulate(
    study: Study,
    *,
    scale: float,
    seed: int,
    settings: ExperimentSettings | None = None,
    partition_posts: int = 50_000,
    executor: Executor | None = None,
) -> Iterator[Partition]:
    """Write the corpus of a study, partition by partition in order of time.

    Parameters
    ----------
    study
        A study with a `simulation` section.
    scale
        Share of the full size, above 0 and up to 1. All totals are exact after rounding.
    seed
        The same seed gives the same posts, whatever the size of the partitions.
    settings
        Changes for an experiment.
    partition_posts
        Most posts of a partition; a partition never spans two days.
    executor
        Where partitions are written at the same time; without it, one after another here.

    Yields
    ------
    tuple of two Polars frames
        The posts in canonical columns, and their truth, row by row.

    Raises
    ------
    CaodianError
        When the study has no `simulation` section, or the scale is out of range.

    Examples
    --------
    >>> from analysis.study import load_study
    >>> study = load_study("studies/618-2020.yaml")  # doctest: +SKIP
    >>> posts, truth = next(simulate(study, scale=0.001, seed=1))  # doctest: +SKIP
    """
    calendar = _plan_corpus(study, scale=scale, seed=seed, settings=settings)
    ranges = [
        (day, start, stop)
        for day in range(len(calendar.days))
        for start, stop in blocks(int(calendar.table[day].sum()), partition_posts)
    ]
    if executor is None:
        writer = PostWriter(calendar)
        written: Iterator[Partition] = (writer.write(*part) for part in ranges)
    else:
        written = _in_parallel(executor, calendar, ranges)
    return (partition for partition in written if partition[0].height)


def simulate_posts(
    study: Study,
    scale: float | None = None,
    seed: int | None = None,
    *,
    settings: ExperimentSettings | None = None,
    frame: Literal["pandas", "polars"] = "pandas",
) -> Any:  # noqa: ANN401 - pandas or Polars, as asked
    """Simulate the corpus of a study: posts whose grievances are known.

    Parameters
    ----------
    study
        A study with a `simulation` section, from `load_study`.
    scale
        Share of the full size, above 0 up to 1; by default the study's.
    seed
        By default the study's; the same seed gives the same posts.
    settings
        Changes for an experiment.
    frame
        ``pandas`` or ``polars``.

    Returns
    -------
    pandas.DataFrame or polars.DataFrame
        Posts in the columns of the data dictionary, and behind them what was planted:
        `true_is_negative, true_grievances, …`. No stage reads those.

    Raises
    ------
    CaodianError
        When the study has no `simulation` section, or the scale is out of range.

    Examples
    --------
    >>> from analysis.study import load_study
    >>> posts = simulate_posts(load_study("studies/618-2020.yaml"), 0.0001)  # doctest: +SKIP
    """
    if not hasattr(study, "simulation"):
        raise CaodianError(
            "a corpus is simulated from a study",
            value=study,
            remedy="Give load_study('studies/618-2020.yaml'), then the scale.",
        )
    scale, seed = study.scale if scale is None else scale, study.seed if seed is None else seed
    parts = list(simulate(study, scale=scale, seed=seed, settings=settings))
    posts, truth = (pl.concat(part) for part in zip(*parts, strict=True))
    planted = truth.select(pl.exclude("source", "post_id").name.prefix("true_"))
    both = posts.hstack(planted)
    return both if frame == "polars" else to_pandas(both)


def _plan_corpus(
    study: Study, *, scale: float, seed: int, settings: ExperimentSettings | None = None
) -> Calendar:
    """Return how many posts of each stratum each day of a study has."""
    if study.simulation is None:
        raise CaodianError(
            "a study must have a simulation section to be simulated",
            where=study.name,
            remedy="Copy the section of studies/618-2020.yaml and change it.",
        )
    if study.window is None:
        raise CaodianError("a study must have a window to be simulated", where=study.name)
    if not 0 < scale <= 1:
        raise CaodianError("the scale must lie above 0 and not above 1", value=scale)
    return make_calendar(
        days=study.window.days,
        event_days=list(study.event_days),
        simulation=study.simulation,
        scale=scale,
        seed=seed,
        settings=settings or ExperimentSettings(),
    )


def _in_parallel(
    executor: Executor, calendar: Calendar, ranges: list[tuple[int, int, int]]
) -> Iterator[Partition]:
    """Keep a few ranges in work and hand them out in order, so memory stays level."""
    planned = pickle.dumps(calendar)
    waiting = [executor.submit(_write, planned, *part) for part in ranges[:4]]
    for following in range(4, len(ranges) + 4):
        yield waiting.pop(0).result()
        if following < len(ranges):
            waiting.append(executor.submit(_write, planned, *ranges[following]))
        if not waiting:
            return


def _write(calendar: bytes, day: int, start: int, stop: int) -> Partition:
    return _writer_of(calendar, day).write(day, start, stop)


@lru_cache(maxsize=1)
def _writer_of(calendar: bytes, day: int) -> PostWriter:
    """Keep the writer of a day, which has it planned: a worker writes several parts of it."""
    writer = PostWriter(pickle.loads(calendar))  # noqa: S301 - of `_in_parallel`
    writer.plan(day)
    return writer
