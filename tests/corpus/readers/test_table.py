"""Tables whose posts have no days: read instead of refused, with the reason told."""

from __future__ import annotations

import csv
from pathlib import Path, PurePath

import polars as pl
import pytest

from analysis.corpus.ingest import ingest
from analysis.corpus.readers import table
from analysis.corpus.readers.column_names import ColumnChoice, fold_name
from analysis.corpus.readers.plan import _WORDING, Head, explain_no_days
from analysis.corpus.readers.table import drop_times_without_days, recognise_undated
from analysis.errors import CaodianError

TEXTS = ("发货太慢", "退款被拒绝", "很好")


def write(path: Path, header: str, *rows: str) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def posts_of(paths, **named) -> tuple[pl.DataFrame, object]:
    choice = ColumnChoice(**named)
    reading = ingest(paths, secret=b"x", choice=choice)
    return pl.concat(list(reading.partitions())), reading


@pytest.mark.parametrize(
    ("given", "stars", "note"),
    [
        (("10", "40", "50"), [1, 4, 5], "are read as stars: 50 are 5"),
        (("2/10", "8/10", "allstar30"), [1, 4, 3], None),
        (("7", "8", "9.5"), [7, 8, 9.5], None),  # a scale is told later, by all of a file
        (("85%", "90%", "100/100"), [85, 90, 100], None),
        (("10", "45", "50"), [10, 45, 50], None),
    ],
)
def test_classes_of_stars_and_points_out_of_ten_are_stars_of_five(tmp_path, given, stars, note):
    rows = [f"{text},2020-06-01,{cell}" for text, cell in zip(TEXTS, given, strict=True)]
    posts, reading = posts_of([write(tmp_path / "a.csv", "content,time,评分", *rows)])
    assert posts["rating"].to_list() == stars
    told = [one for one in reading.notes if "评分" in one]
    assert len(told) == (note is not None) and all(note in one for one in told)


@pytest.mark.parametrize(
    ("dates", "days", "note"),
    [
        (("20/06/24", "20/06/25", "20/06/26"), (24, 25, 26), "20/06/24 are read as 2020-06-24"),
        (("24/06/20", "25/06/20", "26/06/20"), (24, 25, 26), "24/06/20 are read as 2020-06-24"),
        (("24/06/2020", "25/06/2020", "26/06/2020"), (24, 25, 26), None),
        (("6/1/20", "6/2/20", "6/12/20"), (1, 2, 12), "6/1/20 are read as 2020-06-01, the month"),
        (
            ("1/6/2020", "2/6/2020", "12/6/2020"),
            (1, 2, 12),
            "1/6/2020 are read as 2020-06-01, the day",
        ),
        (("200601", "200602", "200630"), (1, 2, 30), "200601 are read as 2020-06-01, the year"),
    ],
)
def test_years_of_two_digits_are_read_as_their_column_is_and_told(tmp_path, dates, days, note):
    rows = [f"{text},{date}" for text, date in zip(TEXTS, dates, strict=True)]
    posts, reading = posts_of([write(tmp_path / "a.csv", "content,time", *rows)])
    assert posts["published_at"].dt.strftime("%y%m").to_list() == ["2006"] * 3
    assert posts["published_at"].dt.day().to_list() == list(days)
    told = [one.partition("such as ")[2] for one in reading.notes if "dates such" in one]
    assert len(told) == (note is not None) and all(one.startswith(note) for one in told)


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ("06/05/20", "06/13/20", ["2020-06-05", "2020-06-13"]),
        ("05/06/20", "13/06/20", ["2020-06-05", "2020-06-13"]),
        ("06/05/20", "06/06/20", []),
    ],
)
def test_what_the_first_rows_do_not_tell_the_whole_column_does(tmp_path, first, last, days):
    rows = [f"{TEXTS[0]}{n},{first if n < 400 else last}" for n in range(401)]
    posts, reading = posts_of([write(tmp_path / "a.csv", "content,time", *rows)])
    assert sorted(set(posts["published_at"].dt.strftime("%Y-%m-%d").drop_nulls())) == days
    assert any("tells year, month and day" in one for one in reading.notes) is (not days)
    assert posts.height == 401


@pytest.mark.parametrize(
    ("header", "cells", "code"),
    [
        ("label,review", ("1,{}", "0,{}", "0,{}"), "no_time_column"),
        ("content,time", ("{},08:03", "{},昨天 9:10", "{},23:59"), "no_date(time)"),
        ("content,发布时间", ("{},", "{},", "{},"), "blank_time(发布时间)"),
        ("content,time", ("{},01/06/20", "{},02/06/20", "{},03/07/20"), "two_orders(time)"),
        ("content,建档", ("{},2020-06-01", "{},2020-06-02", "{},2020-06-03"), "other_dates(建档)"),
        ("content,at,建档", tuple(f"{{}},@甲,2020-06-0{n}" for n in "123"), "other_dates(建档)"),
        ("content,编号", ("{},20200601", "{},20200602", "{},20200603"), "no_time_column"),
        ("content,建档", ("{},2020-06-01", "{},无", "{},无"), "no_time_column"),
    ],
)
def test_a_table_without_days_is_read_and_says_why(tmp_path, header, cells, code):
    rows = [cell.format(text) for cell, text in zip(cells, TEXTS, strict=True)]
    posts, reading = posts_of([write(tmp_path / "a.csv", header, *rows)])
    assert posts["text"].to_list() == list(TEXTS)
    assert posts["published_at"].null_count() == 3
    account = reading.reconciliation.iloc[0]
    assert (account["no_days"], account["kept"], account["rejected"]) == (code, 3, 0)
    [note] = [note for note in reading.notes if "no day of publication" in note]
    assert "--time-column" in note or "write them as 2020-06-05" in note


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        ("content,time", ("慢,2020-06-01", "差,08:03")),  # one bad cell is a rejected row
        ("content,time", ("慢,2020-06-01 08:03", "差,")),
    ],
)
def test_a_table_in_which_some_times_are_days_is_dated(tmp_path, header, rows):
    posts, reading = posts_of([write(tmp_path / "a.csv", header, *rows)])
    assert posts["text"].to_list() == ["慢"]
    assert reading.rejects["reason"].to_list()[0].startswith("published_at")
    assert "no_days" not in reading.reconciliation


def test_time_column_none_alone_is_enough(tmp_path):
    path = write(tmp_path / "a.csv", "content,time", "慢,2020-06-01", "差,2020-06-02")
    posts, reading = posts_of([path], time="none")
    assert posts["published_at"].null_count() == 2
    assert reading.reconciliation["no_days"].tolist() == ["left_out"]
    odd = write(tmp_path / "b.csv", "甲,乙", "慢,1", "差,2")
    posts, _ = posts_of([odd], text=("甲",), time="none")
    assert posts["text"].to_list() == ["慢", "差"]


def test_a_column_that_the_user_names_as_time_must_hold_days(tmp_path):
    path = write(tmp_path / "a.csv", "content,time", "慢,08:03", "差,09:03")
    with pytest.raises(CaodianError, match="--time-column none for a report without days"):
        posts_of([path], time="time")


def test_two_columns_that_could_be_the_time_are_asked_about(tmp_path):
    path = write(tmp_path / "a.csv", "content,时间,日期", "慢,2020-06-01,2020-06-01")
    with pytest.raises(CaodianError, match="Which of 时间, 日期"):
        posts_of([path])


@pytest.mark.parametrize("header", ["content,时间,日期", "content,time,评论日期"])
def test_of_a_date_and_a_clock_time_beside_it_the_date_is_read(tmp_path, header):
    rows = ("慢,08:03,2020-06-01", "差,09:03,2020-06-02")
    posts, _ = posts_of([write(tmp_path / "a.csv", header, *rows)])
    assert [moment.day for moment in posts["published_at"]] == [1, 2]


def test_a_table_without_a_text_is_still_refused(tmp_path):
    path = write(tmp_path / "a.csv", "甲,乙", "1,2", "3,4")
    with pytest.raises(CaodianError, match="--text-column"):
        posts_of([path])


def test_in_a_folder_tables_without_days_count_only_where_nothing_has_days(tmp_path):
    write(tmp_path / "reviews.csv", "label,review", "1,慢", "0,差")
    posts, _ = posts_of([tmp_path])
    assert posts.height == 2
    write(tmp_path / "dated.csv", "content,time", "贵,2020-06-01")
    posts, reading = posts_of([tmp_path])
    assert posts["text"].to_list() == ["贵"]
    assert any("reviews.csv: not read" in note for note in reading.notes)


def test_a_file_named_beside_a_dated_one_is_read_without_days(tmp_path):
    paths = [
        write(tmp_path / "reviews.csv", "label,review", "1,慢", "0,差"),
        write(tmp_path / "dated.csv", "content,time", "贵,2020-06-01"),
    ]
    posts, reading = posts_of(paths)
    assert posts["published_at"].is_null().to_list() == [True, True, False]
    assert reading.reconciliation["no_days"].tolist() == ["no_time_column", ""]


@pytest.mark.parametrize("code", sorted(_WORDING))
@pytest.mark.parametrize("all_posts", [True, False])
def test_every_reason_is_one_sentence_in_both_languages(code, all_posts):
    for language, stop in (("zh", "。"), ("en", ".")):
        told = explain_no_days([f"{code}(时间)"], language, all_posts=all_posts)
        assert told.endswith(stop)
        assert "{" not in told
        if "{0}" in _WORDING[code][0]:
            assert "时间" in told


def test_names_that_would_break_the_code_are_told_plainly():
    head = Head(PurePath("a.csv"), "csv", None, ("content", "时间(北京)"), (("慢", "08:03"),))
    plan = recognise_undated(head, ColumnChoice(time="none"))
    assert plan.no_days == "left_out"

    dropped = drop_times_without_days(table.recognise(head), head, ColumnChoice())
    assert dropped.no_days == "no_date(时间 北京)"
    assert "“时间 北京”" in explain_no_days([dropped.no_days], "zh")


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        (["评价内容", "日期"], "review"),
        (["review", "date"], "review"),
        (["Review Text", "date"], "review"),
        (["内容", "日期", "评分"], "review"),
        (["评论内容", "日期"], "post"),  # comments of Weibo are called so
        (["内容", "日期"], "post"),
        (["投诉内容", "日期"], "complaint"),
    ],
)
def test_what_a_table_holds_is_told_by_its_columns(tmp_path, columns, kind):
    cells = ["快递太慢了没人管", "2020-06-12", "5"][: len(columns)]
    path = tmp_path / "a.csv"
    pl.DataFrame({name: [cell] for name, cell in zip(columns, cells, strict=True)}).write_csv(path)
    (posts,) = ingest([path], secret=b"test").partitions()
    assert posts["kind"].to_list() == [kind]


SPOKEN = ("用了三天就坏了", "客服一直不给处理", "物流很快,包装也好", "退款拖了一个月")


def rows_of(*cells: object) -> list[list[str]]:
    """Return a row for each text, `...` standing for it and `#` for its number."""
    return [
        [text if cell is ... else str(cell).replace("#", str(n)) for cell in cells]
        for n, text in enumerate(SPOKEN, 1)
    ]


@pytest.mark.parametrize(
    ("header", "cells", "time"),
    [
        # A count of comments is no comment, nor a user's name a post because it is called a title.
        (["笔记标题", "zw", "发布时间", "评论"], ["避雷", ..., "2024-06-0#", "1#"], 1),
        (["标题", "txt", "时间", "赞"], ["用户#", ..., "2024-06-0#", "赞"], 1),
        (
            ["标题", "商品名称", "txt", "时间"],
            ["用户#", "电热水器家用速热款", ..., "2024-06-0#"],
            1,
        ),
        # The full text goes before what sums it up; cells that are names are no header.
        (
            ["标题", "摘要", "全文", "媒体类型", "发布时间"],
            ["慢", "慢…", ..., "微博", "2024-06-0#"],
            1,
        ),
        (["媒体", "xx", "类型", "发布时间"], ["新浪", ..., "微博", "2024-06-0#"], 1),
        # What programs number when they are not told names.
        (["字段1", "字段2", "字段3"], ["j***#", ..., "2024-06-0#"], 1),
        (['="评价内容"', '="评价时间"'], [..., "2024-06-0#"], 1),
        (["登记时间", "反映问题"], ["2024-06-0#", ...], 1),
        (["body", "posted"], [..., "Jun #, 2024"], 1),
        (["评论"], [...], 0),
    ],
)
def test_the_text_is_found_among_columns_of_other_things(tmp_path, header, cells, time):
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *rows_of(*cells)])
    posts, reading = posts_of([path])
    assert posts["text"].to_list() == list(SPOKEN)
    assert [moment.day for moment in posts["published_at"].drop_nulls()] == [1, 2, 3, 4] * time
    assert len(reading.rejects) == 0


@pytest.mark.parametrize(
    ("header", "cells", "titled"),
    [
        (["标题", "时间"], [..., "2024-06-0#"], SPOKEN),  # of news only the headlines
        (["标题", "商品名称", "时间"], [..., "电热水器家用速热款", "2024-06-0#"], SPOKEN),
        (["弹幕内容", "时间"], ["666", "2024-06-0#"], ["666"] * 4),  # people do say so
        (["评论", "用户"], ["1#", "甲乙"], ["11", "12", "13", "14"]),
    ],
)
def test_what_a_name_calls_the_text_is_it_where_nothing_else_is(tmp_path, header, cells, titled):
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *rows_of(*cells)])
    posts, _ = posts_of([path])
    assert posts["text"].to_list() == list(titled)


def test_lines_above_which_a_day_without_year_stands_are_no_posts(tmp_path):
    sign = "小王 6月1日 08:0#"
    lines = [part.replace("#", str(n)) for n, text in enumerate(SPOKEN) for part in (sign, text)]
    path = write(tmp_path / "chat.txt", lines[0], *lines[1:])
    with pytest.raises(CaodianError, match="4 of the first 8 lines begin or end with a time"):
        posts_of([path])


@pytest.mark.parametrize("text", ["等了很多天，客服不理人。", "the shop is slow, "])
def test_long_lines_are_not_judged_anew_for_each_that_may_be_the_header(
    tmp_path, monkeypatch, text
):
    asked = []
    monkeypatch.setattr(table, "parse_time", lambda cell, **_: (asked.append(cell), (None, ""))[1])
    path = write(tmp_path / "lines.txt", *(f"{text * 20}{n}" for n in range(40)))
    try:
        posts_of([path])
    except CaodianError as error:
        assert "a table must have one text column" in str(error)
    # Lines that commas cut: cells are told apart by their last alone.
    assert len(asked) < 40 * 20


@pytest.mark.parametrize(
    ("stars", "read"),
    [
        (["很差", "差", "好", "很好"], []),  # half a scale would be false stars
        (["很差", "较差", "还行", "推荐"], [1.0, 2.0, 3.0, 4.0]),
        (["1", "2", "5", "x"], [1.0, 2.0, 5.0]),
    ],
)
def test_stars_are_read_where_most_cells_are_some(tmp_path, stars, read):
    rows = [f"{text.replace(',', '')},{star}" for text, star in zip(SPOKEN, stars, strict=True)]
    posts, _ = posts_of([write(tmp_path / "a.csv", "点评内容,星级", *rows)])
    assert posts["rating"].drop_nulls().to_list() == read
    assert posts["kind"].unique().to_list() == ["review"]


GRADED = [
    ("力荐", "很差", [5.0, 1.0]), ("五星", "一星", [5.0, 1.0]), ("5", "2", [5.0, 2.0]),
    ("好评", "差评", [5.0, 1.0]), ("满意", "不满意", [4.0, 2.0]),
    ("推荐", "不推荐", []), ("正面", "负面", []),
]  # fmt: skip


@pytest.mark.parametrize("names", ["评价,短评", "评论,内容", "评价,想说的", "review,body"])
@pytest.mark.parametrize(("good", "bad", "stars"), GRADED)
def test_grades_that_are_named_like_the_text_are_none(tmp_path, names, good, bad, stars):
    rows = [f"{(good, bad)[n % 2]},第{n}次买了，用了两天就坏了,2024-06-01" for n in range(24)]
    path = write(tmp_path / "a.csv", f"{names},日期", *(row.replace("，", "") for row in rows))
    posts, _ = posts_of([path])
    assert posts["text"].str.starts_with("第").all()
    assert posts["rating"].unique(maintain_order=True).drop_nulls().to_list() == stars


def test_grades_alone_are_the_text(tmp_path):
    path = write(tmp_path / "a.csv", "评价,日期", *(["好评,2024-06-01", "差评,2024-06-02"] * 12))
    posts, _ = posts_of([path])
    assert posts["text"].unique().sort().to_list() == ["好评", "差评"]


@pytest.mark.parametrize(
    ("header", "place"),
    [
        ("抖音号,评论内容,评论时间", "douyin"),
        ("昵称,笔记内容,发布时间", "xiaohongshu"),
        ("用户名,微博内容,发布时间", "weibo"),
        ("rpid,message,ctime", "bilibili"),
        ("UP主,弹幕内容,弹幕时间", "bilibili"),
        ("知乎链接,回答内容,回答时间", "zhihu"),
        ("笔记本型号,内容,时间", "other"),
        ("微博昵称,内容,抖音号", "other"),  # of two sites
        ("抖音号,评价内容,评价时间", "review"),  # what is sold there is reviewed
        ("抖音号,投诉内容,投诉时间", "complaint"),
    ],
)
def test_columns_of_one_site_tell_where_posts_stand(tmp_path, header, place):
    names = header.split(",")
    cells = ["2024-06-01" if n.endswith(("时间", "time")) else "等了九天还不发货" for n in names]
    posts, _ = posts_of([write(tmp_path / "a.csv", header, ",".join(cells))])
    assert posts["channel"].to_list() == [place]


TWO_ROWS = [
    ("客户信息,,反馈信息,,", "姓名,城市,反馈日期,反馈内容,处理人"),
    ("订单,,评价,,", "订单号,规格,评价日期,评价内容,客服"),
]


@pytest.mark.parametrize(("groups", "names"), TWO_ROWS)
def test_groups_of_columns_above_their_names_are_no_header(tmp_path, groups, names):
    rows = [f"甲,乙,2024-06-0{n},{text.replace(',', '')},丙" for n, text in enumerate(SPOKEN, 1)]
    posts, _ = posts_of([write(tmp_path / "a.csv", groups, names, *rows)])
    assert [moment.day for moment in posts["published_at"]] == [1, 2, 3, 4]


@pytest.mark.parametrize("name", ["gmtCreate", "timestamp_created", "gmt_create"])
def test_moments_in_milliseconds_are_known_by_the_names_that_programs_give(tmp_path, name):
    rows = [f"{text.replace(',', '')},17171712000{n}0" for n, text in enumerate(SPOKEN, 1)]
    posts, _ = posts_of([write(tmp_path / "a.csv", f"content,{name}", *rows)])
    assert [str(moment.date()) for moment in posts["published_at"]] == ["2024-06-01"] * 4


def test_of_a_bilibili_comment_mid_is_who_wrote_it(tmp_path):
    rows = [f"{n},77,{text.replace(',', '')},2024-06-01" for n, text in enumerate(SPOKEN, 1)]
    posts, _ = posts_of([write(tmp_path / "a.csv", "rpid,mid,message,ctime", *rows)])
    assert posts["post_id"].n_unique() == len(SPOKEN)


@pytest.mark.parametrize("content", ["满意", "5"])
def test_how_content_a_caller_was_with_the_office_is_no_star_of_goods(tmp_path, content):
    rows = [f"{text.replace(',', '')},2024-06-0{n},{content}" for n, text in enumerate(SPOKEN, 1)]
    posts, _ = posts_of([write(tmp_path / "a.csv", "诉求内容,来电时间,满意度", *rows)])
    assert posts["kind"].unique().to_list() == ["complaint"]
    assert posts["channel"].unique().to_list() == ["hotline"]
    assert posts["rating"].null_count() == posts.height == 4


JUDGING = [f"第{n}次买了，质量不错" for n in range(40)]
TELLING = [f"第{n}天了，路灯还是不亮" for n in range(40)]


@pytest.mark.parametrize(
    ("header", "texts", "place"),
    [
        ("内容,时间", JUDGING, "review"),
        ("内容,时间", TELLING, "other"),
        ("内容,时间", [f"{text}[泪]" for text in TELLING], "weibo"),
        ("内容,时间", JUDGING[:20], "other"),
        ("投诉内容,时间", JUDGING, "complaint"),
        # Collections for research call any text a review.
        ("review,date", [f"{text}[泪]" for text in TELLING], "weibo"),
        ("review,date", TELLING, "review"),
        ("评价,时间", [f"{text}[图片]" for text in TELLING], "review"),
    ],
)
def test_a_table_that_names_no_place_stands_where_its_texts_surely_do(
    tmp_path, header, texts, place
):
    rows = [f"{text},2020-06-0{1 + n % 9}" for n, text in enumerate(texts)]
    posts, _ = posts_of([write(tmp_path / "a.csv", header, *rows)])
    assert posts["channel"].unique().to_list() == [place]


def test_what_is_rated_is_a_review_whatever_its_texts_read_like(tmp_path):
    rows = [f"{text}[泪],2020-06-0{1 + n % 9},{1 + n % 5}" for n, text in enumerate(TELLING)]
    posts, _ = posts_of([write(tmp_path / "a.csv", "review,date,rating", *rows)])
    assert posts["channel"].unique().to_list() == ["review"]


def test_a_column_that_names_places_is_not_overruled_by_the_texts(tmp_path):
    rows = [f"{text},2020-06-0{1 + n % 9},微博" for n, text in enumerate(JUDGING)]
    posts, _ = posts_of([write(tmp_path / "a.csv", "内容,时间,渠道", *rows)])
    assert posts.select("kind", "channel").unique().rows() == [("post", "weibo")]


SHOP = ["好评", "中评", "差评"]


@pytest.mark.parametrize("name", ["评价类型", "类型", "结果", "Unnamed"])
def test_grades_of_shops_are_stars_whatever_their_column_is_called(tmp_path, name):
    rows = [f"{SHOP[n % 3]},第{n}次买了还是用了两天就坏,2024-06-01" for n in range(6)]
    posts, _ = posts_of([write(tmp_path / "a.csv", f"{name},内容,日期", *rows)])
    assert posts["rating"].to_list() == [5.0, 3.0, 1.0] * 2
    told = f"a.csv: the grades of the column “{name}” are read as stars: 中评 3, 好评 5, 差评 1"
    assert told in reading_notes(tmp_path / "a.csv")


def test_two_columns_of_grades_are_asked_for_no_stars(tmp_path):
    rows = [f"{SHOP[n % 3]},{SHOP[n % 2]},第{n}次买了还是坏,2024-06-01" for n in range(6)]
    posts, _ = posts_of([write(tmp_path / "a.csv", "物流,客服,内容,日期", *rows)])
    assert posts["rating"].null_count() == 6


@pytest.mark.parametrize(("filled", "text"), [(11, "short"), (12, "long")])
def test_short_complaints_are_the_text_where_few_have_said_more(tmp_path, filled, text):
    short = ["太差", "退钱", "骗子", "假货", "很慢"]
    rows = [
        f"{short[n % 5]},{f'第{n}次买了还是坏的' if n < filled else ''},2024-06-01"
        for n in range(24)
    ]
    posts, _ = posts_of([write(tmp_path / "a.csv", "评价,说明,日期", *rows)])
    assert posts.height == (24 if text == "short" else 12)
    assert posts["text"].str.starts_with("第").all() == (text == "long")


def reading_notes(path):
    reading = ingest([path], secret=b"x")
    list(reading.partitions())
    return reading.notes


def test_names_that_the_site_has_masked_are_told(tmp_path):
    rows = [f"j***{n},第{n}次买了还是坏,2024-06-01" for n in range(4)]
    path = write(tmp_path / "a.csv", "nickname,内容,日期", *rows)
    assert [note for note in reading_notes(path) if "anybody's" in note]
    path = write(tmp_path / "b.csv", "nickname,内容,日期", *rows, "小熊,坏了,2024-06-01")
    assert not [note for note in reading_notes(path) if "anybody's" in note]


# Forms and what they become: questions for names, answers that recur, addresses, titles above.


def test_of_a_form_the_open_answer_is_the_text(tmp_path):
    kinds = ["价格太贵了", "物流太慢了", "客服不理人"]
    rows = [
        f"2024-06-0{n + 1},10.0.0.{n}(浙江-杭州),{kinds[n % 3]},{n % 5 + 1},第{n}次买了还是坏的"
        for n in range(9)
    ] * 2
    header = "提交答卷时间,来自IP,1、您不满意的是,2、整体满意度,3、您有什么想说的？"
    posts, _ = posts_of([write(tmp_path / "a.csv", header, *rows)])
    assert posts["text"].str.starts_with("第").all() and posts.height == 18
    assert posts["rating"].to_list()[:5] == [1, 2, 3, 4, 5]
    assert posts["published_at"].null_count() == 0


def test_rows_of_one_cell_above_names_that_nobody_knows_are_titles(tmp_path):
    rows = [f"{n},2024-06-01,第{n}次买了还是坏的,{n % 5 + 1}" for n in range(6)]
    path = write(
        tmp_path / "a.csv", "2024年6月汇总,,,", "制表：甲,,,", "序,日期,顾客心声,满意度", *rows
    )
    posts, _ = posts_of([path])
    assert posts["text"].to_list() == [f"第{n}次买了还是坏的" for n in range(6)]
    assert posts["published_at"].null_count() == 0 and posts["rating"].null_count() == 0
    assert any("2 rows above the header" in note for note in reading_notes(path))


@pytest.mark.parametrize(
    ("header", "place"),
    [
        ("日期,笔记", "other"), ("日期,笔记内容", "xiaohongshu"),
        ("日期,笔记,笔记ID", "xiaohongshu"),
        ("投诉时间,投诉内容,投诉诉求", "complaint"), ("来电时间,诉求内容,承办单位", "hotline"),
    ],
)  # fmt: skip
def test_a_word_that_anybody_uses_tells_no_place(tmp_path, header, place):
    cells = ["2024-06-01", *["等了九天还不发货"] * header.count(",")]
    posts, _ = posts_of([write(tmp_path / "a.csv", header, ",".join(cells))])
    assert posts["channel"].to_list() == [place]


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("💬评论", "评论"), ("⭐️评分", "评分"), ("4、内容", "内容"), ("Q12. 内容：", "内容"),
        ("第3题、内容？", "内容"), ("4.5", "45"), ("好评%", "好评%"), ("评论/时间", "评论时间"),
        ("12", "12"), ("3天", "3天"), ("2024.6.1", "202461"),
    ],
)  # fmt: skip
def test_names_are_compared_without_signs_and_numbers_of_questions(name, folded):
    assert fold_name(name) == folded


def test_a_text_where_a_name_should_be_is_folded_in_proportion_to_its_length():
    assert fold_name("[" * 200_000) == ""
    assert fold_name("慢" * 2_000) == "慢" * 1_000


# What is told of a table from the cells of its head, without reading the file.


def head_of(*rows, file="a.csv", container="csv", sheet=None) -> Head:
    return Head(PurePath(file), container, sheet, tuple(rows[0]), tuple(map(tuple, rows[1:])))


def columns_of(**cells) -> Head:
    return head_of(list(cells), *zip(*cells.values(), strict=True))


@pytest.mark.parametrize(
    ("cell", "is_one"),
    [
        ("用了三天", True), ("用三天", False), ("it broke today", True), ("it broke", False),
        ("10.0.0.1", False), ("10.0.0.1(浙江-杭州)", False), ("https://a.b/很长的一个地址", False),
        ("https://a.b 用了三天就坏", True), ("2020年6月12日", False), ("昨天 12:30 北京", False),
    ],
)  # fmt: skip
def test_a_sentence_has_four_han_or_three_words_and_is_no_time(cell, is_one):
    assert table._is_sentence(cell) is is_one


@pytest.mark.parametrize(
    ("cells", "recurs"),
    [("ab" * 5, True), ("ab" * 4 + "c", False), ("abcde" * 2, True), ("abcdef" + "a" * 4, False)],
)
def test_cells_recur_where_half_of_ten_say_what_others_say(cells, recurs):
    assert table._recurs(columns_of(x=list(cells)), "x") is recurs


LONG, MIDDLE = "用了三天就坏了客服一直不给处理还骂人", "用了三天就坏"


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ({"a": [MIDDLE] * 3, "b": ["1", "2", "3"]}, "a"),
        ({"a": [MIDDLE] * 2 + ["1"], "b": ["1", "2", "3"]}, None),  # two are too few
        ({"a": [MIDDLE] * 3 + ["x"] * 2, "b": [*"12345"]}, "a"),  # three of five are enough
        ({"a": [MIDDLE] * 3 + ["x"] * 3, "b": [*"123456"]}, None),
        ({"a": [MIDDLE[:5]] * 3, "b": ["1", "2", "3"]}, None),  # five signs are no text
        ({"a": [LONG] * 3, "b": [LONG[:6]] * 3}, "a"),  # three times as long
        ({"a": [LONG] * 3, "b": [LONG[:7]] * 3}, None),
        ({"column 1": [MIDDLE] * 3}, None),  # prose has lines, too
        ({"column 1": [MIDDLE] * 4}, "column 1"),
        ({"a": [MIDDLE] * 10, "b": [f"{MIDDLE}了{n}" for n in range(10)]}, "b"),  # a offers answers
        ({"a": ["", *[MIDDLE] * 3], "b": ["1"] * 4}, "a"),
    ],
)
def test_the_column_of_sentences_is_the_one_with_by_far_the_longest(cells, found):
    assert table._find_sentences(columns_of(**cells)) == found


def test_titles_are_no_sentences():
    head = columns_of(a=[LONG] * 3, b=[LONG[:6]] * 3)
    assert table._find_sentences(head, ["a"]) == "b"
    assert table._find_sentences(head, ["a", "b"]) is None


@pytest.mark.parametrize(
    ("cells", "are"),
    [
        (["2020-06-01"] * 3, True), (["2020-06-01"] * 2, False),
        (["2020-06-01"] * 9 + ["x"], True), (["2020-06-01"] * 8 + ["x"], False),
        (["20200601"] * 3, False), (["43994.5"] * 3, False), (["08:03"] * 3, False),
        (["06/13/2020", "06/05/2020", "06/06/2020", "无"], True),
    ],
)  # fmt: skip
def test_dates_are_nine_of_ten_filled_cells(cells, are):
    assert table._holds_dates(columns_of(x=cells), "x") is are


@pytest.mark.parametrize(
    ("cells", "canonical", "is_backed"),
    [
        (["1", "2", "慢", "贵"], "text", True), (["1", "2.5", "3", "慢"], "text", False),
        (["1", "慢"], "text", True), (["好评"] * 20, "text", False),
        (["昨天 8:03"], "published_at", True),
        (["慢", "06/05/2020"], "published_at", True), (["慢"], "published_at", False),
        (["5", "慢"], "rating", True), (["5", "慢", "贵"], "rating", False),
        (["慢"], "title", True), (["无", ""], "title", False), ([], "title", True),
    ],
)  # fmt: skip
def test_cells_back_what_a_name_says(cells, canonical, is_backed):
    assert table._supports(columns_of(x=cells), "x", canonical) is is_backed


@pytest.mark.parametrize(
    ("cell", "is_none"),
    [
        ("2020-6-1", True), ("2020-6", False), ("12", True), ("4.5", True), ("内容", False),
        ("用" * 24, False), ("用" * 25, True), ("a" * 40, False), ("昨天 8:03", False),
        ("昨天 12:30:00", True),
    ],
)  # fmt: skip
def test_a_time_a_number_or_a_sentence_is_no_name(cell, is_none):
    assert table._is_no_name(cell) is is_none


@pytest.mark.parametrize(
    ("rows", "is_record"),
    [
        ([["7", "用了三天就坏了"], ["8", "很好"]], True),
        ([["编号", "心声"], ["8", "很好"]], False),
        ([["赞", "心声"], ["赞", "很好"]], True),  # it recurs below itself
        ([["赞", "心声"], ["赞", "心声"], ["2", "很好"]], False),  # a header that stands again
        ([["赞", "评论内容", "评论时间"], ["赞", "很好", "1"]], False),  # three known names
        ([["2020-06-01", "评论内容", "点赞数", "评论时间"], ["a", "b", "c", "d"]], True),
    ],
)
def test_a_first_row_that_is_a_record_is_no_header(rows, is_record):
    head = head_of(*rows)
    bare = table.without_header(head)
    assert (bare is not None) is is_record
    if bare is not None:
        assert bare.header == tuple(f"column {n}" for n in range(1, 1 + len(rows[0])))
        assert [list(row) for row in bare.rows] == rows


@pytest.mark.parametrize(
    ("first", "in_txt", "in_csv"),
    [
        ("内容", False, False), ("用户评论（原文）", False, False),
        ("2020-06-01 太慢", True, True), ("12", True, True),
        ("reviews", False, False), ("two words", True, True),
        ("word", True, False), ("word_1", False, False),
        ("太慢", True, True),
        ("反馈的渠道", True, True), ("谁的评论", True, False), ("反馈渠道", True, True),
        ("一二三四五六评论", True, False), ("一二三四评论", False, False),
        ("一二三四五六七八九十评论", True, False), ("一二三四五六七八九十一评论", True, True),
        ("一二三四用户", True, True), ("一二三", True, False),
    ],
)  # fmt: skip
def test_the_first_of_lines_is_a_post_unless_it_is_named_like_texts(first, in_txt, in_csv):
    for file, is_post in (("a.TXT", in_txt), ("a.csv", in_csv)):
        head = head_of([first], ["别的一句话"], file=file)
        assert (table.without_header(head) is not None) is is_post, file


def test_a_first_line_that_recurs_is_a_post():
    first = ["甲乙评论"]
    assert table.without_header(head_of(first, ["慢"])) is None
    assert table.without_header(head_of(first, ["慢"], first)) is not None


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (["诉求"], ("complaint", "hotline")), (["投诉诉求"], ("complaint", "complaint")),
        (["工单号"], ("complaint", "complaint")), (["Complaint"], ("complaint", "complaint")),
        (["内容", "办理结果"], ("complaint", "hotline")), (["内容", "微博链接"], ("post", "weibo")),
        (["内容"], ("post", "other")),
    ],
)  # fmt: skip
def test_kind_and_channel_by_names(header, kind):
    head = head_of(header, ["x"] * len(header))
    assert table.guess_kind(head, {"text": (header[0],)}) == kind


def read(path: Path) -> pl.DataFrame:
    return pl.concat(ingest([path], secret=b"test").partitions())


REVIEWS = [f"第{n}次买了，质量不错" for n in range(40)]


@pytest.mark.parametrize(
    ("header", "rest", "kind"),
    [
        (["内容", "链接"], ["https://www.xiaohongshu.com/explore/1"], ("post", "xiaohongshu")),
        (["内容", "页面"], ["//item.jd.com/1.html"], ("review", "review")),
        (["内容", "页面"], ["https://notjd.com/1.html"], None),
        (["内容", "页面", "头像"], ["https://weibo.com/1/a", "https://hdslb.com/a.jpg"],
         ("post", "weibo")),
        (["内容", "网址", "来源"], ["https://weibo.com/1/a", "https://www.zhihu.com/1"], None),
        (["内容", "链接"], ["见 https://weibo.com/1/a"], None),
        (["内容", "网址"], ["https://tousu.sina.com.cn/complaint/view/1"],
         ("complaint", "complaint")),
        (["短信内容"], [], ("post", "other")), (["内容", "发言人"], ["小王"], ("post", "other")),
        (["内容", "所用时间"], ["60秒"], ("post", "other")),
        (["信件内容"], [], ("complaint", "hotline")),
        (["内容", "答复单位"], ["x"], ("complaint", "hotline")),
        (["内容", "商家回复"], ["x"], None),
        (["内容", "楼层", "吧名"], ["1", "x"], ("post", "tieba")),
        (["content", "voteup_count"], ["1"], ("post", "zhihu")),
        (["mblog.text"], [], ("post", "weibo")),
    ],
)  # fmt: skip
def test_links_and_names_tell_the_place_before_texts_do(header, rest, kind):
    head = head_of(header, *([text, *rest] for text in REVIEWS))
    told = kind or ("review", "review")
    assert table.guess_kind(head, {"text": (header[0],)}) == told
    assert (table.named_kind(head, {"text": (header[0],)}) is None) is (kind is None)


GUESSES = [
    # A time that is called like the text, where none has a name of its own.
    (["帖子标题", "回复内容", "回复时间"], ["求助", "三天没有人理我", "2024-06-01 10:00"],
     "published_at", None),  # no name tells this text
    (["咨询问题内容", "咨询问题时间"], ["x", "2024-06-01"], "published_at", None),
    (["评论", "采集时间"], ["太慢了", "2024-06-01"], "published_at", None),
    (["会话内容", "会话时间"], ["太慢了", "2024-06-01"], "published_at", ["会话时间"]),
    (["点评", "入住月份", "点评发布时间"], ["太慢了", "2024-05-01", "2024-06-01"],
     "published_at", ["点评发布时间"]),
    # Points of a form and how content a caller was are no stars.
    (["内容", "所用时间", "总分"], ["太慢了", "9秒", "3"], "rating", None),
    (["内容", "总分"], ["太慢了", "3"], "rating", ["总分"]),
    (["内容", "所用时间", "评分"], ["太慢了", "9秒", "3"], "rating", ["评分"]),
    (["内容", "来电时间", "满意度"], ["太慢了", "2024-06-01", "3"], "rating", None),
    # What texts are nested in is theirs; an object of a person names its writer.
    (["mblog.text", "mblog.id", "card.id"], ["太慢了", "7", "8"], "post_id", ["mblog.id"]),
    (["mblog.text", "mblog.user.id", "mblog.user.screen_name"], ["太慢了", "7", "小王"],
     "author", ["mblog.user.id"]),
    (["text", "user.uid", "user.nickname"], ["太慢了", "7", "小王"], "author", ["user.uid"]),
    (["text", "shop.id", "shop.name"], ["太慢了", "7", "小店"], "author", None),
    (["text", "item.id"], ["太慢了", "7"], "post_id", None),
    (["笔记内容", "博主ID", "博主昵称"], ["太慢了", "7", "小王"], "author", ["博主ID"]),
    # A role is a kind of author only where a shop speaks, too.
    (["内容", "角色"], ["太慢了", "客服"], "author_type", ["角色"]),
    (["内容", "角色"], ["太慢了", "学生"], "author_type", None),
    (["内容", "用户认证"], ["太慢了", "黄V"], "author_type", ["用户认证"]),
]  # fmt: skip


@pytest.mark.parametrize(("header", "row", "canonical", "names"), GUESSES, ids=range(len(GUESSES)))
def test_what_columns_are_taken_for(header, row, canonical, names):
    assert table.guess_columns(head_of(header, *[row] * 4)).get(canonical) == names


def test_a_text_that_only_cells_tell_has_the_time_that_is_called_like_it(tmp_path):
    rows = [f"求助{n},第{n}次没有人理我,2024-06-0{n} 10:00,2024-07-01" for n in range(1, 6)]
    path = write(tmp_path / "a.csv", "名目,回复内容,回复时间,采集日", *rows)
    posts = read(path)
    assert posts["published_at"].dt.day().to_list() == [1, 2, 3, 4, 5]


LISTS = [
    ("numbers", ["1、退款一直不到账", "2、客服不理人", "3、物流太慢了", "4、包装都破了"],
     ["退款一直不到账", "客服不理人", "物流太慢了", "包装都破了"]),
    ("bullets below a heading", ["# 摘录", "- 退款一直不到账", "- 客服不理人", "- 物流太慢了",
                                "- 包装都破了"],
     ["退款一直不到账", "客服不理人", "物流太慢了", "包装都破了"]),
    ("brackets", ["(1) 退款一直不到账", "(2) 客服不理人", "(3) 物流太慢了"],
     ["退款一直不到账", "客服不理人", "物流太慢了"]),
    ("numbers that do not count", ["3、退款一直不到账", "3、客服一直不理人", "9、物流实在太慢了",
                                   "1、包装全都破了"], None),
    ("amounts", ["1.5升的壶漏水了", "2.5升的也漏水了", "3.5升的还在漏水", "4.5升的没有漏"], None),
    ("some lines only", ["1、退款一直不到账", "客服根本不理人", "物流实在太慢了", "包装全都破了"],
     None),
]  # fmt: skip


def test_a_question_names_the_columns_that_hold_sentences(tmp_path):
    rows = [f"{n},样子第{n}次看还是不错,用到第{n}天就坏掉了,2024-06-01" for n in range(1, 6)]
    path = write(tmp_path / "a.csv", "序,最满意的一点,最不满意的一点,发表日期", *rows)
    with pytest.raises(CaodianError, match="sentences stand in 最满意的一点, 最不满意的一点"):
        read(path)


def test_a_page_that_was_copied_is_refused_with_what_a_line_is(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("momo\n很好\n06-01 12:00\n3\n" * 10, encoding="utf-8")
    with pytest.raises(CaodianError, match="put what belongs to one post"):
        read(path)


def test_kind_by_what_was_recognised():
    head = head_of(["评价", "微博链接"], ["x", "y"])
    assert table.guess_kind(head, {"text": ("评价",)}) == ("review", "review")
    assert table.guess_kind(head, {"text": (), "rating": ("x",)}) == ("review", "review")
    assert table.guess_kind(head, {"text": (), "channel": ("x",)}) == ("post", "other")
    apps = head_of(["应用", "评论", "星"], ["x", "y", "5"])
    assert table.guess_kind(apps, {"text": ("评论",), "rating": ("星",)}) == ("review", "app_store")


@pytest.mark.parametrize(
    ("rows", "sheet", "told"),
    [
        ([["甲", "乙"], ["1", "2"]], None,
         ["columns: 甲, 乙", "No column looks like the text: name it with --text-column",
          "no column looks like the time of publication: name it with --time-column",
          "(`--time-column none`"]),
        ([["内容", "时间", "日期"], ["慢", "2020-06-01", "2020-06-01"]], "表",
         ["a.csv, sheet or table 表", "Which of 时间, 日期 is the time of publication?"]),
        ([["7", "慢"], ["8", "很好"]], None, ["a first row of 2 cells without names", "column 2"]),
        ([["12"], ["慢"]], None, ["a first row of 1 cell without names"]),
        ([[f"名{n}" for n in range(21)], ["1"] * 21], None, ["名19 …"]),
        ([[f"名{n}" for n in range(20)], ["1"] * 20], None, ["名19)"]),
    ],
)  # fmt: skip
def test_what_is_asked_about_a_table_that_is_not_known(rows, sheet, told):
    error = table.missing_columns(head_of(*rows, sheet=sheet))
    said = f"{error} ({error.value})" if hasattr(error, "value") else str(error)
    assert all(part in said for part in told), said
    assert ("none` where" in said) == ("(`--time-column none`" in told or len(rows[0]) > 19)


@pytest.mark.parametrize(
    ("name", "plain"),
    [("时间", "时间"), (" a(b);c\nd\re ", "a b  c d e"), ("x" * 41, "x" * 40)],
)
def test_a_name_in_a_code_is_plain(name, plain):
    assert table.plain_name(name) == plain
