"""A table that comes in parts is written as the whole one is."""

from itertools import pairwise

import polars as pl
import pytest

from analysis.errors import CaodianError
from analysis.storage import read_table, write_table
from analysis.storage.write import guard_formulas, write_parts

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
        ("618", "618"),
        ("—", "—"),
        ("a=b", "a=b"),
        ("两行\n字", "两行\n字"),
        ("坑\u202e人", "坑<U+202E>人"),
        ("a\x00b", "a<U+0000>b"),
        ("\u2067x", "<U+2067>x"),
        (None, None),
    ],
)
def test_no_word_is_a_formula_and_nothing_is_hidden(words, shown):
    table = pl.DataFrame({"words": [words], "n": [-1]}, schema_overrides={"words": pl.String})
    guarded = guard_formulas(table)
    assert guarded["words"].to_list() == [shown] and guarded["n"].to_list() == [-1]
