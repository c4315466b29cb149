"""From a find to the codebook: a draft is accepted, and the next run counts it."""

from datetime import date, datetime

import numpy as np
import pandas as pd
import polars as pl
import pytest
import yaml
from click.testing import CliRunner
from scipy.stats import hypergeom

from analysis.cli.main import commands
from analysis.clusters.drafts import (
    _chance_of,
    carry_names,
    central_sentences,
    choose_wordings,
    compare_selections,
    compare_terms,
    count_topic_days,
    draft_code,
)
from analysis.clusters.emerging import find_emerging
from analysis.clusters.topics import cluster_topics
from analysis.coding.coder import code_grievances
from analysis.errors import CaodianError
from analysis.measures.prevalence import count_grievances
from analysis.storage import read_table, write_table

from .test_emerging import PLAIN, SLANG, corpus
from .test_topics import corpus as topic_corpus


@pytest.mark.slow
@pytest.mark.parametrize("plant", [SLANG, PLAIN], ids=["slang", "ordinary words"])
def test_a_find_becomes_a_code_that_the_next_run_counts(tmp_path, monkeypatch, plant):
    posts = corpus(plant)
    found = find_emerging(posts)
    coded, finds, draft, mine = (
        tmp_path / name for name in ("coded.parquet", "emerging.csv", "draft.yaml", "mine")
    )
    write_table(posts, coded)
    write_table(found, finds)
    done = CliRunner().invoke(
        commands,
        ["codebook", "draft", str(coded), str(finds), "--row", "0", "--name", "new_trick",
         "--out", str(draft)],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    entry = yaml.safe_load(draft.read_text(encoding="utf-8"))["new_trick"]
    assert {"zh", "en", "definition_zh", "definition_en", "include", "exclude"} <= set(entry)
    assert 1 <= len(entry["examples"]) <= 3
    assert all(len(example["text"]) <= 41 for example in entry["examples"])
    accepted = CliRunner().invoke(
        commands, ["codebook", "accept", str(draft), "--codebook", str(mine)]
    )
    assert accepted.exit_code == 0, accepted.output
    assert "export CAODIAN_CODEBOOK" in accepted.output
    monkeypatch.setenv("CAODIAN_CODEBOOK", str(mine))
    again = code_grievances(posts.select("text", "published_at"))
    is_planted = np.arange(posts.height) >= posts.height - 40
    given = np.array(["new_trick" in codes for codes in again["grievances"]])
    negative = again["is_negative"].to_numpy()
    assert given[is_planted & negative].mean() >= 0.7
    assert not given[~is_planted].any() and not given[~negative].any()
    counts = count_grievances(again).filter(pl.col("grievance") == "new_trick")
    assert counts["items"].to_list() == [given.sum()] and given.sum() >= 10


@pytest.mark.slow
def test_a_topic_becomes_a_draft():
    found = cluster_topics(topic_corpus())
    for row in found.clusters.to_dicts():
        draft = draft_code(found.posts, row, "a_topic")
        terms = yaml.safe_load(draft)["a_topic"]["terms"]
        assert draft.startswith("# A draft from ") and 1 <= len(terms) <= 8
        inside = found.posts.filter(pl.col("topic") == row["cluster"])["text"]
        words = {word for term in terms for word in term.split(" <20> ")}
        assert all(inside.str.contains(word, literal=True).any() for word in words)


@pytest.mark.parametrize(
    ("texts", "inside", "terms", "chosen"),
    [
        (["甲一"] * 5 + ["乙"] * 5, 5, ["甲一"], ["甲一"]),
        (["甲一"] * 4 + ["乙"] * 5, 4, ["甲一"], []),
        (["甲一"] * 5 + ["甲一"] * 5, 5, ["甲一"], []),
        (["甲一和乙二"] * 5 + ["甲一", "乙二"] * 5, 5, ["甲一", "乙二"], ["甲一 <20> 乙二"]),
        (["乙二，甲一"] * 5 + ["甲一" + "长" * 30 + "乙二"] * 5, 5, ["甲一", "乙二"],
         ["甲一 <20> 乙二"]),
        (["甲一。乙二"] * 5 + ["甲一", "乙二"] * 5, 5, ["甲一", "乙二"], []),
        (["甲一"] * 6 + ["乙二"] * 5 + ["丙"], 11, ["乙二", "甲一"], ["甲一", "乙二"]),
        (["甲（一"] * 5, 5, ["甲（一"], ["甲（一"]),
        ([], 0, ["甲一"], []),
        (["甲一"] * 5, 5, [], []),
    ],
)  # fmt: skip
def test_wordings(texts, inside, terms, chosen):
    assert choose_wordings(texts, np.arange(len(texts)) < inside, terms, 0.6) == chosen


def test_what_cannot_be_drafted_is_told():
    posts = pl.DataFrame({"text": ["水温不稳"] * 6, "topic": [0] * 3 + [1] * 3})
    row = {"cluster": 0, "label": "水温", "terms": "水温"}
    with pytest.raises(CaodianError, match="must have wordings"):
        draft_code(posts, row, "water")
    with pytest.raises(CaodianError, match="must have the column topic"):
        draft_code(posts.drop("topic"), row, "water")


@pytest.mark.parametrize(
    ("column", "time", "asked", "said"),
    [
        ("published_at", "2026-06-01 08:00", [], "No rise beyond chance"),
        ("评论时间", "2026/6/1 8:00", [], "No rise beyond chance"),
        ("甲", "2026-06-01", ["--time-column", "甲"], "No rise beyond chance"),
        ("甲", "2026-06-01", [], "posts need their times"),
        ("甲", "2026-06-01", ["--time-column", "乙"], "the time column must be in the file"),
        ("时间", "有空", [], "at least one row must hold a time"),
    ],
)
def test_the_search_for_what_is_new_finds_the_times_or_asks(tmp_path, column, time, asked, said):
    coded = tmp_path / "coded.csv"
    posts = pl.DataFrame({"text": ["水温不稳"], "is_negative": [True], "grievances": [""]})
    write_table(posts.with_columns(pl.lit(time).alias(column)), coded)
    done = CliRunner().invoke(
        commands, ["emerging", str(coded), *asked, "--out", str(tmp_path / "new.csv")]
    )
    assert said in done.output + str(done.exception)


def test_praise_becomes_no_code():
    texts = [f"水温{word}稳定，洗得舒服" for word in "很真太好最"] + ["水温忽高", "水温冷了"]
    is_negative = [False] * 5 + [True] * 3
    posts = pl.DataFrame(
        {"text": [*texts, "快递慢"], "topic": [0] * 7 + [-1], "is_negative": is_negative}
    )
    row = {"cluster": 0, "label": "水温", "terms": "水温"}
    with pytest.raises(CaodianError, match=r"28\.6% of this topic's texts complain"):
        draft_code(posts, row, "water")
    some = posts.with_columns(is_negative=pl.Series([False] * 3 + [True] * 5))
    examples = yaml.safe_load(draft_code(some, row, "water"))["water"]["examples"]
    shown = {example["text"] for example in examples}
    assert shown and not shown & set(texts[:3])


def test_examples_of_a_draft_say_different_things():
    texts = [f"水温不稳，洗到一半变冷第{n}次" for n in range(9)] + ["水温不稳，客服让我自己修"]
    posts = pl.DataFrame({"text": texts, "topic": [0] * 10})
    draft = draft_code(posts, {"cluster": 0, "label": "水温", "terms": "水温"}, "water")
    shown = [example["text"] for example in yaml.safe_load(draft)["water"]["examples"]]
    assert len(shown) == 2 and any("客服" in text for text in shown)


@pytest.mark.slow
def test_a_topic_is_counted_by_code_day_and_stars():
    posts = topic_corpus().with_columns(
        rating=pl.int_range(pl.len()) % 5 + 1.0, negative_probability=0.95
    )
    found = cluster_topics(posts)
    frame = found.posts.to_pandas().assign(day=lambda rows: rows["published_at"].dt.date)
    for by, column in (("grievances", "grievances"), ("published_at", "day"), ("rating", "rating")):
        rows = frame.explode(column) if by == "grievances" else frame
        expected = rows.groupby(["topic", column]).size().to_dict()
        table = found.count(by).drop_nulls(by)
        assert {(cluster, value): n for cluster, value, n, _ in table.iter_rows()} == expected
    whole = found.count("rating").group_by("cluster").agg(pl.col("share").sum())["share"]
    assert whole.round(9).to_list() == [1.0] * len(whole)
    assert found.count("negative_probability")["negative_probability"].unique().to_list() == [0.9]
    as_pandas = cluster_topics(posts.to_pandas()).count("rating")
    assert as_pandas.values.tolist() == [list(row) for row in found.count("rating").iter_rows()]
    with pytest.raises(CaodianError, match="must have the column star"):
        found.count("star")


@pytest.mark.slow
def test_the_sentence_of_a_topic_holds_its_words_and_names_nobody():
    posts = topic_corpus().with_columns(
        body=pl.lit("谢谢！") + pl.col("text") + pl.lit("，电话13812345678。再见")
    )
    found = cluster_topics(posts.drop("text"), text="body")
    sentences = found.sentences(rows=2)
    assert sentences["cluster"].unique().sort().to_list() == list(range(found.clusters.height))
    terms = dict(found.clusters.select("cluster", "terms").iter_rows())
    for topic, sentence in sentences.iter_rows():
        assert sum(word in sentence for word in terms[topic].split("、")) >= 2
        assert len(sentence) <= 41 and "138" not in sentence and "再见" not in sentence
    turned = cluster_topics(posts.drop("text").reverse(), text="body")
    assert turned.sentences(rows=2).equals(sentences)
    empty = cluster_topics(posts.head(3).drop("text"), text="body")
    assert empty.sentences().is_empty() and empty.count("grievances").is_empty()


ALIKE = [
    (["热水忽冷忽热，洗不了澡", "（转）热水忽冷忽热，洗不了澡！", "客服三天不回"], 2, [0, 2]),
    (["热水忽冷忽热", "热水忽冷忽热的原因", "热水总是不热"], 3, [0, 2]),
    (["热水器漏水", "热水器不热", "热水器太吵"], 2, [1, 2]),
    (["！！", "？"], 2, [1]),
    ([], 2, []),
]


@pytest.mark.parametrize(("sentences", "most", "chosen"), ALIKE)
def test_of_sentences_that_say_the_same_one_is_shown(sentences, most, chosen):
    topic = pl.DataFrame({"text": sentences, "topic": 0, "confidence": 0.95}).cast(
        {"text": pl.String}
    )
    shown = central_sentences(topic, {0: "热水、客服"}, most)["sentence"].to_list()
    assert sorted(shown) == sorted(sentences[place] for place in chosen)


@pytest.mark.slow
def test_names_given_to_topics_survive_a_rerun(tmp_path):
    posts = topic_corpus()
    first = cluster_topics(posts)
    names = first.clusters.with_columns(name=pl.lit("甲乙丙丁") + pl.col("cluster").cast(pl.String))
    names = names.with_columns(pl.when(pl.col("cluster") > 0).then("name"))
    again = cluster_topics(posts.sample(fraction=0.8, seed=3), names=names)
    named = dict(names.drop_nulls("name").select("name", "top_grievance").iter_rows())
    kept = again.clusters.filter(pl.col("label").str.starts_with("甲乙丙丁"))
    assert kept.height == len(named) and kept["label"].is_unique().all()
    assert dict(kept.select("label", "top_grievance").iter_rows()) == named
    assert again.clusters.drop("label").equals(
        cluster_topics(posts.sample(fraction=0.8, seed=3)).clusters.drop("label")
    )
    write_table(posts, tmp_path / "coded.parquet")
    write_table(names, tmp_path / "names.csv")
    done = CliRunner().invoke(
        commands,
        ["cluster", str(tmp_path / "coded.parquet"), "--names", str(tmp_path / "names.csv"),
         "--out", str(tmp_path / "out")],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    labels = read_table(tmp_path / "out" / "clusters.csv")["label"].to_list()
    assert sum(label.startswith("甲乙丙丁") for label in labels) == len(named)


@pytest.mark.parametrize(
    ("terms", "earlier", "carried"),
    [
        (["甲、乙"], [("甲、乙", "一")], ["一"]),
        (["甲、乙"], [("甲、乙", " ")], [None]),
        (["甲、乙、丙、丁"], [("甲、戊、己、庚", "一")], [None]),
        (["甲、乙", "甲、乙、丙"], [("甲、乙、丙", "一")], [None, "一"]),
        (["甲、乙"], [("甲、丙、乙", "一"), ("甲、乙", "二")], ["二"]),
        ([], [("甲", "一")], []),
    ],
)
def test_a_name_goes_to_the_topic_most_like_it(terms, earlier, carried):
    names = pl.DataFrame(earlier, schema=["terms", "name"], orient="row")
    assert carry_names(terms, names) == carried


def selections(size=60):
    """Texts of two matters that share their frame, and words of each at known rates."""
    first = [f"买的东西{'快递' if n % 2 else '客服'}一直没有消息第{n}次" for n in range(size)]
    second = [f"买的东西{'价格' if n % 3 else '客服'}一直没有消息第{n}回" for n in range(size)]
    return pl.DataFrame({"text": first}), pl.DataFrame({"text": second})


def test_words_that_tell_two_selections_apart():
    found = compare_terms(*selections()).to_dicts()
    assert [row["term"] for row in found] == ["快递", "价格"]
    assert [(row["texts_first"], row["texts_second"]) for row in found] == [(30, 0), (0, 40)]
    assert found[0]["share_first"] == 0.5 and found[1]["share_second"] == pytest.approx(2 / 3)
    assert found[0]["z"] > 0 > found[1]["z"]


def test_the_other_way_round_the_sides_change_places():
    first, second = selections()
    ours, theirs = compare_terms(first, second), compare_terms(second, first)
    assert theirs["term"].to_list() == ["价格", "快递"]
    assert dict(zip(ours["term"], ours["z"], strict=True)) == {
        term: -z for term, z in zip(theirs["term"], theirs["z"], strict=True)
    }


def test_of_like_selections_no_word_is_told():
    words = ["快递", "价格", "客服", "退款", "质量", "包装", "红包", "短信", "直播", "假货"]
    draw, told = np.random.default_rng(7), 0
    for _ in range(20):
        texts = ["，".join(draw.permutation(words)[:4]) + str(n) for n in range(200)]
        halves = [pl.DataFrame({"text": texts[part::2]}) for part in (0, 1)]
        told += compare_terms(*halves).height
    assert told <= 3  # one corpus in twenty may have a word


def test_what_both_hold_and_copies_and_given_names_do_not_count():
    first, second = selections()
    shared = pl.DataFrame({"text": [f"退款退款第{n}天" for n in range(50)]})
    copies = pl.DataFrame({"text": ["包装破了"] * 80, "family_id": ["a"] * 80})
    found = compare_terms(
        pl.concat([first, shared, copies], how="diagonal"), pl.concat([second, shared]),
        without=["价格"],
    )  # fmt: skip
    assert found["term"].to_list() == ["快递"]


def test_either_kind_of_frame_in_any_order_gives_the_same_words():
    first, second = selections()
    shuffled = first.sample(fraction=1, shuffle=True, seed=1).to_pandas()
    found = compare_terms(shuffled, second)
    assert isinstance(found, pd.DataFrame)
    assert found.to_dict("list") == compare_terms(first, second).to_dict(as_series=False)


@pytest.mark.parametrize("size", [0, 1, 3])
def test_too_few_texts_have_no_words(size):
    first, second = selections(60)
    assert compare_terms(first.head(size), second.head(size)).is_empty()


def test_of_several_comparisons_each_asks_for_more():
    # Two words that few texts hold: beyond chance in one comparison, not in a thousand.
    frame = [f"买的东西一直没有消息第{n}次" for n in range(60)]
    first = pl.DataFrame(
        {"text": [f"快递{text}" if n < 11 else text for n, text in enumerate(frame)]}
    )
    second = pl.DataFrame({"text": [f"{text}了" for text in frame]})
    assert "快递" in compare_terms(first, second)["term"].to_list()
    assert "快递" not in compare_terms(first, second, comparisons=1000)["term"].to_list()


@pytest.mark.parametrize("sides", [(1, 1), (7, 12), (40, 3000), (3000, 3000), (2999, 5)])
def test_the_chance_of_a_split_is_that_of_scipy(sides):
    """Words that one text holds or all, split as the texts are, or all to one side."""
    first, second = sides
    generator = np.random.default_rng(first)
    held = np.unique([1, first + second, *generator.integers(1, first + second + 1, 300)])
    least, most = np.maximum(held - second, 0), np.minimum(held, first)
    as_texts_are = np.clip(np.round(held * first / (first + second)), least, most)
    for of_first in (least, as_texts_are, generator.integers(least, most + 1), most):
        inside = np.vstack([of_first, held - of_first]).astype(float)
        less = hypergeom.cdf(of_first, first + second, held, first)
        more = hypergeom.sf(of_first - 1, first + second, held, first)
        expected = np.minimum(1, 2 * np.minimum(less, more))
        np.testing.assert_allclose(
            _chance_of(inside, first, second), expected, rtol=1e-9, atol=1e-280
        )


def test_a_report_shares_its_chance_among_what_it_compares(monkeypatch):
    first, second = selections()
    posts = pl.concat([first, second]).with_columns(
        channel=pl.Series(["weibo"] * 60 + ["complaint"] * 60),
        rating=pl.Series([1.0] * 60 + [5.0] * 60),
        platforms=pl.Series([["淘宝"]] * 110 + [["京东"]] * 10),  # too few to be compared
    )
    asked = []

    def spied(*sides, **options):
        asked.append(options.get("comparisons"))
        return compare_terms(*sides, **options)

    monkeypatch.setattr("analysis.clusters.drafts.compare_terms", spied)
    compare_selections(posts)
    assert asked[:2] == [2, 2]


def told(posts, selection, event_days=()):
    found = compare_selections(posts, event_days).filter(pl.col("selection") == selection)
    return found.select("first", "second", "term").rows()


def test_platforms_channels_stars_and_periods_are_told_apart():
    first, second = selections()
    posts = pl.concat([first, second])
    ours = np.repeat([True, False], 60)
    few = posts.head(20).with_columns(text="包装破" + pl.col("text"))
    choose = lambda one, other: pl.Series(np.where(ours, one, other))  # noqa: E731
    named = posts.with_columns(
        platforms=pl.Series([["淘宝"] if flag else ["京东"] for flag in ours]),
        channel=choose("weibo", "complaint"), rating=choose("1", "5").cast(pl.Float64),
        published_at=pl.Series(
            [datetime(2020, 6, 18 if flag else 2, 9) for flag in ours], dtype=pl.Datetime("us")
        ),
    )  # fmt: skip
    rare = few.with_columns(
        platforms=pl.lit(["得物"]), channel=pl.lit("news"), rating=pl.lit(3.0),
        published_at=pl.lit(None, pl.Datetime("us")),
    )  # fmt: skip
    mixed = pl.concat([named, rare.select(named.columns)])
    apart = [("快递",), ("价格",)]
    days = [date(2020, 6, 18)]
    assert told(mixed, "platform") == [("京东", "淘宝", "价格"), ("京东", "淘宝", "快递")]
    assert told(mixed, "channel") == [
        ("complaint", "weibo", "价格"), ("complaint", "weibo", "快递")
    ]  # fmt: skip
    assert [row[2:] for row in told(mixed, "stars")] == apart
    assert told(mixed, "period", days) == [("event", "other", "快递"), ("event", "other", "价格")]
    assert told(mixed, "period") == []


def test_names_of_the_two_platforms_are_not_what_tells_them_apart():
    posts = pl.DataFrame(
        {"text": [f"jd买的东西没消息第{n}次" for n in range(60)]
         + [f"taobao买的东西没消息第{n}次" for n in range(60)],
         "platforms": [["京东"]] * 60 + [["淘宝"]] * 60}
    )  # fmt: skip
    assert told(posts, "platform") == []


@pytest.mark.parametrize("size", [0, 1, 29])
def test_of_fewer_than_thirty_posts_nothing_is_told(size):
    first, second = (part.head(size) for part in selections())
    posts = pl.concat(
        [first.with_columns(channel=pl.lit("a")), second.with_columns(channel=pl.lit("b"))]
    )
    found = compare_selections(posts)
    assert found.is_empty() and found.columns[:4] == ["selection", "first", "second", "term"]


def test_days_of_topics_have_zeros_and_no_mixed_posts():
    posts = pl.DataFrame(
        {
            "topic": [0, 0, 1, -1, None],
            "published_at": [datetime(2020, 6, day, 9) for day in (1, 1, 9, 9, 9)],
        }
    )
    found = count_topic_days(posts, date(2020, 6, 1), date(2020, 6, 14), "week")
    assert found.rows() == [
        (date(2020, 6, 1), 0, 2), (date(2020, 6, 1), 1, 0),
        (date(2020, 6, 8), 0, 0), (date(2020, 6, 8), 1, 1),
    ]  # fmt: skip
