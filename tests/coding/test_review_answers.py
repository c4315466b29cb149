"""Fields of review forms are no judgement; what people tell before a colon is."""

import polars as pl
import pytest

from analysis.coding.coder import get_coder
from analysis.coding.review_answers import answers_alone

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
    coded = get_coder("fast").code(reviews)
    assert coded["is_negative"].to_list() == [False, True, False]
    assert coded["grievances"].list.len().to_list()[1] > 0
