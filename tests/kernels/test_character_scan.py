"""The compiled scan against a readable one."""

import re

import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analysis.kernels.character_scan import CharacterScan
from analysis.kernels.utf8 import text_buffers

SCAN = CharacterScan()
HELD = SCAN.holds("@😡\U0010fffd")
OTHER = SCAN.holds_other_than(" a-z0-9，")
SPACES = SCAN.pair(" ", " \n")
DIGIT_NUMBER = SCAN.pair("0-9", "号栋")
DIGITS = SCAN.four("0-9")
BLANKS = SCAN.four(" \n")
LETTERS = SCAN.four("a-z_-")
PATTERNS = {
    HELD: "[@😡\U0010fffd]",
    OTHER: "[^ a-z0-9，]",
    SPACES: "(?s) [ \n]",
    DIGIT_NUMBER: "[0-9][号栋]",
    DIGITS: "[0-9]{4}",
    BLANKS: "[ \n]{4}",
    LETTERS: "[a-z_-]{4}",
}


def reference(text):
    padded = {SPACES: f" {text} " if text else ""}
    return {
        bit: bool(re.search(pattern, padded.get(bit, text))) for bit, pattern in PATTERNS.items()
    }


@settings(max_examples=400, deadline=None)
@example(["   a", "aa a", "a 111"])
@given(st.lists(st.text(alphabet="01 -ab_号栋@😡\n，中\U0010fffd", max_size=14), max_size=4))
def test_the_scan_answers_as_patterns_do(texts):
    answers = SCAN.ask(text_buffers(pl.Series(texts, dtype=pl.String))).tolist()
    found = [{bit: bool(word & bit) for bit in PATTERNS} for word in answers]
    assert found == [reference(text) for text in texts]
