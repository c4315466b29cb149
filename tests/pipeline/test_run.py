"""A step is redone when anything it reads has changed, and only then."""

import shutil
import subprocess
import sys
import threading
import zipfile
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest
from filelock import FileLock, Timeout

from analysis.errors import CaodianError
from analysis.pipeline import corpus_steps, report_steps
from analysis.pipeline import run as runs
from analysis.pipeline.partitions import partition_files, read_partition
from analysis.pipeline.request import Request
from analysis.pipeline.run import Run
from analysis.reporting.verification import check_files, verify_build
from analysis.study import load_study
from analysis.study.model import Exposure

STUDY = Path(__file__).resolve().parents[2] / "studies" / "618-2019-water-heaters.yaml"
OFFLINE = """
import os, sys
def refuse(event, words):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        os.write(2, f"asked the network: {event} {words}".encode())
        os._exit(99)
sys.addaudithook(refuse)
"""
# Only some kinds of figures are drawn, as `few_figures` has it here.
DRAW = "from analysis.reporting import figures as f; f._FIGURES = {n: f._FIGURES[n] for n in %r}\n"
MAIN = "import sys; from analysis.cli.main import main; sys.exit(main(sys.argv[1:]))"
TEXTS = ["用了三天就漏水，客服说不归他们管", "师傅专业，很满意"]


@pytest.fixture
def export(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path / "reviews.csv"


def run(export, likes):
    table = {"评论时间": ["2019-06-03 10:00:00"] * 2, "评论内容": TEXTS, "点赞数": likes}
    pl.DataFrame(table).write_csv(export)
    made = Run(Request([export], load_study(STUDY)), lambda _line: None)
    made.count_corpus()
    coded = pl.concat(list(map(read_partition, partition_files(made.paths.coded))))
    return made.steps_run, sorted(coded["like_count"].to_list())


@pytest.mark.slow
def test_posts_that_change_without_their_families_are_coded_again(export):
    assert run(export, [1, 2]) == (["read", "deduplicate", "code"], [1, 2])
    assert run(export, [1, 3])[1] == [1, 3]


@pytest.mark.slow
def test_nothing_is_redone_when_nothing_changed(export):
    run(export, [1, 2])
    assert run(export, [1, 2]) == ([], [1, 2])


@pytest.mark.proof
@pytest.mark.slow
def test_many_posts_are_read_and_coded_in_processes_that_end_with_their_steps(export, monkeypatch):
    here = []
    for name in ("_find_corpus_families", "_code_partition", "_prepare_partition"):
        monkeypatch.setattr(corpus_steps, name, lambda *given: here.append(given))
    monkeypatch.setattr(runs, "_MANY_BYTES", 0)
    assert run(export, [1, 2]) == (["read", "deduplicate", "code"], [1, 2])
    assert not here, "a step ran in the process of the run"


@pytest.mark.slow
def test_a_refusal_in_another_process_is_told_as_it_is_here(export, monkeypatch):
    export.write_text("a\n1\n", "utf-8")
    said = []
    for least in (1_000, 0):
        monkeypatch.setattr(runs, "_MANY_BYTES", least)
        with pytest.raises(CaodianError) as caught:
            Run(Request([export], None), lambda _line: None).count_corpus()
        said.append(str(caught.value))
    assert said[0] == said[1]


@pytest.mark.slow
def test_another_codebook_codes_the_posts_again(export, root, tmp_path, monkeypatch):
    run(export, [1, 2])
    own = tmp_path / "own-codebook"
    shutil.copytree(root / "codebook", own)
    monkeypatch.setenv("CAODIAN_CODEBOOK", str(own))
    run(export, [1, 2])
    with (own / "README.md").open("a", encoding="utf-8") as stream:
        stream.write("changed\n")
    assert "code" in run(export, [1, 2])[0]


HOSTILE = [
    *("我的导出.csv", "My Export.csv", "中" * 80 + ".csv", "-rf.csv", ".hidden.csv", "——.csv"),
    *('it\'s "q".csv', "a\nb.csv", "100%#?&.csv", "CON.csv", "trailing .csv ", "😀.csv", "noext"),
    *("*[a]?.csv", "good\u202egnp.csv", "\udcff\udcfe.csv", "$HOME.csv", "{0}.csv"),
]


def count(exports):
    """Run up to the counts without a study; return the folders and what was counted."""
    made = Run(Request(exports, None), lambda _line: None)
    counts = made.count_corpus()["counts"].set_index("grievance")
    return made.paths, made.steps_run, int(counts.loc["all", "items"])


def write_reviews(path, texts=TEXTS):
    path.parent.mkdir(parents=True, exist_ok=True)
    table = {"评论时间": ["2019-06-03 10:00:00"] * len(texts), "评论内容": texts}
    path.write_bytes(pl.DataFrame(table).write_csv().encode())


@pytest.mark.slow
def test_a_file_may_be_called_anything(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folders = set()
    for name in HOSTILE:
        write_reviews(tmp_path / name)
        paths, _, items = count([Path(name)])
        assert items == 2, name
        folders.add(paths.study)
    assert count([Path(HOSTILE[0])])[1] == []
    assert len(folders) == len(HOSTILE)


@pytest.mark.slow
def test_two_files_of_one_name_are_both_read_and_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_reviews(tmp_path / "a" / "posts.csv")
    write_reviews(tmp_path / "b" / "posts.csv", ["第三天就坏了"])
    made = Run(Request([Path("b/posts.csv"), Path("a/posts.csv")], None), lambda _line: None)
    assert list(made.inputs) == ["b/posts.csv", "a/posts.csv"]
    made.code_corpus()
    assert made.study().title_en.startswith("posts and 1 more")
    (first, _, two), (second, _, one) = count([Path("a/posts.csv")]), count([Path("b/posts.csv")])
    assert (two, one) == (2, 1)
    assert len({made.paths.study, first.study, second.study}) == 3


@pytest.mark.slow
def test_a_folder_of_exports_is_not_read_with_what_was_made_from_it(tmp_path, monkeypatch):
    write_reviews(tmp_path / "六月" / "posts.csv")
    monkeypatch.chdir(tmp_path / "六月")
    first, _, items = count([Path()])
    assert (first.study, items) == ("六月", 2)
    assert count([Path()]) == (first, [], 2)
    assert count([Path("..") / "六月"]) == (first, [], 2)


def test_a_wrong_export_leaves_no_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "report.csv").write_bytes(b"%PDF-1.7\n")
    with pytest.raises(CaodianError, match="PDF"):
        count([Path("report.csv")])
    assert not (tmp_path / "build" / "report").exists()
    assert not (tmp_path / "data" / "processed" / "report").exists()


@pytest.mark.slow
def test_reviews_without_days_are_all_counted_and_nothing_that_needs_days_is_said(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    pl.DataFrame({"label": [0, 1], "review": TEXTS}).write_csv("reviews.csv")
    made = Run(Request([Path("reviews.csv")], None), lambda _line: None)
    tables = made.measure_corpus()
    assert made.study().window is None
    assert tables["counts"].set_index("grievance").loc["all", "items"] == 2
    for name in ("daily", "trends", "breaks", "coverage", "coverage_hours", "specifications"):
        assert tables[name].empty, name
        assert len(tables[name].columns), name
    window = tables["funnel"].set_index("step").loc["window"]
    assert window["dropped"] == 0
    assert "no days" in window["reason"]
    [note] = tables["notes"][tables["notes"]["about"] == "days"].to_dict("records")
    assert "--time-column" in note["zh"]
    assert "--time-column" in note["en"]


@pytest.mark.slow
def test_what_stands_in_the_exports_and_is_not_read_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = "".join(f"{text},2020-06-1{n}\n" for n, text in enumerate(TEXTS))
    people = "用户id,昵称,粉丝数,关注数\n1,甲,2,3\n"
    Path("exports").mkdir()
    Path("exports/fans.csv").write_text(people, "utf-8")
    with zipfile.ZipFile("exports/all.zip", "w") as archive:
        archive.writestr("posts.csv", f"某平台导出\n第一页\n内容,时间\n{rows}")
        archive.writestr("a.md", "x")
        archive.writestr("b.pdf", "x")

    def measure():
        made = Run(Request([Path("exports")], None), lambda _line: None)
        return made.measure_corpus(), made.steps_run

    tables, _ = measure()
    assert measure()[1] == []
    Path("exports/readme.md").write_text("x", "utf-8")
    assert measure()[1][0] == "read"
    notes = tables["notes"][tables["notes"]["about"] == "unread"]
    assert notes["number"].tolist() == [1, 2, 3]
    assert notes["en"].tolist() == [
        "In posts.csv, 2 rows above the header are not read.",
        "In the archive all.zip, 2 files of other kinds are not read.",
        "In fans.csv, 1 table holds persons or bookkeeping, not posts, and is not read.",
    ]
    assert notes["zh"].str.endswith("没有读取。").all()
    assert notes["counted"].tolist() == ["2", "2", "1"]


@pytest.mark.slow
def test_posts_left_out_for_their_day_are_told_where_posts_are_counted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    times = ["2020-06-01", "2020-06-02", "昨天 12:30"]
    pl.DataFrame({"内容": [f"第{n}次没人管" for n in range(3)], "时间": times}).write_csv("a.csv")
    tables = Run(Request([Path("a.csv")], None), lambda _line: None).measure_corpus()
    notes = tables["notes"].set_index("about")
    assert "unread" not in notes.index
    assert notes.loc["days", "en"].startswith("In a.csv, 1 record has no day of publication")
    assert notes.loc["days", "counted"] == "1"
    assert "--time-column none" in notes.loc["days", "zh"]


def test_a_window_asks_for_posts_with_days(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pl.DataFrame({"label": [0, 1], "review": TEXTS}).write_csv("reviews.csv")
    made = Run(Request([Path("reviews.csv")], load_study(STUDY)), lambda _line: None)
    with pytest.raises(CaodianError, match="--time-column, or leave --study out"):
        made.count_corpus()


@pytest.mark.slow
def test_a_long_window_adds_a_table_by_month_whose_items_are_those_of_its_days(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    times = [f"{2011 + n // 12}-{n % 12 + 1:02d}-{n % 28 + 1:02d} 10:00:00" for n in range(36)]
    texts = [f"{TEXTS[n % 2]}，第{n}次" for n in range(36)]
    pl.DataFrame({"评论时间": times, "评论内容": texts}).write_csv("years.csv")
    made = Run(Request([Path("years.csv")], None), lambda _line: None)
    tables = made.measure_corpus()
    monthly, daily = tables["monthly"], tables["daily"]
    assert "weekly" not in tables
    assert list(monthly.columns) == list(daily.columns)
    assert monthly["date"].str.endswith("-01").all()
    days = daily.assign(date=daily["date"].str[:7]).groupby(["date", "grievance"])["items"].sum()
    months = monthly.assign(date=monthly["date"].str[:7]).set_index(["date", "grievance"])["items"]
    assert days.to_dict() == months.to_dict()
    assert monthly["grade"].iloc[0] == "good"  # begins on the 1st
    assert monthly["grade"].iloc[-1] == "partial"
    assert tables["coverage_hours"].empty
    assert len(tables["coverage_periods"]) == 36
    assert tables["trends"]["sentence_en"].str.contains("month|in all").all()


def test_a_second_run_of_a_study_waits_for_the_first(export):
    run_of = lambda told: Run(Request([export], load_study(STUDY)), told)  # noqa: E731
    order, told, waiting = [], [], threading.Event()

    def tell(line):
        told.append(line)
        waiting.set()

    def work():
        with run_of(tell)._alone():
            order.append("second")

    export.touch()
    with run_of(lambda _line: None)._alone():
        second = threading.Thread(target=work)
        second.start()
        assert waiting.wait(60)
        order.append("first")
    second.join()
    assert order == ["first", "second"]
    assert told == ["another run of 618-2019-water-heaters is at work: waiting for its end"]


def test_two_links_to_one_build_have_one_lock(export, tmp_path):
    export.touch()
    (tmp_path / "disk" / "one").mkdir(parents=True)
    made = Run(Request([export], load_study(STUDY)), lambda _line: None)
    build = made.paths.build.absolute()
    shutil.rmtree(build)
    build.symlink_to(tmp_path / "disk" / "one", target_is_directory=True)
    with made._alone():
        assert is_locked(tmp_path / "disk" / ".one.lock")


def is_locked(path):
    try:
        with FileLock(path).acquire(timeout=0):
            return False
    except Timeout:
        return True


def test_the_network_is_seen_to_be_asked():
    asked = "import socket; socket.create_connection(('127.0.0.1', 9), timeout=1)"
    done = subprocess.run([sys.executable, "-c", OFFLINE + asked], capture_output=True, check=False)
    assert done.returncode == 99
    assert b"asked the network" in done.stderr


@pytest.mark.proof
@pytest.mark.slow
def test_two_runs_at_once_both_end_without_a_network_and_what_they_leave_is_whole(
    export, few_figures
):
    table = {"评论时间": ["2019-06-03 10:00:00"] * 2, "评论内容": TEXTS}
    pl.DataFrame(table).write_csv(export)
    code = OFFLINE + DRAW % (list(few_figures),) + MAIN
    words = [sys.executable, "-c", code, "report", str(export)]
    both = [subprocess.Popen(words, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate()[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert verify_build("build/reviews").files > 0


@pytest.mark.slow
@pytest.mark.usefixtures("without_files_of_figures", "few_figures")
def test_a_run_that_is_stopped_leaves_the_build_before_it(export, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    tables = []
    for text in TEXTS:
        pl.DataFrame({"评论时间": ["2019-06-03 10:00"], "评论内容": [text]}).write_csv(export)
        with suppress(KeyboardInterrupt):
            Run(Request([export], None), lambda _line: None).execute()
        monkeypatch.setattr(report_steps, "write_manifest", stop)
        tables.append(Path("build/reviews/tables/counts.csv").read_bytes())
    assert tables[0] == tables[1]
    assert check_files(Path("build/reviews")) > 30
    assert not list(Path("build").glob(".*.new"))


@pytest.fixture
def measured(export, tmp_path):
    """Measure, and say which steps ran: of a study with an exposure file and codes of its own."""
    table = {"评论时间": ["2019-06-03 10:00:00"] * 2, "评论内容": TEXTS}
    pl.DataFrame(table).write_csv(export)
    exposure = tmp_path / "exposure.csv"
    exposure.write_text("platform,exposure\n京东,10\n", encoding="utf-8")
    given = Exposure(file=str(exposure), source="test")
    study = load_study(STUDY).model_copy(update={"exposure": given})

    def measure(**asked):
        made = Run(Request([export], study, **asked), lambda _line: None)
        made.measure_corpus()
        return made.steps_run

    return measure


@pytest.mark.slow
def test_what_a_step_reads_and_that_changed_is_read_again(measured, tmp_path, monkeypatch):
    monkeypatch.setenv("CAODIAN_SECRET", "one")
    measured()
    assert measured() == []
    (tmp_path / "exposure.csv").write_text("platform,exposure\n京东,20\n", encoding="utf-8")
    assert measured() == ["measure"]
    monkeypatch.setenv("CAODIAN_SECRET", "two")
    assert measured()[0] == "read"
    assert "code" in measured(coder="keyword")
    assert measured(coder="keyword") == []
    assert measured(coder="keyword", limit=1)[0] == "read"


@pytest.mark.slow
@pytest.mark.usefixtures("without_files_of_figures", "few_figures")
def test_a_code_that_is_called_otherwise_is_called_so_on_the_page(
    export, root, tmp_path, monkeypatch
):
    pl.DataFrame({"评论时间": ["2019-06-03"] * 40, "评论内容": TEXTS * 20}).write_csv(export)
    own = tmp_path / "own-codebook"
    shutil.copytree(root / "codebook", own)
    monkeypatch.setenv("CAODIAN_CODEBOOK", str(own))
    for name in ("漏水", "渗漏"):
        entry = (
            f"leak: {{zh: {name}, en: leak, terms: [漏水], definition_zh: 甲, definition_en: a}}\n"
        )
        (own / "own.yaml").write_text(entry, encoding="utf-8")
        Run(Request([export], None), lambda _line: None).execute()
        page = Path("build/reviews/report.zh.html").read_text(encoding="utf-8")
        assert f">{name}<" in page


@pytest.mark.slow
@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["没有人管"] * 5 + ["nobody cares"] * 5, "Most of the posts"),
        (["没有人管"] * 8 + ["nobody cares"] * 2, "A fifth of the posts"),
        (["没有人管"] * 9 + ["nobody cares"], None),
        (["没有人管 APP"] * 7 + ["666", "！！"] * 3, None),  # signs are of no language
        (["没有人管 APP"] * 5 + ["666", "！！"] * 3, "Most of the posts are emoji, signs"),
    ],
)
def test_posts_in_another_language_are_told(tmp_path, monkeypatch, texts, told):
    monkeypatch.chdir(tmp_path)
    rows = [f"{text} {number}" for number, text in enumerate(texts)]
    pl.DataFrame({"内容": rows}).write_csv("a.csv")
    tables = Run(Request([Path("a.csv")], None), lambda _line: None).measure_corpus()
    notes = tables["notes"].set_index("about")["en"]
    assert ("language" in notes) is (told is not None)
    assert told is None or notes["language"].startswith(told)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("header", "told"), [("诉求内容,来电时间", True), ("评价内容,评价时间", False)]
)
def test_what_is_counted_of_calls_to_a_hotline_is_told(tmp_path, monkeypatch, header, told):
    monkeypatch.chdir(tmp_path)
    rows = [f"楼下第{n}天没有人管,2020-06-0{n}" for n in range(1, 8)]
    Path("a.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    tables = Run(Request([Path("a.csv")], None), lambda _line: None).measure_corpus()
    said = [note for note in tables["notes"]["en"] if note.startswith("Most of these are calls")]
    assert len(said) == told
