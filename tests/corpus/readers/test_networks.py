"""Where an export writes `nickname:text` into the cell of the text, and where it does not."""

from pathlib import PurePath

import polars as pl
import pytest

from analysis.corpus.readers import networks
from analysis.corpus.readers.plan import Head

TOLD = "快递太慢了"


def head_of(texts):
    return Head(PurePath("a.csv"), "csv", None, ("微博正文",), tuple((text,) for text in texts))


def named(number, names):
    return [f"甲{n % names}:{TOLD}" for n in range(number)]


@pytest.mark.parametrize(
    ("texts", "are_named"),
    [
        (named(5, 5), True), (named(4, 4), False),  # five texts at least
        ([*named(9, 9), TOLD], True), ([*named(8, 8), TOLD], False),  # nine in ten of them
        (named(10, 5), True), (named(10, 4), False),  # as many names as half of the texts
        ([*named(9, 9), TOLD, "微博正文", "微博正文"], True),  # the header again is no text
        ([*named(9, 9), TOLD, "", ""], True), ([*named(4, 4), ""], False),
        ([f"下单{n}:30 {TOLD}" for n in range(10)], False),  # a time
        ([f"https:{n}" for n in range(10)], False),
        ([f"#甲{n}#:{TOLD}" for n in range(10)], False),  # a topic
        ([f"{'甲' * 29}{n}:{TOLD}" for n in range(10)], True),
        ([f"{'甲' * 30}{n}:{TOLD}" for n in range(10)], False), ([], False),
    ],
)  # fmt: skip
def test_names_stand_before_nearly_all_texts_or_before_none(texts, are_named):
    assert networks._are_named(head_of(texts)) == are_named


@pytest.mark.parametrize(
    ("cell", "name", "text"),
    [
        (f"甲乙:{TOLD}", "甲乙", TOLD), (f"甲乙: {TOLD}", "甲乙", TOLD), (TOLD, None, TOLD),
        (f"下单12:30 {TOLD}", None, f"下单12:30 {TOLD}"), ("https://a", None, "https://a"),
        (f"甲:乙:{TOLD}", "甲", f"乙:{TOLD}"), (f"#甲#:{TOLD}", None, f"#甲#:{TOLD}"),
        ("甲:", "甲", ""), (None, None, None),
    ],
)  # fmt: skip
def test_a_name_is_parted_from_its_text(cell, name, text):
    parted = networks._part_names(
        pl.DataFrame({"微博正文": [cell]}, schema={"微博正文": pl.String})
    )
    assert parted.select("named", "told").row(0) == (name, text)


@pytest.mark.parametrize(
    ("own", "row", "told"),
    [
        (15, [*"12345678", "2020-06-18"], 2), (15, [*"12345678"], 1),
        (14, [*"12345678", "2020-06-18"], 1),
        (15, [*"1234567", "2020-06-18", "x"], 1),
        (15, [*"12345678901234", "{'a': 1}"], 2), (15, [*"1234567890123", "{'a': 1}", ""], 1),
    ],
)  # fmt: skip
def test_what_a_crawler_wrote_beside_its_header_is_told(own, row, told):
    head = Head(PurePath("a.csv"), "csv", None, ("id",), (("1",), tuple(row)))
    assert len(networks._crawler_repairs(head, own)) == told


@pytest.mark.parametrize(
    ("place", "rest"),
    [
        (7, []), (8, []), (7, ["2020-06-18 10:00:00"]), (8, ["{'llm': 1}", "2020-06-18 10:00:00"]),
        (7, ["2020-06-18 10:00:00", "True", "0"]),
    ],
)  # fmt: skip
def test_a_row_of_any_era_is_read_outward_from_its_date(place, rest):
    middle = ["2020-06-18", *(str(n) for n in range(len(networks._MIDDLE) - 1))]
    row = [*(f"c{n}" for n in range(place)), *middle, *rest]
    cells = dict(zip(networks._FITTED, networks._fit_row(list(row)), strict=True))
    assert list(cells.values())[:6] == ["c0", "c1", "c2", "c3", "c4", "c5"]
    where = {7: ("", "c6"), 8: ("c6", "c7")}[place]
    assert (cells["Live Photo视频url"], cells["位置"], cells["日期"]) == (*where, "2020-06-18")
    assert cells["完整日期"] == next((one for one in rest if one[:2] == "20"), "")
    assert networks._fit_row(row[:-1] if not rest else row[:place]) is None
