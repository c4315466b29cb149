"""Measure the search for emerging grievances: found, days off, false finds, seconds.

    python benchmarks/emerging.py posts.parquet [research data] [--nulls 20] [--rounds 1]
        [--by-day 2] [--only plants] [--from-null 0] [--share 1]

Backgrounds: `posts.parquet`, coded posts of the simulated corpus with its own days (a file, or a
pattern of files; `--share` draws so many of its families by a hash), and, where the folder of
research data is named, 15,000 negative shop reviews, which have no days and get random ones. As a
null the days are shuffled over the families, so nothing rises but by chance; `--only nulls
--from-null 10 --nulls 25` adds nulls 10 to 24 to the table and runs the others not again. Plants
(`emerging_plants.yaml`): twenty grievances in free wording, ten with a word of their own, one
corpus for each four of them, at .2 and .5 % of the background's negative items, each beginning on a
day of its own from the 6th to the 16th of 20. A third of the background, like most plants, ends in
one of the reactions, so that no plant is found by these. A find is a plant's where half of its
terms are; whatever is neither a plant's nor found without plants is false. `perfect` is the
likelihood ratio of a step in all families of a plant and no other: no grouping reaches more. In
some corpora at .5 % (`--by-day`, the first ones) the search is also run day by day from the first
onset on: `alarm_families` are those that a plant has on the day on which it is first found,
`alarm_days` the days since its onset, that one included, `first_families` those it has on the first
evening on which it has six, fewer than which are no find: no search by the day can be earlier.
"""

from __future__ import annotations

import argparse
import time
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from analysis.clusters.emerging import LEAST_PROBABILITY, find_emerging
from analysis.clusters.onset import FEWEST_RISEN, Steps
from analysis.yaml_text import read_yaml

HERE = Path(__file__).parent
START = datetime(2020, 6, 1, 9)
DAYS = 20
PLANTED = "plant:"
TOGETHER = 4
ALARMED = 0.005
REVIEWS = 15_000
SEED = 618
COLUMNS = ["text", "is_negative", "grievances", "family_id", "published_at", "negative_probability"]


def read_simulated(path: Path, share: float = 1.0) -> pl.DataFrame:
    """Read coded posts, those that may be negative, one a family, in one order."""
    posts = pl.read_parquet(path).filter(pl.col("negative_probability") >= LEAST_PROBABILITY)
    drawn = [is_drawn(name, share) for name in posts["family_id"].to_list()]
    posts = posts.filter(pl.Series(drawn, dtype=pl.Boolean))
    posts = posts.sort("published_at", "post_id").unique("family_id", maintain_order=True)
    time_of_day = pl.col("published_at").dt.replace_time_zone(None).cast(pl.Datetime("us"))
    return posts.select(COLUMNS).with_columns(time_of_day)


def is_drawn(name: str, share: float) -> bool:
    """Draw a share of names, to a thousandth, by a hash."""
    return int(sha256(name.encode()).hexdigest()[:8], 16) % 1000 < round(1000 * share)


def read_reviews(folder: Path) -> pl.DataFrame:
    """Read negative shop reviews, each text once, on days drawn at random."""
    table = pl.read_csv(folder / "online_shopping_10_cats" / "online_shopping_10_cats.csv")
    texts = table.filter(pl.col("label") == 0)["review"].drop_nulls().unique().sort()
    rng = np.random.default_rng(SEED)
    texts = texts.gather(np.sort(rng.permutation(len(texts))[:REVIEWS]))
    days = rng.integers(0, DAYS, len(texts))
    return pl.DataFrame(
        {
            "text": texts, "is_negative": True, "family_id": [f"r:{i}" for i in range(len(texts))],
            "published_at": [START + timedelta(days=int(day)) for day in days],
            "negative_probability": 0.9,
        }
    ).with_columns(grievances=pl.lit([], dtype=pl.List(pl.String))).select(COLUMNS)  # fmt: skip


def write_plant(
    plant: dict[str, Any], reactions: list[str], size: int, rng: np.random.Generator
) -> list[str]:
    """Write posts of one plant."""
    texts = []
    for _ in range(size):
        parts = [rng.choice(plant["what"])]
        parts += [rng.choice(plant["more"])] if rng.random() < 0.7 else []
        parts += [rng.choice(reactions)] if rng.random() < 0.6 else []
        texts.append("，".join(rng.permutation(parts)) + rng.choice(["。", "！", "", "……"]))
    return texts


def plant_all(
    background: pl.DataFrame,
    plants: dict[str, Any],
    reactions: list[str],
    share: float,
    rng: np.random.Generator,
) -> tuple[pl.DataFrame, dict[str, date]]:
    """Add plants to a background; the first day of each plant comes back, too."""
    ends = [
        f"，{rng.choice(reactions)}" if rng.random() < 1 / 3 else "" for _ in background["text"]
    ]
    posts = [background.with_columns(text=pl.col("text") + pl.Series(ends))]
    onsets = {}
    size = round(share * background["is_negative"].sum())
    for name, plant in plants.items():
        onset = int(rng.integers(5, DAYS - 4))
        onsets[name] = (START + timedelta(days=onset)).date()
        days = np.concatenate([[onset], rng.integers(onset, DAYS, size - 1)])
        posts.append(
            pl.DataFrame(
                {
                    "text": write_plant(plant, reactions, size, rng), "is_negative": True,
                    "family_id": [f"{PLANTED}{name}:{number}" for number in range(size)],
                    "published_at": [START + timedelta(days=int(day)) for day in days],
                    "negative_probability": 0.9,
                }
            ).with_columns(grievances=pl.lit([], dtype=pl.List(pl.String))).select(COLUMNS)
        )  # fmt: skip
    return pl.concat(posts, how="vertical_relaxed"), onsets


def whose(find: dict[str, Any], plants: dict[str, Any]) -> str:
    """Name the plant whose sentences hold most of a find's terms, or nothing."""
    terms = find["terms"].split("、")
    held = {
        name: sum(any(term in text for text in plant["what"] + plant["more"]) for term in terms)
        for name, plant in plants.items()
    }
    best = max(held, key=lambda name: held[name])
    return best if held[best] >= len(terms) / 2 else ""


def first_alarms(
    posts: pl.DataFrame, plants: dict[str, Any], onsets: dict[str, date]
) -> dict[str, date]:
    """Look day by day, and give the day on which each plant is first found."""
    alarms: dict[str, date] = {}
    last = START.date() + timedelta(days=DAYS - 1)
    day = min(onsets.values())
    while day <= last and len(alarms) < len(plants):
        for find in find_emerging(posts, day).to_dicts():
            if owner := whose(find, plants):
                alarms.setdefault(owner, day)
        day += timedelta(days=1)
    return alarms


def count_days(posts: pl.DataFrame) -> np.ndarray:
    """Count posts by day of the window."""
    days = (posts["published_at"].dt.date() - START.date()).dt.total_days()
    return np.bincount(days.to_numpy(), minlength=DAYS)


def measure_plants(
    name: str, background: pl.DataFrame, words: dict[str, Any], rounds: int, by_day: int
) -> pd.DataFrame:
    """Plant and look for: one row a plant."""
    without = set(find_emerging(background)["label"].to_list())
    rng, rows = np.random.default_rng(SEED), []
    for number in range(rounds):
        for share in (0.002, 0.005):
            names = rng.permutation(list(words["plants"]))
            for start in range(0, len(names), TOGETHER):
                plants = {key: words["plants"][key] for key in names[start : start + TOGETHER]}
                posts, onsets = plant_all(background, plants, words["reactions"], share, rng)
                began = time.process_time()
                finds = find_emerging(posts).to_dicts()
                seconds = time.process_time() - began
                owners = [whose(find, plants) for find in finds]
                false = sum(
                    not owner and find["label"] not in without
                    for owner, find in zip(owners, finds, strict=True)
                )
                looked = share == ALARMED and start < by_day * TOGETHER
                alarms = first_alarms(posts, plants, onsets) if looked else {}
                for plant, onset in onsets.items():
                    alarm = alarms.get(plant)
                    told = pl.col("family_id").str.starts_with(f"{PLANTED}{plant}:")
                    own = count_days(posts.filter(told))
                    perfect = Steps(count_days(posts), int(own.sum())).ratios(own[None]).max()
                    evenings = own.cumsum()[own.cumsum() >= FEWEST_RISEN]
                    first = int(evenings[0]) if looked and len(evenings) else None
                    by_then = pl.col("published_at").dt.date() <= (alarm or date.min)
                    mine = [
                        find for find, owner in zip(finds, owners, strict=True) if owner == plant
                    ]
                    off = (date.fromisoformat(mine[0]["onset"]) - onset).days if mine else None
                    size = round(share * background["is_negative"].sum())
                    rows.append(
                        {
                            "background": name, "round": number, "share": share, "plant": plant,
                            "slang": words["plants"][plant]["slang"], "families": size,
                            "days_after": (date(2020, 6, 20) - onset).days + 1,
                            "perfect": round(float(perfect), 1),
                            "found": bool(mine), "days_off": off, "finds": len(mine),
                            "first_families": first,
                            "alarm_families": posts.filter(told & by_then).height or None,
                            "alarm_days": (alarm - onset).days + 1 if alarm else None,
                            "false_in_run": false, "seconds": round(seconds, 1),
                        }
                    )  # fmt: skip
    return pd.DataFrame(rows)


def measure_nulls(name: str, background: pl.DataFrame, first: int, nulls: int) -> pd.DataFrame:
    """Shuffle the days over the families and count finds, in the shuffles from `first` on."""
    rng, rows = np.random.default_rng(SEED), []
    for number in range(nulls):
        shuffled = background["published_at"].gather(rng.permutation(background.height))
        if number < first:
            continue
        finds = find_emerging(background.with_columns(published_at=shuffled))
        rows.append({"background": name, "null": number, "false": finds.height})
        print(name, number, finds.height, finds["label"].to_list(), flush=True)
    return pd.DataFrame(rows)


def main() -> None:
    """Run the measurements and write their tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("posts", type=Path)
    parser.add_argument("research", type=Path, nargs="?")
    parser.add_argument("--nulls", type=int, default=20)
    parser.add_argument("--from-null", type=int, default=0)
    parser.add_argument("--only", choices=["nulls", "plants"])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--by-day", type=int, default=2)
    parser.add_argument("--share", type=float, default=1.0)
    options = parser.parse_args()
    words: dict[str, Any] = read_yaml((HERE / "emerging_plants.yaml").read_text("utf-8"))
    backgrounds = {"simulated": read_simulated(options.posts, options.share)}
    if options.research:
        backgrounds["shop reviews"] = read_reviews(options.research)
    if options.only != "plants":
        path, first = HERE / "emerging_nulls.csv", options.from_null
        nulls = [
            measure_nulls(name, posts, first, options.nulls) for name, posts in backgrounds.items()
        ]
        before = [pd.read_csv(path).query("null < @first")] if first else []
        table = pd.concat([*before, *nulls]).sort_values(["background", "null"], kind="stable")
        table.to_csv(path, index=False)
    if options.only == "nulls":
        return
    found = [
        measure_plants(name, posts, words, options.rounds, options.by_day)
        for name, posts in backgrounds.items()
    ]
    table = pd.concat(found)
    table.to_csv(HERE / "emerging.csv", index=False)
    table["near"] = table["days_off"].abs() <= 1
    print(
        table.groupby(["background", "share", "slang"])
        .agg(plants=("found", "size"), found=("found", "mean"), near=("near", "sum"),
             alarm_families=("alarm_families", "median"), perfect=("perfect", "median"),
             first_families=("first_families", "median"), seconds=("seconds", "mean"))
        .round(3).to_string()
    )  # fmt: skip


if __name__ == "__main__":
    main()
