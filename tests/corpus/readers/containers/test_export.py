"""Which files of a folder or archive are exports, and how each is opened."""

import gzip
import io
import zipfile
from pathlib import Path, PurePath

import pytest

from analysis.corpus.readers.containers import export
from analysis.errors import CaodianError

ROWS = "评论时间,评论内容\n2020-06-18,慢\n"


def write(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(ROWS, encoding="utf-8")


def found(paths, folder):
    return [path.relative_to(folder).as_posix() for path in paths]


def test_what_is_hidden_or_of_another_kind_is_no_export_of_a_folder(tmp_path):
    hidden = (".git/a.csv", "__MACOSX/a.csv", ".a.csv", "~$a.xlsx", "deep/.venv/lib/a.csv")
    write(tmp_path, "b.csv", "a.CSV", "deep/er/c.jsonl", "readme.md", *hidden)
    (tmp_path / "empty.csv").touch()
    exports = ["a.CSV", "b.csv", "deep/er/c.jsonl", "empty.csv"]
    assert found(export.files_below(tmp_path), tmp_path) == exports
    assert found(export.files_beside(tmp_path), tmp_path) == ["empty.csv", "readme.md"]


def test_libraries_of_programs_are_no_exports_and_are_named(tmp_path):
    write(tmp_path, "a.csv", "node_modules/m/b.csv", "lib/site-packages/c.csv", "env/d.csv",
          "env/pyvenv.cfg", "conda/e.csv", "conda/conda-meta/history", "b.csv.d/f.csv")  # fmt: skip
    assert found(export.files_below(tmp_path), tmp_path) == ["a.csv", "b.csv.d/f.csv"]
    left = ["conda", "env", "lib/site-packages", "node_modules"]
    assert found(export.files_beside(tmp_path), tmp_path) == left


@pytest.mark.parametrize("name", ["pyproject.toml", "deep/package.json"])
def test_of_a_folder_in_which_a_program_stands_nobody_can_tell_the_exports(tmp_path, name):
    write(tmp_path, name, "a.csv", "exports/b.csv", "deep/exports/c.xlsx", ".venv/d.csv")
    place = (tmp_path / name).parent
    likely = str(place / "exports")
    with pytest.raises(CaodianError, match="must hold no program") as raised:
        export.find_exports([tmp_path])
    assert raised.value.remedy.endswith(f"tables stand in {likely}.")
    assert str(tmp_path / name) in raised.value.where
    assert [one.name for one in export.find_exports([place / "exports"])]


def test_of_exports_that_a_folder_holds_the_first_tells_what_stands_beside_them(tmp_path):
    write(tmp_path, "b.csv", "a.csv", "notes.md")
    first, second = export._find_below(tmp_path)
    assert first.beside == (tmp_path.name, ("notes.md",)) and not second.beside
    assert first.is_found and first.path.name == "a.csv" and first.size == len(ROWS.encode())


@pytest.mark.parametrize(("name", "is_text"), [("评论.csv", True), ("\udcff.csv", False)])
def test_a_name_that_is_no_utf8_is_opened_here_and_not_by_a_library(name, is_text):
    assert export._is_text(Path(name)) == is_text


@pytest.mark.parametrize(
    ("member", "is_read"),
    [("a.csv", True), ("a.XLSX", True), ("a.csv.gz", False), ("b.zip", False), ("c.png", False)],
)
def test_members_that_may_be_exports(member, is_read):
    assert export._is_read(member) == is_read


@pytest.mark.parametrize(
    ("folder", "kind"), [("word/", "Word"), ("ppt/", "PowerPoint"), ("Index/", "Numbers")]
)
def test_a_document_is_no_archive_of_exports(tmp_path, folder, kind):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{folder}document.xml", "x")
    with pytest.raises(CaodianError, match=kind):
        list(export._members(path, is_found=False))


def test_members_are_named_with_their_archive_and_what_is_left_stands_once(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("b.csv", "c/d.csv", "e.png"):
            archive.writestr(name, ROWS)
    one, two = export._members(path, is_found=True)
    assert (one.path, two.path) == (path / "b.csv", path / "c" / "d.csv")
    assert one.archive == two.archive == path and one.is_found
    assert [one.left, two.left] == [("e.png",), ()]
    assert one.size == len(ROWS.encode()) and one.open().read().decode() == ROWS


@pytest.mark.parametrize("name", ["a.csv.gz", "a.gz", "a.csv"])
def test_what_is_packed_is_named_as_its_content(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(gzip.compress(ROWS.encode()))
    (one,) = export._unpack(path, is_found=False)
    assert one.path == PurePath(path) / ("a" if name == "a.gz" else "a.csv")
    with one.open() as stream:
        assert io.TextIOWrapper(stream, "utf-8").read() == ROWS


@pytest.mark.parametrize(("later", "is_same"), [(ROWS, True), (ROWS * 2, True), ("x", False)])
def test_a_file_may_grow_and_not_shrink_before_it_is_read(tmp_path, later, is_same):
    write(tmp_path, "a.csv")
    (one,) = export._unpack(tmp_path / "a.csv", is_found=False)
    (tmp_path / "a.csv").write_text(later, encoding="utf-8")
    if is_same:
        with one.open() as stream:
            assert stream.read().decode() == later
    else:
        with pytest.raises(CaodianError, match="become shorter"):
            one.open()


@pytest.mark.parametrize(
    ("member", "is_inside"),
    [
        ("a.csv", True), ("b/a.csv", True), ("b/..a.csv", True), ("b/c:d.csv", True),
        ("/a.csv", False), ("../a.csv", False), ("b/../../a.csv", False), ("c:/a.csv", False),
        ("..\\a.csv", False), ("\\a.csv", False),
    ],
)  # fmt: skip
def test_members_stay_inside_their_archive(member, is_inside):
    info = zipfile.ZipInfo(member)
    if is_inside:
        export._check_member(Path("a.zip"), info)
    else:
        with pytest.raises(CaodianError, match="stay inside"):
            export._check_member(Path("a.zip"), info)


def test_an_encrypted_member_and_one_that_grows_too_far_are_refused():
    info = zipfile.ZipInfo("a.csv")
    info.flag_bits |= 1
    with pytest.raises(CaodianError, match="encrypted"):
        export._check_member(Path("a.zip"), info)
    bomb = zipfile.ZipInfo("a.csv")
    bomb.compress_size, bomb.file_size = 1_000, 10**10
    with pytest.raises(CaodianError, match=r"a\.zip, a\.csv"):
        export._check_member(Path("a.zip"), bomb)


def test_hidden_members_are_not_shown(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("b.csv", "__MACOSX/b.csv", ".c.csv", "d/.e/f.csv", "a.csv"):
            archive.writestr(name, ROWS)
    assert [member.filename for member in export._list_members(path)] == ["a.csv", "b.csv"]
