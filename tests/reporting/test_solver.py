"""The solver of published builds (`benchmarks/disclosure.py`) finds what is fixed, no more."""

import zipfile

import pandas as pd
from disclosure import fitted, numbers_in, ranked, solve

from analysis.reporting.disclosure import Rules, disclose

RULES = Rules(5, quotes=False, digests=False)
DAYS = [f"2020-06-{day:02d}" for day in range(1, 7)]


def measured(price, sms):
    """Lay out counts of two codes on six days, and their totals."""
    rows = [("price", day, n) for day, n in zip(DAYS, price, strict=True)]
    rows += [("sms", day, n) for day, n in zip(DAYS, sms, strict=True)]
    return {
        "daily": pd.DataFrame(rows, columns=["grievance", "date", "items"]),
        "counts": pd.DataFrame({"grievance": ["price", "sms"], "items": [sum(price), sum(sms)]}),
    }


WHOLE = measured([3, 30, 40, 50, 60, 70], [9, 8, 70, 60, 50, 40])


def hidden(tables, table, **where):
    """Withhold the cells of a table that a rule forgets to give company."""
    shown = tables[table].copy()
    rows = (shown[list(where)] == pd.Series(where)).all(axis=1)
    return tables | {table: shown.assign(items=shown["items"].mask(rows))}


def test_a_lone_gap_in_a_series_whose_total_is_told_is_fixed():
    shown = hidden(WHOLE, "daily", grievance="price", date=DAYS[0])
    told = solve([(shown, WHOLE)])
    assert told["fixed"] == [(0, "daily", "items", ("price", DAYS[0]), 3)]
    assert told["withheld"] == told["below the minimum"] == 1


def test_what_is_given_company_or_has_no_total_is_not():
    assert solve([(disclose(WHOLE, RULES), WHOLE)])["fixed"] == []
    shown = hidden(WHOLE, "daily", grievance="price", date=DAYS[0])
    without = hidden(shown, "counts", grievance="price")
    told = solve([(without, WHOLE)])
    assert (told["withheld"], told["fixed"]) == (2, [])


def test_a_count_that_another_table_shows_is_fixed():
    whole = WHOLE | {"watchlist": WHOLE["counts"].assign(items=[3, 237])}
    whole["counts"] = whole["watchlist"]
    told = solve([(hidden(whole, "counts", grievance="price"), whole)])
    assert told["fixed"] == [(0, "counts", "items", ("price",), 3)]


def test_a_small_total_that_is_meant_to_be_another_fixes_days_of_one_post():
    daily = [("negative", day, 1) for day in DAYS] + [("all", day, 30) for day in DAYS]
    whole = {
        "daily": pd.DataFrame(daily, columns=["grievance", "date", "items"]),
        "counts": pd.DataFrame({"grievance": ["all", "negative"], "items": [180, 6]}),
        "channels": pd.DataFrame({"channel": ["app"], "items": [180], "negative_items": [6]}),
    }
    shown = whole["daily"].assign(items=[None] * 6 + [30] * 6)
    counts = whole["counts"].assign(items=[180, None])
    told = solve([(whole | {"daily": shown, "counts": counts}, whole)])
    assert [one[-1] for one in told["fixed"]] == [1] * 6
    assert solve([(disclose(whole, RULES), whole)])["fixed"] == []


def test_what_was_fitted_to_a_gap_and_what_stands_by_size_are_listed():
    shown = hidden(WHOLE, "daily", grievance="price", date=DAYS[0])
    trends = pd.DataFrame({"grievance": ["price", "sms"], "growth": 0.1, "sentence_en": "+10%"})
    told = list(fitted(shown | {"trends": trends}))
    assert told == ["trends, price, growth: 0.1", "trends, price, sentence_en: +10%"]
    assert list(fitted(WHOLE | {"trends": trends})) == []
    assert list(fitted(disclose(WHOLE | {"trends": trends.assign(verdict="flat")}, RULES))) == []
    whole = {"platforms": pd.DataFrame({"platform": list("bcda"), "items": [40, 12, 9, 8]})}
    shown = whole["platforms"].assign(items=[40, None, 9, 8])
    assert len(list(ranked({"platforms": shown}, whole))) == 1
    assert list(ranked({"platforms": shown.iloc[[0, 2, 3, 1]]}, whole)) == []


def test_a_share_that_is_left_behind_fixes_a_count():
    table = pd.DataFrame({"channel": list("abc"), "items": [80, 500, 600],
                          "negative_items": [4, 50, 90], "share": [0.05, 0.1, 0.15]})  # fmt: skip
    shown = table.assign(negative_items=[None, 50, 90])
    told = solve([({"channels": shown}, {"channels": table})])
    assert told["fixed"] == [(0, "channels", "negative_items", ("a",), 4)]


LATER = measured([3, 30, 40, 50, 60, 72], [9, 8, 70, 60, 50, 90])


def test_two_builds_tell_what_came_between_them():
    """Each alone withholds nothing but the first day and its company."""
    before, after = (disclose(one, RULES) for one in (WHOLE, LATER))
    told = solve([(before, WHOLE), (after, LATER)])
    shown = {(cell.table, *cell.row) for cell in told["small differences shown"]}
    assert shown == {("daily", "price", DAYS[5]), ("counts", "price")}
    held = disclose(LATER, RULES, [before])
    told = solve([(before, WHOLE), (held, LATER)])
    assert not told["small differences shown"] + told["fixed"] + told["differences fixed"]


def test_a_sum_that_holds_by_chance_is_told_by_the_other_build():
    """The total of a code equals a number of another table, and one day later it does not."""
    ratings = pd.DataFrame({"stars": ["1", "2"], "items": [253, 900]})
    whole, later = WHOLE | {"ratings": ratings}, LATER | {"ratings": ratings}
    shown = hidden(whole, "counts", grievance="price")
    shown = hidden(shown, "daily", grievance="price", date=DAYS[0])
    assert solve([(shown, whole)])["fixed"]
    told = solve([(shown, whole), (disclose(later, RULES), later)])
    assert [one for one in told["fixed"] if one[0] == 0] == []


def test_numbers_of_a_page_are_those_a_reader_sees(tmp_path):
    page = tmp_path / "a.html"
    page.write_text(
        "<style>p{margin:77px}</style><script>var x=55</script><p>1,234 items, <b>12</b></p>"
        '<script type="application/json">[8]</script>', encoding="utf-8",
    )  # fmt: skip
    assert numbers_in(page) == {1234, 12, 8}
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as pack:
        pack.write(page, "x/a.html")
        pack.writestr("x/b.csv", "items\n77\n")
    assert numbers_in(tmp_path / "a.zip") == {1234, 12, 8, 77}


def test_the_published_tables_of_a_run_fix_nothing(tables):
    """The fabricated run, with every table that a run can have; what holds by chance is left out.

    By chance is what does not hold of three times as much of everything.
    """
    whole = {name: table for name, table in tables.items() if name not in ("planted", "explore")}
    more = {name: _grown(table) for name, table in whole.items()}
    told = solve([(disclose(whole, Rules(60, quotes=False)), whole)], like=[more], minimum=60)
    assert told["in equations"] > 100
    assert told["fixed"] == []


def _grown(table):
    counts = [name for name in ("items", "families", "authors", "negative_items") if name in table]
    return table.assign(**{name: table[name] * 3 for name in counts})
