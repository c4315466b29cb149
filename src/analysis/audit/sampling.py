"""Draw the audit: a probability sample that serves all codes, known before anybody codes.

Within a stratum every post has the same chance, the chance is above zero for every post of the
frame and known, and the draw depends on the seed and the posts, never on the order of rows. Posts
are drawn, not families, so that repeated texts need no design effect: each copy counts as often
as it stands in the corpus.

A post is worth auditing in proportion to what it adds to the variances of all codes, each variance
in units of that code's size (power allocation, Bankier 1988, power 1/2, so that rare codes are not
starved and do not take everything). Strata are bands of this worth and the halves of the window;
posts in the lowest band of every code are `surely_not`. Where posts have stars, those whose stars
contradict the coder make strata of their own: negative items that are well rated and reviews with
few stars that are none. Each target is then estimated in bands of its own score.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl

from analysis.audit.agreement import hours_of
from analysis.audit.correction import Correction, merge_thin
from analysis.audit.machine_scores import (
    FULL,
    PANNED,
    PRAISED,
    UNCODED,
    MachineCoding,
    countable,
    leave_out,
    members_of,
    name_posts,
    post_key,
    read_machine_coding,
)
from analysis.coding.codebook import load_codebook
from analysis.errors import CaodianError
from analysis.frames import AnyFrame, as_lazy
from analysis.numbers import count_text
from analysis.words import reader_names

# Bands of a target's own score, in which it is estimated.

CUTS = (200, 2_000, 6_000)  # scores .02, .2, .6
BANDS = len(CUTS) + 1


def cut_bands(scores: np.ndarray) -> np.ndarray:
    """Return the band, 0 to 3, of every post for one target.

    A coder whose scores never come near 0 would leave the surely-not band empty; then the lowest
    cut rises until half the posts lie below it, though never past the second cut.
    """
    counts = np.cumsum(np.bincount(scores, minlength=FULL + 1))
    median = int(np.searchsorted(counts, counts[-1] / 2))
    lowest = min(max(CUTS[0], median + 1), CUTS[1])
    cuts = (lowest, *CUTS[1:])
    band_of = np.searchsorted(cuts, np.arange(FULL + 1), side="right").astype(np.int8)
    return np.asarray(band_of[scores])


def _cut_all_bands(scores: np.ndarray) -> np.ndarray:
    """Return the bands of every post for every target, one column a target."""
    bands = np.empty(scores.shape, dtype=np.int8, order="F")
    for number, column in enumerate(scores.T):
        bands[:, number] = cut_bands(column)
    return bands


def mean_scores(scores: np.ndarray, groups: np.ndarray, count: int) -> np.ndarray:
    """Return the mean score (0 to 1) of each group of posts; an empty group has 0."""
    totals = np.bincount(groups, weights=scores, minlength=count)
    return np.asarray(totals / np.maximum(np.bincount(groups, minlength=count), 1) / FULL)


# How many posts of each stratum to audit: near-Neyman, with minima, caps and a floor.
#
# Neyman (1934): the variance of a stratified total is least when a stratum's part is
# proportional to its size times its standard deviation.


def allocate(
    size: int, wanted: np.ndarray, *, at_least: np.ndarray, at_most: np.ndarray
) -> np.ndarray:
    """Divide a sample over strata in proportion to what each wants, within bounds."""
    size = min(size, int(at_most.sum()))
    floor = np.minimum(at_least, at_most).astype(float)
    if floor.sum() > size:
        floor *= size / floor.sum()
    exact = _fit_multiplier(size, at_most.astype(float), wanted, floor)
    return _round_to(size, exact, at_most)


def _fit_multiplier(
    size: int, posts: np.ndarray, wanted: np.ndarray, floor: np.ndarray
) -> np.ndarray:
    """Scale the wanted numbers until, cut to floor and cap, they add up to the size."""
    wanted = np.where(posts > 0, np.maximum(wanted, 1e-9), 0.0)
    low, high = -40.0, 40.0  # log of the multiplier
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):  # no number lies between them
            break
        if np.clip(np.exp(middle) * wanted, floor, posts).sum() > size:
            high = middle
        else:
            low = middle
    return np.asarray(np.clip(np.exp(low) * wanted, floor, posts))


def _round_to(size: int, exact: np.ndarray, posts: np.ndarray) -> np.ndarray:
    """Round down, then give what is left to the largest remainders."""
    whole = np.floor(exact + 1e-9).astype(np.int64)
    while (missing := size - int(whole.sum())) > 0:
        remainder = np.where(whole < posts, exact - whole, -np.inf)
        for stratum in np.argsort(-remainder, kind="stable")[:missing]:
            if whole[stratum] < posts[stratum]:
                whole[stratum] += 1
    return whole


LEAST_VARIANCE = 0.0003  # what a band may hide, whatever its scores say
LEAST_SHARE = 0.003
_HALVES = ("early", "late")
_SURELY_NOT = "surely_not"
# Strata of `MachineCoding.against_stars`, by their numbers.
_AGAINST_STARS = {PRAISED: "negative_best_stars", PANNED: "other_few_stars"}
_FEWEST_AGAINST = 8
_MOST_BANDS = 30
_SMOOTHED = 20  # bands of the square root of a score


@dataclass(frozen=True)
class Strata:
    """Strata of the frame and what they hold."""

    names: list[str]
    of_post: np.ndarray
    posts: np.ndarray
    spread: np.ndarray
    bands: np.ndarray

    @property
    def is_against_stars(self) -> np.ndarray:
        """Tell which strata hold posts whose stars contradict the coder."""
        return np.array([name.startswith(tuple(_AGAINST_STARS.values())) for name in self.names])

    @property
    def is_surely_not(self) -> np.ndarray:
        """Tell which strata hold the posts that no target claims."""
        return np.array([name.startswith(_SURELY_NOT) for name in self.names])


def stratify(
    machine: MachineCoding, size: int, frame: tuple[np.ndarray, np.ndarray] | None = None
) -> Strata:
    """Divide the frame into strata, as fine as a sample of this size can bear.

    They hold equal parts of what the sample is drawn in proportion to (Dalenius and Hodges 1959),
    and four audited posts on average at least.
    """
    bands, worth = frame or (_cut_all_bands(machine.scores), _worth(machine))
    against = _enough_against(machine.against_stars)
    is_claimed = bands.max(axis=1) > 0
    for count in dict.fromkeys((max(1, min(_MOST_BANDS, size // 100)), 1)):
        group = np.where(is_claimed, 1 + _cut_worth(worth, is_claimed, count), 0)
        group = np.where(against > 0, count + against, group)
        cells, of_post = np.unique(group * 2 + machine.half, return_inverse=True)
        labels = [_SURELY_NOT, *(f"unsure:{n + 1}" for n in range(count)), *_AGAINST_STARS.values()]
        names = [f"{labels[cell // 2]}|{_HALVES[cell % 2]}" for cell in cells]
        if len(cells) * 4 <= size:
            break
    else:  # a stratum might get no post: then chances must be equal to be above zero
        names, of_post = ["all"], np.zeros(machine.size, dtype=np.int64)
    posts = np.bincount(of_post)
    spread = np.sqrt(np.bincount(of_post, weights=worth) / posts)
    return Strata(names, of_post, posts, spread, bands)


def _cut_worth(worth: np.ndarray, is_claimed: np.ndarray, count: int) -> np.ndarray:
    """Return the band of every post; the standard deviations of claimed posts add up alike."""
    error = np.sqrt(worth)
    ordered = np.sort(error[is_claimed])
    if not len(ordered):
        return np.zeros(len(worth), dtype=np.int64)
    sums = np.cumsum(ordered)
    ends = np.searchsorted(sums, sums[-1] * np.arange(1, count) / count)
    return np.asarray(np.searchsorted(ordered[ends], error, side="right"))


def allocate_strata(strata: Strata, size: int) -> np.ndarray:
    """Allocate the sample: at least a tenth of it, and 50, to the surely-not posts.

    Misses live there. A thirtieth goes at least to each kind of posts whose stars contradict the
    coder. Every other stratum gets at least one post, two when the sample is large.
    """
    least = np.full(len(strata.posts), 2 if size >= 500 else 1, dtype=np.int64)
    sure = strata.is_surely_not
    if sure.any():
        floor = min(max(50, size // 10), size // 2)
        part = strata.posts[sure] / strata.posts[sure].sum()
        least[sure] = np.maximum(np.ceil(floor * part), 1)
    against = strata.is_against_stars
    least[against] = np.maximum(least[against], size // 60)
    wanted = strata.posts * strata.spread
    return allocate(size, wanted, at_least=least, at_most=strata.posts)


def _worth(machine: MachineCoding) -> np.ndarray:
    """Return each post's variance summed over all codes, each in units of that code's size.

    Scores are smoothed over their neighbours, and no post is taken for wholly sure.
    """
    worth = np.zeros(machine.size)
    for scores in machine.scores.T:
        near = (np.sqrt(np.arange(FULL + 1) / FULL) * _SMOOTHED).astype(np.int64)[scores]
        mean = mean_scores(scores, near, _SMOOTHED + 1)
        share = max(float(scores.mean()) / FULL, LEAST_SHARE)
        worth += (np.maximum(mean * (1 - mean), LEAST_VARIANCE) / share)[near]
    return worth


def _enough_against(against_stars: np.ndarray) -> np.ndarray:
    """Return which posts the strata of contradicting stars hold; few posts make none."""
    counts = np.bincount(against_stars, minlength=len(_AGAINST_STARS) + 1)
    return np.where(counts[against_stars] >= _FEWEST_AGAINST, against_stars, 0).astype(np.int64)


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


def describe_targets(machine: MachineCoding, strata: Strata, rows: np.ndarray) -> pl.Series:
    """Return for each drawn post the list of its targets' hidden sides."""
    parts = [_describe(side, machine, rows) for side in _target_designs(machine, strata, rows)]
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
    for sub, is_coded in members_of(machine.posts["sub_grievances"]):
        code = str(sub).split(".")[0]
        if code not in machine.targets:
            continue
        scores = machine.scores[:, machine.targets.index(code)]
        own = np.where(is_coded, scores, np.minimum(scores, UNCODED))
        yield _TargetDesign(str(sub), own, cut_bands(own), is_coded)


def _platform_designs(
    machine: MachineCoding, bands: np.ndarray, rows: np.ndarray
) -> Iterator[_TargetDesign]:
    """Take `negative` among the posts that name the platform."""
    if "platforms" not in machine.posts.columns:
        return
    for platform, inside in members_of(machine.posts["platforms"]):
        if inside[rows].sum() < _LEAST_AUDITED:
            continue
        coded = machine.is_coded[:, 0] & inside
        yield _TargetDesign(f"{_PLATFORM}{platform}", machine.scores[:, 0], bands, coded, inside)


def _describe(side: _TargetDesign, machine: MachineCoding, rows: np.ndarray) -> pl.DataFrame:
    inside = slice(None) if side.inside is None else side.inside
    kept = np.arange(len(rows)) if side.inside is None else np.flatnonzero(side.inside[rows])
    drawn = rows[kept]
    joins = merge_thin(np.bincount(side.bands[drawn], minlength=BANDS)).astype(np.int8)
    merged = joins[side.bands]
    cell = merged[inside] * 2 + machine.half[inside]
    by_cell = np.bincount(cell, minlength=2 * BANDS)
    by_band = by_cell.reshape(BANDS, 2).sum(axis=1)
    band_scores = mean_scores(side.scores[inside], merged[inside], BANDS)
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
            "items": np.full(len(drawn), half_items.sum()),
        },
        schema_overrides={"band": pl.Int8, "half": pl.Int8, "row": pl.Int64},
    )


# How many audited posts buy which interval, told before anybody codes.

_SIZES = tuple(range(500, 5_001, 500))


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
        grievance, size, hours (of each of the two coders), items (the machine's count), expected
        (sum of its scores), half_width (posts), half_width_pct (of the expected count), and
        growth_pct: the smallest growth over the window that four of five such audits tell from
        drift of the coder by the code's own posts, were the days without noise. Missing where that
        is more than tenfold, a half of the window has less than one such post, or posts have no
        days.

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
    machine = leave_out(read_machine_coding(coded, chosen), ())
    tried = sorted({min(size, machine.size) for size in sizes})
    frame = _cut_all_bands(machine.scores), _worth(machine)
    rows = [row for size in tried for row in _plan_size(machine, size, frame)]
    table = pd.DataFrame(rows)
    order = {target: number for number, target in enumerate(machine.targets)}
    return table.sort_values(
        ["grievance", "size"],
        key=lambda column: column.map(order) if column.name == "grievance" else column,
        ignore_index=True,
    )


def tabulate_plan(plan: pd.DataFrame, language: str) -> pd.DataFrame:
    """Lay a plan out for readers: what each further posts buy, a row for each code.

    Parameters
    ----------
    plan
        Of `plan_audit`.
    language
        zh or en.

    Returns
    -------
    pd.DataFrame
        The half-width in per cent, a column for each size; first the hours of each coder.

    Examples
    --------
    >>> plan = pd.DataFrame({"grievance": ["price"], "size": [500], "hours": [3.5],
    ...                      "half_width_pct": [41.7]})
    >>> tabulate_plan(plan, "en").to_dict()
    {'500': {'Hours, each coder': '4', 'Price': '±42%'}}
    """
    place, first = (0, "每人小时") if language == "zh" else (1, "Hours, each coder")
    names = reader_names()
    widths = plan.pivot(index="grievance", columns="size", values="half_width_pct")
    widths = widths.loc[list(dict.fromkeys(plan["grievance"]))].map(
        lambda width: "–" if pd.isna(width) else f"±{count_text(width)}%"
    )
    hours = dict(zip(plan["size"], plan["hours"], strict=True))
    widths.index = pd.Index([names.get(name, (name, name))[place] for name in widths.index])
    table = pd.concat([pd.DataFrame({n: count_text(hours[n]) for n in widths}, [first]), widths])
    return table.set_axis([count_text(size) for size in widths], axis=1)


_Frame = tuple[np.ndarray, np.ndarray]  # bands and worth of every post


def _plan_size(machine: MachineCoding, size: int, frame: _Frame) -> list[dict[str, object]]:
    strata = stratify(machine, size, frame)
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
                "hours": round(hours_of(size), 1),
                "items": int(machine.is_coded[:, column].sum()),
                "expected": round(expected, 1),
                "half_width": round(half_width, 1),
                "half_width_pct": round(100 * half_width / expected, 1) if expected else None,
                "growth_pct": _smallest_growth(machine, strata, numbers, column),
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


_FOUND_IN_FOUR_OF_FIVE = 1.959964 + 0.841621  # standard errors
_LARGEST_GROWTH = 1_000.0  # per cent; above that nothing is told
_LEAST_EXPECTED = 1.0  # true posts in either half; of less no growth can be told


def _smallest_growth(
    machine: MachineCoding, strata: Strata, numbers: np.ndarray, column: int
) -> float | None:
    """Return the growth that drift does not hide from an audit of average luck, per cent.

    The standard error is that of `drift_alone`: the halves are corrected apart, and the change
    between their middles is carried to the whole window.
    """
    cell = machine.half.astype(np.int64) * BANDS + strata.bands[:, column]
    means = mean_scores(machine.scores[:, column], cell, 2 * BANDS)
    weight = (strata.posts / numbers)[strata.of_post]
    left = np.bincount(cell, weights=weight - 1, minlength=2 * BANDS)
    posts = np.bincount(cell, minlength=2 * BANDS)
    variance, total = ((means * (1 - means) * left), means * posts)
    by_half = [part.reshape(2, BANDS).sum(axis=1) for part in (variance, total)]
    if (by_half[1] < _LEAST_EXPECTED).any():
        return None
    error = 2 * float(np.sqrt((by_half[0] / by_half[1] ** 2).sum()))
    growth = 100 * float(np.expm1(min(_FOUND_IN_FOUR_OF_FIVE * error, 9.0)))
    return round(growth, 1) if growth <= _LARGEST_GROWTH else None


_STREAM = 0xA0D17  # the draw's own stream of the study's seed


def draw_sample(
    coded: AnyFrame,
    *,
    size: int,
    seed: int,
    codes: Sequence[str] | None = None,
    exclude: Collection[str] = (),
) -> pl.DataFrame:
    """Draw the posts that two people will code."""
    chosen_codes = load_codebook().code_names if codes is None else codes
    machine = leave_out(read_machine_coding(coded, chosen_codes), exclude)
    return draw_from(machine, coded, size=size, seed=seed)


def draw_from(machine: MachineCoding, coded: AnyFrame, *, size: int, seed: int) -> pl.DataFrame:
    """Draw the sample of `draw_sample` from a frame that has been read."""
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
            "machine": describe_targets(machine, strata, rows),
        }
    )
    texts = texts_of(coded, sample["post_id"])
    order = ["post_id", "stratum", "inclusion_probability", "channel", "text", "machine", "key"]
    return sample.join(texts, on="post_id", how="left", maintain_order="left").select(order)


def sampler_digest() -> str:
    """Return what a draw depends on beside posts, size and seed: the code of it, and NumPy."""
    digest = hashlib.sha256(np.__version__.encode())
    for name in ("sampling.py", "correction.py", "machine_scores.py"):
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


def texts_of(coded: AnyFrame, names: pl.Series) -> pl.DataFrame:
    """Return post_id, channel, text and key of some posts."""
    lazy = as_lazy(coded)
    if "channel" not in lazy.collect_schema():
        lazy = lazy.with_columns(pl.lit(None, pl.String).alias("channel"))
    lazy = name_posts(countable(lazy))
    chosen = lazy.filter(pl.col("name").is_in(names.implode()))
    key = post_key(chosen.collect_schema())
    return chosen.select(pl.col("name").alias("post_id"), "channel", "text", key).collect()
