"""Names and addresses, told by a tagger that `analysis.training.masking` trains."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.corpus.mask_finders import (
    HAN,
    PLAIN,
    TOKENS,
    Span,
    characters,
    double_surnames,
    late,
    one_of,
    plain,
)
from analysis.engine import tagger
from analysis.engine.flat_columns import TextBuffers, text_buffers

_WEIGHTS = [Path(__file__).parent / "weights" / name for name in ("names.npz", "names-2.npz")]
_SURNAMES = (
    "rarest_surnames", "rare_surnames", "doubtful_surnames", "surnames", "nearly_pure_surnames",
    "pure_surnames",
)  # fmt: skip
# How sure a name and an address must be, in weights, and how near one what is looked at closer:
# behind a word for its owner, and elsewhere.
_LED, _ALONE = (np.array([*bias, 50], np.int32) for bias in ((4, 4), (45, 20)))


@cache
def character_tables() -> tuple[npt.NDArray[Any], ...]:
    """Return how characters are folded, which are surnames, and which Latin words."""
    folded = np.arange(0x20000, dtype=np.int32)
    for code, sign in PLAIN.items():
        folded[code] = ord(sign)
    surnames = np.zeros(0x10000, np.uint8)
    for number, name in enumerate(_SURNAMES, start=1):
        surnames[[*map(ord, characters(name))]] = number
    doubles, latin = np.zeros(0x10000, np.uint8), np.zeros(0x4000, np.uint8)
    for one in double_surnames():
        doubles[(ord(one[0]) * 31 + ord(one[1])) & 0xFFFF] = 1
    for one in one_of("latin_surnames").split("|"):
        key = 0
        for letter in one.lower():
            key = (key * 31 + ord(letter)) & 0x3FFF
        latin[key] = 1
    return folded, surnames, doubles, latin


def lexicon_of(words: Iterable[str]) -> npt.NDArray[np.uint8]:
    """Write words of two to four characters into a table of bits."""
    listed = sorted(words)
    rows, lengths = np.zeros((len(listed), 4), np.int32), np.array([*map(len, listed)])
    for row, word in zip(rows, listed, strict=True):
        row[: len(word)] = [*map(ord, word)]
    slots = np.empty(len(listed), np.int64)
    tagger.word_slots(rows, lengths, slots)
    bits = np.zeros(1 << tagger.LEXICON_BITS, np.bool_)
    bits[slots] = True
    return np.packbits(bits, bitorder="little")


@cache
def _shipped() -> tuple[Any, ...]:
    with (
        np.load(_WEIGHTS[0]) as kept,
        np.load(_WEIGHTS[1]) as rest,
    ):  # no file is over two megabytes
        weights = np.zeros((1 << tagger.BITS, tagger.ROW), np.int8)
        weights[:, : tagger.LABELS] = np.vstack([kept["weights"], rest["weights"]]).T
        return (*character_tables(), kept["lexicon"]), weights, kept["follows"].astype(np.int32)


def tag_texts(texts: TextBuffers, bias: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Return what the tagger finds: row, first and last character, label."""
    tables, weights, follows = _shipped()
    found = np.empty((max(1_000, len(texts)), 4), np.int32)
    count = tagger.tag_rows(texts.data, texts.offsets, tables, weights, follows, bias, found)
    if count > len(found):
        found = np.empty((count, 4), np.int32)
        tagger.tag_rows(texts.data, texts.offsets, tables, weights, follows, bias, found)
    return found[:count]


# What is found and stays: brands, people whom everybody knows, and a surname with a title.

_TITLED = late(
    f"(?P<family>{one_of('double_surnames')}|[{HAN}])(?:{one_of('titles')}|{one_of('more_titles')}|[某氏姓总工])"
)
_OWNER = late(
    f"(?:{'|'.join(map(one_of, ('cues', 'weak_cues', 'roles', 'more_roles', 'namesake_roles')))}"
    f"|敬礼|属实)[^A-Za-z0-9]{{0,3}}$"
)
_BEFORE = 10
_LONGEST = 6
_IN_LATIN = re.compile(r"[\x00-\xff]+")
_LED_TO = re.compile(f"[{HAN}][: ]{{0,2}}$")
_ZEROS = ["\0" * len(token) for token in TOKENS.values()]


@cache
def _known() -> tuple[frozenset[str], frozenset[str]]:
    """Return what is nobody, and people whom everybody knows."""
    things = ("brands", "no_names", "no_evidence", "tagged_things")
    people = ("public_figures", "lesser_figures", "no_names_alone", "words_and_names")
    both = ("|".join(map(one_of, names)).split("|") for names in (things, people))
    one, other = (frozenset(word for word in words if len(word) > 1) for words in both)
    return one, other


def _is_foreign(folded: str, start: int, end: int) -> bool:
    """Tell what is written in Latin letters where no Chinese character leads to it, or in both."""
    if re.search("[A-Za-z]{4}", folded[start:end]) and re.search(f"[{HAN}]", folded[start:end]):
        return True
    before = folded[max(0, start - _BEFORE) : start]
    return bool(_IN_LATIN.fullmatch(folded[start:end])) and not _LED_TO.search(before)


def _stays(folded: str, start: int, end: int, *, is_led: bool) -> bool:
    """Tell whether what the tagger calls a name names nobody, or somebody everybody knows."""
    if _is_foreign(folded, start, end):
        return True
    titled = _TITLED.match(folded, start)
    if titled and (titled.end() == end or titled.end("family") >= end):
        return True
    things, people = _known()
    words = {folded[start : start + length] for length in range(end - start, _LONGEST + 1)}
    return bool(words & things or (words & people and not is_led))


def find_tagged(texts: pl.Series) -> dict[int, list[Span]]:
    """Return the names and addresses in texts by row, in order; tokens are no finds."""
    zeroed = texts.str.replace_many([*TOKENS.values()], _ZEROS)
    likely = tag_texts(text_buffers(zeroed), _LED)
    if not len(likely):
        return {}
    asked = np.unique(likely[:, 0])
    sure = tag_texts(text_buffers(zeroed.gather(asked)), _ALONE)
    sure[:, 0] = asked[sure[:, 0]]
    both = {(*found, True) for found in sure.tolist()} | {(*one, False) for one in likely.tolist()}
    rows: dict[int, list[Span]] = {}
    text, folded = -1, ""
    # What is sure comes first.
    for row, start, end, label, is_sure in sorted(both, key=lambda one: (one[0], -one[4], one[1])):
        if row != text:
            text, folded = row, plain(zeroed[row])
        spans = rows.setdefault(row, [])
        is_led = _OWNER.search(folded[max(0, start - _BEFORE) : start]) is not None
        if not (is_sure or is_led) or any(one.start < end and start < one.end for one in spans):
            continue
        if label == tagger.PLACE:
            # 国市监函〔2024〕384号 is a paper.
            if "〔" not in folded[start:end] and not _is_foreign(folded, start, end):
                spans.append(Span(start, end, "address"))
        elif not _stays(folded, start, end, is_led=is_led):
            spans.append(Span(start, end, "name"))
    return {row: _named_again(zeroed[row], spans) for row, spans in rows.items() if spans}


def _named_again(text: str, spans: list[Span]) -> list[Span]:
    """Add where the names once more stand: one token a person."""
    names = {
        text[span.start : span.end]
        for span in spans
        if span.kind == "name" and span.end - span.start > 2
    }
    again = [
        Span(found.start(), found.end(), "name")
        for name in sorted(names)
        for found in re.finditer(re.escape(name), text)
    ]
    taken: list[Span] = []
    for span in sorted({*spans, *again}):
        if not taken or taken[-1].end <= span.start:
            taken.append(span)
    return taken
