"""The tagger beside a plain one: features read alike, and the likeliest labels of all."""

from itertools import pairwise, product

import numpy as np

from analysis.engine import tagger


def test_the_labels_are_the_likeliest_of_all_that_may_follow_each_other():
    rng = np.random.default_rng(4)
    for length in (1, 2, 3, 4, 5):
        drawn = rng.integers(-9, 9, (length, tagger.LABELS)).astype(np.int32)
        scores, back = drawn.copy(), np.zeros((length, tagger.LABELS), np.int8)
        labels = np.empty(length, np.int8)
        tagger._decode(scores, length, tagger.FOLLOWS, back, labels)
        starts, ends = (0, tagger.NAME, tagger.PLACE), (0, tagger.NAME_END, tagger.PLACE_END)
        allowed = [
            one
            for one in product(range(tagger.LABELS), repeat=length)
            if one[0] in starts
            and one[-1] in ends
            and all(tagger.FOLLOWS[a, b] == 0 for a, b in pairwise(one))
        ]
        best = max(sum(drawn[at, label] for at, label in enumerate(one)) for one in allowed)
        told = tuple(labels.tolist())
        assert told in allowed
        assert sum(drawn[at, label] for at, label in enumerate(told)) == best
