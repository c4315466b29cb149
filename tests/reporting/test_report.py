import html
import re
from html.parser import HTMLParser

import pandas as pd
import pytest

from analysis.measures.daily_series import arrange_daily
from analysis.pipeline.table_step import _gather_notes
from analysis.reporting.figures import _FIGURES
from analysis.reporting.report import SECTIONS, render_report
from analysis.reporting.sections.answers import _has_praised_negatives
from analysis.study.load import study_of_range
from analysis.words import load_words

pytestmark = pytest.mark.slow  # the fixture of all of them takes seconds

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "{{ 7 * 7 }}",
    '"><svg onload=x>',
]


class Reader(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.tags, self.images, self.links, self.ids = [], [], [], []
        self.sections = []  # those within the parts of the page
        self.drawings = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.tags.append(tag)
        if tag == "img":
            self.images.append(values)
        if tag == "svg" and values.get("class") != "spark":
            self.drawings.append(values)
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if tag == "section" and values.get("class") != "part":
            self.sections.append(values["id"])
        if "id" in values:
            self.ids.append(values["id"])


def render(tables, study, language, figures=(), **options):
    settings = {"simulated": True, "scale": 0.01} | options
    return render_report(tables, figures, study, language, **settings)


@pytest.fixture(scope="module")
def full(drawn):
    return {
        language: render(
            drawn.tables,
            drawn.study,
            language,
            drawn.figures[language],
            other_language_href=f"report.{'en' if language == 'zh' else 'zh'}.html",
            notebooks=[("问题", "notebooks/01.html")],
            manifest={"study": "618-2020"},
        )
        for language in ("zh", "en")
    }


@pytest.mark.parametrize("language", ["zh", "en"])
def test_one_page_with_everything_inside(full, language):
    page = full[language]
    reader = Reader(page)
    assert reader.tags.count("h1") == 1
    assert len(reader.sections) == len(SECTIONS) + 1  # and what is not said
    assert not reader.images  # figures are drawings with text
    slices = [one for one in reader.drawings if one["class"] == "slice"]  # for print
    assert {one["aria-hidden"] for one in slices} == {"true"}
    drawings = [one for one in reader.drawings if one not in slices]
    assert len(drawings) == 2 * len(_FIGURES)  # wide, and narrow for telephones
    assert {drawing["role"] for drawing in drawings} == {"img"}
    named = [
        drawing[f"aria-{use}"] for drawing in drawings for use in ("labelledby", "describedby")
    ]
    assert set(named) <= set(reader.ids)
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
    assert len(reader.ids) == len(set(reader.ids))
    assert {link[1:] for link in reader.links if link.startswith("#")} <= set(reader.ids)
    assert f'lang="{"zh-CN" if language == "zh" else "en"}"' in page
    assert "default-src 'none'" in page and "'sha256-" in page


def test_the_headline_answers_first(full):
    section = full["zh"].split('id="headline"')[1].split("</section>")[0]
    for value in ("64,885", "13,060", "12,198", "11,767", "10,226", "9,610"):
        assert value in section, value


def test_numbers_carry_their_evidence(full):
    found = re.findall(r'<data value="([^"]+)" data-evidence="counts/negative/items">', full["zh"])
    assert found and set(found) == {"13060"}


def test_simulated_is_said_at_the_top_and_only_then(full, tables, study):
    assert 'class="simulated"' in full["zh"]
    assert 'class="simulated"' not in render(tables, study, "zh", simulated=False, scale=1.0)


def listed(page):
    """Give the lines of what was looked for and not said."""
    block = page.partition('<ul class="unsaid">')[2].partition("</ul>")[0]
    return re.findall(r"<li[^>]*>(.*?)</li>", block)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_empty_run_says_in_one_line_each_why_it_has_nothing_to_say(study, language):
    bare = study_of_range("reviews", study.window.start, study.window.end, [])
    page = render({}, bare, language, simulated=False, scale=1.0)
    reader = Reader(page)
    assert reader.sections == ["unsaid", "method", "reproduce"]
    # Claims, campaigns and event days were not asked for; the tests, their specifications and the
    # audit belong to sections that are in the list themselves.
    assert len(listed(page)) == len(SECTIONS) - 8
    assert all(len(line) > 8 for line in listed(page))


@pytest.mark.parametrize(
    "gone", ["breaks", "channels", "ratings", "clusters", "claims", "campaigns"]
)
def test_a_section_without_data_is_a_line_and_no_heading(drawn, gone):
    tables = drawn.tables | {gone: drawn.tables[gone].head(0)}
    tables["notes"] = tables["notes"].head(0)
    if gone == "clusters":
        # Finds are no clusters, and alone they make a section.
        assert "#clusters" in render(tables, drawn.study, "en").partition("</nav>")[0]
        tables["emerging"] = tables["emerging"].head(0)
    page = render(tables, drawn.study, "en")
    reader = Reader(page)
    assert f'<h3 id="{gone}-title"' not in page
    assert len(listed(page)) == 2  # and the red and black list
    assert reader.ids.count(gone) == 1  # an old address still leads somewhere
    contents = page.partition("<nav")[2].partition("</nav>")[0]
    assert f"#{gone}" not in contents and "#unsaid" in contents
    kept = next(key for key in ("clusters", "platforms") if key != gone)
    assert reader.sections.index("unsaid") == reader.sections.index(kept) + 1


def test_a_figure_without_a_statement_stays_with_its_reason(drawn):
    page = render(
        drawn.tables | {"trends": drawn.tables["trends"].head(0)}, drawn.study, "en",
        drawn.figures["en"],
    )  # fmt: skip
    section = page.partition('<section id="trends"')[2].partition("</section>")[0]
    assert 'class="absent"' in section and "<figure" in section
    assert not any(line.startswith("Day by day") for line in listed(page))


def test_a_run_that_says_everything_has_no_list(drawn):
    watch = drawn.tables["watchlist"].assign(list="black")
    page = render(drawn.tables | {"watchlist": watch}, drawn.study, "en", drawn.figures["en"])
    assert not listed(page) and 'id="unsaid"' not in page


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("zh", "红黑榜：没有平台列入，因为没有用户规模数据（分母）。"),
        ("en", "No platform is listed: the number of users is not known."),
    ],
)
def test_nobody_listed_is_a_line_and_no_table_of_nothing(full, language, line):
    assert any(line in said for said in listed(full[language]))
    assert 'data-source="watchlist" data-search' not in full[language]


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("zh", "价格 12 条：涨价、哄抬 7 条；促销套路 1 条。"),
        ("en", "Price (12): price surge (7), promotion gimmick (1)."),
    ],
)
def test_a_code_with_a_handful_of_items_is_a_line_below_the_codes(tables, study, language, line):
    bare = tables["counts"].assign(estimate=None, low=None, high=None)
    bare.loc[bare["grievance"] == "price", "items"] = 12
    subs = tables["sub_grievances"].assign(estimate=None, low=None, high=None)
    subs.loc[subs["grievance"] == "price", "items"] = [7, 0, 0, 1]
    page = render(tables | {"counts": bare, "sub_grievances": subs}, study, language)
    section = page.partition('<section id="grievances"')[2].partition("</section>")[0]
    assert line in re.sub(r"<[^>]*>", "", section)
    assert '<section id="price"' not in page and "#price" not in page
    assert '<section id="live-streaming"' in page


def test_posts_of_one_channel_are_not_compared(tables, study):
    page = render(tables | {"channels": tables["channels"].head(1)}, study, "en")
    assert any("one channel (Weibo)" in line for line in listed(page))


@pytest.mark.parametrize(
    ("coding", "zh", "en"),
    [
        ((0, 1000, 0), "编码者由程序模拟", "a program played the coders"),
        ((1, 0, 0), "只有一人编码，", "that one person coded, whose"),
        ((2, 1000, 0), "两人分别编码、分歧经过裁定的审核", "two people coded, their differences"),
        ((2, 1000, 9), "两人分别编码的审核估计；分歧没有", "people coded; their differences are"),
        ((2, 0, 0), "只有一人编码，", "that one person coded, whose"),
        ((2, 1000, 0, 0), "两人分别编码、没有分歧的审核", "two people coded without a difference."),
        ((2, 300, 0, 0), "没有分歧，其余只有一人", "without a difference; the rest one person"),
        ((2, 300, 0), "分歧经过裁定，其余只有一人", "decided; the rest one person coded"),
        ((2, 300, 9), "各按一半计入，其余只有一人", "count half; the rest one person coded"),
        ((None, 0, 0), "由概率抽样的审核估计", "from an audit of a probability sample"),
    ],
)  # fmt: skip
def test_the_headline_says_who_coded(tables, study, coding, zh, en):
    coders, twice, open_posts, *none = coding
    bare = study_of_range("reviews", study.window.start, study.window.end, [])
    disputes = none[0] if none else 9
    audit = tables["audit"].assign(
        coders=coders, coded_twice=twice, open=open_posts, disputes=disputes
    )
    tables["audit"] = audit.drop(columns="coders") if coders is None else audit
    for language, told in (("zh", zh), ("en", en)):
        page = render(tables, bare, language, simulated=False, scale=1.0)
        section = page[page.index('id="headline"') : page.index('id="grievances"')]
        assert told in re.sub(r"<[^>]+>", "", section)
        if coders is None:  # nothing is known of who coded
            assert not re.search("两人|一人|person|people", section)


ONLY_THE_CODERS = {
    "zh": ("正确；审核有误时", "区间只含编码误差", "不在区间里", "由审核测得；"),
    "en": ("as right, as adjudicated", "coding error only", "no interval holds",
           "as the audit measured it. Who posts"),
}  # fmt: skip
ALSO_THE_AUDITS = {
    "zh": ("条数的区间含审核编错的部分", "区间含编码器和审核的误差，不含其他。",
           "也涵盖审核本身编错的部分", "也反映审核自己判错的程度"),
    "en": ("Intervals of counts cover errors of the audit", "errors of the coder and of the audit",
           "By the recoding it also covers errors of the audit", "how often the audit itself is"),
}  # fmt: skip


@pytest.mark.parametrize("coding", [(1, 0, 0), (2, 300, 0), (2, 300, 9)])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_intervals_cover_depends_on_whether_experts_recoded(tables, study, language, coding):
    coders, twice, open_posts = coding
    facts = {"coders": coders, "coded_twice": twice, "open": open_posts, "disputes": 9}
    tables["audit"] = tables["audit"].assign(**facts)
    given = {"simulated": False, "scale": 1.0}
    before = render(tables, study, language, manifest={"audit": {"seed": 1}}, **given)
    after = render(tables, study, language, manifest={"audit": {"has_gold": True}}, **given)
    before, after = (html.unescape(re.sub(r"<[^>]+>", "", page)) for page in (before, after))
    for old, new in zip(ONLY_THE_CODERS[language], ALSO_THE_AUDITS[language], strict=True):
        assert old in before and old not in after
        assert new in after and new not in before


def test_without_audit_counts_are_called_the_coders_own(tables, study):
    bare = study_of_range("reviews", study.window.start, study.window.end, [])
    tables["counts"] = tables["counts"].assign(estimate=None, low=None, high=None, published=None)
    page = render(tables, bare, "en", simulated=False, scale=1.0)
    assert "There was no audit" in page and "This run had no audit" in page


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("zh", ("偏差 −5%，各类最多偏差 +20%（价格）", "没有量过这个编码器偏差多少",
         "检验的占比由编码器自己的计数算出", "编码器自己的计数里看得出变化的：增长的有短信骚扰")),
        ("en", ("off by −5% and that of a kind by up to +20% (price)", "nobody has measured",
         "shares made of the coder's own counts are tested",
         "By the coder's own counts, rising: SMS harassment")),
    ],
    ids=["zh", "en"],
)  # fmt: skip
def test_without_audit_the_page_begins_with_how_far_the_coder_is_off(tables, study, language, told):
    measured, unmeasured, trends, verdict = told
    bare = study_of_range("reviews", study.window.start, study.window.end, [])
    audited = render(tables, bare, language, simulated=False, scale=1.0)
    assert 'class="simulated unaudited"' not in audited and trends not in audited
    tables["counts"] = tables["counts"].assign(estimate=None, low=None, high=None, published=None)
    del tables["audit"]
    page = render(tables, bare, language, simulated=False, scale=1.0)
    banner = page.partition('unaudited" role="note">')[2].partition("</p>")[0]
    assert unmeasured in banner and "caodian audit draw build/reviews --out audit" in banner
    tables["count_errors"] = pd.DataFrame(
        {
            "grievance": ["negative", "price", "delivery"],
            "posts": 960, "true_items": [400, 50, 80], "coded_items": [380, 60, 72],
            "error": [-0.05, 0.2, -0.1],
        }
    )  # fmt: skip
    page = render(tables, bare, language, simulated=False, scale=1.0)
    page = html.unescape(re.sub(r"<[^>]*>", "", page))
    assert measured in page and unmeasured not in page
    assert trends in page and verdict in page


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_labels_stay_text(tables, study, hostile):
    tables["clusters"].loc[0, ["label", "terms"]] = hostile
    tables["platforms"].loc[0, "platform"] = hostile
    page = render(tables, study, "zh")
    reader = Reader(page)
    data = page.count('<script type="application/json"')  # read by the one script, never run
    assert page.count("<script>") == 1 and reader.tags.count("script") == 1 + data
    assert reader.tags.count("svg") == page.count('<svg class="spark"') == 3  # the cards
    assert not reader.images
    assert "49" not in re.findall(r"<td[^>]*>(49)</td>", page)


def test_the_same_run_gives_the_same_page(tables, study):
    assert render(tables, study, "zh") == render(tables, study, "zh")


def test_a_row_order_makes_no_difference_to_the_figures_list(tables, study):
    assert render(tables, study, "en") == render(dict(reversed(tables.items())), study, "en")


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("zh", "16 种合理做法里 4 种成立"), ("en", "Holds in 4 of 16 sound ways to count and test")],
)
def test_the_specifications_stand_beside_the_verdict(drawn, language, sentence):
    page = render_report(
        drawn.tables, drawn.figures[language], drawn.study, language, simulated=True, scale=0.01
    )
    assert "claims/C14/held" in page
    assert sentence in re.sub(r"<[^>]*>", "", page)
    assert f"specifications.{language}.png" in page


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("zh", "6月14日一天突发"), ("en", "a burst on 14 June, +180% against")],
)
def test_conspicuous_days_are_told_with_their_posts(drawn, language, sentence):
    page = render_report(
        drawn.tables, drawn.figures[language], drawn.study, language, simulated=True, scale=0.01
    )
    assert sentence in re.sub(r"<[^>]*>", "", page)
    assert "breaks/live_streaming/2020-06-14/burst/items" in page
    assert {"zh": "鲜花、枯萎", "en": "鲜花, 枯萎"}[language] in page


@pytest.mark.parametrize(
    ("language", "searched", "left_out", "no_order"),
    [
        (
            "zh",
            "在 1 个序列里没有找到趋势和活动日之外的突变或突发；另外 9 个数据太少，没有查找。",
            "趋势、突变和突发：10 个序列里有 9 个数据太少，不作判断：不足 30 条。",
            "各类都不足 30 条，不分先后",
        ),
        (
            "en",
            "In 1 series no break or burst was found that trend and event days do not explain; 9 "
            "others have",
            "Trends, breaks and bursts: in 9 of 10 series there is too little to tell: fewer than",
            "with fewer than 30 each, their order means nothing",
        ),
    ],
)
def test_too_little_is_said_in_one_line(tables, study, language, searched, left_out, no_order):  # noqa: PLR0917
    names = [name for name in tables["trends"]["grievance"] if name != "all"]
    rows = [
        {"date": day, "grievance": name, "items": 3 if name == "negative" else 1}
        for name in names
        for day in pd.date_range("2020-06-01", periods=20)
    ]
    breaks = tables["breaks"].head(1).assign(is_found=False, grievance="negative")
    counts = tables["counts"].assign(estimate=None, low=None, high=None)
    counts.loc[2:, "items"] = 2
    small = {
        "notes": _gather_notes(None, None, arrange_daily(pd.DataFrame(rows))),
        "breaks": breaks,
        "counts": counts,
    }
    page = re.sub(r"<[^>]*>", "", render(tables | small, study, language))
    assert searched in page
    assert left_out in page
    assert no_order in page


@pytest.mark.parametrize(
    ("whole", "is_said"), [("growth", True), ("no_trend", False), ("decline", False)]
)
def test_growth_of_all_posts_stands_beside_growth_of_negative_items(tables, study, whole, is_said):
    trends = tables["trends"].assign(verdict="no_trend")
    all_posts = trends.head(1).assign(grievance="all", verdict=whole, growth=0.5)
    trends = pd.concat([all_posts, trends[trends["grievance"] != "all"]], ignore_index=True)
    trends.loc[trends["grievance"] == "negative", "verdict"] = "growth"
    page = render(tables | {"trends": trends}, study, "en")
    assert ("All posts grow as well" in page) == is_said
    assert (
        "trends/all/growth" in page.partition('id="trends"')[2].partition("<table")[0]
    ) == is_said


@pytest.mark.parametrize(
    ("items", "said"),
    [
        (
            [90, 20, 9, 8],
            "By the coder's counts the largest kind is live-stream selling (90).",
        ),
        (
            [90, 80, 9, 8],
            "the largest kinds are live-stream selling (90) and price (80); they cannot be ranked.",
        ),
        ([90, 80, 85, 88], "the 4 largest kinds cannot be ranked"),
        # Too few for an order, though all of them together are thirty.
        (
            [20, 9, 9, 9],
            "price (9) and SMS harassment and personal information (9); with fewer than 30 each",
        ),
        ([9, 0, 0, 0], "By kind: live-stream selling (9); fewer than 30 tell nothing."),
    ],
)
def test_a_code_of_a_few_items_is_not_among_the_most(tables, study, items, said):
    counts = tables["counts"].assign(estimate=None, low=None, high=None)
    counts.loc[2:, "items"] = [*items, *[0] * (len(counts) - 2 - len(items))]
    page = re.sub(r"<[^>]*>", "", render(tables | {"counts": counts}, study, "en"))
    assert said in page


@pytest.mark.parametrize(("language", "fewer"), [("zh", "少于 349"), ("en", "fewer than 349")])
def test_where_an_audit_saw_fewer_than_five_there_is_no_bare_number(drawn, language, fewer):
    page = render_report(
        drawn.tables, drawn.figures[language], drawn.study, language, simulated=True, scale=0.01
    )
    row = re.search(r"<tr><th[^>]*>(红包活动|Red-envelope promotions)</th>.*?</tr>", page)[0]
    assert fewer in re.sub(r"<[^>]*>", "", row)
    assert "counts/red_envelope/estimate" not in row
    price = re.search(r"<tr><th[^>]*>(价格|Price)</th>.*?</tr>", page)[0]
    assert "counts/price/estimate" in price
    section = page[page.index('id="red-envelope"') :].partition("</section>")[0]
    for mark in re.findall(r"sub_grievances/red_envelope/[^\"]*/estimate", section):
        raise AssertionError(mark)


@pytest.mark.parametrize(
    ("language", "notes"),
    [
        ("zh", ("裁定之后仍有编码误差", "900 条文本参加聚类")),
        ("en", ("Coder error is left", "900 texts clustered")),
    ],
)
def test_notes_of_audit_and_clusters_are_shown(drawn, language, notes):
    page = render_report(
        drawn.tables, drawn.figures[language], drawn.study, language, simulated=True, scale=0.01
    )
    assert all(note in page for note in notes)
    assert f"notes/audit/1/{language}" in page


@pytest.mark.parametrize(
    ("language", "warning"),
    [
        ("zh", "吐槽中超过一成出自好评（四星 40 条、五星 900 条）"),
        ("en", "more than a tenth of the negative items stand in well-rated reviews"
               " (40 with four stars, 900 with five stars)"),
    ],
)  # fmt: skip
def test_well_rated_negative_items_are_said_in_the_headline(drawn, language, warning):
    tables, study = dict(drawn.tables), drawn.study
    assert warning[:30] not in render(tables, study, language)
    ratings = tables["ratings"].copy()
    ratings.loc[ratings["stars"] == "5", "negative_items"] = 900
    ratings.loc[ratings["stars"] == "none", "negative_items"] = 7_000
    page = render({**tables, "ratings": ratings}, study, language)
    section = page[page.index('id="headline"') : page.index('id="grievances"')]
    assert warning in re.sub(r"<[^>]+>", "", section)
    assert 'data-evidence="ratings/5/negative_items"' in section


@pytest.mark.parametrize(
    ("ones", "fours", "fives", "warned"),
    [
        (2, 0, 2, False),
        (2, 1, 2, True),
        (90, 0, 10, False),
        (89, 0, 11, True),
        (89, 11, 0, True),
        (89, 5, 6, True),
        (0, 0, 0, False),
    ],
)
def test_a_tenth_is_the_limit(ones, fours, fives, warned):
    table = pd.DataFrame({"stars": ["1", "4", "5"], "negative_items": [ones, fours, fives]})
    assert _has_praised_negatives(table) is warned
    assert not _has_praised_negatives(table.assign(negative_items=[None, 90, 90]))
    assert not _has_praised_negatives(pd.DataFrame())


def test_where_no_code_can_be_tested_the_section_is_its_figure_and_one_line(drawn):
    none = drawn.tables["trends"].assign(verdict="not_testable")
    notes = drawn.tables["notes"].copy()
    notes.loc[0, ["about", "zh", "en"]] = ["trends", "都太少。", "All have too few items."]
    page = render(
        drawn.tables | {"trends": none, "notes": notes}, drawn.study, "en", drawn.figures["en"]
    )
    section = page.partition('<section id="trends"')[2].partition("</section>")[0]
    assert "All have too few items." in section and "<figure" in section
    assert 'data-source="trends"' not in section and "not testable" not in section


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_was_not_read_stands_with_the_account_of_the_files(drawn, language):
    told = {"about": "unread", "number": 1, "zh": "甲.zip：没有读取。", "en": "a.zip: is not read."}
    notes = pd.concat([drawn.tables["notes"], pd.DataFrame([told])], ignore_index=True)
    page = render(drawn.tables | {"notes": notes}, drawn.study, language)
    section = page.partition('<section id="funnel"')[2].partition("</section>")[0]
    assert told[language] in section and "notes/unread/1" in section


@pytest.mark.parametrize(
    ("language", "lead"),
    [("zh", "p 小于 0.05 却没有判为趋势"), ("en", "p below 0.05 and yet no trend")],
)
def test_a_small_p_without_a_trend_is_explained(drawn, language, lead):
    tables, study = dict(drawn.tables), drawn.study
    assert lead not in render(tables, study, language)
    trends = tables["trends"].copy()
    price = trends["grievance"] == "price"
    trends.loc[price, "p_holm"] = 0.029
    page = render({**tables, "trends": trends}, study, language)
    section = page[page.index('id="trend-tests"') :].partition("<table")[0]
    named = {"zh": "价格", "en": "Price"}[language]
    assert section.count(lead) == 1
    assert re.search(rf"{lead}(：|: ){named}[。.]", section)


@pytest.mark.parametrize(
    ("covered", "shown"), [(0.9, "at least half"), (0.1, "are of no kind in the codebook")]
)
def test_clusters_without_an_outsider_are_not_counted_as_none(drawn, covered, shown):
    clusters = drawn.tables["clusters"].assign(covered=covered)
    page = render({**drawn.tables, "clusters": clusters}, drawn.study, "en")
    text = re.sub(r"<[^>]+>", "", page)
    assert shown in text and "in 0 of them" not in text


def shown_text(page):
    """Give what a reader of a page sees as text, a line an element."""
    body = page[page.index("<body") :]
    body = re.sub(r"<(script|svg)\b.*?</\1>", " ", body, flags=re.S)
    body = re.sub(
        r"</?(?:p|li|h\d|td|th|caption|summary|figcaption|a|span|tr|br)\b[^>]*>", "\n", body
    )
    return html.unescape(re.sub(r"<[^>]*>", "", body))


def test_a_chinese_page_has_chinese_punctuation_and_no_gap_between_its_characters(full):
    # What stands in tables are data, not ours.
    text = shown_text(re.sub(r"<tbody.*?</tbody>", "", full["zh"], flags=re.S))
    for bad in (
        r"[一-鿿] [一-鿿]",
        r"[一-鿿][,;:?!()]",
        r"[,;:?!()][一-鿿]",
        r"[，。；：？！] ",
        r" [，。；：]",
    ):
        found = [line for line in text.splitlines() if re.search(bad, line.strip())]
        assert found == [], bad


def test_an_english_page_has_no_chinese_punctuation(full):
    text = shown_text(full["en"])
    assert not re.findall(r"^.*[，。；：？！（）《》].*$", text, re.M)


def test_titles_are_no_questions(full):
    for page in full.values():
        titles = re.findall(r"<h[1-4][^>]*>(.*?)</h[1-4]>", page)
        assert len(titles) > 20
        assert not [
            t for t in titles if re.search("[?？吗]$|^(哪|怎|什么|多少|Which|What|How many)", t)
        ]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_findings_are_told_in_words_and_intervals_with_eight_figures_at_most(full, language):
    page = full[language]
    told = page[page.index('<section class="part" id="first"') : page.index('id="published"')]
    told = re.sub(r"<details.*?</details>", "", told, flags=re.S)
    assert told.count("<figure") == 8
    text = shown_text("<body>" + told)
    assert len(text) > 1_500
    assert not re.search(r"\bp [=<]|τ|\bMK\b|\bSen\b|Holm|AR\(1\)|Krippendorff|α", text)
    evidence = page[page.index('id="evidence"') :]
    assert evidence.count("<details>") == evidence.count("<section id=") > 6
    assert 'data-source="trends"' in evidence and 'data-source="trends"' not in told


def test_every_finding_begins_with_a_sentence_that_states_it(full):
    for page in full.values():
        told = page[page.index('id="findings"') : page.index('id="published"')]
        sections = re.findall(r'<section id="([^"]+)".*?</h3>\s*<p class="([^"]+)"', told, re.S)
        assert len(sections) > 8
        assert {lead for key, lead in sections if key != "unsaid"} == {"finding"}


@pytest.mark.parametrize(
    ("note", "is_silent"),
    [("foreign_mostly", True), ("wordless_mostly", True), ("foreign_many", False)],
)
def test_of_texts_that_the_scores_cannot_read_no_share_is_told(tables, study, note, is_silent):
    for language in ("zh", "en"):
        say = load_words(language)
        told = {one: load_words(one)(f"text.{note}") for one in ("zh", "en")}
        notes = pd.DataFrame([{"about": "language", "number": 1, **told}])
        page = re.sub(r"<[^>]*>", "", render(tables | {"notes": notes}, study, language))
        assert (say("absent.sentiment_unread") in page) is is_silent
        assert (say("text.sentiment") in page) is not is_silent
