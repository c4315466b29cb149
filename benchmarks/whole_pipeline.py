"""The whole pipeline, raw file to count tables, beside the usual notebook in one run.

    python benchmarks/whole_pipeline.py [--posts 1000000 4000000] [--figure docs/figures/growth.png]

A simulated corpus of each size is written once to `data/raw/benchmark-…`. Then a process of its
own reads it, cleans, masks, finds near-duplicate families, computes SnowNLP's exact score and the
linear one, codes, and counts by code, platform, channel and day, from a million posts on each step
in a process of its own, as a report does. The time is that of all processes, starts and imports
included; the memory is the operating system's figure of the largest one, mapped files included. The
notebook (`usual_notebook.py`) runs on a few thousand posts of the same corpus and is extrapolated.

Kernels are compiled once on a machine: a small run before the others does that, and is told apart.
The peak of each step is printed beside its seconds: of all processes together, without what they
share with files.

    python benchmarks/whole_pipeline.py --posts 5000000 10000000 20000000

shows whether memory stays flat: 1.5 GB at 20 million posts is the aim.

    python benchmarks/whole_pipeline.py --report 1

makes the whole report (`caodian report`) of the simulated study at these scales, each in an empty
folder, and prints seconds and peak of each step, of all its processes together; with scale 1 it
ends with 1 where the report takes more than 240 s or 2 GB.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil

STUDY = "studies/618-2020.yaml"
NOTEBOOK_ROWS = 3000
SMALL = 20_000


_PEAK = ", MB"
_LOOK_EVERY = 0.05


class Memory(threading.Thread):
    """The memory of a process and all that it starts, looked at twenty times a second."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self.process = psutil.Process(process)
        self.peak = 0.0

    def run(self) -> None:
        """Look until the process ends."""
        with contextlib.suppress(psutil.NoSuchProcess):
            while self.process.is_running():
                family = [self.process, *self.process.children(recursive=True)]
                self.peak = max(self.peak, sum(map(self._own, family)))
                time.sleep(_LOOK_EVERY)

    @staticmethod
    def _own(process: psutil.Process) -> float:
        """Return MB that the process does not share with a file, such as a mapped table."""
        try:
            memory = process.memory_info()
        except psutil.Error:
            return 0.0
        return (memory.rss - getattr(memory, "shared", 0)) / 2**20

    def take(self) -> float:
        """Return the peak since this was asked for the last time."""
        peak, self.peak = self.peak, 0.0
        return peak


def run_pipeline(corpus: Path, data: Path) -> dict[str, float]:
    """Do what a report does between the raw file and the count tables; return seconds by step."""
    from analysis.corpus.readers.column_names import ColumnChoice
    from analysis.pipeline import corpus_steps
    from analysis.pipeline.partitions import MANY_POSTS, open_worker, run_apart
    from analysis.pipeline.table_step import count_tables
    from analysis.storage import RunPaths
    from analysis.study import load_study

    study = load_study(STUDY)
    paths = RunPaths(study.name, data=data)
    seconds: dict[str, float] = {}
    memory = Memory(os.getpid())
    memory.start()

    def step(name: str, work: Callable[..., object], *given: object, **named: object) -> None:
        start = time.perf_counter()
        work(*given, **named)
        seconds[name] = time.perf_counter() - start
        seconds[f"{name}{_PEAK}"] = memory.take()

    is_large = int(corpus.parent.name.rpartition("-")[2]) >= MANY_POSTS
    with open_worker(apart=is_large) as work:
        step(
            "read, clean, mask", work, corpus_steps.read_and_mask, [corpus], paths, study=study,
            secret=b"benchmark" * 4, choice=ColumnChoice(), limit=None, thorough=False,
        )  # fmt: skip
        next_here = None if is_large else "fast"
        step("near-duplicates", work, corpus_steps.find_families, paths, study, next_here)
        step("score and code", work, corpus_steps.code_corpus, paths, "fast")
    step("counts", run_apart, count_tables, paths, study, many=is_large)
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
    """Return a folder of simulated posts, written now if it is not there.

    Beyond 1:1 the study's sizes are enlarged: its window has as many days, each with more posts.
    """
    from analysis.pipeline.corpus_steps import write_partitions
    from analysis.study import load_study

    study = load_study(STUDY)
    out = Path("data/raw") / f"benchmark-{posts}"
    if not (out / "truth").exists():
        times = posts / study.simulation.posts
        if times > 1:
            sizes = _enlarge(study.simulation.model_dump(), times)
            enlarged = type(study.simulation).model_validate(sizes)
            study, times = study.model_copy(update={"simulation": enlarged}), 1
        write_partitions(study, times, study.seed, out)
    return out / "posts"


def _enlarge(part: object, times: float) -> object:
    """Multiply the numbers of posts in a section of a study, however deep they stand."""
    if isinstance(part, list):
        return [_enlarge(one, times) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        name: round(found * times)
        if name in {"posts", "negative"} and isinstance(found, int)
        else _enlarge(found, times)
        for name, found in part.items()
    }


# The whole report, as a user makes it.

_MOST_SECONDS, _MOST_MB = 240, 2000


def report(scale: float) -> bool:
    """Make the report at a scale, print its steps; return whether it kept the bounds."""
    study = Path(STUDY).absolute()
    command = [
        *(sys.executable, "-c", "from analysis.cli import main; main()"),
        *("report", "--study", str(study)),
    ]
    with tempfile.TemporaryDirectory() as folder:
        start = before = time.perf_counter()
        child = subprocess.Popen(
            [*command, "--scale", str(scale)], cwd=folder, text=True, stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        memory = Memory(child.pid)
        memory.start()
        print(f"\n| scale {scale:g}: step | wall s | peak MB of all processes |\n|---|---|---|")
        peaks, said = [], []
        for line in child.stderr or ():
            said.append(line)
            if line.rstrip().endswith(": done"):
                now = time.perf_counter()
                peaks.append(memory.take())
                name = line.removeprefix("caodian: ").partition(":")[0]
                print(f"| {name} | {now - before:.1f} | {peaks[-1]:.0f} |", flush=True)
                before = now
        if child.wait():
            raise SystemExit("".join(said[-5:]))
        peaks.append(memory.take())
    wall, peak = time.perf_counter() - start, max(peaks)
    print(f"| to the end | {time.perf_counter() - before:.1f} | {peaks[-1]:.0f} |")
    load = os.getloadavg()[0]
    print(f"\nIn all {wall:.0f} s, {peak:.0f} MB; {os.cpu_count()} cores, load {load:.1f}")
    return wall <= _MOST_SECONDS and peak <= _MOST_MB


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
    parser.add_argument("--report", type=float, nargs="+", metavar="SCALE")
    parser.add_argument("--run", nargs=2, type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.run:
        print(json.dumps(run_pipeline(*asked.run)))
        return
    if asked.report:
        kept = {scale: report(scale) for scale in asked.report}
        sys.exit(not kept.get(1.0, True))
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
        steps = "; ".join(
            f"{name} {used[name]:.1f} ({used[name + _PEAK]:.0f} MB)"
            for name in used
            if name + _PEAK in used
        )
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
