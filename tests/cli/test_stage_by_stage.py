"""The commands one after the other code posts as `caodian report` does."""

import polars as pl
import pytest

from analysis.cli.main import main
from analysis.pipeline.request import Request
from analysis.pipeline.run import Run
from analysis.schema import parse_columns
from analysis.study import load_study

STUDY = """
name: mine
title_zh: 我的
title_en: Mine
window: {start: 2020-06-01, end: 2020-06-20}
sources: [table]
"""
SLOW = "下单第九天还没发货，客服也不理人"
# Title, text, time, stars: titles that the text lacks, holds, or writes otherwise; quoted chains;
# forwards without a word; tails of collectors; answers of sellers; repeats; near-duplicates.
REVIEWS = [
    ("差评", "用了三天就漏水，打13812345678没人接", "2020-06-03 10:00:01", 1),
    ("ＯＫ退款", "OK退款不给，平台偏袒商家", "2020-06-03 10:00:02", 1),
    ("退款", "转发微博//@小王:京东发货太慢，等了十天", "2020-06-04 10:00:03", 5),
    ("", "同感//@小王:在得物买到假鞋，鉴定为假还不退", "2020-06-04 10:00:04", 2),
    ("", "转发微博。。。//@小王:在得物买到假鞋", "2020-06-04 10:00:05", 3),
    ("", "Repost", "2020-06-05 10:00:06", 3),
    ("", "红包抢了四十个才几毛，规则根本不公平…全文", "2020-06-05 10:00:07", 1),
    ("", "直播间买的玉是假的 O网页链接 展开c", "2020-06-05 10:00:08", 1),
    ("", "一更新就闪退，退订不了会员 ------ 开发者回复：感谢反馈", "2020-06-06 10:00:09", 2),
    ("", "回复@小王:买完第二天就降价，拒绝保价", "2020-06-06 10:00:10", 2),
    ("还没发货", SLOW, "2020-06-07 10:00:11", 1),
    ("还没发货", SLOW, "2020-06-07 10:00:11", 1),
    ("", SLOW + "！", "2020-06-08 10:00:12", 1),
    ("", SLOW + "！！！！！", "2020-06-08 11:00:12", 1),
    ("满意", "师傅专业，很满意&amp;下次还来", "2020-06-09 10:00:13", 5),
    ("", "京东和淘宝都有货，随便看看", "2020-07-09 10:00:14", 4),
    ("", "", "2020-06-09 10:00:15", 1),
]
WEIBO = [
    ("4501", "短信退订无效，天天轰炸 展开c", "2020-06-10 08:00"),
    ("4501", "短信退订无效，天天轰炸 展开c", "2020-06-10 08:00"),
    ("4502", "太坑//@某人:拼多多砍价砍不到", "2020-06-10 09:00"),
    ("4503", "//@某人:拼多多砍价砍不到", "2020-06-10 09:30"),
    ("4504", "质量太差收起d", "2020-06-10 10:00"),
]
JUDGED = [
    "family_id", "is_representative", "duplicate_kind", "snownlp_score", "voice", "is_negative",
    "negative_probability", "grievances", "sub_grievances", "platforms", "scores",
]  # fmt: skip


@pytest.fixture
def exports(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(STUDY, "utf-8")
    reviews = pl.DataFrame(REVIEWS, ["标题", "评论内容", "评论时间", "评分"], orient="row")
    reviews.write_csv(tmp_path / "reviews.csv")
    found = pl.DataFrame(WEIBO, ["id", "微博正文", "发布时间"], orient="row")
    found = found.with_columns(pl.lit("0").alias(n) for n in ("bid", "user_id", "转发数"))
    found.write_csv(tmp_path / "weibo.csv")
    return [tmp_path / "reviews.csv", tmp_path / "weibo.csv"]


def run(*words):
    with pytest.raises(SystemExit) as stopped:
        main([str(word) for word in words])
    assert stopped.value.code in (0, None)


def in_order(posts):
    return posts.with_columns(key=pl.concat_str("source", "post_id")).sort("key")


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_the_commands_one_after_the_other_code_as_a_report_does(exports, tmp_path, suffix):
    made = Run(Request(exports, load_study("mine.yaml")), lambda _line: None)
    made.count_corpus()
    expected = in_order(pl.read_parquet(made.paths.coded / "*.parquet"))

    run("ingest", *exports, "--study", "mine.yaml", "--out", "ingested.parquet")
    before = "ingested.parquet"
    for command in ("clean", "mask", "deduplicate", "sentiment", "code"):
        after = f"{command}.{'parquet' if command == 'code' else suffix}"
        run(command, before, "--text-column", "text", "--out", after)
        before = after
    coded = parse_columns(pl.read_parquet("code.parquet"))
    found = in_order(coded.join(expected.select("source", "post_id"), on=["source", "post_id"],
                                how="semi"))  # fmt: skip
    found = found.filter(pl.col("repeat_of").is_null())
    assert found["key"].to_list() == expected["key"].to_list()
    for name in ("text", "masked", *JUDGED):
        assert found[name].to_list() == expected[name].to_list(), name
    assert expected["is_negative"].sum() >= 8
    assert coded.height == len(REVIEWS) + len(WEIBO)


def test_masking_a_file_keeps_the_ids_of_sites_and_hides_those_of_persons(tmp_path):
    path, out = tmp_path / "a.csv", tmp_path / "b.csv"
    rows = {
        "微博id": ["4512345678901234", "4512345678905678"],
        "phone": ["13812345678", "010-62345678"],
        "text": ["快递太慢", "打13912345678"],
    }
    pl.DataFrame(rows).write_csv(path)
    with pytest.raises(SystemExit, match="0"):
        main(["mask", str(path), "--text-column", "text", "--out", str(out)])
    masked = pl.read_csv(out, infer_schema=False)
    assert masked["微博id"].to_list() == rows["微博id"]
    assert masked["phone"].to_list()[0] == "【电话】"
    assert masked["text"].to_list() == ["快递太慢", "打【电话】"]


def test_a_column_whose_name_holds_personal_data_goes_by_what_is_masked(tmp_path, capsys):
    path, out = tmp_path / "posts.csv", tmp_path / "masked.parquet"
    path.write_text("text,电话13812345678,电话13912345678,备注\n好,a,b,c\n", "utf-8")
    run("mask", str(path), "--out", str(out))
    assert pl.read_parquet(out).columns == [
        "text",
        "电话【电话】",
        "电话【电话】_2",
        "备注",
        "masked",
    ]
    assert b"13812345678" not in out.read_bytes()
    assert "`电话【电话】_2`" in capsys.readouterr().err


def test_a_column_called_masked_stays_beside_what_was_masked(tmp_path, capsys):
    path, out = tmp_path / "a.csv", tmp_path / "b.csv"
    rows = {"text": ["打13912345678"], "masked": ["是"], "masked_2": ["1"]}
    pl.DataFrame(rows).write_csv(path)
    with pytest.raises(SystemExit, match="0"):
        main(["mask", str(path), "--text-column", "text", "--out", str(out)])
    masked = pl.read_csv(out, infer_schema=False)
    assert masked.rows() == [("打【电话】", "是", "1", '{"phone":1}')]
    assert masked.columns == ["text", "masked", "masked_2", "masked_3"]
    assert "`masked_3`" in capsys.readouterr().err
