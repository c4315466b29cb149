"""The contract of all coders, and how to get one by its name."""

from __future__ import annotations

from threading import Lock
from typing import Protocol

import polars as pl

from analysis.errors import CaodianError, nearest
from analysis.frames import AnyFrame, Frame, put_columns, take_columns

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
        return _load(name)


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
