"""The default coder: learned weights of n-grams and concepts beside rules and sentiment.

And what an audit taught beside it: a small second stage over its own log-odds, for the next run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import expit, logit

from analysis.coding.codebook import CODES
from analysis.coding.compiled_codebook import CompiledCodebook
from analysis.coding.features import Features
from analysis.coding.keyword_coder import CODE_THRESHOLD, KeywordCoder, score_objects
from analysis.coding.learned_model import (
    N_CODES,
    OF_CODES,
    TARGETS,
    ClassifierModel,
    StackInputs,
    rule_logits,
    shared_inputs,
    sub_targets,
)
from analysis.coding.scoring import (
    FloatArray,
    Scores,
    StarEvidence,
    clip_log_odds,
    doubt_voice,
    given_logits,
    letter_evidence,
    place_evidence,
    victim_evidence,
)
from analysis.engine.linear_sums import weigh_inputs
from analysis.errors import CaodianError
from analysis.frames import AnyFrame, as_polars
from analysis.sentiment.linear import shipped_model


class ClassifierCoder(KeywordCoder):
    """Learned weights beside the rules and the sentiment; `train coder` learns all of them."""

    name = "classifier"

    def __init__(
        self, model: ClassifierModel | None = None, compiled: CompiledCodebook | None = None
    ) -> None:
        super().__init__(compiled)
        learned = model or ClassifierModel.load()
        # The weights as they are kept take as much memory again; they are let go.
        self._main = learned.main.reader(self.compiled, shipped_model())
        self._subs = learned.subs.reader(self.compiled)
        self._stack, self._shifts = learned.stack.T, learned.shifts
        parents = {sub.split(".")[0] for sub in sub_targets()}
        self._divided = [1 + place for place, code in enumerate(CODES) if code in parents]

    def _judge(
        self, posts: pl.DataFrame, features: Features, scores: Scores, stars: StarEvidence
    ) -> Scores:
        learned, real, sentiment = self._read(posts, features)
        by_rules, subs_by_rules = rule_logits(scores)
        shared = shared_inputs(learned, scores.negative, sentiment)
        main = self._weigh(0, StackInputs(learned, by_rules, shared))
        codes = main[:, OF_CODES]
        place = place_evidence(self.compiled, features, by_rules, codes, sentiment, real)
        main[:, OF_CODES] += place.codes
        voice = np.column_stack([np.zeros(len(main)), main[:, 1 + N_CODES :]])
        said = Scores(main[:, 0] + place.negative, voice, scores.labels).with_stars(stars)
        agreed = self._with_voice(features, said.with_consumer(place.consumer))
        labels = np.zeros_like(scores.labels)
        labels[:, :N_CODES] = _probabilities(main[:, OF_CODES])
        # Subs are asked for where a code that has some may hold: elsewhere they do not count.
        asked = np.flatnonzero((agreed.negative > 0) & (main[:, self._divided] > 0).any(axis=1))
        if asked.size:
            odds = self._subs.log_odds(features.gather(asked))
            of_subs = StackInputs(odds, subs_by_rules[asked], shared[asked])
            labels[asked, N_CODES:] = _probabilities(self._weigh(len(TARGETS), of_subs))
        foreign = _without_chinese(features.texts)
        return _ruled(
            Scores(agreed.negative, agreed.voice, labels), scores.with_stars(stars), foreign
        )

    def _with_voice(self, features: Features, said: Scores) -> Scores:
        """Return the scores with who speaks as further evidence."""
        on_behalf = features.hold([self.compiled.numbers["attacks_practice"]])
        spoken = letter_evidence(features) + victim_evidence(self.compiled, features)
        return doubt_voice(said.with_consumer(spoken), on_behalf)

    def _read(
        self, posts: pl.DataFrame, features: Features
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return learned log-odds, in one pass over grams.

        Those of `TARGETS`, of the negative item by real posts alone, and the sentiment's.
        """
        odds = self._main.log_odds(features)
        given = given_logits(posts)
        sentiment = clip_log_odds(odds[:, -1]) if given is None else given
        return odds[:, : len(TARGETS)], odds[:, len(TARGETS)], sentiment

    def _weigh(self, first: int, evidence: StackInputs) -> FloatArray:
        """Weigh what speaks for the targets from `first` on."""
        which = slice(first, first + evidence.own.shape[1])
        return weigh_inputs(*evidence, self._stack[:, which], self._shifts[which])


# What was learnt, was learnt of Chinese: of English, of a lone emoji or number its grams say
# nothing, or something by chance (💰💰 was a complaint about the price). So whether such a post
# complains and of what is left to the rules; who speaks is not.


def _without_chinese(texts: pl.Series) -> npt.NDArray[np.bool_]:
    """Tell which posts hold no Chinese character."""
    is_chinese = texts.str.contains(r"\p{Han}")
    found: npt.NDArray[np.bool_] = (~is_chinese).fill_null(value=False).to_numpy()
    return found


def _ruled(said: Scores, by_rules: Scores, rows: npt.NDArray[np.bool_]) -> Scores:
    """Return what was said of the posts, of some rows what the rules say."""
    if not rows.any():
        return said
    negative = np.where(rows, by_rules.negative, said.negative)
    return Scores(negative, said.voice, np.where(rows[:, None], by_rules.labels, said.labels))


def _probabilities(logits: FloatArray) -> FloatArray:
    result: FloatArray = expit(logits)
    return result


@cache
def combined_coder() -> ClassifierCoder:
    """Return the default: rules, sentiment and classifier together."""
    coder = ClassifierCoder()
    coder.name = "fast"
    return coder


# A second stage that was re-fitted on an audit.
#
# The shipped coder knows posts in general, and an audit knows this source: which of its grievances
# are common, and where the coder is too sure. So an audit moves the log-odds of the negative item
# and of each code by something linear in all of them, in the length and in the channel. Whatever
# is not learnt of a target leaves it as it was.

REFIT_FILE = "refit.json"
#: Probabilities are read without extremes; a score too small to be written is taken for the least.
_LEAST_SEEN = 0.0025


@dataclass(frozen=True)
class Refit:
    """What an audit taught.

    Parameters
    ----------
    channels
        Those that have a shift of their own.
    center, scale
        What is taken off each input of `refit_inputs`, and what it is divided by.
    weights
        `negative` or a code → a constant and a weight an input; what is absent stays as it is.
    posts
        Audited posts that it was learnt from.

    Examples
    --------
    >>> inputs = 2 + len(CODES)
    >>> refit = Refit((), np.zeros(inputs), np.ones(inputs), {"price": np.ones(inputs + 1)}, 60)
    >>> float(refit.moves("price", np.ones((1, inputs)))[0]) == inputs + 1
    True
    """

    channels: tuple[str, ...]
    center: FloatArray
    scale: FloatArray
    weights: Mapping[str, FloatArray]
    posts: int

    def moves(self, target: str, inputs: FloatArray) -> FloatArray:
        """Return what is added to a target's log-odds, one a post; summed in a written order."""
        weights = self.weights[target]
        moved = np.full(len(inputs), weights[0])
        for column, weight in enumerate(weights[1:]):
            moved += weight * ((inputs[:, column] - self.center[column]) / self.scale[column])
        return moved

    def save(self, folder: Path | str) -> Path:
        """Write `REFIT_FILE` into a folder, which is made when it is not there."""
        path = Path(folder) / REFIT_FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = {
            "codes": list(CODES),
            "channels": list(self.channels),
            "center": self.center.tolist(),
            "scale": self.scale.tolist(),
            "weights": {name: self.weights[name].tolist() for name in sorted(self.weights)},
            "posts": self.posts,
        }
        path.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        return path

    @classmethod
    def load(cls, folder: Path | str) -> Refit:
        """Return what `save` wrote."""
        path = Path(folder) / REFIT_FILE
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            if found["codes"] != list(CODES):
                raise ValueError("learnt with another codebook")
            center, scale = (np.array(found[name], np.float64) for name in ("center", "scale"))
            weights = {name: np.array(row, np.float64) for name, row in found["weights"].items()}
            channels = tuple(found["channels"])
            inputs = 2 + len(CODES) + len(channels)
            widths = {len(center), len(scale), *(len(row) - 1 for row in weights.values())}
            if widths != {inputs}:
                raise ValueError("weights and inputs are not as many")
            return cls(channels, center, scale, weights, int(found["posts"]))
        except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise CaodianError(
                f"a coder that is a folder must hold {REFIT_FILE} of `caodian train coder --from`",
                value=str(error),
                where=str(path),
                remedy="Train it again from the audit.",
            ) from error


@dataclass(frozen=True)
class SaidLogOdds:
    """A coder's log-odds as its columns tell them: of a negative item, and ``posts x codes``."""

    negative: FloatArray
    codes: FloatArray


def said_log_odds(coded: pl.DataFrame) -> SaidLogOdds:
    """Return what a coder said of posts, read back from its columns.

    Examples
    --------
    >>> coded = combined_coder().code(pl.DataFrame({"text": ["下单第九天还没发货，催了也没用"]}))
    >>> said = said_log_odds(coded)
    >>> bool(said.negative[0] > 0), CODES[said.codes[0].argmax()]
    (True, 'delivery')
    """
    probability = coded["negative_probability"].fill_null(0.0).to_numpy()
    fields = pl.Struct(dict.fromkeys(CODES, pl.Float64))
    texts = coded["scores"].fill_null("{}").replace("", "{}")
    scores = texts.str.json_decode(fields).struct.unnest().fill_null(0.0).to_numpy()
    codes = scores / np.maximum(probability, _LEAST_SEEN)[:, None]
    return SaidLogOdds(_odds_of(probability), _odds_of(codes))


def _odds_of(probability: FloatArray) -> FloatArray:
    value = np.clip(probability, _LEAST_SEEN, 1 - _LEAST_SEEN)
    result: FloatArray = logit(value)
    return result


def refit_inputs(posts: pl.DataFrame, said: SaidLogOdds, channels: tuple[str, ...]) -> FloatArray:
    """Return ``posts x inputs``: all log-odds, the length's logarithm, a column a channel.

    Examples
    --------
    >>> posts = pl.DataFrame({"text": ["还没发货", "好"], "channel": ["weibo", "review"]})
    >>> said = said_log_odds(combined_coder().code(posts))
    >>> refit_inputs(posts, said, ("weibo",))[:, -1].tolist()
    [1.0, 0.0]
    """
    length = posts["text"].cast(pl.String).fill_null("").str.len_chars().to_numpy()
    columns = [said.negative, *said.codes.T, np.log1p(length)]
    if "channel" in posts.columns:
        names = posts["channel"].cast(pl.String).fill_null("")
    else:
        names = pl.Series([""] * posts.height, dtype=pl.String)
    columns += [(names == channel).to_numpy().astype(np.float64) for channel in channels]
    return np.column_stack(columns)


class RefittedCoder:
    """The default coder, and what an audit taught beside it."""

    name = "refit"

    def __init__(self, refit: Refit, coder: ClassifierCoder | None = None) -> None:
        self.refit, self.coder = refit, coder or combined_coder()

    def code(self, posts: AnyFrame) -> pl.DataFrame:
        """Code every post of a frame that has a column ``text``."""
        frame = as_polars(posts)
        coded = self.coder.code(frame)
        said = said_log_odds(coded)
        inputs = refit_inputs(frame, said, self.refit.channels)
        is_negative, probability = self._judge(coded, said, inputs)
        held, shares = self._name(coded, said, inputs, is_negative)
        return _answers(coded, is_negative, probability, held, shares)

    def _judge(
        self, coded: pl.DataFrame, said: SaidLogOdds, inputs: FloatArray
    ) -> tuple[npt.NDArray[np.bool_], FloatArray]:
        if "negative" not in self.refit.weights:
            return coded["is_negative"].to_numpy(), coded["negative_probability"].to_numpy()
        odds = said.negative + self.refit.moves("negative", inputs)
        return odds > 0, expit(odds)

    def _name(
        self,
        coded: pl.DataFrame,
        said: SaidLogOdds,
        inputs: FloatArray,
        is_negative: npt.NDArray[np.bool_],
    ) -> tuple[npt.NDArray[np.bool_], FloatArray]:
        """Return which codes hold, and how surely each would in a negative item."""
        shares = expit(said.codes)
        held = shares >= CODE_THRESHOLD
        was_negative = coded["is_negative"].to_numpy()
        for place, code in enumerate(CODES):
            if code in self.refit.weights:
                odds = said.codes[:, place] + self.refit.moves(code, inputs)
                shares[:, place] = expit(odds)
                held[:, place] = odds > 0
            else:  # rounded scores may lie on the other side of the threshold
                told = coded["grievances"].list.contains(code).to_numpy()
                held[:, place] = np.where(was_negative, told, held[:, place])
        return held & is_negative[:, None], shares


def _answers(
    coded: pl.DataFrame,
    is_negative: npt.NDArray[np.bool_],
    probability: FloatArray,
    held: npt.NDArray[np.bool_],
    shares: FloatArray,
) -> pl.DataFrame:
    """Return the columns of a coder; a sub-grievance stays where its code does."""
    names = [[code for code, is_held in zip(CODES, row, strict=True) if is_held] for row in held]
    subs = [
        [sub for sub in found if sub.split(".")[0] in row]
        for found, row in zip(coded["sub_grievances"].to_list(), names, strict=True)
    ]
    new = pl.Series(is_negative) & ~coded["is_negative"]
    return coded.with_columns(
        pl.when(new).then(pl.lit("consumer")).otherwise(pl.col("voice")).alias("voice"),
        pl.Series("is_negative", is_negative),
        pl.Series("negative_probability", probability),
        pl.Series("grievances", names, dtype=pl.List(pl.String)),
        pl.Series("sub_grievances", subs, dtype=pl.List(pl.String)),
        score_objects(probability[:, None] * shares).alias("scores"),
    )


def refitted_coder(folder: Path | str) -> RefittedCoder:
    """Return the coder of a folder of `caodian train coder --from`."""
    return RefittedCoder(Refit.load(folder))


def refit_digest(folder: Path | str) -> str:
    """Return what tells this second stage from every other: the start of its SHA-256."""
    Refit.load(folder)
    return sha256((Path(folder) / REFIT_FILE).read_bytes()).hexdigest()[:12]
