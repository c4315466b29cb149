"""Accounts and pages that lead to a person: links, mailboxes, WeChat and QQ accounts.

Patterns run on a folded copy (`mask_finders.plain`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from analysis.corpus.mask_finders import (
    CLOSED,
    COUNTED,
    DIGIT,
    FAR,
    FROM_THREE,
    HAN_DIGIT,
    LIKE_DIGIT,
    LIKE_ONE,
    NO_ZERO,
    OPENED,
    OPENS,
    AsKind,
    Finder,
    Span,
    any_length,
    further,
    late,
    one_of,
    row,
)
from analysis.engine.masking import LONGEST

# URLs and e-mail addresses, also disguised ones (patterns run on `plain`).

_MARK = r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%|^{}\\]"
# Signs that are of the sentence, too (all are folded), are theirs where more of an address follows.
_MARKS = (
    r"(?:[A-Za-z0-9\-._~/?#\[\]@$&*+=%|^{}\\]|:[0-9]{2,5}(?![0-9A-Za-z])"
    r"|[:!'(),;](?=[A-Za-z0-9_\-]*[/=&%.?#@][A-Za-z0-9]))"
)
# What is left of them at the end of an address: the rest is the sentence's.
_LAST = r"[A-Za-z0-9\-_~/#@$&*+=%^]"
_TOP = (
    "com|cn|net|org|gov|edu|cc|top|xyz|shop|vip|me|io|co|info|club|site|online|store|tv|app|ltd|"
    "fun|link|ink|wang|biz|tech|ren|pro|mobi|asia|hk|tw|us|uk|jp|la|ly|gl|to|im|live"
)
_URL = re.compile(
    rf"(?:[a-z][a-z0-9+.\-]{{1,15}}://(?={_MARK})|(?<![:/A-Za-z0-9])//(?=[a-z0-9\-]+\.)"
    rf"|(?<![A-Za-z0-9])www(?=\.{_MARK}))(?:{_MARKS}*{_LAST})?",
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

_HOSTS = (
    "qq|163|126|yeah|sina|sohu|gmail|hotmail|outlook|foxmail|139|189|aliyun|live|icloud|tom|188"
    "|21cn"
    "|263|yahoo|msn"
)
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+\-])(?:[A-Za-z0-9]"
    r"(?:[ ][A-Za-z0-9]{1,3}){3,20}[ ]?@[ ]?[A-Za-z0-9][A-Za-z0-9 ]"
    r"{1,16}[ ]?\.[ ]?(?:com|cn|net)(?![A-Za-z0-9])"
    r"|(?:[A-Za-z]{3,20}[ ](?=[0-9]{1,4}@)|(?:(?<=邮箱)|(?<=邮箱[: 是])|(?<=邮箱是:))"
    r"(?:[A-Za-z0-9._\-]{1,20}[ ]){1,3})?[A-Za-z0-9][A-Za-z0-9._%+\-#]{0,63}"
    r"(?:[ ]?@[ ]?[A-Za-z0-9](?:[A-Za-z0-9\-]{0,62}\.)(?:[A-Za-z0-9\-]{1,62}\.){0,4}[A-Za-z]{2,10}"
    rf"|(?:[ ]at[ ]|[ ]?(?:@|\(at?\)|\[at?\]|#|艾特|爱特|圈a|小老鼠)[ ]?)(?:{_HOSTS})"
    r"[ ]?(?:\.|。|点|\(dot\)|\[dot\]|dot)[ ]?"
    r"(?:com|cn|net))(?![A-Za-z0-9]))",
    re.IGNORECASE,
)


LINK_FINDERS = (
    Finder(_EMAIL, AsKind("email")),
    Finder(_URL, AsKind("url")),
    Finder(_DOMAIN, AsKind("url")),
)


# WeChat and QQ accounts behind a cue, also a disguised one (patterns run on `plain`).

_NO_COUNT = "(?![ ]?(?:元|块|人|个|万|亿|次|条|天|年|月|分|件|折|[%.][0-9]?))"
_WECHAT_CUE = (
    r"(?:[微薇威徽维溦葳][\s♥❤\ufe0f/☆★]{0,3}(?:[信♥❤芯心]|[Xx](?:in)?(?![A-Za-z]))\ufe0f?|"
    r"[VvWw]\s?[信心芯♥❤]\ufe0f?(?:[Xx](?![A-Za-z]))?|卫星(?:号|(?=[ ]?:|[A-Za-z]{2,}_[0-9]{3}))|"
    r"绿泡泡?|(?<![A-Za-z])(?:weixin|wei信|we\s?chat"
    r"|(?<![号单])(?<![A-Z][0-9])(?<![A-Z][0-9][0-9])[vw][ ._\-]?x(?!id_))"
    r"|(?<![A-Za-z])[Ww]ei[♥❤]\ufe0f?|(?<=[我他她的加])[Vv][♥❤]\ufe0f?(?=是)"
    r"|[加+➕](?:我|下|个)?[ ]?(?:[Vv](?![Ii][Pp])|[薇威微围])|(?<![A-Za-z0-9大])[Vv](?=[ ]?:)"
    r"|[薇微威维溦](?=[ ]?:)|薇(?=[A-Za-z0-9])|绿(?:色软件|聊|标)|小绿|胃信|微[.·_]信?|微我"
    r"(?=[ :])|(?<=[他她我你加同])[Vv](?![Ii][Pp])(?=[ :A-Za-z])"
    r"|(?:[嘉佳家咖]|(?<![A-Za-z])jia)[微威薇](?=[: ]?[A-Za-z]+_?[0-9]{3})"
    r"|(?<=私)[Vv](?=[: ]?[A-Za-z]+[0-9]{3})|(?<=[我他她加])微(?=[ :]?[A-Za-z][A-Za-z_]*[0-9]{2})"
    r"|(?<![A-Za-z])TG[: ]{0,2}@?"
    r"(?=[A-Za-z]+_?[0-9]{2})"
    r"|(?:淘宝会?员?|会员|用户|旺旺)名(?=[: 是]{0,2}[A-Za-z]+_?[0-9]{3})"
    r"|(?<=[他她它我你俺家的小信,])号(?=[是为:叫])|"
    r"(?<=[加的我是])[小大]号(?=[ :A-Za-z])"
    r"|(?:抖音|快手|小红书|钉钉|旺旺|陌陌|探探|知乎|微博|哔哩哔哩|[Bb]站|(?<![A-Za-z])(?:YY|UC"
    r"|[Ss]oul)|[闲咸]鱼|小黄鱼|电报|飞机|[Tt]elegram|[Ww]hats[Aa]pp|[Ss]kype|淘宝|支付宝)"
    r"(?:号|账[号户]|[Ii][Dd])"
    # Of a name for entering somewhere, from what hardly stands elsewhere on.
    r"|(?:(?<=[录陆户员册戏东多团么会程滴宁物猫台站])账[号户]名?|(?<=[录陆户员册戏])[Ii][Dd])"
    r"(?=[: 是为]{0,3}[A-Za-z]+[_\-]?[0-9])"
    r"|(?<=[录陆户员册])名(?=[: 是为]{0,3}[A-Za-z]+_?[0-9]{3})"
    r"|(?<=[用客买卖昵网])[户家称名](?=[: 是为]{0,2}[A-Za-z]+_[A-Za-z]*[0-9]{3})"
    r"|(?<=[录陆户员])名(?=[:是][\u4e00-\u9fff]{1,6}[0-9]{3})"
    r"|💬(?=[ :]{0,2}[A-Za-z]+[_\-]?[A-Za-z]*[0-9]{3})"
    r"|(?<=[,;。\"”)])号(?=[A-Za-z]{3,12}[0-9])"
    # Without a word for an account these need a digit behind letters.
    r"|(?:陌陌|探探|[Yy]{2})(?=[: ]{0,2}[0-9]{8,11}(?![0-9]))"
    r"|(?:旺旺|支付宝|淘宝|(?<![A-Za-z])(?:[Ll]ine|LINE|[Ii]ns)(?:[ ]?[Ii][Dd])?(?=[ ]?:))"
    r"(?=[: ]{0,2}[A-Za-z][A-Za-z_]{1,15}[0-9]{2})|(?<![A-Za-z0-9])[Vv]我(?=[ :]{0,2}[A-Za-z])"
    r"|微信名?[叫是]?[\u4e00-\u9fff]{1,6},号(?=[是为:])"
    r"|加(?:的|了|了?个)?(?:客服|店家|卖家|商家|老板|中介|老师|销售|对方|人家)"
    r"(?=[:是 ]{0,2}[A-Za-z][A-Za-z_\-.+➕·]*[0-9])"
    r"|加[了过她他]了?(?=[:, ]{1,2}[A-Za-z]+_[A-Za-z_]*[0-9])"
    r"|(?:滴滴?|[Dd]{1,2}|敲|戳|私信?|[Cc]all)我(?=[:, ]{0,2}[A-Za-z]+_?[0-9]{3})"
    r"|加(?=[: ]{0,2}[a-z]{2,12}(?:20[0-9]{6}|_[0-9]{3,6})(?![0-9A-Za-z]))"
    # What is said to be one behind it, or begins so itself.
    r"|(?<![A-Za-z0-9._\-@/])(?=[A-Za-z_\-]{2,16}[0-9])(?=[A-Za-z][A-Za-z0-9_\-]{5,19}[ ,]{0,2}这?"
    r"个?就?是[我他她]?的?(?:微信|威信|薇信|[vw]x)(?!支付|付款|转账|号?[里群]))"
    r"|(?<![A-Za-z0-9号单\-])(?=(?:[vw]x(?:id)?|weixin)[_\-][A-Za-z_\-.·]*[0-9])"
    rf"|(?<![A-Za-z0-9._\-@/])(?=[A-Za-z]{{2,10}}{DIGIT}{{3,10}}[ ]?(?:薇[信心]|微心|[围威]信"
    "|卫星))"
    r"|(?<!范)围(?:[♥❤]\ufe0f?)?信(?=[: 号是])|卫星(?=是[ ]?[A-Za-z]{2,}_?[0-9]{3})"
    r"|(?<=[我他她的加])卫星(?=[ ]?[A-Za-z]{2,}_?[0-9]{3})|卫星(?=[ ]?[A-Za-z]{4,}[0-9]{3}))"
)
# An account by its shape, some words behind what announces one.
_ACCOUNT_SHAPE = (
    r"(?:wxid_[a-z0-9]{6,20}|[a-z]{3,12}·[a-z0-9]{2,8}|[A-Za-z]{2,15}_[A-Za-z_]{0,10}[0-9]{2,8}"
    r"|[A-Za-z]{3,15}[.\-]?[0-9]{4,8})"
    r"(?![0-9A-Za-z_@\-]|\.[0-9A-Za-z])"
)
_FAR_ACCOUNT = (
    r"(?:[微威][信芯心]|薇[信心]|(?<!范)围信|卫星|绿泡泡?|[加私找][我他她]|联系[我他她]"
    r"|(?<![A-Za-z0-9])[Vv]我"
    f"|[账帐我他她]的?号|(?<![A-Za-z])ID(?=:)|[vw]x)[^0-9A-Za-z\0]{{0,24}}(?={_ACCOUNT_SHAPE})"
)
_LINK = (
    rf"(?:号码?|账号|帐号|[Ii][Dd]|公众号|{OPENS}|"
    r"[是为叫搜索加找吧➕+“]|是?(?:多少|啥|什么)[?]?\s{1,2}(?=[A-Za-z_\-]+[0-9])|拼音|[发给]你"
    r"|[跟和与同](?:抖音|快手|小红书|微博|[Qq][Qq]|手机)号?|一样|换[了成]|改[了成]|我的?|同号"
    r"|同步(?=[: ]{0,2}[A-Za-z])"
    r"|联系|(?:是)?字母"
    r"|[大小]写的?|全拼|/|QQ|[:;=➡→👉\ufe0f\-~,、 ]){0,6}"
)
_WECHAT = late(
    rf"(?:{_WECHAT_CUE}|{_FAR_ACCOUNT})(?P<link>{_LINK})"
    rf"(?P<it>(?:{OPENED}{row(LIKE_ONE, FROM_THREE)}{further('9', LIKE_DIGIT)}{CLOSED}"
    rf"|(?!https?:"
    rf"|www\.)(?:[A-Za-z]{{2,10}}(?=[0-9]{{0,8}}{HAN_DIGIT}{{2}}){DIGIT}{{4,10}}(?![{COUNTED}])"
    r"|[A-Za-z][A-Za-z0-9_\-.]{0,15}[·+➕][A-Za-z0-9_\-.·]{2,16}"
    r"|(?<=名[:是])[\u4e00-\u9fff]{1,6}[0-9]{3,8}"
    r"|(?<=:)[A-Za-z][A-Za-z0-9]{0,10}[._\-·][\u4e00-\u9fff]{1,6}"
    r"(?:[._\-·][\u4e00-\u9fffA-Za-z0-9]{1,8})?(?=[,。;]|\Z)"
    r"|[A-Za-z][A-Za-z0-9_\-.]{0,18}[A-Za-z0-9_\-]"
    r"(?:[(]?(?:下划线|横杠|减号|杠|点)[)]?|[\u4e00-\u9fff]{1,3}(?=[0-9]{2}))[A-Za-z0-9]{1,12}"
    r"|[A-Za-z0-9](?:[ ][A-Za-z0-9_\-]){5,19}|[A-Za-z][A-Za-z0-9]{1,9}[ ][0-9]{3,6}"
    r"|[A-Za-z][A-Za-z0-9_\-.]{3,18}[A-Za-z0-9_\-]|[0-9]{1,8}[A-Za-z_][A-Za-z0-9_\-]{3,15}"
    rf"|{any_length(5, 11)})))(?![A-Za-z0-9_\-])"
    rf"{_NO_COUNT}",
    re.IGNORECASE,
)
# How the reading tells what an account is from what stands before it and from the account.
_FREE_LINK = late(r"[ ,、吧]*\Z")
_SAME_NUMBER = late("同号")
_QQ_IN_LINK = late("qq", re.IGNORECASE)
_DIGITS = late(r"[0-9]+\Z")
_MOBILE_ACCOUNT = late(r"1[3-9][0-9]{9}\Z")
_NO_ACCOUNT = late(
    r"(?:(?:iphone|ipad|(?:mate|think|mac|magic|idea)(?:book|pad)|redmi|android|apple|wifi|https?"
    r"|pay|vip|plus|windows|huawei|oppo|vivo|xiaomi|app|"
    r"mini|read|work|shop|login|bug|emoji|ios|mac|pc)[a-z0-9]*|[a-z]{1,30}|[0-9]{1,6})\Z",
    re.IGNORECASE,
)
_QQ = late(
    r"(?:(?<![A-Za-z0-9])[Qq](?!/[0-9]{4,6}[ ]?[A-Z]{2})[ ._]?[Qq]?|🐧|[加+➕]扣|扣[ ]?扣|扣号"
    r"|[Qq]扣|扣[Qq]|企鹅|球球|秋秋"
    r"|丘丘|口口(?=[号:是 ]{0,2}[1-9][0-9]{5})|扣(?=[ ]?:)|抠抠|蔻蔻|叩叩|寇寇"
    r"|[裙鹅扣]号?(?=[:是为 ]{0,2}[1-9](?:[ \-]?[0-9]){6,9}(?![0-9]))"
    r"|群号?(?=[:是为 ]{0,2}[1-9](?:[ \-.]?[0-9]){7,9}(?![0-9]))|[加+➕扣]我(?:本人|自己)?"
    r"(?=[: ]{0,2}[1-9][0-9]{5,9}(?![0-9]))"
    rf"|(?:[Qq]{{2}}|扣扣|企鹅|球球"
    rf"|秋秋){FAR}(?=(?!20[0-2][0-9][01][0-9])[1-9][0-9]{{7,9}}(?![0-9])))"
    rf"(?:群|号码?|账号|[详私]?聊|同步|/微信|[是为加:;=/ \-,>~#]|“|{OPENS}|联系|我){{0,5}}"
    rf"(?P<it>(?!(?:19|20)[0-9]{{2}}[ \-.][01]?[0-9](?![0-9])){any_length(5, 11, NO_ZERO)})"
    rf"(?![0-9A-Za-z]|[\-.][0-9]){_NO_COUNT}"
)


def _wechat_kind(link: str, account: str) -> str | None:
    """Tell an account from a word behind 微信: without 号 or a colon it needs a digit."""
    if _MOBILE_ACCOUNT.match(account) and _SAME_NUMBER.search(link):
        return "phone"
    if _DIGITS.match(account) and _QQ_IN_LINK.search(link):
        return "qq"
    return None if _FREE_LINK.match(link) and _NO_ACCOUNT.match(account) else "wechat"


def read_accounts(matches: Iterable[re.Match[str]]) -> Iterator[Span]:
    """Yield the accounts among what stands behind 微信."""
    for found in matches:
        kind = _wechat_kind(found["link"], found["it"])
        if kind is not None:
            yield Span(*found.span("it"), kind)


CHAT_FINDERS = (Finder(_WECHAT, read_accounts), Finder(_QQ, AsKind("qq", "it")))


# Accounts that a post calls with @; those of firms, offices and platforms stay.

_SIGN = r"[A-Za-z0-9_\-\u3400-\u4dbf\u4e00-\u9fff·]"
_OFFICIAL = (
    f"(?:{one_of('official_accounts')}|{one_of('platforms')})(?:官方)?(?:(?!{_SIGN})"
    f"|(?:{one_of('account_roles')})(?:(?!{_SIGN})|{one_of('handle_clauses')}))"
)
_NOBODY = rf"所有人|全体|[0-9]+[元块折个件]?(?!{_SIGN})|{_OFFICIAL}"
_HANDLE = late(rf"(?<![A-Za-z0-9._%+\-])@(?!{_NOBODY})(?P<name>{_SIGN}{{2,40}})(?P<next>[: ]?)")
# A name without Chinese characters is taken whole.
_WHOLE_NAME = late(r"[A-Za-z0-9_\-]+\Z")
# Accounts of firms end with their role; what follows is the clause.
_FIRM = late(one_of("account_roles"))
_CLAUSE = late(one_of("handle_clauses"))
# The name of a platform that an account begins with stays.
PLATFORM = late(f"@(?:{one_of('platforms')}|毒(?=[Aa][Pp]{{2}}))")


def _name_length(name: str, *, ends_surely: bool) -> int:
    if _WHOLE_NAME.match(name) or (ends_surely and len(name) <= LONGEST):
        return len(name)
    cuts = [LONGEST, len(name)]
    role = _FIRM.search(name, 1)
    if role:
        cuts.append(role.end())
    clause = _CLAUSE.search(name, 2)
    if clause and not (role and clause.start() < role.end()):
        cuts.append(clause.start())
    return min(cuts)


def read_handles(matches: Iterable[re.Match[str]]) -> Iterator[Span]:
    """Yield each handle without the clause that follows."""
    for found in matches:
        name = found["name"]
        length = _name_length(name, ends_surely=bool(found["next"]))
        yield Span(found.start(), found.start() + 1 + length, "handle")


HANDLE_FINDERS = (Finder(_HANDLE, read_handles),)


# The smaller patterns that settle which account it is, by the names that `engine.masking` knows.
ACCOUNT_PARTS: dict[str, re.Pattern[str]] = {
    "whole_name": _WHOLE_NAME,
    "role": _FIRM,
    "clause": _CLAUSE,
    "platform": PLATFORM,
    "same_number": _SAME_NUMBER,
    "qq_in_link": _QQ_IN_LINK,
    "digits": _DIGITS,
    "mobile": _MOBILE_ACCOUNT,
    "free_link": _FREE_LINK,
    "no_account": _NO_ACCOUNT,
}
