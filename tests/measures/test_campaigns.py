"""Other campaigns beside the run: by share, as printed or divided, with the warning."""

import re

import pandas as pd
import pytest

from analysis.measures.published import OURS, PUBLISHED, compare_campaigns, parse_figures
from analysis.reporting.report import render_report
from analysis.storage.run_paths import project_root


@pytest.fixture(scope="module")
def compared(fabricate):
    tables, study = fabricate()
    raw = pd.read_csv(project_root() / PUBLISHED)
    return compare_campaigns(parse_figures(raw), tables, study).set_index(["campaign", "grievance"])


def test_shares_are_those_printed_else_quotients_of_printed_counts(compared):
    share = compared["share"]
    assert share["618-2020", "negative"] == 0.1899
    assert share["618-2022", "live_streaming"] == 0.043
    assert share["双11-2019", "negative"] == pytest.approx(655376 / 7908929, abs=1e-6)
    assert share["618-2020", "live_streaming"] == pytest.approx(112384 / 1232056, abs=1e-6)
    assert share["双11-2024", "live_streaming"] == pytest.approx(230675 / 1160435, abs=1e-6)
    assert ("618-2024", "negative") not in compared.index
    assert compared.loc[("618-2020", "live_streaming"), "peak_days"] == "2020-06-12;2020-06-17"
    assert compared.loc[("双11-2021", "negative"), "days"] == 24


def test_other_bodies_and_other_holidays_are_left_out(compared):
    names = set(compared.index.get_level_values("campaign"))
    assert all(re.fullmatch(r"(618|双11)-20\d\d", name) for name in names - {OURS})


def test_only_our_row_has_an_interval(compared):
    ours = compared.loc[OURS]
    assert (ours["low"] < ours["share"]).all() and (ours["share"] < ours["high"]).all()
    assert compared.sort_index().drop(OURS)["low"].isna().all()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "warning"), [("zh", "监测范围逐年变化"), ("en", "The scope of monitoring changed")]
)
def test_the_section_warns_of_the_scope(drawn, language, warning):
    page = render_report(
        drawn.tables, drawn.figures[language], drawn.study, language, simulated=True, scale=0.01
    )
    section = page[page.index('id="campaigns"') :].partition("</section>")[0]
    assert warning in section and f"campaigns.{language}.png" in section


def test_a_study_without_published_figures_is_not_compared(tables, study):
    bare = study.model_copy(update={"published": None})
    assert compare_campaigns(
        parse_figures(pd.read_csv(project_root() / PUBLISHED)), tables, bare
    ).empty
