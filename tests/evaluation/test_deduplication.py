"""Recall by band of similarity."""

import polars as pl

from analysis.evaluation.deduplication import evaluate_deduplication

BASE = "六一八在直播间买的手机到货发现是翻新机客服一直推脱不给退款真的太坑人了"


def test_shares_by_band():
    pairs = pl.DataFrame(
        {
            "text_a": [BASE, BASE[:30], "双十一红包根本不能用", None, "坑"],
            "text_b": [BASE, BASE[:30] + "！", "客服电话打不通还骗人", "坑", "坑"],
        }
    )
    table = evaluate_deduplication(pairs).set_index("low")
    assert table["pairs"].to_dict() == {0.0: 2, 0.85: 1, 1.0: 2}
    assert table["joined"].to_dict() == {0.0: 0, 0.85: 1, 1.0: 2}


def test_no_pairs_give_no_bands():
    nothing = pl.DataFrame(schema={"text_a": pl.String, "text_b": pl.String})
    assert evaluate_deduplication(nothing).empty
