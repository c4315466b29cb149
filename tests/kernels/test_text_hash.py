"""128 bits tell texts apart that differ in one byte, in length or only in zeros."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.kernels.text_hash import text_hash


def hash_of(content, before=b""):
    data = np.frombuffer(before + content + b"tail", np.uint8)
    return text_hash(data, len(before), len(before) + len(content))


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
