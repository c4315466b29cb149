"""Stars are evidence that may be absent: they tip what is in doubt and outvote nothing clear."""

import random

import numpy as np
import pandas as pd
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from analysis.coding.coder import code_grievances, get_coder
from analysis.coding.compiled_codebook import compile_codebook
from analysis.coding.features import read_features
from analysis.coding.scoring import (
    Scores,
    doubt_voice,
    place_evidence,
    rating_scales,
    star_evidence,
    with_stars,
)

CLEAR = "说好免费安装，师傅上门张口就要五百，不给钱就不装，打客服也不管，太坑人了！"
PRAISE = "很满意，送货快，安装师傅态度好，点赞"
CODERS = ["fast", "keyword"]


def stars_of(ratings, **columns):
    return with_stars(pl.DataFrame({"rating": ratings, **columns}))["stars"].to_list()


@pytest.mark.parametrize(
    ("ratings", "stars"),
    [
        ([5, 4, 1, None], [5, 4, 1, None]),
        ([4.5, 3.0, 0.0, -1.0], [4.5, 3, None, None]),
        (["5", "1.0", "", "五星好评"], [5, 1, None, None]),
        ([10, 8, 2, 0], [5, 4, 1, None]),
        ([100, 60, 35, 1], [5, 3, 1.75, None]),
        ([101, 5], [None, None]),  # no scale that is known
        ([4.87, 4.91, 5.0], [None, None, 5]),  # averages of many
        ([1, 0, 1], [None] * 3),  # a flag
        ([float("nan"), 5.0], [None, 5]),
        ([None, None], [None, None]),
        ([5] * 29, [5] * 29),
        ([5] * 30, [None] * 30),  # the same for all tells nothing
        ([5] * 29 + [1], [5] * 29 + [1]),
    ],
)
def test_ratings_of_any_scale_become_stars(ratings, stars):
    assert stars_of(ratings) == stars


def test_each_file_has_its_own_scale_whatever_the_order():
    rows = [("five", 5.0), ("five", 1.0), ("ten", 9.0), ("ten", 5.0), ("none", None)]
    stars = {("five", 5.0): 5, ("five", 1.0): 1, ("ten", 9.0): 4.5, ("ten", 5.0): 2.5}
    for seed in range(3):
        random.Random(seed).shuffle(rows)
        files, ratings = zip(*rows, strict=True)
        assert stars_of(ratings, source_file=files) == [stars.get(row) for row in rows]
    scales = rating_scales(pl.DataFrame({"source_file": files, "rating": ratings}))
    assert scales.rows() == [("five", 5.0), ("ten", 10.0)]


def test_without_ratings_there_are_no_stars():
    posts = pl.DataFrame({"text": ["慢"]})
    assert_frame_equal(with_stars(posts), posts)
    assert star_evidence(posts, posts["text"], np.zeros(1)).negative.tolist() == [0]


def test_what_stars_add_is_bounded_and_falls_with_each_star():
    stars, texts = pl.DataFrame({"stars": np.arange(1, 5.1, 0.5)}), pl.Series(["字"] * 9)
    added, plain = (star_evidence(stars, texts, np.full(9, rules)).negative for rules in (0, 5))
    assert np.all(np.diff(added) < 0) and np.abs(added).max() <= 2.5
    assert plain[:7].tolist() == added[:7].tolist()
    assert np.all(plain[7:] == 0.4 * added[7:])


@pytest.mark.parametrize(
    "text",
    [
        "说好免费安装，结果收了三百块安装费，太坑了",
        "安装费太贵了，机器才一千多，安装配件收了四百",
        "质量太差，用了两天就坏了",
        "客服态度极差，退款拖了半个月还不退",
        "刚买完就降价两百，申请价保被拒绝",
        "发货太慢了，等了十天才到",
        "快递把箱子摔坏了，外壳有凹陷，客服让我自己找快递",
        "虚假宣传，说送的赠品没有送",
    ],
)
def test_plain_complaints_below_five_stars_stay_negative(text):
    post = pl.DataFrame({"text": [text], "rating": [5.0], "channel": ["review"]})
    assert get_coder("fast").code(post)["is_negative"].item()


@pytest.mark.parametrize("name", CODERS)
def test_nothing_clear_is_outvoted(name):
    posts = pl.DataFrame({"text": [CLEAR, CLEAR, PRAISE, PRAISE], "rating": [5.0, 1.0, 5.0, 1.0]})
    coded = get_coder(name).code(posts)
    assert coded["is_negative"].to_list() == [True, True, False, False]


@pytest.mark.parametrize("name", CODERS)
def test_what_is_in_doubt_is_tipped(name):
    texts = ["安装等了两天", "一般", "还没安装，用了再说", "配件另外买的"]
    posts = pl.DataFrame({"text": texts * 3, "rating": [5.0] * 4 + [None] * 4 + [1.0] * 4})
    probability = get_coder(name).code(posts)["negative_probability"].to_numpy().reshape(3, 4)
    assert np.all(np.diff(probability, axis=0) > 0)
    alone = get_coder(name).code(posts.drop("rating"))
    assert alone["negative_probability"].to_list()[:4] == probability[1].tolist()


@pytest.mark.parametrize("name", CODERS)
def test_stars_without_words_say_nothing(name):
    texts = ["", "。。。", "😊", "此用户未填写评价内容", "安装服务：", "外观：。"]
    coded = get_coder(name).code(pl.DataFrame({"text": texts, "rating": [1.0] * 6}))
    alone = get_coder(name).code(pl.DataFrame({"text": texts}))
    assert_frame_equal(coded.drop("voice"), alone.drop("voice"))
    assert not coded["is_negative"].any()


def test_few_stars_are_a_consumers():
    posts = pl.DataFrame({"text": ["最后悔的一次购物，亲们下单要慎重"] * 3})
    coded = get_coder("fast").code(posts.with_columns(rating=pl.Series([None, 5.0, 1.0])))
    assert coded["voice"].to_list() == ["marketing", "marketing", "consumer"]
    assert coded["is_negative"].to_list() == [False, False, True]


def test_a_row_alone_is_judged_as_among_others():
    texts = [CLEAR, PRAISE, "一般", "噪音大小：小 安装服务：慢", "差"]
    posts = pl.DataFrame({"text": texts, "rating": [5.0, 4.0, 3.0, 2.0, 1.0]})
    whole = get_coder("fast").code(posts)
    rows = [get_coder("fast").code(posts[place : place + 1]) for place in range(5)]
    assert_frame_equal(pl.concat(rows), whole)


@pytest.mark.parametrize("frame", [pl.DataFrame, pd.DataFrame])
def test_the_door_and_the_command_take_the_ratings_of_any_table(frame):
    posts = frame({"words": ["一般", "一般", "一般"], "rating": ["1", "5", ""]})
    coded = code_grievances(posts, text="words")
    assert list(coded.columns)[:2] == ["words", "rating"] and "stars" not in coded.columns
    low, high, none = coded["negative_probability"]
    assert low > none > high


MOODS = ["烦死了，谁都别理我", "恶心，吐了一晚上", "太过分了！！", "又失眠了，崩溃"]
COMPLAINTS = [
    "客服三天不回，这什么垃圾平台",
    "收到的衣服起球，恶心",
    "快递又把我的包裹弄丢了，投诉也没人管",
    "退款又被拒，平台和商家踢皮球",
]


def test_a_mood_without_trade_needs_more_on_weibo_than_on_a_shops_page():
    posts = pl.DataFrame({"text": MOODS}).with_columns(channel=pl.lit("weibo"))
    compiled = compile_codebook()

    def added(channel, texts=MOODS):
        placed = posts.with_columns(text=pl.Series(texts), channel=pl.lit(channel, pl.String))
        (found,) = set(place_evidence(compiled, read_features(placed, compiled)).negative.tolist())
        return found

    for place in ("weibo", "forum", "xiaohongshu", "douyin", "somewhere", None):
        assert added(place) < 0 < added(place, COMPLAINTS)
    for place in ("review", "complaint", "app_store", "live_comment"):
        assert added(place) == added(place, COMPLAINTS) > 0
    assert added("weibo") < added(None) < added("douyin")
    assert added("weibo", COMPLAINTS) < added("review")


def test_of_everyday_posts_moods_are_no_complaints():
    posts = pl.DataFrame({"text": MOODS + COMPLAINTS}).with_columns(channel=pl.lit("weibo"))
    assert get_coder("fast").code(posts)["is_negative"].to_list() == [False] * 4 + [True] * 4


def test_voice_is_one_clue_among_others():
    odds, leads = np.array([2.0, 5.0, 5.0, -4.0]), np.array([1.0, 9.0, 9.0, 1.0])
    scores = Scores(odds, np.column_stack([np.zeros(4), leads]), np.zeros((4, 1)))
    agreed = doubt_voice(scores, np.array([False, False, True, False]))
    assert agreed.negative.tolist() == [1.0, 2.0, 5.0, -5.0]
    # Who complains is a consumer; who attacks a practice for others stays who he is.
    assert agreed.voice.argmax(axis=1).tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize(
    "text",
    [
        "骗子公司，退款不给，受害者请联系我微信abc123一起维权",
        "据网友爆料，我在某平台买的手机是翻新机，申请退货被拒",
    ],
)
def test_a_complaint_with_contact_details_or_in_a_news_tone_stays_one(text):
    coded = get_coder("fast").code(pl.DataFrame({"text": [text]}))
    assert coded["voice"].item() == "consumer" and coded["is_negative"].item()


@pytest.mark.parametrize(
    ("text", "is_live"),
    [
        ("央视直播个没完，吵得我睡不着", False),
        ("毕业典礼直播，我妈哭得好惨", False),
        ("看直播下单的锅，三天就掉漆", True),
        ("主播说不掉色，洗一次就花了，直播间还找不到客服", True),
    ],
)
def test_live_streaming_needs_something_sold(text, is_live):
    posts = pl.DataFrame({"text": [text], "channel": ["weibo"]})
    for name in ("fast", "keyword"):
        codes = get_coder(name).code(posts)["grievances"].item()
        assert ("live_streaming" in codes) == is_live, name
