"""A strict run shows no small count anywhere, and says where it withheld one."""

import math
import re

import pytest

from analysis.measures.published import judge_claims
from analysis.reporting.disclosure import Rules, disclose
from analysis.reporting.figures import draw_figure, draw_figures
from analysis.reporting.report import SECTIONS, render_report

STRICT = Rules(minimum_cell=60, quotes=False)


@pytest.fixture(scope="module")
def withheld(fabricate):
    tables, study = fabricate()
    tables["claims"] = judge_claims(study, tables, simulated=True, scale=0.01)
    return disclose(tables, STRICT)


def test_no_small_count_is_left_in_any_table(withheld):
    for name, table in withheld.items():
        for column in ("items", "families", "authors", "negative_items"):
            if column in table:
                small = table[column].between(1, STRICT.minimum_cell - 1)
                assert not small.any(), name


@pytest.mark.slow
@pytest.mark.usefixtures("without_files_of_figures")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_report_is_whole_and_shows_no_nan(withheld, study, tmp_path, language):
    figures = draw_figures(
        withheld, study, language, tmp_path, simulated=True, scale=0.01
    )  # fmt: skip
    page = render_report(withheld, figures, study, language, simulated=True, scale=0.01)
    text = re.sub(r"base64,[A-Za-z0-9+/=]+", "", page)
    assert not re.search(r">\s*(nan|NaN|None|<NA>|NaT)\b|[ (](nan|NaN|NaT)\b", text)
    # All but the specifications, which withheld days would follow from, and what is not said.
    assert withheld["specifications"].empty
    assert len(re.findall(r"<section id=", page)) == len(SECTIONS) - 1 + 1


def test_a_suppressed_day_leaves_a_gap_and_no_zero(withheld, study):
    drawing = draw_figure("daily_negatives", withheld, study, "zh", simulated=True, scale=0.01)
    lines = [line for axes in drawing.axes for line in axes.lines]
    values = [value for line in lines for value in line.get_ydata()]
    assert any(math.isnan(value) for value in values)
    assert not any(0 <= value < STRICT.minimum_cell for value in values)
    assert any("不予公布" in text.get_text() for text in drawing.texts)
