"""New grievances on their first days: words and small groups of texts whose share steps up.

Two scans over distinct texts (families, each on its first day) share one null. Words and phrases
find a trick that has a name; a text with those most like it finds one that is told in ordinary
words. Each is asked for the likeliest day of a step in its share, and a step is found where its
likelihood ratio is beyond the largest of the whole scan among shuffled days: so the error is that
of a run, however much is scanned. A share is compared, so that a promotion which lifts all moves
nothing. Finds serve discovery: none is a number of complaints until an audit has looked at it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from analysis.clusters.consensus import hash_texts
from analysis.clusters.onset import (
    FEWEST_RISEN,
    LARGEST_BY_CHANCE,
    Steps,
    list_days,
    spread_about,
)
from analysis.clusters.terms import (
    LABEL_TERMS,
    NEEDED,
    USED,
    Boilerplate,
    Matrix,
    find_fields,
    name_cluster,
    select_negative,
    suggest_period,
)
from analysis.clusters.words import list_terms
from analysis.engine.strict_math import strict_exp, strict_log
from analysis.errors import CaodianError
from analysis.frames import AnyFrame, as_texts, like_frame, take_columns
from analysis.minimum import shortfall
from analysis.numbers import count_text
from analysis.schema import parse_columns
from analysis.schema.tables import table
from analysis.study.periods import Period
from analysis.words import Note

_Array = NDArray[np.float64]
_Whole = NDArray[np.int64]
_Flags = NDArray[np.bool_]

# Whom the coder may have missed: a new grievance is new to the coder, too.
LEAST_PROBABILITY = 0.2
_SHUFFLES = 199
_ERROR = 0.05
_RESAMPLES = 199
# A week, so that a weekend is no rise. The ten of other findings are for nulls by a formula; days
# that are shuffled are exact for any number, and an alarm is wanted early.
FEWEST_PERIODS = 7
# Families that are scanned at most: what time and memory go by, whatever the size of the corpus.
_MOST_FAMILIES = 100_000
# What is looked at beside the columns that all of topics need.
LOOKED_AT = (*USED, "negative_probability", "author_key", "voice")


def find_emerging(
    posts: AnyFrame,
    as_of: date | str | None = None,
    *,
    text: str = "text",
    seed: int = 618,
    period: Period | None = None,
) -> Any:  # noqa: ANN401 - the kind of frame that was given
    """Find what people began to complain of within the window, whether or not a code covers it.

    Scanned are words and phrases, and small groups of like texts, of all posts that may be
    negative (probability of 0.2 or more), each family on its first day. A find is a share that
    stepped up to three times or more, with a likelihood ratio that in at most 5 of 100 corpora
    without any step the largest of the whole scan reaches. Of more than 100,000 families so many
    are drawn by a hash and scanned; `items` are then those of the families drawn.

    Parameters
    ----------
    posts
        pandas or Polars frame from `code_grievances` with `published_at`; `negative_probability,
        family_id, repeat_of, is_in_window, author_key, voice` are used where they are there.
    as_of
        Last day to look at, a date or `YYYY-MM-DD`: what was known then. By default all.
    text
        Column of the text, cleaned and masked.
    seed
        Of the shuffles and resamples.
    period
        `day`, `week` or `month`; by default by the range of the posts. An onset by week or month is
        its first day.

    Returns
    -------
    The same kind of frame
        The columns of the table `emerging` (docs/data-dictionary.md), the surest find first; dates
        as `YYYY-MM-DD`. No row below the minimum of items and periods, or without such a rise.

    Raises
    ------
    CaodianError
        When the posts are not coded, or `as_of` is no day.

    Examples
    --------
    >>> posts = pl.DataFrame({"text": ["迟迟不退款"], "is_negative": [True],
    ...                       "grievances": [["after_sales"]]})
    >>> find_emerging(posts).is_empty()
    True
    """
    needed = [text, *(name for name in NEEDED if name != "text")]
    used = [name for name in LOOKED_AT if name != text]
    taken = take_columns(posts, needed, used, "Code the posts: code_grievances.")
    taken = parse_columns(taken.with_columns(as_texts(taken[text]).alias("text")))
    schema = {
        column.name: _TYPES.get(column.type, pl.String) for column in table("emerging").columns
    }
    families = _select_families(taken, _read_day(as_of), period or suggest_period(taken))
    finds = _scan(families, seed) if families is not None else []
    return like_frame(posts, pl.DataFrame(_rows(families, finds, seed), schema=schema))


_TYPES = {"integer": pl.Int64, "number": pl.Float64}


def _read_day(given: date | str | None) -> date | None:
    if given is None or isinstance(given, date):
        return given
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise CaodianError(
            "as_of must be a day", value=given, remedy="Write it as YYYY-MM-DD, such as 2020-06-18."
        ) from None


# The texts: a family once, on its first day, in an order that no order of rows changes.


@dataclass(frozen=True)
class _Families:
    """Families in the order of their keys: text, first period, and what is told of them."""

    table: pl.DataFrame
    periods: Sequence[date]
    place: _Whole

    @cached_property
    def totals(self) -> _Whole:
        return np.bincount(self.place, minlength=len(self.periods))


def _select_families(posts: pl.DataFrame, last: date | None, period: Period) -> _Families | None:
    """Reduce the posts to families, or to None where there is too little to tell anything."""
    posts = draw_families(posts.lazy())[0].collect()
    posts = posts.with_columns(is_negative=_may_be_negative(posts.schema))
    for name in ("author_key", "voice"):
        if name not in posts.columns:
            posts = posts.with_columns(pl.lit(None, dtype=pl.String).alias(name))
    days = select_negative(posts).select("row", published="day")
    items = select_negative(posts, period).join(days, on="row", maintain_order="left")
    items = items.filter(pl.col("day").is_not_null())
    if last is not None:
        items = items.filter(pl.col("published") <= last)
    rows = items["row"]
    items = items.with_columns(
        posts["author_key"].gather(rows),
        posts["voice"].gather(rows),
        codes=pl.col("grievances").list.join(";"),
    ).sort(
        ["family", "is_representative", "day", "text", "codes", "voice", "author_key"],
        descending=[False, True, *[False] * 5],
        nulls_last=True,
    )
    families = items.group_by("family", maintain_order=True).agg(
        pl.col("text").first(),
        pl.col("day").min(),
        pl.len().alias("items"),
        pl.col("author_key").drop_nulls(),
        pl.col("voice").first(),
        pl.col("grievances").first().fill_null([]),
    )
    periods = list_days(items, period)
    places = {day: place for place, day in enumerate(periods)}
    place = np.array([places[day] for day in families["day"]], dtype=np.int64)
    found = _Families(families, periods, place)
    lack = shortfall(found.totals, most=None, fewest=FEWEST_PERIODS)
    enough = len(periods) > 0 and lack is None
    return found if enough else None


def _may_be_negative(present: pl.Schema) -> pl.Expr:
    is_negative = pl.col("is_negative").fill_null(False)
    if "negative_probability" not in present:
        return is_negative
    return is_negative | (pl.col("negative_probability").fill_null(0) >= LEAST_PROBABILITY)


def _family_name(present: pl.Schema) -> pl.Expr:
    name = pl.col("text").cast(pl.String)
    if "family_id" in present:
        name = pl.col("family_id").cast(pl.String).fill_null(name)
    return name


def _name_families(posts: pl.LazyFrame) -> pl.Series:
    """Return the names of the families that may be looked at, each once."""
    present = posts.collect_schema()
    looked_at = posts.filter(_may_be_negative(present), pl.col("text").is_not_null())
    if "repeat_of" in present:
        looked_at = looked_at.filter(pl.col("repeat_of").is_null())
    if "is_in_window" in present:
        looked_at = looked_at.filter(pl.col("is_in_window").fill_null(True))
    names = looked_at.select(_family_name(present).unique().alias("name"))
    return names.collect(engine="streaming")["name"]


def draw_families(posts: pl.LazyFrame) -> tuple[pl.LazyFrame, Note | None]:
    """Keep the posts of at most 100,000 families, and say in Chinese and English that not all were.

    A share is compared, and those drawn have the shares of all; the draw depends on nothing but the
    names, so that no order of rows changes it.

    Parameters
    ----------
    posts
        Coded posts; of those on disk only names are read.

    Examples
    --------
    >>> draw_families(pl.LazyFrame({"text": ["迟迟不退款"], "is_negative": [True]}))[1] is None
    True
    """
    names = _name_families(posts)
    if len(names) <= _MOST_FAMILIES:
        return posts, None
    starts = range(0, len(names), _MOST_FAMILIES)
    hashes = np.concatenate(
        [hash_texts(names.slice(start, _MOST_FAMILIES).to_list(), 0) for start in starts]
    )
    drawn = names.filter(pl.Series(hashes <= np.sort(hashes)[_MOST_FAMILIES - 1]))
    kept = posts.filter(_family_name(posts.collect_schema()).is_in(drawn.implode()))
    part, whole = count_text(_MOST_FAMILIES), count_text(len(names))
    return kept, Note(
        f"新苗头是在 {whole} 组文本中抽出的 {part} 组里找的，条数只计抽中的各组",
        f"emerging grievances were looked for in {part} of {whole} families, drawn by a hash; "
        "their items are those of the families drawn",
        (_MOST_FAMILIES, len(names), len(names) - _MOST_FAMILIES),
    )


# What is scanned: words, and groups of the texts most like one text.

_FEWEST_TEXTS = 5
# A term of three texts names nothing, but it says that they are alike.
_FEWEST_OF_TERM = 3
_MOST_SEEDS = 5_000
_GROWTH_OF_GROUPS = 1.5
_LARGEST_GROUP = 60
_SHARE_OF_GROUP = 1 / 200
# A term of more texts than this says little of what one of them is about.
_COMMON = 0.05
# Groups that stand apart: the share of each size whose texts are most alike against those beyond.
_APART = 0.04
_LEAST_LIKENESS = 0.02
_CORES = (5, 8, 12)
_TERMS_OF_CORE = 40
_BATCH = 500
_DIGITS_OF_LIKENESS = 1e6
_WORDS, _GROUPS, _GROUPS_APART = range(3)


@dataclass(frozen=True)
class _Candidates:
    """Sets of families, listed as pairs of candidate and family, words before groups."""

    candidate: _Whole
    family: _Whole
    words: int
    scan: _Whole  # of each candidate: words, groups, groups that stand apart
    terms: Sequence[str]
    uses: Matrix  # families × terms
    may_name: _Flags  # of each term

    @property
    def number(self) -> int:
        """How many candidates there are."""
        return len(self.scan)

    @cached_property
    def sizes(self) -> _Whole:
        return np.bincount(self.candidate, minlength=self.number)

    @cached_property
    def starts(self) -> _Whole:
        """Where the families of each candidate begin, and the end."""
        return np.concatenate([[0], np.cumsum(self.sizes)])

    def members(self, candidate: int) -> _Whole:
        """Families of a candidate."""
        return self.family[self.starts[candidate] : self.starts[candidate + 1]]


def _list_candidates(texts: Sequence[str]) -> _Candidates:
    listed = list_terms(texts, _FEWEST_OF_TERM)
    uses = listed.held(len(texts)).astype(np.float32)
    frequency = np.bincount(uses.indices, minlength=len(listed.terms))
    by_term = uses[:, np.flatnonzero(frequency >= FEWEST_RISEN)].tocsc()
    words = by_term.shape[1]
    pairs = [(np.repeat(np.arange(words), np.diff(by_term.indptr)), by_term.indices)]
    scans = [np.full(words, _WORDS)]
    number = words
    near, likeness = _near_texts(uses, frequency, texts)
    for size in _group_sizes(len(texts)):
        full = np.flatnonzero((near[:, :size] >= 0).all(axis=1))
        pairs.append((np.repeat(np.arange(len(full)) + number, size), near[full, :size].ravel()))
        scans.append(np.where(_stand_apart(likeness[full], size), _GROUPS_APART, _GROUPS))
        number += len(full)
    candidate, family = (np.concatenate(part).astype(np.int64) for part in zip(*pairs, strict=True))
    return _Candidates(
        candidate,
        family,
        words,
        np.concatenate(scans),
        listed.terms,
        uses,
        listed.may_name,
    )


def _stand_apart(likeness: _Array, size: int) -> _Flags:
    """Say which groups of a size are most alike against the texts somewhat beyond them."""
    inside, beyond = likeness[:, :size], likeness[:, _beyond(size) : _beyond(_beyond(size))]
    ratio = inside.mean(axis=1) / np.maximum(beyond.mean(axis=1), _LEAST_LIKENESS)
    order = np.argsort(-ratio, kind="stable")
    found = np.zeros(len(ratio), dtype=np.bool_)
    found[order[: round(_APART * len(ratio))]] = True
    return found


def _beyond(size: int) -> int:
    return round(_GROWTH_OF_GROUPS * size)


def _group_sizes(texts: int) -> list[int]:
    sizes, size = [], float(FEWEST_RISEN)
    while size <= max(_LARGEST_GROUP, texts * _SHARE_OF_GROUP):
        sizes.append(round(size))
        size *= _GROWTH_OF_GROUPS
    return sizes


def _near_texts(uses: Matrix, frequency: _Whole, texts: Sequence[str]) -> tuple[_Whole, _Array]:
    """List the texts nearest to the core of some texts, nearest first, and how like it they are.

    A core is the mean of a text and those most like it, moved twice to more of those nearest to it:
    people tell one trick in many wordings, and the core holds more of them than any text.
    """
    count = len(texts)
    rare = np.flatnonzero(frequency <= max(_LARGEST_GROUP, _COMMON * count))
    # Squared, since what two texts share says more of them, the rarer it is.
    weights = (strict_log(count / frequency[rare]) ** 2).astype(np.float32)
    vectors = _unit(uses[:, rare] @ sparse.diags(weights))
    digests = [hashlib.blake2b(text.encode(), digest_size=8).digest() for text in texts]
    drawn = sorted(range(count), key=lambda row: (digests[row], row))[:_MOST_SEEDS]
    cores = vectors[np.sort(np.array(drawn, dtype=np.int64))]
    for size in _CORES:
        nearest, _ = _nearest(cores, vectors, size)
        rows, _ = held = np.nonzero(nearest >= 0)
        mean = sparse.csr_matrix(
            (np.ones(len(rows), dtype=np.float32), (rows, nearest[held])),
            shape=(len(nearest), count),
        )
        cores = _unit(_heaviest(mean @ vectors))
    return _nearest(cores, vectors, _beyond(_beyond(_group_sizes(count)[-1])))


def _unit(matrix: Matrix) -> Matrix:
    """Scale every row to length 1."""
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    scale = np.divide(1, length, out=np.zeros_like(length), where=length > 0)
    return (sparse.diags(scale.astype(np.float32)) @ matrix).tocsr()


def _heaviest(matrix: Matrix) -> Matrix:
    """Keep the heaviest terms of every row."""
    matrix = matrix.tocsr()
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    order = np.lexsort((matrix.indices, -matrix.data, rows))
    kept = order[np.arange(len(rows)) - matrix.indptr[rows] < _TERMS_OF_CORE]
    return sparse.csr_matrix(
        (matrix.data[kept], (rows[kept], matrix.indices[kept])), shape=matrix.shape
    )


def _nearest(queries: Matrix, vectors: Matrix, most: int) -> tuple[_Whole, _Array]:
    """List the rows nearest to each query and their cosines, ties in the order of the rows.

    Where fewer rows share anything with a query, the rest is −1 and 0.
    """
    found = np.full((queries.shape[0], most), -1, dtype=np.int64)
    cosines = np.zeros((queries.shape[0], most))
    turned = vectors.T.tocsr()
    for start in range(0, queries.shape[0], _BATCH):
        likeness = (queries[start : start + _BATCH] @ turned).tocsr()
        # Whole numbers that are all different, so that no sorting method can matter.
        scaled = np.rint(likeness.data.astype(np.float64) * _DIGITS_OF_LIKENESS).astype(np.int64)
        keys = likeness.indices - scaled * vectors.shape[0]
        for row, (begin, end) in enumerate(
            zip(likeness.indptr[:-1], likeness.indptr[1:], strict=True)
        ):
            mine = keys[begin:end]
            if len(mine) > most:
                mine = np.partition(mine, most - 1)[:most]
            mine = np.sort(mine)
            found[start + row, : len(mine)] = mine % vectors.shape[0]
            cosines[start + row, : len(mine)] = -(mine // vectors.shape[0]) / _DIGITS_OF_LIKENESS
    return found, cosines


def _count(
    candidates: _Candidates,
    families: _Families,
    chosen: _Whole | None = None,
    free: _Flags | None = None,
) -> _Whole:
    """Count candidates × periods: all, or some of them without families that are told already."""
    candidate, family = candidates.candidate, candidates.family
    number, periods = candidates.number, len(families.periods)
    if chosen is not None and free is not None:
        places = np.full(number, -1)
        places[chosen] = np.arange(len(chosen))
        kept = (places[candidate] >= 0) & free[family]
        candidate, family, number = places[candidate[kept]], family[kept], len(chosen)
    return _tabulate(candidate, families.place[family], number, periods)


def _tabulate(candidate: _Whole, place: _Whole, number: int, periods: int) -> _Whole:
    counted = np.bincount(candidate * periods + place, minlength=number * periods)
    return counted.reshape(number, periods)


def _bound(
    candidates: _Candidates, families: _Families, steps: Steps, seed: int
) -> tuple[float, _Array]:
    """Give what the largest of the whole scan reaches in 5 of 100 shuffles of days.

    Words, groups and groups that stand apart are each compared with the middle of their own
    largest ones, the handicap: or the many groups would set a bound that no rare word can reach,
    nor a group that is like nothing else.
    """
    generator = np.random.default_rng(seed)
    scans = [np.flatnonzero(candidates.scan == scan) for scan in range(_GROUPS_APART + 1)]
    largest = np.zeros((_SHUFFLES, len(scans)))
    for shuffle in range(_SHUFFLES):
        best = steps.best(
            candidates.starts, candidates.family, generator.permutation(families.place)
        )
        largest[shuffle] = [best[scan].max(initial=0.0) for scan in scans]
    middle = np.median(largest, axis=0)
    beyond = (largest - middle).max(axis=1)
    bound = float(np.sort(beyond)[-round(_ERROR * (_SHUFFLES + 1))])
    return bound, middle[candidates.scan]


# What is found: steps beyond the bound, those of the same families put together.

_SAME = 0.5
_VOTES = 0.2
_SHARED = 0.15


@dataclass(frozen=True)
class _Find:
    """Families of a find, what found it, and how likely each day is its first."""

    members: _Whole
    found_by: str
    onset: int
    low: int
    high: int
    terms: Sequence[str]


def _scan(families: _Families, seed: int) -> list[_Find]:
    """Find what is beyond chance, the largest ratio first, each without the families before it."""
    # A form whose fields are new is no grievance (安装服务：好，噪音大小：小).
    told = families.table["text"].to_list()
    texts = pl.Series("text", Boilerplate(find_fields(told)).blank(told), dtype=pl.String)
    candidates = _list_candidates(texts.to_list())
    steps = Steps(families.totals, int(candidates.sizes.max(initial=0)))
    if not candidates.number or not len(steps.days):
        return []
    bound, handicaps = _bound(candidates, families, steps, seed)
    ratios = steps.best(candidates.starts, candidates.family, families.place)
    left = np.flatnonzero(ratios - handicaps > bound)
    free = np.ones(len(families.place), dtype=np.bool_)
    finds: list[_Find] = []
    while len(left):
        found = steps.ratios(_count(candidates, families, left, free))
        best = found.max(axis=1) - handicaps[left]
        beyond = best > bound
        left, found, best = left[beyond], found[beyond], best[beyond]
        if len(left):
            lead = int(best.argmax())
            onset, low, high = _date(found[lead], steps.days)
            counts = _count(candidates, families, left[[lead]], free)[0]
            if found[lead].max() / spread_about(counts, families.totals, onset) < LARGEST_BY_CHANCE:
                left = np.delete(left, lead)
                continue
            risen = free & (families.place >= onset)
            members = _gather(candidates, int(left[lead]), left, risen)
            earlier = np.flatnonzero(free & (families.place < onset))
            held = candidates.members(int(left[lead]))
            finds.append(
                _Find(
                    np.union1d(members, np.intersect1d(held, earlier)),
                    "word" if left[lead] < candidates.words else "group",
                    onset, low, high, _name(candidates, members),
                )
            )  # fmt: skip
            free[members] = False
            left = np.delete(left, lead)
    return finds


def _gather(candidates: _Candidates, lead: int, others: _Whole, risen: _Flags) -> _Whole:
    """Families of a leading candidate since the onset, and those of candidates much like it."""
    core = np.zeros(len(risen), dtype=np.bool_)
    core[candidates.members(lead)] = True
    core &= risen
    votes, voters = core.astype(np.int64), 1
    for other in others.tolist():
        members = candidates.members(other)
        members = members[risen[members]]
        if other != lead and core[members].sum() >= _SAME * min(len(members), core.sum()):
            votes[members] += 1
            voters += 1
    chosen: _Whole = np.flatnonzero(core | (votes >= max(2.0, _VOTES * voters)))
    return chosen


def _date(ratios: _Array, days: _Whole) -> tuple[int, int, int]:
    """Give the likeliest first day, and the first and last of those that hold 95 % likelihood."""
    weight = np.where(ratios > 0, strict_exp((ratios - ratios.max()) / 2), 0.0)
    order = np.argsort(-weight, kind="stable")
    held = np.cumsum(weight[order]) / weight.sum()
    inside = days[order[: int(np.searchsorted(held, 0.95)) + 1]]
    return int(days[order[0]]), int(inside.min()), int(inside.max())


def _name(candidates: _Candidates, members: _Whole) -> list[str]:
    """Choose the whole terms that tell the families from the others, the most telling first."""
    inside = np.asarray(candidates.uses[members].sum(axis=0)).ravel()
    everywhere = np.asarray(candidates.uses.sum(axis=0)).ravel()
    expected = everywhere * len(members) / candidates.uses.shape[0]
    ratio = np.divide(inside, expected, out=np.ones_like(inside), where=expected > 0)
    weights = inside * np.log(np.where(inside > 0, ratio, 1))
    # What one wording alone repeats names the wording; the find is what many of them share.
    shared = inside >= max(_FEWEST_TEXTS, _SHARED * len(members))
    telling = (inside > expected) & (shared if shared.any() else inside >= _FEWEST_TEXTS)
    # A name of a fixed phrase is better than none.
    named = telling & candidates.may_name
    return name_cluster(np.where(named if named.any() else telling, weights, 0.0), candidates.terms)


# What is told of a find.

_DIGITS = 6
_MOSTLY = 0.5
_KNOWN = 0.75
_POSTS_OF_CAMPAIGN = 2.0
_VOICES = {"marketing": "advert", "merchant": "advert", "media": "news", "official": "news"}
UNKNOWN = "unknown"


def _rows(families: _Families | None, finds: Sequence[_Find], seed: int) -> list[dict[str, object]]:
    """Describe the finds since their onset, the surest first."""
    if families is None:
        return []
    rows = [_describe(families, find, seed) for find in finds]
    rows.sort(
        key=lambda row: (-float(str(row["certainty"])), -int(str(row["items"])), row["label"])
    )
    return [{"cluster": number, **row} for number, row in enumerate(rows)]


def _describe(families: _Families, find: _Find, seed: int) -> dict[str, object]:
    place = families.place[find.members]
    risen = families.table[find.members[place >= find.onset].tolist()]
    authors = risen["author_key"].explode().drop_nulls()
    days = (find.onset, find.low, find.high)
    onset, low, high = (families.periods[day].isoformat() for day in days)
    code, share, dispersion = _codes(risen["grievances"].to_list())
    return {
        "label": "·".join(find.terms[:LABEL_TERMS]),
        "items": int(risen["items"].sum()),
        "onset": onset,
        "onset_low": low,
        "onset_high": high,
        "certainty": round(_certainty(place, families.totals, seed), _DIGITS),
        "families": risen.height,
        "authors": authors.n_unique() if len(authors) else None,
        "purity": round(_purity(place, find.onset, families.totals), _DIGITS),
        "code_dispersion": round(dispersion, _DIGITS),
        "top_grievance": code,
        "new_wording_of": code if code and share >= _KNOWN else UNKNOWN,
        "find_kind": _kind(risen["voice"].to_list(), len(authors), authors.n_unique()),
        "found_by": find.found_by,
        "terms": "、".join(find.terms),
    }


def _purity(place: _Whole, onset: int, totals: _Whole) -> float:
    """Share of the families since the onset that the level before it does not explain."""
    before, later = int((place < onset).sum()), int((place >= onset).sum())
    usual = before * totals[onset:].sum() / totals[:onset].sum()
    return float(max(0.0, 1 - usual / later))


def _certainty(place: _Whole, totals: _Whole, seed: int) -> float:
    """Share of resamples of the families that see a step beyond one series' chance."""
    counts = np.bincount(place, minlength=len(totals))
    generator = np.random.default_rng(seed)
    drawn = generator.multinomial(len(place), counts / len(place), _RESAMPLES)
    ratios = Steps(totals, len(place)).ratios(drawn)
    return float((ratios.max(axis=1) > LARGEST_BY_CHANCE).mean())


def _codes(listed: Sequence[Sequence[str]]) -> tuple[str, float, float]:
    """Give the commonest code, the share that carries it, and how evenly codes are spread."""
    flat = [code for codes in listed for code in codes or [""]]
    codes, counts = np.unique(flat, return_counts=True)
    named = codes != ""
    top = int(np.argmax(np.where(named, counts, -1))) if named.any() else None
    shares = counts / counts.sum()
    evenness = -(shares * strict_log(shares)).sum() / strict_log(max(2, len(codes)))
    spread = evenness if len(codes) > 1 else 0.0
    if top is None:
        return "", 0.0, float(spread)
    return str(codes[top]), float(counts[top] / len(listed)), float(spread)


def _kind(voices: Sequence[str | None], posts: int, authors: int) -> str:
    """Tell a grievance from an advert, news, or a campaign of few authors."""
    for kind in ("advert", "news"):
        if sum(_VOICES.get(voice or "") == kind for voice in voices) >= _MOSTLY * len(voices):
            return kind
    return "campaign" if authors and posts >= _POSTS_OF_CAMPAIGN * authors else "grievance"
