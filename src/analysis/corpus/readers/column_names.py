"""The bilingual dictionary of column names, for tables that no collector of ours wrote."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from analysis.yaml_text import read_yaml

_BRACKETS = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]")
# A post's text may stand in `comment.content`; the id or the name there may be anything's.
_OUTER = ("post_id", "parent_id", "author", "product", "target", "url")
_OTHER_THINGS = frozenset(
    ("user", "author", "member", "profile", "account", "owner", "shop", "seller", "store",
     "merchant", "product", "goods", "item", "sku", "order", "reply", "parent", "用户", "作者",
     "店铺", "商品", "订单", "回复")
)  # fmt: skip
_FILLING = re.compile(r"[\s_\-.:：/*#\ufeff]+")


def fold_name(name: str) -> str:
    """Return the name as it is compared: no case, spaces, joints, brackets.

    Examples
    --------
    >>> fold_name("Comment_Time"), fold_name(" 评论时间（北京）")
    ('commenttime', '评论时间')
    """
    return _FILLING.sub("", _BRACKETS.sub("", unicodedata.normalize("NFKC", name))).lower()


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


def match_columns(header: Sequence[str]) -> dict[str, list[list[str]]]:
    """Return for each canonical column the header's columns that fit, best rank first.

    Examples
    --------
    >>> match_columns(["Unnamed: 0", "评论内容", "时间"])
    {'text': [['评论内容']], 'published_at': [['时间']]}
    >>> match_columns(["reviews.text", "reviews.date", "user.created_at"])
    {'text': [['reviews.text']], 'published_at': [['reviews.date']]}
    """
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


def _fold_inner(name: str) -> str | None:
    """Return the last part of a nested name, if what it is nested in is the post itself."""
    outer, dot, last = name.rpartition(".")
    part = fold_name(outer.rpartition(".")[2])
    return fold_name(last) if dot and last and part not in _OTHER_THINGS else None
