"""How long a change of the explorer takes, control by control, on a corpus of any size.

    python benchmarks/explore.py --posts 100000

Simulates posts of the shipped study, codes them, and moves each control a few times as the page
of `caodian explore` does: choose, count three panels, draw them, list the first posts. Prints the
median of wall and CPU seconds; on a busy machine the CPU is what the change takes of its own.
"""

import argparse
import statistics
import time
from dataclasses import replace

import polars as pl

import analysis as cd
from analysis.reporting.explore import Choice, Explorer
from analysis.reporting.saved_run import SavedRun

CHANGES = {
    "grievance": ["price", "delivery", "red_envelope", "negative", "all"],
    "sub_grievance": ["price.price_surge", "red_envelope.amount_too_small"],
    "platform": ["淘宝", "京东", "拼多多"],
    "channel": ["weibo", "review", "complaint"],
    "stars": ["1", "2", "3", "4", "5"],
    "unit": ["families", "authors", "items"],
    "cutoff": [0.3, 0.7, 0.9],
    "words": ["客服", "红包", "快递 没"],
    "first": ["2020-06-03", "2020-06-05", "2020-06-10", "2020-06-15"],
}


def main() -> None:
    """Print the seconds that a change takes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, default=100_000)
    size = parser.parse_args().posts
    study = cd.load_study("studies/618-2020.yaml")
    posts = cd.simulate_posts(study, size / study.simulation.posts, frame="polars")
    posts = posts.select(pl.exclude("^true_.*$"))
    coded = cd.code_grievances(cd.find_families(cd.mask(cd.clean(posts))))
    start = time.perf_counter()
    explorer = Explorer(SavedRun({}, study, True, 0.01, "zh"), coded).warm()
    print(f"{coded.height:,} posts laid out in {time.perf_counter() - start:.2f} s")
    look(explorer, Choice())  # the first figure loads fonts
    for name, values in CHANGES.items():
        taken = [look(explorer, replace(Choice(), **{name: value})) for value in values]
        wall, cpu = (statistics.median(column) for column in zip(*taken, strict=True))
        print(f"{name:14} wall {wall:.3f} s  CPU {cpu:.3f} s")


def look(explorer: Explorer, choice: Choice) -> tuple[float, float]:
    """Do what the page does on a change; return wall and CPU seconds."""
    start = time.perf_counter(), time.process_time()
    explorer.size(choice)
    explorer.picture(choice)
    explorer.posts_of(choice, 0, 15)
    return time.perf_counter() - start[0], time.process_time() - start[1]


if __name__ == "__main__":
    main()
