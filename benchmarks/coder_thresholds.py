"""Where a code should hold: the threshold of the highest F1, or the one that calls as many as hold.

    python benchmarks/coder_thresholds.py [--splits 60]

The evidence is that which the default coder's second step is learnt from: what was learnt of a post
comes from models that saw no post of its writer. On the sample's training part, which two readers
coded, thresholds are found on one half and judged on the other, over and over. How far a count is
off is the mean of |log(called / held)|. The development and test parts are not read.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np

from analysis.coding.learned_model import OF_CODES, TARGETS, sub_targets
from analysis.engine.linear_sums import weigh_inputs
from analysis.training.coder import SEED, learnable_posts
from analysis.training.coder_fit import (
    THRESHOLDS,
    Flags,
    Floats,
    LearntTargets,
    fit_stack,
    learn_targets,
    prevalence_threshold,
)
from analysis.training.texts import shipped_sources

CODES = range(OF_CODES.start, OF_CODES.stop)
SUBS = range(len(TARGETS), len(TARGETS) + len(sub_targets()))
Rule = Callable[[Floats, Flags, Flags, Floats], float]


def f1(called: Flags, held: Flags) -> float:
    """Return the harmonic mean of precision and recall."""
    return 2 * float((called & held).sum()) / max(float(called.sum() + held.sum()), 1.0)


def highest_f1(logits: Floats, held: Flags, asked: Flags, _weight: Floats) -> float:
    """Return the threshold with the highest F1, the one nearest to zero among equals."""
    near_zero = sorted(THRESHOLDS, key=abs)
    return float(
        max(near_zero, key=lambda threshold: round(f1((logits > threshold) & asked, held), 9))
    )


def judge(rule: Rule, logits: Floats, held: Flags, splits: int) -> list[float]:
    """Return F1 of codes and of subs, and how far their counts are off, on the other halves."""
    is_negative, found = logits[:, 0] > 0, np.zeros((splits, 2, held.shape[1]))
    rng = np.random.default_rng(1)
    for split in found:
        here = rng.random(len(held)) < 0.5
        for target in (*CODES, *SUBS):
            column, holds = logits[:, target], held[:, target]
            threshold = rule(column[here], holds[here], is_negative[here], np.ones(here.sum()))
            called = (column > threshold)[~here] & is_negative[~here]
            ratio = max(called.sum(), 0.5) / max(holds[~here].sum(), 0.5)
            split[:, target] = f1(called, holds[~here]), abs(np.log(ratio))
    means = found.mean(axis=0)
    return [float(means[row, targets].mean()) for targets in (CODES, SUBS) for row in (0, 1)]


def sure_posts(learnt: LearntTargets) -> tuple[Floats, Flags]:
    """Return the weighed evidence on the posts of weight 1, and what holds."""
    coded = learnt.coded
    weights, shifts = fit_stack(coded, learnt.judged, SEED)
    sure = np.flatnonzero(coded.weight >= 1)
    return weigh_inputs(*coded.seen.gather(sure), weights.T, shifts), coded.held[sure]


def main() -> None:
    """Print a line a rule."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--splits", type=int, default=60)
    splits = parser.parse_args().splits
    posts = learnable_posts(shipped_sources(SEED))
    logits, held = sure_posts(learn_targets(posts, SEED))
    print("| bar | macro-F1 of codes | their counts are off by | of subs | counts |")
    print("|---|---|---|---|---|")
    for name, rule in (("highest F1", highest_f1), ("as many as hold", prevalence_threshold)):
        codes, off, subs, subs_off = judge(rule, logits, held, splits)
        print(f"| {name} | {codes:.3f} | {off:.1%} | {subs:.3f} | {subs_off:.1%} |")


if __name__ == "__main__":
    main()
