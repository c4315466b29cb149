"""Which notebooks a run executes: those that speak of it, where they were asked for."""

import re
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import polars as pl
import pytest

from analysis.pipeline import report_steps
from analysis.pipeline.partitions import open_processes
from analysis.pipeline.report_steps import _facts_of, notebooks_of
from analysis.pipeline.request import Request
from analysis.pipeline.run import Run
from analysis.reporting import figures
from analysis.reporting.verification import verify_build
from analysis.study import load_study

STUDIES = Path(__file__).resolve().parents[2] / "studies"
OF_ANY_RUN = [*(f"{n:02d}" for n in range(1, 13)), "14", "18", "19"]
ALL = [f"{n:02d}" for n in range(1, 20)]


@pytest.fixture(scope="module")
def quoting():
    """A study that quotes published statements."""
    return load_study(STUDIES / "618-2020.yaml")


@pytest.fixture(scope="module")
def silent(quoting):
    return quoting.model_copy(update={"name": "mine", "claims": []})


def test_words_of_few_authors_are_those_of_all_partitions(tmp_path):
    """Forty posts of one author are words of one; a post without an author is somebody's own."""
    said = [("物流太慢", f"u{n}") for n in range(9)] + [("Shop槐树里又坑我", "lone")] * 40
    said += (
        [("掉漆", f"u{n}") for n in range(4)]
        + [("异响", None)] * 5
        + [("好", f"u{n}") for n in range(4)]
    )
    posts = pl.DataFrame({
        "source": "t", "post_id": [str(n) for n in range(len(said))],
        "text": [text for text, _ in said], "author_key": [author for _, author in said],
        "is_negative": [text != "好" for text, _ in said],
    })  # fmt: skip
    posts[:45].write_parquet(tmp_path / "part-0.parquet")
    posts[45:].write_parquet(tmp_path / "part-1.parquet")
    words = {"物流", "槐树里", "shop", "掉漆", "异响", "太慢", "好", "退貨"}
    found = report_steps._words_of_few(words, tmp_path, 5)
    assert found == {"槐树里", "shop", "掉漆"}


def test_words_that_few_wrote_name_no_topic_and_tell_no_selection_apart():
    tables = {
        "clusters": pd.DataFrame({
            "cluster": [0, 1, 2], "label": ["物流", "槐树里·物流·快递", "槐树里"],
            "terms": ["物流", "槐树里、物流、快递、太慢", "槐树里"], "items": [9, 40, 40],
        }),
        "distinguishing_terms": pd.DataFrame({"term": ["槐树里", "物流"], "z": [3.0, 2.5]}),
    }  # fmt: skip
    assert report_steps._words_told(tables) == {"物流", "槐树里", "快递", "太慢"}
    shown = report_steps._without_words(tables, {"槐树里"})
    assert shown["clusters"]["label"].tolist() == ["物流", "物流·快递·太慢", "*"]
    assert shown["clusters"]["terms"].tolist() == ["物流", "物流、快递、太慢", "*"]
    assert shown["clusters"]["items"].tolist() == [9, 40, 40]
    assert shown["distinguishing_terms"].to_dict("list") == {"term": ["物流"], "z": [2.5]}
    assert tables["distinguishing_terms"]["term"].tolist() == ["槐树里", "物流"]
    assert report_steps._words_told({}) == set()


@pytest.mark.parametrize(("public", "told"), [(False, ["posts", "size"]), (True, ["posts"])])
def test_what_is_told_of_an_audit_gives_no_withheld_total_back(silent, public, told):
    facts = {"seed": 1, "frame": {"posts": "ab", "size": 400}, "left_out": {"posts": 3}}
    source = SimpleNamespace(audit=SimpleNamespace(facts=facts), study=silent, public=public)
    shown = _facts_of(source)
    assert sorted(shown["frame"]) == told and ("left_out" in shown) == (not public)
    assert facts["frame"]["size"] == 400
    source.audit.facts = {"seed": 1}
    assert _facts_of(source) == {"seed": 1}


@pytest.mark.slow
def test_a_language_that_is_drawn_beside_the_other_gives_the_same_figures(
    silent, tmp_path, monkeypatch
):
    platforms = pd.DataFrame({"platform": ["京东"], "items": [3], "posts": [9]})
    monkeypatch.setattr(report_steps, "_disclosed", lambda _: {"platforms": platforms})
    monkeypatch.setattr(report_steps, "figure_names", lambda: ["platforms", "channels"])
    begun, files = [], {}
    monkeypatch.setattr(
        report_steps, "open_processes", lambda most: begun.append(most) or open_processes(most)
    )
    joined = []  # figures drawn of the tables, for their data alone: once, not once a language
    real = figures.draw_figure
    monkeypatch.setattr(
        figures,
        "draw_figure",
        lambda name, *rest, **so: joined.append(name) or real(name, *rest, **so),
    )
    for many in (3, 2):
        monkeypatch.setattr(report_steps, "_MANY_FIGURES", many)
        folder = tmp_path / str(many)
        paths = SimpleNamespace(figures=folder)
        source = SimpleNamespace(paths=paths, study=silent, simulated=False, scale=1.0, drawn={})
        report_steps._write_figures(source)
        assert [figure.name for figure in source.drawn["en"]] == ["platforms"]
        files[many] = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert begun == [1] and files[2] == files[3] and len(files[2]) == 5
    assert joined == ["platforms", "channels"] * 2


@pytest.mark.parametrize(
    ("exports", "study", "asked", "then"),
    [
        ([], "quoting", None, (ALL, "")),
        ([], "quoting", True, (ALL, "")),
        ([], "quoting", False, ([], " --no-notebooks")),
        ([], "silent", None, ([], "")),  # simulated, and not ours
        ([], "silent", True, (OF_ANY_RUN, " --notebooks")),
        (["my.csv"], "quoting", None, ([], "")),
        (["my.csv"], "quoting", True, (sorted([*OF_ANY_RUN, "13"]), " --notebooks")),
        (["my.csv"], "silent", None, ([], "")),
        (["my.csv"], "silent", True, (OF_ANY_RUN, " --notebooks")),
    ],
)
def test_notebooks_that_speak_of_the_run(exports, study, asked, then, request):
    expected, flag = then
    study = request.getfixturevalue(study)
    asking = Request([Path(name) for name in exports], study, notebooks=asked)
    chosen = notebooks_of(study, wanted=asking.with_notebooks, shipped=asking.is_shipped)
    assert [path.name[:2] for path in chosen] == expected
    words = " ".join(["caodian report", *exports, f"--study studies/{study.name}.yaml"])
    assert asking.command() == words + flag


@pytest.mark.proof
@pytest.mark.slow
@pytest.mark.usefixtures("without_files_of_figures", "few_figures")
def test_a_later_run_without_notebooks_leaves_no_dead_link(tmp_path, monkeypatch):
    from analysis.reporting.notebooks import execute_notebooks

    monkeypatch.chdir(tmp_path)
    # One notebook is enough to see its link come and go.
    one = lambda sources, *words, **names: execute_notebooks(sources[-1:], *words, **names)  # noqa: E731
    monkeypatch.setattr("analysis.pipeline.report_steps.execute_notebooks", one)
    table = {"评论时间": ["2020-06-03 10:00:00"] * 2, "评论内容": ["三天还没发货", "很满意"]}
    pl.DataFrame(table).write_csv("reviews.csv")
    pages = {}
    for asked in (None, True, None):
        made = Run(Request([Path("reviews.csv")], None, notebooks=asked), lambda _line: None)
        outcome = made.execute()
        pages = {page.name: page.read_text("utf-8") for page in outcome.reports}
        made_pages = sorted(path.name for path in outcome.paths.notebooks.glob("*.html"))
        assert len(made_pages) == (2 if asked else 0)  # in both languages
        for name, page in pages.items():
            ending = ".en.html" if name.endswith(".en.html") else ".html"
            linked = re.findall('data-beside="notebooks/([^"]*)"', page)
            assert linked == [made for made in made_pages if made == made.split(".")[0] + ending]
            assert ("--notebooks" in page.replace("reviews.csv --notebooks", "")) == (not linked)
    assert "本次没有执行笔记本" in pages["report.zh.html"]
    assert "No notebook was executed" in pages["report.en.html"]


MATTERS = [
    ["物流停滞", "快递丢件", "迟迟不发货", "催单没人理", "配送超时"],
    ["退款被拒", "客服踢皮球", "售后敷衍", "退货运费太贵", "换货拖延"],
]


@pytest.mark.proof
@pytest.mark.slow
@pytest.mark.usefixtures("without_files_of_figures", "few_figures")
def test_topics_have_a_map_unless_small_counts_are_withheld(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    texts = [
        "，".join(words[(n + k) % 5] for k in (0, 1, n % 3 + 2)) + f"，第{n}天了，差评"
        for words in MATTERS for n in range(60)
    ]  # fmt: skip
    times = [f"2020-06-{1 + n % 20:02d} 10:00:00" for n in range(120)]
    pl.DataFrame({"评论时间": times, "评论内容": texts}).write_csv("reviews.csv")
    for public in (False, True, False):
        made = Run(Request([Path("reviews.csv")], None, public=public), lambda _line: None)
        outcome = made.execute()
        build = outcome.paths.build
        assert pl.read_csv(build / "tables" / "clusters.csv").height > 0
        for page in outcome.reports:
            language = page.name.split(".")[1]
            name = f"topics.{language}.html"
            assert (build / name).is_file() == (not public)
            assert (f'data-beside="{name}"' in page.read_text("utf-8")) == (not public)
            if not public:
                shown = (build / name).read_text("utf-8")
                assert ("stand on no page" in shown) == (language == "en")
                assert not any(text[:12] in shown for text in texts)
        counts = pl.read_csv(build / "tables" / "counts.csv", infer_schema=False)
        assert {value.isdigit() for value in counts["items"].drop_nulls()} == {True}  # no 355.0
        assert counts["authors"].is_null().all()  # the export tells none, which is not 0
        assert verify_build(build).files > 0
