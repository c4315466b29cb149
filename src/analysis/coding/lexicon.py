"""Concepts and rules of the keyword coder, read from the codebook's YAML and checked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from analysis.coding.patterns import factor_term, split_wildcards
from analysis.coding.places import codebook_directory
from analysis.errors import CaodianError, nearest
from analysis.yaml_text import read_yaml


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
        return [" ".join(map(_factor, split_wildcards(term).split())) for term in single]


def _factor(word: str) -> str:
    return word if word.startswith("~") else factor_term(word)


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
    """Read ``terms/*.yaml`` and ``rules/*.yaml`` below the codebook directory.

    Parameters
    ----------
    directory
        Codebook directory; the project's own by default.

    Returns
    -------
    Lexicon
        Checked: every concept that a phrase or rule names exists.

    Raises
    ------
    CaodianError
        If a key, concept or value breaks the form; the nearest name is told.

    Examples
    --------
    >>> "refusal" in load_lexicon().concepts
    True
    """
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
    check_names(lexicon)
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


def check_names(lexicon: Lexicon) -> None:
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
