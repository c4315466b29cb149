"""The evidence ledger: which posts stand behind each number of a report.

``evidence/rules.yaml`` says how each count follows from the posts. ``evidence/posts.parquet`` has
one row per counted post, with a digest in place of its id, and what the counting rules look at.
Whoever holds the posts can compute the digests again; no text and no author can be read from them.
"""

from datetime import date
from importlib import resources
from pathlib import Path

import polars as pl

from analysis.coding.stars import whole_stars, with_stars
from analysis.errors import CaodianError
from analysis.frames import AnyFrame, as_lazy
from analysis.measures.post_digest import post_digest
from analysis.study.periods import SERIES, next_period

FOLDER, POSTS = "evidence", "posts.parquet"
LISTS = ("grievances", "sub_grievances", "platforms")


def write_ledger(build_dir: str | Path, posts: AnyFrame, *, public: bool = False) -> Path:
    """Write the posts behind a run's numbers.

    Parameters
    ----------
    build_dir
        The folder of one study under ``build/``.
    posts
        Coded posts as the measures read them; a LazyFrame is streamed.
    public
        Leave out which posts share an author.

    Returns
    -------
    Path
        ``evidence/posts.parquet``: post, date, channel, stars, is_negative, grievances,
        sub_grievances, platforms, family, author; one row per post in the window, repeats left
        out, in the order of the digests, so that no order of input rows and no secret changes a
        byte. Authors are numbered by the smallest digest among their posts.

    Examples
    --------
    >>> import tempfile
    >>> posts = pl.DataFrame({"source": ["a"], "post_id": ["1"], "is_negative": [True],
    ...                       "grievances": [["price"]]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     pl.read_parquet(write_ledger(folder, posts)).columns[:4]
    ['post', 'date', 'channel', 'stars']
    """
    rows = _counted(as_lazy(posts)).collect()
    digests = pl.Series("post", [post_digest(key) for key in rows["key"]], dtype=pl.String)
    rows = rows.with_columns(digests).with_columns(
        family=_first_of("family_id"), author=_first_of("author_key")
    )
    if public:
        rows = rows.with_columns(author=pl.lit(None, dtype=pl.String))
    folder = Path(build_dir) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    columns = ["post", "date", "channel", "stars", "is_negative", *LISTS, "family", "author"]
    rows.select(columns).sort("post").write_parquet(folder / POSTS, compression="zstd")
    rules = resources.files("analysis.reporting").joinpath("evidence_rules.yaml")
    (folder / "rules.yaml").write_bytes(rules.read_bytes())
    return folder / POSTS


def _first_of(column: str) -> pl.Expr:
    """Name a group by the smallest digest in it; no group, no name."""
    return pl.when(pl.col(column).is_not_null()).then(pl.col("post").min().over(column))


def _counted(posts: pl.LazyFrame) -> pl.LazyFrame:
    """Take the posts that are counted, with the columns that the counting rules look at."""
    posts = with_stars(posts)
    present = posts.collect_schema()

    def column(name: str, kind: pl.DataType) -> pl.Expr:
        found = pl.col(name).cast(kind) if name in present else pl.lit(None, dtype=kind)
        return found.alias(name)

    strings = pl.List(pl.String)
    day = (
        pl.col("published_at").dt.strftime("%Y-%m-%d")
        if "published_at" in present
        else pl.lit(None, dtype=pl.String)
    )
    rows = posts.select(
        pl.concat_str(column("source", pl.String()), column("post_id", pl.String()), separator=":",
            ignore_nulls=True)
        .alias("key"),
        day.alias("date"),
        column("channel", pl.String()).fill_null("other"),
        column("stars", pl.Float64()),
        column("is_negative", pl.Boolean()).fill_null(False),
        *(column(name, strings).list.unique().list.sort() for name in LISTS),
        *(column(name, pl.String()) for name in ("family_id", "author_key", "repeat_of")),
        column("is_in_window", pl.Boolean()),
    )  # fmt: skip
    rows = rows.with_columns(whole_stars())
    judged = rows.select(pl.col("is_in_window").is_not_null().any()).collect().item()
    return rows.filter(
        pl.col("repeat_of").is_null(), pl.col("is_in_window") if judged else pl.lit(True)
    )


def read_ledger(build_dir: str | Path) -> pl.DataFrame | None:
    """Read the ledger of a run; None when it has none."""
    path = Path(build_dir) / FOLDER / POSTS
    return pl.read_parquet(path) if path.is_file() else None


def posts_behind(ledger: pl.DataFrame, evidence: str, series: str = "daily") -> list[str]:
    """List the posts behind a number.

    Parameters
    ----------
    ledger
        From :func:`read_ledger`.
    evidence
        An id from the report, for example ``counts/price/items``.
    series
        Table that the breaks were looked for in: ``daily``, ``weekly`` or ``monthly``.

    Returns
    -------
    list[str]
        Digests in order.

    Raises
    ------
    CaodianError
        When no posts can be named for this id: only counts resolve to posts.

    Examples
    --------
    >>> ledger = pl.DataFrame({"post": ["b1"], "is_negative": [True], "grievances": [["price"]]})
    >>> posts_behind(ledger, "counts/price/items"), posts_behind(ledger, "counts/delivery/items")
    (['b1'], [])
    """
    from urllib.parse import unquote

    table, *keys = [unquote(part) for part in evidence.split("/")]
    return ledger.filter(_rule(table, keys, evidence, series))["post"].to_list()


def _rule(table: str, keys: list[str], evidence: str, series: str) -> pl.Expr:
    """Give the counting rule of a cell as a condition on posts."""
    match table, keys:
        case ("counts" | "trends" | "audit", [code, _]):
            return carries(code)
        case (("daily" | "weekly" | "monthly"), [day, code, _]) | ("breaks", [code, day, _, _]):
            return carries(code) & _in_period(day, series if table == "breaks" else table)
        case "sub_grievances", [_, sub, _]:
            return pl.col("is_negative") & pl.col("sub_grievances").list.contains(sub)
        case (("platforms" | "watchlist"), [platform, _]):
            return pl.col("is_negative") & pl.col("platforms").list.contains(platform)
        case "platform_sub_grievances", [platform, _, sub, _]:
            named = pl.col("platforms").list.contains(platform)
            return pl.col("is_negative") & named & pl.col("sub_grievances").list.contains(sub)
        case (("channels" | "ratings"), [group, column]):
            negative = pl.col("is_negative") if column == "negative_items" else pl.lit(True)
            return negative & (pl.col("channel" if table == "channels" else "stars") == group)
    raise CaodianError(
        "only counts of posts resolve to posts",
        value=evidence,
        remedy="Ask for a cell of counts, daily, sub_grievances, platforms, channels or ratings.",
    )


def _in_period(start: str, series: str) -> pl.Expr:
    """Give the days of the day, week or month that a row of such a table stands for."""
    period = next(kind for kind, name in SERIES.items() if name == series)
    end = next_period(date.fromisoformat(start), period).isoformat()
    return (pl.col("date") >= start) & (pl.col("date") < end)


def carries(code: str) -> pl.Expr:
    """Give the rule of a row of the counts table: all posts, negative items, or those of a code."""
    if code == "all":
        return pl.lit(True)
    negative = pl.col("is_negative")
    return negative if code == "negative" else negative & pl.col("grievances").list.contains(code)
