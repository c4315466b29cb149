"""What a number opens: a meaning for every mark, tables as disclosed, posts chosen by digest."""

import json
import re
import runpy
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import polars as pl
import pytest

from analysis.measures.published import judge_claims
from analysis.pipeline.report_steps import _may_quote
from analysis.reporting.disclosure import Rules, disclose
from analysis.reporting.drawer import (
    define,
    drawer_data,
    head_of,
    read_examples,
    safe_json,
    write_examples,
)
from analysis.reporting.ledger import write_ledger
from analysis.reporting.report import render_report
from analysis.reporting.sections import answers, days, sources
from analysis.reporting.sections.section import _WORDS, ReportContext
from analysis.storage.write import show_hidden
from analysis.study.load import study_of_range
from analysis.study.model import Disclosure
from analysis.words import load_words

MADE = runpy.run_path(str(Path(__file__).parents[1] / "conftest.py"))
build_study, build_tables = MADE["build_study"], MADE["build_tables"]
LANGUAGES = ["zh", "en"]
TEMPLATES = Path(__file__).parents[2] / "src/analysis/reporting/templates"
HOSTILE = '</script><img src=x onerror="window.broken=1">\u2028\u202e\x00&'


def block_of(page: str) -> dict:
    return json.loads(re.search(r'id="drawer-data">(.*?)</script>', page, re.DOTALL)[1])


def render(tables, language="en", **given):
    settings = {"simulated": True, "scale": 0.01} | given
    return render_report(tables, [], build_study(), language, **settings)


@pytest.fixture(scope="module")
def tables():
    made, study = build_tables(), build_study()
    made["claims"] = judge_claims(study, made, simulated=True, scale=0.01)
    return made


def without_audit(tables):
    bare = {
        name: table.drop(columns=[c for c in ("estimate", "low", "high") if c in table])
        if name in ("counts", "sub_grievances", "platforms") else table
        for name, table in tables.items() if name not in ("audit", "shared_errors")
    }  # fmt: skip
    errors = [
        {"grievance": code, "posts": 900, "true_items": 90, "coded_items": 99, "error": 0.1}
        for code in ("negative", "price")
    ]
    return bare | {"count_errors": pd.DataFrame(errors)}


@pytest.mark.slow
@pytest.mark.parametrize("is_audited", [True, False], ids=["audited", "unaudited"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mark_of_a_page_has_a_meaning_a_name_and_a_row(tables, language, is_audited):
    page = render(tables if is_audited else without_audit(tables), language)
    block = block_of(page)
    marks = set(re.findall(r'<(?:data|span)[^>]* data-(?:evidence|estimate)="([^"]+)"', page))
    assert len(marks) > 500
    lacking = set()
    for mark in marks:
        table, *_, column = mark.split("/")
        told = block["tables"][table]
        if not told["about"].get(column) or not told["heads"].get(column):
            lacking.add((table, column))
    assert lacking == set()


SHOWN = [
    ("counts", answers._COUNT_COLUMNS), ("sub_grievances", answers._SUB_COLUMNS),
    ("trends", days._TREND_COLUMNS), ("daily", days._DAILY_COLUMNS),
    ("weekly", days._DAILY_COLUMNS), ("monthly", days._DAILY_COLUMNS), ("breaks", days._COLUMNS),
    ("campaigns", answers._COLUMNS), ("platforms", sources._PLATFORM_COLUMNS),
    ("watchlist", sources._WATCH_COLUMNS), ("platform_sub_grievances", sources._PART_COLUMNS),
    ("channels", sources._CHANNEL_COLUMNS), ("ratings", sources._RATING_COLUMNS),
    ("clusters", sources._CLUSTER_COLUMNS), ("emerging", sources._EMERGING_COLUMNS),
    ("funnel", sources._FUNNEL_COLUMNS), ("reconciliation", sources._RECONCILIATION_COLUMNS),
    ("coverage", sources._COVERAGE_COLUMNS), ("coverage_periods", sources._COVERAGE_COLUMNS),
    ("event_days", days._EVENT_COLUMNS), ("sentiment_cutoffs", sources._CUTOFF_COLUMNS),
    ("shared_errors", sources._SHARED_COLUMNS), ("audit", sources._AUDIT_COLUMNS),
]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("table", "columns"), SHOWN, ids=[name for name, _ in SHOWN])
def test_every_number_that_a_table_can_show_has_a_meaning(table, columns, language):
    say = load_words(language, {"weekly": "week", "monthly": "month"}.get(table, "day"))
    for column, _, kind in columns:
        if kind in _WORDS:
            continue
        names = ["low", "high"] if kind.startswith("interval") else [column]
        for name in [*names, *(["best"] if kind == "best" else [])]:
            assert define(table, name, say), (table, name)
            assert head_of(table, name, say), (table, name)


@pytest.mark.parametrize(
    ("table", "column", "meaning"),
    [
        ("platforms", "items", "Negative items that name this platform"),
        ("channels", "items", "All posts from this channel"),
        ("shared_errors", "items", "Posts in the window"),
        ("trends", "low", "One end of the 95% interval of the change"),
        ("counts", "high", "One end of the 95% interval. Were"),
        ("trends", "sentence_zh", "The test of this series"),
        ("notes", "zh", "A note that"),
        ("counts", "no_such_column", ""),
    ],
)
def test_a_meaning_is_that_of_the_table_or_of_any(table, column, meaning):
    assert define(table, column, load_words("en")).startswith(meaning)
    assert bool(define(table, column, load_words("en"))) == bool(meaning)


def test_a_page_holds_one_language_and_the_rows_of_its_tables(tables):
    block = block_of(render(tables, "en"))
    columns = {name: told["columns"] for name, told in block["tables"].items()}
    assert "sentence_en" in columns["trends"] and "sentence_zh" not in columns["trends"]
    assert "statement_en" in columns["claims"] and "statement" not in columns["claims"]
    assert "specifications" not in columns and "coverage_hours" not in columns
    counts = block["tables"]["counts"]
    rows = {row[0]: dict(zip(counts["columns"], row, strict=True)) for row in counts["rows"]}
    expected = tables["counts"].set_index("grievance")["estimate"]
    assert rows["price"]["estimate"] == expected["price"] and rows["all"]["estimate"] is None
    assert not re.search("[一-鿿]", "".join(block["say"].values()))


@pytest.mark.slow
def test_what_is_withheld_is_in_no_page(tables):
    strict = Rules(minimum_cell=60, quotes=False, digests=False)
    shown = disclose(tables, strict)
    block = block_of(render(shown, "zh"))
    for name, told in block["tables"].items():
        for column in ("items", "families", "authors"):
            if column in told["columns"]:
                place = told["columns"].index(column)
                given = [row[place] for row in told["rows"] if row[place] is not None]
                assert not [value for value in given if 0 < value < 60], (name, column)
    assert block["examples"] is None


@pytest.mark.slow
def test_no_name_breaks_out_of_the_block(tables):
    platforms = tables["platforms"].copy()
    platforms.loc[0, "platform"] = HOSTILE
    page = render(tables | {"platforms": platforms})
    inside = re.search(r'id="drawer-data">(.*?)</script>', page, re.DOTALL)[1]
    assert not set("<>&\u2028\x00") & set(inside)
    assert block_of(page)["tables"]["platforms"]["rows"][0][0] == show_hidden(HOSTILE)


def test_no_page_hides_a_character_of_a_title_and_a_script_knows_of_none(tables):
    study = build_study().model_copy(update={"title_en": "Gift\u200b \u202ecards\u3164 ❤\ufe0f"})
    page = render_report(tables, [], study, "en", simulated=False, scale=1.0)
    assert "Gift&lt;U+200B&gt; &lt;U+202E&gt;cards&lt;U+3164&gt; ❤\ufe0f" in page
    assert show_hidden(page) == page
    # What is hidden is told in one place: pages and their scripts are given it as it is shown.
    scripts = [path.read_text("utf-8") for path in TEMPLATES.glob("*.js")]
    assert not [text for text in scripts if re.search(r"\\u20(?:0[b-f]|2[89a-e])", text)]


def test_of_a_large_table_the_marked_rows_stay(tables):
    many = pd.DataFrame(
        [{"source_file": f"export-{n:05}.csv", "records_read": n, "kept": n} for n in range(3000)]
    )
    run = ReportContext(
        {"reconciliation": many}, {}, build_study(), load_words("en"), True, 1.0, [], {}
    )
    mark = '<data data-evidence="reconciliation/export-00007.csv/kept">7</data>'
    data, _ = drawer_data(mark, run)
    assert json.loads(data)["tables"]["reconciliation"]["rows"] == [["export-00007.csv", 7, 7]]


# Example posts.


def make_posts(size=400, text="第{n}条：降价不给保价"):
    return pl.DataFrame({
        "source": ["a"] * size,
        "post_id": [str(n) for n in range(size)],
        "text": [text.format(n=n) for n in range(size)],
        "published_at": [f"2020-06-{1 + n % 10:02}" for n in range(size)],
        "family_id": [f"a:{n - n % 2}" for n in range(size)],
        "channel": ["weibo" if n % 3 else "review" for n in range(size)],
        "is_negative": [n % 4 < 2 for n in range(size)],
        "grievances": [["price"] if n % 8 < 2 else [] for n in range(size)],
        "sub_grievances": [["price.price_surge"] if n == 8 else [] for n in range(size)],
        "platforms": [["京东"] if n % 40 == 0 else [] for n in range(size)],
        "repeat_of": [None] * size,
        "is_in_window": [True] * size,
    }).with_columns(pl.col("published_at").str.to_datetime("%Y-%m-%d"))  # fmt: skip


def written(folder, posts, **given):
    write_ledger(folder, posts)
    write_examples(folder, posts, **given)
    return read_examples(folder)


def test_examples_are_spread_over_days_and_families(tmp_path):
    found = written(tmp_path, make_posts())
    price = found.filter(pl.col("grievances").list.contains("price") & pl.col("is_negative"))
    assert price["date"].n_unique() == 10
    assert found["text"].n_unique() == len(found)
    numbers = found["text"].str.extract(r"(\d+)").cast(pl.Int64)
    assert (numbers // 2).n_unique() == len(found)  # one of each family
    assert found["sub_grievances"].list.len().sum() <= 1


def test_examples_do_not_depend_on_the_order_of_rows(tmp_path):
    posts = make_posts()
    first = written(tmp_path / "1", posts)
    other = written(tmp_path / "2", posts.sample(fraction=1, shuffle=True, seed=3))
    assert first.equals(other)
    assert (tmp_path / "1/evidence/examples.parquet").read_bytes() == (
        tmp_path / "2/evidence/examples.parquet"
    ).read_bytes()


def test_real_posts_are_cut_and_simulated_ones_are_not(tmp_path):
    posts = make_posts(40, text="长{n} " + "字" * 300)
    assert set(written(tmp_path / "1", posts)["text"].str.len_chars()) == {141}
    assert min(written(tmp_path / "2", posts, whole=True)["text"].str.len_chars()) > 300


def test_a_number_that_stood_on_two_lines_is_masked_where_it_is_quoted_on_one(tmp_path):
    found = written(tmp_path, make_posts(40, text="找{n}号打 138\n0013 8000 没人接"))
    assert found["text"].str.contains("【电话】").all()


def test_examples_go_when_nothing_may_be_quoted_and_are_never_published(tmp_path):
    assert written(tmp_path, make_posts()) is not None
    write_examples(tmp_path, None)
    assert read_examples(tmp_path) is None
    write_ledger(tmp_path, make_posts(), secret=b"secret")
    write_examples(tmp_path, make_posts())
    assert read_examples(tmp_path) is None


@pytest.mark.parametrize(
    ("minimum", "quotes", "simulated", "public", "may"),
    [
        (1, False, True, False, True),
        (1, False, False, False, False),
        (1, True, False, False, True),
        (5, True, False, False, False),
        (5, True, True, False, False),
        (1, True, False, True, False),
        (1, True, True, True, False),
    ],
)
def test_who_may_be_quoted(minimum, quotes, simulated, public, may):
    study = SimpleNamespace(disclosure=Disclosure(minimum_cell=minimum, quotes=quotes))
    assert _may_quote(SimpleNamespace(study=study, simulated=simulated, public=public)) is may


@pytest.mark.slow
def test_a_page_shows_each_text_once_and_stays_within_its_size(tables, tmp_path):
    posts = make_posts(3000, text="第{n}条：" + "很长的一句话" * 60)
    examples = written(tmp_path, posts, whole=True)
    page = render(tables, "zh", examples=examples)
    inside = re.search(r'id="drawer-data">(.*?)</script>', page, re.DOTALL)[1]
    block = json.loads(inside)
    assert len(inside.encode()) < 200_000
    texts = [post[0] for post in block["examples"]["posts"]]
    assert len(set(texts)) == len(texts) > 20
    counted = {
        tag: sum(place in post[2:] for post in block["examples"]["posts"])
        for place, tag in enumerate(block["examples"]["tags"])
    }
    assert min(counted["grievance:price"], counted["platform:京东"]) >= 3
    assert "很长的一句话" in page and render(tables, "zh").count("很长的一句话") == 0


@pytest.mark.slow
def test_examples_bring_no_characters_into_the_font_of_the_page(tables, tmp_path):
    rare = written(tmp_path, make_posts(40, text="龘靐齉{n}"))
    sizes = [
        len(re.search(r"font/ttf;base64,([^)]+)", render(tables, "zh", examples=given))[1])
        for given in (None, rare)
    ]
    assert sizes[0] == sizes[1]


@pytest.mark.parametrize(
    ("days", "series", "start"), [(20, "daily", "2020-06-04"), (100, "weekly", "2020-06-01")]
)
def test_an_example_stands_in_the_day_or_week_of_the_series(tmp_path, days, series, start):
    study = study_of_range("x", date(2020, 6, 1), date(2020, 6, 1) + timedelta(days - 1), [])
    one = make_posts(1).with_columns(published_at=pl.lit("2020-06-04").str.to_datetime())
    table = pd.DataFrame({"date": [start], "grievance": ["price"], "items": [1]})
    run = ReportContext(
        {series: table}, {}, study, load_words("en", study.period), True, 1.0, [], {}
    )
    mark = f'<data data-evidence="{series}/{start}/price/items">1</data>'
    block = json.loads(drawer_data(mark, run, written(tmp_path, one))[0])
    (post,) = block["examples"]["posts"]
    assert post[:2] == ["第0条：降价不给保价", "2020-06-04"]
    assert f"date:{start}" in {block["examples"]["tags"][place] for place in post[2:]}
    assert block["labels"]["date"][start].endswith("June" if series == "daily" else "June 2020")


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (float("inf"), None), (float("-inf"), None), (float("nan"), None), ("Infinity", "Infinity"),
        ("</script><!--", "</script><!--"), ("\ud800x", "?x"),
        ("\u2028\x00\ufeff", "<U+2028><U+0000><U+FEFF>"), ("a\n\b", "a\n<U+0008>"),
        ("\\u0041\u200b", "\\u0041<U+200B>"), ("❤\ufe0f\u200d", "❤\ufe0f\u200d"),
        (2**60, 2**60), ("]]>&amp;", "]]>&amp;"),
    ],
    ids=range(12),
)  # fmt: skip
def test_whatever_a_cell_holds_is_json_that_stays_inside_its_block(given, read):
    written = safe_json({"a": [given, 1]})
    assert json.loads(written, parse_constant=pytest.fail) == {"a": [read, 1]}
    assert not set(written) & set("<>&\u2028\ufeff")
