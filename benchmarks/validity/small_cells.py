"""Estimates of sub-grievances: by the audit alone, leaning on the coder's count, or on siblings.

    python benchmarks/validity/small_cells.py --audits 12 [--first 100]

A made corpus of 20,000 posts (as in the tests) has one code with three to five sub-grievances of 5
to 400 posts; audits of 300 and 1,000 posts are drawn, coded without error and scored. Seven worlds
differ in how the coder errs within the code. Told are, by world and by size of the cell, the root
mean square error over the truth, the coverage of the interval, and how often a cell of at least 20
true posts is estimated as 0. Two rules of before are computed here: an audit of fewer than twenty
posts leans on the coder's own count; and cells lean on siblings without a prior at that count. The
posts of the prior were chosen on audits 0 to 39 of the first three worlds and the last one.
"""

from __future__ import annotations

import argparse
import functools
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "audit"))

from analysis.audit import correction
from analysis.audit.leaning import shrink_to_count
from analysis.audit.sampling import draw_sample
from conftest import make_corpus

CODE = "live_streaming"
SIZES = [[5, 20, 60, 150, 300], [10, 40, 80, 100, 300], [8, 30, 78, 200], [15, 60, 400]]
# Of the posts that the coder gave the code: part it gives a sibling, part it gives none, posts that
# it gives a sub-grievance without one, per true post. Of "one", one sub-grievance has it.
WORLDS = {
    "takes a fifth for another": (0.2, 0.0, 0.0),
    "gives none to a half": (0.05, 0.5, 0.0),
    "gives too many": (0.05, 0.0, 0.6),
    "each errs otherwise": (0.1, None, None),
    "one is hardly seen": (0.1, "one", 0.1),
    "nearly right": (0.05, 0.03, 0.08),
    "one is mostly wrong": (0.05, 0.05, "one"),
}
corpus_of = functools.lru_cache(2)(lambda seed: make_corpus(seed=seed))


def make_cells(seed: int, world: str) -> tuple[pl.DataFrame, np.ndarray, list[str]]:
    """Give the posts of one code sub-grievances; return posts, the true one of each, names."""
    coded, truth = corpus_of(seed)
    generator = np.random.default_rng([seed, 7])
    swap, drop, invent = WORLDS[world]
    sizes = SIZES[seed % len(SIZES)]
    count = len(sizes)
    holds = truth["grievances"].list.contains(CODE).to_numpy()
    gave = coded["grievances"].list.contains(CODE).to_numpy()
    right = np.full(len(holds), -1)
    place = generator.permutation(np.flatnonzero(holds))
    for number, end in enumerate(np.cumsum(sizes)):
        right[place[end - sizes[number] : end]] = number
    drops = np.full(count, drop) if isinstance(drop, float) else generator.uniform(0, 0.7, count)
    if drop == "one":
        drops = np.where(np.arange(count) == generator.integers(count), 0.7, 0.1)
    if invent == "one":
        invents = np.where(np.arange(count) == generator.integers(count), 1.5, 0.1)
    else:
        invents = generator.uniform(0, 1, count) if invent is None else np.full(count, invent)
    found = np.where(gave, right, -1)
    swapped = (found >= 0) & (generator.random(len(found)) < swap)
    found[swapped] = generator.integers(0, count, int(swapped.sum()))
    found[(found >= 0) & (generator.random(len(found)) < drops[np.maximum(found, 0)])] = -1
    free = generator.permutation(np.flatnonzero(gave & (found < 0) & (right < 0)))
    if invent == "one":  # the wrong ones may be posts that lost their own
        lost = generator.permutation(np.flatnonzero(gave & (found < 0) & (right >= 0)))
        free = np.concatenate([free, lost])
    for number in range(count):
        more = min(generator.poisson(invents[number] * sizes[number]), len(free))
        found[free[:more]], free = number, free[more:]
    names = [f"{CODE}.s{number}" for number in range(count)]
    lists = pl.Series([[names[n]] if n >= 0 else [] for n in found], dtype=pl.List(pl.String))
    return coded.with_columns(sub_grievances=lists), right, names


def score(seed: int, world: str, size: int) -> Iterator[tuple[object, ...]]:
    """Yield world, size, rule, truth, estimate and whether the interval covers, by cell."""
    coded, right, names = make_cells(seed, world)
    sample = draw_sample(coded, size=size, seed=seed).sort("post_id")
    drawn = sample["post_id"].cast(int).to_numpy()
    truth = corpus_of(seed)[1]
    coding = pd.DataFrame(
        {
            "post_id": sample["post_id"].to_list(),
            "negative": truth["is_negative"].to_numpy()[drawn].astype(int),
            CODE: truth["grievances"].list.contains(CODE).to_numpy()[drawn].astype(int),
        }
    )
    for number, name in enumerate(names):
        coding[name] = (right[drawn] == number).astype(int)
    table = correction.estimate_counts(sample, coding).set_index("grievance")
    sides = {
        str(key[0]): side for key, side in correction.spread_machine(sample).group_by("target")
    }
    cells = {
        name: correction._find(
            sides[name].sort("post_id"), coding[name].to_numpy(float), coding["negative"]
        )
        for name in [CODE, *names]
        if name in table.index  # the coder gave it to some post
    }
    before = lean_without_prior(cells)
    for number, name in enumerate(names):
        if name not in cells:
            continue
        found = cells[name]
        alone = max(found.counted.estimate, found.seen)
        given = found.counted.estimate - found.missed
        count = shrink_to_count(given, found.items, found.at_issue) + found.missed
        row, true = table.loc[name], int((right == number).sum())
        for rule, estimate in (
            ("alone", alone),
            ("own count", max(count, found.seen)),
            ("siblings", max(before[name], found.seen)),
            ("with prior", row["estimate"]),
        ):
            low, high = min(row["low"], estimate), max(row["high"], estimate)
            yield world, size, rule, true, estimate, low <= true <= high


def lean_without_prior(cells: dict[str, correction._Found]) -> dict[str, float]:
    """Lean on siblings as until 29 November: the coder's count has no weight of its own."""
    code = cells[CODE]
    given = shrink_to_count(code.counted.estimate - code.missed, code.items, code.at_issue)
    subs = {name: found for name, found in cells.items() if name != CODE}
    alone = np.array([found.counted.estimate for found in subs.values()])
    items = np.array([found.items for found in subs.values()])
    audited = np.array([found.at_issue for found in subs.values()])
    low, high = np.array([found.counted.interval for found in subs.values()]).T
    low = np.maximum(low, [found.seen for found in subs.values()])
    known = audited.sum()
    ratio = known * alone.sum() / items.sum() + 2 * (given + code.missed) / max(code.items, 1)
    expected = ratio / (known + 2) * items
    error = np.maximum(((high - low) / (2 * 1.96)) ** 2, (items / 2) ** 2 / (audited + 1))
    own = (0.7 * expected) ** 2 / ((0.7 * expected) ** 2 + error)
    leaning = np.maximum(own * alone + (1 - own) * expected, low)
    return dict(zip(subs, np.where(audited >= items, alone, leaning).tolist(), strict=True))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--audits", type=int, default=12)
    parser.add_argument("--first", type=int, default=0, help="number of the first audit")
    options = parser.parse_args()
    rows = [
        row
        for seed in range(options.first, options.first + options.audits)
        for world in WORLDS
        for size in (300, 1000)
        for row in score(seed, world, size)
    ]
    columns = ["world", "audited", "rule", "true_items", "estimate", "is_covered"]
    table = pd.DataFrame(rows, columns=columns)
    table["error"] = table["estimate"] / table["true_items"] - 1
    table["is_zero"] = np.where(table["true_items"] >= 20, table["estimate"] < 0.5, np.nan)
    table["cell"] = pd.cut(table["true_items"], [0, 19, 60, 1000], labels=["5-15", "20-60", "78-"])
    for keys in (["world"], ["audited", "cell"]):
        told = table.groupby([*keys, "rule"], observed=True, sort=False).agg(
            rmse=("error", lambda e: float(np.sqrt((e**2).mean()))),
            coverage=("is_covered", "mean"),
            zero=("is_zero", "mean"),
            n=("error", "size"),
        )
        print(told.round(3).to_string())


if __name__ == "__main__":
    main()
