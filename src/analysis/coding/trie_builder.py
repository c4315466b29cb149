"""Build the trie that the kernel walks: branches that go on alike joined, then packed."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from analysis.kernels.term_trie import Trie

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
    >>> trie, _ = builder.pack()
    >>> int((trie.edges[:, 0] >= 0).sum())
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

    def pack(self) -> tuple[Trie, npt.NDArray[np.int32]]:
        """Return the trie, and the state of each node."""
        states, state_of = self._joined()
        bases = _place(states, first=state_of[0])
        size = (
            max(bases) + 2 + max((symbol for _, edges in states for symbol, _ in edges), default=0)
        )
        edges = np.full((size, 2), -1, np.int32)
        values = np.full(size, -1, np.int32)
        lists: list[int] = []
        list_of: dict[tuple[int, ...], int] = {}
        for base, (concepts, children) in zip(bases, states, strict=True):
            if concepts and concepts not in list_of:
                list_of[concepts] = len(lists)
                lists += [len(concepts), *concepts]
            if concepts:
                values[base] = list_of[concepts]
            for symbol, child in children:
                edges[base + symbol] = base, bases[child]
        places = np.array(bases, np.int32)[state_of]
        return Trie(edges, values, np.array(lists, np.int32)), places

    def _joined(self) -> tuple[list[State], list[int]]:
        """Nodes with the same concepts and the same children are one state."""
        numbers: dict[State, int] = {}
        state_of = [0] * len(self._children)
        for node in range(len(self._children) - 1, -1, -1):
            children = sorted((s, state_of[child]) for s, child in self._children[node].items())
            state = (tuple(self._concepts[node]), tuple(children))
            state_of[node] = numbers.setdefault(state, len(numbers))
        return list(numbers), state_of


def _place(states: list[State], first: int) -> list[int]:
    """Give each state a number of its own so that no two children share a slot; `first` gets 0."""
    widest = max((symbol for _, edges in states for symbol, _ in edges), default=0)
    n_slots = sum(len(edges) for _, edges in states)
    room = n_slots + len(states) + 2 * (widest + _WINDOW) + 2
    is_taken = np.zeros(room + widest + 1, bool)
    is_base = np.zeros(room, bool)
    bases = [0] * len(states)
    order = sorted(range(len(states)), key=lambda n: (n != first, -len(states[n][1])))
    low = 0
    for number in order:
        symbols = [symbol for symbol, _ in states[number][1]]
        base = 0 if number == first else _free_base(symbols, is_taken, is_base, low)
        bases[number] = base
        is_base[base] = True
        is_taken[[base + symbol for symbol in symbols]] = True
        if number == first or len(symbols) < 2:
            low += int(np.argmin(is_taken[low : low + room]))
    return bases


def _free_base(
    symbols: list[int], is_taken: npt.NDArray[np.bool_], is_base: npt.NDArray[np.bool_], low: int
) -> int:
    """Return the least number, from where `low` is the first child's slot on, that is free."""
    at = max(1, low - symbols[0]) if symbols else 1
    while True:
        width = min(_WINDOW, is_base.size - at)
        fits = ~is_base[at : at + width]
        for symbol in symbols:
            fits &= ~is_taken[at + symbol : at + symbol + width]
        found = int(np.argmax(fits))
        if fits[found]:
            return at + found
        at += width
