import csv
import hashlib
import os
import re
import subprocess
import sys
import warnings
from datetime import date, timedelta
from io import StringIO
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest

from analysis.errors import CaodianError
from analysis.measures.quantities import read_rows
from analysis.plots.frame import blank_figure, render
from analysis.plots.style import NARROW, drawable
from analysis.reporting.figures import (
    _FIGURES,
    draw_figure,
    read_figure_data,
    redraw_figure,
    save_figure,
)
from analysis.reporting.report import asset
from analysis.study.load import study_of_range
from analysis.study.periods import period_start
from analysis.words import load_words


def test_counts_beside_a_withheld_one_are_whole_numbers(tmp_path):
    figure = blank_figure(1.0)
    figure.table = pd.DataFrame(
        {"items": [355.0, None], "share": [1.0, None], "families": [1.5, None], "odd": [-0.0, None]}
    )
    save_figure(figure, tmp_path / "a.svg")
    told = (tmp_path / "a.csv").read_text().splitlines()
    assert told == ["items,share,families,odd", "355,1.0,1.5,0.0", ",,,"]


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_figure_is_saved_with_its_data_and_words(drawn, language):
    figures = drawn.figures[language]
    assert [figure.name for figure in figures] == list(_FIGURES)
    for figure in figures:
        assert figure.png.read_bytes().startswith(b"\x89PNG")
        assert ElementTree.fromstring(figure.svg.read_bytes()).tag.endswith("}svg")
        assert len(pd.read_csv(figure.csv)) > 0
        assert any(digit in figure.alt for digit in "123456789"), figure.name
        words = figure.title + figure.alt + figure.caption
        assert drawable(words) == words


def said(drawing):
    """What a figure says, at its marks and in its words."""
    marks = [(mark.texts, [tuple(map(float, place)) for place in mark.places])
             for mark in drawing.readings]  # fmt: skip
    return drawing.title, drawing.caption, drawing.alt, marks


@pytest.mark.slow
@pytest.mark.parametrize("name", list(_FIGURES))
def test_a_figure_drawn_from_its_csv_is_the_one_drawn_from_the_tables(drawn, name):
    tables, study = drawn.tables, drawn.study
    of_tables = draw_figure(name, tables, study, "zh", simulated=True, scale=0.01)
    svg = (drawn.folder / f"{name}.zh.svg").read_bytes()
    assert render(of_tables, "svg") == svg  # the file is drawn from the CSV
    data = read_rows(drawn.folder / f"{name}.csv")
    for language, size in (("en", None), ("zh", NARROW)):
        facts = {"simulated": True, "scale": 0.01, "size": size}
        one = draw_figure(name, tables, study, language, **facts)
        assert said(redraw_figure(name, data, study, language, **facts)) == said(one)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(_FIGURES))
def test_every_column_of_a_csv_stands_in_the_data_dictionary(drawn, name):
    with (drawn.folder / f"{name}.csv").open(encoding="utf-8") as rows:
        columns = next(csv.reader(rows))
    dictionary = (Path(__file__).parents[2] / "docs" / "data-dictionary.md").read_text("utf-8")
    assert [one for one in columns if f"| `{one}` |" not in dictionary] == []


SAVED = "date,items,label\n2020-06-01,3,退款\n2020-06-02,,短信\n"


@pytest.mark.parametrize(
    "saved",
    [
        SAVED.encode(),
        SAVED.encode("utf-8-sig"),
        SAVED.replace("\n", "\r\n").encode("gb18030"),
        SAVED.encode("big5"),
        SAVED.replace(",", "\t").encode("utf-16"),
        SAVED.replace(",", ";").encode(),
        SAVED.replace("-", "/").replace("/0", "/").encode("gb18030"),
        SAVED.replace("2020-06-01", "43983").replace("2020-06-02", "2020年6月2日").encode(),
        (SAVED.replace("\n", ",,\n") + ",,,,\n\n").encode(),
        SAVED.replace("2020-06-01,3", '"2020-06-01","3"').encode(),
    ],
    ids=[
        "as-written", "mark", "gb18030", "big5", "utf-16-tabs", "semicolons", "slashes",
        "other-dates", "empty-cells-and-rows", "quotes",
    ],
)  # fmt: skip
def test_data_saved_by_a_spreadsheet_are_read_as_they_were(saved, tmp_path):
    path = tmp_path / "saved.csv"
    path.write_bytes(saved)
    pd.testing.assert_frame_equal(read_figure_data(path), read_rows(StringIO(SAVED)))


@pytest.mark.parametrize("label", ["双", "得物", "鑫淼焱垚"])
def test_few_characters_are_enough_to_know_gb18030(label, tmp_path):
    path = tmp_path / "saved.csv"
    path.write_bytes(f"label,items\n{label},3\n".encode("gb18030"))
    assert read_figure_data(path)["label"].tolist() == [label]


def test_parts_of_a_file_are_placed_by_columns_of_their_own(tmp_path):
    path = tmp_path / "sentiment.csv"
    path.write_text("cutoff,date,items\n0.5,,3\n,2020-06-01,4\n", "utf-8")
    assert read_figure_data(path)["items"].tolist() == [3, 4]


@pytest.mark.parametrize("label", ["é", "café – 双", "NA", "“x”"])
def test_utf_8_stays_what_it_is(label, tmp_path):
    path = tmp_path / "saved.csv"
    path.write_text(f"label,items\n{label},3\n", "utf-8")
    assert read_figure_data(path)["label"].tolist() == [label]


@pytest.mark.parametrize(
    ("saved", "told"),
    [
        ("date,items\n2020-06-01,some\n", r"'some' \(.*saved.csv, row 2, column items\)"),
        ("date,items\n2020-06-01,3\n2020-06-02,12%\n", "'12%'.*row 3, column items"),
        ("date,items\n2020-06-01,1_0\n", "'1_0'.*row 2, column items"),
        ("date,items\n2020-06-01,inf\n", "'inf'.*row 2, column items"),
        ("date,items\n2020-06-01,３\n", "'３'.*row 2, column items"),
        ("date,items\n2020-02-30,3\n", "'2020-02-30'.*row 2, column date"),
        ("date,items\n6/1/2020,3\n", "'6/1/2020'.*row 2, column date"),  # or 6 January
        ("date,items\n2020-06,3\n", "'2020-06'.*row 2, column date"),
        ("date,items\n,3\n", "column date must hold a day.*row 2, column date"),
        ("date,holds\n2020-06-01,maybe\n", "'maybe'.*row 2, column holds"),
        ('date,items\n2020-06-01,"3\n', "quote.*row 2"),
        ('date,items\n2020-06-01,"3"x\n', "quote.*row 2"),
        ("date,items\n2020-06-01\n", "1 cells.*row 2"),
        ("date,items\n2020-06-01,1,234\n", "3 cells.*row 2"),
        ("date,date\n2020-06-01,3\n", "found 'date'.*row 1"),
        ("", "no columns"),
        ("\n\n", "no columns"),
    ],
)
def test_data_that_cannot_be_read_are_refused_with_their_place(saved, told, tmp_path):
    path = tmp_path / "saved.csv"
    path.write_text(saved, "utf-8")
    with pytest.raises(CaodianError, match=told) as refused:
        read_figure_data(path)
    assert "saved.csv" in str(refused.value) and "caodian report" in str(refused.value)


# What is drawn, or told in the headline, of what another table says.
JOINED = [
    ("grievances", "published_scaled", 9.0), ("grievances", "estimate", 9.0),
    ("daily_negatives", "verdict", "growth"),
    ("live_streaming_by_day", "claim_verdict", "recovered"),
    ("live_streaming_by_day", "is_named_in_claim", False), ("sms_by_day", "verdict", "no_trend"),
    ("sms_by_day", "low", -0.9), ("sentiment", "negative", 0.3), ("red_envelopes", "planted", 1.0),
    ("price_strands", "carriers", 1), ("platforms", "carriers", 1), ("channels", "items", 99999),
    ("funnel", "posts_out", 7), ("collection_coverage", "items", 7), ("clusters", "covered", 0.0),
    ("cluster_days", "label", "名"), ("cluster_codes", "label", "名"),
    ("specifications", "growth", 0.07), ("campaigns", "form", "fewer"), ("event_days", "ratio", 2),
    ("terms_by_stars", "first", "4"), ("ratings", "negative_items", 1),
    ("collection_hours", "items", 3),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("name", "column", "value"), JOINED)
def test_what_is_changed_in_the_csv_is_shown(drawn, name, column, value):
    data = read_rows(drawn.folder / f"{name}.csv")
    assert column in data
    look = {"simulated": True, "scale": 0.01}
    before = redraw_figure(name, data, drawn.study, "en", **look)
    changed = redraw_figure(name, data.assign(**{column: value}), drawn.study, "en", **look)
    assert render(changed, "svg") != render(before, "svg")


@pytest.mark.parametrize(
    "word", ["a--b", "-->x", "\x0b\x00", "\u202e", "<&>", "\ufffe", "]]>", "-"]
)
def test_a_drawing_is_xml_whatever_word_stands_in_it(word):
    figure = blank_figure(1.0, 2.0)
    figure.text(0.1, 0.5, drawable(word))
    assert ElementTree.fromstring(render(figure, "svg")).tag.endswith("}svg")


@pytest.mark.slow
def test_simulated_data_are_named_on_the_figure_itself(tables, study):
    for name in _FIGURES:
        drawing = draw_figure(name, tables, study, "zh", simulated=True, scale=0.01)
        assert any("模拟数据" in text.get_text() for text in drawing.texts), name
        real = draw_figure(name, tables, study, "zh", simulated=False, scale=1.0)
        assert not any("模拟数据" in text.get_text() for text in real.texts), name


def test_published_values_are_drawn_at_the_scale_of_the_corpus(tables, study, tmp_path):
    drawing = draw_figure("grievances", tables, study, "zh", simulated=True, scale=0.01)
    rows = drawing.table.set_index("grievance")
    assert rows.loc["live_streaming", "published_scaled"] == pytest.approx(1123.84)
    assert rows.loc["platform:得物", "published_scaled"] == pytest.approx(87.35)
    labels = [text.get_text() for text in drawing.axes[0].get_yticklabels()]
    say = load_words("zh")
    told = {say.label(code) for code in rows.index if code not in {"all", "negative"}}
    assert set(labels) == told - {"platform:得物"} | {"点名得物（不论类别）"}
    assert len(labels) == len(told)


def test_the_named_days_of_live_streaming_come_from_the_claims(tables, study):
    drawing = draw_figure("live_streaming_by_day", tables, study, "zh", simulated=True, scale=0.01)
    named = drawing.table.loc[drawing.table["is_named_in_claim"], "date"].tolist()
    assert named == ["2020-06-12", "2020-06-17"]


def test_a_run_without_audit_or_published_figures_is_drawn_as_counts(tables, study):
    bare = study_of_range("reviews", study.window.start, study.window.end, [])
    counts = tables["counts"].assign(estimate=None, low=None, high=None, published=None)
    drawing = draw_figure(
        "grievances", {"counts": counts}, bare, "en", simulated=False, scale=1.0
    )  # fmt: skip
    assert "no audit" in drawing.caption


@pytest.mark.slow
@pytest.mark.parametrize("called", ["x" * 240, "投诉" * 40, "a b " * 60])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_file_of_any_name_leaves_its_source_line_on_the_figure(tables, study, called, language):
    bare = study_of_range("x", study.window.start, study.window.end, [], (called, called))
    drawing = draw_figure("grievances", tables, bare, language, simulated=False, scale=1.0)
    box = drawing.bbox
    for text in drawing.texts:
        drawn = text.get_window_extent()
        assert box.x0 <= drawn.x0 and drawn.x1 <= box.x1, text.get_text()


@pytest.mark.parametrize("name", list(_FIGURES))
def test_no_data_gives_no_figure(name, study):
    empty = {
        "counts": pd.DataFrame(columns=["grievance", "items", "published"]),
        "daily": pd.DataFrame(columns=["date", "grievance", "items", "families", "grade"]),
    }
    assert draw_figure(name, empty, study, "zh", simulated=False, scale=1.0) is None


@pytest.mark.proof
@pytest.mark.slow
def test_the_same_tables_give_the_same_bytes_in_another_process(drawn, tmp_path):
    script = (
        "import runpy, sys, pathlib\n"
        f"made = runpy.run_path({str(Path(__file__).parents[1] / 'conftest.py')!r})\n"
        "from analysis.measures.published import judge_claims\n"
        "from analysis.reporting.figures import draw_figures\n"
        "tables, study = made['build_tables'](), made['build_study']()\n"
        "tables['claims'] = judge_claims(study, tables, simulated=True, scale=0.01)\n"
        "draw_figures(tables, study, 'zh', pathlib.Path(sys.argv[1]), simulated=True, scale=0.01)\n"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, env=environment)
    there = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in tmp_path.iterdir()}
    files = [path for one in drawn.figures["zh"] for path in (one.png, one.svg, one.csv)]
    assert there == {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.mark.slow
def test_no_file_stands_beside_those_that_are_named(drawn):
    figures = [*drawn.figures["zh"], *drawn.figures["en"]]
    named = {path.name for one in figures for path in (one.png, one.svg, one.csv)}
    assert named == {path.name for path in drawn.folder.iterdir()}


def long_run(tables, days):
    first = date(2018, 11, 5)
    pattern = tables["daily"].assign(grade="good")
    known = sorted(pattern["date"].unique())
    run = [(known[n % len(known)], str(first + timedelta(n))) for n in range(days)]
    daily = pd.DataFrame(run, columns=["date", "day"]).merge(pattern, on="date")
    daily = daily.drop(columns="date").rename(columns={"day": "date"})
    study = study_of_range("x", first, first + timedelta(days - 1), [])
    period = study.period
    starts = [period_start(date.fromisoformat(day), period).isoformat() for day in daily["date"]]
    by_period = daily.assign(date=starts).groupby(["date", "grievance"], as_index=False)
    series = by_period[["items", "families"]].sum().assign(grade="good")
    return tables | {"daily": daily, study.series: series}, study


@pytest.mark.slow
@pytest.mark.parametrize(
    ("days", "dates", "source"),
    [
        (1, 1, "daily"),
        (2, 2, "daily"),
        (40, 40, "daily"),
        (500, 72, "weekly"),
        (3300, 109, "monthly"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["daily_negatives", "live_streaming_by_day", "sms_by_day"])
def test_windows_of_any_length_can_be_drawn(tables, days, dates, source, name):
    long_tables, study = long_run(tables, days)
    drawing = draw_figure(name, long_tables, study, "en", simulated=False, scale=1.0)
    assert drawing.table["date"].nunique() == dates
    assert study.series == source
    for axes in drawing.axes:
        assert len(axes.get_xticks()) <= 6


def hours_of(figure):
    """The painted cells of the figure of hours, rows by columns."""
    [axes] = figure.axes
    return axes.get_images()[0].get_array()


def test_hours_are_painted_by_search_word_in_the_order_of_size(tables, study):
    drawing = draw_figure("collection_hours", tables, study, "en", simulated=False, scale=1.0)
    cells = hours_of(drawing)
    assert cells.shape == (3, 20 * 24)
    assert cells[0, :4].tolist() == [80, 81, 82, 83]
    assert cells.mask[:, 4].all() and not cells.mask[:, 5].any()
    [axes] = drawing.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "红包", "618", "other search words",
    ]  # fmt: skip
    assert "1 unfit" in drawing.alt


def test_hours_are_painted_by_day_where_no_post_names_a_search_word(tables, study):
    rows = tables["coverage_hours"].query("keyword == '618'").assign(keyword=None)
    unfit_first = rows.assign(
        grade=["unfit" if day == "2020-06-01" else "" for day in rows["date"]]
    )
    drawing = draw_figure(
        "collection_hours", {"coverage_hours": unfit_first}, study, "zh", simulated=False, scale=1.0
    )
    cells = hours_of(drawing)
    assert cells.shape == (20, 24)
    assert cells[6, :3].tolist() == [0, 0, 0] and cells[5, :3].tolist() == [40, 41, 42]
    [axes] = drawing.axes
    [grey] = axes.collections
    assert grey.get_datalim(axes.transData).bounds == (-0.5, -0.5, 24.0, 1.0)
    # Days 2-20 are fit; on one of them nine hours are empty, and hour 4 is hidden each day.
    assert "456 个小时中有 8 个" in drawing.alt


def test_a_run_without_clock_times_has_no_figure_of_hours(tables, study):
    none = tables | {"coverage_hours": tables["coverage_hours"].head(0)}
    assert draw_figure("collection_hours", none, study, "zh", simulated=False, scale=1.0) is None


def test_labels_from_texts_cannot_break_a_figure(tables, study):
    tables["clusters"].loc[0, "label"] = "玫瑰🌹 $x^{$ \\frac 龘 <b>"
    tables["platforms"].loc[0, "platform"] = "🛒$"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in ("clusters", "platforms"):
            drawing = draw_figure(name, tables, study, "zh", simulated=True, scale=0.01)
            assert render(drawing, "png")


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "en"])
def test_headline_subtitle_legend_and_source_leave_each_other_room(tables, study, language):
    for name in _FIGURES:
        figure = draw_figure(name, tables, study, language, simulated=True, scale=0.01)
        boxes = {text.get_text(): text.get_window_extent() for text in figure.texts}
        for one, another in combinations(boxes, 2):
            assert not boxes[one].overlaps(boxes[another]), (name, one, another)


SELECTIONS = {
    "platform": ("淘宝", "京东", "Taobao and JD.com"),
    "channel": ("weibo", "review", "Weibo and Customer reviews"),
    "stars": ("1", "5", "one star and five stars"),
    "period": ("event", "other", "event days and other days"),
}


@pytest.mark.parametrize("selection", SELECTIONS)
def test_selections_whose_words_are_compared_have_the_readers_names(selection, study):
    first, second, named = SELECTIONS[selection]
    rows = pd.DataFrame(
        {"selection": selection, "first": first, "second": second, "term": ["快递", "价格"],
         "texts_first": [9, 0], "texts_second": [0, 8], "share_first": [0.9, 0],
         "share_second": [0, 0.8], "z": [5.0, -4.0]}
    )  # fmt: skip
    drawn = {
        name: draw_figure(f"terms_by_{name}", {"distinguishing_terms": rows}, study, "en",
                          simulated=False, scale=1.0)
        for name in SELECTIONS
    }  # fmt: skip
    assert [name for name, figure in drawn.items() if figure] == [selection]
    one, other = named.split(" and ")
    title = f'Negative items: more of "快递" ({one}); more of "价格" ({other})'
    assert drawn[selection].title == title


def luminance(code):
    code = code.strip("#")
    code = "".join(2 * digit for digit in code) if len(code) == 3 else code
    parts = [int(code[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def colors_of(block, paper):
    found = dict(re.findall(r"--fig-([\w-]+): ([^;]+);", block))
    return {name: paper if "var" in code else code for name, code in found.items()}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_figures_in_the_page_have_enough_contrast_in_both_schemes(scheme):
    light, dark = asset("figure.css").partition("@media screen and (prefers-color-scheme: dark)")[
        ::2
    ]
    papers = re.findall(r"--paper: (#\w+);", asset("report.css"))
    block, paper = (
        (light, papers[0]) if scheme == "light" else (dark.partition("}\n}")[0], papers[1])
    )
    colors = colors_of(block, paper)
    assert len(colors) == 23
    for name in ("ink", "muted", "orange-text", "blue", "dark-blue"):  # text: WCAG AA
        assert contrast(colors[name], paper) >= 4.5, name
    assert contrast(colors["orange"], paper) >= 3  # marks and lines
    for step in range(11):
        text = colors["ink"] if step <= 6 else paper  # as the cells of the topics are written
        assert contrast(text, colors[f"shade-{step}"]) >= 4.5, step
