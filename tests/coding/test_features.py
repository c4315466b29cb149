"""What the learned coder reads of posts."""

import numpy as np
import polars as pl
import pytest

from analysis.coding.coder import get_coder
from analysis.coding.compiled_codebook import compile_codebook
from analysis.coding.features import (
    CHANNELS,
    Features,
    _given_concepts,
    answers_alone,
    changed_answers,
    read_features,
)
from analysis.coding.learned_model import GROUPS, ConceptModel

POSTS = pl.DataFrame(
    {
        "text": ["退款不退//@某人:发货太慢", "", None, "在京东买的，客服不理人"],
        "channel": ["weibo", "review", None, "somewhere else"],
    }
)


@pytest.fixture(scope="module")
def compiled():
    return compile_codebook()


def names(features, compiled, row):
    items = features.found[features.starts[row] : features.starts[row + 1]]
    return {compiled.concepts[item] for item in items}


def test_own_words_concepts_and_channel_are_read(compiled):
    features = read_features(POSTS, compiled)
    assert features.texts.to_list() == ["退款不退", "", "", "在京东买的，客服不理人"]
    assert "refund" in names(features, compiled, 0)
    assert "platform 京东" in names(features, compiled, 3)
    assert features.channel.tolist() == [
        CHANNELS.index("weibo") + 1,
        CHANNELS.index("review") + 1,
        0,
        0,
    ]


def test_posts_without_a_channel_are_read(compiled):
    assert read_features(POSTS.drop("channel"), compiled).channel.tolist() == [0, 0, 0, 0]


def test_some_posts_have_the_clues_that_they_have_among_all(compiled):
    rows = np.array([3, 0])
    chosen = read_features(POSTS, compiled).gather(rows)
    alone = read_features(POSTS[rows], compiled)
    assert chosen.texts.to_list() == alone.texts.to_list()
    assert chosen.starts.tolist() == alone.starts.tolist()
    assert chosen.found.tolist() == alone.found.tolist()
    assert chosen.channel.tolist() == alone.channel.tolist()


def test_weights_follow_the_names_of_concepts(compiled):
    weights = np.zeros((GROUPS, 3, 1), np.int8)
    weights[0, :, 0] = [1, 2, 3]
    aligned = ConceptModel(("refund", "gone"), weights, np.ones(1)).aligned_with(compiled)
    assert aligned.names == compiled.concepts
    assert aligned.weights[0, 0, 0] == 1
    assert aligned.weights[0, 1 + compiled.concepts.index("refund"), 0] == 2
    assert np.count_nonzero(aligned.weights) == 2
    assert aligned.aligned_with(compiled) is aligned


@pytest.mark.parametrize(
    ("channel", "kind", "is_expected"),
    [
        ("complaint", "complaint", True),
        ("other", "complaint", True),
        ("hotline", "complaint", False),
        ("weibo", "post", False),
        (None, None, False),
    ],
)
def test_a_hotline_is_no_complaint_channel(channel, kind, is_expected):
    compiled = compile_codebook()
    schema = {"text": pl.String, "channel": pl.String, "kind": pl.String}
    posts = pl.DataFrame(
        {"text": ["路灯坏了"], "channel": [channel], "kind": [kind]}, schema=schema
    )
    given = _given_concepts(posts, compiled)
    assert (compiled.numbers["channel_complaint"] in given[0]) == is_expected


def test_columns_of_any_string_like_type_are_read():
    compiled = compile_codebook()
    posts = pl.DataFrame({"text": ["刷的", "刷的"], "channel": ["live_room", "elsewhere"]})
    plain = _given_concepts(posts, compiled)
    categories = posts.with_columns(pl.col("channel").cast(pl.Categorical))
    assert _given_concepts(categories, compiled).tolist() == plain.tolist()
    nothing = posts.with_columns(pl.lit(None).alias("channel"))
    assert _given_concepts(nothing, compiled).max() == -1
    assert plain[:, 0].tolist() == [compiled.numbers["channel_live_room"], -1]


FORMS = [
    # several fields, joined by spaces, breaks, signs or nothing
    ("噪音大小：很小 安装服务：师傅很好", "很小。师傅很好"),
    ("外形外观：漂亮恒温效果：好噪音大小：小", "漂亮。好。小"),
    ("屏幕音效:清楚 散热性能:不烫 待机时间:两天", "清楚。不烫。两天"),
    ("口感味道：软糯\n包装：完好\n新鲜程度：一般", "软糯。完好。一般"),
    ("外观：好看，续航：一天一充，其他：没了", "好看，一天一充，没了"),
    ("尺码推荐：偏小 面料品质：舒服 适合季节：秋", "偏小。舒服。秋"),
    ("保湿效果：好 香味：淡香 适合肤质：油皮", "好。淡香。油皮"),
    ("环境：安静 卫生：干净 早餐：丰盛", "安静。干净。丰盛"),
    ("用了三天。拍照效果：清楚。运行速度：快", "用了三天。清楚。快"),
    # one field at the beginning
    ("安装服务：没人联系安装！", "没人联系安装！"),
    ("产品功效：没用", "没用"),
    ("物流 : 三天", "三天"),
    ("安装服务：", ""),
    ("异味：无", "无"),
    # a mere degree is read with what it is a degree of
    ("噪音大小：大 出水速度：快", "噪音大。快"),
    ("噪音大小：特别的大！", "噪音特别的大！"),
    ("耗电情况：有点高", "耗电有点高"),
    ("噪音大小：不大", "不大"),
    # what sites write for those who wrote nothing
    ("此用户未填写评价内容", ""),
    ("此用户没有填写评论!", ""),
    ("此用户未及时填写评价内容，系统默认评价！", ""),
    ("评价方未及时做出评价,系统默认好评!", ""),
]
NO_FORMS = [
    "客服说：不给退",
    "投诉：三天不发货",
    "投诉内容：收了钱不发货",
    "结论：垃圾",
    "我问：多少钱",
    "问题描述：点不着火",
    "我的感受：太差",
    "周一：揽收。周二：还在揽收",
    "甲：买了。乙：退了",
    "总之，服务：自己体会",
    "服务好，质量也好",
    "预计剩余时间：4小时",
    "此用户没有填写评价内容，因为他气得写不出来",
    "默认好评我不在意",
    "系统默认好评之前我要说清楚：漏水",
    "https://example.org/速度:8",
    "",
    None,
]


@pytest.mark.parametrize(("text", "answers"), FORMS)
def test_fields_do_not_speak(text, answers):
    assert answers_alone(pl.Series([text, "好"])).to_list() == [answers, "好"]


@pytest.mark.parametrize("text", NO_FORMS)
def test_what_is_no_form_stays(text):
    assert answers_alone(pl.Series([text, "味道：好"])).to_list() == [text, "好"]


def test_answers_decide_and_the_field_still_tells_what_they_are_about():
    reviews = pl.DataFrame(
        {
            "text": [
                "噪音大小：安静 耗能情况：省 异味：没有 安装服务：满意",
                "安装服务：极差，乱收费，再也不买",
                "此用户未及时填写评价内容，系统默认评价！",
            ]
        }
    )
    # Codes need less where only customers write.
    placed = reviews.with_columns(channel=pl.lit("review"))
    coded = get_coder("fast").code(placed)
    assert coded["is_negative"].to_list() == [False, True, False]
    assert coded["grievances"].list.len().to_list()[1] > 0


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("live_comment", "live_room"),
        ("Live Comment", "live_room"),
        ("直播间评论", "live_room"),
        ("ecommerce", "review"),
        ("App-Review", "app_store"),
        ("外卖", "review"),
        ("tieba", "forum"),
        ("微博", "weibo"),
        ("complaints", "complaint"),
        ("somewhere else", None),
        ("", None),
    ],
)
def test_plain_names_of_a_place_are_known(compiled, name, place):
    posts = pl.DataFrame({"text": ["刷的吧"] * 2, "channel": [name, place]})
    features = read_features(posts, compiled)
    assert features.channel[0] == features.channel[1] == (CHANNELS.index(place) + 1 if place else 0)
    found = [features.gather(np.array([row])).found.tolist() for row in (0, 1)]
    assert found[0] == found[1]


def test_what_answers_change_is_told_row_by_row_and_the_rest_is_not_touched():
    texts = pl.Series(
        ["很好", "噪音大小：很小", None, "客服说：不退", "系统默认好评", "http://a：b"]
    )
    changed = changed_answers(texts)
    assert changed.rows.tolist() == [1, 4] and changed.answers.to_list() == ["很小", ""]
    assert answers_alone(texts).to_list() == [
        "很好",
        "很小",
        None,
        "客服说：不退",
        "",
        "http://a：b",
    ]
    assert changed_answers(pl.Series([], dtype=pl.String)).rows.size == 0


def test_posts_hold_what_was_found_in_them_and_nothing_where_nothing_was():
    starts, found = np.array([0, 2, 2, 3]), np.array([4, 1, 9], np.int32)
    features = Features(pl.Series(["a", "", "b"]), starts, found, np.zeros(3, np.int32))
    assert features.hold([1]).tolist() == [True, False, False]
    assert features.hold([9, 4]).tolist() == [True, False, True]
    assert features.hold([77, 2]).tolist() == features.hold([]).tolist() == [False] * 3
    empty = features.gather(np.array([1, 1]))
    assert empty.hold([1, 9]).tolist() == [False, False]


@pytest.mark.parametrize(
    ("channel", "kind", "place"),
    [
        (None, "review", "review"),
        (None, "complaint", "complaint"),
        ("weibo", "review", "weibo"),
        ("弹幕", "comment", "live_room"),
        (None, "comment", None),
        (None, "post", None),
        (None, None, None),
    ],
)
def test_where_no_channel_is_told_the_kind_tells_the_place(channel, kind, place):
    columns = {"text": ["坏了"], "channel": [channel], "kind": [kind]}
    posts = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    expected = 0 if place is None else 1 + CHANNELS.index(place)
    compiled = compile_codebook()
    assert read_features(posts, compiled).channel.tolist() == [expected]
    if channel is None:
        assert read_features(posts.drop("channel"), compiled).channel.tolist() == [expected]
