"""What the coders read of a post: the concepts found in its writer's own words, its channel.

Review sites ask for outward form, noise, speed, fit or taste, and exports join field, colon and
answer: 噪音大小：很小 is praise, though noise is named. So coders read the answers alone as well.
Texts that a site writes for those who wrote nothing are no answer at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.coding.compiled_codebook import CompiledCodebook
from analysis.corpus.clean import own_words
from analysis.corpus.readers.column_names import STAFF
from analysis.corpus.readers.convert import BLANK_REVIEW
from analysis.engine.flat_columns import gather_rows, rows_holding
from analysis.engine.matcher import IntArray, LongArray

# Concepts that come from other columns than the text.

# Plain names of places that tables use beside those of `CHANNELS`.
_PLAIN_NAMES = {
    "live_room": "live live_comment live_comments live_stream livestream live_streaming danmaku "
    "danmu bullet_comment taobao_live douyin_live 直播 直播间 直播评论 直播间评论 弹幕",
    "review": "reviews product_review shop_review shop ecommerce e_commerce jd tmall taobao "
    "takeaway food_delivery 评价 评论 商品评价 电商评论 电商 京东 淘宝 天猫 拼多多 外卖",
    "app_store": "appstore app_review app_reviews google_play 应用商店 苹果商店",
    "complaint": "complaints complaint_platform heimao 12315 投诉 投诉平台 黑猫 黑猫投诉",
    "weibo": "sina_weibo wb microblog 微博 新浪微博",
    "douyin": "tiktok dy 抖音",
    "xiaohongshu": "xhs rednote 小红书",
    "forum": "forums bbs tieba 论坛 贴吧 百度贴吧",
    "hotline": "12345 热线 市长信箱 留言板",
    "news": "新闻 媒体 网媒",
}
# Kinds of posts that have the name of the place where they stand.
_PLACES_OF_KINDS = ("review", "complaint")
_PLACE_OF = {name: place for place, names in _PLAIN_NAMES.items() for name in names.split()}


def _with_places(posts: pl.DataFrame) -> pl.DataFrame:
    """Return posts whose channels have the names that weights and rules know.

    Where none is told, a review stands in a shop and a complaint on a platform for them.
    """
    told = (
        [pl.col("channel").cast(pl.String).replace("", None)] if "channel" in posts.columns else []
    )
    if "kind" in posts.columns:
        kind = pl.col("kind").cast(pl.String)
        told.append(pl.when(kind.is_in(_PLACES_OF_KINDS)).then(kind))
    if not told:
        return posts
    posts = posts.with_columns(pl.coalesce(told).alias("channel"))
    names = posts["channel"]
    found = names.unique(maintain_order=True).drop_nulls().to_list()
    places = {name: _PLACE_OF.get(re.sub(r"[\s-]+", "_", name.strip().lower())) for name in found}
    known = {name: place for name, place in places.items() if place}
    return posts.with_columns(channel=names.replace(known)) if known else posts


_CHANNELS = {
    "live_room": "channel_live_room",
    "news": "channel_news",
    "review": "channel_review",
    "app_store": "channel_review",
    "complaint": "channel_complaint",
}
_KINDS = {"comment": "kind_comment", "review": "channel_review", "complaint": "channel_complaint"}
_HOTLINE = "hotline"
_AUTHORS = {
    "government": "author_official",
    "official": "author_official",
    "政务": "author_official",
    "媒体": "author_media",
    "media": "author_media",
    "企业": "author_business",
    "business": "author_business",
    "merchant": "author_business",
    # Who answers for a shop, in talks with its customers.
    **dict.fromkeys(STAFF, "author_business"),
}
# Where the concepts of a column stand among the given ones of a post.
_COLUMNS = {"channel": (0, _CHANNELS), "kind": (1, _KINDS), "author_type": (2, _AUTHORS)}

# In a long text some cue of everything stands somewhere, so more must speak for a complaint.
_LONGER, _LONG, _HUGE = 110, 200, 350


def _number_among(column: str, names: Sequence[str]) -> pl.Expr:
    """Return the expression of where each value of a column stands among names, -1 for nowhere."""
    known = pl.col(column).cast(pl.String).cast(pl.Enum(names), strict=False)
    return known.to_physical().cast(pl.Int32).fill_null(-1)


def _given_concepts(posts: pl.DataFrame, compiled: CompiledCodebook) -> IntArray:
    """Return up to six concepts a post, -1 for none: of channel, kind, author and length."""
    columns = {name: which for name, which in _COLUMNS.items() if name in posts.columns}
    read = posts.select(
        pl.col("text").cast(pl.String).str.len_chars().fill_null(0),
        *(_number_among(name, tuple(concepts)) for name, (_, concepts) in columns.items()),
        *(_is_hotline() for name in columns if name == "channel"),
    )
    given = np.full((posts.height, 6), -1, np.int32)
    for name, (place, concepts) in columns.items():
        # -1, a value that no name has, is the last one.
        numbers = [compiled.numbers[concept] for concept in concepts.values()]
        given[:, place] = np.array([*numbers, -1], np.int32)[read[name].to_numpy()]
    if "channel" in columns:
        # A complaint to a city's hotline is mostly about roads, schools or noise.
        given[read[_HOTLINE].to_numpy(), 1] = -1
    length = read["text"].to_numpy()
    given[length > _LONGER, 3] = compiled.numbers["longer_text"]
    given[length > _LONG, 4] = compiled.numbers["long_text"]
    given[length > _HUGE, 5] = compiled.numbers["huge_text"]
    return given


def _is_hotline() -> pl.Expr:
    return (pl.col("channel").cast(pl.String) == _HOTLINE).fill_null(value=False).alias(_HOTLINE)


# What the learned coder reads of posts: own words, concepts found in them, channel.

#: Places to post that weights are learnt for; any other has none of its own.
CHANNELS = (
    "app_store",
    "complaint",
    "douyin",
    "forum",
    "hotline",
    "live_room",
    "review",
    "weibo",
    "xiaohongshu",
)


class Features(NamedTuple):
    """Posts as the coders read them.

    Parameters
    ----------
    texts
        The writers' own words.
    starts, found
        The concepts of each post in compressed rows.
    channel
        1 and up for a place of `CHANNELS`, 0 for any other or none.
    """

    texts: pl.Series
    starts: LongArray
    found: IntArray
    channel: IntArray

    def gather(self, rows: npt.NDArray[np.int64]) -> Features:
        """Return the features of some of the posts."""
        starts, found = gather_rows(self.starts, self.found, rows)
        return Features(self.texts.gather(rows), starts, found, self.channel[rows])

    def hold(self, concepts: Sequence[int]) -> npt.NDArray[np.bool_]:
        """Tell for each post whether any of the concepts was found."""
        is_asked = np.zeros(max(*concepts, int(self.found.max(initial=0)), 0) + 1, bool)
        is_asked[list(concepts)] = True
        return rows_holding(self.starts, self.found, is_asked)


def read_features(posts: pl.DataFrame, compiled: CompiledCodebook) -> Features:
    """Return the features of a frame with ``text`` and what `_given_concepts` reads.

    Examples
    --------
    >>> from analysis.coding.compiled_codebook import compile_codebook
    >>> posts = pl.DataFrame({"text": ["刷的", "好"], "channel": ["live_room", None]})
    >>> read_features(posts, compile_codebook()).channel.tolist()
    [6, 0]
    """
    texts, placed = own_words(posts), _with_places(posts)
    starts, found = compiled.find(texts, _given_concepts(placed, compiled), everything=True)
    return Features(texts, starts, found, _channel_numbers(placed))


def _channel_numbers(posts: pl.DataFrame) -> IntArray:
    if "channel" not in posts.columns:
        return np.zeros(posts.height, np.int32)
    numbers: IntArray = posts.select(1 + _number_among("channel", CHANNELS)).to_series().to_numpy()
    return numbers


def place_of(channel: str | None, kind: str | None = None) -> str | None:
    """Return the place of `CHANNELS` that a table's words stand for, or None."""
    told = pl.DataFrame({"channel": [channel], "kind": [kind]}, schema={"channel": pl.String,
                        "kind": pl.String})  # fmt: skip
    number = int(_channel_numbers(_with_places(told))[0])
    return CHANNELS[number - 1] if number else None


_TEXT = pl.col("text")
# What goods and services are asked about. A field is up to two characters, one of these, and
# perhaps a measure: 外观, 整体外观, 外观设计.
_ASKED = """
外观 外形 造型 款式 样式 颜色 颜值 尺码 尺寸 大小 面料 材质 布料 质地 做工 工艺 版型 质量 品质
质感 手感 触感 口感 味道 口味 气味 香味 香型 色泽 色差 异味 包装 物流 快递 配送 送货 发货 服务
态度 售后 安装 速度 效果 效率 功效 价格 性价比 性能 功能 屏幕 画质 画面 音质 音效 声音 噪音 噪声
静音 续航 待机 电池 充电 拍照 像素 流畅 信号 散热 发热 重量 厚度 厚薄 轻薄 容量 空间 制冷 制热
恒温 保温 加热 能耗 耗能 耗电 耗气 用电 吸力 水流 水压 温度 火力 油烟 环境 位置 卫生 设施 早餐
份量 分量 新鲜 保质期 生产日期 成分 保湿 滋润 持久 肤感 吸收 舒适 透气 弹性 厚实 适合 适用 合身
体验 感受 操作 操控 便携 接口 键盘 鞋底 防滑 清洁 清洗 清晰 稳定 安全 耐用 纸质 印刷 排版 油耗
动力 内饰 特色 整体 时间 程度 情况 设计 寿命 用途 场景 配件 细节 起球 掉色 产品 商品 宝贝 菜品
外壳
"""
_MEASURES = (
    "大小|速度|服务|情况|程度|时间|特色|性能|效果|体验|感受|感觉|方面|能力|质量|品质|设计|推荐|评价|包装"
    "|味道|外观|力度|强度|度|性|感"
)
# Those who speak, tell, ask or complain before a colon, and days of a diary, are no fields.
_NO_FIELD = (
    "说|问|答|(?<!味)道|讲|诉|表示|称|复|投诉|举报|求|问题|差评|结论|总结|原因|理由|客服|商家|卖家|店家|老板"
    "|师傅|主播|我|你|(?<!其)他|她|它|咨询|反映|来电|受理|处理|核实|记者|市民|提醒|提示|公告|声明|备注"
    "|日记|升级|补充|追|第|周|月|(?<!生产)日|天|早上|中午|下午|晚上|图"
)
_HAN, _COLON = "[\u4e00-\u9fff]", r"[ \u3000]*[:：]\s*"
_BREAK = r"[\s,，.。;；!！?？~～、…)）\]】\"”★☆]"
_NOUNS = "|".join(sorted(set(_ASKED.split()), key=lambda noun: (-len(noun), noun)))
_FIELD = f"{_HAN}{{0,2}}(?:{_NOUNS})(?:{_MEASURES})?"
_LIKELY = rf"(?:^|{_BREAK})\s*{_FIELD}{_COLON}"
_NOT = f"(?!{_HAN}*(?:{_NO_FIELD}){_HAN}*{_COLON})"
# Most breaks have no colon behind a word; to see that takes less than to look for a field.
_SOON = rf"(?={_HAN}{{1,12}}{_COLON})"
_KNOWN = re.compile(rf"(^|{_BREAK})\s*{_SOON}{_NOT}({_FIELD}){_COLON}")
# Some exports join an answer and the next field without a sign between them.
_JOINED = re.compile(
    rf"({_HAN}){_HAN}{{2}}(?:大小|速度|服务|情况|程度|时间|特色|性能|效果|音效|外观|体验|质量|品质)"
    rf"{_COLON}"
)
# Where a form is certain, whatever else stands before a colon is a field of it.
_ANY = re.compile(rf"(^|{_BREAK})\s*{_SOON}{_NOT}({_HAN}{{2,6}}){_COLON}")
# 噪音大小：大 says nothing without its field.
_MERE_DEGREE = re.compile(
    r"(噪音|噪声|声音|异味|气味|味道|色差|能耗|耗能|耗电|耗气|油烟|发热|掉色|起球)"
    rf"(?:{_MEASURES}|问题)?{_COLON}((?:有点|有些|比较|非常|特别|很|太|略|稍|偏|超级|真|挺|的)*"
    rf"(?:大|高|重|吵|响|严重|明显|浓|刺鼻|厉害|多)了?)(?={_BREAK}|$|{_HAN}{{2,6}}[:：])"
)


def answers_alone(texts: pl.Series) -> pl.Series:
    """Return texts without the fields of a review site's form; other texts as they are.

    A text is a form where it begins with a known field and a colon, or holds two of them.
    """
    changed = changed_answers(texts)
    return texts.clone().scatter(changed.rows, changed.answers) if len(changed.rows) else texts


class ChangedAnswers(NamedTuple):
    """Where a text is more than its answers, and these."""

    rows: npt.NDArray[np.int64]
    answers: pl.Series


def changed_answers(texts: pl.Series) -> ChangedAnswers:
    """Return of `answers_alone` what is not the text itself."""
    frame = texts.alias("text").to_frame()
    asked = frame.select(
        pl.any_horizontal(_TEXT.str.contains(sign, literal=True) for sign in "：:")
        .arg_true()
        .implode()
        .alias("colon"),
        _TEXT.str.contains(BLANK_REVIEW).arg_true().implode().alias("nothing"),
    )
    colon, nothing = asked["colon"].item(), asked["nothing"].item()
    likely = colon.filter(texts.gather(colon).str.contains(_LIKELY).fill_null(False))
    found = dict.fromkeys(nothing.to_list(), "")
    for row, text in zip(likely.to_list(), texts.gather(likely).to_list(), strict=True):
        answer = _without_fields(text)
        if answer != text:
            found.setdefault(row, answer)
    rows = sorted(found)
    answers = pl.Series([found[row] for row in rows], dtype=pl.String)
    return ChangedAnswers(np.array(rows, np.int64), answers)


def _without_fields(text: str) -> str:
    certain = len(_KNOWN.findall(text)) + len(_JOINED.findall(text)) > 1
    if not certain and not _KNOWN.match(text):
        return text
    kept = _MERE_DEGREE.sub(r"\1\2", text)
    kept = _JOINED.sub(r"\1。", _KNOWN.sub(_close, kept))
    return (_ANY.sub(_close, kept) if certain else kept).strip()


def _close(field: re.Match[str]) -> str:
    """Return what stands for a field: the sign before it, or a full stop between two answers."""
    if field[1].strip() or field.start() == 0:
        return field[1]
    return "。"
