"""The side of the sample that coders must not see: what the estimators need to know of the frame.

One struct per drawn post and target: the own-score band the post is in, how many posts of the frame
that band holds, the scores, and the machine's own count. With it `audit score` needs the folder and
nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from analysis.audit.bands import BANDS, cut_bands, mean_scores, merge_thin
from analysis.audit.machine_scores import FULL, UNCODED, MachineCoding
from analysis.audit.strata import Strata

LEAST_AUDITED = 60  # a platform with fewer audited posts gets no estimate
PLATFORM = "platform:"


@dataclass(frozen=True)
class _Side:
    """One target over the whole frame, or over the posts `inside` its domain."""

    target: str
    scores: np.ndarray
    bands: np.ndarray
    is_coded: np.ndarray
    inside: np.ndarray | None = None


def describe_targets(machine: MachineCoding, strata: Strata, rows: np.ndarray) -> pl.Series:
    """Return for each drawn post the list of its targets' hidden sides.

    Parameters
    ----------
    machine
        The machine's coding of the frame.
    strata
        The strata it was drawn from.
    rows
        Drawn posts, by their place in the frame.

    Returns
    -------
    pl.Series
        A list of structs per post.
    """
    parts = [_describe(side, machine, strata, rows) for side in _sides(machine, strata, rows)]
    described = pl.concat(part for part in parts if part.height)
    fields = [name for name in described.columns if name != "row"]
    listed = described.group_by("row").agg(pl.struct(fields).alias("machine")).sort("row")
    return listed["machine"]


def _sides(machine: MachineCoding, strata: Strata, rows: np.ndarray) -> Iterator[_Side]:
    for number, target in enumerate(machine.targets):
        yield _Side(
            target,
            machine.scores[:, number],
            strata.bands[:, number],
            machine.is_coded[:, number],
        )
    yield from _sub_sides(machine)
    yield from _platform_sides(machine, strata.bands[:, 0], rows)


def _sub_sides(machine: MachineCoding) -> Iterator[_Side]:
    """Score a sub-grievance as its code where the machine gave it, and low elsewhere."""
    if "sub_grievances" not in machine.posts.columns:
        return
    subs = machine.posts["sub_grievances"]
    for sub in subs.explode().drop_nulls().unique().sort():
        code = str(sub).split(".")[0]
        if code not in machine.targets:
            continue
        scores = machine.scores[:, machine.targets.index(code)]
        is_coded = subs.list.contains(sub).fill_null(False).to_numpy()
        own = np.where(is_coded, scores, np.minimum(scores, UNCODED))
        yield _Side(str(sub), own, cut_bands(own), is_coded)


def _platform_sides(machine: MachineCoding, bands: np.ndarray, rows: np.ndarray) -> Iterator[_Side]:
    """Take `negative` among the posts that name the platform."""
    if "platforms" not in machine.posts.columns:
        return
    named = machine.posts["platforms"]
    drawn = named.gather(rows).explode().drop_nulls().value_counts().sort("platforms")
    enough = drawn.filter(pl.col("count") >= LEAST_AUDITED)["platforms"]
    for platform in enough:
        inside = named.list.contains(platform).fill_null(False).to_numpy()
        coded = machine.is_coded[:, 0] & inside
        yield _Side(f"{PLATFORM}{platform}", machine.scores[:, 0], bands, coded, inside)


def _describe(
    side: _Side, machine: MachineCoding, strata: Strata, rows: np.ndarray
) -> pl.DataFrame:
    inside = np.ones(machine.size, dtype=bool) if side.inside is None else side.inside
    kept = np.flatnonzero(inside[rows])
    drawn = rows[kept]
    merged = merge_thin(np.bincount(side.bands[drawn], minlength=BANDS))[side.bands]
    cell = merged[inside] * 2 + machine.half[inside]
    by_cell = np.bincount(cell, minlength=2 * BANDS)
    by_band = by_cell.reshape(BANDS, 2).sum(axis=1)
    band_scores = mean_scores(side.scores[inside], merged[inside], BANDS)
    counted = np.where(inside, side.scores, 0)  # outside its domain a target is certainly absent
    stratum_scores = mean_scores(counted, strata.of_post, len(strata.posts))
    half_items = np.bincount(machine.half[side.is_coded], minlength=2)
    own, half = merged[drawn], machine.half[drawn]
    return pl.DataFrame(
        {
            "row": kept,
            "target": side.target,
            "band": own,
            "band_posts": by_band[own],
            "band_score": band_scores[own],
            "half": half,
            "half_posts": by_cell[own * 2 + half],
            "half_items": half_items[half],
            "score": side.scores[drawn] / FULL,
            "stratum_score": stratum_scores[strata.of_post[drawn]],
            "items": np.full(len(drawn), half_items.sum()),
        },
        schema_overrides={"band": pl.Int8, "half": pl.Int8, "row": pl.Int64},
    )
