"""What `near_duplicates.py` measures: each function is run in a process of its own."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterable
from itertools import combinations
from pathlib import Path

from planted_texts import grams, jaccard, planted_texts
from process_memory import peak_megabytes

PARTITION = 50_000
Pairs = list[tuple[int, int]]
Figures = dict[str, float | str]


def measure_ours(count: int) -> Figures:
    """Families of planted texts, all in memory."""
    from analysis.corpus.families import group_near_duplicates

    texts, pairs = planted_texts(count)
    group_near_duplicates(_posts(planted_texts(3000)[0]))
    before, clock = peak_megabytes(), _Clock()
    families = group_near_duplicates(_posts(texts))["family_id"].to_list()
    figures = clock.figures(count, before)
    share_true = _share_connected(texts, families)
    found = {(left, right): families[left] == families[right] for left, right in pairs}
    return figures | _recall(texts, found) | {"precision": share_true}


def measure_spilled(count: int) -> Figures:
    """Families over partitions that are spilled: memory is what grows with the corpus."""
    import polars as pl

    from analysis.corpus.families import FamilyIndex
    from analysis.corpus.fingerprints import SpilledFingerprints, fingerprint_posts, spill

    _warm_up_spilled()
    index, found = FamilyIndex(), {"near": 0, "joined": 0}
    with tempfile.TemporaryDirectory() as folder:
        clock, before, all_pairs = _Clock(running=False), peak_megabytes(), []
        for number in range(count // PARTITION):
            texts, pairs = planted_texts(PARTITION, seed=number + 1)
            all_pairs.append(pairs)
            with clock:
                spill(fingerprint_posts(_posts(texts, number)), Path(folder) / str(number))
                index.add(SpilledFingerprints(Path(folder) / str(number)))
        with clock:
            families = index.families()
        for pairs in all_pairs:
            with clock:
                family = next(families)["family_id"].cast(pl.String).to_list()
            found["near"] += len(pairs)
            found["joined"] += sum(family[left] == family[right] for left, right in pairs)
        figures = clock.figures(count, before)
    return figures | {"recall": found["joined"] / found["near"], "pairs": found["near"]}


def _warm_up_spilled() -> None:
    from analysis.corpus.families import FamilyIndex
    from analysis.corpus.fingerprints import SpilledFingerprints, fingerprint_posts, spill

    index = FamilyIndex()
    with tempfile.TemporaryDirectory() as folder:
        spill(fingerprint_posts(_posts(planted_texts(3000)[0])), Path(folder) / "0")
        index.add(SpilledFingerprints(Path(folder) / "0"))
        list(index.families())


def measure_flood(count: int) -> Figures:
    """Variants of one text that are all just unlike (a random tail): the quadratic trap."""
    from analysis.corpus.families import group_near_duplicates

    rng = random.Random(3)
    marks = [chr(point) for point in range(0x4E00, 0x4E00 + 3000)]
    base = "".join(rng.choices(marks, k=60))
    texts = [base + "".join(rng.choices(marks, k=10)) for _ in range(count)]
    group_near_duplicates(_posts(planted_texts(3000)[0]))
    before, clock = peak_megabytes(), _Clock()
    group_near_duplicates(_posts(texts))
    return clock.figures(count, before)


def measure_alike(count: int) -> Figures:
    """Variants of one text that are nearly all alike: two characters changed anywhere."""
    from analysis.corpus.families import group_near_duplicates

    rng = random.Random(4)
    marks = [chr(point) for point in range(0x4E00, 0x4E00 + 3000)]
    base = rng.choices(marks, k=70)
    texts = []
    for _ in range(count):
        copy = list(base)
        copy[rng.randrange(70)], copy[rng.randrange(70)] = rng.choices(marks, k=2)
        texts.append("".join(copy))
    group_near_duplicates(_posts(planted_texts(3000)[0]))
    before, clock = peak_megabytes(), _Clock()
    group_near_duplicates(_posts(texts))
    return clock.figures(count, before)


def measure_rensa(count: int, bands: int) -> Figures:
    """`RMinHashLSH` as its README shows; it is asked for the copies' neighbours only."""
    from rensa import RMinHash, RMinHashLSH

    texts, pairs = planted_texts(count)
    before, clock = peak_megabytes(), _Clock()
    index, sketches = RMinHashLSH(threshold=0.8, num_perm=128, num_bands=bands), []
    for row, text in enumerate(texts):
        sketch = RMinHash(num_perm=128, seed=1)
        sketch.update(list(grams(text)))
        index.insert(row, sketch)
        sketches.append(sketch)
    answers = [index.query(sketches[right]) for _, right in pairs]
    return clock.figures(count, before) | _judge(texts, pairs, answers)


def measure_datasketch(count: int, bands: int = 0) -> Figures:
    """`MinHashLSH`, with its own choice of bands for the threshold or with as many as given."""
    from datasketch import MinHash, MinHashLSH

    texts, pairs = planted_texts(count)
    params = (bands, 128 // bands) if bands else None
    before, clock = peak_megabytes(), _Clock()
    index, sketches = MinHashLSH(threshold=0.8, num_perm=128, params=params), []
    for row, text in enumerate(texts):
        sketch = MinHash(num_perm=128)
        sketch.update_batch([gram.encode() for gram in grams(text)])
        index.insert(row, sketch)
        sketches.append(sketch)
    answers = [index.query(sketches[right]) for _, right in pairs]
    return clock.figures(count, before) | _judge(texts, pairs, answers)


class _Clock:
    """CPU time of this process, from now on or only inside `with`."""

    def __init__(self, *, running: bool = True) -> None:
        self._start, self._spent, self._running = time.process_time(), 0.0, running

    def __enter__(self) -> None:
        self._start = time.process_time()

    def __exit__(self, *_: object) -> None:
        self._spent += time.process_time() - self._start

    def figures(self, count: int, before: float) -> Figures:
        if self._running:
            self.__exit__()
        return {
            "texts": count,
            "cpu": self._spent,
            "peak_mb": peak_megabytes(),
            "added_mb": peak_megabytes() - before,
        }


def _posts(texts: list[str], number: int = 0):  # noqa: ANN202 - Polars is imported late
    import polars as pl

    keys = [f"{number}:{row}" for row in range(len(texts))]
    return pl.DataFrame({"key": keys, "published_at": [0] * len(texts), "text": texts})


def _judge(texts: list[str], pairs: Pairs, answers: list[Iterable[int]]) -> Figures:
    """Recall of the planted pairs, and the share of the answers that are near-duplicates."""
    answers = [set(answer) for answer in answers]
    found = {pair: pair[0] in answer for pair, answer in zip(pairs, answers, strict=True)}
    given = [
        jaccard(texts[right], texts[other]) >= 0.8
        for (_, right), answer in zip(pairs, answers, strict=True)
        for other in answer
        if other != right
    ]
    return _recall(texts, found) | {"precision": sum(given) / len(given)}


def _recall(texts: list[str], found: dict[tuple[int, int], bool]) -> Figures:
    """Share of the planted pairs that were found, just above the threshold and farther."""
    figures: Figures = {}
    near = {pair: jaccard(texts[pair[0]], texts[pair[1]]) < 0.85 for pair in found}
    for name, is_near in (("near", True), ("far", False)):
        hits = [found[pair] for pair in found if near[pair] == is_near]
        figures |= {f"recall_{name}": sum(hits) / len(hits), f"pairs_{name}": len(hits)}
    return figures


def _share_connected(texts: list[str], families: list[str]) -> float:
    """Share of the families that pairs of Jaccard >= 0.8 connect, all pairs compared."""
    members: dict[str, set[str]] = {}
    for text, family in zip(texts, families, strict=True):
        members.setdefault(family, set()).add(text)
    shared = [sorted(group) for group in members.values() if len(group) > 1]
    return sum(map(_is_connected, shared)) / len(shared)


def _is_connected(group: list[str]) -> bool:
    """Whether single linkage at 0.8 makes one component of a few texts."""
    leaders = {text: text for text in group}
    for left, right in combinations(group, 2):
        if leaders[left] != leaders[right] and jaccard(left, right) >= 0.8:
            old, new = leaders[right], leaders[left]
            leaders = {text: new if at == old else at for text, at in leaders.items()}
    return len(set(leaders.values())) == 1


TOOLS: dict[str, Callable[[int], Figures]] = {
    "ours": measure_ours,
    "ours, spilled": measure_spilled,
    "rensa, 16 bands": lambda count: measure_rensa(count, 16),
    "rensa, 32 bands": lambda count: measure_rensa(count, 32),
    "datasketch, its own bands": measure_datasketch,
    "datasketch, 25 bands": lambda count: measure_datasketch(count, 25),
    "ours, unlike variants of one text": measure_flood,
    "ours, alike variants of one text": measure_alike,
}
