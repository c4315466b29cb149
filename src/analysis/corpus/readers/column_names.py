"""The bilingual dictionary of column names, for tables that no collector of ours wrote."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
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
    """Return a name as it is compared: no case, signs, brackets or number, simplified."""
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
    """Tell whether a row names a text and a time in two of its cells."""
    texts, times = _key_names()
    folded = [fold_name(cell) for cell in row if len(cell) <= 40]
    return any(name in times for name in folded) and any(name in texts for name in folded)


def is_text_name(cell: str) -> bool:
    """Tell whether a cell is a name that texts have."""
    return fold_name(cell) in _key_names()[0]


def ends_in_text_name(cell: str) -> bool:
    """Tell whether a cell ends in a name that texts have, as headings of one's own do."""
    return fold_name(cell).endswith(tuple(name for name in _key_names()[0] if not name.isascii()))


_OF_TEXT = re.compile("(?:内容|正文|详情|文本|文字|content|text|body)$")
_OF_TIME = re.compile("(?:发布|提交|发表)?(?:时间|日期|时刻|time|date|at)$")


def is_time_of(name: str, text: str) -> bool:
    """Tell whether a column is called the time of what a text is called."""
    time, said = fold_name(name), fold_name(text)
    stem = _OF_TIME.sub("", time)
    return bool(stem) and stem != time and stem == _OF_TEXT.sub("", said)


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
    outer = _outer_of_texts(header)
    folded = [(fold_name(_person_of(name.removeprefix(outer))), name) for name in header]
    inner = [(fold, name) for name in header if (fold := _fold_inner(name))]
    matches: dict[str, list[list[str]]] = {}
    for canonical, ranks in load_names().items():
        for candidates in (folded, [] if canonical in _OUTER else inner):
            fitting = [[name for fold, name in candidates if fold in rank] for rank in ranks]
            if any(fitting):
                matches[canonical] = [names for names in fitting if names]
                break
    return matches


def _outer_of_texts(header: Sequence[str]) -> str:
    """Return what the texts are nested in, whose id and writer are theirs: `mblog.` of Weibo."""
    texts = _key_names()[0]
    found = {
        name.rpartition(".")[0] + "."
        for name in header
        if "." in name and _fold_inner(name) in texts
    }
    own = any(fold_name(name) in texts for name in header)
    return found.pop() if len(found) == 1 and not own else ""


def _person_of(name: str) -> str:
    """Return the name of a writer's id or name in an object of his: `user.uid` is a user's id."""
    person, dot, last = name.rpartition(".")
    kind = _OF_PERSONS.get(fold_name(last)) if dot and fold_name(person) in _PERSONS else None
    return f"user{kind}" if kind else name


_PERSONS = frozenset(("user", "author", "member", "userinfo", "用户", "作者"))
_OF_PERSONS = {
    **dict.fromkeys(("id", "uid", "idstr", "userid", "secuid"), "id"),
    **dict.fromkeys(
        ("name", "nickname", "screenname", "username", "nick", "uniqueid", "昵称"), "name"
    ),
}

# Names of columns that only one site's exports have; 笔记本 is a computer, 笔记 alone anybody's.
_PLACES = {
    "weibo": "微博|weibo|^mblog|attitudescount",
    "douyin": "抖音|douyin|aweme",
    "xiaohongshu": "小红书|xiaohongshu|^笔记(?!本|$)",
    "bilibili": "bilibili|哔哩|^b站|^rpid|^bvid|^bv号|^up主",
    "kuaishou": "快手|kuaishou",
    "tieba": "贴吧|tieba|^吧名",
    "zhihu": "知乎|zhihu|voteupcount",
}


def named_place(header: Sequence[str]) -> str | None:
    """Return the one site whose name, or whose own word, stands in names of columns."""
    folded = [fold_name(name) for name in header]
    found = [place for place, words in _PLACES.items() if any(re.search(words, n) for n in folded)]
    return found[0] if len(found) == 1 else None


# Whose pages a column of links opens.
_PAGES = {
    "weibo": r"weibo\.(?:com|cn)",
    "douyin": r"(?:ies)?douyin\.com",
    "xiaohongshu": r"xiaohongshu\.com",
    "bilibili": r"bilibili\.com",
    "kuaishou": r"kuaishou\.com|gifshow\.com",
    "tieba": r"tieba\.baidu\.com",
    "zhihu": r"zhihu\.com",
    "complaint": r"tousu\.sina\.(?:com\.)?cn|12315\.cn",
    "app_store": r"(?:apps|itunes)\.apple\.com|play\.google\.com",
    "review": r"(?:jd|taobao|tmall|yangkeduo|pinduoduo|suning|vip|amazon|dianping|meituan|ctrip"
    r"|trip|qunar|fliggy|elong|booking|agoda|tripadvisor)\.(?:com|cn|hk|net)",
}
_LINK = re.compile(r"(?:https?:)?//([\w.-]+)", re.IGNORECASE)
_FEWEST_LINKS = 3


def linked_place(columns: Iterable[Sequence[str]]) -> str | None:
    """Return the one site whose pages each cell of a column of links opens, in all such columns."""
    found: set[str] = set()
    for cells in columns:
        hosts = [match[1].lower() for cell in cells if (match := _LINK.match(cell.strip()))]
        if len(hosts) >= _FEWEST_LINKS and len(hosts) == sum(map(bool, map(str.strip, cells))):
            places = {_place_of_host(host) for host in set(hosts)}
            found |= {place for place in places if place} if len(places) == 1 else set()
    return found.pop() if len(found) == 1 else None


def _place_of_host(host: str) -> str | None:
    known = (place for place, hosts in _PAGES.items() if re.search(rf"(?:^|\.)(?:{hosts})$", host))
    return next(known, None)


# What tables are about, by the names of their columns.

_OF_OFFICE = re.compile("(?<!投诉)诉求|来电|来信|信件|信箱|办理|承办|[答回]复(?:单位|部门|机关)")
_OF_FORM = re.compile("答卷|答题|所用时间|问卷")
_POINTS = frozenset(("总分", "得分", "分数", "score", "grade"))
_OF_TALK = re.compile(
    "^(?:短信|会话|聊天|对话|消息)(?:id|编号|内容|时间)?$|发言人|群成员|talker|strcontent|readabledate"
)
_ROLES = frozenset(
    ("角色", "身份", "发送方", "发送者", "发送人角色", "发言方", "说话人", "消息发送方",
     "发送者类型", "sendertype", "role", "speaker")
)  # fmt: skip
STAFF = (
    "客服", "商家", "卖家", "店家", "坐席", "客服人员", "人工客服", "智能客服", "机器人",
)  # fmt: skip
"""Who speaks for a shop in talks with its customers."""


def is_of_office(header: Sequence[str]) -> bool:
    """Tell whether a city's desk kept a table: it takes calls and letters and settles them."""
    return any(map(_OF_OFFICE.search, header))


def is_of_apps(header: Sequence[str]) -> bool:
    """Tell whether a table names the app that each row is about."""
    return any(map(_OF_APPS.fullmatch, map(fold_name, header)))


_OF_APPS = re.compile("(?:应用|app)(?:名|名称|name|id|版本|version)?")


def are_points(header: Sequence[str], names: Iterable[str]) -> bool:
    """Tell whether what is named like stars is what a form counts: 总分 beside 所用时间."""
    return any(map(_OF_FORM.search, header)) and all(fold_name(name) in _POINTS for name in names)


def is_of_talk(header: Sequence[str]) -> bool:
    """Tell whether a table holds messages, calls or answers of a form, whatever they speak of."""
    return any(_OF_FORM.search(name) or _OF_TALK.search(fold_name(name)) for name in header)


def tells_authors(name: str, cells: Iterable[str]) -> bool:
    """Tell whether a column named like kinds of authors is one: 角色 where a shop speaks, too."""
    return fold_name(name) not in _ROLES or not set(STAFF).isdisjoint(cells)


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
        """Return the choice that a mapping makes: what a column holds → its name, or names."""
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
