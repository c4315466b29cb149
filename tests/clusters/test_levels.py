"""Levels of topics and vectors from elsewhere."""

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from sklearn.metrics import adjusted_rand_score

from analysis.cli.main import commands
from analysis.clusters import levels
from analysis.clusters.topics import TopicClusters, cluster_topics
from analysis.errors import CaodianError

pytestmark = pytest.mark.slow  # each learns topics

# Invented: twelve matters of four topics, each with a place of its own.
TOPICS = {
    "water": (
        ["停水", "水压", "水管"],
        ["自来水公司", "没法做饭", "维修队", "阀门", "水表", "漏水"],
    ),
    "road": (["路灯", "塌陷", "占道"], ["市政部门", "摔跤", "出行", "车辆", "护栏", "施工队"]),
    "school": (["招生", "收费", "补课"], ["校长", "老师", "家长", "作业", "教育局", "学生"]),
    "clinic": (["挂号", "误诊", "检查"], ["医生", "护士", "住院", "病人", "药费", "手术"]),
}
PLACES = ["柳岸花庭", "青塘里", "望河湾", "锦书苑", "石榴巷", "鹤鸣台", "梧桐坊", "晓月居"]
PLACES += ["云杉岭", "南浦渡", "雪松街", "芦花荡"]
DAYS = ["周一", "周二", "昨天", "今天", "上周", "月初", "前天", "清晨"]


def letters(per_matter=8, seed=1):
    """Letters on one matter each: topic, place, text."""
    generator = np.random.default_rng(seed)
    rows = []
    for number, place in enumerate(PLACES):
        topic = list(TOPICS)[number % 4]
        what, more = TOPICS[topic]
        for letter in range(per_matter):
            said = [
                f"{DAYS[letter % 8]}{place}又是{what[number // 4]}的事",
                f"{place}没人管",
                f"问{place}",
            ]
            said += [f"{word}呢" for word in generator.choice(more, 2, replace=False)]
            rows.append((topic, place, "，".join(generator.permutation(said))))
    return pd.DataFrame(rows, columns=["topic", "place", "text"])


def by_topic(posts):
    """A function that gives vectors near one of four corners, by the topic of a letter."""
    corner = posts["topic"].map(list(TOPICS).index).to_numpy()
    noise = np.random.default_rng(7).normal(0, 0.2, (len(posts), 4))
    places = dict(zip(posts["text"], np.eye(4)[corner] + noise, strict=True))
    return lambda texts: np.array([places[text] for text in texts])


@pytest.mark.parametrize(
    ("names", "plain", "completed"),
    [
        ([["骂人"]], [["骂人", "快递", "态度", "电话"]], [["骂人", "快递", "态度"]]),
        ([[]], [["包裹", "收到", "显示", "签收"]], [["包裹", "收到", "显示", "签收"]]),
        ([[]], [["运费", "箱子"]], [["运费", "箱子"]]),
        ([["甲", "乙", "丙"]], [["丁"]], [["甲", "乙", "丙"]]),
        ([["不送上门"]], [["上门", "驿站"]], [["不送上门", "驿站"]]),
        ([["骂人"], ["快递员"]], [["快递", "态度"], ["态度"]], [["骂人", "态度"], ["快递员"]]),
        ([["骂人"], ["快递"]], [["快递", "态度"], ["态度"]], [["骂人", "态度"], ["快递"]]),
    ],
)
def test_a_name_of_few_terms_is_completed_by_plain_words(names, plain, completed):
    assert levels._complete(names, plain) == completed


def test_single_issues_are_letters_on_one_matter():
    posts = letters()
    found = cluster_topics(posts[["text"]], where="all", level="issues")
    table = pd.crosstab(posts["place"], found.posts["topic"])
    # No group holds two matters; most letters on a matter are in one group.
    table = table.drop(columns=-1, errors="ignore")
    assert (table.gt(0).sum(axis=0) == 1).all()
    assert (table.max(axis=1) / table.sum(axis=1)).mean() > 0.6
    assert found.clusters["label"].ne("").all()
    shuffled = posts.sample(frac=1, random_state=3)
    again = cluster_topics(shuffled[["text"]], where="all", level="issues")
    pd.testing.assert_frame_equal(again.clusters, found.clusters)
    np.testing.assert_array_equal(
        again.posts["topic"].sort_index(), found.posts["topic"].sort_index()
    )


def test_a_letter_on_nothing_known_is_in_no_issue():
    topics = TopicClusters(level="issues").fit(letters()["text"])
    assert topics.predict(["屏幕碎了不给换"]).tolist() == [-1]
    assert topics.transform(["屏幕碎了不给换"]).shape == (1, len(topics.topics_))
    assert topics.curve((0.3,))["assigned"].tolist() == [1.0]


def test_a_text_is_crowded_by_its_three_nearest():
    generator = np.random.default_rng(2)
    likeness = generator.random((9, 9))
    likeness = (likeness + likeness.T) / 2
    np.fill_diagonal(likeness, 1)
    likeness[8, :8] = likeness[:8, 8] = 0.001  # like nothing
    nearest = [np.sort(np.delete(row, i))[-3:].mean() for i, row in enumerate(likeness)]
    found = levels._crowd(likeness)
    np.testing.assert_allclose(found, np.maximum(np.array(nearest) / np.median(nearest), 1))
    assert found[8] == 1 < found[:8].max()
    assert levels._crowd(np.eye(3)).tolist() == [1, 1, 1]


def test_fine_topics_are_parts_of_coarse_ones():
    generator = np.random.default_rng(2)
    # Sixteen groups of vectors, four near each of four corners.
    corner = 6 * np.eye(4)[generator.integers(0, 4, 1600)]
    nook = generator.integers(0, 4, 1600)
    points = np.hstack([corner, 5 * np.eye(4)[nook]]) + generator.normal(0, 0.3, (1600, 8))
    words = [word for _, more in TOPICS.values() for word in more[:4]]
    own = 4 * corner.argmax(axis=1) + nook
    texts = [f"{i}日{words[word]}，退款{DAYS[i % 8]}拖了很久" for i, word in enumerate(own)]
    places = dict(zip(texts, points, strict=True))

    def vectors(asked):
        return np.array([places[text] for text in asked])

    hashes = levels.hash_texts(texts, 618)
    reading = levels.read_texts(texts)
    place = levels._learn_place(vectors, texts)
    coarse, fine = (
        levels._learn_consensus(place(texts), hashes, clusters, reading, place)
        for clusters in (4, 16)
    )
    assert (len(coarse.names), len(fine.names)) == (4, 16)
    table = pd.crosstab(fine.choose(texts)[0], coarse.choose(texts)[0])
    assert (table.max(axis=1) / table.sum(axis=1)).drop(-1, errors="ignore").min() > 0.95


def test_a_function_can_give_the_vectors():
    posts = letters()
    vectors = by_topic(posts)
    found = cluster_topics(posts[["text"]], where="all", vectors=vectors, n_topics=4)
    assert adjusted_rand_score(posts["topic"], found.posts["topic"]) > 0.9
    estimator = TopicClusters(vectors=vectors, n_topics=4).fit(posts["text"])
    assert estimator.get_params()["vectors"] is vectors
    assert estimator.predict(posts["text"]).tolist() == estimator.labels_.tolist()


def test_sentence_vectors_are_those_of_the_extra(monkeypatch):
    import analysis.coding.sentence_vectors as module

    posts = letters()
    vectors, asked = by_topic(posts), []

    class Fake:
        def of(self, texts):
            asked.extend(texts.to_list())
            return vectors(texts)

    monkeypatch.setattr(module, "shared_vectors", Fake)
    found = cluster_topics(posts[["text"]], where="all", vectors="sentences", n_topics=4)
    assert adjusted_rand_score(posts["topic"], found.posts["topic"]) > 0.9
    assert set(asked) == set(posts["text"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"level": "middle"}, "level must be coarse, fine or issues"),
        ({"vectors": "letters"}, "vectors must be words, sentences or a function"),
        ({"level": "issues", "n_topics": 4}, "single issues are found by words"),
        ({"level": "issues", "vectors": "sentences"}, "single issues are found by words"),
        ({"vectors": lambda texts: np.zeros(len(texts))}, "texts × finite numbers"),
        ({"vectors": lambda texts: np.zeros((1, 3))}, "texts × finite numbers"),
        ({"vectors": lambda texts: np.full((len(texts), 3), np.nan)}, "texts × finite numbers"),
        ({"vectors": lambda texts: [["a"]] * len(texts)}, "texts × finite numbers"),
    ],
    ids=["level", "vectors", "number", "sentences", "flat", "one row", "missing", "words"],
)
def test_what_cannot_be_done_is_told(options, said):
    with pytest.raises(CaodianError, match=said):
        cluster_topics(letters()[["text"]], where="all", **options)


def test_the_command_takes_a_level(tmp_path):
    export = tmp_path / "letters.csv"
    letters()[["text"]].to_csv(export, index=False)
    asked = [
        "cluster",
        str(export),
        "--all-posts",
        "--level",
        "issues",
        "--out",
        str(tmp_path / "c"),
    ]
    done = CliRunner().invoke(commands, asked)
    assert done.exit_code == 0, done.output
    assert len(pd.read_csv(tmp_path / "c" / "clusters.csv")) >= len(PLACES)
