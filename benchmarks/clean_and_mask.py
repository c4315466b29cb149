"""Cleaning and masking: ours beside a notebook of regular expressions, in one run.

    python benchmarks/clean_and_mask.py [--posts 200000] [--peer-posts 50000]

The posts are simulated (`studies/618-2020.yaml`): a tenth needs cleaning, a ninth holds something
that identifies. Each line of the table is measured in a process of its own, so that its peak memory
is its own, on partitions of 25,000 posts; times are the median of three passes after one that
compiles. The notebook does what such notebooks do: `html.unescape`, tags, NFKC, white space, and
one `str.replace` for each of eight kinds. It knows neither names nor addresses, nor numbers in
disguise, and masks hotlines with the telephones.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
from process_memory import peak_megabytes

ROOT = Path(__file__).resolve().parents[1]
PARTITION = 25_000
NOTEBOOK = (
    (r"https?://[A-Za-z0-9./?=&_%-]+|t\.cn/[A-Za-z0-9]+", "[url]"),
    (r"[A-Za-z0-9._-]+@[A-Za-z0-9-]+(?:\.[A-Za-z]{2,})+", "[email]"),
    (r"@[\w-]+", "[user]"),
    (r"[1-9]\d{16}[\dXx]", "[id]"),
    (r"(?:订单号|单号)[:：]?\s*\w{8,}", "[order]"),
    (r"1[3-9]\d[- ]?\d{4}[- ]?\d{4}|0\d{2,3}-?\d{7,8}", "[phone]"),
    (r"(?:微信|vx|VX|加V)[:：号]*\s*\w{5,}", "[wechat]"),
    (r"(?:QQ|qq)[:：群号]*\s*\d{5,}", "[qq]"),
)


def simulated_posts(count: int) -> pl.Series:
    """Return simulated texts, as they come to cleaning."""
    from analysis.simulate import simulate
    from analysis.study import load_study

    study = load_study(ROOT / "studies" / "618-2020.yaml")
    days = simulate(study, scale=min(1.0, count * 1.05 / 6_480_000), seed=study.seed)
    whole = pl.concat_str("title", "text", separator="。", ignore_nulls=True)
    return pl.concat([posts.select(whole).to_series() for posts, _ in days]).head(count)


def ours(texts: pl.Series) -> int:
    """Clean and mask; return in how many texts something is masked."""
    from analysis.corpus.clean import clean_texts
    from analysis.corpus.mask import mask_texts

    return int((mask_texts(clean_texts(texts))[1] != "{}").sum())


def notebook(texts: pl.Series) -> int:
    """Do it in pandas, pattern by pattern."""
    import html
    import unicodedata

    column = texts.to_pandas().fillna("").map(html.unescape)
    column = column.str.replace(r"<[^>]+>", " ", regex=True)
    column = column.map(lambda text: unicodedata.normalize("NFKC", text))
    column = column.str.replace(r"//@.*$", "", regex=True)
    column = column.str.replace(r"([!?。，！？])\1{2,}", r"\1\1\1", regex=True)
    column = column.str.replace(r"\s+", " ", regex=True).str.strip()
    masked = column
    for pattern, token in NOTEBOOK:
        masked = masked.str.replace(re.compile(pattern), token, regex=True)
    return int((masked != column).sum())


TOOLS: dict[str, Callable[[pl.Series], int]] = {"ours": ours, "notebook": notebook}


def measure(tool: str, threads: int, count: int) -> dict[str, float]:
    """Time one tool on so many posts."""
    texts = simulated_posts(count)
    parts = [texts[start : start + PARTITION] for start in range(0, len(texts), PARTITION)]
    TOOLS[tool](parts[0])
    walls, cpus, found = [], [], 0
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(3):
            cpu, wall = time.process_time(), time.perf_counter()
            found = sum(pool.map(TOOLS[tool], parts))
            walls.append(time.perf_counter() - wall)
            cpus.append(time.process_time() - cpu)
    return {
        "posts": len(texts),
        "seconds": statistics.median(walls),
        "cpu": statistics.median(cpus),
        "masked": found / len(texts),
        "peak": peak_megabytes(),
    }


def main() -> None:
    """Print the table, or, as a process of its own, one line of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=200_000)
    parser.add_argument("--peer-posts", type=int, default=50_000)
    parser.add_argument("--measure", choices=TOOLS)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.measure, given.threads, given.posts)))
        return
    print(
        "| tool | threads | posts | seconds | CPU µs a post | posts a second | masked | peak MB |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for tool, posts in (("ours", given.posts), ("notebook", given.peer_posts)):
        for threads in (1, 2):
            line = run_alone(tool, threads, posts)
            print(
                f"| {tool} | {threads} | {line['posts']:,} | {line['seconds']:.2f} "
                f"| {line['cpu'] / line['posts'] * 1e6:.2f} "
                f"| {line['posts'] / line['seconds']:,.0f} | {line['masked']:.1%} "
                f"| {line['peak']:.0f} |"
            )


def run_alone(tool: str, threads: int, posts: int) -> dict[str, float]:
    """Measure in a process of its own, in which Polars starts no threads besides."""
    arguments = ["--measure", tool, "--threads", str(threads), "--posts", str(posts)]
    command = [sys.executable, __file__, *arguments]
    environment = {**os.environ, "POLARS_MAX_THREADS": "1"}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    result: dict[str, float] = json.loads(done.stdout)
    return result


if __name__ == "__main__":
    main()
