"""What is written on figures can be read: on the canvas, not over another text, large enough.

It is checked on what a page shows, at the width of a telephone, of a report and of a large screen.
"""

import re
from datetime import date, timedelta
from html import unescape
from itertools import combinations

import pandas as pd
import pytest

import analysis as cd
from analysis.plots.inline import draw_inline
from analysis.plots.style import LEAST, NARROW, text_width, theme
from analysis.reporting.figures import _FIGURES, draw_figure

WIDTHS = [NARROW, 7.6, 11]
TEXT = re.compile(r'<text x="(-?\d+)" y="(-?\d+)"( transform[^>]*)?>(.*?)</text>')
GROUP = re.compile(
    r'<g class="[^"]*" font-size="(\d+)"(?: text-anchor="(\w+)")?>(.*?)</g>', re.DOTALL
)


def boxes_of(figure):
    """Give text, size and box in points, from the top, of all that is written straight."""
    svg = draw_inline(figure, "x")
    found = []
    for size, anchor, texts in GROUP.findall(svg):
        points = int(size) / 10
        for x, y, turned, text in TEXT.findall(texts):
            if turned:
                continue
            width = text_width(unescape(text), points) * 72
            left = int(x) / 10 - {"middle": width / 2, "end": width}.get(anchor, 0)
            low = int(y) / 10
            found.append((unescape(text), points, (left, low - 0.72 * points, left + width, low)))
    return found


def faults_of(figure):
    """Name each text that cannot be read."""
    width, height = (side * 72 for side in figure.get_size_inches())
    found = boxes_of(figure)
    assert found
    faults = [f"missing glyph: {text}" for text, _, _ in found if "□" in text]
    for text, size, (left, top, right, low) in found:
        if left < -1 or top < 0 or right > width + 1 or low > height:
            faults.append(f"outside: {text}")
        if figure.is_narrow and size < LEAST:
            faults.append(f"small: {text}")
    for (one, _, a), (other, _, b) in combinations(found, 2):
        if a[0] + 1 < b[2] and b[0] + 1 < a[2] and a[1] + 1 < b[3] and b[1] + 1 < a[3]:
            faults.append(f"overlap: {one} | {other}")
    return faults


def test_the_check_sees_what_it_should():
    figure = cd.plot_grievances(pd.DataFrame({"grievance": ["price"], "items": [3]}), language="en")
    assert faults_of(figure) == []
    with theme():
        figure.text(0.98, 0.02, "beyond the edge", size=8)
        figure.text(0.5, 0.5, "🌹", size=8)
        figure.text(0.51, 0.5, "above", size=8)
    faults = {fault.partition(":")[0] for fault in faults_of(figure)}
    assert faults == {"missing glyph", "outside", "overlap"}


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_figures_of_a_report_can_be_read_at_every_width(tables, study, language, width):
    found = {
        name: faults_of(figure)
        for name in _FIGURES
        if (figure := draw_figure(
            name, tables, study, language, simulated=True, scale=0.01, size=width))
    }  # fmt: skip
    assert len(found) > 15
    assert {name: faults for name, faults in found.items() if faults} == {}


LONG = "自己写的类别代码名称特别特别长一共有整整四十个汉字才算数的那一种说法放在这里"
CODE = "a_code_of_ones_own_with_forty_characters"
UNBROKEN = "x" * 40


def by_day(first, days, items, grievances):
    rows = [
        ((first + timedelta(day)).isoformat(), code, items + day % 7 * max(items // 5, 1))
        for day in range(days)
        for code in grievances
    ]
    return pd.DataFrame(rows, columns=["date", "grievance", "items"])


NUMBERS = [1, 40, 12_345_678]
WINDOWS = [(date(2020, 6, 1), 1), (date(2020, 6, 1), 60), (date(2019, 12, 20), 40)]
HOSTILE_BARS = {
    "plot_grievances": lambda n, look: cd.plot_grievances(
        pd.DataFrame({
            "grievance": [LONG, CODE, UNBROKEN, "price"], "items": [n, max(n // 2, 1), 1, 0],
            "estimate": [n * 1.1, n, None, 0.0], "low": [n * 0.4, n * 0.3, None, 0.0],
            "high": [n * 2.4, n * 2.0, None, 3.0]}), **look),
    "plot_platforms": lambda n, look: cd.plot_platforms(
        pd.DataFrame({"platform": [LONG, UNBROKEN, "得物"], "items": [n, n, 1]}), **look),
    "plot_channels": lambda n, look: cd.plot_channels(
        pd.DataFrame({"channel": [LONG, CODE, "weibo"], "items": [n, n, n],
                      "negative_items": [n, 0, 1]}), **look),
    "plot_funnel": lambda n, look: cd.plot_funnel(
        pd.DataFrame({"step": [CODE, "read"], "posts_in": [n, n], "posts_out": [n, 1],
                      "dropped": [0, n]}), **look),
    "plot_sub_grievances": lambda n, look: cd.plot_sub_grievances(
        pd.DataFrame({"grievance": CODE, "sub_grievance": [f"{CODE}.{CODE}", f"{CODE}.b"],
                      "items": [n, 1]}), CODE, **look),
    "plot_clusters": lambda n, look: cd.plot_clusters(
        pd.DataFrame({"cluster": [0, 1], "label": [LONG, UNBROKEN], "items": [n, 1],
                      "covered": [0.1, 0.9]}), **look),
    "plot_terms": lambda n, look: cd.plot_terms(
        pd.DataFrame({"term": ["快递不送货上门", "价格", "退货"], "share_first": [0.5, 0.0, 0.1],
                      "share_second": [0.1, 0.4, 1.0], "z": [6.1, -5.2, -n]}),
        [LONG[:20], "京东"], **look),
    "plot_cluster_codes": lambda n, look: cd.plot_cluster_codes(
        pd.DataFrame({"cluster": [0, 0, 1], "grievance": ["price", CODE, None],
                      "items": [n, n, n], "share": [1.0, 0.001, 0.5]}),
        pd.DataFrame({"cluster": [0, 1], "label": [LONG, "鲜花·枯萎"], "items": [n, 1]}), **look),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("plot", HOSTILE_BARS)
def test_long_names_and_huge_numbers_can_be_read(plot, width):
    found = {
        (number, language): faults
        for number in NUMBERS
        for language in ("zh", "en")
        if (faults := faults_of(
            HOSTILE_BARS[plot](number, {"size": width, "language": language, "scale": 0.01})))
    }  # fmt: skip
    assert found == {}


HOSTILE_DAYS = {
    "plot_daily": lambda daily, look: cd.plot_daily(daily, **look),
    "plot_trend": lambda daily, look: cd.plot_trend(daily, grievance=CODE, **look),
    "plot_peak_days": lambda daily, look: cd.plot_peak_days(
        daily, CODE, named=sorted(set(daily["date"]))[:4], **look),
    "plot_coverage": lambda daily, look: cd.plot_coverage(
        daily[daily["grievance"] == "all"][["date"]].assign(grade="unfit"), daily, **look),
    "plot_cluster_days": lambda daily, look: cd.plot_cluster_days(
        daily[daily["grievance"] == CODE].assign(cluster=0),
        pd.DataFrame({"cluster": [0], "label": [LONG], "items": [9]}), **look),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("plot", HOSTILE_DAYS)
def test_windows_and_counts_of_any_size_can_be_read(plot, width):
    found = {}
    for first, days in WINDOWS:
        for number in NUMBERS[1:]:
            daily = by_day(first, days, number, ["all", "negative", CODE, LONG, "price"])
            look = {"size": width, "language": "en" if days == 60 else "zh", "scale": 0.01}
            found[first, days, number] = faults_of(HOSTILE_DAYS[plot](daily, look))
    assert {case: faults for case, faults in found.items() if faults} == {}


@pytest.mark.slow
@pytest.mark.parametrize("days", [8, 15, 16, 21, 29, 31, 41])
def test_the_last_date_stands_on_the_canvas_whatever_the_window(days):
    daily = by_day(date(2025, 3, 1), days, 40, ["negative", "price", "delivery", "after_sales"])
    look = {"size": NARROW, "language": "zh"}
    drawn = [cd.plot_daily(daily, **look), cd.plot_trend(daily, grievance="price", **look)]
    assert [faults_of(figure) for figure in drawn] == [[], []]


@pytest.mark.parametrize("months", [4, 12, 24, 300])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_months_of_years_do_not_touch_in_small_panels(months, language):
    firsts = [date(2003 + (2 + n) // 12, (2 + n) % 12 + 1, 1).isoformat() for n in range(months)]
    daily = pd.DataFrame(
        [(first, code, 40) for first in firsts for code in ("negative", "price", "delivery")],
        columns=["date", "grievance", "items"],
    )
    figure = cd.plot_daily(daily, language=language, size=NARROW)
    assert faults_of(figure) == []
    assert all(axes.get_xticklabels() for axes in figure.axes)


def test_dates_of_a_window_across_years_have_their_year():
    daily = by_day(date(2019, 12, 20), 40, 40, ["negative", "price"])
    figure = cd.plot_trend(daily, grievance="price", language="en")
    dates = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert dates[0] == "20 Dec\n2019"
    assert [text for text in dates if "2020" in text] == [dates[2]] and "\n2020" in dates[2]
    within = cd.plot_trend(by_day(date(2020, 6, 1), 40, 40, ["price"]), grievance="price")
    assert all("\n" not in label.get_text() for label in within.axes[0].get_xticklabels())
