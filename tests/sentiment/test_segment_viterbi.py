"""The compiled tagger beside the plain one, on small models full of equal and impossible paths."""

import itertools
import marshal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.engine.snownlp import _FIRST_HAN, BEGINNING, _cut_words, _make_room
from analysis.errors import CaodianError
from analysis.sentiment.snownlp_tables import _read_segmentation, build_segment_tables

CHARACTERS = "好坏货龘"
TAGGED = [(character, tag) for character in CHARACTERS[:3] for tag in "bmes"]
SPACES = np.zeros(128, np.bool_)


def counts(grams):
    found = {}
    for gram in grams:
        found[gram] = found.get(gram, 0) + 1
    return found


def train(sentences, weights):
    """Count as SnowNLP does: the beginning of a sentence stands before it twice."""
    opened = [[("", "BOS"), ("", "BOS"), *sentence] for sentence in sentences]
    single = counts(itertools.chain.from_iterable(opened))
    pair = counts(gram for line in opened for gram in itertools.pairwise(line))
    triple = counts(gram for line in opened for gram in zip(line, line[1:], line[2:], strict=False))
    return {
        "l1": weights[0] / sum(weights),
        "l2": weights[1] / sum(weights),
        "l3": weights[2] / sum(weights),
        "uni": {"d": single, "total": float(sum(single.values()))},
        "bi": {"d": pair},
        "tri": {"d": triple},
    }


def compiled_words(tables, text):
    codes = np.array([ord(character) for character in text], np.int32)
    bounds = np.empty((len(text) + 1, 2), np.int64)
    count = _cut_words(tables, SPACES, codes, len(text), _make_room(len(text)), bounds)
    return [text[start:stop] for start, stop in bounds[:count]]


models = st.builds(
    train,
    st.lists(st.lists(st.sampled_from(TAGGED), min_size=1, max_size=5), min_size=1, max_size=12),
    st.sampled_from([(1, 1, 1), (1, 0, 0), (0, 1, 1), (0, 0, 1), (2, 1, 5)]),
)
texts = st.text(st.sampled_from(CHARACTERS + "x"), min_size=1, max_size=12)


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(models, st.lists(texts, min_size=1, max_size=8))
def test_equals_the_plain_tagger(reference_words, model, texts):
    tables = build_segment_tables(marshal.dumps(model))
    for text in texts:
        assert compiled_words(tables, text) == reference_words(model, text)


def test_an_unlikely_trigram_is_refused():
    model = train([[("好", "b"), ("货", "e"), ("坏", "s")]], (1, 1, 1)) | {"l3": -0.01}
    with pytest.raises(CaodianError, match="less likely for being seen"):
        build_segment_tables(marshal.dumps(model))


def test_another_structure_is_refused():
    model = train([[("好", "b"), ("货", "e")]], (1, 1, 1))
    whole = marshal.dumps(model)
    for wrong in (b"no model", b"", whole[:-9], whole[: len(whole) // 2], marshal.dumps([1, 2])):
        with pytest.raises(CaodianError, match="written by its `save`"):
            build_segment_tables(wrong)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(models, st.data())
def test_a_damaged_file_is_an_error_at_most(model, data):
    content = bytearray(marshal.dumps(model))
    for _ in range(3):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    try:
        _read_segmentation(bytes(content))
    except CaodianError as error:
        assert "written by its `save`" in str(error)


@given(models)
def test_counts_are_those_of_marshal(model):
    found = _read_segmentation(marshal.dumps(model))
    for name, order in (("uni", 1), ("bi", 2), ("tri", 3)):
        grams = [gram if order > 1 else (gram,) for gram in model[name]["d"]]
        expected = {
            tuple(number_of(unit) for unit in gram): count
            for gram, count in zip(grams, model[name]["d"].values(), strict=True)
        }
        parts, counts = found[name]["d"]
        assert dict(zip(map(tuple, parts.tolist()), counts, strict=True)) == expected


def number_of(unit):
    character, tag = unit
    return BEGINNING if tag == "BOS" else (ord(character) - _FIRST_HAN) * 4 + "bmes".index(tag)
