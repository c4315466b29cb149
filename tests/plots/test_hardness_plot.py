import pandas as pd
import pytest

from analysis.plots.accuracy import plot_hardness
from analysis.plots.frame import render

TABLE = pd.DataFrame(
    [
        ("negative", 100, 250, 110),
        ("price", 20, 10, 22),
        ("delivery", 0, 3, 0),
        ("macro_codes", 20, 13, 22),
    ],
    columns=["label", "planted", "script_items", "coder_items"],
)


@pytest.mark.parametrize(("language", "tag"), [("zh", "模拟数据"), ("en", "Simulated data")])
def test_the_figure_says_that_it_is_simulated(language, tag):
    drawing = plot_hardness(TABLE, language=language)
    assert tag in [text.get_text() for text in drawing.texts]


def test_a_row_each_but_the_means_and_what_was_not_planted():
    drawing = plot_hardness(TABLE, language="en")
    assert drawing.table["label"].tolist() == ["negative", "price"]
    line, points = drawing.axes[0].lines[0], drawing.axes[0].lines[-2:]
    assert list(line.get_xdata()) == [1, 1]
    assert [list(side.get_xdata()) for side in points] == [[2.5, 0.5], [1.1, 1.1]]
    assert "100 planted, script 250, coder 110" in drawing.alt


def test_the_same_bytes_on_every_run():
    first, second = (render(plot_hardness(TABLE), "png") for _ in range(2))
    assert first == second
