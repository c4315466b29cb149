"""The solver of published builds (`benchmarks/disclosure.py`) finds what is fixed, no more."""

import pandas as pd
from disclosure import Sum, fixed, numbers_in, sums_of

CELLS = [("t", "items", row) for row in range(3)]


def test_a_lone_cell_and_a_sum_of_ones_are_fixed():
    lone = [Sum((CELLS[0],), 3)]
    assert fixed(lone, {CELLS[0]: 3}, 5) == [CELLS[0]]
    ones = [Sum((CELLS[0], CELLS[1]), 2)]
    assert fixed(ones, {CELLS[0]: 1, CELLS[1]: 1}, 5) == CELLS[:2]


def test_two_cells_that_share_a_sum_are_not_but_two_sums_may_fix_them():
    shared = [Sum((CELLS[0], CELLS[1]), 7)]
    truth = {CELLS[0]: 3, CELLS[1]: 4, CELLS[2]: 9}
    assert fixed(shared, truth, 5) == []
    assert fixed([*shared, Sum((CELLS[0], CELLS[1], CELLS[2]), 16)], truth, 5) == []
    pairs = [*shared, Sum((CELLS[1], CELLS[2]), 13), Sum((CELLS[0], CELLS[2]), 12)]
    assert fixed(pairs, truth, 5) == CELLS[:2]


def test_a_sum_is_told_where_a_number_of_the_build_equals_it():
    whole = pd.DataFrame({"code": list("aab"), "items": [3, 30, 8]})
    shown = whole.assign(items=[None, 30, 8])
    assert [one.total for one in sums_of("t", shown, whole, {"a": {33}})] == [3]
    assert list(sums_of("t", shown, whole, {"b": {33}, "a": {40}})) == []


def test_numbers_of_a_page_are_those_a_reader_sees(tmp_path):
    page = tmp_path / "a.html"
    page.write_text(
        "<style>p{margin:77px}</style><script>var x=55</script><p>1,234 items, <b>12</b></p>"
        '<script type="application/json">[8]</script>', encoding="utf-8",
    )  # fmt: skip
    assert numbers_in(page) == {1234, 12, 8}
