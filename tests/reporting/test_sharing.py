"""What is handed on: a workbook of the tables, an archive of the pages, how to cite the build."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import yaml

from analysis.errors import CaodianError
from analysis.measures.published import judge_claims
from analysis.measures.quantities import load_tables
from analysis.reporting import sharing
from analysis.reporting.ledger import describe_run, name_build, write_manifest
from analysis.reporting.report import _print_page, find_browser
from analysis.reporting.saved_run import open_run, save_run
from analysis.reporting.sections.first_page import first_page
from analysis.reporting.sections.section import ReportContext
from analysis.reporting.sharing import (
    check_signature,
    share_run,
    sign_build,
    verify_shared,
)
from analysis.reporting.verification import check_files
from analysis.words import load_words

HOSTILE = '=HYPERLINK("http://x")'


@pytest.fixture
def build(tmp_path, tables, study) -> Path:
    folder = tmp_path / "run"
    (folder / "tables").mkdir(parents=True)
    (folder / "evidence").mkdir()
    (folder / "evidence" / "posts.parquet").write_bytes(b"digests")
    platforms = tables["platforms"].copy()
    platforms.loc[0, "platform"] = HOSTILE
    for name, table in (tables | {"platforms": platforms}).items():
        table.to_csv(folder / "tables" / f"{name}.csv", index=False)
    for language in ("zh", "en"):
        page = f"<!DOCTYPE html><html lang={language}><title>x</title><h1>618</h1>"
        (folder / f"report.{language}.html").write_text(page)
    save_run(folder, study, simulated=True, scale=0.01)
    _finish(folder, study)
    return folder


def _finish(folder, study) -> None:
    description = describe_run(study, parameters={"seed": 1}, inputs={})
    named = {"build": name_build(folder, description), "command": "caodian report"}
    write_manifest(folder, {**description, **named})


def test_a_run_that_is_replaced_meanwhile_is_handed_on_as_one(build, study, tmp_path, monkeypatch):
    archive, calls = sharing._write_archive, []

    def late(*given):
        calls.append(given)
        if len(calls) == 1:  # the citation is written, and the archive is not
            ratings = build / "tables" / "ratings.csv"
            ratings.write_text(ratings.read_text("utf-8").partition("\n")[0], encoding="utf-8")
            _finish(build, study)
        return archive(*given)

    monkeypatch.setattr(sharing, "_write_archive", late)
    share_run(build, tmp_path / "out", ["cff", "zip"])
    cited = yaml.safe_load((tmp_path / "out" / "CITATION.cff").read_text("utf-8"))["version"]
    assert cited == json.loads((build / "manifest.json").read_text("utf-8"))["build"]
    assert len(calls) == 2


def test_the_workbook_has_every_table_cell_by_cell(build, tmp_path):
    (path,) = share_run(build, tmp_path / "out", ["xlsx"])
    book = openpyxl.load_workbook(path)
    tables = load_tables(build)
    assert set(book.sheetnames) == {"about", *tables}
    for name in ("counts", "daily", "platforms"):
        first, *rows = list(book[name].values)
        assert list(first) == list(tables[name].columns)
        assert len(rows) == len(tables[name])
    items = [cell.value for cell in book["counts"]["B"][1:]]
    assert items == tables["counts"]["items"].tolist()


@pytest.mark.slow
def test_no_cell_of_the_workbook_is_a_formula(build, tmp_path):
    (path,) = share_run(build, tmp_path / "out", ["xlsx"])
    sheet = openpyxl.load_workbook(path)["platforms"]
    assert sheet["A2"].value == "'" + HOSTILE and sheet["A2"].data_type == "s"


def test_the_workbook_says_what_it_is_of_in_both_languages(build, tmp_path, study):
    (path,) = share_run(build, tmp_path / "out", ["xlsx"])
    about = {row[0]: row[1:] for row in openpyxl.load_workbook(path)["about"].values}
    assert about["study"] == (study.title_zh, study.title_en)
    assert "模拟" in about["simulated"][0] and "simulated" in about["simulated"][1].lower()
    assert all(about["counts"]) and about["build"][0] == about["build"][1]
    assert about["counts.estimate"] == (
        "校正后的条数：按审核测得的误差，校正编码器的计数。",
        "The corrected number of posts: the coder's count, corrected for the errors that the audit "
        "found.",
    )
    named = {name: about[name] for name in load_tables(build)}
    assert {name for name, told in named.items() if not all(told)} == set()


def test_the_archive_holds_what_the_pages_speak_of_and_no_digest_of_a_post(build, tmp_path):
    (path,) = share_run(build, tmp_path / "out", ["zip"])
    names = zipfile.ZipFile(path).namelist()
    assert {
        "618-2020/report.zh.html",
        "618-2020/report.en.html",
        "618-2020/tables/counts.csv",
    } <= set(names)
    assert "618-2020/manifest.json" in names
    assert not [name for name in names if "evidence" in name]


@pytest.fixture
def handed_on(build, tmp_path, monkeypatch):
    """An archive of the build, whose pages are not made again here: they are none."""

    def held(folder, *, other_version, alone):
        return f"{check_files(folder, alone=alone)} files"

    monkeypatch.setattr(sharing, "verify_build", held)
    return share_run(build, tmp_path / "out", ["zip"])[0]


def test_who_has_an_archive_alone_can_check_it(build, handed_on):
    files = len(json.loads((build / "manifest.json").read_text("utf-8"))["outputs"])
    assert verify_shared(handed_on) == f"{files - 1} files"


def packed(change, **facts):
    """Pack the members of an archive again, each as `change` gives it; None leaves it out.

    They are packed as a run does it, but for what the facts say.
    """

    def done(path):
        with zipfile.ZipFile(path) as archive:
            members = [(info, archive.read(info)) for info in archive.infolist()]
        with zipfile.ZipFile(path, "w") as archive:
            for info, content in members:
                for name, changed in change(info.filename, content):
                    told = zipfile.ZipInfo(name, info.date_time)
                    told.external_attr, told.compress_type = info.external_attr, info.compress_type
                    for fact, value in facts.items():
                        setattr(told, fact, value)
                    archive.writestr(told, changed)

    return done


def with_head(place, content):
    """Let the first member say something else of itself where it stands than at the end."""
    return lambda path: path.write_bytes(
        (whole := path.read_bytes())[:place] + content + whole[place + len(content) :]
    )


def with_tail(mark, place, content):
    """Let the last row of an archive's list, or its last bytes of all, say something else."""

    def spoil(path):
        start = (whole := path.read_bytes()).rfind(mark) + place
        path.write_bytes(whole[:start] + content + whole[start + len(content) :])

    return spoil


def also(name, content=b"x"):
    return packed(
        lambda n, c: [(n, c), *([(name, content)] if n.endswith("618-2020/run.json") else [])]
    )


def commented(path):
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"approved"


def bytes_around(before, after):
    return lambda path: path.write_bytes(before + path.read_bytes() + after)


def only(part, change):
    return packed(lambda n, c: change(n, c) if n.endswith(part) else [(n, c)])


def as_it_is(name, content):
    return [(name, content)]


def turned(path):
    """Let the members stand the other way round."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    contents = {}
    packed(lambda n, c: contents.update({n: c}) or [(n, c)])(path)
    order = iter(reversed(names))
    packed(lambda _n, _c: [(name := next(order), contents[name])])(path)


def told_to_be_of_utf8(path):
    """Set the flag of names that need it where none does."""
    whole = bytearray(path.read_bytes())
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = whole.find(sign)
        whole[at + place + 1] |= 8
    path.write_bytes(whole)


def behind_what_is_packed(path):
    """Put a byte behind the end of the last member's packed content, and count it in."""
    whole = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        last = archive.infolist()[-1]
        start, size = archive.start_dir, last.compress_size + 1
    entry, end = whole.rfind(b"PK\x01\x02"), whole.rfind(b"PK\x05\x06")
    for place in (last.header_offset + 18, entry + 20):
        whole[place : place + 4] = size.to_bytes(4, "little")
    whole[end + 16 : end + 20] = (start + 1).to_bytes(4, "little")
    whole[start:start] = b"x"
    path.write_bytes(whole)


BESIDE = "nothing beside them"
PACKED = "otherwise than a run packs it"
ODD_ARCHIVES = {
    "no archive": (lambda path: path.write_text("x"), BESIDE),
    "half of one": (lambda path: path.write_bytes(path.read_bytes()[:900]), BESIDE),
    "a comment": (commented, BESIDE),
    "bytes before": (bytes_around(b"ok", b""), BESIDE),
    "bytes behind": (bytes_around(b"", b"ok"), BESIDE),
    "a field of one's own": (packed(as_it_is, extra=b"\x01\x00\x02\x00ok"), BESIDE),
    "a member twice": (only("run.json", lambda n, c: [(n, c), (n, c)]), BESIDE),
    "two that differ by a letter's case": (also("618-2020/RUN.json"), BESIDE),
    "a way out": (also("618-2020/../../x"), BESIDE),
    "a path from the root": (also("/x"), BESIDE),
    "a drive": (also("C:/x"), BESIDE),
    "a folder": (also("618-2020/empty/"), BESIDE),
    "evidence": (also("618-2020/evidence/posts.parquet", b"digests"), BESIDE),
    "links": (packed(as_it_is, external_attr=0o120777 << 16), PACKED),
    "programs": (packed(as_it_is, external_attr=0o100755 << 16), PACKED),
    "hidden files": (packed(as_it_is, external_attr=0o644 << 16 | 2), PACKED),
    "another date": (packed(as_it_is, date_time=(2026, 6, 18, 0, 0, 0)), PACKED),
    "another day": (packed(as_it_is, date_time=(1980, 1, 2, 0, 0, 0)), PACKED),
    "the day of a workbook": (packed(as_it_is, date_time=(1980, 1, 31, 0, 0, 0)), "or day"),
    "another way to pack": (packed(as_it_is, compress_type=zipfile.ZIP_BZIP2), PACKED),
    "nothing packed": (packed(as_it_is, compress_type=zipfile.ZIP_STORED), PACKED),
    "another version": (packed(as_it_is, create_version=63), PACKED),
    "another system": (packed(as_it_is, create_system=7), PACKED),
    "the system of a workbook": (packed(as_it_is, create_system=0), "another system"),
    "another order": (turned, "by name"),
    "another folder": (packed(lambda n, c: [(n.replace("618-2020/", "approved/"), c)]), "by name"),
    "the mark of a folder": (also("618-2020/.caodian-run", b"study 618-2020\n"), "by name"),
    "bytes behind what is packed": (behind_what_is_packed, PACKED),
    "names told to be of UTF-8": (told_to_be_of_utf8, PACKED),
    "texts, it says": (packed(as_it_is, internal_attr=1), PACKED),
    "another date where it stands": (with_head(10, b"ok"), PACKED),
    "another sum where it stands": (with_head(14, b"ok"), PACKED),
    "another size where it stands": (with_head(22, b"ok"), PACKED),
    "another name where it stands": (with_head(30, b"x"), BESIDE),
    "another version to unpack it": (with_tail(b"PK\1\2", 6, b"\x0a"), PACKED),
    "another disk": (with_tail(b"PK\1\2", 34, b"\1"), BESIDE),
    "an end on another disk": (with_tail(b"PK\5\6", 4, b"\1"), BESIDE),
    "a list on another disk": (with_tail(b"PK\5\6", 6, b"\1"), BESIDE),
    "fewer members on this disk": (with_tail(b"PK\5\6", 8, b"\1\0"), BESIDE),
    "fewer members in all": (with_tail(b"PK\5\6", 10, b"\1\0"), BESIDE),
    "the same once more": (packed(as_it_is), "files"),
    "a file more": (also("618-2020/tables/more.csv"), "named in the manifest"),
    "a file beside the build": (also("x.txt"), "must have a manifest"),
    "a file less": (only("run.json", lambda _n, _c: []), "must be there"),
    "no manifest": (only("manifest.json", lambda _n, _c: []), "must have a manifest"),
    "another number": (
        only("counts.csv", lambda n, c: [(n, c.replace(b",", b",1", 1))]), "hash of the manifest"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("what", ODD_ARCHIVES)
def test_an_archive_holds_the_files_of_a_build_and_not_a_byte_beside(handed_on, what):
    spoil, told = ODD_ARCHIVES[what]
    spoil(handed_on)
    if told == "files":
        assert verify_shared(handed_on).endswith("files")
    else:
        with pytest.raises(CaodianError, match=told):
            verify_shared(handed_on)


@pytest.mark.usefixtures("handed_on")
@pytest.mark.parametrize("kind", ["xlsx", "cff", "zip"])
def test_what_was_handed_on_is_held_to_the_build_or_to_an_archive_of_it(build, tmp_path, kind):
    (path,) = share_run(build, tmp_path / "got", [kind])
    for against in (build, tmp_path / "out" / "run.zip"):
        assert f"{path.name} is what {against} gives" in verify_shared(path, against)
    if kind == "cff":
        path.write_text(path.read_text("utf-8").replace("618", "619"), encoding="utf-8")
    elif kind == "zip":
        only("manifest.json", lambda n, c: [(n, c.replace(b"caodian report", b"caodian x"))])(path)
    else:
        only("sheet3.xml", lambda n, c: [(n, c.replace(b"<v>", b"<v>1", 1))])(path)
    with pytest.raises(CaodianError, match="must be what its build gives"):
        verify_shared(path, tmp_path / "out" / "run.zip")


def test_the_parts_of_a_workbook_stand_in_their_order(build, tmp_path):
    (path,) = share_run(build, tmp_path / "got", ["xlsx"])
    sharing._hold_to_build(path, build, tmp_path / "again")
    turned(path)
    with pytest.raises(CaodianError, match=r"must be what its build gives.*order of its parts"):
        sharing._hold_to_build(path, build, tmp_path / "once-more")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("name", ["run.xlsx", "press.en.html", "CITATION.cff"])
def test_nobody_waits_for_a_pipe_that_was_handed_on(tmp_path, name):
    os.mkfifo(tmp_path / name)
    with pytest.raises(CaodianError, match="what was handed on must be a file"):
        verify_shared(tmp_path / name, tmp_path / "out" / "run.zip")


@pytest.mark.usefixtures("handed_on")
def test_a_file_that_cannot_be_checked_says_so(tmp_path):
    paper = tmp_path / "run.en.pdf"
    paper.write_bytes(b"%PDF")
    with pytest.raises(CaodianError, match="checked against its build"):
        verify_shared(paper)
    with pytest.raises(CaodianError, match="can be checked"):
        verify_shared(paper, tmp_path / "out" / "run.zip")


@pytest.mark.parametrize("kind", ["xlsx", "zip", "cff"])
def test_the_same_build_gives_the_same_bytes(build, tmp_path, kind):
    (first,) = share_run(build, tmp_path / "a", [kind])
    (second,) = share_run(build, tmp_path / "b", [kind])
    assert first.read_bytes() == second.read_bytes()


def test_the_citation_is_read_by_a_reader_of_yaml_and_names_the_build(build, tmp_path):
    (path,) = share_run(build, tmp_path / "out", ["cff"])
    cited = yaml.safe_load(path.read_text())
    manifest = json.loads((build / "manifest.json").read_text())
    assert cited["version"] == manifest["build"] and cited["type"] == "dataset"
    assert "Simulated" in cited["title"] and cited["authors"][0]["name"].startswith("Caodian")


def test_the_name_of_a_build_follows_its_tables_and_not_the_order_of_its_inputs(build):
    manifest = json.loads((build / "manifest.json").read_text())
    same = {**manifest, "inputs": {"a.csv": "0"}, "outputs": {}}
    assert name_build(build, same) == manifest["build"]
    table = pd.read_csv(build / "tables" / "counts.csv")
    table.loc[0, "items"] += 1
    table.to_csv(build / "tables" / "counts.csv", index=False)
    assert name_build(build, manifest) != manifest["build"]


@pytest.fixture
def judged(build, tables, study) -> Path:
    """The same build with verdicts on the study's claims."""
    claims = judge_claims(study, tables, simulated=True, scale=0.01)
    claims.to_csv(build / "tables" / "claims.csv", index=False)
    _finish(build, study)
    return build


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_press_release_says_what_page_one_says_and_no_claim_that_was_not_decided(
    judged, tmp_path, language
):
    paths = share_run(judged, tmp_path / "out", ["press"])
    text = next(path for path in paths if f".{language}." in path.name).read_text("utf-8")
    run = open_run(judged, language)
    context = ReportContext(
        run.tables, {}, run.study, load_words(language), True, 0.01, (), {}
    )  # fmt: skip
    assert f"<h1>{first_page(context).headline}</h1>" in text
    claims = run.tables["claims"]
    column = "statement" if language == "zh" else "statement_en"
    decided = claims["verdict"] != "not_testable"
    assert decided.any() and not decided.all(), "the fixture must hold both kinds"
    told = [str(words).rstrip("。.") in text for words in claims[column]]
    assert not any(shown for shown, is_told in zip(told, decided, strict=True) if not is_told)
    assert any(told)
    manifest = json.loads((judged / "manifest.json").read_text())
    assert (
        manifest["build"] in text and load_words(language)("page.simulated", scale="1:100") in text
    )


@pytest.mark.slow
def test_of_many_claims_a_press_release_names_those_that_do_not_hold(judged, study, tmp_path):
    claims = pd.read_csv(judged / "tables" / "claims.csv", dtype=str)
    claims["verdict"] = ["recovered"] * (len(claims) - 1) + ["missed"]
    claims.to_csv(judged / "tables" / "claims.csv", index=False)
    _finish(judged, study)
    [text] = [
        path.read_text("utf-8")
        for path in share_run(judged, tmp_path / "out", ["press"])
        if ".en." in path.name
    ]
    named = re.findall("<li>(.*): <strong>(.*)</strong>", text)
    assert [verdict for _, verdict in named] == ["missed"] + ["recovered"] * 5
    assert named[0][0] == claims["statement_en"].iloc[-1] and "Among them:" in text


@pytest.mark.slow
def test_a_press_release_runs_no_script_and_asks_nobody(judged, tmp_path):
    text = share_run(judged, tmp_path / "out", ["press"])[0].read_text("utf-8")
    assert "<script" not in text and "http" not in text.replace("http-equiv", "")


@pytest.mark.browser
@pytest.mark.skipif(find_browser() is None, reason="no Chromium on this machine")
def test_a_press_release_fits_on_one_page(judged, tmp_path):
    for path in share_run(judged, tmp_path / "out", ["press"]):
        printed = tmp_path / "press.pdf"
        _print_page(find_browser(), path, printed)
        assert printed.read_bytes().count(b"/Type /Page\n") == 1


def test_without_a_browser_the_pages_are_left_out_and_it_is_said(build, tmp_path, monkeypatch):
    monkeypatch.setattr("analysis.reporting.sharing.find_browser", lambda: None)
    said: list[str] = []
    assert share_run(build, tmp_path / "out", ["pdf"], tell=said.append) == []
    assert "Chromium" in said[0]


def test_a_browser_that_fails_is_named(build, tmp_path):
    with pytest.raises(CaodianError, match="able to print"):
        share_run(build, tmp_path / "out", ["pdf"], browser=sys.executable)
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.browser
@pytest.mark.skipif(find_browser() is None, reason="no Chromium on this machine")
def test_both_pages_are_printed(build, tmp_path):
    paths = share_run(build, tmp_path / "out", ["pdf"])
    assert [path.name for path in paths] == ["run.zh.pdf", "run.en.pdf"]
    assert not [path for path in paths if b"file://" in path.read_bytes()]  # folders of the machine
    assert all(path.read_bytes().startswith(b"%PDF") for path in paths)


def _browser(folder, script) -> str:
    path = folder / "browser"
    path.write_text(f"#!{sys.executable}\n{script}")
    path.chmod(0o755)
    return str(path)


@pytest.mark.skipif(sys.platform == "win32", reason="a script is no program there")
@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("import time; time.sleep(60)", "not done after 0.5 s"),
        ("import os, time\nif os.fork() == 0: time.sleep(60)\nos._exit(3)", "exit 3"),
        ("", "no page came"),
    ],
    ids=["hangs", "leaves a process behind", "prints nothing"],
)
def test_a_browser_that_hangs_is_ended_and_named(build, tmp_path, monkeypatch, script, said):
    monkeypatch.setattr("analysis.reporting.report._PRINT_SECONDS", 0.5)
    with pytest.raises(CaodianError, match=said):
        share_run(build, tmp_path / "out", ["pdf"], browser=_browser(tmp_path, script))
    assert not list((tmp_path / "out").iterdir())


def test_a_browser_that_is_not_there_is_named_and_not_the_output(build, tmp_path):
    with pytest.raises(CaodianError, match=r"able to print.*no-such-browser"):
        share_run(build, tmp_path / "out", ["pdf"], browser="no-such-browser")


def test_no_pdf_of_an_earlier_run_stays_where_none_can_be_printed(build, tmp_path, monkeypatch):
    monkeypatch.setattr("analysis.reporting.sharing.find_browser", lambda: None)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "run.zh.pdf").write_bytes(b"old")
    share_run(build, tmp_path / "out", ["pdf"])
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize("kinds", [["xlsx"], ["zip"], ["press"], ["cff"], ["pdf"]], ids="".join)
def test_a_place_that_cannot_hold_files_is_named(build, tmp_path, kinds):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(CaodianError, match="must be writable"):
        share_run(build, tmp_path / "out", kinds, browser=sys.executable)


def _change(build):
    (build / "report.zh.html").write_text("another page")


def _lose(build):
    (build / "tables" / "daily.csv").unlink()


def _reach_out(build):
    (build.parent / "secret.txt").write_text("secret")
    manifest = json.loads((build / "manifest.json").read_text())
    manifest["outputs"]["../secret.txt"] = "0"
    (build / "manifest.json").write_text(json.dumps(manifest))


def _spoil(build):
    (build / "manifest.json").write_text("{")


@pytest.mark.parametrize("spoil", [_change, _lose, _reach_out, _spoil])
def test_a_build_is_handed_on_as_the_run_wrote_it_or_not_at_all(build, tmp_path, spoil):
    spoil(build)
    with pytest.raises(CaodianError, match="manifest"):
        share_run(build, tmp_path / "out", ["zip"])
    assert not (tmp_path / "out").exists()


ODD_TITLE = "=1+1 \x07\x7f\x85\u2028\u202e\ufeff\ufffe: \"'{[#&*!|>%@` </script>"


def test_an_odd_title_goes_through_citation_and_workbook(build, tmp_path, study):
    odd = study.model_copy(update={"title_en": ODD_TITLE, "title_zh": ODD_TITLE})
    save_run(build, odd, simulated=False, scale=1.0)
    _finish(build, odd)
    workbook, citation = share_run(build, tmp_path / "out", ["xlsx", "cff"])
    cited = yaml.safe_load(citation.read_text("utf-8"))
    assert cited["title"].startswith(ODD_TITLE)
    assert "\u202e" not in citation.read_text("utf-8")
    cell = openpyxl.load_workbook(workbook)["about"]["C2"]
    assert cell.data_type == "s" and cell.value.startswith("'=1+1 <U+0007>")


@pytest.mark.slow
def test_a_number_without_end_is_a_word_and_a_text_too_long_is_refused(build, tmp_path, study):
    table = pd.read_csv(build / "tables" / "platforms.csv").astype({"low": float})
    table.loc[0, "low"] = float("inf")
    table.to_csv(build / "tables" / "platforms.csv", index=False)
    _finish(build, study)
    (path,) = share_run(build, tmp_path / "out", ["xlsx"])
    sheet = openpyxl.load_workbook(path)["platforms"]
    assert "inf" in [cell.value for cell in sheet[2]]
    table.loc[0, "platform"] = "长" * 40_000
    table.to_csv(build / "tables" / "platforms.csv", index=False)
    _finish(build, study)
    with pytest.raises(CaodianError, match=r"fit a sheet.*platforms, row 1, column platform"):
        share_run(build, tmp_path / "out", ["xlsx"])


def test_only_a_finished_run_is_handed_on(build, tmp_path):
    (build / "manifest.json").unlink()
    with pytest.raises(CaodianError, match="finished run"):
        share_run(build, tmp_path / "out")


@pytest.fixture
def keys(tmp_path):
    """Two keys without a passphrase."""
    if shutil.which("ssh-keygen") is None:
        pytest.skip("OpenSSH is not installed")
    for name in ("own", "other"):
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", tmp_path / name]
        subprocess.run(words, check=True)


@pytest.fixture
def signed(tmp_path, keys):
    """A build with a manifest."""
    build = tmp_path / "build"
    build.mkdir()
    (build / "a.csv").write_text("a\n1\n", encoding="utf-8")
    write_manifest(build, {"study": "x"})
    return build


def test_a_signed_build_is_known_by_its_key_and_no_other(signed, tmp_path):
    own, other = tmp_path / "own.pub", tmp_path / "other.pub"
    assert sign_build(signed, tmp_path / "own") == signed / "manifest.json.sig"
    assert check_files(signed) == 1  # the signature is no file of the manifest
    assert check_signature(signed, own).startswith("ED25519 key SHA256:")
    (tmp_path / "both").write_text(other.read_text() + own.read_text())
    assert check_signature(signed, tmp_path / "both") == check_signature(signed, own)
    with pytest.raises(CaodianError, match="the one that was signed"):
        check_signature(signed, other)
    with (signed / "manifest.json").open("a") as stream:
        stream.write(" ")
    with pytest.raises(CaodianError, match="the one that was signed"):
        check_signature(signed, own)


@pytest.mark.usefixtures("handed_on", "keys")
def test_a_signature_comes_along_in_an_archive(build, tmp_path):
    sign_build(build, tmp_path / "own")
    (path,) = share_run(build, tmp_path / "got", ["zip"])
    assert "signed with ED25519" in verify_shared(path, keys=tmp_path / "own.pub")
    with pytest.raises(CaodianError, match="the one that was signed"):
        verify_shared(path, keys=tmp_path / "other.pub")


def test_a_signature_of_something_else_does_not_count(signed, tmp_path):
    words = ["ssh-keygen", "-q", "-Y", "sign", "-f", tmp_path / "own", "-n", "file"]
    subprocess.run([*words, signed / "manifest.json"], check=True)
    assert (signed / "manifest.json.sig").is_file()
    with pytest.raises(CaodianError, match="the one that was signed"):
        check_signature(signed, tmp_path / "own.pub")


GOOD = 'Good "x" signature for report with ED25519 key SHA256:abc'


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for ssh-keygen is a shell script")
@pytest.mark.parametrize(
    ("ending", "is_good"),
    [("", True), ("; exit 255", False), (" >&2", False), (" >&2; exit 255", False)],
)
def test_a_signature_is_good_only_where_openssh_ends_well(
    signed, tmp_path, monkeypatch, ending, is_good
):
    sign_build(signed, tmp_path / "own")
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "ssh-keygen"
    program.write_text(f"#!/bin/sh\necho '{GOOD}'{ending}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    if is_good:
        assert check_signature(signed, tmp_path / "own.pub") == "ED25519 key SHA256:abc"
        return
    with pytest.raises(CaodianError, match="the one that was signed"):
        check_signature(signed, tmp_path / "own.pub")


def test_a_new_manifest_has_no_signature(signed, tmp_path):
    sign_build(signed, tmp_path / "own")
    write_manifest(signed, {"study": "y"})
    with pytest.raises(CaodianError, match="must have a signature"):
        check_signature(signed, tmp_path / "own.pub")


def test_what_is_no_key_is_told_and_leaves_no_signature(signed, tmp_path):
    with pytest.raises(CaodianError, match="signed with an SSH key"):
        sign_build(signed, signed / "a.csv")
    assert not list(signed.glob("*.sig*"))
    sign_build(signed, tmp_path / "own")
    with pytest.raises(CaodianError, match="an SSH key a line"):
        check_signature(signed, signed / "a.csv")


def test_no_build_is_signed_whose_files_are_others(signed, tmp_path):
    (signed / "a.csv").write_text("a\n2\n", encoding="utf-8")
    with pytest.raises(CaodianError, match="hash of the manifest"):
        sign_build(signed, tmp_path / "own")


def test_without_openssh_a_signature_is_refused(signed, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CaodianError, match="signatures need OpenSSH"):
        sign_build(signed, tmp_path / "own")
