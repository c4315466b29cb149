"""Posts in XML: found whatever their elements are called, and each character of them kept."""

import gzip
import random
import zipfile
from html import escape
from xml.sax.saxutils import quoteattr

import pytest

from analysis.corpus.ingest import ingest
from analysis.corpus.readers.containers import delimited, xml_posts
from analysis.corpus.readers.containers.export import find_exports
from analysis.errors import CaodianError

FEED = """<rss version="2.0" xmlns:content="c" xmlns:slash="s"><channel><title>投诉</title>
<description>一个频道</description><image><title>图</title><url>http://a/i.png</url></image>{}
</channel></rss>"""
ITEM = """<item><title>甲</title><link>http://a/{0}</link><guid isPermaLink="false">{0}</guid>
<comments>http://a/{0}#c</comments><slash:comments>3</slash:comments>
<pubDate>Mon, 01 Jun 2020 08:03:00 +0800</pubDate><description>{1}</description></item>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>一个频道</title><id>f</id>
<entry><id>1</id><link rel="self" href="http://y"/><link rel="alternate" href="http://a/1"/>
<updated>2020-06-01T08:03:00+08:00</updated><author><name>王</name></author>
<content type="html">慢&lt;br/&gt;坏</content></entry>
<entry><id>2</id><published>2020-06-01T08:03:00+08:00</published>
<updated>2020-07-01T08:03:00+08:00</updated>
<content type="xhtml"><div><p>第一段</p><p>第二<b>段</b></p></div></content></entry></feed>"""
ROWS = """<posts><row Id="1" PostTypeId="1" CreationDate="2020-06-01T08:03:00" Score="3"
Body="&lt;p&gt;慢&lt;/p&gt;" Tags="a"/>
<row Id="2" CreationDate="2020-06-01T08:03:00" Body="坏"/></posts>"""
WIKI = """<mediawiki><siteinfo><sitename>w</sitename></siteinfo>
<page><title>A</title><id>1</id><revision><id>11</id><timestamp>2020-06-01T08:03:00+08:00</timestamp>
<contributor><username>u</username><id>5</id></contributor><text xml:space="preserve">慢 一</text>
</revision></page>{}</mediawiki>"""
BULLETS = """<i><chatserver>c</chatserver><chatid>1</chatid><source>k-v</source>
<d p="1.2,1,25,16777215,1590969780,0,abc,111">太慢</d>
<d p="3.2,1,25,16777215,1590969780,0,abd,112,10">坏&amp;了</d></i>"""
FIELDS = """<mysqldump><database name="x"><table_data name="posts">
<row><field name="id">1</field><field name="text">慢</field>
<field name="created_at">2020-06-01 08:03</field></row>
<row><field name="id">2</field><field name="text">坏</field>
<field name="created_at">2020-06-01 08:03</field><field name="tags" xsi:nil="true" /></row>
</table_data></database></mysqldump>"""
TIME = "<time>2020-06-01 08:03</time>"


def written(folder, content, name="a.xml", encoding="utf-8"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def read(path):
    ingestion = ingest([path], secret=b"s")
    posts = [post for part in ingestion.partitions() for post in part.to_dicts()]
    return posts, ingestion


def texts(path):
    return [post["text"] for post in read(path)[0]]


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (FEED.format(ITEM.format(1, "快") + ITEM.format(2, "<![CDATA[慢 & <b>坏</b>]]>")),
         ["快", "慢 & <b>坏</b>"]),
        (FEED.format(ITEM.format(1, "只有一条")), ["只有一条"]),
        (FEED.format(ITEM.format(1, "短").replace(
            "<link>", "<content:encoded>长文</content:encoded><link>") * 2), ["长文", "长文"]),
        (ATOM, ["慢<br/>坏", "第一段\n第二段"]),
        (ROWS, ["<p>慢</p>", "坏"]),
        (WIKI.format(""), ["慢 一"]),
        (BULLETS, ["太慢", "坏&了"]),
        (FIELDS, ["慢", "坏"]),
        (f"<x><row1><text>慢</text>{TIME}</row1><row2><text>坏</text>{TIME}</row2></x>",
         ["慢", "坏"]),
        (FEED.format("<item><description>慢</description><created>2020-06-01</created>"
         '<updated>2020-06-02</updated><comments><c id="1" by="a">好的</c></comments></item>' * 2),
         ["慢"] * 2),
        ("<a:posts xmlns:a='x'><a:post><a:text>慢</a:text><a:time>2020-06-01</a:time></a:post>"
         "</a:posts>", ["慢"]),
        (f"<posts><post>{TIME}<text>慢<b>死</b>了<br/>真的</text></post></posts>",
         ["慢死了\n真的"]),
        (f"<posts><post>{TIME}<text>一</text><text>二</text></post></posts>", ["一\n二"]),
        (f"<posts><post>{TIME}<text/></post><post>{TIME}<text>慢</text></post></posts>", ["慢"]),
        ('<list><c time="2020-06-01" user="甲">慢</c><c time="2020-06-02">坏</c></list>',
         ["慢", "坏"]),
        (f"<x><day><post>{TIME}<text>慢</text></post></day>"
         f"<day><post>{TIME}<text>坏</text></post></day></x>", ["慢", "坏"]),
    ],
)  # fmt: skip
def test_posts_are_found_in_the_shapes_that_sites_write(tmp_path, content, wanted):
    declared = '<?xml version="1.0" encoding="UTF-8"?>\n'
    for start in ("", declared, "\ufeff" + declared, "\n" + declared + "<!-- of a site -->\n"):
        assert texts(written(tmp_path, start + content)) == wanted


def test_what_else_a_feed_says_of_a_post_is_read(tmp_path):
    [one, two], _ = read(written(tmp_path, ATOM))
    assert (one["url"], one["post_id"], two["url"]) == ("http://a/1", "1", None)
    assert one["author_key"] and not two["author_key"]
    assert {post["published_at"].isoformat()[:19] for post in (one, two)} == {"2020-06-01T08:03:00"}
    item = read(written(tmp_path, FEED.format(ITEM.format(7, "慢"))))[0][0]
    assert (item["title"], item["url"], item["post_id"]) == ("甲", "http://a/7", "7")
    assert item["comment_count"] == 3
    votes = read(written(tmp_path, ROWS))[0]
    assert {post["rating"] for post in votes} == {None}  # votes are no stars


def test_comments_within_a_post_are_posts_and_a_history_is_one_of_its_versions(tmp_path):
    reply = f"<comments><comment><text>也慢</text>{TIME}</comment></comments>"
    post = f"<post><text>慢</text>{TIME}{reply}</post>"
    posts, ingestion = read(written(tmp_path, f"<posts>{post}{post.replace('慢', '坏')}</posts>"))
    assert [one["text"] for one in posts] == ["慢", "也慢", "坏", "也坏"]
    assert any("2 of the records, replies" in note for note in ingestion.notes)
    version = "<revision><timestamp>2020-06-0{}</timestamp><text>{}</text></revision>"
    page = f"<page><title>B</title>{version.format(1, '一')}{version.format(2, '二')}</page>"
    assert texts(written(tmp_path, f"<mediawiki>{page}{page}</mediawiki>")) == ["一", "二"] * 2


# A writer of its own: rows that are known, in every shape.

PIECES = ("慢", "坏", " ", "\n", "&", "<", ">", '"', "'", "]]", "]]>", "💥", "é", "&amp;", "&nbsp;",
          "&#65;", "<![CDATA[", "]]&gt;", "\\", "=1+1", "\t")  # fmt: skip


def known_rows(draw):
    return [
        ("慢" + "".join(draw.choice(PIECES) for _ in range(draw.randrange(8))) + "了",
         f"2020-06-{draw.randrange(1, 29):02d} 08:03", str(number + 1))
        for number in range(draw.randrange(1, 9))
    ]  # fmt: skip


def as_content(draw, text):
    if draw.random() < 0.4:
        return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"
    return escape(text, quote=draw.random() < 0.5)


def as_document(draw, rows):
    shape = draw.choice(("elements", "attributes", "fields", "prefixed", "feed", "mixed"))
    posts = []
    for text, time, number in rows:
        inner = as_content(draw, text)
        plain = escape(text, quote=False)
        shown = quoteattr(text, {"\n": "&#10;", "\t": "&#9;"})
        posts.append(
            {
                "elements": f"<post>\n <id>{number}</id><text>{inner}</text>"
                f"<time>{time}</time>\n</post>",
                "attributes": f'<post id="{number}" time="{time}" text={shown} />',
                "fields": f'<row><field name="id">{number}</field>'
                f'<field name="text">{inner}</field>'
                f'<field name="time">{time}</field></row>',
                "prefixed": f"<p:post><p:text>{inner}</p:text><p:time>{time}</p:time></p:post>",
                "feed": f"<item><description>{inner}</description><pubDate>{time}</pubDate></item>",
                "mixed": f"<post><time>{time}</time>"
                f"<text><b>{plain[:1]}</b>{plain[1:]}</text></post>",
            }[shape]
        )
    gap = draw.choice(("", "\n", "<!-- & < -->", "\r\n  "))
    if shape == "feed":
        return FEED.format(gap.join(posts))
    return f"<posts>{gap}{gap.join(posts)}</posts>"


def test_each_row_of_a_writer_is_read_as_it_was_written(tmp_path, monkeypatch):
    for number in range(60):
        draw = random.Random(f"xml {number}")
        rows = known_rows(draw)
        monkeypatch.setattr(delimited, "_XML_BLOCK", draw.choice((60, 97, 1 << 18)))
        encoding = draw.choice(("utf-8", "utf-8", "utf-16", "gb18030"))
        told = draw.choice((encoding, "UTF-8")) if encoding != "utf-16" else "utf-16"
        document = f'<?xml version="1.0" encoding="{told}"?>' + as_document(draw, rows)
        path = written(tmp_path, document, encoding=encoding)
        found = texts(path)
        assert found == [text for text, _, _ in rows], (number, document)


@pytest.mark.parametrize(
    ("content", "kept", "rejected"),
    [
        ("<posts><post><text>一</text>{0}</post>\n<post><text>二<x></text>{0}</post>\n"
         "<post><text>三</text>{0}</post></posts>", ["一", "三"], ["not XML from line 2 to 3"]),
        ("<posts><post><text>一<x></text>{0}</post><post><text>二</text>{0}</post></posts>",
         ["二"], ["not XML from line 1 to 1"]),
        ("<posts><post><text>一</text>{0}</post><post><text>二</te", ["一"],
         ["not XML from line 1 to the end"]),
        ("<posts><post><text>一</text>{0}</post></posts>\n<?xml version='1.0'?><posts><post>"
         "<text>二</text>{0}</post></posts>", ["一", "二"], []),
        ("<posts><post><text>一</text>{0}</post></posts> 完", ["一"],
         ["not XML from line 1 to the end"]),
        ("<posts><post><text>A&B &nbsp;&hellip;&foo; &#55357;&#56832;&#8;</text>{0}</post></posts>",
         ["A&B \xa0…&foo; 😀\ufffd"], []),
        ("<posts><post><text>一\x08二\x0b</text>{0}</post></posts>", ["一二"], []),
        ("<posts><post><text>" + "<u>" * 70 + "深" + "</u>" * 70 + "</text>{0}</post>"
         "<post><text>二</text>{0}</post></posts>", ["二"], ["XML nested too deeply"]),
        ("<posts><post><text>一</text>{0}</post><post><text>二</text></post></posts>", ["一"],
         ["published_at: no time of publication"]),
    ],
)  # fmt: skip
def test_what_is_broken_costs_itself_and_is_told(tmp_path, content, kept, rejected):
    posts, ingestion = read(written(tmp_path, content.format(TIME)))
    assert [post["text"] for post in posts] == kept
    assert ingestion.rejects["reason"].to_list() == rejected


ENTITIES = [
    ("&lt;好&gt; &amp;amp; &quot;慢&quot; &apos;", '<好> &amp; "慢" \''),
    ("一&#10;二&#xA;三&#x41;&#65;&#126;", "一\n二\n三AA~"),
    ("&#1;&#11;&#12;&#31;&#x10;&#x1f;", "\ufffd" * 6),
    ("&#55357;&#56832;&#xD83D;&#xDE00;", "😀😀"),
    ("&#8230;&#55357;&#56832;", "…😀"),  # what stands before is not its first half
    ("&#55357;&#55357;&#56832;", "\ufffd😀"),
    ("&#55295;&#56832;", "\ud7ff\ufffd"),
    ("&#55296;&#56320; &#56319;&#57343;", "\U00010000 \U0010ffff"),
    ("&#57344;&#55357;。", "\ue000\ufffd。"),
    ("R&D 5 & 6 &amp &nichts;", "R&D 5 & 6 &amp &nichts;"),
    ("&nbsp;&yen;5", "\xa0¥5"),
    ("<![CDATA[&amp;&nbsp;]]>&nbsp;", "&amp;&nbsp;\xa0"),
]


@pytest.mark.parametrize(("written_as", "meant"), ENTITIES)
def test_entities_are_what_was_meant_wherever_a_block_ends(
    tmp_path, monkeypatch, written_as, meant
):
    document = f"<posts><post><text>始{written_as}终</text>{TIME}</post></posts>"
    for size in (7, 64, 1 << 18):
        monkeypatch.setattr(delimited, "_XML_BLOCK", size)
        posts, _ = read(written(tmp_path, document))
        assert [post["text"] for post in posts] == [f"始{meant}终"], size


@pytest.mark.parametrize("times", [30, 31])
@pytest.mark.parametrize("place", ["<text>{}</text>", '<text a="{}">慢</text>'])
def test_entities_may_add_so_much_and_no_more(tmp_path, monkeypatch, times, place):
    # 64 characters for three bytes; the file holds about 1,700 others.
    monkeypatch.setattr(xml_posts, "_MOST_GROWN", 200)
    said = place.format("&a;" * times)
    document = f'<!DOCTYPE x [<!ENTITY a "{"m" * 64}">]><posts><post>{said}{TIME}</post></posts>'
    document += " " * (64 * 30 + 25 - 200 + 48 - len(document))  # of a block 48 are held back
    if times == 30:
        posts, _ = read(written(tmp_path, document))
        assert len(posts) == 1
    else:
        with pytest.raises(CaodianError, match="entities of XML may add") as refused:
            read(written(tmp_path, document))
        assert refused.value.remedy


def test_sound_entities_are_not_looked_at_one_by_one(tmp_path, monkeypatch):
    seen = []
    mend = delimited._mend_entity
    monkeypatch.setattr(
        delimited, "_mend_entity", lambda mark, known: seen.append(mark[0]) or mend(mark, known)
    )
    document = (
        f'<!DOCTYPE posts [<!ENTITY n "慢">]><posts><post><text>{"&n;&lt;&#10;&#xA;" * 50}&nbsp;'
        f"终</text>{TIME}</post></posts>"
    )
    posts, _ = read(written(tmp_path, document))
    assert posts[0]["text"].count("慢<") == 50
    assert set(seen) == {b"&nbsp;"}


def test_a_record_that_no_post_can_be_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setattr(xml_posts, "_LONGEST_ELEMENT", 2_000)
    post = "<post><text>{}</text>" + TIME + "</post>"
    document = "<posts>" + post.format("慢") + post.format("长" * 3_000) + post.format("坏")
    posts, ingestion = read(written(tmp_path, document + "</posts>"))
    assert [one["text"] for one in posts] == ["慢", "坏"]
    assert ingestion.rejects["reason"].to_list() == ["a record of more than 32 MiB"]
    with pytest.raises(CaodianError, match="a tag of XML must"):
        read(written(tmp_path, "<posts>" + post.format("慢") + '<post text="' + "长" * 400_000))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("<?xml version='1.0'?><settings><a>1</a><b>2</b></settings>", "XML without posts"),
        ("<?xml version='1.0'?><settings><a>1</a>", "XML without posts.*line 1"),
        ("<?xml version='1.0'?>", "XML without posts"),
        ("<resources><string name='a'>微博</string><string name='b'>慢</string></resources>",
         "--text-column"),
        ("<svg xmlns='s'><text>慢</text><text>坏</text></svg>", "a drawing"),
        ("<?xml version='1.0'?><plist><dict><key>text</key></dict></plist>", "a property list"),
        ('<!DOCTYPE x [<!ENTITY a "慢慢"><!ENTITY b "&a;&a;&a;">]><posts><post><text>&b;</text>'
         "</post></posts>", "entities that XML defines"),
        (f'<!DOCTYPE x [<!ENTITY a "{"慢" * 65}">]><posts><post><text>&a;</text></post>',
         "entities that XML defines"),
        ("<posts>" + "<a>" * 10_001, "nested 10,000 deep"),
    ],
)  # fmt: skip
def test_xml_without_posts_and_traps_are_refused_in_a_sentence(tmp_path, content, words):
    with pytest.raises(CaodianError, match=words):
        read(written(tmp_path, content))


def test_entities_of_other_files_are_not_fetched_and_short_ones_are_read(tmp_path):
    secret = written(tmp_path, "secret", "b.txt")
    document = (
        f'<!DOCTYPE x SYSTEM "{secret.as_uri()}" [<!ENTITY f SYSTEM "{secret.as_uri()}">'
        f'<!ENTITY n "慢">]><posts><post><text>&f;&n;了</text>{TIME}</post></posts>'
    )
    assert texts(written(tmp_path, document)) == ["慢了"]


@pytest.mark.parametrize("told", ["GBK", "gb2312", "GB18030", "UTF-8", "Big5"])
def test_an_encoding_is_what_the_bytes_can_be(tmp_path, told):
    encoding = "big5" if told == "Big5" else "gb18030"
    declared = f'<?xml version="1.0" encoding="{told}"?>'
    document = f"{declared}<posts><post><text>好慢</text>{TIME}</post></posts>"
    assert texts(written(tmp_path, document, encoding=encoding)) == ["好慢"]
    # So few rare characters are no Chinese by themselves.
    rare = document.replace("好慢", "a靐b")
    if encoding == "gb18030" and told != "UTF-8":
        assert texts(written(tmp_path, rare, encoding=encoding)) == ["a靐b"]
    assert texts(written(tmp_path, document)) == ["好慢"]


def test_other_records_with_texts_are_told_and_late_ones_named(tmp_path, monkeypatch):
    posts = f"<post><text>慢</text>{TIME}</post>" * 3
    notes = (
        "<notes>"
        + "<note><content>记</content><by>a</by><of>b</of><at>c</at></note>" * 2
        + "</notes>"
    )
    found, ingestion = read(written(tmp_path, f"<x><posts>{posts}</posts>{notes}</x>"))
    assert len(found) == 3
    assert (
        ingestion.rejects["reason"].to_list()
        == ["stands in another list than the posts, with other keys"] * 2
    )
    monkeypatch.setattr(xml_posts, "_XML_ASKED", 10)
    monkeypatch.setattr(delimited, "_XML_BLOCK", 100)
    found, ingestion = read(written(tmp_path, f"<x><posts>{posts}</posts>{notes}</x>"))
    assert len(found) == 3
    assert any("1 elements x/notes, which begin behind" in note for note in ingestion.notes)


SHEETS = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:x"><Styles/>
<Worksheet ss:Name="空"><Table></Table></Worksheet><Worksheet ss:Name="数据"><Table><Column/>
<Row><Cell><Data ss:Type="String">内容</Data></Cell><Cell ss:Index="3"><Data>时间</Data></Cell>
</Row>
<Row ss:Index="4"><Cell><Data ss:Type="String">慢 &lt;a&gt; &amp;<B>了</B></Data>
<Comment><ss:Data>批注</ss:Data></Comment></Cell>
<Cell ss:Index="3"><Data ss:Type="DateTime">2020-06-01T08:03:00.000</Data></Cell></Row>
<Row><Cell ss:MergeAcross="1"><Data>坏</Data></Cell>
<Cell ss:MergeDown="1"><Data>2020-06-02</Data></Cell></Row>
<Row><Cell><Data>丢</Data></Cell></Row></Table></Worksheet></Workbook>"""


def test_a_workbook_of_excel_2003_is_read_with_gaps_and_merged_cells(tmp_path):
    posts, _ = read(written(tmp_path, SHEETS, "导出.xls"))
    assert [(post["text"], post["published_at"].day) for post in posts] == [
        ("慢 <a> &了", 1), ("坏", 2), ("丢", 2),
    ]  # fmt: skip
    far = '<Row><Cell ss:Index="16000" ss:MergeDown="900"><Data>x</Data></Cell></Row>' * 900
    with pytest.raises(CaodianError, match="must stand together"):
        read(written(tmp_path, SHEETS.replace("<Column/>", far), "导出.xls"))
    for broken in (SHEETS[:-60], SHEETS.replace('Index="3"', 'Index="99999"')):
        with pytest.raises(CaodianError, match="a workbook in XML"):
            read(written(tmp_path, broken, "导出.xls"))


@pytest.mark.parametrize(
    "content", ["<b>慢</b>,2020-06-01\n<b>坏</b>,2020-06-02\n", "<3 慢", "<慢> 坏"]
)
def test_a_table_whose_cells_begin_with_markup_is_no_xml(content):
    assert xml_posts.find_root(content.encode()) is None


def test_xml_in_archives_and_folders_is_read_and_documents_are_none(tmp_path):
    document = f"<posts><post><text>慢</text>{TIME}</post></posts>"
    written(tmp_path, gzip.compress(document.encode()), "a.xml.gz")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("数据/a.xml", document)
    assert [texts(tmp_path / name) for name in ("a.xml.gz", "b.zip")] == [["慢"], ["慢"]]
    with zipfile.ZipFile(tmp_path / "c.docx", "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", document)
    with pytest.raises(CaodianError, match="a document of Word"):
        find_exports([tmp_path / "c.docx"])
    folder = tmp_path / "folder"
    folder.mkdir()
    written(folder, "<settings><a>1</a></settings>", "settings.xml")
    written(folder, "内容,时间\n慢,2020-06-01\n", "a.csv")
    posts, ingestion = read(folder)
    assert len(posts) == 1 and any("settings.xml" in str(one) for one in ingestion.unread)
