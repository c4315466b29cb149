"""A figure as SVG inside a page: what it says, where it stands, and that it is short."""

import re
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import LinearSegmentedColormap

import analysis as cd
from analysis.plots.frame import blank_figure, render
from analysis.plots.inline import draw_inline
from analysis.plots.style import BLUE, COLOR_NAMES, INK, ORANGE, SHADES, theme
from analysis.reporting.figures import _FIGURES, draw_figure

SVG = "{http://www.w3.org/2000/svg}"


def parse(svg):
    return ElementTree.fromstring(svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" '))


@pytest.fixture(autouse=True)
def look():
    with theme():
        yield


def blank(width=2.0, height=1.0):
    figure = blank_figure(height, width)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, 144)  # a unit is a point
    axes.set_ylim(0, 72)
    axes.set_axis_off()
    return figure, axes


def paths_of(svg):
    return [(path.attrib, path.get("d")) for path in parse(svg).iter(f"{SVG}path")]


def test_bars_of_a_colour_are_one_path_in_tenths_of_a_point():
    figure, axes = blank()
    axes.barh([10, 30], [20.04, 50], height=10, color=BLUE)
    assert paths_of(draw_inline(figure, "x")) == [
        ({"class": "f-blue", "d": "M0 670h200v-100h-200zm0-200h500v-100h-500z"},
         "M0 670h200v-100h-200zm0-200h500v-100h-500z"),
    ]  # fmt: skip


def test_a_bar_is_not_moved_below_what_was_drawn_over_its_place():
    figure, axes = blank()
    for edge, color in ((50, BLUE), (30, ORANGE), (10, BLUE), (20, ORANGE)):
        axes.barh([10], [edge], height=10, color=color)
    drawn = [attributes["class"] for attributes, _ in paths_of(draw_inline(figure, "x"))]
    assert drawn == ["f-blue", "f-orange", "f-blue", "f-orange"]


def test_a_thousand_dots_are_one_short_path():
    figure, axes = blank()
    axes.scatter(np.arange(1000) % 144, np.arange(1000) % 72, s=4, c=BLUE, linewidths=0)
    [(attributes, data)] = paths_of(draw_inline(figure, "x"))
    assert attributes["class"] == "s-blue" and attributes["stroke-linecap"] == "round"
    assert attributes["stroke-width"] == "20"  # the area of a scatter is the square of its width
    assert data.count("h0") == 1000 and len(data) < 14_000


def test_a_hollow_mark_keeps_its_middle():
    figure, axes = blank()
    axes.plot([30], [30], "o", ms=6, markerfacecolor="none", markeredgecolor=ORANGE)
    [(attributes, _)] = paths_of(draw_inline(figure, "x"))
    assert attributes["class"] == "s-orange" and "stroke-linecap" not in attributes


def test_lines_end_at_the_edge_of_their_axes_and_break_at_gaps():
    figure, axes = blank()
    axes.plot([-50, 50], [20, 20], color=BLUE)
    axes.plot([0, 10, 20, 30, 40], [40, 40, np.nan, 40, 40], color=INK)
    data = [data for _, data in paths_of(draw_inline(figure, "x"))]
    assert data[0] == "M0 520h500"
    assert data[1] == "M0 320h100m200 0h100"


TEXTS = [
    ("left", "start", 300), ("center", "middle", 300), ("right", "end", 300),
]  # fmt: skip


@pytest.mark.parametrize(("align", "anchor", "place"), TEXTS)
def test_text_is_text_where_matplotlib_put_it(align, anchor, place):
    figure, axes = blank()
    axes.text(30, 36, "假货 <1%> & more", ha=align, size=9.2)
    [text] = parse(draw_inline(figure, "x")).iter(f"{SVG}text")
    [group] = parse(draw_inline(figure, "x")).iter(f"{SVG}g")
    assert text.text == "假货 <1%> & more"
    assert (float(text.get("x")), float(text.get("y"))) == (pytest.approx(place, abs=1), 360)
    assert group.attrib.get("text-anchor", "start") == anchor
    assert group.attrib["font-size"] == "92" and group.attrib["class"] == "f-ink"


def test_blanks_before_a_text_move_it_since_svg_gives_them_no_width():
    figure, axes = blank()
    axes.text(30, 36, "  7", size=10)
    [text] = parse(draw_inline(figure, "x")).iter(f"{SVG}text")
    assert text.text == "7"
    # Two blanks of 0.224 em in Noto Sans SC.
    assert float(text.get("x")) == pytest.approx(300 + 2 * 22.4, abs=2)


def test_painted_cells_are_few_shades_that_the_page_can_set():
    figure, axes = blank()
    ramp = LinearSegmentedColormap.from_list("x", SHADES)
    axes.imshow([[0, 1], [1, 1]], cmap=ramp, aspect="auto", interpolation="nearest",
                extent=(0, 144, 72, 0))  # fmt: skip
    svg = draw_inline(figure, "x")
    drawn = {path["class"]: data for path, data in paths_of(svg)}
    # matplotlib draws rows from the top where an extent goes down.
    assert set(drawn) == {"f-shade-0", "f-shade-10"}
    assert drawn["f-shade-10"].count("z") == 2
    assert axes.get_images()[0].get_interpolation() == "nearest"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.6, 0.64, 0.643, 0.65, 0.7, 0.9])
def test_a_number_on_a_painted_cell_is_light_where_the_page_paints_it_dark(share):
    codes = {"cluster": [0, 0], "grievance": ["price", "delivery"], "items": [1, 1]}
    topic = pd.DataFrame({"cluster": [0], "label": ["鲜花·枯萎"], "items": [2]})
    figure = cd.plot_cluster_codes(pd.DataFrame(codes | {"share": [share, 0.0]}), topic)
    svg = draw_inline(figure.figure, "x")
    shades = {int(step) for step in re.findall(r"f-shade-(\d+)", svg)} - {0}
    [told] = re.findall(r'<g class="([^"]*)"[^>]*><text[^>]*>[^<]*%</text>', svg)
    assert [told == "f-paper"] == [shade > 6 for shade in shades]


def test_a_drawing_leaves_the_figure_and_matplotlib_as_they_were():
    counts = pd.DataFrame({"grievance": ["all", "negative", "price"], "items": [9, 4, 3]})
    figure = cd.plot_grievances(counts, language="en")
    before, settings = render(figure, "png"), dict(mpl.rcParams)
    first = draw_inline(figure, "x")
    assert render(figure, "png") == before
    assert dict(mpl.rcParams) == settings
    assert draw_inline(figure, "x") == first


def panels_of(rows, height):
    """A figure of rows of panels, 4 inches wide, with a headline above and a source line below."""
    figure = blank_figure(height, 4.0)
    step = 0.8 / rows
    for row in range(rows):
        figure.add_axes((0.1, 0.1 + row * step, 0.8, step * 0.6)).plot([0, 1], [0, 1])
    figure.text(0.1, 0.95, "Headline")
    figure.text(0.1, 0.01, "Source")
    return figure


@pytest.mark.parametrize(
    ("rows", "height", "slices"),
    [(4, 6.0, 3), (4, 2.9, 0), (1, 6.0, 0), (2, 4.0, 2), (8, 14.0, 8)],
)
def test_what_is_too_tall_for_half_a_sheet_is_cut_between_rows_of_panels(rows, height, slices):
    figure = panels_of(rows, height)
    whole, *parts = (parse(one + "</svg>") for one in draw_inline(figure, "x").split("</svg>")[:-1])
    assert len(parts) == slices
    edges = [tuple(map(int, part.get("viewBox").split()[1::2])) for part in parts]
    ends = [0, *(top + tall for top, tall in edges)]
    assert [top for top, _ in edges] == ends[:-1]
    if slices:
        assert ends[-1] == int(whole.get("viewBox").split()[3])
        assert [use.get("href") for part in parts for use in part] == ["#x-drawn"] * slices
    for axes in figure.axes:  # no cut goes through a panel
        box = axes.get_tightbbox().transformed(figure.dpi_scale_trans.inverted())
        top, low = (720 * (height - side) for side in (box.y1, box.y0))
        assert not any(top < cut < low for cut in ends[1:-1])


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_figure_has_short_svg_with_ids_of_its_own(drawn, language):
    figures = drawn.figures[language]
    svgs = {figure.name: figure.inline for figure in figures}
    ids = [name for svg in svgs.values() for name in re.findall(r' id="([^"]+)"', svg)]
    assert len(ids) == len(set(ids)) >= 2 * len(figures)
    for figure in figures:
        parsed = [parse(svg + "</svg>") for svg in figure.inline.split("</svg>")[:-1]]
        drawings = [root for root in parsed if root.get("class") != "slice"]
        slices = [root for root in parsed if root.get("class") == "slice"]
        assert [root.get("class") for root in drawings] == [
            "wide" + " tall" * any(slices),
            "narrow",
        ]
        assert all(root.get("aria-hidden") == "true" for root in slices)
        for root in drawings:
            assert root.get("role") == "img"
            assert root.find(f"{SVG}title").text == figure.title
            assert root.find(f"{SVG}desc").text == figure.alt
        looks = re.sub(r"url\(#|&#\w+;|href=\"#", "", figure.inline.partition("</desc>")[2])
        assert "#" not in looks  # no colour of its own
        assert "<image" not in figure.inline and "<metadata" not in figure.inline
    assert sum(len(svg.encode()) for svg in svgs.values()) < 650_000


@pytest.mark.slow
@pytest.mark.parametrize("name", list(_FIGURES))
def test_every_colour_is_one_that_the_page_sets(tables, study, name, monkeypatch):
    def refuse(colors, called):
        assert called is not COLOR_NAMES, colors * 255
        return nearest(colors, called)

    from analysis.plots import inline

    nearest = inline._nearest
    monkeypatch.setattr(inline, "_nearest", refuse)
    figure = draw_figure(name, tables, study, "zh", simulated=True, scale=0.01)
    assert draw_inline(figure, name).endswith("</svg>")
