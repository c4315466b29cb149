"""Many terms in many posts: ours beside the usual tools; and the default coder, in one run.

    python benchmarks/codebook_matching.py [--posts 200000] [--peer-posts 20000] [--terms 600]

The posts are simulated (`studies/618-2020.yaml`), the terms wordings of the codebook. Each line is
measured in a process of its own, so that its peak memory is its own; times are the median of five
passes after one that compiles. `TermSearch` and pyahocorasick return text, term, start and end of
every hit; Polars' `find_many` the starts alone; the loop of `in` tells which terms are there. Ours
also finds what is spelled otherwise (退 款, 退·款), so its hits are somewhat more.
"""

from __future__ import annotations

import argparse
import json
import os
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
PASSES = 5
# As many posts as the pipeline hands to a thread at once.
PARTITION = 25_000

Run = Callable[[pl.DataFrame], int]


def simulated_posts(count: int) -> pl.DataFrame:
    """Return simulated posts as they come to the coder, sentiment not yet known."""
    from analysis.simulate import simulate
    from analysis.study import load_study

    study = load_study(ROOT / "studies" / "618-2020.yaml")
    days = simulate(study, scale=min(1.0, count * 1.05 / 6_480_000), seed=study.seed)
    return pl.concat([posts for posts, _ in days]).head(count).rechunk()


def codebook_terms(count: int) -> list[str]:
    """Return the shortest wordings of so many terms, from all over the codebook; 0 for all."""
    from analysis.coding.lexicon import expand_term, load_lexicon

    terms = [
        sorted(filter(_is_chinese, expand_term(term)), key=len)
        for concept in load_lexicon().concepts.values()
        for term in concept.terms
        if " " not in term
    ]
    if not count:
        return sorted({wording for wordings in terms for wording in wordings})
    shortest = sorted({wordings[0] for wordings in terms if wordings})
    return shortest[:: len(shortest) // count][:count]


def _is_chinese(wording: str) -> bool:
    return len(wording) > 1 and all("\u4e00" <= character <= "\u9fff" for character in wording)


def term_search(terms: list[str]) -> Run:
    """Ours."""
    from term_search import TermSearch

    search = TermSearch(terms)
    return lambda posts: search.find(posts["text"]).height


def aho_corasick(terms: list[str]) -> Run:
    """Return the usual automaton for Python strings."""
    import ahocorasick

    automaton = ahocorasick.Automaton()
    for number, term in enumerate(terms):
        automaton.add_word(term, (number, len(term)))
    automaton.make_automaton()

    def run(posts: pl.DataFrame) -> int:
        hits = [
            (row, number, end - length + 1, end + 1)
            for row, text in enumerate(posts["text"].to_list())
            for end, (number, length) in automaton.iter(text)
        ]
        return len(hits)

    return run


def find_many(terms: list[str]) -> Run:
    """Return Polars' own automaton."""

    def run(posts: pl.DataFrame) -> int:
        found = posts["text"].str.find_many(terms, overlapping=True)
        return int(found.list.len().sum())

    return run


def loop_of_in(terms: list[str]) -> Run:
    """Return what a notebook does."""

    def run(posts: pl.DataFrame) -> int:
        found = [[term for term in terms if term in text] for text in posts["text"].to_list()]
        return sum(map(len, found))

    return run


def default_coder(_terms: list[str]) -> Run:
    """Return the whole coder; its hits are the grievances."""
    from analysis.coding.coder import get_coder

    coder = get_coder()
    return lambda posts: int(coder.code(posts)["grievances"].list.len().sum())


TOOLS = {
    "TermSearch": term_search,
    "pyahocorasick": aho_corasick,
    "Polars find_many": find_many,
    "loop of `in`": loop_of_in,
    "get_coder().code": default_coder,
}


def measure(tool: str, threads: int, count: int, n_terms: int) -> dict[str, float]:
    """Time one tool."""
    posts = simulated_posts(count)
    run = TOOLS[tool](codebook_terms(n_terms))
    parts = list(posts.iter_slices(PARTITION))
    run(parts[0])
    walls, cpus, hits = [], [], 0
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(PASSES):
            cpu, wall = time.process_time(), time.perf_counter()
            hits = sum(pool.map(run, parts))
            walls.append(time.perf_counter() - wall)
            cpus.append(time.process_time() - cpu)
    return {
        "posts": posts.height,
        "seconds": statistics.median(walls),
        "cpu": statistics.median(cpus),
        "hits": hits,
        "peak": peak_megabytes(),
    }


def run_alone(tool: str, threads: int, posts: int, terms: int) -> dict[str, float]:
    """Measure in a process of its own, in which Polars starts no threads besides."""
    arguments = ["--measure", tool, "--threads", str(threads), "--posts", str(posts)]
    command = [sys.executable, __file__, *arguments, "--terms", str(terms)]
    environment = {**os.environ, "POLARS_MAX_THREADS": "1"}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def main() -> None:
    """Print the table, or, as a process of its own, one line of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=200_000)
    parser.add_argument("--peer-posts", type=int, default=20_000)
    parser.add_argument("--terms", type=int, default=600)
    parser.add_argument("--measure", choices=TOOLS)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.measure, given.threads, given.posts, given.terms)))
        return
    every = len(codebook_terms(0))
    lines = [(tool, 1, given.peer_posts, given.terms) for tool in list(TOOLS)[1:4]]
    lines += [("TermSearch", 1, given.peer_posts, given.terms)]
    lines += [("TermSearch", threads, given.posts, given.terms) for threads in (1, 2)]
    lines += [("TermSearch", 1, given.posts, 0)]
    lines += [("get_coder().code", threads, given.posts, 0) for threads in (1, 2)]
    print("| tool | terms | threads | posts | hits | seconds | posts/s | posts/CPU s | peak MB |")
    print("|---|---|---|---|---|---|---|---|---|")
    for tool, threads, posts, terms in lines:
        line = run_alone(tool, threads, posts, terms)
        print(
            f"| {tool} | {terms or every:,} | {threads} | {line['posts']:,} | {line['hits']:,} "
            f"| {line['seconds']:.3f} | {line['posts'] / line['seconds']:,.0f} "
            f"| {line['posts'] / line['cpu']:,.0f} | {line['peak']:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
