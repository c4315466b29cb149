"""What is clustered, and what names it: distinct texts, the words that tell them apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from analysis.corpus.clean import own_words
from analysis.engine.strict_math import strict_log
from analysis.schema.tables import ZONE
from analysis.study.periods import Period, choose_period, truncate

# Negative items and their distinct texts, in an order that does not depend on the input's.
NEEDED = ("text", "is_negative", "grievances")
# What is looked at beside, where it is there.
USED = (
    "family_id", "is_representative", "published_at", "repeat_of", "is_in_window", "platforms",
    "channel",
)  # fmt: skip


def select_negative(posts: pl.DataFrame, period: Period = "day") -> pl.DataFrame:
    """Select the negative items of the window, repeats once, with family and day.

    Parameters
    ----------
    posts
        Coded posts, with `text, is_negative, grievances`; a missing other column is taken as not
        known.
    period
        What `day` stands for: the day, or the first day of its week or month.

    Returns
    -------
    pl.DataFrame
        `row` (place among the posts), `family, text, day, grievances, platforms, channel,
        is_representative`, sorted.

    Examples
    --------
    >>> posts = pl.DataFrame({"text": ["退款难", "好"], "is_negative": [True, False],
    ...                       "grievances": [["after_sales"], []]})
    >>> select_negative(posts)["text"].to_list()
    ['退款难']
    """
    rows = posts.with_row_index("row")
    rows = rows.filter(pl.col("is_negative") & pl.col("text").is_not_null())
    # What was forwarded, or answered by a seller, is no grievance of the writer's.
    rows = rows.with_columns(own_words(rows).alias("text"))
    if "repeat_of" in rows.columns:
        rows = rows.filter(pl.col("repeat_of").is_null())
    if "is_in_window" in rows.columns:
        rows = rows.filter(pl.col("is_in_window").fill_null(True))
    return rows.select(
        "row",
        _or_text(rows, "family_id").alias("family"),
        pl.col("text").cast(pl.String),
        truncate(_day(rows), period).alias("day"),
        pl.col("grievances").cast(pl.List(pl.String)),
        _known(rows, "platforms").cast(pl.List(pl.String)),
        _known(rows, "channel").cast(pl.String).fill_null(""),
        _known(rows, "is_representative").cast(pl.Boolean).fill_null(False),
    ).sort(
        ["family", "is_representative", "day", "text"],
        descending=[False, True, False, False],
        nulls_last=True,
    )


def suggest_period(posts: pl.DataFrame) -> Period:
    """Choose days, weeks or months by the range of the posts' dates.

    Examples
    --------
    >>> suggest_period(pl.DataFrame({"published_at": [date(2019, 6, 1), date(2020, 6, 1)]}))
    'week'
    """
    days = posts.select(_day(posts).alias("day"))["day"]
    first, last = days.min(), days.max()
    if not (isinstance(first, date) and isinstance(last, date)):
        return "day"
    return choose_period((last - first).days + 1)


def distinct_texts(items: pl.DataFrame, shortest: int) -> pl.DataFrame:
    """Reduce the items to one text per family: `family, text, channel, items`."""
    families = items.group_by("family", maintain_order=True).agg(
        pl.col("text").first(), pl.col("channel").first(), pl.len().cast(pl.Int64).alias("items")
    )
    return families.filter(pl.col("text").str.len_chars() >= shortest)


def _known(rows: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name) if name in rows.columns else pl.lit(None).alias(name)


def _or_text(rows: pl.DataFrame, name: str) -> pl.Expr:
    """Take the family, or the text itself where families were not looked for."""
    return _known(rows, name).cast(pl.String).fill_null(pl.col("text").cast(pl.String))


def _day(rows: pl.DataFrame) -> pl.Expr:
    if "published_at" not in rows.columns:
        return pl.lit(None, dtype=pl.Date)
    kind = rows.schema["published_at"]
    time = pl.col("published_at")
    if kind == pl.String:
        return time.str.slice(0, 10).str.to_date(strict=False)
    if getattr(kind, "time_zone", None):
        time = time.dt.convert_time_zone(ZONE)
    return time.cast(pl.Date) if kind == pl.Date else time.dt.date()


Matrix: TypeAlias = sparse.csr_matrix
_FEWEST_TEXTS, _FEWEST_INSIDE = 5, 3
# Beyond chance in one word of forty.
_LEAST_SCORE = 1.96
_DIGITS = 9
_TERMS_SHOWN = 8
LABEL_TERMS = 3
# A phrase that holds so much of a word names what the word stands for.
_PART_OF_PHRASE = 0.4

_FIELD = re.compile("(?:^|[^\\u4e00-\\u9fff])([\\u4e00-\\u9fff]{2,6})[:：]")
_FEWEST_FIELDS, _SHARE_OF_FIELDS = 5, 0.02
_MARKS = re.compile("([，。！？；、：,.!?;:~～…\\s]+)")
_NUMBER = re.compile("[0-9零一二两三四五六七八九十百千万几半]+")
_PARTICLES_AT_END = "了的呢啊吧呀啦哦嘛"
_SHORTEST_SAYING, _FEWEST_SAYINGS, _SHARE_OF_SAYINGS, _MOST_SAYINGS = 5, 5, 0.001, 0.5
# Characters that a text must tell beside its sayings.
_LEAST_TOLD = 4
# Where the form of a letter stands: the first and the last words of a text, a sixth and a third
# of it at most, and nowhere in a short one. A word that so many texts hold is of the form where
# hardly any of its places is elsewhere, in all and against chance.
_OPENING, _CLOSING, _SHARE_OF_FORMS = 3, 8, 0.02
_PARTS_OPENING, _PARTS_CLOSING, _SHORTEST_FORM = 6, 3, 12
_MOST_ELSEWHERE, _ELSEWHERE_OF_CHANCE, _BEYOND_CHANCE = 0.2, 0.4, 3.0
_SHARED_MATTER, _MORE_SHARED, _SUCH_WORDS = 0.5, 2, 2


@dataclass(frozen=True)
class Boilerplate:
    """What texts hold whatever they tell: names of fields, and sayings of many writers."""

    fields: frozenset[str]
    sayings: frozenset[str] = frozenset()

    def blank(self, texts: Sequence[str]) -> list[str]:
        """Blank the names of fields, and sayings where something else is told beside them."""
        plain = list(texts)
        if self.fields:
            names = "|".join(sorted(self.fields, key=lambda name: (-len(name), name)))
            pattern = re.compile(f"(?:{names})[:：]")
            plain = [pattern.sub(" ", text) for text in plain]
        return [self._without_sayings(text) for text in plain] if self.sayings else plain

    def _without_sayings(self, text: str) -> str:
        parts = _MARKS.split(text)
        told = [" " if self._is_saying(part) else part for part in parts[::2]]
        if told == parts[::2] or sum(len(part.strip()) for part in told) < _LEAST_TOLD:
            return text
        parts[::2] = told
        return "".join(parts)

    def _is_saying(self, part: str) -> bool:
        return len(part) >= _SHORTEST_SAYING and _as_saying(part) in self.sayings


def _as_saying(clause: str) -> str:
    """Give a clause as one saying: any number is one, and a particle at the end none."""
    return _NUMBER.sub("0", clause.strip().lower()).rstrip(_PARTICLES_AT_END)


def find_boilerplate(texts: Sequence[str]) -> Boilerplate:
    """Find the names of fields and the sayings of distinct texts.

    A saying is a clause of five characters and more that stands word for word, numbers aside, in a
    thousandth of the texts and at least five: what so many write alike (感谢您的反馈, 再也不买了)
    is no account of what befell them. Where half of all clauses, short ones too, stand so often,
    the texts are made of such clauses, and none is a saying.
    """
    fields = find_fields(texts)
    counts: dict[str, int] = {}
    for text in Boilerplate(fields).blank(texts):
        own = {_as_saying(part) for part in _MARKS.split(text)[::2] if part.strip()}
        for saying in own:
            counts[saying] = counts.get(saying, 0) + 1
    fewest = max(_FEWEST_SAYINGS, round(_SHARE_OF_SAYINGS * len(texts)))
    found = {saying: count for saying, count in counts.items() if count >= fewest}
    if sum(found.values()) > _MOST_SAYINGS * sum(counts.values()):
        return Boilerplate(fields)
    return Boilerplate(
        fields, frozenset(saying for saying in found if len(saying) >= _SHORTEST_SAYING)
    )


def find_fields(texts: Sequence[str]) -> frozenset[str]:
    """Find the names that stand before a colon in a fiftieth of the texts, and at least five."""
    counts: dict[str, int] = {}
    for text in texts:
        for name in set(_FIELD.findall(text)):
            counts[name] = counts.get(name, 0) + 1
    fewest = max(_FEWEST_FIELDS, _SHARE_OF_FIELDS * len(texts))
    return frozenset(name for name, count in counts.items() if count >= fewest)


def find_formal(
    word: NDArray[np.int64], text: NDArray[np.int64], n_words: int, n_texts: int
) -> NDArray[np.bool_]:
    """Find the words by which texts open and close (来电人称……望核实): of the form, not the matter.

    Asked are words of a fiftieth of the texts and at least five. The first three words of a text
    and the last eight are looked at, a sixth and a third of it at most; a text of fewer than twelve
    words has no form. A word of the form is elsewhere in at most a fifth of its places, two fifths
    of what chance gives, and three standard deviations below it. Where the texts that hold it tell
    one and the same matter it is a word of that, as in short reviews that are much alike.
    """
    length = np.bincount(text, minlength=n_texts)
    before = np.arange(len(text)) - (np.cumsum(length) - length)[text]
    behind = length[text] - 1 - before
    is_long = length >= _SHORTEST_FORM
    opening = np.where(is_long, np.minimum(_OPENING, length // _PARTS_OPENING), 0)[text]
    closing = np.where(is_long, np.minimum(_CLOSING, length // _PARTS_CLOSING), 0)[text]
    chance = 1 - (opening + closing) / length[text]
    is_elsewhere = (before >= opening) & (behind >= closing)
    places, elsewhere, expected, variance = (
        np.bincount(word, weights, n_words)
        for weights in (np.ones(len(word)), is_elsewhere, chance, chance * (1 - chance))
    )
    held = np.bincount(
        np.unique(word * max(1, n_texts) + text) // max(1, n_texts), minlength=n_words
    )
    is_formal: NDArray[np.bool_] = (
        (held >= max(_FEWEST_FIELDS, _SHARE_OF_FORMS * n_texts))
        & (elsewhere <= _MOST_ELSEWHERE * places)
        & (elsewhere <= _ELSEWHERE_OF_CHANCE * expected)
        & (expected - elsewhere > _BEYOND_CHANCE * np.sqrt(variance))
    )
    is_formal[_of_one_matter(word, text, is_elsewhere, is_formal)] = False
    return is_formal


def _of_one_matter(
    word: NDArray[np.int64],
    text: NDArray[np.int64],
    is_elsewhere: NDArray[np.bool_],
    is_formal: NDArray[np.bool_],
) -> list[int]:
    """Find those of the words whose texts tell the same: short texts alike, and no form.

    Half of these texts and more share a word of what they tell, and another one; among other texts
    either is at most half as frequent.
    """
    shape = (int(text.max(initial=-1)) + 1, len(is_formal))
    matter = is_elsewhere & ~is_formal[word]
    told, holds = (
        sparse.csc_matrix((np.ones(mask.sum()), (text[mask], word[mask])), shape).astype(bool)
        for mask in (matter, is_formal[word])
    )
    everywhere = told.sum(axis=0).A1
    found = []
    for asked in np.flatnonzero(is_formal):
        texts = holds.indices[holds.indptr[asked] : holds.indptr[asked + 1]]
        inside = told[texts].sum(axis=0).A1
        outside = (everywhere - inside) / max(1, shape[0] - len(texts))
        share = inside / len(texts)
        if ((share >= _SHARED_MATTER) & (share >= _MORE_SHARED * outside)).sum() >= _SUCH_WORDS:
            found.append(int(asked))
    return found


def name_topics(  # noqa: PLR0917 - columns of one table of texts
    counts: Matrix,
    labels: NDArray[np.int64],
    words: Sequence[str],
    n_topics: int,
    fewest: int = _FEWEST_TEXTS,
    registers: NDArray[np.int64] | None = None,
) -> list[list[str]]:
    """Name topics by the words that set each apart from the rest.

    Log-odds of a word in the topic against the other texts, with an informative Dirichlet prior
    from all texts (Monroe, Colaresi & Quinn 2008), over their standard error: neither the
    commonest words win nor the rarest.
    """
    if not n_topics or not len(words):
        return [[] for _ in range(n_topics)]
    held = (counts > 0).astype(np.float64)
    inside, scores = weigh_within(held, labels, n_topics, registers)
    overall = np.asarray(held.sum(axis=0)).ravel()
    named: list[list[str]] = [[] for _ in range(n_topics)]
    own = scores.argmax(axis=0)
    frequent = (inside[own, np.arange(len(words))] >= _FEWEST_INSIDE) & (overall >= fewest)
    best = np.round(scores.max(axis=0), _DIGITS)
    telling = np.flatnonzero(frequent & (best > _LEAST_SCORE)).tolist()
    longer = _list_longer(words, telling)
    used: set[str] = set()
    for i in sorted(telling, key=lambda i: (-best[i], i)):
        topic = own[i]
        least = _PART_OF_PHRASE * inside[topic, i]
        whole = [
            j for j in longer.get(words[i], []) if own[j] == topic and inside[topic, j] >= least
        ]
        chosen = words[max(whole, key=lambda j: (inside[topic, j], -j))] if whole else words[i]
        pieces = _pieces_of_two(chosen)
        if len(named[topic]) < _TERMS_SHOWN and not pieces & used:
            named[topic].append(chosen)
            used |= pieces
    return named


def weigh_within(
    held: Matrix, labels: NDArray[np.int64], n_topics: int, registers: NDArray[np.int64] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Count the texts of each topic that hold a word, and weigh it: the registers' odds together.

    Odds of the registers are taken together by their precision, so that of one is `weigh_terms`.
    """
    if registers is None:
        registers = np.zeros(len(labels), dtype=np.int64)
    shape = (n_topics, held.shape[1])
    inside, weighed, precision = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for register in range(int(registers.max(initial=-1)) + 1):
        rows = np.flatnonzero(registers == register)
        topics = labels[rows]
        texts = np.flatnonzero(topics >= 0)
        member = sparse.csr_matrix(
            (np.ones(len(texts)), (topics[texts], texts)), shape=(n_topics, len(rows))
        )
        here = np.asarray((member @ held[rows]).todense())
        odds, exact = _compare_odds(here, np.asarray(held[rows].sum(axis=0)).ravel())
        inside += here
        weighed += odds * exact
        precision += exact
    return inside, weighed / np.sqrt(np.where(precision > 0, precision, 1))


def _list_longer(words: Sequence[str], telling: Sequence[int]) -> dict[str, list[int]]:
    """List the telling terms that begin or end with each shorter one."""
    longer: dict[str, list[int]] = {}
    for i in telling:
        for cut in range(2, len(words[i])):
            for part in {words[i][:cut], words[i][-cut:]}:
                longer.setdefault(part, []).append(i)
    return longer


def weigh_terms(inside: NDArray[np.float64], overall: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weigh the words of parts of a corpus: log-odds over their standard error.

    Parameters
    ----------
    inside
        Parts × words: the texts of each part that hold the word.
    overall
        The texts of the whole corpus that hold it.

    Returns
    -------
    numpy.ndarray
        Parts × words, above 0 where a word sets the part apart.

    Examples
    --------
    >>> inside = np.array([[30.0, 10.0], [10.0, 30.0]])
    >>> weigh_terms(inside, inside.sum(axis=0)).round(1).tolist()
    [[4.4, -4.4], [-4.4, 4.4]]
    """
    odds, precision = _compare_odds(inside, overall)
    return odds * np.sqrt(precision)


def _compare_odds(
    inside: NDArray[np.float64], overall: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give log-odds against the other texts with a prior from all, and one over their variance."""
    if not len(inside):
        return np.zeros(inside.shape), np.zeros(inside.shape)
    prior = overall / max(overall.sum(), 1) * max(inside.sum(axis=1).mean(), 1)
    outside = overall - inside
    logs, variance = [], np.zeros(inside.shape)
    # A word that no text holds here says nothing.
    with np.errstate(divide="ignore", invalid="ignore"):
        for part in (inside, outside):
            with_prior = part + prior
            total = with_prior.sum(axis=1, keepdims=True)
            logs.append(strict_log(with_prior / np.maximum(total - with_prior, 1e-9)))
            variance += 1 / with_prior
        odds = logs[0] - logs[1]
    is_held = np.broadcast_to(overall > 0, inside.shape)
    return np.where(is_held, odds, 0.0), np.where(is_held, 1 / variance, 0.0)


def name_cluster(
    weights: NDArray[np.float64], terms: Sequence[str], most: int = _TERMS_SHOWN
) -> list[str]:
    """Choose the terms that name a cluster: the heaviest ones that do not overlap.

    Parameters
    ----------
    weights
        Weight of every term in the cluster.
    most
        How many to name.

    Returns
    -------
    list of str
        The heaviest first.

    Examples
    --------
    >>> name_cluster(np.array([3.0, 2.0, 1.0]), ["退款", "退款难", "客服"])
    ['退款', '客服']
    """
    chosen: list[str] = []
    for i in np.argsort(-weights, kind="stable"):
        if weights[i] <= 0 or len(chosen) == most:
            break
        term = terms[int(i)]
        if not any(_overlap(term, other) for other in chosen):
            chosen.append(term)
    return chosen


def _overlap(a: str, b: str) -> bool:
    """Whether two terms share a piece of two characters."""
    return bool(_pieces_of_two(a) & _pieces_of_two(b))


def _pieces_of_two(term: str) -> set[str]:
    """List the pairs of neighbouring characters; a Latin word is one piece."""
    return {term} if term.isascii() else {term[i : i + 2] for i in range(len(term) - 1)}
