"""Where compiled kernels and tables are kept: on each system, and where nothing can be written."""

import os
import sys
import tempfile
from pathlib import Path

import pytest

from analysis.engine import compiled


@pytest.mark.parametrize(
    ("system", "variables", "folder"),
    [
        ("linux", {}, "/home/u/.cache/caodian"),
        ("linux", {"XDG_CACHE_HOME": "/x"}, "/x/caodian"),
        ("linux", {"CAODIAN_CACHE": "/c", "XDG_CACHE_HOME": "/x"}, "/c"),
        ("linux", {"CAODIAN_CACHE": "", "XDG_CACHE_HOME": ""}, "/home/u/.cache/caodian"),
        ("darwin", {}, "/home/u/Library/Caches/caodian"),
        ("darwin", {"CAODIAN_CACHE": "/c"}, "/c"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/caodian"),
        ("win32", {}, "/home/u/AppData/Local/caodian"),
        ("linux", {"LOCALAPPDATA": "/local"}, "/home/u/.cache/caodian"),
    ],
)
def test_each_system_has_its_place_for_what_is_kept(monkeypatch, system, variables, folder):
    for name in ("CAODIAN_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(Path, "home", lambda: Path("/home/u"))
    assert compiled.cache_folder() == Path(folder)


def test_a_relative_place_is_that_of_now(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name, end in (("CAODIAN_CACHE", "kept"), ("XDG_CACHE_HOME", "kept/caodian")):
        monkeypatch.delenv("CAODIAN_CACHE", raising=False)
        monkeypatch.setenv(name, "kept")
        assert compiled.cache_folder() == tmp_path / end


def test_who_has_no_home_has_a_folder_of_his_own(monkeypatch):
    def nobody():
        raise RuntimeError

    for name in ("CAODIAN_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", nobody)
    expected = Path(tempfile.gettempdir()) / f"caodian-of-{os.getuid()}"
    assert compiled.cache_folder() == expected


@pytest.mark.parametrize(
    ("sources", "cache", "kept_in"),
    [("free", "free", "sources"), ("file", "free", "cache"), ("file", "file", None)],
)
def test_kernels_are_kept_beside_the_sources_or_in_the_cache(
    monkeypatch, tmp_path, sources, cache, kept_in
):
    """A file in the place of a folder cannot be written into by anybody."""
    for name, kind in (("sources", sources), ("cache", cache)):
        (tmp_path / name).mkdir() if kind == "free" else (tmp_path / name).touch()
    monkeypatch.setenv("CAODIAN_CACHE", str(tmp_path / "cache"))
    folder = compiled._kernel_folder(tmp_path / "sources")
    within = {"sources": "sources/__pycache__", "cache": "cache/kernels", None: None}[kept_in]
    assert (folder.parent if folder else None) == (tmp_path / within if within else None)
    assert folder is None or (folder.is_dir() and not list(folder.iterdir()))


def test_what_only_kernels_call_is_compiled_once_for_all_constants_and_not_for_python(monkeypatch):
    """A function that Python can call takes a fourth longer, and each constant would take one."""
    if compiled.nb.config.DISABLE_JIT:
        pytest.skip("kernels run as Python")
    monkeypatch.setattr(compiled, "_can_keep", lambda _: False)
    built, lower = [], compiled.nb.core.lowering.BaseLower
    made = {part: getattr(lower, part) for part in ("lower", "create_cpython_wrapper")}
    for part, make in made.items():

        def note(self, *words, part=part, make=make):
            built.append((self.func_ir.func_id.func_name, part))
            return make(self, *words)

        monkeypatch.setattr(lower, part, note)

    @compiled.lean
    def scaled(number, factor):
        return number * factor

    @compiled.compiled
    def summed(number):
        return scaled(number, 2) + scaled(number, 3)

    assert summed(5) == 25
    assert built == [("scaled", "lower"), ("summed", "lower"), ("summed", "create_cpython_wrapper")]
    assert scaled(5, 2) == 10  # Python may call it all the same
