"""The compiled scan against a readable one."""

import re

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analysis.engine.character_scan import CellPrefilter, CharacterScan, count_empty, holds_zero
from analysis.engine.flat_columns import TextBuffers, text_buffers

SCAN = CharacterScan()
HELD = SCAN.holds("@😡\U0010fffd")
OTHER = SCAN.holds_other_than(" a-z0-9，")
SPACES = SCAN.pair(" ", " \n")
DIGIT_NUMBER = SCAN.pair("0-9", "号栋")
DIGITS = SCAN.four("0-9")
BLANKS = SCAN.four(" \n")
LETTERS = SCAN.four("a-z_-")
PATTERNS = {
    HELD: "[@😡\U0010fffd]",
    OTHER: "[^ a-z0-9，]",
    SPACES: "(?s) [ \n]",
    DIGIT_NUMBER: "[0-9][号栋]",
    DIGITS: "[0-9]{4}",
    BLANKS: "[ \n]{4}",
    LETTERS: "[a-z_-]{4}",
}


def reference(text):
    padded = {SPACES: f" {text} " if text else ""}
    return {
        bit: bool(re.search(pattern, padded.get(bit, text))) for bit, pattern in PATTERNS.items()
    }


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@example(["   a", "aa a", "a 111"])
@given(st.lists(st.text(alphabet="01 -ab_号栋@😡\n，中\U0010fffd", max_size=14), max_size=4))
def test_the_scan_answers_as_patterns_do(texts):
    answers = SCAN.ask(text_buffers(pl.Series(texts, dtype=pl.String))).tolist()
    found = [{bit: bool(word & bit) for bit in PATTERNS} for word in answers]
    assert found == [reference(text) for text in texts]


def test_at_its_edges_a_text_is_answered_as_patterns_do():
    texts = ["", " ", "    ", "   ", "   a", "aa a", "a 111", "1234", "123", "12 34", "12号", "号1",
             "a-b_", "a-b", "5 ", " \n", "\n", "@", "中", "栋1234", "1 2 3 4", "😡😡"]  # fmt: skip
    answers = SCAN.ask(text_buffers(pl.Series(texts))).tolist()
    found = [{bit: bool(word & bit) for bit in PATTERNS} for word in answers]
    assert found == [reference(text) for text in texts]


CELL_GATE_BLANKS = " \t\u3000\u200b"
WORDS = ["", "nan", "无", "——"]
PREFILTER = CellPrefilter(CELL_GATE_BLANKS, WORDS)
CELLS = st.lists(st.none() | st.text(alphabet="na无— \u3000\u200b西😡\x00", max_size=6), max_size=6)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(CELLS)
def test_no_cell_that_cleaning_changes_passes(cells):
    buffers = text_buffers(pl.Series(cells, dtype=pl.String))
    asked = set(PREFILTER.rows(buffers).tolist())
    for row, cell in enumerate(cells):
        is_changed = bool(cell) and (cell.strip(CELL_GATE_BLANKS) != cell or cell in WORDS)
        assert row in asked or not is_changed
        assert row not in asked or cell.strip(CELL_GATE_BLANKS) != cell or cell[0] in "n无—"
    assert count_empty(buffers) == sum(not cell for cell in cells)
    assert holds_zero(buffers) == any("\x00" in (cell or "") for cell in cells)


def test_what_stands_outside_the_texts_is_not_seen():
    buffers = TextBuffers(np.array([2, 3], np.int64), np.frombuffer(b"\x00 a \x00", np.uint8))
    assert not holds_zero(buffers)
    assert not PREFILTER.rows(buffers).size


def test_cells_that_cleaning_may_change_are_found_by_their_ends():
    cells = [
        "慢 慢", "慢\u3000", "\t慢", " ", "\u200b", None, "", "无", "无货", "无货了吗",
        "nan", "n", "nana",
        "nanometre", "—", "——", "———", "西", "😡 ", "\u3000😡", "a", "na\u200b",
    ]  # fmt: skip
    longest = max(len(word.encode()) for word in WORDS)
    expected = [
        row for row, cell in enumerate(cells)
        if cell and (cell[0] in CELL_GATE_BLANKS or cell[-1] in CELL_GATE_BLANKS
                     or (len(cell.encode()) <= longest and cell[0] in "n无—"))
    ]  # fmt: skip
    buffers = text_buffers(pl.Series(cells, dtype=pl.String))
    assert PREFILTER.rows(buffers).tolist() == expected
    assert PREFILTER.longest == longest == 6
    assert count_empty(buffers) == 2 and not holds_zero(buffers)
    assert holds_zero(text_buffers(pl.Series(["a", "\x00b"])))
    assert count_empty(text_buffers(pl.Series([], dtype=pl.String))) == 0
