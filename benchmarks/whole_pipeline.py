"""The whole pipeline, raw file to count tables, beside the usual notebook in one run.

    python benchmarks/whole_pipeline.py [--posts 1000000 4000000] [--figure docs/figures/growth.png]

A simulated corpus of each size is written once to `data/raw/benchmark-…`. Then a process of its
own reads it, cleans, masks, finds near-duplicate families, computes SnowNLP's exact score and the
linear one, codes, and counts by code, platform, channel and day. The time is that of the whole
process, start and imports included; the memory is the operating system's figure. The notebook
(`usual_notebook.py`) runs on a few thousand posts of the same corpus and is extrapolated.

Kernels are compiled once on a machine: a small run before the others does that, and is told apart.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

STUDY = "studies/618-2020.yaml"
NOTEBOOK_ROWS = 3000
SMALL = 20_000


def run_pipeline(corpus: Path, data: Path) -> dict[str, float]:
    """Do what a report does between the raw file and the count tables; return seconds by step."""
    from analysis.corpus.readers.column_names import ColumnChoice
    from analysis.pipeline import corpus_steps
    from analysis.pipeline.partitions import open_executor
    from analysis.pipeline.table_step import count_tables
    from analysis.storage import RunPaths
    from analysis.study import load_study

    study = load_study(STUDY)
    paths = RunPaths(study.name, data=data)
    seconds: dict[str, float] = {}

    def step(name: str, work: Callable[[], object]) -> None:
        start = time.perf_counter()
        work()
        seconds[name] = time.perf_counter() - start

    def read() -> object:
        return corpus_steps.read_and_mask(
            [corpus], paths, study=study, secret=b"benchmark" * 4, choice=ColumnChoice(),
            limit=None, executor=executor,
        )  # fmt: skip

    with open_executor() as executor:
        step("read, clean, mask", read)
        step(
            "near-duplicates",
            lambda: corpus_steps.find_families(paths, study, "fast", executor),
        )
        step("score and code", lambda: corpus_steps.code_corpus(paths, "fast", executor))
    step("counts", lambda: count_tables(paths, study))
    return seconds


def measure(corpus: Path) -> dict[str, float]:
    """Run the pipeline in a process of its own; return wall and CPU seconds, peak and steps."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--run", str(corpus), folder]
        start = time.perf_counter()
        child = subprocess.Popen(command, stdout=subprocess.PIPE)
        out = child.stdout.read() if child.stdout else b""
        _, status, usage = os.wait4(child.pid, 0)
    if status:
        raise SystemExit("the pipeline failed")
    used = {
        "wall": time.perf_counter() - start,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss / 1024,
    }
    return used | json.loads(out)


def measure_notebook(corpus: Path) -> dict[str, float]:
    """Run the usual notebook on the first posts of the corpus."""
    script = Path(__file__).with_name("usual_notebook.py")
    first = sorted(corpus.glob("*.parquet"))[0]
    command = [sys.executable, str(script), str(first), "--rows", str(NOTEBOOK_ROWS)]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def simulated(posts: int) -> Path:
    """Return a folder of simulated posts, written now if it is not there."""
    from analysis.pipeline.corpus_steps import write_partitions
    from analysis.study import load_study

    study = load_study(STUDY)
    out = Path("data/raw") / f"benchmark-{posts}"
    if not (out / "truth").exists():
        write_partitions(study, posts / study.simulation.posts, study.seed, out)
    return out / "posts"


def draw_growth(rows: list[dict[str, float]], path: Path) -> None:
    """Draw time and memory against posts."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    sizes = [row["posts"] / 1e6 for row in rows]
    figure, (time_axes, memory_axes) = plt.subplots(1, 2, figsize=(9, 3.4))
    for axes, name, label in (
        (time_axes, "wall", "seconds, 2 cores"),
        (memory_axes, "peak_mb", "peak memory, MB"),
    ):
        axes.plot(sizes, [row[name] for row in rows], "o-", color="#1f5a94")
        axes.set_xlabel("million posts (simulated)")
        axes.set_title(label, loc="left", fontsize=10)
        axes.set_xlim(left=0)
        axes.set_ylim(0, 1.08 * axes.get_ylim()[1])
        axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=150, metadata={"Software": None})


def main() -> None:
    """Print a table with one row a size, and the notebook's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--figure", type=Path)
    parser.add_argument("--run", nargs=2, type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.run:
        print(json.dumps(run_pipeline(*asked.run)))
        return
    corpora = {size: simulated(size) for size in sorted(asked.posts)}
    first = measure(simulated(SMALL))
    print(f"A first run over {SMALL:,} posts took {first['wall']:.1f} s, compiling included.\n")
    notebook = measure_notebook(corpora[min(corpora)])
    speed = notebook["posts"] / notebook["seconds"]
    print("| posts | wall s | CPU s | peak MB | posts/s | times the notebook | steps, wall s |")
    print("|---|---|---|---|---|---|---|")
    rows = []
    for size, corpus in corpora.items():
        used = measure(corpus)
        rows.append({"posts": size, **used})
        steps = "; ".join(f"{name} {used[name]:.1f}" for name in used if name not in
                          ("wall", "cpu", "peak_mb"))  # fmt: skip
        print(
            f"| {size:,} | {used['wall']:.1f} | {used['cpu']:.1f} | {used['peak_mb']:.0f} "
            f"| {size / used['wall']:,.0f} | {size / used['wall'] / speed:.0f} | {steps} |"
        )
    print(
        f"| usual notebook, {NOTEBOOK_ROWS:,} | {notebook['seconds']:.1f} (CPU) | "
        f"{notebook['seconds']:.1f} | {notebook['peak_mb']:.0f} | {speed:,.0f} | 1 | "
        f"a million would take {1e6 / speed:,.0f} s |"
    )
    print(f"\n{os.cpu_count()} cores")
    if asked.figure:
        draw_growth(rows, asked.figure)


if __name__ == "__main__":
    main()
