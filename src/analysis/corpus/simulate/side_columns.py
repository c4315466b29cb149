"""What an export shows beside the text: author, place, stars, likes, the fields of a form."""

from __future__ import annotations

from typing import Any

from analysis.corpus.simulate.draws import Draws
from analysis.corpus.simulate.strata import Stratum

REGIONS = [
    "广东",
    "浙江",
    "江苏",
    "山东",
    "北京",
    "上海",
    "四川",
    "河南",
    "湖北",
    "福建",
    "湖南",
    "河北",
    "安徽",
    "辽宁",
    "陕西",
    "重庆",
    "江西",
    "广西",
    "天津",
    "云南",
    "黑龙江",
    "山西",
    "吉林",
    "贵州",
    "内蒙古",
    "新疆",
    "甘肃",
    "海南",
    "宁夏",
    "青海",
    "西藏",
    "香港",
    "海外",
]
_DEMANDS = [
    "退款",
    "退一赔三",
    "道歉",
    "换货",
    "赔偿损失",
    "尽快发货",
    "退差价",
    "删除个人信息",
    "解释原因",
]
_STATES = ("已提交", "处理中", "商家已回复", "已完成")
_AUTHOR_TYPE = {
    "news": "media",
    "official": "government",
    "merchant": "business",
    "advert": "marketing",
}


def side_columns(stratum: Stratum, channel: str, draws: Draws) -> dict[str, Any]:
    """Return the columns beside the text; they hint at the truth no more than real ones do."""
    columns: dict[str, Any] = {"author_key": _author(stratum, draws)}
    if draws.chance(0.6):
        columns["region"] = REGIONS[int(len(REGIONS) * draws.uniform() ** 1.7)]
    if channel in ("weibo", "news"):
        columns["author_type"] = _author_type(stratum, draws)
    if channel in ("review", "app_store"):
        columns["rating"] = float(_stars(stratum, draws))
    elif channel in ("complaint", "hotline"):
        columns["demand"] = draws.pick(_DEMANDS)
        columns["status"] = draws.pick(_STATES)
        if draws.chance(0.7):
            columns["amount_yuan"] = float(int(10 ** (1 + 2.8 * draws.uniform())))
    else:
        columns |= {
            "like_count": _tail(draws), "comment_count": _tail(draws), "share_count": _tail(draws),
        }  # fmt: skip
    return columns


def _author(stratum: Stratum, draws: Draws) -> str:
    """Few adverts' authors write much; most consumers write once."""
    people, power = (40_000, 3.0) if stratum.harmless == "advert" else (60_000_000, 1.6)
    return f"{int(people * draws.uniform() ** power):08x}"


def _author_type(stratum: Stratum, draws: Draws) -> str:
    usual = _AUTHOR_TYPE.get(stratum.harmless or "", "person")
    return usual if draws.chance(0.7) else "person"


def _stars(stratum: Stratum, draws: Draws) -> int:
    """Stars are no label: many five-star reviews complain, and some unhappy ones praise."""
    ladder = (0.48, 0.60, 0.72, 0.80) if stratum.is_negative else (0.02, 0.03, 0.07, 0.18)
    drawn = draws.uniform()
    return 1 + sum(drawn >= step for step in ladder)


def _tail(draws: Draws) -> int:
    """Return a count with a long tail: mostly nothing, now and then thousands."""
    drawn = draws.uniform()
    return 0 if drawn < 0.55 else min(90_000, int(0.6 / (1.0001 - drawn) ** 1.1))
