"""Move posts between withheld cells, build again, and list what a reader of the build sees change.

    python benchmarks/disclosure_moves.py posts.csv --time 发布时间 --id id [--moves 4] [--hours]

Knows no table and no formula. An export is built with `--public`; then the times of two posts
change places, so that all that the build shows stays true: both are negative, or neither is, and
alike in search word, topic and the side of the cut-off on which their scores lie; the codes that
they differ in are withheld on both days, before and after. Whatever else than the manifest is
another in the second build tells of what is withheld: somebody who tries all ways to fill the gaps
finds the one that gives these digits. `--hours` moves posts within a day, between hours that are
withheld.
"""

from __future__ import annotations

import argparse
import difflib
import itertools
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import polars as pl

Row = dict[str, object]
# What says of the export itself which one it is, and what hashes all others.
OF_EXPORT = ("manifest.json", ".caodian-run", "posts.parquet")
_BUILD = re.compile(r"\b[0-9a-f]{16}\b")
_PIECES = re.compile(r"(?<=>)|\n|(?<=,)(?=\")")


def build(export: Path, folder: Path) -> tuple[Path, Path]:
    """Make a public build in a folder of its own; return it and the tables as measured."""
    command = [str(Path(sys.executable).with_name("caodian")), "report", export.name, "--public",
               "--no-notebooks", "--out", "public", "--quiet"]  # fmt: skip
    shutil.copy(export, folder / export.name)
    subprocess.run(command, cwd=folder, check=True)
    name = next(path.name for path in (folder / "public").iterdir() if path.is_dir())
    return folder / "public" / name, folder / "data/processed" / name


def posts_of(processed: Path) -> pd.DataFrame:
    """Read the coded posts that are counted, with the topic of each."""
    coded = pl.read_parquet(processed / "coded/*.parquet")
    topics = pl.read_parquet(processed / "topics.parquet").select("source", "post_id", "topic")
    posts = coded.join(topics, on=["source", "post_id"], how="left").to_pandas()
    posts = posts[posts["repeat_of"].isna()].copy()
    posts["day"] = posts["published_at"].dt.strftime("%Y-%m-%d")
    posts["hour"] = posts["published_at"].dt.hour
    posts["alike"] = list(zip(
        posts["is_negative"].fillna(value=False), posts["topic"].fillna(-1),
        posts["keyword"].fillna(""), posts["channel"].fillna(""), posts["snownlp_score"] < 0.5,
        (posts["negative_probability"] * 20).fillna(-1).astype(int), strict=True,
    ))  # fmt: skip
    return posts


def day_moves(posts: pd.DataFrame, shown: Path, whole: Path) -> Iterator[tuple[Row, Row]]:
    """Yield pairs whose days can change places without a change of any shown count."""
    series = next(
        name for name in ("monthly", "weekly", "daily") if (whole / f"tables/{name}.csv").exists()
    )
    told = pd.read_csv(shown / f"tables/{series}.csv").set_index(["date", "grievance"])["items"]
    true = pd.read_csv(whole / f"tables/{series}.csv").set_index(["date", "grievance"])["items"]
    starts = sorted({day for day, _ in true.index})

    def start(day: str) -> str:
        return max((one for one in starts if one <= day), default="")

    rows = posts.assign(start=[start(day) for day in posts["day"]]).to_dict("records")
    for one, other in itertools.combinations(rows, 2):
        if one["alike"] != other["alike"] or one["start"] == other["start"]:
            continue
        first, second = (set(row["grievances"]) for row in (one, other))
        moves = [(one["start"], other["start"], code) for code in first - second]
        moves += [(other["start"], one["start"], code) for code in second - first]
        if moves and all(
            pd.isna(told[here, code]) and pd.isna(told[there, code]) and true[here, code] > 1
            and true[there, code] > 0 and true[here, code] < 5 and true[there, code] < 4
            for here, there, code in moves
        ):  # fmt: skip
            yield one, other


def hour_moves(posts: pd.DataFrame, shown: Path, whole: Path) -> Iterator[tuple[Row, Row]]:
    """Yield pairs of a post and an hour of its day that are both withheld, and stay so."""
    keys = ["keyword", "date", "hour"]
    told = pd.read_csv(shown / "tables/coverage_hours.csv", keep_default_na=False)
    true = pd.read_csv(whole / "tables/coverage_hours.csv", keep_default_na=False)
    true = true.set_index(keys)["items"].astype(int)
    hidden = {key for key, items in told.set_index(keys)["items"].items() if items == ""}
    rows = posts.assign(keyword=posts["keyword"].fillna("")).to_dict("records")
    for one, other in itertools.combinations(rows, 2):
        here, there = ((row["keyword"], row["day"], row["hour"]) for row in (one, other))
        is_hidden = here[:2] == there[:2] and here != there and {here, there} <= hidden
        if is_hidden and 1 < true[here] < 5 and 0 < true[there] < 4:
            yield one, other


def moved(export: Path, time: str, pairs: list[tuple[str, str]], name: str, *, at: bool) -> None:
    """Write the export with the times of pairs exchanged, or of the first set to the second's."""
    table = pd.read_csv(export, dtype=str, keep_default_na=False)
    for one, other in pairs:
        first, second = (table.index[table[name] == key][0] for key in (one, other))
        now = table.loc[first, time], table.loc[second, time]
        table.loc[first, time] = now[1]
        if not at:
            table.loc[second, time] = now[0]
    table.to_csv(export, index=False)


def differences(one: Path, other: Path) -> Iterator[str]:
    """Yield what stands otherwise in the files of two builds, a piece each."""
    files = {path.relative_to(one) for path in one.rglob("*") if path.is_file()}
    files |= {path.relative_to(other) for path in other.rglob("*") if path.is_file()}
    for name in sorted(files):
        if name.name in OF_EXPORT:
            continue
        if not ((one / name).exists() and (other / name).exists()):
            yield f"{name}: in one build alone"
            continue
        data = [(folder / name).read_bytes() for folder in (one, other)]
        if data[0] == data[1]:
            continue
        if name.suffix == ".png":
            yield f"{name}: another picture"
            continue
        pieces = [_PIECES.split(_BUILD.sub("…", text.decode("utf-8"))) for text in data]
        for line in difflib.unified_diff(*pieces, n=0, lineterm=""):
            if line[:1] in "+-" and line[:3] not in ("+++", "---") and line[1:].strip():
                yield f"{name}: {line[:200]}"


def main() -> None:
    """Print what moves of posts change in what a public build shows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("export", type=Path)
    parser.add_argument("--time", required=True)
    parser.add_argument("--id", required=True)
    parser.add_argument("--hours", action="store_true")
    parser.add_argument("--moves", type=int, default=4, help="at once, in codes of their own")
    parser.add_argument("--work", type=Path)
    asked = parser.parse_args()
    work = asked.work or Path(tempfile.mkdtemp())
    before, after = work / "before", work / "after"
    for folder in (before, after):
        folder.mkdir(parents=True, exist_ok=True)
    shown, whole = build(asked.export, before)
    for secret in before.glob(".caodian-secret"):
        shutil.copy(secret, after / secret.name)
    choose = hour_moves if asked.hours else day_moves
    pairs: list[tuple[str, str]] = []
    used: set[object] = set()
    possible = 0
    for one, other in choose(posts_of(whole), shown, whole):
        possible += 1
        cells = {(row["day"], *sorted(row["grievances"])) for row in (one, other)}
        cells |= {row["day"] for row in (one, other)} if asked.hours else set()
        if len(pairs) < asked.moves and not used & (cells | {one["post_id"], other["post_id"]}):
            used |= cells | {one["post_id"], other["post_id"]}
            pairs.append((str(one["post_id"]), str(other["post_id"])))
    print(f"possible moves: {possible}, made: {len(pairs)}")
    if not pairs:
        return
    copy = after / "source" / asked.export.name
    copy.parent.mkdir(exist_ok=True)
    shutil.copy(asked.export, copy)
    moved(copy, asked.time, pairs, asked.id, at=asked.hours)
    again, measured = build(copy, after)
    table = "coverage_hours" if asked.hours else "daily"
    rows = [
        (one / f"tables/{table}.csv").read_text("utf-8").splitlines() for one in (whole, measured)
    ]
    print(
        f"measured rows of {table} that differ: {sum(a != b for a, b in zip(*rows, strict=True))}"
    )
    found = list(differences(shown, again))
    print(f"told: {len(found)}", *found[:60], sep="\n")


if __name__ == "__main__":
    main()
