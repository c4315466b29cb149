"""What the machine said about every post of the frame: the basis of the draw, hidden from coders.

A *target* is a number that the audit corrects: `negative`, a code, a sub-grievance `code.sub`, or
`platform:NAME`, the negative items that name it. Scores are whole ten-thousandths.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from analysis.coding.scoring import STARS, with_stars
from analysis.corpus.readers.convert import name_unnamed
from analysis.errors import CaodianError
from analysis.frames import AnyFrame, as_lazy

# One name per post, as the sheets show it: short where that is clear, never ambiguous.


def name_posts(posts: pl.LazyFrame) -> pl.LazyFrame:
    """Return the posts with their `name`: `post_id` where unique, else `source:post_id`.

    Posts without an id are named by their text and its occurrence number, so that the order of rows
    does not matter.

    Parameters
    ----------
    posts
        Posts, repeats already left out.

    Raises
    ------
    CaodianError
        When two posts have the same source and id.

    Examples
    --------
    >>> posts = pl.LazyFrame({"source": ["a", "b"], "post_id": ["1", "1"]})
    >>> name_posts(posts).collect()["name"].to_list()
    ['a:1', 'b:1']
    """
    present = posts.collect_schema()
    if "post_id" not in present:
        texts = posts.select(pl.col("text").cast(pl.String)).collect()
        return posts.with_columns(name_unnamed(texts).alias("name"))
    short = pl.col("post_id").cast(pl.String)
    options = [short]
    if "source" in present:
        options.append(pl.concat_str(pl.col("source").fill_null("table"), pl.lit(":"), short))
    for name in options:
        if _is_unique(posts, name):
            return posts.with_columns(name.alias("name"))
    twice = posts.group_by(options[-1].alias("name")).len().filter(pl.col("len") > 1)
    first = twice.sort("name").first().collect(engine="streaming")
    raise CaodianError(
        "each post must have its own id",
        value=first["name"][0],
        where=f"{first['len'][0]} rows",
        remedy="Deduplicate the ids, or ingest the export so that repeats are marked.",
    )


def _is_unique(posts: pl.LazyFrame, name: pl.Expr) -> bool:
    counted = posts.select(
        (name.n_unique() == pl.len()).alias("is_unique"), name.is_null().any().alias("is_missing")
    ).collect(engine="streaming")
    return bool(counted["is_unique"][0] and not counted["is_missing"][0])


FULL = 10_000
PRAISED, PANNED = 1, 2
UNCODED = 1_999  # a post that was not coded stays below the bands of coded posts


@dataclass(frozen=True)
class MachineCoding:
    """One row per post of the frame, in the order of their names.

    `against_stars` is `PRAISED` for a negative item with four or five stars, `PANNED` for any other
    post that has words and one or two, else 0.
    """

    posts: pl.DataFrame
    targets: tuple[str, ...]
    scores: np.ndarray
    is_coded: np.ndarray
    half: np.ndarray
    against_stars: np.ndarray

    @property
    def size(self) -> int:
        """Posts in the frame."""
        return self.posts.height


def read_machine_coding(
    coded: AnyFrame, codes: Sequence[str], exclude: Collection[str] = ()
) -> MachineCoding:
    """Read the coder's decisions and probabilities for the countable posts.

    Parameters
    ----------
    exclude
        Names of posts that must not be drawn, such as training posts.

    Returns
    -------
    MachineCoding
        Sorted by post, so that the order of rows does not matter.

    Raises
    ------
    CaodianError
        When a column is missing or no post is left.

    Examples
    --------
    >>> coded = pl.DataFrame({"post_id": ["7"], "text": ["发货慢"], "is_negative": [True],
    ...                       "grievances": [["delivery"]], "scores": ['{"delivery":0.91}']})
    >>> read_machine_coding(coded, ["price", "delivery"]).scores.tolist()
    [[10000, 0, 9100]]
    """
    lazy = as_lazy(coded)
    present = lazy.collect_schema()
    for column in ("text", "is_negative", "grievances"):
        if column not in present:
            raise CaodianError(
                f"an audit needs the column `{column}`",
                value=present.names(),
                remedy="Code the posts first (caodian code).",
            )
    posts = name_posts(countable(with_stars(lazy))).filter(~pl.col("name").is_in(sorted(exclude)))
    wanted = ["name", "family_id", "published_at", "sub_grievances", "platforms"]
    kept = [name for name in wanted if name == "name" or name in present]
    columns = [_decided("negative", "negative_probability", present)]
    columns += [_decided(code, "scores", present) for code in codes]
    table = posts.select(
        *kept,
        *(score.alias(f"score:{n}") for n, (score, _) in enumerate(columns)),
        *(coded.alias(f"coded:{n}") for n, (_, coded) in enumerate(columns)),
        _against_stars("rating" in present or STARS in present),
    ).collect(engine="streaming")
    if table.is_empty():
        raise CaodianError("an audit needs posts in the window", value=0)
    table = table.sort("name")
    numbers = range(len(columns))
    return MachineCoding(
        posts=table.select(kept),
        targets=("negative", *codes),
        scores=np.column_stack([table[f"score:{n}"].to_numpy() for n in numbers]),
        is_coded=np.column_stack([table[f"coded:{n}"].to_numpy() for n in numbers]),
        half=_halves(table),
        against_stars=table["against_stars"].to_numpy(),
    )


def countable(lazy: pl.LazyFrame) -> pl.LazyFrame:
    """Return the posts in the window, repeats once.

    Without a study `is_in_window` is null throughout, and every post is in the window.
    """
    present = lazy.collect_schema()
    if "is_in_window" in present:
        is_judged = lazy.select(pl.col("is_in_window").is_not_null().any())
        if is_judged.collect(engine="streaming").item():
            lazy = lazy.filter(pl.col("is_in_window"))
    return lazy.filter(pl.col("repeat_of").is_null()) if "repeat_of" in present else lazy


def _decided(target: str, column: str, present: pl.Schema) -> tuple[pl.Expr, pl.Expr]:
    """Return score and decision; a decision without a score counts as certain."""
    if target == "negative":
        is_coded = pl.col("is_negative").fill_null(False)
        score = pl.col(column).cast(pl.Float64) if column in present else pl.lit(None)
        certain = pl.when(is_coded).then(1.0).otherwise(0.0)
    else:
        listed = pl.col("grievances").cast(pl.List(pl.String))
        is_coded = listed.list.contains(target).fill_null(False)
        score, is_scored = _json_score(target, column, present)
        certain = pl.when(is_coded).then(1.0).otherwise(0.0)
        score = pl.when(is_scored).then(score.fill_null(0.0))
    scaled = (score.fill_null(certain).fill_nan(0.0).clip(0.0, 1.0) * FULL).round().cast(pl.Int32)
    capped = pl.min_horizontal(scaled, pl.lit(UNCODED, pl.Int32))
    raised = pl.max_horizontal(scaled, pl.lit(UNCODED + 1, pl.Int32))
    # `negative_probability` judges the wording, `is_negative` also who speaks
    low = capped if target == "negative" else scaled
    return pl.when(is_coded).then(raised).otherwise(low).cast(pl.UInt16), is_coded


def _json_score(code: str, column: str, present: pl.Schema) -> tuple[pl.Expr, pl.Expr]:
    kind = present.get(column)
    if isinstance(kind, pl.Struct):
        fields = [field.name for field in kind.fields]
        found = pl.col(column).struct.field(code) if code in fields else pl.lit(None)
        return found.cast(pl.Float64), pl.col(column).is_not_null()
    if kind is None or kind == pl.Null:
        return pl.lit(None, pl.Float64), pl.lit(False)
    pattern = rf'"{code}"\s*:\s*([0-9.eE+-]+)'
    return pl.col(column).str.extract(pattern).cast(pl.Float64), pl.col(column).is_not_null()


def _against_stars(has_stars: bool) -> pl.Expr:
    """Tell where stars and decision contradict each other; without words there is no decision."""
    if not has_stars:
        return pl.lit(0, pl.Int8).alias("against_stars")
    stars, is_coded = pl.col(STARS), pl.col("is_negative").fill_null(False)
    has_words = pl.col("text").cast(pl.String).str.contains(r"\pL")
    return (
        pl.when(is_coded & (stars >= 4))
        .then(PRAISED)
        .when(~is_coded & (stars <= 2) & has_words)
        .then(PANNED)
        .otherwise(0)
        .cast(pl.Int8)
        .alias("against_stars")
    )


def _halves(table: pl.DataFrame) -> np.ndarray:
    """Return 0 for the first half of the window, 1 for the second; undated posts go first."""
    if "published_at" not in table.columns or table["published_at"].is_null().all():
        return np.zeros(table.height, dtype=np.int8)
    times = table["published_at"].cast(pl.Datetime("us")).to_physical()
    middle = (int(times.min()) + int(times.max())) / 2  # type: ignore[arg-type]
    return (times.fill_null(0) > middle).cast(pl.Int8).to_numpy()
