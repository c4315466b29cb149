"""A simulated corpus with known truth: its posts, written day by day."""

from __future__ import annotations

import json
import pickle
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.errors import CaodianError
from analysis.frames import to_pandas
from analysis.schema import table
from analysis.simulate.channels import (
    REGISTER,
    SIDE_COLUMNS,
    choose_channel,
    kind_of,
    side_values,
    voice_of,
)
from analysis.simulate.days import (
    ALONE,
    COPIES,
    POSTS,
    Calendar,
    DayPlan,
    Draws,
    ExperimentSettings,
    Ints,
    Stratum,
    Streams,
    blocks,
    make_calendar,
)
from analysis.simulate.grammar import Grammar, load_grammar
from analysis.simulate.scenario import Scenario, named_in
from analysis.simulate.writing import Written, scatter, slip, write_post

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from analysis.study import Study

# Copies with small changes: campaigns, chains and floods.

_MARKS = (("，", " "), ("。", "！"), ("，", ","), ("！", "!"), ("。", ""), ("？", "?"))


def _vary(written: Written, stratum: Stratum, draws: Draws, grammar: Grammar) -> Written:
    """Return the text as the next one posts it; what it says stays the same.

    Floods of adverts scatter marks through the text; all others add a word before or after it,
    change the punctuation, or slip once.
    """
    if stratum.harmless == "advert" and not written.planted and draws.chance(0.12):
        return written._replace(text=scatter(written.text, draws))
    scenario = Scenario(draws, grammar, barred=("得物",) if stratum.is_negative else ())
    text = written.text
    form = draws.uniform()
    if form < 0.35:
        text = scenario.say("copy_before") + text
    elif form < 0.65:
        text += scenario.say("copy_after")
    if form > 0.55 and not written.planted:
        text = text.replace(*draws.pick(_MARKS))
        text = slip(text, draws) if draws.chance(0.3) else text
    text = scenario.settle(text)
    platforms = named_in(text, list(dict.fromkeys([*written.platforms, *scenario.named])))
    planted = [*written.planted, *scenario.planted]
    return written._replace(text=text, platforms=platforms, planted=planted)


_SOURCE = "simulated"
_WrittenText = tuple[str, Written]

# What differs from post to post beside the columns of `side_values`: its place on the day, that
# of its family and of the post it copies, and what was written.
_OWN = ("place", "family", "origin", "kind", "title", "text", "channel", "platforms", "planted",
        "difficulty")  # fmt: skip


@dataclass
class PostWriter:
    """Writes any post of a calendar; the same post always comes out the same."""

    calendar: Calendar
    plans: dict[int, DayPlan] = field(default_factory=dict)
    copied: dict[int, _WrittenText] = field(default_factory=dict)

    def plan(self, day: int) -> DayPlan:
        """Return a day's plan, the last one being kept."""
        if day not in self.plans:
            self.plans = {day: self.calendar.plan(day)}
            self.copied = {}
        return self.plans[day]

    def write(self, day: int, start: int, stop: int) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return posts and truth of the posts `start` to `stop` of a day."""
        plan = self.plan(day)
        lost = self.calendar.is_lost(day, plan.second)
        places = start + np.flatnonzero(~lost[start:stop])
        teller = _Teller(self.calendar, plan, self.copied)
        of_place = (plan.stratum, plan.origin, plan.is_exact)
        rows = list(map(teller.row, places.tolist(), *(all_[places].tolist() for all_ in of_place)))
        names = (*_OWN, *SIDE_COLUMNS)
        told: dict[str, tuple[Any, ...]] = dict(
            zip(names, zip(*rows, strict=True) if rows else [()] * len(names), strict=True)
        )
        return self._posts(plan, places, told), self._truth(plan, places, told, lost)

    def _posts(self, plan: DayPlan, places: Ints, told: dict[str, tuple[Any, ...]]) -> pl.DataFrame:
        midnight = np.datetime64(self.calendar.days[plan.day], "us")
        moments = midnight + plan.second[places].astype("timedelta64[s]")
        local = pl.Series(moments, dtype=pl.Datetime("us"))
        same: dict[str, str | bool] = {
            "source": _SOURCE, "source_format": _SOURCE, "source_file": "posts.parquet",
            "published_precision": "second", "is_in_window": True, "via_repost": False,
        }  # fmt: skip
        made = {
            "row_number": pl.Series(places + (self.calendar.first_row(plan.day) + 1)),
            "post_id": _post_ids(plan.day, pl.Series(places)),
            "published_at": local.dt.replace_time_zone("Asia/Shanghai"),
        }
        columns = []
        for name, kind in _POST_SCHEMA.items():
            if name in made:
                columns.append(made[name].cast(kind).alias(name))
            elif name in told:
                columns.append(pl.Series(name, told[name], dtype=kind))
            else:
                columns.append(
                    pl.repeat(same.get(name), len(places), dtype=kind, eager=True).alias(name)
                )
        return pl.DataFrame(columns)

    def _truth(
        self,
        plan: DayPlan,
        places: Ints,
        told: dict[str, tuple[Any, ...]],
        lost: npt.NDArray[np.bool_],
    ) -> pl.DataFrame:
        strata = self.calendar.strata
        of_stratum = pl.DataFrame(
            {
                "is_negative": [stratum.is_negative for stratum in strata],
                "grievances": [list(stratum.grievances) for stratum in strata],
                "sub_grievances": [list(stratum.sub_grievances) for stratum in strata],
                "voice": [voice_of(stratum) for stratum in strata],
                "kind_of_post": [stratum.harmless or "grievance" for stratum in strata],
            },
            schema_overrides={"grievances": _LIST, "sub_grievances": _LIST},
        )[plan.stratum[places]]
        origin = np.array(told["origin"], dtype=np.int64)
        is_known = pl.Series((origin != ALONE) & ~lost[origin], dtype=pl.Boolean)
        ids = _post_ids(plan.day, pl.Series(origin))
        columns = {name: of_stratum[name] for name in of_stratum.columns} | {
            "source": pl.repeat(_SOURCE, len(places), dtype=pl.String, eager=True),
            "post_id": _post_ids(plan.day, pl.Series(places)),
            "family": _post_ids(plan.day, pl.Series(told["family"], dtype=pl.Int64)),
            "duplicate_of": ids.zip_with(
                is_known, pl.repeat(None, len(ids), dtype=pl.String, eager=True)
            ),
            "platforms": _lists(told["platforms"]),
            "planted": pl.Series(told["planted"], dtype=pl.String),
            "register": pl.Series(
                [REGISTER[channel] for channel in told["channel"]], dtype=pl.String
            ),
            "difficulty": pl.Series(told["difficulty"], dtype=pl.String),
        }
        return pl.DataFrame([columns[name].alias(name) for name in _TRUTH_SCHEMA])


class _Teller:
    """Tells the posts of one day."""

    def __init__(self, calendar: Calendar, plan: DayPlan, copied: dict[int, _WrittenText]) -> None:
        seed, day = calendar.seed, plan.day
        self._strata, self._plan = calendar.strata, plan
        self._posts, self._copies = Streams(seed, POSTS, day), Streams(seed, COPIES, day, ahead=16)
        self._grammar = load_grammar()
        self._difficulty = calendar.settings.difficulty_on(day, len(calendar.days))
        named = calendar.simulation.named_platforms
        self._barred = [_barred(stratum, named) for stratum in calendar.strata]
        self._copied, self._origins = copied, set(plan.origin.tolist())

    def row(self, place: int, number: int, origin: int, is_exact: bool) -> tuple[Any, ...]:
        """Return the values of `_OWN` and `SIDE_COLUMNS`."""
        stratum, source = self._strata[number], place if origin == ALONE else origin
        if origin == ALONE:
            channel, written, draws = self._tell(place, number)
            if place in self._origins:
                self._copied[place] = channel, written
        else:
            if origin not in self._copied:
                self._copied[origin] = self._tell(origin, number)[:2]
            channel, written = self._copied[origin]
            draws = self._copies.draws(place)
            if not is_exact:
                written = _vary(written, stratum, draws, self._grammar)
        title, text, platforms, planted, difficulty = written
        return (
            place, source, origin, kind_of(channel, text), title, text, channel,
            ";".join(sorted(platforms)), _planted(planted), difficulty,
            *side_values(stratum, channel, draws),
        )  # fmt: skip

    def _tell(self, place: int, number: int) -> tuple[str, Written, Draws]:
        draws, stratum = self._posts.draws(place), self._strata[number]
        channel = choose_channel(stratum, draws.uniform())
        scenario = Scenario(
            draws,
            self._grammar,
            difficulty=self._difficulty,
            platform=stratum.platform,
            barred=self._barred[number],
            register=REGISTER[channel],
        )
        return channel, write_post(scenario, stratum), draws


def _barred(stratum: Stratum, named: Collection[str]) -> tuple[str, ...]:
    """Negative posts name a counted platform only where the plan says so."""
    if not stratum.is_negative:
        return ()
    return tuple(name for name in named if name != stratum.platform)


def _post_ids(day: int, places: pl.Series) -> pl.Series:
    return f"{day + 1:02d}" + places.cast(pl.String).str.zfill(7)


def _planted(planted: list[tuple[str, str]]) -> str:
    if not planted:
        return "{}"
    by_kind: dict[str, list[str]] = {}
    for kind, found in planted:
        by_kind.setdefault(kind, []).append(found)
    return _JSON.encode(by_kind)


def _lists(joined: Sequence[str]) -> pl.Series:
    """Split names at `;`: there are few sets of them, so each is split once."""
    numbers = {names: number for number, names in enumerate(dict.fromkeys(joined))}
    sets = pl.Series([names.split(";") if names else [] for names in numbers], dtype=_LIST)
    return sets.gather([numbers[names] for names in joined])


_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_LIST = pl.List(pl.String())
_POST_SCHEMA = {column.name: column.polars_type for column in table("posts").columns}
_TRUTH_SCHEMA = (
    "source", "post_id", "is_negative", "grievances", "sub_grievances", "voice", "platforms",
    "family", "planted", "duplicate_of", "register", "kind_of_post", "difficulty",
)  # fmt: skip


# The corpus of a study, partition by partition.

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
    """Write the corpus of a study, partition by partition in order of time."""
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
