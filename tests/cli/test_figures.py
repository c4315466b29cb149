"""Every figure of a run is drawn again from its own CSV, byte for byte."""

import re
import shutil

import pandas as pd
import pytest

from analysis.cli.main import main
from analysis.plots.frame import render
from analysis.reporting.figures import _as_csv, draw_figure
from analysis.reporting.saved_run import save_run

# All that the tests below ask for; `drawn` takes twenty seconds for the others.
NAMES = ("platforms", "channels", "sms_by_day", "red_envelopes", "ratings", "clusters")


@pytest.fixture(scope="module")
def draw(fabricate):
    tables, study = fabricate()
    return lambda name, language: draw_figure(
        name, tables, study, language, simulated=True, scale=0.01
    )


@pytest.fixture(scope="module")
def data(draw, tmp_path_factory):
    """The CSVs of some figures, as a report writes them."""
    folder = tmp_path_factory.mktemp("data")
    for name in NAMES:
        (folder / f"{name}.csv").write_bytes(_as_csv(draw(name, "zh").table))
    return folder


def left_of(folder, study, place):
    """A run of which only the CSVs of its figures are left, and what it was about."""
    build = place / "build" / "mine"
    (build / "figures").mkdir(parents=True)
    for path in folder.glob("*.csv"):
        shutil.copy(path, build / "figures")
    save_run(build, study, simulated=True, scale=0.01)
    return build


@pytest.fixture
def build(data, study, tmp_path):
    return left_of(data, study, tmp_path)


def run(*words):
    with pytest.raises(SystemExit) as stopped:
        main(["figures", *map(str, words)])
    return stopped.value.code


@pytest.mark.slow
def test_they_are_those_of_the_report_byte_for_byte(drawn, study, tmp_path, monkeypatch):
    build = left_of(drawn.folder, study, tmp_path)
    of_report = [path for one in drawn.figures["en"] for path in (one.png, one.svg, one.csv)]
    assert len(of_report) >= 36
    monkeypatch.chdir(tmp_path)
    assert run(build, "--language", "en") == 0
    again = tmp_path / "figures" / "mine"
    assert {path.name for path in again.iterdir()} == {path.name for path in of_report}
    for path in of_report:
        assert path.read_bytes() == (again / path.name).read_bytes(), path.name


def test_a_number_changed_in_the_csv_is_drawn_as_it_stands_there(build, draw, tmp_path):
    data = build / "figures" / "channels.csv"
    first = data.read_text("utf-8").splitlines()[1]
    channel, items, *rest = first.split(",")
    changed = ",".join([channel, str(int(items) * 2), *rest])
    data.write_text(data.read_text("utf-8").replace(first, changed), "utf-8")
    wanted = ("--only", "channels", "--language", "en", "--format", "svg")
    assert run(build, *wanted, "--out", tmp_path) == 0
    assert (tmp_path / "channels.csv").read_bytes() == data.read_bytes()
    as_reported = render(draw("channels", "en"), "svg")
    assert (tmp_path / "channels.en.svg").read_bytes() != as_reported


def test_a_csv_without_what_the_figure_needs_is_refused(build, tmp_path, capsys):
    data = build / "figures" / "sms_by_day.csv"
    data.write_text(data.read_text("utf-8").replace(",items,", ",posts,", 1), "utf-8")
    assert run(build, "--only", "sms_by_day", "--out", tmp_path) == 1
    assert "must have the column items" in capsys.readouterr().err


def test_a_csv_saved_by_a_chinese_spreadsheet_is_the_figure_of_the_report(build, draw, tmp_path):
    data = build / "figures" / "platforms.csv"
    data.write_bytes(data.read_text("utf-8").replace("\n", "\r\n").encode("gb18030"))
    wanted = ("--only", "platforms", "--language", "zh", "--format", "svg")
    assert run(build, *wanted, "--out", tmp_path) == 0
    as_reported = render(draw("platforms", "zh"), "svg")
    assert (tmp_path / "platforms.zh.svg").read_bytes() == as_reported


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (("platforms", "items", "many"), r"'many' \(.*platforms.csv, row 2, column items\)"),
        (("platforms", "platform", ""), "must hold a name .*platforms.csv, row 2, column platform"),
        (("sms_by_day", "date", "June"), "'June' .*sms_by_day.csv, row 2, column date"),
        (("red_envelopes", "low", None), "no column low.*figures/red_envelopes.csv"),
        (("ratings", "stars", None), "stars.*figures/ratings.csv"),
    ],
)
def test_what_cannot_be_drawn_is_told_with_its_place(changed, told, build, tmp_path, capsys):
    name, column, cell = changed
    path = build / "figures" / f"{name}.csv"
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    if cell is None:
        rows = rows.drop(columns=column)
    else:
        rows.loc[0, column] = cell
    rows.to_csv(path, index=False)
    assert run(build, "--only", name, "--out", tmp_path) == 1
    said = capsys.readouterr().err
    assert re.search(told, said) and "caodian report" in said and "no rule foresaw" not in said


def test_a_run_found_by_its_name_is_watched_where_it_lies(build, tmp_path, monkeypatch):
    watched = []

    def watch(folder, read):
        watched.append(folder.resolve())
        return read()

    monkeypatch.setattr("analysis.reporting.saved_run.read_unchanged", watch)
    monkeypatch.chdir(tmp_path)
    wanted = ("--only", "platforms", "--language", "en", "--format", "svg")
    assert run("mine", *wanted, "--out", tmp_path / "out") == 0
    assert watched == [build, build]  # the facts of the run, then the rows of its figures


@pytest.mark.slow
def test_one_figure_in_a_format_a_language_and_a_width(build, tmp_path, capsys):
    out = tmp_path / "out"
    wanted = ("--only", "platforms", "--language", "zh", "--out", out)
    assert run(build, *wanted, "--format", "pdf,svg,png", "--width", "85mm") == 0
    assert {path.name for path in out.iterdir()} == {
        f"platforms{end}" for end in (".csv", ".zh.pdf", ".zh.svg", ".zh.png")
    }
    capsys.readouterr()
    width = re.search(r'width="([\d.]+)pt"', (out / "platforms.zh.svg").read_text("utf-8"))
    assert float(width[1]) / 72 * 25.4 == pytest.approx(85, abs=0.1)
    box = re.search(rb"/MediaBox \[ ?0 0 ([\d.]+)", (out / "platforms.zh.pdf").read_bytes())
    assert float(box[1]) / 72 * 25.4 == pytest.approx(85, abs=0.1)
    assert run(build, *wanted, "--format", "png", "--width", "40mm") == 0
    assert "points at 40 mm" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--only", "platfroms"), r"grievances, .*campaigns.*'platforms'"),
        (("--format", "jpg"), "png, svg, pdf"),
        (("--width", "wide"), "85mm"),
        (("--width", "2mm"), "20mm to 1000mm"),
    ],
)
def test_what_there_is_not_is_named(words, told, build, capsys):
    assert run(build, *words) == 1
    assert re.search(told, capsys.readouterr().err)


def test_a_figure_without_data_is_told(build, tmp_path, capsys):
    (build / "figures" / "clusters.csv").unlink()
    assert run(build, "--only", "clusters", "--out", tmp_path / "out") == 0
    assert "clusters: this run has no data for it" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
