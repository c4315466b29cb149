"""Tables whose columns blanks align, as consoles print them, and posts in TOML."""

import random
from unicodedata import east_asian_width

import pytest

from analysis.corpus.ingest import ingest
from analysis.corpus.readers.containers import tables
from analysis.corpus.readers.containers.delimited import DelimitedText
from analysis.corpus.readers.containers.export import find_exports
from analysis.errors import CaodianError


def read(folder, content, name="a.txt"):
    path = folder / name
    path.write_text(content, "utf-8")
    ingestion = ingest([path], secret=b"s")
    return [post for part in ingestion.partitions() for post in part.to_dicts()], ingestion


def width_of(text, *, is_wide):
    return sum(2 if is_wide and east_asian_width(sign) in "WF" else 1 for sign in text)


def aligned(rows, places, *, is_wide, is_right=(), gap=2, rule=None):
    """Write rows in columns as wide as their widest cell."""
    widths = [max(width_of(row[place], is_wide=is_wide) for row in rows) for place in places]
    lines = []
    for row in rows:
        cells = []
        for place, width in zip(places, widths, strict=True):
            blanks = " " * (width - width_of(row[place], is_wide=is_wide))
            cells.append(blanks + row[place] if place in is_right else row[place] + blanks)
        lines.append((" " * gap).join(cells).rstrip())
    if rule:
        lines.insert(1, (" " * gap).join(rule * width for width in widths))
    return "".join(f"{line}\n" for line in lines)


PIECES = ("慢", "坏", "ab", " ", '"', "'", ",", "，", "\\", "|", "x y", "💥", "1")


def known_rows(draw):
    return [
        ["慢" + "".join(draw.choice(PIECES) for _ in range(draw.randrange(9))) + "了",
         f"2020-06-{draw.randrange(1, 29):02d} 08:03", str(draw.randrange(1, 6)),
         draw.choice(("", "北京", "上海 浦东"))]
        for _ in range(draw.randrange(4, 30))
    ]  # fmt: skip


@pytest.mark.parametrize("is_wide", [True, False])
@pytest.mark.parametrize("rule", [None, "-"])
def test_each_row_of_a_printed_table_is_read_as_it_was_written(tmp_path, is_wide, rule):
    for number in range(25):
        draw = random.Random(f"aligned {number}")
        rows = known_rows(draw)
        places = draw.sample(range(4), 4)
        content = aligned(
            [["内容", "时间", "评分", "地区"], *rows], places, is_wide=is_wide,
            is_right=draw.choice(((), (2,), (0, 1, 2, 3))), gap=draw.randrange(2, 5), rule=rule,
        )  # fmt: skip
        posts, ingestion = read(tmp_path, content)
        found = [(post["text"], str(post["published_at"])[:16], post["rating"], post["region"])
                 for post in posts]  # fmt: skip
        wanted = [(text, time, float(stars), place or None) for text, time, stars, place in rows]
        assert found == wanted, content
        assert any("by their places" in note for note in ingestion.notes)


def test_a_frame_as_pandas_prints_it_is_read_without_its_numbers(tmp_path):
    content = "     text        created_at\n0    快递太慢  2020-06-01 08:03\n"
    content += "1  没人管 没人  2020-06-02 08:03\n"
    assert [post["text"] for post in read(tmp_path, content)[0]] == ["快递太慢", "没人管 没人"]


def test_columns_that_one_blank_divides_are_told_by_their_rules(tmp_path):
    content = "ID TEXT           CREATED_AT\n-- -------------- ----------\n"
    content += " 1 too slow       2020-06-01\n 2 nobody answers 2020-06-02\n"
    posts, _ = read(tmp_path, content)
    assert [(post["post_id"], post["text"]) for post in posts] == [
        ("1", "too slow"), ("2", "nobody answers"),
    ]  # fmt: skip


def test_a_line_that_crosses_the_columns_is_rejected_with_its_reason(tmp_path):
    rows = [["慢了" * 3, "2020-06-01"]] * 20
    content = aligned([["内容", "时间"], *rows], (0, 1), is_wide=True)
    posts, ingestion = read(tmp_path, content + "这一行比所有别的行都长得多  2020-06-01\n")
    assert len(posts) == 20
    assert ingestion.rejects["reason"].to_list() == ["1 cells where the header has 2"]


def test_columns_that_only_blanks_tell_are_read_where_each_line_has_all(tmp_path):
    content = (
        "内容   时间\n快递太慢了没人管   2020-06-01\n坏   2020-06-02\n很慢很慢很慢慢   2020-06-03\n"
    )
    assert [post["text"] for post in read(tmp_path, content)[0]] == [
        "快递太慢了没人管", "坏", "很慢很慢很慢慢",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        ("内容   时间\n快递太慢了没人管 2020-06-01\n坏 2020-06-02\n很慢很慢 2020-06-03\n", "a.txt",
         "must stand at the same places.*内容, 时间.*CSV"),
        ('[[posts]]\ntext = "慢\n', "a.toml", "TOML file must be whole.*line 2.*JSONL"),
        ("a = " + "[" * 50_000, "a.toml", "TOML file must be whole"),
        ("a = 1\n[b]\nc = 2\n", "a.toml", "--text-column"),
        ("# 没有\n", "a.toml", "a table"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_apart_is_refused_in_a_sentence(tmp_path, content, name, words):
    with pytest.raises(CaodianError, match=words):
        read(tmp_path, content, name)


@pytest.mark.parametrize(
    "content",
    [
        "内容  时间\n慢  2020\n", "内容,时间\n慢  了,2020-06-01\n坏  了,2020-06-02\n",
        "快递  慢\n真  慢\n太  慢\n", "内容  很慢\n真  慢\n太  慢\n", "\n", "",
        "内容\t时间  好\n慢\t1\n坏\t2\n", "慢\n-- --\n坏\n",
    ],
)  # fmt: skip
def test_texts_with_blanks_in_them_are_no_columns(tmp_path, content):
    path = tmp_path / "a.txt"
    path.write_text(content + " ", "utf-8")
    [export] = find_exports([path])
    assert tables._find_aligned(DelimitedText(export)) == []


def test_posts_in_toml_are_read(tmp_path):
    content = '''title = "导出"
[[posts]]
id = 12345678901234567890
text = "快递\\"太\\"慢"
time = 2020-06-01T08:03:00+08:00
rating = 4.0
[[posts]]
text = """没人
管"""
time = 2020-06-02
'''
    for ends in ("\n", "\r\n"):
        posts, _ = read(tmp_path, content.replace("\n", ends), "导出.toml")
        assert [post["text"] for post in posts] == ['快递"太"慢', "没人\n管"]
        assert posts[0]["post_id"] == "12345678901234567890"
        assert posts[0]["rating"] == 4


def test_settings_in_a_folder_are_passed_over_and_named(tmp_path):
    (tmp_path / "settings.toml").write_text("[broken", "utf-8")
    (tmp_path / "a.csv").write_text("内容,时间\n慢,2020-06-01\n", "utf-8")
    ingestion = ingest([tmp_path], secret=b"s")
    assert sum(part.height for part in ingestion.partitions()) == 1
    assert any("settings.toml" in str(one) for one in ingestion.unread)
