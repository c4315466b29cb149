"""The patterns that find what identifies a person, kind by kind, also where it is disguised."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from analysis.engine.masking import LONGEST, REACH
from analysis.yaml_text import read_yaml

# A stretch of text that identifies a person, the thirteen kinds there are, and who finds them.

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


_WORDS: dict[str, str] = read_yaml(Path(__file__).with_name("mask_words.yaml").read_text("utf-8"))


def _one_of(name: str) -> str:
    """Write the pattern of one of the words of a list."""
    return "|".join(_WORDS[name].split())


def _by_first(*patterns: str) -> str:
    """Write the pattern of one of the words of lists, those that begin alike together."""
    rests: dict[str, list[str]] = {}
    for word in "|".join(patterns).split("|"):
        rests.setdefault(word[0], []).append(word[1:])
    return "|".join(f"{first}(?:{'|'.join(rest)})" for first, rest in rests.items())


def _characters(name: str) -> str:
    """Return characters that stand for themselves each."""
    return "".join(_WORDS[name].split())


Reading = Callable[[list[re.Match[str]]], Iterable[Span]]


class Finder(NamedTuple):
    """One pattern, and how its matches are read; where it does not match, it finds nothing."""

    pattern: re.Pattern[str]
    read: Reading

    def spans(self, folded: str, first: int = 0, last: int | None = None) -> Iterable[Span]:
        """Return what is found in a folded text, of which matches begin between two places.

        Examples
        --------
        >>> list(Finder(re.compile("1+"), AsKind("phone")).spans("11 1 1", 1, 3))
        [Span(start=1, end=2, kind='phone'), Span(start=3, end=4, kind='phone')]
        """
        last = len(folded) if last is None else last
        matches = []
        while first <= last and (found := self.pattern.search(folded, first)):
            matches.append(found)
            first = found.end()
        return self.read(matches) if matches else ()


@dataclass(frozen=True)
class AsKind:
    """The reading of a pattern of which every match, or a group of it, is of one kind.

    Examples
    --------
    >>> list(Finder(re.compile("打(?P<it>[0-9]+)"), AsKind("phone", "it")).spans("打110"))
    [Span(start=1, end=4, kind='phone')]
    """

    kind: str
    group: str | int = 0

    def __call__(self, matches: Iterable[re.Match[str]]) -> list[Span]:
        """Return a span for each match."""
        return [Span(*found.span(self.group), self.kind) for found in matches]


# The copies of a text that patterns run on: every character keeps its place in them.

# Digits written as characters, also the ones of cheques and of radio speech (幺).
HAN_DIGITS = "〇零一壹幺二贰三叁四肆五伍六陆七柒八捌九玖"
_VALUES = "001112233445566778899"

# What `plain` replaces, character by character.
PLAIN: dict[int, str] = {0xFF01 + place: chr(0x21 + place) for place in range(94)}
PLAIN |= {0x2460 + place: chr(0x31 + place) for place in range(9)}
PLAIN |= dict.fromkeys([*range(0x2010, 0x2016), 0x2212], "-")
PLAIN |= {0x24EA: "0", 0x3000: " ", 0xA0: " ", 0x2164: "V"}
_SPELLED = dict(zip(map(ord, HAN_DIGITS), _VALUES, strict=True))
_SPELLED |= dict.fromkeys(map(ord, ",，、"), "-")
# Both at once.
PLAIN_AND_SPELLED = {
    **_SPELLED,
    **{mark: _SPELLED.get(ord(to), to) for mark, to in PLAIN.items()},
}
_TOKEN = re.compile("|".join(map(re.escape, TOKENS.values())))


def plain(text: str) -> str:
    r"""Return the text with full-width, circled and dashed forms as plain, tokens excluded out.

    Examples
    --------
    >>> plain("【电话】①３８－")
    '\x00\x00\x00\x00138-'
    """
    if "【" in text:
        text = _TOKEN.sub(lambda token: "\x00" * len(token.group()), text)
    return text.translate(PLAIN)


@lru_cache(1)
def _spelled(folded: str) -> str:
    """Return a folded text with digits that are written as characters as digits."""
    return folded.translate(_SPELLED)


# URLs and e-mail addresses, also disguised ones (patterns run on `plain`).

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
    rf"|(?:[ ]at[ ]|[ ]?(?:@|\(at\)|\[at\]|#|艾特|圈a)[ ]?)(?:{_HOSTS})"
    r"[ ]?(?:\.|。|点|\(dot\)|\[dot\]|dot)[ ]?"
    r"(?:com|cn|net))(?![A-Za-z0-9])",
    re.IGNORECASE,
)


LINK_FINDERS = (
    Finder(_EMAIL, AsKind("email")),
    Finder(_URL, AsKind("url")),
    Finder(_DOMAIN, AsKind("url")),
)


# @handles: where a Weibo name ends when the clause runs on without a space.

_MARK = r"[A-Za-z0-9_\-\u3400-\u4dbf\u4e00-\u9fff·]"
_NOBODY = rf"所有人|全体|[0-9]+[元块折个件]?(?!{_MARK})"
_HANDLE = re.compile(
    rf"(?<![A-Za-z0-9._%+\-])@(?!{_NOBODY})(?P<name>{_MARK}{{2,40}})(?P<next>[: ]?)"
)
# A name without Chinese characters is taken whole.
_WHOLE_NAME = re.compile(r"[A-Za-z0-9_\-]+\Z")
# Accounts of firms end with their role; what follows is the clause.
_ROLE = re.compile(_one_of("account_roles"))
# Words that open a clause, and that a name without a space behind it does not hold.
_CLAUSE = re.compile(
    "没有?|不[是要能给会让想管理发退]|[你我他她它您咱]们?|这[个样是种]?|那[个样]?|为什么|怎么|什么|"
    "请|麻烦|求|管管|出来|[说看给让把被叫找问骗坑退发卖买到在就都也还又很太真][^店吧]|"
    "是[不我你一这]|的|了|吗|呢|吧|能不|可以|赶紧|快点|到底|如何|一[直个]|客服|回复|处理|解决|"
    "求助|救命|垃圾|骗子|无良|加油"
)
# The name of a platform that an account begins with stays.
PLATFORM = re.compile(f"@(?:{_one_of('platforms')}|毒(?=[Aa][Pp]{{2}}))")


def _name_length(name: str, *, ends_surely: bool) -> int:
    if _WHOLE_NAME.match(name) or (ends_surely and len(name) <= LONGEST):
        return len(name)
    cuts = [LONGEST, len(name)]
    role = _ROLE.search(name, 1)
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


# Names of people that a cue announces (我叫, 联系人, 收件人, 姓名), or a phone number follows.

_DOUBLE = _one_of("double_surnames")
_SURE = _characters("surnames")
# Only behind a colon.
_DOUBTFUL = _characters("doubtful_surnames")
_TITLE = _one_of("titles") + "|工(?!作)"
_HAN = "\u4e00-\u9fff"
_NOT_GIVEN = _characters("not_given")
_NO_NAME = rf"{_TITLE}|[{_NOT_GIVEN}理式装排该求信址话们通客服家重方货单款价牌]|上门|师傅"


def _named(surnames: str, behind: str = "") -> str:
    """Write the pattern of a name: a surname, and one or two characters with `behind` behind them.

    The second is left out where a title begins or the clause goes on (王小女士, 王小的); the
    scalper (黄牛) is none.
    """
    given = rf"[{_HAN}]{{1,2}}{behind}"
    return (
        rf"(?P<it>(?:{_DOUBLE}|(?!(?:{_DOUBLE}){given})[{surnames}])(?={given})"
        rf"(?!{_NO_NAME}|牛(?![{_HAN}]{behind}))[{_HAN}]"
        rf"(?:(?!{_TITLE}|[{_NOT_GIVEN}])[{_HAN}](?={behind}))?)"
    )


def _surname(characters: str) -> str:
    """Write the pattern of a surname, of which those of two characters are taken whole."""
    return f"(?:{_DOUBLE}|(?!{_DOUBLE})[{characters}])"


def _but(characters: str, others: str) -> str:
    """Leave some characters out."""
    return "".join(one for one in characters if one not in others)


def _han_but(characters: str) -> str:
    """Write, for a class, the Chinese characters without some."""
    bounds = [0x4DFF, *sorted({ord(one) for one in characters if one >= "一"}), 0xA000]
    pairs = pairwise(bounds)
    return "".join(f"{chr(low + 1)}-{chr(high - 1)}" for low, high in pairs if low + 1 < high)


_CUES, _WEAK_CUES = _one_of("cues"), _one_of("weak_cues") + "|名字是|名字叫"
_ANNOUNCED = re.compile(
    rf"(?:(?:{_by_first(_CUES)})(?:姓名|名称?|名字)?(?:[ ]?:[ ]?"
    rf"|[是为叫][ ]?|[ ]{{1,2}}|[\\[【(“\"])"
    rf"|(?:{_WEAK_CUES}|消费者|客户|收件|收货|名字)[ ]?:[ ]?)" + _named(_SURE + _DOUBTFUL)
)
# Behind a name that nothing sets off: no Chinese character but of 电话, 手机, 联系, 地址, 住, 身份.
_ENDS = rf"(?!(?![电手联地住身])[{_HAN}])"
_BARE = re.compile(rf"(?:{_CUES}|本人|名叫|名字[是叫])" + _named(_SURE, _ENDS))
_CALLED = re.compile(
    "[我俺](?:的?(?:真名|名字|大名|本名|姓名))?(?:是叫|名叫|叫做?)" + _named(_SURE)
)
_PHONE = r"[ ,:]{0,3}(?:(?:电话|手机|联系方式)[: ]{0,2})?(?:\+?86[ \-]?)?1[3-9][0-9][ \-]?[0-9]{4}"
_BESIDE_PHONE = re.compile(rf"(?<![{_HAN}A-Za-z])" + _named(_SURE, _PHONE))

# Characters that given names are mostly made of, but for those that words of complaints begin with.
_GIVEN = _characters("given") + _characters("traditional_given")
# Those that are in names where something else tells one, too; names of one character, of one twice.
_FIRST, _SECOND = _GIVEN + _characters("more_first"), _GIVEN + _characters("more_second")
_WIDE, _SINGLE = _FIRST + _SECOND + "发", _characters("single_given")
_TWICE = _one_of("doubled_given")
_LONG_TITLES = "|".join(title for title in _TITLE.split("|") if len(title) == 2)
_NO_TITLE = f"(?!{_by_first(_LONG_TITLES, _one_of('no_given_names'))})"
# What clauses go on with is left to them.
_ENDING = _but(_SECOND, _but(_characters("said_behind"), _GIVEN))
_FULL = rf"(?:{_NO_TITLE}[{_GIVEN}]{_NO_TITLE}[{_GIVEN}]|{_TWICE})"
_TOLD = rf"(?:{_NO_TITLE}[{_FIRST}]{_NO_TITLE}[{_ENDING}]|{_TWICE})"
_SURER = rf"(?:{_TWICE}|{_NO_TITLE}(?:[{_GIVEN}][{_ENDING}]|[{_FIRST}][{_GIVEN}]))"
_PLACES = _one_of("no_names")
# Where nothing but a role, a title or the clause tells a name, these begin none.
_KNOWN = re.compile(
    _by_first(*map(_one_of, ("no_names", "no_names_alone", "brands", "public_figures")))
)
# 本人于国庆: 于 is a preposition there.
_EVERY = _surname(_SURE + _DOUBTFUL.replace("于", ""))
_COMMON = _surname(_SURE)
_NEVER_ALONE = _characters("never_alone")
_OFTEN_WORDS = _but(_characters("everyday_surnames") + _DOUBTFUL, _NEVER_ALONE)
_RARELY_WORDS = _but(_SURE, _OFTEN_WORDS + _NEVER_ALONE)
_SETS_OFF = f"(?![{_HAN}])"
# No Chinese character stands before or behind but of what is said of a person (让, 找; 说, 没).
_BEFORE_ONE = f"(?<![{_han_but(_characters('said_before'))}])"
_BEHIND_ONE = f"(?![{_han_but(_characters('said_behind'))}])"
# What a cue announces: set off, nearly every character may be in it; in characters of given names
# it is a name, whatever follows; names of minorities are written with a dot between their parts.
_SET_OFF = rf"{_NO_TITLE}[{_WIDE}](?:{_NO_TITLE}[{_WIDE}])?{_SETS_OFF}"
_ANY = _surname(_SURE + _DOUBTFUL)
_CUED = re.compile(
    rf"(?:{_by_first(_CUES, _WEAK_CUES)})(?:[ ]?[:是为叫][ ]?|[ ])?[\\[【(“\"「]?"
    rf"(?P<it>[{_HAN}]{{2,6}}[·•][{_HAN}]{{2,6}}"
    rf"|(?!{_PLACES})(?:{_ANY}{_SET_OFF}|{_EVERY}(?:{_FULL}|[{_GIVEN}]{_SETS_OFF})))"
)
_SAID_OF_SELF = re.compile(
    rf"(?:[我俺咱]叫|本人|名叫|一个叫|(?:名字|真名|本名|大名|姓名)[是叫]?)"
    rf"(?P<it>{_COMMON}(?!{_NO_NAME}|[{_NOT_GIVEN}])[{_HAN}]"
    rf"(?:(?!{_TITLE}|[{_NOT_GIVEN}人员户])[{_HAN}])?{_SETS_OFF}|{_ANY}{_SET_OFF})"
)
_I_AM = re.compile(
    rf"[我俺]是(?P<it>{_surname(_RARELY_WORDS)}(?!{_NO_NAME}|[{_NOT_GIVEN}])[{_HAN}]"
    rf"(?:(?!{_TITLE}|[{_NOT_GIVEN}人员户])[{_HAN}])?{_SETS_OFF}"
    rf"|{_surname(_OFTEN_WORDS)}{_SET_OFF})"
)
_SPACED = re.compile(rf"(?:{_CUES})[ ]?:[ ]?(?P<it>{_EVERY}[ ][{_HAN}]{{1,2}}){_SETS_OFF}")
# Roles, kin and verbs are cues as well; a full name must be sure of each of its characters.
_ROLES = _by_first(_one_of("roles"))
_BEHIND_ROLE = re.compile(
    rf"(?:{_ROLES})(?:叫|名叫|是)?[ ]?[\[【(“\"「]?"
    rf"(?P<it>{_EVERY}(?:{_FULL}|(?:{_TOLD}|[{_SINGLE}]){_BEHIND_ONE}))"
)
_HONOURED = "女士|先生|小姐|同志|律师|医生|大夫|老师|师傅|经理|主任|店长"
_THANKED = re.compile(
    rf"(?:{_one_of('thanks')})(?P<it>{_COMMON}(?:{_FULL}|(?:{_TOLD}|[{_SINGLE}])(?:{_BEHIND_ONE}|(?={_HONOURED}))))"
)
_NAMED_ONE = re.compile(rf"叫(?:做)?(?P<it>{_COMMON}(?:{_TOLD}|[{_GIVEN}])(?=的|{_SETS_OFF}))")
_BEFORE_ROLE = re.compile(
    rf"(?P<it>{_surname(_RARELY_WORDS + _DOUBTFUL)}(?:{_FULL}|{_TOLD}))(?={_HONOURED})"
)
_BEFORE_TITLE = re.compile(rf"{_BEFORE_ONE}(?P<it>{_EVERY}(?:{_TOLD}|[{_SINGLE}]))(?={_HONOURED})")
_AGAINST = re.compile(rf"(?:投诉|举报|起诉)(?P<it>{_EVERY}{_FULL}){_SETS_OFF}")
_QUOTED = re.compile(rf"[“\"「](?P<it>{_COMMON}(?:{_TOLD}))[”\"」]")
_PART = rf"(?:{_one_of('minority_parts')})"
_PARTED_ALONE = re.compile(
    rf"(?P<it>{_PART}[{_HAN}]{{0,3}}[·•][{_HAN}]{{1,6}}?"
    rf"|[{_han_but(_characters('said_before'))}]{{2,4}}[·•][{_HAN}]{{0,2}}{_PART}[{_HAN}]{{0,2}}?){_BEHIND_ONE}"
)
# Signed below, behind a dash or as the last line.
_LINE = "\n"
_SIGNED = re.compile(rf"[{_LINE}\-][ ]?(?P<it>{_EVERY}[{_WIDE}]{{1,2}})(?=[ ]?(?:{_LINE}|\Z))")
_RESPECTFUL = re.compile(rf"(?P<it>{_EVERY}(?:{_TOLD}|[{_WIDE}]))(?=敬上|谨上|敬启|谨启|拜上)")
# Nothing announces these: surname, given name and what stands on one side, or on both, agree.
_ALONE = re.compile(
    rf"{_BEFORE_ONE}(?P<it>{_surname(_RARELY_WORDS)}"
    rf"(?:{_FULL}|(?:{_TOLD}|[{_SINGLE}]){_BEHIND_ONE}))"
)
_ALONE_BEFORE = re.compile(rf"(?P<it>{_surname(_RARELY_WORDS)}{_FULL}){_BEHIND_ONE}")
_ALONE_BETWEEN = re.compile(
    rf"{_BEFORE_ONE}(?P<it>{_surname(_OFTEN_WORDS)}(?:{_SURER}|[{_SINGLE}])){_BEHIND_ONE}"
)
_SYLLABLE = (
    "(?:[bpmfdtnlgkhjqxrzcsyw]|[zcs]h)?(?:[iu]?[aeo]|[ae]i|[iu]?a[on]|i?ang|"
    "uang|[aeiu]n|[ei]ng|i?ong|ou|i?u|i|ui|uai|ue|er)"
)
_LATIN = re.compile(
    rf"(?<![A-Za-z])(?<![A-Za-z][ ])(?P<it>(?:{_one_of('latin_surnames')})"
    rf"[ ](?=[A-Z])[B-Zb-z]?"
    rf"{_SYLLABLE}(?:{_SYLLABLE})?)(?![A-Za-z]| [A-Z])"
)
_LATIN_CUED = re.compile(
    rf"(?:{_CUES})[ ]?[:是]?[ ]?(?P<it>[A-Z]"
    rf"[A-Za-z]{{1,20}}(?:[ ][A-Z][A-Za-z]{{1,20}}){{1,3}})(?![A-Za-z])"
)


def read_names(matches: Iterable[re.Match[str]]) -> Iterator[Span]:
    """Yield names that are neither a public figure's, a brand's nor the beginning of a word."""
    for found in matches:
        if not _KNOWN.match(found.string, found.start("it")):
            yield Span(*found.span("it"), "name")


NAME_FINDERS = (
    *(
        Finder(pattern, AsKind("name", "it"))
        for pattern in (
            *(_RESPECTFUL, _CUED, _ANNOUNCED, _SPACED, _BARE, _CALLED),
            *(_AGAINST, _LATIN_CUED),
        )
    ),
    *(
        Finder(pattern, read_names)
        for pattern in (
            *(
                _SAID_OF_SELF,
                _I_AM,
                _BESIDE_PHONE,
                _BEHIND_ROLE,
                _NAMED_ONE,
                _BEFORE_ROLE,
                _BEFORE_TITLE,
                _QUOTED,
                _SIGNED,
            ),
            *(_PARTED_ALONE, _THANKED, _ALONE, _ALONE_BEFORE, _ALONE_BETWEEN, _LATIN),
        )
    ),
)


# Postal addresses that lead to a house or a room (patterns run on `plain`).

_HOUSE_NUMBER = "[0-9A-Za-z一二三四五六七八九十百零〇]{1,6}"
# 三路 is a bus, 文三路 a street.
_STREET = (
    "(?<![0-9一二三四五六七八九十线])路"
    "|(?<![坐乘第是有上等换转的了从到在和一二三四五六七八九十0-9][一二三四五六七八九十])"
    f"(?<=[{_HAN}][一二三四五六七八九十])路"
    "|街|大道|巷|弄|胡同"
)
# These end other words too (知道15号, 球队15号): only within a named region.
_WEAK_STREET = "道|村|里|庄|镇|乡|屯|组|队"
_ESTATE = _one_of("estates")
_DOOR = (
    rf"(?:[ \-]?{_HOUSE_NUMBER}(?:号楼|号院|(?<=[0-9])#楼?|号?宿舍楼?|号公寓|"
    rf"单元|單元|[栋幢座层室户房弄号楼棟層號樓])"
    r"|(?<=[栋幢座元号层楼棟號樓#])[ \-]?(?:[0-9]{3,4}(?![0-9元块.])|[一二三四五六七八九零〇]{3,4})"
    r"|-[0-9]{1,4}(?![0-9元块.]))"
)
# 5号发货, 3号晚上: a day of the month; 12号链接, 5号线: the number of a thing.
_NOT_DOOR = (
    "(?!发|下单|到|收|签收|晚|早|凌晨|上午|下午|中午|前|之前|开始|付款|客服|线|链接|主播|直播|选手|"
    "技师|员工|的时候|就|才|买|店铺)"
)
_STREET_HOUSE = re.compile(
    rf"(?:{_STREET})(?:[一二三四五六]?段)?[ ]?{_HOUSE_NUMBER}(?:[号號]{_NOT_DOOR}|[座栋幢])"
)
_WEAK_HOUSE = re.compile(
    rf"(?<=[省市区县镇乡][{_HAN}])[{_HAN}]{{0,6}}(?:{_WEAK_STREET})[ ]?{_HOUSE_NUMBER}号{_NOT_DOOR}"
)
_ESTATE_HOUSE = re.compile(
    rf"(?:{_ESTATE})[ ]?(?:[0-9]{{1,3}}#楼?|{_HOUSE_NUMBER}"
    rf"(?:号楼|号院|号?宿舍楼?|[栋幢座棟]|单元))"
)
# 27-6-1806: house, stairs, and a door of which the floor is told.
_NUMBERED_HOUSE = re.compile(
    rf"(?<=[{_HAN}])[ ]?(?<![0-9\-])[0-9]{{1,3}}-"
    rf"[0-9]{{1,2}}-[1-3]?[0-9]0[1-9](?![0-9\-年月日元块.])"
)
_VILLAGE_GROUP = re.compile(
    rf"[{_HAN}](?:[村屯庄寨]|居?委会)[ ]?{_HOUSE_NUMBER}"
    rf"(?:村民)?[组社队](?![{_HAN}]{{0,1}}[长员织])"
)
ROOM = re.compile(rf"(?<![0-9A-Za-z]){_HOUSE_NUMBER}(?:号楼|栋|幢|单元|座)(?={_DOOR})")
# A locker or a counter is part of the address right behind the house.
_LOCKER = "菜鸟驿站|菜鸟|驿站|丰巢(?:快递柜|柜)?|快递柜|自提[柜点]|代收点|传达室|门卫室?"
_DOORS = re.compile(
    rf"(?:[ ]?[{_HAN}A-Za-z]{{0,10}}?(?={_DOOR}))?(?:{_DOOR})+(?:{_LOCKER})?|{_LOCKER}"
)

# Words before which no address began; 和平, 家园, 来安 and the like are parts of names.
_OPENING = re.compile(
    "[在到住是寄送址往从去给的了我你他她们跟与把被这没就也还说找退发买为吧呢啊反日]|位于|信息|房子|地址|户籍|反映|现住|就是"
    rf"|[^0-9A-Za-z{_HAN}·\- ,]|(?<![省市县州])(?<![^小社景地市]区),"
    rf"|和(?!平|谐)|(?<![成新于丰江乐宜武花])都(?![匀昌江])|"
    rf"店(?![市镇子口前埠])|那(?!曲)|家(?![园港庄湾村口营屯沟桥坪])|来(?![广安凤宾])|不(?!夜)"
)
# What is left out where an address begins.
_EDGE = re.compile(r"[ \-·]")
# Not within an address: 南京市江苏路, 杭州市浙江大学.
_REGION = re.compile(rf"(?<![省市区县州镇乡 ,])(?:{_one_of('provinces')})")


def _opening(folded: str, anchor: int, reached: int) -> int:
    """Where the address around `anchor` begins: after the last word that cannot be in it."""
    floor = max(reached, anchor - REACH)
    window = folded[floor:anchor]
    begin = 0
    for word in _OPENING.finditer(window):
        begin = word.end()
    region = _REGION.search(window, begin)
    begin = region.start() if region else begin
    while _EDGE.match(window, begin):
        begin += 1
    return floor + begin


def read_houses(matches: Iterable[re.Match[str]]) -> Iterator[Span]:
    """Yield addresses: from the house back to where they open, and on to the last door."""
    reached = 0
    for found in matches:
        folded = found.string
        start = _opening(folded, found.start(), min(reached, found.start()))
        is_nameless = found.re is not ROOM and start == found.start()
        if found.start() < reached or is_nameless:
            continue
        doors = _DOORS.match(folded, found.end())
        reached = doors.end() if doors else found.end()
        yield Span(start, reached, "address")


ADDRESS_FINDERS = tuple(
    Finder(pattern, read_houses)
    for pattern in (
        *(_STREET_HOUSE, _WEAK_HOUSE, _ESTATE_HOUSE, _NUMBERED_HOUSE, _VILLAGE_GROUP),
        ROOM,
    )
)


# Identity documents, passports and number plates (patterns run on `plain`).

_APART = r"[ \-.·_/]?"
_DATE = rf"(?:0[1-9]|1[0-2]){_APART}(?:0[1-9]|[12][0-9]|3[01])"
# GB 11643: region, birthday, serial, check. The check digit is not asked for: a typing error fails
# it and still identifies.
_CITIZEN = re.compile(
    rf"(?<![0-9])(?<![0-9]\.)[1-9][0-9]{{2}}{_APART}[0-9]{{3}}{_APART}(?:18|19|20)[0-9]{{2}}"
    rf"{_APART}{_DATE}{_APART}[0-9]{{3}}{_APART}[0-9Xx×](?![0-9])"
)
_CITIZEN_OLD = re.compile(
    rf"(?<![0-9])(?<![0-9]\.)[1-6][0-9]{{7}}{_DATE}[0-9]{{3}}(?![0-9])(?![ ]?(?:元|块|万|亿))"
)
_CITIZEN_CUED = re.compile(
    r"(?:身份证|身分证|证件|ID卡|社保卡|社保|医保卡|居住证)(?:号码?|编号)?[: 是为(]{0,3}"
    r"(?P<it>[0-9][0-9 \-.·/]{13,20}[0-9Xx×])(?![0-9])"
)
_PERMIT = re.compile(
    r"(?:通行证|回乡证|台胞证|港澳证|居留证|军官证)(?:号码?)?[: 是为(]{0,3}"
    r"(?P<it>[A-Za-z]{0,2}[0-9]{7,10})(?![0-9A-Za-z])"
)
_PASSPORT = re.compile(
    r"(?:护照|passport)(?:号码?|编号|No\.?)?[: 是为(]{0,3}"
    r"(?P<it>[A-Za-z]{1,2}[ ]?[0-9]{7,8})(?![0-9A-Za-z])",
    re.IGNORECASE,
)

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使"
_ON_PLATE = "A-HJ-NP-Za-hj-np-z0-9"  # I and O are not used
# Five places with at most two letters; six on new-energy cars, D or F at either end.
_PLATE = re.compile(
    rf"(?:[{_PROVINCES}]|(?<![最全出上更崭重从])新)[A-Za-z][·•. \-]?"
    rf"(?:[DFdf][{_ON_PLATE}][0-9]{{4}}|[0-9]{{5}}[DFdf]"
    rf"|(?=(?:[A-Za-z]*[0-9]){{3}})[{_ON_PLATE}]{{4}}[{_ON_PLATE}挂学警港澳])(?![0-9A-Za-z])"
)


DOCUMENT_FINDERS = (
    Finder(_CITIZEN_CUED, AsKind("id_card", "it")),
    Finder(_PERMIT, AsKind("id_card", "it")),
    Finder(_PASSPORT, AsKind("passport", "it")),
    Finder(_CITIZEN, AsKind("id_card")),
    Finder(_CITIZEN_OLD, AsKind("id_card")),
    Finder(_PLATE, AsKind("plate")),
)


# Phone numbers: mobiles and landlines, however they are written; hotlines are none.
#
# Patterns run on a folded copy (`plain`). Boundaries are digit look-arounds, never
# `\b` or `\w`, which take Han characters for letters of the same word.

# What a reader does not see between two digits, the mark of a keycap among it.
_TAB = "\t"
_ZERO = "[\u200b-\u200f\u2060\ufeff\u00ad\ufe0f\u20e3]"
_GAP = f"(?:(?:[ {_TAB}\\-._·~\u2600-\u27bf\U0001f300-\U0001faff]|{_ZERO}){{1,3}})"
_NO_UNIT = "(?![ ]?(?:元|块|万|亿|米|克|[¥%°℃]))"
_BEFORE = r"(?<![0-9])(?<![0-9]\.)"

_MOBILE = re.compile(
    # An 0 before a mobile dials it from another town.
    rf"(?:(?<![0-9])(?:\+|00)?86(?:{_GAP})?|\(\+?86\)[ ]?|{_BEFORE}0?)"
    rf"(?:1{_ZERO}*[3-9](?:{_ZERO}*[0-9]){{9}}(?:\ufe0f?\u20e3)?"
    rf"|1[3-9][0-9]{_GAP}[0-9]{{4}}(?:{_GAP})?[0-9]{{4}}"
    r"|[(\[【]1[3-9][0-9][)\]】][ \-]?[0-9]{4}[ \-]?[(\[【]?[0-9]{4}[)\]】]?"
    r"|1[3-9][0-9][A-Za-z]{1,2}[0-9]{4}[A-Za-z]{1,2}[0-9]{4}(?![A-Za-z])"
    rf"|1[3-9][0-9]{{3}}{_GAP}[0-9]{{3}}{_GAP}?[0-9]{{3}}"
    rf"|1[3-9][0-9]{{3}}{_GAP}[0-9]{{4}}{_GAP}[0-9]{{2}}"
    rf"|1[3-9][0-9]{{2}}{_GAP}[0-9]{{4}}{_GAP}[0-9]{{3}}"
    rf"|1[3-9][0-9]{{5}}{_GAP}[0-9]{{4}}"
    rf"|1[3-9][0-9]{_GAP}[0-9]{{3}}{_GAP}[0-9]{{5}}"
    r"|1[3-9][ \-][0-9]{3}[ \-][0-9]{3}[ \-][0-9]{3}"
    r"|1[3-9][0-9][(\[【][0-9]{4}[)\]】][0-9]{4}"
    r"|1[3-9][0-9]{2}-[0-9]{3}-[0-9]{4}"
    r"|1(?P<gap>[ \-._·,、/]{1,2})[3-9](?:(?P=gap)[0-9]){9})"
    rf"(?![0-9]){_NO_UNIT}"
)
# 199、1299、1599 are prices, so that a cue has to tell the others.
_LISTED = re.compile(
    "(?:电话|手机|号码|联系方式|拨打|致电|打)[: 是为]{0,2}"
    "(?P<it>1[3-9][0-9](?P<apart>[,、/|\t])[0-9]{4}(?P=apart)[0-9]{4})(?![0-9])"
)
# Without a cue not all three parts may end as prices do.
_LISTED_ALONE = re.compile(
    rf"{_BEFORE}(?!1[3-9][089][,、/|](?:[0-9]{{3}}[089][,、/|]?){{2}})"
    r"(?P<it>1[3-9][0-9](?P<apart>[,、/|])[0-9]{4}(?P=apart)[0-9]{4})(?![0-9])(?![,、/|][0-9])"
)
# Some of its digits are written as characters (一38…, 零1二3…).
_MIXED = re.compile(
    rf"(?<![0-9{HAN_DIGITS}])(?=[一壹幺]|1[0-9]*[{HAN_DIGITS}])[1一壹幺][3-9三叁四肆五伍六陆七柒八捌九玖]"
    rf"[0-9{HAN_DIGITS}]{{9}}(?![0-9{HAN_DIGITS}]){_NO_UNIT}"
)
# O for 0 and l for 1, seven digits at least being real. What has eleven is `_MOBILE`'s.
_DISGUISED = re.compile(
    r"(?<![0-9A-Za-z])(?<![0-9]\.)(?=(?:[OlIo]{0,4}[0-9]){7})"
    rf"(?![0-9]{{11}}{_NO_UNIT})[1lI][3-9][0-9OolI]{{9}}(?![0-9A-Za-z])"
)
_LANDLINE = re.compile(
    rf"(?:{_BEFORE}\(0[1-9][0-9]{{1,2}}\)|{_BEFORE}0(?:10|2[0-9]|[3-9][0-9]{{2}})"
    r"|(?<![0-9])\+?86[ \-]?(?:10|2[0-9]|[3-9][0-9]{2})[ \-])"
    r"[ \-]{0,2}[2-8][0-9]{2,3}[ \-]?[0-9]{4}(?:(?:转|分机|-)[0-9]{1,5})?"
    rf"(?![0-9]){_NO_UNIT}"
)
_ABROAD = re.compile(r"(?<![0-9])(?:\+|00)(?:852|853|886)[ \-]?[0-9]{4}[ \-]?[0-9]{4,5}(?![0-9])")
# A local number is told from a price or a code only by what stands before it.
_LOCAL = re.compile(
    r"(?:电话|座机|固话|致电|来电|手机|(?<![A-Za-z])[Tt][Ee][Ll])(?:号码?|联系)?[: 是为.]{0,3}"
    r"(?P<it>(?!400|800|95|96|106)[2-8][0-9]{2,3}[ \-]?[0-9]{4})"
    rf"(?![0-9\-]){_NO_UNIT}"
)


PHONE_FINDERS = (
    Finder(_MOBILE, AsKind("phone")),
    Finder(_LISTED, AsKind("phone", "it")),
    Finder(_LISTED_ALONE, AsKind("phone", "it")),
    Finder(_MIXED, AsKind("phone")),
    Finder(_LANDLINE, AsKind("phone")),
    Finder(_ABROAD, AsKind("phone")),
    Finder(_DISGUISED, AsKind("phone")),
    Finder(_LOCAL, AsKind("phone", "it")),
)


# Order and tracking numbers, bank cards, and other long numbers that lead to a person.
#
# They are masked on shape and cue; Luhn's check only names the kind, since one random number of
# 16 digits in ten passes it, and a typing error fails it and still identifies.

_CARD_CUED = re.compile(
    r"(?:银行卡|储蓄卡|信用卡|借记卡|卡号|账号|帐号|账户|帐户|(?:工|农|中|建|交|招)行|银行|邮储)"
    r"(?:号码?|卡号?|账号)?[: 是为(]{0,3}"
    r"(?P<it>[1-9][0-9]{3}[ \-.·]{0,2}"
    r"(?:[0-9]{4}[ \-.·]{0,2}){2}[0-9]{3,4}(?:[ \-.·]{0,2}[0-9]{1,3})?)(?![0-9])"
)
# Sixteen to nineteen digits, in one piece or in fours. 106… is a sender of short messages.
_LONG = re.compile(
    rf"{_BEFORE}(?!106[0-9])(?:[1-9][0-9]{{3}}"
    rf"(?P<gap>[ \-.·]{{0,2}})[0-9]{{4}}(?P=gap)[0-9]{{4}}(?P=gap)"
    rf"[0-9]{{4}}(?:(?P=gap)[0-9]{{1,3}})?|62[0-9]{{4}}[ \-][0-9]{{10,13}})(?![0-9]){_NO_UNIT}"
)
_YEARS = re.compile(r"(?:(?:19|20)[0-9]{2}[ \-.·]{0,2})+\Z")
_DAY = re.compile(r"(?:19|20)[0-9]{2}-?[01]?[0-9]-?[0-3]?[0-9]\Z")
# Behind a cue: fewer than eight digits, one digit again and again, hotlines and days.
_NO_ORDER = re.compile(
    r"(?:(?:[^0-9]*[0-9]){0,7}"
    r"|[^0-9]*(?P<same>[0-9])(?:[^0-9]*(?P=same))*"
    r"|[^0-9]*[48][^0-9]*0[^0-9]*0(?:[^0-9]*[0-9]){0,7}"
    r"|[^0-9]*9[^0-9]*5(?:[^0-9]*[0-9]){0,8}"
    r"|[^0-9]*1[^0-9]*0[^0-9]*6(?:[^0-9]*[0-9]){0,7})[^0-9]*\Z"
    rf"|{_DAY.pattern}"
)
# A phone number behind the cue of a parcel.
_PARCEL = re.compile(r"(?:快递|物流)\Z")
_PARCEL_PHONE = re.compile(r"[^0-9]*1[^0-9]*[3-9](?:[^0-9]*[0-9]){9}[^0-9]*\Z")

_NUMBER = r"(?P<it>(?:[A-Za-z]{1,5}[0-9]{0,2}[A-Za-z]{0,2})?[0-9][0-9\-]{6,26}[0-9])(?![0-9A-Za-z])"
_ORDER = re.compile(
    r"(?P<cue>[订定]单(?:编?号码?)?|(?<![产商货]品)(?<!款式)(?<!型号)[单编]号|[快运](?:递|单)"
    r"(?:编?号码?|单)?|物流(?:编?号|单)?|面单|流水号?|交易号|退款(?:编?号|单)|工单"
    r"|受理(?:编?号|单)?|投诉(?:编?号|单)|(?:取|寄)件码)"
    rf"(?:[号码]|No\.?|NO\.?|ID)?[: #是为(\[【]{{0,4}}{_NUMBER}{_NO_UNIT}"
)
_ONE_MORE = re.compile(rf"[和与及、,/ ]{{1,3}}{_NUMBER}{_NO_UNIT}")
_ORDER_BEHIND = re.compile(
    rf"{_BEFORE}(?P<it>[0-9]{{10,24}})[ )】]{{0,2}}(?:这个|这笔|这单|[的是为])?(?:我的)?"
    r"(?:[订定]单|单号|快递单|运单|物流单|退款单)"
)
_COURIER = re.compile(
    r"(?<![0-9A-Za-z])(?:SF|YT|JT|ZT|ST|JD|JDV[A-Z0-9]{0,3}|JDX|DPK|EMS|YD|HT|TT|EA|LP)"
    r"[0-9]{11,18}(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_AMAZON = re.compile(rf"{_BEFORE}[0-9]{{3}}-[0-9]{{7}}-[0-9]{{7}}(?![0-9])")


def read_orders(matches: Iterable[re.Match[str]]) -> Iterator[Span]:
    """Yield the numbers behind cues, and those joined to them (订单号123和456)."""
    for found in matches:
        if _NO_ORDER.match(found["it"]):
            continue
        is_phone = _PARCEL.match(found["cue"]) and _PARCEL_PHONE.match(found["it"])
        yield Span(*found.span("it"), "phone" if is_phone else "order_no")
        more = _ONE_MORE.match(found.string, found.end("it"))
        while more and not _DAY.match(more["it"]):
            yield Span(*more.span("it"), "order_no")
            more = _ONE_MORE.match(found.string, more.end("it"))


def _long_kind(written: str) -> str | None:
    """Settle the kind of a long number; None for laughter (66666…) and for rows of years."""
    digits = [int(mark) for mark in written if mark.isdigit()]
    if len(set(digits)) <= 2 or _YEARS.match(written):
        return None
    is_grouped = not written.isdigit()
    if written.startswith("62") or _passes_luhn(digits) or (is_grouped and written[0] in "3456"):
        return "bank_card"
    return "order_no"


def _passes_luhn(digits: list[int]) -> bool:
    """Check the last digit (ISO/IEC 7812-1)."""
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[::-2]) + sum(doubled)) % 10 == 0


def read_long_numbers(matches: Iterable[re.Match[str]]) -> Iterator[Span]:
    """Yield long numbers as bank cards or orders."""
    for found in matches:
        kind = _long_kind(found.group())
        if kind is not None:
            yield Span(*found.span(), kind)


ORDER_FINDERS = (
    Finder(_CARD_CUED, AsKind("bank_card", "it")),
    Finder(_ORDER, read_orders),
    Finder(_ORDER_BEHIND, AsKind("order_no", "it")),
    Finder(_COURIER, AsKind("order_no")),
    Finder(_AMAZON, AsKind("order_no")),
)
LONG_NUMBER_FINDERS = (Finder(_LONG, read_long_numbers),)


# WeChat and QQ accounts behind a cue, also a disguised one (patterns run on `plain`).

_NO_COUNT = "(?![ ]?(?:元|块|人|个|万|亿|次|条|天|年|月|分|件|折|[%.][0-9]?))"
_WECHAT_CUE = (
    r"(?:[微薇威徽维溦][\s♥❤\ufe0f]{0,3}[信♥❤]\ufe0f?|"
    r"[VvWw]\s?[信♥❤]\ufe0f?|卫星(?:号|(?=[ ]?:))|绿泡泡?|"
    r"(?<![A-Za-z])(?:weixin|wei信|we\s?chat|vx|wx)"
    r"|[加+➕](?:我|下|个)?[ ]?(?:[Vv](?![Ii][Pp])|[薇威微])|(?<![A-Za-z0-9大])[Vv](?=[ ]?:)"
    r"|[薇微威](?=[ ]?:)|薇(?=[A-Za-z0-9]))"
)
_LINK = (
    r"(?:号码?|账号|帐号|[Ii][Dd]|公众号|"
    r"[是为搜加找➕+(\[【“「]|我的?|同号|联系|/|QQ|[:;=➡→\-~,、 ]){0,6}"
)
_WECHAT = re.compile(
    rf"{_WECHAT_CUE}(?P<link>{_LINK})"
    r"(?P<it>(?!https?:|www\.)(?:[A-Za-z][A-Za-z0-9_\-]{4,19}|[0-9]{5,11}))(?![A-Za-z0-9_\-])"
    rf"{_NO_COUNT}",
    re.IGNORECASE,
)
# How the reading tells what an account is from what stands before it and from the account.
_FREE_LINK = re.compile(r"[ ,、]*\Z")
_SAME_NUMBER = re.compile("同号")
_QQ_IN_LINK = re.compile("qq", re.IGNORECASE)
_DIGITS = re.compile(r"[0-9]+\Z")
_MOBILE_ACCOUNT = re.compile(r"1[3-9][0-9]{9}\Z")
_NO_ACCOUNT = re.compile(
    r"(?:(?:iphone|ipad|android|apple|wifi|https?|pay|vip|plus|windows|huawei|oppo|vivo|xiaomi|app|"
    r"mini|read|work|shop|login|bug|emoji|ios|mac|pc)[a-z0-9]*|[a-z]{1,30}|[0-9]{1,6})\Z",
    re.IGNORECASE,
)
_QQ = re.compile(
    r"(?:(?<![A-Za-z0-9])[Qq][ ]?[Qq]?|🐧|[加+➕]扣|扣扣|企鹅|球球|抠抠|蔻蔻)"
    r"(?:群|号码?|账号|[是为加:;=/ \-(\[【“]|联系|我){0,5}"
    rf"(?P<it>[1-9][0-9]{{4,10}})(?![0-9A-Za-z]){_NO_COUNT}"
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


LEAST = 3
# What parts two digits of one number: no Chinese characters but 分, 机 and 转, of an extension.
_PARTING = r"[^〇\u3400-\u4dbf\u4e00-\u5205\u5207-\u6739\u673b-\u8f6b\u8f6d-\u9fff]"
# A text without so many of them side by side needs no search.
ENOUGH = re.compile(f"[{HAN_DIGITS}](?:{_PARTING}*[{HAN_DIGITS}]){{{LEAST - 1}}}")


class SpelledFinder(NamedTuple):
    """A finder of numbers, for those that are spelled."""

    pattern: re.Pattern[str]
    read: Reading

    def spans(self, folded: str, first: int = 0, last: int | None = None) -> Iterable[Span]:
        """Return numbers of which three digits or more are written as characters.

        Examples
        --------
        >>> text = "加一三八，一二三四，5678"
        >>> [text[span.start:span.end] for one in SPELLED_FINDERS for span in one.spans(text)]
        ['一三八，一二三四，5678']
        """
        return [
            span
            for span in Finder(self.pattern, self.read).spans(_spelled(folded), first, last)
            if sum(mark in HAN_DIGITS for mark in folded[span.start : span.end]) >= LEAST
        ]


SPELLED_FINDERS = tuple(
    SpelledFinder(*finder)
    for finder in (
        *CHAT_FINDERS,
        *ORDER_FINDERS,
        *DOCUMENT_FINDERS,
        *LONG_NUMBER_FINDERS,
        *PHONE_FINDERS,
    )
)


# The smaller patterns that settle what of a match counts, by the names that `engine.masking` knows.
PARTS: dict[str, re.Pattern[str]] = {
    "whole_name": _WHOLE_NAME,
    "role": _ROLE,
    "clause": _CLAUSE,
    "platform": PLATFORM,
    "same_number": _SAME_NUMBER,
    "qq_in_link": _QQ_IN_LINK,
    "digits": _DIGITS,
    "mobile": _MOBILE_ACCOUNT,
    "free_link": _FREE_LINK,
    "no_account": _NO_ACCOUNT,
    "no_order": _NO_ORDER,
    "parcel": _PARCEL,
    "parcel_phone": _PARCEL_PHONE,
    "one_more": _ONE_MORE,
    "day": _DAY,
    "years": _YEARS,
    "opening": _OPENING,
    "region": _REGION,
    "edge": _EDGE,
    "doors": _DOORS,
    "known": _KNOWN,
}
