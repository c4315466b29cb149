"""Read a time of publication in any form that collectors write, in Asia/Shanghai.

A time without zone is Shanghai wall-clock time; epoch seconds and zoned times are moved there.
Forms without a year (06-12 08:03, 昨天 12:30, 5分钟前) name no day, so they are never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

SHANGHAI_OFFSET = timedelta(hours=8)
FIRST_YEAR, LAST_YEAR = 1995, 2099

# The halves of a day, as China, Taiwan, Japan and Korea write them.
_BEFORE_NOON = ("上午", "凌晨", "清晨", "早晨", "早上", "午前", "오전")
_AFTER_NOON = ("下午", "傍晚", "晚上", "午後", "午后", "오후")
_HALVES = "|".join((*_BEFORE_NOON, *_AFTER_NOON, "中午"))

# A clock time with its zone as it stands in a line, behind a date or alone.
CLOCK = (
    rf"(?:{_HALVES})? ?\d{{1,2}}(?:[:：时時点點]\d{{2}}分?|[时時点點][半整]?)"
    r"(?:[:：]?\d{2}(?:[.,]\d{1,9})?秒?)?"
    rf"(?: ?(?:[AaPp]\.?[Mm]\.?|{_HALVES}))?"
    r"(?: ?[\[(]?(?:Z|(?:UTC|GMT)[+-]\d{1,2}(?::?\d{2})?|UTC|GMT|[+-]\d{2}(?::?\d{2})?)[\])]?)?"
)

_AROUND = "'\"`"
# Marks that nobody sees, as spreadsheets and messengers put them around dates, and digits and signs
# of full width.
_PLAIN = {
    **dict.fromkeys(
        [
            0x200B,
            *range(0x200D, 0x2010),
            *range(0x202A, 0x202F),
            0x2060,
            *range(0x2066, 0x206A),
            0xFEFF,
        ]
    ),
    **{0xFEE0 + byte: byte for byte in b"0123456789-/.:,TZ+"},
}

_LONGEST = 1_000  # characters of a cell that may be a time

ParsedTime = tuple[datetime | None, str]

_DATE = (
    r"(?P<year>\d{4}|\d{2}(?=\s*年))\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})"
    r"\s*[日号.]?"
)
_CLOCK = (
    rf"(?P<half>{_HALVES}|AM|PM)?\s*(?P<hour>\d{{1,2}})\s*"
    r"(?:[:：时点]\s*(?P<minute>\d{1,2}|半)分?"
    r"(?:\s*[:：]?\s*(?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,9}))?秒?)?|[时点][整钟]?)"
    rf"\s*(?P<half_after>[AP]\.?\s?M\.?|{_HALVES})?"
)
_ZONE = (
    r"[\[(]?(?P<zone>Z|(?:UTC|GMT)\s?[+-]\d{1,2}(?::?\d{2})?|UTC|GMT|CST|北京时间|[+-]\d{2}:?\d{2}|\+\d{2})"
    r"(?:(?<=\d) [A-Z]{3,4})?[\])]?"
)
_FARTHEST_ZONE = 14  # hours, of Kiribati
_OFFSET = re.compile(r"(?P<sign>[+-])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?$")
_FULL = re.compile(rf"{_DATE}(?:[\sT,]*{_CLOCK}\s*(?:{_ZONE})?)?", re.IGNORECASE)
_COMPACT = re.compile(
    rf"(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)[\sT]+{_CLOCK}\s*(?:{_ZONE})?",
    re.IGNORECASE,
)
_BASIC = re.compile(
    r"(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)T(?P<hour>\d\d)(?P<minute>\d\d)"
    rf"(?P<second>\d\d)(?:[.,](?P<fraction>\d{{1,9}}))?(?P<half>)(?P<half_after>){_ZONE}?"
)
_MONTH = re.compile(r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*月?")
# A day whose parts may stand in several orders; a year of four digits can only be the last.
_THREE = re.compile(
    rf"(?P<first>\d{{1,2}})(?P<mark>[/.-])\s?(?P<middle>\d{{1,2}})(?P=mark)\s?(?P<last>\d{{4}}|\d{{1,2}})"
    rf"(?:[\s,]+{_CLOCK}\s*(?:{_ZONE})?)?",
    re.IGNORECASE,
)
_ORDERS = {
    "month_first": ("last", "first", "middle"),
    "day_first": ("last", "middle", "first"),
    "year_first": ("first", "middle", "last"),
}
UNTOLD = "day and month cannot be told apart"
# Years of two digits are of this century up to 68, as POSIX has it, and posts are of these years.
_FIRST_OF_1900 = 69
_LIKELY_YEARS = range(2005, 2036)
_NEARLY_ALL = 0.95  # of the dates of a column
_FAR_APART, _TIMES_FARTHER = timedelta(days=300), 3
_FEWEST_DAYS = 3  # that tell something of their column
# A day in digits alone, which only its column tells from any other number.
_SIX, _MARKED, _BARE = re.compile(r"^(\d\d)(\d\d)(\d\d)\Z"), r"\1/\2/\3", "bare_"
_MONTH_OF_YEAR = re.compile(r"20\d\d(?:0[1-9]|1[0-2])")
_ENGLISH = re.compile(
    r"(?:[A-Z][a-z]{2} )?(?P<name>[A-Z][a-z]{2}) +(?P<day>\d{1,2}) (?P<clock>\d\d:\d\d:\d\d) "
    r"(?P<zone>[+-]\d{4}) (?P<year>\d{4})"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NAME = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    r"Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_NAMED = re.compile(
    rf"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\.?,? )?"
    rf"(?:(?P<name>{_NAME}) (?P<day>\d{{1,2}})|"
    rf"(?P<day_before>\d{{1,2}})[- ](?P<name_behind>{_NAME}))"
    rf"(?:st|nd|rd|th)?(?:,? |-)(?P<year>\d{{4}}|(?<=-)\d{{2}})"
    rf"(?:,?\s+(?:at )?{_CLOCK}\s*(?:{_ZONE})?)?",
    re.IGNORECASE,
)
_DAY_OF_YEAR = re.compile(r"\d{1,2}[-/.月]\d{1,2}(?:日|号|(?=\s)|$)")
_NO_YEAR = re.compile(
    r"刚刚|今天|昨天|前天|[前内]$|ago$|^\d{1,2}[-/.月]\d{1,2}日?(\s|$)|^\d{1,2}:\d\d(:\d\d)?$"
)
# 2020, 2020年6月, 20200601, 2020-06-01; no model of 2019款.
_YEAR_IN_NAME = re.compile(
    r"(?<!\d)(20\d\d)(?:[-_./年]?(0[1-9]|1[0-2]|[1-9](?=[-_./月]))(?:[-_./月]?[0-3]?\d)?)?"
    r"(?![\d款])"
)
_MONTHS_BEHIND = 3  # a name that tells a month may be that of the first post
_POINTED, _MAY_LACK_ZERO = re.compile(r"\d{1,2}\.\d{1,2}"), re.compile(r"\.[123]$")
_TENTH = re.compile(r"\.[123]0$")
_PREFIX = re.compile(
    r"^(Reviewed in .{2,30} on|"
    r"(?:发布|发表|编辑|评论|评价|点评|回复|创建|投诉|提交|反馈|来电)?(?:于|时间|日期)|at)\s*[:：]?\s*"
)
_SUFFIX = re.compile(r"\s*(更新于?|编辑于?|发布|发表|提交|点评|追评|已购[:：].*)$", re.DOTALL)
# Where a site knows the writer to be stands behind the date there; other words are a text's.
_PLACE = re.compile(
    r"(?:\s+|\s*[・·•]\s*)(?:来自\s*\S.{0,30}|IP\s?属地\s?[:：]?\s*[\u4e00-\u9fff]{2,4}|(?:中国)?(?:北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江"
    r"|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏"
    r"|新疆|香港|澳门)|美国|日本|韩国|英国|加拿大|澳大利亚|新加坡|马来西亚|泰国|德国|法国)$"
)
_CHINA = re.compile(r"(?<=[\d ])CST(?= |$)")
_WEEKDAY = re.compile(
    r"[\s(（]*(?:(?:星期|周|週|礼拜|禮拜)[一二三四五六日天]|[月火水木金土日]曜日|[월화수목금토일]요일)[)）]?"
    r"|\s?[(（](?:[月火水木金土日一二三四五六월화수목금토일]|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\.?)[)）]"
)
_DOT_NET = re.compile(r"/Date\((\d+)(?:[+-]\d{4})?\)/")

# What East Asia writes in a date beside digits: its own words, numerals, and years of an era.
_WORDS = {
    ord(sign): plain for sign, plain in zip("時點號년월일–−‐", "时点号年月日---", strict=True)
}
_ERAS = {"令和": 2018, "平成": 1988, "民國": 1911, "民国": 1911}
_ERA = re.compile(r"(?:中[華华])?(令和|平成|民[國国])\s*(元|\d{1,3})(?=\s*[年./-])")
_REPUBLIC = re.compile(r"1[0-3]\d(?=[-/.]\d{1,2}[-/.]\d{1,2}(?:\D|$))")
_DIGITS = {sign: str(value) for value, signs in enumerate(
    ("〇○零", "一", "二", "三", "四", "五", "六", "七", "八", "九")) for sign in signs}  # fmt: skip
_NUMERAL = re.compile(rf"[{''.join(_DIGITS)}十廿]+(?=[年月日号时点分秒])")
_HALF = re.compile(r"\b[ap]\.?m\b", re.IGNORECASE)
_PLAIN_NUMBER = re.compile(r"\d+(\.\d+)?")


def parse_time(text: str, *, order: str | None = None, year: int | None = None) -> ParsedTime:
    """Read one time of publication.

    Parameters
    ----------
    order
        ``"month_first"``, ``"day_first"`` or ``"year_first"`` where the file writes 06/12/20, the
        same behind ``"bare_"`` where it writes 061220; None refuses such a cell unless only one
        reading is a date of the years that posts have.
    year
        That of dates without one, as 06-12; None refuses them.

    Returns
    -------
    tuple
        Shanghai wall-clock time and its precision (second, minute, day, month), or None and the
        reason in plain words.

    Examples
    --------
    >>> parse_time("2020年6月12日 08:03")
    (datetime.datetime(2020, 6, 12, 8, 3), 'minute')
    >>> parse_time("1591920180000")
    (datetime.datetime(2020, 6, 12, 8, 3), 'second')
    >>> parse_time("06-12 08:03")
    (None, 'the time has no year')
    >>> parse_time("06-12 08:03", year=2020)
    (datetime.datetime(2020, 6, 12, 8, 3), 'minute')
    """
    if len(text) > _LONGEST:
        return None, "no time can be read"
    cleaned = _clean(text)
    if order is not None and order.startswith(_BARE):
        cleaned, order = _SIX.sub(_MARKED, cleaned), order.removeprefix(_BARE)
    if year is not None and _DAY_OF_YEAR.match(cleaned):
        cleaned = f"{year}年{cleaned}"
    if _PLAIN_NUMBER.fullmatch(cleaned):
        return _check_range(_from_number(cleaned))
    for pattern, read in _FORMS:
        match = pattern.fullmatch(cleaned)
        if match:
            return _check_range(_guarded(read, match))
    match = _THREE.fullmatch(cleaned)
    if match:
        return _check_range(_guarded(lambda found: _from_three(found, order), match))
    if len(cleaned) <= 20 and _NO_YEAR.search(cleaned):
        return None, "the time has no year"
    return _check_range(_from_mail(cleaned))


def _clean(text: str) -> str:
    """Return a cell as the forms have it: no marks around, no words of a site, digits alone."""
    bare = text.translate(_PLAIN).strip().strip(_AROUND).strip()
    bare = _SUFFIX.sub("", _PREFIX.sub("", bare))
    # Mail, and so Python, takes China's CST for that of Chicago.
    cleaned = _CHINA.sub("+0800", _PLACE.sub("", _WEEKDAY.sub("", bare)))
    if not cleaned.isascii():
        cleaned = _NUMERAL.sub(_in_digits, cleaned.translate(_WORDS))
        return _ERA.sub(_of_era, cleaned)
    if cleaned.startswith("/Date("):
        return _DOT_NET.sub(r"\1", cleaned)
    if _REPUBLIC.match(cleaned):  # Taiwan counts from 1911, and no other year has three digits
        return str(int(cleaned[:3]) + _ERAS["民國"]) + cleaned[3:]
    return cleaned


def _of_era(match: re.Match[str]) -> str:
    return str(_ERAS[match[1]] + (1 if match[2] == "元" else int(match[2])))


def _in_digits(match: re.Match[str]) -> str:
    """Write 二〇二〇 and 二十一 in digits."""
    numeral = match[0].replace("廿", "二十")
    tens, ten, ones = numeral.partition("十")
    if not ten:
        return "".join(_DIGITS[sign] for sign in numeral)
    if not {tens, ones} <= {"", *_DIGITS}:
        return match[0]
    return _DIGITS.get(tens, "1") + _DIGITS.get(ones, "0")


def find_order(cells: Iterable[str]) -> str | None:
    """Return the order of day, month and year that a column's dates show.

    It is the one in which each of them is a date, or nearly each where none makes dates of all.
    Where several are, years that posts have decide, and then the days: in the wrong order those of
    one month lie years apart, or months apart and all on one day of the month. Nothing tells 06/05
    from 05/06, nor the days of January from the first days of the months, which names no order.
    Six digits alone are dates where hardly anything else stands in the column.

    Examples
    --------
    >>> find_order(["06/05/2020", "06/13/2020"]), find_order(["13/06/2020"])
    ('month_first', 'day_first')
    >>> find_order(["20/06/24", "20/06/25"]), find_order(["24/06/20", "25/06/20"])
    ('year_first', 'day_first')
    >>> find_order(["6/1/20", "6/2/20", "6/3/20"]), find_order(["200601", "200602", "200630"])
    ('month_first', 'bare_year_first')
    >>> find_order(["06/05/2020"]) is None, find_order(["2020-06-13"]) is None
    (True, True)
    """
    cleaned = [_clean(cell) for cell in cells if len(cell) <= _LONGEST]
    bare = {cell for cell in cleaned if _SIX.fullmatch(cell)}
    number = sum(cell in bare for cell in cleaned)
    if len(bare) >= _FEWEST_DAYS and number >= _NEARLY_ALL * len(cleaned):
        # 200601 may be a month of 2006.
        is_month = all(_MONTH_OF_YEAR.fullmatch(cell) for cell in bare)
        days = [_SIX.sub(_MARKED, cell) for cell in bare]
        order = None if is_month else _order_of(days)
        read = [parse_time(day, order=order)[0] for day in days] if order else []
        return _BARE + order if order and _are_likely([day for day in read if day]) else None
    return _order_of(cleaned)


def _order_of(cleaned: Iterable[str]) -> str | None:
    matches = map(_THREE.fullmatch, cleaned)
    read = [days for days in (_read_orders(match) for match in matches if match) if days]
    every = {order: sorted(days[order] for days in read if order in days) for order in _ORDERS}
    is_exact = any(len(days) == len(read) for days in every.values())
    fewest = len(read) * (1 if is_exact else _NEARLY_ALL)
    found = {order: days for order, days in every.items() if days and len(days) >= fewest}
    likely = {order for order, days in found.items() if _are_likely(days)}
    found = {order: days for order, days in found.items() if not likely or order in likely}
    if "year_first" in found and len(found) > 1:
        spans = {order: _span(days) for order, days in found.items()}
        own, other = spans.pop("year_first"), min(spans.values())
        if other >= max(_FAR_APART, own * _TIMES_FARTHER):
            return "year_first"
        if own >= max(_FAR_APART, other * _TIMES_FARTHER):
            del found["year_first"]
    if len(found) > 1 and "year_first" not in found:
        found = {order: days for order, days in found.items() if _are_of_a_month(days)}
    return next(iter(found)) if len(found) == 1 else None


def _are_of_a_month(days: list[datetime]) -> bool:
    """Tell whether the days of one month differ, whose number is the day of months otherwise.

    What happens on the first of each month is written 1/1, 1/2, 1/3, too.
    """
    months = {(day.year, day.month) for day in days}
    return len(months) == 1 and days[0].month != 1 and len(set(days)) >= _FEWEST_DAYS


def _are_likely(days: list[datetime]) -> bool:
    return sum(day.year in _LIKELY_YEARS for day in days) >= _NEARLY_ALL * len(days)


def _span(days: list[datetime]) -> timedelta:
    """Return how far most days lie apart; a few may be slips."""
    slips = int((1 - _NEARLY_ALL) * len(days))
    return days[-1 - slips] - days[slips]


def find_year(cells: Sequence[str], names: Iterable[str]) -> int | None:
    """Return the year that names give to dates which all lack theirs; None where none does."""
    named = next(filter(None, map(_YEAR_IN_NAME.findall, names)), [])
    if len({year for year, _ in named}) != 1 or not _are_days_of_year(cells):
        return None
    year = int(named[0][0])
    days = [parse_time(cell, year=year)[0] for cell in cells]
    if year not in _LIKELY_YEARS or None in days:
        return None
    # Exported on 5 January 2021, posts of December are of the year before.
    months = [int(month) for _, month in named if month]
    latest = max(day.month for day in days if day is not None)
    return year if not months or latest <= max(months) + _MONTHS_BEHIND else None


def is_day_of_year(cell: str) -> bool:
    """Tell whether a cell is a month and a day, and no year."""
    return _DAY_OF_YEAR.match(_clean(cell)) is not None


def _are_days_of_year(cells: Sequence[str]) -> bool:
    """Tell whether all cells are month and day, and no number that has lost its last zero.

    A spreadsheet shows 6.10 as 6.1: where no tenth, twentieth or thirtieth stands among dates with
    a point, the first, second and third may be those.
    """
    cleaned = [_clean(cell) for cell in cells]
    if not cleaned or not all(map(_DAY_OF_YEAR.match, cleaned)):
        return False
    pointed = [cell for cell in cleaned if _POINTED.fullmatch(cell)]
    return not any(map(_MAY_LACK_ZERO.search, pointed)) or any(map(_TENTH.search, pointed))


def find_short_date(cell: str) -> str | None:
    """Return a date that the order of its column alone tells; None for any other."""
    cleaned = _clean(cell) if len(cell) <= _LONGEST else ""
    if _SIX.fullmatch(cleaned):
        return cleaned
    match = _THREE.fullmatch(cleaned)
    if match is None or (len(match["last"]) == 4 and len({*_read_orders(match).values()}) < 2):
        return None
    return match["mark"].join((match["first"], match["middle"], match["last"]))


def _read_orders(match: re.Match[str]) -> dict[str, datetime]:
    """Return the day that each order makes of three numbers, where it makes one."""
    read = {}
    for order, (year, month, day) in _ORDERS.items():
        digits = len(match[year])
        # Who writes points begins with the day or the year.
        if digits == 1 or (order == "month_first" and match["mark"] == "."):
            continue
        number = int(match[year])
        if digits == 2:
            number += 1900 if number >= _FIRST_OF_1900 else 2000
        elif order == "year_first":
            continue
        try:
            read[order] = datetime(number, int(match[month]), int(match[day]))
        except ValueError:
            continue
    return read


def _check_range(parsed: ParsedTime) -> ParsedTime:
    moment = parsed[0]
    if moment is not None and not FIRST_YEAR <= moment.year <= LAST_YEAR:
        return None, f"the year {moment.year} lies outside {FIRST_YEAR}-{LAST_YEAR}"
    return parsed


def _guarded(read: object, match: re.Match[str]) -> ParsedTime:
    try:
        return read(match)  # type: ignore[operator, no-any-return]
    except (ValueError, OverflowError):
        return None, "no such date or time"


def _from_parts(match: re.Match[str]) -> ParsedTime:
    parts = match.groupdict()
    year = int(parts["year"]) + (2000 if len(parts["year"]) == 2 else 0)
    day = datetime(year, int(parts["month"]), int(parts["day"]))
    if parts["hour"] is None:
        return day, "day"
    return _shift_zone(day + _clock(parts), parts.get("zone")), _clock_precision(parts)


def _clock(parts: dict[str, str | None]) -> timedelta:
    minute = 30 if parts["minute"] == "半" else int(parts["minute"] or 0)
    hour = int(parts["hour"] or 0)
    second = int(parts["second"] or 0)
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError
    half = (parts["half"] or parts["half_after"] or "").upper().replace(".", "").replace(" ", "")
    if half in (*_AFTER_NOON, "PM") and hour < 12:
        hour += 12
    elif half in (*_BEFORE_NOON, "AM") and hour == 12:
        hour = 0
    micro = int((parts["fraction"] or "0").ljust(6, "0")[:6])
    return timedelta(hours=hour, minutes=minute, seconds=second, microseconds=micro)


def _clock_precision(parts: dict[str, str | None]) -> str:
    return "minute" if parts["second"] is None else "second"


def _shift_zone(moment: datetime, zone: str | None) -> datetime:
    if zone is None or zone.upper() in (
        "CST",
        "北京时间",
    ):  # China Standard Time in every export met
        return moment
    behind = _OFFSET.search(zone)
    if behind is None:
        return moment + SHANGHAI_OFFSET
    hours, minutes = int(behind["hours"]), int(behind["minutes"] or 0)
    if hours > _FARTHEST_ZONE or minutes > 59:
        raise ValueError
    offset = timedelta(hours=hours, minutes=minutes)
    return moment - (offset if behind["sign"] == "+" else -offset) + SHANGHAI_OFFSET


def _from_month(match: re.Match[str]) -> ParsedTime:
    return datetime(int(match["year"]), int(match["month"]), 1), "month"


def _from_english(match: re.Match[str]) -> ParsedTime:
    text = f"{match['day']} {match['name']} {match['year']} {match['clock']}"
    moment = datetime.strptime(text, "%d %b %Y %H:%M:%S")
    return _shift_zone(moment, match["zone"]), "second"


def _from_named(match: re.Match[str]) -> ParsedTime:
    """Read a date with the name of its month, as English shops and Oracle write it."""
    parts = match.groupdict()
    month = _MONTHS.index((parts["name"] or parts["name_behind"])[:3].title()) + 1
    year = int(parts["year"]) + (2000 if len(parts["year"]) == 2 else 0)
    day = datetime(year, month, int(parts["day"] or parts["day_before"]))
    if parts["hour"] is None:
        return day, "day"
    return _shift_zone(day + _clock(parts), parts["zone"]), _clock_precision(parts)


_FORMS = (
    (_FULL, _from_parts),
    (_COMPACT, _from_parts),
    (_BASIC, _from_parts),
    (_MONTH, _from_month),
    (_ENGLISH, _from_english),
    (_NAMED, _from_named),
)


def _from_mail(text: str) -> ParsedTime:
    if _HALF.search(text):  # mail knows none, and would take the afternoon for the morning
        return None, "no time can be read"
    try:
        moment = parsedate_to_datetime(text)
        offset = moment.utcoffset()
        naive = moment.replace(tzinfo=None)
        return (naive if offset is None else naive - offset + SHANGHAI_OFFSET), "second"
    except (ValueError, TypeError, IndexError, OverflowError):
        return None, "no time can be read"


def _from_three(match: re.Match[str], order: str | None) -> ParsedTime:
    if len(match["first"]) == len(match["last"]) == 1:
        return None, "no time can be read"
    read = _read_orders(match)
    if order is None:
        days = {day for day in read.values() if day.year in _LIKELY_YEARS} or {*read.values()}
    else:
        days = {read[order]} if order in read else set()
    if len(days) != 1:
        return None, UNTOLD if days else "no such date or time"
    [day] = days
    parts = match.groupdict()
    if parts["hour"] is None:
        return day, "day"
    return _shift_zone(day + _clock(parts), parts["zone"]), _clock_precision(parts)


def _from_number(text: str) -> ParsedTime:
    whole, _, fraction = text.partition(".")
    digits = len(whole)
    try:
        if digits in (8, 12, 14) and whole[:2] in ("19", "20"):
            form = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}[digits]
            precision = {8: "day", 12: "minute", 14: "second"}[digits]
            return datetime.strptime(whole, form), precision
        if digits in (9, 10, 13, 16, 19):
            whole = whole[:16]
            scale = {9: 1, 10: 1, 13: 1000, 16: 1_000_000}[len(whole)]
            micro = int(whole) * (1_000_000 // scale) + int(fraction.ljust(6, "0")[:6]) // scale
            return datetime(1970, 1, 1) + timedelta(microseconds=micro) + SHANGHAI_OFFSET, "second"
        if digits == 5:
            return _from_excel_serial(int(whole), float(f"0.{fraction or 0}"), bool(fraction))
    except (ValueError, OverflowError):
        return None, "no such date or time"
    return None, "a number that is no time"


def _from_excel_serial(day: int, part: float, has_clock: bool) -> ParsedTime:
    moment = datetime(1899, 12, 30) + timedelta(days=day, seconds=round(part * 86400))
    return moment, "second" if has_clock and part else "day"
