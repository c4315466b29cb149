"""Replace what identifies a person with one of thirteen tokens (【电话】, 【姓名】 …).

Works on cleaned and on raw text, and changes nothing but what it masks. Masked text is searched
again until nothing is found, so masking twice changes nothing. Hotlines (400, 95xxx, 106, 12315),
starred numbers, prices, dates, models and product codes stay; so do surnames with a title
(王女士), accounts of firms and offices (`@京东客服`), and the name of a platform that another
account begins with (`@京东小王` becomes `京东【账号】`: which platform is named is counted later).

Columns are masked by compiled functions (`engine/masking.py`), single texts in Python: the readable
way, which also takes the few rows that the other one cannot settle.
"""

from __future__ import annotations

import hmac
import json
import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from hashlib import sha256
from itertools import count, zip_longest
from pathlib import Path, PurePath
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.corpus import mask_accounts, mask_numbers
from analysis.corpus.mask_accounts import (
    ACCOUNT_PARTS,
    CHAT_FINDERS,
    HANDLE_FINDERS,
    LINK_FINDERS,
    PLATFORM,
)
from analysis.corpus.mask_finders import (
    HAN,
    HAN_DIGITS,
    HAN_VALUES,
    PLAIN,
    TOKENS,
    AsKind,
    Finder,
    Reading,
    Span,
    but,
    characters,
    number_of_group,
    plain,
)
from analysis.corpus.mask_numbers import (
    DOCUMENT_FINDERS,
    LAST_FINDERS,
    LONG_NUMBER_FINDERS,
    NUMBER_PARTS,
    ORDER_FINDERS,
    PHONE_FINDERS,
)
from analysis.corpus.mask_tagger import find_tagged
from analysis.engine import masking, regex_program
from analysis.engine.flat_columns import TextBuffers, read_only, text_buffers, text_series
from analysis.engine.masking import KINDS, MOST, counts_by_kind
from analysis.engine.regex_program import PatternProgram, build_program
from analysis.engine.regex_search import Prospects, search_room, words_as_points
from analysis.errors import CaodianError
from analysis.frames import (
    Frame,
    Texts,
    as_names,
    as_texts,
    like_texts,
    put_columns,
    take_columns,
    take_texts,
)
from analysis.storage.run_paths import project_secret
from analysis.storage.table_cache import Arrays, load_arrays

# All finders in order of trust: what an earlier finder took, a later one does not get.

_FINDERS: tuple[Finder, ...] = (
    *LINK_FINDERS,
    *CHAT_FINDERS,
    *ORDER_FINDERS,
    *DOCUMENT_FINDERS,
    *LONG_NUMBER_FINDERS,
    *PHONE_FINDERS,
    *HANDLE_FINDERS,
    *LAST_FINDERS,
)


# All that identifies in one text: every kind's spans, without overlaps.


def find_personal_data(text: str) -> list[Span]:
    """Return what identifies in a text, by place; tokens that stand there already are no finds.

    Parameters
    ----------
    text
        Cleaned or raw.

    Returns
    -------
    list of Span
        Disjoint spans with their kinds, in order.

    Examples
    --------
    >>> find_personal_data("收件人：李小红 １３８-1234-5678")
    [Span(start=4, end=7, kind='name'), Span(start=8, end=21, kind='phone')]
    """
    taken = _find_numbers(text)
    rest = [*text]
    for start, end, _ in taken:
        rest[start:end] = "\0" * (end - start)
    _take_disjoint(taken, find_tagged(pl.Series(["".join(rest)])).get(0, []))
    return taken


def _find_numbers(text: str) -> list[Span]:
    folded, taken = plain(text), list[Span]()
    for finder in _FINDERS:
        _take_disjoint(taken, finder.spans(folded))
    return taken


def _take_disjoint(taken: list[Span], spans: Iterable[Span]) -> None:
    """Add the spans that overlap none of those that are taken, which stay in order."""
    for span in spans:
        place = bisect_left(taken, span)
        is_free = place == 0 or taken[place - 1].end <= span.start
        if is_free and (place == len(taken) or span.end <= taken[place].start):
            taken.insert(place, span)


# What the compiled masking needs to know of the finders: it takes all of it from them.
#
# The patterns of the modules `mask_accounts`, `mask_addresses`, `mask_names` and `mask_numbers`,
# and what settles their matches, are compiled into one program. The readings, functions in Python
# there, are written once more in `engine/masking.py`; a test compares both ways.

_DIGITS = "0123456789"
_READINGS: dict[Reading, int] = {
    mask_accounts.read_handles: masking.HANDLES,
    mask_accounts.read_accounts: masking.ACCOUNTS,
    mask_numbers.read_orders: masking.ORDERS,
    mask_numbers.read_long_numbers: masking.LONG_NUMBERS,
}


class _Masked(NamedTuple):
    """Rows of texts in which something is found, and those that only Python can settle."""

    rows: npt.NDArray[np.int32]
    texts: TextBuffers
    packed: npt.NDArray[np.int64]
    unsettled: npt.NDArray[np.int32]


def _mask_buffers(texts: TextBuffers) -> _Masked:
    """Mask texts; the counts by kind are packed (`engine/masking.py`)."""
    symbols = search_room(texts)
    room = symbols, np.empty((MOST + 2, 4), np.int64)
    rows: npt.NDArray[np.int32] = np.empty(len(texts), np.int32)
    packed: npt.NDArray[np.int64] = np.empty(len(texts), np.int64)
    ends, unsettled = np.empty(len(texts) + 1, np.int64), np.empty_like(rows)
    results = rows, ends, packed, unsettled
    excluded, bundle, tokens, learning = _tables()
    with learning.lent() as prospects:
        data, count, left = masking.mask_rows(
            texts.data, texts.offsets, excluded, bundle, tokens, prospects, room, results
        )
    masked = read_only(ends[: count + 1], data)
    return _Masked(rows[:count], masked, packed[:count], unsettled[:left])


@cache
def _tables() -> tuple[Any, ...]:
    settling = ACCOUNT_PARTS | NUMBER_PARTS
    parts = [settling[name] for name in masking.PARTS]
    patterns = [finder.pattern for finder in _FINDERS]
    program = _program(patterns, PLAIN, parts, _DIGITS + HAN_DIGITS)
    bundle = (
        program.tables,
        (program.entries[len(patterns) :], program.firsts),
        _values(program),
        np.array([*map(_reading, _FINDERS)], np.int64),
    )
    return words_as_points(list(TOKENS.values())), bundle, _tokens(), Prospects(program)


def _program(
    patterns: Sequence[re.Pattern[str]],
    folded: Mapping[int, str],
    parts: Sequence[re.Pattern[str]],
    apart: str,
) -> PatternProgram:
    """Return the program of patterns, written when one of them is new: that takes two seconds."""
    made: list[Arrays] = []

    def build() -> Arrays:
        made.append(vars(build_program(patterns, folded, parts, apart)))
        return made[0]

    texts = [[(one.pattern, one.flags) for one in given] for given in (patterns, parts)]
    asked = repr((texts, sorted(folded.items()), apart, unicodedata.unidata_version))
    digest = sha256(asked.encode() + Path(regex_program.__file__).read_bytes())
    try:
        kept = load_arrays(f"patterns-{digest.hexdigest()[:16]}", build)
    except CaodianError:
        if not made:
            raise
        kept = made[0]  # nowhere to keep it
    # In memory of their own: Numba would compile everything again for arrays it may not write to.
    return PatternProgram(**{name: np.array(array) for name, array in kept.items()})  # type: ignore[arg-type]


def _values(program: PatternProgram) -> npt.NDArray[np.int8]:
    """Return which digit each symbol is, -1 for others."""
    values = np.full(program.leaps.shape[1], -1, np.int8)
    for mark, value in zip(_DIGITS + HAN_DIGITS, _DIGITS + HAN_VALUES, strict=True):
        values[program.symbols[ord(mark)]] = int(value)
    return values


def _reading(finder: Finder) -> tuple[int, int, int]:
    """Return how a finder's matches are read; the kind and the group's place, or least evidence."""
    if isinstance(finder.read, AsKind):
        group = finder.read.group
        place = 2 * number_of_group(finder.pattern, str(group)) - 1 if group else 0
        return masking.AS_KIND, KINDS.index(finder.read.kind), place
    return _READINGS[finder.read], 0, 0


def _tokens() -> npt.NDArray[np.uint8]:
    written = [TOKENS[kind].encode() for kind in KINDS]
    rows = np.zeros((len(KINDS), 1 + max(map(len, written))), np.uint8)
    for row, token in zip(rows, written, strict=True):
        row[: 1 + len(token)] = [len(token), *token]
    return rows


# Columns that hold words of an export, whatever it wrote into them.
FIELDS = (
    "title", "target", "demand", "url", "keyword", "region", "status", "author_type", "channel",
    "source", "kind",
)  # fmt: skip


def mask(
    posts: Frame,
    text: str | Sequence[str] = "text",
    *,
    fields: Sequence[str] = FIELDS,
    secret: bytes | None = None,
) -> Frame:
    """Replace what identifies a person in the text of posts with tokens such as 【电话】.

    Parameters
    ----------
    posts
        pandas or Polars frame.
    text
        Column of the text, or several.
    fields
        Further columns that may name a person; those that the frame has are masked too.
    secret
        With which ids that name a person are hidden, as `hide_ids` does: `post_id`, `parent_id`,
        `author_key` and the key in `repeat_of`. By default the project's, which is made when it is
        first needed. One secret gives one id the same hash in every frame, so that frames and
        builds are joined as before; who needs an id as it was keeps it in a column of their own.

    Returns
    -------
    The same kind of frame
        Those columns masked, and `masked`: what was found in the text, by kind, as JSON. Ids in
        which nothing was found, and their types, are as they were.

    Raises
    ------
    CaodianError
        When a text column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> posts = mask(pd.DataFrame({"text": ["打13812345678没人接", "王女士说好"]}))
    >>> posts["text"].tolist(), posts["masked"].tolist()
    (['打【电话】没人接', '王女士说好'], ['{"phone":1}', '{}'])
    """
    columns = as_names(text)
    taken = take_columns(posts, columns, fields)
    found = {name: _mask_series(as_texts(taken[name]).alias("text")) for name in columns}
    changed = {name: texts for name, (texts, _) in found.items()}
    changed |= {
        name: _mask_distinct(taken[name].alias("cell"))
        for name in taken.columns
        if name not in found
    }
    changed["masked"] = _total([counts for _, counts in found.values()])
    changed |= _hide_keys(take_columns(posts, [], IDS), secret or cache(project_secret))
    return put_columns(posts, pl.DataFrame(changed))


Secret = bytes | Callable[[], bytes]
IDS = ("post_id", "parent_id", "author_key", "repeat_of")


def _hide_keys(posts: pl.DataFrame, secret: Secret) -> dict[str, pl.Series]:
    """Hide what names a person in the ids of posts, and in the keys that repeat them."""
    ids = {name: as_texts(posts[name]) for name in IDS[:-1] if name in posts.columns}
    keyed = {name: hide_ids(column, secret) for name, column in ids.items()}
    hidden = {name: column for name, column in keyed.items() if (column != ids[name]).any()}
    if "repeat_of" in posts.columns:
        repeated = posts["repeat_of"].cast(pl.String)
        source, post = repeated.str.extract_groups(r"^([^:]*):(.*)$").struct.unnest()
        key = (_mask_distinct(source) + ":" + hide_ids(post, secret)).alias("repeat_of")
        hidden["repeat_of"] = key.fill_null(hide_ids(repeated, secret))
    return hidden


def _total(counts: list[pl.Series]) -> pl.Series:
    """Add up the counts of all columns, row by row."""
    total = counts[0].alias("masked")
    for column in counts[1:]:
        rows = (column != "{}").arg_true()
        pairs = zip(total.gather(rows), column.gather(rows), strict=True)
        sums = [_as_json(Counter(json.loads(one)) + Counter(json.loads(two))) for one, two in pairs]
        total = total.clone().scatter(rows, pl.Series(sums, dtype=pl.String))
    return total


def _mask_distinct(texts: pl.Series) -> pl.Series:
    """Mask a column that is mostly empty, or repeats itself: each distinct text once."""
    if not texts.count():
        return texts
    texts = texts.cast(pl.String)
    distinct = texts.drop_nulls().unique()
    masked, _ = _mask_series(distinct)
    is_changed = masked != distinct
    if not is_changed.any():
        return texts
    return texts.replace(distinct.filter(is_changed), masked.filter(is_changed))


def mask_texts(texts: Texts) -> tuple[Texts, Texts]:
    """Mask texts and count what was masked.

    Parameters
    ----------
    texts
        Strings, cleaned or raw: a Polars or pandas series, or a list.

    Returns
    -------
    tuple of two of the same kind
        Masked texts, null where null; and counts by kind as JSON objects with sorted keys.

    Examples
    --------
    >>> mask_texts(["打138 1234 5678没人接", "打12315"])
    (['打【电话】没人接', '打12315'], ['{"phone":1}', '{}'])
    """
    masked, counts = _mask_series(take_texts(texts))
    return like_texts(texts, masked), like_texts(texts, counts)


# Ids that are nothing else, told at once: short, or as long as those of sites, which do not begin
# as Chinese bank cards do (62) and have not the 15 or 18 digits of an identity card.
_SITE_ID = "(?:[1-57-9][0-9]|6[013-9])"
_MERE_ID = (
    rf"^(?:[a-z]?[0-9]{{1,10}}|[0-9a-f]{{1,10}}|[0-9a-f]{{20,}}"
    rf"|{_SITE_ID}(?:[0-9]{{12}}|[0-9]{{14,15}}|[0-9]{{17,}}))$"
)
_ALL_DIGITS = r"^[0-9]+$"
_ORDERS = ('{"order_no":1}', '{"bank_card":1}')
_CHINESE_CARD = "62"  # the ids of sites, as long as a card's number, begin otherwise
_ID_LENGTH = 20


def hide_ids(ids: pl.Series, secret: Secret) -> pl.Series:
    """Put a keyed hash in the place of an id that names a person: a telephone number, an address.

    Equal ids stay equal, so that what answers a post still finds it. A long number without a word
    beside it is what sites call their posts by, and stays, unless it is a bank card's.

    Parameters
    ----------
    ids
        Strings, null where a post has none.
    secret
        Of the project: who lacks it cannot try out all telephone numbers. Or what gives it, which
        is asked when an id names a person.

    Examples
    --------
    >>> hide_ids(pl.Series(["4512345678901234", "13812345678", None]), b"key").to_list()
    ['4512345678901234', 'a314f9149c1e08083918', None]
    """
    asked = ids.filter(ids.is_not_null() & ~ids.str.contains(_MERE_ID)).unique()
    if asked.is_empty():
        return ids
    _, counts = mask_texts(asked)
    is_number = asked.str.contains(_ALL_DIGITS) & ~(
        (counts == _ORDERS[1]) & asked.str.starts_with(_CHINESE_CARD)
    )
    named = asked.filter((counts != "{}") & ~(is_number & counts.is_in(_ORDERS)))
    if named.is_empty():
        return ids
    key = secret if isinstance(secret, bytes) else secret()
    keyed = [hmac.digest(key, one.encode(), "sha256").hex()[:_ID_LENGTH] for one in named]
    return ids.replace(named, pl.Series(keyed, dtype=pl.String))


def hide_names(names: Sequence[str]) -> list[str]:
    """Call files that name a person `export-1.csv`, by their place among all; others as they are.

    Parameters
    ----------
    names
        Of files or folders, or paths.

    Examples
    --------
    >>> hide_names(["六月.csv", "联系人王小明13812345678.csv", "赵六.csv"])
    ['六月.csv', 'export-2.csv', 'export-3.csv']
    """
    shown = [
        name if "://" in name or hidden == name else ""  # a database is no file
        for name, hidden in zip(names, _hide(names), strict=True)
    ]
    for place, name in enumerate(names):
        if not shown[place]:
            ending = "".join(PurePath(name).suffixes[-2:])
            is_ending = ending.isascii() and ending.replace(".", "").isalpha()
            free = (f"export-{n}{ending if is_ending else ''}" for n in count(place + 1))
            shown[place] = next(one for one in free if one not in shown)
    return shown


def hide_words(words: str) -> str:
    r"""Mask a name, which may hold bytes that are no text; one that names nobody stays as it is.

    Examples
    --------
    >>> hide_words("打13812345678"), hide_words("\udcff.csv")
    ('打【电话】', '\udcff.csv')
    """
    # What stands in brackets may be a name by itself, and the sentence around it is not of a post.
    parts = _BRACKETS.split(_hide([words])[0])
    between = zip_longest(_hide(parts[::2]), parts[1::2], fillvalue="")
    return "".join(hidden + bracket for hidden, bracket in between)


_BRACKETS = re.compile(r"([()（）])")


def _hide(words: Sequence[str]) -> list[str]:
    """Mask names as posts are, without the patterns of a single text, which compile for seconds."""
    readable = [one.encode("utf-8", "replace").decode() for one in words]
    found = _mask_series(pl.Series(readable, dtype=pl.String))[0]
    masked = [_STAND_IN.sub(TOKENS["name"], one) for one in found]
    return [
        one if hidden == told else hidden
        for one, told, hidden in zip(words, readable, masked, strict=True)
    ]


# 张三 and 赵六 are nobody in a post, and somebody where a file or a sheet is called so.
_STAND_IN = re.compile(
    rf"(?<![{HAN}])"
    rf"[钱{but(characters('pure_surnames') + characters('nearly_pure_surnames'), '周')}]"
    rf"[一二三四五六七八九十](?![{HAN}])"
)


def _mask_series(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Mask numbers and accounts by their shapes, then names and addresses by the tagger."""
    return _mask_tagged(*_mask_shapes(texts))


def _mask_shapes(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    counts = pl.Series("masked", ["{}"], dtype=pl.String).new_from_index(0, len(texts))
    masked = texts.clone()
    found = _mask_buffers(text_buffers(texts))
    rows, unsettled = found.rows, [found.unsettled]
    while rows.size:
        kinds, places = np.unique(found.packed, return_inverse=True)
        by_kind = pl.Series(map(_packed_as_json, kinds.tolist()), dtype=pl.String).gather(places)
        counts = counts.scatter(rows, _total([by_kind, counts.gather(rows)]))
        masked = masked.scatter(rows, text_series(found.texts))
        # In what is masked hardly ever something is found again.
        found = _mask_buffers(found.texts)
        unsettled.append(rows[found.unsettled])
        rows = rows[found.rows]
    left = np.concatenate(unsettled)
    if left.size:
        by_python = [_mask_numbers(text) for text in texts.gather(left)]
        masked = masked.scatter(left, [text for text, _ in by_python])
        counts = counts.scatter(left, [_as_json(found) for _, found in by_python])
    return masked, counts


def _mask_tagged(masked: pl.Series, counts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Mask names and addresses, until none is found."""
    rows = np.arange(len(masked))
    while found := find_tagged(masked.gather(rows)):
        rows = rows[[*found]]
        pairs = zip(masked.gather(rows), found.values(), strict=True)
        named = pl.Series([_replace(text, spans) for text, spans in pairs])
        told = [_as_json(Counter(span.kind for span in spans)) for spans in found.values()]
        again, more = _mask_shapes(named)  # a token beside it may set a number off
        masked = masked.scatter(rows, again)
        counts = counts.scatter(rows, _total([pl.Series(told), more, counts.gather(rows)]))
    return masked, counts


def _mask_numbers(text: str) -> tuple[str, Counter[str]]:
    """Mask the numbers and accounts of one text; return it with the number of finds by kind."""
    counts: Counter[str] = Counter()
    while spans := _find_numbers(text):
        counts.update(span.kind for span in spans)
        text = _replace(text, spans)
    return text, counts


def _replace(text: str, spans: list[Span]) -> str:
    """Put tokens in the places of disjoint spans, which are in order."""
    folded = plain(text)
    parts, last = [], 0
    for start, end, kind in spans:
        parts.append(text[last:start])
        if kind == "handle" and (platform := PLATFORM.match(folded, start, end)):
            parts.append(text[start + 1 : platform.end()])
        parts.append(TOKENS[kind])
        last = end
    return "".join([*parts, text[last:]])


@lru_cache(4096)
def _packed_as_json(packed: int) -> str:
    return _as_json(counts_by_kind(packed))


def _as_json(counts: Mapping[str, int]) -> str:
    return json.dumps(counts, separators=(",", ":"), sort_keys=True)
