"""Tag characters with a linear chain of labels: hashed features, Viterbi, averaged perceptron.

A text comes as numbers of its tokens (`corpus.mask_tagger` makes them): `symbols` says what each
is, `kinds` which surname and which words it may begin. The weights stand in one table, a row of
labels for each hash of a feature.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.engine.compiled import compiled, lean
from analysis.engine.flat_columns import code_point

# Labels: outside; begin, inside, end of a name; of an address.
OUTSIDE, NAME, NAME_INSIDE, NAME_END, PLACE, PLACE_INSIDE, PLACE_END = range(7)
LABELS, ROW = 7, 8
N_FEATURES, BITS = 24, 20
MASK = (1 << BITS) - 1
PAD = 4
NOTHING = -1
# Which label may follow which: a name and an address have a begin and an end.
_NEVER = -(1 << 20)
FOLLOWS = np.full((LABELS, LABELS), _NEVER, np.int32)
for _before, _behind in (
    (OUTSIDE, (OUTSIDE, NAME, PLACE)),
    (NAME, (NAME_INSIDE, NAME_END)),
    (NAME_INSIDE, (NAME_INSIDE, NAME_END)),
    (NAME_END, (OUTSIDE, NAME, PLACE)),
    (PLACE, (PLACE_INSIDE, PLACE_END)),
    (PLACE_INSIDE, (PLACE_INSIDE, PLACE_END)),
    (PLACE_END, (OUTSIDE, NAME, PLACE)),
):
    FOLLOWS[_before, list(_behind)] = 0


@lean
def _mix(number: int, one: int, two: int, three: int) -> int:
    """Hash the number of a feature and what it sees."""
    key = np.uint64(number) * np.uint64(0x9E3779B97F4A7C15)
    key = (key ^ np.uint64(one)) * np.uint64(0xD6E8FEB86659FD93)
    key ^= key >> np.uint64(29)
    key = (key ^ np.uint64(two)) * np.uint64(0xC2B2AE3D27D4EB4F)
    key ^= key >> np.uint64(31)
    key = (key ^ np.uint64(three)) * np.uint64(0x9E3779B97F4A7C15)
    return int(np.int64((key >> np.uint64(64 - BITS)) & np.uint64(MASK)))


@lean
def _list_features(
    symbols: npt.NDArray[np.int32],
    kinds: npt.NDArray[np.int32],
    at: int,
    into: npt.NDArray[np.int32],
) -> None:
    """Write the hashes of the features of one token."""
    b3, b2, b1, here = symbols[at - 3], symbols[at - 2], symbols[at - 1], symbols[at]
    f1, f2, f3 = symbols[at + 1], symbols[at + 2], symbols[at + 3]
    k2, k1, kind, n1, n2 = kinds[at - 2], kinds[at - 1], kinds[at], kinds[at + 1], kinds[at + 2]
    into[0] = _mix(1, here, 0, 0)
    into[1] = _mix(2, b1, 0, 0)
    into[2] = _mix(3, f1, 0, 0)
    into[3] = _mix(4, b2, 0, 0)
    into[4] = _mix(5, f2, 0, 0)
    into[5] = _mix(6, b1, here, 0)
    into[6] = _mix(7, here, f1, 0)
    into[7] = _mix(8, b2, b1, 0)
    into[8] = _mix(9, f1, f2, 0)
    into[9] = _mix(10, b1, f1, 0)
    into[10] = _mix(11, b2, b1, here)
    into[11] = _mix(12, b1, here, f1)
    into[12] = _mix(13, here, f1, f2)
    into[13] = _mix(14, b3, b2, b1)
    into[14] = _mix(15, f1, f2, f3)
    into[15] = _mix(16, k1 & 127, kind & 127, n1 & 127)
    into[16] = _mix(17, kind & 127, n1 & 127, n2 & 127)
    into[17] = _mix(18, k2 & 127, k1 & 127, kind & 127)
    into[18] = _mix(19, here, kind >> 3, k1 >> 3)
    into[19] = _mix(20, kind & 7, k1 >> 3 & 15, b1)
    into[20] = _mix(21, kind & 7, n1, f2)
    into[21] = _mix(22, b1, b2, kind & 7)
    into[22] = _mix(23, k1 & 7, f1, kind >> 3)
    into[23] = _mix(24, k2 & 7, f1, k1 >> 3)


@lean
def _decode(
    scores: npt.NDArray[np.int64],
    count: int,
    follows: npt.NDArray[np.int64],
    back: npt.NDArray[np.int8],
    labels: npt.NDArray[np.int8],
) -> None:
    """Find the likeliest labels (Viterbi); scores are added up in place."""
    for label in range(LABELS):
        if label not in (OUTSIDE, NAME, PLACE):
            scores[0, label] += _NEVER
    for at in range(1, count):
        for label in range(LABELS):
            best, where = -(1 << 30), 0
            for before in range(LABELS):
                value = scores[at - 1, before] + follows[before, label]
                if value > best:
                    best, where = value, before
            back[at, label] = where
            scores[at, label] += best
    best, label = -(1 << 30), 0
    for last in (OUTSIDE, NAME_END, PLACE_END):
        if scores[count - 1, last] > best:
            best, label = scores[count - 1, last], last
    for at in range(count - 1, -1, -1):
        labels[at] = label
        label = back[at, label]


# Reading: a Latin word, a number and a masked token are one token each, all else a character each.

_WORD, _DIGITS, _MASKED = 0x110000, 0x110100, 0x11010C
_SURNAME, _PAIR, _PAIR_END, _INSIDE, _LONGER = 7, 8, 16, 32, 64
DOUBLE = 7
_FOLDED = 0x20000
LEXICON_BITS = 21


@lean
def _word_slot(symbols: npt.NDArray[np.int32], at: int, length: int) -> int:
    """Hash a word of so many characters to its bit in the lexicon."""
    key = np.uint64(length)
    for place in range(at, at + length):
        key = (key ^ np.uint64(symbols[place])) * np.uint64(0x9E3779B97F4A7C15)
        key ^= key >> np.uint64(29)
    return int(np.int64((key * np.uint64(0xD6E8FEB86659FD93)) >> np.uint64(64 - LEXICON_BITS)))


@compiled
def word_slots(
    words: npt.NDArray[np.int32], lengths: npt.NDArray[np.int64], slots: npt.NDArray[np.int64]
) -> None:
    """Hash words, which stand in a row each."""
    for row in range(len(words)):
        slots[row] = _word_slot(words[row], 0, lengths[row])


@lean
def _is_letter(code: int) -> bool:
    return 65 <= code <= 90 or 97 <= code <= 122


@lean
def _word_symbol(
    codes: npt.NDArray[np.int32], first: int, last: int, latin: npt.NDArray[np.uint8]
) -> int:
    """Say how a Latin word is written, how long it is, and whether it is a surname."""
    key, upper = 0, 0
    for place in range(first, last):
        key = (key * 31 + (codes[place] | 32)) & 0x3FFF
        upper += codes[place] <= 90
    is_title = codes[first] <= 90 and upper == 1
    form = 2 if is_title else 0 if upper == 0 else 1 if upper == last - first else 3
    end = codes[last - 1] | 32
    ends = (
        end == 97
        or end == 101
        or end == 105
        or end == 111
        or end == 117
        or end == 110
        or end == 103
    )
    length = min(last - first, 12)
    size = 0 if length == 1 else 1 if length < 4 else 2 if length < 8 else 3
    kind = 2 if latin[key] else 1 if ends else 0
    return _WORD + form + 4 * size + 16 * kind


@lean
def read(data, first, last, tables, codes, symbols, kinds, starts) -> int:  # type: ignore[no-untyped-def]
    """Read a text of bytes into tokens; return how many, -1 where nothing can be found in it."""
    folded, surnames, doubles, latin, lexicon = tables
    count, at = 0, first
    may = False
    while at < last:
        code, at = code_point(data, at)
        code = folded[code] if code < _FOLDED else code
        codes[count] = code
        may |= (code < 0x10000 and surnames[code] > 0) or 48 <= code <= 57 or _is_letter(code)
        count += 1
    if not may:
        return -1
    for place in range(PAD):
        symbols[place] = kinds[place] = 0
    tokens, place = 0, 0
    while place < count:
        code, end = codes[place], place + 1
        starts[tokens] = place
        if _is_letter(code):
            while end < count and _is_letter(codes[end]):
                end += 1
            symbols[tokens + PAD] = _word_symbol(codes, place, end, latin)
        elif 48 <= code <= 57:
            while end < count and 48 <= codes[end] <= 57:
                end += 1
            symbols[tokens + PAD] = _MASKED if end - place > 6 else _DIGITS + end - place
        elif code == 0:
            while end < count and codes[end] == 0:
                end += 1
            symbols[tokens + PAD] = _MASKED
        else:
            symbols[tokens + PAD] = code
        kind = surnames[code] if code < 0x10000 else 0
        kinds[tokens + PAD] = kind
        tokens, place = tokens + 1, end
    starts[tokens] = count
    for place in range(tokens + PAD, tokens + 2 * PAD):
        symbols[place] = kinds[place] = 0
    for place in range(PAD, tokens + PAD):
        if symbols[place] < 0x3400 or symbols[place] > 0x9FFF:
            continue
        if doubles[(symbols[place] * 31 + symbols[place + 1]) & 0xFFFF]:
            kinds[place] |= DOUBLE
        for length in range(2, 5):
            if place + length > tokens + PAD:
                break
            slot = _word_slot(symbols, place, length)
            if not lexicon[slot >> 3] >> (slot & 7) & 1:
                continue
            if length == 2:
                kinds[place] |= _PAIR
                kinds[place + 1] |= _PAIR_END
            else:
                kinds[place] |= _LONGER
                for inner in range(place + 1, place + length):
                    kinds[inner] |= _INSIDE
    return tokens


@compiled
def read_text(data, tables, codes, symbols, kinds, starts) -> int:  # type: ignore[no-untyped-def]
    """Read one text, as training does."""
    count: int = read(data, 0, len(data), tables, codes, symbols, kinds, starts)
    return count


@compiled
def tag_rows(data, offsets, tables, weights, follows, bias, found) -> int:  # type: ignore[no-untyped-def]
    """Tag texts; write the row, the first and last character and the label of what is found.

    Return how much there is, of which only so much is written as there is room for.
    """
    longest = np.int64(0)
    for row in range(len(offsets) - 1):
        longest = max(longest, offsets[row + 1] - offsets[row])
    room = longest + 2 * PAD + 2
    codes, symbols, kinds = (
        np.empty(room, np.int32),
        np.empty(room, np.int32),
        np.empty(room, np.int32),
    )
    starts, features = np.empty(room, np.int32), np.empty(N_FEATURES, np.int32)
    scores, back = np.empty((room, LABELS), np.int32), np.zeros((room, LABELS), np.int8)
    labels, count = np.empty(room, np.int8), 0
    for row in range(len(offsets) - 1):
        tokens = read(data, offsets[row], offsets[row + 1], tables, codes, symbols, kinds, starts)
        if tokens < 1:
            continue
        is_any = False
        for at in range(tokens):
            _list_features(symbols, kinds, at + PAD, features)
            for label in range(LABELS):
                scores[at, label] = 0
            for number in range(N_FEATURES):
                weighed = weights[features[number]]
                for label in range(LABELS):
                    scores[at, label] += weighed[label]
            if symbols[at + PAD] == _MASKED:  # a token, or a number of nobody's house
                for label in range(1, LABELS):
                    scores[at, label] = _NEVER
            scores[at, NAME] -= bias[0]
            scores[at, PLACE] -= bias[1]
            is_any |= (
                scores[at, NAME] > scores[at, OUTSIDE] - bias[2]
                or scores[at, PLACE] > scores[at, OUTSIDE] - bias[2]
            )
        if not is_any:
            continue
        _decode(scores, tokens, follows, back, labels)
        at = 0
        while at < tokens:
            if labels[at] == NAME or labels[at] == PLACE:
                end = at + 1
                while labels[end] != labels[at] + 2:
                    end += 1
                if count < len(found):
                    found[count, 0], found[count, 1], found[count, 2] = (
                        row,
                        starts[at],
                        starts[end + 1],
                    )
                    found[count, 3] = labels[at]
                count += 1
                at = end
            at += 1
    return count


@compiled
def learn(
    symbols, kinds, gold, offsets, order, costs, weights, sums, follows, follow_sums, turn, left_out
):
    """Go once through all texts, and learn where the likeliest labels are wrong."""
    longest, chance = 0, np.int64(turn + 618)
    for text in range(len(offsets) - 1):
        longest = max(longest, offsets[text + 1] - offsets[text])
    features = np.empty((longest, N_FEATURES), np.int32)
    scores, back = np.empty((longest, LABELS), np.int32), np.zeros((longest, LABELS), np.int8)
    labels = np.empty(longest, np.int8)
    wrong = 0
    for text in order:
        first, last = offsets[text], offsets[text + 1]
        count = last - first - 2 * PAD
        turn += 1
        for at in range(count):
            _list_features(symbols, kinds, first + PAD + at, features[at])
            for label in range(LABELS):
                scores[at, label] = 0
            for number in range(N_FEATURES):
                # Some features are left out at random, so that the others learn to do without them.
                chance = (chance * 1103515245 + 12345) & 0x7FFFFFFF
                if chance >> 16 & 0xFF < left_out:
                    features[at, number] = NOTHING
                    continue
                row = weights[features[at, number]]
                for label in range(LABELS):
                    scores[at, label] += row[label]
            # A margin: what is wrong is given points, so that it is learnt surely; a missed label
            # counts by the text's cost.
            for label in range(LABELS):
                if label != gold[first + PAD + at]:
                    scores[at, label] += costs[text, 1 if label == OUTSIDE else 0]
        _decode(scores, count, follows, back, labels)
        is_wrong = False
        for at in range(count):
            if labels[at] != gold[first + PAD + at]:
                is_wrong = True
        if not is_wrong:
            continue
        wrong += 1
        for at in range(count):
            true, guess = gold[first + PAD + at], labels[at]
            if true != guess:
                for number in range(N_FEATURES):
                    row = features[at, number]
                    if row == NOTHING:
                        continue
                    weights[row, true] += 1
                    weights[row, guess] -= 1
                    sums[row, true] += turn
                    sums[row, guess] -= turn
            if at:
                before, told = gold[first + PAD + at - 1], labels[at - 1]
                if true != guess or before != told:
                    follows[before, true] += 1
                    follows[told, guess] -= 1
                    follow_sums[before, true] += turn
                    follow_sums[told, guess] -= turn
    return turn, wrong
