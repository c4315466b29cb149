"""What `verify` holds of a build, rule by rule and from both sides, without a whole build."""

import json
import os
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import polars as pl
import pytest

from analysis.audit.agreement import tell_draw
from analysis.errors import CaodianError
from analysis.measures.daily_series import arrange_daily, explain_left_out, explain_strays
from analysis.reporting import recounting, remaking, verification
from analysis.reporting.ledger import (
    LEDGER_COLUMNS,
    code_digest,
    counting_rules,
    software_versions,
    write_manifest,
    write_rows,
)
from analysis.reporting.verification import Mark, Verification, check_files
from analysis.schema import table as columns_of
from analysis.study.load import study_of_range
from analysis.study.model import Simulation, Study

# A page is read back.

PAGE = """<p>Of <data data-evidence="counts/all/items" value="1398">1,398</data> posts
<q data-evidence="claims/C1/reason_en">few <b>or <data data-evidence="counts/price/items" value="4"
data-over="counts/all/items">0.3&nbsp;%</data></b> carry it</q> it is said.</p>
<a download href="data:text/csv;base64,eHh4">nobody's</a>
<figure data-evidence="figures/a.zh.svg"><a href="data:;base64,eHh4">no</a> drawn
<a download href="data:text/csv;base64,YSxi">numbers</a></figure> and so on"""


def test_a_page_gives_each_marked_element_with_what_stands_in_it():
    assert verification._read_marks(PAGE) == [
        Mark("counts/all/items", "data", "1398", "", "1,398", b""),
        Mark("claims/C1/reason_en", "q", "", "", "few or 0.3\xa0% carry it", b""),
        Mark("counts/price/items", "data", "4", "counts/all/items", "0.3\xa0%", b""),
        Mark("figures/a.zh.svg", "figure", "", "", "no drawn\nnumbers", b"a,b"),
    ]


CELLS = {"a": 3.0, "b": "4", "none": None, "nan": float("nan"), "word": "low", "blank": " x "}


@pytest.mark.parametrize(
    ("value", "text", "cell", "over", "is_right"),
    [
        ("3", "3", "a", "", True), ("3.0", " 3\n", "a", "", True), ("4", "4", "b", "", True),
        ("3.0000001", "3", "a", "", False), ("4", "4", "a", "", False),
        ("3", "4", "a", "", False), ("3", "", "a", "", False), ("three", "3", "a", "", False),
        ("0.75", "75.0%", "a", "b", True), ("0.75", "76.0%", "a", "b", False),
        ("3", "3", "a", "b", False), ("12", "12", "a", "b", False),
        ("3", "3", "a", "nothing", False), ("3", "3", "a", "none", False),
        ("3", "3", "none", "", False), ("nan", "–", "nan", "", False),
    ],
)  # fmt: skip
def test_a_number_is_its_cell_and_written_as_numbers_are(value, text, cell, over, is_right):
    mark = Mark(cell, "data", value, over, text)
    assert verification._is_number_right(mark, CELLS) == is_right


@pytest.mark.parametrize(
    ("mark", "holds"),
    [
        (Mark("a", "data", "3", "", "3"), True), (Mark("a", "data", "4", "", "4"), False),
        (Mark("word", "q", text="low"), True), (Mark("word", "q", text=" low "), True),
        (Mark("word", "q", text="high"), False), (Mark("blank", "q", text="x"), True),
        (Mark("nowhere", "q", text="low"), False), (Mark("nowhere", "data", "3", "", "3"), False),
        (Mark("figures/a.en.svg", "figure"), True), (Mark("figures/b.en.svg", "figure"), False),
        (Mark("figures/a.en.svg", "figure", data=b"n\n1\n"), True),
        (Mark("figures/a.en.svg", "figure", data=b"n\n2\n"), False),
    ],
)  # fmt: skip
def test_what_a_page_says_is_the_cell_or_the_file_it_names(tmp_path, mark, holds):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures/a.en.svg").write_text("<svg/>")
    (tmp_path / "figures/a.csv").write_bytes(b"n\n1\n")
    told = failure(lambda: verification._check_mark(mark, CELLS, tmp_path, "p.html", "en"))
    assert (told == "") == holds
    assert holds or f"p.html, {mark.evidence}" in told


def failure(work):
    """Return what an error says; nothing where there is none."""
    try:
        work()
    except CaodianError as error:
        return str(error)
    return ""


def test_what_was_marked_is_counted_by_its_kind():
    kinds = [verification._kind(Mark("x", kind)) for kind in ("figure", "data", "q", "span")]
    assert kinds == ["figure", "number", "sentence", "sentence"]


# Files: those of the manifest, as they were, and nothing that is no file.


@pytest.fixture
def build(tmp_path):
    """Two files and their manifest: a folder as a run leaves it, but for what it holds."""
    (tmp_path / "tables").mkdir()
    columns = ",".join(columns_of("counts").names)
    (tmp_path / "tables/counts.csv").write_text(f"{columns}\nall,3,,,,,,,,\n")
    (tmp_path / "run.json").write_text("{}")
    write_manifest(tmp_path, {"study": "s"})
    return tmp_path


def edit_manifest(build, change):
    path = build / "manifest.json"
    told = json.loads(path.read_text())
    change(told)
    path.write_text(json.dumps(told))


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda build: None, ""),
        (lambda build: (build / "run.json").write_text("{ }"), "the hash of the manifest"),
        (lambda build: (build / "run.json").unlink(), "of the manifest must be there"),
        (lambda build: (build / "more").touch(), "named in the manifest"),
        (lambda build: (build / "manifest.json").unlink(), "must have a manifest"),
        (lambda build: (build / "manifest.json").write_text("{"), "must be readable"),
        (lambda build: edit_manifest(build, lambda told: told.pop("outputs")), "must be readable"),
        (lambda build: (build / ".caodian-run").write_text("study s"), ""),
        (lambda build: (build / "manifest.json.sig").touch(), ""),
    ],
)  # fmt: skip
def test_files_are_those_of_the_manifest(build, damage, told):
    assert check_files(build) == 2
    damage(build)
    assert told in failure(lambda: check_files(build))
    assert (told == "") == (failure(lambda: check_files(build)) == "")


@pytest.mark.parametrize("name", ["manifest.json", "run.json", "manifest.json.sig", ".caodian-run"])
def test_nobody_waits_for_a_pipe(build, name):
    (build / name).unlink(missing_ok=True)
    os.mkfifo(build / name)
    assert failure(lambda: verification.verify_build(build))


OF_A_STUDY, OF_EXPORTS = "caodian report a.csv --study a.yaml", "caodian report a.csv --limit 5"


@pytest.mark.parametrize(
    ("mark", "command", "is_plain"),
    [
        (b"", OF_A_STUDY, True), (b"study a-1", OF_A_STUDY, True), (b"study a-1\n", "", True),
        (b"\n", OF_EXPORTS, True), (b"study a-1", "caodian report --scale 1", True),
        (b"exports " + b"0f" * 32, OF_EXPORTS, True),
        (b"study a-1\n\n", OF_A_STUDY, False), (b"study ", OF_A_STUDY, False),
        (b"study a-1 b", OF_A_STUDY, False), (b"x", OF_A_STUDY, False),
        (b"study a-2", OF_A_STUDY, False), (b"study a-1", OF_EXPORTS, False),
        (b"exports " + b"0f" * 32, OF_A_STUDY, False), (b"exports " + b"0f" * 32, "", False),
        (b"exports " + b"0f" * 31, OF_EXPORTS, False),
        (b"exports " + b"0f" * 32 + b"0", OF_EXPORTS, False),
        (b"exports " + b"0G" * 32, OF_EXPORTS, False),
    ],
)  # fmt: skip
def test_the_mark_of_a_folder_says_whose_run_it_is_alone(build, mark, command, is_plain):
    (build / ".caodian-run").write_bytes(mark)
    told = {"study": "a-1", "command": command}
    assert (failure(lambda: verification._require_plain(build, told)) == "") == is_plain


@pytest.mark.parametrize(
    ("words", "is_one"),
    [
        (b"-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n", True),
        (b"-----BEGIN SSH SIGNATURE-----\r\nU1N=\r\n-----END SSH SIGNATURE-----\r\n", True),
        (b"signed by all", False), (b"", False),
        (b"-----BEGIN SSH SIGNATURE-----\nU1N\n-----END SSH SIGNATURE-----\nby all\n", False),
        (b"-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n", False),
    ],
)  # fmt: skip
def test_a_signature_is_one_and_nothing_beside_it(build, words, is_one):
    (build / "manifest.json.sig").write_bytes(words)
    assert (failure(lambda: verification._require_plain(build, {})) == "") == is_one


@pytest.mark.parametrize(
    ("add", "told"),
    [
        (lambda folder: (folder / "a/b").mkdir(parents=True), "a/b"),
        (lambda folder: os.mkfifo(folder / "pipe"), "pipe"),
        (lambda folder: (folder / "link").symlink_to(folder / "run.json"), "link"),
        (lambda folder: (folder / "empty file").touch(), ""),
    ],
)  # fmt: skip
def test_what_is_neither_a_file_nor_a_folder_of_files_is_refused(build, add, told):
    add(build)
    assert told in (said := failure(lambda: verification._require_plain(build, {})))
    assert (told == "") == (said == "")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda folder: (folder / "run.json").chmod(0o755), "run.json: rights 755"),
        (lambda folder: (folder / "run.json").chmod(0o4644), "run.json: rights 4644"),
        (lambda folder: (folder / "run.json").chmod(0o666), ""),  # what another mask leaves
        (lambda folder: [path.chmod(0o777) for path in folder.iterdir()], ""),  # knows no rights
        (lambda folder: os.setxattr(folder / "run.json", "user.note", b"x"), "attribute user.note"),
        (lambda folder: os.setxattr(folder, "user.note", b"x"), ".: attribute user.note"),
        (lambda folder: os.setxattr(folder / "run.json", "user.xdg.origin.url", b"x"), ""),
    ],
)  # fmt: skip
@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="no such attributes on this system")
def test_nothing_stands_beside_the_content_of_a_file(build, change, told):
    change(build)
    assert told in (said := failure(lambda: verification._require_plain(build, {})))
    assert (told == "") == (said == "")


def test_versions_are_those_of_here_or_told():
    ours = {"code": code_digest(), "software": software_versions()}
    assert verification._check_version(ours, other_version=False)
    for other in ({"code": "0"}, {"software": ours["software"] | {"polars": "0"}},
                  {"software": None}, {"software": {}}):  # fmt: skip
        assert verification._check_version(ours | other, other_version=True) is False
        assert "--other-version" in failure(
            lambda other=other: verification._check_version(ours | other, other_version=False)
        )
    more = ours | {"software": ours["software"] | {"no-such-package": "1"}}
    assert verification._check_version(more, other_version=False)  # can change no number
    told = failure(lambda: verification._check_version(ours | {"code": "0"}, other_version=False))
    assert "the project's code" in told and "polars" not in told


@pytest.fixture
def whole(build):
    """All parts that every build has, some of them empty."""
    for name in verification._PARTS:
        (build / name).parent.mkdir(exist_ok=True)
        (build / name).write_bytes(b"")
    (build / verification.RULES).write_bytes(counting_rules())
    return build


@pytest.mark.parametrize("name", verification._PARTS)
@pytest.mark.parametrize("is_ours", [True, False])
def test_no_part_of_a_build_may_lack(whole, name, is_ours):
    verification._check_parts(whole, is_ours=is_ours)
    (whole / name).unlink()
    assert "must be whole" in failure(lambda: verification._check_parts(whole, is_ours=is_ours))


@pytest.mark.parametrize(
    ("name", "told"),
    [(verification.RULES, "the rules of counting"), ("more.txt", "nothing but what a run writes")],
)
def test_rules_and_files_are_held_by_the_versions_that_wrote_them(whole, name, told):
    (whole / name).write_bytes(b"x")
    assert told in failure(lambda: verification._check_parts(whole, is_ours=True))
    verification._check_parts(whole, is_ours=False)


def test_what_was_checked_is_told_and_what_was_not():
    done = Verification(5, 40, 3, 2, recounted=17, redrawn=9)
    assert str(done) == (
        "5 files, 40 numbers, 3 sentences and 2 figures agree with their evidence; 17 counts were "
        "counted again from the ledger; 9 figures and pages were made again from the tables, byte "
        "for byte; who wrote the files, when and where, who may change them and what links to them "
        "is not checked"
    )
    for change, told, was in [
        ({"recounted": 0}, "no count was counted again", "17 counts"),
        ({"redrawn": 0}, "figures and pages were not made again", "9 figures"),
        ({"marks": 6}, "from 6 marks;", "not scored"),
        ({"marks": 6, "has_sheets": True}, "6 marks, which are those of the sheets", "not scored"),
        ({"has_untold_audit": True}, "the audit was not scored again", "marks,"),
        ({"made_again": ["a", "b"]}, "2 tables were made again", "follow from texts"),
        ({"unheld": ["a", "b"]}, "; a, b follow from texts", "tables were made again"),
    ]:  # fmt: skip
        said = str(replace(done, **change))
        assert told in said and was not in said


LEDGER_SAYS = "what the ledger says of each post"


@pytest.mark.parametrize(
    ("files", "again", "trusted"),
    [
        ([], ["claims"], ["funnel", "notes", LEDGER_SAYS]),
        ([], [], ["claims", "funnel", "notes", LEDGER_SAYS]),
        (["evidence/examples.parquet"], ["claims"],
         ["funnel", "notes", LEDGER_SAYS, "the texts of quoted posts"]),
        (["topics.en.html"], ["claims"],
         ["funnel", "notes", LEDGER_SAYS, "the points of the map of topics"]),
        (["topics.fr.html"], ["claims"], ["funnel", "notes", LEDGER_SAYS]),
        (["notebooks/01.ipynb"], ["claims"],
         ["funnel", "notes", LEDGER_SAYS, "what notebooks computed (--notebooks)"]),
    ],
)  # fmt: skip
def test_what_only_the_export_can_tell_is_named(build, files, again, trusted):
    for name in files:
        (build / name).parent.mkdir(exist_ok=True)
        (build / name).touch()
    row = pd.DataFrame({"a": [1]})
    tables = {"funnel": row, "notes": row.head(0), "claims": row, "counts": row}
    assert verification._trusted(build, tables, again, {}) == trusted
    of_digests = verification._trusted(build, tables, again, {}, is_counted=False)
    assert "counts" in of_digests and "the digests of posts" in of_digests
    exported = verification._trusted(build, tables, again, {"command": "caodian report a.csv"})
    assert exported == [
        *trusted, "the exports that the command names, and how much of them it reads"
    ]  # fmt: skip
    told = {"inputs": {"a.csv": "0"}, "audit": {"seed": 1}}
    told |= {"parameters": {"coder": "fast"}, "command": "caodian report --study no/such.yaml"}
    inputs, drawn = "the names and hashes of inputs", "how the audit was drawn (--audit)"
    named = ["the name of the coder", "the study file, which does not stand here"]
    for more, has_sheets, made in (
        ([inputs, *named, drawn], False, []), ([inputs, *named], True, []),
        ([*named, drawn], False, ["planted"]), ([inputs, *named[1:]], True, ["count_errors"]),
    ):  # fmt: skip
        assert verification._trusted(
            build, tables, [*again, *made], told, has_sheets=has_sheets
        ) == [*trusted, *more]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "told"), [(b"same", ""), (b"other", "run.json"), (None, "run.json")]
)
def test_what_is_made_again_is_the_same_bytes(build, content, told):
    (build / "run.json").unlink()
    if content:
        (build / "run.json").write_bytes(content)
    said = failure(lambda: verification._compare(build, "run.json", b"same"))
    assert told in said and (told == "") == (said == "")
    assert told or verification._compare(build, "run.json", b"same") == "run.json"


@pytest.mark.parametrize(
    ("maps", "names", "told"),
    [
        ([], [], ""), (["topics.en.html"], ["clusters", "notes"], ""),
        (["topics.en.html"], ["clusters"], "topics.en.html"),
        (["topics.zh.html"], ["notes"], "topics.zh.html"),
        (["topics.zh.html", "topics.en.html"], ["clusters", "notes"], ""),
    ],
)  # fmt: skip
def test_a_map_of_topics_is_that_of_their_tables(build, monkeypatch, maps, names, told):
    asked = []

    def is_map(page, language, clusters, _headline, **options):
        asked.append((page, language, len(clusters), options["scale"]))
        return page == f"map in {language}"

    monkeypatch.setattr("analysis.reporting.topic_map.is_map_page", is_map)
    for name in maps:
        (build / name).write_text(f"map in {name[7:9]}", encoding="utf-8")
    tables = {name: pd.DataFrame(columns=["about", "number", "zh", "en"]) for name in names}
    said = failure(lambda: verification._check_maps(build, tables, study(), 0.5))
    assert told in said and (told == "") == (said == "")
    if not told:
        assert asked == [(f"map in {language}", language, 0, 0.5) for language in ("zh", "en")
                         if f"topics.{language}.html" in maps]  # fmt: skip
        for name in maps:
            (build / name).write_bytes(b"another\r\n")  # read with its line ends as they are
            assert name in failure(lambda: verification._check_maps(build, tables, study(), 0.5))
            assert asked[-1][0] == "another\r\n"
            (build / name).write_text(f"map in {name[7:9]}")


# The manifest says what the run says, and neither holds more than a run writes.


def study(**fields):
    given = {"name": "s", "title_zh": "题", "title_en": "T", "window": None, "seed": 7}
    return Study.model_validate(given | fields)


def save(build, *, simulated=True, scale=0.5, **fields):
    return remaking.save_run(build, study(**fields), simulated=simulated, scale=scale)


FACTS = {"study": "s", "parameters": {"seed": 7, "scale": 0.5, "similarity": 0.8}}
READ = {"parameters": {}, "command": "caodian report x.csv --study no/such.yaml"}
OF_FILES = READ | {"command": "caodian report x.csv y.csv --study no/such.yaml"}
OF_A_DATABASE = READ | {"command": "caodian report postgresql://h/d::posts --study no/such.yaml"}


@pytest.mark.parametrize(
    ("simulated", "manifest", "told"),
    [
        (True, {}, ""), (True, {"parameters": {}}, ""), (True, {"parameters": None}, ""),
        (True, {"study": "t"}, "study"), (True, {"parameters": {"seed": 8}}, "seed"),
        (True, {"parameters": {"similarity": 0.81}}, "similarity"),
        (True, {"parameters": {"scale": 0.51}}, "scale"),
        (True, {"command": "caodian report --scale 0.5"}, ""),
        (True, {"command": "caodian report x.csv"}, "command"),
        (True, {"command": "caodian report"}, ""),
        (False, {"parameters": {}, "command": "caodian report x.csv --study no/such.yaml"}, ""),
        (False, {"parameters": {}, "command": "caodian report x.csv"}, "no --study"),
        (False, {"parameters": {}, "command": "caodian report --scale 1"}, "command"),
        (False, {"parameters": {"scale": 0.5}, "command": "caodian report x.csv"}, "scale"),
        (True, {"command": "caodian report --study"}, ""),
        (True, {"command": "caodian report --study no/such.yaml"}, ""),
        (True, {"command": "caodian report --study studies/618-2020.yaml"}, "command names"),
        (True, {"command": "caodian report --scale 0.25"}, "command"),
        (True, {"command": "caodian verify --scale 0.5"}, "command"),
        (True, {"command": "caodian report --approved yes"}, "command"),
        (True, {"command": "caodian report --out --approved"}, ""),  # a folder of that name
        (True, {"command": "caodian report --since a"}, "command"),
        (True, {"command": "caodian report --public --since a"}, ""),
        (True, {"command": "caodian report --public --since a --since b --out x"}, ""),
        (True, {"command": "caodian report --out x --public"}, "command"),
        (True, {"command": "caodian report --out x --out x"}, "command"),
        (True, {"command": "caodian report --no-notebooks --no-notebooks"}, "command"),
        (True, {"command": "caodian report --out 'x'"}, "command"),
        (True, {"command": "caodian report --out 'x y'"}, ""),
        (True, {"verify": "caodian verify 'build/s'"}, "verify"),
        (True, {"command": "caodian report", "parameters": {"coder": "fast"}}, ""),
        (True, {"command": "caodian report", "parameters": {"coder": "keyword"}}, "coder"),
        (True, {"command": "caodian report --coder keyword", "parameters": {"coder": "keyword"}},
         ""),
        (True, {"command": "caodian report --coder keyword", "parameters": {"coder": "fast"}},
         "coder"),
        (True, {"command": "caodian report --coder own", "parameters": {"coder": "refit 0a"}}, ""),
        (True, {"command": "caodian report --coder own", "parameters": {"coder": "fast"}}, "coder"),
        (True, {"command": "caodian report", "audit": {"seed": 7}, "parameters": {"seed": 7}}, ""),
        (True, {"command": "caodian report", "audit": {"seed": 8}, "parameters": {"seed": 7}},
         "audit"),
        (True, {"command": "caodian report", "audit": {"filled_by": None}}, "audit"),
        (True, {"command": "caodian report", "audit": {"filled_by": "simulated coders, error 0"}},
         ""),
        (True, {"command": "caodian report --audit a", "audit": {"seed": 8}}, ""),
        (False, {"parameters": {}, "command": "caodian report x.csv --audit a"}, "audit"),
        (False, {"parameters": {}, "command": "caodian report x.csv", "audit": {"seed": 8}},
         "audit"),
        (True, {"audit": {"frame": {"window": None, "coder": None}}}, ""),
        (True, {"audit": {"frame": {"coder": "fast"}}, "parameters": {"coder": "fast"}}, ""),
        (True, {"audit": {"frame": {"coder": "fast"}}, "parameters": {"coder": "keyword"}},
         "frame"),
        (True, {"audit": {"frame": {"coder": "llm: m at h"}}, "parameters": {"coder": "llm"}}, ""),
        (True, {"audit": {"frame": {"window": ["2020-06-01", "2020-06-20"]}}}, "frame"),
        (True, {"code": code_digest(), "audit": {"frame": {"coder": "fast", "weights": "0"}}},
         "frame"),
        (True, {"code": "0", "audit": {"frame": {"coder": "fast", "weights": "0"}}}, ""),
        (False, OF_FILES | {"inputs": {}}, "inputs"),
        (False, OF_FILES | {"inputs": {"a": "0", "b": "0"}}, ""),
        (False, OF_FILES | {"inputs": {"a": "0"}}, "inputs"),
        (False, OF_A_DATABASE | {"inputs": {}}, ""),
        *((False, READ | {"command": f"{READ['command']} --limit {limit}"}, told)
          for limit, told in (("9", ""), ("8", ""), ("7", "--limit"), ("x", "--limit"))),
        (True, {"verify": "caodian verify build/s"}, ""),
        (True, {"verify": "caodian verify s"}, "verify"),
        (True, {"verify": "caodian verify build/t"}, "verify"),
        (True, {"verify": "caodian verify o/s", "command": "caodian report --out o"}, ""),
        (True, {"verify": "caodian verify build/s", "command": "caodian report --out o"}, "verify"),
    ],
)  # fmt: skip
def test_a_manifest_says_what_the_run_says(build, simulated, manifest, told):
    save(build, simulated=simulated)
    tables = {"reconciliation": pd.DataFrame({"records_read": [5, 3]})}
    said = failure(lambda: recounting.check_facts(build, FACTS | manifest, tables))
    assert told in said and (told == "") == (said == "")


def fill_ledger(build, days, **columns):
    """Write a ledger of one negative item of a price a day, but for the columns that are given."""
    texts = [f"{n:02}" for n in range(days)]
    rows = {
        "post": texts, "date": "2020-06-01", "channel": "weibo", "stars": "none",
        "is_negative": True, "grievances": [["price"]] * days, "sub_grievances": [[]] * days,
        "platforms": [["京东"]] * days, "family": texts, "author": texts,
        "negative_band": 18, "snownlp_band": 3,
    } | columns  # fmt: skip
    lists = {name: pl.List(pl.String) for name in ("grievances", "sub_grievances", "platforms")}
    bands = dict.fromkeys(("negative_band", "snownlp_band"), pl.UInt8)
    ledger = pl.DataFrame(rows, schema_overrides=lists | bands | {"author": pl.String})
    (build / "evidence").mkdir(exist_ok=True)
    write_rows(ledger.lazy(), build / "evidence/posts.parquet")
    return ledger


def fill(build, **columns):
    digests = {name: ["0" * 16, "1" * 16] for name in ("post", "family", "author")}
    return fill_ledger(build, 2, **digests | columns)


TOLD = {
    "study": "s", "code": "0f", "software": software_versions(),
    "parameters": {"coder": "fast", "scale": 0.5, "seed": 7, "similarity": 0.8},
    "inputs": {"a.csv": "0f" * 32}, "build": "0f", "command": "caodian report", "run_in": "here",
    "verify": "caodian verify build/s", "outputs": {},
}  # fmt: skip


def tell(build, **manifest):
    told = {**TOLD, **manifest}
    text = json.dumps(told, ensure_ascii=False, indent=1) + "\n"
    (build / "manifest.json").write_text(text, encoding="utf-8")
    return told


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda build: None, ""),
        (lambda build: fill(build, post=["1" * 16, "0" * 16]), "its order, or a post twice"),
        (lambda build: fill(build, post=["0" * 16] * 2), "its order, or a post twice"),
        (lambda build: fill(build, note=["a", "b"]), "note"),
        (lambda build: fill(build, author=[None, None]), ""),
        *((lambda build, name=name: fill(build, **{name: ["0" * 16, "wang"]}), "no digest")
          for name in ("post", "family", "author")),
        (lambda build: fill(build).select(pl.col("post") + "0f" * 4).write_parquet(
            build / "evidence/posts.parquet", compression="zstd"), ""),
        (lambda build: fill(build).select("post").write_parquet(
            build / "evidence/posts.parquet", compression="zstd"), "no digest"),
        (lambda build: (build / "run.json").write_text((build / "run.json").read_text() + " "),
         "run.json"),
        (lambda build: pl.DataFrame({"a": [1]}).write_parquet(
            build / "evidence/audit.parquet", compression="zstd"), ""),
        (lambda build: pl.DataFrame({"a": [1]}).write_parquet(
            build / "evidence/audit.parquet", compression="zstd", metadata={"b": "c"}),
         "audit.parquet"),
    ],
)  # fmt: skip
def test_files_of_a_build_hold_the_bytes_that_a_run_writes(build, change, told):
    assert fill(build).columns == LEDGER_COLUMNS
    save(build)
    change(build)
    manifest = tell(build, command="caodian report 评论.csv")
    said = failure(lambda: remaking.check_form(build, manifest))
    assert told in said and (told == "") == (said == "")


SECRET = ["0" * 16, "1" * 16]
WEEK = study_of_range("s", date(2020, 6, 1), date(2020, 6, 7), [])


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({}, ""), ({"date": None}, ""), ({"date": "2020-06-07"}, ""), ({"author": None}, ""),
        ({"family": ["0" * 16] * 2}, ""), ({"is_negative": False, "grievances": [[], []]}, ""),
        ({"grievances": [["delivery", "price"]] * 2}, ""), ({"platforms": [None, []]}, ""),
        ({"negative_band": [None, 19]}, ""), ({"stars": ["5", "1"]}, ""),
        ({"date": "2020-06-08"}, "date"), ({"date": "2020-05-31"}, "date"),
        ({"date": "2020-6-1"}, "date"), ({"date": "2020-06-31"}, "date"),
        ({"date": date(2020, 6, 1)}, "date of the type Date"), ({"date": "x"}, "date"),
        ({"channel": [None, "weibo"]}, "channel"), ({"channel": [1, 2]}, "channel of the type"),
        ({"channel": [{"a": "x"}] * 2}, "channel of the type Struct"),
        ({"channel": [b"x"] * 2}, "channel of the type Binary"),
        ({"stars": "6"}, "stars"), ({"stars": "4.5"}, "stars"), ({"stars": 4}, "stars of the type"),
        ({"is_negative": [None, True]}, "is_negative"), ({"is_negative": 1}, "is_negative of the"),
        ({"is_negative": False}, "codes of what is not negative"),
        ({"is_negative": False, "grievances": [[], []], "sub_grievances": [["price.a"]] * 2},
         "codes of what is not negative"),
        ({"grievances": [["price", "delivery"]] * 2}, "grievances"),
        ({"grievances": [["price", "price"]] * 2}, "grievances"),
        ({"platforms": [[""], []]}, "platforms"), ({"platforms": [[None], []]}, "platforms"),
        ({"platforms": "京东"}, "platforms of the type String"),
        ({"platforms": [[["京东"]], []]}, "platforms of the type List"),
        ({"negative_band": 20}, "negative_band"), ({"snownlp_band": 99}, "snownlp_band"),
        ({"negative_band": 0.25}, "negative_band of the type Float64"),
        ({"snownlp_band": "3"}, "snownlp_band of the type String"),
        ({"family": ["1" * 16] * 2}, "family"), ({"author": ["1" * 16] * 2}, "author"),
        ({"family": ["0" * 16, "2" * 16]}, "family"), ({"family": ["x", "y"]}, "what is no digest"),
    ],
)  # fmt: skip
def test_a_ledger_has_the_types_and_values_that_a_run_writes(columns, told):
    posts = pl.DataFrame(
        {
            "post": SECRET,
            "date": "2020-06-01",
            "channel": "weibo",
            "stars": "none",
            "is_negative": True,
            "grievances": [["price"]] * 2,
            "sub_grievances": [[]] * 2,
            "platforms": [["京东"]] * 2,
            "family": SECRET,
            "author": SECRET,
        }
        | {name: value for name, value in columns.items() if "_band" not in name},
        strict=False,
    )
    lists = ("grievances", "sub_grievances", "platforms")
    empty = [name for name in lists if posts.schema[name] == pl.List(pl.Null)]
    words = [name for name in ("date", "author") if posts.schema[name] == pl.Null]
    bands = {"negative_band": 18, "snownlp_band": 3} | {
        name: value for name, value in columns.items() if "_band" in name
    }
    posts = posts.with_columns(
        pl.col(empty).cast(pl.List(pl.String)), pl.col(words).cast(pl.String),
        *(pl.Series(name, value if isinstance(value, list) else [value] * 2)
          for name, value in bands.items()),
    )  # fmt: skip
    whole = [name for name in bands if posts.schema[name] == pl.Int64]
    found = remaking._strange_in(posts.with_columns(pl.col(whole).cast(pl.UInt8)), WEEK)
    assert found.startswith(told) and (told == "") == (found == "")


GRADES = {"date": ["2020-06-01", "2020-06-02"], "grade": ["good", "unfit"]}
HOURS = {"hour": [0, 1], "items": [3.0, None]}
OF_A_RUN = {
    "counts": {"grievance": ["all", "negative", "price"]},
    "coverage": GRADES,
    "coverage_hours": GRADES | HOURS,
    "reconciliation": {"source_file": ["a.zip/b/c..d.csv", "x.csv"], "kept": [2, 1]},
    "notes": {"about": ["trends", "days", "trends"], "number": [1, 1, 2],
              "counted": ["3;14", None, "5"]},
    "clusters": {"top_grievance": ["price", "none", None],
                 "onset": ["2020-06-01", None, "2020-06-07"]},
    "emerging": {"new_wording_of": ["unknown", "price"]},
    "planted": {"grievance": ["platform:京东"]},
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "column", "cells"),
    [
        ("clusters", "top_grievance", ["approved", "none", None]),
        ("clusters", "onset", ["2020-05-31", None, None]),
        ("clusters", "onset", ["2020-06-08", None, None]),
        ("coverage", "date", ["2020-06-01", "2021-06-02"]),
        ("emerging", "new_wording_of", ["all of it", "price"]),
        ("coverage_hours", "grade", ["good", "good"]),
        ("coverage_hours", "date", ["2020-06-01", "2020-06-03"]),
        ("coverage_hours", "items", [3.0, 1.0]),
        ("reconciliation", "source_file", ["../x.csv", "x.csv"]),
        ("reconciliation", "source_file", ["/etc/passwd", "x.csv"]),
        ("notes", "number", [1, 1, 3]), ("notes", "number", [1, 2, 2]),
        ("notes", "counted", ["3;", None, "5"]), ("notes", "counted", ["many", None, "5"]),
    ],
)  # fmt: skip
def test_tables_speak_of_the_days_codes_and_files_of_their_run(name, column, cells):
    tables = {one: pd.DataFrame(rows) for one, rows in OF_A_RUN.items()}
    remaking._check_places(tables, WEEK)
    remaking._check_places({}, WEEK)
    tables[name][column] = cells
    assert f"{name}/" in failure(lambda: remaking._check_places(tables, WEEK))


def test_days_of_weeks_begin_before_the_window():
    year = study_of_range("s", date(2020, 7, 1), date(2020, 12, 31), [])
    for day, holds in (("2020-06-29", True), ("2020-06-28", False)):
        tables = {"weekly": pd.DataFrame({"date": [day]})}
        told = failure(lambda tables=tables: remaking._check_places(tables, year))
        assert (told == "") == holds
    undated = Study(name="s", title_zh="s", title_en="s", window=None)
    remaking._check_places({"clusters": pd.DataFrame({"onset": ["1999-01-01"]})}, undated)


def without(part, *names):
    return {part: {name: told for name, told in TOLD[part].items() if name not in names}}


def more(part, **names):
    return {part: dict(sorted((TOLD[part] | names).items()))}


@pytest.mark.parametrize(
    ("simulated", "change", "odd"),
    [
        (True, {}, ""), (True, {"inputs": {}}, ""), (True, {"audit": {"seed": 1}}, "another order"),
        (True, {"software": dict(reversed(TOLD["software"].items()))}, "another order"),
        (False, without("parameters", "scale"), ""), (False, {}, "parameters/scale"),
        (True, without("parameters", "scale"), "parameters/scale"),
        *((True, without("parameters", name), f"parameters/{name}")
          for name in ("coder", "seed", "similarity")),
        (True, {"parameters": {}}, "parameters/coder, parameters/scale, parameters/seed"),
        (True, more("parameters", approved=True), "parameters/approved"),
        (True, more("software", approved="1"), "software/approved"),
        (True, without("software", "polars"), "software/polars"),
        (True, {"approved": True}, "approved"),
        (True, more("inputs", **{"posts/b.csv": "1e" * 32, "b..csv": "1e" * 32}), ""),
        (True, more("inputs", **{"b.csv": "1e" * 31}), "inputs/b.csv"),
        (True, more("inputs", **{"b.csv": "1E" * 32}), "inputs/b.csv"),
        (True, more("inputs", **{"b.csv": "approved"}), "inputs/b.csv"),
        (True, more("inputs", **{"/home/b.csv": "1e" * 32}), "inputs//home/b.csv"),
        (True, more("inputs", **{"a/../b.csv": "1e" * 32}), "inputs/a/../b.csv"),
        (True, more("inputs", **{"": "1e" * 32}), "inputs/"),
    ],
)  # fmt: skip
def test_a_manifest_says_what_a_run_writes_and_no_word_more(build, simulated, change, odd):
    save(build, simulated=simulated, scale=0.5 if simulated else 1.0)
    said = failure(lambda: remaking.check_form(build, tell(build, **change)))
    assert odd in said and (odd == "") == (said == "")


@pytest.mark.parametrize("name", sorted({*TOLD} - {"parameters", "software"}))
def test_a_manifest_leaves_out_no_word(build, name):
    save(build)
    manifest = {key: told for key, told in tell(build).items() if key != name}
    assert f"manifest.json: {name}" in failure(lambda: remaking.check_form(build, manifest))


def test_a_manifest_has_the_bytes_that_a_run_writes(build):
    save(build)
    manifest = tell(build)
    path = build / "manifest.json"
    path.write_text(path.read_text().strip())
    assert "other bytes" in failure(lambda: remaking.check_form(build, manifest))


@pytest.mark.parametrize(
    ("command", "columns", "minimum", "is_open"),
    [
        ("caodian report", LEDGER_COLUMNS, 1, True), ("caodian report", ["post"], 1, False),
        ("caodian report", ["post"], 2, True), ("caodian report", None, 2, False),
        ("caodian report --public", ["post"], 1, True),
        ("caodian report --publicly", ["post"], 1, False),
        ("caodian report --public", LEDGER_COLUMNS, 1, True), ("caodian report", None, 1, False),
    ],
)  # fmt: skip
def test_only_a_build_that_withholds_tells_nothing_of_its_posts(
    build, command, columns, minimum, is_open
):
    save(build, disclosure={"minimum_cell": minimum})
    if columns:
        rows = fill_ledger(build, 2).select(columns)
        rows.write_parquet(build / "evidence/posts.parquet")
    said = failure(lambda: recounting.check_openness(build, {"command": command}))
    assert (said == "") == is_open


# Counts follow from posts, and from counts what stands beside them.


def test_counts_follow_from_the_ledger(build):
    save(build, disclosure={"minimum_cell": 1})
    fill_ledger(build, 3, is_negative=[True, True, False])
    counts = pd.DataFrame({"grievance": ["all", "negative", "price"], "items": [3, 2, 2]})
    cells = recounting.check_counts(build, {"counts": counts})
    assert cells == len(recounting.recount(recounting.read_ledger(build)))
    for row in range(3):
        for off in (1, -1):
            wrong = counts.copy()
            wrong.loc[row, "items"] += off
            told = failure(lambda wrong=wrong: recounting.check_counts(build, {"counts": wrong}))
            assert f"counts/{counts.loc[row, 'grievance']}/items: the ledger has" in told


def test_combinations_are_counted_beside_the_tables(build, monkeypatch):
    save(build)
    fill_ledger(build, 3)
    counts = pd.DataFrame({"grievance": ["all", "negative", "price"], "items": [3, 3, 3]})
    alone = recounting.check_counts(build, {"counts": counts})
    found = []
    monkeypatch.setattr(recounting, "recount_cells", lambda *_: found)
    tables = {"counts": counts, "explore": pd.DataFrame({"items": [2, 1]})}
    assert recounting.check_counts(build, tables) == alone + 2
    found.append(("explore/1/items", 1.0, 0))
    said = failure(lambda: recounting.check_counts(build, tables))
    assert "explore/1/items: the ledger has 0" in said


@pytest.mark.parametrize(("minimum", "may_lack"), [(1, False), (2, True), (5, True)])
def test_a_row_may_lack_where_small_cells_are_withheld(build, minimum, may_lack):
    save(build, disclosure={"minimum_cell": minimum})
    fill_ledger(build, 3)
    counts = pd.DataFrame({"grievance": ["all", "negative"], "items": [3, 3]})
    told = failure(lambda: recounting.check_counts(build, {"counts": counts}))
    assert (told == "") == may_lack and (may_lack or "counts/price/items" in told)


def test_digests_are_as_many_as_posts(build):
    for printed, posts, is_right in [([3], 3, True), ([3], 2, False), ([3], 4, False),
                                     ([None], 2, True), ([], 2, True)]:  # fmt: skip
        counts = pd.DataFrame({"grievance": ["all"] * len(printed), "items": printed})
        ledger = pl.DataFrame({"post": list(map(str, range(posts)))})
        said = failure(lambda: recounting._check_size({"counts": counts}, ledger))  # noqa: B023
        assert (said == "") == is_right
    recounting._check_size({"counts": pd.DataFrame({"grievance": ["all"], "items": [3]})}, None)
    recounting._check_size({}, pl.DataFrame({"post": ["a"]}))


@pytest.mark.parametrize(
    ("part", "whole", "ratio"),
    [(1, 4, 0.25), (0, 4, 0.0), (4, 4, 1.0), (1, 0, 0.0), (0, 0, 0.0), (None, 4, None),
     (1, None, None), (float("nan"), 4, None), (1, float("nan"), None)],
)  # fmt: skip
def test_a_share_is_its_part_over_the_whole(part, whole, ratio):
    assert recounting._ratio(part, whole) == ratio


@pytest.mark.parametrize("off", [-1, 1])
@pytest.mark.parametrize(
    ("table", "row", "column"),
    [
        ("counts", {"grievance": "all", "items": 8, "share": 1.0}, "share"),
        ("counts", {"grievance": "negative", "items": 6, "share": 0.75}, "share"),
        ("counts", {"grievance": "price", "items": 3, "share": 0.5}, "share"),  # of the negative
        ("counts", {"grievance": "price", "items": 3, "published": 40}, "published"),
        ("channels", {"channel": "weibo", "items": 8, "negative_items": 6, "share": 0.75}, "share"),
        ("ratings", {"stars": "none", "items": 8, "negative_items": 2, "share": 0.25}, "share"),
        ("platforms", {"platform": "京东", "items": 6, "named": 8}, "named"),
        ("platforms", {"platform": "淘宝", "items": 0, "named": 0}, "named"),
    ],
)  # fmt: skip
def test_what_stands_beside_a_count_is_right_to_the_last_digits(build, table, row, column, off):
    ledger = fill_ledger(build, 8, is_negative=[True] * 6 + [False] * 2)
    of = study(published={"source": "x", "counts": {"price": 40}})
    size = 1e-9 * max(1, row[column])

    def said(value, of=of):
        tables = {table: pd.DataFrame([row | {column: value}])}
        return failure(lambda: recounting._check_derived(tables, ledger, of))

    assert said(row[column]) == said(row[column] + 0.5 * off * size) == ""
    assert said(None) == said(float("nan")) == ""  # withheld
    assert f"{table}/{next(iter(row.values()))}/{column}" in said(row[column] + 2 * off * size)
    if column == "published":
        assert f"{table}/price/published" in said(40, study())  # nothing was published


@pytest.mark.parametrize(
    ("step", "left", "is_right"),
    [
        ("window", 8, True), ("window", 9, False), ("window", 7, False), ("window", None, True),
        ("negative", 6, True), ("negative", 5, False), ("negative", 7, False),
        ("coded", 4, True), ("coded", 6, False), ("coded", 3, False), ("read", 99, True),
    ],
)  # fmt: skip
def test_the_steps_of_the_funnel_end_with_the_posts(build, step, left, is_right):
    ledger = fill_ledger(
        build, 8, is_negative=[True] * 6 + [False] * 2,
        grievances=[["price"]] * 4 + [[]] * 2 + [["price"]] * 2,
    )  # fmt: skip
    funnel = pd.DataFrame({"step": [step], "posts_out": [left]})
    said = failure(lambda: recounting._check_derived({"funnel": funnel}, ledger, study()))
    assert (said == "") == is_right


def test_a_post_that_a_page_quotes_stands_in_the_ledger(build):
    ledger = fill_ledger(build, 3)
    quoted = ["post", "date", "channel", "grievances", "sub_grievances", "platforms"]
    path = build / recounting.EXAMPLES
    recounting._check_examples(build, ledger)  # none are quoted
    rows = ledger.select(quoted).with_columns(text=pl.lit("坑"))
    for changed, is_right in [
        (rows, True), (rows.head(2), False), (rows.head(0), False),
        (rows.with_columns(post=pl.lit("x")), False),
        (rows.with_columns(date=pl.lit("2020-06-02")), False),
        (rows.with_columns(text=pl.lit("打13800138000")), False),
    ]:  # fmt: skip
        changed.write_parquet(path)
        said = failure(lambda: recounting._check_examples(build, ledger))
        assert (said == "") == is_right


# What follows from tables is made again.


@pytest.mark.parametrize(
    ("again", "told"),
    [
        ({"a": [1, 2], "b": ["x", "y"]}, ""),
        ({"a": [1, 3], "b": ["x", "y"]}, "line 3: they give 3"),
        ({"a": [1], "b": ["x"]}, "line 3: they give no such row"),
        ({"a": [1, 2, 3], "b": ["x", "y", "z"]}, "line 4: they give 3"),
        ({"b": ["x", "y"], "a": [1, 2]}, "line 1: they give b,a"),
    ],
)  # fmt: skip
def test_a_table_made_again_is_the_same_cell_by_cell(again, told):
    printed = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    said = failure(lambda: remaking._require_same("t", printed, pd.DataFrame(again)))
    assert told in said and (told == "") == (said == "")


@pytest.mark.parametrize("planted", [199_999.5, 200_000, 200_000.5, 0, None])
@pytest.mark.parametrize("simulated", [True, False])
def test_a_corpus_is_simulated_again_up_to_its_size(monkeypatch, planted, simulated):
    """Two hundred thousand posts at most, and none where nothing was simulated."""
    lists = {name: pl.List(pl.String) for name in ("grievances", "sub_grievances", "platforms")}
    truth = pl.DataFrame(
        {"is_negative": [True, True, False], "grievances": [["price"], ["price", "delivery"], []],
         "sub_grievances": [["price.price_surge"], None, []],
         "platforms": [["京东"], ["京东"], ["京东"]]}, schema_overrides=lists,
    )  # fmt: skip
    monkeypatch.setattr(
        remaking, "simulate", lambda *_, **__: [(truth.select("is_negative"), truth)]
    )
    simulation = None if planted is None else Simulation.model_construct(posts=planted)
    of = Study.model_construct(seed=1, simulation=simulation)
    facts = {"simulated": simulated, "scale": 1.0}
    expected = {"all": 3, "negative": 2, "delivery": 1, "price": 2, "price.price_surge": 1,
                "platform:京东": 2}  # fmt: skip
    is_made = simulated and planted is not None and 0 < planted <= 200_000
    counts, files = remaking._plant_again(of, facts)
    assert counts == (expected if is_made else None)
    assert [*files] == ["part-00000.parquet"] * is_made
    if is_made:
        assert remaking._plant_again(of, {"simulated": True, "scale": 2.0}) == (None, {})


FILES = {"part-00000.parquet": "0a"}
MADE = ("campaigns", "claims", "event_days", "planted", "sentiment_days", "trends")


@pytest.fixture
def made(monkeypatch):
    """Stand-ins for what makes tables: each gives one row of its own, and notes what it gets."""
    told = {}

    def maker(name, give=lambda table: table):
        def make(*given, **options):
            told[name] = (given, options)
            return give(pd.DataFrame({"grievance": [name], "items": [3]}))

        return make

    for function, name in {
        "compare_event_days": "event_days", "judge_trend": "trends",
        "compare_campaigns": "campaigns", "judge_claims": "claims",
    }.items():  # fmt: skip
        monkeypatch.setattr(remaking, function, maker(name))
    sentiment = maker("sentiment_days", lambda table: {"sentiment_days": table})
    monkeypatch.setattr(remaking, "describe_sentiment", sentiment)
    monkeypatch.setattr(
        remaking, "_plant_again", maker("planted", lambda _: ({"planted": 3}, FILES))
    )
    return told


def printed(*names):
    return {name: pd.DataFrame({"grievance": [name], "items": [3]}) for name in names}


@pytest.mark.parametrize(
    ("names", "held"),
    [
        ((), []), (("claims", "counts"), ["claims"]), (MADE, list(MADE[:-1])),
        ((*MADE, "daily"), list(MADE)),
        ((*MADE, "daily", "audit"), list(MADE[:-1])),  # drift, which no table holds
    ],
)  # fmt: skip
def test_tables_that_need_no_text_are_made_again(build, made, names, held):
    save(build)
    fill_ledger(build, 2)
    tables = printed(*names)
    assert remaking.check_made_again(build, tables, {}) == held
    facts = json.loads((build / "run.json").read_text("utf-8"))
    if "planted" in names:
        assert made["planted"][0] == (Study.model_validate(facts["study"]), facts)
    assert ("planted" in made) == ("planted" in names)
    (of, given), options = made["claims"]
    assert (of.name, given) == ("s", tables) and made["campaigns"][0][1:] == (tables, of)
    planted = {"planted": 3} if "planted" in names else None
    assert options == {"simulated": True, "scale": 0.5, "truth_counts": planted}
    for name in held:
        wrong = tables | {name: tables[name].assign(items=4)}
        said = failure(lambda wrong=wrong: remaking.check_made_again(build, wrong, {}))
        assert f"{name}, line 2: they give {name},3" in said
    for files, is_right in ((FILES, True), ({}, False), ({"part-00000.parquet": "0b"}, False)):
        said = failure(lambda: remaking.check_made_again(build, tables, {"inputs": files}))  # noqa: B023
        assert (said == "") == (is_right or "planted" not in names)


TOPICS = {
    "clusters": {"cluster": [0, 1], "items": [5, 3]},
    "cluster_days": {"date": ["a", "b", "b"], "cluster": [0, 0, 1], "items": [2, 3, 3]},
    "cluster_codes": {"cluster": [0, 0, 1], "grievance": ["price", "none", "price"],
                      "items": [4, 1, 3], "share": [0.8, 0.2, 1.0]},
    "counts": {"grievance": ["all", "negative", "price"], "items": [20, 9, 7]},
    "notes": {"about": ["trends", "clusters"], "number": [1, 1],
              "en": ["Few.", "9 distinct texts, of which 11% are in no topic."]},
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, ""), ({"cluster_days": None}, ""), ({"cluster_codes": None}, ""),
        ({"clusters": {"cluster": [], "items": []}}, "where notes"),
        ({"clusters": {"cluster": [0], "items": [5]}}, "where cluster_days"),
        ({"clusters": {"cluster": [0, 1], "items": [5, 5]}}, "where clusters/items"),
        ({"cluster_days": TOPICS["cluster_days"] | {"items": [2, 3, 2]}}, "where cluster_days"),
        ({"cluster_days": {"date": [], "cluster": [], "items": []}}, "where cluster_days"),
        ({"cluster_codes": TOPICS["cluster_codes"] | {"items": [4, 2, 3]}}, "where cluster_codes"),
        ({"cluster_codes": TOPICS["cluster_codes"] | {"share": [0.8, 0.21, 1]}}, "codes/share"),
        ({"counts": {"grievance": ["negative", "price"], "items": [9, 6]}}, "codes/items"),
        ({"clusters": TOPICS["clusters"] | {"covered": [0.8, 1.0]}}, ""),
        ({"clusters": TOPICS["clusters"] | {"covered": [0.9, 1.0]}}, "clusters/covered"),
        ({"clusters": TOPICS["clusters"] | {"top_grievance": ["price", "price"]}}, ""),
        ({"clusters": TOPICS["clusters"] | {"top_grievance": ["price", None]}}, "top_grievance"),
        ({"notes": {"about": [], "number": [], "en": []}}, ""),  # of a run of an older day
    ],
)  # fmt: skip
def test_what_a_run_says_of_its_topics_agrees(changed, told):
    tables = {name: pd.DataFrame(rows) for name, rows in (TOPICS | changed).items() if rows}
    said = failure(lambda: remaking._check_topics(tables))
    assert told.removeprefix("where ") in said and (told == "") == (said == "")


def test_what_was_planted_is_taken_from_its_table_where_it_takes_minutes(build, made, monkeypatch):
    monkeypatch.setattr(remaking, "_plant_again", lambda *_: (None, {}))
    save(build)
    fill_ledger(build, 2)
    assert remaking.check_made_again(build, printed("planted", "claims"), {}) == ["claims"]
    assert made["claims"][1]["truth_counts"] == {"planted": 3}


@pytest.mark.parametrize(("minimum", "columns"), [(2, LEDGER_COLUMNS), (1, ["post"]), (1, None)])
def test_nothing_is_made_again_of_what_is_withheld(build, made, minimum, columns):
    save(build, disclosure={"minimum_cell": minimum})
    if columns:
        rows = fill_ledger(build, 2).select(columns)
        rows.write_parquet(build / "evidence/posts.parquet")
    assert remaking.check_made_again(build, printed(*MADE), {}) == [] and made == {}


# The audit.

AUDIT_RECORD = {"seed": 1, "size": 3, "frame": {"size": 9}}


def marks_of(**columns):
    given = {
        "post_id": ["a", "b", "c"], "stratum": [1, 1, 2], "inclusion_probability": [0.5, 0.5, 1.0],
        "machine": [1, 0, 0], "coder_a.negative": [1, 0, None], "coder_b.negative": [1, 1, None],
    } | columns  # fmt: skip
    return pl.DataFrame({name: values for name, values in given.items() if values is not None})


def open_sheets(monkeypatch, record, learnt=(False, False, False)):
    """Give the folder of an audit with three posts, of which a coder learnt some."""
    folder = SimpleNamespace(
        record=AUDIT_RECORD | record, sample=pl.DataFrame({"text": ["好", "慢", "坏"]})
    )
    monkeypatch.setattr(recounting, "open_folder", lambda *_: folder)
    monkeypatch.setattr(recounting, "settle_codes", lambda _: None)
    monkeypatch.setattr(recounting, "list_marks", lambda *_: marks_of())
    monkeypatch.setattr(recounting, "is_learnt", lambda *_: pl.Series(learnt))


@pytest.mark.parametrize(
    ("record", "marks", "told"),
    [
        ({}, {}, ""), ({"seed": 2}, {}, "value seed"),
        ({"frame": {"size": 8}}, {}, "value frame"),
        ({"gold": {"filled_by": "x"}}, {}, ""),
        ({}, {"stratum": [1, 2, 2]}, "value stratum"),
        ({}, {"machine": [0, 1, 0]}, "value machine"),
        ({}, {"inclusion_probability": [0.5, 0.5, 0.9]}, "value inclusion_probability"),
        ({}, {"coder_b.negative": None}, "other forms, columns or posts"),
        ({}, {"gold.negative": [1, None, None]}, "other forms, columns or posts"),
        ({}, {"coder_a.negative": [1, 1, None]}, "coder_a.negative: 0, was 1"),
        ({}, {"coder_a.negative": [None, 0, 1]}, "post a; 2 such marks"),
        ({}, {"post_id": ["z", "b", "c"]}, ""),  # ids stand in no evidence
    ],
)  # fmt: skip
def test_marks_are_those_of_the_sheets(monkeypatch, record, marks, told):
    open_sheets(monkeypatch, record)
    given = Path("forms"), marks_of(**marks), AUDIT_RECORD, "fast"
    said = failure(lambda: recounting._check_sheets(*given))
    assert told.replace("value ", "") in said and (told == "") == (said == "")


@pytest.mark.parametrize("told", [None, [False, False, False], [False, True, False]])
@pytest.mark.parametrize("learnt", [(False, False, False), (False, True, False)])
def test_texts_that_the_coder_had_learnt_are_those_of_the_folder(monkeypatch, told, learnt):
    open_sheets(monkeypatch, {}, learnt)
    marks = marks_of(learnt=told)
    said = failure(lambda: recounting._check_sheets(Path("x"), marks, AUDIT_RECORD, "fast"))
    is_right = tuple(told or (False, False, False)) == learnt
    assert (said == "") == is_right and (is_right or f"{int(any(told or []))} of 3" in said)


def test_who_filled_in_the_recoding_is_told_where_there_is_one(monkeypatch):
    open_sheets(monkeypatch, {"gold": {"filled_by": "simulated experts"}})
    for gold, is_right in [({"filled_by": "simulated experts"}, True), ({}, False), (None, False)]:
        facts = AUDIT_RECORD | {"has_gold": True, "gold": gold}
        said = failure(lambda: recounting._check_sheets(Path("x"), marks_of(), facts, ""))  # noqa: B023
        assert (said == "") == is_right


ESTIMATES = ("estimate", "low", "high")
OF_AN_AUDIT = (
    *ESTIMATES, "items", "audited", "alpha", "alpha_low", "alpha_high", "coders", "coded_twice",
    "disputes", "open",
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "held"),
    [("audit", OF_AN_AUDIT), ("counts", (*ESTIMATES, "items")), ("platforms", ESTIMATES)],
)
def test_an_estimate_follows_from_the_marks_to_the_digit_that_is_printed(name, held):
    rows = pd.DataFrame({one: [10.0] for one in OF_AN_AUDIT}, index=["price"])
    for column in OF_AN_AUDIT:
        for printed, is_right in [(10.0, True), (10.05, True), (9.95, True), (None, True),
                                  (10.052, False), (9.948, False)]:  # fmt: skip
            row = {column: printed}
            said = failure(lambda: recounting._check_estimates(name, row, "price", rows))  # noqa: B023
            is_refused = column in held and not is_right
            assert (f"{name}/price/{column}: the marks give 10.0" in said) == is_refused
            assert (said == "") != is_refused


def test_an_estimate_of_what_nobody_marked_is_refused():
    rows = pd.DataFrame({one: [10.0, None] for one in OF_AN_AUDIT}, index=["a", "b"])
    for target in ("b", "c"):
        said = failure(
            lambda target=target: recounting._check_estimates("counts", {"low": 1}, target, rows)
        )
        assert f"counts/{target}/low" in said
    recounting._check_estimates("counts", {"items": 99}, "c", rows)  # a code without an estimate


@pytest.mark.parametrize(
    ("post", "chances", "facts", "told"),
    [
        (["00", "01"], [0.5, 0.25], {"frame": {"size": 6}}, ""),
        (["00", "01"], [0.5, 0.25], {"frame": {"size": 8}, "left_out": {"posts": 2}}, ""),
        (["00", "01"], [0.5, 0.25], {"frame": {"size": 8}}, "must make up"),
        (["00", "01"], [0.5, 0.25], {}, ""), (["00", "01"], [0.5, 0.25], {"frame": {}}, ""),
        (["00", "xx"], [0.5, 0.25], {"frame": {"size": 6}}, "must stand in the ledger"),
        (["00", "01"], [0.5, 0.25], {"drawn": 2}, ""),
        (["00", "01"], [0.5, 0.25], {"drawn": 3}, "tell how many posts"),
        (["00", "01"], [0.5, 0.25], {"drawn": 1}, "tell how many posts"),
        (["00", "00"], [0.5, 0.25], {}, "each post stands there once"),
        (["00", "01"], [0.5, 0.25], {"scored": True}, "each post stands there once"),
    ],
)  # fmt: skip
def test_audited_posts_stand_in_the_ledger_and_make_up_their_frame(
    build, post, chances, facts, told
):
    marks = pl.DataFrame({"post": post, "inclusion_probability": chances})
    size = facts.get("frame", {}).get("size", 3)
    ledger = fill_ledger(build, size)
    said = failure(lambda: recounting._check_draw(marks, facts, ledger))
    assert told in said and (told == "") == (said == "")
    if "size" in facts.get("frame", {}) and not told:
        other = fill_ledger(build, size + 1)
        assert "the posts of the ledger" in failure(
            lambda: recounting._check_draw(marks, facts, other)
        )
    if "ledger" in told:
        recounting._check_draw(marks, facts, None)


@pytest.mark.parametrize(
    ("column", "is_known"),
    [
        ("coder_a.price", True), ("coder_b.price.price_surge", True), ("gold.negative", True),
        ("adjudicated.price", True), ("learnt", True), ("stratum", True), ("post_id", True),
        ("note", False), ("coder_c.price", False), ("coder_a", False), ("coder_a.Approved", False),
        ("learnt.price", False),
    ],
)  # fmt: skip
def test_the_marks_of_an_audit_are_those_of_its_forms(column, is_known):
    marks = pl.DataFrame({"post": ["00"], "inclusion_probability": [1.0], column: [None]})
    said = failure(lambda: recounting._check_draw(marks, {}, None))
    assert (f"found {column!r}" in said) == (not is_known) and (said == "") == is_known


@pytest.mark.parametrize("is_whole", [True, False])
@pytest.mark.parametrize(("printed", "found"), [(None, 10.0), (None, None), (0.0, 0.0)])
def test_no_estimate_is_left_out_of_a_whole_table(printed, found, is_whole):
    rows = pd.DataFrame({one: [found] for one in OF_AN_AUDIT}, index=["a"])
    row = {"estimate": printed}
    said = failure(
        lambda: recounting._check_estimates("platforms", row, "a", rows, is_whole=is_whole)
    )
    assert bool(said) == (printed is None and found is not None and is_whole)


@pytest.mark.parametrize(
    ("tables", "has"),
    [
        ({}, False), ({"audit": pd.DataFrame()}, False),
        ({"audit": pd.DataFrame({"a": [1]})}, True),
        *(({name: pd.DataFrame({"estimate": values})}, values[-1] is not None)
          for name in ("counts", "sub_grievances", "platforms")
          for values in ([None], [None, 2.0])),
        ({"trends": pd.DataFrame({"estimate": [2.0]})}, False),
        ({"counts": pd.DataFrame({"items": [2.0]})}, False),
    ],
)  # fmt: skip
def test_only_an_audit_gives_estimates(tables, has):
    assert recounting.has_estimates(tables) == has


@pytest.mark.parametrize(
    ("facts", "columns", "has_audit", "is_refused"),
    [
        ({}, LEDGER_COLUMNS, False, False), ({"seed": 1}, LEDGER_COLUMNS, False, True),
        ({}, LEDGER_COLUMNS, True, True), ({"seed": 1}, ["post"], True, False),
        ({"scored": "x.csv"}, LEDGER_COLUMNS, True, False), ({"seed": 1}, None, True, True),
    ],
)  # fmt: skip
def test_estimates_rest_on_marks(build, facts, columns, has_audit, is_refused):
    tables = {"audit": pd.DataFrame({"a": [1]})} if has_audit else {}
    ledger = fill_ledger(build, 2).select(columns) if columns else None
    said = failure(lambda: recounting._require_marks(tables, facts, ledger))
    assert ("must hold the marks" in said) == is_refused and (said == "") != is_refused


@pytest.mark.parametrize(
    ("command", "named"),
    [
        ("caodian report --audit forms", "forms"),
        ("caodian report --audit 'my forms' x", "my forms"),
        ("caodian report --audit", None), ("caodian report --audit elsewhere", None),
        ("caodian report forms", None), ("", None),
    ],
)  # fmt: skip
def test_the_audit_is_looked_for_where_the_command_names_it(tmp_path, monkeypatch, command, named):
    monkeypatch.chdir(tmp_path)
    for name in ("forms", "my forms"):
        Path(name).mkdir()
    found = recounting._named_audit({"command": command})
    assert found == (None if named is None else Path(named))


SCORED = [{"zh": "审核甲", "en": "Audit A"}]


@pytest.mark.parametrize("is_repeated", [True, False])
@pytest.mark.parametrize("learnt", [0, 3, 1200])
def test_what_a_page_says_of_the_audit_is_what_the_draw_says(is_repeated, learnt):
    told = [*SCORED, *tell_draw(is_repeated=is_repeated, seen=learnt)]
    facts = {} if is_repeated else {"draw_repeated": False}
    other = [{"about": "clusters", "zh": "话题", "en": "Topics"}]
    notes = pd.DataFrame([*({"about": "audit", **note} for note in told), *other])
    recounting._check_told(notes, SCORED, facts, learnt)
    recounting._check_told(notes.assign(number=1), SCORED, facts, learnt)
    for wrong, named in (
        (notes.iloc[1:], f"{len(told) - 1} sentences"),
        (pd.concat([notes, notes.head(1)]), f"{len(told) + 1} sentences"),
        (notes.replace("审核甲", "审核乙"), "审核乙"),
        (notes.replace("Audit A", "Audit B"), "审核甲"),
        (notes.assign(counted="2"), "审核甲"),
    ):
        said = failure(lambda: recounting._check_told(wrong, SCORED, facts, learnt))  # noqa: B023
        assert "must follow from the marks" in said and f"found '{named}'" in said
    for repeated, seen in ((not is_repeated, learnt), (is_repeated, learnt + 1)):
        other_facts = {"draw_repeated": repeated}
        assert failure(lambda: recounting._check_told(notes, SCORED, other_facts, seen))  # noqa: B023


def test_nothing_is_said_of_an_audit_that_says_nothing():
    recounting._check_told(pd.DataFrame(), [], {}, 0)
    assert "0 sentences" in failure(lambda: recounting._check_told(pd.DataFrame(), SCORED, {}, 0))


@pytest.mark.parametrize("command", ["caodian report", "caodian report --audit forms"])
@pytest.mark.parametrize("given", [None, "forms"])
def test_an_audit_is_scored_again_and_held_to_its_sheets(build, monkeypatch, command, given):
    monkeypatch.chdir(build)
    Path("forms").mkdir()
    save(build)
    fill_ledger(build, 3)
    marks = marks_of(post=["00", "01", "02"])
    marks.write_parquet(build / "evidence/audit.parquet")
    rows = pd.DataFrame({name: [10.0] for name in OF_AN_AUDIT}).assign(grievance="price")
    details = rows.assign(grievance=["platform:京东"], estimate=4.0)
    rows.attrs |= {"details": details, "notes": SCORED}
    held = []
    monkeypatch.setattr(recounting, "score_marks", lambda *_: rows)
    monkeypatch.setattr(recounting, "_check_sheets", lambda path, *_: held.append(path))
    manifest = {"command": command, "audit": {"seed": 1}}
    notes = pd.DataFrame([{"about": "audit", **SCORED[0]}])
    tables = {"notes": notes, "audit": pd.DataFrame({"grievance": ["price"], "estimate": [10.0]}),
              "platforms": pd.DataFrame({"platform": ["京东"], "estimate": [4.0]})}  # fmt: skip
    has_forms = given is not None or "--audit" in command
    assert recounting.check_audit(build, tables, manifest, given) == (4, has_forms)
    assert held == [Path("forms")] * has_forms
    for name, told in (("audit", "audit/price/estimate"), ("platforms", "platform:京东/estimate")):
        wrong = tables | {name: tables[name].assign(estimate=7.0)}
        said = failure(lambda: recounting.check_audit(build, wrong, manifest, given))  # noqa: B023
        assert told in said
    assert "must follow" in failure(
        lambda: recounting.check_audit(build, tables | {"notes": notes.head(0)}, manifest, given)
    )
    untold = tables | {"audit": tables["audit"].assign(grievance="delivery")}
    said = failure(lambda: recounting.check_audit(build, untold, manifest, given))
    assert "an audit must be told whole: found 'price'" in said


@pytest.mark.parametrize("given", [None, "forms"])
def test_a_report_without_marks_is_checked_against_no_audit(build, given):
    said = failure(lambda: recounting.check_audit(build, {}, {}, given))
    assert ("leave --audit out" in said) == (given is not None)
    assert given or recounting.check_audit(build, {}, {}, None) == (0, False)


@pytest.mark.parametrize(
    ("held", "tested", "is_right"),
    [("2", "3", True), ("3", "3", False), ("1", "3", False), ("2", "4", False), ("2", "2", False)],
)
def test_a_claim_holds_in_as_many_specifications_as_their_table_says(held, tested, is_right):
    ways = pd.DataFrame({"claim_id": ["C1"] * 3 + ["C2"], "holds": [True, True, False, True]})
    counted = recounting.count_specifications({"specifications": ways}, "C1")
    assert set(counted.values()) == {2, 3}
    row = {"claim_id": "C1", **{
        name: int(held if value == 2 else tested) for name, value in counted.items()
    }}  # fmt: skip
    tables = {"claims": pd.DataFrame([row]), "specifications": ways}
    said = failure(lambda: recounting.check_specifications(tables))
    assert (said == "") == is_right and (is_right or "claims/C1/" in said)


def test_a_build_is_cited_by_the_name_that_its_tables_give(build):
    name = remaking.name_build(build, {"study": "s"})
    remaking.check_name(build, {"study": "s", "build": name})
    assert "must be that of its tables" in failure(
        lambda: remaking.check_name(build, {"study": "s", "build": name[::-1]})
    )
    (build / "tables/counts.csv").write_text("grievance,items\nall,4\n")
    assert failure(lambda: remaking.check_name(build, {"study": "s", "build": name}))


# All of it, in order: what is asked of a build of these versions, and what of another's.

CHECKS = (
    "check_files", "_check_version", "_check_parts", "_require_plain", "check_form",
    "check_openness", "check_facts", "load_tables", "check_whole", "check_account", "check_alike",
    "check_specifications", "_check_mark",
    "check_counts", "check_made_again", "check_audit", "check_name", "_trusted", "_redraw",
)  # fmt: skip
ONLY_OURS = {
    "check_form", "check_whole", "check_account", "check_alike", "check_made_again", "_redraw",
}  # fmt: skip


@pytest.mark.parametrize("is_ours", [True, False])
@pytest.mark.parametrize(("audited", "has_audit"), [(0, True), (0, False), (6, True)])
def test_each_rule_is_asked_of_a_build(tmp_path, monkeypatch, is_ours, audited, has_audit):
    given = {}
    estimates = {"counts": pd.DataFrame({"estimate": [1.0 if has_audit else None]})}
    answers = {
        "check_files": 7, "_check_version": is_ours, "load_tables": estimates, "check_counts": 11,
        "check_made_again": ["claims"], "check_audit": (audited, True), "_trusted": ["notes"],
        "_redraw": 9,
    }  # fmt: skip
    for name in CHECKS:

        def check(*words, _name=name, **options):
            given.setdefault(_name, []).append((*words, *options.values()))
            return answers.get(_name)

        monkeypatch.setattr(verification, name, check)
    manifest = {"study": "s"}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    for language in ("zh", "en"):
        (tmp_path / f"report.{language}.html").write_text(PAGE)
    done = verification._verify(tmp_path, "forms", other_version=not is_ours)
    again = ["claims"] if is_ours else []
    assert done == Verification(
        7,
        4,
        2,
        2,
        11,
        9 if is_ours else 0,
        audited,
        True,
        has_audit and not audited,
        again,
        ["notes"],
    )
    assert set(given) == set(CHECKS) - (set() if is_ours else ONLY_OURS)
    marks = [call[0].evidence for call in given.pop("_check_mark")]
    assert marks == [mark.evidence for mark in verification._read_marks(PAGE)] * 2
    folder, tables = tmp_path, estimates
    expected = {
        "check_files": (folder, False), "_check_version": (manifest, not is_ours),
        "_check_parts": (folder, is_ours, False), "_require_plain": (folder, manifest),
        "check_form": (folder, manifest), "check_openness": (folder, manifest),
        "check_facts": (folder, manifest, tables), "load_tables": (folder,),
        "check_whole": (folder, tables, manifest), "check_account": (tables,),
        "check_alike": (tables,), "check_specifications": (tables,),
        "check_counts": (folder, tables),
        "check_made_again": (folder, tables, manifest, False, None),
        "check_audit": (folder, tables, manifest, "forms", is_ours),
        "check_name": (folder, manifest),
        "_trusted": (folder, tables, again, manifest, True, False, True),
        "_redraw": (folder, tables, manifest),
    }  # fmt: skip
    assert given == {name: [expected[name]] for name in given}


# What is withheld, and in what order rows stand.


@pytest.mark.parametrize(
    ("tables", "minimum", "told"),
    [
        ({"daily": {"items": [0, 5, None]}}, 5, ""), ({"daily": {"items": [0, 4]}}, 5, "items"),
        ({"daily": {"items": [0, 4]}}, 1, ""), ({"ratings": {"negative_items": [1]}}, 2, "ratings"),
        ({"daily": {"days": [3]}, "funnel": {"items": [3]}}, 5, ""),
        *(({"t": {name: [6, 4]}}, 5, f"t/{name}")
          for name in ("families", "authors", "texts_first", "texts_second")),
    ],
)  # fmt: skip
def test_a_build_that_withholds_small_cells_shows_none(tables, minimum, told):
    frames = {name: pd.DataFrame(columns) for name, columns in tables.items()}
    said = failure(lambda: remaking._check_withheld(frames, minimum))
    assert told in said and (told == "") == (said == "")


@pytest.mark.parametrize(
    ("name", "rows", "is_right"),
    [
        ("counts", {"grievance": ["all", "negative", "live_streaming", "price"]}, True),
        ("counts", {"grievance": ["negative", "all", "price"]}, False),
        ("counts", {"grievance": ["all", "negative", "price", "live_streaming"]}, False),
        ("counts", {"grievance": []}, True),
        ("daily", {"date": ["1", "1", "2"], "grievance": ["all", "price", "all"]}, True),
        ("daily", {"date": ["1", "2", "1"], "grievance": ["all", "all", "price"]}, False),
        ("weekly", {"date": ["1", "1"], "grievance": ["price", "all"]}, False),
        ("sub_grievances", {"sub_grievance": ["live_streaming.after_sales", "price.price_surge"]},
         True),
        ("sub_grievances", {"sub_grievance": ["price.price_surge", "live_streaming.after_sales"]},
         False),
        ("ratings", {"stars": ["1", "2", "none"]}, True),
        ("ratings", {"stars": ["2", "1", "none"]}, False),
        ("platforms", {"platform": ["a", "b", "c"], "items": [5, 5, 1]}, True),
        ("platforms", {"platform": ["b", "a", "c"], "items": [5, 5, 1]}, False),
        ("platforms", {"platform": ["b", "a", "c"], "items": [5, None, 1]}, True),  # withheld
        ("channels", {"channel": ["x", "a"], "negative_items": [5, 5], "items": [9, 7]}, True),
        ("channels", {"channel": ["a", "x"], "negative_items": [5, 5], "items": [7, 9]}, False),
        ("platform_sub_grievances",
         {"platform": ["a", "a", "b"], "items": [2, 1, 4], "sub_grievance": ["y", "x", "x"]}, True),
        ("platform_sub_grievances",
         {"platform": ["a", "a", "b"], "items": [1, 2, 4], "sub_grievance": ["x", "y", "x"]},
         False),
    ],
)  # fmt: skip
def test_rows_stand_in_the_order_of_the_codebook(name, rows, is_right):
    tables = {name: pd.DataFrame(rows)}
    assert (failure(lambda: remaking._check_order(tables)) == "") == is_right


@pytest.mark.parametrize(
    ("command", "change", "is_plain"),
    [
        ("caodian report a.csv", {}, True), ("caodian report x/a.csv --public", {}, True),
        ("caodian report b.csv", {}, False), ("caodian report a.csv b.csv", {}, False),
        ("caodian report a.csv", {"title_en": "Approved: consumer grievances"}, False),
        ("caodian report a.csv", {"title_zh": "官方：消费投诉分析"}, False),
        ("caodian report a.csv", {"seed": 7}, False),
        ("caodian report a.csv", {"channels": ["weibo"]}, False),
        ("caodian report a.csv", {"thresholds": {"negative": 0.6}}, False),
        ("caodian report a.csv", {"window": {"start": "2020-06-01", "end": "2020-06-02"}}, True),
        ("caodian report 打13812345678.csv",
         {"title_en": "打【电话】: consumer grievances", "title_zh": "打【电话】：消费投诉分析"},
         True),
        ("caodian report sqlite:///a.db", {"title_en": "database: consumer grievances"}, True),
        ("caodian report sqlite:///a.db", {"seed": 7}, False),
    ],
)  # fmt: skip
def test_a_study_without_a_file_chooses_nothing(command, change, is_plain):
    plain = study_of_range("a", None, None, []).model_dump(mode="json")
    assert recounting._is_plain(Study.model_validate(plain | change), command) is is_plain


# A build that lacks a part, and one that was handed on without its evidence.

WINDOW = {"start": "2020-06-01", "end": "2020-06-20"}
ALWAYS = set(recounting.TABLES) - {
    "weekly", "monthly", "coverage_periods", "cluster_days", "planted", "audit", "shared_errors",
    "count_errors", "daily", "coverage",
}  # fmt: skip


def whole_build(build, *, drop=(), empty=(), manifest=None, run=None):
    """Ask whether a build of these tables is whole; return what is told."""
    save(build, **({"window": WINDOW} | (run or {})))
    due = ALWAYS | {"daily", "coverage", "cluster_days", "planted"}
    tables = {name: pd.DataFrame({"a": [] if name in empty else [1]}) for name in due - {*drop}}
    outputs = ["topics.zh.html", "topics.en.html", "evidence/examples.parquet"]
    told = {"command": "caodian report", "outputs": outputs} | (manifest or {})
    return failure(lambda: recounting.check_whole(build, tables, told))


@pytest.mark.parametrize("name", sorted(ALWAYS | {"daily", "coverage", "cluster_days", "planted"}))
def test_no_table_that_a_run_writes_may_lack(build, name):
    assert whole_build(build) == ""
    assert f"no tables/{name}.csv" in whole_build(build, drop=[name])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"empty": ["counts"]}, "nothing in tables/counts.csv"),
        ({"empty": ["funnel"]}, "nothing in tables/funnel.csv"),
        ({"empty": ["reconciliation"]}, "nothing in tables/reconciliation.csv"),
        ({"empty": ["trends"]}, ""),
        # Of longer windows the series and the coverage are those of weeks.
        ({"run": {"window": WINDOW | {"end": "2020-12-20"}}}, "no tables/coverage_periods.csv"),
        ({"run": {"window": None}, "drop": ["cluster_days"]}, ""),
        ({"drop": ["planted"], "run": {"simulated": False}}, ""),
        ({"run": {"simulated": False}}, "tables/planted.csv, which such a run does not write"),
        ({"manifest": {"audit": {"drawn": 3}}}, "no tables/audit.csv"),
        ({"manifest": {"parameters": {"coder": "fast"}}}, "no tables/count_errors.csv"),
        ({"manifest": {"parameters": {"coder": "keyword"}}}, "no tables/count_errors.csv"),
        ({"manifest": {"parameters": {"coder": "llm"}}}, ""),
        ({"manifest": {"outputs": ["topics.zh.html", "evidence/examples.parquet"]}},
         "no topics.en.html"),
        ({"manifest": {"outputs": ["topics.zh.html", "topics.en.html"]}},
         "no evidence/examples.parquet"),
        ({"manifest": {"outputs": []}, "empty": ["clusters"]}, "no evidence/examples.parquet"),
        ({"manifest": {"outputs": []}, "empty": ["clusters"], "drop": ["planted"],
          "run": {"simulated": False, "disclosure": {"quotes": False}}}, ""),
        ({"manifest": {"outputs": []}, "empty": ["clusters"], "drop": ["planted"],
          "run": {"simulated": False, "disclosure": {"quotes": True}}}, "no evidence/examples"),
        ({"manifest": {"outputs": [], "command": "caodian report --public"}}, ""),
        ({"manifest": {"outputs": []}, "run": {"disclosure": {"minimum_cell": 2}}}, ""),
    ],
)  # fmt: skip
def test_what_a_run_writes_hangs_on_the_study_the_audit_and_the_coder(build, change, told):
    said = whole_build(build, **change)
    assert told in said and bool(said) == bool(told)


@pytest.mark.parametrize(
    ("facts", "names", "told"),
    [
        ({"drawn": 3}, ["audit"], "no tables/shared_errors.csv"),
        ({"drawn": 3, "has_gold": True}, ["audit"], ""),  # its intervals take in that error
        ({"drawn": 3}, ["shared_errors"], "no tables/audit.csv"),
        ({"drawn": 3}, ["audit", "shared_errors"], ""),
    ],
)
def test_an_audit_has_its_tables_and_no_errors_of_the_coder(build, facts, names, told):
    save(build, window=WINDOW)
    due = {*ALWAYS, "daily", "coverage", "cluster_days", "planted", *names}
    tables = {name: pd.DataFrame({"a": [1]}) for name in due}
    outputs = ["topics.zh.html", "topics.en.html", "evidence/examples.parquet"]
    manifest = {"audit": facts, "parameters": {"coder": "fast"}, "outputs": outputs}
    said = failure(lambda: recounting.check_whole(build, tables, manifest))
    assert told in said and bool(said) == bool(told)


def test_an_archive_lacks_its_evidence_and_nothing_else(build):
    fill_ledger(build, 2)
    (build / "manifest.json").unlink()
    write_manifest(build, {"study": "s"})
    assert check_files(build) == check_files(build, alone=True) == 3
    (build / "evidence/posts.parquet").write_bytes(b"other")
    assert "the hash of the manifest" in failure(lambda: check_files(build))
    (build / "evidence/posts.parquet").unlink()
    assert "must be there" in failure(lambda: check_files(build))
    assert check_files(build, alone=True) == 2
    (build / "evidence/more").touch()
    assert "named in the manifest" in failure(lambda: check_files(build, alone=True))
    (build / "evidence/more").unlink()
    (build / "run.json").unlink()
    assert "must be there" in failure(lambda: check_files(build, alone=True))


def test_of_an_archive_the_parts_outside_its_evidence_are_asked_for(whole):
    (whole / "evidence/posts.parquet").unlink(missing_ok=True)
    (whole / "evidence/rules.json").unlink(missing_ok=True)
    for path in (whole / "evidence").glob("*"):
        path.unlink()
    verification._check_parts(whole, is_ours=True, alone=True)
    assert "must be whole" in failure(lambda: verification._check_parts(whole, is_ours=True))
    (whole / "report.en.html").unlink()
    said = failure(lambda: verification._check_parts(whole, is_ours=True, alone=True))
    assert "report.en.html" in said


def test_of_an_archive_it_is_told_what_stayed_behind(build):
    row = pd.DataFrame({"a": [1]})
    tables = dict.fromkeys(("funnel", "claims", "counts", "audit", "explore", "other"), row)
    held = ["claims"]
    assert verification._trusted(build, tables, held, {}, alone=True) == [
        "audit", "counts", "explore", "funnel", "the texts of quoted posts",
    ]  # fmt: skip
    done = Verification(5, 40, 3, 2, recounted=0, redrawn=9, unheld=["a"], is_alone=True)
    assert "the ledger does not come along in an archive" in str(done)
    told = (
        "; who wrote the files, when and where, who may change them and what links to them is not "
        "checked"
    )
    assert str(done).endswith(f"; a follow from what stayed behind{told}")
    bare = str(replace(done, is_alone=False))
    assert "holds digests alone" in bare and bare.endswith(f"name the export with --posts{told}")


@pytest.mark.parametrize(
    ("command", "minimum", "is_made"),
    [("caodian report", 1, True), ("caodian report --public", 1, False),
     ("caodian report", 2, False)],
)  # fmt: skip
def test_of_an_archive_that_is_made_again_which_follows_from_no_post(
    build, made, command, minimum, is_made
):
    save(build, window=WINDOW, disclosure={"minimum_cell": minimum})
    tables = printed(*MADE, "daily", "coverage")
    with pytest.MonkeyPatch.context() as patch:  # its cells are few
        patch.setattr(remaking, "_check_withheld", lambda *_: None)
        held = remaking.check_made_again(build, tables, {"command": command}, alone=True)
    assert held == ([name for name in MADE if name != "sentiment_days"] if is_made else [])
    if not is_made:
        return
    assert "sentiment_days" not in made
    of = made["claims"][0][0]
    assert made["trends"] == ((tables["daily"], of.event_days), {
        "grades": tables["coverage"], "drift": None, "claimed": of.claimed_trends,
        "names": remaking.reader_names(), "period": "day",
    })  # fmt: skip
    assert made["event_days"] == (
        (tables["daily"], of.event_days, tables["coverage"]), {"period": "day"}
    )  # fmt: skip


def test_errors_that_both_coders_share_are_made_again_from_the_audit(build, made):
    save(build)
    fill_ledger(build, 2)
    tables = printed("audit") | {
        "audit": pd.DataFrame({"grievance": ["negative", "price"], "estimate": [200.0, 50.0]}),
        "counts": pd.DataFrame({"grievance": ["all", "negative"], "items": [1000, 300]}),
    }
    names = ["grievance", "shared_error", "down", "up"]
    rows = [["negative", 0.01, 8.0, 2.0], ["negative", 0.03, 24.0, 6.0],
            ["negative", 0.05, 40.0, 10.0], ["price", 0.01, 1.5, 0.5], ["price", 0.03, 4.5, 1.5],
            ["price", 0.05, 7.5, 2.5]]  # fmt: skip
    tables["shared_errors"] = pd.DataFrame(rows, columns=names)
    assert remaking.check_made_again(build, tables, {}) == ["shared_errors"]
    tables["shared_errors"].loc[5, "up"] = 2.6
    said = failure(lambda: remaking.check_made_again(build, tables, {}))
    assert "shared_errors, line 7: they give price,0.05,7.5,2.5" in said


def test_versions_and_evidence_are_asked_for_unless_somebody_says_otherwise(build):
    def said(**options):
        return failure(lambda: verification.verify_build(build, **options))

    assert "made again by the versions that made it" in said()
    assert "made again by the versions that made it" in said(alone=True)
    assert "must be whole: found 'evidence/posts.parquet'" in said(other_version=True)
    assert "must be whole: found 'report.zh.html'" in said(other_version=True, alone=True)


def told_build(notes, *, daily=None, window=None):
    tables = {} if notes is None else {"notes": pd.DataFrame(notes)}
    tables |= {} if daily is None else {"daily": daily}
    return remaking._Build(study(window=window), tables, False, 1.0, None, False)


COARSER = ("按周。", "By week.", (3,))


@pytest.mark.parametrize(
    ("notes", "coarser", "told"),
    [
        (None, COARSER, ""), ({"zh": ["x"], "en": ["x"]}, COARSER, ""),  # of a run of an older day
        ({"about": ["explore"], "zh": ["按周。"], "en": ["By week."]}, COARSER, ""),
        ({"about": ["explore"], "zh": ["按周"], "en": ["by week"]}, COARSER, ""),
        ({"about": ["other"], "zh": ["按周。"], "en": ["By week."]}, COARSER, "it is by week"),
        ({"about": ["explore"], "zh": ["按周。"], "en": ["By month."]}, COARSER, "it is by week"),
        ({"about": ["explore"], "zh": ["按月。"], "en": ["By week."]}, COARSER, "it is by week"),
        ({"about": ["explore"], "zh": ["按周。"], "en": ["By week."]}, None, "it is none"),
        ({"about": ["other"], "zh": ["别的"], "en": ["Other"]}, None, ""),
    ],
)  # fmt: skip
def test_a_note_follows_from_what_it_speaks_of(notes, coarser, told):
    said = failure(lambda: remaking._check_notes(told_build(notes), coarser))
    assert told in said and bool(said) == bool(told)


@pytest.mark.parametrize("about", ["strays", "trends"])
def test_notes_on_far_dates_and_short_series_follow_from_the_days(about):
    dates = [day.isoformat() for day in pd.date_range("2020-06-01", periods=20).date]
    rows = [(day, name, n) for day in dates for name, n in (("all", 60), ("price", 1))]
    rows += [("2050-01-01", "all", 1)] if about == "strays" else []
    daily = pd.DataFrame(rows, columns=["date", "grievance", "items"])
    window = WINDOW if about == "trends" else None
    whole = {"strays": explain_strays, "trends": lambda table: explain_left_out(
        arrange_daily(table), apart=("all",))}  # fmt: skip
    zh, en, *_ = whole[about](daily)
    notes = {"about": [about], "zh": [zh], "en": [en]}
    assert en and failure(lambda: remaking._check_notes(
        told_build(notes, daily=daily, window=window), None)) == ""  # fmt: skip
    for wrong in (notes | {"en": ["Other."]}, notes | {"about": ["other"]}):
        build = told_build(wrong, daily=daily, window=window)
        assert f"notes/{about}: it is " in failure(lambda b=build: remaking._check_notes(b, None))


@pytest.mark.parametrize("simulated", [True, False])
def test_pages_figures_and_maps_are_made_again_of_the_tables(build, monkeypatch, simulated):
    save(build, simulated=simulated)
    (build / "figures").mkdir()
    for name in ("a.zh.svg", "a.en.svg"):
        (build / "figures" / name).write_text(name)
    for language in ("zh", "en"):
        (build / f"report.{language}.html").write_text(f"page {language}")
    (build / "topics.en.html").write_text("map")
    asked, maps = {}, []

    def draw(tables, _study, language, folder, **told):
        (folder / f"a.{language}.svg").write_text(f"a.{language}.svg")
        return {"drawn": (tables, language, told)}

    def render(tables, figures, of, language, **told):
        asked[language] = (tables, figures, of.name, told)
        return f"page {language}"

    monkeypatch.setattr(verification, "draw_figures", draw)
    monkeypatch.setattr(verification, "render_report", render)
    monkeypatch.setattr(verification, "_check_maps", lambda *given: maps.append(given))
    monkeypatch.setattr(verification, "_render_again", lambda *_: 5)
    manifest, tables = {"outputs": {}, "inputs": {"x": "1"}, "build": "b"}, {"t": 1}
    assert verification._redraw(build, tables, manifest) == 2 + 2 + 5
    run = {"simulated": simulated, "scale": 0.5}
    for language, other in (("zh", "en"), ("en", "zh")):
        got, figures, name, told = asked[language]
        assert (got, figures, name) == (tables, {"drawn": (tables, language, run)}, "s")
        assert told == run | {
            "notebooks": [], "manifest": {"outputs": {}, "inputs": {}, "build": "b"},
            "other_language_href": f"report.{other}.html",
            "map_href": "topics.en.html" if language == "en" else "", "examples": None,
        }  # fmt: skip
    [(folder, given, of, scale)] = maps
    assert (folder, given, of.name) == (build, tables, "s")
    assert scale == (0.5 if simulated else None)
    (build / "figures/more.svg").write_text("more")
    assert "figures/more.svg" in failure(lambda: verification._redraw(build, tables, manifest))
    (build / "figures/a.zh.svg").write_text("other")
    assert "figures/a.zh.svg" in failure(lambda: verification._redraw(build, tables, manifest))
    (build / "report.en.html").write_text("other")
    assert "report.en.html" in failure(lambda: verification._redraw(build, tables, manifest))


@pytest.mark.parametrize("name", ["channels", "platforms", "ratings", "platform_sub_grievances"])
def test_each_row_names_what_it_counts(name):
    keys, _ = remaking._ORDERED[name]
    first = dict.fromkeys(keys, "a") | {key: 5 for key in keys if key in remaking._COUNTS}
    rows = pd.DataFrame([first, dict.fromkeys(keys)])
    remaking._check_order({name: rows.head(1)})
    with pytest.raises(CaodianError, match="each row must name what it counts"):
        remaking._check_order({name: rows})
