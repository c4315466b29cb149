"""The proof that weights were rebuilt holds while nothing that they are made of changes."""

from pathlib import Path

import pytest

from analysis.storage.run_paths import project_root
from analysis.training.proof import (
    _DATA,
    _PROOF,
    _WEIGHTS,
    _changed_since_proof,
    _training_digests,
    _write_proof,
)

FILES = {
    "src/analysis/__init__.py": "if TYPE_CHECKING:\n    import analysis.engine.other\n",
    "src/analysis/evaluation/__init__.py": "",
    "src/analysis/training/coder.py": "def f():\n    import analysis.engine.sums\n",
    "src/analysis/sentiment/__init__.py": "",
    "src/analysis/training/sentiment.py": '"""Train."""\n',
    "src/analysis/engine/__init__.py": "",
    "src/analysis/engine/sums.py": "def add(a, b):\n    return a + b\n",
    "src/analysis/engine/other.py": "x = 1\n",
    "src/analysis/coding/weights/coder.npz": "weights",
    "data/coded/written/aa.jsonl": '{"text": "坏"}\n',
    "studies/618-2020.yaml": "seed: 1\nclaims: []\n",
    "requirements.lock": "numpy==2.4\n",
}


@pytest.fixture
def proven(tmp_path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    _write_proof(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "text", "changed"),
    [
        ("src/analysis/engine/sums.py", "def add(a, b):\n    return b + a\n", ["code"]),
        (
            "src/analysis/engine/sums.py",
            'def add(a, b):  # why\n    """Add."""\n    return a + b\n',
            [],
        ),
        ("src/analysis/engine/other.py", "x = 2\n", []),
        ("data/coded/written/aa.jsonl", '{"text": "坏了"}\n', ["data"]),
        ("data/coded/written/aa.jsonl", '{"text": "坏"}\r\n', []),
        ("data/coded/written/ab.jsonl", '{"text": "坏"}\n', ["data"]),
        ("data/coded/sample/test.jsonl", '{"text": "坏"}\n', []),
        ("studies/618-2020.yaml", "seed: 2\nclaims: []\n", ["data"]),
        ("studies/618-2020.yaml", "seed: 1\nclaims: [x]\n", []),
        ("requirements.lock", "numpy==2.5\n", ["lock"]),
        ("src/analysis/coding/weights/coder.npz", "others", ["weights"]),
    ],
)
def test_what_is_learnt_from_is_told_from_what_is_not(proven, name, text, changed):
    assert _changed_since_proof(proven) == []
    (proven / name).parent.mkdir(parents=True, exist_ok=True)
    (proven / name).write_bytes(text.encode())
    assert _changed_since_proof(proven) == changed


def test_without_a_proof_all_has_changed(proven):
    (proven / _PROOF).unlink()
    assert _changed_since_proof(proven) == ["code", "data", "lock", "weights"]


@pytest.mark.slow
def test_the_projects_own_files_are_found():
    none = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert none not in _training_digests(project_root()).values()


@pytest.mark.parametrize("pattern", [*_DATA, *_WEIGHTS])
def test_each_pattern_finds_files_of_the_project(pattern):
    assert any(project_root().glob(pattern))
