"""Near-duplicates: ours beside rensa and datasketch, on the same texts in one run.

    python benchmarks/near_duplicates.py [--texts 200000] [--peer-texts 25000]

Each tool runs in a process of its own, so that its peak memory is its own. Speeds are texts a
second of CPU time, 3-grams included. Peers are asked for the neighbours of the planted copies
only, which is less than we do. Those that are not installed are passed over.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

from planted_texts import grams, planted_texts
from process_memory import peak_megabytes

TOOLS = ("ours", "rensa", "datasketch", "flood")


def measure_ours(count: int) -> dict[str, object]:
    """Families of planted texts, second call (the first one compiles)."""
    import polars as pl

    from analysis.corpus.deduplicate import find_families

    texts, pairs = planted_texts(count)
    posts = pl.DataFrame(
        {"key": [f"t:{row}" for row in range(count)], "published_at": [0] * count, "text": texts}
    )
    find_families(posts[:1000])
    before = peak_megabytes()
    cpu, wall = time.process_time(), time.perf_counter()
    families = find_families(posts)["family_id"].to_list()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    found = sum(families[left] == families[right] for left, right in pairs)
    return {
        "texts": count,
        "cpu_texts_per_second": count / cpu,
        "wall_texts_per_second": count / wall,
        "recall": found / len(pairs),
        "peak_mb": peak_megabytes(),
        "added_mb": peak_megabytes() - before,
    }


def measure_rensa(count: int) -> dict[str, object]:
    """`RMinHashLSH` with 16 bands, as its README shows."""
    from rensa import RMinHash, RMinHashLSH

    texts, pairs = planted_texts(count)
    cpu = time.process_time()
    index = RMinHashLSH(threshold=0.8, num_perm=128, num_bands=16)
    sketches = []
    for row, text in enumerate(texts):
        sketch = RMinHash(num_perm=128, seed=1)
        sketch.update(sorted(grams(text)))
        index.insert(row, sketch)
        sketches.append(sketch)
    found = sum(left in index.query(sketches[right]) for left, right in pairs)
    cpu = time.process_time() - cpu
    return _peer(count, cpu, found / len(pairs))


def measure_datasketch(count: int) -> dict[str, object]:
    """`MinHashLSH` with its defaults for the threshold."""
    from datasketch import MinHash, MinHashLSH

    texts, pairs = planted_texts(count)
    cpu = time.process_time()
    index = MinHashLSH(threshold=0.8, num_perm=128)
    sketches = []
    for row, text in enumerate(texts):
        sketch = MinHash(num_perm=128)
        sketch.update_batch([gram.encode() for gram in grams(text)])
        index.insert(row, sketch)
        sketches.append(sketch)
    found = sum(left in index.query(sketches[right]) for left, right in pairs)
    cpu = time.process_time() - cpu
    return _peer(count, cpu, found / len(pairs))


def _peer(count: int, cpu: float, recall: float) -> dict[str, object]:
    return {
        "texts": count,
        "cpu_texts_per_second": count / cpu,
        "recall": recall,
        "peak_mb": peak_megabytes(),
    }


def measure_flood(count: int) -> dict[str, object]:
    """Variants of one text that are all just unlike (a random tail): the quadratic trap."""
    import random

    import polars as pl

    from analysis.corpus.deduplicate import find_families

    rng = random.Random(3)
    marks = [chr(point) for point in range(0x4E00, 0x4E00 + 3000)]
    base = "".join(rng.choice(marks) for _ in range(60))
    seconds = {}
    for size in (count // 4, count):
        texts = [base + "".join(rng.choices(marks, k=10)) for _ in range(size)]
        posts = pl.DataFrame(
            {"key": [str(row) for row in range(size)], "published_at": [0] * size, "text": texts}
        )
        find_families(posts[:1000])
        start = time.process_time()
        find_families(posts)
        seconds[size] = time.process_time() - start
    return {"texts": count, "cpu_seconds_by_size": seconds, "peak_mb": peak_megabytes()}


def main() -> None:
    """Run every tool in its own process and print the figures and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=200_000)
    parser.add_argument("--peer-texts", type=int, default=25_000)
    parser.add_argument("--tool", choices=TOOLS)
    asked = parser.parse_args()
    if asked.tool:
        count = asked.texts if asked.tool in {"ours", "flood"} else asked.peer_texts
        print(json.dumps(globals()[f"measure_{asked.tool}"](count)))
        return
    speeds = {}
    for tool in TOOLS:
        command = [sys.executable, str(Path(__file__)), "--tool", tool]
        command += ["--texts", str(asked.texts), "--peer-texts", str(asked.peer_texts)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode:
            print(f"{tool}: passed over ({run.stderr.strip().splitlines()[-1]})")
            continue
        figures = json.loads(run.stdout)
        speeds[tool] = figures.get("cpu_texts_per_second")
        print(f"{tool}: {figures}")
    for peer in ("rensa", "datasketch"):
        if speeds.get(peer):
            print(f"ours / {peer}: {speeds['ours'] / speeds[peer]:.1f}")


if __name__ == "__main__":
    main()
