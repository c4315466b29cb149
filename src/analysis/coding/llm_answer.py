"""The answer of a language model, read strictly: what breaks the codebook is no answer."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from analysis.coding.answer_columns import score_objects
from analysis.coding.answers import CODED_COLUMNS
from analysis.coding.codebook import CODES, Voice, load_codebook, load_platforms

_FENCE = re.compile(r"\A\s*```(?:json)?\s*(.*?)\s*```\s*\Z", re.DOTALL)
Share = Annotated[float, Field(ge=0, le=1)]


class LlmAnswer(BaseModel):
    """What a model says of one post, in the terms of the codebook."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    negative: bool
    probability: Share
    voice: Voice
    grievances: tuple[str, ...]
    sub_grievances: tuple[str, ...]
    platforms: tuple[str, ...]

    @model_validator(mode="after")
    def _fits_the_codebook(self) -> LlmAnswer:
        for names, known in zip(self._lists(), _known_names(), strict=True):
            if unknown := [name for name in names if name not in known]:
                raise ValueError(f"not in the codebook: {', '.join(unknown)}")
        parents = {sub.split(".")[0] for sub in self.sub_grievances}
        if missing := parents - set(self.grievances):
            raise ValueError(f"sub-grievances without their code: {', '.join(sorted(missing))}")
        if self.grievances and not self.negative:
            raise ValueError("a post that is not negative has no grievances")
        if (self.probability >= 0.5) != self.negative:
            raise ValueError("probability must be 0.5 or more for a negative post, else below")
        return self

    def _lists(self) -> tuple[tuple[str, ...], ...]:
        return self.grievances, self.sub_grievances, self.platforms

    def ordered_lists(self) -> list[list[str]]:
        """Return codes, subs and platforms in the codebook's order, each once.

        Examples
        --------
        >>> read_answer(
        ...     '{"negative": true, "probability": 0.9, "voice": "consumer", "platforms": [],'
        ...     ' "grievances": ["delivery", "price", "price"], "sub_grievances": []}'
        ... ).ordered_lists()
        [['price', 'delivery'], [], []]
        """
        pairs = zip(self._lists(), _known_names(), strict=True)
        return [[name for name in known if name in names] for names, known in pairs]


@lru_cache(maxsize=1)
def _known_names() -> tuple[tuple[str, ...], ...]:
    return CODES, load_codebook().sub_names, tuple(load_platforms())


def read_answer(content: str) -> LlmAnswer:
    """Read the content of a model's message, a fence around the JSON allowed.

    Raises
    ------
    ValueError
        If it is not exactly one valid coding; the message says why, for asking again.

    Examples
    --------
    >>> read_answer("It is a complaint.")
    Traceback (most recent call last):
    ValueError: Invalid JSON: ...
    """
    fenced = _FENCE.match(content)
    try:
        return LlmAnswer.model_validate_json(fenced[1] if fenced else content)
    except ValidationError as error:
        raise ValueError(_reasons(error)) from None


def _reasons(error: ValidationError) -> str:
    """Say what is wrong without quoting the answer at length."""
    reasons = [
        ": ".join([*map(str, entry["loc"]), entry["msg"]])
        for entry in error.errors(include_url=False, include_input=False)
    ]
    return "; ".join(reasons)[:500]


# A post without words of its own was shown to nobody: it holds no complaint.
NOTHING_SAID = LlmAnswer(
    negative=False,
    probability=0.0,
    voice="consumer",
    grievances=(),
    sub_grievances=(),
    platforms=(),
)


def answer_frame(answers: list[LlmAnswer | None]) -> pl.DataFrame:
    """Return the columns of the coders' contract; None, an abstention, is a row of nulls.

    Examples
    --------
    >>> answer_frame([NOTHING_SAID, None])["is_negative"].to_list()
    [False, None]
    """
    given = [answer for answer in answers if answer is not None]
    shares = np.array(
        [[one.probability * (code in one.grievances) for code in CODES] for one in given]
    ).reshape(len(given), len(CODES))
    scores = iter(score_objects(shares).to_list())
    rows = [None if answer is None else _row(answer, next(scores)) for answer in answers]
    nothing = (None,) * len(CODED_COLUMNS)
    return pl.DataFrame([row or nothing for row in rows], schema=CODED_COLUMNS, orient="row")


def _row(answer: LlmAnswer, scores: str) -> tuple[object, ...]:
    lists = answer.ordered_lists()
    return (answer.voice, answer.negative, answer.probability, *lists, scores)
