"""Cost of a report by the length of its window: the same simulated posts over 20 days and 10 years.

    python benchmarks/window_length.py [--posts 50000,200000] [--csv benchmarks/window_length.csv]

The posts of the 618-2020 corpus are simulated once for each size and written as a CSV of text,
time and author twice: with their own times, and with each time moved so that 20 days become
3,652. `caodian report FILE` then runs on each in a process of its own, its kernels compiled by a
first run. One row a report: posts, days of the window, wall and CPU seconds, peak memory by the
operating system. What grew with the square of the days would show in the second row of each size.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import pandas as pd
import polars as pl
from real_exports import report_on

from analysis.simulate import simulate
from analysis.study import load_study

STUDY = Path(__file__).parents[1] / "studies" / "618-2020.yaml"
DAYS = (20, 3_652)
COLUMNS = ["posts", "days", "wall_s", "cpu_s", "peak_mb", "exit"]


def simulate_posts(number: int) -> pl.DataFrame:
    """Simulate about so many posts; give their texts, times and authors."""
    study = load_study(STUDY)
    assert study.simulation is not None
    parts = simulate(study, scale=number / study.simulation.posts, seed=1)
    posts = pl.concat([posts for posts, _ in parts])
    return posts.select(
        "text", "author_key", time=pl.col("published_at").dt.replace_time_zone(None)
    )


def stretch(posts: pl.DataFrame, days: int) -> pl.DataFrame:
    """Move the times so that the window holds so many days."""
    first = posts["time"].dt.truncate("1d").min()
    assert first is not None
    since = (pl.col("time") - first).dt.total_milliseconds() * days // DAYS[0]
    moved = pl.lit(first) + pl.duration(milliseconds=since)
    return posts.with_columns(time=moved.dt.strftime("%Y-%m-%d %H:%M:%S")).rename(
        {"text": "内容", "author_key": "用户ID", "time": "发布时间"}
    )


def measure(export: Path, name: str, days: int) -> dict[str, object]:
    """Report on one export in an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        row = report_on(export, Path(folder), seconds=1_800)
    if row["exit"] != 0:
        raise SystemExit(str(row["said"]))
    return {"posts": name, "days": days, **row}


def main() -> None:
    """Print one row a report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", default="50000,200000", help="sizes, with commas between")
    parser.add_argument("--csv", type=Path, metavar="F", help="write the table as CSV, too")
    asked = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        for number in map(int, asked.posts.split(",")):
            posts = simulate_posts(number)
            for days in DAYS:
                export = Path(temporary) / f"{number}-{days}.csv"
                stretch(posts, days).write_csv(export)
                if not rows:
                    measure(export, str(number), days)
                rows.append(measure(export, str(posts.height), days))
                print(*(rows[-1][name] for name in COLUMNS), flush=True)
    if asked.csv:
        pd.DataFrame(rows)[COLUMNS[:-1]].to_csv(asked.csv, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
