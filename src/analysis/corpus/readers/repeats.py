"""Which of several rows under one key counts, decided by what they say and not by their order.

Two passes keep memory flat. The first holds eight bytes a row, or sixteen, and finds the keys that
occur more than once; the second looks at those rows only. A row that loses carries `repeat_of`.
"""

from __future__ import annotations

import hashlib
import html
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.corpus.readers.cells import Cells
from analysis.corpus.readers.values.columns import clean_ids

# Keys of posts as hashes of eight bytes, to find those that occur again.
#
# A post is known by its id where its collector gives ids that name posts. Elsewhere it is known
# by what it says: rows of one text, with white space, markup and entities left out, of one day.

_WEIBO_SOURCES = ("weibo_search", "weibo_crawler")
_LONG = 10  # characters from which two people are not taken to have written one text by chance
_SEED = 20200618
_FILLING = r"<br\s*/?>|[\s\x00\u200b-\u200d\u2060\ufeff]+"
_SAID = pl.Schema({"said_key": pl.UInt64, "said_length": pl.UInt32, "day": pl.Int32})
_DAYS = pl.Schema({"day": pl.Int32, "weight": pl.Float64})


@dataclass(frozen=True)
class Survey:
    """Hashes of the keys of posts, and of the originals that reposts name."""

    keys: NDArray[np.uint64]
    originals: NDArray[np.uint64]
    days: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_DAYS))

    def find_repeated(self) -> pl.Series:
        """Return the hashes that occur more than once."""
        ordered = np.sort(self.keys)
        return pl.Series(np.unique(ordered[1:][ordered[1:] == ordered[:-1]]), dtype=pl.UInt64)

    def find_originals(self) -> pl.Series:
        """Return the hashes of originals, each once."""
        return pl.Series(np.unique(self.originals), dtype=pl.UInt64)


def hash_keys(column: str = "post_id") -> pl.Expr:
    """Return the hash of the key, made of the hashes of its two parts: joining them is slow."""
    return pl.col(column).hash(_SEED) ^ pl.col("source").hash(_SEED + 1)


def read_keys(cells: Cells) -> pl.DataFrame:
    """Return `source, kind, post_id, parent_id` of a batch and nothing else."""
    return pl.DataFrame(
        {
            "source": cells.words("source").fill_null(cells.plan.source),
            "kind": cells.words("kind").fill_null(cells.plan.kind),
            "post_id": clean_ids(cells.words("post_id")),
            "parent_id": clean_ids(cells.words("parent_id")),
        }
    )


def _fold_said(text: pl.Series) -> pl.Series:
    r"""Return texts as they are compared: without entities, line breaks, blanks, joiners."""
    plain = text.fill_null("")
    escaped = plain.str.contains("&", literal=True)
    if escaped.any():
        rows = escaped.arg_true()
        meant = [html.unescape(said) for said in plain.gather(rows)]
        plain = plain.clone().scatter(rows, pl.Series(meant, dtype=pl.String))
    return plain.str.replace_all(_FILLING, "")


def with_said_keys(posts: pl.DataFrame, *, local_ids: bool) -> pl.DataFrame:
    """Add what a row is known by where no id names its post."""
    if not local_ids and posts["has_own_id"].all():
        return posts.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in _SAID.items())
    is_said = pl.lit(True) if local_ids else ~pl.col("has_own_id")
    # Any table may hold an export of any shop's reviews; a collector of one site is a world apart.
    scope = pl.lit(0, pl.UInt64) if local_ids else pl.concat_str("source", "kind").hash(_SEED + 2)
    day = pl.col("published_at").dt.date().to_physical().cast(pl.Int32).fill_null(-1)
    said = posts.with_columns(said=_fold_said(posts["text"]), day=day)
    key = pl.col("said").hash(_SEED + 3) ^ pl.col("day").hash(_SEED + 4) ^ scope
    return said.with_columns(
        said_key=pl.when(is_said).then(key),
        said_length=pl.col("said").str.len_chars(),
    ).drop("said")


def survey_posts(frames: Iterable[pl.DataFrame]) -> Survey:
    """Return the survey of frames with `source, kind, post_id, parent_id`.

    Rows with a `said_key` are known by it, and by their id where they have one of their own.
    """
    parts = []
    for frame in frames:
        is_repost = pl.col("source").is_in(_WEIBO_SOURCES) & (pl.col("kind") == "repost")
        named = frame.filter(pl.col("parent_id").is_not_null()).filter(is_repost)
        originals = named.select(hash_keys("parent_id")).to_series().to_numpy()
        if "said_key" not in frame.columns:
            keys = frame.select(hash_keys()).to_series().to_numpy()
            parts.append(Survey(keys, originals))
            continue
        by_id = frame.filter("has_own_id").select(hash_keys()).to_series().to_numpy()
        said = frame.filter(pl.col("said_key").is_not_null())
        keys = np.concatenate([by_id, said["said_key"].to_numpy()])
        weight = _said_weight().sum().alias("weight")
        parts.append(Survey(keys, originals, said.group_by("day").agg(weight)))
    return join_surveys(parts)


def _said_weight() -> pl.Expr:
    """Return how much a row's text tells of where it comes from, 0 to 1: a long one tells all."""
    return pl.col("said_length").clip(0, _LONG).cast(pl.Float64) / _LONG


def join_surveys(surveys: Iterable[Survey]) -> Survey:
    """Return several surveys as one."""
    listed = list(surveys)
    none = np.zeros(0, np.uint64)
    days = pl.concat([pl.DataFrame(schema=_DAYS), *(survey.days for survey in listed)])
    return Survey(
        np.concatenate([none, *(survey.keys for survey in listed)]),
        np.concatenate([none, *(survey.originals for survey in listed)]),
        days.group_by("day").agg(pl.col("weight").sum()),
    )


# Which rows are one post where no id says so: exports that overlap, pages collected twice.
#
# Rows of one text and day are compared by the rest of what they say. Where that is evidence
# enough (`_is_evidence`) they are one post, in one table or in several. Where it is not, as with
# two buyers who write 好 on one day, the rows of one table are different posts, and rows of two
# tables are the same ones only where the tables overlap on that day (`_find_overlaps`): there,
# as many posts are counted as the table with most of them holds.

_NEEDED = 3  # points of evidence
_OVERLAPPING = 0.3  # of what the smaller of two tables says on a day stands in the other, too
_PRIOR = 3  # long texts for which the whole tables' overlap stands beside the day's
_MOST_COMPARED = 200  # classes of rows of one text and day that are compared one by one
# What rows say beside text and day: where two both say it, it must agree.
_DETAILS = ("author", "rating", "title", "product", "url", "target")
_CLASS = ("said_key", "minute", "second", *_DETAILS)
_SAME_ID = ("own_id", "said_key", "minute", "second", "author")
_MINUTE = 60

Thing = TypeVar("Thing", bound=Hashable)


def _describe_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Return what the comparison needs of each row, hashed."""
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
        pl.col("is_review") & pl.col("second").is_not_null() & (pl.col("said_length") >= _LONG)
    )
    pages = [
        pl.when(~is_shown).then(pl.col(name)).alias(name) for name in ("product", "url", "target")
    ]
    return described.with_columns(*pages, is_strong=_is_evidence())


def _is_evidence() -> pl.Expr:
    """Tell whether rows that agree in all that they say are one post.

    Two points for the second, one for the minute, one each for a named author, for a text of ten
    characters, and for a review, of which an order has one. Three are enough.
    """
    points = (
        pl.col("minute").is_not_null().cast(pl.Int8)
        + pl.col("second").is_not_null().cast(pl.Int8)
        + pl.col("is_named").cast(pl.Int8)
        + (pl.col("said_length") >= _LONG).cast(pl.Int8)
        + pl.col("is_review").cast(pl.Int8)
    )
    return points >= _NEEDED


def _group_same(rows: pl.DataFrame, days: pl.DataFrame) -> pl.Series:
    """Return a number for each row, the same for rows of one post."""
    placed = rows.with_row_index("row").join(
        _find_overlaps(rows, days), on=["reading", "day"], how="left"
    )
    alone = -1 - pl.col("reading").cast(pl.Int64)
    # Content decides which of several rows of one class comes first, never their order.
    placed = placed.with_columns(region=pl.col("region").fill_null(alone)).sort(
        "content", "reading", "row"
    )
    by_id = pl.col("own_id").rank("dense").over(*_CLASS, "reading")
    by_place = pl.int_range(pl.len(), dtype=pl.Int64).over(*_CLASS, "reading")
    numbered = pl.col("own_id").is_not_null() & ~pl.col("is_strong")
    nth = pl.when(numbered).then(by_id.cast(pl.Int64)).otherwise(by_place)
    where = pl.when("is_strong").then(0).otherwise("region")
    placed = placed.with_columns(nth=pl.when("is_strong").then(0).otherwise(nth), where=where)
    placed = placed.with_columns(
        slot=_number(placed.select(*_CLASS, "nth", "where")),
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
        details = tuple(row[name] for name in _CLASS[1:])
        flags = (row["is_long"], row["is_named"], row["is_review"])
        return cls(row["slot"], details, *flags, set(row["reading"]), set(row["region"]))

    def may_be(self, other: _Post) -> bool:
        """Tell whether rows of different tables agree, and in enough."""
        if self.readings & other.readings:
            return False
        pairs = dict(zip(_CLASS[1:], zip(self.details, other.details, strict=True), strict=True))
        shared = {name for name, pair in pairs.items() if None not in pair}
        if any(pairs[name][0] != pairs[name][1] for name in shared):
            return False
        is_one_author = "author" in shared and self.is_named and other.is_named
        points = ("minute" in shared) + ("second" in shared) + is_one_author
        points += self.is_long + (self.is_review or other.is_review)
        return points >= _NEEDED or bool(self.regions & other.regions)

    def take(self, other: _Post) -> None:
        """Make one post of two."""
        both = zip(self.details, other.details, strict=True)
        self.details = tuple(theirs if mine is None else mine for mine, theirs in both)
        self.readings |= other.readings
        self.regions |= other.regions


def _links_of_unlike(rows: pl.DataFrame) -> Iterator[tuple[int, int]]:
    """Link slots of which one says more than the other, and which agree in what both say."""
    known = [pl.col(name).is_not_null() for name in _CLASS[1:]]
    mask = pl.concat_str(each.cast(pl.Int8) for each in known)
    is_mixed = (mask.n_unique().over("said_key") > 1) & (
        pl.col("reading").n_unique().over("said_key") > 1
    )
    slots = rows.filter(is_mixed).group_by("slot").agg(
        *(pl.col(name).first() for name in (*_CLASS, "nth")),
        (pl.col("said_length").max() >= _LONG).alias("is_long"),
        pl.col("is_named", "is_review").any(),
        pl.col("reading", "region").unique(),
    )  # fmt: skip
    slots = slots.filter(pl.len().over("said_key") <= _MOST_COMPARED)
    slots = slots.with_columns(richness=-pl.sum_horizontal(known).cast(pl.Int32))
    slots = slots.sort("said_key", "richness", *_CLASS[1:], "nth", nulls_last=True)
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


def _find_overlaps(rows: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """Return which tables hold the same posts of a day."""
    weight = _said_weight() * pl.col("rows")
    said = rows.group_by("said_key", "day", "reading").agg(weight.sum().alias("w"))
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
    edges = judged.filter(pl.max_horizontal(mine, theirs) >= _OVERLAPPING)
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
    return (pl.col(f"{side}w") + _PRIOR * whole) / (pl.col(f"{side}weight") + _PRIOR)


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


_CONTENT = (
    "source",
    "post_id",
    "kind",
    "channel",
    "title",
    "text",
    "published_at",
    "published_precision",
    "parent_id",
    "author_type",
    "region",
    "like_count",
    "comment_count",
    "share_count",
    "rating",
    "target",
    "demand",
    "amount_yuan",
    "status",
    "keyword",
    "url",
    "collected_at",
    "writer",
)
# Of several copies the one counts that says most: an original found by itself, the longest text,
# the latest collection, the most comments. Content decides between equals, never the order.
_RICHNESS = ("is_original", "length", "collected_at", "comment_count")
_POSITION = ["reading", "row_number"]


def summarise(rows: pl.DataFrame) -> pl.DataFrame:
    """Return what the decision needs of rows, in a few bytes and without their words."""
    contents = [pl.col(name).cast(pl.String).fill_null("") for name in _CONTENT]
    identity = pl.concat_str("kind", "channel")
    said = pl.concat_str(pl.col("said_key").cast(pl.String), pl.col("title").fill_null(""))
    summary = rows.select(
        *_POSITION,
        "source",
        "post_id",
        "has_own_id",
        "collected_at",
        "comment_count",
        identity=pl.when(pl.col("said_key").is_null()).then(identity).otherwise(said),
        is_original=pl.col("author_type").is_not_null(),
        length=pl.col("text").str.len_chars(),
        content=pl.concat_str(contents, separator="\x1f"),
    )
    summary = summary.with_columns(
        identity=_digest(summary["identity"]), content=_digest(summary["content"])
    ).hstack(_describe_rows(rows))
    alike = summary.drop("row_number").hash_rows(_SEED)
    return summary.group_by(alike.alias("alike"), maintain_order=True).agg(
        pl.exclude("row_number").first(), pl.col("row_number").alias("row_numbers")
    )


def _digest(texts: pl.Series) -> pl.Series:
    digests = [hashlib.blake2b(text.encode(), digest_size=8).hexdigest() for text in texts]
    return pl.Series(digests, dtype=pl.String)


def decide(summaries: Iterable[pl.DataFrame], days: pl.DataFrame) -> pl.DataFrame | None:
    """Return the final id of each row under a repeated key, and which post it repeats."""
    parts = list(summaries)
    if not parts:
        return None
    kinds = pl.concat(parts)
    members = kinds.select("alike", row_number="row_numbers").explode("row_number")
    kinds = kinds.drop("row_numbers").unique("alike", maintain_order=True)
    is_plain = _are_plain(kinds)
    numbered = _number_plain(kinds.filter(is_plain), members)
    kinds = kinds.filter(~is_plain)
    # Rows that are alike and one post count as the first of them.
    is_one = pl.col("is_strong") | pl.col("said_key").is_null()
    first = members.group_by("alike").agg(pl.col("row_number").min(), rows=pl.len())
    ones = kinds.filter(is_one).join(first, on="alike")
    several = kinds.filter(~is_one).join(members, on="alike")
    several = several.with_columns(pl.lit(1, first.schema["rows"]).alias("rows"))
    decided = _decide_rows(pl.concat([ones, several.select(ones.columns)]), days)
    others = members.join(ones.select("alike"), on="alike", how="semi").join(
        ones.select("alike", "row_number"), on=["alike", "row_number"], how="anti"
    )
    told = decided.select(
        "alike", "reading", "final_id", repeats="counted", counted_in="counted_in"
    )
    again = others.join(told, on="alike")
    return pl.concat(
        part.select(*_POSITION, "final_id", "repeats", "counted_in")
        for part in (decided, again, numbered)
    ).sort(_POSITION)


def _decide_rows(rows: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    is_said = pl.col("said_key").is_not_null()
    named = _rank(rows.filter(~is_said), ["source", "post_id"])
    said = rows.filter(is_said)
    own = pl.when("has_own_id").then(pl.concat_str("source", "post_id", separator=":"))
    numbers = _group_same(said.with_columns(own_id=own), days)
    alike = _rank(said.with_columns(post=numbers), ["post"])
    return pl.concat([_decide_named(named), _decide_said(alike)])


def _are_plain(kinds: pl.DataFrame) -> pl.Series:
    """Tell which rows are posts of their own, whatever else is found: what one table alone says.

    Without an id and without evidence that they are one post they only need their numbers.
    """
    in_one = pl.col("reading").n_unique().over("said_key") == 1
    is_plain = ~pl.col("has_own_id") & ~pl.col("is_strong") & pl.col("said_key").is_not_null()
    plain = kinds.with_columns(is_plain=is_plain & in_one)
    return plain.select(pl.col("is_plain").all().over("source", "post_id")).to_series()


def _number_plain(kinds: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Give plain rows the numbers of their occurrences, in the order in which rows are ranked."""
    group = ["source", "post_id"]
    order = [*group, *_RICHNESS, "content"]
    is_richness = [name in _RICHNESS for name in order]
    ranked = kinds.sort(order, descending=is_richness, nulls_last=True)
    is_next = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift(1)) for name in order)
    ranked = ranked.select("alike", "reading", *group, order=is_next.cum_sum())
    rows = ranked.join(members, on="alike").sort("order", *_POSITION)
    occurrence = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(group)
    return rows.select(
        *_POSITION,
        final_id=pl.concat_str("post_id", pl.lit("-"), occurrence),
        repeats=pl.lit(None, pl.String),
        counted_in="reading",
    )


def _rank(rows: pl.DataFrame, group: list[str]) -> pl.DataFrame:
    """Sort the rows of each group so that the one that counts comes first."""
    return rows.sort(
        [*group, *_RICHNESS, "content", *_POSITION],
        descending=[*(False for _ in group), *(True for _ in _RICHNESS), False, False, False],
        nulls_last=True,
    )


def _decide_named(ranked: pl.DataFrame) -> pl.DataFrame:
    """Decide where an id names the post; under one id of two kinds stand two posts."""
    group = ["source", "post_id"]
    is_other = pl.col("identity") != pl.col("identity").first().over(group)
    parted = pl.concat_str("post_id", pl.lit("~"), pl.col("identity").str.head(8))
    final = ranked.with_columns(final_id=pl.when(is_other).then(parted).otherwise("post_id"))
    return _mark_repeats(final, [*group, "identity"])


def _decide_said(ranked: pl.DataFrame) -> pl.DataFrame:
    """Decide where rows are known by what they say: the ids of posts, told apart where they meet.

    A hash gets the number of its occurrence. An id that only numbers rows and that another post
    has, too, gets a hash of what is said.
    """
    first = _rank(ranked.unique("post", keep="first"), [])
    group = ["source", "post_id"]
    occurrence = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(group)
    again = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over([*group, "identity"])
    is_other = pl.col("identity") != pl.col("identity").first().over(group)
    parted = pl.concat_str("post_id", pl.lit("~"), pl.col("identity").str.head(8))
    own = pl.when(is_other).then(parted).otherwise("post_id")
    own = pl.when(again > 1).then(pl.concat_str(own, pl.lit("-"), again)).otherwise(own)
    numbered = pl.concat_str("post_id", pl.lit("-"), occurrence)
    ids = first.select("post", final_id=pl.when("has_own_id").then(own).otherwise(numbered))
    return _mark_repeats(ranked.join(ids, on="post", maintain_order="left"), ["post"])


def _mark_repeats(ranked: pl.DataFrame, group: list[str]) -> pl.DataFrame:
    place = pl.int_range(0, pl.len(), dtype=pl.Int64).over(group)
    counted = pl.concat_str("source", pl.lit(":"), "final_id").first().over(group)
    return ranked.select(
        *_POSITION,
        "alike",
        "final_id",
        counted=counted,
        repeats=pl.when(place > 0).then(counted),
        counted_in=pl.col("reading").first().over(group),
    )


def settle(
    frame: pl.DataFrame, decisions: pl.DataFrame | None, originals: pl.Series
) -> pl.DataFrame:
    """Return a frame with final ids, `repeat_of`, `via_repost` and `is_elsewhere`.

    `is_elsewhere` tells of a repeat that the post that counts stands in another table.
    """
    reached = (pl.col("kind") == "post") & pl.col("author_type").is_null()
    reached &= hash_keys().is_in(originals.implode())
    is_weibo = pl.col("source").is_in(_WEIBO_SOURCES)
    frame = frame.with_columns(via_repost=pl.when(is_weibo).then(reached))
    if decisions is None:
        none = pl.lit(None, pl.String)
        frame = frame.with_columns(final_id=none, repeat_of=none, is_elsewhere=pl.lit(False))
    else:
        near = _near(decisions, frame)
        frame = frame.join(near, on=_POSITION, how="left", maintain_order="left").with_columns(
            repeat_of="repeats", is_elsewhere=pl.col("counted_in") != pl.col("reading")
        )
    first = pl.concat_str("post_id", pl.lit("-1"))
    plain = pl.when("has_own_id").then("post_id").otherwise(first)
    return frame.with_columns(post_id=pl.coalesce("final_id", plain))


def _near(decisions: pl.DataFrame, frame: pl.DataFrame) -> pl.DataFrame:
    """Return of decisions, which are in order, those about the rows of a frame of one table."""
    if frame.is_empty() or frame["reading"].n_unique() > 1:
        return decisions
    bounds = frame.select(
        "reading", first=pl.col("row_number").min(), last=pl.col("row_number").max()
    )
    reading, first, last = bounds.row(0)
    begin, end = (decisions["reading"].search_sorted(reading, side) for side in ("left", "right"))
    ours = decisions.slice(begin, end - begin)
    begin, end = (ours["row_number"].search_sorted(number) for number in (first, last + 1))
    return ours.slice(begin, end - begin)
