"""Sketches against a slow reading of the definitions, whatever the text and the threads."""

import random

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.engine.flat_columns import text_buffers
from analysis.engine.minhash import (
    BITMAP_WORDS,
    _text_hash,
    gram_set,
    least_overlap,
    may_be_alike,
    overlap_reaches,
    sketch_texts,
    table_size,
)

TEXTS = st.lists(st.text(alphabet="坑人a😡é", max_size=30), max_size=8)


def grams(text):
    return {text[place : place + 3] for place in range(len(text) - 2)}


def sketch(texts, threads=1):
    return sketch_texts(text_buffers(pl.Series(texts, dtype=pl.String)), 4, 16, threads)


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_sizes_count_the_distinct_grams(texts):
    assert sketch(texts).sizes.tolist() == [len(grams(text)) for text in texts]


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_equal_sets_have_equal_bands_and_bitmaps_and_equal_texts_equal_hashes(texts):
    texts = texts + texts
    made = sketch(texts)
    for left, one in enumerate(texts):
        for right, other in enumerate(texts):
            same = grams(one) == grams(other)
            assert not same or (made.bands[:, left] == made.bands[:, right]).all()
            assert not same or (made.bitmaps[left] == made.bitmaps[right]).all()
            assert (one == other) == (made.hashes[left] == made.hashes[right]).all()


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_bitmaps_differ_in_no_more_bits_than_the_sets(texts):
    bits = np.unpackbits(sketch(texts).bitmaps.view(np.uint8), axis=1)
    assert bits.shape[1] == 64 * BITMAP_WORDS
    for left, one in enumerate(texts):
        for right, other in enumerate(texts):
            differing = len(grams(one) ^ grams(other))
            assert (bits[left] != bits[right]).sum() <= differing
            assert (bits[left] != bits[right]).sum() % 2 == differing % 2


def test_threads_change_nothing():
    rng = random.Random(1)
    texts = ["".join(rng.choices("坑人退款慢", k=rng.randrange(40))) for _ in range(101)]
    for one, two in zip(sketch(texts), sketch(texts, threads=3), strict=True):
        assert (one == two).all()


def test_a_band_is_shared_as_often_as_its_probability_says():
    """Sets of similarity s share a band of four values with probability s^4."""
    rng = random.Random(2)
    marks = [chr(point) for point in range(0x4E00, 0x6000)]
    drawn = [rng.sample(marks, 70) for _ in range(400)]
    left = ["".join(text[:60]) for text in drawn]
    right = ["".join(text[:50] + text[60:]) for text in drawn]
    similarity = len(grams(left[0]) & grams(right[0])) / len(grams(left[0]) | grams(right[0]))
    shared = (sketch(left).bands == sketch(right).bands).mean()
    assert 0.2 < similarity**4 < 0.3
    assert abs(shared - similarity**4) < 0.02


def hash_of(content, before=b""):
    data = np.frombuffer(before + content + b"tail", np.uint8)
    return _text_hash(data, len(before), len(before) + len(content))


@given(st.binary(max_size=40), st.binary(max_size=9))
def test_the_hash_is_of_the_bytes_and_not_of_where_they_stand(content, before):
    assert hash_of(content) == hash_of(content, before)


@pytest.mark.parametrize("length", range(1, 26))
def test_every_byte_counts(length):
    content = bytes(range(1, length + 1))
    changed = {hash_of(content[:at] + b"\xff" + content[at + 1 :]) for at in range(length)}
    assert len(changed | {hash_of(content)}) == length + 1


def test_zeros_and_lengths_count():
    assert len({hash_of(b"\0" * length) for length in range(30)}) == 30


def test_many_short_texts_do_not_clash_in_either_half():
    hashes = [hash_of(number.to_bytes(3, "big")) for number in range(50_000)]
    assert len({left for left, _ in hashes}) == len({right for _, right in hashes}) == 50_000


@pytest.mark.parametrize("similarity", [1 / 3, 0.5, 0.7, 0.8, 0.9, 1.0])
def test_the_least_overlap_is_the_first_that_makes_two_sets_alike(similarity):
    for total in range(2, 120):
        alike = (k for k in range(total + 1) if k / (total - k) >= similarity)
        assert least_overlap(total, similarity) == next(alike), total


@pytest.mark.parametrize(
    ("sizes", "second", "needed", "may"),
    [
        ((4, 4), 0b110011, 2, True),  # four bits differ: of eight members two may be shared
        ((4, 4), 0b110011, 3, False),
        ((4, 4), 0b1111, 4, True),
        ((2, 9), 0b1111, 2, True),
        ((2, 9), 0b1111, 3, False),  # two members are not three
        ((9, 2), 0b1111, 3, False),
    ],
)
def test_sizes_and_bitmaps_leave_open_what_members_can_be(sizes, second, needed, may):
    bitmaps = np.zeros((2, BITMAP_WORDS), np.uint64)
    bitmaps[:, -1] = 0b1111, second
    assert may_be_alike(np.array(sizes, np.uint32), bitmaps, 0, 1, needed) == may


@pytest.mark.parametrize(("characters", "size"), [(0, 16), (8, 16), (9, 32), (16, 32), (17, 64)])
def test_a_table_is_half_full_at_most(characters, size):
    assert table_size(characters) == size


def test_of_two_texts_it_is_told_whether_they_share_so_many_grams():
    rng = random.Random(5)
    pairs = [
        ["".join(rng.choices("坑人a😡", k=rng.randrange(12))) for _ in "ab"] for _ in range(40)
    ]
    for one, other in [
        *pairs,
        ("", "坑人退"),
        ("坑人退款慢", "坑人退款慢"),
        ("坑坑坑坑", "坑坑坑"),
    ]:
        buffers = text_buffers(pl.Series([one, other]))
        bounds = [int(place) for place in buffers.offsets]
        table, used = np.zeros(table_size(64), np.uint64), np.empty(64, np.uint64)
        count, mask = gram_set(buffers.data, bounds[0], bounds[1], table, used)
        assert count == len(grams(one)) == np.count_nonzero(table)
        shared = len(grams(one) & grams(other))
        seen = np.zeros(table.size, np.int64)
        reached = [
            overlap_reaches(buffers.data, bounds[1], bounds[2], needed, table, mask, seen, needed)
            for needed in range(1, 8)
        ]
        assert reached == [needed <= shared for needed in range(1, 8)], (one, other)


WORD = (1 << 64) - 1


def scattered(value):
    """The finaliser of MurmurHash3, in whole numbers of Python."""
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        value = ((value ^ value >> 33) * factor) & WORD
    return value ^ value >> 33


def split_mix(count):
    """The upper halves of the first numbers of splitmix64 (Steele, Lea and Flood 2014)."""
    state, halves = 0x9E3779B97F4A7C15, []
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & WORD
        mixed = ((state ^ state >> 30) * 0xBF58476D1CE4E5B9) & WORD
        mixed = ((mixed ^ mixed >> 27) * 0x94D049BB133111EB) & WORD
        halves.append((mixed ^ mixed >> 31) >> 32)
    return halves


def sketched(text, rows, bands):
    """Bitmap and keys of bands as their definitions say, a gram at a time."""
    points = [[ord(sign) for sign in gram] for gram in grams(text)]
    packed = [scattered((one << 42 | two << 21 | three) + 1) for one, two, three in points]
    bitmap = 0
    for gram in packed:
        bitmap ^= 1 << (gram % (64 * BITMAP_WORDS))
    drawn, count = split_mix(2 * rows * bands), rows * bands
    least = [
        min(((factor | 1) * (gram >> 32) + offset) % 2**32 for gram in packed)
        for factor, offset in zip(drawn[:count], drawn[count:], strict=True)
    ]
    keys = []
    for band in range(bands):
        key = band * rows + 1
        for value in least[band * rows : (band + 1) * rows]:
            key = scattered(key ^ value)
        keys.append(key >> 32)
    return [bitmap >> 64 * word & WORD for word in range(BITMAP_WORDS)], keys


def hashed(content):
    """Two chains over words of eight bytes; the last one is what is left, its bytes in order."""
    left, right = 0x243F6A8885A308D3, 0x13198A2E03707344 + len(content)
    for at in range(0, len(content), 8):
        part = content[at : at + 8]
        word = int.from_bytes(part, "little" if len(part) == 8 else "big")
        left = ((left ^ word) * 0x9FB21C651E98DF25) & WORD
        left ^= left >> 29
        right = ((right + word) * 0xD6E8FEB86659FD93) & WORD
        right ^= right >> 32
    return scattered(left), scattered(right)


@pytest.mark.parametrize(("rows", "bands"), [(4, 16), (1, 3), (5, 2)])
def test_sketches_are_those_of_their_definitions_to_the_last_bit(rows, bands):
    texts = ["坑人退", "发货太慢了😡客服不理人", "abcabcabcabc", "é" * 9 + "坑", "人退款慢坑人退款"]
    made = sketch_texts(text_buffers(pl.Series(texts)), rows, bands)
    for place, text in enumerate(texts):
        bitmap, keys = sketched(text, rows, bands)
        assert made.bitmaps[place].tolist() == bitmap
        assert made.bands[:, place].tolist() == keys
        assert made.hashes[place].tolist() == list(hashed(text.encode()))
