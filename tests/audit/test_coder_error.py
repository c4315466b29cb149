"""Posts that both coders got wrong: recovered from simulated double coding."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.audit.coder_error import estimate_shared_error


def test_recovers_what_both_missed_and_what_both_invented() -> None:
    generator = np.random.default_rng(2)
    truth = (generator.random(200_000) < 0.2).astype(int)
    wrong = [
        np.where(truth == 1, generator.random(200_000) < 0.2, generator.random(200_000) < 0.05)
        for _coder in range(2)
    ]
    a, b = (np.where(slip, 1 - truth, truth) for slip in wrong)
    final = np.where(a == b, a, truth)
    shared = estimate_shared_error(a, b, final)
    assert shared.missed == pytest.approx((wrong[0] & wrong[1] & (truth == 1)).sum(), rel=0.1)
    assert shared.invented == pytest.approx((wrong[0] & wrong[1] & (truth == 0)).sum(), rel=0.1)
    assert shared.net == pytest.approx(shared.missed - shared.invented)


def test_weights_carry_the_sample_to_the_window() -> None:
    a = np.array([1] * 90 + [0] * 10)
    b = np.array([1] * 80 + [0] * 10 + [1] * 10)
    final = np.ones(100, dtype=int)
    plain = estimate_shared_error(a, b, final).missed
    scaled = estimate_shared_error(a, b, final, np.full(100, 50.0)).missed
    assert scaled == pytest.approx(50 * plain)


def test_coders_who_agree_leave_nothing() -> None:
    codes = np.array([1, 0, 1])
    assert estimate_shared_error(codes, codes, codes).net == 0
