import pandas as pd
import pytest

from analysis.plots.accuracy import plot_error_causes
from analysis.plots.frame import render

TABLE = pd.DataFrame(
    [
        ("negative", "missed_sarcasm", 7, 19, 7 / 19),
        ("codes", "neighbour_code", 1400, 2160, 0.65),
        ("voice", "silenced_by_voice", 0, 0, None),
    ],
    columns=["about", "cause", "errors", "posts", "share"],
)


@pytest.mark.parametrize(
    ("language", "alt"),
    [
        ("zh", "漏掉：反讽 7 / 19；编成相邻的类别 1,400 / 2,160；漏掉：说话者判错 0 / 0"),
        (
            "en",
            "missed: sarcasm 7 of 19; wrong neighbour code 1,400 of 2,160; "
            "missed: voice wrong 0 of 0",
        ),
    ],
)
def test_a_bar_a_cause_in_the_order_of_the_table(language, alt):
    drawing = plot_error_causes(TABLE, language=language)
    widths = [bar.get_width() for bar in drawing.axes[0].patches]
    assert widths == [7, 1400, 0]
    assert drawing.alt == alt


def test_the_same_bytes_on_every_run():
    first, second = (render(plot_error_causes(TABLE), "png") for _ in range(2))
    assert first == second
