"""`verify --posts` makes a build again from its export, and finds what it cannot tell itself."""

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from analysis.cli.report import _asked_by, command, verify_command
from analysis.errors import CaodianError
from analysis.pipeline.run import remake
from analysis.reporting import figures
from analysis.reporting.ledger import MANIFEST, write_manifest

TEXTS = ["用了三天就漏水，客服说不归他们管", "师傅专业，很满意", "迟迟不发货"]


def rehash(build):
    manifest = json.loads((build / MANIFEST).read_text("utf-8"))
    manifest.pop("outputs")
    write_manifest(build, manifest)


@pytest.mark.slow
def test_a_build_is_what_its_export_gives(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(figures, "_FIGURES", {"channels": figures._FIGURES["channels"]})
    times = [f"2020-06-{1 + n % 20:02d} 10:00:00" for n in range(60)]
    rows = pl.DataFrame({"评论时间": times, "内容": [f"{TEXTS[n % 3]}，第{n}次" for n in range(60)],
                         "说明": ["同上"] * 60})  # fmt: skip
    rows.write_csv("reviews.csv")
    made = CliRunner().invoke(command, ["reviews.csv", "--text-column", "内容", "--limit", "50"])
    assert made.exit_code == 0, made.output
    build = Path("build/reviews")
    told = CliRunner().invoke(verify_command, [str(build), "--posts", "reviews.csv"])
    assert told.exit_code == 0, told.exception
    assert "files are what the posts give, byte for byte" in told.output
    assert "funnel" in told.output  # which only the export can tell
    trends = build / "tables" / "trends.csv"
    trends.write_text(trends.read_text("utf-8").replace("all,", "all ,", 1), encoding="utf-8")
    rehash(build)
    asked = _asked_by(build, ("reviews.csv",), None, notebooks=False)
    assert (asked.limit, asked.choice.text) == (50, ("内容",))
    with pytest.raises(CaodianError, match=r"what its posts give.*tables/trends.csv"):
        remake(build, asked)
    rows.head(59).write_csv("reviews.csv")
    with pytest.raises(CaodianError, match="inputs of the manifest"):
        remake(build, asked)


@pytest.fixture
def simulated(tmp_path):
    (tmp_path / MANIFEST).write_text(json.dumps({"command": "caodian report --public"}))
    (tmp_path / "run.json").write_text(json.dumps({"simulated": True, "scale": 0.1, "study": {}}))
    return tmp_path


def test_a_simulated_build_is_made_of_no_export(simulated, root):
    with pytest.raises(CaodianError, match="--posts simulated"):
        _asked_by(simulated, (str(root / "README.md"),), None, notebooks=False)


@pytest.mark.parametrize(
    ("words", "holds", "asked", "executed"),
    [
        ("", False, True, None),  # as the study does by itself
        (" --notebooks", False, True, True),
        (" --no-notebooks", False, True, False),
        (" --no-notebooks", True, True, True),  # a command that lies
        (" --notebooks", True, False, False),
    ],
)
def test_notebooks_of_a_build_are_executed_again(simulated, words, holds, asked, executed):
    (simulated / MANIFEST).write_text(json.dumps({"command": f"caodian report{words}"}))
    if holds:
        (simulated / "notebooks").mkdir()
        (simulated / "notebooks" / "06-x.ipynb").touch()
    assert _asked_by(simulated, ("simulated",), None, notebooks=asked).notebooks is executed


def test_notebooks_are_executed_again_on_posts_alone(simulated):
    told = CliRunner().invoke(verify_command, [str(simulated), "--notebooks"])
    assert told.exit_code == 2
    assert "--notebooks needs --posts" in told.output


@pytest.mark.slow
def test_a_build_held_against_a_published_one_tells_no_few_posts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(figures, "_FIGURES", {"channels": figures._FIGURES["channels"]})
    times = [f"2020-06-{1 + n % 20:02d} 10:00:00" for n in range(60)]
    texts = [f"{TEXTS[n % 3]}，第{n}次" for n in range(60)]
    pl.DataFrame({"评论时间": times, "内容": texts}).write_csv("reviews.csv")
    Path("published/tables").mkdir(parents=True)
    # Four posts fewer than now.
    Path("published/tables/counts.csv").write_text("grievance,items\nall,56\n", "utf-8")
    Path("published/run.json").write_text("{}", "utf-8")
    made = CliRunner().invoke(command, ["reviews.csv", "--public", "--since", "published"])
    assert made.exit_code == 0, made.output
    counts = pl.read_csv("build/reviews/tables/counts.csv", infer_schema=False)
    shown = dict(zip(counts["grievance"], counts["items"], strict=True))
    assert shown["all"] is None
    assert any(shown.values())  # of which nothing was published
    told = CliRunner().invoke(verify_command, ["build/reviews"])
    assert told.exit_code == 0, told.exception
    again = _asked_by(Path("build/reviews"), ("reviews.csv",), None, notebooks=False)
    assert again.public and list(again.since) == [Path("published")]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--since", "published"], "--since goes with --public"),
        (["--public", "--since", "build/reviews"], "must name a copy of what was published"),
    ],
)
def test_what_a_build_is_held_against_is_a_copy_and_the_build_public(
    tmp_path, monkeypatch, words, message
):
    monkeypatch.chdir(tmp_path)
    Path("build/reviews").mkdir(parents=True)
    Path("reviews.csv").write_text("评论时间,内容\n2020-06-01 10:00:00,一直漏水\n", "utf-8")
    refused = CliRunner().invoke(command, ["reviews.csv", *words])
    assert isinstance(refused.exception, CaodianError) and message in str(refused.exception)
