"""What people complain of, found without the codebook: stable clusters.

Clusters serve discovery and wording only: a cluster's size is no number of complaints until an
audit has looked at it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClusterMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from analysis.clusters.consensus import MIXED
from analysis.clusters.drafts import carry_names, central_sentences, count_posts
from analysis.clusters.levels import (
    Level,
    Topics,
    Vectors,
)
from analysis.clusters.post_topics import (
    DIGITS,
    SHORTEST_TEXT,
    Where,
    find_topics,
    learn,
)
from analysis.clusters.terms import (
    LABEL_TERMS,
)
from analysis.corpus.clean import own_words
from analysis.errors import CaodianError
from analysis.frames import (
    AnyFrame,
    as_polars,
    as_texts,
    like_frame,
    put_columns,
    take_columns,
    take_texts,
)
from analysis.study.periods import Period

if TYPE_CHECKING:
    from matplotlib.figure import Figure


_BARS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)


class TopicClusters(ClusterMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """The topics of `cluster_topics` as a scikit-learn estimator on texts.

    Bags of the texts are clustered by k-means on vectors of their words, and what most bags find
    is a topic. There are none where the words of a text's first half do not go with those of its
    second, and below 50 texts.

    Parameters
    ----------
    n_topics
        Clusters of each bag; by default ten, fewer below a hundred texts.
    random_state
        Salt of the hash by which texts fall into bags: a whole number, or None for 618.
    level
        `coarse`, `fine` or `issues`.
    vectors
        `words`, `sentences`, or a function that gives an array of texts × numbers.

    Attributes
    ----------
    labels_
        Topic of each text, from 0, the one of most distinct texts first; −1 (mixed) below a
        confidence of seven tenths, or four characters.
    confidence_
        From 0 to 1, how much nearer each text is to its topic than to any other.
    topics_
        One row a topic: `topic, label, terms, texts, stability`.
    cluster_terms_
        The words that name each topic.
    stability_
        From 0 to 1, how alike each topic is in the bags.
    share_assigned_
        Share of the texts in a topic.

    Examples
    --------
    >>> topics = TopicClusters().fit(["迟迟不退款"] * 3)
    >>> topics.labels_.tolist(), topics.transform(["退款"]).shape
    ([-1, -1, -1], (1, 0))
    """

    def __init__(
        self,
        n_topics: int | None = None,
        random_state: int | None = None,
        level: Level = "coarse",
        vectors: Vectors = "words",
    ) -> None:
        self.n_topics = n_topics
        self.random_state = random_state
        self.level = level
        self.vectors = vectors

    def fit(self, X: Any, y: object = None) -> TopicClusters:  # noqa: ANN401, N803
        """Find the topics of texts: a list, an array or a series; `y` is not looked at."""
        given = self._read(X)
        # Distinct texts, so that copies do not matter.
        texts = sorted({text for text in given if len(text) >= SHORTEST_TEXT})
        topics = self._learn(texts, None)
        self._tell(topics, pl.Series(given, dtype=pl.String), *_choose(topics, given))
        return self

    def _learn(self, texts: Sequence[str], channels: Sequence[str] | None) -> Topics:
        """Learn the topics of distinct texts, none where there are too few."""
        return learn(
            texts, channels, seed=self.random_state,
            n_topics=self.n_topics, level=self.level, vectors=self.vectors,
        )  # fmt: skip

    def _tell(
        self,
        topics: Topics,
        texts: pl.Series,
        labels: NDArray[np.int64],
        confidence: NDArray[np.float64],
    ) -> None:
        """Keep what was learnt where users of scikit-learn look for it."""
        # As a series: a million Python texts weigh a quarter GB.
        self._topics, self._asked, self._texts = topics, texts, texts
        self.labels_, self.confidence_ = labels, confidence
        self.stability_, self.cluster_terms_ = topics.stability, topics.names
        self.share_assigned_ = float((labels >= 0).mean()) if len(texts) else 0.0
        sizes = np.bincount(labels[labels >= 0], minlength=len(self.stability_))
        self.topics_ = pd.DataFrame(
            {
                "topic": np.arange(len(self.stability_)),
                "label": ["·".join(named[:LABEL_TERMS]) for named in self.cluster_terms_],
                "terms": ["、".join(named) for named in self.cluster_terms_],
                "texts": sizes,
                "stability": self.stability_.round(DIGITS),
            }
        )

    def transform(self, X: Any) -> NDArray[np.float64]:  # noqa: ANN401, N803
        """Return the confidence that each text belongs to each topic: texts × topics."""
        self._require_fit()
        return self._topics.vote(self._read(X))

    def predict(self, X: Any) -> NDArray[np.int64]:  # noqa: ANN401, N803
        """Return the topic of each text, −1 (mixed) where none is much nearer."""
        self._require_fit()
        return _choose(self._topics, self._read(X))[0]

    def members(self, topic: int) -> list[str]:
        """List the texts of a topic, the surest first."""
        self._require_fit()
        rows = np.flatnonzero(self.labels_ == topic)
        ranked = zip((-self.confidence_[rows]).tolist(), self._texts.gather(rows), strict=True)
        return [text for _, text in sorted(ranked)]

    def curve(self, bars: Sequence[float] = _BARS) -> pd.DataFrame:
        """Weigh the share of texts in a topic against how sure it is.

        Parameters
        ----------
        bars
            Confidences from which on a text would be in a topic; labels use seven tenths.

        Returns
        -------
        pandas.DataFrame
            `confidence`, `assigned` (share of the texts fitted), and `agreement` (mean share of the
            bags that put these texts into the same topic; missing without any).
        """
        self._require_fit()
        texts = self._asked.to_list()
        votes = self._topics.vote(texts)
        is_long = np.array([len(text) >= SHORTEST_TEXT for text in texts], dtype=bool)
        surest = np.where(is_long, votes.max(axis=1, initial=0.0), 0.0)
        agreed = self._topics.agree(
            texts, votes.argmax(axis=1) if votes.shape[1] else np.full(len(texts), MIXED)
        )
        rows = []
        for bar in bars:
            inside = (surest >= bar) & (surest > 0)
            share = float(inside.mean()) if texts else 0.0
            rows.append((bar, share, float(agreed[inside].mean()) if inside.any() else np.nan))
        return pd.DataFrame(rows, columns=["confidence", "assigned", "agreement"])

    def plot(self, language: str = "zh") -> Figure:
        """Draw the curve: how far the bags agree on a text's topic, against how many have one."""
        import analysis

        figure: Figure = analysis.plot_topic_agreement(self.curve(), language=language)
        return figure

    def map(self, path: str | Path | None = None, **options: Any) -> Any:  # noqa: ANN401 - as below
        """Draw the texts fitted as a map; `path` and the options are those of `map_topics`."""
        import analysis

        self._require_fit()
        posts = pl.DataFrame(
            {"text": self._texts, "topic": self.labels_, "confidence": self.confidence_},
            schema_overrides={"text": pl.String},
        )
        topics = self.topics_.rename(columns={"topic": "cluster", "texts": "items"})
        return analysis.map_topics(posts, topics, path, **options)

    def _require_fit(self) -> None:
        check_is_fitted(self)

    def _read(self, given: Any) -> list[str]:  # noqa: ANN401 - a list, an array or a series
        """Take the writers' own words of texts."""
        return _own(_list_texts(given))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array = True, False
        return tags


class Clusters(TopicClusters):
    """Topics of posts: what `cluster_topics` gives back, an estimator that was fitted to them.

    It prints itself; `plot()` draws its topics and `map()` its texts. `predict` and `transform`
    take texts or other posts; `fit` takes posts, and `sklearn.base.clone` gives one that knows
    none yet.
    """

    clusters: Any
    note: str = ""
    note_zh: str = ""
    counted: tuple[int, ...] = ()
    posts: Any = None

    def __init__(
        self,
        n_topics: int | None = None,
        random_state: int | None = 618,
        level: Level = "coarse",
        vectors: Vectors = "words",
        *,
        where: Where | None = None,
        text: str = "text",
        period: Period | None = None,
        names: AnyFrame | None = None,
    ) -> None:
        super().__init__(n_topics, random_state, level, vectors)
        self.where = where
        self.text = text
        self.period = period
        self.names = names

    @classmethod
    def of_tables(
        cls,
        clusters: Any,  # noqa: ANN401 - either kind of frame
        note: str = "",
        note_zh: str = "",
        posts: Any = None,  # noqa: ANN401 - either kind of frame
        text: str = "text",
    ) -> Clusters:
        """Take up what was found before: its table, and the posts with their topics."""
        found = cls(text=text)
        found.clusters, found.note, found.note_zh, found.posts = clusters, note, note_zh, posts
        return found

    def _require_fit(self) -> None:
        if hasattr(self, "clusters") and not hasattr(self, "labels_"):
            raise CaodianError(
                "topics that were taken from a table know no texts",
                where="Clusters.of_tables",
                remedy="Find them again: cluster_topics(posts).",
            )
        super()._require_fit()

    def fit(self, X: Any, y: object = None) -> Clusters:  # noqa: ANN401, N803
        """Find the topics of posts, a pandas or Polars frame; `y` is not looked at."""
        if self.where not in (None, "negative", "all"):
            raise CaodianError(
                "where must be negative or all",
                value=self.where,
                remedy="Leave it out for negative items.",
            )
        if self.period not in (None, *get_args(Period)):
            raise CaodianError("period must be day, week or month", value=self.period)
        found = find_topics(
            X, seed=self.random_state, period=self.period, where=self.where or "negative",
            text=self.text, learn=self._learn,
        )  # fmt: skip
        self._tell(found.topics, found.texts, found.labels, found.confidence)
        self.note, self.note_zh, self.counted = found.note.en, found.note.zh, found.note.posts
        table, beside = found.table, found.beside
        if self.names is not None:
            given = carry_names(table["terms"].tolist(), as_polars(self.names))
            called = [name or label for name, label in zip(given, table["label"], strict=True)]
            table, self.topics_ = (part.assign(label=called) for part in (table, self.topics_))
        self.clusters = like_frame(X, table)
        self.posts = put_columns(X, beside.select("topic", "confidence"))
        self._texts = beside["text"].fill_null("")
        self.labels_ = beside["topic"].fill_null(MIXED).to_numpy()
        self.confidence_ = beside["confidence"].to_numpy()
        return self

    def _read(self, given: Any) -> list[str]:  # noqa: ANN401 - texts, or a frame that holds them
        """Take the writers' own words of texts, or of the posts of a frame."""
        if hasattr(given, "columns"):
            given = take_columns(given, [self.text])[self.text]
        return super()._read(given)

    def __repr__(self) -> str:
        if not hasattr(self, "clusters"):
            shown: str = super().__repr__()
            return shown
        if not len(self.clusters):
            return self.note
        return f"{self.note}\n{self._shown().to_string(index=False)}"

    def _repr_html_(self) -> str:
        """Give what a notebook shows."""
        if not hasattr(self, "clusters"):
            return f"<p>{self!r}</p>"
        table = self._shown().to_html(index=False, border=0) if len(self.clusters) else ""
        return f"<p>{self.note}</p>{table}"

    def _shown(self) -> pd.DataFrame:
        table: pd.DataFrame = like_frame(pd.DataFrame(), self.clusters)
        return table[["cluster", "label", "items", "stability", "top_grievance", "covered"]]

    def count(self, by: str) -> Any:  # noqa: ANN401 - the kind of frame that was given
        """Count the posts of each topic by code, platform, stars, day or any other column."""
        posts = take_columns(self.posts, ["topic", by])
        return like_frame(self.posts, count_posts(posts, by))

    def sentences(self, rows: int = 1) -> Any:  # noqa: ANN401 - the kind of frame that was given
        """Give the sentences of each topic that hold most of its terms: to read, not to count."""
        table: pd.DataFrame = like_frame(pd.DataFrame(), self.clusters)
        terms = dict(zip(table["cluster"].tolist(), table["terms"], strict=True))
        posts = take_columns(self.posts, [self.text, "topic", "confidence"])
        posts = posts.with_columns(as_texts(posts[self.text]).alias("text"))
        return like_frame(self.posts, central_sentences(posts, terms, rows))

    def plot(self, language: str = "zh") -> Figure:
        """Draw the clusters, those outside the codebook apart."""
        # Figures are of a later layer, which draws the table for whoever has one.
        import analysis

        figure: Figure = analysis.plot_clusters(self.clusters, language=language)
        return figure

    def map(self, path: str | Path | None = None, **options: Any) -> Any:  # noqa: ANN401 - as below
        """Draw the texts as a map: like texts near each other, searched, zoomed and cut to days."""
        import analysis

        return analysis.map_topics(
            self.posts, self.clusters, path, text=self.text, notes=(self.note_zh, self.note),
            **options,
        )  # fmt: skip


def cluster_topics(
    posts: AnyFrame,
    vectors: Vectors = "words",
    n_topics: int | None = None,
    where: Where | None = None,
    random_state: int | None = 618,
    *,
    text: str = "text",
    level: Level = "coarse",
    period: Period | None = None,
    names: AnyFrame | None = None,
) -> Clusters:
    """Cluster the distinct texts of the negative items: what people complain of, code or no code.

    Forty bags of the texts are clustered by k-means on vectors of their words; what most bags
    find is a topic, and how much nearer a text is to it than to any other its confidence. There are
    none where the words of a text's first half do not go with those of its second.
    Items of a family belong to its text's topic. Topics serve discovery: the size of one is no
    number of complaints until an audit has looked at it.

    Parameters
    ----------
    posts
        pandas or Polars frame from `code_grievances`: `text, is_negative, grievances`; `family_id,
        is_representative, published_at, repeat_of, is_in_window, channel` are used where they are
        there; what the forms and the small talk of one channel have in common is no topic.
    vectors
        What texts are compared by: `words`; `sentences`, by multilingual-e5-small (the extra
        `vectors`); or a function that gives an array of texts × numbers for a list of texts.
    n_topics
        Clusters of each bag, of which those that recur are topics; by default ten, fewer below a
        hundred texts, or those of the level.
    where
        Which posts: by default the negative items (`negative`), or `all`, for a corpus in which
        everything is a complaint, such as a hotline's; then the posts need not be coded.
    random_state
        Salt of the hash by which texts fall into bags: a whole number from 0 on.
    text
        Column of the text, cleaned and masked.
    level
        `coarse`; `fine`, topics of sixty clusters a bag that hold less still; or `issues`: single
        matters, groups of texts on one concrete thing, by average linkage of TF-IDF.
    period
        Steps in which a rise is looked for: `day`, `week` or `month`; by default by the range of
        the posts, as a report does (up to 60 days, up to a year and a half, longer). An onset by
        week or month is its first day.
    names
        The table `clusters` of an earlier run with a column `name` in which a person named some:
        the topic most like each by its terms is labelled so.

    Returns
    -------
    Clusters
        A scikit-learn estimator fitted to the posts, with the table `clusters`, empty with a
        `note` where there is too little text, and `posts` with the columns `topic` and
        `confidence`; table and posts of the kind given.

    Raises
    ------
    CaodianError
        When the posts are not coded, or an option has no meaning.

    Examples
    --------
    >>> posts = pd.DataFrame({"text": ["迟迟不退款"], "is_negative": [True],
    ...                       "grievances": [["after_sales"]]})
    >>> found = cluster_topics(posts)
    >>> found
    1 distinct negative text: at least 50 are needed to find topics
    >>> found.posts.columns.tolist()
    ['text', 'is_negative', 'grievances', 'topic', 'confidence']
    >>> found.labels_.tolist(), found.predict(["退款难"]).tolist()
    ([-1], [-1])
    """
    return Clusters(
        n_topics, random_state, level, vectors,
        where=where, text=text, period=period, names=names,
    ).fit(posts)  # fmt: skip


def _list_texts(given: Any) -> list[str]:  # noqa: ANN401 - a list, an array or a series
    """Give texts as a list; a list of texts stays itself, since a million weigh a quarter GB."""
    if isinstance(given, list) and all(type(text) is str for text in given):
        return given
    listed: list[str] = take_texts(given).fill_null("").to_list()
    return listed


def _own(texts: list[str]) -> list[str]:
    """Leave out what was forwarded and what a seller answered; texts without stay themselves."""
    given = pl.Series("text", texts, dtype=pl.String)
    own = own_words(given.to_frame())
    changed = (own != given).arg_true().to_list()
    if not changed:
        return texts
    kept = texts.copy()
    for row in changed:
        kept[row] = own[row]
    return kept


def _choose(topics: Topics, texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Give topics and confidence of texts; a text of hardly a word has none."""
    labels, confidence = topics.choose(texts)
    short = np.array([len(text) < SHORTEST_TEXT for text in texts], dtype=bool)
    return np.where(short, MIXED, labels), np.where(short, 0.0, confidence)
