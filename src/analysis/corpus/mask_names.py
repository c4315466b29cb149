"""Names that lead to a person: of accounts, and of people, with a cue beside them or without.

Patterns and the evidence beside them run on a folded copy (`mask_finders.plain`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from analysis.corpus.mask_finders import (
    HAN,
    AsKind,
    Finder,
    Span,
    bond_table,
    but,
    by_first,
    characters,
    han_but,
    late,
    number_characters,
    numbers_of,
    one_of,
)
from analysis.engine.evidence import (
    OF_ALL,
    PAD,
    eased,
    next_name,
    settle_name,
)
from analysis.engine.masking import LONGEST, SHORT, is_given_known, joined_name

_MARK = r"[A-Za-z0-9_\-\u3400-\u4dbf\u4e00-\u9fff·]"
_OFFICIAL = (
    f"(?:{one_of('official_accounts')}|{one_of('platforms')})(?:官方)?(?:(?!{_MARK})"
    f"|(?:{one_of('account_roles')})(?:(?!{_MARK})|{one_of('handle_clauses')}))"
)
_NOBODY = rf"所有人|全体|[0-9]+[元块折个件]?(?!{_MARK})|{_OFFICIAL}"
_HANDLE = late(rf"(?<![A-Za-z0-9._%+\-])@(?!{_NOBODY})(?P<name>{_MARK}{{2,40}})(?P<next>[: ]?)")
# A name without Chinese characters is taken whole.
_WHOLE_NAME = late(r"[A-Za-z0-9_\-]+\Z")
# Accounts of firms end with their role; what follows is the clause.
_ROLE = late(one_of("account_roles"))
_CLAUSE = late(one_of("handle_clauses"))
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
_DOUBTFUL = characters("doubtful_surnames")  # only behind a colon
_TITLE = one_of("titles") + "|工(?!作)"
_LINE, _NOT_GIVEN = "\n", characters("not_given")
_NO_NAME = rf"{_TITLE}|[{_NOT_GIVEN}理式装排该求信址话们通客服家重方货单款价牌]|上门|师傅"


def _named(surnames: str, behind: str = "") -> str:
    """Write the pattern of a name: a surname, and one or two characters with `behind` behind them.

    The second is left out where a title begins or the clause goes on (王小女士, 王小的); the
    scalper (黄牛) is none.
    """
    given = rf"[{HAN}]{{1,2}}{behind}"
    return (
        rf"(?P<it>(?:{_DOUBLE}|(?!(?:{_DOUBLE}){given})[{surnames}])(?={given})"
        rf"(?!{_NO_NAME}|牛(?![{HAN}]{behind}))[{HAN}]"
        rf"(?:(?!{_TITLE}|[{_NOT_GIVEN}])[{HAN}](?={behind}))?)"
    )


def _surname(characters: str) -> str:
    """Write the pattern of a surname, of which those of two characters are taken whole."""
    return f"(?:{_DOUBLE}|(?!{_DOUBLE})[{characters}])"


# 收件人, 申诉人: two characters of such words, told by their third; it is soon seen where none is.
_PERSONS = [cue for cue in one_of("cues").split("|") if len(cue) == 3 and cue[2] == "人"]
_PERSON = f"[{''.join(cue[0] for cue in _PERSONS)}][{''.join(cue[1] for cue in _PERSONS)}]人"
_OTHER_CUES = "|".join(cue for cue in one_of("cues").split("|") if cue not in _PERSONS)
_WEAK_CUES = one_of("weak_cues") + "|名字是|名字叫"
# Longer brands are nobody's names; the shorter ones (杨梅) may be.
_LONG_BRANDS = [brand for brand in one_of("brands").split("|") if len(brand) > 2]
# 本人于江苏, 客户向京东, 本人曾多次: before a place, a shop or a verb these surnames are none.
_AT_A_PLACE = (
    f"[于向由曾](?:{by_first(*map(one_of, ('provinces', 'towns', 'platforms')))})"
    "|曾(?:[在向与和跟被给打几数两三反经要拨购下投咨询申报]|多次|联系)"
)
_PARTIES = f"{by_first(one_of('parties'), one_of('provinces'), *_LONG_BRANDS)}|{_AT_A_PLACE}"
# 昵称:夏天的风: what somebody calls himself is a name where it is like one.
_NO_NICKNAME = rf"(?!(?:昵称|微信名|网名)[ :]{{1,2}}[{HAN}]{{2,3}}的[{HAN}])"
_CUES = f"{_PERSON}|{by_first(_OTHER_CUES)}"
_ANNOUNCED = late(
    rf"{_NO_NICKNAME}(?:(?:{_CUES})(?:姓名|名称?|名字)?(?:[ ]?:[ ]?"
    rf"|[是为叫][ ]?|[ ]{{1,2}}|[\\[【(“\"])"
    rf"|(?:{_WEAK_CUES}|消费者|客户|收件|收货|名字)[ ]?:[ ]?)"
    rf"(?!{_PARTIES})" + _named(_SURE + _DOUBTFUL)
)
# Behind a name that nothing sets off: no Chinese character but of 电话, 手机, 联系, 地址, 住, 身份.
_ENDS = rf"(?!(?![电手联地住身])[{HAN}])"
_BARE = late(rf"(?:{_CUES}|本人|名叫|名字[是叫])(?!{_PARTIES})" + _named(_SURE, _ENDS))
_CALLED = late("[我俺](?:的?(?:真名|名字|大名|本名|姓名))?(?:是叫|名叫|叫做?)" + _named(_SURE))
_PHONE = (
    r"[ ,:;/|(]{0,3}(?:(?:联系)?(?:电话|手机号?|方式)[: ]{0,2})?(?:\+?86[ \-]?)?"
    r"(?:[1lI](?:[ \-.]?[0-9OolI]){6}|(?:身份证|工)号?码?[: ]{0,2}[0-9]{3})"
)

# Characters that given names are mostly made of, but for those that words of complaints begin with.
_GIVEN = characters("given")
# Those that are in names where something else tells one, too.
_FIRST, _SECOND = _GIVEN + characters("more_first"), _GIVEN + characters("more_second")
_RARE = characters("rare_given")
_WIDE, _SINGLE = _FIRST + _SECOND + _RARE + "发", characters("single_given")
_TWICE = one_of("doubled_given")
_LONG_TITLES = "|".join(title for title in _TITLE.split("|") if len(title) == 2)
_NO_TITLE = f"(?!{by_first(_LONG_TITLES, one_of('no_given_names'))})"
_ENDING = but(_SECOND, but(characters("said_behind"), _GIVEN))
_FULL = rf"(?:{_NO_TITLE}[{_GIVEN}]{_NO_TITLE}[{_GIVEN}]|{_TWICE})"
_TOLD = rf"(?:{_NO_TITLE}[{_FIRST}]{_NO_TITLE}[{_ENDING}]|{_TWICE})"
_RARELY_LAST = but(_RARE, "以之而四二三")
_TWO = rf"(?:{_NO_TITLE}[{_FIRST}{_RARE}]{_NO_TITLE}[{_ENDING}{_RARELY_LAST}]|{_TWICE})"
_ONE = f"{_NO_TITLE}[{_SINGLE}{_RARELY_LAST}]"
_SURER = rf"(?:{_TWICE}|{_NO_TITLE}(?:[{_GIVEN}][{_ENDING}]|[{_FIRST}][{_GIVEN}]))"
_PLACES = one_of("no_names")
# Where nothing but a role, a title or the clause tells a name, these begin none.
# 叶子涵 is one although 叶子 is a word, and 姜文博 is not 姜文.
_FAMOUS = one_of("public_figures").split("|")
_LONGER_FAMOUS = [one for one in _FAMOUS if len(one) > SHORT]
# Behind a role that nobody of the public has (骑手王刚) both famous names and words may be one's.
_OF_NAMESAKES = f"(?<={one_of('namesake_roles')})"
_NAMESAKE = (
    rf"(?:{by_first(one_of('namesake_words'), *(one for one in _FAMOUS if len(one) == SHORT))})"
    rf"(?=[^{HAN}]|\Z|[说让把给被跟没]|{by_first(one_of('clause_behind'))})"
)
# Who is called like somebody well known and a character more, with which words begin, too.
_LONGER_BY_ONE = (
    "(?:明(?![天年日星显确明白早晚细示知])|建(?![议立设])|亮(?![相出])|云(?![南端])|思(?![考想路]))"
    rf"(?=[^{HAN}]|\Z|[说让把给被跟没在是和也就都还又的]|{by_first(one_of('clause_behind'))})"
)
_KNOWN = late(
    f"(?!{_OF_NAMESAKES}{_NAMESAKE})"
    f"(?:{by_first(one_of('no_names'), one_of('brands'))}|{_AT_A_PLACE}"
    f"|(?:{by_first(one_of('no_names_alone'))})(?![{characters('only_given')}])"
    # Who has a telephone is nobody of the public.
    f"|(?:{by_first(*_LONGER_FAMOUS)}"
    f"|(?:{by_first(one_of('words_and_names'), *(one for one in _FAMOUS if len(one) == SHORT))})"
    f"(?![{characters('only_given')}{but(_GIVEN, '语明成长学达通光先当行发建新亮云思信')}]"
    f"|{_LONGER_BY_ONE}))(?!{_PHONE}))"
)
# 本人于国庆: 于 is a preposition there.
_EVERY = _surname(_SURE + _DOUBTFUL.replace("于", ""))
_COMMON = _surname(_SURE)
_NEVER_ALONE = characters("never_alone")
_OFTEN_WORDS = but(characters("everyday_surnames") + _DOUBTFUL, _NEVER_ALONE)
_RARELY_WORDS = but(_SURE, _OFTEN_WORDS + _NEVER_ALONE)
_PURE = f"[{characters('pure_surnames')}]"
_NEARLY_PURE = _surname(
    _RARELY_WORDS + characters("pure_surnames") + characters("nearly_pure_surnames")
)
_SETS_OFF = f"(?![{HAN}])"
# No Chinese character stands before or behind but of what is said of a person (让, 找; 说, 没).
_BEFORE_ONE = f"(?<![{han_but(characters('said_before'))}])"
_BEHIND_ONE = f"(?![{han_but(characters('said_behind'))}])"
_GOES_ON = (
    f"(?=[^{HAN}]|\\Z|[{characters('said_behind')}{characters('clause_start')}]"
    "|强调|建议|承诺|坚持|明确|通过|家[不没的里也都])"
)
_GOES_ON_CUED = (
    f"(?=[^{HAN}]|\\Z|[{characters('said_behind')}{characters('clause_start')}"
    f"{characters('clause_start_cued')}]|{by_first(one_of('clause_behind'))})"
)
# A name of two characters once more, where both sides let it be one (国王方便面 holds no 王方).
_AGAIN = late(
    f"(?<![{han_but(characters('said_before') + '来后也又还再却在从')}])[{HAN}]{{2}}{_GOES_ON}"
)
# What a cue announces: set off, nearly every character may be in it.
_LEFT = _WIDE + "得意未季孔解黄合头白"
_SET_OFF = rf"{_NO_TITLE}[{_LEFT}](?:{_NO_TITLE}[{_LEFT}])?{_SETS_OFF}"
_ABROAD = characters("transcribing")
_NO_CLAUSE = han_but("也就还说跟让把被给和与不没来去了的是在我你他买卖打收要想很")
_PARTED_ENDS = (
    rf"(?=[^{HAN}]|\Z|{by_first(one_of('clause_behind'))}"
    "|先生|女士|小姐|博士|教授|经理|师傅|医生|老师|[跟说让把被给和与不没来去也都就还出打发于我])"
)
_CLAUSE_BEHIND = f"(?={by_first(one_of('clause_behind'))})"
_ANY = _surname(_SURE + _DOUBTFUL)
_RARER_ONES = _SURE + _DOUBTFUL + characters("rare_surnames")
_RARER = _surname(_RARER_ONES)
# 责任人严肃处理, 业主任发了消息: these go on with the clause.
_SURELY = _surname(but(_RARELY_WORDS + _OFTEN_WORDS, "任严安全"))
# Names of minorities: their parts tell them, whose characters clauses go on with, too (阿不都).
_PART = f"(?:{by_first(one_of('minority_parts'))})"
_PARTED = (
    rf"[{_ABROAD}][{HAN}]{{1,5}}[·•](?:{_PART}{{1,3}}[{_ABROAD}]{{0,2}}{_PARTED_ENDS}"
    rf"|[{_NO_CLAUSE}]{{2,6}}{_SETS_OFF}|[{HAN}]{{2,6}}?{_PARTED_ENDS})"
)
_UNPARTED = rf"{_PART}(?:{_PART}|[{_ABROAD}江汗罕孜]{{1,3}})?(?![·•]){_PARTED_ENDS}"
# Set off on both sides, what begins like a name of three characters is one, but for known words.
_SELDOM = but(
    _RARER_ONES,
    "养初银格归暴富福言税滑红水满双充利楼海云明家英都和来但才由将别代亮那为全时当于范因从字者"
    "山秋有经年保战练线智敏伯药能督法"
    "折拜普刀召依介户库院部斗",
)
_SELDOM_WORDS = _surname(_SELDOM)
# How sure two characters are a given name: the surer the first, the less is asked of the last.
_SURE_FIRST, _SURE_LAST = (
    one_of(f"given_{place}_by_odds").split("|") for place in ("first", "last")
)
_PAIR = "|".join(
    f"[{first}][{''.join(_SURE_LAST[: len(_SURE_LAST) - less])}]"
    for less, first in enumerate(_SURE_FIRST)
)
_SURELY_GIVEN = f"{_NO_TITLE}(?:{_PAIR}|{_TWICE})"
# With such a one nearly all surnames that are words make a name, too.
_WORDS_AS_SURNAMES = _surname(
    but(
        _RARER_ONES,
        "养初银格归暴但都来那于由者才将从字当折拜普召依介库院部斗全和能法即应连向关山秋有经年保战练线智敏伯药",
    )
)
# Beside a role nothing need stand behind these.
_HARDLY_ANY_WORDS = _surname(
    but(_RARELY_WORDS + _OFTEN_WORDS + "巩宰褟粘侍伏岳费", "任严安方时关向应全于高成明")
)
_SELDOM_NAME = (
    rf"(?:{_HARDLY_ANY_WORDS}{_SURELY_GIVEN}|{_WORDS_AS_SURNAMES}{_SURELY_GIVEN}(?:{_GOES_ON}"
    rf"|{_CLAUSE_BEHIND})"
    rf"|{_SELDOM_WORDS}(?:(?:{_FULL}|{_SURER})(?:{_GOES_ON}|{_CLAUSE_BEHIND})|{_TWO}{_SETS_OFF})"
    rf"|{_PURE}于[{_WIDE}]{_SETS_OFF})"
)
_LINKED = f"(?:{one_of('between_cue_and_name')})"
# Where something else makes it sure that a name stands, nearly all characters may be in it.
_ANY_GIVEN = rf"(?!{_NO_NAME}|[{_NOT_GIVEN}])[{HAN}](?:(?!{_TITLE}|[{_NOT_GIVEN}])[{HAN}])?"
# Behind a sign that leads to it any surname begins a name, whatever else it is (户名：花开明).
_CAN_BE = f"[{han_but(characters('never_given') + '是与给被说叫电联请的收寄')}]"
_NOT_SAID = f"(?!{_PLACES}|{_PARTIES}|{by_first(one_of('no_announced_names'))})"
_ANYBODY = _RARER_ONES + characters("rarest_surnames") + characters("surnames_behind_cues")
_ENDS_ANNOUNCED = f"(?=[^{HAN}]|\\Z|收(?![{HAN}])|的?(?:电话|手机|联系|地址|身份证|账号))"
_ANNOUNCED_ONE = (
    rf"{_NOT_SAID}(?:{_DOUBLE}|[{_ANYBODY}])(?!{_NO_NAME}){_CAN_BE}(?!{_TITLE}){_CAN_BE}?"
    rf"{_ENDS_ANNOUNCED}"
)
_NAME_BEHIND_CUE = (
    rf"(?:[ ]?[:是为叫系/|>→=][ ]?|[ ]|{_LINKED})?[\[【(“\"「]?"
    rf"(?P<it>{_PARTED}|{_UNPARTED}"
    rf"|(?!{_PLACES}|{_PARTIES})(?:(?:{_ANY}|(?<=[:为叫 ]){_RARER}){_SET_OFF}"
    rf"|{_RARER}{_FULL}{_SETS_OFF}|{_SURELY}[{_WIDE}]{_CLAUSE_BEHIND}"
    rf"|{_EVERY}(?:{_FULL}|{_SURER}{_GOES_ON}|[{_GIVEN}]{_SETS_OFF})"
    rf"|{_NEARLY_PURE}(?:(?:{_TWO}|{_ONE}){_GOES_ON}"
    rf"|{_ANY_GIVEN}{_CLAUSE_BEHIND})|{_SELDOM_NAME})|(?<=[:为叫系是>=]){_ANNOUNCED_ONE})"
)
_CUED = late(
    rf"{_NO_NICKNAME}(?:{by_first(_OTHER_CUES, _WEAK_CUES)}|人(?=[ ]?:)|自称|代收|转交"
    rf"|(?:敬礼|盼复|此致)[!。.,{_LINE} ]{{0,3}}"
    rf"|(?:属实|真实|无误|[盼望]回复|[盼望]处理|[盼望]解决|重视|(?:实名|特此)(?:投诉|举报|反映))"
    rf"[!。.,{_LINE} ]{{1,3}}|工号[: ]?[0-9]{{2,8}}[的,]?|姓[ ]{{1,4}}名|户[ ]{{1,4}}名"
    rf"|(?<![{HAN}A-Za-z0-9])[父母夫妻子兄弟姐妹](?=[ :]))" + _NAME_BEHIND_CUE
)
_CUED_PERSON = late(f"(?:{_PERSON}(?:名字|姓名)?|名字(?=[填写]))" + _NAME_BEHIND_CUE)
_SAYS = f"(?=[说让把给被跟没不告承答骗拉忽坑签收要]|{by_first(one_of('clause_behind'))})"
# Before what goes on, those of two characters need a surname that seldom is a word.
_SELDOM_ALONE = _surname(but(_SURE + _DOUBTFUL, _NEVER_ALONE + "任向"))
_ONE_OF_MORE = f"{_NO_TITLE}[{but(_GIVEN, '子家天先以一')}泉凡越楚望咏奕非]"
_ON_ITS_OWN = rf"(?:{_SELDOM_ALONE}{_ONE}|{_surname(_RARELY_WORDS)}{_ONE_OF_MORE}){_GOES_ON_CUED}"
_GOING_ON = (
    rf"(?!向){_EVERY}{_TWO}{_GOES_ON_CUED}|{_ON_ITS_OWN}|于(?:{_SURER}|[{_SINGLE}])(?=[说让把称])"
)
# A telephone stands behind; or the sex is told (…，女，), with no Chinese character before.
_SEX = "[ ]?[(,][ ]?[男女][,;)、]"
_BESIDE_PHONE = late(
    rf"(?<![{han_but('是叫组部科处室岗台')}A-Za-z])"
    rf"(?P<it>{_named(_SURE, _PHONE).replace('?P<it>', '?:')}"
    rf"|{_SELDOM_WORDS}{_TWO}(?={_PHONE}|{_SEX})|{_surname(_RARELY_WORDS)}{_ONE}(?={_SEX}))"
)
_CUED_DOUBTFUL = late(
    rf"(?:{_PERSON}|{by_first(_OTHER_CUES)})(?:[ ]?[:是为叫系][ ]?|[ ]|{_LINKED})?"
    rf"(?P<it>(?!{_PLACES}|{_PARTIES})(?:{_SELDOM_WORDS}"
    rf"(?!{_NO_NAME}|[{_NOT_GIVEN}])[{HAN}](?!{_TITLE}|[{_NOT_GIVEN}])[{HAN}]{_SETS_OFF}"
    rf"|{_GOING_ON}))"
)
# Right behind a cue it must be likely, too.
_STRICT_CUES = by_first(one_of("cues"), one_of("strict_cues"))
_STRICT_ONES = but(_ANYBODY, characters("no_surnames_behind_cues"))
_STRICT = late(
    rf"(?:{_STRICT_CUES}|[我俺咱她他名]叫|代替)(?:名字|[就才应]是|应该是)?[ ]?(?P<it>{_NOT_SAID}"
    rf"(?:{_DOUBLE}|[{_STRICT_ONES}])(?!{_NO_NAME})(?:{_CAN_BE}(?!{_TITLE}){_CAN_BE}"
    rf"|[{_WIDE}{_SINGLE}]){_ENDS_ANNOUNCED})"
)
_OF_KIN = "女儿|儿子|妈|爸|父|母|妻|丈夫|老[公婆]|爱人|家[人属]|哥|姐|弟|妹|朋友|同[事学]|[儿子]女"
_SAID_OF_SELF = late(
    rf"(?:[我俺咱]叫|本人|名叫|一个叫|我[(]|[我俺],(?={_ANY}{_SET_OFF}[,.!])|(?:名字"
    rf"|真名|本名|大名|姓名)[是叫]?)"
    rf"(?P<it>{_COMMON}(?!{_NO_NAME}|[{_NOT_GIVEN}])[{HAN}]"
    rf"(?:(?!{_TITLE}|[{_NOT_GIVEN}人员户])[{HAN}])?{_SETS_OFF}|{_ANY}{_SET_OFF})"
)
# 我王芳实名举报: a name stands right behind 我 where its surname is nothing else.
_PURE_NAME = rf"{_NEARLY_PURE}(?:{_TWO}|[{_SINGLE}])"
_OF_SELF = "在|实名|说到|把话|郑重"
_I_AM = late(
    rf"(?:[我俺咱](?:就|正)?是|鄙人|敝人|在下|这[里边]是|笔者|我乃|咱姓名|本人名|我这边是"
    rf"|(?:(?<![{HAN}])|(?<=好))我(?={_PURE_NAME}(?:{_SETS_OFF}|{_OF_SELF})))(?P<it>"
    rf"{_surname(_RARELY_WORDS)}(?!{_NO_NAME}|[{_NOT_GIVEN}])[{HAN}]"
    rf"(?:(?!{_TITLE}|[{_NOT_GIVEN}人员户])[{HAN}])?{_SETS_OFF}"
    rf"|{_surname(_OFTEN_WORDS)}{_SET_OFF}|(?<=是)(?:(?:{_surname(_RARELY_WORDS)}{_TWO}"
    rf"|{_EVERY}{_SURER})"
    rf"{_GOES_ON_CUED}|{_ON_ITS_OWN}|于{_SET_OFF})|{_EVERY}(?:{_TWO}|[{_SINGLE}])(?=本人|的?"
    rf"(?:{_OF_KIN})|[他她][爸妈])"
    rf"|(?<=我){_PURE_NAME}(?={_OF_SELF}))"
)
# 姓 名 | 崔 海 燕: cells of forms whose characters are set apart.
_CELLS = (
    "姓[ ]{1,4}名|户[ ]{1,4}名|机[ ]{1,4}主|联[ ]{1,2}系[ ]{1,2}人"
    "|[收寄发投][ ]{1,2}[件货诉][ ]{1,2}人"
)
_SPACED = late(
    rf"(?:(?:{_PERSON}|{by_first(_OTHER_CUES, _WEAK_CUES)})[ ]?[:是为叫]?[ ]?"
    rf"|(?:{_CELLS})[ ]{{0,3}}[:|]?[ ]{{0,3}}"
    r"|(?:[我俺咱他她]叫|本人|名字|署名)[是叫]?[ ]?)"
    rf"(?P<it>(?:{_EVERY}|(?<=[:|][ ])[{_ANYBODY}])[ ]{{1,2}}(?!{_NO_NAME}|[{_NOT_GIVEN}])[{HAN}]"
    rf"[ ]{{0,2}}[{HAN}]?){_SETS_OFF}"
)
_ANY_TWO = rf"(?!{_NO_NAME}|[{_NOT_GIVEN}])[{HAN}](?!{_TITLE}|[{_NOT_GIVEN}])[{HAN}]"
# 于 is a preposition elsewhere (销售于上海).
_YU = rf"(?<![售装修送购班单象表位])(?<!代理|本人)于(?![国元清春])(?:{_SURER}|{_TWO}){_SETS_OFF}"
# Roles, kin and verbs are cues as well; a full name must be sure of each of its characters.
_ROLES = by_first(one_of("roles"))
_BEHIND_ROLE = late(
    rf"{_NO_NICKNAME}(?:{by_first(one_of('roles'), _WEAK_CUES)})(?!费)(?:叫|名叫|是|[ ]?[:/|])?[ ]?"
    rf"[\[【(“\"「]?(?P<it>{_PARTED}|{_UNPARTED}|{_EVERY}(?:{_FULL}|{_SURER}{_GOES_ON}"
    rf"|(?:{_TOLD}|[{_SINGLE}])(?:{_BEHIND_ONE}|{_CLAUSE_BEHIND}))"
    rf"|{_NEARLY_PURE}(?:{_TWO}|{_NO_TITLE}[{_WIDE}]{_GOES_ON}|{_ANY_GIVEN}{_SETS_OFF}"
    rf"|{_ANY_TWO}{_SAYS})"
    rf"|{_SELDOM_NAME}|{_GOING_ON}|{_surname(_RARELY_WORDS)}{_SET_OFF}|{_YU})"
)
# Any surname and any given name behind them, where evidence bears it out.
_BORNE_OUT = late(
    rf"(?:{by_first(one_of('roles'), one_of('more_roles'))})(?!费)(?:叫|名叫|是|[ ]?[:/|])?[ ]?"
    rf"[\[【(“\"「]?(?P<it>(?:{_DOUBLE}|[{_STRICT_ONES}])(?!{_NO_NAME}|[叔姨伯婶爷奶嫂舅姑])"
    rf"{_CAN_BE}(?:(?!{_TITLE}){_CAN_BE})?)"
)
_HONOURED = "女士|先生|小姐|同志|律师|医生|大夫|老师|师傅|经理|主任|店长"
_THANKED = late(
    rf"(?:{by_first(one_of('thanks'))})了?(?P<it>{_COMMON}{_FULL}|{_EVERY}(?:"
    rf"{_FULL}{_SETS_OFF}|{_SURER}{_GOES_ON}|(?:{_TOLD}|[{_SINGLE}])(?:{_BEHIND_ONE}|(?=这[个位]|那[个位]|个人|{_HONOURED})))"
    rf"|{_SELDOM_NAME}|{_GOING_ON})"
)
_NAMED_ONE = late(
    rf"(?:叫[做我]?|称呼我|[写印签填]着|[写印]的|显示|备注|喊|此人|栏写)(?P<it>{_PARTED}"
    rf"|{_UNPARTED}|"
    rf"(?<!我)(?:(?:{_COMMON}(?:{_TWO}|[{_WIDE}])|{_EVERY}{_TWO})(?=的|就|[两二三]个?字|过来|出来"
    rf"|{_SETS_OFF})"
    rf"|(?:{_EVERY}[{_SINGLE}]|{_WORDS_AS_SURNAMES}{_TWO}){_SETS_OFF}"
    rf"|{_NEARLY_PURE}{_ANY_GIVEN}(?=的|{_SETS_OFF})|{_YU})"
    rf"|(?<=我)(?:{_EVERY}(?:{_TWO}|[{_WIDE}])|{_NEARLY_PURE}{_ANY_GIVEN})(?=就[行好可成]|即可|吧)"
    rf"|(?<=我)(?:{_PURE_NAME}|{_EVERY}(?:{_SURER}|[{_SINGLE}])){_SETS_OFF})"
)
_MORE_ROLES = one_of("roles_behind")
_BEFORE_ROLE = late(
    rf"(?P<it>(?:{_surname(_RARELY_WORDS + _DOUBTFUL)}{_TWO}|(?<![谢华]){_SELDOM_WORDS}{_FULL})"
    rf"(?={_HONOURED})"
    rf"|{_surname(_RARELY_WORDS)}{_TWO}(?={_MORE_ROLES}))"
)
_BEFORE_TITLE = late(
    rf"(?:{_BEFORE_ONE}|(?<=[班级组室栋号)]))(?P<it>(?:{_EVERY}(?:{_TWO}|{_ONE})|{_COMMON}[{_WIDE}])"
    rf"(?={_HONOURED}|家长|的(?:{_OF_KIN}))"
    rf"|{_SELDOM_WORDS}{_FULL}(?=[说让把跟告骗称答])"
    rf"|{_EVERY}{_TWO}(?={_MORE_ROLES})|(?<![由关属对位基等至])于(?:{_SURER}|{_TWO})"
    rf"(?={_HONOURED}))"
)
_MINORITY = by_first(one_of("minority_names"))
_PARTED_ALONE = late(
    rf"(?P<it>(?:{_MINORITY})(?:{_MINORITY}|{_PART}|[江汗罕孜])*(?![·•])"
    rf"|{_PART}[{HAN}]{{0,3}}[·•](?:{_PART}{{1,3}}[{_ABROAD}]{{0,2}}|[{HAN}]{{1,6}}?)"
    rf"|{_PART}{_PART}|(?<![^{_LINE}]){_PART}(?=[ ]?:)|[阮黎裴]氏[{_GIVEN}]{{1,2}}"
    rf"|{_surname(_RARELY_WORDS + '白马包沙金')}{_PART})(?:{_GOES_ON}|(?=[能会老]))"
)
# Apart from the one before, whose parts the search finds by their first two characters.
_PARTED_ABROAD = late(
    rf"(?P<it>[{but(_ABROAD, characters('said_before'))}]"
    rf"[{han_but(characters('said_before'))}]{{1,3}}[·•][{HAN}]{{0,2}}{_PART}[{HAN}]{{0,2}}?)"
    rf"{_GOES_ON}"
)
# Signed below, behind a dash or as the last line; behind a full stop at the end of all. Greeted
# (您好，…，), or behind a number by which somebody is reached.
_HAILED = "(?:(?<=好[,!:])|(?<=爱的)|(?<=敬的))"
_NUMBERED = "(?<=[0-9][,;/|(])"
_LED_TO = late(
    rf"(?:[{_LINE}\-。!,][ ]?|(?<=[0-9][0-9][0-9][0-9])[0-9][,;/|(]|好[,!:]|(?:亲爱|尊敬)的"
    rf"|[“\"「])(?P<it>(?:(?<=[{_LINE}\-])|(?<=[{_LINE}\-][ ]))"
    rf"(?:{_EVERY}[{_WIDE}]{{1,2}}|{_SELDOM_WORDS}{_TWO})(?=[ ]?(?:{_LINE}|\Z))"
    rf"|(?:(?<=[。!])|(?<=[。!][ ])){_EVERY}{_TWO}(?=[。 ]?\Z)"
    rf"|(?<=[。!,]){_WORDS_AS_SURNAMES}{_SURELY_GIVEN}(?=[。 ]?\Z)"
    rf"|{_HAILED}(?:{_SELDOM_WORDS}{_TWO}|{_SURELY}{_ONE})(?=[,!:。])"
    rf"|{_NUMBERED}(?:{_SELDOM_WORDS}{_TWO}|{_surname(_RARELY_WORDS)}{_ONE})"
    rf"(?=[ ]?(?:[,;。)/|{_LINE}]|\Z))|(?<=[“\"「]){_COMMON}{_TOLD}(?=[”\"」]))"
)
# What is said of a name tells that it is one: 张三不是化名, 李响(我儿子), 王海(店长).
_TELLS = (
    "不是(?:那[个位]|化名|网名|艺名|明星|歌手|演员|主持|昵称|段子|开玩笑)|(?:这)?是?真名|真[叫姓]"
    "|本名|同名|重名|(?:身份证|护照|户口本)(?:上|真名|名|拼写|就)"
)
_RESPECTFUL = late(
    rf"(?P<it>{_EVERY}(?:{_TOLD}|[{_WIDE}]))(?=[ ]{{0,2}}(?:敬上|谨上|敬启|谨启|拜上)"
    rf"|[ ]?[(](?:收[)]|(?:{_TELLS})|我(?:{_OF_KIN})(?![{HAN}])|[{HAN}]{{1,3}}族[)]"
    rf"|(?:{_ROLES})[),])"
    rf"|(?:--?|…|,)(?:{_TELLS})|不是化名|(?:就是|是我的?)(?:真名|本名))"
)
_OPENS = (
    f"(?<![{han_but(characters('said_before') + '在时来果而后但是为以实且事')}])"
    f"(?:{_BEFORE_ONE}|(?<=现在|当时|后来|结果|然后|但是|可是|因为|所以|其实|最后"
    f"|之后|以后|而且|如果|这事|昨晚|昨天|今天|今早|早上|上午|中午|下午|晚上|当天|前天|刚才|那天"
    f"|最近))"
)
# Words in nearly every sentence: with two characters of given names, and alone between marks.
_SET_APART = but(_NEVER_ALONE + "于", "全成公应常冷相车商时水幸农易连强明")
# Nothing announces these: surname, given name and what stands on one side, or on both, agree.
_OPENS_WIDER = (
    f"(?<![{han_but(characters('said_before') + '了那我你他她个上在时来果而后但是为以实且事')}])"
)
_HARDLY_WORDS = but(
    _OFTEN_WORDS + "明容鹿费劳竺宣巩荣池谈苑姬储巫易支成万揭常冷毕简幸褟练粘侍操宰项相",
    "别水木米连时马于区全云解房党车元应何沙任卫向关付",
)
_BY_THEMSELVES = (
    rf"(?:{_surname(_HARDLY_WORDS)}|(?<![了讲理和缓])解|(?<![为如任几])何|(?<!主)任|(?<!师)傅)"
    rf"(?![{HAN}](?:[湖河洲溪湾海山潭峡岭城景]|[晨晚日]报)){_SURELY_GIVEN}"
)
_ALONE = late(
    rf"{_OPENS}(?P<it>{_surname(_RARELY_WORDS)}"
    rf"(?:{_FULL}|(?:{_TWO}|{_ONE}){_GOES_ON})|{_PURE}{_TWO})"
)
_ALONE_UNUSUAL = late(
    f"(?<=[让找跟被问由]){_NO_TITLE}(?P<it>{_PURE}{_ANY_TWO}|{_EVERY}{_SURER}){_SAYS}"
)
_SURE_DOUBLE = f"(?:{one_of('sure_double_surnames')})"
_SAYS_SURELY = f"(?={one_of('deeds')})"
_ALONE_BEFORE = late(
    rf"(?P<it>(?:{_surname(_RARELY_WORDS)}{_FULL}|{_PURE}{_TWO}){_GOES_ON}"
    rf"|{_surname(_RARELY_WORDS)}{_TWO}{_SAYS_SURELY}|{_SURE_DOUBLE}{_NO_TITLE}[{_WIDE}]{{1,2}}{_GOES_ON}"
    rf"|{_surname(_HARDLY_WORDS + '贝楚')}{_SURELY_GIVEN}{_SAYS_SURELY}"
    rf"|(?<![{HAN}])于{_SURELY_GIVEN}(?=[被说让把跟没是])"
    rf"|{_OPENS_WIDER}{_surname(_RARELY_WORDS)}{_SURELY_GIVEN}{_GOES_ON})"
)
_ALONE_BETWEEN = late(
    rf"(?P<it>{_OPENS_WIDER}{_BY_THEMSELVES}{_GOES_ON}|{_OPENS}(?:{_surname(_OFTEN_WORDS)}"
    rf"(?:{_SURER}{_GOES_ON}(?!电(?!话))|[{_SINGLE}]"
    rf"{_BEHIND_ONE})|"
    rf"(?<![{HAN}0-9A-Za-z])[{_SET_APART}]{_NO_TITLE}[{_GIVEN}]{_NO_TITLE}[{_GIVEN}]{_SETS_OFF}))"
)
_SYLLABLE = (
    "(?:[bpmfdtnlgkhjqxrzcsyw]|[zcs]h)?(?:[iu]?[aeo]|[ae]i|[iu]?a[on]|i?ang|"
    "uang|[aeiu]n|[ei]ng|i?ong|ou|i?u|i|ui|uai|ue|er)"
)
_CAPITALS = _SYLLABLE.upper()
# Hong Kong, You Can, Long Time: places, firms, and words of English.
_NO_LATIN_WORDS = (
    rf"(?:{one_of('latin_no_names').replace('-', '[ ]')}"
    rf"|(?:{one_of('latin_words')})[ ](?:{one_of('latin_word_names')}))"
)
_NO_LATIN = rf"(?:{_NO_LATIN_WORDS}|{_NO_LATIN_WORDS.upper()})(?![A-Za-z])"
# Wang Xiaohong, LI XIAOMEI, ZHANG/JIANGUO, Zhang San Feng: two syllables and more in capitals.
_LATIN = late(
    rf"(?<![A-Za-z])(?<![A-Za-z][ ])(?!{_NO_LATIN})(?P<it>(?:(?:{one_of('latin_surnames')})"
    rf"[ ](?=[A-Z])(?:[B-Zb-z]?{_SYLLABLE}(?:{_SYLLABLE})?"
    rf"|[B-Z]?{_SYLLABLE}[ \-](?=[A-Z])[B-Z]?{_SYLLABLE})"
    rf"|(?:{one_of('latin_surnames').upper()})(?:[ ]|[ ]?[/,][ ]?){_CAPITALS}[ \-']?{_CAPITALS})"
    rf"(?![A-Za-z]|[ ][A-Z])"
    rf"|[A-Z][a-z]{{2,12}}[ ](?:{one_of('latin_surnames')})(?=[ ]?(?:{_HONOURED}|{_LINE}|\Z)))"
)
# What is called so is a thing (我是Apple Watch用户).
_LATIN_CUED = late(
    rf"(?:{_PERSON}|{by_first(_OTHER_CUES, _WEAK_CUES)}|名字|[我她他个位]叫|叫我|我是|敬礼"
    rf"|[Mm]y name is|(?<![A-Za-z])(?:{one_of('latin_cues')}"
    r"|[Nn]ame|[Cc]ontact|I am|I'm|[Rr]egards,?|[Ss]incerely,?))"
    rf"[ ]?[:是为叫]?[ ]?(?!(?:{one_of('latin_things')})(?![a-z]))"
    rf"(?P<it>[A-Z][A-Za-z]{{1,20}}(?:[ /][A-Z][A-Za-z]{{1,20}}){{1,3}}"
    rf"|(?!(?:{one_of('latin_words').lower()})[ ])(?:{one_of('latin_surnames').lower()})[ ]"
    rf"[a-z]{{2,12}})(?![A-Za-z])"
)
_LATIN_ROLE = late(
    rf"(?:{_ROLES})[ ]?[:是叫]?[ ]?(?P<it>[A-Z][a-z]{{2,12}}[ ](?:{one_of('latin_surnames')})"
    rf"|(?:{one_of('latin_surnames').upper()})[ ][A-Z][A-Za-z]{{1,12}})(?![A-Za-z])"
)


@dataclass(frozen=True)
class AsName:
    """The reading of names that no cue announces: neither known words nor what is too unlikely."""

    least: int
    is_alone: bool = False

    def __call__(self, matches: Iterable[re.Match[str]]) -> Iterator[Span]:
        """Yield the names among the matches."""
        for found in matches:
            start, end = found.start("it"), _settled(found, self.least)
            if end > start and not _is_known(found.string, start, end, is_alone=self.is_alone):
                yield Span(start, end, "name")


def _is_known(text: str, start: int, end: int, *, is_alone: bool) -> bool:
    is_unnamed = is_alone and (_UNNAMED.match(text, start) or _TRADE.match(text, end))
    return bool(is_unnamed or _KNOWN.match(text, start))


def _settled(found: re.Match[str], least: int) -> int:
    start, end = found.span("it")
    evidence, shift = shipped_evidence(), max(0, start - PAD) - PAD
    numbers = numbers_of(found.string[shift + PAD : end + PAD], evidence[0])
    return int(settle_name(numbers, start - shift, end - shift, least, evidence)) + shift


# Beside a role or a verb of people, and alone; names in parts have no such evidence.
_BESIDE, _APART, _CUED_LEAST, _LIKELY, _UNWEIGHED = -55, -26, -40, 8, -(1 << 20)

_CUED_ONES = (
    *(_RESPECTFUL, _CUED, _CUED_PERSON, _ANNOUNCED, _SPACED, _BARE, _CALLED),
    *(_LATIN_CUED, _LATIN_ROLE),
)
_UNWEIGHED_ONES = (_PARTED_ALONE, _PARTED_ABROAD, _LATIN)
_NEAR_PEOPLE = (
    *(_SAID_OF_SELF, _I_AM, _BESIDE_PHONE, _BEHIND_ROLE, _NAMED_ONE, _CUED_DOUBTFUL, _BEFORE_ROLE),
    *(_BEFORE_TITLE, _LED_TO, _ALONE_UNUSUAL, _THANKED),
)
NAME_FINDERS = (
    *(Finder(pattern, AsKind("name", "it")) for pattern in _CUED_ONES),
    *(Finder(pattern, AsName(_BESIDE)) for pattern in _NEAR_PEOPLE),
    Finder(_STRICT, AsName(_CUED_LEAST, is_alone=True)),
    Finder(_BORNE_OUT, AsName(_LIKELY, is_alone=True)),
    *(Finder(pattern, AsName(_UNWEIGHED)) for pattern in _UNWEIGHED_ONES),
    *(
        Finder(pattern, AsName(_APART, is_alone=True))
        for pattern in (_ALONE, _ALONE_BEFORE, _ALONE_BETWEEN)
    ),
)


def is_known_in_row(folded: str, start: int, end: int, *, is_private: bool) -> bool:
    """Tell whether what stands in a row with a name is a word, or somebody well known.

    Where something else leads to a person, people are called like somebody well known, too.
    """
    is_word = _KNOWN_IN_ROWS.match(folded, start) or _TRADE.match(folded, end)
    return bool(is_word) or (not is_private and _is_known(folded, start, end, is_alone=True))


def stands_again(folded: str, at: int) -> bool:
    """Tell whether two characters may be a name there, for what stands before and behind them."""
    return _AGAIN.match(folded, at) is not None and _KNOWN.match(folded, at) is None


# Names that no pattern tells: evidence of characters and of what stands around, added up.
#
# A candidate is a surname with one or two characters behind it, weighed by a log-linear model that
# `analysis.training.evidence` learns. Where the sum reaches `LEAST`, and nothing more likely
# overlaps, there is a name.

_WEIGHTS = Path(__file__).parent / "weights" / "names.npz"
# In units of 1/8 of log-odds: of the name's own characters and of all; of what announces a name
# and of all; and, sooner told, what characters and neighbours weigh each by itself.
SCALE = 8
LEAST_OWN, LEAST, ANNOUNCED, LEAST_ANNOUNCED, LEAST_OWN_ANNOUNCED = -3, 20, 8, 24, -7
LEAST_FIRST = -6
# Of a surname that hardly a word or a brand begins with, so much of its own asks for less around:
# in all, before it and behind it.
SURE_OWN, LEAST_SURE, LEAST_BEFORE, LEAST_AROUND = 12, 0, -8, -20

_TRADE = late(by_first(one_of("trades")))
# No names beside `_KNOWN` ones: further words, a surname with a title, or with what none is given.
_TITLES = [title for title in one_of("titles").split("|") if len(title) > 1]
_TITLED = (
    f"(?:{one_of('double_surnames')}|[{HAN}])"
    f"(?:{by_first(*_TITLES, one_of('more_titles'), one_of('no_given_names'))}|[某氏姓总])"
)
_LESSER = one_of("lesser_figures").split("|")
_UNNAMED = late(f"{by_first(one_of('no_evidence'))}|(?:{by_first(*_LESSER)})(?!{_PHONE})|{_TITLED}")
# In a row with somebody's name people are called like somebody well known by two characters, too.
_ROW_WORDS = map(one_of, ("no_names", "brands", "no_names_alone", "namesake_words", "no_evidence"))
_KNOWN_IN_ROWS = late(
    f"{by_first(*_ROW_WORDS, *(one for one in _FAMOUS + _LESSER if len(one) > SHORT))}|{_TITLED}"
    rf"|[{HAN}]{{1,2}}[村庄沟院站谷寺庙镇乡县店港湾](?![{HAN}])"
)


@cache
def _shipped() -> tuple[Any, ...]:
    with np.load(_WEIGHTS) as kept:
        alphabet = number_characters("".join(map(chr, kept["characters"])))
        pairs = np.cumsum(kept["steps"].astype(np.int64))
        bonds = bond_table(alphabet, pairs, kept["firm"])
        weights = kept["weights"]
    least = (
        *(LEAST_FIRST, LEAST_OWN, LEAST, ANNOUNCED, LEAST_ANNOUNCED, LEAST_OWN_ANNOUNCED),
        *(SURE_OWN, LEAST_SURE, LEAST_BEFORE, LEAST_AROUND),
    )
    return *alphabet, weights, bonds, len(alphabet.flags), least


def shipped_evidence() -> tuple[Any, ...]:
    """Return the weights that come with the package, as `next_name` takes them.

    Numbers and flags of characters, weights, bonds, how many numbers there are, how much is needed;
    room for features and for what is found, which is of each call: threads mask at once.
    """
    return *_shipped(), np.zeros(OF_ALL, np.int64), np.zeros(2, np.int64)


def find_evident(folded: str, *, is_private: bool = False) -> Iterator[Span]:
    """Yield the names that evidence tells in a folded text, in order.

    Less is asked where something else leads to a person.
    """
    evidence = eased(shipped_evidence(), int(is_private))
    numbers, found = numbers_of(folded, evidence[0]), evidence[-1]
    at, last = PAD, PAD + len(folded) - 1
    while next_name(numbers, at, last, evidence, found):
        start, at = found.tolist()
        if not _is_known(folded, start - PAD, at - PAD, is_alone=True):
            yield Span(start - PAD, at - PAD, "name")


def find_joined(folded: str, name: Span) -> Iterator[Span]:
    """Yield what may be a name in a row with one, before it and behind it."""
    if name.kind != "name":
        return
    evidence = shipped_evidence()
    numbers, found = numbers_of(folded, evidence[0]), evidence[-1]
    for is_behind, at in enumerate((name.start, name.end)):
        if joined_name(numbers, at + PAD, bool(is_behind), evidence, found):
            start, end = found.tolist()
            yield Span(start - PAD, end - PAD, "name")


def has_known_given(folded: str, name: Span) -> bool:
    """Tell whether a name's given name is no word, so that it is known by it."""
    evidence = shipped_evidence()
    numbers = numbers_of(folded[name.start : name.end], evidence[0])
    return bool(is_given_known(numbers, PAD, PAD + name.end - name.start, evidence))


# The smaller patterns that settle what of a match counts (`engine.masking`).
NAME_PARTS: dict[str, re.Pattern[str]] = {
    "whole_name": _WHOLE_NAME,
    "role": _ROLE,
    "clause": _CLAUSE,
    "platform": PLATFORM,
    "known": _KNOWN,
    "again": _AGAIN,
    "unnamed": _UNNAMED,
    "trade": _TRADE,
    "known_in_rows": _KNOWN_IN_ROWS,
}
