"""What a number of the report opens: its meaning, its rule, its interval, its posts, its table.

The page carries one block of JSON that its script reads: the tables whose cells the page marks,
what each of their columns means, and example posts where they may be quoted. Nothing else is asked
for, so a report that is sent alone still opens every number.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pandas as pd
import polars as pl

from analysis.corpus.mask import mask_texts
from analysis.frames import AnyFrame, as_lazy
from analysis.measures.conspicuous_days import post_digest
from analysis.numbers import is_missing, period_text, share_text
from analysis.reporting.ledger import LEDGER, counting_rules, digest_numbers
from analysis.reporting.sections.section import KEYS, ReportContext
from analysis.storage.write import show_hidden
from analysis.study.periods import period_start
from analysis.words import Words
from analysis.yaml_text import read_yaml

# What the page holds of the drawer, in bytes; examples take what the tables leave.
_MOST_BYTES, _MOST_EXAMPLE_BYTES = 200_000, 110_000
_MOST_TABLE_BYTES = 40_000  # of a larger table the rows that the page marks
_MARKED = re.compile(r'data-(?:evidence|over|estimate)="([^"]+)"')

# Columns that hold one thing in two languages, and those that mean the same as another.
_ENDS = ("_zh", "_en")
_SAME_TABLE = {"weekly": "daily", "monthly": "daily", "coverage_periods": "coverage"}
_SAME_COLUMN = {
    "low": "interval", "high": "interval", "count_low": "count_interval",
    "count_high": "count_interval", "drift_low": "drift", "drift_high": "drift",
}  # fmt: skip
_HEADERS = {
    "best": "estimate", "share_best": "share",
    # Alone above a number a bare unit would be no title.
    "items": "in_items", "families": "in_families", "authors": "in_authors",
}  # fmt: skip
_HEADERS_OF = {
    ("channels", "share"): "share_of_channel", ("ratings", "share"): "share_of_stars",
    ("breaks", "change"): "break_change", ("claims", "estimate"): "ours",
    ("sentiment_cutoffs", "negative"): "sounds_negative",
    ("sentiment_days", "negative"): "sounds_negative",
}  # fmt: skip
# What a best number is where no audit corrected it.
_OWN = {"best": "items", "share_best": "share"}
# The columns that name a row for readers, where they are not those of the evidence id.
_NAMES = {
    "sub_grievances": ("sub_grievance",), "platform_sub_grievances": ("platform", "sub_grievance"),
    "clusters": ("label",), "emerging": ("label",), "notes": ("number",),
}  # fmt: skip
_UNITS = {
    "items": "items", "negative_items": "items", "best": "items", "families": "families",
    "items_event": "items", "items_other": "items", "authors": "authors", "days": "days",
    "hour_gaps": "hours", "plateaus": "hours",
    **dict.fromkeys(("posts_in", "posts_out", "dropped", "posts", "named"), "posts"),
    **dict.fromkeys(("audited", "coded_twice", "disputes", "open", "down", "up"), "posts"),
    **dict.fromkeys(
        ("records_read", "kept", "rejected", "repeats", "overlaps", "blank"), "records"
    ),
}  # fmt: skip
# How the interval of a table is written, where it is none of counts.
_RANGES = {
    "trends": "change", "campaigns": "share", "sentiment_days": "share",
    "watchlist": "decimal", "event_days": "decimal",
}  # fmt: skip
# Columns that stand beside the one that was opened.
_BESIDE = ("items", "negative_items", "estimate", "published")
_BY_AUDIT = ("counts", "sub_grievances", "platforms", "audit")


def drawer_data(
    page: str, run: ReportContext, examples: pl.DataFrame | None = None
) -> tuple[str, str]:
    """Gather what the numbers of a page open."""
    say = run.words
    marked = [[unquote(part) for part in found.split("/")] for found in _MARKED.findall(page)]
    tables = {
        name: _table(run, name, [parts for parts in marked if parts[0] == name])
        for name in sorted({parts[0] for parts in marked})
        if name in KEYS and len(run.table(name))
    }
    if "audit" not in tables and len(run.table("audit")) and tables:
        tables["audit"] = _table(run, "audit", [])  # the sample behind every estimate
    if "trends" not in tables and len(run.table("trends")) and tables:
        tables["trends"] = _table(run, "trends", [])
    facts: dict[str, Any] = {
        "say": {
            key.removeprefix("drawer."): text for key, text in say.texts.items()
            if key.startswith("drawer.") and not key.startswith("drawer.of.")
            and key != "drawer.covers_recoded"
        } | {"covers": say(run.by_recoding("drawer.covers"))},
        "labels": _labels(run, tables),
        "tables": tables,
        "posts": run.posts,
        "audited": run.is_audited,
        "simulated": run.simulated,
        "series": run.study.series,
    }  # fmt: skip
    bare = safe_json({**facts, "examples": None})
    if examples is None:
        return bare, bare
    room = min(_MOST_BYTES - len(bare.encode()), _MOST_EXAMPLE_BYTES)
    return safe_json({**facts, "examples": _within(run, examples, room)}), bare


_DATA = re.compile(r'(?<=<script type="application/json" id="drawer-data">)[^<]*')


def define(table: str, column: str, say: Words) -> str:
    """Say in readers' words what a column of a table means; empty where nothing is written."""
    name, short = _SAME_TABLE.get(table, table), _base(table, column)
    for key in (f"{name}.{short}", f"any.{short}"):
        if f"drawer.of.{key}" in say.texts:
            return say(f"drawer.of.{key}")
    return ""


def _base(table: str, column: str) -> str:
    """Name a column without its language, and both ends of an interval alike."""
    if table == "notes" and column in ("zh", "en"):
        return "note"
    for end in _ENDS:
        column = column.removesuffix(end)
    return _SAME_COLUMN.get(column, column)


def _table(run: ReportContext, name: str, marked: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Write one table with all that its cells need."""
    say, table = run.words, run.table(name)
    keys = [key for key in KEYS[name] if key in table]
    columns = [column for column in table.columns if _is_told(str(column), table, say.language)]
    rows = [
        [str(row[column]) if column in keys else _plain(row[column]) for column in columns]
        for row in table.to_dict("records")
    ]
    if len(safe_json(rows).encode()) > _MOST_TABLE_BYTES:
        wanted = {tuple(parts[1:-1]) for parts in marked}
        places = [columns.index(key) for key in keys]
        rows = [row for row in rows if tuple(row[place] for place in places) in wanted]
    opened = dict.fromkeys(parts[-1] for parts in marked)
    opened |= {_OWN[column]: None for column in opened if column in _OWN}
    told = dict.fromkeys([*opened, *(column for column in _BESIDE if column in table)])
    return {
        "columns": columns,
        "keys": keys,
        "names": [column for column in _NAMES.get(name, keys) if column in columns],
        "rows": rows,
        "about": _about(name, list(opened), say),
        "heads": {column: head_of(name, column, say) for column in told},
        "units": {column: _UNITS[column] for column in opened if column in _UNITS},
        "range": _RANGES.get(name, "count"),
        "rules": _rules_of(name, say.language),
    }


def _about(name: str, columns: Sequence[str], say: Words) -> dict[str, str]:
    """Say what columns mean; in the rows of totals some mean another thing."""
    about = {column: define(name, column, say) for column in columns}
    for column in columns:
        for total in ("all", "negative"):
            special = say.texts.get(f"drawer.of.{name}.{column}_{total}")
            if special:
                about[f"{column}/{total}"] = special
    return about


def head_of(table: str, column: str, say: Words) -> str:
    """Name a column as the tables of the page do, or where that is a bare unit, in full."""
    short = _base(table, column)
    header = _HEADERS_OF.get((table, column)) or _HEADERS.get(short, short)
    return say.texts.get(f"header.{header}") or say.texts.get(f"drawer.head.{header}", "")


def _is_told(column: str, table: pd.DataFrame, language: str) -> bool:
    """Leave out what stands in the table in another language."""
    other = "en" if language == "zh" else "zh"
    if column == other or column.endswith(f"_{other}"):
        return False
    return not (language == "en" and f"{column}_en" in table)


def _plain(value: object) -> str | int | float | bool | None:
    """Write a cell so that JSON keeps it."""
    if is_missing(value):
        return None
    if isinstance(value, bool | str):
        return value
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return str(value)
    if type(value).__name__ in ("bool", "bool_"):
        return bool(value)
    return int(number) if number.is_integer() else number


@cache
def _counting_rules() -> Mapping[str, Mapping[str, str]]:
    rules: Mapping[str, Mapping[str, str]] = read_yaml(counting_rules().decode("utf-8"))
    return rules


def _rules_of(name: str, language: str) -> list[str]:
    """Give the counting rule of a table, and how its estimates come about."""
    keys = [name, *(["estimates"] if name in _BY_AUDIT else [])]
    return [_counting_rules()[key][language] for key in keys if key in _counting_rules()]


def _labels(run: ReportContext, tables: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Give the reader's name of every value that names a row or tags a post."""
    found: dict[str, dict[str, str]] = {}
    for table in tables.values():
        for column in dict.fromkeys([*table["names"], *table["keys"]]):
            place = table["columns"].index(column)
            for value in dict.fromkeys(str(row[place]) for row in table["rows"]):
                name = _name(run, column, value)
                if name != value:
                    found.setdefault(column, {})[value] = name
    return found


def _name(run: ReportContext, column: str, value: str) -> str:
    """Give the reader's name of one value."""
    say = run.words
    if column == "stars":
        return say.texts.get(f"stars.{value}", value)
    if column == "step":
        return say.texts.get(f"step.{value}", value.replace("_", " "))
    if column == "shared_error":
        return share_text(value)
    if column == "date":
        return period_text(value, run.period, say.language)
    if column in ("grievance", "sub_grievance", "platform", "channel", "campaign", "break_kind"):
        return say.label(value)
    return value


def safe_json(facts: object) -> str:
    """Write JSON for a page that no text can break out of, whatever a post or a platform is called.

    A number without end, which JSON does not know and no browser reads, is null; half of a
    character is a question mark; what is hidden in a text is shown, as tables show it.

    Examples
    --------
    >>> json.loads(safe_json(["</script>", float("inf")])), "<" in safe_json("</script>")
    (['</script>', None], False)
    """
    try:
        written = _dump(facts)
    except ValueError:
        written = _dump(json.loads(json.dumps(facts), parse_constant=lambda _: None))
    if _MAY_HIDE.search(written) or show_hidden(written) != written:
        written = _dump(_shown(json.loads(written)))
    for sign in "<>&":
        written = written.replace(sign, f"\\u{ord(sign):04x}")
    return written.encode("utf-8", "replace").decode("utf-8")


_MAY_HIDE = re.compile(r"\\u00|\\[bf]")  # as JSON writes control characters


def _shown(facts: object) -> object:
    """Show what is hidden in every text of JSON, and in every name."""
    if isinstance(facts, dict):
        return {show_hidden(name): _shown(value) for name, value in facts.items()}
    if isinstance(facts, list):
        return [_shown(value) for value in facts]
    return show_hidden(facts) if isinstance(facts, str) else facts


def _dump(facts: object) -> str:
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


# Example posts: chosen by the digests of the ledger, so that anyone finds the same again.

EXAMPLES = "evidence/examples.parquet"
_MOST_EXAMPLES = 20
_WHOLE, _SNIPPET = 400, 140
_TAGS = ("grievances", "sub_grievances", "platforms")
_COLUMNS = ("post", "date", "channel", "stars", "is_negative", *_TAGS)


def write_examples(
    build_dir: str | Path, posts: AnyFrame | None, *, whole: bool = False
) -> Path | None:
    """Write the posts that the pages of a run may quote, ``evidence/examples.parquet``.

    Of every code, sub-grievance, platform, channel and number of stars the first twenty posts by
    their digest, spread over the days, one of each family of near-duplicates.

    Parameters
    ----------
    build_dir
        The folder of one study under ``build/``; its ledger must have been written.
    posts
        Coded, masked posts; a LazyFrame is streamed. None removes the file of an earlier run:
        nothing may be quoted.
    whole
        Whether the texts stand in full, as those of simulated posts; else their first 140
        characters.

    Returns
    -------
    pathlib.Path or None
        The file: columns of the ledger and ``text``, in the order of the digests.

    Examples
    --------
    >>> import tempfile
    >>> from analysis.reporting.ledger import write_ledger
    >>> posts = pl.DataFrame({"source": ["a"], "post_id": ["1"], "text": ["三天还没发货"],
    ...                       "is_negative": [True], "grievances": [["delivery"]]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = write_ledger(folder, posts)
    ...     pl.read_parquet(write_examples(folder, posts))["text"].to_list()
    ['三天还没发货']
    """
    path = Path(build_dir) / EXAMPLES
    written = Path(build_dir) / LEDGER
    ledger = pl.scan_parquet(written) if posts is not None and written.is_file() else None
    if posts is None or ledger is None or ledger.collect_schema().names() == ["post"]:
        path.unlink(missing_ok=True)
        return None
    is_chosen = pl.col("post").is_in(choose_examples(ledger).implode())
    chosen = ledger.select(_COLUMNS).filter(is_chosen).collect(engine="streaming")
    texts = _texts_of(as_lazy(posts), set(chosen["post"]), _WHOLE if whole else _SNIPPET)
    chosen.join(texts, on="post").sort("post").write_parquet(path, compression="zstd")
    return path


def read_examples(build_dir: str | Path) -> pl.DataFrame | None:
    """Read the posts that the pages of a run may quote; None where there are none."""
    path = Path(build_dir) / EXAMPLES
    return pl.read_parquet(path) if path.is_file() else None


def choose_examples(ledger: pl.LazyFrame) -> pl.Series:
    """Choose posts by their tags; the ledger stands in the order of the digests."""
    first = ledger.filter(pl.col("family").is_null() | (pl.col("family") == pl.col("post")))
    negative = first.filter("is_negative")
    parts = [
        _by_day(first, pl.lit("all")),
        _by_day(negative, pl.lit("negative")),
        *(_by_day(first, pl.col(name)) for name in ("channel", "stars")),
        *(_by_day(negative.explode(name), pl.col(name)) for name in _TAGS),
    ]
    return pl.concat(parts)["post"].unique()


def _by_day(posts: pl.LazyFrame, tag: pl.Expr) -> pl.DataFrame:
    """Take the first posts of each tag, a day at a time."""
    few = (
        posts.select("post", "date", tag.cast(pl.String).alias("tag"))
        .filter(pl.col("tag").is_not_null())
        .group_by("tag", "date", maintain_order=True)
        .head(_MOST_EXAMPLES)
        .collect()
    )
    return _in_turn(few).group_by("tag", maintain_order=True).head(_MOST_EXAMPLES)


def _in_turn(posts: pl.DataFrame) -> pl.DataFrame:
    """Order posts so that every day of a tag has its first before any has its second."""
    posts = posts.sort("post")
    turn = pl.int_range(pl.len()).over("tag", "date")
    return posts.with_columns(turn=turn).sort("tag", "turn", "post").select("tag", "post")


def _texts_of(posts: pl.LazyFrame, wanted: set[str], cut: int) -> pl.DataFrame:
    """Find the texts behind digests, on one line each and cut."""
    parts = [name for name in ("source", "post_id") if name in posts.collect_schema()]
    key = pl.concat_str(*(pl.col(part).cast(pl.String) for part in parts), separator=":",
                        ignore_nulls=True)  # fmt: skip
    if "repeat_of" in posts.collect_schema():
        posts = posts.filter(pl.col("repeat_of").is_null())
    keys = posts.select(key.alias("key")).collect(engine="streaming")["key"]
    asked = np.array([int(digest, 16) for digest in wanted], dtype=np.uint64)
    chosen = keys.filter(pl.Series(np.isin(digest_numbers(keys), asked)))
    found = {one: post_digest(one) for one in chosen}
    rows = posts.with_columns(key=key).filter(pl.col("key").is_in(list(found)))
    digests = pl.col("key").replace_strict(found, return_dtype=pl.String).alias("post")
    quoted = rows.select(digests, _on_a_line("text")).unique("post", keep="first").collect()
    # What stood on two lines may be a number on one.
    masked = pl.col("text").map_batches(lambda texts: mask_texts(texts)[0], pl.String)
    return quoted.with_columns(masked).with_columns(
        pl.when(pl.col("text").str.len_chars() > cut)
        .then(pl.col("text").str.slice(0, cut) + _CUT)
        .otherwise("text")
        .alias("text"),
    )


_CUT = "…"


def _on_a_line(name: str) -> pl.Expr:
    return pl.col(name).fill_null("").str.replace_all(r"\s+", " ").str.strip_chars()


def _within(run: ReportContext, examples: pl.DataFrame, room: int) -> dict[str, Any]:
    """Take as many posts as there is room for, each tag in its turn; each text stands once."""
    posts = {row["post"]: row for row in examples.to_dicts()}
    tags = {post: _tags_of(run, row) for post, row in posts.items()}
    pairs = [
        {"tag": tag, "post": post, "date": posts[post]["date"]}
        for post, mine in tags.items() for tag in mine if not tag.startswith("date:")
    ]  # fmt: skip
    schema = {"tag": pl.String, "post": pl.String, "date": pl.String}
    waiting = {
        tag: list(rows["post"])
        for (tag,), rows in _in_turn(pl.DataFrame(pairs, schema=schema)).group_by(
            "tag", maintain_order=True
        )
    }
    taken: list[str] = []
    texts: set[str] = set()
    for post in _rounds(waiting, tags):
        if posts[post]["text"] in texts or not posts[post]["text"]:
            continue
        room -= len(safe_json([posts[post]["text"], posts[post]["date"], *range(90, 99)]).encode())
        if room < 0:
            break
        taken.append(post)
        texts.add(posts[post]["text"])
    names = sorted({tag for post in taken for tag in tags[post]})
    place = {name: n for n, name in enumerate(names)}
    return {
        "tags": names,
        "posts": [
            [posts[post]["text"], posts[post]["date"], *(place[tag] for tag in tags[post])]
            for post in sorted(taken)
        ],
    }


def _rounds(waiting: Mapping[str, Sequence[str]], tags: Mapping[str, Iterable[str]]) -> list[str]:
    """List posts so that each tag has one before any has two; a post counts for all its tags."""
    has = dict.fromkeys(waiting, 0)
    order: dict[str, None] = {}
    for size in range(1, _MOST_EXAMPLES + 1):
        for tag, posts in waiting.items():
            for post in posts:
                if has[tag] >= size:
                    break
                if post in order:
                    continue
                order[post] = None
                for one in tags[post]:
                    if one in has:
                        has[one] += 1
    return list(order)


def _tags_of(run: ReportContext, row: Mapping[str, Any]) -> list[str]:
    """Name the cells of the tables that a post falls into, by the counting rules."""
    tags = ["grievance:all", f"channel:{row['channel']}"]
    if row["stars"] is not None:
        tags.append(f"stars:{row['stars']}")
    if row["date"] is not None:
        tags.append(f"date:{_start(run, row['date'])}")
    if row["is_negative"]:
        tags.append("grievance:negative")
        for column, name in zip(_TAGS, ("grievance", "sub_grievance", "platform"), strict=True):
            tags += [f"{name}:{value}" for value in row[column] or []]
    return tags


def _start(run: ReportContext, day: str) -> str:
    """Give the day, week or month of the run's series that a day belongs to."""
    return period_start(date.fromisoformat(day), run.period).isoformat()
