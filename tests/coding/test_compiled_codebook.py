"""The compiled codebook is kept on disk, and is compiled anew when a file of it changes."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from analysis.coding import compiled_codebook
from analysis.coding.compiled_codebook import _fingerprint
from analysis.storage.run_paths import codebook_directory

ARRAYS = ("negative", "voice", "strengths", "platform_of", "is_rule")


@pytest.fixture
def no_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("CAODIAN_CACHE", str(tmp_path / "cache"))
    compiled_codebook.compile_codebook.cache_clear()
    yield tmp_path
    compiled_codebook.compile_codebook.cache_clear()


def compilations(monkeypatch) -> list[Path | None]:
    calls = []
    compile_directory = compiled_codebook._compile_directory
    monkeypatch.setattr(
        compiled_codebook,
        "_compile_directory",
        lambda path: calls.append(path) or compile_directory(path),
    )
    return calls


@pytest.mark.slow
def test_a_kept_codebook_is_the_compiled_one(no_cache, monkeypatch):
    calls = compilations(monkeypatch)
    fresh = compiled_codebook.compile_codebook()
    compiled_codebook.compile_codebook.cache_clear()
    kept = compiled_codebook.compile_codebook()
    assert len(calls) == 1
    assert (kept.numbers, kept.labels) == (fresh.numbers, fresh.labels)
    assert kept.platforms == fresh.platforms
    for name in ARRAYS:
        assert np.array_equal(getattr(kept, name), getattr(fresh, name))
    for one, other in zip(kept.tables.trie, fresh.tables.trie, strict=True):
        assert np.array_equal(one, other)
    assert np.array_equal(kept.tables.flat, fresh.tables.flat)
    assert kept.lexicon.rules.keys() <= kept.numbers.keys()


@pytest.mark.slow
def test_without_a_place_to_keep_it_a_codebook_is_compiled(no_cache, monkeypatch):
    (no_cache / "cache").write_text("a file stands there")
    calls = compilations(monkeypatch)
    assert compiled_codebook.compile_codebook().labels[0] == "live_streaming"
    assert len(calls) == 1


def test_another_codebook_has_another_name(tmp_path):
    copy = tmp_path / "codebook"
    shutil.copytree(codebook_directory(), copy)
    before = _fingerprint(copy)
    assert before == _fingerprint(copy)
    with (copy / "platforms.yaml").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert _fingerprint(copy) != before
