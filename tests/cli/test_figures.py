"""Every figure of a run is drawn again from its tables, byte for byte."""

import re

import pytest

from analysis.cli.main import main
from analysis.measures.claims import judge_claims
from analysis.reporting.saved_run import save_run


@pytest.fixture
def build(tables, study, tmp_path):
    folder = tmp_path / "build" / "mine"
    (folder / "tables").mkdir(parents=True)
    tables["claims"] = judge_claims(study, tables, simulated=True, scale=0.01)
    for name, table in tables.items():
        table.to_csv(folder / "tables" / f"{name}.csv", index=False)
    save_run(folder, study, simulated=True, scale=0.01)
    return folder


def run(*words):
    with pytest.raises(SystemExit) as stopped:
        main(["figures", *map(str, words)])
    return stopped.value.code


@pytest.mark.slow
def test_they_are_those_of_the_report_byte_for_byte(build, drawn, tmp_path, monkeypatch):
    of_report = [path for one in drawn.figures["en"] for path in (one.png, one.svg, one.csv)]
    assert len(of_report) >= 36
    monkeypatch.chdir(tmp_path)
    assert run(build, "--language", "en") == 0
    again = tmp_path / "figures" / "mine"
    assert {path.name for path in again.iterdir()} == {path.name for path in of_report}
    for path in of_report:
        assert path.read_bytes() == (again / path.name).read_bytes(), path.name


@pytest.mark.slow
def test_one_figure_in_a_format_a_language_and_a_width(build, tmp_path, capsys):
    out = tmp_path / "out"
    wanted = ("--only", "platforms", "--language", "zh", "--out", out)
    assert run(build, *wanted, "--format", "pdf,svg,png", "--width", "85mm") == 0
    assert {path.name for path in out.iterdir()} == {
        f"platforms{end}" for end in (".csv", ".zh.pdf", ".zh.svg", ".zh.png")
    }
    assert "points at 85 mm" in capsys.readouterr().err
    width = re.search(r'width="([\d.]+)pt"', (out / "platforms.zh.svg").read_text("utf-8"))
    assert float(width[1]) / 72 * 25.4 == pytest.approx(85, abs=0.1)
    box = re.search(rb"/MediaBox \[ ?0 0 ([\d.]+)", (out / "platforms.zh.pdf").read_bytes())
    assert float(box[1]) / 72 * 25.4 == pytest.approx(85, abs=0.1)


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
    (build / "tables" / "clusters.csv").unlink()
    assert run(build, "--only", "clusters", "--out", tmp_path / "out") == 0
    assert "clusters: this run has no data for it" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
