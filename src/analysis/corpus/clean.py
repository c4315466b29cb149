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

`own_words` goes further, for scorers and coders alone: what shops, developers and sites put into a
text is not its writer's. The text that is kept and published knows nothing of that.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.engine.character_scan import CharacterScan
from analysis.engine.flat_columns import text_buffers
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

# What `clean` takes for white space, noise, markup and collectors' leftovers.
#
# Classes are written out, never `\s` or `\w`: engines disagree on those (RE2 reads `\s` as
# ASCII, Rust as Unicode with U+3000), and `\w` matches Han characters.

# White space of Unicode, without the plain space.
_WHITE = "\t\n\x0b\x0c\r\x1c-\x1f\x85\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"

# Control characters, zero-width and direction marks, variation selectors, tags, and the private
# areas, from which sites draw icons. They show nothing, and people hide words with them.
_INVISIBLE = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\ue000-\uf8ff\U000e0000-\U000e0fff\U000f0000-\U000ffffd\U00100000-\U0010fffd"
)

# NFKC would turn these into ASCII, or break them into a space and an accent. Chinese punctuation
# stays as it is written (sentence rules and SnowNLP's stop words read it), and so do ellipses
# and the accents that text faces are made of.
_KEPT = "，！？：；（）～…‥¨¯´¸˘˙˚˛˜˝‾﹉﹊﹋﹌"

# Characters on which NFKC surely does nothing, alone or side by side: a text that holds no other
# (but KEPT ones) needs no normalisation.
_STABLE = (
    "\x20-\x7e"
    "\u00a1-\u00a7\u00a9\u00ab\u00ac\u00ae\u00b0\u00b1\u00b6\u00b7\u00bb\u00bf\u00d7\u00f7"
    "\u2010\u2012-\u2016\u2018-\u2023\u2027\u2030-\u2032\u2035\u2038-\u203b\u203d\u2042\u20ac"
    "\u2190-\u21ff\u2200-\u222b\u2460\u2500-\u2a0b\u3001-\u3029\u3030\u303d"
    "\u3400-\u4dbf\u4e00-\u9fff\U0001f300-\U0001f64f\U0001f680-\U0001f6ff\U0001f900-\U0001faff"
).replace("\u2460", "")

# A quoted chain: in `自己的话//@小王:别人的话` the last writer stands first. `http://@x/` is none.
_HANDLE = f"(?:@[^ {_WHITE}:：@/]{{1,40}}|【账号】)"
_QUOTED_CHAIN = f"//[ {_WHITE}]*{_HANDLE}[ {_WHITE}]*(?::|：|$)(?s:.*)$"
# Some answer behind what they quote: `//@小王:他的话//自己的话`. What has no name is their own.
_QUOTED_FIRST = f"^[ {_WHITE}]*//[ {_WHITE}]*{_HANDLE}[ {_WHITE}]*[:：]"
_ANSWERED_BEHIND = f"{_QUOTED_FIRST}(?s:.*)[^:/]//[ {_WHITE}]*([^@【/ {_WHITE}](?:[^/]|/[^/])*)$"
# Who forwards without a word of his own forwards these.
_FORWARDED_FIRST = f"{_QUOTED_FIRST}((?s:.*?))(?://[ {_WHITE}]*{_HANDLE}(?s:.*))?$"
# What a site writes for somebody who forwards without a word.
_EMPTY_FORWARD = r"(?:[\[【]?(?:转发|轉發)(?:微博|了|此微博)?[\]】]?|(?i:repost(?:ed)?(?: weibo)?))"
# Where a page cut a text it shows a button behind it, and another one where it shows the whole.
CUT = (
    rf"(?:(?:\.{{2,3}}|…)[ {_WHITE}]*(?:展开|收起)?(?:查看|阅读|显示)?(?:全文|展开)[cd]?"
    rf"|[ {_WHITE}]*展开(?:全文)?[cd])$"
)
UNFOLDED = rf"[ {_WHITE}]*收起(?:全文)?[cd]$"

# Elements of HTML that exports carry. A closed list: <iPhone> or <围城> are words of the writer.
_TAGS = (
    "a|abbr|article|b|big|blockquote|body|br|button|center|code|dd|del|div|dl|dt|em|embed|figure|"
    "font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|label|li|link|main|mark|"
    "meta|nav|object|ol|option|p|picture|pre|q|s|section|select|small|source|span|strike|strong|"
    "sub|sup|svg|path|table|tbody|td|th|thead|title|tr|tt|u|ul|video"
)
# Elements that stand where a new line is shown; the others leave no gap.
_BLOCKS = "br|p|div|li|ul|ol|tr|table|h[1-6]|hr|blockquote|section|article|dd|dt|dl"

# Marks of which a run says no more than three of them (digits, letters, `*` and `-` are not
# among them: 100000, 138****5678).
_REPEATABLE = "!！?？。，,、~～…;；:：.．"

_EMOJI = "\u2600-\u27bf\U0001f300-\U0001f64f\U0001f680-\U0001f6ff\U0001f900-\U0001faff"


# Which rules of cleaning can change which texts, told from their characters in one fast pass.

_SCAN = CharacterScan()
# What a text holds that a rule changes; each is one or more bits of the scan's answer.
_MAY_HOLD_ENTITY = _SCAN.holds("&")
_MAY_HOLD_TAG = _SCAN.holds("<")
_HOLDS_INVISIBLE = _SCAN.holds(_INVISIBLE)
_HOLDS_UNSTABLE = _SCAN.holds_other_than(_STABLE + _KEPT + _WHITE)
_MAY_HOLD_CHAIN = _SCAN.pair("/", "/")
# 全文, 展开, 收起, 网页, 视频, 原图, 张]
_MAY_HOLD_TAIL = _SCAN.pair("全展收网视原张", "文开起页频图]")
_MAY_HOLD_RUN = _SCAN.four(_REPEATABLE) | _SCAN.four(_EMOJI) | _SCAN.pair("]", "[")
_MAY_HOLD_SPACE = _SCAN.holds(_WHITE) | _SCAN.pair(" ", " ")
# 转发, 轉發, Repost
_MAY_BE_WORDLESS = _SCAN.pair("转轉", "发發") | _SCAN.pair("rR", "eE")


def _rules_needed(texts: pl.Series) -> npt.NDArray[np.uint64]:
    """Return a word for each text: which of the conditions above it meets."""
    return _SCAN.ask(text_buffers(texts))


# HTML out of a text: entities decoded, tags taken away, picture labels kept.

# Entities need their semicolon: `a=1&copy=2` is part of an address.
ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_ATTRIBUTES = r"""(?:[ \t\r\n/](?:[^<>"']|"[^"<>]*"|'[^'<>]*')*+)?+"""
_HIDDEN = re.compile(
    r"<!--.*?-->|<(script|style)\b[^<>]*>.*?</\1[ ]*>", re.ASCII | re.IGNORECASE | re.DOTALL
)
_IMAGE = re.compile(rf"<img{_ATTRIBUTES}>", re.IGNORECASE)
_LABEL = re.compile(r"""[ \t\r\n]alt=(?:"([^"]*)"|'([^']*)'|([^ \t\r\n"'<>]+))""", re.IGNORECASE)
_BLOCK = re.compile(rf"</?(?:{_BLOCKS}){_ATTRIBUTES}>", re.IGNORECASE)
_TAG = re.compile(rf"</?(?:{_TAGS}){_ATTRIBUTES}>", re.IGNORECASE)


def _decode_entities(text: str) -> str:
    """Decode HTML entities, also those that were encoded twice."""
    while (decoded := ENTITY.sub(lambda found: html.unescape(found.group()), text)) != text:
        text = decoded
    return text


def _strip_markup(text: str) -> str:
    """Take HTML elements away; a picture leaves its label, a block a space."""
    text = _HIDDEN.sub("", text)
    text = _IMAGE.sub(_image_label, text)
    return _TAG.sub("", _BLOCK.sub(" ", text))


def _image_label(image: re.Match[str]) -> str:
    label = _LABEL.search(image.group())
    return "" if label is None else next((part for part in label.groups() if part), "")


_MAXIMUM_ROUNDS = 16
_ENTITY = ENTITY.pattern
_TAG_START = "<[!/a-zA-Z]"
_UNSTABLE = f"[^{_STABLE}{_WHITE}{_KEPT}]"
# Kept characters hide in the private area during NFKC; that area was emptied before.
_HIDE = {mark: chr(0xE000 + place) for place, mark in enumerate(_KEPT)}
_SHOW = {hidden: mark for mark, hidden in _HIDE.items()}

_WORDLESS = f"^{_EMPTY_FORWARD}[。.!！…]*$"
_TAILS = (
    (CUT, "…"),
    (UNFOLDED, ""),
    (r"O网页链接", ""),
    (r" *L[^ ]{1,30}的微博视频$", ""),
    (r" *\[组图共[0-9]+张\](?: *原图)?$", ""),
)
_TAIL = "全文c?d?$|展开c?$|(?:收起|全文)d$|O网页链接|的微博视频$|原图$|张\\]$"

_RUN = re.compile(rf"([{_REPEATABLE}{_EMOJI}]|\[[^\[\]]{{1,8}}\])\1{{3,}}")
_RUN_LIKELY = rf"[{_REPEATABLE}]{{4}}|[{_EMOJI}]{{4}}|(?:\[[^\[\]]{{1,8}}\]){{4}}"


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
    columns = as_names(text)
    taken = take_columns(posts, columns, [title])
    cleaned = {name: clean_texts(as_texts(taken[name]).alias("text")) for name in columns}
    if title in taken.columns and title not in columns:
        whole = _put_title_before(clean_texts(as_texts(taken[title])), cleaned[columns[0]])
        cleaned[columns[0]] = whole
    return put_columns(posts, pl.DataFrame(cleaned))


def _put_title_before(titles: pl.Series, texts: pl.Series) -> pl.Series:
    """Return texts with the title before each, where the text does not hold the title.

    Both are cleaned, and what comes out is clean: doing it again changes nothing.
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
    ['OPPO 手机 太坑！！！…', '', None]
    """
    return like_texts(texts, _clean_series(take_texts(texts)))


def _clean_series(texts: pl.Series) -> pl.Series:
    words = _rules_needed(texts)
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
        asked = _rules_needed(after)
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


def _cut_chains(texts: pl.Series) -> pl.Series:
    """Return texts without what they quote: words before the chain, or answered behind it."""
    own = pl.coalesce(
        pl.col("text").str.extract(_ANSWERED_BEHIND), pl.col("text").str.replace(_QUOTED_CHAIN, "")
    )
    return texts.alias("text").to_frame().select(own).to_series().alias(texts.name)


def _cut_tails(texts: pl.Series) -> pl.Series:
    rows = texts.str.contains(_TAIL).arg_true()
    if rows.is_empty():
        return texts
    cut = texts.gather(rows)
    for pattern, replacement in _TAILS:
        cut = cut.str.replace_all(pattern, replacement)
    return texts.scatter(rows, cut)


def _fold_white(texts: pl.Series) -> pl.Series:
    return texts.str.replace_all(f"[{_WHITE}][ {_WHITE}]*|  +", " ").str.strip_chars(" ")


_RULES: tuple[tuple[int, Callable[[pl.Series], pl.Series]], ...] = (
    (_MAY_HOLD_ENTITY, lambda texts: _rewrite(texts, _ENTITY, _decode_entities)),
    (_MAY_HOLD_TAG, lambda texts: _rewrite(texts, _TAG_START, _strip_markup)),
    (_HOLDS_INVISIBLE, lambda texts: texts.str.replace_all(f"[{_INVISIBLE}]+", "")),
    (_HOLDS_UNSTABLE, _normalise),
    (_MAY_HOLD_CHAIN, _cut_chains),
    (_MAY_HOLD_TAIL, _cut_tails),
    (_MAY_HOLD_RUN, lambda texts: _rewrite(texts, _RUN_LIKELY, _shorten_runs)),
    (_MAY_HOLD_SPACE, _fold_white),
    (_MAY_BE_WORDLESS, lambda texts: texts.str.replace(_WORDLESS, "")),
)


# The writer's own words: what was quoted, forwarded or answered is left out.

# After cleaning no chain is left. Marks behind an empty forward are kept here, where `clean` drops
# them, too: the shipped weights were learnt so.
_EMPTY = rf"^\s*(?:{_EMPTY_FORWARD})?\s*$"
_ADDRESS = r"^(回复|回覆)@[^:：\s]{1,30}\s*[:：]"
# App stores and their collectors put others' words into the review itself: behind a line of dashes,
# or, where such words greet the customer, behind a bracket, a sentence or a break.
_SELLER = r"(?:开发者|商家|店家|卖家|掌柜|官方)(?:的)?回复"
# Booking sites put the house's answer there under its date: 宾馆反馈 2018年7月9日 ：
_HOUSE = r"(?:宾馆|酒店|饭店|旅馆|客栈|民宿|商家|店家|房东)(?:的)?(?:反馈|回复|答复)"
_DATE = r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?"
_GREETING = "(?:亲|您好|你好|尊敬|感谢|谢谢|非常抱歉|很抱歉|抱歉|对不起|用户|hi|hello|thank|dear)"
_ANSWERED = (
    rf"(?i)\s*(?:[-—=_]{{4,}}\s*[【\[（(]?\s*{_SELLER}\s*[】\]]?\s*[:：]"
    rf"|[\s。.！!？?…~～【\[（(]+(?:{_SELLER}|developer re(?:sponse|ply))"
    rf"\s*[】\]]?\s*[:：]?\s*{_GREETING}"
    rf"|[\s。.．！!？?…~～）)】\]]+{_HOUSE}\s*[（(]?{_DATE}[)）]?\s*[:：])"
    r"(?s:.*)$"
)
# A text that is nothing but such an answer is the seller's own post.
_HAS_ANSWER = rf"^[\s【\[（(]*[^\s【\[（(](?s:.*){_ANSWERED}"
_REMARK = r"[（(]该条评论已经?被删除[)）]"
_TEXT = pl.col("text")
# Most posts quote nothing, and telling so takes less than cutting all. Where none of a few strings
# stands, no pattern need be asked.
_SOME_STRING = _TEXT.str.contains("//|回复|反馈|答复|回覆@|eveloper|该条评论已")
_MAY_CHANGE = (
    _TEXT.str.contains("//", literal=True)
    | _TEXT.str.contains(_EMPTY)
    | _TEXT.str.contains(_ADDRESS)
    | pl.any_horizontal(
        _TEXT.str.contains(string, literal=True) for string in ("回复", "反馈", "答复", "eveloper")
    )
    & _TEXT.str.contains(_HAS_ANSWER)
    | _TEXT.str.contains("该条评论已", literal=True)
)
# Who quotes first has answered behind the quotation, or lets it speak for himself.
_UNQUOTED = pl.coalesce(
    _TEXT.str.extract(_ANSWERED_BEHIND),
    _TEXT.str.extract(_FORWARDED_FIRST),
    _TEXT.str.replace(_QUOTED_CHAIN, ""),
)
_UNANSWERED = (
    pl.when(_TEXT.str.contains(_HAS_ANSWER)).then(_TEXT.str.replace(_ANSWERED, "")).otherwise(_TEXT)
)
_STEPS = (
    _UNQUOTED,
    _TEXT.str.replace(_EMPTY, "").str.replace(_ADDRESS, ""),
    _UNANSWERED,
    _TEXT.str.replace_all(_REMARK, ""),
)


def own_words(posts: pl.DataFrame) -> pl.Series:
    """Return the text of each post without quoted chains and what sites and sellers put into it.

    Examples
    --------
    >>> own_words(pl.DataFrame({"text": ["同感//@某人:发货太慢", "好用"]})).to_list()
    ['同感', '好用']
    >>> own_words(pl.DataFrame({"text": ["闪退 ------ 开发者回复：感谢反馈"]})).to_list()
    ['闪退']
    """
    texts = posts["text"].cast(pl.String).fill_null("")
    frame = texts.alias("text").to_frame()
    rows = frame.select((_SOME_STRING | _TEXT.str.contains(_EMPTY)).arg_true()).to_series()
    if not rows.is_empty():
        rows = rows.filter(frame[rows].select(_MAY_CHANGE).to_series())
    if rows.is_empty():
        return texts
    own = texts.gather(rows).to_frame()
    for step in _STEPS:
        own = own.select(step.alias("text"))
    return texts.scatter(rows, own.to_series())
