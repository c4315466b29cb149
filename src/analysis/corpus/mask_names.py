"""Names of people that a cue announces (我叫, 联系人, 收件人, 姓名), or a phone number follows."""

from __future__ import annotations

import re

from analysis.corpus.mask_span import AsKind, Finder

_DOUBLE = (
    "欧阳|司马|上官|诸葛|皇甫|尉迟|公孙|慕容|令狐|长孙|宇文|司徒|夏侯|东方|南宫|轩辕|端木|独孤|西门|"
    "百里|呼延|钟离"
)
_SURE = (
    "王李张刘陈杨赵黄周吴徐孙胡朱林何郭罗梁宋郑谢韩唐冯董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁"
    "魏薛叶阎余潘杜戴夏钟汪田任姜范姚谭廖邹熊陆郝孔崔康毛邱秦史顾侯邵孟龙段雷钱汤尹黎常武乔"
    "贺赖龚庞樊殷施陶洪翟颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦柳邢岳齐梅莫庄辛管祝左涂谷耿"
    "牟卜詹霍翁隋冉匡邬阮桂闵解强娄裴席卫柯滕柏凌覃瞿阳蓝冷盛穆宁骆刁费楼卞甄路纪舒屈项占游"
    "竺栾甘欧逄褚简苗符蒲揭祁肖闫邸"
)
# Surnames that are everyday words as well: only behind a colon.
_DOUBTFUL = "方于安包高万马金石白江向古文曲成车师商单全时关水边连应木元乐童喻"
_TITLE = (
    "女士|先生|小姐|太太|老师|经理|师傅|医生|大夫|律师|警官|主任|队长|店长|同学|阿姨|叔叔|大爷|大妈|"
    "老板|总|姐|哥|某|氏|女|男|工(?!作)"
)
_HAN = "\u4e00-\u9fff"
# Characters that follow a name but are hardly ever in one.
_NOT_GIVEN = (
    "的了在是和与我你他她您不没买卖给被说想要有去来从把让叫这那手电联地住本收寄因于今昨请就也都已"
)
_NO_NAME = rf"{_TITLE}|[{_NOT_GIVEN}理式装排该求信址话们通客服家重方货单款价牌]|上门|师傅"


def _named(surnames: str, behind: str = "") -> str:
    """Write the pattern of a name: a surname, and one or two characters with `behind` behind them.

    The second is left out where a title begins or the clause goes on (王小女士, 王小的); the
    scalper (黄牛) is none.
    """
    given = rf"[{_HAN}]{{1,2}}{behind}"
    return (
        rf"(?P<it>(?:{_DOUBLE}|(?!(?:{_DOUBLE}){given})[{surnames}])(?={given})"
        rf"(?!{_NO_NAME}|牛(?![{_HAN}]{behind}))[{_HAN}]"
        rf"(?:(?!{_TITLE}|[{_NOT_GIVEN}])[{_HAN}](?={behind}))?)"
    )


_CUES = "联系人|收件人|收货人|寄件人|投诉人|举报人|申请人|当事人|开户人|持卡人|机主|户主|户名|姓名"
_ANNOUNCED = re.compile(
    rf"(?:(?:{_CUES})(?:姓名|名称?|名字)?(?:[ ]?:[ ]?|[是为叫][ ]?|[ ]{{1,2}})"
    r"|(?:消费者|客户|收件|收货|名字|本人)[ ]?:[ ]?)" + _named(_SURE + _DOUBTFUL)
)
# Behind a name that nothing sets off: no Chinese character but of 电话, 手机, 联系, 地址, 住, 身份.
_ENDS = rf"(?!(?![电手联地住身])[{_HAN}])"
_BARE = re.compile(rf"(?:{_CUES}|本人|名叫|名字[是叫])" + _named(_SURE, _ENDS))
_CALLED = re.compile("我(?:的名字)?(?:是叫|名叫|叫做?)" + _named(_SURE))
_PHONE = r"[ ,:]{0,3}(?:(?:电话|手机|联系方式)[: ]{0,2})?(?:\+?86[ \-]?)?1[3-9][0-9][ \-]?[0-9]{4}"
_BESIDE_PHONE = re.compile(rf"(?<![{_HAN}A-Za-z])" + _named(_SURE, _PHONE))


NAME_FINDERS = tuple(
    Finder(pattern, AsKind("name", "it")) for pattern in (_ANNOUNCED, _BARE, _CALLED, _BESIDE_PHONE)
)
