"""Words that lead to a person: names, accounts, and addresses of pages, mailboxes and homes.

Patterns run on a folded copy (`mask_finders.plain`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from analysis.corpus.mask_finders import (
    AsKind,
    Finder,
    Span,
    by_first,
    characters,
    late,
    one_of,
)
from analysis.engine.masking import LONGEST, REACH

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
_HANDLE = late(rf"(?<![A-Za-z0-9._%+\-])@(?!{_NOBODY})(?P<name>{_MARK}{{2,40}})(?P<next>[: ]?)")
# A name without Chinese characters is taken whole.
_WHOLE_NAME = late(r"[A-Za-z0-9_\-]+\Z")
# Accounts of firms end with their role; what follows is the clause.
_ROLE = late(one_of("account_roles"))
# Words that open a clause, and that a name without a space behind it does not hold.
_CLAUSE = late(
    "没有?|不[是要能给会让想管理发退]|[你我他她它您咱]们?|这[个样是种]?|那[个样]?|为什么|怎么|什么|"
    "请|麻烦|求|管管|出来|[说看给让把被叫找问骗坑退发卖买到在就都也还又很太真][^店吧]|"
    "是[不我你一这]|的|了|吗|呢|吧|能不|可以|赶紧|快点|到底|如何|一[直个]|客服|回复|处理|解决|"
    "求助|救命|垃圾|骗子|无良|加油"
)
# The name of a platform that an account begins with stays.
PLATFORM = late(f"@(?:{one_of('platforms')}|毒(?=[Aa][Pp]{{2}}))")


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

_DOUBLE = one_of("double_surnames")
_SURE = characters("surnames")
# Only behind a colon.
_DOUBTFUL = characters("doubtful_surnames")
_TITLE = one_of("titles") + "|工(?!作)"
_HAN = "\u4e00-\u9fff"
_LINE = "\n"
_NOT_GIVEN = characters("not_given")
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


# 收件人, 申诉人: two characters of such words, told by their third; it is soon seen where none is.
_PERSONS = [cue for cue in one_of("cues").split("|") if len(cue) == 3 and cue[2] == "人"]
_PERSON = f"[{''.join(cue[0] for cue in _PERSONS)}][{''.join(cue[1] for cue in _PERSONS)}]人"
_OTHER_CUES = "|".join(cue for cue in one_of("cues").split("|") if cue not in _PERSONS)
_WEAK_CUES = one_of("weak_cues") + "|名字是|名字叫"
# Longer brands are nobody's names; the shorter ones (杨梅) may be.
_LONG_BRANDS = [brand for brand in one_of("brands").split("|") if len(brand) > 2]
_PARTIES = by_first(one_of("parties"), *_LONG_BRANDS)
# 昵称:夏天的风: what somebody calls himself is a name where it is like one.
_NO_NICKNAME = rf"(?!(?:昵称|微信名|网名)[ :]{{1,2}}[{_HAN}]{{2,3}}的[{_HAN}])"
_CUES = f"{_PERSON}|{by_first(_OTHER_CUES)}"
_ANNOUNCED = late(
    rf"{_NO_NICKNAME}(?:(?:{_CUES})(?:姓名|名称?|名字)?(?:[ ]?:[ ]?"
    rf"|[是为叫][ ]?|[ ]{{1,2}}|[\\[【(“\"])"
    rf"|(?:{_WEAK_CUES}|消费者|客户|收件|收货|名字)[ ]?:[ ]?)"
    rf"(?!{_PARTIES})" + _named(_SURE + _DOUBTFUL)
)
# Behind a name that nothing sets off: no Chinese character but of 电话, 手机, 联系, 地址, 住, 身份.
_ENDS = rf"(?!(?![电手联地住身])[{_HAN}])"
_BARE = late(rf"(?:{_CUES}|本人|名叫|名字[是叫])" + _named(_SURE, _ENDS))
_CALLED = late("[我俺](?:的?(?:真名|名字|大名|本名|姓名))?(?:是叫|名叫|叫做?)" + _named(_SURE))
_PHONE = r"[ ,:]{0,3}(?:(?:电话|手机|联系方式)[: ]{0,2})?(?:\+?86[ \-]?)?1[3-9][0-9][ \-]?[0-9]{4}"
_BESIDE_PHONE = late(rf"(?<![{_HAN}A-Za-z])" + _named(_SURE, _PHONE))

# Characters that given names are mostly made of, but for those that words of complaints begin with.
_GIVEN = characters("given") + characters("traditional_given")
# Those that are in names where something else tells one, too; names of one character, of one twice.
_FIRST, _SECOND = _GIVEN + characters("more_first"), _GIVEN + characters("more_second")
_RARE = characters("rare_given")
_WIDE, _SINGLE = _FIRST + _SECOND + _RARE + "发", characters("single_given")
_TWICE = one_of("doubled_given")
_LONG_TITLES = "|".join(title for title in _TITLE.split("|") if len(title) == 2)
_NO_TITLE = f"(?!{by_first(_LONG_TITLES, one_of('no_given_names'))})"
# What clauses go on with is left to them.
_ENDING = _but(_SECOND, _but(characters("said_behind"), _GIVEN))
_FULL = rf"(?:{_NO_TITLE}[{_GIVEN}]{_NO_TITLE}[{_GIVEN}]|{_TWICE})"
_TOLD = rf"(?:{_NO_TITLE}[{_FIRST}]{_NO_TITLE}[{_ENDING}]|{_TWICE})"
_RARELY_LAST = _but(_RARE, "以之而四二三")
_TWO = rf"(?:{_NO_TITLE}[{_FIRST}{_RARE}]{_NO_TITLE}[{_ENDING}{_RARELY_LAST}]|{_TWICE})"
_ONE = f"{_NO_TITLE}[{_SINGLE}{_RARELY_LAST}]"
_SURER = rf"(?:{_TWICE}|{_NO_TITLE}(?:[{_GIVEN}][{_ENDING}]|[{_FIRST}][{_GIVEN}]))"
_PLACES = one_of("no_names")
# Where nothing but a role, a title or the clause tells a name, these begin none.
# 叶子涵 is one although 叶子 is a word: hardly a clause goes on with such a character.
_KNOWN = late(
    f"{by_first(*map(one_of, ('no_names', 'brands', 'public_figures')))}"
    f"|(?:{by_first(one_of('no_names_alone'))})(?![{characters('only_given')}])"
)
# 本人于国庆: 于 is a preposition there.
_EVERY = _surname(_SURE + _DOUBTFUL.replace("于", ""))
_COMMON = _surname(_SURE)
_NEVER_ALONE = characters("never_alone")
_OFTEN_WORDS = _but(characters("everyday_surnames") + _DOUBTFUL, _NEVER_ALONE)
_RARELY_WORDS = _but(_SURE, _OFTEN_WORDS + _NEVER_ALONE)
_PURE = f"[{characters('pure_surnames')}]"
_NEARLY_PURE = _surname(
    _RARELY_WORDS + characters("pure_surnames") + characters("nearly_pure_surnames")
)
_SETS_OFF = f"(?![{_HAN}])"
# No Chinese character stands before or behind but of what is said of a person (让, 找; 说, 没).
_BEFORE_ONE = f"(?<![{_han_but(characters('said_before'))}])"
_BEHIND_ONE = f"(?![{_han_but(characters('said_behind'))}])"
_GOES_ON = (
    f"(?=[^{_HAN}]|\\Z|[{characters('said_behind')}{characters('clause_start')}]"
    "|强调|建议|承诺|坚持|明确|通过)"
)
_GOES_ON_CUED = (
    f"(?=[^{_HAN}]|\\Z|[{characters('said_behind')}{characters('clause_start')}"
    f"{characters('clause_start_cued')}]|{by_first(one_of('clause_behind'))})"
)
# A name of two characters once more, where both sides let it be one (国王方便面 holds no 王方).
_AGAIN = late(
    f"(?<![{_han_but(characters('said_before') + '来后也又还再却在从')}])[{_HAN}]{{2}}{_GOES_ON}"
)
# What a cue announces: set off, nearly every character may be in it; in characters of given names
# it is a name, whatever follows; names of minorities are written with a dot between their parts.
_LEFT = _WIDE + "得意未季孔解黄合头白"
_SET_OFF = rf"{_NO_TITLE}[{_LEFT}](?:{_NO_TITLE}[{_LEFT}])?{_SETS_OFF}"
_ABROAD = characters("transcribing")
_NO_CLAUSE = _han_but("也就还说跟让把被给和与不没来去了的是在我你他买卖打收要想很")
_PARTED_ENDS = (
    rf"(?=[^{_HAN}]|\Z|{by_first(one_of('clause_behind'))}"
    "|先生|女士|小姐|博士|教授|经理|师傅|医生|老师|[跟说让把被给和与不没来去也都就还出打发于我])"
)
_CLAUSE_BEHIND = f"(?={by_first(one_of('clause_behind'))})"
_ANY = _surname(_SURE + _DOUBTFUL)
_RARER_ONES = _SURE + _DOUBTFUL + characters("rare_surnames")
_RARER = _surname(_RARER_ONES)
# 责任人严肃处理, 业主任发了消息: these go on with the clause.
_SURELY = _surname(_but(_RARELY_WORDS + _OFTEN_WORDS, "任严安全"))
# Names of minorities: their parts tell them, whose characters clauses go on with, too (阿不都).
_PART = f"(?:{by_first(one_of('minority_parts'))})"
_PARTED = (
    rf"[{_ABROAD}][{_HAN}]{{1,5}}[·•](?:{_PART}{{1,3}}[{_ABROAD}]{{0,2}}{_PARTED_ENDS}"
    rf"|[{_NO_CLAUSE}]{{2,6}}{_SETS_OFF}|[{_HAN}]{{2,6}}?{_PARTED_ENDS})"
)
_UNPARTED = rf"{_PART}(?:{_PART}|[{_ABROAD}]{{1,3}})?(?![·•]){_PARTED_ENDS}"
# What stands between a cue and a name (收件人写的是, 取件人是我老婆).
_LINKED = "(?:[填写改留]的?(?:成|为|是|作)?了?|显示(?:的?是|为)?|是我|换成|变成|就是|如下:?|即)"
# Where something else makes it sure that a name stands, nearly all characters may be in it.
_ANY_GIVEN = rf"(?!{_NO_NAME}|[{_NOT_GIVEN}])[{_HAN}](?:(?!{_TITLE}|[{_NOT_GIVEN}])[{_HAN}])?"
_NAME_BEHIND_CUE = (
    rf"(?:[ ]?[:是为叫系/|>→=][ ]?|[ ]|{_LINKED})?[\[【(“\"「]?"
    rf"(?P<it>{_PARTED}|{_UNPARTED}"
    rf"|(?!{_PLACES}|{_PARTIES})(?:(?:{_ANY}|(?<=[:为叫 ]){_RARER}){_SET_OFF}"
    rf"|{_RARER}{_FULL}{_SETS_OFF}|{_SURELY}[{_WIDE}]{_CLAUSE_BEHIND}"
    rf"|{_EVERY}(?:{_FULL}|{_SURER}{_GOES_ON}|[{_GIVEN}]{_SETS_OFF})"
    rf"|{_NEARLY_PURE}(?:(?:{_TWO}|{_ONE}){_GOES_ON}"
    rf"|{_ANY_GIVEN}{_CLAUSE_BEHIND})))"
)
_CUED = late(
    rf"{_NO_NICKNAME}(?:{by_first(_OTHER_CUES, _WEAK_CUES)}|人(?=[ ]?:)|自称|代收|转交"
    rf"|(?:敬礼|盼复|此致)[!。.,{_LINE} ]{{0,3}}"
    rf"|(?:属实|真实|无误|[盼望]回复|[盼望]处理|[盼望]解决|重视|(?:实名|特此)(?:投诉|举报|反映))"
    rf"[!。.,{_LINE} ]{{1,3}}|工号[: ]?[0-9]{{2,8}}[的,]?|姓[ ]{{1,4}}名)" + _NAME_BEHIND_CUE
)
_CUED_PERSON = late(f"(?:{_PERSON}(?:名字|姓名)?|名字(?=[填写]))" + _NAME_BEHIND_CUE)
# Set off on both sides, what begins like a name of three characters is one, but for known words.
_SELDOM_WORDS = _surname(
    _but(_RARER_ONES, "都和来但才由将别代亮那为全时当于范因从字者折拜普刀召依介户库院部斗")
)
_SAYS = f"(?=[说让把给被跟没不告承答骗拉忽坑签收要]|{by_first(one_of('clause_behind'))})"
# Before what goes on, those of two characters need a surname that seldom is a word.
_SELDOM_ALONE = _surname(_but(_SURE + _DOUBTFUL, _NEVER_ALONE + "任向"))
_ONE_OF_MORE = f"{_NO_TITLE}[{_but(_GIVEN, '子家天先以一')}泉凡越楚望咏奕非]"
_ON_ITS_OWN = rf"(?:{_SELDOM_ALONE}{_ONE}|{_surname(_RARELY_WORDS)}{_ONE_OF_MORE}){_GOES_ON_CUED}"
_GOING_ON = (
    rf"(?!向){_EVERY}{_TWO}{_GOES_ON_CUED}|{_ON_ITS_OWN}|于(?:{_SURER}|[{_SINGLE}])(?=[说让把称])"
)
_CUED_DOUBTFUL = late(
    rf"(?:{_PERSON}|{by_first(_OTHER_CUES)})(?:[ ]?[:是为叫系][ ]?|[ ]|{_LINKED})?"
    rf"(?P<it>(?!{_PLACES}|{_PARTIES})(?:{_SELDOM_WORDS}"
    rf"(?!{_NO_NAME}|[{_NOT_GIVEN}])[{_HAN}](?!{_TITLE}|[{_NOT_GIVEN}])[{_HAN}]{_SETS_OFF}"
    rf"|{_GOING_ON}))"
)
_OF_KIN = "女儿|儿子|妈|爸|父|母|妻|丈夫|老[公婆]|爱人|家[人属]|哥|姐|弟|妹|朋友|同[事学]|[儿子]女"
_SAID_OF_SELF = late(
    rf"(?:[我俺咱]叫|本人|名叫|一个叫|我[(]|[我俺],(?={_ANY}{_SET_OFF}[,.!])|(?:名字"
    rf"|真名|本名|大名|姓名)[是叫]?)"
    rf"(?P<it>{_COMMON}(?!{_NO_NAME}|[{_NOT_GIVEN}])[{_HAN}]"
    rf"(?:(?!{_TITLE}|[{_NOT_GIVEN}人员户])[{_HAN}])?{_SETS_OFF}|{_ANY}{_SET_OFF})"
)
# 我王芳实名举报: a name stands right behind 我 where its surname is nothing else.
_PURE_NAME = rf"{_NEARLY_PURE}(?:{_TWO}|[{_SINGLE}])"
_OF_SELF = "在|实名|说到|把话|郑重"
_I_AM = late(
    rf"(?:[我俺咱](?:就|正)?是|鄙人|敝人|在下|这[里边]是|笔者|我乃|咱姓名|本人名|我这边是"
    rf"|(?:(?<![{_HAN}])|(?<=好))我(?={_PURE_NAME}(?:{_SETS_OFF}|{_OF_SELF})))(?P<it>"
    rf"{_surname(_RARELY_WORDS)}(?!{_NO_NAME}|[{_NOT_GIVEN}])[{_HAN}]"
    rf"(?:(?!{_TITLE}|[{_NOT_GIVEN}人员户])[{_HAN}])?{_SETS_OFF}"
    rf"|{_surname(_OFTEN_WORDS)}{_SET_OFF}|(?<=是)(?:(?:{_surname(_RARELY_WORDS)}{_TWO}|{_EVERY}{_SURER})"
    rf"{_GOES_ON_CUED}|{_ON_ITS_OWN}|于{_SET_OFF})|{_EVERY}(?:{_TWO}|[{_SINGLE}])(?=本人|的?(?:{_OF_KIN})|[他她][爸妈])"
    rf"|(?<=我){_PURE_NAME}(?={_OF_SELF}))"
)
_SPACED = late(
    rf"(?:(?:{_PERSON}|{by_first(_OTHER_CUES, _WEAK_CUES)})[ ]?[:是为叫]?[ ]?"
    r"|(?:[我俺咱他她]叫|本人|名字|署名)[是叫]?[ ]?)"
    rf"(?P<it>{_EVERY}[ ]{{1,2}}(?!{_NO_NAME}|[{_NOT_GIVEN}])[{_HAN}][ ]{{0,2}}[{_HAN}]?)"
    rf"{_SETS_OFF}"
)
_ANY_TWO = rf"(?!{_NO_NAME}|[{_NOT_GIVEN}])[{_HAN}](?!{_TITLE}|[{_NOT_GIVEN}])[{_HAN}]"
# 于 is a preposition elsewhere (销售于上海).
_YU = rf"(?<![售装修送购班单象表位])(?<!代理|本人)于(?![国元清春])(?:{_SURER}|{_TWO}){_SETS_OFF}"
# Roles, kin and verbs are cues as well; a full name must be sure of each of its characters.
_ROLES = by_first(one_of("roles"))
_ROLES_AND_SELF = by_first(one_of("roles"), _WEAK_CUES)
_BEHIND_ROLE = late(
    rf"{_NO_NICKNAME}(?:{_ROLES_AND_SELF})(?!费)(?:叫|名叫|是|[ ]?[:/|])?[ ]?[\[【(“\"「]?"
    rf"(?P<it>{_PARTED}|{_UNPARTED}|{_EVERY}(?:{_FULL}|{_SURER}{_GOES_ON}"
    rf"|(?:{_TOLD}|[{_SINGLE}])(?:{_BEHIND_ONE}|{_CLAUSE_BEHIND}))"
    rf"|{_NEARLY_PURE}(?:{_TWO}|{_NO_TITLE}[{_WIDE}]{_GOES_ON}|{_ANY_GIVEN}{_SETS_OFF}"
    rf"|{_ANY_TWO}{_SAYS})"
    rf"|{_GOING_ON}|{_surname(_RARELY_WORDS)}{_SET_OFF}|{_YU})"
)
_HONOURED = "女士|先生|小姐|同志|律师|医生|大夫|老师|师傅|经理|主任|店长"
_THANKED = late(
    rf"(?:{by_first(one_of('thanks'))})了?(?P<it>{_COMMON}{_FULL}|{_EVERY}(?:{_SURER}{_GOES_ON}"
    rf"|(?:{_TOLD}|[{_SINGLE}])(?:{_BEHIND_ONE}|(?=这[个位]|那[个位]|个人|{_HONOURED})))|{_GOING_ON})"
)
_NAMED_ONE = late(
    rf"(?:叫[做我]?|称呼我)(?P<it>(?<!我)(?:(?:{_COMMON}(?:{_TWO}|[{_WIDE}])|{_EVERY}{_TWO})(?=的|{_SETS_OFF})"
    rf"|{_EVERY}[{_SINGLE}]{_SETS_OFF}|{_NEARLY_PURE}{_ANY_GIVEN}(?=的|{_SETS_OFF})|{_YU})"
    rf"|(?<=我)(?:{_EVERY}(?:{_TWO}|[{_WIDE}])|{_NEARLY_PURE}{_ANY_GIVEN})(?=就[行好可成]|即可|吧)"
    rf"|(?<=我)(?:{_PURE_NAME}|{_EVERY}(?:{_SURER}|[{_SINGLE}])){_SETS_OFF})"
)
_MORE_ROLES = (
    "警官|护士|教授|主管|总监|会计|院长|校长|局长|书记|村长|队长|班长|站长|组长|同学"
    "|阿姨|叔叔|大哥|大姐|工程师|客服|专员|顾问"
    "|管家|骑手|快递员|司机|老板|店员|主播|教练|法官|记者|导购|销售|业务员|女士|先生"
)
_BEFORE_ROLE = late(
    rf"(?P<it>{_surname(_RARELY_WORDS + _DOUBTFUL)}(?:{_FULL}|{_TWO})(?={_HONOURED})"
    rf"|{_surname(_RARELY_WORDS)}{_TWO}(?={_MORE_ROLES}))"
)
_BEFORE_TITLE = late(
    rf"{_BEFORE_ONE}(?P<it>(?:{_EVERY}(?:{_TWO}|{_ONE})|{_COMMON}[{_WIDE}])(?={_HONOURED}|家长)"
    rf"|{_EVERY}{_TWO}(?={_MORE_ROLES})|(?<![由关属对位基等至])于(?:{_SURER}|{_TWO})(?={_HONOURED}))"
)
_AGAINST = late(rf"(?:投诉|举报|起诉)(?P<it>{_EVERY}{_FULL}){_SETS_OFF}")
_QUOTED = late(rf"[“\"「](?P<it>{_COMMON}(?:{_TOLD}))[”\"」]")
_PARTED_ALONE = late(
    rf"(?P<it>{_PART}[{_HAN}]{{0,3}}[·•](?:{_PART}{{1,3}}[{_ABROAD}]{{0,2}}|[{_HAN}]{{1,6}}?)"
    rf"|[{_but(_ABROAD, characters('said_before'))}][{_han_but(characters('said_before'))}]{{1,3}}"
    rf"[·•][{_HAN}]{{0,2}}{_PART}[{_HAN}]{{0,2}}?"
    rf"|{_PART}{_PART}){_GOES_ON}"
)
# Signed below, behind a dash or as the last line; behind a full stop at the end of all.
_SIGNED = late(rf"[{_LINE}\-][ ]?(?P<it>{_EVERY}[{_WIDE}]{{1,2}})(?=[ ]?(?:{_LINE}|\Z))")
_SIGNED_LAST = late(rf"[。!][ ]?(?P<it>{_EVERY}{_TWO})(?=[。 ]?\Z)")
_RESPECTFUL = late(
    rf"(?P<it>{_EVERY}(?:{_TOLD}|[{_WIDE}]))(?=[ ]{{0,2}}(?:敬上|谨上|敬启|谨启|拜上)|[ ]?[(]收[)])"
)
# A person stands behind such a character, or behind two that a clause opens with.
_OPENS = (
    f"(?<![{_han_but(characters('said_before') + '在时来果而后但是为以实且事')}])"
    f"(?:{_BEFORE_ONE}|(?<=现在|当时|后来|结果|然后|但是|可是|因为|所以|其实|最后"
    f"|之后|以后|而且|如果|这事))"
)
# Words in nearly every sentence: with two characters of given names, and alone between marks.
_SET_APART = _but(_NEVER_ALONE + "于", "全成公应常冷相车商时水幸农易连强明")
# Nothing announces these: surname, given name and what stands on one side, or on both, agree.
_ALONE = late(
    rf"{_OPENS}(?P<it>{_surname(_RARELY_WORDS)}"
    rf"(?:{_FULL}|(?:{_TWO}|{_ONE}){_GOES_ON})|{_PURE}{_TWO})"
)
_ALONE_UNUSUAL = late(
    f"(?<=[让找跟被问由]){_NO_TITLE}(?P<it>{_PURE}{_ANY_TWO}|{_EVERY}{_SURER}){_SAYS}"
)
_ALONE_BEFORE = late(rf"(?P<it>{_surname(_RARELY_WORDS)}{_FULL}|{_PURE}{_TWO}){_GOES_ON}")
_ALONE_BETWEEN = late(
    rf"{_OPENS}(?P<it>{_surname(_OFTEN_WORDS)}(?:{_SURER}{_GOES_ON}(?!电(?!话))|[{_SINGLE}]"
    rf"{_BEHIND_ONE})|(?<![{_HAN}0-9A-Za-z])[{_SET_APART}]{_NO_TITLE}[{_GIVEN}]{_NO_TITLE}[{_GIVEN}]{_SETS_OFF})"
)
_SYLLABLE = (
    "(?:[bpmfdtnlgkhjqxrzcsyw]|[zcs]h)?(?:[iu]?[aeo]|[ae]i|[iu]?a[on]|i?ang|"
    "uang|[aeiu]n|[ei]ng|i?ong|ou|i?u|i|ui|uai|ue|er)"
)
_LATIN = late(
    rf"(?<![A-Za-z])(?<![A-Za-z][ ])(?P<it>(?:{one_of('latin_surnames')})"
    rf"[ ](?=[A-Z])[B-Zb-z]?"
    rf"{_SYLLABLE}(?:{_SYLLABLE})?)(?![A-Za-z]| [A-Z])"
)
_UPPER = one_of("latin_surnames").upper()
_LOWER = one_of("latin_surnames").lower()
_LATIN_CUED = late(
    rf"(?:{_PERSON}|{by_first(_OTHER_CUES, _WEAK_CUES)}|名字|[我她他]叫|我是|敬礼)[ ]?[:是为叫]"
    rf"?[ ]?"
    rf"(?P<it>[A-Z][A-Za-z]{{1,20}}(?:[ ][A-Z][A-Za-z]{{1,20}}){{1,3}}"
    rf"|(?:{_LOWER})[ ][a-z]{{2,12}})(?![A-Za-z])"
)
_LATIN_ROLE = late(
    rf"(?:{_ROLES})[ ]?[:是叫]?[ ]?(?P<it>[A-Z][a-z]{{2,12}}[ ](?:{one_of('latin_surnames')})"
    rf"|(?:{_UPPER})[ ][A-Z][A-Za-z]{{1,12}})(?![A-Za-z])"
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
            *(_RESPECTFUL, _CUED, _CUED_PERSON, _ANNOUNCED, _SPACED, _BARE, _CALLED),
            *(_AGAINST, _LATIN_CUED, _LATIN_ROLE),
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
                _CUED_DOUBTFUL,
                _BEFORE_ROLE,
                _BEFORE_TITLE,
                _QUOTED,
                _SIGNED,
                _SIGNED_LAST,
                _ALONE_UNUSUAL,
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
    f"(?<=[{_HAN}][一二三四五六七八九十])路|(?<=八一)路"
    "|街|大道|巷|弄|胡同"
)
# What tells that a place is named: a town or a district, no supermarket (超市), members' area
# (专区) or flagship (旗舰店); 盐城市 is a town, a 大城市 none.
_CITIES_ON_CHENG = "盐晋聊运白宣诸项韩应麻增海凤丰邹禹肥藁桐兴永塔宜"
_TOWN = (
    f"(?:(?<![超上夜早股楼闹菜花])(?<![^{_CITIES_ON_CHENG}]城)(?<!大都)市(?![场面价值民部房店])"
    "|(?<![小地专社景校厂库片赛展货战时学])(?<![主老]城)区(?![别分间域号块])"
    "|县(?![城长里])|(?<!冰)镇(?![店上子])|(?<![老家同故他城])乡(?![下亲村里]))"
)
_REGION_NAMED = f"(?:{_TOWN}|(?<!节)省(?![钱事心力内外])|(?<![神九])州|旗(?![舰下袍帜]))"
# 储物柜18号, 工号23号: the number of a thing.
_NOT_THINGS = "(?<![柜号额台口桌色码款券群员位名机服单奖队排第箱架袋牌票席线页层])"
# These end other words too (知道15号, 球队15号): only within a named region.
_WEAK_STREET = "道|坊|村|里|庄|镇|乡|屯|组|队"
_ESTATE = one_of("estates")
_BEHIND_HOUSE = r"[ \-,]?(?:(?:[0-9]{1,2}-)?[0-9]{3,4}|[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,4}[A-H])"
_NO_AMOUNT = "(?![0-9A-Za-z元块.年月日个人件多])"
_DOOR = (
    rf"(?:[0-9]{{1,2}}-[0-9]{{1,2}}[层楼]|(?:[ \-]|,(?=[0-9]{{1,2}}(?:单元|栋)|[0-9]{{3,4}}室))"
    rf"?{_HOUSE_NUMBER}(?:号楼|号院|(?<=[0-9])#楼?|号?宿舍楼?|号公寓|"
    rf"单元|單元|寝室|支弄|排|[栋幢座层室户房弄号楼门舍床铺档棟層號樓])"
    rf"|[(\[]{_HOUSE_NUMBER}(?:号楼|单元|[期区栋幢座])[)\]]"
    r"|[甲乙丙丁东西中南北](?:单元|座|[0-9]{1,2}门)|[东西中南北]户"
    r"|(?<=[号號])(?:院(?![长线方校内里])|[甲乙丙丁][0-9]{1,2}|厂房|车间|仓库|大院|[东西南北后]门)"
    r"|底商|门面房?|商铺|门市房?|附[0-9]{1,3}号?"
    r"|(?<=[号號])(?:之[0-9一二三四五六七八九十]{1,2}|[0-9]{1,2}-[0-9]{1,4}(?![0-9]))"
    r"|[A-Z]?[0-9]{1,2}-[0-9]{1,2}-[1-3]?[0-9]0[1-9](?![0-9])"
    rf"|(?<=[栋幢座元号层楼门弄舍棟號樓#])(?:{_BEHIND_HOUSE}{_NO_AMOUNT}"
    r"|[ \-]?[一二三四五六七八九零〇]{3,4}|[A-H](?:户|室|(?![A-Za-z0-9])))"
    rf"|(?<=[楼层])[东西南北中](?![{_HAN}])|-[0-9]{{1,4}}(?![0-9元块.]))"
)
# A day of the month has two digits at most.
_NO_DAY = "(?<=[0-9百][0-9十][0-9一二三四五六七八九十])[号號]"
# 5号发货, 3号晚上: a day of the month; 12号链接, 5号线: the number of a thing.
_NOT_DOOR = (
    "(?!发|下单|到|收|签收|晚|早|凌晨|上午|下午|中午|前|之前|开始|付款|客服|线|链接|主播|直播|选手|"
    "技师|员工|的时候|就|才|买|店铺)"
)
_STREET_HOUSE = late(
    rf"(?:{_STREET})(?:[东西南北中一二三四五六]?段|[东西南北](?=[0-9]))?[ ]?[甲乙丙丁]?"
    rf"{_HOUSE_NUMBER}"
    rf"(?:[\-之][0-9]{{1,4}})?"
    rf"(?:[号號]{_NOT_DOOR}|{_NO_DAY}|[座栋幢弄])"
    "|(?<![走跑上半一线套思])(?:路|街|大道|巷|弄)[0-9]{1,4}-[0-9]{1,4}"
    "(?![0-9\\-]|[ ]?[.:元块米公里千年月日天次人个件比%A-Za-z分])"
)
_WEAK_HOUSE = late(
    rf"(?<=[省市区县镇乡港龙龍][{_HAN}])(?<!超市[{_HAN}])(?<![小专]区[{_HAN}])[{_HAN}]{{0,6}}"
    rf"(?:{_WEAK_STREET})[ ]?{_HOUSE_NUMBER}(?:号楼?{_NOT_DOOR}|{_NO_DAY})"
)
_CLAUSES = "各的了我你他她没不是也就都请被把给到这那哪每某吧呢吗啊写填错误改换发寄说问要"
# A locker or a counter is part of the address right behind the house.
_LOCKER = (
    "(?:楼下|门口|对面|旁边|隔壁|[东西南北正后]门|负[一二三0-9]楼)?(?:的)?"
    "(?:菜鸟驿站|菜鸟|驿站|丰巢(?:快递柜|柜)?|(?:快递|智能)柜|自提[柜点]|代收点|传达室|门卫室?)"
)
_ESTATE_HOUSE = late(
    rf"(?:{_ESTATE})"
    r"(?:[东西南北中新老](?:校?区|苑|院|门)|[一二三四五六]期|[A-Z]区|校区|学生公寓)?[ ,]?"
    rf"(?:[0-9]{{1,3}}#楼?|[0-9]{{1,3}}[号號](?=[0-9]{{3,4}}室?(?![0-9]))"
    rf"|别墅[0-9]{{1,3}}号|(?<![剧影戏学医法]院)[0-9]{{1,3}}排(?=[0-9]{{1,3}}号)"
    rf"|(?:底商|商铺|门面|门市|档口|摊位|车库)[ ]?[0-9]{{1,4}}号"
    rf"|[(\[][一二三四五六0-9]{{1,2}}(?:期|区|号楼|[栋幢座])[)\]](?={_DOOR})"
    rf"|[0-9]{{1,2}}-[1-3]?[0-9]0[1-9](?![0-9\-.元块年])|{_HOUSE_NUMBER}"
    rf"(?:号楼|号院|号?宿舍楼?|[栋幢座棟]|单元))"
    rf"|(?:小区|[花家公][园寓馆]|新村|家属院|[城苑府湾庭])(?:[东西南北]门)?(?:{_LOCKER})(?:[0-9"
    rf"]{{1,2}}号柜?)?"
    rf"|(?:大学|学院|学校|校区)[东西南北正]门(?:{_LOCKER})"
    r"|[阁轩][0-9]{1,2}楼(?=[0-9])|(?:大厦|写字楼|大楼|商厦)[ ]?(?:[0-9]{1,2}[层楼F]"
    r"|[0-9]{3,4}(?:室|(?![0-9元块年人万个多米])))"
    r"|(?:市场|[具材配贸]城|商城|工业[区园])[0-9A-Z]{1,3}[区排栋](?:[0-9]{1,3}号)?"
    r"|(?:广场|商城|市场)[ ]?[0-9一二三四五负]{1,2}[楼层区][A-Z]?[0-9]{1,4}(?:号(?![柜台线店桌"
    r"门])|[铺档])"
    r"|(?:住院部|(?:门诊|[内外]科|病房)楼)[0-9]{1,2}[楼层](?:[0-9]{1,3}床)?"
    r"|(?:中心|广场|国际)[ ]?[0-9]{1,2}[层楼F](?=[A-Z]?[0-9]{2,4}室?|[A-Z]座)"
)
# 27-6-1806: house, stairs, and a door of which the floor is told.
_NUMBERED_HOUSE = late(
    rf"(?<=[{_HAN}])[ ]?(?<![0-9\-])[0-9]{{1,3}}-"
    rf"[0-9]{{1,2}}-[1-3]?[0-9]0[1-9](?![0-9\-年月日元块.])"
)
_VILLAGE_GROUP = late(
    rf"(?<=[{_HAN}])(?:[村屯庄寨]|居?委会|村委)[ ]?第?{_HOUSE_NUMBER}"
    rf"(?:村民|生产)?小?[组社队](?![{_HAN}]{{0,1}}[长员织])(?:[0-9]{{1,4}}号)?"
    rf"|(?:[镇乡]|街道)[{_HAN}]{{2,4}}[0-9]{{1,2}}组(?![{_HAN}]{{0,1}}[长员织])"
    rf"|交[叉汇界][口处]?[{_HAN}]{{1,10}}{_HOUSE_NUMBER}(?:号楼|[栋幢座])"
    "|(?<=[0-9一二三四五六七八九十])团[ ]?(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})连"
    "|[农林牧茶渔]场(?:[0-9一二三四五六七八九十]{1,3}分场)?[0-9一二三四五六七八九十]{1,3}[连队]"
    "(?![长员])"
    rf"|第{_HOUSE_NUMBER}村民小组|(?<=[{_HAN}][{_HAN}])[甲乙丙丁][0-9]{{1,3}}号院?"
    "|(?<=[0-9一二三四五六七八九十])委[0-9]{1,2}组|[镇乡][0-9]{1,2}村"
    rf"|(?<=[{_HAN}][{_HAN}])(?:村[0-9]{{1,4}}号{_NOT_DOOR}|(?:[屯庄寨]|(?<![收采合全剧专选募筹"
    rf"召聚])集)"
    rf"[0-9]{{1,4}}号(?![{_HAN}]))|{_TOWN}[{_HAN}]{{2,5}}{_NOT_THINGS}[0-9]{{2,4}}号(?![{_HAN}])"
)
# A house that is named behind its number (人民路8号时代花园), if nothing goes on behind it.
_HOUSE_NAMED = (
    rf"[{_han_but(_CLAUSES)}]{{1,8}}?(?:小区|花园|家园|公寓|大厦|广场|大楼|写字楼"
    rf"|商厦|新村|社区|家属院|宿舍|[苑城湾府园])"
    rf"(?=[^{_HAN}]|\Z|[{_CLAUSES}行收送取来去这])"
)
# Behind a word for an address, or for living there, a village or a street will do.
_WHERE = rf"(?:[{_han_but(_CLAUSES)}A-Za-z0-9#()\- ]|(?<=成)都)"
_PART_OF_TOWN = (
    "街道|小区|花园|家园|大厦|广场|公寓|单元|驿站|宿舍|政府|派出所|学校|[小中大]学"
    "|医院|银行|市场|工业园|路口|[叉界汇][口处]?"
    "|公里处|[镇乡村屯寨路街巷弄苑号號栋幢棟室座層层组户楼樓队段]|社(?!区)|社区"
    "|[0-9]{1,2}(?:-[0-9]{1,2})?-[0-9]{3,4}(?![0-9])"
)
_NEARBY = (
    "村?民?委员?会|[口部头]|旁边?|[斜正]?对面|后面|附近|隔壁|门口|[东西南北]侧|往[东西南北][0-9"
    "]{1,4}米"
)
_SAID_ADDRESS = late(
    "(?:地址|住址|住所|住处|家住|现住(?!址)|居住[在于]|[我人]住|家在|户籍(?:所在地|地|(?!所?在?地))"
    "|[送寄发放][到往至在])(?:(?:[是为在改到]|成(?!都)){1,2}|登记为)?[: ]{0,2}"
    rf"(?P<it>(?!在)(?={_WHERE}{{2,12}}(?:{_REGION_NAMED}|社区))"
    rf"{_WHERE}{{3,40}}(?:{_PART_OF_TOWN})(?:[0-9]{{3,4}}(?![0-9房室号栋]))?(?:{_DOOR}){{0,6}}"
    rf"(?:(?:{_NEARBY}){{1,2}}(?![{_HAN}]{{0,2}}[说看让])[)]?|{_LOCKER}|{_HOUSE_NAMED}"
    rf"|[(][近靠][{_HAN}]{{2,10}}[)])?)"
)
# Room 901, Building 1, No. 915 Renmin Road, Haidian District, Beijing
_ROADS = (
    "(?:Road|Rd|Street|St|Avenue|Ave|Lane|Alley|Boulevard|Highway|Square|Garden|Gardens"
    "|Court|Estate|"
    "Mansion|House|Centre|Center|Tower|Plaza|Village|Building|Community|Lu|Jie|Dadao|Xiang|Hutong)"
)
_PARTS = "(?:Room|Rm|Unit|Flat|Apartment|Apt|Suite|Floor|Building|Bldg|Block|Tower|House|No)"
_COMMA = "[ ]?,[ ]?"
_WORD = "[A-Z][A-Za-z']{1,20}"
_IN_HOUSE = rf"(?:{_PARTS}\.?[ ]?(?:[0-9][0-9A-Za-z\-]{{0,5}}|[A-H])|[0-9]{{1,3}}[A-Z]?/?F)"
# A number alone makes an address of a road only: Windows 10 Home Building, Top 10 Best Street.
_ENGLISH = late(
    rf"(?<![A-Za-z0-9])(?:(?:{_IN_HOUSE}(?:{_COMMA}|[ ])){{1,5}}(?:#?[0-9]{{1,5}}(?:{_COMMA}|[ ]))?"
    rf"(?:{_WORD}[ ]){{1,4}}{_ROADS}"
    rf"|(?:No\.?[ ]?|#)[0-9]{{1,5}}(?:-[0-9]{{1,4}})?(?:{_COMMA}|[ ])(?:{_WORD}[ ]){{1,3}}{_ROADS}"
    rf"|(?<![A-Za-z][ ])[0-9]{{1,5}}(?:-[0-9]{{1,4}})?(?:{_COMMA}|[ ])(?:{_WORD}[ ]){{1,3}}"
    r"(?:Road|Rd|Street|St|Avenue|Ave|Lane|Boulevard|Highway|Lu|Jie|Dadao|Hutong))"
    rf"(?![A-Za-z])(?:[ ](?:Central|East|West|North|South))?\.?(?:{_COMMA}{_WORD}(?:[ ]{_WORD})"
    rf"{{0,2}}){{0,5}}"
)
# What follows is said with it where it can be, for the compiled search to look here seldom.
# Compiled at once: what it matches is told by it.
ROOM = re.compile(
    rf"(?<![0-9A-Za-z]){_HOUSE_NUMBER}(?:(?:号楼|栋|幢|单元|座|#楼|#单元)(?={_DOOR}|{_LOCKER})"
    r"|[号號][0-9]{3,4}室|楼[0-9]{1,2}(?:门|单元)(?=[0-9]{3,4})|区[0-9]{1,3}(?:号楼|楼|栋)(?=[0-9])"
    r"|#[0-9]{1,2}单元|舍(?=[0-9]{3}))"
)
_NAMED_ROOM = late("[楼阁轩厦苑园城府居][0-9]{3,4}室")
_BETWEEN = _han_but("的了我你他她没不是就被把给到吧呢吗啊买卖退")
_DOORS = late(
    rf"(?:[ ]?[{_BETWEEN}A-Za-z0-9]{{0,12}}?[ ]?(?={_DOOR}))?(?:{_DOOR})+(?:{_LOCKER})?"
    rf"|{_LOCKER}|{_HOUSE_NAMED}"
    rf"|[(][近靠]?[{_HAN}]{{2,10}}[)]|(?:旁边?|[斜正]?对面|隔壁|楼下|后面)(?![{_HAN}])"
)

# Words before which no address began; 和平, 家园, 来安 and the like are parts of names.
_OPENING = late(
    "(?<![路街道])[与和](?![平谐田县顺林睦美悦兴龙静政硕])(?<![呼仁祥颐泰义永家安嘉兴协景太中]和)"
    "|[在到住是寄送址往去给的了我你他她们跟把被这没就也还说找退买吧呢啊反每哪]"
    "|个(?!旧)|从(?!化区|江县)|直接|(?<=次)都|(?<!解)放(?![路街村鹤马])"
    "|发(?!区|市场|展|[路街村镇])(?<!兴发)(?<!永发)|日(?!照)|为(?![民县])(?<!无为)"
    "|(?<=[住位居坐处])于|(?<=[送寄退发返])回|信息|房子|地址|户籍地?|反映|现住|就是"
    rf"|[改换](?:成|为)|[^0-9A-Za-z{_HAN}·\- ,()\[\]/]|(?<![省市区县镇])/(?![{_HAN}]{{2,4}}[/省"
    rf"市区县])"
    r"|[(\[](?![一二三四五六0-9]{1,3}(?:期|区|号楼|[栋幢座])[)\]])|(?<![期区栋幢座楼])[)\]]"
    r"|(?<![省市县州])(?<![^小社景地市]区),"
    r"|店(?![市镇子口前埠])|那(?!曲)|家(?![园港庄湾村口营屯沟桥坪属族岭坝塘坡冲坳堡嘴山河集])"
    r"|来(?![广安凤宾])|不(?!夜)"
)
# What is left out where an address begins.
_EDGE = late(r"[ \-·]")
# Not within an address: 南京市江苏路, 杭州市浙江大学.
_REGION = late(rf"(?<![省市区县州镇乡 ,])(?:{one_of('provinces')})")


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


def stands_again(folded: str, at: int) -> bool:
    """Tell whether two characters may be a name there, for what stands before and behind them.

    Examples
    --------
    >>> stands_again("国王方便面", 1), stands_again("后来王方没收到", 2)
    (False, True)
    """
    return _AGAIN.match(folded, at) is not None and _KNOWN.match(folded, at) is None


ADDRESS_FINDERS = (
    Finder(_SAID_ADDRESS, AsKind("address", "it")),
    *(
        Finder(pattern, read_houses)
        for pattern in (
            *(_STREET_HOUSE, _WEAK_HOUSE, _ESTATE_HOUSE, _NUMBERED_HOUSE, _VILLAGE_GROUP),
            *(ROOM, _NAMED_ROOM),
        )
    ),
    Finder(_ENGLISH, AsKind("address")),
)


# The smaller patterns that settle what of a match counts, by the names that `engine.masking` knows.
NAME_PARTS: dict[str, re.Pattern[str]] = {
    "whole_name": _WHOLE_NAME,
    "role": _ROLE,
    "clause": _CLAUSE,
    "platform": PLATFORM,
    "opening": _OPENING,
    "region": _REGION,
    "edge": _EDGE,
    "doors": _DOORS,
    "known": _KNOWN,
    "again": _AGAIN,
}
