"""The figure of a selection fits the width it is asked for, and its numbers stand in its table."""

import pandas as pd
import pytest

from analysis.errors import CaodianError
from analysis.plots.selection import plot_selection
from analysis.reporting.figures import KINDS, save_figure
from analysis.words import load_words

TABLES = {
    "daily": pd.DataFrame(
        {
            "date": ["2020-06-01", "2020-06-02"],
            "count": [3, 5],
            "low": [0.6, 1.6],
            "high": [8.8, 11.7],
        }
    ),
    "codes": pd.DataFrame({"grievance": ["all", "negative", "price"], "count": [90, 9, 8]}),
    "platforms": pd.DataFrame(
        {"platform": [f"平台{n}" for n in range(20)], "count": range(20, 0, -1)}
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("width", [85, 114, 174])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_leaves_the_page_and_nothing_overlaps_its_bars(width, language):
    figure = plot_selection(TABLES, "价格" * 30, language=language, width=width)
    assert figure.get_figwidth() * 25.4 == pytest.approx(width)
    figure.canvas.draw()
    page = figure.bbox
    for axes in figure.axes:
        for text in [*axes.get_yticklabels(), *axes.texts, *axes.get_xticklabels()]:
            box = text.get_window_extent()
            assert box.x0 >= page.x0 - 1 and box.x1 <= page.x1 + 1, text
    for text in figure.texts:
        box = text.get_window_extent()
        assert box.x0 >= -1 and box.x1 <= page.x1 + 1, text


def test_the_bands_behind_the_days_are_named(study):
    dates = [day.isoformat() for day in sorted(study.event_days)]
    daily = TABLES["daily"].assign(date=dates[:2])
    coverage = pd.DataFrame({"date": dates[:1], "grade": ["unfit"]})
    for language, width in (("en", 85), ("zh", 174)):
        figure = plot_selection(
            {"daily": daily}, "x", study=study, coverage=coverage, language=language, width=width
        )
        say = load_words(language)
        texts = [text.get_text() for text in figure.texts]
        assert say("figure.daily.event") in texts and say("figure.daily.unfit") in texts
        figure.canvas.draw()
        boxes = [text.get_window_extent() for text in figure.texts]
        assert not any(a.overlaps(b) for n, a in enumerate(boxes) for b in boxes[:n])


def test_totals_have_no_bar_and_a_chosen_platform_always_has_one():
    figure = plot_selection(TABLES, "x", chosen=["平台19"], language="en")
    panels = figure.table.groupby("panel", sort=False)
    assert panels.get_group("codes")["grievance"].tolist() == ["price"]
    assert panels.get_group("platforms")["platform"].tolist()[-1] == "平台19"
    assert len(panels.get_group("platforms")) == 13
    assert "from 3 to 5" in figure.alt and "Price 8" in figure.alt


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_saved_figure_is_the_same_bytes_again_with_its_numbers_beside_it(kind, tmp_path):
    for name in ("a", "b"):
        save_figure(plot_selection(TABLES, "价格", width=85), tmp_path / f"{name}.{kind}")
    assert (tmp_path / f"a.{kind}").read_bytes() == (tmp_path / f"b.{kind}").read_bytes()
    assert len(pd.read_csv(tmp_path / "a.csv")) == 2 + 1 + 12
    with pytest.raises(CaodianError, match="jpg"):
        save_figure(plot_selection(TABLES, "价格"), tmp_path / "a.jpg")
