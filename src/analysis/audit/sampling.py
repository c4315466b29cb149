"""Draw the audit: a probability sample that serves all codes, known before anybody codes.

Within a stratum every post has the same chance, the chance is above zero for every post of the
frame and known, and the draw depends on the seed and the posts, never on the order of rows. Posts
are drawn, not families, so that repeated texts need no design effect: each copy counts as often
as it stands in the corpus.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl

from analysis.audit.correction import Correction
from analysis.audit.machine_scores import (
    FULL,
    UNCODED,
    MachineCoding,
    countable,
    name_posts,
    post_key,
    read_machine_coding,
)
from analysis.audit.strata import (
    BANDS,
    Strata,
    allocate_strata,
    cut_bands,
    mean_scores,
    merge_thin,
    stratify,
)
from analysis.coding.codebook import load_codebook
from analysis.errors import CaodianError
from analysis.frames import AnyFrame, as_lazy

# The side of the sample that coders must not see: what the estimators need to know of the
# frame.
#
# One struct per drawn post and target: the own-score band the post is in, how many posts of the
# frame that band holds, the scores, and the machine's own count. With it `audit score` needs
# the folder and nothing else.

_LEAST_AUDITED = 60  # a platform with fewer audited posts gets no estimate
_PLATFORM = "platform:"


@dataclass(frozen=True)
class _TargetDesign:
    """One target over the whole frame, or over the posts `inside` its domain."""

    target: str
    scores: np.ndarray
    bands: np.ndarray
    is_coded: np.ndarray
    inside: np.ndarray | None = None


def _describe_targets(machine: MachineCoding, strata: Strata, rows: np.ndarray) -> pl.Series:
    """Return for each drawn post the list of its targets' hidden sides."""
    parts = [
        _describe(side, machine, strata, rows) for side in _target_designs(machine, strata, rows)
    ]
    described = pl.concat(part for part in parts if part.height)
    fields = [name for name in described.columns if name != "row"]
    listed = described.group_by("row").agg(pl.struct(fields).alias("machine")).sort("row")
    return listed["machine"]


def _target_designs(
    machine: MachineCoding, strata: Strata, rows: np.ndarray
) -> Iterator[_TargetDesign]:
    for number, target in enumerate(machine.targets):
        yield _TargetDesign(
            target,
            machine.scores[:, number],
            strata.bands[:, number],
            machine.is_coded[:, number],
        )
    yield from _sub_designs(machine)
    yield from _platform_designs(machine, strata.bands[:, 0], rows)


def _sub_designs(machine: MachineCoding) -> Iterator[_TargetDesign]:
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
        yield _TargetDesign(str(sub), own, cut_bands(own), is_coded)


def _platform_designs(
    machine: MachineCoding, bands: np.ndarray, rows: np.ndarray
) -> Iterator[_TargetDesign]:
    """Take `negative` among the posts that name the platform."""
    if "platforms" not in machine.posts.columns:
        return
    named = machine.posts["platforms"]
    drawn = named.gather(rows).explode().drop_nulls().value_counts().sort("platforms")
    enough = drawn.filter(pl.col("count") >= _LEAST_AUDITED)["platforms"]
    for platform in enough:
        inside = named.list.contains(platform).fill_null(False).to_numpy()
        coded = machine.is_coded[:, 0] & inside
        yield _TargetDesign(f"{_PLATFORM}{platform}", machine.scores[:, 0], bands, coded, inside)


def _describe(
    side: _TargetDesign, machine: MachineCoding, strata: Strata, rows: np.ndarray
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


# How many audited posts buy which interval, told before anybody codes.

_SIZES = (200, 300, 500, 750, 1_000, 1_500, 2_000)


def plan_audit(
    coded: AnyFrame, *, sizes: Sequence[int] = _SIZES, codes: Sequence[str] | None = None
) -> pd.DataFrame:
    """Tell the half-width that an audit of each size would give each code.

    The coder's scores are taken at their word: with scores that promise too much the intervals
    will be wider, and only the audit can tell.

    Parameters
    ----------
    sizes
        Sizes to try; those above the frame are left out, but for the frame itself.
    codes
        Codes to plan for; those of the codebook by default.

    Returns
    -------
    pd.DataFrame
        grievance, size, items (the machine's count), expected (sum of its scores), half_width
        (posts) and half_width_pct (of the expected count).

    Examples
    --------
    >>> import polars as pl
    >>> late = [n % 9 == 0 for n in range(900)]
    >>> coded = pl.DataFrame(
    ...     {"post_id": [str(n) for n in range(900)], "text": "发货慢", "is_negative": late,
    ...      "grievances": [["delivery"] if is_late else [] for is_late in late]}
    ... )
    >>> plan = plan_audit(coded, sizes=[100, 400], codes=["delivery"])
    >>> plan.groupby("grievance")["half_width"].is_monotonic_decreasing.to_dict()
    {'delivery': True, 'negative': True}
    """
    chosen = load_codebook().code_names if codes is None else codes
    machine = read_machine_coding(coded, chosen)
    tried = sorted({min(size, machine.size) for size in sizes})
    rows = [row for size in tried for row in _plan_size(machine, size)]
    table = pd.DataFrame(rows)
    order = {target: number for number, target in enumerate(machine.targets)}
    return table.sort_values(
        ["grievance", "size"],
        key=lambda column: column.map(order) if column.name == "grievance" else column,
        ignore_index=True,
    )


def _plan_size(machine: MachineCoding, size: int) -> list[dict[str, object]]:
    strata = stratify(machine, size)
    numbers = allocate_strata(strata, size)
    rows = []
    for column, target in enumerate(machine.targets):
        low, high = _expect(machine, strata, numbers, column).interval
        half_width = (high - low) / 2
        expected = float(machine.scores[:, column].sum()) / FULL
        rows.append(
            {
                "grievance": target,
                "size": size,
                "items": int(machine.is_coded[:, column].sum()),
                "expected": round(expected, 1),
                "half_width": round(half_width, 1),
                "half_width_pct": round(100 * half_width / expected, 1) if expected else None,
            }
        )
    return rows


def _expect(machine: MachineCoding, strata: Strata, numbers: np.ndarray, column: int) -> Correction:
    """Return the count as a sample of average luck would correct it."""
    own = strata.bands[:, column].astype(np.int64)
    scores, weight = machine.scores[:, column] / FULL, (strata.posts / numbers)[strata.of_post]
    mean = mean_scores(machine.scores[:, column], own, BANDS)[own]
    variance = float(((weight - 1) * (mean * (1 - mean) - (scores - mean) ** 2)).sum())
    # of the lowest band, a missed post is one of the negative items
    lowest = own == own.min()
    likely = np.where(lowest, machine.scores[:, 0] if column else 1.0, 0.0)
    likely = likely if likely.any() else lowest.astype(float)
    missed = float((likely * (weight - 1)).sum() / likely.sum())
    return Correction(float(scores.sum()), variance, float(machine.size), missed)


_STREAM = 0xA0D17  # the draw's own stream of the study's seed


def draw_sample(
    coded: AnyFrame,
    *,
    size: int,
    seed: int,
    codes: Sequence[str] | None = None,
    exclude: Collection[str] = (),
) -> pl.DataFrame:
    """Draw the posts that two people will code.

    Parameters
    ----------
    coded
        Coded posts; a LazyFrame is streamed.
    size
        Posts to draw; the whole frame when it holds no more.
    codes
        Codes to audit; those of the codebook by default.
    exclude
        Names of posts that must not be drawn: an audit post is never a training post. They leave
        the frame, and the estimates are about the rest.

    Returns
    -------
    pl.DataFrame
        In random order: post_id, stratum, inclusion_probability, channel, text; and what coders
        must not see: `machine` (one struct per target: band, posts in it, score) and `key`
        (`source:post_id`).

    Raises
    ------
    CaodianError
        When the size is below 1, or posts are uncoded or not distinct.

    Examples
    --------
    >>> coded = pl.DataFrame(
    ...     {"post_id": ["1", "2"], "text": ["发货慢", "好用"],
    ...      "is_negative": [True, False], "grievances": [["delivery"], []]}
    ... )
    >>> sample = draw_sample(coded, size=2, seed=1, codes=["delivery"])
    >>> sample.sort("post_id").select("post_id", "inclusion_probability").rows()
    [('1', 1.0), ('2', 1.0)]
    """
    chosen_codes = load_codebook().code_names if codes is None else codes
    return draw_from(read_machine_coding(coded, chosen_codes, exclude), coded, size=size, seed=seed)


def draw_from(machine: MachineCoding, coded: AnyFrame, *, size: int, seed: int) -> pl.DataFrame:
    """Draw the sample of `draw_sample` from a frame that has been read.

    Parameters
    ----------
    machine
        The frame.
    coded
        The posts that it was read from; channel and text are taken from them.

    Raises
    ------
    CaodianError
        When the size is below 1.
    """
    if size < 1:
        raise CaodianError("an audit must draw at least one post", value=size, where="--size")
    strata = stratify(machine, size)
    numbers = allocate_strata(strata, min(size, machine.size))
    rows = _draw_rows(strata, numbers, seed)
    probability = (numbers / strata.posts)[strata.of_post[rows]]
    sample = pl.DataFrame(
        {
            "post_id": machine.posts["name"].gather(rows),
            "stratum": [strata.names[number] for number in strata.of_post[rows]],
            "inclusion_probability": probability,
            "machine": _describe_targets(machine, strata, rows),
        }
    )
    texts = _texts_of(coded, sample["post_id"])
    order = ["post_id", "stratum", "inclusion_probability", "channel", "text", "machine", "key"]
    return sample.join(texts, on="post_id", how="left", maintain_order="left").select(order)


def sampler_digest() -> str:
    """Return what a draw depends on beside posts, size and seed: the code of it, and NumPy."""
    digest = hashlib.sha256(np.__version__.encode())
    for name in ("sampling.py", "strata.py", "machine_scores.py"):
        digest.update(Path(__file__).with_name(name).read_bytes())
    return digest.hexdigest()


def _draw_rows(strata: Strata, numbers: np.ndarray, seed: int) -> np.ndarray:
    """Draw without replacement in each stratum, then shuffle: the order tells coders nothing."""
    generator = np.random.default_rng([seed, _STREAM])
    order = np.argsort(strata.of_post, kind="stable")
    ends = np.cumsum(strata.posts)
    drawn = [
        order[end - posts : end][generator.choice(posts, number, replace=False)]
        for posts, number, end in zip(strata.posts, numbers, ends, strict=True)
    ]
    return generator.permutation(np.concatenate(drawn))


def _texts_of(coded: AnyFrame, names: pl.Series) -> pl.DataFrame:
    lazy = as_lazy(coded)
    if "channel" not in lazy.collect_schema():
        lazy = lazy.with_columns(pl.lit(None, pl.String).alias("channel"))
    lazy = name_posts(countable(lazy))
    chosen = lazy.filter(pl.col("name").is_in(names.implode()))
    key = post_key(chosen.collect_schema())
    return chosen.select(pl.col("name").alias("post_id"), "channel", "text", key).collect()
