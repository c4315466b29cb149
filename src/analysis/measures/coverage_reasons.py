"""Reasons of a grade: short codes in the table, sentences in the report.

A reason reads `code(detail)`; several are joined by `; `, the weightiest first.
"""

from __future__ import annotations

import re

from analysis.errors import CaodianError

WORDING = {
    "no_posts": ("全天没有信息", "no posts on the whole day"),
    "no_posts_small": (
        "全天没有信息，但平日也很少，无法判断",
        "no posts, but usual days hold too few to tell",
    ),
    "stops_early": ("{0} 时之后没有信息", "stops early: nothing from {0}:00 on"),
    "night_hole": ("夜间空缺（{0} 时）", "night hole ({0} h)"),
    "hour_gap": ("时段空缺（{0} 时）", "empty hours ({0} h)"),
    "keyword_gap": ("个别关键词有时段空缺（{0}）", "empty hours of single keywords ({0})"),
    "page_cap": ("{0} 个时段疑似达到翻页上限", "{0} hours look cut at a page limit"),
    "page_cap_day": ("全天数量疑似达到翻页上限", "the day looks cut at a page limit"),
    "half_hours": ("{0} 个小时只有半小时的信息", "{0} hours hold one half-hour only"),
    "low_yield": ("数量仅为平日的 {0}", "only {0} of a usual day's posts"),
    "hours_not_testable": ("没有钟点，无法检验时段", "no clock times: hours not testable"),
}
_REASON = re.compile(r"([a-z_]+)(?:\(([^)]*)\))?")


def write_reason(code: str, detail: object = None) -> str:
    """Write one reason as it stands in the table.

    Examples
    --------
    >>> write_reason("night_hole", "0-5")
    'night_hole(0-5)'
    """
    return code if detail is None else f"{code}({detail})"


def explain_reasons(reasons: str, language: str = "zh") -> str:
    """Turn the reasons of a grade into words.

    Parameters
    ----------
    reasons
        The cell `reason` of the coverage table.
    language
        `zh` or `en`.

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
    >>> explain_reasons("night_hole(0-5); page_cap(3)", "en")
    'night hole (0-5 h); 3 hours look cut at a page limit'
    """
    place = 0 if language == "zh" else 1
    parts = [part.strip() for part in reasons.split(";") if part.strip()]
    return ("；" if place == 0 else "; ").join(_explain(part, place) for part in parts)


def _explain(part: str, place: int) -> str:
    match = _REASON.fullmatch(part)
    if match is None or match[1] not in WORDING:
        raise CaodianError(
            f"a coverage reason must be one of {', '.join(sorted(WORDING))}", value=part
        )
    return WORDING[match[1]][place].format(match[2])
