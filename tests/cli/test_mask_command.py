"""`caodian mask` on a file: the text masked, the counts beside it, nothing else changed."""

import polars as pl
import pytest

from analysis.cli.main import main

TEXTS = ["收件人：李小红，少了一件", "王女士说好", "打13812345678没人接"]


def test_a_file_is_masked(tmp_path):
    given, out = tmp_path / "posts.csv", tmp_path / "masked.parquet"
    pl.DataFrame({"text": TEXTS, "n": [1, 2, 3]}).write_csv(given)
    with pytest.raises(SystemExit) as end:
        main(["mask", str(given), "--text-column", "text", "--out", str(out)])
    assert not end.value.code
    made = pl.read_parquet(out)
    assert made["text"].to_list() == ["收件人：【姓名】，少了一件", TEXTS[1], "打【电话】没人接"]
    assert made["masked"].to_list() == ['{"name":1}', "{}", '{"phone":1}']
