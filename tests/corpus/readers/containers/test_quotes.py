"""Fields in other quotes than RFC 4180 has: told from the first lines, and read as they are."""

import pytest

from analysis.corpus.ingest import ingest
from analysis.corpus.readers.containers.delimited import find_quotes

HEAD = "内容{d}时间{d}评分"
SAID = ["快递太慢{d}没人管", "第二行\n在这里", "平常", "它说{q}好{q}", ""]


def written(begin, end, delimiter=",", *, escape=None):
    """Return rows whose fields all stand in these marks, and the texts in them."""
    lines = [HEAD.format(d=f"{end}{delimiter}{begin}")]
    texts = [text.format(d=delimiter, q='"') for text in SAID]
    for number, text in enumerate(texts):
        shown = text.replace(end, escape + end) if escape else text
        fields = (shown, f"2020-06-0{number + 1}", "5")
        lines.append(f"{end}{delimiter}{begin}".join(fields))
    return "".join(f"{begin}{line}{end}\n" for line in lines), texts


MARKS = [
    ("'", "'", None), ("`", "`", None), ("“", "”", None), ("「", "」", None), ("＂", "＂", None),
    ('"', '"', "\\"),
]  # fmt: skip


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize(("begin", "end", "escape"), MARKS)
def test_fields_are_what_stands_between_their_quotes(tmp_path, begin, end, escape, delimiter):
    path = tmp_path / "a.csv"
    content, texts = written(begin, end, delimiter, escape=escape)
    path.write_text(content, "utf-8")
    ingestion = ingest([path], secret=b"s")
    [posts] = ingestion.partitions()
    assert posts["text"].to_list() == [text or None for text in texts]
    assert any("fields are read as quoted by" in note for note in ingestion.notes)


@pytest.mark.parametrize(
    "content",
    [
        "时间,内容\n" + "2020-06-01,“慢”\n" * 5,  # the texts' own
        "时间,内容\n" + "2020-06-01,'慢\n" * 5,  # as a spreadsheet marks texts
        "时间,内容\n" + "2020-06-01,it's 5' long\n" * 5,
        "时间,内容,盘\n" + '2020-06-01,"慢","C:\\"\n' * 5,  # a backslash of its own
        "时间,内容\n" + '2020-06-01,"说""好""\\"""\n' * 5,
        "时间,内容\n" + "2020-06-01,\\慢\\n\n" * 5,
        "'a','b'\n'c','d'\n"[:8],
    ],
)
def test_marks_that_are_no_quotes_stay(content):
    assert find_quotes(content.encode(), ",") is None


def test_a_doubled_mark_is_one_and_blocks_may_end_anywhere(tmp_path):
    rows = "".join(f"'2020-06-01','it''s \"{n}\", {'慢' * 4_000}','5'\n" for n in range(200))
    path = tmp_path / "a.csv"
    path.write_text("'时间','内容','评分'\n" + rows, "utf-8")
    [posts] = ingest([path], secret=b"s").partitions()
    assert posts["text"].to_list() == [f'it\'s "{n}", {"慢" * 4_000}' for n in range(200)]
