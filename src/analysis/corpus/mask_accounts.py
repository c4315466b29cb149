"""Accounts and addresses of the net: URLs, e-mail, WeChat and QQ numbers, @handles."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analysis.corpus.mask_span import Span

_URL_MARKS = r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%|^{}\\]"
_TOP = (
    "com|cn|net|org|gov|edu|cc|top|xyz|shop|vip|me|io|co|info|club|site|online|store|tv|app|ltd|"
    "fun|link|ink|wang|biz|tech|ren|pro|mobi|asia|hk|tw|us|uk|jp|la|ly|gl|to|im|live"
)
_URL = re.compile(
    rf"(?:[a-z][a-z0-9+.\-]{{1,15}}://|(?<![:/A-Za-z0-9])//(?=[a-z0-9\-]+\.)|(?<![A-Za-z0-9])www\.)"
    rf"{_URL_MARKS}+",
    re.IGNORECASE,
)
_DOMAIN = re.compile(
    rf"(?<![A-Za-z0-9@._/\-])(?:[a-z0-9](?:[a-z0-9\-]{{0,40}}[a-z0-9])?\.){{1,5}}(?:{_TOP})"
    rf"(?![A-Za-z0-9\-@]|\.[a-z])(?P<path>[:/?]{_URL_MARKS}*)?",
    re.IGNORECASE,
)
# The platform's name as it writes itself (京东JD.COM): a word of the post, nobody's address.
_BRANDS = frozenset(
    ["jd.com", "taobao.com", "tmall.com", "pinduoduo.com", "yangkeduo.com", "suning.com", "vip.com", "amazon.cn", "amazon.com", "dangdang.com", "1688.com", "58.com", "12306.cn", "dewu.com", "kaola.com", "gome.com.cn", "ctrip.com", "weibo.com", "douyin.com", "kuaishou.com", "xiaohongshu.com", "bilibili.com", "apple.com"]
)
_URL_END = re.compile(r"[.,;:!?'\"()\[\]{}|\\]+$")

_MAIL_HOST = "qq|163|126|yeah|sina|sohu|gmail|hotmail|outlook|foxmail|139|189|aliyun|live|icloud"
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9][A-Za-z0-9._%+\-]{0,63}"
    r"(?:[ ]?@[ ]?[A-Za-z0-9](?:[A-Za-z0-9\-]{0,62}\.)(?:[A-Za-z0-9\-]{1,62}\.){0,4}[A-Za-z]{2,10}"
    rf"|[ ]?(?:@|\(at\)|\[at\]|#|艾特|圈a)[ ]?(?:{_MAIL_HOST})[ ]?(?:\.|。|点|\(dot\)|dot)[ ]?(?:com|cn|net))"
    r"(?![A-Za-z0-9])",
    re.IGNORECASE,
)

_WE = (
    r"(?:[微薇威徽维溦]\s?[信♥❤]|[Vv]\s?信|[Vv]❤|卫星号|(?<![A-Za-z])(?:weixin|we\s?chat|vx|wx)"
    r"|[加＋+➕](?:我|下)?[ ]?(?:[Vv](?![Ii][Pp])|薇|威|微)|(?<![A-Za-z0-9\u4e00-\u9fff])[Vv薇微威](?=[ ]?[:：]))"
)
_LINK = r"(?:号码?|账号|帐号|[Ii][Dd]|公众号|[是为搜加找➕+]|我的?|同号|联系|/|QQ|qq|[:：;；=➡→\-—~～,，、 ]){0,6}"
_WECHAT_ID = (
    r"(?P<it>(?!https?:|www\.)(?:[A-Za-z][A-Za-z0-9_\-]{4,19}|[0-9]{5,11}))(?![A-Za-z0-9_\-])"
)
_WECHAT = re.compile(
    rf"{_WE}(?P<link>{_LINK}){_WECHAT_ID}"
    r"(?![ ]?(?:元|块|人|个|万|亿|次|条|天|年|月|分|件|[%.][0-9]?))",
    re.IGNORECASE,
)
_PRODUCT_WORD = re.compile(
    r"(?:iphone|ipad|android|apple|wifi|https?|pay|vip|plus|windows|huawei|oppo|vivo|xiaomi|app|"
    r"mini|read|work|shop|login|bug|emoji|ios|mac|pc)[a-z0-9]*$|[a-z]{1,30}$",
    re.IGNORECASE,
)
_PLAIN_LINK = re.compile(r"[ ,，、]*$")
_QQ = re.compile(
    r"(?:(?<![A-Za-z0-9])[Qq]{1,2}|扣扣|企鹅|球球|抠抠|蔻蔻)(?:群|号码?|账号|[是为加:：;=/ \-—]|联系|我){0,5}"
    r"(?P<it>[1-9][0-9]{4,10})(?![0-9A-Za-z])(?![ ]?(?:元|块|人|个|万|亿|次|条|天|年|月|分|件|[%.]))"
)


def account_spans(folded: str) -> Iterator[Span]:
    """Yield URLs, e-mail addresses, WeChat and QQ accounts, the surest kind first.

    Examples
    --------
    >>> [span.kind for span in account_spans("加V：abc_123 或 QQ 12345678，见 http://t.cn/A6x")]
    ['url', 'wechat', 'qq']
    """
    for found in _EMAIL.finditer(folded):
        yield Span(*found.span(), "email")
    for found in _URL.finditer(folded):
        yield Span(found.start(), found.start() + _trimmed(found.group()), "url")
    for found in _DOMAIN.finditer(folded):
        if found["path"] or found.group().lower() not in _BRANDS:
            yield Span(found.start(), found.start() + _trimmed(found.group()), "url")
    for found in _WECHAT.finditer(folded):
        kind = _wechat_kind(found["link"], found["it"])
        if kind is not None:
            yield Span(*found.span("it"), kind)
    for found in _QQ.finditer(folded):
        yield Span(*found.span("it"), "qq")


def _trimmed(address: str) -> int:
    """Length of an address without the punctuation of the sentence around it."""
    return len(_URL_END.sub("", address)) or len(address)


def _wechat_kind(link: str, account: str) -> str | None:
    """Tell an account from a word behind `微信`: without 号 or a colon it needs a digit."""
    if "同号" in link and re.fullmatch("1[3-9][0-9]{9}", account):
        return "phone"
    if re.search("[Qq]{2}", link) and account.isdigit():
        return "qq"
    if _PLAIN_LINK.match(link) and (
        _PRODUCT_WORD.match(account) or (account.isdigit() and len(account) < 7)
    ):
        return None
    return "wechat"
