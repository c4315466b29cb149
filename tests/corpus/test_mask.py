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

from analysis.corpus import mask_accounts, mask_addresses, mask_names
from analysis.corpus.mask import (
    _FINDERS,
    _mask_buffers,
    _mask_text,
    _program,
    _take_address,
    _take_name,
    find_personal_data,
    find_rows,
    hide_ids,
    hide_names,
    mask,
    mask_texts,
)
from analysis.corpus.mask_finders import PLAIN, Span, late, number_of_group, plain
from analysis.engine.flat_columns import text_buffers
from analysis.engine.folding import traditional_characters
from analysis.engine.masking import KINDS, MOST, mask_rows
from analysis.engine.regex_program import build_program
from analysis.storage.run_paths import project_secret

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
    ("送到香港中路76号假日酒店1712房间，", "送到【地址】，"),
    ("福華街156號地下後座，搵", "【地址】，搵"),
    ("巴彦淖尔市乌拉特后旗获各琦苏木毕力其尔嘎查，", "【地址】，"),
    ("送上来，十二层东户1203", "送上来，【地址】"),
    ("自提点：惠民路与建设街交叉口", "自提点：【地址】"),
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
    ("豐澤單FZ-2290418，仲未退", "豐澤單【订单号】，仲未退"),
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
    ("孙瑞雪老师", "【姓名】老师"),
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
    ("天水路和人民路交汇处桃园22栋，", "【地址】，"),
    ("Room 901, No. 8 Renmin Road, Haidian, Beijing收", "【地址】收"),
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
    ("钱固然要赚", "钱固然要赚"),
    ("江西晨报报道", "江西晨报报道"),
    ("住在冯家冲小区", "住在冯家冲小区"),
    ("签名纪念品", "签名纪念品"),
    ("代表商品不好", "代表商品不好"),
    ("蓝月亮洗衣液", "蓝月亮洗衣液"),
    ("戴眼镜的男服务员", "戴眼镜的男服务员"),
    ("忠心耿耿忠心", "忠心耿耿忠心"),
    ("夏男装", "夏男装"),
    ("甄寰救的事", "甄寰救的事"),
    ("每次都直接放小区门口的快递柜", "每次都直接放小区门口的快递柜"),
    ("88 Jianguo Road收", "【地址】收"),
    ("放东湖花园菜鸟驿站了", "放【地址】了"),
    ("解放小区3号楼201", "【地址】"),
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
    ("退款人曾欣，尾款没到", "退款人【姓名】，尾款没到"),
    ("收款人显示夏天宇，不是店名", "收款人显示【姓名】，不是店名"),
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
    ("投诉人盛夏称没收到", "投诉人【姓名】称没收到"),
    ("收件人：孫寶鳳，", "收件人：【姓名】，"),
    ("收件人【古文博】", "收件人【【姓名】】"),
    ("姓名：王 峰，", "姓名：【姓名】，"),
    ("收件人：Zhang Wei", "收件人：【姓名】"),
    ("我叫万立新，", "我叫【姓名】，"),
    ("我是业主方兴旺，", "我是业主【姓名】，"),
    ("客服（叶文博）说", "客服（【姓名】）说"),
    ("师傅翁勇离职了", "师傅【姓名】离职了"),
    ("去年也是许丽娟经理装的", "去年也是【姓名】经理装的"),
    ("谢谢阳凯先生", "谢谢【姓名】先生"),
    ("谢谢！——岳圆圆", "谢谢！——【姓名】"),
    ("业主米勇敬上", "业主【姓名】敬上"),
    ("盼复。\n李晓红", "盼复。\n【姓名】"),
    ("钱是申勇收的", "钱是【姓名】收的"),
    ("昨天窦婷来过", "昨天【姓名】来过"),
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
    "收货地址是岳阳。",
    "桂林也能送",
    "请包涵",
    "Song Plus版",
    "向居住地所在社区报告",
    "居住地所属乡镇",
    "在三坊七巷逛了一天",
    "江淮晨报报道",
    "钱宽裕的话买贵的",
    "在谈公平,没有用",
    "司徒镇的店",
]
ABROAD_AND_THINGS = [
    ("致电2691 7034或6408 1593联络", "致电【电话】或【电话】联络"),
    ("138 0012 3456/139 0012 3457都行", "【电话】/【电话】都行"),
    ("138 0012 3456、139 0012 3457", "【电话】、【电话】"),
    ("138 0012 3456-139 0012 3457", "【电话】-【电话】"),
    ("座机0571-8765 4321/8765 4322", "座机【电话】"),
    ("住3-2-1802，房号 3-2-1802", "住【地址】，房号 【地址】"),
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
    assert _mask_text(text)[0] == masked


@pytest.mark.parametrize("text", STAY)
def test_what_identifies_nobody_stays(text):
    assert _mask_text(text)[0] == text


def test_the_compiled_way_masks_the_same():
    expected = [*TABLE, *((text, text) for text in STAY)]
    masked, _ = mask_texts(pl.Series([text for text, _ in expected]))
    assert masked.to_list() == [then for _, then in expected]


@pytest.mark.parametrize("text", [pair[0] for pair in TABLE] + STAY)
def test_masking_twice_changes_nothing(text):
    once, _ = _mask_text(text)
    assert _mask_text(once) == (once, {})


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
    assert (masked.item(), json.loads(counts.item())) == _mask_text(text)


def test_rows_are_found_in_which_something_identifies():
    many = " ".join(["13812345678"] * (MOST + 1))  # only Python settles it
    texts = pl.Series(["坑", "幺三八12345678", None, many, "12315"])
    assert find_rows(text_buffers(texts)).tolist() == [1, 3]


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
    slow, counts = _mask_text(text)
    masked, found = mask_texts(pl.Series([text]))
    assert masked.item() == slow
    assert json.loads(found.item()) == counts
    assert _mask_text(slow) == (slow, {})


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(
    st.text(
        alphabet="0123456789-. 一二三八①８:：订单号QQ微信vx路号栋我叫王京A@m.cnXx【电话】",
        max_size=40,
    )
)
def test_hostile_texts_neither_break_nor_change_twice(text):
    slow, _ = _mask_text(text)
    assert mask_texts(pl.Series([text]))[0].item() == slow
    assert _mask_text(slow)[0] == slow


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
    slow, counts = _mask_text(text)
    masked, found = mask_texts(pl.Series(["坑", text]))
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
    assert _mask_text(text)[0] == masked
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
    "北京市朝阳区建国路88号3栋2单元501室",
    "河北省某县某村15号",
    "阳光花园3栋",
    "3栋2单元",
    "名苑27-6-1806",
    "李庄村3组",
    "姓名阿依古丽·买买提",
    "李晓东敬上",
    "姓名:王 峰",
    "我叫李二牛，",
    "我是吴涛，",
    "收件人:Zhang Wei",
    "--李晓红",
    "扎西·次仁说",
    "谢谢王丽娟，",
    "是王丽娟女士",
    "昨天田磊来过",
    "都怪Li Xiaoming，",
    "联系人:王小明",
    "本人李建国投诉",
    "姓名李小红,",
    "我叫张伟",
    "欧阳小明 13812345678",
    "客服刘志强",
    "叫刘洋的",
    "，王建军师傅",
    "投诉王建军，",
    "“赵建华”",
    "客服David Wang，",
    "家住河北省安平县李庄村，",
    "收件人李小红，",
    "情况属实。李小红",
    "让邹市问说话",
    "云雀楼1203室",
    "No. 88 Renmin Road, Haidian District",
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


def test_what_is_found_again_in_what_is_masked_is_counted_with_the_rest(monkeypatch):
    expected = _mask_text(AGAIN)
    once = [span.kind for span in find_personal_data(AGAIN)]
    assert sum(expected[1].values()) > len(once)
    # Patterns of single texts take seconds to compile.
    monkeypatch.setattr("analysis.corpus.mask._mask_text", None)
    given = pl.Series([AGAIN, None, "慢", AGAIN])
    masked, counts = mask_texts(given)
    assert masked.to_list() == [expected[0], None, "慢", expected[0]]
    assert [json.loads(found) for found in counts] == [expected[1], {}, {}, expected[1]]
    assert given.to_list() == [AGAIN, None, "慢", AGAIN]


@pytest.mark.slow
@settings(max_examples=500, deadline=None)
@given(st.lists(st.none() | TEXTS, max_size=5))
def test_both_ways_mask_alike(texts):
    masked, counts = mask_texts(pl.Series(texts, dtype=pl.String))
    expected = [(None, {}) if text is None else _mask_text(text) for text in texts]
    assert masked.to_list() == [text for text, _ in expected]
    assert [json.loads(found) for found in counts] == [found for _, found in expected]


@pytest.mark.parametrize("text", [*FOUND, *SPELLED])
def test_what_is_found_by_the_fragments_needs_no_python(text):
    found = _mask_buffers(text_buffers(pl.Series(["坑", f"坑{text}。", "坑"])))
    assert (found.rows.tolist(), found.unsettled.tolist()) == ([1], [])
    assert found.texts.data.tobytes().decode() == _mask_text(f"坑{text}。")[0]


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
    assert mask_texts(pl.Series([text]))[0].item() == _mask_text(text)[0]


def test_what_appears_only_in_the_masked_text_is_masked_and_counted():
    text = "吃饱了@一下@甜同学5@张三小柴"
    again = _mask_buffers(_mask_buffers(text_buffers(pl.Series([text]))).texts)
    assert again.rows.tolist() == [0]
    masked, counts = mask_texts(pl.Series([text]))
    assert (masked.item(), json.loads(counts.item())) == _mask_text(text)


@pytest.mark.slow
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
    assert _mask_text(text)[0] == masked
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


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        # Who is named once with a cue is masked wherever the name stands.
        ("收件人：贺土旺。后来贺土旺没收到", "收件人：【姓名】。后来【姓名】没收到"),
        ("贺土旺来过两回，收件人：贺土旺", "【姓名】来过两回，收件人：【姓名】"),
        ("我叫高兴，很高兴认识你", "我叫【姓名】，很高兴认识你"),
        ("联系人王伟，😀王伟真行", "联系人【姓名】，😀【姓名】真行"),
        # Behind a role or a cue, with the clause that goes on.
        ("客服董敏跟我说不能退", "客服【姓名】跟我说不能退"),
        ("业务员吴陆超，工号112", "业务员【姓名】，工号112"),
        ("投诉人邱石头要求退一赔三", "投诉人【姓名】要求退一赔三"),
        ("乘车人：寿细妹", "乘车人：【姓名】"),
        ("工号8023郝珂", "工号8023【姓名】"),
        ("此致 敬礼 谭珊珊", "此致 敬礼 【姓名】"),
        ("有个叫熊志清的客服", "有个叫【姓名】的客服"),
        ("我叫王 建 国，来投诉", "我叫【姓名】，来投诉"),
        ("我（王建国）要投诉", "我（【姓名】）要投诉"),
        ("我女儿阿依努尔·吐尔逊今年八岁", "我女儿【姓名】今年八岁"),
        ("客服David Wang说", "客服【姓名】说"),
        ("收件人WANG FANG", "收件人【姓名】"),
        ("洛桑丹增说没收到", "【姓名】说没收到"),
        # Words that begin alike stay.
        ("客服周到，师傅张口就要钱", "客服周到，师傅张口就要钱"),
        ("快递员辛苦了，师傅来安装", "快递员辛苦了，师傅来安装"),
        ("如何开通，为何新款更贵", "如何开通，为何新款更贵"),
        ("高大上的刘海屏，东方明珠", "高大上的刘海屏，东方明珠"),
        ("业主权利要保护，居民楼改建", "业主权利要保护，居民楼改建"),
        ("王女士说，王小姐好", "王女士说，王小姐好"),
        ("黄牛先生，蒙牛经理", "黄牛先生，蒙牛经理"),
        ("蹲了一晚上袁家军那个主播", "蹲了一晚上袁家军那个主播"),
        ("关注了张妹直播间，康雅斯电竞椅", "关注了张妹直播间，康雅斯电竞椅"),
        ("消费者李明称，没收到", "消费者【姓名】称，没收到"),
        # More clauses go on behind a cue, and surnames that may be words stand before them.
        ("本人高飞购买了一台冰箱", "本人【姓名】购买了一台冰箱"),
        ("我是王芳预约周六安装", "我是【姓名】预约周六安装"),
        ("当事人胡兰陈述如下", "当事人【姓名】陈述如下"),
        ("收件人石磊专门打电话来", "收件人【姓名】专门打电话来"),
        ("客服高子墨，工号9", "客服【姓名】，工号9"),
        ("用户马丽替我爸来问", "用户【姓名】替我爸来问"),
        ("老师于洋说不退", "老师【姓名】说不退"),
        ("我是于洋，退款没到", "我是【姓名】，退款没到"),
        ("汇款给杨勇", "汇款给【姓名】"),
        ("王芳 敬上", "【姓名】 敬上"),
        ("请叫我赵刚吧", "请叫我【姓名】吧"),
        ("收件人：郇东升", "收件人：【姓名】"),
        ("微信名:江小白", "微信名:江小白"),
        ("昵称:夏天的风", "昵称:夏天的风"),
        ("昵称：夏天", "昵称：【姓名】"),
        ("快递员:于明天送", "快递员:于明天送"),
        ("专家向晨报表示，记者向石家庄", "专家向晨报表示，记者向石家庄"),
        ("我是万科工作人员，本人平时穿37", "我是万科工作人员，本人平时穿37"),
        ("业主满意度不高，患者占比（27%）", "业主满意度不高，患者占比（27%）"),
        ("本人是农民工，工资没发", "本人是农民工，工资没发"),
        ("房间极其马虎，綦江发布", "房间极其马虎，綦江发布"),
        # Any surname behind a sign that leads to it; right behind a cue or a role if it is likely.
        ("户名：军定边，工行", "户名：【姓名】，工行"),
        ("收货人是果小满，放门口", "收货人是【姓名】，放门口"),
        ("户名：保密，主持人：谢谢大家", "户名：保密，主持人：谢谢大家"),
        ("报案人闪月娥，五十岁", "报案人【姓名】，五十岁"),
        ("寄件人应该是战英杰，不是我", "寄件人应该是【姓名】，不是我"),
        ("本人平时，当事人都激动", "本人平时，当事人都激动"),
        ("公证员牟展鸿说不行", "公证员【姓名】说不行"),
        ("收件人泽仁拉毛，理塘", "收件人【姓名】，理塘"),
        ("寄件人尕藏东知，夏河", "寄件人【姓名】，夏河"),
        ("我爸家属，朋友开房，邀请朋友开借呗", "我爸家属，朋友开房，邀请朋友开借呗"),
        ("投诉江天林，他骗钱", "投诉【姓名】，他骗钱"),
    ],
)
def test_names_of_many_kinds(text, masked):
    assert _mask_text(text)[0] == masked
    assert mask_texts([text])[0] == [masked]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("在龙华区科苑南路143-4号", "在【地址】"),
        ("在人民路甲12号之3", "在【地址】"),
        ("住丽景湾8号楼3单元11楼东户", "住【地址】"),
        ("去师范大学东区9号宿舍楼408，", "去【地址】，"),
        ("在翡翠城8#1-602", "在【地址】"),
        ("在东湖花园菜鸟驿站取的", "在【地址】取的"),
        ("在昆山市学府路与南环路交叉口紫金城16栋", "在【地址】"),
        ("在虎门大道100号底商", "在【地址】"),
        ("家住安平县河口镇李庄村，", "家住【地址】，"),
        ("收货地址：杭州市西湖区翡翠城小区", "收货地址：【地址】"),
        ("在财富大厦18层1802室", "在【地址】"),
        ("店铺在万隆广场负一层B2-118，", "店铺在【地址】，"),
        ("我在海悦购物中心4F-L406剪的头发", "我在【地址】剪的头发"),
        ("货从宏盛公寓T3-1907取走", "货从【地址】取走"),
        ("在电子市场二楼A区215换的屏", "在【地址】换的屏"),
        ("她住南苑小区乙2门302，停水", "她住【地址】，停水"),
        ("发到临安市昌化镇新溪工业区15号", "发到【地址】"),
        ("东港街道兴隆里8号漏水", "【地址】漏水"),
        ("送到永康市芝英镇后塘桥头", "送到【地址】"),
        ("人在临江县石塘镇砖窑厂，", "人在【地址】，"),
        ("他家安平县大何庄乡前刘村的，", "他家【地址】的，"),
        ("早点铺在三中后门旁边第二个门面", "早点铺在【地址】"),
        ("在王家湾村委会东边第二家", "在【地址】"),
        ("在湖滨小区东门第二间门面走丢", "在【地址】走丢"),
        ("送到荷园3舍C215", "送到【地址】"),
        ("我家是5-1-303他家是5-2-303", "我家是【地址】他家是【地址】"),
        ("人民路58号后院堆满了", "【地址】堆满了"),
        ("3栋2单元", "【地址】"),  # nothing stands before the house
        # Cities, shops and numbers that lead to nobody's door stay.
        ("地址错误，住在五楼，住在老小区", "地址错误，住在五楼，住在老小区"),
        ("地址：杭州，万达广场3楼", "地址：杭州，万达广场3楼"),
        ("雷神4#2022年上映，5号晚上", "雷神4#2022年上映，5号晚上"),
        ("小区菜鸟驿站取件，沛县河口镇李庄村的米", "小区菜鸟驿站取件，沛县河口镇李庄村的米"),
    ],
)
def test_addresses_of_many_kinds(text, masked):
    assert _mask_text(text)[0] == masked
    assert mask_texts([text])[0] == [masked]


# Numbers of things, shops and large towns look like addresses, and lead to nobody's door.
NO_ADDRESSES = [
    "超市储物柜18号。",
    "小区快递柜12号",
    "专区抽奖名额100号。",
    "超市客服工号23号",
    "会员专区订单尾号1234号",
    "超市收银台12号。",
    "超市促销员35号。",
    "景区售票窗口12号",
    "菜市场摊位25号。",
    "大城市服务热线12号。",
    "旧货市场档口36号",
    "旗舰店专区货架15号。",
    "社区团长编号88号",
    "小镇店之宝100号。",
    "老乡群聊管理员18号",
    "校区食堂窗口22号。",
    "本期专集12号。",
    "剧情合集18号，",
    "地址在大超市对面驿站",
    "北京市朝阳区人民法院判了",
    "武汉市公安局江夏区分局派出所警务室",
    "浦东新区世纪大道堵车严重",
    "万隆广场3楼的店不错，购物中心二楼200元起",
    "学校旁边第一家分店开业，超市对面两家公司都招人",
    "医院旁边的水果店很贵，小区门口最后一单",
    "比分是5-1-303那场",
    "开发区3号线还没通，市场B区在装修",
    "西安市雁塔区小寨东路人多",
    "我住在城市中心小区",
    "户籍地城市公寓",
    "地址: 淘宝专区直播间商品链接楼",
    "地址在天猫旗舰店楼下驿站",
    "家住大城市高楼",
    "我住在超市旁边公寓",
    "地址在旧菜市场二楼",
    "住址在主城区公寓",
    "我住在超市仓库公寓楼",
    "户籍地小县城老街",
    "地址在景区大门口驿站",
    "地址在直播专区一楼",
    "家在大城市郊外小区",
    "地址显示神州专车驿站",
    "家住三流城市老小区",
]


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_numbers_of_things_and_shops_are_no_addresses(text):
    assert _mask_text(text) == (text, {})


def test_the_compiled_way_takes_no_shop_for_an_address():
    assert mask_texts(NO_ADDRESSES)[0] == NO_ADDRESSES


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        # Said or numbered, in a town or a district.
        ("地址：成都市武侯区玉林街道", "地址：【地址】"),
        ("我住在盐城市亭湖区翠园小区", "我住在【地址】"),
        ("我住在阳光社区东苑小区", "我住在【地址】"),
        ("户籍地盐城市建湖县李庄村", "户籍地【地址】"),
        ("户籍所在地辛集市旧城镇李庄村", "户籍所在地【地址】"),
        ("在昆山市青阳港88号。", "在【地址】。"),
        ("在厦门市鼓浪屿22号", "在【地址】"),
        ("在大城县李庄12号。", "在【地址】。"),
        # A name of two characters stands again where both sides let it be one.
        ("联系人：王方，后来王方没收到", "联系人：【姓名】，后来【姓名】没收到"),
        ("收件人：张力。客服让张力等", "收件人：【姓名】。客服让【姓名】等"),
        ("收件人：万年，万年说没到", "收件人：【姓名】，【姓名】说没到"),
        # And is left in a word.
        ("联系人：王方，国王方便面不错", "联系人：【姓名】，国王方便面不错"),
        ("收件人：张力，弹簧张力不够", "收件人：【姓名】，弹簧张力不够"),
        ("收件人：万年，等一万年", "收件人：【姓名】，等一万年"),
        ("联系人：王方，女王方案很好", "联系人：【姓名】，女王方案很好"),
        ("收件人：张力，表面张力大", "收件人：【姓名】，表面张力大"),
        ("收件人：万年，两万年以前", "收件人：【姓名】，两万年以前"),
        ("联系人：方正，四四方正正", "联系人：【姓名】，四四方正正"),
        ("收件人：常平，非常平整", "收件人：【姓名】，非常平整"),
        ("联系人：成功，安装成功", "联系人：【姓名】，安装成功"),
        ("联系人：金明，现金明细不清", "联系人：【姓名】，现金明细不清"),
        ("收件人：程明，工程明年完工", "收件人：【姓名】，工程明年完工"),
        ("联系人：周成，圆周成分很杂", "联系人：【姓名】，圆周成分很杂"),
        ("收件人：江平，长江平均水位", "收件人：【姓名】，长江平均水位"),
        ("联系人：高亮，身高亮出来", "联系人：【姓名】，身高亮出来"),
        ("收件人：马丁，斑马丁香图案", "收件人：【姓名】，斑马丁香图案"),
        ("联系人：李平，行李平放在架上", "联系人：【姓名】，行李平放在架上"),
        ("收件人：方红，四方红木桌", "收件人：【姓名】，四方红木桌"),
    ],
)
def test_what_is_like_an_address_or_a_name_is_told_from_it(text, masked):
    assert _mask_text(text)[0] == masked
    assert mask_texts([text])[0] == [masked]


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


def test_a_flag_within_a_pattern_of_names_would_be_lost():
    modules = (mask_accounts, mask_addresses, mask_names)
    values = [value for module in modules for value in vars(module).values()]
    patterns = [one for one in values if type(one) is type(late(""))]
    assert len(patterns) > 30
    assert [one.pattern for one in patterns if re.search(r"\(\?[aiLmsux]", one.pattern)] == []


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        # One script for all.
        ("師傅陳冠豪約好週三來修", "師傅【姓名】約好週三來修"),
        ("聯絡人：歐陽靖宇，還沒退款", "聯絡人：【姓名】，還沒退款"),
        # Surnames that are words, where a role, a title or a verb of people stands beside them.
        ("骑手池旭东没戴口罩", "骑手【姓名】没戴口罩"),
        ("写的是皮建军师傅", "写的是【姓名】师傅"),
        ("我闺女贝小戎，三年级", "我闺女【姓名】，三年级"),
        ("谢谢阳凯先生", "谢谢【姓名】先生"),
        ("快递员冀春生私自放门口", "快递员【姓名】私自放门口"),
        # Who is called like somebody well known, and one character more.
        ("联系人：姜文博，王凯婷也在", "联系人：【姓名】，【姓名】也在"),
        ("姜文说，张爱玲爱写", "姜文说，张爱玲爱写"),
        # Greeted, speaking, of whom the sex is told, and behind a number.
        ("您好，危志明，您的投诉已受理", "您好，【姓名】，您的投诉已受理"),
        ("巴特尔：我在草原上", "【姓名】：我在草原上"),
        ("金善美（女，延吉人）反映", "【姓名】（女，延吉人）反映"),
        ("电话13812345678，黄觉晓", "电话【电话】，【姓名】"),
        ("My name is Zhang Weilin, please refund", "My name is 【姓名】, please refund"),
        ("David Wang师傅人很好", "【姓名】师傅人很好"),
        ("我是Apple Watch用户", "我是Apple Watch用户"),
        # Before a place, a shop or a verb these surnames are prepositions and adverbs.
        ("本人于江苏购买，客户向京东反映", "本人于江苏购买，客户向京东反映"),
        ("投诉人于云南，本人曾多次联系", "投诉人于云南，本人曾多次联系"),
        ("客户于洋说要退款", "客户【姓名】说要退款"),
        # Numbers that are grouped at random behind a word for them.
        ("打0 1 3 6-0712-5529找他", "打【电话】找他"),
        ("9 1 8 3 5 5 2 0是你的座机吗", "【电话】是你的座机吗"),
        ("温度 2 3 4 5 6 7 8 9 依次升", "温度 2 3 4 5 6 7 8 9 依次升"),
        # Hamlets, booths, doors with letters; a house alone is nobody's.
        ("厦门市湖里区禾山街道围里社88号", "【地址】"),
        ("现住通辽市科左中旗宝龙山镇前六家子嘎查", "现住【地址】"),
        ("店在义乌国际商贸城二区F3-1207号", "店在【地址】"),
        ("南宁市大学东路100号29栋宿舍楼417，到北门", "【地址】，到北门"),
        ("广南县莲城镇北宁社区二小组", "【地址】"),
        ("3号楼的快递柜又坏了", "3号楼的快递柜又坏了"),
        # A given name that is surely one, behind surnames that are words as well.
        ("他又骂了容嘉豪的妈妈", "他又骂了【姓名】的妈妈"),
        ("投诉巩天佑，收钱不办事", "投诉【姓名】，收钱不办事"),
        ("我妈操素珍走失了", "我妈【姓名】走失了"),
        ("他叫国栋梁，巧吧", "他叫【姓名】，巧吧"),
        ("面单上印着张伟三个字", "面单上印着【姓名】三个字"),
        ("去年和尉迟宝山说过", "去年和【姓名】说过"),
        ("一对鞋明明刚到就开胶", "一对鞋明明刚到就开胶"),
        ("欧阳美女您好，朋友能喜欢就好", "欧阳美女您好，朋友能喜欢就好"),
        ("国民党守军，上海海军基地", "国民党守军，上海海军基地"),
        ("外面就是白鹭洲，了解清楚再买", "外面就是白鹭洲，了解清楚再买"),
        # Numbers in any groups, letters and brackets behind a word for them.
        ("身份证3 3 0 1 0 6 1 9 9 1 0 2 0 3 4 5 6 7给了他", "身份证【证件】给了他"),
        ("电话0571-88 66 31 09，手机138 5512-0937", "电话【电话】，手机【电话】"),
        ("手机❶❸❽5512❶⓿93", "手机【电话】"),
        ("订单TW-2024 0915 77381没到", "订单【订单号】没到"),
        ("订单2024-09-15 18:30下的", "订单2024-09-15 18:30下的"),
        ("催一下75 3011 2264 1175", "催一下【订单号】"),
        ("加Q 283 711 4406，企鹅号2020-04-17的文章", "加Q 【QQ】，企鹅号2020-04-17的文章"),
        ("群641 903 277里", "群【QQ】里"),
        ("他的号是lily_520zz，威信lily下划线88", "他的号是【微信】，威信【微信】"),
        ("邮箱h u i 77 @ 188 . com", "邮箱【邮箱】"),
        ("车牌沪AD·12907，浙 C 8 M 2 7 6", "车牌【车牌】，【车牌】"),
        ("八八一七七零三二九这个号是骗子", "【QQ】这个号是骗子"),
        # Addresses without a number: estates, villages, what they lie beside.
        ("送到翠微路天鹅花园北门", "送到【地址】"),
        ("他住固安县牛驼镇小寨庄，我住市区", "他住【地址】，我住市区"),
        ("俺是沂南县高桥镇徐家庄的", "俺是【地址】的"),
        ("发货地赛格电子市场6楼6C23", "发货地【地址】"),
        ("凤凰山东路缤纷城2-3-1502", "【地址】"),
        ("寄到白云区西固一路恒南新村", "寄到【地址】"),
        ("放在隔壁小区门口，送到村口就行", "放在隔壁小区门口，送到村口就行"),
        ("南京路步行街的专卖店门口排队", "南京路步行街的专卖店门口排队"),
    ],
)
def test_classes_of_names_numbers_and_addresses(text, masked):
    assert _mask_text(text)[0] == masked
    assert mask_texts([text])[0] == [masked]


PROVINCES = re.findall(
    r"\w+",
    "北京 天津 上海 重庆 河北 山西 内蒙古 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南"
    " 湖北 湖南 广东 广西 海南 四川 贵州 云南 西藏 陕西 甘肃 青海 宁夏 新疆 台湾 香港 澳门",
)
TOWNS = re.findall(
    r"\w+",
    "唐山 岳阳 黄石 黄山 金华 白银 常德 安庆 安阳 秦皇岛 石河子 连云港 荆州 苏州 温州 常州 马鞍山",
)


@pytest.mark.parametrize("frame", ["我是{}人，想退货", "本人是{}的", "退到{}老家了", "用户是{}人"])
def test_where_somebody_comes_from_is_no_name(frame):
    texts = [frame.format(place) for place in [*PROVINCES, *TOWNS]]
    assert mask_texts(texts)[0] == texts


@pytest.mark.parametrize("name", ["金华强", "黄山河", "常德胜", "唐山海", "方城", "安阳"])
def test_who_is_called_like_a_town_is_masked_behind_a_cue(name):
    assert mask_texts([f"收件人：{name}，尽快发货"])[0] == ["收件人：【姓名】，尽快发货"]


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
        masked, counts = _mask_text(text)
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
    masked, counts = _mask_text(text)
    assert (masked != text) == is_one == bool(counts)
    assert mask_texts([text])[0] == [masked]


# No pattern tells these: evidence of characters and of what stands around.
EVIDENT = [
    ("还有王丽，也是这么说的", "还有【姓名】，也是这么说的"),
    ("听赵阳讲他家也漏水", "听【姓名】讲他家也漏水"),
    ("这一单请李伟当面道歉", "这一单请【姓名】当面道歉"),
    ("俺外甥女冼丽莎去退衣服，店里不认", "俺外甥女【姓名】去退衣服，店里不认"),
    ("片区经理习正东承诺三天给答复", "片区经理【姓名】承诺三天给答复"),
    ("我係譚美珍，喺尖沙咀買嘅電飯煲", "我係【姓名】，喺尖沙咀買嘅電飯煲"),
    ("装的师傅叫麻宝来 装歪了", "装的师傅叫【姓名】 装歪了"),
    ("隔壁床的奚若兰家属闹了一宿", "隔壁床的【姓名】家属闹了一宿"),
    ("楼下晏子轩家天天半夜拖椅子", "楼下【姓名】家天天半夜拖椅子"),
    ("说好由席文博全程跟，结果换了人", "说好由【姓名】全程跟，结果换了人"),
    ("投诉人李芳称没有收到", "投诉人【姓名】称没有收到"),
]
NOT_EVIDENT = [
    "去了莫干山，还行",
    "出门往左是黄兴路，往右是李公堤",
    "这台是诸暨发来的，欧司朗的灯",
    "他伸张正义，大家都服",
    "收件后打开，坏了",
    "收件时间，三天后",
    "收件方便，好评",
    "签字人不在，没法退",
    "用户名称，改不了",
    "领导高度重视，马上处理",
    "领导全程不管",
    "您是高级会员吗",
    "同桌应该退款",
    "发小金额不退",
    "罗森的饭团过期了",
    "尚德退费只退三成",
    "司康是冷的，不好吃",
    "章小蕙推荐的面霜烂脸",
    "鉴定是石英岩",
    "快递签收后没人接的单",
    # Of what a name is made of hardly anything must speak against it, whatever announces one.
    "花草无人问，图示：春林行",
    "我常出差在外，致电我司专业从事租赁",
    "请刘大使介绍，联系陈园长",
    "祝好运，12号开奖", "原图放出来看看", "明晚八点，李家军那个主播又来", "高颜值，好用",
    "王经理说等李经理回来", "别生气，先联系客服", "任何问题都可以找店家", "周末时间充裕",
    "先闻胶水再看鞋标", "康师傅方便面少了两包", "应该是冷链车坏了", "单独包装比较好",
    "新冠肺炎期间没发货", "刘总说他不管", "何老师的课退不了", "米白收到成玫红没人管",
    "显示黄屏就没人管", "特此说明雅洛没人管", "患者为阴性", "曹大姐说可以退",
    "第五章写的是保修", "张亮麻辣烫里有钢丝",
]  # fmt: skip


WEIGHED = [
    ("用户名称：俞飞鸿，要求退款", "用户名称：【姓名】，要求退款"),
    ("签字人佘诗曼不是我", "签字人【姓名】不是我"),
    ("收件马哈三，我没收到", "收件【姓名】，我没收到"),
    ("有个自称陈思远，说能退款", "有个自称【姓名】，说能退款"),
    ("婶子呼秀梅地址写错了", "婶子【姓名】地址写错了"),
    ("显示苗翠花签收了，不是我签的", "显示【姓名】签收了，不是我签的"),
    ("收件人罗森，没收到", "收件人【姓名】，没收到"),
    # The last of three characters begins the word behind the name, or two are cut short.
    ("记者杨莉通讯员白敏", "记者【姓名】通讯员【姓名】"),
    ("销售顾问姜宇祝您节日快乐", "销售顾问【姓名】祝您节日快乐"),
    ("副市长陈蓓宣布自五月起放开", "副市长【姓名】宣布自五月起放开"),
    ("花农吴顺发大爷说今年歉收", "花农【姓名】大爷说今年歉收"),
    # A word goes over the place where the name would begin or end.
    *(
        (text, text)
        for text in (
            "整个过程顺畅，老师傅各项都懂",
            "为民伸张正义，弘扬传统和古典思想",
            "其余良好，就是慢",
            "一对鞋明明刚到，做模范先锋",
            "感谢一路陪伴，携程明明有房",
        )
    ),
    # Departments, classes and kin beside a name; kin of one character in forms.
    ("退货组王丽 15757128840", "退货组【姓名】 【电话】"),
    ("他是高二(7)班李睿的父亲", "他是高二(7)班【姓名】的父亲"),
    ("同行：配偶元东哲", "同行：配偶【姓名】"),
    ("家里：父 桑吉加措；母 卓玛吉", "家里：父 【姓名】；母 【姓名】"),
    ("楼长沙金凤说的", "楼长【姓名】说的"),
    ("广播里喊史文静小朋友", "广播里喊【姓名】小朋友"),
    ("访客：李国庆 事由：送货", "访客：【姓名】 事由：送货"),
    ("姓名拼音 ZHANG RUOXI", "姓名拼音 【姓名】"),
    # A surname with a part of a name of minorities.
    ("我不服。白巴特尔", "我不服。【姓名】"),
    ("我儿马尔沙在厂里", "我儿【姓名】在厂里"),
    # Given names that are words as well.
    ("乘车人蒙家乐，未出票", "乘车人【姓名】，未出票"),
    ("我女儿王朵朵才五岁", "我女儿【姓名】才五岁"),
    ("周一凡，你别撤回", "【姓名】，你别撤回"),
    ("周一去的家乐福，周一到周五都排队", "周一去的家乐福，周一到周五都排队"),
    ("我只认我自己，海洪亮。", "我只认我自己，【姓名】。"),
    # Placeholders, words and people of the public, unless a telephone follows.
    ("甘露，18377102694", "【姓名】，【电话】"),
    ("张三 13812345678", "【姓名】 【电话】"),
    *(
        (text, text)
        for text in (
            "什么张三李四都来当客服，秋天的甘露",
            "肖秀荣的卷子和汤家凤的课",
            "关注孙兴慜的比赛，周子瑜和许冠杰也来了",
            "原神抽到胡桃还是甘雨，王者荣耀的公孙离",
            "郑远元修脚、杨国福麻辣烫、谢瑞麟",
            "侯宝林的相声，滕子京谪守巴陵郡",
            "她说她就是白富美，他是高富帅",
        )
    ),
    # Shops and brands are called like people.
    ("艾尚雪羽绒服全场五折，郝刚刚羊杂割好吃", "艾尚雪羽绒服全场五折，郝刚刚羊杂割好吃"),
    ("欧雅健身俱乐部的卡，退不了", "欧雅健身俱乐部的卡，退不了"),
    ("店长蔡雪梅家具没送到", "店长【姓名】家具没送到"),
    # Who has a role that nobody of the public has is a namesake, and words are names there.
    ("骑手王刚把餐放错了", "骑手【姓名】把餐放错了"),
    ("客服常青说一个小时", "客服【姓名】说一个小时"),
    ("客服高峰说没货", "客服【姓名】说没货"),
    ("小品演员蔡明的段子", "小品演员蔡明的段子"),
    ("店长高峰期不接电话", "店长高峰期不接电话"),
    ("客服温馨提示不能退", "客服温馨提示不能退"),
    ("师傅成功安装了", "师傅成功安装了"),
    ("法务王丽说没货", "法务【姓名】说没货"),
    ("实际控制人刘志强说再等等", "实际控制人【姓名】说再等等"),
    # Who is known less is taken for somebody else beside a role.
    ("汪苏泷的歌循环，许冠杰也好听", "汪苏泷的歌循环，许冠杰也好听"),
    ("班主任许冠杰收补课费", "班主任【姓名】收补课费"),
    # Chat accounts that answer a question.
    ("你微信号多少？\nxiaolv2003，头像是猫", "你微信号多少？\n【微信】，头像是猫"),
    ("加她了，kaoyan_go_11，三天可见", "加她了，【微信】，三天可见"),
    ("你微信号多少？\nhello，在吗", "你微信号多少？\nhello，在吗"),
    # An address of a page ends with the clause.
    ("https://t.cn/abc，13812345678", "【网址】，【电话】"),
    ("看https://t.cn/A6b：iPhone15（内有Pro）", "看【网址】：iPhone15（内有Pro）"),
    ("http://t.cn/A！13812345678", "【网址】！【电话】"),
    ("www.a.com；QQ283711440", "【网址】；QQ【QQ】"),
    ("http://a.cn:8080/x?y=1,2&z=3好", "【网址】好"),
    ("https://a.cn/b,c/d.html;e=1好", "【网址】好"),
]


@pytest.mark.parametrize(("text", "masked"), WEIGHED)
def test_evidence_settles_what_patterns_tell(text, masked):
    assert _mask_text(text)[0] == masked


def test_both_ways_settle_names_alike():
    texts = [text for text, _ in WEIGHED]
    assert mask_texts(texts)[0] == [masked for _, masked in WEIGHED]


@pytest.mark.parametrize(("text", "masked"), EVIDENT)
def test_evidence_tells_names_that_no_pattern_tells(text, masked):
    assert (mask_texts([text])[0], _mask_text(text)[0]) == ([masked], masked)


@pytest.mark.parametrize("text", NOT_EVIDENT)
def test_evidence_takes_no_words_for_names(text):
    assert (mask_texts([text])[0], _mask_text(text)[0]) == ([text], text)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3), st.integers(1, 4), st.sampled_from(["name", "address", "phone"])
        ),
        max_size=6,
    ),
    st.integers(0, 20),
    st.integers(3, 9),
)
def test_an_address_is_put_among_other_finds_as_a_plain_loop_puts_it(gaps, start, length):
    taken, place = [], 0
    for gap, size, kind in gaps:
        taken.append(Span(place + gap, place + gap + size, kind))
        place += gap + size
    first, last = start, start + length
    for one in taken:
        if one.end <= first or last <= one.start:
            continue
        if one.kind == "address":
            first, last = min(first, one.start), max(last, one.end)
        elif one.kind == "name" and first <= one.start and one.end <= last:
            continue
        elif one.start <= first:
            first = one.end
        else:
            last = one.start
    expected = list(taken)
    if last - first >= 3:
        kept = [one for one in taken if one.end <= first or last <= one.start]
        expected = sorted([*kept, Span(first, last, "address")])
    _take_address(taken, Span(start, start + length, "address"))
    assert taken == expected


def test_a_name_that_a_pattern_cut_gets_its_length_and_nothing_else_is_touched():
    taken = [Span(0, 2, "name"), Span(4, 6, "phone")]
    _take_name(taken, Span(0, 3, "name"))
    assert taken == [Span(0, 3, "name"), Span(4, 6, "phone")]
    _take_name(taken, Span(3, 5, "name"))  # would touch the telephone
    _take_name(taken, Span(1, 4, "name"))  # no longer form of the name
    assert taken == [Span(0, 3, "name"), Span(4, 6, "phone")]
    _take_name(taken, Span(6, 8, "name"))
    assert taken[-1] == Span(6, 8, "name")


def test_what_stands_in_a_token_is_no_evidence():
    texts = ["【姓名】说", "【QQ】【电话】王", "【账号】【地址】"]
    assert mask_texts(texts)[0] == texts
    assert [_mask_text(text)[0] for text in texts] == texts


def test_masking_at_once_shares_no_room():
    one, other = mask_names.shipped_evidence(), mask_names.shipped_evidence()
    assert one[2] is other[2]  # weights are loaded once
    for mine, theirs in zip(one[-2:], other[-2:], strict=True):  # what is written into
        assert not np.shares_memory(mine, theirs)


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


CHAINS = [
    ("人回老家罗田县九资河镇徐凤冲村了", "人回老家【地址】了"),
    ("俺家鹿邑县生铁冢乡后时楼的", "俺家【地址】的"),
    ("厂址汕头市潮阳区和平镇下寨工业区7号", "厂址【地址】"),
    ("店在数码广场二楼B区215，换人了", "店在【地址】，换人了"),
    ("家在马家堡村委会西边第二家 装歪了", "家在【地址】 装歪了"),
]
NO_CHAINS = [
    "各县乡镇和农村都包邮", "县里镇上一所农村小学", "高新区工业园3号线堵车", "商城三楼有活动",
    "广场二楼3个人", "村委会对面第一次开会",
]  # fmt: skip


@pytest.mark.parametrize(("text", "masked"), CHAINS)
def test_levels_in_a_row_tell_an_address_whatever_goes_on_behind(text, masked):
    assert (mask_texts([text])[0], _mask_text(text)[0]) == ([masked], masked)


@pytest.mark.parametrize("text", NO_CHAINS)
def test_levels_that_name_no_place_stay(text):
    assert (mask_texts([text])[0], _mask_text(text)[0]) == ([text], text)


# Addresses that no pattern tells: chains without a number, lockers and shops to pick up at, what
# lies beside a home; and places that are mentioned.
EVIDENT = [
    ("快递丢在怡和花园北门水果店隔壁就走了", "快递丢在【地址】就走了"),
    # From a county on to a village or an estate, without a number.
    ("拉顺平县腰山镇南腰山村去了，运费谁出", "拉【地址】去了，运费谁出"),
    ("杭州余杭区闲林街道竹海水韵春风里", "【地址】"),
    ("海口龙华区大同路街道义龙西路", "【地址】"),
    # By what stands beside it.
    ("给我放文化宫对面的晨光文具店，好的", "给我放【地址】，好的"),
    ("我的快递，东区3号楼412寝，谢谢", "我的快递，【地址】，谢谢"),
    ("费用公布了，5-1-902、欠多少都写上", "费用公布了，【地址】、欠多少都写上"),
    ("公司济南高新区舜华路2000号开票", "公司【地址】开票"),
    ("投诉潍坊市奎文区东风东街老轴承厂家属院天天停水", "投诉【地址】天天停水"),
    ("老家是沅陵县官庄镇黄土坡村的，寄不寄", "老家是【地址】的，寄不寄"),
    ("已由枫丹苑6号楼丰巢柜代收", "已由【地址】代收"),
    ("放梧桐苑15幢201的电表箱里，备注写了", "放【地址】，备注写了"),
    ("我家是健康小区南排22号，年年送错", "我家是【地址】，年年送错"),
    # By a landmark, as somebody's own; groups of a family's village; a parking place.
    ("我住老邮局斜对面卖豆腐那家楼上，红门", "我住【地址】，红门"),
    ("收货地址写的二教后门打印店，送错了", "收货地址写的【地址】，送错了"),
    ("我家就在粮站后面修鞋铺隔壁。", "我家就在【地址】。"),
    ("收件地址是图书馆负一楼文印室", "收件地址是【地址】"),
    ("我租的房子在菜场对面网吧楼上", "我租的房子在【地址】"),
    ("住的地方是老药店隔壁巷子进去第二家", "住的地方是【地址】"),
    ("收货地址：老车站斜对面卖烟酒的", "收货地址：【地址】"),
    ("家住李家村五组，不送上门", "家住【地址】，不送上门"),
    ("张家湾三队的快递都这样", "【地址】的快递都这样"),
    ("车停在望江路与桐城路交口，车位B27", "车停在【地址】"),
]
MENTIONED = [
    "二教后门打印店太贵了",
    "老邮局斜对面卖豆腐那家关门了",
    "送到学校后门打印店我再去拿",
    "粮站后面有个修鞋铺",
    "我家楼下卖水果的",
    "我家住校门口的时候买的",
    "共享单车停在望江路与桐城路交口",
    "望江路与桐城路交口的车位不够",
    "我家3号楼的都这样说",
    "赢家三队",
    "潍坊市奎文区东风东街堵车",
    "小区北门水果店老板骗人",
    "医院旁边的超市，东西贵",
    "地址在天猫旗舰店楼下驿站",
    "我家楼下，平台400电话打不通",
    "保质期、6-1-2009的",
    "沅陵县官庄镇政府通知",
    "枫丹苑物业公司不退钱",
    "万达广场三楼的奶茶店排队",
    "电表箱里有个快递",
    "出电梯左转就是奶茶店",
    # Rare characters alone are no address, however many there are.
    "".join(map(chr, range(0x5F00, 0x5F40))),
]


@pytest.mark.parametrize(("text", "masked"), [*EVIDENT, *((text, text) for text in MENTIONED)])
def test_addresses_that_evidence_tells(text, masked):
    assert mask_texts([text])[0] == [masked]
    assert _mask_text(text)[0] == masked


@pytest.mark.parametrize(
    ("taken", "address", "left"),
    [
        ([Span(2, 4, "name")], Span(0, 9, "address"), [Span(0, 9, "address")]),
        ([Span(4, 12, "address")], Span(0, 9, "address"), [Span(0, 12, "address")]),
        (
            [Span(6, 12, "phone")],
            Span(0, 9, "address"),
            [Span(0, 6, "address"), Span(6, 12, "phone")],
        ),
        ([Span(0, 7, "phone")], Span(5, 9, "address"), [Span(0, 7, "phone")]),
        ([], Span(0, 2, "address"), []),
    ],
)
def test_an_address_takes_in_names_and_addresses_and_ends_at_other_finds(taken, address, left):
    _take_address(taken, address)
    assert taken == left


# In a row with a name, and where something else leads to a person, less is asked of a name.
ROWS = [
    ("我们一行有金凤英和杜国良两位老人。", "我们一行有【姓名】和【姓名】两位老人。"),
    ("一桌贺敏、邱少飞、齐一鸣三个人", "一桌【姓名】、【姓名】、【姓名】三个人"),
    ("还有贺敏、邱少飞，", "还有【姓名】、【姓名】，"),
    ("收件人：陈丽霞/池青", "收件人：【姓名】/【姓名】"),
    # Who is called like somebody well known, where the text is somebody's own affair.
    ("一起的还有米雪、陈丽霞，电话13812345678", "一起的还有【姓名】、【姓名】，电话【电话】"),
    # By the given name alone, where it is no word.
    ("收货人郭海芳，后来海芳没收到", "收货人【姓名】，后来【姓名】没收到"),
    # By what else stands there.
    ("让江远点了链接，打13812345678", "让【姓名】点了链接，打【电话】"),
]
NOT_IN_ROWS = [
    ("联系人王丽莎和平台，", "联系人【姓名】和平台，"),
    ("联系人王丽莎、商家都不管", "联系人【姓名】、商家都不管"),
    ("联系人王丽莎和王经理", "联系人【姓名】和王经理"),
    ("联系人王丽莎和刘德华", "联系人【姓名】和刘德华"),
    ("联系人王丽莎、杨幂", "联系人【姓名】、杨幂"),
    ("联系人王丽莎，和平台", "联系人【姓名】，和平台"),
    ("收货人李明亮，屏幕明亮", "收货人【姓名】，屏幕明亮"),
    ("收货人王高兴，后来高兴没收到", "收货人【姓名】，后来高兴没收到"),
    ("让江远点了链接", "让江远点了链接"),
]


@pytest.mark.parametrize(("text", "masked"), ROWS + NOT_IN_ROWS)
def test_names_in_a_row_need_less(text, masked):
    assert _mask_text(text)[0] == masked
    assert _mask_text(masked)[0] == masked


def test_names_in_a_row_are_found_the_compiled_way():
    pairs = ROWS + NOT_IN_ROWS
    assert mask_texts(pl.Series([text for text, _ in pairs]))[0].to_list() == [
        masked for _, masked in pairs
    ]


# Names of minorities, in Latin letters, in forms, and told by what is said of them.
MORE_NAMES = [
    ("吾买尔江说没收到货", "【姓名】说没收到货"),
    ("群里努尔古丽也退了", "群里【姓名】也退了"),
    ("快递被阿依努尔代收了", "快递被【姓名】代收了"),
    ("Consignee: LI XIAOMEI", "Consignee: 【姓名】"),
    ("护照上是ZHANG/JIANGUO，", "护照上是【姓名】，"),
    ("Zhang San Feng，电话", "【姓名】，电话"),
    ("旅客：CHAN TAI MAN；", "旅客：【姓名】；"),
    ("姓 名 | 崔 海 燕\n性 别 | 女", "姓 名 | 【姓名】\n性 别 | 女"),
    ("户 名: 米 兰\n开户行", "户 名: 【姓名】\n开户行"),
    ("收件方池海燕，", "收件方【姓名】，"),
    ("李静（客服）一直不回", "【姓名】（客服）一直不回"),
    ("王磊，同名而已，", "【姓名】，同名而已，"),
    ("实名填错成前男友武磊明，", "实名填错成前男友【姓名】，"),
]
NO_MORE_NAMES = [
    "买的LI NING跑鞋，掉色",
    "Xiaomi Pad 6掉漆",
    "航班CA981取消",
    "本人已上当",
    "武磊明天有比赛",
    "前台，客服，店长都不管",
    "巴黎世家（客服）不回",
    "姓 名：匿名\n",
    "户 名: 保密\n",
    "苹果，同名而已",
    # Places, firms and words of English, syllable by syllable.
    "在Hong Kong买的",
    "HONG KONG, Taiwan",
    "寄到Shen Zhen了",
    "Wang Wang雪饼",
    "Tao Bao买的",
    "You Can系列",
    "等了Long Time",
    "They may contact you by phone",
]


@pytest.mark.parametrize(
    ("text", "masked"), [*MORE_NAMES, *((text, text) for text in NO_MORE_NAMES)]
)
def test_names_of_other_spellings_are_found(text, masked):
    assert _mask_text(text)[0] == masked
    assert mask_texts(pl.Series([text]))[0].to_list() == [masked]
