"""Cleaning and masking together: posts a second, by CPU time and on two threads by the clock.

    python benchmarks/clean_and_mask.py [--texts 200000]

Every twentieth text carries something to clean, every twentieth something to mask.
"""

from __future__ import annotations

import argparse
import random
import time
from concurrent.futures import ThreadPoolExecutor

import polars as pl
from planted_texts import planted_texts
from process_memory import peak_megabytes

from analysis.corpus.clean import clean_texts
from analysis.corpus.mask import mask_texts

DIRTY = ("<br>退款", "　ＯＫ", "！！！！！！", "展开c", "&quot;坑&quot;", "//@小王:转发微博")
PERSONAL = (
    "电话13812345678",
    "加V：abc_12345",
    "订单号98765432109876",
    "@客服小王 退款",
    "12999元",
)


def posts(count: int) -> pl.Series:
    """Return texts of about 50 characters with a little dirt and a few personal data."""
    rng = random.Random(2)
    texts = planted_texts(count)[0]
    for row in range(0, count, 20):
        texts[row] += rng.choice(DIRTY)
        texts[row + 7] += rng.choice(PERSONAL)
    return pl.Series(texts)


def prepare(texts: pl.Series) -> pl.Series:
    """Clean and mask."""
    return mask_texts(clean_texts(texts))[0]


def main() -> None:
    """Print the speeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=200_000)
    count = parser.parse_args().texts // 20 * 20
    texts = posts(count)
    prepare(texts[:1000])
    cpu = time.process_time()
    prepare(texts)
    cpu = time.process_time() - cpu
    halves = [texts[: count // 2], texts[count // 2 :]]
    wall = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(prepare, halves))
    wall = time.perf_counter() - wall
    print(f"{count:,} texts, mean {texts.str.len_chars().mean():.0f} characters")
    print(
        f"{count / cpu:,.0f} posts a second of CPU time; two threads {count / wall:,.0f} a second"
    )
    print(f"peak memory {peak_megabytes():.0f} MB")


if __name__ == "__main__":
    main()
