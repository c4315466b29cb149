"""Measure how far the coder's own error can set two channels apart that complain alike.

    python benchmarks/validity/channel_error.py FOLDER [--most 5000]

FOLDER holds the public sets with labels or stars (`benchmarks/real_posts.py` names them); texts
that the weights learnt are left out. Each is coded in its channel, words alone. Then two tables are
printed.

By source: the share that is labelled negative, the share that is called, the ratio of their odds,
and what is called of the negative texts (hits) and of the others (alarms). Neutral texts and three
stars are no negative ones. The two sets of Weibo have no labels and next to no complaints: what is
called there are alarms. Then the same of the posts that were coded blind, by channel.

By true share: what would be called of each source if so many of its texts were negative, from what
is called of its negative and of its other texts, and the largest ratio of odds between two sources
of different channels. Channels between which the truth does not differ at all differ by so much.
"""

from __future__ import annotations

import argparse
import sys
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1]))

from real_posts import SOURCES, code_posts, coded_posts, unlearnt_posts

TRUE_SHARES = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
SEED = 618


class Found(NamedTuple):
    """What is called of a source: of its negative texts, and of its others."""

    name: str
    channel: str
    texts: int
    negative: int
    called: int
    hits: float | None
    alarms: float

    def share(self, true: float) -> float:
        """Return the share that is called where so many are negative."""
        return (self.hits or 0.0) * true + self.alarms * (1 - true)


def odds(share: float) -> float:
    """Return the odds of a share."""
    return share / (1 - share)


def measure(folder: Path, most: int) -> list[Found]:
    """Return what is called of each source with labels, and of Weibo."""
    found = []
    for source in SOURCES:
        if not source.sides and source.channel != "weibo":
            continue
        posts = unlearnt_posts(folder, source)
        if source.sides:
            posts = posts.filter(pl.col("side").is_not_null())
        if posts.is_empty():
            continue
        posts = posts.sample(min(most, posts.height), seed=SEED, shuffle=True)
        called = code_posts(posts, source.channel, "fast")["is_negative"].fill_null(False)
        worst = source.sides[0][1] if source.sides else ()
        negative = posts["side"].is_in(worst).fill_null(False)
        found.append(count(source.name, source.channel or "", negative, called))
    return found


def measure_blind(folder: Path) -> list[Found]:
    """Return what is called of the posts that were coded blind, by channel."""
    found = []
    for (channel,), posts in coded_posts(folder).partition_by("channel", as_dict=True).items():
        called = code_posts(posts.select("text"), channel, "fast")["is_negative"].fill_null(False)
        found.append(count("coded blind", channel or "none", posts["negative"] == "1", called))
    return found


def count(name: str, channel: str, negative: pl.Series, called: pl.Series) -> Found:
    """Return what is called of texts of which these are negative."""
    hits, alarms = (called.filter(part).mean() for part in (negative, ~negative))
    numbers = len(called), int(negative.sum()), int(called.sum())
    return Found(name, channel, *numbers, None if hits is None else float(hits), float(alarms or 0))


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--most", type=int, default=5_000, help="Texts of a source.")
    given = parser.parse_args()
    found, blind = measure(given.folder, given.most), measure_blind(given.folder)
    print("source,channel,texts,negative,called,ratio_of_odds,hits,alarms")
    for one in [*found, *blind]:
        true, called = one.negative / one.texts, one.called / one.texts
        ratio = "" if one.hits is None else f"{odds(called) / odds(true):.2f}"
        hits = "" if one.hits is None else f"{one.hits:.3f}"
        print(f"{one.name},{one.channel},{one.texts},{true:.3f},{called:.3f},{ratio},{hits},"
              f"{one.alarms:.3f}")  # fmt: skip
    labelled = [one for one in found if one.hits is not None]
    print("\ntrue_share,largest_ratio,higher,lower")
    for true in TRUE_SHARES:
        pairs = [
            (odds(one.share(true)) / odds(other.share(true)), one.name, other.name)
            for pair in combinations(labelled, 2)
            for one, other in (pair, pair[::-1])
            if one.channel != other.channel
        ]
        ratio, higher, lower = max(pairs)
        print(f"{true},{ratio:.2f},{higher},{lower}")


if __name__ == "__main__":
    main()
