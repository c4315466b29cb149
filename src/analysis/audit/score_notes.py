"""What a reader must know beside the corrected counts, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.audit.settled_codes import SettledCodes
from analysis.numbers import decimal_text, signed_text

COVERS_ZH = "区间只涵盖机器编码的误差，不涵盖帖子的选取（谁发帖、采集到了什么）。"
COVERS_EN = "The intervals cover the coder's error, not the selection of posts."
ONE_ZH = "只有一人编码：一致性未知，编码者本人的误差仍留在估计中。"
ONE_EN = (
    "Only one person coded: agreement is unknown, and that person's errors are in the estimates."
)
OPEN_ZH = "两位编码者在 {number} 条上不一致且未经裁定，各按一半计入；编码误差仍留在估计中。"
OPEN_EN = (
    "The coders differ on {number} posts that nobody adjudicated; each counts half, and coder "
    "error is left in the estimates."
)
LEFT_ZH = (
    "裁定之后仍有编码误差：按两人独立出错推算，样本中两人同错的帖子数及其对估计的影响约为 "
    "{listed}；估计与区间未计入。"
)
LEFT_EN = (
    "Coder error is left after adjudication: if the two err independently, both coded wrong about "
    "this many posts of the sample (and would move the estimate by): {listed}; neither estimates "
    "nor intervals take it in."
)
SAME_ZH = "两份表逐格相同：只有两人分开编码，一致性才说明问题；请确认不是同一份表交了两次。"
SAME_EN = (
    "The two sheets are equal cell for cell: agreement says something only if two people coded "
    "apart. Make sure that one sheet was not handed in twice."
)
NOTICEABLE = 0.5


@dataclass(frozen=True)
class LeftError:
    """Posts of the sample that both coders probably coded wrong, and what they hide."""

    posts: float
    shift: float


def write_notes(
    settled: SettledCodes, shared: dict[str, LeftError], names: Mapping[str, tuple[str, str]]
) -> list[dict[str, str]]:
    """Return the notes of an audit table.

    Parameters
    ----------
    settled
        How the codes were settled.
    shared
        What both coders probably coded wrong, by code.
    names
        What a reader calls each code, in Chinese and in English.

    Returns
    -------
    list[dict[str, str]]
        Notes with the keys `zh` and `en`.

    Examples
    --------
    >>> import pandas as pd
    >>> settled = SettledCodes((pd.DataFrame(),), pd.DataFrame({"post_id": ["1"]}), 0, False)
    >>> write_notes(settled, {}, {})[1]["en"]
    "Only one person coded: agreement is unknown, and that person's errors are in the estimates."
    """
    notes = [_note(COVERS_ZH, COVERS_EN)]
    if len(settled.forms) < 2:
        notes.append(_note(ONE_ZH, ONE_EN))
    elif settled.disputed and not settled.is_adjudicated:
        notes.append(_note(OPEN_ZH, OPEN_EN, number=settled.disputed))
    if len(settled.forms) > 1 and settled.forms[0].equals(settled.forms[1]):
        notes.append(_note(SAME_ZH, SAME_EN))
    left = {name: error for name, error in shared.items() if error.posts >= NOTICEABLE}
    if left:
        parts = [
            (_called(name, names), decimal_text(error.posts, 1), signed_text(error.shift, 0))
            for name, error in left.items()
        ]
        zh = "、".join(f"{name[0]} {posts}（{shift}）" for name, posts, shift in parts)
        en = ", ".join(f"{name[1]} {posts} ({shift})" for name, posts, shift in parts)
        notes.append({"zh": LEFT_ZH.format(listed=zh), "en": LEFT_EN.format(listed=en)})
    return notes


def _called(name: str, names: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    """Return what a reader calls a code or, by its own name, a platform."""
    plain = name.removeprefix("platform:")
    return names.get(name, (plain, plain))


def _note(zh: str, en: str, **values: object) -> dict[str, str]:
    return {"zh": zh.format(**values), "en": en.format(**values)}
