"""Which rows are one post where no id says so: exports that overlap, pages collected twice.

Rows of one text and day are compared by the rest of what they say. Where that is evidence enough
(`is_evidence`) they are one post, in one table or in several. Where it is not, as with two buyers
who write 好 on one day, the rows of one table are different posts, and rows of two tables are the
same ones only where the tables overlap on that day (`find_overlaps`): there, as many posts are
counted as the table with most of them holds.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeVar

import polars as pl

from analysis.corpus.readers.keys import LONG, said_weight

NEEDED = 3  # points of evidence
OVERLAPPING = 0.3  # of what the smaller of two tables says on a day stands in the other, too
PRIOR = 3  # long texts for which the whole tables' overlap stands beside the day's
MOST_COMPARED = 200  # classes of rows of one text and day that are compared one by one
# What rows say beside text and day: where two both say it, it must agree.
DETAILS = ("author", "rating", "title", "product", "url", "target")
CLASS = ("said_key", "minute", "second", *DETAILS)
_SAME_ID = ("own_id", "said_key", "minute", "second", "author")
_MINUTE = 60

Thing = TypeVar("Thing", bound=Hashable)


def describe_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Return what the comparison needs of each row, hashed.

    Parameters
    ----------
    rows
        Canonical posts with `said_key, said_length, day, is_named, product`.

    Returns
    -------
    polars.DataFrame
        The columns of `CLASS`, `said_length, day, is_named, is_review, is_strong`.
    """
    moment, precision = pl.col("published_at"), pl.col("published_precision")
    is_timed = precision.is_in(["second", "minute"]) & (moment.dt.truncate("1d") != moment)
    seconds = moment.dt.epoch("s")
    hashes = [pl.col(name).hash(7) for name in ("title", "product", "url", "target")]
    known = [
        pl.when(pl.col(name).is_not_null()).then(value).alias(name)
        for name, value in zip(("title", "product", "url", "target"), hashes, strict=True)
    ]
    described = rows.select(
        "said_key",
        "said_length",
        "day",
        "rating",
        *known,
        minute=pl.when(is_timed).then(seconds // _MINUTE),
        second=pl.when(is_timed & (precision == "second")).then(seconds),
        author=pl.when(pl.col("author_key").is_not_null()).then(pl.col("author_key").hash(7)),
        is_named=pl.col("is_named").fill_null(False),
        is_review=pl.col("kind") == "review",
    )
    # A shop shows one review below every variant of the goods.
    is_shown = (
        pl.col("is_review") & pl.col("second").is_not_null() & (pl.col("said_length") >= LONG)
    )
    pages = [
        pl.when(~is_shown).then(pl.col(name)).alias(name) for name in ("product", "url", "target")
    ]
    return described.with_columns(*pages, is_strong=is_evidence())


def is_evidence() -> pl.Expr:
    """Tell whether rows that agree in all that they say are one post.

    Two points for the second, one for the minute, one each for a named author, for a text of ten
    characters, and for a review, of which an order has one. Three are enough.
    """
    points = (
        pl.col("minute").is_not_null().cast(pl.Int8)
        + pl.col("second").is_not_null().cast(pl.Int8)
        + pl.col("is_named").cast(pl.Int8)
        + (pl.col("said_length") >= LONG).cast(pl.Int8)
        + pl.col("is_review").cast(pl.Int8)
    )
    return points >= NEEDED


def group_same(rows: pl.DataFrame, days: pl.DataFrame) -> pl.Series:
    """Return a number for each row, the same for rows of one post.

    Parameters
    ----------
    rows
        What `describe_rows` returns, with `reading` (the number of the table), `own_id` (its id
        within its export, or null) and `content` (a hash of all that the row says).
    days
        `reading, day, weight`: how much each table says on each day.

    Returns
    -------
    polars.Series
        Numbers of posts; they mean nothing by themselves.
    """
    placed = rows.with_row_index("row").join(
        find_overlaps(rows, days), on=["reading", "day"], how="left"
    )
    alone = -1 - pl.col("reading").cast(pl.Int64)
    # Content decides which of several rows of one class comes first, never their order.
    placed = placed.with_columns(region=pl.col("region").fill_null(alone)).sort(
        "content", "reading", "row"
    )
    by_id = pl.col("own_id").rank("dense").over(*CLASS, "reading")
    by_place = pl.int_range(pl.len(), dtype=pl.Int64).over(*CLASS, "reading")
    numbered = pl.col("own_id").is_not_null() & ~pl.col("is_strong")
    nth = pl.when(numbered).then(by_id.cast(pl.Int64)).otherwise(by_place)
    where = pl.when("is_strong").then(0).otherwise("region")
    placed = placed.with_columns(nth=pl.when("is_strong").then(0).otherwise(nth), where=where)
    placed = placed.with_columns(
        slot=_number(placed.select(*CLASS, "nth", "where")),
        # Rows of one number that say the same at the same time are one, whatever stands beside: a
        # table may have a row for each topic of a post.
        same=pl.when(pl.col("own_id").is_not_null()).then(_number(placed.select(*_SAME_ID))),
    )
    roots = _roots([*_links_of_ids(placed), *_links_of_unlike(placed)])
    return placed.sort("row")["slot"].replace(list(roots), list(roots.values()))


def _number(rows: pl.DataFrame) -> pl.Series:
    """Return a number for each row, the same for equal rows."""
    return rows.select(pl.struct(pl.all()).rank("dense").cast(pl.Int64)).to_series()


def _links_of_ids(rows: pl.DataFrame) -> Iterator[tuple[int, int]]:
    """Link the slots that share an id."""
    shared = rows.filter(pl.col("same").is_not_null()).select("same", "slot").unique()
    first = shared.with_columns(first=pl.col("slot").min().over("same"))
    yield from first.filter(pl.col("first") != pl.col("slot")).select("first", "slot").iter_rows()


@dataclass
class _Post:
    """What the rows of a post say, as far as they are known."""

    slot: int
    details: tuple[Any, ...]
    is_long: bool
    is_named: bool
    is_review: bool
    readings: set[int]
    regions: set[int]

    @classmethod
    def of(cls, row: dict[str, Any]) -> _Post:
        """Return the post of one slot."""
        details = tuple(row[name] for name in CLASS[1:])
        flags = (row["is_long"], row["is_named"], row["is_review"])
        return cls(row["slot"], details, *flags, set(row["reading"]), set(row["region"]))

    def may_be(self, other: _Post) -> bool:
        """Tell whether rows of different tables agree, and in enough."""
        if self.readings & other.readings:
            return False
        pairs = dict(zip(CLASS[1:], zip(self.details, other.details, strict=True), strict=True))
        shared = {name for name, pair in pairs.items() if None not in pair}
        if any(pairs[name][0] != pairs[name][1] for name in shared):
            return False
        is_one_author = "author" in shared and self.is_named and other.is_named
        points = ("minute" in shared) + ("second" in shared) + is_one_author
        points += self.is_long + (self.is_review or other.is_review)
        return points >= NEEDED or bool(self.regions & other.regions)

    def take(self, other: _Post) -> None:
        """Make one post of two."""
        both = zip(self.details, other.details, strict=True)
        self.details = tuple(theirs if mine is None else mine for mine, theirs in both)
        self.readings |= other.readings
        self.regions |= other.regions


def _links_of_unlike(rows: pl.DataFrame) -> Iterator[tuple[int, int]]:
    """Link slots of which one says more than the other, and which agree in what both say."""
    known = [pl.col(name).is_not_null() for name in CLASS[1:]]
    mask = pl.concat_str(each.cast(pl.Int8) for each in known)
    is_mixed = (mask.n_unique().over("said_key") > 1) & (
        pl.col("reading").n_unique().over("said_key") > 1
    )
    slots = rows.filter(is_mixed).group_by("slot").agg(
        *(pl.col(name).first() for name in (*CLASS, "nth")),
        (pl.col("said_length").max() >= LONG).alias("is_long"),
        pl.col("is_named", "is_review").any(),
        pl.col("reading", "region").unique(),
    )  # fmt: skip
    slots = slots.filter(pl.len().over("said_key") <= MOST_COMPARED)
    slots = slots.with_columns(richness=-pl.sum_horizontal(known).cast(pl.Int32))
    slots = slots.sort("said_key", "richness", *CLASS[1:], "nth", nulls_last=True)
    for _, group in groupby(slots.iter_rows(named=True), key=lambda row: row["said_key"]):
        yield from _link_group(map(_Post.of, group))


def _link_group(slots: Iterable[_Post]) -> Iterator[tuple[int, int]]:
    """Give each slot, those that say most first, to the first post that it can be."""
    posts: list[_Post] = []
    for slot in slots:
        fitting = next((post for post in posts if post.may_be(slot)), None)
        if fitting is None:
            posts.append(slot)
        else:
            fitting.take(slot)
            yield fitting.slot, slot.slot


def find_overlaps(rows: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """Return which tables hold the same posts of a day.

    Parameters
    ----------
    rows
        Rows whose text and day occur more than once: `said_key, said_length, reading, day`.
    days
        `reading, day, weight`.

    Returns
    -------
    polars.DataFrame
        `reading, day, region`: tables of one region overlap on that day. A table that overlaps with
        none is left out.
    """
    said = rows.group_by("said_key", "day", "reading").agg(said_weight().sum().alias("w"))
    said = said.filter(pl.len().over("said_key") > 1)
    totals = days.with_columns(total=pl.col("weight").sum().over("reading"))
    # Beside a table that says most on the day, and whose texts decide between equals, each is put.
    said = said.join(totals, on=["reading", "day"]).with_columns(
        print=(pl.col("said_key") % 2**40).sum().over("reading", "day")
    )
    said = said.sort(
        "said_key", "weight", "print", "reading", descending=[False, True, False, False]
    )
    hub = {f"hub_{name}": pl.col(name).first().over("said_key") for name in ("reading", "w")}
    pairs = said.with_columns(**hub).filter(pl.col("hub_reading") != pl.col("reading"))
    by_day = pairs.group_by("day", "reading", "hub_reading").agg(pl.col("w", "hub_w").sum())
    whole = by_day.group_by("reading", "hub_reading").agg(
        pl.col("w").sum().alias("whole_w"), pl.col("hub_w").sum().alias("whole_hub_w")
    )
    hubs = totals.select(pl.all().name.prefix("hub_")).rename({"hub_day": "day"})
    judged = (
        by_day.join(whole, on=["reading", "hub_reading"])
        .join(totals, on=["reading", "day"])
        .join(hubs, on=["hub_reading", "day"])
    )
    mine, theirs = _share(""), _share("hub_")
    edges = judged.filter(pl.max_horizontal(mine, theirs) >= OVERLAPPING)
    links = [((day, one), (day, other)) for day, one, other in
             edges.select("day", "reading", "hub_reading").rows()]  # fmt: skip
    roots = _roots(links)
    regions = {root: number for number, root in enumerate(set(roots.values()))}
    found = [(reading, day, regions[root]) for (day, reading), root in roots.items()]
    return pl.DataFrame(
        found,
        schema={"reading": rows.schema["reading"], "day": pl.Int32, "region": pl.Int64},
        orient="row",
    )


def _share(side: str) -> pl.Expr:
    """Return the share of a table's day that stands in the other, drawn to that of all days."""
    whole = pl.col(f"whole_{side}w") / pl.col(f"{side}total")
    return (pl.col(f"{side}w") + PRIOR * whole) / (pl.col(f"{side}weight") + PRIOR)


def _roots(links: Iterable[tuple[Thing, Thing]]) -> dict[Thing, Thing]:
    """Return for each linked thing one that stands for all that it is linked with."""
    parent: dict[Thing, Thing] = {}

    def root(thing: Thing) -> Thing:
        while parent.setdefault(thing, thing) != thing:
            parent[thing] = parent[parent[thing]]
            thing = parent[thing]
        return thing

    for one, other in links:
        parent[root(one)] = root(other)
    return {thing: root(thing) for thing in list(parent)}
