"""The cells of the panel add up to the tables, fit their page, and give nothing hidden back."""

import json
import random
import re
from datetime import date, datetime, timedelta
from functools import cache

import pandas as pd
import polars as pl
import pytest

from analysis.coding.codebook import load_codebook
from analysis.measures.prevalence import (
    count_channels,
    count_codes,
    count_daily,
    count_platforms,
    count_ratings,
    count_sub_grievances,
)
from analysis.reporting.disclosure import Rules, disclose
from analysis.reporting.drawer import safe_json
from analysis.reporting.ledger import read_ledger, write_ledger
from analysis.reporting.panel import (
    STEPS,
    build_panel,
    count_cells,
    fit_cells,
    note_cells,
    pack_cells,
)
from analysis.reporting.report import render_report
from analysis.reporting.sections.section import ReportContext
from analysis.study.load import study_of_range
from analysis.words import load_words

BOOK = load_codebook()
CODES, SUBS = list(BOOK.code_names), list(BOOK.sub_names)
FIRST, LAST = date(2020, 6, 1), date(2020, 6, 20)
HOSTILE = "</script><img src=x onerror=alert(1)>&=1+1"


def make_posts(number: int = 900, seed: int = 1) -> pl.DataFrame:
    """Invent coded posts in which every column has gaps, repeats and several members."""
    rng = random.Random(seed)
    platforms = ["京东", "京东", "淘宝", "得物", HOSTILE, "=2+3", *(f"p{n}" for n in range(8))]
    rows = []
    for number_of in range(number):
        is_negative = rng.choice([True, True, False, None])
        codes = rng.sample(CODES, rng.choice([0, 1, 1, 1, 3]))
        subs = [sub for sub in SUBS if sub.split(".")[0] in codes and rng.random() < 0.4]
        rows.append({
            "source": "s", "post_id": str(number_of),
            "published_at": datetime.combine(FIRST, datetime.min.time())
            + timedelta(days=rng.choice([0, 1, 2, 8, 15, 19]), hours=rng.randrange(24)),
            "channel": rng.choice(["weibo", "review", "douyin", None]),
            "rating": rng.choice([1.0, 2.0, 5.0, 4.5, None]),
            "is_negative": is_negative,
            "negative_probability": rng.choice([0.1, 0.5, 0.69, 0.7, 0.9, 1.0, None]),
            "grievances": codes if is_negative else [],
            "sub_grievances": subs if is_negative else [],
            "platforms": rng.choices(platforms, k=rng.choice([0, 0, 0, 1, 1, 3])),
            "is_in_window": rng.random() < 0.95,
            "repeat_of": rng.choice([None, None, None, None, "s:0"]),
            "family_id": None, "author_key": None,
        })  # fmt: skip
    return pl.DataFrame(
        rows, infer_schema_length=None,
        schema_overrides={"repeat_of": pl.String, "family_id": pl.String, "author_key": pl.String},
    ).with_columns(pl.col("published_at").dt.replace_time_zone("Asia/Shanghai"))  # fmt: skip


POSTS = make_posts()
STUDY = study_of_range("x", FIRST, LAST, [])


def as_posts(posts: pl.DataFrame) -> pd.DataFrame:
    """Give the posts that count, one a row, as Python lists: the reference counts these."""
    kept = posts.filter(pl.col("repeat_of").is_null() & pl.col("is_in_window"))
    return pd.DataFrame(kept.to_dicts())


def unpack(text: str, depth: int) -> list[tuple[int, ...]]:
    """Read a tree back, as the page does it: paths of numbers, the last of each its items."""
    signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    numbers, value, shift = [], 0, 0
    for sign in text:
        code = signs.index(sign)
        value |= (code & 31) << shift
        shift += 5
        if code < 32:
            numbers.append(value)
            value = shift = 0
    left = iter(numbers)

    def read(path: tuple[int, ...], size: int) -> list[tuple[int, ...]]:
        found, node = [], -1
        for _ in range(size):
            node += next(left) + 1
            inner = (*path, node)
            if len(inner) == depth:
                found.append((*inner, next(left) + 1))
            else:
                found += read(inner, next(left))
        return found

    leaves: list[tuple[int, ...]] = []
    node = -1
    while (gap := next(left, None)) is not None:
        node += gap + 1
        leaves += read((node,), next(left))
    return leaves


def open_cells(packed: dict) -> list[dict]:
    """Give each packed cell with its names."""
    rows = []
    for profile, named, channel, stars, band, day, items in unpack(packed["negative"], 6):
        codes, subs = packed["profiles"][profile]
        rows.append({
            "negative": True, "codes": {packed["codes"][n] for n in codes},
            "subs": {packed["subs"][n] for n in subs},
            "platforms": {packed["platforms"][n] for n in packed["named"][named]},
            "channel": packed["channels"][channel], "stars": packed["stars"][stars],
            "band": packed["bands"][band], "date": packed["dates"][day], "items": items,
        })  # fmt: skip
    for channel, stars, day, items in unpack(packed["others"], 3):
        rows.append({
            "negative": False, "codes": set(), "subs": set(), "platforms": set(),
            "channel": packed["channels"][channel], "stars": packed["stars"][stars], "band": "",
            "date": packed["dates"][day], "items": items,
        })  # fmt: skip
    return rows


CELLS = count_cells(POSTS)
OPENED = open_cells(pack_cells(CELLS))


def total(of=lambda cell: True) -> int:
    return sum(cell["items"] for cell in OPENED if of(cell))


def test_the_packed_cells_add_up_to_the_counts():
    counts = count_codes(POSTS, CODES).set_index("grievance")["items"]
    assert total() == counts["all"]
    assert total(lambda cell: cell["negative"]) == counts["negative"]
    for code in CODES:
        assert total(lambda cell, code=code: code in cell["codes"]) == counts[code]


def test_they_add_up_to_every_day_of_every_code():
    for row in count_daily(POSTS, CODES, (FIRST, LAST)).to_dict("records"):
        name = row["grievance"]
        found = total(
            lambda cell, row=row, name=name: (
                cell["date"] == row["date"]
                and (
                    name == "all"
                    or (cell["negative"] and (name in cell["codes"] or name == "negative"))
                )
            )
        )
        assert found == row["items"], row


@pytest.mark.parametrize(
    ("key", "column", "counted"),
    [
        ("subs", "sub_grievance", count_sub_grievances(POSTS, SUBS)),
        ("platforms", "platform", count_platforms(POSTS)),
    ],
    ids=["sub_grievances", "platforms"],
)
def test_they_add_up_to_the_members_of_sets(key, column, counted):
    for row in counted.to_dict("records"):
        assert total(lambda cell, row=row: row[column] in cell[key]) == row["items"], row


@pytest.mark.parametrize(
    ("key", "counted"),
    [("channel", count_channels(POSTS)), ("stars", count_ratings(POSTS))],
    ids=["channels", "ratings"],
)
def test_they_add_up_to_channels_and_stars(key, counted):
    assert len(counted) > 3
    for row in counted.to_dict("records"):
        group = row["channel" if key == "channel" else "stars"]
        assert total(lambda cell, group=group: cell[key] == group) == row["items"]
        assert (
            total(lambda cell, group=group: cell["negative"] and cell[key] == group)
            == row["negative_items"]
        )


@pytest.mark.parametrize(
    ("band", "low", "high"),
    [("0-0.5", 0, 0.5), ("0.5-0.7", 0.5, 0.7), ("0.7-0.9", 0.7, 0.9), ("0.9-1", 0.9, 1.1)],
)
def test_a_band_holds_its_lower_end(band, low, high):
    posts = as_posts(POSTS)
    probability = posts["negative_probability"]
    expected = ((posts["is_negative"] == True) & (probability >= low) & (probability < high)).sum()  # noqa: E712
    assert expected > 5
    assert total(lambda cell: cell["negative"] and cell["band"] == band) == expected


def test_any_combination_is_that_of_the_posts_themselves():
    posts = as_posts(POSTS).to_dict("records")
    rng = random.Random(2)
    found = 0
    for _ in range(40):
        code, platform, channel = rng.choice(CODES), rng.choice(["京东", HOSTILE]), "review"
        first, last = sorted(rng.choices(range(1, 21), k=2))
        expected = sum(
            bool(post["is_negative"]) and code in post["grievances"]
            and platform in post["platforms"] and post["channel"] == channel
            and first <= post["published_at"].day <= last
            for post in posts
        )  # fmt: skip
        counted = sum(
            cell["items"] for cell in OPENED
            if code in cell["codes"] and platform in cell["platforms"]
            and cell["channel"] == channel and first <= int(cell["date"][-2:]) <= last
        )  # fmt: skip
        assert counted == expected
        found += expected
    assert found > 5


@pytest.mark.parametrize(
    ("period", "days"),
    [("week", {"2020-06-01", "2020-06-08", "2020-06-15"}), ("month", {"2020-06-01"}), (None, {""})],
)
def test_dates_are_those_of_the_period(period, days):
    cells = count_cells(POSTS, period)
    assert set(cells["date"]) == days
    assert cells["items"].sum() == CELLS["items"].sum()


def test_the_order_of_posts_changes_nothing():
    shuffled = POSTS.sample(fraction=1, shuffle=True, seed=3)
    assert count_cells(shuffled).equals(CELLS)
    assert pack_cells(count_cells(shuffled)) == pack_cells(CELLS)
    again = CELLS.sample(fraction=1, shuffle=True, seed=4)
    assert pack_cells(again) == pack_cells(CELLS)


def test_a_table_read_back_from_csv_packs_alike(tmp_path):
    from analysis.measures.quantities import load_tables
    from analysis.storage import write_table

    kept = CELLS.filter(~pl.col("platforms").str.contains("[<=]"))
    write_table(kept.to_pandas(), tmp_path / "tables" / "explore.csv")
    assert pack_cells(load_tables(tmp_path)["explore"]) == pack_cells(kept)


# What does not fit is given up in a fixed order, and sums stay exact.


@cache
def reach(step: str | None) -> tuple[pl.DataFrame, list[str]]:
    """Give the cells on the largest page on which a step must be taken."""
    cells, taken = CELLS, []
    while step is not None and step not in taken:
        cells, taken = fit_cells(CELLS, len(safe_json(pack_cells(cells))) - 1)
        assert taken != ["all"], step
    return cells, taken


def test_everything_stays_where_it_fits():
    assert fit_cells(CELLS)[1] == []


@pytest.mark.parametrize("step", STEPS)
def test_the_cells_are_told_more_coarsely_in_a_fixed_order(step):
    cells, taken = reach(step)
    assert taken == list(STEPS[: STEPS.index(step) + 1])
    assert cells["items"].sum() == CELLS["items"].sum()
    opened = open_cells(pack_cells(cells))
    counts = count_codes(POSTS, CODES).set_index("grievance")["items"]
    for code in CODES:
        assert sum(cell["items"] for cell in opened if code in cell["codes"]) == counts[code]
    if step == "few_platforms":
        table = count_platforms(POSTS)
        for row in table.head(8).to_dict("records"):
            named = sum(c["items"] for c in opened if row["platform"] in c["platforms"])
            assert named == row["items"]
        rest = set(table["platform"][8:])
        posts = as_posts(POSTS)
        expected = sum(
            bool(post["is_negative"]) and bool(rest & set(post["platforms"]))
            for post in posts.to_dict("records")
        )
        assert sum(c["items"] for c in opened if "*" in c["platforms"]) == expected


def test_where_nothing_fits_there_is_no_cell_and_a_note():
    cells, taken = fit_cells(CELLS, 300)
    assert cells.is_empty() and taken == ["all"]
    assert "too many" in note_cells(taken)[1]


@pytest.mark.parametrize("language", [0, 1])
def test_the_note_names_each_step(language):
    note = note_cells(["sentiment", "stars"])[language]
    assert ("负面概率" in note and "星级" in note) if language == 0 else "stars" in note


# The ledger bears the cells out, at whatever coarseness.


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ledger")
    write_ledger(folder, POSTS)
    return read_ledger(folder)


# The block of the page.


def context(tables, language="zh"):
    return ReportContext(tables, {}, STUDY, load_words(language), False, 1.0, (), {})


def build_tables() -> dict[str, pd.DataFrame]:
    return {
        "counts": count_codes(POSTS, CODES), "daily": count_daily(POSTS, CODES, (FIRST, LAST)),
        "platforms": count_platforms(POSTS), "channels": count_channels(POSTS),
        "ratings": count_ratings(POSTS), "sub_grievances": count_sub_grievances(POSTS, SUBS),
        "explore": CELLS.to_pandas(),
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "en"])
def test_hostile_names_stay_text(language):
    page = render_report(build_tables(), [], STUDY, language, simulated=False, scale=1.0)
    assert HOSTILE not in page and "<img src=x" not in page
    facts = re.search(r'id="panel-facts">(.*?)</script>', page)[1]
    assert HOSTILE in json.loads(facts)["platforms"]


def test_the_plain_table_counts_codes_by_platform():
    panel = build_panel(context(build_tables()))
    posts = as_posts(POSTS)
    negative = [post for post in posts.to_dict("records") if post["is_negative"]]
    price = next(row for row in panel.rows if row[0] == "价格")
    assert price[1] == str(sum("price" in post["grievances"] for post in negative))
    place = panel.headers.index("京东")
    expected = sum("price" in p["grievances"] and "京东" in p["platforms"] for p in negative)
    assert price[place] == str(expected)


def test_no_table_no_panel():
    tables = build_tables()
    del tables["explore"]
    assert build_panel(context(tables)) is None


def test_a_run_without_posts_has_no_panel():
    empty = POSTS.clear()
    tables = {"counts": count_codes(empty, CODES), "explore": count_cells(empty).to_pandas()}
    assert build_panel(context(tables)) is None


# Under a minimum there are no cells: the sums of cells would give every hidden one back.


def test_with_the_cells_a_hidden_count_would_come_back():
    """The attack that the rule is there for works on what it withholds."""
    shown = disclose({"platforms": count_platforms(POSTS)}, Rules(60, quotes=False))["platforms"]
    hidden = shown[shown["items"].isna()]["platform"]
    assert len(hidden) > 2
    truth = count_platforms(POSTS).set_index("platform")["items"]
    for name in hidden:
        assert total(lambda cell, name=name: name in cell["platforms"]) == truth[name]


@pytest.mark.slow
@pytest.mark.parametrize(("language", "minimum"), [("zh", 2), ("en", 60)])
def test_under_a_minimum_the_page_holds_nothing_but_the_tables(minimum, language):
    tables = build_tables() | {
        "notes": pd.DataFrame(
            [("explore", 1, "合并", "coarser", "")],
            columns=["about", "number", "zh", "en", "counted"],
        )
    }
    shown = disclose(tables, Rules(minimum, quotes=False))
    assert shown["explore"].empty and list(shown["explore"]) == list(tables["explore"])
    page = render_report(shown, [], STUDY, language, simulated=False, scale=1.0)
    without = {name: table for name, table in shown.items() if name != "explore"}
    bare = render_report(without, [], STUDY, language, simulated=False, scale=1.0)
    section = re.compile(
        r'<section class="part" id="explore".*?</section>\n|<li><a href="#explore">.*?</li>\n?',
        re.DOTALL,
    )
    text = section.findall(page)[-1]
    assert load_words(language)("panel.withheld") in text
    assert not re.search(r"\d", re.sub(r"<[^>]*>", "", text))
    font = re.compile(r"base64,[A-Za-z0-9+/=]+")
    assert font.sub("", section.sub("", page)) == font.sub("", bare)
