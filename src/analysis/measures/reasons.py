"""Reasons of grades: short codes in tables, sentences in reports."""

from __future__ import annotations

import re
from collections.abc import Mapping

from analysis.errors import CaodianError

# Reasons in tables: short codes that people can read and reports can put into words.
#
# A reason reads `code` or `code(detail)`; several are joined by `; `, the weightiest first.

Wording = Mapping[str, tuple[str, str]]
_REASON = re.compile(r"([a-z_]+)(?:\(([^)]*)\))?")


def write_reason(code: str, detail: object = None) -> str:
    """Write one reason as it stands in the table.

    Examples
    --------
    >>> write_reason("night_hole", "0-5")
    'night_hole(0-5)'
    """
    return code if detail is None else f"{code}({detail})"


def put_into_words(reasons: str, wording: Wording, language: str) -> str:
    """Turn the reasons of a row into one sentence of a language.

    Parameters
    ----------
    reasons
        The cell `reason` of the table.
    wording
        Chinese and English text by code; `{0}` takes the detail.

    Returns
    -------
    str
        The sentence; empty for no reason.

    Raises
    ------
    CaodianError
        When a code is not known.

    Examples
    --------
    >>> put_into_words("late(3); small", {"late": ("迟{0}天", "{0} days late"),
    ...                                   "small": ("少", "too few")}, "en")
    '3 days late; too few'
    """
    place = 0 if language == "zh" else 1
    parts = [part.strip() for part in reasons.split(";") if part.strip()]
    return ("；" if place == 0 else "; ").join(_word(part, wording, place) for part in parts)


def _word(part: str, wording: Wording, place: int) -> str:
    match = _REASON.fullmatch(part)
    if match is None or match[1] not in wording:
        raise CaodianError(f"a reason must be one of {', '.join(sorted(wording))}", value=part)
    return wording[match[1]][place].format(match[2])


_WORDING = {
    "no_posts": ("全天没有帖子", "no posts on the whole day"),
    "no_posts_small": (
        "全天没有帖子，但平日也很少，无法判断",
        "no posts, but usual days hold too few to tell",
    ),
    "stops_early": ("{0} 时之后没有帖子", "stops early: nothing from {0}:00 on"),
    "night_hole": ("夜间空缺（{0} 时）", "nothing at night ({0} h)"),
    "hour_gap": ("时段空缺（{0} 时）", "empty hours ({0} h)"),
    "keyword_gap": ("个别关键词有时段空缺（{0}）", "empty hours of single keywords ({0})"),
    "page_cap": ("{0} 个时段疑似达到翻页上限", "{0} hours look cut at a page limit"),
    "page_cap_day": ("全天数量疑似达到翻页上限", "the day looks cut at a page limit"),
    "half_hours": ("{0} 个小时只有半小时的帖子", "{0} hours hold one half-hour only"),
    "low_yield": ("帖子数仅为平日的 {0}", "only {0} of a usual day's posts"),
    "none_small": (
        "一条帖子也没有，但前后各日也很少，无法判断",
        "no posts at all, but the days around hold too few to tell",
    ),
    "apart": (
        "与采集的主体隔着很长的空白，不属于主体",
        "set apart from the bulk of the collection by a long silence",
    ),
    "partial": ("不完整，只有 {0} 天在监测期内", "not whole: {0} days lie in the window"),
    "unfit_days": ("{0} 天不可用", "{0} days unfit"),
    "doubtful_days": ("{0} 天存疑", "{0} days doubtful"),
    "hours_not_testable": ("没有钟点，无法检验时段", "no clock times: hours not testable"),
}


def explain_grade(reasons: str, language: str = "zh") -> str:
    """Turn the reasons of a grade into words.

    Parameters
    ----------
    reasons
        The cell `reason` of the coverage table.

    Returns
    -------
    str
        The sentence; empty for a good day.

    Examples
    --------
    >>> explain_grade("night_hole(0-5); page_cap(3)", "en")
    'nothing at night (0-5 h); 3 hours look cut at a page limit'
    """
    return put_into_words(reasons, _WORDING, language)
