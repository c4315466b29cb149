"""Training the tagger of names and addresses: the shipped weights are learnt anew."""

from pathlib import Path

import pytest

from analysis.corpus import mask_tagger
from analysis.training.masking import train_names


@pytest.mark.training
def test_shipped_weights_are_rebuilt(tmp_path, monkeypatch, assert_rebuilt):
    monkeypatch.chdir(Path(__file__).resolve().parents[2])
    train_names().save(tmp_path)
    assert_rebuilt(tmp_path, Path(mask_tagger.__file__).parent / "weights", "names*")
