"""A stretch of text that identifies a person, and the thirteen kinds there are."""

from __future__ import annotations

from typing import NamedTuple

TOKENS = {
    "phone": "【电话】",
    "id_card": "【证件】",
    "bank_card": "【银行卡】",
    "order_no": "【订单号】",
    "plate": "【车牌】",
    "passport": "【护照】",
    "email": "【邮箱】",
    "wechat": "【微信】",
    "qq": "【QQ】",
    "url": "【网址】",
    "handle": "【账号】",
    "address": "【地址】",
    "name": "【姓名】",
}


class Span(NamedTuple):
    """Where something personal stands, and what it is (a key of `TOKENS`)."""

    start: int
    end: int
    kind: str
