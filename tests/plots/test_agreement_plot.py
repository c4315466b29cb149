import pandas as pd
import pytest

from analysis.plots.accuracy import plot_agreement
from analysis.plots.frame import render

TABLE = pd.DataFrame(
    [
        ("negative", "negative", 90, 0.95, 0.9, 0.99),
        ("platform", "platforms", 90, 0.9, 0.8, 1.0),
        ("platform", "淘宝", 90, 1.0, 0.9, 1.0),
        ("voice", "consumer", 90, 0.4, 0.2, 0.6),
        ("grievance", "price", 90, None, None, None),
        ("sub_grievance", "price.price_surge", 90, 1.0, 0.9, 1.0),
    ],
    columns=["kind", "label", "posts", "alpha", "alpha_low", "alpha_high"],
)


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("zh", ["吐槽（负面）", "平台（整个集合）", "消费者", "涨价、哄抬"]),
        ("en", ["Negative items", "Platforms (whole set)", "consumer", "Price surge"]),
    ],
)
def test_a_row_each_but_single_platforms_and_what_has_no_alpha(language, names):
    drawing = plot_agreement(TABLE, language=language)
    axes = drawing.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == names
    assert axes.get_xlim()[0] <= 0.2
    assert "0.20 至 0.60" in drawing.alt or "0.20 to 0.60" in drawing.alt


def test_the_same_bytes_on_every_run():
    first, second = (render(plot_agreement(TABLE), "png") for _ in range(2))
    assert first == second
