"""Exports read into canonical posts, beside pandas.read_csv of the same file in the same run.

    python benchmarks/read_exports.py [--rows 5000000] [--only csv parquet]

A weibo-search export of so many invented rows is written once to `data/raw/benchmark-exports`, as
CSV and as Parquet. Then each way of reading runs in a process of its own: `ingest` yields canonical
posts, partition by partition, every record accounted for; pandas makes a table of strings and
numbers, no times parsed, no ids kept from floating point, nothing accounted for. The time is that
of the whole process, start and imports included; the memory is the operating system's figure.

    python benchmarks/read_exports.py --start

prints what it costs to open one small file in the process that opens workbooks, Parquet and SQLite.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

FOLDER = Path("data/raw/benchmark-exports")
CHUNK = 250_000
CLAUSES = (
    "直播间说好的大枣到手全是小的", "客服半天不回消息", "红包抢了四十个才十块钱",
    "618凑单凑得头疼", "预售付了尾款反而比现货贵", "快递三天没动静,电话也打不通",
    "主播说的赠品没有发", "这家店的面膜还不错,会回购", "保价申请被拒绝了",
    "短信一天收到二十条\n退订也没用", "鞋子鉴定说是真的", "今天的晚霞真好看",
    "申请退款要等七天", '商家说"仅退款不退货"', "朋友推荐的电饭煲用着挺好", "蔬菜又涨价了",
)  # fmt: skip
READERS = ("csv", "parquet", "pandas", "pandas-strings")


def write_rows(rows: int, first: int, rng: np.random.Generator) -> pl.DataFrame:
    """Return invented rows in the 21 columns of weibo-search."""
    clauses = np.array(CLAUSES, dtype=object)
    picked = clauses[rng.integers(0, len(clauses), (rows, 4))]
    text = pl.concat_str(*(pl.Series(picked[:, place].tolist()) for place in range(4)),
                         separator=",")  # fmt: skip
    number = pl.int_range(first, first + rows, dtype=pl.Int64)
    minute = pl.Series(rng.integers(0, 20 * 24 * 60, rows))
    user = pl.Series(rng.integers(1_000_000_000, 1_000_000_000 + max(rows * 4, 1), rows))
    is_repost = pl.Series(rng.random(rows) < 0.05)
    counts = [
        pl.Series(name, rng.geometric(0.2, rows) - 1).cast(pl.String)
        for name in ("转发数", "评论数", "点赞数")
    ]
    counts[0] = counts[0].set(pl.Series(rng.random(rows) < 0.001), "1.2万")
    ip = pl.Series(
        np.array(["浙江", "广东", "北京", "", "河南"])[rng.integers(0, 5, rows)].tolist()
    )
    return pl.select(
        (4_510_000_000_000_000 + number).cast(pl.String).alias("id"),
        pl.format("J{}", number).alias("bid"),
        user.cast(pl.String).alias("user_id"),
        pl.format("用户{}", user).alias("用户昵称"),
        text.alias("微博正文"),
        pl.lit("").alias("头条文章url"),
        ip.alias("发布位置"),
        pl.lit("").alias("艾特用户"),
        pl.lit("618,购物").alias("话题"),
        *counts,
        (pl.datetime(2020, 6, 1) + pl.duration(minutes=minute))
        .dt.to_string("%Y-%m-%d %H:%M").alias("发布时间"),
        pl.lit("iPhone客户端").alias("发布工具"),
        pl.format("https://images.example/large/{}.jpg", number).alias("微博图片url"),
        pl.lit("").alias("微博视频url"),
        pl.when(is_repost).then((4_500_000_000_000_000 + number).cast(pl.String))
        .otherwise(pl.lit("")).alias("retweet_id"),
        ip.alias("ip"),
        pl.lit("普通用户").alias("user_authentication"),
        pl.lit("非会员").alias("会员类型"),
        pl.lit("0").alias("会员等级"),
    )  # fmt: skip


def chunks(rows: int) -> Iterator[pl.DataFrame]:
    """Yield the export in pieces, the same on every run."""
    rng = np.random.default_rng(618)
    for first in range(0, rows, CHUNK):
        yield write_rows(min(CHUNK, rows - first), first, rng)


def written(rows: int) -> dict[str, Path]:
    """Return the export in both forms, written now if it is not there."""
    import pyarrow.parquet as pq

    FOLDER.mkdir(parents=True, exist_ok=True)
    paths = {form: FOLDER / f"weibo-search-{rows}.{form}" for form in ("csv", "parquet")}
    if all(path.exists() for path in paths.values()):
        return paths
    unfinished = {form: path.with_suffix(".unfinished") for form, path in paths.items()}
    writer = None
    with unfinished["csv"].open("wb") as stream:
        stream.write(b"\xef\xbb\xbf")
        for place, chunk in enumerate(chunks(rows)):
            chunk.write_csv(stream, include_header=place == 0)
    for chunk in chunks(rows):
        table = chunk.to_arrow()
        writer = writer or pq.ParquetWriter(FOLDER / "parquet.unfinished", table.schema)
        writer.write_table(table)
    if writer:
        writer.close()
    unfinished["csv"].replace(paths["csv"])
    (FOLDER / "parquet.unfinished").replace(paths["parquet"])
    return paths


def read(reader: str, path: Path) -> int:
    """Read the file and return how many rows came."""
    if reader.startswith("pandas"):
        import pandas as pd

        return len(pd.read_csv(path, dtype=str if reader == "pandas-strings" else None))
    from analysis.corpus.ingest import ingest

    ingestion = ingest([path], secret=b"benchmark" * 4)
    kept = sum(part.height for part in ingestion.partitions())
    account = ingestion.reconciliation.iloc[0]
    if account.records_read != kept + account.rejected:
        raise SystemExit("a record was lost")
    return int(account.records_read)


def measure(reader: str, path: Path) -> dict[str, float]:
    """Read in a process of its own; return rows, wall and CPU seconds, and the peak."""
    command = [sys.executable, __file__, "--read", reader, str(path)]
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    out = child.stdout.read() if child.stdout else b""
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"{reader} failed")
    return {
        "rows": json.loads(out),
        "wall": time.perf_counter() - start,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss / 1024,
    }


def show_start(times: int = 7) -> None:
    """Print what a fresh process takes to open a file of 300 rows, the median of several."""
    import resource
    import sqlite3
    import statistics
    import tempfile

    from analysis.corpus.readers.containers import confined, foreign
    from analysis.corpus.readers.containers.export import find_exports

    rows = write_rows(300, 0, np.random.default_rng(618))
    with tempfile.TemporaryDirectory() as room:
        rows.write_excel(Path(room) / "a.xlsx")
        rows.write_parquet(Path(room) / "a.parquet")
        with sqlite3.connect(Path(room) / "a.db") as database:
            names = ", ".join(f'"{name}"' for name in rows.columns)
            database.execute(f"CREATE TABLE weibo ({names})")
            marks = ", ".join("?" * rows.width)
            database.executemany(f"INSERT INTO weibo VALUES ({marks})", rows.rows())
        database.close()
        ways = {"a.xlsx": foreign.sheets, "a.parquet": lambda one: [foreign.ParquetTable(one)],
                "a.db": foreign.sqlite_tables}  # fmt: skip
        for name, open_tables in ways.items():
            (export,) = find_exports([Path(room) / name])
            walls, cpus = [], []
            for _ in range(times):
                confined.end_idle()
                before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
                for table in open_tables(export):
                    list(table.heads())
                walls.append(time.perf_counter() - start)
                confined.end_idle()
                used = resource.getrusage(resource.RUSAGE_CHILDREN)
                cpus.append(used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime)
            cpu, wall = statistics.median(cpus), statistics.median(walls)
            print(f"{name}: {cpu:.2f} s of CPU in the other process, {wall:.2f} s in all")


def main() -> None:
    """Print a table with one row a way of reading."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--only", nargs="+", choices=READERS, default=READERS)
    parser.add_argument("--read", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--start", action="store_true")
    asked = parser.parse_args()
    if asked.start:
        show_start()
        return
    if asked.read:
        print(json.dumps(read(asked.read[0], Path(asked.read[1]))))
        return
    paths = written(asked.rows)
    names = {"csv": "ingest, CSV", "parquet": "ingest, Parquet", "pandas": "pandas.read_csv",
             "pandas-strings": "pandas.read_csv, ids kept (dtype=str)"}  # fmt: skip
    print("| read by | rows | wall s | CPU s | peak MB | rows/s | rows per CPU s |")
    print("|---|---|---|---|---|---|---|")
    for reader in asked.only:
        used = measure(reader, paths["parquet" if reader == "parquet" else "csv"])
        print(
            f"| {names[reader]} | {used['rows']:,} | {used['wall']:.1f} | {used['cpu']:.1f} "
            f"| {used['peak_mb']:.0f} | {used['rows'] / used['wall']:,.0f} "
            f"| {used['rows'] / used['cpu']:,.0f} |"
        )
    size = paths["csv"].stat().st_size
    print(f"\n{size / 1e6:,.0f} MB of CSV; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
