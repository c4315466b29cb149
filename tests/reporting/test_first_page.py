"""Page one says what the tables bear, no more, and how sure it is."""

import re
from pathlib import Path

import pandas as pd
import pytest

from analysis.measures.published import judge_claims
from analysis.reporting.sections.answers import unaudited_note
from analysis.reporting.sections.days import none_changed, told_trend
from analysis.reporting.sections.first_page import (
    _length,
    _sureness,
    first_page,
    headlines,
)
from analysis.reporting.sections.section import ReportContext
from analysis.study.load import study_of_range
from analysis.words import load_words


def context(tables, study, language="en", *, simulated=False, scale=1.0):
    words = load_words(language, study.period)
    return ReportContext(tables, {}, study, words, simulated, scale, (), {})


def plain(markup):
    return re.sub(r"<[^>]*>", "", str(markup))


@pytest.fixture
def bare(study):
    """A study of somebody's own file: no claims, nothing published."""
    return study_of_range("reviews", study.window.start, study.window.end, [])


def without_audit(tables):
    counts = tables["counts"].assign(estimate=None, low=None, high=None, published=None)
    return {k: v for k, v in tables.items() if k != "audit"} | {"counts": counts}


def with_items(tables, sizes):
    """Set the items of all posts, negative items and the codes, without an audit."""
    counts = tables["counts"].assign(estimate=None, low=None, high=None)
    counts["items"] = [*sizes, *[0] * (len(counts) - len(sizes))]
    counts["share"] = counts["items"] / max(sizes[1], 1)
    counts.loc[1, "share"] = sizes[1] / max(sizes[0], 1)
    return tables | {"counts": counts}


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (100, 100, "sure"), (100, 150, "sure"), (100, 151, "rough"), (100, 300, "rough"),
        (100, 301, "unsure"), (0, 50, "unsure"), (None, None, "unchecked"),
    ],
)  # fmt: skip
def test_how_sure_a_number_is_follows_from_the_width_of_its_interval(
    tables, study, low, high, word
):
    row = pd.Series({"items": 120, "estimate": None if low is None else 120, "low": low,
                     "high": high})  # fmt: skip
    assert _sureness(context(tables, study), row)[0] == word


@pytest.mark.parametrize("items", [0, 1, 29])
def test_below_the_minimum_no_number_is_sure(tables, study, items):
    row = pd.Series({"items": items, "estimate": items, "low": items, "high": items})
    assert _sureness(context(tables, study), row)[0] == "few"


@pytest.mark.parametrize(
    ("change", "zh", "en"),
    [
        (
            {},
            "短信骚扰与个人信息的占比增长了 42%",
            "personal information took a share that grew by 42%",
        ),
        ({"verdict": "no_trend"}, "短信骚扰与个人信息增长了 50%", "information rose by 50%"),
        ({"verdict": "decline"}, "的占比下降了 42%", "took a share that fell by 42%"),
        ({"verdict": "no_trend", "count_verdict": "no_trend"}, "；最多的是", "; most are about"),
    ],
    ids=["growth", "growth of the count", "decline", "none"],
)
def test_the_headline_states_what_was_found_and_never_only_what_was_not(
    tables, study, change, zh, en
):
    trends = tables["trends"].copy()
    trends.loc[trends["grievance"] == "sms_harassment", list(change)] = list(change.values())
    for language, said in (("zh", zh.replace("；", "，")), ("en", en)):
        run = context(tables | {"trends": trends}, study, language, simulated=True)
        page = first_page(run)
        assert said in plain(page.headline)
        told = headlines(tables | {"trends": trends}, study, language, simulated=True)
        assert 2 <= len(told) <= 3
        assert [plain(finding) for finding in page.findings] == told
        assert "18.8%" in told[0] and "95%" in told[0]


def test_the_largest_is_named_only_where_its_interval_lies_above_all_others(tables, study):
    trends = tables["trends"].assign(verdict="no_trend", count_verdict="no_trend")
    counts = tables["counts"].copy()
    at = counts["grievance"] == "price"
    for low, is_said in ((9_000.0, True), (1_000.0, False)):
        counts.loc[at, ["estimate", "low", "high"]] = [9_500.0, low, 9_900.0]
        page = first_page(context(tables | {"trends": trends, "counts": counts}, study))
        assert ("the largest kind is price" in plain(page.headline)) is is_said
        assert ("The largest kind: price" in plain(page.summary)) is is_said


def test_published_and_found_stand_side_by_side_in_the_first_table(tables, study):
    """One row a claim: what was said, what was found, how sure that is, and the verdict."""
    claims = judge_claims(study, tables, simulated=True, scale=0.01)
    for language in ("zh", "en"):
        run = context(tables | {"claims": claims}, study, language, simulated=True, scale=0.01)
        page = first_page(run)
        for judged, (_, row) in zip(page.claims, claims.iterrows(), strict=True):
            assert judged.verdict == row["verdict"] and judged.verdict in judged.chip
            assert plain(judged.statement) == row["statement" + ("_en" if language == "en" else "")]
            assert plain(judged.sure) not in ("", "–")
            if row["verdict"] == "not_testable":
                assert 'data-evidence="claims/' in judged.sure and "reason" in judged.sure


@pytest.mark.parametrize("language", ["zh", "en"])
def test_unaudited_counts_make_no_headline_on_trends_and_say_that_nobody_checked(
    tables, bare, language
):
    page = first_page(context(without_audit(tables), bare, language))
    said = {"zh": "尚未经人工审核", "en": "nobody has checked"}[language]
    assert said in plain(page.headline)
    assert not re.search(
        "增长|下降|rose|fell|growing|shrinking", plain(page.headline + page.summary)
    )
    assert {card.sure for card in page.cards} == {"unchecked"}
    assert not any(card.interval for card in page.cards)


@pytest.mark.parametrize(
    ("sizes", "zh", "en"),
    [
        ((12, 3, 1), "只有 12 条帖子，不够得出结论", "Only 12 posts: not enough to tell"),
        ((1, 0), "只有 1 条帖子", "Only 1 post: not enough"),
        (
            (900, 12, 6),
            "900 条帖子里吐槽只有 12 条",
            "12 of 900 posts voice a complaint: not enough",
        ),
        ((900, 1), "900 条帖子里吐槽只有 1 条", "1 of 900 posts voices a complaint"),
        (
            (900, 0),
            "编码器在 900 条帖子里没有找到吐槽",
            "The coder found no complaint in 900 posts",
        ),
        (
            (299, 0),
            "编码器在 299 条帖子里没有找到吐槽，但帖子太少",
            "no complaint in 299 posts, too few to say that there is none",
        ),
        ((900, float("nan")), "900 条帖子里吐槽只有 –", "– of 900 posts"),
        ((0, 0), "没有可以计数的帖子", "There are no posts to count"),
    ],
)
def test_too_few_posts_make_no_finding(tables, bare, sizes, zh, en):
    run = with_items(without_audit(tables), sizes)
    for language, said in (("zh", zh), ("en", en)):
        page = first_page(context(run, bare, language))
        assert said in plain(page.headline)
        assert "%" not in plain(page.headline)
        assert [card.sure for card in page.cards] == ["few"] * (sizes[0] > 0)
        assert not any(card.spark for card in page.cards)


def test_an_empty_run_has_nothing_but_its_headline(study, bare):
    page = first_page(context({}, bare))
    assert plain(page.headline) == "There are no posts to count"
    assert not (page.cards or page.summary or page.sources or page.limits or page.more)


def test_undated_posts_have_no_curve_and_say_why_no_trend_stands_there(tables):
    undated = study_of_range("reviews", None, None, [])
    kept = {k: v for k, v in tables.items() if k not in ("daily", "trends", "coverage", "breaks")}
    for language, said in (("zh", "没有发布日期，看不出增减"), ("en", "have no dates, so no rise")):
        page = first_page(context(kept, undated, language))
        assert not any(card.spark for card in page.cards)
        assert all(any(said in plain(text) for text in card.sentences) for card in page.cards)
        assert "2020" not in plain(page.summary)


@pytest.mark.parametrize(
    ("claims", "codes"),
    [
        (True, ["negative", "sms_harassment", "red_envelope"]),
        (False, ["negative", "price", "sms_harassment"]),  # the largest, and what clearly moved
    ],
)
def test_cards_tell_what_was_singled_out_or_else_what_is_largest_and_moved(
    tables, study, bare, claims, codes
):
    page = first_page(context(tables, study if claims else bare))
    assert [card.key for card in page.cards] == codes


def test_codes_below_the_minimum_have_no_card_and_that_is_said(tables, study):
    run = with_items(without_audit(tables), (900, 200, 90, 29))
    page = first_page(context(run, study))
    assert [card.key for card in page.cards] == ["negative", "live_streaming"]
    assert page.more.startswith("All other kinds have fewer than 30")
    alone = first_page(context(with_items(without_audit(tables), (900, 200, 29)), study))
    assert [card.key for card in alone.cards] == ["negative"]
    assert alone.more.startswith("Every kind has fewer than 30")


@pytest.mark.parametrize(
    ("items", "families", "is_said"),
    [(120, 1, True), (120, 60, True), (120, 61, False), (29, 1, False), (120, None, False)],
)
def test_the_summary_says_where_many_items_are_one_text(tables, bare, items, families, is_said):
    run = with_items(without_audit(tables), (900, items))
    run["counts"] = run["counts"].assign(families=families)
    for language, said in (("zh", f"合并后只有 {families} 组"), ("en", "worded almost alike")):
        assert (said in plain(first_page(context(run, bare, language)).summary)) is is_said


@pytest.mark.parametrize("simulated", [True, False])
@pytest.mark.parametrize(("language", "most"), [("zh", 120), ("en", 80)])
def test_the_summary_is_short_and_true_when_it_travels_alone(
    tables, study, language, most, simulated
):
    page = first_page(context(tables, study, language, simulated=simulated, scale=0.01))
    text = plain(page.summary)
    assert 0 < (len(text) if language == "zh" else len(text.split())) <= most
    assert (text.startswith(("模拟数据", "Simulated data"))) is simulated
    assert "12,198" in text and "11,767" in text  # the estimate and the lower end


def test_a_long_summary_drops_its_last_sentences_and_never_its_first(tables, study):
    names = {"zh": 120, "en": 80}
    big = tables["counts"].copy()
    for column in ("items", "estimate", "low", "high"):
        big[column] = big[column] * 1_000_000
    for language, most in names.items():
        page = first_page(context(tables | {"counts": big}, study, language, simulated=True))
        assert _length(page.summary, language) <= most
        assert "%" in plain(page.summary)


@pytest.mark.parametrize(
    ("tested", "said"),
    [(["negative", "price"], "No kind clearly rose or fell in"),
     (["negative"], "every kind has too few to be tested")],
)  # fmt: skip
def test_that_no_kind_moved_is_said_only_where_one_was_tested(tables, study, tested, said):
    trends = tables["trends"].assign(verdict="not_testable")
    rows = trends["grievance"].isin(tested)
    trends.loc[rows, "verdict"] = "no_trend"
    run = context(tables | {"trends": trends}, study)
    assert said in plain(none_changed(run))


def test_numbers_of_page_one_carry_their_evidence(tables, study):
    page = first_page(context(tables, study, "zh"))
    negative = page.cards[0]
    assert 'data-evidence="counts/negative/estimate"' in negative.number
    assert 'data-evidence="counts/negative/low"' in negative.interval
    assert 'data-evidence="daily/' in negative.spark_says
    for made in (page.headline, page.summary, page.sources):
        bare = re.sub(r"<data.*?</data>", "", str(made))
        assert not re.findall(r"\d[\d,.]{2,}", re.sub(r"2020年|95%|\d+月\d+日|个渠道", "", bare))


@pytest.mark.parametrize(
    ("low", "language", "said"),
    [(3, "zh", "最低 0（3 天）"), (3, "en", "lowest 0 (3 days)"), (1, "zh", "最低 0（6月")],
)
def test_a_lowest_count_of_several_days_names_none_of_them(tables, study, low, language, said):
    daily = tables["daily"].copy()
    days = daily["date"].isin(sorted(set(daily["date"]))[10 : 10 + low])
    daily.loc[days & daily["grievance"].ne("all"), "items"] = 0
    page = first_page(context(tables | {"daily": daily}, study, language))
    told = re.sub(r"<[^>]+>", "", str(page.cards[0].spark_says))
    assert said in told.replace("2020年", "")


def test_a_curve_leaves_a_gap_where_a_day_is_withheld_or_unfit(tables, study):
    page = first_page(context(tables, study))
    # The fabricated run has one unfit day, the seventh: two strokes.
    path = re.search(r' d="([^"]*)"', str(page.cards[0].spark))[1]
    assert path.count("M") == 2 and path.count("L") == 17
    daily = tables["daily"].copy()
    daily["items"] = daily["items"].astype(float)
    daily.loc[daily["date"].isin(["2020-06-12", "2020-06-13"]), "items"] = None
    page = first_page(context(tables | {"daily": daily}, study))
    path = re.search(r' d="([^"]*)"', str(page.cards[0].spark))[1]
    assert path.count("M") == 3 and path.count("L") == 14
    assert "nan" not in str(page.cards[0].spark)


@pytest.mark.parametrize(
    ("language", "size", "said"), [("zh", 1_232_056, "123万"), ("zh", 99_999, ""),
                                   ("en", 1_232_056, "1.23 million"), ("en", 999_999, "")]
)  # fmt: skip
def test_a_large_number_is_said_and_stands_exactly_beside(tables, study, language, size, said):
    counts = tables["counts"].copy()
    counts.loc[1, ["estimate", "low", "high"]] = [size, size * 0.9, size * 1.1]
    card = first_page(context(tables | {"counts": counts}, study, language)).cards[0]
    assert card.rounded == said
    assert f"{size:,}" in plain(card.number)


@pytest.mark.parametrize(
    ("change", "zh", "en"),
    [
        ({"verdict": "no_trend", "low": -0.94, "high": 0.67},
         "20 天内未见确定的增减：在全部帖子中的占比可能变化 −94% 至 +67%。",
         "No clear rise or fall in 20 days: the share of all posts may have changed by anything"
         " from −94% to +67%."),
        ({"verdict": "no_trend", "low": -0.98, "high": -0.23, "p_holm": 0.04},
         "20 天内有下降的迹象（在全部帖子中的占比 −98% 至 −23%），但不足以确认。",
         "Signs of a fall in 20 days (share of all posts: −98% to −23%), but not enough to be"),
        ({"verdict": "no_trend", "growth": 2.0, "low": 0.1, "high": 12.0, "p_holm": 0.04,
          "count_growth": 0.8}, "有增长的迹象", "Signs of a rise"),
        # Among fewer posts of other kinds the share rises by itself.
        ({"verdict": "no_trend", "growth": 2.0, "low": 0.1, "high": 12.0, "p_holm": 0.04,
          "count_growth": 0.7}, "条数却没有相应变动", "but the count did not follow"),
        ({"verdict": "no_trend", "growth": -0.6, "low": -0.9, "high": -0.1, "p_holm": 0.01,
          "count_growth": 1.1}, "条数却没有相应变动", "but the count did not follow"),
        ({"verdict": "no_trend", "growth": -0.6, "low": -0.9, "high": -0.1, "p_holm": 0.01,
          "count_growth": -0.5}, "有下降的迹象", "Signs of a fall"),
        ({"verdict": "no_trend", "low": -0.99, "high": 120.0}, "变成十分之一还是十倍都说不准",
         "may have shrunk to a tenth or grown tenfold"),
        ({"verdict": "no_trend", "low": -0.99, "high": 8.9}, "可能变化", "by anything from"),
        # Of several kinds one in twenty moves so far by chance.
        ({"verdict": "no_trend", "low": 0.1, "high": 12.0, "p_holm": 0.05},
         "20 天内未见确定的增减：单看这一类，在全部帖子中的占比变化 ×1.1 至 ×13.0；一次检验多类",
         "No clear rise or fall in 20 days: taken by itself, the share of all posts changed by"),
        ({"verdict": "no_trend", "low": -0.9, "high": -0.1, "p_holm": None},
         "未见确定的增减：单看这一类", "taken by itself"),
        ({"verdict": "growth", "growth": 0.4, "low": 0.1, "high": 0.8},
         "20 天内确有增长：在全部帖子中的占比 +40%，95% 区间 +10% 至 +80%。",
         "A clear rise over 20 days: share of all posts +40% (95% interval +10% to +80%)."),
        ({"verdict": "growth", "growth": 0.4, "low": 0.1, "high": 0.8, "drift_p": 0.4,
          "drift_low": -0.2, "drift_high": 0.3},
         "审核没有发现不一致的迹象（还不能排除 −20% 至 +30% 的漂移）。",
         "to +80%), if the coder judged early and late posts alike; the audit found no sign that"),
        ({"verdict": "growth", "growth": 0.4, "low": 0.1, "high": 0.8, "drift_p": 0.4, "tier": 1,
          "drift_low": -0.2, "drift_high": 0.3},
         "即使到审核未能排除的最坏程度（−20% 至 +30%）也成立。",
         "even under the worst drift of the"),
        ({"verdict": "no_trend", "low": -0.1, "high": 0.5, "count_verdict": "growth"},
         "确有增长：数量 +50%，95% 区间 +20% 至 +90%。在全部帖子中的占比的变化（−10% 至 +50%）不够",
         "count +50% (95% interval +20% to +90%). The share of all posts did not change for sure"),
        ({"verdict": "no_trend", "low": 0.0, "high": 0.0},
         "20 天里在全部帖子中的占比没有变过。",
         "The share of all posts was the same throughout the 20 days."),
        ({"verdict": "not_testable", "low": None}, "数据太少，看不出增减。", "Too little to tell"),
    ],
    ids=[
        "none", "sign of a fall", "sign of a rise", "rise of others", "fall and more items",
        "fall of both", "wide", "less wide", "chance up", "chance down", "growth",
        "growth if alike", "growth whatever the coder did", "growth of the count", "constant",
        "too little",
    ],
)  # fmt: skip
def test_a_trend_is_told_in_words_and_its_interval(tables, study, change, zh, en):
    trends = tables["trends"].assign(days=20, count_verdict="no_trend")
    trends.loc[trends["grievance"] == "sms_harassment", list(change)] = list(change.values())
    for language, said in (("zh", zh), ("en", en)):
        run = context(tables | {"trends": trends}, study, language, simulated=True)
        assert said in plain(told_trend(run, "sms_harassment"))


def test_a_count_that_may_have_grown_with_the_collection_is_no_finding(tables, study):
    trends = tables["trends"].assign(verdict="no_trend", count_verdict="growth")
    for simulated in (True, False):
        run = context(tables | {"trends": trends}, study, simulated=simulated)
        assert ("A clear rise" in plain(told_trend(run, "price"))) is simulated
        assert ("rose by" in plain(first_page(run).headline)) is simulated


@pytest.mark.parametrize(
    ("channel", "sources"),
    [("review", ("shops", "sneakers", "water heaters")), ("app_store", ("app store",)),
     ("weibo", ("Weibo of April 2020", "everyday Weibo")), ("hotline", ("city's letters",)),
     ("forum", ("car forum",)), ("zhihu", ())],
)  # fmt: skip
def test_the_nearest_real_text_is_what_was_measured(tables, bare, channel, sources):
    """Against the table of the benchmark, summed over the sources of a channel."""
    path = Path(__file__).parents[2] / "benchmarks" / "real_posts_test.csv"
    rows = pd.read_csv(path).query("coder == 'shipped' and kind == 'coded' and side == 'negative'")
    mine = rows[[source.startswith(sources) if sources else False for source in rows["source"]]]
    told = tables["channels"].head(1).assign(channel=channel)
    run = context(without_audit(tables) | {"channels": told}, bare)
    text = plain(unaudited_note(run))
    assert text.startswith("On ") is bool(sources)
    if sources:
        posts, called, true = (int(mine[name].sum()) for name in ("posts", "called", "true"))
        assert (
            f"On {posts} " in text and f"counted {called} complaints where there are {true}" in text
        )


@pytest.mark.parametrize(
    ("era", "zh", "en"),
    [
        ("columns by name", "来源：微博", "Sources: Weibo"),
        ("columns by name; place told by the texts", "看像是微博", "the texts read like those of"),
    ],
)
def test_a_place_that_no_file_names_is_said_to_be_a_guess(tables, bare, era, zh, en):
    channels = tables["channels"].head(1).assign(channel="weibo")
    read = tables["reconciliation"].head(1).assign(era=era)
    run = tables | {"channels": channels, "reconciliation": read}
    for language, said in (("zh", zh), ("en", en)):
        assert said in plain(first_page(context(run, bare, language)).sources)


@pytest.mark.parametrize(
    ("sizes", "era", "zh", "en"),
    [
        # What no column and no text tells is no place called “other”.
        ({"other": 40}, "columns by name", "来源：渠道不明，共",
         "Source: channel unknown; 64,885 posts."),
        ({"weibo": 64_000, "other": 885}, "columns by name",
         "条帖子。其中 885 条的渠道不明，或不在已知的渠道之列。",
         "Sources: Weibo; 64,885 posts. Of these, 885 are of an unknown channel, or of one that"),
        ({"weibo": 64_000, "other": 1}, "columns by name", "其中 1 条的渠道不明",
         "Of these, 1 is of an unknown channel"),
        # Unknown posts are named after the known ones, however many they are.
        ({"weibo": 9, "review": 8, "other": 700}, "columns by name; place told by the texts",
         "来源：微博、消费评价，共 64,885 条帖子。有的文件没有写明渠道，由文字推断。其中 700 条",
         "Sources: Weibo, customer reviews; 64,885 posts. Some files do not name the channel"),
        ({"weibo": 9, "other": None}, "columns by name", "来源：微博，共 64,885 条帖子。",
         "Sources: Weibo; 64,885 posts."),
    ],
)  # fmt: skip
def test_of_how_many_posts_the_place_is_unknown_is_said(tables, bare, sizes, era, zh, en):  # noqa: PLR0917
    channels = pd.DataFrame(
        {"channel": list(sizes), "items": list(sizes.values()), "negative_items": 1}
    )
    read = tables["reconciliation"].head(1).assign(era=era)
    run = tables | {"channels": channels, "reconciliation": read}
    for language, said in (("zh", zh), ("en", en)):
        assert said in plain(first_page(context(run, bare, language)).sources)
