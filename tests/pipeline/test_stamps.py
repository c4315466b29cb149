"""A step runs again only when something that it depends on changed."""

import re
import sys
from pathlib import Path

import pytest

from analysis.pipeline import stamps
from analysis.pipeline.stamps import (
    MADE_OF,
    Step,
    environment_hash,
    hash_code,
    hash_files,
    run_if_changed,
    stamped_files,
)

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "analysis"


@pytest.fixture
def step(tmp_path):
    output = tmp_path / "out.csv"
    ran = []

    def work():
        ran.append(1)
        output.write_text("made", encoding="utf-8")

    def execute(depends="same", inner=work):
        return run_if_changed(Step("count", {"d": depends}, [output]), tmp_path / "stamps", inner)

    execute.ran, execute.output = ran, output
    return execute


def test_a_second_run_does_nothing(step):
    assert [step(), step()] == [True, False]
    assert step.ran == [1]


def test_a_changed_parameter_runs_again(step):
    assert [step("a"), step("b")] == [True, True]


def test_a_changed_or_absent_output_runs_again(step):
    step()
    step.output.write_text("touched", encoding="utf-8")
    assert step()
    step.output.unlink()
    assert step()


def test_an_interrupted_step_runs_again(step):
    def fail():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        step(inner=fail)
    assert step()


def test_hidden_files_do_not_count(tmp_path):
    (tmp_path / "a.csv").write_text("1", encoding="utf-8")
    before = hash_files([tmp_path])
    (tmp_path / ".unfinished").write_text("2", encoding="utf-8")
    assert hash_files([tmp_path]) == before


def test_what_the_compiler_caches_does_not_count(tmp_path):
    (tmp_path / "a.py").write_text("1", encoding="utf-8")
    before = hash_files([tmp_path])
    for name in ("__pycache__/a.nbi", "__pycache__/a.pyc", ".ipynb_checkpoints/a.ipynb"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("2", encoding="utf-8")
    assert hash_files([tmp_path]) == before


def test_the_code_of_a_step_is_hashed_file_by_file():
    hashed = hash_code("read")
    assert {"errors.py", "schema/tables.yaml", "words.yaml", "corpus/mask.py"} <= set(hashed)
    assert not any(name.startswith("coding") for name in hashed)


def imported_parts(part: str) -> set[str]:
    """Name the parts of `analysis` that a part imports, anywhere in its files."""
    files = [PACKAGE / f"{part}.py"] if (PACKAGE / f"{part}.py").exists() else []
    files += (PACKAGE / part).rglob("*.py")
    assert files, part
    lines = (line for path in files for line in path.read_text("utf-8").splitlines())
    found = (re.match(r"\s*(?:from|import) analysis\.(\w+)", line) for line in lines)
    return {match.group(1) for match in found if match}


@pytest.mark.parametrize("step", MADE_OF)
def test_a_step_is_done_again_when_anything_changed_that_it_is_made_of(step):
    parts = {part for part in MADE_OF[step] if "/" not in part}
    modules = {part for part in MADE_OF[step] if "/" in part}
    for part in parts - {"pipeline"}:
        assert imported_parts(part) <= parts, part
    for module in modules:  # what they call is held by the calls of real steps
        assert (PACKAGE / f"{module}.py").is_file(), module


def test_what_is_installed_counts_and_what_no_step_can_use_does_not(tmp_path, monkeypatch):
    monkeypatch.setattr(stamps, "project_root", lambda: tmp_path)
    (tmp_path / "requirements.lock").write_text("polars==1.0 \\\n    --hash=x\n", "utf-8")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    seen = []
    for name in ("polars-1.0", "black-1.0", "Polars-1.1"):
        (tmp_path / f"{name}.dist-info").mkdir()
        environment_hash.cache_clear()
        seen.append(environment_hash())
    environment_hash.cache_clear()
    assert seen[0] == seen[1]
    assert seen[2] != seen[1]


def test_how_an_environment_was_started_is_no_change(tmp_path, monkeypatch):
    monkeypatch.setattr(stamps, "project_root", lambda: tmp_path)
    (tmp_path / "requirements.lock").write_text("polars==1.0 \\\n    --hash=x\n", "utf-8")
    installed, here = tmp_path / "installed", tmp_path / "here"
    (installed / "polars-1.0.dist-info").mkdir(parents=True)
    (here / "polars-9.0.dist-info").mkdir(parents=True)
    (tmp_path / "linked").symlink_to(installed)
    monkeypatch.chdir(here)
    one = str(installed)
    seen = set()
    for folders in ([one], [one, one], ["", one], [one, str(tmp_path / "linked")]):
        monkeypatch.setattr(sys, "path", folders)
        environment_hash.cache_clear()
        seen.add(environment_hash())
    environment_hash.cache_clear()
    assert len(seen) == 1


def test_a_stamp_tells_what_its_step_wrote_into_a_folder(tmp_path):
    posts, beside = tmp_path / "posts", tmp_path / "posts.csv"

    def work():
        posts.mkdir()
        (posts / "0.parquet").write_text("posts", encoding="utf-8")
        beside.write_text("rejects", encoding="utf-8")

    run_if_changed(Step("read", {}, [posts, beside]), tmp_path / "stamps", work)
    assert stamped_files(tmp_path / "stamps", "read", posts) == hash_files([posts])
    assert hash_files([posts]) != hash_files([posts, beside])
