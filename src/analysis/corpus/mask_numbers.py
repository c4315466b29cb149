"""Numbers that lead to a person: papers, telephones, orders, cards and chat accounts.

Whoever hides a number groups and dresses its digits. So all patterns are written of the same few
pieces: signs that stand for a digit (1, 一, 壹, behind a word for the number also l), and what may
part two of them (`_ANY` where a word announces the number, `_SOFT` where its shape alone must tell
it from prices and dates). Patterns run on a folded copy (`mask_finders.plain`), in which digits in
circles and of full width are plain ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from analysis.corpus.mask_finders import HAN_DIGITS, HAN_VALUES, AsKind, Finder, Span, late

# Signs of a number, what parts them, and where one begins and ends.


def _signs(digits: str, alike: str = "") -> str:
    """Write the class of what stands for some digits, with signs that look alike."""
    spelled = (mark for mark, value in zip(HAN_DIGITS, HAN_VALUES, strict=True) if value in digits)
    return f"[{digits}{''.join(spelled)}{alike}]"


_HAN = f"[{HAN_DIGITS}]"
_COUNTED = "天个次年月块元万百千十人件条遍周小分秒点号楼位家只张瓶箱双"
_DIGIT = _signs("0123456789")
# Behind a word for the number, where it has as many signs as its kind.
_LIKE_ONE = _signs("1", "lI")
_LIKE_DIGIT = _signs("0123456789", "OolI")
_NO_ZERO = _signs("123456789")
_FROM_THREE = _signs("3456789")
_LETTER = "[A-Za-z]"
# What a reader does not see between two digits, the mark of a keycap among it.
_ZERO = "[\u200b-\u200f\u2060\ufeff\u00ad\ufe0f\u20e3]"
_TAB = "\t"
_EMOJI = "\u2600-\u27bf\U0001f300-\U0001faff"
_SOFT_SIGNS = f"[ {_TAB}\\-._·~…|丨丶{_EMOJI}\u200b-\u200f\u2060\ufeff\u00ad\ufe0f\u20e3]"
_SOFT = f"{_SOFT_SIGNS}{{0,5}}"
_SOFT_OR_SLASH = f"[/{_SOFT_SIGNS[1:]}{{0,5}}"
_GAP = f"{_SOFT_SIGNS}{{1,3}}"
_ANY = "[^0-9A-Za-z¥￥〇\u3400-\u4e27\u4e29-\u4e35\u4e37-\u9fff\0\n]{0,5}"  # but 丨 and 丶
# Letters, too, but for those that look like digits.
_ANY_OR_LETTERS = "[^0-9OolI¥￥〇\u3400-\u4e27\u4e29-\u4e35\u4e37-\u9fff\0\n]{0,5}"
# Digits that the mark of a keycap may follow.
_CAPPED = f"(?:{_LIKE_DIGIT}{_ZERO}{{0,2}})"
# A bracket behind the last digits that has opened before them.
_DIGIT_OR_X = f"{_LIKE_DIGIT[:-1]}Xx×]"
_CLOSING = "".join(rf"|(?<=[(\[【「《]{n * _DIGIT_OR_X})[)\]】」》]" for n in range(1, 9))
_CLOSED = rf"(?:\ufe0f?\u20e3)?(?:(?<=\u20e3)[)\]】」》]{_CLOSING})?"
_BRACKETS = r"[(\[【「《)\]】」》\ufe0f\u20e3]{0,4}"
_OPENED = rf"(?:[(\[【「《](?={_CAPPED}{{1,8}}[)\]】」》]{_ANY}{_LIKE_DIGIT}))?"
# One that opens what holds the whole number.
_OPENS = rf"[(\[【「《](?!{_CAPPED}{{1,8}}[)\]】」》]{_ANY}{_LIKE_DIGIT})"
_NO_UNIT = "(?![ ]?(?:元|块|万|亿|米|克|[¥%°℃]))"
# What no number of a person begins with: a day, the hour, amounts one behind the other, prices.
_PRICE = "[0-9]{1,3}(?:[5-9]9|[02-9]0|[689]8)"
_PRICES = rf"{_PRICE}(?:[ ]?(?:[,、/~>|→]|->)[ ]?{_PRICE}){{1,8}}(?![0-9])"
_AMOUNT = r"[0-9]{1,5}\.[0-9]{1,2}(?![0-9.])"
_NO_TIMES_OR_PRICES = (
    r"(?!(?:19|20)[0-9]{2}[ \-./,、~][0-9]|20[0-2][0-9](?:0[1-9]|1[0-2])[0-3][0-9](?![0-9])"
    rf"|(?:[01]?[0-9]|2[0-4]):[0-5][0-9](?![0-9:A-Za-z])|{_PRICES}"
    rf"|{_AMOUNT}[ ,、/~\-]{{1,2}}{_AMOUNT})"
)
_BEFORE = r"(?<![0-9])(?<![0-9]\.)"
# A digit that is a character ends a number only where no other such digit stands behind it.
_END = f"(?![0-9])(?:(?<!{_HAN})|(?!{_HAN}))"
# One digit in characters behind plain ones is a word of the sentence (12345678一直), and so is
# what is counted (三天).
_PARTED_HAN = "|".join(f"(?<={_HAN}{n * '[^0-9A-Za-z]'}{_HAN})" for n in range(4))
_PLAIN_END = (
    f"(?:(?<=[0-9])|(?<=[0-9][OolI])|(?<=[0-9][OolI][OolI])|(?:{_PARTED_HAN})(?![{_COUNTED}])"
    f"|(?<={_HAN})(?![\u4e00-\u9fff]))"
)
# What may stand between a word for a number and one that nothing else has.
_SHORTLY = "[^0-9\0\n]{0,8}?"


def _row(*signs: str, apart: str = _ANY) -> str:
    """Write signs, one behind the other, with what may part them."""
    return apart.join(signs)


def _more(count: str, sign: str = _DIGIT, apart: str = _ANY) -> str:
    """Write so many more signs."""
    return f"(?:{apart}{sign}){{{count}}}"


def _some(least: int, most: int, first: str = _DIGIT) -> str:
    """Write a number that has no certain length, at whose end a sentence goes on.

    What parts other things, too (，、/), parts its digits only where it does so again and again.
    """
    rest = f"{least - 1},{most - 1}"
    bracketed = rf"(?:{_BRACKETS}{_LIKE_DIGIT}){{{least},{most}}}(?:\ufe0f?\u20e3)?[)\]】」》]"
    group = f"{_CAPPED}{{1,8}}"
    return (
        rf"(?:(?={first}{_more(rest, _LIKE_DIGIT)}(?!{_ANY}[0-9])){group}{_LISTING}{group}"
        rf"(?:(?P=apart){group})+(?:(?<=\u20e3)|{_PLAIN_END})(?!{_ANY}[0-9])"
        rf"|{first}{_more(rest, _LIKE_DIGIT, _SOFT_OR_SLASH)}{_PLAIN_END}(?:\ufe0f?\u20e3)?"
        rf"|(?={bracketed})(?:{group})?(?:[(\[【「《]{group}[)\]】」》]){{2,12}})"
    )


_LISTING = r"(?P<apart>[ \-.,、/;:。=+*#&…|]{1,3})"

# Identity documents, passports and number plates (patterns run on `plain`).

# GB 11643: region, birthday, serial, check. The check digit is not asked for: a typing error fails
# it and still identifies.
_YEAR = "|".join(_row(*map(_signs, year)) for year in ("18", "19", "20"))
_MONTH = "|".join((_row(_signs("0"), _NO_ZERO), _row(_signs("1"), _signs("012"))))
_DAY_OF_MONTH = "|".join(
    _row(*map(_signs, day)) for day in (("0", "123456789"), ("12", "0123456789"), ("3", "01"))
)
_CHECK = f"{_DIGIT[:-1]}Xx×]"
# Hong Kong and Macau put the check digit in brackets.
_CHECKED = "(?:[ ]?[(][0-9Aa][)])"
_CITIZEN = late(
    rf"{_BEFORE}(?!{_AMOUNT}){_OPENED}{_NO_ZERO}{_more('5')}{_ANY}(?:{_YEAR}){_more('2')}"
    rf"{_ANY}(?:{_MONTH}){_ANY}(?:{_DAY_OF_MONTH}){_more('3')}{_ANY}{_CHECK}{_CLOSED}{_END}"
    # Digit by digit eighteen are nothing else.
    r"|(?<![0-9])(?<![0-9][ \-.·])(?<![0-9][ \-.·][ \-.·])[1-9](?P<each>[ \-.·]{1,2})"
    r"[0-9](?:(?P=each)[0-9]){15}"
    r"(?P=each)[0-9Xx×](?![ \-.·]{0,2}[0-9])"
    # Until 1999 without century and check.
    rf"|{_BEFORE}[1-6][0-9]{{7}}(?:{_MONTH})(?:{_DAY_OF_MONTH})[0-9]{{3}}(?![0-9])"
    r"(?![ ]?(?:元|块|万|亿))"
    # Hong Kong and Macau; and 92…, who trades under a name of his own.
    rf"|(?<![0-9A-Za-z])(?:[A-Z]{{1,2}}[0-9]{{6}}{_CHECKED}|92[0-9]{{6}}[0-9A-Z]{{10}}(?![0-9A-Za-z]))"
    rf"|(?<=[证号: 是][: 是])[157][0-9]{{6}}{_CHECKED}"
)
_CITIZEN_CUED = late(
    r"(?:身份证|身分证|证件|ID卡|社保卡?|医保卡|居住证|证号)"
    rf"{_SHORTLY}{_NO_TIMES_OR_PRICES}(?P<it>{_OPENED}{_LIKE_DIGIT}{_more('13,16', _LIKE_DIGIT)}"
    rf"{_ANY}{_DIGIT_OR_X}{_CLOSED}){_END}"
)
_PERMIT = late(
    r"(?:通行证|回乡证|台胞证|港澳证|居留证|居留许可证?|永居证?|(?:文职)?干部证|军官证|士官证|士兵证|警官证|残疾证"
    r"|学生证|驾驶证|驾照|社保(?=卡?号)卡?|(?:医保|公积金|社保)(?=[卡号编电账证])(?:卡|编|电脑|账|证)?|身[份分]证|HKID)(?:字?号码?)?"
    rf"(?:[: 是为]|{_OPENS}){{0,3}}(?P<it>(?:[A-Za-z]{_ANY}){{0,2}}{_OPENED}{_DIGIT}"
    rf"{_more('6,9')}{_PLAIN_END}{_CLOSED}{_CHECKED}?"
    r"|[\u4e00-\u9fff]{1,2}字第?[0-9]{5,8}号|[A-Z]{3}[0-9]{12}|[0-9]{17}[0-9Xx][0-9]{2})(?![0-9A-Za-z])"
)
_PASSPORT = late(
    r"(?:护照|passport)(?:(?:号码?|编号|[ ]?No\.?|信息)?[: 是为(]{0,3}"
    "|[^0-9A-Za-z\0\n]{1,14}"
    rf"(?={_LETTER}{{1,2}}[0-9]{{7}}))"
    rf"(?P<it>{_LETTER}{_ANY}(?:{_LETTER}{_ANY})?{_OPENED}{_DIGIT}{_more('6,7')}{_CLOSED}"
    r"|[0-9]{9})(?![0-9A-Za-z])",
    re.IGNORECASE,
)

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使"
_ON_PLATE = "A-HJ-NP-Za-hj-np-z0-9"  # I and O are not used
# Five places with at most two letters; six on new-energy cars, D or F at either end.
_IN_PLATE = f"[{_ON_PLATE}{HAN_DIGITS}]"
_LAST_ON_PLATE = f"[{_ON_PLATE}{HAN_DIGITS}挂学警港澳]"


def _parted_plate(apart: str) -> str:
    """Write a plate whose signs are parted."""
    digits = f"(?=(?:{apart}[A-Za-z]?{apart}{_DIGIT}){{3}})"
    four = _row(*[_IN_PLATE] * 4, apart=apart)
    letter = "[A-HJ-NP-Za-hj-np-z]"
    places = (
        # Six have a letter at either end, or they are the number of a share (沪A600…).
        f"{letter}{apart}{four}{apart}{_IN_PLATE}",
        f"{four}{apart}{_IN_PLATE}{apart}{letter}",
        f"{four}{apart}{_LAST_ON_PLATE}",
    )
    rest = f"(?:{'|'.join(places)}){_CLOSED}"
    return f"{apart}[A-Za-z]{digits}{apart}{_OPENED}{rest}"


_BY_SIGNS = r"[ \-·_,()]{0,3}"
_PLATE = late(
    rf"(?:[{_PROVINCES}]|(?<![最全出上更崭重从])新)[A-Za-z][·•. \-/]{{0,2}}"
    rf"(?:[DFdf][·•. \-]?[{_ON_PLATE}][0-9]{{4}}|[0-9]{{5}}[DFdf]"
    rf"|(?=(?:[A-Z]*[0-9]){{4}})[A-HJ-NP-Z][{_ON_PLATE}]{{5}}"
    rf"|(?=(?:[A-Za-z]*[0-9]){{3}})[{_ON_PLATE}]{{4}}[{_ON_PLATE}挂学警港澳])(?![0-9A-Za-z])"
    rf"|粤[Zz][·•. \-/]{{0,2}}[{_ON_PLATE}]{{4}}[港澳]"
    rf"|[{_PROVINCES}]{_parted_plate(_BY_SIGNS)}(?![0-9A-Za-z]){_NO_UNIT}"
    rf"|(?:(?<![\u4e00-\u9fff])|(?<=[牌号车是开辆的挂]))[{_PROVINCES}]"
    rf"{_parted_plate(_SOFT)}(?![0-9A-Za-z]){_NO_UNIT}"
)
_PLATE_CUED = late(
    rf"(?:车牌|车号|号牌|牌照|车是|开[着的]?|电[动瓶]车|[港澳湾的]车(?=[ ]?[A-Z]))"
    r"[号码是为: ]{0,3}"
    rf"(?P<it>[{_PROVINCES}新]{_parted_plate(_ANY)}"
    rf"|(?<![开是着的])[\u4e00-\u9fff][A-Za-z\u4e00-\u9fff][0-9]{{6}}"
    r"|[A-Z]{3}-[0-9]{4}|[A-Z]{2}[ ]?[0-9]{4})(?![0-9A-Za-z]|[ ]?[款年型版])"
)


DOCUMENT_FINDERS = (
    Finder(_CITIZEN_CUED, AsKind("id_card", "it")),
    Finder(_PERMIT, AsKind("id_card", "it")),
    Finder(_PASSPORT, AsKind("passport", "it")),
    Finder(_CITIZEN, AsKind("id_card")),
    Finder(_PLATE, AsKind("plate")),
    Finder(_PLATE_CUED, AsKind("plate", "it")),
)


# Phone numbers: mobiles and landlines, however they are written; hotlines are none.
#
# Patterns run on a folded copy (`plain`). Boundaries are digit look-arounds, never
# `\b` or `\w`, which take Han characters for letters of the same word.

_EXTENSION = rf"(?:[ ]?(?:转|分机|ext\.?|-)[ ]?{_DIGIT}{{1,5}})?"
# The last digits of a second number (…5678/79), or what a first one is called through.
_LAST_OF_SECOND = (
    r"[ ]?[/、][ ]?[0-9]{2,4}(?![0-9A-Za-z./、\-]|[ ]?(?:小时|[元块万天号月日年点人个次件斤岁]))"
)
_TAIL = (
    rf"(?:[ ]?(?:转|分机|ext\.?)[ ]?{_DIGIT}{{3,6}}(?!{_DIGIT})|-[0-9]{{3,4}}(?![0-9\-])"
    rf"|(?<={4 * '[0-9]'}){_LAST_OF_SECOND})?"
)
_MOBILE = late(
    # An 0 before a mobile dials it from another town.
    rf"(?:(?<![0-9])(?:\+|00)?86(?:{_GAP})?(?:\(0\)[ ]?)?|\(\+?86\)[ ]?"
    rf"|{_BEFORE}(?:0(?:[ ](?=1[ ][3-9][ ])|-(?=1-[3-9]-))?)?)(?:(?<!{_HAN})|(?!{_HAN}))"
    rf"(?:{_signs('1')}{_ZERO}*{_FROM_THREE}(?:{_ZERO}*{_DIGIT}){{9}}(?:\ufe0f?\u20e3)?"
    rf"|1[3-9][0-9]{_GAP}[0-9]{{4}}(?:{_GAP})?[0-9]{{4}}"
    r"|[(\[【]1[3-9][0-9][)\]】][ \-]?[0-9]{4}[ \-]?[(\[【]?[0-9]{4}[)\]】]?"
    r"|1[3-9][0-9][A-Za-z]{1,2}[0-9]{4}[A-Za-z]{1,2}[0-9]{4}(?![A-Za-z])"
    rf"|1[3-9][0-9]{{3}}{_GAP}[0-9]{{3}}{_GAP}?[0-9]{{3}}"
    rf"|1[3-9][0-9]{{3}}{_GAP}[0-9]{{4}}{_GAP}[0-9]{{2}}"
    rf"|1[3-9][0-9]{{2}}{_GAP}[0-9]{{4}}{_GAP}[0-9]{{3}}"
    r"|1[3-9][0-9][(\[【][0-9]{4}[)\]】][0-9]{4}"
    r"|1(?P<gap>[ \-._·,、/]{1,2})[3-9](?:(?P=gap)[0-9]){9}"
    # In any groups; decimals and days are none.
    r"|(?<![0-9][ \-.])(?<![A-Za-z][ ])(?<!\+)(?!1[0-9]{1,4}\.[0-9]{1,2}(?![0-9.]))"
    r"(?!19[0-9]{2}[ \-./][01]?[0-9][ \-./])"
    rf"{_row(_signs('1'), _FROM_THREE, apart=_SOFT)}{_more('9', _DIGIT, _SOFT)}"
    r"(?:\ufe0f?\u20e3)?(?![ \-._·~][0-9])"
    rf"|(?=(?:{_BRACKETS}{_DIGIT}){{11}}[)\]】」])[(\[【「]{_signs('1')}{_BRACKETS}{_FROM_THREE}(?:{_BRACKETS}{_DIGIT}){{9}}[)\]】」])"
    rf"{_TAIL}{_END}{_NO_UNIT}"
)
_WORDS_FOR_IT = (
    "(?:电话|座机|固话|总机|外线|手机|[Ww]hats[Aa]pp|(?:香港|澳门|台湾|内地|大陆)号|(?<![奖票球])号码|联系方式?|拨打?|致电|打|来电|回电|短信|呼叫|传真|找|电联|市话|小灵通|回拨"
    "|加我|📞|📱|☎\ufe0f?|☏|(?<![A-Za-z])(?:[Tt][Ee][Ll]|[Pp]hone|[Mm]obile|[Cc]all))"
)
_TO_IT = (
    r"(?:号码?|就?是|还是|同号|那个|[: 系为.,我他她给到了的#=>~\-]|一下"
    "|[(](?:香港|澳门|台湾|内地|大陆|国内)[)]"
    rf"|{_OPENS}){{0,5}}"
)
# Without a cue not all three parts may end as prices do.
_LISTED_ALONE = late(
    rf"{_BEFORE}(?!1[3-9][089][,、/|](?:[0-9]{{3}}[089][,、/|]?){{2}})"
    rf"(?P<it>{_signs('1')}{_FROM_THREE}{_DIGIT}(?P<apart>[,、/|*:+。=])(?![0-9]{{2}}00(?P=apart))"
    rf"{_DIGIT}{{4}}(?P=apart){_DIGIT}{{4}})(?!{_DIGIT})(?![,、/|*:+。=]{_DIGIT})"
)
# O for 0 and l for 1, seven digits at least being real. What has eleven is `_MOBILE`'s.
_DISGUISED = late(
    r"(?<![0-9A-Za-z])(?<![0-9]\.)(?=(?:[OlIo]{0,4}[0-9]){7})"
    rf"(?![0-9]{{11}}{_NO_UNIT})[1lI][3-9][0-9OolI]{{9}}(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z])(?<![0-9A-Za-z][ \-.])(?=(?:[OlI \-.]{0,5}[0-9]){6})"
    r"(?![0-9]{3}[ \-.][0-9]{4}[ \-.][0-9]{4})[1lI][3-9][0-9OlI](?P<apart>[ \-.])"
    r"[0-9OlI]{4}(?P=apart)[0-9OlI]{4}(?![ \-.]?[0-9A-Za-z])"
)


def _landline(apart: str, alike: str = "") -> str:
    """Write a number of seven or eight digits behind its area code."""
    digit = f"{_DIGIT[:-1]}{alike}]"
    two, three = _row(_signs("2"), digit, apart=apart), _row(_FROM_THREE, digit, digit, apart=apart)
    area = f"{_row(_signs('1', alike), _signs('0', alike), apart=apart)}|{two}|{three}"
    local = f"{_signs('2345678')}{_more('6,7', digit, apart)}"
    return f"{_signs('0', alike)}{apart}(?:{area}){apart}{local}"


# A second number behind it, which alone is told from nothing.
_SECOND = (
    "(?:[ ]?(?:或者?|[和、/,])[ ]?(?:0[0-9]{2,3}-?)?[2-8][0-9]{6,7}(?![0-9.]|[ ]?[元块万次]))?"
    f"(?:{_LAST_OF_SECOND})?"
)
_LANDLINE = late(
    rf"(?:{_BEFORE}\(0[1-9][0-9]{{1,2}}\)|{_BEFORE}0(?:10|2[0-9]|[3-9][0-9]{{2}})"
    r"|(?<![0-9])\+?86[ \-]?(?:10|2[0-9]|[3-9][0-9]{2})[ \-])"
    r"(?:[ \-]{0,2}[2-8][0-9]{2,3}[ \-]?[0-9]{4}|[ \-/、)_]{1,2}[2-8](?:[ \-.·]?[0-9]){6,7}"
    rf"(?![ \-.]?[0-9])){_EXTENSION}{_SECOND}(?![0-9]){_NO_UNIT}"
    rf"|{_BEFORE}(?<![0-9][ \-.])0[ ][1-9][ ][0-9](?:[ ][0-9])?[ \-]{{1,3}}[2-8](?:[ ][0-9]){{6,7}}"
    r"(?![ \-.]?[0-9])"
    rf"|{_BEFORE}(?!0[1-9][ \-./·][0-3]?[0-9][ \-./·](?:19|20))(?={_CAPPED}{{3}}){_landline(_SOFT)}"
    rf"(?![ \-._·~][0-9]){_EXTENSION}{_SECOND}{_END}{_NO_UNIT}"
)
# The word may stand behind it.
_BEFORE_CUE = (
    r"(?<![0-9.])(?<![0-9][ \-.])(?:[2-9](?P<gap>[ \-.])[0-9](?:(?P=gap)[0-9]){5,6}"
    r"|[2-8][0-9]{2,3}[ \-][0-9]{4})"
    "(?=[ ]?(?:是|这个?|就是)?(?:[你我他她您]们?)?[的家]?(?:里|单位)?的?(?:电话|座机|固话|手机"
    "|号码))"
)
_ABROAD = late(
    r"(?<![0-9])(?:\+|00)(?:852|853|886)(?:[ \-]?[0-9]){8,9}(?![0-9])"
    r"|(?<![0-9A-Za-z])\+(?:1[ \-]?(?!8(?:00|[3-8][3-8]))\(?[2-9][0-9]{2}\)?[ \-]?[0-9]{3}"
    r"[ \-][0-9]{4}"
    r"|(?=(?:[0-9]\)?[ \-]?\(?){10,14}(?![0-9]))(?!86|[48]00)"
    r"[2-9][0-9]{0,2}(?:[ \-]?\(?[0-9]{1,8}\)?){1,5})"
    r"(?![ \-]?[0-9])"
    r"|(?<![0-9A-Za-z.])00(?:1|3[349]|4[49]|6[0-6]|7|8[124])(?=[ \-][0-9])(?:[ \-][0-9]{1,8}){1,5}"
    r"(?<=[0-9][0-9][0-9][0-9])(?![ \-]?[0-9])"
    r"|\((?:852|853|886)\)[ ]?[0-9]{4}[ \-]?[0-9]{4,5}(?![0-9])"
    r"|(?<![0-9])(?<![0-9][ \-.])0[2-8]-[2-9][0-9]{2,3}-[0-9]{4}(?![\-.]?[0-9])"
    # Mobiles of Taiwan, and a second number of Hong Kong.
    r"|(?<![0-9])(?<![0-9][ \-.])09[0-9]{2}(?P<apart>[ \-])[0-9]{3}(?P=apart)[0-9]{3}"
    r"(?![ \-]?[0-9])"
    r"|(?<![0-9A-Za-z.\-/×xX*])(?<![0-9A-Za-z][ ,、/~])(?![0-9]{3}[09] [0-9]{3}[09])"
    r"(?P<begin>[569][0-9])[0-9]{2} (?!(?P=begin))[0-9]{4}"
    r"(?![ \-.,、/~×xX*]?[0-9A-Za-z]|[ ]?(?:元|块|万|亿|次|人|年|款|系列|型|套|件|个))"
    r"|(?<=[ \u4e00-\u9fff:][2-9][0-9][0-9][0-9] [0-9][0-9][0-9][0-9][或/、,])"
    r"[2-9][0-9]{3} [0-9]{4}(?![ ]?[0-9])"
    rf"|{_BEFORE_CUE}"
)
# Behind a word for it: in any groups, parted by anything. A local number is told from a price or a
# code only by that word.
_NO_TIME = r"(?![0-9]{1,4}[/.\-][0-9]{1,2}[/.\-][0-9]{1,2}[ T][0-9]{1,2}:)"
_HOTLINE = f"{_row('[48]', '0', '0')}|{_row('9', '[56]')}|{_row('1', '0', '6')}"
_NO_LOCAL = rf"{_NO_TIMES_OR_PRICES}(?!{_HOTLINE}|{_AMOUNT}(?!{_HAN}))"
_BETWEEN = "(?:横?杠|减号|空格?|点|中间|后面?|然后|再|尾号?|接|加|转)[ :是]?"
# A number in one piece, some words behind what announces it (座机也行，白天有人接，…).
_FAR = "[^0-9A-Za-z\0单型款批价元钱热]{1,24}"
_FAR_PHONE = (
    rf"(?:座机|固话|总机|打我|联系我|找我|联系方式|回电){_FAR}"
    r"(?=[2-8](?:[0-9]{6,7}|[0-9]{2,3}[ \-][0-9]{4})(?![0-9A-Za-z]|[.\-][0-9]))"
)
_CUED_PHONE = late(
    rf"(?:{_WORDS_FOR_IT}{_TO_IT}|{_FAR_PHONE}){_NO_TIME}(?P<it>{_OPENED}"
    rf"(?:(?:\+?86{_ANY}|0{_ANY})?{_row(_LIKE_ONE, _FROM_THREE, apart=_ANY_OR_LETTERS)}"
    rf"{_more('9', _LIKE_DIGIT, _ANY_OR_LETTERS)}{_CLOSED}{_TAIL}"
    rf"|(?:\+?86{_ANY})?{_landline(_ANY, 'OolI')}{_CLOSED}{_EXTENSION}{_SECOND}"
    rf"|1[3-9]{_DIGIT}{_BETWEEN}{4 * _DIGIT}{_BETWEEN}{4 * _DIGIT}"
    r"|09[0-9]{8}|0[3478][0-9]-[0-9]{3}-[0-9]{3}|[569][0-9]{3}[ \-]?[0-9]{4}"
    r"|[(]?0[2-8][ \-)]{1,2}[0-9]{3,4}[ \-]?[0-9]{4}"
    rf"|{_NO_LOCAL}(?:{_signs('2345678')}(?:{_LIKE_DIGIT}{{6,7}}"
    rf"|{_more('6,7', _LIKE_DIGIT)}{_CLOSED}){_EXTENSION}{_SECOND}"
    rf"|{_signs('23456789')}{_more('8,9', _LIKE_DIGIT)}{_PLAIN_END})"
    r"(?![ \-._·]?[0-9]|[ ]?(?:次|遍|积分|号楼)))"
    rf"(?:\ufe0f?\u20e3)?){_END}{_NO_UNIT}"
)


PHONE_FINDERS = (
    Finder(_MOBILE, AsKind("phone")),
    Finder(_CUED_PHONE, AsKind("phone", "it")),
    Finder(_LISTED_ALONE, AsKind("phone", "it")),
    Finder(_LANDLINE, AsKind("phone")),
    Finder(_ABROAD, AsKind("phone")),
    Finder(_DISGUISED, AsKind("phone")),
)


# Order and tracking numbers, bank cards, and other long numbers that lead to a person.
#
# They are masked on shape and cue; Luhn's check only names the kind, since one random number of
# 16 digits in ten passes it, and a typing error fails it and still identifies.

# An account abroad: its country, two digits of check, and fours.
_IBAN = (
    "(?:A[DET]|B[EGH]|C[HYZ]|D[EK]|E[ES]|F[IR]|G[BR]|H[RU]|I[ELST]|L[TUV]|M[CT]|NL|P[LT]|QA|R[OS]"
    r"|S[AEIK]|TR|UA)[0-9]{2}(?P<gap>[ \-]?)[0-9A-Z]{4}(?:(?P=gap)[0-9]{4}){2,6}"
    "(?:(?P=gap)[0-9]{1,3})?(?![0-9A-Za-z])"
)
_CARD_CUED = late(
    r"(?:(?:(?<!显)卡|账号|帐号|账户|帐户|(?:工|农|中|建|交|招)行|银行|邮储)"
    rf"{_SHORTLY}{_NO_TIMES_OR_PRICES}"
    r"|(?<![0-9A-Za-z])(?=[A-Z]{2}(?:[A-Z]{0,4}[ \-]?[0-9]){14}))(?P<it>"
    rf"{_IBAN}|[1-9][0-9]{{3}}(?:[ \-]?[0-9]{{4}}){{3}}(?:[ \-]?[0-9]{{3}})?(?=[ ,、]{{1,3}}(?:"
    rf"[0-9]{{1,3}},[0-9]{{3}}(?![0-9])|{_AMOUNT}|20[0-2][0-9][/.\-年][0-9]))"
    rf"|(?![0-9 ]{{3,12}}\*{{3}}){_OPENED}{_NO_ZERO}{_more('14,18', _LIKE_DIGIT)}"
    rf"{_PLAIN_END}{_CLOSED}"
    r"|(?=(?:[0-9]-?){10,16}(?![0-9\-]))(?![48]00-|9[56])[0-9]{3,5}(?:-[0-9]{1,8}){2,4}"
    rf"){_END}"
)
# Sixteen to nineteen digits, in one piece or in fours. 106… is a sender of short messages.
_LONG = late(
    rf"{_BEFORE}(?!106[0-9]|{_PRICES})(?:[1-9][0-9]{{3}}"
    rf"(?P<gap>[ \-.·_/|~*—]{{0,2}})[0-9]{{4}}(?P=gap)[0-9]{{4}}(?P=gap)"
    rf"[0-9]{{4}}(?:(?P=gap)[0-9]{{1,3}})?"
    rf"|{_row(_signs('6'), _signs('2'), apart=_SOFT)}{_more('14,17', _DIGIT, _SOFT)}"
    rf"{_PLAIN_END}|7[0-9](?:[ ][0-9]{{4}}){{3}})(?:\ufe0f?\u20e3)?{_END}{_NO_UNIT}"
)
# Rows that count or price things: 10 20 30, 1001 1002 1003, 1 2 3 4, 1999 2999 3999.
_LISTED_THINGS = (
    r"[1-9][0-9]{0,3}0(?:[ ,、/][1-9][0-9]{0,3}0){2,}"
    r"|(?P<stem>[1-9][0-9]{0,2})[0-9](?:[ ,、/](?P=stem)[0-9]){2,}"
    rf"|1[ ,、/]2[ ,、/]3(?:[ ,、/][0-9]{{1,2}}){{1,}}|{_PRICE}(?:[ ,、/]{_PRICE}){{2,}}"
)
_YEARS = late(rf"(?:(?:(?:19|20)[0-9]{{2}}[ \-.·]{{0,2}})+|{_LISTED_THINGS})\Z")
_DAY = late(
    r"(?:19|20)[0-9]{2}[ \-/]?[01]?[0-9][ \-/]?[0-3]?[0-9](?:[ \-][0-2]?[0-9]"
    r"(?:[ \-]?[0-5][0-9])?)?\Z"
)
# Behind a cue: fewer than eight digits, one digit again and again, hotlines and days.
_OTHER = f"[^0-9{HAN_DIGITS}]*"
_NO_ORDER = late(
    rf"(?:(?:{_OTHER}{_DIGIT}){{0,6}}"
    rf"|{_OTHER}(?P<same>[0-9])(?:{_OTHER}(?P=same))*"
    rf"|{_OTHER}[48]{_OTHER}0{_OTHER}0(?:{_OTHER}{_DIGIT}){{0,7}}"
    rf"|{_OTHER}9{_OTHER}5(?:{_OTHER}{_DIGIT}){{0,8}}"
    rf"|{_OTHER}1{_OTHER}0{_OTHER}6(?:{_OTHER}{_DIGIT}){{0,7}}){_OTHER}\Z"
    rf"|{_DAY.pattern}|(?:{_LISTED_THINGS})\Z"
)
# A phone number behind the cue of a parcel.
_PARCEL = late(r"(?:快递|物流|包裹|邮件|催(?:一?下|促))\Z")
_PARCEL_PHONE = late(
    rf"{_OTHER}{_signs('1')}{_OTHER}{_FROM_THREE}(?:{_OTHER}{_DIGIT}){{9}}{_OTHER}\Z"
)

# In groups, with letters before it and a few within.
_NUMBER = (
    rf"(?P<it>#?(?:(?:{_LETTER}{_SOFT}){{1,8}}[/#]?)?"
    rf"(?:[0-9](?:{_SOFT_OR_SLASH}{_LIKE_DIGIT}|[\-_]?[A-Za-z](?![A-Za-z]{{2}})){{5,30}}"
    rf"(?:(?<=[A-Za-z])|{_PLAIN_END})(?:\ufe0f?\u20e3)?(?:[ ][A-Z]{{2}})?|{_some(7, 31)}"
    r"|(?=(?:[A-Z]*[0-9]){6})[0-9A-Z]{10,24}))"
    "(?![0-9A-Za-z])"
)
_ORDER = late(
    r"(?P<cue>(?<![A-Za-z])[Oo]rder|单子(?=[: 是]{0,2}(?:[A-Z]*[0-9]){10})|取票[码号]|[订定]单编码"
    r"|[后回保货退修件签寄]单|(?:就诊|诊疗)卡|(?:门诊|住院|病历)号"
    r"|[订定]单(?:编?号码?)?|(?<![产商货]品)(?<!款式)(?<!型号)(?<!C)(?:[单编票案]|单子|[学考])号"
    r"|准考证号?|会员卡号?|[快运](?:递|单)"
    r"(?:编?号码?|单)?|物流(?:编?号|单)?|面单|流水号?|交易号|退款(?:编?号|单)|工单"
    r"|受理(?:编?号|单)?|投诉(?:编?号|单)|(?:取|寄)件码|保单|合同(?:编?号)|案件(?:编?号)?|户号"
    r"|[客用]户(?:编号|号码?)|(?:[水电气]|天然气|燃气)表号|积分卡号?|客票号?|学籍号|会员(?:编号|号码?)|回执(?:编?号)?|流水|凭证号?|服务单|催(?:一?下|促)"
    r"|包裹号?|邮件号?|预约号|挂号单?|票号|发票(?:代码|号)?|(?<![品号款C])编号)"
    r"(?:[号码]|No\.?|NO\.?|ID)?(?:就?是|[: 为〔“\"]"
    rf"|,|{_OPENS}){{0,4}}{_NUMBER}{_NO_UNIT}"
)
_ONE_MORE = late(rf"[和与及、,/ ]{{1,3}}{_NUMBER}{_NO_UNIT}")
_ORDER_BEHIND = late(
    rf"{_BEFORE}(?P<it>[0-9](?:[ \-]?[0-9]){{9,31}}(?=[ )】]{{0,2}}(?:这个|这笔|这单|[的是为])?"
    r"(?:我的)?(?:[订定]单|单号|快递单|运单|物流单|退款单|交易号|流水号|快递号))"
    r"|(?!9[56])[0-9]{6}(?=(?:这个|这串|就?是|的)?(?:我的)?取[件货]码)"
    r"|[0-9]{4}(?:[ \-]?[0-9]){8,18}(?=[ ,]{0,2}(?:是|这是)?(?:邮政挂号|挂号信|邮政快递|EMS)))"
)
_COURIERS = (
    *("SF", "YT", "JT", "ZT", "ST", "JD", "YD", "HT", "TT", "EA", "LP", "CN"),
    *("DPK", "KY", "EMS", "ZTO", "STO", "YTO", "CNE", "BT"),
    *("HTKY", "YZ", "FW", "UC", "ANE", "ZJS", "QFKD", "YUNDA", "BEST", "TTK", "DBL"),
)
_COURIER = late(
    r"(?<![0-9A-Za-z])(?:JDV[A-Z0-9]{0,3}|JD[A-Z]|"
    rf"{'|'.join(_row(*name, apart=_SOFT) for name in _COURIERS)})(?:[ \-]?[0-9](?:[ \-]?[0-9])"
    rf"{{10,17}}|{_ANY}{_some(11, 18)})(?![0-9A-Za-z])",
    re.IGNORECASE,
)
# Long numbers behind any 号 or 单 but those of goods, once all others are found.
_NUMBERED = late(
    r"(?P<cue>(?<![型货款批班期卷文准利本商产品件条列门楼房栋番季编C])(?:号|单|编号|ID))"
    rf"(?:[号码]|就?是|[: 为〔“\"]|{_OPENS}){{0,3}}{_NO_TIMES_OR_PRICES}"
    rf"(?=(?:[A-Za-z]{_SOFT_OR_SLASH}){{0,8}}(?:{_DIGIT}{_SOFT_OR_SLASH}[A-Za-z]?){{9}}"
    r"|[A-Z]{2,4}-[0-9]{7})"
    rf"{_NUMBER}{_NO_UNIT}(?!\*)"
)
_AMAZON = late(
    r"(?<![0-9A-Za-z])(?:[A-Z]{2}[ ]?[0-9]{3}(?P<part>[ ]?)[0-9]{3}(?P=part)[0-9]{3}[ ]?[A-Z]{2}"
    r"|EMS[0-9]{9,11}CN|EMS[A-Z]{2}[0-9]{9}[A-Z]{2}"
    r"|[A-Z]{1,2}(?:20)?2[0-9](?:0[1-9]|1[0-2])[0-3][0-9](?:-?[0-9]){6,11})(?![0-9A-Za-z])"
    rf"|{_BEFORE}[0-9]{{3}}-[0-9]{{7}}-[0-9]{{7}}(?![0-9])"
    # An aeroplane's ticket; 978 and 979 begin books.
    rf"|{_BEFORE}(?!97[89]|[48]00)[1-9][0-9]{{2}}-[0-9]{{10}}(?![0-9\-])"
    # Pinduoduo: the day, and what follows.
    rf"|{_BEFORE}2[0-9](?:0[1-9]|1[0-2])[0-3][0-9]-[0-9]{{12,16}}(?![0-9])"
)
# Behind a courier, whose numbers may have no letters; and what a device or a car is numbered by.
_COURIER_NAMES = (
    "[申中圆]通|韵达|极兔|百世|邮政|顺丰|德邦|丹鸟|菜鸟|天天|宅急送|安能|跨越|优速|京东"
    "|物流|快[递件运]|包裹|得物|拼多多|淘宝|天猫|抖音|美团|饿了么|唯品会|苏宁|快手|闲鱼|亚马逊|盒马"
)
_DEVICES = (
    "(?<![A-Za-z])(?:IMEI|MEID|VIN|MAC|UID(?=[ ]?[:是为])|(?:SN|S/N)(?=[^0-9A-Za-z]{0,3}[0-9]{14}))"
    "|序列号(?=[^0-9A-Za-z]{0,3}[0-9]{14})|串[号码]|车架号|发动机号"
)
_ONE_BY_ONE = "[1-9](?:[ ][0-9]){11,19}"
# Codes that open an account, a parcel or a door to whoever knows them; a shelf (8-3-2017) stays.
_CODES = (
    "(?:(?:提[货取]|取[件货]|核销|确认|自提|开[门柜锁]|收货|登[录陆])码"
    "|券码|(?:支付|取款|登[录陆]|查询|交易|银行卡|门锁|[开房]门|入住)密码)"
)
_CODE = (
    r"(?:[A-Z][0-9]{0,2}-?[0-9]{3,6}"
    r"|[0-9]{4}(?:[ ][0-9]{2,4}){1,3}|(?!9[56]|1(?:0[06]|[12][0-9]{3}(?![0-9]))|[48]00"
    r"|20[0-2][0-9](?![0-9]))[0-9]{4,12})(?![0-9A-Za-z]|[.:\-][0-9]"
    "|[ ]?[位元块秒分个次遍年天小时条款单月号点折张岁级万千百%])(?!人(?!家))"
)
_DEVICE = (
    rf"(?:[0-9]{{2}}[ ][0-9]{{6}}[ ][0-9]{{6}}[ ][0-9]|{_ONE_BY_ONE}"
    r"|(?:[0-9A-F]{2}[:\-]){5}[0-9A-F]{2}|(?=(?:[A-Z]*[0-9]){3})[0-9A-Z]{7,20})(?![0-9A-Za-z])"
)
_THING_CUED = late(
    rf"(?:(?:{_COURIER_NAMES})(?:快[递运件]|速[递运]|物流|信息|包裹|单号)?[的是了: ,]{{0,2}}"
    rf"(?=(?:(?!20[0-9]{{12}})[0-9]{{12,15}}|{_ONE_BY_ONE})(?![ ]?[0-9A-Za-z]){_NO_UNIT})"
    rf"|(?:{_DEVICES})(?:[号码]|地址)?[: 是为]{{0,3}}(?={_DEVICE})"
    f"|{_CODES}(?:[^0-9A-Za-z\0\n,。;!?发]{{0,6}}|,?我?[念报说]了?[ ]?)(?={_CODE})"
    r"|(?:安全码|CVV2?)[: 是为]{0,3}(?=[0-9]{3}(?![0-9])))"
    rf"(?P<it>{_DEVICE}|{_CODE}|[0-9]{{3}}(?![0-9]))",
    re.IGNORECASE,
)


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


_VALUES = {
    **{mark: int(mark) for mark in "0123456789"},
    **dict(zip(HAN_DIGITS, map(int, HAN_VALUES), strict=True)),
}


def _long_kind(written: str) -> str | None:
    """Settle the kind of a long number; None for laughter (66666…) and for rows of years."""
    digits = [_VALUES[mark] for mark in written if mark in _VALUES]
    if len(set(digits)) <= 2 or _YEARS.match(written):
        return None
    is_grouped = len(digits) < len(written)
    if digits[:2] == [6, 2] or _passes_luhn(digits) or (is_grouped and 3 <= digits[0] <= 6):
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
    Finder(_THING_CUED, AsKind("order_no", "it")),
)
LONG_NUMBER_FINDERS = (Finder(_LONG, read_long_numbers),)


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
    r"|(?:抖音|快手|小红书|钉钉|旺旺|陌陌|探探|知乎|微博|哔哩哔哩|[Bb]站|(?<![A-Za-z])(?:YY|UC|[Ss]oul)|[闲咸]鱼|小黄鱼|电报|飞机|[Tt]elegram|[Ww]hats[Aa]pp|[Ss]kype|淘宝|支付宝)"
    r"(?:号|账[号户]|[Ii][Dd])"
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
    rf"|(?<![A-Za-z0-9._\-@/])(?=[A-Za-z]{{2,10}}{_DIGIT}{{3,10}}[ ]?(?:薇[信心]|微心|[围威]信"
    "|卫星))"
    r"|(?<!范)围(?:[♥❤]\ufe0f?)?信(?=[: 号是])|卫星(?=是[ ]?[A-Za-z]{2,}_?[0-9]{3})"
    r"|(?<=[我他她的加])卫星(?=[ ]?[A-Za-z]{2,}_?[0-9]{3})|卫星(?=[ ]?[A-Za-z]{4,}[0-9]{3}))"
)
# An account by its shape, some words behind what announces one.
_ACCOUNT_SHAPE = (
    r"(?:wxid_[a-z0-9]{6,20}|[A-Za-z]{2,15}_[A-Za-z_]{0,10}[0-9]{2,8}|[A-Za-z]{3,15}[.\-]?[0-9]{4,8})"
    r"(?![0-9A-Za-z_@\-]|\.[0-9A-Za-z])"
)
_FAR_ACCOUNT = (
    r"(?:[微威][信芯心]|薇[信心]|(?<!范)围信|卫星|绿泡泡?|[加私找][我他她]|联系[我他她]|(?<![A-Za-z0-9])[Vv]我"
    f"|[账帐我他她]的?号|(?<![A-Za-z])ID(?=:)|[vw]x)[^0-9A-Za-z\0]{{0,24}}(?={_ACCOUNT_SHAPE})"
)
_LINK = (
    rf"(?:号码?|账号|帐号|[Ii][Dd]|公众号|{_OPENS}|"
    r"[是为叫搜索加找吧➕+“]|是?(?:多少|啥|什么)[?]?\s{1,2}(?=[A-Za-z_\-]+[0-9])|拼音|[发给]你|[跟和与同](?:抖音|快手|小红书|微博|[Qq][Qq]|手机)号?|一样|换[了成]|改[了成]|我的?|同号|联系"
    r"|[大小]写的?|全拼|/|QQ|[:;=➡→\-~,、 ]){0,6}"
)
_WECHAT = late(
    rf"(?:{_WECHAT_CUE}|{_FAR_ACCOUNT})(?P<link>{_LINK})"
    rf"(?P<it>(?:{_OPENED}{_row(_LIKE_ONE, _FROM_THREE)}{_more('9', _LIKE_DIGIT)}{_CLOSED}"
    rf"|(?!https?:|www\.)(?:[A-Za-z]{{2,10}}(?=[0-9]{{0,8}}{_HAN}{{2}}){_DIGIT}{{4,10}}(?![{_COUNTED}])"
    r"|[A-Za-z][A-Za-z0-9_\-.]{0,15}[·+➕][A-Za-z0-9_\-.·]{2,16}"
    r"|(?<=:)[A-Za-z][A-Za-z0-9]{0,10}[._\-·][\u4e00-\u9fff]{1,6}"
    r"(?:[._\-·][\u4e00-\u9fffA-Za-z0-9]{1,8})?(?=[,。;]|\Z)"
    r"|[A-Za-z][A-Za-z0-9_\-.]{0,18}[A-Za-z0-9_\-]"
    r"(?:下划线|横杠|减号|杠|点|[\u4e00-\u9fff]{1,3}(?=[0-9]{2}))[A-Za-z0-9]{1,12}"
    r"|[A-Za-z0-9](?:[ ][A-Za-z0-9_\-]){5,19}|[A-Za-z][A-Za-z0-9]{1,9}[ ][0-9]{3,6}"
    r"|[A-Za-z][A-Za-z0-9_\-.]{3,18}[A-Za-z0-9_\-]|[0-9]{1,8}[A-Za-z_][A-Za-z0-9_\-]{3,15}"
    rf"|{_some(5, 11)})))(?![A-Za-z0-9_\-])"
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
    r"(?:(?:iphone|ipad|(?:mate|think|mac|magic|idea)(?:book|pad)|redmi|android|apple|wifi|https?|pay|vip|plus|windows|huawei|oppo|vivo|xiaomi|app|"
    r"mini|read|work|shop|login|bug|emoji|ios|mac|pc)[a-z0-9]*|[a-z]{1,30}|[0-9]{1,6})\Z",
    re.IGNORECASE,
)
_QQ = late(
    r"(?:(?<![A-Za-z0-9])[Qq][ ._]?[Qq]?|🐧|[加+➕]扣|扣[ ]?扣|扣号|[Qq]扣|扣[Qq]|企鹅|球球|秋秋"
    r"|丘丘|口口(?=[号:是 ]{0,2}[1-9][0-9]{5})|扣(?=[ ]?:)|抠抠|蔻蔻|叩叩|寇寇"
    r"|[裙鹅扣]号?(?=[:是为 ]{0,2}[1-9](?:[ \-]?[0-9]){6,9}(?![0-9]))"
    r"|群号?(?=[:是为 ]{0,2}[1-9](?:[ \-]?[0-9]){7,9}(?![0-9]))|[加+➕扣]我(?:本人|自己)?"
    r"(?=[: ]{0,2}[1-9][0-9]{5,9}(?![0-9]))"
    rf"|(?:[Qq]{{2}}|扣扣|企鹅|球球|秋秋){_FAR}(?=(?!20[0-2][0-9][01][0-9])[1-9][0-9]{{7,9}}(?![0-9])))"
    rf"(?:群|号码?|账号|[详私]?聊|同步|/微信|[是为加:;=/ \-,>~#]|“|{_OPENS}|联系|我){{0,5}}"
    rf"(?P<it>(?!(?:19|20)[0-9]{{2}}[ \-.][01]?[0-9](?![0-9])){_some(5, 11, _NO_ZERO)})"
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


# So many digits in a row, spelled and no day, are an account or a telephone.
_COUNTING = "|".join(("一二三四", "零一二三", "〇一二三", *(4 * mark for mark in HAN_DIGITS)))
_ROW = late(
    rf"(?<![0-9{HAN_DIGITS}])(?!{_COUNTING}|{_row(*map(_signs, '20'))}{_DIGIT}{{6}}(?!{_DIGIT}))"
    rf"{_NO_ZERO}(?={_HAN})(?:[ \-.·,、]{{0,2}}{_HAN}){{7,10}}(?![0-9{HAN_DIGITS}])"
)
LAST_FINDERS = (Finder(_NUMBERED, read_orders), Finder(_ROW, AsKind("qq")))


# The smaller patterns that settle what of a match counts, by the names that `engine.masking` knows.
NUMBER_PARTS: dict[str, re.Pattern[str]] = {
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
}
