"""Each figure by its own function: a table of either kind in, a matplotlib figure out."""

import inspect
import pydoc
import re
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import polars as pl
import pytest
import seaborn
from fontTools.ttLib import TTFont
from IPython.core.interactiveshell import InteractiveShell
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

import analysis as cd
from analysis.clusters.topics import Clusters
from analysis.numbers import month_text, period_text, window_text
from analysis.plots.arguments import make_setting
from analysis.plots.frame import render
from analysis.plots.style import _OWN, _WHITE_PAPER, _Font, _subset_font, fold, font_face

FIXTURES = Path(__file__).parents[1] / "fixtures" / "readers"
EXPORTS = [
    "heimao/complaints.csv",
    "mediacrawler/era-b/weibo/csv/search_contents_2026-07-02.csv",
]
CHOICES = ["measure", "unit", "threshold", "event_days", "days_dropped", "coverage", "correction"]
DATED = ["date", "grievance", "items"]
TOPICS = pd.DataFrame({"cluster": [0, 1], "label": ["鲜花·枯萎", "退款·客服"], "items": [40, 60]})
# The function, its further arguments, and the columns that it cannot do without.
PLOTS = [
    (cd.plot_grievances, {}, ["grievance", "items"]),
    (cd.plot_sub_grievances, {"grievance": "price"}, ["grievance", "sub_grievance", "items"]),
    (cd.plot_sub_grievances, {"grievance": "delivery"}, ["grievance", "sub_grievance", "items"]),
    (cd.plot_daily, {}, DATED),
    (cd.plot_peak_days, {"grievance": "price"}, DATED),
    (cd.plot_trend, {"grievance": "price"}, DATED),
    (cd.plot_platforms, {}, ["platform", "items"]),
    (cd.plot_channels, {}, ["channel", "items", "negative_items"]),
    (cd.plot_ratings, {}, ["stars", "items", "negative_items"]),
    (cd.plot_funnel, {}, ["step", "posts_in", "posts_out", "dropped"]),
    (cd.plot_hours, {}, ["keyword", "date", "hour", "items", "grade"]),
    (cd.plot_clusters, {}, ["cluster", "label", "items", "covered"]),
    (cd.plot_cluster_days, {"clusters": TOPICS}, ["cluster", "date", "items"]),
    (cd.plot_cluster_codes, {"clusters": TOPICS}, ["cluster", "grievance", "items", "share"]),
    (cd.plot_terms, {}, ["term", "share_first", "share_second", "z"]),
    (
        cd.plot_specifications,
        {},
        ["claim_id", "specification", "grievance", *CHOICES, "growth", "low", "high", "holds"],
    ),
    (cd.plot_campaigns, {}, ["campaign", "grievance", "share", "low", "high"]),
    (cd.plot_sentiment, {}, ["cutoff", "posts", "snownlp_negative", "negative"]),
    (cd.plot_event_days, {}, ["grievance", "ratio", "low", "high", "verdict"]),
    (cd.plot_topic_agreement, {}, ["confidence", "assigned", "agreement"]),
    (cd.plot_agreement, {}, ["kind", "label", "posts", "alpha", "alpha_low", "alpha_high"]),
    (cd.plot_error_causes, {}, ["about", "cause", "errors", "posts"]),
    (cd.plot_hardness, {}, ["label", "planted", "script_items", "coder_items"]),
    (
        cd.plot_coverage,
        {"daily": pd.DataFrame({"date": [], "grievance": [], "items": []})},
        ["date", "grade"],
    ),
]
NAMED = [f"{plot.__name__}-{more.get('grievance', '')}" for plot, more, _ in PLOTS]
PRICE = pd.DataFrame({"grievance": ["all", "negative", "price"], "items": [9, 4, 3]})


def by_day(days, code="price"):
    return pd.DataFrame({"date": list(days), "grievance": code, "items": list(days.values())})


def words_on(figure):
    return " ".join(text.get_text() for text in figure.findobj(mpl.text.Text))


def test_every_figure_of_the_door_is_tried_here():
    tried = {plot.__name__ for plot, _, _ in PLOTS}
    assert tried == {name for name in cd.__all__ if name.startswith("plot_")}


@pytest.mark.parametrize(("plot", "more", "columns"), PLOTS, ids=NAMED)
@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame])
def test_a_missing_column_is_named_with_those_there_are(plot, more, columns, kind):
    for name in columns:
        table = kind({column: [] for column in [*columns, "odd"] if column != name})
        with pytest.raises(cd.CaodianError, match=rf"the column {name}: .*columns there: .*odd"):
            plot(table, **more)


@pytest.mark.parametrize(("plot", "more", "columns"), PLOTS, ids=NAMED)
@pytest.mark.parametrize(
    ("language", "said"), [("zh", "没有可以画的数据"), ("en", "There is nothing to show")]
)
def test_an_empty_table_gives_a_figure_that_says_so(plot, more, columns, language, said):
    figure = plot(pd.DataFrame({name: [] for name in columns}), language=language, **more)
    assert figure.table.empty and figure.alt == said
    assert said in words_on(figure) and not figure.axes


@pytest.mark.parametrize("not_a_table", [None, "counts.csv", {"grievance": ["price"]}])
def test_what_is_no_frame_is_refused(not_a_table):
    with pytest.raises(cd.CaodianError, match="drawn from a pandas or Polars frame"):
        cd.plot_grievances(not_a_table)


def test_a_language_that_there_is_not_is_refused():
    with pytest.raises(cd.CaodianError, match="zh or en"):
        cd.plot_grievances(PRICE, language="fr")


@pytest.mark.slow
@pytest.mark.parametrize("export", EXPORTS)
def test_what_the_door_counts_can_be_drawn_of_either_kind(export):
    posts = cd.code_grievances(cd.mask(cd.clean(cd.read_posts(FIXTURES / export))))
    tables = {
        by: cd.count_grievances(posts, by=by)
        for by in (None, "date", "platform", "channel", "sub_grievance")
    }
    daily, coverage = tables["date"], cd.grade_coverage(posts)
    drawn = [
        (cd.plot_grievances, tables[None], {}),
        (cd.plot_daily, daily, {"coverage": coverage}),
        (cd.plot_peak_days, daily, {"grievance": "negative"}),
        (cd.plot_trend, daily, {"grievance": "negative"}),
        (cd.plot_platforms, tables["platform"], {}),
        (cd.plot_channels, tables["channel"], {}),
        (cd.plot_sub_grievances, tables["sub_grievance"], {"grievance": "price"}),
        (cd.plot_coverage, coverage, {"daily": daily}),
    ]
    for plot, table, more in drawn:
        figure, other = plot(table, **more), plot(pl.from_pandas(table), **more)
        assert isinstance(figure, Figure), plot.__name__
        assert figure.alt == other.alt, plot.__name__
        assert render(figure, "png") == render(other, "png"), plot.__name__
    negative = tables[None].set_index("grievance")["items"]["negative"]
    assert cd.plot_trend(daily, grievance="negative").table["items"].sum() == negative


def test_bars_are_as_long_as_the_counts_largest_first():
    counts = pd.DataFrame({"grievance": ["price", "delivery"], "items": [3, 8]})
    figure = cd.plot_grievances(counts, language="en")
    assert [bar.get_width() for bar in figure.axes[0].patches] == [8, 3]
    assert figure.table["grievance"].tolist() == ["delivery", "price"]


def test_the_table_that_is_given_is_not_changed():
    counts = PRICE.copy()
    cd.plot_grievances(counts)
    pd.testing.assert_frame_equal(counts, PRICE)


def test_headline_and_source_are_those_of_the_caller():
    figure = cd.plot_grievances(PRICE, title="夏天", source="weibo.csv")
    assert figure.title == "夏天" and "夏天" in words_on(figure)
    assert "来源：weibo.csv。" in words_on(figure)
    assert "来源" not in words_on(cd.plot_grievances(PRICE))


def test_a_scale_says_that_posts_are_simulated_and_shrinks_published_counts():
    counts = PRICE.assign(published=[900, 400, 300])
    figure = cd.plot_grievances(counts, language="en", scale=0.01)
    assert "Simulated data, 1:100" in words_on(figure)
    assert figure.table["published_scaled"].tolist() == [9.0, 4.0, 3.0]
    # The totals keep theirs in the table; what is drawn is the one bar and the one tick beside it.
    (axes,) = figure.axes
    assert len(axes.patches) == 1
    assert [line.get_xdata().tolist() for line in axes.lines] == [[3.0, 3.0]]
    real = cd.plot_grievances(counts, language="en")
    assert "Simulated" not in words_on(real)
    assert real.table["published_scaled"].tolist() == [900.0, 400.0, 300.0]


@pytest.mark.parametrize(
    ("dates", "period"),
    [
        (["2020-06-01"], "day"),
        (["2020-06-01", "2020-06-09", "2020-06-10"], "day"),
        (["2020-06-01", "2020-06-08", "2020-06-22"], "week"),
        (["2020-01-01", "2020-02-01", "2020-03-01"], "month"),
    ],
)
def test_days_weeks_and_months_are_told_by_the_dates_of_the_table(dates, period):
    assert make_setting("en", dates=dates).period == period


def test_a_date_that_is_none_is_refused():
    with pytest.raises(cd.CaodianError, match="YYYY-MM-DD"):
        cd.plot_daily(by_day({"yesterday": 1}))


@pytest.mark.parametrize("plot", [cd.plot_peak_days, cd.plot_trend])
def test_a_code_that_there_is_not_is_named_with_the_nearest(plot):
    with pytest.raises(cd.CaodianError, match=r"'prise'.*Did you mean 'price'"):
        plot(by_day({"2020-06-01": 1}), grievance="prise")
    assert plot(by_day({"2020-06-01": 1}), grievance="delivery").table.empty


def test_sub_grievances_of_a_code_that_there_is_not_are_refused():
    subs = pd.DataFrame({"grievance": ["price"], "sub_grievance": ["price.x"], "items": [1]})
    with pytest.raises(cd.CaodianError, match=r"'prise'.*Did you mean 'price'"):
        cd.plot_sub_grievances(subs, "prise")


def test_two_counts_of_one_day_are_refused():
    twice = pd.concat([by_day({"2020-06-01": 1})] * 2)
    with pytest.raises(cd.CaodianError, match="one row a date and grievance"):
        cd.plot_daily(twice)


def test_counts_by_day_are_no_bars_of_codes():
    with pytest.raises(cd.CaodianError, match=r"one row: found 'price'.*nothing else"):
        cd.plot_grievances(by_day({"2020-06-01": 1, "2020-06-02": 2}))


@pytest.mark.parametrize("plot", [cd.plot_grievances, cd.plot_daily, cd.plot_ratings])
def test_posts_are_told_from_the_table_that_counts_them(plot):
    posts = pd.DataFrame({"text": ["慢"], "is_negative": [True], "grievances": [["delivery"]]})
    with pytest.raises(cd.CaodianError, match="These are posts: give the table that counts them"):
        plot(posts)


def test_named_days_stand_out_and_event_days_are_in_the_legend():
    days = {f"2020-06-{day:02d}": 10 + day for day in range(1, 21)}
    figure = cd.plot_peak_days(
        by_day(days), "price", named=["2020-06-12"], event_days=["2020-06-18"], language="en"
    )
    named = figure.table.loc[figure.table["is_named_in_claim"], "date"].tolist()
    assert named == ["2020-06-12"]
    assert "event days" in words_on(figure) and figure.title == "Price: 20 a day"


def test_more_than_sixty_days_get_dates_by_month_with_years():
    days = {str(day.date()): 3 for day in pd.date_range("2019-01-01", "2020-12-31")}
    figure = cd.plot_trend(by_day(days), grievance="price", language="en")
    labels = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert 2 <= len(labels) <= 5 and all("2019" in text or "2020" in text for text in labels)


@pytest.mark.parametrize(("drift", "is_out"), [(3.7, True), (0.0, True), (None, False)])
def test_a_curve_without_the_coder_s_drift_says_why_it_leaves_the_points(drift, is_out):
    days = {f"2020-06-{day:02d}": 10 + day for day in range(1, 21)}
    trends = pd.DataFrame(
        {
            "grievance": ["price"], "verdict": "no_trend", "growth": -0.6, "low": -0.9, "high": 0.6,
            "drift_removed": drift,
        }
    )  # fmt: skip
    figure = cd.plot_trend(by_day(days), trends, "price", language="en")
    told = "may part from the points" in " ".join(words_on(figure).split())
    assert told == is_out


def test_matplotlib_stays_as_it_was_and_pyplot_knows_no_figure():
    before, known = dict(mpl.rcParams), plt.get_fignums()
    cd.plot_grievances(PRICE)
    assert dict(mpl.rcParams) == before and plt.get_fignums() == known


@pytest.mark.parametrize("with_pyplot", [False, True], ids=["alone", "with inline pyplot"])
def test_a_notebook_shows_a_figure_whole_with_its_words(with_pyplot):
    shell = InteractiveShell.instance()
    try:
        png = shell.display_formatter.formatters["image/png"]
        if with_pyplot:
            png.for_type(Figure, lambda _: b"cut to its ink")
        figure = cd.plot_grievances(PRICE, language="en")
        shown, about = shell.display_formatter.format(figure)
        assert shown["image/png"] == render(figure, "png")
        assert about["image/png"] == {"alt": figure.alt}
    finally:
        InteractiveShell.clear_instance()


@pytest.mark.slow
def test_the_font_is_cut_once_for_the_same_characters():
    _subset_font.cache_clear()
    pages = ["槽点。槽", "点槽。", "点。"]
    faces = [font_face(page) for page in pages]
    assert faces[0] == faces[1] != faces[2]
    assert _subset_font.cache_info().misses == 2


@pytest.mark.slow
def test_a_font_has_the_same_bytes_whatever_was_cut_before():
    pages = [
        frozenset(page) for page in ("槽点。", "Complaints, 投诉", "。点🌹", "槽点。投诉 of 618")
    ]
    font = _Font()
    found = [font.cut_to(page) for page in (*pages, *reversed(pages))]
    alone = [_Font().cut_to(page) for page in pages]
    assert found == [*alone, *reversed(alone)]
    held = TTFont(BytesIO(font.cut_to(frozenset("投点")))).getBestCmap()
    assert set(map(chr, held)) == set("投点")


def test_a_figure_saved_by_matplotlib_keeps_its_font(tmp_path):
    figure = cd.plot_grievances(PRICE)
    figure.savefig(tmp_path / "own.png", dpi=160, metadata={"Software": None})
    assert (tmp_path / "own.png").read_bytes() == render(figure, "png")


def texts_of(figure):
    return [text.get_text() for text in figure.findobj(mpl.text.Text)]


@pytest.mark.parametrize(
    ("columns", "shown"),
    [
        ({"verdict": "decline", "measure": "share", "count_verdict": "growth"},
         "count: growth; share: decline"),
        ({"verdict": "no_trend", "measure": "share", "count_verdict": "decline"},
         "count: decline; share: no trend established"),
        ({"verdict": "growth", "measure": "share", "count_verdict": "growth"}, "count: growth"),
        ({"verdict": "growth", "measure": "count", "count_verdict": "growth"}, "count: growth"),
        ({"verdict": "flat", "measure": "share", "count_verdict": "no_trend"},
         "count: no trend established"),
        ({"verdict": "decline", "measure": "share"}, "share of all posts: decline"),
        ({"verdict": "flat", "count_verdict": "not_testable"}, "count: not testable"),
        ({"verdict": "flat"}, "count: flat"),
    ],
)  # fmt: skip
def test_a_panel_by_day_names_what_its_verdict_is_on(columns, shown):
    daily = filled()["plot_daily"].query("grievance != 'all'")
    trends = pd.DataFrame([{"grievance": name, **columns} for name in ("negative", "price")])
    texts = texts_of(cd.plot_daily(daily, trends, language="en"))
    assert texts.count(shown) == 2
    assert columns["verdict"] not in texts


@pytest.mark.parametrize(
    ("share", "told"), [("growth", "growth of the count established: price"),
                        ("no_trend", "no clear rise or fall in the one kind")],
)  # fmt: skip
def test_a_headline_names_no_growth_of_a_count_that_the_share_does_not_follow(share, told):
    daily = filled()["plot_daily"].query("grievance != 'all'").assign(items=40)
    row = {"verdict": share, "measure": "share", "count_verdict": "growth"}
    trends = pd.DataFrame([{"grievance": name, **row} for name in ("negative", "price")])
    assert cd.plot_daily(daily, trends, language="en").title.endswith(told)


def test_a_specification_curve_tells_the_measure_of_the_claim_apart():
    study = cd.load_study(FIXTURES.parents[2] / "studies/618-2020.yaml")
    rows = pd.DataFrame({choice: ["x"] * 3 for choice in CHOICES})
    rows = rows.assign(
        claim_id="C14", specification=[1, 2, 3], grievance="sms_harassment", growth=0.1, low=-0.1,
        high=0.3, holds=[True, False, True], measure=["share", "count", "count"],
    )  # fmt: skip
    figure = cd.plot_specifications(rows, study=study, language="en")
    assert "holds in 2 of 3 sound ways (1 of 2 by count)" in " ".join(texts_of(figure))
    assert "(1 of 2 by count)" in figure.alt
    alone = cd.plot_specifications(rows, language="en")
    assert "by count" not in " ".join(texts_of(alone)) + alone.alt


def filled():
    """Give a table with something to draw for each figure."""
    days = {f"2020-06-{day:02d}": 10 + day for day in range(1, 21)}
    daily = pd.concat([by_day(days, code) for code in ("all", "negative", "price")])
    parts = {"items": [4, 2], "negative_items": [1, 1]}
    choices = pd.DataFrame({choice: ["x", "y"] for choice in CHOICES})
    return {
        "plot_grievances": PRICE.assign(published=[900, 400, 300]),
        "plot_sub_grievances": pd.DataFrame(
            {"grievance": "price", "sub_grievance": ["price.price_surge"], "items": [3]}
        ),
        "plot_daily": daily,
        "plot_peak_days": daily,
        "plot_trend": daily,
        "plot_platforms": pd.DataFrame({"platform": ["得物"], "items": [3]}),
        "plot_channels": pd.DataFrame({"channel": ["weibo", "other"], **parts}),
        "plot_ratings": pd.DataFrame({"stars": ["1", "5"], **parts}),
        "plot_funnel": pd.DataFrame(
            {"step": ["read"], "posts_in": [9], "posts_out": [8], "dropped": [1]}
        ),
        "plot_hours": pd.DataFrame(
            {"keyword": "618", "date": "2020-06-01", "hour": range(24), "items": 5, "grade": "good"}
        ),
        "plot_clusters": pd.DataFrame(
            {"cluster": [1], "label": ["鲜花·枯萎"], "items": [40], "covered": [0.1]}
        ),
        "plot_cluster_days": pd.DataFrame(
            {"cluster": [0, 0, 1], "date": ["2020-06-01", "2020-06-03", "2020-06-02"],
             "items": [30, 10, 60]}
        ),
        "plot_cluster_codes": pd.DataFrame(
            {"cluster": [0, 0, 1], "grievance": ["price", None, "delivery"], "items": [30, 10, 60],
             "share": [0.75, 0.25, 1.0]}
        ),
        "plot_terms": pd.DataFrame(
            {"term": ["快递", "价格"], "share_first": [0.5, 0.0], "share_second": [0.1, 0.4],
             "z": [6.1, -5.2]}
        ),
        "plot_specifications": choices.assign(
            claim_id="C7", specification=[1, 2], grievance="price", growth=0.1, low=-0.1, high=0.3,
            holds=True,
        ),
        "plot_topic_agreement": pd.DataFrame(
            {"confidence": [0.5, 0.7, 0.9], "assigned": [0.95, 0.84, 0.6],
             "agreement": [0.8, 0.9, 0.97]}
        ),
        "plot_event_days": pd.DataFrame(
            {"grievance": ["price", "delivery"], "ratio": [1.8, 0.9], "low": [1.3, 0.6],
             "high": [2.5, 1.4], "verdict": ["higher", "no_difference"]}
        ),
        "plot_campaigns": pd.DataFrame(
            {"campaign": ["618-2020"], "grievance": "negative", "share": 0.19, "low": None,
             "high": None}
        ),
        "plot_sentiment": pd.DataFrame(
            {"cutoff": [0.4, 0.5], "posts": 9, "snownlp_negative": [0.7, 0.6], "negative": 0.4}
        ),
        "plot_agreement": pd.DataFrame(
            {"kind": ["grievance"], "label": "price", "posts": 90, "alpha": 0.9, "alpha_low": 0.8,
             "alpha_high": 1.0}
        ),
        "plot_error_causes": pd.DataFrame(
            {"about": ["codes"], "cause": "neighbour_code", "errors": 3, "posts": 60}
        ),
        "plot_hardness": pd.DataFrame(
            {"label": ["price"], "planted": 20, "script_items": 30, "coder_items": 18}
        ),
        "plot_coverage": pd.DataFrame({"date": list(days), "grade": "good"}),
    }  # fmt: skip


def more_of(plot):
    """Give the further arguments that a figure cannot do without."""
    daily = {"daily": filled()["plot_daily"]} if plot is cd.plot_coverage else {}
    if plot in {cd.plot_cluster_days, cd.plot_cluster_codes}:
        daily = {"clusters": TOPICS}
    named = {cd.plot_sub_grievances, cd.plot_peak_days, cd.plot_trend}
    return daily | ({"grievance": "price"} if plot in named else {})


DOOR = [getattr(cd, name) for name in cd.__all__ if name.startswith("plot_")]
each_figure = pytest.mark.parametrize("plot", DOOR, ids=[plot.__name__ for plot in DOOR])


@pytest.mark.slow
@each_figure
def test_a_figure_is_drawn_into_the_axes_of_the_caller(plot):
    with mpl.rc_context({"font.family": ["DejaVu Sans"]}):
        own, (left, right) = plt.subplots(1, 2, figsize=(12, 5))
        try:
            drawn = plot(
                filled()[plot.__name__], scale=0.01, title="夏天", ax=right, **more_of(plot)
            )
            render(own, "png")  # a character that the font lacks would be an error
        finally:
            plt.close(own)
    assert drawn is own and own.axes == [left, right]
    assert not left.has_data() and (right.has_data() or right.child_axes)
    assert "夏天" not in words_on(own) and "来源" not in words_on(own)
    assert words_on(right).count("模拟数据") == 1  # the mark of made-up data goes wherever they go


@cache
def of_usual_size(plot):
    return plot(filled()[plot.__name__], **more_of(plot))


@pytest.mark.slow
@each_figure
@pytest.mark.parametrize("size", [5, 9.5, (10, 12), [7, 6]])
def test_a_figure_takes_the_size_that_is_asked_for(plot, size):
    usual = of_usual_size(plot)
    figure = plot(filled()[plot.__name__], size=size, **more_of(plot))
    folded = figure.lowered - usual.lowered  # a headline or subtitle that needs a second line
    asked = size if isinstance(size, tuple | list) else (size, usual.get_figheight() + folded)
    assert tuple(figure.get_size_inches()) == pytest.approx(asked)
    before, after = margins(usual), margins(figure)
    assert after[:2] == pytest.approx(before[:2])  # the data alone take what there is more
    if len(figure.axes) == 1:  # the titles of panels move with them
        assert after[2:] == pytest.approx((before[2] + folded, before[3]))
    assert figure.alt == usual.alt


def margins(figure):
    """Give the inches left, right, above and below the outermost axes."""
    boxes = [axes.get_position() for axes in figure.axes]
    width, height = figure.get_size_inches()
    return (
        min(box.x0 for box in boxes) * width,
        (1 - max(box.x1 for box in boxes)) * width,
        (1 - max(box.y1 for box in boxes)) * height,
        min(box.y0 for box in boxes) * height,
    )


@pytest.mark.parametrize("size", [3.1, (10, 1), (2, 8)])
def test_a_size_too_small_for_labels_is_refused(size):
    with pytest.raises(cd.CaodianError, match=r"at least 3\.2 inches wide and 2\.4 high.*ax="):
        cd.plot_grievances(PRICE, size=size)


@pytest.mark.parametrize("size", ["big", (8, 5, 3), ("8", "5"), [], float])
def test_a_size_is_one_number_or_two(size):
    with pytest.raises(cd.CaodianError, match=r"width and height, in inches.*size=\(8, 5\)"):
        cd.plot_grievances(PRICE, size=size)


def test_axes_are_one_pair_and_have_a_size_of_their_own():
    own, both = plt.subplots(1, 2)
    plt.close(own)
    with pytest.raises(cd.CaodianError, match=r"one pair of axes.*axes\[0\]"):
        cd.plot_grievances(PRICE, ax=both)
    with pytest.raises(cd.CaodianError, match="Give ax or size"):
        cd.plot_grievances(PRICE, ax=both[0], size=8)


def test_an_empty_table_says_so_on_the_axes_too():
    own, ax = plt.subplots()
    plt.close(own)
    cd.plot_grievances(PRICE.head(0), ax=ax)
    assert "没有可以画的数据" in words_on(ax) and not ax.axison


SHARED = ["language", "title", "source", "study", "scale", "ax", "size"]


@each_figure
def test_help_tells_every_keyword_of_a_figure(plot):
    parameters = inspect.signature(plot).parameters
    assert list(parameters)[-len(SHARED) :] == SHARED
    assert all(parameters[name].kind is inspect.Parameter.KEYWORD_ONLY for name in SHARED)
    told = pydoc.render_doc(plot, renderer=pydoc.plaintext)
    sections = ["Parameters", "Returns", "Raises", "Examples"]
    places = [told.index(f"    {name}\n    {'-' * len(name)}\n") for name in sections]
    assert places == sorted(places)
    described = re.findall(r"^    (\w+(?:, \w+)*)$", told[places[0] : places[1]], re.MULTILINE)
    assert set(", ".join(described).split(", ")) - {"Parameters"} == set(parameters)


def test_a_keyword_that_there_is_not_is_refused_by_name():
    with pytest.raises(TypeError, match=r"plot_grievances\(\).*'langauge'"):
        cd.plot_grievances(PRICE, langauge="en")


def test_a_topic_has_a_panel_with_every_day_between_its_first_and_last():
    days = filled()["plot_cluster_days"]
    empty = pd.DataFrame({"cluster": [-1], "date": "2020-06-09", "items": [5]})
    figure = cd.plot_cluster_days(pd.concat([days, empty]), TOPICS, language="en")
    lines = [axes.lines[0].get_ydata().tolist() for axes in figure.axes]
    assert lines == [[0, 60, 0], [30, 0, 10]]  # the larger topic first; what is in none is left out
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["退款·客服", "鲜花·枯萎"]
    assert figure.alt.endswith("退款·客服 60; 鲜花·枯萎 40.")
    assert figure.title == 'The largest topic, "退款·客服": 60 items, most on 2 June (60)'


def test_no_day_is_named_where_several_have_as_many_items():
    days = pd.DataFrame({"cluster": 1, "date": ["2020-06-01", "2020-06-03"], "items": [30, 30]})
    assert cd.plot_cluster_days(days, TOPICS, language="en").title == "Topics by day"


def test_days_of_topics_are_added_up_where_the_study_is_told_by_week():
    study = cd.load_study(Path(__file__).parents[2] / "studies" / "618-2020.yaml")
    half_year = study.window.model_copy(update={"start": date(2020, 3, 1)})
    weekly = study.model_copy(update={"window": half_year})
    days = pd.DataFrame(
        {"cluster": 0, "items": [1, 2, 4], "date": ["2020-06-01", "2020-06-07", "2020-06-15"]}
    )
    figure = cd.plot_cluster_days(days, TOPICS.head(1), study=weekly, language="en")
    assert figure.table["date"].tolist() == ["2020-06-01", "2020-06-08", "2020-06-15"]
    assert figure.table["items"].tolist() == [3, 0, 4]
    assert figure.title.endswith(": 7 items, most in the week of 15 June 2020 (4)")


def test_a_withheld_day_of_a_topic_leaves_a_gap():
    days = filled()["plot_cluster_days"].astype({"items": float})
    days.loc[1, "items"] = None
    line = cd.plot_cluster_days(days, TOPICS).axes[1].lines[0].get_ydata()
    assert pd.isna(line).tolist() == [False, False, True]


def test_cells_of_topics_and_codes_hold_their_shares():
    figure = cd.plot_cluster_codes(filled()["plot_cluster_codes"], TOPICS, language="en")
    (axes,) = figure.axes
    assert axes.images[0].get_array().tolist() == [[1.0, 0, 0], [0, 0.75, 0.25]]
    texts = [text.get_text() for text in axes.texts]
    assert [text for text in texts if text] == [
        "100%", "75.0%", "25.0%", "Delivery", "Price", "no kind"
    ]  # fmt: skip


def test_words_of_two_selections_stand_on_their_own_sides():
    table = filled()["plot_terms"]
    figure = cd.plot_terms(table, ["weibo", "京东"], language="en")
    ours, theirs = figure.axes
    assert [bar.get_width() for axes in (ours, theirs) for bar in axes.patches] == [6.1, 5.2]
    assert ours.get_xlim()[0] > ours.get_xlim()[1] and theirs.get_xlim()[0] < theirs.get_xlim()[1]
    assert [text.get_text() for text in theirs.texts] == ["价格", "40.0% : 0%"]
    assert figure.title == 'More of "快递" (Weibo); more of "价格" (JD.com)'
    assert cd.plot_terms(table, ["甲", "乙"], title="夏天").title == "夏天"


@pytest.mark.slow
def test_topics_are_drawn_from_what_they_count_themselves():
    posts = pd.DataFrame(
        {"topic": [0, 0, 1, -1], "published_at": pd.to_datetime(["2020-06-01 09:00"] * 4),
         "grievances": [["price"], [], ["price", "delivery"], []], "text": "x"}
    )  # fmt: skip
    found = Clusters.of_tables(TOPICS, posts=posts)
    days = cd.plot_cluster_days(found.count("published_at"), found.clusters)
    assert days.table.set_index("cluster")["items"].to_dict() == {0: 2, 1: 1}
    codes = cd.plot_cluster_codes(found.count("grievances"), found.clusters)
    assert codes.table.set_index(["cluster", "grievance"])["share"].to_dict() == {
        (0, "none"): 0.5, (0, "price"): 0.5, (1, "delivery"): 1.0, (1, "price"): 1.0
    }  # fmt: skip


@pytest.mark.parametrize(
    ("title", "units", "lines"),
    [
        ("红包：少给", 20, ["红包：少给"]),
        ("短信骚扰日均 26 条，20 天内未见确定增长", 24,
         ["短信骚扰日均 26 条，", "20 天内未见确定增长"]),
        ("Price: 9 a day, no change", 18, ["Price: 9 a day,", "no change"]),
        # A number's own comma is no place to break at.
        ("64,885 posts were read in all", 20, ["64,885 posts were", "read in all"]),
        # A half that would not fit either is no half: the lines are evened instead.
        ("是：没有标点也放得下的一句话", 16, ["是：没有标点也", "放得下的一句话"]),
        ("one two three four five six", 8, ["one two three", "four five six"]),
    ],
)  # fmt: skip
def test_a_headline_that_is_too_wide_stands_in_two_lines(title, units, lines):
    assert fold(title, units).split("\n") == lines


def test_a_second_line_of_the_headline_moves_what_is_below_and_keeps_the_data():
    days = {"2020-06-01": 40, "2020-06-02": 60}
    short, long = (
        cd.plot_peak_days(by_day(days), "price", language="en", scale=0.01, title=title)
        for title in (
            "Price",
            "Price: 9 negative items a day, on three days far more than on others",
        )
    )
    heights = [figure.axes[0].get_window_extent().height for figure in (short, long)]
    assert heights[0] == pytest.approx(heights[1])
    assert long.get_figheight() - short.get_figheight() == pytest.approx(0.28)
    assert long.title == "Price: 9 negative items a day, on three days far more than on others"
    for figure in (short, long):
        figure.canvas.draw()
        boxes = [text.get_window_extent() for text in figure.texts if text.get_text()]
        boxes += [axes.get_tightbbox() for axes in figure.axes]
        for place, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[place + 1 :])


def test_from_two_weeks_on_days_are_points_and_the_line_is_their_mean():
    days = {f"2020-06-{day:02d}": 10 + day for day in range(1, 21)}
    graded = pd.DataFrame({"date": list(days), "grade": ["good"] * 9 + ["unfit"] + ["good"] * 10})
    counts = pd.DataFrame({"grievance": ["price"], "items": [410], "estimate": [500.0],
                           "low": [205.0], "high": [820.0]})  # fmt: skip
    figure = cd.plot_daily(by_day(days), None, graded, counts, language="en")
    (axes,) = figure.axes
    points, line = axes.lines
    assert points.get_ydata().tolist() == list(days.values()) and points.get_linewidth() == 0
    around = line.get_ydata()
    assert around[5] == 16.0  # 3 to 9 June
    assert around[9] == pytest.approx((17 + 18 + 19 + 21 + 22 + 23) / 6)  # not the unfit day
    band = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert band.min() == pytest.approx(around.min() / 2)
    assert band.max() == pytest.approx(around.max() * 2)
    told = " ".join(words_on(figure).split())
    assert "mean of 7 days, the day in the middle" in told and "corrected" in told
    short = cd.plot_daily(by_day(dict(list(days.items())[:13])), counts=counts, language="en")
    assert len(short.axes[0].lines) == 1 and "mean of" not in words_on(short)


class Elsewhere(date):
    """A date on a machine that is set to another language."""

    def strftime(self, form):
        return "juin"


def test_months_are_english_whatever_the_machine_is_set_to(monkeypatch):
    monkeypatch.setattr("analysis.plots.axes.date", Elsewhere)
    monkeypatch.setattr("analysis.numbers.date", Elsewhere)
    days = {f"2020-06-{day:02d}": 10 for day in range(1, 21)}
    (axes,) = cd.plot_daily(by_day(days), language="en").axes
    assert axes.get_xticklabels()[0].get_text() == "1 Jun"
    start, end = Elsewhere(2020, 6, 1), Elsewhere(2020, 7, 20)
    assert month_text(start, "en") == "Jun 2020"
    assert window_text(start, end, "en") == "1 June to 20 July 2020"
    told = {period: period_text("2020-06-01", period, "en") for period in ("week", "month")}
    assert told == {"week": "the week of 1 June 2020", "month": "June 2020"}


def test_the_look_is_that_of_seaborn_but_for_our_own_settings():
    whole = seaborn.axes_style("white") | seaborn.plotting_context("paper")
    # Figures name their font and the shades of their cells themselves.
    expected = {
        name: whole[name] for name in whole if name not in {*_OWN, "font.family", "image.cmap"}
    }
    assert set(expected) == set(_WHITE_PAPER)
    for name, value in expected.items():
        told = pytest.approx(value) if isinstance(value, float) else value
        assert _WHITE_PAPER[name] == told, name
