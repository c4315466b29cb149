"""The texts of figures and reports in Chinese and English, kept in ``words.yaml``.

A text is written for a window that is told by day. Its words in angle brackets change where the
window is told by week or by month: "negative items <by day>" reads "negative items by week".
"""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from numbers import Integral
from pathlib import Path
from typing import Any, NamedTuple

from markupsafe import Markup

from analysis.errors import CaodianError
from analysis.numbers import count_text, window_text
from analysis.study.model import Study
from analysis.study.periods import PERIODS, Period
from analysis.yaml_text import read_yaml

LANGUAGES = ("zh", "en")
_IN_BRACKETS = re.compile(r"<([^<>]+)>")
# Channels that are called by their own names, as platforms are.
_SITES = frozenset({"weibo", "xiaohongshu", "douyin", "bilibili", "kuaishou", "tieba", "zhihu"})
_AGREEING = re.compile(r"\{(\w+):([^{}|]*)\|([^{}|]*)\}")  # {n:item|items}


class Note(NamedTuple):
    """A sentence in both languages, and the numbers of posts that it tells or that follow from it.

    Examples
    --------
    >>> Note("9 条里有 3 条", "3 of 9 posts", (9, 3, 6)).counted
    '9;3;6'
    """

    zh: str
    en: str
    posts: tuple[int, ...] = ()

    @property
    def counted(self) -> str:
        """Give the numbers as the table of notes has them."""
        return ";".join(map(str, self.posts))


@dataclass(frozen=True)
class Words:
    """The texts of one language.

    Parameters
    ----------
    texts
        Text by key, for example ``{"unit.items": "条"}``.

    Examples
    --------
    >>> load_words("en").label("red_envelope")
    'Red-envelope promotions'
    """

    language: str
    texts: dict[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """Give the text of a key with its values filled in."""
        text = self._text(self._agreeing(key, values))
        return _agree(text, values).format(**_written(values)) if values else text

    def markup(self, key: str, **values: object) -> Markup:
        """Give the text as HTML: the values are escaped unless they are markup already."""
        text = _agree(self._text(self._agreeing(key, values)), values)
        return Markup(text).format(**_written(values))  # noqa: S704 - the texts are our own file

    def label(self, name: str) -> str:
        """Give the reader's name of a code, channel, verdict …; else the name itself."""
        known = self.texts.get(f"label.{name}")
        return known or _own_names().get(name, {}).get(self.language, name)

    def inside(self, name: str) -> str:
        """Give the reader's name as it stands in a sentence: only proper names keep a capital."""
        label = self.label(name)
        is_ours = f"label.{name}" in self.texts and name.isascii() and name not in _SITES
        if self.language == "en" and is_ours and label[1:2].islower():
            return label[:1].lower() + label[1:]
        return label

    def sentences(self, texts: Iterable[str]) -> Markup:
        """Set sentences behind one another: with a space between them in English alone."""
        return Markup(self("list.sentences")).join(texts)  # noqa: S704 - our own file

    def listed(self, names: Sequence[str]) -> str:
        """Join names, or marked numbers, as a sentence does."""
        if not names:
            return ""
        *most, last = names
        comma, both = (type(last)(self(f"list.{key}")) for key in ("comma", "and"))
        return both.join([comma.join(most), last]) if most else last

    def _agreeing(self, key: str, values: Mapping[str, object]) -> str:
        """Give the key of the text that speaks of one, where n is one and there is such a text."""
        one = f"{key}_one"
        return one if one in self.texts and _is_one(values.get("n")) else key

    def _text(self, key: str) -> str:
        if key not in self.texts:
            raise CaodianError(
                "a text of the report must be in words.yaml",
                value=key,
                where=self.language,
                remedy="Add it in both languages.",
            )
        return self.texts[key]


def _own_names() -> dict[str, dict[str, str]]:
    """Give the entries of the codes that a user's codebook holds beside the nine."""
    folder = os.environ.get("CAODIAN_CODEBOOK")
    if not folder:
        return {}
    names: dict[str, dict[str, str]] = {}
    for file in ("codebook.yaml", "own.yaml"):
        path = Path(folder) / file
        if path.is_file():
            entries = _read_own(path, path.stat().st_mtime_ns)
            names |= entries.get("codes", {}) if file == "codebook.yaml" else entries
    return names


@lru_cache(maxsize=4)
def _read_own(path: Path, _changed: int) -> dict[str, dict[str, Any]]:
    return read_yaml(path.read_text(encoding="utf-8")) or {}


def _written(values: Mapping[str, object]) -> dict[str, object]:
    """Write whole numbers as counts; texts that are written already stay."""
    return {
        name: count_text(value)
        if isinstance(value, Integral) and not isinstance(value, bool)
        else value
        for name, value in values.items()
    }


def _agree(text: str, values: Mapping[str, object]) -> str:
    """Choose the singular where the number is one."""

    def choose(match: re.Match[str]) -> str:
        return match[2] if _is_one(values[match[1]]) else match[3]

    return _AGREEING.sub(choose, text)


def _is_one(value: object) -> bool:
    """Say whether a number is one, as a number, a text or markup."""
    return (value.striptags() if isinstance(value, Markup) else str(value)) == "1"


def window_of(study: Study, words: Words) -> str:
    """Write the window of a study, or that its posts have no days.

    Examples
    --------
    >>> from analysis.study.load import study_of_range
    >>> window_of(study_of_range("x", None, None, []), load_words("en"))
    'posts without dates'
    """
    if study.window is None:
        return words("page.undated")
    return window_text(study.window.start, study.window.end, words.language)


@cache
def load_words(language: str, period: Period = "day") -> Words:
    """Read the texts of one language.

    Parameters
    ----------
    period
        What the study's window is told in; it decides the words in angle brackets.

    Raises
    ------
    CaodianError
        When the language is not one of the two.

    Examples
    --------
    >>> load_words("zh").label("negative")
    '吐槽（负面）'
    >>> load_words("en", "month")("section.trends")
    'Month by month'
    """
    if language not in LANGUAGES:
        raise CaodianError(
            "a report is written in zh or en", value=language, remedy="Choose zh or en."
        )
    texts = dict(_flatten(_read_texts(), language))
    told = {str(name): texts.pop(f"period.{name}", "") for name in PERIODS}
    pairs = [pair.partition("=") for pair in told[period].split("; ")]
    other = {one: another for one, _, another in pairs}

    def put(match: re.Match[str]) -> str:
        return match[1] if period == "day" else other[match[1]]

    return Words(language, {key: _IN_BRACKETS.sub(put, text) for key, text in texts.items()})


def reader_names() -> dict[str, tuple[str, str]]:
    """Give what the page calls each code, sub-grievance and total, in Chinese and in English.

    Sentences that are written before the page is made, as those on trends, take their names here:
    one quantity has one name.

    Examples
    --------
    >>> reader_names()["all"]
    ('全部帖子', 'All posts')
    """
    zh, en = (load_words(language).texts for language in LANGUAGES)
    labels = (key for key in zh if key.startswith("label."))
    return {key.removeprefix("label."): (zh[key], en[key]) for key in labels}


def _flatten(node: dict[str, Any], language: str, prefix: str = "") -> list[tuple[str, str]]:
    """Turn the nested file into ``(dotted key, text)`` pairs of one language."""
    pairs: list[tuple[str, str]] = []
    for name, value in node.items():
        key = f"{prefix}{name}"
        if set(value) == set(LANGUAGES):
            pairs.append((key, str(value[language])))
        else:
            pairs += _flatten(value, language, f"{key}.")
    return pairs


@cache
def _read_texts() -> dict[str, Any]:
    """Read the file once: both languages and all periods take their texts of it."""
    texts = resources.files("analysis").joinpath("words.yaml").read_text("utf-8")
    return dict(read_yaml(texts))
