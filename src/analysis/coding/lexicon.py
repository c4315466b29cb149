"""Concepts and rules of the keyword coder, read from the codebook's YAML and checked."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from analysis.errors import CaodianError, nearest
from analysis.storage.run_paths import codebook_directory
from analysis.yaml_text import read_yaml

# The small language in which terms and phrases of the codebook are written.
#
# A *term* is literal text with choices, such as ``退(款|货|钱)了?`` or ``[好太]坑``. ``#`` stands
# for any numeral (三, 3.5, 十几), each ``.`` outside of brackets for one free character at most. A
# *phrase* puts terms and ``{concepts}`` in order with gaps: in ``{refusal} ~6 {refund}`` at
# most six characters may lie between, in one sentence; ``~~20`` may leave it; ``<8>`` allows
# either order.

_MAX_WORDINGS = 20_000


def expand_term(term: str) -> list[str]:
    """Return every wording of a term."""
    wordings, end = _expand_choice(term, 0)
    if end != len(term):
        raise CaodianError("a term must have matching brackets", value=term)
    expanded = list(dict.fromkeys(wordings))
    if "" in expanded:
        raise CaodianError("a term must have a piece that is not optional", value=term)
    return expanded


def _expand_choice(term: str, start: int) -> tuple[list[str], int]:
    """Wordings of the alternatives from `start` to the closing bracket or the end."""
    wordings: list[str] = []
    position = start
    while True:
        branch, position = _expand_branch(term, position)
        wordings.extend(branch)
        if term[position : position + 1] != "|":
            return wordings, position
        position += 1


def _expand_branch(term: str, start: int) -> tuple[list[str], int]:
    """Wordings of one alternative: pieces in a row, each of them maybe optional."""
    wordings, position = [""], start
    while position < len(term) and term[position] not in "|)":
        if term[position] == "(":
            piece, position = _expand_choice(term, position + 1)
            closing = ")"
        elif term[position] == "[":
            end = term.find("]", position)
            piece, position, closing = list(term[position + 1 : end]), end, "]"
        else:
            piece, closing = [term[position]], term[position]
        if position < 0 or term[position : position + 1] != closing:
            raise CaodianError("a term must have matching brackets", value=term)
        position += 1
        if term[position : position + 1] == "?":
            piece, position = [*piece, ""], position + 1
        wordings = [before + after for before, after in product(wordings, piece)]
        if len(wordings) > _MAX_WORDINGS:
            raise CaodianError(f"a term may have at most {_MAX_WORDINGS} wordings", value=term)
    return wordings, position


_MANY_WORDINGS = 256


def _factor_term(term: str) -> str:
    """Return a term of many wordings as a phrase of parts that follow each other at once.

    The trie then holds the wordings of each part once instead of all their combinations.
    """
    parts, position = [""], 0
    while position < len(term):
        end = _piece_end(term, position)
        piece = term[position:end]
        if _n_wordings(parts[-1] + piece) > _MANY_WORDINGS and not _may_be_empty(parts[-1]):
            parts.append("")
        parts[-1] += piece
        position = end
    if len(parts) > 1 and _may_be_empty(parts[-1]):
        parts[-2:] = ["".join(parts[-2:])]
    return " ~0 ".join(parts)


def _piece_end(term: str, start: int) -> int:
    """Where the piece that begins at `start` ends, its question mark included."""
    depth, end = 0, start
    while end < len(term):
        depth += (term[end] in "([") - (term[end] in ")]")
        end += 1
        if depth == 0:
            break
    return end + 1 if term[end : end + 1] == "?" else end


def _n_wordings(term: str) -> int:
    return len(_expand_choice(term, 0)[0])


def _may_be_empty(term: str) -> bool:
    return "" in _expand_choice(term, 0)[0]


_WILD = re.compile(r"((?:\.\??)+)")


def _split_wildcards(term: str) -> str:
    """Return a term with dots as a phrase: each ``.`` or ``.?`` is one free character at most.

    A part that may be missing becomes room in the gap.
    """
    pieces = _WILD.split(term)
    words, gap = [pieces[0]], 0
    for dots, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        gap += dots.count(".")
        if _may_be_empty(piece):
            gap += max(map(len, _expand_choice(piece, 0)[0]))
        else:
            words += [f"~{gap}", piece]
            gap = 0
    return " ".join(words)


_GAP = re.compile(r"(~~?)(\d+)|<(\d+)>")


def parse_phrase(phrase: str) -> list[tuple[list[str], list[tuple[int, bool]]]]:
    """Split a phrase into its parts and the gaps between them, one entry an order."""
    words = phrase.split()
    gaps = [_GAP.fullmatch(word) for word in words[1::2]]
    if len(words) % 2 == 0 or any(gap is None for gap in gaps):
        raise CaodianError(
            "a phrase must be parts with gaps between them, as in '{refusal} ~6 {refund}'",
            value=phrase,
        )
    parts = words[::2]
    limits = [_limit(gap) for gap in gaps if gap is not None]
    orders = [(parts, limits)]
    if any(gap is not None and gap[3] for gap in gaps):
        if len(parts) != 2:
            raise CaodianError("a gap of either order joins exactly two parts", value=phrase)
        orders.append((parts[::-1], limits))
    return orders


def _limit(gap: re.Match[str]) -> tuple[int, bool]:
    if gap[3]:
        return int(gap[3]), False
    return int(gap[2]), gap[1] == "~~"


def _words(value: object) -> object:
    return value.split() if isinstance(value, str) else value


def _lines(value: object) -> object:
    return [line.strip() for line in value.splitlines()] if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_words)]
Lines = Annotated[tuple[str, ...], BeforeValidator(_lines)]


class Concept(BaseModel):
    """A named set of wordings.

    ``words`` has terms separated by blanks, or one phrase a line; ``except`` longer wordings in
    which a hit does not count; ``negated`` the concept that a hit becomes after a negation
    (``drop`` for none); ``within`` concepts that hold wherever this one does; ``shortest`` the
    length below which a wording is left out.
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    words: Lines = ()
    excepted: Words = ()
    negated: str | None = None
    within: Words = ()
    shortest: int = 1

    @property
    def terms(self) -> list[str]:
        """Terms, phrases left out."""
        return [term for term in self._written if " " not in term]

    @property
    def phrases(self) -> list[str]:
        """Lines that are phrases, and terms with free characters."""
        joined = [term for term in self._written if " " in term]
        return [line for line in self.words if _is_phrase(line)] + joined

    @property
    def _written(self) -> list[str]:
        """Single terms, those that are better matched in parts written as phrases."""
        single = [term for line in self.words if not _is_phrase(line) for term in line.split()]
        return [" ".join(map(_factor, _split_wildcards(term).split())) for term in single]


def _factor(word: str) -> str:
    return word if word.startswith("~") else _factor_term(word)


def _is_phrase(line: str) -> bool:
    return any(word.startswith(("~", "<")) for word in line.split()) or line[:1] == "{"


class Rule(BaseModel):
    """A condition on the concepts of a text, and what it speaks for.

    Every group of ``needs`` must have a concept present, none of ``unless`` may be. ``gives`` are
    codes or sub-grievances, held with probability ``strength`` when the post is negative;
    ``negative`` and ``voice`` are evidence in logits.
    """

    model_config = ConfigDict(extra="forbid")

    needs: Annotated[tuple[Words, ...], BeforeValidator(lambda v: [v] if isinstance(v, str) else v)]
    unless: Words = ()
    gives: Words = ()
    strength: float = 0.9
    negative: float = 0.0
    voice: dict[str, float] = {}


class Lexicon(BaseModel):
    """All concepts and rules, by name."""

    model_config = ConfigDict(extra="forbid")

    concepts: dict[str, Concept]
    rules: dict[str, Rule]


def _read_yaml(path: Path) -> dict[str, Any]:
    return read_yaml(path.read_text(encoding="utf-8")) or {}


def _as_concept(value: object) -> object:
    return value if isinstance(value, dict) else {"words": value}


def load_lexicon(directory: Path | None = None) -> Lexicon:
    """Read ``terms/*.yaml`` and ``rules/*.yaml`` below the codebook directory."""
    root = codebook_directory(directory)
    concepts: dict[str, Any] = {}
    rules: dict[str, Any] = {}
    for folder, into in (("terms", concepts), ("rules", rules)):
        for path in sorted((root / folder).glob("*.yaml")):
            _add_entries(_read_yaml(path), into, path)
    try:
        lexicon = Lexicon(
            concepts={name: _as_concept(value) for name, value in concepts.items()},  # type: ignore[misc]
            rules=rules,
        )
    except ValidationError as error:
        raise as_contract_error(error, str(root)) from error
    _check_names(lexicon)
    return lexicon


def _add_entries(entries: dict[str, Any], into: dict[str, Any], path: Path) -> None:
    for name, value in entries.items():
        if name in into:
            raise CaodianError("a name may stand once in the codebook", value=name, where=path.name)
        into[name] = value


def as_contract_error(error: ValidationError, where: str) -> CaodianError:
    """Turn the first finding of pydantic into the project's own error."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return CaodianError(
        f"the codebook must keep its form: {first['msg']}",
        value=first["input"] if first["type"] != "extra_forbidden" else str(first["loc"][-1]),
        where=f"{where}, {place}",
        remedy="See codebook/README.md for the allowed keys.",
    )


def _check_names(lexicon: Lexicon) -> None:
    """Raise if a phrase or rule names a concept that is not there."""
    known = [*lexicon.concepts, *lexicon.rules, *GIVEN_CONCEPTS]
    for name, concept in lexicon.concepts.items():
        named = [part[1:-1] for line in concept.phrases for part in line.split() if part[0] == "{"]
        targets = [] if concept.negated in (None, "drop") else [concept.negated]
        for other in [*named, *concept.within, *targets]:
            _require(str(other), known, name)
    for name, rule in lexicon.rules.items():
        for other in [word for group in rule.needs for word in group]:
            _require(other, known, name)
        for other in rule.unless:
            # A ban on another rule would depend on the order in which rules are tried.
            _require(other, [*lexicon.concepts, *GIVEN_CONCEPTS], name)


# Concepts that the coder sets from other columns than the text.
GIVEN_CONCEPTS = (
    "channel_live_room",
    "channel_news",
    "channel_review",
    "channel_complaint",
    "kind_comment",
    "author_official",
    "author_media",
    "author_business",
    "longer_text",
    "long_text",
    "huge_text",
)


def _require(name: str, known: list[str], where: str) -> None:
    if name not in known:
        near = nearest(name, known)
        raise CaodianError(
            "a rule or phrase may only name concepts of the codebook",
            value=name,
            where=where,
            remedy=f"Did you mean {near!r}?" if near else "Add it under codebook/terms.",
        )
