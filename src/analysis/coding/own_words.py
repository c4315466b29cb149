"""The writer's own words: what was quoted, forwarded or answered is left out."""

from __future__ import annotations

import polars as pl

from analysis.corpus.clean_patterns import EMPTY_FORWARD, QUOTED_CHAIN

# After cleaning no chain is left. Marks behind an empty forward are kept here, where `clean` drops
# them, too: the shipped weights were learnt so.
_EMPTY = rf"^\s*(?:{EMPTY_FORWARD})?\s*$"
_ADDRESS = r"^(回复|回覆)@[^:：\s]{1,30}\s*[:：]"
# App stores and their collectors put others' words into the review itself.
_ANSWERED = r"\s*[-—=_]{4,}\s*(?:开发者|商家|店家|卖家|掌柜|官方)(?:的)?(?:回复)\s*[:：](?s:.*)$"
_REMARK = r"[（(]该条评论已经?被删除[)）]"
_TEXT = pl.col("text")
# Most posts quote nothing, and telling so takes less than cutting all.
_MAY_CHANGE = (
    _TEXT.str.contains("//", literal=True)
    | _TEXT.str.contains(_EMPTY)
    | _TEXT.str.contains(_ADDRESS)
    | _TEXT.str.contains("回复", literal=True) & _TEXT.str.contains(_ANSWERED)
    | _TEXT.str.contains("该条评论已", literal=True)
)
_OWN = (
    _TEXT.str.replace(QUOTED_CHAIN, "")
    .str.replace(_EMPTY, "")
    .str.replace(_ADDRESS, "")
    .str.replace(_ANSWERED, "")
    .str.replace_all(_REMARK, "")
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
    rows = texts.to_frame().select(_MAY_CHANGE.arg_true()).to_series()
    if rows.is_empty():
        return texts
    return texts.scatter(rows, texts.gather(rows).to_frame().select(_OWN).to_series())
