import pytest

from analysis.audit.agreement import _krippendorff_alpha
from analysis.errors import CaodianError
from analysis.evaluation.coding import compare_coders, read_double_coding

HEAD = "post_id,negative,voice,grievances,sub_grievances,platforms\n"
FIRST = HEAD + "b,true,consumer,price;delivery,price.price_surge,淘宝;京东\na,false,media,,,\n"
SECOND = HEAD + "a,false,media,,,\nb,true,consumer,price,,京东;淘宝\n"


def write(folder, first, second):
    for name, text in (("a", first), ("b", second)):
        (folder / f"coder-{name}.csv").write_text(text, encoding="utf-8")
    return folder


def test_passes_are_put_in_one_order(tmp_path):
    first, second = read_double_coding(write(tmp_path, FIRST, SECOND))
    assert first["post_id"].to_list() == second["post_id"].to_list() == ["a", "b"]
    assert first["grievances"].to_list() == [[], ["price", "delivery"]]


@pytest.mark.parametrize(
    ("first", "second", "rule"),
    [
        (FIRST, HEAD + "a,false,media,,,\n", "the same posts"),
        (FIRST + "a,true,media,,,\n", SECOND + "a,true,media,,,\n", "the same posts"),
        (FIRST, SECOND.replace("price", "prise"), "codebook"),
        (FIRST.replace("negative", "bad"), SECOND, "negative"),
    ],
)
def test_passes_that_do_not_fit_are_refused(tmp_path, first, second, rule):
    with pytest.raises(CaodianError, match=rule):
        read_double_coding(write(tmp_path, first, second))


def test_agreement_label_by_label(tmp_path):
    table = compare_coders(*read_double_coding(write(tmp_path, FIRST, SECOND)), fewest=1)
    rows = table.set_index("label")
    assert rows.loc["negative", "alpha"] == rows.loc["price", "alpha"] == 1
    assert rows.loc["delivery", "alpha"] == pytest.approx(_krippendorff_alpha([[0, 0], [1, 0]]))
    assert (rows.loc["delivery", "first"], rows.loc["delivery", "second"]) == (1, 0)
    assert rows.loc["delivery", "same_when_given"] == 0
    assert rows.loc["platforms", "alpha"] == 1  # the order within a set says nothing
    assert set(table[table["kind"] == "platform"]["label"]) == {"platforms", "淘宝", "京东"}


def test_rare_platforms_have_no_row(tmp_path):
    table = compare_coders(*read_double_coding(write(tmp_path, FIRST, SECOND)), fewest=3)
    assert set(table[table["kind"] == "platform"]["label"]) == {"platforms"}


def test_the_coded_sample_holds_two_whole_passes():
    first, second = read_double_coding("data/coded/sample")
    assert first.height == second.height >= 4000
