"""Build the trie that the kernel walks: branches that go on alike joined, then packed."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from analysis.kernels.term_trie import SPARE, Trie
from analysis.kernels.trie_edges import NO_EDGE, edge_of

# Places tried at once for a state with several children.
_WINDOW = 1 << 12

# Concepts of a state, and its children by symbol.
State = tuple[tuple[int, ...], tuple[tuple[int, int], ...]]


class TrieBuilder:
    """Wordings as sequences of symbols, each with the concepts that it stands for.

    Examples
    --------
    >>> builder = TrieBuilder()
    >>> for wording in ([2, 3, 4], [5, 3, 4]):
    ...     builder.add(wording, concept=7)
    >>> trie, _ = builder.pack(n_symbols=6)
    >>> int((trie.edges >= 0).sum())
    4
    """

    def __init__(self) -> None:
        self._children: list[dict[int, int]] = [{}]
        self._concepts: list[list[int]] = [[]]

    def new_root(self) -> int:
        """Return the node at which wordings of one part alone begin; the first is node 0."""
        self._children.append({})
        self._concepts.append([])
        return len(self._children) - 1

    def add(self, wording: Iterable[int], concept: int, root: int = 0) -> None:
        """Add a wording of a concept."""
        node = root
        for symbol in wording:
            child = self._children[node].get(symbol)
            if child is None:
                child = self._children[node][symbol] = self.new_root()
            node = child
        if concept not in self._concepts[node]:
            self._concepts[node].append(concept)

    def pack(self, n_symbols: int) -> tuple[Trie, npt.NDArray[np.int32]]:
        """Return the trie, and the state of each node; texts hold symbols below `n_symbols`."""
        states, state_of = self._joined()
        bases = _place(states, first=state_of[0])
        # The kernel looks up every symbol at every state, without asking whether it can be there.
        edges = np.full(max(bases) + n_symbols, NO_EDGE, np.int64)
        lists, place_of = _listed([concepts for concepts, _ in states])
        for base, (_, children) in zip(bases, states, strict=True):
            for symbol, child in children:
                edges[base + symbol] = edge_of(base, bases[child], place_of[states[child][0]])
        return Trie(edges, lists), np.array(bases, np.int32)[state_of]

    def _joined(self) -> tuple[list[State], list[int]]:
        """Nodes with the same concepts and the same children are one state."""
        numbers: dict[State, int] = {}
        state_of = [0] * len(self._children)
        for node in range(len(self._children) - 1, -1, -1):
            children = sorted((s, state_of[child]) for s, child in self._children[node].items())
            state = (tuple(self._concepts[node]), tuple(children))
            state_of[node] = numbers.setdefault(state, len(numbers))
        return list(numbers), state_of


def _listed(
    concepts: list[tuple[int, ...]],
) -> tuple[npt.NDArray[np.int32], dict[tuple[int, ...], int]]:
    """Lay the distinct lists one behind the other; return them and where each stands."""
    listed = [0]
    place_of: dict[tuple[int, ...], int] = {(): 0}
    for several in concepts:
        if several not in place_of:
            place_of[several] = len(listed)
            listed += [len(several), *several]
    return np.array([*listed, *[0] * SPARE], np.int32), place_of


def _place(states: list[State], first: int) -> list[int]:
    """Give each state a number of its own so that no two children share a slot; `first` gets 0."""
    slots = _Slots()
    bases = [0] * len(states)
    for number in sorted(range(len(states)), key=lambda n: (n != first, -len(states[n][1]))):
        symbols = [symbol for symbol, _ in states[number][1]]
        bases[number] = 0 if number == first else slots.free_base(symbols)
        slots.take(bases[number], symbols)
    return bases


class _Slots:
    """Which slots hold a child, and which numbers are those of a state."""

    def __init__(self) -> None:
        self._is_taken = np.zeros(4 * _WINDOW, bool)
        self._is_base = np.zeros(4 * _WINDOW, bool)
        self._low = 0

    def take(self, base: int, symbols: list[int]) -> None:
        self._grow(base + max(symbols, default=0))
        self._is_base[base] = True
        self._is_taken[np.array(symbols, np.int64) + base] = True
        if self._is_taken[self._low]:
            self._low += int(np.argmin(self._is_taken[self._low :]))

    def free_base(self, symbols: list[int]) -> int:
        """Return the least number but 0 under which all the symbols are free."""
        at = max(1, self._low - min(symbols, default=0))
        while True:
            self._grow(at + max(symbols, default=0))
            fits = ~self._is_base[at : at + _WINDOW]
            for symbol in symbols:
                fits &= ~self._is_taken[at + symbol : at + symbol + _WINDOW]
            found = int(np.argmax(fits))
            if fits[found]:
                return at + found
            at += _WINDOW

    def _grow(self, last: int) -> None:
        """Make room for a whole window from slot `last` on."""
        while last + _WINDOW >= self._is_taken.size:
            self._is_taken = np.concatenate([self._is_taken, np.zeros_like(self._is_taken)])
            self._is_base = np.concatenate([self._is_base, np.zeros_like(self._is_base)])
