"""Records whose lines each name what they hold, as YAML, forms and notes write them."""

import pytest

from analysis.corpus.ingest import ingest
from analysis.corpus.readers.containers.keyed import find_names, find_sign

SAID = ["快递太慢", "没人管：三天了\n还是没人管", "坏了", "退款呢", "太贵"]
DAYS = [f"2020-06-0{n} 10:00:0{n}" for n in range(1, 6)]
FORMS = {
    "yaml": ("posts:\n", "- time: {day}\n  text: {said}\n  stars: 5\n"),
    "yaml, quoted": ("", '- "时间": "{day}"\n  "内容": "{said}"\n'),
    "yaml, block": ("---\n", "- 时间: {day}\n  内容: |\n    {said}\n"),
    "form": ("", "时间：{day}\n内容：{said}\n评分：5\n\n"),
    "form, text first": ("", "内容：{said}\n时间：{day}\n\n"),
    "brackets": ("", "【时间】{day}\n【内容】{said}\n------\n"),
    "ini": ("", "[post]\ntime={day}\ntext={said}\n"),
    "no border": ("投诉汇总\n", "日期: {day}\n用户: 甲\n投诉内容: {said}\n"),
}


@pytest.mark.parametrize("form", FORMS)
def test_records_are_read_as_they_were_written(tmp_path, form):
    above, record = FORMS[form]
    lines = [record.format(day=d, said=s) for d, s in zip(DAYS, SAID, strict=True)]
    path = tmp_path / "a.txt"
    path.write_text(above + "".join(lines), "utf-8")
    ingestion = ingest([path], secret=b"s")
    [posts] = ingestion.partitions()
    assert posts["text"].to_list() == SAID
    assert posts["published_at"].dt.strftime("%Y-%m-%d %H:%M:%S").to_list() == DAYS
    assert ingestion.rejects.is_empty()
    assert any("each line is read as a name" in note for note in ingestion.notes)


def test_a_record_without_a_part_takes_none_of_the_next(tmp_path):
    path = tmp_path / "a.txt"
    whole = "时间：2020-06-01\n内容：慢\n\n"
    path.write_text(
        whole * 5 + "时间：2020-06-02\n\n时间：2020-06-03\n内容：贵\n\n内容：坏\n", "utf-8"
    )
    ingestion = ingest([path], secret=b"s")
    [posts] = ingestion.partitions()
    assert posts["text"].to_list() == [*["慢"] * 5, "贵"]
    assert ingestion.rejects.height == 2


@pytest.mark.parametrize(
    "lines",
    [
        ["小王：慢", "小李：2020-06-01 贵"] * 4,  # writers
        ["内容：慢"] * 6,  # no time
        ["时间：2020-06-01"] * 6,
        ["时间：2020-06-01", "内容：慢"] * 2,  # too few
        ["时间：2020-06-01", "内容：慢", "内容：贵", "内容：坏", "内容：破"] * 3,
        ["时间：2020-06-01", "内容：慢", *["快递没有人管"] * 9] * 3,
        ["时间,内容", *["2020-06-01 10:00,内容：慢"] * 5],
    ],
)
def test_other_lines_name_no_fields(lines):
    assert find_names(lines) is None


def test_the_name_of_a_time_is_no_writer():
    assert find_sign(["- time: 2020-06-01 10:00:00", "  said: slow"] * 4) is None
    assert find_sign(["小王: 2020-06-01 10:00:00", "慢", "小李: 2020-06-01 10:00:00", "贵"] * 4)
