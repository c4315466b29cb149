"""Where a post appears, and what its row shows beside the text."""

from __future__ import annotations

from analysis.corpus.simulate.strata import Stratum

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

VOICE = {"advert": "marketing", "merchant": "merchant", "news": "media", "official": "official"}


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
    """Return a channel, by what the post is about.

    Examples
    --------
    >>> choose_channel(Stratum((), (), harmless="quoting"), 0.5)
    'weibo'
    """
    name = stratum.harmless or (stratum.grievances[0] if stratum.grievances else "")
    names, steps = _LADDERS.get(name) or _LADDERS["" if stratum.is_negative else "talk"]
    for channel, step in zip(names, steps, strict=True):
        if uniform < step:
            return channel
    return names[-1]


def voice_of(stratum: Stratum) -> str:
    """Return who speaks."""
    return VOICE.get(stratum.harmless or "", "consumer")


def kind_of(channel: str, text: str) -> str:
    """Return what the record is.

    Examples
    --------
    >>> kind_of("weibo", "转发微博//@某人：早"), kind_of("app_store", "好用")
    ('repost', 'review')
    """
    if channel in ("complaint", "hotline"):
        return "complaint"
    if channel in ("review", "app_store"):
        return "review"
    if channel in ("live_room", "douyin", "kuaishou"):
        return "comment"
    return "repost" if "//@" in text else "post"
