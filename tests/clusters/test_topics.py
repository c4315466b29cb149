"""Clusters: planted topics come back, unstable ones go, an uncovered rise is found."""

import re
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, normalize

from analysis.clusters.consensus import (
    chance_of_company,
    choose_topics,
    find_consensus,
    hash_texts,
    learn_space,
    tell_apart,
    tell_bound,
    unit_rows,
    weigh_space,
)
from analysis.clusters.onset import _chance_of_step, find_onset, largest_by_chance, rise_day
from analysis.clusters.post_topics import CLUSTER_COLUMNS
from analysis.clusters.terms import (
    find_boilerplate,
    name_cluster,
    name_topics,
    select_negative,
    weigh_within,
)
from analysis.clusters.topics import Clusters, TopicClusters, cluster_topics
from analysis.clusters.words import cut_words, find_words, learn_words, list_terms, read_texts
from analysis.corpus.clean import clean_texts
from analysis.errors import CaodianError
from analysis.numbers import share_text

pytestmark = pytest.mark.slow  # the fixture of all of them takes seconds

TOPICS = {
    "delivery": ["物流停滞", "快递丢件", "迟迟不发货", "催单无人理", "配送超时", "驿站拒收"],
    "after_sales": ["退款被拒", "客服踢皮球", "售后敷衍", "退货运费", "换货拖延", "维修收费"],
    "counterfeit": ["假货", "鉴定造假", "高仿鞋", "防伪码无效", "冒牌化妆品", "专柜不认"],
    "": ["直播课停播", "网课跑路", "课程缩水", "老师失联", "学费难要回", "机构关门"],
}
FILLER = ["真是", "我", "这次", "太", "气人", "半个月", "投诉", "商家", "平台", "居然"]


def post_texts(generator, topic, count):
    """Invented posts of one topic: three of its phrases among filler words."""
    words = TOPICS[topic]
    return [
        "，".join(
            generator.permutation(
                [*generator.choice(words, 3, replace=False), *generator.choice(FILLER, 3)]
            )
        )
        + str(i)
        for i in range(count)
    ]


def corpus(seed=1, per_topic=200, rise_on=None):
    generator = np.random.default_rng(seed)
    rows = []
    for topic in TOPICS:
        for i, text in enumerate(post_texts(generator, topic, per_topic)):
            late = topic == "" and rise_on is not None and i % 8 != 0
            day = int(generator.integers(rise_on if late else 0, 20))
            rows.append(
                {
                    "text": text,
                    "is_negative": True,
                    "grievances": [topic] if topic else [],
                    "family_id": f"t:{topic}{i}",
                    "published_at": datetime(2020, 6, 1, 9) + timedelta(days=day),
                }
            )
    return pl.DataFrame(rows)


def find(posts, **options):
    """Cluster the posts as pandas, so that the tables are pandas, too."""
    return cluster_topics(posts.to_pandas(), **options)


def test_planted_topics_come_back():
    result = find(corpus())
    assert tuple(result.clusters.columns) == CLUSTER_COLUMNS
    assert set(result.clusters["top_grievance"]) == set(TOPICS)
    assert (result.clusters["stability"] >= 0.6).all()
    assert result.clusters["items"].is_monotonic_decreasing
    by_code = result.clusters.groupby("top_grievance")["covered"].max()
    assert (by_code[by_code.index != ""] > 0.95).all()
    assert (result.clusters["terms"].str.len() > 0).all()
    assert result.note.startswith("800 distinct negative texts, of which ")
    assert result.note.endswith("are in no topic")
    texts, mixed, rest = result.counted
    assert texts == 800 == mixed + rest
    assert (
        result.note
        == f"800 distinct negative texts, of which {share_text(mixed / 800)} are in no topic"
    )
    assert "不属于任何话题" in result.note_zh


def test_topic_that_rises_has_its_first_day():
    result = find(corpus(rise_on=12))
    risen = result.clusters[result.clusters["onset"] != ""]
    assert set(risen["onset"]) == {"2020-06-13"}
    assert any(word in risen["label"].iloc[0] for word in ("网课", "老师", "课程", "学费", "机构"))


def test_row_order_and_frame_kind_do_not_matter():
    posts = corpus(rise_on=12)
    shuffled = posts.sample(fraction=1, shuffle=True, seed=5)
    for other in (shuffled.to_pandas(), posts.sample(fraction=1, shuffle=True, seed=6).to_pandas()):
        first, second = cluster_topics(posts.to_pandas()), cluster_topics(other)
        pd.testing.assert_frame_equal(first.clusters, second.clusters)
        by_text = [found.posts.sort_values("text")[["topic", "confidence"]].to_numpy()
                   for found in (first, second)]  # fmt: skip
        np.testing.assert_array_equal(*by_text)


def test_threads_do_not_matter():
    from threadpoolctl import threadpool_limits

    texts = corpus()["text"]
    found = []
    for threads in (1, 4):
        with threadpool_limits(threads):
            topics = TopicClusters().fit(texts)
        found.append((topics.topics_.to_csv(), topics.transform(texts).tobytes()))
    assert found[0] == found[1]


@pytest.mark.parametrize("per_topic", [25, 40, 50])
def test_small_corpora_that_hold_topics_get_some(per_topic):
    result = find(corpus(per_topic=per_topic))
    assert len(result.clusters) >= 3
    assert (result.posts["topic"] >= 0).mean() >= 0.5


def test_all_posts_can_be_clustered_without_codes():
    posts = corpus().select("text", "family_id")
    result = find(posts, where="all")
    assert len(result.clusters) >= 4
    assert result.note.startswith("800 distinct texts, of which")
    with pytest.raises(CaodianError, match="n_topics must be at least 1"):
        find(posts, where="all", n_topics=0)


def test_the_number_of_topics_can_be_given():
    assert len(TopicClusters(n_topics=4).fit(corpus()["text"]).topics_) <= 4


def test_copies_count_as_items_of_their_text_but_cluster_once():
    posts = corpus()
    copies = pl.concat([posts.head(1)] * 400)
    result = find(pl.concat([posts, copies]))
    assert result.note.startswith("800 distinct")
    assert result.clusters["items"].max() > 400


@pytest.mark.parametrize("per_topic", [0, 1, 5])
def test_tiny_corpora_give_empty_tables_and_a_reason(per_topic):
    posts = corpus().head(per_topic)
    result = find(posts)
    assert result.clusters.empty
    assert tuple(result.clusters.columns) == CLUSTER_COLUMNS
    assert "at least 50 are needed" in result.note


@pytest.mark.parametrize(
    "texts",
    [["退款太慢了真是"], ["退款太慢了", "好评", None], ["退款太慢了真是"] * 200, [""] * 80,
     [None] * 80, [1.5] * 80, [2020] * 60],
    ids=["one", "three", "one text", "empty", "missing", "numbers", "whole numbers"],
)  # fmt: skip
@pytest.mark.parametrize("level", ["coarse", "issues"])
@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame])
def test_odd_frames_have_no_topics_and_come_back_whole(kind, texts, level):
    posts = kind({"text": texts})
    found = cluster_topics(posts, where="all", level=level)
    assert "at least 50 are needed" in found.note
    assert [str(number) for number in found.counted] == found.note.split()[:1]
    assert type(found.posts) is kind and type(found.clusters) is kind
    assert found.labels_.tolist() == [-1] * len(texts) == found.predict(posts).tolist()
    assert found.transform(posts).shape == (len(texts), 0)
    assert not len(found.topics_) and found.members(0) == []


@pytest.mark.parametrize("level", ["coarse", "issues"])
def test_texts_that_hold_nothing_but_what_half_of_them_hold_end_in_no_trace(level):
    signs = [chr(0x4E00 + 7 * n) + chr(0x7000 + 11 * n) for n in range(80)]
    said = ["退款一直不到账客服不理", "屏幕三天就碎了质量太差"]
    found = TopicClusters(level=level).fit([said[n % 2] + sign for n, sign in enumerate(signs)])
    assert found.predict([*said, ""]).shape == (3,)
    assert len(found.labels_) == 80


def test_topics_of_a_table_say_that_they_know_no_texts():
    found = Clusters.of_tables(pd.DataFrame({"cluster": [0]}), "found before")
    for use in (lambda: found.predict(["退款"]), lambda: found.members(0), found.curve):
        with pytest.raises(CaodianError, match=r"know no texts.*cluster_topics\(posts\)"):
            use()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"vectors": "word"}, "vectors must be"),
        ({"n_topics": 2.5}, "n_topics must be a whole number"),
        ({"random_state": -1}, "random_state must be a whole number from 0 on"),
        ({"random_state": "618"}, "random_state must be a whole number"),
        ({"where": "some"}, "where must be negative or all"),
        ({"period": "year"}, "period must be day, week or month"),
        ({"text": "body"}, "must have the column body"),
        ({"text": "parts"}, "must hold one text a row: found 'parts: "),
    ],
)
def test_options_without_a_meaning_are_refused_before_anything_is_read(options, said):
    posts = pl.DataFrame({"text": ["退款难"], "parts": [["退款", "难"]]})
    with pytest.raises(CaodianError, match=said):
        cluster_topics(posts, **{"where": "all"} | options)


def test_texts_without_common_terms_give_a_reason():
    generator = np.random.default_rng(3)
    texts = ["".join(chr(c) for c in generator.integers(0x4E00, 0x9F00, 12)) for _ in range(80)]
    posts = pl.DataFrame({"text": texts, "is_negative": True, "grievances": [[]] * 80})
    found = find(posts.cast({"grievances": pl.List(pl.String)}))
    assert "no stable topic" in found.note and found.counted == (80,)


def test_where_no_topic_is_left_the_curve_is_level():
    """The bags have groups, of which none is a topic; and texts that stand there twice."""
    posts = corpus(per_topic=60)
    found = find(pl.concat([posts, posts]))
    found._topics = found._topics.order([])
    curve = found.curve()
    assert (curve["assigned"] == 0).all() and curve["agreement"].isna().all()


def test_uncoded_posts_are_refused():
    with pytest.raises(
        CaodianError, match=r"column is_negative.*columns there: text.*Code the posts"
    ):
        cluster_topics(pl.DataFrame({"text": ["退款难"]}))


def test_only_negative_items_of_the_window_count_once():
    posts = pl.DataFrame(
        {
            "text": ["一", "二", "三", "四", None],
            "is_negative": [True, False, True, True, True],
            "grievances": [["price"]] * 5,
            "repeat_of": [None, None, "a:1", None, None],
            "is_in_window": [True, True, True, False, True],
        }
    )
    assert select_negative(posts)["text"].to_list() == ["一"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("客服拒绝退款", ["客服", "拒绝", "退款"]),
        ("拼多多安装收材料费", ["拼多多", "安装", "收", "材料费"]),
        ("退款，【电话】app打不开", ["退款", "app", "打不开"]),
        ("换了EJ20，跑100km", ["换", "了", "跑"]),
        ("已讲正品，露出别的", ["已", "讲", "正品", "露出", "别的"]),
        ("【姓名】 x 138", []),
        ("", []),
    ],
)
def test_texts_are_cut_into_words(text, words):
    cuts = cut_words(["物流", text, "客服"])
    assert [cuts.words[place] for place in cuts.number[cuts.texts == 1]] == words


def test_words_that_the_dictionary_lacks_are_found_and_pieces_are_not():
    around = [a + "{}" + b for a in "总又老会就" for b in "了啊呀"]
    assert find_words([text.format("闪退") for text in around]) == ["闪退"]
    # 退砍 always stands in the same longer phrase.
    assert "退砍" not in find_words([text.format("闪退砍卖家") for text in around])
    assert not find_words([text.format("闪退") for text in around[:4]])


WRITTEN = """
快递 客服 退款 红包 主播 直播间 优惠券 差价 定金 尾款 假货 质量 包装 屏幕 电池 安装费 师傅 发票
运费险 物流 商家 平台 规则 短信 验证码 会员 积分 保质期 水果 衣服 掉色 漏水 砍单 闪退 秒杀 预售
"""
LEXICON = WRITTEN.split()
LINKS = ["的", "了", "就是", "说", "太", "也", "又", "一直", "，", "，我", "！", "都"]


def test_what_is_printed_is_made_of_whole_words():
    generator = np.random.default_rng(8)
    texts = [
        "".join(
            str(part)
            for pair in zip(
                generator.choice(LEXICON[start : start + 14], 8), generator.choice(LINKS, 8),
                strict=True,
            )
            for part in pair
        )
        for start in (0, 11, 22) for _ in range(150)
    ]  # fmt: skip
    whole = re.compile("(?:" + "|".join(LEXICON) + ")+")
    printed = [term for named in TopicClusters().fit(texts).cluster_terms_ for term in named]
    listed = list_terms(texts)
    printed += [term for term, is_whole in zip(listed.terms, listed.whole, strict=True) if is_whole]
    assert len(printed) > 40 and {"主播", "闪退", "砍单"} <= set(printed)
    assert [term for term in printed if not whole.fullmatch(term)] == []


def test_a_rare_name_never_becomes_a_word_of_a_topic():
    texts = ["退款难"] * 200 + ["快递慢"] * 200 + ["王晓明不给退款"] * 4
    vocabulary, _ = learn_words(texts)
    assert "退款难" in vocabulary.words
    assert not any("晓" in word for word in vocabulary.words)


def test_fields_of_a_form_are_no_words():
    filled = [f"噪音大小：很小{i}，外形外观：好看{i}，安装师傅收费" for i in range(40)]
    vocabulary, _ = learn_words(filled + ["物流太慢"] * 60)
    assert "安装" in vocabulary.words
    assert not {"噪音", "大小", "外形", "外观"} & set(vocabulary.words)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("退款拖了半个月，我不是针对谁。", "退款拖了半个月， 。"),
        ("退款拖了半个月，我不是针对谁了", "退款拖了半个月， "),
        ("这个月第5次了，快递又丢了件", " ，快递又丢了件"),
        ("我不是针对谁。", "我不是针对谁。"),  # nothing else is told
        ("坏了，我不是针对谁。", "坏了，我不是针对谁。"),
        ("我不是针对谁家的快递，就是慢", "我不是针对谁家的快递，就是慢"),
    ],
)
def test_sayings_of_many_writers_are_blanked(text, kept):
    told = [f"{when}{who}{what}" for when in WHEN for who in WHO for what in ("不理人", "加价了")]
    sayings = ["我不是针对谁", "这个月第三次了", "随便说说而已"]
    boilerplate = find_boilerplate([f"{part}，{sayings[i % 3]}。" for i, part in enumerate(told)])
    assert boilerplate.sayings == {"我不是针对谁", "这个月第0次", "随便说说而已"}
    assert boilerplate.blank([text]) == [kept]


@pytest.mark.parametrize(
    "texts",
    [
        ["服务态度很差"] * 30,  # all there is
        [f"电梯坏了{i}次，没人来修{chr(0x4E00 + i)}" for i in range(40)],  # no two alike
        [f"客服{chr(0x5000 + i)}推来推去，好贵" for i in range(40)],  # too short a clause
    ],
)
def test_what_is_no_saying(texts):
    assert not find_boilerplate(texts).sayings


def posts_of_channels(generator, count=300):
    """Reviews and forms of two channels on the same two matters, each in its channel's words."""
    frames = {
        "review": ("买家", "物流", "好评", "小哥", "包邮", "收货"),
        "complaint": ("信访", "投诉人", "工单", "诉求", "反映", "身份证"),
    }
    rows = []
    for channel, frame in frames.items():
        for topic in ("after_sales", ""):
            for i in range(count):
                parts = [*generator.choice(frame, 4), *generator.choice(TOPICS[topic], 3)]
                rows.append((channel, topic, "，".join(generator.permutation(parts)) + str(i)))
    return pl.DataFrame(rows, ["channel", "topic", "text"], orient="row").with_columns(
        is_negative=True, grievances=pl.lit([], dtype=pl.List(pl.String))
    )


def test_the_form_of_a_channel_is_no_topic_and_names_none():
    posts = posts_of_channels(np.random.default_rng(7))

    def purity(found, column):
        placed = found.posts.with_columns(posts[column].alias("known")).filter(pl.col("topic") >= 0)
        largest = placed.group_by("topic", "known").len().group_by("topic").agg(pl.col("len").max())
        return largest["len"].sum() / placed.height

    posts = posts.rename({"topic": "matter"})
    blind = cluster_topics(posts.drop("channel"))
    assert purity(blind, "channel") > 0.9
    found = cluster_topics(posts)
    assert found.posts.filter(pl.col("topic") >= 0).height > 0.8 * posts.height
    assert purity(found, "channel") < 0.6
    assert purity(found, "matter") > 0.95
    first = {label.split("·")[0] for label in found.clusters["label"]}
    assert all(any(word in phrase for phrase in [*TOPICS["after_sales"], *TOPICS[""]])
               for word in first)  # fmt: skip


def test_odds_within_registers_are_their_mean_by_precision():
    generator = np.random.default_rng(2)
    counts = sparse.csr_matrix((generator.random((400, 9)) < 0.3).astype(float))
    labels, registers = generator.integers(0, 3, 400), generator.integers(0, 2, 400)
    inside, scores = weigh_within(counts, labels, 3, registers)
    odds, exact = np.zeros((2, 3, 9)), np.zeros((2, 3, 9))
    for register in (0, 1):
        held = counts.toarray()[registers == register]
        for topic in range(3):
            own = labels[registers == register] == topic
            here, there = held[own].sum(axis=0), held[~own].sum(axis=0)
            sizes = [held[labels[registers == register] == t].sum() for t in range(3)]
            prior = held.sum(axis=0) / held.sum() * np.mean(sizes)
            one, other = here + prior, there + prior
            odds[register, topic] = np.log(one / (one.sum() - one)) - np.log(
                other / (other.sum() - other)
            )
            exact[register, topic] = 1 / (1 / one + 1 / other)
    np.testing.assert_allclose(scores, (odds * exact).sum(axis=0) / np.sqrt(exact.sum(axis=0)))
    np.testing.assert_array_equal(inside[1], counts.toarray()[labels == 1].sum(axis=0))


WHEN = ["昨天", "周一", "早上", "下午", "刚刚", "上周", "月初", "当天"]
WHO = ["师傅", "客服", "店家", "快递员", "卖家", "物业", "站点", "前台"]


@pytest.mark.parametrize(
    ("frame", "named", "absent"),
    [
        ("{0}{1}安装费", ["安装费"], ["装费"]),
        ("{0}{1}不发货", ["不发货"], ["不发"]),
        ("{0}水忽冷忽热，{1}不管", [], ["忽热", "忽冷", "冷忽"]),
        ("{0}{1}让会员充值才行", [], ["会员充"]),
        ("{0}{1}的电话xxxxxxx", [], ["xxxxxxx"]),
        ("带{1}出门也给我打断了，{0}漏水", ["漏水"], ["打断", "出门"]),
    ],
    ids=[
        "a fee",
        "a negation",
        "pieces of a fixed phrase",
        "half a word",
        "digits taken out",
        "small talk with a changing word",
    ],
)
def test_whole_words_and_phrases_name_topics_and_pieces_do_not(frame, named, absent):
    texts = [frame.format(when, who) for when in WHEN for who in WHO]
    texts += [f"{when}的{who}挺好" for when in WHEN for who in WHO]
    terms = read_texts(texts).terms
    assert set(named) <= set(terms)
    assert not set(absent) & set(terms)


def test_a_word_is_bound_by_the_token_that_stands_in_most_of_its_clauses():
    tokens = (np.random.default_rng(4).random((300, 7)) < 0.3).astype(float)
    tokens[:, 3] = np.maximum(tokens[:, 2], tokens[:, 3])  # 2 never without 3
    matrix, own = sparse.csr_matrix(tokens), np.eye(7)
    own[5, 6] = 1  # a phrase: the second token is its own
    expected = []
    for word in range(7):
        here = tokens[tokens[:, word] > 0]
        others = [token for token in range(7) if not own[word, token]]
        excess = (here.mean(axis=0) - tokens.mean(axis=0)) / (1 - tokens.mean(axis=0))
        expected.append(max(0, excess[others].max()) * len(here) / (len(here) + 5))
    found = tell_bound(matrix, matrix, sparse.csr_matrix(own))
    np.testing.assert_allclose(found, expected)
    assert found[2] > 0.9 and np.delete(found, 2).max() < 0.5


def test_clauses_add_up_to_the_words_of_texts():
    texts = [text + "，退款太慢。" for text in corpus()["text"]]
    reading = read_texts(texts)
    whole = reading.vocabulary.count(texts)
    np.testing.assert_array_equal(reading.counts.toarray(), whole.toarray())
    assert len(reading.owners) == reading.clauses.shape[0] > len(texts)


def test_small_talk_weighs_less_than_what_tells_the_rest():
    generator = np.random.default_rng(3)
    topic = generator.integers(0, 4, 400)
    # Twelve words of each topic, eight that stand beside anything; three clauses of two a text.
    clauses, owners = np.zeros((1200, 56)), np.repeat(np.arange(400), 3)
    for row, owner in enumerate(owners):
        clauses[row, 12 * topic[owner] + generator.integers(0, 12)] = 1
        clauses[row, 48 + generator.integers(0, 8)] = 1
    clauses = sparse.csr_matrix(clauses)
    counts = sparse.csr_matrix(np.add.reduceat(clauses.toarray(), np.arange(0, 1200, 3)))
    space = learn_space(counts)
    weighed = weigh_space(space, counts, clauses, owners)
    kept = np.linalg.norm(weighed.vectors, axis=1) / np.linalg.norm(space.vectors, axis=1)
    assert kept[48:].max() < 0.3 < kept[:48].min()


def test_texts_of_a_term_are_as_alike_as_their_mean_cosine():
    generator = np.random.default_rng(5)
    points = generator.normal(size=(40, 6))
    held = generator.random((40, 5)) < 0.4
    slow = []
    for term in range(5):
        rows = points[held[:, term]]
        likeness = rows @ rows.T
        slow.append((likeness.sum() - np.trace(likeness)) / (len(rows) * (len(rows) - 1)))
    np.testing.assert_allclose(tell_apart(points, sparse.csr_matrix(held.astype(float))), slow)


def test_a_phrase_names_a_topic_in_the_place_of_its_word():
    words = ["安装", "安装费", "退款", "退款慢", "费用"]
    counts = np.zeros((80, 5))
    counts[:40, 0] = counts[:30, 1] = counts[:38, 4] = 1
    counts[40:, 2] = 1
    counts[40:45, 3] = 1
    named = name_topics(sparse.csr_matrix(counts), np.repeat([0, 1], 40), words, 2)
    # Three quarters of 安装 stand in 安装费, an eighth of 退款 in 退款慢.
    assert named == [["安装费", "费用"], ["退款"]]


def test_no_two_labels_share_a_word():
    words = ["客服", "客服态度", "手机", "屏幕"]
    counts = np.zeros((80, 4))
    counts[:40, [0, 2]] = 1
    counts[40:, [3]] = 1
    counts[40:60, [1]] = 1
    named = name_topics(sparse.csr_matrix(counts), np.repeat([0, 1], 40), words, 2)
    assert named == [["客服", "手机"], ["屏幕"]]


def test_no_word_names_two_topics():
    generator = np.random.default_rng(4)
    from scipy import sparse

    labels = np.repeat([0, 1, 2, -1], 50)
    counts = generator.random((200, 30)) < np.where(labels[:, None] == np.arange(30) % 3, 0.5, 0.1)
    words = [chr(0x4E00 + 2 * i) + chr(0x4E01 + 2 * i) for i in range(30)]
    named = name_topics(sparse.csr_matrix(counts), labels, words, 3)
    flat = [word for names in named for word in names]
    assert len(flat) == len(set(flat)) == 24
    # Each word names the topic in which it was drawn more often.
    assert all(
        words.index(word) % 3 == topic for topic, names in enumerate(named) for word in names
    )


def test_names_do_not_overlap():
    assert name_cluster(np.array([1.0, 3, 2, 0]), ["客服", "退款", "款退", "无"]) == [
        "退款", "款退", "客服",
    ]  # fmt: skip


def test_a_topic_is_as_stable_as_its_jaccard_index_with_the_bags():
    from sklearn.metrics import jaccard_score

    generator = np.random.default_rng(2)
    points = generator.normal(size=(300, 5)) + 4 * np.eye(5)[generator.integers(0, 5, 300)]
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    found = find_consensus(points, hash_texts([str(i) for i in range(300)], 1), 5)
    labels, confidence = choose_topics(found.vote(points))
    assert ((confidence >= 0.7) == (labels >= 0)).all()
    sure = labels >= 0
    bags = [
        topics[(points @ centres.T).argmax(axis=1)]
        for centres, topics in zip(found.centres, found.topics, strict=True)
    ]
    slow = [
        np.mean([jaccard_score((labels == topic)[sure], (own == topic)[sure]) for own in bags])
        for topic in range(found.n_topics)
    ]
    assert found.n_topics == 5
    np.testing.assert_allclose(found.judge(points, labels), slow)
    agreed = np.mean([own == labels for own in bags], axis=0)
    np.testing.assert_allclose(found.agree(points, labels), agreed)


def test_texts_of_a_topic_that_is_dropped_go_to_no_other():
    generator = np.random.default_rng(2)
    group = generator.integers(0, 5, 300)
    points = generator.normal(size=(300, 9)) + 4 * np.eye(9)[group]
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    found = find_consensus(points, hash_texts([str(i) for i in range(300)], 1), 5)
    topic = int(np.bincount(choose_topics(found.vote(points))[0][group == 3] + 1).argmax()) - 1
    others = [other for other in range(5) if other != topic]
    labels, _ = choose_topics(found.keep(others).vote(points))
    assert (labels[group == 3] == -1).mean() > 0.97 and (labels[group != 3] >= 0).mean() > 0.9
    far, nowhere = np.eye(9)[[8]], np.zeros((1, 9))
    assert choose_topics(found.vote(np.vstack([far, nowhere])))[0].tolist() == [-1, -1]


@pytest.mark.parametrize(
    ("topics", "length", "least", "most"), [(4, 30, 20, 20), (4, 5, 19, 20), (1, 30, 0, 1)]
)
def test_halves_of_texts_with_topics_go_together(topics, length, least, most):
    """Where there is one topic, texts of any length differ in nothing else."""
    found = 0
    for seed in range(20):
        generator = np.random.default_rng(seed)
        lengths = generator.integers(2, 2 * length, 80)
        chances = generator.dirichlet(np.full(40, 0.2 if topics > 1 else 9.0), topics)
        halves = [
            sparse.csr_matrix(
                [generator.multinomial(size, chances[i % topics]) for i, size in enumerate(lengths)]
            )
            for _ in range(2)
        ]
        found += chance_of_company(*halves, lengths) <= 0.01
    assert least <= found <= most


def test_rise_is_dated_and_noise_is_not():
    generator = np.random.default_rng(6)
    totals = generator.poisson(1000, 20)
    rising = generator.poisson(np.where(np.arange(20) >= 11, 30, 10))
    assert rise_day(rising, totals) == 11
    false = sum(rise_day(generator.poisson(15, 20), totals) is not None for _ in range(400))
    assert false <= 0.05 * 400


@pytest.mark.parametrize(("level", "value"), [(0.1, 7.12), (0.05, 8.68), (0.01, 12.16)])
def test_the_tail_of_the_largest_step_is_that_of_the_tables(level, value):
    # Andrews (2003), table 1: one parameter, 15 % left out on either side.
    assert _chance_of_step(value) == pytest.approx(level, rel=0.1)


def test_the_more_topics_are_asked_the_larger_a_rise_must_be():
    assert largest_by_chance(1) == largest_by_chance(10) == 12.35
    for asked in (20, 60, 500):
        chance = _chance_of_step(largest_by_chance(asked)) * asked
        assert chance == pytest.approx(10 * _chance_of_step(12.35))
    # 20 families before and 40 later; then 54 later.
    days = np.concatenate([np.arange(20) % 10, np.arange(40) % 10 + 10])
    rising, totals = np.eye(20, dtype=int)[days], np.full(20, 1000)
    ratio = 2 * (20 * np.log(20 / 30) + 40 * np.log(40 / 30))
    assert ratio < 12.35 and find_onset(rising, totals, seed=618) is None
    steeper = np.eye(20, dtype=int)[np.concatenate([days, np.arange(14) % 7 + 11])]
    ratio = 2 * (20 * np.log(20 / 37) + 54 * np.log(54 / 37))
    assert 12.35 < ratio < largest_by_chance(500)
    assert find_onset(steeper, totals, seed=618, asked=10) is not None
    assert find_onset(steeper, totals, seed=618, asked=500) is None


def test_promotion_that_lifts_everything_is_no_rise():
    totals = np.where(np.arange(20) >= 15, 4000, 1000)
    generator = np.random.default_rng(8)
    assert rise_day(generator.binomial(totals, 0.02), totals) is None


def test_one_copied_text_is_no_sure_rise():
    generator = np.random.default_rng(9)
    families = np.eye(20, dtype=int)[generator.integers(0, 20, 100)]
    copied = np.zeros((1, 20), dtype=int)
    copied[0, 12:] = 25
    onset = find_onset(np.concatenate([families, copied]), np.full(20, 1000), seed=618)
    assert onset is None or onset.certainty < 0.8


def test_a_rise_of_a_handful_is_not_dated():
    totals = np.full(20, 1000)
    family_days = np.zeros((40, 20), dtype=int)
    family_days[np.arange(40), np.repeat([16, 17, 18, 19], 10)] = 1
    assert find_onset(family_days, totals, seed=618) is not None
    assert find_onset(family_days[:29], totals, seed=618) is None
    assert find_onset(family_days[:, 11:], totals[11:], seed=618) is None
    assert find_onset(family_days, np.where(np.arange(20) < 10, 0, 1000)[:19], seed=618) is None


@pytest.fixture(scope="module")
def found():
    posts = corpus(rise_on=12).to_pandas()
    posts["odd"] = [object()] * len(posts)
    return posts, cluster_topics(posts.set_axis([7] * len(posts)))


def test_the_posts_come_back_with_their_cluster(found):
    given, topics = found
    posts = topics.posts
    assert list(posts.columns) == [*given.columns, "topic", "confidence"]
    assert posts.index.tolist() == [7] * len(given)
    assert posts["odd"].tolist() == given["odd"].tolist()
    # Every post that was looked at has a topic or is mixed, and says how sure that is.
    assert posts["topic"].notna().all() and posts["confidence"].between(0, 1).all()
    assert (posts["confidence"][posts["topic"] >= 0] >= 0.7).all()
    sizes = posts.loc[posts["topic"] >= 0, "topic"].value_counts()
    expected = topics.clusters.set_index("cluster")["items"]
    assert sizes.sort_index().tolist() == expected.sort_index().tolist()
    # A cluster of the texts on closed schools has no code, one on parcels has its code.
    for row in topics.clusters.itertuples():
        codes = posts.loc[posts["topic"] == row.cluster, "grievances"]
        assert round(codes.map(len).gt(0).mean(), 6) == row.covered


def test_what_comes_back_is_an_estimator_of_posts(found):
    given, topics = found
    posts = topics.posts
    assert topics.labels_.tolist() == posts["topic"].tolist()
    assert topics.confidence_.tolist() == posts["confidence"].tolist()
    # New texts are numbered as the posts are; what a shop answered below is not the writer's.
    assert topics.predict(given).tolist() == topics.labels_.tolist()
    answered = given["text"] + " ------ 商家回复：" + given["text"].iloc[::-1].to_numpy()
    assert topics.predict(answered.tolist()).tolist() == topics.labels_.tolist()
    shares = topics.transform(given["text"])
    assert shares.shape == (len(given), len(topics.clusters))
    np.testing.assert_allclose(shares.max(axis=1), topics.confidence_, atol=1e-6)
    assert topics.topics_["label"].tolist() == topics.clusters["label"].tolist()
    assert topics.topics_["texts"].tolist() == topics.clusters["items"].tolist()
    assert set(topics.members(0)) == set(posts.loc[posts["topic"] == 0, "text"])
    assert topics.curve((0.7,))["assigned"].tolist() == [topics.share_assigned_]
    fresh = clone(topics)
    assert fresh.get_params() == topics.get_params() and not hasattr(fresh, "clusters")
    assert repr(fresh) == "Clusters()"
    few = fresh.fit(given.head(3))
    assert few.note.startswith("3 distinct negative texts") and len(topics.clusters) >= 4


def test_polars_posts_give_polars_tables_of_the_same_content(found):
    given, topics = found
    other = cluster_topics(pl.DataFrame(given.drop(columns="odd")))
    assert isinstance(other.clusters, pl.DataFrame)
    assert other.clusters.rows() == [tuple(row) for row in topics.clusters.itertuples(index=False)]
    for name in ("topic", "confidence"):
        assert other.posts[name].to_list() == topics.posts[name].tolist()
    assert repr(other) == repr(topics)


def test_clusters_print_themselves(found):
    _, topics = found
    assert repr(topics).startswith(topics.note)
    assert topics.clusters["label"][0] in repr(topics)
    assert topics.clusters["label"][0] in topics._repr_html_()


def test_a_rise_in_a_long_window_is_looked_for_by_week():
    weeks_apart = (
        pl.datetime(2020, 1, 1) + (pl.col("published_at") - pl.datetime(2020, 6, 1, 9)) * 7
    )
    posts = corpus(rise_on=12).with_columns(weeks_apart.alias("published_at"))
    onset = cluster_topics(posts).clusters["onset"].max()
    assert datetime.fromisoformat(str(onset)).weekday() == 0


def test_topics_are_those_of_the_clusters():
    posts = corpus()
    topics = TopicClusters().fit(posts["text"])
    tables = cluster_topics(posts.drop("family_id"))
    ours = ["、".join(terms) for terms in topics.cluster_terms_]
    assert sorted(ours) == sorted(tables.clusters["terms"])
    turned = TopicClusters().fit(posts["text"].reverse())
    assert turned.labels_[::-1].tolist() == topics.labels_.tolist()
    sizes = np.bincount(topics.labels_[topics.labels_ >= 0])
    assert (np.diff(sizes) <= 0).all()
    assert sorted(sizes) == sorted(tables.clusters["items"])


def test_topics_work_in_a_pipeline_on_new_texts():
    texts = corpus()["text"].to_list()
    whole = make_pipeline(FunctionTransformer(clean_texts), TopicClusters(random_state=618))
    shares = whole.fit_transform(texts)
    topics = whole[-1]
    assert shares.shape == (len(texts), len(topics.cluster_terms_))
    assert ((shares >= 0) & (shares <= 1)).all()
    again = whole.predict(texts)
    np.testing.assert_array_equal(again, topics.labels_)
    alone = topics.predict(["、".join(topics.cluster_terms_[0][:3]), "", None])
    assert alone.tolist() == [0, -1, -1]
    assert topics.members(0)[0] in texts and len(topics.members(0)) == topics.topics_["texts"][0]
    np.testing.assert_array_equal(clone(topics).fit_predict(texts), topics.labels_)


def test_the_curve_trades_texts_for_agreement():
    texts = corpus()["text"].to_list()
    between = [one + "，" + other for one, other in zip(texts[:200], texts[200:400], strict=True)]
    topics = TopicClusters().fit([*texts, *between, "退款", "嗯", None])
    curve = topics.curve().set_index("confidence")
    assert curve.loc[0.7, "assigned"] == pytest.approx(topics.share_assigned_)
    assert (curve["assigned"].diff().dropna() <= 0).all()
    assert curve["agreement"].between(0, 1).all()
    assert curve.loc[0.95, "agreement"] >= curve.loc[0.3, "agreement"] > 0.5
    nothing = TopicClusters().fit(["退款"]).curve()
    assert nothing["assigned"].eq(0).all() and nothing["agreement"].isna().all()


@pytest.mark.parametrize("texts", [[], ["退款"], ["退款", None, ""]])
def test_too_few_texts_have_no_topics(texts):
    topics = TopicClusters().fit(texts)
    assert topics.labels_.tolist() == [-1] * len(texts)
    assert topics.transform(["退款"]).shape == (1, 0)
    assert topics.predict(["退款"]).tolist() == [-1]


def test_rows_are_scaled_as_by_scikit_learn_to_the_last_bit():
    generator = np.random.default_rng(7)
    points = generator.normal(size=(300, 80)) * 10.0 ** generator.integers(-9, 9, (300, 1))
    points[5], points[6] = 0, 1e-17
    np.testing.assert_array_equal(unit_rows(points), normalize(points))
    held = points * (generator.random(points.shape) < 0.3)
    held[7:12] = 0
    scaled, expected = unit_rows(sparse.csr_matrix(held)), normalize(sparse.csr_matrix(held))
    np.testing.assert_array_equal(scaled.toarray(), expected.toarray())
    assert scaled.format == expected.format
    assert held.any(axis=1).sum() < 300
