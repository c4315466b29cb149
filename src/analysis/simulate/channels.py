"""Where a post appears, and what its row shows beside the text."""

from __future__ import annotations

from bisect import bisect_right
from typing import TypeAlias

from analysis.simulate.days import Draws, Stratum

# What an export shows beside the text: author, place, stars, likes, the fields of a form.

_REGIONS = [
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


# The columns beside the text, in the order of `side_values`.
SIDE_COLUMNS = (
    "author_key", "region", "author_type", "rating", "demand", "status", "amount_yuan",
    "like_count", "comment_count", "share_count",
)  # fmt: skip
SideValues: TypeAlias = tuple[
    str, str | None, str | None, float | None, str | None, str | None, float | None,
    int | None, int | None, int | None,
]  # fmt: skip


def side_values(stratum: Stratum, channel: str, draws: Draws) -> SideValues:
    """Return what stands beside the text; it hints at the truth no more than real rows do."""
    uniform = draws.uniform
    author = _author(stratum, draws)
    region = _REGIONS[int(len(_REGIONS) * uniform() ** 1.7)] if uniform() < 0.6 else None
    kind = _author_type(stratum, draws) if channel in ("weibo", "news") else None
    if channel in ("review", "app_store"):
        stars = float(_stars(stratum, draws))
        return author, region, kind, stars, None, None, None, None, None, None
    if channel in ("complaint", "hotline"):
        demand, status = draws.pick(_DEMANDS), draws.pick(_STATES)
        amount = float(int(10 ** (1 + 2.8 * uniform()))) if draws.chance(0.7) else None
        return author, region, kind, None, demand, status, amount, None, None, None
    likes, comments, shares = _tail(uniform()), _tail(uniform()), _tail(uniform())
    return author, region, kind, None, None, None, None, likes, comments, shares


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


def _tail(drawn: float) -> int:
    """Return a count with a long tail: mostly nothing, now and then thousands."""
    return 0 if drawn < 0.55 else min(90_000, int(0.6 / (1.0001 - drawn) ** 1.1))


REGISTER = {
    "weibo": "weibo",
    "xiaohongshu": "weibo",
    "douyin": "short",
    "bilibili": "weibo",
    "kuaishou": "short",
    "tieba": "weibo",
    "zhihu": "weibo",
    "complaint": "complaint",
    "review": "review",
    "app_store": "app",
    "live_room": "live",
    "hotline": "complaint",
    "news": "weibo",
    "other": "weibo",
}

_TALK = {
    "weibo": 46,
    "xiaohongshu": 10,
    "douyin": 10,
    "bilibili": 4,
    "kuaishou": 4,
    "tieba": 8,
    "zhihu": 5,
    "other": 4,
}
_GRIEVANCE = {
    "weibo": 42,
    "xiaohongshu": 6,
    "douyin": 6,
    "bilibili": 2,
    "kuaishou": 3,
    "tieba": 6,
    "zhihu": 2,
    "complaint": 11,
    "review": 12,
    "app_store": 6,
    "hotline": 2,
    "other": 2,
}
_GOODS = _GRIEVANCE | {"review": 34, "app_store": 3}
_BY_CODE = {
    "live_streaming": _GRIEVANCE
    | {"live_room": 26, "douyin": 16, "kuaishou": 10, "review": 0, "app_store": 1},
    "sms_harassment": _GRIEVANCE | {"review": 1, "app_store": 9, "douyin": 2, "kuaishou": 1},
    "red_envelope": _GRIEVANCE | {"review": 0, "app_store": 10, "complaint": 6},
    "price": _GRIEVANCE | {"review": 12, "hotline": 6},
    "delivery": _GOODS,
    "after_sales": _GOODS,
    "product_quality": _GOODS | {"review": 48},
    "counterfeit": _GOODS,
}
_BY_KIND = {
    "praise": {
        "review": 52,
        "xiaohongshu": 10,
        "weibo": 18,
        "app_store": 9,
        "live_room": 6,
        "douyin": 5,
    },
    "sharing": _TALK,
    "question": _TALK | {"live_room": 10, "zhihu": 10, "review": 3},
    "joke": _TALK | {"bilibili": 10, "weibo": 60},
    "advert": {
        "weibo": 48,
        "xiaohongshu": 18,
        "douyin": 12,
        "kuaishou": 5,
        "tieba": 7,
        "live_room": 5,
        "other": 5,
    },
    "merchant": {"weibo": 40, "live_room": 30, "review": 20, "complaint": 10},
    "news": {"weibo": 48, "news": 52},
    "official": {"weibo": 55, "news": 40, "other": 5},
    "advice": _TALK | {"zhihu": 16, "news": 4},
    "chatter": _TALK | {"weibo": 70},
    "quoting": {"weibo": 100},
    "civic": {"hotline": 80, "weibo": 20},
    "resolved": {"complaint": 40, "weibo": 35, "review": 25},
}

_VOICE = {"advert": "marketing", "merchant": "merchant", "news": "media", "official": "official"}


def _ladder(weights: dict[str, int]) -> tuple[list[str], list[float]]:
    names = [name for name, weight in weights.items() if weight]
    total = sum(weights.values())
    steps, passed = [], 0.0
    for name in names:
        passed += weights[name] / total
        steps.append(passed)
    return names, steps


_LADDERS = {name: _ladder(weights) for name, weights in (_BY_CODE | _BY_KIND).items()}
_LADDERS |= {"": _ladder(_GRIEVANCE), "talk": _ladder(_TALK)}


def choose_channel(stratum: Stratum, uniform: float) -> str:
    """Return a channel, by what the post is about."""
    name = stratum.harmless or (stratum.grievances[0] if stratum.grievances else "")
    names, steps = _LADDERS.get(name) or _LADDERS["" if stratum.is_negative else "talk"]
    return names[min(bisect_right(steps, uniform), len(names) - 1)]


def voice_of(stratum: Stratum) -> str:
    """Return who speaks."""
    return _VOICE.get(stratum.harmless or "", "consumer")


def kind_of(channel: str, text: str) -> str:
    """Return what the record is."""
    if channel in ("complaint", "hotline"):
        return "complaint"
    if channel in ("review", "app_store"):
        return "review"
    if channel in ("live_room", "douyin", "kuaishou"):
        return "comment"
    return "repost" if "//@" in text else "post"
