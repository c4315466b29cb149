"""Turn concepts and rules into the arrays that the matching kernel reads."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from analysis.coding.lexicon import GIVEN_CONCEPTS, Lexicon, Rule, expand_term, parse_phrase
from analysis.engine.flat_columns import flatten
from analysis.engine.folding import (
    CONTINUES,
    DIGIT,
    EMOJI_BASE,
    ENDS,
    LATIN,
    NOISE,
    NUMBER,
    SKIP,
    SPACE,
    traditional_characters,
)
from analysis.engine.matcher import CROSS_SENTENCES, DROPPED, LEFT, MORE, NAMED, MatcherTables
from analysis.engine.term_trie import NO_EDGE, SPARE, Trie, edge_of

# The folded alphabet: case, width, script and look-alikes brought to one sign.

IntArray = npt.NDArray[np.int32]

_SIZE = 0x20000
_FIRST_SYMBOL = NUMBER + 1
_SENTENCE_ENDS = "。!?;\n…"
_NOISE = "·•・-_/|~^+=`'\"‘’“”*、:>"
_DIGITS = "0123456789零一二两三四五六七八九十百千万亿几半*"
_CONTINUES = "多来余.,"
_LATIN = "abcdefghijklmnopqrstuvwxyz"


@lru_cache(maxsize=1 << 18)
def _fold_character(character: str) -> str:
    """Return the sign under which a character is matched."""
    plain = unicodedata.normalize("NFKC", character).casefold()
    if len(plain) != 1:
        return character
    return traditional_characters().get(plain, plain)


class Alphabet:
    """Symbols of the characters that terms hold, numbered from 2 as they come."""

    def __init__(self) -> None:
        self._symbols: dict[str, int] = {}
        for character in _DIGITS + _CONTINUES + _LATIN + _SENTENCE_ENDS:
            self.symbol(character)

    def symbols(self, wording: str) -> list[int]:
        """Return the symbols of a wording; # is any numeral."""
        return [
            NUMBER if character == "#" else self.symbol(character)
            for character in map(_fold_character, wording)
        ]

    def symbol(self, character: str) -> int:
        """Return the symbol of a folded character, made on first use."""
        return self._symbols.setdefault(character, len(self._symbols) + _FIRST_SYMBOL)

    @property
    def n_symbols(self) -> int:
        """One more than the largest symbol so far."""
        return len(self._symbols) + _FIRST_SYMBOL

    def kinds(self) -> IntArray:
        """Return what each symbol is: digit, inside of a numeral, Latin letter, sentence end."""
        kinds = np.zeros(self.n_symbols, np.int32)
        groups = (
            (_DIGITS, DIGIT),
            (_CONTINUES, CONTINUES),
            (_LATIN, LATIN),
            (_SENTENCE_ENDS, ENDS),
        )
        for characters, kind in groups:
            for character in characters:
                kinds[self._symbols[character]] = kind
        return kinds

    def fold_table(self, emojis: dict[str, int]) -> IntArray:
        """Return the symbol of each code point, or what else the kernel does with it."""
        table = np.zeros(_SIZE, np.int32)
        for point in range(_SIZE):
            if not 0xD800 <= point < 0xE000:
                table[point] = self._entry(chr(point), emojis)
        return table

    def _entry(self, character: str, emojis: dict[str, int]) -> int:
        if character in emojis:
            return EMOJI_BASE - emojis[character]
        folded = _fold_character(character)
        category = unicodedata.category(character)
        if folded in _NOISE:
            return NOISE
        if character.isspace() and character != "\n":
            return SPACE
        if category in ("Cf", "Mn"):
            return SKIP
        if folded in self._symbols:
            return self._symbols[folded]
        return NOISE if category == "So" else 0


# Build the trie that the kernel walks: branches that go on alike joined, then packed.

# Places tried at once for a state with several children.
_WINDOW = 1 << 12

# Concepts of a state, and its children by symbol.
State = tuple[tuple[int, ...], tuple[tuple[int, int], ...]]


class TrieBuilder:
    """Wordings as sequences of symbols, each with the concepts that it stands for."""

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


@dataclass
class _Builder:
    """Concept numbers, trie and phrase steps while they grow."""

    alphabet: Alphabet = field(default_factory=Alphabet)
    trie: TrieBuilder = field(default_factory=TrieBuilder)
    numbers: dict[str, int] = field(default_factory=dict)
    pairs: dict[int, list[tuple[int, int, int]]] = field(default_factory=dict)
    follows: dict[int, list[tuple[int, int, int]]] = field(default_factory=dict)
    roots: dict[str, int] = field(default_factory=dict)
    cancels: dict[int, int] = field(default_factory=dict)
    negated_to: dict[int, int] = field(default_factory=dict)

    def number(self, name: str) -> int:
        return self.numbers.setdefault(name, len(self.numbers))

    def add_term(self, term: str, concept: int, shortest: int = 1, root: int = 0) -> None:
        for wording in expand_term(term):
            if len(wording) >= shortest:
                self.trie.add(self.alphabet.symbols(wording), concept, root)

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
            self.roots[part] = self.trie.new_root()
            self.add_term(part, self.number(f"'{part}'"), root=self.roots[part])
        return self.roots[part]

    def _part(self, part: str) -> int:
        if part.startswith("{"):
            return self.number(part[1:-1])
        number = self.number(f"'{part}'")
        self.add_term(part, number)
        return number


def compile_lexicon(lexicon: Lexicon) -> tuple[MatcherTables, dict[str, int]]:
    """Compile a lexicon."""
    builder = _Builder()
    for name in [*lexicon.concepts, *GIVEN_CONCEPTS, *lexicon.rules]:
        builder.number(name)
    n_named = len(builder.numbers)
    emojis = _add_concepts(builder, lexicon)
    rules = [(builder.number(name), rule) for name, rule in lexicon.rules.items()]
    trie, states = builder.trie.pack(builder.alphabet.n_symbols)
    tables = MatcherTables(
        fold=builder.alphabet.fold_table(emojis),
        kinds=builder.alphabet.kinds(),
        trie=trie,
        flat=flatten(
            [_concept_rows(builder, n_named, states), *_rule_rows(builder, rules)],
            negator=builder.number("negator"),
            comma=builder.alphabet.symbol(","),
        ),
        n_named=n_named,
        n_concepts=len(builder.numbers),
    )
    return tables, builder.numbers


def _concept_rows(
    builder: _Builder, n_named: int, states: npt.NDArray[np.int32]
) -> list[list[int]]:
    """Return what the kernel must know of each concept, in the order that it reads."""
    lefts = {left for steps in builder.pairs.values() for left, _, _ in steps}
    lefts.add(builder.number("negator"))
    cancelled_by = {concept: exception for exception, concept in builder.cancels.items()}
    rows = []
    for concept in range(len(builder.numbers)):
        pairs = builder.pairs.get(concept, [])
        follows = [(int(states[root]), *rest) for root, *rest in builder.follows.get(concept, [])]
        has_more = pairs or follows or concept in cancelled_by or concept in builder.negated_to
        tasks = (concept < n_named) * NAMED + (concept in lefts) * LEFT + bool(has_more) * MORE
        row = [
            tasks,
            builder.cancels.get(concept, -1),
            cancelled_by.get(concept, -1),
            builder.negated_to.get(concept, concept),
            len(pairs),
        ]
        rows.append(row + [number for step in (*pairs, *follows) for number in step])
    return rows


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
            builder.negated_to[number] = DROPPED if drop else builder.number(concept.negated)
    return emojis


def _rule_rows(
    builder: _Builder, rules: Iterable[tuple[int, Rule]]
) -> tuple[list[list[int]], list[list[int]]]:
    """Return the rules that each concept may complete, and what each rule needs and bans."""
    triggers: list[list[int]] = [[] for _ in builder.numbers]
    rows = []
    for index, (result, rule) in enumerate(rules):
        groups = [[builder.number(word) for word in group] for group in rule.needs]
        groups.sort(key=len)  # what few concepts can meet fails first
        # Any group may complete the rule, whichever concept is seen last.
        for concept in sorted({concept for group in groups for concept in group}):
            triggers[concept].append(index)
        needs = [n for g, group in enumerate(groups) for concept in group for n in (g, concept)]
        bans = [builder.number(word) for word in rule.unless]
        rows.append([result, len(needs) // 2, *needs, *bans])
    return triggers, rows
