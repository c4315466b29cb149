"""One worker and two workers of a Dask cluster on the same posts: time, and the same tables.

    python benchmarks/cluster.py [--posts 1000000]

Each worker is a process with one thread, that of Polars counted (`POLARS_MAX_THREADS=1`): else one
worker would compute on both cores. The time is from the raw file to the count tables, the start of
the cluster and the compilation of the first partition left out.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

from whole_pipeline import STUDY, simulated


def run_on_cluster(corpus: Path, workers: int) -> tuple[float, dict[str, str]]:
    """Return seconds and the tables of a run on so many workers."""
    from distributed import LocalCluster

    from analysis.pipeline.request import Request
    from analysis.pipeline.run import Run
    from analysis.study import load_study

    study = load_study(STUDY)
    warm = sorted(corpus.glob("*.parquet"))[:workers]
    here = Path.cwd()
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            dashboard_address=None,
            env={"POLARS_MAX_THREADS": "1"},
        ) as cluster,
    ):
        os.chdir(folder)
        try:
            for exports, name in ((warm, "warm"), ([here / corpus], "run")):
                request = Request(
                    [here / path for path in exports], study, out=Path(name),
                    scheduler=cluster.scheduler_address, storage=Path(folder) / name,
                )  # fmt: skip
                run = Run(request, lambda line: None)
                start = time.perf_counter()
                tables = run.count_corpus()
                seconds = time.perf_counter() - start
        finally:
            os.chdir(here)
    return seconds, {name: table.to_csv() for name, table in tables.items()}


def main() -> None:
    """Print a table with a row for one worker and one for two."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=1_000_000)
    asked = parser.parse_args()
    corpus = simulated(asked.posts)
    one, tables_of_one = run_on_cluster(corpus, 1)
    two, tables_of_two = run_on_cluster(corpus, 2)
    print("| workers | posts | wall s | times one worker | tables |")
    print("|---|---|---|---|---|")
    print(f"| 1 | {asked.posts:,} | {one:.1f} | 1 | - |")
    same = "equal" if tables_of_one == tables_of_two else "DIFFERENT"
    print(f"| 2 | {asked.posts:,} | {two:.1f} | {one / two:.2f} | {same} |")


if __name__ == "__main__":
    main()
