"""Daily shapes, and whole numbers that add up exactly."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from analysis.corpus.simulate.draws import SHAPES, generator
from analysis.kernels.strict_math import strict_exp, strict_log
from analysis.study.simulation import DailyShape

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


def apportion(total: int, weights: Sequence[float] | Floats) -> Counts:
    """Split a total by weights into whole numbers (largest remainder; ties go to the earlier).

    Examples
    --------
    >>> apportion(10, [1, 1, 1]).tolist()
    [4, 3, 3]
    >>> apportion(3, [0, 0]).tolist()
    [2, 1]
    """
    shares = np.asarray(weights, dtype=np.float64)
    if shares.sum() <= 0:
        shares = np.ones_like(shares)
    ideal = total * shares / shares.sum()
    whole: Counts = np.floor(ideal + 1e-9).astype(np.int64)
    order = np.argsort(-(ideal - whole), kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return whole


def turning_points(levels: Floats) -> int:
    """Count the changes of direction in a series.

    Examples
    --------
    >>> turning_points(np.array([1.0, 3.0, 2.0, 4.0]))
    2
    """
    steps = np.sign(np.diff(levels))
    return int((steps[1:] * steps[:-1] < 0).sum())


def day_weights(shape: DailyShape, days: Sequence[date], seed: int, number: int) -> Floats:
    """Return the relative level of each day; `number` keeps the shapes of a study apart.

    The fluctuation is drawn until it turns as often as the shape demands, made free of a slope of
    its own, and scaled to the standard deviation that the shape states, so that growth and
    fluctuation are exactly the ones written in the study file.

    Examples
    --------
    >>> flat = DailyShape(reason="an example", growth=1.0)
    >>> day_weights(flat, [date(2020, 6, 1), date(2020, 6, 2)], seed=1, number=0).tolist()
    [1.0, 2.0]
    """
    position = np.linspace(0, 1, len(days)) if len(days) > 1 else np.zeros(1)
    trend = strict_log(1 + shape.growth) * position
    noise = _fluctuation(shape, position, seed, number)
    peaks = np.array([shape.peaks.get(day, 1.0) for day in days])
    return np.asarray(strict_exp(trend + noise) * peaks, dtype=np.float64)


def _fluctuation(shape: DailyShape, position: Floats, seed: int, number: int) -> Floats:
    if shape.fluctuation <= 0 or len(position) < 4:
        return np.zeros_like(position)
    source = generator(seed, SHAPES, number)
    centred = position - position.mean()
    turns = min(shape.turns, len(position) - 3)
    while True:
        noise = source.standard_normal(len(position))
        noise -= noise.mean()
        noise -= centred * (noise * centred).sum() / (centred * centred).sum()
        noise *= shape.fluctuation / noise.std()
        if turning_points(strict_log(1 + shape.growth) * position + noise) >= turns:
            return np.asarray(noise, dtype=np.float64)
