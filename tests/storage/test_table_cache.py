"""Kept tables: built once, safe with workers that build at the same time, refused plainly."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from analysis.engine.compiled import cache_folder
from analysis.errors import CaodianError
from analysis.storage.table_cache import load_arrays


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CAODIAN_CACHE", str(tmp_path / "cache"))


def build():
    return {"ones": np.ones(5), "words": np.arange(3, dtype=np.uint64)}


def test_built_once_and_mapped_read_only():
    calls = []
    for _ in range(2):
        arrays = load_arrays("a", lambda: calls.append(1) or build())
    assert calls == [1]
    assert arrays["ones"].tolist() == [1.0] * 5
    assert not arrays["ones"].flags.writeable
    assert sorted(path.name for path in cache_folder().iterdir()) == ["a"]


def test_workers_that_build_at_the_same_time():
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: load_arrays("b", build)["words"].tolist(), range(32)))
    assert found == [[0, 1, 2]] * 32
    assert sorted(path.name for path in cache_folder().iterdir()) == ["b"]


def test_failed_build_leaves_nothing():
    def fail():
        raise CaodianError("no model")

    with pytest.raises(CaodianError, match="no model"):
        load_arrays("c", fail)
    assert not cache_folder().exists()


def test_without_a_writable_folder_the_arrays_are_built_each_time(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.delenv("CAODIAN_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    calls = []
    for _ in range(2):
        assert load_arrays("e", lambda: calls.append(1) or build())["words"].tolist() == [0, 1, 2]
    assert calls == [1, 1]


def test_a_full_disk_leaves_no_half_of_the_arrays(monkeypatch):
    def fill(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", fill)
    assert load_arrays("f", build)["ones"].sum() == 5
    assert list(cache_folder().iterdir()) == []


def test_unwritable_folder(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CAODIAN_CACHE", str(tmp_path / "file"))
    with pytest.raises(CaodianError, match="CAODIAN_CACHE"):
        load_arrays("d", build)


def _lose(path):
    path.unlink()


def _empty(path):
    path.write_bytes(b"")


def _cut(path):
    path.write_bytes(path.read_bytes()[:-3])


@pytest.mark.parametrize("file", ["ones.npy", "names.txt"])
@pytest.mark.parametrize("damage", [_lose, _empty, _cut])
def test_what_somebody_damaged_is_built_again(file, damage):
    load_arrays("f", build)
    damage(cache_folder() / "f" / file)
    calls = []
    for _ in range(2):
        arrays = load_arrays("f", lambda: calls.append(1) or build())
        assert {name: array.tolist() for name, array in arrays.items()} == {
            "ones": [1.0] * 5,
            "words": [0, 1, 2],
        }
    assert calls == [1]
