"""Ingest reads any export into canonical posts and accounts for every record."""

import csv
import pickle
import re
from datetime import date
from itertools import starmap
from types import SimpleNamespace

import cloudpickle
import pandas as pd
import polars as pl
import pytest

from analysis.corpus.ingest import explain, ingest, read_posts
from analysis.corpus.readers.column_names import ColumnChoice
from analysis.errors import CaodianError
from analysis.progress import prefetch
from analysis.study import load_study

SECRET = b"test secret"
JUNE = SimpleNamespace(window=SimpleNamespace(start=date(2020, 6, 1), end=date(2020, 6, 20)))


def write_csv(path, rows, encoding="utf-8"):
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream).writerows(rows)
    return path


def take(ingestion):
    return pl.concat(list(ingestion.partitions()))


@pytest.fixture
def reviews(tmp_path):
    return write_csv(
        tmp_path / "reviews.csv",
        [
            ["id", "product_id", "score", "comment_time", "comment"],
            ["1", "77", "1", "2020-06-12 23:59:59", "安装费太贵"],
            ["2", "77", "5", "2020-06-20 23:59:59", "此用户未填写评价内容"],
            [],
            ["3", "77", "2", "2020-06-21 00:00:00", "三天不发货"],
            ["4", "77", "2", "6月31日", "时间坏了"],
        ],
    )


def test_every_record_is_kept_or_rejected(reviews):
    ingestion = ingest([reviews], secret=SECRET, study=JUNE)
    posts = take(ingestion)
    account = ingestion.reconciliation.iloc[0]
    assert posts["row_number"].to_list() == [1, 2, 3]
    assert posts["is_in_window"].to_list() == [True, True, False]
    assert posts["text"].to_list() == ["安装费太贵", None, "三天不发货"]
    assert (account.records_read, account.kept, account.rejected, account.blank) == (4, 3, 1, 1)
    assert ingestion.rejects["row_number"].to_list() == [4]
    assert "year" in ingestion.rejects["reason"][0]


@pytest.mark.parametrize("record", ["98726\t1\t买一送一", "其他\t速度，还行"])
def test_the_words_of_a_file_without_header_are_not_shown_and_its_delimiter_is_found(
    tmp_path, record
):
    path = tmp_path / "a.txt"
    path.write_text(f"{record}\n" * 5, "utf-8")
    with pytest.raises(CaodianError) as caught:
        ingest([path], secret=SECRET)
    assert "买一送一" not in str(caught.value)
    assert ("3 cells" in str(caught.value)) is record.startswith("98726")
    assert "--text-column" in str(caught.value)


SPOKEN = ["用了三天就坏了", "客服一直不给处理", "物流很快包装也好"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rows", "text", "days"),
    [
        ([[n, spoken] for n, spoken in enumerate(SPOKEN)], "column 2", 0),
        ([[spoken, "2020-06-01", n] for n, spoken in enumerate(SPOKEN)], "column 1", 3),
        ([["差评", spoken] for spoken in SPOKEN], "column 2", 0),
        ([["n", "q1"], *([n, spoken] for n, spoken in enumerate(SPOKEN))], "q1", 0),
        ([["发布时间", "q1"], *(["2020-06-01", spoken] for spoken in SPOKEN)], "q1", 3),
        ([["q", "q1"], *(["太差", spoken * 3] for spoken in SPOKEN)], "q1", 0),
        ([["吐槽们"], *([spoken] for spoken in SPOKEN)], "吐槽们", 0),
        (
            [["时间", "内容"], *([spoken, "2020-06-01 08:03"] for spoken in SPOKEN)],
            "时间",  # headings that were exchanged
            3,
        ),
        (
            [["content", "q", "q1"], *(["2020-06-01", "短", spoken] for spoken in SPOKEN)],
            "q1",
            3,
        ),
        (
            [
                ["标题", "时间", "内容"],  # beside a title, which is no post then
                *([spoken[::-1], spoken, "2020-06-01 08:03"] for spoken in SPOKEN),
            ],
            "时间",
            3,
        ),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_where_no_name_tells_the_only_column_of_sentences_is_the_text(
    tmp_path, rows, text, days, kind
):
    path = tmp_path / f"a.{kind}"
    if kind == "csv":
        write_csv(path, rows)
    else:
        pd.DataFrame(rows).to_excel(path, header=False, index=False)
    ingestion = ingest([path], secret=SECRET)
    posts = take(ingestion)
    assert [said[:7] for said in posts["text"]] == [spoken[:7] for spoken in SPOKEN]
    assert posts["published_at"].count() == days
    account = ingestion.reconciliation.iloc[0]
    assert (account.records_read, account.kept, account.rejected) == (3, 3, 0)
    is_another_named_so = bool({"内容", "content"} & {str(name) for name in rows[0]})
    told = ", which alone does, is read as it" if is_another_named_so else " is read as it, "
    assert any(f"“{text}”{told}" in note for note in ingestion.notes)


MORE = [*SPOKEN, "等了九天还没发货"]
LINES = ["太慢了", *SPOKEN, "不会再来,真的", '他说"好"，其实坏']


@pytest.mark.parametrize(
    ("name", "lines", "posts"),
    [
        ("a.txt", LINES, LINES),  # the first post is no heading, and commas divide no text
        ("a.csv", LINES[1:4] * 2, LINES[1:4] * 2),
        ("a.csv", ["用户评论", *SPOKEN], SPOKEN),
        ("a.csv", ["q1", *SPOKEN], SPOKEN),
        ("a.txt", ["text", *SPOKEN], SPOKEN),
        *(
            (name, [first, *MORE], [first, *MORE])
            for first in ("客服不理我的反馈", "Too slow", "很差", "没人看意见", "好评")
            for name in ("a.txt", "a.csv")
        ),
        # Nor is a later post that is a name of texts a heading, with posts above it.
        *((name, [*MORE, "反馈", *MORE], [*MORE, "反馈", *MORE]) for name in ("a.txt", "a.csv")),
        ("a.csv", ["六月导出", "评论", *SPOKEN], SPOKEN),
        *(("a.txt", [first, *MORE], [first, *MORE]) for first in ("虚假的说明", "ok", "差")),
    ],
)
def test_posts_that_stand_one_a_line_are_all_read(tmp_path, name, lines, posts):
    path = tmp_path / name
    path.write_text("\n".join(lines) + "\n", "utf-8")
    ingestion = ingest([path], secret=SECRET)
    read = take(ingestion)
    assert read["text"].to_list() == posts
    assert read["published_at"].count() == (3 if "2020" in lines[0] else 0)
    assert ingestion.reconciliation["records_read"].sum() == len(posts)


@pytest.mark.parametrize(
    ("name", "first"),
    [("a.txt", "顾客意见"), ("a.txt", "q1"), ("a.csv", "答卷"), ("a.csv", "您对本店的意见")],
)
def test_of_a_first_line_that_is_no_post_the_user_is_told(tmp_path, name, first):
    path = tmp_path / name
    path.write_text("\n".join([first, *SPOKEN]) + "\n", "utf-8")
    ingestion = ingest([path], secret=SECRET)
    assert take(ingestion)["text"].to_list() == SPOKEN
    assert any(f"“{first}”, is read as a heading" in note for note in ingestion.notes)


WIDE = ["太慢了，真的", "坏了,不退；客服|不理\t人", "很好"]


@pytest.mark.parametrize(
    ("files", "read"),
    [
        ({"a.txt": MORE, "b.txt": LINES, "说明.txt": ["六月的数据"]}, [*MORE, *LINES]),
        ({"a.txt": MORE, "b.csv": ["内容,时间", "慢,2020-06-01"]}, ["慢"]),
    ],
)
def test_a_folder_of_posts_one_a_line_is_read_where_nothing_in_it_has_names(tmp_path, files, read):
    for name, lines in files.items():
        (tmp_path / name).write_text("\n".join(lines) + "\n", "utf-8")
    ingestion = ingest([tmp_path], secret=SECRET)
    assert take(ingestion)["text"].to_list() == read
    assert sum("not read (no posts known)" in note for note in ingestion.notes) == 1


@pytest.mark.parametrize(
    ("names", "cells", "moment", "precision"),
    [
        (["日期", "时间"], ["2020-06-12", "08:03"], "2020-06-12 08:03:00", "minute"),
        (["日期", "时间"], ["2020/6/12", "下午8:03"], "2020-06-12 20:03:00", "minute"),
        (["发布日期", "发布时间"], ["20200612", "08:03:05"], "2020-06-12 08:03:05", "second"),
        (["date", "time"], ["6/13/2020", "8:03 PM"], "2020-06-13 20:03:00", "minute"),
        (["日期", "时刻"], ["2020-06-12 00:00:00", "8时03分"], "2020-06-12 08:03:00", "minute"),
        (["年", "月", "日"], ["2020", "6", "2"], "2020-06-02 00:00:00", "day"),
        (["Year", "Month", "Day"], ["2020", "06", "02"], "2020-06-02 00:00:00", "day"),
        (["年份", "月份", "日期"], ["2020年", "6月", "2日"], "2020-06-02 00:00:00", "day"),
        (["年", "月", "日", "时间"], ["2020", "6", "2", "08:03"], "2020-06-02 08:03:00", "minute"),
        # What is no clock time of the post changes none.
        (["日期", "更新时间"], ["2020-06-12", "08:03"], "2020-06-12 00:00:00", "day"),
        (["日期", "时长"], ["2020-06-12", "08:03"], "2020-06-12 00:00:00", "day"),
        (["发布时间", "时间"], ["2020-06-12 09:00", "08:03"], "2020-06-12 09:00:00", "minute"),
        (
            ["年", "月", "日", "发布时间"],
            ["2020", "6", "2", "2020-06-12"],
            "2020-06-12 00:00:00",
            "day",
        ),
    ],
)
def test_a_time_in_several_columns_is_joined(tmp_path, names, cells, moment, precision):
    rows = [["内容", *names], *([spoken, *cells] for spoken in SPOKEN)]
    write_csv(tmp_path / "a.csv", rows)
    # Beside this one a table without days would be passed over.
    write_csv(tmp_path / "b.csv", [["内容", "时间"], ["慢", "2020-06-01"]])
    posts = take(ingest([tmp_path], secret=SECRET)).filter(pl.col("source_file") == "a.csv")
    assert posts["published_at"].dt.to_string("%Y-%m-%d %H:%M:%S").to_list() == [moment] * 3
    assert posts["published_precision"].to_list() == [precision] * 3


def test_a_date_without_its_clock_time_stays_a_day_and_commas_of_a_text_hide_no_time(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "内容,日期,时间\n慢,2020-06-12,08:03\n坏,2020-06-12,\n贵,真的,2020-06-12,08:05\n", "utf-8"
    )
    posts = take(ingest([path], secret=SECRET))
    assert posts["published_precision"].to_list() == ["minute", "day", "minute"]
    assert posts["text"].to_list() == ["慢", "坏", "贵,真的"]
    assert "时间" not in explain(path).partition("not read")[2].partition("\n")[0]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["xlsx", "parquet"])
def test_typed_dates_and_clock_times_are_joined(tmp_path, kind):
    moments = pd.to_datetime([f"2020-06-0{n} 08:0{n}" for n in (1, 2, 3)])
    frame = pd.DataFrame({"内容": SPOKEN, "日期": moments.date, "时间": moments.time})
    if kind == "xlsx":
        frame.to_excel(tmp_path / "a.xlsx", index=False)
    else:
        frame.to_parquet(tmp_path / "a.parquet")
    posts = take(ingest([tmp_path], secret=SECRET))
    assert posts["published_at"].dt.minute().to_list() == [1, 2, 3]


CUT = [
    "快递太慢{c}三天没到{c}气死我了",
    "客服不理人{c}问了两次{c}没用",
    "价格涨了{c}昨天还便宜{c}坑人",
]


@pytest.mark.parametrize(
    "clock",
    [" 10:00", " 10:00:00", "T10:00:00Z", " 10:00:00+08:00", " 10:00:00.123", " 10:00 AM",
     " 10:00:00 UTC", " 星期一", " 上午10:00:05", ""],
)  # fmt: skip
@pytest.mark.parametrize(("mark", "name"), [(",", "a.csv"), ("\t", "a.tsv"), (",", "a.txt")])
def test_a_table_that_begins_with_a_time_stays_one(tmp_path, clock, mark, name):
    said = [f"客服第{n}次不理人" for n in range(15)]
    rows = [mark.join((f"2020-06-01{clock}", f"甲{n}", text, "1")) for n, text in enumerate(said)]
    head = mark.join(("时间", "昵称", "评论内容", "评分"))
    (tmp_path / name).write_text("\n".join([head, *rows]) + "\n", "utf-8")
    posts = take(ingest([tmp_path / name], secret=SECRET))
    assert posts["text"].to_list() == said
    assert posts["rating"].to_list() == [1] * 15
    (tmp_path / name).write_text("\n".join(rows) + "\n", "utf-8")
    choice = ColumnChoice(text=("column 3",), time="column 1")
    posts = take(ingest([tmp_path / name], secret=SECRET, choice=choice))
    assert posts["text"].to_list() == said


@pytest.mark.parametrize(("added", "is_text"), [(20, False), (29, False), (30, True)])
def test_grades_are_the_text_where_few_have_said_more(tmp_path, added, is_text):
    said = ["好评", "默认好评", "差评", "好"]
    rows = [
        f"{said[n % 4]},{f'用了{n}天就坏了没人管' if n < added else ''},2020-06-01"
        for n in range(60)
    ]
    (tmp_path / "a.csv").write_text("\n".join(["评价,追评,时间", *rows]) + "\n", "utf-8")
    posts = take(ingest([tmp_path / "a.csv"], secret=SECRET))
    assert posts.height == (added if is_text else 60)


@pytest.mark.parametrize(
    ("name", "is_somebody"),
    [
        ("匿名", False), ("匿名用户", False), ("匿名买家", False), ("京东匿名用户", False),
        ("j***5", False), ("**鱼", False), ("t**", False), ("a*b", True), ("*小鱼*", True),
        ("138****1234", True),
        ("Anonymous", False), ("anonymous user", False), ("赵女士", False), ("李先生", False),
        ("王某", False), ("张某某", False), ("爱吃鱼的女士", True),
        ("先生", True), ("不匿名的阿强", True), ("Anonymous_2019", True), ("赵晓", True),
    ],
)  # fmt: skip
def test_a_name_that_many_go_by_is_no_author(tmp_path, name, is_somebody):
    rows = [["内容", "时间", "昵称"], *([f"第{n}次没人管", "2020-06-01", name] for n in range(3))]
    posts = take(ingest([write_csv(tmp_path / "a.csv", rows)], secret=SECRET))
    assert posts["author_key"].is_not_null().all() == is_somebody
    assert posts["author_key"].null_count() in (0, 3)


def test_lines_of_which_some_are_times_are_no_posts(tmp_path):
    path = tmp_path / "chat.txt"
    lines = [f"2020-06-12 08:03:00 第{n}次\n{said}\n" for n, said in enumerate(SPOKEN * 3)]
    path.write_text("".join(lines), "utf-8")
    with pytest.raises(CaodianError, match="9 of the first 18 lines begin or end with a time"):
        ingest([path], secret=SECRET)


@pytest.mark.parametrize("said", ["？？？为什么", "Déçu, très déçu", "??", "什么鬼", "6666"])
def test_texts_that_only_look_lost_are_read(tmp_path, said):
    rows = [["内容"], [said], [said + "呢"], ["好"], ["坏了"]]
    assert take(ingest([write_csv(tmp_path / "a.csv", rows)], secret=SECRET)).height == 4


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            [["内容", "时间"], ["慢", "2020-06-01"], ["坏", ""]],
            "1 of 2 records are rejected: .*fill",
        ),
        (
            [["内容", "时间"], ["慢", "2020-06-01"], ["坏", "昨天"]],
            "2 records are rejected: .*no year; --time-column none counts all",
        ),
        (
            [["评价", "时间", "评分"], ["慢", "2020-06-01", "不好"], ["坏", "2020-06-01", "1"]],
            "1 of 2 cells of the column “评分” cannot be read as rating",
        ),
    ],
)
def test_what_is_lost_in_many_rows_is_told(tmp_path, rows, words):
    ingestion = ingest([write_csv(tmp_path / "a.csv", rows)], secret=SECRET)
    take(ingestion)
    [note] = ingestion.notes
    assert re.search(words, note)
    many = [*rows, *([rows[1]] * 40)]
    ingestion = ingest([write_csv(tmp_path / "b.csv", many)], secret=SECRET)
    take(ingestion)
    assert not ingestion.notes or "评分" in words


@pytest.mark.parametrize(
    ("times", "undated"),
    [
        (["2020-06-01", "昨天 12:30", "3天前"], [("undated", 2)]),
        (["2020-06-01", "", "3天前"], [("undated", 2)]),
        (["2020-06-01"] * 3, []),
        (["2020-06-01"] * 39 + ["昨天"], []),
    ],
)
def test_records_whose_day_cannot_be_read_are_told_where_they_are_not_few(tmp_path, times, undated):
    rows = [["内容", "时间"], *([f"第{n}次没人管", time] for n, time in enumerate(times))]
    ingestion = ingest([write_csv(tmp_path / "a.csv", rows)], secret=SECRET)
    take(ingestion)
    assert [(one.reason, one.number) for one in ingestion.unread] == undated


@pytest.mark.parametrize(
    ("times", "told"),
    [
        (["6/1/20", "6/12/20", "6/5/20"], [("month_first", 3)]),
        (["1/6/20", "12/6/20", "5/6/20"], [("day_first", 3)]),
        (["20/6/1", "20/6/12", "20/6/5"], [("year_first", 3)]),
        (["6/1/2020", "6/12/2020", "6/5/2020"], [("month_first", 3)]),
        (["2020-06-01", "2020-06-12", "2020/6/5"], []),
    ],
)
def test_an_order_of_dates_that_their_column_alone_tells_is_told_to_the_page(tmp_path, times, told):
    rows = [["内容", "时间"], *([f"第{n}次没人管", time] for n, time in enumerate(times))]
    ingestion = ingest([write_csv(tmp_path / "a.csv", rows)], secret=SECRET)
    take(ingestion)
    assert [(one.reason, one.number) for one in ingestion.unread] == told
    assert sum("first" in note for note in ingestion.notes) == len(told)


@pytest.mark.parametrize(
    "rows",
    [
        [["q1", "q2"], *([spoken, spoken] for spoken in SPOKEN)],  # which of the two?
        [["n", "q1"], *([n, "很好"] for n in range(9))],  # no sentences
        [["n", "q1"], *([n, spoken] for n, spoken in enumerate(SPOKEN[:2]))],  # too few to tell
        [[spoken] for spoken in SPOKEN],  # prose has lines, too
        [["q1", "q2"], ["n", "好"], ["q1", "q2"], ["n", "差"]],  # a header twice is no record
    ],
)
def test_where_the_cells_do_not_tell_either_the_user_is_asked(tmp_path, rows):
    with pytest.raises(CaodianError, match="--text-column"):
        ingest([write_csv(tmp_path / "a.csv", rows)], secret=SECRET)


def test_a_column_of_a_file_without_header_can_be_named_by_its_number(tmp_path):
    path = write_csv(tmp_path / "a.csv", [[1, "好"], [2, "差"]])
    choice = ColumnChoice(text=("column 2",))
    assert take(ingest([path], secret=SECRET, choice=choice))["text"].to_list() == ["好", "差"]


def test_a_title_is_the_text_where_there_is_no_other(tmp_path):
    rows = [["标题", "链接", "发布时间"], ["退款一直不到账", "http://a.cn/1", "2020-06-12"]]
    assert take(ingest([write_csv(tmp_path / "a.csv", rows)], secret=SECRET))["text"].to_list() == [
        "退款一直不到账"
    ]


def test_a_text_of_a_lower_rank_is_read_where_that_of_the_best_holds_dates(tmp_path):
    rows = [["content", "description", "time"]]
    rows += [["2020-06-01", spoken, f"2020-06-0{n}"] for n, spoken in enumerate(SPOKEN, 2)]
    write_csv(tmp_path / "a.csv", rows)
    posts = take(ingest([tmp_path], secret=SECRET))
    assert posts["text"].to_list() == SPOKEN
    assert posts["published_at"].dt.day().to_list() == [2, 3, 4]


def test_nested_names_are_known_by_their_last_part(tmp_path):
    rows = [
        ["reviews.text", "reviews.date", "user.created_at"],
        ["late", "2020-06-12", "2011-01-01"],
    ]
    posts = take(ingest([write_csv(tmp_path / "a.csv", rows)], secret=SECRET))
    assert posts["published_at"].dt.year().to_list() == [2020]


def test_window_is_unknown_without_a_study(reviews):
    assert take(ingest([reviews], secret=SECRET))["is_in_window"].to_list() == [None] * 3


def test_which_repeat_counts_does_not_depend_on_the_order_of_files(tmp_path):
    header = ["id", "bid", "user_id", "微博正文", "转发数", "评论数", "点赞数", "发布时间"]
    first = write_csv(
        tmp_path / "a.csv", [header, ["9", "x", "5", "短信太多", "0", "0", "0", "2020-06-02 10:00"]]
    )
    second = write_csv(
        tmp_path / "b.csv",
        [header, ["9", "x", "5", "短信太多了", "0", "0", "0", "2020-06-02 10:00"]],
    )
    counted = [
        take(ingest(paths, secret=SECRET)).filter(pl.col("repeat_of").is_null())["text"].to_list()
        for paths in ([first, second], [second, first])
    ]
    assert counted == [["短信太多了"], ["短信太多了"]]


def test_one_local_id_with_two_texts_is_two_posts(tmp_path):
    header = ["留言编号", "留言用户", "留言主题", "留言时间", "留言详情"]
    rows = [
        ["7", "U1", "甲", "2020/1/6 12:09:38", "路坏"],
        ["7", "U1", "乙", "2020/1/6 12:09:38", "灯坏"],
    ]
    posts = take(ingest([write_csv(tmp_path / "a.csv", [header, *rows])], secret=SECRET))
    assert posts["repeat_of"].to_list() == [None, None]
    assert posts["post_id"].n_unique() == 2


def test_identical_rows_without_id_are_numbered(tmp_path):
    rows = [["评论", "时间"], ["好评", "2020-06-01"], ["好评", "2020-06-01"]]
    posts = take(ingest([write_csv(tmp_path / "a.csv", rows)], secret=SECRET))
    assert sorted(post_id[-2:] for post_id in posts["post_id"]) == ["-1", "-2"]
    assert posts["post_id"].str.slice(0, 20).n_unique() == 1


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([["甲", "乙"], ["1", "2"]], ["甲, 乙", "--text-column", "--time-column"]),
        ([["评论", "留言", "时间"], ["慢", "坏", "2020-06-01"]], ["评论, 留言", "--text-column"]),
        ([["评论", "时间"], ["", "2020-06-01"]], ["text"]),
        ([["评论", "时间"]], ["at least one post"]),
        ([["内容", "慢", "坏", "贵"], ["时间", *["2020-06-01"] * 3]], ["4 columns", "transpose"]),
        (
            [["时间", *["2020-06-01"] * 3], ["内容", "慢", "坏", "贵"], ["评分", 1, 2, 3]],
            ["4 columns", "transpose"],
        ),
        ([["内容"], *[["???????"]] * 3], ["3 of 3 are question marks", "UTF-8"]),
        ([["内容"], *[["等了九天".encode().decode("latin-1")]] * 3], ["wrong encoding", "UTF-8"]),
        ([["内容"], *[["等了九天还没发货".encode().decode("gb18030", "ignore")]] * 3], ["UTF-8"]),
        ([["Too slow"], *[[spoken] for spoken in SPOKEN]], ["first row seems to be a record"]),
        (
            [["退款慢", "2020-06-01 10:00"], ["坏了", "2020-06-02 11:00"]],
            ["first row seems to be a record", "2 cells"],
        ),
    ],
)
def test_what_cannot_be_read_is_asked_about(tmp_path, rows, words):
    path = write_csv(tmp_path / "a.csv", rows)
    with pytest.raises(CaodianError) as caught:
        take(ingest([path], secret=SECRET))
    assert all(word in str(caught.value) for word in words)


def test_a_choice_maps_an_unknown_table(tmp_path):
    path = write_csv(tmp_path / "a.csv", [["甲", "乙"], ["发货慢", "2020年6月12日 08:03"]])
    posts = take(ingest([path], secret=SECRET, choice=ColumnChoice(text=("甲",), time="乙")))
    assert posts["text"].to_list() == ["发货慢"]
    assert str(posts["published_at"][0]).startswith("2020-06-12 08:03:00+08:00")
    assert posts["published_precision"].to_list() == ["minute"]


def test_every_column_can_be_chosen(tmp_path):
    header = list("甲乙丙丁戊己庚辛")
    row = ["发货慢", "2020-06-12 08:03", "77", "2", "买家7", "浙江", "618", "微博"]
    path = write_csv(tmp_path / "a.csv", [header, row])
    choice = ColumnChoice(
        text=("甲",), time="乙", id="丙", rating="丁", author="戊", region="己", keyword="庚",
        channel="辛",
    )  # fmt: skip
    post = take(ingest([path], secret=SECRET, choice=choice)).row(0, named=True)
    assert (post["post_id"], post["rating"], post["region"], post["keyword"], post["channel"]) == (
        "77", 2.0, "浙江", "618", "weibo",
    )  # fmt: skip
    assert len(post["author_key"]) == 32
    assert "买家7" not in str(post)


@pytest.mark.parametrize("header", [["甲", "乙", "丙"], ["评论", "时间", "丙"]])
def test_a_table_with_chosen_stars_holds_reviews(tmp_path, header):
    rows = [header, ["发货慢", "2020-06-12 08:03", "2"], ["", "2020-06-12 08:04", "5"]]
    path = write_csv(tmp_path / "a.csv", rows)
    choice = ColumnChoice(text=header[:1], time=header[1], rating="丙")
    posts = take(ingest([path], secret=SECRET, choice=choice))
    assert posts["kind"].to_list() == ["review", "review"]
    assert posts["rating"].to_list() == [2.0, 5.0]


def test_a_chosen_column_that_is_not_there_is_named(reviews):
    with pytest.raises(CaodianError, match=r"coment.*Did you mean 'comment'"):
        take(ingest([reviews], secret=SECRET, choice=ColumnChoice(text=("coment",))))


@pytest.mark.parametrize("make", [lambda p: p / "absent.csv", lambda p: p])
def test_absent_files_and_folders_without_exports_are_refused(tmp_path, make):
    with pytest.raises(CaodianError):
        ingest([make(tmp_path)], secret=SECRET)


def test_an_empty_file_is_refused(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"")
    with pytest.raises(CaodianError, match="empty"):
        ingest([tmp_path / "a.csv"], secret=SECRET)


def test_explain_names_format_era_and_mapping(reviews):
    told = explain(reviews)
    assert "review export" in told
    assert "text <- comment" in told
    assert "\n  channel: review\n" in told
    assert "product <- product_id" in told


@pytest.mark.parametrize(
    ("cell", "post_id"),
    [('="4973000000000001"', "4973000000000001"), ("'4973000000000001", "4973000000000001")],
)
def test_what_spreadsheets_put_around_ids_is_taken_off(tmp_path, cell, post_id):
    rows = [["id", "text", "created_at"], [cell, "不退款", "2020-06-12"]]
    posts = take(ingest([write_csv(tmp_path / "a.csv", rows)], secret=SECRET))
    assert posts["post_id"].to_list() == [post_id]


def test_ids_whose_digits_are_lost_identify_nothing(tmp_path):
    rows = [
        ["id", "text", "created_at"],
        *([["4.973E+15", text, "2020-06-12"] for text in ("慢", "坏")]),
    ]
    posts = take(ingest([write_csv(tmp_path / "a.csv", rows)], secret=SECRET))
    assert posts["post_id"].n_unique() == 2
    assert posts["repeat_of"].null_count() == 2


@pytest.mark.parametrize(
    ("dates", "months"),
    [(["06/13/2020", "06/05/2020"], [6, 6]), (["13/06/2020", "05/06/2020"], [6, 6])],
)
def test_one_clear_date_tells_the_order_of_a_column(tmp_path, dates, months):
    rows = [["Review", "Date"], *([f"late {n}", date] for n, date in enumerate(dates))]
    posts = take(ingest([write_csv(tmp_path / "a.csv", rows)], secret=SECRET))
    assert posts["published_at"].dt.month().to_list() == months


def test_originals_reached_through_a_repost_are_marked(tmp_path):
    header = [
        "id",
        "bid",
        "user_id",
        "微博正文",
        "转发数",
        "评论数",
        "点赞数",
        "发布时间",
        "retweet_id",
    ]
    rows = [
        ["1", "a", "5", "同感", "0", "0", "0", "2020-06-02 10:00", "2"],
        ["2", "b", "6", "原文", "0", "0", "0", "2020-05-02 10:00", ""],
        ["3", "c", "7", "别的", "0", "0", "0", "2020-06-02 10:00", ""],
    ]
    path = write_csv(tmp_path / "a.csv", [header, *rows])
    posts = take(ingest([path], secret=SECRET, study=JUNE))
    assert posts["kind"].to_list() == ["repost", "post", "post"]
    assert posts["via_repost"].to_list() == [False, True, False]
    assert posts["is_in_window"].to_list() == [True, False, True]


#   what the export holds, the writer's own words
SITE_WORDS = [
    ("（该条评论已经被删除）太卡了，登录不上", "太卡了，登录不上"),
    ("(此条评价已被系统屏蔽) 差", "差"),
    ("【该内容已被作者删除】", None),
    ("此用户未及时填写评价内容，系统默认评价！", None),
    ("评价方未及时做出评价,系统默认好评!", None),
    ("此用户没有填写评价。", None),
    ("（该条评论已经被删除，凭什么）差", "（该条评论已经被删除，凭什么）差"),
    ("我的评论已经被删除了", "我的评论已经被删除了"),
    ("默认好评，不知道掉不掉色", "默认好评，不知道掉不掉色"),
    ("（评论区）删除了", "（评论区）删除了"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("text", "own"), SITE_WORDS)
def test_a_sites_own_words_are_no_part_of_a_text(tmp_path, text, own):
    rows = [["评论内容", "评论时间", "评分"], [text, "2020-06-01", "1"], ["慢", "2020-06-01", "1"]]
    posts = take(ingest([write_csv(tmp_path / "a.csv", rows)], secret=SECRET))
    assert posts["text"].to_list() == [own, "慢"]


def test_a_text_that_stands_once_for_each_topic_is_one_post(tmp_path):
    rows = [["content_id", "content", "subject"]]
    rows += [
        ["7", "油耗高，还漏油", "油耗"],
        ["7", "油耗高，还漏油", "质量"],
        ["8", "油耗高", "油耗"],
    ]
    choice = ColumnChoice(time="none")
    posts = take(ingest([write_csv(tmp_path / "a.csv", rows)], secret=SECRET, choice=choice))
    assert posts["repeat_of"].null_count() == 2


def test_the_shops_words_for_no_review_are_a_post_without_text(tmp_path):
    path = tmp_path / "posts.csv"
    path.write_text(
        "post_id,text,published_at\n1,此用户没有填写评价内容,2020-06-01 08:00\n"
        "2,,2020-06-01 08:00\n3,慢,2020-06-01 08:00\n",
        encoding="utf-8",
    )
    ingestion = ingest([path], secret=b"s")
    posts = pl.concat(ingestion.partitions())
    assert posts.select("post_id", "text").rows() == [("1", None), ("3", "慢")]
    assert ingestion.rejects["row_number"].to_list() == [2]


@pytest.fixture
def exports(tmp_path):
    """Three tables; the second repeats two rows of the first and has one that is rejected."""
    rows = [
        (f"2019-06-{day:02d} 10:00:00", f"第{day}天还没发货", f"id{day}") for day in range(1, 8)
    ]
    parts = [rows[:4], [*rows[2:5], ("not a time", "坏了", "id9")], rows[5:]]
    for number, part in enumerate(parts):
        frame = pl.DataFrame(part, schema=["评论时间", "评论内容", "评论id"], orient="row")
        frame.write_csv(tmp_path / f"reviews-{number}.csv")
    return tmp_path


def elsewhere(function, calls):
    """Call the function on copies, as a worker has them, and return a copy of what it returns."""
    for call in calls:
        yield pickle.loads(cloudpickle.dumps(function(*cloudpickle.loads(cloudpickle.dumps(call)))))


def read_table_alone(table):
    return list(table.partitions()), table.reader


@pytest.mark.slow
def test_tables_read_by_workers_are_those_of_the_whole(exports):
    whole = ingest([exports], secret=b"s")
    posts = pl.concat(whole.partitions())
    parted = ingest([exports], secret=b"s")
    tables = parted.tables(elsewhere)
    parts = []
    for place, (frames, reading) in enumerate(
        elsewhere(read_table_alone, ((table,) for table in tables))
    ):
        parts += frames
        parted.take_back(place, reading)
    assert pl.concat(parts).equals(posts)
    assert posts["repeat_of"].count() == 2
    assert parted.reconciliation.equals(whole.reconciliation)
    assert parted.rejects.equals(whole.rejects)
    assert parted.rejects.height == 1
    assert parted.notes == whole.notes


def test_the_limit_holds_over_tables_wherever_they_are_read(exports):
    whole = ingest([exports], secret=b"s", limit=6)
    posts = pl.concat(whole.partitions())
    parted = ingest([exports], secret=b"s", limit=6)
    parts = [part for table in parted.tables(elsewhere) for part in table.partitions()]
    assert pl.concat(parts).equals(posts)
    assert posts.height == 6
    assert posts["source_file"].n_unique() == 2


def test_the_window_of_a_study_is_marked(exports):
    study = load_study("studies/618-2019-water-heaters.yaml")
    table = ingest([exports], secret=b"s", study=study).tables(starmap)[0]
    assert next(table.partitions())["is_in_window"].all()


@pytest.mark.parametrize("ahead", [0, 1, 3])
def test_work_ahead_keeps_the_order(ahead):
    assert list(prefetch(lambda number: number * 2, range(7), ahead=ahead)) == list(range(0, 14, 2))


def test_in_python_the_advice_names_arguments_and_no_options(tmp_path):
    path = tmp_path / "odd.csv"
    path.write_text("甲,乙\n1,2\n3,4\n", encoding="utf-8")
    with pytest.raises(CaodianError) as caught:
        read_posts(path)
    assert 'columns={"text": …}' in str(caught.value)
    assert "--" not in str(caught.value)


@pytest.mark.parametrize(
    ("texts", "kept"),
    [
        ([f"网友{n}:第{n}天还没发货" for n in range(6)], [f"第{n}天还没发货" for n in range(6)]),
        ([f"网友{n}:618第{n}次没抢到" for n in range(6)], [f"618第{n}次没抢到" for n in range(6)]),
        ([f"投诉:第{n}次买到假货" for n in range(6)], None),
        ([f"京东618:满减规则第{n}条看不懂" for n in range(6)], None),
        ([f"{8 + n}:30下的单到现在还没发货" for n in range(6)], None),
        ([f"https://weibo.example/{n} 这家店不发货" for n in range(6)], None),
        (
            [*(f"网友{n}:还没发货" for n in range(10)), "我12:30下的单还没发货"],
            [*["还没发货"] * 10, "我12:30下的单还没发货"],
        ),
    ],
    ids=range(7),
)
def test_only_names_of_writers_are_taken_off_texts_of_a_topic(tmp_path, texts, kept):
    path = tmp_path / "话题.csv"
    rows = {"微博正文": texts, "发布时间": [f"2020-06-12 08:{n:02}" for n in range(len(texts))]}
    pl.DataFrame(rows).write_csv(path)
    posts = take(ingest([path], secret=SECRET))
    assert sorted(posts["text"].to_list()) == sorted(kept or texts)
    assert posts["author_key"].drop_nulls().n_unique() == (min(len(texts), 10) if kept else 0)


@pytest.mark.parametrize(
    ("name", "mark", "told"),
    [
        ("内容", "[捂脸]", True), ("内容", "", False), ("投诉内容", "[捂脸]", False),
        # 评论 is no name of reviews, so that they are some is told by the texts.
        ("评论内容", "，质量不错", True), ("评价内容", "，质量不错", False),
    ],
)  # fmt: skip
def test_that_the_texts_told_the_place_stands_in_the_account(tmp_path, name, mark, told):
    rows = [[name, "时间"], *([f"第{n}次没人管{mark}", "2020-06-01"] for n in range(60))]
    ingestion = ingest([write_csv(tmp_path / "a.csv", rows)], secret=SECRET)
    take(ingestion)
    assert ingestion.reconciliation["era"].str.endswith("place told by the texts").all() == told


@pytest.mark.parametrize("file", ["618-2020.csv", "2020年6月投诉.csv"])
def test_dates_without_a_year_take_that_of_the_file_and_it_is_told(tmp_path, file):
    rows = [["内容", "时间"], *([f"第{n}次没人管", f"6月{n}日 08:03"] for n in range(1, 9))]
    ingestion = ingest([write_csv(tmp_path / file, rows)], secret=SECRET, study=JUNE)
    days = take(ingestion)["published_at"].dt.strftime("%Y-%m-%d %H:%M").to_list()
    assert days == [f"2020-06-0{n} 08:03" for n in range(1, 9)]
    assert [(one.reason, one.number) for one in ingestion.unread] == [("year_named", 8)]
    assert any("read as of 2020" in note for note in ingestion.notes)


def test_the_title_of_a_table_tells_the_year_and_a_row_of_totals_has_no_day(tmp_path):
    rows = [
        *(["2020年投诉明细", "", ""], ["序号", "日期", "投诉内容"]),
        *([str(n), f"6.{n}", f"第{n}次没人管"] for n in range(4, 12)),
        ["合计", "", "8件"],
    ]
    ingestion = ingest([write_csv(tmp_path / "a.csv", rows)], secret=SECRET, study=JUNE)
    posts = take(ingestion)
    assert posts["published_at"].dt.strftime("%m-%d").to_list()[-2:] == ["06-10", "06-11"]
    assert (len(posts), len(ingestion.rejects)) == (8, 1)


def test_where_no_name_tells_the_year_the_user_is_told_to_name_it(tmp_path):
    rows = [["内容", "时间"], *([f"第{n}次没人管", f"6月{n}日"] for n in range(1, 9))]
    ingestion = ingest([write_csv(tmp_path / "a.csv", rows)], secret=SECRET)
    take(ingestion)
    assert any("have no year; put it into the name of the file" in note for note in ingestion.notes)


@pytest.mark.parametrize(
    ("names", "row"),
    [
        (["aweme_id", "cid", "text", "create_time"], ["7", "{}", "太慢", "1591920180"]),
        (["video_id", "comment", "create_time", "viewd_count"], ["{}", "太慢", "1591920180", "3"]),
    ],
)  # fmt: skip
def test_ids_of_a_collector_beside_other_texts_than_its_own_hide_none(tmp_path, names, row):
    rows = [names, *([cell.format(n) for cell in row] for n in range(5))]
    ingestion = ingest([write_csv(tmp_path / "a.csv", rows)], secret=SECRET)
    assert take(ingestion)["text"].to_list() == ["太慢"] * 5
