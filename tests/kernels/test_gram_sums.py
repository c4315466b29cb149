"""All targets at once against one after the other."""

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.kernels.gram_sums import side_by_side, sum_all_weights
from analysis.kernels.hashed_linear import sum_weights
from analysis.kernels.utf8 import text_buffers

FOLD = np.arange(0x10000, dtype=np.int32)
WEIGHTS = np.random.default_rng(3).integers(-128, 128, (11, 1024)).astype(np.int8)
EXTREME = np.repeat(np.array([[-128], [127], [0]], np.int8), 1024, axis=1)


def _compare(texts, weights):
    buffers = text_buffers(pl.Series(texts, dtype=pl.String))
    found = sum_all_weights(buffers, FOLD, side_by_side(weights), len(weights))
    for target, row in enumerate(weights):
        one = sum_weights(buffers.offsets, buffers.data, FOLD, row)
        assert found[:, target].tobytes() == one.tobytes()


@settings(deadline=None)
@given(st.lists(st.text(max_size=60), max_size=6))
def test_to_the_last_bit(texts):
    _compare(texts, WEIGHTS)


def test_long_texts_of_the_largest_weights_do_not_overflow():
    _compare(
        ["".join(map(chr, range(0x4E00, 0x4E00 + n))) for n in (85, 86, 87, 300, 9000)], EXTREME
    )
