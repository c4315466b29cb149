import ipywidgets
import pandas as pd
import pytest

from analysis.errors import CaodianError
from analysis.reporting.explore import _plot_span, browse
from analysis.reporting.saved_run import SavedRun, open_run, save_run


@pytest.fixture
def run(tables, study):
    return SavedRun(tables, study, True, 0.01, "zh")


def test_the_controls_offer_every_code_and_day(run):
    box = browse(run)
    (code, unit), span = box.children[0].children, box.children[1]
    assert ("红包活动", "red_envelope") in code.options
    assert [value for _, value in unit.options] == ["items", "families"]
    assert len(span.options) == 20
    assert span.label == ("6/1", "6/20") and span.value == ("2020-06-01", "2020-06-20")
    assert isinstance(box.children[2], ipywidgets.Output)


def test_days_of_several_years_are_told_apart(run):
    daily = run.tables["daily"]
    earlier = daily.assign(date=daily["date"].str.replace("2020", "2019"))
    run.tables["daily"] = pd.concat([earlier, daily])
    assert browse(run).children[1].label == ("2019/6/1", "2020/6/20")


def test_each_choice_draws_another_figure(run):
    whole = _plot_span(run, "price", "items", "2020-06-01", "2020-06-20")
    part = _plot_span(run, "price", "items", "2020-06-05", "2020-06-10")
    families = _plot_span(run, "price", "families", "2020-06-01", "2020-06-20")
    assert whole.startswith(b"\x89PNG")
    assert len({whole, part, families}) == 3


def test_a_saved_run_opens_as_it_was(tables, study, tmp_path):
    (tmp_path / "tables").mkdir()
    for name, table in tables.items():
        table.to_csv(tmp_path / "tables" / f"{name}.csv", index=False)
    save_run(tmp_path, study, simulated=True, scale=0.01)
    run = open_run(tmp_path, "en")
    assert "1 June 2020 to 20 June 2020; Simulated data, 1:100" in repr(run)
    assert f"{len(tables)} tables: {min(tables)}, " in repr(run)
    assert run.study == study and run.simulated and run.scale == 0.01
    assert run.table("daily", grievance="price")["items"].sum() > 0
    assert "13,060" in repr(run.answer("headline"))
    assert run.figure("funnel").title == "From export to count"


def test_what_a_run_did_not_write_is_an_empty_table_and_a_sentence(study):
    run = SavedRun({}, study, False, 1.0, "en")
    assert run.table("clusters", top_grievance="price").columns[0] == "cluster"
    assert len(run.table("clusters")) == 0 and len(run.claims("price")) == 0
    assert repr(run.figure("clusters")) == "This run has no data for this figure."
    with pytest.raises(CaodianError, match=r"found 'cluster'.*Nearest: clusters"):
        run.table("cluster")


def test_answers_keep_hostile_labels_as_text(run):
    run.tables["clusters"].loc[0, "label"] = "<script>alert(1)</script>"
    assert "<script" not in run.answer("clusters")._repr_html_()


def test_a_figure_in_a_notebook_brings_its_alternative_text(run):
    content, metadata = run.figure("channels")._repr_mimebundle_()
    assert content["image/png"].startswith(b"\x89PNG")
    assert "微博" in metadata["image/png"]["alt"]
