import polars as pl
import pytest

from analysis.coding.codebook import load_codebook
from analysis.coding.keyword_coder import keyword_coder

EXAMPLES = load_codebook().examples


@pytest.fixture(scope="module")
def coded_examples():
    posts = pl.DataFrame(
        {"text": [e.text for e in EXAMPLES], "channel": [e.channel for e in EXAMPLES]},
        schema={"text": pl.String, "channel": pl.String},
    )
    return keyword_coder().code(posts).to_dicts()


@pytest.mark.parametrize("number", range(len(EXAMPLES)), ids=[e.text for e in EXAMPLES])
def test_codebook_example(coded_examples, number):
    expected, coded = EXAMPLES[number], coded_examples[number]
    assert coded["voice"] == expected.voice
    assert coded["is_negative"] == expected.negative
    assert set(coded["grievances"]) == set(expected.grievances)
    assert set(coded["sub_grievances"]) == set(expected.subs)


def _code(text, **columns):
    return keyword_coder().code(
        pl.DataFrame({"text": [text], **{k: [v] for k, v in columns.items()}})
    )


@pytest.mark.parametrize(
    ("text", "platforms"),
    [
        ("狗东和P夕夕都不管", ["京东", "拼多多"]),
        ("某宝买的", ["淘宝"]),
        ("D音上看到的", ["抖音"]),
        ("加薇详聊", ["微信"]),
        ("苹果很甜，又脆", []),
        ("住在京东方旁边", []),
        ("今晚做个快手菜", []),
        ("获得物理竞赛一等奖", []),
        ("百亿补贴没了", []),
        ("拼😊多😊多", ["拼多多"]),
        ("硬盘是1TB的", []),
    ],
)
def test_platforms_and_products_of_the_same_name(text, platforms):
    assert _code(text)["platforms"].to_list() == [platforms]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("發貨太慢了，等了十天還沒到", "发货太慢了，等了十天还没到"),
        ("假·货，被骗了", "假货，被骗了"),
        ("退 款 不给退", "退款不给退"),
        ("ＰＤＤ骗人", "pdd骗人"),
    ],
)
def test_script_width_and_breakers_do_not_matter(text, same):
    one, other = _code(text), _code(same)
    assert one["grievances"].to_list() == other["grievances"].to_list()
    assert one["platforms"].to_list() == other["platforms"].to_list()
    assert one["is_negative"].item() and other["is_negative"].item()


def test_the_last_writer_decides_in_a_quoted_chain():
    assert not _code("同感//@某人:发货太慢，骗子商家")["is_negative"].item()
    assert _code("发货太慢，骗子商家//@某人:同感")["is_negative"].item()


def test_channel_is_context_enough_in_a_live_room():
    inside = _code("库存永远剩三件，刷的吧", channel="live_room")
    assert "live_streaming" in inside["grievances"].item().to_list()


def test_order_and_neighbours_do_not_matter():
    texts = [e.text for e in EXAMPLES]
    forward = keyword_coder().code(pl.DataFrame({"text": texts}))
    backward = keyword_coder().code(pl.DataFrame({"text": texts[::-1]}))
    assert forward.equals(backward.reverse())
