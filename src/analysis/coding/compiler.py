"""Turn concepts and rules into the arrays that the matching kernel reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from analysis.coding.alphabet import Alphabet
from analysis.coding.lexicon import GIVEN_CONCEPTS, Lexicon, Rule
from analysis.coding.patterns import expand_term, parse_phrase
from analysis.coding.trie_builder import TrieBuilder
from analysis.kernels.concept_notes import DROPPED, LEFT, MORE, NAMED
from analysis.kernels.flat_tables import flatten
from analysis.kernels.matcher import MatcherTables
from analysis.kernels.phrases import CROSS_SENTENCES


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
