"""SnowNLP's score in plain Python: slow, readable, on the same model files.

Written anew from what the package does, so that a difference between SnowNLP and the kernels
can be traced to a step. It is itself checked against SnowNLP.
"""

import math
import re
from functools import cache

import pytest

from analysis.sentiment.snownlp_tables import ModelFiles, read_model, read_stop_words

TAGS = ("b", "m", "e", "s")
BOS = ("", "BOS")
HAN = re.compile("([\u4e00-\u9fa5]+)")


@cache
def load():
    files = ModelFiles.find()
    return (
        read_model(files.segmentation),
        read_model(files.sentiment),
        read_stop_words(files.stop_words),
    )


def probability(model, first, second, third):
    """Log of the weighted sum of the shares of third, third after second, and after both."""
    single, pair, triple = (model[name]["d"] for name in ("uni", "bi", "tri"))
    total = model["l1"] * (single.get(third, 0) / model["uni"]["total"])
    after_one, after_two = single.get(second, 0), pair.get((first, second), 0)
    total += model["l2"] * pair.get((second, third), 0) / after_one if after_one else 0.0
    total += model["l3"] * triple.get((first, second, third), 0) / after_two if after_two else 0.0
    return math.log(total) if total else -math.inf


def tag(model, run):
    """Tags of the best path; the first of equals, but the last at unknown characters."""
    paths = {(BOS, BOS): (0.0, [])}
    for character in run:
        known = any(model["uni"]["d"].get((character, name), 0) for name in TAGS)
        longer = {}
        for name in TAGS:
            here = (character, name)
            for (before, last), (value, tags) in paths.items():
                step = probability(model, before, last, here) if known else 0.0
                rival = longer.get((last, here))
                if rival is None or not known or value + step > rival[0]:
                    longer[last, here] = (value + step, [*tags, name])
        paths = longer
    return max(paths.values(), key=lambda path: path[0])[1]


def cut(model, text):
    words = []
    for piece in HAN.split(text):
        if not HAN.match(piece):
            words += piece.split()
            continue
        word = ""
        for character, name in zip(piece, tag(model, piece), strict=True):
            if name in ("b", "s") and word:
                words.append(word)
                word = ""
            word += character
            if name == "e":
                words.append(word)
                word = ""
        words += [word] if word else []
    return words


def score(text):
    segmentation, sentiment, stop_words = load()
    words = [word for word in cut(segmentation, text) if word not in stop_words]
    sums = {}
    for name, counts in sentiment["d"].items():
        sums[name] = math.log(counts["total"]) - math.log(sentiment["total"])
        for word in words:
            sums[name] += math.log(counts["d"].get(word, counts["none"]) / counts["total"])
    shares = {name: share(sums, name) for name in sums}
    best = max(shares, key=shares.get)
    return shares[best] if best == "pos" else 1 - shares[best]


def share(sums, name):
    try:
        return 1 / sum(math.exp(other - sums[name]) for other in sums.values())
    except OverflowError:
        return 0


@pytest.fixture(scope="session")
def reference_score():
    return score


@pytest.fixture(scope="session")
def reference_words():
    return cut
