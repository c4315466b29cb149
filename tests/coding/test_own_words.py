"""Only the writer's own words are judged."""

import polars as pl
import pytest

from analysis.coding.own_words import own_words

OTHERS = [
    ("同感//@某人:发货太慢", "同感"),
    ("转发微博//@某人:发货太慢", ""),
    ("[转发]//【账号】:发货太慢", ""),
    ("转发了 //@某人：发货太慢", ""),
    ("太坑 // @某人：一样//@别人:好", "太坑 "),
    ("转发", ""),
    ("回复@某人：是的", "是的"),
    ("一更新就闪退 ---------- 开发者回复：感谢反馈，请加群", "一更新就闪退"),
    ("一更新就闪退\n-----\n开发者回复: 感谢反馈\n请加群", "一更新就闪退"),
    ("做工差 ———— 商家回复：亲，抱歉", "做工差"),
    ("（该条评论已经被删除）做工差", "做工差"),
]
OWN = [
    "见http://@x/ 和 http://t.cn/A",
    "转发微博抽奖，结果没有",
    "商家回复：不退，没有理由",
    "问了三次，客服回复：等着",
    "买了----还没用",
    "开发者回复：您好，已修复",
    "我的评论已经被删除了",
]


@pytest.mark.parametrize(("text", "own"), [*OTHERS, *((text, text) for text in OWN)])
def test_what_others_wrote_is_left_out(text, own):
    assert own_words(pl.DataFrame({"text": ["好", text]})).to_list() == ["好", own]
