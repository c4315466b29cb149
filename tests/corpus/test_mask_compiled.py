"""The compiled masking against the readable one in Python, finder by finder."""

import json

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.corpus.mask import mask_text, mask_texts
from analysis.corpus.mask_compiled import mask_buffers
from analysis.corpus.mask_gates import FINDERS
from analysis.kernels.mask_rows import mask_rows
from analysis.kernels.mask_spans import KINDS, MOST
from analysis.kernels.utf8 import text_buffers

# For each finder something that it finds.
FOUND = [
    "zhang.san@qq.com",
    "http://t.cn/A6x，",
    "abc.cn/x?",
    "微信号abc_123",
    "QQ 12345678",
    "银行卡6222021234567894",
    "订单号2013812345678999和2013812345678990",
    "2013812345678这个订单",
    "SF1234567890123",
    "123-1234567-1234567",
    "证件11010119900307851X",
    "通行证H12345678",
    "护照E12345678",
    "110101199003078515",
    "110101900307851",
    "京A12345",
    "6222 0212 3456 7894",
    "138 1234 5678",
    "010-62345678",
    "+852 1234 5678",
    "1380O138OO1",
    "电话6234567",
    "@京东客服没人理我",
    "北京市朝阳区建国路88号3栋2单元501室",
    "河北省某县某村15号",
    "阳光花园3栋",
    "3栋2单元",
    "联系人:王小明",
    "姓名李小红,",
    "我叫张伟",
    "欧阳小明 13812345678",
]
SPELLED = [
    "微信一三八一二三四五六七八",
    "扣扣一二三四五六七八",
    "卡号六二二二零二一二三四五六七八九四",
    "订单号二零一三八一二三四五六七八九九",
    "一三八，一二三四，五六七八",
    "零一零六二三四五六七八",
    "一一零一零一一九九零零三零七八五一五",
]
# What tells numbers, words and ends of texts from what is found.
AROUND = [
    *(
        "【电话】",
        "【账号】",
        "＠",
        "@",
        "：",
        ":",
        "．",
        "。",
        "①",
        "８",
        "－",
        "\u200b",
        "😡",
        "\u3000",
    ),
    *("元", "号", "栋", "路", "和", "同号", "QQ", "快递", "2020-06-18", "95588", "400", "66666666"),
    *("女士", "工作", "的", "牛", "手", "旗舰店", "客服", "毒App", "jd.com", "www.", "/", "-", " "),
    *("0", "1", "a", "V", "号码", "1234", "12345678901234567", "家", "位于", "和平", "晚上", "店"),
]
FRAGMENTS = st.sampled_from([*FOUND, *SPELLED, *AROUND, *AROUND])
CUT = st.builds(lambda text, at: text[at:], FRAGMENTS, st.integers(0, 4))
TEXTS = st.lists(FRAGMENTS | CUT | st.text(max_size=3), max_size=6).map("".join)


@pytest.mark.parametrize("finder", range(len(FINDERS)))
def test_the_fragments_come_before_most_finders(finder):
    spans = [span for text in [*FOUND, *SPELLED] for span in FINDERS[finder].spans(text)]
    assert spans or finder >= len(FOUND)  # numbers that are spelled share their patterns


@settings(max_examples=500, deadline=None)
@given(st.lists(st.none() | TEXTS, max_size=5))
def test_both_ways_mask_alike(texts):
    masked, counts = mask_texts(pl.Series(texts, dtype=pl.String))
    expected = [(None, {}) if text is None else mask_text(text) for text in texts]
    assert masked.to_list() == [text for text, _ in expected]
    assert [json.loads(found) for found in counts] == [found for _, found in expected]


@pytest.mark.parametrize("text", [*FOUND, *SPELLED])
def test_what_is_found_by_the_fragments_needs_no_python(text):
    found = mask_buffers(text_buffers(pl.Series(["坑", f"坑{text}。", "坑"])))
    assert (found.rows.tolist(), found.unsettled.tolist()) == ([1], [])
    assert found.texts.data.tobytes().decode() == mask_text(f"坑{text}。")[0]


@pytest.mark.parametrize("count", [15, 16, MOST, MOST + 1])
def test_more_than_can_be_counted_is_left_to_python(count):
    texts = pl.Series(["打13812345678", " ".join(["13812345678"] * count), "QQ12345678"])
    found = mask_buffers(text_buffers(texts))
    assert found.unsettled.tolist() == ([1] if count > 15 else [])
    masked, counts = mask_texts(texts)
    assert masked.to_list() == ["打【电话】", " ".join(["【电话】"] * count), "QQ【QQ】"]
    assert counts.to_list() == ['{"phone":1}', f'{{"phone":{count}}}', '{"qq":1}']


def test_many_kinds_with_more_finds_than_there_is_room_for_are_left_to_python():
    text = " ".join(["13812345678", "QQ12345678", "@ab", "abc.cn", "京A12345"] * 13)
    assert mask_buffers(text_buffers(pl.Series([text]))).unsettled.tolist() == [0]
    assert mask_texts(pl.Series([text]))[0].item() == mask_text(text)[0]


def test_what_appears_only_in_the_masked_text_is_masked_and_counted():
    text = "吃饱了@一下@甜同学5@张三小柴"
    again = mask_buffers(mask_buffers(text_buffers(pl.Series([text]))).texts)
    assert again.rows.tolist() == [0]
    masked, counts = mask_texts(pl.Series([text]))
    assert (masked.item(), json.loads(counts.item())) == mask_text(text)


def test_a_column_may_be_long_and_a_part_of_another():
    texts = pl.Series(["坑", "打13812345678没人接", None, "京A12345" + "长" * 9000] * 40)
    masked, counts = mask_texts(texts[1:])
    assert masked[:3].to_list() == ["打【电话】没人接", None, "【车牌】" + "长" * 9000]
    assert masked[1:].to_list()[:-3] == masked[5:].to_list()[:-3] + masked[-7:-3].to_list()
    assert counts[:4].to_list() == ['{"phone":1}', "{}", '{"plate":1}', "{}"]
    assert texts[1] == "打13812345678没人接"


@pytest.mark.parametrize("texts", [[], [None], [""], ["坑"], ["打13812345678"]])
def test_one_compilation_does_for_all_columns(texts):
    mask_texts(pl.Series(texts, dtype=pl.String))
    mask_texts(pl.Series([*texts, "打13812345678"], dtype=pl.String)[: len(texts)])
    assert len(mask_rows.signatures) == 1


def test_the_kinds_are_those_that_have_tokens():
    tables = {kind for finder in FINDERS if (kind := getattr(finder.read, "kind", None))}
    assert tables <= set(KINDS)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("＠京东客服 退钱", "京东【账号】 退钱"),
        ("@毒ａｐｐ 退钱", "毒【账号】 退钱"),
        ("@毒蛇 退钱", "【账号】 退钱"),
        ("本人张三身份证", "本人【姓名】身份证"),
        ("收件人黄牛电话", "收件人黄牛电话"),
        ("联系人:黄牛，", "联系人:黄牛，"),
        ("联系人:黄牛的电话", "联系人:【姓名】的电话"),
        ("黄牛电话13812345678", "黄牛电话【电话】"),
        ("张三电话13812345678", "【姓名】电话【电话】"),
        ("张三丰:13812345678", "【姓名】:【电话】"),
        ("联系人:欧阳女士", "联系人:欧阳女士"),
        ("联系人:欧阳，", "联系人:【姓名】，"),
        ("联系人:王小女士", "联系人:【姓名】女士"),
        ("@全体成员 @5元 @123 @12a ", "@全体成员 @5元 @123 【账号】 "),
        ("jd.com和jd.com/x和jd.community.cn", "jd.com和【网址】和【网址】"),
        ("www.,和www.a.cn...和http://。", "【网址】.,和【网址】...和http://。"),
        ("京AB1C2D和京AB12C3", "京AB1C2D和【车牌】"),
        ("京ABC12挂和京AB123挂", "京ABC12挂和【车牌】"),
    ],
)
def test_what_settles_a_match_stands_in_its_pattern(text, masked):
    assert mask_text(text)[0] == masked
    assert mask_texts(pl.Series([text]))[0].item() == masked
