"""Every run has folders of its own; the next run on the same exports finds them again."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from analysis.errors import CaodianError
from analysis.storage.run_paths import (
    MARK,
    RunPaths,
    forget_empty_folders,
    is_run_folder,
    open_export_folders,
    open_study_folders,
    project_secret,
)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def folder_of(here, *exports, name="posts", **places):
    sources = [export if "://" in export else str(here / export) for export in exports]
    return open_export_folders(RunPaths(name, **places), sources).study


def test_the_same_exports_find_their_folder_again_in_any_order(here):
    assert folder_of(here, "a/posts.csv", "b.csv") == "posts"
    assert folder_of(here, "b.csv", "a/posts.csv") == "posts"


def test_other_exports_of_the_name_get_another_folder(here):
    names = [folder_of(here, f"{place}/posts.csv") for place in "abcabc"]
    assert names == ["posts", "posts-2", "posts-3"] * 2
    assert folder_of(here, "mysql://host/posts") == "posts-4"


def test_a_project_that_is_moved_keeps_its_folders(here):
    (here / "old").mkdir()
    paths = RunPaths("posts", out=here / "old/build", data=here / "old/data")
    open_export_folders(paths, [str(here / "old/posts.csv")])
    (here / "old").rename(here / "new")
    moved = RunPaths("posts", out=here / "new/build", data=here / "new/data")
    assert open_export_folders(moved, [str(here / "new/posts.csv")]).study == "posts"


def test_a_common_folder_of_reports_serves_several_projects(here):
    for project, name in (("one", "posts"), ("two", "posts-2"), ("one", "posts")):
        data = here / project / "data"
        assert folder_of(here, f"{project}/posts.csv", out=here / "reports", data=data) == name


def test_a_folder_that_somebody_made_is_left_alone(here):
    (here / "build/posts").mkdir(parents=True)
    (here / "build/posts/mine.txt").write_text("mine", encoding="utf-8")
    assert folder_of(here, "posts.csv") == "posts-2"
    assert [path.name for path in (here / "build/posts").iterdir()] == ["mine.txt"]


def test_a_study_and_a_file_of_one_name_never_share_a_folder(here):
    open_study_folders(RunPaths("618-2020"))
    assert folder_of(here, "618-2020.csv", name="618-2020") == "618-2020-2"
    folder_of(here, "618-2019.csv", name="618-2019")
    with pytest.raises(CaodianError, match="must not replace the report on a file"):
        open_study_folders(RunPaths("618-2019"))


def test_a_study_takes_over_a_folder_without_a_mark(here):
    (here / "build/618-2020").mkdir(parents=True)
    (here / "build/618-2020/report.zh.html").write_text("old", encoding="utf-8")
    assert open_study_folders(RunPaths("618-2020")).study == "618-2020"
    assert is_run_folder(Path("build/618-2020"))


def test_a_mark_tells_nothing_of_the_machine(here):
    folder_of(here, "posts.csv")
    mark = (here / "build/posts" / MARK).read_text("utf-8")
    assert len(mark.split()) == 2
    assert here.name not in mark


def test_folders_that_stayed_empty_are_forgotten(here):
    paths = open_export_folders(RunPaths("posts"), [str(here / "posts.csv")])
    (paths.build / "tables").mkdir()
    forget_empty_folders(paths)
    assert not paths.processed.exists()
    assert (paths.build / MARK).exists()


def test_what_cannot_be_written_is_named_with_its_options(here, monkeypatch):
    def refuse(self, *_args, **_kwargs):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(CaodianError, match=r"build/posts, data/processed/posts.*--out.*--storage"):
        folder_of(here, "posts.csv")


def test_a_storage_on_this_machine_holds_all_that_a_run_keeps(here):
    paths = RunPaths("posts", storage=here / "work")
    assert {paths.processed, paths.partitions} == {here / "work/posts"}
    assert paths.raw == here / "work/posts/raw"


def test_a_full_disk_leaves_no_mark_without_a_word(here, monkeypatch):
    opened = Path.open

    def open_full(self, mode="r", **options):
        stream = opened(self, mode, **options)
        return _Full(stream) if mode == "x" else stream

    with monkeypatch.context() as disk:
        disk.setattr(Path, "open", open_full)
        with pytest.raises(CaodianError, match="No space left"):
            folder_of(here, "posts.csv")
    assert folder_of(here, "posts.csv") == "posts"


class _Full:
    """A stream to a disk that is full."""

    def __init__(self, stream):
        self.stream = stream

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.stream.close()

    def write(self, _text):
        raise OSError(28, "No space left on device")


def test_the_secret_is_made_once(tmp_path, monkeypatch):
    monkeypatch.delenv("CAODIAN_SECRET", raising=False)
    first = project_secret(tmp_path)
    assert len(first) >= 32
    assert project_secret(tmp_path) == first
    assert (tmp_path / ".caodian-secret").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("has_links", [True, False])
def test_of_several_that_make_it_at_once_one_wins(tmp_path, monkeypatch, has_links):
    monkeypatch.delenv("CAODIAN_SECRET", raising=False)
    if not has_links:
        monkeypatch.setattr(os, "link", _refuse)
    gate, exists, found = threading.Barrier(20), Path.exists, []

    def is_there(path):
        answer = exists(path)
        gate.wait()  # none writes before all have looked
        return answer

    monkeypatch.setattr(Path, "exists", is_there)
    threads = [
        threading.Thread(target=lambda: found.append(project_secret(tmp_path))) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 20 and len(set(found)) == 1
    assert [path.name for path in tmp_path.iterdir()] == [".caodian-secret"]


AT_ONCE = """
import sys, time
from pathlib import Path
from analysis.storage.run_paths import project_secret
Path(f"ready-{sys.argv[1]}").touch()
while not Path("go").exists():
    time.sleep(0.001)
print(project_secret().decode())
"""


@pytest.mark.slow
def test_twenty_processes_make_one_secret_that_the_owner_alone_reads(tmp_path):
    """On a fresh project each of them finds none, and all go on with the same."""
    env = {name: value for name, value in os.environ.items() if name != "CAODIAN_SECRET"}
    begun = [
        subprocess.Popen(
            [sys.executable, "-c", AT_ONCE, str(number)], cwd=tmp_path, env=env, text=True,
            stdout=subprocess.PIPE,
        )
        for number in range(20)
    ]  # fmt: skip
    while sum(path.name.startswith("ready") for path in tmp_path.iterdir()) < len(begun):
        assert all(one.poll() is None for one in begun)
        time.sleep(0.05)
    (tmp_path / "go").touch()
    found = {one.communicate()[0].strip() for one in begun}
    path = tmp_path / ".caodian-secret"
    assert found == {path.read_text().strip()} and len(found.pop()) == 64
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == [path.name]


def _refuse(*_paths):
    raise OSError(95, "Operation not supported")


def test_an_empty_secret_is_refused(tmp_path, monkeypatch):
    monkeypatch.delenv("CAODIAN_SECRET", raising=False)
    (tmp_path / ".caodian-secret").write_text("\n")
    with pytest.raises(CaodianError, match="must not be empty"):
        project_secret(tmp_path)


def test_a_given_secret_wins(tmp_path, monkeypatch):
    monkeypatch.setenv("CAODIAN_SECRET", "given")
    assert project_secret(tmp_path) == b"given"
    assert list(tmp_path.iterdir()) == []


def test_where_it_cannot_be_written_the_secret_holds_for_the_run(tmp_path, monkeypatch):
    monkeypatch.delenv("CAODIAN_SECRET", raising=False)
    (tmp_path / "file").touch()
    told = []
    first = project_secret(tmp_path / "file", told.append)
    assert len(first) >= 32
    assert first != project_secret(tmp_path / "file", told.append)
    assert ["this run alone" in line for line in told] == [True, True]
