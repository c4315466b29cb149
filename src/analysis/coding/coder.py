"""The contract of all coders, and how to get one by its name."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl

from analysis.coding.codebook import Code, load_codebook
from analysis.coding.compiler import compile_lexicon
from analysis.coding.lexicon import Concept, Lexicon
from analysis.corpus.clean import own_words
from analysis.corpus.readers.convert import guess_place
from analysis.engine.flat_columns import text_buffers
from analysis.engine.matcher import MatcherTables, find_concepts
from analysis.errors import CaodianError, nearest
from analysis.frames import (
    AnyFrame,
    Frame,
    as_polars,
    as_texts,
    put_columns,
    take_columns,
)

# Two threads that load a coder at once would both hold it, and take its memory twice.
_alone = Lock()
# What a coder reads beside the text, where it is there.
USED_BY_CODERS = ("channel", "kind", "author_type", "rating", "source_file", "stars")
_CODER_NAMES = ("fast", "keyword", "llm")


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
        ``fast`` (the default combination), ``keyword`` (rules alone), ``llm`` (an endpoint that
        the environment names), or a folder of `caodian train coder --from`: fast, and what an
        audit taught beside it.

    Raises
    ------
    CaodianError
        If there is no such coder, or if what it needs is not installed or not named.

    Examples
    --------
    >>> get_coder("keyword").name
    'keyword'
    """
    if name not in _CODER_NAMES and not Path(name).is_dir():
        near = nearest(name, list(_CODER_NAMES))
        raise CaodianError(
            f"a coder must be {', '.join(_CODER_NAMES)} or a folder of `train coder --from`",
            value=name,
            remedy=f"Did you mean {near!r}?" if near else None,
        )
    with _alone:
        coder = _load(name)
        own = load_codebook().own
        return _WithOwnCodes(coder, _OwnTerms.of(own)) if own else coder


def _coder_of(coder: str | Path | Coder) -> Coder:
    """Return the coder that a caller named, or gave."""
    if isinstance(coder, str | Path):
        return get_coder(str(coder))
    if not hasattr(coder, "code"):
        raise CaodianError(
            "a coder is a name, a folder, or an object with a method code",
            value=type(coder).__name__,
            remedy=f"Give one of {', '.join(_CODER_NAMES)}.",
        )
    return coder


def _load(name: str) -> Coder:
    if name == "llm":
        from analysis.coding.llm_coder import llm_coder

        return llm_coder()
    if name == "fast":
        from analysis.coding.classifier_coder import combined_coder

        return combined_coder()
    if name not in _CODER_NAMES:
        from analysis.coding.classifier_coder import refitted_coder

        return refitted_coder(name)
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
        there. The sentiment is read anew, of the writer's own words alone. Where neither channel
        nor kind is told, posts with stars are coded as reviews (all, where half of them have some),
        and thirty and more without stars as what they surely are: reviews, of an app too, or posts
        on Weibo.
    coder
        ``fast`` (the default), ``keyword``, ``llm``, a folder of `caodian train coder --from`, or a
        coder of your own: an object with `code(posts)` that returns those columns.
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
    read = taken.with_columns(as_texts(taken[text]).alias("text"))
    if not _tells_places(read):
        read = read.with_columns(_untold_places(read).alias("channel"))
    chosen = _coder_of(coder)
    return put_columns(posts, chosen.code(read))


def _tells_places(posts: pl.DataFrame) -> bool:
    """Tell whether a column names the place of any post."""
    told = [posts[name].drop_nulls().cast(pl.String) for name in ("channel", "kind")
            if name in posts.columns]  # fmt: skip
    return any((names.str.strip_chars() != "").any() for names in told)


def _untold_places(posts: pl.DataFrame) -> pl.Series:
    """Return the places that stars tell, or else the texts of all; null where none does.

    Where half of the posts have stars they are a table of reviews, in which some left none; where
    fewer have, posts of another kind stand among reviews.
    """
    starred = [
        pl.col(name).cast(pl.Float64, strict=False).is_finite().fill_null(value=False)
        for name in ("rating", "stars")
        if name in posts.columns
    ]
    if starred and (has_stars := posts.select(pl.any_horizontal(starred)).to_series()).any():
        of_reviews = has_stars | (2 * int(has_stars.sum()) >= posts.height)
        return pl.select(pl.when(of_reviews).then(pl.lit("review"))).to_series()
    return pl.repeat(guess_place(posts["text"]), posts.height, dtype=pl.String, eager=True)


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
    if name in ("fast", "keyword"):
        return name
    if name != "llm":
        from analysis.coding.classifier_coder import refit_digest

        return f"refit {refit_digest(name)}"
    from analysis.coding.llm_coder import Endpoint

    endpoint = Endpoint.from_environment()
    return f"{name}: {endpoint.model} at {endpoint.host}"


# Why a post was coded so.
#
# Every coder can be asked what it would have said of another text, so clues are found by taking
# words away and looking at what changes (occlusion: Zeiler and Fergus 2014). That counts what
# grams, concepts, rules and sentiment together make of the words, whichever coder it is.

# Of longer texts the first characters are looked at, piece by piece.
_LOOKED_AT = 300
_PIECES = (2, 3, 4)
_MOST_CLUES = 5
_LEAST_WEIGHT = 0.1
# Of the surest posts every clue still weighs.
_SUREST = 1e-9
_GONE = "，"
_WORDS = re.compile(r"[^\W_]+")
_CLAUSES = re.compile(r"[^，。！？；,!?;\n]+")
_CHANNELS = ("weibo", "review", "complaint", "app_store", "forum", "live_room", None)


@dataclass(frozen=True, repr=False)
class Explanation:
    """Why a post was coded so, as `explain` found it; `print` shows all of it.

    Parameters
    ----------
    place
        Where the post was taken to stand, which is evidence, and why.
    verdict
        What `code_grievances` says of the post, `negative_probability` among it.
    scores
        `target, probability, log_odds, holds`: the negative item, then each code (its probability
        together with that of a negative item). Above log-odds of 0 a target holds.
    rules
        `rule, negative, gives, voices`: rules of the codebook that fired, and what they speak for,
        in log-odds; for `gives` the probability of the code in a negative post.
    clues
        `target, words, weight`: by how much the log-odds fall when the words are taken away.
        Below 0 the words speak against the target.
    changes
        `change, is_negative, negative_probability, grievances`: what would be coded otherwise.
    """

    text: str
    place: str
    verdict: dict[str, Any]
    scores: pd.DataFrame
    rules: pd.DataFrame
    clues: pd.DataFrame
    changes: pd.DataFrame

    def __str__(self) -> str:
        said = self.verdict
        if said["is_negative"] is None:
            return "The coder abstains."
        codes = ", ".join(said["grievances"]) or "no code"
        kind = f"a negative item ({codes})" if said["is_negative"] else "no negative item"
        lines = [
            f"{self.text}",
            f"-> {kind}; voice: {said['voice']}; probability {said['negative_probability']:.3f}",
            f"place: {self.place}",
            *_listed("Scores", self.scores),
            *_listed("Rules that fired", self.rules),
            *_listed("Strongest clues (fall of the log-odds without them)", self.clues),
            *_listed("What would have changed it", self.changes),
        ]
        return "\n".join(lines)

    __repr__ = __str__  # a notebook shows what `print` does


def explain(post: str | Mapping[str, Any], coder: str | Coder = "fast") -> Explanation:
    """Tell why a post is coded as it is: rules, strongest clues, scores, what would change it.

    Parameters
    ----------
    post
        A text, or a mapping (a row of a table) with `text` and, where known, `channel, kind,
        author_type, rating`. A table that names no place is asked by its texts; one post with stars
        is taken for a review, and without them for a post of any place.
    coder
        As for `code_grievances`; each piece of the text is coded once more, so `fast` or `keyword`.

    Raises
    ------
    CaodianError
        When there is no text, or no such coder.

    Examples
    --------
    >>> found = explain("下单第九天还没发货，催了也没用")
    >>> found.verdict["grievances"], found.clues.loc[0, "target"]
    (['delivery'], 'negative')
    """
    is_row = not isinstance(post, str) and hasattr(post, "keys")  # a row of pandas is no Mapping
    given: dict[str, Any] = dict(post) if is_row else {"text": post}  # type: ignore[arg-type]
    if not isinstance(given.get("text"), str) or not given["text"].strip():
        told = given["text"] if isinstance(given.get("text"), str) else type(post).__name__
        raise CaodianError(
            "a post to explain must have a text",
            value=told,
            remedy="Give one text, or one row: explain(posts.iloc[0]).",
        )
    chosen = _coder_of(coder)
    known = {name: given[name] for name in USED_BY_CODERS if _is_told(given.get(name))}
    text = given["text"]
    known, place = _placed(known)
    known = _starred(known)
    pieces = list(_pieces(text))
    changes = list(_changes(text, known))
    tried = [{"text": text, **known}]
    tried += [{"text": _without(text, *piece), **known} for piece in pieces]
    said = _code_each(chosen, tried + [changed for _, changed in changes])
    verdict, on_pieces, on_changes = said[0], said[1 : 1 + len(pieces)], said[1 + len(pieces) :]
    return Explanation(
        text,
        place,
        verdict,
        _scores(verdict),
        _fired({"text": text, **known}),
        _clues(text, verdict, pieces, on_pieces),
        _changed(verdict, [name for name, _ in changes], on_changes),
    )


def _is_told(value: object) -> bool:
    """Tell a value from a missing one as tables write it."""
    return value is not None and value == value  # noqa: PLR0124 - NaN is no value


def _placed(known: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Return what is known with the place that is assumed of a post alone, and words for it."""
    from analysis.coding.features import place_of

    told = next((known[name] for name in ("channel", "kind") if name in known), None)
    if told is not None:
        place = place_of(known.get("channel"), known.get("kind"))
        return known, place or f"{told}, of which no weights were learnt: as if none were told"
    if "rating" in known or "stars" in known:
        return {**known, "channel": "review"}, "review, since the post has stars and tells no place"
    hint = "tell it (channel, --channel), or code its whole table, whose texts may tell it"
    return known, f"none told, so a post of any place; {hint}"


def _starred(known: dict[str, Any]) -> dict[str, Any]:
    """Return what is known with stars instead of a rating: posts beside it may tell stars alone."""
    from analysis.coding.scoring import STARS, with_stars

    if "rating" not in known:
        return known
    stars = with_stars(pl.DataFrame([known]))[STARS].item()
    others = {name: value for name, value in known.items() if name != "rating"}
    return others if stars is None else {**others, STARS: stars}


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each piece of a few characters begins and ends; words of letters stay whole."""
    for run in _WORDS.finditer(text[:_LOOKED_AT]):
        if run[0].isascii() or len(run[0]) <= _PIECES[0]:
            yield run.span()
            continue
        for size in _PIECES:
            yield from ((at, at + size) for at in range(run.start(), run.end() - size + 1))


def _without(text: str, start: int, end: int) -> str:
    return text[:start] + _GONE + text[end:]


def _changes(text: str, known: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield other posts that tell what this one hangs on: fewer clauses, other places, stars."""
    clauses = [clause for clause in _CLAUSES.finditer(text) if clause[0].strip()]
    if len(clauses) > 1:
        for clause in clauses[:20]:
            changed = text[: clause.start()] + text[clause.end() :]
            yield f"without {clause[0].strip()!r}", {"text": changed, **known}
    place = known.get("channel")
    for channel in _CHANNELS:
        if channel != place:
            name = f"in channel {channel}" if channel else "without a channel"
            yield name, {"text": text, **known, "channel": channel}
    for stars in (1.0, 5.0):
        if known.get("stars", known.get("rating")) != stars:
            yield f"with {stars:.0f} stars", {"text": text, **known, "stars": stars}


def _code_each(coder: Coder, posts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = sorted({name for post in posts for name in post})
    frame = pl.DataFrame({name: [post.get(name) for post in posts] for name in names}, strict=False)
    coded: list[dict[str, Any]] = coder.code(frame).to_dicts()
    return coded


def _log_odds(probability: float | None) -> float:
    value = min(max(probability or 0.0, _SUREST), 1 - _SUREST)
    return math.log(value / (1 - value))


def _targets(said: Mapping[str, Any]) -> dict[str, float]:
    """Return the probability of the negative item and of each code that has one."""
    codes = json.loads(said["scores"] or "{}")
    return {"negative": said["negative_probability"] or 0.0, **codes}


def _scores(verdict: Mapping[str, Any]) -> pd.DataFrame:
    held = {*(verdict["grievances"] or ()), *(["negative"] if verdict["is_negative"] else [])}
    rows = [
        (name, round(value, 4), round(_log_odds(value), 2), name in held)
        for name, value in _targets(verdict).items()
    ]
    return pd.DataFrame(rows, columns=["target", "probability", "log_odds", "holds"])


def _fired(post: dict[str, Any]) -> pd.DataFrame:
    """Return the rules of the codebook that fired."""
    from analysis.coding.codebook import VOICES
    from analysis.coding.features import read_features
    from analysis.coding.keyword_coder import keyword_coder

    compiled = keyword_coder().compiled
    features = read_features(pl.DataFrame([post]), compiled)
    rows = []
    for number in features.found[compiled.is_rule[features.found]].tolist():
        strengths, voices = compiled.strengths[number], compiled.voice[number]
        gives = [f"{compiled.labels[at]} {strengths[at]:g}" for at in strengths.nonzero()[0]]
        speaks = [f"{VOICES[at]} {voices[at]:+g}" for at in voices.nonzero()[0]]
        name = compiled.concepts[number]
        rows.append((name, compiled.negative[number], ", ".join(gives), ", ".join(speaks)))
    rows.sort(key=lambda row: (-abs(row[1]), row[0]))
    return pd.DataFrame(rows, columns=["rule", "negative", "gives", "voices"])


def _clues(
    text: str,
    verdict: Mapping[str, Any],
    pieces: list[tuple[int, int]],
    without: list[dict[str, Any]],
) -> pd.DataFrame:
    """Return the pieces whose absence moves the negative item, and each code that holds, most."""
    rows = []
    for target in ("negative", *(verdict["grievances"] or ())):
        whole = _log_odds(_targets(verdict).get(target))
        moved = [
            (whole - _log_odds(_targets(said).get(target)), piece)
            for piece, said in zip(pieces, without, strict=True)
        ]
        taken: list[tuple[int, int]] = []
        for weight, (start, end) in sorted(moved, key=lambda found: (-abs(found[0]), found[1])):
            if len(taken) == _MOST_CLUES or abs(weight) < _LEAST_WEIGHT:
                break
            if all(end <= first or start >= last for first, last in taken):
                taken.append((start, end))
                rows.append((target, text[start:end], round(weight, 2)))
    return pd.DataFrame(rows, columns=["target", "words", "weight"])


def _changed(
    verdict: Mapping[str, Any], names: list[str], said: list[dict[str, Any]]
) -> pd.DataFrame:
    rows = [
        (name, other["is_negative"], round(other["negative_probability"] or 0.0, 3), codes)
        for name, other in zip(names, said, strict=True)
        if (codes := ", ".join(other["grievances"] or ())) != ", ".join(verdict["grievances"] or ())
        or other["is_negative"] != verdict["is_negative"]
    ]
    columns = ["change", "is_negative", "negative_probability", "grievances"]
    return pd.DataFrame(rows, columns=columns)


def _listed(title: str, table: pd.DataFrame) -> list[str]:
    shown = table.to_string(index=False) if len(table) else "  none"
    return ["", f"{title}:", shown]
