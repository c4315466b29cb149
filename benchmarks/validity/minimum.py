"""Measure how often a report states anything where there is nothing, and what it still finds.

    python benchmarks/validity/minimum.py [--runs 400] [--only nulls|power|texts|page] [--draws 999]

Writes minimum_false.csv, minimum_power.csv, minimum_texts.csv and minimum_page.csv beside this
file. A run is one
report's series: all posts, negative items and nine codes, judged by the functions that the pipeline
calls (`grade_coverage`, `judge_trend`, `find_breaks`, `rank_platforms`); any trend, break, burst or
listing is a false statement. Texts are measured apart, since clustering takes a thousand times
longer: words drawn independently hold no topic, so any stated cluster or emerging grievance is
false. Their error adds to that of the series. The last table counts, by number of posts, all that a
page may say of days and channels: trends, breaks, bursts, signs of a trend, intervals of a change
that leave out nought, and a channel whose share is the highest, where two have the same.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl

from analysis.clusters.emerging import find_emerging
from analysis.clusters.topics import cluster_topics
from analysis.measures.breaks import find_breaks
from analysis.measures.coverage import grade_coverage
from analysis.measures.trend import judge_trend
from analysis.measures.trend_rule import ALPHA
from analysis.measures.watchlist import rank_platforms
from analysis.plots.findings import compare_shares
from analysis.study.load import study_of_range
from analysis.words import load_words

HERE = Path(__file__).parent
SEED = 20261128
START = np.datetime64("2020-06-01")
# Shares of the negative items; a post may carry several codes.
SHARES = {
    "negative": 1.0, "live_streaming": 0.09, "price": 0.07, "sms_harassment": 0.05,
    "red_envelope": 0.03, "counterfeit": 0.025, "unfair_terms": 0.015, "delivery": 0.12,
    "after_sales": 0.11, "product_quality": 0.08,
}  # fmt: skip
POSTS_PER_NEGATIVE = 4
TRENDS = ("growth", "decline")


@dataclass(frozen=True)
class World:
    """What one row of the table of nulls draws.

    Parameters
    ----------
    name
        Its name in the table.
    items
        Negative items in all.
    periods
        Days, weeks or months.
    noise, memory
        Standard deviation of the day-to-day noise on the log scale and its autocorrelation.
    is_heavy
        Whether the noise has the tails of Student's t with 5 degrees of freedom.
    empty
        Chance that a code has nothing on a day, whatever its level.
    missing
        Share of the days at random that were not collected.
    silence
        Length of one stretch in which nothing was collected.
    """

    name: str
    items: float
    periods: int = 20
    noise: float = 0.1
    memory: float = 0.0
    is_heavy: bool = False
    empty: float = 0.0
    missing: float = 0.0
    silence: int = 0


NULLS = (
    World("1 item", 1), World("3 items", 3), World("10 items", 10), World("30 items", 30),
    World("100 items", 100), World("300 items", 300), World("1,000 items", 1_000),
    World("1,000 items, heavy tails", 1_000, is_heavy=True),
    World("100 items in 60 days", 100, 60), World("1,000 items in 60 days", 1_000, 60),
    World("zero-inflated, 300 items", 300, empty=0.4),
    World("zero-inflated, 1,000 items in 60 days", 1_000, 60, empty=0.4),
    World("a tenth of the days missing, 300 items", 300, 30, missing=0.1),
    World("half of the days missing, 300 items", 300, 30, missing=0.5),
    World("a week of silence, 300 items in 30 days", 300, 30, silence=7),
    World("a week of silence, 1,000 items in 60 days", 1_000, 60, silence=7),
    World("78 weeks, 500 items", 500, 78),
    World("78 weeks, 3,000 items, memory .3", 3_000, 78, 0.2, 0.3),
    World("120 months, 500 items", 500, 120), World("120 months, 3,000 items", 3_000, 120, 0.2),
    World("6,000 a day, noise .1", 120_000), World("6,000 a day, noise .25", 120_000, noise=0.25),
    World("6,000 a day, heavy tails", 120_000, is_heavy=True),
    World("6,000 a day, memory .3", 120_000, noise=0.15, memory=0.3),
    World("6,000 a day, memory .6", 120_000, noise=0.15, memory=0.6),
)  # fmt: skip
PLANTED = (
    ("trend +60 %", "trend", 0.6), ("trend +100 %", "trend", 1.0), ("trend +200 %", "trend", 2.0),
    ("break ×2", "break", 2.0), ("break ×3", "break", 3.0),
    ("burst ×3", "burst", 3.0), ("burst ×5", "burst", 5.0),
)  # fmt: skip
SIZES = (30, 100, 300, 1_000, 10_000)


def noise(rng: np.random.Generator, world: World, rows: int) -> np.ndarray:
    """AR(1) noise on the log scale, half of its variance shared by all series of a day."""
    shape = (rows + 1, world.periods + 30)
    shocks = (
        rng.standard_t(5, shape) / np.sqrt(5 / 3) if world.is_heavy else rng.standard_normal(shape)
    )
    series = np.zeros(shape)
    for day in range(1, shape[1]):
        series[:, day] = world.memory * series[:, day - 1]
        series[:, day] += np.sqrt(1 - world.memory**2) * shocks[:, day]
    series = world.noise * series[:, 30:] / np.sqrt(2)
    total: np.ndarray = series[1:] + series[:1]
    return total


def draw(
    rng: np.random.Generator, world: World, log_change: np.ndarray | float = 0.0
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Draw the daily table of one report and, in a window of days, its coverage grades."""
    shape = np.exp(np.broadcast_to(log_change, world.periods).astype(float))
    level = world.items * shape / shape.sum()
    chance = np.exp(noise(rng, world, len(SHARES) + 1) - world.noise**2 / 2)
    lost = rng.random(world.periods) < world.missing
    if world.silence:
        first = rng.integers(0, world.periods - world.silence + 1)
        lost[first : first + world.silence] = True
    others = rng.poisson((POSTS_PER_NEGATIVE - 1) * level * chance[-1])
    counts = {"negative": rng.poisson(level * chance[0])}
    for row, (name, share) in enumerate(list(SHARES.items())[1:], start=1):
        held = rng.random(world.periods) >= world.empty
        wilder = np.minimum(1.0, share * chance[row] / chance[0])
        counts[name] = rng.binomial(counts["negative"], wilder) * held
    counts["all"] = counts["negative"] + others
    wide = pd.DataFrame(counts) * ~lost[:, None]
    dates = START + np.arange(world.periods)
    daily = wide.assign(date=dates.astype(str)).melt(
        "date", var_name="grievance", value_name="items"
    )
    if world.periods > 60:
        return daily, None
    return daily, _grades(rng, dates, wide["all"].to_numpy())


def _grades(rng: np.random.Generator, dates: np.ndarray, posts: np.ndarray) -> pd.DataFrame | None:
    """Grade the collection by posts at random hours of the day."""
    if not posts.sum() or posts.sum() > 20_000:
        return None
    hours = rng.choice(24, posts.sum(), p=np.r_[[0.01] * 7, [0.93 / 17] * 17])
    minutes = 60 * hours + rng.integers(0, 60, posts.sum())
    times = np.repeat(dates.astype("datetime64[ns]"), posts) + minutes.astype("timedelta64[m]")
    days = dates.astype(object)
    study = study_of_range("null", days[0], days[-1], [])
    return grade_coverage(pd.DataFrame({"published_at": times}), study)


def judge(
    daily: pd.DataFrame, grades: pd.DataFrame | None, draws: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Trends and breaks of one report, as the pipeline asks for them."""
    trends = judge_trend(daily, grades=grades)
    shown = daily[daily["grievance"] != "all"]
    return trends, find_breaks(shown, grades=grades, draws=draws)


def lists_anybody(rng: np.random.Generator, items: float) -> bool:
    """Tell whether a platform is listed where all platforms have the same rate."""
    counts = rng.poisson(items * np.array([0.3, 0.2, 0.15, 0.15, 0.1, 0.1]))
    table = pd.DataFrame({"platform": list("甲乙丙丁戊己"), "items": counts})
    table = table.assign(
        families=counts, authors=counts, estimate=counts, low=counts, high=counts, days=18,
        exposure=[30, 20, 15, 15, 10, 10], source="a", audited=80, precision_low=0.97,
        is_campaign_checked=True, is_reply_invited=True,
    )  # fmt: skip
    found = rank_platforms(table[["platform", "items"]], evidence=table.drop(columns="items"))
    return bool(found["list"].isin(["black", "red"]).any())


def measure_false(runs: int, draws: int) -> pd.DataFrame:
    """Share of reports without any event that state one, by kind and in all."""
    rows = []
    for world in NULLS:
        rng = np.random.default_rng(SEED)
        kinds = []
        for _ in range(runs):
            daily, grades = draw(rng, world)
            trends, breaks = judge(daily, grades, draws)
            found = breaks[breaks["is_found"].astype(bool)]
            kinds.append(
                (
                    trends["verdict"].isin(TRENDS).any(), (found["kind"] == "break").any(),
                    (found["kind"] == "burst").any(), lists_anybody(rng, world.items),
                    (trends["verdict"] != "not_testable").sum(), len(breaks.grievance.unique()),
                )
            )  # fmt: skip
        table = np.array(kinds, dtype=float)
        any_kind = table[:, :4].any(axis=1)
        error = 1.96 * np.sqrt(max(any_kind.mean(), 1 / runs) * (1 - any_kind.mean()) / runs)
        rows.append((world.name, runs, any_kind.mean(), error, *table.mean(axis=0)))
        print(*rows[-1], sep=" | ", flush=True)
    columns = [
        "null", "reports", "any_false", "plus_minus", "trend", "break", "burst", "list",
        "series_tested", "series_searched",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).round(4)


POSTS = (3, 10, 30, 200, 1_200, 4_000)


def measure_page(runs: int, draws: int) -> pd.DataFrame:
    """Share of small corpora without any event of which a page states one, by kind."""
    rows = []
    for posts in POSTS:
        rng, told = np.random.default_rng(SEED), []
        for _ in range(runs):
            daily, grades = draw(rng, World("", posts / POSTS_PER_NEGATIVE))
            trends, breaks = judge(daily, grades, draws)
            found = breaks[breaks["is_found"].astype(bool)]
            open_ = trends[(trends["verdict"] == "no_trend") & (trends["grievance"] != "all")]
            outside = (open_["low"].astype(float) > 0) | (open_["high"].astype(float) < 0)
            told.append(
                (
                    trends["verdict"].isin([*TRENDS, "flat"]).any(),
                    (found["kind"] == "break").any(), (found["kind"] == "burst").any(),
                    (outside & (open_["p_holm"].astype(float) < ALPHA)).any(), outside.any(),
                    names_a_channel(rng, daily), (trends["verdict"] != "not_testable").sum(),
                )
            )  # fmt: skip
        rows.append((posts, runs, *np.array(told, dtype=float).mean(axis=0)))
        print(*rows[-1], sep=" | ", flush=True)
    columns = [
        "posts", "corpora", "trend", "break", "burst", "sign", "interval_without_nought",
        "channel", "series_tested",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).round(4)


def names_a_channel(rng: np.random.Generator, daily: pd.DataFrame) -> bool:
    """Tell whether one of two channels is called the highest that share the posts at random."""
    posts, negative = (
        int(daily.loc[daily["grievance"] == name, "items"].sum()) for name in ("all", "negative")
    )
    first = int(rng.binomial(posts, 0.6))
    held = int(rng.hypergeometric(negative, posts - negative, first)) if posts else 0
    table = pd.DataFrame(
        {"items": [first, posts - first], "negative_items": [held, negative - held]}
    )
    table = table[table["items"] > 0].reset_index(drop=True)
    title = compare_shares("channels", table, ["甲", "乙"], load_words("en"), by_size=True)
    return title.startswith("Highest negative share: ")


def planted_change(kind: str, size: float, periods: int) -> np.ndarray:
    """Log change of a planted trend, break or burst."""
    days = np.arange(periods)
    if kind == "trend":
        change: np.ndarray = np.log1p(size) * (days / (periods - 1) - 0.5)
        return change
    place = periods // 2
    return np.log(size) * ((days >= place) if kind == "break" else (days == place))


def measure_power(runs: int, draws: int) -> pd.DataFrame:
    """Share of reports in which an event planted in all series is told of the negative items."""
    rows = []
    for name, kind, size in PLANTED:
        for items in SIZES:
            world = World(name, items)
            rng = np.random.default_rng(SEED)
            found = []
            for _ in range(runs):
                daily, grades = draw(rng, world, planted_change(kind, size, world.periods))
                one = daily[daily["grievance"].isin(["negative", "all", "delivery", "price"])]
                trends, breaks = judge(one, grades, draws)
                found.append(_is_told(kind, trends, breaks[breaks["is_found"].astype(bool)]))
            rows.append((name, items, runs, np.mean(found)))
            print(*rows[-1], sep=" | ", flush=True)
    return pd.DataFrame(rows, columns=["planted", "items", "reports", "power"]).round(4)


def _is_told(kind: str, trends: pd.DataFrame, found: pd.DataFrame) -> bool:
    if kind == "trend":
        verdict = trends.set_index("grievance")["verdict"].get("negative")
        return bool(verdict == "growth")
    places = [str(START + place) for place in ((9, 10, 11) if kind == "break" else (10,))]
    right = found[(found["grievance"] == "negative") & (found["kind"] == kind)]
    return bool(right["date"].isin(places).any())


def null_texts(rng: np.random.Generator, texts: int, vocabulary: int, length: int) -> list[str]:
    """Words drawn independently, some frequent, some joined: texts without topics."""
    letters = rng.integers(0x4E00, 0x5800, (vocabulary, 4))
    sizes = rng.choice([2, 2, 2, 3, 4], vocabulary)
    words = ["".join(map(chr, row[:size])) for row, size in zip(letters, sizes, strict=True)]
    chances = 1 / np.arange(3, vocabulary + 3)
    written = []
    for _ in range(texts):
        drawn = rng.choice(words, rng.poisson(length) + 2, p=chances / chances.sum())
        marks = rng.choice(["", "，"], len(drawn), p=[0.7, 0.3])
        written.append("".join(word + mark for word, mark in zip(drawn, marks, strict=True)))
    return written


def topic_texts(rng: np.random.Generator, texts: int, topics: int = 4) -> list[str]:
    """Half of the words of a text from its topic's forty, half from words of all."""
    letters = rng.integers(0x4E00, 0x5800, (topics + 5, 40, 2))
    written = []
    for number in range(texts):
        own, common = letters[number % topics], letters[topics:].reshape(-1, 2)
        chances = 1 / np.arange(3, 43)
        picked = rng.choice(40, rng.poisson(5) + 2, p=chances / chances.sum())
        drawn = [*own[picked], *common[rng.integers(0, len(common), rng.poisson(5) + 2)]]
        rng.shuffle(drawn)
        written.append("，".join("".join(map(chr, word)) for word in drawn))
    return written


def measure_texts(runs: int) -> pd.DataFrame:
    """Share of corpora with any stated cluster: without topics, and with four of them."""
    rows = []
    kinds = {
        "no topics, 150 words": lambda rng, n: null_texts(rng, n, 150, 8),
        "no topics, 600 words": lambda rng, n: null_texts(rng, n, 600, 12),
        "no topics, 2,000 words, long": lambda rng, n: null_texts(rng, n, 2_000, 25),
        "four topics": topic_texts,
    }
    for name, write in kinds.items():
        for size, repeats in ((30, 20), (50, runs), (100, runs), (300, max(5, runs // 3))):
            rng = np.random.default_rng(SEED)
            stated, emerging = [], []
            for _ in range(repeats):
                days = START + rng.integers(0, 20, size)
                posts = pl.DataFrame(
                    {
                        "text": write(rng, size), "is_negative": True,
                        "published_at": days.astype("datetime64[us]"),
                    }
                )  # fmt: skip
                posts = posts.with_columns(grievances=pl.lit([], dtype=pl.List(pl.String)))
                result = cluster_topics(posts)
                stated.append(len(result.clusters))
                emerging.append(len(find_emerging(posts)) > 0)
            any_stated = np.mean(np.array(stated) > 0)
            rows.append((name, size, repeats, any_stated, np.mean(stated), np.mean(emerging)))
            print(*rows[-1], sep=" | ", flush=True)
    columns = ["texts", "size", "corpora", "any_cluster", "clusters", "any_emerging"]
    return pd.DataFrame(rows, columns=columns).round(4)


def main() -> None:
    """Run the measurements and write their tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--draws", type=int, default=999)
    parser.add_argument("--only", choices=["nulls", "power", "texts", "page"])
    options = parser.parse_args()
    if options.only in (None, "nulls"):
        table = measure_false(options.runs, options.draws)
        table.to_csv(HERE / "minimum_false.csv", index=False)
    if options.only in (None, "power"):
        table = measure_power(options.runs // 2, options.draws)
        table.to_csv(HERE / "minimum_power.csv", index=False)
    if options.only in (None, "page"):
        table = measure_page(options.runs // 2, options.draws)
        table.to_csv(HERE / "minimum_page.csv", index=False)
    if options.only in (None, "texts"):
        measure_texts(options.runs // 4).to_csv(HERE / "minimum_texts.csv", index=False)


if __name__ == "__main__":
    main()
