"""Stars are evidence that may be absent: they tip what is in doubt and outvote nothing clear."""

import random

import numpy as np
import pandas as pd
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from analysis.coding.codebook import CODES
from analysis.coding.coder import code_grievances, get_coder
from analysis.coding.compiled_codebook import compile_codebook
from analysis.coding.features import read_features
from analysis.coding.scoring import (
    Scores,
    _is_content,
    doubt_voice,
    given_logits,
    letter_evidence,
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
    assert star_evidence(posts, posts["text"]).negative.tolist() == [0]


def test_what_stars_add_is_bounded_and_falls_with_each_star():
    stars, texts = pl.DataFrame({"stars": np.arange(1, 5.1, 0.5)}), pl.Series(["字"] * 9)
    added = star_evidence(stars, texts).negative
    assert np.all(np.diff(added) < 0) and np.abs(added).max() <= 2.75


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
    compiled = compile_codebook()

    def added(channel, texts=MOODS):
        # No grievance is seen, and no text is short, so that nothing is said plainly.
        long = [text + "。" * 24 for text in texts]
        placed = pl.DataFrame({"text": long}).with_columns(channel=pl.lit(channel, pl.String))
        rules, codes = np.zeros((len(texts), 1 + len(CODES))), np.zeros((len(texts), len(CODES)))
        rules[:, 0] = 2.0
        seen = place_evidence(
            compiled, read_features(placed, compiled), rules, codes, *np.zeros((2, len(texts)))
        )
        (found,) = set(seen.negative.tolist())
        return found

    for place in ("weibo", "forum", "xiaohongshu", "douyin", "somewhere", None):
        assert added(place) < 0 < added(place, COMPLAINTS)
    for place in ("review", "complaint", "app_store", "live_comment"):
        # The others tell what nobody content tells.
        assert added(place) == added(place, COMPLAINTS[:2]) > 0
        assert added(place) < added(place, COMPLAINTS[2:]) or place not in {"review", "app_store"}
    assert added("weibo") < added(None) < added("douyin")
    assert added("weibo", COMPLAINTS) < added("review")


def lost_without_trade(channel, odds):
    """Return what a post without a word of trade loses where one code has these log-odds."""
    compiled = compile_codebook()
    posts = pl.DataFrame(
        {"text": ["烦死了"], "channel": [channel]}, schema_overrides={"channel": str}
    )
    rules, codes = np.zeros((1, 1 + len(CODES))), np.full((1, len(CODES)), -9.0)
    codes[0, 4] = odds
    added = place_evidence(
        compiled, read_features(posts, compiled), rules, codes, *np.zeros((2, posts.height))
    )
    return -float(added.negative[0])


@pytest.mark.parametrize("place", ["weibo", "forum", "xiaohongshu", "douyin", None])
def test_a_likely_code_stands_for_a_word_of_trade(place):
    none, some, sure = (lost_without_trade(place, odds) for odds in (-9.0, 1.1, 9.0))
    assert none > some > sure == 0
    assert lost_without_trade(place, 1.0) == none
    assert none - some == pytest.approx(0.2)


@pytest.mark.parametrize("place", ["review", "app_store", "complaint"])
def test_where_customers_write_it_adds_nothing(place):
    assert lost_without_trade(place, 9.0) == lost_without_trade(place, -9.0) < 0.5


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


def witnessed(channel, logit, text="客服烦死了", code=None, grievance=0.0):
    """Return what a place adds to the negative item, or to a code, given the rules' logit of it."""
    compiled = compile_codebook()
    posts = pl.DataFrame({"text": [text], "channel": [channel]}, schema_overrides={"channel": str})
    rules = np.zeros((1, 1 + len(CODES)))
    rules[0, 1] = grievance
    rules[0, 0 if code is None else 1 + CODES.index(code)] = logit
    # No other code is likely, so that none stands beside it.
    codes = np.full((1, len(CODES)), -3.0)
    added = place_evidence(
        compiled, read_features(posts, compiled), rules, codes, *np.zeros((2, posts.height))
    )
    return float(added.negative[0] if code is None else added.codes[0, CODES.index(code)])


@pytest.mark.parametrize("place", ["weibo", "forum", "review", "app_store", None])
def test_rules_are_a_second_witness_within_bounds(place):
    assert witnessed(place, 4.0) > witnessed(place, 1.5) > witnessed(place, -4.0)
    assert witnessed(place, 4.0) == witnessed(place, 99.0)
    assert witnessed(place, -9.0) == witnessed(place, -4.0)
    assert witnessed(place, 4.0) - witnessed(place, -4.0) <= 2


def test_without_a_word_of_trade_they_are_none_where_people_post_of_everything():
    for place in ("weibo", "forum", None):
        assert witnessed(place, 4.0, "烦死了") == witnessed(place, -4.0, "烦死了")
    assert witnessed("review", 4.0, "烦死了") > witnessed("review", -4.0, "烦死了")
    for place in ("complaint", "hotline", "live_room"):
        assert witnessed(place, 4.0) == witnessed(place, -4.0)


@pytest.mark.parametrize("code", CODES)
def test_of_codes_rules_are_a_witness_in_reviews_and_where_no_place_is_known(code):
    text = "客服真的是烦死了，说了多少遍"  # longer than what is asked for a word of its own
    for place in ("review", "app_store", None):
        none, some, sure = (witnessed(place, logit, text, code=code) for logit in (-9.0, 0.0, 9.0))
        assert none < some < sure <= none + 3
        assert some == pytest.approx((none + sure) / 2)
    for place in ("weibo", "forum", "complaint", "live_room"):
        assert witnessed(place, 9.0, text, code=code) == witnessed(place, -9.0, text, code=code)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("place", ["review", "app_store", "weibo", "forum", "complaint", None])
def test_a_dozen_characters_without_a_word_of_a_rarer_code_are_not_of_it(place, code):
    short, longer = "客服真烦人死了谁受得了啊", "客服真烦人死了谁受得了啊啊"
    rarer = code in {"sms_harassment", "red_envelope", "counterfeit", "unfair_terms"}
    unnamed = witnessed(place, -9.0, short, code=code) - witnessed(place, -9.0, longer, code=code)
    named = witnessed(place, 0.0, short, code=code) - witnessed(place, 0.0, longer, code=code)
    assert (unnamed, named) == (pytest.approx(-5.0 * rarer), 0.0)


OF_OTHER_THINGS = [
    ("外挂满天飞，官方根本不管", "counterfeit"),
    ("抽卡概率是假的吧，八十抽不出一个金", "counterfeit"),
    ("打击感很假，像在砍空气", "counterfeit"),
    ("匹配全是假人机，没意思", "counterfeit"),
    ("地摊货水平的包装，很受打击", "counterfeit"),
    ("尺码完全不一样，差评", "counterfeit"),
    ("跟图片完全不一样，颜色也淡", "counterfeit"),
    ("手柄不支持，按键还不能改", "unfair_terms"),
    ("骗子", "sms_harassment"),
    ("骗子公司！", "sms_harassment"),
    ("短信验证码一直收不到，登不上去", "sms_harassment"),
    ("登录还要短信验证，输了三遍都不对", "sms_harassment"),
]
OF_THEM = [
    ("假货！必须差评", "counterfeit"),
    ("假耐克", "counterfeit"),
    ("买的包是假的，客服不认", "counterfeit"),
    ("防伪码查不到，肯定是假货", "counterfeit"),
    ("天天给我发短信，退订没用", "sms_harassment"),
    ("每天弹窗推送让我充值，烦死了", "sms_harassment"),
    ("定金不退，霸王条款", "unfair_terms"),
    ("红包根本提现不了，骗人", "red_envelope"),
]


@pytest.mark.parametrize("place", ["review", "app_store"])
def test_games_sizes_and_codes_that_do_not_come_are_no_fakes_messages_or_terms(place):
    rows = [(*row, False) for row in OF_OTHER_THINGS]
    rows += [(*row, True) for row in OF_THEM if place == "review"]
    posts = pl.DataFrame({"text": [row[0] for row in rows]}).with_columns(channel=pl.lit(place))
    coded = get_coder("fast").code(posts)
    named = [
        code in codes and negative
        for (_, code, _), codes, negative in zip(
            rows, coded["grievances"], coded["is_negative"], strict=True
        )
    ]
    assert [row for row, is_named in zip(rows, named, strict=True) if row[2] != is_named] == []


REVIEWS = [
    ("绝对是假货，标签都是歪的", ["counterfeit"]),
    ("安装师傅乱收材料费", ["price"]),
    ("安装人员态度极差，打电话就挂", ["after_sales"]),
    ("收到就坏了", ["product_quality"]),
    ("登录老是要输入密码，烦", []),
]


@pytest.mark.parametrize(("text", "codes"), REVIEWS, ids=range(len(REVIEWS)))
def test_short_reviews_get_the_codes_that_they_name(text, codes):
    found = get_coder("fast").code(pl.DataFrame({"text": [text], "channel": ["review"]}))
    assert set(codes) <= set(found["grievances"].item())
    if not codes:
        assert found["grievances"].item().to_list() == []


def test_what_one_post_adds_is_not_added_to_the_next():
    first = witnessed("review", 3.0, code="price")
    assert first == witnessed("review", 3.0, code="price")


SHORT_COMPLAINTS = [
    "退款又被拒，崩溃",
    "又被砍单，无语",
    "快递丢了没人管",
    "客服已读不回，气死",
    "投诉退款三次都驳回",
    "定金不退，服了",
    "又收到推销短信，烦",
    "快递放驿站不送",
    "漏发了",
    "尺码不对",
]
SHORT_MOODS = [
    "面试又被拒，崩溃",
    "被公司拒了，无语",
    "签证又被拒，崩溃",
    "快递到啦，开心",
    "等快递中",
    "客服工作好累",
    "手机摔了，自己的锅",
    "红包抢到八块八",
]


@pytest.mark.parametrize(
    ("texts", "expected"), [(SHORT_COMPLAINTS, True), (SHORT_MOODS, False)], ids=["told", "moods"]
)
def test_short_complaints_on_weibo_are_found_and_moods_are_none(texts, expected):
    posts = pl.DataFrame({"text": texts}).with_columns(channel=pl.lit("weibo"))
    found = get_coder("fast").code(posts)["is_negative"].to_list()
    assert found == [expected] * len(texts)


def test_reviews_speak_oftener_of_goods_and_app_reviews_of_an_app():
    compiled = compile_codebook()
    posts = pl.DataFrame({
        "text": ["一般"] * 4, "channel": ["review", "app_store", "weibo", None],
    })  # fmt: skip
    rules = np.zeros((4, 1 + len(CODES)))
    features, codes = read_features(posts, compiled), np.zeros((4, len(CODES)))
    none = np.zeros(len(rules))
    added = place_evidence(compiled, features, rules, codes, none, none).codes
    assert added.shape == (4, len(CODES))
    quality, terms = CODES.index("product_quality"), CODES.index("unfair_terms")
    assert added[0, quality] > added[3, quality] > added[2, quality] == 0 > added[1, quality]
    assert (added[2] == 0).all() and added[0, terms] < added[0, quality]


LETTERS = [
    ("尊敬的张书记：小区门口的路灯坏了三个月", True),
    ("尊敬的县政府领导，垃圾站离居民楼太近", True),
    ("我家楼下的工地半夜施工", True),
    ("我们是三中的家长，食堂涨价没有通知", True),
    ("恳请有关部门查处这家医院", True),
    ("市民来电反映：某超市过期牛奶还在卖", True),
    ("投诉人李女士反映健身房关门不退卡", True),
    ("投诉某小区物业乱收停车费。物业公司逐月加价", True),
    ("关于加快老旧小区改造的几点建议。旧楼没有电梯", True),
    ("某工地夜间施工扰民。每天到凌晨两点", True),
    ("楼盘漏水无人管。开发商互相推脱", True),
    ("某县某局局长，您好：水库养牛，水不能喝", True),
    ("公积金贷款何时放款？手续已交三个月", True),
    ("您好，您反映的路灯问题已转城管局办理", False),
    ("关于某小区停车收费投诉的答复如下", False),
    ("市城管局开展违建整治。全市拆除违建三百处", False),
    ("本市今年新增十条公交线路", False),
    ("请假条已收悉，特此通知", False),
    ("经核实，我局已责成该店退款，感谢您的监督", False),
    ("我司已为您安排换货，给您带来不便深表歉意", False),
    ("尊敬的用户：系统将于周五升级", False),
    ("记者从市消协获悉，上半年投诉量上升", False),
    ("市场监管局提醒市民谨慎办卡", False),
]


@pytest.mark.parametrize(("text", "is_own"), LETTERS, ids=range(len(LETTERS)))
def test_letters_and_calls_are_the_writers_own_voice_and_answers_are_not(text, is_own):
    posts = pl.DataFrame({"text": [text] * 3, "channel": ["hotline", "complaint", "weibo"]})
    added = letter_evidence(read_features(posts, compile_codebook()))
    assert (added > 0).tolist() == [is_own, is_own, False]


def test_an_answer_quoted_late_leaves_a_letter_a_letter():
    text = "尊敬的市长：" + "小区停水的事我打过很多次电话。" * 8 + "物业回复您反映的问题已处理"
    posts = pl.DataFrame({"text": [text], "channel": ["hotline"]})
    assert letter_evidence(read_features(posts, compile_codebook())).item() > 0


def test_a_citizens_letter_on_public_affairs_speaks_with_his_voice_and_is_no_negative_item():
    text = (
        "尊敬的市委市政府：南城区是本市人口密集的老城区，近年来地铁建设、旧城改造等重点项目陆续开工，"
        "据规划部门公布的数据，片区将新增住宅三万套，而配套小学仅有一所。恳请领导研究增设学校。"
    )
    coded = get_coder("fast").code(pl.DataFrame({"text": [text], "channel": ["hotline"]}))
    assert coded["voice"].item() == "consumer" and not coded["is_negative"].item()


SPOKEN = [
    ("客服reply得超慢，refund到now都没到账，really无语", True),
    ("order了三周还没ship，seller装死", True),
    ("delivery超快，packaging也很nice", False),
    ("parcel里寄了妈妈做的饼，感动", False),
    ("俺买嘞这锅用两天就漏了，找他们也不管，中啥中", True),
    ("这个店老板儿歪得很，退货硬是不给退", True),
    ("等咗成个月件嘢都未到，问客服又话唔知", True),
    ("这玩意儿老坑人了，刚买回来就整坏了，人家还不给换", True),
    ("家里头猫儿乖惨了", False),
    ("今日去饮茶，虾饺好好食", False),
    ("阿拉屋里头猫咪老好白相额", False),
]


@pytest.mark.parametrize("kind", ["complaint", "not"])
def test_english_words_and_dialects_on_weibo_are_understood(kind):
    texts = [text for text, is_complaint in SPOKEN if is_complaint == (kind == "complaint")]
    coded = get_coder("fast").code(
        pl.DataFrame({"text": texts}).with_columns(channel=pl.lit("weibo"))
    )
    wrong = [
        t for t, k in zip(texts, coded["is_negative"], strict=True) if k != (kind == "complaint")
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "text",
    ["order了三周", "这个seller", "铺头好细", "件嘢未到", "my order is here", "the app crashed"],
)
def test_trade_has_english_and_dialect_words(text):
    compiled = compile_codebook()
    features = read_features(pl.DataFrame({"text": [text, "disorder很美"]}), compiled)
    assert features.hold([compiled.numbers["trade"]]).tolist() == [True, False]


TERMS = [
    ("victims_gather", ["同款受害者加群", "有同样遭遇的加我微信", "建了个退费群，进群"]),
    ("after_sales_refused", ["Seller refuses to refund", "no refund", "refund被拒", "没给refund"]),
    ("no_answer", ["support never answers", "they do not reply", "发消息不reply"]),
    ("not_shipped", ["it still has not shipped", "never arrived", "三周没ship"]),
    ("wrong_item", ["Seller sent the wrong item", "missing parts"]),
    ("broken", ["the app keeps crashing", "it doesn't work", "烧机油", "特别费气", "用两天就坏"]),
    ("fake", ["the bag is fake", "买的bag是fake的"]),
    ("anger", ["worst app ever", "what a scam"]),
    ("install_charge", ["安装加了支架钱120", "安装花了500多", "配件收费贵", "师傅上门样样收费"]),
    ("gift_missing", ["不是说买一送一吗我就收到一个"]),
]
OTHERS = [
    ("victims_gather", ["加我微信领券", "被骗的朋友加我，专业追款", "同样遭遇的找律师，先办后付"]),
    ("after_sales_refused", ["refunded in a day", "wanted to refund"]),
    ("no_answer", ["an answer", "piano replies"]),
    ("not_shipped", ["it shipped today", "relationships"]),
    ("broken", ["不烧机油", "heartbrokenly", "it works"]),
    ("fake", ["fake love", "snowfakes", "not a fake, real deal", "these are no fakes"]),
    ("anger", ["an awfully nice day", "scamper"]),
    ("message", ["推送通知全开了", "收不到推送", "短信验证码输了三遍", "没有收到短信"]),
    ("install_charge", ["配件不贵", "安装花了一小时", "安装免费", "换了个支架花了5分钟"]),
    ("gift_missing", ["买一送一很划算", "送货快，安装没收费"]),
    ("trade", ["happy birthday", "happening", "workshops"]),
]


@pytest.mark.parametrize(
    ("concept", "texts", "holds"),
    [(*row, True) for row in TERMS] + [(*row, False) for row in OTHERS],
)
def test_terms_of_other_tongues_and_of_fees_told_as_facts(concept, texts, holds):
    compiled = compile_codebook()
    features = read_features(pl.DataFrame({"text": texts}), compiled)
    found = features.hold([compiled.numbers[concept]])
    assert [text for text, is_found in zip(texts, found, strict=True) if is_found != holds] == []


TOLD = [
    "送货快，就是安装收了380元材料费",
    "很满意，可是换货被拒绝了",
    "不错，赠品没收到",
    "快递箱子压坏了",
]
UNTOLD = [
    "送货快，安装没收费",
    "很满意，退货很快",
    "不错，赠品收到了",
    "快递送到楼下，箱子没坏，东西都在",
]


@pytest.mark.parametrize("place", ["review", "app_store", "weibo", "complaint", None])
def test_what_nobody_content_tells_is_evidence_where_customers_write(place):
    compiled = compile_codebook()

    def added(text):
        posts = pl.DataFrame(
            {"text": [text], "channel": [place]}, schema_overrides={"channel": str}
        )
        rules, codes = np.zeros((1, 1 + len(CODES))), np.zeros((1, len(CODES)))
        rules[0, 0] = 9.0
        features = read_features(posts, compiled)
        seen = place_evidence(compiled, features, rules, codes, np.zeros(1), np.zeros(1))
        return float(seen.negative[0])

    (usual,) = {added(text) for text in UNTOLD}
    expected = usual + 1.0 * (place in {"review", "app_store"})
    assert [text for text in TOLD if added(text) != pytest.approx(expected)] == []


def test_among_reviews_the_sentiment_is_a_witness():
    compiled = compile_codebook()
    for place, weight in (("review", 0.4), ("app_store", 0.0), ("weibo", 0.0), (None, 0.0)):
        posts = pl.DataFrame({"text": ["送货"] * 2}).with_columns(channel=pl.lit(place, pl.String))
        rules, codes = np.zeros((2, 1 + len(CODES))), np.zeros((2, len(CODES)))
        features, sentiment = read_features(posts, compiled), np.array([-1.0, 2.0])
        seen = place_evidence(compiled, features, rules, codes, sentiment, np.zeros(2))
        assert np.diff(seen.negative).tolist() == pytest.approx([3.0 * weight])


def test_what_real_posts_taught_is_a_witness_where_reviews_and_forums_are():
    compiled, real = compile_codebook(), np.array([-1.0, 2.0])
    weights = {"review": 0.4, "forum": 0.4, None: 0.2, "app_store": 0.0, "weibo": 0.0}
    for place, weight in weights.items():
        posts = pl.DataFrame({"text": ["送货"] * 2}).with_columns(channel=pl.lit(place, pl.String))
        rules, codes = np.zeros((2, 1 + len(CODES))), np.zeros((2, len(CODES)))
        features = read_features(posts, compiled)
        seen = place_evidence(compiled, features, rules, codes, np.zeros(2), real)
        assert np.diff(seen.negative).tolist() == pytest.approx([3.0 * weight])


@pytest.mark.parametrize("text", ["今日更新最新版本,打不开了", "新版本各种闪退，赶紧修复"])
def test_who_writes_of_versions_in_an_app_store_is_no_merchant(text):
    posts = pl.DataFrame({"text": [text], "channel": ["app_store"]})
    assert get_coder("fast").code(posts)["voice"].item() == "consumer"


VICTIMS = [
    ("同款受害者加群：123456789，定金不退霸王条款", True),
    ("被这家机构骗了八千块学费，不退，有同样遭遇的加我微信abc123一起维权", True),
    ("被骗的朋友加我微信，专业律师追款，先办后付", False),
    ("同样遭遇的朋友加微信，我们帮您追回", False),
]


@pytest.mark.parametrize(("text", "complains"), VICTIMS, ids=range(len(VICTIMS)))
def test_who_looks_for_fellow_victims_complains_though_he_leaves_a_number(text, complains):
    coded = get_coder("fast").code(pl.DataFrame({"text": [text], "channel": ["weibo"]}))
    assert (coded["is_negative"].item(), coded["voice"].item() == "consumer") == (complains,) * 2


@pytest.mark.parametrize(
    ("text", "is_negative"),
    [
        ("还没有安装，装好了再来评价", False),
        ("刚收到货，还没用，不知道效果怎么样", False),
        ("收到，还没安装", False),
        ("东西还没拆，用后追评", False),
        ("目前还没穿，看着不错", False),
        ("洗发水还没用过，先囤着", False),
        ("货收到一个星期了还没安装，打电话也没人来", True),
        ("还没用就坏了，垃圾", True),
        ("还没安装，安装师傅就要加收三百，太坑了", True),
        ("还没拆就降价一百，客服不给保价", True),
        ("联系客服好几次都没用，一直不给退款", True),
        ("用后来评，绝对是假货，太差了", True),
    ],
)
def test_who_has_not_used_it_yet_does_not_complain(text, is_negative):
    posts = pl.DataFrame({"text": [text] * 2, "channel": ["review", None]})
    called = get_coder("fast").code(posts)["is_negative"].to_list()
    assert called == [is_negative] * 2


@pytest.mark.parametrize(
    ("text", "is_negative"),
    [
        ("买到假货了", True),
        ("确实是假货，别买", True),
        ("还没用就坏了，垃圾", True),
        ("不给开发票", True),
        ("发货慢", True),
        ("拆开发现是二手的", True),
        ("假货！", True),
        ("发错货了", True),
        ("货不对板", True),
        ("和图片不一样", True),
        ("虚假宣传", True),
        ("大数据杀熟", True),
        ("霸王条款", True),
        ("差评", True),
        ("太坑了，大家别买", True),
        ("主播骗人", True),
        ("垃圾短信太多了", True),
        ("智商税", True),
        ("骗人的！", True),
        ("泄露隐私", True),
        ("和图片一样", False),
        ("骗人，说好一起吃饭的", False),
        ("零差评", False),
        ("什么叫霸王条款", False),
        ("什么是大数据杀熟", False),
        ("生活中不可缺少", False),
        ("差价退了", False),
        ("店铺给补差价了", False),
        ("不是假货，放心", False),
        ("市场监管局查处一批假货", False),
        ("是假货吗", False),
        ("怎么看是不是假货", False),
        ("确实是正品，放心买", False),
        ("什么时候发货？", False),
        ("今天烦死了", False),
        ("卖萌可耻，装嫩有罪", False),
        ("客服没骗人", False),
        ("没少发", False),
        ("不怕买到假货", False),
        ("不推荐", True),
        ("不推荐购买", True),
        ("没有异味", False),
    ],
)
def test_a_grievance_in_a_few_plain_words_is_one(text, is_negative):
    posts = pl.DataFrame({"text": [text]})
    assert get_coder("fast").code(posts)["is_negative"].item() == is_negative


@pytest.mark.parametrize(
    ("text", "counts"), [("不开发票", True), ("不开发票" * 7, False), ("不开发票吗", False)]
)
def test_only_a_short_text_that_does_not_ask_says_it_plainly(text, counts):
    none = witnessed(None, 2.0, text)
    plainly = witnessed(None, 2.0, text, grievance=2.0)
    assert plainly - none == pytest.approx(4.0 * counts)


@pytest.mark.parametrize(
    ("text", "is_envelope"),
    [
        ("感觉不错，用后追评", False),
        ("必须追评才返十块钱红包，套路太多", True),
    ],
)
def test_a_later_review_is_no_cash_for_a_review(text, is_envelope):
    posts = pl.DataFrame({"text": [text], "channel": ["review"]})
    codes = get_coder("keyword").code(posts)["scores"].item()
    assert ("red_envelope" in codes) == is_envelope


def test_the_name_of_goods_is_no_grievance():
    # 气炸, 血压, 垃圾, 破, 卡 and 炸 stand in names of what people buy.
    goods = "空气炸锅 血压计 垃圾桶 垃圾袋 破壁机 显卡 健身卡 杀虫剂 脱毛仪 无人机 指甲油 隔离霜"
    texts = [f"这个{name}收到了" for name in goods.split()] + ["气炸了", "这破东西卡死了"]
    compiled = compile_codebook()
    features = read_features(pl.DataFrame({"text": texts}), compiled)
    said = ("anger", "defect", "broken", "after_sales_refused", "civic")
    held = features.hold([compiled.numbers[name] for name in said])
    assert held.tolist() == [False] * (len(texts) - 2) + [True] * 2


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("收到的和图片完全不一样", True),
        ("实物不符，色差太大", True),
        ("和图片一样，没有色差", False),
        ("直播间说的和收到的不一样", False),
    ],
)
def test_goods_that_differ_from_their_picture_are_of_poor_quality(text, holds):
    coded = get_coder("keyword").code(pl.DataFrame({"text": [text], "channel": ["review"]}))
    assert ("product_quality" in coded["grievances"].item()) == holds


@pytest.mark.parametrize(
    ("text", "channel", "delivery", "quality"),
    [
        ("拿出来都撒了，包装太差", "review", 2.0, 0.0),
        ("发错颜色了", "app_store", 2.0, 0.0),
        # Elsewhere written posts and rules agree well enough.
        ("发错颜色了", "weibo", 0.0, 0.0),
        ("东西不错", "review", 0.0, 0.0),
    ],
)
def test_among_reviews_what_rules_see_is_delivery(text, channel, delivery, quality):
    told, plain = (told_apart(words, channel, -3.9, -3.0) for words in (text, "还行吧"))
    places = [CODES.index(code) for code in ("delivery", "product_quality")]
    assert (told - plain)[places].tolist() == pytest.approx([delivery, quality])


@pytest.mark.parametrize(
    ("channel", "seen", "other", "loses"),
    [
        ("review", -3.9, 3.0, 1.5),
        ("review", -3.9, -3.0, 0.0),  # no other code is sure
        ("review", 1.4, 3.0, 0.0),  # rules see a fault of the goods
        ("weibo", -3.9, 3.0, 0.0),
    ],
)
def test_beside_another_code_a_fault_that_no_rule_sees_is_none(channel, seen, other, loses):
    place = CODES.index("product_quality")
    with_other, alone = (told_apart("还行吧", channel, seen, odds)[place] for odds in (other, -3.0))
    assert alone - with_other == pytest.approx(loses)


def told_apart(text, channel, seen, other):
    """Return what is added to each code where rules see goods so surely and a fee is so likely."""
    compiled, quality = compile_codebook(), CODES.index("product_quality")
    posts = pl.DataFrame({"text": [text], "channel": [channel]})
    rules, codes = np.full((1, 1 + len(CODES)), -3.9), np.full((1, len(CODES)), -3.0)
    rules[0, 1 + quality], codes[0, CODES.index("price")] = seen, other
    return place_evidence(
        compiled, read_features(posts, compiled), rules, codes, np.zeros(1), np.zeros(1)
    ).codes[0]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("假货", "counterfeit"),
        ("图文不符", "product_quality"),
        ("发错货", "delivery"),
        ("垃圾", None),
    ],
)
def test_a_terse_grievance_has_the_code_that_rules_surely_see(text, code):
    coded = get_coder("fast").code(pl.DataFrame({"text": [text]}))
    assert coded["is_negative"].item()
    assert coded["grievances"].to_list() == [[code] if code else []]


@pytest.mark.parametrize(
    ("text", "is_denied"),
    [
        ("客服没骗人", True),
        ("不怕买到假货", True),
        ("放心买，没有异味", True),
        ("很放心", True),
        ("不推荐", False),
        ("用着不放心", False),
        ("不太放心", False),
        ("没推送", False),
        ("快递坏了", False),
    ],
)
def test_what_is_denied_is_no_grievance_and_what_is_refused_is_no_denial(text, is_denied):
    posts = pl.DataFrame({"text": [text, None]}, schema={"text": str})
    compiled = compile_codebook()
    rules = np.full((2, 1 + len(CODES)), 1.0)
    added = _is_content(compiled, read_features(posts, compiled), rules)
    assert added.tolist() == [-4.0 * is_denied, 0.0]


@pytest.mark.parametrize(
    ("stars", "added"),
    [(["1", "x"], [2.0, 0.0]), (["a", "b"], [0.0, 0.0]), ([1, 3000], [2.0, 0.0]),
     ([float("nan"), 5.0], [0.0, -2.75]), ([0.0, 6.0], [0.0, 0.0])],
)  # fmt: skip
def test_a_column_called_stars_may_hold_other_things(stars, added):
    posts = pl.DataFrame({"text": ["慢", "坏"], "stars": stars}, strict=False)
    assert star_evidence(posts, posts["text"]).negative.tolist() == added


@pytest.mark.parametrize(
    ("given", "is_known"),
    [([0.5, None], True), (["0.5", None], True), (["很慢", "0.5"], False)],
)
def test_a_column_called_as_the_sentiment_s_may_hold_other_things(given, is_known):
    posts = pl.DataFrame({"negative_probability": given})
    assert (given_logits(posts) is not None) == is_known
