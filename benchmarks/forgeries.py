"""Forge small builds in many ways, and tell which forgeries `caodian verify` finds.

    python benchmarks/forgeries.py [--only WORD ...] [--keep FOLDER]

Three builds are made from one export of 360 fabricated posts: an open one with a study and quoted
posts, one for the public, and one without a study. Each forgery changes a copy of one of them;
name and manifest are then written anew, as a forger would who has this code. Where tables changed,
pages and figures are taken as redrawn, so that only what stands behind them can tell. `verify` runs
in a process of its own: what ends with 1 and one sentence is found, what waits, ends in a trace or
with 0 is not. Builds are verified untouched, too. Linux and macOS.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import re
import shutil
import socket
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

import kills
from kills import fork_run, prepare_forks, wait

NAME = "mine"
STUDY = """name: mine
title_zh: 我的
title_en: Mine
window: {start: 2020-06-01, end: 2020-06-20}
event_days: [2020-06-18]
sources: [table]
disclosure: {quotes: true}
claims:
- {id: C1, statement_zh: 甲, statement_en: A, kind: count, published: 5, grievance: delivery}
- {id: C2, statement_zh: 乙, statement_en: B, kind: trend, expected: flat, grievance: delivery}
"""
_TEXTS = (
    "用了三天就漏水，客服说不归他们管", "师傅专业，很满意", "价格太贵，买完就降价", "很好用，推荐",
    "物流太慢了，等了十天，快递员也不理", "主播虚假宣传，退货不给退", "天天发短信骚扰，烦死了",
    "红包根本用不了，规则太复杂", "假货，鉴定不通过，不给退款", "先涨价再降价，价格欺诈",
)  # fmt: skip
_SHOPS = ("京东", "淘宝", "得物", "拼多多")
# Of each build: the words of its command, and its folder.
COMMANDS = {
    "open": ("posts.csv --study mine.yaml --no-notebooks", "build/mine"),
    "public": ("posts.csv --study mine.yaml --public --no-notebooks --out public", "public/mine"),
    "plain": ("posts.csv --no-notebooks --out plain", "plain/posts"),
}


def write_inputs(folder: Path) -> None:
    """Write an export and a study; without Polars, whose threads no fork may follow."""
    chance = random.Random(4)
    rows = ["编号,发布时间,内容,用户昵称,评分,关键词,平台"]
    for n in range(360):
        time = f"2020-06-{1 + chance.randrange(20):02d} {chance.randrange(24):02d}:05:00"
        shop = chance.choice(_SHOPS)
        place = 2 * _SHOPS.index(shop) + chance.randrange(6)  # each shop has its own complaints
        text = f"{shop}{_TEXTS[place % len(_TEXTS)]}，第{n // (1 + n % 3)}次"
        named = chance.choice(("618", "京东")), chance.choice(("微博", "抖音"))
        rows.append(f"{n},{time},{text},u{n % 90},{1 + n % 5},{','.join(named)}")
    (folder / "posts.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "mine.yaml").write_text(STUDY, encoding="utf-8")


# What a forger does to a build.

Change = Callable[[Path], None]


def cell(table: str, column: str, value: str, *, row: int | None = None) -> Change:
    """Set a cell: by default the first that holds something, or the first."""
    import polars as pl

    def change(build: Path) -> None:
        path = build / "tables" / f"{table}.csv"
        frame = pl.read_csv(path, infer_schema=False)
        if not frame.height:
            raise SystemExit(f"{path.name} has no row")
        held = frame[column].is_not_null().arg_true()
        at = row if row is not None else (int(held[0]) if len(held) else 0)
        cells = frame[column].to_list()
        cells[at] = value or None
        frame = frame.with_columns(pl.Series(column, cells, dtype=pl.String))
        frame.write_csv(path)

    return change


def more(table: str, **cells: str) -> Change:
    """Add a row to a table, as its first one but for some cells."""
    import polars as pl

    def change(build: Path) -> None:
        path = build / "tables" / f"{table}.csv"
        frame = pl.read_csv(path, infer_schema=False)
        first = frame.row(0, named=True) if frame.height else dict.fromkeys(frame.columns)
        row = pl.DataFrame([first | cells], schema=frame.schema)
        pl.concat([frame, row]).write_csv(path)

    return change


def posts(change_of: Callable[[Any], Any], file: str = "evidence/posts.parquet") -> Change:
    """Change the rows of the ledger, in the form in which a run writes them."""
    import polars as pl

    from analysis.reporting.ledger import write_rows

    def change(build: Path) -> None:
        path, other = build / file, build / "evidence/other"
        frame = change_of(pl.read_parquet(path))
        if file.endswith("posts.parquet"):
            write_rows(frame.lazy(), other)
        else:
            frame.rechunk().write_parquet(other, compression="zstd")
        other.replace(path)

    return change


def with_post(**columns: Any) -> Change:  # noqa: ANN401 - expressions of Polars
    """Set columns of the first post that is no negative item, so that few counts follow."""
    import polars as pl

    def set_columns(frame: pl.DataFrame) -> pl.DataFrame:
        numbered = frame.with_row_index("n")
        at = numbered.filter(~pl.col("is_negative"))["n"][0]
        changed = {
            name: pl.when(pl.col("n") == at).then(value).otherwise(pl.col(name)).alias(name)
            for name, value in columns.items()
        }
        return numbered.with_columns(**changed).drop("n")

    return posts(set_columns)


def swap(name: str, old: str, new: str) -> Change:
    """Change the first of some words in a file."""

    def change(build: Path) -> None:
        content = (build / name).read_bytes()
        if old.encode() not in content:
            raise SystemExit(f"{name} holds no {old!r}")
        (build / name).write_bytes(content.replace(old.encode(), new.encode(), 1))

    return change


def put(name: str, content: bytes = b"x") -> Change:
    """Write a file."""

    def change(build: Path) -> None:
        (build / name).parent.mkdir(parents=True, exist_ok=True)
        (build / name).write_bytes(content)

    return change


def pipe(name: str) -> Change:
    """Put a pipe in the place of a file; whoever opens it waits."""

    def change(build: Path) -> None:
        with suppress(FileNotFoundError):
            (build / name).unlink()
        os.mkfifo(build / name)

    return change


def listen(build: Path) -> None:
    """Put a socket into a folder of the build."""
    here = Path.cwd()
    os.chdir(build / "tables")  # an address holds a hundred letters
    try:
        socket.socket(socket.AF_UNIX).bind("more.csv")
    finally:
        os.chdir(here)


def linked(name: str, target: str, *, hard: bool = False) -> Change:
    """Put a link in the place of a file."""

    def change(build: Path) -> None:
        (build / name).unlink(missing_ok=True)
        if hard:
            (build / name).hardlink_to(build / target)
        else:
            (build / name).symlink_to(target)

    return change


def device(build: Path) -> None:
    """Put a device that never ends into the place of a table."""
    (build / "tables/notes.csv").unlink()
    (build / "tables/notes.csv").symlink_to("/dev/zero")


def told(**facts: object) -> Change:
    """Say other things in the manifest, in its order."""

    def change(build: Path) -> None:
        path = build / "manifest.json"
        known = json.loads(path.read_text("utf-8"))
        for name, fact in facts.items():
            known[name] = known[name] | fact if isinstance(fact, dict) else fact
        path.write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")

    return change


def both(*changes: Change) -> Change:
    """Do one after the other."""

    def change(build: Path) -> None:
        for each in changes:
            each(build)

    return change


# What stands in no count: of words, of whole numbers, of fractions, of days, of yes and no.
_ODD = {
    "a word": "many", "no number": "NaN", "an endless one": "inf", "a nought with a sign": "-0",
    "an exponent": "1e1", "full-width digits": "４２", "a blank before": " 42",
    "a nought before": "042", "half a post": "4.5", "fewer than none": "-5",
    "digits of Arabic": "٤٢", "a line between digits": "4_2", "hexadecimal": "0x2A",
    "a comma in it": "1,042", "nothing": "", "a plus": "+42", "a number beyond all": "9" * 30,
}  # fmt: skip


def _odd_cells() -> Iterator[tuple[str, tuple[str, Change]]]:
    for what, value in _ODD.items():
        for table, column in (
            ("clusters", "items"), ("coverage_hours", "items"), ("distinguishing_terms", "z"),
            ("reconciliation", "blank"), ("coverage", "hour_gaps"),
        ):  # fmt: skip
            if not value and column != "items":
                continue
            yield f"{table}/{column}: {what}", ("open", cell(table, column, value))


def forgeries() -> dict[str, tuple[str, Change]]:
    """Give each forgery with the build that it is of."""
    import polars as pl

    listed = pl.lit(pl.Series([["price"]], dtype=pl.List(pl.String))).first()
    found: dict[str, tuple[str, Change]] = dict(_odd_cells())
    found |= {
        name: ("open", cell(*where))
        for name, where in {
            "terms: a share above one": ("distinguishing_terms", "share_first", "1.5"),
            "terms: a share below nought": ("distinguishing_terms", "share_second", "-0.5"),
            "terms: a selection of one's own": ("distinguishing_terms", "selection", "approved"),
            "terms: a score without an end": ("distinguishing_terms", "z", "inf"),
            "terms: a platform of one's own": ("distinguishing_terms", "first", "某平台"),
            "topics: a stability above one": ("clusters", "stability", "1.2"),
            "topics: a day that is none": ("clusters", "onset", "2020-02-31"),
            "topics: a day of another year": ("clusters", "onset", "2031-01-01"),
            "topics: a code that is none": ("clusters", "top_grievance", "approved"),
            "topics: a number of words": ("clusters", "cluster", "one"),
            "topics: days outside the window": ("cluster_days", "date", "2020-07-30"),
            "hours: one that no day has": ("coverage_hours", "hour", "24"),
            "hours: a day outside the window": ("coverage_hours", "date", "2020-05-01"),
            "hours: a grade of one's own": ("coverage_hours", "grade", "excellent"),
            "hours: another grade than the day's": ("coverage_hours", "grade", "unfit"),
            "hours: more posts than there are": ("coverage_hours", "items", "99999"),
            "days: a grade of one's own": ("coverage", "grade", "excellent"),
            "days: more gaps than hours": ("coverage", "hour_gaps", "25"),
            "days: a day that is none": ("coverage", "date", "2020-06-31"),
            "days: a day twice written": ("coverage", "date", "2020-6-1"),
            "files: another format": ("reconciliation", "source_format", "approved"),
            "files: a path": ("reconciliation", "source_file", "../../etc/passwd"),
            "files: more repeats than posts": ("reconciliation", "repeats", "361"),
            "files: more overlaps than repeats": ("reconciliation", "overlaps", "5"),
            "notes: of a kind of one's own": ("notes", "about", "approved"),
            "notes: a number of one's own": ("notes", "number", "7"),
            "notes: counted words": ("notes", "counted", "many"),
            "notes: counted otherwise": ("notes", "counted", "9;9;9"),
            "specifications: a p above one": ("specifications", "p", "1.5"),
            "specifications: an interval turned": ("specifications", "low", "5"),
            "specifications: a growth outside": ("specifications", "growth", "9"),
            "specifications: neither yes nor no": ("specifications", "holds", "maybe"),
            "specifications: yes in capitals": ("specifications", "holds", "TRUE"),
            "specifications: a unit of one's own": ("specifications", "unit", "tons"),
            "specifications: a verdict of one's own": ("specifications", "verdict", "approved"),
            "specifications: a threshold of words": ("specifications", "threshold", "high"),
            "breaks: terms of one's own": ("breaks", "terms", "approved"),
            "errors: another coder's": ("count_errors", "error", "0.0"),
            "funnel: a step of one's own": ("funnel", "step", "approved"),
            "platforms: an interval turned": ("platforms", "low", "9"),
            "counts: an estimate without audit": ("counts", "estimate", "9"),
            "counts: ends without an estimate": ("counts", "high", "9"),
            "counts: a published figure": ("counts", "published", "inf"),
            "subs: ends without an estimate": ("sub_grievances", "high", "9"),
            "sentiment: an interval turned": ("sentiment_days", "low", "0.99"),
        }.items()
    }  # fmt: skip
    finds = {
        "new: a find that ends before it begins": {"onset_low": "2020-06-11"},
        "new: a find outside the window": dict.fromkeys(_ONSETS, "2020-09-09"),
        "new: more authors than posts": {"authors": "99", "families": "99"},
        "new: a certainty above one": {"certainty": "1.1"},
        "new: a kind of one's own": {"find_kind": "approved"},
        "new: a code of one's own": {"top_grievance": "approved"},
    }
    found |= {name: ("open", more("emerging", **_FIND | cells)) for name, cells in finds.items()}
    note = {"number": "1", "zh": "甲", "en": "A", "counted": ""}
    found |= {
        "terms: a row more of other sizes": (
            "open", more("distinguishing_terms", term="好", texts_first="9", share_first="0.9")),
        "notes: one more of days": ("open", more("notes", about="days", **note)),
        "notes: one more of the unread": ("open", more("notes", about="unread", **note)),
        "hours: an hour more": (
            "open", more("coverage_hours", hour="23", keyword="另", items="1")),
    }  # fmt: skip
    # The ledger: types, lists, bands, names.
    found |= {
        f"ledger: {name}": ("open", change)
        for name, change in {
            "codes of a post that is not negative": with_post(grievances=listed),
            "sub-codes of a post that is not negative": with_post(sub_grievances=listed),
            "a code of one's own": with_post(
                grievances=pl.lit(pl.Series([["approved"]])).first()),
            "a platform of one's own": with_post(
                platforms=pl.lit(pl.Series([["某平台"]])).first()),
            "a code twice": with_post(
                grievances=pl.lit(pl.Series([["price", "price"]])).first()),
            "codes in another order": with_post(
                grievances=pl.lit(pl.Series([["price", "delivery"]])).first()),
            "a code without letters": with_post(grievances=pl.lit(pl.Series([[""]])).first()),
            "a code that is missing": with_post(
                grievances=pl.lit(pl.Series([[None]], dtype=pl.List(pl.String))).first()),
            "no list at all": with_post(
                platforms=pl.lit(None, dtype=pl.List(pl.String))),
            "a channel of one's own": with_post(channel=pl.lit("某频道")),
            "six stars": with_post(stars=pl.lit("6")),
            "a day that is none": with_post(date=pl.lit("2020-06-31")),
            "a day outside the window": with_post(date=pl.lit("2019-06-11")),
            "no day": with_post(date=pl.lit(None, dtype=pl.String)),
            "a band above all": with_post(negative_band=pl.lit(99, dtype=pl.UInt8)),
            "no band": with_post(negative_band=pl.lit(None, dtype=pl.UInt8)),
            "another band": with_post(
                snownlp_band=((pl.col("snownlp_band") + 10) % 20).cast(pl.UInt8)),
            "neither negative nor not": with_post(is_negative=pl.lit(None, dtype=pl.Boolean)),
            "a family of a post that is not there": with_post(family=pl.lit("0" * 16)),
            "an author of a post that is not there": with_post(author=pl.lit("0" * 16)),
            "a family of a later post": with_post(family=pl.col("post").max()),
            "days as days": posts(lambda rows: rows.with_columns(pl.col("date").str.to_date())),
            "days as instants of another zone": posts(lambda rows: rows.with_columns(
                pl.col("date").str.to_datetime().dt.replace_time_zone("America/New_York"))),
            "wider bands": posts(lambda rows: rows.with_columns(
                pl.col("negative_band").cast(pl.Int64))),
            "bands with fractions": posts(lambda rows: rows.with_columns(
                pl.col("negative_band").cast(pl.Float64) + 0.25)),
            "categories for words": posts(lambda rows: rows.with_columns(
                pl.col("channel").cast(pl.Categorical))),
            "bytes for words": posts(lambda rows: rows.with_columns(
                pl.col("channel").cast(pl.Binary))),
            "stars as numbers": posts(lambda rows: rows.with_columns(
                pl.col("stars").cast(pl.Int64, strict=False))),
            "lists as words": posts(lambda rows: rows.with_columns(
                pl.col("platforms").list.join(";"))),
            "lists of lists": posts(lambda rows: rows.with_columns(
                pl.col("platforms").implode().over("post"))),
            "numbers for yes and no": posts(lambda rows: rows.with_columns(
                pl.col("is_negative").cast(pl.Int8))),
            "a record for a word": posts(lambda rows: rows.with_columns(
                channel=pl.struct("channel", note=pl.lit("approved")))),
            "columns in another order": posts(lambda rows: rows.select(reversed(rows.columns))),
            "posts of capitals": posts(lambda rows: rows.with_columns(
                pl.col("post").str.to_uppercase())),
            "a post more that is counted nowhere": posts(lambda rows: pl.concat(
                [rows, rows.tail(1).with_columns(post=pl.lit("f" * 16))])),
        }.items()
    }  # fmt: skip
    found |= {
        f"quotes: {name}": ("open", posts(change, "evidence/examples.parquet"))
        for name, change in {
            "another text": lambda rows: rows.with_columns(text=pl.lit("很好，很满意")),
            "no text": lambda rows: rows.with_columns(text=pl.lit(None, dtype=pl.String)),
            "a phone": lambda rows: rows.with_columns(text=pl.lit("电话13800138000")),
            "a script": lambda rows: rows.with_columns(text=pl.lit("<script>1</script>")),
            "one less": lambda rows: rows.head(rows.height - 1),
            "another channel": lambda rows: rows.with_columns(channel=pl.lit("微博")),
            "bytes for a text": lambda rows: rows.with_columns(pl.col("text").cast(pl.Binary)),
            "a column more": lambda rows: rows.with_columns(note=pl.lit("approved")),
        }.items()
    }
    # What is no file: nobody may wait for it.
    found |= {
        f"a pipe for {name}": ("open", pipe(name))
        for name in ("manifest.json", "run.json", "evidence/posts.parquet", "tables/counts.csv",
                     "report.en.html", ".caodian-run", "manifest.json.sig", "notes",
                     "tables/more.csv", "figures/grievances.csv", "topics.en.html",
                     "evidence/examples.parquet", "evidence/audit.parquet")
    }  # fmt: skip
    found |= {
        "a socket": ("open", listen),
        "a device": ("open", device),
        "a link within": ("open", linked("tables/notes.csv", "days.csv")),
        "a link to itself": ("open", linked("tables/notes.csv", "notes.csv")),
        "a link out of the build": ("open", linked("tables/notes.csv", "/etc/hostname")),
        "a link for the manifest": ("open", both(
            lambda build: (build / "manifest.json").rename(build.parent / "elsewhere"),
            linked("manifest.json", "../elsewhere"))),
        "a link for the mark": ("open", linked(".caodian-run", "run.json")),
        "a folder that is a link": ("open", lambda build: (build / "more").symlink_to("tables")),
        "a folder for a table": ("open", both(
            lambda build: (build / "tables/notes.csv").unlink(),
            put("tables/notes.csv/notes.csv"))),
        "a manifest within": ("open", put("tables/manifest.json", b"{}")),
        "a manifest of a manifest": ("open", put("evidence/manifest.json", b"{}")),
        "a build within": ("open", lambda build: shutil.copytree(build, build / "notebooks/in")),
        "a name of two lines": ("open", put("tables/a\nb.csv")),
        "a name that hides": ("open", put("tables/counts\u200b.csv")),
        "a name of other bytes": ("open", lambda build: Path(
            os.fsdecode(os.fsencode(build) + b"/tables/\xff.csv")).touch()),
    }  # fmt: skip
    # What a published build says without anything to count again.
    found |= {
        f"public: {name}": ("public", change)
        for name, change in {
            "a count below the minimum": cell("platforms", "items", "3"),
            "more negatives than posts": cell("channels", "negative_items", "999"),
            "another number of posts": cell("counts", "items", "361"),
            "a share of its own": cell("counts", "share", "0.99"),
            "more families than posts": cell("counts", "families", "400"),
            "more authors than posts": cell("counts", "authors", "400"),
            "more of a code than negatives": cell("counts", "items", "399", row=2),
            "half a post": cell("sub_grievances", "items", "9.5"),
            "a digest more": posts(lambda rows: pl.concat(
                [rows, pl.DataFrame({"post": ["f" * 24]})])),
            "a post's day beside its digest": posts(lambda rows: rows.with_columns(
                date=pl.lit("2020-06-01"))),
            "an open ledger": lambda build: shutil.copy(
                build.parents[2] / "made/build/mine/evidence/posts.parquet", build / "evidence"),
            "quoted posts": lambda build: shutil.copy(
                build.parents[2] / "made/build/mine/evidence/examples.parquet", build / "evidence"),
            "a trend turned": cell("trends", "low", "9"),
            "a verdict on a claim": cell("claims", "verdict", "approved"),
            "a p of two": cell("trends", "p", "2"),
            "a negative share of sentiment": cell("sentiment_days", "negative", "1.7"),
            "both above either": cell("sentiment_cutoffs", "both", "0.99"),
            "a day outside the window": cell("daily", "date", "2021-06-01"),
            "a command without --public": told(
                command="caodian report posts.csv --study mine.yaml --no-notebooks --out public"),
        }.items()
    }  # fmt: skip
    # Pages and pictures, which are drawn again.
    found |= {
        f"drawn: {name}": ("open", change)
        for name, change in {
            "a number without a mark": swap("report.en.html", "360", "361"),
            "a picture's words": both(swap("figures/grievances.en.png", "IEND", "IENX")),
            "a comment in a drawing": swap("figures/grievances.en.svg", "<svg", "<!-- x --><svg"),
            "figures' data": swap("figures/grievances.csv", "\n", ",x\n"),
            "the map": swap("topics.en.html", "</body>", "<b>x</b></body>"),
            "a blank at the end of a page": lambda build: (build / "report.zh.html").write_bytes(
                (build / "report.zh.html").read_bytes() + b" "),
        }.items()
    }  # fmt: skip
    found |= {
        f"said: {name}": (kind, change)
        for name, (kind, change) in {
            "no code": ("open", told(code="")),
            "a limit": ("open", told(command="caodian report posts.csv --study mine.yaml "
                                             "--limit 9 --no-notebooks")),
            "the inputs of another file": ("open", told(inputs={"more.csv": "0" * 64})),
            "a study": ("plain", told(command="caodian report posts.csv --study mine.yaml "
                                              "--no-notebooks --out plain")),
            "a title": ("plain", swap("run.json", '"title_en": "', '"title_en": "Un')),
            "an event day": ("plain", swap("run.json", '"event_days": []',
                                           '"event_days": ["2020-06-18"]')),
            "a number twice": ("open", lambda build: (build / "run.json").write_text(
                (build / "run.json").read_text().replace("{", '{"scale": 1.0, ', 1))),
            "numbers that are none": ("open", swap("run.json", '"scale": 1.0', '"scale": NaN')),
            "a scale": ("open", swap("run.json", '"scale": 1.0', '"scale": 1e0')),
        }.items()
    }  # fmt: skip
    return found | _late_forgeries()


def rewritten(name: str, change_of: Callable[[bytes], bytes]) -> Change:
    """Write a file anew from what it holds."""

    def change(build: Path) -> None:
        was = (build / name).read_bytes()
        if (now := change_of(was)) == was:
            raise SystemExit(f"{name} stays what it was")
        (build / name).write_bytes(now)

    return change


def exchanged(one: str, other: str) -> Change:
    """Give two files each the content of the other."""

    def change(build: Path) -> None:
        first, second = (build / one).read_bytes(), (build / other).read_bytes()
        (build / one).write_bytes(second)
        (build / other).write_bytes(first)

    return change


def renamed(old: str, new: str) -> Change:
    """Rename a file or folder."""
    return lambda build: (build / old).rename(build / new)


def rows(table: str, change_of: Callable[[list[bytes]], list[bytes]]) -> Change:
    """Put the rows of a table below its header otherwise."""

    def change_bytes(content: bytes) -> bytes:
        head, *rest = content.splitlines(keepends=True)
        return b"".join([head, *change_of(rest)])

    return rewritten(f"tables/{table}.csv", change_bytes)


def said_in(page: str, old: str, new: str) -> Change:
    """Change the first match of a pattern in a page."""
    return rewritten(page, lambda was: re.sub(old.encode(), new.encode(), was, count=1))


def marked(name: str) -> Change:
    """Give a file an attribute of its own, as a browser does with what it has loaded."""
    return lambda build: os.setxattr(build / name, "user.note", b"approved")


def allowed(name: str, mode: int) -> Change:
    """Change who may do what with a file."""
    return lambda build: (build / name).chmod(mode)


def _late_forgeries() -> dict[str, tuple[str, Change]]:
    """Give forgeries of pages, pictures, spellings, manifest and files, tried since 3 December."""
    en, zh, svg = "report.en.html", "report.zh.html", "figures/grievances.en.svg"
    png, other = "figures/grievances.en.png", "figures/grievances.zh.png"
    drawn = {
        "two pictures exchanged": exchanged(png, other),
        "two drawings exchanged": exchanged(svg, "figures/grievances.zh.svg"),
        "a drawing for a picture": lambda build: shutil.copy(build / svg, build / png),
        "bytes behind a picture": rewritten(png, lambda was: was + b"approved"),
        "a text within a picture": rewritten(png, lambda was: was[:33] + _png_text() + was[33:]),
        "a font in a drawing": said_in(svg, "<defs>", "<defs><style>*{font-family:x}</style>"),
        "a title in a drawing": said_in(svg, "<metadata>", "<title>approved</title><metadata>"),
        "the date of a drawing": said_in(svg, "<dc:format>", "<dc:date>2020</dc:date><dc:format>"),
        "a rectangle over a drawing": said_in(svg, "</svg>", '<rect width="99"/></svg>'),
        "a drawing's colour": said_in(svg, "#[0-9a-f]{6}", "#123456"),
        "line ends of a drawing": rewritten(svg, lambda was: was.replace(b"\n", b"\r\n")),
        "a sentence in English alone": said_in(en, "<p>", "<p>This was approved. "),
        "a sentence in Chinese alone": said_in(zh, "<p>", "<p>本报告已经核实。"),
        "a title of the page": said_in(en, "<title>", "<title>Approved: "),
        "a description of the page": said_in(en, "<head>", '<head><meta name="description" '
                                             'content="approved">'),
        "words of a picture": said_in(en, 'alt="', 'alt="approved '),
        "a number in words of a picture": said_in(en, r'(alt="[^"]*?)\d+', r"\g<1>99"),
        "a comment in a page": said_in(en, "<body", "<!-- approved --><body"),
        "an attribute in a page": said_in(en, "<body", '<body data-by="approved"'),
        "a hidden paragraph": said_in(en, "</body>", "<p hidden>approved</p></body>"),
        "a style of a page": said_in(en, "</style>", ".x{display:none}</style>"),
        "an address in a page": said_in(en, 'href="#', 'href="https://example.org/#'),
        "the language of a page": said_in(en, 'lang="en"', 'lang="fr"'),
        "digits that look alike": said_in(en, ">360<", ">３６０<"),
        "an entity for a letter": said_in(en, "<p>(.)", "<p>&#x41;"),
        "no declaration": said_in(en, "<!doctype html>|<!DOCTYPE html>", ""),
        "pages exchanged": exchanged(en, zh),
        "a script in a page": said_in(en, "</body>", "<script>1</script></body>"),
    }  # fmt: skip
    files = {
        "a permission to run": allowed("tables/counts.csv", 0o755),
        "a file that all may write": allowed("tables/counts.csv", 0o666),
        "an attribute of a file": marked("tables/counts.csv"),
        "names that differ by case": put("tables/COUNTS.csv"),
        "a name in capitals": renamed("tables/notes.csv", "tables/Notes.csv"),
        "a name of composed letters": put("tables/caf\u00e9.csv"),
        "an empty folder": lambda build: (build / "tables/more").mkdir(),
        "an empty hidden folder": lambda build: (build / ".more").mkdir(),
        "folders within folders": put("/".join(["a"] * 40) + "/b.csv"),
        "a hidden file within": put("tables/.counts.csv"),
        "what an editor leaves": put("tables/counts.csv~"),
        "what a Mac leaves": put(".DS_Store"),
        "what Windows leaves": put("tables/Thumbs.db"),
        "a link between two tables": linked("tables/notes.csv", "tables/daily.csv", hard=True),
        "a compressed twin": put("tables/counts.csv.gz", gzip.compress(b"x")),
        "a table as Parquet beside it": put("tables/counts.parquet"),
        "a signature of nobody": put("manifest.json.sig", b"-----BEGIN SSH SIGNATURE-----\n"),
    }
    spelled = {
        "rows twice": rows("cluster_days", lambda all_rows: [*all_rows, all_rows[-1]]),
        "rows turned": rows("daily", lambda all_rows: all_rows[::-1]),
        "two rows exchanged": rows("counts", lambda all_rows: [*all_rows[:1], *all_rows[:0:-1]]),
        "a blank row": rows("counts", lambda all_rows: [*all_rows, b"\n"]),
        "a row of commas": rows("channels", lambda all_rows: [*all_rows, b",,,\n"]),
        "no last line end": rewritten("tables/counts.csv", bytes.rstrip),
        "line ends of Windows": rewritten(
            "tables/counts.csv", lambda was: was.replace(b"\n", b"\r\n")),
        "a mark of bytes": rewritten("tables/counts.csv", lambda was: b"\xef\xbb\xbf" + was),
        "a header in capitals": rewritten(
            "tables/counts.csv", lambda was: was.replace(b"items", b"Items", 1)),
        "a header with a blank": rewritten(
            "tables/counts.csv", lambda was: was.replace(b"items", b" items", 1)),
        "a column twice": rewritten("tables/funnel.csv", lambda was: b"".join(
            line + b"," + line.split(b",")[-1] + b"\n" for line in was.splitlines())),
        "all cells in quotes": rewritten("tables/channels.csv", lambda was: b"".join(
            b",".join(b'"%b"' % cell for cell in line.split(b",")) + b"\n"
            for line in was.splitlines())),
        "a tab for a comma": rewritten(
            "tables/channels.csv", lambda was: was.replace(b",", b"\t")),
        "another encoding": rewritten(
            "tables/claims.csv", lambda was: was.decode("utf-8").encode("gb18030")),
        "a nought with a sign": cell("sentiment_days", "low", "-0.0"),
        "a nought behind": cell("channels", "share", "0.50"),
        "a letter of another alphabet": cell("counts", "grievance", "а" + "ll"),
        "a code with a hidden sign": cell("counts", "grievance", "all\u200b"),
        "a day with a clock": cell("daily", "date", "2020-06-01T00:00:00"),
        "a day of full width": cell("daily", "date", "２０２０-06-01"),
        "a formula": cell("platforms", "platform", "=1+1"),
    }  # fmt: skip
    told_in = {
        "a name twice": rewritten(
            "manifest.json", lambda was: was.replace(b"{", b'{"command": "x", ', 1)),
        "numbers for words": told(code=7),
        "a name more": told(approved=True),
        "outputs of a file that is not there": _listing("tables/more.csv"),
        "outputs of a file above": _listing("../posts.csv"),
        "a hash in capitals": rewritten("manifest.json", lambda was: re.sub(
            rb'("tables/counts.csv": ")([0-9a-f]{64})',
            lambda found: found[1] + found[2].upper(), was)),
        "another time of a run": told(made="2020-01-01"),
        "two documents": rewritten("manifest.json", lambda was: was + b"{}"),
        "blanks between": rewritten("manifest.json", lambda was: was.replace(b": ", b" : ", 1)),
        "a mark of bytes": rewritten("manifest.json", lambda was: b"\xef\xbb\xbf" + was),
        "a run of a mark": put(".caodian-run", b"approved\n"),
        "a run that says more": rewritten(
            "run.json", lambda was: was.replace(b"{", b'{"approved": true, ', 1)),
    }  # fmt: skip
    groups = {"drawn: late: ": drawn, "late file: ": files, "late table: ": spelled,
              "said: late: ": told_in}  # fmt: skip
    return {
        group + name: ("open", change)
        for group, kinds in groups.items()
        for name, change in kinds.items()
    }


def _listing(name: str) -> Change:
    """Name one file more in the manifest, after it was written anew."""

    def change(build: Path) -> None:
        path = build / "manifest.json"
        known = json.loads(path.read_text("utf-8"))
        known["outputs"][name] = "0" * 64
        path.write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")

    return change


def _png_text() -> bytes:
    """Make the piece of a PNG that holds a text."""
    content = b"tEXtComment\0approved"
    sum_of = zlib.crc32(content).to_bytes(4, "big")
    return (len(content) - 4).to_bytes(4, "big") + content + sum_of


# What writing the manifest anew would undo; name and hashes stay as they are.
_LAST = ("said: late: outputs", "said: late: a hash", "said: late: two documents",
         "said: late: blanks", "said: late: a mark", "said: late: a name twice")  # fmt: skip

_FIND = {
    "cluster": "0", "label": "好", "items": "9", "families": "9", "authors": "9",
    "certainty": "0.9", "purity": "0.9", "code_dispersion": "0.1", "top_grievance": "price",
    "new_wording_of": "unknown", "find_kind": "grievance", "found_by": "word", "terms": "好",
    "onset": "2020-06-09", "onset_low": "2020-06-09", "onset_high": "2020-06-09",
}  # fmt: skip

_ONSETS = ("onset", "onset_low", "onset_high")


def cover_tracks(build: Path) -> None:
    """Write name and manifest anew, in the order in which a run has them."""
    from analysis.reporting.ledger import name_build, write_manifest

    path = build / "manifest.json"
    if path.is_symlink() or not path.is_file():
        return
    known = json.loads(path.read_text("utf-8"))
    known.pop("outputs")
    with suppress(OSError, UnicodeError):
        if all(table.is_file() for table in (build / "tables").glob("*.csv")):
            known["build"] = name_build(build, known)
        with suppress(Exception):  # links are refused here already, and leave the old one
            write_manifest(build, known)


@contextmanager
def redrawn(*, is_drawn: bool) -> Iterator[None]:
    """Take pages and figures as made anew from forged tables."""
    from analysis.reporting import verification

    if is_drawn:
        yield
        return
    with (
        patch.object(verification, "_redraw", lambda *_: 1),
        patch.object(verification, "_read_marks", lambda _page: []),
    ):
        yield


def attempt(place: Path, name: str, kind: str, change: Change) -> tuple[bool, str]:
    """Forge a copy of a build; tell whether it was found, and by which words."""
    work = place / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    for one in ("posts.csv", "mine.yaml"):
        shutil.copy(place / "made" / one, work)
    folder = work / COMMANDS[kind][1]
    shutil.copytree(place / "made" / COMMANDS[kind][1], folder)
    process = os.fork()  # in a process of its own: Polars may not be used before a fork
    if not process:
        code = 1
        try:
            change(folder)
            if not name.startswith(_LAST):
                cover_tracks(folder)
            code = 0
        finally:
            os._exit(code)
    if os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]):
        return False, "NOT TRIED: the forgery itself failed"
    is_drawn = name.startswith(("drawn", "untouched", "said"))
    with redrawn(is_drawn=is_drawn):
        code = wait(fork_run(work, real=True, words=("verify", COMMANDS[kind][1])))
    said = (work / "told.txt").read_text("utf-8", "replace").strip()
    is_found = code == 1 and said.startswith("caodian: ") and "no rule" not in said
    return is_found, f"exit {code}: {said[-300:]}" if not is_found else said[:160]


def main(arguments: Sequence[str] | None = None) -> int:
    """Try each forgery, and print what came of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--keep", help="where the builds are, or are put")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        place = Path(asked.keep or name)
        place.mkdir(exist_ok=True)
        made = place / "made"
        with tempfile.TemporaryDirectory() as warm:
            prepare_forks(Path(warm), real=True)
        if not made.is_dir():
            made.mkdir()
            write_inputs(made)
            for words, _ in COMMANDS.values():
                if wait(fork_run(made, real=True, words=("report", *words.split()))):
                    print((made / "told.txt").read_text("utf-8"))
                    return 1
        kills._HANGS = 60  # seconds: a build of this size is verified in ten
        listed = {"untouched: " + kind: (kind, lambda _: None) for kind in COMMANDS}
        listed |= forgeries()
        chosen = {
            name: one for name, one in listed.items()
            if not asked.only or any(word in name for word in asked.only)
        }  # fmt: skip
        passed = []
        for way, (kind, change) in chosen.items():
            is_found, words = attempt(place, way, kind, change)
            is_right = is_found != way.startswith("untouched")
            passed += [] if is_right else [way]
            print(f"{'found ' if is_found else 'PASSED'} {way}: {words}", flush=True)
    forged = [name for name in chosen if not name.startswith("untouched")]
    print(f"{len(forged)} forgeries, {len(passed)} not as it must be: {'; '.join(passed)}")
    return 1 if passed else 0


if __name__ == "__main__":
    sys.exit(main())
