"""Lanes beside numpy: the same floats, the same bits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.engine.compiled import compiled
from analysis.engine.lanes import (
    add,
    larger,
    load,
    peek,
    poke,
    prefetch,
    repeat,
    smaller,
    spread,
    store,
    which_above,
)

floats = st.floats(allow_nan=False)
fours = st.lists(floats, min_size=4, max_size=4)


@compiled
def every_instruction(numbers, out):
    one, other = load(numbers, 0), load(numbers, 4)
    prefetch(numbers, 0)
    store(add(one, other), out, 0)
    store(larger(one, other), out, 4)
    store(smaller(one, other), out, 8)
    store(spread(numbers[1]), out, 12)
    store(repeat(one, 2), out, 16)
    return which_above(one, other)


@settings(deadline=None)
@given(fours, fours)
def test_each_lane_is_a_float_of_its_own(one, other):
    out = np.empty(20)
    bits = every_instruction(np.array(one + other), out)
    with np.errstate(over="ignore", invalid="ignore"):
        expected = [
            np.add(one, other),
            np.maximum(one, other),
            np.minimum(one, other),
            np.full(4, one[1]),
            np.full(4, one[2]),
        ]
    np.testing.assert_array_equal(out, np.concatenate(expected))
    assert [bits >> lane & 1 for lane in range(4)] == np.greater(one, other).astype(int).tolist()


def test_any_place_can_be_read_and_written():
    numbers, out = np.arange(9.0), np.zeros(21)

    @compiled
    def move(numbers, out):
        store(load(numbers, 5), out, 17)

    move(numbers, out)
    assert out.tolist() == [0.0] * 17 + [5.0, 6.0, 7.0, 8.0]


@compiled
def backwards(source, out):
    for place in range(source.size):
        poke(out, place, peek(source, source.size - 1 - place))


@pytest.mark.parametrize("kind", [np.uint8, np.int32, np.uint64, np.float64, np.bool_])
@pytest.mark.parametrize("other", [np.int64, np.float64])
def test_plain_looks_read_and_write_any_kind_of_number(kind, other):
    numbers = np.array([1, 0, 100, 7, 0, 1, 33], kind)
    out = np.full(9, -1, other)
    backwards(numbers, out)
    assert out.tolist() == [*numbers[::-1].tolist(), -1, -1]


def test_a_plain_look_takes_places_of_any_width():
    @compiled
    def look(numbers, place):
        return peek(numbers, place)

    numbers = np.arange(300)
    assert [look(numbers, kind(250)) for kind in (np.uint8, np.int32, np.uint64)] == [250] * 3
