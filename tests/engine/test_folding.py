"""Folded symbols of small texts, written out by hand for an alphabet of six."""

import numpy as np
import pytest

from analysis.engine.folding import (
    CONTINUES,
    DIGIT,
    EMOJI_BASE,
    ENDS,
    LATIN,
    NOISE,
    SKIP,
    SPACE,
    WORD,
    fold_texts,
    folded_room,
)

SYMBOLS = {
    "a": 2,
    "多": 3,
    "1": 4,
    "。": 5,
    "货": 6,
    "·": NOISE,
    " ": SPACE,
    "\u200b": SKIP,
    "😀": EMOJI_BASE - 7,
}
KINDS = np.array([0, 0, LATIN, CONTINUES, DIGIT, ENDS, 0], np.int32)


def fold(*texts):
    """Return symbols, sentences, ends of numerals and places of each text, and its emojis."""
    table = np.zeros(ord("😀") + 1, np.int32)
    for character, value in SYMBOLS.items():
        table[ord(character)] = value
    written = [text.encode() for text in texts]
    data = np.frombuffer(b"".join(written), np.uint8)
    offsets = np.cumsum([0, *map(len, written)]).astype(np.int64)
    room = folded_room(offsets, len(texts), with_places=True)
    fold_texts(data, offsets, 0, len(texts), table, KINDS, *room)
    symbols, sentences, ends, places, bounds, emojis = room
    told = []
    for text in range(len(texts)):
        begin, end = bounds[text, 0], bounds[text + 1, 0] - 1
        assert symbols[end] == 0 and ends[end] == 0  # behind each text
        rows = [column[begin:end].tolist() for column in (symbols, sentences, ends, places)]
        told.append((*rows, emojis[bounds[text, 1] : bounds[text + 1, 1]].tolist()))
    return told


@pytest.mark.parametrize(
    ("text", "symbols", "places"),
    [
        ("a货", [2, 6], [0, 1]),
        ("货 货", [6, 6], [0, 2]),
        ("货\u200b货", [6, 6], [0, 2]),
        ("货·货", [6, 6], [0, 2]),  # noise between letters is left out
        ("a·货", [2, 6], [0, 2]),
        ("·货", [0, 6], [0, 1]),
        ("货·", [6, 0], [0, 1]),
        ("货·。", [6, 0, 5], [0, 1, 2]),
        ("货😀货", [6, 6], [0, 2]),
        ("😀货", [0, 6], [0, 1]),
        ("货?𠀀", [6, 0, 0], [0, 1, 2]),  # the last is beyond the table
        ("货😁", [6, 0], [0, 1]),  # and this one is the first beyond it
        ("", [], []),
    ],
)
def test_symbols_and_the_characters_they_are_of(text, symbols, places):
    ((found, _, _, at, _),) = fold(text)
    assert (found, at) == (symbols, places)


@pytest.mark.parametrize(
    ("character", "is_letter"),
    [
        *[(character, True) for character in "azAZ\u3400\u9fff"],
        *[(character, False) for character in "@[`{\u33ff\ua000"],
    ],
)
def test_noise_breaks_words_of_letters_alone(character, is_letter):
    expected = 2 if is_letter else 3
    assert [len(row[0]) for row in fold(f"货·{character}", f"{character}·货")] == [expected] * 2


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("1", [1]),
        ("货1多1货", [0, 4, 0, 4, 0]),
        ("多1", [0, 2]),
        ("1 1", [2, 2]),
        ("1货1", [1, 0, 3]),
        ("1多", [2, 0]),
    ],
)
def test_digits_know_where_their_numeral_ends(text, ends):
    assert fold(text)[0][2] == ends


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("aa", [0, 0]),
        ("a a", [0, WORD]),
        ("a  aa", [0, WORD, 0]),
        ("a·a", [0, WORD]),
        ("a😀a", [0, WORD]),
        ("a\u200ba", [0, 0]),  # nobody sees it, so it parts no word
        (" a", [WORD]),
        ("a 货a", [0, 0, 0]),
        ("a 1", [0, 2]),
        ("1 a1", [1, WORD, 3]),
    ],
)
def test_words_of_latin_letters_are_told_apart(text, ends):
    assert fold(text)[0][2] == ends


def test_sentences_are_counted_and_texts_follow_each_other():
    told = fold("货。货。", "1", "", "😀a😀")
    assert [row[1] for row in told] == [[0, 0, 1, 1], [0], [], [0, 0, 0]]
    assert [row[0] for row in told] == [[6, 5, 6, 5], [4], [], [0, 2, 0]]
    assert [row[2] for row in told][1] == [7 - 1]  # places count over all texts
    assert [row[4] for row in told] == [[], [], [], [7, 7]]


def test_a_text_has_sixty_four_emojis_at_most():
    told = fold("😀" * 70, "😀", "货" * 9, "😀" * 80)
    assert [len(row[4]) for row in told] == [64, 1, 0, 64]


@pytest.mark.parametrize(("block", "longest"), [(1, 9 + 1), (2, 12 + 2), (3, 13 + 3), (9, 13 + 9)])
def test_there_is_room_for_any_texts_in_a_row(block, longest):
    """Texts of 3, 9 and 1 bytes; each takes one symbol more."""
    room = folded_room(np.array([0, 3, 12, 13], np.int64), block)
    assert [array.size for array in room] == [longest] * 3 + [0, 2 * (block + 1), 64 * block]
