"""Chats as messengers copy and export them: each message below a line of its writer and time."""

import random
from datetime import datetime, timedelta

import polars as pl
import pytest

from analysis.corpus.ingest import ingest
from analysis.corpus.readers.containers import keyed
from analysis.corpus.readers.containers.keyed import find_sign, text_lines
from analysis.errors import CaodianError

WRITERS = ["群友甲", "Li Lei", "小王🌟", "老张（维权）"]
SAID = [
    "等了九天还没到货",
    "客服说不归他们管\n还让我自己去找厂家",
    "在吗",
    "2024-06-01 下的单，到现在没发",
    "第一行\n\n第三行: 8:30 还在等",
]
TIMES = [datetime(2024, 6, 1 + n, 8 + n, 3, 7) for n in range(10)]
SIGNS = {
    "name and time": lambda who, when: f"{who} {when:%Y-%m-%d %H:%M:%S}",
    "name, tab and time": lambda who, when: f"{who}\t{when:%Y/%m/%d %H:%M:%S}",
    "time in brackets": lambda who, when: (
        f"{who}({when.year}年{when.month}月{when.day}日 {when:%H:%M:%S})："
    ),
    "time and name": lambda who, when: f"{when:%Y-%m-%d} {when.hour}:{when:%M:%S} {who}",
    "time in square brackets": lambda who, when: f"[{when:%Y-%m-%d %H:%M:%S}] {who}:",
    "name, time in square brackets": lambda who, when: f"{who}, [{when:%Y/%m/%d %H:%M:%S}]",
    "day before month": lambda who, when: f"{who}, [{when:%d.%m.%Y %H:%M:%S}]",
    "year of two digits": lambda who, when: f"{who}, [{when:%y/%m/%d, %H:%M:%S}]",
}


def messages(number=10):
    return [(WRITERS[n % 4], TIMES[n], SAID[n % 5]) for n in range(number)]


def write(place, said, sign, above="", between="\n\n"):
    text = above + between.join(f"{sign(who, when)}\n{words}" for who, when, words in said)
    place.write_text(text, encoding="utf-8")
    return place


def read(path):
    ingestion = ingest([path], secret=b"x")
    posts = pl.concat(list(ingestion.partitions()))
    return posts, ingestion


def found(posts):
    times = posts["published_at"].dt.replace_time_zone(None).to_list()
    return list(zip(times, posts["text"].to_list(), strict=True))


@pytest.mark.parametrize("between", ["\n", "\n\n"])
@pytest.mark.parametrize("above", ["", "聊天记录\n\n消息对象:维权群\n====\n", "\ufeff"])
@pytest.mark.parametrize("sign", SIGNS)
def test_each_message_is_a_post_with_its_time_and_writer(tmp_path, sign, above, between):
    path = write(tmp_path / "a.txt", messages(), SIGNS[sign], above, between)
    posts, ingestion = read(path)
    assert found(posts) == [(when, words) for _, when, words in messages()]
    keys = dict(zip([who for who, _, _ in messages()], posts["author_key"], strict=True))
    assert len(set(keys.values())) == 4 and posts["author_key"].n_unique() == 4
    [note] = [note for note in ingestion.notes if "as a chat" in note]
    assert ("lines above the first are not read" in note) == (len(above) > 1)


BEFORE = {
    "WhatsApp, Android": lambda who, when: f"{when:%Y/%m/%d} {when.hour}:{when:%M} - {who}: ",
    "WhatsApp, iOS": lambda who, when: f"\u200e[{when:%Y/%m/%d %H:%M:%S}] {who}: ",
    "a log": lambda who, when: f"{when:%Y-%m-%d %H:%M:%S} {who}：",
    "a table of a chat": lambda who, when: f"{when:%Y-%m-%d, %H:%M:%S}\t{who}: ",
}


@pytest.mark.parametrize("form", BEFORE)
def test_time_and_writer_stand_before_each_message(tmp_path, form):
    sign = BEFORE[form]
    text = "".join(f"{sign(who, when)}{words}\n" for who, when, words in messages())
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    posts, ingestion = read(tmp_path / "a.txt")
    minutes = {"second": 0} if "Android" in form else {}
    assert found(posts) == [(when.replace(**minutes), words) for _, when, words in messages()]
    assert posts["author_key"].n_unique() == 4
    assert any("stand before each message" in note for note in ingestion.notes)


def test_clock_and_writer_stand_before_each_message_below_the_day(tmp_path):
    text = "".join(
        f"2024/06/0{day}（{name}）\n" + "".join(f"0{n}:3{n}\t{who}\t第{n}次了\n"
        for n, who in enumerate(WRITERS)) for day, name in ((1, "六"), (2, "日"))
    )  # fmt: skip
    (tmp_path / "a.txt").write_text("[LINE] 与小王的聊天\n\n" + text, encoding="utf-8")
    posts, _ = read(tmp_path / "a.txt")
    assert found(posts) == [
        (datetime(2024, 6, day, n, 30 + n), f"第{n}次了") for day in (1, 2) for n in range(4)
    ]


def test_what_the_messenger_says_is_of_no_writer(tmp_path):
    sign = BEFORE["WhatsApp, Android"]
    lines = [f"{sign(who, when)}{words}" for who, when, words in messages()]
    lines[0:0] = ["2024/06/01 7:00 - 本群的消息已加密。"]
    lines.append("2024/06/11 7:00 - 小王🌟: <省略影音内容>")
    (tmp_path / "a.txt").write_text("\n".join(lines), encoding="utf-8")
    posts, ingestion = read(tmp_path / "a.txt")
    assert posts.height == 11 and posts["author_key"].null_count() == 1
    assert ingestion.rejects["reason"].to_list() == ["no text"]


def test_a_line_with_the_day_stands_above_clocks(tmp_path):
    text = "".join(
        f"—————  2024-6-{day}  —————\n\n" + "".join(f"{who}  0{n}:3{n}\n\n第{n}次了\n\n"
        for n, who in enumerate(WRITERS)) for day in (1, 2)
    )  # fmt: skip
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    posts, _ = read(tmp_path / "a.txt")
    expected = [
        (datetime(2024, 6, day, n, 30 + n), f"第{n}次了") for day in (1, 2) for n in range(4)
    ]
    assert found(posts) == expected


def test_messages_without_words_are_rejected_and_told(tmp_path):
    pictures = ["[图片]", "[语音]12秒[语音]", "[动画表情]\n[图片]", ""]
    said = [*messages(), *zip(WRITERS, TIMES, pictures, strict=False)]
    posts, ingestion = read(write(tmp_path / "a.txt", said, SIGNS["name and time"]))
    assert posts.height == 11 and "[语音]12秒[语音]" in posts["text"].to_list()
    assert ingestion.rejects["reason"].to_list() == ["no text"] * 3
    assert ingestion.reconciliation.loc[0, ["records_read", "kept", "rejected"]].tolist() == [
        14,
        11,
        3,
    ]


def test_a_message_without_end_is_rejected(tmp_path, monkeypatch):
    monkeypatch.setattr(keyed, "_LONGEST_MESSAGE", 1000)
    said = [*messages(), (WRITERS[0], TIMES[0], "慢" * 1001), *messages(2)]
    posts, ingestion = read(write(tmp_path / "a.txt", said, SIGNS["name and time"]))
    assert posts.height == 12 and ingestion.rejects.height == 1


NO_CHATS = [
    [f"2024-06-01 08:03:00 第{n}次买了还是坏的" for n in range(9)],  # a time and a text
    [
        line for n in range(9) for line in (f"2024-06-0{n + 1} 08:03 第{n}次", "坏了")
    ],  # as many names
    [line for n in range(9) for line in (f"小王 6月{n + 1}日 08:03", "坏了")],  # no year
    [line for n in range(9) for line in (f"小王 0{n}:03", "坏了")],  # no day above
    [line for n in range(2) for line in (f"小王 2024-06-01 08:0{n}", "坏了")],  # too few
    [
        line for n in range(9) for line in (f"坏了！气人 2024-06-01 08:0{n}", "坏了")
    ],  # says something
    [f"小王 2024-06-01 08:0{n}" for n in range(9)],  # nothing below
    [
        f"2024-06-01 08:0{n} {'初评' if n % 2 else '追评'}：坏了" for n in range(9)
    ],  # parts of a post
    [f"2024-06-01 08:0{n} INFO: started" for n in range(9)],  # one writer
    [f"2024-06-01 08:0{n} 第{n}次: 坏了" for n in range(9)],  # as many names
    [f"08:0{n}\t{'小王' if n % 2 else '小李'}\t坏了" for n in range(9)],  # no day above
]


@pytest.mark.parametrize("lines", NO_CHATS, ids=range(len(NO_CHATS)))
def test_other_lines_are_no_chat(lines):
    assert find_sign(lines) is None


def test_a_chat_whose_days_have_no_year_is_refused(tmp_path):
    (tmp_path / "a.txt").write_text("\n".join(NO_CHATS[2]), encoding="utf-8")
    with pytest.raises(CaodianError, match="a line of a text file must be one post"):
        read(tmp_path / "a.txt")


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_lines_are_those_of_the_whole_text_wherever_blocks_end(size):
    text = "\ufeff一\r\n二\n\n三"
    content = text.encode()
    blocks = [content[start : start + size] for start in range(0, len(content), size)]
    assert list(text_lines(blocks)) == ["一", "二", "", "三"]


@pytest.mark.slow
def test_two_hundred_chats_are_read_as_they_were_written(tmp_path):
    chance = random.Random(11)
    for number in range(200):
        when, said = datetime(2024, 1, 1), []
        for _ in range(chance.randint(12, 40)):
            when += timedelta(seconds=chance.randint(1, 200_000))
            words = "\n".join(chance.choices(SAID, k=chance.randint(1, 3)))
            said.append((chance.choice(WRITERS), when, words))
        sign, between = SIGNS[chance.choice(list(SIGNS))], chance.choice(["\n", "\n\n", "\n \n"])
        encoding = chance.choice(["utf-8", "utf-8-sig", "utf-16"])
        path = tmp_path / f"{number}.txt"
        text = between.join(f"{sign(who, when)}\n{words}" for who, when, words in said)
        path.write_bytes(text.replace("\n", chance.choice(["\n", "\r\n"])).encode(encoding))
        posts, _ = read(path)
        assert found(posts) == [(when, words) for _, when, words in said]


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("[20/6/{0} 20:0{0}:03] {1}: 还没到货{0}", "2020-06-01 20:01:03"),
        ("20/6/{0}, 20:0{0} - {1}: 还没到货{0}", "2020-06-01 20:01:00"),
        ("2020/6/{0} 下午8:0{0} - {1}: 还没到货{0}", "2020-06-01 20:01:00"),
        ("[{0}.6.2020, 20:0{0}:03] {1}: 还没到货{0}", "2020-06-01 20:01:03"),
        ("[6/1{0}/20, 8:0{0}:11 PM] {1}: 还没到货{0}", "2020-06-11 20:01:11"),
        ("[6/{0}/20, 8:0{0}:11 PM] {1}: 还没到货{0}", "2020-06-01 20:01:11"),
        ("[1/{0}/20, 8:0{0}:11 PM] {1}: 还没到货{0}", None),  # of January, or of each month's first
    ],
)
def test_a_day_before_a_message_is_read_as_all_days_of_the_chat_are(tmp_path, line, first):
    lines = [line.format(n, ("小王", "小李")[n % 2]) for n in range(1, 9)]
    (tmp_path / "_chat.txt").write_text("\n".join(lines), encoding="utf-8")
    posts, ingestion = read(tmp_path / "_chat.txt")
    assert posts["text"].to_list() == [f"还没到货{n}" for n in range(1, 9)]
    assert posts["author_key"].n_unique() == 2
    if first is None:
        assert posts["published_at"].null_count() == 8
        assert "tells year, month and day" in " ".join(ingestion.notes)
    else:
        assert str(posts["published_at"][0]).startswith(first)
        assert posts["published_at"].dt.month().unique().to_list() == [6]
