"""Tables of (text, cleaned text)."""

import unicodedata

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.corpus.clean import (
    _KEPT,
    _RULES,
    _STABLE,
    _WHITE,
    _rules_needed,
    clean,
    clean_texts,
    own_words,
)

MARKUP = [
    ("&quot;坑&quot;", '"坑"'),
    ("&amp;amp;lt;3", "<3"),
    ("&#128545;&#x6211;", "😡我"),
    ("a=1&copy=2", "a=1&copy=2"),
    ("AT&T; 与 &nosuchthing;", "AT&T; 与 &nosuchthing;"),
    ("太坑<br>了<br/>吧", "太坑 了 吧"),
    ('<span class="code-red">12315</span>', "12315"),
    ('<img alt="[怒]" src="//h5.sinaimg.cn/a.png" style="width:1em;">坑', "[怒]坑"),
    ("<img alt=[怒] src=x>坑", "[怒]坑"),
    ("<img src='a.png'>坑", "坑"),
    ('<a href="https://m.weibo.cn/search?a=1&amp;b=2">#618#</a>坑', "#618#坑"),
    ("<script>alert('x')</script>坑<!-- 注 -->", "坑"),
    ("&lt;br&gt;坑", "坑"),
    ("1 < 2 且 3 > 2", "1 < 2 且 3 > 2"),
    ("<iPhone>到了", "<iPhone>到了"),
    ("读《<围城>》", "读《<围城>》"),
    ("<p>第一</p><p>第二</p>", "第一 第二"),
]
CHARACTERS = [
    ("ＯＰＰＯ１２３％", "OPPO123%"),
    ("①③⑧", "138"),
    ("太坑，真的！！为什么？（哭）……～", "太坑，真的！！为什么？（哭）……～"),
    ("没救了…", "没救了…"),
    ("加\u200b保\ufeff价", "加保价"),
    ("假\u2060货\u202e", "假货"),
    ("\ue627网页", "网页"),
    ("好❤️的", "好❤的"),
    ("ﾟ(ﾟ´ω`ﾟ)", None),
    ("發貨太慢", "發貨太慢"),
    ("café", "café"),
    ("e\u0301", "é"),
    ("　退\u00a0款\t\n\r\n难\u2028", "退 款 难"),
    ("  ", ""),
    ("", ""),
    ("\x00坑\x07", "坑"),
]
CHAINS = [
    ("太坑了//@小王:这家不错", "太坑了"),
    ("太坑了 // @小王：这家不错//@小李:好", "太坑了"),
    ("太坑了//@小王", "太坑了"),
    ("太坑了//<a href='/n/小王'>@小王</a>:这家不错", "太坑了"),
    ("太坑了//【账号】:这家不错", "太坑了"),
    ("//@小王:这家不错", ""),
    ("//@小王:这家不错//不错吗，我等了十天", "不错吗，我等了十天"),
    ("//@小王:不错//@小李:真的//我这双开胶了", "我这双开胶了"),
    ("//@小王:见 http://t.cn/A", ""),
    ("转发微博//@小王:这家不错", ""),
    ("转发微博", ""),
    ("轉發微博", ""),
    ("转发", ""),
    ("Repost", ""),
    ("[转发]", ""),
    ("转发微博抽奖，结果没有", "转发微博抽奖，结果没有"),
    ("回复@小王:我也是//@小王:坑", "回复@小王:我也是"),
    ("见http://@x/ 和 http://t.cn/A", "见http://@x/ 和 http://t.cn/A"),
    ("[怒]//@小王:坑", "[怒]"),
    ("第一行\n太坑//@小王:这\n家", "第一行 太坑"),
]
TAILS = [
    ("客服不理人...展开c", "客服不理人…"),
    ("客服不理人 展开c", "客服不理人…"),
    ("客服不理人展开全文c", "客服不理人…"),
    ("客服不理人……全文", "客服不理人……"),
    ("客服不理人收起d", "客服不理人"),
    ("客服不理人…全文", "客服不理人…"),
    ("客服不理人 ...全文", "客服不理人 …"),
    ("客服不理人…展开全文c", "客服不理人…"),
    ("骗子 O网页链接", "骗子"),
    ("骗子 O网页链接 O网页链接", "骗子"),
    ("请展开", "请展开"),
    ("请看全文", "请看全文"),
    ("点网页链接付款被骗", "点网页链接付款被骗"),
    ("直播间卖假货 L黑猫的微博视频", "直播间卖假货"),
]
RUNS = [
    ("坑！！！！！！！", "坑！！！"),
    ("坑！！！", "坑！！！"),
    ("坑!!!!!!", "坑!!!"),
    ("。。。。。。", "。。。"),
    ("等…………………", "等………"),
    ("😡😡😡😡😡😡", "😡😡😡"),
    ("[怒][怒][怒][怒][怒]", "[怒][怒][怒]"),
    ("[怒][哭][怒][哭]", "[怒][哭][怒][哭]"),
    ("哈哈哈哈哈哈哈", "哈哈哈哈哈哈哈"),
    ("1000000000元", "1000000000元"),
    ("138****5678", "138****5678"),
    ("-------", "-------"),
    ("？！？！？！？！", "？！？！？！？！"),
]


@pytest.mark.parametrize(("text", "cleaned"), MARKUP + CHARACTERS + CHAINS + TAILS + RUNS)
def test_the_tables(text, cleaned):
    result = clean_texts(pl.Series([text])).item()
    if cleaned is not None:
        assert result == cleaned
    assert clean_texts(pl.Series([result])).item() == result


def test_null_stays_null_and_order_is_kept():
    assert clean_texts(pl.Series([None, " a ", None, "b"])).to_list() == [None, "a", None, "b"]
    assert clean_texts(pl.Series([], dtype=pl.String)).to_list() == []
    assert clean_texts(pl.Series([None, None])).to_list() == [None, None]


def test_stable_characters_are_stable():
    import re

    stable = re.compile(f"[{_STABLE}]")
    for point in [*range(0xD800), *range(0xE000, 0x30000)]:
        mark = chr(point)
        if stable.match(mark):
            assert unicodedata.normalize("NFKC", mark) == mark, hex(point)
            assert unicodedata.combining(mark) == 0, hex(point)


PIECES = st.sampled_from(
    [
        "坑",
        "展开c",
        "收起d",
        "…全文",
        "...",
        "//@小王:",
        "转发微博",
        "&amp;",
        "&lt;",
        "lt;",
        "br>",
        "<br>",
        "<",
        ">",
        "＜",
        "＞",
        "ＢＲ",
        "！",
        "！！！！",
        "\u200b",
        "\u3000",
        " ",
        "\n",
        "O网页链接",
        "[怒]",
        "😡",
        "\ufe0f",
        "´",
        "\u0301",
        "e",
        "＆",
        "；",
        "#38;",
        "【账号】",
        ":",
        "：",
        "／／",
        "＠小王",
        "的微博视频",
        "L",
        "☆",
        "½",
        "ﾟ",
        "가",
    ]
)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join) | st.text(max_size=30))
def test_cleaning_twice_changes_nothing(text):
    if any(0xD800 <= ord(mark) < 0xE000 for mark in text):
        return
    once = clean_texts(pl.Series([text], dtype=pl.String))
    assert clean_texts(once).to_list() == once.to_list()


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20), max_size=8)
)
def test_a_row_does_not_depend_on_its_neighbours(texts):
    together = clean_texts(pl.Series(texts, dtype=pl.String)).to_list()
    assert together == [clean_texts(pl.Series([text])).item() for text in texts]


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(
    st.lists(PIECES, max_size=8).map("".join) | st.text(st.characters(exclude_categories=["Cs"]))
)
def test_a_rule_changes_only_texts_that_meet_its_condition(text):
    word = int(_rules_needed(pl.Series([text])).item())
    for condition, rule in _RULES:
        if not word & condition:
            assert rule(pl.Series([text])).item() == text


def clean_by_all_rules(text):
    """Apply every rule in turn until the text stands, without asking which it needs."""
    before = None
    while text != before:
        before, texts = text, pl.Series([text])
        for _, rule in _RULES:
            texts = rule(texts)
        text = texts.item()
    return text


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=10).map("".join))
def test_asking_which_rules_a_text_needs_changes_no_text(text):
    assert clean_texts(pl.Series(["坑", text]))[1] == clean_by_all_rules(text)


def test_no_white_space_or_invisible_is_left():
    text = "".join(map(chr, range(0x20, 0x3100)))
    result = clean_texts(pl.Series([text])).item()
    import re

    assert not re.search(f"[{_WHITE}]|  ", result)
    assert all(mark in result for mark in _KEPT if ord(mark) < 0x3100 and mark not in "‥")


TITLES = [
    (None, "慢", "慢"),
    ("退款", "不退", "退款。不退"),
    ("退款", "要退款", "要退款"),
    (" 退款 ", None, "退款"),
    ("ＯＫ退款", "OK退款不给", "OK退款不给"),
    ("退款", "转发微博//@小王:坑", "退款"),
    ("退款", "", "退款"),
    (" ", "慢", "慢"),
    (".*", "慢", ".*。慢"),
    (None, None, None),
]


def test_a_title_stands_before_a_text_that_lacks_it():
    titles, texts, whole = zip(*TITLES, strict=True)
    posts = pl.DataFrame(
        {"title": titles, "text": texts}, schema={"title": pl.String, "text": pl.String}
    )
    once = clean(posts)
    assert once["text"].to_list() == list(whole)
    assert clean(once)["text"].to_list() == list(whole)
    assert posts["text"].to_list() == list(texts)
    assert clean(posts.drop("title"))["text"].to_list() == clean_texts(list(texts))


def test_several_columns_are_cleaned_each_by_itself():
    posts = pl.DataFrame({"text": ["ＯＫ"], "demand": ["退　款"], "n": [1]})
    assert clean(posts, ["text", "demand"]).rows() == [("OK", "退 款", 1)]


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
    # answered behind what is quoted
    ("//@某人:红包到账好快//快吗，打款中打了四十天", "快吗，打款中打了四十天"),
    ("//@某人：好//@别人:真好//我这双开胶了", "我这双开胶了"),
    # forwarded without a word: the words that are forwarded
    ("//@某人:客服全是机器人", "客服全是机器人"),
    ("//@某人：退款拖了半个月//@别人:一样", "退款拖了半个月"),
    ("//@某人:见 http://t.cn/A", "见 http://t.cn/A"),
    ("//@某人:转发微博", ""),
    # a shop's or developer's answer without dashes, behind a bracket or a remark
    ("闪退\n开发者回复：您好，感谢反馈", "闪退"),
    ("闪退，打不开 【开发者回复】亲爱的用户，请加群", "闪退，打不开"),
    ("打不开（商家回复：亲，非常抱歉", "打不开"),
    ("Won't open. Developer Response: Hi, sorry", "Won't open"),
    ("（该条评论已经被删除）闪退\n ------ \n 开发者回复：用户您好", "闪退"),
    ("[怒]闪退 ------ 开发者回复：感谢", "[怒]闪退"),
    # a house's answer under its date
    ("床单有污渍。宾馆反馈 2018年7月9日 ： 多谢您的意见", "床单有污渍"),
    ("隔音差！！酒店回复（2019-08-01）：尊敬的宾客", "隔音差"),
    ("空调不冷\n民宿答复 2019/8/1 12:30：已换新机", "空调不冷"),
]
OWN = [
    "见http://@x/ 和 http://t.cn/A",
    "转发微博抽奖，结果没有",
    "商家回复：不退，没有理由",
    "问了三次，客服回复：等着",
    "买了----还没用",
    "开发者回复：您好，已修复",
    "【开发者回复】您好，已修复",
    "打不开。商家回复：不退，没有理由",
    "宾馆反馈 2018年7月9日 ： 多谢您的意见",
    "给酒店反馈 2019年8月1日：空调坏了",
    "等了三天，商家回复 2020年6月3日：明天发，结果又没发",
    "还行。补充点评 2018年7月9日 ： 电话没人接",
    "又坏了//第三次了",
    "我的评论已经被删除了",
]


@pytest.mark.parametrize(("text", "own"), [*OTHERS, *((text, text) for text in OWN)])
def test_what_others_wrote_is_left_out(text, own):
    assert own_words(pl.DataFrame({"text": ["好", text]})).to_list() == ["好", own]


@pytest.mark.parametrize(
    "text",
    [
        "转发微博",
        "  Repost ",
        "",
        "回覆@小王：谢谢",
        "回复@小王:谢谢",
        "差//@某人:好",
        "好 developer response: Hi",
    ],
)
def test_what_may_change_is_asked_of_every_text_that_a_string_points_to(text):
    frame = pl.DataFrame({"text": [text, "等了十天还没发货"]})
    assert own_words(frame).to_list()[1] == "等了十天还没发货"
    assert own_words(frame)[0] != text or not text
