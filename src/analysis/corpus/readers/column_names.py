"""The bilingual dictionary of column names, for tables that no collector of ours wrote."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from analysis.corpus.readers.plan import Head, Plan
from analysis.errors import CaodianError, nearest
from analysis.yaml_text import read_yaml

_BRACKETS = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]")
# A post's text may stand in `comment.content`; the id or the name there may be anything's.
_OUTER = ("post_id", "parent_id", "author", "product", "target", "url")
_OTHER_THINGS = frozenset(
    ("user", "author", "member", "profile", "account", "owner", "shop", "seller", "store",
     "merchant", "product", "goods", "item", "sku", "order", "reply", "parent", "用户", "作者",
     "店铺", "商品", "订单", "回复")
)  # fmt: skip
_SIMPLIFIED = str.maketrans(
    "評論發時間標題內點讚贊數轉戶稱級滿編號區鏈連網臺來狀態關鍵詞訴對額詳貼復覆應產類認證屬歸員買賣價創說問簡筆"
    "記彈見議饋進處辦業單碼舉報狀採擷體實劃佈暱長評",
    "评论发时间标题内点赞赞数转户称级满编号区链连网台来状态关键词诉对额详贴复复应产类认证属归员买卖价创说问简笔"
    "记弹见议馈进处办业单码举报状采撷体实划布昵长评",
)
_FILLING = re.compile(r"(?:[^\w%]|_)+")  # a share of stars (好评%) is no star
_LONGEST_NAME = 1_000  # characters: the first row may hold texts of any length
_OFTEN_ASKED = 40  # characters
# Forms number their questions, and so does the export that they become.
_NUMBER = re.compile(r"^\s*(?:[qQ]|第)?\d{1,3}题?\s*[、.:)]\s*(?=[^\s\d])")


def fold_name(name: str) -> str:
    """Return a name as it is compared: without case, signs, brackets, number, in simplified signs.

    Examples
    --------
    >>> fold_name("Comment_Time"), fold_name(" 評论時間（北京）"), fold_name("4、💬评论？")
    ('commenttime', '评论时间', '评论')
    """
    return _fold_short(name) if len(name) <= _OFTEN_ASKED else _fold(name[:_LONGEST_NAME])


# The cells of each row that may be a header are asked about several times.
@lru_cache(maxsize=2**15)
def _fold_short(name: str) -> str:
    return _fold(name)


def _fold(name: str) -> str:
    plain = unicodedata.normalize("NFKC", name)
    bare = _NUMBER.sub("", _BRACKETS.sub("", plain))
    return _FILLING.sub("", bare).lower().translate(_SIMPLIFIED)


@cache
def load_names() -> dict[str, list[list[str]]]:
    """Return the folded names of each canonical column, rank by rank."""
    content = files("analysis.corpus.readers").joinpath("column_names.yaml").read_text("utf-8")
    ranks: dict[str, list[list[str]]] = read_yaml(content)
    return {
        canonical: [[fold_name(str(name)) for name in rank] for rank in listed]
        for canonical, listed in ranks.items()
    }


@cache
def _key_names() -> tuple[frozenset[str], frozenset[str]]:
    names = load_names()
    return tuple(  # type: ignore[return-value]
        frozenset(name for rank in names[canonical] for name in rank)
        for canonical in ("text", "published_at")
    )


def looks_like_header(row: Sequence[str]) -> bool:
    """Tell whether a row names a text and a time in two of its cells.

    Examples
    --------
    >>> looks_like_header(["时间", "内容", "评分"]), looks_like_header(["内容", "很好"])
    (True, False)
    """
    texts, times = _key_names()
    folded = [fold_name(cell) for cell in row if len(cell) <= 40]
    return any(name in times for name in folded) and any(name in texts for name in folded)


def is_text_name(cell: str) -> bool:
    """Tell whether a cell is a name that texts have.

    Examples
    --------
    >>> is_text_name("用户评论（原文）"), is_text_name("我的评论")
    (True, False)
    """
    return fold_name(cell) in _key_names()[0]


def ends_in_text_name(cell: str) -> bool:
    """Tell whether a cell ends in a name that texts have, as headings of one's own do.

    Examples
    --------
    >>> ends_in_text_name("用户评论（原文）"), ends_in_text_name("等了九天还不发货")
    (True, False)
    """
    return fold_name(cell).endswith(tuple(name for name in _key_names()[0] if not name.isascii()))


def match_columns(header: Sequence[str]) -> dict[str, list[list[str]]]:
    """Return for each canonical column the header's columns that fit, best rank first.

    Examples
    --------
    >>> match_columns(["Unnamed: 0", "评论内容", "时间"])
    {'text': [['评论内容']], 'published_at': [['时间']]}
    >>> match_columns(["reviews.text", "reviews.date", "user.created_at"])
    {'text': [['reviews.text']], 'published_at': [['reviews.date']]}
    """
    found = _match_columns(tuple(header))
    return {canonical: [list(names) for names in ranks] for canonical, ranks in found.items()}


# Each row that may be a header is asked about several times.
@lru_cache(maxsize=64)
def _match_columns(header: tuple[str, ...]) -> dict[str, list[list[str]]]:
    folded = [(fold_name(name), name) for name in header]
    inner = [(fold, name) for name in header if (fold := _fold_inner(name))]
    matches: dict[str, list[list[str]]] = {}
    for canonical, ranks in load_names().items():
        for candidates in (folded, [] if canonical in _OUTER else inner):
            fitting = [[name for fold, name in candidates if fold in rank] for rank in ranks]
            if any(fitting):
                matches[canonical] = [names for names in fitting if names]
                break
    return matches


# Names of columns that only one site's exports have; 笔记本 is a computer, 笔记 alone anybody's.
_PLACES = {
    "weibo": "微博|weibo",
    "douyin": "抖音|douyin|aweme",
    "xiaohongshu": "小红书|xiaohongshu|^笔记(?!本|$)",
    "bilibili": "bilibili|哔哩|^b站|^rpid|^bvid|^bv号|^up主",
    "kuaishou": "快手|kuaishou",
    "tieba": "贴吧|tieba",
    "zhihu": "知乎|zhihu",
}


def named_place(header: Sequence[str]) -> str | None:
    """Return the one site whose name, or whose own word, stands in names of columns.

    Examples
    --------
    >>> named_place(["抖音号", "评论内容"]), named_place(["笔记内容"]), named_place(["笔记本型号"])
    ('douyin', 'xiaohongshu', None)
    >>> named_place(["微博链接", "抖音链接"]) is None
    True
    """
    folded = [fold_name(name) for name in header]
    found = [place for place, words in _PLACES.items() if any(re.search(words, n) for n in folded)]
    return found[0] if len(found) == 1 else None


def _fold_inner(name: str) -> str | None:
    """Return the last part of a nested name, if what it is nested in is the post itself."""
    outer, dot, last = name.rpartition(".")
    part = fold_name(outer.rpartition(".")[2])
    return fold_name(last) if dot and last and part not in _OTHER_THINGS else None


# The user's own word on which column is what.

NO_COLUMN = "none"


@dataclass(frozen=True)
class ColumnChoice:
    """Columns that the user names; they override what was recognised.

    Parameters
    ----------
    text
        Columns of text, joined by a line break where several are named.
    time
        Column of the time of publication; ``none`` where the table has no times.
    title, id, rating, author, region, keyword, channel
        Further columns.

    Examples
    --------
    >>> sorted(ColumnChoice(text=("comment",), time="none").names())
    ['comment']
    """

    text: tuple[str, ...] = ()
    time: str | None = None
    title: str | None = None
    id: str | None = None
    rating: str | None = None
    author: str | None = None
    region: str | None = None
    keyword: str | None = None
    channel: str | None = None

    @classmethod
    def of(cls, named: Mapping[str, str | Sequence[str]]) -> ColumnChoice:
        """Return the choice that a mapping makes: what a column holds → its name, or names.

        Raises
        ------
        CaodianError
            When a key is no field.

        Examples
        --------
        >>> ColumnChoice.of({"text": "内容", "time": "日期"}).text
        ('内容',)
        """
        known = [field.name for field in fields(cls)]
        for key in named:
            if key not in known:
                like = nearest(key, known)
                raise CaodianError(
                    "columns are named by what they hold",
                    value=key,
                    remedy=f"Did you mean {like!r}?" if like else f"Known: {', '.join(known)}.",
                )
        given: dict[str, Any] = dict(named)
        if isinstance(given.get("text"), str):
            given["text"] = (given["text"],)
        return cls(**{**given, "text": tuple(given.get("text", ()))})

    def singles(self) -> dict[str, str]:
        """Return the single columns by their canonical names."""
        given = {
            "published_at": self.time,
            "title": self.title,
            "post_id": self.id,
            "rating": self.rating,
            "author": self.author,
            "region": self.region,
            "keyword": self.keyword,
            "channel": self.channel,
        }
        return {canonical: name for canonical, name in given.items() if name is not None}

    def names(self) -> set[str]:
        """Return all columns that the user named."""
        singles = {name for name in self.singles().values() if name.lower() != NO_COLUMN}
        return {*self.text, *singles}

    def is_complete(self, plan: Plan) -> bool:
        """Tell whether text and time are settled."""
        has_time = "published_at" in plan.columns or (self.time or "").lower() == NO_COLUMN
        return "text" in plan.columns and has_time


def check_choice(head: Head, choice: ColumnChoice) -> None:
    """Raise when a named column is not in the header."""
    for name in sorted(choice.names()):
        if name not in head.header:
            like = nearest(name, list(head.header))
            raise CaodianError(
                "a column that is named must be in the file",
                value=name,
                where=f"{head.path}, columns: {', '.join(name[:40] for name in head.header[:40])}",
                remedy=f"Did you mean {like!r}?" if like else "Name one of these columns.",
            )


def apply_choice(plan: Plan, choice: ColumnChoice) -> Plan:
    """Return the plan with the user's columns in place of its own."""
    columns = dict(plan.columns)
    guessed = set(plan.guessed)
    taken = choice.names()
    for canonical, names in list(columns.items()):
        if canonical in guessed and taken & set(names):
            del columns[canonical]
    if choice.text:
        columns["text"] = choice.text
    for canonical, name in choice.singles().items():
        guessed.discard(canonical)
        if name.lower() == NO_COLUMN:
            columns.pop(canonical, None)
        else:
            columns[canonical] = (name,)
    return replace(
        plan, columns=columns, guessed=frozenset(guessed), joins_texts=len(choice.text) > 1
    )
