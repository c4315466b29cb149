"""How well the map of topics keeps neighbours, how long it takes, and how large its page is.

    python benchmarks/topic_map.py --scale 0.019

Simulates posts of the shipped study, finds topics in the negative items, and lays their texts out
by the map and by simpler means. Of a thousand texts it prints the share of their 15 nearest
neighbours among the vectors that are also nearest on the plane, and of those with a topic the share
of the 15 nearest that are of the same one; CPU seconds, and bytes of the page.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
import polars as pl
from sklearn.decomposition import PCA

import analysis as cd
from analysis.clusters.consensus import hash_texts, learn_steady_space, weigh_space
from analysis.clusters.levels import number_registers
from analysis.clusters.words import read_texts
from analysis.reporting.topic_map import lay_out

NEIGHBOURS, ASKED = 15, 1_000


def main() -> None:
    """Print one row a layout, and the size of the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=0.019)
    study = cd.load_study("studies/618-2020.yaml")
    posts = cd.simulate_posts(study, parser.parse_args().scale, frame="polars")
    posts = posts.select(pl.exclude("^true_.*$"))
    coded = cd.code_grievances(cd.find_families(cd.mask(cd.clean(posts))))
    found = cd.cluster_topics(coded.filter("is_negative"))
    texts = found.posts.drop_nulls("topic").unique("family_id").sort("text")
    words, topics = texts["text"].to_list(), texts["topic"].to_numpy()
    reading = read_texts(words[:12_000])
    channels = texts["channel"].to_list()
    registers = number_registers(channels[:12_000])
    space = learn_steady_space(reading.counts, hash_texts(words[:12_000], 0), registers)
    space = weigh_space(space, reading.counts, reading.clauses, reading.owners, registers)
    points = space.place(reading.vocabulary.count(words))
    layouts: dict[str, Callable[[], np.ndarray]] = {
        "the map": lambda: lay_out(words, topics.tolist(), channels),
        "the map, no topics": lambda: lay_out(words, [-1] * len(words), channels),
        "principal components": lambda: PCA(2, svd_solver="full").fit_transform(points),
        "topics by MDS, texts around": lambda: around_topics(points, topics),
    }
    for name, layout in layouts.items():
        start = time.process_time()
        places = layout().astype(float)
        spent = time.process_time() - start
        kept, same = judge(points, places, topics)
        print(f"{name:28} neighbours kept {kept:.3f}  same topic {same:.3f}  CPU {spent:.1f} s")
    start = time.process_time()
    page = cd.map_topics(found.posts, found.clusters).page()
    spent = time.process_time() - start
    print(f"{len(words):,} texts: page of {len(page.encode()):,} bytes, CPU {spent:.1f} s in all")


def around_topics(points: np.ndarray, topics: np.ndarray) -> np.ndarray:
    """Put topics by classical MDS of their means, and each text between them by likeness."""
    means = np.array([points[topics == topic].mean(axis=0) for topic in range(topics.max() + 1)])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    gaps = np.maximum(1 - means @ means.T, 0)
    centring = np.eye(len(gaps)) - 1 / len(gaps)
    sizes, directions = np.linalg.eigh(-centring @ (gaps + gaps.T) @ centring / 4)
    centres = directions[:, -2:] * np.sqrt(np.maximum(sizes[-2:], 0))
    weights = np.exp(points @ means.T / 0.1)
    return weights @ centres / weights.sum(axis=1, keepdims=True)


def judge(points: np.ndarray, places: np.ndarray, topics: np.ndarray) -> tuple[float, float]:
    """Return the share of neighbours kept, and of neighbours of the same topic."""
    draw = np.random.default_rng(1)
    asked = draw.permutation(len(points))[:ASKED]
    near = nearest(-(points[asked] @ points.T), asked)
    plane = nearest(((places[asked][:, None] - places[None]) ** 2).sum(axis=2), asked)
    kept = np.mean([len(set(a) & set(b)) for a, b in zip(near, plane, strict=True)]) / NEIGHBOURS
    inside = np.flatnonzero(topics >= 0)
    asked = draw.permutation(inside)[:ASKED]
    gaps = ((places[asked][:, None] - places[None, inside]) ** 2).sum(axis=2)
    others = inside[np.argsort(gaps, axis=1)[:, 1 : NEIGHBOURS + 1]]
    return float(kept), float((topics[others] == topics[asked][:, None]).mean())


def nearest(gaps: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Return the nearest others of each row."""
    gaps[np.arange(len(asked)), asked] = np.inf
    return np.argpartition(gaps, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]


if __name__ == "__main__":
    main()
