"""The topics of posts: found in their distinct texts, laid on the posts, described and noted.

What a run needs of topics stands here, without the estimators of `topics`: scikit-learn takes a
second to import.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray

from analysis.clusters.consensus import MIXED
from analysis.clusters.levels import (
    Level,
    Topics,
    Vectors,
    check_choices,
    check_seed,
    learn_topics,
    no_topics,
)
from analysis.clusters.onset import rise_of_topics
from analysis.clusters.terms import (
    LABEL_TERMS,
    NEEDED,
    USED,
    distinct_texts,
    select_negative,
    suggest_period,
)
from analysis.frames import AnyFrame, as_texts, take_columns
from analysis.numbers import count_text, share_text
from analysis.schema import parse_columns
from analysis.study.periods import Period
from analysis.words import Note

CLUSTER_COLUMNS = (
    "cluster", "label", "terms", "items", "stability", "top_grievance", "covered", "onset",
)  # fmt: skip
Where: TypeAlias = Literal["negative", "all"]
Learn: TypeAlias = Callable[[Sequence[str], Sequence[str] | None], Topics]

_FEWEST_TEXTS = 50
SHORTEST_TEXT = 4
DIGITS = 6


@dataclass(frozen=True)
class PostTopics:
    """What was found in posts."""

    topics: Topics
    table: pd.DataFrame
    texts: pl.Series
    labels: NDArray[np.int64]
    confidence: NDArray[np.float64]
    beside: pl.DataFrame
    note: Note


def learn(
    texts: Sequence[str],
    channels: Sequence[str] | None,
    *,
    seed: int | None,
    n_topics: int | None = None,
    level: Level = "coarse",
    vectors: Vectors = "words",
) -> Topics:
    """Learn the topics of distinct texts, none where there are too few."""
    check_choices(level, vectors, n_topics)
    checked = check_seed(seed)
    if len(texts) < _FEWEST_TEXTS:
        return no_topics()
    return learn_topics(texts, checked, n_topics, level, vectors, channels)


def find_topics(
    posts: AnyFrame,
    *,
    seed: int | None = 618,
    period: Period | None = None,
    where: Where = "negative",
    text: str = "text",
    learn: Learn | None = None,
) -> PostTopics:
    """Find the topics of posts, and lay them on all that were looked at.

    Parameters
    ----------
    seed
        Salt of the hash by which texts fall into bags.
    learn
        What learns the topics of distinct texts and their channels; by default coarse ones.

    Examples
    --------
    >>> posts = pl.DataFrame({"text": ["迟迟不退款"], "is_negative": [True], "grievances": [[]]},
    ...                      schema_overrides={"grievances": pl.List(pl.String)})
    >>> find_topics(posts).note.en
    '1 distinct negative text: at least 50 are needed to find topics'
    """
    learn = learn or partial(_learn_coarse, seed)
    taken = _take_posts(posts, text, where)
    period = period or suggest_period(taken)
    items = select_negative(taken, period)
    families = distinct_texts(items, SHORTEST_TEXT)
    distinct = families.group_by("text").agg(pl.col("channel").min()).sort("text")
    topics = learn(distinct["text"].to_list(), distinct["channel"].to_list())
    labels, confidence = topics.choose(families["text"].to_list())
    placed = _lay_on(items, families["family"], labels, confidence)
    rises = rise_of_topics(placed, len(topics.names), period, check_seed(seed))
    table = _describe_topics(topics, placed, rises)
    topics, number = _number_anew(topics, table["cluster"].tolist())
    labels = number[labels]
    placed = placed.with_columns(pl.Series("topic", number[placed["topic"]]))
    # Of too few texts none was looked at.
    looked_at = placed if distinct.height >= _FEWEST_TEXTS else placed.clear()
    return PostTopics(
        topics,
        table.assign(cluster=np.arange(len(table))),
        families["text"],
        labels,
        confidence,
        _lay_beside(looked_at, taken.height),
        _note(distinct.height, labels, where),
    )


def _learn_coarse(seed: int | None, texts: Sequence[str], channels: Sequence[str] | None) -> Topics:
    return learn(texts, channels, seed=seed)


def _take_posts(posts: AnyFrame, text: str, where: str) -> pl.DataFrame:
    """Take the columns that are looked at; where all posts are, each counts as negative."""
    needed, wanted = [text], [name for name in USED if name != text]
    if where == "all":
        wanted += [name for name in NEEDED if name != text]
    else:
        needed += [name for name in NEEDED if name != "text"]
    taken = take_columns(posts, needed, wanted, "Code the posts: code_grievances.")
    taken = parse_columns(taken.with_columns(as_texts(taken[text]).alias("text")))
    if where == "all":
        taken = taken.with_columns(pl.lit(True).alias("is_negative"))
        if "grievances" not in taken.columns:
            empty = pl.lit([], dtype=pl.List(pl.String)).alias("grievances")
            taken = taken.with_columns(empty)
    return taken


def _lay_beside(rows: pl.DataFrame, height: int) -> pl.DataFrame:
    """Lay text, topic and confidence beside the posts; null where a post was not looked at."""
    places = pl.DataFrame({"row": np.arange(height, dtype=np.uint32)})
    # A repeat or a short text has a text and no topic.
    told = rows.select("row", "text", pl.col("topic").cast(pl.Int64), "confidence")
    return places.join(told, on="row", how="left", maintain_order="left").drop("row")


def _lay_on(
    items: pl.DataFrame,
    families: pl.Series,
    labels: NDArray[np.int64],
    confidence: NDArray[np.float64],
) -> pl.DataFrame:
    """Give items the topic and the confidence of the text of their family."""
    found = pl.DataFrame({"family": families, "topic": labels, "confidence": confidence})
    return items.join(found, on="family", maintain_order="left")


def _number_anew(topics: Topics, chosen: list[int]) -> tuple[Topics, NDArray[np.int64]]:
    """Give topics new numbers, in the order given; the last of the numbers is that of mixed."""
    number = np.full(len(chosen) + 1, MIXED)
    number[chosen] = np.arange(len(chosen))
    return topics.order(chosen), number


def _describe_topics(topics: Topics, items: pl.DataFrame, rises: Sequence[str]) -> pd.DataFrame:
    """Describe each topic by its items, with the first day of its rise; the largest is first."""
    rows = []
    for topic, named in enumerate(topics.names):
        members = items.filter(pl.col("topic") == topic)
        codes = members["grievances"].list.len().fill_null(0) > 0
        rows.append(
            (
                topic, "·".join(named[:LABEL_TERMS]), "、".join(named), members.height,
                round(float(topics.stability[topic]), DIGITS), _top_grievance(members),
                round(float(codes.mean() or 0), DIGITS), rises[topic],  # type: ignore[arg-type]
            )
        )  # fmt: skip
    table = pd.DataFrame(rows, columns=list(CLUSTER_COLUMNS))
    return table.sort_values(["items", "cluster"], ascending=[False, True], ignore_index=True)


def _top_grievance(members: pl.DataFrame) -> str:
    codes = members["grievances"].explode().drop_nulls()
    if codes.is_empty():
        return ""
    counted = codes.value_counts(name="n").sort(["n", "grievances"], descending=[True, False])
    return str(counted["grievances"][0])


def finds_topics(note: str) -> bool:
    """Tell whether the English note of topics speaks of some that were found.

    Examples
    --------
    >>> finds_topics("900 distinct texts, of which 12% are in no topic.")
    True
    >>> finds_topics("900 distinct texts hold no stable topic.")
    False
    """
    return note.strip(".").endswith(_OUTSIDE)


_OUTSIDE = "are in no topic"


def _note(texts: int, topics: NDArray[np.int64], where: str) -> Note:
    """Say how much is in no topic, or why there is none."""
    kind, kind_zh = ("", "") if where == "all" else ("negative ", "吐槽")
    if texts < _FEWEST_TEXTS:
        noun = "text" if texts == 1 else "texts"
        return Note(
            f"{texts} 条不同的{kind_zh}文本：至少要 {_FEWEST_TEXTS} 条才能找话题",
            f"{texts} distinct {kind}{noun}: at least {_FEWEST_TEXTS} are needed to find topics",
            (texts,),
        )
    count = count_text(len(topics))
    if (topics < 0).all():
        return Note(
            f"{count} 条不同的{kind_zh}文本里没有稳定的话题",
            f"{count} distinct {kind}texts hold no stable topic",
            (len(topics),),
        )
    mixed = int((topics < 0).sum())
    share = share_text(mixed / len(topics))
    return Note(
        f"{count} 条不同的{kind_zh}文本，其中 {share} 不属于任何话题",
        f"{count} distinct {kind}texts, of which {share} {_OUTSIDE}",
        (len(topics), mixed, len(topics) - mixed),
    )
