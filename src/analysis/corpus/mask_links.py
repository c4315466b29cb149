"""URLs and e-mail addresses, also disguised ones (patterns run on `mask_fold.plain`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from analysis.corpus.mask_span import Finder, Span, as_kind

_MARKS = r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%|^{}\\]"
_TOP = (
    "com|cn|net|org|gov|edu|cc|top|xyz|shop|vip|me|io|co|info|club|site|online|store|tv|app|ltd|"
    "fun|link|ink|wang|biz|tech|ren|pro|mobi|asia|hk|tw|us|uk|jp|la|ly|gl|to|im|live"
)
_URL = re.compile(
    r"(?:[a-z][a-z0-9+.\-]{1,15}://|(?<![:/A-Za-z0-9])//(?=[a-z0-9\-]+\.)|(?<![A-Za-z0-9])www\.)"
    rf"{_MARKS}+",
    re.IGNORECASE,
)
_DOMAIN = re.compile(
    rf"(?<![A-Za-z0-9@._/\-])(?:[a-z0-9](?:[a-z0-9\-]{{0,40}}[a-z0-9])?\.){{1,5}}(?:{_TOP})"
    rf"(?![A-Za-z0-9\-@]|\.[a-z])(?P<path>[:/?]{_MARKS}*)?",
    re.IGNORECASE,
)
_END = re.compile(r"[.,;:!?'\"()\[\]{}|\\]+$")
# A platform's name as it writes itself (京东JD.COM): a word of the post, nobody's address.
_BRANDS = re.compile(
    r"(?:jd|taobao|tmall|pinduoduo|yangkeduo|suning|vip|amazon|dangdang|1688|58|12306|dewu|kaola|"
    r"gome|ctrip|weibo|douyin|kuaishou|xiaohongshu|bilibili|apple|mi|huawei)\.(?:com\.cn|com|cn)",
    re.IGNORECASE,
)

_HOSTS = "qq|163|126|yeah|sina|sohu|gmail|hotmail|outlook|foxmail|139|189|aliyun|live|icloud"
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9][A-Za-z0-9._%+\-]{0,63}"
    r"(?:[ ]?@[ ]?[A-Za-z0-9](?:[A-Za-z0-9\-]{0,62}\.)(?:[A-Za-z0-9\-]{1,62}\.){0,4}[A-Za-z]{2,10}"
    rf"|[ ]?(?:@|\(at\)|\[at\]|#|艾特|圈a)[ ]?(?:{_HOSTS})[ ]?(?:\.|。|点|\(dot\)|dot)[ ]?"
    r"(?:com|cn|net))(?![A-Za-z0-9])",
    re.IGNORECASE,
)


def link_spans(folded: str) -> Iterator[Span]:
    """Yield e-mail addresses and URLs, without the punctuation of the sentence around them.

    Examples
    --------
    >>> text = "邮箱zhang.san@qq.com，见http://t.cn/A6x。京东JD.COM"
    >>> [text[span.start:span.end] for span in link_spans(text)]
    ['zhang.san@qq.com', 'http://t.cn/A6x']
    """
    for finder in LINK_FINDERS:
        yield from finder.spans(folded)


def _length(address: str) -> int:
    return len(_END.sub("", address)) or len(address)


def _addresses(matches: Iterable[re.Match[str]]) -> Iterator[Span]:
    for found in matches:
        yield Span(found.start(), found.start() + _length(found.group()), "url")


def _domains(matches: Iterable[re.Match[str]]) -> Iterator[Span]:
    return _addresses(
        found for found in matches if found["path"] or not _BRANDS.fullmatch(found.group())
    )


LINK_FINDERS = (
    Finder(_EMAIL, as_kind("email")),
    Finder(_URL, _addresses),
    Finder(_DOMAIN, _domains),
)
