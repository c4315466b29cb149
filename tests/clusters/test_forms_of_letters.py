"""What a hotline's form says is no topic and names none; what a topic is made of names it."""

import numpy as np
import pytest
from scipy import sparse

from analysis.clusters.levels import _carry
from analysis.clusters.terms import Boilerplate, find_formal
from analysis.clusters.topics import TopicClusters
from analysis.clusters.words import Reading, Vocabulary, read_texts

# Invented: what befell people, and by whose form it was taken down.
MATTERS = {
    "takeaway": (
        ["外卖送了一个半小时", "骑手把餐洒了", "骑手提前点送达", "外卖里有头发", "配送费乱涨"],
        ["平台只赔三元券", "骑手不接电话", "申请外卖退款被拒", "餐到手已经凉了"],
    ),
    "estate": (
        ["小区停车费从三百涨到五百", "物业把车位卖了", "物业不修电梯", "楼道堆满杂物", "小区停水"],
        ["业委会不管", "业主都有意见", "老人上下楼困难", "物业说没有钱"],
    ),
    "phone": (
        ["手机买了三天就黑屏", "电池一天充三次", "屏幕有亮点", "换回来的是翻新手机", "开不了机"],
        ["手机售后说人为损坏", "不给换新", "保修期内收费", "寄修一个月没消息"],
    ),
    "gym": (
        ["健身房关门跑路", "办卡两千元只用了一次", "瑜伽馆换老板不认卡", "驾校停课", "会员卡作废"],
        ["合同写着概不退卡", "剩余金额不给", "老板失联", "预付的学费要不回来"],
    ),
}
FORMS = [
    (["来电人称", "来电人表示"], ["希望相关部门核实", "来电人诉求尽快处理并回复"]),
    (["市民反映", "市民来电反映"], ["望职能部门介入", "请职能部门调查"]),
    (["领导您好，", "尊敬的领导您好，"], ["请贵单位帮忙解决", "恳请贵单位重视"]),
    (["投诉人诉称", "投诉人自述"], ["现投诉人要求赔偿", "要求被诉方承担责任"]),
]
FORMAL = ("来电", "诉求", "市民", "职能", "部门", "介入", "领导", "您好", "单位", "恳请", "投诉人",
          "自述", "承担", "核实", "回复")  # fmt: skip
DAYS = ["昨天", "上月", "六月三日", "去年", "前天", "周末"]


def write_letters(number, formal, seed=1):
    """Write distinct letters, each in one of four forms or in none, and their matters."""
    generator = np.random.default_rng(seed)
    letters = {}
    while len(letters) < number:
        matter = str(generator.choice(list(MATTERS)))
        what, more = MATTERS[matter]
        told = f"{generator.choice(DAYS)}{generator.choice(what)}，{generator.choice(more)}"
        if generator.random() < 0.5:
            told += f"，{generator.choice(more)}"
        if formal:
            opening, closing = FORMS[generator.integers(len(FORMS))]
            told = f"{generator.choice(opening)}{told}，{generator.choice(closing)}"
        letters[f"{told}。"] = matter
    return letters


ALIKE = [
    "{shop}发货太慢了，等了{n}天还没有物流信息",
    "在{shop}买的东西第{n}天就降价，客服拒绝保价",
    "{shop}红包抢了{n}个，打开只有几分钱",
    "每天收到{n}条{shop}的推销短信，退订也没用",
]


@pytest.mark.slow
def test_short_texts_that_are_much_alike_have_no_form():
    shops, numbers = ["京东", "淘宝", "拼多多"], "一二三四五六七八九十"
    texts = [text.format(shop=shop, n=n) for text in ALIKE for shop in shops for n in numbers]
    found = TopicClusters().fit(texts)
    assert (found.labels_ >= 0).mean() > 0.9
    assert sorted(np.bincount(found.labels_[found.labels_ >= 0])) == [30] * 4


@pytest.mark.slow
@pytest.mark.parametrize("number", [150, 600])
def test_the_form_of_letters_makes_and_names_no_topic(number):
    letters = write_letters(number, formal=True)
    topics = TopicClusters().fit(list(letters))
    named = [term for terms in topics.cluster_terms_ for term in terms]
    assert len(topics.topics_) >= 3
    assert not [term for term in named if any(word in term for word in FORMAL)]
    matters = np.array(list(letters.values()))
    for topic in range(len(topics.topics_)):
        _, sizes = np.unique(matters[topics.labels_ == topic], return_counts=True)
        assert sizes.max() >= 0.8 * sizes.sum()


@pytest.mark.parametrize(
    ("texts", "word", "is_kept"),
    [
        (["{0}称{1}，{2}，{3}，{4}"], "来电人", False),  # opens
        (["{1}，{2}，{3}，{4}，望职能部门{0}"], "核实", False),  # closes
        (["{1}，{2}，{0}，{3}，{4}"], "快递", True),  # in the middle
        (["{0}{1}，{2}，{3}，{4}", "{1}，{2}，{0}，{3}，{4}"], "快递", True),  # in either place
        (["{0}{1}", "{1}{0}"], "快递", True),  # all places of short texts are at an edge
    ],
)
def test_words_by_which_texts_open_and_close_are_none(texts, word, is_kept):
    generator = np.random.default_rng(3)
    told = [part for what, more in MATTERS.values() for part in [*what, *more]]
    written = [
        texts[i % len(texts)].format(word, *generator.choice(told, 4, replace=False))
        for i in range(60)
    ]
    written += [f"{a}，{b}，{a[:3]}" for a in told for b in told[:4] if a != b]
    words = read_texts(written).vocabulary.words
    assert any(word in known or known in word for known in words) == is_kept
    assert read_texts(written, with_sayings=True).vocabulary.words != [] and "外卖" in words


def test_a_few_texts_make_no_form():
    text = np.repeat(np.arange(300), 20)
    at = np.arange(len(text)) % 20
    few = np.where((at == 0) & (text < 5), 0, 1)  # five of 300 are no fiftieth
    assert not find_formal(few, text, 2, 300).any()
    enough = np.where((at == 0) & (text < 12), 0, 1)
    assert find_formal(enough, text, 2, 300).tolist() == [True, False]


@pytest.mark.parametrize(
    ("share", "elsewhere", "is_carried"),
    [
        (0.5, 0.0, True),
        (0.3, 0.0, True),
        (0.2, 0.0, False),  # too few of its texts
        (0.5, 0.5, False),  # as often in the others
    ],
)
def test_a_term_that_carries_a_topic_names_it(share, elsewhere, is_carried):
    """The other term, which tells the rest of its texts, is in a tenth of the topic."""
    size = 200
    held = np.ones((2 * size, 12))  # what all texts hold stands behind the two
    held[:, :2] = 0
    held[: int(share * size), 0] = 1
    held[size : size + int(elsewhere * size), 0] = 1
    held[: size // 10, 1] = 1
    reading = Reading(
        Vocabulary(np.zeros(0, np.uint64), np.zeros(0, np.uint64), Boilerplate(frozenset())),
        sparse.csr_matrix((0, 0)), np.zeros(0, np.int64), ["喜欢", "老婆", *"甲乙丙丁戊己庚辛壬癸"],
        sparse.csr_matrix(held), 2 * size,
    )  # fmt: skip
    labels = np.repeat([0, 1], size)
    chosen = _carry(reading, labels, 2, None, np.arange(12) == 1)
    assert chosen[:2].tolist() == [is_carried, True]
