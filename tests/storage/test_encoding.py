"""The encoding of a file is proved, never guessed, and never mended unseen."""

import io

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis.errors import CaodianError
from analysis.storage import encoding
from analysis.storage.encoding import (
    DAMAGED,
    Encoding,
    _is_plausible,
    _is_utf8,
    detect,
    survey_encoding,
    utf8_blocks,
)

SIMPLIFIED = "内容,时间\n快递太慢了没有人管，客服说了好几次都不退款,2020-06-12\n"
TRADITIONAL = "內容,時間\n這個賣家發錯貨還不給退錢說了好幾次都沒有人理,2020-06-12\n"


class Dripping(io.RawIOBase):
    """A stream that gives less than it is asked for, as a pipe does."""

    def __init__(self, data):
        self.data = io.BytesIO(data)

    def readable(self):
        return True

    def read(self, size=-1):
        return self.data.read(min(size, 7))


def test_a_stream_that_gives_less_than_asked_is_read_to_its_end():
    data = "慢死了，三天没到\n".encode() * 9
    assert b"".join(utf8_blocks(lambda: Dripping(data), Encoding("utf-8"), "a.csv")) == data


@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [
        (SIMPLIFIED, "utf-8", "utf-8"),
        (SIMPLIFIED, "utf-8-sig", "utf-8"),
        (SIMPLIFIED, "gb18030", "gb18030"),
        (SIMPLIFIED, "gbk", "gb18030"),
        (TRADITIONAL, "gb18030", "gb18030"),
        (TRADITIONAL, "big5", "big5"),
        (SIMPLIFIED, "utf-16", "utf-16-le"),
        (SIMPLIFIED, "utf-16-le", "utf-16-le"),
        (SIMPLIFIED, "utf-16-be", "utf-16-be"),
        (SIMPLIFIED, "utf-32", "utf-32-le"),
        ("text,time\nlate,2020-06-12\n", "ascii", "utf-8"),
        (SIMPLIFIED + "😤", "gb18030", "gb18030"),
    ],
)
def test_encodings(text, codec, name):
    data = text.encode(codec)
    found = detect(data)
    assert found.name == name
    assert data[found.mark :].decode(found.name) == text
    assert survey_encoding(lambda: io.BytesIO(data), "a.csv") == found


def test_garbage_is_not_plausible_though_gb18030_decodes_it():
    for data in (TRADITIONAL.encode("big5"), SIMPLIFIED.encode("utf-16-le")):
        assert not _is_plausible(data, "gb18030")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (SIMPLIFIED.encode() + b"\xff\xfe\xfd,2020\n", ["line 3", "0xff"]),
        (b"text,time\ncaf\xe9,2020-06-12\n", ["line 2", "byte 14", "0xe9"]),
        (SIMPLIFIED.encode()[:-14], ["line 2"]),
    ],
)
def test_what_no_encoding_fits_is_refused_with_line_and_byte(data, words):
    with pytest.raises(CaodianError) as caught:
        detect(data, where="a.csv")
    assert all(word in str(caught.value) for word in ["a.csv", *words])


JAPANESE = "text,time\n配送がとても遅いです。返金してほしい,2020-06-01\nレビュー,2020-06-02\n"
KOREAN = "text,time\n배송이 너무 느려서 환불해 주세요,2020-06-01\n"


@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [
        (JAPANESE, "shift_jis", "Shift-JIS.*iconv -f SHIFT_JIS"),
        (JAPANESE, "cp932", "Shift-JIS"),
        (JAPANESE, "euc_jp", "EUC-JP.*iconv -f EUC-JP"),
        (KOREAN, "euc_kr", "EUC-KR.*iconv -f EUC-KR"),
        (KOREAN, "cp949", "EUC-KR"),
        ("text,time\nочень плохой товар,2020-06-01\n", "cp1251", "every line.*line 2"),
        ("text,time\ndéçu, jamais reçu,2020-06-01\n", "latin-1", "every line.*line 2"),
    ],
)
def test_the_encodings_of_neighbours_are_named_with_what_turns_them_into_utf8(text, codec, name):
    with pytest.raises(CaodianError, match=name):
        detect(text.encode(codec), where="a.csv")


def test_japanese_in_a_chinese_code_is_read_as_that():
    assert detect(JAPANESE.encode("gb18030")).name == "gb18030"


def test_mixed_files_are_reported_by_line():
    lines = [
        SIMPLIFIED.encode(),
        "这个客服不理人说了没有用,2020\n".encode("gb18030"),
        SIMPLIFIED.encode(),
    ]
    data = b"".join(lines)
    found = detect(data)
    assert found == Encoding("utf-8", 0, ((3, "gb18030"),))
    text = b"".join(utf8_blocks(lambda: io.BytesIO(data), found, "a.csv")).decode()
    assert "这个客服不理人" in text
    assert "\ufffd" not in text


@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_a_cut_character_here_and_there_is_shown_and_told(codec):
    lines = [f"第{n}条说快递太慢了没有人管，客服不退款\n".encode(codec) for n in range(40)]
    lines[7] = lines[7][:-5] + b"\xff\n"
    data = b"".join(lines)
    found = survey_encoding(lambda: io.BytesIO(data), "a.csv")
    assert found == Encoding("utf-8" if codec == "utf-8" else codec, 0, ((8, DAMAGED),))
    text = b"".join(utf8_blocks(lambda: io.BytesIO(data), found, "a.csv")).decode()
    assert text.count("\n") == 40
    assert "\ufffd" in text.split("\n")[7]
    assert text.count("\ufffd") <= 2
    broken = [line[:-5] + b"\xff\n" for line in lines[:3]] + lines[3:]
    with pytest.raises(CaodianError, match="line 1"):
        detect(b"".join(broken))


def test_a_stray_nul_is_no_utf16():
    assert detect("内容,时间\n慢\0,2020-06-12\n".encode()).name == "utf-8"


@given(st.text(max_size=200), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_marked_and_utf8_text_comes_back_whole(text, codec):
    assume(not text.startswith("\0"))  # with it the mark of UTF-16 is that of UTF-32
    data = text.encode(codec)
    found = detect(data)
    assert data[found.mark :].decode(found.name) == text or codec == "utf-8"


@given(st.binary(max_size=300))
def test_any_bytes_are_decoded_strictly_or_refused(data):
    try:
        found = survey_encoding(lambda: io.BytesIO(data), "a.csv")
        text = b"".join(utf8_blocks(lambda: io.BytesIO(data), found, "a.csv", 16))
    except CaodianError:
        return
    text.decode("utf-8")


@given(st.binary(max_size=64))
def test_the_fast_check_of_utf8_is_pythons(data):
    try:
        data.decode()
        expected = True
    except UnicodeDecodeError:
        expected = False
    assert _is_utf8(data) is expected


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.text(max_size=12), st.binary(max_size=2), st.integers(0, 40), st.integers(1, 7))
def test_only_strict_utf8_is_called_so_whatever_the_blocks(text, stray, place, size):
    whole = text.encode()
    data = whole[:place] + stray + whole[place:]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoding, "_BLOCK_BYTES", size)
        try:
            found = survey_encoding(lambda: io.BytesIO(data), "a.csv")
        except CaodianError:
            found = None
    decodes = True
    try:
        data.decode()
    except UnicodeDecodeError:
        decodes = False
    if (
        decodes
        and data
        and b"\0" not in data
        and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe"))
    ):
        assert found == Encoding("utf-8")
    if not decodes:
        assert found is None or found.name != "utf-8" or found.mixed_lines


CANTONESE = "內容,時間\n喺度等咗好耐都冇人理,2020-06-12\n"


@pytest.mark.parametrize(
    ("data", "name", "text"),
    [
        (SIMPLIFIED.encode("utf-16") + b"x", "utf-16-le", SIMPLIFIED + "\ufffd"),
        (SIMPLIFIED.encode("utf-16-be")[:-1], "utf-16-be", SIMPLIFIED[:-1] + "\ufffd"),
        (SIMPLIFIED.encode("utf-32") + b"xy", "utf-32-le", SIMPLIFIED + "\ufffd"),
        (CANTONESE.encode("big5hkscs"), "big5hkscs", CANTONESE),
    ],
)
@pytest.mark.parametrize("block", [3, 1 << 20])
def test_what_ends_within_a_character_or_is_written_in_hong_kong_is_read(
    data, name, text, block, monkeypatch
):
    monkeypatch.setattr(encoding, "_BLOCK_BYTES", block)
    found = survey_encoding(lambda: io.BytesIO(data), "a.csv")
    assert found.name == name
    blocks = utf8_blocks(lambda: io.BytesIO(data), found, "a.csv", block)
    assert b"".join(blocks).decode() == text


@pytest.mark.parametrize(("lines", "is_read"), [(7, True), (6, False), (1, False)])
def test_one_line_of_a_few_may_be_damaged(lines, is_read):
    """A bad byte in a short file costs its character, where the other lines tell the encoding."""
    sound = [f"快递太慢了没有人管{n}\n".encode("gb18030") for n in range(lines)]
    bad = "东西是坏的".encode("gb18030")
    data = b"".join([*sound, bad[:4] + b"\xff" + bad[4:] + b"\n"])
    if not is_read:
        with pytest.raises(CaodianError, match="on every line"):
            detect(data)
        return
    assert detect(data) == Encoding("gb18030", 0, ((lines + 1, DAMAGED),))


def test_lines_of_a_mixed_file_come_in_blocks():
    # Each block is made a table: a file with one damaged line was read a line at a time.
    good = "快递太慢了没有人管，2020-06-12\n".encode()
    data = good * 500 + b"\xff\xfe\xff\n" + good * 500
    found = survey_encoding(lambda: io.BytesIO(data), "a.csv")
    assert found.mixed_lines
    blocks = list(utf8_blocks(lambda: io.BytesIO(data), found, "a.csv", 10_000))
    assert [len(block) >= 10_000 for block in blocks[:-1]] == [True] * (len(data) // 10_000)
    assert b"".join(blocks) == data.decode("utf-8", "replace").encode()
