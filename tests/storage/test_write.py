"""A table that comes in parts is written as the whole one is."""

import os
import re
import signal
import sys
import threading
import zipfile
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import CaodianError
from analysis.storage import read_table, write_table
from analysis.storage.write import (
    guard_cells,
    guard_formulas,
    restore_cells,
    to_the_end,
    write_parts,
    write_text,
)

TABLE = pl.DataFrame(
    {"text": ["慢", '两"行\n字', None], "count": [1, None, 3], "words": [["a", "b"], [], ["c"]]},
    schema_overrides={"words": pl.List(pl.String)},
).with_columns(time=pl.datetime(2020, 6, 18, 8, pl.int_range(3), time_zone="Asia/Shanghai"))


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet", ".xlsx"])
@pytest.mark.parametrize("cuts", [[0, 3], [0, 1, 1, 3], [0]])
def test_parts_make_the_whole(tmp_path, suffix, cuts):
    parts = [TABLE[start:stop] for start, stop in pairwise(cuts)]
    whole = TABLE[: cuts[-1]]
    write_parts(iter(parts), TABLE.schema, tmp_path / f"parts{suffix}")
    if suffix == ".jsonl" and whole.is_empty():
        return  # an empty JSON Lines file has no columns to compare
    write_table(whole, tmp_path / f"whole{suffix}")
    read = [read_table(tmp_path / f"{name}{suffix}") for name in ("parts", "whole")]
    assert read[0].equals(read[1])


def test_a_failure_on_the_way_leaves_nothing(tmp_path):
    def parts():
        yield TABLE
        raise CaodianError("a part must be readable")

    for suffix in (".csv", ".parquet"):
        with pytest.raises(CaodianError, match="readable"):
            write_parts(parts(), TABLE.schema, tmp_path / f"out{suffix}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("＝1+1", "'＝1+1"),
        ("+86", "'+86"),
        ("@sum", "'@sum"),
        ("\u200b=1+1", "'<U+200B>=1+1"),
        ("\ufeff@sum", "'<U+FEFF>@sum"),
        ("\xa0=1+1", "'\xa0=1+1"),
        ("\u3000－1+1", "'\u3000－1+1"),
        ("\u2212HYPERLINK(1)", "'\u2212HYPERLINK(1)"),
        ("﹦1+1", "'﹦1+1"),
        ("\u22127", "\u22127"),
        ("-7.5%", "-7.5%"),
        ("-7+1", "'-7+1"),
        ("\xa0618", "\xa0618"),
        ("618", "618"),
        ("—", "—"),
        ("a=b", "a=b"),
        ("两行\n字", "两行\n字"),
        ("坑\u202e人", "坑<U+202E>人"),
        ("a\x00b", "a<U+0000>b"),
        ("\u2067x", "<U+2067>x"),
        ("a\x9b31m", "a<U+009B>31m"),
        ("a\u2028b", "a<U+2028>b"),
        ("发\u200b货", "发<U+200B>货"),
        ("发\u200c货", "发<U+200C>货"),
        ("发\u200d货", "发<U+200D>货"),
        ("发\ufe0f货", "发<U+FE0F>货"),
        ("发\u00ad货", "发<U+00AD>货"),
        ("发\u2060货", "发<U+2060>货"),
        ("发\u3164货", "发<U+3164>货"),
        ("\ufeff发货", "<U+FEFF>发货"),
        ("发货\U000e0041", "发货<U+E0041>"),
        ("❤\ufe0f 1\ufe0f\u20e3", "❤\ufe0f 1\ufe0f\u20e3"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("❤\ufe0f\u200d🔥", "❤\ufe0f\u200d🔥"),
        (None, None),
    ],
)
def test_no_word_is_a_formula_and_nothing_is_hidden(words, shown):
    table = pl.DataFrame({"words": [words], "n": [-1]}, schema_overrides={"words": pl.String})
    guarded = guard_formulas(table)
    assert guarded["words"].to_list() == [shown] and guarded["n"].to_list() == [-1]


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("'=1+1", "''=1+1"),
        ("''＋x", "'''＋x"),
        ("\n=1", "'\n=1"),
        ("\t=1", "'\t=1"),
        ("\x00=1", "'<U+0000>=1"),
        ("\u200b=1+1", "'\u200b=1+1"),
        ("\ufeff=1+1", "'\ufeff=1+1"),
        ("\ufeff\u200b\xa0 @x", "'\ufeff\u200b\xa0 @x"),
        ("\xa0+x", "'\xa0+x"),
        ("'\u200b=1", "''\u200b=1"),
        ("\u202e=1", "'<U+202E>=1"),
        ("\u3000＝1", "'\u3000＝1"),
        ("\u200b＋x", "'\u200b＋x"),
        ("\ufe0f－1+1", "'\ufe0f－1+1"),
        ("\u2060＠x", "'\u2060＠x"),
        ("\u2212x", "'\u2212x"),
        ("\u22121+1", "'\u22121+1"),
        ("\u2212\u22121", "'\u2212\u22121"),
        ("﹦1", "'﹦1"),
        ("﹢x﹣y", "'﹢x﹣y"),
        ("﹫x", "'﹫x"),
        ("\u22121", "\u22121"),
        ("\u22121,234.5e\u22127", "\u22121,234.5e\u22127"),
        ("\u200b慢", "\u200b慢"),
        ("\xa0慢=1", "\xa0慢=1"),
        ("\u3000\u3000空两格", "\u3000\u3000空两格"),
        ("—一=1", "—一=1"),
        ("-1", "-1"),
        ("+1.5e-7", "+1.5e-7"),
        ("-1,234.5", "-1,234.5"),
        ("-8%", "-8%"),
        ("-1+1", "'-1+1"),
        ("'-1", "''-1"),
        ("+8613800138000", "+8613800138000"),
        ("a\u202eb", "a<U+202E>b"),
        ("a\x9bb\x85", "a<U+009B>b<U+0085>"),
        ("发\u200b货\u200d\ufe0f", "发\u200b货\u200d\ufe0f"),
        ("<U+202E>", "<U+003C>U+202E>"),
        ("<U+003C>U+202E>", "<U+003C>U+003C>U+202E>"),
        ("<U+0041>", "<U+003C>U+0041>"),
        ("<U+41>", "<U+41>"),
        ("它说'=1'", "它说'=1'"),
        ("'慢'", "'慢'"),
        ("慢", "慢"),
        (None, None),
    ],
)
def test_what_is_guarded_comes_back_as_it_was(tmp_path, cell, shown):
    names = ["text", "n" if cell is None else f"{cell}x"]
    table = pl.DataFrame([[cell], ["7"]], dict.fromkeys(names, pl.String))
    guarded = guard_cells(table)
    assert guarded["text"].to_list() == [shown]
    assert restore_cells(guarded).equals(table)
    for suffix in (".csv", ".xlsx"):
        path = write_table(table, tmp_path / f"a{suffix}", guarded=True)
        assert read_table(path, guarded=True)["text"].to_list() == [cell]
        path = write_parts([table], table.schema, tmp_path / f"b{suffix}", guarded=True)
        assert read_table(path, guarded=True)["text"].to_list() == [cell]


cells = st.text(
    alphabet=st.sampled_from("'=+-@<U+202E>003C1\t\n\x00\u202e\u200b\xa0\u2212＝慢"), max_size=9
)


@given(st.lists(cells | st.text(max_size=9), min_size=1, max_size=9))
def test_whatever_is_guarded_comes_back_and_holds_no_formula(words):
    table = pl.DataFrame({"text": words})
    guarded = guard_cells(table)
    assert restore_cells(guarded).equals(table)
    for cell in guarded["text"]:
        assert not re.match(
            r"[\t\n\r]|[\s\u200b\ufeff]*[=@＝＋－＠]|[\s\u200b\ufeff]+[+\-\u2212]"
            r"|[+\-\u2212](?![\d.,]+(e[+\-\u2212]?\d+)?%?$)",
            cell,
            re.I,
        )
        assert not re.search("[\x00\u202e\u2066\u200f\x1b\x7f]", cell)


@pytest.mark.parametrize(
    ("cell", "restored"),
    [
        ("<U+FFFFFF>", "<U+FFFFFF>"),
        ("<U+110000>", "<U+110000>"),
        ("<U+10FFFF>", "<U+10FFFF>"),
        ("<U+D800>", "<U+D800>"),
        ("<U+DFFF>", "<U+DFFF>"),
        ("<U+FFFFFF><U+202E>", "<U+FFFFFF>\u202e"),
        ("<U+0041>", "<U+0041>"),
    ],
)
def test_a_code_point_that_was_never_written_stays(cell, restored):
    assert restore_cells(pl.DataFrame({"text": [cell]}))["text"].to_list() == [restored]


@pytest.mark.parametrize(
    ("names", "restored"),
    [
        (["=a", "'=a"], ["=a", "'=a"]),
        (["'=a", "''=a", "=a"], ["'=a", "''=a", "=a"]),
        (["a\u202e", "a<U+202E>"], ["a\u202e", "a<U+202E>"]),
        (["'=a", "''=a"], ["=a", "'=a"]),
        (["'=a", "b"], ["=a", "b"]),
    ],
)
def test_names_that_would_become_the_same_stay(names, restored):
    assert restore_cells(pl.DataFrame([["1"]] * len(names), names)).columns == restored


def test_a_table_for_programs_is_written_as_it_is(tmp_path):
    table = pl.DataFrame({"text": ["=1+1", "'=1"]})
    path = write_table(table, tmp_path / "a.csv")
    assert path.read_text("utf-8") == "text\n=1+1\n'=1\n"
    assert read_table(path).equals(table)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".xlsx"])
@pytest.mark.parametrize("guarded", [False, True])
def test_nought_is_written_without_a_sign(tmp_path, suffix, guarded):
    numbers = {"wide": [-0.0, -0.5, None], "narrow": [0.25, -0.0, -0.0], "n": [0, -1, 2]}
    table = pl.DataFrame(numbers, schema_overrides={"narrow": pl.Float32})
    paths = [tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"]
    write_table(table, paths[0], guarded=guarded)
    write_parts([table.head(1), table.tail(2)], table.schema, paths[1], guarded=guarded)
    for path in paths:
        content = path.read_bytes()
        if suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                content = book.read("xl/worksheets/sheet1.xml")
        assert not re.search(rb"-0(?![.\d])|-0[.]0(?!\d)", content) and b"-0.5" in content
        assert [float(one) for one in read_table(path)["wide"].head(2)] == [0.0, -0.5]


@pytest.mark.parametrize("name", ["^text$", "^.*$", "*", "cell"])
def test_cells_below_a_name_that_is_a_pattern_come_back(name):
    cells = pl.DataFrame({name: ["=1+1", "a\u202eb"], "other": ["'=2", "c"]})
    assert restore_cells(guard_cells(cells)).equals(cells)


def _tell(number=signal.SIGINT):
    os.kill(os.getpid(), number)


@pytest.fixture
def told():
    """Note which signals reached the handlers that stood before, which break off what they meet."""
    reached = []

    def stop(number, _frame):
        reached.append(number)
        raise KeyboardInterrupt

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, stop) for number in numbers}
    yield reached
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.skipif(sys.platform == "win32", reason="os.kill ends the process there")
@pytest.mark.parametrize("numbers", [
    [signal.SIGINT], [signal.SIGTERM], [signal.SIGINT, signal.SIGTERM], [signal.SIGINT] * 3,
])  # fmt: skip
def test_what_is_cleaned_is_cleaned_to_its_end_and_the_stop_is_obeyed_then(told, numbers):
    done = []

    def clean():
        for number in numbers:
            _tell(number)
            done.append(number)

    with pytest.raises(KeyboardInterrupt):
        to_the_end(clean)
    assert done == numbers and told == numbers[:1]
    with pytest.raises(KeyboardInterrupt):  # the handlers stand again
        _tell()


@pytest.mark.skipif(sys.platform == "win32", reason="os.kill ends the process there")
def test_a_stop_before_the_cleaning_is_obeyed_after_it(told, monkeypatch):
    ask, done = signal.getsignal, []

    def told_meanwhile(number):
        if not told:
            _tell()
        return ask(number)

    monkeypatch.setattr(signal, "getsignal", told_meanwhile)
    with pytest.raises(KeyboardInterrupt):
        to_the_end(lambda: done.append(1))
    assert done == [1] and told == [signal.SIGINT]


def test_an_error_of_the_cleaning_is_told_and_the_handlers_stand_again(told):
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ZeroDivisionError):
        to_the_end(lambda: 1 / 0)
    assert signal.getsignal(signal.SIGINT) is before and not told


def test_another_thread_cleans_as_it_is():
    done = []
    thread = threading.Thread(target=to_the_end, args=(lambda: done.append(1),))
    thread.start()
    thread.join()
    assert done == [1]


@pytest.mark.skipif(sys.platform == "win32", reason="os.kill ends the process there")
def test_a_stop_while_a_half_written_file_is_removed_leaves_none(tmp_path, told, monkeypatch):
    remove = Path.unlink

    def unlink(path, **named):
        _tell()
        remove(path, **named)

    monkeypatch.setattr(Path, "unlink", unlink)
    monkeypatch.setattr(Path, "replace", lambda *_: 1 / 0)
    with pytest.raises(KeyboardInterrupt):
        write_text("慢", tmp_path / "a.txt")
    assert told and not list(tmp_path.iterdir())
