"""How numbers are written for readers: the one place that knows digits, signs and separators.

Sentences, tables, figures and notebooks all write through these functions, so a quantity has one
form a language. The forms, by decision: thousands by commas; per cent without a space; a true minus
sign; intervals joined by a word, since a dash beside a sign reads as a minus; a change of tenfold
and more as a multiple.
"""

import math
from datetime import date
from typing import TypeVar

import pandas as pd

from analysis.study.periods import Period

Printed = TypeVar("Printed", bound=str)  # a plain text, or markup that stays markup
_RANGE = {"zh": "{} 至 {}", "en": "{} to {}"}
_FEWER = {"zh": "少于 {}", "en": "fewer than {}"}
_LESS = {"zh": "低于 {}", "en": "less than {}"}
# `strftime` and `calendar` would take the names of the machine's own language.
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_MULTIPLE_FROM = 10  # times as much: from here on a change is told as a multiple
_SMALLEST_MULTIPLE = 0.01
_WHOLE_MULTIPLE_FROM = 100


def is_missing(value: object) -> bool:
    """Say whether a cell is empty.

    Examples
    --------
    >>> is_missing(None), is_missing(float("nan")), is_missing(""), is_missing(0)
    (True, True, True, False)
    """
    if value is None or isinstance(value, str):
        return not value
    return bool(pd.isna(value)) if pd.api.types.is_scalar(value) else False  # type: ignore[call-overload]


def count_text(value: object) -> str:
    """Write a count with thousands separators; an empty cell is a dash.

    Examples
    --------
    >>> count_text(1232056), count_text(12.4), count_text(None)
    ('1,232,056', '12', '–')
    """
    return "–" if is_missing(value) else f"{round(float(value)):,}"  # type: ignore[arg-type]


def about_text(value: object) -> str:
    """Write a count behind the word "about": its last digits would say that it is known.

    Examples
    --------
    >>> about_text(26133), about_text(1499.6), about_text(812)
    ('26,100', '1,500', '812')
    """
    return "–" if is_missing(value) else f"{float(f'{float(value):.3g}'):,.0f}"  # type: ignore[arg-type]


def short_count_text(value: float, language: str, most: float) -> str:
    """Write a count beside an axis: in full, or in thousands and up where the axis ends higher.

    Parameters
    ----------
    most
        Where the axis ends; from 100,000 up its numbers are written short.

    Examples
    --------
    >>> short_count_text(20_000, "zh", 90_000), short_count_text(20_000_000, "zh", 4e7)
    ('20,000', '2,000万')
    >>> short_count_text(20_000_000, "en", 4e7), short_count_text(150_000, "en", 2e5)
    ('20M', '150k')
    """
    if most < 100_000 or not value:
        return count_text(value)
    units = {"zh": ((1e9, 1e8, "亿"), (0, 1e4, "万")),
             "en": ((1e9, 1e9, "bn"), (1e6, 1e6, "M"), (0, 1e3, "k"))}[language]  # fmt: skip
    size, unit = next((size, unit) for least, size, unit in units if most >= least)
    number = round(value / size, 2)
    return f"{int(number):,}{unit}" if number == int(number) else f"{number:,}{unit}"


# From here on a reader is told the size first and the digits beside it.
_ROUNDED_FROM = {"zh": 100_000, "en": 1_000_000}


def rounded_text(value: object, language: str) -> str:
    """Write a large count as one says it; empty where the digits themselves are short enough.

    Examples
    --------
    >>> rounded_text(1232056, "zh"), rounded_text(1232056, "en"), rounded_text(12252, "zh")
    ('123万', '1.23 million', '')
    """
    if is_missing(value) or abs(float(value)) < _ROUNDED_FROM[language]:  # type: ignore[arg-type]
        return ""
    unit, name = (10_000, "万") if language == "zh" else (1_000_000, " million")
    size = float(value) / unit  # type: ignore[arg-type]
    return f"{size:,.0f}{name}" if size >= 100 else f"{size:,.3g}{name}"


def mean_text(value: object) -> str:
    """Write a mean or median of counts: one decimal below ten, where it says something.

    Examples
    --------
    >>> mean_text(0.42), mean_text(3.0), mean_text(551.2)
    ('0.4', '3', '551')
    """
    if is_missing(value):
        return "–"
    number = float(value)  # type: ignore[arg-type]
    is_whole = number >= 9.95 or number == round(number)
    return count_text(number) if is_whole else f"{number:z.1f}"


def share_text(value: object) -> str:
    """Write a fraction in per cent, with the digits that its size can bear.

    One decimal from 10 % up, two below; nothing and everything have none.

    Examples
    --------
    >>> share_text(0.18988), share_text(0.0729), share_text(1), share_text(0), share_text(None)
    ('19.0%', '7.29%', '100%', '0%', '–')
    >>> share_text(0.00002), share_text(0.09999)
    ('<0.01%', '10.0%')
    """
    if is_missing(value):
        return "–"
    share = float(value)  # type: ignore[arg-type]
    if share in (0.0, 1.0):
        return f"{share:z.0%}"
    if 0 < share < 0.00005:
        return "<0.01%"
    digits = 2 if round(share, 4) < 0.1 else 1
    return f"{share:z.{digits}%}"


def quoted_share_text(value: object) -> str:
    """Write a fraction that somebody else printed, with the digits that they printed.

    Examples
    --------
    >>> quoted_share_text(0.1899), quoted_share_text(0.03), quoted_share_text(None)
    ('18.99%', '3%', '–')
    """
    return "–" if is_missing(value) else f"{float(value) * 100:z.6g}%"  # type: ignore[arg-type]


def change_text(value: object) -> str:
    """Write a change as a signed whole percentage, from tenfold on as a multiple.

    Nobody reads +92,386 % as what it is; ×925 says it.

    Examples
    --------
    >>> change_text(0.18), change_text(-0.123), change_text(0.004), change_text(5.03)
    ('+18%', '−12%', '0%', '+503%')
    >>> change_text(11.53), change_text(923.86)
    ('×12.5', '×925')
    """
    if is_missing(value):
        return "–"
    change = float(value)  # type: ignore[arg-type]
    if is_manifold(change):
        return multiple_text(change)
    return signed_text(change * 100, 0) + "%"


def is_manifold(change: float) -> bool:
    """Say whether a change is told as a multiple: an interval is, where its upper end is.

    Examples
    --------
    >>> is_manifold(8.9), is_manifold(9.0)
    (False, True)
    """
    return change + 1 >= _MULTIPLE_FROM


def multiple_text(value: object) -> str:
    """Write a change as a multiple of what there was.

    Examples
    --------
    >>> multiple_text(11.53), multiple_text(-0.62), multiple_text(0.0), multiple_text(-0.9999)
    ('×12.5', '×0.38', '×1.0', '×<0.01')
    """
    if is_missing(value):
        return "–"
    multiple = float(value) + 1  # type: ignore[arg-type]
    if 0 < multiple < _SMALLEST_MULTIPLE:
        return f"×<{_SMALLEST_MULTIPLE}"
    return f"×{multiple:,.{2 if multiple < 1 else 1 if multiple < _WHOLE_MULTIPLE_FROM else 0}f}"


def change_range_text(low: float, high: float, language: str) -> str:
    """Write the interval of a change, both ends in one form.

    Examples
    --------
    >>> change_range_text(-0.2, 0.81, "en"), change_range_text(8.87, 39.3, "zh")
    ('−20% to +81%', '×9.9 至 ×40.3')
    """
    write = multiple_text if is_manifold(high) else change_text
    return range_text(write(low), write(high), language)


def signed_text(value: float, digits: int) -> str:
    """Write a number with its sign; what rounds to nothing has none.

    Examples
    --------
    >>> signed_text(29.4, 1), signed_text(-0.16, 2), signed_text(-0.001, 2)
    ('+29.4', '−0.16', '0.00')
    """
    text = f"{abs(value):,.{digits}f}"
    if not text.strip("0.,"):
        return text
    return ("−" if value < 0 else "+") + text


def p_text(value: object) -> str:
    """Write a p-value with the digits that can matter.

    Examples
    --------
    >>> p_text(0.388), p_text(0.0186), p_text(0.0001), p_text(1.0)
    ('0.39', '0.019', '<0.001', '1.00')
    """
    if is_missing(value):
        return "–"
    p = float(value)  # type: ignore[arg-type]
    if p < 0.001:
        return "<0.001"
    return f"{p:.2f}" if round(p, 3) >= 0.1 else f"{p:.3f}"


def p_equation(value: float) -> str:
    """Write a p-value with its sign of relation, for sentences.

    Examples
    --------
    >>> p_equation(0.018), p_equation(0.0001)
    ('p = 0.018', 'p < 0.001')
    """
    text = p_text(value)
    return f"p < {text[1:]}" if text.startswith("<") else f"p = {text}"


def decimal_text(value: object, digits: int = 2) -> str:
    """Write a coefficient such as an agreement or a rate.

    Examples
    --------
    >>> decimal_text(0.8332), decimal_text(None)
    ('0.83', '–')
    """
    return "–" if is_missing(value) else f"{float(value):z,.{digits}f}"  # type: ignore[arg-type]


def number_text(value: object) -> str:
    """Write a number of unknown kind: whole from 10 up, else four digits.

    Examples
    --------
    >>> number_text(324422.9), number_text(0.18988), number_text(None)
    ('324,423', '0.1899', '–')
    """
    if is_missing(value):
        return "–"
    number = float(value)  # type: ignore[arg-type]
    return f"{number:,.0f}" if abs(number) >= 10 else f"{number:z.4g}"


def range_text(low: Printed, high: Printed, language: str) -> Printed:
    """Join the two written ends of an interval; markup stays markup.

    Examples
    --------
    >>> range_text("1,003", "1,245", "en"), range_text("−3%", "+31%", "zh")
    ('1,003 to 1,245', '−3% 至 +31%')
    """
    return type(low)(_RANGE[language]).format(low, high)  # type: ignore[return-value]


def fewer_text(high: Printed, language: str, *, of_shares: bool = False) -> Printed:
    """Write what is too rare for a number of its own by its written upper end.

    Examples
    --------
    >>> fewer_text("742", "en"), fewer_text("742", "zh"), fewer_text("6.26%", "zh", of_shares=True)
    ('fewer than 742', '少于 742', '低于 6.26%')
    """
    return type(high)((_LESS if of_shares else _FEWER)[language]).format(high)  # type: ignore[return-value]


def day_text(day: object, language: str) -> str:
    """Write a day without its year.

    Examples
    --------
    >>> day_text("2020-06-12", "zh"), day_text("2020-06-12", "en")
    ('6月12日', '12 June')
    """
    when = pd.Timestamp(str(day))
    return f"{when.month}月{when.day}日" if language == "zh" else f"{when.day} {month_name(when)}"


def month_name(day: date) -> str:
    """Write the English name of a month, whatever language the machine is set to.

    Examples
    --------
    >>> month_name(date(2012, 3, 1))
    'March'
    """
    return _MONTHS[day.month - 1]


def month_text(day: date, language: str) -> str:
    """Write a month with its year, short enough for an axis.

    Examples
    --------
    >>> month_text(date(2012, 3, 1), "zh"), month_text(date(2012, 3, 1), "en")
    ('2012年3月', 'Mar 2012')
    """
    return f"{day.year}年{day.month}月" if language == "zh" else f"{month_name(day)[:3]} {day.year}"


def period_text(day: object, period: Period, language: str) -> str:
    """Write a day, the week that begins with it, or the month that does.

    Examples
    --------
    >>> period_text("2018-03-12", "week", "zh"), period_text("2018-03-12", "week", "en")
    ('2018年3月12日当周', 'the week of 12 March 2018')
    >>> period_text("2018-03-01", "month", "zh"), period_text("2018-03-01", "month", "en")
    ('2018年3月', 'March 2018')
    """
    when = date.fromisoformat(str(day)[:10])
    if period == "day":
        return day_text(day, language)
    if period == "month":
        return month_text(when, "zh") if language == "zh" else f"{month_name(when)} {when.year}"
    if language == "zh":
        return f"{when.year}年{when.month}月{when.day}日当周"
    return f"the week of {when.day} {month_name(when)} {when.year}"


def window_text(start: date, end: date, language: str) -> str:
    """Write the window with both its days inside.

    Examples
    --------
    >>> window_text(date(2020, 6, 1), date(2020, 6, 20), "en")
    '1 to 20 June 2020'
    >>> window_text(date(2020, 5, 30), date(2020, 6, 20), "zh")
    '2020年5月30日至6月20日'
    >>> window_text(date(2020, 6, 1), date(2020, 6, 1), "zh")
    '2020年6月1日'
    """
    if start == end and language == "zh":
        return f"{start.year}年{start.month}月{start.day}日"
    if start == end:
        return f"{start.day} {month_name(start)} {start.year}"
    same_year = start.year == end.year
    same_month = same_year and start.month == end.month
    if language == "zh":
        year = "" if same_year else f"{end.year}年"
        month = "" if same_month else f"{end.month}月"
        return f"{start.year}年{start.month}月{start.day}日至{year}{month}{end.day}日"
    month = "" if same_month else f" {month_name(start)}"
    year = "" if same_year else f" {start.year}"
    return f"{start.day}{month}{year} to {end.day} {month_name(end)} {end.year}"


def scale_text(scale: float) -> str:
    """Write the scale of a simulated corpus as a ratio.

    Examples
    --------
    >>> scale_text(0.01), scale_text(1.0)
    ('1:100', '1:1')
    """
    ratio = 1 / scale
    return f"1:{ratio:.0f}" if math.isclose(ratio, round(ratio), rel_tol=1e-6) else f"1:{ratio:.1f}"
