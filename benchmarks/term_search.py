"""Find many terms at once, whatever their spelling, with their places: the coder's search alone.

What the coder does in one pass with its rules, here as a tool of its own, so that
`codebook_matching.py` can compare it with others'. A place is counted in characters of the text as
it was given.
"""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN202, PLR0917
from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.coding.compiler import Alphabet, TrieBuilder
from analysis.coding.lexicon import expand_term
from analysis.engine.compiled import lean
from analysis.engine.flat_columns import TextBuffers, text_buffers
from analysis.engine.folding import fold_texts, folded_room
from analysis.engine.term_trie import CONCEPT, END, HIT, MAX_HITS, START, Trie, find_hits, hit_room

IntArray = npt.NDArray[np.int32]

# Texts taken together, so that their symbols stay in the nearest caches.
BLOCK = 256


@lean
def _find_places(
    fold, kinds, edges, lists, data, offsets,
    symbols, sentences, ends, places, bounds, emojis, stack, likely, hits, hit_bounds,
    begin, total, found,
):  # fmt: skip
    """Write row, term, start and end from text `begin` on while there is room."""
    for block in range(begin, offsets.size - 1, BLOCK):
        size = min(BLOCK, offsets.size - 1 - block)
        fold_texts(
            data, offsets, block, size, fold, kinds,
            symbols, sentences, ends, places, bounds, emojis,
        )  # fmt: skip
        find_hits(edges, lists, kinds, size, symbols, ends, bounds, stack, likely, hits, hit_bounds)
        if total + hit_bounds[size] > found.shape[1]:
            return block, total
        for row in range(size):
            for hit in range(hit_bounds[row], hit_bounds[row + 1]):
                found[0, total] = block + row
                found[1, total] = hits[HIT * hit + CONCEPT]
                found[2, total] = places[hits[HIT * hit + START]]
                found[3, total] = places[hits[HIT * hit + END] - 1] + 1
                total += 1
    return offsets.size - 1, total


def find_places(fold: IntArray, kinds: IntArray, trie: Trie, texts: TextBuffers) -> IntArray:
    """Return every hit of every term.

    Parameters
    ----------
    fold, kinds
        Symbol of each code point, and kind of each symbol.
    trie
        The terms.
    texts
        Where to look.

    Returns
    -------
    np.ndarray
        Four rows: the text of each hit, its term, its first character and the one behind its
        last; in the order of texts and firsts.
    """
    found = np.empty((4, 4 * len(texts) + BLOCK), np.int32)
    workspace = (*folded_room(texts.offsets, BLOCK, with_places=True), *hit_room(BLOCK))
    done, total = 0, 0
    while True:
        done, total = _find_places(
            fold, kinds, *trie, texts.data, texts.offsets, *workspace, done, total, found
        )
        if done == len(texts):
            return found[:, :total]
        larger = np.empty((4, 2 * found.shape[1] + BLOCK * MAX_HITS), np.int32)
        larger[:, :total] = found[:, :total]
        found = larger


class TermSearch:
    """Terms of the codebook's small language, compiled once.

    Parameters
    ----------
    terms
        Literal text, with choices, optional pieces and numerals as in the codebook.

    Examples
    --------
    >>> TermSearch(["退(款|货)", "#天"]).find(pl.Series(["申请退 款，等了十几天"])).rows()
    [(0, 0, 2, 5), (0, 1, 8, 11), (0, 1, 9, 11)]
    """

    def __init__(self, terms: Sequence[str]) -> None:
        alphabet, builder = Alphabet(), TrieBuilder()
        for number, term in enumerate(terms):
            for wording in expand_term(term):
                builder.add(alphabet.symbols(wording), number)
        self.terms = tuple(terms)
        self._trie, _ = builder.pack(alphabet.n_symbols)
        self._fold, self._kinds = alphabet.fold_table({}), alphabet.kinds()

    def find(self, texts: pl.Series) -> pl.DataFrame:
        """Return one row a hit: number of the text and of the term, first character, end.

        Case, width, traditional characters and marks between the characters do not matter;
        hits may overlap. The end is the character behind the last one.
        """
        found = find_places(self._fold, self._kinds, self._trie, text_buffers(texts))
        return pl.DataFrame(dict(zip(("row", "term", "start", "end"), found, strict=True)))
