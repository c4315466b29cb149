"""A table that is read: what is counted, what is told, and when nothing of it can be meant."""

from __future__ import annotations

from pathlib import PurePath
from types import SimpleNamespace

import polars as pl
import pytest

from analysis.corpus.readers.cells import BY_CELLS
from analysis.corpus.readers.plan import CANONICAL, NOTE, REJECTS, ROW_NUMBER, Head, Plan
from analysis.corpus.readers.table_reader import TableReader
from analysis.errors import CaodianError

TEXTS = ["慢", "贵", "坏", "差"]


class _Raw:
    """A table of these columns; few rows come in batches of two."""

    path, container, is_stripped, blank, table = PurePath("a.csv"), "csv", False, 7, None

    def __init__(self, columns):
        self.frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
        self.frame = self.frame.with_row_index(ROW_NUMBER, 2).with_columns(
            pl.col(ROW_NUMBER).cast(pl.Int64), pl.lit(None, pl.String).alias(NOTE)
        )

    def batches(self, _place, plan):
        names = [name for name in plan.needed_columns() if name in self.frame.columns]
        size = 2 if self.frame.height < 9 else 99
        for start in range(0, self.frame.height, size):
            yield self.frame[start : start + size].select(ROW_NUMBER, NOTE, *names)

    def notes(self):
        return ["mended"]


def reader_of(columns, named, sample=None, place=0, **more):
    raw = _Raw(columns)
    rows = list(zip(*columns.values(), strict=True)) if sample is None else sample
    rows = [tuple(cell or "" for cell in row) for row in rows]
    head = Head(raw.path, "csv", None, tuple(columns), tuple(rows))
    plan = Plan("table", "table", "era", {k: (v,) for k, v in named.items()}, head.header,
                **({"local_ids": True} | more))  # fmt: skip
    reader = TableReader(raw, place, head, plan, b"s")
    reader.ahead = 1
    return reader


TIMED = {"text": "内容", "published_at": "时间"}


def read(reader, **options):
    return pl.concat(list(reader.read(**options)))


@pytest.mark.parametrize("limit", [None, 1, 3, 4, 9])
def test_rows_are_read_up_to_the_limit_and_counted(limit):
    times = ["2020-06-01", "2020-06-02", "昨天", "2020-06-03"]
    reader = reader_of({"内容": TEXTS, "时间": times}, TIMED)
    for _ in range(1 + (limit == 3)):  # read anew, counted anew
        posts = read(reader, limit=limit)
        seen = min(limit or 4, 4)
        assert reader.seen == reader.records_read == seen
        assert posts["text"].to_list() == [TEXTS[n] for n in range(seen) if n != 2]
        assert (reader.kept, reader.rejected) == (seen - (seen > 2), int(seen > 2))
    assert list(posts) and posts.columns == [*CANONICAL, "has_own_id"]
    told = ("a.csv", "table", "era", seen, reader.kept, reader.rejected, 0, 0, 7)
    assert reader.account() == told
    rejects = reader.rejects()
    assert rejects["row_number"].to_list() == [4] * (seen > 2)
    assert rejects["source_file"].to_list() == ["a.csv"] * (seen > 2)


def test_nothing_is_rejected_before_it_is_read():
    reader = reader_of({"内容": TEXTS, "时间": ["2020-06-01"] * 4}, TIMED)
    assert reader.rejects().is_empty() and reader.rejects().schema == REJECTS


@pytest.mark.parametrize("sampled", [2, 200])
@pytest.mark.parametrize("named", [TIMED, TIMED | {"post_id": "id"}])
@pytest.mark.parametrize("local", [False, True])
def test_a_survey_holds_the_keys_of_all_rows_and_the_rows_can_be_asked_for(sampled, named, local):
    columns = {"id": ["1", "2", "3", "2"], "内容": [*TEXTS[:3], "贵"],
               "时间": ["2020-06-01 08:00:01"] * 4}  # fmt: skip
    sample = list(zip(*columns.values(), strict=True)) * (sampled // 2)
    reader = reader_of(columns, named, sample=sample, local_ids=local)
    repeated = reader.survey().find_repeated()
    has_ids = "post_id" in named
    assert len(repeated) == (2 if has_ids and local else 1)
    again = read(reader, only=repeated)
    assert again["row_number"].to_list() == [3, 5]
    assert (reader.kept, reader.records_read) == (0, 0)  # nothing is counted


def test_rows_without_an_id_are_surveyed_by_what_they_say():
    columns = {"id": ["1", None, "3", "4"], "内容": ["慢", "贵", "贵", "坏"],
               "时间": ["2020-06-01 08:00:01"] * 4}  # fmt: skip
    reader = reader_of(columns, TIMED | {"post_id": "id"}, local_ids=False)
    reader.head = Head(reader.raw.path, "csv", None, reader.head.header, reader.head.rows * 60)
    assert reader._survey_ids(None) is None
    assert len(reader.survey().keys) == 4 and not reader._needs_contents()
    assert reader_of(columns, TIMED, local_ids=False)._needs_contents()


@pytest.mark.parametrize(
    ("columns", "named", "guessed", "error"),
    [
        ({"内容": TEXTS, "时间": ["昨天"] * 4}, TIMED, (), "published_at.*time-column none"),
        ({"内容": TEXTS, "时间": ["2020-06-01"] * 4, "星": ["x"] * 4}, TIMED | {"rating": "星"},
         (), "rating must hold"),
        ({"内容": TEXTS, "时间": ["2020-06-01"] * 4, "星": ["x"] * 4}, TIMED | {"rating": "星"},
         ("rating",), None),
        ({"内容": TEXTS, "时间": ["2020-06-01"] * 4, "星": ["x"] * 3 + ["5"]},
         TIMED | {"rating": "星"}, (), None),
        ({"内容": [None] * 4, "时间": ["2020-06-01"] * 4}, TIMED, (), "one post with text"),
        ({"内容": [], "时间": []}, TIMED, (), "nothing below its header"),
    ],
)  # fmt: skip
def test_a_column_that_parses_nowhere_was_not_meant(columns, named, guessed, error):
    reader = reader_of(columns, named, guessed=frozenset(guessed))
    if error is None:
        assert read(reader).height == (4 if guessed else 1)  # a named one that is bad rejects
        return
    with pytest.raises(CaodianError, match=f"(?s){error}"):
        list(reader.read())
    reader.may_be_empty = True  # among others only
    if not columns["内容"]:
        assert list(reader.read()) == []
    else:
        with pytest.raises(CaodianError):
            list(reader.read())


@pytest.mark.parametrize(("bad", "number", "undated"), [(0, 20, 0), (1, 20, 1), (1, 21, 0)])
@pytest.mark.parametrize("cell", ["昨天", None])
def test_a_twentieth_of_records_without_a_time_is_told(bad, number, undated, cell):
    times = [cell] * bad + ["2020-06-01"] * (number - bad)
    reader = reader_of({"内容": ["慢"] * number, "时间": times}, TIMED)
    list(reader.read())
    assert (reader.undated, reader.rejected) == (undated, bad)
    [told] = [note for note in reader.notes() if "are rejected" in note] or [""]
    assert (
        told.startswith(f"a.csv: {bad} of {number} records are rejected: published_at")
        or not undated
    )
    assert bool(told) == bool(undated)
    assert told.endswith("save it as XLSX" if cell is None else "without days") or not told


def test_the_reason_that_most_have_is_told_with_their_number():
    times = ["昨天", "昨天", "2020-06-31"] + ["2020-06-01"] * 7
    reader = reader_of({"内容": ["慢"] * 10, "时间": times}, TIMED)
    list(reader.read())
    [told] = [note for note in reader.notes() if "are rejected" in note]
    assert told.startswith(
        "a.csv: 3 of 10 records are rejected: published_at: the time has no year (2 of them)"
    )


@pytest.mark.parametrize(
    ("stars", "told"),
    [
        (["x"] + ["5"] * 19, "1 of 20 cells of the column “星” cannot be read as rating"),
        (["x"] + ["5"] * 20, None),
        (["5"] * 20, None),
        (["x"] * 2 + [None] * 18, "2 of 2 cells"),
    ],
)
def test_a_guessed_column_of_which_a_twentieth_is_none_is_told(stars, told):
    columns = {"内容": ["慢"] * len(stars), "时间": ["2020-06-01"] * len(stars), "星": stars}
    reader = reader_of(columns, TIMED | {"rating": "星"}, guessed=frozenset(["rating"]))
    list(reader.read())
    notes = [note for note in reader.notes() if "are left empty" in note]
    assert len(notes) == (told is not None) and all(told in note for note in notes)


@pytest.mark.parametrize(
    ("names", "is_told"),
    [(["匿名用户", "j***5"], True), (["匿名用户", "小王"], False), ([None, "无"], False)],
)
def test_that_no_name_is_anybodys_is_told(names, is_told):
    columns = {"内容": TEXTS[:2], "时间": ["2020-06-01"] * 2, "用户": names}
    reader = reader_of(columns, TIMED | {"author": "用户"})
    list(reader.read())
    assert (
        any("no name in the column “用户” is anybody's" in note for note in reader.notes())
        is is_told
    )


def test_what_was_mended_is_told_under_the_name_of_the_file():
    columns = {"内容": TEXTS, "时间": ["2020-06-01"] * 4, "级": ["好评", "差评", "好评", "5"]}
    reader = reader_of(columns, TIMED | {"rating": "级"}, repairs=("r",))
    list(reader.read())
    assert reader.notes() == [
        "a.csv: the grades of the column “级” are read as stars: 好评 5, 差评 1", "a.csv: mended",
    ]  # fmt: skip
    bare = reader_of({"内容": TEXTS}, {"text": "内容"}, no_days="none", repairs=("told by cells",),
                     guessed=frozenset(["text"]))  # fmt: skip
    by_cells = bare.plan.__class__(**{**vars(bare.plan), "source_format": BY_CELLS})
    bare.plan = by_cells
    list(bare.read())
    assert [note.partition(":")[2][:20] for note in bare.notes()] == [
        " told by cells", " The posts have no d", " mended",
    ]  # fmt: skip


def test_ids_whose_last_digits_are_lost_name_no_posts():
    ids = [f"4973123456{n}0000000" for n in range(10, 14)]
    columns = {"id": ids, "内容": TEXTS, "时间": ["2020-06-01"] * 4}
    named = TIMED | {"post_id": "id"}
    reader = reader_of(columns, named, local_ids=False)
    assert reader.has_rounded_ids and reader.plan.local_ids
    list(reader.read())
    assert any("ids have lost their last digits" in note for note in reader.notes())
    whole = reader_of(columns | {"id": ["1", "2", "3", "4"]}, named, local_ids=False)
    assert not whole.has_rounded_ids and not whole.plan.local_ids


@pytest.mark.parametrize(
    ("place", "source_format", "header"),
    [(0, "table", "filled row 1, 3 columns"), (4, "table", "filled row 5, 3 columns"),
     (-1, "table", "keys of the records, 3 columns"), (-1, BY_CELLS, "none, 3 columns")],
)  # fmt: skip
def test_what_was_recognised_is_explained(place, source_format, header):
    columns = {"内容": TEXTS, "时间": ["2020-06-01"] * 4, "余": TEXTS}
    reader = reader_of(columns, TIMED, place=place, guessed=frozenset(["text"]), repairs=("r",))
    reader.plan = SimpleNamespace(**{**vars(reader.plan), "source_format": source_format})
    assert reader.explain().splitlines() == [
        "a.csv", f"  format: {source_format} (table); era: era", f"  header: {header}",
        "  text <- 内容 (by the dictionary of column names)", "  published_at <- 时间",
        "  channel: other", "  not read: 余", "  repaired: r", "  repaired: mended",
    ]  # fmt: skip
