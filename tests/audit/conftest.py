"""A made corpus with known truth and a coder that errs, small enough for a test."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.stats import norm

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
SHARES = np.array([0.05, 0.035, 0.017, 0.022, 0.01, 0.008, 0.03, 0.05, 0.003])
NEGATIVE = 0.2
Corpus = tuple[pl.DataFrame, pl.DataFrame]
Coding = Callable[[pl.DataFrame, pl.DataFrame, list[str]], pd.DataFrame]


def make_corpus(posts: int = 20_000, auc: float = 0.976, seed: int = 5) -> Corpus:
    """Return coded posts and their truth."""
    generator = np.random.default_rng(seed)
    reach = np.sqrt(2) * norm.ppf(auc)
    negative = generator.random(posts) < NEGATIVE
    truth = (generator.random((posts, len(CODES))) < SHARES / NEGATIVE) & negative[:, None]
    scores = _scores(truth, SHARES, reach, generator)
    negative_score = _scores(negative[:, None], np.array([NEGATIVE]), reach, generator)[:, 0]
    is_negative = (negative_score > 0.5) | (scores > 0.5).any(axis=1)
    ids = [f"{number:06d}" for number in range(posts)]
    hours = generator.integers(0, 480, posts)
    coded = pl.DataFrame(
        {
            "source": "table",
            "post_id": ids,
            "text": [f"第{number}条：发货太慢" for number in range(posts)],
            "channel": "weibo",
            "published_at": [datetime(2020, 6, 1) + timedelta(hours=int(h)) for h in hours],
            "is_negative": is_negative,
            "negative_probability": negative_score,
            "grievances": _lists(scores > 0.5),
            "scores": [_json(row) for row in scores],
        }
    )
    planted = pl.DataFrame(
        {
            "source": "table",
            "post_id": ids,
            "is_negative": negative,
            "grievances": _lists(truth),
            "voice": "consumer",
        }
    )
    return coded, planted


def _scores(
    truth: np.ndarray, shares: np.ndarray, reach: float, generator: np.random.Generator
) -> np.ndarray:
    signal = generator.normal(size=truth.shape) + reach * truth
    logit = np.log(shares / (1 - shares)) + reach * signal - reach**2 / 2
    return np.round(1 / (1 + np.exp(-logit)), 4)


def _lists(member: np.ndarray) -> pl.Series:
    rows = [[CODES[place] for place in np.flatnonzero(row)] for row in member]
    return pl.Series(rows, dtype=pl.List(pl.String))


def _json(row: np.ndarray) -> str:
    kept = {code: float(p) for code, p in zip(CODES, row, strict=True) if p >= 0.005}
    return json.dumps(kept, sort_keys=True, separators=(",", ":"))


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    return make_corpus()


@pytest.fixture(scope="session")
def corpus_maker() -> Callable[..., Corpus]:
    return make_corpus


@pytest.fixture(scope="session")
def coding_of() -> Coding:
    """Give what codes the drawn posts as coders without error would."""

    def code(sample: pl.DataFrame, truth: pl.DataFrame, codes: list[str]) -> pd.DataFrame:
        named = sample.select("post_id")
        drawn = named.join(truth, on="post_id", how="left", maintain_order="left")
        columns = {
            "post_id": drawn["post_id"].to_list(),
            "negative": drawn["is_negative"].to_list(),
        }
        given = drawn["grievances"].to_list()
        columns |= {code: [int(code in row) for row in given] for code in codes}
        return pd.DataFrame(columns).astype({"negative": int})

    return code
