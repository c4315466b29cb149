"""SnowNLP's words and their naive Bayes sums, compiled: texts in, two log-likelihoods out."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.engine.compiled import compiled, lean, spliced
from analysis.engine.flat_columns import code_point
from analysis.engine.lanes import (
    add,
    larger,
    load,
    peek,
    prefetch,
    repeat,
    smaller,
    spread,
    store,
    which_above,
)

# The logarithms of SnowNLP's tagger, found for all characters of a text before they are added.
#
# A trip to memory takes longer than the work on a character. So a text is walked twice: the
# first walk asks for the slots of its pairs, the second finds the row of each pair and asks for
# it and for the line of its trigram. Slots and entries are compared four at a time, without a
# branch.


_FIRST_HAN, _LAST_HAN = 0x4E00, 0x9FA5
#: Room for the number of any Chinese character and one more.
CHARACTER_BITS = 15
#: No trigram has this key.
_NO_KEY = np.uint64((1 << 58) - 1)
#: A word of a trigram's entry is its key and, in the last bits, three tags.
TAG_BITS = np.uint64(6)
_ROW_BITS = np.uint64(32)
_ROW = np.uint64((1 << 32) - 1)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


class SegmentTables(NamedTuple):
    """The tagger's logarithms.

    Known Chinese characters are numbered in the order of their code points; the number after
    the last, `outside`, is every other character, and the beginning of a run. Each known
    character has a row, each pair seen in training one after those: 16 logarithms, one for
    each pair of tags, if the tag before did not matter.
    """

    number: npt.NDArray[np.int32]  #: of FIRST_HAN and on; -1 is unknown; the last is `outside`
    row_logs: npt.NDArray[np.float64]  #: row * 16 + first tag * 4 + second tag
    pair_slots: npt.NDArray[np.uint64]  #: open-addressed: pair << 32 | row
    triple_words: npt.NDArray[np.uint64]  #: open-addressed: word and logarithm side by side
    triple_logs: npt.NDArray[np.float64]  #: the same memory, read as floats


@lean
def _pair_key(first, second):
    """Return the key of a pair of character numbers; never 0, which marks a free slot."""
    return np.uint64(first << CHARACTER_BITS | second) + np.uint64(1)


@lean
def _triple_key(row, third):
    """Return the key of a trigram, by the row of its first two characters; never 0."""
    return np.uint64(row << CHARACTER_BITS | third) + np.uint64(1)


@lean
def _pair_home(slots, key):
    """Return the first of the four slots where a pair is searched first."""
    return np.int64((key * _SPREAD) >> np.uint64(38)) & (slots.size - 4)


@lean
def _triple_home(words, key):
    """Return the line of four entries where a trigram is searched first; the last is spare."""
    home = np.int64((key * _SPREAD) >> np.uint64(38)) & (words.size - 16) & ~7
    return home if key != _NO_KEY else words.size - 8


@compiled
def fill_pairs(keys, first_row, slots):
    """Put pairs into the empty table, rows numbered in their order from `first_row` on."""
    for entry in range(keys.size):
        at = _pair_home(slots, keys[entry])
        while slots[at]:
            at = (at + 1) & (slots.size - 1)
        slots[at] = keys[entry] << _ROW_BITS | np.uint64(first_row + entry)


@compiled
def fill_triples(keys, tags, entry_logs, words, logs):
    """Put trigrams into the empty table, each into the first line from its home on with room."""
    for entry in range(keys.size):
        at = _triple_home(words, keys[entry])
        while words[at]:
            at = (at + 2) % (words.size - 8)
        words[at] = keys[entry] << TAG_BITS | np.uint64(tags[entry])
        logs[at + 1] = entry_logs[entry]


@lean
def _find_row(slots, key, otherwise):
    """Return the row of a pair, or `otherwise`."""
    at, row = _pair_home(slots, key), np.int64(otherwise)
    while True:
        for slot in range(at, at + 4):
            row = (
                np.int64(peek(slots, slot) & _ROW) if peek(slots, slot) >> _ROW_BITS == key else row
            )
        if peek(slots, at + 3) == 0:
            return row
        at = (at + 4) & (slots.size - 1)


@lean
def _number_characters(tables, codes, length, numbers, pairs):
    """Write the number of each character and the key of its pair, and ask for the pair's slots.

    The key 0 is no pair.
    """
    number, slots, last = tables.number, tables.pair_slots, tables.number.size - 1
    outside = np.int64(peek(number, last))
    before = outside
    for at in range(length):
        place = peek(codes, at) - _FIRST_HAN
        numbers[at] = here = np.int64(peek(number, place if 0 <= place < last else last))
        is_pair = (before >= 0) & (here >= 0) & (here != outside)
        pairs[at] = key = _pair_key(before, here) if is_pair else np.uint64(0)
        prefetch(slots, _pair_home(slots, key))
        before = here


@lean
def _find_rows(tables, length, numbers, pairs, rows, triples):
    """Find the row of each character after the last, and ask for it and for its trigram."""
    slots, words, row_logs = tables.pair_slots, tables.triple_words, tables.row_logs
    outside = np.int64(tables.number[tables.number.size - 1])
    before = outside
    for at in range(length):
        row = peek(numbers, at)
        if peek(pairs, at):
            row = _find_row(slots, peek(pairs, at), row)
            prefetch(row_logs, row * 16)
            prefetch(row_logs, row * 16 + 8)
        rows[at] = row
        # Rows after `outside` are those of pairs, and trigrams are made of pairs.
        is_triple = (row > outside) & (before > outside)
        triples[at] = key = _triple_key(before, peek(numbers, at)) if is_triple else _NO_KEY
        prefetch(words, _triple_home(words, key))
        before = row


# SnowNLP's word segmenter, compiled: four tags, trigrams of tagged characters, best path.
#
# A state is the tag of this character and the one before it. SnowNLP walks its states in one
# fixed order and keeps the first of equal paths; so does this, to the last bit: the same sums
# of the same logarithms, no fast mathematics. Paths of four states are extended at once.


_BEGIN, _MIDDLE, END, _SINGLE = 0, 1, 2, 3
# Two paths nearer than this may become equal once a logarithm is added: sums stay below 2 ** 36.
_NEAR = 1e-4
# Added to a float in all lanes, it leaves the float in one lane only.
_ONE_LANE = np.where(np.eye(4), 0.0, -np.inf).ravel()
_LAST_OF_ALL = np.uint64(0xFFFFFFFF)


@spliced
def _advance(paths, here, there, row_logs, row, with_care):
    """Extend all paths by the logarithms of a row; return which of four each state chose.

    `paths` holds tag before * 4 + tag. A row does not depend on the tag before, and rounding
    keeps order: the best of four paths stays best. Only where another path is near, rounding may
    make it equal, and an earlier one is to be chosen.
    """
    p0, p1 = load(paths, here), load(paths, here + 4)
    p2, p3 = load(paths, here + 8), load(paths, here + 12)
    left, right = larger(p0, p1), larger(p2, p3)
    best = larger(left, right)
    store(add(repeat(best, 0), load(row_logs, row)), paths, there)
    store(add(repeat(best, 1), load(row_logs, row + 4)), paths, there + 4)
    store(add(repeat(best, 2), load(row_logs, row + 8)), paths, there + 8)
    store(add(repeat(best, 3), load(row_logs, row + 12)), paths, there + 12)
    second = larger(smaller(left, right), larger(smaller(p0, p1), smaller(p2, p3)))
    if with_care or which_above(add(second, spread(_NEAR)), best):
        return _choose_again(paths, here, there, row_logs, row)
    high = which_above(right, left)
    low = (high & which_above(p3, p2)) | (~high & which_above(p1, p0))
    return np.uint64((high << 16 | low) * 0x1111)


@lean
def _choose_again(paths, here, there, row_logs, row):
    choices = np.uint64(0)
    for state in range(16):
        tag, chosen = state >> 2, 3
        for earlier in range(2, -1, -1):
            path = paths[here + earlier * 4 + tag] + row_logs[row + state]
            chosen = earlier if path == paths[there + state] else chosen
        choices |= _choice(chosen, tag, state & 3)
    return choices


@spliced
def _choice(chosen, tag, new):
    """Return a choice at the place of its state: one bit among the first 16, one after them."""
    return np.uint64((chosen >> 1 << 16 | (chosen & 1)) << (new * 4 + tag))


@spliced
def _amend(paths, here, there, words, logs, key, hits, choices):
    """Improve the paths for which this trigram was seen; it is never less likely for that."""
    line = _triple_home(words, key)
    while True:
        count = 0
        for at in range(line, line + 8, 2):
            hits[count] = at
            count += peek(words, at) >> TAG_BITS == key
        for hit in range(count):
            at = peek(hits, hit)
            tags = np.int64(peek(words, at)) & 63
            earlier, tag, new = tags >> 4, tags >> 2 & 3, tags & 3
            path, rival = (
                peek(paths, here + (tags >> 2)) + peek(logs, at + 1),
                peek(paths, there + (tags & 15)),
            )
            # All four lanes are written, as they are read next: the processor waits otherwise.
            place = there + tag * 4
            amended = add(spread(path), load(_ONE_LANE, new * 4))
            store(larger(load(paths, place), amended), paths, place)
            mine, mask = _choice(earlier, tag, new), _choice(3, tag, new)
            is_kept = (path < rival) | ((path == rival) & ((choices & mask) <= mine))
            choices = choices if is_kept else (choices & ~mask) | mine
        if peek(words, line + 6) == 0:
            return choices
        line = (line + 8) % (words.size - 8)


@lean
def _advance_unknown(paths, here, there, last):
    """Carry the paths over a character that the model never saw: SnowNLP keeps the last."""
    for tag in range(4):
        for new in range(4):
            paths[there + tag * 4 + new] = paths[here + last * 4 + tag]


@spliced
def _extend(tables, start, stop, numbers, rows, triples, room, with_care):
    """Extend all paths over a run; return where the last ones stand."""
    row_logs, words, logs = tables.row_logs, tables.triple_words, tables.triple_logs
    paths, choices, hits = room
    # At the beginning there is one path, of length 0.
    for state in range(16):
        paths[state] = -np.inf if state else 0.0
    here = 0
    for at in range(start, stop):
        there = 16 - here
        if peek(numbers, at) < 0:
            _advance_unknown(paths, here, there, 3 if at > start + 1 else 0)
            choices[at] = _LAST_OF_ALL
        else:
            chosen = _advance(paths, here, there, row_logs, peek(rows, at) * 16, with_care)
            choices[at] = _amend(paths, here, there, words, logs, peek(triples, at), hits, chosen)
        here = there
    return here


@spliced
def _best_state(paths, here, there):
    """Return the last tag of the best path and the one before: the first of equals."""
    p0, p1 = load(paths, here), load(paths, here + 4)
    p2, p3 = load(paths, here + 8), load(paths, here + 12)
    left, right = larger(p0, p1), larger(p2, p3)
    store(larger(left, right), paths, there)
    tag = 0
    for new in range(1, 4):
        tag = new if paths[there + new] > paths[there + tag] else tag
    high = which_above(right, left)
    low = (high & which_above(p3, p2)) | (~high & which_above(p1, p0))
    return tag, (high >> tag & 1) << 1 | (low >> tag & 1)


@lean
def _tag_run(tables, start, stop, numbers, rows, triples, room, tags):
    """Write the best tag of each character of a run of Chinese characters into `tags`.

    `room` is room to work in: 32 paths, a choice for each character, 5 entries of a line.
    """
    paths, choices, _ = room
    with_care, tag, before = False, 0, 0
    while True:
        here = _extend(tables, start, stop, numbers, rows, triples, room, with_care)
        tag, before = _best_state(paths, here, 16 - here)
        # Where no path is possible, SnowNLP keeps the first of the impossible ones.
        if with_care or peek(paths, here + before * 4 + tag) > -np.inf:
            break
        with_care = True
    for at in range(stop - 1, start, -1):
        tags[at] = tag
        bits = np.int64(peek(choices, at)) >> (tag * 4 + before)
        tag, before = before, (bits >> 15 & 2) | (bits & 1)
    tags[start] = tag


# SnowNLP's counted n-grams out of Python's `marshal` format, without making Python objects.
#
# The tagger's file holds a million nested tuples, which cost seconds and half a gigabyte as
# objects. The format (Python/marshal.c): a byte tells the kind of a value, its high bit that
# later values may refer to this one by number.


#: What a string stands for, if it is not one character.
_EMPTY, _BOS, _LONGER = 1 << 22, 1 << 23, 1 << 24
#: Numbers of tagged characters: Chinese ones by code point and tag, then the beginning of a run.
BEGINNING = (_LAST_HAN - _FIRST_HAN + 1) * 4
_OTHER = -1
_FLAG, _KIND = 0x80, 0x7F
_REFERENCE, _TUPLE, _END = ord("r"), ord(")"), ord("0")
_INTEGER = ord("i")
# At least so many bytes are read at once, and the data end in as many that mean nothing.
MARGIN = 16


@lean
def _integer(data, at):
    low, high = np.int64(data[at]) | np.int64(data[at + 1]) << 8, np.int64(data[at + 2])
    return low | high << 16 | np.int64(data[at + 3]) << 24


@lean
def _referred(data, at, references, used):
    number = _integer(data, at)
    return references[number if number < used else 0]


@lean
def meaning(data, start, stop):
    """Return the code point of a string of one character, or what else it stands for."""
    if start == stop:
        return np.int64(_EMPTY)
    point, end = code_point(data, start)
    if end == stop:
        return np.int64(point)
    is_bos = stop - start == 3 and data[start] == 66 and data[start + 1] == 79
    return np.int64(_BOS) if is_bos and data[start + 2] == 83 else np.int64(_LONGER)


@lean
def _read_string(data, at, references, used):
    kind, flag = data[at] & _KIND, data[at] & _FLAG
    if kind == _REFERENCE:
        return _referred(data, at + 1, references, used), at + 5, used
    is_short = (kind == 122) | (kind == 90)  # z, Z
    if not (is_short | (kind == 97) | (kind == 65) | (kind == 117) | (kind == 116)):  # a, A, u, t
        return np.int64(_LONGER), np.int64(-1), used
    length = np.int64(data[at + 1]) if is_short else _integer(data, at + 1)
    start = at + (2 if is_short else 5)
    if start + length + MARGIN > data.size:
        return np.int64(_LONGER), np.int64(-1), used
    found = meaning(data, start, start + length)
    if flag:
        references[used] = found
        used += 1
    return found, start + length, used


@lean
def _unit(character, tag):
    """Return the number of a tagged character."""
    if character == _EMPTY and tag == _BOS:
        return np.int64(BEGINNING)
    number = _BEGIN if tag == 98 else _MIDDLE if tag == 109 else END if tag == 101 else _SINGLE
    is_tag = (tag == 98) | (tag == 109) | (tag == 101) | (tag == 115)  # b, m, e, s
    is_known = is_tag & (character >= _FIRST_HAN) & (character <= _LAST_HAN)
    return (character - _FIRST_HAN) * 4 + number if is_known else np.int64(_OTHER)


@lean
def _read_unit(data, at, references, used):
    kind, flag = data[at] & _KIND, data[at] & _FLAG
    if kind == _REFERENCE:
        return _referred(data, at + 1, references, used), at + 5, used
    if kind != _TUPLE or data[at + 1] != 2:
        return np.int64(_OTHER), np.int64(-1), used
    own, used, tag = used, used + (flag != 0), np.int64(_LONGER)
    character, at, used = _read_string(data, at + 2, references, used)
    if at >= 0:
        tag, at, used = _read_string(data, at, references, used)
    unit = _unit(character, tag)
    if flag:
        references[own] = unit
    return unit, at, used


@lean
def read_counts(data, at, order, references, used, parts, counts):
    """Read a dictionary of n-grams and their counts, whose first byte is at `at - 1`.

    Returns where it ends, or -1 if it is none, the references known by then, and the n-grams.
    """
    found = 0
    while at >= 0 and at + MARGIN < data.size:
        if data[at] == _END:
            return at + 1, used, found
        if order > 1:
            if data[at] & _KIND != _TUPLE or data[at + 1] != order:
                return np.int64(-1), used, found
            used += (data[at] & _FLAG) != 0
            at += 2
        for place in range(order):
            if at >= 0 and at + MARGIN < data.size:
                parts[found, place], at, used = _read_unit(data, at, references, used)
        if at < 0 or at + MARGIN >= data.size:
            return np.int64(-1), used, found
        kind, flag, number = data[at] & _KIND, data[at] & _FLAG, _integer(data, at + 1)
        if kind not in (_REFERENCE, _INTEGER):
            return np.int64(-1), used, found
        if kind == _REFERENCE:
            number = _referred(data, at + 1, references, used)
        counts[found] = number
        if flag:
            references[used] = number
            used += 1
        at += 5
        found += 1
    return np.int64(-1), used, found


# The words of SnowNLP's naive Bayes, two to a line of memory, compared without a branch.


_START = np.uint64(0xCBF29CE484222325)
_PRIME = np.uint64(0x100000001B3)
_LONG = np.uint64(1 << 63)
_POINT_BITS = np.uint64(21)
#: Words up to this length are their own key; longer ones are compared letter by letter.
_SHORT = 3
_CELLS = 4  # key, two logarithms, number of the word


class WordTables(NamedTuple):
    """The words that the model or the stop list knows, in one open-addressed table.

    Four cells a word: key, the logarithm for each class, number; two words a line. Stop words
    have two zeros there, and a sum stays what it is. A spare line at the end is the unseen word.
    `logs` is the same memory as `cells`, read as floats.
    """

    cells: npt.NDArray[np.uint64]
    logs: npt.NDArray[np.float64]
    spelling_from: npt.NDArray[np.int32]
    spelling: npt.NDArray[np.int32]  #: code points of all words, end to end
    prior_log: npt.NDArray[np.float64]  #: [class]
    is_space: npt.NDArray[np.bool_]  #: by code point; what Python's `str.split` splits at


@lean
def _word_key(codes, start, stop):
    """Return the key of a word; two codes after it may be read."""
    length = stop - start
    if length <= _SHORT:
        first, second = np.uint64(peek(codes, start) + 1), np.uint64(peek(codes, start + 1) + 1)
        third = np.uint64(peek(codes, start + 2) + 1)
        key = first | second << _POINT_BITS | third << (_POINT_BITS + _POINT_BITS)
        return key & ((np.uint64(1) << _POINT_BITS * np.uint64(length)) - np.uint64(1))
    key = _START
    for at in range(start, stop):
        key = (key ^ np.uint64(peek(codes, at))) * _PRIME
    return key | _LONG


@lean
def _is_spelled(spelling, first, last, codes, start, stop):
    same = last - first == stop - start
    for offset in range(min(last - first, stop - start)):
        same &= spelling[first + offset] == codes[start + offset]
    return same


@lean
def _word_home(cells, key):
    """Return the line of two words where a word is searched first; the last line is spare."""
    return np.int64((key * _SPREAD) >> np.uint64(38)) & (cells.size - 16) & ~7


@compiled
def fill_words(spelling_from, spelling, word_logs, cells, logs):
    """Put every word with its two logarithms into the empty table."""
    for word in range(spelling_from.size - 1):
        key = _word_key(spelling, spelling_from[word], spelling_from[word + 1])
        at = _word_home(cells, key)
        while cells[at]:
            at = (at + _CELLS) % (cells.size - 8)
        cells[at] = key
        logs[at + 1], logs[at + 2] = word_logs[word, 0], word_logs[word, 1]
        cells[at + 3] = np.uint64(word)


@lean
def _find_word(cells, key):
    """Return the place of a key, or the spare line; a line is compared without a branch."""
    line = _word_home(cells, key)
    while True:
        at = line + 4 if peek(cells, line + 4) == key else cells.size - 8
        at = line if peek(cells, line) == key else at
        if (at == line) | (peek(cells, line + 4) == 0) | (at == line + 4):
            return at
        line = (line + 8) % (cells.size - 8)


@lean
def _find_long_word(cells, spelling_from, spelling, key, codes, start, stop):
    """Return the place of a word longer than its key tells, or the spare line."""
    at = _word_home(cells, key)
    while cells[at]:
        word = np.int64(cells[at + 3])
        first, last = spelling_from[word], spelling_from[word + 1]
        if cells[at] == key and _is_spelled(spelling, first, last, codes, start, stop):
            return at
        at = (at + _CELLS) % (cells.size - 8)
    return cells.size - 8


@lean
def _cut_tagged(start, stop, tags, bounds, count):
    """Cut a tagged run into words as SnowNLP does, whatever the order of the tags."""
    ended = True
    for at in range(start, stop):
        tag = peek(tags, at)
        bounds[count, 0] = at
        count += ended | (tag == _BEGIN) | (tag == _SINGLE)
        bounds[count - 1, 1] = at + 1
        ended = tag == END
    return count


@lean
def _cut_pieces(is_space, codes, start, stop, bounds, count):
    """Take what stands between Chinese characters apart at white space."""
    begun = start
    for at in range(start, stop + 1):
        if at == stop or (peek(codes, at) < is_space.size and peek(is_space, peek(codes, at))):
            if begun < at:
                bounds[count, 0], bounds[count, 1] = begun, at
                count += 1
            begun = at + 1
    return count


@lean
def _cut_words(segments, is_space, codes, length, room, bounds):
    """Write where each word of the text begins and ends into `bounds`; return their number.

    `room` is made by `_make_room`; `bounds` has a row more than there are characters.
    """
    numbers, pairs, rows, triples, tags, viterbi = room
    _number_characters(segments, codes, length, numbers, pairs)
    _find_rows(segments, length, numbers, pairs, rows, triples)
    outside = segments.number[segments.number.size - 1]
    at, count = 0, 0
    while at < length:
        begun, is_han = at, peek(numbers, at) != outside
        while at < length and (peek(numbers, at) != outside) == is_han:
            at += 1
        if is_han:
            _tag_run(segments, begun, at, numbers, rows, triples, viterbi, tags)
            count = _cut_tagged(begun, at, tags, bounds, count)
        else:
            count = _cut_pieces(is_space, codes, begun, at, bounds, count)
    return count


@compiled
def _make_room(length):
    """Return room to cut a text of this many characters in."""
    numbers, pairs = np.empty(length, np.int64), np.empty(length, np.uint64)
    rows, triples = np.empty(length, np.int64), np.empty(length, np.uint64)
    viterbi = np.empty(32), np.empty(length, np.uint32), np.empty(5, np.int64)
    return numbers, pairs, rows, triples, np.empty(length, np.uint8), viterbi


@lean
def _sum_words(words, codes, bounds, count, keys, sums, row):
    cells, logs = words.cells, words.logs
    for word in range(count):
        keys[word] = key = _word_key(codes, bounds[word, 0], bounds[word, 1])
        prefetch(cells, _word_home(cells, key))
    first, second = words.prior_log[0], words.prior_log[1]
    for word in range(count):
        key, start, stop = peek(keys, word), bounds[word, 0], bounds[word, 1]
        if key & _LONG:
            at = _find_long_word(
                cells, words.spelling_from, words.spelling, key, codes, start, stop
            )
        else:
            at = _find_word(cells, key)
        first += peek(logs, at + 1)
        second += peek(logs, at + 2)
    sums[row, 0], sums[row, 1] = first, second


@lean
def _decode(data, start, stop, codes):
    length = 0
    while start < stop:
        codes[length], start = code_point(data, start)
        length += 1
    return length


@compiled
def sum_logs(segments, words, offsets, data, first, last, sums):
    """Write the two log-likelihoods of the texts `first` to `last` into `sums`."""
    longest = 1
    for row in range(first, last):
        longest = max(longest, offsets[row + 1] - offsets[row])
    codes, bounds = np.empty(longest + 2, np.int32), np.empty((longest + 1, 2), np.int64)
    room, keys = _make_room(longest), np.empty(longest, np.uint64)
    for row in range(first, last):
        length = _decode(data, offsets[row], offsets[row + 1], codes)
        count = _cut_words(segments, words.is_space, codes, length, room, bounds)
        _sum_words(words, codes, bounds, count, keys, sums, row)


@compiled
def positive_share(sums, positive, out):
    """Turn log-likelihoods into SnowNLP's score; its `OverflowError` branch is 1 / inf here."""
    other = 1 - positive
    for row in range(sums.shape[0]):
        against = 1.0 / (math.exp(sums[row, positive] - sums[row, other]) + 1.0)
        share = 1.0 / (1.0 + math.exp(sums[row, other] - sums[row, positive]))
        wins = share > against or (share == against and positive == 0)
        out[row] = share if wins else 1.0 - against
