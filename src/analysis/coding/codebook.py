"""The codebook as validated data: codes, sub-grievances, voices, examples, platforms."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from analysis.coding.lexicon import Words, as_contract_error
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
    """One category: definition, what it holds and what not, sub-grievances, examples."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    subs: dict[str, Names] = {}
    examples: tuple[Example, ...] = ()


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
    def sub_names(self) -> tuple[str, ...]:
        """Sub-grievances as ``code.sub`` in their order."""
        return tuple(f"{code}.{sub}" for code, entry in self.codes.items() for sub in entry.subs)

    @property
    def examples(self) -> tuple[Example, ...]:
        """All examples, those of the negative item first."""
        entries = (self.negative, *self.codes.values())
        return tuple(example for entry in entries for example in entry.examples)

    def require(self, name: str, *, where: str | None = None) -> str:
        """Return a code or sub-grievance unchanged if the codebook holds it.

        Parameters
        ----------
        name
            A code or ``code.sub``.

        Raises
        ------
        CaodianError
            If the codebook does not hold it; the nearest name is told.

        Examples
        --------
        >>> load_codebook().require("price.price_surge")
        'price.price_surge'
        """
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
        A YAML file or a directory that holds ``codebook.yaml``; the project's own by default.

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
    return _load_codebook(file)


@lru_cache(maxsize=4)
def _load_codebook(file: Path) -> Codebook:
    data = _read(file)
    try:
        codebook = Codebook(**data)
    except ValidationError as error:
        raise as_contract_error(error, file.name) from error
    for example in codebook.examples:
        for name in (*example.grievances, *example.subs):
            codebook.require(name, where=f"{file.name}, example {example.text!r}")
    return codebook


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
    try:
        data = read_yaml(file.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise CaodianError(
            "the codebook must be YAML", value=str(error), where=file.name
        ) from error
    if not isinstance(data, dict):
        raise CaodianError("the codebook must be a mapping of names", where=file.name)
    return data
