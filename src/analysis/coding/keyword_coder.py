"""The rule-based coder, and the columns that every coder writes from its scores.

Concepts of the codebook are combined in logits and probabilities.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
from scipy.special import expit

from analysis.coding.codebook import CODES, VOICES
from analysis.coding.compiled_codebook import CompiledCodebook, compile_codebook
from analysis.coding.features import Features, changed_answers, read_features
from analysis.coding.scoring import (
    Scores,
    StarEvidence,
    negative_logits,
    score_posts,
    star_evidence,
    with_stars,
)
from analysis.engine.flat_columns import (
    DECIMALS,
    mapped_in_order,
    text_buffers,
    true_columns,
    write_fractions,
)
from analysis.frames import AnyFrame, as_polars

# Columns of lists and of JSON out of flat arrays, without a Python object a row.

LongArray = npt.NDArray[np.int64]
_Bytes = npt.NDArray[np.uint8]

_SMALLEST_SCORE = 0.005


def _names_where(held: npt.NDArray[np.bool_], names: tuple[str, ...]) -> pl.Series:
    """Return for each row the names of its true columns, in their order."""
    return name_lists(*true_columns(held), names)


def name_lists(
    bounds: LongArray, numbers: npt.NDArray[np.int32], names: tuple[str, ...]
) -> pl.Series:
    """Return lists of names, row `i` those of `numbers[bounds[i]:bounds[i + 1]]`."""
    values = pl.Series(names, dtype=pl.String).gather(numbers.astype(np.uint32))
    lists = pa.LargeListArray.from_arrays(
        pa.array(bounds), values.to_arrow(compat_level=pl.CompatLevel.newest())
    )
    return pl.Series(values=lists, dtype=pl.List(pl.String))


def score_objects(probabilities: npt.NDArray[np.float64]) -> pl.Series:
    """Return the graded scores as JSON objects, keys sorted, tiny scores left out."""
    keys, digits, order = _written()
    least = round(_SMALLEST_SCORE * DECIMALS)
    bounds, data = write_fractions(probabilities, order, least, keys, digits)
    texts = pa.LargeStringArray.from_buffers(
        len(bounds) - 1, pa.py_buffer(bounds), pa.py_buffer(data)
    )
    return pl.Series(values=texts, dtype=pl.String)


@lru_cache(maxsize=1)
def _written() -> tuple[tuple[LongArray, _Bytes], tuple[LongArray, _Bytes], LongArray]:
    """Every key and every number as it is written, and the columns in the order of their keys."""
    order = np.argsort(np.array(CODES))
    keys = text_buffers(pl.Series([f'"{CODES[column]}":' for column in order]))
    digits = text_buffers(pl.Series(np.arange(DECIMALS + 1) / DECIMALS).cast(pl.String))
    return (keys.offsets, keys.data), (digits.offsets, digits.data), order


CODE_THRESHOLD = 0.5
_SUB_THRESHOLD = 0.5

CODED_COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "voice": pl.String,
    "is_negative": pl.Boolean,
    "negative_probability": pl.Float64,
    "grievances": pl.List(pl.String),
    "sub_grievances": pl.List(pl.String),
    "platforms": pl.List(pl.String),
    "scores": pl.String,
}


def build_answers(
    compiled: CompiledCodebook, features: Features, platforms: pl.Series, scores: Scores
) -> pl.DataFrame:
    """Decide on voice, negative item and codes, and write the scores.

    A comment that attacks a practice on consumers' behalf is negative whatever its voice; any
    other post must be a consumer's.
    """
    voice = np.argmax(scores.voice, axis=1)
    spoken = expit(scores.negative)
    on_behalf = features.hold([compiled.numbers["attacks_practice"]])
    silent = (voice != 0) & ~on_behalf
    probability = np.where(silent, spoken * 0.05, spoken)
    is_negative = probability >= 0.5
    codes = scores.labels[:, : len(CODES)]
    held = (codes >= CODE_THRESHOLD) & is_negative[:, None]
    subs = (scores.labels[:, len(CODES) :] >= _SUB_THRESHOLD) & is_negative[:, None]
    parents = [CODES.index(label.split(".")[0]) for label in compiled.labels[len(CODES) :]]
    subs &= held[:, parents]
    return pl.DataFrame(
        {
            "voice": pl.Series(VOICES).gather(voice),
            "is_negative": is_negative,
            "negative_probability": probability,
            "grievances": _names_where(held, CODES),
            "sub_grievances": _names_where(subs, compiled.labels[len(CODES) :]),
            "platforms": platforms,
            "scores": score_objects(probability[:, None] * codes),
        },
        schema=CODED_COLUMNS,
    )


# The coder.

# Posts taken together: enough that the work around them is nothing, few enough for the caches.
_AT_ONCE = 1 << 14


class KeywordCoder:
    """Codes posts by the rules of the codebook.

    Parameters
    ----------
    compiled
        Compiled rules; those of the project's codebook by default.
    sentiment_weight
        Weight of the linear sentiment's logit beside the rules; 0 leaves it out.
    shift
        Added to the logit of a negative item: above 0 fewer are missed, more are false alarms.

    Examples
    --------
    >>> posts = pl.DataFrame({"text": ["下单第九天还没发货", "昨天下单今天就到，赞"]})
    >>> KeywordCoder(sentiment_weight=0).code(posts)["grievances"].to_list()
    [['delivery'], []]
    """

    name = "keyword"

    def __init__(
        self,
        compiled: CompiledCodebook | None = None,
        sentiment_weight: float = 0.0,
        shift: float = 0.0,
    ) -> None:
        self.compiled = compiled or compile_codebook()
        self.sentiment_weight = sentiment_weight
        self.shift = shift

    def code(self, posts: AnyFrame) -> pl.DataFrame:
        """Code every post."""
        frame = with_stars(as_polars(posts))
        parts = [self._code_part(part) for part in frame.iter_slices(_AT_ONCE)]
        return pl.concat(parts) if parts else self._code_part(frame)

    def _code_part(self, frame: pl.DataFrame) -> pl.DataFrame:
        features = read_features(frame, self.compiled)
        scores = self._scores(frame, features)
        forms, answers = changed_answers(features.texts)
        if forms.size:
            reviews = frame[forms].with_columns(answers.alias("text"))
            of_answers = self._scores(reviews, read_features(reviews, self.compiled))
            scores = _with_answers(scores, of_answers, answers, forms)
        named = mapped_in_order(features.starts, features.found, self.compiled.platform_of)
        platforms = name_lists(*named, self.compiled.platforms)
        return build_answers(self.compiled, features, platforms, scores)

    def _scores(self, frame: pl.DataFrame, features: Features) -> Scores:
        by_rules = self.rule_scores(frame, features)
        stars = star_evidence(frame, features.texts)
        return self._judge(frame, features, by_rules, stars)

    def rule_scores(self, frame: pl.DataFrame, features: Features) -> Scores:
        """Return what the rules alone say of each post, as `code` hands it to other judges."""
        prior = np.full(frame.height, self.shift)
        if self.sentiment_weight:
            prior += self.sentiment_weight * negative_logits(frame, features.texts)
        return score_posts(self.compiled, features.starts, features.found, prior)

    def _judge(
        self, _posts: pl.DataFrame, _features: Features, scores: Scores, stars: StarEvidence
    ) -> Scores:
        """Return what a judge of the posts makes of the scores of the rules and of the stars."""
        return scores.with_stars(stars)


def _with_answers(
    whole: Scores, of_answers: Scores, answers: pl.Series, forms: npt.NDArray[np.int64]
) -> Scores:
    """Return scores in which forms are judged by their answers too.

    A field's name makes praise of low noise look like a complaint, and a short answer says little
    without its field: the mean of both readings errs less than either. Without a letter among the
    answers nothing was said. What an answer is about may stand in the field alone, as in
    安装服务：差, so codes are those of the whole where the answers name none.
    """
    negative, voice, labels = (part.copy() for part in whole)
    is_said = answers.str.contains(r"\pL").to_numpy()
    mean = (negative[forms] + of_answers.negative) / 2
    negative[forms] = np.where(is_said, mean, of_answers.negative)
    voice[forms[~is_said]] = of_answers.voice[~is_said]
    named = (of_answers.labels[:, : len(CODES)] >= CODE_THRESHOLD).any(axis=1)
    labels[forms[named]] = of_answers.labels[named]
    return Scores(negative, voice, labels)


@lru_cache(maxsize=1)
def keyword_coder() -> KeywordCoder:
    """Return the keyword coder over the project's codebook, compiled once."""
    return KeywordCoder()
