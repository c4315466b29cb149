"""The command in a report makes it again: with every option that changes it, paths as they run."""

import re
import shlex
from pathlib import Path

import pytest

from analysis.cli.main import commands
from analysis.corpus.readers.column_names import ColumnChoice
from analysis.errors import CaodianError
from analysis.pipeline.request import Request, hide_in_study
from analysis.study import Study, load_study

STUDY = Path(__file__).resolve().parents[2] / "studies" / "618-2019-water-heaters.yaml"


@pytest.fixture
def here(tmp_path, monkeypatch):
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize(
    ("exports", "printed", "place"),
    [
        (["a.csv"], ["a.csv"], "here"),
        (["./exports/b.csv", "a.csv", "a.csv"], ["a.csv", "exports/b.csv"], "here"),
        (["exports/"], ["exports"], "here"),
        (["."], ["."], "here"),
        ([".."], None, "beside"),
        (["-x.csv"], ["./-x.csv"], "here"),
        (["../a.csv"], ["a.csv"], "beside"),
        (["/exports/june/posts.csv"], ["posts.csv"], "beside"),
        (["/x/a/posts.csv", "/x/b/posts.csv"], ["a/posts.csv", "b/posts.csv"], "beside"),
        (["mysql://reader:secret@host/posts"], ["mysql://reader:***@host/posts"], "here"),
    ],
)
def test_exports_are_named_as_they_can_be_found(here, exports, printed, place):
    request = Request([Path(export) for export in exports], None)
    words = shlex.split(request.command())
    assert words == ["caodian", "report", *(printed or [here.parent.name])]
    assert request.again("x") == {"run_in": place, "verify": "caodian verify build/x"}


def test_every_option_that_changes_the_report_is_named(here, monkeypatch):
    choice = ColumnChoice(text=("内 容", "补充"), time="none", rating="stars")
    request = Request(
        [Path("a.csv")],
        load_study(STUDY),
        study_path=Path("my studies/a.yaml"),
        out=Path("my reports"),
        audit=Path("audit"),
        public=True,
        coder="keyword",
        choice=choice,
        limit=7,
        notebooks=True,
    )
    words = shlex.split(request.command())
    _, _, rest = commands.resolve_command(None, words[1:])
    given = commands.get_command(None, "report").make_context("report", ["--help"][:0] + rest[1:])
    assert given.params["study_path"] == "my studies/a.yaml"
    assert given.params["text_columns"] == ("内 容", "补充")
    assert (given.params["time_column"], given.params["rating_column"]) == ("none", "stars")
    assert (given.params["audit"], given.params["public"]) == ("audit", True)
    assert (given.params["coder"], given.params["limit"], given.params["notebooks"]) == (
        "keyword",
        7,
        True,
    )
    assert given.params["out"] == "my reports"
    assert request.again("x")["verify"] == "caodian verify 'my reports/x'"


@pytest.mark.parametrize(
    ("exports", "name", "titles"),
    [
        (["我的 导出.csv"], "我的-导出", ("我的 导出", "我的 导出")),
        (["b.csv", "a.csv", "c.csv"], "a-and-2-more", ("a等 3 份", "a and 2 more")),
        (["mysql://u:p@host/Posts?charset=utf8"], "posts", ("Posts", "Posts")),
        (["sqlite:////tmp/my.db"], "my", ("my", "my")),
        (["postgresql://host"], "database", ("database", "database")),
    ],
)
def test_a_run_is_called_after_its_exports(here, exports, name, titles):
    request = Request([Path(export) for export in exports], None)
    assert (request.wished_name, request.titles) == (name, titles)


@pytest.mark.parametrize(
    "sign", ["\x00", "\x07", "\x85", "\u202e", "\u2066", "\ud800", "\uffff"], ids=ascii
)
@pytest.mark.parametrize("key", ["title_zh", "title_en", "channels"])
def test_a_study_with_a_word_that_no_page_can_hold_is_refused_before_the_run(sign, key):
    word = f"a{sign}b"
    study = load_study(STUDY).model_copy(update={key: [word] if key == "channels" else word})
    with pytest.raises(
        CaodianError, match=rf"can be seen.*{re.escape(f'U+{ord(sign):04X}')}.*{key}"
    ):
        Request([], study).require_words()


@pytest.mark.parametrize(
    "word", ["“618”：\u200d👨\u200d👩", "a\nb\tc", "</script><!-- ]]>", "\ue000"], ids=ascii
)
def test_a_study_with_odd_words_that_can_be_seen_is_taken(word):
    study = load_study(STUDY).model_copy(update={"title_en": word})
    Request([], study).require_words()


def test_a_folder_that_names_a_person_is_masked_wherever_it_is_told(here):
    request = Request([Path("a.csv")], None, out=Path("联系人欧阳文华13812345678"))
    told = f"{request.command()} {request.again('x')['verify']}"
    assert "欧阳文华" not in told and "13812345678" not in told
    assert told.count("【电话】") == 2


def _a_study(**words):
    claim = {
        "id": "C1", "kind": "count", "grievance": "all", "published": 3,
        "statement_zh": "共3条", "statement_en": "3 items", **words.pop("claim", {}),
    }  # fmt: skip
    study = {"name": "s", "title_zh": "研究", "title_en": "A study", "window": None}
    return Study.model_validate({**study, "claims": [claim], **words})


@pytest.mark.parametrize("path", sorted(STUDY.parent.glob("*.yaml")), ids=lambda path: path.stem)
def test_what_a_study_prints_stays_where_it_names_nobody(path):
    study, told = load_study(path), []
    assert hide_in_study(study, told.append) is study
    assert told == []


@pytest.mark.parametrize(
    "words",
    [
        {"title_zh": "联系人欧阳文华的投诉"},
        {"title_en": "Complaints of zhangsan@163.com"},
        {"sources": ["weibo", "电话13812345678"]},
        {"published": {"source": "联系人：欧阳文华", "counts": {"all": 3}}},
        {"exposure": {"file": "a.csv", "source": "微信号wxid618abc"}},
        *({"claim": {name: "打13812345678"}} for name in
          ("statement_zh", "statement_en", "note", "note_zh", "unit")),
    ],
    ids=str,
)  # fmt: skip
def test_what_a_study_prints_is_masked_where_it_names_a_person(words):
    study, told = _a_study(**words), []
    hidden = hide_in_study(study, told.append)
    for canary in ("欧阳文华", "zhangsan@163.com", "13812345678", "wxid618abc"):
        assert canary not in hidden.model_dump_json() + "".join(told)
    assert len(told) == 1 and "【" in told[0]
    assert hide_in_study(hidden, told.append) == hidden


def test_names_that_data_are_matched_by_stay():
    study = _a_study(claim={"grievance": None, "platform": "联系人欧阳文华"})
    assert hide_in_study(study, print) is study


def test_a_study_whose_name_names_a_person_is_refused():
    with pytest.raises(CaodianError, match="must name nobody") as refused:
        hide_in_study(_a_study(name="st-13812345678"), print)
    assert "13812345678" not in str(refused.value)
