"""SnowNLP's kernels by hand: steps of the tagger, its best path, words, and their sums."""

import itertools
import marshal
import math
import random

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.engine.flat_columns import text_buffers
from analysis.engine.snownlp import (
    _advance,
    _cut_pieces,
    _cut_tagged,
    _cut_words,
    _is_spelled,
    _make_room,
    positive_share,
    sum_logs,
)
from analysis.sentiment.snownlp_tables import build_segment_tables, build_word_tables

NEARLY = math.nextafter(-1.0, 0.0)
paths = st.sampled_from([-1.0, NEARLY, math.nextafter(NEARLY, 0.0), -1.5, -40.0, -math.inf])
logs = st.sampled_from([-0.25, -3.0, -100.0, -1e4, -math.inf])


def plain_step(before, row):
    """Value and first best of the four paths into each state."""
    found = {}
    for tag in range(4):
        for new in range(4):
            sums = [before[earlier * 4 + tag] + row[tag * 4 + new] for earlier in range(4)]
            found[tag, new] = max(sums), sums.index(max(sums))
    return found


def test_a_step_takes_the_first_of_the_best_of_some():
    rng = np.random.default_rng(618)
    for _ in range(40):
        before = rng.choice([-1.0, NEARLY, -1.5, -40.0, -math.inf], 16).tolist()
        _is_first_of_best(before, rng.choice([-0.25, -3.0, -1e4, -math.inf], 16).tolist())


@pytest.mark.slow
@settings(max_examples=500, deadline=None)
@given(st.lists(paths, min_size=16, max_size=16), st.lists(logs, min_size=16, max_size=16))
def test_a_step_takes_the_first_of_the_best(before, row):
    _is_first_of_best(before, row)


def _is_first_of_best(before, row):
    room = np.array(before + [0.0] * 16)
    choices = int(_advance(room, 0, 16, np.array(row), 0, False))
    for (tag, new), (value, earlier) in plain_step(before, row).items():
        assert room[16 + tag * 4 + new] == value
        if value > -math.inf:
            bits = choices >> (new * 4 + tag)
            assert (bits >> 15 & 2 | bits & 1) == earlier


CHARACTERS = "好坏货"
SPACES = np.array([chr(code).isspace() for code in range(128)])


def trained(seed):
    """Count the n-grams of some tagged sentences as SnowNLP does; all tags are seen."""
    rng = random.Random(seed)
    units = [(character, name) for character in CHARACTERS for name in "bmes"]
    lines = [units, *([rng.choice(units) for _ in range(5)] for _ in range(6))]
    counts = {1: {}, 2: {}, 3: {}}
    for line in ([("", "BOS")] * 2 + sentence for sentence in lines):
        for order, place in itertools.product((1, 2, 3), range(len(line))):
            gram = tuple(line[place : place + order])
            if len(gram) == order:
                key = gram if order > 1 else gram[0]
                counts[order][key] = counts[order].get(key, 0) + 1
    return {
        "l1": 0.3, "l2": 0.5, "l3": 0.2, "bi": {"d": counts[2]}, "tri": {"d": counts[3]},
        "uni": {"d": counts[1], "total": float(sum(counts[1].values()))},
    }  # fmt: skip


def likelihood(model, text, tags):
    """Log-probability of a tagged text, term by term."""
    single, pair, triple = (model[name]["d"] for name in ("uni", "bi", "tri"))
    line, total = [("", "BOS")] * 2 + list(zip(text, tags, strict=True)), 0.0
    for first, second, third in zip(line, line[1:], line[2:], strict=False):
        share = model["l1"] * single.get(third, 0) / model["uni"]["total"]
        share += model["l2"] * pair.get((second, third), 0) / single[second]
        after = pair.get((first, second), 0)
        share += model["l3"] * triple.get((first, second, third), 0) / after if after else 0
        total += math.log(share)
    return total


@pytest.mark.parametrize("seed", range(4))
def test_the_path_is_the_likeliest_of_all(seed):
    model, rng = trained(seed), random.Random(seed)
    tables = build_segment_tables(marshal.dumps(model))
    for text in ("".join(rng.choices(CHARACTERS, k=4)) for _ in range(10)):
        room, bounds = _make_room(4), np.empty((5, 2), np.int64)
        codes = np.array([ord(character) for character in text], np.int32)
        _cut_words(tables, SPACES, codes, 4, room, bounds)
        found = likelihood(model, text, ["bmes"[tag] for tag in room[4]])
        best = max(likelihood(model, text, tags) for tags in itertools.product("bmes", repeat=4))
        assert found == pytest.approx(best, abs=1e-9), text


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ("s", ["1"]), ("be", ["12"]), ("bme", ["123"]), ("ss", ["1", "2"]), ("bb", ["1", "2"]),
        ("es", ["1", "2"]), ("mm", ["12"]), ("sm", ["12"]), ("em", ["1", "2"]), ("bs", ["1", "2"]),
        ("mmeb", ["123", "4"]), ("ee", ["1", "2"]), ("see", ["12", "3"]), ("se", ["12"]),
    ],
)  # fmt: skip
def test_a_word_begins_at_b_and_s_and_ends_at_e(tags, words):
    bounds = np.zeros((len(tags) + 1, 2), np.int64)
    numbers = np.array(["bmes".index(name) for name in tags], np.uint8)
    count = _cut_tagged(0, len(tags), numbers, bounds, 0)
    assert ["1234"[first:last] for first, last in bounds[:count]] == words


@pytest.mark.parametrize("text", ["", " ", "a", "a b", "  ab  c ", "a\tb\n", "\x1ca", "¥ a"])
def test_other_text_is_split_as_python_splits_it(text):
    codes, bounds = np.array([*map(ord, text)], np.int32), np.zeros((len(text) + 2, 2), np.int64)
    count = _cut_pieces(SPACES, codes, 0, len(text), bounds, 1)
    assert [text[first:last] for first, last in bounds[1:count]] == text.split()


@pytest.mark.parametrize(
    ("word", "is_spelled"),
    [("abcd", True), ("abcx", False), ("xbcd", False), ("abc", False), ("abcde", False)],
)
def test_a_long_word_is_compared_letter_by_letter(word, is_spelled):
    spelling, codes = (np.array([*map(ord, text)], np.int32) for text in ("..abcd..", word))
    assert _is_spelled(spelling, 2, 6, codes, 0, len(word)) == is_spelled


def test_the_words_of_a_text_are_summed_with_the_prior():
    """Short and long words, known to one class, to both, to none, and stop words."""
    known = {"neg": {"好": 2, "abcd": 3, "abcdefgh": 1, "xy": 5}, "pos": {"坏": 4, "abcd": 1}}
    known["pos"] |= {f"w{number}": number for number in range(1, 40)}
    model = {
        "total": 90,
        "d": {
            name: {"d": counts, "none": 1, "total": sum(counts.values())}
            for name, counts in known.items()
        },
    }
    words, positive = build_word_tables(model, {"the", "的", "stopword"})
    assert positive == 1
    texts = ["abcd xy the", "abcdefgh stopword w7 w39", "w40 unseen 1", " ", "abce abcd abc", "xy"]
    buffers = text_buffers(pl.Series(texts))
    segments, sums = build_segment_tables(marshal.dumps(trained(1))), np.zeros((len(texts), 2))
    sum_logs(segments, words, buffers.offsets, buffers.data, 0, len(texts), sums)
    for text, found in zip(texts, sums, strict=True):
        for (_, of), total in zip(model["d"].items(), found, strict=True):
            expected = math.log(of["total"] / 90)
            for word in text.split():
                if word not in {"the", "的", "stopword"}:
                    expected += math.log(of["d"].get(word, 1) / of["total"])
            assert total == pytest.approx(expected, abs=1e-12), text


@pytest.mark.parametrize("positive", [0, 1])
@pytest.mark.parametrize(
    "sums", [(-3.0, -2.0), (-2.0, -3.0), (-5.0, -5.0), (-1000.0, -1.0), (-1.0, -1000.0)]
)
def test_a_score_is_the_share_of_the_positive_class(sums, positive):
    out = np.zeros(1)
    positive_share(np.array([sums]), positive, out)
    with np.errstate(over="ignore"):
        expected = 1 / (1 + np.exp(sums[1 - positive] - sums[positive]))
    assert out[0] == pytest.approx(expected, abs=1e-15)
