"""What people complain of, found without the codebook: stable clusters.

Clusters serve discovery and wording only: a cluster's size is no number of complaints until an
audit has looked at it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray
from scipy import special, stats
from sklearn.base import BaseEstimator, ClusterMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from analysis.clusters.stability import (
    NOWHERE,
    STABLE,
    Matrix,
    Topics,
    choose_topics,
    find_topics,
    fit_halves,
    load_topics,
)
from analysis.clusters.terms import (
    LABEL_TERMS,
    NEEDED,
    USED,
    chance_of_company,
    count_days,
    distinct_texts,
    fit_terms,
    list_days,
    name_cluster,
    sample_texts,
    select_negative,
    suggest_period,
    weigh_terms,
)
from analysis.frames import AnyFrame, like_frame, put_columns, take_columns, take_texts
from analysis.minimum import FEWEST_ITEMS, shortfall
from analysis.numbers import count_text
from analysis.schema import parse_columns
from analysis.study.periods import Period

if TYPE_CHECKING:
    from matplotlib.figure import Figure


# When a cluster began to rise: a step in its daily share of the negative items.
#
# The series is a binomial share, so that a promotion which lifts everything moves nothing. A
# rise is the step with the largest likelihood ratio, divided by the overdispersion; its date is
# uncertain, so the families of the cluster are resampled whole: a text copied a thousand times
# is one resample unit and cannot make a sure rise alone.

_Array = NDArray[np.float64]
_Counts = NDArray[np.int64]

_RESAMPLES = 199
# 99 % point of the largest χ²₁ over the split points of the middle 70 % (Andrews 1993, one break):
# every cluster of a report is asked, so each may be wrong only one time in a hundred.
_LARGEST_BY_CHANCE = 12.35
_LEAST_RISE = 1.5


@dataclass(frozen=True)
class _Onset:
    """First day of a rise."""

    day: int
    low: int
    high: int
    certainty: float


def _find_onset(family_days: _Counts, totals: _Counts, *, seed: int) -> _Onset | None:
    """Find the first day of a cluster's rise, or None where its share did not step up."""
    if shortfall(totals, most=None) is not None or family_days.sum() < FEWEST_ITEMS:
        return None
    day = _rise_day(family_days.sum(axis=0), totals)
    if day is None:
        return None
    generator = np.random.default_rng(seed)
    families = len(family_days)
    weights = generator.multinomial(families, np.full(families, 1 / families), _RESAMPLES)
    found = [_rise_day(counts, totals) for counts in weights @ family_days]
    days = np.array([other for other in found if other is not None])
    if not len(days):
        return None
    low, high = np.quantile(days, [0.025, 0.975], method="closest_observation").tolist()
    return _Onset(day, min(int(low), day), max(int(high), day), len(days) / _RESAMPLES)


def _rise_day(counts: _Counts, totals: _Counts) -> int | None:
    """Give the first day of the most likely step up, or None where no step is beyond chance."""
    days = np.arange(2, len(totals) - 1)
    before, all_before = np.cumsum(counts)[days - 1], np.cumsum(totals)[days - 1]
    after, all_after = counts.sum() - before, totals.sum() - all_before
    ratio = 2 * (
        _log_likelihood(before, all_before)
        + _log_likelihood(after, all_after)
        - _log_likelihood(counts.sum(keepdims=True), totals.sum(keepdims=True))
    )
    rises = after * all_before > _LEAST_RISE * before * all_after
    if not rises.any():
        return None
    best = int(np.argmax(np.where(rises, ratio, -np.inf)))
    spread = _dispersion(counts, totals, int(days[best]))
    return int(days[best]) if ratio[best] / spread > _LARGEST_BY_CHANCE else None


def _log_likelihood(part: _Counts, whole: _Counts) -> _Array:
    """Binomial log-likelihood at its own share, without the constant."""
    share = np.divide(part, whole, out=np.zeros(np.shape(part)), where=np.asarray(whole) > 0)
    value: _Array = special.xlogy(part, share) + special.xlog1py(whole - part, -share)
    return value


def _dispersion(counts: _Counts, totals: _Counts, day: int) -> float:
    """Pearson variance over binomial variance about the two levels, at least 1."""
    chi = 0.0
    for part in (slice(None, day), slice(day, None)):
        whole = totals[part]
        share = counts[part].sum() / max(1, whole.sum())
        variance = whole * share * (1 - share)
        known = variance > 0
        chi += float((((counts[part] - whole * share) ** 2)[known] / variance[known]).sum())
    return max(1.0, chi / max(1, len(totals) - 2))


_CLUSTER_COLUMNS = (
    "cluster", "label", "terms", "items", "stability", "top_grievance", "covered", "onset",
)  # fmt: skip
_MOST_TEXTS = 12_000
_FEWEST_TEXTS = 50
# A cluster of fewer distinct texts rests on terms that hardly more texts hold than any term must.
_FEWEST_MEMBERS = 10
# Chance of any cluster in a corpus of independent words, shared over the topics.
_CHANCE = 0.01
_SHORTEST_TEXT = 4
# A single copied text is in 63 % of the resamples: it alone must not pass.
_LEAST_CERTAINTY = 0.8
_DIGITS = 6


@dataclass(frozen=True, repr=False)
class Clusters:
    """What `cluster_topics` found: a table, the posts with their cluster, and a note.

    It prints itself, and `plot()` draws it.

    Parameters
    ----------
    clusters
        One row per stable cluster, largest first: `cluster` (its number, from 0), `label, terms`,
        `items` (posts), `stability` (0 to 1), `top_grievance` (the commonest code), `covered`
        (share of the items that carry a code), `onset` (first day of a rise, or empty).
    note
        What a reader must know: sampling, or why there is no cluster.
    note_zh
        The same in Chinese.
    posts
        The posts as they were given, with the column `cluster`: a whole number, missing where a
        post is in no cluster (no negative item, a repeat, outside the window, not in the sample).
    """

    clusters: Any
    note: str
    note_zh: str = ""
    posts: Any = None

    def __repr__(self) -> str:
        if not len(self.clusters):
            return self.note
        return f"{self.note}\n{self._shown().to_string(index=False)}"

    def _repr_html_(self) -> str:
        """Give what a notebook shows."""
        table = self._shown().to_html(index=False, border=0) if len(self.clusters) else ""
        return f"<p>{self.note}</p>{table}"

    def _shown(self) -> pd.DataFrame:
        table: pd.DataFrame = like_frame(pd.DataFrame(), self.clusters)
        return table[["cluster", "label", "items", "stability", "top_grievance", "covered"]]

    def plot(self, language: str = "zh") -> Figure:
        """Draw the clusters, those outside the codebook apart.

        Returns
        -------
        matplotlib.figure.Figure
            It shows itself in a notebook.
        """
        # Figures are of a later layer, which draws the table for whoever has one.
        import analysis

        figure: Figure = analysis.plot_clusters(self.clusters, language=language)
        return figure


def cluster_topics(
    posts: AnyFrame,
    *,
    text: str = "text",
    seed: int = 618,
    most_texts: int = _MOST_TEXTS,
    period: Period | None = None,
) -> Clusters:
    """Cluster the distinct texts of the negative items: what people complain of, code or no code.

    TF-IDF of character n-grams, NMF (Lee & Seung 1999) from a fixed start, the number of clusters
    chosen by stability on bootstrap samples (Hennig 2007), unstable clusters dropped, and those
    whose terms, chosen in one half of the texts, do not stand together in the other half. Items of
    a family belong to its text's cluster. Clusters serve discovery: a cluster's size is no number
    of complaints until an audit has looked at it.

    Parameters
    ----------
    posts
        pandas or Polars frame from `code_grievances`: `text, is_negative, grievances`; `family_id,
        is_representative, published_at, repeat_of, is_in_window` are used where they are there.
    text
        Column of the text, cleaned and masked.
    seed
        Of the samples.
    most_texts
        With more distinct texts a sample of so many is clustered, and the note says so.
    period
        Steps in which a rise is looked for: `day`, `week` or `month`; by default by the range of
        the posts, as a report does (up to 60 days, up to a year and a half, longer). An onset by
        week or month is its first day.

    Returns
    -------
    Clusters
        With the table `clusters`, empty with a `note` where there is too little text, and `posts`
        with the column `cluster`; table and posts of the kind given.

    Raises
    ------
    CaodianError
        When the posts are not coded.

    Examples
    --------
    >>> posts = pd.DataFrame({"text": ["迟迟不退款"], "is_negative": [True],
    ...                       "grievances": [["after_sales"]]})
    >>> found = cluster_topics(posts)
    >>> found
    1 distinct negative texts: at least 50 are needed to cluster
    >>> found.posts.columns.tolist()
    ['text', 'is_negative', 'grievances', 'cluster']
    """
    needed = [text, *(name for name in NEEDED if name != "text")]
    taken = take_columns(
        posts, needed, [name for name in USED if name != text], "Code the posts: code_grievances."
    )
    taken = parse_columns(taken.with_columns(pl.col(text).cast(pl.String).alias("text")))
    found, rows = _cluster(
        taken, seed=seed, most_texts=most_texts, period=period or suggest_period(taken)
    )
    cluster = pl.Series("cluster", [None] * taken.height, dtype=pl.Int64)
    for number, places in enumerate(rows):
        cluster = cluster.scatter(places, number)
    return Clusters(
        like_frame(posts, found.clusters),
        found.note,
        found.note_zh,
        put_columns(posts, cluster.to_frame()),  # type: ignore[type-var]
    )


class TopicClusters(ClusterMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """The stable clusters of `cluster_topics` as a scikit-learn estimator on texts.

    TF-IDF of character n-grams, NMF (Lee & Seung 1999), as many topics as come back most surely on
    bootstrap samples (Hennig 2007). Kept are stable topics whose terms, chosen in one half of the
    texts, stand together in the other half; below 50 texts there are none.

    Parameters
    ----------
    random_state
        Of the samples: a whole number, or None for 618.

    Attributes
    ----------
    labels_
        Cluster of each text, from 0, the one of most distinct texts first; −1 for a text in none,
        or of fewer than four characters.
    terms_, components_
        The terms, and the weight of each in each cluster (clusters × terms).
    cluster_terms_
        The terms that name each cluster.
    stability_
        From 0 to 1, how far each cluster comes back on samples.

    Examples
    --------
    >>> topics = TopicClusters().fit(["迟迟不退款"] * 3)
    >>> topics.labels_.tolist(), topics.transform(["退款"]).shape
    ([-1, -1, -1], (1, 0))
    """

    def __init__(self, random_state: int | None = None) -> None:
        self.random_state = random_state

    def fit(self, X: Any, y: object = None) -> TopicClusters:  # noqa: ANN401, N803
        """Find the clusters of texts: a list, an array or a series; `y` is not looked at."""
        given = take_texts(X).fill_null("").alias("text")
        # Distinct texts in one order, so that neither copies nor the order of rows matter.
        texts = sorted({text for text in given if len(text) >= _SHORTEST_TEXT})
        seed = 618 if self.random_state is None else self.random_state
        self._terms, matrix = fit_terms(texts)
        topics, kept = _nothing_found(matrix), []
        if len(texts) >= _FEWEST_TEXTS:
            topics = find_topics(matrix, seed=seed)
            kept = _joined_topics(topics, matrix, self._terms.terms, texts, seed=seed)
        sizes = {topic: int((topics.labels == topic).sum()) for topic in kept}
        kept = [topic for topic in kept if sizes[topic] >= _FEWEST_MEMBERS]
        self._kept = sorted(kept, key=lambda topic: (-sizes[topic], topic))
        self._weights = topics.weights
        self.terms_ = np.array(self._terms.terms, dtype=object)
        self.components_ = topics.weights[self._kept]
        self.stability_ = topics.stability[self._kept]
        self.cluster_terms_ = [name_cluster(row, self._terms.terms) for row in self.components_]
        found = dict(zip(texts, self._numbered(topics.labels).tolist(), strict=True))
        self.labels_ = np.array([found.get(text, NOWHERE) for text in given], dtype=np.int64)
        return self

    def transform(self, X: Any) -> NDArray[np.float64]:  # noqa: ANN401, N803
        """Return how much of each text is of each cluster: from 0 to 1, texts × clusters."""
        return self._shares(X)[:, self._kept]

    def predict(self, X: Any) -> NDArray[np.int64]:  # noqa: ANN401, N803
        """Return the cluster of each text, −1 where none dominates."""
        return self._numbered(choose_topics(self._shares(X)))

    def _shares(self, given: Any) -> NDArray[np.float64]:  # noqa: ANN401
        check_is_fitted(self)
        texts = take_texts(given).fill_null("").to_list()
        return load_topics(self._terms.weigh(texts), self._weights)

    def _numbered(self, topics: NDArray[np.int64]) -> NDArray[np.int64]:
        numbers = np.full(len(self._weights) + 1, NOWHERE)  # the last place is that of −1
        numbers[self._kept] = np.arange(len(self._kept))
        return numbers[topics].astype(np.int64)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array = True, False
        return tags


def _nothing_found(matrix: Matrix) -> Topics:
    rows, columns = matrix.shape
    return Topics(np.full(rows, NOWHERE), np.zeros((0, columns)), np.zeros(0))


def _cluster(
    posts: pl.DataFrame, *, seed: int, most_texts: int, period: Period
) -> tuple[Clusters, list[pl.Series]]:
    """Cluster, and give the rows of the posts in each cluster."""
    items = select_negative(posts, period)
    families = distinct_texts(items, _SHORTEST_TEXT)
    if families.height < _FEWEST_TEXTS:
        return _nothing(
            f"{families.height} distinct negative texts: "
            f"at least {_FEWEST_TEXTS} are needed to cluster",
            f"{families.height} 条不同的吐槽文本：至少要 {_FEWEST_TEXTS} 条才能聚类",
        ), []
    chosen = sample_texts(families, most_texts, seed)
    items = items.join(chosen.select("family"), on="family", how="semi", maintain_order="left")
    matrix, terms = weigh_terms(chosen["text"].to_list())
    topics = find_topics(matrix, seed=seed)
    joined = _joined_topics(topics, matrix, terms, chosen["text"].to_list(), seed=seed)
    days = tuple(list_days(items, period))
    calendar = _Calendar(days, count_days(items, days).sum(axis=0))
    rows: list[dict[str, object]] = []
    found = _members(topics, joined, chosen, items)
    for topic, members in found:
        named = name_cluster(topics.weights[topic], terms)
        onset = _find_onset(count_days(members, calendar.days), calendar.totals, seed=seed)
        rows.append(
            {
                "cluster": len(rows),
                "label": "·".join(named[:LABEL_TERMS]),
                "terms": "、".join(named),
                "stability": round(float(topics.stability[topic]), _DIGITS),
                **_describe(members, onset, calendar),
            }
        )
    if not rows:
        return _nothing(
            f"{chosen.height} distinct negative texts hold no stable cluster",
            f"{chosen.height} 条不同的吐槽文本里没有稳定的团",
        ), []
    table = pd.DataFrame(rows)
    tables = Clusters(
        table[list(_CLUSTER_COLUMNS)],
        _note(families.height, chosen.height),
        _note_zh(families.height, chosen.height),
    )
    return tables, [members["row"] for _, members in found]


@dataclass(frozen=True)
class _Calendar:
    """The days of the items and the negative items of each."""

    days: tuple[date, ...]
    totals: NDArray[np.int64]


def _joined_topics(
    topics: Topics, matrix: Matrix, terms: list[str], texts: list[str], *, seed: int
) -> list[int]:
    """List the stable topics whose terms, chosen in one half, stand together in the other half."""
    stable = np.flatnonzero(topics.stability >= STABLE).tolist()
    if not stable:
        return []
    halves = [
        ([texts[row] for row in rows], weights)
        for rows, weights in fit_halves(matrix, topics, seed=seed)
    ]
    bound = _CHANCE / len(topics.stability)
    return [topic for topic in stable if _chance(topic, halves, terms) < bound]


def _chance(
    topic: int, halves: list[tuple[list[str], NDArray[np.float64]]], terms: list[str]
) -> float:
    """Combine what either half says of the terms that the other one chose (Fisher's method)."""
    values = [
        chance_of_company(texts, name_cluster(weights[topic], terms)) for texts, weights in halves
    ]
    return float(stats.combine_pvalues(np.maximum(values, 1e-300), method="fisher").pvalue)


def _members(
    topics: Topics, joined: list[int], chosen: pl.DataFrame, items: pl.DataFrame
) -> list[tuple[int, pl.DataFrame]]:
    """Items of every cluster that has enough texts, the largest first."""
    found = []
    for topic in joined:
        families = chosen.filter(pl.Series(topics.labels == topic)).select("family")
        members = items.join(families, on="family", how="semi", maintain_order="left")
        if families.height >= _FEWEST_MEMBERS:
            found.append((topic, members))
    return sorted(found, key=lambda pair: (-pair[1].height, pair[0]))


def _describe(
    members: pl.DataFrame, onset: _Onset | None, calendar: _Calendar
) -> dict[str, object]:
    codes = members["grievances"].list.len().fill_null(0) > 0
    is_sure = onset is not None and onset.certainty >= _LEAST_CERTAINTY
    return {
        "items": members.height,
        "top_grievance": _top_grievance(members),
        "covered": round(float(codes.mean()), _DIGITS),  # type: ignore[arg-type]
        "onset": calendar.days[onset.day].isoformat() if onset and is_sure else "",
    }


def _top_grievance(members: pl.DataFrame) -> str:
    codes = members["grievances"].explode().drop_nulls()
    if codes.is_empty():
        return ""
    counted = codes.value_counts(name="n").sort(["n", "grievances"], descending=[True, False])
    return str(counted["grievances"][0])


def _nothing(note: str, note_zh: str) -> Clusters:
    return Clusters(
        pd.DataFrame(columns=list(_CLUSTER_COLUMNS)),
        note,
        note_zh,
    )


def _note_zh(families: int, clustered: int) -> str:
    if clustered == families:
        return f"{count_text(families)} 条不同的吐槽文本参加聚类"
    return (
        f"{count_text(families)} 条不同的吐槽文本中抽样 {count_text(clustered)} 条参加聚类，"
        "条数只指样本"
    )


def _note(families: int, clustered: int) -> str:
    if clustered == families:
        return f"{count_text(families)} distinct negative texts clustered"
    return (
        f"a sample of {count_text(clustered)} of {count_text(families)} distinct negative texts "
        "clustered; items are those of the sample"
    )
