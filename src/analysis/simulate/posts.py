"""Write the posts of a part of a day and their copies, with their truth."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any

import polars as pl

from analysis.schema import table
from analysis.simulate.channels import REGISTER, choose_channel, kind_of, side_columns, voice_of
from analysis.simulate.days import (
    ALONE,
    COPIES,
    POSTS,
    Calendar,
    DayPlan,
    Draws,
    Stratum,
    generator,
)
from analysis.simulate.grammar import Grammar, load_grammar
from analysis.simulate.scenario import Scenario, named_in
from analysis.simulate.writing import Written, scatter, slip, write_post

# Copies with small changes: campaigns, chains and floods.

_MARKS = (("，", " "), ("。", "！"), ("，", ","), ("！", "!"), ("。", ""), ("？", "?"))


def _vary(written: Written, stratum: Stratum, draws: Draws, grammar: Grammar) -> Written:
    """Return the text as the next one posts it; what it says stays the same.

    Floods of adverts scatter marks through the text; all others add a word before or after it,
    change the punctuation, or slip once.
    """
    if stratum.harmless == "advert" and not written.planted and draws.chance(0.12):
        return replace(written, text=scatter(written.text, draws))
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
    return replace(written, text=text, platforms=platforms, planted=planted)


_SOURCE = "simulated"
_WrittenText = tuple[str, Written, Draws]


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
        before = self.calendar.first_row(day)
        posts, truths = [], []
        for place in range(start, stop):
            if lost[place]:
                continue
            post, truth = self._row(
                plan, place, before=before, origin_lost=bool(lost[plan.origin[place]])
            )
            posts.append(post)
            truths.append(truth)
        return _frame(posts, _POST_SCHEMA), _frame(truths, _TRUTH_SCHEMA)

    def _row(
        self, plan: DayPlan, place: int, *, before: int, origin_lost: bool
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        origin = int(plan.origin[place])
        stratum = self.calendar.strata[int(plan.stratum[place])]
        source = place if origin == ALONE else origin
        channel, written, draws = self._write_text(plan, source, is_copied=origin != ALONE)
        if origin != ALONE:
            draws = Draws(generator(self.calendar.seed, COPIES, plan.day, place), ahead=64)
            if not plan.is_exact[place]:
                written = _vary(written, stratum, draws, load_grammar())
        post_id = _post_id(plan.day, place)
        moment = datetime.combine(self.calendar.days[plan.day], time()) + timedelta(
            seconds=int(plan.second[place])
        )
        post = {
            "source": _SOURCE, "source_format": _SOURCE, "source_file": "posts.parquet",
            "row_number": before + place + 1, "kind": kind_of(channel, written.text),
            "post_id": post_id,
            "title": written.title, "text": written.text, "published_at": moment,
            "published_precision": "second", "channel": channel, "is_in_window": True,
            "via_repost": False,
        }  # fmt: skip
        post |= side_columns(stratum, channel, draws)
        truth = {
            "source": _SOURCE, "post_id": post_id, "is_negative": stratum.is_negative,
            "grievances": list(stratum.grievances), "sub_grievances": list(stratum.sub_grievances),
            "voice": voice_of(stratum), "platforms": sorted(written.platforms),
            "family": _post_id(plan.day, source), "planted": _planted(written),
            "duplicate_of": None if origin == ALONE or origin_lost else _post_id(plan.day, origin),
            "register": REGISTER[channel], "kind_of_post": stratum.harmless or "grievance",
            "difficulty": written.difficulty,
        }  # fmt: skip
        return post, truth

    def _write_text(self, plan: DayPlan, place: int, *, is_copied: bool) -> _WrittenText:
        """Tell a post; one that copies refer to is kept for them."""
        if place in self.copied:
            return self.copied[place]
        calendar = self.calendar
        stratum = calendar.strata[int(plan.stratum[place])]
        draws = Draws(generator(calendar.seed, POSTS, plan.day, place), ahead=96)
        channel = choose_channel(stratum, draws.uniform())
        scenario = Scenario(
            draws,
            load_grammar(),
            difficulty=calendar.settings.difficulty_on(plan.day, len(calendar.days)),
            platform=stratum.platform,
            barred=_barred(stratum, calendar.simulation.named_platforms),
        )
        told = (channel, write_post(scenario, stratum, REGISTER[channel]), draws)
        if is_copied:
            self.copied[place] = told
        return told


def _barred(stratum: Stratum, named: Collection[str]) -> tuple[str, ...]:
    """Negative posts name a counted platform only where the plan says so."""
    if not stratum.is_negative:
        return ()
    return tuple(name for name in named if name != stratum.platform)


def _post_id(day: int, place: int) -> str:
    return f"{day + 1:02d}{place:07d}"


def _planted(written: Written) -> str:
    by_kind: dict[str, list[str]] = {}
    for kind, found in written.planted:
        by_kind.setdefault(kind, []).append(found)
    return json.dumps(by_kind, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


_POST_SCHEMA = {column.name: column.polars_type for column in table("posts").columns}
_TRUTH_SCHEMA: dict[str, pl.DataType] = {
    "source": pl.String(), "post_id": pl.String(), "is_negative": pl.Boolean(),
    "grievances": pl.List(pl.String()), "sub_grievances": pl.List(pl.String()),
    "voice": pl.String(), "platforms": pl.List(pl.String()), "family": pl.String(),
    "planted": pl.String(),
    "duplicate_of": pl.String(), "register": pl.String(), "kind_of_post": pl.String(),
    "difficulty": pl.String(),
}  # fmt: skip


def _frame(rows: list[dict[str, Any]], schema: dict[str, pl.DataType]) -> pl.DataFrame:
    """Build a frame column by column; times are local and get their zone at the end."""
    columns = []
    for name, kind in schema.items():
        values = [row.get(name) for row in rows]
        if isinstance(kind, pl.Datetime):
            local = pl.Series(name, values, dtype=pl.Datetime("us"))
            columns.append(local.dt.replace_time_zone("Asia/Shanghai"))
        elif isinstance(kind, pl.List):
            # Splitting one string a row is far quicker than handing over a list a row.
            joined = pl.Series(name, [";".join(value or ()) for value in values], dtype=pl.String)
            columns.append(joined.str.split(";").list.eval(pl.element().filter(pl.element() != "")))
        else:
            columns.append(pl.Series(name, values, dtype=kind))
    return pl.DataFrame(columns)
