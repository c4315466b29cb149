"""Turn the rows of a table into canonical posts by a plan; say of each other row why not."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b, sha256

import polars as pl

from analysis.corpus.clean import CUT, UNFOLDED
from analysis.corpus.readers.cells import (
    MEASURES,
    Cells,
    Columns,
    coalesce,
    open_cells,
    read_measures,
    read_moments,
)
from analysis.corpus.readers.plan import CANONICAL, NOTE, ROW_NUMBER, Plan
from analysis.corpus.readers.repeats import with_said_keys
from analysis.corpus.readers.values.columns import all_null, clean_ids
from analysis.minimum import share_interval

# What Weibo's pages leave in a text: marks of a cut and labels of buttons.
#
# Chains of quotations stay in the text here; `clean` tells them from the author's own words.

# With which a label ends: most texts end otherwise.
_ENDS = ("全文", "开", "c", "d")


def _mark_cuts(texts: pl.Series) -> tuple[pl.Series, int]:
    """Let a text that the page cut end in `…`, and drop the label of an unfolded one."""
    marks = [texts.str.ends_with(end) for end in _ENDS]
    if not any(mark.any() for mark in marks):
        return texts, 0
    cut = int(texts.str.contains(CUT).sum())
    return texts.str.replace(CUT, "…").str.replace(UNFOLDED, ""), cut


# Where a post was published, from the words that exports use for it.

_CHANNELS = (
    "weibo",
    "xiaohongshu",
    "douyin",
    "bilibili",
    "kuaishou",
    "tieba",
    "zhihu",
    "complaint",
    "review",
    "app_store",
    "live_room",
    "hotline",
    "news",
    "other",
)

_WORDS = {
    "weibo": ("微博", "新浪微博", "weibo", "wb", "sina weibo"),
    "xiaohongshu": ("小红书", "xhs", "xiaohongshu", "rednote", "red"),
    "douyin": ("抖音", "douyin", "dy", "抖音短视频"),
    "bilibili": ("哔哩哔哩", "b站", "bilibili", "bili", "B站"),
    "kuaishou": ("快手", "kuaishou", "ks"),
    "tieba": ("贴吧", "百度贴吧", "tieba"),
    "zhihu": ("知乎", "zhihu"),
    "complaint": ("黑猫投诉", "黑猫", "投诉", "投诉平台", "12315", "heimao", "complaint"),
    "review": (
        "京东",
        "淘宝",
        "天猫",
        "拼多多",
        "评价",
        "商品评价",
        "电商评论",
        "jd",
        "taobao",
        "tmall",
        "review",
        "电商",
    ),
    "app_store": ("应用商店", "app store", "appstore", "苹果商店", "app_store"),
    "live_room": ("直播", "直播间", "live", "live_room"),
    "hotline": ("12345", "热线", "市长信箱", "留言板", "hotline"),
    "news": (
        "新闻",
        "网媒",
        "媒体",
        "新闻网站",
        "客户端",
        "app",
        "news",
        "网站",
        "报刊",
        "微信",
        "公众号",
        "微信公众号",
    ),
}
_BY_WORD = {word: channel for channel, words in _WORDS.items() for word in words}


def _name_channels(words: pl.Series) -> pl.Series:
    """Return the channel of each word, `other` for one that is not known, null for none."""
    if words.null_count() == len(words):
        return words
    if words.is_in(_CHANNELS).all():
        return words
    folded = words.str.to_lowercase().str.strip_chars()
    named = folded.replace_strict(_BY_WORD, default="other", return_dtype=pl.String)
    known = folded.is_in(_CHANNELS).fill_null(False)
    return folded.zip_with(known, named).set(words.is_null(), None)


# Who wrote a post and which post it is, without naming anybody.
#
# An author becomes an HMAC-SHA256 under the project's secret, also where the collector hashed
# the id itself: an unsalted hash of a numeric id can be recovered by counting through all
# numbers.

_KEY_LENGTH = 32
_BLOCK = 64  # bytes that SHA-256 takes at a time
# Where most authors of a batch differ, telling them apart takes longer than hashing some twice.
_MOSTLY_UNIQUE = 0.7
_ID_COLUMNS = (
    "kind",
    "channel",
    "title",
    "text",
    "published_at",
    "region",
    "rating",
    "target",
    "demand",
    "url",
)


def _key_authors(authors: pl.Series, secret: bytes, *, scope: str) -> pl.Series:
    """Return the keyed hash of each author, null where there is none."""
    unique = authors.drop_nulls().unique()
    if len(unique) > _MOSTLY_UNIQUE * len(authors):
        keyed = _hash_all(authors.fill_null(""), secret, scope)
        return keyed if not authors.null_count() else keyed.set(authors.is_null(), None)
    keys = _hash_all(unique, secret, scope)
    return authors.replace_strict(unique, keys, default=None, return_dtype=pl.String)


def _hash_all(authors: pl.Series, secret: bytes, scope: str) -> pl.Series:
    """Return the keyed hashes of authors, none of whom is missing.

    HMAC as RFC 2104 has it: what is the same for all, the padded key and the scope, is hashed once.
    `hmac` itself gives the same bytes, but makes three objects an author.
    """
    key = (secret if len(secret) <= _BLOCK else sha256(secret).digest()).ljust(_BLOCK, b"\0")
    inner = sha256(bytes(byte ^ 0x36 for byte in key) + f"{scope}:".encode())
    outer = sha256(bytes(byte ^ 0x5C for byte in key))
    digests = []
    for author in authors.cast(pl.Binary).to_list():
        message, keyed = inner.copy(), outer.copy()
        message.update(author)
        keyed.update(message.digest())
        digests.append(keyed.digest())
    return pl.Series(digests, dtype=pl.Binary).bin.encode("hex").str.head(_KEY_LENGTH)


def name_unnamed(posts: pl.DataFrame) -> pl.Series:
    """Return an id for each post that has none: a hash of what it says, and its occurrence.

    Reading an export names posts without an id in the same way, so that neither the order of files
    nor that of rows matters.

    Parameters
    ----------
    posts
        What is told of the posts, of `_ID_COLUMNS`; two that say the same differ in their number.

    Examples
    --------
    >>> name_unnamed(pl.DataFrame({"text": ["好", "坏", "好"]})).to_list()
    ['6b540e66ac62331382d4-1', 'dc53348432f1fe88a4e0-1', '6b540e66ac62331382d4-2']
    """
    hashes = _hash_contents(posts).alias("hash")
    occurrence = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("hash")
    return hashes.to_frame().select(pl.concat_str("hash", pl.lit("-"), occurrence)).to_series()


def _hash_contents(posts: pl.DataFrame) -> pl.Series:
    """Return a hash of what each row says, for rows without an id of their own.

    The author takes no part: the hash is no way back to a person, and no secret changes it.
    """
    present = [pl.col(name) for name in _ID_COLUMNS if name in posts.columns]
    joined = posts.select(
        pl.concat_str([one.cast(pl.String).fill_null("") for one in present], separator="\x1f")
    ).to_series()
    digests = [blake2b(row.encode(), digest_size=10).hexdigest() for row in joined.to_list()]
    return pl.Series(digests, dtype=pl.String)


WORDS = ("post_id", "parent_id", "author_type", "target", "demand", "status")
_LABELS = ("发布于", "来自", "IP属地")
# What sites write for those who wrote nothing.
BLANK_REVIEW = (
    r"^\s*(?:(?:[此该]?(?:用户|买家|会员|顾客)|评价方)(?:没有|没|未|未及时|未能及时)(?:填写|做出|作出)"
    r"(?:评价|评论)(?:内容)?[，,。.!！ ]*(?:系统默认(?:五星)?(?:好评|评价))?"
    r"|系统默认(?:五星)?(?:好评|评价))[。.!！]*\s*$"
)
# Where nobody names the place the texts may. Of reviews one in five or more weighs the goods up in
# the plainest words within its first dozen characters, of letters, news, questions, forums and
# Weibo one in fourteen at most, however long they are. One in nine reviews of apps speaks of
# versions or logging in, elsewhere one text in twenty-five at most. Weibo's own marks stand in one
# of its posts in seven or more, elsewhere in one in thirty.
_WEIGHS_UP = (
    "不错|好用|好吃|质量|满意|好评|差评|性价比|推荐|值得|效果|味道|口感|新鲜|外观|手感|做工|材质|面料|尺码|正品|卖家|店家"
    "|宝贝|收到货|房间|服务|这本书|屏幕|实惠|划算|舒服|合适|包装|一般|送餐|分量|很好|挺好|太差|很差|真差"
)
# Not app and its like: whoever speaks of a shop names its app.
_OF_APPS = "(?i)闪退|更新|登[录陆]|界面|版本|bug|打不开|适配|卸载"
_MARKS_OF_WEIBO = r"//@|转发微博|#[^#\s\[]{2,30}#|\[\p{Han}{1,3}\]"
# Exports of any place write these in brackets, Xiaohongshu one within its own signs.
_OF_ANY_PLACE = r"\[(?:话题|图片|视频|语音|链接|位置|表情|文件)\]"
_FEWEST_TEXTS, _FIRST = 30, 12


def guess_place(texts: pl.Series) -> str | None:
    """Tell whether texts of an unknown place surely are reviews, of an app too, or Weibo's.

    Each text counts once. Fewer than thirty tell nothing; more than one in twenty must bear a mark
    of Weibo, seven in a hundred speak of an app as who uses it, or three in twenty-five weigh goods
    up at once, in this order and by the lower ends of 95 % intervals (Wilson 1927).

    Returns
    -------
    str or None
        `review`, `app_store`, `weibo`, or None where none is sure.

    Examples
    --------
    >>> reviews = [f"第{n}次买了，质量不错" for n in range(30)]
    >>> letters = [f"第{n}次反映路灯坏了，请尽快修" for n in range(30)]
    >>> [guess_place(pl.Series(texts)) for texts in (reviews, reviews[:29], letters)]
    ['review', None, None]
    """
    distinct = texts.drop_nulls().unique()
    if len(distinct) < _FEWEST_TEXTS:
        return None
    marked = distinct.str.replace_all(_OF_ANY_PLACE, "[]").str.contains(_MARKS_OF_WEIBO)
    if _least_share(marked) > 0.05:
        return "weibo"
    if _least_share(distinct.str.contains(_OF_APPS)) > 0.07:
        return "app_store"
    weighing = distinct.str.slice(0, _FIRST).str.contains(_WEIGHS_UP)
    return "review" if _least_share(weighing) > 0.12 else None


def _least_share(holds: pl.Series) -> float:
    """Return the lower end of what share of texts as these may hold it."""
    return float(share_interval(float(holds.sum()), len(holds))[0])


# What a site puts before a text that it no longer shows is not the writer's.
_SITE_MARK = (
    r"^\s*[（(\[【][该此这本]?条?(评论|评价|回复|内容|留言)(已经?|现已)?被?[\p{Han}]{0,4}?"
    r"(删除|屏蔽|隐藏|折叠|下架)[）)\]】]\s*"
)
_ADDRESS = r"^\d{1,3}(\.\d{1,3}){3}$|^[0-9a-fA-F]*(:[0-9a-fA-F]*){2,7}$"

_ANONYMOUS = r"匿名|\*"
# Many people go by these, those of j***5 alike: nobody is told apart by them, so such posts are in
# no count of authors. What more is shown than that, as of 138****1234, hardly two people share.
_NOBODY = (
    r"(?i)^\s*(?:匿名.{0,6}|.{0,4}匿名(?:用户|网友|买家)?|anonymous(?:[ _]user)?"
    r"|\p{Han}(?:先生|女士|小姐|同志|某某?)|[^*]{0,2}\*{2,}[^*]{0,2})\s*$"
)
_SAID = ("has_own_id", "is_named", "product", "writer", "said_key", "said_length", "day")
_NO_REJECTS = pl.DataFrame(schema={"row_number": pl.Int64, "reason": pl.String})


@dataclass(frozen=True)
class Converted:
    """Canonical posts of one batch, the rejected rows, and what parsed of each column."""

    posts: pl.DataFrame
    rejects: pl.DataFrame
    tried: dict[str, int]
    failed: dict[str, int]
    cut: int


def convert(
    batch: pl.DataFrame,
    plan: Plan,
    *,
    file: str,
    secret: bytes,
    is_stripped: bool = False,
    needs_ids: bool = True,
    needs_keys: bool = False,
) -> Converted:
    """Convert one batch of rows."""
    cells = open_cells(batch, plan, is_stripped=is_stripped)
    columns: Columns = {"row_number": batch[ROW_NUMBER]}
    reasons: Columns = {NOTE: cells.frame.get_column(NOTE, default=batch[NOTE])}
    _read_words(columns, cells, secret)
    if needs_keys:
        columns |= {"product": cells.words("product"), "is_named": _tell_named(cells)}
        # Unkeyed, in memory alone: which of several rows counts must not depend on the secret.
        columns["writer"] = cells.words("author" if "author" in plan.columns else "author_key")
    cut = _read_text(columns, reasons, cells)
    read_moments(columns, reasons, cells)
    read_measures(columns, reasons, cells)
    tried, failed = _tally(columns, reasons, cells)
    given = [reason for reason in reasons.values() if not all_null(reason)]
    frame = pl.DataFrame(columns)
    if not given:
        posts = _complete(frame, plan, file, needs_ids=needs_ids, needs_keys=needs_keys)
        return Converted(posts, _NO_REJECTS, tried, failed, cut)
    frame = frame.with_columns(reason=coalesce(given))
    kept = frame.filter(pl.col("reason").is_null())
    posts = _complete(kept, plan, file, needs_ids=needs_ids, needs_keys=needs_keys)
    rejects = frame.filter(pl.col("reason").is_not_null()).select("row_number", "reason")
    return Converted(posts, rejects, tried, failed, cut)


def _tally(
    columns: Columns, reasons: Columns, cells: Cells
) -> tuple[dict[str, int], dict[str, int]]:
    """Return how many cells were there and how many of them failed, by canonical column."""
    tried, failed = {}, {}
    for name in cells.plan.columns:
        if name in MEASURES and name not in reasons:  # guessed: no record is rejected for it
            tried[name] = cells.given(name).count()
            failed[name] = tried[name] - columns[name].count()
        elif name in reasons and name != "text":
            given, reason = cells.given(name), reasons[name]
            tried[name] = given.count()
            failed[name] = given.filter(reason.is_not_null()).count() if reason.count() else 0
    return tried, failed


def _read_words(columns: Columns, cells: Cells, secret: bytes) -> None:
    plan = cells.plan
    for name in WORDS:
        columns[name] = cells.words(name)
    for name in ("post_id", "parent_id"):
        columns[name] = clean_ids(columns[name])
    columns["keyword"] = cells.words("keyword").fill_null(pl.lit(plan.keyword, pl.String))
    columns["kind"] = cells.words("kind").fill_null(plan.kind)
    columns["channel"] = _name_channels(cells.words("channel")).fill_null(plan.channel)
    columns["url"] = _drop_token(cells.words("url"))
    columns["region"] = _clean_regions(cells.words("region"))
    columns["source"] = cells.words("source").fill_null(plan.source)
    keys = cells.words("author_key")
    is_simulated = (columns["source"] == SIMULATED).fill_null(value=False)
    columns["author_key"] = _keep_keys(keys, is_simulated, secret, scope=plan.channel)
    if "author" in plan.columns:
        columns["author_key"] = _key_authors(_authors(cells), secret, scope=plan.channel)


SIMULATED = "simulated"  # the collector that simulated posts name


def _keep_keys(keys: pl.Series, is_simulated: pl.Series, secret: bytes, *, scope: str) -> pl.Series:
    """Keep the keys that reading gave to authors; anything else may be a name, and is keyed."""
    if all_null(keys):
        return keys
    is_key = is_simulated | keys.str.contains(f"^[0-9a-f]{{{_KEY_LENGTH}}}$")
    is_key = is_key.fill_null(value=True)
    if is_key.all():
        return keys
    return keys.zip_with(is_key, _key_authors(keys, secret, scope=scope))


def _tell_named(cells: Cells) -> pl.Series:
    """Tell where an author has a name of his own, in tables where a post may be known by it."""
    if not cells.plan.local_ids and "post_id" in cells.plan.columns:
        return cells.constant(None).cast(pl.Boolean)
    authors = _authors(cells)
    return (authors.is_not_null() & ~authors.str.contains(_ANONYMOUS)) | (
        cells.words("author_key").is_not_null()
    )


def _authors(cells: Cells) -> pl.Series:
    """Return the names of authors, null where many people go by the name (匿名用户, 赵女士)."""
    names = cells.words("author")
    return names.set(names.str.contains(_NOBODY), None)


def _drop_token(urls: pl.Series) -> pl.Series:
    """Drop the token that heimao adds to a link and that differs from visit to visit."""
    if all_null(urls) or not urls.str.contains("sld=", literal=True).any():
        return urls
    return urls.str.replace(r"[?&]sld=[^&#]*", "")


def _clean_regions(regions: pl.Series) -> pl.Series:
    """Drop the label before a region, and an address in its place."""
    if all_null(regions):
        return regions
    is_odd = regions.unique().str.contains(f"^(?:{'|'.join(_LABELS)})|[.:]")
    if not is_odd.any():
        return regions
    bare = regions.str.replace(r"^(发布于|来自|IP属地[:：]?)\s*", "")
    return bare.set(bare.str.contains(_ADDRESS).fill_null(False), None)


def _read_text(columns: Columns, reasons: Columns, cells: Cells) -> int:
    """Read title and text; return how many texts the page had cut."""
    text, title = _drop_marks(cells.texts("text")), _drop_marks(cells.texts("title"))
    is_blank_review = text.str.contains(BLANK_REVIEW).fill_null(False)
    if is_blank_review.any():
        text = text.set(is_blank_review, None)
    cut = 0
    if cells.plan.channel == "weibo":
        text, cut = _mark_cuts(text)
    columns["title"] = title
    columns["text"] = text if all_null(title) or not text.null_count() else coalesce([text, title])
    if not columns["text"].null_count():
        return cut
    # A review without words is still a review with its stars; anything else without text is not.
    is_review = (columns["kind"] == "review") | is_blank_review
    is_wordless = columns["text"].is_null() & ~is_review
    reasons["text"] = cells.constant("no text").set(~is_wordless, None)
    return cut


def _drop_marks(texts: pl.Series) -> pl.Series:
    if all_null(texts):
        return texts
    is_marked = texts.str.contains(_SITE_MARK).fill_null(False)
    if not is_marked.any():
        return texts
    return texts.str.replace(_SITE_MARK, "").replace("", None)


def _complete(
    kept: pl.DataFrame, plan: Plan, file: str, *, needs_ids: bool, needs_keys: bool
) -> pl.DataFrame:
    posts = kept.with_columns(
        source_format=pl.lit(plan.source_format),
        source_file=pl.lit(file),
        repeat_of=pl.lit(None, pl.String),
        is_in_window=pl.lit(None, pl.Boolean),
        via_repost=pl.lit(None, pl.Boolean),
        has_own_id=pl.col("post_id").is_not_null(),
    )
    if needs_keys:
        posts = with_said_keys(posts, local_ids=plan.local_ids)
    if needs_ids and not posts["has_own_id"].all():
        posts = posts.with_columns(post_id=pl.coalesce("post_id", _hash_contents(posts).alias("h")))
    more = _SAID if needs_keys else ("has_own_id",)
    return posts.select(*CANONICAL, *more).with_columns(
        pl.col(name).cast(dtype) for name, dtype in CANONICAL.items()
    )
