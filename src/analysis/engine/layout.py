"""Points on a plane whose neighbours stay neighbours, the same bits on every processor.

t-SNE (van der Maaten and Hinton 2008) with its exact forces. A library approximates them from a
start and from likenesses of which the last bit is the processor's; three hundred steps later the
picture is another one. Here each sum has its order, in twice the digits.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.engine.compiled import lean
from analysis.engine.strict_math import exp_of, log_of

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

# Neighbours of a point, as a multiple of how many count; halvings for the width of their circle.
_NEIGHBOURS, _HALVINGS, _NEAR_ENOUGH = 3, 100, 1e-5
# Likenesses are so many times as strong in the first steps, which part the groups; the layout then
# begins from rest, with more momentum (van der Maaten 2014). The rate is Belkina's (2019), at least
# fifty.
_EXAGGERATION, _EXAGGERATED_STEPS, _MOMENTUM = 12.0, 250, (0.5, 0.8)
_SMALLEST_RATE, _GAIN, _LOSS, _SMALLEST_GAIN = 50.0, 0.2, 0.8, 0.01


@lean
def _share(distances, perplexity, shares):
    """Give each neighbour its share, by how near it is: so many count as `perplexity` says."""
    wanted = log_of(perplexity)
    for row in range(distances.shape[0]):
        low, high, steepness = 0.0, np.inf, 1.0
        for _ in range(_HALVINGS):
            total, weighed = 0.0, 0.0
            for at in range(distances.shape[1]):
                gap = distances[row, at] - distances[row, 0]
                shares[row, at] = exp_of(-gap * steepness)
                total += shares[row, at]
                weighed += gap * shares[row, at]
            found = log_of(total) + steepness * weighed / total
            for at in range(distances.shape[1]):
                shares[row, at] /= total
            if abs(found - wanted) <= _NEAR_ENOUGH:
                break
            if found > wanted:
                low = steepness
                steepness = 2.0 * steepness if high == np.inf else 0.5 * (low + high)
            else:
                high = steepness
                steepness = 0.5 * (low + high)


@lean
def _pull(places, neighbours, shares, strength, forces):
    """Put what draws each point to its neighbours, and them to it, into `forces`."""
    for row in range(places.shape[0]):
        forces[row, 0] = forces[row, 1] = 0.0
    for row in range(places.shape[0]):
        for at in range(neighbours.shape[1]):
            other = neighbours[row, at]
            across = places[row, 0] - places[other, 0]
            up = places[row, 1] - places[other, 1]
            weight = strength * shares[row, at] / (1.0 + across * across + up * up)
            forces[row, 0] += weight * across
            forces[row, 1] += weight * up
            forces[other, 0] -= weight * across
            forces[other, 1] -= weight * up


@lean
def _push(left, below, weights, pushes):
    """Put what keeps each point off all others into `pushes`; return the sum of all likenesses."""
    count, everything = left.size, 0.0
    for row in range(count):
        here, height = left[row], below[row]
        for other in range(count):
            across, up = here - left[other], height - below[other]
            weights[other] = 1.0 / (1.0 + across * across + up * up)
        weights[row] = 0.0
        # Two sums side by side of each kind.
        total = other_total = aside = other_aside = along = other_along = 0.0
        for other in range(0, count - 1, 2):
            first, second = weights[other], weights[other + 1]
            total += first
            other_total += second
            first, second = first * first, second * second
            aside += first * (here - left[other])
            other_aside += second * (here - left[other + 1])
            along += first * (height - below[other])
            other_along += second * (height - below[other + 1])
        if count % 2:
            last = weights[count - 1]
            total += last
            aside += last * last * (here - left[count - 1])
            along += last * last * (height - below[count - 1])
        everything += total + other_total
        pushes[row, 0], pushes[row, 1] = aside + other_aside, along + other_along
    return everything


@lean
def _move(places, forces, pushes, everything, rate, momentum, gains, moves):
    """Move each point by its forces, faster where it has kept its direction."""
    for row in range(places.shape[0]):
        for side in range(2):
            slope = 4.0 * (forces[row, side] - pushes[row, side] / everything)
            gain = gains[row, side]
            gain = gain + _GAIN if moves[row, side] * slope < 0.0 else gain * _LOSS
            gains[row, side] = max(gain, _SMALLEST_GAIN)
            moves[row, side] = momentum * moves[row, side] - rate * gains[row, side] * slope
            places[row, side] += moves[row, side]


def lay_out_points(distances: Floats, start: Floats, perplexity: float, steps: int) -> Floats:
    """Place points on a plane so that those near each other stand near each other.

    Parameters
    ----------
    distances
        Points × points, squared.
    start
        Points × 2, where they begin.
    perplexity
        How many neighbours of a point count, by and large.
    steps
        How often points move.

    Returns
    -------
    numpy.ndarray
        Points × 2.

    Examples
    --------
    >>> draw = np.random.default_rng(1)
    >>> side = np.repeat([0.0, 9.0], 20) + draw.random(40)
    >>> placed = lay_out_points((side[:, None] - side) ** 2, draw.random((40, 2)) * 1e-4, 5.0, 300)
    >>> gaps = np.abs(placed[:, None] - placed).sum(axis=2) + np.diag(np.full(40, np.inf))
    >>> bool((gaps.argmin(axis=1)[:20] < 20).all())
    True
    """
    count = len(distances)
    most = min(count - 1, int(_NEIGHBOURS * perplexity + 1))
    apart = np.array(distances, dtype=np.float64)
    np.fill_diagonal(apart, np.inf)
    neighbours: Numbers = np.argsort(apart, axis=1, kind="stable")[:, :most]
    shares = np.empty((count, most))
    _share(np.take_along_axis(apart, neighbours, axis=1), perplexity, shares)
    places = np.array(start, dtype=np.float64)
    gains, moves = np.ones((count, 2)), np.zeros((count, 2))
    forces, pushes, weights = np.empty((count, 2)), np.empty((count, 2)), np.empty(count)
    rate = max(count / _EXAGGERATION / 4, _SMALLEST_RATE)
    for step in range(steps):
        early = step < _EXAGGERATED_STEPS
        if step == _EXAGGERATED_STEPS:
            gains[:], moves[:] = 1, 0
        # Each pair stands twice among the shares, once from either side: half of all their sum.
        strength = (_EXAGGERATION if early else 1.0) / (2.0 * count)
        _pull(places, neighbours, shares, strength, forces)
        left, below = np.ascontiguousarray(places[:, 0]), np.ascontiguousarray(places[:, 1])
        everything = _push(left, below, weights, pushes)
        _move(places, forces, pushes, everything, rate, _MOMENTUM[not early], gains, moves)
    return places
