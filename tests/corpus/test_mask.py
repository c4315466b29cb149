"""Tables of (text, masked text), with what must stay."""

import json
import re
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.corpus.mask import (
    _FINDERS,
    _find_numbers,
    _mask_buffers,
    _mask_numbers,
    _mask_shapes,
    _program,
    find_personal_data,
    hide_ids,
    hide_names,
    mask,
    mask_texts,
)
from analysis.corpus.mask_finders import PLAIN, late, number_of_group, plain
from analysis.engine.flat_columns import text_buffers
from analysis.engine.folding import traditional_characters
from analysis.engine.masking import KINDS, MOST, mask_rows
from analysis.engine.regex_program import build_program
from analysis.storage.run_paths import project_secret


def mask_one(text):
    masked, counts = mask_texts([text])
    return masked[0], json.loads(counts[0])


PHONES = [
    ("电话13812345678,没人接", "电话【电话】,没人接"),
    ("打13812345678没人接", "打【电话】没人接"),
    ("138 1234 5678", "【电话】"),
    ("138-1234-5678", "【电话】"),
    ("１３８１２３４５６７８", "【电话】"),
    ("１３８－１２３４－５６７８", "【电话】"),
    ("1 3 8 1 2 3 4 5 6 7 8", "【电话】"),
    ("①③⑧①②③④⑤⑥⑦⑧", "【电话】"),
    ("一三八一二三四五六七八联系我", "【电话】联系我"),
    ("幺三八零零一三八零零零", "【电话】"),
    ("一三八，一二三四，五六七八", "【电话】"),
    ("138一二三四5678", "【电话】"),
    ("138\u200b1234\u200b5678", "【电话】"),
    ("+86 13812345678", "【电话】"),
    ("+8613812345678", "【电话】"),
    ("0086-138-1234-5678", "【电话】"),
    ("13812345678、13912345678", "【电话】、【电话】"),
    ("13812345678 13912345678", "【电话】 【电话】"),
    ("010-62345678", "【电话】"),
    ("(0755)83765566转801", "【电话】"),
    ("02162345678", "【电话】"),
    ("0571-8765 4321", "【电话】"),
    ("座机：62345678", "座机：【电话】"),
    ("+852 6123 4567", "【电话】"),
    ("+853 6612 3456", "【电话】"),
    ("00886-9123-45678", "【电话】"),
]
DOCUMENTS = [
    ("身份证110101199003078515", "身份证【证件】"),
    ("11010119900307851X", "【证件】"),
    ("我的证件号是 110101 19900307 8515。", "我的证件号是 【证件】。"),
    ("110101900307851", "【证件】"),
    ("护照号E12345678", "护照号【护照】"),
    ("护照：EA1234567", "护照：【护照】"),
    ("港澳通行证C12345678", "港澳通行证【证件】"),
    ("车牌京A12345", "车牌【车牌】"),
    ("粤B·12345堵在门口", "【车牌】堵在门口"),
    ("沪AD12345", "【车牌】"),
    ("浙A1B2C3", "【车牌】"),
]
MONEY = [
    ("6222021234567890123", "【银行卡】"),
    ("银行卡号：6222 0212 3456 7890 123", "银行卡号：【银行卡】"),
    ("卡号6222021234567894", "卡号【银行卡】"),
    ("订单号：1234567890123456789", "订单号：【订单号】"),
    ("订单号2013812345678999", "订单号【订单号】"),
    ("订单编号 98765432109876 一直不发货", "订单编号 【订单号】 一直不发货"),
    ("快递单号SF1234567890123", "快递单号【订单号】"),
    ("运单号：YT1234567890123", "运单号：【订单号】"),
    ("SF1234567890123还没到", "【订单号】还没到"),
    ("单号773012345678901", "单号【订单号】"),
    ("1234567890123这个订单", "【订单号】这个订单"),
    ("由1079123456789012发来", "由【订单号】发来"),
]
ACCOUNTS = [
    ("邮箱是zhang.san@qq.com请联系", "邮箱是【邮箱】请联系"),
    ("zhangsan＠163．com", "【邮箱】"),
    ("微信号：abc_123456", "微信号：【微信】"),
    ("加V：abc123", "加V：【微信】"),
    ("vx: zhang-san88 退款", "vx: 【微信】 退款"),
    ("加薇abc888888", "加薇【微信】"),
    ("加微信13812345678", "加微信【微信】"),
    ("QQ12345678", "QQ【QQ】"),
    ("扣扣：123456789", "扣扣：【QQ】"),
    ("q群 123456789", "q群 【QQ】"),
    ("见http://t.cn/A6xxYY，骗子", "见【网址】，骗子"),
    ("https://tousu.sina.com.cn/complaint/view/17350000000/?sld=abc", "【网址】"),
    ("//tousu.sina.com.cn/complaint/view/1735/", "【网址】"),
    ("t.cn/A6xxYY 看看", "【网址】 看看"),
    ("www.abc.com", "【网址】"),
]
HANDLES = [
    ("找 @小米小王没人理我。", "找 【账号】没人理我。"),
    ("@小米小王 没人理我", "【账号】 没人理我"),
    ("@爱吃鱼的猫 你看", "【账号】 你看"),
    ("//@爱吃鱼的猫:坑", "//【账号】:坑"),
    ("回复@user_01:好的", "回复【账号】:好的"),
    ("＠小王，发货", "【账号】，发货"),
    ("@京东客服小王 不退款", "京东【账号】 不退款"),
    ("@小王@小李 来看", "【账号】【账号】 来看"),
]
PEOPLE = [
    ("我叫张伟，买了空调", "我叫【姓名】，买了空调"),
    # Three characters are masked wherever they stand again.
    ("我叫李小红，都李小红好", "我叫【姓名】，都【姓名】好"),
    ("我叫欧阳小红。", "我叫【姓名】。"),
    ("联系人：李娜 13812345678", "联系人：【姓名】 【电话】"),
    ("收件人李小红，未收到", "收件人【姓名】，未收到"),
    ("姓名：王芳电话：13812345678", "姓名：【姓名】电话：【电话】"),
    ("地址：北京市朝阳区建国路88号3栋2单元501室", "地址：【地址】"),
    ("我家住在上海市浦东新区世纪大道100号", "我家住在【地址】"),
    ("寄到幸福小区3号楼2单元501", "寄到【地址】"),
    ("广东省深圳市南山区科技园路1号", "【地址】"),
]
STAY = [
    "打了12315没用",
    "打12345",
    "400-820-8820",
    "4008208820",
    "客服95588",
    "10690329013089发的短信",
    "打10086",
    "96315",
    "138****5678",
    "1381234****",
    "110101********8515",
    "尾号1234",
    "价格1399元",
    "1399-1299=100",
    "价格从199、1299、1599不等",
    "满300减40",
    "¥12999.00",
    "2020-06-18 20:00:00",
    "20200618",
    "20200618123045",
    "2020年6月18日",
    "6.1-6.18",
    "iPhone12ProMax",
    "RTX3080",
    "型号KFR-35GW/N8",
    "商品编码6901234567892",
    "货号CD4487-100",
    "233333333333",
    "6666666666666666",
    "哈哈哈88888888888888888",
    "王女士说",
    "联系人：王女士",
    "张某",
    "收件人信息泄露",
    "所有人都平安",
    "所有人安心吃饭",
    "相关责任人严肃处理",
    "物业主任发了消息",
    "工作人员于元月来过",
    "形势严峻，日子安逸",
    "我高兴，我张口就骂",
    "客服：方便吗，安排了",
    "外交部发言人华春莹表示",
    "叫我马上就可以",
    "收货人地址写错",
    "我叫了外卖",
    "我叫车等了半小时",
    "我叫商家退款",
    "微信支付100元",
    "微信红包不到账",
    "微信群里发的",
    "加V认证",
    "大V说",
    "加vip会员",
    "QQ音乐会员",
    "QQ邮箱",
    "京东JD.COM官方旗舰店",
    "北京市朝阳区",
    "5号线",
    "618号晚上",
    "还在路上5号发货",
    "@所有人",
    "苹果@5元",
    "3.1415926535897932384",
    "【电话】没人接",
    "【订单号】12",
    "第38集",
    "百亿补贴",
    "一二三四五上山打老虎",
    "订单金额12345678",
    "订单1299元",
    "新iPhone",
    "最新A12345款",
    "9.9元",
    "一百三十八",
    "5G手机128G+256G",
    "联系方式",
    "一个姓名",
    "v5.0.1",
    "0.13812345678",
    "电话：95588",
]


# Written in ways that hide them, and the names that roles and kin announce.
HIDDEN = [
    ("电话013812345678", "电话【电话】"),
    ("13812345678/013987654321", "【电话】/【电话】"),
    ("13812 345 678", "【电话】"),
    ("13812 3456 78", "【电话】"),
    ("1381 2345 678", "【电话】"),
    ("电话138，1234，5678", "电话【电话】"),
    ("打138/1234/5678", "打【电话】"),
    ("手机：138\t1234\t5678", "手机：【电话】"),
    ("(138)12345678", "【电话】"),
    ("【138】1234【5678】", "【电话】"),
    ("138a1234b5678", "【电话】"),
    ("家里徐州市泉山区解放南路10号漏水", "家里【地址】漏水"),
    ("国内大连市沙河口区星海街7号", "国内【地址】"),
    ("宿舍在武汉大学信息学部12舍407，", "宿舍在【地址】，"),
    ("福華街156號地下後座，搵", "【地址】，搵"),
    ("自提点关门，嘎查长说镇上没有嘎查", "自提点关门，嘎查长说镇上没有嘎查"),
    ("13812345678/79都打不通", "【电话】都打不通"),
    ("13812345678/24小时，13812345678、15元", "【电话】/24小时，【电话】、15元"),
    ("虚拟号13042917385转6617，13812345678-2000元", "虚拟号【电话】，【电话】-2000元"),
    ("tel:+86 (0)138 1920 5573", "tel:【电话】"),
    ("0 1 5 9 0 8 1 7 3 3 6 2，前面加0", "【电话】，前面加0"),
    ("座机 0512-68254471、68254479，传真", "座机 【电话】，传真"),
    ("座机0512-68254471、0512-68254479", "座机【电话】"),
    ("回电8523 1369，+447384829104", "回电【电话】，【电话】"),
    ("l5O-82O9-II46，满100+4400", "【电话】，满100+4400"),
    ("医保卡0038472910，公积金卡号2019384729", "医保卡【证件】，公积金卡号【证件】"),
    ("IBAN DE89 3704 0044 0532 0130 00", "IBAN 【银行卡】"),
    ("型号SE2021A1234B567890", "型号SE2021A1234B567890"),
    ("玉山銀行0808-968-143572", "玉山銀行【银行卡】"),
    ("建行2023-11-11-12还款，银行95588-123-456", "建行2023-11-11-12还款，银行95588-123-456"),
    ("得物110295748306612，丰网FW38472910563", "得物【订单号】，丰网【订单号】"),
    ("京东2 9 3 8 4 7 5 1 0 6 6 2，价保", "京东【订单号】，价保"),
    ("9876-2304-1175-88 邮政挂号", "【订单号】 邮政挂号"),
    ("gz13602lucky 这是微信，iphone14是我的手机", "【微信】 这是微信，iphone14是我的手机"),
    ("我VX跟抖音号一样 laowang_xiuche66", "我VX跟抖音号一样 【微信】"),
    ("YY号83920174，卫星hl_3820", "YY号【微信】，卫星【微信】"),
    ("138😊1234😊5678", "【电话】"),
    ("".join(f"{digit}\ufe0f\u20e3" for digit in "13812345678"), "【电话】"),
    ("本人李建国投诉某店", "本人【姓名】投诉某店"),
    ("本人马建国，", "本人【姓名】，"),
    ("收款人 周杰", "收款人 【姓名】"),
    ("取件人高圆圆", "取件人【姓名】"),
    ("法人代表郑爽", "法人代表【姓名】"),
    ("真名钱森", "真名【姓名】"),
    ("姓名:阿依古丽·买买提", "姓名:【姓名】"),
    ("师傅王建军没来", "师傅【姓名】没来"),
    ("我老公刘志强买的", "我老公【姓名】买的"),
    ("一位叫刘洋的客服", "一位叫【姓名】的客服"),
    ("负责人叫黄德明", "负责人叫【姓名】"),
    ("投诉马建国", "投诉【姓名】"),
]
STAY += [
    "由1069123456789012发来",  # a sender of short messages
    "价格从199、1299、1599不等",
    "199/1299/1599",
    "型号1381234",
    "本人于国庆期间购买",
    "王经理骗我",
    "张老师",
    "客服小张",
    "联系人:欧阳女士",
    "周杰伦代言",
    "李佳琦直播间",
    "马云",
    "投诉高德红包",
    "客服说",
    "苏宁师傅给力",
    "宁波妈妈",
    "负责人解释称，",
    "业主周期",
    "猫叫汤圆，",
    "朋友祝福我",
    "师傅上门",
    "老师傅",
    "叫外卖",
    "快递员放门口",
    "朋友圈",
    "司机取消订单",
]
# Found by more mechanisms: separators, mixed digits, cues, roles, and what stands around a name.
MENDED = [
    ("证人田小娥不肯来", "证人【姓名】不肯来"),
    ("售后叶子涵师傅说修不了", "售后【姓名】师傅说修不了"),
    ("钱退给苏小英了", "钱退给【姓名】了"),
    ("我要投诉岳凯旋这个客服", "我要投诉【姓名】这个客服"),
    ("叶子掉了，证人不来，退给我", "叶子掉了，证人不来，退给我"),
    ("胡市长您好，欧洲发货，公司业务范围", "胡市长您好，欧洲发货，公司业务范围"),
    ("我住胜利西路12号3栋2单元8C，", "我住【地址】，"),
    ("寄到包头市昆都仑区经济开发区兴发路8号院", "寄到【地址】"),
    ("地址：安平县大庄镇李庄村第三村民小组", "地址：【地址】"),
    ("送到锡山区华都花园[19号楼]4单元1103，", "送到【地址】，"),
    ("寄到7师103团8连，", "寄到【地址】，"),
    ("剧院5排8号，团购，楼下快递柜坏了", "剧院5排8号，团购，楼下快递柜坏了"),
    ("Buy 5 Items Free Shipping Big Sale", "Buy 5 Items Free Shipping Big Sale"),
    ("Top 10 Best Street", "Top 10 Best Street"),
    ("Windows 10 Home Building", "Windows 10 Home Building"),
    ("iPhone 11 Pro Max House", "iPhone 11 Pro Max House"),
    ("buy 2 Get One Street", "buy 2 Get One Street"),
    ("Model 3 Long Range Tower", "Model 3 Long Range Tower"),
    ("付给师傅安装费一百", "付给师傅安装费一百"),
    ("维修费三百多", "维修费三百多"),
    ("会员费全年一百", "会员费全年一百"),
    ("责任方是商家", "责任方是商家"),
    ("责任人是商家", "责任人是商家"),
    ("收款方是商户", "收款方是商户"),
    ("付款方是公司", "付款方是公司"),
    ("责任方是房东", "责任方是房东"),
    ("甲方是万科", "甲方是万科"),
    ("经营者是连锁店", "经营者是连锁店"),
    ("承包人是包工头", "承包人是包工头"),
    ("收款方：支付宝", "收款方：支付宝"),
    ("好。文雅", "好。文雅"),
    ("2.5蓝豪", "2.5蓝豪"),
    ("我自己买的管子长了", "我自己买的管子长了"),
    ("听闻初中同学", "听闻初中同学"),
    ("新作《文豪与炼金术师》", "新作《文豪与炼金术师》"),
    ("江西晨报报道", "江西晨报报道"),
    ("签名纪念品", "签名纪念品"),
    ("代表商品不好", "代表商品不好"),
    ("蓝月亮洗衣液", "蓝月亮洗衣液"),
    ("戴眼镜的男服务员", "戴眼镜的男服务员"),
    ("忠心耿耿忠心", "忠心耿耿忠心"),
    ("夏男装", "夏男装"),
    ("甄寰救的事", "甄寰救的事"),
    ("每次都直接放小区门口的快递柜", "每次都直接放小区门口的快递柜"),
    ("放东湖花园菜鸟驿站了", "放【地址】了"),
    ("责任方是王建国", "责任方是【姓名】"),
    ("我187（1485）2468，", "我【电话】，"),
    ("(+86)13812345678", "【电话】"),
    ("留的173，9494，8457，", "留的【电话】，"),
    ("找173/2132/3046吧", "找【电话】吧"),
    ("136❤️2154❤️1344", "【电话】"),
    ("14 760 369 329", "【电话】"),
    ("一3812345678联系", "【电话】联系"),
    ("510107.19571210.3781", "【证件】"),
    ("证件110 105 1990 0307 851×，", "证件【证件】，"),
    ("6222.1243.6123.4245", "【银行卡】"),
    ("6217  6568  6285  7214  492", "【银行卡】"),
    ("622213 8729677208392", "【银行卡】"),
    ("订单No.123456789012", "订单No.【订单号】"),
    ("微❤信：sunny413", "微❤信：【微信】"),
    ("微信【abc65175】", "微信【【微信】】"),
    ("卫星：moon_77", "卫星：【微信】"),
    ("加扣：123456", "加扣：【QQ】"),
    ("abc.232[at]139[dot]com", "【邮箱】"),
    ("sunny.944 at sina.com", "【邮箱】"),
    ("川C-G6058", "【车牌】"),
    ("护照E 12345678", "护照【护照】"),
    ("住东湖名苑27-6-1806", "住【地址】"),
    ("寄成都市文三路12号", "寄【地址】"),
    ("住郫县大王镇王家村3组", "住【地址】"),
    ("寄杭州市浙江大学3号宿舍楼2405", "寄【地址】"),
    ("寄西湖区光明街12号菜鸟驿站", "寄【地址】"),
    ("台北市忠孝東路四段12號3樓", "【地址】"),
    ("收件人/史劲/电话保密", "收件人/【姓名】/电话保密"),
    ("收件人：迪丽努尔·阿不都热合曼，", "收件人：【姓名】，"),
    ("联系人叫卓玛央金，别打错", "联系人叫【姓名】，别打错"),
    ("以上情况属实，史劲", "以上情况属实，【姓名】"),
    ("美容师曹阳给我推销", "美容师【姓名】给我推销"),
    ("客服专员赵磊承诺三天退", "客服专员【姓名】承诺三天退"),
    ("司机于洛依，绕路", "司机【姓名】，绕路"),
    ("大家叫我王芳就行", "大家叫我【姓名】就行"),
    ("我刘丽，今年四十", "我【姓名】，今年四十"),
    ("母亲：谢星辰", "母亲：【姓名】"),
    ("收件人：孫寶鳳，", "收件人：【姓名】，"),
    ("姓名：王 峰，", "姓名：【姓名】，"),
    ("收件人：Zhang Wei", "收件人：【姓名】"),
    ("我叫万立新，", "我叫【姓名】，"),
    ("我是业主方兴旺，", "我是业主【姓名】，"),
    ("客服（叶文博）说", "客服（【姓名】）说"),
    ("师傅翁勇离职了", "师傅【姓名】离职了"),
    ("去年也是许丽娟经理装的", "去年也是【姓名】经理装的"),
    ("谢谢阳凯先生", "谢谢【姓名】先生"),
    ("谢谢！——岳圆圆", "谢谢！——【姓名】"),
    ("盼复。\n李晓红", "盼复。\n【姓名】"),
    ("钱是申勇收的", "钱是【姓名】收的"),
    ("郭秀英、潘丽丽两个人", "【姓名】、【姓名】两个人"),
    ("都怪Wei Zhang，", "都怪【姓名】，"),
    ("法人是Li Xiaoming，", "法人是【姓名】，"),
    ("我闺蜜古丽娜尔·艾山也买了", "我闺蜜【姓名】也买了"),
]
STAY += [
    "原价199，1299，1598元",
    "199/1299/1590都试过",
    "卫星电视：不好看",
    "坐三路12号下车",
    "京东6.18版本12.4.250",
    "欧阳女士和周主任",
    "向先生说",
    "我是商家",
    "我是水军",
    "包安装",
    "派单安装",
    "师傅依然很有耐心",
    "把材料和说明书保修卡给我",
    "房子刚装修好",
    "谢谢大家",
    "感谢祖国",
    "黄石的仓库",
    "参与游泳",
    "卫生挺好",
    "于是就算了",
    "董明珠说",
    "李佳琦、薇娅都卖",
    "史密斯师傅",
    "周大福客服",
    "安莉芳的内衣",
    "周末客服不上班",
    "从1098万美金",
    "Hong Kong China",
    "凌晨两点下单",
    "桂林也能送",
    "请包涵",
    "Song Plus版",
    "向居住地所在社区报告",
    "居住地所属乡镇",
    "在三坊七巷逛了一天",
    "江淮晨报报道",
    "在谈公平,没有用",
    "司徒镇的店",
]
ABROAD_AND_THINGS = [
    ("致电2691 7034或6408 1593联络", "致电【电话】或【电话】联络"),
    ("138 0012 3456/139 0012 3457都行", "【电话】/【电话】都行"),
    ("138 0012 3456、139 0012 3457", "【电话】、【电话】"),
    ("138 0012 3456-139 0012 3457", "【电话】-【电话】"),
    ("座机0571-8765 4321/8765 4322", "座机【电话】"),
    ("到咗打9346 2781，", "到咗打【电话】，"),
    ("電話0912-684-357，", "電話【电话】，"),
    ("+886 912 345 678联系", "【电话】联系"),
    ("护照号输错一位，正确是EK0938217", "护照号输错一位，正确是【护照】"),
    ("香港身份证A123456(7)", "香港身份证【证件】"),
    ("身分證A123456789", "身分證【证件】"),
    ("税号92330106MA2ABCDE3X", "税号【证件】"),
    ("申通的772041658390217，", "申通的【订单号】，"),
    ("拼多多240618-123456789012345", "拼多多【订单号】"),
    ("IMEI：861234567890123", "IMEI：【订单号】"),
    ("车架号LSVAM4187C2184841", "车架号【订单号】"),
    ("MAC：00-1B-44-11-3A-B7", "MAC：【订单号】"),
    ("电动车浙A123456", "电动车【车牌】"),
    ("B：wxid_q7zk30plm2 搜不到", "B：【微信】 搜不到"),
    ("加q聊1093582647", "加q聊【QQ】"),
    ("line id：abc1234", "line id：【微信】"),
    ("我的號碼係 6 6 0 3 9 4 1 8，尺碼錯", "我的號碼係 【电话】，尺碼錯"),
    ("唔好再send去我5218 3094啦", "唔好再send去我【电话】啦"),
    ("電話037-664-218，白天", "電話【电话】，白天"),
    ("訂單編號240917K8QW2RTX，錢卡住", "訂單編號【订单号】，錢卡住"),
    ("EA 482 907 316 CN，从墨尔本寄", "【订单号】，从墨尔本寄"),
    ("EMS1187320946CN，海关", "【订单号】，海关"),
    ("DD20240817-009-4471，双人餐", "【订单号】，双人餐"),
    ("用户T24093011827766：为什么", "用户【订单号】：为什么"),
    ("粤Z·4K7M港，拱北", "【车牌】，拱北"),
    ("港車VN 6382喺將軍澳", "港車【车牌】喺將軍澳"),
    ("台灣的車BKQ-5713，加錯油", "台灣的車【车牌】，加錯油"),
    ("加我本人 718805432，虫草", "加我本人 【QQ】，虫草"),
    ("退到微信吧yy-9277_mama，谢谢", "退到微信吧【微信】，谢谢"),
    ("要的滴滴我 lishuxia_0557", "要的滴滴我 【微信】"),
    ("要图的加 nn20240618", "要图的加 【微信】"),
]
STAY += [
    "RTX 5060 5070 显卡",
    "价格 6999 7999 可选",
    "数量 5000 6000 个",
    "6681 6680比起来",
    "订单 RTX4060TI 8G 显卡",
    "订单 iPhone15ProMax256G",
    "去粤Z港",
    "开 SUV-2024 款",
    "我的车BMW 3203",
    "微信吧iphone15好用",
    "加 rtx4060 要贵多少",
    "加ip15要",
]
STAY += [
    "订单 10 20 30 40",
    "订单10 20 30 40 都没发",
    "单号 1 2 3 4 5 6 7 8 都错了",
    "编号 1001 1002 1003",
    "RTX 4060 4070 4080 4090",
    "显卡3060 3070 3080 3090",
    "1999 2999 3999 4999",
    "纳税人91330106MA2ABCDE3X",
    # Accounts of firms and offices.
    "@京东客服 不退款",
    "找 @小米客服没人理我。",
    "@美团客服 三天没人理",
    "＠顺丰速运，我的文件呢",
    "@中国移动10086 @人民日报 求关注",
    "@国家市场监督管理总局：管管",
    "@饿了么官方客服你们骑手骂人",
    "v我50",
]
TABLE = MENDED + HIDDEN + PHONES + DOCUMENTS + MONEY + ACCOUNTS + HANDLES + PEOPLE
TABLE += ABROAD_AND_THINGS


@pytest.mark.parametrize(("text", "masked"), TABLE)
def test_what_identifies_becomes_its_token(text, masked):
    assert mask_one(text)[0] == masked


@pytest.mark.parametrize("text", STAY)
def test_what_identifies_nobody_stays(text):
    assert mask_one(text)[0] == text


@pytest.mark.parametrize("text", [pair[0] for pair in TABLE] + STAY)
def test_masking_twice_changes_nothing(text):
    once, _ = mask_one(text)
    assert mask_one(once) == (once, {})


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("4539578763621486", "bank_card"), ("4539578763621487", "order_no"),  # by the last digit
        ("6011000990139424", "bank_card"), ("6011000990139425", "order_no"),
        ("6200000990139425", "bank_card"),  # 62, whatever the last digit says
        ("3234 5678 9012 3457", "bank_card"), ("2234 5678 9012 3457", "order_no"),  # in groups
    ],
)  # fmt: skip
def test_the_last_digit_names_the_kind_of_a_long_number(number, kind):
    found = find_personal_data(f"这串{number}呢")
    assert [(span.start, span.end, span.kind) for span in found] == [(2, 2 + len(number), kind)]
    token = {"bank_card": "【银行卡】", "order_no": "【订单号】"}[kind]
    assert mask_texts(pl.Series([f"这串{number}呢"]))[0].to_list() == [f"这串{token}呢"]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        # What is found later stands directly before what was found first.
        ("打13812345678https://t.cn/A6xxYY", [(1, 12, "phone"), (12, 31, "url")]),
        ("@小王@小李", [(0, 3, "handle"), (3, 6, "handle")]),
    ],
)
def test_what_stands_side_by_side_is_found_at_once(text, spans):
    assert [(span.start, span.end, span.kind) for span in find_personal_data(text)] == spans
    masked, counts = mask_texts(pl.Series([text]))
    assert (masked.item(), json.loads(counts.item())) == mask_one(text)


FRAGMENTS = st.sampled_from(
    [pair[0] for pair in TABLE]
    + [
        *STAY,
        *"0123456789一二三零",
        "13812345678",
        " ",
        "，",
        "：",
        "-",
        "【电话】",
        "微信",
        "QQ",
        "订单号",
        "@",
        "号",
        "栋",
        "路",
        "王小明",
        "我叫",
        "京A",
        "abc_123",
        "．",
        "＠",
        "ａ",
        "—",
        ".com",
    ]
)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.lists(FRAGMENTS, max_size=5).map("".join))
def test_the_gates_hide_nothing_and_masking_is_idempotent(text):
    slow, counts = _mask_numbers(text)
    masked, found = _mask_shapes(pl.Series([text]))
    assert masked.item() == slow
    assert json.loads(found.item()) == counts
    once, _ = mask_one(text)
    assert mask_one(once) == (once, {})


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(
    st.text(
        alphabet="0123456789-. 一二三八①８:：订单号QQ微信vx路号栋我叫王京A@m.cnXx【电话】",
        max_size=40,
    )
)
def test_hostile_texts_neither_break_nor_change_twice(text):
    slow, _ = _mask_numbers(text)
    assert _mask_shapes(pl.Series([text]))[0].item() == slow
    once, _ = mask_one(text)
    assert mask_one(once) == (once, {})


@pytest.mark.slow
def test_a_column_keeps_its_nulls_and_counts_by_kind():
    texts = pl.Series(["13812345678 13912345678 QQ12345678", None, "坑"])
    masked, counts = mask_texts(texts)
    assert masked.to_list() == ["【电话】 【电话】 QQ【QQ】", None, "坑"]
    assert counts.to_list() == ['{"phone":2,"qq":1}', "{}", "{}"]
    assert json.loads(counts[0]) == {"phone": 2, "qq": 1}


@pytest.mark.parametrize(
    "text",
    ["www.5bc我", "138一o三四5678", "微信a一b二c三", "138转一二三四分机5678", "13812345678元"],
)
def test_the_compiled_search_finds_what_the_patterns_find(text):
    slow, counts = _mask_numbers(text)
    masked, found = _mask_shapes(pl.Series(["坑", text]))
    assert (masked[1], json.loads(found[1])) == (slow, counts)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("是l38O0l38OOO没错", "是l38O0l38OOO没错"),
        ("是l38O0138000没错", "是【电话】没错"),
        ("打l38O0l38OOO没人接", "打【电话】没人接"),  # the word tells it
        ("打1380O138000没人接", "打【电话】没人接"),
        ("打13800138000元", "打【电话】元"),
    ],
)
def test_letters_in_a_phone_number_need_seven_digits_or_a_word_for_it(text, masked):
    assert mask_one(text)[0] == masked
    assert mask_texts(pl.Series([text]))[0].item() == masked


@pytest.mark.parametrize("dtype", [pl.String, pl.Null])
def test_a_column_of_nulls_stays(dtype):
    masked, counts = mask_texts(pl.Series("url", [None, None], dtype=dtype))
    assert masked.to_list() == [None, None]
    assert masked.dtype == pl.String
    assert counts.to_list() == ["{}", "{}"]


def test_fields_beside_the_text_are_masked_in_all_rows_and_not_counted():
    targets = ["打13812345678", None, "退款", "打13812345678", ""]
    posts = pl.DataFrame({"text": ["打13812345678", "好", None, "", "坑"], "target": targets})
    masked = mask(posts)
    assert masked["target"].to_list() == ["打【电话】", None, "退款", "打【电话】", ""]
    assert masked["masked"].to_list() == ['{"phone":1}', "{}", "{}", "{}", "{}"]
    assert mask(posts, fields=())["target"].to_list() == targets
    assert mask(posts.clear()).height == 0
    empty = posts.with_columns(target=pl.lit(None, dtype=pl.Null))
    assert mask(empty)["target"].to_list() == [None] * 5


def test_the_finds_of_several_texts_are_added_up():
    posts = pl.DataFrame({"a": ["打13812345678", "好"], "b": ["或13912345678，a@b.cn", "好"]})
    counted = mask(posts, ["a", "b"])["masked"].to_list()
    assert [json.loads(cell) for cell in counted] == [{"phone": 2, "email": 1}, {}]


# For each finder something that it finds.
FOUND = [
    "zhang.san@qq.com",
    "申通的772041658390217",
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
    "车牌浙/C/8/M/2/7/6",
    "预约号GH20240809-0173",
    "护照E12345678",
    "110101199003078515",
    "110101900307851",
    "京A12345",
    "6222 0212 3456 7894",
    "138 1234 5678",
    "电话138/1234/5678",
    "138，1234，5671",
    "一3812345678",
    "010-62345678",
    "+852 1234 5678",
    "1380O138OO1",
    "电话6234567",
    "@京东小王没人理我",
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
MASK_COMPILED_FRAGMENTS = st.sampled_from([*FOUND, *SPELLED, *AROUND, *AROUND])
CUT = st.builds(lambda text, at: text[at:], MASK_COMPILED_FRAGMENTS, st.integers(0, 4))
TEXTS = st.lists(MASK_COMPILED_FRAGMENTS | CUT | st.text(max_size=3), max_size=6).map("".join)


def test_a_pattern_that_is_not_compiled_knows_its_flags_and_the_numbers_of_its_groups():
    named = 0
    for pattern, _ in _FINDERS:
        compiled = re.compile(pattern.pattern, pattern.flags)
        assert compiled.flags == pattern.flags
        for name, group in compiled.groupindex.items():
            assert number_of_group(pattern, name) == group, (name, pattern.pattern)
            named += 1
    assert named > 20 and late("a", re.IGNORECASE).search("A")


@pytest.mark.parametrize("finder", range(len(_FINDERS)))
def test_the_fragments_come_before_most_finders(finder):
    spans = [span for text in [*FOUND, *SPELLED] for span in _FINDERS[finder].spans(text)]
    assert spans


AGAIN = "以旧换新，说找代理在家干不囤货月入321+V:wanglin01-057@深夜七七"


def test_what_is_found_again_in_what_is_masked_is_counted_with_the_rest():
    expected = _mask_numbers(AGAIN)
    once = [span.kind for span in _find_numbers(AGAIN)]
    assert sum(expected[1].values()) > len(once)
    given = pl.Series([AGAIN, None, "慢", AGAIN])
    masked, counts = _mask_shapes(given)
    assert masked.to_list() == [expected[0], None, "慢", expected[0]]
    assert [json.loads(found) for found in counts] == [expected[1], {}, {}, expected[1]]
    assert given.to_list() == [AGAIN, None, "慢", AGAIN]


@pytest.mark.slow
@settings(max_examples=500, deadline=None)
@given(st.lists(st.none() | TEXTS, max_size=5))
def test_both_ways_mask_alike(texts):
    masked, counts = _mask_shapes(pl.Series(texts, dtype=pl.String))
    expected = [(None, {}) if text is None else _mask_numbers(text) for text in texts]
    assert masked.to_list() == [text for text, _ in expected]
    assert [json.loads(found) for found in counts] == [found for _, found in expected]


@pytest.mark.parametrize("text", [*FOUND, *SPELLED])
def test_what_is_found_by_the_fragments_needs_no_python(text):
    found = _mask_buffers(text_buffers(pl.Series(["坑", f"坑{text}。", "坑"])))
    assert (found.rows.tolist(), found.unsettled.tolist()) == ([1], [])
    assert found.texts.data.tobytes().decode() == _mask_numbers(f"坑{text}。")[0]


@pytest.mark.parametrize("count", [15, 16, MOST, MOST + 1])
def test_more_than_can_be_counted_is_left_to_python(count):
    texts = pl.Series(["打13812345678", " ".join(["13812345678"] * count), "QQ12345678"])
    found = _mask_buffers(text_buffers(texts))
    assert found.unsettled.tolist() == ([1] if count > 15 else [])
    masked, counts = mask_texts(texts)
    assert masked.to_list() == ["打【电话】", " ".join(["【电话】"] * count), "QQ【QQ】"]
    assert counts.to_list() == ['{"phone":1}', f'{{"phone":{count}}}', '{"qq":1}']


def test_many_kinds_with_more_finds_than_there_is_room_for_are_left_to_python():
    text = " ".join(["13812345678", "QQ12345678", "@ab", "abc.cn", "京A12345"] * 13)
    assert _mask_buffers(text_buffers(pl.Series([text]))).unsettled.tolist() == [0]
    assert mask_texts(pl.Series([text]))[0].item() == _mask_numbers(text)[0]


def test_what_appears_only_in_the_masked_text_is_masked_and_counted():
    text = "吃饱了@一下@甜同学5@张三小柴"
    again = _mask_buffers(_mask_buffers(text_buffers(pl.Series([text]))).texts)
    assert again.rows.tolist() == [0]
    masked, counts = mask_texts(pl.Series([text]))
    assert (masked.item(), json.loads(counts.item())) == _mask_numbers(text)


@pytest.mark.slow
def test_a_column_may_be_long_and_a_part_of_another():
    texts = pl.Series(["坑", "打13812345678没人接", None, "京A12345" + "坑" * 9000] * 40)
    masked, counts = mask_texts(texts[1:])
    assert masked[:3].to_list() == ["打【电话】没人接", None, "【车牌】" + "坑" * 9000]
    assert masked[1:].to_list()[:-3] == masked[5:].to_list()[:-3] + masked[-7:-3].to_list()
    assert counts[:4].to_list() == ['{"phone":1}', "{}", '{"plate":1}', "{}"]
    assert texts[1] == "打13812345678没人接"


@pytest.mark.parametrize("texts", [[], [None], [""], ["坑"], ["打13812345678"]])
def test_one_compilation_does_for_all_columns(texts):
    mask_texts(pl.Series(texts, dtype=pl.String))
    mask_texts(pl.Series([*texts, "打13812345678"], dtype=pl.String)[: len(texts)])
    assert len(mask_rows.signatures) == 1


FIRST = ([re.compile("a+b")], {0xFF22: "b"}, [re.compile("[cd]")], "0123456789")


@pytest.mark.parametrize(
    ("place", "other"),
    [
        (0, [re.compile("a+bc")]), (0, [re.compile("a+b", re.IGNORECASE)]), (1, {0xFF22: "c"}),
        (2, [re.compile("[ce]")]), (3, "01234567"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_kept", [True, False])
def test_a_program_is_written_once_for_its_patterns_and_read_as_it_was_written(
    tmp_path, monkeypatch, place, other, is_kept
):
    (tmp_path / "file").touch()
    monkeypatch.setenv("CAODIAN_CACHE", str(tmp_path / ("cache" if is_kept else "file/cache")))
    written = []

    def build(*given):
        written.append(given)
        return build_program(*given)

    monkeypatch.setattr("analysis.corpus.mask.build_program", build)
    changed = (*FIRST[:place], other, *FIRST[place + 1 :])
    programs = [vars(_program(*asked)) for asked in (FIRST, changed, FIRST, changed)]
    assert written == [FIRST, changed] * (1 if is_kept else 2)
    for asked, kept in zip([FIRST, changed] * 2, programs, strict=True):
        expected = vars(build_program(*asked))
        assert kept.keys() == expected.keys()
        for name, array in kept.items():
            assert (array.dtype, array.flags.writeable) == (expected[name].dtype, True)
            assert np.array_equal(array, expected[name])
            assert array.flags.c_contiguous == expected[name].flags.c_contiguous


def test_the_kinds_are_those_that_have_tokens():
    tables = {kind for finder in _FINDERS if (kind := getattr(finder.read, "kind", None))}
    assert tables <= set(KINDS)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("＠京东小王 退钱", "京东【账号】 退钱"),
        ("@毒ａｐｐ 退钱", "毒【账号】 退钱"),
        ("@毒蛇 退钱", "【账号】 退钱"),
        ("收件人黄牛电话", "收件人黄牛电话"),
        ("联系人:黄牛，", "联系人:黄牛，"),
        ("黄牛电话13812345678", "黄牛电话【电话】"),
        ("联系人:欧阳女士", "联系人:欧阳女士"),
        ("@全体成员 @5元 @123 @12a ", "@全体成员 @5元 @123 【账号】 "),
        ("jd.com和jd.com/x和jd.community.cn", "jd.com和【网址】和【网址】"),
        ("www.,和www.a.cn...和http://。", "【网址】.,和【网址】...和http://。"),
        ("京AB1C2D和京AB12C3", "京AB1C2D和【车牌】"),
        ("京ABC12挂和京AB123挂", "京ABC12挂和【车牌】"),
    ],
)
def test_what_settles_a_match_stands_in_its_pattern(text, masked):
    assert _mask_numbers(text)[0] == masked
    assert mask_texts(pl.Series([text]))[0].item() == masked


KEPT_IDS = [
    "4512345678901234", "6801234567890123456", "5ee3c1f0000000000101a2b3", "JDa9Kx", "p17",
    "12345678", "17351234567890123", None,
]  # fmt: skip
HIDDEN_IDS = [
    "13812345678", "013812345678", "8613812345678", "zhang@163.com", "QQ：912345678",
    "wxid：abc12345", "622202123456789012", "310101198001011239", "联系人：王小明",
]  # fmt: skip


def test_an_id_stays_unless_it_names_a_person():
    ids = pl.Series([*KEPT_IDS, *HIDDEN_IDS, HIDDEN_IDS[0]])
    hidden = hide_ids(ids, b"key").to_list()
    kept, keyed = hidden[: len(KEPT_IDS)], hidden[len(KEPT_IDS) :]
    assert kept == KEPT_IDS
    assert not {*keyed} & {*HIDDEN_IDS} and len({*keyed}) == len(HIDDEN_IDS)
    assert keyed[0] == keyed[-1]
    assert hide_ids(ids, b"another")[len(KEPT_IDS)] != keyed[0]


def test_a_repeat_is_found_under_the_hidden_id():
    posts = pl.DataFrame(
        {
            "source": ["weibo", "weibo", "weibo"],
            "text": ["好", "好", "好"],
            "post_id": ["13812345678", "13812345678", "7"],
            "parent_id": [None, None, "13812345678"],
            "author_key": ["13812345678", "7", None],
            "repeat_of": ["some other key", "weibo:13812345678", None],
        }
    )
    masked = mask(posts, secret=b"key")
    hidden = masked["post_id"][0]
    assert masked["repeat_of"].to_list() == ["some other key", f"weibo:{hidden}", None]
    assert masked["parent_id"][2] == hidden != "13812345678"
    assert masked["author_key"].to_list() == [hidden, "7", None]


def test_ids_are_hidden_by_the_secret_of_the_project_where_none_is_given(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CAODIAN_SECRET", raising=False)
    plain = pd.DataFrame({"text": ["好", "好"], "post_id": [1, 2], "parent_id": [None, 1.0]})
    assert mask(plain).drop(columns="masked").equals(plain)
    assert not (tmp_path / ".caodian-secret").exists()
    posts = pd.DataFrame({"text": ["好", "好"], "post_id": [13812345678, 2]})
    answers = pd.DataFrame({"text": ["嗯"], "post_id": ["7"], "parent_id": ["13812345678"]})
    first, second = mask(posts), mask(answers)
    hidden = hide_ids(pl.Series(["13812345678"]), project_secret())[0]
    assert first["post_id"].tolist() == [hidden, "2"]
    assert second["parent_id"].tolist() == [hidden]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("六月投诉.csv", "六月投诉.csv"),
        ("20200618123456.csv", "20200618123456.csv"),
        ("京东618评论-v2.tar.gz", "京东618评论-v2.tar.gz"),
        ("联系人：王小明.xlsx", "export-1.xlsx"),
        ("投诉/王小明13812345678.csv", "export-1.csv"),
        ("a.13812345678", "export-1"),
        ("\udcff13812345678.csv", "export-1.csv"),
        ("\udcff.csv", "\udcff.csv"),
        ("赵六.csv", "export-1.csv"),
        ("钱七.csv", "export-1.csv"),
        ("投诉-张三.xlsx", "export-1.xlsx"),
        ("周三.csv", "周三.csv"),
        ("高三.csv", "高三.csv"),
        ("赵六路.csv", "赵六路.csv"),
        ("mysql://reader@host/posts", "mysql://reader@host/posts"),
    ],
)
def test_a_file_that_names_a_person_goes_by_its_number(name, shown):
    assert hide_names([name]) == [shown]


def test_a_number_in_place_of_a_name_is_no_other_file_s_name():
    names = ["export-2.csv", "联系人：王小明.csv", "联系人：李小红.csv"]
    shown = hide_names(names)
    assert shown[0] == "export-2.csv" and len(set(shown)) == 3


# Numbers of things, shops and large towns look like addresses, and lead to nobody's door.


@pytest.mark.parametrize("text", ["1+", "(?P<it>张)(?=三)", r"(?<![一-三])\Z"])
def test_a_pattern_that_is_compiled_late_answers_as_one_compiled_at_once(text):
    at_once, lately = re.compile(text), late(text)
    assert "search" not in vars(lately)  # not yet
    assert (lately.pattern, lately.flags) == (at_once.pattern, at_once.flags)
    assert dict(lately.groupindex) == dict(at_once.groupindex)
    for told in ("211", "张三 张", "四"):
        assert str(lately.search(told)) == str(at_once.search(told))
        assert list(map(str, lately.finditer(told))) == list(map(str, at_once.finditer(told)))
    assert not hasattr(lately, "no_such")


# Forms of one sign are those that Unicode tells, none more and none less.
DASHES = {mark for mark in map(chr, range(0x2010, 0x2016)) if unicodedata.category(mark) == "Pd"}
FULL_WIDTH = {
    mark: one
    for mark in map(chr, range(0xFF00, 0xFFF0))
    if unicodedata.decomposition(mark).startswith("<wide>")
    and "!" <= (one := unicodedata.normalize("NFKC", mark)) <= "~"
}
# Digits in circles, filled ones, too, in brackets, and those of mathematics.
DRESSED = (
    r"(DOUBLE |DINGBAT |NEGATIVE )*(CIRCLED |PARENTHESIZED )(SANS-SERIF )?DIGIT \w+"
    r"|MATHEMATICAL .*DIGIT \w+"
)
CIRCLED = {
    mark: str(int(unicodedata.numeric(mark)))
    for mark in map(chr, range(0x2000, 0x20000))
    if re.fullmatch(DRESSED, unicodedata.name(mark, ""))
}
OTHERS = {
    unicodedata.lookup("MINUS SIGN"): "-", unicodedata.lookup("IDEOGRAPHIC SPACE"): " ",
    unicodedata.lookup("NO-BREAK SPACE"): " ", unicodedata.lookup("ROMAN NUMERAL FIVE"): "V",
    **{unicodedata.lookup(f"SMALL {name}"): sign for name, sign in [
        ("COMMERCIAL AT", "@"), ("HYPHEN-MINUS", "-"), ("FULL STOP", "."), ("COLON", ":")]},
    **{mark: str(int(unicodedata.numeric(mark))) for mark in map(chr, range(0x2000, 0x3000))
       if re.fullmatch(r"DIGIT \w+ FULL STOP", unicodedata.name(mark, ""))},
    # What looks alike and is of another script.
    unicodedata.lookup("CYRILLIC CAPITAL LETTER ZE"): "3",
    unicodedata.lookup("CYRILLIC CAPITAL LETTER O"): "O",
    unicodedata.lookup("CYRILLIC SMALL LETTER O"): "o",
    # Guangdong, as Hong Kong writes it.
    "粵": "粤",
}  # fmt: skip
FORMS = FULL_WIDTH | CIRCLED | OTHERS | dict.fromkeys(DASHES, "-")


def test_other_forms_of_a_sign_are_read_as_the_plain_one():
    assert len(FULL_WIDTH) == 94 and len(DASHES) == 6
    assert {chr(mark): one for mark, one in PLAIN.items() if chr(mark) not in HAN_FORMS} == FORMS
    assert plain("".join(FORMS)) == "".join(FORMS.values())


HAN_FORMS = traditional_characters()


@pytest.mark.parametrize("apart", ["-", *sorted(DASHES), "−", "\u3000", "\xa0", "．"])
def test_a_number_is_found_whatever_parts_it(apart):
    assert mask_texts([f"打138{apart}1234{apart}5678吧"])[0] == ["打【电话】吧"]


DIGITS = "274938165027493816502749381650274"


@pytest.mark.parametrize(
    ("before", "shortest", "longest"),
    [
        ("一串", 16, 19),  # cards and orders; with the letters of a courier from eleven on
        ("QQ", 5, 11), ("微信：", 5, 11), ("它SF", 11, 19), ("订单号：", 7, 31),
        ("护照E", 7, 8), ("通行证C", 7, 10), ("回乡证", 7, 10), ("银行卡", 15, 19),
        ("工号", 9, 31),
    ],
)  # fmt: skip
def test_numbers_are_as_long_as_their_kind(before, shortest, longest):
    for length in (shortest - 1, shortest, longest, longest + 1):
        text = f"{before}{DIGITS[:length]}，"
        masked, counts = _mask_numbers(text)
        is_one = shortest <= length <= longest
        assert (DIGITS[:length] not in masked, len(counts)) == (is_one, is_one), (text, masked)
        assert mask_texts([text])[0] == [masked]


@pytest.mark.parametrize(
    ("number", "is_one"),
    [
        # One or two digits again and again are laughter; rows of years are years.
        ("6666666666666666", False), ("6868686868686868", False), ("6868686868686867", True),
        ("2018201920202021", False), ("2018201920202171", True), ("1999199819971996", False),
        # One digit in characters behind plain ones is a word of the sentence; two are digits.
        ("138123456七8", True), ("一三八12345678", True), ("一三812345678", True),
        ("订单号1234567六七八", True), ("订单号123456一直", False), ("订单号123456六七", True),
    ],
)  # fmt: skip
def test_laughter_years_and_half_spelled_numbers(number, is_one):
    text = f"哈{number}哈"
    masked, counts = _mask_numbers(text)
    assert (masked != text) == is_one == bool(counts)
    assert mask_texts([text])[0] == [masked]


# No pattern tells these: evidence of characters and of what stands around.


@pytest.mark.slow
def test_threads_mask_at_once_as_one_thread_does():
    said = ["昨天{}说她不管退款", "物业群里{}第一个跳出来", "楼下{}家天天装修到半夜吵死人了"]
    names = ["张海燕", "李建国", "王秀英", "陈志强", "刘丽娟"]
    texts = [said[n % 3].format(names[n % 5]) + "啊" * (n % 13) for n in range(40_000)]
    alone = mask_texts(texts)[0]
    with ThreadPoolExecutor(4) as pool:
        for number, masked in enumerate(
            pool.map(mask_texts, [texts[n % 4 :: 4] for n in range(24)])
        ):
            assert masked[0] == alone[number % 4 :: 4]


# Addresses that no pattern tells: chains without a number, lockers and shops to pick up at, what
# lies beside a home; and places that are mentioned.


# In a row with a name, and where something else leads to a person, less is asked of a name.


# Names of minorities, in Latin letters, in forms, and told by what is said of them.
