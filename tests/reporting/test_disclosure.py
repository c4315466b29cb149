import itertools

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.plots.grievances import plot_terms
from analysis.reporting.disclosure import Rules, _suppress, disclose, rules_of
from analysis.study.model import Disclosure


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
    shown = disclose(tables, Rules(minimum_cell=5, quotes=False))
    assert shown["cluster_days"]["items"].isna().tolist() == [True, False, True, False]
    codes = shown["cluster_codes"][["items", "share"]].isna()
    assert codes.to_numpy().tolist() == [[True, True], [True, True], [False, False]]
    words = shown["distinguishing_terms"]
    assert words["texts_first"].isna().tolist() == words["z"].isna().tolist()
    assert words["z"].isna()[1] and words["share_first"].isna()[1] and words["z"].notna()[0]
    assert plot_terms(words).table["term"].tolist()[0] == "快递"


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
