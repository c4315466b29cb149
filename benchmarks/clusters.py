"""Compare ways of finding topics: do they hold still, assign most texts and mean anything.

    python benchmarks/clusters.py [--data FOLDER] [--texts 4000] [--resamples 3] [--only coarse,nmf]
    python benchmarks/clusters.py --data FOLDER --matters
    python benchmarks/clusters.py --many 1000000 [--data FOLDER]
    python benchmarks/clusters.py --data FOLDER --sheets FOLDER
    python benchmarks/clusters.py --data FOLDER --labels

Writes clusters.csv beside this file, one row per method and set of texts:

- `ari`: adjusted Rand index between the full run and runs on random 80 % of the texts, over the
  texts that both assign; `assigned`: share of the texts that the full run puts into a topic;
- `nmi`: normalised mutual information with known groups, over the texts assigned;
- `topics`, `topics_low`, `topics_high`: number in the full run, and its range over the resamples
  and runs on all texts with two other seeds; `ari_seeds`: the index between these and the full run;
- `cpu_s`: CPU time of the full run.

Sets: reviews of ten categories of a shop (groups: the category), simulated negative items with one
planted sub-grievance (groups: that), letters to city governments (groups: first-level category).
The research data stand in a folder that the project does not ship; sets that are not there are left
out. `coarse`, `fine` and `issues` are ours at these levels; `sentences`, ours by vectors of
multilingual-e5-small, is only measured where `--only` names it. The other methods are
scikit-learn's on the words that ours uses, with twenty topics.

`--matters` asks how well single issues are found: letters to city governments, 53 groups of two to
six on one concrete matter (`letter_matters.csv`: rows of the file, grouped by one reader by their
titles). For each group the best F1 of any group found with two letters or more, and the mean, with
the letter's title before its text, as posts are read, and without. The least cosine of a group was
chosen on these letters.

`--many` asks what topics of so many texts cost in CPU time and memory, all of them distinct: posts
of the simulated corpus, its clauses mixed anew within each sub-grievance, and, where the folder of
research data is named, negative shop reviews whose clauses are mixed within their category.

`--sheets` writes what two readers who have seen no label name: of shop reviews and letters each ten
fine topics, drawn by a hash of the labels, with their five surest texts (`topics.txt`), and apart
from these our labels (`labels.txt`). The sheets hold real texts and stay where they are read.

`--labels` lists the words that name the coarse topics of 3,000 texts each of ten files (masked;
all letters), and of days drawn from these, and counts fragments: what does not begin and end where
words do in half of its places, by the dictionary of ICU (of Node.js, `Intl.Segmenter`), which has
no part in making them.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import time
import warnings
from collections.abc import Callable
from hashlib import sha256
from multiprocessing import get_context
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
from analysis.corpus.mask import mask
from analysis.measures.conspicuous_days import _own_terms
from analysis.simulate.corpus import simulate_posts
from analysis.study import load_study

HERE = Path(__file__).parent
SEED = 618
OTHER_SEEDS = (1, 2)
TOPICS = 20
TOPICS_A_SHEET, SHOWN = 10, 120
LABELLED, LOOKED_AT = 3_000, 25
Method = Callable[[list[str], int], np.ndarray]


def coarse(texts: list[str], seed: int) -> np.ndarray:
    """Topics on which bags agree, as many as they agree on."""
    return TopicClusters(random_state=seed).fit(texts).labels_


def fine(texts: list[str], seed: int) -> np.ndarray:
    """Ours at the fine level."""
    return TopicClusters(random_state=seed, level="fine").fit(texts).labels_


def issues(texts: list[str], seed: int) -> np.ndarray:
    """Ours at the level of single matters."""
    return TopicClusters(random_state=seed, level="issues").fit(texts).labels_


def sentences(texts: list[str], seed: int) -> np.ndarray:
    """Ours by sentence vectors."""
    return TopicClusters(random_state=seed, vectors="sentences").fit(texts).labels_


def nmf(texts: list[str], seed: int) -> np.ndarray:
    """Non-negative factorisation; the heaviest topic of each text."""
    loads = NMF(TOPICS, init="nndsvda", random_state=seed).fit_transform(_weigh(texts))
    return _heaviest(loads)


def kmeans(texts: list[str], seed: int) -> np.ndarray:
    """k-means on TF-IDF."""
    return KMeans(TOPICS, n_init=3, random_state=seed).fit_predict(_weigh(texts))


def lda(texts: list[str], seed: int) -> np.ndarray:
    """Latent Dirichlet allocation; the likeliest topic of each text."""
    _, counts = learn_words(texts)
    model = LatentDirichletAllocation(TOPICS, random_state=seed, max_iter=10)
    return _heaviest(model.fit_transform(counts))


METHODS: dict[str, Method] = {
    "coarse": coarse, "fine": fine, "issues": issues, "nmf": nmf, "kmeans": kmeans, "lda": lda,
}  # fmt: skip
ON_DEMAND: dict[str, Method] = {"sentences": sentences}


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
    labels = method(texts, SEED)
    seconds = time.process_time() - start
    rng = np.random.default_rng(SEED)
    alike, numbers = [], []
    for _ in range(resamples):
        drawn = np.sort(rng.permutation(len(texts))[: int(0.8 * len(texts))])
        again = method([texts[i] for i in drawn], SEED)
        both = (again >= 0) & (labels[drawn] >= 0)
        alike.append(adjusted_rand_score(labels[drawn][both], again[both]))
        numbers.append(len(np.unique(again[again >= 0])))
    seeded = []
    for seed in OTHER_SEEDS:
        again = method(texts, seed)
        both = (again >= 0) & (labels >= 0)
        seeded.append(adjusted_rand_score(labels[both], again[both]))
        numbers.append(len(np.unique(again[again >= 0])))
    held = labels >= 0
    return {
        "texts": len(texts),
        "ari": float(np.mean(alike)),
        "ari_seeds": float(np.mean(seeded)),
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


def write_sheets(data: Path, folder: Path, texts: int) -> None:
    """Write the surest texts of twenty topics without their labels, and the labels apart."""
    folder.mkdir(parents=True, exist_ok=True)
    sheet, key, number = [], [], 0
    for name, frame in read_sets(data, texts).items():
        if name == "simulated":
            continue
        found = TopicClusters(random_state=SEED, level="fine").fit(frame["text"].to_list())
        labels = found.topics_["label"].to_list()
        drawn = sorted(range(len(labels)), key=lambda i: sha256(labels[i].encode()).digest())
        for topic in drawn[:TOPICS_A_SHEET]:
            number += 1
            shown = [text.replace("\n", " ")[:SHOWN] for text in found.members(topic)[:5]]
            sheet += [f"{number}. ({name})", *(f"   - {text}" for text in shown), "   name: ", ""]
            key.append(f"{number}. {labels[topic]} ({found.cluster_terms_[topic]})")
    (folder / "topics.txt").write_text("\n".join(sheet), "utf-8")
    (folder / "labels.txt").write_text("\n".join(key) + "\n", "utf-8")


# File and column.
FILES = {
    "sneakers": ("jd_sneakers_counterfeit/comments.csv", "content"),
    "heaters": ("jd_water_heater/comments_2019.csv", "comment"),
    "shop app": ("appstore_shopping/小米商城.csv", "内容"),
    "home app": ("appstore_shopping/米家.csv", "内容"),
    "car forum": ("bdci_car_2018/train_2.csv", "content"),
    "weibo": ("weibo_background_2020/posts_april.csv", "微博正文"),
    "weibo of 2020": ("covid_weibo_7emotion/labeledData.csv", "review"),
    "shop": ("online_shopping_10_cats/online_shopping_10_cats.csv", "review"),
    "letters": ("citizen_complaints/complaints.xlsx", "留言详情"),
    "laptops": ("jd_laptop_manual_2018/manually_labeled_data_sentiment.txt", ""),
}


def read_file(data: Path, name: str, column: str) -> list[str]:
    """Return the distinct masked texts of a file, 3,000 at most."""
    path = data / name
    if path.suffix == ".xlsx":
        texts = pl.read_excel(path)[column]
    elif path.suffix == ".txt":
        lines = path.read_text("utf-8").splitlines()
        texts = pl.Series([line.split("\t", 1)[-1] for line in lines])
    else:
        texts = pl.read_csv(path, infer_schema=False)[column]
    texts = texts.drop_nulls().str.strip_chars().unique().sort()
    texts = texts.filter(texts.str.len_chars() >= 4)
    drawn = texts.sample(min(LABELLED, len(texts)), seed=1)
    return mask(pl.DataFrame({"text": drawn}))["text"].to_list()


ASK_ICU = """
const ask = JSON.parse(require("fs").readFileSync(0)), words = new Intl.Segmenter("zh", {granularity: "word"});
console.log(JSON.stringify(ask.map(([term, texts]) => {
  let places = 0, whole = 0;
  for (const text of texts) {
    const edges = new Set([text.length, ...[...words.segment(text)].map(word => word.index)]);
    for (let at = text.indexOf(term); at >= 0; at = text.indexOf(term, at + 1)) {
      places += 1;
      whole += edges.has(at) && edges.has(at + term.length);
    }
  }
  return whole < places / 2;
})));
"""  # noqa: E501


def find_fragments(terms: list[str], texts: list[str]) -> list[str]:
    """Return the terms that ICU seldom cuts at both of their ends."""
    asked = [(term, [text for text in texts if term in text][:LOOKED_AT]) for term in terms]
    node = subprocess.run(
        ["node", "-e", ASK_ICU],
        input=json.dumps(asked).encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    return [term for term, broken in zip(terms, json.loads(node.stdout), strict=True) if broken]


def count_fragments(data: Path) -> None:
    """Print the words of labels and of days, and those of them that are fragments."""
    terms = fragments = 0
    for name, (file, column) in FILES.items():
        texts = read_file(data, file, column)
        low = [text.lower() for text in texts]
        posts = pl.DataFrame({"text": texts, "family": [str(row) for row in range(len(texts))]})
        days = [posts[start::50] for start in range(6)]
        listed = [_own_terms(day, posts.join(day, on="family", how="anti")) for day in days]
        for named in [*TopicClusters(random_state=SEED).fit(texts).cluster_terms_, *listed]:
            broken = find_fragments(named, low)
            terms, fragments = terms + len(named), fragments + len(broken)
            print(name, "、".join(named), broken or "", flush=True)
    print({"words": terms, "fragments": fragments})


def measure_many(size: int, data: Path | None) -> None:
    """Print CPU time and memory of topics of many distinct texts, each set in its own process."""
    for name in read_sets(data, 1):
        if name != "letters":
            process = get_context("spawn").Process(target=_measure_many, args=(name, size, data))
            process.start()
            process.join()


def _measure_many(name: str, size: int, data: Path | None) -> None:
    texts = mix_clauses(read_sets(data, 1_000_000)[name], size)
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    found = TopicClusters(random_state=SEED).fit(texts)
    print(
        {
            "set": name, "texts": len(set(texts)), "characters": sum(map(len, texts)),
            "topics": len(found.topics_), "assigned": round(found.share_assigned_, 3),
            "cpu_s": round(time.process_time() - start, 1),
            "texts_mb": round(before / 1024),
            "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        },
        flush=True,
    )  # fmt: skip


def mix_clauses(frame: pl.DataFrame, size: int) -> list[str]:
    """Write distinct texts, the clauses of each drawn from texts of one group."""
    rng = np.random.default_rng(SEED)
    written: set[str] = set()
    groups = [
        (len(own), [re.split("(?<=[，。！？；,!?;])", text) for text in own])
        for own in frame.group_by("group", maintain_order=True).agg("text")["text"].to_list()
    ]
    shares = np.array([count for count, _ in groups]) / frame.height
    while len(written) < size:
        for group in rng.choice(len(groups), size=size - len(written), p=shares).tolist():
            count, texts = groups[group]
            first, other = texts[rng.integers(count)], texts[rng.integers(count)]
            cut = int(rng.integers(len(first) + 1))
            written.add("".join([*first[:cut], *other[min(cut, len(other)) :]]))
    return sorted(written)


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path)
    parser.add_argument("--texts", type=int, default=4_000)
    parser.add_argument("--resamples", type=int, default=3)
    parser.add_argument("--only", default=",".join(METHODS))
    parser.add_argument("--out", type=Path, default=HERE / "clusters.csv")
    parser.add_argument("--matters", action="store_true")
    parser.add_argument("--many", type=int)
    parser.add_argument("--sheets", type=Path)
    parser.add_argument("--labels", action="store_true")
    options = parser.parse_args()
    if options.labels:
        count_fragments(options.data)
        return
    if options.sheets:
        write_sheets(options.data, options.sheets, options.texts)
        return
    if options.many:
        measure_many(options.many, options.data)
        return
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
