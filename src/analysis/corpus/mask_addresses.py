"""Postal addresses that lead to a house or a room: by patterns, and by evidence.

Patterns and the evidence beside them run on a folded copy (`mask_finders.plain`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.corpus.mask_finders import (
    HAN,
    Alphabet,
    AsKind,
    Finder,
    Span,
    han_but,
    late,
    numbers_of,
    one_of,
)
from analysis.corpus.mask_names import shipped_evidence
from analysis.engine.evidence import (
    ADDRESS_ROWS,
    BREAK,
    ENDS_CUES,
    FIRST_NUMBER,
    FIRST_UNIT,
    IS_CUE,
    IS_FAINT_CUE,
    NO_CHARACTER,
    OTHER_HAN,
    PAD,
    WINDOW,
    next_address,
)
from analysis.engine.masking import REACH

_HOUSE_NUMBER = "[0-9A-Za-z一二三四五六七八九十百零〇]{1,6}"
# 三路 is a bus, 文三路 a street.
_STREET = (
    "(?<![0-9一二三四五六七八九十线])路"
    "|(?<![坐乘第是有上等换转的了从到在和一二三四五六七八九十0-9][一二三四五六七八九十])"
    f"(?<=[{HAN}][一二三四五六七八九十])路|(?<=八一)路"
    "|街|大道|巷|弄|胡同"
)
# What tells that a place is named: a town or a district, no supermarket (超市), members' area
# (专区) or flagship (旗舰店); 盐城市 is a town, a 大城市 none.
_CITIES_ON_CHENG = "盐晋聊运白宣诸项韩应麻增海凤丰邹禹肥藁桐兴永塔宜"
_TOWN = (
    f"(?:(?<![超上夜早股楼闹菜花])(?<![^{_CITIES_ON_CHENG}]城)(?<!大都)市(?![场面价值民部房店])"
    "|(?<![小地专社景校厂库片赛展货战时学])(?<![主老]城)区(?![别分间域号块])"
    "|县(?![城长里])|(?<!冰)镇(?![店上子])|(?<![老家同故他城])乡(?![下亲村里]))"
)
_REGION_NAMED = f"(?:{_TOWN}|(?<!节)省(?![钱事心力内外])|(?<![神九])州|旗(?![舰下袍帜]))"
# 储物柜18号, 工号23号: the number of a thing.
_NOT_THINGS = "(?<![柜号额台口桌色码款券群员位名机服单奖队排第箱架袋牌票席线页层])"
# These end other words too (知道15号, 球队15号): only within a named region.
_WEAK_STREET = "道|坊|村|里|庄|镇|乡|屯|组|队|社|嘎查|厝|寮"
_ESTATE = one_of("estates")
_BEHIND_HOUSE = r"[ \-,]?(?:(?:[0-9]{1,2}-|[A-Z])?[0-9]{3,4}|[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,4}[A-H])"
_NO_AMOUNT = "(?![0-9A-Za-z元块.年月日个人件多])"
# Groups and hamlets of a village.
_IN_VILLAGE = (
    rf"(?<=[村屯庄寨会])(?:第?{_HOUSE_NUMBER}(?:村民|生产)?小?[组社队]"
    rf"|[{HAN}]{{1,4}}(?<!工作)(?<!领导)(?<!调查)(?<!专家)小?组|[{HAN}]{{1,3}}[屯寨湾坑坪冲]"
    rf"(?![{HAN}])|[{HAN}]{{1,3}}(?<![全本该个农])村)"
    rf"(?![{HAN}]?[长员织民委])(?:[0-9]{{1,4}}号)?"
)
_DOOR = (
    rf"(?:[0-9]{{1,2}}-[0-9]{{1,2}}[层楼]|(?:[ \-]|,(?=[0-9]{{1,2}}(?:单元|栋)|[0-9]{{3,4}}室))"
    rf"?{_HOUSE_NUMBER}(?:号楼|号院|(?<=[0-9])#楼?|号?宿舍楼?|号公寓|"
    rf"单元|寝室|房间|支弄|排|[栋幢座层室户房弄号楼门舍床铺档])"
    rf"|[(\[]{_HOUSE_NUMBER}(?:号楼|单元|[期区栋幢座])[)\]]"
    rf"|{_IN_VILLAGE}|[0-9]{{1,2}}-[0-9]{{1,2}}F|(?<=[楼层])[A-Z]?[0-9]{{2,3}}"
    rf"(?![0-9A-Za-z元块.年月人个])"
    r"|梯[0-9]{1,2}房[0-9]{3,4}|(?<=号)(?:车库|地下(?:[前后]座|(?![车停室商一二三])))"
    rf"|(?<=[组队屯])老[{HAN}]家(?![{HAN}])"
    r"|(?<=区)[0-9]{1,2}街[0-9]{3,5}|[0-9]{1,3}梯(?=[0-9]{3,4})"
    r"|(?<=号)[前后]院|[东西南北]侧(?:仓库|厂房|车间|门面|一楼)"
    r"|[甲乙丙丁东西中南北](?:单元|座|[0-9]{1,2}门)|[东西中南北]户"
    r"|(?<=号)(?:院(?![长线方校内里])|[甲乙丙丁][0-9]{1,4}|厂房|车间|仓库|大院|[东西南北后]门)"
    r"|底商|门面房?|商铺|门市房?|附[0-9]{1,3}号?|(?<=[栋幢])(?:宿舍楼?|(?:学生)?公寓楼?)[0-9]{3,4}"
    rf"|(?<=之[一二三四五六七八九十0-9])[0-9]{{3,4}}{_NO_AMOUNT}"
    r"|(?<=号)(?:之[0-9一二三四五六七八九十]{1,2}|[0-9]{1,2}-[0-9]{1,4}(?![0-9]))"
    r"|[A-Z]?[0-9]{1,2}[ ]?-[ ]?[0-9]{1,2}[ ]?-[ ]?[1-3]?[0-9]0[1-9](?![0-9])"
    rf"|(?<=[栋幢座元号层楼门弄舍梯#])(?:{_BEHIND_HOUSE}{_NO_AMOUNT}"
    r"|[ \-]?[一二三四五六七八九零〇]{3,4}|[A-H](?:户|室|(?![A-Za-z0-9])))"
    rf"|(?<=[楼层])[东西南北中](?![{HAN}])|-[0-9]{{1,4}}(?![0-9元块.]))"
)
# A day of the month has two digits at most.
_NO_DAY = "(?<=[0-9百][0-9十][0-9一二三四五六七八九十])号"
# 5号发货, 3号晚上: a day of the month; 12号链接, 5号线: the number of a thing.
_NOT_DOOR = (
    "(?!发|下单|到|收|签收|晚|早|凌晨|上午|下午|中午|前|之前|开始|付款|客服|线|链接|主播|直播|选手|"
    "技师|员工|的时候|就|才|买|店铺)"
)
_STREET_HOUSE = late(
    rf"(?:{_STREET})(?:[东西南北中一二三四五六]?段|[东西南北](?=[0-9]))?[ ]?[甲乙丙丁]?"
    rf"{_HOUSE_NUMBER}"
    rf"(?:[\-之][0-9]{{1,4}})?"
    rf"(?:号{_NOT_DOOR}|{_NO_DAY}|[座栋幢弄]|门(?=[0-9]{{3,4}}))"
    "|(?<![走跑上半一线套思])(?:路|街|大道|巷|弄)[0-9]{1,4}-[0-9]{1,4}(?:-[0-9]{1,4}号?)?"
    "(?![0-9\\-]|[ ]?[.:元块米公里千年月日天次人个件比%A-Za-z分])"
)
_WEAK_HOUSE = late(
    rf"(?<=[省市区县镇乡港龙村道][{HAN}])(?<![^街]道[{HAN}])(?<!超市[{HAN}])(?<![小专]区[{HAN}])[{HAN}]{{0,6}}"
    rf"(?:{_WEAK_STREET})[ ]?{_HOUSE_NUMBER}(?:号楼?{_NOT_DOOR}|{_NO_DAY})"
)
# A locker or a counter is part of the address right behind the house.
_LOCKER = (
    "(?:门口的?(?:地垫|脚垫|鞋柜|消防栓|电表箱)(?:[上里后]面?|下面?)?|(?:楼下|门口|对面|旁边|隔壁"
    "|[东西南北正后]门|负[一二三0-9]楼)?(?:的)?"
    "(?:大堂|大厅|架空层|岗亭|保安[室亭]|菜鸟驿站|菜鸟|驿站|丰巢(?:快递柜|柜)?|(?:快递|智能)柜"
    "|自提[柜点]|代收点|传达室|门卫室?))"
)
_MALL = "广场|中心|商[城场厦]|市场|大厦|公寓|百货|天地|[脑子具材配贸装鞋]城"
_NO_UNIT = "(?![0-9A-Za-z元块.%年月日个人件多款米])"
_ESTATE_HOUSE = late(
    rf"(?:{_ESTATE})"
    r"(?:[东西南北中新老](?:校?区|苑|院|门)|[一二三四五六]期"
    r"|[东西南北]?[一二三四五六七八九十]{1,2}[区里]|[A-Z]区|校区|学生公寓)?[ ,]?"
    rf"(?:[0-9]{{1,3}}#楼?|[0-9]{{1,3}}号(?=[0-9]{{3,4}}室?(?![0-9]))"
    rf"|别墅[0-9]{{1,3}}号|(?<![剧影戏学医法]院)[0-9]{{1,3}}排(?=[0-9]{{1,3}}号)"
    rf"|(?:底商|商铺|门面|门市|档口|摊位|车库)[ ]?[0-9]{{1,4}}号"
    rf"|[(\[][一二三四五六0-9]{{1,2}}(?:期|区|号楼|[栋幢座])[)\]](?={_DOOR})"
    rf"|[A-Z]?[0-9]{{1,2}}-[1-3]?[0-9]0[1-9](?![0-9\-.元块年])|{_HOUSE_NUMBER}"
    rf"(?:号楼|号院|号?宿舍楼?|[栋幢座]|单元)|[甲乙丙丁]?[0-9]{{1,2}}门(?=[0-9]{{3,4}}))"
    rf"|(?:小区|[花家公][园寓馆]|新村|家属院|[城苑府湾庭])(?:[东西南北]门)?(?:{_LOCKER})(?:[0-9"
    rf"]{{1,2}}号柜?)?"
    rf"|(?:大学|学院|学校|校区)[东西南北正]门(?:{_LOCKER})"
    r"|(?:地下)?(?:负[一二三1-3]|B[1-4])[层楼]?[A-Z]?区?[0-9]{2,4}号?车位"
    r"|(?:校区|大学|学院)[东西南北]?[一二三四五六七八九十0-9]{1,2}(?:公寓|舍|斋)(?:[0-9]{3,4})?"
    r"|(?:大厦|写字楼|商务楼)[0-9]{1,2}-[0-9]{1,2}(?![0-9\-.元块年月])"
    r"|[区城][一二三四五六七八九十0-9]{1,3}排[0-9]{1,3}号"
    r"|[阁轩][0-9]{1,2}楼(?=[0-9])|(?:大厦|写字楼|大楼|商厦)[ ]?(?:[0-9]{1,2}[层楼F]"
    r"|[0-9]{3,4}(?:室|(?![0-9元块年人万个多米])))"
    r"|(?:市场|[具材配贸]城|商城|工业[区园])[0-9A-Z]{1,3}[区排栋](?:[0-9]{1,3}号)?"
    r"|(?:市场|[具材配贸]城|商城)(?:[一二三四五六0-9]区)?[A-Z][0-9]{0,2}-?[0-9]{2,5}号?"
    r"|(?:广场|商城|市场|大厦|电脑城)[ ]?[0-9]{1,2}[楼层区](?:[0-9]?[A-Z]{1,2}[0-9]{2,4}"
    r"|[0-9]{3,4}[A-Z])(?![A-Za-z0-9])"
    r"|(?:广场|商城|市场)[ ]?[0-9一二三四五负]{1,2}[楼层区][A-Z]?[0-9]{1,4}(?:号(?![柜台线店桌"
    r"门])|[铺档])"
    # A shop in a mall: its floor and what stands at its door, or that alone where it has a letter.
    rf"|(?:{_MALL})[ ]?(?:(?:负?[一二三四五六七八九十]{{1,2}}|负?[0-9]{{1,2}}|B[1-4])[层楼F]-?"
    rf"(?:[A-Z]区)?|[A-Z]区)(?:[A-Z]{{1,2}}[0-9]{{0,2}}-?)?[0-9]{{3,4}}号?{_NO_UNIT}"
    rf"|(?:{_MALL})[ ]?[A-Z][0-9]{{0,2}}-[A-Z]?[0-9]{{3,4}}号?{_NO_UNIT}"
    rf"|(?:工业[区园城]|科技园|产业园|物流园|创业园|软件园)[ ]?[0-9]{{1,4}}号{_NOT_DOOR}"
    r"|(?:住院部|(?:门诊|[内外]科|病房)楼)[0-9]{1,2}[楼层](?:[0-9]{1,3}床)?"
    r"|(?:中心|广场|国际)[ ]?[0-9]{1,2}[层楼F](?=[A-Z]?[0-9]{2,4}室?|[A-Z]座)"
)
# 27-6-1806: house, stairs, and a door of which the floor is told.
_NUMBERED_HOUSE = late(
    rf"(?<=[{HAN}])[ ]?(?<![0-9\-])[A-Z]?[0-9]{{1,3}}-"
    rf"[0-9]{{1,2}}-(?:[1-3]?[0-9]0[1-9](?![0-9\-年月日元块.])|[0-9]{{1,2}}[A-H](?![A-Za-z0-9\-]))"
)
_CLAUSES = "的各了我你他她没不是也就都请被把给到这那哪每某吧呢吗啊写填错误改换发寄说问要"
_ENDS_AT = "(?<!居民)小区|花园|家园|公寓|新村|家属[院区楼]|华庭|雅苑|[苑庭]"
_BESIDE = (
    "楼[上下]|后[头面边]|[斜正]?对[面过门]|隔壁|旁边|门口|[东西南北后侧]门|铁门|巷子里?"
    "|院[里内子]|里面"
)
# Which door it is, told by what stands beside it: 村委会东边第三家, 学校后门旁边第二个门面.
_LANDMARK = (
    "供销社|(?<=[一二三四五六七八九十])中|[中小大]学|学校|幼儿园|医院|卫生院|菜场|市场|超市|村委会?"
    "|居委会"
    "|派出所|政府|邮局|银行|车站|客运站|公园|广场|路口|交叉口|十字|桥头?|小区|大厦|祠堂|庙|牌坊"
    "|加油站"
)
_SIDE = (
    "(?:[东西南北前后正侧大]门)?(?:[斜正]?对[面过门]|旁边?|隔壁|后[面头边]|前[面头]|[东西南北]边"
    "|[东西南北]侧|[东西南北]{2}角|进去|往[东西南北里][一二三四五六七八九十百0-9]{1,4}米)"
)
_WHICH = (
    "第?[一二三四五六七八九十0-9]{1,2}(?:家(?![公分店])|户|间(?:门面|店铺?)|个(?:门[面市脸头]|院子"
    "|摊位))"
    "|第[一二三四五六七八九十0-9]{1,2}[间排栋]|最后一?[家户间排栋]|(?<=[边角])院[内里]"
    "|[左右]手[边侧]?(?:第|边)"
)
_BY_LANDMARK = (
    rf"(?:{_LANDMARK})(?:{_SIDE}|[东西南北]门|(?<=小区)(?=最后))[{han_but(_CLAUSES)}]{{0,8}}?(?:的"
    rf"|那条|那个|进去)?"
    rf"[{han_but(_CLAUSES)}]{{0,8}}?(?:{_WHICH})"
)
# From a town or a district by its street, village or quarter on to what ends as a door does: what
# is named on the third level is somebody's, however it is called.
_ENDS_CHAIN = "村屯庄寨湾沟营堡坪坝塘岗坡岭垭坳冲畈圩楼场厂头铺洞段座栋幢苑府庭巷弄寓棚"
_OFFICES = "法院|检察|医院|卫生|政府|公安|分局|派出|支队|委员|公司|学校|[中小]学|政务|等"
_CHAIN = (
    rf"(?<![各全本某每多]){_TOWN}(?![{HAN}]{{0,12}}(?:{_OFFICES}))[{han_but(_CLAUSES)}]{{1,5}}(?:(?<!城)[镇乡县区](?![内里上])|街道|大道|公路|[路街])"
    rf"(?:[{han_but(_CLAUSES)}A-Z0-9]{{1,14}}(?:(?<!农)[{_ENDS_CHAIN}]|大院|旁边?|[东西南北]侧"
    rf"|后[头面身]|对面|隔壁|门口"
    rf"|[一二三四五六七八九0-9]楼))"
    rf"(?=[^{HAN}]|\Z|的(?![{HAN}])|[{_CLAUSES[1:]}干收送住])"
)
_VILLAGE_GROUP = late(
    rf"{_CHAIN}|{_BY_LANDMARK}"
    rf"|(?<=[{HAN}][{HAN}])(?:苏木|[镇乡])[{HAN}]{{2,6}}嘎查(?![{HAN}]?[长员书达])"
    rf"|(?<=[{HAN}])(?:[村屯庄寨]|居?委会|村委|社区)[ ]?第?{_HOUSE_NUMBER}"
    rf"(?:村民|生产)?小?[组社队](?![{HAN}]{{0,1}}[长员织])(?:[0-9]{{1,4}}号)?"
    rf"|(?<=家)[湾沟坪坝塘冲坳岭营堡桥河](?:第?{_HOUSE_NUMBER})小?[组社队](?![{HAN}]{{0,1}}[长员织])"
    rf"|(?:[镇乡]|街道)[{HAN}]{{2,4}}[0-9]{{1,2}}组(?![{HAN}]{{0,1}}[长员织])"
    rf"|交[叉汇界][口处]?[{HAN}]{{1,10}}{_HOUSE_NUMBER}(?:号楼|[栋幢座])"
    rf"|交[叉汇]?口[{HAN}]{{0,14}},?(?:车位[A-Z]?[0-9]{{1,4}}号?|[A-Z]区?[0-9]{{1,4}}号?车位)"
    rf"|(?:村|村委会?|社区)[{HAN}]{{1,4}}(?<!工作)(?<!领导)(?<!调查)(?<!专家)(?<!指导)小组"
    rf"(?![{HAN}]?[长员])"
    "|(?<=[0-9一二三四五六七八九十])团[ ]?(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})连"
    "|[农林牧茶渔]场(?:[0-9一二三四五六七八九十]{1,3}分场)?[0-9一二三四五六七八九十]{1,3}[连队]"
    "(?![长员])"
    # A clause that ends with an estate or a village in a street or a town, as addresses do.
    rf"|(?:[市区县旗州镇乡]|街道)[{han_but(_CLAUSES)}]{{2,8}}(?:路|街|大道|巷|镇|乡"
    rf"|街道)[{han_but(_CLAUSES)}]{{2,8}}"
    rf"(?:{_ENDS_AT}|[里园庭府湾坊村屯组庄巷]|社区|居委会?|[园苑里][一二三四五六七八九十]区)"
    rf"(?=[^{HAN}]|\Z|[这收送住])"
    rf"|(?<=[{HAN}][{HAN}][{HAN}])[路街][{han_but(_CLAUSES)}]{{2,6}}(?:{_ENDS_AT})(?=[^{HAN}]|\Z"
    rf"|[这收送住])"
    rf"|区[{han_but(_CLAUSES)}]{{2,6}}[园苑里村][一二三四五六七八九十]区(?=[^{HAN}]|\Z"
    rf"|[的这收送住])"
    # County, town and village, and lanes that are numbered within a village or a street.
    rf"|[县市区旗][{HAN}]{{2,4}}(?:[镇乡]|街道)[{HAN}]{{2,5}}"
    rf"(?:(?<!农)村(?=[^{HAN}]|\Z|[这收送住])|[庄屯寨湾沟堡坪坝垭坳塆](?![{HAN}])"
    rf"|[庄屯寨湾沟堡坪坝垭坳塆](?=[人]))"
    rf"|(?:[村围园]"
    rf"|(?<!三)坊)[{HAN}]{{0,4}}[东西南北]?[一二三四五六七八九十]{{1,2}}[巷弄](?:[0-9]{{1,4}}号)?"
    rf"|(?<=[{HAN}][{HAN}])[路街][{han_but(_CLAUSES)}]{{2,8}}(?:(?:小区|花园|家园|公寓|新村"
    rf"|家属院|大院)(?:{_BESIDE})"
    r"|家属[院区楼]|楼[上下]|后[头身]|巷子里|隔壁|(?<!路口)斜?对过|跟前|院内)"
    rf"|第{_HOUSE_NUMBER}村民小组|(?<=[{HAN}][{HAN}])[甲乙丙丁][0-9]{{1,3}}号院?"
    "|(?<=[0-9一二三四五六七八九十])委[0-9]{1,2}组|[镇乡][0-9]{1,2}村"
    rf"|(?<=[{HAN}][{HAN}])(?:村[0-9]{{1,4}}号{_NOT_DOOR}|(?:[屯庄寨]|(?<![收采合全剧专选募筹"
    rf"召聚])集)"
    rf"[0-9]{{1,4}}号(?![{HAN}]))|{_TOWN}[{HAN}]{{2,5}}{_NOT_THINGS}[0-9]{{2,4}}号(?![{HAN}])"
)
# A house that is named behind its number (人民路8号时代花园), if nothing goes on behind it.
_HOUSE_NAMED = (
    rf"[{han_but(_CLAUSES)}]{{1,8}}?(?:小区|花园|家园|公寓|大厦|广场|大楼|写字楼"
    rf"|商厦|新村|社区|家属院|宿舍|天地|年华|云天|[名新]都|世家|印象|中心|商[场城]"
    rf"|[苑城湾府园庭轩居邸])"
    rf"(?:[一二三四五六1-6]期)?(?:[0-9]{{1,4}}[A-Z]?(?![0-9元块.%])[室层号]?)?(?=[^{HAN}]|\Z"
    rf"|[{_CLAUSES}行收送取来去这])"
)
_LINE = "\n"
# Behind a word for an address, or for living there, a village or a street will do.
_WHERE = rf"(?:[{han_but(_CLAUSES)}A-Za-z0-9#()\- ]|(?<=成)都)"
_PART_OF_TOWN = (
    "街道|小区|花园|家园|大厦|广场|公寓|单元|驿站|宿舍|嘎查|苏木|政府|派出所|学校|[小中大]学"
    "|医院|银行|市场|工业园|路口|桥头|[叉界汇][口处]?"
    "|公里处|[镇乡村屯寨路街巷弄苑号栋幢室座层组户楼队段]|社(?!区)|社区"
    "|[0-9]{1,2}(?:-[0-9]{1,2})?-[0-9]{3,4}(?![0-9])"
)
_NEARBY = (
    "村?民?委员?会|[口部头]|旁边?|[斜正]?对面|后面|附近|隔壁|门口|[东西南北]侧|往[东西南北][0-9"
    "]{1,4}米"
)
# Two named parts of a town, or one and what it lies beside, lead to a door as well.
_NAMED_PART = "路|街|巷|弄|村|大道|胡同|小区|花园|家属院|新村|大院|公寓|市场|工业区"
_NO_PLACE = (
    "(?!隔壁|附近|楼[上下]|马路|旁边|对面|同?一个|这个|公司|学校|单位|外面|老家|小区|本小区"
    "|哪|指定|另外|其他|别的|快递|超市|菜鸟|驿站)"
)
# What is told by what stands beside it, behind words for bringing something there.
_STANDS = (
    "派出所|[中小大]学|幼儿园|菜场|市场|医院|卫生院|银行|邮局|车站|加油站|[粮水变电]站|驿站"
    "|超市|商店|供销社|信用社|公社|大队部?|居委会|村委会?|文化[宫馆]|电影院|桥头?|祠堂|广场"
    "|沃尔玛|大润发|[店厂铺馆局庙]"
)
_BY_IT = "[斜正]?对[面过]|隔壁|旁边|后[面头]|楼[上下]|院[里内]|院子里?|门口|往里走?"
_DOOR_BY_IT = (
    "店|超市|驿站|小卖部|批发部|楼[上下]|[铁大]门|院[里内]|院子里?|小院|[砖瓦平]房|[小居]?楼|厂|铺"
    "|馆|行"
    "|拉面|巷子|胡同|公厕|仓库|车库|柜台|第[一二三四五六1-9][家间户个栋]"
)
_NOT_NAMED = "的了我你他她没不是就都这那吧呢吗啊来去买卖"
_TOLD_BY_IT = (
    rf"(?:{_STANDS})(?<!旗舰店)(?<!专[卖营]店)(?:{_BY_IT})的?"
    rf"[{han_but(_NOT_NAMED)}]{{1,8}}?(?:{_DOOR_BY_IT})"
    rf"(?=[^{HAN}]|\Z|[就收吧哈]|代收|那家)"
)
_BY_SOMETHING = rf"[{han_but(_NOT_NAMED)}]{{0,7}}?{_TOLD_BY_IT}"
# The same, told longer, where somebody says that it is their home or where theirs is brought.
_HOME_BY = (
    rf"(?<![送寄发放][到往至在])[{han_but(_NOT_NAMED)}]{{0,7}}?"
    rf"(?:{_STANDS}|[一二三四五六七八九]教|食堂|教学楼|实验楼|图书馆|水塔|牌坊|铁路桥|网吧|茶馆"
    rf"|药店|招待所)(?<!旗舰店)(?<!专[卖营]店)"
    rf"(?:{_BY_IT}|[东西南北后侧]门|[东西南北]?边上?|下面|背后|负?[一二三0-9]楼)"
    rf"(?:[{han_but(_NOT_NAMED)}卖]|网吧|进去|那(?=[家排栋户间])|的(?=[{HAN}])){{0,10}}?"
    rf"(?:{_DOOR_BY_IT}|[对隔][面壁]|旁边|里头|[一二三里]间|院子"
    rf"|那[家排栋户](?:有[{HAN}]{{1,3}}的)?|室|卖[{HAN}]{{1,4}}的)"
    rf"(?<!驿站)(?<!超市)(?=[^{HAN}]|\Z|[就收吧哈])"
)
_BRINGS = (
    "(?:放到?|搁到?|[送寄拿改]到|[就也]住在?|送去|交到|派到)(?!了?[门楼]|学校|公司|单位|小区)"
    rf"(?={_BY_SOMETHING})"
)
_SAID_ADDRESS = late(
    rf"(?:{_BRINGS}"
    rf"|(?:[,。:;!{_LINE} ]住|地址|(?:自提|取件|收货)点(?=:)|住址|住所|住处|家住|现住(?!址)"
    rf"|居住[在于]|[我人俺咱]住"
    rf"|[租居]住(?!地)的?|租的房子(?=在)|住的地方(?=是)|居住地(?=[是为在:])|租在|住在|家在|家就在"
    rf"|老家[在是]|户籍"
    rf"(?:所在地|地|(?!所?在?地))"
    "|[送寄发放][到往至在]|我们?[村家](?:是|[(:])"
    rf"|[我俺咱]们?是(?=[{HAN}]{{4,24}}(?:[村屯寨庄湾沟营堡坪坝塘岗坡岭]|嘎查|小区|社区)的))"
    "(?:[写填留](?:的|着)?是?|(?:[是为在改到]|成(?!都)){1,2}|登记为|(?<=住)我们)?[: ]{0,2})"
    rf"(?P<it>{_BY_SOMETHING}|{_HOME_BY}|(?!在)(?:(?={_WHERE}{{2,12}}(?:{_REGION_NAMED}|社区))"
    rf"|{_NO_PLACE}(?=[{han_but(_CLAUSES)}]{{2,8}}"
    rf"(?:{_NAMED_PART})[{han_but(_CLAUSES)}0-9]{{2,14}}(?:{_BESIDE}|家属院|小区|大院|交[叉汇]口)))"
    rf"{_WHERE}{{3,40}}(?:{_PART_OF_TOWN}|{_BESIDE}|家属院|大院|居委会?"
    rf"|[一二三四五六七八九十][区里]|[庄湾沟营堡坪坝塘岗坡岭苑庭园府轩楼](?=[^{HAN}]|\Z"
    rf"|[的人这收送]))(?:[0-9]{{3,4}}(?![0-9房室号栋]))?(?:{_DOOR}){{0,6}}"
    rf"(?:(?:{_NEARBY}){{1,2}}(?![{HAN}]{{0,2}}[说看让])[)]?|{_LOCKER}|{_HOUSE_NAMED}"
    rf"|[(][近靠][{HAN}]{{2,10}}[)])?)"
)
# Room 901, Building 1, No. 915 Renmin Road, Haidian District, Beijing
_ROADS = (
    "(?:Road|Rd|Street|St|Avenue|Ave|Lane|Alley|Boulevard|Highway|Square|Garden|Gardens"
    "|Court|Estate|"
    "Mansion|House|Centre|Center|Tower|Plaza|Village|Building|Community|Lu|Jie|Dadao|Xiang|Hutong)"
)
_PARTS = "(?:Room|Rm|Unit|Flat|Apartment|Apt|Suite|Floor|Building|Bldg|Block|Tower|House|No)"
_COMMA = "[ ]?,[ ]?"
_WORD = "[A-Z][A-Za-z']{1,20}"
_IN_HOUSE = rf"(?:{_PARTS}\.?[ ]?(?:[0-9][0-9A-Za-z\-]{{0,5}}|[A-H])|[0-9]{{1,3}}[A-Z]?/?F)"
# A number alone makes an address of a road only: Windows 10 Home Building, Top 10 Best Street.
_ENGLISH = late(
    rf"(?<![A-Za-z0-9])(?:(?:{_IN_HOUSE}(?:{_COMMA}|[ ])){{1,5}}(?:#?[0-9]{{1,5}}(?:{_COMMA}|[ ]))?"
    rf"(?:{_WORD}[ ]){{1,4}}{_ROADS}"
    rf"|(?:No\.?[ ]?|#)[0-9]{{1,5}}(?:-[0-9]{{1,4}})?(?:{_COMMA}|[ ])(?:{_WORD}[ ]){{1,3}}{_ROADS}"
    rf"|(?<![A-Za-z][ ])[0-9]{{1,5}}(?:-[0-9]{{1,4}})?(?:{_COMMA}|[ ])(?:{_WORD}[ ]){{1,3}}"
    r"(?:Road|Rd|Street|St|Avenue|Ave|Lane|Boulevard|Highway|Lu|Jie|Dadao|Hutong))"
    rf"(?![A-Za-z])(?:[ ](?:Central|East|West|North|South))?\.?(?:{_COMMA}{_WORD}(?:[ ]{_WORD})"
    rf"{{0,2}}){{0,5}}"
)
# What follows is said with it where it can be, for the compiled search to look here seldom.
# Compiled at once: what it matches is told by it.
ROOM = re.compile(
    rf"(?<![0-9A-Za-z]){_HOUSE_NUMBER}(?:(?:号楼|栋|幢|单元|座|#楼|#单元)(?={_DOOR}|"
    rf"(?!的){_LOCKER})"
    r"|号[0-9]{3,4}室|楼[0-9]{1,2}(?:门|单元)(?=[0-9]{3,4})|区[0-9]{1,3}(?:号楼|楼|栋)(?=[0-9])"
    r"|层[东西南北中]户[0-9]{3,4}|#[0-9]{1,2}单元|#(?=[0-9]{1,2}-[0-9]{3,4})|梯(?=[0-9]{3,4})"
    r"|舍(?=[A-Z]?[0-9]{3}))"
    r"|(?:(?<=[家我你他她][是在住])|(?<=[我你他她们]家)|(?<=[房间]号)|(?<=[房间]号[ ])"
    r"|(?<=[、:,住]))[0-9]{1,2}-[0-9]{1,2}-(?!200)[1-3]?[0-9]0[1-9]"
    r"(?![0-9A-Za-z元块.%年月日\-])"
    r"|(?<=[我你他她][是住])[0-9]{1,2}(?:号楼|[栋幢])(?=的(?![\u4e00-\u9fff])|业主|楼长|[,。;!]|\Z)"
)
_NAMED_ROOM = late("[楼阁轩厦苑园城府居][0-9]{3,4}室")
_BETWEEN = han_but("的了我你他她没不是就被把给到吧呢吗啊买卖退")
_DOORS = late(
    rf"(?:[ ]?[{_BETWEEN}A-Za-z0-9]{{0,12}}?[ ]?(?={_DOOR}))?(?:{_DOOR})+(?:{_LOCKER}|楼下)?"
    rf"|{_LOCKER}|{_HOUSE_NAMED}"
    rf"|[(][近靠]?[{HAN}]{{2,10}}[)]|(?:旁边?|[斜正]?对面|隔壁|楼下|后面)(?![{HAN}])"
)

# Words before which no address began; 和平, 家园, 来安 and the like are parts of names.
_OPENING = late(
    "[收发]货地?(?![区市])|收件|举报|投诉|已由?|办公地"
    "|(?<![路街道])[与和](?![平谐田县顺林睦美悦兴龙静政硕])"
    "(?<![呼仁祥颐泰义永家安嘉兴协景太中丰瑞福顺庆广德致惠润裕]和)"
    "|[在到住是寄送址往去给的了我你他她们跟把被这没就也还说找退买吧呢啊反每哪]"
    rf"|(?:家里|[国境][内外])(?=[{HAN}]{{1,3}}[省市区县州旗])|[嚟喺畀]|信息(?![学工技科])"
    "|个(?!旧)|从(?!化区|江县)|直接|(?<=次)都|(?<!解)放(?![路街村鹤马])"
    "|发(?!区|市场|展|[路街村镇])(?<!兴发)(?<!永发)|日(?!照)|为(?![民县])(?<!无为)"
    "|(?<=[住位居坐处])于|(?<=[送寄退发返])回|房子|房号|门牌号?|地址|户籍地?|反映|现住|就是"
    rf"|[改换](?:成|为)|[^0-9A-Za-z{HAN}·\- ,()\[\]/]|(?<![省市区县镇])/(?![{HAN}]{{2,4}}[/省"
    rf"市区县])"
    r"|[(\[](?![一二三四五六0-9]{1,3}(?:期|区|号楼|[栋幢座])[)\]])|(?<![期区栋幢座楼])[)\]]"
    r"|(?<![省市县州])(?<![^小社景地市]区),"
    r"|住?所在?地|现居|写[着了]?|接龙|所有人|营业执照"
    r"|(?:单位|公司)(?!家属|宿舍|大院|小区|公寓|[后旁对院楼门])"
    r"|店(?![市镇子口前埠])|那(?!曲)|(?<=[我你他她您咱回在老大各哪])家(?=\Z)|家"
    r"(?!\Z|[园港庄湾村口营屯沟桥坪属族岭坝塘坡冲坳堡嘴山河集沱滩寨墩头堰渡埠台岗洼畈铺店角])"
    r"|(?<!未)来(?![广安凤宾])|不(?!夜)|地点"
)
# What is left out where an address begins.
_EDGE = late(r"[ \-·]")
# Not within an address: 南京市江苏路, 杭州市浙江大学.
_REGION = late(rf"(?<![省市区县州镇乡 ,])(?:{one_of('provinces')})(?![东西南北中]?[路街])")


def _opening(folded: str, anchor: int, reached: int) -> int:
    """Where the address around `anchor` begins: after the last word that cannot be in it."""
    floor = max(reached, anchor - REACH)
    window = folded[floor:anchor]
    begin = 0
    for word in _OPENING.finditer(window):
        begin = word.end()
    region = _REGION.search(window, begin)
    begin = region.start() if region else begin
    while _EDGE.match(window, begin):
        begin += 1
    return floor + begin


def read_houses(matches: Iterable[re.Match[str]]) -> Iterator[Span]:
    """Yield addresses: from the house back to where they open, and on to the last door."""
    reached = 0
    for found in matches:
        folded = found.string
        start = _opening(folded, found.start(), min(reached, found.start()))
        is_nameless = found.re is not ROOM and start == found.start()
        if found.start() < reached or is_nameless:
            continue
        doors = _DOORS.match(folded, found.end())
        reached = doors.end() if doors else found.end()
        yield Span(start, reached, "address")


ADDRESS_FINDERS = (
    Finder(_SAID_ADDRESS, AsKind("address", "it")),
    *(
        Finder(pattern, read_houses)
        for pattern in (
            *(_STREET_HOUSE, _WEAK_HOUSE, _ESTATE_HOUSE, _NUMBERED_HOUSE, _VILLAGE_GROUP),
            *(ROOM, _NAMED_ROOM),
        )
    ),
    Finder(_ENGLISH, AsKind("address")),
)


# The smaller patterns that settle what of a match counts, by the names that `engine.masking` knows.
ADDRESS_PARTS: dict[str, re.Pattern[str]] = {
    "opening": _OPENING,
    "region": _REGION,
    "edge": _EDGE,
    "doors": _DOORS,
}


# Addresses that no pattern tells: evidence of characters and units, which is learnt
# (`analysis.training.evidence`). Units stand in the order in which addresses go.

_KINDS = (
    *("省市", "县旗州盟", "区", "镇乡", "街路道", "巷弄胡同里坊"),
    *(
        "村庄屯寨湾沟坪坝塘冲坳岭垸圩塆厝埠堡垌垄畈塅嘎查",
        "组队社邻",
        "号",
        "栋幢座楼排舍斋",
        "单元",
        "室房户层床寝",
    ),
    *("园苑府城庭居轩阁郡邸邨", "厦场厂心", "店铺馆站柜超吧行亭", "旁边隔壁面对侧附近"),
    *("东西南北中", "一二三四五六七八九十百两", "住寄送收址", "在到至往去从给"),
    *("的了我你他她是不没有就都也还和跟被把这那个很", "学校院", "口门", "大小新老上下前后"),
    *(",", "()", " \n", "说要能吗吧啊呢买卖家人"),
)
# What no address goes on over.
_BREAKS = "某该哪舰。!?→↑↓★☆●○▲△□…"
# Words for living somewhere and sending, by one character of each; those that are often of no
# address (老家, 我们, 店在, 拉到, 新的是); over what all of them do not reach.
_CUES, _FAINT_CUES, _ENDS = "住寄送收址邮投派籍搬退放件丢扔", "家我咱店到是", ",。!?;、"
# What is needed of an address that is announced, faintly announced, that has a door, that goes from
# a town or district by a township or street on to a home, and of any.
_LEAST = (-20, 80, 120, -60, 260)
_WEIGHTS = Path(__file__).parent / "weights" / "addresses.npz"


def shipped_alphabet() -> Alphabet:
    """Return the numbers that the weights of the package are of."""
    return Alphabet(*shipped_evidence()[:2])


def kinds_of_characters() -> npt.NDArray[np.uint8]:
    """Return of what kind each number of a character is."""
    points, flags = shipped_alphabet()
    kinds = np.full(len(flags), OTHER_HAN, np.uint8)
    for kind, characters in enumerate(_KINDS, FIRST_UNIT):
        kinds[points[[*map(ord, characters)]]] = kind
    kinds[points[[*map(ord, _BREAKS)]]] = BREAK
    kinds[:FIRST_NUMBER] = *range(NO_CHARACTER), 0
    return kinds


@cache
def _shipped() -> tuple[Any, ...]:
    with np.load(_WEIGHTS) as kept:
        hints, weights = kept["hints"], kept["weights"]
    kinds, cues = kinds_of_characters(), np.zeros(len(hints), np.uint8)
    points = shipped_alphabet().points
    told_by = ((_CUES, IS_CUE), (_FAINT_CUES, IS_FAINT_CUE), (_ENDS, ENDS_CUES))
    for characters, told in told_by:
        cues[points[[*map(ord, characters)]]] = told
    return kinds, cues, hints, weights, len(kinds), _LEAST


def address_evidence() -> tuple[Any, ...]:
    """Return the weights that come with the package, as `next_address` takes them.

    With room of each call's own, since threads mask at once.
    """
    room = np.zeros((ADDRESS_ROWS, WINDOW + PAD), np.int64)
    return *_shipped(), room, np.zeros(3, np.int64)


def find_evident_addresses(folded: str) -> Iterator[Span]:
    """Yield the addresses that evidence tells in a folded text, in order."""
    evidence = address_evidence()
    numbers, found = numbers_of(folded, shipped_alphabet().points), evidence[-1]
    at, end = PAD, PAD + len(folded)
    while next_address(numbers, at, end, evidence):
        start, at = found[:2].tolist()
        yield Span(start - PAD, at - PAD, "address")
