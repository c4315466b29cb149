"""What a find, a topic or a selection holds: its words, counts, and what it would be as a code.

A draft of a code holds the wordings that tell the texts of the find from all others, so that the
code counts them where it is accepted, and stands open for whoever reads and mends it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations
from typing import Any, TypeAlias

import numpy as np
import polars as pl
import yaml
from numpy.typing import NDArray
from scipy import special

from analysis.clusters.consensus import hash_texts
from analysis.clusters.emerging import LEAST_PROBABILITY
from analysis.clusters.terms import (
    LABEL_TERMS,
    NEEDED,
    USED,
    name_cluster,
    select_negative,
    weigh_terms,
)
from analysis.clusters.words import learn_words
from analysis.coding.codebook import load_platforms
from analysis.coding.scoring import whole_stars, with_stars
from analysis.corpus.mask import mask_texts
from analysis.errors import CaodianError
from analysis.frames import AnyFrame, as_texts, like_frame, take_columns
from analysis.minimum import FEWEST_ITEMS
from analysis.numbers import count_text, share_text
from analysis.schema import parse_columns
from analysis.study.periods import Period, list_periods, truncate

_Flags = NDArray[np.bool_]

# A wording is one of the draft where this share of the texts that hold it are of the topic; for a
# find, where its share of the texts rose fourfold.
_PURE, _RISEN = 0.6, 4.0
_FEWEST_TEXTS, _FEWEST_MORE = 5, 2
_MOST_WORDINGS, _MOST_PAIRED, _MOST_EXAMPLES = 8, 6, 3
# Two words tell one thing where they stand so near.
_APART = 20
# What may be shown of a text, as in notebooks.
_SNIPPET = 40
# Of a topic's texts so many must complain: a code counts grievances.
_LEAST_NEGATIVE = 0.5
_OF_FIND = "# A draft of a find: of {texts} texts from its first day on these wordings hold {held}."
_OF_TOPIC = "# A draft from {texts} texts, of which these wordings hold {share}."
_HEAD = """\
 Read the texts and mend it;
# then: caodian codebook accept FILE --codebook FOLDER, and set CAODIAN_CODEBOOK to FOLDER.
"""


def draft_code(posts: AnyFrame, find: Mapping[Any, Any], name: str, *, text: str = "text") -> str:
    """Draft the codebook entry of an emerging grievance or of a topic.

    Parameters
    ----------
    posts
        The posts in which it was found: coded for a row of `find_emerging`, with the column `topic`
        (`cluster_topics(posts).posts`) for a row of its table.
    find
        That row, as a mapping: `label, terms`, and `onset` of a find or `cluster` of a topic.
    name
        Name of the code, small letters, digits and _.
    text
        Column of the text, cleaned and masked.

    Returns
    -------
    str
        YAML: names, definition, include, exclude, the terms that count it, masked examples of at
        most 40 characters. `caodian codebook accept` puts it into a codebook of the user's own.

    Raises
    ------
    CaodianError
        When the posts lack what is needed, most texts of a topic are no negative items (praise is
        no grievance), or no wording tells the find from the other texts.

    Examples
    --------
    >>> posts = pl.DataFrame({"text": [f"水温忽冷忽热{i}" for i in range(6)] + ["很好"] * 3,
    ...                       "topic": [0] * 6 + [-1] * 3})
    >>> print(draft_code(posts, {"cluster": 0, "label": "忽冷", "terms": "忽冷"}, "hot_cold"))
    # A draft ...
    hot_cold:
      zh: 忽冷
      en: Hot cold
    ...
    """
    is_find = "onset_low" in find
    needed = [text, *(["is_negative", "grievances"] if is_find else ["topic"])]
    wanted = [*USED, *NEEDED, "negative_probability", "topic"]
    taken = take_columns(
        posts, needed, [column for column in wanted if column not in (*needed, "text")],
        "Give the posts that find_emerging got, or the posts that cluster_topics gave back.",
    )  # fmt: skip
    taken = parse_columns(taken.with_columns(as_texts(taken[text]).alias("text")))
    if is_find:
        texts, inside = _of_find(taken, find)
        complains = np.ones(len(texts), dtype=np.bool_)
    else:
        texts, inside, complains = _of_topic(taken, int(find["cluster"]))
        _require_grievance(complains[inside], str(find["label"]))
    terms = [term for term in str(find["terms"]).split("、") if term]
    share = float(inside.mean()) if len(inside) else 0.0
    # How pure a wording must be that stands four times as often inside as outside.
    risen = _RISEN * share / (_RISEN * share + 1 - share)
    wordings = choose_wordings(texts, inside, terms, risen if is_find else _PURE)
    if not wordings:
        raise CaodianError(
            "a code must have wordings that tell its texts from others, and these terms have none",
            value=str(find["terms"]), remedy="Read its posts, and write the terms by hand.",
        )  # fmt: skip
    held: _Flags = np.asarray(_holds(texts, wordings).any(axis=1))
    head = (_OF_FIND if is_find else _OF_TOPIC).format(
        texts=count_text(inside.sum()),
        held=count_text(held[inside].sum()),
        share=share_text(held[inside].mean()),
    )
    chosen = [texts[row] for row in np.flatnonzero(held & inside & complains)]
    entry = _entry(name, str(find["label"]), wordings, _examples(chosen, terms), find)
    return (
        head + _HEAD + yaml.safe_dump({name: entry}, allow_unicode=True, sort_keys=False, width=100)
    )


def _of_topic(posts: pl.DataFrame, topic: int) -> tuple[list[str], _Flags, _Flags]:
    """Give the distinct texts that were clustered, which are of the topic, and which complain.

    Where nobody coded the posts, as with a hotline's, all were taken for complaints.
    """
    known = posts.filter(pl.col("topic").is_not_null() & pl.col("text").is_not_null())
    if "is_negative" not in known.columns:
        known = known.with_columns(is_negative=pl.lit(True))
    known = known.group_by("text").agg(pl.col("topic").first(), pl.col("is_negative").any())
    known = known.sort("text")
    inside, complains = (known["topic"] == topic).to_numpy(), known["is_negative"].to_numpy()
    return known["text"].to_list(), inside, complains


def _require_grievance(complains: _Flags, label: str) -> None:
    """Refuse a topic most texts of which are no negative items."""
    share = float(complains.mean()) if len(complains) else 1.0
    if share < _LEAST_NEGATIVE:
        raise CaodianError(
            f"a code counts grievances, and {share_text(share)} of this topic's texts complain",
            value=label,
            remedy="Draft a topic of negative items: cluster without --all-posts.",
        )


def _of_find(posts: pl.DataFrame, find: Mapping[Any, Any]) -> tuple[list[str], _Flags]:
    """Give the distinct texts that may be negative, and which are of the onset or later."""
    if "negative_probability" in posts.columns:
        may_be = pl.col("negative_probability").fill_null(0) >= LEAST_PROBABILITY
        posts = posts.with_columns(is_negative=pl.col("is_negative").fill_null(False) | may_be)
    items = select_negative(posts).drop_nulls("day")
    families = items.group_by("family").agg(pl.col("text").first(), pl.col("day").min())
    families = families.sort("family")
    onset = date.fromisoformat(str(find["onset"]))
    return families["text"].to_list(), (families["day"] >= onset).to_numpy()


def choose_wordings(
    texts: Sequence[str], inside: _Flags, terms: Sequence[str], least: float
) -> list[str]:
    """Choose the words, and pairs of near words, that tell some texts from the others."""
    pairs = [f"{one} <{_APART}> {other}" for one, other in combinations(terms[:_MOST_PAIRED], 2)]
    candidates = [*terms, *pairs]
    if not candidates or not len(texts):
        return []
    held = _holds(texts, candidates)
    hits, total = held[inside].sum(axis=0), held.sum(axis=0)
    pure = (hits >= _FEWEST_TEXTS) & (hits >= least * total)
    chosen: list[str] = []
    left = inside.copy()
    while len(chosen) < _MOST_WORDINGS:
        gains = np.where(pure, held[left].sum(axis=0), 0)
        # A single word first: the pairs with it add nothing.
        best = int(np.lexsort((np.arange(len(gains)), -gains))[0])
        if gains[best] < (_FEWEST_MORE if chosen else 1):
            break
        chosen.append(candidates[best])
        left &= ~held[:, best]
    return chosen


def _holds(texts: Sequence[str], wordings: Sequence[str]) -> _Flags:
    """Tell which texts hold which wording."""
    held = np.zeros((len(texts), len(wordings)), dtype=np.bool_)
    lower = pl.Series(texts, dtype=pl.String).str.to_lowercase()
    for column, wording in enumerate(wordings):
        one, _, other = (re.escape(part) for part in wording.partition(f" <{_APART}> "))
        near = f"[^。！？!?\\n]{{0,{_APART}}}"
        pattern = f"{one}{near}{other}|{other}{near}{one}" if other else one
        held[:, column] = lower.str.contains(pattern).to_numpy()
    return held


def _examples(texts: Sequence[str], terms: Sequence[str]) -> list[str]:
    """Give texts that hold most of the terms and do not say the same, masked once more and cut."""
    order = sorted(texts, key=lambda text: (-sum(term in text for term in terms), len(text), text))
    return _shown(_differing(order, _MOST_EXAMPLES))


def _shown(texts: Sequence[str]) -> list[str]:
    """Mask texts once more and cut them to what may be shown."""
    masked = mask_texts(pl.Series(texts, dtype=pl.String))[0].to_list()
    return [text[:_SNIPPET] + "…" * (len(text) > _SNIPPET) for text in masked]


def _entry(
    name: str,
    label: str,
    wordings: Sequence[str],
    examples: Sequence[str],
    find: Mapping[Any, Any],
) -> dict[str, object]:
    told = label.replace("·", "、")
    near = str(find.get("top_grievance") or "")
    since = str(find.get("onset") or "")
    exclude = ["只提到这些词、没有不满的帖子"]
    if near:
        exclude.append(f"仅属于 {near}、与{told}无关的抱怨")
    return {
        "zh": "·".join(label.split("·")[:LABEL_TERMS]),
        "en": name.replace("_", " ").capitalize(),
        "definition_zh": f"消费者对{told}一类问题的不满"
        + (f"，{since} 起增多" if since else "")
        + "。",
        "definition_en": f"Complaints about what these words tell of: {told}"
        + (f"; more of them since {since}" if since else "")
        + ".",
        "include": [f"提到{told}的投诉、不满或批评"],
        "exclude": exclude,
        "terms": list(wordings),
        "examples": [
            {"text": text, "voice": "consumer", "negative": True, "grievances": [name]}
            for text in examples
        ],
    }


# Names that people gave to topics.

_ALIKE = 0.4


def carry_names(terms: Sequence[str], names: pl.DataFrame) -> list[str | None]:
    """Give each topic the name that a person gave to the topic most like it in an earlier run.

    Topics are alike by the terms that they share (Jaccard index of two fifths at least); the most
    alike are matched first, and each name is given once.
    """
    earlier = take_columns(names, ["terms", "name"], remedy="Name rows of clusters.csv.")
    known = [
        (set(str(listed).split("、")), str(name).strip())
        for listed, name in earlier.iter_rows()
        if listed is not None and name is not None and str(name).strip()
    ]
    pairs = []
    for topic, listed in enumerate(terms):
        own = set(listed.split("、"))
        for place, (other, _) in enumerate(known):
            alike = len(own & other) / len(own | other)
            if alike >= _ALIKE:
                pairs.append((-alike, topic, place))
    carried: list[str | None] = [None] * len(terms)
    used: set[int] = set()
    for _, topic, place in sorted(pairs):
        if carried[topic] is None and place not in used:
            carried[topic] = known[place][1]
            used.add(place)
    return carried


# What the posts of topics hold.

_SENTENCES = re.compile(r"[^。！？!?；;\n]+[。！？!?]?")
_SHORTEST_SENTENCE = 6
_SURE = 0.9
# Of two sentences that share so many of the shorter one's pairs of characters one is enough.
_NO_LETTER, _SAID_ALIKE = re.compile(r"\W"), 0.7


def central_sentences(posts: pl.DataFrame, terms: Mapping[int, str], rows: int) -> pl.DataFrame:
    """Give the sentences of each topic that hold most of its terms, masked once more and cut."""
    found: list[tuple[int, str]] = []
    of_topic = posts.drop_nulls("text").partition_by("topic", as_dict=True)
    for topic, listed in terms.items():
        words = listed.split("、")
        mine = of_topic.get((topic,), posts.clear())
        sure = mine.filter(pl.col("confidence") >= _SURE)
        texts = (mine if sure.is_empty() else sure)["text"].unique().to_list()
        best = []
        for text in texts:
            sentences = [part.strip() for part in _SENTENCES.findall(text)]
            long = [part for part in sentences if len(part) >= _SHORTEST_SENTENCE] or [text.strip()]
            best.append(
                min((-sum(word in part for word in words), len(part), part) for part in long)
            )
        chosen = _differing([part for _, _, part in sorted(set(best))], rows)
        found += [(topic, shown) for shown in _shown(chosen)]
    return pl.DataFrame(found, schema={"cluster": pl.Int64, "sentence": pl.String}, orient="row")


def _differing(sentences: Sequence[str], most: int) -> list[str]:
    """Choose the first sentences, each of which says something that no earlier one says alike."""
    chosen: list[str] = []
    told: list[frozenset[str]] = []
    for sentence in sentences:
        if len(chosen) == most:
            break
        plain = _NO_LETTER.sub("", sentence.lower())
        pairs = frozenset(plain[place : place + 2] for place in range(len(plain) - 1))
        smaller = [min(len(pairs), len(other)) for other in told]
        if all(
            len(pairs & other) < _SAID_ALIKE * size
            for other, size in zip(told, smaller, strict=True)
        ):
            chosen.append(sentence)
            told.append(pairs)
    return chosen


def count_posts(posts: pl.DataFrame, by: str) -> pl.DataFrame:
    """Count the posts of each topic by what stands in a column.

    Parameters
    ----------
    posts
        With `topic` and the column.
    by
        A column; of lists each entry counts, of times the day, of probabilities the tenth.

    Returns
    -------
    pl.DataFrame
        `cluster` (−1: in no topic), the column, `items`, and `share` of the topic's posts.

    Examples
    --------
    >>> posts = pl.DataFrame({"topic": [0, 0, None], "grievances": [["price"], [], ["price"]]})
    >>> count_posts(posts, "grievances").rows()
    [(0, None, 1, 0.5), (0, 'price', 1, 0.5)]
    """
    looked = posts.filter(pl.col("topic").is_not_null())
    kind = looked.schema[by]
    value = pl.col(by)
    if by == "published_at" and kind == pl.String:
        value = value.str.slice(0, 10)
    elif isinstance(kind, pl.Datetime):
        value = value.dt.date()
    elif kind.is_float() and by.endswith("probability"):
        value = (value * 10).floor().clip(0, 9) / 10
    counted = looked.select(cluster=pl.col("topic").cast(pl.Int64), value=value)
    sizes = counted.group_by("cluster").agg(pl.len().alias("posts"))
    if isinstance(kind, pl.List):
        some = pl.col("value").list.len() > 0
        counted = counted.with_columns(pl.when(some).then(pl.col("value"))).explode("value")
    table = counted.group_by("cluster", "value").agg(pl.len().cast(pl.Int64).alias("items"))
    table = table.join(sizes, on="cluster").with_columns(share=pl.col("items") / pl.col("posts"))
    return table.sort("cluster", "value").select(
        "cluster", pl.col("value").alias(by), "items", "share"
    )


def count_topic_days(
    posts: pl.DataFrame, first: date, last: date, period: Period = "day"
) -> pl.DataFrame:
    """Count the posts of each topic on every day (week, month) between two days.

    Parameters
    ----------
    posts
        With `topic` and `published_at`, a time.

    Returns
    -------
    pl.DataFrame
        `date, cluster, items`, zeros among them; posts in no topic are left out.

    Examples
    --------
    >>> from datetime import datetime
    >>> posts = pl.DataFrame({"topic": [0, -1], "published_at": [datetime(2020, 6, 2, 9)] * 2})
    >>> count_topic_days(posts, date(2020, 6, 1), date(2020, 6, 2)).rows()
    [(datetime.date(2020, 6, 1), 0, 0), (datetime.date(2020, 6, 2), 0, 1)]
    """
    day = truncate(pl.col("published_at").dt.date(), period).alias("date")
    inside = posts.filter(pl.col("topic") >= 0).select(day, pl.col("topic").alias("cluster"))
    counted = inside.drop_nulls("date").group_by("date", "cluster").agg(pl.len().alias("items"))
    days = pl.DataFrame({"date": list_periods(first, last, period)}, schema={"date": pl.Date})
    grid = days.join(inside.select(pl.col("cluster").unique().sort()), how="cross")
    joined = grid.join(counted, on=["date", "cluster"], how="left")
    return joined.with_columns(pl.col("items").fill_null(0).cast(pl.Int64)).sort("date", "cluster")


# What tells the posts of two selections apart.

_COMPARED, _CHANCE = 3_000, 0.05
_DIGITS = 6
_ROUNDING = 1e-17


def compare_terms(
    first: AnyFrame,
    second: AnyFrame,
    *,
    text: str = "text",
    without: Sequence[str] = (),
    rows: int = 12,
    comparisons: int = 1,
) -> Any:  # noqa: ANN401 - the kind of frame that was given
    """Tell two selections of posts apart by their words: platforms, channels, stars or periods.

    Log-odds of a word with an informative Dirichlet prior over their standard error (Monroe,
    Colaresi & Quinn 2008), of distinct texts: at most 3,000 of each, drawn by a hash of the text.
    Texts that both hold are left out. Only words stand in the table whose difference is beyond
    chance in the whole list of words (Fisher's exact test, Bonferroni, 5 % in all comparisons).

    Parameters
    ----------
    first, second
        pandas or Polars frames with the text; of a family (`family_id`) one text is taken.
    text
        Column of the text, cleaned and masked.
    without
        Words that say nothing here, such as the names of two platforms.
    rows
        Most words of each.
    comparisons
        Of how many comparisons that are read together this is one.

    Returns
    -------
    The kind of frame that was given first
        `term, texts_first, texts_second` (texts that hold it), `share_first, share_second` (of the
        texts compared) and `z`: above 0 the words of the first, the most telling first; then those
        of the second.

    Raises
    ------
    CaodianError
        When the column of the text is missing.

    Examples
    --------
    >>> late = pl.DataFrame({"text": [f"快递{n}天没到" for n in range(40)]})
    >>> dear = pl.DataFrame({"text": [f"价格{n}天就变" for n in range(40)]})
    >>> compare_terms(late, dear).select("term", "texts_first", "texts_second").rows()
    [('快递', 40, 0), ('价格', 0, 40)]
    """
    sides = [_distinct(frame, text) for frame in (first, second)]
    both = set(sides[0]) & set(sides[1])
    sides = [_sample([one for one in side if one not in both]) for side in sides]
    vocabulary, counts = learn_words([*sides[0], *sides[1]])
    words = vocabulary.words
    held = (counts > 0).astype(np.float64)
    inside = np.vstack(
        [np.asarray(part.sum(axis=0)) for part in (held[: len(sides[0])], held[len(sides[0]) :])]
    )
    found: list[tuple[str, int, int, float, float, float]] = []
    if words and all(sides):
        z = weigh_terms(inside, inside.sum(axis=0))[0]
        z[[any(word in name or name in word for name in without) for word in words]] = 0
        chance = _chance_of(inside, len(sides[0]), len(sides[1]))
        z = np.where(chance <= _CHANCE / (comparisons * len(words)), z, 0)
        for sign in (1, -1):
            for term in name_cluster(np.maximum(sign * z, 0), words, rows):
                place = words.index(term)
                one, other = (int(size) for size in inside[:, place])
                shares = (one / len(sides[0]), other / len(sides[1]))
                found.append((term, one, other, *shares, round(float(z[place]), _DIGITS)))
    columns = ["term", "texts_first", "texts_second", "share_first", "share_second", "z"]
    kinds = [pl.String, pl.Int64, pl.Int64, pl.Float64, pl.Float64, pl.Float64]
    schema = dict(zip(columns, kinds, strict=True))
    return like_frame(first, pl.DataFrame(found, schema=schema, orient="row"))


def _chance_of(inside: NDArray[np.float64], first: int, second: int) -> NDArray[np.float64]:
    """Give the probability of so uneven a split of each word were the texts alike (Fisher)."""
    held = inside.sum(axis=0)
    of_first = inside[0] * (first + second) >= held * first
    # The rarer tail is that of the side that holds more than its part.
    more, drawn = np.where(of_first, inside, inside[::-1])[0], np.where(of_first, first, second)
    return np.minimum(1, 2 * _upper_tail(more, drawn, held, first + second))


def _upper_tail(
    least: NDArray[np.float64], drawn: NDArray[np.int64], held: NDArray[np.float64], texts: int
) -> NDArray[np.float64]:
    """Give the hypergeometric probability of so many texts with a word or more among those drawn.

    Only for numbers at the mean or above it, from which on the probabilities fall: they are summed
    until one more changes nothing. `scipy.stats` has it, too, and takes half a second to import.
    """
    term = np.exp(
        _log_choose(held, least) + _log_choose(texts - held, drawn - least)
        - _log_choose(texts, drawn)
    )  # fmt: skip
    total, number = term.copy(), least.copy()
    while (term > total * _ROUNDING).any():
        left = (held - number) * (drawn - number)  # 0 from the largest number on
        term *= left / ((number + 1) * (texts - held - drawn + number + 1))
        total += term
        number += 1
    return total


def _log_choose(of: NDArray[np.float64] | int, some: NDArray[Any]) -> NDArray[np.float64]:
    chosen: NDArray[np.float64] = (
        special.gammaln(of + 1) - special.gammaln(some + 1) - special.gammaln(of - some + 1)
    )
    return chosen


def _distinct(frame: AnyFrame, text: str) -> list[str]:
    """Give the distinct texts of posts, of a family the first in the order of characters."""
    taken = take_columns(frame, [text], [] if text == "family_id" else ["family_id"])
    taken = taken.with_columns(as_texts(taken[text]).alias("text")).drop_nulls("text")
    if "family_id" in taken.columns:
        own = pl.col("family_id").cast(pl.String).fill_null(pl.col("text"))
        taken = taken.group_by(own.alias("family_id")).agg(pl.col("text").min())
    return taken["text"].unique().sort().to_list()


def _sample(texts: list[str]) -> list[str]:
    hashes = hash_texts(texts, 0)
    return [texts[place] for place in np.lexsort((np.arange(len(texts)), hashes))[:_COMPARED]]


_SELECTIONS = ("selection", "first", "second")


def compare_selections(posts: pl.DataFrame, event_days: Sequence[date] = ()) -> pl.DataFrame:
    """Tell the usual selections of negative items apart: by platform, channel, stars and period.

    Parameters
    ----------
    posts
        Coded posts: `text`, and where they are there `platforms, channel, rating, published_at`.
    event_days
        Days of the campaign, which are set against all others.

    Returns
    -------
    pl.DataFrame
        `selection` (`platform`: the two that most posts name; `channel`: the two with most posts;
        `stars`: 1 and 5; `period`: event and other days), `first, second`, their names, and the
        columns of `compare_terms`. Of fewer than 30 posts nothing is told.

    Examples
    --------
    >>> posts = pl.DataFrame({"text": [f"快递{n}天没到" for n in range(40)]
    ...                       + [f"价格{n}天就变" for n in range(40)],
    ...                       "channel": ["weibo"] * 40 + ["complaint"] * 40})
    >>> compare_selections(posts).select("selection", "first", "second", "term").row(0)
    ('channel', 'complaint', 'weibo', '价格')
    """
    asked = [
        selection for selection in _list_selections(posts, event_days)
        if all(side.height >= FEWEST_ITEMS for side in selection[2])
    ]  # fmt: skip
    parts = [
        compare_terms(
            *sides, without=without, rows=_MOST_TOLD, comparisons=len(asked)
        ).select(
            *(pl.lit(value).alias(column)
              for column, value in zip(_SELECTIONS, (kind, *names), strict=True)), pl.all(),
        )
        for kind, names, sides, without in asked
    ]  # fmt: skip
    nothing = compare_terms(posts.head(0), posts.head(0))
    empty = nothing.select(*(pl.lit("").alias(column) for column in _SELECTIONS), pl.all())
    told: pl.DataFrame = pl.concat([empty, *parts])
    return told


_MOST_TOLD = 10
_Selection: TypeAlias = tuple[
    str, tuple[str, str], tuple[pl.DataFrame, pl.DataFrame], Sequence[str]
]


def _list_selections(posts: pl.DataFrame, event_days: Sequence[date]) -> Iterator[_Selection]:
    columns = posts.columns
    if "platforms" in columns:
        naming = posts.explode("platforms").drop_nulls("platforms")
        for one, other in _two_largest(naming["platforms"]):
            known = load_platforms()
            aliases = [name for key in (one, other) if key in known for name in known[key].aliases]
            sides = [naming.filter(pl.col("platforms") == name) for name in (one, other)]
            yield "platform", (one, other), (sides[0], sides[1]), [one, other, *aliases]
    if "channel" in columns:
        for one, other in _two_largest(posts["channel"]):
            sides = [posts.filter(pl.col("channel") == name) for name in (one, other)]
            yield "channel", (one, other), (sides[0], sides[1]), ()
    if "rating" in columns:
        starred = with_stars(posts).with_columns(whole_stars())
        sides = [starred.filter(pl.col("stars") == name) for name in ("1", "5")]
        yield "stars", ("1", "5"), (sides[0], sides[1]), ()
    if "published_at" in columns and event_days:
        is_event = pl.col("published_at").dt.date().is_in(list(event_days))
        yield "period", ("event", "other"), (posts.filter(is_event), posts.filter(~is_event)), ()


def _two_largest(names: pl.Series) -> list[tuple[str, str]]:
    """Give the two commonest names, or nothing where there are not two."""
    counted = names.drop_nulls().alias("name").value_counts(name="n")
    listed = counted.sort(["n", "name"], descending=[True, False])["name"].to_list()
    return [(listed[0], listed[1])] if len(listed) > 1 else []
