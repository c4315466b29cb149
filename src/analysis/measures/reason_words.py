"""Reasons in tables: short codes that people can read and reports can put into words.

A reason reads `code` or `code(detail)`; several are joined by `; `, the weightiest first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from analysis.errors import CaodianError

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
