"""Find many terms at once, whatever their spelling, with their places."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from analysis.coding.alphabet import Alphabet
from analysis.coding.patterns import expand_term
from analysis.coding.trie_builder import TrieBuilder
from analysis.kernels.term_places import find_places
from analysis.kernels.utf8 import text_buffers


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
