"""Authors are keyed by HMAC-SHA256, whatever the share of repeated ones."""

import hmac

import polars as pl
import pytest

from analysis.audit.machine_scores import name_posts
from analysis.corpus.families import post_keys
from analysis.corpus.ingest import read_posts
from analysis.corpus.readers.convert import (
    _hash_contents,
    _key_authors,
    _mark_cuts,
    guess_place,
    name_unnamed,
)


@pytest.mark.parametrize("authors", [["7", "8", None], ["7", "7", "7", None, "7", "甲"]])
@pytest.mark.parametrize("secret", [b"", b"k", b"x" * 64, b"y" * 100])
def test_keys_are_those_of_the_standard_library(authors, secret):
    expected = [
        author and hmac.digest(secret, f"weibo:{author}".encode(), "sha256").hex()[:32]
        for author in authors
    ]
    assert _key_authors(pl.Series(authors), secret, scope="weibo").to_list() == expected


def test_a_number_on_two_platforms_is_two_authors():
    keys = [_key_authors(pl.Series(["7"]), b"k", scope=scope)[0] for scope in ("weibo", "douyin")]
    assert keys[0] != keys[1]


def test_the_hash_of_a_row_is_pinned_and_leaves_the_author_out():
    rows = pl.DataFrame({"text": ["退款慢"], "author_key": ["a"]})
    other = rows.with_columns(author_key=pl.lit("b"))
    assert _hash_contents(rows).to_list() == _hash_contents(other).to_list()
    assert _hash_contents(rows)[0] == _hash_contents(rows.select("text"))[0]


def test_posts_without_an_id_have_one_name_wherever_it_is_asked_for():
    texts = ["好", "坏", "好", ""]
    posts = pl.DataFrame({"text": texts})
    names = name_unnamed(posts)
    assert [name[-2:] for name in names] == ["-1", "-1", "-2", "-1"]
    assert names[0][:-2] == _hash_contents(posts)[2]
    assert post_keys(posts).to_list() == names.to_list()
    assert name_posts(posts.lazy()).collect()["name"].to_list() == names.to_list()
    table = pl.DataFrame({"text": texts, "post_id": [None, "b", None, "d"]})
    assert post_keys(table).to_list() == [names[0], "b", names[2], "d"]


def test_a_read_export_names_them_in_the_same_form(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("评论内容\n退款慢\n退款慢\n", "utf-8")
    ids = read_posts(path, study=None)["post_id"].tolist()
    assert {i.partition("-")[2] for i in ids} == {"1", "2"}
    length = len(name_unnamed(pl.DataFrame({"text": ["a"]}))[0].partition("-")[0])
    assert {len(i.partition("-")[0]) for i in ids} == {length}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("等了三天…全文", "等了三天…"),
        ("等了三天... 全文", "等了三天…"),
        ("等了三天展开c", "等了三天…"),
        ("退款到账收起d", "退款到账"),
        ("请看合同全文", "请看合同全文"),
        ("全文", "全文"),
        ("展开c后面还有字", "展开c后面还有字"),
    ],
)
def test_cuts(text, expected):
    assert _mark_cuts(pl.Series([text]))[0][0] == expected


WEIGHING = [f"第{n}次回购，味道还可以，性价比高" for n in range(40)]
PLAIN = [f"第{n}天，路口的灯还是不亮" for n in range(100)]
MARKED = [f"第{n}天，又下雨了[泪]" for n in range(10)]
OF_APPS = [f"更新{n}次了还是登录不上" for n in range(13)]
PLACES = [
    (WEIGHING, "review"),
    (WEIGHING[:30], "review"),
    (WEIGHING[:29], None),
    (WEIGHING[:1] * 300, None),  # one text however often
    (WEIGHING[:29] + [None, ""] * 3, "review"),  # an empty one is a text more, and 29 weigh
    (WEIGHING[:16] + PLAIN[:54], "review"),
    (WEIGHING[:12] + PLAIN[:58], None),  # 12 of 70: not surely above three in twenty-five
    ([f"第{n}次反映，不错的小区，门口的路灯坏了" for n in range(40)], "review"),
    ([f"第{n}次反映路灯坏了，以前服务不错" for n in range(40)], None),  # later than at once
    (PLAIN, None),
    ([f"更新{n}次了还是登录不上" for n in range(12)] + PLAIN[:28], "app_store"),
    ([f"更新{n}次了还是登录不上" for n in range(5)] + PLAIN[:35], None),
    ([f"第{n}次在某某App上下单，商家不发货，要求退款" for n in range(40)], None),
    ([f"更新{n}次了还是登录不上[泪]" for n in range(40)], "weibo"),  # as people post there
    (PLAIN[:40] + MARKED, "weibo"),
    (PLAIN[:40] + MARKED[:4], None),  # 4 of 44: not surely above one in twenty
    (PLAIN[:40] + [f"//@甲{n}:转" for n in range(10)], "weibo"),
    (PLAIN[:40] + [f"#第{n}个超话#早" for n in range(10)], "weibo"),
    (PLAIN[:40] + [f"#好物{n}[话题]# [笑哭R]" for n in range(10)], None),  # Xiaohongshu's own
    (PLAIN[:40] + [f"第{n}条 [图片1]，编号#{n}" for n in range(10)], None),
    (PLAIN[:40] + [f"第{n}条[图片][视频]" for n in range(10)], None),
    ([], None),
    # of a hundred, as Wilson's interval has it
    (PLAIN[10:] + MARKED, "weibo"),
    (PLAIN[9:] + MARKED[1:], None),
    (PLAIN[13:] + OF_APPS, "app_store"),
    (PLAIN[12:] + OF_APPS[1:], None),
    (PLAIN[19:] + WEIGHING[:19], "review"),
    (PLAIN[18:] + WEIGHING[:18], None),
]


@pytest.mark.parametrize(("texts", "place"), PLACES, ids=range(len(PLACES)))
def test_enough_texts_tell_where_they_stand(texts, place):
    assert guess_place(pl.Series(texts, dtype=pl.String)) == place


# Real collections: files, column, what they are.
REAL = [
    ("online_shopping_10_cats/*.csv", "review", "review"),
    ("jd_sneakers_counterfeit/*.csv", "content", "review"),
    ("jd_water_heater/*.csv", "comment", "review"),
    ("covid_weibo_7emotion/labeledData.csv", "review", "weibo"),
    ("weibo_background_2020/posts_april.csv", "微博正文", "weibo"),
    ("bdci_car_2018/*.csv", "content", None),
    ("appstore_shopping/*.csv", "内容", "app_store"),
    ("jd_laptop_manual_2018/*_sentiment.txt", "column_1", "review"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("files", "column", "place"), REAL)
def test_real_collections_are_told_by_any_hundred_of_their_texts(
    research_data, files, column, place
):
    for path in research_data.glob(files):
        is_table = path.suffix == ".csv"
        table = pl.read_csv(
            path, ignore_errors=True, infer_schema=False, has_header=is_table,
            separator="," if is_table else "\t", quote_char='"' if is_table else None,
        )  # fmt: skip
        texts = table[column].drop_nulls().sample(2000, seed=618, shuffle=True)
        told = {guess_place(texts[n : n + 100]) for n in range(0, 2000, 100)}
        # A hundred may be too few to tell; they are taken for nothing else, but reviews of an app
        # for reviews.
        assert told <= {place, None, *(["review"] if place == "app_store" else [])}, path.name
        assert guess_place(texts) == place
