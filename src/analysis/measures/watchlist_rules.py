"""What must hold before a platform is named: each condition with its reason.

A condition that cannot be checked for want of data counts as not met: absent evidence never lists
anybody.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.measures.reason_words import put_into_words, write_reason
from analysis.numbers import count_text, decimal_text

FEWEST_ITEMS = 30
FEWEST_AUTHORS = 30
FEWEST_TEXTS = 30
FEWEST_DAYS = 5
FEWEST_AUDITED = 60
FEWEST_PLATFORMS = 5
PRECISION = 0.95

WORDING = {
    "more_per_exposure": (
        "本语料中每单位规模的负面信息多于参照水平（后验概率 {0}）",
        "more negative posts per unit of exposure in this corpus (posterior probability {0})",
    ),
    "fewer_per_exposure": (
        "本语料中每单位规模的负面信息少于参照水平（后验概率 {0}）",
        "fewer negative posts per unit of exposure in this corpus (posterior probability {0})",
    ),
    "no_exposure": ("没有规模数据（分母）", "no exposure data"),
    "no_source": ("规模数据没有注明来源", "exposure without a cited source"),
    "few_platforms": ("可比平台只有 {0} 个", "only {0} platforms to compare"),
    "no_clear_difference": (
        "与参照水平没有明确差异（后验概率 {0}）",
        "no clear difference from the reference (posterior probability {0})",
    ),
    "not_robust": ("规模数据变动 ±50 % 后结论不成立", "does not survive exposure ±50 %"),
    "not_in_families": ("按去重文本计算结论不成立", "does not hold in distinct texts"),
    "few_items": ("校正后负面信息只有 {0} 条", "only {0} corrected negative items"),
    "few_texts": ("不同文本只有 {0} 组", "only {0} distinct texts"),
    "few_authors": ("不同作者只有 {0} 人", "only {0} distinct authors"),
    "few_days": ("只涉及 {0} 天", "only {0} days"),
    "not_audited": ("该平台没有足够的人工复核（{0} 条）", "not enough audited posts ({0})"),
    "attribution": (
        "平台识别的准确率未达到 95 %（下限 {0}）",
        "brand attribution not shown to be 95 % right (lower bound {0})",
    ),
    "no_campaign_check": ("未排查刷帖和水军", "no check for bots and campaigns"),
    "no_reply": ("尚未给予平台申辩机会", "right of reply not given"),
}


def explain_listing(reasons: str, language: str = "zh") -> str:
    """Turn the reasons of a listing into words.

    Parameters
    ----------
    reasons
        The cell `reason` of the watch list.
    language
        `zh` or `en`.

    Returns
    -------
    str
        The sentence.

    Examples
    --------
    >>> explain_listing("few_items(12); no_reply", "en")
    'only 12 corrected negative items; right of reply not given'
    """
    return put_into_words(reasons, WORDING, language)


def missing_evidence(row: pd.Series) -> list[str]:
    """List what a platform's evidence lacks, apart from the rate itself.

    Parameters
    ----------
    row
        `estimate, families, authors, days, audited, precision_low, is_campaign_checked,
        is_reply_invited`; missing values mean not known.

    Returns
    -------
    list of str
        Reasons; empty when everything holds.

    Examples
    --------
    >>> known = pd.Series({"estimate": 90.0, "families": 80, "authors": 75, "days": 18,
    ...                    "audited": 60, "precision_low": 0.97, "is_campaign_checked": True,
    ...                    "is_reply_invited": True})
    >>> missing_evidence(known)
    []
    >>> missing_evidence(known.drop("authors"))
    ['few_authors(unknown)']
    """
    numbers = (
        ("few_items", "estimate", FEWEST_ITEMS),
        ("few_texts", "families", FEWEST_TEXTS),
        ("few_authors", "authors", FEWEST_AUTHORS),
        ("few_days", "days", FEWEST_DAYS),
        ("not_audited", "audited", FEWEST_AUDITED),
        ("attribution", "precision_low", PRECISION),
    )
    reasons = [
        write_reason(code, _shown(row.get(column)))
        for code, column, least in numbers
        if not _number(row.get(column)) >= least
    ]
    flags = (("no_campaign_check", "is_campaign_checked"), ("no_reply", "is_reply_invited"))
    return reasons + [code for code, column in flags if not _is_true(row.get(column))]


def _number(value: object) -> float:
    number = pd.to_numeric(pd.Series([value], dtype="object"), errors="coerce").iloc[0]
    return float(number) if pd.notna(number) else float("nan")


def _shown(value: object) -> str:
    number = _number(value)
    if np.isnan(number):
        return "unknown"
    return decimal_text(number) if 0 < number < 1 else count_text(number)


def _is_true(value: object) -> bool:
    return str(value).strip().lower() in ("true", "1", "1.0")
