"""Numbers that lead to a person: papers, telephones, orders and cards.

Whoever hides a number groups and dresses its digits. So all patterns are written of the same few
pieces of `mask_finders`: signs that stand for a digit (1, 一, 壹, behind a word for the number also
l), and what may part two of them (`ANY` where a word announces the number, `SOFT` where its shape
alone must tell it from prices and dates). Patterns run on a folded copy (`mask_finders.plain`), in
which digits in circles and of full width are plain ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from analysis.corpus.mask_finders import (
    AMOUNT,
    ANY,
    ANY_OR_LETTERS,
    BEFORE,
    BRACKETS,
    CAPPED,
    CLOSED,
    DIGIT,
    DIGIT_OR_X,
    END,
    FAR,
    FROM_THREE,
    GAP,
    HAN_DIGIT,
    HAN_DIGITS,
    HAN_VALUES,
    LETTER,
    LIKE_DIGIT,
    LIKE_ONE,
    NO_TIMES_OR_PRICES,
    NO_UNIT,
    NO_ZERO,
    OPENED,
    OPENS,
    PLAIN_END,
    PRICE,
    PRICES,
    SHORTLY,
    SOFT,
    SOFT_OR_SLASH,
    UNSEEN,
    AsKind,
    Finder,
    Span,
    any_length,
    further,
    late,
    row,
    signs,
)

# Identity documents, passports and number plates (patterns run on `plain`).

# GB 11643: region, birthday, serial, check. The check digit is not asked for: a typing error fails
# it and still identifies.
_YEAR = "|".join(row(*map(signs, year)) for year in ("18", "19", "20"))
_MONTH = "|".join((row(signs("0"), NO_ZERO), row(signs("1"), signs("012"))))
_DAY_OF_MONTH = "|".join(
    row(*map(signs, day)) for day in (("0", "123456789"), ("12", "0123456789"), ("3", "01"))
)
_CHECK = f"{DIGIT[:-1]}Xx×]"
# Hong Kong and Macau put the check digit in brackets.
_CHECKED = "(?:[ ]?[(][0-9Aa][)])"
_CITIZEN = late(
    rf"{BEFORE}(?!{AMOUNT}){OPENED}{NO_ZERO}{further('5')}{ANY}(?:{_YEAR}){further('2')}"
    rf"{ANY}(?:{_MONTH}){ANY}(?:{_DAY_OF_MONTH}){further('3')}{ANY}{_CHECK}{CLOSED}{END}"
    # Digit by digit eighteen are nothing else.
    r"|(?<![0-9])(?<![0-9][ \-.·])(?<![0-9][ \-.·][ \-.·])[1-9](?P<each>[ \-.·]{1,2})"
    r"[0-9](?:(?P=each)[0-9]){15}"
    r"(?P=each)[0-9Xx×](?![ \-.·]{0,2}[0-9])"
    # Until 1999 without century and check.
    rf"|{BEFORE}[1-6][0-9]{{7}}(?:{_MONTH})(?:{_DAY_OF_MONTH})[0-9]{{3}}(?![0-9])"
    r"(?![ ]?(?:元|块|万|亿))"
    # Hong Kong and Macau; and 92…, who trades under a name of his own.
    rf"|(?<![0-9A-Za-z])(?:[A-Z]{{1,2}}[0-9]{{6}}{_CHECKED}"
    rf"|92[0-9]{{6}}[0-9A-Z]{{10}}(?![0-9A-Za-z]))"
    rf"|(?<=[证号: 是][: 是])[157][0-9]{{6}}{_CHECKED}"
)
_CITIZEN_CUED = late(
    r"(?:身份证|身分证|证件|ID卡|社保卡?|医保卡|居住证|证号)"
    rf"{SHORTLY}{NO_TIMES_OR_PRICES}(?P<it>{OPENED}{LIKE_DIGIT}{further('13,16', LIKE_DIGIT)}"
    rf"{ANY}{DIGIT_OR_X}{CLOSED}(?![ ]?[年月日])"
    # Region, birthday and the rest, each behind a word for it.
    "|[1-9][0-9]{5}[^0-9\n]{1,10}"
    r"(?:19|20)[0-9]{2}[年.\-/]?[0-9]{1,2}[月.\-/]?[0-9]{1,2}"
    f"[^0-9\n]{{1,10}}[0-9]{{3}}[0-9Xx](?![0-9A-Za-z])){END}"
)
_PERMIT = late(
    r"(?:通行证|回乡证|台胞证|港澳证|居留证|居留许可证?|永居证?|(?:文职)?干部证|军官证|士官证"
    r"|士兵证|警官证|残疾证"
    r"|学生证|驾驶证|驾照|社保(?=卡?号)卡?|(?:医保|公积金|社保)(?=[卡号编电账证])(?:卡|编|电脑|账"
    r"|证)?|身[份分]证|HKID)(?:字?号码?)?"
    rf"(?:[: 是为]|{OPENS}){{0,3}}(?P<it>(?:[A-Za-z]{ANY}){{0,2}}{OPENED}{DIGIT}"
    rf"{further('6,9')}{PLAIN_END}{CLOSED}{_CHECKED}?"
    r"|[\u4e00-\u9fff]{1,2}字第?[0-9]{5,8}号|[A-Z]{3}[0-9]{12}"
    r"|[0-9]{17}[0-9Xx][0-9]{2})(?![0-9A-Za-z])"
)
_PASSPORT = late(
    r"(?:(?:护照|passport)(?:(?:号码?|编号|[ ]?No\.?|信息)?[: 是为(]{0,3}"
    "|[^0-9A-Za-z\0\n]{1,14}"
    rf"(?={LETTER}{{1,2}}(?:[ \-]?[0-9]){{7}}))"
    # The booklets of today have a letter more.
    "|(?<![0-9A-Za-z])(?=E[A-HJ-NP-Z][0-9]{7}(?![0-9A-Za-z])))"
    rf"(?P<it>{LETTER}{ANY}(?:{LETTER}{ANY})?{OPENED}{DIGIT}{further('6,7')}{CLOSED}"
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
    digits = f"(?=(?:(?:{apart}[A-Za-z]){{0,2}}{apart}{DIGIT}){{3}})"
    four = row(*[_IN_PLATE] * 4, apart=apart)
    letter = "[A-HJ-NP-Za-hj-np-z]"
    places = (
        # Six have a letter at either end, or they are the number of a share (沪A600…).
        f"{letter}{apart}{four}{apart}{_IN_PLATE}",
        f"{four}{apart}{_IN_PLATE}{apart}{letter}",
        f"{four}{apart}{_LAST_ON_PLATE}",
    )
    rest = f"(?:{'|'.join(places)}){CLOSED}"
    return f"{apart}[A-Za-z]{digits}{apart}{OPENED}{rest}"


_BY_SIGNS = r"[ \-·•_,()\[\]]{0,3}"
_PLATE = late(
    rf"(?:[{_PROVINCES}]|(?<![最全出上更崭重从])新)[A-Za-z][·•. \-/]{{0,2}}"
    rf"(?:[DFdf][·•. \-]?[{_ON_PLATE}][0-9]{{4}}|[0-9]{{5}}[DFdf]"
    rf"|(?=(?:[A-Z]*[0-9]){{4}})[A-HJ-NP-Z][{_ON_PLATE}]{{5}}|(?=[0-9]{{1,4}}[DF])[0-9DF]{{6}}"
    rf"|[(]?(?:临时?|临牌)[)]?[ ]?(?=[0-9]{{2}})[{_ON_PLATE}]{{5,6}}"
    rf"|(?=(?:[A-Za-z]*[0-9]){{3}})[{_ON_PLATE}]{{4}}[{_ON_PLATE}挂学警港澳])(?![0-9A-Za-z])"
    rf"|粤[Zz][·•. \-/]{{0,2}}[{_ON_PLATE}]{{4}}[港澳]"
    rf"|[{_PROVINCES}]{_parted_plate(_BY_SIGNS)}(?![0-9A-Za-z]){NO_UNIT}"
    rf"|(?:(?<![\u4e00-\u9fff])|(?<=[牌号车是开辆的挂]))[{_PROVINCES}]"
    rf"{_parted_plate(SOFT)}(?![0-9A-Za-z]){NO_UNIT}"
)
_PLATE_CUED = late(
    rf"(?:车牌|车号|号牌|牌照|车是|开[着的]?|电[动瓶]车|[港澳湾的]车(?=[ ]?[A-Z]))"
    r"[号码是为: ]{0,3}"
    rf"(?P<it>[{_PROVINCES}新]{_parted_plate(ANY)}"
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

_EXTENSION = rf"(?:[ ]?(?:转|分机|ext\.?|-)[ ]?{DIGIT}{{1,5}})?"
# The last digits of a second number (…5678/79), or what a first one is called through.
_LAST_OF_SECOND = (
    r"(?:[ ]?[/、][ ]?[0-9]{2,4}|[ ]?(?:或者?是?|和|跟|与|以及|还有)[ ]?(?:尾号)?[0-9]{4})"
    r"(?![0-9A-Za-z./、\-]|[ ][0-9]{3}|[ ]?(?:小时|[元块万天号月日年点人个次件斤岁多]))"
)
_TAIL = (
    rf"(?:[ ]?(?:转|分机|ext\.?)[ ]?{DIGIT}{{3,6}}(?!{DIGIT})"
    r"|-[0-9]{3,4}(?![0-9\-]|[ ][0-9]{3})"
    rf"|(?<={4 * '[0-9]'}){_LAST_OF_SECOND})?"
)
# Told in parts, each but the first behind a word for its place (前面138，后面是0013，再后面8000).
_NEXT_PART = (
    "(?=[ ,、;。然接跟之再是加横杠减空点中后最末尾剩])[ ,、;。]{0,2}(?:然后|接着|跟着|之后"
    "|再)?[是加]?[ ]?(?:横?杠|减号?|空格?|点"
    "|中[间段]"
    "|后[面边头段]?|最后|末[尾位]?|尾[号数巴]?|剩下)的?(?:(?:[四4]|几)位)?(?:数字?"
    "|号码)?[ :是为,]{0,2}"
)
_FOUR = "[ ]?".join(4 * [DIGIT])
_LAST_PART = r"[ \-]{0,2}[(]?(?:末[位尾]|最后一?位|尾数)[是为]?[)]?[: ]?"
# As radio says digits: 洞 0, 幺 1, 两 2, 拐 7, 勾 9.
_SPOKEN = f"[0-9{HAN_DIGITS}洞两拐勾]"
# In words of Latin letters.
_DIGIT_WORD = (
    "(?:yao|yi|er|liang|san|si|wu|liu|qi|guai|ba|jiu|gou|ling|dong"
    "|one|two|three|four|five|six|seven|eight|nine|zero|oh)"
)
_MOBILE = late(
    # An 0 before a mobile dials it from another town.
    rf"(?:(?<![0-9])(?:\+|00)?86(?:{GAP})?(?:\(0\)[ ]?)?|\(\+?86\)[ ]?"
    rf"|{BEFORE}(?:0(?:[ ](?=1[ ][3-9][ ])|-(?=1-[3-9]-))?)?)(?:(?<!{HAN_DIGIT})|(?!{HAN_DIGIT}))"
    rf"(?:{signs('1')}{UNSEEN}*{FROM_THREE}(?:{UNSEEN}*{DIGIT}){{9}}(?:\ufe0f?\u20e3)?"
    rf"|1[3-9][0-9](?:{GAP}[0-9]{{4}}(?:{GAP})?[0-9]{{4}}"
    r"|[A-Za-z]{1,2}[0-9]{4}[A-Za-z]{1,2}[0-9]{4}(?![A-Za-z])|[(\[【][0-9]{4}[)\]】][0-9]{4}"
    rf"|[0-9]{{2}}{GAP}(?:[0-9]{{3}}{GAP}?[0-9]{{3}}|[0-9]{{4}}{GAP}[0-9]{{2}})"
    rf"|[0-9]{GAP}[0-9]{{4}}{GAP}[0-9]{{3}}"
    rf"|{_NEXT_PART}{_FOUR}{_NEXT_PART}{_FOUR}|[0-9]{{4}}{_NEXT_PART}[0-9]{{4}}"
    rf"|[ \-]?[0-9]{{4}}[ \-]?[0-9]{{3}}{_LAST_PART}[0-9])"
    r"|[(\[【]1[3-9][0-9][)\]】][ \-]?[0-9]{4}[ \-]?[(\[【]?[0-9]{4}[)\]】]?"
    r"|1(?P<gap>[ \-._·,、/]{1,2})[3-9](?:(?P=gap)[0-9]){9}"
    r"|1(?P<wall>[ ]?[空杠横][ ]?)[3-9](?:(?P=wall)[0-9]){9}(?!(?P=wall)?[0-9])"
    r"|1[ ][3-9][ ][0-9][ ][空杠横]格?[ ]?(?:[0-9][ ]?){4}[空杠横]格?[ ]?[0-9](?:[ ]?[0-9]){3}"
    # In any groups; decimals and days are none.
    r"|(?<![0-9][ \-.])(?<![A-Za-z][ ])(?<!\+)(?!1[0-9]{1,4}\.[0-9]{1,2}(?![0-9.]))"
    r"(?!19[0-9]{2}[ \-./][01]?[0-9][ \-./])"
    rf"{row(signs('1'), FROM_THREE, apart=SOFT)}{further('9', DIGIT, SOFT)}"
    r"(?:\ufe0f?\u20e3)?(?![ \-._·~][0-9])"
    rf"|(?=(?:{BRACKETS}{DIGIT}){{11}}[)\]】」])[(\[【「]{signs('1')}{BRACKETS}{FROM_THREE}"
    rf"(?:{BRACKETS}{DIGIT}){{9}}[)\]】」]"
    # As on the radio.
    rf"|(?<!{_SPOKEN})[幺一壹]{SOFT}"
    rf"(?:{FROM_THREE}|[拐勾])(?:{SOFT}{_SPOKEN}){{9}}(?!{_SPOKEN}))"
    rf"{_TAIL}{END}{NO_UNIT}"
)
_WORDS_FOR_IT = (
    "(?:电话|座机|固话|总机|外线|手机|[Ww]hats[Aa]pp|(?:香港|澳门|台湾|内地|大陆)号"
    "|(?<![奖票球])号码|联系方式?|拨打?|致电|打|来电|回电|短信|呼叫|传真|找|回我|电联|市话|小灵通"
    "|回拨"
    "|加我|倒(?:着[写念读数]?|过来[写念读]?|序)|反(?:着[写念读]?|过来[写念读]?|序)|📞|📱|☎\ufe0f?|☏"
    "|(?<![A-Za-z])(?:[Tt][Ee][Ll]|[Pp]hone|[Mm]obile|[Cc]all))"
)
_TO_IT = (
    r"(?:号码?|就?是|还是|同号|那个|[: 系为.,我他她给到了的#=>~\-]|一下"
    "|[(](?:香港|澳门|台湾|内地|大陆|国内)[)]"
    rf"|{OPENS}){{0,5}}"
)
# Without a cue not all three parts may end as prices do; hardly a price has a sign of the second.
_LISTED_ALONE = late(
    rf"{BEFORE}(?!1[3-9][089][,、/|](?:[0-9]{{3}}[089][,、/|]?){{2}})"
    rf"(?P<it>{signs('1')}{FROM_THREE}{DIGIT}(?:(?P<apart>[,、/|*:+。=#&;\\><'\"“])"
    rf"(?![0-9]{{2}}00(?P=apart)){DIGIT}{{4}}(?P=apart){DIGIT}{{4}}"
    rf"|{DIGIT}(?P<sign>[#&\\'\"“])(?:{DIGIT}{{4}}(?P=sign){DIGIT}{{3}}"
    rf"|{DIGIT}{{3}}(?P=sign){DIGIT}{{4}})))"
    rf"(?!{DIGIT})(?![,、/|*:+。=#&;\\><'\"“]{DIGIT})"
)
_DISGUISED = late(
    # O for 0 and l for 1, seven digits at least being real. What has eleven is `_MOBILE`'s.
    r"(?<![0-9A-Za-z])(?<![0-9]\.)(?=(?:[OlIo]{0,4}[0-9]){7})"
    rf"(?![0-9]{{11}}{NO_UNIT})[1lI][3-9][0-9OolI]{{9}}(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z])(?<![0-9A-Za-z][ \-.])(?=(?:[OlI \-.]{0,5}[0-9]){6})"
    r"(?![0-9]{3}[ \-.][0-9]{4}[ \-.][0-9]{4})[1lI][3-9][0-9OlI](?P<apart>[ \-.])"
    r"[0-9OlI]{4}(?P=apart)[0-9OlI]{4}(?![ \-.]?[0-9A-Za-z])"
    # In Latin letters.
    r"|(?<![0-9A-Za-z])(?<![0-9]\.)(?:[Yy]ao|[Yy]i|[Oo]ne)[ \-.,]{0,2}"
    rf"(?:{_DIGIT_WORD}|[3-9])(?:[ \-.,]{{0,2}}(?:{_DIGIT_WORD}|[0-9])){{9}}(?![A-Za-z0-9])"
)


def _landline(apart: str, alike: str = "") -> str:
    """Write a number of seven or eight digits behind its area code."""
    digit = f"{DIGIT[:-1]}{alike}]"
    two, three = row(signs("2"), digit, apart=apart), row(FROM_THREE, digit, digit, apart=apart)
    area = f"{row(signs('1', alike), signs('0', alike), apart=apart)}|{two}|{three}"
    local = f"{signs('2345678')}{further('6,7', digit, apart)}"
    return f"{signs('0', alike)}{apart}(?:{area}){apart}{local}"


# A second number behind it, which alone is told from nothing.
_SECOND = (
    "(?:(?:[ ]?(?:或者?|[和、/,])[ ]?(?:0[0-9]{2,3}-?)?[2-8][0-9]{6,7}"
    "|[ ]?/[ ]?[2-8][0-9]{2,3}[ \\-][0-9]{4})(?![0-9.]|[ ]?[元块万次]))?"
    f"(?:{_LAST_OF_SECOND})?"
)
_LANDLINE = late(
    rf"(?:{BEFORE}\(0[1-9][0-9]{{1,2}}\)|{BEFORE}0(?:10|2[0-9]|[3-9][0-9]{{2}})"
    r"|(?<![0-9])\+?86[ \-]?(?:10|2[0-9]|[3-9][0-9]{2})[ \-])"
    r"(?:[ \-]{0,2}[2-8][0-9]{2,3}[ \-]{0,3}[0-9]{4}|[ \-/、)_]{1,2}[2-8](?:[ \-.·]?[0-9]){6,7}"
    rf"(?![ \-.]?[0-9])){_EXTENSION}{_SECOND}(?![0-9]){NO_UNIT}"
    rf"|{BEFORE}(?<![0-9][ \-.])0[ ][1-9][ ][0-9](?:[ ][0-9])?[ \-]{{1,3}}[2-8](?:[ ][0-9]){{6,7}}"
    r"(?![ \-.]?[0-9])"
    rf"|{BEFORE}(?!0[1-9][ \-./·][0-3]?[0-9][ \-./·](?:19|20))(?={CAPPED}{{3}}){_landline(SOFT)}"
    rf"(?![ \-._·~][0-9]){_EXTENSION}{_SECOND}{END}{NO_UNIT}"
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
    r"|(?<![0-9A-Za-z.])00(?:1|3[349]|4[49]|6[0-6]|7"
    r"|8[124])(?=[ \-](?:[ \-]?[0-9]){7})(?:[ \-][0-9]{1,8}){1,5}"
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
_HOTLINE = f"{row('[48]', '0', '0')}|{row('9', '[56]')}|{row('1', '0', '6')}"
_NO_LOCAL = rf"{NO_TIMES_OR_PRICES}(?!{_HOTLINE}|{AMOUNT}(?!{HAN_DIGIT}))"
# A line may break a number, and words that say nothing part it.
_FILL = "(?:[ ]?[空杠横点减哈啊呀嘿嗯呢吧的]格?[ ]?)?"
_BROKEN = "(?:[ \\-]{0,2}\n[ \\-]{0,2}|[ \\-]?)"
_FAR_PHONE = (
    rf"(?:座机|固话|总机|打我|联系我|找我|联系方式|回电){FAR}"
    r"(?=[2-8](?:[0-9]{6,7}|[0-9]{2,3}[ \-][0-9]{4})(?![0-9A-Za-z]|[.\-][0-9]))"
)
_CUED_PHONE = late(
    rf"(?:{_WORDS_FOR_IT}{_TO_IT}|{_FAR_PHONE}){_NO_TIME}(?P<it>{OPENED}"
    rf"(?:(?:\+?86{ANY}|0{ANY})?{row(LIKE_ONE, FROM_THREE, apart=ANY_OR_LETTERS)}"
    rf"{further('9', LIKE_DIGIT, ANY_OR_LETTERS)}{CLOSED}{_TAIL}"
    rf"|(?:\+?86{ANY})?{_landline(ANY, 'OolI')}{CLOSED}{_EXTENSION}{_SECOND}"
    rf"|1{_BROKEN}[3-9](?:{_BROKEN}[0-9]){{9}}(?!{_BROKEN}[0-9])"
    # From the last digit to the first.
    r"|(?:[0-9][ \-]?){9}[3-9][ \-]?1(?![ \-]?[0-9])"
    # Parted by words that say nothing (138哈0571哈2264).
    f"|1{_FILL}[3-9](?:{_FILL}[0-9]){{9}}(?![0-9])"
    # Letters that look like digits.
    r"|(?=(?:[OolIzZsSBbqg]{0,2}[0-9]){7})[1lI][3-9][0-9OolIzZsSBbqg]{9}(?![0-9A-Za-z])"
    r"|09[0-9]{8}|0[3478][0-9]-[0-9]{3}-[0-9]{3}|[569][0-9]{3}[ \-]?[0-9]{4}"
    r"|[(]?0[2-8][ \-)]{1,2}[0-9]{3,4}[ \-]?[0-9]{4}"
    rf"|{_NO_LOCAL}(?:{signs('2345678')}(?:{LIKE_DIGIT}{{6,7}}"
    rf"|{further('6,7', LIKE_DIGIT)}{CLOSED}){_EXTENSION}{_SECOND}"
    rf"|{signs('23456789')}{further('8,9', LIKE_DIGIT)}{PLAIN_END})"
    r"(?![ \-._·]?[0-9]|[ ]?(?:次|遍|积分|号楼)))"
    rf"(?:\ufe0f?\u20e3)?){END}{NO_UNIT}"
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
    r"(?:(?:(?<!显)卡|账号|帐号|账户|帐户|(?:工|农|中|建|交|招)行|银行|邮储|户[口头]"
    r"|钱包(?=[: ]?[0-9]{4}))"
    rf"{SHORTLY}{NO_TIMES_OR_PRICES}"
    r"|(?<![0-9A-Za-z])(?=[A-Z]{2}(?:[A-Z]{0,4}[ \-]?[0-9]){14}))(?P<it>"
    rf"{_IBAN}|[1-9][0-9]{{3}}(?:[ \-]?[0-9]{{4}}){{3}}(?:[ \-]?[0-9]{{3}})?(?=[ ,、]{{1,3}}(?:"
    rf"[0-9]{{1,3}},[0-9]{{3}}(?![0-9])|{AMOUNT}|20[0-2][0-9][/.\-年][0-9]))"
    rf"|(?![0-9 ]{{3,12}}\*{{3}}){OPENED}{NO_ZERO}{further('14,18', LIKE_DIGIT)}"
    rf"{PLAIN_END}{CLOSED}(?![ ]?[年月日])"
    # Over lines.
    f"|(?=(?:[0-9][ \\-]{{0,2}}\n?[ \\-]{{0,2}}){{15,19}}(?![0-9]))[1-9][0-9]{{2,9}}"
    "(?:[ \\-]{0,2}\n?[ \\-]{0,2}[0-9]{1,10}){1,6}"
    # Fours that circled digits part.
    r"|[1-9][0-9]{3}1[0-9]{4}2[0-9]{4}3[0-9]{4}4[0-9]{3}(?![0-9])"
    # But for one or two digits in full: each of a hundred others would do.
    r"|(?=(?:[0-9][ \-]?){4,15}\*{1,2}(?:[ \-]?[0-9]){0,12}(?![0-9*]))"
    r"(?=(?:[0-9][ \-*]{0,4}){13,18}(?![0-9*]))"
    r"[0-9 \-*]{14,23}(?<=[0-9])"
    r"|(?=(?:[0-9]-?){10,16}(?![0-9\-]))(?![48]00-|9[56])[0-9]{3,5}(?:-[0-9]{1,8}){2,4}"
    rf"){END}"
)
# Sixteen to nineteen digits, in one piece or in fours. 106… is a sender of short messages.
_LINE = "\n"
_LONG = late(
    rf"(?<![0-9])(?:(?<![0-9]\.)|(?<={_LINE}[1-9]\.))(?<!3C编号)(?!106[0-9]"
    rf"|{PRICES})(?:[1-9][0-9]{{3}}"
    rf"(?P<gap>[ \-.·_/|~*—\\=+&#:;^`•・∙●◆★⭐]{{0,2}})[0-9]{{4}}(?P=gap)[0-9]{{4}}(?P=gap)"
    rf"[0-9]{{4}}(?:(?P=gap)[0-9]{{1,3}})?"
    rf"|{row(signs('6'), signs('2'), apart=SOFT)}{further('14,17', DIGIT, SOFT)}"
    rf"{PLAIN_END}|7[0-9](?:[ ][0-9]{{4}}){{3}})(?:\ufe0f?\u20e3)?{END}{NO_UNIT}"
)
# Rows that count or price things: 10 20 30, 1001 1002 1003, 1 2 3 4, 1999 2999 3999.
_LISTED_THINGS = (
    r"[1-9][0-9]{0,3}0(?:[ ,、/][1-9][0-9]{0,3}0){2,}"
    r"|(?P<stem>[1-9][0-9]{0,2})[0-9](?:[ ,、/](?P=stem)[0-9]){2,}"
    rf"|1[ ,、/]2[ ,、/]3(?:[ ,、/][0-9]{{1,2}}){{1,}}|{PRICE}(?:[ ,、/]{PRICE}){{2,}}"
)
_YEARS = late(rf"(?:(?:(?:19|20)[0-9]{{2}}[ \-.·]{{0,2}})+|{_LISTED_THINGS})\Z")
_DAY = late(
    r"(?:19|20)[0-9]{2}[ \-/]?[01]?[0-9][ \-/]?[0-3]?[0-9](?:[ \-][0-2]?[0-9]"
    r"(?:[ \-]?[0-5][0-9])?)?\Z"
)
# Behind a cue: fewer than eight digits, one digit again and again, hotlines and days.
_OTHER = f"[^0-9{HAN_DIGITS}]*"
_NO_ORDER = late(
    # A code has few digits, but three letters.
    r"(?!(?=[A-Z0-9]{10,24}\Z)(?:[0-9]{0,8}[A-Z]){3})"
    rf"(?:(?:{_OTHER}{DIGIT}){{0,6}}"
    rf"|{_OTHER}(?P<same>[0-9])(?:{_OTHER}(?P=same))*"
    rf"|{_OTHER}[48]{_OTHER}0{_OTHER}0(?:{_OTHER}{DIGIT}){{0,7}}"
    rf"|{_OTHER}9{_OTHER}5(?:{_OTHER}{DIGIT}){{0,8}}"
    rf"|{_OTHER}1{_OTHER}0{_OTHER}6(?:{_OTHER}{DIGIT}){{0,7}}){_OTHER}\Z"
    rf"|{_DAY.pattern}|(?:{_LISTED_THINGS})\Z"
)
# A phone number behind the cue of a parcel.
_PARCEL = late(r"(?:快递|物流|包裹|邮件|催(?:一?下|促))\Z")
_PARCEL_PHONE = late(rf"{_OTHER}{signs('1')}{_OTHER}{FROM_THREE}(?:{_OTHER}{DIGIT}){{9}}{_OTHER}\Z")

# As papers and contracts are numbered, with letters or a year in brackets: HT(2024)0618-038.
_PAPER = (
    r"(?=[A-Z(〔\[])(?=(?:[A-Za-z()〔〕\[\]/\-_.#第]{0,8}[0-9OI]){6})"
    r"(?:[A-Za-z0-9#]|[(〔\[](?=[0-9A-Z])|[)〕\]第](?=[A-Za-z0-9第\-])"
    r"|[/\-_.]{1,2}(?=[A-Za-z0-9(〔])){8,40}号?"
)
# A case of a court: (2024)浙0106民初3847号.
_CASE = (
    r"[(〔\[]20[0-2][0-9][)〕\]][\u4e00-\u9fff]{0,4}[0-9]{0,4}[\u4e00-\u9fff]{0,4}第?[0-9]{2,8}号"
)
# Groups of letters and digits that blanks part (ADZH 384 CTP 24B 038475).
_BLANKS = "(?=(?:[A-Z ]{0,8}[0-9]){8})[A-Z]{2,8}(?:[ ][0-9A-Z]{2,10}){2,6}"
# In groups, with letters before it and a few within.
_NUMBER = (
    # Numbers of standards are nobody's.
    r"(?P<it>(?!(?:GB|DB|QB|JB|YY|HG|FZ|SN|NY|SB|WS|Q|T|ISO|IEC|EN|UL)(?:/|[ ]?[0-9]{4,5}[.\-]))"
    rf"#?(?:(?:{LETTER}{SOFT}){{1,8}}[/#]?)?"
    rf"(?:[0-9](?:{SOFT_OR_SLASH}{LIKE_DIGIT}|[\-_]?[A-Za-z](?![A-Za-z]{{2}})){{5,30}}"
    rf"(?:(?<=[A-Za-z])|{PLAIN_END})(?:\ufe0f?\u20e3)?(?:[ ][A-Z]{{2}})?|{any_length(7, 31)}"
    rf"|(?=(?:[A-Z]*[0-9]){{4}})[0-9A-Z]{{10,24}}|{_BLANKS}|{_PAPER}|(?:(?<=案号)"
    rf"|(?<=案号[: 是])){_CASE}))"
    "(?![0-9A-Za-z])"
)
# Said of a number that stands some words behind.
_FAR_ORDER = (
    rf"(?:(?:(?:[订定运工]单|流水|(?<![品款商])单)号"
    rf"|(?<![品号款C])编号){FAR}(?=[A-Z]{{1,6}}-?[0-9]{{6}}"
    r"|(?!1[3-9][0-9]{9}(?![0-9])|[49]"
    r"|20[0-2][0-9][01][0-9][0-3][0-9](?:[0-9]{2}){0,3}(?![0-9]))[1-9][0-9]{9,21}(?![0-9])))"
)
_ORDER = late(
    rf"(?P<cue>{_FAR_ORDER}|案号[: 是]?[\u4e00-\u9fff]{{0,8}}(?={_CASE})|"
    r"(?<![A-Za-z])[Oo]rder|单子(?=[: 是]{0,2}(?:[A-Z]*[0-9]){10})|取票[码号]|[订定]单编码"
    r"|[后回保货退修件签寄原]单|(?<![A-Za-z])(?:AWB|DHL|waybill|tracking)|(?<=[团购金子])券"
    r"(?=[号码: ]{0,3}[0-9]{4}[ ]?[0-9]{4})|(?:就诊|诊疗)卡|(?:门诊|住院|病历)号"
    r"|[订定]单(?:编?号码?)?|(?<![产商货]品)(?<!款式)(?<!型号)(?<!C)(?:[单编票案]|单子|[学考])号"
    r"|准考证号?|会员卡号?|[快运](?:递|单)"
    r"(?:编?号码?|单)?|物流(?:编?号|单)?|面单|流水号?|交易号|退款(?:编?号|单)|工单"
    r"|受理(?:编?号|单)?|投诉(?:编?号|单)|(?:取|寄)件码|保单|合同(?:编?号"
    r"|(?=[: ]?[A-Z]{2,5}[/\-(0-9]))|[订定]的(?=[A-Z]{2}[0-9]{4})|案件(?:编?号)?|户号"
    r"|[客用]户(?:编号|号码?)|(?:[水电气]|天然气|燃气)表号|积分卡号?|客票号?|学籍号|会员(?:编号"
    r"|号码?)|回执(?:编?号)?|流水|凭证号?|服务单|催(?:一?下|促)"
    r"|包裹号?|邮件号?|预约号|挂号单?|票号|发票(?:代码|号)?|(?<![品号款C])编号)"
    r"(?:[号码]|No\.?|NO\.?|ID)?(?:就?是|[: 为〔“\"]"
    rf"|,|{OPENS}){{0,4}}{_NUMBER}{NO_UNIT}"
)
_ONE_MORE = late(rf"[和与及、,/ ]{{1,3}}{_NUMBER}{NO_UNIT}")
_ORDER_BEHIND = late(
    rf"{BEFORE}(?P<it>[0-9](?:[ \-]?[0-9]){{9,31}}(?=[ )】]{{0,2}}(?:这个|这笔|这单|[的是为])?"
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
    rf"{'|'.join(row(*name, apart=SOFT) for name in _COURIERS)})(?:[ \-]?[0-9](?:[ \-]?[0-9])"
    rf"{{10,17}}|{ANY}{any_length(11, 18)})(?![0-9A-Za-z])",
    re.IGNORECASE,
)
# Long numbers behind any 号 or 单 but those of goods, once all others are found.
_NUMBERED = late(
    r"(?P<cue>(?<![型货款批班期卷文准利本商产品件条列门楼房栋番季编C])(?:号|单|编号|ID))"
    rf"(?:[号码]|就?是|[: 为〔“\"]|{OPENS}){{0,3}}{NO_TIMES_OR_PRICES}"
    rf"(?=(?:[A-Za-z]{SOFT_OR_SLASH}){{0,8}}(?:{DIGIT}{SOFT_OR_SLASH}[A-Za-z]?){{9}}"
    r"|[A-Z]{2,4}-[0-9]{7})"
    rf"{_NUMBER}{NO_UNIT}(?!\*)"
)
_AMAZON = late(
    r"(?<![0-9A-Za-z])(?:[A-Z]{2}[ ]?[0-9]{3}(?P<part>[ ]?)[0-9]{3}(?P=part)[0-9]{3}[ ]?[A-Z]{2}"
    r"|EMS[0-9]{9,11}CN|EMS[A-Z]{2}[0-9]{9}[A-Z]{2}"
    r"|[A-Z]{1,2}(?:20)?2[0-9](?:0[1-9]|1[0-2])[0-3][0-9](?:-?[0-9]){6,11})(?![0-9A-Za-z])"
    rf"|{BEFORE}[0-9]{{3}}-[0-9]{{7}}-[0-9]{{7}}(?![0-9])"
    # An aeroplane's ticket; 978 and 979 begin books.
    rf"|{BEFORE}(?!97[89]|[48]00)[1-9][0-9]{{2}}-[0-9]{{10}}(?![0-9\-])"
    # Pinduoduo: the day, and what follows.
    rf"|{BEFORE}2[0-9](?:0[1-9]|1[0-2])[0-3][0-9]-[0-9]{{12,16}}(?![0-9])"
)
# Behind a courier, whose numbers may have no letters; and what a device or a car is numbered by.
_COURIER_NAMES = (
    "[申中圆]通|韵达|极兔|百世|邮政|顺丰|德邦|丹鸟|菜鸟|天天|宅急送|安能|跨越|优速|京东"
    "|物流|快[递件运]|包裹|得物|拼多多|淘宝|天猫|抖音|美团|饿了么|唯品会|苏宁|快手|闲鱼|亚马逊|盒马"
)
_DEVICES = (
    "(?<![A-Za-z])(?:IMEI[12]?|MEID|VIN|MAC|UID(?=[ ]?[:是为])|(?:SN"
    "|S/N)(?=[^0-9A-Za-z]{0,3}[0-9]{14}))"
    "|序列号(?=[^0-9A-Za-z]{0,3}[0-9]{14})|串[号码]|[车大]架号|设备号|发动机号"
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
    rf"(?:{_ONE_BY_ONE}"
    r"|(?=(?:[A-Z \-]{0,9}[0-9]){6})[0-9A-Z](?:[ \-]?[0-9A-Z]){14,16}"
    r"|(?:[0-9A-F]{2}[:\-]){5}[0-9A-F]{2}|(?=(?:[A-Z]*[0-9]){3})[0-9A-Z]{7,20})(?![0-9A-Za-z])"
)
_MACHINE = (
    r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9.])"
    r"|(?=(?:[0-9A-F]*:){2})[0-9A-F]{1,4}(?::[0-9A-F]{0,4}){2,7}"
    "(?![0-9A-Za-z])"
)
_THING_CUED = late(
    rf"(?:(?:{_COURIER_NAMES})(?:快[递运件]|速[递运]|物流|信息|包裹|单号)?[的是了: ,]{{0,2}}"
    rf"(?=(?:(?!20[0-9]{{12}})[0-9]{{12,15}}|{_ONE_BY_ONE})(?![ ]?[0-9A-Za-z]){NO_UNIT})"
    rf"|(?:{_DEVICES})(?:[号码]|地址)?[: 是为]{{0,3}}(?={_DEVICE})"
    rf"|(?<![A-Za-z])IP(?![A-Za-z])[^0-9A-Za-z,。;]{{0,8}}(?={_MACHINE})"
    f"|{_CODES}(?:[^0-9A-Za-z\0\n,。;!?发]{{0,6}}|,?我?[念报说]了?[ ]?)(?={_CODE})"
    r"|(?:安全码|CVV2?)[: 是为]{0,3}(?=[0-9]{3}(?![0-9])))"
    rf"(?P<it>{_DEVICE}|{_CODE}|{_MACHINE}|[0-9]{{3}}(?![0-9]))",
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


# So many digits in a row, spelled and no day, are an account or a telephone.
_COUNTING = "|".join(("一二三四", "零一二三", "〇一二三", *(4 * mark for mark in HAN_DIGITS)))
_ROW = late(
    rf"(?<![0-9{HAN_DIGITS}])(?!{_COUNTING}|{row(*map(signs, '20'))}{DIGIT}{{6}}(?!{DIGIT}))"
    rf"{NO_ZERO}(?={HAN_DIGIT})(?:[ \-.·,、]{{0,2}}{HAN_DIGIT}){{7,10}}(?![0-9{HAN_DIGITS}])"
)
LAST_FINDERS = (Finder(_NUMBERED, read_orders), Finder(_ROW, AsKind("qq")))


# The smaller patterns that settle what of a match counts, by the names that `engine.masking` knows.
NUMBER_PARTS: dict[str, re.Pattern[str]] = {
    "no_order": _NO_ORDER,
    "parcel": _PARCEL,
    "parcel_phone": _PARCEL_PHONE,
    "one_more": _ONE_MORE,
    "day": _DAY,
    "years": _YEARS,
}
