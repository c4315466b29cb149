"""Populations with known truth for the coverage simulation, from two unlike generators.

The first is a probit coder: the score is the posterior of a noisy signal, its strength an AUC, and
it may be bent (over- or underconfident), cloned (families of copies) or drift over the window. The
second shares nothing with it: lumpy scores from Beta mixtures, codes that come in pairs, posts that
the coder does not know, and a two-valued coder without probabilities.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.stats import norm

from analysis.audit.machine_scores import FULL, MachineCoding

CODES = ("c20", "c5", "c3", "c2", "c1.7", "c1", "c0.8", "c0.5", "c0.3")
SHARES = np.array([0.20, 0.05, 0.03, 0.02, 0.017, 0.01, 0.008, 0.005, 0.003])
NEGATIVE = 0.35
TARGETS = ("negative", *CODES)


@dataclass(frozen=True)
class Population:
    """What the machine says of every post, and what is true."""

    machine: MachineCoding
    truth: np.ndarray


def probit_population(
    posts: int,
    generator: np.random.Generator,
    *,
    auc: float,
    bend: float = 1.0,
    drift: float = 0.0,
    copies: float = 0.0,
) -> Population:
    """Draw a population whose scores are (bent) posteriors of a noisy signal.

    Parameters
    ----------
    posts
        Size.
    generator
        Source of chance.
    auc
        Strength of the coder.
    bend
        Factor on the score's log-odds: 1 calibrated, above it overconfident, below it timid.
    drift
        Part of its reach that the coder loses in the second half.
    copies
        Share of posts that are copies of another one, in families up to hundreds.
    """
    half = (generator.random(posts) < 0.5).astype(np.int8)
    truth = _true_codes(posts, generator)
    reach = np.sqrt(2) * norm.ppf(auc)
    mean = np.array([NEGATIVE, *SHARES])
    pull = 0.5 * (truth[:, :1] - NEGATIVE) * (np.arange(len(TARGETS)) > 0)
    seen = reach * (1 - drift * half)[:, None]
    signal = generator.normal(size=truth.shape) + seen * truth + pull
    logit = np.log(mean / (1 - mean)) + reach * signal - reach**2 / 2
    scores = 1 / (1 + np.exp(-bend * logit))
    if copies:
        origin = _copy_families(posts, copies, generator)
        scores, truth = scores[origin], truth[origin]
    return _population(scores, scores > 0.5, truth, half)


def lumpy_population(
    posts: int, generator: np.random.Generator, *, blind: float = 0.15, copies: float = 0.0
) -> Population:
    """Draw a population of the second generator: Beta mixtures, pairs of codes, blind spots.

    Parameters
    ----------
    posts
        Size.
    generator
        Source of chance.
    blind
        Part of each code's posts that the coder scores like any other post.
    copies
        Share of copies.
    """
    half = (generator.random(posts) < 0.4).astype(np.int8)
    truth = _true_codes(posts, generator)
    partner = np.roll(truth[:, 1:], 1, axis=1) & (generator.random((posts, len(CODES))) < 0.05)
    truth[:, 1:] |= partner & (SHARES < 0.05)
    known = truth & (generator.random(truth.shape) > blind)
    high = generator.beta(2.2, 0.9, truth.shape)
    low = generator.beta(0.12, 9.0, truth.shape) * (generator.random(truth.shape) < 0.5)
    muddled = (generator.random(truth.shape) < 0.01) & truth[:, :1]
    scores = np.where(known, high, np.where(muddled, generator.beta(1.5, 2.0, truth.shape), low))
    if copies:
        origin = _copy_families(posts, copies, generator)
        scores, truth = scores[origin], truth[origin]
    return _population(scores, scores > 0.5, truth, half)


def two_valued_population(
    posts: int, generator: np.random.Generator, *, recall: float, false: float = 0.3
) -> Population:
    """Draw a population whose coder knows only yes (.9) and no (0).

    Parameters
    ----------
    posts
        Size.
    generator
        Source of chance.
    recall
        Part of the true posts that it finds.
    false
        False alarms per true post.
    """
    half = (generator.random(posts) < 0.5).astype(np.int8)
    truth = _true_codes(posts, generator)
    mean = np.array([NEGATIVE, *SHARES])
    found = truth & (generator.random(truth.shape) < recall)
    alarm = ~truth & (generator.random(truth.shape) < false * mean / (1 - mean))
    coded = found | alarm
    coded[:, 0] |= coded[:, 1:].any(axis=1)
    return _population(np.where(coded, 0.9, 0.0), coded, truth, half)


def _true_codes(posts: int, generator: np.random.Generator) -> np.ndarray:
    negative = generator.random(posts) < NEGATIVE
    codes = generator.random((posts, len(CODES))) < SHARES / NEGATIVE
    return np.column_stack([negative, codes & negative[:, None]])


def _copy_families(posts: int, copies: float, generator: np.random.Generator) -> np.ndarray:
    """Give each post its original: heavy-tailed families, up to a half percent of all posts."""
    origin = np.arange(posts)
    copied = np.flatnonzero(generator.random(posts) < copies)
    sizes = np.minimum(generator.pareto(1.1, size=len(copied)) * 3 + 1, posts / 200).astype(int)
    ends = np.cumsum(sizes)
    family = np.searchsorted(ends, np.arange(len(copied)), side="right")
    origin[copied] = generator.integers(0, posts, size=len(copied))[family]
    return origin


def _population(
    scores: np.ndarray, coded: np.ndarray, truth: np.ndarray, half: np.ndarray
) -> Population:
    whole = np.round(scores * FULL).astype(np.uint16)
    whole[whole < 50] = 0  # the coder leaves scores under .005 out
    posts = pl.DataFrame({"name": np.arange(len(half))})
    machine = MachineCoding(posts, TARGETS, whole, coded, half, np.zeros(len(half), np.int8))
    return Population(machine, truth)
