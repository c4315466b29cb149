"""URLs and e-mail addresses, also disguised ones (patterns run on `mask_fold.plain`)."""

from __future__ import annotations

import re

from analysis.corpus.mask_span import AsKind, Finder

_MARKS = r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%|^{}\\]"
# What is left of them at the end of an address: the rest is the sentence's.
_LAST = r"[A-Za-z0-9\-_~/#@$&*+=%^]"
_TOP = (
    "com|cn|net|org|gov|edu|cc|top|xyz|shop|vip|me|io|co|info|club|site|online|store|tv|app|ltd|"
    "fun|link|ink|wang|biz|tech|ren|pro|mobi|asia|hk|tw|us|uk|jp|la|ly|gl|to|im|live"
)
_URL = re.compile(
    rf"(?:[a-z][a-z0-9+.\-]{{1,15}}://(?={_MARKS})|(?<![:/A-Za-z0-9])//(?=[a-z0-9\-]+\.)"
    rf"|(?<![A-Za-z0-9])www(?=\.{_MARKS}))(?:{_MARKS}*{_LAST})?",
    re.IGNORECASE,
)
# A platform's name as it writes itself (京东JD.COM): a word of the post, nobody's address.
_BRANDS = (
    "(?:jd|taobao|tmall|pinduoduo|yangkeduo|suning|vip|amazon|dangdang|1688|58|12306|dewu|kaola|"
    r"gome|ctrip|weibo|douyin|kuaishou|xiaohongshu|bilibili|apple|mi|huawei)\.(?:com\.cn|com|cn)"
    r"(?![A-Za-z0-9\-@:/?]|\.[a-z])"
)
_DOMAIN = re.compile(
    # What follows the first dot is said at once, for the compiled search to look here seldom.
    rf"(?<![A-Za-z0-9@._/\-])(?=[a-z0-9\-]+\.[a-z0-9][a-z0-9.\-])(?!{_BRANDS})"
    rf"(?:[a-z0-9](?:[a-z0-9\-]{{0,40}}[a-z0-9])?\.){{1,5}}(?:{_TOP})"
    rf"(?![A-Za-z0-9\-@]|\.[a-z])(?:(?=[:/?]){_MARKS}*{_LAST})?",
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


LINK_FINDERS = (
    Finder(_EMAIL, AsKind("email")),
    Finder(_URL, AsKind("url")),
    Finder(_DOMAIN, AsKind("url")),
)
