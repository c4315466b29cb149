"""Compare ways of finding topics: do they hold still, assign most texts and mean anything.

    python benchmarks/clusters.py [--data FOLDER] [--texts 4000] [--resamples 3] [--only ours,nmf]
    python benchmarks/clusters.py --data FOLDER --matters

Writes clusters.csv beside this file, one row per method and set of texts:

- `ari`: adjusted Rand index between the full run and runs on random 80 % of the texts, over the
  texts that both assign; `assigned`: share of the texts that the full run puts into a topic;
- `nmi`: normalised mutual information with known groups, over the texts assigned;
- `topics`, `topics_low`, `topics_high`: number in the full run and its range over the resamples;
- `cpu_s`: CPU time of the full run.

Sets: reviews of ten categories of a shop (groups: the category), simulated negative items with one
planted sub-grievance (groups: that), letters to city governments (groups: first-level category).
The research data stand in a folder that the project does not ship; sets that are not there are left
out. `fine` and `sentences`, ours at the fine level and by vectors of multilingual-e5-small, are
only measured where `--only` names them. The other methods are scikit-learn's on the words that ours
uses, with twenty topics.

`--matters` asks how well single issues are found: letters to city governments, 53 groups of two to
six on one concrete matter (`letter_matters.csv`: rows of the file, grouped by one reader by their
titles). For each group the best F1 of any group found with two letters or more, and the mean, with
the letter's title before its text, as posts are read, and without. The least cosine of a group was
chosen on these letters.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
from sklearn.cluster import KMeans
from sklearn.decomposition import NMF, LatentDirichletAllocation
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from analysis.clusters.topics import TopicClusters
from analysis.clusters.words import learn_words
from analysis.simulate.corpus import simulate_posts
from analysis.study import load_study

HERE = Path(__file__).parent
SEED = 618
TOPICS = 20
Method = Callable[[list[str]], np.ndarray]


def ours(texts: list[str]) -> np.ndarray:
    """Topics on which twenty bags agree, as many as they agree on."""
    return TopicClusters(random_state=SEED).fit(texts).labels_


def nmf(texts: list[str]) -> np.ndarray:
    """Non-negative factorisation; the heaviest topic of each text."""
    loads = NMF(TOPICS, init="nndsvda", random_state=SEED).fit_transform(_weigh(texts))
    return _heaviest(loads)


def kmeans(texts: list[str]) -> np.ndarray:
    """k-means on TF-IDF."""
    return KMeans(TOPICS, n_init=3, random_state=SEED).fit_predict(_weigh(texts))


def lda(texts: list[str]) -> np.ndarray:
    """Latent Dirichlet allocation; the likeliest topic of each text."""
    _, counts = learn_words(texts)
    model = LatentDirichletAllocation(TOPICS, random_state=SEED, max_iter=10)
    return _heaviest(model.fit_transform(counts))


def fine(texts: list[str]) -> np.ndarray:
    """Ours at the fine level."""
    return TopicClusters(random_state=SEED, level="fine").fit(texts).labels_


def sentences(texts: list[str]) -> np.ndarray:
    """Ours by sentence vectors."""
    return TopicClusters(random_state=SEED, vectors="sentences").fit(texts).labels_


METHODS: dict[str, Method] = {"ours": ours, "nmf": nmf, "kmeans": kmeans, "lda": lda}
ON_DEMAND: dict[str, Method] = {"fine": fine, "sentences": sentences}


def _weigh(texts: list[str]) -> object:
    _, counts = learn_words(texts)
    return TfidfTransformer(sublinear_tf=True).fit_transform(counts)


def _heaviest(loads: np.ndarray) -> np.ndarray:
    return np.where(loads.max(axis=1) > 0, loads.argmax(axis=1), -1)


def read_sets(data: Path | None, texts: int) -> dict[str, pl.DataFrame]:
    """Return the sets of texts by name, with columns `text` and `group`."""
    found = {"simulated": _simulated()}
    if data is not None:
        shop = data / "online_shopping_10_cats" / "online_shopping_10_cats.csv"
        letters = data / "citizen_complaints" / "complaints.xlsx"
        if shop.exists():
            found["shop"] = pl.read_csv(shop).select(text="review", group="cat")
        if letters.exists():
            table = pl.read_excel(letters)
            found["letters"] = table.select(
                text=pl.col("留言详情").str.strip_chars(), group="一级分类"
            )
    return {name: _draw(frame, texts) for name, frame in found.items()}


def _simulated() -> pl.DataFrame:
    posts = simulate_posts(load_study("studies/618-2020.yaml"), 0.02, frame="polars")
    posts = posts.filter(
        pl.col("true_is_negative")
        & pl.col("true_duplicate_of").is_null()
        & (pl.col("true_sub_grievances").list.len() == 1)
    )
    return posts.select("text", group=pl.col("true_sub_grievances").list.first())


def _draw(frame: pl.DataFrame, most: int) -> pl.DataFrame:
    frame = frame.drop_nulls().unique("text", maintain_order=True)
    frame = frame.filter(pl.col("text").str.len_chars() >= 4)
    return frame.sample(min(most, frame.height), seed=1)


def measure(method: Method, frame: pl.DataFrame, resamples: int) -> dict[str, float]:
    """Measure one method on one set of texts."""
    texts, groups = frame["text"].to_list(), frame["group"].to_numpy()
    start = time.process_time()
    labels = method(texts)
    seconds = time.process_time() - start
    rng = np.random.default_rng(SEED)
    alike, numbers = [], []
    for _ in range(resamples):
        drawn = np.sort(rng.permutation(len(texts))[: int(0.8 * len(texts))])
        again = method([texts[i] for i in drawn])
        both = (again >= 0) & (labels[drawn] >= 0)
        alike.append(adjusted_rand_score(labels[drawn][both], again[both]))
        numbers.append(len(np.unique(again[again >= 0])))
    held = labels >= 0
    return {
        "texts": len(texts),
        "ari": float(np.mean(alike)),
        "assigned": float(held.mean()),
        "nmi": float(normalized_mutual_info_score(groups[held], labels[held])),
        "topics": len(np.unique(labels[held])),
        "topics_low": min(numbers),
        "topics_high": max(numbers),
        "cpu_s": seconds,
    }


def measure_matters(data: Path) -> None:
    """Print how well single matters are found in letters, with their titles and without."""
    table = pl.read_excel(data / "citizen_complaints" / "complaints.xlsx")
    matters = pl.read_csv(HERE / "letter_matters.csv")
    groups = [np.array(rows) for rows in matters.group_by("matter", maintain_order=True)
              .agg("row")["row"].to_list()]  # fmt: skip
    body = table["留言详情"].str.strip_chars()
    for name, texts in (("title and text", table["留言主题"] + "。" + body), ("text", body)):
        start = time.process_time()
        found = TopicClusters(level="issues", random_state=SEED).fit(texts.to_list())
        labels = found.labels_
        sizes = np.bincount(labels[labels >= 0])
        best = []
        for rows in groups:
            shared = np.bincount(labels[rows][labels[rows] >= 0], minlength=len(sizes))
            best.append(float((2 * shared / (sizes + len(rows))).max()))
        print(
            {
                "letters": name, "groups": len(groups), "f1": round(float(np.mean(best)), 3),
                "found": len(sizes), "assigned": round(found.share_assigned_, 3),
                "stability": round(float(found.stability_.mean()), 3),
                "cpu_s": round(time.process_time() - start, 1),
            }
        )  # fmt: skip


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path)
    parser.add_argument("--texts", type=int, default=4_000)
    parser.add_argument("--resamples", type=int, default=3)
    parser.add_argument("--only", default=",".join(METHODS))
    parser.add_argument("--out", type=Path, default=HERE / "clusters.csv")
    parser.add_argument("--matters", action="store_true")
    options = parser.parse_args()
    if options.matters:
        measure_matters(options.data)
        return
    warnings.simplefilter("ignore")
    rows = []
    for name, frame in read_sets(options.data, options.texts).items():
        for method in options.only.split(","):
            found = measure((METHODS | ON_DEMAND)[method], frame, options.resamples)
            rows.append({"set": name, "method": method, **found})
            print(rows[-1], flush=True)
    pd.DataFrame(rows).round(3).to_csv(options.out, index=False)


if __name__ == "__main__":
    main()
