"""Names of people that a cue announces (我叫, 联系人, 收件人, 姓名)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analysis.corpus.mask_span import Span

_DOUBLE = "欧阳|司马|上官|诸葛|皇甫|尉迟|公孙|慕容|令狐|长孙|宇文|司徒|夏侯|东方|南宫|轩辕|端木|独孤|西门|百里|呼延|钟离"
_SURE = (
    "王李张刘陈杨赵黄周吴徐孙胡朱林何郭罗梁宋郑谢韩唐冯董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴"
    "夏钟汪田任姜范姚谭廖邹熊陆郝孔崔康毛邱秦史顾侯邵孟龙段雷钱汤尹黎常武乔贺赖龚庞樊殷施陶洪翟颜倪"
    "严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦柳邢岳齐梅莫庄辛管祝左涂谷耿牟卜詹霍翁隋冉匡邬阮桂闵解强娄"
    "裴席卫柯滕柏凌覃瞿阳蓝冷盛穆宁骆刁费楼卞甄路纪舒屈项占游竺栾甘欧逄褚简苗符蒲揭祁游翁"
)
# Surnames that are also everyday words: only behind a cue with a colon.
_DOUBTFUL = "方于安包高万马金石白江向古文曲成成车师商单全时关支水边连应木元乐"
_TITLE = "女士|先生|小姐|太太|老师|经理|师傅|医生|大夫|律师|警官|主任|队长|店长|同学|阿姨|叔叔|大爷|大妈|总|姐|哥|某|氏|x|X|女|男|老板|工(?!作)"
_HAN = "\u4e00-\u9fff"
# Characters that follow a name but are hardly ever in one.
_NOT_GIVEN = "的了在是和与我你他她您不没买卖给被说想要有去来从把让叫这那手电联地住本收寄因于今昨请就也都已号，"
_GIVEN = f"(?!{_TITLE})[{_HAN}](?:(?!{_TITLE})[{_HAN}])?"

_CUES = (
    "联系人|收件人|收货人|寄件人|投诉人|举报人|申请人|当事人|消费者|客户|机主|户主|开户名|开户人|户名|持卡人|姓名|真实姓名|"
    "名字|名叫|收件|收货"
)
_AFTER_COLON = re.compile(
    rf"(?:{_CUES})(?:姓名|名称?|名字)?(?:[ ]?[:：][ ]?|[是为叫][ ]?|[ ]{{1,2}})"
    rf"(?P<surname>{_DOUBLE}|[{_SURE}{_DOUBTFUL}])(?P<given>[{_HAN}]{{1,2}})(?P<next>[{_HAN}]?)"
)
_BARE = re.compile(
    rf"(?:联系人|收件人|收货人|寄件人|姓名|本人)(?P<surname>{_DOUBLE}|[{_SURE}])(?P<given>[{_HAN}]{{1,2}})"
    rf"(?P<next>(?![{_HAN}])|(?=[电手联地住身]))"
)
_CALLED = re.compile(
    rf"我(?:的名字)?(?:是叫|名叫|叫做?)(?P<surname>{_DOUBLE}|[{_SURE}])(?P<given>[{_HAN}]{{1,2}})(?P<next>[{_HAN}]?)"
)
_NO_NAME = re.compile("理|式|装|排|该|求|信|址|话|不|没|们|通|客|服|上门|家|生$")


def name_spans(text: str) -> Iterator[Span]:
    """Yield names that a cue announces (我叫, 联系人, 收件人, 姓名); 王女士 is none.

    Examples
    --------
    >>> text = "我叫张伟，联系人：王女士，收件人李小红，电话见上"
    >>> [text[span.start:span.end] for span in name_spans(text)]
    ['李小红', '张伟']
    """
    for pattern in (_AFTER_COLON, _BARE, _CALLED):
        for found in pattern.finditer(text):
            length = _given_length(found["given"], found["next"])
            if length:
                start = found.start("surname")
                yield Span(start, found.end("surname") + length, "name")


def _given_length(given: str, following: str) -> int:
    """How many characters of `given` are a given name: 0, 1 or 2."""
    if re.match(_TITLE, given) or given[0] in _NOT_GIVEN or _NO_NAME.match(given):
        return 0
    if len(given) == 1 or given[1] in _NOT_GIVEN or re.match(_TITLE, given[1:] + following):
        return 1
    return 2
