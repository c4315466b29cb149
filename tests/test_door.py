"""The door: `import analysis` is quick, and a session on anybody's export runs as it stands."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from matplotlib.figure import Figure

import analysis as cd
from analysis.evaluation.preparation import evaluate_deduplication
from analysis.evaluation.sentiment import evaluate_sentiment
from analysis.yaml_text import read_yaml

ROOT = Path(__file__).parents[1]
FIXTURES = ROOT / "tests" / "fixtures" / "readers"
EXPORTS = sorted(read_yaml((FIXTURES / "expected.yaml").read_text("utf-8")))
TEXTS = ["打13812345678，等了九天还没发货，客服也不理人", "昨天下单今天就到，赞", None]
OWN = pd.DataFrame(
    {
        "text": TEXTS,
        "odd": [{1}, "x", object],
    },
    index=["c", "a", "b"],
)
STAGES = [cd.clean, cd.mask, cd.find_families, cd.score_sentiment, cd.code_grievances]


def test_every_name_of_the_door_is_there_and_told():
    assert set(cd.__all__) <= set(dir(cd))
    for name in cd.__all__:
        assert getattr(cd, name).__doc__, name


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'cluster'"):
        _ = cd.cluster


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("read", "'read_posts'?"), ("code", "'code_grievances'"), ("trends", "'judge_trend'?"),
        ("topics", "'cluster_topics' or 'map_topics'?"), ("Topics", "'cluster_topics'"),
        ("code_grievance", "'code_grievances'?"), ("mask_posts", "'mask'?"),
    ],
)  # fmt: skip
def test_a_word_of_a_name_leads_to_the_names_that_hold_it(name, meant):
    with pytest.raises(AttributeError, match="Did you mean") as told:
        getattr(cd, name)
    assert meant in str(told.value)


def test_a_word_that_no_name_holds_leads_nowhere():
    with pytest.raises(AttributeError, match=r"has no attribute 'zzzz'$"):
        _ = cd.zzzz


def test_a_name_that_is_nearly_there_is_proposed():
    with pytest.raises(AttributeError, match="Did you mean 'code_grievances'"):
        _ = cd.code_grievence
    with pytest.raises(AttributeError, match=r"attribute '__wrapped__'$"):
        _ = cd.__wrapped__


@pytest.mark.parametrize("given", [None, 3, OWN, pl.DataFrame(), [3]])
@pytest.mark.parametrize(
    ("read", "rule"),
    [
        (cd.load_study, "a study is loaded from its file"),
        (cd.open_run, "a run is opened by its name or its folder"),
        (cd.score_audit, "an audit is scored from its folder"),
        (cd.read_posts, "posts are read from files"),
        (cd.simulate_posts, "a corpus is simulated from a study"),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_what_is_no_path_is_refused_with_what_to_give(read, rule, given):
    with pytest.raises(cd.CaodianError, match=rule) as refused:
        read(given)
    assert refused.value.remedy


@pytest.mark.parametrize("given", [["慢"], OWN, None, {"words": "慢"}])
def test_what_is_no_text_to_explain_is_refused_with_what_to_give(given):
    with pytest.raises(cd.CaodianError, match="one row: explain") as refused:
        cd.explain(given)
    assert "慢" not in str(refused.value)


def test_what_is_no_coder_is_refused_and_a_folder_may_be_a_path(tmp_path):
    posts = pd.DataFrame({"text": ["慢"]})
    with pytest.raises(cd.CaodianError, match=r"found 'int'\. Give one of fast, keyword, llm"):
        cd.code_grievances(posts, coder=3)
    with pytest.raises(cd.CaodianError, match=r"must be there|must hold|refit"):
        cd.code_grievances(posts, coder=tmp_path)


@pytest.mark.parametrize("name", [0, "0"])
def test_a_frame_without_names_is_masked_where_its_text_stands(name):
    frame = pd.DataFrame([["打13812345678没人接", 1]])
    masked = cd.mask(cd.clean(frame, text=name), text=name)
    assert masked[0].tolist() == ["打【电话】没人接"]
    assert list(masked.columns) == [0, 1, "masked"]
    assert frame[0].tolist() == ["打13812345678没人接"]


@pytest.mark.parametrize("stage", [cd.mask, cd.find_families], ids=lambda stage: stage.__name__)
def test_ids_that_are_lists_are_refused_by_name(stage):
    with pytest.raises(cd.CaodianError, match="post_id: List"):
        stage(pd.DataFrame({"text": ["慢"], "post_id": [[1]]}))


def test_importing_the_library_imports_nothing_heavy():
    script = "import sys, analysis; print(sorted({'numba', 'polars', 'pandas'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.__name__)
def test_a_stage_keeps_rows_index_and_columns(stage):
    before = OWN.copy(deep=True)
    after = stage(OWN)
    pd.testing.assert_frame_equal(OWN, before)
    assert after.index.equals(OWN.index)
    assert list(after.columns)[:2] == ["text", "odd"]
    assert after["odd"].tolist() == OWN["odd"].tolist()


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.__name__)
def test_either_kind_of_frame_gets_the_same_answer_in_its_own_kind(stage):
    ours, theirs = OWN[["text"]], pl.DataFrame({"text": TEXTS})
    after, polars_after = stage(ours), stage(theirs)
    assert isinstance(after, pd.DataFrame) and isinstance(polars_after, pl.DataFrame)
    assert list(after.columns) == polars_after.columns
    for name in after.columns:
        cells = after[name].astype(object).where(after[name].notna(), None).tolist()
        assert cells == polars_after[name].to_list(), name


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.__name__)
def test_a_frame_without_text_is_told_which_columns_there_are(stage):
    with pytest.raises(cd.CaodianError, match=r"column text.*columns there: txt"):
        stage(pd.DataFrame({"txt": ["慢"]}))


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.__name__)
def test_a_frame_without_rows_stays_one(stage):
    assert stage(pd.DataFrame({"text": pd.Series([], dtype="str")})).empty


FIND = {"cluster": 0, "label": "a", "terms": "a", "items": 1}
USES = {stage.__name__: stage for stage in STAGES} | {
    "draw_audit": cd.draw_audit,
    "find_emerging": cd.find_emerging,
    "cluster_topics": cd.cluster_topics,
    "cluster_topics of all": lambda posts: cd.cluster_topics(posts, where="all"),
    "compare_terms": lambda posts: cd.compare_terms(posts, posts),
    "map_topics": lambda posts: cd.map_topics(posts, pl.DataFrame([FIND])),
    "draft_code": lambda posts: cd.draft_code(posts, FIND, "a"),
    "evaluate_sentiment": lambda posts: evaluate_sentiment(posts, text_column="text"),
    "evaluate_deduplication": lambda posts: evaluate_deduplication(posts, columns=("text",) * 2),
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("texts", [[["a"]], [b"\xff"]], ids=["lists", "bytes"])
def test_what_is_no_text_is_told_wherever_a_frame_is_taken(use, texts):
    posts = {"text": texts, "is_negative": [True], "grievances": [["price"]], "label": ["0"]}
    with pytest.raises(cd.CaodianError, match="must hold one text a row"):
        USES[use](pl.DataFrame({**posts, "topic": [0], "confidence": [0.9]}))


@pytest.mark.slow
@pytest.mark.parametrize("export", EXPORTS)
def test_a_session_on_every_fixture(export):
    posts = cd.read_posts(FIXTURES / export).pipe(cd.clean).pipe(cd.mask)
    posts = posts.pipe(cd.find_families).pipe(cd.score_sentiment).pipe(cd.code_grievances)
    read = posts.attrs["read"]
    assert read["read"] == read["kept"] + read["rejected"] and len(posts) == read["kept"]
    assert posts["is_negative"].notna().all()
    counts = cd.count_grievances(posts).set_index("grievance")["items"]
    assert counts["all"] == read["kept"] - read["repeats"]


@pytest.mark.slow
def test_simulated_posts_carry_what_was_planted_and_stages_do_not_read_it():
    study = cd.load_study(Path(__file__).parents[1] / "studies" / "618-2020.yaml")
    posts = cd.simulate_posts(study, 0.0001)
    assert posts["true_is_negative"].sum() == pytest.approx(123, abs=1)
    plain = posts.drop(columns=[name for name in posts if name.startswith("true_")])
    coded = cd.code_grievances(cd.clean(posts))
    assert (
        coded["grievances"].tolist() == cd.code_grievances(cd.clean(plain))["grievances"].tolist()
    )


def session(readme: str) -> str:
    """The first Python of a README."""
    found = re.search(r"```python\n(.*?)```", (ROOT / readme).read_text("utf-8"), re.DOTALL)
    assert found
    return found[1]


def test_both_readmes_show_the_same_session():
    assert session("README.md") == session("README.zh.md")


@pytest.mark.slow
@pytest.mark.parametrize("export", EXPORTS)
def test_the_readmes_session_runs_from_an_empty_folder(export, tmp_path, monkeypatch):
    """On every file that the readers know, under its own name."""
    name = Path(export).name
    shutil.copy(FIXTURES / export, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    code = session("README.md").replace("weibo.csv", name)
    *lines, last = code.strip().splitlines()
    exec("\n".join(lines), names)
    figure = eval(last, names)
    assert isinstance(figure, Figure)


def test_an_error_in_a_notebook_names_no_person():
    error = cd.CaodianError(
        "a column must be there", value="联系人：欧阳文华", where="a.csv, 13812345678"
    )
    (shown,) = error._render_traceback_()
    for told in (shown, str(error)):
        assert "a column must be there" in told and "a.csv" in told
        assert "欧阳文华" not in told and "13812345678" not in told
