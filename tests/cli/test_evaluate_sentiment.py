"""`caodian evaluate sentiment` tells how the count moves with the cut-off."""

import csv

import pytest
from click.testing import CliRunner

from analysis.cli.models import evaluate_command as command

TEXTS = [
    ("没发货，客服不理人，垃圾", 0),
    ("物流快，包装好，喜欢", 1),
    ("质量太差，退货", 0),
    ("很满意", 1),
]


@pytest.fixture
def labelled(tmp_path):
    path = tmp_path / "labelled.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *TEXTS])
    return path


def curve(labelled, tmp_path):
    out = tmp_path / "curve.csv"
    given = ["sentiment", str(labelled), "--cut-offs", "--out", str(out)]
    result = CliRunner().invoke(command, given, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    with out.open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_the_count_falls_as_the_cut_off_rises(labelled, tmp_path):
    rows = curve(labelled, tmp_path)
    for scorer in ("snownlp", "linear"):
        counts = [int(row["items"]) for row in rows if row["scorer"] == scorer]
        assert counts == sorted(counts, reverse=True)
        assert len(counts) == 19


def test_precision_and_recall_stand_beside_the_count(labelled, tmp_path):
    half = [row for row in curve(labelled, tmp_path) if row["cutoff"] == "0.5"]
    linear = next(row for row in half if row["scorer"] == "linear")
    assert (linear["items"], float(linear["precision"]), float(linear["recall"])) == ("2", 1.0, 1.0)
