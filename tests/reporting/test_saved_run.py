"""A run is found by its name or folder from wherever a notebook's kernel stands."""

import json
import os
from datetime import datetime
from zoneinfo import ZoneInfo

import pandas as pd
import polars as pl
import pytest

from analysis import load_study
from analysis.errors import CaodianError
from analysis.reporting import saved_run
from analysis.reporting.saved_run import SavedRun, _find_run, _list_runs, open_run, save_run


@pytest.fixture
def project(tmp_path, monkeypatch, tables, study):
    """A checkout with the run `mine`, and the package in it."""
    root = tmp_path / "checkout"
    write_run(root / "build" / "mine", tables, study)
    for folder in ("notebooks", "studies", "build/mine/notebooks"):
        (root / folder).mkdir(parents=True)
    (root / "pyproject.toml").touch()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setattr(saved_run, "project_root", lambda: root)
    monkeypatch.delenv("CAODIAN_RUNS", raising=False)
    monkeypatch.chdir(root)
    return root


def write_run(folder, tables, study):
    (folder / "tables").mkdir(parents=True)
    for name, table in tables.items():
        table.to_csv(folder / "tables" / f"{name}.csv", index=False)
    save_run(folder, study, simulated=False, scale=1.0)


@pytest.mark.parametrize("named", ["build/mine", "mine", "./build/mine/"])
@pytest.mark.parametrize(
    "working_directory",
    [
        pytest.param(".", id="project"),
        pytest.param("notebooks", id="as JupyterLab and VS Code open a notebook"),
        pytest.param("build", id="as the pipeline executes it"),
        pytest.param("build/mine/notebooks", id="an executed copy"),
        pytest.param("../elsewhere", id="another folder"),
        pytest.param("/", id="root"),
    ],
)
def test_it_is_found_from(working_directory, named, project, monkeypatch):
    monkeypatch.chdir(working_directory)
    assert _find_run(named).resolve() == project / "build" / "mine"


def test_the_nearest_run_of_a_name_is_opened(project, tables, study, monkeypatch):
    other = project.parent / "elsewhere"
    write_run(other / "build" / "mine", tables, study)
    monkeypatch.chdir(other)
    assert _find_run("mine") == other / "build" / "mine"
    assert _find_run(project / "build" / "mine") == project / "build" / "mine"
    monkeypatch.chdir(project / "notebooks")
    monkeypatch.setenv("CAODIAN_RUNS", str(other))
    assert _find_run("mine") == project / "build" / "mine"


def test_a_run_is_found_where_the_lab_was_started(project, tables, study, monkeypatch):
    other = project.parent / "elsewhere"
    write_run(other / "build" / "我的导出", tables, study)
    monkeypatch.chdir("notebooks")
    with pytest.raises(CaodianError):
        _find_run("我的导出")
    monkeypatch.setenv("CAODIAN_RUNS", str(other))
    assert open_run("build/我的导出").study == study
    assert {folder.name for folder in _list_runs()} == {"mine", "我的导出"}


@pytest.mark.parametrize(
    ("name", "file", "command"),
    [
        ("618-2020", "name: a\nsimulation:\n", "report --study studies/618-2020.yaml`, or `make"),
        ("other", "name: a\nsimulation:\n", "`caodian report --study studies/other.yaml` makes"),
        ("heaters", "name: a\n", "`caodian report EXPORT --study studies/heaters.yaml` makes it"),
        ("my-file", None, "`caodian report FILE` makes a run of your own file"),
    ],
)
def test_a_missing_run_tells_which_command_makes_it(project, name, file, command):
    if file is not None:
        (project / "studies" / f"{name}.yaml").write_text(file)
    with pytest.raises(CaodianError) as refused:
        open_run(f"build/{name}")
    assert command in str(refused.value)
    assert "Runs that exist, the latest first: 'mine'." in str(refused.value)


def test_the_runs_that_exist_are_offered_latest_first(project, tables, study):
    for age, name in enumerate(["newest", "older", "oldest"]):
        folder = project / ("out" if name == "older" else "build") / name
        write_run(folder, tables, study)
        os.utime(folder / "run.json", (2e9 - age, 2e9 - age))
    with pytest.raises(CaodianError) as refused:
        open_run("out/none")
    way = (project / "out" / "older").as_posix()  # no name alone finds it
    assert f"first: 'newest', '{way}', 'oldest', 'mine'." in str(refused.value)
    assert open_run(way) and open_run("out/older") and open_run("oldest")


def test_what_lies_above_a_checkout_is_not_looked_at(project, tables, study, monkeypatch):
    write_run(project.parent / "build" / "stray", tables, study)
    monkeypatch.chdir("notebooks")
    with pytest.raises(CaodianError) as refused:
        open_run("stray")
    assert "stray'" not in str(refused.value).partition("Runs that exist")[2]


def test_without_any_run_there_is_nothing_to_offer(project):
    (project / "build" / "mine" / "run.json").unlink()
    with pytest.raises(CaodianError, match="There is no run yet"):
        open_run("618-2020")


def spoil(folder, how):
    facts = json.loads((folder / "run.json").read_text())
    if how == "no facts":
        (folder / "run.json").unlink()
    elif how == "half a file":
        (folder / "run.json").write_text('{"simulated": fal')
    elif how == "no scale":
        del facts["scale"]
        (folder / "run.json").write_text(json.dumps(facts))
    elif how == "older study":
        facts["study"]["windows"] = facts["study"].pop("window")
        (folder / "run.json").write_text(json.dumps(facts))
    elif how == "not a mapping":
        (folder / "run.json").write_text("[]")
    elif how == "no tables":
        for path in (folder / "tables").iterdir():
            path.unlink()
    elif how == "empty table":
        (folder / "tables" / "counts.csv").write_text("")
    else:
        (folder / "tables" / "counts.csv").write_text("grievance,items\nall,3\n")


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("no facts", "no run.json"),
        ("half a file", "JSONDecodeError"),
        ("no scale", "run.json without scale"),
        ("older study", "run.json: window: Field required"),
        ("not a mapping", "TypeError"),
        ("no tables", "must have written its tables"),
        ("empty table", "EmptyDataError"),
        ("older table", "tables/counts.csv without families"),
    ],
)
def test_a_run_that_is_half_written_or_of_another_version_is_refused(project, how, told):
    spoil(project / "build" / "mine", how)
    with pytest.raises(CaodianError, match="caodian report") as refused:
        open_run("mine")
    assert told in str(refused.value)


@pytest.fixture
def replaced(project, monkeypatch):
    """Replace the run `mine` so many times, each time when its facts were read and no table."""
    folder, load = project / "build" / "mine", saved_run.load_tables
    (folder / "manifest.json").write_text("0", encoding="utf-8")

    def prepare(times, *, is_whole=True):
        numbers = iter(range(1, times + 1))

        def load_late(place):
            if number := next(numbers, None):
                save_run(folder, load_study("studies/618-2020.yaml"), simulated=True, scale=0.5)
                (folder / "manifest.json").write_text(str(number), encoding="utf-8")
                if not is_whole:
                    raise FileNotFoundError(place)
            return load(place)

        monkeypatch.setattr(saved_run, "load_tables", load_late)

    return prepare


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_run_that_is_replaced_while_it_is_read_is_read_again(replaced, is_whole):
    replaced(1, is_whole=is_whole)
    assert open_run("mine").scale == 0.5


def test_a_run_that_is_replaced_again_and_again_is_refused(replaced):
    replaced(2)
    with pytest.raises(CaodianError, match="stay the same while it is read"):
        open_run("mine")


def test_a_missing_file_of_a_run_that_nobody_replaces_is_told_at_once(project, monkeypatch):
    calls = []

    def absent(place):
        calls.append(place)
        raise FileNotFoundError(place)

    monkeypatch.setattr(saved_run, "load_tables", absent)
    with pytest.raises(FileNotFoundError):
        open_run("mine")
    assert len(calls) == 1


def test_an_unknown_language_is_refused_at_once(project):
    with pytest.raises(CaodianError, match="fr"):
        open_run("mine", "fr")


def test_a_notebook_shows_the_sentence_and_no_stack_trace(project):
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    shown = []
    shell._showtraceback = lambda kind, value, lines: shown.extend(lines)
    shell.run_cell("from analysis.reporting.saved_run import open_run\nopen_run('nowhere')")
    assert len(shown) == 1 and shown[0].startswith("CaodianError: only a run that was made")


TEXTS = [
    "打13812345678，等了九天还没发货，客服也不理人，一直说在路上，其实根本没有出库，第三次了",
    "很好",
    "慢",
]


def write_posts(folder, days=(1, 2, 3)):
    """Write three posts of June 2020, the last of them a repeat of the first."""
    folder.mkdir(parents=True)
    times = [datetime(2020, 6, day, 9, tzinfo=ZoneInfo("Asia/Shanghai")) for day in days]
    posts = pl.DataFrame(
        {
            "source": ["table"] * 3,
            "post_id": ["1", "2", "3"],
            "text": TEXTS,
            "published_at": times,
            "repeat_of": [None, None, "1"],
            "is_in_window": [None] * 3,
        },
        schema_overrides={"is_in_window": pl.Boolean},
    )
    posts[::-1].write_parquet(folder / "part-00000.parquet")


@pytest.mark.parametrize(
    ("counted", "days", "expected"),
    [
        (True, (1, 2, 3), ["1", "2"]),
        (False, (1, 2, 3), ["1", "2", "3"]),
        (True, (1, 30, 3), ["1"]),  # outside the window
    ],
)
def test_posts_of_a_run_are_those_of_its_window_once(project, counted, days, expected):
    write_posts(project / "data" / "processed" / "mine" / "posts", days)
    posts = open_run("mine").posts(counted=counted)
    assert posts["post_id"].tolist() == expected


def test_posts_kept_elsewhere_are_found_while_notebooks_execute(project, monkeypatch):
    write_posts(project.parent / "store" / "mine" / "posts")
    monkeypatch.setenv("CAODIAN_PROCESSED", str(project.parent / "store" / "mine"))
    assert len(open_run("mine").posts()) == 2
    monkeypatch.setenv("CAODIAN_PROCESSED", str(project.parent / "store" / "other"))
    with pytest.raises(CaodianError, match=r"data/processed.*caodian report"):
        open_run("mine").posts()


@pytest.mark.slow
def test_a_simulated_run_without_posts_simulates_a_few(project, tables, root):
    shipped = load_study(root / "studies" / "618-2020.yaml")
    simulated = SavedRun(tables, shipped, True, 0.0001, "en")
    posts = simulated.posts()
    assert 600 < len(posts) < 700 and not [name for name in posts if name.startswith("true_")]
    found = simulated.compare(counts=tables["counts"])
    assert found["why"].tolist() == [
        "The run left no posts: these are a small corpus simulated anew, so the numbers differ."
    ]


@pytest.mark.parametrize(
    ("simulated", "page", "shown"),
    [
        (
            True,
            "1",
            "打【电话】，等了九天还没发货，客服也不理人，一直说在路上，其实根本没有出库，第三次了",
        ),
        (
            False,
            "",
            "打【电话】，等了九天还没发货，客服也不理人，一直说在路上，其实根本没有出库，第三…",
        ),
        (False, "1", "(texts of real posts stand on no page; run the notebook to see masked"),
    ],
    ids=["simulated, whole even on a page", "real, a masked snippet", "real, on no page"],
)
def test_texts_are_shown_under_the_rule(simulated, page, shown, study, monkeypatch):
    monkeypatch.setenv("CAODIAN_RENDERED", page)
    run = SavedRun({}, study, simulated, 1.0, "en")
    table = run.excerpts(pd.DataFrame({"voice": ["consumer"] * 3, "text": TEXTS}), ["voice"], 1)
    assert table.columns.tolist() == ["voice", "text"] and len(table) == 1
    assert table["text"][0].startswith(shown)


@pytest.mark.slow
def test_a_comparison_counts_the_cells_that_differ(project):
    run = open_run("mine")
    ours = run.table("counts").drop(columns="published").iloc[::-1]
    assert run.compare(counts=ours)["is_equal"].tolist() == [True]
    changed = ours.assign(items=ours["items"] + (ours["grievance"] == "price"))
    row = run.compare(counts=changed, emerging=run.table("emerging").iloc[:0])
    assert row["differing"].tolist() == [1, 0]
    assert row["is_equal"].astype(object).where(row["is_equal"].notna(), None).tolist() == [
        False,
        None,
    ]
