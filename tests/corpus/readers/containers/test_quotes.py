"""Fields in other quotes than RFC 4180 has: told from the first lines, and read as they are."""

import csv
import random

import pytest

from analysis.corpus.ingest import ingest
from analysis.corpus.readers.containers.delimited import find_quotes, keeps_quotes

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


PIECES = ("慢", "坏", "\\", '"', '\\"', "\\\\", ",", "\n", "C:\\", "n", " ", '",', "'", "|", '"|')
WAYS = {"doubled": {}, "kept": {"doublequote": False, "escapechar": "\\"}}


@pytest.mark.parametrize("way", list(WAYS))
@pytest.mark.parametrize("delimiter", [",", "|"])
def test_each_character_of_texts_with_backslashes_is_kept(tmp_path, way, delimiter):
    """The writer is that of Python; the whole file tells which of the two ways it used."""
    path = tmp_path / "a.csv"
    for number in range(40):
        draw = random.Random(f"quotes {number}")
        texts = [
            f'慢{"".join(draw.choice(PIECES) for _ in range(draw.randrange(7)))}了 "{n}" 呢'
            for n in range(draw.randrange(3, 9))
        ]
        with path.open("w", encoding="utf-8", newline="") as out:
            style = {"quoting": csv.QUOTE_ALL, "lineterminator": "\n", "delimiter": delimiter}
            writer = csv.writer(out, **style, **WAYS[way])
            writer.writerow(["内容", "时间"])
            writer.writerows([text, "2020-06-01"] for text in texts)
        [posts] = ingest([path], secret=b"s").partitions()
        assert posts["text"].to_list() == texts, number


@pytest.mark.parametrize(
    ("content", "is_kept"),
    [
        ('"慢\\"了","x"\n', True), ('"慢\\""了","x"\n', False), ('"慢\\"",5\n', True),
        ('"慢\\""",5\n', False), ('"""慢""了\\"x"\n', False), ('"C:\\",5\n', False),
        ('"慢\\\\"了"\n', False), ('"慢\\\\\\"了"\n', True), ('"","a"\n"",\\n', False), ("", False),
        ('"慢\\"",坏","x"\n', False), ('"慢\\"",坏,5\n', True), ('"慢\\"",""了","x"\n', False),
        ('"慢\\""\n,了","x"\n', False), ('"x","慢\\""\n"y","坏"\n', True), ('"慢\\"","",5\n', True),
        ('"一\\"二\\"三","x"\n"四""五"\n', True), ('"一\\"二","x"\n"四""五"\n', False),
    ],
)  # fmt: skip
def test_runs_of_quotes_tell_what_a_backslash_is(content, is_kept):
    assert keeps_quotes([content.encode()], ",") is is_kept


def test_what_stands_far_below_tells_how_quotes_are_written(tmp_path):
    lines = [f'"慢{"太" * 100} {n}","2020-06-01"\n' for n in range(2_000)]
    path = tmp_path / "a.csv"
    for inner in ('\\"好\\"', '\\""好\\""'):
        last = f'"他说{inner}了","2020-06-01"\n'
        path.write_text('"内容","时间"\n' + "".join(lines) + last, "utf-8")
        [posts] = ingest([path], secret=b"s").partitions()
        wanted = '他说"好"了' if '""' not in inner else '他说\\"好\\"了'
        assert posts["text"].to_list()[-1] == wanted
