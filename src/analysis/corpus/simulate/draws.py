"""Reproducible draws: a stream for each (seed, purpose, place), independent of all others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import TypeVar

import numpy as np

T = TypeVar("T")

# Purposes keep streams apart that would otherwise share a key.
POSTS, COPIES, DAY_PLAN, SHAPES = range(4)


def generator(seed: int, purpose: int, *place: int) -> np.random.Generator:
    """Return the counter-based generator of one place (Philox, Salmon et al. 2011).

    Examples
    --------
    >>> generator(1, POSTS, 3, 4).random() == generator(1, POSTS, 3, 4).random()
    True
    """
    words = [seed % 2**64, purpose]
    for number in place:
        words[1] = words[1] << 28 | number
    return np.random.Generator(np.random.Philox(key=np.array(words, dtype=np.uint64)))


class Draws:
    """Uniform draws handed out one by one.

    Examples
    --------
    >>> Draws(generator(7, POSTS, 0)).pick("abc") in "abc"
    True
    """

    def __init__(self, source: np.random.Generator, ahead: int = 128) -> None:
        def batches() -> Iterator[list[float]]:
            while True:
                yield source.random(ahead).tolist()

        self.uniform: Callable[[], float] = chain.from_iterable(batches()).__next__

    def pick(self, options: Sequence[T]) -> T:
        """Return one of the options, each as likely as the others."""
        return options[int(self.uniform() * len(options))]

    def chance(self, probability: float) -> bool:
        """Return True with the given probability."""
        return self.uniform() < probability

    def below(self, low: int, high: int) -> int:
        """Return a whole number from low up to, without, high."""
        return low + int(self.uniform() * (high - low))

    def digits(self, number: int) -> str:
        """Return a string of decimal digits."""
        return "".join("0123456789"[int(self.uniform() * 10)] for _ in range(number))
