"""The keyed digests are those of the standard library."""

import hmac

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.kernels.keyed_digest import digest_texts, start_states


def as_bytes(data):
    return np.frombuffer(data, np.uint8)


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=150),
    st.binary(max_size=70),
    st.lists(st.binary(max_size=150), max_size=5),
    st.integers(0, 64),
)
def test_digests_are_those_of_the_standard_library(key, scope, texts, digits):
    offsets = np.cumsum([0, *(len(text) for text in texts)]).astype(np.int64)
    made = digest_texts(
        as_bytes(b"".join(texts)), offsets, as_bytes(scope), *start_states(key), digits
    )
    wanted = [hmac.new(key, scope + text, "sha256").hexdigest()[:digits] for text in texts]
    assert made.tobytes().decode() == "".join(wanted)


def test_every_length_around_the_block_ends_is_padded_right():
    for length in range(40, 140):
        text = bytes(range(length))
        made = digest_texts(
            as_bytes(text), np.array([0, length]), as_bytes(b""), *start_states(b"k"), 64
        )
        assert made.tobytes().decode() == hmac.new(b"k", text, "sha256").hexdigest()
