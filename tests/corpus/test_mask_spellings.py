"""Numbers of each kind, in each way of writing digits and in each grouping, in combination."""

import re
from time import process_time

import pytest

from analysis.corpus.mask import _mask_text, find_personal_data, mask_texts

PLAIN = "0123456789"
DRESSED = {
    "plain": PLAIN,
    "full width": "０１２３４５６７８９",
    "circled": "⓪①②③④⑤⑥⑦⑧⑨",
    "characters": "零一二三四五六七八九",
    "by radio": "零幺二三四五六七八九",
    "as on cheques": "零壹贰叁肆伍陆柒捌玖",
    "by turns": "0一2叁4五6柒8九",
    "look alike": "O1234567890"[:10],
    "keycaps": [f"{digit}\ufe0f\u20e3" for digit in PLAIN],
}
GROUPS = {
    "whole": (40,),
    "each": (1,) * 40,
    "3-4-4": (3, 4, 4, 4, 4),
    "4-4-3": (4,) * 5,
    "5-4-2": (5, 4, 2, 4, 4),
    "at will": (2, 3, 4, 2, 3, 2, 5),
}
# What parts other things, too, needs a word for the number before it.
SOFT = (" ", "  ", "-", "—", " - ", "·", "_", "~", "\t", "…", "|", "♥", "🌟", "\u200b")
HARD = ("/", ",", "，", "、", ";", "。", ":", "=", "+", "*", "#", "()", "【】", "「」")
KINDS = {
    "phone": ("15924683507", ("电话{}没人接", "手机号：{}", "加我{}"), ("他说{}没用",)),
    "landline": ("057183746295", ("座机{}没人接", "办公室电话：{}"), ()),
    "local": ("83746295", ("座机{}没人接", "打电话给{}"), ()),
    "id": ("340822197903142512", ("身份证{}", "证号：{}没错"), ("张某，{}，在这",)),
    "card": ("6222021958374629503", ("银行卡{}", "退到我卡上，{}，谢谢"), ("里面是{}。",)),
    "qq": ("2837114406", ("QQ{}", "扣扣：{}", "加企鹅 {}"), ()),
    "order": ("738250617394", ("订单{}没到", "单号：{}", "催一下{}"), ()),
    "parcel": ("SF2837465029184", ("快递{}", "单号{}没动"), ("哪里{}没动",)),
    "wechat": ("15924683507", ("微信{}", "加v{}", "薇信：{}"), ()),
    "plate": ("浙C83726", ("车牌{}", "车号：{}"), ()),
    "passport": ("E83726154", ("护照{}", "护照号：{}"), ()),
}


def spell(number, dress, lengths, sign):
    """Write a number; its letters stay before its groups."""
    letters, digits = re.fullmatch("(\\D*)(\\d+)", number).groups()
    groups, at = [], 0
    for length in lengths:
        groups += [digits[at : at + length]] if at < len(digits) else []
        at += length
    groups = ["".join(dress[int(digit)] for digit in group) for group in groups]
    if len(groups) == 1:
        return letters + groups[0]
    if len(sign) == 2 and sign[0] in "(【「":
        return letters + "".join(sign[0] + group + sign[1] for group in groups)
    return letters + sign.join(groups)


def spellings(kind):
    number, cued, alone = KINDS[kind]
    for name, dress in DRESSED.items():
        for grouping, lengths in GROUPS.items():
            for sign in (SOFT + HARD) if grouping != "whole" else ("",):
                if grouping == "each" and (sign in ("()", "【】", "「」")):
                    continue
                frames = cued + (alone if sign not in HARD and name != "look alike" else ())
                for frame in frames:
                    yield frame, spell(number, dress, lengths, sign)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_numbers_are_found_however_they_are_written(kind):
    rows = list(spellings(kind))
    masked, _ = mask_texts([frame.format(number) for frame, number in rows])
    missed = [
        (frame.format(number), text)
        for (frame, number), text in zip(rows, masked, strict=True)
        if not re.fullmatch("【\\w+】".join(map(re.escape, frame.split("{}"))), text)
    ]
    assert missed == []
    for frame, number in rows[::97]:
        (span,) = find_personal_data(frame.format(number))
        assert (span.start, span.end) == (frame.index("{"), frame.index("{") + len(number))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        # Mobiles parted as lists are, numbers abroad, landlines behind a mark.
        ("打186*1234*5678", "186*1234*5678"),
        ("186+1234+5678我电话", "186+1234+5678"),
        ("找138。1234。5678", "138。1234。5678"),
        ("(852)91234567", "(852)91234567"),
        ("新加坡+65 9123 4567", "+65 9123 4567"),
        ("美国+1 626-555-0199", "+1 626-555-0199"),
        ("公司02-2345-6789", "02-2345-6789"),
        ("0755、88889999", "0755、88889999"),
        # Accounts.
        ("我微lxl19900101", "lxl19900101"),
        ("嘉微mm1100", "mm1100"),
        ("微☆信gg0099", "gg0099"),
        ("私v rr3322", "rr3322"),
        ("微信叫abc8899", "abc8899"),
        ("咸鱼id haha_8899", "haha_8899"),
        ("淘宝会员名tb8899776", "tb8899776"),
        ("口口556677889", "556677889"),
        ("liming(a)163.com", "liming(a)163.com"),
        # Orders, tickets and plates.
        ("单子20200618A0017", "20200618A0017"),
        ("订单编码：TB-2020-0618-7788", "TB-2020-0618-7788"),
        ("2020061822001412345678901234是交易号", "2020061822001412345678901234"),
        ("跨越KY4000112233445", "KY4000112233445"),
        ("机票784-1234567890", "784-1234567890"),
        ("电动车牌深A123456", "深A123456"),
    ],
)
def test_numbers_of_more_places_and_firms_are_found_whole(text, number):
    (span,) = find_personal_data(text)
    assert text[span.start : span.end] == number
    assert len(re.findall("【\\w+】", mask_texts([text])[0][0])) == 1


LOOK_ALIKES = [
    "ISBN 978-7123456789",
    "床垫150*2000*2200",
    "3C编号2019010101",
    "+1-800-227-4262客服",
    # Prices, sizes and lists of them.
    "原价1599、1399、1299，现价999",
    "1599/1399/1299三档",
    "满199减20，满399减50，满599减90",
    "13.5、16.8、19.9、20.5元",
    "从13.5到16.8再到19.99",
    "150*200*180*30的箱子",
    "身高165 170 175 180",
    "共1500 2000 3000三笔",
    "一共19.90+15.80+13.50=49.20",
    "买了3、5、7、9、11、13号的票",
    # Days, times and versions.
    "2024-05-06 13:30:25下单",
    "05-12-2024 10:30到的",
    "电话打了20:30-21:30一小时",
    "致电2024-05-06的客服",
    "2019.11.11-2019.11.12活动",
    "15:30-16:30 17:30-18:30都没人",
    "版本1.3.8.1.2",
    "19-11-2024 108元",
    # Hotlines, goods, counting.
    "电话400-820-8820",
    "电话：4 0 0 8 2 0 8 8 2 0",
    "客服电话95588",
    "打 1 2 3 1 5 投诉",
    "型号KFR-35GW/N8A3",
    "货号CD4487-100",
    "批号LOT20240101",
    "款号A20240101B",
    "零一二三四五六七八九",
    "一二三四五六七八九十",
    "三三两两，一五一十",
    "二〇二四年五月六日",
    "二零二四零五零六",
    "九九八十一难",
    "一、二、三、四、五、六、七、八、九、十",
    "第一、三、五、七、九、十一",
    "QQ音乐2020年12月",
    "QQ群里199块",
    "微信一直不回",
    "加我一个",
    "卡了一二十次",
    "打了一二十个电话三五天",
    "中奖号码是：04、05、20、21、30、33",
    "订单一直不发",
    "订单3天没到，5天没到，7天没到",
    "订单金额1999,2999,399元",
    "快递3天，5天，7天",
    "黑F430-360万",
    "南宁FM100.6",
    "新A4纸20张",
    "碳黑F430 360",
    "+1-800-227-4262",
    "手机号136134462**",
    "商品编号6901234567892",
    "商品条形码6901234567892",
    "5号线8号楼，9号到的",
    "打138折扣1999变1299",
    "QQ群1，2，3都满了",
    "加的客服说12点，vx_pay",
    "我用iPhone 12发邮件",
    "0、1、0、2、0、3、0、4、0、5、0",
    "比分3-1、2-0、1-1、0-2",
    "温度零下一二三四度",
    "房号01-02-03",
    "电话分机8001、8002",
    "编号是第5号",
    "护照E类",
    "京B, 2020年",
    "沪A 600036涨了",
    "扣：20元",
    "电话那个2020 618活动",
]


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_what_looks_like_a_number_of_somebody_stays(text):
    assert find_personal_data(text) == []
    assert mask_texts([text])[0] == [text]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("QQ12345678一直不回", "QQ【QQ】一直不回"),
        ("QQ12345678，2天没回", "QQ【QQ】，2天没回"),
        ("订单738250617394一直没到", "订单【订单号】一直没到"),
        ("订单738250617394，2024年买的", "订单【订单号】，2024年买的"),
        ("电话15924683507一直关机", "电话【电话】一直关机"),
        ("电话1 5924，683507，13924683507", "电话【电话】，【电话】"),
        ("座机83746295，3天没人接", "座机【电话】，3天没人接"),
        ("电话（83746295）没人接", "电话（【电话】）没人接"),
        ("加qq【5386607】领取", "加qq【【QQ】】领取"),
        ("微信15924683507，付了199元", "微信【微信】，付了199元"),
        ("车牌浙C83726，5座", "车牌【车牌】，5座"),
        ("工单号WX-2024-0091837，宽带断了", "工单号【订单号】，宽带断了"),
        ("预约号GH20240809-0173", "预约号【订单号】"),
        ("邮件号EA730184625CN还没到", "邮件号【订单号】还没到"),
        ("订单八三七四六二九五零三三天没到", "订单【订单号】三天没到"),
        ("邮件15924683507收", "邮件【电话】收"),
        ("我的工号738250617没错", "我的工号【订单号】没错"),
        ("跟浙 C 8 M 2 7 6的一起", "跟【车牌】的一起"),
        ("号码是2 5 8、0 1 9、7 7 3 6，", "号码是【电话】，"),
        ("电话138中间4683后面5079", "电话【电话】"),
        ("vx_biubiu·1998在群里", "【微信】在群里"),
        ("加的客服kf➕haoping88，", "加的客服【微信】，"),
        ("微信换了：A.古法酿造-老窖子，", "微信换了：【微信】，"),
        ("支付宝邮箱abao 666 fahuo@aliyun.com，", "支付宝邮箱【邮箱】，"),
        ("我的粤 B · D 2 9 6 6 1有记录", "我的【车牌】有记录"),
        ("货车晋（C）7W26H开了", "货车【车牌】开了"),
        ("黑车浙 A, 0 Y 8 2 5，", "黑车【车牌】，"),
        ("电话是7630 1195 转 612，", "电话是【电话】，"),
        ("老家电话还是那个5528 713，", "老家电话还是那个【电话】，"),
        ("+围：tz_maike_08，", "+围：【微信】，"),
        ("wei❤qxw66810，", "wei❤【微信】，"),
        ("丘丘号6 1 7 3 0 8 2 5，", "丘丘号【QQ】，"),
        ("QQ/微信同步 2518 036 914，", "QQ/微信同步 【QQ】，"),
    ],
)
def test_a_number_ends_where_the_sentence_goes_on(text, masked):
    assert mask_texts([text])[0] == [masked]


# Announced some words before, or on the line before; codes; signs of several scripts.
FAR = [
    ("座机也行，上午都在家：68419527", "座机也行，上午都在家：【电话】"),
    ("有事联系我，白天打就行\n6841 9527", "有事联系我，白天打就行\n【电话】"),
    ("单位总机 83920417 分机 226", "单位总机 【电话】"),
    ("有消息直接V我\nhanqiu_8803", "有消息直接V我\n【微信】"),
    ("不想扯皮，v我细说 wuliang_2019", "不想扯皮，v我细说 【微信】"),
    ("让我加他，说可以直接问，名字叫 laowang6621。", "让我加他，说可以直接问，名字叫 【微信】。"),
    ("走的绿泡泡，对方 qinghe0428，拉黑了", "走的绿泡泡，对方 【微信】，拉黑了"),
    ("转给他的，账号 gaoxin.8866，报案了", "转给他的，账号 【微信】，报案了"),
    ("可以私信 ID：Ningmeng_0312 看", "可以私信 ID：【微信】 看"),
    ("我的扣扣在下面\n2738409165", "我的扣扣在下面\n【QQ】"),
    ("提货码：417719，打开是空的", "提货码：【订单号】，打开是空的"),
    ("核销码 6203 9481 57 扫不出来", "核销码 【订单号】 扫不出来"),
    ("联系我，订单是68419527", "联系我，订单是【订单号】"),
    ("支付密码是 730914 他也知道", "支付密码是 【订单号】 他也知道"),
    ("卡背面安全码407", "卡背面安全码【订单号】"),
    ("电话⒈⒊⒎-0⒋⒏⒉-⒌⒎⒈⒍，", "电话【电话】，"),
    ("退押金找 159丨2846丨0713，", "退押金找 【电话】，"),
    ("加 1З7О2849З61 退差价", "加 【电话】 退差价"),
    ("家里是0 2 7-8 5 6 1 3 0 9 4，", "家里是【电话】，"),
    ("围信:z1992_lucky 有奖", "围信:【微信】 有奖"),
    ("骗子的卫星是 lxy20010，", "骗子的卫星是 【微信】，"),
    ("想要的 xyz四五六七薇心", "想要的 【微信】薇心"),
    ("想要的加薇心 xyz四五六七", "想要的加薇心 【微信】"),
    ("序列号861234567890123", "序列号【订单号】"),
    ("我的号没变过，就是那个 lanyu_0615", "我的号没变过，就是那个 【微信】"),
    ("抖音搜我，号是 dudu_shuma66", "抖音搜我，号是 【微信】"),
    ("报了取件码641092人家说没有", "报了取件码【订单号】人家说没有"),
    ("入住密码 739146 门打不开", "入住密码 【订单号】 门打不开"),
    ("文职干部证 军文字第0572918号", "文职干部证 【证件】"),
    ("永久居留证 GBR310087062415", "永久居留证 【证件】"),
    ("围❤信 heihei_0502", "围❤信 【微信】"),
    ("v-x：kk88021，返图", "v-x：【微信】，返图"),
    ("小黄鱼号 fishgo20394 骗子", "小黄鱼号 【微信】 骗子"),
    ("139=2847=0561 老板的", "【电话】 老板的"),
    ("187丶2930丶4482 快打", "【电话】 快打"),
    ("外线 84720395", "外线 【电话】"),
    # An amount, or a day and an hour, behind a card.
    ("我的卡6222 0212 3456 7890 ¥6,500.00没了", "我的卡【银行卡】 ¥6,500.00没了"),
    ("我的卡6222 0212 3456 7890 6,500.00没了", "我的卡【银行卡】 6,500.00没了"),
    ("卡号6222021234567890 2024/8/14 16:32", "卡号【银行卡】 2024/8/14 16:32"),
]
NOT_FAR = [
    "联系我，价格是68419527",
    "联系我说花了3999999元",
    "座机太老，换了型号HT68419527",
    "打我电话说20200618到",
    "联系方式写了，热线68419527没人",
    "找我要了2345678积分",
    "微信说了半天也不退，gtx960还是坏",
    "加我的是iphone2020",
    "找我换的是win10",
    "QQ飞车充的，一共100000000个币",
    "QQ音乐里20200618扣的",
    "商品的范围信息: kfr3500",
    "电视装了卫星 HD2000 接收器",
    "验证码是4827，别告诉任何人",
    "我把482917这个验证码报了",
    "动态码 719304 报了出去",
    "问我要验证码，我念了 5827",
    "验证码2019年就收不到",
    "验证码60秒才到",
    "验证码发了3000次",
    "验证码打95588问",
    "取件码给了12345",
    "取件码要2020款柜子",
    "提货码有9999个",
    "柜子号8-3-2017打不开",
    "取件码8-3-2017，驿站说没有",
    "洗衣机序列号F2LXK9Q1，报修",
    "耳机SN：GX7KQ02MLY",
    "显示屏上 4 5 6-7 8 9",
    "加我老公的电脑 matebook2020 坏了",
    "序列号 C39VX0PQHG7F 查不到",
    "验证码10人都没收到",
    "100=2000=3000",
    "大丶小都发错",
    "卡号6222****1234 2024/8/14 16:32 6,500.00元",
    "工行卡 622202****7890 6500.00 2024-08-14 16:32:11",
]


@pytest.mark.parametrize(("text", "masked"), [*FAR, *((text, text) for text in NOT_FAR)])
def test_numbers_announced_from_afar_codes_and_signs_of_other_scripts(text, masked):
    assert mask_texts([text])[0] == [masked]
    assert _mask_text(text)[0] == masked


@pytest.mark.parametrize(
    "text",
    [
        *("座机，", "打我，好", "V我聊", "加我 abc", "取件码是", "0 2 7-", "QQ，", "交口", "@京东"),
        *("地址写的二教后门", "我住老邮局对面卖"),
    ],
)
def test_what_announces_a_number_again_and_again_takes_time_in_proportion(text):
    texts = [text * (size // len(text)) for size in (1_000, 50_000)]
    quick, slow = (min(_seconds(one) for _ in range(3)) for one in texts)
    assert slow < 300 * quick + 0.5


@pytest.mark.parametrize(
    "text",
    [
        "手机2799，2999，3299三个价",
        "手机：3999/4599，哪个好",
        "年卡299，399，499，599，699都有",
        "银行卡扣了299.00、399.00、499.00、599.00元",
        "银行 3.85 4.2 4.35 4.65 4.9 5.0 的利率",
        "刷卡 2020/06/18 12:33:56 299.00",
        "建行 2020.06.18 2020.06.19 2020.06.20 都扣了",
        "社保缴了 2018、2019、2020、2021",
        "身份证复印件 2020-06-18 2020-06-19 交了两次",
        "来电20240618才接",
        "找了 2021、2022、2023 三年",
        "打了2345 678次",
        "打2345678积分",
        "原价1399/1499/1599/1699",
        "iPhone 13 128 256 512",
        "(1)(2)(3)(4)(5)(6)(7)(8)(9)(10)(11)",
        "沪A600519涨停",
        "加我VIP 12345",
    ],
)
def test_prices_days_and_hours_behind_a_word_for_a_number_stay(text):
    assert find_personal_data(text) == []


@pytest.mark.parametrize("word", ["产品号", "商品编号：", "标准号", "专利号", "版本号", "配件号"])
def test_numbers_of_goods_stay(word):
    assert find_personal_data(f"{word}ZL201510123456不对") == []
    assert find_personal_data("受理号ZL201510123456不对")


@pytest.mark.parametrize(
    "text",
    [
        "这是何道理？客服不说",
        "摄像头才 30 万像素",
        "空调是双变频，高品质！",
        "对商家要高标准、严要求，全力推动",
        "买了大码，美美哒！下次还来",
        "上身效果很好，帅帅哒，下次还来",
        "白高兴！抢到的券不能用",
        "点了毛血旺、沙琪玛，都凉了",
        "的确名符其实。",
        "春天穿，夏春秋穿都行",
        "国产屏，巨宽的边框，沃达丰定制版",
    ],
)
def test_words_that_look_like_names_stay(text):
    assert find_personal_data(text) == []


def test_a_list_of_prices_is_not_read_from_each_price_to_its_end():
    texts = ["1399/" * 400, "1399/" * 12_000]
    quick, slow = (min(_seconds(text) for _ in range(3)) for text in texts)
    assert slow < 300 * quick + 0.5


def _seconds(text):
    begun = process_time()
    mask_texts([text])
    return process_time() - begun
