"""Read counts, ratings and amounts of money as collectors write them.

Each reader returns the value, or None with a reason; a missing word (None, nan, 暂无 …) is
recognised before and never reaches it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

MISSING_WORDS = (
    "",
    "none",
    "nan",
    "null",
    "nat",
    "n/a",
    "na",
    "-",
    "--",
    "—",
    "——",
    "暂无",
    "无",
    "\\n",
)

# Counts and amounts from here on are ids and typing errors; beyond 2⁶³ nothing could hold them.
_LARGEST = 10**18

_UNITS = {
    "千": 1_000,
    "k": 1_000,
    "万": 10_000,
    "萬": 10_000,
    "w": 10_000,
    "亿": 100_000_000,
    "億": 100_000_000,
}
_COUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([千k万萬w亿億]?)\s*\+?")
_ZERO_WORDS = frozenset(("转发", "评论", "赞", "点赞", "收藏", "分享", "喜欢", "回复"))
_STARS = re.compile(
    r"(?:(?:comment-star star|allstar|star|rated|rating|★|⭐)[ _-]*)?(?P<number>\d+(?:\.\d+)?)\s*"
    r"(?:(?P<share>%)|(?:颗?星级?|stars?|分|颗|★|⭐)?(?P<half>半)?星?"
    r"(?:\s*(?:/|out of|of|最多)\s*(?P<most>5|10|50|100)(?:\s*(?:stars?|颗星|分))?)?)"
    r"(?:\s*rating)?"
)
# The classes of stars of Douban and Dianping: allstar40, star_40 and sml-str40 are four.
_TENTHS = re.compile(
    r"(?:[a-z-]+\s+)*(?:all|irr-|(?:sml|mid|big)-)?sta?r[ _-]?([1-5][05])(?:\s*(?:rating|stars?))?"
)
_BEHIND_STARS = re.compile(r"(?<=星)(?:[ ，,:：-]+[\u4e00-\u9fff]{1,4}|(?P<word>\S+))$")
_CHINESE_STARS = {
    word: star for star, words in enumerate(("一", "二两", "三", "四", "五"), 1) for word in words
}
# Scales in words: of sites, of shops (three grades) and of questionnaires.
_RATING_WORDS = {
    word.replace("_", " "): float(stars)
    for stars, words in {
        1: "很差 差评 非常不满意 很不满意 very_dissatisfied",
        2: "较差 不满意 不太满意 dissatisfied",
        3: "还行 中评 一般 neutral",
        4: "推荐 满意 比较满意 satisfied",
        5: "力荐 好评 非常满意 很满意 十分满意 very_satisfied",
    }.items()
    for word in words.split(" ")
}
_DECIMAL_COMMA = re.compile(r"(\d),(\d{1,2})(?!\d)")
_AMOUNT = re.compile(r"[¥￥$]?\s*(\d+(?:\.\d+)?)\s*([千k万萬w亿億]?)\s*(?:元|块|rmb|cny|人民币)?")


def is_missing(text: str) -> bool:
    """Tell whether a cell only says that there is nothing."""
    return text.strip().lower() in MISSING_WORDS


def parse_count(text: str) -> tuple[int | None, str]:
    """Read a count of likes, comments or shares."""
    folded = _fold(text)
    if folded in _ZERO_WORDS:
        return 0, ""
    match = _COUNT.fullmatch(folded)
    count = _scaled(match[1], match[2]) if match else None
    return (count, "") if count is not None and count < _LARGEST else (None, "no count")


def parse_rating(text: str) -> tuple[float | None, str]:
    """Read the stars of a review, as given; those out of ten as stars of five."""
    folded = _fold(text)
    if set(folded) <= set("★☆⭐🌟\ufe0f ") and folded.strip():
        return float(sum(map(folded.count, "★⭐🌟"))), ""
    if folded in _RATING_WORDS:
        return _RATING_WORDS[folded], ""
    behind = _BEHIND_STARS.search(folded)
    if behind and (behind["word"] is None or behind["word"] in _RATING_WORDS):  # 五星好评
        folded = folded[: behind.start()]
    if folded[:1] in _CHINESE_STARS:
        folded = f"{_CHINESE_STARS[folded[0]]}{folded[1:]}" if "星" in folded[1:] else folded
    if tenths := _TENTHS.fullmatch(folded):
        return int(tenths[1]) / 10, ""
    match = _STARS.fullmatch(folded)
    rating = float(match["number"]) if match else _LARGEST
    if match and rating < _LARGEST:
        rating += 0.5 if match["half"] else 0
        most = int(match["most"] or (100 if match["share"] else _LARGEST))
        rating = rating if rating <= most else _LARGEST
        if most in (10, 50):  # points of a hundred stay: parts of a star would be averages of many
            rating *= _BEST / most
    return (rating, "") if rating < _LARGEST else (None, "no rating")


_BEST = 5  # stars
_DOUBAN = ("10", "20", "30", "40", "50")


def find_scale(cells: Iterable[str]) -> int:
    """Return 50 where a column holds the classes of stars of Douban, 10 to 50; five for any other.

    Points to ten or a hundred are told apart later, by all ratings of a file.
    """
    folded = [_fold(cell) for cell in cells if not is_missing(cell)]
    is_douban = all(cell in _DOUBAN for cell in folded) and len(set(folded)) > 1
    return 50 if is_douban else _BEST


def is_grade(cell: str) -> bool:
    """Tell whether a cell is a word of a scale whose stars are ours to say."""
    return _fold(cell) in _RATING_WORDS


_MANY_CELLS, _FEW_GRADES, _LONGEST_GRADE = 20, 5, 6


def are_grades(cells: Sequence[str]) -> bool:
    """Tell whether cells grade things in a few short words that recur, and say nothing else."""
    distinct = {cell.strip() for cell in cells}
    is_short = all(len(cell) <= _LONGEST_GRADE for cell in distinct)
    return is_short and len(cells) >= _MANY_CELLS and len(distinct) <= _FEW_GRADES


def parse_amount(text: str) -> tuple[float | None, str]:
    """Read an amount of money in yuan."""
    match = _AMOUNT.fullmatch(_fold(text))
    amount = float(match[1]) * _UNITS.get(match[2], 1) if match else _LARGEST
    return (amount, "") if amount < _LARGEST else (None, "no amount")


def _scaled(number: str, unit: str) -> int:
    """Multiply exactly: 1.2万 is 12000 and no float near it."""
    if len(number) > 40:
        return _LARGEST
    whole, _, fraction = number.partition(".")
    scale = _UNITS.get(unit, 1)
    return int(whole) * scale + (int(fraction) * scale // 10 ** len(fraction) if fraction else 0)


def _fold(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).strip().lower()
    # Spreadsheets of other countries write 4,5; thousands have three digits behind the comma.
    if folded.count(",") == 1:
        folded = _DECIMAL_COMMA.sub(r"\1.\2", folded)
    return folded.replace(",", "")
