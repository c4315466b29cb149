"""What happens on each day: strata, times and copies of its posts, planned as small arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import chain
from typing import Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt

from analysis.errors import CaodianError
from analysis.study.model import Combination, DailyShape, GrievanceSize, Simulation

# Reproducible draws: a stream for each (seed, purpose, place), independent of all others.

T = TypeVar("T")

# Purposes keep streams apart that would otherwise share a key.
POSTS, COPIES, _DAY_PLAN, _SHAPES = range(4)


def generator(seed: int, purpose: int, *place: int) -> np.random.Generator:
    """Return the counter-based generator of one place (Philox, Salmon et al. 2011)."""
    words = [seed % 2**64, purpose]
    for number in place:
        words[1] = words[1] << 28 | number
    return np.random.Generator(np.random.Philox(key=np.array(words, dtype=np.uint64)))


class Draws:
    """Uniform draws handed out one by one."""

    def __init__(self, source: np.random.Generator, ahead: int = 128) -> None:
        def batches() -> Iterator[list[float]]:
            while True:
                yield source.random(ahead).tolist()

        self.uniform: Callable[[], float] = chain.from_iterable(batches()).__next__

    @classmethod
    def of(cls, numbers: Iterator[float]) -> Draws:
        """Hand out these numbers."""
        draws = cls.__new__(cls)
        draws.uniform = numbers.__next__
        return draws

    def pick(self, options: Sequence[T]) -> T:
        """Return one of the options, each as likely as the others."""
        return options[int(self.uniform() * len(options))]

    def chance(self, probability: float) -> bool:
        """Return True with the given probability."""
        return self.uniform() < probability

    def below(self, low: int, high: int) -> int:
        """Return a whole number from low up to, without, high."""
        return low + int(self.uniform() * (high - low))

    def digits(self, number: int) -> str:
        """Return a string of decimal digits."""
        return "".join("0123456789"[int(self.uniform() * 10)] for _ in range(number))


class Streams:
    """The streams of one seed, purpose and day, one a place, from one generator.

    To make a generator takes longer than to draw all that a post needs, so one is set to the
    beginning of each stream; the few posts that need more than `ahead` draws get their own.
    """

    def __init__(self, seed: int, purpose: int, day: int, ahead: int = 80) -> None:
        self._begin, self._ahead = (seed, purpose, day), ahead
        self._source = generator(seed, purpose, day, 0)
        self._state: Any = self._source.bit_generator.state
        self._key = self._state["state"]["key"]
        self._first = int(self._key[1])

    def draws(self, place: int) -> Draws:
        """Return the draws of a place, from the first one on."""
        self._key[1] = self._first | place
        self._source.bit_generator.state = self._state
        further = chain.from_iterable(self._further(place))
        return Draws.of(chain(self._source.random(self._ahead).tolist(), further))

    def _further(self, place: int) -> Iterator[list[float]]:
        source = generator(*self._begin, place)
        source.random(self._ahead)
        while True:
            yield source.random(self._ahead).tolist()


# Daily shapes, and whole numbers that add up exactly.

_Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def _apportion(total: int, weights: Sequence[float] | _Floats) -> Ints:
    """Split a total by weights into whole numbers (largest remainder; ties go to the earlier)."""
    shares = np.asarray(weights, dtype=np.float64)
    if shares.sum() <= 0:
        shares = np.ones_like(shares)
    ideal = total * shares / shares.sum()
    whole: Ints = np.floor(ideal + 1e-9).astype(np.int64)
    order = np.argsort(-(ideal - whole), kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return whole


def _turning_points(levels: _Floats) -> int:
    """Count the changes of direction in a series."""
    steps = np.sign(np.diff(levels))
    return int((steps[1:] * steps[:-1] < 0).sum())


def _day_weights(shape: DailyShape, days: Sequence[date], seed: int, number: int) -> _Floats:
    """Return the relative level of each day; `number` keeps the shapes of a study apart.

    The fluctuation is drawn until it turns as often as the shape demands, made free of a slope of
    its own, and scaled to the standard deviation that the shape states, so that growth and
    fluctuation are exactly the ones written in the study file.
    """
    position = np.linspace(0, 1, len(days)) if len(days) > 1 else np.zeros(1)
    trend = np.log1p(shape.growth) * position
    noise = _fluctuation(shape, position, seed, number)
    peaks = np.array([shape.peaks.get(day, 1.0) for day in days])
    return np.asarray(np.exp(trend + noise) * peaks, dtype=np.float64)


def _fluctuation(shape: DailyShape, position: _Floats, seed: int, number: int) -> _Floats:
    if shape.fluctuation <= 0 or len(position) < 4:
        return np.zeros_like(position)
    source = generator(seed, _SHAPES, number)
    centred = position - position.mean()
    turns = min(shape.turns, len(position) - 3)
    while True:
        noise = source.standard_normal(len(position))
        noise -= noise.mean()
        noise -= centred * (noise * centred).sum() / (centred * centred).sum()
        noise *= shape.fluctuation / noise.std()
        if _turning_points(np.log1p(shape.growth) * position + noise) >= turns:
            return np.asarray(noise, dtype=np.float64)


# Strata: how many posts of each kind a corpus has, exact at every scale.


@dataclass(frozen=True)
class Stratum:
    """Posts with the same truth: codes and subs, or the kind of a harmless post."""

    grievances: tuple[str, ...]
    sub_grievances: tuple[str, ...]
    harmless: str | None = None
    platform: str | None = None

    @cached_property
    def is_negative(self) -> bool:
        """Whether a consumer's grievance is voiced."""
        return self.harmless is None

    @property
    def shape(self) -> str:
        """The daily shape that the posts follow: the first code's, or a common one."""
        if self.harmless is not None:
            return "all"
        return self.grievances[0] if self.grievances else "uncoded"

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Subs, and the codes that have none here: what the text must tell."""
        bare = [
            code
            for code in self.grievances
            if not any(sub.startswith(code + ".") for sub in self.sub_grievances)
        ]
        return (*self.sub_grievances, *bare)


def _scaled(total: int, scale: float) -> int:
    """Return the total at a scale, rounded half up."""
    return int(np.floor(total * scale + 0.5))


def _count_strata(simulation: Simulation, scale: float) -> dict[Stratum, int]:
    """Return the number of posts of each stratum at a scale.

    Every total that the section names (all, negative, each code, each named platform) is exact
    after rounding: combinations are rounded first, and the posts that carry one code alone, or
    none, take what is left.
    """
    counts: dict[Stratum, int] = {}
    for platform, named in simulation.named_platforms.items():
        weights = [part.posts for part in named.mixture] + [named.uncoded]
        parts = [_stratum(part, platform) for part in named.mixture]
        parts.append(Stratum((), (), platform=platform))
        shares = _apportion(_scaled(named.posts, scale), weights)
        counts.update(zip(parts, shares.tolist(), strict=True))
    for combination in simulation.combinations:
        counts[_stratum(combination)] = int(combination.posts * scale + 1e-9)
    for code, size in simulation.grievances.items():
        counts.update(_alone(code, size, scale, counts))
    uncoded = _scaled(simulation.negative, scale) - sum(counts.values())
    counts[Stratum((), ())] = _left_over(uncoded, "negative")
    harmless = _scaled(simulation.posts, scale) - _scaled(simulation.negative, scale)
    shares = _apportion(harmless, list(simulation.harmless.values()))
    for kind, share in zip(simulation.harmless, shares.tolist(), strict=True):
        counts[Stratum((), (), harmless=kind)] = share
    return {stratum: count for stratum, count in counts.items() if count}


def _stratum(part: Combination, platform: str | None = None) -> Stratum:
    return Stratum(tuple(part.grievances), tuple(part.sub_grievances), platform=platform)


def _alone(
    code: str, size: GrievanceSize, scale: float, counts: dict[Stratum, int]
) -> dict[Stratum, int]:
    """Spread over its subs what a code has left beside the combinations."""
    used = sum(count for stratum, count in counts.items() if code in stratum.grievances)
    left = _left_over(_scaled(size.posts, scale) - used, code)
    shares = _apportion(left, list(size.subs.values())).tolist()
    return {
        Stratum((code,), () if sub == "none" else (f"{code}.{sub}",)): share
        for sub, share in zip(size.subs, shares, strict=True)
    }


def _left_over(count: int, name: str) -> int:
    if count < 0:
        raise CaodianError(
            "the combinations of a code must fit into its total",
            value=-count,
            where=f"simulation, {name}",
            remedy="Lower the posts of its combinations or raise its own.",
        )
    return count


# Settings of a simulated corpus, for experiments on the method.

Trend = Literal["none", "slight", "marked", "peaks"]
_TRENDS = ("none", "slight", "marked", "peaks")


@dataclass(frozen=True)
class ExperimentSettings:
    """What an experiment may turn; the defaults give the corpus of the study file."""

    difficulty: float = 1.0
    trend: Trend | None = None
    trend_grievance: str = "sms_harassment"
    duplicates: float = 1.0
    missing_days: tuple[date, ...] = ()
    missing_hours: tuple[int, ...] = ()
    partly_missing_days: tuple[date, ...] = ()
    drift: float = 0.0

    def __post_init__(self) -> None:
        self._within("difficulty", self.difficulty, 0, 2)
        self._within("duplicates", self.duplicates, 0, 5)
        self._within("drift", self.drift, 0, 1)
        for hour in self.missing_hours:
            self._within("missing_hours", hour, 0, 23)
        if self.trend is not None and self.trend not in _TRENDS:
            raise CaodianError(
                f"trend must be one of {', '.join(_TRENDS)}",
                value=self.trend,
                where="simulation settings",
            )

    @staticmethod
    def _within(name: str, value: float, low: float, high: float) -> None:
        if not low <= value <= high:
            raise CaodianError(
                f"{name} must lie between {low:g} and {high:g}",
                value=value,
                where="simulation settings",
            )

    def difficulty_on(self, day: int, days: int) -> float:
        """Return the difficulty of the `day`-th of `days` days, drift included."""
        position = 0.0 if days < 2 else 2 * day / (days - 1) - 1
        return min(2.0, max(0.0, self.difficulty * (1 + self.drift * position)))


# Posts per hour of the day: quiet nights, a lunch and an evening rise, and the midnight of sales.
_HOURS = np.array(
    [34, 18, 11, 8, 7, 9, 16, 28, 42, 54, 62, 58, 60, 54, 52, 53, 55, 55, 54, 60, 72, 78, 74, 56],
    dtype=np.float64,
)
_MIDNIGHT_RUSH = 4.0
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
    settings: ExperimentSettings

    def first_row(self, day: int) -> int:
        """Return how many posts lie before a day."""
        return int(self.table[:day].sum())

    def plan(self, day: int) -> DayPlan:
        """Draw order, times and copies of one day; depends on nothing but seed and day."""
        source = generator(self.seed, _DAY_PLAN, day)
        stratum = np.repeat(np.arange(len(self.strata)), self.table[day])
        source.shuffle(stratum)
        second = np.sort(self._seconds(source, day, len(stratum)))
        origin = self._origins(source, stratum)
        is_exact = source.random(len(stratum)) < self.simulation.copies.exact
        return DayPlan(day, stratum, second, origin, is_exact & (origin != ALONE))

    def is_lost(self, day: int, second: Ints) -> npt.NDArray[np.bool_]:
        """Tell which posts the collector of the settings missed."""
        if self.days[day] in self.settings.missing_days:
            return np.ones(len(second), dtype=np.bool_)
        partly = self.settings.partly_missing_days
        if partly and self.days[day] not in partly:
            return np.zeros(len(second), dtype=np.bool_)
        return np.isin(second // 3600, np.array(self.settings.missing_hours, dtype=np.int64))

    def _seconds(self, source: np.random.Generator, day: int, number: int) -> Ints:
        weights = _HOURS.copy()
        if self.days[day] in self.event_days or day == 0:
            weights[0] *= _MIDNIGHT_RUSH
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
            source.random(len(stratum))
            < np.minimum(0.8, shares * self.settings.duplicates)[stratum]
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
    settings: ExperimentSettings,
) -> Calendar:
    """Spread every stratum over the days by its shape, exactly.

    Harmless posts fill each day up to the shape of all posts.
    """
    counts = _count_strata(simulation, scale)
    strata = tuple(counts)
    shapes = _shapes(simulation, settings, event_days)
    names = sorted(shapes)
    levels = {
        name: _day_weights(shape, days, simulation.shape_seed, names.index(name))
        for name, shape in shapes.items()
    }
    table = np.zeros((len(days), len(strata)), dtype=np.int64)
    for name, level in levels.items():
        columns = [n for n, stratum in enumerate(strata) if stratum.shape == name]
        table[:, columns] = _spread([counts[strata[n]] for n in columns], level)
    return Calendar(tuple(days), tuple(event_days), strata, table, seed, simulation, settings)


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


def _shapes(
    simulation: Simulation, settings: ExperimentSettings, event_days: list[date]
) -> dict[str, DailyShape]:
    shapes = {code: size.daily for code, size in simulation.grievances.items()}
    shapes |= {"all": simulation.daily, "uncoded": simulation.uncoded_daily}
    if settings.trend is not None:
        old = shapes[settings.trend_grievance]
        growth = {"none": 0.0, "slight": 0.3, "marked": 1.0, "peaks": 0.0}[settings.trend]
        peaks = dict.fromkeys(event_days, 1.6) if settings.trend == "peaks" else {}
        shapes[settings.trend_grievance] = old.model_copy(update={"growth": growth, "peaks": peaks})
    return shapes


def blocks(posts: int, size: int) -> Iterator[tuple[int, int]]:
    """Cut a day into blocks of posts."""
    return ((start, min(start + size, posts)) for start in range(0, posts, size))
