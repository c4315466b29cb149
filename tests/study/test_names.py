"""A title shows a name as it was written; a folder gets a form of it that any system can bear."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import CaodianError
from analysis.storage.formats import require_export
from analysis.study.load import check_study
from analysis.study.names import _MOST_BYTES, own_name, printable, safe_form, shell_word, titles_of

GBK = "我的导出".encode("gb18030").decode("utf-8", "surrogateescape")
WRITTEN = [
    ("我的导出.csv", "我的导出"),
    ("My Export.csv", "My Export"),
    ("exports/a_b.CSV", "a_b"),
    ("exports/", "exports"),
    ("june/../july", "july"),
    ("posts.csv.gz", "posts"),
    ("v1.2", "v1.2"),
    (".csv", ".csv"),
    ("——.csv", "——"),
    ("e\u0301.csv", "é"),
    ("<b>&.csv", "<b>&"),
    ("😀👨\u200d👩.csv", "😀👨\u200d👩"),
    ("two\nlines.csv", r"two\nlines"),
    ("\x1b[31mred.csv", r"\x1b[31mred"),
    ("good\u202egnp.csv", r"good\u202egnp"),
    ("\udcff\udcfe.csv", r"\xff\xfe"),
    ("caf\udce9s.csv", r"caf\xe9s"),
    (f"{GBK}.csv", "我的导出"),
]
SAFE = [
    ("我的导出", "我的导出"),
    ("My Export", "my-export"),
    ("MY  export", "my-export"),
    ("a_b", "a-b"),
    ("-rf", "rf"),
    (".hidden", "hidden"),
    ("../../etc", "etc"),
    ("good\u202egnp", "goodgnp"),
    ("two\nlines", "two-lines"),
    ("\udcff\udcfe", "export"),
    ("100%#?&", "100"),
    ("trailing . ", "trailing"),
    ("C:\\x", "c-x"),
    ("CON", "con-export"),
    ("com¹", "com1-export"),
    ("console", "console"),
    ("——", "export"),
    ("😀", "export"),
    ("", "export"),
    ("Ａｂ１", "ab1"),
    ("İ", "i\u0307"),
    ("\u0301", "export"),
    ("हिन्दी", "हिन्दी"),
    ("双11·618", "双11-618"),
]


@pytest.mark.parametrize(("path", "title"), WRITTEN)
def test_a_title_shows_the_name_as_it_was_written(path, title):
    assert titles_of([own_name(path)]) == (title, title)


def test_a_dot_is_called_by_the_folder_that_it_means(tmp_path, monkeypatch):
    (tmp_path / "六月" / "inside").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "六月" / "inside")
    assert [own_name(path) for path in (".", "..", "./", "../")] == ["inside", "六月"] * 2
    assert own_name("/") == "/"


@pytest.mark.parametrize(("name", "form"), SAFE)
def test_a_folder_gets_the_letters_of_the_name(name, form):
    assert safe_form(name) == form


@given(st.text(max_size=300))
def test_the_form_of_any_name_is_that_of_a_study_and_stays_short(name):
    form = safe_form(name)
    window = {"start": "2020-06-01", "end": "2020-06-02"}
    study = {"name": form, "title_zh": "甲", "title_en": "a", "window": window}
    assert check_study(study, "x.yaml").name == form
    assert len(form.encode()) <= _MOST_BYTES + len("-export")
    assert safe_form(form) == form


@pytest.mark.parametrize("name", ["a b", "A", "a/b", "..", "-a", "a.b", "a\nb", "", "\u0301a"])
def test_a_study_refuses_names_that_are_no_such_form(name):
    window = {"start": "2020-06-01", "end": "2020-06-02"}
    study = {"name": name, "title_zh": "甲", "title_en": "a", "window": window}
    with pytest.raises(CaodianError, match="name"):
        check_study(study, "x.yaml")


@given(st.text(st.characters(), max_size=40))
def test_a_printable_name_can_be_written_and_hides_nothing(name):
    shown = printable(name)
    assert shown.encode() or not name
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", shown)


@pytest.mark.skipif(shutil.which("bash") is None, reason="a shell that knows $'…' is needed")
@pytest.mark.parametrize(
    "word",
    [
        *("a.csv", "My Export.csv", 'it\'s "q".csv', "-rf.csv", "--help", "$HOME`id`;|&.csv"),
        *("a\nb.csv", "a\\n'b\n.csv", "\udcff.csv", "\x1b7.csv", "good\u202egnp.csv", "*?[a].csv"),
        *("trailing ", "!history", "~", "#no", "我的导出.csv", "tab\t1.csv", "\x017.csv"),
    ],
)
def test_a_shell_reads_a_quoted_word_back(word):
    done = subprocess.run(
        [b"bash", b"-c", b"printf %s " + shell_word(word).encode()], capture_output=True, check=True
    )
    expected = f"./{word}" if word.startswith("-") else word
    assert done.stdout == expected.encode("utf-8", "surrogateescape")


@pytest.mark.parametrize(
    "kind",
    [*("absent", "link", "empty", "pipe", "device", "url", "inside", "nameless", "database")],
)
def test_what_is_no_export_is_refused_in_one_sentence_without_being_read(tmp_path, kind):
    path = tmp_path / "posts.csv"
    if kind == "link":
        path.symlink_to(tmp_path / "nowhere")
    elif kind == "empty":
        path.touch()
    elif kind == "pipe":
        os.mkfifo(path)
    named = {"device": "/dev/zero", "url": "https://example.org/posts.csv"}.get(kind, str(path))
    named = {"nameless": "", "database": f"sqlite:///{path}"}.get(kind, named)
    if kind == "inside":
        path.write_text("text", encoding="utf-8")
        named = str(path / "posts.csv")
    said = {
        "absent": "must exist",
        "link": "leads nowhere",
        "empty": "must not be empty",
        "pipe": "a pipe",
        "device": "a device",
        "url": "Download it",
        "inside": "must exist",
        "nameless": "must have a name",
        "database": "must exist",
    }
    with pytest.raises(CaodianError, match=said[kind]):
        require_export(named)


def test_a_misspelt_export_is_named(tmp_path):
    (tmp_path / "My Export.csv").write_text("text", encoding="utf-8")
    with pytest.raises(CaodianError, match=r"Did you mean '.*My Export\.csv'"):
        require_export(tmp_path / "my-export.csv")


def test_a_file_without_a_size_is_not_opened(tmp_path, monkeypatch):
    # A system tells of itself in files of no size; of some of them nothing comes until it speaks.
    (tmp_path / "a.csv").touch()
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("opened"))
    with pytest.raises(CaodianError, match="must not be empty"):
        require_export(tmp_path / "a.csv")
