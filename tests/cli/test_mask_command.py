"""`caodian mask`: with `--thorough` a tagger is asked, without it none."""

import polars as pl
import pytest

from analysis.cli.main import main
from analysis.corpus import mask, mask_finders

TEXTS = ["昨天于垚送来的货少了", "支持周杰伦", "打13812345678"]


class Stand:
    name = "stand-in 1.0"

    def persons(self, texts):
        places = [(text, text.find(one), one) for text in texts for one in ("于垚", "周杰伦")]
        return [
            [(at, at + len(one)) for said, at, one in places if said == text and at >= 0]
            for text in texts
        ]


@pytest.mark.parametrize("thorough", [False, True])
def test_a_file_is_masked_thoroughly_where_that_is_asked_for(tmp_path, monkeypatch, thorough):
    for module in (mask, mask_finders):
        monkeypatch.setattr(module, "shared_tagger", Stand)
    pl.DataFrame({"text": TEXTS, "title": TEXTS}).write_csv(tmp_path / "a.csv")
    words = ["mask", tmp_path / "a.csv", "--text-column", "text", "--out", tmp_path / "b.csv"]
    with pytest.raises(SystemExit) as ended:
        main([*map(str, words), *(["--thorough"] if thorough else [])])
    assert ended.value.code in (0, None)
    made = pl.read_csv(tmp_path / "b.csv")
    name = "昨天【姓名】送来的货少了" if thorough else TEXTS[0]
    assert made["text"].to_list() == made["title"].to_list() == [name, TEXTS[1], "打【电话】"]
    assert made["masked"].to_list() == ['{"name":1}' if thorough else "{}", "{}", '{"phone":1}']
