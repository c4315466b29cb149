"""What happens on each day: strata, times and copies of its posts, planned as small arrays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from analysis.corpus.simulate.draws import DAY_PLAN, generator
from analysis.corpus.simulate.knobs import Knobs
from analysis.corpus.simulate.shapes import day_weights
from analysis.corpus.simulate.strata import Stratum, count_strata
from analysis.study.simulation import DailyShape, Simulation

Ints = npt.NDArray[np.int64]

# Posts per hour of the day: quiet nights, a lunch and an evening rise, and the midnight of sales.
HOURS = np.array(
    [34, 18, 11, 8, 7, 9, 16, 28, 42, 54, 62, 58, 60, 54, 52, 53, 55, 55, 54, 60, 72, 78, 74, 56],
    dtype=np.float64,
)
MIDNIGHT_RUSH = 4.0
ALONE = -1


@dataclass(frozen=True)
class DayPlan:
    """The posts of one day in order of time.

    `stratum` numbers the calendar's strata; `second` counts from midnight; `origin` is the place
    on this day of the post that is copied, or -1; `is_exact` marks copies without a change.
    """

    day: int
    stratum: Ints
    second: Ints
    origin: Ints
    is_exact: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Calendar:
    """All days of a study at one scale: how many posts of each stratum each day has."""

    days: tuple[date, ...]
    event_days: tuple[date, ...]
    strata: tuple[Stratum, ...]
    table: Ints
    seed: int
    simulation: Simulation
    knobs: Knobs

    def first_row(self, day: int) -> int:
        """Return how many posts lie before a day."""
        return int(self.table[:day].sum())

    def plan(self, day: int) -> DayPlan:
        """Draw order, times and copies of one day; depends on nothing but seed and day."""
        source = generator(self.seed, DAY_PLAN, day)
        stratum = np.repeat(np.arange(len(self.strata)), self.table[day])
        source.shuffle(stratum)
        second = np.sort(self._seconds(source, day, len(stratum)))
        origin = self._origins(source, stratum)
        is_exact = source.random(len(stratum)) < self.simulation.copies.exact
        return DayPlan(day, stratum, second, origin, is_exact & (origin != ALONE))

    def is_lost(self, day: int, second: Ints) -> npt.NDArray[np.bool_]:
        """Tell which posts the collector of the knobs missed."""
        if self.days[day] in self.knobs.missing_days:
            return np.ones(len(second), dtype=np.bool_)
        partly = self.knobs.partly_missing_days
        if partly and self.days[day] not in partly:
            return np.zeros(len(second), dtype=np.bool_)
        return np.isin(second // 3600, np.array(self.knobs.missing_hours, dtype=np.int64))

    def _seconds(self, source: np.random.Generator, day: int, number: int) -> Ints:
        weights = HOURS.copy()
        if self.days[day] in self.event_days or day == 0:
            weights[0] *= MIDNIGHT_RUSH
        hour = source.choice(24, size=number, p=weights / weights.sum())
        return np.asarray(hour * 3600 + source.integers(0, 3600, number), dtype=np.int64)

    def _origins(self, source: np.random.Generator, stratum: Ints) -> Ints:
        """Let some posts copy an earlier one of their stratum, few texts being copied often."""
        copies = self.simulation.copies
        shares = np.array([
            copies.negative if kind.is_negative else copies.harmless * _copy_factor(kind)
            for kind in self.strata
        ])  # fmt: skip
        is_copy = (
            source.random(len(stratum)) < np.minimum(0.8, shares * self.knobs.duplicates)[stratum]
        )
        position = source.random(len(stratum)) ** 3
        origin = np.full(len(stratum), ALONE, dtype=np.int64)
        for number in np.unique(stratum):
            places = np.flatnonzero(stratum == number)
            copied, originals = places[is_copy[places]], places[~is_copy[places]]
            # A few texts are copied often and most never: one original in six, cubed positions.
            sources = originals[: max(1, len(originals) // 6)]
            if len(sources) == 0:
                continue
            chosen = sources[(position[copied] * len(sources)).astype(np.int64)]
            earlier = chosen < copied
            origin[copied[earlier]] = chosen[earlier]
        return origin


def _copy_factor(stratum: Stratum) -> float:
    """Adverts, news and chains are copied far more than talk."""
    factors = {"advert": 2.2, "news": 2.0, "official": 1.6, "merchant": 1.2, "quoting": 1.0}
    return factors.get(stratum.harmless or "", 0.35)


def make_calendar(
    *,
    days: list[date],
    event_days: list[date],
    simulation: Simulation,
    scale: float,
    seed: int,
    knobs: Knobs,
) -> Calendar:
    """Spread every stratum over the days by its shape, exactly.

    Harmless posts fill each day up to the shape of all posts.
    """
    counts = count_strata(simulation, scale)
    strata = tuple(counts)
    shapes = _shapes(simulation, knobs, event_days)
    names = sorted(shapes)
    levels = {
        name: day_weights(shape, days, simulation.shape_seed, names.index(name))
        for name, shape in shapes.items()
    }
    table = np.zeros((len(days), len(strata)), dtype=np.int64)
    for name, level in levels.items():
        columns = [n for n, stratum in enumerate(strata) if stratum.shape == name]
        table[:, columns] = _spread([counts[strata[n]] for n in columns], level)
    return Calendar(tuple(days), tuple(event_days), strata, table, seed, simulation, knobs)


def _spread(sizes: list[int], levels: npt.NDArray[np.float64]) -> Ints:
    """Spread several strata of one shape so that each, and their sum, follows the shape.

    Day after day, every stratum gets what its running total lacks; units left over by rounding go
    to the largest remainders, so rows and columns both add up exactly.
    """
    passed = np.cumsum(levels) / levels.sum()
    passed[-1] = 1.0
    due = np.outer(passed, np.array(sizes, dtype=np.float64))
    day_ends = np.floor(sum(sizes) * passed + 0.5).astype(np.int64)
    cells = np.zeros(due.shape, dtype=np.int64)
    given = np.zeros(len(sizes), dtype=np.int64)
    for day, wanted in enumerate(due):
        lacking = np.maximum(wanted - given, 0)
        whole = np.floor(lacking + 1e-9).astype(np.int64)
        order = np.argsort(-(lacking - whole), kind="stable")
        left = int(day_ends[day] - given.sum() - whole.sum())
        whole[order[:left]] += 1 if left > 0 else 0
        cells[day] = whole
        given += whole
    return cells


def _shapes(simulation: Simulation, knobs: Knobs, event_days: list[date]) -> dict[str, DailyShape]:
    shapes = {code: size.daily for code, size in simulation.grievances.items()}
    shapes |= {"all": simulation.daily, "uncoded": simulation.uncoded_daily}
    if knobs.trend is not None:
        old = shapes[knobs.trend_grievance]
        growth = {"none": 0.0, "slight": 0.3, "marked": 1.0, "peaks": 0.0}[knobs.trend]
        peaks = dict.fromkeys(event_days, 1.6) if knobs.trend == "peaks" else {}
        shapes[knobs.trend_grievance] = old.model_copy(update={"growth": growth, "peaks": peaks})
    return shapes


def blocks(posts: int, size: int) -> Iterator[tuple[int, int]]:
    """Cut a day into blocks of posts.

    Examples
    --------
    >>> list(blocks(5, 2))
    [(0, 2), (2, 4), (4, 5)]
    """
    return ((start, min(start + size, posts)) for start in range(0, posts, size))
