"""A reader finds one whole build after the other, however the run between them ends."""

import ctypes
import errno
import os
import platform
import shutil
import signal
import sys
from contextlib import suppress

import pytest
from kills import Reader, counting, tree, wait

from analysis.errors import CaodianError
from analysis.pipeline import report_steps
from analysis.pipeline.report_steps import _new_build, _place_beside, sweep
from analysis.reporting.ledger import write_manifest
from analysis.reporting.verification import check_files
from analysis.storage import RunPaths
from analysis.storage.run_paths import open_study_folders


@pytest.fixture
def paths(tmp_path):
    """A published build of the first kind."""
    found = open_study_folders(RunPaths("mine", out=tmp_path / "build", data=tmp_path / "data"))
    write(found.build, "1")
    return found


def write(build, words):
    for name in ("report.zh.html", "report.en.html", "tables/counts.csv", f"figures/{words}.svg"):
        path = build / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(words * 1000, encoding="utf-8")
    write_manifest(build, {"study": words})


def publish(paths, words):
    with _new_build(paths) as made:
        shutil.rmtree(made.figures)
        write(made.build, words)


def expected(tmp_path, words):
    """Give the files of a build of that kind, made apart."""
    apart = open_study_folders(RunPaths("mine", out=tmp_path / words, data=tmp_path / "data"))
    write(apart.build, words)
    return tree(apart.build)


@pytest.fixture(params=["at once", "by two renames"])
def swapped(request, monkeypatch):
    if request.param == "by two renames":
        monkeypatch.setattr(report_steps, "_exchange", lambda *_: False)
    return request.param


def test_a_build_is_replaced_when_the_new_one_is_whole(paths, tmp_path, swapped):
    with _new_build(paths) as made:
        assert tree(made.build) == tree(paths.build)
        shutil.rmtree(made.figures)
        write(made.build, "2")
        assert tree(paths.build) == expected(tmp_path, "1")
    assert tree(paths.build) == expected(tmp_path, "2")
    assert sorted(path.name for path in paths.out.iterdir()) == ["mine"]


@pytest.mark.skipif(platform.system() != "Linux", reason="elsewhere two renames will do")
def test_folders_are_exchanged_at_once_on_linux(tmp_path):
    for name in "abcd":
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    one, other = (os.fsencode(tmp_path / name) for name in "ab")
    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "renameat2"):
        pytest.skip("the library of this system exchanges no folders")
    done = library.renameat2(-100, one, -100, other, 2)  # as linux/fs.h has them
    if done and ctypes.get_errno() in (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP):
        pytest.skip("this file system exchanges no folders")
    assert not done
    assert report_steps._exchange(tmp_path / "c", tmp_path / "d")
    assert (tmp_path / "c" / "d").exists() and (tmp_path / "d" / "c").exists()


def test_what_did_not_change_is_not_replaced(paths):
    before = paths.build.stat().st_ino
    publish(paths, "1")
    assert paths.build.stat().st_ino == before


def test_a_run_that_fails_leaves_the_build_before(paths, tmp_path):
    with suppress(KeyboardInterrupt), _new_build(paths) as made:
        write(made.build, "2")
        raise KeyboardInterrupt
    with pytest.raises(CaodianError, match="hash of the manifest"), _new_build(paths) as made:
        (made.build / "report.zh.html").write_text("other", encoding="utf-8")
    assert tree(paths.build) == expected(tmp_path, "1")
    assert sorted(path.name for path in paths.out.iterdir()) == ["mine"]


def test_a_build_that_another_program_holds_stays_and_is_told(paths, tmp_path, monkeypatch):
    monkeypatch.setattr(report_steps, "_exchange", lambda *_: False)
    rename = type(paths.build).rename

    def held(path, target):
        if ".new" in str(path):  # the old one is away, and the new one cannot take its place
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return rename(path, target)

    for refuse in (held, lambda path, _: held(path / ".new", path)):
        monkeypatch.setattr(type(paths.build), "rename", refuse)
        with pytest.raises(CaodianError, match="Close the programs"):
            publish(paths, "2")
        monkeypatch.setattr(type(paths.build), "rename", rename)
        sweep(paths)
        assert tree(paths.build) == expected(tmp_path, "1")


# What others do to the published build while a run is at work.


def test_what_was_put_into_a_build_meanwhile_stays(paths, swapped, monkeypatch):
    (paths.build / "known.txt").write_text("as it was", encoding="utf-8")
    (paths.build / "same.txt").write_text("untouched", encoding="utf-8")
    swap = report_steps._swap

    def late(made, published):  # between the last look and the exchange
        (published / "late.txt").write_text("late", encoding="utf-8")
        return swap(made, published)

    monkeypatch.setattr(report_steps, "_swap", late)
    with _new_build(paths) as made:
        write(made.build, "2")
        (paths.build / "mine.ipynb").write_text("mine", encoding="utf-8")
        (paths.build / "notes" / "empty").mkdir(parents=True)
        (paths.build / "notes" / "a.txt").write_text("a", encoding="utf-8")
        (paths.build / "link").symlink_to("mine.ipynb")
        (paths.build / "known.txt").write_text("changed", encoding="utf-8")
        (paths.build / "report.zh.html").write_text("by hand", encoding="utf-8")
    put = {
        "mine.ipynb": "mine", "notes/a.txt": "a", "link": "mine", "known.txt": "changed",
        "same.txt": "untouched", "late.txt": "late", "report.zh.html": "2" * 1000,
    }  # fmt: skip
    assert {name: (paths.build / name).read_text("utf-8") for name in put} == put
    assert (paths.build / "link").is_symlink() and (paths.build / "notes" / "empty").is_dir()
    assert [path.name for path in paths.out.iterdir()] == ["mine"]
    for name in ("link", "known.txt"):  # which are told before the one that is new
        (paths.build / name).unlink()
    with pytest.raises(CaodianError, match="every file"):
        check_files(paths.build)


def test_what_was_removed_from_a_build_by_the_run_does_not_come_back(paths):
    (paths.build / "tables" / "former.csv").write_text("x", encoding="utf-8")
    with _new_build(paths) as made:
        shutil.rmtree(made.tables)
        write(made.build, "2")
    assert [path.name for path in paths.tables.iterdir()] == ["counts.csv"]


def test_the_folder_behind_a_link_is_replaced_and_the_link_stays(paths, tmp_path, swapped):
    disk = tmp_path / "disk"
    disk.mkdir()
    paths.build.rename(disk / "kept")
    paths.build.symlink_to(disk / "kept", target_is_directory=True)
    with _new_build(paths) as made:
        assert made.build.name == "mine"  # by which notebooks find it
        shutil.rmtree(made.figures)
        write(made.build, "2")
    assert paths.build.is_symlink()
    assert tree(disk / "kept") == expected(tmp_path, "2")
    assert [path.name for path in disk.iterdir()] == ["kept"]
    assert [path.name for path in paths.out.iterdir()] == ["mine"]


@pytest.mark.parametrize("reason", [errno.EBUSY, errno.EXDEV])
def test_a_build_on_a_disk_of_its_own_needs_another_place(paths, tmp_path, monkeypatch, reason):
    monkeypatch.setattr(report_steps, "_exchange", lambda *_: False)

    def refuse(path, _):
        raise OSError(reason, os.strerror(reason), str(path))

    monkeypatch.setattr(type(paths.build), "rename", refuse)
    with pytest.raises(CaodianError, match="another one with --out") as refused:
        publish(paths, "2")
    assert "Close the programs" not in str(refused.value)
    assert tree(paths.build) == expected(tmp_path, "1")


# What stands beside a build.


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_what_no_run_left_beside_a_build_is_not_removed(paths, tmp_path, kind):
    place, mine = _place_beside(paths.build), tmp_path / "mine"
    (mine / "a").mkdir(parents=True)
    if kind == "folder":
        mine.rename(place)
    elif kind == "file":
        place.write_text("mine", encoding="utf-8")
    else:
        (mine / ".caodian-run").touch()
        place.symlink_to(mine, target_is_directory=True)
    for refused in (sweep, lambda paths: publish(paths, "2")):
        with pytest.raises(CaodianError, match=r"Move it away, or choose .* --out"):
            refused(paths)
    assert place.is_file() or (place / "a").is_dir()
    assert tree(paths.build) == expected(tmp_path, "1")


def test_what_cannot_be_removed_is_told_and_named(paths, tmp_path, monkeypatch):
    def open_file(path, **_):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    remove = shutil.rmtree
    monkeypatch.setattr(shutil, "rmtree", open_file)
    with suppress(KeyboardInterrupt), _new_build(paths):
        raise KeyboardInterrupt
    for _ in range(2):
        with pytest.raises(CaodianError, match="free to be removed") as refused, _new_build(paths):
            pass
        assert str(_place_beside(paths.build)) in str(refused.value)
    monkeypatch.setattr(shutil, "rmtree", remove)
    publish(paths, "2")
    assert tree(paths.build) == expected(tmp_path, "2")


def test_folders_that_were_copied_read_only_are_removed(paths):
    paths.tables.chmod(0o500)
    if os.access(paths.tables, os.W_OK):
        pytest.skip("who runs the tests may write everywhere")
    for _ in range(2):
        with pytest.raises(PermissionError), _new_build(paths) as made:
            (made.tables / "more.csv").write_text("x", encoding="utf-8")
        assert [path.name for path in paths.out.iterdir()] == ["mine"]


@pytest.mark.slow
def test_a_run_killed_at_any_call_leaves_a_whole_build(paths, tmp_path, swapped):
    if not hasattr(os, "fork"):
        pytest.skip("needs fork")
    start, whole = tmp_path / "start", [expected(tmp_path, "1"), expected(tmp_path, "2")]
    shutil.copytree(paths.out, start)
    ends, reader, at = [], Reader(paths.build, whole), 0
    while not ends or ends[-1]:
        at += 1
        process = os.fork()
        if not process:
            with suppress(BaseException):
                sys.addaudithook(counting(paths.out, at, lambda *_: os.kill(os.getpid(), 9)))
                publish(paths, "2")
                os._exit(0)
            os._exit(70)
        ends.append(wait(process))
        if swapped == "at once":
            reader.look()
        sweep(paths)
        reader.look()
        publish(paths, "2")
        assert tree(paths.build) == whole[1]
        assert sorted(path.name for path in paths.out.iterdir()) == ["mine"]
        shutil.rmtree(paths.out)
        shutil.copytree(start, paths.out)
    assert len(ends) > 30 and set(ends) == {-signal.SIGKILL, 0}
    assert set(reader.looks) == {"whole"}


@pytest.mark.parametrize("times", [1, 2], ids=["once", "twice"])
def test_a_run_told_to_stop_at_any_call_leaves_nothing_beside(paths, tmp_path, swapped, times):
    if not hasattr(os, "fork"):
        pytest.skip("needs fork")
    start, whole = tmp_path / "start", [expected(tmp_path, "1"), expected(tmp_path, "2")]
    shutil.copytree(paths.out, start)
    ends, at = [], 0
    while not ends or ends[-1]:
        at += 1
        process = os.fork()
        if not process:
            calls = []

            def tell(*_, calls=calls):
                calls.append(1)
                if len(calls) <= times:
                    os.kill(os.getpid(), signal.SIGINT)

            with suppress(BaseException):
                signal.signal(signal.SIGINT, signal.default_int_handler)
                sys.addaudithook(counting(paths.out, at, tell))
                with suppress(KeyboardInterrupt):
                    publish(paths, "2")
                os._exit(1 if calls else 0)
            os._exit(70)
        ends.append(wait(process))
        assert sorted(path.name for path in paths.out.iterdir()) == ["mine"], at
        assert tree(paths.build) in whole
        shutil.rmtree(paths.out)
        shutil.copytree(start, paths.out)
    assert len(ends) > 30 and set(ends) == {1, 0}


def test_what_a_killed_run_left_is_swept_and_nothing_else(paths):
    folders = [paths.processed, paths.posts, paths.coded]
    left = [
        paths.processed / ".fingerprints" / "a",
        paths.processed / ".audit.new" / "a",
        paths.posts / ".part-00001.parquet.partial",
        _place_beside(paths.build) / ".caodian-run",
        _place_beside(paths.build) / "mine" / "a",
    ]
    kept = [*(folder / "part-00001.parquet" for folder in folders), paths.posts / ".keep"]
    for path in (*left, *kept):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", encoding="utf-8")
    sweep(paths)
    assert not any(path.exists() for path in left)
    assert all(path.exists() for path in kept)
    assert (paths.build / ".caodian-run").exists() and (paths.build / "manifest.json").exists()
