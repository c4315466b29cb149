"""Recall and precision of masking on labelled spans, the scan for leaks, joined pairs."""

import json

import polars as pl
import pytest

from analysis.errors import CaodianError
from analysis.evaluation.preparation import (
    _scan_for_personal_data,
    evaluate_deduplication,
    evaluate_privacy,
)


def spans(*labels):
    return json.dumps([{"start": s, "end": e, "kind": kind} for s, e, kind in labels])


def test_recall_and_precision_by_kind():
    texts = pl.DataFrame(
        {
            "text": ["打13812345678", "找隔壁老王", "QQ12345678", None],
            "spans": [spans((1, 12, "phone")), spans((3, 5, "name")), None, None],
        }
    )
    table = evaluate_privacy(texts).set_index("kind")
    assert table.loc["phone", ["labelled", "masked", "found"]].tolist() == [1, 1, 1]
    assert table.loc["name", "recall"] == 0
    assert table.loc["qq", "precision"] == 0
    assert table.loc["all", "recall"] == 0.5


def test_a_half_masked_span_is_a_leak():
    texts = pl.DataFrame({"text": ["x13812345678"], "spans": [spans((0, 12, "phone"))]})
    assert evaluate_privacy(texts).set_index("kind").loc["phone", "masked"] == 0


def test_lists_of_structs_are_labels_too():
    texts = pl.DataFrame(
        {"text": ["打13812345678"], "spans": [[{"start": 1, "end": 12, "kind": "phone"}]]}
    )
    assert evaluate_privacy(texts).set_index("kind").loc["all", "recall"] == 1


@pytest.mark.parametrize("label", ["{", '[{"start": 1}]', "5", spans((0, 1, "telephone"))])
def test_a_broken_label_is_told(label):
    with pytest.raises(CaodianError, match="row 1"):
        evaluate_privacy(pl.DataFrame({"text": ["坑"], "spans": [label]}))


LEAKS = [
    ('{"text": ["打13812345678\\n"]}', ["phone"]),
    ("date,text\n2020-06-18,加微信abc_12345\n", ["wechat"]),
    ("<p>收件人：李小红</p>", ["name"]),
    ("<td>zhang@qq.com</td>", ["email"]),
    ("<p>@爱吃鱼的猫 说</p>", ["handle"]),
    ("<style>@media print{a{width:13812345678px}}</style>", []),
    ('<img src="data:image/png;base64,iVBO13812345678AAAA=">', []),
    ("sha256: 13812345678abcdef13812345678abcdef13812345678abcdef0123456789abcd", []),
    ('<svg><path d="M 13812345678 2"/></svg>', []),
    ("<a href='https://github.com/jupyterlab'>@jupyterlab/apputils</a>", []),
    ("<p>打【电话】，12315，0.13812345678，2020-06-18 20:00</p>", []),
]


@pytest.mark.parametrize(("text", "kinds"), LEAKS)
def test_the_scan_finds_leaks_and_only_those(text, kinds):
    assert [leak.kind for leak in _scan_for_personal_data(text)] == kinds


def test_the_scan_names_the_line():
    assert _scan_for_personal_data("a\nb\n打13812345678")[0].line == 3


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
