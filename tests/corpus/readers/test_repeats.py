"""Which rows without an id that names a post are one: evidence, overlaps, other shapes."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.corpus.ingest import ingest
from analysis.corpus.readers.repeats import (
    _CLASS,
    _describe_rows,
    _find_overlaps,
    _fold_said,
    _is_evidence,
    _link_group,
    _Post,
    _said_weight,
    decide,
    hash_keys,
    settle,
    summarise,
    survey_posts,
    with_said_keys,
)

SECOND, MINUTE, DAY = "2020-06-12 10:20:31", "2020-06-12 10:20", "2020-06-12"
LONG, SHORT = "安装收了三百块，一直联系不上客服", "好"


def write(path: Path, **columns: list[str | None]) -> Path:
    pl.DataFrame({name: pl.Series(cells, dtype=pl.String) for name, cells in columns.items()}) \
        .write_csv(path)  # fmt: skip
    return path


def read(*paths: Path) -> pl.DataFrame:
    ingestion = ingest(list(paths), secret=b"s")
    posts = pl.concat(ingestion.partitions())
    account = ingestion.reconciliation
    assert account["repeats"].sum() == posts["repeat_of"].count()
    assert (account["overlaps"] <= account["repeats"]).all()
    counted = posts.filter(pl.col("repeat_of").is_null())
    keys = (counted["source"] + ":" + counted["post_id"]).to_list()
    assert len(set(keys)) == len(keys)
    assert set(posts["repeat_of"].drop_nulls()) <= set(keys)
    return posts


def counted(*paths: Path) -> int:
    return read(*paths)["repeat_of"].null_count()


#   text, time, more columns that both rows share, posts that two equal rows are
WITHIN = [
    (LONG, SECOND, {"评分": "5"}, 1),
    (SHORT, SECOND, {"评分": "5"}, 1),  # nobody gets two reviews of one order in a second
    (LONG, MINUTE, {"评分": "5"}, 1),
    (SHORT, MINUTE, {"评分": "5"}, 2),
    (SHORT, MINUTE, {"评分": "5", "用户": "小王"}, 1),
    (SHORT, MINUTE, {"评分": "5", "用户": "j***1"}, 2),  # a starred name is many people's
    (SHORT, MINUTE, {"评分": "5", "用户": "匿名用户"}, 2),
    (LONG, DAY, {"评分": "5"}, 2),
    (LONG, DAY, {"评分": "5", "用户": "小王"}, 1),
    (SHORT, DAY, {"评分": "5", "用户": "小王"}, 2),
    (LONG, SECOND, {}, 1),
    (SHORT, SECOND, {}, 2),  # 666 in a live room, twice in a second
    (LONG, MINUTE, {}, 2),
    (LONG, MINUTE, {"用户": "小王"}, 1),
    (LONG, DAY, {"用户": "小王"}, 2),  # an advert that is posted again
]


@pytest.mark.slow
@pytest.mark.parametrize(("text", "time", "more", "posts"), WITHIN)
def test_equal_rows_of_one_table_are_one_post_where_that_is_evident(
    tmp_path, text, time, more, posts
):
    columns = {"内容": [text, text, "别的，也不短的一句话"], "时间": [time, time, MINUTE]}
    shared = {name: [value, value, "3"] for name, value in more.items()}
    assert counted(write(tmp_path / "a.csv", **columns, **shared)) == posts + 1


#   column, its two values: what two rows of one text and second say differently
UNLIKE = [
    ("用户", "小王", "小李", LONG, 2),
    ("评分", "5", "1", LONG, 2),
    ("商品名称", "电热水器", "空调", SHORT, 2),
    ("商品名称", "电热水器", "空调", LONG, 1),  # one review below two variants of the goods
    ("标题", "安装", "收费", LONG, 2),
    ("点赞数", "3", "8", LONG, 1),  # has grown between two collections
    ("地区", "上海", "北京", LONG, 1),
]


@pytest.mark.slow
@pytest.mark.parametrize(("column", "one", "other", "text", "posts"), UNLIKE)
def test_what_rows_say_differently(tmp_path, column, one, other, text, posts):  # noqa: PLR0917
    columns = {"评论内容": [text] * 2, "评论时间": [SECOND] * 2, column: [one, other]}
    columns = {"评分": ["5", "5"]} | columns
    together = counted(write(tmp_path / "a.csv", **columns))
    apart = [
        write(tmp_path / f"{n}.csv", **{name: [cells[n]] for name, cells in columns.items()})
        for n in range(2)
    ]
    assert (together, counted(*apart)) == (posts, posts)


#   one export, another of the same posts with other columns or another hand at the words
SHAPES = [
    ({"时间": [SECOND]}, {"时间": [MINUTE]}, {}),
    ({"时间": [SECOND], "用户": ["小王"]}, {"时间": [SECOND]}, {}),
    ({"时间": [SECOND], "评分": ["5"]}, {"时间": [MINUTE]}, {}),
    ({"时间": [SECOND], "商品id": ["77"], "评分": ["5"]}, {"时间": [SECOND], "评分": ["5"]}, {}),
    ({"时间": [SECOND], "id": ["1"]}, {"时间": [SECOND], "id": ["9001"]}, {}),
    ({"时间": [SECOND]}, {"时间": ["2020/6/12 10:20:31"]}, {}),
    ({"时间": [SECOND]}, {"时间": [SECOND]}, {"内容": [f" {LONG[:5]} \n{LONG[5:]}\u200b"]}),
    ({"时间": [SECOND]}, {"时间": [SECOND]}, {"内容": [LONG.replace("，", "&#65292;")]}),
    ({"时间": [SECOND]}, {"时间": [SECOND]}, {"内容": [LONG + "<br/>"]}),
]


@pytest.mark.slow
@pytest.mark.parametrize(("one", "other", "changed"), SHAPES)
def test_one_post_in_two_shapes_counts_once(tmp_path, one, other, changed):
    first = write(tmp_path / "a.csv", **({"内容": [LONG]} | one))
    second = write(tmp_path / "b.csv", **({"内容": [LONG]} | other | changed))
    assert counted(first, second) == counted(second, first) == 1


def days_of(words: list[str]) -> dict[str, list[str]]:
    """Reviews without author or hour: three long ones and three times 好 on each of ten days."""
    texts, days = [], []
    for day in range(1, 11):
        texts += [f"{word}第{day}天说的{'很' * 8}" for word in words] + [SHORT] * 3
        days += [f"2020-06-{day:02d}"] * (len(words) + 3)
    return {"评论内容": texts, "评论时间": days, "评分": ["5"] * len(texts)}


def part(columns: dict[str, list[str]], start: int, end: int) -> dict[str, list[str]]:
    return {name: cells[start:end] for name, cells in columns.items()}


def test_a_file_under_two_names_counts_once(tmp_path):
    columns = days_of(["甲", "乙", "丙"])
    first = write(tmp_path / "a.csv", **columns)
    second = write(tmp_path / "b.csv", **{name: cells[::-1] for name, cells in columns.items()})
    posts = read(first, second)
    assert posts["repeat_of"].null_count() == counted(first) == 60


def test_three_short_lines_under_two_names_count_once(tmp_path):
    columns = {"内容": ["发货慢", "不错", "退款难"], "时间": [DAY, DAY, "2020-06-13"]}
    paths = [write(tmp_path / name, **columns) for name in ("a.csv", "b.csv", "c.csv")]
    assert counted(*paths) == 3


@pytest.mark.slow
def test_pages_that_overlap_count_once(tmp_path):
    columns = days_of(["甲", "乙", "丙"])
    first = write(tmp_path / "a.csv", **part(columns, 0, 42))  # days 1 to 7
    second = write(tmp_path / "b.csv", **part(columns, 30, 60))  # days 6 to 10
    assert counted(first, second) == counted(second, first) == 60


def test_two_goods_are_not_taken_for_an_overlap(tmp_path):
    first = write(tmp_path / "a.csv", **days_of(["甲", "乙", "丙"]))
    second = write(tmp_path / "b.csv", **days_of(["丁", "戊", "己"]))
    assert counted(first, second) == 120


def test_one_id_in_two_exports(tmp_path):
    rows = {"id": ["1", "2"], "内容": ["慢", "坏"], "时间": [DAY, DAY]}
    same = write(tmp_path / "a.csv", **rows)
    again = write(tmp_path / "b.csv", **rows)
    later = write(tmp_path / "c.csv", **(rows | {"时间": ["2020-06-15", "2020-06-15"]}))
    assert counted(same, again) == 2
    assert counted(same, later) == 4
    # The first post under an id keeps it as the export has it, another is told from it.
    assert read(same, again).filter(pl.col("repeat_of").is_null())["post_id"].to_list() == [
        "1",
        "2",
    ]
    ids = read(same, later)["post_id"].to_list()
    assert len({*ids}) == 4 and {"1", "2"} <= {*ids} and sorted(one[0] for one in ids) == [*"1122"]


def test_one_id_and_one_text_of_one_day_are_one_post_where_nothing_else_overlaps(tmp_path):
    paths = []
    for name in ("甲", "乙"):
        said = [SHORT, *(f"{name}第{n}条说的是{'很' * 8}" for n in range(20))]
        ids = ["77", *(f"{name}{n}" for n in range(20))]
        paths.append(write(tmp_path / f"{name}.csv", id=ids, 内容=said, 时间=[DAY] * 21))
    assert counted(*paths) == 41


def test_a_live_rooms_words_at_one_second_stay(tmp_path):
    columns = {"弹幕内容": ["666"] * 5 + [LONG], "弹幕时间": [SECOND] * 6}
    assert counted(write(tmp_path / "a.csv", **columns)) == 6


def test_no_id_depends_on_the_author_or_the_secret(tmp_path):
    columns = {"内容": [LONG, LONG], "时间": [SECOND, SECOND], "用户": ["小王", "小李"]}
    named = write(tmp_path / "a.csv", **columns)
    found = [
        sorted(pl.concat(ingest([named], secret=secret).partitions())["post_id"])
        for secret in (b"one", b"two")
    ]
    bare = write(tmp_path / "b.csv", **(columns | {"用户": ["甲", "乙"]}))
    assert found[0] == found[1] == sorted(read(bare)["post_id"])


def test_which_of_several_rows_counts_is_not_told_by_the_secret(tmp_path):
    rows = [(4500000000000000 + number, writer) for number in range(20) for writer in (7, 8, 9)]
    export = write(
        tmp_path / "a.csv",
        id=[str(number) for number, _ in rows],
        bid=[f"J{number}" for number, _ in rows],
        user_id=[str(writer) for _, writer in rows],
        用户昵称=[f"用户{writer}" for _, writer in rows],
        微博正文=[f"{LONG}{number}" for number, _ in rows],
        发布时间=[SECOND] * len(rows),
    )
    found = {
        tuple(
            pl.concat(ingest([export], secret=secret).partitions())
            .filter(pl.col("repeat_of").is_null())["row_number"]
            .sort()
        )
        for secret in (b"1", b"2", b"3", b"4", b"5")
    }
    assert len(found) == 1 and len(found.pop()) == 20


def test_an_id_that_names_posts_is_all_that_counts(tmp_path):
    columns = {
        **{"source": ["simulated"] * 2, "kind": ["review"] * 2, "post_id": ["1", "2"]},
        **{"text": [LONG] * 2, "published_at": [SECOND] * 2, "channel": ["review"] * 2},
    }
    assert counted(write(tmp_path / "a.csv", **columns)) == 2


POST = st.tuples(
    st.sampled_from(["甲", "乙", "丙"]),
    st.sampled_from([LONG, LONG + "！", "慢", "坏了"]),
    st.integers(0, 59),
    st.sampled_from(["1", "5"]),
)


@pytest.mark.slow
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(posts=st.lists(POST, min_size=1, max_size=12, unique=True), data=st.data())
def test_overlapping_parts_in_any_order_are_the_whole(tmp_path, posts, data):
    """Whatever the files share and however they are ordered, each post counts once."""
    files = data.draw(st.integers(1, 4))
    places = [data.draw(st.lists(st.integers(0, files - 1), min_size=1, max_size=5)) for _ in posts]
    parts: list[list[tuple[str, str, int, str]]] = [[] for _ in range(files)]
    for post, chosen in zip(posts, places, strict=True):
        for place in chosen:
            parts[place].append(post)
    paths = []
    for number, rows in enumerate(parts):
        if rows:
            shuffled = data.draw(st.permutations(rows))
            users, texts, seconds, stars = zip(*shuffled, strict=True)
            paths.append(
                write(
                    tmp_path / f"{number}.csv",
                    **{"": [str(n) for n in range(len(rows))], "用户": list(users)},
                    评论内容=list(texts),
                    评论时间=[f"2020-06-12 10:20:{second:02d}" for second in seconds],
                    评分=list(stars),
                )
            )
    found = read(*data.draw(st.permutations(paths))).filter(pl.col("repeat_of").is_null())
    told = zip(found["text"], found["published_at"].dt.second(), found["rating"], strict=True)
    expected = Counter((text, second, float(stars)) for _, text, second, stars in posts)
    assert Counter(told) == expected
    assert found["author_key"].n_unique() == len({post[0] for post in posts})


@pytest.mark.slow
def test_neither_files_nor_rows_have_an_order(tmp_path):
    columns = days_of(["甲", "乙"])
    size = len(columns["评分"])
    parts = [part(columns, 0, 30), part(columns, 20, size), part(columns, 10, 25)]
    paths = [write(tmp_path / f"{n}.csv", **each) for n, each in enumerate(parts)]
    found = []
    for order in itertools.permutations(paths):
        posts = read(*order).filter(pl.col("repeat_of").is_null())
        found.append(sorted(posts["post_id"]))
    assert all(each == found[0] for each in found)


def overlaps(said):
    """Tell the days on which two tables hold the same posts; `said` gives each what it says."""
    rows, days = [], []
    for reading, by_day in enumerate(said):
        for day, texts in by_day.items():
            rows += [(text, 10, day, reading) for text in texts]
            days.append((day, float(len(texts)), reading))
    found = _find_overlaps(
        pl.DataFrame(
            rows,
            schema={"said_key": pl.UInt64, "said_length": pl.UInt32, "day": pl.Int32,
                    "reading": pl.Int64}, orient="row",
        ).with_columns(rows=1),
        pl.DataFrame(
            days, schema={"day": pl.Int32, "weight": pl.Float64, "reading": pl.Int64}, orient="row"
        ),
    )  # fmt: skip
    return sorted({day for _, day, _ in found.rows()})


@pytest.mark.parametrize(
    ("one", "other", "days"),
    [
        ({1: range(10)}, {1: range(6, 16)}, [1]),  # four of ten, drawn to the same: .4
        ({1: range(10)}, {1: range(8, 18)}, []),  # two of ten: .2
        ({1: range(10)}, {1: [7]}, [1]),  # all of the smaller one
        # One of two texts is shared, of one in twenty over all days: (1 + 3/20) / (2 + 3) is .23.
        ({1: [1, 2], 2: range(50, 68)}, {1: [1, 3], 2: range(70, 88)}, []),
        # One of five, and of 16 in twenty over all days: (1 + 3 · .8) / (5 + 3) is .43.
        ({1: range(5), 2: range(50, 65)}, {1: [4, 20, 21, 22, 23], 2: range(50, 65)}, [1, 2]),
    ],
)
def test_tables_overlap_on_days_on_which_three_tenths_stand_in_both(one, other, days):
    assert overlaps([one, other]) == overlaps([other, one]) == days


@pytest.mark.parametrize(("rows", "days"), [(1, []), (4, [1])])
def test_rows_that_are_alike_weigh_as_many_as_they_are(rows, days):
    said = {"said_key": [7, 7], "said_length": [10, 10], "day": [1, 1], "reading": [0, 1]}
    totals = {"day": [1, 1], "weight": [10.0, 20.0], "reading": [0, 1]}
    kinds = {"said_key": pl.UInt64, "said_length": pl.UInt32, "day": pl.Int32, "reading": pl.Int64}
    found = _find_overlaps(
        pl.DataFrame(said, schema=kinds).with_columns(rows=rows),
        pl.DataFrame(totals, schema_overrides={"day": pl.Int32}),
    )
    assert sorted({day for _, day, _ in found.rows()}) == days


@pytest.mark.parametrize(("length", "weight"), [(0, 0.0), (5, 0.5), (9, 0.9), (10, 1.0), (80, 1.0)])
def test_a_text_of_ten_characters_tells_all_of_where_it_comes_from(length, weight):
    frame = pl.DataFrame({"said_length": [length]}, schema={"said_length": pl.UInt32})
    assert frame.select(_said_weight()).item() == pytest.approx(weight)


@pytest.mark.parametrize(
    ("said", "is_evidence"),
    [
        ({"minute": 1, "second": 1, "is_named": True}, True),
        ({"minute": 1, "second": 1, "said_length": 10}, True),
        ({"minute": 1, "second": 1, "said_length": 9}, False),
        ({"minute": 1, "is_named": True, "is_review": True}, True),
        ({"minute": 1, "is_named": True}, False),
        ({"is_named": True, "said_length": 40, "is_review": True}, True),
        ({"said_length": 40, "is_review": True}, False),
    ],
)
def test_three_points_of_evidence_make_rows_one_post(said, is_evidence):
    row = {"minute": None, "second": None, "is_named": False, "said_length": 3, "is_review": False}
    frame = pl.DataFrame([row | said], schema_overrides={"minute": pl.Int64, "second": pl.Int64})
    assert frame.select(_is_evidence()).item() == is_evidence


def post_of(slot=1, *, readings=(0,), regions=(), is_long=True, **said):
    """A post of which some of minute, second, author, rating … is known."""
    known = {"is_named": False, "is_review": False} | said
    details = tuple(said.get(name) for name in _CLASS[1:])
    flags = (is_long, known["is_named"], known["is_review"])
    return _Post(slot, details, *flags, set(readings), set(regions))


@pytest.mark.parametrize(
    ("one", "other", "is_one"),
    [
        ({"minute": 5, "second": 300}, {"minute": 5, "second": 300}, True),
        ({"minute": 5, "second": 300}, {"minute": 5, "second": 300, "readings": (0,)}, False),
        ({"minute": 5, "second": 300}, {"minute": 5, "second": 301}, False),
        ({"minute": 5, "second": 300}, {"minute": 5}, False),  # a long text and the minute: two
        ({"minute": 5, "is_review": True}, {"minute": 5}, True),
        ({"minute": 5, "author": 7, "is_named": True},
         {"minute": 5, "author": 7, "is_named": True}, True),
        ({"minute": 5, "author": 7, "is_named": True}, {"minute": 5, "author": 7}, False),
        ({"minute": 5, "author": 7, "is_named": True},
         {"minute": 5, "author": 8, "is_named": True}, False),
        ({"minute": 5, "rating": 1.0, "is_review": True}, {"minute": 5, "rating": 5.0}, False),
        ({"regions": (3,)}, {"regions": (3, 4)}, True),  # their tables overlap on that day
        ({"regions": (3,)}, {"regions": (4,)}, False),
        ({"minute": 5, "second": 300, "is_long": False},
         {"minute": 5, "second": 300, "is_long": False}, False),
    ],
)  # fmt: skip
def test_rows_of_two_tables_are_one_post_where_all_agrees_and_is_enough(one, other, is_one):
    first, second = post_of(**one), post_of(2, **({"readings": (1,)} | other))
    assert first.may_be(second) == second.may_be(first) == is_one


def test_a_post_that_took_a_row_knows_what_the_row_says():
    """So a third that contradicts what the second said is another post."""
    first = post_of(1, minute=5, second=300)
    second = post_of(2, minute=5, second=300, rating=1.0, readings=(1,), regions=(9,))
    third = post_of(3, minute=5, second=300, rating=5.0, readings=(2,))
    again = post_of(4, minute=5, second=300, readings=(1,))
    assert list(_link_group([first, second, third, again])) == [(1, 2), (3, 4)]
    assert (first.readings, first.regions) == ({0, 1}, {9})
    assert first.details[_CLASS[1:].index("rating")] == 1.0


@pytest.mark.parametrize(
    ("moment", "precision", "minute", "second"),
    [
        (datetime(2020, 6, 12, 10, 20, 31), "second", True, True),
        (datetime(2020, 6, 12, 10, 20), "minute", True, False),
        (datetime(2020, 6, 12), "second", False, False),  # midnight is a day without a clock
        (datetime(2020, 6, 12, 0, 0, 1), "second", True, True),
        (datetime(2020, 6, 12, 10, 20, 31), "day", False, False),
        (None, None, False, False),
    ],
)
def test_rows_are_told_apart_by_the_clock_that_they_have(moment, precision, minute, second):
    row = {
        "said_key": 1, "said_length": 12, "day": 18425, "rating": None, "title": None,
        "product": "p", "url": "u", "target": "t", "published_at": moment,
        "published_precision": precision, "author_key": "x", "is_named": None, "kind": "review",
    }  # fmt: skip
    frame = pl.DataFrame(
        [row],
        schema_overrides={"published_at": pl.Datetime("us"), "published_precision": pl.String},
    )
    [found] = _describe_rows(frame).to_dicts()
    assert (found["minute"] is not None, found["second"] is not None) == (minute, second)
    if minute:
        whole = int((moment - datetime(1970, 1, 1)).total_seconds())
        assert found["minute"] == whole // 60 and found["second"] in (whole, None)
    # A shop shows a review of a known second below all its goods: no page tells it apart.
    assert [found[name] is None for name in ("product", "url", "target")] == [second] * 3
    assert found["is_named"] is False and found["author"] is not None


def test_only_reposts_on_weibo_name_originals():
    posts = pl.DataFrame(
        {
            "source": ["weibo_search", "weibo_crawler", "weibo_search", "jd", "weibo_search"],
            "kind": ["repost", "repost", "post", "repost", "repost"],
            "post_id": ["1", "2", "3", "4", "5"],
            "parent_id": ["7", "8", "9", "7", None],
        }
    )
    named = posts.head(2).select(hash_keys("parent_id")).to_series()
    found = survey_posts([posts])
    assert sorted(found.find_originals().to_list()) == sorted(named.to_list())
    assert len(found.keys) == 5 and found.find_repeated().is_empty()


# What is decided of rows under repeated keys, without reading a file.

ROW = {
    "reading": 0, "row_number": 2, "source": "table", "kind": "post", "post_id": "1",
    "channel": "other", "title": None, "text": "慢", "published_at": datetime(2020, 6, 12, 10, 20),
    "published_precision": "minute", "parent_id": None, "author_type": None, "region": None,
    "like_count": None, "comment_count": None, "share_count": None, "rating": None, "target": None,
    "demand": None, "amount_yuan": None, "status": None, "keyword": None, "url": None,
    "collected_at": None, "writer": None, "product": None, "author_key": None, "is_named": None,
    "has_own_id": True, "said_key": None, "said_length": None, "day": None,
}  # fmt: skip
KINDS = {
    "reading": pl.Int64, "row_number": pl.Int64, "published_at": pl.Datetime("us"),
    "collected_at": pl.Datetime("us"), "like_count": pl.Int64, "comment_count": pl.Int64,
    "share_count": pl.Int64, "rating": pl.Float64, "amount_yuan": pl.Float64,
    "is_named": pl.Boolean, "has_own_id": pl.Boolean, "said_key": pl.UInt64,
    "said_length": pl.UInt32, "day": pl.Int32,
}  # fmt: skip
NO_DAYS = pl.DataFrame(schema={"reading": pl.Int64, "day": pl.Int32, "weight": pl.Float64})


def rows_of(*changes):
    rows = [ROW | {"row_number": n} | change for n, change in enumerate(changes)]
    return pl.DataFrame(rows, schema={name: KINDS.get(name, pl.String) for name in ROW})


def decided(*changes, days=NO_DAYS):
    found = decide([summarise(rows_of(*changes))], days).sort("row_number")
    return list(found.select("final_id", "repeats", "counted_in").rows())


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"author_type": "user"}, {}),  # an original found by itself, not as another's repost
        ({"text": "慢得很"}, {"text": "慢"}),
        ({"collected_at": datetime(2020, 7, 2)}, {"collected_at": datetime(2020, 7, 1)}),
        ({"collected_at": datetime(2020, 7, 2)}, {}),
        ({"comment_count": 4}, {"comment_count": 3}),
        ({"comment_count": 0}, {}),
        ({"author_type": "user"}, {"text": "慢得很"}),  # in this order
        ({"text": "慢得很"}, {"collected_at": datetime(2020, 7, 2)}),
        ({"collected_at": datetime(2020, 7, 2)}, {"comment_count": 9}),
    ],
)
def test_of_several_copies_the_one_counts_that_says_most(first, second):
    for rows, counted in (((first, second), 0), ((second, first), 1)):
        told = decided(*({"reading": 5 + n} | row for n, row in enumerate(rows)))
        repeats = [None, None]
        repeats[1 - counted] = "table:1"
        assert told == [("1", one, 5 + counted) for one in repeats]


def test_between_equals_content_decides_and_then_the_place():
    one, other = {"url": "a"}, {"url": "b"}
    assert [row[1] is None for row in decided(one, other)] == (
        [row[1] is None for row in decided(other, one)][::-1]
    )
    assert [row[1] for row in decided({}, {})] == [None, "table:1"]
    assert [row[1] for row in decided({"reading": 2}, {"reading": 1})] == ["table:1", None]


def test_rows_that_are_alike_are_held_as_one_and_decided_each():
    weak = SAID | {"said_length": 1, "kind": "post", "post_id": "w"}
    rows = rows_of({}, {}, {"url": "b"}, SAID, SAID, weak, weak, weak | {"comment_count": 4})
    parts = [summarise(rows.filter(pl.col("row_number") % 2 == even)) for even in (0, 1)]
    assert [part.height for part in parts] == [4, 4]
    assert summarise(pl.concat([rows.head(2)] * 500)).height == 1
    told = decide(parts, NO_DAYS)
    assert told.select("row_number", "final_id", "repeats").rows() == [
        (0, "1", None), (1, "1", "table:1"), (2, "1", "table:1"),
        (3, "h-1", None), (4, "h-1", "table:h-1"), (5, "w-2", None), (6, "w-3", None),
        (7, "w-1", None),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["kind", "channel"])
def test_under_one_id_of_two_kinds_stand_two_posts(name):
    """The one that says most keeps its id, and the other has a digest of what it is."""
    first, second, third = decided({"text": "慢得很"}, {name: "b"}, {name: "b"})
    assert first == ("1", None, 0)
    assert second[0] == third[0] and second[0].startswith("1~") and len(second[0]) == 10
    assert (second[1], third[1]) == (None, f"table:{second[0]}")
    assert [row[1] for row in decided({"source": "a"}, {"source": "b"})] == [None, None]


SAID = {"said_key": 7, "said_length": 12, "day": 18425, "kind": "review", "post_id": "h",
        "published_at": datetime(2020, 6, 12, 10, 20, 31), "published_precision": "second",
        "has_own_id": False}  # fmt: skip


def test_what_is_known_by_its_words_is_numbered_where_no_id_names_it():
    first, same, other = decided(SAID, SAID, SAID | {"rating": 1.0})
    numbers = sorted([first[0], other[0]])
    assert numbers == ["h-1", "h-2"] and same[:2] == (first[0], f"table:{first[0]}")
    assert first[1] is other[1] is None


def test_an_id_that_two_posts_have_is_told_from_it_by_what_is_said():
    own = SAID | {"has_own_id": True, "post_id": "9"}
    first, other, again = decided(
        own | {"text": "慢得很"},
        own | {"said_key": 8},
        own | {"published_at": datetime(2020, 6, 12, 10, 20, 32)},
    )
    assert first == ("9", None, 0)
    assert other[0].startswith("9~") and other[1] is None
    assert again[0] == "9-2" and again[1] is None  # said alike, a second later


def test_rows_of_one_number_that_say_the_same_are_one_whatever_stands_beside():
    own = SAID | {"has_own_id": True, "post_id": "9"}
    told = decided(own, own | {"product": "a"}, own | {"title": "b"})
    assert [row[1] is None for row in told].count(True) == 1
    apart = decided(own, own | {"post_id": "8", "title": "b"})
    assert [row[1] for row in apart] == [None, None]
    assert decide([], NO_DAYS) is None


@pytest.mark.parametrize(
    ("change", "posts"),
    [
        ({}, 2), ({"kind": "review"}, 2),
        ({"published_precision": "minute", "said_length": 12}, 2),
        ({"said_length": 12, "kind": "review"}, 1),
        ({"said_length": 12, "author_key": "x", "is_named": True, "kind": "review"}, 1),
    ],
)  # fmt: skip
def test_short_words_of_one_day_in_one_table_are_posts_of_their_own(change, posts):
    row = SAID | {"kind": "post", "said_length": 1, "published_precision": "minute"} | change
    told = decided(row, row)
    assert sum(one[1] is None for one in told) == posts


@pytest.mark.parametrize(("overlap", "posts"), [(0.25, 4), (0.9, 2)])
def test_where_tables_overlap_on_a_day_as_many_count_as_the_one_with_most_holds(overlap, posts):
    """Twice 好 in either table: the same two where the tables say the same on that day."""
    short = SAID | {"said_length": 1, "published_precision": "day", "kind": "post"}
    rows = [short | {"reading": table} for table in (0, 0, 1, 1)]
    total = 0.2 / overlap  # two of a tenth each
    days = pl.DataFrame({"reading": [0, 1], "day": [18425, 18425], "weight": [total, total]},
                        schema=NO_DAYS.schema)  # fmt: skip
    told = decided(*rows, days=days)
    assert sum(one[1] is None for one in told) == posts


def test_final_ids_and_repeats_are_put_to_their_rows():
    frame = rows_of({}, {"post_id": "2"}, {"post_id": "3", "has_own_id": False},
                    {"source": "weibo_search"}, {"source": "weibo_search", "kind": "repost"},
                    {"source": "weibo_search", "author_type": "user"},
                    {"source": "weibo_search", "post_id": "5"})  # fmt: skip
    reached = frame[[3]].select(hash_keys()).to_series()
    none = settle(frame, None, reached)
    assert none["post_id"].to_list() == ["1", "2", "3-1", "1", "1", "1", "5"]
    assert none["repeat_of"].null_count() == 7 and not none["is_elsewhere"].any()
    assert none["via_repost"].to_list() == [None, None, None, True, False, False, False]
    decisions = pl.DataFrame(
        {"reading": [0, 0], "row_number": [0, 1], "final_id": ["1", "1~x"],
         "repeats": [None, "table:1"], "counted_in": [0, 4]}
    )  # fmt: skip
    some = settle(frame, decisions, reached)
    assert some["post_id"].to_list() == ["1", "1~x", "3-1", "1", "1", "1", "5"]
    assert some["repeat_of"].to_list() == [None, "table:1", *[None] * 5]
    assert some["is_elsewhere"].to_list()[:2] == [False, True]


@pytest.mark.parametrize(
    ("text", "folded"),
    [(" 慢 \n得<br/>很\u200b ", "慢得很"), ("a&amp;b", "a&b"), ("&lt;br&gt;", ""), (None, ""),
     ("<br >慢\ufeff\u2060\x00", "慢"), ("<b>慢", "<b>慢")],
)  # fmt: skip
def test_what_is_said_is_compared_without_blanks_and_entities(text, folded):
    assert _fold_said(pl.Series([text, "x"], dtype=pl.String)).to_list() == [folded, "x"]


@pytest.mark.parametrize("local_ids", [True, False])
def test_rows_are_known_by_what_they_say_where_no_id_names_them(local_ids):
    rows = rows_of({}, {"has_own_id": False}, {"has_own_id": False, "text": " 慢 "},
                   {"has_own_id": False, "source": "jd"}, {"has_own_id": False, "text": "贵"},
                   {"has_own_id": False, "published_at": None}).drop(
        "said_key", "said_length", "day")  # fmt: skip
    keys = with_said_keys(rows, local_ids=local_ids)
    said = keys["said_key"].to_list()
    assert (said[0] is None) is not local_ids
    assert said[1] == said[2] and len({*said[1:]} - {said[1]}) == (2 if local_ids else 3)
    assert (said[3] == said[1]) is local_ids  # any table may hold an export of any shop
    assert keys["said_length"].to_list() == [1] * 6
    assert keys["day"].to_list() == [18425] * 5 + [-1]
    whole = with_said_keys(rows.head(1), local_ids=local_ids)
    assert whole["said_key"].null_count() == (0 if local_ids else 1)


def test_a_survey_weighs_what_is_said_on_each_day():
    rows = rows_of({}, SAID, SAID | {"said_length": 5, "has_own_id": True, "post_id": "2"},
                   SAID | {"said_length": 0, "day": 1})  # fmt: skip
    found = survey_posts([rows, rows.head(2)])
    assert dict(found.days.rows()) == {18425: 2.5, 1: 0.0}
    assert len(found.keys) == 5 + 2 and len(found.find_repeated()) == 2
