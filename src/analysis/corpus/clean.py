"""Normalise the text of posts, so that the same words are the same characters.

What is done, in this order: HTML entities and markup; invisible characters; NFKC (Chinese
punctuation and ellipses stay); the quoted chain of a repost is cut off; leftovers of collectors
(`收起d`, `O网页链接`; a text that a page cut, `…全文`, ends in `…`); runs of one mark or emoji down
to three; white space to single spaces. Rows that changed go round again until they stand, which
makes the function idempotent.

Quoted chains: `自己的话//@小王:别人的话` becomes `自己的话`, since the last writer's own words
decide. A repost without own words (`转发微博`, `//@小王:…`) becomes an empty text: it voices
nothing of its own, and stays in the corpus as a row that carries no grievance.

Hashtags, emoji and `[表情]` stay. Traditional characters stay: scorers convert them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.corpus.clean_gate import (
    HOLDS_INVISIBLE,
    HOLDS_UNSTABLE,
    MAY_BE_WORDLESS,
    MAY_HOLD_CHAIN,
    MAY_HOLD_ENTITY,
    MAY_HOLD_RUN,
    MAY_HOLD_SPACE,
    MAY_HOLD_TAG,
    MAY_HOLD_TAIL,
    ask_rules,
)
from analysis.corpus.clean_markup import ENTITY, decode_entities, strip_markup
from analysis.corpus.clean_patterns import (
    CUT,
    EMOJI,
    EMPTY_FORWARD,
    INVISIBLE,
    KEPT,
    QUOTED_CHAIN,
    REPEATABLE,
    STABLE,
    UNFOLDED,
    WHITE,
)
from analysis.frames import Frame, Texts, like_texts, put_columns, take_columns, take_texts

_MAXIMUM_ROUNDS = 16
_ENTITY = ENTITY.pattern
_TAG_START = "<[!/a-zA-Z]"
_UNSTABLE = f"[^{STABLE}{WHITE}{KEPT}]"
# Kept characters hide in the private area during NFKC; that area was emptied before.
_HIDE = {mark: chr(0xE000 + place) for place, mark in enumerate(KEPT)}
_SHOW = {hidden: mark for mark, hidden in _HIDE.items()}

_WORDLESS = f"^{EMPTY_FORWARD}[。.!！…]*$"
_TAILS = (
    (CUT, "…"),
    (UNFOLDED, ""),
    (r"O网页链接", ""),
    (r" *L[^ ]{1,30}的微博视频$", ""),
    (r" *\[组图共[0-9]+张\](?: *原图)?$", ""),
)
_TAIL = "全文c?d?$|展开c?$|(?:收起|全文)d$|O网页链接|的微博视频$|原图$|张\\]$"

_RUN = re.compile(rf"([{REPEATABLE}{EMOJI}]|\[[^\[\]]{{1,8}}\])\1{{3,}}")
_RUN_LIKELY = rf"[{REPEATABLE}]{{4}}|[{EMOJI}]{{4}}|(?:\[[^\[\]]{{1,8}}\]){{4}}"


def clean(posts: Frame, text: str | Sequence[str] = "text", *, title: str = "title") -> Frame:
    """Normalise the text of posts; a title that the text lacks is put before it.

    Parameters
    ----------
    posts
        pandas or Polars frame.
    text
        Column of the text, or several; each is normalised by itself.
    title
        Column of titles. Where the frame has it, the (first) text becomes `title。text`, as a
        whole report counts it, unless it holds the title already.

    Returns
    -------
    The same kind of frame
        Rows, order, index and columns as given, the text replaced.

    Raises
    ------
    CaodianError
        When a text column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> posts = pd.DataFrame({"title": ["退款"], "text": ["ＯＫ　不退<br>！！！！！"]}, index=[5])
    >>> clean(posts)["text"]
    5    退款。OK 不退 ！！！
    Name: text, dtype: str
    """
    columns = [text] if isinstance(text, str) else list(text)
    taken = take_columns(posts, columns, [title])
    cleaned = {name: clean_texts(taken[name].cast(pl.String)) for name in columns}
    if title in taken.columns and title not in columns:
        whole = put_title_before(clean_texts(taken[title].cast(pl.String)), cleaned[columns[0]])
        cleaned[columns[0]] = whole
    return put_columns(posts, pl.DataFrame(cleaned))


def put_title_before(titles: pl.Series, texts: pl.Series) -> pl.Series:
    """Return texts with the title before each, where the text does not hold the title.

    Both are cleaned, and what comes out is clean: doing it again changes nothing.

    Examples
    --------
    >>> titles, texts = pl.Series(["退款", "慢", None]), pl.Series(["不退", "发货慢", "好"])
    >>> put_title_before(titles, texts).to_list()
    ['退款。不退', '发货慢', '好']
    """
    rows = titles.is_not_null().arg_true()
    if rows.is_empty():
        return texts
    title, text = pl.col("title"), pl.col("text").fill_null("")
    needed = ~text.str.contains(title, literal=True)  # an empty title is in every text
    joined = pl.when(text == "").then(title).otherwise(title + "。" + text)
    titled = pl.DataFrame({"title": titles.gather(rows), "text": texts.gather(rows)})
    whole = titled.select(pl.when(needed).then(joined).otherwise(pl.col("text"))).to_series()
    return texts.clone().scatter(rows, clean_texts(whole))


def clean_texts(texts: Texts) -> Texts:
    """Normalise texts.

    Parameters
    ----------
    texts
        Strings as exported: a Polars or pandas series, or a list.

    Returns
    -------
    The same kind
        Normalised texts, in the same order; null stays null.

    Examples
    --------
    >>> posts = ["ＯＰＰＯ　手机<br>太坑！！！！！！展开c", "转发微博//@小王:坑", None]
    >>> clean_texts(posts)
    ['OPPO 手机 太坑！！！', '', None]
    """
    return like_texts(texts, _clean_series(take_texts(texts)))


def _clean_series(texts: pl.Series) -> pl.Series:
    words = ask_rules(texts)
    rows = np.flatnonzero(words)
    if not rows.size:
        return texts
    cleaned, places, asked = texts.gather(rows), np.arange(rows.size), words[rows]
    for _ in range(_MAXIMUM_ROUNDS):
        before = cleaned.gather(places)
        after = _clean_once(before, asked)
        changed = after.ne_missing(before)
        places, after = places[changed], after.filter(changed)
        cleaned = cleaned.scatter(places, after)
        asked = ask_rules(after)
        places, asked = places[asked > 0], asked[asked > 0]
        if not places.size:
            break
    return texts.scatter(rows, cleaned)


def _clean_once(texts: pl.Series, words: npt.NDArray[np.uint64]) -> pl.Series:
    """Apply each rule to the texts that it can change, or that another has changed before."""
    texts = texts.clone()  # `scatter` works in place, here and in the rules
    is_changed = np.zeros(len(texts), bool)
    for condition, rule in _RULES:
        rows = np.flatnonzero(is_changed | (words & np.uint64(condition) > 0))
        if not rows.size:
            continue
        before = texts.gather(rows)
        after = rule(before.clone())
        changed = after.ne_missing(before).to_numpy()
        is_changed[rows[changed]] = True
        texts = texts.scatter(rows[changed], after.filter(changed))
    return texts


def _rewrite(texts: pl.Series, where: str, change: Callable[[str], str]) -> pl.Series:
    """Apply a slow rule to the texts that a fast pattern finds."""
    rows = texts.str.contains(where).arg_true()
    if rows.is_empty():
        return texts
    changed = [change(text) for text in texts.gather(rows).to_list()]
    return texts.scatter(rows, pl.Series(changed, dtype=pl.String))


def _normalise(texts: pl.Series) -> pl.Series:
    """NFKC where it can change anything, around the characters that are kept."""
    rows = texts.str.contains(_UNSTABLE).arg_true()
    if rows.is_empty():
        return texts
    hidden = texts.gather(rows).str.replace_many(_HIDE)
    return texts.scatter(rows, hidden.str.normalize("NFKC").str.replace_many(_SHOW))


def _shorten_runs(text: str) -> str:
    return _RUN.sub(r"\1\1\1", text)


def _cut_tails(texts: pl.Series) -> pl.Series:
    rows = texts.str.contains(_TAIL).arg_true()
    if rows.is_empty():
        return texts
    cut = texts.gather(rows)
    for pattern, replacement in _TAILS:
        cut = cut.str.replace_all(pattern, replacement)
    return texts.scatter(rows, cut)


def _fold_white(texts: pl.Series) -> pl.Series:
    return texts.str.replace_all(f"[{WHITE}][ {WHITE}]*|  +", " ").str.strip_chars(" ")


_RULES: tuple[tuple[int, Callable[[pl.Series], pl.Series]], ...] = (
    (MAY_HOLD_ENTITY, lambda texts: _rewrite(texts, _ENTITY, decode_entities)),
    (MAY_HOLD_TAG, lambda texts: _rewrite(texts, _TAG_START, strip_markup)),
    (HOLDS_INVISIBLE, lambda texts: texts.str.replace_all(f"[{INVISIBLE}]+", "")),
    (HOLDS_UNSTABLE, _normalise),
    (MAY_HOLD_CHAIN, lambda texts: texts.str.replace(QUOTED_CHAIN, "")),
    (MAY_HOLD_TAIL, _cut_tails),
    (MAY_HOLD_RUN, lambda texts: _rewrite(texts, _RUN_LIKELY, _shorten_runs)),
    (MAY_HOLD_SPACE, _fold_white),
    (MAY_BE_WORDLESS, lambda texts: texts.str.replace(_WORDLESS, "")),
)
