"""Kernels of masking by hand: spans without overlaps, counts of kinds, what is written instead."""

import random

import numpy as np
import pytest

from analysis.engine import masking
from analysis.engine.masking import (
    KINDS,
    MOST,
    _copy_bytes,
    _packed_counts,
    _skip,
    _take_span,
    _write_masked,
    counts_by_kind,
)
from analysis.engine.regex_search import DOUBT

NONE = np.int64(0)


def room():
    spans = np.zeros((MOST + 2, 4), np.int64)
    return spans, np.zeros(DOUBT + 4, np.int64)


def take(*wanted):
    spans, groups = room()
    for start, end, kind, kept in wanted:
        _take_span(spans, groups, np.int64(start), np.int64(end), np.int64(kind), np.int64(kept))
    return spans, groups


def taken(spans):
    return [tuple(row) for row in spans[1 : 1 + spans[0, 0]].tolist()]


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        ([(4, 6, 1, 0)], [(4, 6, 1, 0)]),
        ([(4, 6, 1, 0), (6, 8, 2, 0), (2, 4, 3, 1)], [(2, 4, 3, 1), (4, 6, 1, 0), (6, 8, 2, 0)]),
        ([(4, 6, 1, 0), (5, 8, 2, 0)], [(4, 6, 1, 0)]),  # what was first stays
        ([(4, 6, 1, 0), (2, 5, 2, 0)], [(4, 6, 1, 0)]),
        ([(4, 6, 1, 0), (2, 9, 2, 0)], [(4, 6, 1, 0)]),
        ([(4, 9, 1, 0), (5, 6, 2, 0)], [(4, 9, 1, 0)]),
        ([(4, 6, 1, 0), (4, 6, 2, 0)], [(4, 6, 1, 0)]),
    ],
)
def test_spans_overlap_nothing_and_stand_in_order(wanted, kept):
    spans, groups = take(*wanted)
    assert taken(spans) == kept and not groups[DOUBT]


def test_drawn_spans_are_those_that_are_free_in_their_order():
    rng = random.Random(3)
    for _ in range(30):
        wanted = [(at := rng.randrange(60), at + rng.randrange(1, 6), rng.randrange(13), 0)
                  for _ in range(20)]  # fmt: skip
        free = []
        for one in wanted:
            if all(one[1] <= other[0] or other[1] <= one[0] for other in free):
                free.append(one)
        assert taken(take(*wanted)[0]) == sorted(free)


@pytest.mark.parametrize(("number", "doubt"), [(MOST, 0), (MOST + 1, 1)])
def test_sixty_are_taken_and_more_are_left_to_python(number, doubt):
    spans, groups = take(*((2 * n, 2 * n + 1, n % 13, 0) for n in range(number)))
    assert (spans[0, 0], groups[DOUBT]) == (MOST, doubt)
    again = take(*((2 * n, 2 * n + 1, n % 13, 0) for n in range(MOST)), (0, 1, 0, 0))
    assert not again[1][DOUBT]  # what is not free needs no room


@pytest.mark.parametrize("kinds", [[], [0], [12, 12, 0], [*range(13)] * 2, [5] * 15, [12] * 15])
def test_counts_are_packed_by_kind(kinds):
    spans, _ = take(*((2 * n, 2 * n + 1, kind, 0) for n, kind in enumerate(kinds)))
    packed = int(_packed_counts(spans))
    assert packed == sum(16**kind for kind in kinds)
    assert counts_by_kind(packed) == {
        name: kinds.count(place) for place, name in enumerate(KINDS) if place in kinds
    }


def test_sixteen_of_a_kind_are_more_than_can_be_counted():
    for kind in (0, 5, 12):
        spans, _ = take(*((2 * n, 2 * n + 1, kind, 0) for n in range(16)))
        assert _packed_counts(spans) == -1


@pytest.mark.parametrize(
    ("text", "characters"), [("a坑é😡b", n) for n in range(6)] + [("😡😡", 1), ("ßzé", 2)]
)
def test_characters_are_skipped_by_their_bytes(text, characters):
    data = np.frombuffer(b"x" + text.encode() + b"yyyy", np.uint8)
    expected = 1 + len(text[:characters].encode())
    assert _skip(data, np.int64(1), np.int64(characters)) == expected


@pytest.mark.parametrize(
    ("text", "spans", "masked"),
    [
        ("打138没人接", [(1, 4, 0, 0)], "打<0>没人接"),
        ("138", [(0, 3, 2, 0)], "<2>"),
        ("李小红，138坑😡138", [(0, 3, 12, 0), (4, 7, 0, 0), (9, 12, 1, 0)], "<12>，<0>坑😡<1>"),
        ("张三李四", [(0, 2, 12, 0), (2, 4, 12, 0)], "<12><12>"),
        ("问@京东客服吧", [(1, 6, 10, 2)], "问京东<10>吧"),  # the platform is kept, the sign is not
        ("@京东", [(0, 3, 10, 2)], "京东<10>"),
        ("没有", [], "没有"),
    ],
)
def test_tokens_stand_in_the_places_of_what_is_found(text, spans, masked):
    tokens = np.zeros((len(KINDS), 9), np.uint8)
    for place, row in enumerate(tokens):
        token = f"<{place}>".encode()
        row[: 1 + len(token)] = [len(token), *token]
    data, out = np.frombuffer(b"??" + text.encode() + b"??", np.uint8), np.zeros(99, np.uint8)
    ends = np.int64(2), np.int64(len(data) - 2)
    written = _write_masked(data, *ends, take(*spans)[0], tokens, out, np.int64(5))
    assert bytes(out[5:written]).decode() == masked and not out[:5].any()


def test_bytes_are_copied_to_their_place():
    out = np.zeros(8, np.uint8)
    end = _copy_bytes(np.arange(1, 9, dtype=np.uint8), np.int64(2), np.int64(5), out, np.int64(3))
    assert end == 6 and out.tolist() == [0, 0, 0, 3, 4, 5, 0, 0]


def test_each_part_has_a_place_of_its_own():
    """The names by which patterns are told stand in the order in which the program has them."""
    told = {
        "whole_name": "_WHOLE_NAME", "role": "_ROLE", "clause": "_CLAUSE", "platform": "_PLATFORM",
        "same_number": "_SAME_NUMBER", "qq_in_link": "_QQ_IN_LINK", "digits": "_DIGITS",
        "mobile": "_MOBILE", "free_link": "_FREE_LINK", "no_account": "_NO_ACCOUNT",
        "no_order": "_NO_ORDER", "parcel": "_PARCEL", "parcel_phone": "_PARCEL_PHONE",
        "one_more": "_ONE_MORE", "day": "_DAY", "years": "_YEARS", "opening": "_OPENING",
        "region": "_REGION", "edge": "_EDGE", "doors": "_DOORS", "known": "_KNOWN",
        "again": "_AGAIN", "unnamed": "_UNNAMED",
    }  # fmt: skip
    for name, place in told.items():
        if name in masking.PARTS and hasattr(masking, place):
            assert getattr(masking, place) == masking.PARTS.index(name)
    kinds = {"phone": "_PHONE", "bank_card": "_BANK_CARD", "order_no": "_ORDER_NO",
             "wechat": "_WECHAT", "qq": "_QQ", "handle": "_HANDLE", "address": "_ADDRESS",
             "name": "_NAME"}  # fmt: skip
    assert {kind: int(getattr(masking, place)) for kind, place in kinds.items()} == {
        kind: KINDS.index(kind) for kind in kinds
    }
