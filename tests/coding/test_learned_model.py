"""What speaks for each target of a post: every opinion in its place."""

import numpy as np
import pytest

from analysis.coding.codebook import CODES
from analysis.coding.learned_model import (
    _KINDS,
    OF_CODES,
    TARGETS,
    ClassifierModel,
    StackInputs,
    rule_logits,
    shared_inputs,
)
from analysis.coding.scoring import Scores


def test_the_codes_stand_behind_the_negative_item():
    assert TARGETS[OF_CODES] == CODES
    assert TARGETS[0] == "negative"


def test_what_is_shared_stands_in_its_place():
    learned = np.zeros((1, len(TARGETS)))
    learned[0, :3] = -1.0, 2.0, 0.5
    learned[0, -1] = 7.0
    row = shared_inputs(learned, np.array([5.0]), np.array([6.0]))[0]
    count = len(TARGETS)
    assert row[:count].tolist() == learned[0].tolist()
    assert row[count : 2 * count] == pytest.approx(1 / (1 + np.exp(-learned[0])))
    # The highest of the codes: a voice is none.
    assert row[2 * count :].tolist() == [2.0, 5.0, 6.0]


def test_a_target_has_its_own_evidence_before_the_shared():
    own, rules, shared = np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]]), np.array([[5.0, 6.0]])
    evidence = StackInputs(own, rules, shared)
    assert evidence.of_target(0).tolist() == [[1, 3, 5, 6]]
    assert evidence.of_target(1).tolist() == [[2, 4, 5, 6]]
    assert evidence.gather(np.array([0, 0])).of_target(1).tolist() == [[2, 4, 5, 6]] * 2


def test_the_shipped_weights_have_one_for_each_kind():
    assert ClassifierModel.load().stack.shape[1] == _KINDS


def test_the_sure_answers_of_rules_are_clipped():
    labels = np.zeros((1, 28))
    labels[0, 0], labels[0, 27] = 1.0, 1.0
    main, subs = rule_logits(Scores(np.array([0.5]), np.array([[1.6, 2, 0, 0, 0]]), labels))
    assert main.shape[1] == len(TARGETS)
    assert main[0, 0] == 0.5
    assert main[0, 1] == pytest.approx(3.8918, abs=1e-4)
    assert main[0, 10:].round(9).tolist() == [0.4, -1.6, -1.6, -1.6]
    assert subs[0, -1] == pytest.approx(3.8918, abs=1e-4)
