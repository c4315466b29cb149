"""The gate before cleaning against a readable one."""

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.kernels.cell_gate import CellGate, count_empty, holds_zero
from analysis.kernels.utf8 import TextBuffers, text_buffers

BLANKS = " \t\u3000\u200b"
WORDS = ["", "nan", "无", "——"]
GATE = CellGate(BLANKS, WORDS)
CELLS = st.lists(st.none() | st.text(alphabet="na无— \u3000\u200b西😡\x00", max_size=6), max_size=6)


@settings(max_examples=300, deadline=None)
@given(CELLS)
def test_no_cell_that_cleaning_changes_passes(cells):
    buffers = text_buffers(pl.Series(cells, dtype=pl.String))
    asked = set(GATE.rows(buffers).tolist())
    for row, cell in enumerate(cells):
        is_changed = bool(cell) and (cell.strip(BLANKS) != cell or cell in WORDS)
        assert row in asked or not is_changed
        assert row not in asked or cell.strip(BLANKS) != cell or cell[0] in "n无—"
    assert count_empty(buffers) == sum(not cell for cell in cells)
    assert holds_zero(buffers) == any("\x00" in (cell or "") for cell in cells)


def test_what_stands_outside_the_texts_is_not_seen():
    buffers = TextBuffers(np.array([2, 3], np.int64), np.frombuffer(b"\x00 a \x00", np.uint8))
    assert not holds_zero(buffers)
    assert not GATE.rows(buffers).size
