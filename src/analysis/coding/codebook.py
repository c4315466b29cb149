"""The codebook as validated data: codes, sub-grievances, voices, examples, platforms."""

from __future__ import annotations

import re
import shutil
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from analysis.coding.lexicon import Words, as_contract_error, expand_term, parse_phrase
from analysis.errors import CaodianError, nearest
from analysis.storage.run_paths import codebook_directory
from analysis.yaml_text import read_yaml

CODES = (
    "live_streaming",
    "price",
    "sms_harassment",
    "red_envelope",
    "counterfeit",
    "unfair_terms",
    "delivery",
    "after_sales",
    "product_quality",
)
VOICES = ("consumer", "media", "official", "marketing", "merchant")
Voice = Literal["consumer", "media", "official", "marketing", "merchant"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Names(_Strict):
    """Chinese and English name, with definitions where they say more than the name."""

    zh: str
    en: str
    definition_zh: str = ""
    definition_en: str = ""


class Example(_Strict):
    """An invented post with its expected coding."""

    text: str
    voice: Voice
    negative: bool
    channel: str | None = None
    grievances: tuple[str, ...] = ()
    subs: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    note: str = ""


class Code(Names):
    """One category: definition, what it holds and what not, sub-grievances, examples.

    A code of the user's own has `terms`, in the codebook's language of terms and phrases: no
    weights were learnt of it, so it holds where a negative item has one of them.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    subs: dict[str, Names] = {}
    examples: tuple[Example, ...] = ()
    terms: tuple[str, ...] = ()


class Codebook(_Strict):
    """All categories of one version."""

    version: int
    negative: Code
    voices: dict[Voice, Names]
    codes: dict[str, Code]

    @property
    def code_names(self) -> tuple[str, ...]:
        """Codes in their order."""
        return tuple(self.codes)

    @property
    def own(self) -> dict[str, Code]:
        """Codes of the user's own, counted by their terms."""
        return {name: entry for name, entry in self.codes.items() if name not in CODES}

    @property
    def sub_names(self) -> tuple[str, ...]:
        """Sub-grievances as ``code.sub`` in their order."""
        return tuple(f"{code}.{sub}" for code, entry in self.codes.items() for sub in entry.subs)

    @property
    def examples(self) -> tuple[Example, ...]:
        """All examples but those of the user's own codes, those of the negative item first."""
        entries = (self.negative, *(self.codes[code] for code in CODES))
        return tuple(example for entry in entries for example in entry.examples)

    def require(self, name: str, *, where: str | None = None) -> str:
        """Return a code or sub-grievance unchanged if the codebook holds it."""
        known = [*self.code_names, *self.sub_names]
        if name not in known:
            near = nearest(name, known)
            raise CaodianError(
                "a code must stand in the codebook",
                value=name,
                where=where,
                remedy=f"Did you mean {near!r}?"
                if near
                else f"Codes: {', '.join(self.code_names)}.",
            )
        return name


class Platform(_Strict):
    """Spellings of one platform, and longer wordings in which they name something else."""

    aliases: Words
    excepted: Words = ()
    sells: bool = True


def load_codebook(path: Path | None = None) -> Codebook:
    """Read and check the codebook.

    Parameters
    ----------
    path
        A YAML file or a directory that holds ``codebook.yaml``; the project's own by default. Codes
        of the user's own may stand in it, or in ``own.yaml`` beside it, and follow the nine.

    Returns
    -------
    Codebook
        Codes, voices and examples, every code used by an example checked.

    Raises
    ------
    CaodianError
        If a key or code is unknown or a value has the wrong form.

    Examples
    --------
    >>> load_codebook().codes["price"].zh
    '价格'
    """
    file = (
        path if path is not None and path.is_file() else codebook_directory(path) / "codebook.yaml"
    )
    own = file.with_name(_OWN)
    return _load_codebook(file, own.read_text(encoding="utf-8") if own.is_file() else "")


@lru_cache(maxsize=4)
def _load_codebook(file: Path, own: str) -> Codebook:
    data = _read(file)
    if own and isinstance(data.get("codes"), dict):
        added = _parse(own, _OWN)
        if twice := sorted(data["codes"].keys() & added):
            raise CaodianError("a code may stand once in the codebook", value=twice[0], where=_OWN)
        data["codes"] = {**data["codes"], **added}
    try:
        codebook = Codebook(**data)
    except ValidationError as error:
        raise as_contract_error(error, file.name) from error
    missing = [code for code in CODES if code not in codebook.codes]
    if missing:
        raise CaodianError(
            "the codebook must hold the nine codes", value=missing[0], where=str(file)
        )
    codebook = codebook.model_copy(
        update={"codes": {code: codebook.codes[code] for code in CODES} | codebook.own}
    )
    _check_own(codebook, file)
    for example in codebook.examples:
        for name in (*example.grievances, *example.subs):
            codebook.require(name, where=f"{file.name}, example {example.text!r}")
    return codebook


# Codes of the user's own.

_OWN = "own.yaml"
_NAME = re.compile("[a-z][a-z0-9_]{1,39}")
_TAKEN = ("negative", "all", "other")


def _check_own(codebook: Codebook, file: Path) -> None:
    """Refuse a code that nothing would count."""
    for name, entry in codebook.codes.items():
        if name in CODES:
            if entry.terms:
                raise CaodianError(
                    "only a code of one's own has terms; the nine have their rules",
                    value=name, where=str(file), remedy="Write them under terms/ and rules/.",
                )  # fmt: skip
            continue
        if not _NAME.fullmatch(name) or name in _TAKEN:
            raise CaodianError(
                "a code's name must be small letters, digits and _, up to 40 of them",
                value=name, where=str(file), remedy="Write it like price_surge.",
            )  # fmt: skip
        if not entry.terms:
            raise CaodianError(
                "a code of one's own must have terms: nothing else counts it",
                value=name, where=str(file), remedy="Add `terms:`, such as terms: [忽冷 <9> 忽热].",
            )  # fmt: skip
        if entry.subs:
            raise CaodianError(
                "a code of one's own has no sub-grievances: nothing would count them",
                value=name, where=str(file), remedy="Make each a code of its own.",
            )  # fmt: skip


def accept_code(draft: Path, directory: Path) -> tuple[str, ...]:
    """Put the codes of a draft into a codebook of the user's own, from where a run counts them.

    Parameters
    ----------
    draft
        YAML file: the name of a code, and its entry, as `caodian codebook draft` writes it.
    directory
        Folder of the user's codebook. Without a `codebook.yaml` the project's is copied there
        first; the codes go to `own.yaml`. Set ``CAODIAN_CODEBOOK`` to it.

    Returns
    -------
    tuple of str
        Names of the codes; one that stood there is replaced.

    Raises
    ------
    CaodianError
        If the folder is the project's own codebook, or a code could not be counted; nothing is
        written then.
    """
    project = Path(__file__).parents[3] / "codebook"
    if directory.resolve() == project.resolve():
        raise CaodianError(
            "codes of one's own must stand in a folder of one's own", value=str(directory),
            remedy="Name another with --codebook; the project's codebook is copied there.",
        )  # fmt: skip
    if not draft.is_file():
        raise CaodianError("the draft must be a file", value=str(draft))
    codes = _parse(draft.read_text(encoding="utf-8"), str(draft))
    root = directory if (directory / "codebook.yaml").is_file() else codebook_directory(project)
    kept = directory / _OWN
    own = _parse(kept.read_text(encoding="utf-8"), _OWN) if kept.is_file() else {}
    text = yaml.safe_dump({**own, **codes}, allow_unicode=True, sort_keys=False, width=100)
    checked = _load_codebook(root / "codebook.yaml", text)
    for name in codes:
        for term in checked.codes[name].terms:
            parts = parse_phrase(term)[0][0] if " " in term else [term]
            for part in parts:
                expand_term(part)
    if root != directory:
        shutil.copytree(root, directory, dirs_exist_ok=True)
    kept.write_text(text, encoding="utf-8")
    return tuple(codes)


def load_platforms(directory: Path | None = None) -> dict[str, Platform]:
    """Read the platforms with their spellings, by canonical Chinese name.

    Raises
    ------
    CaodianError
        If the file breaks its form.

    Examples
    --------
    >>> "某宝" in load_platforms()["淘宝"].aliases
    True
    """
    file = codebook_directory(directory) / "platforms.yaml"
    try:
        return {name: Platform(**entry) for name, entry in _read(file)["platforms"].items()}
    except ValidationError as error:
        raise as_contract_error(error, file.name) from error


def _read(file: Path) -> dict[str, Any]:
    return _parse(file.read_text(encoding="utf-8"), file.name)


def _parse(text: str, where: str) -> dict[str, Any]:
    try:
        data = read_yaml(text)
    except yaml.YAMLError as error:
        raise CaodianError("the codebook must be YAML", value=str(error), where=where) from error
    if not isinstance(data, dict):
        raise CaodianError("the codebook must be a mapping of names", where=where)
    return data
