"""The contract of all coders, and how to get one by its name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.coding.codebook import Code, load_codebook
from analysis.coding.compiler import compile_lexicon
from analysis.coding.features import own_words
from analysis.coding.lexicon import Concept, Lexicon
from analysis.engine.flat_columns import text_buffers
from analysis.engine.matcher import MatcherTables, find_concepts
from analysis.errors import CaodianError, nearest
from analysis.frames import AnyFrame, Frame, as_polars, put_columns, take_columns

# Two threads that load a coder at once would both hold it, and take its memory twice.
_alone = Lock()
# What a coder reads beside the text, where it is there.
USED_BY_CODERS = ("channel", "kind", "author_type", "rating", "source_file", "stars")
_CODER_NAMES = ("fast", "keyword", "thorough", "llm")


class Coder(Protocol):
    """Codes posts by the codebook.

    ``code`` returns one row a post, in the same order, with the columns of `CODED_COLUMNS`:
    ``voice``, ``is_negative``, ``negative_probability``, ``grievances``, ``sub_grievances``,
    ``platforms``, ``scores``. A coder abstains from a post by leaving all of its cells null.
    """

    name: str

    def code(self, posts: AnyFrame) -> pl.DataFrame:
        """Code every post of a frame that has a column ``text``."""
        ...


def get_coder(name: str = "fast") -> Coder:
    """Return a coder by its name.

    Parameters
    ----------
    name
        ``fast`` (the default combination), ``keyword`` (rules alone), ``thorough`` (sentence
        vectors beside fast), or ``llm`` (an endpoint that the environment names).

    Raises
    ------
    CaodianError
        If there is no such coder, or if what it needs is not installed or not named.

    Examples
    --------
    >>> get_coder("keyword").name
    'keyword'
    """
    if name not in _CODER_NAMES:
        near = nearest(name, list(_CODER_NAMES))
        raise CaodianError(
            "a coder must be one of " + ", ".join(_CODER_NAMES),
            value=name,
            remedy=f"Did you mean {near!r}?" if near else None,
        )
    with _alone:
        coder = _load(name)
        own = load_codebook().own
        return _WithOwnCodes(coder, _OwnTerms.of(own)) if own else coder


def _load(name: str) -> Coder:
    if name == "thorough":
        from analysis.coding.thorough_coder import thorough_coder

        return thorough_coder()
    if name == "llm":
        from analysis.coding.llm_coder import llm_coder

        return llm_coder()
    if name == "fast":
        from analysis.coding.classifier_coder import combined_coder

        return combined_coder()
    from analysis.coding.keyword_coder import keyword_coder

    return keyword_coder()


# Codes of the user's own: no weights were learnt of them, so their terms count them, beside any
# coder, in the negative items that it finds.


@dataclass(frozen=True)
class _OwnTerms:
    """The terms of the user's own codes, compiled."""

    codes: tuple[str, ...]
    tables: MatcherTables
    concepts: npt.NDArray[np.int32]

    @classmethod
    def of(cls, own: Mapping[str, Code]) -> _OwnTerms:
        return _compile_terms(tuple((name, entry.terms) for name, entry in own.items()))

    def find(self, texts: pl.Series) -> npt.NDArray[np.bool_]:
        """Tell which texts hold which code's terms: texts × codes."""
        buffers = text_buffers(texts)
        shown = np.zeros(self.tables.n_concepts, dtype=np.bool_)
        shown[self.concepts] = True
        given = np.full((len(texts), 1), -1, dtype=np.int32)
        starts, found = find_concepts(self.tables, buffers.data, buffers.offsets, given, shown)
        held = np.zeros((len(texts), self.tables.n_concepts), dtype=np.bool_)
        held[np.repeat(np.arange(len(texts)), np.diff(starts)), found] = True
        return held[:, self.concepts]


@lru_cache(maxsize=2)
def _compile_terms(own: tuple[tuple[str, tuple[str, ...]], ...]) -> _OwnTerms:
    concepts = {name: Concept(words=terms) for name, terms in own}
    lexicon = Lexicon(concepts={"negator": Concept(), **concepts}, rules={})
    tables, numbers = compile_lexicon(lexicon)
    return _OwnTerms(
        tuple(concepts), tables, np.array([numbers[name] for name in concepts], dtype=np.int32)
    )


class _WithOwnCodes:
    """A coder, and beside it the user's own codes."""

    def __init__(self, coder: Coder, terms: _OwnTerms) -> None:
        self.coder, self.terms, self.name = coder, terms, coder.name

    def code(self, posts: AnyFrame) -> pl.DataFrame:
        """Code every post by the coder, and give negative items the codes whose terms they hold."""
        coded = self.coder.code(posts)
        negative = coded["is_negative"].fill_null(False)
        rows = negative.arg_true()
        held = self.terms.find(own_words(as_polars(posts)[rows]))
        rows = rows.filter(pl.Series(held.any(axis=1)))
        if rows.is_empty():
            return coded
        held = held[held.any(axis=1)]
        some = coded[rows]
        names = [
            [code for code, is_held in zip(self.terms.codes, row, strict=True) if is_held]
            for row in held
        ]
        scores = [
            _with_scores(scores, added, probability)
            for scores, added, probability in zip(
                some["scores"], names, some["negative_probability"], strict=True
            )
        ]
        added = pl.Series(names, dtype=pl.List(pl.String))
        return coded.with_columns(
            _put(coded["grievances"], rows, some["grievances"].list.concat(added)),
            coded["scores"].scatter(rows, pl.Series(scores, dtype=pl.String)),
        )


def _with_scores(scores: str, added: list[str], probability: float) -> str:
    """Return the scores with those of more codes: the probability of a negative item."""
    whole = {**json.loads(scores or "{}"), **dict.fromkeys(added, round(probability, 4))}
    return json.dumps(whole, sort_keys=True, separators=(",", ":"))


def _put(column: pl.Series, rows: pl.Series, values: pl.Series) -> pl.Series:
    """Return a column of lists with other values in some rows."""
    places = np.arange(len(column), dtype=np.uint32)
    places[rows.to_numpy()] = len(column) + np.arange(len(rows), dtype=np.uint32)
    return pl.concat([column, values]).gather(places).alias(column.name)


def code_grievances(posts: Frame, coder: str | Coder = "fast", *, text: str = "text") -> Frame:
    """Code posts: who speaks, is it a negative item, which grievances, which platforms.

    Parameters
    ----------
    posts
        pandas or Polars frame, the text cleaned and masked. `channel, kind, author_type, rating`
        (with `source_file`, where files of several scales are together) are used where they are
        there. The sentiment is read anew, of the writer's own words alone.
    coder
        ``fast`` (the default), ``keyword``, ``thorough``, ``llm``, or a coder of your own: an
        object with `code(posts)` that returns those columns.
    text
        Column of the text.

    Returns
    -------
    The same kind of frame
        With `voice, is_negative, negative_probability, grievances, sub_grievances, platforms,
        scores`; the three lists are lists in each cell. A post from which the coder abstains has
        them missing.

    Raises
    ------
    CaodianError
        When the text column is missing, or there is no such coder.

    Examples
    --------
    >>> import pandas as pd
    >>> posts = pd.DataFrame({"text": ["下单第九天还没发货，催了也没用", "昨天下单今天就到，赞"]})
    >>> code_grievances(posts)[["is_negative", "grievances"]]
       is_negative  grievances
    0         True  [delivery]
    1        False          []
    """
    taken = take_columns(posts, [text], USED_BY_CODERS)
    read = taken.with_columns(pl.col(text).cast(pl.String).alias("text"))
    chosen = get_coder(coder) if isinstance(coder, str) else coder
    return put_columns(posts, chosen.code(read))


def identify_coder(name: str) -> str:
    """Return the name of a coder with what its codes depend on beside code, weights and codebook.

    Raises
    ------
    CaodianError
        If it is the llm coder and the environment names no endpoint.

    Examples
    --------
    >>> identify_coder("fast")
    'fast'
    """
    if name != "llm":
        return name
    from analysis.coding.llm_client import Endpoint

    endpoint = Endpoint.from_environment()
    return f"{name}: {endpoint.model} at {endpoint.host}"
