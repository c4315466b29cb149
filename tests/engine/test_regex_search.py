"""The compiled search against `re`, on the forms of patterns that text rules are written in."""

import random
import re

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.engine.flat_columns import text_buffers
from analysis.engine.masking import _first_part, _part_at
from analysis.engine.regex_program import PAIR_STEP, PAIRS, SPLIT, _parse, build_program
from analysis.engine.regex_search import (
    DOUBT,
    NOWHERE,
    PatternScan,
    Prospects,
    match_at,
    may_match,
    search_room,
)

SOURCES = [
    "ab?c",
    "(?<!a)b{2,3}(?!c)",
    "(?<=[ab]c)d+",
    "(?:a|bc|)(?:d|号码?)",
    r"(?<![0-9])(?<![0-9]\.)1[3-9]\d{0}[0-9]{3}(?![0-9])".replace(r"\d{0}", ""),
    "(?P<cue>号|号码)[: ]{0,3}(?P<it>[0-9]{2,})(?![ ]?(?:元|块))",
    r"(?:a\s?b|[+一](?:我|下)?[ ]?v)",
    "[^ab]{3}",
    "(?:ab){1,3}c",
    "(?:a[bc])*d",
    "(?=a[0-9])[a-z]1+",
    "号{2}|码|[]x]",
    # So many options that those are leapt over which begin with another symbol.
    "(?:aa|a[bc]|ab1|b|c?3|号码|一9|9|我)+[.1]",
    "(?:(?:a|ba|b|1b|13|3|9)c|(?:号|码|元|我|一|一一)1|x)(?:c|ca|1|13|a|b|)(?<!c)",
]
PATTERNS = [re.compile(source) for source in SOURCES]
PATTERNS += [re.compile(source, re.IGNORECASE) for source in ("ab+c", "[a-c]1", "kısI")]
SCAN = PatternScan(PATTERNS)
ALPHABET = "abcdABC1390 .:+号码元我一vxKıİſ\u212aksi]😡"


def reference(pattern, text):
    """Return the first and last place where the pattern matches, asked place by place."""
    places = [place for place in range(len(text) + 1) if pattern.match(text, place)]
    return [places[0], places[-1]] if places else None


def holds(program, number, mark):
    """Tell whether a set of a program, a row of bits, holds a character."""
    symbol = program.symbols[ord(mark)]
    return program.members[number, symbol >> 5] >> (symbol & 31) & 1


def test_a_choice_between_many_is_leapt_to_the_next_option_that_a_symbol_begins():
    program = build_program([re.compile("1(?:ab|ca|b|cb|c|d|[ef])2"), re.compile("a|b")], {})
    code = program.code
    (head,) = np.flatnonzero((code[:, 0] == SPLIT) & (code[:, 3] > 0))  # two are tried in turn
    options = []
    for mark in "bcdefg":
        place = head + program.leaps[code[head, 3], program.symbols[ord(mark)]]
        start = code[place, 1] if code[place, 0] == SPLIT else place
        options.append((place, holds(program, code[start, 1], mark)))
    places = [int(place) for place, _ in options]
    assert [bool(begins) for _, begins in options] == [True] * 5 + [False]
    assert places[1] < places[0] < places[2] < places[3] == places[4] == places[5]


def test_two_symbols_that_no_option_joins_do_not_open_a_pattern():
    program = build_program([re.compile("(?:ab|cd)[ef]1?|x"), re.compile("[^a]")], {})

    def may_open(place, one, other):
        one, other = (int(program.symbols[ord(mark)]) for mark in (one, other))
        return int(program.pairs[place, (one * PAIR_STEP + other) % PAIRS])

    assert [may_open(0, *two) for two in ("ab", "cd", "ad", "cb", "xa", "bb")] == [1, 3, 0, 2, 3, 2]
    assert [may_open(1, *two) for two in ("be", "df", "ea")] == [3, 3, 3]  # an x, and any two


@pytest.mark.slow
def test_a_choice_between_thousands_is_built():
    options = "|".join(f"{chr(0x4E00 + number)}{chr(0x5E00 + number)}" for number in range(3000))
    assert build_program([re.compile(f"(?:{options})1")], {}).code.shape[0] > 6000


def drawn(seed, count, longest, alphabet=ALPHABET):
    """Draw some texts, as Hypothesis draws many."""
    rng = random.Random(seed)
    return ["".join(rng.choices(alphabet, k=rng.randrange(longest + 1))) for _ in range(count)]


def test_patterns_are_found_in_some_texts_where_re_finds_them():
    _are_found_where_re_finds_them(drawn(3, 60, 24) + drawn(4, 40, 9, "abc13d"))


@pytest.mark.slow
@settings(max_examples=600, deadline=None)
@given(st.lists(st.text(alphabet=ALPHABET, max_size=24), max_size=4))
def test_patterns_are_found_where_re_finds_them(texts):
    _are_found_where_re_finds_them(texts)


def _are_found_where_re_finds_them(texts):
    found = SCAN.hits(text_buffers(pl.Series(texts, dtype=pl.String)))
    expected = [
        [row, place, *between]
        for row, text in enumerate(texts)
        for place, pattern in enumerate(PATTERNS)
        if (between := reference(pattern, text))
    ]
    assert found.tolist() == expected


FOLDED = {0xFF10 + digit: str(digit) for digit in range(10)} | {ord("，"): ","}
TOKENS = ["【ab】", "【a】"]
ON_FOLDED = [re.compile(source) for source in ("[0-9]{2}", "[0-9],", "a", "(?<!\0)】")]
FOLDED_SCAN = PatternScan(ON_FOLDED, FOLDED, TOKENS)


def folded(text):
    for token in TOKENS:
        text = text.replace(token, "\0" * len(token))
    return text.translate(FOLDED)


MARKS = [*"１2ab，,】", "【", *TOKENS]


def test_the_search_of_some_texts_runs_on_the_folded_copy():
    for text in drawn(5, 40, 9, MARKS):
        _is_searched_in_the_folded_copy(text)


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(MARKS), max_size=9).map("".join))
def test_the_search_runs_on_the_folded_copy(text):
    _is_searched_in_the_folded_copy(text)


def _is_searched_in_the_folded_copy(text):
    buffers = text_buffers(pl.Series(["", text]))
    found = FOLDED_SCAN.hits(buffers, np.array([1], np.int32))
    assert {number for _, number, _, _ in found.tolist()} == {
        place for place, pattern in enumerate(ON_FOLDED) if pattern.search(folded(text))
    }


GROUPED = [
    *PATTERNS,
    *map(
        re.compile,
        (
            "(?P<gap>[ .]?)1(?P=gap)[0-9](?:(?P=gap)[0-9]{2})?",
            "(?P<it>a|ab)(?P<next>c|bcd)?",
            "(?:(?P<it>[ab])c?)+(?P=it)",
            "(?P<it>[abc]{1,3})(?P=it)d",
            "(?:(?P<one>a)|(?P<two>b))(?P=one)?[bc]",
            r"[ab]+(?=c|\Z)",
            r"(?:ab|a)(?:bc)?\Z",
            "(?:a?[bc]{0,3}?(?=c|d))?c+?(?P<it>[cd]{1,2}?)",
            "(?P<it>(?:ab|c)*?)(?:a|c)b*",
            "(?<=[ab])(?P<it>c+)d?",
        ),
    ),
]
PROGRAM = build_program(GROUPED, {}, GROUPED, apart="13")
_, _, ENTRIES, SHIFTS, INSTRUCTIONS = PROGRAM.tables
ROOM = search_room(text_buffers(pl.Series(["a" * 40])))


def write_text(points):
    ROOM[0][: len(points)] = PROGRAM.symbols[points]
    ROOM[0][len(points) :] = PROGRAM.leaps.shape[1] - 1


def ends_and_groups(number, points, place):
    """Return where a match of the compiled pattern begins and ends, and where its groups do."""
    if place < SHIFTS[number]:
        return None
    text, stack, groups = ROOM[:3]
    write_text(points)
    groups[DOUBT] = 0
    begin = place - SHIFTS[number]
    end = match_at(INSTRUCTIONS, ENTRIES[number], text, begin, stack, groups)
    assert not groups[DOUBT]
    width = 2 * len(GROUPED[number].groupindex)
    return None if end < 0 else (place, end, *groups[1 : 1 + width].tolist())


def test_matches_in_some_texts_end_where_those_of_re_end():
    for text in drawn(6, 12, 12) + drawn(7, 12, 9, "abc"):
        _end_where_those_of_re_end(text)


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(st.text(alphabet=ALPHABET, max_size=12) | st.text(alphabet="abc", max_size=9))
def test_matches_end_where_those_of_re_end_and_so_do_their_groups(text):
    _end_where_those_of_re_end(text)


def _end_where_those_of_re_end(text):
    points = np.array([ord(mark) for mark in text], np.int64)
    for number, pattern in enumerate(GROUPED):
        names = pattern.groupindex
        for place in range(len(text) + 1):
            found = pattern.match(text, place)
            spans = [found.span(), *map(found.span, names)] if found else []
            assert ends_and_groups(number, points, place) == (tuple(sum(spans, ())) or None)


MACHINE = (INSTRUCTIONS, (ENTRIES[len(GROUPED) :], PROGRAM.firsts), *ROOM[:3])


def test_parts_are_found_in_stretches_of_some_texts():
    for text in drawn(8, 10, 12) + drawn(9, 10, 9, "abc"):
        end = len(text) - len(text) // 4
        _parts_are_found_as_in_a_slice(text, end // 3, end)


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(st.text(alphabet=ALPHABET, max_size=12) | st.text(alphabet="abc", max_size=9), st.data())
def test_parts_are_found_in_a_stretch_as_re_finds_them_in_a_slice(text, data):
    end = data.draw(st.integers(0, len(text)))
    _parts_are_found_as_in_a_slice(text, data.draw(st.integers(0, end)), end)


def _parts_are_found_as_in_a_slice(text, at, end):
    write_text(np.array([ord(mark) for mark in text], np.int64))
    for part, pattern in enumerate(GROUPED):
        found = pattern.match(text[:end], at)
        assert _part_at(MACHINE, np.int64(part), at, end) == (found.end() if found else NOWHERE)
        places = (pattern.match(text[:end], place) for place in range(at, end))
        span = next((found.span() for found in places if found), (NOWHERE, NOWHERE))
        assert _first_part(MACHINE, np.int64(part), at, end) == span


def test_a_part_is_no_pattern_that_is_searched_for():
    assert len(PROGRAM.entries) == 2 * len(GROUPED)
    assert PROGRAM.openings.max() < 1 << len(GROUPED)


def test_a_back_reference_finds_only_what_it_refers_to():
    scan = PatternScan([re.compile("(?P<gap>[ -]?)1(?P=gap)2")])
    found = scan.hits(text_buffers(pl.Series([" 1 2", "12", " 1-2", "1x2"])))
    assert found.tolist() == [[0, 0, 0, 0], [1, 0, 0, 0]]


def test_a_search_without_end_counts_as_found():
    scan = PatternScan([re.compile("(?:a|aa|a[a])+b")])
    assert scan.hits(text_buffers(pl.Series(["a" * 99]))).tolist()[0][:2] == [0, 0]


@pytest.mark.parametrize(
    ("source", "text", "may"),
    [
        ("(?:ab|cd){2}1", "abcd1", True),
        ("(?:ab|cd){2}1", "abcd2", False),
        ("[ab]{3}1", "aab1", True),
        ("[ab]{3}1", "aaab1", False),
        ("a[bc]*1", "abcbc1", True),
        ("a[bc]*1", "abcbc", False),
        ("a(?=b)", "ab", True),
        ("a(?=b)", "ac", False),
        ("a(?!b)", "ab", True),  # what must not follow is not asked for
        ("(?=a)[ab]{3}1", "aba2", False),  # what follows tells more than what must
        ("a*b", "a" * 99, True),  # so far ahead nothing is asked
    ],
)
def test_most_places_at_which_a_pattern_cannot_match_are_told_at_once(source, text, may):
    program = build_program([re.compile(source)], {})
    symbols = np.append(program.symbols[[*map(ord, text)]], [program.leaps.shape[1] - 1] * 5)
    with Prospects(program).lent() as prospects:
        for _ in range(2):  # as it is learnt, and as it is known
            assert may_match(program.tables[-1], prospects, 0, symbols, 0) is may


def test_what_cannot_be_learnt_any_more_is_searched_for():
    texts = text_buffers(pl.Series(drawn(6, 40, 24), dtype=pl.String))
    expected = SCAN.hits(texts)
    scan = PatternScan(PATTERNS)
    with scan._prospects.lent() as prospects:
        prospects[5][2] = 1
    assert scan.hits(texts).tolist() == expected.tolist()
    with scan._prospects.lent() as prospects:
        assert not prospects[0].any()


def test_many_hits_have_room():
    scan = PatternScan([re.compile("a"), re.compile("b")])
    assert len(scan.hits(text_buffers(pl.Series(["ab"] * 3000)))) == 6000


@pytest.mark.parametrize(
    "source",
    ["a.c", "^a", "a$", r"\bword", r"\w+", r"[a\d]", "(?>a)", "(?i:a)", "a*+b", "(?=(?P<it>a))a"],
)
def test_other_forms_are_refused(source):
    with pytest.raises(ValueError, match="no compiled search"):
        _parse(re.compile(source))


@pytest.mark.parametrize(
    "pattern", [re.compile("(?P<it>[^a])(?P=it)"), re.compile("(?P<a>b)(?P=a)", re.I)]
)
def test_only_few_characters_can_be_referred_to(pattern):
    with pytest.raises(ValueError, match="a group that is referred to"):
        PatternScan([pattern])


def test_a_pattern_has_four_groups_at_most():
    with pytest.raises(ValueError, match="no room"):
        PatternScan([re.compile("".join(f"(?P<{name}>a)" for name in "abcde"))])
