"""Turn concepts and rules into the arrays that the matching kernel reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from analysis.coding.alphabet import Alphabet
from analysis.coding.lexicon import GIVEN_CONCEPTS, Lexicon, Rule
from analysis.coding.patterns import expand_term, parse_phrase
from analysis.kernels.folding import NUMBER
from analysis.kernels.matcher import CROSS_SENTENCES, MULTIPLIER, IntArray, MatcherTables


@dataclass
class _Builder:
    """Concept numbers, trie and phrase steps while they grow."""

    alphabet: Alphabet
    numbers: dict[str, int] = field(default_factory=dict)
    children: list[dict[int, int]] = field(default_factory=lambda: [{}])
    node_concepts: list[list[int]] = field(default_factory=lambda: [[]])
    pairs: dict[int, list[tuple[int, int, int]]] = field(default_factory=dict)
    follows: dict[int, list[tuple[int, int, int]]] = field(default_factory=dict)
    roots: dict[str, int] = field(default_factory=dict)
    cancels: dict[int, int] = field(default_factory=dict)
    negated_to: dict[int, int] = field(default_factory=dict)

    def number(self, name: str) -> int:
        return self.numbers.setdefault(name, len(self.numbers))

    def add_term(self, term: str, concept: int, shortest: int = 1, root: int = 0) -> None:
        for wording in expand_term(term):
            if len(wording) < shortest:
                continue
            node = root
            for character in self.alphabet.fold(wording):
                symbol = NUMBER if character == "#" else self.alphabet.symbol(character)
                node = self._step(node, symbol)
            if concept not in self.node_concepts[node]:
                self.node_concepts[node].append(concept)

    def _step(self, node: int, symbol: int) -> int:
        if symbol not in self.children[node]:
            self.children[node][symbol] = len(self.children)
            self.children.append({})
            self.node_concepts.append([])
        return self.children[node][symbol]

    def add_pair(self, left: int, right: int, gap: int, result: int) -> None:
        self.pairs.setdefault(right, []).append((left, gap, result))

    def add_phrase(self, phrase: str, concept: int) -> None:
        if phrase.startswith("{") and " " not in phrase:
            self.add_pair(-1, self.number(phrase[1:-1]), 0, concept)
            return
        for parts, limits in parse_phrase(phrase):
            left = self._part(parts[0])
            for step, (part, (gap, crosses)) in enumerate(zip(parts[1:], limits, strict=True), 1):
                last = step == len(limits)
                result = concept if last else self.number(" ".join(parts[: step + 1]) + phrase)
                self.add_step(left, part, gap + CROSS_SENTENCES if crosses else gap, result)
                left = result

    def add_step(self, left: int, part: str, limit: int, result: int) -> None:
        """Join a part to what stands before it.

        A concept is found anyway, so it looks back. A wording is looked for only where the part
        before it was found: common characters (没, 了) would else be hits everywhere.
        """
        if part.startswith("{"):
            self.add_pair(left, self.number(part[1:-1]), limit, result)
        else:
            self.follows.setdefault(left, []).append((self._root(part), limit, result))

    def _root(self, part: str) -> int:
        if part not in self.roots:
            self.roots[part] = len(self.children)
            self.children.append({})
            self.node_concepts.append([])
            self.add_term(part, self.number(f"'{part}'"), root=self.roots[part])
        return self.roots[part]

    def _part(self, part: str) -> int:
        if part.startswith("{"):
            return self.number(part[1:-1])
        number = self.number(f"'{part}'")
        self.add_term(part, number)
        return number


def _rows(lists: Sequence[Sequence[object]], width: int = 1) -> tuple[IntArray, IntArray]:
    """Compressed rows of a list of lists."""
    start = np.zeros(len(lists) + 1, np.int32)
    start[1:] = np.cumsum([len(row) for row in lists])
    flat = np.array([item for row in lists for item in row], np.int32)
    return start, flat.reshape(-1, width) if width > 1 else flat


def _hash_edges(
    children: list[dict[int, int]],
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64], IntArray]:
    """Filter and open-addressing table of the edges, at most half full, as the kernel probes."""
    edges = [
        (node << 16 | symbol, child)
        for node, row in enumerate(children)
        for symbol, child in row.items()
    ]
    size = 1 << max(4, (2 * len(edges)).bit_length())
    bits = np.zeros(size * 8 // 64, np.uint64)
    keys = np.full(size, -1, np.int64)
    targets = np.zeros(size, np.int32)
    for key, child in edges:
        product = (key * MULTIPLIER) & 0xFFFFFFFFFFFFFFFF
        signed = product - (1 << 64) if product >> 63 else product
        bit = (signed >> 20) & (bits.size * 64 - 1)
        bits[bit >> 6] |= np.uint64(1 << (bit & 63))
        slot = (signed >> 40) & (size - 1)
        while keys[slot] != -1:
            slot = (slot + 1) & (size - 1)
        keys[slot], targets[slot] = key, child
    return bits, keys, targets


def compile_lexicon(lexicon: Lexicon) -> tuple[MatcherTables, dict[str, int]]:
    """Compile a lexicon.

    Parameters
    ----------
    lexicon
        Checked concepts and rules.

    Returns
    -------
    tuple
        The kernel's tables, and the number of each concept and rule by name.

    Examples
    --------
    >>> from analysis.coding.lexicon import Concept
    >>> lexicon = Lexicon(concepts={"negator": Concept(), "bad": Concept(words="坏了")}, rules={})
    >>> tables, numbers = compile_lexicon(lexicon)
    >>> numbers["bad"] < tables.n_concepts
    True
    """
    builder = _Builder(Alphabet())
    for name in [*lexicon.concepts, *GIVEN_CONCEPTS, *lexicon.rules]:
        builder.number(name)
    n_named = len(builder.numbers)
    emojis = _add_concepts(builder, lexicon)
    rules = [(builder.number(name), rule) for name, rule in lexicon.rules.items()]
    n = len(builder.numbers)
    edge_filter, keys, targets = _hash_edges(builder.children)
    node_start, node_concepts = _rows(builder.node_concepts)
    pair_start, pairs = _rows([builder.pairs.get(c, []) for c in range(n)], 3)
    follow_start, follows = _rows([builder.follows.get(c, []) for c in range(n)], 3)
    tables = MatcherTables(
        fold=builder.alphabet.fold_table(emojis),
        kinds=builder.alphabet.kinds(),
        edge_filter=edge_filter,
        edge_keys=keys,
        edge_targets=targets,
        node_start=node_start,
        node_concepts=node_concepts,
        cancels=np.array([builder.cancels.get(c, -1) for c in range(n)], np.int32),
        cancelled_by=_inverse(builder.cancels, n),
        negated_to=np.array([builder.negated_to.get(c, c) for c in range(n)], np.int32),
        negator=builder.number("negator"),
        comma=builder.alphabet.symbol(","),
        is_left=_lefts(builder, n),
        pair_start=pair_start,
        pairs=pairs,
        follow_start=follow_start,
        follows=follows,
        n_named=n_named,
        n_concepts=n,
        **_rule_tables(builder, rules, n),
    )
    return tables, builder.numbers


def _lefts(builder: _Builder, n: int) -> npt.NDArray[np.bool_]:
    """Which concepts begin a phrase, so that their places must be remembered."""
    is_left = np.zeros(n, bool)
    lefts = [left for steps in builder.pairs.values() for left, _, _ in steps if left >= 0]
    is_left[[*lefts, builder.number("negator")]] = True
    return is_left


def _inverse(pairs: dict[int, int], n: int) -> IntArray:
    inverse = np.full(n, -1, np.int32)
    for key, value in pairs.items():
        inverse[value] = key
    return inverse


def _add_concepts(builder: _Builder, lexicon: Lexicon) -> dict[str, int]:
    """Add all wordings; return the emojis, which are no part of the trie."""
    emojis: dict[str, int] = {}
    for name, concept in lexicon.concepts.items():
        number = builder.number(name)
        for term in concept.terms:
            if len(term) == 1 and ord(term) >= 0x2600 and not 0x3000 <= ord(term) < 0xFF00:
                emojis[term] = number
            else:
                builder.add_term(term, number, concept.shortest)
        for phrase in concept.phrases:
            builder.add_phrase(phrase, number)
        for other in concept.within:
            builder.add_pair(-1, number, 0, builder.number(other))
        if concept.excepted:
            exception = builder.number(f"except {name}")
            builder.cancels[exception] = number
            for term in concept.excepted:
                builder.add_term(term, exception)
        if concept.negated is not None:
            drop = concept.negated == "drop"
            builder.negated_to[number] = -1 if drop else builder.number(concept.negated)
    return emojis


def _rule_tables(
    builder: _Builder, rules: Iterable[tuple[int, Rule]], n: int
) -> dict[str, IntArray]:
    triggers: list[list[tuple[int, int]]] = [[] for _ in range(n)]
    needs: list[list[tuple[int, int]]] = []
    bans: list[list[int]] = []
    for index, (result, rule) in enumerate(rules):
        groups = [[builder.number(word) for word in group] for group in rule.needs]
        # Any group may complete the rule, whichever concept is seen last.
        for concept in sorted({concept for group in groups for concept in group}):
            triggers[concept].append((index, result))
        needs.append([(g, concept) for g, group in enumerate(groups) for concept in group])
        bans.append([builder.number(word) for word in rule.unless])
    rule_start, rule_pairs = _rows(triggers, 2)
    need_start, need_pairs = _rows(needs, 2)
    ban_start, ban_list = _rows(bans)
    return {
        "rule_start": rule_start,
        "rules": rule_pairs,
        "need_start": need_start,
        "needs": need_pairs,
        "ban_start": ban_start,
        "bans": ban_list,
    }
