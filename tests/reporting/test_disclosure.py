import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.api.types import is_numeric_dtype

from analysis.measures.published import OURS
from analysis.plots.grievances import plot_terms
from analysis.reporting.company import changes_since, give_company, keys_of, next_beside
from analysis.reporting.disclosure import (
    _COUNTS,
    _RANKED,
    _RECORDS,
    _STRICT,
    Rules,
    _Gaps,
    _suppress,
    _tells_all,
    _where_all_days_are_shown,
    _where_audit_is_shown,
    _withhold_own_campaign,
    disclose,
    rules_of,
)
from analysis.schema import tables as schema
from analysis.study.model import Claim, Disclosure


def disclosed_in_place(tables, rules, earlier=()):
    """Disclose, and put rows back where they were: what is withheld goes behind the rest."""
    shown = disclose(tables, rules, earlier)
    for name in tables.keys() & _RANKED.keys():
        table = tables[name]
        words = [key for key in table if not is_numeric_dtype(table[key]) or key == "cluster"]
        old, new = (["\n".join(map(str, row)) for row in one[words].values]
                    for one in (table, shown[name]))  # fmt: skip
        shown[name] = shown[name].iloc[[new.index(one) for one in old]].set_axis(table.index)
    return shown


@pytest.mark.parametrize(
    ("items", "shown"),
    [
        ([4, 3, 30], [None, None, 30]),
        ([5, 6, 30], [5, 6, 30]),
        ([0, 6, 30], [0, 6, 30]),
        ([4, 6, 30], [None, None, 30]),  # a lone gap would follow from the total
        ([4, 0, 30], [None, 0, None]),  # a zero is no company
    ],
)
def test_cells_below_five(items, shown):
    table = pd.DataFrame({"region": list("abc"), "items": items})
    out = _suppress(table, minimum=5)["items"]
    assert [None if pd.isna(v) else v for v in out] == shown


def test_company_is_given_within_each_group():
    table = pd.DataFrame({"g": list("aabb"), "r": list("xyxy"), "items": [3, 9, 8, 9]})
    out = _suppress(table, minimum=5, by=["g"])["items"]
    assert out.isna().tolist() == [True, True, False, False]


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("daily", "grievance"), ("weekly", "grievance"), ("monthly", "grievance"),
        ("sub_grievances", "grievance"), ("platform_sub_grievances", "platform grievance"),
        ("breaks", "grievance date"), ("cluster_days", "cluster"), ("cluster_codes", "cluster"),
        ("coverage_hours", "keyword date"),
    ],
)  # fmt: skip
def test_every_group_of_which_a_total_is_known_gets_company_of_its_own(name, keys):
    """Two groups that one key alone tells apart: two gaps, one in each, keep no company."""
    for key in keys.split():
        rows = dict.fromkeys(["grievance", "platform", "keyword", "cluster", "date"], "2020-06-01")
        table = pd.DataFrame(rows | {"number": [*"abcabc"], "items": [3, 40, 90, 4, 50, 80]})
        table[key] = ["2020-06-01"] * 3 + ["2020-06-02"] * 3
        shown = disclosed_in_place({name: table}, Rules(5, quotes=False))[name]
        assert shown["items"].isna().tolist() == [True, True, False] * 2, key


@pytest.mark.parametrize("series", ["weekly", "monthly"])
def test_days_of_a_week_get_company_of_their_own_code(series):
    days = ["2020-06-01", "2020-06-02", "2020-06-03"]
    daily = pd.DataFrame({
        "date": days * 2, "grievance": ["price"] * 3 + ["sms"] * 3, "items": [3, 40, 90, 4, 50, 80],
    })  # fmt: skip
    totals = pd.DataFrame({"date": days[0], "grievance": ["price", "sms"], "items": [133, 134]})
    shown = disclose({"daily": daily, series: totals}, Rules(5, quotes=False))["daily"]
    assert shown["items"].isna().tolist() == [True, True, False] * 2


@pytest.mark.parametrize(("then", "hidden"), [(38, True), (42, True), (40, False), (46, False)])
def test_two_builds_do_not_tell_how_few_posts_came_or_went(then, hidden):
    now = pd.DataFrame({"grievance": ["price", "sms", "delivery"], "items": [40, 60, 80]})
    earlier = now.assign(items=[then, 60, 80])
    shown = disclose({"counts": now}, Rules(5, quotes=False), [{"counts": earlier}])["counts"]
    assert shown["items"].isna().tolist() == [hidden, False, False]


def test_what_was_computed_from_a_small_cell_goes_too():
    table = pd.DataFrame(
        {"items": [3, 2], "families": [2, 2], "share": [0.3, 0.2], "label": ["a", "b"]}
    )
    out = _suppress(table, minimum=5)
    assert out[["items", "families", "share"]].isna().all().all()
    assert out["label"].tolist() == ["a", "b"]


def test_the_default_prints_everything(tables):
    shown = disclose(tables, rules_of(Disclosure(), public=False))
    for name, table in tables.items():
        pd.testing.assert_frame_equal(shown[name], table)


def test_hours_are_strict_whatever_the_study_says():
    hours = pd.DataFrame(
        {"keyword": "618", "date": "2020-06-01", "hour": range(4), "items": [0, 3, 9, 40]}
    )
    shown = disclose({"coverage_hours": hours}, rules_of(Disclosure(), public=False))
    assert shown["coverage_hours"]["items"].fillna(-1).tolist() == [0, -1, -1, 40]


def test_public_is_strict_whatever_the_study_says(tables):
    assert rules_of(Disclosure(minimum_cell=1, quotes=True), public=True) == Rules(
        5, quotes=False, digests=False
    )
    assert rules_of(Disclosure(minimum_cell=11), public=True).minimum_cell == 11
    for minimum, withholds in ((1, False), (2, True)):
        rules = rules_of(Disclosure(minimum_cell=minimum), public=False)
        assert (rules.withholds, rules.digests) == (withholds, not withholds)
    own = rules_of(Disclosure(minimum_cell=7, quotes=True), public=False)
    assert (own.minimum_cell, own.quotes) == (7, True)

    tables["channels"].loc[0, "negative_items"] = 3
    assert disclose(tables, Rules(5, quotes=False))["channels"]["items"].isna().sum() == 2


def test_what_is_told_of_a_small_day_goes_with_its_count():
    rows = pd.DataFrame(
        {
            "grievance": "a",
            "date": ["2020-06-01", "2020-06-02"],
            "items": [3, 40],
            "families": [3, 20],
            "terms": ["a", "b"],
            "platform": ["x", "y"],
            "top_families": ["d 2;e 1", "f 30;g 4"],
        }
    )
    shown = disclose({"breaks": rows}, Rules(minimum_cell=5, quotes=False))["breaks"]
    assert shown.iloc[0, 2:].isna().all()
    assert shown.loc[1, ["terms", "top_families"]].tolist() == ["b", "f 30"]
    assert disclose({"breaks": rows}, Rules(1, quotes=False))["breaks"].equals(rows)


def test_a_day_that_daily_withholds_is_not_given_away_by_the_breaks():
    rows = pd.DataFrame({"grievance": ["a"], "date": ["2020-06-02"], "items": [8], "terms": ["b"]})
    daily = pd.DataFrame(
        {"grievance": "a", "date": ["2020-06-01", "2020-06-02", "2020-06-03"], "items": [3, 8, 90]}
    )
    shown = disclose({"breaks": rows, "daily": daily}, Rules(minimum_cell=5, quotes=False))
    assert shown["daily"]["items"].isna().tolist() == [True, True, False]
    assert shown["breaks"][["items", "terms"]].isna().all(axis=None)


def test_a_day_that_is_withheld_alone_is_not_given_away_by_the_breaks():
    rows = pd.DataFrame({"grievance": ["a"], "date": ["2020-06-02"], "items": [8], "terms": ["b"]})
    days = ["2020-06-01", "2020-06-02", "2020-06-03"]
    daily = pd.DataFrame({"grievance": "a", "date": days, "items": [0, 3, 0]})
    shown = disclose({"breaks": rows, "daily": daily}, Rules(minimum_cell=5, quotes=False))
    assert shown["daily"]["items"].isna().tolist() == [False, True, False]
    assert shown["breaks"][["items", "terms"]].isna().all(axis=None)


def possible(total, cells, minimum):
    """List what hidden cells can be that sum up to a total, one at least below the minimum."""
    values = itertools.product(range(1, total + 1), repeat=cells - 1)
    whole = ((*some, total - sum(some)) for some in values)
    return [one for one in whole if one[-1] >= 1 and min(one) < minimum]


@given(items=st.lists(st.sampled_from([0, 1, 2, 3, 5, 7, 9]), min_size=3, max_size=6))
def test_no_total_gives_a_hidden_cell_back(items):
    out = _suppress(pd.DataFrame({"items": items}), minimum=5)["items"]
    hidden = [n for n, shown in zip(items, out, strict=True) if pd.isna(shown)]
    if not hidden or all(out.fillna(0) == 0):
        return  # nothing is left that could keep company
    solutions = possible(sum(hidden), len(hidden), 5)
    assert all(len(set(values)) > 1 for values in zip(*solutions, strict=True)), (items, out)


def test_a_step_of_the_funnel_is_not_told_by_its_neighbours():
    funnel = pd.DataFrame(
        {
            "step": list("abcd"), "posts_in": [100, 100, 97, 97], "posts_out": [100, 97, 97, 50],
            "dropped": [0, 3, 0, 47],
        }
    )  # fmt: skip
    shown = disclose({"funnel": funnel}, Rules(5, quotes=False))["funnel"]
    assert shown["dropped"].isna().tolist() == [False, True, True, True]
    assert shown["posts_in"].isna().tolist() == [False, True, True, True]


@pytest.mark.parametrize(
    ("dropped", "hidden"),
    [
        ([4, 40, 10], [True, True, False]),
        ([5, 40, 10], [False, False, False]),
        ([None, 40, 10], [True, False, False]),  # what nobody told takes nothing with it
        ([40, 50, 4], [False, True, True]),  # the last step has its neighbour before it
        ([40, 0, 4], [True, True, True]),
        ([40, 4, 50, 60], [False, True, True, False]),
        ([4, 4, 50], [True, True, True]),  # each small step has a neighbour after it
        ([1, 1, 50, 60], [True, True, True, False]),  # two that sum to two are one each
        ([4], [True]),  # and where nothing else is left, all of them
        ([0, 4], [True, True]),
        ([1, 1], [True, True]),
    ],
)
def test_a_small_step_is_withheld_with_its_next_neighbour_alone(dropped, hidden):
    steps = [str(n) for n in range(len(dropped))]
    funnel = pd.DataFrame({"step": steps, "dropped": dropped})
    shown = disclose({"funnel": funnel}, Rules(5, quotes=False))["funnel"]
    assert shown["dropped"].isna().tolist() == hidden


@pytest.mark.parametrize(("few", "withheld"), [(4, True), (5, False)])
def test_the_minimum_itself_is_shown(few, withheld):
    """Four are withheld and five are not, by each rule; the second row is company, if any is."""
    tables = {
        "channels": pd.DataFrame({"channel": list("abc"), "items": [few, 70, 800]}),
        "reconciliation": pd.DataFrame(
            {"source_file": list("abc"), "records_read": [100, 200, 300], "rejected": [few, 70, 80]}
        ),
        "sentiment_days": pd.DataFrame(
            {"date": list("abc"), "posts": [100, 200, 1000], "negative": [few / 100, 0.5, 0.5]}
        ),
        "sentiment_cutoffs": pd.DataFrame(
            {"cutoff": [0.1, 0.2, 0.3], "posts": [100, 200, 1000], "negative": [1 - few / 100] * 3}
        ),
    }
    shown = disclosed_in_place(tables, Rules(5, quotes=False))
    numbers = {"channels": "items", "reconciliation": "rejected"}
    for name, table in shown.items():
        assert table[numbers.get(name, "negative")].isna().tolist() == [withheld, withheld, False]
    breaks = pd.DataFrame({"grievance": ["a"], "date": ["1"], "items": [80],
                           "top_families": [f"f 30;g {few}"]})  # fmt: skip
    told = disclose({"breaks": breaks}, Rules(5, quotes=False))["breaks"]["top_families"][0]
    assert told == ("f 30" if withheld else "f 30;g 5")


@pytest.mark.parametrize(("minimum", "shown"), [(1, True), (2, False)])
def test_a_minimum_of_one_withholds_nothing(minimum, shown):
    """One post is told where the study allows it, and from two on it is not."""
    tables = {
        "channels": pd.DataFrame({"channel": list("ab"), "items": [1, 70]}),
        "funnel": pd.DataFrame({"step": list("ab"), "dropped": [1, 70]}),
        "reconciliation": pd.DataFrame({"source_file": list("ab"), "rejected": [1, 70]}),
        "sentiment_days": pd.DataFrame({"date": list("ab"), "posts": 100, "negative": [0.01, 0.5]}),
        "explore": pd.DataFrame({"date": list("ab"), "items": [1, 70]}),
    }
    told = disclose(tables, Rules(minimum, quotes=False))
    assert {name: len(t) == 2 and t.iloc[:, -1].notna().all() for name, t in told.items()} == (
        dict.fromkeys(tables, shown)
    )


def test_a_published_build_does_not_say_which_families_a_day_had():
    rows = pd.DataFrame(
        {"grievance": ["a"], "date": ["2020-06-02"], "items": [80], "top_families": ["9f 30;7c 12"]}
    )
    shown = disclose({"breaks": rows}, Rules(5, quotes=False, digests=False))["breaks"]
    assert shown["top_families"].tolist() == ["30;12"]


def test_small_counts_of_topics_and_words_go_with_what_would_give_them_back():
    tables = {
        "cluster_days": pd.DataFrame(
            {"cluster": [0, 0, 0, 1], "date": ["1", "2", "3", "1"], "items": [2, 9, 7, 8]}
        ),
        "cluster_codes": pd.DataFrame(
            {"cluster": [0, 0, 0], "grievance": ["price", "delivery", "none"],
             "items": [3, 6, 9], "share": [0.15, 0.3, 0.5]}
        ),
        "distinguishing_terms": pd.DataFrame(
            {"term": ["快递", "价格", "客服"], "texts_first": [40, 2, 30],
             "texts_second": [0, 30, 8], "share_first": [0.4, 0.02, 0.3],
             "share_second": [0, 0.3, 0.08], "z": [5.0, -4, 3]}
        ),
    }  # fmt: skip
    shown = disclosed_in_place(tables, Rules(minimum_cell=5, quotes=False))
    assert shown["cluster_days"]["items"].isna().tolist() == [True, False, True, False]
    codes = shown["cluster_codes"][["items", "share"]].isna()
    assert codes.to_numpy().tolist() == [[True, True], [True, True], [False, False]]
    words = shown["distinguishing_terms"]
    assert words["texts_first"].isna().tolist() == words["z"].isna().tolist()
    assert words["z"].isna()[1] and words["share_first"].isna()[1] and words["z"].notna()[0]
    assert plot_terms(words).table["term"].tolist()[0] == "快递"


def test_no_word_stands_without_its_counts_where_few_wrote_it():
    """A code without a number says nothing of anybody; a word of posts is what somebody wrote."""
    tables = {
        "distinguishing_terms": pd.DataFrame(
            {"term": ["快递", "旧巷口", "价格"], "texts_first": [40, 3, 2],
             "texts_second": [0, 1, 3], "z": [5.0, 2.5, 2]}
        ),
        "emerging": pd.DataFrame(
            {"cluster": [0, 1, 2, 3], "label": ["忽冷", "槐树里家具城", "掉漆", "异响"],
             "items": [40, 40, 40, 40], "families": [30, 30, 4, 30],
             "authors": [5.0, 1, 20, None], "terms": ["忽冷", "槐树里", "掉漆", "异响"]}
        ),
    }  # fmt: skip
    shown = disclose(tables, Rules(minimum_cell=5, quotes=False))
    assert set(shown["distinguishing_terms"]["term"]) == {"快递", "价格"}
    assert shown["emerging"]["label"].tolist() == ["忽冷", "异响"]
    assert shown["emerging"]["cluster"].tolist() == [0, 1]
    whole = disclose(tables, Rules(minimum_cell=1, quotes=False))
    assert [len(whole[name]) for name in tables] == [3, 4]


def test_how_far_an_error_would_move_a_withheld_estimate_is_withheld():
    audit = pd.DataFrame({"grievance": ["price", "all"], "items": [3, 900], "estimate": [4.0, 900]})
    errors = pd.DataFrame(
        {"grievance": ["price", "all"], "shared_error": [0.05, 0.05], "down": [4.0, 45.0]}
    )
    shown = disclose({"audit": audit, "shared_errors": errors}, Rules(5, quotes=False))
    assert shown["audit"]["estimate"].isna().tolist() == [True, True]
    assert shown["shared_errors"]["down"].isna().tolist() == [True, True]
    assert disclose({"audit": audit, "shared_errors": errors}, Rules(1, quotes=False))[
        "shared_errors"
    ].equals(errors)


def test_shares_that_tell_a_few_posts_are_withheld_with_company():
    days = pd.DataFrame({
        "date": ["2020-06-01", "2020-06-02", "2020-06-03", "2020-06-04"],
        "posts": [1000, 400, 2, 50], "snownlp_negative": [0.7, 0.6, 0.5, 0.98],
        "negative": [0.2, 0.0, 0.5, 0.2], "low": 0.1, "high": 0.3,
    })  # fmt: skip
    shown = disclose({"sentiment_days": days}, Rules(5, quotes=False))["sentiment_days"]
    # Two posts, and 49 of 50: all but one. A day on which none sounds negative stays.
    assert shown["posts"].isna().tolist() == [False, False, True, True]
    assert shown.loc[2:, ["snownlp_negative", "negative", "low", "high"]].isna().all(axis=None)
    whole = disclose({"sentiment_days": days}, Rules(1, quotes=False))["sentiment_days"]
    assert whole.equals(days)


@pytest.mark.parametrize(
    ("whole", "part", "shown"),
    [
        ([100, 60, 80], [98, 50, 60], [False, False, True]),  # two of 100: with company
        ([100, 60, 80], [95, 50, 60], [True, True, True]),
        ([100, 60, 80], [100, 50, 60], [True, True, True]),  # nobody is left
    ],
)
@pytest.mark.parametrize(
    ("table", "columns"),
    [("channels", ["items", "negative_items"]), ("platforms", ["named", "items"])],
)
def test_what_a_count_leaves_of_the_one_that_holds_it_is_no_few(table, columns, whole, part, shown):
    rows = pd.DataFrame({table[:-1]: list("abc"), columns[0]: whole, columns[1]: part})
    told = disclosed_in_place({table: rows}, Rules(5, quotes=False))[table][columns]
    assert told.notna().to_numpy().tolist() == [[one, one] for one in shown]
    assert disclose({table: rows}, Rules(1, quotes=False))[table].equals(rows)


def _cutoffs(first, second, both):
    rows = [pd.Series(one) / 1000 for one in (first, second, both)]
    return pd.DataFrame({
        "cutoff": [0.1 * row for row in range(len(first))], "posts": 1000,
        "snownlp_negative": rows[0], "negative": rows[1], "both": rows[2],
        "either": rows[0] + rows[1] - rows[2],
    })  # fmt: skip


def test_a_day_of_shares_that_three_posts_joined_since_is_withheld_with_company():
    days = pd.DataFrame({"date": list("abc"), "posts": [100, 200, 300], "negative": [0.5] * 3})
    later = days.assign(posts=[103, 200, 300])
    rules = Rules(5, quotes=False)
    for earlier, hidden in (([], 0), ([{"sentiment_days": days}], 2)):
        shown = disclose({"sentiment_days": later}, rules, earlier)["sentiment_days"]
        assert shown["posts"].isna().sum() == hidden and shown["posts"].isna()[0] == bool(hidden)


@pytest.mark.parametrize(
    ("first", "second", "both", "shown"),
    [
        ([500, 400, 300], [200, 150, 100], [90, 80, 70], [True, True, True]),
        # Between two cut-offs three posts: with company.
        ([500, 400, 397, 300], [200, 150, 130, 100], [90, 80, 70, 60], [False, True, False, True]),
        # Only one score calls two posts negative.
        ([500, 400, 300], [200, 150, 72], [90, 80, 70], [False, True, False]),
    ],
)
def test_no_two_shares_together_tell_a_few_posts(first, second, both, shown):
    table = _cutoffs(first, second, both)
    told = disclose({"sentiment_cutoffs": table}, Rules(5, quotes=False))["sentiment_cutoffs"]
    assert told["posts"].notna().tolist() == shown
    same = disclose({"sentiment_cutoffs": table}, Rules(1, quotes=False))["sentiment_cutoffs"]
    assert same.equals(table)


def test_the_sum_of_event_days_does_not_tell_a_withheld_day():
    days = [f"2020-06-{day:02d}" for day in range(1, 5)]
    daily = pd.concat(
        pd.DataFrame({"date": days, "grievance": name, "items": items, "families": items})
        for name, items in (("price", [30, 3, 40, 4]), ("delivery", [30, 30, 40, 40]))
    )
    events = pd.DataFrame({
        "grievance": ["price", "delivery"], "measure": "share", "days_event": 1, "days_other": 3,
        "items_event": [3, 30], "items_other": [74, 110], "ratio": 0.8, "low": 0.5, "high": 1.2,
        "p": 0.3, "p_holm": 0.6, "verdict": "no_difference",
    })  # fmt: skip
    tables = {"daily": daily.reset_index(drop=True), "event_days": events}
    shown = disclose(tables, Rules(5, quotes=False))["event_days"].set_index("grievance")
    told = ["items_event", "items_other", "ratio", "low", "high", "p", "p_holm"]
    assert shown.loc["price", told].isna().all() and shown.loc["delivery", told].notna().all()


def test_the_account_of_a_file_does_not_tell_what_the_funnel_withholds():
    books = pd.DataFrame(
        {"source_file": ["a", "b", "c"], "records_read": [103, 60, 900], "kept": [100, 60, 800],
         "rejected": [0, 0, 90], "repeats": [3, 0, 10], "overlaps": 0, "blank": 0}
    )  # fmt: skip
    shown = disclose({"reconciliation": books}, Rules(5, quotes=False))["reconciliation"]
    withheld = shown.drop(columns="source_file").isna()
    assert withheld.all(axis=1).tolist() == [True, True, False]  # b is company
    assert not withheld.loc[2].any()
    same = disclose({"reconciliation": books}, Rules(1, quotes=False))["reconciliation"]
    pd.testing.assert_frame_equal(same, books)


FEW_AUTHORS = {
    "counts": pd.DataFrame(
        {"grievance": ["price", "delivery", "sms"], "items": [40, 90, 50], "authors": [2, 60, 30]}
    ),
    "daily": pd.DataFrame(
        {"date": ["1", "2"] * 2, "grievance": ["price"] * 2 + ["delivery"] * 2,
         "items": [19, 21, 45, 45]}
    ),
    "sub_grievances": pd.DataFrame(
        {"grievance": ["price", "price", "delivery"], "sub_grievance": ["a", "b", "c"],
         "items": [40, 0, 70]}
    ),
    "audit": pd.DataFrame({"grievance": ["price", "delivery"], "items": [40, 90],
                           "estimate": [41.0, 88.0]}),
    "event_days": pd.DataFrame(
        {"grievance": ["price", "delivery"], "items_event": [19, 45], "items_other": [21, 45],
         **dict.fromkeys(("ratio", "low", "high", "p", "p_holm"), 1.0)}
    ),
    "platforms": pd.DataFrame(
        {"platform": ["x", "y", "z"], "items": [30, 40, 90], "authors": [1, 20, 30]}
    ),
    "watchlist": pd.DataFrame({"platform": ["x", "y", "z"], "items": [30, 40, 90]}),
}  # fmt: skip


@pytest.mark.parametrize(
    ("table", "column", "key"),
    [
        ("daily", "items", "price"), ("sub_grievances", "items", "price"),
        ("audit", "items", "price"), ("audit", "estimate", "price"),
        ("event_days", "items_event", "price"), ("watchlist", "items", "x"),
    ],
)  # fmt: skip
def test_what_one_table_withholds_for_few_authors_no_other_tells(table, column, key):
    shown = disclose(FEW_AUTHORS, Rules(5, quotes=False))[table]
    name = "platform" if "platform" in shown else "grievance"
    others = shown.loc[~shown[name].isin([key, "sms", "y"]), column]
    counts = shown.loc[shown[name] == key, column]
    assert counts[FEW_AUTHORS[table].loc[counts.index, column] > 0].isna().all()
    assert others.notna().all()
    assert disclose(FEW_AUTHORS, Rules(1, quotes=False))[table][column].notna().all()


@pytest.mark.parametrize(
    ("table", "column", "share", "shown"),
    [
        ("clusters", "covered", 2 / 30, False), ("clusters", "covered", 28 / 30, False),
        ("clusters", "covered", 0.5, True), ("clusters", "covered", 1.0, True),
        ("emerging", "purity", 27 / 30, False), ("breaks", "platform_share", 0.1, False),
        ("breaks", "top_family_share", 0.5, True), ("clusters", "covered", 0.0, True),
        ("clusters", "covered", 4 / 30, False), ("clusters", "covered", 5 / 30, True),
        ("clusters", "covered", 25 / 30, True), ("clusters", "covered", 26 / 30, False),
        ("emerging", "purity", 1 / 30, False), ("emerging", "purity", 29 / 30, False),
    ],
)  # fmt: skip
def test_a_share_does_not_tell_a_count_below_the_minimum(table, column, share, shown):
    rows = pd.DataFrame({"grievance": ["a"], "date": ["1"], "cluster": [0], "items": [30]})
    rows = rows.assign(**{column: share})
    told = disclose({table: rows}, Rules(5, quotes=False))[table][column]
    assert told.notna().tolist() == [shown]
    assert disclose({table: rows}, Rules(1, quotes=False))[table][column].tolist() == [share]


def test_the_covered_part_of_a_topic_does_not_tell_its_rest_where_that_is_company():
    tables = {
        "clusters": pd.DataFrame({"cluster": [0, 1], "items": [39, 30], "covered": [0.5, 0.5]}),
        "cluster_codes": pd.DataFrame(
            {"cluster": [0, 0, 0, 1], "grievance": ["none", "sms", "price", "none"],
             "items": [8, 3, 28, 15]}
        ),
    }  # fmt: skip
    shown = disclose(tables, Rules(5, quotes=False))
    assert shown["clusters"]["covered"].isna().tolist() == [True, False]


def test_what_was_fitted_to_a_series_with_withheld_days_has_no_numbers():
    names = ["price", "delivery"]
    daily = pd.DataFrame(
        {"date": ["2020-06-01", "2020-06-02"] * 2, "grievance": ["price"] * 2 + ["delivery"] * 2,
         "items": [3, 30, 40, 50]}
    )  # fmt: skip
    fitted = pd.DataFrame(
        {"grievance": names, "verdict": "no_trend", "days": 20, "growth": -0.123456, "p": 0.0499,
         "count_low": 0.5, "drift_low": 0.123456, "is_fluctuating": True, "sentence_en": "τ = .12",
         "change": 0.3}
    )  # fmt: skip
    tables = {"daily": daily, "trends": fitted, "specifications": fitted, "breaks": fitted}
    shown = disclose(tables, Rules(5, quotes=False))
    trends = shown["trends"]
    for name in ("growth", "p", "count_low"):
        assert trends[name].isna().tolist() == [True, False]
    assert trends["verdict"].tolist() == ["no_trend"] * 2
    assert trends["drift_low"].tolist() == [0.123456, 0.123456]
    assert trends["days"].tolist() == [20, 20]
    assert trends["sentence_en"].tolist() == [
        "Price: no trend established; by how much is withheld, as are the counts of some days",
        "τ = .12",
    ]
    assert shown["specifications"]["grievance"].tolist() == ["delivery"]
    assert shown["breaks"]["change"].isna().tolist() == [True, False]
    assert shown["breaks"]["p"].isna().tolist() == [True, False]
    whole = disclose(tables, Rules(1, quotes=False))
    for name in ("trends", "specifications", "breaks"):
        pd.testing.assert_frame_equal(whole[name], fitted)


@pytest.mark.parametrize(
    ("measure", "withheld", "hidden"),
    [
        ("share", "all", True), ("share", "negative", False), ("share", "sms_harassment", False),
        ("share_of_negative", "negative", True), ("share_of_negative", "all", False),
        ("against_others", "sms_harassment", True), ("count", "all", False),
        ("count", "price", True),
    ],
)  # fmt: skip
def test_what_a_series_is_set_against_withholds_its_trend(measure, withheld, hidden):
    days = ["2020-06-01", "2020-06-02"]
    codes = ["all", "negative", "price", "sms_harassment"]
    daily = pd.DataFrame(
        [(day, code, 3 if code == withheld and day == days[0] else 90)
         for code in codes for day in days], columns=["date", "grievance", "items"],
    )  # fmt: skip
    trends = pd.DataFrame(
        {"grievance": ["price"], "measure": measure, "verdict": "growth", "growth": 0.5}
    )
    shown = disclose({"daily": daily, "trends": trends}, Rules(5, quotes=False))["trends"]
    assert bool(shown["growth"].isna()[0]) == hidden


def test_a_p_value_that_correction_took_from_a_withheld_row_is_withheld():
    names = ["price", "delivery", "sms_harassment"]
    daily = pd.DataFrame(
        [(f"2020-06-0{day}", code, 3 if (code, day) == ("price", 1) else 90)
         for code in names for day in (1, 2)], columns=["date", "grievance", "items"],
    )  # fmt: skip
    trends = pd.DataFrame(
        {"grievance": names, "verdict": "growth", "p": [0.01, 0.0101, 0.2],
         "p_holm": [0.03, 0.03, 0.2]}
    )  # fmt: skip
    shown = disclose({"daily": daily, "trends": trends}, Rules(5, quotes=False))["trends"]
    assert shown["p_holm"].isna().tolist() == [True, True, False]


def test_a_sentence_on_too_few_items_does_not_say_how_many_where_they_are_withheld():
    trends = pd.DataFrame(
        {"grievance": ["price", "delivery", "sms_harassment"],
         "verdict": ["not_testable", "not_testable", "growth"],
         "sentence_zh": ["价格：共 3 条", "物流配送：共 17 条", "短信：+40%"],
         "sentence_en": ["Price: 3", "Delivery: 17", "SMS: +40%"]}
    )  # fmt: skip
    counts = pd.DataFrame({"grievance": trends["grievance"], "items": [3, 17, 4]})
    shown = disclose({"trends": trends, "counts": counts}, Rules(5, quotes=False))["trends"]
    assert shown["sentence_en"].tolist() == [
        "Price: Too little to tell a rise or a fall", "Delivery: 17", "SMS: +40%",
    ]  # fmt: skip
    assert "3" not in shown["sentence_zh"][0]
    same = disclose({"trends": trends, "counts": counts}, Rules(1, quotes=False))["trends"]
    pd.testing.assert_frame_equal(same, trends)


def pinned(old, new, shown_old, shown_new):
    """Solve for what came to each day, as who has both builds can; list what has one answer alone.

    The total of the days is known, in both builds. What is hidden in either is unknown.
    """
    came = [after - before for before, after in zip(old, new, strict=True)]
    open_days = [
        not (pd.isna(before) or pd.isna(after))
        for before, after in zip(shown_old, shown_new, strict=True)
    ]
    rest = sum(one for one, is_open in zip(came, open_days, strict=True) if not is_open)
    unknown = open_days.count(False)
    told = [one for one, is_open in zip(came, open_days, strict=True) if is_open]
    if unknown:
        answers = [
            values
            for values in itertools.product(range(rest + 1), repeat=unknown)
            if sum(values) == rest
        ]
        told += [values[0] for values in zip(*answers, strict=True) if len(set(values)) == 1]
    return told


@settings(max_examples=60, deadline=None)
@given(
    old=st.lists(st.integers(0, 30), min_size=3, max_size=4),
    came=st.lists(st.sampled_from([0, 0, 1, 3, 5]), min_size=4, max_size=4),
)
def test_two_builds_together_tell_no_small_number_of_posts(old, came):
    came = came[: len(old)]
    if sum(came) < 5:
        return  # the total is withheld then, see below
    new = [before + more for before, more in zip(old, came, strict=True)]
    days = [f"2020-06-0{day}" for day in range(1, 1 + len(old))]
    first = _suppress(pd.DataFrame({"date": days, "items": old}), minimum=5)
    second = _suppress(pd.DataFrame({"date": days, "items": new}), minimum=5, earlier=[first])
    told = pinned(old, new, first["items"], second["items"])
    assert all(one == 0 or one >= 5 for one in told), (old, came, second["items"].tolist())


def pinned_by_windows(counts, shown, totals):
    """Solve for the days of several windows; list what is told of those with fewer than five.

    Parameters are the true counts, what each build shows of its days, and the totals that it
    shows (None for one that it withholds). A zero is shown and never hidden.
    """
    known = {day: size for build in shown for day, size in build.items() if not pd.isna(size)}
    unknown = [day for day in counts if any(day in build for build in shown) and day not in known]
    answers = []
    for values in itertools.product(range(1, 14), repeat=len(unknown)):
        days = known | dict(zip(unknown, values, strict=True))
        sums = (sum(days[day] for day in build) for build in shown)
        if all(total in (None, found) for total, found in zip(totals, sums, strict=True)):
            answers.append(values)
    told = [values[0] for values in zip(*answers, strict=True) if len(set(values)) == 1]
    return [one for one in (*told, *known.values()) if 0 < one < 5]


@settings(max_examples=40, deadline=None)
@given(
    sizes=st.lists(st.sampled_from([0, 1, 2, 3, 4, 5, 6, 8, 12]), min_size=4, max_size=4),
    windows=st.sampled_from([((0, 3), (0, 4)), ((0, 3), (1, 4)), ((0, 4), (0, 2)), ((0, 4), (2, 4)),
                             ((1, 3), (0, 4))]),
)  # fmt: skip
def test_two_windows_together_tell_no_small_day(sizes, windows):
    counts = {f"2020-06-0{day}": size for day, size in enumerate(sizes, 1)}
    totals, shown, published = [], [], []
    for first, last in windows:
        days = dict(list(counts.items())[first:last])
        total = sum(days.values())
        daily = pd.DataFrame({"date": list(days), "grievance": "price", "items": days.values()})
        table = pd.DataFrame({"grievance": ["price", "delivery"], "items": [total, 90]})
        told = disclose({"daily": daily, "counts": table}, Rules(5, quotes=False), published)
        published.append(told)
        shown.append(dict(zip(days, told["daily"]["items"], strict=True)))
        totals.append(None if told["counts"]["items"].isna()[0] else total)
    assert not pinned_by_windows(counts, shown, totals), (sizes, windows)


def test_a_break_that_was_not_found_is_left_out_where_days_are_withheld():
    days = ["2020-06-01", "2020-06-02"]
    daily = pd.DataFrame({"date": days * 2, "grievance": ["price"] * 2 + ["delivery"] * 2,
                          "items": [3, 30, 40, 50]})  # fmt: skip
    breaks = pd.DataFrame(
        {"grievance": ["price", "price", "delivery"], "date": days[1],
         "is_found": [False, True, False], "change": 0.5, "p": 0.2, "p_holm": 0.4,
         "break_kind": ["break", "burst", "break"]}
    )  # fmt: skip
    shown = disclose({"daily": daily, "breaks": breaks}, Rules(5, quotes=False))["breaks"]
    assert shown["break_kind"].tolist() == ["burst", "break"]
    assert shown["p"].isna().tolist() == [True, False]
    assert len(disclose({"daily": daily, "breaks": breaks}, Rules(1, quotes=False))["breaks"]) == 3


def test_the_days_of_a_withheld_code_do_not_tell_that_each_has_one():
    """Of three rare codes none is company; four days that are none of the zeros would be ones."""
    sizes = {"price": [1, 1, 0, 1, 1, 0], "delivery": [2, 0, 0, 0, 0, 0], "sms": [0, 3, 0, 0, 0, 0],
             "after_sales": [9, 8, 0, 7, 9, 6]}  # fmt: skip
    days = [f"2020-06-0{day}" for day in range(1, 7)]
    daily = pd.DataFrame(
        [(day, code, items) for code, row in sizes.items()
         for day, items in zip(days, row, strict=True)], columns=["date", "grievance", "items"],
    )  # fmt: skip
    counts = daily.groupby("grievance", sort=False, as_index=False)["items"].sum()
    shown = disclose({"daily": daily, "counts": counts}, Rules(5, quotes=False))["daily"]
    told = shown.set_index("grievance")["items"]
    assert told[["price", "delivery", "sms"]].isna().all()
    assert told["after_sales"].tolist() == sizes["after_sales"]


def test_a_day_that_was_hidden_stays_so_in_its_week():
    days = ["2020-06-01", "2020-06-02", "2020-06-03", "2020-06-04"]
    weekly = pd.DataFrame({"date": ["2020-06-01"], "grievance": "price", "items": [90]})
    daily = pd.DataFrame({"date": days, "grievance": "price", "items": [3, 7, 30, 50]})
    first = {"daily": daily.assign(items=[None, None, 30, 50]), "weekly": weekly}
    later = {"daily": daily.assign(items=[9, 7, 30, 50]), "weekly": weekly.assign(items=96)}
    shown = disclose(later, Rules(5, quotes=False), [first])["daily"]["items"]
    assert shown.isna().tolist() == [True, True, False, False]
    alone = disclose(later, Rules(5, quotes=False))["daily"]["items"]
    assert alone.tolist() == [9, 7, 30, 50]


def test_a_few_more_posts_are_told_by_no_count():
    rows = {"grievance": ["all", "negative", "price"], "items": [900, 90, 30]}
    first = {"counts": pd.DataFrame({**rows, "families": [800, 80, 20]})}
    more = {"counts": pd.DataFrame({"grievance": rows["grievance"], "items": [920, 92, 30],
                                    "families": [820, 82, 20]})}  # fmt: skip
    rules = Rules(minimum_cell=5, quotes=False)
    alone = disclose(more, rules)["counts"]["items"]
    after = disclose(more, rules, [first])["counts"]
    assert alone.tolist() == [920, 92, 30]
    assert after["items"].fillna(-1).tolist() == [920, -1, 30]
    assert after["families"].fillna(-1).tolist() == [820, -1, 20]
    same = disclose(first, rules, [first])["counts"]
    pd.testing.assert_frame_equal(same, disclose(first, rules)["counts"])


def test_a_new_day_is_told_by_neither_its_row_nor_the_step_before():
    old = pd.DataFrame({"grievance": "price", "date": ["d1", "d2"], "items": [20, 30]})
    new = pd.DataFrame({"grievance": "price", "date": ["d1", "d2", "d3"], "items": [20, 33, 9]})
    shown = disclose({"daily": new}, Rules(5, quotes=False), [{"daily": old}])["daily"]["items"]
    assert shown.isna().tolist() == [False, True, True]
    funnel = pd.DataFrame({"step": ["read", "window", "negative"], "posts_in": [100, 100, 60],
                           "posts_out": [100, 60, 30], "dropped": [0, 40, 30]})  # fmt: skip
    later = funnel.assign(posts_in=[103, 103, 62], posts_out=[103, 62, 31], dropped=[0, 41, 31])
    hidden = disclose({"funnel": later}, Rules(5, quotes=False), [{"funnel": funnel}])["funnel"]
    assert hidden["posts_in"].isna().all()


@pytest.mark.parametrize("series", ["weekly", "monthly"])
def test_the_total_of_a_week_or_month_does_not_tell_a_withheld_day_in_it(series):
    days = ["2020-06-01", "2020-06-02", "2020-06-03", "2020-07-06", "2020-07-07"]
    daily = pd.DataFrame({"date": days, "grievance": "price", "items": [3, 50, 40, 20, 70]})
    starts = {"weekly": ["2020-06-01", "2020-07-06"], "monthly": ["2020-06-01", "2020-07-01"]}
    totals = pd.DataFrame({"date": starts[series], "grievance": "price", "items": [93, 90]})
    shown = disclose({"daily": daily, series: totals}, Rules(5, quotes=False))
    assert shown["daily"]["items"].isna().tolist() == [True, False, True, False, False]
    assert list(shown["daily"]) == list(daily)
    assert shown[series]["items"].tolist() == [93, 90]


@pytest.mark.parametrize(("minimum", "kept"), [(1, ["audit", "explore"]), (5, ["audit"])])
def test_no_note_speaks_of_combinations_that_are_withheld(minimum, kept):
    tables = {
        "explore": pd.DataFrame({"date": ["2020-06-01"], "items": [40]}),
        "notes": pd.DataFrame({"about": ["audit", "explore"], "en": ["a", "b"], "counted": None}),
    }
    shown = disclose(tables, Rules(minimum, quotes=False))
    assert shown["notes"]["about"].tolist() == kept
    assert len(shown["explore"]) == len(kept) - 1


def test_the_covered_part_of_a_topic_stays_where_its_rest_is_shown():
    tables = {
        "clusters": pd.DataFrame({"cluster": [0], "items": [40], "covered": [0.5]}),
        "cluster_codes": pd.DataFrame(
            {"cluster": 0, "grievance": ["none", "sms", "price"], "items": [20, 3, 8]}
        ),
    }
    shown = disclose(tables, Rules(5, quotes=False))
    assert shown["cluster_codes"]["items"].isna().tolist() == [False, True, True]
    assert shown["clusters"]["covered"].tolist() == [0.5]


def test_a_table_whose_rows_have_no_name_is_not_held_against_an_earlier_one():
    words = {"plan": pd.DataFrame({"sample": [50, 100], "items": [7, 9]})}
    shown = disclose(words, Rules(5, quotes=False), [words])["plan"]
    assert shown["items"].tolist() == [7, 9]


@pytest.mark.parametrize(
    "earlier",
    [
        pd.DataFrame({"items": [3, 4]}),  # nothing tells its rows apart
        pd.DataFrame({"grievance": ["price", "all"], "other": [3, 4]}),
        pd.DataFrame({"grievance": ["price", "price"], "items": [3, 4]}),
    ],
    ids=["no key", "no number", "a key twice"],
)
def test_a_table_that_cannot_be_held_against_this_one_tells_no_changes(earlier):
    table = pd.DataFrame({"grievance": ["price", "all"], "items": [5, 9]})
    assert changes_since(table[["items"]], table, earlier) is None


@pytest.mark.parametrize(
    ("days", "shown"),
    [
        ([1, 1, 1, 1, 1, 0, 0], [False, False, True]),  # with company
        ([1, 1, 1, 1, 1, 1, 0], [False, False, True]),
        ([1, 1, 1, 1, 2, 0, 0], [True, True, True]),
        ([1, 1, 1, 1, 1, 9, 0], [True, True, True]),
    ],
)
@pytest.mark.parametrize("minimum", [2, 5])
def test_a_week_with_one_item_a_day_is_not_told_by_its_total(days, shown, minimum):
    later = ["2020-06-08", "2020-06-15"]
    dates = [*(f"2020-06-0{day}" for day in range(1, 8)), *later]
    daily = pd.DataFrame({"date": dates, "grievance": "price", "items": [*days, 40, 50]})
    weekly = pd.DataFrame(
        {"date": ["2020-06-01", *later], "grievance": "price", "items": [sum(days), 40, 50]}
    )
    counts = pd.DataFrame({"grievance": ["price"], "items": [sum(days) + 90]})
    tables = {"daily": daily, "weekly": weekly, "counts": counts}
    out = disclose(tables, Rules(minimum, quotes=False))
    assert out["weekly"]["items"].notna().tolist() == shown
    assert out["counts"]["items"].tolist() == [sum(days) + 90]
    pd.testing.assert_frame_equal(disclose(tables, Rules(1, quotes=False))["weekly"], weekly)


def test_a_total_of_items_on_days_of_their_own_is_withheld():
    days = [f"2020-06-0{day}" for day in range(1, 8)]
    daily = pd.DataFrame({"date": days, "grievance": "price", "items": [1, 1, 1, 1, 1, 1, 0]})
    counts = pd.DataFrame({"grievance": ["price", "sms", "delivery"], "items": [6, 20, 30]})
    shown = disclose({"daily": daily, "counts": counts}, Rules(5, quotes=False))["counts"]
    assert shown["items"].isna().tolist() == [True, True, False]  # the second is company


def test_the_rows_of_every_table_with_counts_are_found_again_in_an_earlier_build(tables):
    counted = {
        name: table for name, table in tables.items()
        if {*_COUNTS, *_RECORDS} & set(table) and name != "explore"  # which no minimum leaves
    }  # fmt: skip
    assert {"counts", "daily", "ratings", "reconciliation", "distinguishing_terms"} <= set(counted)
    for name, table in counted.items():
        keys = keys_of(table.columns)
        assert keys and not table.duplicated(keys).any(), name


@pytest.mark.parametrize(
    ("name", "names", "column"),
    [
        ("ratings", {"stars": ["1", "5"]}, "items"),
        ("reconciliation", {"source_file": ["a.csv", "b.csv"]}, "records_read"),
        ("distinguishing_terms",
         {"selection": "stars", "first": "1", "second": "5", "term": ["慢", "坏"]}, "texts_first"),
    ],
)  # fmt: skip
def test_a_few_more_posts_are_told_by_no_other_table(name, names, column):
    old, new = (pd.DataFrame({**names, column: numbers}) for numbers in ([80, 90], [82, 98]))
    shown = disclosed_in_place({name: new}, Rules(5, quotes=False), [{name: old}])[name][column]
    assert shown.isna()[0]


SIZES = {
    "counts": pd.DataFrame({"grievance": ["all", "negative", "price", "sms", "delivery"],
                            "items": [900, 400, 3, 8, 70], "share": 0.1}),
    "platforms": pd.DataFrame({"platform": list("甲乙丙"), "items": [2, 9, 60], "named": 500}),
    "sub_grievances": pd.DataFrame({"grievance": "delivery", "items": [3, 20, 30],
                                    "sub_grievance": ["delivery.a", "delivery.b", "delivery.c"]}),
    "daily": pd.DataFrame({"grievance": ["delivery"] * 3, "items": [3, 30, 37],
                           "date": ["2020-06-01", "2020-06-02", "2020-06-03"]}),
}  # fmt: skip


@pytest.mark.parametrize(
    ("claim", "is_withheld"),
    [
        ({"kind": "count", "grievance": "price"}, True),
        ({"kind": "daily_mean", "grievance": "price"}, True),
        ({"kind": "share", "grievance": "delivery+price", "of": "negative"}, True),
        ({"kind": "share", "grievance": "delivery", "of": "price"}, True),
        ({"kind": "count", "platform": "甲"}, True),
        ({"kind": "ranking", "order": ["delivery", "price"]}, True),
        ({"kind": "sub_grievances", "grievance": "delivery", "order": ["delivery.c"]}, True),
        ({"kind": "trend", "grievance": "delivery"}, True),
        ({"kind": "peak", "grievance": "delivery"}, True),
        ({"kind": "count", "grievance": "delivery"}, False),
        ({"kind": "count", "platform": "丙"}, False),
        ({"kind": "share", "grievance": "delivery", "of": "negative"}, False),
        ({"kind": "ranking", "order": ["delivery", "negative"]}, False),
        ({"kind": "trend", "grievance": "negative"}, False),
    ],
    ids=str,
)
def test_a_claim_tells_no_count_that_is_withheld(claim, is_withheld):
    """Its estimate is that count, its verdict says whether the count is near the published one."""
    table = pd.DataFrame({
        "claim_id": ["C1"], "published": [3.0], "estimate": [3.0], "low": [2.0], "high": [4.0],
        "verdict": ["reproduced"], "reason": ["计数 3"], "reason_en": ["count 3"],
    })  # fmt: skip
    claims = [Claim(id="C1", statement_zh="甲", statement_en="a", **claim)]
    shown = disclose({**SIZES, "claims": table}, Rules(5, quotes=False), [], claims)["claims"]
    assert shown["published"].tolist() == [3.0]
    assert shown[["estimate", "low", "high"]].isna().all(axis=None) == is_withheld
    assert (shown["verdict"][0] == "not_testable") == is_withheld
    assert ("3" not in f"{shown['reason'][0]}{shown['reason_en'][0]}") == is_withheld
    same = disclose({**SIZES, "claims": table}, Rules(1, quotes=False), [], claims)["claims"]
    pd.testing.assert_frame_equal(same, table)


def test_a_share_beside_other_campaigns_tells_no_count_that_is_withheld():
    table = pd.DataFrame({
        "campaign": ["618-2019", "this_run", "this_run", "this_run"],
        "grievance": ["price", "price", "delivery", "negative"],
        "share": [0.2, 0.0075, 0.175, 0.44], "low": None, "high": None, "peak_days": "2020-06-01",
    })  # fmt: skip
    shown = disclose({**SIZES, "campaigns": table}, Rules(5, quotes=False))["campaigns"]
    assert shown["share"].isna().tolist() == [False, True, False, False]
    assert shown["peak_days"].tolist() == ["2020-06-01", "", "", "2020-06-01"]


@pytest.mark.parametrize(
    ("hidden", "came", "then"),
    [
        # What came to a lone hidden row follows from the total: the row to which fewest came goes.
        ([True, False, False], [3, 9, 7], 2), ([True, False, False], [3, 7, 7], 1),
        ([True, False, False], [0, 9, 7], None),  # nothing came
        ([False, False, False], [3, 9, 7], None),  # nothing is hidden
        ([True, False], [3, 0], None), ([True, False], [3, 1], 1),  # none is no company, one is
        # Two hide each other, unless hardly more came to them than there are rows.
        ([True, True, False, False], [1, 1, 9, 7], 3), ([True, True, False], [1, 2, 9], None),
        ([True, True, False], [2, 0, 9], 2), ([True, True, False], [0, 3, 9], None),
        ([False, False, False], [None, 9, 7], None), ([True, False, False], [3, None, 7], None),
        ([True, False, False], [1, None, 7], 2),
    ],
)  # fmt: skip
def test_which_row_is_hidden_beside_one_that_the_total_tells(hidden, came, then):
    assert next_beside(pd.Series(hidden), pd.Series(came, dtype=float)) == then


@pytest.mark.parametrize(("minimum", "is_told"), [(1, True), (2, False), (3, False)])
def test_a_single_item_is_told_where_nothing_is_withheld(minimum, is_told):
    told = {"sentence_en": ["Price: 1"], "sentence_zh": ["价格：共 1 条"]}
    trends = pd.DataFrame({"grievance": ["price"], "verdict": ["not_testable"]} | told)
    counts = pd.DataFrame({"grievance": ["price"], "items": [1]})
    shown = disclose({"trends": trends, "counts": counts}, Rules(minimum, quotes=False))["trends"]
    assert (shown["sentence_en"][0] == "Price: 1") == is_told
    assert (shown["sentence_zh"][0] == "价格：共 1 条") == is_told


@pytest.mark.parametrize(
    ("hidden", "sizes", "then"),
    [
        # The smallest further row keeps a lone one company, in the order in which rows stand.
        ("x..", [3, 1, 9], "xx."), ("x..", [3, 9, 9], "xx."), ("x..", [3, 9, 8], "x.x"),
        ("x..", [3, 0, 9], "x.x"), ("x..", [3, 0, 0], "x.."), ("...", [3, 9, 9], "..."),
        # Two hide each other, unless their total says that each is one.
        ("xx.", [3, 2, 9], "xx."), ("xx.", [1, 1, 9], "xxx"), ("xx..", [1, 2, 9, 9], "xx.."),
        # Nor that each is four, the most that is withheld for being few.
        ("xx.", [4, 4, 9], "xxx"), ("xx.", [4, 3, 9], "xx."), ("xx..", [4, 5, 9, 9], "xx.."),
    ],
)  # fmt: skip
def test_the_total_of_a_group_tells_no_hidden_row(hidden, sizes, then):
    small = pd.Series([mark == "x" for mark in hidden])
    give_company(small, pd.Series(sizes), list(range(len(sizes))), 5)
    assert "".join(".x"[one] for one in small) == then


def test_event_days_are_told_where_no_day_is_withheld():
    columns = ["items_event", "items_other", "ratio", "low", "high", "p", "p_holm"]
    table = pd.DataFrame({"grievance": ["price", "delivery"], **dict.fromkeys(columns, 7.0)})
    series = pd.DataFrame({"grievance": ["price", "delivery"], "items": [None, 9]})
    assert _where_all_days_are_shown(table, None) is table
    assert _where_all_days_are_shown(table.head(0), series).empty
    assert _where_all_days_are_shown(table, series.assign(items=9)) is table
    shown = _where_all_days_are_shown(table, series)[columns].isna()
    assert shown.all(axis=1).tolist() == [True, False] and not shown.loc[1].any()


def test_a_count_and_its_share_do_not_tell_a_withheld_whole():
    """Negative items grew by three since an earlier build: 40 of them, 14.925 %, would be 268."""
    counts, before = (
        pd.DataFrame({"grievance": ["all", "negative", "counterfeit", "delivery"],
                      "items": [2992, negative, 40, 19],
                      "share": [1.0, negative / 2992, 40 / negative, 19 / negative]})
        for negative in (268, 265)
    )  # fmt: skip
    rules = Rules(5, quotes=False)
    shown = disclose({"counts": counts}, rules, [{"counts": before}])["counts"]
    assert shown["items"].isna().tolist() == [False, True, False, False]
    assert shown["share"].isna().tolist() == [False, True, True, True]
    small = counts.assign(items=[4, 30, 40, 19])  # the total is withheld, and 19 beside it
    shown = disclose({"counts": small}, rules)["counts"]
    assert shown["items"].isna().tolist() == [True, False, False, True]
    assert shown["share"].isna().tolist() == [True, True, False, True]
    clusters = pd.DataFrame({"cluster": [0, 1, 2], "items": [90, 3, 20]})
    codes = pd.DataFrame({"cluster": [0, 0, 1], "grievance": ["price", "none", "price"],
                          "items": [60, 30, 9], "share": [2 / 3, 1 / 3, 1.0]})  # fmt: skip
    shown = disclose({"clusters": clusters, "cluster_codes": codes}, rules)["cluster_codes"]
    assert shown["share"].isna().tolist() == [False, False, True]


NOTES = [  # what a note counts, and whether it is told under a minimum of five
    (None, True), ("", True), ("0", True), ("5", True), ("2026;962;1064", True), ("9;0;9", True),
    ("4", False), ("100;2;98", False), ("100;98;2", False), ("3", False), ("1", False),
]  # fmt: skip


def note_table(counted, en="a note", about="a"):
    row = {"about": about, "number": 1, "zh": "甲", "en": en, "counted": counted}
    return {"notes": pd.DataFrame([row])}


@pytest.mark.parametrize(("counted", "is_told"), NOTES)
def test_a_note_tells_no_few_posts(counted, is_told):
    notes = note_table(counted)
    assert len(disclose(notes, Rules(5, quotes=False))["notes"]) == is_told
    assert len(disclose(notes, Rules(1, quotes=False))["notes"]) == 1


def test_a_run_without_notes_has_none_to_withhold():
    none = {"notes": note_table("3")["notes"].head(0)}
    assert disclose(none, Rules(5, quotes=False), [none])["notes"].empty


def test_a_note_that_counts_goes_where_an_earlier_build_counted_otherwise():
    old, new, plain = (
        note_table(counted, en)
        for counted, en in (("99", "99 texts."), ("98", "98 texts."), (None, "A rule."))
    )
    rules = Rules(5, quotes=False)
    assert [len(disclose(new, rules, [one])["notes"]) for one in (old, new)] == [0, 1]
    assert len(disclose(plain, rules, [old])["notes"]) == 1
    # A build of an earlier version tells its sentences alone.
    old["notes"] = old["notes"].drop(columns="counted")
    assert disclose(new, rules, [old])["notes"].empty


def test_what_breaks_down_by_hour_region_or_kind_of_author_has_a_minimum_of_its_own():
    fine = {"hour", "region", "author_type"}
    columns = {name: schema.table(name).columns for name in schema.table_names()}
    named = {name for name, listed in columns.items() if fine & {one.name for one in listed}}
    assert named - {"posts"} == set(_STRICT)
    assert min(_STRICT.values()) >= 5


@pytest.mark.parametrize("word", ["618", "", None, np.nan])
def test_a_lone_hour_has_company_where_nobody_searched_too(word):
    """The day's total stands in another table; of exports without search words the word lacks."""
    hours = pd.DataFrame({"keyword": [word] * 4, "date": ["2020-06-02"] * 4, "hour": range(4),
                          "items": [17, 3, 7, 9], "grade": ["good"] * 4})  # fmt: skip
    for minimum in (1, 5):
        shown = disclose({"coverage_hours": hours}, Rules(minimum, quotes=False))["coverage_hours"]
        assert shown["items"].isna().tolist() == [False, True, True, False]


@pytest.mark.parametrize(
    ("dropped", "tells"),
    [
        ([], True), ([0, 0], True), ([7], True), ([7, 0], True), ([7, 2], False),
        ([1, 1], True),  # a sum of two in two steps: each is one
        ([1, 0, 1, 1], True), ([1, 2], False),
    ],
)  # fmt: skip
def test_a_sum_tells_a_lone_number_and_ones(dropped, tells):
    assert _tells_all(np.array(dropped, dtype=float)) == tells


def test_a_day_of_nobody_is_withheld_with_the_others_of_a_withheld_code():
    counts = pd.DataFrame({"grievance": ["all", "negative", "price"], "items": [90, 40, 3]})
    daily = pd.DataFrame({
        "date": [f"2020-06-0{day}" for day in range(1, 6)], "grievance": "price",
        "items": [0, 2, 0, 1, 0], "families": [0, 2, 0, 1, 0],
    })  # fmt: skip
    shown = disclose(
        {"counts": counts, "daily": daily}, rules_of(Disclosure(minimum_cell=5), public=False)
    )
    assert shown["counts"]["items"].isna().tolist()[-1]
    assert shown["daily"]["items"].isna().all()


@pytest.mark.parametrize(
    ("sizes", "days", "shares", "peaks"),
    [
        (set(), set(), [0.2, 0.5, 0.3], ["a", "b", "c"]),
        ({"all"}, set(), [None, 0.5, 0.3], ["", "b", "c"]),  # the whole of negative items
        ({"negative"}, set(), [None, None, 0.3], ["", "", "c"]),  # and they of a code
        ({"price"}, set(), [0.2, None, 0.3], ["a", "", "c"]),
        (set(), {"price"}, [0.2, 0.5, 0.3], ["a", "", "c"]),
    ],
)
def test_a_share_of_this_run_goes_with_its_part_and_its_whole(sizes, days, shares, peaks):
    table = pd.DataFrame({
        "campaign": [OURS, OURS, "618-2019"], "grievance": ["negative", "price", "price"],
        "share": [0.2, 0.5, 0.3], "low": 0.1, "high": 0.9, "peak_days": ["a", "b", "c"],
    })  # fmt: skip
    gaps = _Gaps(frozenset(sizes), frozenset(days), frozenset())
    shown = _withhold_own_campaign(table, gaps)
    assert shown["share"].astype(object).where(shown["share"].notna(), None).tolist() == shares
    assert shown["peak_days"].tolist() == peaks


@pytest.mark.parametrize("lost", ["items", "estimate"])
def test_errors_go_where_a_count_or_an_estimate_is_withheld(lost):
    audit = pd.DataFrame({"grievance": ["price", "other"], "items": [9.0, 8], "estimate": [9.5, 7]})
    audit.loc[0, lost] = np.nan
    errors = pd.DataFrame({"grievance": ["price", "other"], "shared_error": 0.01})
    errors = errors.assign(down=1.0, up=2.0)
    shown = _where_audit_is_shown(errors, audit)
    assert shown[["down", "up"]].isna().all(axis=1).tolist() == [True, False]
    assert shown["shared_error"].tolist() == [0.01, 0.01]


def tables_of_single_days(total):
    """Five posts, or negative ones, each on a day of its own: their total tells each day."""
    days = [f"2020-06-0{n}" for n in range(1, 6)]
    counts = {"all": 1 if total == "all" else 30, "negative": 1, "price": 12}
    daily = [(day, code, n) for code, n in counts.items() for day in days]
    every = 5 * counts["all"]
    return {
        "daily": pd.DataFrame(daily, columns=["date", "grievance", "items"]),
        "counts": pd.DataFrame({"grievance": list(counts), "items": [every, 5, 60]}),
        "funnel": pd.DataFrame(
            {"step": ["window", "consumer_voice", "negative", "coded"],
             "posts_in": [every, every, every, 5], "posts_out": [every, every, 5, 0],
             "dropped": [0, 0, every - 5, 5]}
        ),
        "channels": pd.DataFrame(
            {"channel": ["weibo"], "items": [every], "negative_items": [5], "share": 5 / every}
        ),
        "ratings": pd.DataFrame(
            {"stars": ["1"], "items": [every], "negative_items": [5], "share": 5 / every}
        ),
        "sentiment_cutoffs": pd.DataFrame({"cutoff": [0.5], "posts": [every], "negative": 0.5}),
        "notes": pd.DataFrame(
            {"about": ["clusters", "days"], "zh": "", "en": "", "counted": [f"{5}", ""]}
        ),
    }  # fmt: skip


def test_a_withheld_total_is_told_nowhere():
    for total, number in (("negative", 5), ("all", 5)):
        shown = disclose(tables_of_single_days(total), Rules(5, quotes=False))
        assert shown["counts"].set_index("grievance")["items"].isna()[total]
        for name, table in shown.items():
            assert not (table.select_dtypes("number") == number).any().any(), name
        assert shown["notes"]["about"].tolist() == ["days"]
    # What tells it nothing stays: posts of all kinds, where the negative ones are withheld.
    shown = disclose(tables_of_single_days("negative"), Rules(5, quotes=False))
    assert shown["channels"]["items"].tolist() == shown["ratings"]["items"].tolist() == [150]
    assert shown["funnel"]["posts_in"].tolist()[:2] == [150, 150]


def test_no_place_tells_how_many_are_withheld():
    platforms = pd.DataFrame(
        {
            "platform": ["B", "D", "E", "C", "A"],
            "items": [40, 9, 4, 3, 2],
            "named": [60, 12, 4, 3, 2],
        }
    )
    terms = pd.DataFrame(
        {"selection": ["day"] * 3 + ["platform"] * 2, "term": ["w", "v", "u", "t", "s"],
         "texts_first": [2, 30, 3, 4, 50], "texts_second": 90, "z": [9.0, 8.0, 7.0, 6.0, 5.0]}
    )  # fmt: skip
    shown = disclose(
        {"platforms": platforms, "distinguishing_terms": terms}, Rules(5, quotes=False)
    )
    # D is withheld, too: of the twelve posts that name it three are not negative.
    assert shown["platforms"]["platform"].tolist() == ["B", "A", "C", "D", "E"]
    kept = shown["distinguishing_terms"]
    assert kept["term"].tolist() == ["v", "u", "w", "s", "t"]
    assert kept["z"].isna().tolist() == [False, True, True, False, True]
    whole = disclose({"platforms": platforms}, Rules(1, quotes=False))["platforms"]
    assert whole["platform"].tolist() == ["B", "D", "E", "C", "A"]


@pytest.mark.parametrize(
    "column",
    ["items", "families", "authors", "negative_items", "named", "texts_first", "texts_second",
     "share", "estimate", "low", "high", "rate", "share_first", "share_second", "z"],
)  # fmt: skip
def test_all_that_is_counted_or_computed_goes_with_a_small_count(column):
    table = pd.DataFrame({"channel": list("abcd"), "items": [3, 40, 90, 0], "word": "w"})
    table = table.assign(**({} if column == "items" else {column: [50, 60, 70, 80]}))
    shown = disclosed_in_place({"channels": table}, Rules(5, quotes=False))["channels"]
    assert shown[column].isna().tolist() == [True, True, False, False]
    assert shown["word"].tolist() == ["w"] * 4


@pytest.mark.parametrize(
    "column",
    ["items", "families", "authors", "negative_items", "named", "posts_in", "posts_out", "dropped",
     "texts_first", "texts_second"],
)  # fmt: skip
@pytest.mark.parametrize(("few", "hidden"), [(4, True), (5, False), (0, False)])
def test_each_kind_of_count_may_be_too_small(column, few, hidden):
    table = pd.DataFrame({"term": list("abc"), column: [few, 40, 90]})
    shown = disclose({"words": table}, Rules(5, quotes=False))["words"][column]
    assert shown.isna().tolist() == [hidden] * 2 + [False]


@pytest.mark.parametrize(
    ("column", "is_withheld"),
    [(name, True) for name in ("growth", "low", "high", "p", "p_holm", "count_growth", "count_low",
                               "count_high", "detectable")]
    + [(name, False) for name in ("drift_low", "drift_high", "drift_removed", "days")],
)  # fmt: skip
def test_what_is_fitted_to_withheld_days_is_withheld(column, is_withheld):
    daily = pd.DataFrame({"date": ["2020-06-01", "2020-06-02"], "grievance": "price",
                          "items": [3, 40]})  # fmt: skip
    fitted = pd.DataFrame({"grievance": ["price"], "verdict": "flat", column: 0.12987})
    shown = disclose({"daily": daily, "trends": fitted}, Rules(5, quotes=False))["trends"]
    assert shown[column].isna().tolist() == [is_withheld]
    assert is_withheld or shown[column].tolist() == [0.12987]


@pytest.mark.parametrize(
    "column", ["top_families", "terms", "platform", "top_family_share", "platform_share"]
)
def test_what_is_told_of_a_day_goes_with_its_count(column):
    told = ["f 30"] * 2 if column[-1] == "s" else 1.0
    rows = pd.DataFrame({"grievance": "a", "date": ["1", "2"], "items": [3, 40], column: told})
    shown = disclose({"breaks": rows}, Rules(5, quotes=False))["breaks"][column]
    assert shown.isna().tolist() == [True, False]


@pytest.mark.parametrize(
    "column", ["records_read", "kept", "rejected", "repeats", "overlaps", "blank"]
)
def test_each_number_of_the_account_of_a_file_may_be_too_small(column):
    books = pd.DataFrame({"source_file": list("abc"), "records_read": [100, 200, 300], "era": "e"})
    books[column] = [4, 200, 300]
    shown = disclose({"reconciliation": books}, Rules(5, quotes=False))["reconciliation"]
    assert shown[column].isna().tolist() == [True, True, False]
    assert shown["records_read"].isna().tolist() == [True, True, False]


@pytest.mark.parametrize("column", ["snownlp_negative", "negative", "both"])
@pytest.mark.parametrize("share", [0.02, 0.98])
def test_each_share_of_posts_may_tell_a_few(column, share):
    days = pd.DataFrame({"date": list("abc"), "posts": [100, 200, 1000], column: [share, 0.5, 0.5]})
    shown = disclose({"sentiment_days": days}, Rules(5, quotes=False))["sentiment_days"]
    assert shown[column].isna().tolist() == shown["posts"].isna().tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("posts", "either", "hidden"),
    [(100, 0.55, False), (100, 0.54, True), (100, 0.5, False), (200, 0.505, True)],
)
def test_what_one_score_alone_calls_negative_is_no_few(posts, either, hidden):
    """Half are negative by each score: four of a hundred more by either are four by one alone."""
    days = pd.DataFrame({"date": list("ab"), "posts": [posts, 1000], "snownlp_negative": 0.5})
    days = days.assign(negative=0.5, both=0.5, either=[either, 0.7])
    shown = disclose({"sentiment_days": days}, Rules(5, quotes=False))["sentiment_days"]
    assert shown["posts"].isna()[0] == hidden


@pytest.mark.parametrize(
    ("items", "shown"),
    [
        ([0, 1, 1, 0, 1], [None] * 5),  # the day's total, 3, told that each hour has one
        ([0, 0, 1, 0, 0], [None] * 5), ([0, 1, 1, 0, 7], [0, None, None, 0, None]),
        ([0, 1, 2, 0, 0], [0, None, None, 0, 0]), ([0, 1, 0, 0, 7], [0, None, 0, 0, None]),
        ([0, 6, 0, 0, 7], [0, 6, 0, 0, 7]), ([0, 0, 0, 0, 0], [0, 0, 0, 0, 0]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("keyword", [None, "618"])
def test_hours_of_one_post_each_take_the_others_along(items, shown, keyword):
    hours = pd.DataFrame({"keyword": keyword, "date": "2020-06-01", "hour": range(5),
                          "items": items, "grade": "good"})  # fmt: skip
    told = disclose({"coverage_hours": hours}, Rules(5, quotes=False))["coverage_hours"]["items"]
    assert [None if pd.isna(one) else one for one in told] == shown
